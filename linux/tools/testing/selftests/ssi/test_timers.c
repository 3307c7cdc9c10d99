// SPDX-License-Identifier: GPL-2.0
/*
 * Timers that are faster than a signal can travel. A handler runs at home's
 * expense: the thread is called home for each signal. However fast they come, the
 * main program must get on and end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "torture.h"

#define PAGE	4096UL

static long hits;

static void count(int sig)
{
	(void)sig;
	ADD(hits, 1);
}

static void real_timer(unsigned int us)
{
	struct itimerval it = { .it_interval.tv_usec = us };

	it.it_value = it.it_interval;
	CHECK_OK(setitimer(ITIMER_REAL, &it, NULL));
}

static timer_t made_timer(void)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGALRM,
	};
	timer_t timer;

	ev._sigev_un._tid = gettid();
	CHECK_OK(timer_create(CLOCK_MONOTONIC, &ev, &timer));
	return timer;
}

static void posix_timer(timer_t timer, unsigned int us)
{
	struct itimerspec its = { .it_interval.tv_nsec = us * 1000L };

	its.it_value = its.it_interval;
	CHECK_OK(timer_settime(timer, 0, &its, NULL));
}

/* Pure user mode; the sum depends on every round. */
static uint64_t compute(unsigned int rounds)
{
	uint64_t x = 4711, sum = 0;

	while (rounds--)
		sum += random_next(&x);
	return sum;
}

/* The fastest of three: a pause is none of the work. */
static double time_of(unsigned int rounds)
{
	double start, took, least = 0;
	int i;

	for (i = 0; i < 3; i++) {
		start = now();
		compute(rounds);
		took = now() - start;
		if (!i || took < least)
			least = took;
	}
	return least;
}

/* Rounds that take so long here and now, undisturbed. */
static unsigned int rounds_for(unsigned int ms)
{
	unsigned int rounds = 100000;
	double took = 0;

	while (took < 0.02) {
		rounds *= 2;
		took = time_of(rounds);
	}
	return rounds * (ms / 1000.0 / took);
}

static void report(unsigned int us, double alone, double took)
{
	CHECK(READ(hits) > 0);
	note("every %u us: %ld signals, %.2f s instead of %.2f", us, READ(hits),
	     took, alone);
}

static void fast_compute(unsigned int us, bool posix)
{
	unsigned int rounds = rounds_for(200);
	double start, alone, took;
	timer_t timer = NULL;
	uint64_t want, sum;

	start = now();
	want = compute(rounds);
	alone = now() - start;
	handle(SIGALRM, count, SA_RESTART);
	away();
	if (posix)
		timer = made_timer();
	start = now();
	if (posix)
		posix_timer(timer, us);
	else
		real_timer(us);
	sum = compute(rounds);
	took = now() - start;
	if (posix)
		CHECK_OK(timer_delete(timer));
	else
		real_timer(0);
	home();
	CHECK_EQ(sum, want);
	report(us, alone, took);
}

TEST(timers, compute_1ms)
{
	fast_compute(1000, false);
}

TEST(timers, compute_200us)
{
	fast_compute(200, false);
}

TEST(timers, compute_1ms_posix)
{
	fast_compute(1000, true);
}

TEST(timers, compute_200us_posix)
{
	fast_compute(200, true);
}

/* A page that is asked for must arrive even if each wait for it is cut short. */
static void fast_memory(unsigned int us)
{
	char *mem = map_anon(128 * PAGE);
	double start, alone, took;
	int i;

	start = now();
	for (i = 0; i < 128; i += 2)
		mem[i * PAGE] = i + 1;
	alone = now() - start;
	handle(SIGALRM, count, SA_RESTART);
	away();
	start = now();
	real_timer(us);
	for (i = 0; i < 128; i++) {
		if (i % 2 == 0)
			CHECK_EQ(mem[i * PAGE], (char)(i + 1));
		mem[i * PAGE + 5] = i;
	}
	/* some work, so that a signal finds us in user mode */
	compute(rounds_for(50));
	took = now() - start;
	real_timer(0);
	home();
	for (i = 0; i < 128; i++) {
		CHECK_EQ(mem[i * PAGE], i % 2 ? 0 : (char)(i + 1));
		CHECK_EQ(mem[i * PAGE + 5], (char)i);
	}
	report(us, alone, took);
}

TEST(timers, memory_1ms)
{
	fast_memory(1000);
}

