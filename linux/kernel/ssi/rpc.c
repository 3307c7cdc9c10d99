// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: from a received message to its handler
 */

/**
 * DOC: dispatch
 *
 * What a message may look like stands in one table per area: the transport's
 * here, that of processes and memory in procmsg.c.  ssi_rpc_check() compares the
 * header with it before a byte of the body is read, the op's own check looks at
 * the body, and only then the handler runs.  A handler may rely on its lane, on
 * the bounds of length and pages, and on the epoch being the current one; it
 * checks only what depends on its own state.
 *
 * A handler that would have to wait for a task of ours has the message handled
 * later, by a work item, as others wait behind it.
 *
 * Unhappy paths: whatever does not fit fences the sender with reason "protocol".
 */

#include <kunit/visibility.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "call.h"
#include "drain.h"
#include "heart.h"
#include "link.h"
#include "node.h"
#include "pairing.h"
#include "rpc.h"

static int ssi_rpc_error_check(const void *body, size_t len)
{
	const struct ssi_wire_error *wire = body;
	u32 error = le32_to_cpu(wire->error);

	return error && error <= MAX_ERRNO && !wire->pad ? 0 : -EPROTO;
}

static int ssi_rpc_heartbeat_check(const void *body, size_t len)
{
	const struct ssi_wire_heartbeat *wire = body;

	return !wire->cpus || le32_to_cpu(wire->flags) & ~SSI_HEARTBEAT_FLAGS ? -EPROTO : 0;
}

/* Send back what came, by the lane it came by. */
static void ssi_rpc_echo(struct ssi_rx *rx)
{
	u16 type = rx->type == SSI_MSG_ECHO ? SSI_MSG_ECHO_REPLY :
					      SSI_MSG_ECHO_MEM_REPLY;
	struct ssi_msg *msg;
	unsigned int i;
	int err = 0;

	if (!rx->call)
		return;

	msg = ssi_msg_alloc(type, rx->len, GFP_NOIO);
	if (!msg) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	memcpy(msg->body, rx->body, rx->len);
	for (i = 0; i < rx->nr_pages && !err; i++)
		err = ssi_msg_add_page(msg, rx->pages[i]);
	if (err) {
		ssi_msg_free(msg);
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, err);
		return;
	}
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
}

/* HELLO, REFUSE, ATTACH and READY are over before a lane is dispatched. */
static const struct ssi_rpc_op ssi_rpc_ops[SSI_MSG_NR] = {
	[SSI_MSG_HEARTBEAT] = {
		.name		= "heartbeat",
		.lane		= SSI_LANE_CONTROL,
		.min_len	= sizeof(struct ssi_wire_heartbeat),
		.max_len	= sizeof(struct ssi_wire_heartbeat),
		.check		= ssi_rpc_heartbeat_check,
		.handle		= ssi_heart_receive,
	},
	[SSI_MSG_BYE] = {
		.name		= "bye",
		.lane		= SSI_LANE_CONTROL,
		.handle		= ssi_pairing_bye,
	},
	[SSI_MSG_ERROR] = {
		.name		= "error",
		.lane		= SSI_NR_LANES,
		.min_len	= sizeof(struct ssi_wire_error),
		.max_len	= sizeof(struct ssi_wire_error),
		.reply		= true,
		.check		= ssi_rpc_error_check,
	},
	[SSI_MSG_DRAIN] = {
		.name		= "drain",
		.lane		= SSI_LANE_USER,
		.min_len	= sizeof(struct ssi_wire_drain),
		.max_len	= sizeof(struct ssi_wire_drain),
		.check		= ssi_drain_check,
		.handle		= ssi_drain_handle,
	},
	[SSI_MSG_DRAIN_REPLY] = {
		.name		= "drain-reply",
		.lane		= SSI_LANE_USER,
		.min_len	= sizeof(struct ssi_wire_drain),
		.max_len	= sizeof(struct ssi_wire_drain),
		.reply		= true,
		.check		= ssi_drain_check,
	},
	[SSI_MSG_ECHO] = {
		.name		= "echo",
		.lane		= SSI_LANE_USER,
		.max_len	= SSI_MSG_MAX_BODY,
		.max_pages	= SSI_MSG_MAX_PAGES,
		.handle		= ssi_rpc_echo,
	},
	[SSI_MSG_ECHO_REPLY] = {
		.name		= "echo-reply",
		.lane		= SSI_LANE_USER,
		.max_len	= SSI_MSG_MAX_BODY,
		.max_pages	= SSI_MSG_MAX_PAGES,
		.reply		= true,
	},
	[SSI_MSG_ECHO_MEM] = {
		.name		= "echo-mem",
		.lane		= SSI_LANE_MEMORY,
		.max_len	= SSI_MSG_MAX_BODY,
		.max_pages	= SSI_MSG_MAX_PAGES,
		.handle		= ssi_rpc_echo,
	},
	[SSI_MSG_ECHO_MEM_REPLY] = {
		.name		= "echo-mem-reply",
		.lane		= SSI_LANE_MEMORY,
		.max_len	= SSI_MSG_MAX_BODY,
		.max_pages	= SSI_MSG_MAX_PAGES,
		.reply		= true,
	},
};

