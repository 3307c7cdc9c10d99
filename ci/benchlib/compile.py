# SPDX-License-Identifier: GPL-2.0
"""
A parallel build of a real C project: `make -j` on one node, and spread over three.

The project is libtomcrypt, as Debian has it: some hundred small files and a plain
makefile, so that it is all compiling. It lies in a directory of this machine that the
nodes share, and is built with the nodes' own gcc.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from clusterlib.places import CACHE, Failure
from clusterlib.rootfs import Apt

SOURCE = "libtomcrypt"
ROOTFS = ["gcc", "libc6-dev", "make", "binutils"]
SHARE = "/share"
# Few enough for one round in some minutes under emulation, and many for three nodes.
DIRECTORIES = "ciphers encauth hashes mac math misc modes prngs stream"


def source(arch, directory):
    """Download the project and unpack it there. Returns its directory."""
    apt = Apt(arch)
    home = CACHE / "sources"
    for d in ("lists/partial", "archives/partial"):
        (home / d).mkdir(parents=True, exist_ok=True)
    sources = (apt.home / "sources.sources").read_text()
    (home / "sources.sources").write_text(sources.replace("Types: deb\n", "Types: deb-src\n"))
    options = ["-oAPT::Sandbox::User=", "-oAcquire::Languages=none", f"-oDir::State={home}",
               f"-oDir::State::lists={home}/lists", f"-oDir::Cache={home}",
               f"-oDir::Etc::sourcelist={home}/sources.sources",
               "-oDir::Etc::sourceparts=/dev/null"]
    for command in (["update"], ["source", "--download-only", "--tar-only", SOURCE]):
        done = subprocess.run(["apt-get", "-q", *options, *command], cwd=home, text=True,
                              capture_output=True, check=False)
        if done.returncode:
            raise Failure(f"apt-get {command[0]} of {SOURCE}: {done.stderr.strip()[-300:]}")
    tar = max(home.glob(f"{SOURCE}_*.orig.tar.*"), default=None)
    if not tar:
        raise Failure(f"apt-get brought no source of {SOURCE}")
    done = subprocess.run(["tar", "-C", directory, "-xf", tar], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise Failure(f"{tar.name}: {done.stderr.strip()}")
    return next(Path(directory).glob(f"{SOURCE}-*"))


def objects(project):
    """The objects to make: those of some of its directories."""
    found = sorted(str(c.relative_to(project).with_suffix(".o"))
                   for d in DIRECTORIES.split() for c in (project / "src" / d).rglob("*.c")
                   # a file that others include
                   if not c.stem.endswith("tab") and c.stem != "sha384")
    listed = (project / "makefile.unix").read_text()
    return [o for o in found if o in listed]


async def build(cluster, project, wanted, spread, jobs, seconds):
    """One build from the start. Returns its seconds and a sum of what it made."""
    for o in project.rglob("*.o"):
        o.unlink()
    # the stopwatch tells nanoseconds
    line = (f"cd {SHARE}/{project.name}; /usr/lib/ssi/tests/bench stopwatch {spread} make"
            f" -s -f makefile.unix -j{jobs} CC=gcc 'CFLAGS=-O1 -DLTC_SOURCE -Isrc/headers'"
            f" {' '.join(wanted)} > /tmp/make 2>&1; s=$?; tail -n 6 /tmp/make; exit $s")
    status, text = await cluster.nodes[1].call(line, seconds)
    made = [project / o for o in wanted]
    if status or not all(o.exists() for o in made):
        raise Failure(f"make of {SOURCE}, {spread or 'on one node'}: status {status}, "
                      f"{sum(o.exists() for o in made)} of {len(made)} files: {text.strip()[-300:]}")
    digest = hashlib.sha256(b"".join(o.read_bytes() for o in made)).hexdigest()
    return float(text.strip().splitlines()[-1].split()[-1]), digest


async def measure(cluster, args, samples, extra):
    project = extra["project"]
    wanted = objects(project)[:args.compile_files or None]
    # what the nodes read of their root file system once is not what is measured
    for node in cluster.nodes.values():
        await node.call(f"cd {SHARE}/{project.name}; gcc -O1 -DLTC_SOURCE -Isrc/headers -o"
                        f" /tmp/x.o -c src/misc/zeromem.c", 300)
    sums = set()
    for number in range(args.rounds):
        for name, spread, jobs in (("make_one", "", 2), ("make_three", "ssi run --spread", 6)):
            took, digest = await build(cluster, project, wanted, spread, jobs, 3600)
            sums.add(digest)
            samples.feed(f"{name} {number} {took:.0f}")
            print(f"  {name} {number} {took:.0f}", file=sys.stderr, flush=True)
    if len(sums) != 1:
        samples.failures.append("the builds made different files")
