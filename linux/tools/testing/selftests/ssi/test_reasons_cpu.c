// SPDX-License-Identifier: GPL-2.0
/*
 * Why a process is at home: what the processor of its home does for it alone, and
 * what other processors would not do. See test_reasons.c.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "arch.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

/* How a child ended, unless it said that there is nothing to test. */
static int status_or_skip(pid_t pid, const char *why)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip(why);
	return status;
}

/* A debugger that steps. */
static long ticks;

static void counts(void *arg)
{
	(void)arg;
	ready();
	for (;;)
		ADD(ticks, 1);
}

static void wait_stop(pid_t pid, int sig)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != sig)
		FAIL("status 0x%x, expected a stop by %d", status, sig);
}

static pid_t traced_away(void)
{
	pid_t pid = child_ready(counts, NULL);

	SEND_AWAY(pid, 0);
	CHECK_AWAY(pid, 1);
	CHECK_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	wait_stop(pid, SIGSTOP);
	return pid;
}

static void end(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

TEST(reasons, single_step)
{
	struct cpu_regs regs;
	pid_t pid = traced_away();
	int i;

	for (i = 0; i < 5; i++) {
		CHECK_OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
		wait_stop(pid, SIGTRAP);
		CHECK_OK(regs_get(pid, &regs));
	}
	CHECK_REASON(pid, SSI_REASON_SINGLE_STEP);
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_AWAY(pid, 1);
	end(pid);
}

/* A watchpoint on what is never written: nothing happens but that it stays. */
static long untouched;

#ifdef __x86_64__
static bool watch(pid_t pid, void *addr)
{
	size_t at = offsetof(struct user, u_debugreg);

	return !ptrace(PTRACE_POKEUSER, pid, at, addr) &&
	       !ptrace(PTRACE_POKEUSER, pid, at + 7 * 8,
		       addr ? 1 | 1 << 16 | 2 << 18 : 0);
}
#else
static bool watch(pid_t pid, void *addr)
{
	struct {
		uint32_t info, pad;
		uint64_t addr;
		uint32_t ctrl, pad2;
	} dbg = { .addr = (uintptr_t)addr };
	struct iovec iov = { &dbg, sizeof(dbg) };

	/* 8 bytes, stores, user mode, enabled */
	if (addr)
		dbg.ctrl = 0xff << 5 | 2 << 3 | 2 << 1 | 1;
	return !ptrace(PTRACE_SETREGSET, pid, 0x403 /* NT_ARM_HW_WATCH */,
		       &iov);
}
#endif

TEST(reasons, hw_breakpoint)
{
	pid_t pid = traced_away();

	if (!watch(pid, &untouched)) {
		kill(pid, SIGKILL);
		skip("no watchpoints here");
	}
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_REASON(pid, SSI_REASON_HW_BREAKPOINT);
	sleep_ms(200);
	CHECK_AWAY(pid, 0);
	CHECK_OK(kill(pid, SIGUSR1));
	wait_stop(pid, SIGUSR1);
	/* deleted, it is in the way no more */
	CHECK(watch(pid, NULL));
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	CHECK_AWAY(pid, 1);
	end(pid);
}

#ifdef __x86_64__

static long call_32(long nr)
{
	long ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(nr)
		     : "r8", "r9", "r10", "r11", "memory");
	return ret;
}

static void tries_32(void *arg)
{
	(void)arg;
	_exit(call_32(20) == getpid() ? 0 : 1);
}

