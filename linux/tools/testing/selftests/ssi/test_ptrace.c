// SPDX-License-Identifier: GPL-2.0
/*
 * Tracers see a process that is away as one that is at home: its registers and
 * memory, its system calls, its breakpoints and steps.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

static long ticks;

/*
 * Counts in memory, with a known value in a register that calls preserve. What a tracer
 * writes between reading and writing of the number must not be lost.
 */
static void count_for_ever(void *arg)
{
	unsigned long kept = (unsigned long)arg;

	away();
	ADD(ticks, 1);
	ready();
#ifdef __x86_64__
	asm volatile("mov %0, %%r12\n"
		     "1: incq (%1)\n"
		     "jmp 1b\n"
		     : : "r"(kept), "r"(&ticks) : "r12", "memory");
#else
	asm volatile("mov x19, %0\n"
		     "1: ldxr x20, [%1]\n"
		     "add x20, x20, #1\n"
		     "stxr w21, x20, [%1]\n"
		     "b 1b\n"
		     : : "r"(kept), "r"(&ticks)
		     : "x19", "x20", "x21", "memory");
#endif
}

static void stop_of(pid_t pid, int sig)
{
	int status;

	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != sig)
		FAIL("status 0x%x, expected a stop by %d", status, sig);
}

static long read_word(pid_t pid, void *addr)
{
	long value;

	errno = 0;
	value = ptrace(PTRACE_PEEKDATA, pid, addr, 0);
	if (value == -1 && errno)
		FAIL("PTRACE_PEEKDATA: %s", strerror(errno));
	return value;
}

/* Wait until it has counted: it is in the loop, and beyond what stands before it. */
static void goes_on(pid_t pid)
{
	double end = now() + 60;
	long value, first = 0;
	struct iovec here = { &value, sizeof(value) };
	struct iovec there = { &ticks, sizeof(ticks) };

	for (;;) {
		CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0),
			 sizeof(value));
		if (first && value != first)
			return;
		first = value;
		if (now() > end)
			FAIL("process %d does not go on", pid);
		sleep_ms(20);
	}
}

TEST(ptrace, attach)
{
	pid_t pid = child_ready(count_for_ever, (void *)0x600df00d);
	struct cpu_regs regs;
	long before, i;

	goes_on(pid);
	CHECK_AWAY(pid, 1);
	for (i = 0; i < 4; i++) {
		CHECK_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
		stop_of(pid, SIGSTOP);
		CHECK_OK(regs_get(pid, &regs));
		CHECK_EQ(REGS_KEPT(&regs), 0x600df00d + i);
		before = read_word(pid, &ticks);
		CHECK(before > 0);
		CHECK_EQ(read_word(pid, &ticks), before);
		CHECK_OK(ptrace(PTRACE_POKEDATA, pid, &ticks, 1L << 40));
		REGS_KEPT(&regs)++;
		CHECK_OK(regs_set(pid, &regs));
		CHECK_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
		CHECK_AWAY(pid, 1);
		goes_on(pid);
	}
	CHECK_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	stop_of(pid, SIGSTOP);
	CHECK(read_word(pid, &ticks) > 1L << 40);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

TEST(ptrace, seize)
{
	pid_t pid = child_ready(count_for_ever, (void *)77);
	struct cpu_regs regs;
	siginfo_t si;
	int status, i;

	goes_on(pid);
	CHECK_AWAY(pid, 1);
	CHECK_OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	for (i = 0; i < 5; i++) {
		CHECK_OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_STOP << 8);
		CHECK_OK(regs_get(pid, &regs));
		CHECK_EQ(REGS_KEPT(&regs), 77);
		CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
		CHECK_AWAY(pid, 1);
	}
	/* A signal stops it; the tracer looks at it and suppresses it. */
	CHECK_OK(kill(pid, SIGTERM));
	stop_of(pid, SIGTERM);
	CHECK_OK(ptrace(PTRACE_GETSIGINFO, pid, 0, &si));
	CHECK_EQ(si.si_pid, getpid());
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
	sleep_ms(50);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_OK(kill(pid, SIGTERM));
	stop_of(pid, SIGTERM);
	CHECK_OK(ptrace(PTRACE_CONT, pid, 0, SIGTERM));
	CHECK_KILLED(pid, SIGTERM);
}

