// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI fuzzer: connections that say what they are for, and the handshake
 *
 * The input is what the other side says on each connection. Node 1 listens: the listener
 * greets each of them, in whatever order, and the handshake goes on with what it has kept.
 * Node 2 connects. Both with a cluster key and without. Encryption ends where it would begin:
 * behind a proof everything is read as it is.
 *
 * The seeds are what the two sides say to each other, with the functions that say it. Random
 * numbers are the same each time, so that there is one proof only that is right, and what comes
 * through with another one has forged it.
 */
#include <linux/slab.h>

#include "env.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"

#define ssi_conn_connect(net, from, to, lane, wait, abort, until) \
	fuzz_connect(lane, wait, abort)

static struct ssi_conn *fuzz_connect(enum ssi_lane lane, wait_queue_head_t *wait,
				     const bool *abort);

/* with the functions that only threads of theirs call */
#include "handshake.c"
#undef pr_fmt
#include "listener.c"

#define FUZZ_NR_CONNS		5		/* some come again */
#define FUZZ_MAX_CONN		1024
#define FUZZ_MAX_OUT		1024
#define FUZZ_MAX_INPUT		4096
#define FUZZ_PEER_EPOCH		11

static const u8 fuzz_secret[SSI_KEY_LEN] = "a key that only the cluster has";

/* One side, and what it has heard and said. */
struct fuzz_side {
	bool listens;
	bool key;
	const u8 *in[FUZZ_NR_CONNS];
	size_t in_len[FUZZ_NR_CONNS];
	u8 out[FUZZ_NR_CONNS][FUZZ_MAX_OUT] __aligned(8);
	size_t out_len[FUZZ_NR_CONNS];
	unsigned int nr;
	unsigned int next;
	int err;
};

static struct fuzz_side *fuzz_side;
static struct fuzz_sock fuzz_socks[FUZZ_NR_CONNS];
static struct ssi_listener *fuzz_listener;
static struct ssi_node *fuzz_node;
static struct ssi_instance fuzz_inst;

static void fuzz_changed(struct ssi_node *node)
{
}

static const struct ssi_peer_ops fuzz_peer_ops = { .changed = fuzz_changed };

/* The table of nodes has one. */
void *xa_load(struct xarray *xa, unsigned long index)
{
	return fuzz_node && index == fuzz_node->id ? fuzz_node : NULL;
}

int fuzz_conn_secure(struct ssi_conn *conn, enum ssi_lane lane, const void *tx, const void *rx,
		     size_t len);
/* For ssi_conn_secure() in auth.c. */
int fuzz_conn_secure(struct ssi_conn *conn, enum ssi_lane lane, const void *tx, const void *rx,
		     size_t len)
{
	return 0;
}

static struct ssi_conn *fuzz_meet_conn(unsigned int i, wait_queue_head_t *wait, const bool *abort)
{
	struct fuzz_side *side = fuzz_side;

	fuzz_sock_init(&fuzz_socks[i], side->in[i], side->in_len[i], side->out[i], FUZZ_MAX_OUT);
	fuzz_socks[i].sock.state = side->listens ? SS_UNCONNECTED : SS_CONNECTED;
	return fuzz_conn(&fuzz_socks[i], wait, abort);
}

static struct ssi_conn *fuzz_connect(enum ssi_lane lane, wait_queue_head_t *wait,
				     const bool *abort)
{
	return fuzz_meet_conn(lane, wait, abort);
}

/* The next connection comes in, and is greeted; false if there are no more. */
static bool fuzz_greet(void)
{
	struct ssi_greeting *g;
	unsigned int i = fuzz_side->next;

	if (i >= fuzz_side->nr) {
		/* nor is there more to come of those that there are */
		for (i = 0; i < fuzz_side->nr; i++)
			if (fuzz_socks[i].sk.sk_user_data)
				set_bit(SSI_CONN_CLOSED, &((struct ssi_conn *)
							   fuzz_socks[i].sk.sk_user_data)->flags);
		return false;
	}
	fuzz_side->next++;
	g = kzalloc_obj(*g);
	g->l = fuzz_listener;
	INIT_LIST_HEAD(&g->link);
	g->conn = fuzz_meet_conn(i, &g->wait, &fuzz_listener->stop);
	kernel_getpeername(&fuzz_socks[i].sock, (struct sockaddr *)&g->addr);
	list_add(&g->link, &fuzz_listener->greetings);
	fuzz_listener->nr++;
	ssi_greeting_work(&g->work);
	return true;
}

