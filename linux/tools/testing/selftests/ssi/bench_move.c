// SPDX-License-Identifier: GPL-2.0
/* How long a process stands still when it is moved, and until all of it is there. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "ssi_move.h"

/*
 * A process that spins and does nothing else, with so much memory. It knows the
 * longest time between two looks at the clock; SIGUSR1 makes it tell, SIGUSR2
 * makes it read all of its memory before.
 */
static int told;

static void on_signal(int sig)
{
	__atomic_store_n(&told, sig, __ATOMIC_RELAXED);
}

static noreturn void spin(size_t size, int fd)
{
	double last, now, gap = 0;
	char *memory = fill(size);
	int what;

	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (;;) {
		/* The first answer says that it is ready. */
		if (write(fd, &gap, sizeof(gap)) != sizeof(gap))
			_exit(1);
		gap = 0;
		last = now_ns();
		while (!__atomic_load_n(&told, __ATOMIC_RELAXED)) {
			now = now_ns();
			if (now - last > gap)
				gap = now - last;
			last = now;
		}
		what = __atomic_exchange_n(&told, 0, __ATOMIC_RELAXED);
		if (what == SIGUSR2)
			touch_all(memory, size);
	}
}

/* What the process tells after a signal, or when it is ready. */
static double listen_to(struct spinner *s)
{
	struct pollfd in = { .fd = s->fd, .events = POLLIN };
	double gap;

	if (poll(&in, 1, PATIENCE * 1000) <= 0 ||
	    read(s->fd, &gap, sizeof(gap)) != sizeof(gap)) {
		kill(s->pid, SIGKILL);
		die("the moved process does not answer");
	}
	return gap;
}

static double tell(struct spinner *s, int sig)
{
	kill(s->pid, sig);
	return listen_to(s);
}

void spinner_start(struct spinner *s, size_t size)
{
	int pipes[2];

	s->pid = fork_with_pipe(pipes);
	if (!s->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		spin(size, pipes[1]);
	}
	s->fd = pipes[0];
	listen_to(s);
}

void spinner_stop(struct spinner *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->fd);
}

void spinner_move(struct spinner *s, unsigned int node,
		  struct ssi_where *where)
{
	int err = ssi_move_pid(s->pid, node, true, where);

	if (err)
		die("move to node %u: %s: %s", node, strerror(-err),
		    ssi_last_text());
	if (node && where->node != node)
		die("at node %u instead of %u: %s", where->node, node,
		    where->text);
}

static void out_size(const char *name, unsigned long mib, int round,
		     double value)
{
	char full[64];

	snprintf(full, sizeof(full), "%s_%lu", name, mib);
	out(full, round, value);
}

/* Only one spins at a time, or they would wait for each other. */
static void spinner_rest(struct spinner *s, bool rest)
{
	int status;

	kill(s->pid, rest ? SIGSTOP : SIGCONT);
	if (waitpid(s->pid, &status, rest ? WUNTRACED : WCONTINUED) != s->pid ||
	    !(rest ? WIFSTOPPED(status) : WIFCONTINUED(status)))
		die("process %d does not %s", s->pid, rest ? "stop" : "go on");
}

/*
 * Away and home again: how long do they stand still? By turns, so that a
 * machine that gets busier changes nothing.
 */
void freezes(int round)
{
	static const unsigned long mib[] = { 1, 512 };
	struct ssi_where where;
	struct spinner s[2];
	int i, j;

	for (j = 0; j < 2; j++) {
		spinner_start(&s[j], mib[j] * MIB);
		spinner_rest(&s[j], true);
	}
	for (i = 0; i < 2 * opt.moves; i++) {
		j = i % 2;
		spinner_rest(&s[j], false);
		tell(&s[j], SIGUSR1);
		spinner_move(&s[j], opt.node, &where);
		out_size("freeze", mib[j], round, where.freeze_ns);
		out_size("gap", mib[j], round, tell(&s[j], SIGUSR1));
		spinner_move(&s[j], 0, &where);
		tell(&s[j], SIGUSR1);
		spinner_rest(&s[j], true);
	}
	for (j = 0; j < 2; j++)
		spinner_stop(&s[j]);
}

/* From the request to the last page of its memory being there. */
void totals(unsigned long mib, int round)
{
	struct ssi_where where;
	struct spinner s;
	double start;

	spinner_start(&s, mib * MIB);
	start = now_ns();
	spinner_move(&s, opt.node, &where);
	out_size("curve_answer", mib, round, now_ns() - start);
	out_size("curve_freeze", mib, round, where.freeze_ns);
	tell(&s, SIGUSR2);
	out_size("curve_total", mib, round, now_ns() - start);
	spinner_stop(&s);
}
