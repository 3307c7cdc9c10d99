/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROXY_H
#define _KERNEL_SSI_PROXY_H

#include <linux/types.h>

struct file;
struct ssi_node;
struct ssi_wire_open_file;

struct file *ssi_proxy_open(struct ssi_node *node, u32 epoch,
			    const struct ssi_wire_open_file *w);
bool ssi_proxy_is(const struct file *file);
int ssi_proxy_init(void);

#endif /* _KERNEL_SSI_PROXY_H */
