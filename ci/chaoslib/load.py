# SPDX-License-Identifier: GPL-2.0
"""What runs on the nodes while they fail, and what its end says."""

import asyncio
import re
import time

from clusterlib.places import Failure

WORKER = "/usr/lib/ssi/tests/worker"
KILLED = 128 + 9
# A node with much to do stops for seconds; what is stuck stays so.
STUCK_SECONDS = 60
PROGRAM = "i=0; while [ $i -lt 300 ]; do i=$((i + 1)); done; echo $i"
ANSWER = "300"


class Command:
    """A command on a node, and the lines that it prints."""

    def __init__(self, node, argv):
        self.node, self.boot = node, node.boots
        self.rest = b""
        self.lines = []
        self.process = node.run(argv, self.feed)

    def feed(self, _, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line.decode(errors="replace"))

    def line(self, text):
        self.lines.append(text)

    def ended(self):
        return self.process.status.done()

    def status(self):
        return self.process.status.result()

    def lost(self):
        """Did its home go away under it?"""
        return self.boot != self.node.boots or not self.node.running()


class Worker(Command):
    def __init__(self, node, number):
        super().__init__(node, [WORKER, "work", f"/tmp/worker{number}"])
        self.pid = None
        self.steps, self.moved_on = -1, time.monotonic()
        self.meant = False      # we killed it

    def line(self, text):
        word, _, number = text.partition(" ")
        if word == "pid":
            self.pid = int(number)
        elif word == "step":
            self.steps, self.moved_on = int(number), time.monotonic()
        else:
            super().line(text)

    def why_killed(self, lost):
        """Its home's kernel said so? lost: nodes that its home has lost."""
        text = self.node.log.read_text(errors="replace")
        said = re.findall(rf"ssi: worker\[{self.pid}\] killed: (?:node|its memory was on node)"
                          r" (\d+),? (was lost|which is lost|killed)", text)
        if said:
            return all(how != "killed" and int(other) in lost for other, how in said)
        return bool(lost) and "callbacks suppressed" in text

    def verdict(self, lost):
        """None if it ended as it may, else a sentence."""
        if self.lost():
            return None
        status, name = self.status(), f"worker {self.pid} of node {self.node.id}"
        if "child killed" in self.lines and not lost:
            return f"a child of {name} was killed, and no node was lost"
        if status == 0 and any(l.startswith("right ") for l in self.lines):
            return None
        if status == KILLED and (self.meant or self.why_killed(lost)):
            return None
        wrong = [l for l in self.lines if l.startswith("wrong")] or self.lines[-1:]
        if status == KILLED:
            return f"{name} was killed without a reason; lost nodes: {sorted(lost) or 'none'}"
        return f"{name} ended with status {status}: {' '.join(wrong)}"


class Load:
    """Workers and their mover on each node, and programs that start elsewhere."""

    def __init__(self, cluster, random, per_node):
        self.cluster, self.random, self.per_node = cluster, random, per_node
        self.workers, self.movers, self.placing = [], [], []
        self.number = 0
        self.troubled = False   # nodes are lost or being emptied: a program may fail
        self.failures = []
        self.count = {"moves": 0, "refused": 0, "programs": 0, "programs lost": 0,
                      "workers right": 0, "workers lost": 0}

    def nodes(self):
        return [n for n in self.cluster.nodes.values() if n.running()]

    async def start(self):
        for node in self.nodes():
            for _ in range(self.per_node):
                self.number += 1
                self.workers.append(Worker(node, self.number))
        end = time.monotonic() + STUCK_SECONDS
        while any(w.pid is None and not w.ended() for w in self.workers):
            if time.monotonic() > end:
                raise Failure("a worker does not start")
            await asyncio.sleep(0.05)
        for node in self.nodes():
            pids = [str(w.pid) for w in self.workers if w.node is node and w.pid]
            self.movers.append(Command(node, [WORKER, "move",
                                              str(self.random.randrange(1 << 30)), *pids]))
            self.placing.append(asyncio.create_task(self.place(node)))

    async def place(self, node):
        """Start programs wherever there is room, one after another."""
        while node.running():
            calm, boot = not self.troubled, node.boots
            try:
                status, output = await node.call(f"ssi run -n any sh -c '{PROGRAM}'", 120)
            except Failure as failure:
                if node.running() and boot == node.boots:
                    self.failures.append(f"a program hangs: {failure}")
                return
            self.count["programs"] += 1
            if status == 0 and output.strip() != ANSWER:
                self.failures.append(f"a program of node {node.id} said {output.strip()!r}")
            elif status and calm and not self.troubled:
                self.failures.append(f"a program of node {node.id} ended with status {status}"
                                     f" without a reason: {output.strip()}")
            elif status:
                self.count["programs lost"] += 1
            await asyncio.sleep(0.1)

    def alive(self):
        return [w for w in self.workers if not w.ended()]

    def judge(self, lost):
        """Look at who ended. lost: {home: nodes it has lost}."""
        for worker in [w for w in self.workers if w.ended()]:
            self.workers.remove(worker)
            wrong = worker.verdict(lost.get(worker.node.id, set()))
            if wrong:
                self.failures.append(wrong)
            elif worker.lost() or worker.status():
                self.count["workers lost"] += 1
            else:
                self.count["workers right"] += 1

    async def progress(self):
        """Every worker that lives takes another step."""
        since = {w: w.steps for w in self.alive()}
        end = time.monotonic() + STUCK_SECONDS
        while True:
            stuck = [w for w in since if not w.ended() and w.steps == since[w]]
            if not stuck:
                return
            if time.monotonic() > end:
                break
            await asyncio.sleep(0.1)
        for worker in stuck:
            self.failures.append(await self.where_stuck(worker))

    @staticmethod
    async def where_stuck(worker):
        _, text = await worker.node.call(
            f"ssi why {worker.pid}; for t in /proc/{worker.pid}/task/*; do"
            " echo $t $(cat $t/wchan) $(cat $t/stack); done")
        return f"worker {worker.pid} of node {worker.node.id} is stuck:\n{text}"

    async def stop(self):
        """All end, and say how it was."""
        for task in self.placing:
            task.cancel()
        await asyncio.gather(*self.placing, return_exceptions=True)
        for commands in (self.movers, self.alive()):
            await self.terminate(commands)
        for mover in self.movers:
            words = mover.lines[-1].split() if mover.lines else []
            if words[:1] == ["moved"]:
                self.count["moves"] += int(words[1])
                self.count["refused"] += int(words[3])
            elif mover.lines and not mover.lost():
                self.failures.append(f"a mover of node {mover.node.id}: {mover.lines[-1]}")
        self.placing, self.movers = [], []

    async def terminate(self, commands):
        running = [c for c in commands if not c.ended()]
        for node in {c.node for c in running}:
            pids = [str(c.pid) for c in running if c.node is node and isinstance(c, Worker)]
            # movers are the only ones called so, and wait for nothing else
            line = f"kill -TERM {' '.join(pids)}" if pids else f"pkill -TERM -f '^{WORKER} move'"
            await node.call(line)
        if running:
            await asyncio.wait([c.process.status for c in running], timeout=STUCK_SECONDS)
        for command in [c for c in running if not c.ended()]:
            if isinstance(command, Worker):
                self.failures.append(await self.where_stuck(command))
            else:
                self.failures.append(f"a mover of node {command.node.id} does not end")
