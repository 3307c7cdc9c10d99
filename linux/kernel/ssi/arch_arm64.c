// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what differs on arm64
 */

/**
 * DOC: arm64
 *
 * All exceptions leave pc on the instruction, brk included, so all are executed
 * again at home. The vector state is one of SVE and streaming SVE, chosen by
 * SVCR.SM; ZA and ZT exist while SVCR.ZA is set. ptrace's register sets write
 * them in the order below only: SVE before SSVE before ZA before ZT.
 */

#include <linux/elf.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/ssi.h>
#include <asm/esr.h>
#include <asm/exception.h>
#include <asm/fpsimd.h>
#include <asm/hw_breakpoint.h>
#include <asm/syscall.h>
#include <asm/vdso.h>

#include "arch.h"
#include "procmsg.h"

const u32 ssi_arch_reg_notes[] = {
	NT_PRSTATUS, NT_ARM_TLS, NT_PRFPREG, NT_ARM_SVE, NT_ARM_SSVE, NT_ARM_ZA,
	NT_ARM_ZT, NT_ARM_FPMR, NT_ARM_PAC_ENABLED_KEYS, NT_ARM_PACA_KEYS,
	NT_ARM_PACG_KEYS, NT_ARM_POE,
};

const unsigned int ssi_arch_nr_reg_notes = ARRAY_SIZE(ssi_arch_reg_notes);

/**
 * ssi_arch_regset_view - the register sets of a thread
 * @t: thread
 *
 * Return: their view.
 */
const struct user_regset_view *ssi_arch_regset_view(struct task_struct *t)
{
	return task_user_regset_view(t);
}

/**
 * ssi_arch_reg_wanted - is this register set part of the thread's state now?
 * @t: thread, current
 * @note: of the register set
 *
 * Return: true if it must travel.
 */
bool ssi_arch_reg_wanted(struct task_struct *t, u32 note)
{
	switch (note) {
	case NT_PRFPREG:
		return !system_supports_sve();
	case NT_ARM_SVE:
		return system_supports_sve() && !(t->thread.svcr & SVCR_SM_MASK);
	case NT_ARM_SSVE:
		return t->thread.svcr & SVCR_SM_MASK;
	case NT_ARM_ZT:
		return t->thread.svcr & SVCR_ZA_MASK;
	}
	return true;
}

/**
 * ssi_arch_reg_size - how many bytes does this register set have now?
 * @t: thread, current
 * @note: of the register set
 * @max: bytes it may have
 *
 * The vector sets are as large as the architecture allows in principle; what a
 * thread has depends on its vector length, and on whether ZA is on.
 *
 * Return: bytes, not more than @max.
 */
size_t ssi_arch_reg_size(struct task_struct *t, u32 note, size_t max)
{
	unsigned int vq;

	switch (note) {
	case NT_ARM_SVE:
		vq = sve_vq_from_vl(thread_get_sve_vl(&t->thread));
		return min(max, SVE_PT_SIZE(vq, SVE_PT_REGS_SVE));
	case NT_ARM_SSVE:
		vq = sve_vq_from_vl(thread_get_sme_vl(&t->thread));
		return min(max, SVE_PT_SIZE(vq, SVE_PT_REGS_SVE));
	case NT_ARM_ZA:
		if (!(t->thread.svcr & SVCR_ZA_MASK))
			return sizeof(struct user_za_header);
		vq = sve_vq_from_vl(thread_get_sme_vl(&t->thread));
		return min(max, ZA_PT_SIZE(vq));
	}
	return max;
}

/**
 * ssi_arch_reg_skip_set - is writing this register set useless?
 * @t: thread, off its CPU
 * @note: of the register set
 * @data: what would be written
 * @len: bytes of @data
 *
 * Writing an empty ZA allocates its storage, so it is left alone where it is
 * off on both sides with the same vector length and flags.
 *
 * Return: true if nothing would change.
 */
bool ssi_arch_reg_skip_set(struct task_struct *t, u32 note, const void *data,
			   u32 len)
{
	const struct user_za_header *za = data;

	return note == NT_ARM_ZA && len == sizeof(*za) &&
	       !(t->thread.svcr & SVCR_ZA_MASK) &&
	       za->vl == thread_get_sme_vl(&t->thread) &&
	       !(za->flags & ZA_PT_VL_INHERIT) ==
	       !test_tsk_thread_flag(t, TIF_SME_VL_INHERIT);
}

