// SPDX-License-Identifier: GPL-2.0
/*
 * Cut the connections to a node.
 *
 * A membership lasts as long as its connections, and the kernel ends it in good order
 * only when nothing would be lost. Who must end it at once, whatever that costs, aborts the
 * TCP connections as ss(8) does with --kill: the kernel then declares the node lost, and
 * drops what is held for it. The other side does the same when it gets the reset.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "sever.h"

/**
 * struct request - to the kernel's sock_diag
 * @nlh: of netlink
 * @diag: what is asked
 */
struct request {
	struct nlmsghdr nlh;
	struct inet_diag_req_v2 diag;
};

/**
 * struct found - connections to a node
 * @peer: its address, IPv4 as IPv6 has it
 * @port: where it listens
 * @own_port: where this node does
 * @nr: how many
 * @max: how many there is room for
 * @socks: requests to destroy them
 * @failed: not all could be looked at
 */
struct found {
	unsigned char peer[16];
	unsigned int port;
	unsigned int own_port;
	unsigned int nr;
	unsigned int max;
	struct inet_diag_req_v2 *socks;
	bool failed;
};

/* IPv4 as ::ffff:ADDRESS, as sockets of IPv6 have it. */
static void mapped(unsigned char *to, const void *bytes, bool v4)
{
	memset(to, 0, 16);
	if (!v4) {
		memcpy(to, bytes, 16);
		return;
	}
	to[10] = 0xff;
	to[11] = 0xff;
	memcpy(to + 12, bytes, 4);
}

static bool request_send(int fd, int type, int flags, const struct inet_diag_req_v2 *diag)
{
	struct request r = {
		.nlh.nlmsg_len = sizeof(r),
		.nlh.nlmsg_type = type,
		.nlh.nlmsg_flags = NLM_F_REQUEST | flags,
		.diag = *diag,
	};

	return send(fd, &r, sizeof(r), 0) == sizeof(r);
}

static void found_add(struct found *f, const struct inet_diag_msg *m)
{
	unsigned char dst[16];
	void *more;

	mapped(dst, m->id.idiag_dst, m->idiag_family == AF_INET);
	if (memcmp(dst, f->peer, sizeof(dst)) ||
	    (ntohs(m->id.idiag_dport) != f->port && ntohs(m->id.idiag_sport) != f->own_port))
		return;
	if (f->nr == f->max) {
		f->max = f->max ? 2 * f->max : 16;
		more = realloc(f->socks, f->max * sizeof(*f->socks));
		if (!more) {
			f->failed = true;
			return;
		}
		f->socks = more;
	}
	f->socks[f->nr++] = (struct inet_diag_req_v2) {
		.sdiag_family = m->idiag_family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = -1,
		.id = m->id,
	};
}

/* Take what the kernel answers; returns false at the end. */
static bool found_receive(int fd, struct found *f)
{
	struct nlmsghdr buf[2048], *nlh = buf;
	ssize_t len = recv(fd, buf, sizeof(buf), 0);

	if (len < 0 && errno == EINTR)
		return true;
	if (len <= 0) {
		f->failed = true;
		return false;
	}
	for (; NLMSG_OK(nlh, (size_t)len); nlh = NLMSG_NEXT(nlh, len)) {
		if (nlh->nlmsg_type == NLMSG_DONE)
			return false;
		if (nlh->nlmsg_type == NLMSG_ERROR) {
			f->failed = true;
			return false;
		}
		if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			found_add(f, NLMSG_DATA(nlh));
	}
	return true;
}

static void found_look(int fd, struct found *f, int family)
{
	const struct inet_diag_req_v2 all = {
		.sdiag_family = family,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = ~(1U << TCP_LISTEN | 1U << TCP_TIME_WAIT | 1U << TCP_CLOSE),
	};

	if (!request_send(fd, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &all)) {
		f->failed = true;
		return;
	}
	while (found_receive(fd, f))
		;
}

/* Returns 0 or a negative errno. */
static int destroy(int fd, const struct inet_diag_req_v2 *sock)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr err;
		char rest[256];
	} answer;
	ssize_t len;

	if (!request_send(fd, SOCK_DESTROY, NLM_F_ACK, sock))
		return -errno;
	do {
		len = recv(fd, &answer, sizeof(answer), 0);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if ((size_t)len < NLMSG_LENGTH(sizeof(answer.err)) ||
	    answer.nlh.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return answer.err.error;
}

/**
 * sever - abort all connections of the kernel to a node
 * @fd: of sever_open()
 * @peer: where the node listens, with its port
 * @own_port: where this node does
 *
 * Return: false if not all may be aborted.
 */
bool sever(int fd, const struct address *peer, unsigned int own_port)
{
	struct found f = { .port = peer->port, .own_port = own_port };
	bool done = true;
	unsigned int i;
	int err;

	mapped(f.peer, peer->bytes, peer->len == 4);
	found_look(fd, &f, AF_INET);
	found_look(fd, &f, AF_INET6);
	for (i = 0; i < f.nr; i++) {
		err = destroy(fd, &f.socks[i]);
		/* it may have ended meanwhile */
		if (err && err != -ENOENT)
			done = false;
	}
	free(f.socks);
	return done && !f.failed;
}

/**
 * sever_open - see that connections can be aborted
 * @t: the tool
 * @fd: set to what sever() needs
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int sever_open(struct tool *t, int *fd)
{
	/* port 0 is nobody's */
	const struct inet_diag_req_v2 none = {
		.sdiag_family = AF_INET,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = -1,
		.id.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
	};
	struct found f = {};
	int err;

	*fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (*fd < 0)
		return fail(t, EXIT_NO_SSI,
			    "This kernel does not show its connections (%s): boot one with CONFIG_INET_DIAG",
			    strerror(errno));
	err = destroy(*fd, &none);
	if (err == -ENOENT) {
		/* or there is nothing of TCP at all */
		found_look(*fd, &f, AF_INET);
		free(f.socks);
		if (!f.failed)
			return EXIT_OK;
		err = -EPROTONOSUPPORT;
	}
	close(*fd);
	if (err == -EOPNOTSUPP)
		return fail(t, EXIT_NO_SSI,
			    "This kernel cannot abort connections: boot one with CONFIG_INET_DIAG_DESTROY=y");
	if (err == -EPERM || err == -EACCES)
		return fail(t, EXIT_PERMISSION, "You may not do this: run it as root");
	return fail(t, EXIT_TROUBLE, "Connections cannot be aborted: %s", strerror(-err));
}
