// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: operations on processes of other nodes
 */

/**
 * DOC: operations
 *
 * A system call that names a process by a number of another node goes there: one
 * call of the user lane to the home that the number names, no directory, no
 * broadcast. It says what is to be done, to whom, and who asks; the home looks the
 * process up and does it by the functions that serve its own processes, under
 * credentials like the caller's. What takes spinlocks only is done by the receiver
 * thread, all else by a work item.  The answer is what the system call returns.
 *
 * Unhappy paths: a node that is no member has no processes: ESRCH.  It may become
 * lost while the caller waits, then the same; the operation may or may not have been
 * carried out, as with a process that dies.  Only a fatal signal ends the wait, since
 * a system call that is restarted would signal twice; and ten seconds, ETIMEDOUT, if
 * the node's heart beats but it does not answer.  An operation holds the membership,
 * so that none of an old epoch is carried out in the next one (I4); not one that only
 * reads a file, or copies memory, which may take as long as the process it is of likes, who
 * can stop others from looking at his memory: memory may be written late, but only what its
 * owner keeps from being written. For these there are workers of their own, so that
 * if all are stuck, nothing else is; more than some hundred are refused, EAGAIN.
 */

#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/time64.h>
#include <uapi/linux/pidfd.h>
#include <uapi/linux/sched/types.h>

#include "caller.h"
#include "instance.h"
#include "node.h"
#include "op.h"
#include "pidns.h"
#include "procmsg.h"
#include "procname.h"
#include "rpc.h"
#include "task.h"

