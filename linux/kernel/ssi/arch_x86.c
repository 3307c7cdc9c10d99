// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what differs on x86_64
 */

/**
 * DOC: x86_64
 *
 * Register sets are the general ones (with fs_base and gs_base) and the whole
 * xstate. System calls arrive with ax saved in orig_ax; a thread that stopped
 * for another reason gets orig_ax = -1 at home, or signal delivery would
 * restart a call that never was. int3 and #DB leave ip behind the instruction:
 * an int3 is executed again at home from the right address, #DB is replayed from
 * its siginfo; all else is executed again as it is.
 */

#include <linux/elf.h>
#include <linux/mmu_context.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/signal.h>
#include <linux/ssi.h>
#include <linux/uaccess.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xstate.h>
#include <asm/prctl.h>
#include <asm/syscall.h>
#include <asm/trap_pf.h>
#include <asm/trapnr.h>
#include <asm/vdso.h>
#include <asm/vdso/vsyscall.h>

#include "arch.h"
#include "procmsg.h"

const u32 ssi_arch_reg_notes[] = { NT_PRSTATUS, NT_X86_XSTATE };
const unsigned int ssi_arch_nr_reg_notes = ARRAY_SIZE(ssi_arch_reg_notes);

/* thread.trap_nr of a thread that took no exception */
#define SSI_NO_TRAP	0xffff

/**
 * ssi_arch_regset_view - the register sets of a thread of a 64-bit program
 * @t: thread
 *
 * A thread that stopped in a 32-bit code segment has the same registers as any
 * other, and only home says that it must stay. Core code would choose by the
 * segment; no thread leaves home or becomes a guest in such a one.
 *
 * Return: the view of 64-bit programs.
 */
const struct user_regset_view *ssi_arch_regset_view(struct task_struct *t)
{
	static const struct user_regset_view *native;

	if (user_64bit_mode(task_pt_regs(t)))
		WRITE_ONCE(native, task_user_regset_view(t));
	return READ_ONCE(native) ?: task_user_regset_view(t);
}

/**
 * ssi_arch_reg_wanted - is this register set part of the thread's state now?
 * @t: thread, current
 * @note: of the register set
 *
 * Return: true, always: the xstate names its own components.
 */
bool ssi_arch_reg_wanted(struct task_struct *t, u32 note)
{
	return true;
}

/**
 * ssi_arch_reg_size - how many bytes does this register set have now?
 * @t: thread, current
 * @note: of the register set
 * @max: bytes it may have
 *
 * Return: @max, always.
 */
size_t ssi_arch_reg_size(struct task_struct *t, u32 note, size_t max)
{
	return max;
}

/**
 * ssi_arch_reg_skip_set - is writing this register set useless?
 * @t: thread, off its CPU
 * @note: of the register set
 * @data: what would be written
 * @len: bytes of @data
 *
 * Return: false, always.
 */
bool ssi_arch_reg_skip_set(struct task_struct *t, u32 note, const void *data,
			   u32 len)
{
	return false;
}

/**
 * ssi_arch_regs_prepare_get - before the registers of current are read
 */
void ssi_arch_regs_prepare_get(void)
{
}

/**
 * ssi_arch_regs_prepare_set - before registers of a thread are written
 * @t: thread, off its CPU
 */
void ssi_arch_regs_prepare_set(struct task_struct *t)
{
}

/**
 * ssi_arch_regs_own - could a thread write these general registers of itself?
 * @new: the register set
 * @old: what it has
 * @len: bytes of both
 *
 * Return: true if segments and their bases, which the CPU holds, are the same.
 */
bool ssi_arch_regs_own(const void *new, const void *old, u32 len)
{
	const struct user_regs_struct *a = new, *b = old;

	return len == sizeof(*a) && a->cs == b->cs && a->ss == b->ss &&
	       !memcmp(&a->fs_base, &b->fs_base,
		       sizeof(*a) - offsetof(struct user_regs_struct, fs_base));
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
	const unsigned int flags = offsetof(struct user_regs_struct, flags);
	int ret = rs->set(current, rs, 0, offsetof(struct user_regs_struct, cs), data, NULL);

	return ret ?: rs->set(current, rs, flags, offsetof(struct user_regs_struct, ss) - flags,
			      data + flags, NULL);
}

/**
 * ssi_arch_set_no_syscall - these registers are not those of a system call
 * @regs: user registers
 */
void ssi_arch_set_no_syscall(struct pt_regs *regs)
{
	regs->orig_ax = -1;
}

/**
 * ssi_arch_cpu_control - has current instructions trapped or mitigated for itself?
 *
 * Context: process context.
 * Return: true if it has, which other nodes do not know of.
 */
