// SPDX-License-Identifier: GPL-2.0
/*
 * The file that describes a cluster, the same on all of its nodes.
 *
 * A line is a word with its values, a comment, or blank. All mistakes are told, not the
 * first alone, each with its line; a file with one is not used, lest a node join
 * with half of what was meant.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "lend.h"
#include "tool.h"

#define CONF_SIZE_MAX		(1024 * 1024)
#define CONF_LINE_MAX		1000
#define CONF_MISTAKES_MAX	10
#define CONF_VALUES_MAX		2

static void __printf(3, 4) mistake(struct tool *t, struct conf *conf, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	conf->mistakes++;
	if (conf->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail(t, EXIT_USAGE, "%s:%u: %s", conf->path, conf->line, text);
}

static void read_cluster(struct tool *t, struct conf *conf, char **values)
{
	if (strlen(values[0]) > SSI_CLUSTER_NAME_LEN)
		mistake(t, conf, "A cluster's name has 1 to %u bytes", SSI_CLUSTER_NAME_LEN);
	else
		strcpy(conf->cluster, values[0]);
}

/* NULL if others can reach a node there; a text that ends "... is". */
static const char *address_flaw(const struct address *addr)
{
	struct in6_addr in6;
	__u32 ip;

	if (addr->len == 4) {
		memcpy(&ip, addr->bytes, sizeof(ip));
		ip = ntohl(ip);
		if (ip >> 24 == 127)
			return "this machine to every machine";
		if (!(ip >> 24) || ip >> 28 == 0xe || ip == 0xffffffff)
			return "not the address of one machine";
		return NULL;
	}
	memcpy(&in6, addr->bytes, sizeof(in6));
	if (IN6_IS_ADDR_LOOPBACK(&in6))
		return "this machine to every machine";
	if (IN6_IS_ADDR_UNSPECIFIED(&in6) || IN6_IS_ADDR_MULTICAST(&in6))
		return "not the address of one machine";
	if (IN6_IS_ADDR_V4MAPPED(&in6))
		return "an IPv4 address, which is written as such";
	if (IN6_IS_ADDR_LINKLOCAL(&in6) && !addr->scope)
		return "link-local, and lacks its %DEVICE";
	return NULL;
}

static bool node_is_new(struct tool *t, struct conf *conf, const struct peer *peer,
			char **values)
{
	unsigned int i;

	for (i = 0; i < conf->nr_nodes; i++) {
		const struct conf_node *n = &conf->nodes[i];

		if (n->peer.id == peer->id)
			mistake(t, conf, "Node %u stands in line %u already", peer->id, n->line);
		else if (address_same(&n->peer.addr, &peer->addr))
			mistake(t, conf, "%s is the address of node %u in line %u already",
				values[1], n->peer.id, n->line);
		else
			continue;
		return false;
	}
	return true;
}

static void read_node(struct tool *t, struct conf *conf, char **values)
{
	struct peer peer = {};
	struct conf_node *n;
	const char *flaw;

	if (!parse_u32(values[0], 1, SSI_NODE_ID_MAX, &peer.id)) {
		mistake(t, conf, "\"%s\" is not a node id: that is a number of 1 to %u",
			values[0], SSI_NODE_ID_MAX);
		return;
	}
	if (!parse_address(values[1], &peer.addr)) {
		mistake(t, conf,
			"\"%s\" is not an address: write a numeric ADDRESS or ADDRESS:PORT, for IPv6 [ADDRESS]:PORT",
			values[1]);
		return;
	}
	flaw = address_flaw(&peer.addr);
	if (flaw) {
		mistake(t, conf, "%s is %s: write the one that the other nodes reach this node by",
			values[1], flaw);
		return;
	}
	if (!peer.addr.port)
		peer.addr.port = SSI_DEFAULT_PORT;
	if (!node_is_new(t, conf, &peer, values))
		return;
	conf->nodes = need(t, realloc(conf->nodes, (conf->nr_nodes + 1) * sizeof(*n)));
	n = &conf->nodes[conf->nr_nodes++];
	n->peer = peer;
	n->line = conf->line;
	n->offset = conf->offset;
	n->len = conf->line_len;
}

static void read_membership(struct tool *t, struct conf *conf, char **values)
{
	conf->corosync = !strcmp(values[0], "corosync");
	if (!conf->corosync && strcmp(values[0], "static"))
		mistake(t, conf,
			"\"%s\" is not who owns the list of nodes: that is \"static\", this file, or \"corosync\"",
			values[0]);
}

static void read_deadline(struct tool *t, struct conf *conf, char **values)
{
	if (!parse_ms(values[0], 500, 60000, &conf->deadline))
		mistake(t, conf, "\"%s\" is not a deadline: that is 0.5 to 60 seconds", values[0]);
}

