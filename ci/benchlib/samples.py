# SPDX-License-Identifier: GPL-2.0
"""Measured values by name and round, and the ratios that the bounds are about."""

import statistics
from collections import defaultdict

TICK = {True: "met", False: "MISSED"}


class Samples:
    """Lines "NAME ROUND VALUE" of the programs, and what they failed at."""

    def __init__(self):
        self.values = defaultdict(lambda: defaultdict(list))
        self.lines = []
        self.failures = []

    def feed(self, text):
        for line in text.splitlines():
            self.lines.append(line)
            words = line.split()
            if line.startswith("# failed") or line.startswith("bench:"):
                self.failures.append(line.lstrip("# "))
            elif len(words) == 3 and words[1].isdigit():
                self.add(words[0], int(words[1]), float(words[2]))

    def add(self, name, number, value):
        self.values[name][number].append(value)

    def rounds(self, *names):
        """The rounds that have all of these."""
        return sorted(set.intersection(*(set(self.values[n]) for n in names)))

    def of(self, name, number):
        return statistics.median(self.values[name][number])

    def all(self, name):
        return [v for r in sorted(self.values[name]) for v in self.values[name][r]]

    def median(self, name):
        values = self.all(name)
        return statistics.median(values) if values else None

    def ratios(self, above, below):
        """One per round: what is compared was measured one after the other."""
        return [self.of(above, r) / self.of(below, r) for r in self.rounds(above, below)]


class Row:
    """One line of the table: a ratio, its spread, its bound."""

    def __init__(self, what, ratios, low=None, high=None, measured="", against=""):
        self.what, self.measured, self.against = what, measured, against
        self.low, self.high = low, high
        self.ratios = sorted(ratios)

    @property
    def value(self):
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def bounded(self):
        return self.low is not None or self.high is not None

    @property
    def met(self):
        return self.value is not None and \
            (self.low is None or self.value >= self.low) and \
            (self.high is None or self.value <= self.high)

    @property
    def bound(self):
        if self.low is not None and self.high is not None:
            return f"{self.low:g} … {self.high:g}"
        if self.low is not None:
            return f"≥ {self.low:g}"
        return f"≤ {self.high:g}" if self.high is not None else ""

    def cells(self):
        if self.value is None:
            return [self.what, "not measured", "", "", "", self.bound,
                    "MISSED" if self.bounded else ""]
        digits = 4 if 0.95 < self.value < 1.05 else 2 if self.value < 100 else 0
        return [self.what, self.measured, self.against, f"{self.value:.{digits}f}",
                f"{self.ratios[0]:.{digits}f} … {self.ratios[-1]:.{digits}f}",
                self.bound, TICK[self.met] if self.bounded else ""]


HEAD = ["what", "measured", "against", "ratio", "lowest … highest", "bound", ""]


def table(rows):
    """A Markdown table whose columns also line up as plain text."""
    cells = [HEAD] + [r.cells() for r in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEAD))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "| " + " | ".join("-" * w for w in widths) + " |")
    return "\n".join(lines)


def time_text(ns):
    """Three digits are what such a figure is worth."""
    if ns is None:
        return ""
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= factor:
            return f"{ns / factor:.3g} {unit}"
    return f"{ns:.3g} ns"


def rate_text(size, ns):
    return f"{size / ns * 1e9 / (1 << 20):.3g} MiB/s" if ns else ""
