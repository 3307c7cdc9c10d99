// SPDX-License-Identifier: GPL-2.0
/*
 * ssi run: start a program on another node, or with a view of the node alone.
 */

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "ssi-user.h"
#include "tool.h"

/* A mount namespace of its own that shows this node, and which others do not see. */
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
	cpus_of_node();
	return EXIT_OK;
}

/* Have the kernel start programs elsewhere: the next one on a node, or those of children. */
static int place(struct tool *t, unsigned int how, unsigned int node, int policy)
{
	struct ssi_place_req *req;
	int ret, code;

	code = tool_connect(t);
	if (code)
		return code;
	req = need(t, ssi_place_req_alloc());
	ssi_place_req_set_placement(req, how);
	if (node)
		ssi_place_req_set_node(req, node);
	if (policy >= 0)
		ssi_place_req_set_policy(req, policy);
	ret = ssi_place(t->ys, req);
	ssi_place_req_free(req);
	if (ret < 0)
		return kernel_fail(t, "Nothing can be started there");
	/* the program is not to have it, and could not take it along */
	ynl_sock_destroy(t->ys);
	t->ys = NULL;
	return EXIT_OK;
}

/* Why the kernel refuses to start a program on another node. */
static const char *place_advice(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return "an open file is no regular file, pipe, common socket or character device";
	case EMFILE:
		return "too many files are open";
	case EXDEV:
		return "it is not in the root directory and the namespaces that a node has";
	case ENOLCK:
		return "this process holds locks on a file that is open";
	case EPERM:
		return "it is confined, as by seccomp, or that node does not let this user in";
	case ECHILD:
		return "this process has children, which are those of this node";
	case EBUSY:
		return "a process that is traced, or shares its working directory, stays";
	case E2BIG:
		return "its arguments and environment do not fit in a message";
	case ESHUTDOWN:
		return "the node is being emptied (ssi drain)";
	case EHOSTDOWN:
		return "the node is not, or no longer, a member: see 'ssi nodes'";
	case ENOENT:
		return "the program, or the working directory, is not there";
	default:
		return strerror(error);
	}
}

static int execute(struct tool *t, char **argv, unsigned int node)
{
	int code;

	fflush(stdout);
	execvp(*argv, argv);
	code = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
	if (node)
		return fail(t, code, "%s cannot be run on node %u: %s", *argv, node,
			    place_advice(errno));
	return fail(t, code, "%s cannot be run: %s", *argv, strerror(errno));
}

/**
 * run_there - become a program on another node
 * @t: the tool
 * @node: which
 * @argv: the program and its arguments
 *
 * Return: an exit code, with the sentence said; not at all if the program runs.
 */
int run_there(struct tool *t, unsigned int node, char **argv)
{
	int code = place(t, SSI_PLACEMENT_ONCE, node, -1);

	return code ? code : execute(t, argv, node);
}

static int parse_policy(struct tool *t, const char *name, int *policy)
{
	const char *policy_name;

	for (*policy = 0; (policy_name = ssi_placement_policy_str(*policy)); ++*policy)
		if (!strcmp(name, policy_name))
			return EXIT_OK;
	return usage(t, "\"%s\" is no policy: give load or turn", name);
}

/**
 * cmd_run - ssi run --local-view|--spread|--spread-all|-n NODE COMMAND [ARGUMENT...]
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
		{ "node", required_argument, NULL, 'n' },
		{ "policy", required_argument, NULL, 'p' },
		{ "spread", no_argument, NULL, 's' },
		{ "spread-all", no_argument, NULL, 'a' },
		{ }
	};
	const char *where = NULL, *by = NULL;
	int c, code, how = 0, policy = -1;
	unsigned int node = 0;

	while ((c = getopt_long(argc, argv, "+:n:", options, NULL)) >= 0) {
		if (!strchr("lnpsa", c))
			return usage_option(t, argv, c);
		if (c == 'p') {
			by = optarg;
			continue;
		}
		if (how && how != c)
			return usage(t, "-n, --spread[-all] and --local-view exclude each other");
		how = c;
		if (c == 'n')
			where = optarg;
	}
	if (optind == argc)
		return usage(t, "Which program is to be run?");
	if (!how)
		return usage(t, "How is \"%s\" to be run? Give -n NODE, --spread or --local-view",
			     argv[optind]);
	if (where && strcmp(where, "any") && !parse_u32(where, 1, SSI_NODE_ID_MAX, &node))
		return usage(t, "\"%s\" is no node: give 1 to %u, or \"any\"", where,
			     SSI_NODE_ID_MAX);
	if (by && (how == 'l' || node))
		return usage(t, "--policy is for --spread[-all] and -n any");
	code = by ? parse_policy(t, by, &policy) : EXIT_OK;
	if (code)
		return code;
	if (how == 'l')
		code = local_view(t);
	else
		code = place(t, how == 'n' ? SSI_PLACEMENT_ONCE :
				how == 's' ? SSI_PLACEMENT_SPREAD : SSI_PLACEMENT_SPREAD_ALL,
			     node, policy);
	return code ? code : execute(t, argv + optind, node);
}
