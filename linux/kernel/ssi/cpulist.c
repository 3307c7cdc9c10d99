// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: lists of the CPUs of all nodes
 */

/**
 * DOC: lists of CPUs
 *
 * /proc/ssi/cpu_online, cpu_present and cpu_possible read like online, present and possible
 * in /sys/devices/system/cpu, and are there to be mounted on these (``ssi join`` does so): what
 * counts CPUs there counts those of all members. They are numbered as in /proc/stat:
 * this node's keep their numbers, the others' follow.
 *
 * The C library reads such a file when a program has its first threads, so no other node is
 * asked for it: how many CPUs a member has says each heartbeat and, for those that may come, the
 * handshake. Of one that has said nothing yet, none are counted.
 *
 * In a proc that is mounted with view=node, in one of a pid namespace that is not attached,
 * and for the init process, the lists are this node's, as what machine.c shows.
 */

#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/find.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/ssi_pid.h>

#include "cpulist.h"
#include "instance.h"
#include "node.h"
#include "pidns.h"

/* what a peer says is no more than any kernel supports */
#define SSI_CPULIST_MAX		8192

enum ssi_cpulist {
	SSI_CPULIST_ONLINE,
	SSI_CPULIST_PRESENT,
	SSI_CPULIST_POSSIBLE,
};

/**
 * ssi_cpulist_show - print CPUs of this node and as many more that follow them
 * @m: where to
 * @own: CPUs of this node
 * @nbits: bits of @own
 * @more: how many the others have
 *
 * Context: any; pure.
 */
void ssi_cpulist_show(struct seq_file *m, const unsigned long *own, unsigned int nbits, u64 more)
{
	unsigned long last = find_last_bit(own, nbits);
	unsigned long first, end;
	bool begun = false;

	for_each_set_bitrange(first, end, own, nbits) {
		u64 to = end - 1 == last ? last + more : end - 1;

		seq_printf(m, to > first ? "%s%lu-%llu" : "%s%lu", begun ? "," : "", first, to);
		begun = true;
	}
	seq_putc(m, '\n');
}
EXPORT_SYMBOL_IF_KUNIT(ssi_cpulist_show);

static const struct cpumask *ssi_cpulist_own(enum ssi_cpulist which)
{
	switch (which) {
	case SSI_CPULIST_PRESENT:
		return cpu_present_mask;
	case SSI_CPULIST_POSSIBLE:
		return cpu_possible_mask;
	default:
		return cpu_online_mask;
	}
}

/* How many CPUs the other members have. */
static u64 ssi_cpulist_others(struct ssi_instance *si, int stride, enum ssi_cpulist which)
{
	struct ssi_node *node;
	u64 nr = 0;
	u32 cpus;

	ssi_node_for_each(si, node) {
		if (!ssi_node_is_member(node) || node->id > ssi_pid_max_node(stride))
			continue;
		/* which of the possible ones are present is not known: those online at least */
		cpus = which == SSI_CPULIST_POSSIBLE ? ssi_node_nr_cpus(node) :
						       ssi_load_cpus(&node->load);
		nr += min(cpus, SSI_CPULIST_MAX);
	}
	return nr;
}

static int ssi_cpulist_read(struct seq_file *m, void *v)
{
	struct super_block *sb = file_inode(m->file)->i_sb;
	enum ssi_cpulist which = (unsigned long)m->private;
	struct pid_namespace *ns = proc_pid_ns(sb);
	struct ssi_instance *si;
	u64 more = 0;
	int stride;

	si = proc_sb_info(sb)->view == PROC_VIEW_NODE || ssi_pidns_is_init(ns) ? NULL :
	     ssi_pidns_instance(ns, &stride);
	if (si) {
		more = ssi_cpulist_others(si, stride, which);
		ssi_instance_put(si);
	}
	ssi_cpulist_show(m, cpumask_bits(ssi_cpulist_own(which)), nr_cpumask_bits, more);
	return 0;
}

/**
 * ssi_cpulist_init - make the files
 *
 * Return: 0 or -ENOMEM.
 */
int __init ssi_cpulist_init(void)
{
	static const char * const names[] = {
		[SSI_CPULIST_ONLINE]	= "cpu_online",
		[SSI_CPULIST_PRESENT]	= "cpu_present",
		[SSI_CPULIST_POSSIBLE]	= "cpu_possible",
	};
	struct proc_dir_entry *dir = proc_mkdir("ssi", NULL);
	unsigned long i;

	if (!dir)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!proc_create_single_data(names[i], 0444, dir, ssi_cpulist_read, (void *)i))
			return -ENOMEM;
	return 0;
}
