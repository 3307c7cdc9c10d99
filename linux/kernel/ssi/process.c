// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: moving processes
 */

/**
 * DOC: process
 *
 * The table of mirrors holds every process of this kernel that was ever moved
 * and still has a deputy. A move makes a *session*: a number that names the stay
 * of one process on one node. It begins with a call that has the node make the
 * guests, before any thread stops, and ends when the process is wanted home and
 * the last thread has come; then the node forgets everything but the pages it
 * holds, which come home as they are touched.
 *
 * Moving from one node to another goes through home: threads, not pages; a page
 * on the first node that the second one wants comes home, and goes out again.
 *
 * One move of a process at a time (@move_lock). A second mover waits, killable,
 * and then does what it was asked to: the last one wins.
 *
 * Two clocks must agree before user mode can change kernels: of a few round
 * trips the shortest one tells how far the node's CLOCK_MONOTONIC is from ours,
 * to within half of it; ENTER and TRAP carry the sender's time, and the receiver
 * waits until it has that time too.
 *
 * Lock order: @move_lock, the mirror's lock, ssi_process_lock, the mirror's slock.
 */

#include <linux/cred.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <net/netlink.h>

#include "arch.h"
#include "debugfs.h"
#include "deputy.h"
#include "hosted.h"
#include "instance.h"
#include "mirror.h"
#include "netlink.h"
#include "node.h"
#include "pagemap.h"
#include "process.h"
#include "procmsg.h"
#include "reason.h"
#include "rpc.h"
#include "trace.h"

/* round trips to find out how clocks differ */
#define SSI_CLOCK_TRIES		6
/* how long a caller waits for a thread to leave or come */
#define SSI_MOVE_TIMEOUT	(10 * HZ)

static LIST_HEAD(ssi_mirrors);
static DEFINE_SPINLOCK(ssi_process_lock);
static DEFINE_XARRAY(ssi_sessions);		/* sid to mirror */
static atomic64_t ssi_last_sid = ATOMIC64_INIT(0);

static int ssi_refuse(enum ssi_reason reason, int error, struct netlink_ext_ack *extack,
		      struct ssi_process_info *info)
{
	if (info)
		info->reason = reason;
	NL_SET_ERR_MSG_FMT(extack, "%s", ssi_reason_text(reason));
	return error;
}

/**
 * ssi_process_by_session - the process that a message is about
 * @node: sender
 * @epoch: of the message
 * @sid: session that it names
 *
 * Context: process context.
 * Return: the mirror, referenced, or NULL if the session is over or another
 * node's.
 */
struct ssi_mirror *ssi_process_by_session(struct ssi_node *node, u32 epoch, u64 sid)
{
	struct ssi_mirror *m;

	spin_lock(&ssi_process_lock);
	m = xa_load(&ssi_sessions, sid);
	if (m && m->sid == sid && m->node == node && m->epoch == epoch)
		ssi_mirror_get(m);
	else
		m = NULL;
	spin_unlock(&ssi_process_lock);
	return m;
}

static struct ssi_mirror *ssi_process_find(struct mm_struct *mm)
{
	struct ssi_mirror *m;

	spin_lock(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		if (m->mm == mm && !m->dead) {
			ssi_mirror_get(m);
			goto found;
		}
	m = NULL;
found:
	spin_unlock(&ssi_process_lock);
	return m;
}

static struct ssi_mirror *ssi_process_find_pid(struct pid *pid)
{
	struct ssi_mirror *m;

	spin_lock(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		if (m->tgid == pid && !m->dead) {
			ssi_mirror_get(m);
			goto found;
		}
	m = NULL;
found:
	spin_unlock(&ssi_process_lock);
	return m;
}

/* Find the mirror of a process, or make it. */
static struct ssi_mirror *ssi_process_mirror(struct ssi_instance *si, struct mm_struct *mm,
					     struct pid *tgid)
{
	struct ssi_mirror *m = ssi_process_find(mm), *other;

