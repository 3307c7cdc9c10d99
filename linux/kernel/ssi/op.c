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
 * credentials like the caller's, from a work item.  The answer is what the system
 * call returns.
 *
 * Unhappy paths: a node that is no member has no processes: ESRCH.  It may become
 * lost while the caller waits, then the same; the operation may or may not have been
 * carried out, as with a process that dies.  Only a fatal signal ends the wait, since
 * a system call that is restarted would signal twice; and ten seconds, ETIMEDOUT, if
 * the node's heart beats but it does not answer.  An operation holds the membership,
 * so that none of an old epoch is carried out in the next one (I4).
 */

#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/err.h>
#include <linux/math.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/slab.h>

#include "caller.h"
#include "instance.h"
#include "node.h"
#include "op.h"
#include "pidns.h"
#include "procmsg.h"
#include "rpc.h"

static const struct ssi_op_type ssi_ops[SSI_NR_OPS] = {
	[SSI_OP_KILL]		= { sizeof(struct kernel_siginfo), ssi_op_kill },
	[SSI_OP_TKILL]		= { sizeof(struct kernel_siginfo), ssi_op_tkill },
	[SSI_OP_GETPGID]	= { 0, ssi_op_getpgid },
	[SSI_OP_GETSID]		= { 0, ssi_op_getsid },
	[SSI_OP_GETPRIORITY]	= { 0, ssi_op_getpriority },
	[SSI_OP_SETPRIORITY]	= { 0, ssi_op_setpriority },
};

/* Bytes of message that the groups take. */
static size_t ssi_op_groups_len(unsigned int nr)
{
	return round_up(nr * sizeof(__le32), 8);
}

/* The node that a number names, referenced, or NULL. */
static struct ssi_node *ssi_op_node(int nr)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(task_active_pid_ns(current)->ssi);
	return p ? ssi_node_lookup(p->si, ssi_pid_node(nr, p->stride)) : NULL;
}

static struct ssi_msg *ssi_op_msg(enum ssi_op op, int nr, u64 arg0, u64 arg1,
				  const void *data, size_t data_len)
{
	unsigned int nr_groups = ssi_caller_groups(current_cred());
	size_t groups_len = ssi_op_groups_len(nr_groups);
	struct ssi_wire_op *w;
	struct ssi_msg *msg;
	size_t len = sizeof(*w) + groups_len + round_up(data_len, 8);

	if (len > SSI_MSG_MAX_BODY)
		return ERR_PTR(-E2BIG);
	msg = ssi_msg_alloc(SSI_MSG_OP, len, GFP_KERNEL_ACCOUNT);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	w = msg->body;
	w->op = cpu_to_le32(op);
	w->nr = cpu_to_le32(nr);
	w->arg[0] = cpu_to_le64(arg0);
	w->arg[1] = cpu_to_le64(arg1);
	w->data_len = cpu_to_le32(data_len);
	ssi_caller_fill(&w->caller, w->group, nr_groups, task_active_pid_ns(current));
	if (data_len)
		memcpy((void *)w->group + groups_len, data, data_len);
	return msg;
}

/* A system call that is restarted would act twice: no peer may ask for that. */
static long ssi_op_value(s64 value)
{
	return value > INT_MAX || value <= -ERESTARTSYS ? -EIO : value;
}

/**
 * ssi_op_call - do something to a process of another node
 * @op: what
 * @nr: its number, for which ssi_pid_remote() is true
 * @arg0: depends on @op
 * @arg1: depends on @op
 * @data: depends on @op
 * @data_len: bytes of @data, what @op wants
 *
 * Context: process context; sleeps until the answer, a fatal signal, or ten seconds.
 * Return: what the system call returns there; -ESRCH if the node is no member or is
 * lost meanwhile; -EINTR for a fatal signal; -ETIMEDOUT; -ENOMEM.
 */