bool ssi_arch_cpu_control(void)
{
	return read_thread_flags() & (_TIF_NOTSC | _TIF_NOCPUID | _TIF_SSBD | _TIF_SPEC_IB |
				      _TIF_SPEC_L1D_FLUSH);
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
	unsigned int i;

	if (test_thread_flag(TIF_SINGLESTEP) || (regs->flags & X86_EFLAGS_TF))
		return SSI_REASON_SINGLE_STEP;
	if (test_thread_flag(TIF_ADDR32) || !user_64bit_mode(regs))
		return SSI_REASON_COMPAT_SYSCALL;
#ifdef CONFIG_X86_IOPL_IOPERM
	if (test_thread_flag(TIF_IO_BITMAP))
		return SSI_REASON_IO_BITMAP;
#endif
#ifdef CONFIG_MODIFY_LDT_SYSCALL
	if (READ_ONCE(current->mm->context.ldt))
		return SSI_REASON_LDT;
#endif
#ifdef CONFIG_ADDRESS_MASKING
	if (READ_ONCE(current->mm->context.lam_cr3_mask))
		return SSI_REASON_MEMORY_TAG;
#endif
#ifdef CONFIG_X86_USER_SHADOW_STACK
	if (current->thread.features & ARCH_SHSTK_SHSTK)
		return SSI_REASON_SHADOW_STACK;
#endif
	if (ssi_arch_cpu_control())
		return SSI_REASON_CPU_CONTROL;
	/* one that a debugger deleted stays there, disabled */
	for (i = 0; i < HBP_NUM; i++)
		if (current->thread.ptrace_bps[i] &&
		    !current->thread.ptrace_bps[i]->attr.disabled)
			return SSI_REASON_HW_BREAKPOINT;
	if (x86_task_fpu(current)->fpstate->user_xfeatures & XFEATURE_MASK_XTILE)
		return SSI_REASON_AMX;
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
	return regs->orig_ax == __NR_rt_sigreturn;
}

/**
 * ssi_arch_guest_syscall - a guest executed a system call
 * @regs: its user registers, at the entry hook
 *
 * Return: true if home can run it from these registers; false if it is a
 * 32-bit call, which is repeated at home: @regs are then back before the
 * instruction.
 */
bool ssi_arch_guest_syscall(struct pt_regs *regs)
{
	if (likely(!in_ia32_syscall()))
		return true;
	regs->ip -= 2;
	regs->ax = regs->orig_ax;
	return false;
}

/**
 * ssi_arch_exception_replay - is the instruction pointer past the instruction?
 * @info: the signal that the exception would raise
 *
 * Return: true if the exception cannot be had again by executing again.
 */
bool ssi_arch_exception_replay(const struct kernel_siginfo *info)
{
	return info->si_signo == SIGTRAP;
}

/**
 * ssi_arch_trap_repeat - execute the instruction that trapped again, at home
 * @regs: current's user registers, behind the instruction
 * @info: the signal that the trap would raise
 *
 * An int3 may be a uprobe's, which only home knows. The two-byte form of the
 * instruction never is. One that is gone by now was removed: what it stood for
 * is executed then, as uprobes themselves would have it.
 *
 * Context: process context; sleeps, as memory comes home.
 * Return: true if @regs are back before the instruction; false if the signal is
 * to be raised without it.
 */
bool ssi_arch_trap_repeat(struct pt_regs *regs, const struct kernel_siginfo *info)
{
	const u8 __user *ip = (const u8 __user *)regs->ip;
	u8 code[2];

	if (info->si_code != SI_KERNEL || copy_from_user(code, ip - 2, sizeof(code)))
		return false;
	if (code[0] == 0xcd && code[1] == X86_TRAP_BP)
		return false;
	regs->ip--;
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
	unsigned long code = current->thread.error_code;

	if (info->si_signo != SIGSEGV || info->si_code == SI_KERNEL ||
	    current->thread.trap_nr != X86_TRAP_PF)
		return false;
	*addr = (unsigned long)info->si_addr;
	*flags = ((code & X86_PF_WRITE) ? SSI_FAULT_WRITE : 0) |
		 ((code & X86_PF_INSTR) ? SSI_FAULT_EXEC : 0);
	return true;
}

/**
 * ssi_arch_exception_hardware - did user mode raise this SIGSEGV?
 *
 * Context: the guest's own.
 * Return: false if the kernel did, on user mode's behalf (restartable
 * sequences).
 */
bool ssi_arch_exception_hardware(void)
{
	return current->thread.trap_nr != SSI_NO_TRAP;
}

/**
 * ssi_arch_exception_clear - forget the last exception of current
 */
void ssi_arch_exception_clear(void)
{
	current->thread.trap_nr = SSI_NO_TRAP;
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
	       instruction_pointer(regs) - vdso < vdso64_image.size;
}

/**
 * ssi_arch_map_vdso - map the vdso of the empty mm of current
 * @addr: where it is at home
 *
 * Context: process context, no locks; sleeps.
 * Return: 0 or a negative errno.
 */
int ssi_arch_map_vdso(unsigned long addr)
{
	int ret;

	/* a peer says where */
	if (addr >= TASK_SIZE || addr < (__VDSO_PAGES + 1) * PAGE_SIZE)
		return -EADDRNOTAVAIL;
	ret = map_vdso_once(&vdso64_image, addr - __VDSO_PAGES * PAGE_SIZE);
	if (!ret && ssi_arch_vdso(current->mm) != addr)
		ret = -EADDRNOTAVAIL;
	return ret;
}
