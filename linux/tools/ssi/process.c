// SPDX-License-Identifier: GPL-2.0
/*
 * ps, why: where processes execute, and why.
 */

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define RATE_INTERVAL_MS	250

/**
 * process_reason - why a process is where it is
 * @p: the process
 *
 * Return: a sentence without a full stop, never NULL.
 */
const char *process_reason(const struct ssi_process_get_rsp *p)
{
	return p->reason_text ? p->reason_text : reason_name(p->reason);
}

/**
 * process_json - the members of a process, into the object that is open
 * @p: the process
 */
void process_json(const struct ssi_process_get_rsp *p)
{
	json_number("pid", p->pid);
	json_number("home", p->home);
	json_number("node", p->node);
	json_string("role", p->role == SSI_PROCESS_ROLE_GUEST ? "guest" : "home");
	json_string("command", p->comm);
	json_number("threads", p->threads);
	json_number("threads_away", p->threads_away);
	json_number("traps", p->traps);
	json_number("faults", p->faults);
	json_number("recalls", p->recalls);
	json_number("pages_away", p->pages_away);
	json_number("moves", p->moves);
	json_number("freeze_ns", p->freeze_ns);
	json_string("reason", reason_name(p->reason));
	json_string("reason_text", process_reason(p));
	if (p->program)
		json_number("program", p->program);
	if (p->origin)
		json_number("origin", p->origin);
}

/**
 * process_get - ask for one process
 * @t: the tool, connected
 * @pid: its pid
 *
 * Return: the process, to be freed by the caller, or NULL with the error in
 * @t->ys.
 */
struct ssi_process_get_rsp *process_get(struct tool *t, unsigned int pid)
{
	struct ssi_process_get_req *req = need(t, ssi_process_get_req_alloc());
	struct ssi_process_get_rsp *p;

	ssi_process_get_req_set_pid(req, pid);
	p = ssi_process_get(t->ys, req);
	ssi_process_get_req_free(req);
	return p;
}

static const struct column ps_columns[] = {
	{ "PID", true }, { "HOME", true }, { "NODE", true }, { "AWAY", true },
	{ "TRAPS/S", true }, { "PAGES", true }, { "REASON" }, { "COMMAND" },
};

/* Traps per second between two dumps; negative if there is nothing to compare. */
static double trap_rate(struct ssi_process_get_list *before,
			const struct ssi_process_get_rsp *p, double seconds)
{
	if (!before || seconds <= 0)
		return -1;
	ynl_dump_foreach(before, b)
		if (b->pid == p->pid && b->role == p->role && b->traps <= p->traps)
			return (p->traps - b->traps) / seconds;
	return -1;
}

static void ps_row(struct table *tb, const struct ssi_process_get_rsp *p,
		   double rate)
{
	table_row(tb);
	table_cell(tb, 0, "%u", p->pid);
	table_cell(tb, 1, "%u", p->home);
	table_cell(tb, 2, "%u", p->node);
	table_cell(tb, 3, "%u/%u", p->threads_away, p->threads);
	if (rate >= 0)
		table_cell(tb, 4, "%.0f", rate);
	table_cell(tb, 5, "%llu", (unsigned long long)p->pages_away);
	if (p->origin)
		table_cell(tb, 6, "of node %u", p->origin);
	else if (reason_tells(p->reason))
		table_cell(tb, 6, "%s", reason_name(p->reason));
	if (p->comm)
		table_cell(tb, 7, "%s", p->comm);
}

static void ps_json(const struct ssi_process_get_rsp *p, double rate)
{
	json_object(NULL);
	process_json(p);
	if (rate >= 0)
		json_real("traps_per_second", rate);
	else
		json_null("traps_per_second");
	json_object_end();
}

static int ps_list(struct tool *t, unsigned int interval)
{
	struct ssi_process_get_list *before = NULL, *list;
	unsigned long long begin = clock_ms();
	struct table tb;
	double seconds;

	if (interval) {
		before = ssi_process_get_dump(t->ys);
		if (!before)
			return kernel_fail(t, NULL);
		if (!ynl_dump_empty(before))
			sleep_ms(interval);
	}
	list = ssi_process_get_dump(t->ys);
	if (!list) {
		if (before)
			ssi_process_get_list_free(before);
		return kernel_fail(t, NULL);
	}
	seconds = (clock_ms() - begin) / 1e3;

	table_init(&tb, t, ps_columns, ARRAY_SIZE(ps_columns));
	if (t->json)
		json_array(NULL);
	ynl_dump_foreach(list, p) {
		double rate = trap_rate(before, p, seconds);

		if (t->json)
			ps_json(p, rate);
		else
			ps_row(&tb, p, rate);
	}
	if (t->json) {
		json_array_end();
		json_done();
	} else {
		table_print(&tb);
	}
	if (before)
		ssi_process_get_list_free(before);
	ssi_process_get_list_free(list);
	return EXIT_OK;
}

