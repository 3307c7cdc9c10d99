// SPDX-License-Identifier: GPL-2.0
/*
 * join: become a node of a cluster.
 *
 * What the cluster is says the command line, or else the kernel's, or else a file.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "lend.h"
#include "node.h"
#include "ssi-user.h"
#include "tool.h"

/**
 * struct join - what was asked for
 * @cluster: name, NULL for what the boot parameters say
 * @node: id of this node, 0 likewise
 * @listen: where to listen, if @cluster is given
 * @deadline: in milliseconds, 0 likewise
 * @pid_stride: process ids of each node, 0 likewise
 * @local_pids: processes keep to themselves
 * @key_file: file of the key, or NULL
 * @insecure: without a key
 * @has_key: @key was read
 * @key: it
 * @nr_peers: how many @peers
 * @peers: the other nodes
 * @config: name of the file that was asked for, or NULL
 * @check: only say what it would be
 * @node_cpus: /sys goes on to say which CPUs this node has
 * @conf: the file, if @conf.path is set
 */
struct join {
	const char *cluster;
	unsigned int node;
	struct address listen;
	unsigned int deadline;
	unsigned int pid_stride;
	bool local_pids;
	const char *key_file;
	bool insecure;
	bool has_key;
	unsigned char key[SSI_KEY_LEN];
	int nr_peers;
	struct peer *peers;
	const char *config;
	bool check;
	bool node_cpus;
	struct conf conf;
};

static int join_send(struct tool *t, const struct join *j)
{
	struct ssi_join_req *req = need(t, ssi_join_req_alloc());
	int err;

	if (j->cluster) {
		ssi_join_req_set_cluster(req, j->cluster);
		ssi_join_req_set_node(req, j->node);
		ssi_join_req_set_address(req, j->listen.bytes, j->listen.len);
		if (j->listen.scope)
			ssi_join_req_set_scope_id(req, j->listen.scope);
		if (j->listen.port)
			ssi_join_req_set_port(req, j->listen.port);
	}
	if (j->deadline)
		ssi_join_req_set_deadline_ms(req, j->deadline);
	if (j->pid_stride)
		ssi_join_req_set_pid_stride(req, j->pid_stride);
	if (j->local_pids)
		ssi_join_req_set_local_pids(req);
	if (j->has_key)
		ssi_join_req_set_key(req, j->key, sizeof(j->key));
	if (j->insecure)
		ssi_join_req_set_insecure(req);
	err = ssi_join(t->ys, req);
	ssi_join_req_free(req);
	return err < 0 ? kernel_fail(t, "This node did not join") : EXIT_OK;
}

/* The file that was named, or the one where a key is by default. */
static int join_read_key(struct tool *t, struct join *j)
{
	const char *path = j->key_file ? : SSI_KEY_FILE;
	int code;

	if (j->insecure || (!j->key_file && access(path, F_OK)))
		return EXIT_OK;
	code = key_read(t, path, j->key);
	j->has_key = !code;
	return code;
}

/* One list of peers does for all nodes: each leaves itself out. */
static void join_drop_self(struct join *j)
{
	int from, to = 0;

	for (from = 0; from < j->nr_peers; from++)
		if (j->peers[from].id != j->node)
			j->peers[to++] = j->peers[from];
	j->nr_peers = to;
}

static int join_parse(struct tool *t, int argc, char **argv, struct join *j)
{
	int code;

	if (j->config || j->node || j->check)
		return usage(t,
			     "--config, --node and --check are for a file, which stands instead of CLUSTER NODE LISTEN");
	if (argc < 3)
		return usage(t,
			     "join takes nothing (the boot parameters or a file say all), or CLUSTER NODE LISTEN [PEER...]");
	if (!*argv[0] || strlen(argv[0]) > SSI_CLUSTER_NAME_LEN)
		return usage(t, "A cluster's name has 1 to %u bytes", SSI_CLUSTER_NAME_LEN);
	j->cluster = argv[0];
	if (!parse_u32(argv[1], 1, SSI_NODE_ID_MAX, &j->node))
		return usage(t, "\"%s\" is not a node id: that is a number of 1 to %u",
			     argv[1], SSI_NODE_ID_MAX);
	if (!parse_address(argv[2], &j->listen))
		return usage(t,
			     "\"%s\" is not an address to listen on: write ADDRESS or ADDRESS:PORT, with a numeric address of this machine",
			     argv[2]);
	j->nr_peers = argc - 3;
	code = peers_parse(t, j->nr_peers, argv + 3, &j->peers);
	if (!code)
		join_drop_self(j);
	return code;
}