static const struct ssi_op_type ssi_ops[SSI_NR_OPS] = {
	[SSI_OP_KILL] = {
		.min_len = sizeof(struct kernel_siginfo), .max_len = sizeof(struct kernel_siginfo),
		.quick = true, .check = ssi_op_check_signal, .run = ssi_op_kill,
	},
	[SSI_OP_TKILL] = {
		.min_len = sizeof(struct kernel_siginfo), .max_len = sizeof(struct kernel_siginfo),
		.quick = true, .check = ssi_op_check_signal, .run = ssi_op_tkill,
	},
	[SSI_OP_KILL_PGRP] = {
		.min_len = sizeof(struct kernel_siginfo), .max_len = sizeof(struct kernel_siginfo),
		.quick = true, .check = ssi_op_check_signal, .run = ssi_op_kill_pgrp,
	},
	[SSI_OP_KILL_ALL] = {
		.min_len = sizeof(struct kernel_siginfo), .max_len = sizeof(struct kernel_siginfo),
		.range = true, .check = ssi_op_check_signal, .run = ssi_op_kill_all,
	},
	[SSI_OP_GETPGID] = { .quick = true, .run = ssi_op_getpgid },
	[SSI_OP_GETSID] = { .quick = true, .run = ssi_op_getsid },
	[SSI_OP_GETPRIORITY] = { .quick = true, .run = ssi_op_getpriority },
	[SSI_OP_SETPRIORITY] = { .confine = true, .run = ssi_op_setpriority },
	[SSI_OP_PRLIMIT] = {
		.max_len = sizeof(struct rlimit), .max_reply = sizeof(struct rlimit),
		.confine = true, .check = ssi_op_check_prlimit, .run = ssi_op_prlimit,
	},
	[SSI_OP_IOPRIO_SET] = { .confine = true, .run = ssi_op_ioprio_set },
	[SSI_OP_IOPRIO_GET] = { .run = ssi_op_ioprio_get },
	[SSI_OP_SETSCHEDULER] = { .confine = true, .run = ssi_op_setscheduler },
	[SSI_OP_GETSCHEDULER] = { .quick = true, .run = ssi_op_getscheduler },
	[SSI_OP_GETPARAM] = { .quick = true, .run = ssi_op_getparam },
	[SSI_OP_SETATTR] = {
		.min_len = sizeof(struct sched_attr), .max_len = sizeof(struct sched_attr),
		.confine = true, .run = ssi_op_setattr,
	},
	[SSI_OP_GETATTR] = {
		.max_reply = sizeof(struct sched_attr), .run = ssi_op_getattr,
	},
	[SSI_OP_SETAFFINITY] = {
		.min_len = sizeof(struct cpumask), .max_len = sizeof(struct cpumask),
		.confine = true, .run = ssi_op_setaffinity,
	},
	[SSI_OP_GETAFFINITY] = {
		.max_reply = sizeof(struct cpumask), .run = ssi_op_getaffinity,
	},
	[SSI_OP_RR_INTERVAL] = {
		.max_reply = sizeof(struct timespec64), .run = ssi_op_rr_interval,
	},
	[SSI_OP_VM_READ] = {
		.min_len = sizeof(struct ssi_wire_vec), .max_len = SSI_OP_MAX_VECS,
		.max_reply = SSI_OP_MAX_REPLY, .file = true, .confine = true, .attach = true,
		.check = ssi_op_check_vm, .run = ssi_op_vm_read,
	},
	[SSI_OP_VM_WRITE] = {
		.min_len = sizeof(struct ssi_wire_vec) + 1,
		.max_len = SSI_OP_MAX_VECS + SSI_OP_MAX_REPLY,
		.file = true, .confine = true, .attach = true,
		.check = ssi_op_check_vm, .run = ssi_op_vm_write,
	},
	[SSI_OP_PIDFD_OPEN] = {
		.max_reply = sizeof(u64), .quick = true, .run = ssi_op_pidfd_open,
	},
	[SSI_OP_PIDFD_STATE] = { .quick = true, .run = ssi_op_pidfd_state },
	[SSI_OP_PIDFD_INFO] = {
		.min_len = sizeof(u64), .max_len = sizeof(u64),
		.max_reply = sizeof(struct pidfd_info), .run = ssi_op_pidfd_info,
	},
	[SSI_OP_PROC_STAT] = {
		.min_len = 1, .max_len = SSI_PROCNAME_MAX_PATH,
		.max_reply = sizeof(struct ssi_wire_procstat),
		.confine = true,
		.check = ssi_op_check_path, .run = ssi_op_proc_stat,
	},
	[SSI_OP_PROC_READ] = {
		.min_len = 1, .max_len = SSI_PROCNAME_MAX_PATH, .max_reply = SSI_OP_MAX_REPLY,
		.file = true, .confine = true,
		.check = ssi_op_check_path, .run = ssi_op_proc_read,
	},
	[SSI_OP_PROC_WRITE] = {
		.min_len = 1, .max_len = SSI_PROCNAME_MAX_PATH + SSI_PROCFILE_MAX,
		.file = true, .confine = true,
		.check = ssi_op_check_path, .run = ssi_op_proc_write,
	},
	[SSI_OP_PROC_DIR] = {
		.min_len = 1, .max_len = SSI_PROCNAME_MAX_PATH, .max_reply = SSI_OP_MAX_REPLY,
		.file = true, .confine = true,
		.check = ssi_op_check_path, .run = ssi_op_proc_dir,
	},
	[SSI_OP_PROC_LINK] = {
		.min_len = 1, .max_len = SSI_PROCNAME_MAX_PATH, .max_reply = PATH_MAX,
		.file = true, .confine = true,
		.check = ssi_op_check_path, .run = ssi_op_proc_link,
	},
	[SSI_OP_PROC_MACHINE] = {
		.max_reply = SSI_OP_MAX_REPLY, .range = true,
		.check = ssi_op_check_machine, .run = ssi_op_proc_machine,
	},
	[SSI_OP_PROC_PIDS] = {
		.max_reply = SSI_OP_MAX_REPLY, .confine = true, .range = true,
		.run = ssi_op_proc_pids,
	},
	[SSI_OP_PROC_AHEAD] = {
		.max_reply = SSI_OP_MAX_REPLY, .file = true, .confine = true, .range = true,
		.check = ssi_op_check_ahead, .run = ssi_op_proc_ahead,
	},
};

/**
 * struct ssi_op_pending - an operation that was asked for
 * @call: the call
 * @node: whom; referenced
 * @done: where the answer goes
 */
struct ssi_op_pending {
	struct ssi_call call;
	struct ssi_node *node;
	struct ssi_wire_op_done *done;
};

/* files that are read or written for peers at a time, and with those that wait */
#define SSI_OP_WORKERS		32
#define SSI_OP_MAX_FILES	512

