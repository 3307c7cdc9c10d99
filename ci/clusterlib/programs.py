# SPDX-License-Identifier: GPL-2.0
"""
What runs on the nodes and is built here, static, for the guest's architecture:
the agent and its initramfs, the tool ssi, the selftests.
"""

import os
import secrets
import shutil
import subprocess

from .places import BUILD, LOG, TOP, Failure, compiler, locked, need

AGENT = TOP / "ci/clusterlib/agent"
TREE = BUILD / "linux"


def agent(arch):
    """The agent, and the initramfs with nothing but it and a key. Returns both paths."""
    out = BUILD / arch / "cluster"
    program, initrd = out / "agent", out / "initrd"
    newest = max(p.stat().st_mtime for p in AGENT.iterdir())
    with locked(BUILD / arch / ".programs.lock"):
        out.mkdir(exist_ok=True)
        if initrd.exists() and initrd.stat().st_mtime >= newest:
            return program, initrd
        need(compiler(arch))
        done = subprocess.run([compiler(arch), "-O2", "-Wall", "-Wextra", "-static", "-s", "-o",
                               program, *sorted(AGENT.glob("*.c")), "-lutil"],
                              capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"the agent does not build for {arch}:\n{done.stderr.strip()}")
        part = initrd.with_suffix(".part")
        part.write_bytes(cpio([
            ("init", 0o100755, program.read_bytes()), ("etc", 0o40755, b""),
            ("etc/ssi", 0o40700, b""),
            ("etc/ssi/key", 0o100600, secrets.token_hex(32).encode() + b"\n")]))
        part.rename(initrd)
    return program, initrd


def cpio(files):
    """A "newc" archive of (name, mode, bytes)."""
    archive = b""
    for i, (name, mode, data) in enumerate([*files, ("TRAILER!!!", 0, b"")]):
        fields = [i + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        archive += head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    return archive


def make(arch, name, directory, *variables):
    """Run make in a directory of the assembled tree."""
    log = LOG / f"{name}-{arch}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    triplet = compiler(arch).removesuffix("gcc")
    # A make that calls us has flags and variables of its own.
    env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "ARCH", "O", "MAKELEVEL")}
    with open(log, "w", encoding="utf-8") as f:
        done = subprocess.run(["make", "-j2", "-C", directory, f"CROSS_COMPILE={triplet}",
                               *variables], stdout=f, stderr=f, env=env, check=False)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise Failure(f"{name} does not build for {arch} ({log.relative_to(TOP)}):\n{tail}")


def older(target, *sources):
    """Is target missing, or older than a source or anything in a source directory?"""
    if not target.exists():
        return True
    made = target.stat().st_mtime
    files = [f for s in sources for f in [s, *(s.rglob("*") if s.is_dir() else [])]]
    return any(f.stat().st_mtime > made for f in files if f.exists())


def install(built, path):
    """Put a program in its place, whole or not at all."""
    part = path.with_name(path.name + ".part")
    shutil.copy(built, part)
    part.rename(path)


def build(arch):
    """
    The tool and the selftests, from the assembled tree. Returns
    {path on the nodes: path here}; empty without a tree.
    """
    source = TREE / "tools/ssi"
    if not source.is_dir():
        return {}
    out = BUILD / arch
    tool, tests = out / "ssi", out / "selftests"
    selftests = TREE / "tools/testing/selftests/ssi"
    uapi = [TREE / "include/uapi/linux/ssi.h", TREE / "Documentation/netlink/specs/ssi.yaml"]
    with locked(out / ".programs.lock"):
        # make would see the same, but takes seconds to on a busy machine.
        if older(tool, source, *uapi):
            need(compiler(arch), "make", "python3-yaml")
            make(arch, "ssi-tool", source, f"O={out / 'tool'}", "LDFLAGS=-static")
            install(out / "tool/ssi", tool)
        if older(tests / "torture", selftests, *uapi):
            need(compiler(arch), "make")
            tests.mkdir(exist_ok=True)
            make(arch, "selftests", selftests, f"OUTPUT={tests}", "KHDR_INCLUDES=")
            for path in tests.iterdir():
                path.touch()
    files = {"usr/local/sbin/ssi": out / "ssi"}
    for path in sorted(tests.iterdir()):
        if path.is_file() and os.access(path, os.X_OK):
            files[f"usr/lib/ssi/tests/{path.name}"] = path
    return files
