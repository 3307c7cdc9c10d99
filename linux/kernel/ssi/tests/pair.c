// SPDX-License-Identifier: GPL-2.0
/*
 * Two instances in the initial network namespace that know each other, for tests.
 */

/**
 * DOC: pair
 *
 * The second instance has the higher id, and so connects. They join with a key or without;
 * what they are told of each other is counted.
 */

#include <kunit/test.h>
#include <linux/highmem.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "../addr.h"
#include "../rpc.h"
#include "pair.h"

/* The callbacks know the node only; the suite runs one test at a time. */
static struct pair *current_pair;

static struct side *side_of(struct ssi_node *node)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (current_pair->side[i].si == node->inst)
			return &current_pair->side[i];
	return NULL;
}

static void test_member(struct ssi_node *node, u32 epoch)
{
	struct side *s = side_of(node);

	if (epoch <= s->member_epoch || s->members != s->losses ||
	    ssi_node_epoch(node) != epoch)
		s->late = true;
	s->member_epoch = epoch;
	WRITE_ONCE(s->members, s->members + 1);
}

static void test_lost(struct ssi_node *node, u32 epoch)
{
	struct side *s = side_of(node);

	if (epoch != s->member_epoch || s->members != s->losses + 1 ||
	    ssi_node_is_member(node))
		s->late = true;
	s->lost_epoch = epoch;
	WRITE_ONCE(s->losses, s->losses + 1);
}

static void test_changed(struct ssi_node *node)
{
}

static const struct ssi_peer_ops test_peer_ops = {
	.member		= test_member,
	.lost		= test_lost,
	.changed	= test_changed,
};

const char *const ssi_pair_addr[2] = { "127.0.0.1:7475", "127.0.0.2:7475" };

int ssi_pair_side_join(struct pair *p, unsigned int i, const char *cluster, u32 deadline_ms)
{
	struct ssi_join_params params = {
		.node = i + 1,
		.deadline_ms = deadline_ms,
		.insecure = !p->key[i],
		.has_key = p->key[i],
	};

	if (p->key[i])
		memcpy(params.key, p->key[i], SSI_KEY_LEN);
	strscpy(params.cluster, cluster, sizeof(params.cluster));
	ssi_addr_parse(ssi_pair_addr[i], &params.listen);
	return ssi_instance_join(p->side[i].si, &params, NULL);
}

bool ssi_pair_members(struct pair *p)
{
	return ssi_node_is_member(p->side[0].peer) &&
	       ssi_node_is_member(p->side[1].peer) &&
	       READ_ONCE(p->side[0].members) && READ_ONCE(p->side[1].members);
}

void ssi_pair_join(struct kunit *test)
{
	struct pair *p = test->priv;

	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), 0);
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, "kunit", DEADLINE_MS), 0);
	KUNIT_ASSERT_TRUE(test, wait_until(ssi_pair_members(p)));
}

int ssi_pair_init(struct kunit *test)
{
	struct net_device *lo = init_net.loopback_dev;
	struct pair *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct sockaddr_storage addr;
	unsigned int i;
	int err;

	if (!p)
		return -ENOMEM;
	test->priv = p;
	current_pair = p;

	rtnl_lock();
	err = dev_change_flags(lo, lo->flags | IFF_UP, NULL);
	rtnl_unlock();
	if (err)
		return err;

	for (i = 0; i < 2; i++) {
		p->side[i].si = ssi_instance_alloc(&init_net, &test_peer_ops);
		if (!p->side[i].si)
			return -ENOMEM;
	}
	for (i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		err = ssi_addr_parse(ssi_pair_addr[!i], &addr);
		if (!err)
			err = ssi_node_add(s->si, 2 - i, &addr, NULL);
		if (err)
			return err;
		s->peer = ssi_node_lookup(s->si, 2 - i);
	}
	return 0;
}

void ssi_pair_exit(struct kunit *test)
{
	struct pair *p = test->priv;
	unsigned int i;

	if (!p)
		return;
	for (i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		if (!s->si)
			continue;
		ssi_instance_stop(s->si);
		KUNIT_EXPECT_EQ(test, s->members, s->losses);
		KUNIT_EXPECT_FALSE(test, s->late);
		if (s->peer) {
			/* Nobody but the table and us may have it. */
			KUNIT_EXPECT_EQ(test, refcount_read(&s->peer->ref), 2);
			ssi_node_put(s->peer);
		}
		ssi_instance_release(s->si);
	}
}

/* Send @len bytes and @nr pages of noise and expect them back. */
int ssi_pair_echo(struct kunit *test, struct ssi_node *node, u16 type, size_t len, unsigned int nr)
{
	struct ssi_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);
	u8 *out = kunit_kzalloc(test, len + 1, GFP_KERNEL);
	u8 *back = kunit_kzalloc(test, len + 1, GFP_KERNEL);
	struct page *pages[SSI_MSG_MAX_PAGES];
	struct ssi_msg *msg;
	unsigned int i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, call);
	KUNIT_ASSERT_NOT_NULL(test, out);
	KUNIT_ASSERT_NOT_NULL(test, back);
	get_random_bytes(out, len);
	msg = ssi_msg_alloc(type, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, msg);
	memcpy(msg->body, out, len);
	for (i = 0; i < nr; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
		get_random_bytes(page_address(pages[i]), 64);
		memcpy(page_address(pages[i]) + PAGE_SIZE - 64,
		       page_address(pages[i]), 64);
		KUNIT_ASSERT_EQ(test, ssi_msg_add_page(msg, pages[i]), 0);
	}

	call->reply = back;
	call->reply_max = len;
	err = ssi_call(call, node, ssi_node_epoch(node), msg);
	if (!err) {
		KUNIT_EXPECT_EQ(test, call->reply_len, len);
		KUNIT_EXPECT_MEMEQ(test, back, out, len);
		KUNIT_EXPECT_EQ(test, call->nr_pages, nr);
	}
	for (i = 0; i < call->nr_pages; i++) {
		void *got = kmap_local_page(call->pages[i]);

		KUNIT_EXPECT_EQ(test, memcmp(got, page_address(pages[i]),
					     PAGE_SIZE), 0);
		kunmap_local(got);
		KUNIT_EXPECT_EQ(test, page_count(call->pages[i]), 1);
		put_page(call->pages[i]);
	}
	for (i = 0; i < nr; i++)
		put_page(pages[i]);
	kunit_kfree(test, back);
	kunit_kfree(test, out);
	kunit_kfree(test, call);
	return err;
}
