// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: requests that wait for their answers
 */

/**
 * DOC: calls
 *
 * A &struct ssi_call belongs to whoever calls, usually on its stack.  It is in
 * the node's table from ssi_call_start() until exactly one of these takes it out
 * and completes it: the receiver that got the answer, the loss of the node, or
 * ssi_call_cancel().  So every wait is tied to a peer and an epoch and ends with
 * it (I6); there is no timeout of its own, the liveness deadline bounds it.
 *
 * At a loss the calls of receiver threads of the same node fail first, since the
 * loss waits for these threads.  So do invalidations: who makes one holds locks
 * that a receiver needs when it reclaims memory.  All others fail after the owner
 * of processes and memory was told.
 *
 * Who waits for an answer by the user lane receives it himself if he can (waiter.c):
 * one thread switch less for kill(), a read of a file of another node, or an execve().
 * Answers of the other lanes carry pages, which are the receiver's work.
 *
 * An answer nobody waits for was cancelled, and is dropped.  One that answers
 * something else is a violation.
 *
 * Locks: &struct ssi_calls.lock is innermost.
 */

#include <kunit/visibility.h>
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/swait.h>
#include <linux/timekeeping.h>

#include "call.h"
#include "node.h"
#include "pairing.h"
#include "procmsg.h"
#include "waiter.h"

/**
 * ssi_calls_init - make an empty table
 * @calls: table
 *
 * Context: any.
 */
void ssi_calls_init(struct ssi_calls *calls)
{
	unsigned int i;

	spin_lock_init(&calls->lock);
	for (i = 0; i < SSI_CALL_HASH; i++)
		INIT_HLIST_HEAD(&calls->hash[i]);
}

static struct hlist_head *ssi_calls_bucket(struct ssi_calls *calls, u64 seq)
{
	return &calls->hash[seq % SSI_CALL_HASH];
}

/* Whoever gets true completes the call. */
static bool ssi_call_take(struct ssi_calls *calls, struct ssi_call *call)
{
	bool mine;

	spin_lock_irq(&calls->lock);
	mine = !hlist_unhashed(&call->hash);
	if (mine)
		hlist_del_init(&call->hash);
	spin_unlock_irq(&calls->lock);
	return mine;
}

/**
 * ssi_call_start - send a request without waiting
 * @call: reply and reply_max filled in, the rest zero; stays where it is until
 *	ssi_call_wait() returned or ssi_call_cancel() returned true
 * @node: whom to call; the caller keeps a reference
 * @epoch: membership that the call belongs to
 * @msg: request; consumed
 *
 * After an error there is nothing to wait for, but ssi_call_wait() returns it too.
 *
 * Context: process context, as ssi_msg_send_direct().
 * Return: 0 or -EHOSTDOWN.
 */
int ssi_call_start(struct ssi_call *call, struct ssi_node *node, u32 epoch,
		   struct ssi_msg *msg)
{
	struct ssi_calls *calls = &node->pairing->calls;
	int err;

	init_completion(&call->completion);
	call->node = node;
	call->epoch = epoch;
	call->type = msg->type;
	call->early = msg->type == SSI_MSG_INVALIDATE ||
		      ssi_pairing_is_receiver(node->pairing, current);
	call->error = -EHOSTDOWN;

	spin_lock_irq(&calls->lock);
	call->seq = ++calls->seq;
	hlist_add_head(&call->hash, ssi_calls_bucket(calls, call->seq));
	spin_unlock_irq(&calls->lock);

	msg->flags |= SSI_WIRE_CALL;
	msg->seq = call->seq;
	err = ssi_msg_send_direct(node, epoch, msg);
	if (err) {
		/* Lost, or the peer answers what it was not asked: let that end. */
		if (!ssi_call_take(calls, call))
			wait_for_completion(&call->completion);
		call->error = err;
		complete(&call->completion);
	}
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_call_start);

/* The answer to @data: ssi_calls_reply() judges whether it is one to what was asked. */
static bool ssi_call_mine(void *data, const struct ssi_rx *rx)
{
	const struct ssi_call *call = data;

	return !rx->call && rx->seq == call->seq;
}

