/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_LEND_H
#define _KERNEL_SSI_LEND_H

#include <linux/types.h>

struct ssi_rx;

#define SSI_MAX_UIDS	16

/**
 * struct ssi_uids - users of other nodes
 * @nr: how many @range; 0: all users
 * @range: first and last of each
 */
struct ssi_uids {
	unsigned int nr;
	u32 range[SSI_MAX_UIDS][2];
};

int ssi_uids_parse(const char *text, struct ssi_uids *uids);
bool ssi_uids_have(const struct ssi_uids *uids, u32 uid);
unsigned long ssi_lend_pages(void);
bool ssi_lend_to(u32 uid);
bool ssi_lend_refuse(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_LEND_H */
