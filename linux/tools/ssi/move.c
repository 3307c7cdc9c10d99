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

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define TIMEOUT_MS	30000
#define POLL_MS		20

/* The kernel waits for so long: too long if less was asked for. */
#define KERNEL_WAIT_MS	10000

/**
 * struct move - what was asked for
 * @home: move home, else to @node
 * @node: node id, 0 with @home
 * @all: everything of this home that 'ssi ps' shows
 * @wait: wait until the move is complete
 * @timed: @timeout was asked for
 * @timeout: how long to wait, in milliseconds
 * @where: "home" or "to node 2"
 * @command: all arguments of the command
 */
struct move {
	bool home;
	unsigned int node;
	bool all;
	bool wait;
	bool timed;
	unsigned int timeout;
	char where[32];
	char **command;
};

/* The caller frees what is returned; NULL with the error in @t->ys. */
static struct ssi_process_get_rsp *move_send(struct tool *t, unsigned int pid,
					     const struct move *mv)
{
	struct ssi_move_req *req = need(t, ssi_move_req_alloc());
	struct ssi_process_get_rsp *p;
	struct ssi_move_rsp *m;

	ssi_move_req_set_pid(req, pid);
	ssi_move_req_set_node(req, mv->node);
	if (mv->wait && mv->timeout >= KERNEL_WAIT_MS)
		ssi_move_req_set_wait(req);
	m = ssi_move(t->ys, req);
	ssi_move_req_free(req);
	if (!m)
		return NULL;
	p = need(t, malloc(sizeof(*p)));
	*p = PROCESS_VIEW(m);
	/* The strings are the other structure's now. */
	m->comm = NULL;
	m->reason_text = NULL;
	ssi_move_rsp_free(m);
	return p;
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
	return !reason_tells(p->reason) || p->reason == SSI_REASON_BUSY;
}

/* It may take for ever, so it is waited for only if a time was given. */
static bool asleep(const struct ssi_process_get_rsp *p, const struct move *mv)
{
	return p->reason == SSI_REASON_IN_SYSCALL && !mv->timed;
}

/*
 * Ask until the process arrived, something stands against it, or time is up,
 * which began at @begin.
 */
static struct ssi_process_get_rsp *move_wait(struct tool *t,
					     struct ssi_process_get_rsp *p,
					     const struct move *mv,
					     unsigned long long begin)
{
	unsigned int pid = p->pid;

	while (!arrived(p, mv) && pending(p) && !asleep(p, mv) &&
	       clock_ms() < begin + mv->timeout) {
		ssi_process_get_rsp_free(p);
		sleep_ms(POLL_MS);
		p = process_get(t, pid);
		if (!p)
			return NULL;
	}
	return p;
}

static int move_code(const struct ssi_process_get_rsp *p, const struct move *mv)
{
	if (arrived(p, mv) || !mv->wait || asleep(p, mv))
		return EXIT_OK;
	return pending(p) ? EXIT_TIMEOUT : EXIT_REFUSED;
}

/* Why a process that was asked to move is not there, and what to do. */
static void move_sentence(char *buf, size_t size,
			  const struct ssi_process_get_rsp *p,
			  const struct move *mv)
{
	const char *advice = reason_advice(p->reason);

	if (pending(p))
		snprintf(buf, size,
			 "Process %u did not move %s within %g s, but still may: 'ssi why %u' tells how it stands",
			 p->pid, mv->where, mv->timeout / 1e3, p->pid);
	else
		snprintf(buf, size, "Process %u was not moved %s: %s%s%s", p->pid,
			 mv->where, process_reason(p), advice ? ". " : "",
			 advice ? advice : "");
}

static int move_done(struct tool *t, const struct ssi_process_get_rsp *p,
		     const struct move *mv)
{
	bool there = arrived(p, mv);
	int code = move_code(p, mv);
	char sentence[512];

	if (code)
		move_sentence(sentence, sizeof(sentence), p, mv);
	if (t->json) {
		json_object(NULL);
		process_json(p);
		json_bool("moved", there);
		json_bool("pending", !there && pending(p));
		if (code)
			json_string("error", sentence);
		json_number("exit", code);
		json_object_end();
	} else if (code) {
		fail(t, code, "%s", sentence);
	} else if (there && p->node == p->home && p->pages_away) {
		say("%u is home, %llu of its pages follow", p->pid,
		    (unsigned long long)p->pages_away);
	} else if (there && p->node == p->home) {
		say("%u is home", p->pid);
	} else if (there) {
		say("%u moved %s: freeze %.3f ms, %llu pages", p->pid, mv->where,
		    p->freeze_ns / 1e6, (unsigned long long)p->pages_away);
	} else if (mv->wait) {
		say("%u moves %s as soon as a system call of it returns", p->pid,
		    mv->where);
	} else {
		say("%u was asked to move %s", p->pid, mv->where);
	}
	fflush(stdout);
	return code;
}

/*
 * What to do about a move that the kernel refused, beyond what it says itself: @text. For what
 * the other node refuses there is one error, so the reason is in that sentence alone.
 */
