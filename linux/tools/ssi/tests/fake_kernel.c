// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel with LinuxSSI, as far as the tool can tell.
 *
 * Linked into a copy of the tool with --wrap, so that what it prints and exits
 * with can be checked on any machine: __wrap_f() stands in for f(). Node 1 of
 * three; node 3 is lost; nodes that are removed are told on standard error. The
 * PID says what the process does:
 *
 *   101  is away on node 2		104  is a thread of the kernel
 *   102  is a guest of node 2		105  moves at the third question
 *   103  came home: shared mapping	106  sleeps in a system call
 *   107  is not the caller's		108  never arrives
 *   109  was never moved		111  cannot leave: AMX
 *   112  is a vfork child		113  was away, and ends when it is moved
 *   114  has a user whom no node lets in	115  cannot be started elsewhere
 *   any other does not exist
 *
 * FAKE_ALONE: not joined. FAKE_IDLE: nothing was moved. FAKE_BUSY: nothing may be
 * removed, or left. FAKE_DEAF: the socket fails. FAKE_INSECURE: joined without a key.
 * FAKE_TWO_KEYS: while a key is changed. FAKE_USER: the caller is not root.
 * FAKE_THREE: node 3 is a member, where nothing can be started. FAKE_STATE: what node 3 is.
 * FAKE_BUSY_ON: FAKE_BUSY on one node; what is started on node 2 is node 2. FAKE_BOOT: name of
 * the cluster of the boot parameters, which say node 7. FAKE_ADDRESSES: those of this machine,
 * separated by blanks. FAKE_CALM: events come one after the other. FAKE_DYING: how often a
 * node that is removed by force is still dying. FAKE_CLOCK: how far node 2's clock is ahead.
 * FAKE_PARAMETER: error of setting a parameter; what is set is told on standard error.
 *
 * The id of a key is its first 8 bytes. Node 1 has that of 00c0ffee00c0ffee, and
 * fedcba9876543210 before it if there are two. How a node joins is told on standard error.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ssi-user.h"
#include "tool.h"

static const unsigned char address[4] = { 10, 0, 0, 1 };
static unsigned int target;
static unsigned int questions;

/* The newest first; what was added or deleted is seen by the next question. */
static __u64 keys[2] = { 0x00c0ffee00c0ffeeULL };
static unsigned int nr_keys = 1;

struct ynl_sock *__wrap_ynl_sock_create(const struct ynl_family *yf, struct ynl_error *e)
{
	(void)yf;
	(void)e;
	return calloc(1, sizeof(struct ynl_sock));
}

void __wrap_ynl_sock_destroy(struct ynl_sock *ys)
{
	free(ys);
}

static void *refuse(struct ynl_sock *ys, int code, const char *text)
{
	ys->err.code = code;
	if (!code)
		ys->err.msg[0] = '\0';
	else if (text)
		snprintf(ys->err.msg, sizeof(ys->err.msg),
			 "Kernel error: '%s' (bad attribute: .pid)", text);
	else
		snprintf(ys->err.msg, sizeof(ys->err.msg), "%s", strerror(code));
	return NULL;
}

static void keys_begin(void)
{
	static bool begun;

	if (!begun && getenv("FAKE_TWO_KEYS")) {
		keys[1] = keys[0];
		keys[0] = 0xfedcba9876543210ULL;
		nr_keys = 2;
	}
	if (getenv("FAKE_INSECURE"))
		nr_keys = 0;
	begun = true;
}

static unsigned int key_find(__u64 id)
{
	unsigned int i;

	for (i = 0; i < nr_keys && keys[i] != id; i++)
		;
	return i;
}

/* Who may change keys, and is there anything to change? */
static int key_check(struct ynl_sock *ys)
{
	keys_begin();
	if (getenv("FAKE_USER"))
		refuse(ys, EPERM, NULL);
	else if (getenv("FAKE_ALONE"))
		refuse(ys, ENOTCONN, "This node has not joined a cluster: use 'ssi join'");
	else if (getenv("FAKE_INSECURE"))
		refuse(ys, EOPNOTSUPP,
		       "This node has joined without a key: leave, and join with one");
	else
		return 0;
	return -1;
}

