// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: bodies of messages about placed programs and their files
 */

#include <kunit/test.h>
#include <linux/fs.h>
#include <linux/oom.h>
#include <linux/sched/prio.h>
#include <linux/signal.h>
#include <linux/stat.h>

#include "../placemsg.h"
#include "body.h"

/* Where the parts of make_place() are. */
#define PLACE_GROUPS	3
#define PLACE_FILES	2

static struct ssi_wire_place *place_of(struct body *b)
{
	return (void *)b->bytes;
}

static struct ssi_wire_open_file *place_file(struct body *b)
{
	return (void *)place_of(b)->group + round_up(PLACE_GROUPS * sizeof(__le32), 8);
}

static char *place_cwd(struct body *b)
{
	return (char *)(place_file(b) + PLACE_FILES);
}

static void make_place(struct body *b)
{
	static const char cwd[] = "/tmp", strings[] = "ls\0-l\0HOME=/\0/bin/ls";
	struct ssi_wire_place *w = place_of(b);
	struct ssi_wire_open_file *f = place_file(b);

	b->type = SSI_MSG_PLACE;
	w->id = cpu_to_le64(7);
	w->caller.nr_groups = cpu_to_le32(PLACE_GROUPS);
	w->argc = cpu_to_le32(2);
	w->envc = cpu_to_le32(1);
	w->umask = cpu_to_le32(022);
	w->nice = cpu_to_le32(MIN_NICE);
	w->oom_score_adj = cpu_to_le32(-1000);
	w->nr_files = cpu_to_le32(PLACE_FILES);
	w->cwd_len = cpu_to_le32(sizeof(cwd));
	w->strings_len = cpu_to_le32(sizeof(strings));
	f[0].handle = cpu_to_le32(1);
	f[0].mode = cpu_to_le32(S_IFIFO | 0600);
	f[1].fd = cpu_to_le32(255);
	f[1].handle = cpu_to_le32(1);
	f[1].modes = cpu_to_le32(SSI_FILE_MODES);
	f[1].mode = cpu_to_le32(S_IFREG | 0644);
	memcpy(place_cwd(b), cwd, sizeof(cwd));
	memcpy(place_cwd(b) + sizeof(cwd), strings, sizeof(strings));
	b->len = place_cwd(b) + sizeof(cwd) + sizeof(strings) - (char *)b->bytes;
}

static void place_cut(struct body *b)
{
	b->len--;
}

static void place_without_end(struct body *b)
{
	b->bytes[b->len - 1] = '.';
}

static void place_one_string_more(struct body *b)
{
	place_of(b)->envc = cpu_to_le32(2);
}

static void place_without_name(struct body *b)
{
	place_of(b)->argc = 0;
	place_of(b)->envc = cpu_to_le32(3);
}

static void place_strings_that_overflow(struct body *b)
{
	place_of(b)->argc = cpu_to_le32(U32_MAX);
	place_of(b)->envc = cpu_to_le32(4);
}

static void place_length_that_overflows(struct body *b)
{
	place_of(b)->strings_len = cpu_to_le32(U32_MAX);
}

static void place_too_many_files(struct body *b)
{
	place_of(b)->nr_files = cpu_to_le32(SSI_PLACE_MAX_FILES + 1);
}

static void place_files_in_disorder(struct body *b)
{
	place_file(b)[1].fd = 0;
}

static void place_negative_file(struct body *b)
{
	place_file(b)[1].fd = cpu_to_le32(-1);
}

static void make_terminal(struct ssi_wire_open_file *file)
{
	file->fd = cpu_to_le32(SSI_PLACE_NO_FD);
	file->mode = cpu_to_le32(S_IFCHR | 0666);
	file->modes = cpu_to_le32(SSI_FILE_IS_TERMINAL);
}

static void place_terminal(struct body *b)
{
	make_terminal(&place_file(b)[1]);
}

static void place_terminal_first(struct body *b)
{
	make_terminal(&place_file(b)[0]);
}

static void place_terminal_of_none(struct body *b)
{
	make_terminal(&place_file(b)[1]);
	place_file(b)[1].modes = 0;
}

static void place_disk(struct body *b)
{
	place_file(b)[1].mode = cpu_to_le32(S_IFBLK | 0600);
}

