// SPDX-License-Identifier: GPL-2.0
/*
 * Exceptions: the handler gets the same signal, code, address and program
 * counter wherever the instruction ran, and may return behind it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

#define PAGE	4096UL

/* What the last exception looked like. */
struct seen {
	int sig;
	int code;
	unsigned long addr;
	unsigned long pc;
};

static struct seen seen;
static unsigned long resume_at;

static void on_exception(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	if (seen.sig)
		FAIL("signal %d code %d at pc 0x%lx after signal %d", sig,
		     si->si_code, (unsigned long)UC_PC(uc), seen.sig);
	seen.sig = sig;
	seen.code = si->si_code;
	seen.addr = (unsigned long)si->si_addr;
	seen.pc = UC_PC(uc);
	UC_PC(uc) = resume_at;
}

static void catch_all(void)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };
	struct sigaction sa = {
		.sa_sigaction = on_exception,
		.sa_flags = SA_SIGINFO,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sigs); i++)
		CHECK_OK(sigaction(sigs[i], &sa, NULL));
}

/*
 * Run one instruction; the handler continues at label 2. Sets pc_ to where the
 * instruction stands.
 */
#ifdef __x86_64__
#define EXCEPTION(insn, ...)						\
	({								\
		unsigned long pc_;					\
									\
		memset(&seen, 0, sizeof(seen));				\
		asm volatile("lea 2f(%%rip), %%r11\n"			\
			     "mov %%r11, %1\n"				\
			     "lea 1f(%%rip), %%r11\n"			\
			     "mov %%r11, %0\n"				\
			     "1: " insn "\n"				\
			     "2:\n"					\
			     : "=m"(pc_), "=m"(resume_at)		\
			     : __VA_ARGS__				\
			     : "rax", "rdx", "rcx", "r11", "cc", "memory"); \
		pc_;							\
	})
#else
#define EXCEPTION(insn, ...)						\
	({								\
		unsigned long pc_;					\
									\
		memset(&seen, 0, sizeof(seen));				\
		asm volatile("adr x11, 2f\n"				\
			     "str x11, %1\n"				\
			     "adr x11, 1f\n"				\
			     "str x11, %0\n"				\
			     "1: " insn "\n"				\
			     "2:\n"					\
			     : "=m"(pc_), "=m"(resume_at)		\
			     : __VA_ARGS__				\
			     : "x0", "x1", "x11", "x30", "cc", "memory"); \
		pc_;							\
	})
#endif

static void expect(const char *what, int sig, int code, unsigned long addr,
		   unsigned long pc)
{
	if (seen.sig == sig && seen.code == code && seen.addr == addr &&
	    seen.pc == pc)
		return;
	FAIL("%s: signal %d code %d addr 0x%lx pc 0x%lx, expected %d %d 0x%lx 0x%lx",
	     what, seen.sig, seen.code, seen.addr, seen.pc, sig, code, addr,
	     pc);
}

/* Nothing mapped, not writable, not executable; several times in a row. */
TEST(faults, segv)
{
	char *ro = CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	unsigned long addr, pc;
	int i;

	catch_all();
	for (i = 0; i < 12; i++) {
		away_or_home(i);
		addr = 0x123000 + i * 8;
#ifdef __x86_64__
		pc = EXCEPTION("movb $1, (%2)", "r"(addr));
		expect("store", SIGSEGV, SEGV_MAPERR, addr, pc);
		pc = EXCEPTION("movb (%2), %%al", "r"(addr + 1));
		expect("load", SIGSEGV, SEGV_MAPERR, addr + 1, pc);
		CHECK_EQ(peek_byte(ro), 0);
		pc = EXCEPTION("movb $1, (%2)", "r"(ro + 3));
		expect("read-only", SIGSEGV, SEGV_ACCERR,
		       (unsigned long)ro + 3, pc);
		pc = EXCEPTION("jmp *%2", "r"(ro));
		expect("no-exec", SIGSEGV, SEGV_ACCERR, (unsigned long)ro,
		       (unsigned long)ro);
#else
		pc = EXCEPTION("strb w0, [%2]", "r"(addr));
		expect("store", SIGSEGV, SEGV_MAPERR, addr, pc);
		pc = EXCEPTION("ldrb w0, [%2]", "r"(addr + 1));
		expect("load", SIGSEGV, SEGV_MAPERR, addr + 1, pc);
		CHECK_EQ(peek_byte(ro), 0);
		pc = EXCEPTION("strb w0, [%2]", "r"(ro + 3));
		expect("read-only", SIGSEGV, SEGV_ACCERR,
		       (unsigned long)ro + 3, pc);
		pc = EXCEPTION("br %2", "r"(ro));
		expect("no-exec", SIGSEGV, SEGV_ACCERR, (unsigned long)ro,
		       (unsigned long)ro);
#endif
	}
	home();
}

