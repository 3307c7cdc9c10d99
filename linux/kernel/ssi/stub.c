// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: tasks that stand for a program on another node
 */

/**
 * DOC: stubs
 *
 * A process whose execve() has placed the new program on another node stays behind as
 * its *stub*: with the number that its parent knows, in its process group, session
 * and cgroup, with an address space that has nothing but the arguments in it, for
 * those who look. It never reaches user mode again but sleeps on its way there.
 *
 * It catches every signal, and passes it on: who sent it was allowed to signal the
 * stub, which has the credentials of the program. It ends with the status of the program
 * and has used its time. What stops the program stops the stub, by the same signal, and
 * what stops the stub, a SIGSTOP, stops the program.
 *
 * Stops and continues cross on the way. The stub counts each SIGCONT that it passes on; a
 * stop that the program reports with an older count is no news.
 *
 * Unhappy paths: the loss of the node kills the stub (SIGKILL); the end of the stub
 * kills the program. A stop of a program whose stub is in an orphaned process group is
 * undone, as on one machine.
 *
 * Locks: &struct ssi_stub.lock is inside that of the table, and outside siglock.
 */

#include <linux/err.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "debugfs.h"
#include "instance.h"
#include "node.h"
#include "placemsg.h"
#include "rpc.h"
#include "stub.h"
#include "task.h"

/**
 * struct ssi_stub - a task that stands for a program on another node
 * @ssi: what the task's task_struct.ssi points at
 * @ref: held by the task, and by lookups
 * @node: where the program is; referenced
 * @epoch: membership
 * @load: from ssi_load_start()
 * @id: in the table
 * @pid: of the program
 * @task: the stub; set by itself
 * @began: it has caught all signals
 * @wq: it sleeps here
 * @lock: protects what follows
 * @ended: the program has
 * @stop: signal that has stopped the program, and not yet the stub; or 0
 * @conts: how many SIGCONT it has passed on
 * @seen: how many SIGCONT it has got
 * @stopping: it stops, or is stopped, as the program was
 * @state: what the node said last
 * @rcu: frees it, as somebody may look at what kind of task it is
 */
struct ssi_stub {
	struct ssi_task ssi;
	refcount_t ref;
	struct ssi_node *node;
	u32 epoch;
	u32 load;
	u32 id;
	u32 pid;
	struct task_struct *task;
	bool began;
	wait_queue_head_t wq;
	spinlock_t lock;
	bool ended;
	int stop;
	u32 conts;
	u32 seen;
	bool stopping;
	struct ssi_wire_place_state state;
	struct rcu_head rcu;
};

static DEFINE_XARRAY_ALLOC1(ssi_stubs);
static u32 ssi_stubs_next;

/* si_errno of a SIGCONT of our own, which a kernel's other ones have not */
#define SSI_STUB_QUIET	0x53534943

/* Never called: it only makes get_signal() return. */
#define SSI_STUB_CATCH	((__force __sighandler_t)8)

/**
 * ssi_stub_alloc - get ready to be a stub
 * @node: where the program will be
 * @epoch: membership
 *
 * Context: process context; sleeps for memory.
 * Return: the stub, which is in the table, or an error pointer.
 */
struct ssi_stub *ssi_stub_alloc(struct ssi_node *node, u32 epoch)
{
	struct ssi_stub *st = kzalloc_obj(*st, GFP_KERNEL_ACCOUNT);
	int err;

	if (!st)
		return ERR_PTR(-ENOMEM);
	st->ssi.kind = SSI_TASK_STUB;
	refcount_set(&st->ref, 1);
	init_waitqueue_head(&st->wq);
	spin_lock_init(&st->lock);
	st->node = ssi_node_get(node);
	st->load = ssi_load_start(&node->load);
	st->epoch = epoch;
	st->task = get_task_struct(current);
	atomic_inc(&ssi_objects.stubs);
	err = xa_alloc_cyclic(&ssi_stubs, &st->id, st, xa_limit_32b, &ssi_stubs_next,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		st->id = 0;
		ssi_stub_put(st);
		return ERR_PTR(err);
	}
	return st;
}