	if (m)
		return m;
	m = ssi_mirror_alloc(si, mm, tgid);
	if (IS_ERR(m))
		return m;
	spin_lock(&ssi_process_lock);
	list_for_each_entry(other, &ssi_mirrors, link)
		if (other->mm == mm && !other->dead) {
			ssi_mirror_get(other);
			spin_unlock(&ssi_process_lock);
			ssi_mirror_stop(m);
			ssi_mirror_put(m);
			return other;
		}
	ssi_mirror_get(m);
	list_add_tail(&m->link, &ssi_mirrors);
	spin_unlock(&ssi_process_lock);
	return m;
}

/* How far is the node's clock from ours? */
static int ssi_process_clock(struct ssi_node *node, u32 epoch, s64 *monotonic, s64 *boottime)
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
		ret = ssi_call(call, node, epoch, msg);
		t1 = ktime_get_ns();
		boot = ktime_get_boottime_ns();
		if (ret)
			return ret;
		if (call->reply_len != sizeof(clock))
			return -EBADMSG;
		if (t1 - t0 >= best)
			continue;
		best = t1 - t0;
		*monotonic = t0 + best / 2 - le64_to_cpu(clock.monotonic);
		*boottime = boot - best / 2 - le64_to_cpu(clock.boottime);
	}
	return 0;
}

/**
 * ssi_process_handle_clock - a peer asks for the time
 * @rx: SSI_MSG_CLOCK
 *
 * Context: receiver thread of the user lane.
 */
void ssi_process_handle_clock(struct ssi_rx *rx)
{
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_CLOCK_REPLY, sizeof(struct ssi_wire_clock),
					    GFP_KERNEL | __GFP_NOFAIL);
	struct ssi_wire_clock *w = msg->body;

	w->monotonic = cpu_to_le64(ktime_get_ns());
	w->boottime = cpu_to_le64(ktime_get_boottime_ns());
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
}

