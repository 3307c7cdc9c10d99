# SPDX-License-Identifier: GPL-2.0
"""What a kernel must not print."""

import re

# A line that makes the run fail. FATAL ones end it at once.
SPLAT = re.compile(r"""
    WARNING:\s | \bBUG: | \bBUG\ at\s | Kernel\ panic | \bOops\b | Internal\ error:
  | Unable\ to\ handle\ kernel | KASAN: | UBSAN: | KCSAN: | KFENCE:
  | INFO:\ task\ .*\ blocked\ for | INFO:\ rcu | rcu:\ INFO: | rcu.*detected\ (stall|expedited)
  | INFO:\ possible | INFO:\ trying | possible\ (circular|recursive)\ lock
  | inconsistent\ lock\ state | suspicious\ RCU | bad\ page\ state | Bad\ page\ (map|state)
  | Bad\ rss-counter | DEBUG_LOCKS_WARN | refcount_t: | kmemleak:.*\bnew\ suspected | unreferenced\ object
  | slab.*corrupt | list_(add|del)\ corruption | sleeping\ function\ called | scheduling\ while\ atomic
  | lockup | Call\ [Tt]race: | cut\ here | Attempted\ to\ kill\ init | agent:
""", re.X)
FATAL = re.compile(r"Kernel panic|\bOops\b|Internal error:|Unable to handle kernel|\bBUG:|kernel BUG at")
# Lines that only look like one.
HARMLESS = re.compile(r"WARNING: Unprivileged eBPF|NMI watchdog: (Enabled|Perf)|lockup_detector|"
                      r"hung_task|soft(lockup)?_panic|Command line:|Unknown kernel command line")

BEFORE, AFTER = 10, 100


class Watch:
    """The console log of one node, as it grows."""

    def __init__(self, node, ignore):
        self.node, self.ignore = node, ignore
        self.offset = 0
        self.rest = b""
        self.first = None       # line number of the first splat
        self.fatal = False
        self.lines = 0

    def poll(self):
        """Look at what is new. True: the first splat is there."""
        with open(self.node.log, "rb") as f:
            f.seek(self.offset)
            data = f.read()
        self.offset += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        fresh = False
        for raw in lines:
            self.lines += 1
            line = raw.decode(errors="replace")
            if HARMLESS.search(line) or (self.ignore and self.ignore.search(line)):
                continue
            if SPLAT.search(line):
                fresh |= self.first is None
                self.first = self.lines if self.first is None else self.first
            self.fatal |= bool(FATAL.search(line))
        return fresh

    def excerpt(self):
        lines = self.node.log.read_text(errors="replace").splitlines()
        if self.first is None:
            return lines[-40:]
        return lines[max(0, self.first - 1 - BEFORE):self.first + AFTER]
