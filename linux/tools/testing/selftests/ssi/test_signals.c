// SPDX-License-Identifier: GPL-2.0
/*
 * Signals: sent by the process itself, by others and by timers; handlers run,
 * return, nest and change registers; the waiting calls; job control.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "arch.h"
#include "torture.h"

static int hits;
static double handler_sum;

static void count(int sig)
{
	(void)sig;
	ADD(hits, 1);
}

/* A handler that uses floating point registers. */
static void count_fp(int sig)
{
	double z = sig;
	int i;

	for (i = 0; i < 10; i++)
		z = z * 1.01 + i;
	handler_sum = z;
	ADD(hits, 1);
}

static void every_ms(int which, unsigned int ms)
{
	struct itimerval it = { };

	if (ms)
		ms = pace_ms(ms);
	it.it_interval.tv_sec = ms / 1000;
	it.it_interval.tv_usec = ms % 1000 * 1000;
	it.it_value = it.it_interval;
	CHECK_OK(setitimer(which, &it, NULL));
}

/* Handlers interrupt pure computation; the result is the undisturbed one. */
TEST(signals, interrupt_compute)
{
	double a = 1.25, b = 0, a2 = 1.25, b2 = 0;
	long i = 0, j;

	handle(SIGALRM, count_fp, SA_RESTART);
	away();
	every_ms(ITIMER_REAL, 20);
	while (READ(hits) < 20) {
		b += a;
		a *= 1.0000001;
		i++;
	}
	every_ms(ITIMER_REAL, 0);
	home();
	for (j = 0; j < i; j++) {
		b2 += a2;
		a2 *= 1.0000001;
	}
	CHECK(a == a2);
	CHECK(b == b2);
}

TEST(signals, raise)
{
	int i;

	handle(SIGUSR1, count, 0);
	for (i = 1; i <= 60; i++) {
		if (i % 10 == 0)
			away_or_home(i / 10);
		raise(SIGUSR1);
		CHECK_EQ(READ(hits), i);
	}
	home();
}

static char *alt_base;
static size_t alt_len;

static void on_alt(int sig, siginfo_t *si, void *uc)
{
	char here;
	stack_t ss;

	(void)si;
	if (&here < alt_base || &here >= alt_base + alt_len)
		FAIL("handler of %d is not on its stack: %p", sig, &here);
	if ((char *)UC_SP((ucontext_t *)uc) >= alt_base &&
	    (char *)UC_SP((ucontext_t *)uc) < alt_base + alt_len)
		FAIL("the interrupted stack is the alternate one");
	CHECK_OK(sigaltstack(NULL, &ss));
	CHECK(ss.ss_flags & SS_ONSTACK);
	ADD(hits, 1);
}

TEST(signals, alternate_stack)
{
	struct sigaction sa = {
		.sa_sigaction = on_alt,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	stack_t ss = { };
	int i;

	alt_len = 128 << 10;
	alt_base = map_anon(alt_len);
	ss.ss_sp = alt_base;
	ss.ss_size = alt_len;
	CHECK_OK(sigaltstack(&ss, NULL));
	CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
	for (i = 1; i <= 9; i++) {
		away_or_home(i);
		memset(alt_base, i, alt_len);
		CHECK_OK(kill(getpid(), SIGUSR1));
		CHECK_EQ(READ(hits), i);
	}
	home();
	CHECK_OK(sigaltstack(NULL, &ss));
	CHECK_EQ(ss.ss_flags, 0);
}

static int nest_depth, nest_deepest;

static void nest(int sig)
{
	int depth = ADD(nest_depth, 1);

	if (depth > nest_deepest)
		nest_deepest = depth;
	if (sig < SIGRTMIN + 6)
		raise(sig + 1);
	if (depth == 4)
		away();
	if (depth == 6)
		home();
	ADD(nest_depth, -1);
	ADD(hits, 1);
}

/* Handlers inside handlers; a move in the middle of them. */
TEST(signals, nested)
{
	int sig;

	for (sig = SIGRTMIN; sig <= SIGRTMIN + 6; sig++)
		handle(sig, nest, 0);
	away();
	raise(SIGRTMIN);
	CHECK_EQ(nest_deepest, 7);
	CHECK_EQ(nest_depth, 0);
	CHECK_EQ(hits, 7);
	home();
}

static int rt_values[128];
static int rt_signals[128];
static int rt_seen;

static void on_rt(int sig, siginfo_t *si, void *uc)
{
	int n = ADD(rt_seen, 1) - 1;

	(void)uc;
	if (n >= (int)ARRAY_SIZE(rt_values))
		return;
	rt_signals[n] = sig - SIGRTMIN;
	rt_values[n] = si->si_value.sival_int;
	if (si->si_code != SI_QUEUE || si->si_pid != getpid())
		FAIL("signal %d: code %d from %d", sig, si->si_code,
		     si->si_pid);
}

/* Real-time signals queue, lowest first, each number in order, with values. */
TEST(signals, realtime_order)
{
	struct sigaction sa = {
		.sa_sigaction = on_rt,
		.sa_flags = SA_SIGINFO,
	};
	sigset_t set, old;
	union sigval v;
	int i;

	sigfillset(&sa.sa_mask);
	sigemptyset(&set);
	for (i = 0; i < 4; i++) {
		sigaddset(&set, SIGRTMIN + i);
		CHECK_OK(sigaction(SIGRTMIN + i, &sa, NULL));
	}
	away();
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, &old));
	for (i = 0; i < 80; i++) {
		v.sival_int = i;
		CHECK_OK(sigqueue(getpid(), SIGRTMIN + 3 - i % 4, v));
		if (i == 40)
			home();
	}
	CHECK_EQ(rt_seen, 0);
	away();
	CHECK_OK(sigprocmask(SIG_SETMASK, &old, NULL));
	CHECK_EQ(rt_seen, 80);
	for (i = 0; i < 80; i++) {
		CHECK_EQ(rt_signals[i], i / 20);
		CHECK_EQ(rt_values[i], i % 20 * 4 + 3 - i / 20);
	}
	home();
}

