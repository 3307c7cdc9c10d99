// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: programs that execve() on another node started here
 */

/**
 * DOC: placed programs
 *
 * A program that is placed here is a process of this node, with a number of its own:
 * this is its home. What ties it to the node where its execve() was called are
 * its stub there (stub.c), which passes signals on and ends as it ends, and the files
 * it was given (proxy.c).
 *
 * A kernel thread, the *keeper*, is its parent: it makes the task, which takes on what
 * came with the message and executes the program; then the task waits on its way to
 * user mode until the other node says that the stub has taken its predecessor's place.
 * The keeper waits for it as a parent does and tells the stub.
 *
 * The program is in a process group of its own in a session that the keeper leads, so that the
 * group is no orphan, and can be stopped. Which group of the session has the terminal: see
 * terminal.c.
 *
 * Unhappy paths: whatever fails before the program waits fails the execve(), by its
 * error. A membership that ends before it may run kills it; later it gets SIGHUP and
 * SIGCONT, as if its terminal were gone, and lives on if it likes to, without its files.
 *
 * Locks: ssi_placed_lock protects the list and what a program was told.
 */

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/resource.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscalls.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <uapi/linux/wait.h>

#include "../exit.h"
#include "container.h"
#include "debugfs.h"
#include "inherit.h"
#include "instance.h"
#include "node.h"
#include "pidns.h"
#include "place.h"
#include "placed.h"
#include "placemsg.h"
#include "rpc.h"
#include "spawner.h"
#include "task.h"
#include "terminal.h"

/**
 * struct ssi_placed - a program that is placed here
 * @ssi: what the task's task_struct.ssi points at until it runs
 * @keeper_ssi: what the keeper's points at
 * @ref: held by the keeper, by the task until it runs, and by lookups
 * @link: in ssi_placed_list
 * @node: where it comes from; referenced
 * @epoch: membership
 * @id: of the stub
 * @seq: of the call that brought it
 * @wq: the task waits here to be let run
 * @pid: the process; referenced. Set by the task itself.
 * @go: it may run
 * @lost: the membership is over
 * @conts: how many SIGCONT the stub has sent
 * @terminal: of its session; set by the keeper before there is a task
 * @uid: real user id that it began with, as the stub has it
 * @euid: effective user id
 * @spread: its children's programs are spread
 * @policy: how
 * @work: makes the keeper
 * @rcu: frees it, as somebody may look at what kind of task it is
 * @w: the message, until it was taken in
 */
struct ssi_placed {
	struct ssi_task ssi;
	struct ssi_task keeper_ssi;
	refcount_t ref;
	struct list_head link;
	struct ssi_node *node;
	u32 epoch;
	u64 id;
	u64 seq;
	wait_queue_head_t wq;
	struct pid *pid;
	bool go;
	bool lost;
	u32 conts;
	struct ssi_terminal *terminal;
	kuid_t uid;
	kuid_t euid;
	bool spread;
	enum ssi_placement_policy policy;
	struct kthread_work work;
	struct rcu_head rcu;
	struct ssi_wire_place *w;
};

static LIST_HEAD(ssi_placed_list);
static DEFINE_SPINLOCK(ssi_placed_lock);

