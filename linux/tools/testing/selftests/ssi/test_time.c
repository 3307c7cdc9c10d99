// SPDX-License-Identifier: GPL-2.0
/*
 * Clocks never go back, wherever they are read; processor time that was used
 * away is accounted at home, and limits and timers follow it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#include "ssi_move.h"
#include "torture.h"

#define NANO	0.000000001
#define MICRO	0.000001

static double read_clock(clockid_t clock)
{
	struct timespec ts;

	CHECK_OK(clock_gettime(clock, &ts));
	return ts.tv_sec + ts.tv_nsec * NANO;
}

static int64_t read_ns(clockid_t clock)
{
	struct timespec ts;

	CHECK_OK(clock_gettime(clock, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * Not CLOCK_MONOTONIC_RAW: a time namespace shifts it by the offset of
 * CLOCK_MONOTONIC, so that it is off by what the two clocks of two machines
 * differ. The limits in the documentation say so.
 */
static const clockid_t clocks[] = {
	CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
};

/* A tick, of the slowest kernel. */
#define TICK_NS	10000000

/* Is the coarse clock what the other was a tick ago? */
static bool coarse_is_near(void)
{
	double end = now() + 10;
	int64_t coarse;

	do {
		coarse = read_ns(CLOCK_MONOTONIC_COARSE);
		if (read_ns(CLOCK_MONOTONIC) - coarse <= TICK_NS)
			return true;
	} while (now() < end);
	return false;
}

/*
 * CLOCK_MONOTONIC_COARSE is what CLOCK_MONOTONIC was at the last tick of that node. A
 * move waits until the latter has come so far there as it was here, and for no tick. So
 * the coarse one may go back by a tick, and by more while an emulator is late with one;
 * but not if it was ahead of the other, or stays behind.
 */
static bool may_go_back(int64_t last, int64_t seen, int64_t monotonic)
{
	if (last > monotonic)
		return false;
	return seen >= last - TICK_NS || coarse_is_near();
}

/* Every way to read a clock that must not go back, over many moves. */
TEST(time, monotonic)
{
	int64_t last[ARRAY_SIZE(clocks)] = { }, seen;
	size_t c;
	int i, k;

	for (i = 0; i < 30; i++) {
		away_or_home(i);
		for (k = 0; k < 100; k++) {
			for (c = 0; c < ARRAY_SIZE(clocks); c++) {
				seen = read_ns(clocks[c]);
				if (seen < last[c] &&
				    (clocks[c] != CLOCK_MONOTONIC_COARSE ||
				     !may_go_back(last[c], seen, last[0])))
					FAIL("clock %d went back by %lld ns at move %d",
					     clocks[c],
					     (long long)(last[c] - seen), i);
				last[c] = seen;
			}
		}
	}
	home();
}

static int moves_done;

static void *moves(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 60; i++)
		away_or_home(i);
	WRITE(moves_done, 1);
	return NULL;
}

/* no clock of any two nodes is that far from the other */
#define LEAP_NS		(1000LL * 1000000000)

/* A thread that does nothing but read clocks is moved in the middle of that. */
TEST_SECONDS(time, moved_while_reading, 300)
{
	int64_t last[ARRAY_SIZE(clocks)], seen;
	pthread_t thread;
	long reads = 0;
	size_t c;

	for (c = 0; c < ARRAY_SIZE(clocks); c++)
		last[c] = read_ns(clocks[c]);
	CHECK_ZERO(pthread_create(&thread, NULL, moves, NULL));
	while (!READ(moves_done)) {
		for (c = 0; c < ARRAY_SIZE(clocks); c++) {
			seen = read_ns(clocks[c]);
			if (llabs(seen - last[c]) > LEAP_NS)
				FAIL("clock %d leapt by %lld ns", clocks[c],
				     (long long)(seen - last[c]));
			last[c] = seen;
		}
		CHECK(time(NULL) != 0);
		reads++;
	}
	CHECK_ZERO(pthread_join(thread, NULL));
	note("%ld rounds", reads);
	home();
}