/**
 * ssi_rpc_op - what is known about a type
 * @type: enum ssi_msg_type or a type of procmsg.h
 *
 * Context: any.
 * Return: the op, or NULL for a type that does not exist.
 */
const struct ssi_rpc_op *ssi_rpc_op(u16 type)
{
	const struct ssi_rpc_op *op;

	if (type < SSI_MSG_NR)
		op = &ssi_rpc_ops[type];
	else if (type >= SSI_MSG_PROC_FIRST &&
		 type - SSI_MSG_PROC_FIRST < ssi_nr_proc_ops)
		op = &ssi_proc_ops[type - SSI_MSG_PROC_FIRST];
	else
		return NULL;
	return op->name ? op : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_rpc_op);

/**
 * ssi_rpc_check - is a header in bounds?
 * @op: op of its type, or NULL
 * @lane: lane it came by
 * @flags: SSI_WIRE_*
 * @len: bytes of body
 * @nr_pages: pages
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_rpc_check(const struct ssi_rpc_op *op, enum ssi_lane lane, u32 flags,
		  size_t len, unsigned int nr_pages)
{
	if (!op || (op->lane != lane && op->lane != SSI_NR_LANES))
		return -EPROTO;
	if (flags & ~SSI_WIRE_FLAGS || flags == SSI_WIRE_FLAGS)
		return -EPROTO;
	if (op->reply != !!(flags & SSI_WIRE_REPLY))
		return -EPROTO;
	if (len < op->min_len || len > op->max_len || len > SSI_MSG_MAX_BODY)
		return -EPROTO;
	if (nr_pages > op->max_pages || nr_pages > SSI_MSG_MAX_PAGES)
		return -EPROTO;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_rpc_check);

/**
 * ssi_rpc_dispatch - handle a message that is in bounds and of this epoch
 * @op: op of its type
 * @rx: message
 *
 * Context: receiver thread of the lane.
 * Return: 0 or -EPROTO.
 */
int ssi_rpc_dispatch(const struct ssi_rpc_op *op, struct ssi_rx *rx)
{
	if (op->handle) {
		op->handle(rx);
		return 0;
	}
	if (op->reply)
		return ssi_calls_reply(&rx->node->pairing->calls, rx);
	return -EPROTO;
}

/**
 * struct ssi_rx_later - a message that is handled later
 * @work: does it
 * @handle: handler
 * @rx: the message, of which @body is a copy
 * @body: the same
 */
struct ssi_rx_later {
	struct work_struct work;
	void (*handle)(struct ssi_rx *rx);
	struct ssi_rx rx;
	u8 body[] __aligned(8);
};

static void ssi_rpc_later_work(struct work_struct *work)
{
	struct ssi_rx_later *l = container_of(work, struct ssi_rx_later, work);

	l->handle(&l->rx);
	ssi_node_put(l->rx.node);
	kvfree(l);
}

/**
 * ssi_rpc_later - have a message handled where it holds nobody up
 * @rx: message without pages
 * @handle: its handler, which sees that @rx is late. It is no longer in order, and
 *	the membership may be over.
 * @wq: by which work queue
 *
 * Context: receiver thread of the control or the user lane; sleeps.
 */
void ssi_rpc_later(const struct ssi_rx *rx, void (*handle)(struct ssi_rx *rx),
		   struct workqueue_struct *wq)
{
	struct ssi_rx_later *l = kvzalloc_flex(*l, body, rx->len, GFP_KERNEL | __GFP_NOFAIL);

	INIT_WORK(&l->work, ssi_rpc_later_work);
	l->handle = handle;
	l->rx = *rx;
	l->rx.late = true;
	l->rx.body = l->body;
	ssi_node_get(rx->node);
	memcpy(l->body, rx->body, rx->len);
	queue_work(wq, &l->work);
}
