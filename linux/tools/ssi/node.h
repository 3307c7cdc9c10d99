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

/**
 * struct change - options of a change of the list of nodes
 * @save: change the file as well
 * @check: only say whether it would be refused
 * @force: remove a node whatever that costs
 * @config: name of the file
 */
struct change {
	bool save;
	bool check;
	bool force;
	const char *config;
};

struct ssi_node_get_list;

void nodes_json(const char *key, struct ssi_node_get_list *list);
void nodes_text(struct tool *t, struct ssi_node_get_list *list);
int node_del(struct tool *t, unsigned int id, bool force);

/* change.c */
int change_parse(struct tool *t, int argc, char **argv, struct change *change);
int nodes_change(struct tool *t, int argc, char **argv);

/* node.c */
int node_add(struct tool *t, const struct peer *peer);
int peers_parse(struct tool *t, int nr, char **texts, struct peer **peers);
int peers_add(struct tool *t, int nr, struct peer *peers);
void peers_del(struct tool *t, int nr, const struct peer *peers);

#endif /* _TOOLS_SSI_NODE_H */
