// SPDX-License-Identifier: GPL-2.0
/*
 * A shell's part: a terminal, a job in the foreground, and the keyboard.
 *
 *	terminal COMMAND...
 *			executes the command, which is to do as cat does, as a job of a shell
 *			with a terminal of its own; interrupts, stops and continues it from the
 *			keyboard
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int master;

/* Type, and wait until the terminal shows something. */
static bool shows(const char *type, const char *text)
{
	static char seen[65536];
	static size_t len;
	struct pollfd p = { .fd = master, .events = POLLIN };
	double end = now() + 60;
	char *found;

	if (type && write(master, type, strlen(type)) < 0)
		return false;
	while (now() < end) {
		seen[len] = '\0';
		found = strstr(seen, text);
		if (found) {
			found += strlen(text);
			memmove(seen, found, strlen(found) + 1);
			len = strlen(seen);
			return true;
		}
		if (poll(&p, 1, 1000) > 0 && (p.revents & POLLIN)) {
			ssize_t n = read(master, seen + len, sizeof(seen) - 1 - len);

			if (n > 0)
				len += n;
		}
	}
	seen[len] = '\0';
	printf("# \"%s\" instead of \"%s\"\n", seen, text);
	return false;
}

static int waited(pid_t pid, int options)
{
	double end = now() + 60;
	int status;

	while (now() < end) {
		if (waitpid(pid, &status, options | WNOHANG) == pid)
			return status;
		usleep(10000);
	}
	return -1;
}

static pid_t job(char **argv, int slave)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, getpid());
	signal(SIGTTOU, SIG_DFL);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	close(slave);
	close(master);
	execvp(*argv, argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	int slave, status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: terminal COMMAND...\n");
		return 2;
	}
	argv++;
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master) || setsid() < 0)
		return 2;
	slave = open(ptsname(master), O_RDWR);
	if (slave < 0)
		return 2;
	signal(SIGTTOU, SIG_IGN);
	pid = job(argv, slave);
	/* once by the echo, once by the program */
	check("it reads the terminal", shows("one\n", "one\r\n") && shows(NULL, "one\r\n"), 1);
	check("^Z", shows("\032", "^Z"), 1);
	status = waited(pid, WUNTRACED);
	check("... stops it", WIFSTOPPED(status) ? WSTOPSIG(status) : -status, SIGTSTP);
	tcsetpgrp(slave, getpgrp());
	tcsetpgrp(slave, pid);
	kill(-pid, SIGCONT);
	check("fg continues it", WIFCONTINUED(waited(pid, WCONTINUED)), 1);
	check("... and it reads on", shows("two\n", "two\r\n") && shows(NULL, "two\r\n"), 1);
	check("^C", shows("\003", "^C"), 1);
	status = waited(pid, 0);
	check("... ends it", WIFSIGNALED(status) ? WTERMSIG(status) : -status, SIGINT);
	pid = job(argv, slave);
	check("a second one reads", shows("three\n", "three\r\n") && shows(NULL, "three\r\n"), 1);
	check("^D", write(master, "\004", 1), 1);
	status = waited(pid, 0);
	check("... is the end of its input", status, 0);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
