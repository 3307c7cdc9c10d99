// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of CPUs, and what depends on them: affinity, restartable sequences,
 * memory barriers for others.
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "torture.h"

static struct rseq *my_rseq(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() +
			       __rseq_offset);
}

static void need_rseq(void)
{
	if (!__rseq_size || (int)READ(my_rseq()->cpu_id) < 0)
		skip("rseq is not registered");
}

/* The CPU is one that exists, by each of the ways to ask. */
TEST(cpu, number)
{
	int nr = sysconf(_SC_NPROCESSORS_CONF), i, k;
	unsigned int cpu, numa;

	for (i = 0; i < 9; i++) {
		away_or_home(i);
		for (k = 0; k < 50; k++) {
			CHECK(sched_getcpu() >= 0 && sched_getcpu() < nr);
			CHECK_OK(syscall(SYS_getcpu, &cpu, &numa, NULL));
			CHECK((int)cpu < nr);
			if (__rseq_size) {
				cpu = READ(my_rseq()->cpu_id_start);
				CHECK((int)cpu < nr);
				cpu = READ(my_rseq()->cpu_id);
				CHECK((int)cpu >= 0 && (int)cpu < nr);
			}
		}
	}
	home();
}

/* A process bound to a CPU is on that CPU, and knows it. */
TEST(cpu, affinity)
{
	cpu_set_t all, one, got;
	int i, cpu;

	CHECK_OK(sched_getaffinity(0, sizeof(all), &all));
	for (i = 0; i < 3; i++) {
		away_or_home(i);
		for (cpu = 0; cpu < 8; cpu++) {
			if (!CPU_ISSET(cpu, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			CHECK_OK(sched_setaffinity(0, sizeof(one), &one));
			CHECK_OK(sched_getaffinity(0, sizeof(got), &got));
			CHECK(CPU_EQUAL(&got, &one));
			CHECK_EQ(sched_getcpu(), cpu);
			if (__rseq_size)
				CHECK_EQ(READ(my_rseq()->cpu_id), cpu);
		}
		CHECK_OK(sched_setaffinity(0, sizeof(all), &all));
	}
	home();
	CHECK_OK(sched_getaffinity(0, sizeof(got), &got));
	CHECK(CPU_EQUAL(&got, &all));
}

/*
 * Counters, one for each CPU, added to without an atomic instruction: only a
 * restartable sequence makes that right. Threads that run at once have
 * different CPU numbers as long as all are on one node.
 */
struct counter {
	long value;
	char pad[120];
} __attribute__((aligned(128)));

static struct counter counters[256];

static void rseq_add(void)
{
	struct rseq *rs = my_rseq();
	long *counter;
	int cpu;

again:
	cpu = (int)READ(rs->cpu_id_start);
	counter = &counters[cpu & 255].value;
#ifdef __x86_64__
	asm goto(".pushsection __rseq_cs, \"aw\"\n"
		".balign 32\n"
		"3: .long 0, 0\n"
		".quad 1f, 2f - 1f, 4f\n"
		".popsection\n"
		"leaq 3b(%%rip), %%rax\n"
		"movq %%rax, %[cs]\n"
		"1:\n"
		"cmpl %[cpu], %[id]\n"
		"jne 4f\n"
		"movq (%[counter]), %%rax\n"
		"addq $1, %%rax\n"
		"movq %%rax, (%[counter])\n"
		"2:\n"
		".pushsection .text.rseq_abort, \"ax\"\n"
		".byte 0x0f, 0xb9, 0x3d\n"
		".long 0x53053053\n"
		"4: jmp %l[again]\n"
		".popsection\n"
		: : [cs] "m"(rs->rseq_cs), [cpu] "r"(cpu), [id] "m"(rs->cpu_id),
		    [counter] "r"(counter)
		: "rax", "cc", "memory" : again);
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
		"ldr w10, %[id]\n"
		"cmp w10, %w[cpu]\n"
		"b.ne 4f\n"
		"ldr x9, [%[counter]]\n"
		"add x9, x9, #1\n"
		"str x9, [%[counter]]\n"
		"2:\n"
		".pushsection .text.rseq_abort, \"ax\"\n"
		".inst 0xd428bc00\n"
		"4: b %l[again]\n"
		".popsection\n"
		: : [cs] "Q"(rs->rseq_cs), [cpu] "r"(cpu), [id] "Q"(rs->cpu_id),
		    [counter] "r"(counter)
		: "x9", "x10", "cc", "memory" : again);
#endif
}

#define RSEQ_ADDS	200000

static long handler_adds;

static void add_in_handler(int sig)
{
	(void)sig;
	rseq_add();
	ADD(handler_adds, 1);
}

static void *rseq_thread(void *arg)
{
	int i;

	for (i = 0; i < RSEQ_ADDS; i++)
		rseq_add();
	return arg;
}

static void rseq_check(long want)
{
	long sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		sum += counters[i].value;
	CHECK_EQ(sum, want);
}

TEST(cpu, rseq)
{
	pthread_t threads[4];
	int i;

	need_rseq();
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, rseq_thread, NULL));
	for (i = 0; i < 15; i++) {
		away_or_home(i);
		usleep(3000);
	}
	for (i = 0; i < 4; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	home();
	rseq_check(4 * RSEQ_ADDS);
}

