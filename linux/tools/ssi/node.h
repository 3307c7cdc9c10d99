/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_NODE_H
#define _TOOLS_SSI_NODE_H

#include "tool.h"

/**
 * struct peer - a node as a person names it: ID@ADDRESS[:PORT]
 * @id: its node id
 * @addr: where it listens
 * @added: peers_add() made it known; it was not before
 */
struct peer {
	unsigned int id;
	struct address addr;
	bool added;
};

int peers_parse(struct tool *t, int nr, char **texts, struct peer **peers);
int peers_add(struct tool *t, int nr, struct peer *peers);
void peers_del(struct tool *t, int nr, const struct peer *peers);

#endif /* _TOOLS_SSI_NODE_H */
