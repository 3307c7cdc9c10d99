// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: how two nodes meet
 */

/**
 * DOC: handshake
 *
 * The node with the higher id connects; the other listens. Each connection begins with
 * the proof of auth.c; then::
 *
 *   connects                          listens
 *   control   HELLO              -->
 *             <--  HELLO with a cookie, or REFUSE
 *             REFUSE             -->  (if the listener's HELLO does not fit)
 *   others    ATTACH with cookie -->
 *             <--  ATTACH
 *   control   READY with epoch   -->
 *             <--  READY with epoch
 *
 * Each side compares the other's HELLO with its own (compat.c) and refuses with a
 * sentence for people.  READY says that nothing of an older epoch is held any
 * more on that side (I4); it is sent as soon as that is so, and both have sent
 * and received it when the epoch begins.  The epoch's number is one more than the
 * highest either side knows, so it only grows, whichever of the two restarted.
 *
 * Unhappy paths: every step has a deadline; ssi_pairing_break() ends any wait.
 * If one side begins the epoch and the other does not, the first loses it with
 * the connections, and its number is used up.
 *
 * Locks: none held across any step.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "auth.h"
#include "compat.h"
#include "conn.h"
#include "handshake.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"

#define SSI_HANDSHAKE_MIN_MS	2000
#define SSI_REFUSE_MS		200

static ktime_t ssi_handshake_until(struct ssi_pairing *p)
{
	u32 ms = max_t(u32, p->node->inst->deadline_ms, SSI_HANDSHAKE_MIN_MS);

	return ktime_add_ms(ktime_get_boottime(), ms);
}

/* Jiffies until then; to msecs_to_jiffies() a moment that is past is for ever. */
static long ssi_handshake_left(ktime_t until)
{
	s64 ms = ktime_ms_delta(until, ktime_get_boottime());

	return ms > 0 ? msecs_to_jiffies(ms) : 0;
}

static void ssi_handshake_state(struct ssi_pairing *p,
				enum ssi_node_state state)
{
	struct ssi_node *node = p->node;

	spin_lock_irq(&node->lock);
	if (!p->broken)
		ssi_node_set_state(node, state);
	spin_unlock_irq(&node->lock);
	node->inst->peer_ops->changed(node);
}

/**
 * ssi_handshake_refuse - tell a peer why it is not wanted
 * @conn: control lane; the caller closes it
 * @reason: sentence for a person
 *
 * Context: sleeps, for a short time.
 */
void ssi_handshake_refuse(struct ssi_conn *conn, const char *reason)
{
	ktime_t until = ktime_add_ms(ktime_get_boottime(), SSI_REFUSE_MS);
	struct ssi_wire_refuse wire = {};
	u8 byte;

	strscpy(wire.reason, reason, sizeof(wire.reason));
	if (ssi_conn_send_msg(conn, SSI_MSG_REFUSE, 0, &wire, sizeof(wire),
			      until))
		return;
	/* Closing resets: let the peer read it and close first. */
	ssi_conn_recv(conn, &byte, 1, until);
}

static int ssi_handshake_refused(struct ssi_handshake *hs, struct ssi_conn *conn)
{
	hs->refused = true;
	ssi_handshake_refuse(conn, hs->reason);
	return -ECONNREFUSED;
}

/**
 * ssi_handshake_keep_reason - keep the sentence of a REFUSE, of which nothing is believed
 * @reason: where to
 * @wire: it
 *
 * Context: any; pure.
 */
void ssi_handshake_keep_reason(char reason[SSI_REASON_MAX], const struct ssi_wire_refuse *wire)
{
	strscpy(reason, wire->reason, SSI_REASON_MAX);
	for (; *reason; reason++)
		if (*reason < ' ' || *reason > '~')
			*reason = '?';
}

static int ssi_handshake_told(struct ssi_handshake *hs, const void *body,
			      size_t len)
{
	if (len != sizeof(struct ssi_wire_refuse))
		return -EPROTO;
	hs->refused = true;
	ssi_handshake_keep_reason(hs->reason, body);
	return -ECONNREFUSED;
}

static int ssi_handshake_send_hello(struct ssi_pairing *p,
				    struct ssi_handshake *hs,
				    struct ssi_wire_hello *wire, ktime_t until)
{
	struct ssi_instance *si = p->node->inst;
	size_t len;