/* A number that no process has. */
#define NOBODY_PID	0x10000000

static void traced_calls(void *arg)
{
	int i;

	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	away();
	for (i = 0; i < 10; i++)
		syscall(SYS_getsid, NOBODY_PID + i);
	home();
	_exit(6);
}

/* As strace does: a stop at entry, one at exit, arguments and results. */
TEST(ptrace, syscall_stops)
{
	pid_t pid = child(traced_calls, NULL);
	struct __ptrace_syscall_info info;
	int status, entries = 0, exits = 0;
	bool ours = false;

	stop_of(pid, SIGSTOP);
	CHECK_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	for (;;) {
		CHECK_OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		CHECK_OK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info),
				&info));
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		    info.entry.nr == SYS_getsid) {
			CHECK_EQ(info.entry.args[0], NOBODY_PID + entries);
			entries++;
			ours = true;
		} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && ours) {
			CHECK_EQ(info.exit.rval, -ESRCH);
			exits++;
			ours = false;
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 6)
		FAIL("status 0x%x", status);
	CHECK_EQ(entries, 10);
	CHECK_EQ(exits, 10);
}

static void changed_calls(void *arg)
{
	long first, second;

	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	away();
	first = syscall(SYS_getppid);
	second = syscall(SYS_getppid);
	home();
	_exit(first == getppid() && second == getpid() ? 5 : 2);
}

/* The tracer makes another system call of the second one. */
TEST(ptrace, change_syscall)
{
	pid_t pid = child(changed_calls, NULL);
	struct cpu_regs regs;
	int status, seen = 0;

	stop_of(pid, SIGSTOP);
	CHECK_OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	for (;;) {
		CHECK_OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80))
			continue;
		CHECK_OK(regs_get(pid, &regs));
		if (REGS_SYSCALL(&regs) != SYS_getppid)
			continue;
		if (++seen != 3)
			continue;
#ifdef __x86_64__
		regs.orig_ax = SYS_getpid;
		CHECK_OK(regs_set(pid, &regs));
#else
		{
			int nr = SYS_getpid;
			struct iovec iov = { &nr, sizeof(nr) };

			CHECK_OK(ptrace(PTRACE_SETREGSET, pid,
					NT_ARM_SYSTEM_CALL, &iov));
		}
#endif
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 5)
		FAIL("status 0x%x", status);
}

static void __attribute__((noinline)) stop_here(void)
{
	asm volatile("nop; nop; nop; nop");
}

static unsigned long nop_address(void)
{
	unsigned char *p = (unsigned char *)stop_here;

#ifdef __x86_64__
	/* Behind the prologue; four times 0x90. */
	while (memcmp(p, "\x90\x90\x90\x90", 4))
		p++;
#else
	static const uint32_t nops[] = { 0xd503201f, 0xd503201f };

	while (memcmp(p, nops, sizeof(nops)))
		p += 4;
#endif
	return (unsigned long)p;
}

static void runs_into(void *arg)
{
	int i;

	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	away();
	for (i = 0; i < 3; i++) {
		stop_here();
		syscall(SYS_getppid);
	}
	home();
	stop_here();
	_exit(7);
}

