// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI fuzzer: what a peer says of processes, and of its machine
 *
 * Answers of some structure, which code here takes apart: files that were read ahead, a
 * listing of processes, a directory of /proc/PID, and the texts that make those of the cluster.
 */
#include <linux/slab.h>

#include "env.h"
#include "merge.h"
#include "op.h"
#include "procmsg.h"
#include "procname.h"

#define FUZZ_MAX_ANSWER	4096

/* The answer to an operation is the input. */
static const u8 *fuzz_answer;
static size_t fuzz_answer_len;
static long fuzz_answer_value;

#define ssi_op_call(req)	fuzz_op_call(req)

static long fuzz_op_call(struct ssi_op_req *req)
{
	if (fuzz_answer_len > req->reply_max)
		return -EIO;
	memcpy(req->reply, fuzz_answer, fuzz_answer_len);
	req->reply_len = fuzz_answer_len;
	return fuzz_answer_value;
}

#include "reader.c"
#include "procfs.c"

static volatile u32 fuzz_sum;

/* What was read ahead: each file of each process is asked for, and one that is not there. */
static void fuzz_ahead_run(const unsigned char *data, unsigned long len)
{
	struct ssi_reader *r;
	const struct ssi_wire_procent *ent;
	unsigned int i, files;
	size_t at = 0;
	ssize_t ret;
	u8 *buf;

	r = kzalloc_obj(*r);
	r->ahead = kmalloc(len, GFP_KERNEL);
	memcpy(r->ahead, data, len);
	if (!ssi_reader_check_ahead(r->ahead, len))
		goto free_reader;
	r->ahead_len = len;
	refcount_set(&r->refs, 1000);
	r->tgid = task_tgid(current);
	list_add(&r->link, &ssi_readers);
	ssi_nr_readers = 1;
	buf = kmalloc(SSI_PROCFILE_MAX, GFP_KERNEL);
	while (at < len) {
		ent = r->ahead + at;
		r->last = le32_to_cpu(ent->nr);
		for (i = 0; i < ssi_nr_procnames; i++) {
			ret = ssi_reader_file(NULL, r->last, le64_to_cpu(ent->id),
					      &ssi_procnames[i], buf);
			fuzz_expect(ret < SSI_PROCFILE_MAX && ret > -ERESTARTSYS);
		}
		fuzz_expect(ssi_reader_find(r, r->last));
		at += sizeof(*ent);
		for (files = le32_to_cpu(ent->nr_files); files; files--) {
			const struct ssi_wire_procfile *f = r->ahead + at;
			s32 size = le32_to_cpu(f->len);

			at += sizeof(*f) + (size > 0 ? round_up(size, 8) : 0);
		}
	}
	fuzz_expect(at == len);
	list_del(&r->link);
	ssi_nr_readers = 0;
	kfree(buf);
free_reader:
	kfree(r->ahead);
	kfree(r);
}

static unsigned long fuzz_ahead_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_procent *ent = (void *)buf;
	struct ssi_wire_procfile *f;
	unsigned int i;
	u8 *at = buf;

	if (nr > 3)
		return 0;
	memset(buf, 0, FUZZ_MAX_ANSWER);
	for (i = 0; i <= nr; i++) {
		ent = (void *)at;
		ent->id = cpu_to_le64(i + 1);
		ent->nr = cpu_to_le32(0x100 + i);
		ent->nr_files = cpu_to_le32(nr);
		at = (void *)(ent + 1);
		for (f = (void *)at; f < (struct ssi_wire_procfile *)at + nr * 2; f += 2) {
			f->name = cpu_to_le32(4 + i);
			f->len = cpu_to_le32(5);
		}
		at = (void *)f;
	}
	return at - buf;
}

const struct fuzz_target fuzz_ahead = {
	.name = "ahead", .max_len = FUZZ_MAX_ANSWER, .run = fuzz_ahead_run, .seed = fuzz_ahead_seed,
};