/**
 * ssi_placed_check_signal - is a signal of a stub well formed?
 * @body: SSI_MSG_PLACE_SIGNAL
 * @len: bytes of it
 *
 * The stub got it, so that who sent it was allowed to.
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_placed_check_signal(const void *body, size_t len)
{
	const struct ssi_wire_place_signal *w = body;
	const struct kernel_siginfo *info = (const void *)w->info;

	static_assert(sizeof(w->info) == sizeof(*info));
	return !valid_signal(info->si_signo) || !info->si_signo || w->pad ? -EPROTO : 0;
}

static void ssi_placed_put(struct ssi_placed *p)
{
	if (!refcount_dec_and_test(&p->ref))
		return;
	ssi_node_put(p->node);
	ssi_terminal_put(p->terminal);
	put_pid(p->pid);
	kvfree(p->w);
	kfree_rcu(p, rcu);
	atomic_dec(&ssi_objects.placed);
}

/* Answer the call, once: the program, current, waits, or this is why it does not. */
static void ssi_placed_answer(struct ssi_placed *p, int error)
{
	u64 seq = xchg(&p->seq, 0);
	struct ssi_wire_placed *w;
	struct ssi_msg *msg;

	if (!seq)
		return;
	if (error) {
		ssi_reply_error(p->node, p->epoch, seq, SSI_LANE_USER, error);
		return;
	}
	msg = ssi_msg_alloc(SSI_MSG_PLACED, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->pid = cpu_to_le32(ssi_pidns_nr(p->node->inst, task_tgid(current)));
	ssi_reply(p->node, p->epoch, seq, msg);
}

/* The task of the program. */
static int ssi_placed_main(void *arg)
{
	struct ssi_placed *p = arg;
	int err;

	refcount_inc(&p->ref);
	current->ssi = &p->ssi;
	/* before anything can be asked of it */
	spin_lock(&ssi_placed_lock);
	p->pid = get_pid(task_pid(current));
	spin_unlock(&ssi_placed_lock);
	err = ssi_inherit(p->w, p->node, p->epoch, p->terminal);
	kvfree(p->w);
	p->w = NULL;
	ssi_placed_answer(p, err);
	if (err)
		do_exit(0);
	set_notify_resume(current);
	return 0;
}

/**
 * ssi_placed_user_mode - a program is about to run
 * @s: what current's task_struct.ssi points at
 *
 * Context: exit to user mode loop; sleeps until the stub is there. May not return.
 */
void ssi_placed_user_mode(struct ssi_task *s)
{
	struct ssi_placed *p = container_of(s, struct ssi_placed, ssi);

	wait_event_state(p->wq, READ_ONCE(p->go) || READ_ONCE(p->lost) ||
			 fatal_signal_pending(current),
			 (TASK_KILLABLE | TASK_FREEZABLE));
	if (!READ_ONCE(p->go))
		do_group_exit(SIGKILL);
	current->ssi = NULL;
	if (p->spread)
		ssi_place_inherit(p->node->inst, p->policy);
	ssi_placed_put(p);
}

/**
 * ssi_placed_exit - a program exits before it could run
 * @s: what current's task_struct.ssi points at
 *
 * Context: process context.
 */
void ssi_placed_exit(struct ssi_task *s)
{
	struct ssi_placed *p = container_of(s, struct ssi_placed, ssi);

	current->ssi = NULL;
	ssi_placed_put(p);
}

/* Tell the stub what its parent would be told. */
static void ssi_placed_tell(struct ssi_placed *p, int status, const struct rusage *ru)
{
	struct ssi_wire_place_state *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_PLACE_STATE, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->id = cpu_to_le64(p->id);
	w->status = cpu_to_le32(status);
	w->conts = cpu_to_le32(READ_ONCE(p->conts));
	w->utime = cpu_to_le64(ru->ru_utime.tv_sec * NSEC_PER_SEC +
			       ru->ru_utime.tv_usec * NSEC_PER_USEC);
	w->stime = cpu_to_le64(ru->ru_stime.tv_sec * NSEC_PER_SEC +
			       ru->ru_stime.tv_usec * NSEC_PER_USEC);
	w->min_flt = cpu_to_le64(ru->ru_minflt);
	w->maj_flt = cpu_to_le64(ru->ru_majflt);
	w->maxrss = cpu_to_le64(ru->ru_maxrss / (PAGE_SIZE / 1024));
	ssi_msg_send_direct(p->node, p->epoch, msg);
}

/* Wait for the program as a parent does, until it has ended. */
static void ssi_placed_watch(struct ssi_placed *p, struct pid *pid)
{
	DECLARE_WAITQUEUE(wait, current);
	struct rusage ru = {};
	struct wait_opts wo = {
		.wo_type	= PIDTYPE_PID,
		.wo_flags	= WEXITED | WSTOPPED | WCONTINUED | __WALL,
		.wo_pid		= pid,
		.wo_rusage	= &ru,
	};
	bool ended = false;
	long ret;

	add_wait_queue(&current->signal->wait_chldexit, &wait);
	while (!ended) {
		/* only interruptible sleepers are woken; all signals are blocked */
		set_current_state(TASK_INTERRUPTIBLE);
		wo.wo_stat = 0;
		ret = __do_wait(&wo);
		if (ret == -ERESTARTSYS) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		if (WARN_ON_ONCE(ret <= 0)) {
			wo.wo_stat = SIGKILL;
			ended = true;
		}
		ended |= wo.wo_stat != 0xffff && (wo.wo_stat & 0xff) != 0x7f;
		ssi_placed_tell(p, wo.wo_stat, &ru);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&current->signal->wait_chldexit, &wait);
}

static void ssi_placed_unlink(struct ssi_placed *p)
{
	spin_lock(&ssi_placed_lock);
	list_del_init(&p->link);
	spin_unlock(&ssi_placed_lock);
}

/* Returns the number of the program's task, or a negative errno. */
static int ssi_placed_begin(struct ssi_placed *p)
{
	int err;

	/* what was given up already is not begun */
	if (READ_ONCE(p->lost))
		return -EINTR;
	err = ksys_setsid();
	if (err < 0)
		return err;
	p->terminal = ssi_terminal_alloc(p->id);
	if (!p->terminal)
		return -ENOMEM;
	return ssi_container_spawn(p->node->inst, ssi_placed_main, p);
}

static int ssi_placed_keeper(void *data)
{
	struct ssi_placed *p = data;
	struct pid *pid;
	int nr;

	/* it waits for its child, frozen or not; the thread that made it can be frozen itself */
	current->flags |= PF_NOFREEZE;
	/* its children get numbers as processes do: see ssi_pidns_alloc() */
	current->ssi = &p->keeper_ssi;
	/* if it were ignored there would be no status to wait for */
	kernel_sigaction(SIGCHLD, SIG_DFL);
	nr = ssi_placed_begin(p);
	if (nr < 0) {
		ssi_placed_answer(p, nr);
	} else {
		/* nobody else reaps it */
		pid = find_get_pid(nr);
		ssi_placed_watch(p, pid);
		put_pid(pid);
	}
	ssi_placed_unlink(p);
	ssi_terminal_end(p->terminal);
	current->ssi = NULL;
	ssi_placed_put(p);
	kthread_exit(0);
}

static void ssi_placed_work(struct kthread_work *work)
{
	struct ssi_placed *p = container_of(work, struct ssi_placed, work);
	char name[TASK_COMM_LEN];
	int nr;

	snprintf(name, sizeof(name), "ssi-keeper/%u", p->node->id);
	nr = kernel_thread(ssi_placed_keeper, p, name, CLONE_FS | CLONE_FILES | SIGCHLD);
	if (nr >= 0)
		return;
	ssi_placed_unlink(p);
	ssi_placed_answer(p, nr);
	ssi_placed_put(p);
}

static struct ssi_placed *ssi_placed_alloc(struct ssi_rx *rx)
{
	const struct ssi_wire_place *w = rx->body;
	struct ssi_placed *p = kzalloc_obj(*p);

	if (!p)
		return NULL;
	p->w = kvmemdup(w, rx->len, GFP_KERNEL);
	if (!p->w) {
		kfree(p);
		return NULL;
	}
	atomic_inc(&ssi_objects.placed);
	p->ssi.kind = SSI_TASK_PLACED;
	p->keeper_ssi.kind = SSI_TASK_KEEPER;
	refcount_set(&p->ref, 1);
	init_waitqueue_head(&p->wq);
	kthread_init_work(&p->work, ssi_placed_work);
	p->node = ssi_node_get(rx->node);
	p->epoch = rx->epoch;
	p->id = le64_to_cpu(w->id);
	p->seq = rx->seq;
	p->uid = make_kuid(&init_user_ns, le32_to_cpu(w->caller.uid));
	p->euid = make_kuid(&init_user_ns, le32_to_cpu(w->caller.euid));
	p->spread = le32_to_cpu(w->flags) & SSI_PLACE_SPREAD;
	p->policy = le32_to_cpu(w->flags) & SSI_PLACE_TURN ? SSI_PLACEMENT_POLICY_TURN :
							     SSI_PLACEMENT_POLICY_LOAD;
	return p;
}

/**
 * ssi_placed_handle - start a program for a peer
 * @rx: SSI_MSG_PLACE
 *
 * It is in the list when the next message is handled, which may take it back.
 *
 * Context: receiver thread of the user lane; sleeps for memory.
 */
void ssi_placed_handle(struct ssi_rx *rx)
{
	struct ssi_placed *p;

	if (!rx->call)
		return;
	if (ssi_instance_refuses(rx->node->inst)) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ESHUTDOWN);
		return;
	}
	p = ssi_placed_alloc(rx);
	if (!p) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	spin_lock(&ssi_placed_lock);
	list_add(&p->link, &ssi_placed_list);
	spin_unlock(&ssi_placed_lock);
	ssi_spawner_queue(&p->work);
}

