// SPDX-License-Identifier: GPL-2.0
/*
 * Pages in somebody's hands cannot leave: the process comes home to use them, the
 * kernel says that a page could not be moved, and what is read and written is right.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "ring.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

static struct ring ring;
static char *buffer;

static void need_buffer(void)
{
	if (!ring_open(&ring))
		skip("no io_uring here");
	buffer = map_anon(4 * PAGE);
	CHECK_OK(madvise(buffer, 4 * PAGE, MADV_NOHUGEPAGE));
	memset(buffer, 1, 4 * PAGE);
	if (ring_buffer(&ring, buffer, 4 * PAGE))
		skip("may not pin memory here");
}

/* Buffers of io_uring are pinned for as long as the ring is there. */
TEST(pinned, fixed_buffer)
{
	int fds[2], i;

	need_buffer();
	CHECK_OK(pipe(fds));
	for (i = 0; i < 4; i++) {
		away_or_home(i);
		/* before the ring is touched, which has a reason of its own */
		buffer[PAGE + i] = 70 + i;
		CHECK_EQ(buffer[PAGE + i], 70 + i);
		if (i % 3 != 2)
			CHECK_REASON(getpid(), SSI_REASON_RETRIES);
		CHECK_EQ(write(fds[1], "fixed", 5), 5);
		CHECK_EQ(ring_do(&ring, IORING_OP_READ_FIXED, fds[0],
				 buffer + 2 * PAGE - 2, 5), 5);
		CHECK_SAME(buffer + 2 * PAGE - 2, "fixed", 5);
		memcpy(buffer + 2 * PAGE - 2, "FIXED", 5);
		CHECK_EQ(ring_do(&ring, IORING_OP_WRITE_FIXED, fds[1],
				 buffer + 2 * PAGE - 2, 5), 5);
		memset(buffer + 2 * PAGE - 2, 0, 5);
		CHECK_EQ(read(fds[0], buffer + 2 * PAGE - 2, 5), 5);
		CHECK_SAME(buffer + 2 * PAGE - 2, "FIXED", 5);
		home();
	}
}

/* Pinned while the page is elsewhere: it has come home first. */
TEST(pinned, pinned_away)
{
	int fds[2];

	away();
	need_buffer();
	CHECK_OK(pipe(fds));
	memset(buffer, 5, 4 * PAGE);
	CHECK_EQ(ring_do(&ring, IORING_OP_WRITE_FIXED, fds[1], buffer, PAGE),
		 PAGE);
	memset(buffer, 6, PAGE);
	CHECK_EQ(ring_do(&ring, IORING_OP_READ_FIXED, fds[0], buffer + PAGE,
			 PAGE), PAGE);
	CHECK_EQ(buffer[0], 6);
	CHECK_EQ(buffer[PAGE], 5);
	CHECK_EQ(buffer[2 * PAGE - 1], 5);
	/* let go, it can leave */
	close(ring.fd);
	sleep_ms(100);
	home();
	away();
	memset(buffer, 7, 4 * PAGE);
	home();
	CHECK_EQ(buffer[0], 7);
	CHECK_EQ(buffer[4 * PAGE - 1], 7);
}

/*
 * A pipe that holds the page itself: what is written later is in it, if that was
 * so at home, and in no case anything else.
 */
static char from_pipe(bool moves)
{
	char *mem = map_anon(4 * PAGE), *got = map_anon(PAGE);
	struct iovec iov = { .iov_base = mem + PAGE, .iov_len = PAGE };
	int fds[2];

	CHECK_OK(pipe(fds));
	memset(mem, 'a', 4 * PAGE);
	if (moves)
		away();
	CHECK_EQ(mem[PAGE], 'a');
	CHECK_EQ(vmsplice(fds[1], &iov, 1, 0), PAGE);
	mem[PAGE + 5] = 'b';
	if (moves)
		home();
	CHECK_EQ(mem[PAGE + 5], 'b');
	if (moves)
		away();
	mem[PAGE + 6] = 'c';
	CHECK_EQ(read(fds[0], got, PAGE), PAGE);
	CHECK_EQ(got[4], 'a');
	CHECK_EQ(got[7], 'a');
	CHECK_EQ(got[PAGE - 1], 'a');
	CHECK_EQ(got[5] == 'b', got[6] == 'c');
	/* it is ours alone again */
	memset(mem, 'd', 4 * PAGE);
	if (moves)
		home();
	CHECK_EQ(mem[PAGE + 5], 'd');
	return got[5];
}

TEST(pinned, vmsplice)
{
	char at_home = from_pipe(false);

	CHECK_EQ(from_pipe(true), at_home);
}

/* Another process reads and writes page after page while we use them there. */
static void uses_pages(void *arg)
{
	char *mem = arg;
	size_t i;

	memset(mem, 0, 64 * PAGE);
	away();
	ready();
	for (;;)
		for (i = 0; i < 64; i++)
			ADD(*(long *)(mem + i * PAGE), 1);
}

TEST(pinned, by_another_process)
{
	char *mem = map_anon(64 * PAGE);
	long before[64] = { }, values[4];
	struct iovec here = { values, sizeof(values) };
	struct iovec there = { NULL, sizeof(values) };
	int i, round;
	pid_t pid;

	pid = child_ready(uses_pages, mem);
	CHECK_AWAY(pid, 1);
	for (round = 1; round < 6; round++) {
		for (i = 0; i < 64; i++) {
			there.iov_base = mem + i * PAGE;
			do {
				CHECK_EQ(process_vm_readv(pid, &here, 1, &there,
							  1, 0), 32);
				CHECK(values[0] >= before[i]);
			} while (values[0] == before[i]);
			before[i] = values[0];
			CHECK_EQ(values[1], round - 1);
			CHECK_EQ(values[2], round - 1);
			values[1] = round;
			values[2] = round;
			there.iov_base = mem + i * PAGE + 8;
			there.iov_len = 16;
			here.iov_base = &values[1];
			here.iov_len = 16;
			CHECK_EQ(process_vm_writev(pid, &here, 1, &there, 1, 0),
				 16);
			here.iov_base = values;
			here.iov_len = sizeof(values);
			there.iov_len = sizeof(values);
		}
	}
	CHECK_AWAY(pid, 1);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}