static void place_file_without_handle(struct body *b)
{
	place_file(b)[1].handle = 0;
}

static void place_relative_directory(struct body *b)
{
	place_cwd(b)[0] = '.';
}

static void place_directory_with_end(struct body *b)
{
	place_cwd(b)[2] = '\0';
}

static void place_too_nice(struct body *b)
{
	place_of(b)->nice = cpu_to_le32(MIN_NICE - 1);
}

static void place_killed_last(struct body *b)
{
	place_of(b)->oom_score_adj = cpu_to_le32(-1001);
}

static void place_with_more_groups(struct body *b)
{
	place_of(b)->caller.nr_groups = cpu_to_le32(NGROUPS_MAX + 1);
}

static void make_place_signal(struct body *b)
{
	struct ssi_wire_place_signal *w = (void *)b->bytes;

	b->type = SSI_MSG_PLACE_SIGNAL;
	b->len = sizeof(*w);
	((struct kernel_siginfo *)w->info)->si_signo = SIGTERM;
}

static void place_no_signal(struct body *b)
{
	struct ssi_wire_place_signal *w = (void *)b->bytes;

	((struct kernel_siginfo *)w->info)->si_signo = 0;
}

static void place_unknown_signal(struct body *b)
{
	struct ssi_wire_place_signal *w = (void *)b->bytes;

	((struct kernel_siginfo *)w->info)->si_signo = _NSIG + 1;
}

static struct ssi_wire_file *file_of(struct body *b)
{
	return (void *)b->bytes;
}

static void make_file_read(struct body *b)
{
	struct ssi_wire_file *w = file_of(b);

	b->type = SSI_MSG_FILE;
	b->len = sizeof(*w);
	w->op = cpu_to_le32(SSI_FILE_READ);
	w->handle = cpu_to_le32(1);
	w->pos = cpu_to_le64(SSI_FILE_POS_CURRENT);
	w->len = cpu_to_le32(SSI_FILE_MAX_DATA);
}

static void make_file_write(struct body *b)
{
	struct ssi_wire_file *w = file_of(b);

	make_file_read(b);
	w->op = cpu_to_le32(SSI_FILE_WRITE);
	w->len = cpu_to_le32(13);
	b->len += 16;
}

static void file_unknown(struct body *b)
{
	file_of(b)->op = cpu_to_le32(SSI_NR_FILE_OPS);
}

static void file_too_much(struct body *b)
{
	file_of(b)->len = cpu_to_le32(SSI_FILE_MAX_DATA + 1);
}

static void file_before_start(struct body *b)
{
	file_of(b)->pos = cpu_to_le64(-1);
}

static void file_unknown_flag(struct body *b)
{
	file_of(b)->flags = cpu_to_le32(SSI_FILE_FLAGS + 1);
}

static void file_cut(struct body *b)
{
	b->len -= 8;
}

static void file_sync_with_data(struct body *b)
{
	file_of(b)->op = cpu_to_le32(SSI_FILE_SYNC);
}

static void file_seek_nowhere(struct body *b)
{
	file_of(b)->op = cpu_to_le32(SSI_FILE_SEEK);
	file_of(b)->len = 0;
	file_of(b)->arg = cpu_to_le64(SEEK_MAX + 1);
}

static void make_file_foreground(struct body *b)
{
	struct ssi_wire_file *w = file_of(b);

	make_file_read(b);
	w->op = cpu_to_le32(SSI_FILE_FOREGROUND);
	w->arg = cpu_to_le64(SSI_FILE_WRITE);
	w->stub = cpu_to_le64(1);
	w->len = 0;
}

static void file_for_no_operation(struct body *b)
{
	file_of(b)->arg = cpu_to_le64(SSI_NR_FILE_OPS);
}

static void file_of_no_stub(struct body *b)
{
	file_of(b)->stub = 0;
}

static void file_of_unknown_stub(struct body *b)
{
	file_of(b)->stub = cpu_to_le64(1ULL << 32);
}

static struct ssi_wire_file_open *open_of(struct body *b)
{
	return (void *)file_of(b)->data;
}

