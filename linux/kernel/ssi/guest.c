// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: tasks that run the user mode of threads of other nodes
 */

/**
 * DOC: guest
 *
 * A guest is a thread of a hosted process. It sleeps in its exit to user mode
 * until an ENTER brings registers, runs user mode, and comes back to the exit hook
 * with a system call, a fault, an exception or a kick. A fault is first asked of
 * home from here; everything else, and a fault that home will not answer, is a
 * TRAP: the registers go home and the guest sleeps again. It delivers no signal,
 * runs no system call, and decides about no exception.
 *
 * System calls are caught by SYSCALL_EMU without a tracer; the entry hook notes
 * them. Exceptions are caught where they would become signals. Everything but
 * SIGKILL is blocked; a SIGKILL or the OOM killer of this node ends the guest, and
 * home is told.
 *
 * The vdso computes the time from data of the node that executes it: what the kernel
 * updates, and the offset of a time namespace, which is read last and unguarded. Who is
 * between these two reads has to finish with the same node. So a guest that is wanted at
 * home leaves the vdso first, by single steps: some dozen, or some thousand where it makes
 * random numbers. To look again a bit later is not enough: who reads clocks in a loop
 * is found there each time. A thread at home leaves the vdso before it goes (deputy.c).
 *
 * The registers of a parked guest are written by the receiver thread of the user
 * lane, by the guest itself if it is the lane's waiter, or by the leader for a
 * thread that had to wait for a guest.
 */

#include <linux/delay.h>
#include <linux/membarrier.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sync_core.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <uapi/linux/sched/types.h>

#include "arch.h"
#include "debugfs.h"
#include "deputy.h"
#include "guest.h"
#include "guestmm.h"
#include "hosted.h"
#include "node.h"
#include "rpc.h"
#include "rseq.h"
#include "store.h"
#include "trace.h"
#include "waiter.h"

/* so many instructions of the vdso a guest executes at most before it goes home */
#define SSI_VDSO_STEPS	100000

/**
 * ssi_guest_current - the guest that current is
 *
 * Return: the guest or NULL.
 */
struct ssi_guest *ssi_guest_current(void)
{
	struct ssi_task *s = current->ssi;

	return s && s->kind == SSI_TASK_GUEST ? container_of(s, struct ssi_guest, ssi) : NULL;
}

/* Is it to leave the vdso first? Then it comes here again after an instruction. */
static bool ssi_guest_steps(struct ssi_guest *g, struct pt_regs *regs)
{
	if (!ssi_arch_in_vdso(regs) || g->steps == SSI_VDSO_STEPS)
		return false;
	g->steps++;
	if (!test_thread_flag(TIF_SINGLESTEP))
		user_enable_single_step(current);
	return true;
}

/**
 * ssi_guest_alloc - make the guest of a new task
 * @h: hosted process
 * @t: new task, not yet running
 *
 * Context: process context; sleeps.
 * Return: the guest with two references, the task's and the caller's; or NULL.
 */
struct ssi_guest *ssi_guest_alloc(struct ssi_hosted *h, struct task_struct *t)
{
	struct ssi_guest *g = kzalloc_obj(*g);

	if (!g)
		return NULL;
	g->ssi.kind = SSI_TASK_GUEST;
	refcount_set(&g->ref, 2);
	sema_init(&g->lock, 1);
	init_waitqueue_head(&g->wq);
	INIT_LIST_HEAD(&g->link);
	g->task = get_task_struct(t);
	ssi_hosted_get(h);
	g->h = h;
	atomic_inc(&ssi_objects.guests);
	return g;
}

/**
 * ssi_guest_put - give a reference back
 * @g: guest
 *
 * Context: process context.
 */
void ssi_guest_put(struct ssi_guest *g)
{
	if (!refcount_dec_and_test(&g->ref))
		return;
	ssi_regs_free(&g->known);
	put_task_struct(g->task);
	ssi_hosted_put(g->h);
	kfree_rcu(g, rcu);
	atomic_dec(&ssi_objects.guests);
}

/**
 * ssi_guest_find - the guest of a thread
 * @h: hosted process
 * @tid: the thread at home
 *
 * Return: the guest, referenced, or NULL.
 */
struct ssi_guest *ssi_guest_find(struct ssi_hosted *h, u32 tid)
{
	struct ssi_guest *g;

