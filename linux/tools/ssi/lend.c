// SPDX-License-Identifier: GPL-2.0
/*
 * What this node lends to others, as the file of the cluster says it.
 *
 * The kernel has it as parameters, which are set before the node joins: nobody is let in
 * who is not to be. What the file does not say stays as it is.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lend.h"

#define UIDS_MAX	16	/* ranges that the kernel has room for */

/* A user id, or two with a "-" between. */
static bool is_range(const char *text, size_t len)
{
	unsigned int first, last;
	char part[32], *to;

	if (len >= sizeof(part))
		return false;
	memcpy(part, text, len);
	part[len] = '\0';
	to = strchr(part, '-');
	if (to)
		*to++ = '\0';
	return parse_u32(part, 0, ~0U, &first) && parse_u32(to ? : part, first, ~0U, &last);
}

/**
 * lend_uids_flaw - would the kernel take these ranges of user ids?
 * @ranges: such as "0,1000-59999"
 *
 * Return: NULL if it would, or else how the sentence goes on that begins with them.
 */
const char *lend_uids_flaw(const char *ranges)
{
	unsigned int nr;
	size_t len;

	for (nr = 1;; nr++) {
		len = strcspn(ranges, ",");
		if (!is_range(ranges, len))
			return "is not a list of user ids, such as 0,1000-59999 without blanks";
		if (!ranges[len])
			break;
		ranges += len + 1;
	}
	return nr > UIDS_MAX ? "has more than 16 ranges of user ids" : NULL;
}

static int set_one(struct tool *t, const struct conf *conf, const char *name, const char *value)
{
	int error;

	if (!value || !*value)
		return EXIT_OK;
	error = set_parameter(name, value);
	switch (error) {
	case 0:
		return EXIT_OK;
	case ENOENT:
		return fail(t, EXIT_NO_SSI,
			    "%s says \"%s\", and this kernel has no /sys/module/ssi/parameters/%s: mount /sys, or use the kernel that this tool came with",
			    conf->path, name, name);
	case EACCES:
	case EPERM:
		return fail(t, EXIT_PERMISSION, "You may not set ssi.%s: run it as root", name);
	default:
		return fail(t, error == EINVAL || error == E2BIG ? EXIT_REFUSED : EXIT_TROUBLE,
			    "%s says \"%s %s\", and the kernel did not take it: %s", conf->path,
			    name, value, strerror(error));
	}
}

/**
 * lend_set - tell the kernel what this node lends
 * @t: the tool
 * @conf: the file; what it does not say is left alone
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int lend_set(struct tool *t, const struct conf *conf)
{
	int code = set_one(t, conf, "uids", conf->uids);

	return code ? code : set_one(t, conf, "lend", conf->lend);
}
