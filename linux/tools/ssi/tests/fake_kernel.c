// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel with LinuxSSI, as far as the tool can tell.
 *
 * Linked into a copy of the tool with --wrap, so that what it prints and exits
 * with can be checked on any machine. Node 1 of three; node 3 is lost. The PID
 * says what the process does:
 *
 *   101  is away on node 2		104  is refused: shared mapping
 *   102  is a guest of node 2		105  moves at the third question
 *   103  came home: shared mapping	106  sleeps in a system call
 *   107  is not the caller's		108  never arrives
 *   109  was never moved		any other does not exist
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ssi-user.h"
#include "tool.h"

static const unsigned char address[4] = { 10, 0, 0, 1 };
static unsigned int target;
static unsigned int questions;

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
	if (text)
		snprintf(ys->err.msg, sizeof(ys->err.msg),
			 "Kernel error: '%s' (bad attribute: .pid)", text);
	else
		snprintf(ys->err.msg, sizeof(ys->err.msg), "%s", strerror(code));
	return NULL;
}

struct ssi_status_get_rsp *__wrap_ssi_status_get(struct ynl_sock *ys)
{
	struct ssi_status_get_rsp *s = calloc(1, sizeof(*s));

	(void)ys;
	s->_present.joined = !getenv("FAKE_ALONE");
	s->node = 1;
	s->cluster = strdup("lab");
	s->address = malloc(4);
	memcpy(s->address, address, 4);
	s->_len.address = 4;
	s->port = 7475;
	s->deadline_ms = 5000;
	s->incarnation = 0xfedcba9876543210ULL;
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
	a->obj._present.rtt_ns = 1;
	a->obj.rtt_ns = 250000;
	a->obj.nr_cpus = 4;
	a->next = b;
	b->obj.id = 3;
	b->obj.state = SSI_NODE_STATE_LOST;
	b->obj.reason = strdup("no answer within the deadline");
	b->next = (void *)YNL_LIST_END;
	return a;
}

static const char *text_of(unsigned int reason)
{
	switch (reason) {
	case SSI_REASON_SHARED_MAPPING:
		return "It uses writable memory that is shared with others";
	case SSI_REASON_IN_SYSCALL:
		return "It is in a system call and moves when the call returns";
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
	case 104:
		p->reason = SSI_REASON_SHARED_MAPPING;
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
	case 109:
		if (getenv("FAKE_ALONE")) {
			p->home = 0;
			p->node = 0;
		}
		break;
	default:
		return false;
	}
	p->comm = strdup(pid == 101 ? "x\033[31mz" : "worker");
	p->reason_text = strdup(text_of(p->reason));
	return true;
}

struct ssi_process_get_list *__wrap_ssi_process_get_dump(struct ynl_sock *ys)
{
	struct ssi_process_get_list *list = (void *)YNL_LIST_END;
	unsigned int pid;

	(void)ys;
	if (getenv("FAKE_IDLE"))
		return list;
	for (pid = 103; pid > 100; pid--) {
		struct ssi_process_get_list *p = calloc(1, sizeof(*p));

		process(&p->obj, pid);
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
	return refuse(ys, ESRCH, "No such process on this node");
}

struct ssi_move_rsp *__wrap_ssi_move(struct ynl_sock *ys, struct ssi_move_req *req)
{
	struct ssi_process_get_rsp p;
	struct ssi_move_rsp *m;

	target = req->node;
	if (req->node == 3)
		return refuse(ys, EHOSTUNREACH,
			      "The other node is not a member of the cluster now");
	if (req->node > 3)
		return refuse(ys, ENOENT, NULL);
	if (req->pid == 107)
		return refuse(ys, EPERM,
			      "You may not move it: that takes the right to trace it");
	if (req->pid == 104)
		return refuse(ys, EINVAL, text_of(SSI_REASON_SHARED_MAPPING));
	if (!process(&p, req->pid))
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
	(void)req;
	refuse(ys, EPERM, NULL);
	return -1;
}
