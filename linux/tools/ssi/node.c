// SPDX-License-Identifier: GPL-2.0
/*
 * status, nodes, join, leave: this node and the others.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ssi-user.h"
#include "tool.h"

static void status_json(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	json_object(NULL);
	json_bool("joined", s->_present.joined);
	if (s->_present.joined) {
		json_number("node", s->node);
		json_string("cluster", s->cluster ? s->cluster : "");
		json_string("listen", address_text(text, s->address,
						   s->_len.address,
						   s->scope_id, s->port));
		json_number("deadline_ms", s->deadline_ms);
		snprintf(text, sizeof(text), "%016llx",
			 (unsigned long long)s->incarnation);
		json_string("incarnation", text);
	}
	json_number("nodes", s->nodes);
	json_number("members", s->members);
	json_number("away", s->away);
	json_number("guests", s->guests);
	json_number("pages_out", s->pages_out);
	json_number("pages_in", s->pages_in);
	json_number("device_pages", s->device_pages);
	json_object_end();
	json_done();
}

static void status_text(const struct ssi_status_get_rsp *s)
{
	char text[ADDRESS_TEXT];

	printf("node       %u of cluster %s\n", s->node,
	       s->cluster ? s->cluster : "");
	if (s->_len.address)
		printf("listening  %s\n",
		       address_text(text, s->address, s->_len.address,
				    s->scope_id, s->port));
	printf("deadline   %s\n",
	       duration_text(text, (__u64)s->deadline_ms * 1000000));
	printf("members    %u of %u other nodes\n", s->members, s->nodes);
	printf("processes  %llu away, %llu guests here\n",
	       (unsigned long long)s->away, (unsigned long long)s->guests);
	printf("pages      %llu held by other nodes, %llu sent, %llu received\n",
	       (unsigned long long)s->device_pages,
	       (unsigned long long)s->pages_out,
	       (unsigned long long)s->pages_in);
}

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
	if (t->json)
		status_json(s);
	else if (s->_present.joined)
		status_text(s);
	if (!s->_present.joined) {
		code = EXIT_NO_SSI;
		if (!t->json)
			fail(t, code, "This node has not joined a cluster: use 'ssi join'");
	}
	ssi_status_get_rsp_free(s);
	return code;
}

static void node_json(const struct ssi_node_get_rsp *n)
{
	char text[ADDRESS_TEXT];

	json_object(NULL);
	json_number("id", n->id);
	json_string("address", address_text(text, n->address, n->_len.address,
					    n->scope_id, n->port));
	json_string("state", state_name(n->state));
	json_string("reason", n->reason ? n->reason : "");
	snprintf(text, sizeof(text), "%016llx",
		 (unsigned long long)n->incarnation);
	json_string("incarnation", text);
	json_number("epoch", n->epoch);
	if (n->_present.member_ms)
		json_number("member_ms", n->member_ms);
	if (n->_present.heartbeat_ms)
		json_number("heartbeat_ms", n->heartbeat_ms);
	if (n->_present.rtt_ns)
		json_number("rtt_ns", n->rtt_ns);
	json_number("nr_cpus", n->nr_cpus);
	json_number("tx_messages", n->tx_messages);
	json_number("rx_messages", n->rx_messages);
	json_number("tx_bytes", n->tx_bytes);
	json_number("rx_bytes", n->rx_bytes);
	json_number("memberships", n->memberships);
	json_number("losses", n->losses);
	json_object_end();
}

static const struct column node_columns[] = {
	{ "NODE", true }, { "ADDRESS" }, { "STATE" }, { "FOR", true },
	{ "RTT", true }, { "CPUS", true }, { "LOST", true }, { "REASON" },
};

static void node_row(struct table *tb, const struct ssi_node_get_rsp *n)
{
	char text[ADDRESS_TEXT];

	table_row(tb);
	table_cell(tb, 0, "%u", n->id);
	table_cell(tb, 1, "%s", address_text(text, n->address, n->_len.address,
					     n->scope_id, n->port));
	table_cell(tb, 2, "%s", state_name(n->state));
	if (n->_present.member_ms)
		table_cell(tb, 3, "%s", duration_text(text, n->member_ms * 1000000));
	if (n->_present.rtt_ns)
		table_cell(tb, 4, "%s", duration_text(text, n->rtt_ns));
	if (n->nr_cpus)
		table_cell(tb, 5, "%u", n->nr_cpus);
	table_cell(tb, 6, "%u", n->losses);
	table_cell(tb, 7, "%s", n->reason && *n->reason ? n->reason : "-");
}

static int nodes_list(struct tool *t)
{
	struct ssi_node_get_list *list;
	struct table tb;

	list = ssi_node_get_dump(t->ys);
	if (!list)
		return kernel_fail(t, NULL);
	table_init(&tb, node_columns, ARRAY_SIZE(node_columns));
	if (t->json)
		json_array(NULL);
	ynl_dump_foreach(list, n) {
		if (t->json)
			node_json(n);
		else
			node_row(&tb, n);
	}
	if (t->json) {
		json_array_end();
		json_done();
	} else {
		table_print(&tb);
	}
	ssi_node_get_list_free(list);
	return EXIT_OK;
}

static int node_add(struct tool *t, unsigned int id, const struct address *addr)
{
	struct ssi_node_add_req *req = ssi_node_add_req_alloc();
	int err;

	if (!req)
		return fail(t, EXIT_TROUBLE, "Out of memory");
	ssi_node_add_req_set_id(req, id);
	ssi_node_add_req_set_address(req, addr->bytes, addr->len);
	if (addr->scope)
		ssi_node_add_req_set_scope_id(req, addr->scope);
	if (addr->port)
		ssi_node_add_req_set_port(req, addr->port);
	err = ssi_node_add(t->ys, req);
	ssi_node_add_req_free(req);
	return err < 0 ? -1 : EXIT_OK;
}

static int node_del(struct tool *t, unsigned int id)
{
	struct ssi_node_del_req *req = ssi_node_del_req_alloc();
	int err;

	if (!req)
		return fail(t, EXIT_TROUBLE, "Out of memory");
	ssi_node_del_req_set_id(req, id);
	err = ssi_node_del(t->ys, req);
	ssi_node_del_req_free(req);
	return err < 0 ? -1 : EXIT_OK;
}

/* Is the node known already, by this very address? */
static bool node_known(struct tool *t, unsigned int id,
		       const struct address *addr)
{
	struct ssi_node_get_req *req = ssi_node_get_req_alloc();
	unsigned int port = addr->port ? addr->port : SSI_DEFAULT_PORT;
	struct ssi_node_get_rsp *n;
	bool known;

	if (!req)
		return false;
	ssi_node_get_req_set_id(req, id);
	n = ssi_node_get(t->ys, req);
	ssi_node_get_req_free(req);
	if (!n)
		return false;
	known = n->_len.address == addr->len && n->port == port &&
		!memcmp(n->address, addr->bytes, addr->len);
	ssi_node_get_rsp_free(n);
	return known;
}

