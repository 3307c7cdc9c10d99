// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: messages on their way out
 */

/**
 * DOC: messages
 *
 * A &struct ssi_msg is allocated with room for its body, filled in, given pages,
 * and then consumed by one of the sending functions, whatever they return.  The
 * wire header and the body lie next to each other, so that TCP copies them in one
 * go.  Pages are sent from where they are: they must not change until the peer
 * has acknowledged them, which nobody is told, so the caller gives up writing
 * them.
 */

#include <kunit/visibility.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "link.h"
#include "node.h"
#include "pairing.h"
#include "rpc.h"

/* The body follows the header without a gap. */
static_assert(offsetofend(struct ssi_msg, hdr) == sizeof(struct ssi_msg));

/**
 * ssi_msg_alloc - allocate a message
 * @type: enum ssi_msg_type or a type of procmsg.h
 * @len: bytes of body, up to SSI_MSG_MAX_BODY
 * @gfp: how to allocate, now and for pages
 *
 * Context: any that @gfp allows; above a page of body process context only, here
 * and wherever the message is sent.
 * Return: a message with a zeroed body, or NULL.
 */
struct ssi_msg *ssi_msg_alloc(u16 type, size_t len, gfp_t gfp)
{
	struct ssi_msg *msg;

	if (WARN_ON_ONCE(len > SSI_MSG_MAX_BODY))
		return NULL;

	if (sizeof(*msg) + len <= PAGE_SIZE)
		msg = kzalloc(sizeof(*msg) + len, gfp);
	else
		msg = kvzalloc(sizeof(*msg) + len, gfp);
	if (!msg)
		return NULL;

	msg->type = type;
	msg->len = len;
	msg->gfp = gfp;
	msg->body = msg + 1;
	msg->pages = &msg->one;
	return msg;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_msg_alloc);

/**
 * ssi_msg_alloc_noreclaim - allocate a message where nothing may reclaim
 * @type: as for ssi_msg_alloc()
 * @len: as for ssi_msg_alloc()
 *
 * Reclaim may wait for the very message.  The reserves are there for it; when even
 * they are empty, whatever empties them will end.
 *
 * Context: receiver thread of the memory lane; sleeps until there is memory.
 * Return: a message, never NULL.
 */
struct ssi_msg *ssi_msg_alloc_noreclaim(u16 type, size_t len)
{
	struct ssi_msg *msg;

	while (!(msg = ssi_msg_alloc(type, len, GFP_ATOMIC | __GFP_NOWARN)))
		schedule_timeout_uninterruptible(1);
	return msg;
}

/**
 * ssi_msg_add_page - send a page after the body
 * @msg: message
 * @page: order-0 or part of a larger folio, not of a slab; referenced until it
 *	is sent and acknowledged
 *
 * Context: any that the message's gfp allows.
 * Return: 0, -ENOMEM, or -E2BIG after SSI_MSG_MAX_PAGES.
 */
int ssi_msg_add_page(struct ssi_msg *msg, struct page *page)
{
	if (msg->nr_pages == SSI_MSG_MAX_PAGES)
		return -E2BIG;

	if (msg->nr_pages == 1 && msg->pages == &msg->one) {
		struct bio_vec *pages;

		pages = kmalloc_array(SSI_MSG_MAX_PAGES, sizeof(*pages),
				      msg->gfp);
		if (!pages)
			return -ENOMEM;
		pages[0] = msg->one;
		msg->pages = pages;
	}

	get_page(page);
	bvec_set_page(&msg->pages[msg->nr_pages++], page, PAGE_SIZE, 0);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_msg_add_page);

/**
 * ssi_msg_free - free a message that is not sent
 * @msg: message from ssi_msg_alloc(), or NULL
 *
 * Context: any; process context above a page of body.
 */
void ssi_msg_free(struct ssi_msg *msg)
{
	if (!msg)
		return;
	while (msg->nr_pages)
		put_page(msg->pages[--msg->nr_pages].bv_page);
	if (msg->pages != &msg->one)
		kfree(msg->pages);
	kvfree(msg);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_msg_free);

