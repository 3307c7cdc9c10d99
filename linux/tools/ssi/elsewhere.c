// SPDX-License-Identifier: GPL-2.0
/*
 * What is asked about a process of another node is asked there.
 *
 * The number of a process says which node it is of. That node alone can move it, or
 * tell why it is where it is, so this program is executed there, with the same arguments,
 * rights, and input and output.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "ssi-user.h"
#include "tool.h"

/* Set for the program that is executed there: it is not to go any further. */
#define THERE	"SSI_ASKED_BY"

/* The other node that a process is of, or 0. */
static unsigned int other_home(const struct ssi_status_get_rsp *s, unsigned int pid)
{
	unsigned int first, node;

	if (!s->_present.joined || !s->pid_stride || !s->_present.pid_first)
		return 0;
	/* what is below that is a number of each node for itself */
	first = s->pid_first - (s->node - 1) * s->pid_stride;
	if (pid < first)
		return 0;
	node = (pid - first) / s->pid_stride + 1;
	return node == s->node || node > SSI_NODE_ID_MAX ? 0 : node;
}

static int find_home(struct tool *t, int nr, const unsigned int *pids, unsigned int *here,
		     unsigned int *node)
{
	struct ssi_status_get_rsp *s = ssi_status_get(t->ys);
	int i, code = EXIT_OK;

	if (!s)
		return kernel_fail(t, NULL);
	*here = s->node;
	*node = other_home(s, pids[0]);
	for (i = 1; i < nr && !code; i++)
		if (other_home(s, pids[i]) != *node)
			code = usage(t,
				     "Processes %u and %u are of different nodes: give those of one at a time",
				     pids[0], pids[i]);
	ssi_status_get_rsp_free(s);
	return code;
}

static int go_there(struct tool *t, unsigned int here, unsigned int node, char **command)
{
	char self[PATH_MAX], text[NUMBER_TEXT], **argv;
	int nr = 0, at = 0;
	ssize_t len;

	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return fail(t, EXIT_TROUBLE, "Which program is this? /proc/self/exe: %s",
			    strerror(errno));
	self[len] = '\0';
	snprintf(text, sizeof(text), "%u", here);
	if (setenv(THERE, text, 1))
		need(t, NULL);
	while (command[nr])
		nr++;
	argv = need(t, calloc(nr + 3, sizeof(*argv)));
	argv[at++] = self;
	if (t->json)
		argv[at++] = "--json";
	memcpy(argv + at, command, nr * sizeof(*argv));
	return run_there(t, node, argv);
}

/**
 * elsewhere - ask the node that processes are of, if it is another one
 * @t: the tool, connected
 * @nr: how many processes, one at least
 * @pids: which
 * @command: what was asked, without the name of the tool; ends with NULL
 *
 * Return: EXIT_OK if they are of this node, and nothing was done; else an exit code, if it does
 * not return at all because the other node's program has taken this one's place.
 */
int elsewhere(struct tool *t, int nr, const unsigned int *pids, char **command)
{
	unsigned int here = 0, node = 0;
	int code;

	if (getenv(THERE))
		return EXIT_OK;
	code = find_home(t, nr, pids, &here, &node);
	return code || !node ? code : go_there(t, here, node, command);
}