	memset(wire, 0, sizeof(*wire));
	wire->magic = cpu_to_le32(SSI_WIRE_MAGIC);
	wire->version = cpu_to_le32(SSI_WIRE_VERSION);
	wire->from = cpu_to_le32(si->node);
	wire->to = cpu_to_le32(p->node->id);
	wire->incarnation = cpu_to_le64(si->incarnation);
	wire->cookie = cpu_to_le64(hs->cookie);
	wire->epoch = cpu_to_le32(p->node->epoch);
	wire->deadline_ms = cpu_to_le32(si->deadline_ms);
	wire->pid_stride = cpu_to_le32(si->pid_stride);
	strscpy(wire->cluster, si->cluster, sizeof(wire->cluster));
	len = ssi_compat_self(wire->compat, SSI_COMPAT_MAX);
	wire->compat_len = cpu_to_le32(len);
	return ssi_conn_send_msg(hs->conn[SSI_LANE_CONTROL], SSI_MSG_HELLO, 0,
				 wire, sizeof(*wire) + len, until);
}

/* Does the peer's HELLO fit ours?  Fills in hs->reason if not. */
static int ssi_handshake_check_hello(struct ssi_pairing *p,
				     struct ssi_handshake *hs,
				     const struct ssi_wire_hello *wire,
				     size_t len)
{
	struct ssi_instance *si = p->node->inst;
	const struct ssi_hello_expect expect = {
		.from		= p->node->id,
		.to		= si->node,
		.deadline_ms	= si->deadline_ms,
		.pid_stride	= si->pid_stride,
		.cluster	= si->cluster,
	};
	u8 *self;
	int err;

	err = ssi_compat_check_hello(&expect, wire, len, hs->reason);
	if (err)
		return err;

	self = kmalloc(SSI_COMPAT_MAX, GFP_KERNEL);
	if (!self) {
		strscpy(hs->reason, "out of memory", sizeof(hs->reason));
		return -ENOMEM;
	}
	err = ssi_compat_check(self, ssi_compat_self(self, SSI_COMPAT_MAX),
			       wire->compat, le32_to_cpu(wire->compat_len),
			       &hs->nr_cpus, hs->reason);
	kfree(self);
	if (err)
		return err;

	hs->incarnation = le64_to_cpu(wire->incarnation);
	if (hs->who.proven && hs->who.incarnation != hs->incarnation) {
		strscpy(hs->reason, "the peer says two things of itself", sizeof(hs->reason));
		return -EPROTO;
	}
	hs->epoch = max(p->node->epoch, le32_to_cpu(wire->epoch)) + 1;
	if (!hs->epoch) {
		strscpy(hs->reason, "no epochs left: let both remove and add the other",
			sizeof(hs->reason));
		return -EOVERFLOW;
	}
	return 0;
}

static int ssi_handshake_check_attach(struct ssi_pairing *p,
				      struct ssi_handshake *hs,
				      enum ssi_lane lane,
				      const struct ssi_wire_hdr *hdr,
				      const struct ssi_wire_attach *wire,
				      int len)
{
	if (le16_to_cpu(hdr->type) != SSI_MSG_ATTACH || len != sizeof(*wire) ||
	    le32_to_cpu(wire->magic) != SSI_WIRE_MAGIC ||
	    le32_to_cpu(wire->version) != SSI_WIRE_VERSION ||
	    le32_to_cpu(wire->from) != p->node->id ||
	    le32_to_cpu(wire->to) != p->node->inst->node ||
	    le64_to_cpu(wire->cookie) != hs->cookie ||
	    le32_to_cpu(wire->lane) != lane)
		return -EPROTO;
	return 0;
}

static int ssi_handshake_send_attach(struct ssi_pairing *p,
				     struct ssi_handshake *hs,
				     enum ssi_lane lane, ktime_t until)
{
	struct ssi_wire_attach wire = {
		.magic	 = cpu_to_le32(SSI_WIRE_MAGIC),
		.version = cpu_to_le32(SSI_WIRE_VERSION),
		.from	 = cpu_to_le32(p->node->inst->node),
		.to	 = cpu_to_le32(p->node->id),
		.cookie	 = cpu_to_le64(hs->cookie),
		.lane	 = cpu_to_le32(lane),
	};

	return ssi_conn_send_msg(hs->conn[lane], SSI_MSG_ATTACH, 0, &wire,
				 sizeof(wire), until);
}