static void send_signals(void *arg)
{
	unsigned int *ms = arg;
	pid_t to = getppid();

	for (;;) {
		kill(to, SIGUSR1);
		sleep_ms(*ms);
	}
}

/* From outside, into pure user mode: each one must kick the process. */
TEST(signals, from_outside)
{
	unsigned int ms;
	long spins = 0;
	pid_t pid;

	handle(SIGUSR1, count, 0);
	away();
	ms = pace_ms(2);
	pid = child(send_signals, &ms);
	while (READ(hits) < 20)
		asm volatile("" : "+r"(spins));
	home();
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

static long reg_result;

static void set_register(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *uc = ctx;

	(void)sig;
	(void)si;
	reg_result = UC_KEPT(uc);
	UC_KEPT(uc) = 0x1234567890abcdef;
}

/* What a handler writes into its frame is in the registers afterwards. */
TEST(signals, sigreturn_registers)
{
	struct sigaction sa = {
		.sa_sigaction = set_register,
		.sa_flags = SA_SIGINFO,
	};
	long pid = getpid(), sig = SIGUSR1;
	unsigned long seen;
	int i;

	CHECK_OK(sigaction(SIGUSR1, &sa, NULL));
	for (i = 0; i < 6; i++) {
		away_or_home(i);
#ifdef __x86_64__
		asm volatile("movabs $0x5555aaaa5555aaaa, %%r12\n"
			     "movl %[nr], %%eax\n"
			     "syscall\n"
			     "mov %%r12, %[seen]\n"
			     : [seen] "=r"(seen), "+D"(pid), "+S"(sig)
			     : [nr] "i"(SYS_kill)
			     : "rax", "rcx", "r11", "r12", "memory");
		CHECK_EQ(reg_result, 0x5555aaaa5555aaaa);
#else
		asm volatile("mov x19, #0x5555\n"
			     "mov x0, %[pid]\n"
			     "mov x1, %[sig]\n"
			     "mov x8, %[nr]\n"
			     "svc #0\n"
			     "mov %[seen], x19\n"
			     : [seen] "=r"(seen)
			     : [pid] "r"(pid), [sig] "r"(sig),
			       [nr] "i"(SYS_kill)
			     : "x0", "x1", "x8", "x19", "memory");
		CHECK_EQ(reg_result, 0x5555);
#endif
		CHECK_EQ(seen, 0x1234567890abcdef);
	}
	home();
}

static int z_fd;

/* The fifth ends the wait: so five have run by then, whatever the time. */
static void count_z(int sig)
{
	(void)sig;
	if (ADD(hits, 1) == 5 && write(z_fd, "z", 1) != 1)
		FAIL("write: %s", strerror(errno));
}

/* SA_RESTART: read() goes on; without it: EINTR. */
TEST(signals, restart)
{
	struct timespec ts = { .tv_sec = 100 }, rem;
	int pipefd[2];
	char c = 0;

	CHECK_OK(pipe(pipefd));
	z_fd = pipefd[1];
	handle(SIGALRM, count_z, SA_RESTART);
	away();
	every_ms(ITIMER_REAL, 20);
	CHECK_EQ(read(pipefd[0], &c, 1), 1);
	CHECK_EQ(c, 'z');
	CHECK(READ(hits) >= 5);
	handle(SIGALRM, count, 0);
	CHECK_ERR(read(pipefd[0], &c, 1), EINTR);
	CHECK_ERR(nanosleep(&ts, &rem), EINTR);
	/* with the slack of the timer, if the signal was there when it began */
	CHECK(rem.tv_sec <= 100);
	every_ms(ITIMER_REAL, 0);
	home();
}

static void sleep_away(void *arg)
{
	struct timespec ts = { .tv_sec = 2 };
	double start;

	(void)arg;
	away();
	ready();
	start = now();
	CHECK_OK(nanosleep(&ts, NULL));
	CHECK(now() - start > 1.99);
}

/* How often could a process that sleeps be stopped? It may end meanwhile, with 0. */
static int stops_of(pid_t pid)
{
	int status, i;

	for (i = 0; i < 3; i++) {
		sleep_ms(60);
		CHECK_OK(kill(pid, SIGSTOP));
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			return i;
		if (!WIFSTOPPED(status))
			FAIL("not stopped: 0x%x", status);
		CHECK_OK(kill(pid, SIGCONT));
	}
	CHECK_EXITS(pid, 0);
	return i;
}

/* restart_syscall(2): a stopped and continued sleep sleeps its whole time. */
TEST(signals, restart_syscall)
{
	int tries;

	/* on a machine that is slow just now, the first stop may come too late */
	for (tries = 0; tries < 5; tries++)
		if (stops_of(child_ready(sleep_away, NULL)))
			return;
	FAIL("%d sleeps ended before they could be stopped", tries);
}

/*
 * A register that holds what looks like a request to restart a system call is
 * just a number when a signal interrupts user mode.
 */
TEST(signals, no_false_restart)
{
	static const long codes[] = { -512, -513, -514, -516 };
	long before, after, n;
	size_t i;

	handle(SIGALRM, count, SA_RESTART);
	away();
	every_ms(ITIMER_REAL, 3);
	for (i = 0; i < 4 || READ(hits) < 20; i++) {
		before = codes[i % 4];
		n = 200000;
#ifdef __x86_64__
		asm volatile("mov %2, %%rax\n"
			     "1: dec %1\n"
			     "jnz 1b\n"
			     "mov %%rax, %0\n"
			     : "=&r"(after), "+r"(n)
			     : "r"(before)
			     : "rax", "cc");
#else
		asm volatile("mov x0, %2\n"
			     "mov x8, #93\n"
			     "1: subs %1, %1, #1\n"
			     "b.ne 1b\n"
			     "mov %0, x0\n"
			     : "=&r"(after), "+r"(n)
			     : "r"(before)
			     : "x0", "x8", "cc");
#endif
		CHECK_EQ(after, before);
	}
	every_ms(ITIMER_REAL, 0);
	home();
}

static void kill_soon(void *arg)
{
	sleep_ms(150);
	kill((intptr_t)arg, SIGUSR1);
}

TEST(signals, sigsuspend)
{
	sigset_t block, wait;
	pid_t pid;
	int i;

	handle(SIGUSR1, count, 0);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	CHECK_OK(sigprocmask(SIG_BLOCK, &block, &wait));
	for (i = 1; i <= 3; i++) {
		away_or_home(i);
		pid = child(kill_soon, (void *)(intptr_t)getpid());
		CHECK_ERR(sigsuspend(&wait), EINTR);
		CHECK_EQ(READ(hits), i);
		CHECK_EXITS(pid, 0);
	}
	home();
}

TEST(signals, sigtimedwait)
{
	struct timespec ts = { .tv_nsec = 50000000 };
	sigset_t set;
	siginfo_t si;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	away();
	CHECK_ERR(sigtimedwait(&set, &si, &ts), EAGAIN);
	pid = child(kill_soon, (void *)(intptr_t)getpid());
	CHECK_EQ(sigwaitinfo(&set, &si), SIGUSR1);
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_code, SI_USER);
	CHECK_EXITS(pid, 0);
	home();
}

