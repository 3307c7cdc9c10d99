/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent of ci/cluster: first process of a node, and the commands on,
 * net and node inside it. One static binary, told apart by its name.
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AGENT_SOCKET	"/run/agent.sock"
#define AGENT_VERSION	"1"

/*
 * A frame on the virtio-serial port and on AGENT_SOCKET; little endian, as
 * are both architectures. Each stream of bytes (standard input one way, both
 * outputs together the other way) may have WINDOW bytes on the way; its
 * receiver returns credit for what it has passed on, so that one slow reader
 * never holds up the port for the others.
 */
struct frame {
	uint32_t chan;
	uint32_t len;
	uint8_t type;
	uint8_t pad[3];
};

enum frame_type {
	FRAME_OPEN = 1,		/* struct frame_open, then argv, NUL-terminated */
	FRAME_DATA,		/* one byte 0, 1 or 2, then bytes; none: end of file */
	FRAME_CREDIT,		/* u32 bytes */
	FRAME_EXIT,		/* u32 status as a shell has it */
	FRAME_SIGNAL,		/* u32 signal for the process group */
	FRAME_RESIZE,		/* u16 rows, u16 columns */
	FRAME_HELLO,		/* AGENT_VERSION */
	FRAME_CLOSE,		/* who asked is gone */
};

struct frame_open {
	uint8_t tty;
	uint8_t pad;
	uint16_t rows;
	uint16_t cols;
	uint16_t pad2;
	uint32_t node;		/* 0: the host */
};

#define FRAME_MAX	(128 * 1024)
#define WINDOW		(256 * 1024)
/* Channels that an agent opens (on, net, node) have this bit, others do not. */
#define CHAN_AGENT	0x80000000u

struct buf {
	char *p;
	size_t off, len, cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_frame(struct buf *b, uint32_t chan, int type, const void *a, size_t an,
	       const void *p, size_t n);
/* Write what fd takes. 0: all or would block; -1: fd is dead. */
int buf_flush(struct buf *b, int fd, size_t *written);
/* Read what fd has. 1: something; 0: nothing now; -1: end or error. */
int buf_fill(struct buf *b, int fd);
/* The next whole frame; its payload stays valid until the next buf_fill(). */
struct frame *buf_next(struct buf *b, char **payload);

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

void boot(void);
void serve(void) __attribute__((noreturn));
int client_main(const char *name, int argc, char **argv);
int netem_main(int argc, char **argv);

#endif
