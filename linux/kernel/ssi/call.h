/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CALL_H
#define _KERNEL_SSI_CALL_H

#include <linux/spinlock.h>
#include <linux/types.h>

#include "rpc.h"

#define SSI_CALL_HASH	64

/**
 * struct ssi_calls - calls to one peer that wait for their answers
 * @lock: protects the rest
 * @seq: number of the last call; 0 is none
 * @hash: calls by number
 */
struct ssi_calls {
	spinlock_t lock;		/* innermost */
	u64 seq;
	struct hlist_head hash[SSI_CALL_HASH];
};

void ssi_calls_init(struct ssi_calls *calls);
void ssi_calls_fail(struct ssi_calls *calls, u32 epoch, bool early);
int ssi_calls_reply(struct ssi_calls *calls, struct ssi_rx *rx);

#endif /* _KERNEL_SSI_CALL_H */
