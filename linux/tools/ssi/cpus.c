// SPDX-License-Identifier: GPL-2.0
/*
 * What counts CPUs in /sys/devices/system/cpu counts those of all nodes: the kernel's lists
 * of them are mounted there. A mount namespace without these mounts has the node's own.
 */

#include <errno.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "tool.h"

static const struct {
	const char *from;
	const char *to;
} lists[] = {
	{ "/proc/ssi/cpu_possible",	"/sys/devices/system/cpu/possible" },
	{ "/proc/ssi/cpu_present",	"/sys/devices/system/cpu/present" },
	{ "/proc/ssi/cpu_online",	"/sys/devices/system/cpu/online" },
};

static bool is_ours(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/**
 * cpus_of_node - have this mount namespace count the node's own CPUs
 */
void cpus_of_node(void)
{
	unsigned int i = ARRAY_SIZE(lists);

	while (i--)
		while (is_ours(lists[i].to) && !umount2(lists[i].to, MNT_DETACH))
			;
}

/**
 * cpus_of_cluster - have this mount namespace count the CPUs of all nodes
 * @t: the tool
 *
 * Nothing is done where there is no /sys, or the kernel has no such lists. A node is a member
 * without that, so a failure is only said.
 */
void cpus_of_cluster(struct tool *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		if (access(lists[i].from, F_OK) || access(lists[i].to, F_OK) ||
		    is_ours(lists[i].to))
			continue;
		if (mount(lists[i].from, lists[i].to, NULL, MS_BIND, NULL)) {
			fail(t, EXIT_OK, "%s shows this node's CPUs alone: %s", lists[i].to,
			     strerror(errno));
			cpus_of_node();
			return;
		}
	}
}