static void fuzz_meet_setup(struct fuzz_side *side)
{
	struct ssi_instance *si = &fuzz_inst;
	struct sockaddr_in *in;

	memset(si, 0, sizeof(*si));
	si->node = side->listens ? 1 : 2;
	si->incarnation = side->listens ? 0x1111111111111111 : 0x2222222222222222;
	si->deadline_ms = 5000;
	si->pid_stride = 65536;
	si->insecure = !side->key;
	si->peer_ops = &fuzz_peer_ops;
	strscpy(si->cluster, "fuzz");
	ssi_keys_init(&si->keys);
	if (side->key)
		ssi_keys_add(&si->keys, fuzz_secret);

	fuzz_node = kzalloc_obj(*fuzz_node);
	fuzz_node->inst = si;
	fuzz_node->id = side->listens ? 2 : 1;
	fuzz_node->epoch = FUZZ_PEER_EPOCH;
	refcount_set(&fuzz_node->ref, 1000);
	in = (void *)&fuzz_node->addr;
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(side->listens ? 0x0a000002 : 0x0a000001);
	fuzz_node->pairing = ssi_pairing_alloc(fuzz_node);
	fuzz_node->pairing->stop = false;
	fuzz_node->state = SSI_NODE_STATE_CONNECTING;

	fuzz_listener = kzalloc_obj(*fuzz_listener);
	fuzz_listener->si = si;
	INIT_LIST_HEAD(&fuzz_listener->greetings);
	fuzz_side = side;
	side->next = 0;
}

/* A message that a side has heard: what is it? NULL if it is not there as a whole. */
static const void *fuzz_heard(const struct fuzz_side *side, unsigned int conn, size_t *at, u16 type,
			      size_t *len)
{
	const struct ssi_wire_hdr *hdr = (const void *)(side->in[conn] + *at);
	size_t left = side->in_len[conn] - *at;

	if (left < sizeof(*hdr))
		return NULL;
	*len = le32_to_cpu(hdr->len);
	left -= sizeof(*hdr);
	if (le16_to_cpu(hdr->type) != type || hdr->flags || hdr->nr_pages || left < *len)
		return NULL;
	*at += sizeof(*hdr) + *len;
	return hdr + 1;
}