int __wrap_ssi_key_add(struct ynl_sock *ys, struct ssi_key_add_req *req)
{
	__u64 id = 0;
	int i;

	if (key_check(ys))
		return -1;
	for (i = 0; i < 8; i++)
		id = id << 8 | ((unsigned char *)req->key)[i];
	if (key_find(id) < nr_keys) {
		refuse(ys, EEXIST, "This key is used already");
		return -1;
	}
	if (nr_keys == 2) {
		refuse(ys, ENOSPC, "There are two keys: delete the older one first");
		return -1;
	}
	if (!id || req->_len.key != SSI_KEY_LEN) {
		refuse(ys, EKEYREJECTED, "This key cannot be used: make another one");
		return -1;
	}
	keys[1] = keys[0];
	keys[0] = id;
	nr_keys = 2;
	return 0;
}

int __wrap_ssi_key_del(struct ynl_sock *ys, struct ssi_key_del_req *req)
{
	unsigned int i;

	if (key_check(ys))
		return -1;
	i = req->_count.key_id == 1 ? key_find(req->key_id[0]) : nr_keys;
	if (i == nr_keys) {
		refuse(ys, ENOENT, "There is no such key");
		return -1;
	}
	if (nr_keys == 1) {
		refuse(ys, EBUSY, "It is the only key: add its successor first");
		return -1;
	}
	keys[0] = keys[!i];
	nr_keys = 1;
	return 0;
}

struct ssi_status_get_rsp *__wrap_ssi_status_get(struct ynl_sock *ys)
{
	struct ssi_status_get_rsp *s = calloc(1, sizeof(*s));

	if (getenv("FAKE_DEAF")) {
		free(s);
		errno = EIO;
		return refuse(ys, 0, "");
	}
	s->_present.joined = !getenv("FAKE_ALONE");
	s->node = getenv("FAKE_NODE") ? atoi(getenv("FAKE_NODE")) : 1;
	s->cluster = strdup("lab");
	s->address = malloc(4);
	memcpy(s->address, address, 4);
	s->_len.address = 4;
	s->port = 7475;
	s->deadline_ms = 5000;
	s->pid_stride = 1000000;
	s->_present.pid_first = 1;
	s->pid_first = 1000000;
	s->incarnation = 0xfedcba9876543210ULL;
	keys_begin();
	s->_present.insecure = !!getenv("FAKE_INSECURE");
	s->_count.key_id = nr_keys;
	s->key_id = calloc(2, sizeof(__u64));
	memcpy(s->key_id, keys, sizeof(keys));
	s->nodes = 2;
	s->members = 1;
	s->away = 1;
	return s;
}

struct ssi_node_get_list *__wrap_ssi_node_get_dump(struct ynl_sock *ys)
{
	struct ssi_node_get_list *a = calloc(1, sizeof(*a));
	struct ssi_node_get_list *b = calloc(1, sizeof(*b));

	(void)ys;
	a->obj.id = 2;
	a->obj.state = SSI_NODE_STATE_MEMBER;
	a->obj._present.state_ms = 1;
	a->obj.state_ms = 3723000;
	a->obj._present.rtt_ns = 1;
	a->obj.rtt_ns = 250000;
	a->obj._present.clock_ns = 1;
	a->obj.clock_ns = getenv("FAKE_CLOCK") ? strtoll(getenv("FAKE_CLOCK"), NULL, 10) :
						 -2500000000LL;
	a->obj.nr_cpus = 4;
	a->next = b;
	b->obj.id = 3;
	b->obj.state = getenv("FAKE_THREE") ? SSI_NODE_STATE_MEMBER :
		       getenv("FAKE_STATE") ? atoi(getenv("FAKE_STATE")) : SSI_NODE_STATE_LOST;
	b->obj._present.state_ms = 1;
	b->obj.state_ms = 5200;
	b->obj.reason = strdup("no heartbeat");
	b->next = (void *)YNL_LIST_END;
	return a;
}

