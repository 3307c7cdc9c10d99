/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_STAY_H
#define _KERNEL_SSI_STAY_H

#include <linux/types.h>

struct ssi_deputy;

void ssi_stay_init(struct ssi_deputy *d);
void ssi_stay_begin(struct ssi_deputy *d);
void ssi_stay_count(struct ssi_deputy *d);
bool ssi_stay_goes_on(struct ssi_deputy *d);
void ssi_stay_resolved(struct ssi_deputy *d);
void ssi_stay_over(struct ssi_deputy *d);
void ssi_stay_end(struct ssi_deputy *d);
void ssi_stay_enter(struct ssi_deputy *d);
void ssi_stay_signal(struct ssi_deputy *d, u64 ran);

#endif /* _KERNEL_SSI_STAY_H */
