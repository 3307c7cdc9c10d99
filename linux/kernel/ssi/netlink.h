/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_NETLINK_H
#define _KERNEL_SSI_NETLINK_H

#include <linux/init.h>
#include <uapi/linux/ssi.h>

struct genl_info;
struct netlink_ext_ack;
struct sk_buff;
struct ssi_instance;
struct ssi_node;
struct ssi_process_info;

void ssi_netlink_node_event(struct ssi_node *node);
void ssi_netlink_process_event(struct ssi_instance *si,
			       const struct ssi_process_info *info,
			       enum ssi_process_event event);

int ssi_nl_permit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_joined(struct ssi_instance *si, struct netlink_ext_ack *extack);
bool ssi_nl_own_socket(struct sk_buff *skb, struct netlink_ext_ack *extack);
int __init ssi_netlink_init(void);
void ssi_netlink_exit(void);

#endif /* _KERNEL_SSI_NETLINK_H */
