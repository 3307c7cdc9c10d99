/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_ANNOUNCE_H
#define _TOOLS_SSI_ANNOUNCE_H

#include "tool.h"

/**
 * struct announce - what a node says of itself to the others
 * @node: its id
 * @out: its administrator has had it leave
 * @addr: where it listens; the port is never 0
 * @cluster: name of its cluster
 */
struct announce {
	unsigned int node;
	bool out;
	struct address addr;
	char cluster[SSI_CLUSTER_NAME_LEN + 1];
};

/**
 * struct announce_wire - the same as bytes, the only message between daemons
 * @magic: ANNOUNCE_MAGIC, whose last digit is the version
 * @node: id of the sender
 * @port: where it listens
 * @addr_len: bytes of @addr that count, 4 or 16
 * @out: 1 if it is out, else 0
 * @addr: where it listens; the rest is 0
 * @cluster: name, and 0 to the end
 */
struct announce_wire {
	char magic[8];
	__le32 node;
	__le16 port;
	__u8 addr_len;
	__u8 out;
	__u8 addr[16];
	char cluster[64];
};

#define ANNOUNCE_MAGIC	"ssicoro1"

void announce_pack(const struct announce *a, struct announce_wire *w);
const char *announce_unpack(const void *bytes, size_t len, struct announce *a);

#endif /* _TOOLS_SSI_ANNOUNCE_H */