static void node_del_all(struct tool *t, int argc, char **argv, const bool *added)
{
	struct address addr;
	unsigned int id;
	int i;

	for (i = 0; i < argc; i++)
		if (added[i] && parse_peer(argv[i], &id, &addr))
			node_del(t, id);
}

/*
 * Add all or none, so that the corrected command can be repeated. @added tells
 * which were not known before.
 */
static int node_add_all(struct tool *t, int argc, char **argv, bool *added)
{
	char sentence[sizeof(t->ys->err.msg)];
	struct address addr;
	unsigned int id;
	int i, code;

	for (i = 0; i < argc; i++) {
		parse_peer(argv[i], &id, &addr);
		code = node_add(t, id, &addr);
		added[i] = !code;
		if (!code)
			continue;
		if (code < 0) {
			code = kernel_error(t, sentence, sizeof(sentence));
			if ((int)t->ys->err.code == EEXIST &&
			    node_known(t, id, &addr))
				continue;
			fail(t, code, "Node %u was not added: %s", id, sentence);
		}
		node_del_all(t, i, argv, added);
		return code;
	}
	return EXIT_OK;
}

static int check_peers(struct tool *t, int argc, char **argv)
{
	struct address addr;
	unsigned int id;
	int i;

	for (i = 0; i < argc; i++)
		if (!parse_peer(argv[i], &id, &addr))
			return usage(t,
				     "\"%s\" is not a peer: write ID@ADDRESS or ID@ADDRESS:PORT, with an id of 1 to %u and a numeric address",
				     argv[i], SSI_NODE_ID_MAX);
	return EXIT_OK;
}

static int nodes_add(struct tool *t, int argc, char **argv)
{
	bool *added = calloc(argc, sizeof(*added));
	int code;

	if (!added)
		return fail(t, EXIT_TROUBLE, "Out of memory");
	code = check_peers(t, argc, argv);
	if (!code)
		code = tool_connect(t);
	if (!code)
		code = node_add_all(t, argc, argv, added);
	free(added);
	return code;
}

static int nodes_del(struct tool *t, int argc, char **argv)
{
	unsigned int id;
	char what[64];
	int i, code;

	for (i = 0; i < argc; i++)
		if (!parse_u32(argv[i], 1, SSI_NODE_ID_MAX, &id))
			return usage(t, "\"%s\" is not a node id: that is a number of 1 to %u",
				     argv[i], SSI_NODE_ID_MAX);
	code = tool_connect(t);
	for (i = 0; i < argc && !code; i++) {
		parse_u32(argv[i], 1, SSI_NODE_ID_MAX, &id);
		code = node_del(t, id);
		if (code < 0) {
			snprintf(what, sizeof(what), "Node %u was not removed", id);
			code = kernel_fail(t, what);
		}
	}
	return code;
}

