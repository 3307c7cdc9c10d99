/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_STARTED_H
#define _KERNEL_SSI_STARTED_H

#include <linux/types.h>

struct pid_namespace;

size_t ssi_started_shift(char *stat, size_t len, size_t size, s64 ticks);
size_t ssi_started_here(struct pid_namespace *ns, int nr, char *stat, size_t len, size_t size);

#endif /* _KERNEL_SSI_STARTED_H */
