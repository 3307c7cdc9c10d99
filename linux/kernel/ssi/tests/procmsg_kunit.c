// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: bodies of messages about processes and memory
 */

#include <kunit/test.h>
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <uapi/linux/ssi.h>

#include "../op.h"
#include "../procname.h"
#include "../regs.h"
#include "../watch.h"
#include "body.h"

static struct ssi_wire_reg *body_add_reg(struct body *b, u32 note, u32 len)
{
	struct ssi_wire_reg *reg = (void *)b->bytes + b->len;

	reg->note = cpu_to_le32(note);
	reg->len = cpu_to_le32(len);
	b->len += sizeof(*reg) + round_up(len, 8);
	return reg;
}

static void make_enter(struct body *b)
{
	b->type = SSI_MSG_ENTER;
	b->len = sizeof(b->enter);
	b->enter.sid = cpu_to_le64(1);
	b->enter.tid = cpu_to_le32(2);
	b->enter.policy = cpu_to_le32(SCHED_BATCH);
	b->enter.nice = cpu_to_le32(-20);
	body_add_reg(b, NT_PRSTATUS, 216);
	body_add_reg(b, NT_PRFPREG, 20);
}

static void make_trap(struct body *b)
{
	b->type = SSI_MSG_TRAP;
	b->len = sizeof(b->trap);
	b->trap.trap = cpu_to_le32(SSI_TRAP_SYSCALL);
	body_add_reg(b, NT_PRSTATUS, 216);
}

static void make_pages(struct body *b, u16 type, u32 nr)
{
	b->type = type;
	b->len = struct_size(&b->pages, page, nr);
	b->pages.nr = cpu_to_le32(nr);
}

static void make_store(struct body *b)
{
	make_pages(b, SSI_MSG_STORE, 3);
}

static void make_evict(struct body *b)
{
	make_pages(b, SSI_MSG_EVICT, SSI_MSG_MAX_STORE);
}

static void make_grant(struct body *b)
{
	b->type = SSI_MSG_GRANT;
	b->grant.vm_start = cpu_to_le64(16 * PAGE_SIZE);
	b->grant.vm_end = cpu_to_le64(32 * PAGE_SIZE);
	b->grant.addr = cpu_to_le64(20 * PAGE_SIZE);
	b->grant.nr = cpu_to_le32(12);
	b->len = struct_size(&b->grant, page, 12);
}

static void make_refusal(struct body *b)
{
	b->type = SSI_MSG_GRANT;
	b->grant.reason = cpu_to_le32(SSI_REASON_SHARED_MAPPING);
	b->len = sizeof(b->grant);
}

static struct kernel_siginfo *op_info(struct body *b)
{
	return (void *)&b->op.group[4];
}

/* A signal of somebody who is in three groups, which are padded to four. */
static void make_op(struct body *b)
{
	b->type = SSI_MSG_OP;
	b->op.op = cpu_to_le32(SSI_OP_KILL);
	b->op.nr = cpu_to_le32(3000000);
	b->op.caller.nr_groups = cpu_to_le32(3);
	b->op.data_len = cpu_to_le32(sizeof(struct kernel_siginfo));
	b->op.arg[0] = cpu_to_le64(SIGUSR1);
	b->len = struct_size(&b->op, group, 4) + sizeof(struct kernel_siginfo);
	op_info(b)->si_signo = SIGUSR1;
	op_info(b)->si_code = SI_QUEUE;
}

/* How a case spoils what was right. */
static void tid_zero(struct body *b)
{
	b->enter.tid = 0;
}

static void real_time(struct body *b)
{
	b->enter.policy = cpu_to_le32(SCHED_FIFO);
}

static void too_nice(struct body *b)
{
	b->enter.nice = cpu_to_le32(20);
}

static void cut_register(struct body *b)
{
	b->len -= 8;
}

static void cut_note(struct body *b)
{
	body_add_reg(b, NT_PRFPREG, 8);
	b->len -= 12;
}

static void empty_note(struct body *b)
{
	body_add_reg(b, NT_PRFPREG, 0);
}

static void endless_note(struct body *b)
{
	body_add_reg(b, NT_PRFPREG, 8)->len = cpu_to_le32(U32_MAX - 3);
}

