// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: one lane to a peer
 */

/**
 * DOC: lanes
 *
 * A &struct ssi_link is one ordered stream of messages to a peer and one from
 * it.  It lives as long as the node; its connection lives for one epoch.
 *
 * Sending: ssi_link_send() puts a message into the queue and never sleeps.  It is
 * then sent by whoever holds @drain: the caller itself, if it asked for a direct
 * send and nobody else is at it, or else the pairing's sender thread.  Both send
 * without blocking and leave off in the middle of a message where the socket is
 * full; the sender thread goes on when there is room.  A message that says that
 * another one follows stays in the queue until then, and both leave in one go.
 * Bodies are copied by TCP, pages are not.
 *
 * Receiving: one thread per lane reads a header, has it checked (rpc.c), reads
 * body and pages, and has the message handled, in order.  Pages are read into
 * fresh pages that the handler may keep.  Between two messages, somebody who waits
 * for a small one may do the same in its stead (waiter.c).
 *
 * Life: ssi_link_attach() gives the lane a connection, ssi_link_open() lets
 * messages of an epoch in, ssi_link_start() makes the receiver; ssi_link_close()
 * is atomic and refuses everything from then on; ssi_link_stop() waits for the
 * receiver to leave its handler; ssi_link_drop() drops what was not sent.
 *
 * Unhappy paths: any error of the socket and any violation of the protocol
 * fences the node.  So does a lane that the peer does not read though its heart
 * beats: when nothing of it leaves for a few deadlines, or when more answers wait
 * than any number of its tasks could wait for.  The receiver of the memory lane
 * uses the reserves, and waits where even these are empty, since somebody who
 * reclaims may wait for it.
 *
 * Locks: @drain, then the socket's lock.  @rx is held while a message is received
 * and handled, outside of all that handlers take.  @lock is innermost.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <kunit/visibility.h>
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "conn.h"
#include "instance.h"
#include "link.h"
#include "node.h"
#include "pairing.h"

/* Answers that wait for a peer that goes on asking but does not read. */
#define SSI_LINK_MAX_REPLIES	(256UL << 20)
/* A lane that a peer does not read for so many deadlines is broken. */
#define SSI_LINK_PATIENCE	4

static struct lock_class_key ssi_link_drain_keys[SSI_NR_LANES];
static struct lock_class_key ssi_link_rx_keys[SSI_NR_LANES];

static const char *const ssi_link_names[SSI_NR_LANES] = {
	[SSI_LANE_CONTROL]	= "control",
	[SSI_LANE_USER]		= "user",
	[SSI_LANE_MEMORY]	= "memory",
};

static void ssi_link_rx_late(struct timer_list *t)
{
	struct ssi_link *link = timer_container_of(link, t, rx_late);

	wake_up(&link->rx_wait);
}

/**
 * ssi_link_init - make a lane without a connection
 * @link: zeroed
 * @pairing: it belongs to
 * @lane: which lane
 *
 * Context: may sleep.
 */
void ssi_link_init(struct ssi_link *link, struct ssi_pairing *pairing,
		   enum ssi_lane lane)
{
	link->pairing = pairing;
	link->lane = lane;
	spin_lock_init(&link->lock);
	INIT_LIST_HEAD(&link->queue);
	mutex_init(&link->drain);
	lockdep_set_class(&link->drain, &ssi_link_drain_keys[lane]);
	mutex_init(&link->rx);
	lockdep_set_class(&link->rx, &ssi_link_rx_keys[lane]);
	init_waitqueue_head(&link->rx_wait);
	timer_setup(&link->rx_late, ssi_link_rx_late, 0);
}

/**
 * ssi_link_destroy - undo ssi_link_init()
 * @link: lane that nobody uses any more
 *
 * Context: process context; may sleep.
 */
void ssi_link_destroy(struct ssi_link *link)
{
	timer_shutdown_sync(&link->rx_late);
}

static void ssi_link_finish(struct ssi_msg *msg, int error)
{
	bool fixed = msg->fixed;

	if (msg->done)
		msg->done(msg, error);
	/* The owner of a fixed message may be using it again already. */
	if (!fixed)
		ssi_msg_free(msg);
}

static bool ssi_link_pending(struct ssi_link *link)
{
	return !list_empty_careful(&link->queue) || READ_ONCE(link->cur) ||
	       READ_ONCE(link->unsent);
}