	spin_lock(&h->lock);
	g = xa_load(&h->guests, tid);
	if (g)
		refcount_inc(&g->ref);
	spin_unlock(&h->lock);
	return g;
}

static void ssi_guest_thread_msg(struct ssi_guest *g, u16 type)
{
	struct ssi_msg *msg = ssi_msg_alloc(type, sizeof(struct ssi_wire_thread),
					    GFP_KERNEL | __GFP_NOFAIL);
	struct ssi_wire_thread *w = msg->body;

	w->sid = cpu_to_le64(g->h->sid);
	w->tid = cpu_to_le32(g->tid);
	w->seq = cpu_to_le32(g->seq);
	ssi_msg_send_direct(g->h->store->node, g->h->store->epoch, msg);
}

/* Ask home for a page, and wait. Returns 0, or why the thread must go home. */
static enum ssi_reason ssi_guest_fetch(struct ssi_guest *g)
{
	struct ssi_store *st = g->h->store;
	struct ssi_wire_fault *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_FAULT, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	g->fault_seq++;
	WRITE_ONCE(g->fault_wait, true);
	w->sid = cpu_to_le64(g->h->sid);
	w->tid = cpu_to_le32(g->tid);
	w->seq = cpu_to_le32(g->fault_seq);
	w->addr = cpu_to_le64(g->addr);
	w->flags = cpu_to_le32(g->flags);
	atomic_long_inc(&g->h->faults);
	if (ssi_msg_send_direct(st->node, st->epoch, msg) < 0)
		return SSI_REASON_NODE_LOST;
	/* pairs with the release after the answer is written, in guestmm.c */
	wait_event_state(g->wq, !smp_load_acquire(&g->fault_wait) || READ_ONCE(g->kick) ||
			 READ_ONCE(g->end) || fatal_signal_pending(current),
			 (TASK_INTERRUPTIBLE | TASK_WAKEKILL));
	/* as above: after a kick it may have come all the same */
	if (smp_load_acquire(&g->fault_wait)) {
		/* a late answer still fills the memory; it wakes nobody */
		WRITE_ONCE(g->fault_wait, false);
		return SSI_REASON_REQUESTED;
	}
	if (g->fault_reason)
		return g->fault_reason;
	return ssi_guestmm_map(g) ? SSI_REASON_NO_MEMORY : SSI_REASON_NONE;
}

/* Home sent more than the guest needed: it shall go on. Nobody waits. */
static void ssi_guest_walk(struct ssi_guest *g)
{
	struct ssi_wire_fault *w;
	struct ssi_msg *msg;

	g->walk_ask = false;
	msg = ssi_msg_alloc(SSI_MSG_FAULT, sizeof(*w), GFP_KERNEL | __GFP_NOWARN);
	if (!msg)
		return;
	w = msg->body;
	w->sid = cpu_to_le64(g->h->sid);
	w->tid = cpu_to_le32(g->tid);
	w->seq = cpu_to_le32(g->fault_seq);
	w->flags = cpu_to_le32(SSI_FAULT_AHEAD);
	ssi_msg_send_direct(g->h->store->node, g->h->store->epoch, msg);
}

/* What stopped the guest? Turns what is only a missing page into a fault. */
static enum ssi_trap ssi_guest_why(struct ssi_guest *g)
{
	enum ssi_trap trap = g->trap;

	g->trap = SSI_TRAP_NONE;
	if (trap == SSI_TRAP_EXCEPTION && !g->kernel_addr &&
	    g->info.si_signo == SIGSEGV && g->info.si_code == SI_KERNEL &&
	    !ssi_arch_exception_hardware())
		ssi_guestmm_rseq_hole(g);
	if (trap == SSI_TRAP_EXCEPTION && g->kernel_addr) {
		g->addr = g->kernel_addr;
		g->flags = g->kernel_flags;
		trap = SSI_TRAP_FAULT;
#ifdef CONFIG_RSEQ
		rseq_force_update();
#endif
	}
	g->kernel_addr = 0;
	if (trap == SSI_TRAP_EXCEPTION &&
	    ssi_arch_exception_fault(&g->info, &g->addr, &g->flags))
		trap = SSI_TRAP_FAULT;
	else if (trap == SSI_TRAP_EXCEPTION && ssi_arch_exception_replay(&g->info))
		trap = SSI_TRAP_REPLAY;
	ssi_arch_exception_clear();
	return trap;
}

