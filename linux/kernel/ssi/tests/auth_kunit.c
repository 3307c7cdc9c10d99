// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: who is let in, and who is not
 */

#include <kunit/test.h>
#include <linux/in.h>
#include <linux/net.h>
#include <linux/random.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "../addr.h"
#include "../auth.h"
#include "../conn.h"
#include "../instance.h"
#include "../key.h"
#include "../node.h"
#include "../pairing.h"
#include "../rpc.h"
#include "pair.h"

static const u8 key_a[SSI_KEY_LEN] = "the first key that the nodes had";
static const u8 key_b[SSI_KEY_LEN] = "the one that came after the 1st.";

static u64 key_id(const u8 *secret)
{
	struct ssi_keys keys;

	ssi_keys_init(&keys);
	return ssi_keys_add(&keys, secret) ? 0 : keys.key[0].id;
}

/* What is exchanged does not go over the network as it is. */
static void auth_secure_test(struct kunit *test)
{
	struct pair *p = test->priv;
	unsigned int i, lane;

	p->key[0] = key_a;
	p->key[1] = key_a;
	ssi_pair_join(test);
	for (i = 0; i < 2; i++)
		for (lane = 0; lane < SSI_NR_LANES; lane++)
			KUNIT_EXPECT_TRUE(test,
					  p->side[i].peer->pairing->link[lane].conn->secure);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_EQ(test, 0, ssi_pair_echo(test, p->side[i & 1].peer,
						       i & 2 ? SSI_MSG_ECHO : SSI_MSG_ECHO_MEM,
						       i * 1000, i));
}

struct auth_case {
	const char *name;
	const u8 *key[2];
	const char *cluster;
	const char *reason;	/* that the side that connects is given */
};

static const struct auth_case auth_cases[] = {
	{ "another key", { key_a, key_b }, "kunit", "your cluster key is not known here" },
	{ "no key", { key_a, NULL }, "kunit", "this cluster has a key: join with it" },
	{ "a key too many", { NULL, key_a }, "kunit",
	  "that node has joined without a key (--insecure)" },
	{ "another cluster", { key_a, key_a }, "other", "cluster names differ" },
};

static void auth_case_desc(const struct auth_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(auth, auth_cases, auth_case_desc);

static void auth_refuse_test(struct kunit *test)
{
	const struct auth_case *c = test->param_value;
	struct pair *p = test->priv;
	char reason[SSI_REASON_MAX];

	p->key[0] = c->key[0];
	p->key[1] = c->key[1];
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 0, "kunit", DEADLINE_MS), 0);
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, c->cluster, DEADLINE_MS), 0);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_node_state(p->side[1].peer) ==
					   SSI_NODE_STATE_REFUSED));
	ssi_node_reason(p->side[1].peer, reason, sizeof(reason));
	KUNIT_EXPECT_EQ_MSG(test, 0, strncmp(reason, c->reason, strlen(c->reason)), "%s", reason);
	/* some more attempts */
	msleep(1500);
	KUNIT_EXPECT_EQ(test, p->side[0].members, 0);
	KUNIT_EXPECT_EQ(test, p->side[1].members, 0);

	/* What did not fit is changed: they meet. */
	KUNIT_ASSERT_EQ(test, ssi_instance_leave(p->side[1].si, NULL), 0);
	p->key[1] = c->key[0];
	KUNIT_ASSERT_EQ(test, ssi_pair_side_join(p, 1, "kunit", DEADLINE_MS), 0);
	KUNIT_EXPECT_TRUE(test, wait_until(ssi_pair_members(p)));
}

