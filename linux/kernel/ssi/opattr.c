// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: attributes of processes of other nodes
 */

/**
 * DOC: attributes of processes of other nodes
 *
 * Group, session, nice value, limits and I/O priority: each system call here is one
 * operation, and each operation does what the system call does to one process, with its
 * checks and its security hook.
 * Numbers in answers are those of the attached pid namespace, which caller and process
 * share.
 */

#include <linux/ioprio.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/ssi_pid.h>

#include "op.h"
#include "procmsg.h"

/**
 * ssi_getpgid - getpgid() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: the number of its process group, or as ssi_op_call().
 */
int ssi_getpgid(pid_t nr)
{
	return ssi_op_ask(SSI_OP_GETPGID, nr, 0);
}

/**
 * ssi_getsid - getsid() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: the number of its session, or as ssi_op_call().
 */
int ssi_getsid(pid_t nr)
{
	return ssi_op_ask(SSI_OP_GETSID, nr, 0);
}

/**
 * ssi_getpriority - getpriority() of a process or process group of another node
 * @which: PRIO_PROCESS or PRIO_PGRP
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: 20 less its nice value, the highest in a group, or as ssi_op_call().
 */
int ssi_getpriority(int which, pid_t nr)
{
	return ssi_op_ask2(SSI_OP_GETPRIORITY, nr, 0, which);
}

/**
 * ssi_setpriority - setpriority() of a process or process group of another node
 * @which: PRIO_PROCESS or PRIO_PGRP
 * @nr: its number, for which ssi_pid_remote() is true
 * @niceval: new nice value
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EACCES, or as ssi_op_call().
 */
int ssi_setpriority(int which, pid_t nr, int niceval)
{
	return ssi_op_ask2(SSI_OP_SETPRIORITY, nr, niceval, which);
}

/**
 * ssi_prlimit - prlimit64() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @resource: RLIMIT_*
 * @new: new limit, or NULL
 * @old: filled in with the old one, or NULL
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EINVAL, or as ssi_op_call().
 */
int ssi_prlimit(pid_t nr, unsigned int resource, const struct rlimit *new, struct rlimit *old)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_PRLIMIT,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.arg		= { resource, !!old },
		.data		= new,
		.data_len	= new ? sizeof(*new) : 0,
		.reply		= old,
		.reply_max	= old ? sizeof(*old) : 0,
	};
	long ret = ssi_op_call(&req);

	if (!ret && old && req.reply_len != sizeof(*old))
		return -EIO;
	return ret > 0 ? -EIO : ret;
}

/**
 * ssi_ioprio_set - ioprio_set() of a process or process group of another node
 * @which: IOPRIO_WHO_PROCESS or IOPRIO_WHO_PGRP
 * @nr: its number, for which ssi_pid_remote() is true
 * @ioprio: new priority
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, or as ssi_op_call().
 */
int ssi_ioprio_set(int which, pid_t nr, int ioprio)
{
	return ssi_op_ask2(SSI_OP_IOPRIO_SET, nr, ioprio, which);
}

/**
 * ssi_ioprio_get - ioprio_get() of a process or process group of another node
 * @which: IOPRIO_WHO_PROCESS or IOPRIO_WHO_PGRP
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: the priority as it was set, that in effect which is the highest in a group, or as
 * ssi_op_call().
 */
int ssi_ioprio_get(int which, pid_t nr)
{
	return ssi_op_ask2(SSI_OP_IOPRIO_GET, nr, 0, which);
}

typedef long (*ssi_op_one_t)(struct task_struct *p, long value, long ret);

/*
 * One process, or one after the other of a group, which may be none: each call is given
 * what the last one returned.
 */
static long ssi_op_each(struct ssi_op_rx *op, bool group, ssi_op_one_t one, long value)
{
	struct task_struct *p;
	long ret = -ESRCH;

	guard(rcu)();
	if (!group) {
		p = pid_task(op->pid, PIDTYPE_PID);
		return p ? one(p, value, ret) : ret;
	}
	read_lock(&tasklist_lock);
	do_each_pid_thread(op->pid, PIDTYPE_PGID, p) {
		ret = one(p, value, ret);
	} while_each_pid_thread(op->pid, PIDTYPE_PGID, p);
	read_unlock(&tasklist_lock);
	return ret;
}

/**
 * ssi_op_getpgid - carry out SSI_OP_GETPGID
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what getpgid() returns.
 */
long ssi_op_getpgid(struct ssi_op_rx *op)
{
	struct task_struct *p;
	int err;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	err = security_task_getpgid(p);
	return err ? err : task_pgrp_nr_ns(p, op->ns);
}

/**
 * ssi_op_getsid - carry out SSI_OP_GETSID
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what getsid() returns.
 */
long ssi_op_getsid(struct ssi_op_rx *op)
{
	struct task_struct *p;
	int err;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	err = security_task_getsid(p);
	return err ? err : task_session_nr_ns(p, op->ns);
}