/**
 * ssi_stub_put - give a reference back
 * @st: stub
 *
 * Context: process context.
 */
void ssi_stub_put(struct ssi_stub *st)
{
	if (!refcount_dec_and_test(&st->ref))
		return;
	ssi_load_end(&st->node->load, st->load);
	ssi_node_put(st->node);
	put_task_struct(st->task);
	kfree_rcu(st, rcu);
	atomic_dec(&ssi_objects.stubs);
}

/**
 * ssi_stub_id - what the other node calls it
 * @st: stub
 *
 * Return: the id.
 */
u64 ssi_stub_id(const struct ssi_stub *st)
{
	return st->id;
}

/**
 * ssi_stub_set_pid - the program is there
 * @st: stub
 * @pid: of the program
 */
void ssi_stub_set_pid(struct ssi_stub *st, u32 pid)
{
	WRITE_ONCE(st->pid, pid);
}

static void ssi_stub_send(struct ssi_stub *st, const struct kernel_siginfo *info)
{
	struct ssi_wire_place_signal *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_PLACE_SIGNAL, sizeof(*w), GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	w = msg->body;
	w->id = cpu_to_le64(st->id);
	w->conts = cpu_to_le32(READ_ONCE(st->conts));
	memcpy(w->info, info, sizeof(w->info));
	ssi_msg_send_direct(st->node, st->epoch, msg);
}

static void ssi_stub_send_sig(struct ssi_stub *st, int sig)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = sig;
	info.si_code = SI_KERNEL;
	ssi_stub_send(st, &info);
}

/* Nobody finds it any more; the caller's reference, which was the table's, is left. */
static void ssi_stub_unlink(struct ssi_stub *st)
{
	xa_lock(&ssi_stubs);
	if (st->id)
		__xa_erase(&ssi_stubs, st->id);
	xa_unlock(&ssi_stubs);
}

/**
 * ssi_stub_abort - the execve() fails after all
 * @st: stub that did not become one; consumed
 *
 * Context: process context; sleeps for memory.
 */
void ssi_stub_abort(struct ssi_stub *st)
{
	ssi_stub_send_sig(st, SIGKILL);
	ssi_stub_unlink(st);
	ssi_stub_put(st);
}

/* Have get_signal() return every signal; then let the program run. */
static void ssi_stub_begin(struct ssi_stub *st)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	struct ssi_wire_place_go *w;
	struct ssi_msg *msg;
	int sig;

	spin_lock_irq(&sighand->siglock);
	for (sig = 1; sig <= _NSIG; sig++) {
		struct k_sigaction *ka = &sighand->action[sig - 1];

		if (sig_kernel_only(sig))
			continue;
		ka->sa.sa_handler = SSI_STUB_CATCH;
		ka->sa.sa_flags = 0;
		sigemptyset(&ka->sa.sa_mask);
	}
	/* which are blocked, and which are ignored, is the program's business */
	sigemptyset(&current->blocked);
	sigemptyset(&current->real_blocked);
	recalc_sigpending();
	spin_unlock_irq(&sighand->siglock);

	WRITE_ONCE(st->began, true);
	msg = ssi_msg_alloc(SSI_MSG_PLACE_GO, sizeof(*w), GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	w = msg->body;
	w->id = cpu_to_le64(st->id);
	/* lost before ssi_stub_peer_lost() would have seen it */
	if (ssi_msg_send_direct(st->node, st->epoch, msg) < 0)
		send_sig(SIGKILL, current, 1);
}

/**
 * ssi_stub_become - current is a stub from now on, and the program runs
 * @st: stub; consumed
 *
 * What current still has to do of its execve() it does beside the program.
 *
 * Context: execve(), after the point of no return.
 */
void ssi_stub_become(struct ssi_stub *st)
{
	WRITE_ONCE(current->ssi, &st->ssi);
	set_notify_resume(current);
	ssi_stub_begin(st);
}

