/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/ssi.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _UAPI_LINUX_SSI_H
#define _UAPI_LINUX_SSI_H

#define SSI_FAMILY_NAME		"ssi"
#define SSI_FAMILY_VERSION	1

#define SSI_NODE_ID_MAX		1000
#define SSI_CLUSTER_NAME_LEN	63
#define SSI_KEY_LEN		32
#define SSI_DEFAULT_PORT	7475

/**
 * enum ssi_node_state - What a node is to this node.
 * @SSI_NODE_STATE_CONFIGURED: Known by id and address; this node has not
 *   joined.
 * @SSI_NODE_STATE_CONNECTING: No connection yet, attempts are repeated.
 * @SSI_NODE_STATE_CHECKING: Connected; the two nodes compare versions and
 *   features.
 * @SSI_NODE_STATE_PURGING: Both nodes drop what they still hold of an earlier
 *   membership.
 * @SSI_NODE_STATE_MEMBER: Processes can move to and from this node.
 * @SSI_NODE_STATE_GONE: The node left on its own.
 * @SSI_NODE_STATE_REFUSED: The nodes do not fit together; the reason says why.
 * @SSI_NODE_STATE_LOST: The node did not answer within the deadline; what was
 *   away there is killed.
 * @SSI_NODE_STATE_DRAINING: A member that is being emptied and takes nothing.
 */
enum ssi_node_state {
	SSI_NODE_STATE_CONFIGURED,
	SSI_NODE_STATE_CONNECTING,
	SSI_NODE_STATE_CHECKING,
	SSI_NODE_STATE_PURGING,
	SSI_NODE_STATE_MEMBER,
	SSI_NODE_STATE_GONE,
	SSI_NODE_STATE_REFUSED,
	SSI_NODE_STATE_LOST,
	SSI_NODE_STATE_DRAINING,
};

/**
 * enum ssi_process_role - What this node is to a process.
 * @SSI_PROCESS_ROLE_HOME: The process was born here; its files and signals are
 *   here.
 * @SSI_PROCESS_ROLE_GUEST: The process only executes here.
 */
enum ssi_process_role {
	SSI_PROCESS_ROLE_HOME,
	SSI_PROCESS_ROLE_GUEST,
};

/**
 * enum ssi_process_event - What happened to a process.
 * @SSI_PROCESS_EVENT_MOVED: It executes on another node now.
 * @SSI_PROCESS_EVENT_CAME_HOME: It executes at home again, the reason says
 *   why.
 * @SSI_PROCESS_EVENT_KILLED: It was killed, the reason says why.
 */
enum ssi_process_event {
	SSI_PROCESS_EVENT_MOVED,
	SSI_PROCESS_EVENT_CAME_HOME,
	SSI_PROCESS_EVENT_KILLED,
};

/**
 * enum ssi_placement - Which programs a process starts on other nodes.
 * @SSI_PLACEMENT_ONCE: The next one, on a given node, or on any.
 * @SSI_PLACEMENT_SPREAD: Those of its children, each on any node. What they
 *   start stays with them.
 * @SSI_PLACEMENT_SPREAD_ALL: The same, and what these start.
 */
enum ssi_placement {
	SSI_PLACEMENT_ONCE,
	SSI_PLACEMENT_SPREAD,
	SSI_PLACEMENT_SPREAD_ALL,
};

/**
 * enum ssi_placement_policy - How one of any nodes is chosen.
 * @SSI_PLACEMENT_POLICY_LOAD: The one with the fewest running tasks for each
 *   CPU; this one rather than others that are alike.
 * @SSI_PLACEMENT_POLICY_TURN: The next of all.
 */
enum ssi_placement_policy {
	SSI_PLACEMENT_POLICY_LOAD,
	SSI_PLACEMENT_POLICY_TURN,
};