static struct workqueue_struct *ssi_op_wq __ro_after_init;
static struct workqueue_struct *ssi_op_file_wq __ro_after_init;
static atomic_t ssi_op_files = ATOMIC_INIT(0);

/* Bytes of message that the groups take. */
static size_t ssi_op_groups_len(unsigned int nr)
{
	return round_up(nr * sizeof(__le32), 8);
}

/**
 * ssi_op_home - the node that a number names
 * @ns: attached pid namespace that the number is of
 * @nr: the number
 *
 * Context: any.
 * Return: the node, referenced, or NULL if there is none or @ns is no longer attached.
 */
struct ssi_node *ssi_op_home(struct pid_namespace *ns, int nr)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	return p ? ssi_node_lookup(p->si, ssi_pid_node(nr, p->stride)) : NULL;
}

static struct ssi_msg *ssi_op_msg(const struct ssi_op_req *req)
{
	unsigned int nr_groups = ssi_caller_groups(current_cred());
	size_t groups_len = ssi_op_groups_len(nr_groups);
	struct ssi_wire_op *w;
	struct ssi_msg *msg;
	size_t len = sizeof(*w) + groups_len + round_up(req->data_len, 8);

	if (len > SSI_MSG_MAX_BODY)
		return ERR_PTR(-E2BIG);
	msg = ssi_msg_alloc(SSI_MSG_OP, len, GFP_KERNEL_ACCOUNT);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	w = msg->body;
	w->op = cpu_to_le32(req->op);
	w->nr = cpu_to_le32(req->nr);
	w->id = cpu_to_le64(req->id);
	w->arg[0] = cpu_to_le64(req->arg[0]);
	w->arg[1] = cpu_to_le64(req->arg[1]);
	w->data_len = cpu_to_le32(req->data_len);
	w->reply_max = cpu_to_le32(req->reply_max);
	ssi_caller_fill(&w->caller, w->group, nr_groups, req->ns);
	if (ssi_ops[req->op].confine)
		ssi_caller_confine(&w->caller, ssi_ops[req->op].attach);
	if (req->data_len)
		memcpy((void *)w->group + groups_len, req->data, req->data_len);
	return msg;
}

/* A system call that is restarted would act twice: no peer may ask for that. */
static long ssi_op_value(s64 value)
{
	return value > INT_MAX || value <= -ERESTARTSYS ? -EIO : value;
}

/* What an operation says whose call did not come to its end. */
static long ssi_op_error(int error)
{
	if (error == -EHOSTDOWN)
		return -ESRCH;
	return error == -EMSGSIZE || error <= -ERESTARTSYS ? -EIO : error;
}

static long ssi_op_send(struct ssi_op_req *req, struct ssi_op_pending *p)
{
	struct ssi_msg *msg;

	p->done = kvzalloc(struct_size(p->done, data, req->reply_max), GFP_KERNEL_ACCOUNT);
	if (!p->done)
		return -ENOMEM;
	msg = ssi_op_msg(req);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	p->call.reply = p->done;
	p->call.reply_max = struct_size(p->done, data, req->reply_max);
	return ssi_op_error(ssi_call_start(&p->call, p->node, ssi_node_epoch(p->node), msg));
}

static void ssi_op_free(struct ssi_op_pending *p)
{
	kvfree(p->done);
	if (p->node)
		ssi_node_put(p->node);
	kfree(p);
}

/**
 * ssi_op_start - ask for an operation without waiting
 * @req: what, to whom; stays until ssi_op_finish()
 *
 * Context: process context; sleeps for memory.
 * Return: what ssi_op_finish() takes, or an error pointer: -ESRCH if the node is no member;
 * -ENOMEM; -E2BIG.
 */
struct ssi_op_pending *ssi_op_start(struct ssi_op_req *req)
{
	struct ssi_op_pending *p = kzalloc_obj(*p, GFP_KERNEL_ACCOUNT);
	long ret;

	req->reply_len = 0;
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->node = ssi_op_home(req->ns, req->nr);
	ret = p->node ? ssi_op_send(req, p) : -ESRCH;
	if (!ret)
		return p;
	ssi_op_free(p);
	return ERR_PTR(ret);
}

