/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_REGS_H
#define _KERNEL_SSI_REGS_H

#include <linux/types.h>

struct task_struct;

/**
 * struct ssi_wire_reg - one register set, in SSI_MSG_ENTER and SSI_MSG_TRAP
 * @note: ELF note type of the register set
 * @len: bytes that follow, padded to eight
 * @data: the bytes
 */
struct ssi_wire_reg {
	__le32 note;
	__le32 len;
	__u8 data[];
};

static_assert(sizeof(struct ssi_wire_reg) == 8);

size_t ssi_regs_size(void);
int ssi_regs_get(void *buf, size_t size);
int ssi_regs_set(struct task_struct *t, const void *buf, size_t len);
int ssi_regs_check(const void *buf, size_t len);

#endif /* _KERNEL_SSI_REGS_H */
