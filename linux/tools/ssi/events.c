// SPDX-License-Identifier: GPL-2.0
/*
 * events: follow what happens to nodes and processes.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "ssi-user.h"
#include "tool.h"

static void print_time(struct tool *t)
{
	struct timeval tv;
	struct tm tm;
	char text[32];

	gettimeofday(&tv, NULL);
	if (t->json) {
		json_real("time", tv.tv_sec + tv.tv_usec / 1e6);
		return;
	}
	localtime_r(&tv.tv_sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s.%03ld  ", text, (long)tv.tv_usec / 1000);
}

static void node_event(struct tool *t, const struct ssi_node_get_rsp *n)
{
	const char *reason = n->reason ? n->reason : "";

	if (t->json) {
		json_object(NULL);
		print_time(t);
		json_string("event", "node");
		json_number("node", n->id);
		json_string("state", state_name(n->state));
		json_string("reason", reason);
		json_number("epoch", n->epoch);
		json_object_end();
		json_done();
		return;
	}
	print_time(t);
	printf("node %u is %s", n->id, state_name(n->state));
	if (*reason && (n->state == SSI_NODE_STATE_LOST ||
			n->state == SSI_NODE_STATE_REFUSED))
		printf(": %s", reason);
	printf("\n");
}

static void process_event(struct tool *t, const struct ssi_process_ntf_rsp *p)
{
	const char *event = ssi_process_event_str(p->event);
	const char *reason = p->reason_text ? p->reason_text :
					      reason_name(p->reason);
	char comm[32], *c;

	snprintf(comm, sizeof(comm), "%s", p->comm ? p->comm : "");
	for (c = comm; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (t->json) {
		json_object(NULL);
		print_time(t);
		json_string("event", event ? event : "unknown");
		json_number("pid", p->pid);
		json_number("home", p->home);
		json_number("node", p->node);
		json_string("role", p->role == SSI_PROCESS_ROLE_GUEST ? "guest" : "home");
		json_string("command", p->comm ? p->comm : "");
		json_number("pages_away", p->pages_away);
		json_number("freeze_ns", p->freeze_ns);
		json_string("reason", reason_name(p->reason));
		json_string("reason_text", reason);
		json_object_end();
		json_done();
		return;
	}
	print_time(t);
	printf("process %u (%s) ", p->pid, comm);
	switch (p->event) {
	case SSI_PROCESS_EVENT_MOVED:
		printf("moved to node %u: freeze %.3f ms, %llu pages\n", p->node,
		       p->freeze_ns / 1e6, (unsigned long long)p->pages_away);
		break;
	case SSI_PROCESS_EVENT_CAME_HOME:
		printf("came home: %s\n", reason);
		break;
	case SSI_PROCESS_EVENT_REFUSED:
		printf("did not move: %s\n", reason);
		break;
	case SSI_PROCESS_EVENT_KILLED:
		printf("was killed: %s\n", reason);
		break;
	default:
		printf("had an event that this tool does not know\n");
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

int cmd_events(struct tool *t, int argc, char **argv)
{
	struct ynl_ntf_base_type *ntf;
	struct pollfd pfd;
	int code;

	if (argc > 1)
		return usage(t, "events takes no argument, not \"%s\"", argv[1]);
	code = tool_connect(t);
	if (code)
		return code;
	if (ynl_subscribe(t->ys, SSI_MCGRP_EVENTS) < 0)
		return kernel_fail(t, "Events cannot be followed");

	pfd.fd = ynl_socket_get_fd(t->ys);
	pfd.events = POLLIN;
	for (;;) {
		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			return fail(t, EXIT_TROUBLE, "Cannot wait for events: %s",
				    strerror(errno));
		if (ynl_ntf_check(t->ys) < 0) {
			/* More happened than the socket holds: say so, go on. */
			if ((int)t->ys->err.code != ENOBUFS && errno != ENOBUFS)
				return kernel_fail(t, "Events cannot be followed");
			fail(t, EXIT_OK,
			     "Some events were missed: 'ssi ps' and 'ssi nodes' show what is");
		}
		while ((ntf = ynl_ntf_dequeue(t->ys))) {
			print_event(t, ntf);
			ynl_ntf_free(ntf);
		}
		if (ferror(stdout))
			return EXIT_TROUBLE;
	}
}