/* A key is changed while the two are members. */
static void auth_rotate_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_keys *keys[2];
	struct ssi_key got;
	unsigned int i;

	p->key[0] = key_a;
	p->key[1] = key_a;
	ssi_pair_join(test);
	for (i = 0; i < 2; i++) {
		keys[i] = &p->side[i].si->keys;
		KUNIT_EXPECT_EQ(test, ssi_keys_add(keys[i], key_a), -EEXIST);
		KUNIT_EXPECT_EQ(test, ssi_keys_del(keys[i], key_id(key_a)), -EBUSY);
		KUNIT_EXPECT_EQ(test, ssi_keys_del(keys[i], 1), -ENOENT);
	}
	/* The side that connects has the new one already, and the other does not. */
	KUNIT_EXPECT_EQ(test, ssi_keys_add(keys[1], key_b), 0);
	ssi_node_fence(p->side[1].peer, "test");
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[1].members == 2 && ssi_pair_members(p)));

	KUNIT_EXPECT_EQ(test, ssi_keys_add(keys[0], key_b), 0);
	KUNIT_EXPECT_EQ(test, ssi_keys_add(keys[0], "a third one, which is one too ma"), -ENOSPC);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, ssi_keys_del(keys[i], key_id(key_a)), 0);
	/* connections that are there stay */
	KUNIT_EXPECT_EQ(test, 0, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 40, 1));
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 1);
	ssi_node_fence(p->side[0].peer, "test");
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].members == 3 && ssi_pair_members(p)));
	KUNIT_EXPECT_FALSE(test, ssi_keys_find(keys[0], key_id(key_a), &got));

	/* Who leaves forgets. */
	KUNIT_EXPECT_EQ(test, ssi_instance_leave(p->side[1].si, NULL), 0);
	KUNIT_EXPECT_FALSE(test, ssi_keys_nth(keys[1], 0, &got));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(keys[1]->key, 0, sizeof(keys[1]->key)));
}

/* What somebody puts between two records ends the connection, and is not read. */
static void auth_inject_test(struct kunit *test)
{
	struct pair *p = test->priv;
	struct ssi_conn *conn;
	struct sock *sk;
	unsigned int lane;
	char reason[SSI_REASON_MAX];

	p->key[0] = key_a;
	p->key[1] = key_a;
	ssi_pair_join(test);
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		/* a record of TLS 1.2's form with 32 bytes, of which none is right */
		u8 record[37] = { 23, 3, 3, 0, 32 };
		struct kvec vec = { record, sizeof(record) };
		struct msghdr msg = { .msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT };

		get_random_bytes(record + 5, 32);
		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, sizeof(record));
		conn = p->side[1].peer->pairing->link[lane].conn;
		sk = conn->sock->sk;
		KUNIT_EXPECT_EQ(test, (int)sizeof(record), tcp_sendmsg(sk, &msg, sizeof(record)));
		KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].losses == lane + 1));
		ssi_node_reason(p->side[0].peer, reason, sizeof(reason));
		KUNIT_EXPECT_STREQ(test, reason, "what came was not what a member sent");
		KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].members == lane + 2 &&
						   ssi_pair_members(p)));
	}
}

/* A connection to the first instance from an address that the second has. */
static struct ssi_conn *stranger(struct kunit *test, wait_queue_head_t *wait)
{
	static const bool never;
	struct sockaddr_storage from, to;
	struct ssi_conn *conn;

	ssi_addr_parse(ssi_pair_addr[1], &from);
	ssi_addr_parse(ssi_pair_addr[0], &to);
	conn = ssi_conn_connect(&init_net, &from, &to, SSI_LANE_CONTROL, wait, &never,
				ktime_add_ms(ktime_get_boottime(), SOON_MS));
	KUNIT_ASSERT_FALSE(test, IS_ERR(conn));
	return conn;
}

/* Bytes that come until the end of a connection. */
static unsigned int until_closed(struct ssi_conn *conn)
{
	ktime_t until = ktime_add_ms(ktime_get_boottime(), SOON_MS);
	unsigned int n = 0;
	u8 byte;

	while (!ssi_conn_recv(conn, &byte, 1, until))
		n++;
	return n;
}

