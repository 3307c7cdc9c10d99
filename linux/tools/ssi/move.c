// SPDX-License-Identifier: GPL-2.0
/*
 * migrate, home: move processes.
 *
 * The kernel waits for a move to be complete for a while only, because it must
 * not hold up other netlink users; this waits for the rest by asking again.
 */

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define TIMEOUT_MS	30000
#define POLL_MS		20

/**
 * struct move - what was asked for
 * @home: move home, else to @node
 * @node: node id, 0 with @home
 * @wait: wait until the move is complete
 * @timed: @timeout was asked for
 * @timeout: how long to wait, in milliseconds
 */
struct move {
	bool home;
	unsigned int node;
	bool wait;
	bool timed;
	unsigned int timeout;
};

/* Copy what the three generated structures have in common. */
static struct ssi_process_get_rsp *process_of(struct ssi_move_rsp *m)
{
	struct ssi_process_get_rsp *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->pid = m->pid;
	p->node = m->node;
	p->home = m->home;
	p->role = m->role;
	p->threads = m->threads;
	p->threads_away = m->threads_away;
	p->traps = m->traps;
	p->faults = m->faults;
	p->recalls = m->recalls;
	p->pages_away = m->pages_away;
	p->moves = m->moves;
	p->freeze_ns = m->freeze_ns;
	p->reason = m->reason;
	p->comm = m->comm;
	p->reason_text = m->reason_text;
	m->comm = NULL;
	m->reason_text = NULL;
	ssi_move_rsp_free(m);
	return p;
}

static struct ssi_process_get_rsp *move_send(struct tool *t, unsigned int pid,
					     const struct move *mv)
{
	struct ssi_move_req *req = ssi_move_req_alloc();
	struct ssi_move_rsp *m;

	if (!req)
		abort();
	ssi_move_req_set_pid(req, pid);
	ssi_move_req_set_node(req, mv->home ? 0 : mv->node);
	if (mv->wait)
		ssi_move_req_set_wait(req);
	m = ssi_move(t->ys, req);
	ssi_move_req_free(req);
	return m ? process_of(m) : NULL;
}

/* A process on its way has the new node already, but has not stopped yet. */
static bool arrived(const struct ssi_process_get_rsp *p, const struct move *mv)
{
	if (mv->home || mv->node == p->home)
		return p->node == p->home;
	return p->node == mv->node && p->freeze_ns;
}

static bool pending(const struct ssi_process_get_rsp *p)
{
	return p->reason == SSI_REASON_NONE || p->reason == SSI_REASON_REQUESTED ||
	       p->reason == SSI_REASON_BUSY || p->reason == SSI_REASON_IN_SYSCALL;
}

static unsigned long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/*
 * Ask until the process arrived, something stands against it, or time is up.
 * A process whose threads all sleep in system calls may take for ever, so it is
 * waited for only if a time was given.
 */
static struct ssi_process_get_rsp *move_wait(struct tool *t,
					     struct ssi_process_get_rsp *p,
					     const struct move *mv)
{
	struct timespec pause = { 0, POLL_MS * 1000000L };
	unsigned long long end = now_ms() + mv->timeout;
	unsigned int pid = p->pid;

	while (!arrived(p, mv) && pending(p) && now_ms() < end) {
		if (p->reason == SSI_REASON_IN_SYSCALL && !mv->timed)
			break;
		ssi_process_get_rsp_free(p);
		nanosleep(&pause, NULL);
		p = process_get(t, pid);
		if (!p)
			return NULL;
	}
	return p;
}

static void move_where(char *buf, size_t size, const struct move *mv)
{
	if (mv->home)
		snprintf(buf, size, "home");
	else
		snprintf(buf, size, "to node %u", mv->node);
}

static int move_done(struct tool *t, const struct ssi_process_get_rsp *p,
		     const struct move *mv)
{
	bool there = arrived(p, mv);
	bool asleep = p->reason == SSI_REASON_IN_SYSCALL && !mv->timed;
	const char *advice;
	char where[32];
	int code;

	move_where(where, sizeof(where), mv);
	if (there || !mv->wait || asleep)
		code = EXIT_OK;
	else
		code = pending(p) ? EXIT_TIMEOUT : EXIT_REFUSED;
	if (t->json) {
		json_object(NULL);
		process_json(p);
		json_bool("moved", there);
		json_bool("pending", !there && pending(p));
		json_number("exit", code);
		json_object_end();
	} else if (there && p->node == p->home) {
		printf("%u is home, %llu of its pages will follow when they are used\n",
		       p->pid, (unsigned long long)p->pages_away);
	} else if (there) {
		printf("%u moved %s: freeze %.3f ms, %llu pages\n", p->pid, where,
		       p->freeze_ns / 1e6, (unsigned long long)p->pages_away);
	} else if (asleep) {
		printf("%u moves %s as soon as a system call of it returns\n",
		       p->pid, where);
	} else if (!mv->wait) {
		printf("%u was asked to move %s\n", p->pid, where);
	} else if (code == EXIT_TIMEOUT) {
		fail(t, code,
		     "Process %u did not move %s within %g s, but still may: 'ssi why %u' tells how it stands",
		     p->pid, where, mv->timeout / 1e3, p->pid);
	} else {
		advice = reason_advice(p->reason);
		fail(t, code, "Process %u was not moved %s: %s%s%s", p->pid, where,
		     p->reason_text ? p->reason_text : reason_name(p->reason),
		     advice ? ". " : "", advice ? advice : "");
	}
	fflush(stdout);
	return code;
}