/* A listing: numbers that rise, between those that were asked for. */
static void fuzz_pids_run(const unsigned char *data, unsigned long len)
{
	struct ssi_reader r = {};
	struct ssi_wire_procent *found;
	int nr, end = 0x20000, last = -1;
	unsigned int i;

	fuzz_answer = data;
	fuzz_answer_len = len;
	fuzz_answer_value = 0;
	fuzz_expect(!ssi_reader_ask_pids(&r, 0x10000, end, 0));
	fuzz_expect(r.nr_pids <= len / sizeof(*r.pids));
	fuzz_expect(r.first == 0x10000 && r.end <= end);
	for (i = 0; i < r.nr_pids; i++) {
		nr = le32_to_cpu(r.pids[i].nr);
		fuzz_expect(nr >= 0x10000 && nr < end && nr > last);
		fuzz_expect(ssi_reader_listed(&r, nr) == &r.pids[i]);
		last = nr;
	}
	found = ssi_reader_listed(&r, 0x18000);
	fuzz_expect(!found || (s32)le32_to_cpu(found->nr) >= 0x18000);
	kfree(r.pids);
}

static unsigned long fuzz_pids_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_procent *ent = (void *)buf;
	unsigned int i;

	if (nr > 3)
		return 0;
	memset(buf, 0, FUZZ_MAX_ANSWER);
	for (i = 0; i <= 3 * nr; i++)
		ent[i].nr = cpu_to_le32(0x10000 + i * i);
	return i * sizeof(*ent);
}

const struct fuzz_target fuzz_pids = {
	.name = "pids", .max_len = FUZZ_MAX_ANSWER, .run = fuzz_pids_run, .seed = fuzz_pids_seed,
};

/* A directory: each name that is shown is one that may be there. */
static unsigned int fuzz_dir_shown;

static bool fuzz_dir_actor(struct dir_context *ctx, const char *name, int len, loff_t pos, u64 ino,
			   unsigned int type)
{
	fuzz_expect(len > 0 && len < SSI_PROCNAME_MAX_PATH);
	fuzz_expect(!memchr(name, '/', len) && !memchr(name, 0, len));
	fuzz_expect(name[0] != '.');
	fuzz_expect(pos >= 2);
	return ++fuzz_dir_shown < 20;
}

static void fuzz_dir_run(const unsigned char *data, unsigned long len)
{
	struct dir_context ctx = { .actor = fuzz_dir_actor, .pos = 2 };
	static struct proc_fs_info info;
	static struct super_block sb;
	static struct inode inode;
	struct ssi_procdent *d;
	struct file *file;
	loff_t pos;
	int ret;
	u8 *buf;

	if (len < 9)
		return;
	/* ssi_op_call() lets nothing else through */
	memcpy(&fuzz_answer_value, data, 8);
	if (fuzz_answer_value > INT_MAX || fuzz_answer_value <= -ERESTARTSYS)
		fuzz_answer_value = -EIO;
	fuzz_answer = data + 9;
	fuzz_answer_len = len - 9;
	/* as long as it may be, so that a byte more is noticed */
	buf = kmalloc(fuzz_answer_len, GFP_KERNEL);
	file = kzalloc_obj(*file);
	d = kzalloc_obj(*d);
	strscpy(d->path, data[8] & 1 ? "ns" : data[8] & 2 ? "task" : "task/12/fd");
	sb.s_fs_info = &info;
	inode.i_sb = &sb;
	file->f_inode = &inode;
	fuzz_dir_shown = 0;
	ret = ssi_procfs_list_by(file, d, &ctx, buf);
	pos = ctx.pos;
	fuzz_expect(ret <= 0 && pos >= 2);
	kfree(d);
	kfree(file);
	kfree(buf);
}