/* What options have said stays. */
static void join_take(struct tool *t, struct join *j, const struct conf_node *self)
{
	const struct conf *conf = &j->conf;
	unsigned int i;

	j->cluster = conf->cluster;
	j->node = self->peer.id;
	j->listen = self->peer.addr;
	if (!j->deadline)
		j->deadline = conf->deadline;
	if (!j->pid_stride)
		j->pid_stride = conf->pid_stride;
	j->local_pids |= conf->local_pids;
	if (!j->key_file && !j->insecure) {
		j->key_file = conf->key_file;
		j->insecure = conf->insecure;
	}
	j->peers = need(t, calloc(conf->nr_nodes, sizeof(*j->peers)));
	for (i = 0; i < conf->nr_nodes; i++)
		j->peers[i] = conf->nodes[i].peer;
	j->nr_peers = conf->nr_nodes;
	join_drop_self(j);
}

static int join_read_conf(struct tool *t, struct join *j)
{
	const struct conf_node *self;
	int code;

	code = conf_read(t, j->config ? : SSI_CONF_FILE, &j->conf);
	if (!code && j->conf.corosync && !j->check)
		code = fail(t, EXIT_REFUSED,
			    "%s says \"membership corosync\": ssi-corosync owns the list of nodes, and has this node join when there is a quorum; start it, or have it join again with 'systemctl reload ssi-corosync'",
			    j->conf.path);
	if (!code)
		code = conf_self(t, &j->conf, j->node, &self);
	if (!code)
		join_take(t, j, self);
	return code;
}

/* Where the boot parameters say all, and nobody asks for a file, there is nothing to read. */
static int join_boot(struct tool *t, const struct join *j, const char *cluster)
{
	char node[NUMBER_TEXT];

	if (j->node)
		return usage(t,
			     "The boot parameters say which node this is: give --config FILE as well to have --node count");
	if (!j->check)
		return EXIT_OK;
	boot_parameter("node", node, sizeof(node));
	if (t->json) {
		json_object(NULL);
		json_string("cluster", cluster);
		json_number("node", strtoul(node, NULL, 10));
		json_object_end();
		json_done();
	} else {
		say("This would be node %s of cluster %s by the boot parameters; %s is not read.",
		    node, cluster, SSI_CONF_FILE);
	}
	return EXIT_OK;
}

static void join_peers_json(const struct join *j)
{
	char text[ADDRESS_TEXT];
	int i;

	json_array("peers");
	for (i = 0; i < j->nr_peers; i++) {
		const struct address *addr = &j->peers[i].addr;

		json_object(NULL);
		json_number("id", j->peers[i].id);
		json_string("address", address_text(text, addr->bytes, addr->len, addr->scope,
						    addr->port));
		json_object_end();
	}
	json_array_end();
}

/* What would be done; the kernel is not asked. */
static int join_say(struct tool *t, const struct join *j)
{
	char text[ADDRESS_TEXT];

	if (!j->has_key && !j->insecure)
		return fail(t, EXIT_REFUSED,
			    "There is no key in %s: copy that of the other nodes there, or make the first one with 'ssi keygen'",
			    SSI_KEY_FILE);
	address_text(text, j->listen.bytes, j->listen.len, j->listen.scope, j->listen.port);
	if (t->json) {
		json_object(NULL);
		json_string("file", j->conf.path);
		json_string("cluster", j->cluster);
		json_number("node", j->node);
		json_string("listen", text);
		json_bool("encrypted", !j->insecure);
		join_peers_json(j);
		json_object_end();
		json_done();
	} else {
		say("This would be node %u of cluster %s on %s, with %d other nodes, %s.",
		    j->node, j->cluster, text, j->nr_peers,
		    j->insecure ? "without a key" : "with a key");
	}
	return EXIT_OK;
}

