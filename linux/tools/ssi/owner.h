/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_OWNER_H
#define _TOOLS_SSI_OWNER_H

#include "conf.h"
#include "roster.h"

/**
 * struct owner - what makes the kernel's list of nodes what the roster says
 * @t: the tool, connected
 * @conf: the file of the cluster
 * @roster: who is to be a member
 * @grace: milliseconds that a daemon is waited for
 * @self: this node, as the file has it; NULL until corosync has told its id
 * @looked: the kernel was looked at
 * @joined: the kernel was joined when it was looked at last, and that was right so
 * @out: somebody has had this node leave; the others are to know
 * @try_join: time of the next attempt to join
 * @held: time since which a node could not be removed, 0 if all could
 * @slow: that was said
 */
struct owner {
	struct tool *t;
	struct conf conf;
	struct roster *roster;
	unsigned int grace;
	const struct conf_node *self;
	bool looked;
	bool joined;
	bool out;
	unsigned long long try_join;
	unsigned long long held;
	bool slow;
};

int owner_work(struct owner *o, unsigned long long now, unsigned int *wait);
int owner_stop(struct owner *o, bool *left);

#endif /* _TOOLS_SSI_OWNER_H */
