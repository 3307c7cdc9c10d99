// SPDX-License-Identifier: GPL-2.0
/*
 * Terminals and job control. A pseudo terminal is made for each subtest; a
 * shell-like leader stays at home and its job is away.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#include "torture.h"

static int master;

static int pty_open(char *name, size_t len)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	if (fd < 0)
		skip("no pseudo terminals here");
	CHECK_OK(grantpt(fd));
	CHECK_OK(unlockpt(fd));
	CHECK_ZERO(ptsname_r(fd, name, len));
	return fd;
}

static void typed(const char *keys)
{
	CHECK_EQ(write(master, keys, strlen(keys)), (long)strlen(keys));
}

/* Read the terminal's output until it contains @text. */
static void shown(const char *text)
{
	static char seen[8192];
	static size_t have;
	double end = now() + 60;
	struct pollfd pfd = { .fd = master, .events = POLLIN };
	ssize_t got;
	char *at;

	while (!(at = memmem(seen, have, text, strlen(text)))) {
		if (now() > end)
			FAIL("the terminal did not show \"%s\"", text);
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		if (have > sizeof(seen) / 2) {
			memmove(seen, seen + have - 100, 100);
			have = 100;
		}
		got = read(master, seen + have, sizeof(seen) - have);
		if (got > 0)
			have += got;
		else if (got < 0 && errno != EIO)
			FAIL("read of the master: %s", strerror(errno));
	}
	at += strlen(text);
	have -= at - seen;
	memmove(seen, at, have);
}

/* Run @session as the leader of a session with a new terminal. */
static pid_t with_terminal(void (*session)(int tty))
{
	char name[64];
	pid_t pid;
	int tty;

	master = pty_open(name, sizeof(name));
	/* Open once here, so that the master never sees a hangup by chance. */
	tty = CHECK_OK(open(name, O_RDWR | O_NOCTTY));
	pid = CHECK_OK(fork());
	if (!pid) {
		close(master);
		close(tty);
		CHECK_OK(setsid());
		tty = CHECK_OK(open(name, O_RDWR));
		session(tty);
		_exit(0);
	}
	return pid;
}

static void say_on(int tty, const char *text)
{
	CHECK_EQ(write(tty, text, strlen(text)), (long)strlen(text));
}

static void read_lines(int tty)
{
	char line[64];
	ssize_t len;
	int i;

	for (i = 0; i < 3; i++) {
		away_or_home(i);
		say_on(tty, "ready\n");
		len = CHECK_OK(read(tty, line, sizeof(line)));
		line[len - 1] = 0;
		CHECK(!strcmp(line, "typed line"));
		say_on(tty, "got it\n");
	}
	home();
}

/* Canonical mode: editing is the terminal's, the line is ours. */
TEST(tty, lines)
{
	pid_t pid = with_terminal(read_lines);
	int i;

	for (i = 0; i < 3; i++) {
		shown("ready");
		typed("typed linX\177e\n");
		shown("got it");
	}
	CHECK_EXITS(pid, 0);
}

static void read_raw(int tty)
{
	struct termios tio;
	char c;
	int i;

	away();
	CHECK_OK(tcgetattr(tty, &tio));
	cfmakeraw(&tio);
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	CHECK_OK(tcsetattr(tty, TCSANOW, &tio));
	say_on(tty, "raw");
	for (i = 0; i < 5; i++) {
		CHECK_EQ(read(tty, &c, 1), 1);
		CHECK_EQ(c, "\003\032abc"[i]);
	}
	home();
}

TEST(tty, raw)
{
	pid_t pid = with_terminal(read_raw);

	shown("raw");
	typed("\003\032abc");
	CHECK_EXITS(pid, 0);
}

static void spin(void)
{
	for (;;)
		asm volatile("" : : : "memory");
}

static void wait_key(int tty)
{
	away();
	say_on(tty, "spinning");
	spin();
}

/* ^C and ^\ reach pure user mode. */
TEST(tty, interrupt)
{
	pid_t pid = with_terminal(wait_key);

	shown("spinning");
	sleep_ms(50);
	typed("\003");
	CHECK_KILLED(pid, SIGINT);
	close(master);
	pid = with_terminal(wait_key);
	shown("spinning");
	sleep_ms(50);
	typed("\034");
	CHECK_KILLED(pid, SIGQUIT);
}

static int continued;

static void on_cont(int sig)
{
	(void)sig;
	ADD(continued, 1);
}

static void foreground_job(int tty)
{
	char line[32];
	ssize_t len;

	handle(SIGCONT, on_cont, SA_RESTART);
	away();
	say_on(tty, "job spins\n");
	while (!READ(continued))
		asm volatile("" : : : "memory");
	say_on(tty, "job reads\n");
	len = CHECK_OK(read(tty, line, sizeof(line)));
	CHECK_EQ(len, 3);
	CHECK_SAME(line, "ok\n", 3);
	home();
	_exit(12);
}

static void foreground(int tty, pid_t pgrp)
{
	CHECK_OK(tcsetpgrp(tty, pgrp));
}

static void shell(int tty)
{
	int status;
	pid_t pid;

	handle(SIGTTOU, SIG_IGN, 0);
	pid = CHECK_OK(fork());
	if (!pid) {
		setpgid(0, 0);
		handle(SIGTTOU, SIG_DFL, 0);
		while (tcgetpgrp(tty) != getpgrp())
			usleep(1000);
		foreground_job(tty);
	}
	setpgid(pid, pid);
	foreground(tty, pid);

	/* ^Z stops it in user mode. */
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTSTP)
		FAIL("after ^Z: status 0x%x", status);
	foreground(tty, getpgrp());
	say_on(tty, "stopped\n");

	/* bg: it goes on, and is stopped when it reads. */
	CHECK_OK(kill(-pid, SIGCONT));
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTTIN)
		FAIL("read in the background: status 0x%x", status);
	say_on(tty, "in background\n");

	/* fg: it reads. */
	foreground(tty, pid);
	CHECK_OK(kill(-pid, SIGCONT));
	CHECK_EXITS(pid, 12);
	foreground(tty, getpgrp());
	say_on(tty, "done\n");
}

TEST(tty, job_control)
{
	pid_t pid = with_terminal(shell);

	shown("job spins");
	sleep_ms(50);
	typed("\032");
	shown("in background");
	typed("ok\n");
	shown("done");
	CHECK_EXITS(pid, 0);
}

static int resized;

static void on_resize(int sig)
{
	(void)sig;
	ADD(resized, 1);
}

static void watch_size(int tty)
{
	struct winsize ws;

	handle(SIGWINCH, on_resize, 0);
	away();
	say_on(tty, "watching");
	while (!READ(resized))
		asm volatile("" : : : "memory");
	CHECK_OK(ioctl(tty, TIOCGWINSZ, &ws));
	CHECK_EQ(ws.ws_row, 33);
	CHECK_EQ(ws.ws_col, 99);
	home();
}

TEST(tty, window_size)
{
	struct winsize ws = { .ws_row = 33, .ws_col = 99 };
	pid_t pid = with_terminal(watch_size);

	shown("watching");
	CHECK_OK(ioctl(master, TIOCSWINSZ, &ws));
	CHECK_EXITS(pid, 0);
}

/* The terminal goes away. */
TEST(tty, hangup)
{
	pid_t pid = with_terminal(wait_key);

	shown("spinning");
	close(master);
	CHECK_KILLED(pid, SIGHUP);
}