/* The nodes that have been taken out of the file since. */
static int join_say_stale(struct tool *t, const struct join *j)
{
	struct ssi_node_get_list *list;

	if (t->json || !j->conf.path)
		return EXIT_OK;
	list = ssi_node_get_dump(t->ys);
	if (!list)
		return kernel_fail(t, NULL);
	ynl_dump_foreach(list, n)
		if (!conf_find(&j->conf, n->id))
			say("Node %u is known, but not in %s: 'ssi nodes del %u' forgets it.",
			    n->id, j->conf.path, n->id);
	ssi_node_get_list_free(list);
	return EXIT_OK;
}

/* What cannot be changed while this node is a member. */
static void join_say_fixed(const struct join *j, const struct ssi_status_get_rsp *s)
{
	if (j->deadline && j->deadline != s->deadline_ms)
		say("Its deadline stays %g s until it leaves and joins again.",
		    s->deadline_ms / 1e3);
	if (j->pid_stride && j->pid_stride != s->pid_stride)
		say("It has %u process ids until it leaves and joins again.", s->pid_stride);
	if (j->insecure != !!s->_present.insecure)
		say("It is %s a key until it leaves and joins again.",
		    j->insecure ? "with" : "without");
}

/* As the file says: take what has been added to that, and what it lends. */
static int join_again(struct tool *t, const struct join *j, const struct ssi_status_get_rsp *s)
{
	unsigned int port = j->listen.port ? : SSI_DEFAULT_PORT;
	char old[ADDRESS_TEXT], new[ADDRESS_TEXT];
	const struct address *a = &j->listen;
	int i, code;

	if (s->_len.address != a->len || memcmp(s->address, a->bytes, a->len) || s->port != port)
		return fail(t, EXIT_REFUSED,
			    "This node has joined already and listens on %s, not on %s as in %s: 'ssi leave' first",
			    address_text(old, s->address, s->_len.address, s->scope_id, s->port),
			    address_text(new, a->bytes, a->len, a->scope, port), j->conf.path);
	code = lend_set(t, &j->conf);
	if (!code)
		code = peers_add(t, j->nr_peers, j->peers);
	if (code)
		return code;
	if (t->json)
		return say_status(t);
	say("This node is node %u of cluster %s already.", s->node, cluster_name(s));
	join_say_fixed(j, s);
	for (i = 0; i < j->nr_peers; i++)
		if (j->peers[i].added)
			say("Node %u was not known and is now.", j->peers[i].id);
	return join_say_stale(t, j);
}

static int join_joined(struct tool *t, const struct join *j, const struct ssi_status_get_rsp *s)
{
	bool same = j->cluster && s->node == j->node && !strcmp(cluster_name(s), j->cluster);

	if (j->conf.path && same)
		return join_again(t, j, s);
	if (j->cluster)
		return fail(t, EXIT_REFUSED,
			    "This node is node %u of cluster %s already: 'ssi leave' first, or make peers known with 'ssi nodes add'",
			    s->node, cluster_name(s));
	if (t->json)
		return say_status(t);
	say("This node is node %u of cluster %s already.", s->node, cluster_name(s));
	return EXIT_OK;
}

/* A node that has joined cannot join again; as the boot parameters or a file say is no error. */
static int join_already(struct tool *t, const struct join *j, bool *joined)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);
	int code = EXIT_OK;

	if (!s)
		return kernel_fail(t, NULL);
	*joined = s->_present.joined;
	if (*joined)
		code = join_joined(t, j, s);
	ssi_status_get_rsp_free(s);
	return code;
}

/* A member counts the CPUs of all, or those of its own, whichever was asked for last. */
static void join_cpus(struct tool *t, const struct join *j)
{
	if (j->node_cpus)
		cpus_of_node();
	else
		cpus_of_cluster(t);
}

/* Nobody says what to join, which is no error only for a node that has joined. */
static int join_nothing(struct tool *t, const struct join *j)
{
	bool joined = false;
	int code = EXIT_OK;

	if (!j->check)
		code = tool_connect(t);
	if (!j->check && !code)
		code = join_already(t, j, &joined);
	if (!code && joined)
		join_cpus(t, j);
	if (code || joined)
		return code;
	return fail(t, EXIT_UNKNOWN,
		    "Which cluster? There is no %s, and no boot parameter says it: write that file, see ssi(8), or give CLUSTER NODE LISTEN [PEER...]",
		    SSI_CONF_FILE);
}