/* The vdso and the system call agree, away as at home. */
TEST(time, vdso_agrees)
{
	struct timespec ts;
	int64_t before, middle, after;
	size_t c;
	int i;

	for (i = 0; i < 6; i++) {
		away_or_home(i);
		for (c = 0; c < ARRAY_SIZE(clocks); c++) {
			if (clocks[c] == CLOCK_MONOTONIC_COARSE)
				continue;
			before = read_ns(clocks[c]);
			CHECK_OK(syscall(SYS_clock_gettime, clocks[c], &ts));
			middle = ts.tv_sec * 1000000000LL + ts.tv_nsec;
			after = read_ns(clocks[c]);
			if (middle < before || middle > after)
				FAIL("clock %d: vdso %lld, call %lld, vdso %lld",
				     clocks[c], (long long)before,
				     (long long)middle, (long long)after);
		}
	}
	home();
}

/* Real time may differ between nodes by their own error, not by more. */
TEST(time, realtime)
{
	double here, there, after;
	time_t seen;
	int i;

	for (i = 0; i < 6; i++) {
		home();
		here = read_clock(CLOCK_REALTIME);
		away();
		there = read_clock(CLOCK_REALTIME);
		if (there < here - 5 || there > here + 60)
			FAIL("real time jumped from %.3f to %.3f", here, there);
		/* again, as time() may have been called long after the first */
		there = read_clock(CLOCK_REALTIME);
		seen = time(NULL);
		after = read_clock(CLOCK_REALTIME);
		if (seen < there - 5 || seen > after + 5)
			FAIL("time() is %ld between %.3f and %.3f", (long)seen, there,
			     after);
	}
	home();
}

/* Reading the clock needs no trip home. */
TEST(time, vdso_is_local)
{
	struct ssi_where before, after;
	int i;

	need_nodes(1);
	away();
	read_clock(CLOCK_MONOTONIC);
	if (ssi_locate(getpid(), &before))
		FAIL("where am I: %s", ssi_last_text());
	for (i = 0; i < 1000; i++)
		read_clock(CLOCK_MONOTONIC);
	if (ssi_locate(getpid(), &after))
		FAIL("where am I: %s", ssi_last_text());
	if (after.traps - before.traps > 60)
		FAIL("1000 clock readings made %llu traps",
		     (unsigned long long)(after.traps - before.traps));
	home();
}

static double self_usage(void)
{
	struct rusage ru;

	CHECK_OK(getrusage(RUSAGE_SELF, &ru));
	return ru.ru_utime.tv_sec + ru.ru_utime.tv_usec * MICRO +
	       ru.ru_stime.tv_sec + ru.ru_stime.tv_usec * MICRO;
}

static uint64_t burn(unsigned int rounds)
{
	uint64_t x = 1;

	while (rounds--)
		random_next(&x);
	return x;
}

/*
 * How many rounds are so many seconds of processor time here. An emulator has its own
 * work to do in the first of them, and any of them may be disturbed: the fastest counts.
 */
static unsigned int rounds_for(double seconds)
{
	double start, used, least = 0;
	int i;

	for (i = 0; i < 8; i++) {
		start = read_clock(CLOCK_THREAD_CPUTIME_ID);
		burn(2000000);
		used = read_clock(CLOCK_THREAD_CPUTIME_ID) - start;
		if (!i || used < least)
			least = used;
	}
	/* no processor is as fast as that, and the result must fit */
	return seconds / (least > 0.001 ? least : 0.001) * 2000000;
}

/* Work that was done away is seen by each of the ways to ask. */
TEST_SECONDS(time, accounting, 300)
{
	double usage, process, thread, ticks, start;
	unsigned int rounds = rounds_for(1.0);
	struct tms tms;

	away();
	usage = self_usage();
	process = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	thread = read_clock(CLOCK_THREAD_CPUTIME_ID);
	times(&tms);
	ticks = tms.tms_utime + tms.tms_stime;
	start = now();
	burn(rounds);
	/* if that was less than a second of work after all */
	while (now() < start + 1)
		burn(1000);
	home();
	usage = self_usage() - usage;
	process = read_clock(CLOCK_PROCESS_CPUTIME_ID) - process;
	thread = read_clock(CLOCK_THREAD_CPUTIME_ID) - thread;
	times(&tms);
	ticks = (tms.tms_utime + tms.tms_stime - ticks) / sysconf(_SC_CLK_TCK);
	/*
	 * Calibrated on another node and on a machine that others use: only
	 * the order of magnitude is certain.
	 */
	if (usage < 0.3 || process < 0.3 || thread < 0.3 || ticks < 0.3)
		FAIL("1 s of work: rusage %.3f, process %.3f, thread %.3f, times %.3f",
		     usage, process, thread, ticks);
}

