// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: two instances in one kernel that meet, talk, lose
 * each other and meet again
 */

#include <kunit/test.h>
#include <linux/inet.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "../addr.h"
#include "../conn.h"
#include "../instance.h"
#include "../node.h"
#include "../pairing.h"
#include "../rpc.h"
#include "../waiter.h"
#include "pair.h"

static void link_calls_test(struct kunit *test)
{
	static const size_t lens[] = { 0, 1, 40, 232, 233, 4000, 65536 };
	struct pair *p = test->priv;
	struct ssi_node_stats stats;
	unsigned int i, bad = 0;

	ssi_pair_join(test);
	for (i = 0; i < 1000 && !bad; i++) {
		u16 type = i & 1 ? SSI_MSG_ECHO : SSI_MSG_ECHO_MEM;
		size_t len = i < 21 ? lens[i % 7] : get_random_u32_below(300);
		unsigned int nr = i % 50 == 49 ? 64 : i % 4;

		if (ssi_pair_echo(test, p->side[i / 2 & 1].peer, type, len, nr))
			bad++;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);

	ssi_node_stats(p->side[0].peer, &stats);
	KUNIT_EXPECT_GE(test, stats.tx_msgs, 1000);
	KUNIT_EXPECT_GE(test, stats.rx_msgs, 1000);
	KUNIT_EXPECT_EQ(test, stats.calls, 500);
	KUNIT_EXPECT_GT(test, stats.tx_pages, 1000);
	KUNIT_EXPECT_EQ(test, stats.stale, 0);
	KUNIT_EXPECT_EQ(test, stats.losses, 0);
}

/* More than the sockets hold, in flight at once, from callers that do not wait. */
static void link_queue_test(struct kunit *test)
{
	enum { NR = 64 };
	struct pair *p = test->priv;
	struct ssi_node *node = p->side[0].peer;
	struct ssi_call *calls;
	struct page *page;
	unsigned int i, j;

	ssi_pair_join(test);
	calls = kvcalloc(NR, sizeof(*calls), GFP_KERNEL);
	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, calls);
	KUNIT_ASSERT_NOT_NULL(test, page);

	for (i = 0; i < NR; i++) {
		struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_ECHO_MEM, 8, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, msg);
		*(u64 *)msg->body = i;
		for (j = 0; j < SSI_MSG_MAX_PAGES; j++)
			KUNIT_ASSERT_EQ(test, ssi_msg_add_page(msg, page), 0);
		calls[i].reply = kunit_kzalloc(test, 8, GFP_KERNEL);
		calls[i].reply_max = 8;
		KUNIT_EXPECT_EQ(test, 0, ssi_call_start(&calls[i], node,
							ssi_node_epoch(node), msg));
	}
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, ssi_call_wait(&calls[i]), 0);
		KUNIT_EXPECT_EQ(test, *(u64 *)calls[i].reply, i);
		KUNIT_EXPECT_EQ(test, calls[i].nr_pages, SSI_MSG_MAX_PAGES);
		for (j = 0; j < calls[i].nr_pages; j++)
			put_page(calls[i].pages[j]);
	}
	/* TCP may keep what it sent for a while, not for ever. */
	KUNIT_EXPECT_TRUE(test, wait_until(page_count(page) == 1));
	put_page(page);
	kvfree(calls);
}

struct waited {
	unsigned int asked;	/* how often a message was offered */
	bool own;		/* take it */
};

static bool waiter_mine(void *data, const struct ssi_rx *rx)
{
	struct waited *seen = data;

	seen->asked++;
	return seen->own && rx->type == SSI_MSG_ECHO_REPLY;
}

