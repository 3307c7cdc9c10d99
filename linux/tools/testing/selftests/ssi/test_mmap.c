// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of mappings, and calls about them, whichever node holds the pages: fixed
 * places, growing ones, locked ones, guards, and what is resident.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "arch.h"
#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP	4
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE	0x100000
#endif
#ifndef SYS_mseal
#define SYS_mseal		462
#endif

static sigjmp_buf fault_jump;
static char *fault_addr;
static int fault_code;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	WRITE(fault_addr, (char *)si->si_addr);
	WRITE(fault_code, si->si_code);
	siglongjmp(fault_jump, 1);
}

static void catch_faults(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	CHECK_OK(sigaction(SIGSEGV, &sa, NULL));
	CHECK_OK(sigaction(SIGBUS, &sa, NULL));
}

/* The code of the fault that reading or writing raises there; 0 without one. */
static int fault_at(char *addr, bool writes)
{
	if (sigsetjmp(fault_jump, 1)) {
		if (READ(fault_addr) != addr)
			FAIL("fault at %p instead of %p", READ(fault_addr),
			     addr);
		return READ(fault_code);
	}
	if (writes)
		poke_byte(addr, 1);
	else
		peek_byte(addr);
	return 0;
}

static void *map_at(void *addr, size_t len, int prot, int flags)
{
	return mmap(addr, len, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
		    0);
}

/* New memory takes the place of old, or of nothing. */
TEST(mmap, fixed)
{
	char *mem = map_anon(64 * PAGE);
	int i, page;

	for (i = 0; i < 9; i++) {
		memset(mem, 5, 64 * PAGE);
		away_or_home(i);
		memset(mem + 32 * PAGE, 6, 32 * PAGE);
		CHECK(map_at(mem + 16 * PAGE, 32 * PAGE,
			     PROT_READ | PROT_WRITE, MAP_FIXED) ==
		      mem + 16 * PAGE);
		away_or_home(i + (i & 1));
		for (page = 0; page < 64; page++)
			CHECK_EQ(mem[page * PAGE + page],
				 page < 16 ? 5 : page < 48 ? 0 : 6);
		CHECK_ERR(map_at(mem + 3 * PAGE, PAGE, PROT_READ,
				 MAP_FIXED_NOREPLACE), EEXIST);
	}
	home();
}

/* Made in advance; a place that is only asked for; no reservation. */
TEST(mmap, flags)
{
	static const int flags[] = {
		MAP_POPULATE, MAP_NORESERVE, MAP_STACK, MAP_LOCKED, 0
	};
	char *mem;
	size_t i, k;

	for (i = 0; i < 2 * ARRAY_SIZE(flags); i++) {
		away_or_home(i);
		mem = CHECK_OK(map_at((void *)0x123450000000, 16 * PAGE,
				      PROT_READ | PROT_WRITE, flags[i / 2]));
		for (k = 0; k < 16 * PAGE; k += 100)
			CHECK_EQ(mem[k], 0);
		memset(mem, 7, 16 * PAGE);
		away_or_home(i + 1);
		for (k = 0; k < 16 * PAGE; k += 100)
			CHECK_EQ(mem[k], 7);
		CHECK_OK(munmap(mem, 16 * PAGE));
	}
	home();
}

/* A mapping that grows down when it is touched just below. */
TEST(mmap, grows_down)
{
	char *mem;
	int i;

	catch_faults();
	for (i = 0; i < 3; i++) {
		/* room below, which is taken away again */
		mem = map_anon(512 * PAGE);
		CHECK_OK(munmap(mem, 512 * PAGE));
		away_or_home(i);
		mem = CHECK_OK(map_at(mem + 500 * PAGE, 2 * PAGE,
				      PROT_READ | PROT_WRITE,
				      MAP_GROWSDOWN | MAP_FIXED_NOREPLACE));
		poke_byte(mem - PAGE, 3);
		poke_byte(mem - 2 * PAGE + 1, 4);
		away_or_home(i + 1);
		CHECK_EQ(peek_byte(mem - PAGE), 3);
		CHECK_EQ(peek_byte(mem - 2 * PAGE + 1), 4);
		CHECK_EQ(peek_byte(mem - 2 * PAGE), 0);
		CHECK_OK(munmap(mem - 2 * PAGE, 4 * PAGE));
		CHECK_EQ(fault_at(mem, true), SEGV_MAPERR);
	}
	home();
}

