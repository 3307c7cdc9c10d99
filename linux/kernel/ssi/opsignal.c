// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: signals to processes of other nodes
 */

/**
 * DOC: signals to other nodes
 *
 * kill(), tgkill() and their like with a number of another node end up here, with the
 * siginfo that they made.  Numbers of processes are the same everywhere; user ids in
 * it are translated to the initial user namespace, which the receiver's code for
 * other user namespaces expects.
 *
 * kill(-1) goes to all members, one after the other, unless the caller may signal any
 * process: then it is a node's shutdown, say, which must not end the cluster.
 *
 * SIGCONT may be sent within a session by whoever belongs to it. The check looks at
 * the session of current, which is a worker's: so the caller's is compared here,
 * one who may is given the right, and one who may not has to have it anyway.
 *
 * A security module is asked at home as well, as for a signal to the kernel: nothing
 * there is in a Landlock domain, say, and so nobody in one signals out of it.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/signal.h>
#include <linux/ssi_pid.h>
#include <linux/user_namespace.h>
#include <uapi/linux/pidfd.h>

#include "instance.h"
#include "node.h"
#include "op.h"
#include "pidfd.h"
#include "pidns.h"
#include "procmsg.h"

/* As the receiver's __send_signal_locked() would fill it in, did it know the sender. */
static void ssi_op_fill_info(struct kernel_siginfo *info, int sig, int code)
{
	clear_siginfo(info);
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = task_tgid_vnr(current);
	info->si_uid = from_kuid_munged(&init_user_ns, current_uid());
}

static void ssi_op_copy_info(struct kernel_siginfo *to, int sig, const struct kernel_siginfo *info)
{
	struct user_namespace *ns = current_user_ns();

	copy_siginfo(to, info);
	if (ns == &init_user_ns)
		return;
	switch (siginfo_layout(sig, info->si_code)) {
	case SIL_KILL:
	case SIL_CHLD:
	case SIL_RT:
		to->si_uid = from_kuid_munged(&init_user_ns, make_kuid(ns, info->si_uid));
		break;
	default:
		break;
	}
}

static long ssi_op_signal(enum ssi_op op, int nr, u64 id, int tgid, int sig,
			  const struct kernel_siginfo *info)
{
	struct kernel_siginfo copy;
	struct ssi_op_req req = {
		.op		= op,
		.nr		= nr,
		.ns		= task_active_pid_ns(current),
		.id		= id,
		.arg		= { sig, tgid },
		.data		= &copy,
		.data_len	= sizeof(copy),
	};
	int err;

	if (!valid_signal(sig))
		return -EINVAL;
	if (info == SEND_SIG_NOINFO)
		ssi_op_fill_info(&copy, sig, op == SSI_OP_TKILL ? SI_TKILL : SI_USER);
	else
		ssi_op_copy_info(&copy, sig, info);
	err = security_task_kill(&init_task, &copy, sig, NULL);
	if (err)
		return err;
	return ssi_op_call(&req);
}

/**
 * ssi_kill - send a signal to a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @sig: signal, 0 to ask whether it may be sent
 * @info: as rt_sigqueueinfo() made it, or SEND_SIG_NOINFO
 *
 * Context: process context; sleeps.
 * Return: 0, -EINVAL, -EPERM, -ESRCH, -EAGAIN, or as ssi_op_call().
 */
int ssi_kill(pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return ssi_op_signal(SSI_OP_KILL, nr, 0, 0, sig, info);
}

/**
 * ssi_tkill - send a signal to a thread of another node
 * @tgid: process that it has to belong to, or 0
 * @nr: its number, for which ssi_pid_remote() is true
 * @sig: signal, 0 to ask whether it may be sent
 * @info: as tgkill() or rt_tgsigqueueinfo() made it
 *
 * Context: process context; sleeps.
 * Return: as ssi_kill().
 */
int ssi_tkill(pid_t tgid, pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return ssi_op_signal(SSI_OP_TKILL, nr, 0, tgid > 0 ? tgid : 0, sig, info);
}

/**
 * ssi_kill_pgrp - send a signal to a process group of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @sig: signal, 0 to ask whether it may be sent
 * @info: as kill() made it
 *
 * Context: process context; sleeps.
 * Return: as ssi_kill().
 */
int ssi_kill_pgrp(pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return ssi_op_signal(SSI_OP_KILL_PGRP, nr, 0, 0, sig, info);
}

/**
 * __ssi_kill_all - send a signal to the processes of all other nodes
 * @sig: signal, 0 to ask whether it may be sent
 * @info: as kill() made it
 * @ret: what kill() returns for this node's
 *
 * Context: process context; sleeps.
 * Return: @ret, or if that is -ESRCH what the first node returns that has such processes.
 */
