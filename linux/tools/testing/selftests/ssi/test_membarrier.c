// SPDX-License-Identifier: GPL-2.0
/*
 * membarrier(2): the threads that shall see the barrier are in user mode on
 * another node, and so is the one that asks for it.
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch.h"
#include "rseq_cs.h"
#include "ssi_move.h"
#include "torture.h"

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

static long need_membarrier(int cmd)
{
	long mask = membarrier(MEMBARRIER_CMD_QUERY);

	if (mask < 0)
		skip("no membarrier() in this kernel");
	if ((mask & cmd) != cmd)
		skip("this kernel has not this kind of membarrier()");
	return mask;
}

/* What two threads do truly at once takes two processors. */
static void need_processors(void)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip("threads take turns on one processor: that is a barrier");
}

/* One that computes only, beside us: when is it away? */
static void other_is_away(void)
{
	CHECK_AWAY(getpid(), 1);
}

struct barrier_kind {
	int registration, command;
};

static const struct barrier_kind kinds[] = {
	{ MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED,
	  MEMBARRIER_CMD_GLOBAL_EXPEDITED },
	{ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
	  MEMBARRIER_CMD_PRIVATE_EXPEDITED },
	{ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
	  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE },
	{ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ,
	  MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ },
};

/* Of a process that never asked before. */
static void one_kind(void *arg)
{
	const struct barrier_kind *kind = arg;
	int i;

	away();
	if (kind->command == MEMBARRIER_CMD_GLOBAL_EXPEDITED)
		CHECK_OK(membarrier(kind->command));
	else
		CHECK_ERR(membarrier(kind->command), EPERM);
	CHECK_OK(membarrier(kind->registration));
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_OK(membarrier(kind->command));
		CHECK_EQ(syscall(SYS_membarrier, kind->command, 77, 0), -1);
		CHECK_EQ(errno, EINVAL);
	}
	home();
}

/* Each kind wants to be registered, and works, everywhere. */
TEST(membarrier, kinds)
{
	long mask = need_membarrier(0);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!(mask & kinds[i].command))
			continue;
		CHECK_EXITS(child(one_kind, (void *)&kinds[i]), 0);
	}
	away();
	CHECK_EQ(membarrier(MEMBARRIER_CMD_QUERY), mask);
	CHECK_ERR(membarrier(1 << 30), EINVAL);
	if (mask & MEMBARRIER_CMD_GLOBAL)
		CHECK_OK(membarrier(MEMBARRIER_CMD_GLOBAL));
	home();
}

/*
 * The store-buffer test. Light: x = 1; r1 = y. Heavy: y = 1; membarrier();
 * r2 = x. Without a barrier both may read 0; with it never, though the light side
 * has no barrier of its own. The numbers go up instead of being set back to 0.
 *
 * Elsewhere the call takes a round trip, which no store waits for in a processor:
 * there this shows that the two still share their memory while it goes on. That
 * the other processor is reached at all is shown by the kind for sequences, below.
 */
static struct {
	long x, line1[31];
	long y, line2[31];
	long go, line3[31];
	long done, line4[31];
	long r1;
} sb __attribute__((aligned(128)));

static long stopped;

/* Makes no system call, so that it is away and stays so. */
static void *light_side(void *arg)
{
	long i, n;

	for (i = 1; ; i++) {
		while (__atomic_load_n(&sb.go, __ATOMIC_ACQUIRE) < i) {
			if (READ(stopped))
				return arg;
			spin_hint();
		}
		for (n = i & 31; n; n--)
			spin_hint();
		WRITE(sb.x, i);
		asm volatile("" : : : "memory");
		WRITE(sb.r1, READ(sb.y));
		__atomic_store_n(&sb.done, i, __ATOMIC_RELEASE);
	}
}

/* How often did neither see the other? */
static long store_buffer(int command, long turns, const char *where)
{
	double end = now() + 20;
	long i, r2, neither = 0;
	pthread_t thread;

	memset(&sb, 0, sizeof(sb));
	WRITE(stopped, 0);
	CHECK_ZERO(pthread_create(&thread, NULL, light_side, NULL));
	if (!strcmp(where, "away"))
		other_is_away();
	for (i = 1; i <= turns && (i % 64 || now() < end); i++) {
		__atomic_store_n(&sb.go, i, __ATOMIC_RELEASE);
		for (r2 = i >> 5 & 31; r2; r2--)
			spin_hint();
		WRITE(sb.y, i);
		if (command)
			CHECK_OK(membarrier(command));
		else
			asm volatile("" : : : "memory");
		r2 = READ(sb.x);
		while (__atomic_load_n(&sb.done, __ATOMIC_ACQUIRE) < i)
			spin_hint();
		if (r2 < i && READ(sb.r1) < i)
			neither++;
	}
	WRITE(stopped, 1);
	CHECK_ZERO(pthread_join(thread, NULL));
	note("%s, %s: %ld of %ld times neither saw the other", where,
	     command ? "with the barrier" : "without a barrier", neither,
	     i - 1);
	CHECK(i > 100);
	return neither;
}

