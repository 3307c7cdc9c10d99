// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI fuzzer: bodies of messages
 *
 * Each is checked as the dispatcher does it, in memory that ends where it ends. What passes is
 * walked through as its handler will, which is not to leave it; and it is encoded again, where
 * possible by the function that encodes it for the other node, which is to give the same.
 */
#include <linux/align.h>
#include <linux/oom.h>
#include <linux/sched/prio.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "caller.h"
#include "env.h"
#include "placemsg.h"
#include "procname.h"
#include "regs.h"
#include "rpc.h"
#include "watch.h"

#define FUZZ_MAX_BODY	4096

/* What the caller is, the message says. */
static const struct ssi_wire_op *fuzz_op;

#define ssi_caller_groups(cred)			fuzz_caller_groups()
#define ssi_caller_fill(caller, group, nr, ns)	fuzz_caller_fill(caller, group)
#define ssi_caller_confine(caller, attach)	do { } while (0)

static unsigned int fuzz_caller_groups(void)
{
	return le32_to_cpu(fuzz_op->caller.nr_groups);
}

static void fuzz_caller_fill(struct ssi_wire_caller *caller, __le32 *group)
{
	*caller = fuzz_op->caller;
	memcpy(group, fuzz_op->group, fuzz_caller_groups() * sizeof(*group));
}

/* The answer to a call is the input. */
static const u8 *fuzz_answer;
static size_t fuzz_answer_len;

#define ssi_call_start(call, node, epoch, msg)	fuzz_call_start(call, msg)
#define ssi_call_wait_killable(call, timeout)	((call)->error)
#define ssi_call_wait_state(call, state, timeout)	(1L)

static int fuzz_call_start(struct ssi_call *call, struct ssi_msg *msg)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(msg->type + 1);
	size_t len = fuzz_answer_len;

	ssi_msg_free(msg);
	call->seq = 1;
	if (!op || ssi_rpc_check(op, op->lane, SSI_WIRE_REPLY, len, 0))
		return -EHOSTDOWN;
	/* as call.c does it */
	call->error = len > call->reply_max ? -EMSGSIZE : 0;
	if (!call->error) {
		memcpy(call->reply, fuzz_answer, len);
		call->reply_len = len;
	}
	call->completion.done = 1;
	return 0;
}

/* with the functions that encode, and that take answers */
#include "op.c"
#include "proxy.c"

/* A sum of all bytes: that they are there is all that matters. */
static u32 fuzz_touch(const void *p, size_t len)
{
	const u8 *b = p;
	u32 sum = 0;

	while (len--)
		sum += *b++;
	return sum;
}

static volatile u32 fuzz_sum;

/* As it was, but for what is there to fill up to a multiple of eight bytes. */
static void fuzz_expect_same(const void *a, const void *b, size_t len)
{
	fuzz_expect(!memcmp(a, b, len));
}

/* Do so many bytes of ranges name so many bytes of memory? */
static bool fuzz_vec_sum_is(const void *data, size_t len, size_t bytes)
{
	const struct ssi_wire_vec *vec = data;
	size_t i, sum = 0;

	for (i = 0; i < len / sizeof(*vec); i++) {
		fuzz_expect(le64_to_cpu(vec[i].len) <= SSI_OP_MAX_REPLY);
		sum += le64_to_cpu(vec[i].len);
	}
	return sum == bytes;
}

