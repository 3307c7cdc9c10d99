/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_HANDSHAKE_H
#define _KERNEL_SSI_HANDSHAKE_H

#include <linux/types.h>

#include "auth.h"
#include "rpc.h"
#include "wire.h"

struct ssi_conn;
struct ssi_pairing;
struct ssi_wire_refuse;

/**
 * struct ssi_handshake - what a handshake found out
 * @conn: a connection per lane, NULL where there is none
 * @cookie: of the attempt
 * @who: what the peer has proven on the control lane
 * @epoch: the epoch that begins
 * @incarnation: of the peer
 * @nr_cpus: nr_cpu_ids of the peer
 * @refused: one of the two does not want the other
 * @reason: why it failed
 */
struct ssi_handshake {
	struct ssi_conn *conn[SSI_NR_LANES];
	u64 cookie;
	struct ssi_auth_peer who;
	u32 epoch;
	u64 incarnation;
	u32 nr_cpus;
	bool refused;
	char reason[SSI_REASON_MAX];
};

int ssi_handshake(struct ssi_pairing *p, struct ssi_handshake *hs);
void ssi_handshake_drop(struct ssi_handshake *hs);
void ssi_handshake_refuse(struct ssi_conn *conn, const char *reason);
void ssi_handshake_keep_reason(char reason[SSI_REASON_MAX], const struct ssi_wire_refuse *wire);

#endif /* _KERNEL_SSI_HANDSHAKE_H */