struct ssi_node_get_rsp *
__wrap_ssi_node_get(struct ynl_sock *ys, struct ssi_node_get_req *req)
{
	struct ssi_node_get_rsp *n = calloc(1, sizeof(*n));

	(void)ys;
	n->id = req->id;
	n->address = malloc(4);
	memcpy(n->address, address, 4);
	n->_len.address = 4;
	n->port = SSI_DEFAULT_PORT;
	return n;
}

/* Nodes 2 and 3 are known, at 10.0.0.1 says ssi_node_get(). */
int __wrap_ssi_node_add(struct ynl_sock *ys, struct ssi_node_add_req *req)
{
	if (req->id > 3)
		return fprintf(stderr, "fake: added %u\n", req->id);
	if (req->id > 1)
		refuse(ys, EEXIST, "There is a node with this id: remove it first");
	else
		refuse(ys, EINVAL, "This is the id of this node itself");
	return -1;
}

static bool busy(void)
{
	const char *node = getenv("FAKE_NODE"), *on = getenv("FAKE_BUSY_ON");

	return getenv("FAKE_BUSY") || (on && !strcmp(on, node ? node : "1"));
}

static bool dying(void)
{
	static long times;

	return times++ < strtol(getenv("FAKE_DYING") ? : "0", NULL, 10);
}

int __wrap_ssi_node_del(struct ynl_sock *ys, struct ssi_node_del_req *req)
{
	bool force = req->_present.force;

	if (force && dying())
		refuse(ys, EBUSY, "What the node left here is not gone yet: try again");
	else if (!force && busy())
		refuse(ys, EBUSY, "Processes are away with this node: bring them home first");
	else if (req->id == 9)
		refuse(ys, ENOENT, "There is no node with this id");
	else
		return fprintf(stderr, "fake: removed %u%s\n", req->id,
			       force ? " by force" : "");
	return -1;
}

static const char *text_of(unsigned int reason)
{
	switch (reason) {
	case SSI_REASON_SHARED_MAPPING:
		return "It uses writable memory that is shared with others";
	case SSI_REASON_IN_SYSCALL:
		return "It is in a system call and moves when the call returns";
	case SSI_REASON_AMX:
		return "It uses AMX tile registers";
	case SSI_REASON_KERNEL_THREAD:
		return "It is a thread of the kernel";
	default:
		return "Nothing stands against a move";
	}
}

static bool process(struct ssi_process_get_rsp *p, unsigned int pid)
{
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	p->home = 1;
	p->node = 1;
	p->threads = 2;
	switch (pid) {
	case 101:
		p->node = 2;
		p->threads_away = 2;
		p->traps = 1000 + 100 * questions++;
		p->pages_away = 412;
		p->moves = 1;
		p->freeze_ns = 3120000;
		break;
	case 102:
		p->role = SSI_PROCESS_ROLE_GUEST;
		p->home = 2;
		break;
	case 103:
		p->reason = SSI_REASON_SHARED_MAPPING;
		break;
	case 104:
		p->reason = SSI_REASON_KERNEL_THREAD;
		break;
	case 105:
		p->node = 2;
		p->freeze_ns = questions++ < 3 ? 0 : 2500000;
		p->pages_away = 7;
		break;
	case 106:
		p->node = 2;
		p->reason = SSI_REASON_IN_SYSCALL;
		break;
	case 108:
		p->node = target;
		break;
	case 113:
		p->node = 4;
		break;
	case 109:
		if (getenv("FAKE_ALONE")) {
			p->home = 0;
			p->node = 0;
		}
		break;
	case 111:
		p->node = 2;
		p->moves = 1;
		p->reason = SSI_REASON_AMX;
		break;
	default:
		return false;
	}
	p->comm = strdup(pid == 101 ? "x\033[31mz" :
			 pid == 102 ? "\xc3\xa9t\xc2\x9b\xc3" : "worker");
	p->reason_text = strdup(text_of(p->reason));
	return true;
}

struct ssi_process_get_list *__wrap_ssi_process_get_dump(struct ynl_sock *ys)
{
	struct ssi_process_get_list *list = (void *)YNL_LIST_END;
	static const unsigned int pids[] = { 113, 103, 102, 101 };
	unsigned int i;

	(void)ys;
	if (getenv("FAKE_IDLE"))
		return list;
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		struct ssi_process_get_list *p = calloc(1, sizeof(*p));

