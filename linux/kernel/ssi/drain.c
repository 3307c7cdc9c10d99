// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a node that is being emptied
 */

/**
 * DOC: draining
 *
 * A node that is to leave, to be rebooted or to be spared *drains*: it takes neither
 * processes nor programs of other nodes any more, and its heartbeats say so. Each peer
 * then brings home what it has there, and chooses other nodes for programs. Nothing is
 * lost, and nothing is forced: programs that were started on the node are its own, and
 * end when they end; whoever drains the node waits for them.
 *
 * A peer knows it with the next heartbeat, which is sent at once. A peer that sends
 * something before it knows is refused.
 *
 * Who moves a process, or places a program, looks for such a word after what the other side
 * looks for is there; ssi_drain_sync() waits for what was being taken.
 *
 * Unhappy paths: a process that does not come home in time has the wish taken from it and
 * comes when it can. The end of a membership ends what was going on. Taking it back is
 * the same with the opposite word; what came home stays there.
 *
 * Locks: the node's lock is held while its state changes.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

#include "drain.h"
#include "instance.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "node.h"
#include "pairing.h"
#include "process.h"
#include "procmsg.h"
#include "rpc.h"

/**
 * ssi_drain - begin to empty this node, or take that back
 * @si: instance
 * @on: begin
 *
 * Context: process context.
 * Return: 0, or -ENOTCONN if it has not joined.
 */
int ssi_drain(struct ssi_instance *si, bool on)
{
	struct ssi_node *node;

	if (!ssi_instance_joined(si))
		return -ENOTCONN;
	if (xchg(&si->draining, on) == on)
		return 0;
	pr_info_ratelimited("node %u %s\n", si->node, on ? "is being emptied" : "is in use again");
	ssi_node_for_each(si, node)
		ssi_heart_kick(&node->pairing->heart);
	return 0;
}

/**
 * ssi_drain_heard - a heartbeat says whether its sender drains
 * @node: sender
 * @epoch: of the heartbeat
 * @on: it does
 *
 * Context: receiver thread of the control lane.
 */
void ssi_drain_heard(struct ssi_node *node, u32 epoch, bool on)
{
	enum ssi_node_state state = on ? SSI_NODE_STATE_DRAINING : SSI_NODE_STATE_MEMBER;

	/* nearly always */
	if (READ_ONCE(node->state) == state)
		return;
	spin_lock_irq(&node->lock);
	if (!ssi_node_in_epoch(node) || node->epoch != epoch) {
		spin_unlock_irq(&node->lock);
		return;
	}
	ssi_node_set_state(node, state);
	spin_unlock_irq(&node->lock);
	node->inst->peer_ops->changed(node);
	if (!on)
		return;
	ssi_node_get(node);
	if (!queue_work(system_dfl_long_wq, &node->drain_work))
		ssi_node_put(node);
}

/**
 * ssi_drain_work - bring home what a node that drains executes for us
 * @work: in the node, which is referenced for this
 *
 * Context: work queue; sleeps.
 */
void ssi_drain_work(struct work_struct *work)
{
	struct ssi_node *node = container_of(work, struct ssi_node, drain_work);

	ssi_process_home_from(node);
	ssi_node_put(node);
}

/**
 * struct ssi_drain_echo - a node was asked whether it has heard what came before
 * @link: in the list of those that were asked at once
 * @node: whom; referenced
 * @call: the question
 */
struct ssi_drain_echo {
	struct list_head link;
	struct ssi_node *node;
	struct ssi_call call;
};

static int ssi_drain_echo(struct ssi_node *node, struct list_head *asked)
{
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL);
	struct ssi_drain_echo *echo = kzalloc_obj(*echo);

	if (!msg || !echo) {
		if (msg)
			ssi_msg_free(msg);
		kfree(echo);
		return -ENOMEM;
	}
	echo->node = ssi_node_get(node);
	list_add_tail(&echo->link, asked);
	/* what went wrong is found when it is waited for */
	ssi_call_start(&echo->call, node, ssi_node_epoch(node), msg);
	return 0;
}

/**
 * ssi_drain_sync - wait until whoever was not refused is known
 * @si: instance that leaves, or is about to forget a node
 * @only: the node, or NULL for all
 *
 * A message may be handled while this node begins to refuse it. The answer to an echo
 * is handled after it, by the same thread. All nodes are asked at once.
 *
 * Context: process context; sleeps, up to SSI_CALL_TIMEOUT.
 * Return: 0; -ENOMEM, -EINTR or -ETIMEDOUT if this is not certain of a node.
 */
