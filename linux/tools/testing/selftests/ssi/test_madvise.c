// SPDX-License-Identifier: GPL-2.0
/*
 * Advice about memory that other nodes hold. What changes its content is done; what
 * is about speed changes nothing that the program sees.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "arch.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define HUGE	(2 * MIB)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102
#define MADV_GUARD_REMOVE	103
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE	67
#endif

/* Each byte of a page is the same. */
static void put(char *mem, size_t pages, int value)
{
	size_t i;

	for (i = 0; i < pages; i++)
		memset(mem + i * PAGE, value, PAGE);
}

static bool all_are(const char *mem, size_t pages, int value)
{
	size_t i;

	for (i = 0; i < pages * PAGE; i++)
		if (mem[i] != (char)value)
			return false;
	return true;
}

static void look_in_child(void *arg)
{
	char *mem = arg;

	CHECK(all_are(mem, 4, 5));
	CHECK(all_are(mem + 4 * PAGE, 4, 0));
	CHECK(all_are(mem + 8 * PAGE, 8, 5));
	put(mem, 16, 6);
	away();
	CHECK(all_are(mem, 16, 6));
	put(mem, 16, 7);
	home();
	CHECK(all_are(mem, 16, 7));
}

/* A child finds zeros where the parent, away or not, has something. */
TEST(madvise, wipe_on_fork)
{
	char *mem = map_anon(16 * PAGE);
	int i;

	put(mem, 16, 5);
	CHECK_OK(madvise(mem + 4 * PAGE, 4 * PAGE, MADV_WIPEONFORK));
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		CHECK_EXITS(child(look_in_child, mem), 0);
		CHECK(all_are(mem, 16, 5));
	}
	/* said while away, and taken back there */
	away();
	CHECK_OK(madvise(mem + 4 * PAGE, 4 * PAGE, MADV_KEEPONFORK));
	put(mem + 4 * PAGE, 4, 0);
	CHECK_EXITS(child(look_in_child, mem), 0);
	put(mem + 4 * PAGE, 4, 5);
	CHECK_OK(madvise(mem + 4 * PAGE, 4 * PAGE, MADV_WIPEONFORK));
	CHECK_EXITS(child(look_in_child, mem), 0);
	home();
	CHECK(all_are(mem, 16, 5));
}

static void touch_missing(void *arg)
{
	char *mem = arg;

	CHECK_EQ(peek_byte(mem), 5);
	away();
	CHECK_EQ(peek_byte(mem + 15 * PAGE), 5);
	peek_byte(mem + 4 * PAGE);
}

TEST(madvise, dont_fork)
{
	char *mem = map_anon(16 * PAGE);

	put(mem, 16, 5);
	away();
	CHECK_OK(madvise(mem + 4 * PAGE, 4 * PAGE, MADV_DONTFORK));
	CHECK_KILLED(child(touch_missing, mem), SIGSEGV);
	CHECK(all_are(mem, 16, 5));
	CHECK_OK(madvise(mem + 4 * PAGE, 4 * PAGE, MADV_DOFORK));
	CHECK_EXITS(child(touch_missing, mem), 0);
	home();
}

/* Thrown away, in all the ways, by the page, wherever it is. */
TEST(madvise, dont_need)
{
	char *mem = map_anon(64 * PAGE);
	int i, page;

	for (i = 0; i < 9; i++) {
		put(mem, 64, 5);
		away_or_home(i);
		for (page = i; page < 64; page += 7)
			CHECK_OK(madvise(mem + page * PAGE, PAGE,
					 MADV_DONTNEED));
		if (i % 2)
			away_or_home(i + 1);
		for (page = 0; page < 64; page++)
			CHECK(all_are(mem + page * PAGE, 1,
				      page >= i && page % 7 == i % 7 ? 0 : 5));
	}
	home();
}