int __ssi_kill_all(int sig, const struct kernel_siginfo *info, int ret)
{
	struct ssi_instance *si;
	struct ssi_node *node;
	int stride, err;

	if (ns_capable_noaudit(&init_user_ns, CAP_KILL))
		return ret;
	si = ssi_pidns_instance(task_active_pid_ns(current), &stride);
	if (!si)
		return ret;
	ssi_node_for_each(si, node) {
		if (!ssi_node_is_member(node) || node->id > ssi_pid_max_node(stride))
			continue;
		err = ssi_op_signal(SSI_OP_KILL_ALL, ssi_pid_first(node->id, stride), 0, 0, sig,
				    info);
		if (ret == -ESRCH)
			ret = err;
		if (fatal_signal_pending(current)) {
			ssi_node_put(node);
			break;
		}
	}
	ssi_instance_put(si);
	return ret;
}

/**
 * ssi_pidfd_send_signal - pidfd_send_signal() by a pidfd or /proc/PID of another node
 * @file: file for which ssi_pidfd_remote() is true
 * @sig: signal
 * @info: siginfo of the caller, or NULL
 * @flags: of the system call, which has checked them
 *
 * Context: process context; sleeps.
 * Return: as ssi_kill(); -EFAULT.
 */
int ssi_pidfd_send_signal(struct file *file, int sig, siginfo_t __user *info,
			  unsigned int flags)
{
	enum ssi_op op = file->f_flags & PIDFD_THREAD ? SSI_OP_TKILL : SSI_OP_KILL;
	struct kernel_siginfo kinfo;
	int nr, ret;
	u64 id;

	if (flags & PIDFD_SIGNAL_THREAD)
		op = SSI_OP_TKILL;
	else if (flags & PIDFD_SIGNAL_THREAD_GROUP)
		op = SSI_OP_KILL;
	else if (flags & PIDFD_SIGNAL_PROCESS_GROUP)
		op = SSI_OP_KILL_PGRP;
	/* numbers of one namespace mean nothing in another one */
	nr = ssi_pidfd_process(file, &id);
	if (nr < 0)
		return nr;
	if (!ssi_pid_remote(nr))
		/* or this node has left: only the initial one can be attached */
		return task_active_pid_ns(current)->level ? -EINVAL : -ESRCH;
	if (!info)
		return ssi_op_signal(op, nr, id, 0, sig, SEND_SIG_NOINFO);
	ret = copy_siginfo_from_user_any(&kinfo, info);
	if (ret)
		return ret;
	if (sig != kinfo.si_signo)
		return -EINVAL;
	/* as for another process on one machine */
	if (kinfo.si_code >= 0 || kinfo.si_code == SI_TKILL)
		return -EPERM;
	return ssi_op_signal(op, nr, id, 0, sig, &kinfo);
}

/* Do they belong to one session?  Only numbers of the cluster say so. */
static bool ssi_op_same_session(const struct ssi_op_rx *op, struct task_struct *t)
{
	int session = le32_to_cpu(op->w->caller.session);

	return session >= SSI_PID_LOCAL && task_session_nr_ns(t, op->ns) == session;
}

/* The same of a process, or of a group, which is of one session. */
static bool ssi_op_session_of(const struct ssi_op_rx *op)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(op->pid, PIDTYPE_PID) ? : pid_task(op->pid, PIDTYPE_PGID);
	return t && ssi_op_same_session(op, t);
}

/* Credentials like those of current that may signal everybody, or NULL. */
static struct cred *ssi_op_raised_cred(void)
{
	struct cred *cred = prepare_creds();

	if (cred)
		cap_raise(cred->cap_effective, CAP_KILL);
	return cred;
}

typedef int (*ssi_op_send_t)(struct ssi_op_rx *op, int sig, struct kernel_siginfo *info);

static long ssi_op_send_continue(struct ssi_op_rx *op, struct kernel_siginfo *info,
				 ssi_op_send_t send)
{
	struct cred *cred;
	long ret;

	if (!ssi_op_session_of(op)) {
		/* the worker's session must not matter: may any signal be sent? */
		ret = send(op, 0, info);
		return ret ? ret : send(op, SIGCONT, info);
	}
	cred = ssi_op_raised_cred();
	if (!cred)
		return -ENOMEM;
	scoped_with_creds(cred)
		ret = send(op, SIGCONT, info);
	put_cred(cred);
	return ret;
}

