/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_EXPORT_H
#define _KERNEL_SSI_EXPORT_H

#include <linux/types.h>

struct cred;
struct file;
struct ssi_node;
struct ssi_wire_open_file;
struct ssi_rx;

int ssi_export_add(struct file *file, struct ssi_node *node, u32 epoch, u64 seq, u32 *handle);
void ssi_export_describe(struct file *file, u32 handle, struct ssi_wire_open_file *w);
void ssi_export_drop(struct ssi_node *node, u32 handle);
struct file *ssi_export_file(struct ssi_node *node, u32 epoch, u32 handle,
			     const struct cred **cred);
bool ssi_export_any(struct ssi_node *node);
void ssi_export_peer_lost(struct ssi_node *node, u32 epoch);
void ssi_file_handle_close(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_EXPORT_H */