/* Only writable, as the mapping says; the processor may allow more. */
TEST(mmap, write_only)
{
	char *mem = CHECK_OK(map_at(NULL, 4 * PAGE, PROT_WRITE, 0)), byte;
	int fds[2], i;

	CHECK_OK(pipe(fds));
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		poke_byte(mem + i * 2000, i + 1);
		CHECK_EQ(write(fds[1], "w", 1), 1);
		CHECK_EQ(read(fds[0], mem + i * 2000 + 1, 1), 1);
	}
	home();
	CHECK_OK(mprotect(mem, 4 * PAGE, PROT_READ));
	away();
	for (i = 0; i < 6; i++) {
		byte = peek_byte(mem + i * 2000);
		CHECK_EQ(byte, i + 1);
		CHECK_EQ(peek_byte(mem + i * 2000 + 1), 'w');
	}
	home();
}

/* No access at all: reserved space, and pages between others. */
TEST(mmap, no_access)
{
	char *mem = CHECK_OK(map_at(NULL, 64 * PAGE, PROT_NONE, 0));
	int i, page;

	catch_faults();
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		page = 2 * i + 1;
		CHECK_EQ(fault_at(mem + page * PAGE, false), SEGV_ACCERR);
		CHECK_OK(mprotect(mem + page * PAGE, PAGE,
				  PROT_READ | PROT_WRITE));
		CHECK_EQ(fault_at(mem + page * PAGE + PAGE - 1, true), 0);
		CHECK_EQ(fault_at(mem + (page + 1) * PAGE, true), SEGV_ACCERR);
		CHECK_EQ(fault_at(mem + page * PAGE - 1, false), SEGV_ACCERR);
		/* taken away with its content, and given back */
		poke_byte(mem + page * PAGE, 40 + i);
		CHECK_OK(mprotect(mem + page * PAGE, PAGE, PROT_NONE));
		CHECK_EQ(fault_at(mem + page * PAGE, false), SEGV_ACCERR);
		away_or_home(i + 1);
		CHECK_ERR(write(1, mem + page * PAGE, 1), EFAULT);
		CHECK_OK(mprotect(mem + page * PAGE, PAGE, PROT_READ));
		CHECK_EQ(peek_byte(mem + page * PAGE), 40 + i);
	}
	home();
}

/* The guard below a thread's stack. */
static int deeper(int n)
{
	char room[1000];

	memset(room, n, sizeof(room));
	asm volatile("" : : "r"(room) : "memory");
	return n ? deeper(n - 1) + room[n % 1000] : 0;
}

static void *overflows(void *arg)
{
	return (void *)(intptr_t)deeper(*(int *)arg);
}

static void runs_thread(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	CHECK_ZERO(pthread_attr_init(&attr));
	CHECK_ZERO(pthread_attr_setstacksize(&attr, 128 << 10));
	CHECK_ZERO(pthread_attr_setguardsize(&attr, 16 << 10));
	away();
	CHECK_ZERO(pthread_create(&thread, &attr, overflows, arg));
	CHECK_ZERO(pthread_join(thread, NULL));
}

TEST(mmap, thread_stack)
{
	int fits = 50, too_deep = 200;

	CHECK_EXITS(child(runs_thread, &fits), 0);
	CHECK_KILLED(child(runs_thread, &too_deep), SIGSEGV);
}

static long locked_kib(void)
{
	char text[4096], *p;

	CHECK(read_file("/proc/self/status", text, sizeof(text)) > 0);
	p = strstr(text, "VmLck:");
	CHECK(p);
	return atol(p + 6);
}

