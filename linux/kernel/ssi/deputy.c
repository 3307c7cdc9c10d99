// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the home side of a thread that is away
 */

/**
 * DOC: deputy
 *
 * A deputy is the real thread of a process that is away. In its exit to user
 * mode, instead of going there, it ships its registers (ENTER) and sleeps until
 * they come back (TRAP) with a system call, which it then runs by the ordinary
 * kernel path, or with another reason to be home. At most one trap is handled
 * per pass of the exit loop: signals, rescheduling and whatever else waits is
 * done by the loop itself, between two traps, as between two visits to user
 * mode.
 *
 * A signal makes the deputy send a KICK and wait, killable, for the TRAP; then
 * the loop delivers the signal with the true registers. A fatal signal does not
 * wait: the thread dies without its registers, unless a core dump wants them.
 *
 * What the node could not do is done here: the thread stays home until the
 * instruction was executed again (stay.c).
 *
 * The node dies between two lines: ssi_deputy_lost() kills every deputy whose
 * user mode was there (rule I2), and wakes it. Threads that were at home live on
 * unless the node holds pages of theirs.
 *
 * A TRAP is taken by the receiver thread of the user lane, which writes the
 * registers of the parked deputy under @lock and wakes it; or by the deputy itself,
 * if it is the lane's waiter and no more than general registers changed. @lock
 * nests outside the mirror's slock.
 */

#include <linux/cgroup.h>
#include <linux/delay.h>
#include <linux/irq-entry-common.h>
#include <linux/kernel_stat.h>
#include <linux/posix-timers.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/ssi.h>

#include "arch.h"
#include "debugfs.h"
#include "deputy.h"
#include "node.h"
#include "process.h"
#include "rpc.h"
#include "session.h"
#include "stay.h"
#include "rseq.h"
#include "trace.h"
#include "waiter.h"

/* so often a thread stays for a moment to leave the vdso; one that reads nothing but time goes */
#define SSI_VDSO_STAYS	16

static void ssi_deputy_put(struct ssi_deputy *d)
{
	if (!refcount_dec_and_test(&d->ref))
		return;
	ssi_regs_free(&d->known);
	ssi_mirror_put(d->m);
	put_task_struct(d->task);
	kfree_rcu(d, rcu);
	atomic_dec(&ssi_objects.deputies);
}

static struct ssi_deputy *ssi_deputy_alloc(struct ssi_mirror *m, struct task_struct *t,
					   gfp_t gfp)
{
	struct ssi_deputy *d = kzalloc_obj(*d, gfp);

	if (!d)
		return NULL;
	d->ssi.kind = SSI_TASK_DEPUTY;
	refcount_set(&d->ref, 1);
	sema_init(&d->lock, 1);
	init_waitqueue_head(&d->wq);
	ssi_stay_init(d);
	d->task = get_task_struct(t);
	d->tid = task_pid_nr(t);
	d->m = m;
	ssi_mirror_get(m);
	atomic_inc(&m->nr_deputies);
	atomic_inc(&ssi_objects.deputies);
	return d;
}

static struct ssi_deputy *ssi_deputy_lookup(struct ssi_mirror *m, u32 tid)
{
	struct ssi_deputy *d;

	xa_lock(&m->deputies);
	d = xa_load(&m->deputies, tid);
	if (d)
		refcount_inc(&d->ref);
	xa_unlock(&m->deputies);
	return d;
}

/**
 * ssi_deputy_touched - where current notes the pages that it recalls
 * @m: mirror that the pages belong to
 *
 * Return: NULL if current is no deputy of that mirror.
 */
struct ssi_touched *ssi_deputy_touched(struct ssi_mirror *m)
{
	struct ssi_task *s = current->ssi;
	struct ssi_deputy *d;

	if (!s || s->kind != SSI_TASK_DEPUTY)
		return NULL;
	d = container_of(s, struct ssi_deputy, ssi);
	if (d->m != m)
		return NULL;
	d->recalled = true;
	return &d->touched;
}

