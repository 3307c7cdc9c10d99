/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_MACHINE_H
#define _KERNEL_SSI_MACHINE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "merge.h"

struct pid_namespace;

/**
 * struct ssi_machine - a file of /proc that is the cluster's
 * @lock: protects the rest
 * @parts: what it reads on other nodes
 */
struct ssi_machine {
	struct mutex lock;		/* sleeps for other nodes */
	struct list_head parts;
};

/* opproc.c */
ssize_t ssi_machine_read(struct pid_namespace *ns, enum ssi_machine_file which, void *buf,
			 size_t len, loff_t pos);

void ssi_machine_init(struct ssi_machine m[SSI_NR_MACHINE_FILES]);
void ssi_machine_forget(struct ssi_machine m[SSI_NR_MACHINE_FILES]);

#endif /* _KERNEL_SSI_MACHINE_H */
