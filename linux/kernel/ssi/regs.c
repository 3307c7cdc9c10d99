// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: register state as bytes and back
 */

/**
 * DOC: registers
 *
 * The registers of a thread travel as a list of (note, length, bytes), one for
 * each of ptrace's register sets that arch.h names. Reading is done by the
 * thread itself. Writing goes through the same code that lets a debugger write
 * registers, so that a peer can set nothing that a debugger could not; it is
 * done to a thread that sleeps in the deputy's or the guest's wait, and is
 * really off its CPU: wait_task_inactive() returns 0 for one that is still
 * running, and sleeps a whole tick for one that is about to sleep, so it is
 * called last, and once more when all is written. A thread that receives its
 * registers itself writes those that the CPU does not hold meanwhile.
 *
 * A system call rarely changes more than the general registers, which are the
 * first set: the others travel only if they differ from what travelled last,
 * either way. A set that is not in a message stays as it is. Where there is no
 * memory to remember them, they travel always.
 */

#include <linux/delay.h>
#include <linux/elf.h>
#include <linux/regset.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "arch.h"
#include "regs.h"

static const struct user_regset *ssi_regset(struct task_struct *t, u32 note)
{
	const struct user_regset_view *v = ssi_arch_regset_view(t);
	unsigned int i;

	for (i = 0; i < v->n; i++)
		if (v->regsets[i].core_note_type == note)
			return &v->regsets[i];
	return NULL;
}

/**
 * ssi_regs_size - how many bytes the registers of current take
 *
 * Context: process context of a user task.
 * Return: bytes, a multiple of eight; ssi_regs_get() needs no more as long as the
 * thread does not enter user mode.
 */
size_t ssi_regs_size(void)
{
	size_t size = 0;
	unsigned int i;

	ssi_arch_regs_prepare_get();
	for (i = 0; i < ssi_arch_nr_reg_notes; i++) {
		u32 note = ssi_arch_reg_notes[i];
		const struct user_regset *rs = ssi_regset(current, note);

		if (rs && ssi_arch_reg_wanted(current, note))
			size += sizeof(struct ssi_wire_reg) +
				round_up(ssi_arch_reg_size(current, note, rs->n * rs->size), 8);
	}
	return size;
}

/* Bytes of the first register set, which always travels. */
static size_t ssi_regs_first(const void *buf, size_t len)
{
	const struct ssi_wire_reg *reg = buf;

	return len < sizeof(*reg) ? len : sizeof(*reg) + round_up(le32_to_cpu(reg->len), 8);
}

/**
 * ssi_regs_forget - the other side knows nothing, or something else
 * @known: what is known
 */
void ssi_regs_forget(struct ssi_regs_known *known)
{
	known->len = 0;
}

/**
 * ssi_regs_free - free what was remembered
 * @known: what is known
 *
 * Context: process context.
 */
void ssi_regs_free(struct ssi_regs_known *known)
{
	kvfree(known->buf);
	*known = (struct ssi_regs_known){};
}

static void ssi_regs_remember(struct ssi_regs_known *known, const void *buf, size_t len)
{
	if (len > known->max) {
		ssi_regs_free(known);
		known->buf = kvmalloc(len, GFP_KERNEL | __GFP_NOWARN);
		known->max = known->buf ? len : 0;
	}
	known->len = min(len, known->max);
	memcpy(known->buf, buf, known->len);
}

/**
 * ssi_regs_get - read the registers of current
 * @buf: where to, aligned to eight bytes
 * @size: bytes of @buf; ssi_regs_size() is enough
 * @known: what the other side has; brought up to date, as if @buf were sent
 *
 * Context: process context of a user task; may sleep.
 * Return: bytes written, or -E2BIG, or what the register set said.
 */
int ssi_regs_get(void *buf, size_t size, struct ssi_regs_known *known)
{
	size_t pos = 0, first;
	unsigned int i;

	ssi_arch_regs_prepare_get();
	for (i = 0; i < ssi_arch_nr_reg_notes; i++) {
		u32 note = ssi_arch_reg_notes[i];
		const struct user_regset *rs = ssi_regset(current, note);
		struct ssi_wire_reg *reg = buf + pos;
		int n;

		if (!rs || !ssi_arch_reg_wanted(current, note))
			continue;
		if (size - pos < sizeof(*reg))
			return -E2BIG;
		/* a buffer that is too small would cut it short without a word */
		n = ssi_arch_reg_size(current, note, rs->n * rs->size);
		if (size - pos - sizeof(*reg) < round_up(n, 8))
			return -E2BIG;
		n = regset_get(current, rs, n, reg->data);
		if (n == -ENODEV || n == -EINVAL)
			continue;
		if (n < 0)
			return n;
		if (!n)
			continue;
		reg->note = cpu_to_le32(note);
		reg->len = cpu_to_le32(n);
		if (n & 7)
			memset(reg->data + n, 0, 8 - (n & 7));
		pos += sizeof(*reg) + round_up(n, 8);
	}
	first = ssi_regs_first(buf, pos);
	if (pos && known->len == pos &&
	    !memcmp(known->buf + first, buf + first, pos - first)) {
		memcpy(known->buf, buf, first);
		return first;
	}
	ssi_regs_remember(known, buf, pos);
	return pos;
}

