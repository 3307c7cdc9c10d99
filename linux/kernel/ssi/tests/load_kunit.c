// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: how busy a peer is
 */

#include <kunit/test.h>

#include "../load.h"

/* a task for each CPU */
#define ONE	65536

static void load_with_one_more_test(struct kunit *test)
{
	/* an idle CPU is an idle CPU */
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(0, 1), ONE);
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(0, 64), ONE);
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(63, 64), ONE);
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(1, 1), 2 * ONE);
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(2, 2), ONE * 3 / 2);
	/* a larger machine bears more */
	KUNIT_EXPECT_LT(test, ssi_load_with_one_more(64, 64), ssi_load_with_one_more(2, 2));
	/* whatever a peer says */
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(2ULL * U32_MAX, 1),
			(2ULL * U32_MAX + 1) << 16);
	KUNIT_EXPECT_EQ(test, ssi_load_with_one_more(U32_MAX, U32_MAX), ONE);
}

static void load_report_test(struct kunit *test)
{
	struct ssi_load load = {};

	ssi_load_init(&load);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), U64_MAX);
	ssi_load_report(&load, 0, 1);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), ONE);
	ssi_load_report(&load, 7, 2);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 4 * ONE);
}

/* What was started counts until the peer counts it, or it ends. */
static void load_started_test(struct kunit *test)
{
	struct ssi_load load = {};
	u32 a, b, c;

	ssi_load_init(&load);
	ssi_load_report(&load, 1, 1);
	a = ssi_load_start(&load);
	b = ssi_load_start(&load);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 4 * ONE);
	ssi_load_end(&load, a);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 3 * ONE);
	ssi_load_report(&load, 2, 1);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 3 * ONE);
	c = ssi_load_start(&load);
	/* the peer has counted it, so that it is not taken off here */
	ssi_load_end(&load, b);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 4 * ONE);
	ssi_load_end(&load, c);
	KUNIT_EXPECT_EQ(test, ssi_load_of(&load), 3 * ONE);
	KUNIT_EXPECT_EQ(test, load.started, 0);
}

static struct kunit_case load_cases[] = {
	KUNIT_CASE(load_with_one_more_test),
	KUNIT_CASE(load_report_test),
	KUNIT_CASE(load_started_test),
	{}
};

static struct kunit_suite load_suite = {
	.name = "ssi-load",
	.test_cases = load_cases,
};

kunit_test_suite(load_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of LinuxSSI: how busy a peer is");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
