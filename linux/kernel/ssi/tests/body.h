/* SPDX-License-Identifier: GPL-2.0 */
/* Bodies of messages that are well formed but for one thing. */
#ifndef _KERNEL_SSI_TESTS_BODY_H
#define _KERNEL_SSI_TESTS_BODY_H

#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../procmsg.h"
#include "../rpc.h"

#define BODY_MAX	SZ_8K

/* A body of a type in the making; mangled by a case, and then checked. */
struct body {
	u16 type;
	size_t len;
	union {
		u8 bytes[BODY_MAX];
		struct ssi_wire_enter enter;
		struct ssi_wire_trap trap;
		struct ssi_wire_pages pages;
		struct ssi_wire_grant grant;
		struct ssi_wire_op op;
	};
};

/* One of these, and whether it is still @good when @spoil has been at it. */
struct procmsg_case {
	const char *name;
	void (*make)(struct body *b);
	void (*spoil)(struct body *b);
	bool good;
};

static inline void leave(struct body *b) { }

static inline void procmsg_case_desc(const struct procmsg_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

/* What the dispatcher does before a handler sees a body. */
static inline void procmsg_check_test(struct kunit *test)
{
	const struct procmsg_case *c = test->param_value;
	struct body *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	const struct ssi_rpc_op *op;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, b);
	c->make(b);
	c->spoil(b);
	op = ssi_rpc_op(b->type);
	KUNIT_ASSERT_NOT_NULL(test, op);
	err = ssi_rpc_check(op, op->lane, op->reply ? SSI_WIRE_REPLY : 0, b->len, 0);
	if (!err)
		err = op->check(b->bytes, b->len);
	if (c->good)
		KUNIT_EXPECT_EQ(test, err, 0);
	else
		KUNIT_EXPECT_NE(test, err, 0);
}

#endif /* _KERNEL_SSI_TESTS_BODY_H */