static bool ssi_op_prio_group(const struct ssi_op_rx *op)
{
	return le64_to_cpu(op->w->arg[1]) == PRIO_PGRP;
}

static long ssi_op_get_one_prio(struct task_struct *p, long value, long ret)
{
	return max(ret, nice_to_rlimit(task_nice(p)));
}

/**
 * ssi_op_getpriority - carry out SSI_OP_GETPRIORITY
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what getpriority() returns.
 */
long ssi_op_getpriority(struct ssi_op_rx *op)
{
	return ssi_op_each(op, ssi_op_prio_group(op), ssi_op_get_one_prio, 0);
}

static long ssi_op_set_one_prio(struct task_struct *p, long value, long ret)
{
	return set_one_prio(p, value, ret);
}

/**
 * ssi_op_setpriority - carry out SSI_OP_SETPRIORITY
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what setpriority() returns.
 */
long ssi_op_setpriority(struct ssi_op_rx *op)
{
	s64 nice = clamp_t(s64, (s64)le64_to_cpu(op->w->arg[0]), MIN_NICE, MAX_NICE);

	return ssi_op_each(op, ssi_op_prio_group(op), ssi_op_set_one_prio, nice);
}

/**
 * ssi_op_check_prlimit - is a limit whole?
 * @w: the operation
 * @data: a limit or nothing
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_prlimit(const struct ssi_wire_op *w, const void *data)
{
	u32 len = le32_to_cpu(w->data_len), max = le32_to_cpu(w->reply_max);

	if (len && len != sizeof(struct rlimit))
		return -EPROTO;
	return max != (w->arg[1] ? sizeof(struct rlimit) : 0) ? -EPROTO : 0;
}

/**
 * ssi_op_prlimit - carry out SSI_OP_PRLIMIT
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what prlimit64() returns.
 */
long ssi_op_prlimit(struct ssi_op_rx *op)
{
	struct task_struct *p = get_pid_task(op->pid, PIDTYPE_PID);
	bool set = op->w->data_len, get = op->w->arg[1];
	u64 resource = le64_to_cpu(op->w->arg[0]);
	struct rlimit new;
	long ret;

	if (!p)
		return -ESRCH;
	if (set)
		memcpy(&new, op->data, sizeof(new));
	scoped_guard(rcu)
		ret = check_prlimit_permission(p, (get ? LSM_PRLIMIT_READ : 0) |
					       (set ? LSM_PRLIMIT_WRITE : 0));
	if (!ret) {
		/* as prlimit64() has it, against the end of the group's leader */
		read_lock(&tasklist_lock);
		ret = !pid_alive(p) ? -ESRCH :
		      do_prlimit(p, min_t(u64, resource, RLIM_NLIMITS), set ? &new : NULL,
				 get ? op->reply : NULL);
		read_unlock(&tasklist_lock);
	}
	if (!ret && get)
		op->reply_len = sizeof(struct rlimit);
	put_task_struct(p);
	return ret;
}

static bool ssi_op_ioprio_group(const struct ssi_op_rx *op)
{
	return le64_to_cpu(op->w->arg[1]) == IOPRIO_WHO_PGRP;
}

static long ssi_op_set_one_ioprio(struct task_struct *p, long value, long ret)
{
	/* the first one that may not be set ends it */
	return ret && ret != -ESRCH ? ret : set_task_ioprio(p, value);
}

/**
 * ssi_op_ioprio_set - carry out SSI_OP_IOPRIO_SET
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what ioprio_set() returns.
 */
long ssi_op_ioprio_set(struct ssi_op_rx *op)
{
	int ioprio = (int)le64_to_cpu(op->w->arg[0]);
	int ret = ioprio_check_cap(ioprio);

	return ret ? ret : ssi_op_each(op, ssi_op_ioprio_group(op), ssi_op_set_one_ioprio, ioprio);
}

static long ssi_op_get_one_ioprio(struct task_struct *p, long value, long ret)
{
	return get_task_raw_ioprio(p);
}

/* As get_task_ioprio() and ioprio_best() of block/ioprio.c have it. */
static long ssi_op_get_best_ioprio(struct task_struct *p, long value, long ret)
{
	int prio = security_task_getioprio(p);

	if (prio)
		return ret;
	task_lock(p);
	prio = __get_task_ioprio(p);
	task_unlock(p);
	return ret == -ESRCH ? prio : min_t(u16, ret, prio);
}

/**
 * ssi_op_ioprio_get - carry out SSI_OP_IOPRIO_GET
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what ioprio_get() returns.
 */
long ssi_op_ioprio_get(struct ssi_op_rx *op)
{
	bool group = ssi_op_ioprio_group(op);

	return ssi_op_each(op, group, group ? ssi_op_get_best_ioprio : ssi_op_get_one_ioprio, 0);
}
