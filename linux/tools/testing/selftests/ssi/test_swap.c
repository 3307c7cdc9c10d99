// SPDX-License-Identifier: GPL-2.0
/*
 * Swapped pages: they come back in when their process, away, wants them; and what
 * another node holds is not swapped. Swap is made on a loop device, over a file
 * wherever /tmp is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/loop.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define SWAP	(8 * MIB)
#define AREA	MIB

/* The first page of a swap area. */
struct swap_header {
	char boot[1024];
	uint32_t version, last_page, nr_bad;
	char rest[PAGE - 1024 - 12 - 10];
	char magic[10];
};

static char loop_name[32];
static int loop_fd = -1;

static void skip_for(const char *what)
{
	char why[128];

	snprintf(why, sizeof(why), "no swap can be made: %s: %s", what,
		 strerror(errno));
	if (loop_fd >= 0)
		ioctl(loop_fd, LOOP_CLR_FD);
	skip(why);
}

static void swap_begin(void)
{
	struct swap_header head = {
		.version = 1, .last_page = SWAP / PAGE - 1,
		.magic = { 'S', 'W', 'A', 'P', 'S', 'P', 'A', 'C', 'E', '2' },
	};
	int control, file, nr;

	CHECK_EQ(sizeof(head), PAGE);
	if (getuid())
		skip("needs root to make swap");
	control = open("/dev/loop-control", O_RDWR);
	if (control < 0)
		skip_for("/dev/loop-control");
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	if (nr < 0)
		skip_for("LOOP_CTL_GET_FREE");
	file = temp_file();
	CHECK_OK(ftruncate(file, SWAP));
	CHECK_EQ(pwrite(file, &head, sizeof(head), 0), sizeof(head));
	snprintf(loop_name, sizeof(loop_name), "/dev/loop%d", nr);
	loop_fd = open(loop_name, O_RDWR | O_CLOEXEC);
	if (loop_fd < 0)
		skip_for(loop_name);
	if (ioctl(loop_fd, LOOP_SET_FD, file)) {
		close(loop_fd);
		loop_fd = -1;
		skip_for("LOOP_SET_FD");
	}
	close(file);
	if (swapon(loop_name, 0))
		skip_for("swapon");
}

static void swap_end(void)
{
	CHECK_OK(swapoff(loop_name));
	CHECK_OK(ioctl(loop_fd, LOOP_CLR_FD));
	close(loop_fd);
}

/* In a child, so that the swap ends whatever happens. */
static void with_swap(void (*fn)(void *arg))
{
	int status;
	pid_t pid;

	swap_begin();
	pid = child(fn, NULL);
	while (waitpid(pid, &status, 0) < 0)
		CHECK_EQ(errno, EINTR);
	swap_end();
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip("the kernel swapped nothing out");
	CHECK_EQ(status, 0);
}

static long swapped_kib(pid_t pid)
{
	char path[40], text[4096], *p;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	CHECK(read_file(path, text, sizeof(text)) > 0);
	p = strstr(text, "VmSwap:");
	return p ? atol(p + 7) : 0;
}

static char *swapped_area(uint64_t seed)
{
	char *mem = map_anon(AREA);
	int i;

	CHECK_OK(madvise(mem, AREA, MADV_NOHUGEPAGE));
	fill(mem, AREA, seed);
	for (i = 0; i < 20 && swapped_kib(getpid()) < (long)(AREA / 2048); i++) {
		CHECK_OK(madvise(mem, AREA, MADV_PAGEOUT));
		sleep_ms(20);
	}
	if (swapped_kib(getpid()) < (long)(AREA / 2048))
		_exit(EXIT_SKIP);
	return mem;
}

/* Swapped out at home, wanted elsewhere; read, written, and swapped again. */
static void in_from_away(void *arg)
{
	char *mem = swapped_area(1), *want = map_anon(AREA);
	size_t i;

	(void)arg;
	fill(want, AREA, 1);
	note("%ld KiB are in swap", swapped_kib(getpid()));
	away();
	CHECK_SAME(mem, want, AREA / 2);
	for (i = 0; i < AREA; i += 3 * PAGE) {
		mem[i]++;
		want[i]++;
	}
	/* what is lent stays; the rest may go */
	CHECK_OK(madvise(mem, AREA, MADV_PAGEOUT));
	CHECK_SAME(mem, want, AREA);
	home();
	CHECK_SAME(mem, want, AREA);
	CHECK_OK(madvise(mem, AREA, MADV_PAGEOUT));
	away();
	CHECK_SAME(mem, want, AREA);
	home();
}

TEST(swap, in_from_away)
{
	with_swap(in_from_away);
}

/* A child that is away has the parent's pages, which are in swap. */
static void forked(void *arg)
{
	char *mem = swapped_area(2), *want = map_anon(AREA);
	pid_t pid;

	(void)arg;
	fill(want, AREA, 2);
	away();
	pid = CHECK_OK(fork());
	if (!pid) {
		away();
		CHECK_SAME(mem, want, AREA);
		fill(mem, AREA, 3);
		fill(want, AREA, 3);
		CHECK_OK(madvise(mem, AREA, MADV_PAGEOUT));
		CHECK_SAME(mem, want, AREA);
		home();
		CHECK_OK(madvise(mem, AREA, MADV_PAGEOUT));
		CHECK_SAME(mem, want, AREA);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	CHECK_SAME(mem, want, AREA);
	home();
	CHECK_SAME(mem, want, AREA);
}

TEST(swap, forked)
{
	with_swap(forked);
}

/* The swap is taken away under it: all has to come in, at home. */
static void loses_swap(void *arg)
{
	char *mem = swapped_area(4), *want = map_anon(AREA);

	(void)arg;
	fill(want, AREA, 4);
	away();
	CHECK_SAME(mem, want, AREA / 4);
	CHECK_OK(swapoff(loop_name));
	CHECK_EQ(swapped_kib(getpid()), 0);
	CHECK_SAME(mem, want, AREA);
	CHECK_OK(swapon(loop_name, 0));
	home();
	CHECK_SAME(mem, want, AREA);
}

TEST(swap, taken_away)
{
	with_swap(loses_swap);
}

/* Looked at by another process while it is in swap and its owner away. */
static void looks(void *arg)
{
	char *want = map_anon(AREA), *got = map_anon(AREA);
	struct iovec here = { got, AREA }, there = { NULL, AREA };
	pid_t pid;
	int fds[2];

	(void)arg;
	fill(want, AREA, 5);
	CHECK_OK(pipe(fds));
	pid = CHECK_OK(fork());
	if (!pid) {
		char *area;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		area = swapped_area(5);
		away();
		CHECK_EQ(write(fds[1], &area, sizeof(area)), sizeof(area));
		for (;;)
			asm volatile("" : : : "memory");
	}
	close(fds[1]);
	if (read(fds[0], &there.iov_base, sizeof(void *)) != sizeof(void *)) {
		int status;

		CHECK_EQ(waitpid(pid, &status, 0), pid);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	CHECK_AWAY(pid, 1);
	CHECK(swapped_kib(pid) > 0);
	CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0), (long)AREA);
	CHECK_SAME(got, want, AREA);
	CHECK_AWAY(pid, 1);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

TEST(swap, looked_at)
{
	with_swap(looks);
}
