/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_ARCH_H
#define _KERNEL_SSI_ARCH_H

#include <linux/mm.h>
#include <linux/sched.h>
#include <uapi/linux/ssi.h>

struct kernel_siginfo;
struct pt_regs;
struct user_regset;
struct user_regset_view;

/*
 * Notes of the register sets that make up a thread, in the order in which they
 * must be written; see regs.c.
 */
extern const u32 ssi_arch_reg_notes[];
extern const unsigned int ssi_arch_nr_reg_notes;

const struct user_regset_view *ssi_arch_regset_view(struct task_struct *t);
size_t ssi_arch_reg_size(struct task_struct *t, u32 note, size_t max);
bool ssi_arch_reg_wanted(struct task_struct *t, u32 note);
bool ssi_arch_reg_skip_set(struct task_struct *t, u32 note, const void *data,
			   u32 len);
void ssi_arch_regs_prepare_get(void);
void ssi_arch_regs_prepare_set(struct task_struct *t);
bool ssi_arch_regs_own(const void *new, const void *old, u32 len);
int ssi_arch_regs_set_own(const struct user_regset *rs, const void *data);

void ssi_arch_set_no_syscall(struct pt_regs *regs);
bool ssi_arch_cpu_control(void);
enum ssi_reason ssi_arch_must_stay(struct pt_regs *regs);
bool ssi_arch_guest_syscall(struct pt_regs *regs);
bool ssi_arch_is_sigreturn(const struct pt_regs *regs);
bool ssi_arch_trap_repeat(struct pt_regs *regs, const struct kernel_siginfo *info);
bool ssi_arch_exception_replay(const struct kernel_siginfo *info);
bool ssi_arch_exception_fault(const struct kernel_siginfo *info,
			      unsigned long *addr, u32 *flags);
bool ssi_arch_exception_hardware(void);
void ssi_arch_exception_clear(void);

unsigned long ssi_arch_vdso(const struct mm_struct *mm);
int ssi_arch_map_vdso(unsigned long addr);
bool ssi_arch_in_vdso(struct pt_regs *regs);

#ifdef CONFIG_ARM64
#include <linux/thread_info.h>
/* set after every sleep; says nothing about work before user mode */
#define SSI_ARCH_OWN_WORK	_TIF_FOREIGN_FPSTATE
/* memory that another node cannot give */
#define SSI_ARCH_VM_TAGGED	VM_MTE
#define SSI_ARCH_VM_BTI		VM_ARM64_BTI
#else
#define SSI_ARCH_OWN_WORK	0
#define SSI_ARCH_VM_TAGGED	VM_NONE
#define SSI_ARCH_VM_BTI		VM_NONE
#endif

/* wire form of a mapping's rights: VM_READ, VM_WRITE, VM_EXEC are 1, 2, 4 */
#define SSI_VM_RWX		(VM_READ | VM_WRITE | VM_EXEC)
#define SSI_VM_BTI		0x8

#endif /* _KERNEL_SSI_ARCH_H */