/* A proof for one connection does not do for another, and one for a lane not for another. */
static void auth_replay_test(struct kunit *test)
{
	ktime_t until = ktime_add_ms(ktime_get_boottime(), SOON_MS);
	struct ssi_wire_hello *hello;
	struct pair *p = test->priv;
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wait);
	struct ssi_auth_peer who;
	char reason[SSI_REASON_MAX];
	struct ssi_wire_auth auth;
	struct ssi_wire_hdr hdr;
	struct ssi_conn *conn;
	struct kvec vec;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct socket *sock;

	p->key[0] = key_a;
	p->key[1] = key_a;
	ssi_pair_join(test);
	hello = kunit_kzalloc(test, sizeof(*hello), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, hello);

	/* its proof is a good one, for the user lane, and then it says HELLO */
	conn = stranger(test, &wait);
	KUNIT_EXPECT_EQ(test, 0, ssi_auth_dial(p->side[1].peer, conn, SSI_LANE_USER, 0, until,
					       &who, reason));
	KUNIT_EXPECT_TRUE(test, who.proven);
	KUNIT_EXPECT_EQ(test, who.id, 1);
	KUNIT_EXPECT_EQ(test, who.incarnation, p->side[0].si->incarnation);
	hello->magic = cpu_to_le32(SSI_WIRE_MAGIC);
	hello->version = cpu_to_le32(SSI_WIRE_VERSION);
	hello->from = cpu_to_le32(2);
	hello->to = cpu_to_le32(1);
	KUNIT_EXPECT_EQ(test, 0, ssi_conn_send_msg(conn, SSI_MSG_HELLO, 0, hello, sizeof(*hello),
						   until));
	until_closed(conn);
	ssi_conn_free(conn);

	/* a proof is good, but nothing follows: the listener gives up by itself */
	conn = stranger(test, &wait);
	KUNIT_EXPECT_EQ(test, 0, ssi_auth_dial(p->side[1].peer, conn, SSI_LANE_CONTROL, 0, until,
					       &who, reason));
	KUNIT_EXPECT_EQ(test, 0, until_closed(conn));
	ssi_conn_free(conn);

	/* record a proof: nobody listens who would answer it */
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_INET, SOCK_STREAM, 0, &sock));
	{
		struct sockaddr_storage at, from;
		struct socket *got;

		ssi_addr_parse("127.0.0.1:7999", &at);
		ssi_addr_parse(ssi_pair_addr[1], &from);
		KUNIT_ASSERT_EQ(test, 0, kernel_bind(sock, (void *)&at,
						     sizeof(struct sockaddr_in)));
		KUNIT_ASSERT_EQ(test, 0, kernel_listen(sock, 1));
		conn = ssi_conn_connect(&init_net, &from, &at, SSI_LANE_CONTROL, &wait,
					&(const bool){ false }, until);
		KUNIT_ASSERT_FALSE(test, IS_ERR(conn));
		KUNIT_ASSERT_EQ(test, 0, kernel_accept(sock, &got, 0));
		KUNIT_EXPECT_EQ(test, -ETIMEDOUT,
				ssi_auth_dial(p->side[1].peer, conn, SSI_LANE_CONTROL, 0,
					      ktime_add_ms(ktime_get_boottime(), 100), &who,
					      reason));
		vec = (struct kvec){ &hdr, sizeof(hdr) };
		KUNIT_EXPECT_EQ(test, (int)sizeof(hdr),
				kernel_recvmsg(got, &msg, &vec, 1, sizeof(hdr), MSG_DONTWAIT));
		vec = (struct kvec){ &auth, sizeof(auth) };
		KUNIT_EXPECT_EQ(test, (int)sizeof(auth),
				kernel_recvmsg(got, &msg, &vec, 1, sizeof(auth), MSG_DONTWAIT));
		KUNIT_EXPECT_EQ(test, le16_to_cpu(hdr.type), SSI_MSG_AUTH);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(auth.key_id), key_id(key_a));
		sock_release(got);
		sock_release(sock);
		ssi_conn_free(conn);
	}
	/* ... and say it to the instance */
	conn = stranger(test, &wait);
	KUNIT_EXPECT_EQ(test, 0, ssi_conn_send_msg(conn, SSI_MSG_AUTH, 0, &auth, sizeof(auth),
						   until));
	KUNIT_EXPECT_EQ(test, sizeof(hdr) + sizeof(struct ssi_wire_refuse), until_closed(conn));
	ssi_conn_free(conn);

	KUNIT_EXPECT_EQ(test, p->side[0].losses, 0);
	KUNIT_EXPECT_EQ(test, p->side[1].losses, 0);
	KUNIT_EXPECT_EQ(test, 0, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 40, 1));
}