static long ssi_op_send(struct ssi_op_rx *op, ssi_op_send_t send)
{
	int sig = (int)le64_to_cpu(op->w->arg[0]);
	struct kernel_siginfo info;

	memcpy(&info, op->data, sizeof(info));
	return sig == SIGCONT ? ssi_op_send_continue(op, &info, send) : send(op, sig, &info);
}

/**
 * ssi_op_check_signal - is a signal well formed?
 * @w: SSI_OP_KILL and its like
 * @data: its siginfo
 *
 * A signal with a code of the kernel would be sent without asking.
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_signal(const struct ssi_wire_op *w, const void *data)
{
	const struct kernel_siginfo *info = data;
	u64 sig = le64_to_cpu(w->arg[0]);

	if (sig > _NSIG || info->si_signo != sig || info->si_code > 0)
		return -EPROTO;
	return 0;
}

static int ssi_op_send_process(struct ssi_op_rx *op, int sig, struct kernel_siginfo *info)
{
	return kill_pid_info(sig, info, op->pid);
}

static int ssi_op_send_thread(struct ssi_op_rx *op, int sig, struct kernel_siginfo *info)
{
	u64 tgid = le64_to_cpu(op->w->arg[1]);
	struct task_struct *t;
	int ret;

	guard(rcu)();
	t = pid_task(op->pid, PIDTYPE_PID);
	if (!t || (tgid && task_tgid_nr_ns(t, op->ns) != tgid))
		return -ESRCH;
	ret = group_send_sig_info(sig, info, t, PIDTYPE_PID);
	/* as do_send_specific() has it: it died after it got the signal */
	return ret == -ESRCH ? 0 : ret;
}

/**
 * ssi_op_kill - carry out SSI_OP_KILL
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_kill(struct ssi_op_rx *op)
{
	return ssi_op_send(op, ssi_op_send_process);
}

/**
 * ssi_op_tkill - carry out SSI_OP_TKILL
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_tkill(struct ssi_op_rx *op)
{
	return ssi_op_send(op, ssi_op_send_thread);
}

static int ssi_op_send_pgrp(struct ssi_op_rx *op, int sig, struct kernel_siginfo *info)
{
	int ret;

	read_lock(&tasklist_lock);
	ret = __kill_pgrp_info(sig, info, op->pid);
	read_unlock(&tasklist_lock);
	return ret;
}

/**
 * ssi_op_kill_pgrp - carry out SSI_OP_KILL_PGRP
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_kill_pgrp(struct ssi_op_rx *op)
{
	return ssi_op_send(op, ssi_op_send_pgrp);
}

static int ssi_op_send_one_of_all(struct ssi_op_rx *op, struct task_struct *p, int sig,
				  struct kernel_siginfo *info, const struct cred *raised)
{
	int ret;

	if (raised && ssi_op_same_session(op, p)) {
		scoped_with_creds(raised)
			ret = group_send_sig_info(sig, info, p, PIDTYPE_MAX);
		return ret;
	}
	/* the worker's session must not matter: may any signal be sent? */
	ret = raised ? group_send_sig_info(0, info, p, PIDTYPE_MAX) : 0;
	return ret ? ret : group_send_sig_info(sig, info, p, PIDTYPE_MAX);
}

/* As kill_something_info() has it for -1. */
static long ssi_op_send_all(struct ssi_op_rx *op, int sig, struct kernel_siginfo *info,
			    const struct cred *raised)
{
	long ret = 0, count = 0;
	struct task_struct *p;
	int err;

	read_lock(&tasklist_lock);
	for_each_process(p) {
		if (task_tgid_nr_ns(p, op->ns) < SSI_PID_LOCAL)
			continue;
		err = ssi_op_send_one_of_all(op, p, sig, info, raised);
		count++;
		if (err != -EPERM)
			ret = err;
	}
	read_unlock(&tasklist_lock);
	return count ? ret : -ESRCH;
}

/**
 * ssi_op_kill_all - carry out SSI_OP_KILL_ALL
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; may sleep.
 * Return: 0 or a negative errno.
 */
long ssi_op_kill_all(struct ssi_op_rx *op)
{
	int sig = (int)le64_to_cpu(op->w->arg[0]);
	struct cred *raised = NULL;
	struct kernel_siginfo info;
	long ret;

	memcpy(&info, op->data, sizeof(info));
	if (sig == SIGCONT) {
		raised = ssi_op_raised_cred();
		if (!raised)
			return -ENOMEM;
	}
	ret = ssi_op_send_all(op, sig, &info, raised);
	if (raised)
		put_cred(raised);
	return ret;
}
