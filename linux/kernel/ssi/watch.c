// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: peers that wait for the end of a process here
 */

/**
 * DOC: watches
 *
 * A pidfd of another node that is polled has asked the home to say when the process
 * ends: a call that is answered then. The home waits as a local pidfd does, in the
 * queue of struct pid, whose entry answers when it is woken: so a peer knows before the
 * parent does that it wakes next.
 *
 * A watch is freed by who has claimed it: the entry that was woken, the loss of the peer,
 * or the peer that does not want to know any more. Only the first may claim it in
 * atomic context, and leaves the rest to a work item.
 *
 * Unhappy paths: a process that ended before it could be watched is answered at once, as is
 * one whose number was given away anew. Peers that ask for more than some millions are
 * refused, EAGAIN. What is answered in an epoch that is over is not
 * sent: then the pidfd was told by the loss of this node.
 *
 * Locks: an entry that is woken holds the lock of the queue in struct pid, and takes those
 * of links, which are inside; ssi_watches_lock and the former are never held together.
 */

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "debugfs.h"
#include "instance.h"
#include "node.h"
#include "pidns.h"
#include "procmsg.h"
#include "rpc.h"
#include "watch.h"

#define SSI_WATCH_HASH_BITS	8

/**
 * struct ssi_watch - a peer that waits
 * @hash: in ssi_watches, by @seq
 * @wait: in the queue of @pid, unless it was woken
 * @pid: the process; referenced
 * @node: the peer; referenced
 * @epoch: of the call
 * @seq: of the call
 * @known: enum ssi_watch_state that is no news
 * @claimed: who sets it frees it
 * @msg: the answer, or NULL once it was sent
 * @work: frees it
 */
struct ssi_watch {
	struct hlist_node hash;
	struct wait_queue_entry wait;
	struct pid *pid;
	struct ssi_node *node;
	u32 epoch;
	u64 seq;
	enum ssi_watch_state known;
	atomic_t claimed;
	struct ssi_msg *msg;
	struct work_struct work;
};

/* of all peers; as many processes as a node can have, some times */
#define SSI_WATCH_MAX		(4 * 1024 * 1024)

static DEFINE_HASHTABLE(ssi_watches, SSI_WATCH_HASH_BITS);
static DEFINE_SPINLOCK(ssi_watches_lock);

/**
 * ssi_watch_state - has a process or thread ended?
 * @pid: process or thread
 *
 * As pidfd_poll() has it: a thread group has not while it has other threads.
 *
 * Context: any.
 * Return: its state.
 */
enum ssi_watch_state ssi_watch_state(struct pid *pid)
{
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(pid, PIDTYPE_PID);
	if (!t)
		return SSI_WATCH_GONE;
	return t->exit_state && !delay_group_leader(t) ? SSI_WATCH_ZOMBIE : SSI_WATCH_ALIVE;
}

static bool ssi_watch_claim(struct ssi_watch *w)
{
	return !atomic_xchg(&w->claimed, 1);
}

static void ssi_watch_answer(struct ssi_node *node, u32 epoch, u64 seq, struct ssi_msg *msg,
			     enum ssi_watch_state state)
{
	struct ssi_wire_watched *wire = msg->body;

	wire->state = cpu_to_le32(state);
	ssi_reply_queued(node, epoch, seq, msg);
}

/* What is left of one that is claimed, is in no table, and is in no queue. */
static void ssi_watch_free(struct ssi_watch *w)
{
	if (w->msg)
		ssi_msg_free(w->msg);
	put_pid(w->pid);
	ssi_node_put(w->node);
	kfree(w);
	atomic_dec(&ssi_objects.watches);
}

static void ssi_watch_work(struct work_struct *work)
{
	struct ssi_watch *w = container_of(work, struct ssi_watch, work);

	spin_lock_irq(&ssi_watches_lock);
	hash_del(&w->hash);
	spin_unlock_irq(&ssi_watches_lock);
	ssi_watch_free(w);
}

/* The process ends, or its last thread but one: called with the lock of its queue. */
static int ssi_watch_wake(struct wait_queue_entry *wait, unsigned int mode, int flags, void *key)
{
	struct ssi_watch *w = container_of(wait, struct ssi_watch, wait);
	enum ssi_watch_state state = ssi_watch_state(w->pid);

	if (state <= w->known || !ssi_watch_claim(w))
		return 0;
	list_del_init(&wait->entry);
	ssi_watch_answer(w->node, w->epoch, w->seq, w->msg, state);
	w->msg = NULL;
	queue_work(system_dfl_wq, &w->work);
	return 0;
}

/* One that was claimed, and taken out of the table. */
static void ssi_watch_end(struct ssi_watch *w)
{
	remove_wait_queue(&w->pid->wait_pidfd, &w->wait);
	ssi_watch_free(w);
}

static bool ssi_watch_is_of(const struct ssi_watch *w, const struct ssi_node *node, u32 epoch)
{
	return w->node == node && w->epoch == epoch;
}

