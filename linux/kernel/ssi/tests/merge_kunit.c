// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: KUnit tests of what /proc says of several machines as one
 */

#include <kunit/test.h>
#include <linux/string.h>

#include "../merge.h"

struct merge_case {
	const char *name;
	enum ssi_machine_file file;
	const char *t[3];
	const char *out;
};

static const struct merge_case merge_cases[] = {
	{ "loadavg", SSI_MACHINE_LOADAVG,
	  { "0.50 0.07 1.99 2/100 1000007\n", "1.55 0.93 0.01 3/50 2000001\n" },
	  "2.05 1.00 2.00 5/150 1000007\n" },
	{ "loadavg of one", SSI_MACHINE_LOADAVG, { "0.50 0.07 1.99 2/100 1000007\n" },
	  "0.50 0.07 1.99 2/100 1000007\n" },
	{ "loadavg and nonsense", SSI_MACHINE_LOADAVG,
	  { "0.50 0.07 1.99 2/100 7\n", "x", "1.00 y" },
	  "1.50 0.07 1.99 2/100 7\n" },
	{ "uptime", SSI_MACHINE_UPTIME, { "10.05 7.99\n", "300.10 100.01\n", "7.00 1.00\n" },
	  "10.05 109.00\n" },
	{ "meminfo", SSI_MACHINE_MEMINFO,
	  { "MemTotal:        1000000 kB\nVmallocTotal:   34359738367 kB\n"
	    "HugePages_Total:       1\n"
	    "Own:                  7 kB\n",
	    "HugePages_Total:       2\nMemTotal:       99000000 kB\n"
	    "VmallocTotal:   34359738367 kB\n",
	    "MemTotal: x\nMemTot" },
	  "MemTotal:      100000000 kB\nVmallocTotal:   34359738367 kB\nHugePages_Total:       3\n"
	  "Own:                  7 kB\n" },
	{ "meminfo keeps its columns", SSI_MACHINE_MEMINFO,
	  { "MemFree:           99999 kB\n", "MemFree:               1 kB\n" },
	  "MemFree:          100000 kB\n" },
	{ "stat", SSI_MACHINE_STAT,
	  { "cpu  10 20 30\ncpu0 4 5 6\ncpu2 7 8 9\nintr 5 1 2 3\nctxt 7\nbtime 1000\n"
	    "procs_running 1\n",
	    "cpu  1 2 3 4\ncpu0 1 2 3 4\nintr 1 1\nctxt 3\nbtime 900\nprocs_running 2\nnew 1\n",
	    "cpu  100 200 300\ncpu0 1 1 1\ncpu1 2 2 2\nbtime 1100\n" },
	  "cpu  111 222 333\ncpu0 4 5 6\ncpu2 7 8 9\ncpu3 1 2 3 4\ncpu4 1 1 1\ncpu5 2 2 2\n"
	  "intr 6 2 2 3\nctxt 10\nbtime 1000\nprocs_running 3\n" },
	{ "stat of nothing", SSI_MACHINE_STAT, { "ctxt 7\n", "", "ctxt" }, "ctxt 7\n" },
	{ "cpuinfo", SSI_MACHINE_CPUINFO,
	  { "processor\t: 0\nname\t: a b\n\nprocessor\t: 1\n\n", "processor\t: 0\nx\n\n",
	    "processor: 0\nprocessor\t: 3\n" },
	  "processor\t: 0\nname\t: a b\n\nprocessor\t: 1\n\nprocessor\t: 2\nx\n\n"
	  "processor: 0\nprocessor\t: 6\n" },
};

static void merge_case_desc(const struct merge_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(merge, merge_cases, merge_case_desc);

/* The texts of a case, each in memory of its own length, without a NUL. */
static unsigned int merge_texts(struct kunit *test, const struct merge_case *c, struct ssi_text *t)
{
	unsigned int nr;
	char *s;

	for (nr = 0; nr < ARRAY_SIZE(c->t) && c->t[nr]; nr++) {
		t[nr].len = strlen(c->t[nr]);
		s = kunit_kmalloc(test, max(t[nr].len, 1), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, s);
		memcpy(s, c->t[nr], t[nr].len);
		t[nr].s = s;
	}
	return nr;
}

static void merge_test(struct kunit *test)
{
	const struct merge_case *c = test->param_value;
	struct ssi_text t[3], rest[3];
	unsigned int nr = merge_texts(test, c, t);
	char out[512];
	size_t len;

	len = ssi_merge(c->file, t, rest, nr, out, sizeof(out));
	KUNIT_EXPECT_STREQ(test, out, c->out);
	KUNIT_EXPECT_EQ(test, len, strlen(c->out));
}

/* No room is no reason to write beyond it. */
static void merge_room_test(struct kunit *test)
{
	const struct merge_case *c = test->param_value;
	struct ssi_text t[3], rest[3];
	unsigned int nr = merge_texts(test, c, t);
	size_t size, len;
	char *out;

	for (size = 1; size <= strlen(c->out); size++) {
		out = kunit_kmalloc(test, size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, out);
		len = ssi_merge(c->file, t, rest, nr, out, size);
		KUNIT_EXPECT_LT(test, len, size);
		KUNIT_EXPECT_EQ(test, strncmp(out, c->out, len), 0);
		kunit_kfree(test, out);
	}
}

static struct kunit_case merge_kunit_cases[] = {
	KUNIT_CASE_PARAM(merge_test, merge_gen_params),
	KUNIT_CASE_PARAM(merge_room_test, merge_gen_params),
	{}
};

static struct kunit_suite merge_suite = {
	.name = "ssi_merge",
	.test_cases = merge_kunit_cases,
};

kunit_test_suite(merge_suite);

MODULE_DESCRIPTION("KUnit tests of what /proc says of several machines");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
