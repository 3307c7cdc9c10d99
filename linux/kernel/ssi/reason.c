// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: why a process is at home, as a sentence
 */

/**
 * DOC: reasons
 *
 * Whatever another node cannot do for a process is done at home, and the
 * process may stay there.  Nobody can work with a process that "does not
 * migrate": each such decision carries one value of enum ssi_reason, and each
 * value has one sentence here.  The subject of each sentence is the process.
 * The kernel states what is the case; what to do about it is said by the tool,
 * which can change faster than the kernel.
 *
 * The sentences go to the caller of a move as extended acknowledgment, so
 * they must fit NETLINK_MAX_FMTMSG_LEN.  The table is constant: no object, no
 * lock, and no unhappy path but a value that a peer made up, which has a
 * sentence of its own.
 */

#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/export.h>

#include "reason.h"

static const char * const ssi_reason_texts[] = {
	[SSI_REASON_NONE] = "Nothing stands against a move",
	[SSI_REASON_REQUESTED] = "Somebody asked for it to be moved there",
	[SSI_REASON_SHARED_MAPPING] = "It uses memory that is shared with others",
	[SSI_REASON_HUGETLB] = "It has hugetlb memory, which stays on its node",
	[SSI_REASON_PFN_MAPPING] = "It has the memory of a device mapped",
	[SSI_REASON_USERFAULTFD] = "Its memory is watched by userfaultfd",
	[SSI_REASON_MEMORY_TAG] = "It uses tagged memory or addresses (MTE, LAM)",
	[SSI_REASON_PROTECTION_KEY] = "It has memory with protection keys",
	[SSI_REASON_SINGLE_STEP] = "A debugger executes it step by step",
	[SSI_REASON_COMPAT_SYSCALL] = "It is a 32-bit program, or is in 32-bit mode",
	[SSI_REASON_HW_BREAKPOINT] = "It has a hardware breakpoint or watchpoint",
	[SSI_REASON_SHADOW_STACK] = "It uses a shadow stack",
	[SSI_REASON_LDT] = "It has a local descriptor table",
	[SSI_REASON_IO_BITMAP] = "It may access I/O ports",
	[SSI_REASON_UPROBE] = "It executed an instruction with a probe on it",
	[SSI_REASON_AMX] = "It uses AMX tile registers",
	[SSI_REASON_EXCEPTION] = "It raised an exception that its home has to judge",
	[SSI_REASON_NO_MEMORY] = "There was not enough memory for it, here or on the other node",
	[SSI_REASON_NODE_LOST] = "The other node was lost",
	[SSI_REASON_EXITING] = "It is exiting",
	[SSI_REASON_KERNEL_THREAD] = "It is a thread of the kernel",
	[SSI_REASON_NOT_PERMITTED] = "You may not move it: that takes the right to trace it",
	[SSI_REASON_IO_URING] = "It uses io_uring",
	[SSI_REASON_NO_MM] = "It has no memory of its own any more",
	[SSI_REASON_NOT_MEMBER] = "The other node is not a member of the cluster now",
	[SSI_REASON_INCOMPATIBLE] = "The other node's processor or kernel does not suit it",
	[SSI_REASON_VDSO] = "Its vdso cannot be mapped on the other node",
	[SSI_REASON_RETRIES] = "One of its pages could not be moved in many attempts",
	[SSI_REASON_GUEST_FAILED] = "The other node could not start it or go on with it",
	[SSI_REASON_VFORK] = "It is a vfork child that has not started its program yet",
	[SSI_REASON_SHARED_MM] = "It shares its whole memory with another process",
	[SSI_REASON_NOT_JOINED] = "This node has not joined a cluster",
	[SSI_REASON_BUSY] = "It did not get there, or come home, in time",
	[SSI_REASON_IN_SYSCALL] = "It is in a system call and moves when the call returns",
	[SSI_REASON_SIGNALS] = "It gets signals faster than they can travel",
	[SSI_REASON_CPU_CONTROL] =
		"It has TSC, CPUID or speculation trapped or mitigated for itself (prctl(2))",
	[SSI_REASON_PLACED] = "It stands for a program that it has started on another node",
	[SSI_REASON_DRAINING] = "The other node is being emptied and takes nothing",
	[SSI_REASON_USER] = "The other node does not let its user in",
};

static_assert(ARRAY_SIZE(ssi_reason_texts) == SSI_NR_REASONS);

/**
 * ssi_reason_text - a reason as a sentence without a full stop
 * @reason: any value, also one that a peer made up
 *
 * Context: any.
 * Return: a constant string whose subject is the process; never NULL.
 */
const char *ssi_reason_text(enum ssi_reason reason)
{
	if ((unsigned int)reason >= ARRAY_SIZE(ssi_reason_texts) ||
	    !ssi_reason_texts[reason])
		return "It has a reason that this kernel does not know";
	return ssi_reason_texts[reason];
}
EXPORT_SYMBOL_IF_KUNIT(ssi_reason_text);