static void work_away(void *arg)
{
	away();
	burn(*(unsigned int *)arg);
	_exit(0);
}

/* What a child used while away comes with wait4(). */
TEST_SECONDS(time, child_usage, 300)
{
	unsigned int rounds = rounds_for(0.7);
	struct rusage ru;
	int status;
	pid_t pid;
	double used;

	pid = child(work_away, &rounds);
	CHECK_EQ(wait4(pid, &status, 0, &ru), pid);
	CHECK_EQ(status, 0);
	used = ru.ru_utime.tv_sec + ru.ru_utime.tv_usec * MICRO +
	       ru.ru_stime.tv_sec + ru.ru_stime.tv_usec * MICRO;
	if (used < 0.2)
		FAIL("child used %.3f s, expected about 0.7", used);
}

static int fired;

static void on_timer(int sig)
{
	(void)sig;
	ADD(fired, 1);
}

static void cpu_timer(int which, int sig)
{
	struct itimerval it = {
		.it_interval.tv_usec = 50000,
		.it_value.tv_usec = 50000,
	};
	double start = now();

	fired = 0;
	handle(sig, on_timer, SA_RESTART);
	CHECK_OK(setitimer(which, &it, NULL));
	while (READ(fired) < 5) {
		burn(1000);
		if (now() - start > 250)
			FAIL("timer %d fired %d times in 250 s of work", which,
			     fired);
	}
	memset(&it, 0, sizeof(it));
	CHECK_OK(setitimer(which, &it, NULL));
}

/* Timers on processor time fire in pure user mode. */
TEST_SECONDS(time, itimer_prof, 300)
{
	away();
	cpu_timer(ITIMER_PROF, SIGPROF);
	home();
}

TEST_SECONDS(time, itimer_virtual, 300)
{
	away();
	cpu_timer(ITIMER_VIRTUAL, SIGVTALRM);
	home();
}

TEST_SECONDS(time, cpu_clock_timer, 300)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
	};
	struct itimerspec its = {
		.it_value.tv_nsec = 200000000,
	};
	double start = now();
	timer_t timer;

	handle(SIGUSR1, on_timer, SA_RESTART);
	away();
	CHECK_OK(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &timer));
	CHECK_OK(timer_settime(timer, 0, &its, NULL));
	while (!READ(fired)) {
		burn(1000);
		if (now() - start > 250)
			FAIL("no signal in 250 s of work");
	}
	home();
}

static int xcpu;

static void on_xcpu(int sig)
{
	(void)sig;
	ADD(xcpu, 1);
}

static void over_the_limit(void *arg)
{
	struct rlimit lim = { .rlim_cur = 1, .rlim_max = 3 };
	double start = now();

	(void)arg;
	handle(SIGXCPU, on_xcpu, 0);
	CHECK_OK(setrlimit(RLIMIT_CPU, &lim));
	away();
	while (now() - start < 280) {
		burn(1000);
		if (READ(xcpu) == 1) {
			WRITE(xcpu, 100);
			note("SIGXCPU after %.1f s", now() - start);
		}
	}
	FAIL("still alive after 280 s, %d SIGXCPU", xcpu);
}

/* SIGXCPU at the soft limit, SIGKILL at the hard one. */
TEST_SECONDS(time, rlimit_cpu, 320)
{
	CHECK_KILLED(child(over_the_limit, NULL), SIGKILL);
}

static int go;

static void *burn_thread(void *arg)
{
	/* without using the time that is going to be measured */
	while (!READ(go))
		usleep(1000);
	burn(*(unsigned int *)arg);
	return arg;
}

/* The process clock is the sum of its threads' times. */
TEST_SECONDS(time, threads, 300)
{
	unsigned int rounds = rounds_for(0.4);
	pthread_t threads[3];
	clockid_t clock;
	double before, used;
	int i;

	away();
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, burn_thread,
					  &rounds));
	/* of one that lives */
	CHECK_ZERO(pthread_getcpuclockid(threads[0], &clock));
	read_clock(clock);
	before = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	WRITE(go, 1);
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	used = read_clock(CLOCK_PROCESS_CPUTIME_ID) - before;
	if (used < 0.4)
		FAIL("three threads of about 0.4 s used %.3f s together", used);
	home();
}
