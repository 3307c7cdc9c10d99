// SPDX-License-Identifier: GPL-2.0
/* io_uring without a library: one request at a time. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "ring.h"
#include "torture.h"

bool ring_open(struct ring *r)
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

int ring_do(struct ring *r, int op, int fd, void *buf, unsigned int len)
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
	sqe->off = -1;
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

/* Make a buffer the one of the ring: its pages are pinned until the end. */
int ring_buffer(struct ring *r, void *buf, unsigned int len)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };

	return syscall(SYS_io_uring_register, r->fd, IORING_REGISTER_BUFFERS,
		       &iov, 1);
}
