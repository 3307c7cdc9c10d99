/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_DRAIN_H
#define _KERNEL_SSI_DRAIN_H

#include <linux/types.h>

struct netlink_ext_ack;
struct ssi_instance;
struct ssi_node;
struct ssi_rx;
struct work_struct;

int ssi_drain(struct ssi_instance *si, bool on);
void ssi_drain_heard(struct ssi_node *node, u32 epoch, bool on);
void ssi_drain_work(struct work_struct *work);
int ssi_drain_sync(struct ssi_instance *si, struct ssi_node *only);
int ssi_drain_check(const void *body, size_t len);
void ssi_drain_handle(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_DRAIN_H */
