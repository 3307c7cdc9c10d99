// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to the generic netlink family "ssi".
 *
 * A request opens a socket, sends, reads until the answer and closes: a few system
 * calls more, but it works the same in a child, in a thread and after the
 * descriptor table was changed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ssi.h>

#include "ssi_move.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[128];
};

typedef void (*reply_fn)(int attr, const void *data, int len, void *arg);

/* The kernel's sentence about the last failure of this thread. */
static __thread char last_text[160];

const char *ssi_last_text(void)
{
	return last_text;
}

static void request_init(struct request *req, int type, int flags, int cmd,
			 int version)
{
	memset(req, 0, sizeof(*req));
	req->nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	req->nlh.nlmsg_type = type;
	req->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	req->nlh.nlmsg_seq = 1;
	req->genl.cmd = cmd;
	req->genl.version = version;
}

static void request_put(struct request *req, int type, const void *data,
			int len)
{
	struct nlattr *nla;

	nla = (struct nlattr *)((char *)req + NLMSG_ALIGN(req->nlh.nlmsg_len));
	nla->nla_type = type;
	nla->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((char *)nla + NLA_HDRLEN, data, len);
	req->nlh.nlmsg_len = NLMSG_ALIGN(req->nlh.nlmsg_len) +
			     NLA_ALIGN(nla->nla_len);
}

static void attrs_walk(const char *p, int len, reply_fn fn, void *arg)
{
	while (len >= NLA_HDRLEN) {
		struct nlattr nla;

		memcpy(&nla, p, sizeof(nla));
		if (nla.nla_len < NLA_HDRLEN || nla.nla_len > len)
			return;
		fn(nla.nla_type & NLA_TYPE_MASK, p + NLA_HDRLEN,
		   nla.nla_len - NLA_HDRLEN, arg);
		len -= NLA_ALIGN(nla.nla_len);
		p += NLA_ALIGN(nla.nla_len);
	}
}

static void take_sentence(int attr, const void *data, int len, void *arg)
{
	(void)arg;
	if (attr != NLMSGERR_ATTR_MSG || len <= 0)
		return;
	if (len >= (int)sizeof(last_text))
		len = sizeof(last_text) - 1;
	memcpy(last_text, data, len);
	last_text[len] = 0;
}

/* Send and read all answers; 0 or a negative errno from the kernel. */
static int transact(int fd, struct request *req, reply_fn fn, void *arg)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	bool dump = req->nlh.nlmsg_flags & NLM_F_DUMP;
	char buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *nlh;
	struct nlmsgerr *err;
	int len, skip;

	do {
		len = sendto(fd, req, req->nlh.nlmsg_len, 0,
			     (struct sockaddr *)&kernel, sizeof(kernel));
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	for (;;) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		for (nlh = (struct nlmsghdr *)buf; NLMSG_OK(nlh, (unsigned int)len);
		     nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return 0;
			if (nlh->nlmsg_type == NLMSG_ERROR) {
				err = NLMSG_DATA(nlh);
				skip = sizeof(*err);
				if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
					skip += NLMSG_ALIGN(err->msg.nlmsg_len) -
						sizeof(err->msg);
				if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
					attrs_walk((char *)err + skip,
						   nlh->nlmsg_len - NLMSG_HDRLEN - skip,
						   take_sentence, NULL);
				if (!err->error && dump)
					continue;
				return err->error;
			}
			if (fn)
				attrs_walk((char *)NLMSG_DATA(nlh) + GENL_HDRLEN,
					   nlh->nlmsg_len -
					   NLMSG_LENGTH(GENL_HDRLEN), fn, arg);
		}
	}
}

static void take_family(int attr, const void *data, int len, void *arg)
{
	if (attr == CTRL_ATTR_FAMILY_ID && len == sizeof(uint16_t))
		memcpy(arg, data, len);
}

/*
 * A socket and the family's number, or a negative errno. The number is asked for
 * once; a family that is built in keeps it.
 */
static int family_open(uint16_t *family)
{
	static uint16_t known;
	struct request req;
	int fd, err, one = 1;

	last_text[0] = 0;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));

	*family = known;
	if (known)
		return fd;
	request_init(&req, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	request_put(&req, CTRL_ATTR_FAMILY_NAME, SSI_FAMILY_NAME,
		    sizeof(SSI_FAMILY_NAME));
	err = transact(fd, &req, take_family, family);
	if (!err && !*family)
		err = -ENOENT;
	if (err) {
		close(fd);
		return err;
	}
	known = *family;
	return fd;
}

