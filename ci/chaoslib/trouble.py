# SPDX-License-Identifier: GPL-2.0
"""The faults, each with what it may cost."""

import asyncio
import json
import time

from clusterlib.places import Failure


class Pairs:
    """What the nodes are to each other."""

    def __init__(self, cluster):
        self.cluster = cluster

    async def of(self, node):
        """{peer: (state, losses)} as a node sees it."""
        status, output = await node.call("ssi --json nodes")
        if status:
            raise Failure(f"node {node.id}: ssi nodes: {output.strip()}")
        return {n["id"]: (n["state"], n["losses"]) for n in json.loads(output)}

    async def until(self, node, peers, member, seconds):
        """Wait until a node has these as members, or not. Returns how long it took."""
        start = time.monotonic()
        while True:
            seen = await self.of(node)
            if all((seen[p][0] in ("member", "draining")) == member for p in peers):
                return time.monotonic() - start
            if time.monotonic() - start > seconds:
                raise Failure(f"node {node.id} has {seen} after {seconds:g} s: not all of"
                              f" {sorted(peers)} are {'members' if member else 'gone'}")
            await asyncio.sleep(0.1)

    async def losses(self):
        """{node: (boots, {peer: losses})} of all that can be asked."""
        result = {}
        for node in self.cluster.nodes.values():
            if node.running() and node.id not in self.cluster.stopped:
                result[node.id] = (node.boots,
                                   {p: n for p, (_, n) in (await self.of(node)).items()})
        return result


class Trouble:
    """One fault at a time: each method does it, waits for what it must do, and heals it."""

    # name: (how often, does it cost a membership, does it empty a node)
    KINDS = {
        "cut": (3, True, False), "mute": (3, True, False), "partition": (2, True, False),
        "kill": (3, True, False), "freeze": (2, True, False),
        "flap": (2, False, False), "pause": (1, False, False),
        "loss": (2, False, False), "reorder": (2, False, False),
        "duplicate": (1, False, False), "slow": (1, False, False),
        "clock": (1, False, False), "signal": (1, False, False), "drain": (2, False, True),
    }

    def __init__(self, cluster, random, load, deadline):
        self.cluster, self.random, self.load, self.deadline = cluster, random, load, deadline
        self.pairs = Pairs(cluster)
        # Detection within the deadline and a heartbeat; the rest is for our own asking.
        self.within = deadline * 1.3 + 3
        self.slowest = 0

    def some_node(self):
        return self.random.choice(list(self.cluster.nodes.values()))

    def some_pair(self):
        return self.random.sample(list(self.cluster.nodes.values()), 2)

    def others(self, node):
        return [n for n in self.cluster.nodes.values() if n is not node]

    async def hold(self, least, most):
        await asyncio.sleep(self.random.uniform(least, most))

    async def net(self, *words):
        status, text = await self.cluster.faults.command(["net", *(str(w) for w in words)])
        if status:
            raise Failure(text.strip())

    async def lost(self, pairs):
        """Wait until all these (node, peer) are over."""
        took = await asyncio.gather(*(self.pairs.until(a, [b.id], False, self.within)
                                      for a, b in pairs))
        self.slowest = max(self.slowest, *took)

    async def healed(self):
        await asyncio.gather(*(self.pairs.until(n, {o.id for o in self.others(n)}, True, 60)
                               for n in self.cluster.nodes.values()))

    async def cut(self):
        a, b = self.some_pair()
        await self.net("cut", a.id, b.id)
        await self.lost([(a, b), (b, a)])
        await self.hold(0, 1)
        await self.net("heal", a.id, b.id)
        return f"{a.id} - {b.id}"

    async def mute(self):
        a, b = self.some_pair()
        await self.net("mute", a.id, b.id)
        await self.lost([(a, b), (b, a)])
        await self.hold(0, 1)
        await self.net("heal", a.id, b.id)
        return f"{a.id} > {b.id}"

    async def partition(self):
        a = self.some_node()
        await self.net("cut", a.id)
        await self.lost([p for b in self.others(a) for p in ((a, b), (b, a))])
        await self.hold(0, 1)
        await self.net("heal", a.id)
        return f"{a.id}"

    async def flap(self):
        a, b = self.some_pair()
        await self.net("cut", a.id, b.id)
        await self.hold(0.05, self.deadline / 4)
        await self.net("heal", a.id, b.id)
        await self.hold(self.deadline, self.deadline + 1)
        return f"{a.id} - {b.id}"

    async def kill(self):
        a = self.some_node()
        self.cluster.power_off(a)
        await self.lost([(b, a) for b in self.others(a)])
        await self.cluster.reboot(a)
        return f"{a.id}"

    async def freeze(self):
        a = self.some_node()
        await self.cluster.pause(a, True)
        await self.lost([(b, a) for b in self.others(a)])
        await self.hold(0, 1)
        await self.cluster.pause(a, False)
        return f"{a.id}"

    async def pause(self):
        a = self.some_node()
        await self.cluster.pause(a, True)
        await self.hold(0.05, self.deadline / 4)
        await self.cluster.pause(a, False)
        await self.hold(self.deadline, self.deadline + 1)
        return f"{a.id}"

    async def emulate(self, *words):
        a, b = self.some_pair()
        await self.net(words[0], a.id, b.id, *words[1:])
        await self.hold(2, 4)
        await self.net("heal", a.id, b.id)
        return f"{a.id} - {b.id}"

    async def loss(self):
        return await self.emulate("loss", 5)

    async def reorder(self):
        return await self.emulate("delay", "10ms", "9ms")

    async def duplicate(self):
        return await self.emulate("duplicate", 20)

    async def slow(self):
        return await self.emulate("rate", "20mbit")

    async def clock(self):
        a = self.some_node()
        jump = self.random.choice([-1, 1]) * self.random.randrange(10, 100000)
        for step in (jump, -jump):
            status, text = await a.call(f"date -s @$(($(date +%s) + {step}))")
            if status:
                raise Failure(f"node {a.id}: date: {text.strip()}")
            await self.hold(0.5, 2)
        return f"{a.id} by {jump} s"

    async def signal(self):
        workers = self.load.alive()
        if not workers:
            return "nobody"
        worker = self.random.choice(workers)
        worker.meant = True
        await worker.node.call(f"kill -KILL {worker.pid}")
        return f"worker of {worker.node.id}"

    async def drain(self):
        a = self.some_node()
        # what others start there may end when it likes; here that is soon
        status, text = await a.call("ssi drain --timeout 30", 90)
        if status:
            raise Failure(f"node {a.id}: ssi drain: {text.strip()}")
        await self.hold(0, 1)
        status, text = await a.call("ssi join")
        if status:
            raise Failure(f"node {a.id}: ssi join: {text.strip()}")
        return f"{a.id}"
