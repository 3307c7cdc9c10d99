// SPDX-License-Identifier: GPL-2.0
/* Growing byte queues and the framing on top of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent.h"

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (b->off && b->off + b->len + n > b->cap) {
		memmove(b->p, b->p + b->off, b->len);
		b->off = 0;
	}
	if (b->len + n > b->cap) {
		b->cap = (b->len + n) * 2;
		b->p = realloc(b->p, b->cap);
		if (!b->p)
			die("out of memory");
	}
	memcpy(b->p + b->off + b->len, p, n);
	b->len += n;
}

void buf_frame(struct buf *b, uint32_t chan, int type, const void *a, size_t an,
	       const void *p, size_t n)
{
	struct frame f = { .chan = chan, .len = an + n, .type = type };

	buf_add(b, &f, sizeof(f));
	if (an)
		buf_add(b, a, an);
	if (n)
		buf_add(b, p, n);
}

int buf_flush(struct buf *b, int fd, size_t *written)
{
	while (b->len) {
		ssize_t n = write(fd, b->p + b->off, b->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		b->off += n;
		b->len -= n;
		if (written)
			*written += n;
	}
	b->off = 0;
	return 0;
}

int buf_fill(struct buf *b, int fd)
{
	char tmp[32768];
	ssize_t n;

	do {
		n = read(fd, tmp, sizeof(tmp));
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	buf_add(b, tmp, n);
	return 1;
}

struct frame *buf_next(struct buf *b, char **payload)
{
	static struct frame f;

	if (b->len < sizeof(f))
		return NULL;
	memcpy(&f, b->p + b->off, sizeof(f));
	if (f.len > FRAME_MAX)
		die("frame of %u bytes", f.len);
	if (b->len < sizeof(f) + f.len)
		return NULL;
	*payload = b->p + b->off + sizeof(f);
	b->off += sizeof(f) + f.len;
	b->len -= sizeof(f) + f.len;
	return &f;
}