/* The lock is held. */
static struct ssi_placed *ssi_placed_find(const struct ssi_rx *rx, u64 id)
{
	struct ssi_placed *p;

	list_for_each_entry(p, &ssi_placed_list, link)
		if (p->id == id && p->node == rx->node && p->epoch == rx->epoch)
			return p;
	return NULL;
}

/**
 * ssi_placed_handle_go - let a program run
 * @rx: SSI_MSG_PLACE_GO
 *
 * Context: receiver thread of the user lane.
 */
void ssi_placed_handle_go(struct ssi_rx *rx)
{
	const struct ssi_wire_place_go *w = rx->body;
	struct ssi_placed *p;

	spin_lock(&ssi_placed_lock);
	p = ssi_placed_find(rx, le64_to_cpu(w->id));
	if (p) {
		WRITE_ONCE(p->go, true);
		wake_up_all(&p->wq);
	}
	spin_unlock(&ssi_placed_lock);
}

/*
 * Who signalled the stub was allowed to, by the ids that the stub has. The program may
 * have others by now.
 */
static bool ssi_placed_may_signal(struct ssi_placed *p, struct task_struct *t,
				  const struct kernel_siginfo *info)
{
	const struct cred *cred = __task_cred(t);

	/* whoever has stopped or killed the stub: that is not known here */
	return (info->si_code == SI_KERNEL && !sig_kernel_only(info->si_signo)) ||
	       (info->si_code == SI_USER && info->si_uid == 0) ||
	       uid_eq(p->euid, GLOBAL_ROOT_UID) || uid_eq(p->uid, GLOBAL_ROOT_UID) ||
	       uid_eq(cred->uid, p->uid) || uid_eq(cred->uid, p->euid) ||
	       uid_eq(cred->suid, p->uid) || uid_eq(cred->suid, p->euid);
}

