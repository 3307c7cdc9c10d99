// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: pidfds that other nodes have of processes here
 */

/**
 * DOC: the home side of pidfds
 *
 * What pidfd_open() and PIDFD_GET_INFO say of a process is said by the checks and the code
 * that a local pidfd has. Nothing is kept here for a pidfd of another node until it is
 * polled: so what is told about a process that is gone is that it is gone.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/pidfs.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <uapi/linux/pidfd.h>

#include "op.h"
#include "pidns.h"
#include "procmsg.h"
#include "ubuf.h"
#include "watch.h"

/**
 * ssi_op_pidfd_open - carry out SSI_OP_PIDFD_OPEN
 * @op: the operation
 *
 * As pidfd_prepare() has it.
 *
 * Context: process context, with the caller's credentials.
 * Return: 0, -ESRCH, or -ENOENT.
 */
long ssi_op_pidfd_open(struct ssi_op_rx *op)
{
	__le64 id = cpu_to_le64(ssi_pid_id(op->pid));

	if (op->reply_max < sizeof(id))
		return -EINVAL;
	scoped_guard(spinlock_irq, &op->pid->wait_pidfd.lock) {
		if (!pid_has_task(op->pid, PIDTYPE_PID))
			return -ESRCH;
		if (!op->w->arg[0] && !pid_has_task(op->pid, PIDTYPE_TGID))
			return -ENOENT;
	}
	memcpy(op->reply, &id, sizeof(id));
	op->reply_len = sizeof(id);
	return 0;
}

/**
 * ssi_op_pidfd_state - carry out SSI_OP_PIDFD_STATE
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: enum ssi_watch_state.
 */
long ssi_op_pidfd_state(struct ssi_op_rx *op)
{
	return ssi_watch_state(op->pid);
}

static long ssi_op_pidfd_ask(struct ssi_op_rx *op, struct file *file)
{
	struct ssi_ubuf u = {};
	long ret = ssi_ubuf_get(&u);

	if (!ret && copy_to_user(u.addr, op->data, sizeof(u64)))
		ret = -EFAULT;
	if (!ret)
		ret = file->f_op->unlocked_ioctl(file, PIDFD_GET_INFO,
						 (unsigned long)u.addr);
	if (!ret && copy_from_user(op->reply, u.addr, sizeof(struct pidfd_info)))
		ret = -EFAULT;
	ssi_ubuf_free(&u);
	return ret;
}

/**
 * ssi_op_pidfd_info - carry out SSI_OP_PIDFD_INFO
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: what PIDFD_GET_INFO returns.
 */
long ssi_op_pidfd_info(struct ssi_op_rx *op)
{
	struct file *file;
	long ret;

	if (op->reply_max < sizeof(struct pidfd_info))
		return -EINVAL;
	file = pidfs_alloc_file(op->pid, PIDFD_THREAD | O_RDWR);
	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = ssi_op_pidfd_ask(op, file);
	fput(file);
	if (!ret)
		op->reply_len = sizeof(struct pidfd_info);
	return ret;
}
