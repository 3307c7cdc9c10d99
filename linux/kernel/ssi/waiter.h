/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_WAITER_H
#define _KERNEL_SSI_WAITER_H

#include <linux/types.h>
#include <linux/wait.h>

#include "rpc.h"

struct ssi_link;

/**
 * struct ssi_waiter - a thread that receives its next message itself
 * @entry: where the receiver of the lane sleeps as well
 * @link: the lane
 * @left: something arrived that was for others: it is woken no more
 */
struct ssi_waiter {
	struct wait_queue_entry entry;
	struct ssi_link *link;
	bool left;
};

void ssi_waiter_init(struct ssi_waiter *w, struct ssi_node *node, enum ssi_lane lane);
void ssi_waiter_begin(struct ssi_waiter *w);
bool ssi_waiter_woken(const struct ssi_waiter *w);
void ssi_waiter_end(struct ssi_waiter *w, u32 epoch,
		    bool (*mine)(void *data, const struct ssi_rx *rx), void *data);

#endif /* _KERNEL_SSI_WAITER_H */