/**
 * ssi_arch_regs_prepare_get - before the registers of current are read
 */
void ssi_arch_regs_prepare_get(void)
{
	fpsimd_preserve_current_state();
}

/**
 * ssi_arch_regs_prepare_set - before registers of a thread are written
 * @t: thread, off its CPU
 *
 * gpr_set() warns about a thread that is in a system call.
 */
void ssi_arch_regs_prepare_set(struct task_struct *t)
{
	task_pt_regs(t)->syscallno = NO_SYSCALL;
}

/**
 * ssi_arch_regs_own - could a thread write these general registers of itself?
 * @new: the register set
 * @old: what it has
 * @len: bytes of both
 *
 * Return: true, as the kernel saved all of them at its entry.
 */
bool ssi_arch_regs_own(const void *new, const void *old, u32 len)
{
	return len == sizeof(struct user_pt_regs);
}

/**
 * ssi_arch_regs_set_own - write the general registers of current
 * @rs: their register set
 * @data: their values, of which ssi_arch_regs_own() is true
 *
 * Return: 0 or what the register set says.
 */
int ssi_arch_regs_set_own(const struct user_regset *rs, const void *data)
{
	return rs->set(current, rs, 0, sizeof(struct user_pt_regs), data, NULL);
}

/**
 * ssi_arch_set_no_syscall - these registers are not those of a system call
 * @regs: user registers
 */
void ssi_arch_set_no_syscall(struct pt_regs *regs)
{
	regs->syscallno = NO_SYSCALL;
}

/**
 * ssi_arch_cpu_control - has current instructions trapped or mitigated for itself?
 *
 * Context: process context.
 * Return: true if it has, which other nodes do not know of.
 */
bool ssi_arch_cpu_control(void)
{
	return test_thread_flag(TIF_TSC_SIGSEGV) || test_thread_flag(TIF_SSBD);
}

/**
 * ssi_arch_must_stay - may current's user mode run on another node just now?
 * @regs: its user registers
 *
 * Context: process context, current only.
 * Return: SSI_REASON_NONE or why not.
 */
enum ssi_reason ssi_arch_must_stay(struct pt_regs *regs)
{
	if (test_thread_flag(TIF_SINGLESTEP))
		return SSI_REASON_SINGLE_STEP;
	if (compat_user_mode(regs))
		return SSI_REASON_COMPAT_SYSCALL;
#ifdef CONFIG_HAVE_HW_BREAKPOINT
	/* one that a debugger deleted stays there, disabled */
	for (unsigned int i = 0; i < ARM_MAX_BRP; i++)
		if (current->thread.debug.hbp_break[i] &&
		    !current->thread.debug.hbp_break[i]->attr.disabled)
			return SSI_REASON_HW_BREAKPOINT;
	for (unsigned int i = 0; i < ARM_MAX_WRP; i++)
		if (current->thread.debug.hbp_watch[i] &&
		    !current->thread.debug.hbp_watch[i]->attr.disabled)
			return SSI_REASON_HW_BREAKPOINT;
#endif
#ifdef CONFIG_ARM64_GCS
	if (task_gcs_el0_enabled(current))
		return SSI_REASON_SHADOW_STACK;
#endif
	if (ssi_arch_cpu_control())
		return SSI_REASON_CPU_CONTROL;
	return SSI_REASON_NONE;
}

/**
 * ssi_arch_is_sigreturn - is it the end of a signal handler?
 * @regs: user registers as a system call instruction left them
 *
 * Return: true if the system call is rt_sigreturn().
 */
bool ssi_arch_is_sigreturn(const struct pt_regs *regs)
{
	return regs->regs[8] == __NR_rt_sigreturn;
}

/**
 * ssi_arch_guest_syscall - a guest executed a system call
 * @regs: its user registers, at the entry hook
 *
 * el0_svc_common() has put -ENOSYS into x0 for a call number of -1, and the
 * guest's own signal path would restart values such as -512: both are undone.
 *
 * Return: true: home can run it from these registers.
 */
bool ssi_arch_guest_syscall(struct pt_regs *regs)
{
	regs->regs[0] = regs->orig_x0;
	regs->syscallno = NO_SYSCALL;
	return true;
}

/**
 * ssi_arch_exception_replay - is home to be told the signal?
 * @info: the signal that the exception would raise
 *
 * Return: true for a breakpoint, which may be a probe that was set at home.
 */
