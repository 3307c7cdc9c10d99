# SPDX-License-Identifier: GPL-2.0
"""The commands net and node: what can go wrong in a cluster, at run time."""

import re
from collections import defaultdict

from .places import Failure

NET_USAGE = """\
net cut A [B]                  unplug the cable between A and B (both see no carrier)
net mute A [B]                 what A sends to B is lost; nobody sees a carrier go
net delay A [B] TIME [JITTER]  each direction takes TIME longer (us, ms, s)
net loss A [B] PERCENT         each direction loses PERCENT of its packets
net duplicate A [B] PERCENT    each direction carries PERCENT of its packets twice
net rate A [B] RATE            each direction carries at most RATE (kbit, mbit, gbit)
net heal [A [B]]               all of this taken back
net show                       the faults in force
A and B are nodes; without B: the links of A to every other node.
"""
NODE_USAGE = """\
node kill N                    N is gone without a word, as in a power cut
node boot N                    N is started again and joins; returns when it is ready
node stop N                    N stands still, as a paused virtual machine
node cont N                    N goes on
node show                      each node and what it does
"""


class Usage(Failure):
    pass


def seconds(text):
    m = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if not m:
        raise Usage(f"{text} is no time; 20ms is one")
    return float(m[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[m[2]]


def bytes_per_second(text):
    m = re.fullmatch(r"([\d.]+)(kbit|mbit|gbit)", text)
    if not m:
        raise Usage(f"{text} is no rate; 100mbit is one")
    return float(m[1]) * {"kbit": 1e3, "mbit": 1e6, "gbit": 1e9}[m[2]] / 8


class Direction:
    """What one node sends to another."""

    def __init__(self):
        self.delay = self.jitter = self.loss = self.duplicate = self.rate = 0.0
        self.mute = False

    def netem(self):
        loss = 100 if self.mute else self.loss
        return f"{round(self.delay * 1e6)} {round(self.jitter * 1e6)}" \
               f" {round(loss * 1e4)} {round(self.duplicate * 1e4)} {round(self.rate)}"

    def text(self):
        words = []
        if self.mute:
            words.append("mute")
        if self.delay:
            words.append(f"delay {self.delay * 1e3:g} ms")
        if self.loss:
            words.append(f"loss {self.loss:g} %")
        if self.duplicate:
            words.append(f"duplicate {self.duplicate:g} %")
        if self.rate:
            words.append(f"rate {self.rate * 8 / 1e6:g} mbit")
        return ", ".join(words)


class Faults:
    """All faults in force in a cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.reset()

    def reset(self):
        self.directions = defaultdict(Direction)    # (from, to)
        self.cuts = set()                           # frozenset of two

    def node(self, text):
        if not text.isdecimal() or int(text) not in self.cluster.nodes:
            raise Usage(f"there is no node {text}")
        return int(text)

    def split(self, args, values):
        """A, perhaps B, then so many values. Returns [(A, B)…] and the values."""
        names = args[:max(0, len(args) - values)]
        if not 1 <= len(names) <= 2 or not values <= 2:
            raise Usage("which nodes?")
        a = self.node(names[0])
        others = [self.node(names[1])] if len(names) == 2 else \
            [n for n in self.cluster.nodes if n != a]
        if a in others:
            raise Usage("a node has no link to itself")
        return [(a, b) for b in others], args[len(names):]

    async def net(self, args):
        """Returns what to print."""
        verbs = ("cut", "mute", "delay", "loss", "duplicate", "rate", "heal", "show")
        if not args or args[0] not in verbs:
            raise Usage("what?")
        verb, args = args[0], args[1:]
        if verb == "show":
            return self.show()
        if verb == "heal" and not args:
            pairs = [(a, b) for a in self.cluster.nodes for b in self.cluster.nodes if a < b]
        elif verb in ("cut", "mute", "heal"):
            pairs, _ = self.split(args, 0)
        else:
            # a time has a unit, a node has none
            values = len([a for a in args if not a.isdecimal()]) if verb == "delay" else 1
            pairs, args = self.split(args, values)
            if not args:
                raise Usage("how much?")
        for a, b in pairs:
            both = [self.directions[a, b], self.directions[b, a]]
            if verb == "cut":
                self.cuts.add(frozenset((a, b)))
            elif verb == "mute":
                both[0].mute = True
            elif verb == "heal":
                self.cuts.discard(frozenset((a, b)))
                self.directions[a, b] = Direction()
                self.directions[b, a] = Direction()
            for d in both:
                if verb == "delay":
                    d.delay = seconds(args[0])
                    d.jitter = seconds(args[1]) if len(args) > 1 else 0
                elif verb == "loss":
                    d.loss = float(args[0].rstrip("%"))
                elif verb == "duplicate":
                    d.duplicate = float(args[0].rstrip("%"))
                elif verb == "rate":
                    d.rate = bytes_per_second(args[0])
        for a, b in pairs:
            await self.apply(a, b, verb)
        return ""

    async def apply(self, a, b, verb):
        up = frozenset((a, b)) not in self.cuts
        for here, there in ((a, b), (b, a)):
            node = self.cluster.nodes[here]
            if not node.running():
                continue
            if verb in ("cut", "heal"):
                await node.qmp.call("set_link", name=f"nic{there}", up=up)
            if verb != "cut":
                await self.emulate(here, there)

    async def emulate(self, here, there):
        node = self.cluster.nodes[here]
        status, output = await node.call(
            f"/usr/lib/cluster/agent netem to{there} {self.directions[here, there].netem()}")
        if status:
            raise Failure(f"node {here}: {output.strip()}")

    async def restore(self, n):
        """A node came back: its links are as the faults in force have them."""
        for other in self.cluster.nodes:
            if other == n:
                continue
            if frozenset((n, other)) in self.cuts:
                await self.apply(n, other, "cut")
            if self.directions[n, other].text():
                await self.emulate(n, other)

    def show(self):
        lines = [f"{a} - {b}: cut" for a, b in sorted(sorted(c) for c in self.cuts)]
        lines += [f"{a} > {b}: {d.text()}"
                  for (a, b), d in sorted(self.directions.items()) if d.text()]
        return "".join(l + "\n" for l in lines)

    async def node_command(self, args):
        if args == ["show"]:
            return "".join(f"{n.id} {'up' if n.running() else 'down'}\n"
                           for n in self.cluster.nodes.values())
        if len(args) != 2 or args[0] not in ("kill", "boot", "stop", "cont"):
            raise Usage("what?")
        verb, node = args[0], self.cluster.nodes[self.node(args[1])]
        if verb == "boot":
            if node.running():
                raise Failure(f"node {node.id} is up; node kill {node.id} first")
            await self.cluster.reboot(node)
        elif not node.running():
            raise Failure(f"node {node.id} is down")
        elif node.id == 1 and verb in ("kill", "stop"):
            raise Failure("node 1 runs the command; take another one")
        elif verb == "kill":
            self.cluster.power_off(node)
        else:
            await self.cluster.pause(node, verb == "stop")
        return ""

    async def command(self, argv):
        """Run a net or node command. Returns its status and what it prints."""
        usage = NET_USAGE if argv[0] == "net" else NODE_USAGE
        if argv[1:] in ([], ["help"], ["-h"], ["--help"]):
            return 0, usage
        try:
            if argv[0] == "net":
                return 0, await self.net(argv[1:])
            return 0, await self.node_command(argv[1:])
        except Usage as wrong:
            return 2, f"{argv[0]}: {wrong}\n{usage}"
        except (Failure, ValueError) as failure:
            return 1, f"{argv[0]}: {failure}\n"