/* What both have agreed on, as the input has it: nothing else may have led to that. */
static void fuzz_check_met(const struct fuzz_side *side, const struct ssi_handshake *hs,
			   const struct fuzz_side *genuine)
{
	const struct ssi_wire_hello *hello;
	const struct ssi_wire_attach *attach;
	const struct ssi_wire_ready *ready;
	static u8 self[SSI_COMPAT_MAX] __aligned(8);
	size_t at[FUZZ_NR_CONNS] = {}, len;
	unsigned int conn[SSI_NR_LANES], lane, i;
	u64 cookie = hs->cookie;

	/* which connection became which lane, the code says */
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		struct fuzz_sock *s;

		fuzz_expect(hs->conn[lane]);
		s = container_of(hs->conn[lane]->sock, struct fuzz_sock, sock);
		conn[lane] = s - fuzz_socks;
		for (i = 0; i < lane; i++)
			fuzz_expect(conn[i] != conn[lane]);
	}
	for (lane = 0; lane < SSI_NR_LANES && side->key; lane++) {
		const u8 *auth = fuzz_heard(side, conn[lane], &at[lane], SSI_MSG_AUTH, &len);
		size_t zero = 0, other;
		bool known = false;

		fuzz_expect(auth);
		/* the proof of this lane, of which there is one */
		for (i = 0; i < SSI_NR_LANES; i++, zero = 0) {
			const u8 *good = fuzz_heard(genuine, i, &zero, SSI_MSG_AUTH, &other);

			known |= i == lane && good && other == len && !memcmp(good, auth, len);
		}
		fuzz_expect(known);
	}
	fuzz_expect(hs->who.proven == side->key);
	hello = fuzz_heard(side, conn[SSI_LANE_CONTROL], &at[SSI_LANE_CONTROL], SSI_MSG_HELLO,
			   &len);
	fuzz_expect(hello && len >= sizeof(*hello));
	fuzz_expect(le32_to_cpu(hello->magic) == SSI_WIRE_MAGIC);
	fuzz_expect(le32_to_cpu(hello->version) == SSI_WIRE_VERSION);
	fuzz_expect(le32_to_cpu(hello->from) == fuzz_node->id);
	fuzz_expect(le32_to_cpu(hello->to) == fuzz_inst.node);
	fuzz_expect(le32_to_cpu(hello->deadline_ms) == fuzz_inst.deadline_ms);
	fuzz_expect(le32_to_cpu(hello->pid_stride) == fuzz_inst.pid_stride);
	fuzz_expect(!memcmp(hello->cluster, "fuzz", 5));
	fuzz_expect(le32_to_cpu(hello->compat_len) == len - sizeof(*hello));
	fuzz_expect(ssi_compat_self(self, sizeof(self)) == len - sizeof(*hello));
	/* but for the number of its CPUs, the same as ours */
	((struct ssi_compat *)self)->nr_cpus = ((const struct ssi_compat *)hello->compat)->nr_cpus;
	fuzz_expect(hs->nr_cpus == le32_to_cpu(((struct ssi_compat *)self)->nr_cpus) && hs->nr_cpus);
	for (i = 0; i < ((struct ssi_compat *)self)->nr_features; i++)
		fuzz_expect(((struct ssi_compat *)self)->features[i] ==
			    ((const struct ssi_compat *)hello->compat)->features[i]);
	fuzz_expect(hs->incarnation == le64_to_cpu(hello->incarnation));
	fuzz_expect(!side->key || hs->who.incarnation == hs->incarnation);
	fuzz_expect(hs->epoch > le32_to_cpu(hello->epoch) && hs->epoch > FUZZ_PEER_EPOCH);
	fuzz_expect(cookie && (side->listens || cookie == le64_to_cpu(hello->cookie)));
	for (lane = SSI_LANE_USER; lane < SSI_NR_LANES; lane++) {
		attach = fuzz_heard(side, conn[lane], &at[lane], SSI_MSG_ATTACH, &len);
		fuzz_expect(attach && len == sizeof(*attach));
		fuzz_expect(le32_to_cpu(attach->magic) == SSI_WIRE_MAGIC);
		fuzz_expect(le32_to_cpu(attach->version) == SSI_WIRE_VERSION);
		fuzz_expect(le64_to_cpu(attach->cookie) == cookie);
		fuzz_expect(le32_to_cpu(attach->lane) == lane);
		fuzz_expect(le32_to_cpu(attach->from) == fuzz_node->id);
		fuzz_expect(le32_to_cpu(attach->to) == fuzz_inst.node);
	}
	ready = fuzz_heard(side, conn[SSI_LANE_CONTROL], &at[SSI_LANE_CONTROL], SSI_MSG_READY,
			   &len);
	fuzz_expect(ready && len == sizeof(*ready));
	fuzz_expect(le64_to_cpu(ready->cookie) == cookie);
	fuzz_expect(le32_to_cpu(ready->epoch) == hs->epoch);
}

/* Whatever was said is text. */
static void fuzz_check_reason(const char *reason)
{
	fuzz_expect(strnlen(reason, SSI_REASON_MAX) < SSI_REASON_MAX);
	for (; *reason; reason++)
		fuzz_expect(*reason >= ' ' && *reason <= '~');
}

