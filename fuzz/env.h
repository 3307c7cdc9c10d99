/* SPDX-License-Identifier: GPL-2.0 */
/* What the targets share of the kernel that is not there. */
#ifndef _FUZZ_ENV_H
#define _FUZZ_ENV_H

#include <linux/net.h>
#include <linux/types.h>
#include <net/sock.h>

#include "conn.h"
#include "fuzz.h"

/**
 * struct fuzz_sock - a connection of which one end is the input
 * @sock: what the code sees
 * @sk: the same
 * @in: bytes to be received; then the connection ends
 * @in_len: how many
 * @in_pos: those that were
 * @out: bytes that were sent, or NULL
 * @out_max: room there
 * @out_len: how many
 */
struct fuzz_sock {
	struct socket sock;
	struct sock sk;
	const u8 *in;
	size_t in_len;
	size_t in_pos;
	u8 *out;
	size_t out_max;
	size_t out_len;
};

void fuzz_sock_init(struct fuzz_sock *s, const u8 *in, size_t len, u8 *out, size_t max);
struct ssi_conn *fuzz_conn(struct fuzz_sock *s, wait_queue_head_t *wait, const bool *abort);

u32 fuzz_random(void);
/* Called where the code would sleep; false: nothing more happens */
extern bool (*fuzz_idle)(void);
/* Pages that are allocated */
extern unsigned int fuzz_nr_pages;
void *fuzz_page_data(struct page *page);

#define fuzz_expect(cond)						\
	do {								\
		if (!(cond))						\
			fuzz_fail("%s:%d: %s", __FILE_NAME__, __LINE__, #cond); \
	} while (0)

#endif /* _FUZZ_ENV_H */