static void fuzz_walk_op(const struct ssi_wire_op *w, size_t len)
{
	size_t groups = le32_to_cpu(w->caller.nr_groups), data_len = le32_to_cpu(w->data_len);
	const u8 *data = (const u8 *)w->group + round_up(groups * 4, 8);
	const struct ssi_op_type *type = &ssi_ops[le32_to_cpu(w->op)];
	struct ssi_op_req req = {
		.op = le32_to_cpu(w->op), .nr = le32_to_cpu(w->nr), .id = le64_to_cpu(w->id),
		.arg = { le64_to_cpu(w->arg[0]), le64_to_cpu(w->arg[1]) },
		.data = data, .data_len = data_len, .reply_max = le32_to_cpu(w->reply_max),
	};
	struct ssi_procpath found;
	struct ssi_msg *msg;

	fuzz_expect(le32_to_cpu(w->op) < SSI_NR_OPS && type->run);
	fuzz_expect(groups <= NGROUPS_MAX);
	fuzz_expect(data + data_len <= (const u8 *)w + len);
	fuzz_expect(req.reply_max <= type->max_reply && type->max_reply <= SSI_OP_MAX_REPLY);
	fuzz_sum += fuzz_touch(data, data_len);
	switch (req.op) {
	case SSI_OP_KILL:
	case SSI_OP_TKILL:
	case SSI_OP_KILL_PGRP:
	case SSI_OP_KILL_ALL:
		/* never a code that only the kernel may say */
		fuzz_expect(data_len == sizeof(struct kernel_siginfo));
		fuzz_expect(((const struct kernel_siginfo *)data)->si_code <= 0);
		fuzz_expect(req.arg[0] <= _NSIG);
		break;
	case SSI_OP_PRLIMIT:
		fuzz_expect(!data_len || data_len == sizeof(struct rlimit));
		break;
	case SSI_OP_SETATTR:
		fuzz_expect(data_len == sizeof(struct sched_attr));
		break;
	case SSI_OP_SETAFFINITY:
		fuzz_expect(data_len == sizeof(struct cpumask));
		break;
	case SSI_OP_VM_READ:
		fuzz_expect(IS_ALIGNED(data_len, sizeof(struct ssi_wire_vec)));
		fuzz_expect(fuzz_vec_sum_is(data, data_len, req.reply_max));
		break;
	case SSI_OP_VM_WRITE:
		fuzz_expect(req.arg[0] && req.arg[0] <= data_len / sizeof(struct ssi_wire_vec));
		fuzz_expect(fuzz_vec_sum_is(data, req.arg[0] * sizeof(struct ssi_wire_vec),
					     data_len - req.arg[0] * sizeof(struct ssi_wire_vec)));
		break;
	case SSI_OP_PROC_STAT:
	case SSI_OP_PROC_READ:
	case SSI_OP_PROC_WRITE:
	case SSI_OP_PROC_DIR:
	case SSI_OP_PROC_LINK:
		/* a path that ends, leads nowhere else, and has no step up */
		fuzz_expect(strnlen(data, data_len) < data_len);
		fuzz_expect(ssi_procname_parse(data, &found));
		fuzz_expect(!strstr(data, "..") && data[0] != '/');
		fuzz_expect((s64)req.arg[0] >= 0);
		break;
	default:
		break;
	}
	fuzz_op = w;
	msg = ssi_op_msg(&req);
	fuzz_expect(!IS_ERR(msg));
	fuzz_expect(msg->len == len);
	fuzz_expect_same(msg->body, w, sizeof(*w) + groups * 4);
	fuzz_expect_same(msg->body + (data - (const u8 *)w), data, data_len);
	fuzz_expect(!ssi_op_check(msg->body, msg->len));
	ssi_msg_free(msg);
}

