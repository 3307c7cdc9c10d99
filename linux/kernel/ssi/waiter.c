// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a thread that receives its next message itself
 */

/**
 * DOC: waiters
 *
 * A system call that travels home and its answer wake the receiver of a lane, who
 * wakes the thread that waits for them: one thread switch too many, each way. So
 * the thread that began to wait last sleeps in front of the receiver and is woken
 * in its place (the leader/followers pattern). If the next message of the lane is
 * small, all there and its own, it handles it; whatever else it finds, it leaves
 * for the receiver, wakes that, and waits behind it like everybody else. It never
 * sleeps for the lane: not for data, nor while somebody else receives.
 *
 * Nothing is lost: a wake-up that finds the waiter awake goes on to the receiver;
 * one that was for the waiter makes ssi_waiter_end() read or wake the receiver,
 * whatever it was that ended the wait. The order of messages is that of the
 * stream, since only the first one is ever looked at, and one thread at a time
 * holds @rx of the lane.
 *
 * A thread that is nice leaves it to the receiver, who must not wait for it.
 */

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/prio.h>
#include <net/sock.h>

#include "conn.h"
#include "link.h"
#include "node.h"
#include "pairing.h"
#include "waiter.h"

/**
 * ssi_waiter_begin - be the one whom the next message of a lane wakes
 * @w: on the stack of current
 * @node: sender of the message, referenced until ssi_waiter_end()
 * @lane: lane that it comes by
 *
 * Who was it before is not any more.
 *
 * Context: process context.
 */
void ssi_waiter_begin(struct ssi_waiter *w, struct ssi_node *node, enum ssi_lane lane)
{
	struct ssi_link *link = &node->pairing->link[lane];

	w->link = link;
	init_waitqueue_func_entry(&w->entry, woken_wake_function);
	w->entry.private = current;
	w->entry.flags = WQ_FLAG_EXCLUSIVE;
	INIT_LIST_HEAD(&w->entry.entry);
	if (current->static_prio > DEFAULT_PRIO || current->policy == SCHED_IDLE)
		return;

	spin_lock_irq(&link->rx_wait.lock);
	if (link->waiter)
		list_del_init(&link->waiter->entry.entry);
	link->waiter = w;
	__add_wait_queue(&link->rx_wait, &w->entry);
	spin_unlock_irq(&link->rx_wait.lock);
}

/**
 * ssi_waiter_woken - has something arrived by the lane?
 * @w: waiter of current
 *
 * Return: true if ssi_waiter_end() is due. Part of the condition that current
 * waits for.
 */
bool ssi_waiter_woken(const struct ssi_waiter *w)
{
	return READ_ONCE(w->entry.flags) & WQ_FLAG_WOKEN;
}

/* Read what is there, and handle the first message if it is the waiter's own. */
static bool ssi_waiter_receive(struct ssi_link *link, u32 epoch,
			       bool (*mine)(void *data, const struct ssi_rx *rx), void *data)
{
	struct kvec vec = { .iov_base = link->stage, .iov_len = sizeof(link->stage) };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	const struct ssi_wire_hdr *hdr = (void *)link->stage;
	const struct ssi_rpc_op *op;
	struct ssi_rx rx = {};
	unsigned int noreclaim;
	int ret;

	/* something is left: so the receiver is about to look after it */
	if (link->stage_off != link->stage_len)
		return false;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, vec.iov_len);
	noreclaim = memalloc_noreclaim_save();
	ret = sock_recvmsg(link->conn->sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	memalloc_noreclaim_restore(noreclaim);
	if (ret <= 0)
		return false;
	link->stage_off = 0;
	link->stage_len = ret;
	link->rx_bytes += ret;

	/* what is wrong, the receiver finds wrong as well, and says so */
	if (ret < sizeof(*hdr) || ssi_link_parse(link, hdr, &rx, &op))
		return false;
	if (rx.nr_pages || rx.len > ret - sizeof(*hdr) || rx.epoch != epoch)
		return false;
	rx.body = hdr + 1;
	if ((op->check && op->check(rx.body, rx.len)) || !mine(data, &rx))
		return false;

	link->stage_off = sizeof(*hdr) + rx.len;
	if (ssi_link_dispatch(link, op, &rx))
		ssi_pairing_break(link->pairing, "protocol");
	return link->stage_off == link->stage_len && ssi_link_rx_empty(link);
}

/**
 * ssi_waiter_end - stop waiting, and receive what current was woken for
 * @w: waiter of current
 * @epoch: membership that the message belongs to
 * @mine: is this checked message for the caller to handle? Its handler then runs
 *	in current.
 * @data: for @mine
 *
 * Context: process context; sleeps for locks only. @mine and the handler are
 * called with @rx of the lane held.
 */
void ssi_waiter_end(struct ssi_waiter *w, u32 epoch,
		    bool (*mine)(void *data, const struct ssi_rx *rx), void *data)
{
	struct ssi_link *link = w->link;
	bool done = false;

	spin_lock_irq(&link->rx_wait.lock);
	if (link->waiter == w)
		link->waiter = NULL;
	list_del_init(&w->entry.entry);
	spin_unlock_irq(&link->rx_wait.lock);
	if (!ssi_waiter_woken(w))
		return;

	if (mutex_trylock(&link->rx)) {
		/* ssi_link_stop() takes the lock after closing */
		done = READ_ONCE(link->open) && ssi_waiter_receive(link, epoch, mine, data);
		mutex_unlock(&link->rx);
	}
	if (!done)
		wake_up(&link->rx_wait);
}
