/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_WATCH_H
#define _KERNEL_SSI_WATCH_H

#include <linux/types.h>

struct pid;
struct ssi_node;
struct ssi_rx;

/**
 * enum ssi_watch_state - how far a process or thread has come
 * @SSI_WATCH_ALIVE: it is there
 * @SSI_WATCH_ZOMBIE: it has ended, and its parent does not know yet
 * @SSI_WATCH_GONE: its number is free
 * @SSI_NR_WATCH_STATES: number of states
 */
enum ssi_watch_state {
	SSI_WATCH_ALIVE,
	SSI_WATCH_ZOMBIE,
	SSI_WATCH_GONE,
	SSI_NR_WATCH_STATES,
};

enum ssi_watch_state ssi_watch_state(struct pid *pid);
int ssi_watch_check(const void *body, size_t len);
int ssi_watch_check_answer(const void *body, size_t len);
void ssi_watch_handle(struct ssi_rx *rx);
void ssi_watch_handle_end(struct ssi_rx *rx);
void ssi_watch_peer_lost(struct ssi_node *node, u32 epoch);

#endif /* _KERNEL_SSI_WATCH_H */