/* It may be gone or not, but by whole pages; and once written it stays. */
TEST(madvise, free)
{
	char *mem = map_anon(64 * PAGE);
	int i, page;

	for (i = 0; i < 6; i++) {
		put(mem, 64, 6);
		away_or_home(i);
		CHECK_OK(madvise(mem, 64 * PAGE, MADV_FREE));
		for (page = 0; page < 32; page++)
			CHECK(all_are(mem + page * PAGE, 1, 6) ||
			      all_are(mem + page * PAGE, 1, 0));
		for (page = 32; page < 64; page++) {
			mem[page * PAGE] = 9;
			CHECK(mem[page * PAGE + 1] == 6 ||
			      mem[page * PAGE + 1] == 0);
		}
		away_or_home(i + 1);
		for (page = 32; page < 64; page++)
			CHECK_EQ(mem[page * PAGE], 9);
		put(mem, 32, 7);
		away_or_home(i + 2);
		CHECK(all_are(mem, 32, 7));
	}
	home();
}

/*
 * Written elsewhere, they are wanted again, though home did not see the write: it may
 * not throw them away, not even when it is asked to reclaim them. Without swap space
 * that is all that it can do with pages without a file.
 */
TEST(madvise, free_then_written)
{
	char *mem = map_anon(64 * PAGE);
	int i, page;

	for (i = 0; i < 4; i++) {
		home();
		put(mem, 64, 3 + i);
		CHECK_OK(madvise(mem, 64 * PAGE, MADV_FREE));
		away();
		/* some are there for reading before they are written */
		for (page = 0; page < 64; page += 1 + i % 2)
			peek_byte(mem + page * PAGE + 7);
		for (page = 0; page < 64; page++) {
			if (page % 8 == 7)
				mem[page * PAGE] = 9;
			else
				put(mem + page * PAGE, 1, 9);
		}
		home();
		/* what was read there only, or not at all, is as it was or zero */
		for (page = 7; page < 64; page += 8) {
			CHECK_EQ(mem[page * PAGE], 9);
			CHECK(mem[page * PAGE + 1] == 3 + i ||
			      mem[page * PAGE + 1] == 0);
			put(mem + page * PAGE, 1, 9);
		}
		CHECK(all_are(mem, 64, 9));
		CHECK_OK(madvise(mem, 64 * PAGE, MADV_PAGEOUT));
		CHECK(all_are(mem, 64, 9));
	}
}

static const char ksm[] = "/sys/kernel/mm/ksm";

static void ksm_write(const char *name, const char *text)
{
	char path[64];
	int err;

	snprintf(path, sizeof(path), "%s/%s", ksm, name);
	err = write_file(path, text);
	if (err)
		FAIL("%s: %s", path, strerror(-err));
}

static long merging_pages(void)
{
	char text[32];

	if (read_file("/proc/self/ksm_merging_pages", text, sizeof(text)) <= 0)
		return -1;
	return atol(text);
}

static char old_run[8], old_sleep[16], old_scan[16];

static void need_ksm(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/run", ksm);
	if (read_file(path, old_run, sizeof(old_run)) <= 0)
		skip("this kernel has no KSM");
	if (getuid())
		skip("needs root to make KSM merge");
	if (merging_pages() < 0)
		skip("no /proc/self/ksm_merging_pages to see that it merges");
	snprintf(path, sizeof(path), "%s/sleep_millisecs", ksm);
	read_file(path, old_sleep, sizeof(old_sleep));
	snprintf(path, sizeof(path), "%s/pages_to_scan", ksm);
	read_file(path, old_scan, sizeof(old_scan));
	ksm_write("sleep_millisecs", "2");
	ksm_write("pages_to_scan", "2000");
	ksm_write("run", "1");
}

static void wait_merged(long pages)
{
	double end = now() + 60;

	while (merging_pages() < pages) {
		if (now() > end)
			FAIL("KSM merged %ld pages in 60 s, expected %ld",
			     merging_pages(), pages);
		sleep_ms(20);
	}
}