/* As gdb does: put a breakpoint, hit it, take it away, step, put it back. */
TEST(ptrace, breakpoint)
{
	pid_t pid = child(runs_into, NULL);
	unsigned long at = nop_address();
	struct cpu_regs regs;
	long old, new;
	int status, hits = 0, i;

	stop_of(pid, SIGSTOP);
	old = read_word(pid, (void *)at);
	new = (old & ~(long)BREAKPOINT_MASK) | BREAKPOINT_WORD;
	CHECK_OK(ptrace(PTRACE_POKETEXT, pid, at, new));
	for (;;) {
		CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		CHECK_EQ(WSTOPSIG(status), SIGTRAP);
		CHECK_OK(regs_get(pid, &regs));
		CHECK_EQ(REGS_PC(&regs), at + BREAKPOINT_AFTER);
		hits++;
		CHECK_OK(ptrace(PTRACE_POKETEXT, pid, at, old));
		REGS_PC(&regs) = at;
		CHECK_OK(regs_set(pid, &regs));
		for (i = 1; i <= 3; i++) {
			CHECK_OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
			stop_of(pid, SIGTRAP);
			CHECK_OK(regs_get(pid, &regs));
			CHECK_EQ(REGS_PC(&regs), at + i * NOP_BYTES);
		}
		CHECK_OK(ptrace(PTRACE_POKETEXT, pid, at, new));
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
		FAIL("status 0x%x", status);
	CHECK_EQ(hits, 4);
}

static void steps_through(void *arg)
{
	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	away();
	raise(SIGSTOP);
	syscall(SYS_getppid);
	_exit(9);
}

/*
 * Single steps, through a system call too. After that arm64 reports its end and then,
 * without having executed anything, a step: Linux does so at home as well.
 */
#ifdef __aarch64__
#define STEPS_IN_PLACE	1
#else
#define STEPS_IN_PLACE	0
#endif

TEST(ptrace, single_step)
{
	pid_t pid = child(steps_through, NULL);
	unsigned long before = 0;
	struct cpu_regs regs;
	int status, steps, in_place = 0;

	stop_of(pid, SIGSTOP);
	for (steps = 0; steps < 40; steps++) {
		CHECK_OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
		stop_of(pid, SIGTRAP);
		CHECK_OK(regs_get(pid, &regs));
		in_place += REGS_PC(&regs) == before;
		before = REGS_PC(&regs);
	}
	CHECK(in_place <= STEPS_IN_PLACE);
	CHECK_OK(ptrace(PTRACE_DETACH, pid, 0, 0));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 9)
		FAIL("status 0x%x", status);
}

/* As above, it counts when its register is set. */
static void fp_for_ever(void *arg)
{
	static unsigned char value[16];

	(void)arg;
	fill(value, 16, 5);
	away();
	ready();
#ifdef __x86_64__
	asm volatile("movdqu %0, %%xmm6\n"
		     "1: incq (%1)\n"
		     "jmp 1b\n"
		     : : "m"(value), "r"(&ticks) : "xmm6", "memory");
#else
	asm volatile("ldr q6, [%0]\n"
		     "1: ldr x20, [%1]\n"
		     "add x20, x20, #1\n"
		     "str x20, [%1]\n"
		     "b 1b\n"
		     : : "r"(value), "r"(&ticks) : "v6", "x20", "memory");
#endif
}

