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
 * The membership may end meanwhile: a lane that was closed is not read, and whoever
 * closed it takes @rx before the connection goes. A signal, or the time, may end the
 * wait with a message unread: it is read all the same, or left to the receiver.
 *
 * Others may wait for what comes next. So a waiter that was woken and gets no CPU
 * has the receiver woken by a timer, and a thread that is nice does not wait here.
 */

#include <kunit/visibility.h>
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

/* for so long the receiver leaves a message to a waiter that gets no CPU */
#define SSI_WAITER_GRACE	max(HZ / 100, 2)

static int ssi_waiter_wake(struct wait_queue_entry *entry, unsigned int mode, int sync,
			   void *key)
{
	struct ssi_waiter *w = container_of(entry, struct ssi_waiter, entry);

	mod_timer(&w->link->rx_late, jiffies + SSI_WAITER_GRACE);
	return woken_wake_function(entry, mode, sync, key);
}

/**
 * ssi_waiter_init - prepare a wait that current may end itself
 * @w: on the stack of current
 * @node: sender of what is waited for, referenced until the last ssi_waiter_end()
 * @lane: lane that it comes by
 */
void ssi_waiter_init(struct ssi_waiter *w, struct ssi_node *node, enum ssi_lane lane)
{
	w->link = &node->pairing->link[lane];
	w->left = current->static_prio > DEFAULT_PRIO || current->policy == SCHED_IDLE;
	init_waitqueue_func_entry(&w->entry, ssi_waiter_wake);
	w->entry.private = current;
	INIT_LIST_HEAD(&w->entry.entry);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_waiter_init);

/**
 * ssi_waiter_begin - be the one whom the next message of a lane wakes
 * @w: waiter of current
 *
 * Who was it before is not any more. Messages for others shall not come by here
 * again and again: after one it does nothing.
 *
 * Context: process context.
 */
void ssi_waiter_begin(struct ssi_waiter *w)
{
	struct ssi_link *link = w->link;

	w->entry.flags = WQ_FLAG_EXCLUSIVE;
	if (w->left)
		return;

	spin_lock_irq(&link->rx_wait.lock);
	if (link->waiter)
		list_del_init(&link->waiter->entry.entry);
	link->waiter = w;
	__add_wait_queue(&link->rx_wait, &w->entry);
	spin_unlock_irq(&link->rx_wait.lock);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_waiter_begin);

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
EXPORT_SYMBOL_IF_KUNIT(ssi_waiter_woken);

/*
 * Read what is there, and handle the first message if it is the waiter's own.
 * Returns true if nothing remains for the receiver.
 */
static bool ssi_waiter_receive(struct ssi_waiter *w, u32 epoch,
			       bool (*mine)(void *data, const struct ssi_rx *rx), void *data)
{
	struct ssi_link *link = w->link;
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

	w->left = false;
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

	w->left = true;
	if (mutex_trylock(&link->rx)) {
		/* ssi_link_stop() takes the lock after closing */
		if (READ_ONCE(link->open)) {
			done = ssi_waiter_receive(w, epoch, mine, data);
			/*
			 * The receiver may have seen the wake-up, and more may have come since
			 * that nobody was told of: TLS announces no record that was read first.
			 */
			if (!done)
				set_bit(SSI_CONN_READABLE, &link->conn->flags);
		}
		mutex_unlock(&link->rx);
	}
	if (!done)
		wake_up(&link->rx_wait);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_waiter_end);