/* Wait for the answer to an echo in the receiver's place. Was it there at once? */
static bool waiter_call(struct kunit *test, struct ssi_waiter *w, size_t len,
			struct waited *seen)
{
	struct pair *p = test->priv;
	struct ssi_node *node = p->side[0].peer;
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_ECHO, len, GFP_KERNEL);
	struct ssi_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	bool done;

	KUNIT_ASSERT_NOT_NULL(test, call);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	seen->asked = 0;
	ssi_waiter_init(w, node, SSI_LANE_USER);
	ssi_waiter_begin(w);
	KUNIT_ASSERT_EQ(test, ssi_call_start(call, node, ssi_node_epoch(node), msg), 0);
	KUNIT_EXPECT_NE(test, 0, wait_event_timeout(wq, ssi_waiter_woken(w),
						    msecs_to_jiffies(SOON_MS)));
	done = ssi_call_done(call);
	KUNIT_EXPECT_FALSE(test, done && seen->asked);
	ssi_waiter_end(w, ssi_node_epoch(node), waiter_mine, seen);
	done = !done && ssi_call_done(call);
	KUNIT_EXPECT_EQ(test, ssi_call_wait(call), 0);
	kunit_kfree(test, call);
	return done;
}

static void link_waiter_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct waited seen = { .own = true };
	unsigned int i, own = 0;
	struct ssi_waiter w, first;

	ssi_pair_join(test);
	/* a slow machine may let the receiver be faster now and then */
	for (i = 0; i < 50; i++)
		if (waiter_call(test, &w, 0, &seen) && seen.asked == 1 && !w.left)
			own++;
	KUNIT_EXPECT_GT(test, own, 10);

	/* what it does not want, and what is too large, the receiver handles */
	seen.own = false;
	for (i = 0; i < 10; i++) {
		waiter_call(test, &w, 0, &seen);
		KUNIT_EXPECT_TRUE(test, w.left);
	}
	seen.own = true;
	for (i = 0; i < 10; i++) {
		waiter_call(test, &w, 8000, &seen);
		KUNIT_EXPECT_TRUE(test, w.left);
		KUNIT_EXPECT_EQ(test, seen.asked, 0);
	}

	/* the one that began last is woken, the first is not */
	ssi_waiter_init(&first, p->side[0].peer, SSI_LANE_USER);
	ssi_waiter_begin(&first);
	waiter_call(test, &w, 0, &seen);
	KUNIT_EXPECT_FALSE(test, ssi_waiter_woken(&first));
	ssi_waiter_end(&first, ssi_node_epoch(p->side[0].peer), waiter_mine, &seen);
	KUNIT_EXPECT_FALSE(test, first.left);

	/* one that waits while the membership ends does not keep it from ending */
	ssi_waiter_init(&w, p->side[0].peer, SSI_LANE_USER);
	ssi_waiter_begin(&w);
	KUNIT_EXPECT_EQ(test, ssi_instance_leave(p->side[1].si, NULL), 0);
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].losses == 1));
	ssi_waiter_end(&w, 1, waiter_mine, &seen);
	KUNIT_EXPECT_TRUE(test, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 8, 0));
}

/* An echo that is asked for by a worker, as the caller has a socket's lock. */
struct late {
	struct work_struct work;
	struct ssi_node *node;
	struct ssi_call call;
	int err;
};

static void late_work(struct work_struct *work)
{
	struct late *late = container_of(work, struct late, work);

	late->err = ssi_call_start(&late->call, late->node, ssi_node_epoch(late->node),
				   ssi_msg_alloc(SSI_MSG_ECHO, 8000, GFP_KERNEL));
}

/*
 * A waiter that comes late, when the receiver has handled what woke it, may be the first to
 * read what came since, and leaves the rest of it to a receiver that knows of nothing.
 */