/* Signals of the keyboard are for the process group that is in the foreground. */
static bool ssi_placed_is_for_foreground(const struct kernel_siginfo *info)
{
	const unsigned long keyboard = sigmask(SIGINT) | sigmask(SIGQUIT) | sigmask(SIGTSTP) |
				       sigmask(SIGWINCH);

	return info->si_code == SI_KERNEL && siginmask(info->si_signo, keyboard);
}

/*
 * What all of the stub's job gets, and what continues it, is for the program's process group,
 * as long as that is the one it began with: the stub is all that there is of it in the
 * stub's. When the terminal hangs up, the foreground gets it as well.
 */
static bool ssi_placed_is_for_group(const struct kernel_siginfo *info)
{
	const unsigned long job = sigmask(SIGHUP) | sigmask(SIGTTIN) | sigmask(SIGTTOU);

	return info->si_signo == SIGCONT ||
	       (info->si_code == SI_KERNEL && siginmask(info->si_signo, job));
}

static void ssi_placed_signal(struct ssi_placed *p, struct kernel_siginfo *info)
{
	bool foreground = ssi_placed_is_for_foreground(info);
	bool group = ssi_placed_is_for_group(info);
	struct task_struct *t;

	guard(rcu)();
	t = pid_task(p->pid, PIDTYPE_TGID);
	if (!t)
		return;
	if (info->si_signo == SIGKILL && !ssi_placed_may_signal(p, t, info)) {
		/* as at the loss of its node: it is another user's by now */
		send_sig(SIGHUP, t, 1);
		send_sig(SIGCONT, t, 1);
		return;
	}
	if (foreground && ssi_terminal_signal(p->terminal, NULL, info->si_signo))
		return;
	if (group)
		ssi_terminal_signal(p->terminal, p->pid, info->si_signo);
	if ((group || foreground) && task_pgrp(t) == p->pid)
		kill_pgrp(p->pid, info->si_signo, 1);
	else if (ssi_placed_may_signal(p, t, info))
		do_send_sig_info(info->si_signo, info, t, PIDTYPE_TGID);
}

