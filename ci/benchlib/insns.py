# SPDX-License-Identifier: GPL-2.0
"""
Instructions that a kernel executes for a system call, a fork and an exec.

Under QEMU's -icount shift=0 virtual time is the number of instructions executed
so far, and the time stamp counter shows it (arm64: the virtual counter, 16
instructions to a tick). The program of the benchmark is the only process of a
machine with one CPU, no disk and no network, and nothing but instructions makes
its time go on, so two kernels can be compared although this machine is shared.
"""

import subprocess

from clusterlib.machine import CONSOLE, QEMU, board
from clusterlib.places import Failure
from clusterlib.programs import cpio

SECONDS = 900


def command(arch, kernel, initrd, rounds):
    cpu = {"x86_64": "max", "arm64": "max,pauth-impdef=on"}[arch]
    append = f"console={CONSOLE[arch]} quiet panic=-1 nokaslr norandmaps rdinit=/init" \
             f" -- insns {rounds}"
    return [QEMU[arch], "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            *board(arch), "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
            "-rtc", "clock=vm", "-cpu", cpu, "-m", "256M", "-kernel", str(kernel),
            "-initrd", str(initrd), "-append", append, "-serial", "stdio"]


def count(arch, kernel, program, directory, rounds):
    """What the program prints on this kernel."""
    initrd = directory / "insns.initrd"
    initrd.write_bytes(cpio([("init", 0o100755, program.read_bytes())]))
    try:
        done = subprocess.run(command(arch, kernel, initrd, rounds), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=SECONDS,
                              check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"{kernel.name} counted no instructions within {SECONDS} s") from None
    if "# done" not in done.stdout:
        tail = " / ".join((done.stdout + done.stderr).strip().splitlines()[-3:])
        raise Failure(f"the instructions of {kernel} could not be counted: {tail}")
    return done.stdout
