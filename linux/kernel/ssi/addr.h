/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_ADDR_H
#define _KERNEL_SSI_ADDR_H

#include <linux/socket.h>
#include <linux/types.h>

struct in6_addr;
struct netlink_ext_ack;
struct nlattr;
struct sk_buff;

int ssi_addr_parse(const char *text, struct sockaddr_storage *addr);
int ssi_addr_parse_peer(const char *text, u32 *id,
			struct sockaddr_storage *addr);
bool ssi_addr_valid(const struct sockaddr_storage *addr);
bool ssi_addr_same_host(const struct sockaddr_storage *a,
			const struct sockaddr_storage *b);
void ssi_addr_to_in6(const struct sockaddr_storage *addr, struct in6_addr *ip);
u32 ssi_addr_hash(const struct sockaddr_storage *addr);
void ssi_addr_default_port(struct sockaddr_storage *addr, u16 port);
int ssi_addr_get_nla(const struct nlattr *addr, const struct nlattr *scope,
		     const struct nlattr *port, struct sockaddr_storage *ss,
		     struct netlink_ext_ack *extack);
int ssi_addr_put_nla(struct sk_buff *msg, const struct sockaddr_storage *ss,
		     int addr, int scope, int port);

#endif /* _KERNEL_SSI_ADDR_H */
