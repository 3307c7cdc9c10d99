/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_AUTH_H
#define _KERNEL_SSI_AUTH_H

#include <linux/ktime.h>
#include <linux/types.h>

struct ssi_conn;
struct ssi_instance;

/**
 * struct ssi_auth_ops - how two nodes prove to each other that they may speak
 * @name: for people
 * @prove: run on each new connection before any other byte is exchanged.
 *	@initiator is true on the side that connected.  Sleeps, until @until of
 *	CLOCK_BOOTTIME at most.  Returns 0 or a negative errno.
 */
struct ssi_auth_ops {
	const char *name;
	int (*prove)(struct ssi_instance *si, struct ssi_conn *conn,
		     bool initiator, ktime_t until);
};

int ssi_auth_prove(struct ssi_instance *si, struct ssi_conn *conn,
		   bool initiator, ktime_t until);

#endif /* _KERNEL_SSI_AUTH_H */
