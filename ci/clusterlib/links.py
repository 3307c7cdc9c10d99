# SPDX-License-Identifier: GPL-2.0
"""
The network: a cable between every two nodes.

A cable is a pair of connected sockets with record boundaries, one end for each
QEMU. Nothing is lost on it unless a fault says so, no privilege and no port
number is needed, clusters cannot meet, and a single cable can be cut. Both
ends stay open here, so a node can come back to its cables; while it is down or
stands still we read in its place, as a switch would drop, or its peers would
wait for it with packets in their rings.
"""

import asyncio
import socket


class Links:
    def __init__(self, ids):
        self.ends = {}      # (node, peer): socket
        for a in ids:
            for b in ids:
                if a < b:
                    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                    for s in pair:
                        s.setblocking(False)
                    self.ends[a, b], self.ends[b, a] = pair

    def of(self, node):
        return {peer: s for (n, peer), s in self.ends.items() if n == node}

    def drain(self, node, on):
        loop = asyncio.get_running_loop()
        for s in self.of(node).values():
            if on:
                loop.add_reader(s, self.discard, s)
            else:
                loop.remove_reader(s)
                self.discard(s)

    @staticmethod
    def discard(sock):
        try:
            while sock.recv(1):
                pass
        except BlockingIOError:
            pass

    def close(self):
        for s in self.ends.values():
            s.close()
