// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: attributes of processes of other nodes
 */

/**
 * DOC: attributes of processes of other nodes
 *
 * Group, session and nice value: each system call here is one operation, and each
 * operation does what the system call does to one process, with its security hook.
 * Numbers in answers are those of the attached pid namespace, which caller and process
 * share.
 */

#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
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
	return ssi_op_call(SSI_OP_GETPGID, nr, 0, 0, NULL, 0);
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
	return ssi_op_call(SSI_OP_GETSID, nr, 0, 0, NULL, 0);
}

/**
 * ssi_getpriority - getpriority(PRIO_PROCESS) of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 *
 * Context: process context; sleeps.
 * Return: 20 less its nice value, or as ssi_op_call().
 */
int ssi_getpriority(pid_t nr)
{
	return ssi_op_call(SSI_OP_GETPRIORITY, nr, 0, 0, NULL, 0);
}

/**
 * ssi_setpriority - setpriority(PRIO_PROCESS) of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @niceval: new nice value
 *
 * Context: process context; sleeps.
 * Return: 0, -EPERM, -EACCES, or as ssi_op_call().
 */
int ssi_setpriority(pid_t nr, int niceval)
{
	return ssi_op_call(SSI_OP_SETPRIORITY, nr, niceval, 0, NULL, 0);
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
	return err ? err : task_pgrp_nr_ns(p, ssi_op_ns(op));
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
	return err ? err : task_session_nr_ns(p, ssi_op_ns(op));
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
	struct task_struct *p;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	return p ? nice_to_rlimit(task_nice(p)) : -ESRCH;
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
	struct task_struct *p;

	guard(rcu)();
	p = pid_task(op->pid, PIDTYPE_PID);
	return p ? set_one_prio(p, nice, -ESRCH) : -ESRCH;
}