static int join(struct tool *t, const struct join *j)
{
	bool joined = false;
	int code;

	code = join_already(t, j, &joined);
	if (!code && joined)
		join_cpus(t, j);
	if (code || joined)
		return code;
	code = lend_set(t, &j->conf);
	if (!code)
		code = peers_add(t, j->nr_peers, j->peers);
	if (code)
		return code;
	code = join_send(t, j);
	if (code)
		peers_del(t, j->nr_peers, j->peers);
	if (code)
		return code;
	join_cpus(t, j);
	code = say_status(t);
	return code ? code : join_say_stale(t, j);
}

static int join_options(struct tool *t, int argc, char **argv, struct join *j)
{
	static const struct option options[] = {
		{ "deadline", required_argument, NULL, 'd' },
		{ "pid-stride", required_argument, NULL, 's' },
		{ "local-pids", no_argument, NULL, 'l' },
		{ "key", required_argument, NULL, 'k' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "config", required_argument, NULL, 'f' },
		{ "node", required_argument, NULL, 'n' },
		{ "check", no_argument, NULL, 'c' },
		{ "node-cpus", no_argument, NULL, 'o' },
		{ }
	};
	int c;

	while ((c = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			if (!parse_ms(optarg, 500, 60000, &j->deadline))
				return usage(t,
					     "\"%s\" is not a deadline: that is 0.5 to 60 seconds",
					     optarg);
			break;
		case 's':
			if (!parse_u32(optarg, 250000, 1000000, &j->pid_stride) ||
			    (j->pid_stride != 250000 && j->pid_stride != 1000000))
				return usage(t,
					     "\"%s\" is not how many process ids a node has: that is 1000000 or 250000",
					     optarg);
			break;
		case 'l':
			j->local_pids = true;
			break;
		case 'k':
			j->key_file = optarg;
			break;
		case 'i':
			j->insecure = true;
			break;
		case 'f':
			j->config = optarg;
			break;
		case 'n':
			if (!parse_u32(optarg, 1, SSI_NODE_ID_MAX, &j->node))
				return usage(t,
					     "\"%s\" is not a node id: that is a number of 1 to %u",
					     optarg, SSI_NODE_ID_MAX);
			break;
		case 'c':
			j->check = true;
			break;
		case 'o':
			j->node_cpus = true;
			break;
		default:
			return usage_option(t, argv, c);
		}
	}
	if (j->key_file && j->insecure)
		return usage(t, "--key and --insecure exclude each other");
	return EXIT_OK;
}

static int join_all(struct tool *t, int argc, char **argv, struct join *j)
{
	char cluster[SSI_CLUSTER_NAME_LEN + 2];
	int code;

	code = join_options(t, argc, argv, j);
	if (code)
		return code;
	if (optind < argc) {
		code = join_parse(t, argc - optind, argv + optind, j);
	} else if (!j->config && boot_parameter("cluster", cluster, sizeof(cluster))) {
		code = join_boot(t, j, cluster);
		if (j->check)
			return code;
	} else if (j->config || !access(SSI_CONF_FILE, F_OK)) {
		code = join_read_conf(t, j);
	} else {
		return join_nothing(t, j);
	}
	if (!code)
		code = join_read_key(t, j);
	if (!code && j->check)
		return join_say(t, j);
	if (!code)
		code = tool_connect(t);
	return code ? code : join(t, j);
}

/**
 * cmd_join - join a cluster
 * @t: the tool
 * @argc: how many
 * @argv: "join", options, and nothing or what the boot parameters or a file would say
 *
 * Without arguments it is harmless where this node has joined already.
 *
 * Return: an exit code.
 */
int cmd_join(struct tool *t, int argc, char **argv)
{
	struct join j = {};
	int code;

	code = join_all(t, argc, argv, &j);
	explicit_bzero(j.key, sizeof(j.key));
	free(j.peers);
	conf_free(&j.conf);
	return code;
}
