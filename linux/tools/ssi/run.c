// SPDX-License-Identifier: GPL-2.0
/*
 * ssi run: start a program with a view of the node alone.
 */

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tool.h"

/* A mount namespace of its own, whose /proc shows this node, and which others do not see. */
static int local_view(struct tool *t)
{
	if (unshare(CLONE_NEWNS))
		return fail(t, errno == EPERM ? EXIT_PERMISSION : EXIT_TROUBLE,
			    "A mount namespace of its own is refused: %s%s", strerror(errno),
			    errno == EPERM ? "; run it as root" : "");
	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL))
		return fail(t, EXIT_TROUBLE, "The mounts cannot be made its own: %s",
			    strerror(errno));
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "view=node"))
		return fail(t, errno == EINVAL ? EXIT_NO_SSI : EXIT_TROUBLE,
			    "/proc cannot be mounted with view=node: %s%s", strerror(errno),
			    errno == EINVAL ? "; is this a kernel with LinuxSSI?" : "");
	return EXIT_OK;
}

static int execute(struct tool *t, char **argv)
{
	fflush(stdout);
	execvp(*argv, argv);
	return fail(t, errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN, "%s cannot be run: %s",
		    *argv, strerror(errno));
}

/**
 * cmd_run - ssi run --local-view COMMAND [ARGUMENT...]
 * @t: the tool
 * @argc: arguments
 * @argv: the same
 *
 * Return: not, if the program runs; else an exit code
 */
int cmd_run(struct tool *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "local-view", no_argument, NULL, 'l' },
		{ }
	};
	bool local = false;
	int c, code;

	while ((c = getopt_long(argc, argv, "+:", options, NULL)) >= 0) {
		if (c != 'l')
			return usage_option(t, argv, c);
		local = true;
	}
	if (optind == argc)
		return usage(t, "Which program is to be run?");
	if (!local)
		return usage(t, "How is \"%s\" to be run? --local-view is the only way so far",
			     argv[optind]);
	code = local_view(t);
	return code ? code : execute(t, argv + optind);
}
