// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: addresses of nodes
 */

#include <kunit/test.h>
#include <linux/inet.h>

#include "../addr.h"
#include "../instance.h"

struct addr_case {
	const char *text;
	int err;
	u32 id;
	const char *shown;	/* as %pISpc prints it */
};

static const struct addr_case addr_cases[] = {
	{ "1@10.0.0.1", 0, 1, "10.0.0.1:7475" },
	{ "1000@10.0.0.1:99", 0, 1000, "10.0.0.1:99" },
	{ "7@10.0.0.1:65535", 0, 7, "10.0.0.1:65535" },
#if IS_ENABLED(CONFIG_IPV6)
	{ "3@fd00::1", 0, 3, "[fd00::1]:7475" },
	{ "3@[fd00::1]:99", 0, 3, "[fd00::1]:99" },
	{ "3@[fd00::1]", 0, 3, "[fd00::1]:7475" },
	{ "3@::1", 0, 3, "[::1]:7475" },
	{ "3@[fd00::1", -EINVAL },
	{ "3@[fd00::1]99", -EINVAL },
	{ "3@[fd00::1]:", -EINVAL },
#endif
	{ "", -EINVAL },
	{ "@", -EINVAL },
	{ "1", -EINVAL },
	{ "1@", -EINVAL },
	{ "@10.0.0.1", -EINVAL },
	{ "0@10.0.0.1", -ERANGE },
	{ "1001@10.0.0.1", -ERANGE },
	{ "-1@10.0.0.1", -EINVAL },
	{ "+1@10.0.0.1", -EINVAL },
	{ "1x@10.0.0.1", -EINVAL },
	{ "12345678@10.0.0.1", -EINVAL },
	{ "1@10.0.0", -EINVAL },
	{ "1@10.0.0.256", -EINVAL },
	{ "1@10.0.0.1:", -EINVAL },
	{ "1@10.0.0.1:65536", -EINVAL },
	{ "1@10.0.0.1:99x", -EINVAL },
	{ "1@10.0.0.1:-1", -EINVAL },
	{ "1@[10.0.0.1]:99", -EINVAL },
	{ "1@host", -EINVAL },
	{ "1@0123456789012345678901234567890123456789012345678901234567890123456789",
	  -EINVAL },
};

static void addr_case_desc(const struct addr_case *c, char *desc)
{
	strscpy(desc, *c->text ? c->text : "(empty)", KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(addr, addr_cases, addr_case_desc);

static void addr_parse_test(struct kunit *test)
{
	const struct addr_case *c = test->param_value;
	struct sockaddr_storage addr;
	char shown[64];
	u32 id = 0;

	KUNIT_ASSERT_EQ(test, ssi_addr_parse_peer(c->text, &id, &addr), c->err);
	if (c->err)
		return;
	KUNIT_EXPECT_EQ(test, id, c->id);
	snprintf(shown, sizeof(shown), "%pISpc", &addr);
	KUNIT_EXPECT_STREQ(test, shown, c->shown);
	KUNIT_EXPECT_TRUE(test, ssi_addr_valid(&addr));
}

static void addr_valid_test(struct kunit *test)
{
	static const char *const bad[] = {
		"0.0.0.0", "255.255.255.255", "224.0.0.1",
#if IS_ENABLED(CONFIG_IPV6)
		"::", "ff02::1",
#endif
	};
	struct sockaddr_storage addr = {};
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, ssi_addr_valid(&addr));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_ASSERT_EQ(test, ssi_addr_parse(bad[i], &addr), 0);
		KUNIT_EXPECT_FALSE_MSG(test, ssi_addr_valid(&addr), "%s", bad[i]);
	}
}

static void addr_same_host_test(struct kunit *test)
{
	struct sockaddr_storage a, b, c;

	KUNIT_ASSERT_EQ(test, ssi_addr_parse("10.0.0.1:1", &a), 0);
	KUNIT_ASSERT_EQ(test, ssi_addr_parse("10.0.0.1:2", &b), 0);
	KUNIT_ASSERT_EQ(test, ssi_addr_parse("10.0.0.2:1", &c), 0);
	KUNIT_EXPECT_TRUE(test, ssi_addr_same_host(&a, &b));
	KUNIT_EXPECT_FALSE(test, ssi_addr_same_host(&a, &c));
#if IS_ENABLED(CONFIG_IPV6)
	KUNIT_ASSERT_EQ(test, ssi_addr_parse("::ffff:10.0.0.1", &b), 0);
	KUNIT_EXPECT_TRUE(test, ssi_addr_same_host(&a, &b));
	KUNIT_EXPECT_FALSE(test, ssi_addr_same_host(&c, &b));
#endif
}

static struct kunit_case addr_test_cases[] = {
	KUNIT_CASE_PARAM(addr_parse_test, addr_gen_params),
	KUNIT_CASE(addr_valid_test),
	KUNIT_CASE(addr_same_host_test),
	{}
};

static struct kunit_suite addr_test_suite = {
	.name = "ssi_addr",
	.test_cases = addr_test_cases,
};

kunit_test_suite(addr_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: addresses of nodes");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
