// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: KUnit tests of lists of the CPUs of all nodes
 */

#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/seq_file.h>

#include "../cpulist.h"

struct cpulist_case {
	const char *name;
	const char *own;
	u64 more;
	const char *out;
};

static const struct cpulist_case cpulist_cases[] = {
	{ "one alone", "0", 0, "0\n" },
	{ "one and one", "0", 1, "0-1\n" },
	{ "some alone", "0-3", 0, "0-3\n" },
	{ "some and others", "0-3", 5, "0-8\n" },
	{ "a hole", "0,2-3", 2, "0,2-5\n" },
	{ "the last by itself", "0-1,3", 2, "0-1,3-5\n" },
	{ "the first is offline", "1-3", 1, "1-4\n" },
	{ "more than a word", "0-70,100", 2, "0-70,100-102\n" },
	{ "all that peers can say", "0", 1000 * 8192ULL, "0-8192000\n" },
	{ "none", "", 0, "\n" },
};

static void cpulist_case_name(const struct cpulist_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cpulist, cpulist_cases, cpulist_case_name);

static void cpulist_show_test(struct kunit *test)
{
	const struct cpulist_case *c = test->param_value;
	char text[64] = "";
	struct seq_file m = { .buf = text, .size = sizeof(text) };
	DECLARE_BITMAP(own, 128);

	KUNIT_ASSERT_EQ(test, bitmap_parselist(c->own, own, 128), 0);
	ssi_cpulist_show(&m, own, 128, c->more);
	KUNIT_EXPECT_STREQ(test, text, c->out);
	KUNIT_EXPECT_EQ(test, m.count, strlen(c->out));
}

static struct kunit_case cpulist_test_cases[] = {
	KUNIT_CASE_PARAM(cpulist_show_test, cpulist_gen_params),
	{}
};

static struct kunit_suite cpulist_suite = {
	.name = "ssi-cpulist",
	.test_cases = cpulist_test_cases,
};

kunit_test_suite(cpulist_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of LinuxSSI: lists of the CPUs of all nodes");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
