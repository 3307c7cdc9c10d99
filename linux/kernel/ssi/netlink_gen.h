/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/ssi.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_SSI_GEN_H
#define _LINUX_SSI_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/ssi.h>

int ssi_nl_join_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_leave_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_status_get_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_node_add_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ssi_nl_move_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_process_get_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_process_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int ssi_nl_place_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_key_add_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_key_del_doit(struct sk_buff *skb, struct genl_info *info);
int ssi_nl_drain_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	SSI_NLGRP_EVENTS,
};

extern struct genl_family ssi_nl_family;

#endif /* _LINUX_SSI_GEN_H */