static int ssi_process_offer(struct ssi_mirror *m, struct task_struct *leader,
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

	ret = ssi_process_clock(node, epoch, &mono, &boot);
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
	w->pid = cpu_to_le32(pid_nr(m->tgid));
	w->threads = cpu_to_le32(get_nr_threads(leader));
	cred = get_task_cred(leader);
	w->uid = cpu_to_le32(from_kuid(&init_user_ns, cred->uid));
	w->gid = cpu_to_le32(from_kgid(&init_user_ns, cred->gid));
	put_cred(cred);
	get_task_comm(w->comm, leader);
	call->reply = &reply;
	call->reply_max = sizeof(reply);
	ret = ssi_call(call, node, epoch, msg);
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

static void ssi_process_send_end(struct ssi_node *node, u32 epoch, u64 sid)
{
	struct ssi_wire_session *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_SESSION_END, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = cpu_to_le64(sid);
	ssi_msg_send(node, epoch, msg);
}

/* The session is over; every thread is home or dead. Under move_lock, or last. */
static void ssi_process_session_end(struct ssi_mirror *m)
{
	struct ssi_node *node;
	u32 epoch;
	u64 sid;

	/* an invalidation that goes on uses the node until it is answered */
	mutex_lock(&m->lock);
	spin_lock(&ssi_process_lock);
	spin_lock(&m->slock);
	sid = m->sid;
	node = m->node;
	epoch = m->epoch;
	m->sid = 0;
	m->node = NULL;
	m->away = false;
	spin_unlock(&m->slock);
	if (sid)
		xa_erase(&ssi_sessions, sid);
	spin_unlock(&ssi_process_lock);
	if (sid)
		xa_destroy(&m->granted);
	mutex_unlock(&m->lock);
	if (!sid)
		return;
	ssi_process_send_end(node, epoch, sid);
	ssi_node_release(node);
	ssi_node_put(node);
}

static void ssi_process_fill(struct ssi_mirror *m, struct ssi_process_info *info,
			     struct pid_namespace *ns)
{
	struct task_struct *t;

	info->pid = pid_nr_ns(m->tgid, ns);
	info->home = m->inst->node;
	info->guest = false;
	spin_lock(&m->slock);
	info->node = m->away && m->node ? m->node->id : m->inst->node;
	info->threads_away = m->nr_away;
	info->reason = m->reason;
	spin_unlock(&m->slock);
	info->threads = atomic_read(&m->nr_deputies);
	info->traps = atomic_long_read(&m->traps);
	info->faults = atomic_long_read(&m->faults);
	info->recalls = atomic_long_read(&m->recalls);
	info->pages_away = max(atomic_long_read(&m->pages_out), 0L);
	info->moves = atomic_long_read(&m->moves);
	info->freeze_ns = m->freeze_ns;
	rcu_read_lock();
	t = pid_task(m->tgid, PIDTYPE_TGID);
	if (t) {
		info->threads = get_nr_threads(t);
		get_task_comm(info->comm, t);
	}
	rcu_read_unlock();
}

/**
 * ssi_process_event - tell whoever listens
 * @m: mirror
 * @what: what happened
 *
 * Context: process context.
 */
void ssi_process_event(struct ssi_mirror *m, enum ssi_process_event what)
{
	struct ssi_process_info info = {};

	ssi_process_fill(m, &info, &init_pid_ns);
	ssi_netlink_process_event(m->inst, &info, what);
}

/* Bring every thread home and end the session. Under move_lock. */
static int ssi_process_home(struct ssi_mirror *m, enum ssi_reason reason)
{
	long left;

	if (!m->sid)
		return 0;
	spin_lock(&m->slock);
	m->away = false;
	m->reason = reason;
	spin_unlock(&m->slock);
	ssi_deputy_notify(m);
	left = wait_event_killable_timeout(m->wq, !READ_ONCE(m->nr_away), SSI_MOVE_TIMEOUT);
	if (left < 0)
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;
	ssi_process_session_end(m);
	ssi_process_event(m, SSI_PROCESS_EVENT_CAME_HOME);
	return 0;
}

/* Is there a thread that could leave but has not yet? */
static bool ssi_process_runs_here(struct ssi_mirror *m)
{
	struct task_struct *leader, *t;
	bool runs = false;

	rcu_read_lock();
	leader = pid_task(m->tgid, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, t)
			if (READ_ONCE(t->__state) == TASK_RUNNING && !(t->flags & PF_EXITING)) {
				runs = true;
				break;
			}
	rcu_read_unlock();
	return runs;
}

/* Wait until a thread runs there, or it is plain that none can leave now. */
static enum ssi_reason ssi_process_departed(struct ssi_mirror *m)
{
	unsigned long end = jiffies + SSI_MOVE_TIMEOUT;

	while (time_before(jiffies, end)) {
		long left = wait_event_killable_timeout(m->wq, atomic_read(&m->arrived) ||
							!READ_ONCE(m->away) || m->dead, HZ / 20);

		if (left < 0 || atomic_read(&m->arrived))
			return SSI_REASON_NONE;
		if (m->dead)
			return SSI_REASON_EXITING;
		if (!READ_ONCE(m->away))
			return m->reason;
		if (!READ_ONCE(m->nr_away) && !ssi_process_runs_here(m))
			return SSI_REASON_IN_SYSCALL;
	}
	return m->reason != SSI_REASON_REQUESTED ? m->reason : SSI_REASON_BUSY;
}

static int ssi_process_attach(struct ssi_mirror *m, struct task_struct *leader)
{
	struct task_struct **threads, *t;
	unsigned int nr = 0, max, i;
	int ret = 0;

	/* a thread made after the list was read inherits from its creator */
	max = get_nr_threads(leader) + 16;
	threads = kvmalloc_objs(*threads, max);
	if (!threads)
		return -ENOMEM;
	read_lock(&tasklist_lock);
	for_each_thread(leader, t) {
		if (nr == max) {
			ret = -EAGAIN;
			break;
		}
		threads[nr++] = get_task_struct(t);
	}
	read_unlock(&tasklist_lock);
	for (i = 0; i < nr; i++) {
		if (!ret && threads[i]->mm == m->mm)
			ret = ssi_deputy_attach(m, threads[i]);
		put_task_struct(threads[i]);
	}
	kvfree(threads);
	return ret;
}

static int ssi_process_away(struct ssi_mirror *m, struct task_struct *leader,
			    struct ssi_node *node, bool wait, struct netlink_ext_ack *extack,
			    struct ssi_process_info *info)
{
	enum ssi_reason reason = SSI_REASON_GUEST_FAILED;
	u32 epoch = ssi_node_epoch(node);
	int ret, tries = 0;
	u64 sid;

	if (m->away && m->node == node && m->epoch == epoch)
		return 0;
	ret = ssi_process_home(m, SSI_REASON_REQUESTED);
	if (ret)
		return ssi_refuse(SSI_REASON_BUSY, ret, extack, info);
	if (!epoch || !ssi_node_tryhold(node, epoch))
		return ssi_refuse(SSI_REASON_NOT_MEMBER, -EHOSTUNREACH, extack, info);
	ret = ssi_pagemap_reserve();
	if (ret) {
		ssi_node_release(node);
		return ssi_refuse(SSI_REASON_NO_MEMORY, ret, extack, info);
	}
	sid = atomic64_inc_return(&ssi_last_sid);
	ret = ssi_process_offer(m, leader, node, epoch, sid, &reason);
	if (ret) {
		ssi_node_release(node);
		return ssi_refuse(ret == -EHOSTDOWN ? SSI_REASON_NODE_LOST : reason, ret,
				  extack, info);
	}
	ret = xa_reserve(&ssi_sessions, sid, GFP_KERNEL);
	spin_lock(&ssi_process_lock);
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
		m->away = true;
		xa_store(&ssi_sessions, sid, m, GFP_ATOMIC);
	}
	spin_unlock(&m->slock);
	spin_unlock(&ssi_process_lock);
	if (ret) {
		xa_release(&ssi_sessions, sid);
		ssi_process_send_end(node, epoch, sid);
		ssi_node_release(node);
		return ssi_refuse(ret == -ESRCH ? SSI_REASON_EXITING : SSI_REASON_NO_MEMORY,
				  ret, extack, info);
	}
	do {
		ret = ssi_process_attach(m, leader);
	} while (ret == -EAGAIN && tries++ < 10);
	if (!ret && !atomic_read(&m->nr_deputies))
		ret = -ESRCH;
	if (ret) {
		ssi_process_home(m, SSI_REASON_NO_MEMORY);
		return ssi_refuse(ret == -ESRCH ? SSI_REASON_EXITING : SSI_REASON_NO_MEMORY,
				  ret, extack, info);
	}
	atomic_long_inc(&m->moves);
	ssi_deputy_notify(m);
	trace_ssi_move(m, node->id);
	/* the membership may have ended between the look and the session */
	if (ssi_node_epoch(node) != epoch || !ssi_node_is_member(node))
		ssi_process_peer_lost(node, epoch);
	if (wait) {
		reason = ssi_process_departed(m);
		if (reason) {
			info->reason = reason;
			NL_SET_ERR_MSG_FMT(extack, "%s", ssi_reason_text(reason));
		}
	}
	return 0;
}

