# SPDX-License-Identifier: GPL-2.0
"""What was measured, a column for each size and mode."""

LINES = (
    ("liveness deadline, s", lambda r: r["deadline"], "g"),
    ("all members after the first join, s", lambda r: r["members"], ".1f"),
    ("the joins themselves, s", lambda r: r["joined"], ".1f"),
    ("kernel threads", lambda r: r["threads"], "d"),
    ("– per instance", lambda r: r["threads"] / r["size"], ".0f"),
    ("ends of TCP connections", lambda r: r["connections"], ".0f"),
    ("– per instance", lambda r: r["connections"] / r["size"], ".0f"),
    ("memory, MiB", lambda r: r["memory"] / 1024, ".1f"),
    ("– per instance, MiB", lambda r: r["memory"] / 1024 / r["size"], ".2f"),
    ("– per end of a pair, KiB", lambda r: r["per_end"], ".0f"),
    ("  of it stacks (KernelStack), KiB", lambda r: each(r, "KernelStack"), ".0f"),
    ("  of it slab, KiB", lambda r: each(r, "Slab"), ".0f"),
    ("kept by lists of nodes after leaving, per end, KiB", lambda r: r["kept"] / ends(r), ".1f"),
    ("idle: messages sent per instance and second", lambda r: r["messages"], ".2f"),
    ("– per end of a pair and deadline", lambda r: r["messages"] * r["deadline"] /
     (r["size"] - 1), ".2f"),
    ("– bytes of messages per instance and second", lambda r: r["bytes"], ".0f"),
    ("– bytes on the cable per instance and second", lambda r: r["wire"] * r["messages"], ".0f"),
    ("– bytes on the cable per message", lambda r: r["wire"], ".0f"),
    ("– packets per message", lambda r: r["packets"], ".2f"),
    ("– CPUs busy (emulated)", lambda r: r["cpu"], ".1%"),
    ("– CPU time per message, µs (emulated)", lambda r: r["cpu_message"] * 1e6, ".0f"),
    ("ssi nodes, ms (emulated)", lambda r: r["nodes"], ".0f"),
    ("one goes silent: the last one knows after, s", lambda r: r["lost"], ".1f"),
    ("– and heard again: member for all after, s", lambda r: r["back"], ".1f"),
    ("one more joins: member for all after, s", lambda r: r["more"], ".1f"),
    ("ls /proc there, ms (emulated)", lambda r: r["listing"], ".0f"),
    ("– before it joined, ms (emulated)", lambda r: r["alone"], ".0f"),
    ("– messages for it, with heartbeats", lambda r: r["asked"], ".0f"),
    ("all leave, one after the other, s", lambda r: r["left"], ".1f"),
)


def ends(row):
    return row["size"] * (row["size"] - 1)


def each(row, name):
    return row["grown"][name] / ends(row)


def table(rows):
    """Markdown."""
    names = [f"{row['size']}, {row['mode']}" for row in rows]
    lines = [["instances", *names], ["---"] + ["---:"] * len(rows)]
    for what, value, form in LINES:
        lines.append([what, *(f"{value(row):{form}}" for row in rows)])
    width = max(len(line[0]) for line in lines)
    return "".join("| " + " | ".join([line[0].ljust(width), *(w.rjust(12) for w in line[1:])])
                   + " |\n" for line in lines)
