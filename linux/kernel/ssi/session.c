// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: sessions, the stays of processes on nodes
 */

/**
 * DOC: session
 *
 * A session is a number that names the stay of one process on one node. It begins
 * with a call that has the node make the guests, before any thread stops, and ends
 * when the process is wanted home and the last thread has come, when the last
 * deputy has gone, or when the node is lost; then the node forgets everything but
 * the pages it holds, which come home as they are touched, or by and by (evict.c).
 * Numbers are never used
 * again: a message of an old session finds none.
 *
 * A mirror has one session at most, and the session holds the node (rule I4).
 *
 * Two clocks must agree before user mode can change kernels: of a few round
 * trips the shortest one tells how far the node's CLOCK_MONOTONIC is from ours,
 * to within half of it; ENTER and TRAP carry the sender's time, and the receiver
 * waits until it has that time too.
 *
 * A node that refuses says why. If the process dies while the node gets ready, the
 * session ends before a thread could have left.
 *
 * Lock order: the mirror's move_lock, its lock, ssi_session_lock, its slock.
 */

#include <linux/cred.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>

#include "arch.h"
#include "evict.h"
#include "mirror.h"
#include "node.h"
#include "pidns.h"
#include "procmsg.h"
#include "rpc.h"
#include "session.h"

/* round trips to find out how clocks differ */
#define SSI_CLOCK_TRIES		16

static DEFINE_XARRAY(ssi_sessions);		/* sid to mirror */
static DEFINE_SPINLOCK(ssi_session_lock);	/* a mirror in there stays */
static atomic64_t ssi_last_sid = ATOMIC64_INIT(0);

/**
 * ssi_session_find - the process that a message is about
 * @node: sender
 * @epoch: of the message
 * @sid: session that it names
 *
 * Context: process context.
 * Return: the mirror, referenced, or NULL if the session is over or another
 * node's.
 */
struct ssi_mirror *ssi_session_find(struct ssi_node *node, u32 epoch, u64 sid)
{
	struct ssi_mirror *m;

	spin_lock(&ssi_session_lock);
	m = xa_load(&ssi_sessions, sid);
	if (m && m->sid == sid && m->node == node && m->epoch == epoch)
		ssi_mirror_get(m);
	else
		m = NULL;
	spin_unlock(&ssi_session_lock);
	return m;
}

/* How far is the node's clock from ours? */
static int ssi_session_clock(struct ssi_node *node, u32 epoch, s64 *monotonic, s64 *boottime)
{
	struct ssi_call *call __free(kfree) = kzalloc_obj(*call);
	u64 best = U64_MAX;
	int i, ret = 0;

	if (!call)
		return -ENOMEM;
	for (i = 0; i < SSI_CLOCK_TRIES; i++) {
		struct ssi_wire_clock clock;
		struct ssi_msg *msg;
		u64 t0, t1, boot;

		memset(call, 0, sizeof(*call));
		call->reply = &clock;
		call->reply_max = sizeof(clock);
		msg = ssi_msg_alloc(SSI_MSG_CLOCK, 0, GFP_KERNEL);
		if (!msg)
			return -ENOMEM;
		t0 = ktime_get_ns();
		ret = ssi_call_killable(call, node, epoch, msg, SSI_CALL_TIMEOUT);
		boot = ktime_get_boottime_ns() - ktime_get_ns();
		if (ret)
			return ret;
		/* not when we woke: both ways are to be alike */
		t1 = call->replied_ns;
		if (call->reply_len != sizeof(clock))
			return -EBADMSG;
		if (t1 - t0 >= best)
			continue;
		best = t1 - t0;
		*monotonic = t0 + best / 2 - le64_to_cpu(clock.monotonic);
		*boottime = boot + t0 + best / 2 - le64_to_cpu(clock.boottime);
	}
	return 0;
}

/**
 * ssi_session_handle_clock - a peer asks for the time
 * @rx: SSI_MSG_CLOCK
 *
 * Context: receiver thread of the user lane.
 */
void ssi_session_handle_clock(struct ssi_rx *rx)
{
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_CLOCK_REPLY, sizeof(struct ssi_wire_clock),
					    GFP_KERNEL | __GFP_NOFAIL);
	struct ssi_wire_clock *w = msg->body;

	w->monotonic = cpu_to_le64(ktime_get_ns());
	w->boottime = cpu_to_le64(ktime_get_boottime_ns());
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
}

static void ssi_session_send_end(struct ssi_node *node, u32 epoch, u64 sid)
{
	struct ssi_wire_session *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_SESSION_END, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = cpu_to_le64(sid);
	ssi_msg_send(node, epoch, msg);
}

static int ssi_session_offer(struct ssi_mirror *m, struct task_struct *leader,
			     struct ssi_node *node, u32 epoch, u64 sid,
			     enum ssi_reason *reason)
{
	struct ssi_call *call __free(kfree) = kzalloc_obj(*call);
	struct ssi_wire_session_new *w;
	struct ssi_wire_session reply = {};
	const struct cred *cred;
	struct ssi_msg *msg;
	s64 mono, boot;
	int ret;

