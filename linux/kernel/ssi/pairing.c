// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the thread that brings two nodes together and tears them apart
 */

/**
 * DOC: pairings
 *
 * Each node has one thread while its instance is joined, and this thread alone
 * moves the node from state to state: it has the handshake made, begins the
 * epoch, sleeps while the two are members, ends the epoch, and starts over.
 * Everybody else only asks: ssi_pairing_break() ends what is going on, from any
 * context; a peer that connects leaves its connection in @offer; the lanes leave
 * theirs in @attach.
 *
 * The end of an epoch, in this order:
 *  - ssi_pairing_break() makes the node LOST or GONE and closes the lanes in one
 *    critical section: from then on nothing is sent and nothing is dispatched;
 *  - calls that the node's own receivers may wait for fail, the receivers and the
 *    sender stop, what was not sent is dropped;
 *  - the owner of processes and memory is told (&struct ssi_peer_ops), once;
 *  - all other calls of the epoch fail.
 * A new epoch begins only after that, and after whatever was held for the old
 * one was given back on both sides (I3, I4).
 *
 * Unhappy paths: an attempt that fails is repeated after 250 ms to 4 s by the
 * side that connects; the other waits for it.  A peer that connects again while
 * it is a member has lost us: the epoch is over.
 *
 * Locks: everything between threads is under the node's lock, which may be taken
 * in any context.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conn.h"
#include "handshake.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"

#define SSI_RETRY_MIN_MS	250
#define SSI_RETRY_MAX_MS	4000
#define SSI_BYE_MS		200

/**
 * ssi_pairing_break - end what is going on with a node
 * @p: pairing
 * @reason: why, for a person; copied
 *
 * The first reason counts.
 *
 * Context: any.
 */
void ssi_pairing_break(struct ssi_pairing *p, const char *reason)
{
	struct ssi_node *node = p->node;
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	ssi_node_break(node, reason);
	spin_unlock_irqrestore(&node->lock, flags);
}

/**
 * ssi_pairing_bye - handle the peer's good-bye
 * @rx: message
 *
 * Context: receiver thread of the control lane.
 */
void ssi_pairing_bye(struct ssi_rx *rx)
{
	struct ssi_pairing *p = rx->node->pairing;

	spin_lock_irq(&rx->node->lock);
	p->bye = true;
	ssi_node_break(rx->node, "left the cluster");
	spin_unlock_irq(&rx->node->lock);
}

static void ssi_offer_free(struct ssi_offer *offer)
{
	if (!offer)
		return;
	ssi_conn_free(offer->conn);
	kfree(offer);
}

/**
 * ssi_pairing_offer - a peer has connected
 * @p: pairing of the node it says to be
 * @offer: its connection; consumed
 *
 * Context: may sleep.
 */
void ssi_pairing_offer(struct ssi_pairing *p, struct ssi_offer *offer)
{
	struct ssi_node *node = p->node;
	struct ssi_offer *old;

	ssi_conn_set_waits(offer->conn, &node->wait, &node->wait, &p->broken);

	spin_lock_irq(&node->lock);
	if (p->stop) {
		old = offer;
	} else {
		old = p->offer;
		p->offer = offer;
		/* It would not connect again if it were not over for it. */
		ssi_node_break(node, "peer connected again");
	}
	spin_unlock_irq(&node->lock);
	ssi_offer_free(old);
}

/**
 * ssi_pairing_attach - a peer has connected one more lane
 * @p: pairing of the node it says to be
 * @lane: not the control lane
 * @cookie: that it knows
 * @conn: connection; consumed if true is returned
 *
 * Context: may sleep.
 * Return: false if there is no such attempt.
 */
bool ssi_pairing_attach(struct ssi_pairing *p, enum ssi_lane lane, u64 cookie,
			struct ssi_conn *conn)
{
	struct ssi_node *node = p->node;
	bool taken = false;

	ssi_conn_set_waits(conn, &node->wait, &node->wait, &p->broken);

	spin_lock_irq(&node->lock);
	if (cookie && p->cookie == cookie && !p->broken && !p->attach[lane]) {
		p->attach[lane] = conn;
		taken = true;
	}
	spin_unlock_irq(&node->lock);
	if (taken)
		wake_up_all(&node->wait);
	return taken;
}

/* Forget what an earlier attempt left behind. */
static void ssi_pairing_reset(struct ssi_pairing *p)
{
	struct ssi_conn *attach[SSI_NR_LANES];
	unsigned int lane;

	spin_lock_irq(&p->node->lock);
	p->broken = p->stop;
	p->bye = false;
	p->cookie = 0;
	memcpy(attach, p->attach, sizeof(attach));
	memset(p->attach, 0, sizeof(p->attach));
	spin_unlock_irq(&p->node->lock);

	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_conn_free(attach[lane]);
}

static bool ssi_pairing_tx_has_work(struct ssi_pairing *p)
{
	unsigned int lane;

	for (lane = 0; lane < SSI_NR_LANES; lane++)
		if (ssi_link_has_work(&p->link[lane]))
			return true;
	return false;
}

