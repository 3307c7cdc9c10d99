// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of CPUs, and what depends on them: affinity, restartable sequences,
 * priorities.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "rseq_cs.h"
#include "torture.h"

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

/*
 * A process bound to a CPU is on that CPU, and knows it. That is a promise about
 * home: elsewhere it is on one of the CPUs whose number home could have.
 */
static void check_on(int cpu)
{
	int nr = sysconf(_SC_NPROCESSORS_CONF), here;

	here = sched_getcpu();
	if (here != cpu && (!can_move() || here < 0 || here >= nr))
		FAIL("bound to CPU %d, on %d of %d", cpu, here, nr);
	if (!__rseq_size)
		return;
	here = READ(my_rseq()->cpu_id);
	if (here != cpu && (!can_move() || here < 0 || here >= nr))
		FAIL("bound to CPU %d, rseq says %d of %d", cpu, here, nr);
}

TEST(cpu, affinity)
{
	int nr = sysconf(_SC_NPROCESSORS_CONF), i, cpu;
	cpu_set_t all, one, got;

	CHECK_OK(sched_getaffinity(0, sizeof(all), &all));
	for (i = 0; i < 3; i++) {
		away_or_home(i);
		for (cpu = 0; cpu < nr; cpu++) {
			if (!CPU_ISSET(cpu, &all))
				continue;
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			CHECK_OK(sched_setaffinity(0, sizeof(one), &one));
			CHECK_OK(sched_getaffinity(0, sizeof(got), &got));
			CHECK(CPU_EQUAL(&got, &one));
			check_on(cpu);
		}
		CHECK_OK(sched_setaffinity(0, sizeof(all), &all));
	}
	home();
	CHECK_OK(sched_getaffinity(0, sizeof(got), &got));
	CHECK(CPU_EQUAL(&got, &all));
	/* and at home it holds */
	for (cpu = 0; cpu < nr; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK_OK(sched_setaffinity(0, sizeof(one), &one));
		if (!can_move() || moves_are_ours())
			CHECK_EQ(sched_getcpu(), cpu);
	}
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
		check_on(i % 4);
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

/* And a move ends every critical section that began before it. */
static long generation, outlived, aborted;

static void *in_sections(void *arg)
{
	while (!READ(*(long *)arg)) {
		if (rseq_outlives(&generation))
			ADD(outlived, 1);
		else
			ADD(aborted, 1);
	}
	return arg;
}

TEST(cpu, rseq_aborted)
{
	static long stopped;
	pthread_t thread;
	int i;

	need_own_moves();
	need_rseq();
	CHECK_ZERO(pthread_create(&thread, NULL, in_sections, &stopped));
	for (i = 0; i < 20; i++) {
		/* each turn has to be a move: with one node to go to, every other one home */
		int turn = nr_nodes() > 1 ? i : i % 2 * 2;

		usleep(5000);
		ADD(generation, 1);
		away_or_home(turn);
		/* the other thread has left too, if not we wait for it */
		if (turn % 3 != 2)
			CHECK_AWAY(getpid(), 1);
		ADD(generation, 1);
	}
	WRITE(stopped, 1);
	ADD(generation, 2);
	CHECK_ZERO(pthread_join(thread, NULL));
	home();
	/* the last section may have seen what was to end it */
	if (READ(outlived) > 1)
		FAIL("%ld of 20 moves left a critical section alone",
		     READ(outlived));
	CHECK(READ(aborted) >= 20);
}

/*
 * The other kind of registration: more than the 32 bytes that the C library may have
 * registered, and all that the kernel has to say. It says so only when something
 * changed, and a move home is such a change.
 */
#ifndef AT_RSEQ_FEATURE_SIZE
#define AT_RSEQ_FEATURE_SIZE	27
#define AT_RSEQ_ALIGN		28
#endif
#define RSEQ_OLD_SIZE		32
#define RSEQ_NEW_SIZE		256

struct rseq_area {
	uint32_t cpu_id_start, cpu_id;
	uint64_t cs;
	uint32_t flags, node_id, mm_cid;
	char more[RSEQ_NEW_SIZE - 28];
} __attribute__((aligned(RSEQ_NEW_SIZE)));

static struct rseq_area rseq_area;

static void register_area(void)
{
	unsigned int len;

	if (getauxval(AT_RSEQ_FEATURE_SIZE) <= RSEQ_OLD_SIZE)
		skip("this kernel has no other kind of rseq registration");
	if (getauxval(AT_RSEQ_FEATURE_SIZE) > RSEQ_NEW_SIZE ||
	    getauxval(AT_RSEQ_ALIGN) > RSEQ_NEW_SIZE)
		skip("the rseq area of this kernel is larger than ours");
	/* one for each thread: the C library's goes */
	for (len = RSEQ_OLD_SIZE; __rseq_size && len <= RSEQ_NEW_SIZE; len += 32)
		if (!syscall(SYS_rseq, my_rseq(), len, RSEQ_FLAG_UNREGISTER,
			     RSEQ_SIG))
			break;
	CHECK_OK(syscall(SYS_rseq, &rseq_area, RSEQ_NEW_SIZE, 0, RSEQ_SIG));
}

/* Numbers that home could have, wherever it is. */
static void check_area(unsigned int nr)
{
	CHECK_OK(syscall(SYS_getppid));
	CHECK(READ(rseq_area.cpu_id) < nr);
	CHECK(READ(rseq_area.cpu_id_start) < nr);
	CHECK(READ(rseq_area.mm_cid) < nr);
	CHECK(READ(rseq_area.node_id) < 1024);
}

/* And its own, where a process of one thread may use a single CPU. */
static void check_area_at(unsigned int cpu)
{
	unsigned int here, numa;

	CHECK_OK(syscall(SYS_getcpu, &here, &numa, NULL));
	CHECK_EQ(here, cpu);
	CHECK_EQ(READ(rseq_area.cpu_id), cpu);
	CHECK_EQ(READ(rseq_area.cpu_id_start), cpu);
	CHECK_EQ(READ(rseq_area.node_id), numa);
	CHECK_EQ(READ(rseq_area.mm_cid), 0);
}

TEST(cpu, rseq_extended)
{
	int nr = sysconf(_SC_NPROCESSORS_CONF), i, k, cpu;
	cpu_set_t all, one;

	register_area();
	CHECK_OK(sched_getaffinity(0, sizeof(all), &all));
	for (i = 0; i < 8; i++) {
		cpu = i % nr;
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK_OK(sched_setaffinity(0, sizeof(one), &one));
		away();
		for (k = 0; k < 50; k++)
			check_area(nr);
		home();
		for (k = 0; k < 200; k++) {
			check_area(nr);
			if (!can_move() || moves_are_ours())
				check_area_at(cpu);
		}
		CHECK_OK(sched_setaffinity(0, sizeof(all), &all));
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

/* Being nice: seen by oneself, by others and in /proc, wherever it was said. */
static long nice_in_proc(pid_t pid)
{
	char path[40], text[512], *p;
	int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	CHECK(read_file(path, text, sizeof(text)) > 0);
	p = strrchr(text, ')');
	for (field = 2; p && field < 19; field++)
		p = strchr(p + 1, ' ');
	CHECK(p);
	return strtol(p, NULL, 10);
}

static void look_at_parent(void *arg)
{
	CHECK_EQ(getpriority(PRIO_PROCESS, getppid()), (intptr_t)arg);
	/* what it said is inherited */
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), (intptr_t)arg);
}

static void check_nice(int want)
{
	errno = 0;
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), want);
	CHECK_EQ(nice_in_proc(getpid()), want);
	CHECK_EXITS(child(look_at_parent, (void *)(intptr_t)want), 0);
}