/* A single 32-bit call of a 64-bit program. */
TEST(reasons, compat_call)
{
	int status, i;
	pid_t pid;

	pid = child(tries_32, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (status)
		skip("this kernel has no 32-bit system calls");
	for (i = 0; i < 4; i++) {
		away();
		CHECK_EQ(call_32(20 /* getpid */), getpid());
		leaves_again();
		home();
	}
}

/*
 * No call, but a jump to the segment of 32-bit code and back: a 64-bit program may do
 * that at any time and tells nobody. It is noticed when home asks for the thread, as
 * it does once a second, and then the thread stays until it is back in 64-bit mode.
 * far_power() multiplies by the same number again and again there. The upper halves
 * of registers do not outlive it: it has a stack below 4 GiB, where its own is noted.
 * The jumps are not far returns: some versions of QEMU make those with the rights of
 * the kernel, which may not read a stack of user mode.
 */
extern const char far_power[], far_power_end[];

asm(".pushsection .rodata\n"
	"far_power:\n"	/* unsigned int (void *stack, unsigned int rounds) */
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	mov %rsp, -8(%rdi)\n"
	"	lea -64(%rdi), %rsp\n"
	"	lea 1f(%rip), %rax\n"
	"	lea 3f(%rip), %rdx\n"
	"	movl %eax, -24(%rdi)\n"
	"	movl $0x23, -20(%rdi)\n"
	"	movl %edx, -16(%rdi)\n"
	"	movl $0x33, -12(%rdi)\n"
	"	ljmpl *-24(%rdi)\n"
	".code32\n"
	"1:	mov $1, %eax\n"
	"2:	imul $1664525, %eax, %eax\n"
	"	dec %esi\n"
	"	jnz 2b\n"
	"	ljmpl *-16(%edi)\n"
	".code64\n"
	"3:	mov %edi, %edi\n"
	"	mov %eax, %eax\n"
	"	mov -8(%rdi), %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n"
	"far_power_end:\n"
	".popsection");

typedef unsigned int (*far_fn)(void *stack, unsigned int rounds);

static unsigned int power(unsigned int exponent)
{
	unsigned int base = 1664525, value = 1;

	for (; exponent; exponent >>= 1, base *= base)
		if (exponent & 1)
			value *= base;
	return value;
}

static char *far_memory(void)
{
	char *mem = CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));

	memcpy(mem, far_power, far_power_end - far_power);
	CHECK_OK(mprotect(mem, PAGE, PROT_READ | PROT_EXEC));
	return mem;
}

static void tries_far(void *arg)
{
	char *mem = far_memory();

	(void)arg;
	CHECK_EQ(((far_fn)mem)(mem + 2 * PAGE, 3), power(3));
}

/* Readable when the other process has seen what it wants to. */
static int seen[2];

static bool was_seen(void)
{
	struct pollfd pfd = { .fd = seen[0], .events = POLLIN };

	return CHECK_OK(poll(&pfd, 1, 0)) == 1;
}

static void computes_far(void *arg)
{
	unsigned int rounds = 1 << 16;
	char *mem = far_memory();
	far_fn fn = (far_fn)mem;
	double start, took;

	(void)arg;
	/* how many take two seconds and a half? */
	do {
		rounds *= 2;
		start = now();
		CHECK_EQ(fn(mem + 2 * PAGE, rounds), power(rounds));
		took = now() - start;
	} while (took < 0.1 && rounds < 1U << 30);
	rounds = took > 2.5 / (UINT_MAX / rounds) ? rounds * (2.5 / took) :
						    UINT_MAX;
	away();
	ready();
	do {
		/* once more, if the machine was busier then than it is now */
		start = now();
		do {
			CHECK_EQ(fn(mem + 2 * PAGE, rounds), power(rounds));
		} while (now() < start + 2.5);
		/* whoever looks at us may be slow: it is noticed again each time */
	} while (!was_seen());
	leaves_again();
	home();
}

TEST(reasons, compat_mode)
{
	pid_t pid = child(tries_far, NULL);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		skip("this machine has no 32-bit code segment");
	CHECK_EQ(status, 0);
	CHECK_OK(pipe(seen));
	pid = child_ready(computes_far, NULL);
	CHECK_REASON(pid, SSI_REASON_COMPAT_SYSCALL);
	CHECK_AWAY(pid, 0);
	CHECK_EQ(write(seen[1], "s", 1), 1);
	CHECK_EXITS(pid, 0);
}

/* What the C library declares nowhere. */
struct segment {
	unsigned int entry, base, limit, flags;
};

static void has_ldt(void *arg)
{
	(void)arg;
	stays(SSI_REASON_LDT);
}

TEST(reasons, ldt)
{
	struct segment seg = { .limit = 0xfffff, .flags = 0x51 };

	if (syscall(SYS_modify_ldt, 1, &seg, sizeof(seg)))
		skip("no modify_ldt() in this kernel");
	stays(SSI_REASON_LDT);
	/* inherited with the memory */
	CHECK_EXITS(child(has_ldt, NULL), 0);
}

TEST(reasons, io_bitmap)
{
	if (syscall(SYS_ioperm, 0x80, 1, 1)) {
		if (errno == EPERM)
			skip("may not access I/O ports");
		skip("no ioperm() in this kernel");
	}
	stays(SSI_REASON_IO_BITMAP);
	CHECK_OK(syscall(SYS_ioperm, 0x80, 1, 0));
	away();
	home();
}