static void read_pid_stride(struct tool *t, struct conf *conf, char **values)
{
	if (!parse_u32(values[0], 250000, 1000000, &conf->pid_stride) ||
	    (conf->pid_stride != 250000 && conf->pid_stride != 1000000))
		mistake(t, conf,
			"\"%s\" is not how many process ids a node has: that is 1000000 or 250000",
			values[0]);
}

static void read_local_pids(struct tool *t, struct conf *conf, char **values)
{
	(void)t;
	(void)values;
	conf->local_pids = true;
}

static void key_or_none(struct tool *t, struct conf *conf)
{
	if (conf->key_file && conf->insecure)
		mistake(t, conf, "\"key\" and \"insecure\" exclude each other");
}

static void read_key(struct tool *t, struct conf *conf, char **values)
{
	/* whoever runs the tool at boot does so in any directory */
	if (*values[0] != '/') {
		mistake(t, conf, "\"%s\" is not a whole path: that begins with /", values[0]);
		return;
	}
	conf->key_file = need(t, strdup(values[0]));
	key_or_none(t, conf);
}

static void read_insecure(struct tool *t, struct conf *conf, char **values)
{
	(void)values;
	conf->insecure = true;
	key_or_none(t, conf);
}

static void read_lend(struct tool *t, struct conf *conf, char **values)
{
	unsigned int mib;

	if (!parse_u32(values[0], 0, ~0U, &mib))
		mistake(t, conf,
			"\"%s\" is not how much memory to lend: that is a number of MiB, or 0 for no limit",
			values[0]);
	else
		snprintf(conf->lend, sizeof(conf->lend), "%u", mib);
}

static void read_uids(struct tool *t, struct conf *conf, char **values)
{
	const char *flaw = lend_uids_flaw(values[0]);

	if (flaw)
		mistake(t, conf, "\"%s\" %s", values[0], flaw);
	else
		conf->uids = need(t, strdup(values[0]));
}

/**
 * struct conf_word - what a line begins with
 * @name: that word
 * @values: how the line goes on
 * @nr_values: words of that
 * @many: it may stand more than once
 * @read: takes the values
 */
struct conf_word {
	const char *name;
	const char *values;
	unsigned int nr_values;
	bool many;
	void (*read)(struct tool *t, struct conf *conf, char **values);
};

static const struct conf_word words[CONF_NR_WORDS] = {
	{ "cluster", " NAME", 1, false, read_cluster },
	{ "node", " ID ADDRESS[:PORT]", 2, true, read_node },
	{ "membership", " static|corosync", 1, false, read_membership },
	{ "deadline", " SECONDS", 1, false, read_deadline },
	{ "pid-stride", " NUMBER", 1, false, read_pid_stride },
	{ "local-pids", "", 0, false, read_local_pids },
	{ "key", " FILE", 1, false, read_key },
	{ "insecure", "", 0, false, read_insecure },
	{ "lend", " MIB", 1, false, read_lend },
	{ "uids", " FIRST[-LAST][,...]", 1, false, read_uids },
};

static void read_words(struct tool *t, struct conf *conf, const char *name, char **values,
		       unsigned int nr)
{
	const struct conf_word *w = words;
	unsigned int *seen;

	while (w < words + CONF_NR_WORDS && strcmp(w->name, name))
		w++;
	if (w == words + CONF_NR_WORDS) {
		mistake(t, conf,
			"There is no word \"%s\", but cluster, node, membership, deadline, pid-stride, local-pids, key, insecure, lend and uids",
			name);
		return;
	}
	if (nr != w->nr_values) {
		mistake(t, conf, "Write \"%s%s\", with nothing more and nothing less", w->name,
			w->values);
		return;
	}
	seen = &conf->seen[w - words];
	if (*seen && !w->many) {
		mistake(t, conf, "\"%s\" stands in line %u already", name, *seen);
		return;
	}
	*seen = conf->line;
	w->read(t, conf, values);
}

static void read_line(struct tool *t, struct conf *conf, const char *text, size_t len)
{
	char line[CONF_LINE_MAX + 1], *values[CONF_VALUES_MAX], *name, *word, *rest;
	unsigned int nr = 0;

	if (len > CONF_LINE_MAX) {
		mistake(t, conf, "This line is longer than %u bytes", CONF_LINE_MAX);
		return;
	}
	if (memchr(text, '\0', len)) {
		mistake(t, conf, "This line has a NUL byte: the file is to be text");
		return;
	}
	memcpy(line, text, len);
	line[len] = '\0';
	name = strtok_r(line, " \t\r", &rest);
	if (!name || *name == '#')
		return;
	while ((word = strtok_r(NULL, " \t\r", &rest)) && *word != '#') {
		if (nr < CONF_VALUES_MAX)
			values[nr] = word;
		nr++;
	}
	read_words(t, conf, name, values, nr);
}