static void no_trap(struct body *b)
{
	b->trap.trap = cpu_to_le32(SSI_TRAP_NONE);
}

static void unknown_trap(struct body *b)
{
	b->trap.trap = cpu_to_le32(SSI_NR_TRAPS);
}

/* No peer may raise any other signal than that of a trap. */
static void replay_kill(struct body *b)
{
	b->trap.trap = cpu_to_le32(SSI_TRAP_REPLAY);
	b->trap.signo = cpu_to_le32(SIGKILL);
}

static void one_page_less(struct body *b)
{
	b->len -= sizeof(b->pages.page[0]);
}

static void one_page_more(struct body *b)
{
	b->len += sizeof(b->pages.page[0]);
}

static void no_end_of_pages(struct body *b)
{
	b->pages.nr = cpu_to_le32(U32_MAX);
}

/* 16 * nr overflows 32 bits to what is there. */
static void nr_that_overflows(struct body *b)
{
	b->pages.nr = cpu_to_le32(0x10000003);
}

static void grant_over_end(struct body *b)
{
	b->grant.vm_end = cpu_to_le64(31 * PAGE_SIZE);
}

static void grant_before_start(struct body *b)
{
	b->grant.vm_start = cpu_to_le64(21 * PAGE_SIZE);
}

static void grant_odd_address(struct body *b)
{
	b->grant.addr = cpu_to_le64(20 * PAGE_SIZE + 8);
}

static void grant_kernel(struct body *b)
{
	b->grant.vm_end = cpu_to_le64(~0ULL & PAGE_MASK);
}

static void grant_cut(struct body *b)
{
	b->len -= 1;
}

static void grant_nothing(struct body *b)
{
	b->grant.nr = 0;
}

static void op_unknown(struct body *b)
{
	b->op.op = cpu_to_le32(SSI_NR_OPS);
}

static void op_no_data(struct body *b)
{
	b->op.data_len = 0;
	b->len -= sizeof(struct kernel_siginfo);
}

static void op_data_of_another(struct body *b)
{
	b->op.op = cpu_to_le32(SSI_OP_GETPGID);
}

static void op_more_groups(struct body *b)
{
	b->op.caller.nr_groups = cpu_to_le32(5);
}

/* 4 * nr overflows 32 bits to what is there. */
static void op_groups_that_overflow(struct body *b)
{
	b->op.caller.nr_groups = cpu_to_le32(0x40000003);
}

static void op_cut(struct body *b)
{
	b->len -= 8;
}

/* That would be sent without asking. */
static void op_of_the_kernel(struct body *b)
{
	op_info(b)->si_code = SI_KERNEL;
}

static void op_two_signals(struct body *b)
{
	op_info(b)->si_signo = SIGUSR2;
}

static void op_no_signal(struct body *b)
{
	b->op.arg[0] = cpu_to_le64(0x100000000ULL | SIGUSR1);
}

/* More than the operation answers. */
static void op_asks_for_more(struct body *b)
{
	b->op.reply_max = cpu_to_le32(1);
}

static void set_path(struct body *b, enum ssi_op op, const char *path, size_t len)
{
	b->type = SSI_MSG_OP;
	b->op.op = cpu_to_le32(op);
	b->op.nr = cpu_to_le32(3000000);
	b->op.data_len = cpu_to_le32(len);
	b->len = sizeof(b->op) + round_up(len, 8);
	memcpy(b->op.group, path, len);
}

static void make_proc_read(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "stat", 5);
	b->op.reply_max = cpu_to_le32(SSI_OP_MAX_REPLY);
}

static void make_proc_write(struct body *b)
{
	set_path(b, SSI_OP_PROC_WRITE, "oom_score_adj\0x", 15);
}

static void make_proc_ahead(struct body *b)
{
	b->type = SSI_MSG_OP;
	b->op.op = cpu_to_le32(SSI_OP_PROC_AHEAD);
	b->op.nr = cpu_to_le32(3000000);
	b->op.arg[1] = cpu_to_le64(BIT_ULL(ssi_procname_find("stat", 4, false) - ssi_procnames));
	b->op.reply_max = cpu_to_le32(SSI_OP_MAX_REPLY);
	b->len = sizeof(b->op);
}