/**
 * ssi_link_has_work - should the sender thread look after this lane?
 * @link: lane
 *
 * Context: any.
 * Return: true if there is something to send, and room as far as is known.
 */
bool ssi_link_has_work(struct ssi_link *link)
{
	struct ssi_conn *conn = link->conn;

	if (!conn || !READ_ONCE(link->open) || !ssi_link_pending(link))
		return false;
	return !READ_ONCE(link->blocked) ||
	       test_bit(SSI_CONN_WRITABLE, &conn->flags);
}

static size_t ssi_link_msg_size(const struct ssi_msg *msg)
{
	return sizeof(msg->hdr) + msg->len + msg->nr_pages * PAGE_SIZE;
}

static struct ssi_msg *ssi_link_next(struct ssi_link *link)
{
	struct ssi_msg *msg;

	spin_lock_irq(&link->lock);
	msg = list_first_entry_or_null(&link->queue, struct ssi_msg, link);
	if (msg) {
		list_del(&msg->link);
		if (msg->flags & SSI_WIRE_REPLY)
			link->replies -= ssi_link_msg_size(msg);
	}
	spin_unlock_irq(&link->lock);
	return msg;
}

/* Send as much of link->cur as there is room for. */
static int ssi_link_push(struct ssi_link *link)
{
	struct ssi_msg *msg = link->cur;
	size_t head = sizeof(msg->hdr) + msg->len;
	size_t total = ssi_link_msg_size(msg);
	struct socket *sock = link->conn->sock;
	int ret;

	while (link->sent < total) {
		struct msghdr mh = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
		struct kvec vec;

		if (!list_empty_careful(&link->queue))
			mh.msg_flags |= MSG_MORE;
		if (link->sent < head) {
			/* The body follows the header in memory. */
			vec.iov_base = (void *)&msg->hdr + link->sent;
			vec.iov_len = head - link->sent;
			if (msg->nr_pages)
				mh.msg_flags |= MSG_MORE;
			iov_iter_kvec(&mh.msg_iter, ITER_SOURCE, &vec, 1,
				      vec.iov_len);
		} else {
			mh.msg_flags |= MSG_SPLICE_PAGES;
			iov_iter_bvec(&mh.msg_iter, ITER_SOURCE, msg->pages,
				      msg->nr_pages, msg->nr_pages * PAGE_SIZE);
			iov_iter_advance(&mh.msg_iter, link->sent - head);
		}
		ret = sock_sendmsg(sock, &mh);
		/* of TLS, which waits as a caller with signals does, and has no reserve */
		if (ret == -EINTR || ret == -ENOMEM)
			return -EAGAIN;
		if (ret < 0)
			return ret;
		link->sent += ret;
	}

	link->tx_msgs++;
	link->tx_bytes += total;
	link->tx_pages += msg->nr_pages;
	return 0;
}

/* Send what is queued.  0: all was sent; -EAGAIN: no room; else: broken. */
static int ssi_link_drain(struct ssi_link *link)
{
	u64 before = link->tx_msgs;
	size_t sent = link->sent;
	unsigned int flags;
	int err = 0;

	lockdep_assert_held(&link->drain);

	flags = memalloc_noreclaim_save();
	/* What is closed sends nothing more, not even what it has. */
	while (READ_ONCE(link->open)) {
		if (!link->cur) {
			struct ssi_msg *msg = ssi_link_next(link);

			if (!msg)
				break;
			link->sent = 0;
			WRITE_ONCE(link->cur, msg);
		}
		clear_bit(SSI_CONN_WRITABLE, &link->conn->flags);
		smp_mb__after_atomic(); /* before looking into the socket */
		err = ssi_link_push(link);
		if (err)
			break;
		ssi_link_finish(link->cur, 0);
		WRITE_ONCE(link->cur, NULL);
	}
	/* what TLS has taken may be the last for long */
	WRITE_ONCE(link->unsent, !err && READ_ONCE(link->open) && ssi_conn_unsent(link->conn));
	if (link->unsent)
		err = -EAGAIN;
	memalloc_noreclaim_restore(flags);

	if (!link->blocked || link->sent != sent || link->tx_msgs != before)
		WRITE_ONCE(link->stuck_at, jiffies);
	WRITE_ONCE(link->blocked, err == -EAGAIN);
	return err;
}

