// SPDX-License-Identifier: GPL-2.0
/*
 * Changing the file of a cluster, with all else in it as it is.
 *
 * The text is changed in memory, read again as any other, and takes the place of the
 * file by rename(2): who reads meanwhile, or after a crash, sees the old one or the new one.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "tool.h"

/* The directory that the file really is in: it may be a link. */
static int open_directory(struct tool *t, const char *path)
{
	char *real = realpath(path, NULL);
	int fd, error;

	if (!real && errno == ENOMEM)
		need(t, NULL);
	if (!real)
		return -1;
	fd = open(dirname(real), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	free(real);
	errno = error;
	return fd;
}

/**
 * conf_lock - keep others from changing the file meanwhile
 * @t: the tool
 * @path: name of the file
 * @lock: set to what the caller closes, if EXIT_OK is returned
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int conf_lock(struct tool *t, const char *path, int *lock)
{
	*lock = open_directory(t, path);
	if (*lock < 0)
		return fail(t, errno == ENOENT ? EXIT_UNKNOWN :
			       errno == EACCES ? EXIT_PERMISSION : EXIT_TROUBLE,
			    "%s cannot be changed: %s", path, strerror(errno));
	/* the file itself is replaced; a file system without locks does without */
	flock(*lock, LOCK_EX);
	return EXIT_OK;
}

/* Put @with in the place of @len bytes. */
static void replace(struct tool *t, struct conf *conf, size_t at, size_t len, const char *with)
{
	size_t add = strlen(with);
	char *text = need(t, malloc(conf->len - len + add + 1));

	memcpy(text, conf->text, at);
	memcpy(text + at, with, add);
	memcpy(text + at + add, conf->text + at + len, conf->len - at - len);
	free(conf->text);
	conf->text = text;
	conf->len += add - len;
}

/**
 * conf_add - add a node to the text
 * @t: the tool
 * @conf: the file, which has a node at least
 * @peer: the node; that it is there already is no error
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int conf_add(struct tool *t, struct conf *conf, const struct peer *peer)
{
	const struct conf_node *last = &conf->nodes[conf->nr_nodes - 1];
	unsigned int port = peer->addr.port ? : SSI_DEFAULT_PORT;
	char line[ADDRESS_TEXT + 32], text[ADDRESS_TEXT];
	const struct address *addr = &peer->addr;
	size_t at = last->offset + last->len;
	unsigned int i;

	for (i = 0; i < conf->nr_nodes; i++) {
		const struct conf_node *n = &conf->nodes[i];
		bool same = address_same(&n->peer.addr, addr);

		if (n->peer.id == peer->id && same)
			return EXIT_OK;
		if (n->peer.id == peer->id)
			return fail(t, EXIT_REFUSED,
				    "%s:%u: Node %u has another address there: edit that line",
				    conf->path, n->line, peer->id);
		if (same)
			return fail(t, EXIT_REFUSED,
				    "%s:%u: Node %u has the address of node %u there: edit that line",
				    conf->path, n->line, n->peer.id, peer->id);
	}
	address_text(text, addr->bytes, addr->len, addr->scope,
		     port == SSI_DEFAULT_PORT ? 0 : port);
	/* the last line may lack its end */
	snprintf(line, sizeof(line), "%snode %u %s\n",
		 conf->text[at - 1] == '\n' ? "" : "\n", peer->id, text);
	replace(t, conf, at, 0, line);
	return conf_parse(t, conf);
}

/**
 * conf_remove - take a node out of the text
 * @t: the tool
 * @conf: the file
 * @id: the node; that it is not there is no error
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int conf_remove(struct tool *t, struct conf *conf, unsigned int id)
{
	const struct conf_node *n = conf_find(conf, id);

	if (!n)
		return EXIT_OK;
	replace(t, conf, n->offset, n->len, "");
	return conf_parse(t, conf);
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t put;

	for (; len; text += put, len -= put) {
		put = write(fd, text, len);
		if (put < 0)
			return -1;
	}
	return 0;
}

/* To a name beside the file, which then becomes the file's. */
static int write_and_rename(const struct conf *conf, const char *real, char *part)
{
	int fd = mkstemp(part), error;

	if (fd < 0)
		return -1;
	if (fchown(fd, conf->uid, conf->gid) || fchmod(fd, conf->mode) ||
	    write_all(fd, conf->text, conf->len) || fsync(fd) || rename(part, real)) {
		error = errno;
		close(fd);
		unlink(part);
		errno = error;
		return -1;
	}
	return close(fd);
}

static int write_file(struct tool *t, const struct conf *conf)
{
	char *real = realpath(conf->path, NULL), *part = NULL;
	int err = -1, error;

	if (real && asprintf(&part, "%s.XXXXXX", real) < 0)
		need(t, NULL);
	if (real)
		err = write_and_rename(conf, real, part);
	error = errno;
	free(part);
	free(real);
	errno = error;
	return err;
}

/**
 * conf_write - make the text the file
 * @t: the tool
 * @conf: the file, locked
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int conf_write(struct tool *t, const struct conf *conf)
{
	int directory;

	if (write_file(t, conf))
		return fail(t, errno == EACCES ? EXIT_PERMISSION : EXIT_TROUBLE,
			    "%s cannot be written: %s; the kernel has the change, the file does not",
			    conf->path, strerror(errno));
	/* the new name is there after a power cut as well */
	directory = open_directory(t, conf->path);
	if (directory >= 0) {
		fsync(directory);
		close(directory);
	}
	return EXIT_OK;
}