/* Sleep once. Returns the time that is left, or -ERESTARTSYS. */
static long ssi_call_sleep(struct ssi_call *call, const struct ssi_waiter *w,
			   unsigned int state, long timeout)
{
	struct completion *x = &call->completion;
	DECLARE_SWAITQUEUE(wait);

	for (;;) {
		prepare_to_swait_exclusive(&x->wait, &wait, state);
		if (completion_done(x) || ssi_waiter_woken(w) || timeout <= 0)
			break;
		if (signal_pending_state(state, current)) {
			timeout = -ERESTARTSYS;
			break;
		}
		timeout = schedule_timeout(timeout);
	}
	finish_swait(&x->wait, &wait);
	return timeout;
}

/**
 * ssi_call_wait_state - wait for the answer, as wait_for_completion_state() would
 * @call: started call
 * @state: how to sleep, TASK_*
 * @timeout: in jiffies
 *
 * Context: sleeps.
 * Return: the time that is left, at least 1, if the call is over; 0 after @timeout;
 * -ERESTARTSYS for a signal that @state is woken by.
 */
long ssi_call_wait_state(struct ssi_call *call, unsigned int state, long timeout)
{
	/* a receiver has a lane of its own to look after */
	bool waits = !call->early && ssi_rpc_op(call->type)->lane == SSI_LANE_USER;
	struct ssi_waiter w = {};

	if (waits)
		ssi_waiter_init(&w, call->node, SSI_LANE_USER);
	while (!completion_done(&call->completion) && timeout > 0) {
		if (waits)
			ssi_waiter_begin(&w);
		timeout = ssi_call_sleep(call, &w, state, timeout);
		if (waits)
			ssi_waiter_end(&w, call->epoch, ssi_call_mine, call);
	}
	if (try_wait_for_completion(&call->completion))
		return max(timeout, 1L);
	return timeout;
}

/**
 * ssi_call_wait - wait for the answer
 * @call: started call
 *
 * Context: sleeps, uninterruptibly, until the answer or the loss of the node.
 * Return: 0, -EHOSTDOWN, -EMSGSIZE, or what ssi_reply_error() said.
 */
int ssi_call_wait(struct ssi_call *call)
{
	while (ssi_call_wait_state(call, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT) <= 0)
		;
	return call->error;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_call_wait);

/**
 * ssi_call_done - is the answer there?
 * @call: started call
 *
 * Context: any.
 * Return: true if ssi_call_wait() will not sleep.
 */
bool ssi_call_done(struct ssi_call *call)
{
	return completion_done(&call->completion);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_call_done);

/**
 * ssi_call_cancel - give up waiting
 * @call: started call
 *
 * Context: any but hard interrupts.
 * Return: true if the call is over, and will not be written to any more; false
 * if it is being completed: ssi_call_wait() will return soon.
 */
bool ssi_call_cancel(struct ssi_call *call)
{
	if (!ssi_call_take(&call->node->pairing->calls, call))
		return false;
	call->error = -ECANCELED;
	complete(&call->completion);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_call_cancel);

/**
 * ssi_call - send a request and wait for the answer
 * @call: reply and reply_max filled in, the rest zero
 * @node: whom to call; the caller keeps a reference
 * @epoch: membership that the call belongs to
 * @msg: request; consumed
 *
 * Context: sleeps, uninterruptibly.
 * Return: as ssi_call_wait().
 */
int ssi_call(struct ssi_call *call, struct ssi_node *node, u32 epoch,
	     struct ssi_msg *msg)
{
	int err = ssi_call_start(call, node, epoch, msg);

	return err ? err : ssi_call_wait(call);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_call);

/**
 * ssi_call_killable - as ssi_call(), but let a fatal signal or a timeout end it
 * @call: reply and reply_max filled in, the rest zero
 * @node: whom to call; the caller keeps a reference
 * @epoch: membership that the call belongs to
 * @msg: request; consumed
 * @timeout: in jiffies
 *
 * A peer whose heart beats but that does not answer is no reason to hang for
 * who asks on behalf of a person.
 *
 * Context: sleeps.
 * Return: as ssi_call_wait(), or -EINTR or -ETIMEDOUT: the request may be served all
 * the same.
 */
