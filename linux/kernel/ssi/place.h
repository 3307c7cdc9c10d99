/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PLACE_H
#define _KERNEL_SSI_PLACE_H

#include <linux/types.h>
#include <uapi/linux/ssi.h>

struct netlink_ext_ack;
struct ssi_instance;
struct ssi_task;
struct task_struct;

int ssi_place_mark(struct ssi_instance *si, enum ssi_placement how, u32 node,
		   enum ssi_placement_policy policy, struct netlink_ext_ack *extack);
void ssi_place_inherit(struct ssi_instance *si, enum ssi_placement_policy policy);
void ssi_place_fork(struct ssi_task *s, struct task_struct *p);
void ssi_place_exit(struct ssi_task *s);
int ssi_place_init(void);

#endif /* _KERNEL_SSI_PLACE_H */
