// SPDX-License-Identifier: GPL-2.0
/*
 * drain: empty a node, so that nothing is lost when it leaves.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define TIMEOUT_MS	60000
#define POLL_MS		200

/**
 * struct drain - what was asked for
 * @node: another node, or 0
 * @undo: take it back
 * @stay: do not leave in the end
 * @timeout: how long to wait, in milliseconds
 */
struct drain {
	unsigned int node;
	bool undo;
	bool stay;
	unsigned int timeout;
};

static int drain_send(struct tool *t, const struct drain *d)
{
	struct ssi_drain_req *req = need(t, ssi_drain_req_alloc());
	int err;

	if (d->node)
		ssi_drain_req_set_node(req, d->node);
	if (d->undo)
		ssi_drain_req_set_undo(req);
	err = ssi_drain(t->ys, req);
	ssi_drain_req_free(req);
	return err < 0 ? kernel_fail(t, "Nothing was drained") : EXIT_OK;
}

/* It has to do with another node. */
static bool holds(const struct ssi_process_get_rsp *p)
{
	return p->role == SSI_PROCESS_ROLE_GUEST || p->node != p->home || p->origin;
}

/* Ask those of this node that are away to come home; what becomes of it is seen later. */
static void call_home(struct tool *t, const struct ssi_process_get_rsp *p)
{
	struct ssi_move_req *req;
	struct ssi_move_rsp *rsp;

	if (p->role != SSI_PROCESS_ROLE_HOME || p->node == p->home || p->program)
		return;
	req = need(t, ssi_move_req_alloc());
	ssi_move_req_set_pid(req, p->pid);
	ssi_move_req_set_node(req, 0);
	rsp = ssi_move(t->ys, req);
	if (rsp)
		ssi_move_rsp_free(rsp);
	ssi_move_req_free(req);
}

/* How many hold the node, or -1 with the error in @t->ys. */
static int drain_look(struct tool *t, bool home)
{
	struct ssi_process_get_list *list = ssi_process_get_dump(t->ys);
	int nr = 0;

	if (!list)
		return -1;
	ynl_dump_foreach(list, p) {
		nr += holds(p);
		if (home)
			call_home(t, p);
	}
	ssi_process_get_list_free(list);
	return nr;
}

static void say_holder(struct tool *t, const struct ssi_process_get_rsp *p)
{
	const char *name = p->comm ? p->comm : "";

	if (t->json) {
		json_object(NULL);
		process_json(p);
		json_object_end();
	} else if (p->role == SSI_PROCESS_ROLE_GUEST) {
		say("%u (%s) is a guest of node %u", p->pid, name, p->home);
	} else if (p->program) {
		say("%u (%s) stands for process %u on node %u", p->pid, name, p->program, p->node);
	} else if (p->origin) {
		say("%u (%s) was started here by a process of node %u", p->pid, name, p->origin);
	} else {
		say("%u (%s) is on node %u", p->pid, name, p->node);
	}
}

/* By name, what is still there. */
static int drain_report(struct tool *t)
{
	struct ssi_process_get_list *list = ssi_process_get_dump(t->ys);

	if (!list)
		return kernel_fail(t, NULL);
	if (t->json)
		json_array(NULL);
	ynl_dump_foreach(list, p)
		if (holds(p))
			say_holder(t, p);
	if (t->json) {
		json_array_end();
		json_done();
	}
	ssi_process_get_list_free(list);
	return fail(t, EXIT_TIMEOUT,
		    "These still hold this node, which takes nothing new: wait for them, or end them, and say 'ssi drain' again; 'ssi drain --undo' takes it back");
}

static int drain_leave(struct tool *t, unsigned long long end)
{
	/* the pages that guests have left go home, which may take more than one try */
	while (ssi_leave(t->ys) < 0) {
		if ((int)t->ys->err.code != EBUSY)
			return kernel_fail(t, "This node is empty, but did not leave");
		if (clock_ms() >= end)
			return kernel_fail(t, "This node did not leave in time");
		sleep_ms(POLL_MS);
	}
	cpus_of_node();
	return say_status(t);
}

static int drain_wait(struct tool *t, const struct drain *d)
{
	unsigned long long end = clock_ms() + d->timeout;
	int nr = drain_look(t, true);

	while (nr > 0 && clock_ms() < end) {
		sleep_ms(POLL_MS);
		nr = drain_look(t, false);
	}
	if (nr < 0)
		return kernel_fail(t, NULL);
	if (nr)
		return drain_report(t);
	if (!d->stay)
		return drain_leave(t, end + POLL_MS);
	if (t->json)
		return say_status(t);
	say("This node is empty, and takes nothing. 'ssi drain --undo' takes it back.");
	return EXIT_OK;
}

static int drain(struct tool *t, const struct drain *d)
{
	struct ssi_status_get_rsp *s;
	int code = tool_connect(t);
	bool own;

	if (code)
		return code;
	s = ssi_status_get(t->ys);
	if (!s)
		return kernel_fail(t, NULL);
	own = !d->node || (s->_present.joined && d->node == s->node);
	ssi_status_get_rsp_free(s);
	code = drain_send(t, d);
	if (code)
		return code;
	if (own && !d->undo)
		return drain_wait(t, d);
	if (t->json)
		return say_status(t);
	if (d->undo)
		say("It takes processes and programs of other nodes again.");
	else
		say("Node %u takes nothing new, and what is there comes home; see 'ssi nodes'.",
		    d->node);
	return EXIT_OK;
}

/**
 * cmd_drain - empty a node
 * @t: the tool
 * @argc: how many
 * @argv: "drain", options, and a node or nothing
 *
 * Return: an exit code, EXIT_TIMEOUT if something holds it.
 */
int cmd_drain(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "undo", no_argument, NULL, 'u' },
		{ "stay", no_argument, NULL, 's' },
		{ "timeout", required_argument, NULL, 't' },
		{ }
	};
	struct drain d = { .timeout = TIMEOUT_MS };
	int c;

	while ((c = getopt_long(argc, argv, ":t:", options, NULL)) != -1) {
		switch (c) {
		case 'u':
			d.undo = true;
			break;
		case 's':
			d.stay = true;
			break;
		case 't':
			if (!parse_ms(optarg, 1, 86400000, &d.timeout))
				return usage(t,
					     "\"%s\" is not a time to wait: that is a number of seconds",
					     optarg);
			break;
		default:
			return usage_option(t, argv, c);
		}
	}
	if (optind + 1 < argc)
		return usage(t, "drain takes one node, not \"%s\" as well", argv[optind + 1]);
	if (optind < argc && !parse_u32(argv[optind], 1, SSI_NODE_ID_MAX, &d.node))
		return usage(t, "\"%s\" is not a node: that is a number of 1 to %u", argv[optind],
			     SSI_NODE_ID_MAX);
	return drain(t, &d);
}
