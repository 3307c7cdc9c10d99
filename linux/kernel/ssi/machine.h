/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_MACHINE_H
#define _KERNEL_SSI_MACHINE_H

#include <linux/types.h>

#include "merge.h"

struct super_block;

/* opproc.c */
ssize_t ssi_machine_read(enum ssi_machine_file which, void *buf, size_t len, loff_t pos);
bool ssi_machine_is_own(const struct super_block *sb);

void ssi_machine_forget(void);

#endif /* _KERNEL_SSI_MACHINE_H */
