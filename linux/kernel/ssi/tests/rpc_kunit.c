// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: the table of messages, and its bounds
 */

#include <kunit/test.h>
#include <linux/mm.h>

#include "../procmsg.h"
#include "../rpc.h"
#include "../wire.h"

/* The table itself: whatever is in it must make sense. */
static void rpc_table_test(struct kunit *test)
{
	const struct ssi_rpc_op *op;
	unsigned int type, nr = 0;

	for (type = 0; type <= U16_MAX; type++) {
		op = ssi_rpc_op(type);
		if (!op)
			continue;
		nr++;
		KUNIT_EXPECT_NOT_NULL(test, op->name);
		KUNIT_EXPECT_LE_MSG(test, op->min_len, op->max_len, "%s", op->name);
		KUNIT_EXPECT_LE_MSG(test, op->max_len, SSI_MSG_MAX_BODY, "%s",
				    op->name);
		KUNIT_EXPECT_LE_MSG(test, op->max_pages, SSI_MSG_MAX_PAGES, "%s",
				    op->name);
		KUNIT_EXPECT_TRUE_MSG(test, op->handle || op->reply, "%s",
				      op->name);
		KUNIT_EXPECT_TRUE_MSG(test, type < SSI_MSG_NR ||
				      type >= SSI_MSG_PROC_FIRST, "%s", op->name);
	}
	KUNIT_EXPECT_GE(test, nr, 7);
}

/* An answer is told by its type: that of the call and one. */
static void rpc_answer_test(struct kunit *test)
{
	const struct ssi_rpc_op *op, *call;
	unsigned int type;

	for (type = 1; type <= U16_MAX; type++) {
		op = ssi_rpc_op(type);
		if (!op || !op->reply || type == SSI_MSG_ERROR)
			continue;
		call = ssi_rpc_op(type - 1);
		KUNIT_ASSERT_NOT_NULL_MSG(test, call, "%s", op->name);
		KUNIT_EXPECT_FALSE_MSG(test, call->reply, "%s", op->name);
		KUNIT_EXPECT_EQ_MSG(test, call->lane, op->lane, "%s", op->name);
	}
}

/* What belongs to the handshake is never dispatched. */
static void rpc_handshake_test(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(0));
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(SSI_MSG_HELLO));
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(SSI_MSG_REFUSE));
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(SSI_MSG_ATTACH));
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(SSI_MSG_READY));
	KUNIT_EXPECT_NULL(test, ssi_rpc_op(SSI_MSG_PROC_END));
}

static const struct ssi_rpc_op request = {
	.name = "request", .lane = SSI_LANE_USER,
	.min_len = 8, .max_len = 100, .max_pages = 2,
};

static const struct ssi_rpc_op answer = {
	.name = "answer", .lane = SSI_LANE_MEMORY, .max_len = 8, .reply = true,
};

static const struct ssi_rpc_op any_lane = {
	.name = "any", .lane = SSI_NR_LANES, .max_len = SSI_MSG_MAX_BODY,
	.max_pages = SSI_MSG_MAX_PAGES,
};

struct rpc_case {
	const char *name;
	const struct ssi_rpc_op *op;
	enum ssi_lane lane;
	u32 flags;
	size_t len;
	unsigned int nr_pages;
	int err;
};

