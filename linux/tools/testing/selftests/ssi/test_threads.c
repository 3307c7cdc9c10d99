// SPDX-License-Identifier: GPL-2.0
/* All threads of a process move together, and do not notice. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "torture.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread long local;

static void *add_locked(void *arg)
{
	double d = 0;
	int i;

	(void)arg;
	for (i = 0; i < 300; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		local++;
		d += i * 0.5;
	}
	CHECK(d == 300 * 299 / 4.0);
	CHECK_EQ(local, 300);
	return arg;
}

static void run_threads(int n, void *(*fn)(void *), unsigned int moves)
{
	pthread_t threads[64];
	void *got;
	int i;

	for (i = 0; i < n; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, fn,
					  (void *)(intptr_t)i));
	while (moves--) {
		away_or_home(moves);
		usleep(2000);
	}
	for (i = 0; i < n; i++) {
		CHECK_ZERO(pthread_join(threads[i], &got));
		CHECK_EQ((intptr_t)got, i);
	}
}

/* Created while away; created at home and then moved. */
TEST(threads, mutex)
{
	away();
	run_threads(4, add_locked, 0);
	CHECK_EQ(counter, 1200);
	home();
	run_threads(8, add_locked, 6);
	CHECK_EQ(counter, 3600);
	home();
}

TEST_SECONDS(threads, many, 300)
{
	away();
	run_threads(64, add_locked, 4);
	CHECK_EQ(counter, 300 * 64);
	home();
}

/* A turn is handed round by condition variables. */
static int turn;

static void *take_turns(void *arg)
{
	int me = (intptr_t)arg, i;

	for (i = 0; i < 50; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 4 != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

TEST(threads, condition)
{
	run_threads(4, take_turns, 8);
	CHECK_EQ(turn, 200);
	home();
}

static pthread_barrier_t barrier;
static long phase[8];

static void *by_phases(void *arg)
{
	int me = (intptr_t)arg, i, k;

	for (i = 1; i <= 20; i++) {
		phase[me] = i;
		pthread_barrier_wait(&barrier);
		for (k = 0; k < 8; k++)
			CHECK_EQ(phase[k], i);
		pthread_barrier_wait(&barrier);
	}
	return arg;
}

TEST(threads, barrier)
{
	CHECK_ZERO(pthread_barrier_init(&barrier, NULL, 8));
	run_threads(8, by_phases, 6);
	home();
}

/* Memory order between threads that run truly at once, where they do. */
static long flags[2], victim, inside, overlaps;

static void *peterson(void *arg)
{
	long me = (intptr_t)arg & 1, i;

	for (i = 0; i < 2000; i++) {
		__atomic_store_n(&flags[me], 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(&victim, me, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&flags[!me], __ATOMIC_SEQ_CST) &&
		       __atomic_load_n(&victim, __ATOMIC_SEQ_CST) == me)
			if (i % 16 == 0)
				sched_yield();
		if (inside++)
			overlaps++;
		counter++;
		inside--;
		__atomic_store_n(&flags[me], 0, __ATOMIC_SEQ_CST);
	}
	return arg;
}

TEST(threads, memory_order)
{
	away();
	run_threads(2, peterson, 4);
	CHECK_EQ(counter, 4000);
	CHECK_EQ(overlaps, 0);
	home();
}

static int started, cleaned;

static void clean_up(void *arg)
{
	ADD(cleaned, (intptr_t)arg);
}

static void *wait_for_ever(void *arg)
{
	pthread_cleanup_push(clean_up, (void *)1);
	ADD(started, 1);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return arg;
}

static void *spin_for_ever(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(clean_up, (void *)1);
	ADD(started, 1);
	for (;;)
		asm volatile("" : : : "memory");
	pthread_cleanup_pop(0);
	return arg;
}

/* Deferred in a system call, asynchronous in pure user mode. */
TEST(threads, cancel)
{
	pthread_t threads[4];
	void *got;
	int i;

	away();
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL,
					  i & 1 ? spin_for_ever : wait_for_ever,
					  NULL));
	/* one that is cancelled before it has come so far has nothing to clean up */
	while (READ(started) < 4)
		usleep(1000);
	sleep_ms(100);
	for (i = 0; i < 4; i++) {
		CHECK_ZERO(pthread_cancel(threads[i]));
		CHECK_ZERO(pthread_join(threads[i], &got));
		CHECK(got == PTHREAD_CANCELED);
	}
	CHECK_EQ(cleaned, 4);
	home();
}

/* Threads that are born and die all the time while the process moves. */
static void *short_life(void *arg)
{
	local = (intptr_t)arg;
	ADD(counter, 1);
	CHECK_EQ(local, (intptr_t)arg);
	return arg;
}

TEST(threads, churn)
{
	unsigned int i;

	for (i = 0; i < 15; i++)
		run_threads(6, short_life, 1);
	CHECK_EQ(counter, 90);
	home();
}

/* Robust mutexes: the kernel walks a list in the dead thread's memory. */
static pthread_mutex_t robust;

static void *die_holding(void *arg)
{
	CHECK_ZERO(pthread_mutex_lock(&robust));
	return arg;
}

TEST(threads, robust_mutex)
{
	pthread_mutexattr_t attr;
	pthread_t thread;
	int i;

	CHECK_ZERO(pthread_mutexattr_init(&attr));
	CHECK_ZERO(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	CHECK_ZERO(pthread_mutex_init(&robust, &attr));
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		CHECK_ZERO(pthread_create(&thread, NULL, die_holding, NULL));
		CHECK_ZERO(pthread_join(thread, NULL));
		CHECK_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
		CHECK_ZERO(pthread_mutex_consistent(&robust));
		CHECK_ZERO(pthread_mutex_unlock(&robust));
	}
	home();
}