int ssi_drain_sync(struct ssi_instance *si, struct ssi_node *only)
{
	unsigned long end = jiffies + SSI_CALL_TIMEOUT;
	struct ssi_drain_echo *echo, *next;
	struct ssi_node *node;
	LIST_HEAD(asked);
	int err, ret = 0;

	ssi_node_for_each(si, node) {
		if ((!only || node == only) && ssi_node_is_member(node))
			ret = ssi_drain_echo(node, &asked) ? : ret;
	}
	list_for_each_entry_safe(echo, next, &asked, link) {
		unsigned long now = jiffies;

		err = ssi_call_wait_killable(&echo->call,
					     time_before(now, end) ? end - now : 1);
		/* what was on its way from a node that is lost is so, too */
		if (err && err != -EHOSTDOWN)
			ret = err;
		ssi_node_put(echo->node);
		kfree(echo);
	}
	return ret;
}

/**
 * ssi_drain_check - is a request to drain well formed?
 * @body: SSI_MSG_DRAIN
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_drain_check(const void *body, size_t len)
{
	const struct ssi_wire_drain *w = body;

	return le32_to_cpu(w->on) > 1 || w->pad ? -EPROTO : 0;
}

/**
 * ssi_drain_handle - a peer's administrator wants this node to drain
 * @rx: SSI_MSG_DRAIN
 *
 * Peers trust each other as kernels: the peer has checked who asks.
 *
 * Context: receiver thread of the user lane.
 */
void ssi_drain_handle(struct ssi_rx *rx)
{
	const struct ssi_wire_drain *w = rx->body;
	struct ssi_wire_drain *answer;
	struct ssi_msg *msg;

	if (!rx->call)
		return;
	msg = ssi_msg_alloc(SSI_MSG_DRAIN_REPLY, sizeof(*answer), GFP_NOIO);
	if (!msg) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	answer = msg->body;
	*answer = *w;
	pr_info_ratelimited("node %u wants this node, %u, to %s\n", rx->node->id,
			    rx->node->inst->node, w->on ? "drain" : "be used again");
	ssi_drain(rx->node->inst, w->on);
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
}

/* Have another node drain. */
static int ssi_drain_ask(struct ssi_node *node, bool on)
{
	struct ssi_wire_drain *w, answer;
	struct ssi_call *call __free(kfree) = kzalloc_obj(*call);
	struct ssi_msg *msg;

	if (!call)
		return -ENOMEM;
	msg = ssi_msg_alloc(SSI_MSG_DRAIN, sizeof(*w), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	w = msg->body;
	w->on = cpu_to_le32(on);
	call->reply = &answer;
	call->reply_max = sizeof(answer);
	return ssi_call_killable(call, node, ssi_node_epoch(node), msg, SSI_CALL_TIMEOUT);
}

static int ssi_drain_other(struct ssi_instance *si, u32 id, bool on, struct netlink_ext_ack *extack)
{
	struct ssi_node *node = ssi_node_lookup(si, id);
	int err;

	if (!node) {
		NL_SET_ERR_MSG_FMT(extack, "There is no node %u; 'ssi nodes' lists them", id);
		return -ENOENT;
	}
	err = ssi_node_is_member(node) ? ssi_drain_ask(node, on) : -EHOSTUNREACH;
	if (err == -EHOSTUNREACH)
		NL_SET_ERR_MSG_FMT(extack, "Node %u is no member now", id);
	else if (err)
		NL_SET_ERR_MSG_FMT(extack, "Node %u did not answer", id);
	ssi_node_put(node);
	return err;
}

/**
 * ssi_nl_drain_doit - begin to empty this node or another one, or take that back
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps for an answer.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_drain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	bool on = !info->attrs[SSI_A_STATUS_UNDO];
	u32 id = nla_get_u32_default(info->attrs[SSI_A_STATUS_NODE], 0);
	int err;

	err = ssi_nl_permit(skb, info);
	if (!err)
		err = ssi_nl_joined(si, info->extack);
	if (err)
		return err;
	return id && id != si->node ? ssi_drain_other(si, id, on, info->extack) :
				      ssi_drain(si, on);
}
