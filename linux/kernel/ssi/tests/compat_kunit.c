// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: do two nodes fit together?
 */

#include <kunit/test.h>

#include "../compat.h"

#define FEATURE0	offsetof(struct ssi_compat, features)

struct compat_case {
	const char *name;
	size_t offset;	/* of a byte that the peer has otherwise */
	u8 flip;
	int cut;	/* bytes the description is longer or shorter */
	const char *reason;
};

static const struct compat_case compat_cases[] = {
	{ "same" },
	{ "cpus", offsetof(struct ssi_compat, nr_cpus), 0x40 },
	{ "version", offsetof(struct ssi_compat, version), 1, 0,
	  "LinuxSSI versions differ" },
	{ "arch", offsetof(struct ssi_compat, arch), 1, 0,
	  "architectures differ" },
	{ "byte order", offsetof(struct ssi_compat, byte_order), 1, 0,
	  "byte orders differ" },
	{ "page size", offsetof(struct ssi_compat, page_size) + 1, 0x40, 0,
	  "page sizes differ" },
	{ "release", offsetof(struct ssi_compat, release), 1, 0,
	  "kernel releases differ" },
	{ "build", offsetof(struct ssi_compat, build) + 19, 0x80, 0,
	  "kernel builds differ" },
	{ "number of features", offsetof(struct ssi_compat, nr_features), 1, 0,
	  "descriptions of the CPU differ in length" },
	{ "first feature", FEATURE0, 0x10, 0, "CPU features differ: " },
	{ "third feature", FEATURE0 + 2 * sizeof(u64) + 1, 0x10, 0,
	  "CPU features differ: " },
	{ "longer", 0, 0, 8, "descriptions of the CPU differ in length" },
	{ "shorter", 0, 0, -1, "descriptions of the CPU differ in length" },
	{ "no feature", 0, 0, -1000, "descriptions of the CPU differ in length" },
	{ "truncated", 0, 0, -5000, "LinuxSSI versions differ" },
};

static void compat_case_desc(const struct compat_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(compat, compat_cases, compat_case_desc);

static void compat_check_test(struct kunit *test)
{
	const struct compat_case *c = test->param_value;
	u8 *self = kunit_kzalloc(test, SSI_COMPAT_MAX, GFP_KERNEL);
	u8 *peer = kunit_kzalloc(test, SSI_COMPAT_MAX, GFP_KERNEL);
	char reason[SSI_REASON_MAX] = "";
	size_t len, peer_len;
	u32 nr_cpus = 0;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, self);
	KUNIT_ASSERT_NOT_NULL(test, peer);
	len = ssi_compat_self(self, SSI_COMPAT_MAX);
	KUNIT_ASSERT_GT(test, len, sizeof(struct ssi_compat));
	memcpy(peer, self, len);

	peer[c->offset] ^= c->flip;
	peer_len = len + c->cut;
	if (c->cut == -1000)
		peer_len = sizeof(struct ssi_compat);
	if (c->cut == -5000)
		peer_len = sizeof(struct ssi_compat) - 1;

	err = ssi_compat_check(self, len, peer, peer_len, &nr_cpus, reason);
	if (!c->reason) {
		KUNIT_EXPECT_EQ(test, err, 0);
		KUNIT_EXPECT_EQ(test, nr_cpus,
				le32_to_cpu(((struct ssi_compat *)peer)->nr_cpus));
		return;
	}
	KUNIT_EXPECT_EQ(test, err, -EOPNOTSUPP);
	KUNIT_EXPECT_EQ_MSG(test, strncmp(reason, c->reason, strlen(c->reason)),
			    0, "%s", reason);
}

