# SPDX-License-Identifier: GPL-2.0
"""Times over resident size, both logarithmic, as an SVG without dependencies."""

import math

WIDTH, HEIGHT = 760, 470
LEFT, RIGHT, TOP, BOTTOM = 80, 190, 50, 60
COLOURS = ["#0072b2", "#56b4e9", "#d55e00", "#009e73"]


def text(x, y, what, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{what}</text>'


def label(ms):
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def plot(title, curves):
    """curves: [(name, {MiB: nanoseconds})]; returns the SVG."""
    curves = [(name, points) for name, points in curves if points]
    sizes = sorted({x for _, points in curves for x in points})
    times = [y / 1e6 for _, points in curves for y in points.values()]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    high = max(high, low + 1)
    first, last = math.log2(sizes[0]), math.log2(sizes[-1])

    def at_x(mib):
        return LEFT + (math.log2(mib) - first) / ((last - first) or 1) * (WIDTH - LEFT - RIGHT)

    def at_y(ms):
        return HEIGHT - BOTTOM - (math.log10(ms) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
           f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           text(WIDTH / 2, 26, title, more='font-size="16"'),
           text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 16, "resident size, MiB")]
    for power in range(low, high + 1):
        y = at_y(10 ** power)
        out += [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
                ' stroke="#ccc"/>', text(LEFT - 8, y + 4, label(10 ** power), "end")]
    for mib in sizes:
        x = at_x(mib)
        out += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
                ' stroke="#eee"/>', text(x, HEIGHT - BOTTOM + 20, f"{mib}")]
    for i, (name, points) in enumerate(curves):
        colour = COLOURS[i % len(COLOURS)]
        places = [(at_x(x), at_y(points[x] / 1e6)) for x in sorted(points)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        y = TOP + 20 + 24 * i
        out += [f'<line x1="{WIDTH - RIGHT + 20}" x2="{WIDTH - RIGHT + 44}" y1="{y}" y2="{y}"'
                f' stroke="{colour}" stroke-width="2"/>',
                text(WIDTH - RIGHT + 50, y + 4, name, "start")]
    return "\n".join([*out, "</svg>", ""])
