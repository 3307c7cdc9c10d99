# SPDX-License-Identifier: GPL-2.0
"""The command line of ci/cluster."""

import argparse
import asyncio
import contextlib
import ctypes
import os
import re
import signal
import sys
from pathlib import Path

from . import places, programs, rootfs, terminal
from .cluster import Cluster, Config
from .faults import NET_USAGE, NODE_USAGE
from .machine import QEMU
from .places import Failure

EXIT_SPLAT, EXIT_TIMEOUT, EXIT_HARNESS = 99, 124, 125

EPILOG = f"""\
COMMAND runs in a shell on node 1. One argument is a shell command line, more
are a command and its arguments. There, beside ssi:

on [-n] [-t] NODE COMMAND…     run COMMAND on another node, output and status come
                               back; works over the host, so also when the network is cut
{NET_USAGE}{NODE_USAGE}
exit status: that of COMMAND; {EXIT_SPLAT} when a kernel complained (warning, oops, lockdep,
KASAN, stall, leak …) or a node died by itself; {EXIT_TIMEOUT} after --timeout; {EXIT_HARNESS} when the
cluster could not be had.
"""


def parse(argv):
    own, command = argv, []
    if "--" in argv:
        at = argv.index("--")
        own, command = argv[:at], argv[at + 1:]
    p = argparse.ArgumentParser(
        prog="ci/cluster", usage="ci/cluster [OPTION]… -- COMMAND…",
        formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG,
        description="Boot a cluster of virtual machines, run COMMAND on it, clean up.")
    p.add_argument("-n", "--nodes", type=int, default=3, metavar="N", help="how many nodes (3)")
    p.add_argument("-a", "--arch", choices=places.ARCHES,
                   default=os.environ.get("ARCH") or places.host_arch())
    p.add_argument("--debug", action="store_true",
                   help="as --variant debug; and look for leaks at the end")
    p.add_argument("--variant", default=os.environ.get("VARIANT", ""), metavar="V",
                   help="boot the kernel of build/ARCH-V (debug, kasan …)")
    p.add_argument("--kernel", type=Path, metavar="FILE", default=os.environ.get("KERNEL"),
                   help="boot this image; default: $KERNEL, else what make kernel built")
    p.add_argument("--kvm", action="store_true", default=bool(os.environ.get("KVM")),
                   help="use KVM instead of emulation; default: if $KVM is set")
    p.add_argument("--smp", type=int, default=1, metavar="K", help="CPUs of each node (1)")
    p.add_argument("--mem", default="512M", metavar="M", help="memory of each node (512M)")
    p.add_argument("--rootfs", nargs="+", action="extend", default=[], metavar="PACKAGE",
                   help="Debian packages for the nodes, beside busybox-static")
    p.add_argument("--overlay", action="append", type=Path, default=[], metavar="DIR",
                   help="put what is in DIR on top of the root file system")
    p.add_argument("--system", type=Path, metavar="IMAGE",
                   help="the nodes are whole systems, with their own init, on copies of the disk"
                        " IMAGE (see ci/system); implies --no-join")
    p.add_argument("--share", type=Path, metavar="DIR",
                   help="a directory of this machine, /share on all nodes, who may write to it")
    p.add_argument("--append", action="append", default=[], metavar="ARGS",
                   help="more of the kernel command line")
    p.add_argument("--net", action="append", default=[], metavar="FAULT",
                   help="a fault to begin with, such as 'delay 1 2 20ms'")
    p.add_argument("--mtu", type=int, default=9000,
                   help="of the links (9000: a page fits in one packet)")
    p.add_argument("--no-join", dest="join", action="store_false",
                   help="plain virtual machines: no node joins anything")
    p.add_argument("--insecure", action="store_true", help="no key and no encryption")
    p.add_argument("--build", action="store_true",
                   help="only build what runs on the nodes: build/ARCH/ssi, selftests, agent")
    p.add_argument("--shell", action="store_true", help="a shell on node 1 at this terminal")
    p.add_argument("--stdin", action="store_true", help="COMMAND gets this standard input")
    p.add_argument("--timeout", type=float, metavar="SECONDS", help="for COMMAND")
    p.add_argument("--boot-timeout", type=float, dest="boot_seconds", metavar="SECONDS",
                   help="for a node to come up (120, of a variant 300)")
    p.add_argument("--ignore-splat", type=re.compile, dest="ignore", metavar="REGEX",
                   help="console lines that are meant to be there")
    p.add_argument("--log", type=Path, metavar="DIR",
                   help="keep the consoles' logs here (else under build/log, kept on failure)")
    p.add_argument("--qemu", nargs="+", action="extend", default=[], metavar="ARG",
                   help="more QEMU arguments")
    p.add_argument("-q", "--quiet", action="store_true", help="say nothing unless it fails")
    args = p.parse_args(own)
    if args.debug and not args.variant:
        args.variant = "debug"
    if bool(command) + args.shell + args.build != 1:
        p.error("one of --build, --shell, -- COMMAND…")
    if not 1 <= args.nodes <= 16:
        p.error("1 to 16 nodes")
    for directory in args.overlay:
        if not directory.is_dir():
            p.error(f"--overlay {directory}: no such directory")
    if args.system and not args.system.is_file():
        p.error(f"--system {args.system}: no such file")
    if args.system and args.rootfs:
        p.error("--system has its own packages: leave out --rootfs")
    if args.share and not args.share.is_dir():
        p.error(f"--share {args.share}: no such directory")
    if args.shell and not os.isatty(0):
        p.error("--shell needs a terminal")
    return args, command


