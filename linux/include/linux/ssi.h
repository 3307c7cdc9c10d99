/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LinuxSSI: what core kernel files call.  See kernel/ssi/main.c for what the
 * subsystem is and Documentation/admin-guide/ssi for how it is used.
 */
#ifndef _LINUX_SSI_H
#define _LINUX_SSI_H

#include <linux/sched.h>
#include <linux/types.h>

struct kernel_siginfo;
struct pid_namespace;
struct pt_regs;

#ifdef CONFIG_SSI

void __ssi_resume_user_mode(struct pt_regs *regs);
bool __ssi_syscall_enter(struct pt_regs *regs);
bool __ssi_force_sig(struct task_struct *t, struct kernel_siginfo *info);
void __ssi_fork(struct task_struct *p, u64 clone_flags);
void __ssi_exit(struct task_struct *tsk);
bool __ssi_acts_within(const struct pid_namespace *ns);
void ssi_arch_do_syscall(struct pt_regs *regs);

/**
 * ssi_resume_user_mode - last stop before user mode
 * @regs: user registers of current, NULL when KVM is about to enter a guest, or an
 *	io_uring worker does its work
 *
 * A thread that is away sends its registers to where its user mode runs, and
 * sleeps until they come back with a system call, an exception or a kick.
 *
 * Context: process context, interrupts on, no locks; sleeps.
 */
static inline void ssi_resume_user_mode(struct pt_regs *regs)
{
	if (unlikely(READ_ONCE(current->ssi)) && regs)
		__ssi_resume_user_mode(regs);
}

/**
 * ssi_syscall_enter - a task with SYSCALL_EMU set executes a system call
 * @regs: user registers of current
 *
 * Return: true if current only runs the user mode of a process of another node:
 * the system call is to be skipped here, it will run at home.
 */
static inline bool ssi_syscall_enter(struct pt_regs *regs)
{
	return unlikely(READ_ONCE(current->ssi)) && __ssi_syscall_enter(regs);
}

/**
 * ssi_force_sig - a signal is forced on a task, which is nearly always current
 * @t: the task
 * @info: the signal
 *
 * Context: any; interrupts may be off.
 * Return: true if the exception belongs to a process of another node, and will
 * be judged there.
 */
static inline bool ssi_force_sig(struct task_struct *t, struct kernel_siginfo *info)
{
	return unlikely(READ_ONCE(t->ssi)) && __ssi_force_sig(t, info);
}

/**
 * ssi_fork_init - a new task is not away, whatever its parent is
 * @p: new task, not yet visible
 */
static inline void ssi_fork_init(struct task_struct *p)
{
	p->ssi = NULL;
}

/**
 * ssi_fork - a task that is away, or a guest process, made a new task
 * @p: new task, visible but not yet woken
 * @clone_flags: of the clone
 *
 * Context: process context, may sleep.
 */
static inline void ssi_fork(struct task_struct *p, u64 clone_flags)
{
	if (unlikely(READ_ONCE(current->ssi)))
		__ssi_fork(p, clone_flags);
}

/**
 * ssi_exit - current exits and has PF_EXITING set
 * @tsk: current
 *
 * Context: process context, may sleep.
 */
static inline void ssi_exit(struct task_struct *tsk)
{
	if (unlikely(READ_ONCE(tsk->ssi)))
		__ssi_exit(tsk);
}

/**
 * ssi_acts_within - does current act for a process of another node that is in a pid namespace?
 * @ns: namespace
 *
 * Current is a kernel thread then, which is in the initial one.
 *
 * Context: any.
 * Return: true if it does, and that process is in @ns itself, not outside of it.
 */
static inline bool ssi_acts_within(const struct pid_namespace *ns)
{
	return unlikely(READ_ONCE(current->ssi)) && __ssi_acts_within(ns);
}

#else /* !CONFIG_SSI */

static inline void ssi_resume_user_mode(struct pt_regs *regs) { }
static inline bool ssi_syscall_enter(struct pt_regs *regs) { return false; }
static inline bool ssi_force_sig(struct task_struct *t, struct kernel_siginfo *info)
{
	return false;
}

static inline void ssi_fork_init(struct task_struct *p) { }
static inline void ssi_fork(struct task_struct *p, u64 clone_flags) { }
static inline void ssi_exit(struct task_struct *tsk) { }
static inline bool ssi_acts_within(const struct pid_namespace *ns) { return false; }

#endif /* CONFIG_SSI */

#endif /* _LINUX_SSI_H */