/* Linear address masking: addresses with bits that do not count. */
TEST(reasons, memory_tag)
{
	char *mem = map_anon(PAGE), *tagged;

	if (syscall(SYS_arch_prctl, 0x4002 /* ARCH_ENABLE_TAGGED_ADDR */, 6))
		skip("no linear address masking here");
	tagged = (char *)((uintptr_t)mem | 1UL << 58);
	poke_byte(tagged, 5);
	stays(SSI_REASON_MEMORY_TAG);
	CHECK_EQ(peek_byte(tagged), 5);
}

/* Tiles: 8 KiB of registers, once permission was asked for. */
TEST(reasons, amx)
{
	static const struct {
		uint8_t palette, start, reserved[14];
		uint16_t width[16];
		uint8_t rows[16];
	} config __attribute__((aligned(64))) = {
		.palette = 1, .width = { 64 }, .rows = { 16 },
	};

	if (syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18))
		skip("no AMX here");
	/* ldtilecfg (%rax) */
	asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0x00"
		     : : "a"(&config), "m"(config));
	stays(SSI_REASON_AMX);
	/* tilerelease */
	asm volatile(".byte 0xc4, 0xe2, 0x78, 0x49, 0xc0");
}

/* Whoever switches this on can never return to where it was off. */
static void __attribute__((noinline)) with_shadow_stack(void *arg)
{
	long ret;

	(void)arg;
	asm volatile("syscall" : "=a"(ret)
		     : "a"(SYS_arch_prctl), "D"(0x5001 /* ARCH_SHSTK_ENABLE */),
		       "S"(1) : "rcx", "r11", "memory");
	if (ret)
		_exit(EXIT_SKIP);
	stays(SSI_REASON_SHADOW_STACK);
	_exit(0);
}

#else /* arm64 */

/* Memory with tags. */
TEST(reasons, memory_tag)
{
	char *mem;

	if (!(getauxval(AT_HWCAP2) & 1 << 18))
		skip("no memory tagging here");
	CHECK_OK(prctl(55 /* PR_SET_TAGGED_ADDR_CTRL */, 1 | 1 << 1 |
		       0xfffe << 3, 0, 0, 0));
	mem = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE | 0x20,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	asm volatile(".arch armv8.5-a+memtag\n"
		     "irg %0, %0\n"
		     "stg %0, [%0]\n" : "+r"(mem) : : "memory");
	visits(mem, SSI_REASON_MEMORY_TAG);
}

static void __attribute__((noinline)) with_shadow_stack(void *arg)
{
	register long x0 asm("x0") = 75;	/* PR_SET_SHADOW_STACK_STATUS */
	register long x1 asm("x1") = 1;		/* PR_SHADOW_STACK_ENABLE */
	register long x2 asm("x2") = 0;
	register long x3 asm("x3") = 0;
	register long x4 asm("x4") = 0;
	register long x8 asm("x8") = SYS_prctl;

	(void)arg;
	asm volatile("svc #0" : "+r"(x0)
		     : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8) : "memory");
	if (x0)
		_exit(EXIT_SKIP);
	stays(SSI_REASON_SHADOW_STACK);
	_exit(0);
}
#endif

TEST(reasons, shadow_stack)
{
	CHECK_EQ(status_or_skip(child(with_shadow_stack, NULL), "no shadow stack here"), 0);
}

/*
 * Reading the time stamp counter is forbidden to one thread, by a bit that only the
 * CPU of home has. Asking for the time may be reading it.
 */
#ifndef PR_SET_TSC
#define PR_SET_TSC	26
#define PR_TSC_ENABLE	1
#define PR_TSC_SIGSEGV	2
#endif

static void reads_counter(void *arg)
{
	if (arg)
		away();
	if (prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
		_exit(EXIT_SKIP);
#ifdef __x86_64__
	asm volatile("rdtsc" : : : "rax", "rdx");
#else
	asm volatile("mrs x0, cntvct_el0" : : : "x0");
#endif
}

TEST(reasons, cpu_control)
{
	int status = status_or_skip(child(reads_counter, NULL), "no PR_SET_TSC in this kernel");

	if (!WIFSIGNALED(status))
		skip("this machine has no way to forbid the counter");
	CHECK_EQ(WTERMSIG(status), SIGSEGV);
	CHECK_OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	stays(SSI_REASON_CPU_CONTROL);
	CHECK_OK(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	away();
	leaves_again();
	home();
	/* said while away, it holds from the next instruction on */
	CHECK_KILLED(child(reads_counter, "away"), SIGSEGV);
}