/* Pass a signal on, but for what this side has made itself. */
static void ssi_stub_pass(struct ssi_stub *st, const struct kernel_siginfo *info)
{
	bool quiet = info->si_code == SI_KERNEL && info->si_errno == SSI_STUB_QUIET;

	if (info->si_signo == SIGCONT) {
		spin_lock(&st->lock);
		st->seen++;
		if (!quiet) {
			st->conts++;
			st->stop = 0;
		}
		spin_unlock(&st->lock);
	}
	if (!quiet)
		ssi_stub_send(st, info);
}

static bool ssi_stub_pending(int sig)
{
	return sigismember(&current->pending.signal, sig) ||
	       sigismember(&current->signal->shared_pending.signal, sig);
}

/*
 * Take what signals there are. One that stops the stub does so in get_signal(), which
 * returns when it goes on. A SIGSTOP that comes when it was not seen to is left for the next
 * turn, so that none stops the stub alone. @sig is one that the stub has sent itself, to stop.
 */
static void ssi_stub_signals(struct ssi_stub *st, int sig)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	struct ksignal ksig;
	bool stop, got, stopping = sig;

	while (signal_pending(current) && !READ_ONCE(st->ended)) {
		spin_lock_irq(&sighand->siglock);
		stop = ssi_stub_pending(SIGSTOP);
		if (!stop)
			sigaddset(&current->blocked, SIGSTOP);
		spin_unlock_irq(&sighand->siglock);
		/* that of a debugger is for the stub */
		if (stop && !stopping && !current->ptrace)
			ssi_stub_send_sig(st, SIGSTOP);
		stopping = false;
		got = get_signal(&ksig);
		spin_lock_irq(&sighand->siglock);
		sigdelset(&current->blocked, SIGSTOP);
		/* it has stopped by this one, if it was to: the next one is passed on */
		if (sig && !sig_kernel_only(sig) && !ssi_stub_pending(sig))
			sighand->action[sig - 1].sa.sa_handler = SSI_STUB_CATCH;
		recalc_sigpending();
		spin_unlock_irq(&sighand->siglock);
		if (got)
			ssi_stub_pass(st, &ksig.info);
	}
}

static void ssi_stub_set_handler(int sig, __sighandler_t handler)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);

	if (sig_kernel_only(sig))
		return;
	guard(spinlock_irqsave)(&sighand->siglock);
	sighand->action[sig - 1].sa.sa_handler = handler;
}

/* The program was stopped: so is the stub, and its parent is told. */
static void ssi_stub_stop(struct ssi_stub *st)
{
	bool undo;
	u32 seen;
	int sig;

	spin_lock(&st->lock);
	sig = st->stop;
	st->stop = 0;
	seen = st->seen;
	st->stopping = sig;
	if (sig) {
		/* under the lock, so that whatever makes it go on comes later */
		ssi_stub_set_handler(sig, SIG_DFL);
		send_sig(sig, current, 1);
	}
	spin_unlock(&st->lock);
	if (!sig)
		return;
	ssi_stub_signals(st, sig);
	ssi_stub_set_handler(sig, SSI_STUB_CATCH);
	spin_lock(&st->lock);
	st->stopping = false;
	/* it goes on without a SIGCONT: it was not stopped, in an orphaned group */
	undo = st->seen == seen && !st->ended;
	st->conts += undo;
	spin_unlock(&st->lock);
	if (undo)
		ssi_stub_send_sig(st, SIGCONT);
}

/**
 * ssi_stub_user_mode - a stub would enter user mode
 * @s: what current's task_struct.ssi points at
 *
 * Context: exit to user mode loop; interrupts on, no locks; sleeps. Does not return.
 */
