/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_EVICT_H
#define _KERNEL_SSI_EVICT_H

#include <linux/types.h>

struct ssi_instance;
struct ssi_mirror;
struct ssi_node;
struct ssi_rx;
struct work_struct;
struct ssi_store;

void ssi_evict_mirror(struct ssi_mirror *m);
void ssi_evict_mirror_work(struct work_struct *work);
void ssi_evict_instance(struct ssi_instance *si, struct ssi_node *node);
bool ssi_evict_settled(struct ssi_store *st);
void ssi_evict_stores(struct ssi_instance *si, struct ssi_node *node);
void ssi_evict_handle(struct ssi_rx *rx);
bool ssi_evict_full(void);
void ssi_evict_limit(void);
int ssi_evict_init(void);

#endif /* _KERNEL_SSI_EVICT_H */
