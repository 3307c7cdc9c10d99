// SPDX-License-Identifier: GPL-2.0
/*
 * nodes add, nodes del: change the list of the other nodes, in the kernel and in the file.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "node.h"
#include "ssi-user.h"
#include "tool.h"

#define FORCE_MS	10000	/* what is dying is waited for */
#define FORCE_PAUSE_MS	50

/**
 * change_parse - read the options of a change
 * @t: the tool
 * @argc: how many
 * @argv: a word and what follows it; optind is where the nodes begin
 * @change: filled in
 *
 * Return: EXIT_OK, or EXIT_USAGE with the sentence said.
 */
int change_parse(struct tool *t, int argc, char **argv, struct change *change)
{
	static const struct option options[] = {
		{ "save", no_argument, NULL, 's' },
		{ "check", no_argument, NULL, 'c' },
		{ "force", no_argument, NULL, 'F' },
		{ "config", required_argument, NULL, 'f' },
		{ }
	};
	int c;

	change->config = SSI_CONF_FILE;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (c) {
		case 's':
			change->save = true;
			break;
		case 'c':
			change->check = true;
			break;
		case 'F':
			change->force = true;
			break;
		case 'f':
			change->config = optarg;
			break;
		default:
			return usage_option(t, argv, c);
		}
	}
	return EXIT_OK;
}

/* A change that is not in the file ends with the next boot. */
static void say_unsaved(struct tool *t, const struct change *change, int nr,
			const unsigned int *ids, bool present)
{
	struct conf conf = { .quiet = true };
	char text[256] = "";
	int i, code;

	code = conf_read(t, change->config, &conf);
	for (i = 0; i < nr && !code && strlen(text) < sizeof(text) - 16; i++)
		if (!conf_find(&conf, ids[i]) == present)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u",
				 *text ? ", " : "", ids[i]);
	if (code == EXIT_USAGE)
		say("%s has mistakes: 'ssi join --check' tells them", change->config);
	else if (*text)
		say("%s %s node %s: give --save, or edit it", change->config,
		    present ? "lacks" : "still has", text);
	conf_free(&conf);
}

static int save_added(struct tool *t, struct conf *conf, int nr, const struct peer *peers)
{
	int i, code = EXIT_OK;

	for (i = 0; i < nr && !code; i++)
		code = conf_add(t, conf, &peers[i]);
	return code;
}

static int do_add(struct tool *t, const struct change *change, int nr, struct peer *peers)
{
	unsigned int *ids;
	int i, code;

	code = tool_connect(t);
	if (!code)
		code = peers_add(t, nr, peers);
	if (code || change->save || t->json)
		return code;
	ids = need(t, calloc(nr, sizeof(*ids)));
	for (i = 0; i < nr; i++)
		ids[i] = peers[i].id;
	say_unsaved(t, change, nr, ids, true);
	free(ids);
	return EXIT_OK;
}

static int nodes_add(struct tool *t, const struct change *change, int nr, char **texts)
{
	struct peer *peers;
	struct conf conf = {};
	int code, lock = -1;

	code = peers_parse(t, nr, texts, &peers);
	if (code)
		return code;
	if (change->save)
		code = conf_lock(t, change->config, &lock);
	if (change->save && !code)
		code = conf_read(t, change->config, &conf);
	if (change->save && !code)
		code = save_added(t, &conf, nr, peers);
	if (!code)
		code = do_add(t, change, nr, peers);
	if (change->save && !code)
		code = conf_write(t, &conf);
	conf_free(&conf);
	if (lock >= 0)
		close(lock);
	free(peers);
	return code;
}

/**
 * struct ties - what two nodes have with each other
 * @guests: its processes that are guests here
 * @away: processes of this node that are there
 * @programs: those that one of the two has started on the other
 */
struct ties {
	unsigned int guests;
	unsigned int away;
	unsigned int programs;
};

static bool ties_count(struct tool *t, unsigned int id, struct ties *ties)
{
	struct ssi_process_get_list *list = ssi_process_get_dump(t->ys);

	if (!list)
		return false;
	ynl_dump_foreach(list, p) {
		if (p->role == SSI_PROCESS_ROLE_GUEST)
			ties->guests += p->home == id;
		else if (p->program)
			ties->programs += p->node == id;
		else
			ties->away += p->node == id && p->node != p->home;
		ties->programs += p->origin == id;
	}
	ssi_process_get_list_free(list);
	return true;
}

static void add_tie(char *text, size_t size, const char *what, unsigned int nr)
{
	size_t len = strlen(text);

	if (nr)
		snprintf(text + len, size - len, "%s%s: %u", len ? ", " : "", what, nr);
}

/* Empty if there are none. */
static const char *ties_text(char *text, size_t size, const struct ties *ties)
{
	*text = '\0';
	add_tie(text, size, "guests of it here", ties->guests);
	add_tie(text, size, "processes of this node there", ties->away);
	add_tie(text, size, "programs that one has started on the other", ties->programs);
	return text;
}