/* What can be said without touching the process. */
static int ssi_process_check(struct task_struct *t, struct netlink_ext_ack *extack,
			     struct ssi_process_info *info)
{
	bool guest = false;
	struct ssi_task *s;

	/* objects that a task points at are freed after a grace period */
	rcu_read_lock();
	s = READ_ONCE(t->ssi);
	if (s)
		guest = s->kind != SSI_TASK_DEPUTY;
	rcu_read_unlock();
	if (t->flags & PF_KTHREAD)
		return ssi_refuse(SSI_REASON_KERNEL_THREAD, -EINVAL, extack, info);
	if ((t->flags & PF_EXITING) || t->exit_state)
		return ssi_refuse(SSI_REASON_EXITING, -ESRCH, extack, info);
	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH_REALCREDS) ||
	    security_task_movememory(t) || security_task_setscheduler(t))
		return ssi_refuse(SSI_REASON_NOT_PERMITTED, -EPERM, extack, info);
	if (guest) {
		NL_SET_ERR_MSG(extack, "This is the guest of another node's process; move it by its pid at home");
		return -EREMOTE;
	}
	if (READ_ONCE(t->vfork_done))
		return ssi_refuse(SSI_REASON_VFORK, -EBUSY, extack, info);
	if (is_global_init(t)) {
		NL_SET_ERR_MSG(extack, "The init process stays at home");
		return -EINVAL;
	}
	return 0;
}

