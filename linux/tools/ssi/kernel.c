// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink socket, and what the kernel says as a sentence.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ssi-user.h"
#include "tool.h"

/**
 * fail - say what went wrong and what to do
 * @t: the tool
 * @code: what to exit with
 * @fmt: sentence without a full stop
 *
 * With --json the sentence is an object on standard error, so that standard
 * output holds one whole document or nothing.
 *
 * Return: @code
 */
int fail(struct tool *t, int code, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fflush(stdout);
	if (t->json) {
		fputs("{\"error\":", stderr);
		json_quote(stderr, text);
		fprintf(stderr, ",\"exit\":%d}\n", code);
	} else {
		fprintf(stderr, "%s: %s.\n", t->name ? : "ssi", plain(text));
	}
	return code;
}

/**
 * need - end the tool if there is no memory
 * @t: the tool
 * @memory: what an allocator returned
 *
 * Return: @memory, never NULL.
 */
void *need(struct tool *t, void *memory)
{
	if (!memory)
		exit(fail(t, EXIT_TROUBLE, "Out of memory"));
	return memory;
}

/**
 * tool_connect - open the socket
 * @t: the tool
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int tool_connect(struct tool *t)
{
	struct ynl_error err = {};

	if (t->ys)
		return EXIT_OK;
	t->ys = ynl_sock_create(&ynl_ssi_family, &err);
	if (t->ys)
		return EXIT_OK;
	if ((int)err.code == ENOENT)
		return fail(t, EXIT_NO_SSI,
			    "This kernel has no LinuxSSI: boot one that was built with CONFIG_SSI=y");
	return fail(t, EXIT_TROUBLE, "Cannot talk to the kernel: %s",
		    err.msg[0] ? err.msg : strerror(errno));
}

/**
 * struct meaning - what an error of the kernel means here
 * @error: errno
 * @code: what to exit with
 * @text: what is wrong, where the kernel has no sentence; NULL for strerror()
 * @advice: what to do about it, unless the kernel's sentence says so; or NULL
 */
struct meaning {
	int error;
	int code;
	const char *text;
	const char *advice;
};

static const struct meaning meanings[] = {
	{ EPERM, EXIT_PERMISSION, "You may not do this: run it as root" },
	{ EACCES, EXIT_PERMISSION, "You may not do this: run it as root" },
	{ ESRCH, EXIT_UNKNOWN,
	  "There is no such process on this node: give the PID that it has at home" },
	{ ENOENT, EXIT_UNKNOWN, "There is no such node", "'ssi nodes' lists them" },
	{ ENOTCONN, EXIT_NO_SSI, "This node has not joined a cluster", "Use 'ssi join'" },
	{ ENOKEY, EXIT_REFUSED, "A cluster key is needed",
	  "'ssi keygen' makes one; --key names its file, --insecure does without" },
	{ EOPNOTSUPP, EXIT_NO_SSI,
	  "This kernel does not know this request: tool and kernel differ in version" },
	{ ETIMEDOUT, EXIT_TIMEOUT, "It took too long" },
	{ EINTR, EXIT_TIMEOUT, "It was interrupted" },
	{ EHOSTDOWN, EXIT_REFUSED, "The node was lost", "'ssi nodes' tells why" },
	{ EHOSTUNREACH, EXIT_REFUSED, "The node is no member now", "'ssi nodes' tells why" },
	{ EREMOTE, EXIT_REFUSED, "It is the guest of another node: move it there, at its home" },
	{ EADDRINUSE, EXIT_REFUSED, "Somebody else listens on this address and port",
	  "Choose another port: ADDRESS:PORT" },
	{ EADDRNOTAVAIL, EXIT_REFUSED, "No interface of this machine has that address",
	  "'ip address' lists those that it has" },
	{ ENOMEM, EXIT_TROUBLE, "The kernel is out of memory" },
};

/* NULL for an error that has no meaning of its own. */
static const struct meaning *meaning_of(int error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].error == error)
			return &meanings[i];
	return NULL;
}

/* The kernel's own sentence, between the quotes that the library puts. */
static bool kernel_sentence(const char *msg, char *sentence, size_t size)
{
	const char *begin = strstr(msg, "error: '");
	const char *end = strrchr(msg, '\'');
	size_t len;

	if (!begin)
		return false;
	begin += strlen("error: '");
	if (end <= begin)
		return false;
	len = end - begin;
	if (len && begin[len - 1] == '.')
		len--;
	snprintf(sentence, size, "%.*s", (int)len, begin);
	return true;
}

/**
 * kernel_error - what the last request failed with, and what to do
 * @t: the tool, whose last request failed
 * @sentence: gets one sentence or two, without the last full stop
 * @size: bytes of @sentence
 *
 * Return: what to exit with.
 */
int kernel_error(struct tool *t, char *sentence, size_t size)
{
	const struct ynl_error *err = &t->ys->err;
	const struct meaning *m = meaning_of(err->code);
	size_t len;

	if (!err->code) {
		/* It is the socket that failed, not the kernel that refused. */
		snprintf(sentence, size, "The kernel gave no answer: %s", strerror(errno));
		return EXIT_TROUBLE;
	}
	if (!kernel_sentence(err->msg, sentence, size)) {
		if (m && m->text)
			snprintf(sentence, size, "%s", m->text);
		else
			snprintf(sentence, size, "%s",
				 err->msg[0] ? err->msg : strerror(err->code));
	}
	len = strlen(sentence);
	if (m && m->advice && !strstr(sentence, "'ssi "))
		snprintf(sentence + len, size - len, ". %s", m->advice);
	if (m)
		return m->code;
	return (int)err->code < __YNL_ERRNO_END ? EXIT_REFUSED : EXIT_TROUBLE;
}

/**
 * kernel_fail - say what the last request failed with
 * @t: the tool, whose last request failed
 * @what: begin of the sentence, such as "The node was not added", or NULL
 *
 * Return: what to exit with.
 */
int kernel_fail(struct tool *t, const char *what)
{
	char sentence[sizeof(t->ys->err.msg)];
	int code = kernel_error(t, sentence, sizeof(sentence));

	if (what)
		return fail(t, code, "%s: %s", what, sentence);
	return fail(t, code, "%s", sentence);
}

/**
 * boot_parameter - what the kernel's command line says of this node
 * @name: of the parameter, without "ssi."
 * @value: gets it
 * @size: bytes of @value
 *
 * Return: whether it says anything.
 */
bool boot_parameter(const char *name, char *value, size_t size)
{
	char path[64];
	FILE *file;

	*value = '\0';
	snprintf(path, sizeof(path), "/sys/module/ssi/parameters/%s", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(value, size, file))
		*value = '\0';
	fclose(file);
	value[strcspn(value, "\n")] = '\0';
	return *value;
}

/**
 * set_parameter - set a parameter of the kernel
 * @name: of the parameter, without "ssi."
 * @value: what it is to be
 *
 * Return: 0, or an errno.
 */
int set_parameter(const char *name, const char *value)
{
	int fd, error = 0;
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/ssi/parameters/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	/* in one go: the kernel takes each write for a whole value */
	if (write(fd, value, strlen(value)) < 0)
		error = errno;
	close(fd);
	return error;
}