/* A signal ends a critical section too, on whatever node it is. */
TEST(cpu, rseq_signals)
{
	struct itimerval it = { };
	pthread_t threads[2];
	unsigned int ms;
	int i;

	need_rseq();
	handle(SIGALRM, add_in_handler, SA_RESTART);
	away();
	ms = pace_ms(1);
	it.it_interval.tv_sec = ms / 1000;
	it.it_interval.tv_usec = ms % 1000 * 1000;
	it.it_value = it.it_interval;
	CHECK_OK(setitimer(ITIMER_REAL, &it, NULL));
	for (i = 0; i < 2; i++)
		CHECK_ZERO(pthread_create(&threads[i], NULL, rseq_thread, NULL));
	for (i = 0; i < 2; i++)
		CHECK_ZERO(pthread_join(threads[i], NULL));
	memset(&it, 0, sizeof(it));
	CHECK_OK(setitimer(ITIMER_REAL, &it, NULL));
	home();
	rseq_check(2 * RSEQ_ADDS + handler_adds);
}

static void rseq_child(void *arg)
{
	cpu_set_t set, all;
	int i;

	(void)arg;
	CHECK_OK(sched_getaffinity(0, sizeof(all), &all));
	away();
	for (i = 0; i < 8; i++) {
		if (!CPU_ISSET(i % 4, &all))
			continue;
		CPU_ZERO(&set);
		CPU_SET(i % 4, &set);
		CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
		CHECK_EQ(READ(my_rseq()->cpu_id), i % 4);
	}
}

/* The registration is inherited by a child of one that is away. */
TEST(cpu, rseq_fork)
{
	int i;

	need_rseq();
	away();
	for (i = 0; i < 3; i++)
		CHECK_EXITS(child(rseq_child, NULL), 0);
	for (i = 0; i < 1000; i++)
		rseq_add();
	home();
	rseq_check(1000);
}

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

/* Dekker's rule with a light and a heavy side. */
static long light_flag, heavy_flag, turns, both;

static void *light(void *arg)
{
	long i;

	for (i = 1; i <= turns; i++) {
		while (__atomic_load_n(&heavy_flag, __ATOMIC_ACQUIRE) < 2 * i - 1)
			sched_yield();
		WRITE(light_flag, i);
		/* No barrier for the processor here: the other has it. */
		asm volatile("" : : : "memory");
		if (READ(heavy_flag) == 2 * i - 1)
			ADD(both, 1);
		__atomic_store_n((long *)arg, i, __ATOMIC_RELEASE);
	}
	return arg;
}

TEST(cpu, membarrier)
{
	static long done;
	pthread_t thread;
	long i, mask, seen = 0;

	mask = membarrier(MEMBARRIER_CMD_QUERY);
	if (mask < 0)
		skip("no membarrier() in this kernel");
	away();
	CHECK_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
	turns = 300;
	CHECK_ZERO(pthread_create(&thread, NULL, light, &done));
	for (i = 1; i <= turns; i++) {
		WRITE(heavy_flag, 2 * i - 1);
		WRITE(heavy_flag, 2 * i);
		CHECK_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
		if (READ(light_flag) < i)
			seen++;
		while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) < i)
			sched_yield();
		if (i % 50 == 0)
			away_or_home(i / 50);
		/* Both saw the other's flag unset: no barrier happened. */
		if (seen && READ(both))
			FAIL("turn %ld: neither side saw the other", i);
		seen = 0;
		WRITE(both, 0);
	}
	CHECK_ZERO(pthread_join(thread, NULL));
	home();
	CHECK_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
	if (mask & MEMBARRIER_CMD_GLOBAL) {
		away();
		CHECK_OK(membarrier(MEMBARRIER_CMD_GLOBAL));
		home();
	}
}

/* Scheduling attributes are the process's own wherever it is. */
TEST(cpu, scheduling)
{
	struct sched_param param = { .sched_priority = 0 };

	away();
	CHECK_OK(setpriority(PRIO_PROCESS, 0, 5));
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_OK(sched_setscheduler(0, SCHED_BATCH, &param));
	CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
	home();
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_EQ(sched_getscheduler(0), SCHED_BATCH);
	away();
	CHECK_OK(sched_setscheduler(0, SCHED_OTHER, &param));
	spin_ms(20);
	home();
}
