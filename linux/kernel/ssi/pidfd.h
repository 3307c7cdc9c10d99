/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PIDFD_H
#define _KERNEL_SSI_PIDFD_H

#include <linux/types.h>

struct file;

int ssi_pidfd_process(const struct file *file, u64 *id);

#endif /* _KERNEL_SSI_PIDFD_H */