static void link_waiter_late_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct waited seen = {};
	struct ssi_node *node;
	struct ssi_link *link;
	struct ssi_call *call;
	struct late *late;
	struct ssi_waiter w;
	unsigned long end;
	struct sock *sk;

	ssi_pair_join(test);
	node = p->side[0].peer;
	link = &node->pairing->link[SSI_LANE_USER];
	sk = link->conn->sock->sk;
	call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	late = kunit_kzalloc(test, sizeof(*late), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, call);
	KUNIT_ASSERT_NOT_NULL(test, late);
	late->node = p->side[1].peer;
	INIT_WORK(&late->work, late_work);

	ssi_waiter_init(&w, node, SSI_LANE_USER);
	ssi_waiter_begin(&w);
	KUNIT_EXPECT_EQ(test, 0, ssi_call_start(call, node, ssi_node_epoch(node),
						ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL)));
	/* the receiver is woken as long as we do not sleep, does it, and sleeps */
	end = jiffies + msecs_to_jiffies(SOON_MS);
	while (!ssi_call_done(call) && time_before(jiffies, end))
		cond_resched();
	KUNIT_EXPECT_EQ(test, ssi_call_wait(call), 0);
	KUNIT_EXPECT_TRUE(test, ssi_waiter_woken(&w));
	KUNIT_EXPECT_TRUE(test, wait_until(!test_bit(SSI_CONN_READABLE, &link->conn->flags) &&
					   READ_ONCE(link->rx_task->__state) == TASK_IDLE));

	/* what comes while the socket is locked a worker announces, who does not come first */
	lock_sock(sk);
	queue_work(system_dfl_wq, &late->work);
	KUNIT_EXPECT_TRUE(test, wait_until(READ_ONCE(sk->sk_backlog.len) > 8000));
	sched_set_fifo(current);
	release_sock(sk);
	ssi_waiter_end(&w, ssi_node_epoch(node), waiter_mine, &seen);
	sched_set_normal(current, 0);
	flush_work(&late->work);
	KUNIT_ASSERT_EQ(test, late->err, 0);
	KUNIT_EXPECT_EQ(test, seen.asked, 0);

	KUNIT_EXPECT_TRUE(test, wait_until(ssi_call_done(&late->call)));
	if (!ssi_call_done(&late->call))
		ssi_node_fence_epoch(node, ssi_node_epoch(node), "stands still");
	KUNIT_EXPECT_EQ(test, ssi_call_wait(&late->call), 0);
}

static void link_leave_test(struct kunit *test)
{
	struct pair *p = test->priv;
	char reason[SSI_REASON_MAX];

	ssi_pair_join(test);
	KUNIT_EXPECT_EQ(test, ssi_instance_leave(p->side[1].si, NULL), 0);
	KUNIT_EXPECT_FALSE(test, ssi_instance_joined(p->side[1].si));
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_node_state(p->side[0].peer) ==
					   SSI_NODE_STATE_GONE));
	ssi_node_reason(p->side[0].peer, reason, sizeof(reason));
	KUNIT_EXPECT_STREQ(test, reason, "left the cluster");
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].losses == 1));
	KUNIT_EXPECT_EQ(test, p->side[1].losses, 1);
	KUNIT_EXPECT_EQ(test, ssi_node_state(p->side[1].peer),
			SSI_NODE_STATE_CONFIGURED);
	KUNIT_EXPECT_EQ(test, -EHOSTDOWN,
			ssi_msg_send(p->side[0].peer, 1,
				     ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL)));

	/* And back again, as somebody new. */
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, "kunit", DEADLINE_MS), 0);
	KUNIT_ASSERT_TRUE(test, wait_until(ssi_pair_members(p)));
	KUNIT_EXPECT_EQ(test, ssi_node_epoch(p->side[0].peer), 2);
	KUNIT_EXPECT_EQ(test, ssi_node_epoch(p->side[1].peer), 2);
	KUNIT_EXPECT_EQ(test, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 40, 1), 0);
}

