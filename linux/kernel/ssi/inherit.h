/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_INHERIT_H
#define _KERNEL_SSI_INHERIT_H

#include <linux/types.h>

struct ssi_node;
struct ssi_terminal;
struct ssi_wire_place;

int ssi_inherit_check(const void *body, size_t len);
int ssi_inherit(const struct ssi_wire_place *w, struct ssi_node *node, u32 epoch,
		struct ssi_terminal *terminal);

#endif /* _KERNEL_SSI_INHERIT_H */
