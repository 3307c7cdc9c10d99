// SPDX-License-Identifier: GPL-2.0
/*
 * Which of the nodes of a file is this machine?
 */

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "conf.h"
#include "tool.h"

static bool is_address(const struct sockaddr *sa, const struct address *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

	if (sa->sa_family == AF_INET)
		return addr->len == 4 && !memcmp(&in->sin_addr, addr->bytes, 4);
	if (sa->sa_family != AF_INET6)
		return false;
	return addr->len == 16 && !memcmp(&in6->sin6_addr, addr->bytes, 16) &&
	       (!addr->scope || addr->scope == in6->sin6_scope_id);
}

static bool is_here(const struct ifaddrs *list, const struct address *addr)
{
	const struct ifaddrs *i;

	for (i = list; i; i = i->ifa_next)
		if (i->ifa_addr && is_address(i->ifa_addr, addr))
			return true;
	return false;
}

static int find_here(struct tool *t, const struct conf *conf, const struct ifaddrs *list,
		     const struct conf_node **self)
{
	unsigned int i;

	*self = NULL;
	for (i = 0; i < conf->nr_nodes; i++) {
		const struct conf_node *n = &conf->nodes[i];

		if (!is_here(list, &n->peer.addr))
			continue;
		if (*self)
			return fail(t, EXIT_REFUSED,
				    "%s has two nodes with an address of this machine, %u in line %u and %u in line %u: say which one this is with --node",
				    conf->path, (*self)->peer.id, (*self)->line, n->peer.id,
				    n->line);
		*self = n;
	}
	if (!*self)
		return fail(t, EXIT_REFUSED,
			    "None of the nodes in %s has an address of this machine: configure the network first, add this node's line, or say which one this is with --node",
			    conf->path);
	return EXIT_OK;
}

/**
 * conf_self - find the node that this machine is
 * @t: the tool
 * @conf: the file
 * @id: what the caller says, or 0
 * @self: set to the node, if EXIT_OK is returned
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int conf_self(struct tool *t, const struct conf *conf, unsigned int id,
	      const struct conf_node **self)
{
	struct ifaddrs *list;
	int code;

	if (id) {
		*self = conf_find(conf, id);
		if (*self)
			return EXIT_OK;
		return fail(t, EXIT_UNKNOWN, "There is no node %u in %s", id, conf->path);
	}
	if (getifaddrs(&list))
		return fail(t, EXIT_TROUBLE,
			    "The addresses of this machine cannot be read: %s; say which node this is with --node",
			    strerror(errno));
	code = find_here(t, conf, list, self);
	freeifaddrs(list);
	return code;
}