static const struct rpc_case rpc_cases[] = {
	{ "shortest", &request, SSI_LANE_USER, 0, 8, 0, 0 },
	{ "longest", &request, SSI_LANE_USER, 0, 100, 2, 0 },
	{ "call", &request, SSI_LANE_USER, SSI_WIRE_CALL, 8, 0, 0 },
	{ "unknown type", NULL, SSI_LANE_USER, 0, 8, 0, -EPROTO },
	{ "wrong lane", &request, SSI_LANE_MEMORY, 0, 8, 0, -EPROTO },
	{ "control lane", &request, SSI_LANE_CONTROL, 0, 8, 0, -EPROTO },
	{ "too short", &request, SSI_LANE_USER, 0, 7, 0, -EPROTO },
	{ "empty", &request, SSI_LANE_USER, 0, 0, 0, -EPROTO },
	{ "too long", &request, SSI_LANE_USER, 0, 101, 0, -EPROTO },
	{ "huge", &request, SSI_LANE_USER, 0, U32_MAX, 0, -EPROTO },
	{ "too many pages", &request, SSI_LANE_USER, 0, 8, 3, -EPROTO },
	{ "most pages", &request, SSI_LANE_USER, 0, 8, U16_MAX, -EPROTO },
	{ "reply that is none", &request, SSI_LANE_USER, SSI_WIRE_REPLY, 8, 0,
	  -EPROTO },
	{ "both flags", &request, SSI_LANE_USER, SSI_WIRE_FLAGS, 8, 0, -EPROTO },
	{ "unknown flag", &request, SSI_LANE_USER, 4, 8, 0, -EPROTO },
	{ "all flags", &request, SSI_LANE_USER, U32_MAX, 8, 0, -EPROTO },
	{ "reply", &answer, SSI_LANE_MEMORY, SSI_WIRE_REPLY, 8, 0, 0 },
	{ "reply without flag", &answer, SSI_LANE_MEMORY, 0, 8, 0, -EPROTO },
	{ "reply as call", &answer, SSI_LANE_MEMORY, SSI_WIRE_CALL, 8, 0, -EPROTO },
	{ "reply with page", &answer, SSI_LANE_MEMORY, SSI_WIRE_REPLY, 8, 1,
	  -EPROTO },
	{ "any lane", &any_lane, SSI_LANE_CONTROL, 0,
	  SSI_MSG_MAX_BODY, 64, 0 },
	{ "over the top", &any_lane, SSI_LANE_CONTROL, 0,
	  SSI_MSG_MAX_BODY + 1, 0, -EPROTO },
	{ "pages over the top", &any_lane, SSI_LANE_USER, 0, 0, 65, -EPROTO },
};

static void rpc_case_desc(const struct rpc_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(rpc, rpc_cases, rpc_case_desc);

static void rpc_check_test(struct kunit *test)
{
	const struct rpc_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->err, ssi_rpc_check(c->op, c->lane, c->flags,
						    c->len, c->nr_pages));
}

static void rpc_error_check_test(struct kunit *test)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(SSI_MSG_ERROR);
	struct ssi_wire_error wire = {};

	KUNIT_ASSERT_NOT_NULL(test, op);
	KUNIT_EXPECT_EQ(test, op->check(&wire, sizeof(wire)), -EPROTO);
	wire.error = cpu_to_le32(ENOMEM);
	KUNIT_EXPECT_EQ(test, op->check(&wire, sizeof(wire)), 0);
	wire.error = cpu_to_le32(MAX_ERRNO + 1);
	KUNIT_EXPECT_EQ(test, op->check(&wire, sizeof(wire)), -EPROTO);
	wire.error = cpu_to_le32(-ENOMEM);
	KUNIT_EXPECT_EQ(test, op->check(&wire, sizeof(wire)), -EPROTO);
}

/* A message keeps what it is given, and gives it back. */
static void rpc_msg_test(struct kunit *test)
{
	static const size_t lens[] = { 0, 1, 40, 4096, SSI_MSG_MAX_BODY };
	struct page *page = alloc_page(GFP_KERNEL);
	struct ssi_msg *msg;
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		msg = ssi_msg_alloc(SSI_MSG_ECHO, lens[i], GFP_KERNEL);
		if (!msg) {
			KUNIT_FAIL(test, "no message of %zu bytes", lens[i]);
			break;
		}
		KUNIT_EXPECT_PTR_EQ(test, msg->body, (void *)(&msg->hdr + 1));
		KUNIT_EXPECT_NULL(test, memchr_inv(msg->body, 0, lens[i]));
		for (j = 0; j < SSI_MSG_MAX_PAGES; j++)
			KUNIT_EXPECT_EQ(test, ssi_msg_add_page(msg, page), 0);
		KUNIT_EXPECT_EQ(test, ssi_msg_add_page(msg, page), -E2BIG);
		KUNIT_EXPECT_EQ(test, page_count(page), 1 + SSI_MSG_MAX_PAGES);
		ssi_msg_free(msg);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
	}
	put_page(page);
}

static struct kunit_case rpc_test_cases[] = {
	KUNIT_CASE(rpc_table_test),
	KUNIT_CASE(rpc_answer_test),
	KUNIT_CASE(rpc_handshake_test),
	KUNIT_CASE_PARAM(rpc_check_test, rpc_gen_params),
	KUNIT_CASE(rpc_error_check_test),
	KUNIT_CASE(rpc_msg_test),
	{}
};

static struct kunit_suite rpc_test_suite = {
	.name = "ssi_rpc",
	.test_cases = rpc_test_cases,
};

kunit_test_suite(rpc_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: the table of messages, and its bounds");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