/* It has no stub any more. */
static void ssi_placed_hangup(struct ssi_placed *p)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = SIGHUP;
	info.si_code = SI_KERNEL;
	ssi_placed_signal(p, &info);
	info.si_signo = SIGCONT;
	ssi_placed_signal(p, &info);
}

/**
 * ssi_placed_handle_signal - the stub got a signal, or has ended
 * @rx: SSI_MSG_PLACE_SIGNAL
 *
 * Context: receiver thread of the user lane.
 */
void ssi_placed_handle_signal(struct ssi_rx *rx)
{
	const struct ssi_wire_place_signal *w = rx->body;
	struct kernel_siginfo info;
	struct ssi_placed *p;

	memcpy(&info, w->info, sizeof(info));
	spin_lock(&ssi_placed_lock);
	p = ssi_placed_find(rx, le64_to_cpu(w->id));
	if (p) {
		WRITE_ONCE(p->conts, le32_to_cpu(w->conts));
		/* its call was given up, perhaps before there was a task */
		if (info.si_signo == SIGKILL) {
			WRITE_ONCE(p->lost, true);
			wake_up_all(&p->wq);
		}
		if (p->pid)
			ssi_placed_signal(p, &info);
	}
	spin_unlock(&ssi_placed_lock);
}

/**
 * ssi_placed_any - are there programs of a node here?
 * @node: node
 *
 * Context: process context.
 * Return: true if there are.
 */
bool ssi_placed_any(struct ssi_node *node)
{
	struct ssi_placed *p;
	bool any = false;

	spin_lock(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link)
		any |= p->node == node && !p->lost;
	spin_unlock(&ssi_placed_lock);
	return any;
}

/**
 * ssi_placed_count - how many programs here have a stub on another node?
 * @si: instance
 *
 * Context: process context.
 * Return: the number.
 */
u64 ssi_placed_count(struct ssi_instance *si)
{
	struct ssi_placed *p;
	u64 nr = 0;

	guard(spinlock)(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link)
		nr += p->node->inst == si && !p->lost;
	return nr;
}

/**
 * ssi_placed_next - list programs that have a stub on another node
 * @si: instance
 * @from: lowest pid wanted
 * @ns: pid namespace of who asks
 *
 * Context: process context.
 * Return: the one with the lowest pid, referenced, or NULL.
 */
struct pid *ssi_placed_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns)
{
	struct pid *best = NULL;
	struct ssi_placed *p;
	pid_t nr, least = 0;

	guard(spinlock)(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link) {
		if (p->node->inst != si || p->lost || !p->pid)
			continue;
		nr = pid_nr_ns(p->pid, ns);
		if (nr && nr >= from && (!best || nr < least)) {
			best = p->pid;
			least = nr;
		}
	}
	return get_pid(best);
}

/**
 * ssi_placed_origin - where is the stub of a program?
 * @pid: process
 *
 * Context: process context.
 * Return: the id of the node, or 0 if it has none.
 */
u32 ssi_placed_origin(struct pid *pid)
{
	struct ssi_placed *p;

	guard(spinlock)(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link)
		if (p->pid == pid && !p->lost)
			return p->node->id;
	return 0;
}

/**
 * ssi_placed_terminal - the terminal of current's session
 *
 * Context: process context.
 * Return: the terminal, referenced, or NULL if current's session is not that of a program which
 * was placed here, and still runs.
 */
struct ssi_terminal *ssi_placed_terminal(void)
{
	struct ssi_placed *p;

	guard(spinlock)(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link)
		/* the keeper has set it before the task set the other */
		if (p->pid && ssi_terminal_is_of(p->terminal, current))
			return ssi_terminal_get(p->terminal);
	return NULL;
}

/**
 * ssi_placed_peer_lost - a membership is over
 * @node: the peer
 * @epoch: of the membership
 *
 * Context: process context.
 */
void ssi_placed_peer_lost(struct ssi_node *node, u32 epoch)
{
	struct ssi_placed *p;

	spin_lock(&ssi_placed_lock);
	list_for_each_entry(p, &ssi_placed_list, link) {
		if (p->node != node || p->epoch != epoch || p->lost)
			continue;
		WRITE_ONCE(p->lost, true);
		wake_up_all(&p->wq);
		if (p->pid)
			ssi_placed_hangup(p);
	}
	spin_unlock(&ssi_placed_lock);
}