/*
 * Sends what callers could not.  Sleeps a tick at most while a lane is blocked:
 * TCP does not report that memory, unlike room, is there again.
 */
static int ssi_pairing_tx_thread(void *data)
{
	struct ssi_pairing *p = data;
	unsigned int lane;
	long timeout;

	while (!kthread_should_stop()) {
		timeout = MAX_SCHEDULE_TIMEOUT;
		for (lane = 0; lane < SSI_NR_LANES; lane++) {
			struct ssi_link *link = &p->link[lane];

			/* Heartbeats must not find the lock taken for nothing. */
			if (ssi_link_has_work(link) || READ_ONCE(link->blocked))
				ssi_link_work(link);
			if (READ_ONCE(link->blocked))
				timeout = msecs_to_jiffies(20);
		}
		wait_event_idle_timeout(p->tx_wait,
					ssi_pairing_tx_has_work(p) ||
					kthread_should_stop(), timeout);
	}
	return 0;
}

/* From here on the two are members; returns false if they never were. */
static bool ssi_pairing_begin(struct ssi_pairing *p, struct ssi_handshake *hs)
{
	struct ssi_node *node = p->node;
	unsigned int lane;
	bool begun;
	int err = 0;

	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		err = ssi_link_attach(&p->link[lane], hs->conn[lane]) ? : err;
		hs->conn[lane] = NULL;
	}

	spin_lock_irq(&node->lock);
	begun = !err && !p->broken;
	if (begun) {
		node->epoch = hs->epoch;
		node->incarnation = hs->incarnation;
		node->nr_cpus = hs->nr_cpus;
		for (lane = 0; lane < SSI_NR_LANES; lane++)
			ssi_link_open(&p->link[lane], hs->epoch);
		ssi_node_set_state(node, SSI_NODE_STATE_MEMBER);
		p->epochs++;
	}
	spin_unlock_irq(&node->lock);
	return begun;
}

static int ssi_pairing_start_threads(struct ssi_pairing *p)
{
	struct task_struct *task;
	unsigned int lane;
	int err;

	task = kthread_run(ssi_pairing_tx_thread, p, "ssi_tx/%u", p->node->id);
	if (IS_ERR(task))
		return PTR_ERR(task);
	p->tx_task = task;

	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		err = ssi_link_start(&p->link[lane]);
		if (err)
			return err;
	}
	return 0;
}

/* Stop every thread of the epoch, and drop what they were at. */
static void ssi_pairing_stop_threads(struct ssi_pairing *p)
{
	unsigned int lane;

	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_link_stop(&p->link[lane]);
	if (p->tx_task)
		kthread_stop(p->tx_task);
	p->tx_task = NULL;
	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_link_drop(&p->link[lane]);
}

static void ssi_pairing_say_bye(struct ssi_pairing *p, u32 epoch)
{
	/* Reclaim could wait for a call that only this thread can fail. */
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_BYE, 0, GFP_ATOMIC);

	/* Whatever ends the epoch from here on, it ends in good order. */
	spin_lock_irq(&p->node->lock);
	p->bye = true;
	spin_unlock_irq(&p->node->lock);

	if (!msg || ssi_msg_send_direct(p->node, epoch, msg))
		return;
	/* The peer closes when it has read it, or else we do. */
	wait_event_idle_timeout(p->node->wait, READ_ONCE(p->broken),
				msecs_to_jiffies(SSI_BYE_MS));
}

/* One epoch, from its first to its last moment. */
static void ssi_pairing_live(struct ssi_pairing *p, struct ssi_handshake *hs)
{
	const struct ssi_peer_ops *ops = p->node->inst->peer_ops;
	struct ssi_node *node = p->node;
	u32 epoch = hs->epoch;

	if (!ssi_pairing_begin(p, hs)) {
		ssi_pairing_stop_threads(p);
		return;
	}

	ops->member(node, epoch);
	ops->changed(node);
	ssi_heart_start(&p->heart, epoch, node->inst->deadline_ms);
	if (ssi_pairing_start_threads(p))
		ssi_pairing_break(p, "out of memory");

	wait_event_idle(node->wait,
			READ_ONCE(p->broken) || READ_ONCE(p->stop));
	if (!READ_ONCE(p->broken)) {
		ssi_pairing_say_bye(p, epoch);
		ssi_pairing_break(p, "left the cluster");
	}

	ops->changed(node);
	ssi_heart_stop(&p->heart);
	ssi_calls_fail(&p->calls, epoch, true);
	ssi_pairing_stop_threads(p);
	ops->lost(node, epoch);
	ssi_calls_fail(&p->calls, epoch, false);
	if (!p->bye)
		p->losses++;
}

static void ssi_pairing_failed(struct ssi_pairing *p, struct ssi_handshake *hs)
{
	struct ssi_node *node = p->node;
	bool changed = true;

	spin_lock_irq(&node->lock);
	if (hs->refused) {
		p->refusals++;
		changed = node->state != SSI_NODE_STATE_REFUSED ||
			  strcmp(node->reason, hs->reason);
		ssi_node_set_reason(node, hs->reason);
		ssi_node_set_state(node, SSI_NODE_STATE_REFUSED);
	} else if (node->state == SSI_NODE_STATE_CHECKING ||
		   node->state == SSI_NODE_STATE_PURGING) {
		ssi_node_set_state(node, SSI_NODE_STATE_CONNECTING);
	} else {
		/* a node that is lost or away stays so: not every attempt is news */
		changed = false;
	}
	spin_unlock_irq(&node->lock);
	if (changed)
		node->inst->peer_ops->changed(node);
}