int cmd_nodes(struct tool *t, int argc, char **argv)
{
	int code;

	if (argc == 1)
		code = tool_connect(t);
	else if (argc > 2 && !strcmp(argv[1], "add"))
		code = nodes_add(t, argc - 2, argv + 2);
	else if (argc > 2 && !strcmp(argv[1], "del"))
		code = nodes_del(t, argc - 2, argv + 2);
	else
		return usage(t, "nodes takes nothing, or add PEER..., or del NODE...");
	if (!code && (argc == 1 || t->json))
		code = nodes_list(t);
	return code;
}

static int joined_already(struct tool *t, bool *joined)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	*joined = s->_present.joined;
	if (*joined && !t->json)
		printf("This node is node %u of cluster %s already.\n", s->node,
		       s->cluster ? s->cluster : "");
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

static int say_status(struct tool *t)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);

	if (!s)
		return kernel_fail(t, NULL);
	if (t->json)
		status_json(s);
	else
		printf("This node is node %u of cluster %s now; %u other nodes are configured.\n",
		       s->node, s->cluster ? s->cluster : "", s->nodes);
	ssi_status_get_rsp_free(s);
	return EXIT_OK;
}

static int join_send(struct tool *t, char **argv, unsigned int deadline)
{
	struct ssi_join_req *req = ssi_join_req_alloc();
	struct address listen;
	unsigned int id;
	int err;

	if (!req)
		return fail(t, EXIT_TROUBLE, "Out of memory");
	if (argv) {
		ssi_join_req_set_cluster(req, argv[0]);
		parse_u32(argv[1], 1, SSI_NODE_ID_MAX, &id);
		ssi_join_req_set_node(req, id);
		parse_address(argv[2], &listen);
		ssi_join_req_set_address(req, listen.bytes, listen.len);
		if (listen.scope)
			ssi_join_req_set_scope_id(req, listen.scope);
		if (listen.port)
			ssi_join_req_set_port(req, listen.port);
	}
	if (deadline)
		ssi_join_req_set_deadline_ms(req, deadline);
	err = ssi_join(t->ys, req);
	ssi_join_req_free(req);
	return err < 0 ? kernel_fail(t, "This node did not join") : EXIT_OK;
}

static int join_check(struct tool *t, int argc, char **argv)
{
	struct address listen;
	unsigned int id;

	if (!argc)
		return EXIT_OK;
	if (argc < 3)
		return usage(t,
			     "join takes nothing (the boot parameters say all), or CLUSTER NODE LISTEN [PEER...]");
	if (!*argv[0] || strlen(argv[0]) > SSI_CLUSTER_NAME_LEN)
		return usage(t, "A cluster's name has 1 to %u bytes", SSI_CLUSTER_NAME_LEN);
	if (!parse_u32(argv[1], 1, SSI_NODE_ID_MAX, &id))
		return usage(t, "\"%s\" is not a node id: that is a number of 1 to %u",
			     argv[1], SSI_NODE_ID_MAX);
	if (!parse_address(argv[2], &listen))
		return usage(t,
			     "\"%s\" is not an address to listen on: write ADDRESS or ADDRESS:PORT, with a numeric address of this machine",
			     argv[2]);
	return check_peers(t, argc - 3, argv + 3);
}

/* As the boot parameters say; harmless where that was done at boot. */
static int join_boot(struct tool *t, unsigned int deadline)
{
	bool joined = false;
	int code;

	code = joined_already(t, &joined);
	if (code)
		return code;
	if (joined)
		return t->json ? say_status(t) : EXIT_OK;
	code = join_send(t, NULL, deadline);
	return code ? code : say_status(t);
}

static int join_as_told(struct tool *t, int argc, char **argv,
			unsigned int deadline)
{
	bool *added = calloc(argc, sizeof(*added));
	int code;

	if (!added)
		return fail(t, EXIT_TROUBLE, "Out of memory");
	code = node_add_all(t, argc - 3, argv + 3, added);
	if (!code) {
		code = join_send(t, argv, deadline);
		if (code)
			node_del_all(t, argc - 3, argv + 3, added);
	}
	free(added);
	return code ? code : say_status(t);
}

int cmd_join(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "deadline", required_argument, NULL, 'd' },
		{ }
	};
	unsigned int deadline = 0;
	int c, code;

	while ((c = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
		if (c != 'd')
			return usage(t, "join has no option \"%s\", or its value is missing",
				     argv[optind - 1]);
		if (!parse_ms(optarg, 500, 60000, &deadline))
			return usage(t, "\"%s\" is not a deadline: that is 0.5 to 60 seconds",
				     optarg);
	}
	argc -= optind;
	argv += optind;
	code = join_check(t, argc, argv);
	if (!code)
		code = tool_connect(t);
	if (code)
		return code;
	return argc ? join_as_told(t, argc, argv, deadline) :
		      join_boot(t, deadline);
}

int cmd_leave(struct tool *t, int argc, char **argv)
{
	int code;

	if (argc > 1)
		return usage(t, "leave takes no argument, not \"%s\"", argv[1]);
	code = tool_connect(t);
	if (code)
		return code;
	if (ssi_leave(t->ys) < 0)
		return kernel_fail(t, "This node did not leave");
	if (t->json)
		return say_status(t);
	printf("This node has left its cluster.\n");
	return EXIT_OK;
}
