// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who may speak
 */

/**
 * DOC: trust
 *
 * Each connection, of whatever lane, begins with a proof of the cluster's key, both ways,
 * before any other message is looked at: a Noise NNpsk0 handshake (noise.c) of two messages
 * of fixed size, SSI_MSG_AUTH::
 *
 *   connects                                  listens
 *   id of the key, ephemeral key,
 *   {node ids, lane, incarnation}       -->
 *                                       <--   ephemeral key, {the same of the other side}
 *
 * What is in braces is encrypted. The two addresses that the connection is between, and
 * the id of the key, are hashed in. Its result are the secrets of a TLS 1.3 connection
 * (tlskey.c), which the kernel's TLS record layer encrypts and authenticates from there
 * on, record by record and in order: what is changed, left out, repeated or put in another
 * order ends the connection. As the ephemeral keys are forgotten, who learns the
 * cluster's key later cannot read what was said before.
 *
 * The first message can be recorded and sent again, from the same address and port to the
 * same ones. It makes the listener answer, but
 * who sent it cannot say anything afterwards, and nothing happens to a membership
 * before something was said.
 *
 * A node that has joined without a key ("insecure") trusts a peer for the address that
 * it connects from. The log says so, and nodes with a key have nothing to do with it.
 *
 * Unhappy paths: a proof that fails closes the connection. The listener says why in
 * the clear; such a sentence may come from anybody, and is only shown.
 *
 * Locks: none held across any step.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/string.h>

#include "addr.h"
#include "auth.h"
#include "conn.h"
#include "handshake.h"
#include "instance.h"
#include "key.h"
#include "node.h"
#include "noise.h"
#include "tlskey.h"

#define SSI_AUTH_LABEL	"LinuxSSI Noise 1"

/* What both ends know before the first message. */
struct ssi_auth_prologue {
	u8 label[sizeof(SSI_AUTH_LABEL) - 1];
	struct in6_addr from;
	struct in6_addr to;
	__be16 from_port;
	__be16 to_port;
	__le64 key_id;
} __packed;

static __be16 ssi_auth_port(const struct sockaddr_storage *ss)
{
	/* at the same place in both */
	static_assert(offsetof(struct sockaddr_in, sin_port) ==
		      offsetof(struct sockaddr_in6, sin6_port));
	return ((const struct sockaddr_in *)ss)->sin_port;
}

static int ssi_auth_prologue(struct ssi_conn *conn, bool dials, u64 key_id,
			     struct ssi_auth_prologue *pro)
{
	struct sockaddr_storage self, peer, *from = dials ? &self : &peer,
				*to = dials ? &peer : &self;
	int err;

	err = kernel_getsockname(conn->sock, (struct sockaddr *)&self);
	if (err < 0)
		return err;
	err = kernel_getpeername(conn->sock, (struct sockaddr *)&peer);
	if (err < 0)
		return err;
	memcpy(pro->label, SSI_AUTH_LABEL, sizeof(pro->label));
	ssi_addr_to_in6(from, &pro->from);
	ssi_addr_to_in6(to, &pro->to);
	pro->from_port = ssi_auth_port(from);
	pro->to_port = ssi_auth_port(to);
	pro->key_id = cpu_to_le64(key_id);
	return 0;
}

static void ssi_auth_say(struct ssi_wire_auth_self *w, struct ssi_instance *si, u32 to, u32 lane)
{
	w->version = cpu_to_le32(SSI_WIRE_VERSION);
	w->from = cpu_to_le32(si->node);
	w->to = cpu_to_le32(to);
	w->lane = cpu_to_le32(lane);
	w->incarnation = cpu_to_le64(si->incarnation);
}

static int ssi_auth_hear(const struct ssi_wire_auth_self *w, struct ssi_instance *si,
			 struct ssi_auth_peer *who, char *reason)
{
	if (le32_to_cpu(w->version) != SSI_WIRE_VERSION) {
		strscpy(reason, "the nodes speak different versions of the protocol",
			SSI_REASON_MAX);
		return -EPROTO;
	}
	if (le32_to_cpu(w->to) != si->node || le32_to_cpu(w->lane) >= SSI_NR_LANES) {
		strscpy(reason, "this address is not that of the node you look for",
			SSI_REASON_MAX);
		return -EPROTO;
	}
	who->id = le32_to_cpu(w->from);
	who->lane = le32_to_cpu(w->lane);
	who->incarnation = le64_to_cpu(w->incarnation);
	who->proven = true;
	return 0;
}

/* Encrypt from here on. */
static int ssi_auth_secure(struct ssi_conn *conn, enum ssi_lane lane, struct ssi_noise *noise)
{
	struct tls12_crypto_info_chacha20_poly1305 tx, rx;
	struct ssi_noise_keys keys;
	int err;

	err = ssi_noise_split(noise, &keys);
	if (err)
		return err;
	ssi_tlskey_fill(&tx, keys.tx);
	ssi_tlskey_fill(&rx, keys.rx);
	err = ssi_conn_secure(conn, lane, &tx, &rx, sizeof(tx));
	memzero_explicit(&keys, sizeof(keys));
	memzero_explicit(&tx, sizeof(tx));
	memzero_explicit(&rx, sizeof(rx));
	return err;
}

static int ssi_auth_dial_key(struct ssi_node *node, struct ssi_conn *conn, enum ssi_lane lane,
			     const struct ssi_key *key, ktime_t until,
			     struct ssi_auth_peer *who, char *reason)
{
	union {
		struct ssi_wire_auth auth;
		struct ssi_wire_auth_reply reply;
		struct ssi_wire_refuse refuse;
	} wire = {};
	struct ssi_wire_auth_self self = {};
	struct ssi_auth_prologue pro;
	struct ssi_noise noise;
	struct ssi_wire_hdr hdr;
	int err, len;

