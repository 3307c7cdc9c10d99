/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_AUTH_H
#define _KERNEL_SSI_AUTH_H

#include <linux/ktime.h>
#include <linux/types.h>

#include "rpc.h"
#include "wire.h"

struct ssi_conn;
struct ssi_instance;
struct ssi_node;

/**
 * struct ssi_auth_peer - what a peer has proven of itself
 * @proven: it knows the key; else the rest is not filled in
 * @id: its node id
 * @lane: what the connection is for
 * @incarnation: drawn when it joined
 */
struct ssi_auth_peer {
	bool proven;
	u32 id;
	u32 lane;
	u64 incarnation;
};

int ssi_auth_dial(struct ssi_node *node, struct ssi_conn *conn, enum ssi_lane lane,
		  unsigned int attempt, ktime_t until, struct ssi_auth_peer *who,
		  char reason[SSI_REASON_MAX]);
int ssi_auth_answer(struct ssi_instance *si, struct ssi_conn *conn, const void *body,
		    size_t len, ktime_t until, struct ssi_auth_peer *who,
		    char reason[SSI_REASON_MAX]);

#endif /* _KERNEL_SSI_AUTH_H */
