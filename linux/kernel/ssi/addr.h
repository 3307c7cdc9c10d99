/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_ADDR_H
#define _KERNEL_SSI_ADDR_H

#include <linux/socket.h>
#include <linux/types.h>

int ssi_addr_parse(const char *text, struct sockaddr_storage *addr);
int ssi_addr_parse_peer(const char *text, u32 *id,
			struct sockaddr_storage *addr);
bool ssi_addr_valid(const struct sockaddr_storage *addr);
bool ssi_addr_same_host(const struct sockaddr_storage *a,
			const struct sockaddr_storage *b);
void ssi_addr_default_port(struct sockaddr_storage *addr, u16 port);

#endif /* _KERNEL_SSI_ADDR_H */