/**
 * ssi_op_finish - wait for the answer
 * @req: what was given to ssi_op_start(); filled in with the answer's data
 * @p: what that returned; freed
 * @timeout: in jiffies
 *
 * Context: process context; sleeps until the answer, a fatal signal, or the timeout.
 * Return: as ssi_op_call().
 */
long ssi_op_finish(struct ssi_op_req *req, struct ssi_op_pending *p, unsigned long timeout)
{
	long ret = ssi_op_error(ssi_call_wait_killable(&p->call, timeout));

	if (!ret) {
		req->reply_len = p->call.reply_len - sizeof(*p->done);
		if (req->reply_len)
			memcpy(req->reply, p->done->data, req->reply_len);
		ret = ssi_op_value(le64_to_cpu(p->done->value));
	}
	ssi_op_free(p);
	return ret;
}

/**
 * ssi_op_call - do something to a process of another node
 * @req: what, to whom; filled in with the answer's data
 *
 * Context: process context; sleeps until the answer, a fatal signal, or ten seconds.
 * Return: what the system call returns there; -ESRCH if the node is no member or is
 * lost meanwhile; -EINTR for a fatal signal; -ETIMEDOUT; -ENOMEM; -EIO.
 */
long ssi_op_call(struct ssi_op_req *req)
{
	struct ssi_op_pending *p = ssi_op_start(req);

	if (IS_ERR(p))
		return PTR_ERR(p);
	return ssi_op_finish(req, p, req->timeout ? : SSI_CALL_TIMEOUT);
}

/**
 * ssi_op_ask - do something that takes one argument at most, and returns a number
 * @op: what
 * @nr: to whom, a number for which ssi_pid_remote() is true
 * @arg: depends on @op
 *
 * Context: process context; sleeps, as ssi_op_call().
 * Return: as ssi_op_call().
 */
long ssi_op_ask(enum ssi_op op, int nr, u64 arg)
{
	return ssi_op_ask2(op, nr, arg, 0);
}

/**
 * ssi_op_ask2 - do something that takes two arguments, and returns a number
 * @op: what
 * @nr: to whom, a number for which ssi_pid_remote() is true
 * @arg: depends on @op
 * @arg2: the same
 *
 * Context: process context; sleeps, as ssi_op_call().
 * Return: as ssi_op_call().
 */
long ssi_op_ask2(enum ssi_op op, int nr, u64 arg, u64 arg2)
{
	struct ssi_op_req req = {
		.op	= op,
		.nr	= nr,
		.ns	= task_active_pid_ns(current),
		.arg	= { arg, arg2 },
	};

	return ssi_op_call(&req);
}

/**
 * ssi_op_check - is an operation well formed?
 * @body: SSI_MSG_OP, no shorter than its fixed part
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check(const void *body, size_t len)
{
	const struct ssi_wire_op *w = body;
	u32 op = le32_to_cpu(w->op), data_len = le32_to_cpu(w->data_len);
	u32 groups = le32_to_cpu(w->caller.nr_groups);
	const struct ssi_op_type *type;

	if (op >= SSI_NR_OPS || groups > NGROUPS_MAX)
		return -EPROTO;
	type = &ssi_ops[op];
	if (data_len < type->min_len || data_len > type->max_len ||
	    le32_to_cpu(w->reply_max) > type->max_reply)
		return -EPROTO;
	if (len != sizeof(*w) + ssi_op_groups_len(groups) + round_up(data_len, 8))
		return -EPROTO;
	return type->check ? type->check(w, (void *)w->group + ssi_op_groups_len(groups)) : 0;
}

/* Find the process or thread that an operation is about, and refer to it. */
static bool ssi_op_find(struct ssi_instance *si, bool range, struct ssi_op_rx *op)
{
	u64 id = le64_to_cpu(op->w->id);
	int nr = le32_to_cpu(op->w->nr);
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(si->pidns);
	if (!p || !ssi_pidns_own(p, nr))
		return false;
	if (!range) {
		op->pid = ssi_pidns_find(p, nr, id);
		if (!op->pid)
			return false;
	}
	op->ns = get_pid_ns(p->ns);
	return true;
}