static void *nice_thread(void *arg)
{
	CHECK_OK(setpriority(PRIO_PROCESS, gettid(), (intptr_t)arg));
	CHECK_EQ(getpriority(PRIO_PROCESS, gettid()), (intptr_t)arg);
	spin_ms(5);
	return NULL;
}

TEST(cpu, nice)
{
	pthread_t thread;
	int start = getpriority(PRIO_PROCESS, 0), i;

	away();
	check_nice(start);
	CHECK_EQ(nice(3), start + 3);
	check_nice(start + 3);
	CHECK_OK(setpriority(PRIO_PROCESS, 0, start + 5));
	spin_ms(10);
	check_nice(start + 5);
	home();
	check_nice(start + 5);
	for (i = 6; i < 10; i++) {
		away_or_home(i);
		CHECK_OK(setpriority(PRIO_PROCESS, 0, start + i));
		check_nice(start + i);
	}
	/* of one thread, as Linux has it */
	CHECK_ZERO(pthread_create(&thread, NULL, nice_thread, (void *)12));
	CHECK_ZERO(pthread_join(thread, NULL));
	check_nice(start + 9);
	away();
	if (getuid() == 0) {
		CHECK_OK(setpriority(PRIO_PROCESS, 0, start - 5));
		check_nice(start - 5);
		CHECK_OK(setpriority(PRIO_PROCESS, 0, start));
	}
	home();
}

