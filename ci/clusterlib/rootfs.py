# SPDX-License-Identifier: GPL-2.0
"""
Root file systems from Debian packages of the guest's architecture.

The packages are those of this machine's own Debian release, had with an apt
configuration of our own (lists, cache and an empty status file under the cache
directory) and only unpacked, never installed: no root is needed and no
maintainer script runs. The few links that such scripts would make are made
here. The result is an uncompressed EROFS image, kept in the cache under a name
that depends on the architecture, the release and the packages asked for.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from .places import CACHE, Failure, debian_arch, locked, make_erofs, need

ALWAYS = ["busybox-static"]
# Debian's busybox runs its own applet where it has one of that name, whatever
# else is in PATH. Where packages are asked for, whatever starts programs must
# not be busybox, or it would be its xz that runs.
STARTERS = ["dash", "coreutils", "findutils", "util-linux", "time"]
FORMAT = "5"            # raise it when the same packages make another image
LISTS_DAYS = 7          # apt's lists are refreshed when older
IMAGE_DAYS = 60         # an image that nobody used for so long is removed

# What maintainer scripts would link: link, then globs for what it points to.
ALTERNATIVES = {
    "usr/bin/sh": ["usr/bin/dash"],
    "usr/bin/awk": ["usr/bin/gawk", "usr/bin/mawk"],
    "usr/bin/cc": ["usr/bin/gcc"],
    "usr/bin/c++": ["usr/bin/g++"],
    "usr/bin/*": ["usr/lib/jvm/*/bin/*"],
}

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
                  "user:x:1000:1000:user:/tmp:/bin/sh\n"
                  "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n",
    "etc/group": "root:x:0:\ntty:x:5:\nuser:x:1000:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost\n" +
                 "".join(f"10.77.0.{n} node{n}\n" for n in range(1, 33)),
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "etc/profile": "PS1='\\h# '\n",
    "etc/inputrc": "",
}


def machine_release():
    """This machine's release name and its apt sources for it, deb822 paragraphs."""
    release = {}
    for line in Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        release[key] = value.strip('"')
    name = release.get("VERSION_CODENAME", "")
    if not name:
        raise Failure("/etc/os-release names no VERSION_CODENAME: a Debian machine is needed")
    sources = [s for s in machine_sources() if "main" in s["Components"]]
    for names in ([name], ["stable", "testing", "unstable", "sid"]):
        found = []
        for s in sources:
            suites = [x for x in s["Suites"]
                      if x.split("-")[0] in names and "backports" not in x]
            if suites:
                found.append({**s, "Suites": suites, "Components": ["main"]})
        if found:
            return name, found
    raise Failure(f"no apt source of this machine has {name} main")


def machine_sources():
    files = [Path("/etc/apt/sources.list")]
    files += sorted(Path("/etc/apt/sources.list.d").glob("*"))
    for path in files:
        if not path.is_file():
            continue
        text = path.read_text()
        if path.suffix == ".sources":
            yield from deb822_sources(text)
        elif path.suffix == ".list":
            yield from line_sources(text)


def deb822_sources(text):
    text = "\n".join(l for l in text.splitlines() if not l.startswith("#"))
    for paragraph in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([\w-]+):[ \t]*((?:.|\n[ \t])*)", paragraph, re.M))
        fields = {k.title(): v.strip() for k, v in fields.items()}
        if "deb" not in fields.get("Types", "").split() or \
           fields.get("Enabled", "yes").lower() == "no":
            continue
        yield {"URIs": fields["Uris"].split(), "Suites": fields["Suites"].split(),
               "Components": fields.get("Components", "").split(),
               "Signed-By": fields.get("Signed-By", "")}


def line_sources(text):
    for line in text.splitlines():
        m = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+(.*)", line.split("#")[0])
        if m:
            options = dict(o.split("=", 1) for o in (m[1] or "").split() if "=" in o)
            yield {"URIs": [m[2]], "Suites": [m[3]], "Components": m[4].split(),
                   "Signed-By": options.get("signed-by", "")}


class Apt:
    """apt for another architecture, apart from this machine's own."""

    def __init__(self, arch):
        self.release, self.sources = machine_release()
        self.arch = debian_arch(arch)
        self.home = CACHE / "apt" / f"{self.release}-{self.arch}"
        for d in ("lists/partial", "archives/partial"):
            (self.home / d).mkdir(parents=True, exist_ok=True)
        (self.home / "status").touch()
        with open(self.home / "sources.sources", "w") as f:
            for s in self.sources:
                f.write(f"Types: deb\nURIs: {' '.join(s['URIs'])}\n"
                        f"Suites: {' '.join(s['Suites'])}\nComponents: main\n")
                if s["Signed-By"]:
                    f.write(f"Signed-By: {s['Signed-By']}\n")
                f.write("\n")
        h = self.home
        # This machine's own apt.conf stays in force: it may name a proxy.
        self.options = [f"-o{o}" for o in (
            f"APT::Architecture={self.arch}", f"APT::Architectures={self.arch}",
            "APT::Install-Recommends=false", "APT::Get::AllowUnauthenticated=false",
            "APT::Sandbox::User=", "Acquire::Languages=none", "Acquire::Retries=3",
            f"Dir::State={h}", f"Dir::State::lists={h}/lists", f"Dir::State::status={h}/status",
            f"Dir::Cache={h}", f"Dir::Cache::archives={h}/archives",
            f"Dir::Etc::sourcelist={h}/sources.sources", "Dir::Etc::sourceparts=/dev/null",
            "Dir::Etc::preferencesparts=/dev/null", "Debug::NoLocking=true")]

    def run(self, *args):
        done = subprocess.run(["apt-get", "-q", "-y", *self.options, *args], text=True,
                              capture_output=True, env={**os.environ, "LC_ALL": "C"})
        if done.returncode:
            errors = [l for l in (done.stderr + done.stdout).splitlines() if l.startswith("E:")]
            raise Failure(f"apt-get {args[0]} for {self.arch}: " +
                          (" ".join(errors) or done.stderr.strip()))
        return done.stdout

    def update(self, force):
        stamp = self.home / "updated"
        if not force and stamp.exists() and \
           time.time() - stamp.stat().st_mtime < LISTS_DAYS * 86400:
            return
        self.run("update")
        stamp.touch()

    def fetch(self, packages):
        """Download packages and all they depend on. Returns the .deb files."""
        plan = self.run("--simulate", "install", *packages)
        debs = []
        for m in re.finditer(r"^Inst (\S+) \((\S+) .*\[(\w+)\]\)", plan, re.M):
            name, version, arch = m[1].split(":")[0], m[2].replace(":", "%3a"), m[3]
            debs.append(self.home / "archives" / f"{name}_{version}_{arch}.deb")
        self.run("--download-only", "install", *packages)
        lost = [d.name for d in debs if not d.exists()]
        if lost:
            raise Failure(f"apt-get did not bring {', '.join(lost)}")
        return debs


