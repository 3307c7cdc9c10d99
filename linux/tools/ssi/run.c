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
#include <time.h>
#include <unistd.h>

#include "ssi-user.h"
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

/* This node, or one of those that are members, each as likely as the others. */
static int any_node(struct tool *t, unsigned int *node)
{
	struct ssi_status_get_rsp *status = ssi_status_get(t->ys);
	struct ssi_node_get_list *list;
	unsigned int members = 1;

	if (!status)
		return kernel_fail(t, "The nodes are not known");
	*node = status->node;
	ssi_status_get_rsp_free(status);
	list = ssi_node_get_dump(t->ys);
	if (!list)
		return kernel_fail(t, "The nodes are not known");
	srand48(time(NULL) ^ ((long)getpid() << 16));
	ynl_dump_foreach(list, n)
		if (n->state == SSI_NODE_STATE_MEMBER && lrand48() % ++members == 0)
			*node = n->id;
	ssi_node_get_list_free(list);
	return EXIT_OK;
}

/* Have the kernel start programs elsewhere: the next one on a node, or those of children. */
static int place(struct tool *t, unsigned int how, unsigned int node)
{
	struct ssi_place_req *req = need(t, ssi_place_req_alloc());
	int ret;

	ssi_place_req_set_placement(req, how);
	if (node)
		ssi_place_req_set_node(req, node);
	ret = ssi_place(t->ys, req);
	ssi_place_req_free(req);
	if (ret < 0)
		return kernel_fail(t, "Nothing can be started there");
	/* the program is not to have it, and could not take it along */
	ynl_sock_destroy(t->ys);
	t->ys = NULL;
	return EXIT_OK;
}

static int place_on(struct tool *t, const char *where, unsigned int *node)
{
	bool any = !strcmp(where, "any");
	int code;

	if (!any && !parse_u32(where, 1, SSI_NODE_ID_MAX, node))
		return usage(t, "\"%s\" is no node: give 1 to %u, or \"any\"", where,
			     SSI_NODE_ID_MAX);
	code = tool_connect(t);
	if (!code && any)
		code = any_node(t, node);
	return code ? code : place(t, SSI_PLACEMENT_ONCE, *node);
}

static int spread(struct tool *t, bool all)
{
	int code = tool_connect(t);

	return code ? code : place(t, all ? SSI_PLACEMENT_SPREAD_ALL : SSI_PLACEMENT_SPREAD, 0);
}

/* Why the kernel refuses to start a program on another node. */
static const char *place_advice(int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return "only regular files, pipes and character devices can be left open for it";
	case EMFILE:
		return "too many files are open";
	case EXDEV:
		return "from a container or a chroot nothing can be started there";
	case ENOLCK:
		return "this process holds locks on a file that is open";
	case EPERM:
		return "what confines this process, as seccomp does, would not go with it";
	case ECHILD:
		return "this process has children, which are those of this node";
	case EBUSY:
		return "a process that is traced, or shares its working directory, stays";
	case E2BIG:
		return "its arguments and environment do not fit in a message";
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
		{ "spread", no_argument, NULL, 's' },
		{ "spread-all", no_argument, NULL, 'a' },
		{ }
	};
	const char *where = NULL;
	unsigned int node = 0;
	int c, code, how = 0;

	while ((c = getopt_long(argc, argv, "+:n:", options, NULL)) >= 0) {
		if (!strchr("lnsa", c))
			return usage_option(t, argv, c);
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
	if (how == 'l')
		code = local_view(t);
	else if (how == 'n')
		code = place_on(t, where, &node);
	else
		code = spread(t, how == 'a');
	return code ? code : execute(t, argv + optind, node);
}