/**
 * enum ssi_reason - Why a process is at home, came home, was killed or was
 *   refused a move.
 * @SSI_REASON_NONE: Nothing stands against a move.
 * @SSI_REASON_REQUESTED: Somebody asked for it.
 * @SSI_REASON_SHARED_MAPPING: Uses memory mapped with MAP_SHARED.
 * @SSI_REASON_HUGETLB: Has hugetlb memory.
 * @SSI_REASON_PFN_MAPPING: Has device memory mapped.
 * @SSI_REASON_USERFAULTFD: Has memory that is watched by userfaultfd.
 * @SSI_REASON_MEMORY_TAG: Uses tagged memory or addresses (MTE, LAM).
 * @SSI_REASON_PROTECTION_KEY: Has memory with protection keys.
 * @SSI_REASON_SINGLE_STEP: Is single-stepped by a debugger.
 * @SSI_REASON_COMPAT_SYSCALL: Is a 32-bit program, or is in 32-bit mode.
 * @SSI_REASON_HW_BREAKPOINT: Uses hardware breakpoints.
 * @SSI_REASON_SHADOW_STACK: Uses a shadow stack.
 * @SSI_REASON_LDT: Has a local descriptor table.
 * @SSI_REASON_IO_BITMAP: Has access to I/O ports.
 * @SSI_REASON_UPROBE: Hit a user-space probe.
 * @SSI_REASON_AMX: Uses AMX tile registers.
 * @SSI_REASON_EXCEPTION: An exception has to be handled at home.
 * @SSI_REASON_NO_MEMORY: There was not enough memory for it, here or on the
 *   other node.
 * @SSI_REASON_NODE_LOST: The other node was lost.
 * @SSI_REASON_EXITING: Is exiting.
 * @SSI_REASON_KERNEL_THREAD: Is a thread of the kernel.
 * @SSI_REASON_NOT_PERMITTED: The caller may not move this process.
 * @SSI_REASON_IO_URING: Uses io_uring.
 * @SSI_REASON_NO_MM: Has no memory of its own.
 * @SSI_REASON_NOT_MEMBER: The node is not a member of the cluster at present.
 * @SSI_REASON_INCOMPATIBLE: The two nodes' processors or kernels differ.
 * @SSI_REASON_VDSO: Its vdso cannot be mapped on the other node.
 * @SSI_REASON_RETRIES: A page could not be moved in many attempts.
 * @SSI_REASON_GUEST_FAILED: The other node could not start or go on with it.
 * @SSI_REASON_VFORK: Is a vfork child that has not started its program yet.
 * @SSI_REASON_SHARED_MM: Shares its memory with another process.
 * @SSI_REASON_NOT_JOINED: This node has not joined a cluster.
 * @SSI_REASON_BUSY: Did not get there, or come home, in time.
 * @SSI_REASON_IN_SYSCALL: Is in a system call; moves when the call returns.
 * @SSI_REASON_SIGNALS: Gets signals faster than they can travel.
 * @SSI_REASON_CPU_CONTROL: Has instructions trapped or mitigated for itself
 *   (prctl(2): TSC, CPUID, speculation).
 * @SSI_REASON_PLACED: Stands for a program that it has started on another
 *   node.
 * @SSI_REASON_DRAINING: The other node is being emptied and takes nothing.
 * @SSI_REASON_USER: The other node does not let its user in.
 */
enum ssi_reason {
	SSI_REASON_NONE,
	SSI_REASON_REQUESTED,
	SSI_REASON_SHARED_MAPPING,
	SSI_REASON_HUGETLB,
	SSI_REASON_PFN_MAPPING,
	SSI_REASON_USERFAULTFD,
	SSI_REASON_MEMORY_TAG,
	SSI_REASON_PROTECTION_KEY,
	SSI_REASON_SINGLE_STEP,
	SSI_REASON_COMPAT_SYSCALL,
	SSI_REASON_HW_BREAKPOINT,
	SSI_REASON_SHADOW_STACK,
	SSI_REASON_LDT,
	SSI_REASON_IO_BITMAP,
	SSI_REASON_UPROBE,
	SSI_REASON_AMX,
	SSI_REASON_EXCEPTION,
	SSI_REASON_NO_MEMORY,
	SSI_REASON_NODE_LOST,
	SSI_REASON_EXITING,
	SSI_REASON_KERNEL_THREAD,
	SSI_REASON_NOT_PERMITTED,
	SSI_REASON_IO_URING,
	SSI_REASON_NO_MM,
	SSI_REASON_NOT_MEMBER,
	SSI_REASON_INCOMPATIBLE,
	SSI_REASON_VDSO,
	SSI_REASON_RETRIES,
	SSI_REASON_GUEST_FAILED,
	SSI_REASON_VFORK,
	SSI_REASON_SHARED_MM,
	SSI_REASON_NOT_JOINED,
	SSI_REASON_BUSY,
	SSI_REASON_IN_SYSCALL,
	SSI_REASON_SIGNALS,
	SSI_REASON_CPU_CONTROL,
	SSI_REASON_PLACED,
	SSI_REASON_DRAINING,
	SSI_REASON_USER,
};

