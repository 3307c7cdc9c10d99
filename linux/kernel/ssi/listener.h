/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_LISTENER_H
#define _KERNEL_SSI_LISTENER_H

struct netlink_ext_ack;
struct ssi_instance;
struct ssi_listener;

struct ssi_listener *ssi_listener_start(struct ssi_instance *si,
					struct netlink_ext_ack *extack);
void ssi_listener_stop(struct ssi_listener *l);

#endif /* _KERNEL_SSI_LISTENER_H */
