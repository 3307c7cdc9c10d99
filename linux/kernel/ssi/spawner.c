// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who makes the tasks that run here for other nodes
 */

/**
 * DOC: spawner
 *
 * A task begins where its parent is: in its control group, on its CPUs, with its
 * priority. So that one who owns a node can say how much of it others get, one
 * kernel thread, ssi-guests, makes all that run here for other nodes: the leaders
 * of guests (hosted.c), whose threads they make themselves, and the keepers of
 * programs (placed.c), whose children these are. Put that thread into a control
 * group, and all that comes later is bound by the group: cpu.max, cpu.weight,
 * cpuset.cpus and pids.max say what a node lends. An allocation of pages for guests is
 * the receiver's, and in no group: evict.c has what bounds these.
 *
 * It is in no cluster's way: making a task waits for memory and nothing else.
 * While the machine goes to sleep it is frozen, and begins nothing.
 *
 * Unhappy paths: a group that may have no more tasks makes copy_process() fail
 * with -EAGAIN, which the other node is told as if memory were short.
 */

#include <linux/err.h>
#include <linux/kthread.h>

#include "spawner.h"

static struct kthread_worker *ssi_spawner __ro_after_init;

/**
 * ssi_spawner_queue - have a task made
 * @work: makes it, as a child of the thread ssi-guests
 *
 * Context: any.
 */
void ssi_spawner_queue(struct kthread_work *work)
{
	kthread_queue_work(ssi_spawner, work);
}

/**
 * ssi_spawner_init - make the thread
 *
 * Return: 0 or a negative errno.
 */
int __init ssi_spawner_init(void)
{
	ssi_spawner = kthread_run_worker(KTW_FREEZABLE, "ssi-guests");
	return PTR_ERR_OR_ZERO(ssi_spawner);
}