static const char *refusal_advice(int error, const char *text)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "Do it as root, or as its owner where kernel.yama.ptrace_scope is 0";
	case EBUSY:
		return "Move it again when it shares its memory with nobody";
	case ETIMEDOUT:
		return "'ssi why' tells how it stands";
	case EREMOTEIO:
		if (strstr(text, "does not let its user in"))
			return reason_advice(SSI_REASON_USER);
		return "Move it to another node, or see the kernel log of that one";
	case ENOMEM:
		return "Free some there and here, or move it to another node";
	default:
		return NULL;
	}
}

static int move_failed(struct tool *t, unsigned int pid, const struct move *mv)
{
	int code, error = t->ys->err.code;
	const char *advice;
	char text[512], sentence[1024];

	/* One of many that ended meanwhile is no failure. */
	if (mv->all && error == ESRCH)
		return EXIT_OK;
	code = kernel_error(t, text, sizeof(text));
	advice = refusal_advice(error, text);
	snprintf(sentence, sizeof(sentence), "Process %u was not moved %s: %s%s%s",
		 pid, mv->where, text, advice ? ". " : "", advice ? advice : "");
	if (!t->json)
		return fail(t, code, "%s", sentence);
	json_object(NULL);
	json_number("pid", pid);
	json_bool("moved", false);
	json_bool("pending", false);
	json_string("error", sentence);
	json_number("exit", code);
	json_object_end();
	return code;
}

static int move_one(struct tool *t, unsigned int pid, const struct move *mv)
{
	unsigned long long begin = clock_ms();
	struct ssi_process_get_rsp *p;
	int code;

	p = move_send(t, pid, mv);
	if (p && mv->wait)
		p = move_wait(t, p, mv, begin);
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
	bool any = false;

	if (!list)
		return kernel_fail(t, NULL);
	ynl_dump_foreach(list, p) {
		if (p->role != SSI_PROCESS_ROLE_HOME || arrived(p, mv) || p->program ||
		    (p->origin && !p->moves))
			continue;
		any = true;
		one = move_one(t, p->pid, mv);
		if (!code)
			code = one;
	}
	ssi_process_get_list_free(list);
	if (!any && !t->json)
		say("there is nothing to move %s", mv->where);
	return code;
}

static int move_pids(struct tool *t, int nr, const unsigned int *pids,
		     const struct move *mv)
{
	int i, one, code = EXIT_OK;

	for (i = 0; i < nr; i++) {
		one = move_one(t, pids[i], mv);
		if (!code)
			code = one;
	}
	return code;
}

static int move(struct tool *t, int argc, char **argv, const struct move *mv)
{
	unsigned int *pids;
	int code;

	code = parse_numbers(t, "PID", INT_MAX, argc, argv, &pids);
	if (code)
		return code;
	code = tool_connect(t);
	if (!code && !mv->all)
		code = elsewhere(t, argc, pids, mv->command);
	if (code)
		goto free_pids;
	if (t->json)
		json_array(NULL);
	code = mv->all ? move_all(t, mv) : move_pids(t, argc, pids, mv);
	if (t->json) {
		json_array_end();
		json_done();
	}
free_pids:
	free(pids);
	return code;
}

static int move_options(struct tool *t, int argc, char **argv, struct move *mv)
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
	while ((c = getopt_long(argc, argv, ":ant:", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			mv->all = true;
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
			return usage_option(t, argv, c);
		}
	}
	return EXIT_OK;
}

/**
 * cmd_migrate - move processes to a node
 * @t: the tool
 * @argc: how many
 * @argv: "migrate", options, PIDs, and the node
 *
 * Return: an exit code, that of the first process that did not move.
 */
int cmd_migrate(struct tool *t, int argc, char **argv)
{
	struct move mv = { .command = argv };
	int code;

	code = move_options(t, argc, argv, &mv);
	if (code)
		return code;
	argc -= optind;
	argv += optind;
	if (mv.all ? argc != 1 : argc < 2)
		return usage(t, "migrate takes PID... NODE, or -a NODE");
	argc--;
	if (!strcmp(argv[argc], "home"))
		mv.home = true;
	else if (!parse_u32(argv[argc], 1, SSI_NODE_ID_MAX, &mv.node))
		return usage(t, "\"%s\" is not a node: that is a number of 1 to %u, or home",
			     argv[argc], SSI_NODE_ID_MAX);
	snprintf(mv.where, sizeof(mv.where), mv.home ? "home" : "to node %u", mv.node);
	return move(t, argc, argv, &mv);
}

/**
 * cmd_home - move processes home
 * @t: the tool
 * @argc: how many
 * @argv: "home", options, and PIDs
 *
 * Return: an exit code, that of the first process that did not move.
 */
int cmd_home(struct tool *t, int argc, char **argv)
{
	struct move mv = { .home = true, .where = "home", .command = argv };
	int code;

	code = move_options(t, argc, argv, &mv);
	if (code)
		return code;
	argc -= optind;
	argv += optind;
	if (mv.all ? argc : !argc)
		return usage(t, "home takes PID..., or -a");
	return move(t, argc, argv, &mv);
}