/* Whoever meets it first says why: what TLS has found wrong ends both directions. */
static void ssi_link_failed(struct ssi_link *link, int err)
{
	ssi_pairing_break(link->pairing, err == -EBADMSG ?
			  "what came was not what a member sent" : "connection failed");
}

/**
 * ssi_link_work - send what is queued, on behalf of the sender thread
 * @link: lane with a connection
 *
 * Context: the pairing's sender thread.
 */
void ssi_link_work(struct ssi_link *link)
{
	unsigned long patience = msecs_to_jiffies(SSI_LINK_PATIENCE *
						  link->pairing->node->inst->deadline_ms);
	bool stuck;
	int err;

	mutex_lock(&link->drain);
	err = ssi_link_drain(link);
	stuck = link->blocked && time_after(jiffies, link->stuck_at + patience);
	mutex_unlock(&link->drain);
	if (err && err != -EAGAIN)
		ssi_link_failed(link, err);
	else if (stuck)
		ssi_pairing_break(link->pairing, "does not read");
}

/**
 * ssi_link_send - send a message
 * @link: lane
 * @epoch: membership that the message belongs to
 * @msg: message with its header filled in but for the epoch; consumed
 * @direct: the caller may sleep, and so may send itself
 *
 * Context: any, or process context if @direct.  Never waits for the peer.
 * Return: 0 if the message was queued, or -EHOSTDOWN.
 */
int ssi_link_send(struct ssi_link *link, u32 epoch, struct ssi_msg *msg,
		  bool direct)
{
	bool more = msg->more, flood = false;
	unsigned long flags;
	int err = 0;

	msg->epoch = epoch;
	msg->hdr.epoch = cpu_to_le32(epoch);

	spin_lock_irqsave(&link->lock, flags);
	if (likely(link->open && link->epoch == epoch)) {
		list_add_tail(&msg->link, &link->queue);
		if (msg->flags & SSI_WIRE_REPLY)
			link->replies += ssi_link_msg_size(msg);
		flood = link->replies > SSI_LINK_MAX_REPLIES;
	} else {
		err = -EHOSTDOWN;
	}
	spin_unlock_irqrestore(&link->lock, flags);
	if (err) {
		ssi_link_finish(msg, err);
		return err;
	}
	if (flood)
		ssi_pairing_break(link->pairing, "does not read");
	if (more)
		return 0;

	while (direct && mutex_trylock(&link->drain)) {
		int ret;

		/* ssi_link_drop() takes the lock after closing. */
		ret = ssi_link_drain(link);
		/* the sender is to look, and again and again, for it may be for want of memory */
		if (ret == -EAGAIN)
			set_bit(SSI_CONN_WRITABLE, &link->conn->flags);
		mutex_unlock(&link->drain);
		if (ret && ret != -EAGAIN)
			ssi_link_failed(link, ret);
		/* Whoever found the lock taken meanwhile relies on us. */
		if (!ssi_link_pending(link) || !READ_ONCE(link->open))
			return 0;
		if (ret)
			break;
	}
	wake_up(&link->pairing->tx_wait);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_link_send);

/* Sleep until the socket has something to say.  false: stop. */
static bool ssi_link_rx_sleep(struct ssi_link *link)
{
	struct ssi_conn *conn = link->conn;

	wait_event_idle_exclusive(link->rx_wait,
				  test_and_clear_bit(SSI_CONN_READABLE, &conn->flags) ||
				  kthread_should_stop());
	return !kthread_should_stop();
}

/**
 * ssi_link_rx_empty - is there nothing to read in the socket?
 * @link: lane with a connection
 *
 * Context: any.
 * Return: true if neither data nor the end of the connection was there.
 */
bool ssi_link_rx_empty(struct ssi_link *link)
{
	return ssi_conn_empty(link->conn);
}

