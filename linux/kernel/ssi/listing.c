// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what a person may know of processes
 */

/**
 * DOC: listings
 *
 * Processes that have to do with other nodes are known in four places: those that are, or
 * were, away by their mirrors (process.c), guests here (hosted.c), stubs (stub.c) and
 * programs that have one elsewhere (placed.c). This puts them in the order of their
 * pids, for listings that go on where they left off.
 *
 * Unhappy paths: a listing may miss what begins, and show what ends, while it is made.
 *
 * Locks: those of the four places, one at a time.
 */

#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "debugfs.h"
#include "hosted.h"
#include "instance.h"
#include "mirror.h"
#include "node.h"
#include "pagemap.h"
#include "placed.h"
#include "process.h"
#include "stub.h"

/**
 * ssi_process_fill - what is known of a process that is, or was, away
 * @m: its mirror
 * @info: filled in
 * @ns: pid namespace of who asks
 *
 * Context: process context.
 */
void ssi_process_fill(struct ssi_mirror *m, struct ssi_process_info *info,
		      struct pid_namespace *ns)
{
	struct task_struct *t;

	info->pid = pid_nr_ns(m->tgid, ns);
	info->home = m->inst->node;
	info->guest = false;
	spin_lock(&m->slock);
	info->node = m->away && m->node ? m->node->id : m->inst->node;
	info->threads_away = m->nr_away;
	info->reason = m->reason;
	spin_unlock(&m->slock);
	info->threads = atomic_read(&m->nr_deputies);
	info->traps = atomic_long_read(&m->traps);
	info->faults = atomic_long_read(&m->faults);
	info->recalls = atomic_long_read(&m->recalls);
	info->pages_away = max(atomic_long_read(&m->pages_out), 0L);
	info->moves = atomic_long_read(&m->moves);
	info->freeze_ns = m->freeze_ns;
	rcu_read_lock();
	t = pid_task(m->tgid, PIDTYPE_TGID);
	if (t) {
		info->threads = get_nr_threads(t);
		get_task_comm(info->comm, t);
	}
	rcu_read_unlock();
}

/* Why is a process at home that was never moved? */
static enum ssi_reason ssi_process_why(struct task_struct *t, pid_t program)
{
	if (t->flags & PF_KTHREAD)
		return SSI_REASON_KERNEL_THREAD;
	return program ? SSI_REASON_PLACED : SSI_REASON_NONE;
}

/**
 * ssi_process_info - where is a process, and why?
 * @si: instance
 * @pid: the process
 * @info: filled in
 *
 * Context: process context.
 * Return: 0, -ESRCH, or -ENODATA for a process that never moved and is local.
 */
int ssi_process_info(struct ssi_instance *si, struct pid *pid,
		     struct ssi_process_info *info)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct ssi_mirror *m = ssi_process_find(NULL, pid);
	struct task_struct *t;

	if (m) {
		ssi_process_fill(m, info, ns);
		ssi_mirror_put(m);
		info->origin = ssi_placed_origin(pid);
		return 0;
	}
	if (!ssi_hosted_info(pid, info, ns))
		return 0;
	info->origin = ssi_placed_origin(pid);
	t = get_pid_task(pid, PIDTYPE_TGID);
	if (!t)
		return -ESRCH;
	info->pid = pid_nr_ns(pid, ns);
	info->home = si->node;
	info->node = si->node;
	info->threads = get_nr_threads(t);
	info->node = ssi_stub_program(t, &info->program) ? : si->node;
	info->reason = ssi_process_why(t, info->program);
	get_task_comm(info->comm, t);
	put_task_struct(t);
	return -ENODATA;
}

static struct pid *ssi_process_lower(struct pid *a, struct pid *b, struct pid_namespace *ns)
{
	if (!a || (b && pid_nr_ns(b, ns) < pid_nr_ns(a, ns)))
		swap(a, b);
	put_pid(b);
	return a;
}

/* The lowest pid of one that is, or was, away, that is a stub, or that has one. */
static struct pid *ssi_process_next_of_ours(struct ssi_instance *si, pid_t from,
					    struct pid_namespace *ns)
{
	struct pid *pid = ssi_process_next_mirror(si, from, ns);

	pid = ssi_process_lower(pid, ssi_placed_next(si, from, ns), ns);
	return ssi_process_lower(pid, ssi_stub_next(si, from, ns), ns);
}

/**
 * ssi_process_next - list processes in the order of their pids
 * @si: instance
 * @from: lowest pid wanted; set to the one found
 * @info: filled in
 *
 * Context: process context.
 * Return: 0, or -ENOENT if there is none.
 */
int ssi_process_next(struct ssi_instance *si, pid_t *from, struct ssi_process_info *info)
{
	struct pid_namespace *ns = task_active_pid_ns(current);
	struct pid *best;
	pid_t nr, guest;
	int err;

	do {
		best = ssi_process_next_of_ours(si, *from, ns);
		nr = best ? pid_nr_ns(best, ns) : 0;
		guest = ssi_hosted_next(si, *from, ns, nr, info);
		if (guest || !best)
			break;
		/* those that have ended meanwhile are passed over */
		err = ssi_process_info(si, best, info);
		put_pid(best);
		*from = nr + (err == -ESRCH);
	} while (err == -ESRCH);
	if (!guest)
		return best ? 0 : -ENOENT;
	put_pid(best);
	*from = guest;
	return 0;
}

/**
 * ssi_process_count - sums over all processes
 * @si: instance
 * @c: filled in
 *
 * Context: process context.
 */
void ssi_process_count(struct ssi_instance *si, struct ssi_process_counters *c)
{
	u64 total, held;

	memset(c, 0, sizeof(*c));
	c->away = ssi_process_nr_away(si);
	ssi_pagemap_count(&total, &c->device_pages);
	c->pages_out = atomic64_read(&ssi_objects.pages_lent);
	c->pages_in = atomic64_read(&ssi_objects.pages_kept);
	ssi_hosted_count(si, &c->guests, &held);
	c->placed = ssi_placed_count(si);
	c->stubs = ssi_stub_count(si);
}
