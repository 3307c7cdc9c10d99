/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_OP_H
#define _KERNEL_SSI_OP_H

#include <linux/types.h>

struct pid;
struct pid_namespace;
struct ssi_node;
struct ssi_op_pending;
struct ssi_rx;
struct ssi_wire_op;

/**
 * enum ssi_op - what can be done to a process of another node
 * @SSI_OP_KILL: a signal to a process; arg[0] signal, arg[1] nothing, data siginfo
 * @SSI_OP_TKILL: a signal to a thread; arg[1] its process, 0 for whichever
 * @SSI_OP_KILL_PGRP: a signal to a process group, whose number it is
 * @SSI_OP_KILL_ALL: a signal to all processes that the caller may signal, but for the node's
 *	own ones
 * @SSI_OP_GETPGID: its process group
 * @SSI_OP_GETSID: its session
 * @SSI_OP_GETPRIORITY: its nice value, as getpriority() has it; arg[1] PRIO_PROCESS or
 *	PRIO_PGRP
 * @SSI_OP_SETPRIORITY: arg[0] nice value; arg[1] the same
 * @SSI_OP_PRLIMIT: arg[0] resource, arg[1] whether the limit is asked for; data the new
 *	limit, if any, answer the old one
 * @SSI_OP_IOPRIO_SET: arg[0] as for ioprio_set(); arg[1] IOPRIO_WHO_PROCESS or
 *	IOPRIO_WHO_PGRP
 * @SSI_OP_IOPRIO_GET: as ioprio_get() has it; arg[1] the same
 * @SSI_OP_SETSCHEDULER: arg[0] policy, -1 for that which it has; arg[1] priority
 * @SSI_OP_GETSCHEDULER: its policy, as sched_getscheduler() has it
 * @SSI_OP_GETPARAM: its real-time priority
 * @SSI_OP_SETATTR: data struct sched_attr
 * @SSI_OP_GETATTR: arg[0] flags; answer struct sched_attr
 * @SSI_OP_SETAFFINITY: data struct cpumask
 * @SSI_OP_GETAFFINITY: answer struct cpumask
 * @SSI_OP_RR_INTERVAL: answer struct timespec64, as sched_rr_get_interval() has it
 * @SSI_OP_VM_READ: data structs ssi_wire_vec, answer the bytes;
 *	fewer than were asked for: the next one cannot be read
 * @SSI_OP_VM_WRITE: arg[0] how many structs ssi_wire_vec; data these, and the bytes
 * @SSI_OP_PIDFD_OPEN: arg[0] PIDFD_THREAD or 0; answer its id, see struct pid
 * @SSI_OP_PIDFD_STATE: enum ssi_watch_state
 * @SSI_OP_PIDFD_INFO: data the mask of struct pidfd_info, answer that
 * @SSI_OP_PROC_STAT: who owns an entry of /proc/PID; data its path, answer struct
 *	ssi_wire_procstat
 * @SSI_OP_PROC_READ: arg[0] where to begin; data the path, answer the bytes; fewer than
 *	there was room for are the last
 * @SSI_OP_PROC_WRITE: arg[0] where to begin; data the path and what to write
 * @SSI_OP_PROC_DIR: arg[0] where to begin; data the path, answer structs
 *	ssi_wire_procname; returns the position after them
 * @SSI_OP_PROC_LINK: where a link points to; data its path, answer that
 * @SSI_OP_PROC_MACHINE: what a file reads that is no process's; arg[0] where to begin,
 *	arg[1] enum ssi_machine_file; answer the bytes, as for @SSI_OP_PROC_READ
 * @SSI_OP_PROC_PIDS: processes from a number on; arg[0] SSI_PROC_*; answer structs
 *	ssi_wire_procent; fewer than there was room for are the last
 * @SSI_OP_PROC_AHEAD: the same with files; arg[1] their names, a mask
 * @SSI_NR_OPS: number of operations
 */
enum ssi_op {
	SSI_OP_KILL,
	SSI_OP_TKILL,
	SSI_OP_KILL_PGRP,
	SSI_OP_KILL_ALL,
	SSI_OP_GETPGID,
	SSI_OP_GETSID,
	SSI_OP_GETPRIORITY,
	SSI_OP_SETPRIORITY,
	SSI_OP_PRLIMIT,
	SSI_OP_IOPRIO_SET,
	SSI_OP_IOPRIO_GET,
	SSI_OP_SETSCHEDULER,
	SSI_OP_GETSCHEDULER,
	SSI_OP_GETPARAM,
	SSI_OP_SETATTR,
	SSI_OP_GETATTR,
	SSI_OP_SETAFFINITY,
	SSI_OP_GETAFFINITY,
	SSI_OP_RR_INTERVAL,
	SSI_OP_VM_READ,
	SSI_OP_VM_WRITE,
	SSI_OP_PIDFD_OPEN,
	SSI_OP_PIDFD_STATE,
	SSI_OP_PIDFD_INFO,
	SSI_OP_PROC_STAT,
	SSI_OP_PROC_READ,
	SSI_OP_PROC_WRITE,
	SSI_OP_PROC_DIR,
	SSI_OP_PROC_LINK,
	SSI_OP_PROC_MACHINE,
	SSI_OP_PROC_PIDS,
	SSI_OP_PROC_AHEAD,
	SSI_NR_OPS,
};