/* One read into an iterator that sleeps until there is something to read. */
static int ssi_link_rx_iter(struct ssi_link *link, struct iov_iter *iter)
{
	unsigned int noreclaim;
	struct msghdr msg;
	int ret;

	for (;;) {
		if (ssi_link_rx_empty(link)) {
			if (!ssi_link_rx_sleep(link))
				return -EINTR;
			continue;
		}
		msg = (struct msghdr){ .msg_iter = *iter };
		noreclaim = memalloc_noreclaim_save();
		ret = sock_recvmsg(link->conn->sock, &msg,
				   MSG_DONTWAIT | MSG_NOSIGNAL);
		memalloc_noreclaim_restore(noreclaim);
		if (ret > 0) {
			link->rx_bytes += ret;
			return ret;
		}
		if (!ret)
			return -ECONNRESET;
		if (ret != -EAGAIN)
			return ret;
		if (!ssi_link_rx_sleep(link))
			return -EINTR;
	}
}

/* Read exactly @len bytes, those read ahead first. */
static int ssi_link_rx_buf(struct ssi_link *link, void *buf, size_t len)
{
	size_t n = min_t(size_t, len, link->stage_len - link->stage_off);

	memcpy(buf, link->stage + link->stage_off, n);
	link->stage_off += n;
	buf += n;
	len -= n;

	while (len) {
		struct kvec vec = { .iov_base = buf, .iov_len = len };
		struct iov_iter iter;
		int ret;

		iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
		ret = ssi_link_rx_iter(link, &iter);
		if (ret < 0)
			return ret;
		buf += ret;
		len -= ret;
	}
	return 0;
}

/* Read a header, and ahead of it what fits into the stage. */
static int ssi_link_rx_hdr(struct ssi_link *link, struct ssi_wire_hdr *hdr)
{
	unsigned int have = link->stage_len - link->stage_off;

	if (have < sizeof(*hdr)) {
		memmove(link->stage, link->stage + link->stage_off, have);
		link->stage_off = 0;
		link->stage_len = have;
	}
	while (link->stage_len - link->stage_off < sizeof(*hdr)) {
		struct kvec vec = {
			.iov_base = link->stage + link->stage_len,
			.iov_len = sizeof(link->stage) - link->stage_len,
		};
		struct iov_iter iter;
		int ret;

		iov_iter_kvec(&iter, ITER_DEST, &vec, 1, vec.iov_len);
		ret = ssi_link_rx_iter(link, &iter);
		if (ret < 0)
			return ret;
		link->stage_len += ret;
	}
	memcpy(hdr, link->stage + link->stage_off, sizeof(*hdr));
	link->stage_off += sizeof(*hdr);
	return 0;
}

/* Only pages that answer a recall will be mapped, and so can be moved. */
static struct page *ssi_link_rx_page(struct ssi_link *link, bool movable)
{
	gfp_t gfp = movable ? GFP_HIGHUSER_MOVABLE : GFP_HIGHUSER;
	unsigned int noreclaim;
	struct page *page;

	if (link->lane != SSI_LANE_MEMORY)
		return alloc_page(gfp);

	/*
	 * Reclaim must not be entered, it may wait for this very lane; the
	 * reserves are for when kswapd could not keep up.
	 */
	gfp = (gfp & ~__GFP_DIRECT_RECLAIM) | __GFP_KSWAPD_RECLAIM | __GFP_NOWARN;
	for (;;) {
		page = alloc_page(gfp);
		if (page)
			return page;
		noreclaim = memalloc_noreclaim_save();
		page = alloc_page(gfp);
		memalloc_noreclaim_restore(noreclaim);
		if (page || kthread_should_stop())
			return page;
		schedule_timeout_idle(1);
	}
}

static void ssi_link_rx_put_pages(struct ssi_link *link, unsigned int nr)
{
	while (nr--) {
		if (link->rx_pages[nr])
			put_page(link->rx_pages[nr]);
		link->rx_pages[nr] = NULL;
	}
}

static int ssi_link_rx_pages(struct ssi_link *link, unsigned int nr, bool movable)
{
	size_t ahead, total = nr * PAGE_SIZE;
	struct iov_iter iter;
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		struct page *page = ssi_link_rx_page(link, movable);

		if (!page) {
			ssi_link_rx_put_pages(link, i);
			return -ENOMEM;
		}
		link->rx_pages[i] = page;
		bvec_set_page(&link->bv[i], page, PAGE_SIZE, 0);
	}

	iov_iter_bvec(&iter, ITER_DEST, link->bv, nr, total);
	ahead = min_t(size_t, total, link->stage_len - link->stage_off);
	if (ahead) {
		ahead = copy_to_iter(link->stage + link->stage_off, ahead, &iter);
		link->stage_off += ahead;
	}
	while (iov_iter_count(&iter)) {
		ret = ssi_link_rx_iter(link, &iter);
		if (ret < 0) {
			ssi_link_rx_put_pages(link, nr);
			return ret;
		}
		iov_iter_advance(&iter, ret);
	}
	for (i = 0; i < nr; i++)
		flush_dcache_page(link->rx_pages[i]);
	link->rx_pages_nr += nr;
	return 0;
}