/**
 * ssi_process_move - run a process on another node, or at home again
 * @si: instance, joined
 * @pid: the process
 * @node: where to; the own id or 0 for home
 * @wait: return when a thread runs there, or it is plain why none does
 * @info: filled in with how it is afterwards, and with the reason of a refusal
 * @extack: gets the sentence
 *
 * Context: process context, no locks; sleeps.
 * Return: 0, also if all threads are blocked and will follow when they wake, as
 * @info says; -ESRCH, -EPERM, -EINVAL (kernel thread, init), -EREMOTE (a guest),
 * -EBUSY (a vfork child, or another process has the same memory),
 * -ENOENT (no such node), -EHOSTUNREACH (not a member), -EHOSTDOWN (lost in the
 * middle), -ENOMEM, -EINTR, -ETIMEDOUT, -EREMOTEIO (the node cannot).
 */
int ssi_process_move(struct ssi_instance *si, struct pid *pid, u32 node, bool wait,
		     struct ssi_process_info *info, struct netlink_ext_ack *extack)
{
	struct task_struct *leader __free(put_task) = get_pid_task(pid, PIDTYPE_TGID);
	struct ssi_node *peer = NULL;
	struct ssi_mirror *m = NULL;
	struct mm_struct *mm = NULL;
	int ret;

	if (!leader)
		return -ESRCH;
	if (!ssi_instance_joined(si))
		return ssi_refuse(SSI_REASON_NOT_JOINED, -ENOTCONN, extack, info);
	ret = ssi_process_check(leader, extack, info);
	if (ret)
		return ret;
	if (node == si->node)
		node = 0;
	if (node) {
		peer = ssi_node_lookup(si, node);
		if (!peer) {
			NL_SET_ERR_MSG_FMT(extack, "There is no node %u; 'ssi nodes' lists them", node);
			return -ENOENT;
		}
		if (!ssi_node_is_member(peer)) {
			ret = ssi_refuse(SSI_REASON_NOT_MEMBER, -EHOSTUNREACH, extack, info);
			goto out;
		}
	}
	mm = get_task_mm(leader);
	if (!mm) {
		ret = ssi_refuse(SSI_REASON_NO_MM, -EINVAL, extack, info);
		goto out;
	}
	m = node ? ssi_process_mirror(si, mm, task_tgid(leader)) : ssi_process_find(mm);
	if (IS_ERR_OR_NULL(m)) {
		ret = 0;
		if (m)
			ret = ssi_refuse(SSI_REASON_NO_MEMORY, PTR_ERR(m), extack, info);
		else
			ssi_process_info(si, pid, info);	/* it is home already */
		m = NULL;
		goto out;
	}
	if (m->tgid != task_tgid(leader)) {
		/* a clone() sibling: the mirror is that of the other process */
		ret = ssi_refuse(SSI_REASON_SHARED_MM, -EBUSY, extack, info);
		goto out;
	}
	if (mutex_lock_killable(&m->move_lock)) {
		ret = -EINTR;
		goto out;
	}
	if (!node)
		ret = ssi_process_home(m, SSI_REASON_REQUESTED);
	else if (!ssi_arch_vdso(mm))
		ret = ssi_refuse(SSI_REASON_VDSO, -EINVAL, extack, info);
	else
		ret = ssi_process_away(m, leader, peer, wait, extack, info);
	if (!atomic_read(&m->nr_deputies))
		ssi_process_end(m);
	mutex_unlock(&m->move_lock);
	if (!ret) {
		enum ssi_reason reason = info->reason;

		ssi_process_fill(m, info, task_active_pid_ns(current));
		if (reason)
			info->reason = reason;
	}
out:
	if (m)
		ssi_mirror_put(m);
	if (mm)
		mmput(mm);
	if (peer)
		ssi_node_put(peer);
	return ret;
}

