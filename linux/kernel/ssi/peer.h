/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PEER_H
#define _KERNEL_SSI_PEER_H

#include <linux/types.h>

struct ssi_node;

void ssi_peer_member(struct ssi_node *node, u32 epoch);
void ssi_peer_lost(struct ssi_node *node, u32 epoch);
int ssi_peer_flush(struct ssi_instance *si, struct ssi_node *node);
bool ssi_peer_busy(struct ssi_node *node, u32 epoch);

#endif /* _KERNEL_SSI_PEER_H */
