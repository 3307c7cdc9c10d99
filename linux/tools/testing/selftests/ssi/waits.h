/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A system call that waits, and all that may happen to it meanwhile. It is entered
 * while away; then it is left alone, interrupted by signals, stopped and
 * continued, and its process is moved: the thread stays in its call and departs
 * when that returns. Whether the program sees EINTR is written in signal(7).
 */
#ifndef WAITS_H
#define WAITS_H

#include "torture.h"

/**
 * enum call_rule - what the program sees of signals
 * @RESTARTS: nothing, if the handler has SA_RESTART
 * @NEVER_RESTARTS: EINTR after every handler
 * @EINTR_AFTER_STOP: EINTR after every handler, and after SIGSTOP and SIGCONT too
 */
enum call_rule { RESTARTS, NEVER_RESTARTS, EINTR_AFTER_STOP };

/**
 * struct call - one way to wait
 * @nr: the system call as /proc/PID/syscall shows it, and another one that the C
 *	library may use instead
 * @rule: what the program sees of signals
 * @prepare: make what is waited for
 * @wait: wait; after -1 with EINTR it is called again
 * @event: end the wait; runs in a child; NULL: it ends by itself
 * @finish: check the result and take down what prepare made
 */
struct call {
	long nr[2];
	enum call_rule rule;
	void (*prepare)(void);
	long (*wait)(void);
	void (*event)(void);
	void (*finish)(long result);
};

#define CALL(subj, name, nr1, nr2, how, prep, wt, ev, fin)		\
	static const struct call call_##name = {			\
		.nr = { (nr1), (nr2) }, .rule = (how),			\
		.prepare = (prep), .wait = (wt), .event = (ev),		\
		.finish = (fin),					\
	};								\
	TEST(subj, name)						\
	{								\
		waits(&call_##name);					\
	}

/* arm64 has no calls of the older kind. */
#ifdef SYS_poll
#define NR_POLL		SYS_poll
#else
#define NR_POLL		SYS_ppoll
#endif
#ifdef SYS_select
#define NR_SELECT	SYS_select
#else
#define NR_SELECT	SYS_pselect6
#endif
#ifdef SYS_epoll_wait
#define NR_EPOLL_WAIT	SYS_epoll_wait
#else
#define NR_EPOLL_WAIT	SYS_epoll_pwait
#endif

/* For all of them: descriptors, zero or less is none; and room for an answer. */
extern int fds[4];
extern char buf[64];

void waits(const struct call *call);
bool in_call(pid_t pid, const long *nr, unsigned int seconds);
void close_all(void);

/* The simplest of all, and what many others are built on. */
void pipe_prepare(void);
long pipe_read(void);
void pipe_event(void);
void pipe_finish(long result);

#endif /* WAITS_H */
