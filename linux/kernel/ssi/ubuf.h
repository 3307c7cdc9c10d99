/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_UBUF_H
#define _KERNEL_SSI_UBUF_H

#include <linux/compiler_types.h>

struct mm_struct;

/**
 * struct ssi_ubuf - a buffer in a user space of its own
 * @mm: the user space, or NULL: not there yet
 * @addr: address of the buffer, SSI_OP_MAX_REPLY bytes
 */
struct ssi_ubuf {
	struct mm_struct *mm;
	void __user *addr;
};

int ssi_ubuf_get(struct ssi_ubuf *u);
void ssi_ubuf_free(struct ssi_ubuf *u);

#endif /* _KERNEL_SSI_UBUF_H */
