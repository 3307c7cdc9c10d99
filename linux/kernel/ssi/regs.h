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

/**
 * struct ssi_regs_known - what both sides know of a thread's registers
 * @buf: all register sets, as they last travelled, either way
 * @len: bytes of them, 0 if nothing is known
 * @max: bytes of @buf
 */
struct ssi_regs_known {
	void *buf;
	size_t len;
	size_t max;
};

size_t ssi_regs_size(void);
int ssi_regs_get(void *buf, size_t size, struct ssi_regs_known *known);
int ssi_regs_set(struct task_struct *t, const void *buf, size_t len,
		 struct ssi_regs_known *known, bool wait);
bool ssi_regs_own(const void *buf, size_t len, const struct ssi_regs_known *known);
void ssi_regs_forget(struct ssi_regs_known *known);
void ssi_regs_free(struct ssi_regs_known *known);
int ssi_regs_check(const void *buf, size_t len);

#endif /* _KERNEL_SSI_REGS_H */