/* Claim one for ssi_watch_end(): the lock is held. */
static bool ssi_watch_take(struct ssi_watch *w, struct hlist_head *list)
{
	if (!ssi_watch_claim(w))
		return false;
	hash_del(&w->hash);
	hlist_add_head(&w->hash, list);
	return true;
}

static void ssi_watch_end_all(struct hlist_head *list)
{
	struct hlist_node *next;
	struct ssi_watch *w;

	hlist_for_each_entry_safe(w, next, list, hash)
		ssi_watch_end(w);
}

/**
 * ssi_watch_peer_lost - end what a peer waits for
 * @node: the peer
 * @epoch: epoch that is over; its receivers have ended
 *
 * Context: process context.
 */
void ssi_watch_peer_lost(struct ssi_node *node, u32 epoch)
{
	HLIST_HEAD(list);
	struct hlist_node *next;
	struct ssi_watch *w;
	int i;

	spin_lock_irq(&ssi_watches_lock);
	hash_for_each_safe(ssi_watches, i, next, w, hash)
		if (ssi_watch_is_of(w, node, epoch))
			ssi_watch_take(w, &list);
	spin_unlock_irq(&ssi_watches_lock);
	ssi_watch_end_all(&list);
}

/**
 * ssi_watch_check - is a watch well formed?
 * @body: struct ssi_wire_watch
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_watch_check(const void *body, size_t len)
{
	const struct ssi_wire_watch *wire = body;

	return le32_to_cpu(wire->state) < SSI_WATCH_GONE ? 0 : -EPROTO;
}

/**
 * ssi_watch_check_answer - is the answer well formed?
 * @body: struct ssi_wire_watched
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_watch_check_answer(const void *body, size_t len)
{
	const struct ssi_wire_watched *wire = body;
	u32 state = le32_to_cpu(wire->state);

	return state > SSI_WATCH_ALIVE && state < SSI_NR_WATCH_STATES && !wire->pad ? 0 : -EPROTO;
}

static struct pid *ssi_watch_pid(struct ssi_instance *si, const struct ssi_wire_watch *wire)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(si->pidns);
	return p ? ssi_pidns_find(p, le32_to_cpu(wire->nr), le64_to_cpu(wire->id)) : NULL;
}

static void ssi_watch_begin(struct ssi_rx *rx, struct pid *pid, struct ssi_msg *msg)
{
	const struct ssi_wire_watch *wire = rx->body;
	struct ssi_watch *w = kzalloc_obj(*w, GFP_KERNEL | __GFP_NOFAIL);

	init_waitqueue_func_entry(&w->wait, ssi_watch_wake);
	INIT_WORK(&w->work, ssi_watch_work);
	atomic_inc(&ssi_objects.watches);
	w->pid = get_pid(pid);
	w->node = ssi_node_get(rx->node);
	w->epoch = rx->epoch;
	w->seq = rx->seq;
	w->known = le32_to_cpu(wire->state);
	w->msg = msg;
	spin_lock_irq(&ssi_watches_lock);
	hash_add(ssi_watches, &w->hash, w->seq);
	spin_unlock_irq(&ssi_watches_lock);

	/* it may have ended before it was in the queue, and must not be missed then */
	spin_lock_irq(&pid->wait_pidfd.lock);
	__add_wait_queue(&pid->wait_pidfd, &w->wait);
	ssi_watch_wake(&w->wait, TASK_NORMAL, 0, NULL);
	spin_unlock_irq(&pid->wait_pidfd.lock);
}

/**
 * ssi_watch_handle - answer when a process ends
 * @rx: SSI_MSG_WATCH
 *
 * Context: receiver thread of the user lane; sleeps for memory.
 */
void ssi_watch_handle(struct ssi_rx *rx)
{
	struct ssi_msg *msg;
	struct pid *pid;

	if (!rx->call)
		return;
	if (atomic_read(&ssi_objects.watches) >= SSI_WATCH_MAX) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -EAGAIN);
		return;
	}
	msg = ssi_msg_alloc(SSI_MSG_WATCHED, sizeof(struct ssi_wire_watched), GFP_KERNEL);
	if (!msg) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	pid = ssi_watch_pid(rx->node->inst, rx->body);
	if (pid)
		ssi_watch_begin(rx, pid, msg);
	else
		ssi_watch_answer(rx->node, rx->epoch, rx->seq, msg, SSI_WATCH_GONE);
	put_pid(pid);
}

/**
 * ssi_watch_handle_end - do not answer any more
 * @rx: SSI_MSG_UNWATCH
 *
 * Context: receiver thread of the user lane.
 */
void ssi_watch_handle_end(struct ssi_rx *rx)
{
	const struct ssi_wire_unwatch *wire = rx->body;
	u64 seq = le64_to_cpu(wire->seq);
	HLIST_HEAD(list);
	struct hlist_node *next;
	struct ssi_watch *w;

	spin_lock_irq(&ssi_watches_lock);
	hash_for_each_possible_safe(ssi_watches, w, next, hash, seq)
		if (w->seq == seq && ssi_watch_is_of(w, rx->node, rx->epoch))
			ssi_watch_take(w, &list);
	spin_unlock_irq(&ssi_watches_lock);
	ssi_watch_end_all(&list);
}