/**
 * cmd_ps - list the processes that are, or were, away or guests
 * @t: the tool
 * @argc: how many
 * @argv: "ps" and options
 *
 * Return: an exit code.
 */
int cmd_ps(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ }
	};
	unsigned int interval = RATE_INTERVAL_MS;
	int c, code;

	while ((c = getopt_long(argc, argv, ":i:", options, NULL)) != -1) {
		if (c != 'i')
			return usage_option(t, argv, c);
		if (!parse_ms(optarg, 0, 3600000, &interval))
			return usage(t, "\"%s\" is not an interval: that is a number of seconds",
				     optarg);
	}
	if (optind < argc)
		return usage(t, "ps takes no argument, not \"%s\"", argv[optind]);
	code = tool_connect(t);
	return code ? code : ps_list(t, interval);
}

static void why_advice(const struct ssi_process_get_rsp *p)
{
	const char *advice = reason_advice(p->reason);

	if (advice)
		say("%s.", advice);
}

/* It is meant to be on another node; its threads may not be there. */
static void why_away(const struct ssi_process_get_rsp *p, const char *name)
{
	if (p->threads_away)
		say("%s is on node %u; its home is node %u.", name, p->node, p->home);
	else
		say("%s belongs on node %u, but is at home, node %u, just now.", name,
		    p->node, p->home);
	say("%u of %u threads are away, with %llu pages.", p->threads_away,
	    p->threads, (unsigned long long)p->pages_away);
	if (reason_tells(p->reason)) {
		say("What keeps it, or brought it home last: %s.", process_reason(p));
		why_advice(p);
	} else if (!p->threads_away) {
		say("Its threads are in system calls, or stopped, and leave when they go on.");
	}
}

static void why_home(const struct ssi_process_get_rsp *p, const char *name)
{
	if (!p->moves && p->reason == SSI_REASON_NONE) {
		say("%s is at home, node %u: nobody asked for it to be moved.", name,
		    p->home);
		say("Move it with 'ssi migrate %u NODE'.", p->pid);
		return;
	}
	say("%s is at home, node %u: %s.", name, p->home, process_reason(p));
	why_advice(p);
	if (p->pages_away)
		say("%llu of its pages are still on other nodes, and follow.",
		    (unsigned long long)p->pages_away);
}

static void why_stub(const struct ssi_process_get_rsp *p, const char *name)
{
	say("%s stands for process %u, which it has started on node %u.", name, p->program,
	    p->node);
	why_advice(p);
}

static void why_text(const struct ssi_process_get_rsp *p)
{
	char text[NUMBER_TEXT], name[64];

	snprintf(name, sizeof(name), "%u (%s)", p->pid, p->comm ? p->comm : "");
	if (p->role == SSI_PROCESS_ROLE_GUEST) {
		say("%s executes here, on node %u, for its home, node %u.", name,
		    p->node, p->home);
		say("What is to be done with it is done there: 'ssi ps' on node %u shows it.",
		    p->home);
	} else if (!p->home) {
		say("%s is at home: this node has not joined a cluster.", name);
		say("%s.", reason_advice(SSI_REASON_NOT_JOINED));
	} else if (p->program) {
		why_stub(p, name);
	} else if (p->node == p->home) {
		why_home(p, name);
	} else {
		why_away(p, name);
	}
	if (p->origin)
		say("It was started here by a process of node %u, which stands for it there.",
		    p->origin);
	if (p->moves && p->freeze_ns)
		say("Moves so far: %llu; the last move stopped it for %s.",
		    (unsigned long long)p->moves, duration_text(text, p->freeze_ns));
}

/**
 * cmd_why - tell why a process is, or is not, away
 * @t: the tool
 * @argc: how many
 * @argv: "why" and a PID
 *
 * Return: an exit code.
 */
int cmd_why(struct tool *t, int argc, char **argv)
{
	struct ssi_process_get_rsp *p;
	const char *advice;
	unsigned int pid;
	char what[64];
	int code;

	if (argc != 2)
		return usage(t, "why takes one PID");
	if (!parse_u32(argv[1], 1, INT_MAX, &pid))
		return usage(t, "\"%s\" is not a PID: that is a number of 1 to %u",
			     argv[1], INT_MAX);
	code = tool_connect(t);
	if (!code)
		code = elsewhere(t, 1, &pid, argv);
	if (code)
		return code;
	p = process_get(t, pid);
	if (!p) {
		snprintf(what, sizeof(what), "Process %u", pid);
		return kernel_fail(t, what);
	}
	if (t->json) {
		advice = reason_advice(p->reason);
		json_object(NULL);
		process_json(p);
		if (advice)
			json_string("advice", advice);
		json_object_end();
		json_done();
	} else {
		why_text(p);
	}
	ssi_process_get_rsp_free(p);
	return EXIT_OK;
}