/* Addresses that can never be mapped. */
TEST(faults, non_canonical)
{
	int i;

	catch_all();
	for (i = 0; i < 4; i++) {
		away_or_home(i);
#ifdef __x86_64__
		expect("non-canonical", SIGSEGV, SI_KERNEL, 0,
		       EXCEPTION("movb $1, (%2)", "r"(0x8000000000000000)));
		EXCEPTION("movb $1, (%2)", "r"(0xffffffff80000000));
		CHECK_EQ(seen.sig, SIGSEGV);
		CHECK_EQ(seen.addr, 0xffffffff80000000);
#else
		EXCEPTION("strb w0, [%2]", "r"(0x0080000000000000));
		CHECK_EQ(seen.sig, SIGSEGV);
		CHECK_EQ(seen.addr, 0x0080000000000000);
		EXCEPTION("strb w0, [%2]", "r"(0xff80000000000000));
		CHECK_EQ(seen.sig, SIGSEGV);
#endif
	}
	home();
}

TEST(faults, ill)
{
	unsigned long pc;
	int i;

	catch_all();
	for (i = 0; i < 6; i++) {
		away_or_home(i);
#ifdef __x86_64__
		pc = EXCEPTION("ud2", "r"(0));
		expect("ud2", SIGILL, ILL_ILLOPN, pc, pc);
		pc = EXCEPTION("hlt", "r"(0));
		expect("hlt", SIGSEGV, SI_KERNEL, 0, pc);
#else
		pc = EXCEPTION(".inst 0x00000003", "r"(0));
		expect("udf", SIGILL, ILL_ILLOPC, pc, pc);
		pc = EXCEPTION("mrs x0, sctlr_el1", "r"(0));
		expect("mrs", SIGILL, ILL_ILLOPC, pc, pc);
#endif
	}
	home();
}

TEST(faults, trap)
{
	unsigned long pc;
	int i;

	catch_all();
	for (i = 0; i < 6; i++) {
		away_or_home(i);
#ifdef __x86_64__
		/* int3 reports the address behind itself and no si_addr. */
		pc = EXCEPTION("int3", "r"(0));
		expect("int3", SIGTRAP, SI_KERNEL, 0, pc + 1);
		/* the same in two bytes */
		pc = EXCEPTION(".byte 0xcd, 0x03", "r"(0));
		expect("int $3", SIGTRAP, SI_KERNEL, 0, pc + 2);
#else
		pc = EXCEPTION("brk #7", "r"(0));
		expect("brk", SIGTRAP, TRAP_BRKPT, pc, pc);
#endif
	}
	home();
}

#ifdef __x86_64__
TEST(faults, fpe)
{
	unsigned long pc;
	unsigned int mxcsr = 0x1f80 & ~0x200, normal = 0x1f80;
	double zero = 0, one = 1;
	bool raises;
	int i;

	catch_all();
	/* Emulated processors do not raise SSE exceptions. */
	asm volatile("ldmxcsr %0" : : "m"(mxcsr));
	EXCEPTION("divsd %2, %3", "x"(zero), "x"(one));
	asm volatile("ldmxcsr %0" : : "m"(normal));
	raises = seen.sig == SIGFPE;
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		pc = EXCEPTION("xor %%edx, %%edx; 1: divl %2", "r"(0));
		(void)pc;
		CHECK_EQ(seen.sig, SIGFPE);
		CHECK_EQ(seen.code, FPE_INTDIV);
		CHECK_EQ(seen.addr, seen.pc);
		if (!raises)
			continue;
		/* An unmasked SSE exception. */
		asm volatile("ldmxcsr %0" : : "m"(mxcsr));
		pc = EXCEPTION("divsd %2, %3", "x"(zero), "x"(one));
		asm volatile("ldmxcsr %0" : : "m"(normal));
		expect("divsd", SIGFPE, FPE_FLTDIV, pc, pc);
	}
	home();
}

/* The trap flag: one trap behind each instruction. */
static int steps;
static unsigned long first_step, last_step;

static void on_step(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig;
	if (si->si_code != TRAP_TRACE)
		FAIL("step: code %d", si->si_code);
	if (!steps++)
		first_step = UC_PC(uc);
	last_step = UC_PC(uc);
}

TEST(faults, trap_flag)
{
	struct sigaction sa = {
		.sa_sigaction = on_step,
		.sa_flags = SA_SIGINFO,
	};
	int i;

	CHECK_OK(sigaction(SIGTRAP, &sa, NULL));
	for (i = 0; i < 3; i++) {
		away_or_home(i);
		steps = 0;
		asm volatile("sub $128, %%rsp\n"
			     "pushf\n"
			     "orl $0x100, (%%rsp)\n"
			     "popf\n"
			     "nop; nop; nop; nop\n"
			     "pushf\n"
			     "andl $~0x100, (%%rsp)\n"
			     "popf\n"
			     "add $128, %%rsp\n"
			     : : : "cc", "memory");
		CHECK_EQ(steps, 7);
		CHECK_EQ(last_step - first_step, 12);
	}
	home();
}
#else
TEST(faults, bti)
{
	uint32_t *code = map_anon(PAGE);
	unsigned long pc;
	int i;

	if (!(getauxval(AT_HWCAP2) & (1UL << 17)))
		skip("no BTI");
	code[0] = 0xd503201f;
	code[1] = 0xd65f03c0;
	code_written(code, 8);
	CHECK_OK(mprotect(code, PAGE, PROT_READ | PROT_EXEC | 0x10));
	catch_all();
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		pc = EXCEPTION("blr %2", "r"(code));
		(void)pc;
		CHECK_EQ(seen.sig, SIGILL);
		CHECK_EQ(seen.pc, (unsigned long)code);
	}
	home();
}

