// SPDX-License-Identifier: GPL-2.0
/*
 * ssi: look at and control a LinuxSSI cluster.
 *
 * A command reads its arguments completely before it talks to the kernel, so
 * that a wrong one is told as such on any machine.
 */

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static int cmd_help(struct tool *t, int argc, char **argv);

const struct command commands[] = {
	{ "status", "", "what this node is and does", cmd_status },
	{ "nodes", "[add PEER... | del NODE...]", "the other nodes and their state", cmd_nodes },
	{ "join", "[--deadline SECONDS] [CLUSTER NODE LISTEN [PEER...]]",
	  "join a cluster; without arguments as the boot parameters say", cmd_join },
	{ "leave", "", "leave the cluster; everything comes home first", cmd_leave },
	{ "migrate", "[--no-wait] [--timeout SECONDS] {PID... | -a} NODE",
	  "move processes to a node", cmd_migrate },
	{ "home", "[--no-wait] [--timeout SECONDS] {PID... | -a}",
	  "move processes home", cmd_home },
	{ "ps", "[--interval SECONDS]", "processes that are, or were, away or guests", cmd_ps },
	{ "why", "PID", "why a process is where it is", cmd_why },
	{ "events", "", "follow what happens, until interrupted", cmd_events },
	{ "help", "[COMMAND]", "this text", cmd_help },
	{ }
};

/**
 * command_find - look a command up
 * @name: its full name
 *
 * Return: the command or NULL.
 */
const struct command *command_find(const char *name)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/**
 * usage - say what is wrong with the arguments
 * @t: the tool
 * @fmt: sentence without a full stop
 *
 * Return: EXIT_USAGE
 */
int usage(struct tool *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail(t, EXIT_USAGE, "%s; see 'ssi help'", text);
}

static void help_command(const struct command *c)
{
	printf("  ssi %s%s%s\n        %s\n", c->name, *c->args ? " " : "",
	       c->args, c->help);
}

static int cmd_help(struct tool *t, int argc, char **argv)
{
	const struct command *c;

	if (argc > 2)
		return usage(t, "help takes one COMMAND");
	if (argc == 2) {
		c = command_find(argv[1]);
		if (!c)
			return usage(t, "There is no command \"%s\"", argv[1]);
		help_command(c);
		return EXIT_OK;
	}
	printf("ssi moves running processes between the nodes of a LinuxSSI cluster.\n\n");
	for (c = commands; c->name; c++)
		help_command(c);
	printf("\n"
	       "--json before or after the command prints JSON. NODE is a number, PEER is\n"
	       "ID@ADDRESS[:PORT], LISTEN is ADDRESS[:PORT]; addresses are numeric.\n\n"
	       "Exit codes: 0 done, 1 wrong arguments, 2 refused, 3 no such process or node,\n"
	       "4 no permission, 5 no LinuxSSI in this kernel or not joined, 6 timed out,\n"
	       "7 other trouble. More in ssi(8).\n");
	return EXIT_OK;
}

/* Take --json out wherever it stands; what follows "--" is left alone. */
static int take_json(struct tool *t, int argc, char **argv)
{
	int from, to = 1;

	for (from = 1; from < argc; from++) {
		if (!strcmp(argv[from], "--"))
			break;
		if (!strcmp(argv[from], "--json") || !strcmp(argv[from], "-j"))
			t->json = true;
		else
			argv[to++] = argv[from];
	}
	while (from < argc)
		argv[to++] = argv[from++];
	argv[to] = NULL;
	return to;
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct tool t = {};
	const char *name;
	int code;

	argc = take_json(&t, argc, argv);
	if (argc < 2)
		return usage(&t, "Which command?");
	name = argv[1];
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		printf("ssi of Linux %s\n", SRC_VERSION);
		return EXIT_OK;
	}
	c = command_find(name);
	if (!c)
		return usage(&t, "There is no command \"%s\"", name);
	opterr = 0;
	code = c->run(&t, argc - 1, argv + 1);
	if (t.ys)
		ynl_sock_destroy(t.ys);
	if (fflush(stdout) || ferror(stdout))
		return fail(&t, EXIT_TROUBLE, "The output could not be written");
	return code;
}
