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

#include "conf.h"
#include "tool.h"

static int cmd_help(struct tool *t, int argc, char **argv);

static const struct command commands[] = {
	{ "status", "[--watch]", "what this node is and does; again whenever something happens",
	  cmd_status },
	{ "nodes", "[add [--save] PEER... | del [--save] [--force | --check] NODE...]",
	  "the other nodes and their state, or a change of this node's list of them", cmd_nodes },
	{ "node", "add [--save] PEER... | remove [--save] [--force] NODE...",
	  "change the lists of nodes of all members", cmd_node },
	{ "join",
	  "[--key FILE | --insecure] [--deadline SECONDS] [--pid-stride NUMBER] [--local-pids] [--node-cpus] [[--config FILE] [--node NODE] [--check] | CLUSTER NODE LISTEN [PEER...]]",
	  "join a cluster; without arguments as the boot parameters say, or " SSI_CONF_FILE,
	  cmd_join },
	{ "leave", "", "leave the cluster, when nothing is away or a guest here", cmd_leave },
	{ "drain", "[--timeout SECONDS] [--stay] [--undo] [NODE]",
	  "empty a node, and leave when nothing is away or a guest here", cmd_drain },
	{ "keygen", "[FILE]", "make a key, which all nodes of a cluster have; " SSI_KEY_FILE,
	  cmd_keygen },
	{ "key-add", "FILE", "take one more key, for a change of keys", cmd_key_add },
	{ "key-del", "ID", "do not take a key any more", cmd_key_del },
	{ "migrate", "[--no-wait] [--timeout SECONDS] {PID... | -a} NODE",
	  "move processes to a node", cmd_migrate },
	{ "home", "[--no-wait] [--timeout SECONDS] {PID... | -a}",
	  "move processes home", cmd_home },
	{ "ps", "[--interval SECONDS]", "processes that are, or were, away or guests", cmd_ps },
	{ "why", "PID", "why a process is, or is not, away", cmd_why },
	{ "events", "", "follow what happens, until interrupted", cmd_events },
	{ "run", "-n NODE|any|--spread[-all]|--local-view [--policy load|turn] [--] COMMAND...",
	  "run a program, or what it starts, on other nodes", cmd_run },
	{ "help", "[COMMAND]", "this text", cmd_help },
	{ }
};

static const struct command *command_find(const char *name)
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

/**
 * usage_option - say what is wrong with an option
 * @t: the tool
 * @argv: of the command, as getopt_long() has it
 * @c: what getopt_long() returned: ':' if the value is missing
 *
 * Return: EXIT_USAGE
 */
int usage_option(struct tool *t, char **argv, int c)
{
	const char letter[] = { '-', optopt, '\0' }, *option = argv[optind - 1];

	/* Of several letters in one word it is this one. */
	if (strncmp(option, "--", 2))
		option = letter;
	if (c == ':')
		return usage(t, "The value of %s is missing", option);
	return usage(t, "%s has no option \"%s\"", argv[0], option);
}

static void help_command(struct tool *t, const struct command *c)
{
	if (t->json) {
		json_object(NULL);
		json_string("command", c->name);
		json_string("arguments", c->args);
		json_string("help", c->help);
		json_object_end();
	} else {
		say("  ssi %s%s%s", c->name, *c->args ? " " : "", c->args);
		say("        %s", c->help);
	}
}

static void help_all(struct tool *t)
{
	const struct command *c;

	if (t->json)
		json_array(NULL);
	else
		printf("ssi moves running processes between the nodes of a LinuxSSI cluster.\n\n");
	for (c = commands; c->name; c++)
		help_command(t, c);
	if (t->json)
		json_array_end();
	else
		printf("\n"
		       "--json before or after the command prints JSON. NODE is a number, to migrate\n"
		       "also \"home\"; PEER is ID@ADDRESS[:PORT], LISTEN is ADDRESS[:PORT]; addresses\n"
		       "are numeric.\n\n"
		       "Exit codes: 0 done, 1 wrong arguments, 2 refused, 3 no such process or node,\n"
		       "4 no permission, 5 no LinuxSSI in this kernel or not joined, 6 timed out,\n"
		       "7 other trouble. More in ssi(8).\n");
}

static int cmd_help(struct tool *t, int argc, char **argv)
{
	const struct command *c = NULL;

	if (argc > 2)
		return usage(t, "help takes one COMMAND");
	if (argc == 2) {
		c = command_find(argv[1]);
		if (!c)
			return usage(t, "There is no command \"%s\"", argv[1]);
	}
	if (c)
		help_command(t, c);
	else
		help_all(t);
	if (t->json)
		json_done();
	return EXIT_OK;
}

static int print_version(struct tool *t)
{
	if (t->json) {
		json_object(NULL);
		json_string("version", SRC_VERSION);
		json_object_end();
		json_done();
	} else {
		say("ssi of Linux %s", SRC_VERSION);
	}
	return EXIT_OK;
}

static bool is_option(const char *word, const char *name, const char *letter)
{
	return word && (!strcmp(word, name) || !strcmp(word, letter));
}

/*
 * Take --json out wherever it stands; what follows "--" is left alone, and what belongs
 * to the program of "run".
 */
static int take_json(struct tool *t, int argc, char **argv)
{
	int from, to = 1, words = 0;
	bool runs = false;

	for (from = 1; from < argc; from++) {
		if (!strcmp(argv[from], "--"))
			break;
		if (*argv[from] != '-' && !words++)
			runs = !strcmp(argv[from], "run");
		else if (*argv[from] != '-' && runs)
			break;
		if (is_option(argv[from], "--json", "-j"))
			t->json = true;
		else
			argv[to++] = argv[from];
	}
	while (from < argc)
		argv[to++] = argv[from++];
	argv[to] = NULL;
	return to;
}

/* ssi --help, ssi COMMAND --help: as ssi help, ssi help COMMAND. */
static int run(struct tool *t, int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return usage(t, "Which command?");
	if (is_option(argv[1], "--version", "-V"))
		return print_version(t);
	if (is_option(argv[1], "--help", "-h"))
		return cmd_help(t, argc - 1, argv + 1);
	c = command_find(argv[1]);
	if (!c)
		return usage(t, "There is no command \"%s\"", argv[1]);
	if (is_option(argv[2], "--help", "-h"))
		return cmd_help(t, 2, argv);
	opterr = 0;
	return c->run(t, argc - 1, argv + 1);
}

/**
 * main - run the command that the arguments name
 * @argc: how many
 * @argv: arguments
 *
 * Return: an enum exit_code.
 */
int main(int argc, char **argv)
{
	struct tool t = {};
	int code;

	argc = take_json(&t, argc, argv);
	code = run(&t, argc, argv);
	if (t.ys)
		ynl_sock_destroy(t.ys);
	if (fflush(stdout) || ferror(stdout))
		return fail(&t, EXIT_TROUBLE, "The output could not be written");
	return code;
}