static long ssi_op_run(const struct ssi_rx *rx, struct ssi_op_rx *op)
{
	const struct ssi_wire_op *w = op->w;
	const struct ssi_op_type *type = &ssi_ops[le32_to_cpu(w->op)];
	const struct cred *cred;
	struct ssi_actor actor;
	long ret = -ESRCH;

	if (!ssi_op_find(rx->node->inst, type->range, op))
		return -ESRCH;
	cred = ssi_caller_cred(&w->caller, w->group);
	if (IS_ERR(cred)) {
		ret = PTR_ERR(cred);
	} else {
		ssi_task_act(&actor, op->ns);
		scoped_with_creds(cred)
			ret = type->run(op);
		ssi_task_end_act(&actor);
		put_cred(cred);
	}
	put_pid(op->pid);
	put_pid_ns(op->ns);
	return ret;
}

/* By which work queue an operation is carried out that may sleep. */
static struct workqueue_struct *ssi_op_queue(const struct ssi_op_type *type)
{
	return type->file ? ssi_op_file_wq : ssi_op_wq;
}

/* Count an operation on a file, or refuse it: they may all be stuck. */
static bool ssi_op_begin_file(const struct ssi_op_type *type)
{
	if (!type->file || atomic_inc_return(&ssi_op_files) <= SSI_OP_MAX_FILES)
		return true;
	atomic_dec(&ssi_op_files);
	return false;
}

static void ssi_op_end_file(const struct ssi_op_type *type)
{
	if (type->file)
		atomic_dec(&ssi_op_files);
}

static void ssi_op_answer(struct ssi_rx *rx)
{
	const struct ssi_wire_op *w = rx->body;
	struct ssi_op_rx op = {
		.w		= w,
		.data		= (void *)w->group +
				  ssi_op_groups_len(le32_to_cpu(w->caller.nr_groups)),
		.reply_max	= le32_to_cpu(w->reply_max),
	};
	struct ssi_wire_op_done *done;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_OP_DONE, struct_size(done, data, op.reply_max), GFP_KERNEL);
	if (!msg) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	done = msg->body;
	op.reply = done->data;
	done->value = cpu_to_le64(ssi_op_run(rx, &op));
	msg->len = struct_size(done, data, op.reply_len);
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
}

/**
 * ssi_op_handle - do something to a process for a caller of another node
 * @rx: SSI_MSG_OP
 *
 * Context: receiver thread of the user lane, or a process that waits for an answer by
 * it, which must not be taken for the caller: then, and if it may sleep, the rest is
 * done later.
 */
void ssi_op_handle(struct ssi_rx *rx)
{
	const struct ssi_wire_op *w = rx->body;
	const struct ssi_op_type *type = &ssi_ops[le32_to_cpu(w->op)];
	bool write = !type->file || le32_to_cpu(w->op) == SSI_OP_PROC_WRITE;

	if (!rx->call)
		return;
	if (!rx->late && !(type->quick && (current->flags & PF_KTHREAD))) {
		if (ssi_op_begin_file(type))
			ssi_rpc_later(rx, ssi_op_handle, ssi_op_queue(type));
		else
			ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -EAGAIN);
		return;
	}
	if (ssi_node_tryhold(rx->node, rx->epoch)) {
		/* what reads may take long, and changes nothing in another epoch either */
		if (!write)
			ssi_node_release(rx->node);
		ssi_op_answer(rx);
		if (write)
			ssi_node_release(rx->node);
	}
	ssi_op_end_file(type);
}

/**
 * ssi_op_init - make the work queues
 *
 * Return: 0 or -ENOMEM.
 */
int __init ssi_op_init(void)
{
	ssi_op_wq = alloc_workqueue("ssi-op", WQ_UNBOUND, 0);
	if (!ssi_op_wq)
		return -ENOMEM;
	ssi_op_file_wq = alloc_workqueue("ssi-op-file", WQ_UNBOUND, SSI_OP_WORKERS);
	if (!ssi_op_file_wq) {
		destroy_workqueue(ssi_op_wq);
		return -ENOMEM;
	}
	return 0;
}
