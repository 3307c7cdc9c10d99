/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Moving processes between nodes, by hand-made generic netlink requests to the
 * family "ssi". No library and no state that a fork, an exec or a seccomp
 * filter could spoil: each request has its own socket.
 */
#ifndef SSI_MOVE_H
#define SSI_MOVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct ssi_where - where a process is and what became of it
 * @home: the node it was born on
 * @node: the node its user mode runs on
 * @reason: why it is there, a number of enum ssi_reason
 * @threads: how many it has
 * @threads_away: how many of them are in user mode on @node just now
 * @traps: how often its threads came to home for a system call
 * @moves: how often it moved
 * @pages_away: its pages that other nodes hold
 * @freeze_ns: how long its last move stopped it
 * @text: the kernel's sentence about the last request, or ""
 */
struct ssi_where {
	uint32_t home;
	uint32_t node;
	uint32_t reason;
	uint32_t threads;
	uint32_t threads_away;
	uint64_t traps;
	uint64_t moves;
	uint64_t pages_away;
	uint64_t freeze_ns;
	char text[160];
};

bool ssi_present(void);
int ssi_nodes(unsigned int *ids, int max);
int ssi_move_pid(pid_t pid, unsigned int node, bool wait,
		 struct ssi_where *where);
int ssi_open(void);
int ssi_move_by(int fd, pid_t pid, unsigned int node);
int ssi_locate(pid_t pid, struct ssi_where *where);
int ssi_away(unsigned int node);
int ssi_home(void);
int ssi_place(unsigned int node);
const char *ssi_last_text(void);

#endif /* SSI_MOVE_H */
