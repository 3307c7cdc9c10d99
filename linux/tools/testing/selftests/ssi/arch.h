/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few things that are different on x86_64 and arm64: registers as ptrace
 * and signal frames show them, instructions that fault, code to write at run
 * time.
 */
#ifndef ARCH_H
#define ARCH_H

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __x86_64__

struct cpu_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx,
		      si, di, orig_ax, ip, cs, flags, sp, ss, fs_base, gs_base,
		      ds, es, fs, gs;
};

#define REGS_PC(r)		((r)->ip)
#define REGS_SP(r)		((r)->sp)
#define REGS_SYSCALL(r)		((r)->orig_ax)
#define REGS_RESULT(r)		((r)->ax)
#define REGS_KEPT(r)		((r)->r12)
#define KEPT_REG		"r12"

#define UC_PC(uc)		((uc)->uc_mcontext.gregs[REG_RIP])
#define UC_SP(uc)		((uc)->uc_mcontext.gregs[REG_RSP])
#define UC_KEPT(uc)		((uc)->uc_mcontext.gregs[REG_R12])

#define BREAKPOINT		"int3"
#define BREAKPOINT_WORD		0xcc
#define BREAKPOINT_MASK		0xff
/* Where the program counter stands after the breakpoint was hit. */
#define BREAKPOINT_AFTER	1
#define NOP_BYTES		1
#define SPIN_HINT		"pause"

/* mov $value, %eax; ret */
static inline size_t emit_return(void *code, uint32_t value)
{
	unsigned char *p = code;

	p[0] = 0xb8;
	memcpy(p + 1, &value, 4);
	p[5] = 0xc3;
	return 6;
}

#elif defined(__aarch64__)

struct cpu_regs {
	unsigned long x[31], sp, pc, pstate;
};

#define REGS_PC(r)		((r)->pc)
#define REGS_SP(r)		((r)->sp)
#define REGS_SYSCALL(r)		((r)->x[8])
#define REGS_RESULT(r)		((r)->x[0])
#define REGS_KEPT(r)		((r)->x[19])
#define KEPT_REG		"x19"

#define UC_PC(uc)		((uc)->uc_mcontext.pc)
#define UC_SP(uc)		((uc)->uc_mcontext.sp)
#define UC_KEPT(uc)		((uc)->uc_mcontext.regs[19])

#define BREAKPOINT		"brk #0"
#define BREAKPOINT_WORD		0xd4200000
#define BREAKPOINT_MASK		0xffffffff
#define BREAKPOINT_AFTER	0
#define NOP_BYTES		4
#define SPIN_HINT		"yield"

/* mov w0, #value; ret */
static inline size_t emit_return(void *code, uint32_t value)
{
	uint32_t insn[3];

	insn[0] = 0x52800000 | (value & 0xffff) << 5;
	insn[1] = 0x72a00000 | (value >> 16) << 5;
	insn[2] = 0xd65f03c0;
	memcpy(code, insn, sizeof(insn));
	return sizeof(insn);
}

#else
#error "x86_64 and arm64 only, as CONFIG_SSI"
#endif

static inline long regs_get(pid_t pid, struct cpu_regs *regs)
{
	struct iovec iov = { .iov_base = regs, .iov_len = sizeof(*regs) };

	return ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
}

static inline long regs_set(pid_t pid, const struct cpu_regs *regs)
{
	struct iovec iov = {
		.iov_base = (void *)regs,
		.iov_len = sizeof(*regs),
	};

	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
}

/* Accesses at an address the compiler knows nothing of. */
static inline void poke_byte(void *addr, unsigned char value)
{
#ifdef __x86_64__
	asm volatile("movb %1, (%0)" : : "r"(addr), "q"(value) : "memory");
#else
	asm volatile("strb %w1, [%0]" : : "r"(addr), "r"(value) : "memory");
#endif
}

static inline unsigned char peek_byte(const void *addr)
{
	unsigned char value;

#ifdef __x86_64__
	asm volatile("movb (%1), %0" : "=q"(value) : "r"(addr) : "memory");
#else
	asm volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(addr) : "memory");
#endif
	return value;
}

/* Make code that was written as data visible to instruction fetch. */
static inline void code_written(void *start, size_t len)
{
	__builtin___clear_cache((char *)start, (char *)start + len);
}

static inline void spin_hint(void)
{
	asm volatile(SPIN_HINT : : : "memory");
}

#endif /* ARCH_H */
