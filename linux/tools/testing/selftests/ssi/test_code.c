// SPDX-License-Identifier: GPL-2.0
/*
 * Code that is made at run time: written, made executable, run, rewritten, on
 * whichever node.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "arch.h"
#include "torture.h"

#define PAGE	4096UL

typedef int (*made_fn)(void);

static sigjmp_buf out;

static void on_segv(int sig)
{
	siglongjmp(out, sig);
}

/* Never writable and executable at once. */
TEST(code, write_xor_execute)
{
	static int i;
	static char *code;
	size_t len;

	code = map_anon(PAGE);
	handle(SIGSEGV, on_segv, SA_NODEFER);
	for (i = 0; i < 12; i++) {
		away_or_home(i);
		len = emit_return(code, 1000 + i);
		if (i % 4 == 1)
			home();
		if (!sigsetjmp(out, 1)) {
			((made_fn)code)();
			FAIL("data was executed");
		}
		CHECK_OK(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
		code_written(code, len);
		if (i % 4 == 2)
			away();
		CHECK_EQ(((made_fn)code)(), 1000 + i);
		if (!sigsetjmp(out, 1)) {
			poke_byte(code, 1);
			FAIL("code was written");
		}
		CHECK_EQ(((made_fn)code)(), 1000 + i);
		CHECK_OK(mprotect(code, PAGE, PROT_READ | PROT_WRITE));
	}
	home();
}

/* Always both; rewritten on one node and run on the next. */
TEST(code, rewritten)
{
	char *code = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t len;
	int i;

	if (code == MAP_FAILED)
		skip("no writable code here");
	for (i = 0; i < 120; i++) {
		char *at = code + i % 4 * PAGE;

		if (i % 5 == 0)
			away_or_home(i / 5);
		len = emit_return(at, i * 3);
		if (i % 7 == 0)
			home();
		if (i % 11 == 0)
			away();
		code_written(at, len);
		CHECK_EQ(((made_fn)at)(), i * 3);
	}
	home();
}

static char *shared_code;
static int version, stopped;

/*
 * x86 CPUs run what memory holds. QEMU's translation of two virtual CPUs does not always:
 * this happens at home as well, where others keep the host busy. What the memory
 * holds is what can be wrong by our doing.
 */
static bool memory_has(const char *at, int v)
{
#ifdef __x86_64__
	int now;

	memcpy(&now, at + 1, sizeof(now));
	return now >= v;
#else
	(void)at;
	(void)v;
	return false;
#endif
}

static void *run_it(void *arg)
{
	while (!READ(stopped)) {
		int low = __atomic_load_n(&version, __ATOMIC_ACQUIRE), got;
		char *at = shared_code + (low & 1) * PAGE;

		/* The two halves of the buffer take turns. */
		got = ((made_fn)at)();
		if (got < low && !memory_has(at, low))
			FAIL("ran version %d after version %d was there", got,
			     low);
	}
	return arg;
}

/* One thread writes what another runs. */
TEST(code, other_thread)
{
	pthread_t thread;
	char *at;
	int v;

	shared_code = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared_code == MAP_FAILED)
		skip("no writable code here");
	code_written(shared_code, emit_return(shared_code, 0));
	CHECK_ZERO(pthread_create(&thread, NULL, run_it, NULL));
	for (v = 1; v < 300; v++) {
		if (v % 30 == 0)
			away_or_home(v / 30);
		at = shared_code + (v & 1) * PAGE;
		/* Only the constant differs; it is written as one word. */
#ifdef __x86_64__
		emit_return(at + 64, v);
		__atomic_store_n((uint64_t *)at, *(uint64_t *)(at + 64),
				 __ATOMIC_RELEASE);
#else
		{
			uint32_t mov = 0x52800000 | v << 5;
			uint32_t *insn = (uint32_t *)at;

			if (v == 1)
				emit_return(at, v);
			__atomic_store_n(insn, mov, __ATOMIC_RELEASE);
		}
#endif
		code_written(at, 16);
		__atomic_store_n(&version, v, __ATOMIC_RELEASE);
		usleep(200);
	}
	WRITE(stopped, 1);
	CHECK_ZERO(pthread_join(thread, NULL));
	home();
}

/* The program's own text, and the page behind it, from its file. */
static int __attribute__((noinline, aligned(4096))) far_away(int x)
{
	return x * 3 + 1;
}

TEST(code, own_text)
{
	int (*fn)(int) = far_away;
	int i;

	/* Thrown away, it comes from the file again, on each node. */
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_OK(madvise((void *)far_away, PAGE, MADV_DONTNEED));
		asm volatile("" : "+r"(fn));
		CHECK_EQ(fn(i), i * 3 + 1);
	}
	home();
}