static void store_buffer_away(int registration, int command)
{
	need_membarrier(command);
	need_processors();
	store_buffer(0, 20000, "at home");
	away();
	CHECK_OK(membarrier(registration));
	CHECK_EQ(store_buffer(command, 3000, "away"), 0);
	home();
	CHECK_EQ(store_buffer(command, 3000, "at home"), 0);
}

TEST_SECONDS(membarrier, store_buffer, 300)
{
	store_buffer_away(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
			  MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

TEST_SECONDS(membarrier, store_buffer_sync_core, 300)
{
	store_buffer_away(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
			  MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
}

/*
 * The kind that ends restartable sequences can be seen: a section that began
 * before the call must not live when the call has returned.
 */
static long generation, outlived, sections;

static void *in_sections(void *arg)
{
	while (!READ(stopped)) {
		if (rseq_outlives(&generation))
			ADD(outlived, 1);
		else if (!(READ(generation) & 1))
			ADD(sections, 1);
	}
	return arg;
}

TEST_SECONDS(membarrier, rseq, 300)
{
	pthread_t thread;
	int i;

	need_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ);
	need_rseq();
	need_processors();
	away();
	CHECK_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ));
	CHECK_ZERO(pthread_create(&thread, NULL, in_sections, NULL));
	for (i = 0; i < 100; i++) {
		if (i % 25 == 0)
			other_is_away();
		/* let it be in a section */
		spin_ms(2);
		ADD(generation, 1);
		CHECK_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ));
		ADD(generation, 1);
	}
	WRITE(stopped, 1);
	ADD(generation, 2);
	CHECK_ZERO(pthread_join(thread, NULL));
	home();
	note("%ld sections were aborted between", READ(sections));
	/* the last one saw the generation that ended it */
	if (READ(outlived) > 1)
		FAIL("%ld of 100 barriers left a section alone",
		     READ(outlived));
}

/*
 * Code that another thread makes. The runner never asks its own processor to
 * forget what it fetched; the writer asks for all.
 */
static char *code;
static long version, wrong;

static void *runs_code(void *arg)
{
	long want, got;

	while (!READ(stopped)) {
		want = __atomic_load_n(&version, __ATOMIC_ACQUIRE);
		got = ((int (*)(void))(code + (want & 1) * 2048))();
		/* it may be two versions ahead by now, never behind */
		if (got < want)
			ADD(wrong, 1);
	}
	return arg;
}

static void write_code(long value)
{
	char *at = code + (value & 1) * 2048;
	char made[16];
	size_t len = emit_return(made, value);

#ifdef __x86_64__
	/* the bytes that differ, in one store */
	if (value < 2) {
		memcpy(at, made, len);
	} else {
		memcpy(made + len, at + len, sizeof(made) - len);
		__atomic_store_n((uint64_t *)at, *(uint64_t *)made,
				 __ATOMIC_RELAXED);
	}
#else
	if (value < 2)
		memcpy(at, made, len);
	else
		__atomic_store_n((uint32_t *)at, *(uint32_t *)made,
				 __ATOMIC_RELAXED);
#endif
	code_written(at, len);
}

/* Change the code for a while under the eyes of another thread. */
static long stale_code(long from, long to)
{
	pthread_t thread;
	long v;

	WRITE(stopped, 0);
	WRITE(wrong, 0);
	CHECK_ZERO(pthread_create(&thread, NULL, runs_code, NULL));
	if (from > 2)
		other_is_away();
	for (v = from; v < to; v++) {
		write_code(v);
		CHECK_OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE));
		__atomic_store_n(&version, v, __ATOMIC_RELEASE);
	}
	WRITE(stopped, 1);
	CHECK_ZERO(pthread_join(thread, NULL));
	return wrong;
}

TEST_SECONDS(membarrier, sync_core_code, 300)
{
	need_membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
	code = (char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		skip("no writable code here");
	write_code(0);
	write_code(1);
	WRITE(version, 1);
	CHECK_OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE));
	/* an emulator may not stand code that changes, wherever it is */
	if (stale_code(2, 500))
		skip("code that changes is executed stale at home as well");
	away();
	CHECK_EQ(stale_code(500, 1000), 0);
	home();
}