long ssi_op_call(enum ssi_op op, int nr, u64 arg0, u64 arg1, const void *data, size_t data_len)
{
	struct ssi_call *call __free(kfree) = kzalloc_obj(*call);
	struct ssi_wire_op_done done = {};
	struct ssi_node *node;
	struct ssi_msg *msg;
	long ret;

	if (!call)
		return -ENOMEM;
	node = ssi_op_node(nr);
	if (!node)
		return -ESRCH;
	msg = ssi_op_msg(op, nr, arg0, arg1, data, data_len);
	if (IS_ERR(msg)) {
		ret = PTR_ERR(msg);
	} else {
		call->reply = &done;
		call->reply_max = sizeof(done);
		ret = ssi_call_killable(call, node, ssi_node_epoch(node), msg);
		if (!ret)
			ret = ssi_op_value(le64_to_cpu(done.value));
		else if (ret == -EHOSTDOWN)
			ret = -ESRCH;
	}
	ssi_node_put(node);
	return ret;
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

	if (op >= SSI_NR_OPS || w->pad)
		return -EPROTO;
	if (data_len != ssi_ops[op].data_len || groups > NGROUPS_MAX)
		return -EPROTO;
	if (len != sizeof(*w) + ssi_op_groups_len(groups) + round_up(data_len, 8))
		return -EPROTO;
	if (op == SSI_OP_KILL || op == SSI_OP_TKILL)
		return ssi_op_check_signal(w, (void *)w->group + ssi_op_groups_len(groups));
	return 0;
}

/**
 * ssi_op_ns - the attached pid namespace
 * @op: an operation that is carried out here
 *
 * Context: any.
 * Return: the namespace; the process keeps it.
 */
struct pid_namespace *ssi_op_ns(const struct ssi_op_rx *op)
{
	return op->pid->numbers[op->level].ns;
}

/* Find the process or thread that an operation is about, and refer to it. */
static bool ssi_op_find(struct ssi_instance *si, int nr, struct ssi_op_rx *op)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(si->pidns);
	if (!p || !ssi_pidns_own(p, nr))
		return false;
	op->pid = get_pid(find_pid_ns(nr, p->ns));
	op->level = p->ns->level;
	return op->pid;
}

static long ssi_op_run(const struct ssi_rx *rx)
{
	const struct ssi_wire_op *w = rx->body;
	struct ssi_op_rx op = {
		.w	= w,
		.data	= (void *)w->group +
			  ssi_op_groups_len(le32_to_cpu(w->caller.nr_groups)),
	};
	const struct cred *cred;
	long ret = -ESRCH;

	if (!ssi_op_find(rx->node->inst, le32_to_cpu(w->nr), &op))
		return -ESRCH;
	cred = ssi_caller_cred(&w->caller, w->group);
	if (IS_ERR(cred)) {
		ret = PTR_ERR(cred);
	} else {
		scoped_with_creds(cred)
			ret = ssi_ops[le32_to_cpu(w->op)].run(&op);
		put_cred(cred);
	}
	put_pid(op.pid);
	return ret;
}

/**
 * ssi_op_handle - do something to a process for a caller of another node
 * @rx: SSI_MSG_OP
 *
 * Context: receiver thread of the user lane; does the rest later, as it may sleep,
 * and as a waiter's own process must not be taken for the caller.
 */
void ssi_op_handle(struct ssi_rx *rx)
{
	struct ssi_wire_op_done *w;
	struct ssi_msg *msg;

	if (!rx->call)
		return;
	if (!rx->late) {
		ssi_rpc_later(rx, ssi_op_handle);
		return;
	}
	if (!ssi_node_tryhold(rx->node, rx->epoch))
		return;
	msg = ssi_msg_alloc(SSI_MSG_OP_DONE, sizeof(*w), GFP_KERNEL);
	if (msg) {
		w = msg->body;
		w->value = cpu_to_le64(ssi_op_run(rx));
		ssi_reply(rx->node, rx->epoch, rx->seq, msg);
	} else {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
	}
	ssi_node_release(rx->node);
}
