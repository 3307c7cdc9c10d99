/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CHOOSER_H
#define _KERNEL_SSI_CHOOSER_H

#include <uapi/linux/ssi.h>

struct ssi_instance;
struct ssi_node;

struct ssi_node *ssi_choose(struct ssi_instance *si, enum ssi_placement_policy policy);

#endif /* _KERNEL_SSI_CHOOSER_H */
