# SPDX-License-Identifier: GPL-2.0
"""Where things are: the clone, what it built, the cache; and for which machine."""

import contextlib
import fcntl
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
BUILD = TOP / "build"
LOG = BUILD / "log"
RUN = BUILD / "run"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "linuxssi"

ARCHES = {
    # name: (Debian's, GNU triplet, image)
    "x86_64": ("amd64", "x86_64-linux-gnu", "arch/x86/boot/bzImage"),
    "arm64": ("arm64", "aarch64-linux-gnu", "arch/arm64/boot/Image"),
}


class Failure(Exception):
    """One sentence for the person who started this."""


def host_arch():
    return {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


def debian_arch(arch):
    return ARCHES[arch][0]


def compiler(arch):
    return "gcc" if arch == host_arch() else ARCHES[arch][1] + "-gcc"


def kernel_image(arch, variant):
    return BUILD / (f"{arch}-{variant}" if variant else arch) / ARCHES[arch][2]


# Which package a command comes from.
PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "mkfs.erofs": "erofs-utils",
    "gcc": "gcc libc6-dev",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
    "x86_64-linux-gnu-gcc": "gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
    "dpkg-deb": "dpkg",
    "apt-get": "apt",
    "setpriv": "util-linux",
    "make": "make",
    "python3-yaml": "python3-yaml",
}


def have(what):
    if what == "python3-yaml":
        return importlib.util.find_spec("yaml") is not None
    return shutil.which(what) is not None


def need(*wanted):
    """Have these commands: ci/packages installs their packages or says how."""
    missing = [w for w in wanted if not have(w)]
    if missing:
        packages = ["+" + p for w in missing for p in PACKAGES[w].split()]
        done = subprocess.run([TOP / "ci/packages", *packages], stdout=sys.stderr, check=False)
        importlib.invalidate_caches()
        if done.returncode or not all(have(w) for w in missing):
            raise Failure(f"{', '.join(missing)} not found")


@contextlib.contextmanager
def locked(path):
    """Only one process at a time does what follows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch():
    """A directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="linuxssi-") as directory:
        yield Path(directory)


def make_erofs(source, image):
    """Pack a directory into a read-only image, all of it root's, uncompressed."""
    part = image.with_name(image.name + f".{os.getpid()}")
    done = subprocess.run(["mkfs.erofs", "--quiet", "--all-root", "-T0", part, source],
                          capture_output=True, text=True)
    if done.returncode:
        part.unlink(missing_ok=True)
        raise Failure(f"mkfs.erofs {source}: {done.stderr.strip() or done.stdout.strip()}")
    part.rename(image)
