// SPDX-License-Identifier: GPL-2.0
/*
 * The names of states and reasons, and what to do about a reason.
 *
 * The kernel says what is the case; this says what a person can do about it.
 */

#include <stddef.h>

#include "ssi-user.h"
#include "tool.h"

/**
 * state_name - a node's state as the specification names it
 * @state: enum ssi_node_state
 *
 * Return: a constant string, never NULL.
 */
const char *state_name(unsigned int state)
{
	const char *name = ssi_node_state_str(state);

	return name ? name : "unknown";
}

/**
 * reason_name - a reason as the specification names it
 * @reason: enum ssi_reason
 *
 * Return: a constant string, never NULL.
 */
const char *reason_name(unsigned int reason)
{
	const char *name = ssi_reason_str(reason);

	return name ? name : "unknown";
}

static const char * const advice[] = {
	[SSI_REASON_SHARED_MAPPING] =
		"Start it without shared memory if it has such an option; it works on at home",
	[SSI_REASON_HUGETLB] = "Start it without huge pages (hugetlbfs)",
	[SSI_REASON_PFN_MAPPING] = "It has to stay where its device is",
	[SSI_REASON_USERFAULTFD] = "End the program that watches its memory, or leave it at home",
	[SSI_REASON_MEMORY_TAG] =
		"Start it without memory tagging (GLIBC_TUNABLES glibc.mem.tagging=0)",
	[SSI_REASON_PROTECTION_KEY] = "Start it without protection keys, or leave it at home",
	[SSI_REASON_SINGLE_STEP] = "Let the debugger continue it; it leaves by itself then",
	[SSI_REASON_COMPAT_SYSCALL] = "Use the 64-bit build of the program",
	[SSI_REASON_HW_BREAKPOINT] = "Delete it; software breakpoints are no obstacle",
	[SSI_REASON_SHADOW_STACK] =
		"Start it without shadow stack (GLIBC_TUNABLES glibc.cpu.x86_shstk=off)",
	[SSI_REASON_LDT] = "It has to stay at home",
	[SSI_REASON_IO_BITMAP] = "It has to stay where the hardware is",
	[SSI_REASON_UPROBE] = "Nothing: it works on; or remove the probe",
	[SSI_REASON_AMX] = "Start it without AMX, or leave it at home",
	[SSI_REASON_EXCEPTION] =
		"Nothing: it was handled at home, and the process leaves again",
	[SSI_REASON_NO_MEMORY] = "Move it to a node with more free memory",
	[SSI_REASON_NODE_LOST] = "See 'ssi nodes' and the kernel log of the node that was lost",
	[SSI_REASON_KERNEL_THREAD] = "Only programs can be moved",
	[SSI_REASON_NOT_PERMITTED] = "Run this as the owner of the process or as root",
	[SSI_REASON_IO_URING] = "Start it without io_uring",
	[SSI_REASON_NOT_MEMBER] = "See 'ssi nodes' for the state of the node",
	[SSI_REASON_INCOMPATIBLE] = "Move it to another node",
	[SSI_REASON_VDSO] = "Move it to another node, or start it again",
	[SSI_REASON_RETRIES] = "Move it again; if it happens often, leave it at home",
	[SSI_REASON_GUEST_FAILED] = "See the kernel log of the other node",
	[SSI_REASON_VFORK] = "Move it again when the child has started its program",
	[SSI_REASON_SHARED_MM] = "It has to stay with the process that it shares memory with",
	[SSI_REASON_NOT_JOINED] = "Join the cluster: 'ssi join'",
	[SSI_REASON_BUSY] = "See 'ssi why' later: the move may still happen",
	[SSI_REASON_IN_SYSCALL] = "Nothing: it leaves as soon as the system call returns",
	[SSI_REASON_SIGNALS] = "Leave it at home, or give it a slower timer",
	[SSI_REASON_CPU_CONTROL] = "It stays at home",
	[SSI_REASON_PLACED] = "Move the program, on the node that it was started on",
	[SSI_REASON_DRAINING] = "Choose another node, or say 'ssi drain --undo' there",
	[SSI_REASON_USER] = "Choose another node, or add the user to ssi.uids there",
};

/**
 * reason_tells - does a reason say more than where the process is?
 * @reason: enum ssi_reason
 *
 * Return: true if something stands, or stood, against its being away.
 */
bool reason_tells(unsigned int reason)
{
	return reason != SSI_REASON_NONE && reason != SSI_REASON_REQUESTED &&
	       reason != SSI_REASON_IN_SYSCALL;
}

/**
 * reason_advice - what to do about a reason
 * @reason: enum ssi_reason
 *
 * Return: a sentence without a full stop, or NULL where there is nothing to do.
 */
const char *reason_advice(unsigned int reason)
{
	return reason < ARRAY_SIZE(advice) ? advice[reason] : NULL;
}
