/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CPULIST_H
#define _KERNEL_SSI_CPULIST_H

#include <linux/types.h>

struct seq_file;

void ssi_cpulist_show(struct seq_file *m, const unsigned long *own, unsigned int nbits, u64 more);

#ifdef CONFIG_PROC_FS
int ssi_cpulist_init(void);
#else
static inline int ssi_cpulist_init(void) { return 0; }
#endif

#endif /* _KERNEL_SSI_CPULIST_H */
