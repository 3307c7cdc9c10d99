# SPDX-License-Identifier: GPL-2.0
"""What a node still has when nothing runs any more."""

import asyncio
import time

# Memberships keep stores; a chunk of device pages stays for the next move.
KEPT = ("stores", "device-pages")
# One more may come and go by itself: a kworker, a socket of a reconnect.
SLACK = {"processes": 12, "files": 60, "sockets": 6}

ASK = """
cat /sys/kernel/debug/ssi/objects
echo processes $(ls -d /proc/$((SSI_NODE * 1000000))* /proc/$SSI_NODE?????? 2>/dev/null | sort -u | wc -l)
read used free all < /proc/sys/fs/file-nr; echo files $used
sed -n 's/^sockets: used /sockets /p' /proc/net/sockstat
sed -n 's/^SUnreclaim: *\\([0-9]*\\).*/slab \\1/p' /proc/meminfo
"""


async def counters(node):
    status, output = await node.call(". /etc/profile; ssi run --local-view -- sh -c '" +
                                     ASK.replace("'", "'\\''") + "'")
    if status:
        return {"unanswered": status}
    return {k: int(v) for k, v in (line.split() for line in output.splitlines())}


def excess(seen, before):
    """{name: text} of what is there and should not be."""
    wrong = {}
    for name, value in seen.items():
        if name in SLACK:
            if value > before.get(name, value) + SLACK[name]:
                wrong[name] = f"{name} {value}, {before[name]} at the beginning"
        elif name not in (*KEPT, "slab") and value:
            wrong[name] = f"{name} {value}"
    return wrong


async def look(cluster, before, seconds):
    """Sentences about what is left over on the nodes after so many seconds."""
    sentences = []
    for node in cluster.nodes.values():
        end = time.monotonic() + seconds
        while True:
            wrong = excess(await counters(node), before.get(node.id, {}))
            if not wrong or time.monotonic() > end:
                break
            await asyncio.sleep(0.5)
        if wrong:
            sentences.append(f"left over on node {node.id}: {', '.join(wrong.values())}")
    return sentences