/* An exclusive load must be aligned. */
TEST(faults, alignment)
{
	static char room[32] __attribute__((aligned(16)));
	unsigned long pc;
	int i;

	catch_all();
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		pc = EXCEPTION("ldxr x0, [%2]", "r"(room + 1));
		if (!seen.sig)
			skip("unaligned exclusives are allowed here");
		expect("ldxr", SIGBUS, BUS_ADRALN, (unsigned long)room + 1, pc);
	}
	home();
}
#endif

/* Beyond the end of a file. */
TEST(faults, bus)
{
	int fd = temp_file(), i;
	unsigned long pc;
	char *map;

	CHECK_EQ(write(fd, "x", 1), 1);
	map = CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			    fd, 0));
	catch_all();
	for (i = 0; i < 4; i++) {
		away_or_home(i);
#ifdef __x86_64__
		pc = EXCEPTION("movb (%2), %%al", "r"(map + PAGE + 5));
#else
		pc = EXCEPTION("ldrb w0, [%2]", "r"(map + PAGE + 5));
#endif
		expect("behind the file", SIGBUS, BUS_ADRERR,
		       (unsigned long)map + PAGE + 5, pc);
		CHECK_EQ(peek_byte(map), 'x');
	}
	home();
}

static sigjmp_buf out;
static char *guard;

static void on_overflow(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	seen.addr = (unsigned long)si->si_addr;
	siglongjmp(out, 1);
}

static int recurse(int n)
{
	char room[2000];

	memset(room, n, sizeof(room));
	asm volatile("" : : "r"(room) : "memory");
	return n < 100000 ? recurse(n + 1) + room[n % 2000] : 0;
}

static void overflow_on_alt(void *arg)
{
	struct sigaction sa = {
		.sa_sigaction = on_overflow,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	stack_t ss = { .ss_size = 64 << 10 };

	(void)arg;
	ss.ss_sp = map_anon(ss.ss_size);
	CHECK_OK(sigaltstack(&ss, NULL));
	CHECK_OK(sigaction(SIGSEGV, &sa, NULL));
	CHECK_OK(setrlimit(RLIMIT_STACK,
			   &(struct rlimit){ 512 << 10, 512 << 10 }));
	away();
	if (!sigsetjmp(out, 1))
		recurse(0);
	CHECK(seen.addr);
	home();
}

/* The stack runs into its limit; the handler has a stack of its own. */
TEST(faults, stack_overflow)
{
	CHECK_EXITS(child(overflow_on_alt, NULL), 0);
}

static void die_by_fault(void *arg)
{
	(void)arg;
	away();
	poke_byte((void *)0x1230, 1);
}

static void die_by_ill(void *arg)
{
	(void)arg;
	away();
#ifdef __x86_64__
	asm volatile("ud2");
#else
	asm volatile(".inst 0x00000003");
#endif
}

static void die_by_trap(void *arg)
{
	(void)arg;
	away();
	asm volatile(BREAKPOINT);
}

static void die_blocked(void *arg)
{
	sigset_t set;

	sigfillset(&set);
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	die_by_fault(arg);
}

/* Without a handler, or with the signal blocked, it is the end. */
TEST(faults, fatal)
{
	CHECK_KILLED(child(die_by_fault, NULL), SIGSEGV);
	CHECK_KILLED(child(die_by_ill, NULL), SIGILL);
	CHECK_KILLED(child(die_by_trap, NULL), SIGTRAP);
	CHECK_KILLED(child(die_blocked, NULL), SIGSEGV);
}

/* A handler that repairs the mapping; the instruction is run again. */
static void on_repair(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	CHECK((char *)si->si_addr >= guard &&
	      (char *)si->si_addr < guard + 16 * PAGE);
	ADD(seen.code, 1);
	CHECK_OK(mprotect((void *)((unsigned long)si->si_addr & ~(PAGE - 1)),
			  PAGE, PROT_READ | PROT_WRITE));
}

TEST(faults, repair)
{
	struct sigaction sa = {
		.sa_sigaction = on_repair,
		.sa_flags = SA_SIGINFO,
	};
	int i;

	CHECK_OK(sigaction(SIGSEGV, &sa, NULL));
	guard = CHECK_OK(mmap(NULL, 16 * PAGE, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	for (i = 0; i < 16; i++) {
		if (i % 4 == 0)
			away_or_home(i / 4);
		poke_byte(guard + i * PAGE + 3 * i, i + 1);
	}
	home();
	CHECK_EQ(seen.code, 16);
	for (i = 0; i < 16; i++)
		CHECK_EQ(peek_byte(guard + i * PAGE + 3 * i), i + 1);
}
