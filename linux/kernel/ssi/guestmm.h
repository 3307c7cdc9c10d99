/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_GUESTMM_H
#define _KERNEL_SSI_GUESTMM_H

#include <linux/types.h>

struct file;
struct folio;
struct ssi_guest;
struct ssi_rx;

struct file *ssi_guestmm_open(void);
void ssi_guestmm_remove(struct folio *folio);
int ssi_guestmm_map(struct ssi_guest *g);
bool ssi_guestmm_rseq_hole(struct ssi_guest *g);
void ssi_guestmm_handle_grant(struct ssi_rx *rx);
void ssi_guestmm_handle_invalidate(struct ssi_rx *rx);
int ssi_guestmm_check_grant(const void *body, size_t len);
int ssi_guestmm_init(void);

#endif /* _KERNEL_SSI_GUESTMM_H */
