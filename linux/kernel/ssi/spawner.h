/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_SPAWNER_H
#define _KERNEL_SSI_SPAWNER_H

#include <linux/kthread.h>

void ssi_spawner_queue(struct kthread_work *work);
int ssi_spawner_init(void);

#endif /* _KERNEL_SSI_SPAWNER_H */