static void fuzz_walk_file(const struct ssi_wire_file *w, size_t len)
{
	struct ssi_proxy p = { .handle = le32_to_cpu(w->handle) };
	u32 flags = le32_to_cpu(w->flags), op = le32_to_cpu(w->op), n = le32_to_cpu(w->len);
	struct ssi_proxy_req req = {
		.op = op, .pos = le64_to_cpu(w->pos), .arg = le64_to_cpu(w->arg), .len = n,
		.nowait = flags & SSI_FILE_NOWAIT, .sync = flags & SSI_FILE_SYNC_DATA,
		.background = flags & SSI_FILE_BACKGROUND, .stub = le64_to_cpu(w->stub),
		.data = op == SSI_FILE_READ || !n ? NULL : w->data,
	};
	struct ssi_msg *msg;

	fuzz_expect(op < SSI_NR_FILE_OPS && n <= SSI_FILE_MAX_DATA);
	fuzz_sum += fuzz_touch(w->data, req.data ? n : 0);
	if (op < SSI_FILE_SEEK)
		fuzz_expect((s64)req.pos >= 0);
	if (op == SSI_FILE_OPEN) {
		const struct ssi_wire_file_open *open = (const void *)w->data;

		fuzz_sum += fuzz_touch(open->group, le32_to_cpu(open->caller.nr_groups) * 4);
	}
	msg = ssi_proxy_msg(&p, &req);
	fuzz_expect(msg->len == len);
	fuzz_expect_same(msg->body, w, sizeof(*w) + (req.data ? n : 0));
	fuzz_expect(!ssi_rpc_op(SSI_MSG_FILE)->check(msg->body, msg->len));
	ssi_msg_free(msg);
}

static void fuzz_walk_regs(const u8 *buf, size_t len)
{
	struct ssi_regs_known known = { .buf = (void *)buf, .len = len, .max = len };
	size_t at = 0;

	while (at < len) {
		const struct ssi_wire_reg *reg = (const void *)(buf + at);
		size_t n = le32_to_cpu(reg->len);

		fuzz_expect(n);
		fuzz_sum += fuzz_touch(reg->data, n);
		at += sizeof(*reg) + round_up(n, 8);
	}
	fuzz_expect(at == len);
	/* as a thread would that has sent the same */
	fuzz_sum += ssi_regs_own(buf, len, &known);
}

static void fuzz_walk_enter(const struct ssi_wire_enter *w, size_t len)
{
	int nice = le32_to_cpu(w->nice);

	fuzz_expect(nice >= MIN_NICE && nice <= MAX_NICE);
	fuzz_expect(w->tid);
	fuzz_walk_regs(w->regs, len - sizeof(*w));
}

static void fuzz_walk_trap(const struct ssi_wire_trap *w, size_t len)
{
	fuzz_expect(le32_to_cpu(w->trap) > SSI_TRAP_NONE && le32_to_cpu(w->trap) < SSI_NR_TRAPS);
	fuzz_walk_regs(w->regs, len - sizeof(*w));
}

static void fuzz_walk_pages(const struct ssi_wire_pages *w, size_t len)
{
	u32 nr = le32_to_cpu(w->nr);

	fuzz_expect(nr <= SSI_MSG_MAX_STORE);
	fuzz_sum += fuzz_touch(w->page, nr * sizeof(w->page[0]));
	fuzz_expect(len == sizeof(*w) + nr * sizeof(w->page[0]));
}

static void fuzz_walk_grant(const struct ssi_wire_grant *w, size_t len)
{
	u64 addr = le64_to_cpu(w->addr), end = le64_to_cpu(w->vm_end);
	u32 nr = le32_to_cpu(w->nr);

	fuzz_expect(nr <= SSI_MSG_MAX_STORE);
	fuzz_sum += fuzz_touch(w->page, nr * sizeof(w->page[0]));
	if (!nr)
		return;
	fuzz_expect(PAGE_ALIGNED(addr) && PAGE_ALIGNED(end) && end <= TASK_SIZE);
	fuzz_expect(addr + nr * PAGE_SIZE <= end && addr >= le64_to_cpu(w->vm_start));
}