/**
 * ssi_process_thread_end - a deputy is no more
 * @m: its mirror
 * @tid: the thread
 *
 * Context: process context; sleeps.
 */
void ssi_process_thread_end(struct ssi_mirror *m, u32 tid)
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

/**
 * ssi_process_end - the last deputy of a process is gone
 * @m: mirror
 *
 * Context: process context; sleeps. Harmless when it was called before.
 */
void ssi_process_end(struct ssi_mirror *m)
{
	bool first;

	spin_lock(&ssi_process_lock);
	spin_lock(&m->slock);
	first = !m->dead && !atomic_read(&m->nr_deputies);
	if (first)
		m->dead = true;
	spin_unlock(&m->slock);
	if (first)
		list_del_init(&m->link);
	spin_unlock(&ssi_process_lock);
	if (!first)
		return;
	wake_up_all(&m->wq);
	ssi_process_session_end(m);
	ssi_mirror_stop(m);
	ssi_mirror_put(m);
}

/* The node of the session is lost, or killed the guests: what was there dies. */
static void ssi_process_lost(struct ssi_mirror *m, enum ssi_reason reason)
{
	struct task_struct *leader;
	long pages = atomic_long_read(&m->pages_out);
	u32 node, away;

	spin_lock(&m->slock);
	m->away = false;
	m->reason = reason;
	node = m->node ? m->node->id : 0;
	away = m->nr_away;
	spin_unlock(&m->slock);
	leader = get_pid_task(m->tgid, PIDTYPE_TGID);
	/* what it holds for us is safe if only the guest died there */
	if (leader && (away || (reason == SSI_REASON_NODE_LOST && pages > 0))) {
		pr_warn_ratelimited("ssi: %s[%d] killed: node %u %s with %u of its threads and %ld of its pages\n",
				    leader->comm, task_pid_nr(leader), node,
				    reason == SSI_REASON_NODE_LOST ? "was lost" : "killed its guest",
				    away, pages);
		send_sig(SIGKILL, leader, 1);
		ssi_process_event(m, SSI_PROCESS_EVENT_KILLED);
	}
	if (leader)
		put_task_struct(leader);
	ssi_deputy_lost(m);
	/* not here: a deputy may wait for a call that fails only after this */
	ssi_mirror_get(m);
	if (!queue_work(system_dfl_wq, &m->lost_work))
		ssi_mirror_put(m);
}

/**
 * ssi_process_lost_work - end the session of a lost node when nobody uses it
 * @work: in the mirror, which is referenced for this
 *
 * Context: work queue.
 */
void ssi_process_lost_work(struct work_struct *work)
{
	struct ssi_mirror *m = container_of(work, struct ssi_mirror, lost_work);

	wait_event(m->wq, !READ_ONCE(m->nr_away));
	ssi_process_session_end(m);
	ssi_mirror_put(m);
}

/**
 * ssi_process_peer_lost - a membership is over: what was lent to it is gone
 * @node: peer
 * @epoch: of the membership
 *
 * Context: process context; sleeps.
 */
