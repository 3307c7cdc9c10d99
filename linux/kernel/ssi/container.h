/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CONTAINER_H
#define _KERNEL_SSI_CONTAINER_H

#include <linux/types.h>

struct cred;
struct ssi_instance;

bool ssi_container_has_current(struct ssi_instance *si);
void ssi_container_bound(struct ssi_instance *si, struct cred *cred);
pid_t ssi_container_spawn(struct ssi_instance *si, int (*fn)(void *), void *arg);

#endif /* _KERNEL_SSI_CONTAINER_H */