static void path_without_end(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "stat", 4);
}

static void path_and_more(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "stat\0stat", 10);
}

static void path_upwards(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "fd/../../1/environ", 19);
}

static void path_through_link(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "root/etc/shadow", 16);
}

static void path_of_memory(struct body *b)
{
	set_path(b, SSI_OP_PROC_READ, "mem", 4);
}

static void proc_too_much(struct body *b)
{
	b->op.reply_max = cpu_to_le32(SSI_OP_MAX_REPLY + 1);
}

static void proc_before_start(struct body *b)
{
	b->op.arg[0] = cpu_to_le64(1ULL << 63);
}

static void ahead_of_large_files(struct body *b)
{
	b->op.arg[1] |= cpu_to_le64(BIT_ULL(ssi_procname_find("maps", 4, false) - ssi_procnames));
}

static void ahead_of_unknown_files(struct body *b)
{
	b->op.arg[1] |= cpu_to_le64(BIT_ULL(ssi_nr_procnames));
}

/* Ranges of a process's memory, after the groups, and the bytes to be written there. */
static void set_vecs(struct body *b, u32 op, unsigned int nr, u64 len, size_t bytes)
{
	struct ssi_wire_vec *vec = (void *)&b->op.group[4];
	unsigned int i;

	make_op(b);
	b->op.op = cpu_to_le32(op);
	b->op.arg[0] = cpu_to_le64(op == SSI_OP_VM_WRITE ? nr : 0);
	b->op.data_len = cpu_to_le32(nr * sizeof(*vec) + bytes);
	b->len = sizeof(b->op) + 16 + nr * sizeof(*vec) + round_up(bytes, 8);
	for (i = 0; i < nr; i++) {
		vec[i].base = cpu_to_le64(4096 * i);
		vec[i].len = cpu_to_le64(len);
	}
}

static void make_vm_read(struct body *b)
{
	set_vecs(b, SSI_OP_VM_READ, 3, 100, 0);
	b->op.reply_max = cpu_to_le32(300);
}

static void make_vm_write(struct body *b)
{
	set_vecs(b, SSI_OP_VM_WRITE, 3, 100, 300);
}

static void vm_reads_less(struct body *b)
{
	b->op.reply_max = cpu_to_le32(299);
}

static void vm_overflows(struct body *b)
{
	struct ssi_wire_vec *vec = (void *)&b->op.group[4];

	vec[0].len = cpu_to_le64(U64_MAX);
	vec[1].len = cpu_to_le64(201);
}

static void vm_cut(struct body *b)
{
	b->op.data_len = cpu_to_le32(44);
}

static void vm_writes_nowhere(struct body *b)
{
	b->op.arg[0] = 0;
}

static void vm_writes_to_many(struct body *b)
{
	b->op.arg[0] = cpu_to_le64(1ULL << 60 | 3);
}

static void make_watch(struct body *b)
{
	struct ssi_wire_watch *wire = (void *)b->bytes;

	b->type = SSI_MSG_WATCH;
	b->len = sizeof(*wire);
	wire->id = cpu_to_le64(7);
	wire->nr = cpu_to_le32(3000000);
	wire->state = cpu_to_le32(SSI_WATCH_ZOMBIE);
}

static void watch_of_gone(struct body *b)
{
	((struct ssi_wire_watch *)b->bytes)->state = cpu_to_le32(SSI_WATCH_GONE);
}

static void make_watched(struct body *b)
{
	struct ssi_wire_watched *wire = (void *)b->bytes;

	b->type = SSI_MSG_WATCHED;
	b->len = sizeof(*wire);
	wire->state = cpu_to_le32(SSI_WATCH_GONE);
}

static void watched_alive(struct body *b)
{
	((struct ssi_wire_watched *)b->bytes)->state = cpu_to_le32(SSI_WATCH_ALIVE);
}

static void watched_unknown(struct body *b)
{
	((struct ssi_wire_watched *)b->bytes)->state = cpu_to_le32(SSI_NR_WATCH_STATES);
}