def applets(busybox):
    """The names that a busybox binary answers to, without running it."""
    data = busybox.read_bytes()
    start = data.find(b"\0[\0[[\0") + 1
    if not start:
        raise Failure(f"no applet table in {busybox}")
    names = []
    for name in data[start:start + 16384].split(b"\0"):
        if not re.fullmatch(rb"[\w.\[-]+", name) or (names and name <= names[-1]):
            break
        names.append(name)
    return [n.decode() for n in names]


def link(root, path, target):
    """Make root/path point to root/target, unless something is there."""
    at = root / path
    if not at.is_symlink() and not at.exists():
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to("/" + str(target))


def unpack(debs, root):
    # Packages may still ship /bin, /lib …: let them land behind the links.
    for d in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / d).mkdir(parents=True)
        (root / d).symlink_to("usr/" + d)
    for deb in debs:
        # --keep-directory-symlink: bin stays a link when a package has bin/
        done = subprocess.run(
            f"dpkg-deb --fsys-tarfile {shlex.quote(str(deb))} |"
            f" tar -x -C {shlex.quote(str(root))} --keep-directory-symlink --no-same-owner"
            " --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./dev",
            shell=True, executable="/bin/bash", capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"unpacking {deb.name}: {done.stderr.strip()}")


def finish(root):
    for path, globs in ALTERNATIVES.items():
        for glob in globs:
            for target in sorted(root.glob(glob)):
                name = path.replace("*", target.name)
                link(root, name, target.relative_to(root))
    for name in applets(root / "usr/bin/busybox"):
        if not any((root / d / name).exists() for d in ("usr/bin", "usr/sbin")):
            link(root, f"usr/bin/{name}", "usr/bin/busybox")
    for d in ("dev", "proc", "sys", "tmp", "run", "root", "etc", "var/tmp", "mnt"):
        (root / d).mkdir(parents=True, exist_ok=True)
    for path, text in FILES.items():
        (root / path).write_text(text)
    link(root, "etc/mtab", "proc/self/mounts")
    # ld.so looks into Debian's library directories without a cache file;
    # packages with others name them in ld.so.conf.d, which needs ldconfig.
    if list((root / "etc/ld.so.conf.d").glob("*.conf")) and shutil.which("/sbin/ldconfig"):
        subprocess.run(["/sbin/ldconfig", "-r", root], capture_output=True, check=False)


def image(arch, packages, refresh=False, say=lambda text: None):
    """The path of the image with these packages; built when it is not there."""
    wanted = sorted({*packages, *ALWAYS, *(STARTERS if packages else [])})
    release, _ = machine_release()
    key = hashlib.sha256("\n".join([FORMAT, arch, release, *wanted]).encode()).hexdigest()[:16]
    path = CACHE / "rootfs" / f"{arch}-{key}.erofs"
    if path.exists() and not refresh:
        os.utime(path)
        return path
    need("mkfs.erofs", "dpkg-deb", "apt-get")
    with locked(CACHE / "rootfs" / f"{arch}.lock"):
        if path.exists() and not refresh:
            return path
        say(f"building a root file system for {arch} with {' '.join(wanted)}")
        start = time.time()
        apt = Apt(arch)
        apt.update(refresh)
        try:
            debs = apt.fetch(wanted)
        except Failure:
            apt.update(True)    # the mirror may have moved on since the lists
            debs = apt.fetch(wanted)
        with tempfile.TemporaryDirectory(dir=CACHE / "rootfs", prefix="tmp-") as tmp:
            root = Path(tmp) / "root"
            unpack(debs, root)
            finish(root)
            make_erofs(root, path)
        for old in path.parent.glob("*.erofs"):
            if time.time() - old.stat().st_mtime > IMAGE_DAYS * 86400:
                old.unlink()
                old.with_suffix(".txt").unlink(missing_ok=True)
        path.with_suffix(".txt").write_text("".join(d.name + "\n" for d in debs))
        say(f"{path.name}: {len(debs)} packages, {path.stat().st_size >> 20} MiB,"
            f" {time.time() - start:.0f} s")
    return path
