// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: liveness
 */

#include <kunit/test.h>

#include "../heart.h"

#define MS	1000000ULL
#define D	(4800 * MS)	/* a deadline with even fractions */

struct heart_case {
	const char *name;
	u64 age;
	bool was_suspect, lent;
	bool lost, suspect;
	u64 next;
};

static const struct heart_case heart_cases[] = {
	{ "fresh", 0, false, false, false, false, 1600 * MS },
	{ "fresh and lent", 0, false, true, false, false, 600 * MS },
	{ "look again in time", 3000 * MS, false, false, false, false, 1500 * MS },
	{ "just before grace", 4499 * MS, false, false, false, false, 1 * MS },
	{ "suspect", 4500 * MS, false, false, false, true, 300 * MS },
	{ "recovered", 100 * MS, true, false, false, false, 1600 * MS },
	{ "suspect, about to be lost", 4790 * MS, true, false, false, true, 75 * MS },
	{ "late at the first look", 9000 * MS, false, false, false, true, 300 * MS },
	{ "deadline to the point", 4800 * MS, true, false, true, true, 300 * MS },
	{ "lost", 5000 * MS, true, true, true, true, 300 * MS },
};

static void heart_case_desc(const struct heart_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(heart, heart_cases, heart_case_desc);

static void heart_judge_test(struct kunit *test)
{
	const struct heart_case *c = test->param_value;
	struct ssi_heart_verdict v;

	v = ssi_heart_judge(c->age, D, c->was_suspect, c->lent);
	KUNIT_EXPECT_EQ(test, v.lost, c->lost);
	KUNIT_EXPECT_EQ(test, v.suspect, c->suspect);
	KUNIT_EXPECT_EQ(test, v.next, c->next);
}

/* Whatever the phase of the timer: silence ends in time, and not before. */
static void heart_silence_test(struct kunit *test)
{
	u64 deadline, age, first;
	int lent;

	for (deadline = 500 * MS; deadline <= 60000 * MS; deadline *= 2) {
		for (first = 0; first < deadline; first += deadline / 37) {
			for (lent = 0; lent < 2; lent++) {
				struct ssi_heart_verdict v = {};

				for (age = first; !v.lost; age += v.next) {
					v = ssi_heart_judge(age, deadline,
							    v.suspect, lent);
					KUNIT_ASSERT_GT(test, v.next, 0ULL);
					if (v.lost)
						break;
				}
				KUNIT_EXPECT_GE(test, age, deadline);
				KUNIT_EXPECT_LE(test, age,
						deadline + deadline / 16);
			}
		}
	}
}

/* Said once when it is far for sure, and again only after it was near for sure. */
static void heart_clock_test(struct kunit *test)
{
	const s64 s = NSEC_PER_SEC;

	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(0, 0, false), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s - 1, 0, false), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s, 0, false), 1);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(-s, 0, false), 1);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s, 2, false), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(-3 * s, 2 * s, false), 1);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(S64_MAX, 0, false), 1);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(S64_MIN, 0, false), 1);

	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(S64_MIN, 0, true), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(5 * s, 0, true), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s / 2, 0, true), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s / 2 - 1, 1, true), 0);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(s / 2 - 1, 0, true), -1);
	KUNIT_EXPECT_EQ(test, ssi_heart_judge_clock(0, s / 4, true), -1);
}

/* The start of a process is its identity: what drifts does not move it. */
static void heart_boot_test(struct kunit *test)
{
	const s64 s = NSEC_PER_SEC;

	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(false, 0, 0));
	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(false, 5, S64_MIN));
	KUNIT_EXPECT_FALSE(test, ssi_heart_judge_boot(true, 5, 5));
	KUNIT_EXPECT_FALSE(test, ssi_heart_judge_boot(true, 0, 10 * s));
	KUNIT_EXPECT_FALSE(test, ssi_heart_judge_boot(true, 0, -10 * s));
	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(true, 0, 10 * s + 1));
	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(true, 0, -10 * s - 1));
	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(true, S64_MIN, S64_MAX));
	KUNIT_EXPECT_TRUE(test, ssi_heart_judge_boot(true, S64_MAX, S64_MIN));
}

static struct kunit_case heart_test_cases[] = {
	KUNIT_CASE_PARAM(heart_judge_test, heart_gen_params),
	KUNIT_CASE(heart_silence_test),
	KUNIT_CASE(heart_clock_test),
	KUNIT_CASE(heart_boot_test),
	{}
};

static struct kunit_suite heart_test_suite = {
	.name = "ssi_heart",
	.test_cases = heart_test_cases,
};

kunit_test_suite(heart_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: liveness");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
