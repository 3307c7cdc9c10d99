# SPDX-License-Identifier: GPL-2.0
"""Frames to and from a node's agent; agent/agent.h has their meaning."""

import asyncio
import struct

OPEN, DATA, CREDIT, EXIT, SIGNAL, RESIZE, HELLO, CLOSE = range(1, 9)
WINDOW = 256 * 1024
AGENT = 0x80000000      # channels that the agent opened

HEAD = struct.Struct("<IIB3x")
OPEN_HEAD = struct.Struct("<BxHHxxI")


class Open:
    """What to run: argv as the agent has it, perhaps with a terminal, and where."""

    def __init__(self, argv, tty=False, size=(0, 0), node=0):
        self.argv, self.tty, self.size, self.node = argv, tty, size, node

    def encode(self):
        return OPEN_HEAD.pack(self.tty, *self.size, self.node) + \
            b"".join(a.encode("utf-8", "surrogateescape") + b"\0" for a in self.argv)

    @classmethod
    def decode(cls, payload):
        tty, rows, cols, node = OPEN_HEAD.unpack_from(payload)
        argv = payload[OPEN_HEAD.size:].decode("utf-8", "surrogateescape").split("\0")[:-1]
        return cls(argv, bool(tty), (rows, cols), node)


class Port:
    """The frames of one node."""

    def __init__(self, sock):
        self.sock = sock
        self.reader = self.writer = None

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(sock=self.sock)

    def send(self, chan, kind, payload=b""):
        if self.writer and not self.writer.is_closing():
            self.writer.write(HEAD.pack(chan, len(payload), kind) + payload)

    async def frames(self):
        """Every (channel, type, payload) until the node is gone."""
        try:
            while True:
                chan, size, kind = HEAD.unpack(await self.reader.readexactly(HEAD.size))
                yield chan, kind, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def close(self):
        if self.writer:
            self.writer.close()
        else:
            self.sock.close()
