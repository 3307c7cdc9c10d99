# SPDX-License-Identifier: GPL-2.0
"""Where a kernel's code calls what allocates: the addresses to which these calls return."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass

from clusterlib.places import Failure

PREFIX = {"x86_64": "x86_64-linux-gnu-", "arm64": "aarch64-linux-gnu-"}

# What takes memory, and what takes it on behalf of its caller.
ALLOCATES = re.compile(
    r"_*(k(v|vm)?[mzc]alloc|k(v)?realloc|v[mz]alloc|vmap|kv?memdup|kstrn?dup|kv?asprintf"
    r"|kmem_cache_(alloc|create)|alloc_(pages|percpu|workqueue|skb|file|netdev|pid|bprm)"
    r"|folio_alloc|vma_alloc_folio|get_free_pages|get_zeroed_page|pcpu_alloc"
    r"|xa_(store|alloc|insert|cmpxchg|reserve)|xas_(nomem|create)|id[ra]_alloc"
    r"|kthread_create|kernel_clone|user_mode_thread|copy_process|mm_alloc|vm_area_alloc"
    r"|do_mmap|vm_mmap|install_special_mapping|memremap_pages|migrate_vma_(setup|pages)"
    r"|prepare_(creds|kernel_cred)|sock_(create|alloc|sendmsg|recvmsg)"
    r"|kernel_(sendmsg|recvmsg|connect|bind|listen|accept)|anon_inode_get|filemap_add"
    r"|dentry_open|filp_open|file_open_root|kern_path|d_alloc|new_inode|seq_open|single_open"
    r"|ssi_msg_alloc|begin_new_exec|get_unused_fd|shrinker_alloc|mmu_(interval_)?notifier_insert"
    r"|vfs_(read|write|iocb|readlink)|copy_splice)\w*")
CALL = re.compile(r"^\s*[0-9a-f]+:\s.*\b(?:call|bl)\s+[0-9a-f]+ <(\w+)(?:\.\w+)*>$")
GAP = 65536
FUNCTION = re.compile(r"^[0-9a-f]+ <(\S+)>:$")


@dataclass(frozen=True)
class Site:
    returns: int        # address after the call
    function: str
    number: int         # of this callee in this function
    callee: str

    def __str__(self):
        return f"{self.function}: {self.callee}" + (f" ({self.number})" if self.number > 1 else "")


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{command[0]}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def functions(nm, path):
    return [(int(a, 16) if a else 0, name) for a, kind, name in
            (line.rsplit(" ", 2) for line in output(nm, path).splitlines() if line[0] != " ")
            if kind in "tT"]


def extent(nm, vmlinux, objects):
    """First and last function of these objects, which are linked in a row; all their names."""
    of_image = functions(nm, vmlinux)
    times = Counter(name for _, name in of_image)
    ours = {name for path in objects for _, name in functions(nm, path)}
    rows = []
    for address in sorted(a for a, name in of_image if name in ours and times[name] == 1):
        # what runs at boot only, and assembler's tables, are elsewhere
        if not rows or address - rows[-1][-1] > GAP:
            rows.append([])
        rows[-1].append(address)
    row = max(rows, key=len, default=[])
    if len(row) < 100:
        raise Failure(f"{vmlinux} has no code of kernel/ssi")
    return row[0], row[-1], ours


def sites(build, arch):
    """All of kernel/ssi that runs after boot, in the order of their addresses."""
    nm, objdump = PREFIX[arch] + "nm", PREFIX[arch] + "objdump"
    objects = sorted(p for p in (build / "kernel/ssi").glob("*.o")
                     if not p.name.startswith("built-in") and not p.name.endswith(".mod.o"))
    first, last, ours = extent(nm, build / "vmlinux", objects)
    listing = output(objdump, "-d", "--no-show-raw-insn", f"--start-address={first}",
                     f"--stop-address={last + GAP // 16}", build / "vmlinux")
    found, calls, function, callee = [], Counter(), None, None
    for line in listing.splitlines():
        if (name := FUNCTION.match(line)):
            function, callee = name[1], None
            continue
        address = re.match(r"^\s*([0-9a-f]+):", line)
        if address and callee:
            calls[function, callee] += 1
            found.append(Site(int(address[1], 16), function, calls[function, callee], callee))
        call = CALL.match(line)
        callee = call[1] if address and call and ALLOCATES.fullmatch(call[1]) else None
    return [s for s in found if s.function.split(".")[0] in {n.split(".")[0] for n in ours}]