		process(&p->obj, pids[i]);
		p->next = list;
		list = p;
	}
	return list;
}

struct ssi_process_get_rsp *
__wrap_ssi_process_get(struct ynl_sock *ys, struct ssi_process_get_req *req)
{
	struct ssi_process_get_rsp *p = calloc(1, sizeof(*p));

	if (process(p, req->pid))
		return p;
	free(p);
	return refuse(ys, ESRCH,
		      "No such process on this node; give the PID that it has at home");
}

int __wrap_ssi_place(struct ynl_sock *ys, struct ssi_place_req *req)
{
	if (req->node == 3)
		refuse(ys, EHOSTDOWN, "Node 3 is no member now");
	else if (req->node > 3)
		refuse(ys, ENOENT, "There is no node 4");
	else
		return setenv("FAKE_NODE", req->node == 2 ? "2" : "1", 1);
	return -1;
}

struct ssi_move_rsp *__wrap_ssi_move(struct ynl_sock *ys, struct ssi_move_req *req)
{
	struct ssi_process_get_rsp p;
	struct ssi_move_rsp *m;

	target = req->node;
	if (req->pid == 112)
		return refuse(ys, EBUSY,
			      "It is a vfork child that has not started its program yet");
	if (req->node == 3)
		return refuse(ys, EHOSTUNREACH,
			      "The other node is not a member of the cluster now");
	if (req->node > 3)
		return refuse(ys, ENOENT, NULL);
	if (req->pid == 107)
		return refuse(ys, EPERM,
			      "You may not move it: that takes the right to trace it");
	if (req->pid == 114)
		return refuse(ys, EREMOTEIO, "The other node does not let its user in");
	if (req->pid == 115)
		return refuse(ys, EREMOTEIO, "The other node could not start it or go on with it");
	if (req->pid == 104)
		return refuse(ys, EINVAL, text_of(SSI_REASON_KERNEL_THREAD));
	if (req->pid == 113 || !process(&p, req->pid))
		return refuse(ys, ESRCH, NULL);
	m = calloc(1, sizeof(*m));
	m->pid = p.pid;
	m->home = p.home;
	m->node = req->node ? p.node : p.home;
	m->threads = p.threads;
	m->pages_away = p.pages_away;
	m->freeze_ns = p.freeze_ns;
	m->reason = p.reason;
	m->reason_text = p.reason_text;
	m->comm = p.comm;
	return m;
}

int __wrap_ssi_join(struct ynl_sock *ys, struct ssi_join_req *req)
{
	const unsigned char *key = req->key;

	if (req->_len.key == SSI_KEY_LEN)
		fprintf(stderr, "fake: key %02x to %02x\n", key[0], key[SSI_KEY_LEN - 1]);
	if (req->_present.insecure)
		fprintf(stderr, "fake: insecure\n");
	if (req->_len.cluster)
		fprintf(stderr, "fake: %s %u, port %u, deadline %u, stride %u%s\n", req->cluster,
			req->node, req->port, req->deadline_ms, req->pid_stride,
			req->_present.local_pids ? ", local" : "");
	if (!req->_len.key && !req->_present.insecure)
		refuse(ys, ENOKEY, "A cluster key is needed: make one with 'ssi keygen'");
	else if (req->node == 1)
		refuse(ys, EADDRINUSE, "Somebody else listens on this address and port");
	else
		refuse(ys, EPERM, NULL);
	return -1;
}

int __wrap_ssi_drain(struct ynl_sock *ys, struct ssi_drain_req *req)
{
	if (!getenv("FAKE_ALONE"))
		return fprintf(stderr, "fake: %s node %u\n",
			       req->_present.undo ? "undrained" : "drained", req->node);
	refuse(ys, ENOTCONN, "This node has not joined a cluster: use 'ssi join'");
	return -1;
}

int __wrap_ssi_leave(struct ynl_sock *ys)
{
	if (!getenv("FAKE_BUSY"))
		return 0;
	refuse(ys, EBUSY, "Processes are away, or are guests here: bring them home first");
	return -1;
}

