// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that several processes may write is not coherent over nodes. The
 * process comes home, or is not moved at all; it stays right, and the reason
 * can be seen.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "ssi_move.h"
#include "torture.h"

#define PAGE	4096UL

/*
 * Try to move; afterwards the caller is away, or at home and the kernel said
 * one of @allowed.
 */
static void try_away(unsigned int allowed, unsigned int allowed2)
{
	struct ssi_where where;
	int err;

	if (!can_move())
		return;
	err = ssi_away(node(0));
	if (ssi_locate(getpid(), &where))
		return;
	if (where.node != where.home)
		return;
	if (where.reason != allowed && where.reason != allowed2 &&
	    where.reason != SSI_REASON_REQUESTED &&
	    where.reason != SSI_REASON_BUSY)
		FAIL("refused (%s) with reason %u: %s", strerror(-err),
		     where.reason, where.text);
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
		try_away(SSI_REASON_SHARED_MAPPING, 0);
		map[i] = i;
		CHECK_EQ(pread(fd, &c, 1, i), 1);
		CHECK_EQ(c, i);
		c = i + 100;
		CHECK_EQ(pwrite(fd, &c, 1, PAGE + i), 1);
		CHECK_EQ(map[PAGE + i], i + 100);
	}
	CHECK_OK(munmap(map, 4 * PAGE));
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
	CHECK_OK(munmap(map, PAGE));
	away();
	home();
}

static long *shared_words;

static void add_shared(void *arg)
{
	int i;

	for (i = 0; i < 2000; i++) {
		if (arg && i % 500 == 0)
			try_away(SSI_REASON_SHARED_MAPPING, 0);
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
	try_away(SSI_REASON_SHARED_MAPPING, 0);
	while (READ(ro[5]) != 77)
		sched_yield();
	CHECK_EXITS(pid, 0);
	home();
}

/*
 * io_uring has rings that the kernel and the process write at once. It works,
 * or the process is refused by name.
 */
struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail,
		     *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static bool ring_open(struct ring *r)
{
	struct io_uring_params p = { };
	char *sq, *cq;

	r->fd = syscall(SYS_io_uring_setup, 8, &p);
	if (r->fd < 0)
		return false;
	sq = CHECK_OK(mmap(NULL, p.sq_off.array + p.sq_entries * 4,
			   PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
			   IORING_OFF_SQ_RING));
	cq = CHECK_OK(mmap(NULL, p.cq_off.cqes +
			   p.cq_entries * sizeof(struct io_uring_cqe),
			   PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
			   IORING_OFF_CQ_RING));
	r->sqes = CHECK_OK(mmap(NULL, p.sq_entries * sizeof(*r->sqes),
				PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
				IORING_OFF_SQES));
	r->sq_tail = (void *)(sq + p.sq_off.tail);
	r->sq_mask = (void *)(sq + p.sq_off.ring_mask);
	r->sq_array = (void *)(sq + p.sq_off.array);
	r->cq_head = (void *)(cq + p.cq_off.head);
	r->cq_tail = (void *)(cq + p.cq_off.tail);
	r->cq_mask = (void *)(cq + p.cq_off.ring_mask);
	r->cqes = (void *)(cq + p.cq_off.cqes);
	return true;
}

static int ring_do(struct ring *r, int op, int fd, void *buf, unsigned int len)
{
	unsigned int tail = *r->sq_tail, head, index = tail & *r->sq_mask;
	struct io_uring_sqe *sqe = &r->sqes[index];
	int res;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (unsigned long)buf;
	sqe->len = len;
	sqe->user_data = 0xbeef;
	r->sq_array[index] = index;
	__atomic_store_n(r->sq_tail, tail + 1, __ATOMIC_RELEASE);
	do {
		res = syscall(SYS_io_uring_enter, r->fd, 1, 1,
			      IORING_ENTER_GETEVENTS, NULL, 0);
	} while (res < 0 && errno == EINTR);
	CHECK_OK(res);
	head = *r->cq_head;
	while (__atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE) == head)
		sched_yield();
	CHECK_EQ(r->cqes[head & *r->cq_mask].user_data, 0xbeef);
	res = r->cqes[head & *r->cq_mask].res;
	__atomic_store_n(r->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

TEST(shared, io_uring)
{
	char *buf = map_anon(PAGE);
	struct ring ring;
	int fds[2], i;

	CHECK_OK(pipe(fds));
	if (!ring_open(&ring))
		skip("no io_uring here");
	for (i = 0; i < 6; i++) {
		try_away(SSI_REASON_IO_URING, SSI_REASON_SHARED_MAPPING);
		CHECK_EQ(ring_do(&ring, IORING_OP_NOP, -1, NULL, 0), 0);
		CHECK_EQ(write(fds[1], "uring", 5), 5);
		memset(buf, 0, 8);
		CHECK_EQ(ring_do(&ring, IORING_OP_READ, fds[0], buf, 8), 5);
		CHECK_SAME(buf, "uring", 5);
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
	home();
}

/* Huge pages of their own file system. */
TEST(shared, hugetlb)
{
	char *map = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	int i;

	if (map == MAP_FAILED)
		skip("no huge pages are reserved");
	for (i = 0; i < 4; i++) {
		try_away(SSI_REASON_HUGETLB, 0);
		map[i * 1000] = i;
		CHECK_EQ(map[i * 1000], i);
		home();
	}
}

/* Transparent huge pages are split or moved as they are; both are right. */
TEST(shared, transparent_huge)
{
	size_t len = 8UL << 20, huge = 2UL << 20, i;
	char *mem = map_anon(len + huge), *want = map_anon(len);
	int k;

	mem = (char *)(((unsigned long)mem + huge - 1) & ~(huge - 1));
	madvise(mem, len, MADV_HUGEPAGE);
	fill(mem, len, 31);
	fill(want, len, 31);
	for (k = 0; k < 6; k++) {
		away_or_home(k);
		CHECK_SAME(mem + k * 100000, want + k * 100000, 200000);
		for (i = 0; i < len; i += 70000 + k) {
			mem[i]++;
			want[i]++;
		}
	}
	home();
	CHECK_SAME(mem, want, len);
}

/* KSM merges pages; a write while away must not be seen by the other. */
TEST(shared, merged)
{
	char *a = map_anon(16 * PAGE), *b = map_anon(16 * PAGE);
	size_t i;

	memset(a, 9, 16 * PAGE);
	memset(b, 9, 16 * PAGE);
	madvise(a, 16 * PAGE, MADV_MERGEABLE);
	madvise(b, 16 * PAGE, MADV_MERGEABLE);
	sleep_ms(100);
	away();
	for (i = 0; i < 16; i++) {
		a[i * PAGE] = i;
		CHECK_EQ(b[i * PAGE], 9);
	}
	home();
	for (i = 0; i < 16; i++) {
		CHECK_EQ(a[i * PAGE], (char)i);
		CHECK_EQ(b[i * PAGE], 9);
	}
}