/* Who fails again and again is not listened to for a while, and the members do not notice. */
static void auth_limit_test(struct kunit *test)
{
	ktime_t until = ktime_add_ms(ktime_get_boottime(), SOON_MS);
	struct pair *p = test->priv;
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wait);
	u8 answer[sizeof(struct ssi_wire_hdr) + sizeof(struct ssi_wire_refuse)];
	unsigned int told = 0, closed = 0, i;
	struct ssi_wire_auth auth;
	struct ssi_conn *conn;

	p->key[0] = key_a;
	p->key[1] = key_a;
	ssi_pair_join(test);
	for (i = 0; i < 200 && !closed; i++) {
		get_random_bytes(&auth, sizeof(auth));
		auth.key_id = cpu_to_le64(key_id(key_a));
		conn = stranger(test, &wait);
		ssi_conn_send_msg(conn, SSI_MSG_AUTH, 0, &auth, sizeof(auth), until);
		/* closes at once, lest the other side wait for that */
		if (ssi_conn_recv(conn, answer, sizeof(answer), until))
			closed++;
		else
			told++;
		ssi_conn_free(conn);
	}
	KUNIT_EXPECT_GE(test, told, 8);
	KUNIT_EXPECT_EQ(test, closed, 1);
	KUNIT_EXPECT_EQ(test, p->side[0].losses, 0);
	KUNIT_EXPECT_EQ(test, 0, ssi_pair_echo(test, p->side[0].peer, SSI_MSG_ECHO, 40, 1));
	/* a moment later the node itself is let in again */
	ssi_node_fence(p->side[1].peer, "test");
	KUNIT_EXPECT_TRUE(test, wait_until(p->side[0].members == 2 && ssi_pair_members(p)));
}

static void auth_key_test(struct kunit *test)
{
	static const char good[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n";
	char bad[sizeof(good)];
	struct pair *p = test->priv;
	u8 secret[SSI_KEY_LEN];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, ssi_key_parse(good, sizeof(good) - 1, secret));
	for (i = 0; i < SSI_KEY_LEN; i++)
		KUNIT_EXPECT_EQ(test, secret[i], i);
	KUNIT_EXPECT_EQ(test, 0, ssi_key_parse(good, sizeof(good) - 2, secret));
	KUNIT_EXPECT_EQ(test, -EINVAL, ssi_key_parse(good, sizeof(good) - 3, secret));
	KUNIT_EXPECT_EQ(test, -EINVAL, ssi_key_parse(good + 1, sizeof(good) - 2, secret));
	KUNIT_EXPECT_EQ(test, -EINVAL, ssi_key_parse("", 0, secret));
	strscpy(bad, good);
	bad[10] = 'x';
	KUNIT_EXPECT_EQ(test, -EINVAL, ssi_key_parse(bad, sizeof(good) - 1, secret));
	KUNIT_EXPECT_LT(test, ssi_key_read("/there/is/no/such/file", secret), 0);
	KUNIT_EXPECT_NE(test, key_id(key_a), key_id(key_b));
	KUNIT_EXPECT_NE(test, key_id(key_a), 0);

	/* neither key nor word, or both */
	{
		struct ssi_join_params params = { .node = 1, .cluster = "kunit" };

		KUNIT_EXPECT_EQ(test, -ENOKEY, ssi_instance_join(p->side[0].si, &params, NULL));
		params.insecure = true;
		params.has_key = true;
		KUNIT_EXPECT_EQ(test, -EINVAL, ssi_instance_join(p->side[0].si, &params, NULL));
	}
}

static struct kunit_case auth_test_cases[] = {
	KUNIT_CASE(auth_key_test),
	KUNIT_CASE(auth_secure_test),
	KUNIT_CASE_PARAM(auth_refuse_test, auth_gen_params),
	KUNIT_CASE_SLOW(auth_rotate_test),
	KUNIT_CASE_SLOW(auth_inject_test),
	KUNIT_CASE_SLOW(auth_replay_test),
	KUNIT_CASE_SLOW(auth_limit_test),
	{}
};

static struct kunit_suite auth_test_suite = {
	.name = "ssi_auth",
	.init = ssi_pair_init,
	.exit = ssi_pair_exit,
	.test_cases = auth_test_cases,
};

kunit_test_suite(auth_test_suite);