/* Send the registers home and be parked. */
static void ssi_guest_ship(struct ssi_guest *g, enum ssi_trap trap, enum ssi_reason reason)
{
	struct ssi_store *st = g->h->store;
	struct ssi_wire_trap *w;
	struct ssi_msg *msg;
	size_t size;
	u64 runtime;
	int len;

	if (test_thread_flag(TIF_SINGLESTEP))
		user_disable_single_step(current);
	size = ssi_regs_size();
	msg = ssi_msg_alloc(SSI_MSG_TRAP, sizeof(*w) + size, GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	len = ssi_regs_get(w->regs, size, &g->known);
	if (WARN_ON_ONCE(len < 0)) {
		ssi_msg_free(msg);
		send_sig(SIGKILL, current, 1);
		return;
	}
	msg->len = sizeof(*w) + len;
	runtime = task_sched_runtime(current);
	w->sid = cpu_to_le64(g->h->sid);
	w->tid = cpu_to_le32(g->tid);
	w->seq = cpu_to_le32(g->seq);
	w->trap = cpu_to_le32(trap);
	w->reason = cpu_to_le32(reason);
	w->runtime = cpu_to_le64(runtime - g->runtime);
	w->monotonic = cpu_to_le64(ktime_get_ns() + g->h->clock);
	ssi_rseq_get(&w->rseq, 0);
	if (trap == SSI_TRAP_REPLAY) {
		w->signo = cpu_to_le32(g->info.si_signo);
		w->code = cpu_to_le32(g->info.si_code);
		w->addr = cpu_to_le64((unsigned long)g->info.si_addr);
	}
	g->runtime = runtime;
	if (trap == SSI_TRAP_SYSCALL)
		atomic_long_inc(&g->h->traps);
	down(&g->lock);
	WRITE_ONCE(g->state, SSI_GUEST_PARKED);
	up(&g->lock);
	ssi_msg_send_direct(st->node, st->epoch, msg);
}

/* Time that home has seen must have passed here too. */
static void ssi_guest_wait_clock(struct ssi_guest *g)
{
	s64 ahead = g->enter_monotonic - (ktime_get_ns() + g->h->clock);

	if (ahead > 0)
		fsleep(min_t(s64, ahead, SSI_CLOCK_WAIT_NS) / NSEC_PER_USEC + 1);
}

/* As at home, where it was allowed. */
static void ssi_guest_set_priority(struct ssi_guest *g)
{
	struct sched_attr attr = {
		.sched_policy = g->policy,
		.sched_nice = g->nice,
	};

	sched_setattr_nocheck(current, &attr);
}

static void ssi_guest_barrier(void *unused)
{
	smp_mb();	/* an interrupt should be enough; so says membarrier(2) */
	sync_core_before_usermode();
}

static bool ssi_guest_is_barrier(unsigned long cmd)
{
	switch (cmd) {
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return true;
	}
	return false;
}

/*
 * The threads of a process on one node share its memory as threads of any
 * process do, so membarrier(2) has to reach them here, before the call goes home
 * to reach those that are there. Between the nodes nothing is needed: a page is
 * on one of them at a time, and taking it from one interrupts each CPU that had it
 * mapped. Restartable sequences are aborted by a visit home.
 */
static void ssi_guest_membarrier(struct ssi_guest *g)
{
	struct ssi_guest *other;
	unsigned long tid;

	if (g->membarrier == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
		spin_lock(&g->h->lock);
		xa_for_each(&g->h->guests, tid, other)
			if (other != g && READ_ONCE(other->state) == SSI_GUEST_RUN)
				ssi_guest_kick(other);
		spin_unlock(&g->h->lock);
	}
	g->membarrier = 0;
	on_each_cpu(ssi_guest_barrier, NULL, true);
}

/* May current handle this message of its deputy itself? */
static bool ssi_guest_mine(void *data, const struct ssi_rx *rx)
{
	const struct ssi_wire_enter *w = rx->body;
	struct ssi_guest *g = data;

	return rx->type == SSI_MSG_ENTER && le64_to_cpu(w->sid) == g->h->sid &&
	       le32_to_cpu(w->tid) == g->tid && g->state == SSI_GUEST_PARKED &&
	       ssi_regs_own(w->regs, rx->len - sizeof(*w), &g->known);
}

/* Sleep until there are registers to run with. */
static void ssi_guest_wait(struct ssi_guest *g)
{
	struct ssi_store *st = g->h->store;
	struct ssi_waiter w;

	if (g->tid) {
		ssi_waiter_init(&w, st->node, SSI_LANE_USER);
		ssi_waiter_begin(&w);
		wait_event_state(g->wq, READ_ONCE(g->state) == SSI_GUEST_RUN ||
				 READ_ONCE(g->end) || fatal_signal_pending(current) ||
				 ssi_waiter_woken(&w), (TASK_INTERRUPTIBLE | TASK_WAKEKILL));
		ssi_waiter_end(&w, st->epoch, ssi_guest_mine, g);
	}
	/* pairs with the release after the registers are there */
	wait_event_state(g->wq, smp_load_acquire(&g->state) == SSI_GUEST_RUN || READ_ONCE(g->end) ||
			 fatal_signal_pending(current), (TASK_INTERRUPTIBLE | TASK_WAKEKILL));
}

/**
 * ssi_guest_user_mode - a guest is about to enter user mode
 * @g: guest of current
 * @regs: its user registers
 *
 * Context: exit to user mode loop; interrupts on, no locks; sleeps. May not
 * return: the guest exits here.
 */
void ssi_guest_user_mode(struct ssi_guest *g, struct pt_regs *regs)
{
	enum ssi_reason reason = SSI_REASON_NONE;
	enum ssi_trap trap;

	if (READ_ONCE(g->end))
		do_exit(0);
	if (READ_ONCE(g->state) == SSI_GUEST_RUN) {
		if (g->walk_ask)
			ssi_guest_walk(g);
		trap = ssi_guest_why(g);
		if (trap == SSI_TRAP_NONE &&
		    (!READ_ONCE(g->kick) || ssi_guest_steps(g, regs)))
			return;
		if (trap == SSI_TRAP_FAULT && !READ_ONCE(g->kick)) {
			reason = ssi_guest_fetch(g);
			if (!reason) {
				if (READ_ONCE(g->kick))
					set_notify_resume(current);
				return;
			}
			/* home looks again, with what it knows of the mapping */
			trap = reason == SSI_REASON_REQUESTED ? SSI_TRAP_KICK :
								SSI_TRAP_EXCEPTION;
		} else if (trap == SSI_TRAP_NONE || trap == SSI_TRAP_FAULT) {
			trap = SSI_TRAP_KICK;
		} else if (trap == SSI_TRAP_EXCEPTION) {
			reason = SSI_REASON_EXCEPTION;
		}
		if (trap == SSI_TRAP_SYSCALL && g->membarrier)
			ssi_guest_membarrier(g);
		if (!fatal_signal_pending(current))
			ssi_guest_ship(g, trap, reason);
	} else if (g->state == SSI_GUEST_NEW) {
		down(&g->lock);
		WRITE_ONCE(g->state, SSI_GUEST_PARKED);
		up(&g->lock);
		wake_up_all(&g->h->wq);
	}
	ssi_guest_wait(g);
	if (READ_ONCE(g->end))
		do_exit(0);
	if (fatal_signal_pending(current) || READ_ONCE(g->state) != SSI_GUEST_RUN) {
		/* let the exit loop see to it, and come back */
		set_notify_resume(current);
		return;
	}
	ssi_arch_exception_clear();
	if (current->policy != g->policy || task_nice(current) != g->nice)
		ssi_guest_set_priority(g);
	ssi_guest_wait_clock(g);
	if (g->first) {
		g->first = false;
		if (!atomic_fetch_inc(&g->h->started))
			ssi_guest_thread_msg(g, SSI_MSG_STARTED);
	}
	if (READ_ONCE(g->kick))
		set_notify_resume(current);
}

/**
 * ssi_guest_syscall - a guest executed a system call
 * @g: guest of current
 * @regs: its user registers
 *
 * Context: system call entry.
 * Return: true: the call is to be skipped here.
 */
bool ssi_guest_syscall(struct ssi_guest *g, struct pt_regs *regs)
{
	unsigned long args[6];

	g->membarrier = 0;
	if (unlikely(syscall_get_nr(current, regs) == __NR_membarrier)) {
		syscall_get_arguments(current, regs, args);
		if (ssi_guest_is_barrier(args[0]))
			g->membarrier = args[0];
	}
	if (ssi_arch_guest_syscall(regs)) {
		g->trap = SSI_TRAP_SYSCALL;
	} else {
		g->trap = SSI_TRAP_EXCEPTION;
		clear_siginfo(&g->info);
		g->info.si_signo = SIGSYS;
	}
	set_notify_resume(current);
	return true;
}

/**
 * ssi_guest_force_sig - an exception of a guest would become a signal
 * @g: guest
 * @info: the signal
 *
 * Context: any; interrupts may be off.
 * Return: true if home is to judge.
 */
bool ssi_guest_force_sig(struct ssi_guest *g, struct kernel_siginfo *info)
{
	if (g->task != current || info->si_signo == SIGKILL)
		return false;
	set_notify_resume(current);
	/*
	 * On the way here restartable sequences may have met a page that was
	 * taken home: the system call or exception before that comes first, and
	 * they will be looked at again before user mode runs.
	 */
	if (g->trap == SSI_TRAP_SYSCALL || g->trap == SSI_TRAP_EXCEPTION)
		return true;
	/* a step of ssi_guest_steps() */
	if (info->si_signo == SIGTRAP && info->si_code == TRAP_TRACE &&
	    test_thread_flag(TIF_SINGLESTEP))
		return true;
	copy_siginfo(&g->info, info);
	g->trap = SSI_TRAP_EXCEPTION;
	return true;
}

/**
 * ssi_guest_exit - a guest exits
 * @g: guest of current
 *
 * Context: process context; sleeps.
 */
void ssi_guest_exit(struct ssi_guest *g)
{
	struct ssi_hosted *h = g->h;
	bool quiet;

	down(&g->lock);
	WRITE_ONCE(g->state, SSI_GUEST_DEAD);
	up(&g->lock);
	current->ssi = NULL;
	spin_lock(&h->lock);
	quiet = g->end || h->end;
	if (g->tid && xa_load(&h->guests, g->tid) == g)
		xa_erase(&h->guests, g->tid);
	list_del_init(&g->link);
	spin_unlock(&h->lock);
	if (!quiet) {
		/* killed here: the process cannot go on */
		ssi_hosted_send_dead(h->store->node, h->store->epoch, h->sid,
				     task_tgid_nr(current));
	}
	ssi_guest_put(g);
}

/**
 * ssi_guest_check_enter - is this body an ENTER?
 * @body: of the message
 * @len: bytes of it, at least the fixed part
 *
 * Return: 0 or -EBADMSG.
 */
int ssi_guest_check_enter(const void *body, size_t len)
{
	const struct ssi_wire_enter *w = body;
	u32 policy = le32_to_cpu(w->policy);
	int nice = le32_to_cpu(w->nice);

	if (policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE)
		return -EBADMSG;
	if (nice < MIN_NICE || nice > MAX_NICE)
		return -EBADMSG;
	if (!w->tid || !ssi_rseq_valid(&w->rseq))
		return -EBADMSG;
	return ssi_regs_check(w->regs, len - sizeof(*w));
}

static int ssi_guest_load(struct ssi_guest *g, const struct ssi_wire_enter *w, size_t len,
			  bool wait)
{
	bool ok = false;
	int ret = 0;

	down(&g->lock);
	if (g->state != SSI_GUEST_PARKED)
		goto out;
	ret = ssi_regs_set(g->task, w->regs, len - sizeof(*w), &g->known, wait);
	if (ret == -EAGAIN) {
		up(&g->lock);
		return ret;
	}
	if (ret) {
		pr_warn_ratelimited("ssi: node %u sent registers that cannot be set (%d)\n",
				    g->h->store->node->id, ret);
		goto out;
	}
	ssi_rseq_set(g->task, &w->rseq);
	g->seq = le32_to_cpu(w->seq);
	g->enter_monotonic = le64_to_cpu(w->monotonic);
	g->policy = le32_to_cpu(w->policy);
	g->nice = le32_to_cpu(w->nice);
	g->kick = false;
	g->steps = 0;
	g->trap = SSI_TRAP_NONE;
	g->kernel_addr = 0;
	/* pairs with the guest's wait: it must see its registers */
	smp_store_release(&g->state, SSI_GUEST_RUN);
	ok = true;
out:
	up(&g->lock);
	if (ok)
		wake_up(&g->wq);
	else
		send_sig(SIGKILL, g->task, 1);
	return 0;
}

/**
 * ssi_guest_enter - run a thread, if there is a guest for it
 * @h: hosted process
 * @body: checked struct ssi_wire_enter
 * @len: bytes of it
 * @wait: for a guest that has not gone to sleep yet
 *
 * Context: receiver thread of the user lane, the leader, or the guest; sleeps.
 * Return: 0, -ENOENT if all guests are taken, -EAGAIN if the guest is awake.
 */
int ssi_guest_enter(struct ssi_hosted *h, const void *body, size_t len, bool wait)
{
	const struct ssi_wire_enter *w = body;
	u32 tid = le32_to_cpu(w->tid);
	struct ssi_guest *g = ssi_guest_find(h, tid);
	int ret;

	if (!g && !xa_reserve(&h->guests, tid, GFP_KERNEL)) {
		spin_lock(&h->lock);
		g = list_first_entry_or_null(&h->spares, struct ssi_guest, link);
		if (g && !h->end) {
			list_del_init(&g->link);
			g->tid = tid;
			g->first = true;
			refcount_inc(&g->ref);
			xa_store(&h->guests, tid, g, GFP_ATOMIC);
		} else {
			g = NULL;
		}
		spin_unlock(&h->lock);
	}
	if (!g)
		return -ENOENT;
	ret = ssi_guest_load(g, w, len, wait);
	ssi_guest_put(g);
	return ret;
}

/**
 * ssi_guest_kick - bring a guest up
 * @g: guest that runs
 *
 * Context: process context.
 */
void ssi_guest_kick(struct ssi_guest *g)
{
	WRITE_ONCE(g->kick, true);
	set_notify_resume(g->task);
	wake_up(&g->wq);
}

/**
 * ssi_guest_handle_enter - a home wants a thread to run here
 * @rx: SSI_MSG_ENTER
 *
 * Context: receiver thread of the user lane, or the guest itself.
 */
void ssi_guest_handle_enter(struct ssi_rx *rx)
{
	const struct ssi_wire_enter *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));
	struct ssi_hosted_job *job;

	if (!h) {
		/* it died here before home could know of the session */
		ssi_hosted_send_dead(rx->node, rx->epoch, le64_to_cpu(w->sid), 0);
		return;
	}
	if (ssi_guest_enter(h, rx->body, rx->len, false)) {
		/* the leader waits for the guest, or makes one more */
		job = kzalloc_flex(*job, body, rx->len, GFP_KERNEL | __GFP_NOFAIL);
		job->len = rx->len;
		memcpy(job->body, rx->body, rx->len);
		spin_lock(&h->lock);
		list_add_tail(&job->link, &h->jobs);
		spin_unlock(&h->lock);
		wake_up_all(&h->wq);
	}
	ssi_hosted_put(h);
}