/**
 * ssi_link_dispatch - have a message handled that is in bounds
 * @link: lane that it came by
 * @op: op of its type
 * @rx: the message
 *
 * Context: process context; the caller holds the lane's @rx.
 * Return: 0 or -EPROTO.
 */
int ssi_link_dispatch(struct ssi_link *link, const struct ssi_rpc_op *op,
		      struct ssi_rx *rx)
{
	unsigned int noreclaim;
	int err;

	lockdep_assert_held(&link->rx);

	/* I1: what is not of the current epoch does not exist. */
	if (unlikely(rx->epoch != link->epoch || !READ_ONCE(link->open))) {
		link->stale++;
		return 0;
	}
	if (op->check && op->check(rx->body, rx->len))
		return -EPROTO;

	link->rx_msgs++;
	if (link->lane != SSI_LANE_MEMORY)
		return ssi_rpc_dispatch(op, rx);
	/* reclaim may wait for what this very thread has to handle */
	noreclaim = memalloc_noreclaim_save();
	err = ssi_rpc_dispatch(op, rx);
	memalloc_noreclaim_restore(noreclaim);
	return err;
}

/**
 * ssi_link_parse - what does a header say?
 * @link: lane that it came by
 * @hdr: the header
 * @rx: filled in, but for the body and the pages
 * @op: set to the op of its type
 *
 * Context: any.
 * Return: 0 or -EPROTO.
 */
int ssi_link_parse(struct ssi_link *link, const struct ssi_wire_hdr *hdr,
		   struct ssi_rx *rx, const struct ssi_rpc_op **op)
{
	u32 flags = le32_to_cpu(hdr->flags);

	rx->node = link->pairing->node;
	rx->lane = link->lane;
	rx->type = le16_to_cpu(hdr->type);
	rx->len = le32_to_cpu(hdr->len);
	rx->nr_pages = le16_to_cpu(hdr->nr_pages);
	rx->epoch = le32_to_cpu(hdr->epoch);
	rx->seq = le64_to_cpu(hdr->seq);
	rx->call = flags & SSI_WIRE_CALL;
	*op = ssi_rpc_op(rx->type);
	return ssi_rpc_check(*op, link->lane, flags, rx->len, rx->nr_pages);
}

/* Receive and handle one message. */
static int ssi_link_rx_one(struct ssi_link *link)
{
	struct ssi_rx rx = {
		.body = link->body,
		.pages = link->rx_pages,
	};
	const struct ssi_rpc_op *op;
	struct ssi_wire_hdr hdr;
	int err;

	err = ssi_link_rx_hdr(link, &hdr);
	if (err)
		return err;
	err = ssi_link_parse(link, &hdr, &rx, &op);
	if (err)
		return err;
	err = ssi_link_rx_buf(link, link->body, rx.len);
	if (err)
		return err;
	if (rx.nr_pages) {
		err = ssi_link_rx_pages(link, rx.nr_pages, op->reply);
		if (err)
			return err;
	}
	err = ssi_link_dispatch(link, op, &rx);
	ssi_link_rx_put_pages(link, rx.nr_pages);
	return err;
}

/* Receive and handle what is there, then sleep until there is more. */
static int ssi_link_rx_some(struct ssi_link *link)
{
	int err = 0;

	mutex_lock(&link->rx);
	while (!err && !kthread_should_stop() &&
	       (link->stage_off != link->stage_len || !ssi_link_rx_empty(link)))
		err = ssi_link_rx_one(link);
	mutex_unlock(&link->rx);
	/* between two messages a waiter may receive */
	if (!err && !ssi_link_rx_sleep(link))
		err = -EINTR;
	return err;
}

