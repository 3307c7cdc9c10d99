// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the reasons: each is a sentence that a person can be told.
 */

#include <kunit/test.h>
#include <linux/ctype.h>
#include <linux/netlink.h>
#include <linux/string.h>

#include "../reason.h"

static void reason_is_a_sentence(struct kunit *test)
{
	unsigned int reason;

	for (reason = 0; reason < SSI_NR_REASONS; reason++) {
		const char *text = ssi_reason_text(reason);
		size_t len = strlen(text);

		/* It must fit an extack message; the caller adds the full stop. */
		KUNIT_EXPECT_GE_MSG(test, len, 8, "reason %u", reason);
		KUNIT_EXPECT_LT_MSG(test, len, NETLINK_MAX_FMTMSG_LEN,
				    "reason %u", reason);
		KUNIT_EXPECT_TRUE_MSG(test, isupper(text[0]), "reason %u", reason);
		KUNIT_EXPECT_NE_MSG(test, text[len - 1], '.', "reason %u", reason);
	}
}

static void reason_is_told_from_others(struct kunit *test)
{
	const char *unknown = ssi_reason_text(SSI_NR_REASONS);
	unsigned int a, b;

	for (a = 0; a < SSI_NR_REASONS; a++) {
		KUNIT_EXPECT_STRNEQ(test, ssi_reason_text(a), unknown);
		for (b = 0; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, ssi_reason_text(a),
					    ssi_reason_text(b));
	}
}

static void reason_of_a_liar(struct kunit *test)
{
	const char *unknown = ssi_reason_text(SSI_NR_REASONS);

	KUNIT_ASSERT_NOT_NULL(test, unknown);
	KUNIT_EXPECT_PTR_EQ(test, ssi_reason_text(U32_MAX), unknown);
	KUNIT_EXPECT_PTR_EQ(test, ssi_reason_text(S32_MIN), unknown);
}

static struct kunit_case reason_cases[] = {
	KUNIT_CASE(reason_is_a_sentence),
	KUNIT_CASE(reason_is_told_from_others),
	KUNIT_CASE(reason_of_a_liar),
	{}
};

static struct kunit_suite reason_suite = {
	.name = "ssi_reason",
	.test_cases = reason_cases,
};

kunit_test_suite(reason_suite);

MODULE_DESCRIPTION("KUnit tests of the reasons of LinuxSSI");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
