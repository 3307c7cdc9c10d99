// SPDX-License-Identifier: GPL-2.0
/*
 * status --watch: this node and the others, shown again whenever something happens.
 *
 * Lines and nothing else: it may be a log or a pipe that they go to.
 */

#include <stdio.h>

#include "node.h"
#include "ssi-user.h"
#include "tool.h"

static void show_json(const struct ssi_status_get_rsp *s, struct ssi_node_get_list *list)
{
	event_json("status");
	json_object("status");
	status_members(s);
	json_object_end();
	nodes_json("nodes", list);
	event_json_end();
}

static void show_text(struct tool *t, const struct ssi_status_get_rsp *s,
		      struct ssi_node_get_list *list)
{
	static bool again;

	if (again)
		printf("\n");
	again = true;
	if (s->_present.joined) {
		status_text(s);
		nodes_text(t, list);
		printf("\n");
	}
	fflush(stdout);
}

/* Ends with EXIT_NO_SSI when this node is in no cluster: there is nothing to wait for. */
static int show(struct tool *t)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);
	struct ssi_node_get_list *list;
	int code = EXIT_OK;

	if (!s)
		return kernel_fail(t, NULL);
	list = ssi_node_get_dump(t->ys);
	if (!list) {
		ssi_status_get_rsp_free(s);
		return kernel_fail(t, NULL);
	}
	if (t->json)
		show_json(s, list);
	else
		show_text(t, s, list);
	if (!s->_present.joined) {
		code = EXIT_NO_SSI;
		if (!t->json)
			fail(t, code, "This node has not joined a cluster: use 'ssi join'");
	}
	ssi_node_get_list_free(list);
	ssi_status_get_rsp_free(s);
	return code;
}

/**
 * status_watch - show what this node and the others are, again and again
 * @t: the tool, connected
 *
 * Return: an exit code, if it cannot go on; EXIT_NO_SSI if this node is in no cluster.
 */
int status_watch(struct tool *t)
{
	return events_follow(t, show);
}
