// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI fuzzer: three lanes after the handshake
 *
 * The input is what a member sends, in the order in which it arrives: messages by any lane,
 * messages again, by the same lane or another, bytes out of step, and between them the ends of
 * epochs and calls that are made here. link.c takes it from there, up to the handlers, most of
 * which are replaced by fuzz_handle(): it looks whether what the tables promise is so.
 */
#include <linux/slab.h>

#include "env.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"
#include "placemsg.h"
#include "waiter.h"

/* with the functions that only the receiver's thread calls */
#include "link.c"

#define FUZZ_MAX_STREAM		(64 << 10)
#define FUZZ_MAX_RECORDS	64
#define FUZZ_MAX_INPUT		4096
#define FUZZ_NR_CALLS		4
#define FUZZ_FIRST_EPOCH	7

/* Kinds of a record, in the low bits of its first byte. */
enum {
	FUZZ_CONTROL,		/* a header, and a body as long as it says */
	FUZZ_USER,
	FUZZ_MEMORY,
	FUZZ_EVENT,		/* a byte, which says what, and one for its argument */
	FUZZ_NR_KINDS,
	FUZZ_RAW	= 0x80,	/* of a lane: a byte, and as many bytes as it says */
};

/* Kinds of an event. */
enum {
	FUZZ_EPOCH,		/* an epoch ends, and the next one begins */
	FUZZ_CALL,		/* a call is made, of the kind that the argument says */
	FUZZ_REPLAY,		/* a lane's last message comes again, by that of the argument */
	FUZZ_CANCEL,		/* the call that the argument says is given up */
	FUZZ_NR_EVENTS,
};

static const struct {
	u16 type;
	size_t len;
	size_t reply_max;
} fuzz_calls[] = {
	{ SSI_MSG_ECHO, 8, 64 },
	{ SSI_MSG_ECHO_MEM, 8, 64 },
	{ SSI_MSG_DRAIN, sizeof(struct ssi_wire_drain), sizeof(struct ssi_wire_drain) },
	{ SSI_MSG_CLOCK, 0, sizeof(struct ssi_wire_clock) },
	{ SSI_MSG_SESSION_NEW, sizeof(struct ssi_wire_session_new),
	  sizeof(struct ssi_wire_session) },
	{ SSI_MSG_INVALIDATE, sizeof(struct ssi_wire_range), 0 },
	{ SSI_MSG_RECALL, sizeof(struct ssi_wire_pages) + sizeof(struct ssi_wire_page),
	  sizeof(struct ssi_wire_pages) + 16 * sizeof(struct ssi_wire_page) },
	{ SSI_MSG_OP, sizeof(struct ssi_wire_op), sizeof(struct ssi_wire_op_done) + 64 },
	{ SSI_MSG_WATCH, sizeof(struct ssi_wire_watch), sizeof(struct ssi_wire_watched) },
	{ SSI_MSG_PLACE, sizeof(struct ssi_wire_place), sizeof(struct ssi_wire_placed) },
	{ SSI_MSG_FILE, sizeof(struct ssi_wire_file), sizeof(struct ssi_wire_file_done) + 64 },
};

/* One input. */
static struct {
	struct ssi_node *node;
	struct fuzz_sock sock[SSI_NR_LANES];
	u8 *in[SSI_NR_LANES];
	u8 *out[SSI_NR_LANES];
	size_t fed[SSI_NR_LANES];
	size_t last[SSI_NR_LANES];		/* where the last message of each begins */
	struct ssi_call *call[FUZZ_NR_CALLS];
	unsigned int nr_calls;
	unsigned int handled;
	unsigned int failed;
} fz;

static u8 *fuzz_in[SSI_NR_LANES], *fuzz_out[SSI_NR_LANES];
static void *fuzz_body[SSI_NR_LANES];

