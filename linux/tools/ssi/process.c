// SPDX-License-Identifier: GPL-2.0
/*
 * ps, why: where processes execute, and why.
 */

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define RATE_INTERVAL_MS	250

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
	json_string("command", p->comm ? p->comm : "");
	json_number("threads", p->threads);
	json_number("threads_away", p->threads_away);
	json_number("traps", p->traps);
	json_number("faults", p->faults);
	json_number("recalls", p->recalls);
	json_number("pages_away", p->pages_away);
	json_number("moves", p->moves);
	json_number("freeze_ns", p->freeze_ns);
	json_string("reason", reason_name(p->reason));
	json_string("reason_text", p->reason_text ? p->reason_text : "");
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
	struct ssi_process_get_req *req = ssi_process_get_req_alloc();
	struct ssi_process_get_rsp *p;

	if (!req)
		abort();
	ssi_process_get_req_set_pid(req, pid);
	p = ssi_process_get(t->ys, req);
	ssi_process_get_req_free(req);
	return p;
}

static const struct column ps_columns[] = {
	{ "PID", true }, { "HOME", true }, { "NODE", true }, { "AWAY", true },
	{ "TRAPS/S", true }, { "PAGES", true }, { "REASON" }, { "COMMAND" },
};

/* Traps per second between two dumps; 0 for a process that is new. */
static double trap_rate(struct ssi_process_get_list *before,
			const struct ssi_process_get_rsp *p, double seconds)
{
	if (!before || seconds <= 0)
		return 0;
	ynl_dump_foreach(before, b)
		if (b->pid == p->pid && b->role == p->role && b->traps <= p->traps)
			return (p->traps - b->traps) / seconds;
	return 0;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void ps_row(struct table *tb, const struct ssi_process_get_rsp *p,
		   double rate)
{
	bool telling = p->reason != SSI_REASON_NONE &&
		       p->reason != SSI_REASON_REQUESTED;

	table_row(tb);
	table_cell(tb, 0, "%u", p->pid);
	table_cell(tb, 1, "%u", p->home);
	table_cell(tb, 2, "%u", p->node);
	table_cell(tb, 3, "%u/%u", p->threads_away, p->threads);
	table_cell(tb, 4, "%.0f", rate);
	table_cell(tb, 5, "%llu", (unsigned long long)p->pages_away);
	table_cell(tb, 6, "%s", telling ? reason_name(p->reason) : "-");
	table_cell(tb, 7, "%s", p->comm ? p->comm : "");
}

static int ps_list(struct tool *t, unsigned int interval)
{
	struct timespec pause = {
		interval / 1000, interval % 1000 * 1000000L
	};
	struct ssi_process_get_list *before = NULL, *list;
	struct table tb;
	double begin;

	begin = now();
	if (interval) {
		before = ssi_process_get_dump(t->ys);
		if (!before)
			return kernel_fail(t, NULL);
		if (!ynl_dump_empty(before))
			nanosleep(&pause, NULL);
	}
	list = ssi_process_get_dump(t->ys);
	if (!list) {
		if (before)
			ssi_process_get_list_free(before);
		return kernel_fail(t, NULL);
	}
	begin = now() - begin;

	table_init(&tb, ps_columns, ARRAY_SIZE(ps_columns));
	if (t->json)
		json_array(NULL);
	ynl_dump_foreach(list, p) {
		double rate = trap_rate(before, p, begin);

		if (t->json) {
			json_object(NULL);
			process_json(p);
			json_real("traps_per_second", rate);
			json_object_end();
		} else {
			ps_row(&tb, p, rate);
		}
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

int cmd_ps(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ }
	};
	unsigned int interval = RATE_INTERVAL_MS;
	int c, code;

	while ((c = getopt_long(argc, argv, "+:i:", options, NULL)) != -1) {
		if (c != 'i')
			return usage(t, "ps has no option \"%s\", or its value is missing",
				     argv[optind - 1]);
		if (!parse_ms(optarg, 0, 3600000, &interval))
			return usage(t, "\"%s\" is not an interval: that is a number of seconds",
				     optarg);
	}
	if (optind < argc)
		return usage(t, "ps takes no argument, not \"%s\"", argv[optind]);
	code = tool_connect(t);
	return code ? code : ps_list(t, interval);
}

static void why_text(const struct ssi_process_get_rsp *p)
{
	const char *advice = reason_advice(p->reason);
	char text[NUMBER_TEXT], name[64];
	char *c;

	snprintf(name, sizeof(name), "%u (%s)", p->pid, p->comm ? p->comm : "");
	for (c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (p->role == SSI_PROCESS_ROLE_GUEST) {
		printf("%s executes here, on node %u, for its home, node %u.\n",
		       name, p->node, p->home);
		return;
	}
	if (!p->home) {
		printf("%s is at home: this node has not joined a cluster.\n", name);
		printf("%s.\n", reason_advice(SSI_REASON_NOT_JOINED));
	} else if (p->node == p->home && !p->moves && p->reason == SSI_REASON_NONE) {
		printf("%s is at home, node %u: nobody asked for it to be moved.\n",
		       name, p->home);
		printf("Move it with 'ssi migrate %u NODE'.\n", p->pid);
	} else if (p->node == p->home) {
		printf("%s is at home, node %u: %s.\n", name, p->home,
		       p->reason_text ? p->reason_text : reason_name(p->reason));
		if (advice)
			printf("%s.\n", advice);
	} else {
		printf("%s is on node %u; its home is node %u.\n", name, p->node,
		       p->home);
		printf("%u of %u threads are away, with %llu pages.\n",
		       p->threads_away, p->threads,
		       (unsigned long long)p->pages_away);
	}
	if (p->moves)
		printf("It moved %llu times; the last move stopped it for %s.\n",
		       (unsigned long long)p->moves,
		       duration_text(text, p->freeze_ns));
}

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
		return usage(t, "\"%s\" is not a PID: that is a positive number",
			     argv[1]);
	code = tool_connect(t);
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
