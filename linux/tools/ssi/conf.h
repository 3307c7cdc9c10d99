/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TOOLS_SSI_CONF_H
#define _TOOLS_SSI_CONF_H

#include "node.h"
#include "tool.h"

#define SSI_CONF_FILE	"/etc/ssi/cluster.conf"

/**
 * struct conf_node - a line "node ID ADDRESS[:PORT]"
 * @peer: what it says; the port is never 0
 * @line: its number
 * @offset: where it begins in the file
 * @len: bytes of it, with the newline if there is one
 */
struct conf_node {
	struct peer peer;
	unsigned int line;
	size_t offset;
	size_t len;
};

#define CONF_NR_WORDS	10

/**
 * struct conf - what a file says of a cluster
 * @path: its name
 * @quiet: do not say what is wrong with it
 * @text: all of it
 * @len: bytes of @text
 * @mode: permissions of it
 * @uid: its owner
 * @gid: its group
 * @line: number of the line that is read
 * @offset: where that begins
 * @line_len: bytes of that, with the newline
 * @mistakes: how many there are
 * @seen: the line that has each word that stands once, or 0
 * @cluster: name of the cluster
 * @corosync: ssi-corosync owns the list of nodes
 * @deadline: in milliseconds, or 0
 * @pid_stride: process ids of each node, or 0
 * @local_pids: processes keep to themselves
 * @insecure: without a key
 * @key_file: file of the key, or NULL
 * @lend: MiB of memory that this node lends, empty if nothing is said
 * @uids: users that it lets in, or NULL
 * @nr_nodes: how many @nodes
 * @nodes: all nodes of the cluster, this one among them
 */
struct conf {
	const char *path;
	bool quiet;
	char *text;
	size_t len;
	unsigned int mode;
	unsigned int uid;
	unsigned int gid;
	unsigned int line;
	size_t offset;
	size_t line_len;
	unsigned int mistakes;
	unsigned int seen[CONF_NR_WORDS];
	char cluster[SSI_CLUSTER_NAME_LEN + 1];
	bool corosync;
	unsigned int deadline;
	unsigned int pid_stride;
	bool local_pids;
	bool insecure;
	char *key_file;
	char lend[NUMBER_TEXT];
	char *uids;
	unsigned int nr_nodes;
	struct conf_node *nodes;
};

/* conf.c */
int conf_read(struct tool *t, const char *path, struct conf *conf);
int conf_parse(struct tool *t, struct conf *conf);
void conf_free(struct conf *conf);
const struct conf_node *conf_find(const struct conf *conf, unsigned int id);

/* here.c */
int conf_self(struct tool *t, const struct conf *conf, unsigned int id,
	      const struct conf_node **self);

/* edit.c */
int conf_lock(struct tool *t, const char *path, int *lock);
int conf_add(struct tool *t, struct conf *conf, const struct peer *peer);
int conf_remove(struct tool *t, struct conf *conf, unsigned int id);
int conf_write(struct tool *t, const struct conf *conf);

#endif /* _TOOLS_SSI_CONF_H */