void fuzz_handle(struct ssi_rx *rx);
/* A handler: what the tables promise to it is to be so. */
void fuzz_handle(struct ssi_rx *rx)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(rx->type);
	struct ssi_link *link;
	unsigned int i;

	fuzz_expect(rx->node == fz.node);
	fuzz_expect(rx->lane < SSI_NR_LANES);
	link = &fz.node->pairing->link[rx->lane];
	fuzz_expect(link->open && !fz.node->pairing->broken);
	fuzz_expect(rx->epoch == link->epoch && rx->epoch == fz.node->epoch);
	fuzz_expect(op && !op->reply && op->handle);
	fuzz_expect(op->lane == rx->lane || op->lane == SSI_NR_LANES);
	fuzz_expect(rx->len >= op->min_len && rx->len <= op->max_len);
	fuzz_expect(rx->len <= SSI_MSG_MAX_BODY);
	fuzz_expect(rx->nr_pages <= op->max_pages);
	fuzz_expect(IS_ALIGNED((unsigned long)rx->body, 8));
	fuzz_expect(!rx->late);
	fuzz_expect(!op->check || !op->check(rx->body, rx->len));
	for (i = 0; i < rx->nr_pages; i++)
		fuzz_page_data(rx->pages[i]);
	/* as a handler that keeps it */
	if (rx->nr_pages && (fuzz_random() & 1)) {
		put_page(rx->pages[0]);
		rx->pages[0] = NULL;
	}
	fz.handled++;
}

static void fuzz_changed(struct ssi_node *node)
{
}

static const struct ssi_peer_ops fuzz_peer_ops = { .changed = fuzz_changed };
static struct ssi_instance fuzz_inst = {
	.node = 1, .incarnation = 0x1111, .deadline_ms = 5000, .insecure = true,
	.peer_ops = &fuzz_peer_ops,
};

static void fuzz_open(u32 epoch)
{
	unsigned int lane;

	fz.node->pairing->broken = false;
	fz.node->epoch = epoch;
	ssi_node_set_state(fz.node, SSI_NODE_STATE_MEMBER);
	for (lane = 0; lane < SSI_NR_LANES; lane++)
		ssi_link_open(&fz.node->pairing->link[lane], epoch);
	ssi_heart_start(&fz.node->pairing->heart, epoch, fuzz_inst.deadline_ms);
}

/* The end of an epoch, in the order that pairing.c has. */
static void fuzz_close(void)
{
	struct ssi_pairing *p = fz.node->pairing;
	unsigned int i;

	ssi_pairing_break(p, "end of the epoch");
	ssi_heart_stop(&p->heart);
	ssi_calls_fail(&p->calls, fz.node->epoch, true);
	ssi_calls_fail(&p->calls, fz.node->epoch, false);
	for (i = 0; i < SSI_NR_LANES; i++)
		fuzz_expect(!p->link[i].open);
	/* no call outlives the epoch it was made in */
	for (i = 0; i < fz.nr_calls; i++)
		fuzz_expect(ssi_call_done(fz.call[i]));
}

/* What was sent is what a peer takes: the same code, with the other lane's bytes. */
static void fuzz_check_out(void)
{
	const struct ssi_rpc_op *op;
	struct ssi_wire_hdr hdr;
	struct ssi_rx rx;
	unsigned int lane;
	size_t at;

	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		struct fuzz_sock *s = &fz.sock[lane];

		for (at = 0; s->out_len - at >= sizeof(hdr);) {
			memcpy(&hdr, s->out + at, sizeof(hdr));
			at += sizeof(hdr);
			fuzz_expect(!ssi_link_parse(&fz.node->pairing->link[lane], &hdr, &rx, &op));
			if (s->out_len - at < rx.len + rx.nr_pages * PAGE_SIZE)
				break;
			/* bodies of calls are not filled in here */
			if (op->check && op->reply)
				fuzz_expect(!op->check(s->out + at, rx.len));
			at += rx.len + rx.nr_pages * PAGE_SIZE;
		}
	}
}

static void fuzz_make_call(unsigned int what)
{
	struct ssi_call *call;
	struct ssi_msg *msg;

	if (fz.nr_calls == FUZZ_NR_CALLS)
		return;
	what %= ARRAY_SIZE(fuzz_calls);
	call = kzalloc_obj(*call);
	/* as long as it may be, so that a byte more is noticed */
	call->reply_max = fuzz_calls[what].reply_max;
	if (call->reply_max)
		call->reply = kmalloc(call->reply_max, GFP_KERNEL);
	msg = ssi_msg_alloc(fuzz_calls[what].type, fuzz_calls[what].len, GFP_KERNEL);
	ssi_call_start(call, fz.node, fz.node->epoch, msg);
	fz.call[fz.nr_calls++] = call;
}

/* who waits for a call that is over receives nothing himself */
void ssi_waiter_init(struct ssi_waiter *w, struct ssi_node *node, enum ssi_lane lane)
{
}

