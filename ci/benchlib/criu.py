# SPDX-License-Identifier: GPL-2.0
"""
The same move done with CRIU: dump on one node, copy, restore on the other.

The process has as much memory as ours and nothing else: no file but
/dev/null, no socket, no child. Its images lie in a tmpfs on both nodes and are
copied over one TCP connection without encryption: the least such a move costs.
Between the freeze at the start of the dump and the end of the restore the
process does not run, so the time of the three steps is both its freeze and the
total.

An older CRIU does not know the memory layout of a newer kernel's vdso and refuses
to start, so it is Debian's newest one, with the libraries that it was built for, in
a directory of its own beside the nodes' root file system.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from clusterlib import rootfs
from clusterlib.places import ARCHES, CACHE, Failure, compiler, locked, need

SUITE = "sid"
ROOT = "opt/criu"
BENCH = "/usr/lib/ssi/tests/bench"
IMAGES = "/tmp/criu"
CHECKED = "/tmp/criu-checked"
STEP_SECONDS = 600


NFTABLES = Path(__file__).resolve().parent / "nftables.c"


class Apt(rootfs.Apt):
    """As the nodes' own, but of another suite."""

    def __init__(self, arch, suite):
        super().__init__(arch)
        release, old = self.release, self.home
        self.home = CACHE / "apt" / f"{suite}-{self.arch}"
        for d in ("lists/partial", "archives/partial"):
            (self.home / d).mkdir(parents=True, exist_ok=True)
        (self.home / "status").touch()
        source = next(s for s in self.sources if release in s["Suites"])
        signed = f"Signed-By: {source['Signed-By']}\n" if source["Signed-By"] else ""
        (self.home / "sources.sources").write_text(
            f"Types: deb\nURIs: {source['URIs'][0]}\nSuites: {suite}\nComponents: main\n{signed}")
        self.options = [o.replace(str(old), str(self.home)) for o in self.options]


def nftables(arch, path):
    """Put our stand-in where the library was."""
    path.unlink(missing_ok=True)
    need(compiler(arch))
    versions = path.with_name("libnftables.map")
    versions.write_text("LIBNFTABLES_1 { global: *; };\n")
    done = subprocess.run([compiler(arch), "-O2", "-Wall", "-Wextra", "-shared", "-fPIC",
                           "-nostdlib", f"-Wl,-soname,{path.name},--version-script,{versions}",
                           "-o", path, NFTABLES],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{NFTABLES.name} does not build for {arch}: {done.stderr.strip()}")


def overlay(arch, say):
    """A directory to lay over the nodes' root: CRIU and its libraries. Cached."""
    path = CACHE / "criu" / f"{arch}-{SUITE}"
    with locked(CACHE / "criu" / f"{arch}.lock"):
        if path.is_dir():
            return path
        say(f"fetching CRIU of {SUITE} for {arch}")
        apt = Apt(arch, SUITE)
        apt.update(True)
        with tempfile.TemporaryDirectory(dir=CACHE / "criu") as tmp:
            root = Path(tmp) / "layer" / ROOT
            root.mkdir(parents=True)
            rootfs.unpack(apt.fetch(["criu"]), root)
            triplet = ARCHES[arch][1]
            loader = next((root / "usr/lib" / triplet).glob("ld-linux-*.so.*"))
            script = Path(tmp) / "layer/usr/local/sbin/criu"
            script.parent.mkdir(parents=True)
            nftables(arch, root / "usr/lib" / triplet / "libnftables.so.1")
            libraries = f"/{ROOT}/usr/lib/{triplet}"
            script.write_text(f"#!/bin/sh\nexec {libraries}/{loader.name} --library-path"
                              f' {libraries} /{ROOT}/usr/sbin/criu "$@"\n')
            script.chmod(0o755)
            for useless in ("perl", "perl5", "python3", "locale", "doc"):
                for place in ("usr/share", "usr/lib", f"usr/lib/{triplet}"):
                    shutil.rmtree(root / place / useless, ignore_errors=True)
            (Path(tmp) / "layer").rename(path)
    return path


class Refused(Exception):
    """CRIU does not run here; the text is the evidence."""


async def call(node, line, log=None):
    status, text = await node.call(line, STEP_SECONDS)
    if status:
        if log:
            _, tail = await node.call(f"grep -iE 'error|warn' {log} | tail -n 12")
            text += tail
        raise Refused(f"node {node.id}: {line}\n{text.strip()}")
    return text


async def took(node, line, log=None):
    """Nanoseconds that a command took there."""
    text = await call(node, f"{BENCH} stopwatch {line}", log)
    for word in text.splitlines():
        if word.startswith("took "):
            return float(word.split()[1])
    raise Failure(f"node {node.id}: {line}: {text.strip()}")


async def check(node):
    """
    What CRIU says of this kernel. Its first use finds out what there is and keeps
    it in /run, so that the first move takes no longer than the others.
    """
    _, text = await node.call("criu check; criu --version", STEP_SECONDS)
    lines = text.strip().splitlines()
    return "\n".join(lines if "Looks good." not in lines else
                     [l for l in lines if l == "Looks good." or l.startswith("Version")])


async def move(home, other, address, mib):
    """One move. Returns nanoseconds of dump, copy and restore."""
    pid = (await call(home, f"rm -rf {IMAGES}; mkdir -p {IMAGES};"
                            f" {BENCH} hold {mib} {CHECKED}")).split()[-1]
    there = False
    try:
        dump = await took(home, f"criu dump -t {pid} -D {IMAGES} -o dump.log -v2",
                          f"{IMAGES}/dump.log")
        copy = await took(home, f"{BENCH} send {address} {IMAGES}")
        there = True
        restore = await took(other, f"criu restore -d -D {IMAGES} -o restore.log -v2",
                             f"{IMAGES}/restore.log")
        # Only a process that still has its memory counts.
        await call(other, f"kill -USR1 {pid}; for i in $(seq 600); do"
                          f" [ -e {CHECKED} ] && exit 0; sleep 0.1; done; exit 1")
    finally:
        await home.call(f"kill -KILL {pid} 2>/dev/null; rm -rf {IMAGES}")
        if there:
            await other.call(f"kill -KILL {pid} 2>/dev/null; rm -rf {IMAGES} {CHECKED}")
    return dump, copy, restore


async def compare(cluster, samples, sizes, rounds):
    """Samples criu_{dump,copy,restore,total}_MIB; returns what CRIU said of the kernel."""
    home, other = cluster.nodes[1], cluster.nodes[2]
    await check(other)
    said = await check(home)
    for number in range(rounds):
        for mib in sizes:
            steps = await move(home, other, cluster.config.address(2), mib)
            for name, value in zip(("dump", "copy", "restore", "total"), (*steps, sum(steps))):
                samples.feed(f"criu_{name}_{mib} {number} {value:.0f}")
    return said
