// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: KUnit tests of the cluster's /proc
 */

#include <kunit/test.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "../procfs.h"
#include "../procmsg.h"
#include "../procname.h"
#include "../reader.h"
#include "../started.h"

struct path_case {
	const char *path;
	const char *entry;	/* NULL: the directory of a process or thread */
	bool below;
	bool bad;
};

static const struct path_case path_cases[] = {
	{ "" },
	{ "stat", "stat" },
	{ "exe", "exe" },
	{ "task", "task" },
	{ "task/3000001" },
	{ "task/3000001/stat", "stat" },
	{ "task/3000001/fd", "fd" },
	{ "task/3000001/fd/7", "fd", true },
	{ "fd/0", "fd", true },
	{ "fdinfo/4294967295", "fdinfo", true },
	{ "ns/pid_for_children", "ns", true },
	{ "/", .bad = true },
	{ "/stat", .bad = true },
	{ "stat/", .bad = true },
	{ "stat/1", .bad = true },
	{ "statx", .bad = true },
	{ "sta", .bad = true },
	{ ".", .bad = true },
	{ "..", .bad = true },
	{ "fd/", .bad = true },
	{ "fd/.", .bad = true },
	{ "fd/..", .bad = true },
	{ "fd/01", .bad = true },
	{ "fd/42949672950", .bad = true },
	{ "fd/1/x", .bad = true },
	{ "fd//1", .bad = true },
	{ "exe/1", .bad = true },
	{ "cwd/etc/passwd", .bad = true },
	{ "ns/../stat", .bad = true },
	{ "task/", .bad = true },
	{ "task/x/stat", .bad = true },
	{ "task/1/", .bad = true },
	{ "task/1/task", .bad = true },
	{ "task/1/task/2/stat", .bad = true },
	{ "task/1/coredump_filter", .bad = true },
	{ "mem", .bad = true },
	{ "pagemap", .bad = true },
	{ "map_files/0-1", .bad = true },
	{ "net/tcp", .bad = true },
};

static void path_case_desc(const struct path_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "\"%s\"", c->path);
}

KUNIT_ARRAY_PARAM(path, path_cases, path_case_desc);

static void path_test(struct kunit *test)
{
	const struct path_case *c = test->param_value;
	struct ssi_procpath found;

	KUNIT_ASSERT_EQ(test, ssi_procname_parse(c->path, &found), !c->bad);
	if (c->bad)
		return;
	if (c->entry)
		KUNIT_EXPECT_STREQ(test, found.entry->name, c->entry);
	else
		KUNIT_EXPECT_NULL(test, found.entry);
	KUNIT_EXPECT_EQ(test, found.below, c->below);
}

/* The longest path that there is fits into what messages have room for. */
static void longest_path_test(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ssi_nr_procnames; i++)
		KUNIT_EXPECT_LT(test, strlen("task/268435455//pid_for_children") +
				strlen(ssi_procnames[i].name), SSI_PROCNAME_MAX_PATH);
}

static void ino_test(struct kunit *test)
{
	/* old programs know 32 bits */
	KUNIT_EXPECT_LE(test, ssi_procfs_ino(268435455, ""), U32_MAX);
	KUNIT_EXPECT_LE(test, ssi_procfs_ino(268435455, "task/268435455/status"), U32_MAX);
	KUNIT_EXPECT_NE(test, ssi_procfs_ino(2000000, ""), ssi_procfs_ino(2000001, ""));
	KUNIT_EXPECT_NE(test, ssi_procfs_ino(2000000, "stat"), ssi_procfs_ino(2000001, "stat"));
	KUNIT_EXPECT_NE(test, ssi_procfs_ino(2000000, "stat"), ssi_procfs_ino(2000000, "statm"));
	KUNIT_EXPECT_EQ(test, ssi_procfs_ino(2000000, "stat"), ssi_procfs_ino(2000000, "stat"));
}

/* A process with a file of five bytes and one that cannot be read, and another process. */
struct ahead {
	struct ssi_wire_procent first;
	struct ssi_wire_procfile good;
	u8 data[8];
	struct ssi_wire_procfile bad;
	struct ssi_wire_procent second;
};

static struct ahead *make_ahead(struct kunit *test)
{
	struct ahead *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->first.nr = cpu_to_le32(2000000);
	a->first.nr_files = cpu_to_le32(2);
	a->good.name = cpu_to_le32(1);
	a->good.len = cpu_to_le32(5);
	a->bad.name = cpu_to_le32(2);
	a->bad.len = cpu_to_le32(-EACCES);
	a->second.nr = cpu_to_le32(2000001);
	return a;
}