static void fuzz_end_call(struct ssi_call *call)
{
	unsigned int i;
	int err;

	if (!ssi_call_done(call))
		fuzz_expect(ssi_call_cancel(call));
	err = ssi_call_wait(call);
	fuzz_expect(err <= 0 && err >= -MAX_ERRNO);
	fuzz_expect(call->reply_len <= call->reply_max);
	fuzz_expect(call->nr_pages <= SSI_MSG_MAX_PAGES);
	fuzz_expect(!call->nr_pages || !err);
	if (!err) {
		const struct ssi_rpc_op *op = ssi_rpc_op(call->reply_type);

		fuzz_expect(call->reply_type == call->type + 1);
		fuzz_expect(op && op->reply);
		fuzz_expect(!call->reply || call->reply_len >= op->min_len);
		fuzz_expect(call->nr_pages <= op->max_pages);
	}
	for (i = 0; i < call->nr_pages; i++)
		put_page(call->pages[i]);
	kfree(call->reply);
	kfree(call);
}

/* Bytes that the lane gets; those beyond its room are cut off, and the lane ends there. */
static void fuzz_feed(unsigned int lane, const void *data, size_t len)
{
	len = min(len, FUZZ_MAX_STREAM - fz.fed[lane]);
	memcpy(fz.in[lane] + fz.fed[lane], data, len);
	fz.fed[lane] += len;
}

static void fuzz_feed_pages(unsigned int lane, unsigned int nr)
{
	size_t len = min(nr * PAGE_SIZE, FUZZ_MAX_STREAM - fz.fed[lane]);

	memset(fz.in[lane] + fz.fed[lane], 0x5a, len);
	fz.fed[lane] += len;
}

/* One record of an input. */
struct fuzz_record {
	u8 kind;
	const u8 *data;
	size_t len;
	unsigned int nr_pages;
};

static size_t fuzz_take(const u8 *data, size_t len, struct fuzz_record *r)
{
	struct ssi_wire_hdr hdr;

	r->kind = data[0];
	r->data = data + 1;
	r->nr_pages = 0;
	len--;
	if (r->kind & FUZZ_RAW) {
		r->len = len ? min_t(size_t, len - 1, r->data[0]) : 0;
		r->data += !!len;
		return 1 + !!len + r->len;
	}
	if ((r->kind & 3) == FUZZ_EVENT) {
		r->len = min(len, 2);
		return 1 + r->len;
	}
	r->len = min(len, sizeof(hdr));
	if (r->len == sizeof(hdr)) {
		memcpy(&hdr, r->data, sizeof(hdr));
		r->len += min_t(size_t, len - sizeof(hdr), le32_to_cpu(hdr.len));
		r->nr_pages = min_t(u16, le16_to_cpu(hdr.nr_pages), 4);
	}
	return 1 + r->len;
}

/* Handle what has arrived by a lane. Returns 0, or what ended it. */
static int fuzz_receive(struct ssi_link *link, size_t end)
{
	struct fuzz_sock *s = &fz.sock[link->lane];
	int err = 0;

	while (!err && s->in_pos - (link->stage_len - link->stage_off) < end)
		err = ssi_link_rx_one(link);
	return err;
}

static void fuzz_event(const struct fuzz_record *r)
{
	u8 what = r->len > 0 ? r->data[0] : 0, arg = r->len > 1 ? r->data[1] : 0;

	switch (what % FUZZ_NR_EVENTS) {
	case FUZZ_EPOCH:
		fuzz_close();
		/* what was not sent is not sent in the next one */
		fuzz_open(fz.node->epoch + 1);
		break;
	case FUZZ_CALL:
		fuzz_make_call(arg);
		break;
	case FUZZ_CANCEL:
		if (fz.nr_calls)
			ssi_call_cancel(fz.call[arg % fz.nr_calls]);
		break;
	}
}