static int move_failed(struct tool *t, unsigned int pid, const struct move *mv)
{
	struct ssi_process_get_rsp *p;
	char sentence[512], where[32];
	const char *advice = NULL;
	unsigned int reason = SSI_REASON_NONE;
	int code;

	move_where(where, sizeof(where), mv);
	code = kernel_error(t, sentence, sizeof(sentence));
	if (code == EXIT_REFUSED) {
		p = process_get(t, pid);
		if (p) {
			reason = p->reason;
			/* Advice only if it is about what the kernel just said. */
			if (p->reason_text && !strcmp(p->reason_text, sentence))
				advice = reason_advice(reason);
			ssi_process_get_rsp_free(p);
		}
	}
	if (t->json) {
		json_object(NULL);
		json_number("pid", pid);
		json_bool("moved", false);
		json_string("error", sentence);
		if (advice) {
			json_string("reason", reason_name(reason));
			json_string("advice", advice);
		}
		json_number("exit", code);
		json_object_end();
		return code;
	}
	return fail(t, code, "Process %u was not moved %s: %s%s%s", pid, where,
		    sentence, advice ? ". " : "", advice ? advice : "");
}

static int move_one(struct tool *t, unsigned int pid, const struct move *mv)
{
	struct ssi_process_get_rsp *p;
	int code;

	p = move_send(t, pid, mv);
	if (p && mv->wait)
		p = move_wait(t, p, mv);
	if (!p)
		return move_failed(t, pid, mv);
	code = move_done(t, p, mv);
	ssi_process_get_rsp_free(p);
	return code;
}

/* Everything that 'ssi ps' shows, is at home here, and is not there yet. */
static int move_all(struct tool *t, const struct move *mv)
{
	struct ssi_process_get_list *list = ssi_process_get_dump(t->ys);
	int code = EXIT_OK, one;

	if (!list)
		return kernel_fail(t, NULL);
	ynl_dump_foreach(list, p) {
		if (p->role != SSI_PROCESS_ROLE_HOME || arrived(p, mv))
			continue;
		one = move_one(t, p->pid, mv);
		/* A process that ended meanwhile is no failure. */
		if (!code && one != EXIT_UNKNOWN)
			code = one;
	}
	ssi_process_get_list_free(list);
	return code;
}

static int move_pids(struct tool *t, int argc, char **argv, bool all,
		     const struct move *mv)
{
	unsigned int pid;
	int i, one, code;

	for (i = 0; i < argc; i++)
		if (!parse_u32(argv[i], 1, INT_MAX, &pid))
			return usage(t, "\"%s\" is not a PID: that is a positive number",
				     argv[i]);
	code = tool_connect(t);
	if (code)
		return code;
	if (t->json)
		json_array(NULL);
	if (all)
		code = move_all(t, mv);
	for (i = 0; i < argc; i++) {
		parse_u32(argv[i], 1, INT_MAX, &pid);
		one = move_one(t, pid, mv);
		if (!code)
			code = one;
	}
	if (t->json) {
		json_array_end();
		json_done();
	}
	return code;
}

static int move_options(struct tool *t, int argc, char **argv, bool *all,
			struct move *mv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "no-wait", no_argument, NULL, 'n' },
		{ "timeout", required_argument, NULL, 't' },
		{ }
	};
	int c;

	mv->wait = true;
	mv->timeout = TIMEOUT_MS;
	while ((c = getopt_long(argc, argv, "+:ant:", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			*all = true;
			break;
		case 'n':
			mv->wait = false;
			break;
		case 't':
			mv->timed = true;
			if (!parse_ms(optarg, 1, 86400000, &mv->timeout))
				return usage(t,
					     "\"%s\" is not a time to wait: that is a number of seconds",
					     optarg);
			break;
		default:
			return usage(t, "%s has no option \"%s\", or its value is missing",
				     argv[0], argv[optind - 1]);
		}
	}
	return EXIT_OK;
}

int cmd_migrate(struct tool *t, int argc, char **argv)
{
	struct move mv = {};
	bool all = false;
	int code;

	code = move_options(t, argc, argv, &all, &mv);
	if (code)
		return code;
	argc -= optind;
	argv += optind;
	if (all ? argc != 1 : argc < 2)
		return usage(t, "migrate takes PID... NODE, or -a NODE");
	argc--;
	if (!strcmp(argv[argc], "home"))
		mv.home = true;
	else if (!parse_u32(argv[argc], 1, SSI_NODE_ID_MAX, &mv.node))
		return usage(t, "\"%s\" is not a node: that is a number of 1 to %u, or home",
			     argv[argc], SSI_NODE_ID_MAX);
	return move_pids(t, argc, argv, all, &mv);
}

int cmd_home(struct tool *t, int argc, char **argv)
{
	struct move mv = { .home = true };
	bool all = false;
	int code;

	code = move_options(t, argc, argv, &all, &mv);
	if (code)
		return code;
	argc -= optind;
	argv += optind;
	if (all ? argc : !argc)
		return usage(t, "home takes PID..., or -a");
	return move_pids(t, argc, argv, all, &mv);
}