static void link_fence_test(struct kunit *test)
{
	struct pair *p = test->priv;
	u32 epoch;
	int i;

	ssi_pair_join(test);
	for (i = 0; i < 5; i++) {
		struct side *s = &p->side[i & 1];

		epoch = ssi_node_epoch(s->peer);
		KUNIT_EXPECT_EQ(test, epoch, i + 1);
		ssi_node_fence_epoch(s->peer, epoch - 1, "of yesterday");
		KUNIT_EXPECT_TRUE(test, ssi_node_is_member(s->peer));
		ssi_node_fence_epoch(s->peer, epoch, "tested");
		KUNIT_EXPECT_EQ(test, ssi_node_epoch(s->peer) == epoch, false);
		KUNIT_EXPECT_EQ(test, -EHOSTDOWN,
				ssi_msg_send(s->peer, epoch,
					     ssi_msg_alloc(SSI_MSG_ECHO, 0,
							   GFP_KERNEL)));
		KUNIT_EXPECT_FALSE(test, ssi_node_tryhold(s->peer, epoch));
		KUNIT_ASSERT_TRUE(test, wait_until(ssi_pair_members(p) &&
						   ssi_node_epoch(p->side[0].peer) > epoch &&
						   ssi_node_epoch(p->side[1].peer) > epoch));
		KUNIT_EXPECT_EQ(test, p->side[0].losses, i + 1);
		KUNIT_EXPECT_EQ(test, p->side[1].losses, i + 1);
		KUNIT_EXPECT_EQ(test, ssi_pair_echo(test, s->peer, SSI_MSG_ECHO, 40, 0), 0);
	}
}

/* By force a node goes, with what the two had; what is held keeps its name until it is gone. */
static void link_force_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_node *node = p->side[0].peer;

	ssi_pair_join(test);
	KUNIT_ASSERT_TRUE(test, ssi_node_tryhold(node, ssi_node_epoch(node)));
	KUNIT_EXPECT_EQ(test, ssi_node_remove(p->side[0].si, 2, true, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, ssi_node_epoch(node), 0);
	/* the epoch is over at once, what is told of it follows in the connection's work */
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].losses == 1));
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[1].losses == 1));
	KUNIT_EXPECT_EQ(test, ssi_node_remove(p->side[0].si, 2, true, NULL), -EBUSY);

	/* as long as it is not removed it may come back, with nothing of what was */
	ssi_node_release(node);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p)));
	KUNIT_EXPECT_EQ(test, p->side[0].members, 2);
}

/* I4: while one side holds something of an epoch the next does not begin. */
static void link_purge_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_node *node = p->side[0].peer;

	ssi_pair_join(test);
	KUNIT_ASSERT_TRUE(test, ssi_node_tryhold(node, ssi_node_epoch(node)));
	KUNIT_EXPECT_EQ(test, ssi_instance_leave(p->side[0].si, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, ssi_node_remove(p->side[0].si, 2, false, NULL), -EBUSY);

	ssi_node_fence(p->side[1].peer, "tested");
	KUNIT_ASSERT_TRUE(test, wait_until(p->side[0].losses == 1));
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_node_state(node) ==
					   SSI_NODE_STATE_PURGING));
	msleep(3 * DEADLINE_MS);
	KUNIT_EXPECT_EQ(test, p->side[0].members, 1);
	KUNIT_EXPECT_EQ(test, p->side[1].members, 1);

	ssi_node_release(node);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p)));
	KUNIT_EXPECT_EQ(test, p->side[0].members, 2);
}

/* I6: a call that is not answered ends with the epoch. */
static void link_call_lost_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_node *node = p->side[0].peer;
	struct mutex *drain = &p->side[1].peer->pairing->link[SSI_LANE_USER].drain;
	struct ssi_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	struct ssi_call *gone = kunit_kzalloc(test, sizeof(*gone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	KUNIT_ASSERT_NOT_NULL(test, gone);
	ssi_pair_join(test);

	/* The peer cannot answer. */
	mutex_lock(drain);
	KUNIT_EXPECT_EQ(test, 0,
			ssi_call_start(call, node, 1,
				       ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL)));
	KUNIT_EXPECT_EQ(test, 0,
			ssi_call_start(gone, node, 1,
				       ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL)));
	msleep(100);
	KUNIT_EXPECT_FALSE(test, ssi_call_done(call));
	KUNIT_EXPECT_TRUE(test, ssi_call_cancel(gone));
	KUNIT_EXPECT_EQ(test, ssi_call_wait(gone), -ECANCELED);
	ssi_node_fence(node, "tested");
	KUNIT_EXPECT_EQ(test, ssi_call_wait(call), -EHOSTDOWN);
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 1);
	mutex_unlock(drain);

	KUNIT_EXPECT_EQ(test, -EHOSTDOWN,
			ssi_call(call, node, 1,
				 ssi_msg_alloc(SSI_MSG_ECHO, 0, GFP_KERNEL)));
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p) &&
					   p->side[0].members == 2));
}