bool ssi_present(void)
{
	uint16_t family;
	int fd = family_open(&family);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* An integer of "uint" type is sent with 4 or with 8 bytes. */
static uint64_t number(const void *data, int len)
{
	uint64_t u64;
	uint32_t u32;

	if (len == sizeof(u64)) {
		memcpy(&u64, data, sizeof(u64));
		return u64;
	}
	if (len == sizeof(u32)) {
		memcpy(&u32, data, sizeof(u32));
		return u32;
	}
	return 0;
}

struct node_list {
	unsigned int *ids;
	unsigned int id;
	int nr;
	int max;
};

/* The id stands before the state in each message. */
static void take_node(int attr, const void *data, int len, void *arg)
{
	struct node_list *list = arg;

	if (attr == SSI_A_NODE_ID)
		list->id = number(data, len);
	if (attr == SSI_A_NODE_STATE &&
	    number(data, len) == SSI_NODE_STATE_MEMBER && list->nr < list->max)
		list->ids[list->nr++] = list->id;
}

/* Which other nodes are members; how many, or a negative errno. */
int ssi_nodes(unsigned int *ids, int max)
{
	struct node_list list = { .ids = ids, .max = max };
	struct request req;
	uint16_t family;
	int fd, err;

	fd = family_open(&family);
	if (fd < 0)
		return fd;
	request_init(&req, family, NLM_F_DUMP | NLM_F_ACK, SSI_CMD_NODE_GET,
		     SSI_FAMILY_VERSION);
	err = transact(fd, &req, take_node, &list);
	close(fd);
	return err ? err : list.nr;
}

static void take_process(int attr, const void *data, int len, void *arg)
{
	struct ssi_where *where = arg;

	switch (attr) {
	case SSI_A_PROCESS_HOME:
		where->home = number(data, len);
		break;
	case SSI_A_PROCESS_NODE:
		where->node = number(data, len);
		break;
	case SSI_A_PROCESS_REASON:
		where->reason = number(data, len);
		break;
	case SSI_A_PROCESS_THREADS:
		where->threads = number(data, len);
		break;
	case SSI_A_PROCESS_THREADS_AWAY:
		where->threads_away = number(data, len);
		break;
	case SSI_A_PROCESS_TRAPS:
		where->traps = number(data, len);
		break;
	case SSI_A_PROCESS_MOVES:
		where->moves = number(data, len);
		break;
	case SSI_A_PROCESS_PAGES_AWAY:
		where->pages_away = number(data, len);
		break;
	case SSI_A_PROCESS_FREEZE_NS:
		where->freeze_ns = number(data, len);
		break;
	case SSI_A_PROCESS_REASON_TEXT:
		if (len >= (int)sizeof(where->text))
			len = sizeof(where->text) - 1;
		memcpy(where->text, data, len);
		where->text[len] = 0;
		break;
	}
}

static int move_by(int fd, uint16_t family, pid_t pid, unsigned int node,
		   bool wait, struct ssi_where *where)
{
	uint32_t pid_attr = pid, node_attr = node;
	struct request req;

	request_init(&req, family, NLM_F_ACK, SSI_CMD_MOVE, SSI_FAMILY_VERSION);
	request_put(&req, SSI_A_PROCESS_PID, &pid_attr, sizeof(pid_attr));
	request_put(&req, SSI_A_PROCESS_NODE, &node_attr, sizeof(node_attr));
	if (wait)
		request_put(&req, SSI_A_PROCESS_WAIT, NULL, 0);
	return transact(fd, &req, take_process, where);
}

/**
 * ssi_move_pid - move a process
 * @pid: the process
 * @node: where to; 0 is its home
 * @wait: answer after the move instead of at once
 * @where: filled with where it is now; may be NULL
 *
 * Return: 0, or the kernel's negative errno; ssi_last_text() has its sentence.
 */
int ssi_move_pid(pid_t pid, unsigned int node, bool wait,
		 struct ssi_where *where)
{
	struct ssi_where unused;
	uint16_t family;
	int fd, err;

	if (!where)
		where = &unused;
	memset(where, 0, sizeof(*where));
	fd = family_open(&family);
	if (fd < 0)
		return fd;
	err = move_by(fd, family, pid, node, wait, where);
	close(fd);
	return err;
}

/**
 * ssi_open - a socket for ssi_move_by()
 *
 * Return: the socket, or a negative errno.
 */
int ssi_open(void)
{
	uint16_t family;

	return family_open(&family);
}

/**
 * ssi_move_by - move a process by a socket that was opened before
 * @fd: of ssi_open()
 * @pid: the process
 * @node: where to; 0 is its home
 *
 * Return: as ssi_move_pid(), at once.
 */
int ssi_move_by(int fd, pid_t pid, unsigned int node)
{
	struct ssi_where unused;
	uint16_t family;
	int other = family_open(&family);

	if (other < 0)
		return other;
	close(other);
	return move_by(fd, family, pid, node, false, &unused);
}

/**
 * ssi_locate - where is a process?
 * @pid: the process
 * @where: filled
 *
 * Return: 0, also for one that never moved, or a negative errno.
 */
int ssi_locate(pid_t pid, struct ssi_where *where)
{
	uint32_t pid_attr = pid;
	struct request req;
	uint16_t family;
	int fd, err;

	memset(where, 0, sizeof(*where));
	fd = family_open(&family);
	if (fd < 0)
		return fd;
	request_init(&req, family, NLM_F_ACK, SSI_CMD_PROCESS_GET,
		     SSI_FAMILY_VERSION);
	request_put(&req, SSI_A_PROCESS_PID, &pid_attr, sizeof(pid_attr));
	err = transact(fd, &req, take_process, where);
	close(fd);
	return err;
}

/*
 * Move the caller. Nothing waits: a thread departs when its system call
 * returns, so it cannot be told of its own move from inside one, and whoever
 * reads the answer is away already.
 */
int ssi_away(unsigned int node)
{
	return ssi_move_pid(getpid(), node, false, NULL);
}

/**
 * ssi_place - have the next execve() start its program on a node
 * @node: where
 *
 * Return: 0 or a negative errno.
 */
int ssi_place(unsigned int node)
{
	uint32_t attr = node;
	struct request req;
	uint16_t family;
	int fd, err;

	fd = family_open(&family);
	if (fd < 0)
		return fd;
	request_init(&req, family, NLM_F_ACK, SSI_CMD_PLACE, SSI_FAMILY_VERSION);
	request_put(&req, SSI_A_PROCESS_NODE, &attr, sizeof(attr));
	err = transact(fd, &req, NULL, NULL);
	close(fd);
	return err;
}

int ssi_home(void)
{
	return ssi_move_pid(getpid(), 0, false, NULL);
}
