/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_OP_H
#define _KERNEL_SSI_OP_H

#include <linux/types.h>

struct pid;
struct pid_namespace;
struct ssi_rx;
struct ssi_wire_op;

/**
 * enum ssi_op - what can be done to a process of another node
 * @SSI_OP_KILL: a signal to a process; arg[0] signal, arg[1] nothing, data siginfo
 * @SSI_OP_TKILL: a signal to a thread; arg[1] its process, 0 for whichever
 * @SSI_OP_GETPGID: its process group
 * @SSI_OP_GETSID: its session
 * @SSI_OP_GETPRIORITY: its nice value, as getpriority() has it
 * @SSI_OP_SETPRIORITY: arg[0] nice value
 * @SSI_NR_OPS: number of operations
 */
enum ssi_op {
	SSI_OP_KILL,
	SSI_OP_TKILL,
	SSI_OP_GETPGID,
	SSI_OP_GETSID,
	SSI_OP_GETPRIORITY,
	SSI_OP_SETPRIORITY,
	SSI_NR_OPS,
};

/**
 * struct ssi_op_rx - an operation that is to be carried out here
 * @w: the message
 * @pid: whom it is about; the number may be a thread's
 * @level: level of the attached pid namespace
 * @data: the data, of the length that the operation has
 *
 * Credentials are the caller's already.
 */
struct ssi_op_rx {
	const struct ssi_wire_op *w;
	struct pid *pid;
	unsigned int level;
	const void *data;
};

/**
 * struct ssi_op_type - how an operation is carried out
 * @data_len: bytes of data
 * @run: does it; returns what the system call returns; may sleep
 */
struct ssi_op_type {
	size_t data_len;
	long (*run)(struct ssi_op_rx *op);
};

int ssi_op_check_signal(const struct ssi_wire_op *w, const void *data);
long ssi_op_kill(struct ssi_op_rx *op);
long ssi_op_tkill(struct ssi_op_rx *op);
long ssi_op_getpgid(struct ssi_op_rx *op);
long ssi_op_getsid(struct ssi_op_rx *op);
long ssi_op_getpriority(struct ssi_op_rx *op);
long ssi_op_setpriority(struct ssi_op_rx *op);

long ssi_op_call(enum ssi_op op, int nr, u64 arg0, u64 arg1, const void *data, size_t data_len);
struct pid_namespace *ssi_op_ns(const struct ssi_op_rx *op);
int ssi_op_check(const void *body, size_t len);
void ssi_op_handle(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_OP_H */