TEST(ptrace, fp_registers)
{
	unsigned char area[4096], want[16];
	struct iovec iov = { .iov_base = area, .iov_len = sizeof(area) };
	pid_t pid = child_ready(fp_for_ever, NULL);

	fill(want, 16, 5);
	goes_on(pid);
	CHECK_AWAY(pid, 1);
	CHECK_OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
	stop_of(pid, SIGSTOP);
	CHECK_OK(ptrace(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
#ifdef __x86_64__
	CHECK_SAME(area + 160 + 6 * 16, want, 16);
#else
	CHECK_SAME(area + 6 * 16, want, 16);
#endif
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

static void *thread_calls(void *arg)
{
	syscall(SYS_getsid, 0);
	return arg;
}

static void makes_events(void *arg)
{
	pthread_t thread;
	pid_t pid;

	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	away();
	pid = fork();
	if (!pid)
		_exit(3);
	CHECK_EXITS(pid, 3);
	CHECK_ZERO(pthread_create(&thread, NULL, thread_calls, NULL));
	CHECK_ZERO(pthread_join(thread, NULL));
	execl(self_path, "torture", "--as-child", "exit", "8", NULL);
}

/* fork, clone, exec and exit are reported. */
TEST(ptrace, events)
{
	pid_t root = child(makes_events, NULL), pid;
	int seen[16] = { }, status, event, sig;

	stop_of(root, SIGSTOP);
	CHECK_OK(ptrace(PTRACE_SETOPTIONS, root, 0,
			PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
			PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
			PTRACE_O_TRACEEXIT));
	CHECK_OK(ptrace(PTRACE_CONT, root, 0, 0));
	for (;;) {
		pid = CHECK_OK(waitpid(-1, &status, __WALL));
		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == root)
				break;
			continue;
		}
		event = status >> 16;
		if (event > 0 && event < 16)
			seen[event]++;
		sig = WSTOPSIG(status);
		if (event || sig == SIGSTOP || sig == SIGTRAP)
			sig = 0;
		ptrace(PTRACE_CONT, pid, 0, sig);
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 8)
		FAIL("status 0x%x", status);
	CHECK(seen[PTRACE_EVENT_FORK] + seen[PTRACE_EVENT_CLONE] == 2);
	CHECK_EQ(seen[PTRACE_EVENT_EXEC], 1);
	CHECK(seen[PTRACE_EVENT_EXIT] >= 3);
}

/* A process that traces while it is away itself. */
TEST(ptrace, tracer_away)
{
	pid_t pid = child(traced_calls, NULL);
	int status, stops = 0;

	stop_of(pid, SIGSTOP);
	away();
	for (;;) {
		CHECK_OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		stops++;
	}
	CHECK(stops >= 20);
	CHECK_EQ(WEXITSTATUS(status), 6);
	home();
}

static long watched_word;

static void write_watched(void *arg)
{
	int i;

	(void)arg;
	CHECK_OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
	away();
	raise(SIGSTOP);
	for (i = 0; i < 3; i++)
		WRITE(watched_word, i);
	_exit(4);
}

#ifdef __x86_64__
static long set_debug(pid_t pid, int nr, unsigned long value)
{
	return ptrace(PTRACE_POKEUSER, pid,
		      offsetof(struct user, u_debugreg) + nr * 8, value);
}

static bool watch(pid_t pid, void *addr)
{
	return !set_debug(pid, 0, (unsigned long)addr) &&
	       !set_debug(pid, 7, 1 | 1 << 16 | 2 << 18);
}
#else
struct hw_debug {
	uint32_t info, pad;
	uint64_t addr;
	uint32_t ctrl, pad2;
};

static bool watch(pid_t pid, void *addr)
{
	struct hw_debug dbg = { };
	struct iovec iov = { &dbg, sizeof(dbg) };

	dbg.addr = (unsigned long)addr;
	/* 8 bytes, stores, user mode, enabled. */
	dbg.ctrl = 0xff << 5 | 2 << 3 | 2 << 1 | 1;
	return !ptrace(PTRACE_SETREGSET, pid, 0x403 /* NT_ARM_HW_WATCH */,
		       &iov);
}
#endif

/* A hardware watchpoint still fires: the process comes home for it. */
TEST(ptrace, watchpoint)
{
	pid_t pid = child(write_watched, NULL);
	int status, hits = 0;

	stop_of(pid, SIGSTOP);
	if (!watch(pid, &watched_word))
		skip("no watchpoints here");
	for (;;) {
		CHECK_OK(ptrace(PTRACE_CONT, pid, 0, 0));
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		CHECK_EQ(WSTOPSIG(status), SIGTRAP);
		hits++;
#ifdef __aarch64__
		/* It fires before the store; step over it without it. */
		{
			struct hw_debug none = { };
			struct iovec iov = { &none, sizeof(none) };

			CHECK_OK(ptrace(PTRACE_SETREGSET, pid, 0x403, &iov));
			CHECK_OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
			stop_of(pid, SIGTRAP);
			CHECK(watch(pid, &watched_word));
		}
#endif
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 4)
		FAIL("status 0x%x", status);
	CHECK_EQ(hits, 3);
}
