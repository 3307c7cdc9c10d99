// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what core kernel files call for a task that has a struct ssi_task
 */

/**
 * DOC: hooks
 *
 * Each hook is an unconditional call of an inline function of linux/ssi.h that
 * tests task_struct.ssi; these are the slow halves. Only the task itself, and its
 * creator before it runs, takes the pointer away, so that current may use it
 * without a lock.
 */

#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/ssi.h>

#include "deputy.h"
#include "guest.h"
#include "hosted.h"
#include "place.h"
#include "placed.h"
#include "stub.h"
#include "task.h"

static struct ssi_deputy *ssi_task_deputy(struct ssi_task *s)
{
	return container_of(s, struct ssi_deputy, ssi);
}

static struct ssi_guest *ssi_task_guest(struct ssi_task *s)
{
	return container_of(s, struct ssi_guest, ssi);
}

static struct ssi_hosted *ssi_task_hosted(struct ssi_task *s)
{
	return container_of(s, struct ssi_hosted, leader_ssi);
}

/**
 * __ssi_resume_user_mode - current has a struct ssi_task and is about to enter
 * user mode
 * @regs: its user registers
 *
 * Context: exit to user mode loop; interrupts on, no locks; sleeps.
 */
void __ssi_resume_user_mode(struct pt_regs *regs)
{
	struct ssi_task *s = READ_ONCE(current->ssi);

	switch (s->kind) {
	case SSI_TASK_DEPUTY:
		ssi_deputy_user_mode(ssi_task_deputy(s), regs);
		break;
	case SSI_TASK_GUEST:
		ssi_guest_user_mode(ssi_task_guest(s), regs);
		break;
	case SSI_TASK_LEADER:
		ssi_hosted_leader_user_mode(ssi_task_hosted(s));
		break;
	case SSI_TASK_STUB:
		ssi_stub_user_mode(s);
		break;
	case SSI_TASK_PLACED:
		ssi_placed_user_mode(s);
		break;
	case SSI_TASK_MARK:
	case SSI_TASK_KEEPER:
	case SSI_TASK_ACTOR:
		break;
	}
}

/**
 * __ssi_syscall_enter - current has a struct ssi_task and executes a system call
 * @regs: its user registers
 *
 * Context: system call entry.
 * Return: true if the call is to be skipped here.
 */
bool __ssi_syscall_enter(struct pt_regs *regs)
{
	struct ssi_task *s = READ_ONCE(current->ssi);

	return s->kind == SSI_TASK_GUEST && ssi_guest_syscall(ssi_task_guest(s), regs);
}

/**
 * __ssi_force_sig - a signal is forced on a task that has a struct ssi_task
 * @t: the task
 * @info: the signal
 *
 * Context: any; interrupts may be off.
 * Return: true if the exception is another node's business.
 */
bool __ssi_force_sig(struct task_struct *t, struct kernel_siginfo *info)
{
	struct ssi_task *s = READ_ONCE(t->ssi);

	if (t != current)
		return false;
	switch (s->kind) {
	case SSI_TASK_DEPUTY:
		return ssi_deputy_force_sig(ssi_task_deputy(s));
	case SSI_TASK_GUEST:
		return ssi_guest_force_sig(ssi_task_guest(s), info);
	default:
		return false;
	}
}

/**
 * __ssi_fork - current has a struct ssi_task and made a task
 * @p: the new task, not yet running
 * @clone_flags: of the clone
 *
 * Context: process context; sleeps.
 */
void __ssi_fork(struct task_struct *p, u64 clone_flags)
{
	struct ssi_task *s = READ_ONCE(current->ssi);
	struct ssi_hosted *h;
	struct ssi_guest *g;

	switch (s->kind) {
	case SSI_TASK_DEPUTY:
		ssi_deputy_fork(ssi_task_deputy(s), p, clone_flags);
		break;
	case SSI_TASK_LEADER:
		h = ssi_task_hosted(s);
		g = ssi_guest_alloc(h, p);
		if (!g) {
			/* it must never reach user mode */
			send_sig(SIGKILL, p, 1);
			break;
		}
		p->ssi = &g->ssi;
		h->spawned = g;
		set_task_syscall_work(p, SYSCALL_EMU);
		set_tsk_thread_flag(p, TIF_NOTIFY_RESUME);
		break;
	case SSI_TASK_MARK:
		ssi_place_fork(s, p);
		break;
	default:
		break;
	}
}

/**
 * __ssi_exit - current has a struct ssi_task and exits
 * @tsk: current
 *
 * Context: process context; sleeps.
 */
void __ssi_exit(struct task_struct *tsk)
{
	struct ssi_task *s = READ_ONCE(tsk->ssi);

	switch (s->kind) {
	case SSI_TASK_DEPUTY:
		ssi_deputy_exit(ssi_task_deputy(s));
		break;
	case SSI_TASK_GUEST:
		ssi_guest_exit(ssi_task_guest(s));
		break;
	case SSI_TASK_LEADER:
		ssi_hosted_leader_exit(ssi_task_hosted(s));
		break;
	case SSI_TASK_MARK:
		ssi_place_exit(s);
		break;
	case SSI_TASK_STUB:
		ssi_stub_exit(s);
		break;
	case SSI_TASK_PLACED:
		ssi_placed_exit(s);
		break;
	case SSI_TASK_KEEPER:
	case SSI_TASK_ACTOR:
		break;
	}
}

/**
 * __ssi_acts_within - current has a struct ssi_task and does something
 * @ns: pid namespace
 *
 * Context: any.
 * Return: true if a process of another node that is in @ns asked for it.
 */
bool __ssi_acts_within(const struct pid_namespace *ns)
{
	struct ssi_task *s = READ_ONCE(current->ssi);

	return s->kind == SSI_TASK_ACTOR && container_of(s, struct ssi_actor, ssi)->ns == ns;
}

/**
 * ssi_task_act - from here on current does what a process of another node asked for
 * @actor: says so
 * @ns: pid namespace that the process is in
 *
 * Context: kernel thread.
 */
void ssi_task_act(struct ssi_actor *actor, const struct pid_namespace *ns)
{
	actor->ssi.kind = SSI_TASK_ACTOR;
	actor->ns = ns;
	/* a process may be moved this moment, and then has one */
	if (!WARN_ON_ONCE(!(current->flags & PF_KTHREAD) || current->ssi))
		WRITE_ONCE(current->ssi, &actor->ssi);
}

/**
 * ssi_task_end_act - no longer
 * @actor: as for ssi_task_act()
 *
 * Context: as ssi_task_act().
 */
void ssi_task_end_act(struct ssi_actor *actor)
{
	if (READ_ONCE(current->ssi) == &actor->ssi)
		WRITE_ONCE(current->ssi, NULL);
}
