// SPDX-License-Identifier: GPL-2.0
/*
 * What the daemons of a cluster tell each other.
 *
 * corosync carries it, to all of a group, in one order, and says who sent it. So there is
 * one message of fixed size, which is repeated whenever somebody comes.
 */

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "announce.h"

static_assert(sizeof(struct announce_wire) == 96, "size of the message");
static_assert(sizeof(ANNOUNCE_MAGIC) == sizeof(((struct announce_wire *)0)->magic) + 1, "magic");

/**
 * announce_pack - write what a node says of itself
 * @a: that
 * @w: filled in
 */
void announce_pack(const struct announce *a, struct announce_wire *w)
{
	memset(w, 0, sizeof(*w));
	memcpy(w->magic, ANNOUNCE_MAGIC, sizeof(w->magic));
	w->node = htole32(a->node);
	w->port = htole16(a->addr.port);
	w->addr_len = a->addr.len;
	w->out = a->out;
	memcpy(w->addr, a->addr.bytes, a->addr.len);
	memcpy(w->cluster, a->cluster, strnlen(a->cluster, sizeof(a->cluster) - 1));
}

/**
 * announce_unpack - read what a node says of itself
 * @bytes: as they came
 * @len: how many
 * @a: filled in
 *
 * Return: NULL, or what is wrong with it.
 */
const char *announce_unpack(const void *bytes, size_t len, struct announce *a)
{
	static const __u8 zero[16];
	struct announce_wire w;

	if (len < sizeof(w.magic) || memcmp(bytes, ANNOUNCE_MAGIC, sizeof(w.magic) - 1))
		return "it does not speak as ssi-corosync does";
	if (len != sizeof(w) || memcmp(bytes, ANNOUNCE_MAGIC, sizeof(w.magic)))
		return "its ssi-corosync is of another version";
	memcpy(&w, bytes, sizeof(w));
	memset(a, 0, sizeof(*a));
	a->node = le32toh(w.node);
	a->out = w.out;
	a->addr.len = w.addr_len;
	a->addr.port = le16toh(w.port);
	memcpy(a->addr.bytes, w.addr, sizeof(w.addr));
	memcpy(a->cluster, w.cluster, sizeof(a->cluster));
	if (w.out > 1 || (w.addr_len != 4 && w.addr_len != 16) || !a->addr.port ||
	    memcmp(w.addr + w.addr_len, zero, sizeof(w.addr) - w.addr_len) ||
	    !w.cluster[0] || w.cluster[sizeof(w.cluster) - 1])
		return "what it says of itself is malformed";
	return NULL;
}
