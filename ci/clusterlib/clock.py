# SPDX-License-Identifier: GPL-2.0
"""
Kernels that keep time on a host which has more to do than CPUs.

An emulated x86 kernel measures at boot how fast its time stamp counter runs,
against an emulated timer. On a busy host the result can be wrong by a factor,
and that node's seconds are then not those of its peers. Emulation hands out the
host's own counter, so we measure that, calmly, and tell the kernel.
"""

import ctypes
import functools
import mmap
import time

from .places import host_arch

# rdtsc; shl rdx, 32; or rax, rdx; ret
RDTSC = bytes.fromhex("0f3148c1e2204809d0c3")
SECONDS = 0.1


@functools.cache
def counter_khz():
    """How fast the host's time stamp counter runs, in kHz."""
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE |
                   mmap.PROT_EXEC) as page:
        page.write(RDTSC)
        code = ctypes.c_char.from_buffer(page)
        count = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(code))

        def sample():
            """Counter and clock at the same moment: the quickest of some tries."""
            tries = []
            for _ in range(50):
                before = time.monotonic_ns()
                ticks = count()
                after = time.monotonic_ns()
                tries.append((after - before, ticks, (before + after) / 2))
            return min(tries)[1:]

        ticks, start = sample()
        time.sleep(SECONDS)
        more, end = sample()
        del code
    return round((more - ticks) * 1e6 / (end - start))


def patience(arch, kvm):
    """Kernel parameters with which no wait is taken for something broken."""
    words = ["rcupdate.rcu_cpu_stall_timeout=120"]
    if arch == "x86_64" and not kvm:
        words.append("no_timer_check")
        if host_arch() == arch:
            words += [f"tsc_early_khz={counter_khz()}", "tsc=reliable"]
    return words
