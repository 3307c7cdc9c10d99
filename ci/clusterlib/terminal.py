# SPDX-License-Identifier: GPL-2.0
"""This end of a command's input and output."""

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import sys
import termios
import tty

from . import wire


def write_all(fd, data):
    while data:
        try:
            data = data[os.write(fd, data):]
        except BlockingIOError:
            import select   # pylint: disable=import-outside-toplevel
            select.select([], [fd], [])


def output(fd, data):
    """Pass on what a command wrote, as it comes."""
    if data:
        write_all(2 if fd == 2 else 1, data)


async def feed(process, fd):
    """Pass on fd as standard input until its end."""
    loop = asyncio.get_running_loop()
    while True:
        data = await loop.run_in_executor(None, os.read, fd, 16384)
        await process.write(data)
        if not data:
            return


def size():
    with contextlib.suppress(OSError):
        return struct.unpack("HHHH", fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8)))[:2]
    return 24, 80


@contextlib.contextmanager
def raw():
    """The terminal in raw mode, whatever happens."""
    saved = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, saved)


async def interactive(node):
    """A shell on a node at this terminal. Returns its status."""
    loop = asyncio.get_running_loop()
    process = node.run([], output, tty=True, size=size())
    loop.add_signal_handler(signal.SIGWINCH, lambda: process.send(
        wire.RESIZE, struct.pack("<HH", *size())))
    sys.stdout.flush()
    pending = asyncio.Queue()
    loop.add_reader(0, lambda: pending.put_nowait(os.read(0, 4096)))

    async def keys():
        while True:
            await process.write(await pending.get())

    with raw():
        typing = asyncio.create_task(keys())
        try:
            return await process.status
        finally:
            typing.cancel()
            loop.remove_reader(0)