static void fuzz_walk_place(const struct ssi_wire_place *w, size_t len)
{
	const struct ssi_wire_open_file *file;
	u32 i, argc = 0, nr = le32_to_cpu(w->nr_files);
	const char *cwd, *s, *end = (const char *)w + len;
	s32 nice = le32_to_cpu(w->nice);

	fuzz_expect(nice >= MIN_NICE && nice <= MAX_NICE);
	fuzz_expect(nr <= SSI_PLACE_MAX_FILES);
	file = (const void *)w->group + round_up((size_t)le32_to_cpu(w->caller.nr_groups) * 4, 8);
	fuzz_sum += fuzz_touch(w->group, (const u8 *)file - (const u8 *)w->group);
	for (i = 0; i < nr; i++) {
		fuzz_expect((s32)le32_to_cpu(file[i].fd) >= 0 ||
			    le32_to_cpu(file[i].fd) == SSI_PLACE_NO_FD);
		fuzz_expect(file[i].handle);
		fuzz_expect(!i || le32_to_cpu(file[i].fd) > le32_to_cpu(file[i - 1].fd));
	}
	cwd = (const char *)(file + nr);
	fuzz_expect(cwd[0] == '/');
	s = cwd + le32_to_cpu(w->cwd_len);
	fuzz_expect(cwd + strlen(cwd) + 1 == s);
	/* as many strings as it says, the last of which is the program */
	for (; s < end; argc++)
		s += strlen(s) + 1;
	fuzz_expect(s == end);
	fuzz_expect(argc == (u64)le32_to_cpu(w->argc) + le32_to_cpu(w->envc) + 1);
}

static void fuzz_walk_signal(const struct ssi_wire_place_signal *w, size_t len)
{
	const struct kernel_siginfo *info = (const void *)w->info;

	fuzz_expect(info->si_signo > 0 && info->si_signo <= _NSIG);
}

static void fuzz_walk(u16 type, const void *body, size_t len)
{
	switch (type) {
	case SSI_MSG_OP:
		fuzz_walk_op(body, len);
		break;
	case SSI_MSG_FILE:
		fuzz_walk_file(body, len);
		break;
	case SSI_MSG_ENTER:
		fuzz_walk_enter(body, len);
		break;
	case SSI_MSG_TRAP:
		fuzz_walk_trap(body, len);
		break;
	case SSI_MSG_STORE:
	case SSI_MSG_RECALL:
	case SSI_MSG_PAGES:
	case SSI_MSG_DROP:
	case SSI_MSG_EVICT:
		fuzz_walk_pages(body, len);
		break;
	case SSI_MSG_GRANT:
		fuzz_walk_grant(body, len);
		break;
	case SSI_MSG_PLACE:
		fuzz_walk_place(body, len);
		break;
	case SSI_MSG_PLACE_SIGNAL:
		fuzz_walk_signal(body, len);
		break;
	case SSI_MSG_WATCHED:
		fuzz_expect(le32_to_cpu(((const struct ssi_wire_watched *)body)->state) <
			    SSI_NR_WATCH_STATES);
		break;
	case SSI_MSG_ERROR:
		fuzz_expect(IS_ERR_VALUE(-(long)le32_to_cpu(((const struct ssi_wire_error *)
							     body)->error)));
		break;
	default:
		fuzz_sum += fuzz_touch(body, len);
	}
}

/* One body of a type. */
static void fuzz_check(u16 type, const u8 *data, size_t len)
{
	const struct ssi_rpc_op *op = ssi_rpc_op(type);
	enum ssi_lane lane = op->lane == SSI_NR_LANES ? SSI_LANE_USER : op->lane;
	u32 flags = op->reply ? SSI_WIRE_REPLY : SSI_WIRE_CALL;
	void *body;

	/* by no other lane, in no other direction */
	if (op->lane != SSI_NR_LANES)
		fuzz_expect(ssi_rpc_check(op, (lane + 1) % SSI_NR_LANES, flags, len, 0));
	fuzz_expect(ssi_rpc_check(op, lane, flags ^ SSI_WIRE_FLAGS, len, 0));
	fuzz_expect(ssi_rpc_check(op, lane, flags, len, op->max_pages + 1));
	if (ssi_rpc_check(op, lane, flags, len, op->max_pages))
		return;
	fuzz_expect(len >= op->min_len && len <= op->max_len);
	body = kmalloc(len, GFP_KERNEL);
	memcpy(body, data, len);
	if (!op->check || !op->check(body, len)) {
		fuzz_walk(type, body, len);
		fuzz_expect_same(body, data, len);
	}
	kfree(body);
}