static void fuzz_meet(struct fuzz_side *side, const struct fuzz_side *genuine)
{
	struct ssi_handshake *hs;
	struct ssi_pairing *p;
	unsigned int i;

	fuzz_begin(side->listens);
	fuzz_meet_setup(side);
	p = fuzz_node->pairing;
	hs = kzalloc_obj(*hs);
	side->err = -ENOTCONN;
	if (side->listens) {
		fuzz_idle = fuzz_greet;
		/* until one of them is a control lane */
		while (!p->offer && fuzz_greet())
			;
	}
	if (!side->listens || p->offer)
		side->err = ssi_handshake(p, hs);
	while (side->listens && fuzz_greet())
		;
	fuzz_expect(!fuzz_listener->nr && list_empty(&fuzz_listener->greetings));
	fuzz_check_reason(hs->reason);
	if (!side->err && genuine)
		fuzz_check_met(side, hs, genuine);
	for (i = 0; i < FUZZ_NR_CONNS; i++)
		side->out_len[i] = fuzz_socks[i].out == side->out[i] ? fuzz_socks[i].out_len : 0;

	ssi_handshake_drop(hs);
	ssi_conn_free(p->attach[SSI_LANE_USER]);
	ssi_conn_free(p->attach[SSI_LANE_MEMORY]);
	if (p->offer)
		ssi_conn_free(p->offer->conn);
	kfree(p->offer);
	ssi_pairing_free(p);
	kfree(hs);
	kfree(fuzz_node);
	kfree(fuzz_listener);
	fuzz_node = NULL;
	memset(fuzz_socks, 0, sizeof(fuzz_socks));
}

/* What the two say to each other, once and for all; the first index says who listens. */
static struct fuzz_side fuzz_genuine[2][2];		/* with a key, listens */
static u8 fuzz_said[2][2][SSI_NR_LANES][FUZZ_MAX_OUT] __aligned(8);

static const struct fuzz_side *fuzz_talk(bool key, bool listens)
{
	unsigned int round, who, i;

	if (fuzz_genuine[key][listens].nr)
		return &fuzz_genuine[key][listens];
	for (who = 0; who < 2; who++) {
		fuzz_genuine[key][who].key = key;
		fuzz_genuine[key][who].listens = who;
		fuzz_genuine[key][who].nr = SSI_NR_LANES;
		for (i = 0; i < SSI_NR_LANES; i++)
			fuzz_genuine[key][who].in[i] = fuzz_said[key][who][i];
	}
	/* each hears what the other said when it knew less, until both have heard all */
	for (round = 0; round < 16; round++) {
		for (who = 0; who < 2; who++) {
			struct fuzz_side *side = &fuzz_genuine[key][who];
			struct fuzz_side *peer = &fuzz_genuine[key][!who];

			fuzz_meet(side, NULL);
			for (i = 0; i < SSI_NR_LANES; i++) {
				memcpy(fuzz_said[key][!who][i], side->out[i], side->out_len[i]);
				peer->in_len[i] = side->out_len[i];
			}
		}
	}
	if (fuzz_genuine[key][0].err || fuzz_genuine[key][1].err)
		fuzz_fail("two sides that know each other do not meet: %d, %d",
			  fuzz_genuine[key][0].err, fuzz_genuine[key][1].err);
	return &fuzz_genuine[key][listens];
}

/* Input: for each connection two bytes of length and the bytes. */
static void fuzz_meet_run(const u8 *data, size_t len, bool key, bool listens)
{
	const struct fuzz_side *genuine = fuzz_talk(key, listens);
	static u8 in[FUZZ_NR_CONNS][FUZZ_MAX_INPUT] __aligned(8);
	static struct fuzz_side side;
	size_t n;

	side = (struct fuzz_side){ .key = key, .listens = listens };
	while (side.nr < FUZZ_NR_CONNS && len >= 2) {
		n = min_t(size_t, data[0] | data[1] << 8, len - 2);
		/* aligned, as what the code reads it into */
		memcpy(in[side.nr], data + 2, n);
		side.in[side.nr] = in[side.nr];
		side.in_len[side.nr++] = n;
		data += 2 + n;
		len -= 2 + n;
	}
	fuzz_meet(&side, genuine);
}

static size_t fuzz_put_conn(u8 *buf, const void *data, size_t len)
{
	buf[0] = len;
	buf[1] = len >> 8;
	memcpy(buf + 2, data, len);
	return 2 + len;
}