/* Merged pages are parted when one goes, and no write is seen by the other. */
static void merge_and_move(void *arg)
{
	char *a = map_anon(32 * PAGE), *b = map_anon(32 * PAGE);
	int i;

	(void)arg;
	put(a, 32, 9);
	put(b, 32, 9);
	CHECK_OK(madvise(a, 32 * PAGE, MADV_MERGEABLE));
	CHECK_OK(madvise(b, 32 * PAGE, MADV_MERGEABLE));
	wait_merged(60);
	away();
	CHECK(all_are(a, 32, 9));
	for (i = 0; i < 32; i++)
		a[i * PAGE] = i;
	for (i = 0; i < 32; i++) {
		CHECK_EQ(a[i * PAGE], i);
		CHECK_EQ(b[i * PAGE], 9);
	}
	home();
	for (i = 0; i < 32; i++) {
		CHECK_EQ(a[i * PAGE], i);
		CHECK(all_are(b + i * PAGE, 1, 9));
	}
	/* Equal again while away; KSM may try as it likes. */
	away();
	put(a, 32, 11);
	put(b, 32, 11);
	CHECK_OK(madvise(a, 32 * PAGE, MADV_MERGEABLE));
	sleep_ms(300);
	for (i = 0; i < 32; i++)
		b[i * PAGE] = i;
	CHECK(all_are(a, 32, 11));
	CHECK_OK(madvise(b, 32 * PAGE, MADV_UNMERGEABLE));
	home();
	CHECK(all_are(a, 32, 11));
	for (i = 0; i < 32; i++)
		CHECK_EQ(b[i * PAGE], i);
}

/* All of a process, and its children with it. */
static void merge_process(void *arg)
{
	char *a = map_anon(32 * PAGE);
	pid_t pid;

	if (prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0))
		_exit(EXIT_SKIP);
	put(a, 32, 9);
	wait_merged(30);
	away();
	pid = CHECK_OK(fork());
	put(a, 32, pid ? 10 : 11);
	if (!pid)
		away();
	sleep_ms(100);
	CHECK(all_are(a, 32, pid ? 10 : 11));
	home();
	CHECK(all_are(a, 32, pid ? 10 : 11));
	if (pid)
		CHECK_EXITS(pid, 0);
	(void)arg;
}