static int ssi_msg_submit(struct ssi_node *node, u32 epoch,
			  struct ssi_msg *msg, bool direct)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(msg->type);
	enum ssi_lane lane;

	/* A message that the peer would fence us for is a bug here. */
	if (WARN_ON_ONCE(!op || msg->len < op->min_len ||
			 msg->len > op->max_len ||
			 msg->nr_pages > op->max_pages ||
			 op->reply != !!(msg->flags & SSI_WIRE_REPLY))) {
		if (msg->done)
			msg->done(msg, -EINVAL);
		if (!msg->fixed)
			ssi_msg_free(msg);
		return -EINVAL;
	}

	lane = op->lane == SSI_NR_LANES ? msg->lane : op->lane;
	msg->hdr.len = cpu_to_le32(msg->len);
	msg->hdr.type = cpu_to_le16(msg->type);
	msg->hdr.nr_pages = cpu_to_le16(msg->nr_pages);
	msg->hdr.flags = cpu_to_le32(msg->flags);
	msg->hdr.seq = cpu_to_le64(msg->seq);
	return ssi_link_send(&node->pairing->link[lane], epoch, msg, direct);
}

/**
 * ssi_msg_send - queue a message
 * @node: receiver
 * @epoch: membership that the message belongs to
 * @msg: message; consumed
 *
 * Context: any.  Never sleeps; the sender thread sends.
 * Return: 0 if it was queued; -EHOSTDOWN if @node is no member in @epoch.
 */
int ssi_msg_send(struct ssi_node *node, u32 epoch, struct ssi_msg *msg)
{
	return ssi_msg_submit(node, epoch, msg, false);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_msg_send);

/**
 * ssi_msg_send_direct - send a message from here
 * @node: receiver
 * @epoch: membership that the message belongs to
 * @msg: message; consumed
 *
 * Spares the switch to the sender thread where the lane is idle.
 *
 * Context: process context, no spinlock.  Sleeps for locks only, never for the
 * peer.
 * Return: as ssi_msg_send().
 */
int ssi_msg_send_direct(struct ssi_node *node, u32 epoch, struct ssi_msg *msg)
{
	return ssi_msg_submit(node, epoch, msg, true);
}

/**
 * ssi_msg_flush - no other message follows one that said so
 * @node: receiver
 *
 * Context: any.
 */
void ssi_msg_flush(struct ssi_node *node)
{
	wake_up(&node->pairing->tx_wait);
}

/**
 * ssi_reply - answer a call
 * @node: who called
 * @epoch: epoch of the call
 * @seq: number of the call, from &struct ssi_rx
 * @msg: message of a reply type; consumed
 *
 * Context: as ssi_msg_send_direct(); need not be the handler's.
 * Return: as ssi_msg_send().
 */
int ssi_reply(struct ssi_node *node, u32 epoch, u64 seq, struct ssi_msg *msg)
{
	msg->flags |= SSI_WIRE_REPLY;
	msg->seq = seq;
	return ssi_msg_submit(node, epoch, msg, true);
}

/**
 * ssi_reply_queued - answer a call from any context
 * @node: who called
 * @epoch: epoch of the call
 * @seq: number of the call, from &struct ssi_rx
 * @msg: message of a reply type; consumed
 *
 * Context: any.
 * Return: as ssi_msg_send().
 */
int ssi_reply_queued(struct ssi_node *node, u32 epoch, u64 seq,
		     struct ssi_msg *msg)
{
	msg->flags |= SSI_WIRE_REPLY;
	msg->seq = seq;
	return ssi_msg_submit(node, epoch, msg, false);
}

/**
 * ssi_reply_error - answer a call with an error instead of a reply
 * @node: who called
 * @epoch: epoch of the call
 * @seq: number of the call, from &struct ssi_rx
 * @lane: lane of the reply that would have been
 * @error: negative errno that the call is to return
 *
 * Where no message can be allocated the node is fenced, since a call that is
 * never answered would wait for ever.
 *
 * Context: process context.
 * Return: as ssi_msg_send(), or -ENOMEM.
 */
int ssi_reply_error(struct ssi_node *node, u32 epoch, u64 seq,
		    enum ssi_lane lane, int error)
{
	struct ssi_wire_error *body;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_ERROR, sizeof(*body), GFP_NOIO);
	if (!msg) {
		ssi_node_fence_epoch(node, epoch, "out of memory");
		return -ENOMEM;
	}
	body = msg->body;
	body->error = cpu_to_le32(-error);
	msg->lane = lane;
	return ssi_reply(node, epoch, seq, msg);
}
