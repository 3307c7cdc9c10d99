# SPDX-License-Identifier: GPL-2.0
"""
Nodes that are whole systems, with an init of their own, as ci/system makes them.

Each has a disk of its own, which begins as the image and lasts for as long as the
cluster does. The agent's initramfs copies there what lies on top of the image, and
what this file writes: the node's name and network, for systemd-networkd, and a
service that is the agent.

We are the boot loader too. /boot of a node is a directory of this machine; what
update-initramfs put there is used at the next boot, with the words of /boot/cmdline.
"""

import subprocess

from .places import Failure, make_erofs

AGENT = """\
[Unit]
Description=Agent of ci/cluster
DefaultDependencies=no

[Service]
ExecStart=/usr/lib/cluster/agent serve
KillMode=process
"""


def files(c, ident):
    """What a node has that no other has: {path: text}."""
    here = c.address(ident)
    wanted = {
        "etc/hostname": f"node{ident}\n",
        "etc/hosts": "127.0.0.1 localhost\n" + "".join(f"{c.address(i)} node{i}\n" for i in c.ids),
        "etc/fstab": "/dev/vda / ext4 rw 0 0\n"
                     "boot /boot 9p trans=virtio,version=9p2000.L,msize=262144 0 0\n",
        "etc/systemd/network/10-lo.network":
            f"[Match]\nName=lo\n\n[Network]\nAddress={here}/32\n",
        "etc/systemd/system/cluster-agent.service": AGENT,
    }
    for peer in c.ids:
        if peer == ident:
            continue
        match = f"[Match]\nMACAddress={c.mac(ident, peer)}\n\n"
        wanted[f"etc/systemd/network/10-to{peer}.link"] = f"{match}[Link]\nName=to{peer}\n"
        wanted[f"etc/systemd/network/10-to{peer}.network"] = \
            f"{match}[Network]\nLinkLocalAddressing=no\n\n" \
            f"[Address]\nAddress={here}/32\nPeer={c.address(peer)}/32\n"
    return wanted


def prepare(c, ident):
    """Make a node's disk and its /boot. Returns the image of its own files."""
    done = subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", c.system,
                           disk(c, ident)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"qemu-img: {done.stderr.strip()}")
    boot(c, ident).mkdir()
    root = c.run_dir / f"node{ident}"
    for path, text in files(c, ident).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    units = root / "etc/systemd/system"
    for target, unit in (("sysinit", "cluster-agent"), ("multi-user", "systemd-networkd"),
                         ("network-online", "systemd-networkd-wait-online")):
        wants = units / f"{target}.target.wants"
        wants.mkdir(exist_ok=True)
        place = "/etc" if target == "sysinit" else "/usr/lib"
        (wants / f"{unit}.service").symlink_to(f"{place}/systemd/system/{unit}.service")
    image = c.run_dir / f"node{ident}.erofs"
    make_erofs(root, image)
    return image


def disk(c, ident):
    return c.run_dir / f"disk{ident}.qcow2"


def boot(c, ident):
    return c.run_dir / f"boot{ident}"


def loader(c, ident):
    """The initramfs to boot with, and words for the kernel's command line."""
    words = ["root=/dev/vda", "rw"]
    if (boot(c, ident) / "cmdline").exists():
        words += (boot(c, ident) / "cmdline").read_text().split()
    own = sorted(boot(c, ident).glob("initrd.img-*"))
    return (own[-1] if own else c.initrd), words


def devices(c, ident):
    """QEMU's arguments for the disk, which is to be the first, and /boot."""
    return ["-blockdev", f"driver=qcow2,node-name=root,file.driver=file,"
                         f"file.filename={disk(c, ident)}",
            "-device", "virtio-blk-pci,drive=root,serial=root",
            "-fsdev", f"local,id=boot,path={boot(c, ident)},security_model=none",
            "-device", "virtio-9p-pci,fsdev=boot,mount_tag=boot"]


def last_word(node):
    """What the kernel of a machine that has ended said last: restart, off or None."""
    for line in node.log.read_text(errors="replace").splitlines()[-5:]:
        if "reboot: Restarting system" in line:
            return "restart"
        if "reboot: Power down" in line:
            return "off"
    return None


__all__ = ["devices", "last_word", "loader", "prepare"]