static int ssi_link_rx_thread(void *data)
{
	struct ssi_link *link = data;
	int err;

	/* Liveness must not depend on how busy the machine is. */
	if (link->lane == SSI_LANE_CONTROL)
		sched_set_fifo(current);

	do {
		err = ssi_link_rx_some(link);
	} while (!err);

	if (err == -EPROTO)
		ssi_pairing_break(link->pairing, "protocol");
	else if (err == -ENOMEM)
		ssi_pairing_break(link->pairing, "out of memory");
	else if (err == -EBADMSG)
		ssi_link_failed(link, err);
	else if (err && err != -EINTR)
		ssi_pairing_break(link->pairing, "connection closed");

	/* kthread_stop() wants to find us. */
	wait_event_idle(link->rx_wait, kthread_should_stop());
	return 0;
}

/**
 * ssi_link_attach - give a lane a connection
 * @link: stopped lane without one
 * @conn: connection whose handshake is over; belongs to the lane until
 *	ssi_link_drop()
 *
 * Context: the pairing's thread.
 * Return: 0 or -ENOMEM, in both cases ssi_link_drop() is due.
 */
int ssi_link_attach(struct ssi_link *link, struct ssi_conn *conn)
{
	ssi_conn_set_lane(conn, link->lane);
	ssi_conn_set_waits(conn, &link->rx_wait, &link->pairing->tx_wait,
			   &link->pairing->broken);

	mutex_lock(&link->drain);
	link->conn = conn;
	link->blocked = false;
	link->unsent = false;
	mutex_unlock(&link->drain);
	link->stage_off = 0;
	link->stage_len = 0;
	link->body = kvmalloc(SSI_MSG_MAX_BODY, GFP_KERNEL);
	return link->body ? 0 : -ENOMEM;
}

/**
 * ssi_link_open - let messages of an epoch in
 * @link: lane with a connection
 * @epoch: number of the epoch
 *
 * Context: any, interrupts off.
 */
void ssi_link_open(struct ssi_link *link, u32 epoch)
{
	lockdep_assert_irqs_disabled();
	spin_lock(&link->lock);
	link->epoch = epoch;
	WRITE_ONCE(link->open, true);
	spin_unlock(&link->lock);
}

/**
 * ssi_link_close - refuse messages from now on
 * @link: lane, open or not
 *
 * Context: any, interrupts off.
 */
void ssi_link_close(struct ssi_link *link)
{
	lockdep_assert_irqs_disabled();
	spin_lock(&link->lock);
	WRITE_ONCE(link->open, false);
	spin_unlock(&link->lock);
}

/**
 * ssi_link_start - start to receive
 * @link: open lane
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ssi_link_start(struct ssi_link *link)
{
	struct ssi_node *node = link->pairing->node;
	struct task_struct *task;

	task = kthread_create(ssi_link_rx_thread, link, "ssi_%s/%u",
			      ssi_link_names[link->lane], node->id);
	if (IS_ERR(task))
		return PTR_ERR(task);
	link->rx_task = task;
	wake_up_process(task);
	return 0;
}

/**
 * ssi_link_stop - stop to receive
 * @link: closed lane
 *
 * No handler of the lane runs when this returns.
 *
 * Context: the pairing's thread, never a receiver.
 */
void ssi_link_stop(struct ssi_link *link)
{
	if (link->conn)
		ssi_conn_shutdown(link->conn);
	if (link->rx_task)
		kthread_stop(link->rx_task);
	link->rx_task = NULL;
	/* nor does a waiter: one that comes now finds the lane closed */
	mutex_lock(&link->rx);
	mutex_unlock(&link->rx);
}

/**
 * ssi_link_drop - drop what was not sent, and the connection
 * @link: closed and stopped lane, whose sender is stopped too
 *
 * Context: the pairing's thread.
 */
void ssi_link_drop(struct ssi_link *link)
{
	struct ssi_msg *msg;

	mutex_lock(&link->drain);
	if (link->cur) {
		ssi_link_finish(link->cur, -EHOSTDOWN);
		WRITE_ONCE(link->cur, NULL);
	}
	while ((msg = ssi_link_next(link)))
		ssi_link_finish(msg, -EHOSTDOWN);
	ssi_conn_free(link->conn);
	link->conn = NULL;
	mutex_unlock(&link->drain);
	kvfree(link->body);
	link->body = NULL;
}