/* A first pass lays out the streams, a second one has them received. */
static void fuzz_lanes_lay_out(const u8 *data, size_t len, struct fuzz_record *rec, size_t *end,
			       unsigned int *nr)
{
	unsigned int lane;

	for (*nr = 0; len && *nr < FUZZ_MAX_RECORDS; (*nr)++) {
		struct fuzz_record *r = &rec[*nr];
		size_t n = fuzz_take(data, len, r);

		data += n;
		len -= n;
		lane = r->kind & 3;
		end[*nr] = 0;
		if (lane == FUZZ_EVENT && !(r->kind & FUZZ_RAW)) {
			/* again: a message that was sent before */
			if (r->len < 2 || r->data[0] % FUZZ_NR_EVENTS != FUZZ_REPLAY)
				continue;
			lane = r->data[1] % SSI_NR_LANES;
			n = r->data[1] / SSI_NR_LANES % SSI_NR_LANES;
			fuzz_feed(lane, fz.in[n] + fz.last[n], fz.fed[n] - fz.last[n]);
			end[*nr] = fz.fed[lane];
			r->kind = lane;
			continue;
		}
		lane %= SSI_NR_LANES;
		if (!(r->kind & FUZZ_RAW))
			fz.last[lane] = fz.fed[lane];
		fuzz_feed(lane, r->data, r->len);
		fuzz_feed_pages(lane, r->nr_pages);
		end[*nr] = fz.fed[lane];
		r->kind = lane;
	}
}

static void fuzz_lanes_setup(void)
{
	unsigned int lane;

	memset(&fz, 0, sizeof(fz));
	fz.node = kzalloc_obj(*fz.node);
	fz.node->inst = &fuzz_inst;
	fz.node->id = 2;
	refcount_set(&fz.node->ref, 1000);
	fz.node->pairing = ssi_pairing_alloc(fz.node);
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		if (!fuzz_in[lane]) {
			fuzz_in[lane] = fuzz_malloc(FUZZ_MAX_STREAM);
			fuzz_out[lane] = fuzz_malloc(FUZZ_MAX_STREAM);
			fuzz_body[lane] = fuzz_malloc(SSI_MSG_MAX_BODY);
		}
		fz.in[lane] = fuzz_in[lane];
		fz.out[lane] = fuzz_out[lane];
	}
}

static void fuzz_lanes_run(const unsigned char *data, unsigned long len)
{
	static struct fuzz_record rec[FUZZ_MAX_RECORDS];
	static size_t end[FUZZ_MAX_RECORDS];
	struct ssi_pairing *p;
	unsigned int lane, i, nr;
	u64 epoch;
	int err = 0;

	fuzz_lanes_setup();
	p = fz.node->pairing;
	fuzz_lanes_lay_out(data, len, rec, end, &nr);
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		struct ssi_link *link = &p->link[lane];

		fuzz_sock_init(&fz.sock[lane], fz.in[lane], fz.fed[lane], fz.out[lane],
			       FUZZ_MAX_STREAM);
		link->conn = fuzz_conn(&fz.sock[lane], &link->rx_wait, &p->broken);
		/* there is always something to read, if only the end */
		set_bit(SSI_CONN_CLOSED, &link->conn->flags);
		link->body = fuzz_body[lane];
	}
	fuzz_open(FUZZ_FIRST_EPOCH);
	for (i = 0; i < nr && !err; i++) {
		epoch = fz.node->epoch;
		if (!end[i])
			fuzz_event(&rec[i]);
		else
			err = fuzz_receive(&p->link[rec[i].kind], end[i]);
		/* nothing that a peer says begins an epoch */
		fuzz_expect(fz.node->epoch == epoch + (!end[i] && rec[i].len &&
						       rec[i].data[0] % FUZZ_NR_EVENTS == FUZZ_EPOCH) ||
			    (!end[i] && !rec[i].len));
	}
	fuzz_check_out();
	fuzz_close();
	/* what arrives now is not handled any more */
	fz.handled = 0;
	for (lane = 0; lane < SSI_NR_LANES && !err; lane++)
		fuzz_receive(&p->link[lane], fz.fed[lane]);
	fuzz_expect(!fz.handled);
	for (i = 0; i < fz.nr_calls; i++)
		fuzz_end_call(fz.call[i]);
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		p->link[lane].body = NULL;
		for (i = 0; i < SSI_MSG_MAX_PAGES; i++)
			fuzz_expect(!p->link[lane].rx_pages[i]);
		ssi_link_drop(&p->link[lane]);
		fuzz_expect(!p->link[lane].replies);
	}
	ssi_pairing_free(p);
	kfree(fz.node);
}

