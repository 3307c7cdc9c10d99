/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_NETLINK_H
#define _KERNEL_SSI_NETLINK_H

#include <linux/init.h>
#include <uapi/linux/ssi.h>

struct ssi_instance;
struct ssi_node;
struct ssi_process_info;

void ssi_netlink_node_event(struct ssi_node *node);
void ssi_netlink_process_event(struct ssi_instance *si,
			       const struct ssi_process_info *info,
			       enum ssi_process_event event);

int __init ssi_netlink_init(void);
void ssi_netlink_exit(void);

#endif /* _KERNEL_SSI_NETLINK_H */