int ssi_call_killable(struct ssi_call *call, struct ssi_node *node, u32 epoch,
		      struct ssi_msg *msg, unsigned long timeout)
{
	int err = ssi_call_start(call, node, epoch, msg);

	return err ? err : ssi_call_wait_killable(call, timeout);
}

/**
 * ssi_call_wait_killable - as ssi_call_wait(), but let a fatal signal or a timeout end it
 * @call: started call, which is over then
 * @timeout: in jiffies
 *
 * Context: sleeps.
 * Return: as ssi_call_killable().
 */
int ssi_call_wait_killable(struct ssi_call *call, unsigned long timeout)
{
	long left = ssi_call_wait_state(call, TASK_KILLABLE, timeout);

	if (left > 0)
		return call->error;
	if (!ssi_call_cancel(call))
		return ssi_call_wait(call);
	return left ? -EINTR : -ETIMEDOUT;
}

/* Wake who waits. From then on the call is the caller's, who may free it. */
static void ssi_call_complete(struct ssi_call *call)
{
	if (call->done)
		call->done(call);
	complete(&call->completion);
}

/**
 * ssi_calls_fail - fail the calls of an epoch with -EHOSTDOWN
 * @calls: table of the node
 * @epoch: epoch that is over; nothing of it can be started any more
 * @early: only those that would keep a receiver thread of the node from ending
 *
 * Context: process context.
 */
void ssi_calls_fail(struct ssi_calls *calls, u32 epoch, bool early)
{
	struct hlist_node *next;
	struct ssi_call *call;
	unsigned int i;

	spin_lock_irq(&calls->lock);
	for (i = 0; i < SSI_CALL_HASH; i++) {
		hlist_for_each_entry_safe(call, next, &calls->hash[i], hash) {
			if (call->epoch != epoch || (early && !call->early))
				continue;
			hlist_del_init(&call->hash);
			call->error = -EHOSTDOWN;
			ssi_call_complete(call);
		}
	}
	spin_unlock_irq(&calls->lock);
}

/* Hand the answer over to the call.  It is out of the table: ours alone. */
static void ssi_call_fill(struct ssi_call *call, struct ssi_rx *rx)
{
	const struct ssi_wire_error *wire = rx->body;
	unsigned int i;

	call->reply_type = rx->type;
	call->replied_ns = ktime_get_ns();
	if (rx->type == SSI_MSG_ERROR) {
		call->error = -(int)le32_to_cpu(wire->error);
		return;
	}
	if (rx->len > call->reply_max && call->reply) {
		call->error = -EMSGSIZE;
		return;
	}
	if (call->reply) {
		memcpy(call->reply, rx->body, rx->len);
		call->reply_len = rx->len;
	}
	for (i = 0; i < rx->nr_pages; i++) {
		call->pages[i] = rx->pages[i];
		rx->pages[i] = NULL;
	}
	call->nr_pages = rx->nr_pages;
	call->error = 0;
}

/**
 * ssi_calls_reply - deliver an answer
 * @calls: table of the node that sent it
 * @rx: the answer, in bounds
 *
 * Context: receiver thread.
 * Return: 0; -EPROTO if the answer is to a call that was never made, or is not
 * an answer to what was asked.
 */
int ssi_calls_reply(struct ssi_calls *calls, struct ssi_rx *rx)
{
	bool found = false, fits = false;
	struct ssi_call *call;
	u64 last;

	spin_lock_irq(&calls->lock);
	last = calls->seq;
	hlist_for_each_entry(call, ssi_calls_bucket(calls, rx->seq), hash) {
		if (call->seq != rx->seq || call->epoch != rx->epoch)
			continue;
		found = true;
		fits = rx->type == call->type + 1 || rx->type == SSI_MSG_ERROR;
		/* The loss of a peer that talks nonsense ends the call. */
		if (fits)
			hlist_del_init(&call->hash);
		break;
	}
	spin_unlock_irq(&calls->lock);

	if (!found)
		return rx->seq && rx->seq <= last ? 0 : -EPROTO;
	if (!fits)
		return -EPROTO;
	ssi_call_fill(call, rx);
	ssi_call_complete(call);
	return 0;
}
