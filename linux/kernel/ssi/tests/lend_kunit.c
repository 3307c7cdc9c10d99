// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of ranges of user ids.
 */

#include <kunit/test.h>
#include <linux/array_size.h>

#include "../lend.h"

static void lend_uids_parse(struct kunit *test)
{
	static const struct {
		const char *text;
		int ret;
		unsigned int nr;
	} cases[] = {
		{ "", 0, 0 },
		{ "\n", 0, 0 },
		{ "0", 0, 1 },
		{ "0,1000-59999\n", 0, 2 },
		{ "1000-1000", 0, 1 },
		{ "0-4294967295", 0, 1 },
		{ "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15", 0, 16 },
		{ "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", -E2BIG },
		{ ",", -EINVAL },
		{ "0,", -EINVAL },
		{ "0,\n", -EINVAL },
		{ ",0", -EINVAL },
		{ "0,,1", -EINVAL },
		{ "-", -EINVAL },
		{ "-5", -EINVAL },
		{ "5-", -EINVAL },
		{ "2-1", -EINVAL },
		{ "1-2-3", -EINVAL },
		{ "root", -EINVAL },
		{ "0 1", -EINVAL },
		{ "0x10", -EINVAL },
		{ "4294967296", -EINVAL },
		{ "0-4294967296", -EINVAL },
		{ "0\n1", -EINVAL },
		{ "11111111111111111111111111111111111111", -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ssi_uids uids;

		KUNIT_EXPECT_EQ_MSG(test, ssi_uids_parse(cases[i].text, &uids), cases[i].ret,
				    "\"%s\"", cases[i].text);
		if (!cases[i].ret)
			KUNIT_EXPECT_EQ_MSG(test, uids.nr, cases[i].nr, "\"%s\"", cases[i].text);
	}
}

static void lend_uids_have(struct kunit *test)
{
	struct ssi_uids uids;

	KUNIT_ASSERT_EQ(test, ssi_uids_parse("", &uids), 0);
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, 0));
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, U32_MAX));

	KUNIT_ASSERT_EQ(test, ssi_uids_parse("0,1000-1999,4294967295", &uids), 0);
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, 0));
	KUNIT_EXPECT_FALSE(test, ssi_uids_have(&uids, 1));
	KUNIT_EXPECT_FALSE(test, ssi_uids_have(&uids, 999));
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, 1000));
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, 1999));
	KUNIT_EXPECT_FALSE(test, ssi_uids_have(&uids, 2000));
	KUNIT_EXPECT_TRUE(test, ssi_uids_have(&uids, U32_MAX));
}

static struct kunit_case lend_cases[] = {
	KUNIT_CASE(lend_uids_parse),
	KUNIT_CASE(lend_uids_have),
	{}
};

static struct kunit_suite lend_suite = {
	.name = "ssi-lend",
	.test_cases = lend_cases,
};

kunit_test_suite(lend_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_DESCRIPTION("KUnit tests of what LinuxSSI lends");
MODULE_LICENSE("GPL");