/* A message of a type as it should be, but for what its own check wants of the body. */
static size_t fuzz_message(u8 *buf, u16 type, unsigned int seq, unsigned int nr_pages)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(type);
	struct ssi_wire_hdr hdr = {
		.len = cpu_to_le32(op->min_len), .type = cpu_to_le16(type),
		.epoch = cpu_to_le32(FUZZ_FIRST_EPOCH),
		.nr_pages = cpu_to_le16(min(nr_pages, op->max_pages)),
		.flags = cpu_to_le32(op->reply ? SSI_WIRE_REPLY : seq ? SSI_WIRE_CALL : 0),
		.seq = cpu_to_le64(seq),
	};
	const struct ssi_wire_heartbeat beat = {
		.seq = cpu_to_le64(1), .epoch = hdr.epoch, .cpus = cpu_to_le32(1),
		.flags = cpu_to_le32(SSI_HEARTBEAT_PING),
	};
	const struct ssi_wire_error error = { .error = cpu_to_le32(EIO) };
	u8 *body = buf + 1 + sizeof(hdr);

	buf[0] = op->lane % SSI_NR_LANES;
	memcpy(buf + 1, &hdr, sizeof(hdr));
	memset(body, 0, op->min_len);
	if (type == SSI_MSG_HEARTBEAT)
		memcpy(body, &beat, sizeof(beat));
	else if (type == SSI_MSG_ERROR)
		memcpy(body, &error, sizeof(error));
	return 1 + sizeof(hdr) + op->min_len;
}

static u16 fuzz_type(unsigned int n)
{
	u16 type;

	for (;;) {
		for (type = 1; type < SSI_MSG_PROC_END; type++)
			if (ssi_rpc_op(type) && !n--)
				return type;
	}
}

static unsigned int fuzz_nr_types(void)
{
	unsigned int type, nr = 0;

	for (type = 1; type < SSI_MSG_PROC_END; type++)
		nr += !!ssi_rpc_op(type);
	return nr;
}

static size_t fuzz_put_event(u8 *buf, u8 what, u8 arg)
{
	buf[0] = FUZZ_EVENT;
	buf[1] = what;
	buf[2] = arg;
	return 3;
}

/* A message of each type; then each call with its answer; then some of all. */
static unsigned long fuzz_lanes_seed(unsigned int nr, unsigned char *buf)
{
	unsigned int i, types = fuzz_nr_types();
	size_t len = 0;

	if (nr < types)
		return fuzz_message(buf, fuzz_type(nr), 1, 1);
	nr -= types;
	if (nr < ARRAY_SIZE(fuzz_calls)) {
		len = fuzz_put_event(buf, FUZZ_CALL, nr);
		return len + fuzz_message(buf + len, fuzz_calls[nr].type + 1, 1, 1);
	}
	nr -= ARRAY_SIZE(fuzz_calls);
	switch (nr) {
	case 0:
		for (i = 0; i < types && len < FUZZ_MAX_INPUT - 1024; i++)
			if (fuzz_type(i) != SSI_MSG_BYE && !ssi_rpc_op(fuzz_type(i))->reply)
				len += fuzz_message(buf + len, fuzz_type(i), i, 0);
		return len;
	case 1:
		/* of an epoch that is over, and of a call of it */
		len = fuzz_put_event(buf, FUZZ_CALL, 0);
		len += fuzz_message(buf + len, SSI_MSG_ECHO, 1, 2);
		len += fuzz_put_event(buf + len, FUZZ_EPOCH, 0);
		len += fuzz_put_event(buf + len, FUZZ_REPLAY, 4);
		len += fuzz_message(buf + len, SSI_MSG_ECHO_REPLY, 1, 0);
		return len;
	case 2:
		/* twice, and by another lane */
		len = fuzz_put_event(buf, FUZZ_CALL, 1);
		len += fuzz_message(buf + len, SSI_MSG_ECHO_MEM_REPLY, 1, 1);
		len += fuzz_put_event(buf + len, FUZZ_REPLAY, 8);
		len += fuzz_message(buf + len, SSI_MSG_HEARTBEAT, 0, 0);
		len += fuzz_put_event(buf + len, FUZZ_REPLAY, 1);
		return len;
	default:
		return 0;
	}
}