/* Seeds: one that passes, of the fixed part alone where that can be. */
static size_t fuzz_regs_seed(u8 *buf)
{
	struct ssi_wire_reg *reg = (void *)buf;

	reg->note = cpu_to_le32(1);
	reg->len = cpu_to_le32(20);
	memset(reg->data, 0, 24);
	return sizeof(*reg) + 24;
}

static unsigned long fuzz_op_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_op *w = (void *)buf;
	u8 *data = buf + sizeof(*w) + 8;
	const struct ssi_op_type *type;
	struct ssi_wire_vec *vec = (void *)data;
	size_t len;

	if (nr >= SSI_NR_OPS)
		return 0;
	memset(buf, 0, FUZZ_MAX_BODY);
	type = &ssi_ops[nr];
	len = type->min_len;
	w->op = cpu_to_le32(nr);
	w->nr = cpu_to_le32(0x12345);
	w->caller.nr_groups = cpu_to_le32(1);
	w->group[0] = cpu_to_le32(100);
	w->reply_max = cpu_to_le32(min(type->max_reply, 4096));
	if (type->check == ssi_op_check_signal) {
		w->arg[0] = cpu_to_le64(SIGTERM);
		((struct kernel_siginfo *)data)->si_signo = SIGTERM;
	} else if (nr == SSI_OP_PRLIMIT) {
		w->arg[1] = cpu_to_le64(1);
		w->reply_max = cpu_to_le32(sizeof(struct rlimit));
	} else if (nr == SSI_OP_VM_READ) {
		vec->len = w->reply_max;
	} else if (nr == SSI_OP_VM_WRITE) {
		w->arg[0] = cpu_to_le64(1);
		vec->len = cpu_to_le64(len - sizeof(*vec));
	} else if (type->check == ssi_op_check_path) {
		strcpy(data, "task/12/fd/3");
		len = sizeof("task/12/fd/3");
	}
	w->data_len = cpu_to_le32(len);
	return sizeof(*w) + 8 + round_up(len, 8);
}

static unsigned long fuzz_file_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_file_open open = { .caller.nr_groups = cpu_to_le32(2) };
	struct ssi_wire_file *w = (void *)buf;
	size_t len = 0;

	if (nr >= SSI_NR_FILE_OPS)
		return 0;
	memset(buf, 0, FUZZ_MAX_BODY);
	w->op = cpu_to_le32(nr);
	w->handle = cpu_to_le32(3);
	w->stub = cpu_to_le64(1);
	if (nr == SSI_FILE_READ || nr == SSI_FILE_WRITE || nr == SSI_FILE_IOCTL)
		w->len = cpu_to_le32(13);
	if (nr == SSI_FILE_WRITE || nr == SSI_FILE_IOCTL)
		len = 16;
	if (nr == SSI_FILE_OPEN) {
		memcpy(w->data, &open, sizeof(open));
		w->len = cpu_to_le32(sizeof(open) + 8);
		len = sizeof(open) + 8;
	}
	return sizeof(*w) + len;
}

static unsigned long fuzz_place_seed(unsigned int nr, unsigned char *buf)
{
	static const char strings[] = "/tmp\0sh\0-c\0true\0HOME=/\0/bin/sh";
	struct ssi_wire_place *w = (void *)buf;
	struct ssi_wire_open_file *file = (void *)w->group + 8;

	if (nr > 2)
		return 0;
	memset(buf, 0, FUZZ_MAX_BODY);
	w->caller.nr_groups = cpu_to_le32(2);
	w->argc = cpu_to_le32(3);
	w->envc = cpu_to_le32(1);
	w->nr_files = cpu_to_le32(nr);
	w->cwd_len = cpu_to_le32(5);
	w->strings_len = cpu_to_le32(sizeof(strings) - 5);
	for (; file < (struct ssi_wire_open_file *)((void *)w->group + 8) + nr; file++) {
		file->fd = cpu_to_le32((u8 *)file - buf);
		file->handle = cpu_to_le32(1);
		file->mode = cpu_to_le32(S_IFREG | 0600);
	}
	memcpy(file, strings, sizeof(strings));
	return (u8 *)file - buf + sizeof(strings);
}