/* Of a file whose lines are right. */
static void check_whole(struct tool *t, struct conf *conf)
{
	if (!conf->cluster[0])
		mistake(t, conf, "There is no line \"cluster NAME\"%s",
			conf->nr_nodes ? "" : ", and none \"node ID ADDRESS[:PORT]\"");
	else if (!conf->nr_nodes)
		mistake(t, conf, "There is no line \"node ID ADDRESS[:PORT]\"");
}

/* What the text said before it was changed. */
static void forget(struct conf *conf)
{
	free(conf->key_file);
	free(conf->nodes);
	free(conf->uids);
	conf->key_file = NULL;
	conf->uids = NULL;
	conf->lend[0] = '\0';
	conf->nodes = NULL;
	conf->nr_nodes = 0;
	conf->cluster[0] = '\0';
	conf->corosync = false;
	conf->deadline = 0;
	conf->pid_stride = 0;
	conf->local_pids = false;
	conf->insecure = false;
	conf->mistakes = 0;
	conf->line = 0;
	memset(conf->seen, 0, sizeof(conf->seen));
}

/**
 * conf_parse - read what is in @conf->text
 * @t: the tool
 * @conf: the file; what it said before is forgotten
 *
 * Return: EXIT_OK, or EXIT_USAGE with each mistake said.
 */
int conf_parse(struct tool *t, struct conf *conf)
{
	const char *at = conf->text, *end = at + conf->len, *newline;

	forget(conf);
	while (at < end && conf->mistakes < CONF_MISTAKES_MAX) {
		newline = memchr(at, '\n', end - at);
		conf->line++;
		conf->offset = at - conf->text;
		conf->line_len = (newline ? newline + 1 : end) - at;
		read_line(t, conf, at, conf->line_len - !!newline);
		at += conf->line_len;
	}
	if (!conf->line)
		conf->line = 1;
	if (!conf->mistakes)
		check_whole(t, conf);
	if (!conf->mistakes)
		return EXIT_OK;
	if (conf->mistakes >= CONF_MISTAKES_MAX && !conf->quiet)
		fail(t, EXIT_USAGE, "%s was not read any further", conf->path);
	return EXIT_USAGE;
}

static int __printf(4, 5) refuse(struct tool *t, const struct conf *conf, int code,
				 const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (conf->quiet)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail(t, code, "%s %s", conf->path, text);
}

static int load(struct tool *t, struct conf *conf, int fd)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return refuse(t, conf, EXIT_TROUBLE, "cannot be read: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(t, conf, EXIT_USAGE, "is not a regular file");
	/* who can write it chooses whom this node trusts with its memory */
	if (st.st_mode & 022)
		return refuse(t, conf, EXIT_REFUSED,
			      "may be written by others: chmod go-w it, and see what it says");
	conf->mode = st.st_mode & 07777;
	conf->uid = st.st_uid;
	conf->gid = st.st_gid;
	conf->text = need(t, malloc(CONF_SIZE_MAX + 1));
	do {
		got = read(fd, conf->text + conf->len, CONF_SIZE_MAX + 1 - conf->len);
		if (got < 0)
			return refuse(t, conf, EXIT_TROUBLE, "cannot be read: %s",
				      strerror(errno));
		conf->len += got;
	} while (got && conf->len <= CONF_SIZE_MAX);
	if (conf->len > CONF_SIZE_MAX)
		return refuse(t, conf, EXIT_USAGE,
			      "is larger than %u bytes: that is not the file of a cluster",
			      CONF_SIZE_MAX);
	return EXIT_OK;
}

/**
 * conf_read - read the file of a cluster
 * @t: the tool
 * @path: its name, which must stay
 * @conf: filled in; @conf->quiet is looked at, and conf_free() is needed in any case
 *
 * Return: EXIT_OK, EXIT_UNKNOWN if there is none, or another exit code; with the sentences
 * said unless @conf->quiet.
 */
int conf_read(struct tool *t, const char *path, struct conf *conf)
{
	int fd, code;

	conf->path = path;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(t, conf, errno == ENOENT ? EXIT_UNKNOWN :
				       errno == EACCES ? EXIT_PERMISSION : EXIT_TROUBLE,
			      "cannot be read: %s", strerror(errno));
	code = load(t, conf, fd);
	close(fd);
	return code ? code : conf_parse(t, conf);
}

/**
 * conf_free - forget a file
 * @conf: as conf_read() has left it
 */
void conf_free(struct conf *conf)
{
	forget(conf);
	free(conf->text);
	conf->text = NULL;
	conf->len = 0;
}

/**
 * conf_find - find a node
 * @conf: the file
 * @id: its id
 *
 * Return: the node, or NULL.
 */
const struct conf_node *conf_find(const struct conf *conf, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < conf->nr_nodes; i++)
		if (conf->nodes[i].peer.id == id)
			return &conf->nodes[i];
	return NULL;
}
