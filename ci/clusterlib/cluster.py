# SPDX-License-Identifier: GPL-2.0
"""A cluster from start to end: boot, join, run a command, judge, clean up."""

import asyncio
import fcntl
import json
import os
import shlex
import shutil
import time

from . import programs, system, wire
from .faults import Faults
from .links import Links
from .machine import Node, Process
from .places import LOG, RUN, Failure, locked, make_erofs
from .splat import Watch

# What the join is given on emulated CPUs that share two real ones.
READY_SECONDS = 60


class Config:
    """What is asked for; cli.py fills it."""

    name = "cluster"
    mtu = 9000

    def address(self, node):
        return f"10.77.0.{node}"

    def mac(self, node, peer):
        return f"52:54:00:77:{node:02x}:{peer:02x}"


def run_directory():
    """A directory for this run only. Removes those whose process was killed."""
    RUN.mkdir(parents=True, exist_ok=True)
    with locked(RUN / ".lock"):
        for old in RUN.iterdir():
            if not old.is_dir():
                continue
            try:
                fd = os.open(old / "lock", os.O_RDWR | os.O_CREAT)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            shutil.rmtree(old, ignore_errors=True)
            os.close(fd)
        path = RUN / str(os.getpid())
        path.mkdir()
        fd = os.open(path / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(fd, fcntl.LOCK_EX)
        return path


class Cluster:
    def __init__(self, config, say):
        self.config, self.say = config, say
        self.nodes = {}
        self.watches = {}
        self.requests = set()
        self.stopped = set()
        self.failed = asyncio.Event()   # a kernel is broken beyond going on
        self.run_dir = None
        self.links = None
        self.watching = None
        self.start = time.monotonic()

    def elapsed(self):
        return f"{time.monotonic() - self.start:.1f} s"

    # -- preparation -----------------------------------------------------

    def prepare(self):
        c = self.config
        self.run_dir = run_directory()
        agent, c.initrd = programs.agent(c.arch)
        files_dir = self.run_dir / "system"
        files = {"usr/lib/cluster/agent": agent, **programs.build(c.arch)}
        if c.join and "usr/local/sbin/ssi" not in files:
            raise Failure(f"there is no assembled tree to build ssi from: make kernel"
                          f" ARCH={c.arch}, or --no-join for plain machines")
        for path, source in files.items():
            (files_dir / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, files_dir / path)
        (files_dir / "usr/local/bin").mkdir(parents=True)
        for name in ("on", "net", "node"):
            (files_dir / "usr/local/bin" / name).symlink_to("/usr/lib/cluster/agent")
        c.layers = [] if c.system else [c.rootfs]
        for i, directory in enumerate([files_dir, *c.overlays]):
            image = self.run_dir / f"overlay{i}.erofs"
            make_erofs(directory, image)
            c.layers.append(image)
        c.own = {}
        if c.system:
            c.run_dir = self.run_dir
            for i in c.ids:
                c.own[i] = [system.prepare(c, i)]
        shutil.rmtree(c.log, ignore_errors=True)
        c.log.mkdir(parents=True)

    # -- life ------------------------------------------------------------

    async def boot(self):
        c = self.config
        self.links = Links(c.ids)
        for i in c.ids:
            self.nodes[i] = Node(i, c, c.log / f"node{i}.log", self.request)
            self.watches[i] = Watch(self.nodes[i], c.ignore)
        self.faults = Faults(self)
        self.watching = asyncio.create_task(self.watch())
        for node in self.nodes.values():
            node.start(self.links.of(node.id))
        await self.together(self.set_up(node) for node in self.nodes.values())
        self.say(f"{len(self.nodes)} nodes up after {self.elapsed()}")
        if c.join:
            await self.together(self.join(node) for node in self.nodes.values())
            await self.together(self.ready(node) for node in self.nodes.values())
            self.say(f"all nodes are members after {self.elapsed()}")
        for spec in c.net:
            status, text = await self.faults.command(["net", *shlex.split(spec)])
            if status:
                raise Failure(text.strip())

    async def together(self, coroutines):
        """All of them, or the first failure, or a kernel that broke meanwhile."""
        work = asyncio.gather(*coroutines)
        broke = asyncio.create_task(self.failed.wait())
        try:
            await asyncio.wait([work, broke], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise Failure("a node did not come up")
            await work
        finally:
            for task in (work, broke):
                task.cancel()
            await asyncio.gather(work, broke, return_exceptions=True)

    async def set_up(self, node):
        c = self.config
        try:
            await asyncio.wait_for(asyncio.shield(node.hello), c.boot_seconds)
        except asyncio.TimeoutError:
            raise Failure(f"node {node.id} did not come up within {c.boot_seconds} s") from None
        if c.system:
            lines = ["systemctl is-system-running --wait > /run/cluster-boot || true"]
        else:
            lines = [f"hostname node{node.id}", "ip link set lo up",
                     f"ip addr add {c.address(node.id)}/32 dev lo",
                     "cd /sys/class/net"]
        for peer in c.ids:
            if peer == node.id or c.system:
                continue
            lines += ["for d in *; do"
                      f" [ $(cat $d/address) = {c.mac(node.id, peer)} ] && break; done",
                      f"ip link set $d name to{peer}",
                      f"ip addr add {c.address(node.id)} peer {c.address(peer)}/32 dev to{peer}",
                      f"ip link set to{peer} up"]
        lines += ["[ ! -e /proc/sys/kernel/watchdog_thresh ] || "
                  "echo 60 > /proc/sys/kernel/watchdog_thresh"]
        if c.share:
            # what one node writes all others read at once
            lines += ["mkdir -p /share", "mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,"
                      "msize=262144 share /share"]
        env = {"SSI_NODE": node.id, "SSI_NODES": " ".join(str(i) for i in c.ids), "ARCH": c.arch}
        profile = "".join(f"export {k}='{v}'\\n" for k, v in env.items())
        lines.append(f"printf \"{profile}\" >> /etc/profile")
        status, output = await node.call("set -e; " + "\n".join(lines), c.boot_seconds)
        if status:
            raise Failure(f"node {node.id}: set up failed: {output.strip()}")

    async def join(self, node):
        status, output = await node.call("ssi join")
        if status:
            raise Failure(f"node {node.id}: ssi join: {output.strip()}")

    async def ready(self, node):
        """Wait until the node sees every other one as a member."""
        c = self.config
        others = {i for i in c.ids if i != node.id and self.nodes[i].running()
                  and i not in self.stopped}
        end = time.monotonic() + READY_SECONDS
        while True:
            status, output = await node.call("ssi --json nodes")
            if status == 0 and others <= members(output):
                return
            if time.monotonic() > end:
                raise Failure(f"node {node.id} does not see all others as members:"
                              f" {output.strip()}")
            await asyncio.sleep(0.2)

    async def reboot(self, node):
        self.links.drain(node.id, False)
        node.start(self.links.of(node.id))
        await self.set_up(node)
        if self.config.join:
            await self.join(node)
            await self.ready(node)
        await self.faults.restore(node.id)

    async def restart(self, node):
        """A system that has shut itself down to boot again."""
        try:
            self.power_off(node)
            await self.reboot(node)
        except Failure as failure:
            self.say(str(failure))
            self.failed.set()

    def ended(self, node):
        """A machine has ended by itself."""
        word = system.last_word(node) if self.config.system else None
        if word == "restart":
            task = asyncio.create_task(self.restart(node))
            self.requests.add(task)
            task.add_done_callback(self.requests.discard)
        elif word == "off":
            self.power_off(node)
        else:
            self.failed.set()

    def power_off(self, node):
        node.kill()
        self.stopped.discard(node.id)
        self.links.drain(node.id, True)

    async def pause(self, node, on):
        if on:
            await node.qmp.call("stop")
            self.stopped.add(node.id)
            self.links.drain(node.id, True)
        else:
            self.links.drain(node.id, False)
            self.stopped.discard(node.id)
            await node.qmp.call("cont")

    # -- what the nodes ask ------------------------------------------------

    async def request(self, node, chan, asked):
        if asked.node:
            self.relay(node, chan, asked)
            return
        task = asyncio.create_task(self.answer(node, chan, asked))
        self.requests.add(task)
        task.add_done_callback(self.requests.discard)

    def relay(self, node, chan, asked):
        """on: tie a channel of the asking node to one of the node it names."""
        other = self.nodes.get(asked.node)
        problem = None
        if not other:
            problem = f"there is no node {asked.node}"
        elif not other.running():
            problem = f"node {asked.node} is down"
        if problem:
            self.reply(node, chan, 255, f"on: {problem}\n")
            return
        there = other.new_channel((node, chan))
        node.channels[chan] = (other, there)
        other.port.send(there, wire.OPEN, asked.encode())

    async def answer(self, node, chan, asked):
        try:
            status, text = await self.faults.command(asked.argv)
        except Exception as error:      # pylint: disable=broad-except
            status, text = 1, f"{asked.argv[0]}: {error!r}\n"
        self.reply(node, chan, status, text)

    @staticmethod
    def reply(node, chan, status, text):
        if text:
            node.port.send(chan, wire.DATA, (b"\2" if status else b"\1") + text.encode())
        node.port.send(chan, wire.EXIT, status.to_bytes(4, "little"))

    # -- judgement -----------------------------------------------------------

    async def watch(self):
        while True:
            self.look()
            await asyncio.sleep(0.25)

    def look(self):
        for i, watch in self.watches.items():
            if watch.poll():
                self.say(f"node {i}: its kernel complains (log follows at the end)")
            node = self.nodes[i]
            if watch.fatal:
                self.failed.set()
            elif node.qemu and not node.running() and not node.expected_gone:
                self.ended(node)

    async def leaks(self):
        """Ask kmemleak where a kernel has it: two scans, as it forgives new objects."""
        line = "f=/sys/kernel/debug/kmemleak; [ -e $f ] || exit 0;" \
               " echo scan > $f; sleep 6; echo scan > $f; cat $f"
        for node in self.nodes.values():
            if node.running() and node.id not in self.stopped:
                _, output = await node.call(line, 120)
                if "unreferenced object" in output:
                    with open(node.log, "a") as log:
                        log.write(output)

    def verdict(self):
        """Print the log of every node that broke. True: none did."""
        good = True
        for i, watch in self.watches.items():
            watch.poll()
            node = self.nodes[i]
            if node.qemu is None:
                continue
            died = not node.running() and not node.expected_gone
            if watch.first is None and not died:
                continue
            good = False
            self.say(f"node {i}: " + ("its kernel complained:" if watch.first else
                                      f"QEMU ended by itself ({node.qemu.returncode}):"))
            for line in watch.excerpt():
                self.say("  " + line)
        return good

    def close(self, keep_logs):
        if self.watching:
            self.watching.cancel()
        for node in self.nodes.values():
            node.kill()
        if self.links:
            self.links.close()
        if self.run_dir:
            shutil.rmtree(self.run_dir, ignore_errors=True)
        if not keep_logs and self.config.log.parent == LOG:
            shutil.rmtree(self.config.log, ignore_errors=True)


def members(text):
    """The ids of members in what "ssi --json nodes" says."""
    try:
        nodes = json.loads(text)
    except ValueError:
        return set()
    if isinstance(nodes, dict):
        nodes = nodes.get("nodes", [])
    return {n.get("id") for n in nodes if n.get("state") == "member"}


__all__ = ["Cluster", "Config", "Process"]
