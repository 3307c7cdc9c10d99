// SPDX-License-Identifier: GPL-2.0
/*
 * status, join, leave: this node.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "ssi-user.h"
#include "tool.h"

static const char *cluster_name(const struct ssi_status_get_rsp *s)
{
	return s->cluster ? s->cluster : "";
}

static void keys_json(const struct ssi_status_get_rsp *s)
{
	char text[NUMBER_TEXT];
	unsigned int i;

	json_bool("encrypted", !s->_present.insecure);
	json_array("keys");
	for (i = 0; i < s->_count.key_id; i++) {
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)s->key_id[i]);
		json_string(NULL, text);
	}
	json_array_end();
}

static void status_json(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	json_object(NULL);
	json_bool("joined", s->_present.joined);
	if (s->_present.joined) {
		json_number("node", s->node);
		json_string("cluster", cluster_name(s));
		json_string("listen", address_text(text, s->address,
						   s->_len.address,
						   s->scope_id, s->port));
		json_number("deadline_ms", s->deadline_ms);
		json_number("pid_stride", s->pid_stride);
		if (s->_present.pid_first)
			json_number("pid_first", s->pid_first);
		snprintf(text, sizeof(text), "%016llx",
			 (unsigned long long)s->incarnation);
		json_string("incarnation", text);
		keys_json(s);
		json_bool("draining", s->_present.draining);
	}
	json_number("nodes", s->nodes);
	json_number("members", s->members);
	json_number("away", s->away);
	json_number("guests", s->guests);
	json_number("placed", s->placed);
	json_number("stubs", s->stubs);
	json_number("pages_out", s->pages_out);
	json_number("pages_in", s->pages_in);
	json_number("device_pages", s->device_pages);
	json_object_end();
	json_done();
}

static void keys_text(const struct ssi_status_get_rsp *s)
{
	char ids[64] = "";
	unsigned int i;

	for (i = 0; i < s->_count.key_id && i < 3; i++)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%016llx", i ? ", " : "",
			 (unsigned long long)s->key_id[i]);
	if (s->_present.insecure)
		say("encrypted  no: peers are trusted for their addresses");
	else
		say("encrypted  yes, key%s %s", s->_count.key_id > 1 ? "s" : "", ids);
}

static void status_text(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	say("node       %u of cluster %s", s->node, cluster_name(s));
	if (s->_len.address)
		say("listening  %s",
		    address_text(text, s->address, s->_len.address,
				 s->scope_id, s->port));
	keys_text(s);
	say("deadline   %s", duration_text(text, (__u64)s->deadline_ms * 1000000));
	if (s->_present.pid_first)
		say("pids       %u to %u", s->pid_first, s->pid_first + s->pid_stride - 1);
	else
		say("pids       not the cluster's");
	say("members    %u of %u other nodes", s->members, s->nodes);
	if (s->_present.draining)
		say("draining   takes nothing of other nodes; 'ssi drain --undo' takes that back");
	say("processes  %llu away, %llu guests here",
	    (unsigned long long)s->away, (unsigned long long)s->guests);
	if (s->placed || s->stubs)
		say("programs   %llu of other nodes here, %llu of this node elsewhere",
		    (unsigned long long)s->placed, (unsigned long long)s->stubs);
	say("pages      %llu held by other nodes, %llu sent, %llu received",
	    (unsigned long long)s->device_pages,
	    (unsigned long long)s->pages_out,
	    (unsigned long long)s->pages_in);
}

/**
 * cmd_status - tell what this node is and does
 * @t: the tool
 * @argc: how many
 * @argv: "status"
 *
 * Return: an exit code, EXIT_NO_SSI if it has not joined.
 */
int cmd_status(struct tool *t, int argc, char **argv)
{
	struct ssi_status_get_rsp *s;
	int code;

	if (argc > 1)
		return usage(t, "status takes no argument, not \"%s\"", argv[1]);
	code = tool_connect(t);
	if (code)
		return code;
	s = ssi_status_get(t->ys);
	if (!s)
		return kernel_fail(t, NULL);
	if (!s->_present.joined)
		code = EXIT_NO_SSI;
	if (t->json)
		status_json(s);
	else if (code)
		fail(t, code, "This node has not joined a cluster: use 'ssi join'");
	else
		status_text(s);
	ssi_status_get_rsp_free(s);
	return code;
}

/**
 * say_status - how it is after a change that was made
 * @t: the tool
 *
 * Return: an exit code.
 */