static int ssi_handshake_connect(struct ssi_pairing *p,
				 struct ssi_handshake *hs, enum ssi_lane lane,
				 ktime_t until)
{
	struct ssi_instance *si = p->node->inst;
	struct ssi_auth_peer who;
	struct ssi_conn *conn;
	int err;

	conn = ssi_conn_connect(si->net, &si->listen, &p->node->addr, lane,
				&p->node->wait, &p->broken, until);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	hs->conn[lane] = conn;
	err = ssi_auth_dial(p->node, conn, lane, p->attempts, until, &who, hs->reason);
	/* either side may have said why */
	hs->refused = err && *hs->reason;
	if (err)
		return err;
	if (lane == SSI_LANE_CONTROL)
		hs->who = who;
	/* restarted in the middle of it */
	return who.incarnation == hs->who.incarnation ? 0 : -EPROTO;
}

/* The side that connects, up to READY. */
static int ssi_handshake_dial(struct ssi_pairing *p, struct ssi_handshake *hs,
			      struct ssi_wire_hello *wire)
{
	ktime_t until = ssi_handshake_until(p);
	struct ssi_wire_attach attach;
	struct ssi_wire_hdr hdr;
	enum ssi_lane lane;
	int err, len;

	err = ssi_handshake_connect(p, hs, SSI_LANE_CONTROL, until);
	if (err)
		return err;
	ssi_handshake_state(p, SSI_NODE_STATE_CHECKING);

	err = ssi_handshake_send_hello(p, hs, wire, until);
	if (err)
		return err;
	len = ssi_conn_recv_msg(hs->conn[SSI_LANE_CONTROL], &hdr, wire,
				sizeof(*wire) + SSI_COMPAT_MAX, until);
	if (len < 0)
		return len;
	if (le16_to_cpu(hdr.type) == SSI_MSG_REFUSE)
		return ssi_handshake_told(hs, wire, len);
	if (le16_to_cpu(hdr.type) != SSI_MSG_HELLO)
		return -EPROTO;
	if (ssi_handshake_check_hello(p, hs, wire, len))
		return ssi_handshake_refused(hs, hs->conn[SSI_LANE_CONTROL]);
	hs->cookie = le64_to_cpu(wire->cookie);
	if (!hs->cookie)
		return -EPROTO;

	for (lane = SSI_LANE_USER; lane < SSI_NR_LANES; lane++) {
		err = ssi_handshake_connect(p, hs, lane, until);
		if (!err)
			err = ssi_handshake_send_attach(p, hs, lane, until);
		if (err)
			return err;
	}
	for (lane = SSI_LANE_USER; lane < SSI_NR_LANES; lane++) {
		len = ssi_conn_recv_msg(hs->conn[lane], &hdr, &attach,
					sizeof(attach), until);
		if (len < 0)
			return len;
		err = ssi_handshake_check_attach(p, hs, lane, &hdr, &attach, len);
		if (err)
			return err;
	}
	return 0;
}

/* Take what the peer offers; false if it offers nothing (yet). */
static bool ssi_handshake_take_offer(struct ssi_pairing *p,
				     struct ssi_offer **offer)
{
	spin_lock_irq(&p->node->lock);
	*offer = p->offer;
	p->offer = NULL;
	/* Its arrival broke what was going on, which ends here. */
	p->broken = p->stop;
	spin_unlock_irq(&p->node->lock);
	return *offer;
}

static bool ssi_handshake_attached(struct ssi_pairing *p)
{
	return READ_ONCE(p->attach[SSI_LANE_USER]) &&
	       READ_ONCE(p->attach[SSI_LANE_MEMORY]);
}

/* The side that listens, up to READY. */
static int ssi_handshake_answer(struct ssi_pairing *p, struct ssi_handshake *hs,
				struct ssi_wire_hello *wire)
{
	struct ssi_node *node = p->node;
	struct ssi_wire_hdr hdr;
	struct ssi_offer *offer;
	struct ssi_conn *conn;
	enum ssi_lane lane;
	ktime_t until;
	int err, len;

	wait_event_idle(node->wait, READ_ONCE(p->offer) || READ_ONCE(p->stop));
	if (!ssi_handshake_take_offer(p, &offer))
		return -EINTR;
	conn = offer->conn;
	hs->conn[SSI_LANE_CONTROL] = conn;
	hs->who = offer->who;
	err = ssi_handshake_check_hello(p, hs, &offer->hello, offer->len);
	kfree(offer);
	if (err)
		return ssi_handshake_refused(hs, conn);
	until = ssi_handshake_until(p);
	ssi_handshake_state(p, SSI_NODE_STATE_CHECKING);