static unsigned long fuzz_meet_seed(unsigned int nr, u8 *buf, bool key, bool listens)
{
	const struct fuzz_side *genuine = fuzz_talk(key, listens);
	struct {
		struct ssi_wire_hdr hdr;
		struct ssi_wire_refuse refuse;
	} said = {
		.hdr.len = cpu_to_le32(sizeof(said.refuse)),
		.hdr.type = cpu_to_le16(SSI_MSG_REFUSE),
		.refuse.reason = "no",
	};
	size_t len = 0;
	unsigned int i;

	switch (nr) {
	case 0:		/* all is well */
	case 1:		/* the other lanes in the other order */
	case 2:		/* the control lane again */
	case 3:		/* and another one in its place */
		for (i = 0; i < SSI_NR_LANES; i++) {
			unsigned int lane = nr == 1 && i ? SSI_NR_LANES - i : i;

			len += fuzz_put_conn(buf + len, genuine->in[lane], genuine->in_len[lane]);
		}
		if (nr > 1)
			len += fuzz_put_conn(buf + len, genuine->in[nr - 2],
					     genuine->in_len[nr - 2]);
		return len;
	case 4:
		return fuzz_put_conn(buf, &said, sizeof(said));
	default:
		return 0;
	}
}

/* Messages of one connection come by another, again, cut off, or with a bit that is wrong. */
static unsigned long fuzz_meet_mutate(unsigned char *data, unsigned long len, unsigned long max,
				      unsigned int seed)
{
	static u8 out[FUZZ_NR_CONNS * (FUZZ_MAX_CONN + 2)];
	const u8 *conn[FUZZ_NR_CONNS];
	size_t conn_len[FUZZ_NR_CONNS], at = 0, n = 0;
	unsigned int nr = 0, a, b, i, what;

	while (nr < FUZZ_NR_CONNS && len - at >= 2) {
		size_t l = min_t(size_t, data[at] | data[at + 1] << 8, len - at - 2);

		conn[nr] = data + at + 2;
		conn_len[nr++] = min_t(size_t, l, FUZZ_MAX_CONN);
		at += 2 + l;
	}
	if (!nr)
		return LLVMFuzzerMutate(data, len, max);
	fuzz_begin(seed);
	a = fuzz_random() % nr;
	b = fuzz_random() % nr;
	what = fuzz_random() % 6;
	if (what == 4 && conn_len[a]) {
		((u8 *)conn[a])[fuzz_random() % conn_len[a]] ^= BIT(fuzz_random() % 8);
		return len;
	}
	switch (what) {
	case 0:
		swap(conn[a], conn[b]);
		swap(conn_len[a], conn_len[b]);
		break;
	case 1:
		conn[a] = conn[b];
		conn_len[a] = conn_len[b];
		break;
	case 2:
		if (nr == FUZZ_NR_CONNS)
			break;
		conn[nr] = conn[a];
		conn_len[nr++] = conn_len[a];
		break;
	case 3:
		conn_len[a] = conn_len[a] ? fuzz_random() % conn_len[a] : 0;
		break;
	case 5:
		/* it says more than it should */
		n = 0;
		break;
	}
	for (i = 0; i < nr; i++)
		n += fuzz_put_conn(out + n, conn[i], conn_len[i]);
	n = min(n, max);
	memcpy(data, out, n);
	return what == 5 ? LLVMFuzzerMutate(data, n, max) : n;
}

#define FUZZ_MEET(id, text, key, listens)				\
static void fuzz_##id##_run(const unsigned char *data, unsigned long len) \
{									\
	fuzz_meet_run(data, len, key, listens);				\
}									\
									\
static unsigned long fuzz_##id##_seed(unsigned int nr, unsigned char *buf) \
{									\
	return fuzz_meet_seed(nr, buf, key, listens);			\
}									\
									\
const struct fuzz_target fuzz_##id = {					\
	.name = text, .max_len = FUZZ_MAX_INPUT, .run = fuzz_##id##_run,		\
	.seed = fuzz_##id##_seed, .mutate = fuzz_meet_mutate,		\
	.slow = (key) ? 20 : 1,						\
}

FUZZ_MEET(dial, "dial", false, false);
FUZZ_MEET(answer, "answer", false, true);
FUZZ_MEET(dial_key, "dial-key", true, false);
FUZZ_MEET(answer_key, "answer-key", true, true);
