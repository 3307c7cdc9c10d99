/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_FILEOP_H
#define _KERNEL_SSI_FILEOP_H

#include <linux/types.h>

struct ssi_node;
struct ssi_rx;

bool ssi_file_ioctl(unsigned int cmd, size_t *in, size_t *out);
bool ssi_file_ioctl_changes(unsigned int cmd);
int ssi_file_check(const void *body, size_t len);
void ssi_file_handle(struct ssi_rx *rx);
void ssi_file_handle_cancel(struct ssi_rx *rx);
void ssi_fileop_peer_lost(struct ssi_node *node, u32 epoch);
int ssi_fileop_init(void);

#endif /* _KERNEL_SSI_FILEOP_H */