static void need_locking(size_t len)
{
	struct rlimit lim;

	CHECK_OK(getrlimit(RLIMIT_MEMLOCK, &lim));
	if (getuid() && lim.rlim_cur < len)
		skip("RLIMIT_MEMLOCK is too low");
}

/* Locked memory is memory as any other; it leaves, and is locked all the same. */
TEST(mmap, locked)
{
	char *mem = map_anon(64 * PAGE), *want = map_anon(64 * PAGE);
	int i;

	need_locking(64 * PAGE);
	fill(mem, 64 * PAGE, 3);
	fill(want, 64 * PAGE, 3);
	CHECK_OK(mlock(mem, 32 * PAGE));
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_SAME(mem, want, 64 * PAGE);
		mem[i * 5000]++;
		want[i * 5000]++;
		CHECK_EQ(locked_kib(), 32 * 4);
	}
	away();
	CHECK_OK(mlock2(mem + 32 * PAGE, 32 * PAGE, MLOCK_ONFAULT));
	CHECK_EQ(locked_kib(), 64 * 4);
	CHECK_SAME(mem, want, 64 * PAGE);
	CHECK_ERR(madvise(mem, PAGE, MADV_DONTNEED), EINVAL);
	home();
	CHECK_OK(munlock(mem, 64 * PAGE));
	CHECK_EQ(locked_kib(), 0);
	away();
	CHECK_OK(madvise(mem, PAGE, MADV_DONTNEED));
	CHECK_EQ(mem[0], 0);
	CHECK_SAME(mem + PAGE, want + PAGE, 63 * PAGE);
	home();
}

/* Everything there is, and everything to come. */
static void locks_all(void *arg)
{
	char *mem = map_anon(64 * PAGE), *later;
	size_t i;

	(void)arg;
	fill(mem, 64 * PAGE, 3);
	CHECK_OK(mlockall(MCL_CURRENT | MCL_FUTURE));
	away();
	CHECK_EQ(mem[0] == 0 && mem[1] == 0 && mem[2] == 0, 0);
	later = map_anon(64 * PAGE);
	for (i = 0; i < 64 * PAGE; i += 500)
		CHECK_EQ(later[i], 0);
	fill(later, 64 * PAGE, 3);
	CHECK_SAME(later, mem, 64 * PAGE);
	CHECK(locked_kib() >= 128 * 4);
	home();
	CHECK_SAME(later, mem, 64 * PAGE);
	away();
	CHECK_OK(munlockall());
	CHECK_OK(mlockall(MCL_FUTURE | MCL_ONFAULT));
	later = map_anon(64 * PAGE);
	fill(later, 64 * PAGE, 3);
	home();
	CHECK_SAME(later, mem, 64 * PAGE);
	CHECK_EQ(locked_kib(), 64 * 4);
}

TEST(mmap, all_locked)
{
	need_locking(1UL << 30);
	CHECK_EXITS(child(locks_all, NULL), 0);
}

/* What is there, is there: here or on another node; what is not, is not. */
TEST(mmap, resident)
{
	unsigned char vec[64];
	char *mem = map_anon(64 * PAGE);
	int i, page;

	CHECK_OK(madvise(mem, 64 * PAGE, MADV_NOHUGEPAGE));
	for (i = 0; i < 4; i++) {
		CHECK_OK(madvise(mem, 64 * PAGE, MADV_DONTNEED));
		away_or_home(i);
		for (page = 0; page < 64; page += 3)
			mem[page * PAGE] = 1;
		CHECK_OK(mincore(mem, 64 * PAGE, vec));
		for (page = 0; page < 64; page += 3)
			if (!(vec[page] & 1))
				FAIL("page %d was written and is not resident",
				     page);
		/* a neighbour may have been made in advance, but not all */
		for (page = 0; page < 64 && (vec[page] & 1); page++)
			;
		if (!can_move() && page == 64)
			FAIL("pages that nobody touched are resident");
		CHECK_ERR(mincore(mem + 1, PAGE, vec), EINVAL);
		CHECK_ERR(mincore((void *)0x10000, PAGE, vec), ENOMEM);
	}
	home();
}