static unsigned long fuzz_dir_seed(unsigned int nr, unsigned char *buf)
{
	static const char * const names[] = { "0", "12", "345678", "mnt", "pid_for_children" };
	struct ssi_wire_procname *w;
	unsigned int i;
	u8 *at = buf;

	if (nr > 2)
		return 0;
	memset(buf, 0, FUZZ_MAX_ANSWER);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		w = (void *)at;
		w->pos = cpu_to_le64(3 + i);
		w->type = 8;
		w->len = strlen(names[i]);
		memcpy(w->name, names[i], w->len);
		at += round_up(sizeof(*w) + w->len, 8);
	}
	memmove(buf + 9, buf, at - buf);
	memset(buf, 0, 9);
	buf[0] = 100;
	buf[8] = nr;
	return 9 + at - buf;
}

const struct fuzz_target fuzz_dir = {
	.name = "dir", .max_len = FUZZ_MAX_ANSWER, .run = fuzz_dir_run, .seed = fuzz_dir_seed,
};

/* Texts: the first byte says which file, the second how much room, 0xff ends a text. */
#define FUZZ_MAX_TEXTS	4

static void fuzz_merge_run(const unsigned char *data, unsigned long len)
{
	struct ssi_text t[FUZZ_MAX_TEXTS] = {}, rest[FUZZ_MAX_TEXTS];
	size_t room, all, most = 64 + 32 * len, n;
	enum ssi_machine_file file;
	unsigned int nr = 0;
	char *out, *small;

	if (len < 2)
		return;
	file = data[0] % SSI_NR_MACHINE_FILES;
	room = 1 + data[1];
	data += 2;
	len -= 2;
	for (;;) {
		const u8 *end = memchr(data, 0xff, len);
		size_t text = end && nr < FUZZ_MAX_TEXTS - 1 ? end - data : len;
		char *s = kmalloc(text, GFP_KERNEL);

		memcpy(s, data, text);
		t[nr].s = s;
		t[nr++].len = text;
		if (text == len)
			break;
		data += text + 1;
		len -= text + 1;
	}
	/* no end of it, whatever the columns and numbers are */
	out = kmalloc(most, GFP_KERNEL);
	all = ssi_merge(file, t, rest, nr, out, most);
	fuzz_expect(all < most && (!all || !out[all]));
	small = kmalloc(room, GFP_KERNEL);
	n = ssi_merge(file, t, rest, nr, small, room);
	fuzz_expect(n < room && (!n || !small[n]) && n <= all);
	kfree(small);
	kfree(out);
	while (nr--)
		kfree(t[nr].s);
}

static unsigned long fuzz_merge_seed(unsigned int nr, unsigned char *buf)
{
	static const char * const texts[SSI_NR_MACHINE_FILES] = {
		[SSI_MACHINE_STAT] = "cpu  10 2 3\ncpu0 5 1 1\ncpu1 5 1 2\nintr 9 0 1\nctxt 55\n"
				     "btime 1700000000\nprocesses 77\n",
		[SSI_MACHINE_MEMINFO] = "MemTotal:       16000 kB\nMemFree:         8000 kB\n"
					"VmallocTotal:   34359738367 kB\nHugePages_Total:       0\n",
		[SSI_MACHINE_LOADAVG] = "0.10 1.25 0.99 1/123 4567\n",
		[SSI_MACHINE_UPTIME] = "1234.56 789.01\n",
		[SSI_MACHINE_CPUINFO] = "processor\t: 0\nvendor_id\t: X\n\nprocessor\t: 1\n\n",
	};
	const char *s;
	size_t len;

	if (nr >= 2 * SSI_NR_MACHINE_FILES)
		return 0;
	s = texts[nr % SSI_NR_MACHINE_FILES];
	len = strlen(s);
	buf[0] = nr % SSI_NR_MACHINE_FILES;
	buf[1] = nr * 20;
	memcpy(buf + 2, s, len);
	if (nr < SSI_NR_MACHINE_FILES)
		return 2 + len;
	buf[2 + len] = 0xff;
	memcpy(buf + 3 + len, s, len);
	return 3 + 2 * len;
}

const struct fuzz_target fuzz_merge = {
	.name = "merge", .max_len = 2048, .run = fuzz_merge_run, .seed = fuzz_merge_seed,
};