/* A peer whose heart stands still is lost within the deadline. */
static void link_silence_test(struct kunit *test)
{
	struct pair *p = test->priv;
	char reason[SSI_REASON_MAX];
	ktime_t start;
	s64 ms;

	ssi_pair_join(test);
	msleep(2 * DEADLINE_MS);
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 0);
	KUNIT_EXPECT_EQ(test, p->side[1].losses, 0);

	start = ktime_get_boottime();
	ssi_heart_stop(&p->side[1].peer->pairing->heart);
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].losses == 1));
	ms = ktime_ms_delta(ktime_get_boottime(), start);
	ssi_node_reason(p->side[0].peer, reason, sizeof(reason));
	KUNIT_EXPECT_STREQ(test, reason, "no heartbeat");
	KUNIT_EXPECT_GE(test, ms, DEADLINE_MS / 2);
	KUNIT_EXPECT_LE(test, ms, DEADLINE_MS + 10000);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p) &&
					   p->side[0].members == 2));
}

struct refuse_case {
	const char *name, *cluster, *reason;
	u32 deadline_ms;
};

static const struct refuse_case refuse_cases[] = {
	{ "cluster", "other", "cluster names differ", DEADLINE_MS },
	{ "deadline", "kunit", "deadlines differ: ", DEADLINE_MS + 1 },
};

static void refuse_case_desc(const struct refuse_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refuse, refuse_cases, refuse_case_desc);

static void link_refuse_test(struct kunit *test)
{
	const struct refuse_case *c = test->param_value;
	struct pair *p = test->priv;
	char reason[SSI_REASON_MAX];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), 0);
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, c->cluster, c->deadline_ms), 0);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_TRUE(test, wait_until(ssi_node_state(p->side[i].peer) ==
						   SSI_NODE_STATE_REFUSED));
		ssi_node_reason(p->side[i].peer, reason, sizeof(reason));
		KUNIT_EXPECT_EQ_MSG(test, 0, strncmp(reason, c->reason,
						     strlen(c->reason)),
				    "%s", reason);
		KUNIT_EXPECT_EQ(test, p->side[i].members, 0);
	}

	/* What did not fit is changed: they meet. */
	KUNIT_ASSERT_EQ(test, ssi_instance_leave(p->side[1].si, NULL), 0);
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, "kunit", DEADLINE_MS), 0);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p)));
}

struct violation {
	const char *name;
	enum ssi_lane lane;
	u16 type;
	u32 flags, len;
	u64 seq;
	u8 byte;	/* of the body */
	u32 beat, cpus;	/* of a heartbeat */
};

static const struct violation violations[] = {
	{ "unknown type", SSI_LANE_USER, 0x7fff },
	{ "type of the handshake", SSI_LANE_CONTROL, SSI_MSG_HELLO, 0, 112 },
	{ "wrong lane", SSI_LANE_MEMORY, SSI_MSG_ECHO },
	{ "too long", SSI_LANE_USER, SSI_MSG_ECHO, 0, U32_MAX },
	{ "too short", SSI_LANE_CONTROL, SSI_MSG_HEARTBEAT, 0, 39 },
	{ "unknown flag", SSI_LANE_USER, SSI_MSG_ECHO, 8 },
	{ "answer to nothing", SSI_LANE_USER, SSI_MSG_ECHO_REPLY,
	  SSI_WIRE_REPLY, 0, 12345 },
	{ "answer to call 0", SSI_LANE_USER, SSI_MSG_ECHO_REPLY, SSI_WIRE_REPLY },
	{ "error that is none", SSI_LANE_USER, SSI_MSG_ERROR, SSI_WIRE_REPLY, 8,
	  1, 0 },
	{ "heartbeat of the past", SSI_LANE_CONTROL, SSI_MSG_HEARTBEAT, 0, 40,
	  .cpus = 1 },
	{ "heartbeat of no CPU", SSI_LANE_CONTROL, SSI_MSG_HEARTBEAT, 0, 40,
	  .beat = 1000 },
	{ "heartbeat with all bits", SSI_LANE_CONTROL, SSI_MSG_HEARTBEAT, 0,
	  40, 0, 0xff },
};