	ret = ssi_session_clock(node, epoch, &mono, &boot);
	if (ret)
		return ret;
	msg = ssi_msg_alloc(SSI_MSG_SESSION_NEW, sizeof(*w), GFP_KERNEL);
	if (!call || !msg) {
		if (msg)
			ssi_msg_free(msg);
		return -ENOMEM;
	}
	w = msg->body;
	w->sid = cpu_to_le64(sid);
	w->vdso = cpu_to_le64(ssi_arch_vdso(m->mm));
	w->clock = cpu_to_le64(mono);
	task_lock(leader);
	if (leader->nsproxy) {
		struct timens_offsets *off = &leader->nsproxy->time_ns->offsets;

		mono += timespec64_to_ns(&off->monotonic);
		boot += timespec64_to_ns(&off->boottime);
	}
	task_unlock(leader);
	w->monotonic = cpu_to_le64(mono);
	w->boottime = cpu_to_le64(boot);
	w->pid = cpu_to_le32(ssi_pidns_nr(node->inst, m->tgid));
	w->threads = cpu_to_le32(get_nr_threads(leader));
	w->nr_cpus = cpu_to_le32(nr_cpu_ids);
	cred = get_task_cred(leader);
	w->uid = cpu_to_le32(from_kuid(&init_user_ns, cred->uid));
	w->gid = cpu_to_le32(from_kgid(&init_user_ns, cred->gid));
	put_cred(cred);
	get_task_comm(w->comm, leader);
	call->reply = &reply;
	call->reply_max = sizeof(reply);
	ret = ssi_call_killable(call, node, epoch, msg, SSI_CALL_TIMEOUT);
	if (ret == -EINTR || ret == -ETIMEDOUT)
		ssi_session_send_end(node, epoch, sid);
	if (ret)
		return ret;
	if (call->reply_len != sizeof(reply))
		return -EBADMSG;
	if (reply.reason) {
		*reason = le32_to_cpu(reply.reason);
		return -EREMOTEIO;
	}
	return 0;
}

/**
 * ssi_session_begin - have a node make the guests of a process
 * @m: mirror; has no session
 * @leader: the process
 * @node: where to; held (rule I4), which the session takes over on success
 * @epoch: of the membership
 * @reason: set on failure
 *
 * Context: process context, the mirror's move_lock held; sleeps.
 * Return: 0, and threads may leave when the mover sets away; -ENOMEM, -EREMOTEIO (the
 * node cannot), -ESRCH (the last deputy has gone), -EINTR (killed), -ETIMEDOUT (no answer within
 * SSI_CALL_TIMEOUT), -EHOSTDOWN and other errors of ssi_call().
 */
int ssi_session_begin(struct ssi_mirror *m, struct task_struct *leader,
		      struct ssi_node *node, u32 epoch, enum ssi_reason *reason)
{
	u64 sid = atomic64_inc_return(&ssi_last_sid);
	int ret;

	*reason = SSI_REASON_GUEST_FAILED;
	ret = ssi_session_offer(m, leader, node, epoch, sid, reason);
	if (ret) {
		if (ret == -EHOSTDOWN)
			*reason = SSI_REASON_NODE_LOST;
		else if (ret == -ENOMEM)
			*reason = SSI_REASON_NO_MEMORY;
		return ret;
	}
	ret = xa_reserve(&ssi_sessions, sid, GFP_KERNEL);
	spin_lock(&ssi_session_lock);
	spin_lock(&m->slock);
	if (!ret && m->dead)
		ret = -ESRCH;
	if (!ret) {
		m->sid = sid;
		m->lost = false;
		m->node = ssi_node_get(node);
		m->epoch = epoch;
		m->reason = SSI_REASON_REQUESTED;
		m->home_until = jiffies;
		m->left_ns = 0;
		m->freeze_ns = 0;
		atomic_set(&m->arrived, 0);
		/* it leaves when the mover says so: ssi_process_away() */
		m->away = false;
		xa_store(&ssi_sessions, sid, m, GFP_ATOMIC);
	}
	spin_unlock(&m->slock);
	spin_unlock(&ssi_session_lock);
	if (ret) {
		*reason = ret == -ESRCH ? SSI_REASON_EXITING : SSI_REASON_NO_MEMORY;
		xa_release(&ssi_sessions, sid);
		ssi_session_send_end(node, epoch, sid);
	}
	return ret;
}

/**
 * ssi_session_end - the stay is over; every thread is home or dead
 * @m: mirror
 * @sid: the session
 *
 * Gives the hold of the node back. Does nothing if the session has ended, whatever
 * came after it.
 *
 * Context: process context; sleeps.
 */
void ssi_session_end(struct ssi_mirror *m, u64 sid)
{
	struct ssi_node *node;
	u32 epoch;
	bool end;

	/* an invalidation that goes on uses the node until it is answered */
	mutex_lock(&m->lock);
	spin_lock(&ssi_session_lock);
	spin_lock(&m->slock);
	end = sid && m->sid == sid;
	if (end) {
		node = m->node;
		epoch = m->epoch;
		m->sid = 0;
		m->node = NULL;
		m->away = false;
	}
	spin_unlock(&m->slock);
	if (end)
		xa_erase(&ssi_sessions, sid);
	spin_unlock(&ssi_session_lock);
	if (end)
		xa_destroy(&m->granted);
	mutex_unlock(&m->lock);
	if (!end)
		return;
	ssi_session_send_end(node, epoch, sid);
	ssi_evict_mirror(m);
	ssi_node_release(node);
	ssi_node_put(node);
}

/**
 * ssi_session_thread_end - a deputy is no more
 * @m: its mirror
 * @tid: the thread
 *
 * Context: process context; sleeps.
 */
void ssi_session_thread_end(struct ssi_mirror *m, u32 tid)
{
	struct ssi_node *node = NULL;
	struct ssi_wire_thread *w;
	struct ssi_msg *msg;
	u32 epoch;
	u64 sid;

	spin_lock(&m->slock);
	sid = m->sid;
	epoch = m->epoch;
	if (sid)
		node = ssi_node_get(m->node);
	spin_unlock(&m->slock);
	if (!sid)
		return;
	msg = ssi_msg_alloc(SSI_MSG_THREAD_END, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = cpu_to_le64(sid);
	w->tid = cpu_to_le32(tid);
	ssi_msg_send(node, epoch, msg);
	ssi_node_put(node);
}