def configure(args, say):
    c = Config()
    vars(c).update(vars(args))
    c.name = f"ci{os.getpid()}"
    c.ids = range(1, args.nodes + 1)
    c.overlays = [d.resolve() for d in args.overlay]
    c.share = args.share and args.share.resolve()
    c.kernel = Path(args.kernel) if args.kernel else \
        places.kernel_image(args.arch, args.variant)
    c.system = args.system and args.system.resolve()
    c.join = args.join and not c.system
    c.boot_seconds = args.boot_seconds or (600 if c.system else 300 if args.variant else 120)
    c.log = (args.log or places.LOG / f"cluster-{os.getpid()}").resolve()
    c.append = ["kmemleak=on"] * args.debug + ["ssi.insecure=1"] * args.insecure
    c.append += [w for a in args.append for w in a.split()]
    if not c.kernel.is_file():
        raise Failure(f"no kernel {c.kernel}: make kernel ARCH={args.arch}"
                      + (f" VARIANT={args.variant}" if args.variant else ""))
    if c.kvm and (args.arch != places.host_arch() or not os.access("/dev/kvm", os.R_OK | os.W_OK)):
        raise Failure(f"no /dev/kvm for {args.arch} that I may use: leave out --kvm")
    places.need(QEMU[args.arch], "setpriv", "mkfs.erofs")
    if c.system:
        places.need("qemu-img")
    else:
        c.rootfs = rootfs.image(args.arch, args.rootfs, say=say)
    return c


async def execute(cluster, command, args):
    """Run the command on node 1. Returns its status."""
    node = cluster.nodes[1]
    if args.shell:
        return await terminal.interactive(node)
    if len(command) == 1:
        command = [f". /etc/profile; {command[0]}"]
    else:
        command = ["/bin/sh", "-c", '. /etc/profile; exec "$@"', "sh", *command]
    process = node.run(command, terminal.output)
    feeding = None
    if args.stdin:
        feeding = asyncio.create_task(terminal.feed(process, 0))
    else:
        await process.write(b"")
    broke = asyncio.create_task(cluster.failed.wait())
    try:
        done, _ = await asyncio.wait([process.status, broke], timeout=args.timeout,
                                     return_when=asyncio.FIRST_COMPLETED)
        if not done:
            cluster.say(f"COMMAND did not end within {args.timeout:g} s")
            return EXIT_TIMEOUT
        if process.status.done():
            return process.status.result()
        await asyncio.sleep(1)      # let the trace be printed whole
        return EXIT_SPLAT
    finally:
        broke.cancel()
        if feeding:
            feeding.cancel()


async def session(config, command, args, say):
    cluster = Cluster(config, say)
    status, cancelled = EXIT_HARNESS, False
    try:
        cluster.prepare()
        await cluster.boot()
        status = await execute(cluster, command, args)
        if args.debug and not cluster.failed.is_set():
            await cluster.leaks()
        await asyncio.sleep(0.1)
    except Failure as failure:
        say(str(failure))
    except asyncio.CancelledError:
        cancelled = True
        raise
    finally:
        good = cancelled or cluster.verdict()
        keep = args.log is not None or not good or status in (EXIT_TIMEOUT, EXIT_HARNESS)
        if keep and cluster.nodes and not cancelled:
            say(f"consoles: {config.log}")
        cluster.close(keep)
    return status if good or status == EXIT_HARNESS else EXIT_SPLAT


def die_with_parent():
    """Nobody is left to read what we say: end as after SIGTERM."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)      # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(EXIT_HARNESS)


async def until_signal(coroutine):
    """Run it; a signal cancels it, so that it cleans up, and is the status."""
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(coroutine)
    caught = []

    def stop(number):
        caught.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return 128 + caught[0]


def main(argv):
    args, command = parse(argv)

    def say(text):
        if not args.quiet or text.startswith(("node", "  ", "consoles")):
            print(f"ci/cluster: {text}", file=sys.stderr, flush=True)

    die_with_parent()
    try:
        if args.build:
            programs.agent(args.arch)
            for path in programs.build(args.arch).values():
                print(path)
            return 0
        config = configure(args, say)
    except Failure as failure:
        print(f"ci/cluster: {failure}", file=sys.stderr)
        return EXIT_HARNESS
    return asyncio.run(until_signal(session(config, command, args, say)))