static void make_file_open(struct body *b)
{
	struct ssi_wire_file *w = file_of(b);

	make_file_read(b);
	w->op = cpu_to_le32(SSI_FILE_OPEN);
	open_of(b)->caller.nr_groups = cpu_to_le32(3);
	w->len = cpu_to_le32(sizeof(*open_of(b)) + 12);
	b->len += sizeof(*open_of(b)) + 16;
}

static void open_with_groups(struct body *b, u32 nr)
{
	open_of(b)->caller.nr_groups = cpu_to_le32(nr);
}

static void open_with_more_groups(struct body *b)
{
	open_with_groups(b, 4);
}

static void open_with_fewer_groups(struct body *b)
{
	open_with_groups(b, 2);
}

/* which is nothing more in 32 bits */
static void open_with_all_groups(struct body *b)
{
	open_with_groups(b, 0x40000003);
}

static void open_by_nobody(struct body *b)
{
	file_of(b)->len = 0;
	b->len = sizeof(struct ssi_wire_file);
}

static const struct procmsg_case placemsg_cases[] = {
	{ "place", make_place, leave, true },
	{ "place, cut", make_place, place_cut },
	{ "place with a string without end", make_place, place_without_end },
	{ "place with one string more", make_place, place_one_string_more },
	{ "place with no argument", make_place, place_without_name },
	{ "place with strings that overflow", make_place, place_strings_that_overflow },
	{ "place with a length that overflows", make_place, place_length_that_overflows },
	{ "place with too many files", make_place, place_too_many_files },
	{ "place with files in disorder", make_place, place_files_in_disorder },
	{ "place with a negative file", make_place, place_negative_file },
	{ "place with a disk", make_place, place_disk },
	{ "place with a file without a handle", make_place, place_file_without_handle },
	{ "place with a terminal", make_place, place_terminal, true },
	{ "place with a terminal before another file", make_place, place_terminal_first },
	{ "place with a terminal of no session", make_place, place_terminal_of_none },
	{ "place in a relative directory", make_place, place_relative_directory },
	{ "place in a directory that ends", make_place, place_directory_with_end },
	{ "place, too nice", make_place, place_too_nice },
	{ "place, killed after the last", make_place, place_killed_last },
	{ "place with more groups than there are", make_place, place_with_more_groups },
	{ "signal of a stub", make_place_signal, leave, true },
	{ "no signal of a stub", make_place_signal, place_no_signal },
	{ "unknown signal of a stub", make_place_signal, place_unknown_signal },
	{ "read of a file", make_file_read, leave, true },
	{ "read of too much", make_file_read, file_too_much },
	{ "read before the start", make_file_read, file_before_start },
	{ "read in an unknown way", make_file_read, file_unknown_flag },
	{ "read that is cut", make_file_read, file_cut },
	{ "write of a file", make_file_write, leave, true },
	{ "write that is cut", make_file_write, file_cut },
	{ "unknown operation on a file", make_file_write, file_unknown },
	{ "sync with data", make_file_write, file_sync_with_data },
	{ "seek to nowhere", make_file_read, file_seek_nowhere },
	{ "read by an unknown stub", make_file_read, file_of_unknown_stub },
	{ "foreground of a terminal", make_file_foreground, leave, true },
	{ "foreground for no operation", make_file_foreground, file_for_no_operation },
	{ "foreground of no stub", make_file_foreground, file_of_no_stub },
	{ "file opened anew", make_file_open, leave, true },
	{ "file opened anew, cut", make_file_open, file_cut },
	{ "file opened with more groups", make_file_open, open_with_more_groups },
	{ "file opened with fewer groups", make_file_open, open_with_fewer_groups },
	{ "file opened with groups that overflow", make_file_open, open_with_all_groups },
	{ "file opened by nobody", make_file_open, open_by_nobody },
};

KUNIT_ARRAY_PARAM(placemsg, placemsg_cases, procmsg_case_desc);

static struct kunit_case placemsg_test_cases[] = {
	KUNIT_CASE_PARAM(procmsg_check_test, placemsg_gen_params),
	{}
};

static struct kunit_suite placemsg_test_suite = {
	.name = "ssi_placemsg",
	.test_cases = placemsg_test_cases,
};

kunit_test_suite(placemsg_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: bodies of messages about placed programs");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
