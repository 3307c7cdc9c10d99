/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restartable sequences: the area that the C library registered, and a critical
 * section that lasts until it is aborted or sees what it must not live to see.
 */
#ifndef RSEQ_CS_H
#define RSEQ_CS_H

#include <sys/rseq.h>

#include "torture.h"

static inline struct rseq *my_rseq(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() +
			       __rseq_offset);
}

static inline void need_rseq(void)
{
	if (!__rseq_size || (int)READ(my_rseq()->cpu_id) < 0)
		skip("rseq is not registered");
}

/**
 * rseq_outlives - stay in one critical section until it ends
 * @generation: even while nothing happens, odd while something does that must end
 *	every section that began before
 *
 * Begins a section only at an even generation and stays in it until the second
 * next. Return: true if that came; false if the section was aborted.
 */
static inline bool rseq_outlives(long *generation)
{
	struct rseq *rs = my_rseq();

#ifdef __x86_64__
	asm goto(".pushsection __rseq_cs, \"aw\"\n"
		 ".balign 32\n"
		 "3: .long 0, 0\n"
		 ".quad 1f, 2f - 1f, 4f\n"
		 ".popsection\n"
		 "leaq 3b(%%rip), %%rax\n"
		 "movq %%rax, %[cs]\n"
		 "1:\n"
		 "movq %[gen], %%rax\n"
		 "testq $1, %%rax\n"
		 "jnz %l[aborted]\n"
		 "addq $2, %%rax\n"
		 "5: pause\n"
		 "cmpq %%rax, %[gen]\n"
		 "jl 5b\n"
		 "2:\n"
		 ".pushsection .text.rseq_abort, \"ax\"\n"
		 ".byte 0x0f, 0xb9, 0x3d\n"
		 ".long 0x53053053\n"
		 "4: jmp %l[aborted]\n"
		 ".popsection\n"
		 : : [cs] "m"(rs->rseq_cs), [gen] "m"(*generation)
		 : "rax", "cc", "memory" : aborted);
#else
	asm goto(".pushsection __rseq_cs, \"aw\"\n"
		 ".balign 32\n"
		 "3: .long 0, 0\n"
		 ".quad 1f, 2f - 1f, 4f\n"
		 ".popsection\n"
		 "adrp x9, 3b\n"
		 "add x9, x9, :lo12:3b\n"
		 "str x9, %[cs]\n"
		 "1:\n"
		 "ldr x9, %[gen]\n"
		 "tbnz x9, #0, 6f\n"
		 "add x9, x9, #2\n"
		 "5: yield\n"
		 "ldr x10, %[gen]\n"
		 "cmp x10, x9\n"
		 "b.lt 5b\n"
		 "2:\n"
		 ".pushsection .text.rseq_abort, \"ax\"\n"
		 ".inst 0xd428bc00\n"
		 "4: b %l[aborted]\n"
		 ".popsection\n"
		 "b 7f\n"
		 "6: b %l[aborted]\n"
		 "7:\n"
		 : : [cs] "Q"(rs->rseq_cs), [gen] "Q"(*generation)
		 : "x9", "x10", "cc", "memory" : aborted);
#endif
	return true;
aborted:
	return false;
}

#endif /* RSEQ_CS_H */
