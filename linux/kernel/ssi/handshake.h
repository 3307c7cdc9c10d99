/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_HANDSHAKE_H
#define _KERNEL_SSI_HANDSHAKE_H

#include <linux/types.h>

#include "rpc.h"
#include "wire.h"

struct ssi_conn;
struct ssi_pairing;

/**
 * struct ssi_handshake - what a handshake found out
 * @conn: a connection per lane, NULL where there is none
 * @cookie: of the attempt
 * @epoch: the epoch that begins
 * @incarnation: of the peer
 * @nr_cpus: nr_cpu_ids of the peer
 * @refused: one of the two does not want the other
 * @reason: why it failed
 */
struct ssi_handshake {
	struct ssi_conn *conn[SSI_NR_LANES];
	u64 cookie;
	u32 epoch;
	u64 incarnation;
	u32 nr_cpus;
	bool refused;
	char reason[SSI_REASON_MAX];
};

int ssi_handshake(struct ssi_pairing *p, struct ssi_handshake *hs);
void ssi_handshake_drop(struct ssi_handshake *hs);
void ssi_handshake_refuse(struct ssi_conn *conn, const char *reason);

#endif /* _KERNEL_SSI_HANDSHAKE_H */