void ssi_process_peer_lost(struct ssi_node *node, u32 epoch)
{
	struct ssi_mirror *m;

	for (;;) {
		spin_lock(&ssi_process_lock);
		list_for_each_entry(m, &ssi_mirrors, link)
			if (m->sid && m->node == node && m->epoch == epoch && !m->lost) {
				m->lost = true;
				ssi_mirror_get(m);
				goto found;
			}
		spin_unlock(&ssi_process_lock);
		return;
found:
		spin_unlock(&ssi_process_lock);
		ssi_process_lost(m, SSI_REASON_NODE_LOST);
		ssi_mirror_put(m);
	}
}

/**
 * ssi_process_handle_guest_dead - a node killed the guests of a process of ours
 * @rx: SSI_MSG_GUEST_DEAD
 *
 * Context: receiver thread of the user lane.
 */
void ssi_process_handle_guest_dead(struct ssi_rx *rx)
{
	const struct ssi_wire_session *w = rx->body;
	struct ssi_mirror *m = ssi_process_by_session(rx->node, rx->epoch, le64_to_cpu(w->sid));

	if (!m)
		return;
	m->lost = true;
	ssi_process_lost(m, SSI_REASON_GUEST_FAILED);
	ssi_mirror_put(m);
}

/**
 * ssi_process_info - where is a process, and why?
 * @si: instance
 * @pid: the process
 * @info: filled in
 *
 * Context: process context.
 * Return: 0, -ESRCH, or -ENODATA for a process that never moved and is local.
 */
int ssi_process_info(struct ssi_instance *si, struct pid *pid,
		     struct ssi_process_info *info)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct ssi_mirror *m = ssi_process_find_pid(pid);
	struct task_struct *t;

	if (m) {
		ssi_process_fill(m, info, ns);
		ssi_mirror_put(m);
		return 0;
	}
	if (!ssi_hosted_info(pid, info, ns))
		return 0;
	t = get_pid_task(pid, PIDTYPE_TGID);
	if (!t)
		return -ESRCH;
	info->pid = pid_nr_ns(pid, ns);
	info->home = si->node;
	info->node = si->node;
	info->threads = get_nr_threads(t);
	info->reason = t->flags & PF_KTHREAD ? SSI_REASON_KERNEL_THREAD : SSI_REASON_NONE;
	get_task_comm(info->comm, t);
	put_task_struct(t);
	return -ENODATA;
}

/**
 * ssi_process_next - list processes in the order of their pids
 * @si: instance
 * @from: lowest pid wanted; set to the one found
 * @info: filled in
 *
 * Context: process context.
 * Return: 0, or -ENOENT if there is none.
 */
int ssi_process_next(struct ssi_instance *si, pid_t *from, struct ssi_process_info *info)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct ssi_mirror *m, *best = NULL;
	pid_t nr, least = 0, guest;

	spin_lock(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link) {
		nr = pid_nr_ns(m->tgid, ns);
		if (m->inst == si && nr && nr >= *from && (!best || nr < least)) {
			best = m;
			least = nr;
		}
	}
	if (best)
		ssi_mirror_get(best);
	spin_unlock(&ssi_process_lock);
	guest = ssi_hosted_next(si, *from, ns, best ? least : 0, info);
	if (guest) {
		if (best)
			ssi_mirror_put(best);
		*from = guest;
		return 0;
	}
	if (!best)
		return -ENOENT;
	ssi_process_fill(best, info, ns);
	ssi_mirror_put(best);
	*from = least;
	return 0;
}

/**
 * ssi_process_count - sums over all processes
 * @si: instance
 * @c: filled in
 *
 * Context: process context.
 */
void ssi_process_count(struct ssi_instance *si, struct ssi_process_counters *c)
{
	struct ssi_mirror *m;
	u64 total, held;

	memset(c, 0, sizeof(*c));
	spin_lock(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		if (m->inst == si)
			c->away += READ_ONCE(m->away);
	spin_unlock(&ssi_process_lock);
	ssi_pagemap_count(&total, &c->device_pages);
	c->pages_out = atomic64_read(&ssi_objects.pages_lent);
	c->pages_in = atomic64_read(&ssi_objects.pages_kept);
	ssi_hosted_count(si, &c->guests, &held);
}