static void violation_desc(const struct violation *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(violation, violations, violation_desc);

/* A message that no table would let out. */
static void link_violation_test(struct kunit *test)
{
	const struct violation *v = test->param_value;
	struct pair *p = test->priv;
	struct side *bad = &p->side[1], *good = &p->side[0];
	struct ssi_wire_heartbeat *beat;
	char reason[SSI_REASON_MAX];
	struct ssi_msg *msg;

	ssi_pair_join(test);
	msg = ssi_msg_alloc(v->type, min(v->len, 4096), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	memset(msg->body, v->byte, msg->len);
	if (v->beat || v->cpus) {
		beat = msg->body;
		beat->seq = cpu_to_le64(v->beat);
		beat->epoch = cpu_to_le32(1);
		beat->cpus = cpu_to_le32(v->cpus);
	}
	msg->hdr.len = cpu_to_le32(v->len);
	msg->hdr.type = cpu_to_le16(v->type);
	msg->hdr.flags = cpu_to_le32(v->flags);
	msg->hdr.seq = cpu_to_le64(v->seq);
	KUNIT_EXPECT_EQ(test, 0, ssi_link_send(&bad->peer->pairing->link[v->lane],
					       1, msg, true));

	KUNIT_EXPECT_TRUE(test, wait_until(good->losses == 1));
	ssi_node_reason(good->peer, reason, sizeof(reason));
	KUNIT_EXPECT_STREQ(test, reason, "protocol");
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p) &&
					   good->members == 2));
}

/* I1: what is of another epoch does not exist. */
static void link_stale_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_link *link;
	struct ssi_node_stats stats;
	struct ssi_msg *msg;

	ssi_pair_join(test);
	link = &p->side[1].peer->pairing->link[SSI_LANE_USER];
	msg = ssi_msg_alloc(SSI_MSG_ECHO, 4, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	msg->hdr.len = cpu_to_le32(4);
	msg->hdr.type = cpu_to_le16(SSI_MSG_ECHO);

	/* Only its own queue believes that it is of epoch 2. */
	spin_lock_irq(&link->lock);
	link->epoch = 2;
	spin_unlock_irq(&link->lock);
	KUNIT_EXPECT_EQ(test, 0, ssi_link_send(link, 2, msg, true));
	spin_lock_irq(&link->lock);
	link->epoch = 1;
	spin_unlock_irq(&link->lock);

	KUNIT_EXPECT_EQ(test, ssi_pair_echo(test, p->side[1].peer, SSI_MSG_ECHO, 4, 0), 0);
	ssi_node_stats(p->side[0].peer, &stats);
	KUNIT_EXPECT_EQ(test, stats.stale, 1);
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 0);
}