/**
 * struct ssi_op_req - an operation that a system call here asks for
 * @op: what is to be done
 * @nr: to whom, a number for which ssi_pid_remote() is true
 * @ns: attached pid namespace that @nr is of
 * @id: which process of that number, from struct pid; 0: whoever has it now
 * @arg: depends on @op
 * @timeout: how long to wait, in jiffies; 0: SSI_CALL_TIMEOUT
 * @data: data for the other node, may be NULL
 * @data_len: its length, which depends on @op
 * @reply: filled in with the data of the answer, may be NULL
 * @reply_max: room for them, up to SSI_OP_MAX_REPLY
 * @reply_len: filled in with their length
 */
struct ssi_op_req {
	enum ssi_op op;
	int nr;
	struct pid_namespace *ns;
	u64 id;
	u64 arg[2];
	unsigned long timeout;
	const void *data;
	size_t data_len;
	void *reply;
	size_t reply_max;
	size_t reply_len;
};

/**
 * struct ssi_op_rx - an operation that is to be carried out here
 * @w: the message
 * @ns: attached pid namespace; referenced
 * @pid: whom it is about; the number may be a thread's. NULL for an operation that
 *	is about a range of numbers
 * @data: the data, of a length that the operation may have
 * @reply: room for the data of the answer
 * @reply_max: bytes of it
 * @reply_len: to be filled in with their length
 *
 * Credentials are the caller's already.
 */
struct ssi_op_rx {
	const struct ssi_wire_op *w;
	struct pid_namespace *ns;
	struct pid *pid;
	const void *data;
	void *reply;
	size_t reply_max;
	size_t reply_len;
};

/**
 * struct ssi_op_type - how an operation is carried out
 * @min_len: fewest bytes of data
 * @max_len: most bytes of data
 * @max_reply: most bytes of data in the answer
 * @quick: it sleeps for memory at most
 * @file: it reads or writes what may take as long as the process likes; and changes
 *	nothing here, but for SSI_OP_PROC_WRITE, and the memory of the process
 * @confine: a security module is asked whether the caller may look into the kernel; if not,
 *	he may nothing at home either that not everybody may
 * @attach: with @confine: whether the caller may change what he looks into
 * @range: it is about the numbers from a first one on, not about one process
 * @check: optional: are arguments and data sane?  Pure.
 * @run: does it; returns what the system call returns; may sleep
 */
struct ssi_op_type {
	size_t min_len;
	size_t max_len;
	size_t max_reply;
	bool quick;
	bool file;
	bool confine;
	bool attach;
	bool range;
	int (*check)(const struct ssi_wire_op *w, const void *data);
	long (*run)(struct ssi_op_rx *op);
};

int ssi_op_check_signal(const struct ssi_wire_op *w, const void *data);
long ssi_op_kill(struct ssi_op_rx *op);
long ssi_op_tkill(struct ssi_op_rx *op);
long ssi_op_kill_pgrp(struct ssi_op_rx *op);
long ssi_op_kill_all(struct ssi_op_rx *op);
long ssi_op_getpgid(struct ssi_op_rx *op);
long ssi_op_getsid(struct ssi_op_rx *op);
long ssi_op_getpriority(struct ssi_op_rx *op);
long ssi_op_setpriority(struct ssi_op_rx *op);
int ssi_op_check_prlimit(const struct ssi_wire_op *w, const void *data);
long ssi_op_prlimit(struct ssi_op_rx *op);
long ssi_op_ioprio_set(struct ssi_op_rx *op);
long ssi_op_ioprio_get(struct ssi_op_rx *op);
long ssi_op_setscheduler(struct ssi_op_rx *op);
long ssi_op_getscheduler(struct ssi_op_rx *op);
long ssi_op_getparam(struct ssi_op_rx *op);
long ssi_op_setattr(struct ssi_op_rx *op);
long ssi_op_getattr(struct ssi_op_rx *op);
long ssi_op_setaffinity(struct ssi_op_rx *op);
long ssi_op_getaffinity(struct ssi_op_rx *op);
long ssi_op_rr_interval(struct ssi_op_rx *op);
int ssi_op_check_vm(const struct ssi_wire_op *w, const void *data);
long ssi_op_vm_read(struct ssi_op_rx *op);
long ssi_op_vm_write(struct ssi_op_rx *op);
long ssi_op_pidfd_open(struct ssi_op_rx *op);
long ssi_op_pidfd_state(struct ssi_op_rx *op);
long ssi_op_pidfd_info(struct ssi_op_rx *op);
int ssi_op_check_path(const struct ssi_wire_op *w, const void *data);
int ssi_op_check_ahead(const struct ssi_wire_op *w, const void *data);
long ssi_op_proc_stat(struct ssi_op_rx *op);
long ssi_op_proc_read(struct ssi_op_rx *op);
long ssi_op_proc_write(struct ssi_op_rx *op);
long ssi_op_proc_dir(struct ssi_op_rx *op);
long ssi_op_proc_link(struct ssi_op_rx *op);
int ssi_op_check_machine(const struct ssi_wire_op *w, const void *data);
long ssi_op_proc_machine(struct ssi_op_rx *op);
long ssi_op_proc_pids(struct ssi_op_rx *op);
long ssi_op_proc_ahead(struct ssi_op_rx *op);

struct ssi_node *ssi_op_home(struct pid_namespace *ns, int nr);
struct ssi_op_pending *ssi_op_start(struct ssi_op_req *req);
long ssi_op_finish(struct ssi_op_req *req, struct ssi_op_pending *p, unsigned long timeout);
long ssi_op_call(struct ssi_op_req *req);
long ssi_op_ask(enum ssi_op op, int nr, u64 arg);
long ssi_op_ask2(enum ssi_op op, int nr, u64 arg, u64 arg2);
int ssi_op_check(const void *body, size_t len);
void ssi_op_handle(struct ssi_rx *rx);
int ssi_op_init(void);

#endif /* _KERNEL_SSI_OP_H */
