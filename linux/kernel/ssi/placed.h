/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PLACED_H
#define _KERNEL_SSI_PLACED_H

#include <linux/types.h>

struct pid;
struct pid_namespace;
struct pt_regs;
struct ssi_instance;
struct ssi_node;
struct ssi_placed;
struct ssi_rx;
struct ssi_task;
struct ssi_terminal;

int ssi_placed_check_signal(const void *body, size_t len);
void ssi_placed_handle(struct ssi_rx *rx);
void ssi_placed_handle_go(struct ssi_rx *rx);
void ssi_placed_handle_signal(struct ssi_rx *rx);

void ssi_placed_user_mode(struct ssi_task *s);
void ssi_placed_exit(struct ssi_task *s);
bool ssi_placed_any(struct ssi_node *node);
u64 ssi_placed_count(struct ssi_instance *si);
struct pid *ssi_placed_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns);
u32 ssi_placed_origin(struct pid *pid);
struct ssi_terminal *ssi_placed_terminal(void);
void ssi_placed_peer_lost(struct ssi_node *node, u32 epoch);

#endif /* _KERNEL_SSI_PLACED_H */