	err = ssi_auth_prologue(conn, true, key->id, &pro);
	if (err)
		return err;
	ssi_noise_init(&noise, true, key->secret, &pro, sizeof(pro));
	ssi_auth_say(&self, node->inst, node->id, lane);
	wire.auth.key_id = cpu_to_le64(key->id);
	err = ssi_noise_write(&noise, wire.auth.noise, sizeof(wire.auth.noise), &self,
			      sizeof(self));
	if (!err)
		err = ssi_conn_send_msg(conn, SSI_MSG_AUTH, 0, &wire.auth, sizeof(wire.auth),
					until);
	if (err)
		goto wipe;
	len = ssi_conn_recv_msg(conn, &hdr, &wire, sizeof(wire), until);
	err = len < 0 ? len : -EPROTO;
	if (len == sizeof(wire.refuse) && le16_to_cpu(hdr.type) == SSI_MSG_REFUSE) {
		ssi_handshake_keep_reason(reason, &wire.refuse);
		err = -ECONNREFUSED;
	}
	if (len != sizeof(wire.reply) || le16_to_cpu(hdr.type) != SSI_MSG_AUTH)
		goto wipe;
	err = ssi_noise_read(&noise, wire.reply.noise, sizeof(wire.reply.noise), &self,
			     sizeof(self));
	if (!err)
		err = ssi_auth_hear(&self, node->inst, who, reason);
	if (!err && (who->id != node->id || who->lane != lane))
		err = -EPROTO;
	if (!err)
		err = ssi_auth_secure(conn, lane, &noise);
wipe:
	ssi_noise_wipe(&noise);
	return err;
}

/**
 * ssi_auth_dial - prove the peer of a connection that this side has made
 * @node: the peer
 * @conn: connection on which nothing was exchanged yet
 * @lane: what it is for
 * @attempt: counts the attempts to reach the peer: each proves another key
 * @until: give up at this CLOCK_BOOTTIME
 * @who: filled in
 * @reason: sentence of the peer, if -ECONNREFUSED is returned
 *
 * Context: sleeps.
 * Return: 0; -ECONNREFUSED; or another negative errno. The connection is to be closed then.
 */
int ssi_auth_dial(struct ssi_node *node, struct ssi_conn *conn, enum ssi_lane lane,
		  unsigned int attempt, ktime_t until, struct ssi_auth_peer *who,
		  char reason[SSI_REASON_MAX])
{
	struct ssi_key key;
	int err;

	memset(who, 0, sizeof(*who));
	if (node->inst->insecure)
		return 0;
	/* it leaves */
	if (!ssi_keys_nth(&node->inst->keys, attempt, &key))
		return -ENOKEY;
	err = ssi_auth_dial_key(node, conn, lane, &key, until, who, reason);
	memzero_explicit(&key, sizeof(key));
	return err;
}

static int ssi_auth_answer_key(struct ssi_instance *si, struct ssi_conn *conn,
			       const struct ssi_wire_auth *wire, const struct ssi_key *key,
			       ktime_t until, struct ssi_auth_peer *who, char *reason)
{
	struct ssi_wire_auth_reply reply;
	struct ssi_wire_auth_self self;
	struct ssi_auth_prologue pro;
	struct ssi_noise noise;
	int err;

	err = ssi_auth_prologue(conn, false, key->id, &pro);
	if (err)
		return err;
	ssi_noise_init(&noise, false, key->secret, &pro, sizeof(pro));
	err = ssi_noise_read(&noise, wire->noise, sizeof(wire->noise), &self, sizeof(self));
	if (err)
		strscpy(reason, "the proof of the cluster key failed: are addresses translated?",
			SSI_REASON_MAX);
	else
		err = ssi_auth_hear(&self, si, who, reason);
	if (err)
		goto wipe;
	memset(&self, 0, sizeof(self));
	ssi_auth_say(&self, si, who->id, who->lane);
	err = ssi_noise_write(&noise, reply.noise, sizeof(reply.noise), &self, sizeof(self));
	if (!err)
		err = ssi_conn_send_msg(conn, SSI_MSG_AUTH, 0, &reply, sizeof(reply), until);
	if (!err)
		err = ssi_auth_secure(conn, who->lane, &noise);
wipe:
	ssi_noise_wipe(&noise);
	return err;
}

/**
 * ssi_auth_answer - prove the peer of a connection that it has made
 * @si: instance that has a key
 * @conn: connection on which one message came
 * @body: of an SSI_MSG_AUTH
 * @len: bytes of it
 * @until: give up at this CLOCK_BOOTTIME
 * @who: filled in
 * @reason: what to tell the peer, or empty
 *
 * Context: sleeps.
 * Return: 0, or a negative errno: the connection is to be closed.
 */
int ssi_auth_answer(struct ssi_instance *si, struct ssi_conn *conn, const void *body,
		    size_t len, ktime_t until, struct ssi_auth_peer *who,
		    char reason[SSI_REASON_MAX])
{
	const struct ssi_wire_auth *wire = body;
	struct ssi_key key;
	int err;

	memset(who, 0, sizeof(*who));
	*reason = '\0';
	if (len != sizeof(*wire))
		return -EPROTO;
	if (!ssi_keys_find(&si->keys, le64_to_cpu(wire->key_id), &key)) {
		strscpy(reason, "your cluster key is not known here", SSI_REASON_MAX);
		return -ENOKEY;
	}
	err = ssi_auth_answer_key(si, conn, wire, &key, until, who, reason);
	memzero_explicit(&key, sizeof(key));
	return err;
}
