# SPDX-License-Identifier: GPL-2.0
"""What is to be so of a cluster of a given size, and how often it was."""


class Law:
    """
    What Documentation/scale.md says. An end is one of the two sides of a pair.

    Memory of an end is its five stacks and three buffers, 464 KiB; tasks and
    sockets, with a piece of memory each to send from, come on top of that. What stays after
    leaving is the pairing, as the node stays in the list.
    """

    LEAST_KIB, MOST_KIB, KEPT_KIB = 560, 720, 32
    BYTES = 64
    THREADS, CONNECTIONS = 5, 3
    # of an instance, however many peers it has: who listens, and whose heart beats
    OWN_THREADS = 2

    def __init__(self, size, deadline):
        self.size, self.deadline = size, deadline

    @property
    def ends(self):
        return self.size * (self.size - 1)

    @property
    def threads(self):
        return self.THREADS * self.ends + self.OWN_THREADS * self.size

    @property
    def connections(self):
        return self.CONNECTIONS * self.ends

    @property
    def messages(self):
        """Of an instance in a second: a ping each third of the deadline, and an answer to one."""
        return (self.size - 1) * 6 / self.deadline

    # The newest echo is up to a third of the deadline old when the other falls silent.
    @property
    def earliest(self):
        return self.deadline * 0.6

    @property
    def latest(self):
        """The deadline, the second look, and what a busy machine takes to come to it."""
        return self.deadline * 17 / 16 + 1 + self.size / 32


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, good, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
        print(("ok" if good else "not ok") + f" {what}" + (f" ({detail})" if detail else ""),
              flush=True)

    def between(self, rows):
        """
        What is the same per end of a pair at all sizes. A cost that grows with the square, or
        does not grow, is off by the ratio of the sizes.
        """
        wanted = (("memory of an end, KiB", 0.15, lambda r: r["per_end"]),
                  ("bytes on the cable for a message", 0.15, lambda r: r["wire"]),
                  ("messages in a deadline and end", 0.1,
                   lambda r: r["messages"] * r["deadline"] / (r["size"] - 1)))
        for mode in dict.fromkeys(row["mode"] for row in rows):
            same = [row for row in rows if row["mode"] == mode]
            if len({row["size"] for row in same}) < 2:
                print(f"# {mode}: one size only, nothing to compare it with", flush=True)
                continue
            for what, tolerance, value in wanted:
                values = [value(row) for row in same]
                self.check(f"{mode}: the same at all sizes: {what}",
                           max(values) <= min(values) * (1 + tolerance),
                           ", ".join(f"{row['size']}: {v:.4g}" for row, v in zip(same, values)))