bool ssi_arch_exception_replay(const struct kernel_siginfo *info)
{
	return info->si_signo == SIGTRAP && info->si_code == TRAP_BRKPT;
}

/**
 * ssi_arch_trap_repeat - execute the instruction that trapped again, at home
 * @regs: current's user registers
 * @info: the signal that the trap would raise
 *
 * Return: true: pc is on the instruction.
 */
bool ssi_arch_trap_repeat(struct pt_regs *regs, const struct kernel_siginfo *info)
{
	return true;
}

/**
 * ssi_arch_exception_fault - was the exception an access to an unmapped address?
 * @info: the signal that the exception would raise
 * @addr: filled in with the address
 * @flags: filled in with SSI_FAULT_*
 *
 * Context: the guest's own.
 * Return: true if home may know a mapping there.
 */
bool ssi_arch_exception_fault(const struct kernel_siginfo *info,
			      unsigned long *addr, u32 *flags)
{
	unsigned long esr = current->thread.fault_code;
	unsigned long ec = ESR_ELx_EC(esr);

	if (info->si_signo != SIGSEGV || info->si_code == SI_KERNEL)
		return false;
	if (ec != ESR_ELx_EC_DABT_LOW && ec != ESR_ELx_EC_IABT_LOW)
		return false;
	*addr = untagged_addr(current->thread.fault_address);
	if (ec == ESR_ELx_EC_IABT_LOW)
		*flags = SSI_FAULT_EXEC;
	else
		*flags = (esr & ESR_ELx_WNR) && !(esr & ESR_ELx_CM) ?
			 SSI_FAULT_WRITE : 0;
	return true;
}

/**
 * ssi_arch_exception_hardware - did user mode raise this SIGSEGV?
 *
 * Context: the guest's own.
 * Return: false: only restartable sequences raise a SIGSEGV with SI_KERNEL,
 * which is all that the caller asks about.
 */
bool ssi_arch_exception_hardware(void)
{
	return false;
}

/**
 * ssi_arch_exception_clear - forget the last exception of current
 */
void ssi_arch_exception_clear(void)
{
}

/**
 * ssi_arch_do_syscall - run the system call in @regs for current
 * @regs: current's user registers, as the system call instruction left them
 *
 * Context: process context, interrupts on, in the exit to user mode loop.
 */
void ssi_arch_do_syscall(struct pt_regs *regs)
{
	do_el0_svc(regs);
}

/**
 * ssi_arch_vdso - where is the vdso of a process?
 * @mm: of the process
 *
 * Return: its address, 0 if it has none.
 */
unsigned long ssi_arch_vdso(const struct mm_struct *mm)
{
	return (unsigned long)mm->context.vdso;
}

/**
 * ssi_arch_in_vdso - was current interrupted in the middle of the vdso?
 * @regs: its user registers
 *
 * Data of the vdso that it has read there is this node's. After a system call it
 * has none.
 *
 * Context: process context, current only.
 * Return: true if so.
 */
bool ssi_arch_in_vdso(struct pt_regs *regs)
{
	unsigned long vdso = ssi_arch_vdso(current->mm);

	return vdso && syscall_get_nr(current, regs) < 0 &&
	       instruction_pointer(regs) - vdso < vdso_end - vdso_start;
}

/**
 * ssi_arch_map_vdso - map the vdso of the empty mm of current
 * @addr: where it is at home
 *
 * The mm is empty, so the edge of its mmap area decides the address.
 *
 * Context: process context, no locks; sleeps.
 * Return: 0 or a negative errno.
 */
int ssi_arch_map_vdso(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	unsigned long base = mm->mmap_base;
	int ret;

	/* a peer says where */
	if (addr >= TASK_SIZE || addr < (__VDSO_PAGES + 1) * PAGE_SIZE)
		return -EADDRNOTAVAIL;
	if (mm_flags_test(MMF_TOPDOWN, mm))
		mm->mmap_base = addr + PAGE_ALIGN(vdso_end - vdso_start);
	else
		mm->mmap_base = addr - __VDSO_PAGES * PAGE_SIZE;
	ret = arch_setup_additional_pages(NULL, 0);
	mm->mmap_base = base;
	if (!ret && ssi_arch_vdso(mm) != addr)
		ret = -EADDRNOTAVAIL;
	return ret;
}