/* timer_create(): signals with the value given, for a process and a thread. */
static int timer_values;

static void on_timer(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	if (si->si_code != SI_TIMER || si->si_value.sival_int != 4711)
		FAIL("timer signal: code %d value %d", si->si_code,
		     si->si_value.sival_int);
	ADD(timer_values, 1);
}

TEST(signals, posix_timers)
{
	struct sigaction sa = {
		.sa_sigaction = on_timer,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN,
		.sigev_value.sival_int = 4711,
	};
	struct itimerspec its = { };
	timer_t timer, exact;
	unsigned int ms;
	long spins = 0;

	CHECK_OK(sigaction(SIGRTMIN, &sa, NULL));
	away();
	ms = 2 * pace_ms(5);
	its.it_interval.tv_sec = ms / 1000;
	its.it_interval.tv_nsec = ms % 1000 * 1000000;
	its.it_value = its.it_interval;
	CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
	ev.sigev_notify = SIGEV_THREAD_ID;
	ev._sigev_un._tid = gettid();
	CHECK_OK(timer_create(CLOCK_BOOTTIME, &ev, &exact));
	CHECK_OK(timer_settime(timer, 0, &its, NULL));
	CHECK_OK(timer_settime(exact, 0, &its, NULL));
	while (READ(timer_values) < 10)
		asm volatile("" : "+r"(spins));
	home();
	while (READ(timer_values) < 20)
		asm volatile("" : "+r"(spins));
	away();
	CHECK_OK(timer_delete(timer));
	CHECK(timer_getoverrun(exact) >= 0);
	CHECK_OK(timer_delete(exact));
	home();
}

