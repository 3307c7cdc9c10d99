// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what other nodes see in /proc/PID
 */

/**
 * DOC: entries of /proc/PID
 *
 * A table of the entries of /proc/PID that are had from the process's home, with the
 * permissions that they have there. All nodes run the same build of the kernel, so
 * that nobody has to be asked what there is. Not in it is what gives memory itself
 * (mem, map_files, pagemap), what belongs to the mount rather than the process (net),
 * and what nobody but the process may use.
 *
 * A path below /proc/PID is an entry of the table, or an entry of a directory in it,
 * or the same below task/TID. Names are checked here before a file is opened with a
 * path that came from another node: no path leads through a symbolic link.
 */

#include <kunit/visibility.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "procname.h"

#define SSI_DIR(n, m, ...)	{ .name = n, .mode = S_IFDIR | (m), .list = true, ##__VA_ARGS__ }
#define SSI_REG(n, m, ...)	{ .name = n, .mode = S_IFREG | (m), ##__VA_ARGS__ }
#define SSI_LNK(n)		{ .name = n, .mode = S_IFLNK | 0777 }

const struct ssi_procname ssi_procnames[] = {
	SSI_DIR("task", 0555, .process = true),
	SSI_DIR("fd", 0500),
	SSI_DIR("fdinfo", 0555),
	SSI_DIR("ns", 0511),
	SSI_REG("environ", 0400, .small = true),
	SSI_REG("auxv", 0400),
	SSI_REG("status", 0444, .small = true),
	SSI_REG("personality", 0400),
	SSI_REG("limits", 0444),
	SSI_REG("sched", 0644),
	SSI_REG("comm", 0644, .small = true),
#ifdef CONFIG_HAVE_ARCH_TRACEHOOK
	SSI_REG("syscall", 0400),
#endif
	SSI_REG("cmdline", 0444, .small = true),
	SSI_REG("stat", 0444, .small = true),
	SSI_REG("statm", 0444, .small = true),
	SSI_REG("maps", 0444),
#ifdef CONFIG_NUMA
	SSI_REG("numa_maps", 0444),
#endif
	SSI_LNK("cwd"),
	SSI_LNK("root"),
	SSI_LNK("exe"),
	SSI_REG("mounts", 0444),
	SSI_REG("mountinfo", 0444),
	SSI_REG("mountstats", 0400, .process = true),
#ifdef CONFIG_PROC_PAGE_MONITOR
	SSI_REG("smaps", 0444),
	SSI_REG("smaps_rollup", 0444),
#endif
#ifdef CONFIG_KALLSYMS
	SSI_REG("wchan", 0444, .small = true),
#endif
#ifdef CONFIG_STACKTRACE
	SSI_REG("stack", 0400),
#endif
#ifdef CONFIG_SCHED_INFO
	SSI_REG("schedstat", 0444, .small = true),
#endif
#ifdef CONFIG_PROC_PID_CPUSET
	SSI_REG("cpuset", 0444),
#endif
#ifdef CONFIG_CGROUPS
	SSI_REG("cgroup", 0444, .small = true),
#endif
	SSI_REG("oom_score", 0444, .small = true),
	SSI_REG("oom_adj", 0644),
	SSI_REG("oom_score_adj", 0644, .small = true),
#ifdef CONFIG_AUDIT
	SSI_REG("loginuid", 0444),
	SSI_REG("sessionid", 0444),
#endif
#ifdef CONFIG_ELF_CORE
	SSI_REG("coredump_filter", 0644, .process = true),
#endif
#ifdef CONFIG_TASK_IO_ACCOUNTING
	SSI_REG("io", 0400, .small = true),
#endif
#ifdef CONFIG_USER_NS
	SSI_REG("uid_map", 0444),
	SSI_REG("gid_map", 0444),
	SSI_REG("projid_map", 0444),
	SSI_REG("setgroups", 0444),
#endif
#if defined(CONFIG_CHECKPOINT_RESTORE) && defined(CONFIG_POSIX_TIMERS)
	SSI_REG("timers", 0444, .process = true),
#endif
	SSI_REG("timerslack_ns", 0666, .process = true),
	SSI_REG("ssi", 0444, .process = true),
#ifdef CONFIG_PROC_PID_ARCH_STATUS
	SSI_REG("arch_status", 0444),
#endif
};
EXPORT_SYMBOL_IF_KUNIT(ssi_procnames);

const unsigned int ssi_nr_procnames = ARRAY_SIZE(ssi_procnames);
EXPORT_SYMBOL_IF_KUNIT(ssi_nr_procnames);

static_assert(ARRAY_SIZE(ssi_procnames) <= SSI_PROCNAME_MAX);

/**
 * ssi_procname_find - find an entry by its name
 * @name: name
 * @len: its length
 * @thread: in /proc/PID/task/TID
 *
 * Context: any.
 * Return: the entry, or NULL.
 */
const struct ssi_procname *ssi_procname_find(const char *name, size_t len, bool thread)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ssi_procnames); i++) {
		const struct ssi_procname *e = &ssi_procnames[i];

		if (strlen(e->name) == len && !memcmp(e->name, name, len))
			return thread && e->process ? NULL : e;
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_procname_find);

/* A name of one component, which ends at a slash or with the string. */
static size_t ssi_procname_len(const char *path)
{
	return strcspn(path, "/");
}

static bool ssi_procname_is_number(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isdigit(name[i]))
			return false;
	return len && len <= 10 && (name[0] != '0' || len == 1);
}

/* What may be below a directory of the table: numbers, and names of namespaces. */
static bool ssi_procname_is_below(const struct ssi_procname *dir, const char *name, size_t len)
{
	size_t i;

	if (strcmp(dir->name, "ns"))
		return ssi_procname_is_number(name, len);
	for (i = 0; i < len; i++)
		if (!islower(name[i]) && name[i] != '_')
			return false;
	return len;
}

/**
 * ssi_procname_parse - find out what a path names
 * @path: path below /proc/PID, without a slash in front; "" is the directory itself
 * @found: filled in
 *
 * Context: any; pure.
 * Return: true if it is one that other nodes may use, whether or not it exists.
 */
bool ssi_procname_parse(const char *path, struct ssi_procpath *found)
{
	const struct ssi_procname *e;
	bool thread = false;
	size_t len;

	*found = (struct ssi_procpath){};
	if (!*path)
		return true;
	if (!strncmp(path, "task/", 5)) {
		path += 5;
		len = ssi_procname_len(path);
		if (!ssi_procname_is_number(path, len))
			return false;
		path += len;
		if (!*path)
			return true;
		path++;
		thread = true;
	}
	len = ssi_procname_len(path);
	e = ssi_procname_find(path, len, thread);
	if (!e)
		return false;
	found->entry = e;
	path += len;
	if (!*path)
		return true;
	path++;
	found->below = true;
	len = strlen(path);
	return e->list && ssi_procname_is_below(e, path, len);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_procname_parse);