static int ssi_pairing_thread(void *data)
{
	struct ssi_pairing *p = data;
	struct ssi_node *node = p->node;
	bool dial = node->inst->node > node->id;
	unsigned int retry_ms = SSI_RETRY_MIN_MS;
	struct ssi_handshake *hs;
	int err;

	hs = kzalloc_obj(*hs, GFP_KERNEL | __GFP_NOFAIL);

	while (!READ_ONCE(p->stop)) {
		memset(hs, 0, sizeof(*hs));
		ssi_pairing_reset(p);
		err = ssi_handshake(p, hs);
		if (!err) {
			ssi_pairing_live(p, hs);
			p->attempts = 0;
			retry_ms = SSI_RETRY_MIN_MS;
		} else {
			ssi_pairing_failed(p, hs);
			p->attempts++;
		}
		ssi_handshake_drop(hs);
		/* The side that listens waits for the other, not for time. */
		if (!dial && err != -ENOMEM)
			continue;
		wait_event_idle_timeout(node->wait, READ_ONCE(p->stop),
					msecs_to_jiffies(retry_ms +
							 get_random_u32_below(retry_ms / 4)));
		/* No packet left: it is our own network that is not up yet. */
		if (err != -ENETUNREACH && err != -ENETDOWN &&
		    err != -EADDRNOTAVAIL)
			retry_ms = min(2 * retry_ms, SSI_RETRY_MAX_MS);
	}

	ssi_pairing_reset(p);
	kfree(hs);
	/* kthread_stop() wants to find us. */
	wait_event_idle(node->wait, kthread_should_stop());
	return 0;
}

/**
 * ssi_pairing_alloc - make what a node needs to be met
 * @node: node
 *
 * Context: may sleep.
 * Return: the pairing, not started, or NULL.
 */
struct ssi_pairing *ssi_pairing_alloc(struct ssi_node *node)
{
	struct ssi_pairing *p = kvzalloc_obj(*p);
	unsigned int lane;

	if (!p)
		return NULL;

	p->node = node;
	p->stop = true;
	init_waitqueue_head(&p->tx_wait);
	ssi_calls_init(&p->calls);
	ssi_heart_init(&p->heart, p);
	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_link_init(&p->link[lane], p, lane);
	return p;
}

/**
 * ssi_pairing_free - undo ssi_pairing_alloc()
 * @p: stopped pairing, or NULL
 *
 * Context: may sleep.
 */
void ssi_pairing_free(struct ssi_pairing *p)
{
	enum ssi_lane lane;

	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_link_destroy(&p->link[lane]);
	kvfree(p);
}

/**
 * ssi_pairing_start - begin to look for the peer
 * @p: stopped pairing of a joined instance
 *
 * Context: may sleep; the instance's lock is held.
 * Return: 0 or a negative errno.
 */
int ssi_pairing_start(struct ssi_pairing *p)
{
	struct ssi_node *node = p->node;
	struct task_struct *task;

	lockdep_assert_held(&node->inst->lock);

	task = kthread_create(ssi_pairing_thread, p, "ssi_pair/%u", node->id);
	if (IS_ERR(task))
		return PTR_ERR(task);

	spin_lock_irq(&node->lock);
	p->stop = false;
	ssi_node_set_state(node, SSI_NODE_STATE_CONNECTING);
	spin_unlock_irq(&node->lock);
	p->task = task;
	node->inst->peer_ops->changed(node);
	wake_up_process(task);
	return 0;
}

/**
 * ssi_pairing_stop_async - ask a pairing to end
 * @p: pairing
 *
 * Context: any.
 */
void ssi_pairing_stop_async(struct ssi_pairing *p)
{
	struct ssi_node *node = p->node;
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	p->stop = true;
	/* A member says good-bye first. */
	if (!ssi_node_in_epoch(node))
		p->broken = true;
	spin_unlock_irqrestore(&node->lock, flags);
	wake_up_all(&node->wait);
}

/**
 * ssi_pairing_stop - end a pairing
 * @p: pairing, started or not
 *
 * Context: sleeps; the instance's lock is held.
 */
void ssi_pairing_stop(struct ssi_pairing *p)
{
	struct ssi_node *node = p->node;

	lockdep_assert_held(&node->inst->lock);

	if (!p->task)
		return;
	ssi_pairing_stop_async(p);
	kthread_stop(p->task);
	p->task = NULL;

	/* No more come while @stop is set. */
	ssi_offer_free(p->offer);
	p->offer = NULL;

	spin_lock_irq(&node->lock);
	ssi_node_set_state(node, SSI_NODE_STATE_CONFIGURED);
	spin_unlock_irq(&node->lock);
	node->inst->peer_ops->changed(node);
}