void ssi_stub_user_mode(struct ssi_task *s)
{
	struct ssi_stub *st = container_of(s, struct ssi_stub, ssi);

	for (;;) {
		wait_event_state(st->wq, READ_ONCE(st->ended) || READ_ONCE(st->stop) ||
				 signal_pending(current), (TASK_INTERRUPTIBLE | TASK_FREEZABLE));
		/* with what was said of it */
		if (smp_load_acquire(&st->ended))
			do_group_exit(le32_to_cpu(st->state.status) & 0xffff);
		ssi_stub_signals(st, 0);
		ssi_stub_stop(st);
	}
}

/* It has used what the program has used. */
static void ssi_stub_account(const struct ssi_wire_place_state *w)
{
	struct signal_struct *sig = current->signal;
	u64 utime = le64_to_cpu(w->utime), stime = le64_to_cpu(w->stime);

	write_seqlock_irq(&sig->stats_lock);
	sig->utime += utime;
	sig->stime += stime;
	sig->sum_sched_runtime += utime + stime;
	sig->min_flt += le64_to_cpu(w->min_flt);
	sig->maj_flt += le64_to_cpu(w->maj_flt);
	write_sequnlock_irq(&sig->stats_lock);
	sig->maxrss = max_t(unsigned long, sig->maxrss, le64_to_cpu(w->maxrss));
}

/**
 * ssi_stub_exit - a stub exits
 * @s: what current's task_struct.ssi points at
 *
 * Context: process context; sleeps for memory.
 */
void ssi_stub_exit(struct ssi_task *s)
{
	struct ssi_stub *st = container_of(s, struct ssi_stub, ssi);

	current->ssi = NULL;
	/* with what was said of it */
	if (smp_load_acquire(&st->ended))
		ssi_stub_account(&st->state);
	else
		ssi_stub_send_sig(st, SIGKILL);
	ssi_stub_unlink(st);
	ssi_stub_put(st);
}

static struct ssi_stub *ssi_stub_find(struct ssi_node *node, u32 epoch, u64 id)
{
	struct ssi_stub *st;

	if (!id || id > U32_MAX)
		return NULL;
	xa_lock(&ssi_stubs);
	st = xa_load(&ssi_stubs, id);
	if (st && st->node == node && st->epoch == epoch)
		refcount_inc(&st->ref);
	else
		st = NULL;
	xa_unlock(&ssi_stubs);
	return st;
}

/* A stub that is stopped, or about to be, goes on. */
static void ssi_stub_continue(struct ssi_stub *st)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = SIGCONT;
	info.si_code = SI_KERNEL;
	info.si_errno = SSI_STUB_QUIET;
	send_sig_info(SIGCONT, &info, st->task);
}

/* The lock is held. */
static void ssi_stub_news(struct ssi_stub *st, const struct ssi_wire_place_state *w)
{
	u32 status = le32_to_cpu(w->status);
	/* until it has, it is a process whose execve() may fail */
	bool began = READ_ONCE(st->began);

	if (status == 0xffff) {
		st->stop = 0;
		if (began && (task_is_stopped(st->task) || st->stopping))
			ssi_stub_continue(st);
	} else if ((status & 0xff) == 0x7f) {
		if (le32_to_cpu(w->conts) == st->conts && sig_kernel_stop(status >> 8))
			st->stop = status >> 8;
	} else if (!st->ended) {
		st->state = *w;
		/* with the state */
		smp_store_release(&st->ended, true);
		if (began && (status & 0x7f) == SIGKILL)
			send_sig(SIGKILL, st->task, 1);
		else if (began)
			ssi_stub_continue(st);
	}
}

/**
 * ssi_stub_handle_state - the program was stopped, was continued, or has ended
 * @rx: SSI_MSG_PLACE_STATE
 *
 * Context: receiver thread of the user lane.
 */
void ssi_stub_handle_state(struct ssi_rx *rx)
{
	const struct ssi_wire_place_state *w = rx->body;
	struct ssi_stub *st = ssi_stub_find(rx->node, rx->epoch, le64_to_cpu(w->id));

	if (!st)
		return;
	spin_lock(&st->lock);
	ssi_stub_news(st, w);
	spin_unlock(&st->lock);
	wake_up_all(&st->wq);
	ssi_stub_put(st);
}

