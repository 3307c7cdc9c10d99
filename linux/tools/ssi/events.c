// SPDX-License-Identifier: GPL-2.0
/*
 * events: follow what happens to nodes and processes.
 */

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

#define SETTLE_MS	100
#define SETTLE_MAX_MS	1000

/* A line, with the time before it. */
static void __printf(1, 2) event_say(const char *fmt, ...)
{
	char clock[16], text[512];
	struct timeval tv;
	struct tm tm;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	say("%s.%03ld  %s", clock, (long)tv.tv_usec / 1000, text);
}

/**
 * event_json - begin the object of an event
 * @event: what happened
 *
 * It is left open for what else there is to say.
 */
void event_json(const char *event)
{
	struct timeval tv;

	gettimeofday(&tv, NULL);
	json_object(NULL);
	json_real("time", tv.tv_sec + tv.tv_usec / 1e6);
	json_string("event", event);
}

/**
 * event_json_end - end the object of an event
 */
void event_json_end(void)
{
	json_object_end();
	json_done();
}

static void node_event(struct tool *t, const struct ssi_node_get_rsp *n)
{
	bool why = n->reason && *n->reason && (n->state == SSI_NODE_STATE_LOST ||
					       n->state == SSI_NODE_STATE_GONE ||
					       n->state == SSI_NODE_STATE_REFUSED);

	if (t->json) {
		event_json("node");
		json_number("node", n->id);
		json_string("state", state_name(n->state));
		json_string("reason", n->reason);
		json_number("epoch", n->epoch);
		event_json_end();
	} else {
		event_say("node %u is %s%s%s", n->id, state_name(n->state),
			  why ? ": " : "", why ? n->reason : "");
	}
}

static void process_event(struct tool *t, const struct ssi_process_ntf_rsp *n)
{
	const struct ssi_process_get_rsp p = PROCESS_VIEW(n);
	const char *event = ssi_process_event_str(n->event);
	char name[64];

	if (t->json) {
		event_json(event ? event : "unknown");
		process_json(&p);
		event_json_end();
		return;
	}
	snprintf(name, sizeof(name), "process %u (%s)", p.pid, p.comm ? p.comm : "");
	switch (n->event) {
	case SSI_PROCESS_EVENT_MOVED:
		event_say("%s moved to node %u: freeze %.3f ms, %llu pages", name,
			  p.node, p.freeze_ns / 1e6,
			  (unsigned long long)p.pages_away);
		break;
	case SSI_PROCESS_EVENT_CAME_HOME:
		event_say("%s came home: %s", name, process_reason(&p));
		break;
	case SSI_PROCESS_EVENT_KILLED:
		event_say("%s was killed: %s", name, process_reason(&p));
		break;
	default:
		event_say("%s had an event that this tool does not know", name);
	}
}

/* Nothing is known of it but that it happened. */
static void vague_event(struct tool *t, const char *event, const char *text)
{
	if (t->json) {
		event_json(event);
		event_json_end();
	} else {
		event_say("%s", text);
	}
}

static void print_event(struct tool *t, struct ynl_ntf_base_type *ntf)
{
	struct ssi_process_ntf *process = (struct ssi_process_ntf *)ntf;
	struct ssi_node_get_ntf *node = (struct ssi_node_get_ntf *)ntf;

	if (ntf->cmd == SSI_CMD_NODE_NTF)
		node_event(t, &node->obj);
	else if (ntf->cmd == SSI_CMD_PROCESS_NTF)
		process_event(t, &process->obj);
	fflush(stdout);
}

/* Returns an exit code if this is the end. */
static int read_events(struct tool *t)
{
	struct ynl_ntf_base_type *ntf;
	int err, error;

	errno = 0;
	err = ynl_ntf_check(t->ys);
	error = errno;
	while ((ntf = ynl_ntf_dequeue(t->ys))) {
		print_event(t, ntf);
		ynl_ntf_free(ntf);
	}
	if (err < 0 && error == ENOBUFS)	/* more than the socket holds */
		vague_event(t, "missed",
			    "some events were missed: 'ssi ps' and 'ssi nodes' show what is");
	else if (err < 0 && !error)
		vague_event(t, "unknown",
			    "something happened that this tool does not know: tool and kernel differ in version");
	else if (err < 0)
		return fail(t, EXIT_TROUBLE, "Events cannot be followed: %s",
			    strerror(error));
	return ferror(stdout) ? EXIT_TROUBLE : EXIT_OK;
}

/* Of what comes together the end is shown, but something is shown every second. */
static int settle(struct tool *t, struct pollfd *pfd)
{
	unsigned long long end = clock_ms() + SETTLE_MAX_MS;
	int code = EXIT_OK;

	while (!code && clock_ms() < end && poll(pfd, 1, SETTLE_MS) > 0)
		code = read_events(t);
	return code;
}

static int follow(struct tool *t, struct tool *events, int (*show)(struct tool *t))
{
	struct pollfd pfd = { .events = POLLIN };
	int code;

	code = tool_connect(events);
	if (code)
		return code;
	if (ynl_subscribe(events->ys, SSI_MCGRP_EVENTS) < 0)
		return kernel_fail(events, "Events cannot be followed");

	pfd.fd = ynl_socket_get_fd(events->ys);
	code = show ? show(t) : EXIT_OK;
	while (!code) {
		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			return fail(t, EXIT_TROUBLE, "Cannot wait for events: %s",
				    strerror(errno));
		code = read_events(events);
		if (!code && show)
			code = settle(events, &pfd);
		if (!code && show)
			code = show(t);
	}
	return code;
}

/**
 * events_follow - print what happens until interrupted
 * @t: the tool
 * @show: called first, and after events have been printed; NULL for nothing
 *
 * Events come by a socket of their own, so that @show can ask what it likes.
 *
 * Return: an exit code, if it cannot go on, or that of @show if it does not want to.
 */
int events_follow(struct tool *t, int (*show)(struct tool *t))
{
	struct tool events = { .json = t->json };
	int code = follow(t, &events, show);

	if (events.ys)
		ynl_sock_destroy(events.ys);
	return code;
}

/**
 * cmd_events - print what happens until interrupted
 * @t: the tool
 * @argc: how many
 * @argv: "events"
 *
 * Return: an exit code, if it cannot go on.
 */
int cmd_events(struct tool *t, int argc, char **argv)
{
	if (argc > 1)
		return usage(t, "events takes no argument, not \"%s\"", argv[1]);
	return events_follow(t, NULL);
}
