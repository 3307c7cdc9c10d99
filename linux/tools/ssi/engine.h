/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_ENGINE_H
#define _TOOLS_SSI_ENGINE_H

#include <corosync/cpg.h>
#include <corosync/quorum.h>

#include "roster.h"

/**
 * struct engine - the connection to corosync
 * @t: the tool, for sentences
 * @roster: what is learnt goes there
 * @grace: milliseconds that a daemon is waited for that ended without a word
 * @connected: there is a connection; else nothing below counts
 * @quorum: handle of libquorum
 * @cpg: handle of libcpg
 * @quorum_fd: readable when @quorum has something to dispatch
 * @cpg_fd: readable when @cpg has
 * @in_group: the group was joined
 * @mine: what this node says of itself; node 0 if there is nothing to say yet
 * @say: it is to be said
 * @why: why there was no connection last, so that it is said once
 */
struct engine {
	struct tool *t;
	struct roster *roster;
	unsigned int grace;
	bool connected;
	quorum_handle_t quorum;
	cpg_handle_t cpg;
	int quorum_fd;
	int cpg_fd;
	bool in_group;
	struct announce mine;
	bool say;
	char why[512];
};

bool engine_open(struct engine *e);
void engine_close(struct engine *e);
bool engine_dispatch(struct engine *e);
bool engine_work(struct engine *e);
void engine_leave(struct engine *e);

#endif /* _TOOLS_SSI_ENGINE_H */
