// SPDX-License-Identifier: GPL-2.0
/*
 * node add, node remove: change the list of nodes on all members.
 *
 * Each member changes its own list: a program is started there that says
 * "ssi nodes add" or "ssi nodes del", as a person would. Members are told one after the
 * other, so that they can share the directory of the file, and so that what one
 * refuses can keep the others from being told. There is no undoing: what a change has
 * reached it has reached, and the same command says it to the rest.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node.h"
#include "ssi-user.h"
#include "tool.h"

/**
 * struct member - a node that is to be told
 * @id: its node id
 * @state: what it is to this one; enum ssi_node_state
 */
struct member {
	unsigned int id;
	unsigned int state;
};

/**
 * struct telling - a change that is told
 * @change: its options
 * @self: the program that tells
 * @here: id of this node
 * @nr_members: how many @members
 * @members: the other nodes, as they were before the change
 * @worst: the highest exit code so far
 * @untold: nodes that were not told
 * @unknowing: nodes that did not know what was to be removed
 * @knowing: nodes that did, or were told what they did not know
 */
struct telling {
	struct change change;
	char self[PATH_MAX];
	unsigned int here;
	unsigned int nr_members;
	struct member *members;
	int worst;
	unsigned int untold;
	unsigned int unknowing;
	unsigned int knowing;
};

static bool is_member(const struct member *m)
{
	return m->state == SSI_NODE_STATE_MEMBER || m->state == SSI_NODE_STATE_DRAINING;
}

static int read_members(struct tool *t, struct telling *tell)
{
	struct ssi_node_get_list *list = ssi_node_get_dump(t->ys);
	struct member *m;

	if (!list)
		return kernel_fail(t, NULL);
	ynl_dump_foreach(list, n) {
		tell->members = need(t, realloc(tell->members,
						(tell->nr_members + 1) * sizeof(*m)));
		m = &tell->members[tell->nr_members++];
		m->id = n->id;
		m->state = n->state;
	}
	ssi_node_get_list_free(list);
	return EXIT_OK;
}

static int begin(struct tool *t, struct telling *tell)
{
	struct ssi_status_get_rsp *s;
	ssize_t len;
	int code;

	code = tool_connect(t);
	if (code)
		return code;
	s = ssi_status_get(t->ys);
	if (!s)
		return kernel_fail(t, NULL);
	if (!s->_present.joined)
		code = fail(t, EXIT_NO_SSI,
			    "This node has not joined a cluster, so it can tell nobody: use 'ssi join', or 'ssi nodes' for this node alone");
	tell->here = s->node;
	ssi_status_get_rsp_free(s);
	len = readlink("/proc/self/exe", tell->self, sizeof(tell->self) - 1);
	if (!code && len < 0)
		code = fail(t, EXIT_TROUBLE, "Which program is this? /proc/self/exe: %s",
			    strerror(errno));
	return code ? code : read_members(t, tell);
}

/* In the child: only the two ends of a conversation are open, and the directory is everywhere. */
static void __attribute__((noreturn)) become(char **argv, int out)
{
	int in = open("/dev/null", O_RDONLY);

	if (in < 0 || chdir("/") || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
	    close_range(3, ~0U, 0))
		_exit(EXIT_TROUBLE);
	execv(argv[0], argv);
	fprintf(stderr, "ssi: %s cannot be run: %s.\n", argv[0], strerror(errno));
	_exit(EXIT_TROUBLE);
}