static void spin_away(void *arg)
{
	away();
	if (arg)
		ready();
	for (;;)
		asm volatile("" : : : "memory");
}

/* SIGSTOP, SIGCONT, SIGTERM and SIGKILL reach pure user mode. */
TEST(signals, stop_cont_kill)
{
	int status, i;
	pid_t pid;

	pid = child_ready(spin_away, "ready");
	CHECK_AWAY(pid, 1);
	for (i = 0; i < 3; i++) {
		CHECK_OK(kill(pid, SIGSTOP));
		CHECK_STOPS(pid, SIGSTOP);
		wait_state(pid, 'T');
		CHECK_OK(kill(pid, SIGCONT));
		CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
		CHECK(WIFCONTINUED(status));
		CHECK_AWAY(pid, 1);
	}
	CHECK_OK(kill(pid, SIGTERM));
	CHECK_KILLED(pid, SIGTERM);

	pid = child_ready(spin_away, "ready");
	CHECK_AWAY(pid, 1);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);

	/* At once, wherever it is by then. */
	for (i = 0; i < 10; i++) {
		pid = child(spin_away, NULL);
		usleep(i * 1000);
		CHECK_OK(kill(pid, SIGKILL));
		CHECK_KILLED(pid, SIGKILL);
	}
}

/* Blocked signals wait, and say that they do. */
TEST(signals, pending)
{
	sigset_t set, old, pending;

	handle(SIGUSR1, count, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	away();
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, &old));
	CHECK_OK(kill(getpid(), SIGUSR1));
	CHECK_OK(kill(getpid(), SIGUSR1));
	home();
	CHECK_OK(sigpending(&pending));
	CHECK_EQ(sigismember(&pending, SIGUSR1), 1);
	CHECK_EQ(READ(hits), 0);
	away();
	CHECK_OK(sigprocmask(SIG_SETMASK, &old, NULL));
	CHECK_EQ(READ(hits), 1);
	home();
}

static sigjmp_buf jump;

static void jump_out(int sig)
{
	siglongjmp(jump, sig);
}

/* A handler that never returns leaves the mask as it was saved. */
TEST(signals, longjmp)
{
	static int i;
	sigset_t mask;

	handle(SIGUSR1, jump_out, 0);
	for (i = 0; i < 10; i++) {
		away_or_home(i);
		if (!sigsetjmp(jump, 1)) {
			raise(SIGUSR1);
			FAIL("the handler did not jump");
		}
		CHECK_OK(sigprocmask(SIG_BLOCK, NULL, &mask));
		CHECK_EQ(sigismember(&mask, SIGUSR1), 0);
	}
	home();
}

static void *hit_by_many(void *arg)
{
	long spins = 0;

	(void)arg;
	while (READ(hits) < 80)
		asm volatile("" : "+r"(spins));
	return NULL;
}

/* Directed at single threads of a process that computes. */
TEST(signals, threads_directed)
{
	pthread_t threads[4];
	int i;

	handle(SIGUSR1, count_fp, SA_RESTART);
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, hit_by_many,
					  NULL));
	away();
	for (i = 0; READ(hits) < 80; i++) {
		pthread_kill(threads[i % 4], SIGUSR1);
		usleep(500);
	}
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	home();
}