static unsigned long fuzz_enter_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_enter *w = (void *)buf;

	if (nr > 1)
		return 0;
	memset(buf, 0, sizeof(*w));
	w->tid = cpu_to_le32(1);
	return sizeof(*w) + (nr ? fuzz_regs_seed(w->regs) : 0);
}

static unsigned long fuzz_trap_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_trap *w = (void *)buf;
	size_t len;

	if (nr > 1)
		return 0;
	memset(buf, 0, sizeof(*w));
	w->trap = cpu_to_le32(nr ? SSI_TRAP_REPLAY : SSI_TRAP_SYSCALL);
	w->signo = cpu_to_le32(SIGTRAP);
	len = fuzz_regs_seed(w->regs);
	return sizeof(*w) + len + fuzz_regs_seed(w->regs + len);
}

static unsigned long fuzz_pages_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_pages *w = (void *)buf;

	if (nr > 2)
		return 0;
	memset(buf, 0, sizeof(*w) + nr * sizeof(w->page[0]));
	w->nr = cpu_to_le32(nr);
	return sizeof(*w) + nr * sizeof(w->page[0]);
}

static unsigned long fuzz_grant_seed(unsigned int nr, unsigned char *buf)
{
	struct ssi_wire_grant *w = (void *)buf;

	if (nr > 2)
		return 0;
	memset(buf, 0, sizeof(*w) + nr * sizeof(w->page[0]));
	w->reason = cpu_to_le32(!nr);
	w->vm_start = cpu_to_le64(0x400000);
	w->vm_end = cpu_to_le64(0x500000);
	w->addr = cpu_to_le64(0x480000);
	w->nr = cpu_to_le32(nr);
	return sizeof(*w) + nr * sizeof(w->page[0]);
}

#define FUZZ_BODY(what, type)						\
static void fuzz_##what##_run(const unsigned char *data, unsigned long len) \
{									\
	fuzz_check(type, data, len);					\
}									\
									\
const struct fuzz_target fuzz_body_##what = {				\
	.name = "body-" #what, .max_len = FUZZ_MAX_BODY,		\
	.run = fuzz_##what##_run, .seed = fuzz_##what##_seed,		\
}

FUZZ_BODY(op, SSI_MSG_OP);
FUZZ_BODY(file, SSI_MSG_FILE);
FUZZ_BODY(place, SSI_MSG_PLACE);
FUZZ_BODY(enter, SSI_MSG_ENTER);
FUZZ_BODY(trap, SSI_MSG_TRAP);
FUZZ_BODY(pages, SSI_MSG_STORE);
FUZZ_BODY(grant, SSI_MSG_GRANT);

/* All types, by the first byte of the input: those of a fixed length, above all. */
static void fuzz_any_run(const unsigned char *data, unsigned long len)
{
	if (len && ssi_rpc_op(data[0]))
		fuzz_check(data[0], data + 1, len - 1);
}

static unsigned long fuzz_any_seed(unsigned int nr, unsigned char *buf)
{
	const struct ssi_rpc_op *op = NULL;
	unsigned int type;

	for (type = 1; type < SSI_MSG_PROC_END; type++) {
		op = ssi_rpc_op(type);
		if (op && !nr--)
			break;
	}
	if (type == SSI_MSG_PROC_END)
		return 0;
	buf[0] = type;
	memset(buf + 1, 0, op->min_len);
	buf[1] = 1;
	return 1 + op->min_len;
}

const struct fuzz_target fuzz_body_any = {
	.name = "body-any", .max_len = 512, .run = fuzz_any_run, .seed = fuzz_any_seed,
};