int say_status(struct tool *t)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	if (t->json)
		status_json(s);
	else if (s->_present.joined)
		say("This node is node %u of cluster %s now; %u other nodes are configured.",
		    s->node, cluster_name(s), s->nodes);
	else
		say("This node has left its cluster.");
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

/**
 * say_keys - which keys there are after a change
 * @t: the tool
 * @sentence: what was done
 *
 * Return: an exit code.
 */
int say_keys(struct tool *t, const char *sentence)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	if (t->json) {
		status_json(s);
	} else {
		say("%s", sentence);
		keys_text(s);
	}
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

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

	if (!argc)
		return EXIT_OK;
	if (argc < 3)
		return usage(t,
			     "join takes nothing (the boot parameters say all), or CLUSTER NODE LISTEN [PEER...]");
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

/* A node that has joined cannot join again; as the boot parameters say is no error. */
static int join_already(struct tool *t, const struct join *j, bool *joined)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);
	int code = EXIT_OK;

	if (!s)
		return kernel_fail(t, NULL);
	*joined = s->_present.joined;
	if (*joined && j->cluster)
		code = fail(t, EXIT_REFUSED,
			    "This node is node %u of cluster %s already: 'ssi leave' first, or make peers known with 'ssi nodes add'",
			    s->node, cluster_name(s));
	else if (*joined && t->json)
		status_json(s);
	else if (*joined)
		say("This node is node %u of cluster %s already.", s->node,
		    cluster_name(s));
	ssi_status_get_rsp_free(s);
	return code;
}

static int join(struct tool *t, const struct join *j)
{
	bool joined = false;
	int code;

	code = join_already(t, j, &joined);
	if (code || joined)
		return code;
	code = peers_add(t, j->nr_peers, j->peers);
	if (code)
		return code;
	code = join_send(t, j);
	if (code)
		peers_del(t, j->nr_peers, j->peers);
	return code ? code : say_status(t);
}

/**
 * cmd_join - join a cluster
 * @t: the tool
 * @argc: how many
 * @argv: "join", options, and nothing or what the boot parameters would say
 *
 * Without arguments it is harmless where the kernel has joined at boot.
 *
 * Return: an exit code.
 */
int cmd_join(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "deadline", required_argument, NULL, 'd' },
		{ "pid-stride", required_argument, NULL, 's' },
		{ "local-pids", no_argument, NULL, 'l' },
		{ "key", required_argument, NULL, 'k' },
		{ "insecure", no_argument, NULL, 'i' },
		{ }
	};
	struct join j = {};
	int c, code;

	while ((c = getopt_long(argc, argv, ":d:", options, NULL)) != -1) {
		switch (c) {
		case 'd':
			if (!parse_ms(optarg, 500, 60000, &j.deadline))
				return usage(t,
					     "\"%s\" is not a deadline: that is 0.5 to 60 seconds",
					     optarg);
			break;
		case 's':
			if (!parse_u32(optarg, 250000, 1000000, &j.pid_stride) ||
			    (j.pid_stride != 250000 && j.pid_stride != 1000000))
				return usage(t,
					     "\"%s\" is not how many process ids a node has: that is 1000000 or 250000",
					     optarg);
			break;
		case 'l':
			j.local_pids = true;
			break;
		case 'k':
			j.key_file = optarg;
			break;
		case 'i':
			j.insecure = true;
			break;
		default:
			return usage_option(t, argv, c);
		}
	}
	if (j.key_file && j.insecure)
		return usage(t, "--key and --insecure exclude each other");
	code = join_parse(t, argc - optind, argv + optind, &j);
	if (!code)
		code = join_read_key(t, &j);
	if (!code)
		code = tool_connect(t);
	if (!code)
		code = join(t, &j);
	explicit_bzero(j.key, sizeof(j.key));
	free(j.peers);
	return code;
}

/**
 * cmd_leave - leave the cluster in good order
 * @t: the tool
 * @argc: how many
 * @argv: "leave"
 *
 * Return: an exit code.
 */
int cmd_leave(struct tool *t, int argc, char **argv)
{
	char sentence[1024];
	int code;

	if (argc > 1)
		return usage(t, "leave takes no argument, not \"%s\"", argv[1]);
	code = tool_connect(t);
	if (code)
		return code;
	if (ssi_leave(t->ys) >= 0)
		return say_status(t);
	if ((int)t->ys->err.code != EBUSY)
		return kernel_fail(t, "This node did not leave");
	kernel_error(t, sentence, sizeof(sentence));
	return fail(t, EXIT_REFUSED,
		    "This node did not leave: %s. 'ssi ps' shows them; 'ssi home -a' brings home those of this node, and at the home of each guest the same",
		    sentence);
}
