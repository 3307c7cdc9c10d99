# SPDX-License-Identifier: GPL-2.0
"""One node: its QEMU, its console log, its agent."""

import asyncio
import json
import socket
import subprocess

from . import clock, system, wire
from .places import TOP, Failure

QEMU = {"x86_64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
CONSOLE = {"x86_64": "ttyS0", "arm64": "ttyAMA0"}


def accelerator(config):
    """KVM when asked for, else emulation with a thread per CPU."""
    if config.kvm:
        return ["-accel", "kvm", "-cpu", "host"]
    cpu = {"x86_64": "max", "arm64": "max,pauth-impdef=on"}[config.arch]
    return ["-accel", "tcg,thread=multi", "-cpu", cpu]


def board(arch):
    return {"x86_64": ["-M", "q35,usb=off,smbus=off,sata=off"],
            "arm64": ["-M", "virt,gic-version=3,highmem=on"]}[arch]


class Process:
    """A command on a node. Its output goes to sink(fd, bytes)."""

    def __init__(self, node, chan, sink):
        self.node, self.chan, self.sink = node, chan, sink
        self.status = asyncio.get_running_loop().create_future()
        self.credit = wire.WINDOW
        self.room = asyncio.Event()

    def frame(self, kind, payload):
        if kind == wire.DATA:
            self.sink(payload[0], payload[1:])
            if len(payload) > 1:
                self.send(wire.CREDIT, (len(payload) - 1).to_bytes(4, "little"))
        elif kind == wire.CREDIT:
            self.credit += int.from_bytes(payload, "little")
            self.room.set()
        elif kind == wire.EXIT and not self.status.done():
            self.status.set_result(int.from_bytes(payload, "little"))

    def send(self, kind, payload=b""):
        self.node.port.send(self.chan, kind, payload)

    async def write(self, data):
        """Standard input; b"" is its end."""
        if not data:
            self.send(wire.DATA, b"\0")
        while data:
            while not self.credit:
                self.room.clear()
                await self.room.wait()
            part, data = data[:self.credit], data[self.credit:]
            self.credit -= len(part)
            self.send(wire.DATA, b"\0" + part)


class Node:
    def __init__(self, ident, config, log, requests):
        self.id, self.config, self.log = ident, config, log
        self.requests = requests    # async (node, chan, kind, payload): the agent asks
        self.qemu = self.port = self.qmp = None
        self.channels = {}          # id: Process, or (node, channel) to pass frames on to
        self.last = 0
        self.expected_gone = False
        self.hello = None
        self.tasks = []
        self.boots = 0

    def command(self, fds, links):
        """The QEMU command; links: [(peer id, fd)]."""
        c = self.config
        initrd, words = system.loader(c, self.id) if c.system else (c.initrd, [
            f"ssi.cluster={c.name}", f"ssi.node={self.id}", f"ssi.listen={c.address(self.id)}",
            "ssi.peers=" + ",".join(f"{p}@{c.address(p)}" for p in c.ids)])
        append = [f"console={CONSOLE[c.arch]}", "panic=-1", "oops=panic", "rdinit=/init",
                  *clock.patience(c.arch, c.kvm),
                  *words, *c.append]
        args = [QEMU[c.arch], "-name", f"{c.name}-{self.id}", "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot", *board(c.arch), *accelerator(c),
                "-smp", str(c.smp), "-m", c.mem,
                "-kernel", str(c.kernel), "-initrd", str(initrd), "-append", " ".join(append),
                "-chardev", f"file,id=console,path={self.log},append=on",
                "-serial", "chardev:console",
                "-chardev", f"socket,id=monitor,fd={fds['qmp']}",
                "-mon", "chardev=monitor,mode=control",
                "-chardev", f"socket,id=agent,fd={fds['agent']}",
                "-device", "virtio-serial-pci,max_ports=2",
                "-device", "virtserialport,chardev=agent,nr=1,name=agent"]
        if c.system:
            args += system.devices(c, self.id)
        for i, image in enumerate(c.layers + c.own.get(self.id, [])):
            args += ["-blockdev", f"driver=raw,node-name=layer{i},read-only=on,file.driver=file,"
                                  f"file.filename={image},file.locking=off",
                     "-device", f"virtio-blk-pci,drive=layer{i},serial=layer{i}"]
        if c.share:
            args += ["-fsdev", f"local,id=share,path={c.share},security_model=none",
                     "-device", "virtio-9p-pci,fsdev=share,mount_tag=share"]
        for peer, fd in links:
            args += ["-netdev", f"dgram,id=to{peer},local.type=fd,local.str={fd}",
                     "-device", f"virtio-net-pci,id=nic{peer},netdev=to{peer},romfile=,"
                                f"mac={c.mac(self.id, peer)},host_mtu={c.mtu}"]
        return args + c.qemu

    def start(self, links):
        """Start QEMU; links: {peer id: socket}."""
        self.expected_gone = False
        self.hello = asyncio.get_running_loop().create_future()
        self.channels = {}
        ends = {name: socket.socketpair() for name in ("qmp", "agent")}
        theirs = {name: pair[1].fileno() for name, pair in ends.items()}
        wires = [(peer, s.fileno()) for peer, s in sorted(links.items())]
        args = self.command(theirs, wires)
        # Ours dying, by whatever signal, takes QEMU along.
        with open(self.log, "ab") as log:
            log.write(b"" if not self.boots else f"=== boot {self.boots + 1} ===\n".encode())
            log.flush()
            self.qemu = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *args], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=TOP, start_new_session=True,
                pass_fds=[*theirs.values(), *(fd for _, fd in wires)])
        self.boots += 1
        for pair in ends.values():
            pair[1].close()
        self.port = wire.Port(ends["agent"][0])
        self.qmp = Monitor(ends["qmp"][0])
        self.tasks = [asyncio.create_task(self.serve(self.port, self.hello))]

    async def serve(self, port, hello):
        await port.connect()
        async for chan, kind, payload in port.frames():
            if kind == wire.HELLO:
                if not hello.done():
                    hello.set_result(payload)
                continue
            owner = self.channels.get(chan)
            if isinstance(owner, Process):
                owner.frame(kind, payload)
            elif owner:
                other, there = owner
                other.port.send(there, kind, payload)
            elif chan & wire.AGENT and kind == wire.OPEN:
                await self.requests(self, chan, wire.Open.decode(payload))
            if kind in (wire.EXIT, wire.CLOSE):
                self.channels.pop(chan, None)
                if isinstance(owner, tuple):
                    owner[0].channels.pop(owner[1], None)
        self.gone()

    def gone(self):
        """Everything that ran here ends as if its terminal had been cut."""
        for owner in self.channels.values():
            if isinstance(owner, Process):
                if not owner.status.done():
                    owner.sink(2, f"node {self.id} is gone\n".encode())
                    owner.status.set_result(255)
            else:
                other, there = owner
                other.channels.pop(there, None)
                other.port.send(there, wire.DATA, b"\2" + f"node {self.id} is gone\n".encode())
                other.port.send(there, wire.EXIT, (255).to_bytes(4, "little"))
        self.channels = {}

    def new_channel(self, owner):
        self.last += 1
        self.channels[self.last] = owner
        return self.last

    def run(self, argv, sink, tty=False, size=(0, 0)):
        """Start a command. One argument is a shell command line."""
        process = Process(self, 0, sink)
        process.chan = self.new_channel(process)
        process.send(wire.OPEN, wire.Open(argv, tty, size).encode())
        return process

    async def call(self, line, timeout=60):
        """Run a shell command line. Returns its status and output."""
        output = bytearray()
        process = self.run([line], lambda fd, data: output.extend(data))
        await process.write(b"")
        try:
            status = await asyncio.wait_for(process.status, timeout)
        except asyncio.TimeoutError:
            process.send(wire.CLOSE)
            raise Failure(f"node {self.id}: no end of: {line}") from None
        return status, output.decode(errors="replace")

    def running(self):
        return self.qemu is not None and self.qemu.poll() is None

    def kill(self):
        """Without warning, as a power cut."""
        self.expected_gone = True
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
        if self.qemu:
            self.qemu.wait()
        for task in self.tasks:
            task.cancel()
        if self.port:
            self.gone()
            self.port.close()
        if self.qmp:
            self.qmp.close()


class Monitor:
    """QEMU's machine protocol, as far as it is needed."""

    def __init__(self, sock):
        self.sock = sock
        self.reader = self.writer = None
        self.lock = asyncio.Lock()

    async def call(self, command, **arguments):
        async with self.lock:
            if not self.reader:
                self.reader, self.writer = await asyncio.open_connection(sock=self.sock)
                await self.reader.readline()
                await self.transact("qmp_capabilities", {})
            return await self.transact(command, arguments)

    async def transact(self, command, arguments):
        self.writer.write(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:
            line = await self.reader.readline()
            if not line:
                raise Failure(f"QEMU is gone ({command})")
            answer = json.loads(line)
            if "error" in answer:
                raise Failure(f"QEMU: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def close(self):
        if self.writer:
            self.writer.close()
        else:
            self.sock.close()