static char *read_all(struct tool *t, int fd)
{
	size_t len = 0, size = 0;
	char *text = NULL;
	ssize_t got;

	do {
		if (size - len < 512) {
			size += 4096;
			text = need(t, realloc(text, size));
		}
		got = read(fd, text + len, size - len - 1);
		if (got > 0)
			len += got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	text[len] = '\0';
	return text;
}

/* Lines become one, without their full stops and the name of the program. */
static char *one_line(struct tool *t, const char *lines)
{
	char *text = need(t, malloc(2 * strlen(lines) + 1)), *to = text;
	size_t len;

	for (; *lines; lines += len + !!lines[len]) {
		if (!strncmp(lines, "ssi: ", 5))
			lines += 5;
		len = strcspn(lines, "\n");
		if (len && to > text)
			to = stpcpy(to, "; ");
		to = mempcpy(to, lines, len);
		if (len && to[-1] == '.')
			to--;
	}
	*to = '\0';
	return text;
}

/* The exit code of a program, in which @text is told by what there is no code for. */
static int exit_of(struct tool *t, int status, char **text)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (code == EXIT_NOT_RUN || code == EXIT_NOT_FOUND)
		return EXIT_REFUSED;
	if (code >= 0 && code <= EXIT_TROUBLE)
		return code;
	free(*text);
	*text = need(t, strdup("it was lost, or the program killed, before it answered"));
	return EXIT_TROUBLE;
}

static int run(struct tool *t, char **argv, char **text)
{
	int fds[2], status, code;
	char *lines;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		exit(fail(t, EXIT_TROUBLE, "No pipe can be made: %s", strerror(errno)));
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		exit(fail(t, EXIT_TROUBLE, "No process can be made: %s", strerror(errno)));
	if (!pid)
		become(argv, fds[1]);
	close(fds[1]);
	lines = read_all(t, fds[0]);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			exit(fail(t, EXIT_TROUBLE, "A child was lost: %s", strerror(errno)));
	code = exit_of(t, status, &lines);
	*text = one_line(t, lines);
	free(lines);
	return code;
}

/* Run "ssi nodes WORD [OPTION...] WHAT..." on a node. */
static int run_on(struct tool *t, struct telling *tell, unsigned int node, const char *word,
		  bool check, int nr, char **what, char **text)
{
	char **argv = need(t, calloc(nr + 16, sizeof(*argv)));
	char number[NUMBER_TEXT];
	int i = 0, code;

	argv[i++] = tell->self;
	if (node != tell->here) {
		snprintf(number, sizeof(number), "%u", node);
		argv[i++] = "run";
		argv[i++] = "-n";
		argv[i++] = number;
		argv[i++] = "--";
		argv[i++] = tell->self;
	}
	argv[i++] = "nodes";
	argv[i++] = (char *)word;
	if (check)
		argv[i++] = "--check";
	if (tell->change.save && !check)
		argv[i++] = "--save";
	if (tell->change.force)
		argv[i++] = "--force";
	argv[i++] = "--config";
	argv[i++] = (char *)tell->change.config;
	memcpy(argv + i, what, nr * sizeof(*argv));
	code = run(t, argv, text);
	free(argv);
	return code;
}

static void report(struct tool *t, struct telling *tell, unsigned int node, int code,
		   const char *text)
{
	if (code > tell->worst)
		tell->worst = code;
	if (code)
		tell->untold++;
	if (t->json) {
		json_object(NULL);
		json_number("node", node);
		json_number("exit", code);
		if (*text)
			json_string(code ? "error" : "note", text);
		json_object_end();
	} else if (code) {
		say("node %u: %s", node, text);
	} else {
		say("node %u: done%s%s", node, *text ? "; " : "", text);
	}
	fflush(stdout);
}

/* A node that is no member now: it may come back with the list that it has. */
static void report_absent(struct tool *t, struct telling *tell, const struct member *m)
{
	const char *left = "has left; it joins with what its own file says then";
	char text[128];

	snprintf(text, sizeof(text), "not told: it is %s, and no member now",
		 state_name(m->state));
	if (m->state != SSI_NODE_STATE_GONE)
		report(t, tell, m->id, EXIT_REFUSED, text);
	else if (t->json)
		report(t, tell, m->id, EXIT_OK, left);
	else
		say("node %u: %s", m->id, left);
}