/* What the kernel would refuse for, before anything has been done anywhere. */
static int check_del(struct tool *t, unsigned int id)
{
	struct ties ties = {};
	char text[128];

	if (!ties_count(t, id, &ties))
		return kernel_fail(t, NULL);
	if (!*ties_text(text, sizeof(text), &ties))
		return EXIT_OK;
	return fail(t, EXIT_REFUSED,
		    "Node %u cannot be removed (%s): 'ssi drain' on node %u empties it, 'ssi ps' shows what there is",
		    id, text, id);
}

/* What the node has here dies; mostly the kernel does not have to be asked again. */
static int force_del(struct tool *t, unsigned int id)
{
	unsigned long long end = clock_ms() + FORCE_MS;
	int err;

	for (;;) {
		err = node_del(t, id, true);
		if (err >= 0 || (int)t->ys->err.code != EBUSY || clock_ms() >= end)
			return err;
		sleep_ms(FORCE_PAUSE_MS);
	}
}

static int del_failed(struct tool *t, const struct change *change, unsigned int id, bool in_file)
{
	int error = t->ys->err.code;
	char what[512];

	/* what a change without --save has left in the file can be taken out later */
	if (error == ENOENT && in_file)
		return EXIT_OK;
	if (error != EBUSY || !change->force) {
		snprintf(what, sizeof(what), "Node %u was not removed", id);
		return kernel_fail(t, what);
	}
	kernel_error(t, what, sizeof(what));
	return fail(t, EXIT_TIMEOUT,
		    "Node %u is lost, but still in the list after %u s (%s): see which processes do not die, and repeat it",
		    id, FORCE_MS / 1000, what);
}

static int do_del(struct tool *t, const struct change *change, unsigned int id, bool in_file)
{
	struct ties ties = {};
	char text[128];

	/* who removes by force does so even if the cost cannot be told */
	if (change->force && !ties_count(t, id, &ties))
		ties = (struct ties){};
	if ((change->force ? force_del(t, id) : node_del(t, id, false)) < 0)
		return del_failed(t, change, id, in_file);
	if (!t->json && *ties_text(text, sizeof(text), &ties))
		say("Node %u was removed with all that the two had with each other (%s).", id,
		    text);
	return EXIT_OK;
}

static int del_each(struct tool *t, const struct change *change, int nr,
		    const unsigned int *ids, struct conf *conf)
{
	bool in_file, any = false;
	int i, code, err;

	code = tool_connect(t);
	for (i = 0; i < nr && !code; i++) {
		in_file = change->save && conf_find(conf, ids[i]);
		code = change->check ? check_del(t, ids[i]) :
				do_del(t, change, ids[i], in_file);
		if (code || !in_file)
			continue;
		code = conf_remove(t, conf, ids[i]);
		any |= !code;
	}
	/* those before one that was refused are gone from the kernel */
	if (any) {
		err = conf_write(t, conf);
		code = code ? code : err;
	}
	if (!code && !change->save && !change->check && !t->json)
		say_unsaved(t, change, nr, ids, false);
	return code;
}

static int nodes_del(struct tool *t, const struct change *change, int nr, char **texts)
{
	struct conf conf = {};
	int code, lock = -1;
	unsigned int *ids;

	if (change->save && change->check)
		return usage(t, "--save and --check exclude each other");
	if (change->force && change->check)
		return usage(t, "--force and --check exclude each other");
	code = parse_numbers(t, "node id", SSI_NODE_ID_MAX, nr, texts, &ids);
	if (code)
		return code;
	if (change->save)
		code = conf_lock(t, change->config, &lock);
	if (change->save && !code)
		code = conf_read(t, change->config, &conf);
	if (!code)
		code = del_each(t, change, nr, ids, &conf);
	conf_free(&conf);
	if (lock >= 0)
		close(lock);
	free(ids);
	return code;
}

/**
 * nodes_change - nodes add, nodes del
 * @t: the tool
 * @argc: how many
 * @argv: "add" or "del", options, and which
 *
 * Return: an exit code.
 */
int nodes_change(struct tool *t, int argc, char **argv)
{
	bool add = argc && !strcmp(argv[0], "add");
	struct change change = {};
	int code;

	if (!argc || (!add && strcmp(argv[0], "del")))
		return usage(t, "nodes takes nothing, or add PEER..., or del NODE...");
	code = change_parse(t, argc, argv, &change);
	if (code)
		return code;
	if (optind == argc || (add && (change.check || change.force)))
		return usage(t,
			     "nodes takes nothing, or add [--save] PEER..., or del [--save] [--force | --check] NODE...");
	if (add)
		return nodes_add(t, &change, argc - optind, argv + optind);
	return nodes_del(t, &change, argc - optind, argv + optind);
}
