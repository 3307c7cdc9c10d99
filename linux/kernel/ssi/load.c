// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: how busy is a peer?
 */

/**
 * DOC: load
 *
 * Each heartbeat says how many tasks of its sender run or would like to, and how many CPUs
 * there are for them. That is as old as the heartbeat: a third of the deadline, at most. What
 * was started there in the meantime is known here, and is added, or a dozen programs that
 * start within that time would all go to the same node. The next heartbeat has them in its
 * own number.
 *
 * The number is that of one moment, so that it is right at once and at times wrong by one,
 * where the load average of a machine is right after a minute.
 */

#include <kunit/visibility.h>
#include <linux/math64.h>
#include <linux/minmax.h>

#include "load.h"

/**
 * ssi_load_init - nothing is known of a peer yet
 * @load: its load
 */
void ssi_load_init(struct ssi_load *load)
{
	spin_lock_init(&load->lock);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_init);

/**
 * ssi_load_report - a peer says how busy it is
 * @load: its load
 * @running: tasks that run or would like to
 * @cpus: CPUs that are online
 *
 * Context: process context.
 */
void ssi_load_report(struct ssi_load *load, u32 running, u32 cpus)
{
	guard(spinlock)(&load->lock);
	load->running = running;
	load->cpus = cpus;
	load->report++;
	load->started = 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_report);

/**
 * ssi_load_start - a program is started at a peer
 * @load: load of the peer
 *
 * Context: process context.
 * Return: what ssi_load_end() wants to know.
 */
u32 ssi_load_start(struct ssi_load *load)
{
	guard(spinlock)(&load->lock);
	load->started++;
	return load->report;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_start);

/**
 * ssi_load_end - a program has ended at a peer, or was not started after all
 * @load: load of the peer
 * @report: what ssi_load_start() returned
 *
 * Context: process context.
 */
void ssi_load_end(struct ssi_load *load, u32 report)
{
	guard(spinlock)(&load->lock);
	/* else the peer has counted it, and will count it no more */
	if (load->report == report)
		load->started--;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_end);

/**
 * ssi_load_with_one_more - compare nodes of different size
 * @running: tasks that run or would like to
 * @cpus: CPUs for them; not 0
 *
 * Nodes with an idle CPU are alike: one more task would have it for itself.
 *
 * Context: any; pure.
 * Return: tasks for each CPU if there were one more, at least 1, in units of 2^-16.
 */
u64 ssi_load_with_one_more(u64 running, u32 cpus)
{
	return max(div_u64((running + 1) << 16, cpus), 1 << 16);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_with_one_more);

/**
 * ssi_load_running - how many tasks run at a peer, or would like to?
 * @load: its load
 *
 * Context: process context.
 * Return: that number, as far as it is known here.
 */
u32 ssi_load_running(struct ssi_load *load)
{
	guard(spinlock)(&load->lock);
	return load->running + load->started;
}

/**
 * ssi_load_cpus - how many CPUs has a peer online?
 * @load: its load
 *
 * Context: process context.
 * Return: that number, 0 before its first heartbeat.
 */
u32 ssi_load_cpus(struct ssi_load *load)
{
	guard(spinlock)(&load->lock);
	return load->cpus;
}

/**
 * ssi_load_of - how busy would a peer be with one more task?
 * @load: its load
 *
 * Context: process context.
 * Return: as ssi_load_with_one_more(); U64_MAX before its first heartbeat.
 */
u64 ssi_load_of(struct ssi_load *load)
{
	guard(spinlock)(&load->lock);
	if (!load->cpus)
		return U64_MAX;
	return ssi_load_with_one_more((u64)load->running + load->started, load->cpus);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_load_of);
