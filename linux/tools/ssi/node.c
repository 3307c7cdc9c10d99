// SPDX-License-Identifier: GPL-2.0
/*
 * nodes: the other nodes.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "ssi-user.h"
#include "tool.h"

#define CLOCK_FAR_NS	100000000	/* what is less is not shown */

static void node_json(const struct ssi_node_get_rsp *n)
{
	char text[ADDRESS_TEXT];

	json_object(NULL);
	json_number("id", n->id);
	json_string("address", address_text(text, n->address, n->_len.address,
					    n->scope_id, n->port));
	json_string("state", state_name(n->state));
	if (n->_present.state_ms)
		json_number("state_ms", n->state_ms);
	json_string("reason", n->reason);
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
	if (n->_present.clock_ns)
		json_signed("clock_ns", n->clock_ns);
	json_number("nr_cpus", n->nr_cpus);
	if (n->_present.running)
		json_number("running", n->running);
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
	{ "RTT", true }, { "CLOCK", true }, { "CPUS", true }, { "RUN", true },
	{ "LOST", true }, { "REASON" },
};

/* How far a clock is ahead, if that is far enough to matter. */
static void clock_cell(struct table *tb, unsigned int column, __s64 ns)
{
	__u64 far = ns < 0 ? -(__u64)ns : (__u64)ns;
	char text[NUMBER_TEXT];

	if (far >= CLOCK_FAR_NS)
		table_cell(tb, column, "%c%s", ns < 0 ? '-' : '+', duration_text(text, far));
}

static void node_row(struct table *tb, const struct ssi_node_get_rsp *n)
{
	char text[ADDRESS_TEXT];

	table_row(tb);
	table_cell(tb, 0, "%u", n->id);
	table_cell(tb, 1, "%s", address_text(text, n->address, n->_len.address,
					     n->scope_id, n->port));
	table_cell(tb, 2, "%s", state_name(n->state));
	if (n->_present.state_ms)
		table_cell(tb, 3, "%s", duration_text(text, n->state_ms * 1000000));
	if (n->_present.rtt_ns)
		table_cell(tb, 4, "%s", duration_text(text, n->rtt_ns));
	if (n->_present.clock_ns)
		clock_cell(tb, 5, n->clock_ns);
	if (n->nr_cpus)
		table_cell(tb, 6, "%u", n->nr_cpus);
	if (n->_present.running)
		table_cell(tb, 7, "%u", n->running);
	table_cell(tb, 8, "%u", n->losses);
	if (n->reason && *n->reason)
		table_cell(tb, 9, "%s", n->reason);
}

/**
 * nodes_json - an array of nodes
 * @key: its name
 * @list: they
 */
void nodes_json(const char *key, struct ssi_node_get_list *list)
{
	json_array(key);
	ynl_dump_foreach(list, n)
		node_json(n);
	json_array_end();
}

/**
 * nodes_text - a table of nodes
 * @t: the tool
 * @list: they
 */
void nodes_text(struct tool *t, struct ssi_node_get_list *list)
{
	struct table tb;

	table_init(&tb, t, node_columns, ARRAY_SIZE(node_columns));
	ynl_dump_foreach(list, n)
		node_row(&tb, n);
	table_print(&tb);
}

static int nodes_list(struct tool *t)
{
	struct ssi_node_get_list *list;

	list = ssi_node_get_dump(t->ys);
	if (!list)
		return kernel_fail(t, NULL);
	if (t->json) {
		nodes_json(NULL, list);
		json_done();
	} else {
		nodes_text(t, list);
	}
	ssi_node_get_list_free(list);
	return EXIT_OK;
}

/**
 * node_add - make a node known
 * @t: the tool, connected
 * @peer: the node
 *
 * Return: 0 or more; less if it failed, with the error in @t->ys.
 */
int node_add(struct tool *t, const struct peer *peer)
{
	struct ssi_node_add_req *req = need(t, ssi_node_add_req_alloc());
	const struct address *addr = &peer->addr;
	int err;

	ssi_node_add_req_set_id(req, peer->id);
	ssi_node_add_req_set_address(req, addr->bytes, addr->len);
	if (addr->scope)
		ssi_node_add_req_set_scope_id(req, addr->scope);
	if (addr->port)
		ssi_node_add_req_set_port(req, addr->port);
	err = ssi_node_add(t->ys, req);
	ssi_node_add_req_free(req);
	return err;
}

