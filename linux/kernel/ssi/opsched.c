// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: scheduling of processes of other nodes
 */

/**
 * DOC: scheduling of processes of other nodes
 *
 * The sched_*() system calls for one process or thread. Policies, priorities and CPU
 * numbers are those of its home, and so are the limits and rights that bound them. A
 * mask of CPUs may be shorter in memory than its type, by the CPUs that this node may
 * have; it travels whole, and what this node has no room for is not shown.
 */

#include <linux/cpumask.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/sched/rt.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/time64.h>
#include <uapi/linux/sched/types.h>

#include "op.h"
#include "procmsg.h"

/* No system call but this file's may take a policy below that. */
#define SSI_KEEP_POLICY	(-1)

static int ssi_sched_call(struct ssi_op_req *req)
{
	long ret = ssi_op_call(req);

	if (!ret && req->reply_len != req->reply_max)
		return -EIO;
	return ret > 0 ? -EIO : ret;
}

/**
 * ssi_sched_setscheduler - sched_setscheduler() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @policy: new policy, or -1 for that which it has
 * @priority: new real-time priority
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EINVAL, or as ssi_op_call().
 */
int ssi_sched_setscheduler(pid_t nr, int policy, int priority)
{
	struct ssi_op_req req = {
		.op	= SSI_OP_SETSCHEDULER,
		.nr	= nr,
		.ns	= task_active_pid_ns(current),
		.arg	= { policy, priority },
	};

	return ssi_sched_call(&req);
}

/**
 * ssi_sched_getscheduler - sched_getscheduler() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: the policy, or as ssi_op_call().
 */
int ssi_sched_getscheduler(pid_t nr)
{
	return ssi_op_ask(SSI_OP_GETSCHEDULER, nr, 0);
}

/**
 * ssi_sched_getparam - sched_getparam() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: the real-time priority, or as ssi_op_call().
 */
int ssi_sched_getparam(pid_t nr)
{
	return ssi_op_ask(SSI_OP_GETPARAM, nr, 0);
}

/**
 * ssi_sched_setattr - sched_setattr() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @attr: new attributes
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EINVAL, -EBUSY, or as ssi_op_call().
 */
int ssi_sched_setattr(pid_t nr, const struct sched_attr *attr)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_SETATTR,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.data		= attr,
		.data_len	= sizeof(*attr),
	};

	return ssi_sched_call(&req);
}

/**
 * ssi_sched_getattr - sched_getattr() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @attr: filled in
 * @flags: of the system call
 *
 * Context: process context; sleeps.
 * Return: 0, -EINVAL, or as ssi_op_call().
 */
int ssi_sched_getattr(pid_t nr, struct sched_attr *attr, unsigned int flags)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_GETATTR,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.arg		= { flags },
		.reply		= attr,
		.reply_max	= sizeof(*attr),
	};

	return ssi_sched_call(&req);
}

/**
 * ssi_sched_setaffinity - sched_setaffinity() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @mask: CPUs of its home
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EINVAL, or as ssi_op_call().
 */
int ssi_sched_setaffinity(pid_t nr, const struct cpumask *mask)
{
	struct cpumask *all __free(kfree) = kzalloc_obj(*all);
	struct ssi_op_req req = {
		.op		= SSI_OP_SETAFFINITY,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.data		= all,
		.data_len	= sizeof(*all),
	};

	if (!all)
		return -ENOMEM;
	memcpy(all, mask, cpumask_size());
	return ssi_sched_call(&req);
}

/**
 * ssi_sched_getaffinity - sched_getaffinity() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @mask: filled in with CPUs of its home
 *
 * Context: process context; sleeps.
 * Return: 0, or as ssi_op_call().
 */
int ssi_sched_getaffinity(pid_t nr, struct cpumask *mask)
{
	struct cpumask *all __free(kfree) = kzalloc_obj(*all);
	struct ssi_op_req req = {
		.op		= SSI_OP_GETAFFINITY,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.reply		= all,
		.reply_max	= sizeof(*all),
	};
	int ret;

	if (!all)
		return -ENOMEM;
	ret = ssi_sched_call(&req);
	if (!ret)
		memcpy(mask, all, cpumask_size());
	return ret;
}

/**
 * ssi_sched_rr_get_interval - sched_rr_get_interval() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @t: filled in
 *
 * Context: process context; sleeps.
 * Return: 0, or as ssi_op_call().
 */
int ssi_sched_rr_get_interval(pid_t nr, struct timespec64 *t)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_RR_INTERVAL,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.reply		= t,
		.reply_max	= sizeof(*t),
	};

	return ssi_sched_call(&req);
}

/**
 * ssi_op_setscheduler - carry out SSI_OP_SETSCHEDULER
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what sched_setscheduler() returns.
 */
