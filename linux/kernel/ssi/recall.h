/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_RECALL_H
#define _KERNEL_SSI_RECALL_H

#include <linux/mm_types.h>

struct ssi_mirror;
struct ssi_node;
struct vm_fault;

#define SSI_MAX_RECALL	32	/* pages that are recalled together */

int ssi_recall_ask(struct ssi_mirror *m, struct ssi_node *node, u32 epoch,
		   unsigned long *src, unsigned long n);
void ssi_recall_fill(unsigned long *src, unsigned long *dst, unsigned long n);
unsigned int ssi_recall_filled(unsigned long *src, unsigned long *dst, unsigned long n);
vm_fault_t ssi_recall_to_ram(struct vm_fault *vmf);
void ssi_recall_let_stay(struct ssi_mirror *m, unsigned long addr);

#endif /* _KERNEL_SSI_RECALL_H */