/**
 * node_del - have the kernel forget a node
 * @t: the tool, connected
 * @id: the node
 * @force: declare it lost first, with all that the two have with each other
 *
 * Return: a negative number if it did not, with the error in @t->ys.
 */
int node_del(struct tool *t, unsigned int id, bool force)
{
	struct ssi_node_del_req *req = need(t, ssi_node_del_req_alloc());
	int err;

	ssi_node_del_req_set_id(req, id);
	if (force)
		ssi_node_del_req_set_force(req);
	err = ssi_node_del(t->ys, req);
	ssi_node_del_req_free(req);
	return err;
}

/* Is the node known already, by this very address? */
static bool node_known(struct tool *t, const struct peer *peer)
{
	struct ssi_node_get_req *req = need(t, ssi_node_get_req_alloc());
	const struct address *addr = &peer->addr;
	unsigned int port = addr->port ? addr->port : SSI_DEFAULT_PORT;
	struct ssi_node_get_rsp *n;
	bool known;

	ssi_node_get_req_set_id(req, peer->id);
	n = ssi_node_get(t->ys, req);
	ssi_node_get_req_free(req);
	if (!n)
		return false;
	known = n->_len.address == addr->len && n->port == port &&
		n->scope_id == addr->scope &&
		!memcmp(n->address, addr->bytes, addr->len);
	ssi_node_get_rsp_free(n);
	return known;
}

/**
 * peers_parse - read nodes as a person names them
 * @t: the tool
 * @nr: how many
 * @texts: each ID@ADDRESS[:PORT]
 * @peers: set to an array of them that the caller frees, if EXIT_OK is returned
 *
 * Return: EXIT_OK, or EXIT_USAGE with the sentence said.
 */
int peers_parse(struct tool *t, int nr, char **texts, struct peer **peers)
{
	struct peer *p = need(t, calloc(nr + 1, sizeof(*p)));
	int i;

	for (i = 0; i < nr; i++) {
		if (parse_peer(texts[i], &p[i].id, &p[i].addr))
			continue;
		free(p);
		return usage(t,
			     "\"%s\" is not a peer: write ID@ADDRESS or ID@ADDRESS:PORT, with an id of 1 to %u and a numeric address",
			     texts[i], SSI_NODE_ID_MAX);
	}
	*peers = p;
	return EXIT_OK;
}

/**
 * peers_del - take back what peers_add() did
 * @t: the tool, connected
 * @nr: how many
 * @peers: nodes; those not added by peers_add() are left alone
 */
void peers_del(struct tool *t, int nr, const struct peer *peers)
{
	int i;

	for (i = 0; i < nr; i++)
		if (peers[i].added)
			node_del(t, peers[i].id, false);
}

/**
 * peers_add - make nodes known, all or none
 * @t: the tool, connected
 * @nr: how many
 * @peers: the nodes; one that is known already by this address is no error
 *
 * None, so that the corrected command can be repeated.
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int peers_add(struct tool *t, int nr, struct peer *peers)
{
	char what[64];
	int i, code;

	for (i = 0; i < nr; i++) {
		peers[i].added = node_add(t, &peers[i]) >= 0;
		if (peers[i].added)
			continue;
		snprintf(what, sizeof(what), "Node %u was not added", peers[i].id);
		if ((int)t->ys->err.code == EEXIST) {
			if (node_known(t, &peers[i]))
				continue;
			code = fail(t, EXIT_REFUSED,
				    "%s: there is one with this id and another address. See 'ssi nodes', and 'ssi nodes del %u' first",
				    what, peers[i].id);
		} else {
			code = kernel_fail(t, what);
		}
		peers_del(t, i, peers);
		return code;
	}
	return EXIT_OK;
}

/**
 * cmd_nodes - list the other nodes, or change the list
 * @t: the tool
 * @argc: how many
 * @argv: "nodes", nothing or "add" or "del" and which
 *
 * Return: an exit code.
 */
int cmd_nodes(struct tool *t, int argc, char **argv)
{
	int code;

	if (argc == 1)
		code = tool_connect(t);
	else
		code = nodes_change(t, argc - 1, argv + 1);
	if (!code && (argc == 1 || t->json))
		code = nodes_list(t);
	return code;
}
