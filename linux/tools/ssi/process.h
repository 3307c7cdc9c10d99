/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_PROCESS_H
#define _TOOLS_SSI_PROCESS_H

#include "ssi-user.h"
#include "tool.h"

/**
 * PROCESS_VIEW - a process as &struct ssi_process_get_rsp
 * @p: pointer to any of the generated structures that have its members; the
 *	strings stay there
 *
 * The answers to process-get and move and the notification have the same
 * attributes, but a type each.
 */
#define PROCESS_VIEW(p) ({				\
	typeof(p) view_ = (p);				\
							\
	(struct ssi_process_get_rsp) {			\
		.pid = view_->pid,			\
		.node = view_->node,			\
		.home = view_->home,			\
		.role = view_->role,			\
		.comm = view_->comm,			\
		.threads = view_->threads,		\
		.threads_away = view_->threads_away,	\
		.traps = view_->traps,			\
		.faults = view_->faults,		\
		.recalls = view_->recalls,		\
		.pages_away = view_->pages_away,	\
		.moves = view_->moves,			\
		.freeze_ns = view_->freeze_ns,		\
		.reason = view_->reason,		\
		.reason_text = view_->reason_text,	\
	};						\
})

const char *process_reason(const struct ssi_process_get_rsp *p);
void process_json(const struct ssi_process_get_rsp *p);
struct ssi_process_get_rsp *process_get(struct tool *t, unsigned int pid);

/* elsewhere.c */
int elsewhere(struct tool *t, int nr, const unsigned int *pids, char **command);

#endif /* _TOOLS_SSI_PROCESS_H */
