// SPDX-License-Identifier: GPL-2.0
/*
 * keygen, key-add, key-del: the keys of a cluster.
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ssi-user.h"
#include "tool.h"

static bool key_parse(const char *text, unsigned char *key)
{
	unsigned int i;

	if (strspn(text, "0123456789abcdefABCDEF") != 2 * SSI_KEY_LEN ||
	    text[2 * SSI_KEY_LEN + strspn(text + 2 * SSI_KEY_LEN, " \t\r\n")])
		return false;
	for (i = 0; i < SSI_KEY_LEN; i++)
		if (sscanf(text + 2 * i, "%2hhx", &key[i]) != 1)
			return false;
	return true;
}

static int key_read_fd(struct tool *t, const char *path, int fd, unsigned char *key)
{
	char text[1024];
	struct stat st;
	ssize_t len;
	bool good;

	if (fstat(fd, &st))
		return fail(t, EXIT_TROUBLE, "%s cannot be read: %s", path, strerror(errno));
	/* as ssh has it: a key that others can read is none */
	if (S_ISREG(st.st_mode) && st.st_mode & 077)
		return fail(t, EXIT_REFUSED,
			    "Others may read or write %s: chmod 600 it, and if they were able to read it make a new key",
			    path);
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		return fail(t, EXIT_TROUBLE, "%s cannot be read: %s", path, strerror(errno));
	text[len] = '\0';
	good = key_parse(text, key);
	explicit_bzero(text, sizeof(text));
	if (!good)
		return fail(t, EXIT_USAGE,
			    "%s holds no key: that is %u hexadecimal digits; 'ssi keygen' makes one",
			    path, 2 * SSI_KEY_LEN);
	return EXIT_OK;
}

/**
 * key_read - read a key
 * @t: the tool
 * @path: file that nobody else can read
 * @key: SSI_KEY_LEN bytes; the caller wipes them
 *
 * Return: an exit code.
 */
int key_read(struct tool *t, const char *path, unsigned char *key)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), code;

	if (fd < 0)
		return fail(t, errno == EACCES ? EXIT_PERMISSION : EXIT_UNKNOWN,
			    "%s cannot be read: %s", path, strerror(errno));
	code = key_read_fd(t, path, fd, key);
	close(fd);
	return code;
}

static int key_write(int fd)
{
	char text[2 * SSI_KEY_LEN + 2];
	unsigned char key[SSI_KEY_LEN];
	unsigned int i;
	int err = 0;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -1;
	for (i = 0; i < SSI_KEY_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	strcpy(text + 2 * SSI_KEY_LEN, "\n");
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = -1;
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return err;
}

/* The directory of the default file may not be there yet. */
static void make_directory(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		mkdir(dirname(copy), 0755);
	free(copy);
}

/**
 * cmd_keygen - make a key
 * @t: the tool
 * @argc: how many
 * @argv: "keygen" and a file, or nothing
 *
 * A file that is there is left alone: it may be the key of a cluster that runs.
 *
 * Return: an exit code.
 */
int cmd_keygen(struct tool *t, int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : SSI_KEY_FILE;
	int fd;

	if (argc > 2)
		return usage(t, "keygen takes one file, not \"%s\" as well", argv[2]);
	if (*path == '-')
		return usage(t, "keygen has no option \"%s\"", path);
	if (argc == 1)
		make_directory(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return fail(t, EXIT_REFUSED,
			    "%s is there already: give another file, and see 'ssi help key-add'",
			    path);
	if (fd < 0)
		return fail(t, errno == EACCES ? EXIT_PERMISSION : EXIT_TROUBLE,
			    "%s cannot be made: %s", path, strerror(errno));
	if (key_write(fd) || fsync(fd) || close(fd)) {
		unlink(path);
		return fail(t, EXIT_TROUBLE, "The key could not be written to %s: %s", path,
			    strerror(errno));
	}
	if (t->json) {
		json_object(NULL);
		json_string("file", path);
		json_object_end();
		json_done();
	} else {
		say("%s holds a new key. Copy it to all nodes, so that nobody else can read it.",
		    path);
	}
	return EXIT_OK;
}

/**
 * cmd_key_add - take one more key
 * @t: the tool
 * @argc: how many
 * @argv: "key-add" and a file
 *
 * Return: an exit code.
 */
int cmd_key_add(struct tool *t, int argc, char **argv)
{
	unsigned char key[SSI_KEY_LEN];
	struct ssi_key_add_req *req;
	int code, err;

	if (argc != 2)
		return usage(t, "key-add takes the file of the new key");
	code = key_read(t, argv[1], key);
	if (!code)
		code = tool_connect(t);
	if (code) {
		explicit_bzero(key, sizeof(key));
		return code;
	}
	req = need(t, ssi_key_add_req_alloc());
	ssi_key_add_req_set_key(req, key, sizeof(key));
	explicit_bzero(key, sizeof(key));
	err = ssi_key_add(t->ys, req);
	ssi_key_add_req_free(req);
	if (err < 0)
		return kernel_fail(t, "The key was not added");
	return say_keys(t,
			"It is used from now on; 'ssi key-del' the older one when all have both.");
}

/**
 * cmd_key_del - do not take a key any more
 * @t: the tool
 * @argc: how many
 * @argv: "key-del" and the id that status shows
 *
 * Return: an exit code.
 */
int cmd_key_del(struct tool *t, int argc, char **argv)
{
	struct ssi_key_del_req *req;
	unsigned long long id;
	int code, err;

	if (argc != 2)
		return usage(t, "key-del takes the id of a key, which 'ssi status' shows");
	if (strlen(argv[1]) != 16 || strspn(argv[1], "0123456789abcdefABCDEF") != 16)
		return usage(t, "\"%s\" is not the id of a key: that is 16 hexadecimal digits",
			     argv[1]);
	id = strtoull(argv[1], NULL, 16);
	code = tool_connect(t);
	if (code)
		return code;
	req = need(t, ssi_key_del_req_alloc());
	__ssi_key_del_req_set_key_id(req, need(t, calloc(1, sizeof(__u64))), 1);
	req->key_id[0] = id;
	err = ssi_key_del(t->ys, req);
	ssi_key_del_req_free(req);
	if (err < 0 && (int)t->ys->err.code == ENOENT)
		return fail(t, EXIT_UNKNOWN, "There is no key %s: 'ssi status' shows the ids",
			    argv[1]);
	if (err < 0)
		return kernel_fail(t, "The key was not deleted");
	return say_keys(t, "It is not used any more. Connections that were made with it stay.");
}