/**
 * ssi_guest_handle_kick - a home wants a thread back
 * @rx: SSI_MSG_KICK
 *
 * Context: receiver thread of the user lane.
 */
void ssi_guest_handle_kick(struct ssi_rx *rx)
{
	const struct ssi_wire_thread *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));
	struct ssi_hosted_job *job;
	struct ssi_guest *g;

	if (!h)
		return;
	/* one that still waits for a guest is kicked when it has one */
	spin_lock(&h->lock);
	list_for_each_entry(job, &h->jobs, link) {
		struct ssi_wire_enter *e = (void *)job->body;

		if (e->tid == w->tid && e->seq == w->seq)
			job->kick = true;
	}
	spin_unlock(&h->lock);
	g = ssi_guest_find(h, le32_to_cpu(w->tid));
	if (g) {
		/* one that stopped meanwhile has sent its registers already */
		if (g->state == SSI_GUEST_RUN && g->seq == le32_to_cpu(w->seq))
			ssi_guest_kick(g);
		ssi_guest_put(g);
	}
	ssi_hosted_put(h);
}

/**
 * ssi_guest_handle_thread_end - a thread exited at home
 * @rx: SSI_MSG_THREAD_END
 *
 * Context: receiver thread of the user lane.
 */
void ssi_guest_handle_thread_end(struct ssi_rx *rx)
{
	const struct ssi_wire_thread *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));
	struct ssi_guest *g = h ? ssi_guest_find(h, le32_to_cpu(w->tid)) : NULL;

	if (g) {
		/* home may use the number again at once */
		spin_lock(&h->lock);
		if (xa_load(&h->guests, g->tid) == g)
			xa_erase(&h->guests, g->tid);
		spin_unlock(&h->lock);
		WRITE_ONCE(g->end, true);
		set_notify_resume(g->task);
		wake_up(&g->wq);
		ssi_guest_put(g);
	}
	if (h)
		ssi_hosted_put(h);
}