/**
 * ssi_stub_task - the task that stands for a program
 * @node: where the program is
 * @epoch: of the membership
 * @id: what the node calls the stub
 *
 * Context: process context.
 * Return: the task, referenced, or NULL if there is none any more.
 */
struct task_struct *ssi_stub_task(struct ssi_node *node, u32 epoch, u64 id)
{
	struct ssi_stub *st = ssi_stub_find(node, epoch, id);
	struct task_struct *t = NULL;

	if (!st)
		return NULL;
	if (!READ_ONCE(st->ended))
		t = get_task_struct(st->task);
	ssi_stub_put(st);
	return t;
}

/**
 * ssi_stub_any - are there programs of this node on another one?
 * @node: that node
 *
 * Context: process context.
 * Return: true if there are.
 */
bool ssi_stub_any(struct ssi_node *node)
{
	unsigned long id;
	struct ssi_stub *st;
	bool any = false;

	xa_lock(&ssi_stubs);
	xa_for_each(&ssi_stubs, id, st)
		any |= st->node == node && !st->ended;
	xa_unlock(&ssi_stubs);
	return any;
}

/**
 * ssi_stub_count - how many processes here stand for programs on other nodes?
 * @si: instance
 *
 * Context: process context.
 * Return: the number.
 */
u64 ssi_stub_count(struct ssi_instance *si)
{
	struct ssi_stub *st;
	unsigned long id;
	u64 nr = 0;

	xa_lock(&ssi_stubs);
	xa_for_each(&ssi_stubs, id, st)
		nr += st->node->inst == si && st->began && !st->ended;
	xa_unlock(&ssi_stubs);
	return nr;
}

/**
 * ssi_stub_next - list processes that stand for programs on other nodes
 * @si: instance
 * @from: lowest pid wanted
 * @ns: pid namespace of who asks
 *
 * Context: process context.
 * Return: the one with the lowest pid, referenced, or NULL.
 */
struct pid *ssi_stub_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns)
{
	struct pid *best = NULL;
	struct ssi_stub *st;
	pid_t nr, least = 0;
	unsigned long id;

	/* one that has just been reaped has no pid, or soon */
	guard(rcu)();
	xa_lock(&ssi_stubs);
	xa_for_each(&ssi_stubs, id, st) {
		if (st->node->inst != si || !st->began || st->ended)
			continue;
		nr = task_pid_nr_ns(st->task, ns);
		if (nr && nr >= from && (!best || nr < least)) {
			best = task_pid(st->task);
			least = nr;
		}
	}
	best = get_pid(best);
	xa_unlock(&ssi_stubs);
	return best;
}

/**
 * ssi_stub_program - what does a task stand for?
 * @t: task
 * @pid: filled in with the number of the program, if it is a stub
 *
 * Context: any.
 * Return: the id of the node, or 0 if it is no stub.
 */
u32 ssi_stub_program(struct task_struct *t, pid_t *pid)
{
	struct ssi_task *s;
	struct ssi_stub *st;

	/* stubs and nodes are freed after a grace period */
	guard(rcu)();
	s = READ_ONCE(t->ssi);
	if (!s || s->kind != SSI_TASK_STUB)
		return 0;
	st = container_of(s, struct ssi_stub, ssi);
	*pid = READ_ONCE(st->pid);
	return st->node->id;
}

/**
 * ssi_stub_peer_lost - a membership is over: so are the programs, as far as is known
 * @node: the peer
 * @epoch: of the membership
 *
 * Context: process context.
 */
void ssi_stub_peer_lost(struct ssi_node *node, u32 epoch)
{
	unsigned long id;
	struct ssi_stub *st;

	xa_lock(&ssi_stubs);
	xa_for_each(&ssi_stubs, id, st)
		if (st->node == node && st->epoch == epoch && st->began && !st->ended)
			send_sig(SIGKILL, st->task, 1);
	xa_unlock(&ssi_stubs);
}