long ssi_op_setscheduler(struct ssi_op_rx *op)
{
	struct sched_param param = { .sched_priority = (int)le64_to_cpu(op->w->arg[1]) };
	int policy = (int)le64_to_cpu(op->w->arg[0]);
	struct task_struct *p;
	long ret;

	if (policy < SSI_KEEP_POLICY)
		return -EINVAL;
	p = get_pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	ret = sched_setscheduler(p, policy, &param);
	put_task_struct(p);
	return ret;
}

/**
 * ssi_op_getscheduler - carry out SSI_OP_GETSCHEDULER
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what sched_getscheduler() returns.
 */
long ssi_op_getscheduler(struct ssi_op_rx *op)
{
	struct task_struct *p;
	long ret;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	ret = security_task_getscheduler(p);
	if (ret)
		return ret;
	return p->policy | (p->sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

/**
 * ssi_op_getparam - carry out SSI_OP_GETPARAM
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: the real-time priority or a negative errno.
 */
long ssi_op_getparam(struct ssi_op_rx *op)
{
	struct task_struct *p;
	long ret;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	ret = security_task_getscheduler(p);
	if (ret)
		return ret;
	return p->policy == SCHED_FIFO || p->policy == SCHED_RR ? p->rt_priority : 0;
}

/* SCHED_FLAG_KEEP_PARAMS: as they are now. */
static int ssi_op_keep_params(struct task_struct *p, struct sched_attr *attr)
{
	struct sched_attr now = {};
	int ret;

	scoped_guard(rcu)
		ret = sched_task_getattr(p, &now, 0);
	if (ret)
		return ret;
	attr->sched_nice = now.sched_nice;
	attr->sched_priority = now.sched_priority;
	attr->sched_runtime = now.sched_runtime;
	attr->sched_deadline = now.sched_deadline;
	attr->sched_period = now.sched_period;
	attr->sched_flags |= now.sched_flags & (SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN);
	return 0;
}

/**
 * ssi_op_setattr - carry out SSI_OP_SETATTR
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what sched_setattr() returns.
 */
long ssi_op_setattr(struct ssi_op_rx *op)
{
	struct sched_attr attr;
	struct task_struct *p;
	long ret = 0;

	memcpy(&attr, op->data, sizeof(attr));
	/* as sched_copy_attr() does it, which a peer may have left out */
	attr.sched_nice = clamp(attr.sched_nice, MIN_NICE, MAX_NICE);
	if ((int)attr.sched_policy < SSI_KEEP_POLICY)
		return -EINVAL;
	p = get_pid_task(op->pid, PIDTYPE_PID);
	if (!p)
		return -ESRCH;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS)
		ret = ssi_op_keep_params(p, &attr);
	if (!ret)
		ret = sched_setattr(p, &attr);
	put_task_struct(p);
	return ret;
}

/**
 * ssi_op_getattr - carry out SSI_OP_GETATTR
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: what sched_getattr() returns.
 */
long ssi_op_getattr(struct ssi_op_rx *op)
{
	struct sched_attr attr = {};
	struct task_struct *p;
	long ret;

	if (op->reply_max < sizeof(attr))
		return -EINVAL;
	scoped_guard(rcu) {
		p = pid_task(op->pid, PIDTYPE_PID);
		ret = p ? sched_task_getattr(p, &attr, le64_to_cpu(op->w->arg[0])) : -ESRCH;
	}
	if (ret)
		return ret;
	memcpy(op->reply, &attr, sizeof(attr));
	op->reply_len = sizeof(attr);
	return 0;
}

/**
 * ssi_op_setaffinity - carry out SSI_OP_SETAFFINITY
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: what sched_setaffinity() returns.
 */
long ssi_op_setaffinity(struct ssi_op_rx *op)
{
	return sched_setaffinity(pid_vnr(op->pid), op->data);
}

/**
 * ssi_op_getaffinity - carry out SSI_OP_GETAFFINITY
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: what sched_getaffinity() returns.
 */
long ssi_op_getaffinity(struct ssi_op_rx *op)
{
	long ret;

	if (op->reply_max < sizeof(struct cpumask))
		return -EINVAL;
	ret = sched_getaffinity(pid_vnr(op->pid), op->reply);
	if (!ret)
		op->reply_len = sizeof(struct cpumask);
	return ret;
}

/**
 * ssi_op_rr_interval - carry out SSI_OP_RR_INTERVAL
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: what sched_rr_get_interval() returns.
 */
long ssi_op_rr_interval(struct ssi_op_rx *op)
{
	struct timespec64 t;
	long ret;

	if (op->reply_max < sizeof(t))
		return -EINVAL;
	ret = sched_rr_get_interval(pid_vnr(op->pid), &t);
	if (ret)
		return ret;
	memcpy(op->reply, &t, sizeof(t));
	op->reply_len = sizeof(t);
	return 0;
}