/* The same command again is harmless where it was done. */
static int finish(struct tool *t, struct telling *tell, const char *word, int nr, char **what)
{
	const char *force = tell->change.force ? " --force" : "";
	char text[512] = "";
	int i;

	if (t->json) {
		json_array_end();
		json_done();
	}
	if (!tell->worst)
		return EXIT_OK;
	for (i = 0; i < nr && strlen(text) + strlen(what[i]) + 2 < sizeof(text); i++)
		sprintf(text + strlen(text), " %s", what[i]);
	return fail(t, tell->worst,
		    "%u node%s not changed: when nothing stands against it repeat 'ssi node %s%s%s%s', or say 'ssi nodes %s%s%s' there",
		    tell->untold, tell->untold == 1 ? " was" : "s were", word,
		    tell->change.save ? " --save" : "", force, text,
		    !strcmp(word, "add") ? "add" : "del", force, text);
}

static void say_no_file(struct tool *t, const struct telling *tell)
{
	if (!t->json && access(tell->change.config, F_OK))
		say("There is no %s here: change what tells this node of the others at boot, too.",
		    tell->change.config);
}

static bool among(unsigned int id, int nr, const unsigned int *ids)
{
	int i;

	for (i = 0; i < nr; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* All but the one that is told: a list may be the same for all. */
static int tell_added(struct tool *t, struct telling *tell, unsigned int node, int nr,
		      char **texts, const unsigned int *ids)
{
	char **others = need(t, calloc(nr + 1, sizeof(*others))), *text;
	int i, nr_others = 0, code = EXIT_OK;

	for (i = 0; i < nr; i++)
		if (ids[i] != node)
			others[nr_others++] = texts[i];
	if (nr_others) {
		code = run_on(t, tell, node, "add", false, nr_others, others, &text);
		report(t, tell, node, code, text);
		free(text);
	}
	free(others);
	return code;
}

static int tell_all_added(struct tool *t, struct telling *tell, int nr, char **texts,
			  const unsigned int *ids)
{
	unsigned int i;

	if (t->json)
		json_array(NULL);
	/* what this node refuses nobody else is to be told */
	if (tell_added(t, tell, tell->here, nr, texts, ids)) {
		if (t->json) {
			json_array_end();
			json_done();
		}
		return fail(t, tell->worst, "No other node was told");
	}
	for (i = 0; i < tell->nr_members; i++) {
		const struct member *m = &tell->members[i];

		if (is_member(m))
			tell_added(t, tell, m->id, nr, texts, ids);
		else if (!among(m->id, nr, ids))
			report_absent(t, tell, m);
	}
	say_no_file(t, tell);
	return finish(t, tell, "add", nr, texts);
}

static int add(struct tool *t, struct telling *tell, int nr, char **texts)
{
	struct peer *peers;
	unsigned int *ids;
	int i, code;

	code = peers_parse(t, nr, texts, &peers);
	if (code)
		return code;
	ids = need(t, calloc(nr, sizeof(*ids)));
	for (i = 0; i < nr; i++)
		ids[i] = peers[i].id;
	free(peers);
	code = begin(t, tell);
	if (!code)
		code = tell_all_added(t, tell, nr, texts, ids);
	free(ids);
	return code;
}

/* Would a node refuse? Said only if it would: that ends all. */
static int ask(struct tool *t, struct telling *tell, unsigned int node, int nr, char **texts)
{
	char *text;
	int code;

	code = run_on(t, tell, node, "del", true, nr, texts, &text);
	if (code)
		fail(t, code, "On node %u: %s", node, text);
	free(text);
	return code;
}

static int ask_all(struct tool *t, struct telling *tell, int nr, char **texts,
		   const unsigned int *ids)
{
	unsigned int i;
	int code, worst;

	worst = ask(t, tell, tell->here, nr, texts);
	for (i = 0; i < tell->nr_members; i++) {
		const struct member *m = &tell->members[i];

		if (!is_member(m) || among(m->id, nr, ids))
			continue;
		code = ask(t, tell, m->id, nr, texts);
		if (code > worst)
			worst = code;
	}
	if (worst)
		return fail(t, worst, "Nothing was removed anywhere");
	return EXIT_OK;
}

/* One by one: a node that does not know one of them is to forget the others. */
static void tell_removed(struct tool *t, struct telling *tell, unsigned int node, int nr,
			 char **texts)
{
	char *all = NULL, *text, *longer;
	int i, code, worst = EXIT_OK;

	for (i = 0; i < nr; i++) {
		code = run_on(t, tell, node, "del", false, 1, texts + i, &text);
		if (code == EXIT_UNKNOWN && strstr(text, "There is no node with this id")) {
			tell->unknowing++;
			code = EXIT_OK;
			free(text);
			if (asprintf(&text, "it did not know node %s", texts[i]) < 0)
				need(t, NULL);
		} else if (!code) {
			tell->knowing++;
		}
		if (code > worst)
			worst = code;
		if (asprintf(&longer, "%s%s%s", all ? all : "", all && *all && *text ? "; " : "",
			     text) < 0)
			need(t, NULL);
		free(text);
		free(all);
		all = longer;
	}
	report(t, tell, node, worst, all);
	free(all);
}

static int tell_all_removed(struct tool *t, struct telling *tell, int nr, char **texts,
			    const unsigned int *ids)
{
	const struct member *m;
	unsigned int i;
	int code;

	if (t->json)
		json_array(NULL);
	for (i = 0; i < tell->nr_members; i++) {
		m = &tell->members[i];
		if (among(m->id, nr, ids))
			continue;
		if (is_member(m))
			tell_removed(t, tell, m->id, nr, texts);
		else
			report_absent(t, tell, m);
	}
	tell_removed(t, tell, tell->here, nr, texts);
	say_no_file(t, tell);
	code = finish(t, tell, "remove", nr, texts);
	if (!code && !tell->knowing && tell->unknowing)
		return fail(t, EXIT_UNKNOWN, "No node knew of any of them: 'ssi nodes' lists them");
	/* it has no members any more, but goes on to look for them */
	for (i = 0; i < tell->nr_members && !t->json; i++) {
		m = &tell->members[i];
		if (is_member(m) && among(m->id, nr, ids))
			say("Node %u itself cannot be told from here: say 'ssi leave' there.",
			    m->id);
	}
	return code;
}

static int remove_nodes(struct tool *t, struct telling *tell, int nr, char **texts)
{
	unsigned int *ids;
	int code;

	code = parse_numbers(t, "node id", SSI_NODE_ID_MAX, nr, texts, &ids);
	if (code)
		return code;
	code = begin(t, tell);
	if (!code && among(tell->here, nr, ids))
		code = fail(t, EXIT_REFUSED,
			    "Node %u is this node itself: empty it with 'ssi drain', which leaves, and remove it from another one",
			    tell->here);
	if (!code && !tell->change.force)
		code = ask_all(t, tell, nr, texts, ids);
	if (!code)
		code = tell_all_removed(t, tell, nr, texts, ids);
	free(ids);
	return code;
}

/**
 * cmd_node - change the list of nodes on all members
 * @t: the tool
 * @argc: how many
 * @argv: "node", "add" or "remove", options, and which
 *
 * Return: an exit code, the highest of all nodes.
 */
int cmd_node(struct tool *t, int argc, char **argv)
{
	bool adds = argc > 1 && !strcmp(argv[1], "add");
	struct telling tell = {};
	int code;

	if (argc < 2 || (!adds && strcmp(argv[1], "remove")))
		return usage(t, "node takes add PEER..., or remove NODE...");
	code = change_parse(t, argc - 1, argv + 1, &tell.change);
	if (code)
		return code;
	argv += 1 + optind;
	argc -= 1 + optind;
	if (!argc || tell.change.check || (adds && tell.change.force))
		return usage(t,
			     "node takes add [--save] PEER..., or remove [--save] [--force] NODE...");
	if (*tell.change.config != '/')
		return usage(t, "\"%s\" is not a whole path, which other nodes could know",
			     tell.change.config);
	code = adds ? add(t, &tell, argc, argv) : remove_nodes(t, &tell, argc, argv);
	free(tell.members);
	return code;
}