static const struct procmsg_case procmsg_cases[] = {
	{ "enter", make_enter, leave, true },
	{ "enter for no thread", make_enter, tid_zero },
	{ "enter of a real-time class", make_enter, real_time },
	{ "enter with a nice value that is none", make_enter, too_nice },
	{ "enter cut in a register set", make_enter, cut_register },
	{ "enter cut in a note", make_enter, cut_note },
	{ "enter with an empty note", make_enter, empty_note },
	{ "enter with an endless note", make_enter, endless_note },
	{ "trap", make_trap, leave, true },
	{ "trap that is none", make_trap, no_trap },
	{ "trap that does not exist", make_trap, unknown_trap },
	{ "trap that kills", make_trap, replay_kill },
	{ "trap cut", make_trap, cut_register },
	{ "store", make_store, leave, true },
	{ "store of less", make_store, one_page_less },
	{ "store of more", make_store, one_page_more },
	{ "store without end", make_store, no_end_of_pages },
	{ "store of an overflow", make_store, nr_that_overflows },
	{ "evict", make_evict, leave, true },
	{ "evict of less", make_evict, one_page_less },
	{ "grant", make_grant, leave, true },
	{ "grant over the end", make_grant, grant_over_end },
	{ "grant before the start", make_grant, grant_before_start },
	{ "grant of an odd address", make_grant, grant_odd_address },
	{ "grant of the kernel", make_grant, grant_kernel },
	{ "grant cut", make_grant, grant_cut },
	{ "grant of nothing", make_grant, grant_nothing },
	{ "refusal", make_refusal, leave, true },
	{ "operation", make_op, leave, true },
	{ "operation that does not exist", make_op, op_unknown },
	{ "operation without its data", make_op, op_no_data },
	{ "operation with another's data", make_op, op_data_of_another },
	{ "operation of more groups", make_op, op_more_groups },
	{ "operation of an overflow", make_op, op_groups_that_overflow },
	{ "operation cut", make_op, op_cut },
	{ "operation that asks for more", make_op, op_asks_for_more },
	{ "signal of the kernel", make_op, op_of_the_kernel },
	{ "two signals", make_op, op_two_signals },
	{ "signal that is none", make_op, op_no_signal },
	{ "proc read", make_proc_read, leave, true },
	{ "proc read of a path without end", make_proc_read, path_without_end },
	{ "proc read of two paths", make_proc_read, path_and_more },
	{ "proc read upwards", make_proc_read, path_upwards },
	{ "proc read through a link", make_proc_read, path_through_link },
	{ "proc read of memory", make_proc_read, path_of_memory },
	{ "proc read of too much", make_proc_read, proc_too_much },
	{ "proc read before the start", make_proc_read, proc_before_start },
	{ "proc write", make_proc_write, leave, true },
	{ "proc write of a path without end", make_proc_write, op_cut },
	{ "proc ahead", make_proc_ahead, leave, true },
	{ "proc ahead of large files", make_proc_ahead, ahead_of_large_files },
	{ "proc ahead of unknown files", make_proc_ahead, ahead_of_unknown_files },
	{ "memory read", make_vm_read, leave, true },
	{ "memory read of less than asked", make_vm_read, vm_reads_less },
	{ "memory read of an overflow", make_vm_read, vm_overflows },
	{ "memory read of half a range", make_vm_read, vm_cut },
	{ "memory write", make_vm_write, leave, true },
	{ "memory write of an overflow", make_vm_write, vm_overflows },
	{ "memory write cut in its ranges", make_vm_write, vm_cut },
	{ "memory write nowhere", make_vm_write, vm_writes_nowhere },
	{ "memory write of more ranges", make_vm_write, vm_writes_to_many },
	{ "watch", make_watch, leave, true },
	{ "watch of what is gone", make_watch, watch_of_gone },
	{ "watched", make_watched, leave, true },
	{ "watched, but alive", make_watched, watched_alive },
	{ "watched in no known state", make_watched, watched_unknown },
};

KUNIT_ARRAY_PARAM(procmsg, procmsg_cases, procmsg_case_desc);

static struct kunit_case procmsg_test_cases[] = {
	KUNIT_CASE_PARAM(procmsg_check_test, procmsg_gen_params),
	{}
};

static struct kunit_suite procmsg_test_suite = {
	.name = "ssi_procmsg",
	.test_cases = procmsg_test_cases,
};

kunit_test_suite(procmsg_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: bodies of messages");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
