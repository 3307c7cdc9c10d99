// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: moving processes
 */

/**
 * DOC: process
 *
 * The table of mirrors holds every process of this kernel that was ever moved
 * and still has a deputy. A move makes a session (session.c), tells every thread
 * to leave, and waits until the first one runs on the node or it is plain why none
 * does; the others follow as they wake. The way home is the same with the node
 * left out, and ends the session when the last thread has come.
 *
 * Moving from one node to another goes through home: threads, not pages; a page
 * on the first node that the second one wants comes home, and goes out again.
 *
 * One move of a process at a time (@move_lock). A second mover waits, killable,
 * and then does what it was asked to: the last one wins.
 *
 * When a node is lost, or kills a guest, what was there dies: the whole process if
 * it had threads or pages there, and its session either way.
 *
 * Lock order: @move_lock, ssi_process_lock, the mirror's slock.
 */

#include <linux/oom.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
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
#include "pidns.h"
#include "process.h"
#include "procmsg.h"
#include "reason.h"
#include "rpc.h"
#include "session.h"
#include "stub.h"
#include "trace.h"

/* how long a caller waits for a thread to leave or come */
#define SSI_MOVE_TIMEOUT	(10 * HZ)
/* how often the list of threads is read until it has no new one */
#define SSI_MAX_SCANS		10

static LIST_HEAD(ssi_mirrors);
static DEFINE_SPINLOCK(ssi_process_lock);

static int ssi_refuse(enum ssi_reason reason, int error, struct netlink_ext_ack *extack,
		      struct ssi_process_info *info)
{
	if (info)
		info->reason = reason;
	NL_SET_ERR_MSG_FMT(extack, "%s", ssi_reason_text(reason));
	return error;
}

/* Under ssi_process_lock: the mirror of a memory or of a process, referenced. */
static struct ssi_mirror *__ssi_process_find(const struct mm_struct *mm, const struct pid *tgid)
{
	struct ssi_mirror *m;

	lockdep_assert_held(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		if ((m->mm == mm || m->tgid == tgid) && !m->dead) {
			ssi_mirror_get(m);
			return m;
		}
	return NULL;
}

/**
 * ssi_process_find - the mirror of a memory or of a process
 * @mm: memory, or NULL
 * @tgid: process, or NULL
 *
 * Context: process context.
 * Return: the mirror, referenced, or NULL.
 */
struct ssi_mirror *ssi_process_find(const struct mm_struct *mm, const struct pid *tgid)
{
	guard(spinlock)(&ssi_process_lock);
	return __ssi_process_find(mm, tgid);
}

/* Find the mirror of a process, or make it. */
static struct ssi_mirror *ssi_process_mirror(struct ssi_instance *si, struct mm_struct *mm,
					     struct pid *tgid)
{
	struct ssi_mirror *m = ssi_process_find(mm, NULL), *other;

