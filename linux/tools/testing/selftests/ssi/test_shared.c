// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that several processes may write is not coherent over nodes. The
 * process comes home, or is not moved at all; it stays right, and the reason
 * can be seen.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "ring.h"
#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

/*
 * Move; what is touched then brings the caller home, for a visit, or for some
 * seconds if it does that often. No more of the reasons can have been given.
 */
static void try_away(void)
{
	struct ssi_where where;
	int err;

	if (!can_move())
		return;
	err = ssi_away(node(0));
	if (!moves_are_ours())
		return;
	if (err)
		FAIL("move to node %u: %s: %s", node(0), strerror(-err),
		     ssi_last_text());
	err = ssi_locate(getpid(), &where);
	if (err || where.node != node(0))
		FAIL("asked for node %u, am on node %u: %s %s", node(0),
		     where.node, strerror(-err), where.text);
	if (where.reason != SSI_REASON_SHARED_MAPPING &&
	    where.reason != SSI_REASON_REQUESTED)
		FAIL("reason %u: %s", where.reason, where.text);
}

/* A file that is mapped shared and read and written by calls too. */
TEST(shared, file)
{
	int fd = temp_file(), i;
	char *map, c;

	CHECK_OK(ftruncate(fd, 4 * PAGE));
	map = CHECK_OK(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd, 0));
	for (i = 0; i < 20; i++) {
		try_away();
		map[i] = i;
		CHECK_EQ(pread(fd, &c, 1, i), 1);
		CHECK_EQ(c, i);
		c = i + 100;
		CHECK_EQ(pwrite(fd, &c, 1, PAGE + i), 1);
		CHECK_EQ(map[PAGE + i], i + 100);
	}
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	CHECK_OK(munmap(map, 4 * PAGE));
	home();
	away();
	CHECK_EQ(pread(fd, &c, 1, 7), 1);
	CHECK_EQ(c, 7);
	home();
}

/* Made while away. */
TEST(shared, mapped_away)
{
	int fd = temp_file();
	char *map, c;

	away();
	CHECK_EQ(write(fd, "file content", 12), 12);
	map = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    0));
	CHECK_SAME(map, "file content", 12);
	map[0] = 'F';
	CHECK_EQ(pread(fd, &c, 1, 0), 1);
	CHECK_EQ(c, 'F');
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	CHECK_OK(munmap(map, PAGE));
	home();
	away();
	home();
}

static long *shared_words;

static void add_shared(void *arg)
{
	int i;

	for (i = 0; i < 2000; i++) {
		if (arg && i % 500 == 0)
			try_away();
		ADD(shared_words[0], 1);
	}
}

/* Anonymous memory shared by a family of processes, all of them moved. */
TEST(shared, anonymous)
{
	pid_t pids[4];
	int i;

	shared_words = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (i = 0; i < 4; i++)
		pids[i] = child(add_shared, "moved");
	add_shared("moved");
	for (i = 0; i < 4; i++)
		CHECK_EXITS(pids[i], 0);
	CHECK_EQ(shared_words[0], 10000);
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	home();
}

TEST(shared, sysv)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	pid_t pid;

	if (id < 0 && errno == ENOSYS)
		skip("no System V shared memory in this kernel");
	CHECK_OK(id);
	away();
	shared_words = CHECK_OK(shmat(id, NULL, 0));
	CHECK_OK(shmctl(id, IPC_RMID, NULL));
	pid = child(add_shared, "moved");
	add_shared("moved");
	CHECK_EXITS(pid, 0);
	CHECK_EQ(shared_words[0], 4000);
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	CHECK_OK(shmdt(shared_words));
	home();
}

/* Shared but read-only for us: another writes it. */
static void write_shared(void *arg)
{
	char *map = arg;

	sleep_ms(30);
	WRITE(map[5], 77);
}

TEST(shared, read_only)
{
	int fd = temp_file();
	char *ro, *rw;
	pid_t pid;

	CHECK_OK(ftruncate(fd, PAGE));
	rw = CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   0));
	pid = child(write_shared, rw);
	CHECK_OK(munmap(rw, PAGE));
	ro = CHECK_OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	try_away();
	while (READ(ro[5]) != 77)
		sched_yield();
	CHECK_REASON(getpid(), SSI_REASON_SHARED_MAPPING);
	CHECK_EXITS(pid, 0);
	home();
}

/*
 * io_uring has rings that the kernel and the process write at once. It works,
 * and the process visits its home for each use.
 */
TEST(shared, io_uring)
{
	char *buf = map_anon(PAGE);
	struct ring ring;
	int fds[2], i;

	CHECK_OK(pipe(fds));
	if (!ring_open(&ring))
		skip("no io_uring here");
	for (i = 0; i < 6; i++) {
		try_away();
		CHECK_EQ(ring_do(&ring, IORING_OP_NOP, -1, NULL, 0), 0);
		CHECK_EQ(write(fds[1], "uring", 5), 5);
		memset(buf, 0, 8);
		CHECK_EQ(ring_do(&ring, IORING_OP_READ, fds[0], buf, 8), 5);
		CHECK_SAME(buf, "uring", 5);
		CHECK_REASON(getpid(), SSI_REASON_IO_URING);
		home();
	}
}

/* Set up while away. */
TEST(shared, io_uring_away)
{
	struct ring ring;

	away();
	if (!ring_open(&ring))
		skip("no io_uring here");
	CHECK_EQ(ring_do(&ring, IORING_OP_NOP, -1, NULL, 0), 0);
	CHECK_EQ(ring_do(&ring, IORING_OP_NOP, -1, NULL, 0), 0);
	CHECK_REASON(getpid(), SSI_REASON_IO_URING);
	home();
}