static void spins(void *arg)
{
	away();
	ready();
	for (;;)
		ADD(*(long *)arg, 1);
}

TEST(cpu, nice_from_outside)
{
	static long word;
	pid_t pid = child_ready(spins, &word);

	CHECK_AWAY(pid, 1);
	CHECK_OK(setpriority(PRIO_PROCESS, pid, 7));
	CHECK_EQ(getpriority(PRIO_PROCESS, pid), 7);
	CHECK_EQ(nice_in_proc(pid), 7);
	CHECK_AWAY(pid, 1);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

/*
 * And it counts where the process is: those that are nice get little of a
 * processor that others want, at home and elsewhere.
 */
static void spins_nicely(void *arg)
{
	CHECK_OK(setpriority(PRIO_PROCESS, 0, (intptr_t)arg));
	away();
	ready();
	for (;;)
		ADD(generation, 1);
}

static long spun(pid_t pid)
{
	long value = 0;
	struct iovec here = { &value, sizeof(value) };
	struct iovec there = { &generation, sizeof(generation) };

	CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0), sizeof(value));
	return value;
}

TEST(cpu, nice_has_effect)
{
	int pairs = sysconf(_SC_NPROCESSORS_ONLN), tries, i;
	long sum[2], start[16];
	bool held = false;
	pid_t pids[16];

	if (pairs > 8)
		skip("too many processors to keep all of them busy");
	if (can_move() && !moves_are_ours())
		skip("others move them to nodes that are not equally busy");
	for (i = 0; i < 2 * pairs; i++)
		pids[i] = child_ready(spins_nicely,
				      (void *)(intptr_t)(i & 1 ? 19 : 0));
	for (i = 0; i < 2 * pairs; i++)
		CHECK_AWAY(pids[i], 1);
	/* who else wants a processor for a moment makes no difference three times */
	for (tries = 0; tries < 3 && !held; tries++) {
		sum[0] = 0;
		sum[1] = 0;
		for (i = 0; i < 2 * pairs; i++)
			start[i] = spun(pids[i]);
		sleep_ms(4000);
		for (i = 0; i < 2 * pairs; i++)
			sum[i & 1] += spun(pids[i]) - start[i];
		note("%ld rounds with nice 0, %ld with nice 19", sum[0], sum[1]);
		held = sum[0] >= 4 * sum[1];
	}
	for (i = 0; i < 2 * pairs; i++) {
		CHECK_OK(kill(pids[i], SIGKILL));
		CHECK_KILLED(pids[i], SIGKILL);
	}
	if (!held)
		FAIL("the nice ones got %ld of %ld rounds", sum[1],
		     sum[0] + sum[1]);
}