enum {
	SSI_A_STATUS_NODE = 1,
	SSI_A_STATUS_CLUSTER,
	SSI_A_STATUS_ADDRESS,
	SSI_A_STATUS_SCOPE_ID,
	SSI_A_STATUS_PORT,
	SSI_A_STATUS_DEADLINE_MS,
	SSI_A_STATUS_JOINED,
	SSI_A_STATUS_INCARNATION,
	SSI_A_STATUS_NODES,
	SSI_A_STATUS_MEMBERS,
	SSI_A_STATUS_AWAY,
	SSI_A_STATUS_GUESTS,
	SSI_A_STATUS_PAGES_OUT,
	SSI_A_STATUS_PAGES_IN,
	SSI_A_STATUS_DEVICE_PAGES,
	SSI_A_STATUS_PID_STRIDE,
	SSI_A_STATUS_PID_FIRST,
	SSI_A_STATUS_LOCAL_PIDS,
	SSI_A_STATUS_KEY,
	SSI_A_STATUS_KEY_ID,
	SSI_A_STATUS_INSECURE,
	SSI_A_STATUS_DRAINING,
	SSI_A_STATUS_UNDO,
	SSI_A_STATUS_PLACED,
	SSI_A_STATUS_STUBS,

	__SSI_A_STATUS_MAX,
	SSI_A_STATUS_MAX = (__SSI_A_STATUS_MAX - 1)
};

enum {
	SSI_A_NODE_ID = 1,
	SSI_A_NODE_ADDRESS,
	SSI_A_NODE_SCOPE_ID,
	SSI_A_NODE_PORT,
	SSI_A_NODE_STATE,
	SSI_A_NODE_REASON,
	SSI_A_NODE_INCARNATION,
	SSI_A_NODE_EPOCH,
	SSI_A_NODE_MEMBER_MS,
	SSI_A_NODE_HEARTBEAT_MS,
	SSI_A_NODE_RTT_NS,
	SSI_A_NODE_NR_CPUS,
	SSI_A_NODE_TX_MESSAGES,
	SSI_A_NODE_RX_MESSAGES,
	SSI_A_NODE_TX_BYTES,
	SSI_A_NODE_RX_BYTES,
	SSI_A_NODE_MEMBERSHIPS,
	SSI_A_NODE_LOSSES,
	SSI_A_NODE_STATE_MS,
	SSI_A_NODE_RUNNING,
	SSI_A_NODE_CLOCK_NS,
	SSI_A_NODE_FORCE,

	__SSI_A_NODE_MAX,
	SSI_A_NODE_MAX = (__SSI_A_NODE_MAX - 1)
};

enum {
	SSI_A_PROCESS_PID = 1,
	SSI_A_PROCESS_NODE,
	SSI_A_PROCESS_WAIT,
	SSI_A_PROCESS_HOME,
	SSI_A_PROCESS_ROLE,
	SSI_A_PROCESS_COMM,
	SSI_A_PROCESS_THREADS,
	SSI_A_PROCESS_THREADS_AWAY,
	SSI_A_PROCESS_TRAPS,
	SSI_A_PROCESS_FAULTS,
	SSI_A_PROCESS_RECALLS,
	SSI_A_PROCESS_PAGES_AWAY,
	SSI_A_PROCESS_MOVES,
	SSI_A_PROCESS_FREEZE_NS,
	SSI_A_PROCESS_REASON,
	SSI_A_PROCESS_REASON_TEXT,
	SSI_A_PROCESS_EVENT,
	SSI_A_PROCESS_PLACEMENT,
	SSI_A_PROCESS_POLICY,
	SSI_A_PROCESS_PROGRAM,
	SSI_A_PROCESS_ORIGIN,

	__SSI_A_PROCESS_MAX,
	SSI_A_PROCESS_MAX = (__SSI_A_PROCESS_MAX - 1)
};

enum {
	SSI_CMD_JOIN = 1,
	SSI_CMD_LEAVE,
	SSI_CMD_STATUS_GET,
	SSI_CMD_NODE_ADD,
	SSI_CMD_NODE_DEL,
	SSI_CMD_NODE_GET,
	SSI_CMD_NODE_NTF,
	SSI_CMD_MOVE,
	SSI_CMD_PROCESS_GET,
	SSI_CMD_PROCESS_NTF,
	SSI_CMD_PLACE,
	SSI_CMD_KEY_ADD,
	SSI_CMD_KEY_DEL,
	SSI_CMD_DRAIN,

	__SSI_CMD_MAX,
	SSI_CMD_MAX = (__SSI_CMD_MAX - 1)
};

#define SSI_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_SSI_H */
