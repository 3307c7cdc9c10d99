// SPDX-License-Identifier: GPL-2.0
/* Wait in a system call in each of the ways that there are, and disturb it. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ssi_move.h"
#include "torture.h"
#include "waits.h"

int fds[4];
char buf[64];

static int interrupts;

static void count(int sig)
{
	(void)sig;
	ADD(interrupts, 1);
}

enum {
	PLAIN,		/* nothing happens */
	RESTARTING,	/* signals, whose handler has SA_RESTART */
	MOVED,
	STOPPED,
	INTERRUPTING,	/* signals, whose handler has not */
	NR_WAYS
};

static const char * const way_names[] = {
	"alone", "SA_RESTART", "moved", "stopped", "no SA_RESTART"
};

static bool sleeps(pid_t pid)
{
	char path[40], line[512];
	char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, line, sizeof(line)) <= 0)
		return false;
	p = strrchr(line, ')');
	return p && p[1] && p[2] == 'S';
}

/*
 * Wait until a process sleeps in this call; false if it does not for so long. A
 * thread whose user mode is elsewhere sleeps too, but shows its last call. One that
 * sleeps uninterruptibly copies its arguments, and does not wait yet.
 */
bool in_call(pid_t pid, const long *nr, unsigned int seconds)
{
	double end = now() + seconds;
	char path[40], line[256];
	int tries = 0;
	long shown;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	do {
		if (read_file(path, line, sizeof(line)) <= 0)
			return false;
		shown = strtol(line, NULL, 10);
		/* -1 is in no call, and also an nr[1] that is none */
		if (line[0] != 'r' && shown >= 0 &&
		    (shown == nr[0] || shown == nr[1] ||
		     shown == SYS_restart_syscall) && sleeps(pid))
			return true;
		usleep(2000);
		/* the time may have been a pause of the machine */
	} while (now() < end || ++tries < 100);
	return false;
}

static void disturb_once(pid_t waiter, int way, int turn)
{
	switch (way) {
	case RESTARTING:
	case INTERRUPTING:
		kill(waiter, SIGUSR1);
		break;
	case MOVED:
		if (can_move())
			ssi_move_pid(waiter, turn & 1 ? 0 : node(turn), false,
				     NULL);
		break;
	case STOPPED:
		kill(waiter, SIGSTOP);
		wait_state(waiter, 'T');
		kill(waiter, SIGCONT);
		break;
	}
}

/* How often a call that ends by itself may be over before it is disturbed. */
#define TRIES	5
/* What a child exits with that found it so. */
#define MISSED	2

/* In a child. Whatever goes wrong, the wait is ended. */
static void disturb(pid_t waiter, int way, const struct call *call)
{
	/* one that ends by itself gets TRIES of them */
	unsigned int patience = call->event ? 30 : 10;
	bool found = true;
	int i, done = 0;

	for (i = 0; i < 3 && found; i++) {
		found = in_call(waiter, call->nr, done ? 3 : patience);
		/* one that ends by itself may have ended */
		if (found || (!call->event && done)) {
			disturb_once(waiter, way, i);
			done++;
		}
		sleep_ms(20);
	}
	if (call->event) {
		/* an event that comes before the last signal is seen would hide that */
		if (found)
			in_call(waiter, call->nr, 3);
		call->event();
	}
	if (!done && !call->event)
		_exit(MISSED);
	if (!done)
		FAIL("process %d does not sleep in call %ld or %ld", waiter,
		     call->nr[0], call->nr[1]);
}

/* Did the child find nothing to disturb? */
static bool missed(pid_t pid)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, 0);
	} while (got < 0 && errno == EINTR);
	CHECK_EQ(got, pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == MISSED)
		return true;
	CHECK_EQ(status, 0);
	return false;
}

/*
 * Is this what signal(7) says about EINTR? False if a call that ends by itself may
 * have been over before the first signal.
 */
static bool check_interrupted(const struct call *call, int way, int eintr, bool last)
{
	bool expected = false, allowed = false;

	switch (way) {
	case RESTARTING:
		expected = call->rule != RESTARTS;
		break;
	case INTERRUPTING:
		expected = true;
		break;
	case STOPPED:
		/* it may have returned before it was stopped */
		allowed = call->rule == EINTR_AFTER_STOP;
		break;
	}
	if (expected && !eintr && !call->event && !last)
		return false;
	if (expected && !eintr)
		FAIL("%s: no EINTR, though %d handlers ran", way_names[way],
		     READ(interrupts));
	if (eintr && !expected && !allowed)
		FAIL("%s: %d times EINTR", way_names[way], eintr);
	if ((way == RESTARTING || way == INTERRUPTING) && !READ(interrupts))
		FAIL("%s: no handler ran", way_names[way]);
	return true;
}

/* Wait once, disturbed in one way; false if that was too late to show anything. */
static bool wait_once(const struct call *call, int way, bool last)
{
	pid_t waiter = getpid(), pid;
	int eintr = 0;
	long result;
	bool shown;

	handle(SIGUSR1, count, way == INTERRUPTING ? 0 : SA_RESTART);
	call->prepare();
	WRITE(interrupts, 0);
	away();
	pid = CHECK_OK(fork());
	if (!pid) {
		disturb(waiter, way, call);
		_exit(0);
	}
	/* what /proc shows until the real one */
	syscall(SYS_getppid);
	for (;;) {
		result = call->wait();
		if (result != -1 || errno != EINTR)
			break;
		eintr++;
	}
	if (result == -1)
		FAIL("%s: %s", way_names[way], strerror(errno));
	/* the moves that others do are told from ours by nothing */
	if (way == RESTARTING)
		home();
	shown = !missed(pid);
	/* not disturbed it was alone */
	if (!check_interrupted(call, shown ? way : PLAIN, eintr, last))
		shown = false;
	if (!shown && last)
		FAIL("%s: over before it was disturbed, %d times",
		     way_names[way], TRIES);
	call->finish(result);
	return shown;
}

void waits(const struct call *call)
{
	int way, tries;

	for (way = 0; way < NR_WAYS; way++)
		for (tries = 1; !wait_once(call, way, tries == TRIES); tries++)
			;
	home();
}

void close_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] > 0)
			close(fds[i]);
		fds[i] = 0;
	}
}

void pipe_prepare(void)
{
	CHECK_OK(pipe(fds));
}

void pipe_event(void)
{
	CHECK_EQ(write(fds[1], "pipe", 4), 4);
}

long pipe_read(void)
{
	return read(fds[0], buf, sizeof(buf));
}

void pipe_finish(long result)
{
	CHECK_EQ(result, 4);
	CHECK_SAME(buf, "pipe", 4);
	close_all();
}
