#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Names each function defined in these C files that is not static and has no
kernel-doc, neither there nor at its declaration in one of the headers given."""

import re
import sys
from pathlib import Path

# Kernel style: the name is at the start of a line's declarator, the opening
# brace alone on a line after the parameters.
DEFINITION = re.compile(
    r"^(?!static|typedef|struct [a-z_0-9]+ \{|#|\s|/|\*|else|return|DEFINE_|MODULE_|EXPORT_|TRACE_)"
    r"[a-z_][\w\s\*]*?\b(\w+)\(([^;{}]*?)\)\s*\n\{", re.M | re.S)
DOCUMENTED = re.compile(r"/\*\*\n \* (?:struct |enum |union )?(\w+)(?:\(\))?(?: -|:)")


def main():
    texts = {name: Path(name).read_text() for name in sys.argv[1:]}
    documented = {m.group(1) for t in texts.values() for m in DOCUMENTED.finditer(t)}
    missing = [(name, m.group(1))
               for name, text in texts.items()
               if name.endswith(".c") and not name.endswith("_gen.c")
               for m in DEFINITION.finditer(text)
               if m.group(1) not in documented]
    for name, function in missing:
        print(f"{name}: {function}() is not static and has no kernel-doc")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