static int with_ksm(void (*fn)(void *arg))
{
	int status;
	pid_t pid;

	need_ksm();
	pid = child(fn, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	ksm_write("run", old_run);
	ksm_write("sleep_millisecs", old_sleep);
	ksm_write("pages_to_scan", old_scan);
	if (!WIFEXITED(status))
		FAIL("status 0x%x", status);
	return WEXITSTATUS(status);
}

TEST(madvise, mergeable)
{
	CHECK_EQ(with_ksm(merge_and_move), 0);
}

TEST(madvise, merge_process)
{
	int code = with_ksm(merge_process);

	if (code == EXIT_SKIP)
		skip("no PR_SET_MEMORY_MERGE in this kernel");
	CHECK_EQ(code, 0);
}

/* How much of the process is in huge pages, in KiB. */
static long huge_kib(void)
{
	char *text = map_anon(PAGE), *p;
	long kib = 0;

	if (read_file("/proc/self/smaps_rollup", text, PAGE) > 0) {
		p = strstr(text, "AnonHugePages:");
		if (p)
			kib = atol(p + strlen("AnonHugePages:"));
	}
	munmap(text, PAGE);
	return kib;
}

/* Off by default on machines with little memory; they are wanted here. */
static const char thp[] = "/sys/kernel/mm/transparent_hugepage/enabled";

static void with_huge(void (*fn)(void *arg))
{
	char old[64], *word, *end;
	int status;
	pid_t pid;

	if (read_file(thp, old, sizeof(old)) <= 0)
		skip("no transparent huge pages in this kernel");
	word = strchr(old, '[');
	end = word ? strchr(word, ']') : NULL;
	CHECK(end);
	*end = 0;
	if (!strcmp(word, "[never") && write_file(thp, "madvise"))
		skip("transparent huge pages are switched off");
	pid = child(fn, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	write_file(thp, word + 1);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip("the system makes no huge page now");
	CHECK_EQ(status, 0);
}

static char *map_huge(size_t len)
{
	char *mem = map_anon(len + HUGE);

	mem = (char *)(((unsigned long)mem + HUGE - 1) & ~(HUGE - 1));
	CHECK_OK(madvise(mem, len, MADV_HUGEPAGE));
	return mem;
}

/*
 * Huge pages come apart when they leave; none is made again in a process that
 * moved, however much it wants one.
 */
static void huge_leave(void *arg)
{
	size_t len = HUGE, i;
	char *mem = map_huge(len), *want = map_anon(len);
	int k;

	(void)arg;
	fill(mem, len, 31);
	fill(want, len, 31);
	if (huge_kib() < 2048)
		_exit(EXIT_SKIP);
	away();
	CHECK_SAME(mem, want, len / 2);
	for (k = 0; k < 3; k++) {
		for (i = k * 1000; i < len; i += 70000) {
			mem[i]++;
			want[i]++;
		}
		away_or_home(k);
		CHECK_SAME(mem, want, len);
	}
	away();
	CHECK_OK(madvise(mem, len, MADV_DONTNEED));
	CHECK_OK(madvise(mem, len, MADV_HUGEPAGE));
	for (i = 0; i < len; i += PAGE)
		CHECK_EQ(mem[i], 0);
	fill(mem, len, 32);
	fill(want, len, 32);
	home();
	CHECK_SAME(mem, want, len);
	mem = map_huge(len);
	memset(mem, 3, len);
	if (moves_are_ours() && huge_kib())
		FAIL("%ld KiB of huge pages in a process that moved",
		     huge_kib());
	/* asked for at once: refused or done, never wrong */
	madvise(mem, len, MADV_COLLAPSE);
	away();
	CHECK(all_are(mem, len / PAGE, 3));
	madvise(mem, len, MADV_COLLAPSE);
	CHECK(all_are(mem, len / PAGE, 3));
	home();
}

TEST(madvise, huge)
{
	with_huge(huge_leave);
}

static void huge_refused(void *arg)
{
	char *mem = map_huge(2 * HUGE);

	(void)arg;
	memset(mem, 1, HUGE);
	if (huge_kib() < 2048)
		_exit(EXIT_SKIP);
	away();
	CHECK_OK(madvise(mem, 2 * HUGE, MADV_NOHUGEPAGE));
	memset(mem, 6, 2 * HUGE);
	home();
	CHECK(all_are(mem, 2 * HUGE / PAGE, 6));
	memset(mem, 7, 2 * HUGE);
	if (moves_are_ours())
		CHECK_EQ(huge_kib(), 0);
	away();
	CHECK(all_are(mem, 2 * HUGE / PAGE, 7));
	home();
}

TEST(madvise, no_huge)
{
	with_huge(huge_refused);
}

/* Pages are made without being touched, at home; they leave when they are. */
TEST(madvise, populate)
{
	char *mem = map_anon(32 * PAGE);

	away();
	mem[3 * PAGE] = 1;
	if (madvise(mem, 16 * PAGE, MADV_POPULATE_WRITE) && errno == EINVAL)
		skip("no MADV_POPULATE_WRITE in this kernel");
	CHECK_OK(madvise(mem + 16 * PAGE, 16 * PAGE, MADV_POPULATE_READ));
	CHECK_EQ(mem[3 * PAGE], 1);
	mem[3 * PAGE] = 0;
	CHECK(all_are(mem, 32, 0));
	put(mem, 32, 4);
	home();
	CHECK(all_are(mem, 32, 4));
}

/* Advice that is only about speed. */
TEST(madvise, cold)
{
	static const int advices[] = {
		MADV_COLD, MADV_PAGEOUT, MADV_SEQUENTIAL, MADV_RANDOM,
		MADV_NORMAL, MADV_WILLNEED, MADV_DONTDUMP, MADV_DODUMP
	};
	char *mem = map_anon(16 * PAGE);
	size_t i, k;

	fill(mem, 16 * PAGE, 8);
	for (i = 0; i < ARRAY_SIZE(advices); i++) {
		char *want = map_anon(16 * PAGE);

		fill(want, 16 * PAGE, 8 + i);
		for (k = 0; k < 3; k++) {
			away_or_home(k + 1);
			CHECK_OK(madvise(mem, 16 * PAGE, advices[i]));
			CHECK_SAME(mem, want, 16 * PAGE);
		}
		fill(mem, 16 * PAGE, 9 + i);
		munmap(want, 16 * PAGE);
	}
	home();
}

/* Given by another process, to one that computes elsewhere. */
static char *area;

static void checks_area(void *arg)
{
	uint64_t sum;
	size_t i;

	away();
	fill(area, 64 * PAGE, 77);
	sum = checksum(area, 64 * PAGE);
	ready();
	for (i = 0; ; i++) {
		if (checksum(area, 64 * PAGE) != sum)
			FAIL("the memory changed");
		ADD(*(long *)arg, 1);
	}
}

#ifndef SYS_process_madvise
#define SYS_process_madvise	440
#endif

TEST(madvise, by_another)
{
	struct iovec iov = { .iov_len = 64 * PAGE };
	static long rounds;
	int pidfd, i;
	pid_t pid;

	area = map_anon(64 * PAGE);
	iov.iov_base = area;
	pid = child_ready(checks_area, &rounds);
	CHECK_AWAY(pid, 1);
	pidfd = CHECK_OK(syscall(SYS_pidfd_open, pid, 0));
	for (i = 0; i < 10; i++) {
		long n = syscall(SYS_process_madvise, pidfd, &iov, 1,
				 i & 1 ? MADV_PAGEOUT : MADV_COLD, 0);

		if (n < 0 && (errno == ENOSYS || errno == EPERM)) {
			kill(pid, SIGKILL);
			skip("no process_madvise() here");
		}
		CHECK_EQ(n, 64 * PAGE);
		sleep_ms(20);
	}
	CHECK_AWAY(pid, 1);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

static void touch_guard(void *arg)
{
	away();
	poke_byte(arg, 1);
}

/* Guards have no mapping of their own: they stand where pages would. */
TEST(madvise, guard)
{
	char *mem = map_anon(16 * PAGE);
	int i;

	put(mem, 16, 5);
	if (madvise(mem + 4 * PAGE, PAGE, MADV_GUARD_INSTALL))
		skip("no MADV_GUARD_INSTALL in this kernel");
	CHECK_KILLED(child(touch_guard, mem + 4 * PAGE), SIGSEGV);
	away();
	CHECK_OK(madvise(mem + 8 * PAGE, 2 * PAGE, MADV_GUARD_INSTALL));
	CHECK_KILLED(child(touch_guard, mem + 9 * PAGE), SIGSEGV);
	for (i = 0; i < 3; i++) {
		away_or_home(i);
		CHECK(all_are(mem, 4, 5));
		CHECK(all_are(mem + 10 * PAGE, 6, 5));
		mem[7 * PAGE]++;
		CHECK_EQ(mem[7 * PAGE], 6 + i);
		CHECK_ERR(write(-1, mem, 1), EBADF);
	}
	away();
	CHECK_OK(madvise(mem + 4 * PAGE, 8 * PAGE, MADV_GUARD_REMOVE));
	CHECK(all_are(mem + 4 * PAGE, 1, 0));
	CHECK(all_are(mem + 8 * PAGE, 2, 0));
	put(mem, 16, 7);
	home();
	CHECK(all_are(mem, 16, 7));
}