TEST(timers, memory_200us)
{
	fast_memory(200);
}

static void write_later(void *arg)
{
	sleep_ms(100);
	CHECK_EQ(write(*(int *)arg, "t", 1), 1);
}

/* System calls, and one that is restarted until it gets what it waits for. */
static void fast_calls(unsigned int us)
{
	pid_t parent = getppid(), pid;
	double start, took;
	int fds[2], i;
	char c = 0;

	CHECK_OK(pipe(fds));
	handle(SIGALRM, count, SA_RESTART);
	away();
	start = now();
	real_timer(us);
	for (i = 0; i < 200; i++)
		CHECK_EQ(syscall(SYS_getppid), parent);
	took = now() - start;
	real_timer(0);
	/* fork() itself never ends under a timer that is faster than it */
	pid = child(write_later, &fds[1]);
	real_timer(us);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	real_timer(0);
	CHECK_EQ(c, 't');
	home();
	CHECK_EXITS(pid, 0);
	report(us, 0, took);
}

TEST(timers, calls_1ms)
{
	fast_calls(1000);
}

TEST(timers, calls_200us)
{
	fast_calls(200);
}

/* One thread has the timer, the others must not suffer either. */
static unsigned int thread_rounds;
static uint64_t thread_sum;

static void *compute_thread(void *arg)
{
	CHECK_EQ(compute(thread_rounds), thread_sum);
	return arg;
}

TEST(timers, threads_200us)
{
	pthread_t threads[3];
	timer_t timer;
	double start, took;
	sigset_t set, old;
	int i;

	thread_rounds = rounds_for(100);
	thread_sum = compute(thread_rounds);
	handle(SIGALRM, count, SA_RESTART);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	away();
	timer = made_timer();
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, &old));
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, compute_thread,
					  NULL));
	CHECK_OK(sigprocmask(SIG_SETMASK, &old, NULL));
	start = now();
	posix_timer(timer, 200);
	CHECK_EQ(compute(thread_rounds), thread_sum);
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	took = now() - start;
	CHECK_OK(timer_delete(timer));
	home();
	report(200, 0, took);
}

static unsigned int handler_rounds;

/* 1.75 ms, and six times at home before it returns. */
static void work_and_call(int sig)
{
	int i;

	for (i = 0; i < 6; i++) {
		compute(handler_rounds);
		syscall(SYS_getppid);
	}
	compute(handler_rounds);
	count(sig);
}

/* What a handler does between its system calls is no progress of the program. */
TEST(timers, handler_calls)
{
	unsigned int rounds = rounds_for(100);
	double start, took;
	uint64_t want;

	handler_rounds = rounds / 400;
	want = compute(rounds);
	handle(SIGALRM, work_and_call, SA_RESTART);
	away();
	start = now();
	real_timer(5000);
	CHECK_EQ(compute(rounds), want);
	took = now() - start;
	real_timer(0);
	home();
	report(5000, 0.1, took);
}

/* What could not be delivered is counted; nothing is made up or lost. */
static long overruns, expiries;

/*
 * When the handlers before the last one and in it had counted, in microseconds. A signal
 * is taken when the handler before it is over: the last one brought all expiries until
 * then, whatever happened between its being taken and its looking at the clock.
 */
static long before_us, last_us;

static timer_t counted_timer;

static void count_overruns(int sig)
{
	(void)sig;
	ADD(expiries, 1 + timer_getoverrun(counted_timer));
	ADD(overruns, timer_getoverrun(counted_timer));
	WRITE(before_us, last_us);
	WRITE(last_us, (long)(now() * 1e6));
}

TEST(timers, overruns)
{
	double before_set, set, took;

	handle(SIGALRM, count_overruns, SA_RESTART);
	away();
	counted_timer = made_timer();
	before_set = now();
	posix_timer(counted_timer, 2000);
	set = now();
	/* handlers that do not come any more are a hang */
	while (READ(before_us) / 1e6 < set + 0.4)
		;
	CHECK_OK(timer_delete(counted_timer));
	home();
	took = READ(before_us) / 1e6 - set;
	note("%ld expiries of which %ld overruns in %.3f s", READ(expiries),
	     READ(overruns), took);
	if (READ(expiries) > (now() - before_set) * 500 + 1 ||
	    READ(expiries) < took * 250)
		FAIL("a timer of 2 ms expired %ld times in %.3f s", READ(expiries),
		     took);
}