static struct ssi_node_get_ntf node_lost = {
	.cmd = SSI_CMD_NODE_NTF,
	.obj = { .id = 3, .state = SSI_NODE_STATE_LOST, .reason = (char *)"no heart\033beat" },
};

static struct ssi_process_ntf process_moved = {
	.cmd = SSI_CMD_PROCESS_NTF,
	.obj = {
		.event = SSI_PROCESS_EVENT_MOVED, .pid = 101, .home = 1, .node = 2,
		.comm = (char *)"worker", .freeze_ns = 3120000, .pages_away = 412,
		.reason = SSI_REASON_REQUESTED,
	},
};

static struct ssi_process_ntf process_killed = {
	.cmd = SSI_CMD_PROCESS_NTF,
	.obj = {
		.event = SSI_PROCESS_EVENT_KILLED, .pid = 101, .home = 1, .node = 1,
		.comm = (char *)"worker", .reason = SSI_REASON_NODE_LOST,
	},
};

static void *events[] = { &node_lost, &process_moved, &process_killed };
static unsigned int events_there, events_read;

int __wrap_ynl_subscribe(struct ynl_sock *ys, const char *group)
{
	(void)ys;
	return strcmp(group, "events") ? -1 : 0;
}

/* Readable four times, with a pause before each. */
static int calm(void)
{
	int fds[2], i;

	if (pipe(fds))
		return -1;
	if (fork())
		return fds[0];
	for (i = 0; i < 4; i++) {
		usleep(300000);
		if (write(fds[1], "", 1) != 1)
			break;
	}
	_exit(0);
}

static int calm_fd = -1;

int __wrap_ynl_socket_get_fd(struct ynl_sock *ys)
{
	(void)ys;
	if (getenv("FAKE_CALM"))
		return calm_fd = calm();
	return open("/dev/null", O_RDONLY);	/* always readable */
}

/* Three events, some that are lost, one of a newer kernel, and the end. */
int __wrap_ynl_ntf_check(struct ynl_sock *ys)
{
	static const int results[] = { 0, ENOBUFS, 0, ECONNRESET };
	static unsigned int calls;
	char byte;

	(void)ys;
	if (calm_fd >= 0 && read(calm_fd, &byte, 1) != 1)
		abort();
	errno = results[calls];
	if (calls++)
		return -1;
	events_there = ARRAY_SIZE(events);
	return 0;
}

struct ynl_ntf_base_type *__wrap_ynl_ntf_dequeue(struct ynl_sock *ys)
{
	(void)ys;
	return events_read < events_there ? events[events_read++] : NULL;
}

void __wrap_ynl_ntf_free(struct ynl_ntf_base_type *ntf)
{
	(void)ntf;
}

bool __wrap_boot_parameter(const char *name, char *value, size_t size)
{
	const char *cluster = getenv("FAKE_BOOT");

	*value = '\0';
	if (cluster)
		snprintf(value, size, "%s", strcmp(name, "node") ? cluster : "7");
	return *value;
}

int __wrap_set_parameter(const char *name, const char *value)
{
	const char *error = getenv("FAKE_PARAMETER");

	fprintf(stderr, "fake: ssi.%s=%s\n", name, value);
	return error ? atoi(error) : 0;
}

int __wrap_getifaddrs(struct ifaddrs **list)
{
	char *copy = strdup(getenv("FAKE_ADDRESSES") ? : ""), *rest, *text;
	struct ifaddrs *i;

	*list = NULL;
	for (text = strtok_r(copy, " ", &rest); text; text = strtok_r(NULL, " ", &rest)) {
		struct sockaddr_in6 *in6 = calloc(1, sizeof(*in6));
		struct sockaddr_in *in = (struct sockaddr_in *)in6;

		i = calloc(1, sizeof(*i));
		i->ifa_next = *list;
		*list = i;
		if (!strcmp(text, "none"))	/* an interface without one */
			continue;
		i->ifa_addr = (struct sockaddr *)in6;
		in6->sin6_family = AF_INET6;
		if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
			continue;
		in->sin_family = AF_INET;
		if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
			abort();
	}
	return 0;
}

void __wrap_freeifaddrs(struct ifaddrs *list)
{
	(void)list;
}