static void ahead_test(struct kunit *test)
{
	struct ahead *a = make_ahead(test);
	size_t len;

	KUNIT_EXPECT_TRUE(test, ssi_reader_check_ahead(a, 0));
	KUNIT_EXPECT_TRUE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	KUNIT_EXPECT_TRUE(test, ssi_reader_check_ahead(a, offsetof(struct ahead, second)));
	/* cut anywhere else */
	for (len = 1; len < sizeof(*a); len++)
		if (len != offsetof(struct ahead, second))
			KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, len));
}

static void ahead_bounds_test(struct kunit *test)
{
	struct ahead *a = make_ahead(test);

	a->good.len = cpu_to_le32(SSI_PROCFILE_MAX);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->good.len = cpu_to_le32(9);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->good.len = cpu_to_le32(5);
	a->good.name = cpu_to_le32(ssi_nr_procnames);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->good.name = cpu_to_le32(1);
	a->bad.len = cpu_to_le32(-MAX_ERRNO - 1);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->bad.len = cpu_to_le32(INT_MIN);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->bad.len = 0;
	KUNIT_EXPECT_TRUE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->first.nr_files = cpu_to_le32(U32_MAX);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
	a->first.nr_files = cpu_to_le32(2);
	a->second.nr_files = cpu_to_le32(1);
	KUNIT_EXPECT_FALSE(test, ssi_reader_check_ahead(a, sizeof(*a)));
}

struct started_case {
	const char *name;
	const char *stat;
	s64 ticks;
	size_t room;	/* besides what it reads */
	const char *out;
};

#define STAT(name, start)	"7 (" name ") S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " start
#define REST			" 1000 200 18446744073709551615\n"

static const struct started_case started_cases[] = {
	{ "later", STAT("sh", "500") REST, 70, 8, STAT("sh", "570") REST },
	{ "earlier", STAT("sh", "500") REST, -70, 8, STAT("sh", "430") REST },
	{ "longer", STAT("sh", "500") REST, 100000, 8, STAT("sh", "100500") REST },
	{ "shorter", STAT("sh", "100500") REST, -100000, 0, STAT("sh", "500") REST },
	{ "older than this node", STAT("sh", "500") REST, -501, 0, STAT("sh", "0") REST },
	{ "the same", STAT("sh", "500") REST, 0, 0, STAT("sh", "500") REST },
	{ "a name that misleads", STAT("a) S 1 (b", "500") REST, 1, 0,
	  STAT("a) S 1 (b", "501") REST },
	{ "no room", STAT("sh", "999") REST, 1, 0, STAT("sh", "999") REST },
	{ "any boot, sooner", STAT("sh", "500") REST, S64_MIN, 0, STAT("sh", "0") REST },
	{ "any boot, later", STAT("sh", "500") REST, S64_MAX, 40,
	  STAT("sh", "2305843009213694451") REST },
	{ "any start", STAT("sh", "18446744073709551615") REST, 5, 40,
	  STAT("sh", "18446744073709551615") REST },
	{ "a sign", STAT("sh", "-5") REST, 5, 40, STAT("sh", "-5") REST },
	{ "too short", "7 (sh) S 1 7 7\n", 5, 40, "7 (sh) S 1 7 7\n" },
	{ "it ends there", STAT("sh", "500"), 5, 40, STAT("sh", "500") },
	{ "no name", "7 7 7\n", 5, 40, "7 7 7\n" },
	{ "nothing", "", 5, 40, "" },
};

static void started_case_name(const struct started_case *c, char *name)
{
	strscpy(name, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(started, started_cases, started_case_name);

static void procfs_started_test(struct kunit *test)
{
	const struct started_case *c = test->param_value;
	size_t len = strlen(c->stat), size = len + c->room;
	char *text = kunit_kzalloc(test, size + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memcpy(text, c->stat, len);
	text[size] = 'x';
	len = ssi_started_shift(text, len, size, c->ticks);
	KUNIT_EXPECT_EQ(test, text[size], 'x');
	KUNIT_ASSERT_LE(test, len, size);
	text[len] = '\0';
	KUNIT_EXPECT_STREQ(test, text, c->out);
}

static struct kunit_case procfs_cases[] = {
	KUNIT_CASE_PARAM(path_test, path_gen_params),
	KUNIT_CASE(longest_path_test),
	KUNIT_CASE(ino_test),
	KUNIT_CASE(ahead_test),
	KUNIT_CASE(ahead_bounds_test),
	KUNIT_CASE_PARAM(procfs_started_test, started_gen_params),
	{}
};

static struct kunit_suite procfs_suite = {
	.name = "ssi_procfs",
	.test_cases = procfs_cases,
};

kunit_test_suite(procfs_suite);

MODULE_DESCRIPTION("KUnit tests of the cluster's /proc");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