/**
 * ssi_deputy_attach - make a thread of a process a deputy
 * @m: mirror of the process
 * @t: the thread, of the same process
 *
 * Context: process context; sleeps.
 * Return: 0, also if it is one already or exits; -ENOMEM.
 */
int ssi_deputy_attach(struct ssi_mirror *m, struct task_struct *t)
{
	struct ssi_deputy *d;
	int ret = 0;

	if (READ_ONCE(t->ssi))
		return 0;
	d = ssi_deputy_alloc(m, t, GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	if (xa_reserve(&m->deputies, d->tid, GFP_KERNEL))
		ret = -ENOMEM;
	/* ssi_exit() runs after PF_EXITING is set, and takes this lock */
	xa_lock(&m->deputies);
	if (ret || t->ssi || (t->flags & PF_EXITING) || READ_ONCE(m->dead)) {
		xa_unlock(&m->deputies);
		xa_release(&m->deputies, d->tid);
		atomic_dec(&m->nr_deputies);
		ssi_deputy_put(d);
		return ret;
	}
	__xa_store(&m->deputies, d->tid, d, GFP_NOWAIT);
	/* the thread finds it without a lock, and may set it itself: ssi_place_mark() */
	if (cmpxchg(&t->ssi, NULL, &d->ssi)) {
		__xa_erase(&m->deputies, d->tid);
		xa_unlock(&m->deputies);
		atomic_dec(&m->nr_deputies);
		ssi_deputy_put(d);
		return 0;
	}
	xa_unlock(&m->deputies);
	return 0;
}

/**
 * ssi_deputy_notify - make all deputies of a process look at what is asked
 * @m: mirror
 *
 * Context: process context.
 */
void ssi_deputy_notify(struct ssi_mirror *m)
{
	struct ssi_deputy *d;
	unsigned long tid;

	xa_lock(&m->deputies);
	xa_for_each(&m->deputies, tid, d) {
		set_notify_resume(d->task);
		wake_up(&d->wq);
	}
	xa_unlock(&m->deputies);
}

/**
 * ssi_deputy_lost - the session's node is gone, or killed the guests
 * @m: mirror whose session it is; its @away is false already
 *
 * Context: process context.
 */
void ssi_deputy_lost(struct ssi_mirror *m)
{
	struct ssi_deputy *d;
	unsigned long tid;

	xa_lock(&m->deputies);
	xa_for_each(&m->deputies, tid, d) {
		if (READ_ONCE(d->state) != SSI_DEPUTY_AWAY)
			continue;
		WRITE_ONCE(d->lost, true);
		send_sig(SIGKILL, d->task, 1);
		wake_up(&d->wq);
	}
	xa_unlock(&m->deputies);
}

/* The task stops being a deputy: it exits, or runs another program. */
static void ssi_deputy_detach(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;

	timer_shutdown_sync(&d->timer);
	xa_lock(&m->deputies);
	if (xa_load(&m->deputies, d->tid) == d)
		__xa_erase(&m->deputies, d->tid);
	WRITE_ONCE(d->task->ssi, NULL);
	xa_unlock(&m->deputies);
	ssi_session_thread_end(m, d->tid);
	if (atomic_dec_and_test(&m->nr_deputies))
		ssi_process_end(m);
	ssi_deputy_put(d);
}

/**
 * ssi_deputy_exit - a deputy exits
 * @d: deputy of current
 *
 * Context: process context; sleeps.
 */
void ssi_deputy_exit(struct ssi_deputy *d)
{
	ssi_deputy_detach(d);
}

/**
 * ssi_deputy_fork - a deputy made a task
 * @d: deputy of current
 * @p: the new task, not yet running
 * @clone_flags: of the clone
 *
 * A new thread follows its process; a new process is at home. A vfork child
 * shares the memory but is no deputy: it runs here, and pages come as it
 * touches them.
 */
void ssi_deputy_fork(struct ssi_deputy *d, struct task_struct *p, u64 clone_flags)
{
	/* never in user mode, and so never away */
	if (p->flags & PF_USER_WORKER)
		return;
	if (clone_flags & CLONE_THREAD) {
		/* a failure leaves the thread at home, where it works as well */
		if (!ssi_deputy_attach(d->m, p))
			set_tsk_thread_flag(p, TIF_NOTIFY_RESUME);
	} else if (!(clone_flags & CLONE_VM)) {
		ssi_rseq_give(p, d->has_rseq);
	}
}

/**
 * ssi_deputy_force_sig - an instruction executed at home raised a signal
 * @d: deputy of the task it is raised for
 *
 * That is what the thread may have come home for.
 *
 * Context: any.
 * Return: false: the signal is to be delivered here.
 */
bool ssi_deputy_force_sig(struct ssi_deputy *d)
{
	ssi_stay_resolved(d);
	return false;
}

static void ssi_deputy_send(struct ssi_deputy *d, u16 type)
{
	struct ssi_msg *msg = ssi_msg_alloc(type, sizeof(struct ssi_wire_thread),
					    GFP_KERNEL | __GFP_NOFAIL);
	struct ssi_wire_thread *w = msg->body;

	w->sid = cpu_to_le64(d->sid);
	w->tid = cpu_to_le32(d->tid);
	w->seq = cpu_to_le32(d->seq);
	ssi_msg_send_direct(d->node, d->epoch, msg);
}

/* May the thread leave now? If so it counts as away from here on. */
static bool ssi_deputy_depart(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;
	bool go;

	spin_lock(&m->slock);
	go = m->away && !time_before(jiffies, m->home_until);
	if (go) {
		m->nr_away++;
		d->sid = m->sid;
		d->epoch = m->epoch;
		d->node = ssi_node_get(m->node);
	}
	spin_unlock(&m->slock);
	return go;
}

static void ssi_deputy_arrive(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;
	bool last, over;

	ssi_node_put(d->node);
	d->node = NULL;
	spin_lock(&m->slock);
	last = !--m->nr_away;
	/* whoever wanted all of them home may have stopped waiting */
	over = last && !m->away && m->sid;
	if (over)
		m->lost_sid = m->sid;
	spin_unlock(&m->slock);
	if (last)
		wake_up_all(&m->wq);
	if (over)
		ssi_process_end_later(m);
}

/* Ship the registers. Returns false if they could not be sent. */
static bool ssi_deputy_enter(struct ssi_deputy *d)
{
	struct ssi_wire_enter *w;
	struct ssi_msg *msg;
	size_t size;
	int len;

	size = ssi_regs_size();
	msg = ssi_msg_alloc(SSI_MSG_ENTER, sizeof(*w) + size, GFP_KERNEL);
	if (!msg)
		return false;
	w = msg->body;
	if (d->known_sid != d->sid) {
		ssi_regs_forget(&d->known);
		d->known_sid = d->sid;
	}
	len = ssi_regs_get(w->regs, size, &d->known);
	if (len < 0) {
		ssi_msg_free(msg);
		return false;
	}
	msg->len = sizeof(*w) + len;
	d->has_rseq = ssi_rseq_take(d->has_rseq);
	ssi_rseq_get(&w->rseq, d->has_rseq);

	down(&d->lock);
	d->seq++;
	d->left_ns = ktime_get_ns();
	ssi_stay_enter(d);
	d->kicked = false;
	d->lost = false;
	d->fault_pending = false;
	d->trap = SSI_TRAP_NONE;
	WRITE_ONCE(d->state, SSI_DEPUTY_AWAY);
	d->parked = true;
	up(&d->lock);

	w->sid = cpu_to_le64(d->sid);
	w->tid = cpu_to_le32(d->tid);
	w->seq = cpu_to_le32(d->seq);
	w->monotonic = cpu_to_le64(d->left_ns);
	/* real-time classes are a promise about the CPUs of home */
	w->policy = cpu_to_le32(rt_or_dl_task_policy(current) ? SCHED_NORMAL : current->policy);
	w->nice = cpu_to_le32(rt_or_dl_task_policy(current) ? 0 : task_nice(current));
	if (ssi_msg_send_direct(d->node, d->epoch, msg) < 0) {
		/* nothing left this node */
		down(&d->lock);
		d->parked = false;
		WRITE_ONCE(d->state, SSI_DEPUTY_HOME);
		up(&d->lock);
		return false;
	}
	return true;
}

static bool ssi_deputy_back(struct ssi_deputy *d)
{
	return READ_ONCE(d->state) != SSI_DEPUTY_AWAY || READ_ONCE(d->lost);
}

/*
 * A guest that only computes never comes home by itself, and its time must: for
 * accounting once a second, for timers that count CPU time more often.
 */
static long ssi_deputy_period(void)
{
	return READ_ONCE(current->signal->posix_cputimers.timers_active) ||
	       READ_ONCE(current->posix_cputimers.timers_active) ? max(HZ / 20, 1) : HZ;
}

/* Answer what the guest asked for last. */
static void ssi_deputy_serve(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;
	bool ahead;

	d->fault.sid = d->sid;
	d->fault.tid = d->tid;
	spin_lock(&m->slock);
	WRITE_ONCE(d->fault_pending, false);
	ahead = d->request.flags & SSI_FAULT_AHEAD;
	if (!ahead) {
		d->fault.seq = d->request.seq;
		d->fault.addr = d->request.addr;
		d->fault.flags = d->request.flags;
	}
	spin_unlock(&m->slock);
	if (!ahead)
		ssi_mirror_fault(m, &d->fault);
	else if (d->fault.window == SSI_WALK_WINDOW)
		ssi_mirror_ahead(m, &d->fault);
}

/* May current handle this message of its guest itself? */
static bool ssi_deputy_mine(void *data, const struct ssi_rx *rx)
{
	struct ssi_deputy *d = data;

	if (rx->type == SSI_MSG_TRAP) {
		const struct ssi_wire_trap *w = rx->body;

		return le64_to_cpu(w->sid) == d->sid && le32_to_cpu(w->tid) == d->tid &&
		       ssi_regs_own(w->regs, rx->len - sizeof(*w), &d->known);
	}
	if (rx->type == SSI_MSG_FAULT) {
		const struct ssi_wire_fault *w = rx->body;

		return le64_to_cpu(w->sid) == d->sid && le32_to_cpu(w->tid) == d->tid;
	}
	return false;
}

/* Sleep until the registers are back, or are known never to come. */
static void ssi_deputy_wait(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;
	struct ssi_waiter user, memory;
	long ret;

	ssi_waiter_init(&user, d->node, SSI_LANE_USER);
	ssi_waiter_init(&memory, d->node, SSI_LANE_MEMORY);
	for (;;) {
		ssi_waiter_begin(&user);
		ssi_waiter_begin(&memory);
		ret = wait_event_interruptible_timeout(d->wq, ssi_deputy_back(d) ||
						       READ_ONCE(d->fault_pending) ||
						       !READ_ONCE(m->away) ||
						       ssi_waiter_woken(&user) ||
						       ssi_waiter_woken(&memory),
						       ssi_deputy_period());
		ssi_waiter_end(&memory, d->epoch, ssi_deputy_mine, d);
		ssi_waiter_end(&user, d->epoch, ssi_deputy_mine, d);
		if (ssi_deputy_back(d))
			return;
		if (READ_ONCE(d->fault_pending) && !signal_pending(current) &&
		    READ_ONCE(m->away)) {
			ssi_deputy_serve(d);
			continue;
		}
		/* what arrived was for somebody else */
		if (ret > 0 && READ_ONCE(m->away) && !signal_pending(current))
			continue;
		if (!d->kicked) {
			d->kicked = true;
			ssi_deputy_send(d, SSI_MSG_KICK);
		}
		wait_event_killable(d->wq, ssi_deputy_back(d));
		if (ssi_deputy_back(d))
			return;
		/* killed; a core dump wants every thread's registers, though */
		if (READ_ONCE(current->signal->core_state))
			wait_event_timeout(d->wq, ssi_deputy_back(d), 2 * HZ);
		return;
	}
}

static void ssi_deputy_unpark(struct ssi_deputy *d)
{
	down(&d->lock);
	d->parked = false;
	up(&d->lock);
}

/* What the guest used is the thread's own time. */
static void ssi_deputy_account(struct ssi_deputy *d)
{
	u64 runtime = d->runtime;

	d->runtime = 0;
	if (!runtime)
		return;
	local_irq_disable();	/* the tick adds to the same sums */
	current->se.sum_exec_runtime += runtime;
	account_group_exec_runtime(current, runtime);
	cgroup_account_cputime(current, runtime);
	account_user_time(current, runtime);
	run_posix_cpu_timers();
	local_irq_enable();
}

/* Time the thread has seen there must have passed here too. */
static void ssi_deputy_wait_clock(struct ssi_deputy *d)
{
	s64 ahead = d->monotonic - ktime_get_ns();

	if (ahead > 0)
		fsleep(min_t(s64, ahead, SSI_CLOCK_WAIT_NS) / NSEC_PER_USEC + 1);
}

static void ssi_deputy_handle(struct ssi_deputy *d, struct pt_regs *regs)
{
	struct ssi_mirror *m = d->m;
	u64 ran = d->runtime;

	ssi_deputy_account(d);
	ssi_deputy_wait_clock(d);
	if (d->trap != SSI_TRAP_SYSCALL) {
		ssi_arch_set_no_syscall(regs);
		ssi_rseq_give(current, d->has_rseq);
		ssi_rseq_moved(current);
	}
	set_notify_resume(current);
	ssi_stay_signal(d, ran);
	if (d->trap == SSI_TRAP_SYSCALL && ssi_arch_is_sigreturn(regs))
		d->handler = 0;
	switch (d->trap) {
	case SSI_TRAP_SYSCALL:
		atomic_long_inc(&m->traps);
		ssi_arch_do_syscall(regs);
		break;
	case SSI_TRAP_REPLAY:
		if (!ssi_arch_trap_repeat(regs, &d->info)) {
			force_sig_info(&d->info);
			break;
		}
		d->reason = mm_flags_test(MMF_HAS_UPROBES, current->mm) ?
			    SSI_REASON_UPROBE : SSI_REASON_EXCEPTION;
		fallthrough;
	case SSI_TRAP_EXCEPTION:
	case SSI_TRAP_FAULT:
		ssi_stay_count(d);
		ssi_stay_begin(d);
		break;
	default:
		break;
	}
	/* the loop delivers it before it comes here again */
	if (signal_pending(current))
		d->signalled = true;
}

/**
 * ssi_deputy_user_mode - a deputy is about to enter user mode
 * @d: deputy of current
 * @regs: its user registers
 *
 * Context: exit to user mode loop; interrupts on, no locks; sleeps.
 */
void ssi_deputy_user_mode(struct ssi_deputy *d, struct pt_regs *regs)
{
	struct ssi_mirror *m = d->m;
	const unsigned long other = EXIT_TO_USER_MODE_WORK &
		~(_TIF_NOTIFY_RESUME | _TIF_RSEQ | SSI_ARCH_OWN_WORK);
	enum ssi_reason reason;

	if (current->mm != m->mm) {
		ssi_rseq_give(current, d->has_rseq);
		ssi_deputy_detach(d);
		return;
	}
	if (!READ_ONCE(m->away) || time_before(jiffies, READ_ONCE(m->home_until))) {
		ssi_rseq_give(current, d->has_rseq);
		ssi_stay_over(d);
		/* nothing else would bring a computing thread here again */
		if (READ_ONCE(m->away))
			mod_timer(&d->timer, READ_ONCE(m->home_until) + 1);
		return;
	}
	if (read_thread_flags() & other) {
		if (signal_pending(current))
			d->signalled = true;
		set_notify_resume(current);
		return;
	}
	if (ssi_stay_goes_on(d)) {
		/* the loop may pass here several times before user mode */
		ssi_rseq_give(current, d->has_rseq);
		if (!timer_pending(&d->timer))
			ssi_stay_begin(d);
		return;
	}
	reason = ssi_arch_must_stay(regs);
	if (reason) {
		WRITE_ONCE(m->reason, reason);
		ssi_rseq_give(current, d->has_rseq);
		ssi_stay_begin(d);
		return;
	}
	/* see guest.c: what it has read there is worth nothing elsewhere */
	if (ssi_arch_in_vdso(regs) && d->vdso_stays < SSI_VDSO_STAYS) {
		d->vdso_stays++;
		ssi_rseq_give(current, d->has_rseq);
		ssi_stay_begin(d);
		return;
	}
	if (!ssi_deputy_depart(d)) {
		ssi_rseq_give(current, d->has_rseq);
		if (READ_ONCE(m->away))
			mod_timer(&d->timer, READ_ONCE(m->home_until) + 1);
		return;
	}
	ssi_stay_end(d);
	d->vdso_stays = 0;
	/* what the kernel touched for it here, it will touch there */
	if (d->touched.nr)
		ssi_mirror_push(m, d->sid, &d->touched);
	if (!READ_ONCE(m->left_ns))
		cmpxchg64(&m->left_ns, 0, ktime_get_ns());
	if (!ssi_deputy_enter(d)) {
		ssi_deputy_arrive(d);
		ssi_rseq_give(current, d->has_rseq);
		ssi_stay_begin(d);
		return;
	}
	ssi_deputy_wait(d);
	ssi_deputy_unpark(d);
	ssi_deputy_arrive(d);
	if (d->state != SSI_DEPUTY_TRAPPED) {
		/* it is gone: never resumed here (rule I2) */
		WRITE_ONCE(d->state, SSI_DEPUTY_HOME);
		ssi_rseq_give(current, d->has_rseq);
		if (!fatal_signal_pending(current))
			send_sig(SIGKILL, current, 1);
		set_notify_resume(current);
		return;
	}
	WRITE_ONCE(d->state, SSI_DEPUTY_HOME);
	ssi_deputy_handle(d, regs);
}

/**
 * ssi_deputy_check_trap - is this body a trap?
 * @body: of the message
 * @len: bytes of it, at least the fixed part
 *
 * Return: 0 or -EBADMSG.
 */
int ssi_deputy_check_trap(const void *body, size_t len)
{
	const struct ssi_wire_trap *w = body;

	if (le32_to_cpu(w->trap) == SSI_TRAP_NONE || le32_to_cpu(w->trap) >= SSI_NR_TRAPS)
		return -EBADMSG;
	if (le32_to_cpu(w->trap) == SSI_TRAP_REPLAY && le32_to_cpu(w->signo) != SIGTRAP)
		return -EBADMSG;
	return ssi_regs_check(w->regs, len - sizeof(*w));
}

/* The deputy that a message is about, if the message is about now. */
static struct ssi_deputy *ssi_deputy_find(struct ssi_rx *rx, u64 sid, u32 tid)
{
	struct ssi_mirror *m = ssi_session_find(rx->node, rx->epoch, sid);
	struct ssi_deputy *d;

	if (!m)
		return NULL;
	d = ssi_deputy_lookup(m, tid);
	ssi_mirror_put(m);
	return d;
}

/**
 * ssi_deputy_handle_trap - a guest of a peer stopped
 * @rx: SSI_MSG_TRAP
 *
 * Context: receiver thread of the user lane, or the deputy itself.
 */
void ssi_deputy_handle_trap(struct ssi_rx *rx)
{
	const struct ssi_wire_trap *w = rx->body;
	struct ssi_deputy *d = ssi_deputy_find(rx, le64_to_cpu(w->sid), le32_to_cpu(w->tid));
	int ret;

	if (!d)
		return;
	down(&d->lock);
	if (!d->parked || d->state != SSI_DEPUTY_AWAY || d->seq != le32_to_cpu(w->seq) ||
	    d->sid != le64_to_cpu(w->sid))
		goto out;
	ret = ssi_regs_set(d->task, w->regs, rx->len - sizeof(*w), &d->known, rx->late);
	if (ret == -EAGAIN) {
		/* it waits for a CPU: others shall not wait with it */
		ssi_rpc_later(rx, ssi_deputy_handle_trap, system_dfl_wq);
		goto out;
	}
	if (ret) {
		/* a half-written thread must not run */
		pr_warn_ratelimited("ssi: %s[%d] killed: node %u sent registers that cannot be set (%d)\n",
				    d->task->comm, task_tgid_nr(d->task), rx->node->id, ret);
		WRITE_ONCE(d->lost, true);
		wake_up(&d->wq);
		goto out;
	}
	ssi_rseq_back(d->task, &w->rseq);
	d->runtime = min_t(u64, le64_to_cpu(w->runtime), NSEC_PER_SEC * 3600);
	d->monotonic = le64_to_cpu(w->monotonic);
	d->trap = le32_to_cpu(w->trap);
	d->reason = le32_to_cpu(w->reason);
	/* it got no guest there that would know its registers */
	if (d->trap == SSI_TRAP_KICK && d->reason == SSI_REASON_NO_MEMORY)
		ssi_regs_forget(&d->known);
	if (d->trap == SSI_TRAP_REPLAY) {
		clear_siginfo(&d->info);
		d->info.si_signo = le32_to_cpu(w->signo);
		d->info.si_code = le32_to_cpu(w->code);
		d->info.si_addr = (void __user *)le64_to_cpu(w->addr);
	}
	WRITE_ONCE(d->state, SSI_DEPUTY_TRAPPED);
	trace_ssi_trap(d->m, d->tid, d->trap, d->reason);
	wake_up(&d->wq);
out:
	up(&d->lock);
	ssi_deputy_put(d);
}

/**
 * ssi_deputy_handle_started - a guest of a peer is about to run
 * @rx: SSI_MSG_STARTED
 *
 * Context: receiver thread of the user lane.
 */
void ssi_deputy_handle_started(struct ssi_rx *rx)
{
	const struct ssi_wire_thread *w = rx->body;
	struct ssi_mirror *m = ssi_session_find(rx->node, rx->epoch, le64_to_cpu(w->sid));

	if (!m)
		return;
	/* before who waits for it may look */
	if (!atomic_read(&m->arrived))
		m->freeze_ns = ktime_get_ns() - READ_ONCE(m->left_ns);
	if (atomic_inc_return(&m->arrived) == 1) {
		wake_up_all(&m->wq);
		ssi_process_event(m, SSI_PROCESS_EVENT_MOVED);
	}
	ssi_mirror_put(m);
}

/**
 * ssi_deputy_handle_fault - a guest of a peer needs a page
 * @rx: SSI_MSG_FAULT
 *
 * Context: receiver thread of the memory lane.
 */
void ssi_deputy_handle_fault(struct ssi_rx *rx)
{
	const struct ssi_wire_fault *w = rx->body;
	struct ssi_deputy *d = ssi_deputy_find(rx, le64_to_cpu(w->sid), le32_to_cpu(w->tid));

	if (!d)
		return;
	/* a guest waits for its newest fault only: that one wins */
	spin_lock(&d->m->slock);
	if (READ_ONCE(d->state) == SSI_DEPUTY_AWAY) {
		d->request.seq = le32_to_cpu(w->seq);
		d->request.addr = le64_to_cpu(w->addr);
		d->request.flags = le32_to_cpu(w->flags) & SSI_FAULT_FLAGS;
		WRITE_ONCE(d->fault_pending, true);
	}
	spin_unlock(&d->m->slock);
	wake_up(&d->wq);
	ssi_deputy_put(d);
}