/* Somebody who is not a node, and a node's machine that talks nonsense. */
static void link_stranger_test(struct kunit *test)
{
	static const char *const from[] = { "127.0.0.3:0", "127.0.0.2:0" };
	struct pair *p = test->priv;
	struct sockaddr_storage addr;
	struct socket *sock;
	unsigned int i;
	u8 noise[600];

	ssi_pair_join(test);
	for (i = 0; i < ARRAY_SIZE(from); i++) {
		struct kvec vec = { noise, sizeof(noise) };
		struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };

		get_random_bytes(noise, sizeof(noise));
		KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_INET,
							  SOCK_STREAM, 0, &sock));
		sock->sk->sk_rcvtimeo = 5 * HZ;
		ssi_addr_parse(from[i], &addr);
		KUNIT_EXPECT_EQ(test, 0, kernel_bind(sock, (void *)&addr,
						     sizeof(struct sockaddr_in)));
		ssi_addr_parse(ssi_pair_addr[0], &addr);
		/* It may be closed already. */
		kernel_connect(sock, (void *)&addr, sizeof(struct sockaddr_in), 0);
		kernel_sendmsg(sock, &msg, &vec, 1, sizeof(noise));
		/* perhaps it is told why, but nothing else */
		vec = (struct kvec){ noise, sizeof(noise) };
		KUNIT_EXPECT_LE(test, kernel_recvmsg(sock, &msg, &vec, 1, sizeof(noise), 0),
				(int)(sizeof(struct ssi_wire_hdr) +
				      sizeof(struct ssi_wire_refuse)));
		vec = (struct kvec){ noise, 1 };
		KUNIT_EXPECT_LE(test, kernel_recvmsg(sock, &msg, &vec, 1, 1, 0), 0);
		KUNIT_EXPECT_NE(test, sock->sk->sk_state, TCP_ESTABLISHED);
		sock_release(sock);
	}
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 0);
	KUNIT_EXPECT_EQ(test, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 40, 1), 0);
}

/* What join and node_add do not accept. */
static void link_config_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_instance *si = p->side[0].si;
	struct sockaddr_storage addr;

	KUNIT_EXPECT_EQ(test, ssi_instance_leave(si, NULL), -ENOTCONN);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "", DEADLINE_MS), -EINVAL);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "kunit", 499), -ERANGE);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "kunit", 60001), -ERANGE);
	KUNIT_EXPECT_FALSE(test, ssi_instance_joined(si));

	ssi_addr_parse("127.0.0.9", &addr);
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 0, &addr, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 1001, &addr, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 2, &addr, NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, ssi_node_remove(si, 3, false, NULL), -ENOENT);

	/* A node with our own id is in the way, before and after. */
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 1, &addr, NULL), 0);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), -EEXIST);
	KUNIT_EXPECT_EQ(test, ssi_node_remove(si, 1, false, NULL), 0);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), 0);
	KUNIT_EXPECT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), -EALREADY);
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 1, &addr, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, ssi_node_add(si, 1000, &addr, NULL), 0);
	KUNIT_EXPECT_EQ(test, ssi_node_remove(si, 1000, true, NULL), 0);
}

/* All of it is the same where what the nodes say is encrypted. */
static int link_tls_test_init(struct kunit *test)
{
	static const u8 key[SSI_KEY_LEN] = "nobody would guess these 32 byte";
	int err = ssi_pair_init(test);
	struct pair *p = test->priv;

	if (err)
		return err;
	p->key[0] = key;
	p->key[1] = key;
	return 0;
}

static struct kunit_case link_test_cases[] = {
	KUNIT_CASE(link_config_test),
	KUNIT_CASE_SLOW(link_calls_test),
	KUNIT_CASE_SLOW(link_queue_test),
	KUNIT_CASE_SLOW(link_waiter_test),
	KUNIT_CASE(link_waiter_late_test),
	KUNIT_CASE(link_leave_test),
	KUNIT_CASE_SLOW(link_fence_test),
	KUNIT_CASE_SLOW(link_purge_test),
	KUNIT_CASE_SLOW(link_force_test),
	KUNIT_CASE(link_call_lost_test),
	KUNIT_CASE_SLOW(link_silence_test),
	KUNIT_CASE_PARAM(link_refuse_test, refuse_gen_params),
	KUNIT_CASE_PARAM(link_violation_test, violation_gen_params),
	KUNIT_CASE(link_stale_test),
	KUNIT_CASE_SLOW(link_stranger_test),
	{}
};

static struct kunit_suite link_test_suite = {
	.name = "ssi_link",
	.init = ssi_pair_init,
	.exit = ssi_pair_exit,
	.test_cases = link_test_cases,
};

static struct kunit_suite link_tls_test_suite = {
	.name = "ssi_link_tls",
	.init = link_tls_test_init,
	.exit = ssi_pair_exit,
	.test_cases = link_test_cases,
};

kunit_test_suites(&link_test_suite, &link_tls_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: two instances in one kernel");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
