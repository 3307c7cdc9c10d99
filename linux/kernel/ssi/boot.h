/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_BOOT_H
#define _KERNEL_SSI_BOOT_H

#include "instance.h"

void ssi_boot_pids(struct ssi_join_params *p);
const struct ssi_join_params *ssi_boot_params(void);
int ssi_boot_add_peers(struct ssi_instance *si);
void ssi_boot_cancel(void);

#endif /* _KERNEL_SSI_BOOT_H */
