/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_RECALL_H
#define _KERNEL_SSI_RECALL_H

#include <linux/mm_types.h>

struct ssi_mirror;
struct vm_fault;

vm_fault_t ssi_recall_to_ram(struct vm_fault *vmf);
void ssi_recall_let_stay(struct ssi_mirror *m, unsigned long addr);

#endif /* _KERNEL_SSI_RECALL_H */