/* Each bit of each feature counts, and is named. */
static void compat_features_test(struct kunit *test)
{
	u8 *self = kunit_kzalloc(test, SSI_COMPAT_MAX, GFP_KERNEL);
	u8 *peer = kunit_kzalloc(test, SSI_COMPAT_MAX, GFP_KERNEL);
	struct ssi_compat *b = (struct ssi_compat *)peer;
	char reason[SSI_REASON_MAX];
	unsigned int i, bit;
	size_t len;
	u32 nr_cpus;

	KUNIT_ASSERT_NOT_NULL(test, self);
	KUNIT_ASSERT_NOT_NULL(test, peer);
	len = ssi_compat_self(self, SSI_COMPAT_MAX);
	memcpy(peer, self, len);

	for (i = 0; i < le32_to_cpu(b->nr_features); i++) {
		for (bit = 0; bit < 64; bit++) {
			b->features[i] ^= cpu_to_le64(BIT_ULL(bit));
			KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
					ssi_compat_check(self, len, peer, len,
							 &nr_cpus, reason));
			b->features[i] ^= cpu_to_le64(BIT_ULL(bit));
		}
	}
	KUNIT_EXPECT_EQ(test, 0, ssi_compat_check(self, len, peer, len, &nr_cpus,
						  reason));
}

struct hello_case {
	const char *name;
	size_t offset;
	u8 flip;
	int cut;
	const char *reason;
};

static const struct hello_case hello_cases[] = {
	{ "fits" },
	{ "magic", offsetof(struct ssi_wire_hello, magic), 1, 0, "not LinuxSSI" },
	{ "version", offsetof(struct ssi_wire_hello, version), 2, 0,
	  "protocol versions differ: 1 and 3" },
	{ "cluster", offsetof(struct ssi_wire_hello, cluster), 1, 0,
	  "cluster names differ" },
	{ "cluster without end", offsetof(struct ssi_wire_hello, cluster) + 63,
	  'x', 0, "cluster names differ" },
	{ "from", offsetof(struct ssi_wire_hello, from), 1, 0,
	  "node 4 answers where node 5 should be" },
	{ "to", offsetof(struct ssi_wire_hello, to), 1, 0,
	  "node 8 was looked for where node 9 is" },
	{ "deadline", offsetof(struct ssi_wire_hello, deadline_ms), 1, 0,
	  "deadlines differ: 5000 and 5001 ms" },
	{ "pid stride", offsetof(struct ssi_wire_hello, pid_stride), 1, 0,
	  "process ids per node differ: 1000000 and 1000001" },
	{ "compat length", offsetof(struct ssi_wire_hello, compat_len), 1, 0,
	  "malformed greeting" },
	{ "longer", 0, 0, 1, "malformed greeting" },
	{ "shorter", 0, 0, -1, "not LinuxSSI" },
};

static void hello_case_desc(const struct hello_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hello, hello_cases, hello_case_desc);

static void compat_hello_test(struct kunit *test)
{
	const struct ssi_hello_expect expect = {
		.from = 5, .to = 9, .deadline_ms = 5000, .pid_stride = 1000000,
		.cluster = "test",
	};
	const struct hello_case *c = test->param_value;
	struct ssi_wire_hello wire = {
		.magic		= cpu_to_le32(SSI_WIRE_MAGIC),
		.version	= cpu_to_le32(SSI_WIRE_VERSION),
		.from		= cpu_to_le32(5),
		.to		= cpu_to_le32(9),
		.deadline_ms	= cpu_to_le32(5000),
		.pid_stride	= cpu_to_le32(1000000),
		.cluster	= "test",
	};
	char reason[SSI_REASON_MAX] = "";
	int err;

	((u8 *)&wire)[c->offset] ^= c->flip;
	err = ssi_compat_check_hello(&expect, &wire, sizeof(wire) + c->cut,
				     reason);
	KUNIT_EXPECT_EQ(test, err, c->reason ? -EOPNOTSUPP : 0);
	KUNIT_EXPECT_STREQ(test, reason, c->reason ? c->reason : "");
}

static struct kunit_case compat_test_cases[] = {
	KUNIT_CASE_PARAM(compat_check_test, compat_gen_params),
	KUNIT_CASE(compat_features_test),
	KUNIT_CASE_PARAM(compat_hello_test, hello_gen_params),
	{}
};

static struct kunit_suite compat_test_suite = {
	.name = "ssi_compat",
	.test_cases = compat_test_cases,
};

kunit_test_suite(compat_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: do two nodes fit together?");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
