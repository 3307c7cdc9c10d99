/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_SESSION_H
#define _KERNEL_SSI_SESSION_H

#include <linux/types.h>
#include <uapi/linux/ssi.h>

struct ssi_mirror;
struct ssi_node;
struct ssi_rx;
struct task_struct;

struct ssi_mirror *ssi_session_find(struct ssi_node *node, u32 epoch, u64 sid);
int ssi_session_begin(struct ssi_mirror *m, struct task_struct *leader,
		      struct ssi_node *node, u32 epoch, enum ssi_reason *reason);
void ssi_session_end(struct ssi_mirror *m, u64 sid);
void ssi_session_thread_end(struct ssi_mirror *m, u32 tid);
void ssi_session_handle_clock(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_SESSION_H */
