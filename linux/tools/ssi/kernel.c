// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink socket, and what the kernel says as a sentence.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	char text[1024];
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
		fprintf(stderr, "ssi: %s.\n", text);
	}
	return code;
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
	/* The errno of a missing family is lost in the library. */
	if (strstr(err.msg, "no such family"))
		return fail(t, EXIT_NO_SSI,
			    "This kernel has no LinuxSSI: boot one that was built with CONFIG_SSI=y");
	return fail(t, EXIT_TROUBLE, "Cannot talk to the kernel: %s",
		    err.msg[0] ? err.msg : strerror(errno));
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
	if (len >= size)
		len = size - 1;
	memcpy(sentence, begin, len);
	sentence[len] = '\0';
	return true;
}

/**
 * kernel_error - what the last request failed with
 * @t: the tool, whose last request failed
 * @sentence: gets a sentence without a full stop
 * @size: bytes of @sentence
 *
 * Return: what to exit with.
 */
int kernel_error(struct tool *t, char *sentence, size_t size)
{
	const struct ynl_error *err = &t->ys->err;
	const char *text = NULL;
	int code;

	switch ((int)err->code) {
	case EPERM:
	case EACCES:
		code = EXIT_PERMISSION;
		text = "You may not do this: run it as root";
		break;
	case ESRCH:
		code = EXIT_UNKNOWN;
		text = "There is no such process on this node";
		break;
	case ENOENT:
		code = EXIT_UNKNOWN;
		text = "There is no such node: 'ssi nodes' lists them";
		break;
	case ENOTCONN:
		code = EXIT_NO_SSI;
		text = "This node has not joined a cluster: use 'ssi join'";
		break;
	case EHOSTDOWN:
	case EHOSTUNREACH:
		code = EXIT_REFUSED;
		text = "The node is no member now: 'ssi nodes' tells why";
		break;
	case EREMOTE:
		code = EXIT_REFUSED;
		text = "It is the guest of another node: move it there, at its home";
		break;
	case EINTR:
		code = EXIT_TIMEOUT;
		text = "It was interrupted";
		break;
	case EOPNOTSUPP:
		code = EXIT_NO_SSI;
		text = "This kernel does not know this request: tool and kernel differ in version";
		break;
	case ETIMEDOUT:
		code = EXIT_TIMEOUT;
		text = "It took too long";
		break;
	case EADDRINUSE:
		code = EXIT_REFUSED;
		text = "Another program listens on that port: choose one with LISTEN:PORT";
		break;
	case EADDRNOTAVAIL:
		code = EXIT_REFUSED;
		text = "No interface of this machine has that address: see 'ip address'";
		break;
	case ENOMEM:
		code = EXIT_TROUBLE;
		text = "The kernel is out of memory";
		break;
	default:
		code = (int)err->code < __YNL_ERRNO_END ? EXIT_REFUSED : EXIT_TROUBLE;
		break;
	}
	if (!kernel_sentence(err->msg, sentence, size)) {
		if (!text)
			text = err->msg[0] ? err->msg : strerror((int)err->code);
		snprintf(sentence, size, "%s", text);
	}
	return code;
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