/* The mutations that bytes do not tell of. */
static unsigned long fuzz_lanes_mutate(unsigned char *data, unsigned long len, unsigned long max,
				       unsigned int seed)
{
	static u8 out[FUZZ_MAX_INPUT + 1024];
	struct fuzz_record rec[FUZZ_MAX_RECORDS];
	size_t start[FUZZ_MAX_RECORDS + 1];
	unsigned int nr = 0, a, b, what;
	struct ssi_wire_hdr hdr;
	size_t at = 0, n = 0;
	bool has_hdr;

	for (; at < len && nr < FUZZ_MAX_RECORDS; nr++) {
		start[nr] = at;
		at += fuzz_take(data + at, len - at, &rec[nr]);
	}
	start[nr] = at;
	fuzz_begin(seed);
	what = fuzz_random() % 12;
	a = nr ? fuzz_random() % nr : 0;
	b = nr ? fuzz_random() % nr : 0;
	has_hdr = nr && !(rec[a].kind & FUZZ_RAW) && (rec[a].kind & 3) != FUZZ_EVENT &&
		  rec[a].len >= sizeof(hdr);
	if (!nr)
		what = 0;
	else if (what >= 4 && what < 10 && !has_hdr)
		what = 1;
	if (has_hdr)
		memcpy(&hdr, rec[a].data, sizeof(hdr));
	switch (what) {
	case 0:		/* a message, or an event, is added */
		memcpy(out, data, start[a]);
		n = start[a];
		if (fuzz_random() % 4)
			n += fuzz_message(out + n, fuzz_type(fuzz_random() % fuzz_nr_types()),
					  fuzz_random() % 4, fuzz_random() % 3);
		else
			n += fuzz_put_event(out + n, fuzz_random(), fuzz_random());
		memcpy(out + n, data + start[a], at - start[a]);
		n += at - start[a];
		break;
	case 1:		/* two change places */
	case 2:		/* one comes again */
	case 3:		/* one is left out */
		if (a > b)
			swap(a, b);
		memcpy(out, data, start[a]);
		n = start[a];
		if (what != 3) {
			memcpy(out + n, data + start[b], start[b + 1] - start[b]);
			n += start[b + 1] - start[b];
		}
		if (what == 1 && b > a) {
			memcpy(out + n, data + start[a + 1], start[b] - start[a + 1]);
			n += start[b] - start[a + 1];
		}
		if (what == 1 && b > a) {
			memcpy(out + n, data + start[a], start[a + 1] - start[a]);
			n += start[a + 1] - start[a];
			memcpy(out + n, data + start[b + 1], at - start[b + 1]);
			n += at - start[b + 1];
		} else if (what == 2) {
			n = min(n, FUZZ_MAX_INPUT);
			memcpy(out + n, data + start[a], min(at - start[a], FUZZ_MAX_INPUT - n));
			n += min(at - start[a], FUZZ_MAX_INPUT - n);
		} else {
			memcpy(out + n, data + start[a + 1], at - start[a + 1]);
			n += at - start[a + 1];
		}
		break;
	case 4:		/* by another lane */
		((u8 *)rec[a].data)[-1] = fuzz_random() % SSI_NR_LANES;
		return len;
	case 5:
		hdr.epoch = cpu_to_le32(FUZZ_FIRST_EPOCH - 1 + fuzz_random() % 4);
		break;
	case 6:
		hdr.seq = cpu_to_le64(fuzz_random() % 6);
		break;
	case 7:
		hdr.flags = cpu_to_le32(fuzz_random() % 4);
		break;
	case 8:
		hdr.nr_pages = cpu_to_le16(fuzz_random() % 5);
		break;
	case 9:		/* a length that is not so, by a little */
		hdr.len = cpu_to_le32(le32_to_cpu(hdr.len) + fuzz_random() % 17 - 8);
		break;
	case 10:	/* cut off */
		return start[a] + fuzz_random() % (start[a + 1] - start[a] + 1);
	default:	/* a bit of a message */
		data[start[a] + fuzz_random() % (start[a + 1] - start[a])] ^=
			BIT(fuzz_random() % 8);
		return len;
	}
	if (what >= 4) {
		memcpy((u8 *)rec[a].data, &hdr, sizeof(hdr));
		return len;
	}
	n = min(n, max);
	memcpy(data, out, n);
	return n;
}

const struct fuzz_target fuzz_lanes = {
	.name = "lanes", .max_len = FUZZ_MAX_INPUT,
	.run = fuzz_lanes_run, .seed = fuzz_lanes_seed, .mutate = fuzz_lanes_mutate,
};