/**
 * ssi_regs_check - are these bytes a list of register sets?
 * @buf: bytes of a message
 * @len: how many
 *
 * Says nothing about the registers themselves: their own set functions do.
 *
 * Return: 0 or -EBADMSG.
 */
int ssi_regs_check(const void *buf, size_t len)
{
	size_t pos = 0;

	while (pos < len) {
		const struct ssi_wire_reg *reg = buf + pos;
		u32 n;

		if (len - pos < sizeof(*reg))
			return -EBADMSG;
		n = le32_to_cpu(reg->len);
		if (!n || n > len - pos - sizeof(*reg) ||
		    round_up(n, 8) > len - pos - sizeof(*reg))
			return -EBADMSG;
		pos += sizeof(*reg) + round_up(n, 8);
	}
	return 0;
}

static bool ssi_regs_note_known(u32 note)
{
	unsigned int i;

	for (i = 0; i < ssi_arch_nr_reg_notes; i++)
		if (ssi_arch_reg_notes[i] == note)
			return true;
	return false;
}

/**
 * ssi_regs_own - may the thread whose registers these are write them itself?
 * @buf: what ssi_regs_get() made, checked by ssi_regs_check()
 * @len: bytes of it
 * @known: of the thread, which has been parked since it sent its registers
 *
 * What the CPU holds while the thread runs in the kernel is written by others
 * only: floating point state, thread pointers, segments.
 *
 * Return: true if nothing differs but what the kernel saved at its entry.
 */
bool ssi_regs_own(const void *buf, size_t len, const struct ssi_regs_known *known)
{
	const struct ssi_wire_reg *new = buf, *old = known->buf;

	if (!len || len != ssi_regs_first(buf, len) || known->len < len)
		return false;
	return le32_to_cpu(new->note) == ssi_arch_reg_notes[0] && new->note == old->note &&
	       new->len == old->len &&
	       ssi_arch_regs_own(new->data, old->data, le32_to_cpu(new->len));
}

/*
 * Until the thread is off its CPU. Without @wait for a millisecond, which is enough
 * for one that is on its way to sleep; one that was woken for something else may
 * have to wait for a CPU for as long as others want it.
 */
static unsigned long ssi_regs_park(struct task_struct *t, bool wait)
{
	u64 end = ktime_get_ns() + NSEC_PER_MSEC;
	unsigned long ncsw;
	bool late;

	for (;;) {
		if (!READ_ONCE(t->on_rq) || READ_ONCE(t->se.sched_delayed)) {
			ncsw = wait_task_inactive(t, TASK_ANY);
			if (ncsw)
				return ncsw;
		}
		late = ktime_get_ns() > end;
		if (late && !wait)
			return 0;
		if (late)
			usleep_range(200, 1000);
		else
			usleep_range(5, 20);
	}
}

static int ssi_regs_write(struct task_struct *t, const void *buf, size_t len, bool own)
{
	size_t pos = 0;
	int ret;

	ssi_arch_regs_prepare_set(t);
	while (pos < len) {
		const struct ssi_wire_reg *reg = buf + pos;
		u32 note = le32_to_cpu(reg->note), n = le32_to_cpu(reg->len);
		const struct user_regset *rs = ssi_regset(t, note);

		if (!rs || !rs->set || !ssi_regs_note_known(note) || n % rs->size ||
		    n > rs->n * rs->size)
			return -EBADMSG;
		if (!ssi_arch_reg_skip_set(t, note, reg->data, n)) {
			ret = own ? ssi_arch_regs_set_own(rs, reg->data) :
				    rs->set(t, rs, 0, n, reg->data, NULL);
			if (ret)
				return ret;
		}
		pos += sizeof(*reg) + round_up(n, 8);
	}
	return 0;
}

/**
 * ssi_regs_set - write the registers of a thread that is parked
 * @t: thread; sleeps where nothing but the caller wakes it for good. Or current, if
 *	ssi_regs_own().
 * @buf: what ssi_regs_get() made, checked by ssi_regs_check()
 * @len: bytes of it
 * @known: what the other side has; brought up to date
 * @wait: until the thread is off its CPU, however long that takes
 *
 * Context: process context, may sleep. The caller holds what keeps @t parked.
 * Return: 0, -EAGAIN if the thread is still on its CPU or waits for one, -EBADMSG
 * for a register set that does not exist here, or what the register set said
 * about the values.
 */
int ssi_regs_set(struct task_struct *t, const void *buf, size_t len,
		 struct ssi_regs_known *known, bool wait)
{
	size_t first = ssi_regs_first(buf, len);
	bool own = t == current;
	unsigned long ncsw = 0;
	int ret;

	if (own && WARN_ON_ONCE(!ssi_regs_own(buf, len, known)))
		return -EINVAL;
	do {
		if (!own) {
			ncsw = ssi_regs_park(t, wait);
			if (!ncsw)
				return -EAGAIN;
		}
		ret = ssi_regs_write(t, buf, len, own);
		if (ret)
			return ret;
		/* it may have woken, and its way back to sleep saved what its CPU had */
	} while (!own && wait_task_inactive(t, TASK_ANY) != ncsw);
	if (len > first)
		ssi_regs_remember(known, buf, len);
	else if (first <= known->len)
		memcpy(known->buf, buf, first);
	return 0;
}
