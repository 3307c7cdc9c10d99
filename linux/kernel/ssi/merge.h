/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_MERGE_H
#define _KERNEL_SSI_MERGE_H

#include <linux/types.h>

/**
 * enum ssi_machine_file - files of /proc that say something of the machine
 * @SSI_MACHINE_STAT: /proc/stat
 * @SSI_MACHINE_MEMINFO: /proc/meminfo
 * @SSI_MACHINE_LOADAVG: /proc/loadavg
 * @SSI_MACHINE_UPTIME: /proc/uptime
 * @SSI_MACHINE_CPUINFO: /proc/cpuinfo
 * @SSI_NR_MACHINE_FILES: number of them
 */
enum ssi_machine_file {
	SSI_MACHINE_STAT,
	SSI_MACHINE_MEMINFO,
	SSI_MACHINE_LOADAVG,
	SSI_MACHINE_UPTIME,
	SSI_MACHINE_CPUINFO,
	SSI_NR_MACHINE_FILES,
};

extern const char * const ssi_machine_names[SSI_NR_MACHINE_FILES];

/**
 * struct ssi_text - what a file reads on one node
 * @s: the bytes, which need not end with a NUL
 * @len: how many
 */
struct ssi_text {
	const char *s;
	size_t len;
};

size_t ssi_merge(enum ssi_machine_file file, const struct ssi_text *t, struct ssi_text *rest,
		 unsigned int nr, char *out, size_t size);

#endif /* _KERNEL_SSI_MERGE_H */