	do {
		hs->cookie = get_random_u64();
	} while (!hs->cookie);
	spin_lock_irq(&node->lock);
	p->cookie = hs->cookie;
	spin_unlock_irq(&node->lock);

	err = ssi_handshake_send_hello(p, hs, wire, until);
	if (err)
		return err;
	wait_event_idle_timeout(node->wait,
				ssi_handshake_attached(p) ||
				READ_ONCE(p->broken) ||
				test_bit(SSI_CONN_CLOSED, &conn->flags),
				ssi_handshake_left(until));
	spin_lock_irq(&node->lock);
	p->cookie = 0;
	for (lane = SSI_LANE_USER; lane < SSI_NR_LANES; lane++) {
		hs->conn[lane] = p->attach[lane];
		p->attach[lane] = NULL;
	}
	spin_unlock_irq(&node->lock);

	if (!hs->conn[SSI_LANE_USER] || !hs->conn[SSI_LANE_MEMORY]) {
		if (!test_bit(SSI_CONN_CLOSED, &conn->flags))
			return -ETIMEDOUT;
		/* Instead of attaching it may have told us why it does not. */
		len = ssi_conn_recv_msg(conn, &hdr, wire, sizeof(*wire), until);
		if (len >= 0 && le16_to_cpu(hdr.type) == SSI_MSG_REFUSE)
			return ssi_handshake_told(hs, wire, len);
		return len < 0 ? len : -EPROTO;
	}
	for (lane = SSI_LANE_USER; lane < SSI_NR_LANES; lane++) {
		err = ssi_handshake_send_attach(p, hs, lane, until);
		if (err)
			return err;
	}
	return 0;
}

/* Wait until nothing is held, say so, and hear it from the peer (I4). */
static int ssi_handshake_purge(struct ssi_pairing *p, struct ssi_handshake *hs)
{
	struct ssi_conn *conn = hs->conn[SSI_LANE_CONTROL];
	ktime_t until = ssi_handshake_until(p);
	struct ssi_node *node = p->node;
	struct ssi_wire_ready wire = {
		.cookie	= cpu_to_le64(hs->cookie),
		.epoch	= cpu_to_le32(hs->epoch),
	};
	struct ssi_wire_hdr hdr;
	int err, len;

	ssi_handshake_state(p, SSI_NODE_STATE_PURGING);
	wait_event_idle_timeout(node->wait,
				!atomic_read(&node->holds) ||
				READ_ONCE(p->broken) ||
				test_bit(SSI_CONN_CLOSED, &conn->flags),
				ssi_handshake_left(until));
	if (READ_ONCE(p->broken))
		return -EINTR;
	if (atomic_read(&node->holds))
		return -ETIMEDOUT;

	err = ssi_conn_send_msg(conn, SSI_MSG_READY, hs->epoch, &wire,
				sizeof(wire), until);
	if (err)
		return err;
	len = ssi_conn_recv_msg(conn, &hdr, &wire, sizeof(wire), until);
	if (len < 0)
		return len;
	if (le16_to_cpu(hdr.type) != SSI_MSG_READY || len != sizeof(wire) ||
	    le64_to_cpu(wire.cookie) != hs->cookie ||
	    le32_to_cpu(wire.epoch) != hs->epoch)
		return -EPROTO;
	return 0;
}

/**
 * ssi_handshake - meet the peer
 * @p: pairing
 * @hs: result; zeroed by the caller, who calls ssi_handshake_drop() in any case
 *
 * Context: the pairing's thread; sleeps until a peer is there, or
 * ssi_pairing_break().
 * Return: 0 with all lanes connected, or a negative errno.
 */
int ssi_handshake(struct ssi_pairing *p, struct ssi_handshake *hs)
{
	struct ssi_wire_hello *wire;
	int err;

	wire = kzalloc(sizeof(*wire) + SSI_COMPAT_MAX, GFP_KERNEL);
	if (!wire)
		return -ENOMEM;

	if (p->node->inst->node > p->node->id)
		err = ssi_handshake_dial(p, hs, wire);
	else
		err = ssi_handshake_answer(p, hs, wire);
	kfree(wire);
	if (err)
		return err;
	return ssi_handshake_purge(p, hs);
}

/**
 * ssi_handshake_drop - close the connections that were not handed on
 * @hs: handshake
 *
 * Context: may sleep.
 */
void ssi_handshake_drop(struct ssi_handshake *hs)
{
	unsigned int lane;

	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		ssi_conn_free(hs->conn[lane]);
		hs->conn[lane] = NULL;
	}
}
