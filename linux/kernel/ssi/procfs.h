/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROCFS_H
#define _KERNEL_SSI_PROCFS_H

#include <linux/types.h>

struct file;

bool ssi_procfs_is_process(const struct file *file);
int ssi_procfs_process(const struct file *file, u64 *id);
u64 ssi_procfs_ino(int nr, const char *path);

#endif /* _KERNEL_SSI_PROCFS_H */
