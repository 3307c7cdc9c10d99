/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_GUESTMM_H
#define _KERNEL_SSI_GUESTMM_H

#include <linux/types.h>

struct address_space;
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
unsigned long ssi_guestmm_copies(void);
unsigned long ssi_guestmm_drop_copies(struct address_space *mapping, pgoff_t *next,
				      unsigned long nr);
void ssi_guestmm_close(struct file *file);
int ssi_guestmm_init(void);

#endif /* _KERNEL_SSI_GUESTMM_H */