/* Priority inheriting mutexes: the kernel changes the lock word itself. */
static pthread_mutex_t pi;

static void *add_pi(void *arg)
{
	int i;

	for (i = 0; i < 100; i++) {
		CHECK_ZERO(pthread_mutex_lock(&pi));
		counter++;
		if (i % 10 == 0)
			sched_yield();
		CHECK_ZERO(pthread_mutex_unlock(&pi));
	}
	return arg;
}

TEST(threads, pi_mutex)
{
	pthread_mutexattr_t attr;

	CHECK_ZERO(pthread_mutexattr_init(&attr));
	CHECK_ZERO(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	if (pthread_mutex_init(&pi, &attr))
		skip("no priority inheritance in this kernel");
	away();
	run_threads(4, add_pi, 4);
	CHECK_EQ(counter, 400);
	home();
}

/* FUTEX_REQUEUE and FUTEX_WAKE_OP work on words that are away. */
static uint32_t words[2048];

static long futex(uint32_t *word, int op, uint32_t val, uintptr_t val2,
		  uint32_t *word2, uint32_t val3)
{
	return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, val, val2,
		       word2, val3);
}

static void *wait_on_first(void *arg)
{
	while (!READ(words[1]))
		futex(&words[0], FUTEX_WAIT, 0, 0, NULL, 0);
	return arg;
}

TEST(threads, futex_operations)
{
	pthread_t threads[4];
	long got = 0;
	int i;

	away();
	CHECK_ERR(futex(&words[0], FUTEX_WAIT, 1, 0, NULL, 0), EAGAIN);
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, wait_on_first,
					  NULL));
	for (i = 0; i < 1000 && got < 4; i++) {
		usleep(5000);
		got += CHECK_OK(futex(&words[0], FUTEX_CMP_REQUEUE, 0, INT_MAX,
				      &words[1500], 0));
	}
	CHECK_EQ(got, 4);
	WRITE(words[1], 1);
	got = CHECK_OK(futex(&words[0], FUTEX_WAKE_OP, 1, INT_MAX, &words[1500],
			     FUTEX_OP(FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 0)));
	CHECK_EQ(got, 4);
	CHECK_EQ(words[1500], 5);
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	home();
	CHECK_EQ(words[1500], 5);
}

static void *spin(void *arg)
{
	for (;;)
		asm volatile("" : : : "memory");
	return arg;
}

static void exit_with_threads(void *arg)
{
	pthread_t thread;
	int i;

	away();
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_create(&thread, NULL, i ? spin : wait_for_ever,
					  NULL));
	sleep_ms(50);
	syscall(SYS_exit_group, (intptr_t)arg);
}

TEST(threads, exit_group)
{
	intptr_t i;

	for (i = 0; i < 4; i++)
		CHECK_EXITS(child(exit_with_threads, (void *)(i + 5)), i + 5);
}

static void *outlive(void *arg)
{
	sleep_ms(100);
	syscall(SYS_exit_group, (intptr_t)arg);
	return NULL;
}

static void leader_exits(void *arg)
{
	pthread_t thread;

	away();
	CHECK_ZERO(pthread_create(&thread, NULL, outlive, arg));
	/* Only this thread, and not by way of pthread_exit(). */
	syscall(SYS_exit, 0);
}

/* The leader is a zombie while the others go on. */
TEST(threads, leader_exits)
{
	CHECK_EXITS(child(leader_exits, (void *)19), 19);
}

/* And can be moved by its number all the same, also if it never left before. */
static void on_usr1(int sig)
{
	(void)sig;
	if (!READ(counter))
		_exit(1);
	syscall(SYS_exit_group, 23);
}

static void *go_on(void *arg)
{
	wait_state(getpid(), 'Z');
	handle(SIGUSR1, on_usr1, 0);
	/* the signal may come before a slow machine does the first round */
	ADD(counter, 1);
	ready();
	for (;;)
		ADD(counter, 1);
	return arg;
}

static void leader_ends(void *arg)
{
	pthread_t thread;

	if (arg)
		away();
	CHECK_ZERO(pthread_create(&thread, NULL, go_on, NULL));
	pthread_exit(NULL);
}

TEST(threads, leader_is_gone)
{
	intptr_t was_away;
	pid_t pid;
	int i;

	for (was_away = 0; was_away < 2; was_away++) {
		pid = child_ready(leader_ends, (void *)was_away);
		if (moves_are_ours())
			CHECK_AWAY(pid, was_away);
		for (i = 0; i < 3; i++) {
			BRING_HOME(pid);
			CHECK_AWAY(pid, 0);
			SEND_AWAY(pid, i);
			if (moves_are_ours())
				CHECK_AT(pid, node(i));
			CHECK_AWAY(pid, 1);
		}
		CHECK_OK(kill(pid, SIGUSR1));
		CHECK_EXITS(pid, 23);
	}
}

static void killed_with_threads(void *arg)
{
	pthread_t thread;
	int i;

	(void)arg;
	for (i = 0; i < 7; i++)
		CHECK_ZERO(pthread_create(&thread, NULL, spin, NULL));
	away();
	ready();
	spin(NULL);
}

TEST(threads, kill)
{
	pid_t pid = child_ready(killed_with_threads, NULL);

	CHECK_AWAY(pid, 8);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}
