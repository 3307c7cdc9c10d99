/* SPDX-License-Identifier: GPL-2.0 */
/* io_uring without a library: one request at a time. */
#ifndef RING_H
#define RING_H

#include <linux/io_uring.h>
#include <stdbool.h>

/**
 * struct ring - rings that the kernel and the process write at once
 * @fd: what io_uring_setup() gave
 * @sq_tail: and the following: where things are in the shared memory
 */
struct ring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array, *cq_head, *cq_tail,
		     *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

bool ring_open(struct ring *r);
int ring_do(struct ring *r, int op, int fd, void *buf, unsigned int len);
int ring_buffer(struct ring *r, void *buf, unsigned int len);

#endif /* RING_H */
