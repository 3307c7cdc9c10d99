/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_ROSTER_H
#define _TOOLS_SSI_ROSTER_H

#include "announce.h"

#define ROSTER_WHY	192

/**
 * enum roster_want - what is to become of a node
 * @ROSTER_NO: it is no member
 * @ROSTER_KEEP: if it is a member it stays one
 * @ROSTER_YES: it is a member
 */
enum roster_want {
	ROSTER_NO,
	ROSTER_KEEP,
	ROSTER_YES,
};

/**
 * struct roster_node - what is known of a node
 * @in_view: corosync counts it to this node's partition
 * @pid: of its daemon, 0 if it is not in the group
 * @announced: @said is what that daemon said, and nothing is wrong with it
 * @said: see there
 * @twin: who else says that address, as was told last; 0 for nobody
 * @keep_until: a daemon is waited for until then; 0 for none
 * @why: why what it said was refused, empty if it was not
 */
struct roster_node {
	bool in_view;
	unsigned int pid;
	bool announced;
	struct announce said;
	unsigned int twin;
	unsigned long long keep_until;
	char why[ROSTER_WHY];
};

/**
 * struct roster - who is there, as corosync tells it
 * @self: id of this node
 * @cluster: its cluster
 * @told: whether there is a quorum has been told since roster_forget()
 * @quorate: there is one
 * @nodes: by id
 */
struct roster {
	unsigned int self;
	const char *cluster;
	bool told;
	bool quorate;
	struct roster_node nodes[SSI_NODE_ID_MAX + 1];
};

void roster_forget(struct roster *r);
void roster_view(struct roster *r, bool quorate, const __u32 *ids, unsigned int nr);
void roster_there(struct roster *r, unsigned int id, unsigned int pid);
void roster_came(struct roster *r, unsigned int id, unsigned int pid,
		 unsigned long long keep_until);
void roster_went(struct roster *r, unsigned int id, unsigned int pid,
		 unsigned long long keep_until);
void roster_keep(struct roster *r, unsigned int id, unsigned long long keep_until);
bool roster_hear(struct roster *r, unsigned int id, unsigned int pid, const void *bytes,
		 size_t len);
bool roster_expect(struct roster *r, unsigned int id, const struct address *addr);
unsigned int roster_twin(const struct roster *r, unsigned int id);
bool roster_known(const struct roster *r);
bool roster_quorate(const struct roster *r);
enum roster_want roster_want(const struct roster *r, unsigned int id, unsigned long long now);

#endif /* _TOOLS_SSI_ROSTER_H */