/* A file that is no terminal: nothing is asked, and so nobody is to be stopped. */
int ssi_terminal_ask(struct ssi_terminal *t, struct ssi_proxy_req *req)
{
	return 0;
}

long ssi_terminal_stop(int sig)
{
	fuzz_expect(!sig);
	return -EIO;
}

/* An answer to an operation, or to a call for a file; the first two bytes are the room for it. */
static void fuzz_done_run(const unsigned char *data, unsigned long len, bool file)
{
	struct ssi_op_req req = { .op = SSI_OP_PROC_READ };
	struct ssi_proxy_req freq = { .op = SSI_FILE_READ };
	struct ssi_op_pending *p;
	struct ssi_proxy proxy = {};
	struct ssi_wire_op w = {};
	size_t room;
	long ret;
	u8 *buf;

	if (len < 2)
		return;
	room = (data[0] | data[1] << 8) % 4096;
	fuzz_answer = data + 2;
	fuzz_answer_len = len - 2;
	buf = kmalloc(room, GFP_KERNEL);
	if (file) {
		freq.len = room;
		freq.reply = buf;
		freq.reply_max = room;
		ret = ssi_proxy_call(&proxy, &freq);
		fuzz_expect(freq.reply_len <= room);
		fuzz_sum += fuzz_touch(buf, ret < 0 ? 0 : freq.reply_len);
		/* not even by the value may a peer say that the call is to be restarted */
		fuzz_expect(ret >= 0 || ret > -ERESTARTSYS);
	} else {
		fuzz_op = &w;
		req.reply = buf;
		req.reply_max = room;
		p = kzalloc_obj(*p);
		ret = ssi_op_send(&req, p);
		if (ret)
			ssi_op_free(p);
		else
			ret = ssi_op_finish(&req, p, 1);
		fuzz_expect(req.reply_len <= room);
		fuzz_sum += fuzz_touch(buf, req.reply_len);
		fuzz_expect(ret <= INT_MAX && (ret >= 0 || ret > -ERESTARTSYS));
	}
	kfree(buf);
}

static void fuzz_op_done_run(const unsigned char *data, unsigned long len)
{
	fuzz_done_run(data, len, false);
}

static void fuzz_file_done_run(const unsigned char *data, unsigned long len)
{
	fuzz_done_run(data, len, true);
}

static unsigned long fuzz_done_seed(unsigned int nr, unsigned char *buf)
{
	static const s64 values[] = { 0, 7, -EPERM, -ERESTARTSYS, INT_MIN, S64_MAX };

	if (nr >= ARRAY_SIZE(values))
		return 0;
	memset(buf, 0, 26);
	buf[0] = 16;
	memcpy(buf + 2, &values[nr], sizeof(values[nr]));
	return nr & 1 ? 26 : 10;
}

const struct fuzz_target fuzz_op_done = {
	.name = "op-done", .max_len = FUZZ_MAX_BODY,
	.run = fuzz_op_done_run, .seed = fuzz_done_seed,
};

const struct fuzz_target fuzz_file_done = {
	.name = "file-done", .max_len = FUZZ_MAX_BODY,
	.run = fuzz_file_done_run, .seed = fuzz_done_seed,
};

/*
 * The test of the fuzzer: a check that is told of eight bytes more than there are. Who does not
 * find that finds nothing.
 */
static void fuzz_planted_run(const unsigned char *data, unsigned long len)
{
	void *body;

	if (len < sizeof(struct ssi_wire_trap))
		return;
	body = kmalloc(len, GFP_KERNEL);
	memcpy(body, data, len);
	ssi_rpc_op(SSI_MSG_TRAP)->check(body, len + 8);
	kfree(body);
}

const struct fuzz_target fuzz_planted = {
	.name = "planted", .max_len = FUZZ_MAX_BODY,
	.run = fuzz_planted_run, .seed = fuzz_trap_seed,
};