	if (m)
		return m;
	m = ssi_mirror_alloc(si, mm, tgid);
	if (IS_ERR(m))
		return m;
	spin_lock(&ssi_process_lock);
	other = __ssi_process_find(mm, NULL);
	if (other) {
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
	info.pid = ssi_pidns_nr(m->inst, m->tgid);
	ssi_netlink_process_event(m->inst, &info, what);
}

/* Bring every thread home and end the session. Under move_lock. */
static int ssi_process_home(struct ssi_mirror *m, enum ssi_reason reason)
{
	u64 sid = m->sid;
	long left;

	if (!sid)
		return 0;
	spin_lock(&m->slock);
	m->away = false;
	m->reason = reason;
	spin_unlock(&m->slock);
	ssi_deputy_notify(m);
	left = wait_event_killable_timeout(m->wq, !READ_ONCE(m->nr_away), SSI_MOVE_TIMEOUT);
	/* then the last thread that comes home has it ended */
	if (left < 0)
		return -EINTR;
	if (!left)
		return -ETIMEDOUT;
	ssi_session_end(m, sid);
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
			if (READ_ONCE(t->__state) == TASK_RUNNING && t != current &&
			    !(t->flags & (PF_EXITING | PF_USER_WORKER))) {
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

/*
 * Make the threads deputies. A thread inherits that from its creator, but not if the
 * creator was none yet when the new one looked. Returns -EAGAIN if some may be left.
 */
static int ssi_process_attach(struct ssi_mirror *m, struct task_struct *leader)
{
	struct task_struct **threads, *t;
	unsigned int nr = 0, max, i;
	int ret = 0;

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
		if ((!ret || ret == -EAGAIN) && threads[i]->mm == m->mm &&
		    !READ_ONCE(threads[i]->ssi) &&
		    !(threads[i]->flags & (PF_USER_WORKER | PF_EXITING)))
			ret = ssi_deputy_attach(m, threads[i]) ?: -EAGAIN;
		put_task_struct(threads[i]);
	}
	kvfree(threads);
	return ret;
}

static int ssi_process_away(struct ssi_mirror *m, struct task_struct *leader,
			    struct ssi_node *node, bool wait, struct netlink_ext_ack *extack,
			    struct ssi_process_info *info)
{
	u32 epoch = ssi_node_epoch(node);
	enum ssi_reason reason;
	int ret, tries = 0;

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
		if (ret == -ENOMEM)
			return ssi_refuse(SSI_REASON_NO_MEMORY, ret, extack, info);
		NL_SET_ERR_MSG(extack,
			       "This node has no unused physical address space for device pages");
		return ret;
	}
	ret = ssi_session_begin(m, leader, node, epoch, &reason);
	if (ret) {
		ssi_node_release(node);
		return ssi_refuse(reason, ret, extack, info);
	}
	do {
		ret = ssi_process_attach(m, leader);
	} while (ret == -EAGAIN && tries++ < SSI_MAX_SCANS);
	/* those that are made faster than they can be listed follow at the next move */
	if (ret == -EAGAIN)
		ret = 0;
	if (!ret && !atomic_read(&m->nr_deputies))
		ret = -ESRCH;
	if (ret) {
		ssi_process_home(m, SSI_REASON_NO_MEMORY);
		return ssi_refuse(ret == -ESRCH ? SSI_REASON_EXITING : SSI_REASON_NO_MEMORY,
				  ret, extack, info);
	}
	smp_mb(); /* who leaves or drains says so, then looks for sessions: one of us sees it */
	if (atomic_read(&m->inst->leaving)) {
		ssi_process_home(m, SSI_REASON_NOT_JOINED);
		return ssi_refuse(SSI_REASON_NOT_JOINED, -ENOTCONN, extack, info);
	}
	if (ssi_node_state(node) == SSI_NODE_STATE_DRAINING) {
		ssi_process_home(m, SSI_REASON_DRAINING);
		return ssi_refuse(SSI_REASON_DRAINING, -EHOSTUNREACH, extack, info);
	}
	/* not before that look: nothing can have left, and nothing is lost with the session */
	spin_lock(&m->slock);
	m->away = m->sid && !m->lost;
	spin_unlock(&m->slock);
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

/* A thread of the process that has its memory, or else the leader; referenced. */
static struct task_struct *ssi_process_live(struct task_struct *leader)
{
	struct task_struct *t = find_lock_task_mm(leader);

	if (!t)
		return get_task_struct(leader);
	get_task_struct(t);
	task_unlock(t);
	return t;
}

/* What kind of task it is; what is none of ours may become a deputy. */
static enum ssi_task_kind ssi_process_kind(struct task_struct *t)
{
	struct ssi_task *s;

	/* objects that a task points at are freed after a grace period */
	guard(rcu)();
	s = READ_ONCE(t->ssi);
	return s ? s->kind : SSI_TASK_DEPUTY;
}

/* What can be said without touching the process. */
static int ssi_process_check(struct task_struct *t, struct netlink_ext_ack *extack,
			     struct ssi_process_info *info)
{
	enum ssi_task_kind kind;

	/* what one points at may be on its stack */
	if (t->flags & PF_KTHREAD)
		return ssi_refuse(SSI_REASON_KERNEL_THREAD, -EINVAL, extack, info);
	kind = ssi_process_kind(t);
	if ((t->flags & PF_EXITING) || t->exit_state)
		return ssi_refuse(SSI_REASON_EXITING, -ESRCH, extack, info);
	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH_REALCREDS) ||
	    security_task_movememory(t) || security_task_setscheduler(t))
		return ssi_refuse(SSI_REASON_NOT_PERMITTED, -EPERM, extack, info);
	switch (kind) {
	case SSI_TASK_DEPUTY:
		break;
	case SSI_TASK_STUB:
		return ssi_refuse(SSI_REASON_PLACED, -EREMOTE, extack, info);
	case SSI_TASK_MARK:
	case SSI_TASK_PLACED:
		NL_SET_ERR_MSG(extack, "It is about to start a program on another node");
		return -EBUSY;
	default:
		NL_SET_ERR_MSG(extack,
			       "This is the guest of another node's process; move it by its pid at home");
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

static int ssi_process_try(struct ssi_instance *si, struct pid *pid, u32 node, bool wait,
			   struct ssi_process_info *info, struct netlink_ext_ack *extack)
{
	struct task_struct *leader __free(put_task) = get_pid_task(pid, PIDTYPE_TGID);
	struct task_struct *t __free(put_task) = NULL;
	struct ssi_node *peer = NULL;
	struct ssi_mirror *m = NULL;
	struct mm_struct *mm = NULL;
	int ret;

	if (!leader)
		return -ESRCH;
	if (!ssi_instance_joined(si))
		return ssi_refuse(SSI_REASON_NOT_JOINED, -ENOTCONN, extack, info);
	/* the main thread may have exited before the others */
	t = ssi_process_live(leader);
	ret = ssi_process_check(t, extack, info);
	if (ret)
		return ret;
	if (node == si->node)
		node = 0;
	if (node) {
		peer = ssi_node_lookup(si, node);
		if (!peer) {
			NL_SET_ERR_MSG_FMT(extack, "There is no node %u; 'ssi nodes' lists them",
					   node);
			return -ENOENT;
		}
		if (!ssi_node_is_member(peer)) {
			ret = ssi_refuse(SSI_REASON_NOT_MEMBER, -EHOSTUNREACH, extack, info);
			goto out;
		}
		if (ssi_node_state(peer) == SSI_NODE_STATE_DRAINING) {
			ret = ssi_refuse(SSI_REASON_DRAINING, -EHOSTUNREACH, extack, info);
			goto out;
		}
	}
	mm = get_task_mm(t);
	if (!mm) {
		ret = ssi_refuse(SSI_REASON_NO_MM, -EINVAL, extack, info);
		goto out;
	}
	m = node ? ssi_process_mirror(si, mm, task_tgid(leader)) : ssi_process_find(mm, NULL);
	if (IS_ERR_OR_NULL(m)) {
		ret = 0;
		if (m)
			ret = ssi_refuse(SSI_REASON_NO_MEMORY, PTR_ERR(m), extack, info);
		else
			ssi_process_info(si, pid, info);	/* it is home already */
		m = NULL;
		goto out;
	}
	if (m->inst != si) {
		/* it would outlive the other instance's memory otherwise */
		NL_SET_ERR_MSG(extack,
			       "It was moved by the member in another network namespace: move it there");
		ret = -EXDEV;
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
	if (!node) {
		ret = ssi_process_home(m, SSI_REASON_REQUESTED);
		if (ret == -ETIMEDOUT)
			ret = ssi_refuse(SSI_REASON_BUSY, ret, extack, info);
	} else if (!ssi_arch_vdso(mm)) {
		ret = ssi_refuse(SSI_REASON_VDSO, -EINVAL, extack, info);
	} else {
		ret = ssi_process_away(m, t, peer, wait, extack, info);
	}
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

/* Is it there, whatever became of its memory? */
static bool ssi_process_lives(struct pid *pid)
{
	struct task_struct *leader;

	guard(rcu)();
	leader = pid_task(pid, PIDTYPE_TGID);
	return leader && !(READ_ONCE(leader->signal->flags) & SIGNAL_GROUP_EXIT);
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
 * -EBUSY (a vfork child, or another process has the same memory), -EXDEV (another
 * instance of this kernel moved it before),
 * -ENOENT (no such node), -EHOSTUNREACH (not a member), -EHOSTDOWN (lost in the
 * middle), -ENOMEM, -EINTR, -ETIMEDOUT, -EREMOTEIO (the node cannot).
 */
int ssi_process_move(struct ssi_instance *si, struct pid *pid, u32 node, bool wait,
		     struct ssi_process_info *info, struct netlink_ext_ack *extack)
{
	int ret, tries = 0;

	/* what has executed another program meanwhile has other memory, and is meant as well */
	do {
		info->reason = SSI_REASON_NONE;
		ret = ssi_process_try(si, pid, node, wait, info, extack);
	} while (info->reason == SSI_REASON_EXITING && ssi_process_lives(pid) &&
		 tries++ < SSI_MAX_SCANS);
	return ret;
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
	ssi_session_end(m, READ_ONCE(m->sid));
	ssi_mirror_stop(m);
	ssi_mirror_put(m);
}

/**
 * ssi_process_end_later - end session @lost_sid when nobody is there any more
 * @m: mirror
 *
 * Context: process context.
 */
void ssi_process_end_later(struct ssi_mirror *m)
{
	ssi_mirror_get(m);
	if (!queue_work(system_dfl_wq, &m->lost_work))
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
	m->lost_sid = m->sid;
	node = m->node ? m->node->id : 0;
	away = m->nr_away;
	spin_unlock(&m->slock);
	leader = get_pid_task(m->tgid, PIDTYPE_TGID);
	/* what it holds for us is safe if only the guest died there */
	if (leader && (away || (reason == SSI_REASON_NODE_LOST && pages > 0))) {
		const char *what = reason == SSI_REASON_NODE_LOST ? "was lost" : "killed its guest";

		pr_warn_ratelimited("ssi: %s[%d] killed: node %u %s with %u of its threads and %ld of its pages\n",
				    leader->comm, task_pid_nr(leader), node, what, away, pages);
		kill_pid(m->tgid, SIGKILL, 1);
		ssi_process_event(m, SSI_PROCESS_EVENT_KILLED);
	} else if (leader) {
		ssi_process_event(m, SSI_PROCESS_EVENT_CAME_HOME);
	}
	if (leader)
		put_task_struct(leader);
	ssi_deputy_lost(m);
	/* not here: a deputy may wait for a call that fails only after this */
	ssi_process_end_later(m);
}

/**
 * ssi_process_lost_work - end a session that is over when nobody uses it
 * @work: in the mirror, which is referenced for this
 *
 * Context: work queue.
 */
void ssi_process_lost_work(struct work_struct *work)
{
	struct ssi_mirror *m = container_of(work, struct ssi_mirror, lost_work);
	u64 sid = READ_ONCE(m->lost_sid);

	/* whoever moves the process may have been faster, and begun another one */
	wait_event(m->wq, !READ_ONCE(m->nr_away) || READ_ONCE(m->sid) != sid);
	ssi_session_end(m, sid);
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
		list_for_each_entry(m, &ssi_mirrors, link) {
			spin_lock(&m->slock);
			if (m->sid && m->node == node && m->epoch == epoch && !m->lost) {
				m->lost = true;
				ssi_mirror_get(m);
				goto found;
			}
			spin_unlock(&m->slock);
		}
		spin_unlock(&ssi_process_lock);
		return;
found:
		spin_unlock(&m->slock);
		spin_unlock(&ssi_process_lock);
		ssi_process_lost(m, SSI_REASON_NODE_LOST);
		ssi_mirror_put(m);
	}
}

/**
 * ssi_process_home_from - bring home what a node executes for us
 * @node: node
 *
 * One that does not come in time comes when it can, and does not leave again.
 *
 * Context: process context; sleeps, for seconds if threads do not come.
 */
void ssi_process_home_from(struct ssi_node *node)
{
	struct ssi_mirror *m;
	u64 sid;

	for (;;) {
		spin_lock(&ssi_process_lock);
		list_for_each_entry(m, &ssi_mirrors, link) {
			spin_lock(&m->slock);
			sid = m->sid;
			if (sid && m->node == node && m->away) {
				ssi_mirror_get(m);
				goto found;
			}
			spin_unlock(&m->slock);
		}
		spin_unlock(&ssi_process_lock);
		return;
found:
		spin_unlock(&m->slock);
		spin_unlock(&ssi_process_lock);
		mutex_lock(&m->move_lock);
		/* whoever held it may have moved the process on */
		if (m->sid == sid)
			ssi_process_home(m, SSI_REASON_DRAINING);
		mutex_unlock(&m->move_lock);
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
	struct ssi_mirror *m = ssi_session_find(rx->node, rx->epoch, le64_to_cpu(w->sid));
	bool first;

	if (!m)
		return;
	/* every guest says so, and their leader */
	spin_lock(&m->slock);
	first = !m->lost && m->sid == le64_to_cpu(w->sid);
	if (first)
		m->lost = true;
	spin_unlock(&m->slock);
	if (first)
		ssi_process_lost(m, SSI_REASON_GUEST_FAILED);
	ssi_mirror_put(m);
}

/**
 * ssi_process_session - is a process of ours away?
 * @si: instance
 * @node: there, or NULL for anywhere
 *
 * Context: process context.
 * Return: true if there is a session, even if no thread has left yet.
 */
bool ssi_process_session(struct ssi_instance *si, struct ssi_node *node)
{
	struct ssi_mirror *m;
	bool found = false;

	spin_lock(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		if (m->inst == si && READ_ONCE(m->sid) && (!node || READ_ONCE(m->node) == node)) {
			found = true;
			break;
		}
	spin_unlock(&ssi_process_lock);
	return found;
}

/**
 * ssi_process_next_mirror - list processes that are, or were, away
 * @si: instance
 * @from: lowest pid wanted
 * @ns: pid namespace of who asks
 *
 * Context: process context.
 * Return: the one with the lowest pid, referenced, or NULL.
 */
struct pid *ssi_process_next_mirror(struct ssi_instance *si, pid_t from, struct pid_namespace *ns)
{
	struct pid *best = NULL;
	struct ssi_mirror *m;
	pid_t nr, least = 0;

	guard(spinlock)(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link) {
		nr = pid_nr_ns(m->tgid, ns);
		if (m->inst == si && nr && nr >= from && (!best || nr < least)) {
			best = m->tgid;
			least = nr;
		}
	}
	return get_pid(best);
}

/**
 * ssi_process_nr_away - how many processes of ours are to be on other nodes?
 * @si: instance
 *
 * Context: process context.
 * Return: the number.
 */
u64 ssi_process_nr_away(struct ssi_instance *si)
{
	struct ssi_mirror *m;
	u64 nr = 0;

	guard(spinlock)(&ssi_process_lock);
	list_for_each_entry(m, &ssi_mirrors, link)
		nr += m->inst == si && READ_ONCE(m->away);
	return nr;
}
