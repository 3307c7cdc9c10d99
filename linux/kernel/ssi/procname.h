/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROCNAME_H
#define _KERNEL_SSI_PROCNAME_H

#include <linux/types.h>

#define SSI_PROCNAME_MAX_PATH	64	/* bytes of a path below /proc/PID, with its end */

/**
 * struct ssi_procname - an entry of /proc/PID that other nodes may use
 * @name: its name
 * @mode: type and permissions, as in fs/proc/base.c
 * @list: its entries are found out at home
 * @small: it may be read ahead
 * @process: not in /proc/PID/task/TID
 */
struct ssi_procname {
	const char *name;
	umode_t mode;
	bool list;
	bool small;
	bool process;
};

/**
 * struct ssi_procpath - what a path below /proc/PID names
 * @entry: the entry; NULL for /proc/PID or /proc/PID/task/TID itself
 * @below: in the directory @entry, as an entry of fd or fdinfo
 */
struct ssi_procpath {
	const struct ssi_procname *entry;
	bool below;
};

#define SSI_PROCNAME_MAX	64	/* bits of a mask of names */

extern const struct ssi_procname ssi_procnames[];
extern const unsigned int ssi_nr_procnames;

const struct ssi_procname *ssi_procname_find(const char *name, size_t len, bool thread);
bool ssi_procname_parse(const char *path, struct ssi_procpath *found);

#endif /* _KERNEL_SSI_PROCNAME_H */