/* A private mapping of a device that gives zeros. */
TEST(mmap, dev_zero)
{
	int fd = CHECK_OK(open("/dev/zero", O_RDWR)), i;
	char *mem;
	size_t k;

	for (i = 0; i < 3; i++) {
		away_or_home(i);
		mem = CHECK_OK(mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, fd, 0));
		for (k = 0; k < 16 * PAGE; k += 100)
			CHECK_EQ(mem[k], 0);
		memset(mem, 4, 16 * PAGE);
		away_or_home(i + 1);
		for (k = 0; k < 16 * PAGE; k += 100)
			CHECK_EQ(mem[k], 4);
		CHECK_OK(munmap(mem, 16 * PAGE));
	}
	home();
}

/* Moved away with the old place left: empty there, full here. */
TEST(mmap, remap_keep)
{
	char *mem, *new, *want = map_anon(16 * PAGE);
	int i;

	fill(want, 16 * PAGE, 5);
	for (i = 0; i < 4; i++) {
		mem = map_anon(16 * PAGE);
		away_or_home(i);
		fill(mem, 16 * PAGE, 5);
		new = mremap(mem, 16 * PAGE, 16 * PAGE,
			     MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
		if (new == MAP_FAILED && errno == EINVAL)
			skip("no MREMAP_DONTUNMAP in this kernel");
		CHECK(new != MAP_FAILED && new != mem);
		CHECK_EQ(mem[5000], 0);
		mem[5000] = 9;
		CHECK_SAME(new, want, 16 * PAGE);
		away_or_home(i + 1);
		CHECK_EQ(mem[5000], 9);
		CHECK_EQ(mem[5001], 0);
		CHECK_SAME(new, want, 16 * PAGE);
		CHECK_OK(munmap(mem, 16 * PAGE));
		CHECK_OK(munmap(new, 16 * PAGE));
	}
	home();
}

/* A sealed mapping cannot be changed, and can be used. */
TEST(mmap, sealed)
{
	char *mem = map_anon(8 * PAGE);
	int i;

	memset(mem, 5, 8 * PAGE);
	away();
	if (syscall(SYS_mseal, mem, 8 * PAGE, 0)) {
		CHECK_EQ(errno, ENOSYS);
		skip("no mseal() in this kernel");
	}
	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_ERR(munmap(mem, PAGE), EPERM);
		CHECK_ERR(mprotect(mem, PAGE, PROT_READ), EPERM);
		CHECK_ERR(mremap(mem, 8 * PAGE, PAGE, 0), EPERM);
		mem[i * PAGE]++;
		CHECK_EQ(mem[i * PAGE], 6);
		CHECK_EQ(mem[i * PAGE + 1], 5);
	}
	home();
}

/* More mappings than are dealt with at once, each with its own rights. */
TEST(mmap, many)
{
	size_t pages = 1200, i;
	char *mem = map_anon(pages * PAGE);
	int round;

	catch_faults();
	for (i = 0; i < pages; i++)
		mem[i * PAGE] = i;
	for (round = 0; round < 2; round++) {
		away_or_home(round);
		for (i = round; i < pages; i += 2)
			CHECK_OK(mprotect(mem + i * PAGE, PAGE, PROT_READ));
		for (i = 0; i < pages; i += 97) {
			CHECK_EQ(mem[i * PAGE], (char)i);
			CHECK_EQ(fault_at(mem + i * PAGE + 1, true),
				 i % 2 == (size_t)round ? SEGV_ACCERR : 0);
		}
		for (i = round; i < pages; i += 2)
			CHECK_OK(mprotect(mem + i * PAGE, PAGE,
					  PROT_READ | PROT_WRITE));
	}
	away();
	for (i = 1; i < pages; i += 2)
		CHECK_OK(munmap(mem + i * PAGE, PAGE));
	for (i = 0; i < pages; i += 61)
		CHECK_EQ(fault_at(mem + i * PAGE, false),
			 i % 2 ? SEGV_MAPERR : 0);
	home();
	for (i = 0; i < pages; i += 2)
		CHECK_EQ(mem[i * PAGE], (char)i);
}
