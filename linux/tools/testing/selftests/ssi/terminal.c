// SPDX-License-Identifier: GPL-2.0
/*
 * A shell's part: a terminal, jobs in the foreground and in the background, and the keyboard.
 *
 *	terminal job COMMAND...
 *			executes the command, which is to do as cat does, as a job of a shell
 *			with a terminal of its own; interrupts, stops and continues it from the
 *			keyboard
 *	terminal background COMMAND...
 *			the same command, in the background: it stops to read
 *	terminal shell COMMAND...
 *			the command is a shell, which has jobs of its own
 *	terminal hangup COMMAND...
 *			the command is a shell, whose terminal goes away when it runs "sleep 1009"
 *	terminal lost COMMAND...
 *			the same, but then the shell command in $LOSE is executed, by which the node
 *			of the command is lost
 *	terminal of COMMAND...
 *			the command is, in the end, "terminal inside"
 *	terminal inside	what process groups may do with the terminal
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

/* A job of ours, with the terminal as standard input, and as its output unless it is to be ours. */
static pid_t job(char **argv, int slave, bool foreground, bool output)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);
	if (foreground)
		tcsetpgrp(slave, getpid());
	signal(SIGTTOU, SIG_DFL);
	dup2(slave, 0);
	if (output)
		dup2(slave, 1);
	dup2(slave, 2);
	close(slave);
	close(master);
	execvp(*argv, argv);
	_exit(127);
}

/* As a shell does it. */
static void continue_job(int tty, pid_t pid)
{
	tcsetpgrp(tty, pid);
	kill(-pid, SIGCONT);
}

static int stopped_by(int status)
{
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -status;
}

static int ended_by(int status)
{
	return WIFSIGNALED(status) ? WTERMSIG(status) : -status;
}

static void test_job(char **argv, int slave)
{
	pid_t pid = job(argv, slave, true, true);

	/* once by the echo, once by the program */
	check("it reads the terminal", shows("one\n", "one\r\n") && shows(NULL, "one\r\n"), 1);
	check("^Z", shows("\032", "^Z"), 1);
	check("... stops it", stopped_by(waited(pid, WUNTRACED)), SIGTSTP);
	tcsetpgrp(slave, getpgrp());
	continue_job(slave, pid);
	check("fg continues it", WIFCONTINUED(waited(pid, WCONTINUED)), 1);
	check("... and it reads on", shows("two\n", "two\r\n") && shows(NULL, "two\r\n"), 1);
	check("^C", shows("\003", "^C"), 1);
	check("... ends it", ended_by(waited(pid, 0)), SIGINT);
	pid = job(argv, slave, true, true);
	check("a second one reads", shows("three\n", "three\r\n") && shows(NULL, "three\r\n"), 1);
	check("^D", write(master, "\004", 1), 1);
	check("... is the end of its input", waited(pid, 0), 0);
}

static void test_background(char **argv, int slave)
{
	pid_t pid = job(argv, slave, false, true);

	check("in the background it stops to read", stopped_by(waited(pid, WUNTRACED)), SIGTTIN);
	kill(-pid, SIGCONT);
	check("... and again", stopped_by(waited(pid, WUNTRACED)), SIGTTIN);
	continue_job(slave, pid);
	check("fg: it reads", shows("one\n", "one\r\n") && shows(NULL, "one\r\n"), 1);
	check("^C", shows("\003", "^C"), 1);
	check("... ends it", ended_by(waited(pid, 0)), SIGINT);
	tcsetpgrp(slave, getpgrp());
	check("the shell has what is typed next", shows("two\n", "two\r\n"), 1);
}

static pid_t shell(char **argv, int slave)
{
	pid_t pid;

	setenv("PS1", "ready> ", 1);
	setenv("TERM", "dumb", 1);
	pid = job(argv, slave, true, true);
	check("a prompt", shows(NULL, "ready> "), 1);
	return pid;
}

static void test_shell(char **argv, int slave)
{
	pid_t pid = shell(argv, slave);

	/* the shell edits lines without the terminal's echo until a command runs */
	check("a job", shows("echo go; cat\n", "go\r\n"), 1);
	check("... reads", shows("one\n", "one\r\n") && shows(NULL, "one\r\n"), 1);
	check("^Z stops it, and not the shell",
	      shows("\032", "Stopped") && shows(NULL, "ready> "), 1);
	check("... so that it is listed", shows("jobs\n", "Stopped") && shows(NULL, "ready> "), 1);
	check("fg: it reads on", shows("fg\n", "cat\r\n") && shows("two\n", "two\r\n") &&
	      shows(NULL, "two\r\n"), 1);
	check("^C ends it, and not the shell", shows("\003", "^C") && shows(NULL, "ready> "), 1);
	check("a job in the background stops to read",
	      shows("cat & sleep 1; jobs\n", "Stopped") && shows(NULL, "ready> "), 1);
	check("fg: it reads", shows("fg\n", "cat\r\n") && shows("three\n", "three\r\n") &&
	      shows(NULL, "three\r\n"), 1);
	check("^D ends it, and not the shell", shows("\004", "ready> "), 1);
	check("a pipeline is one job", shows("echo go; tee | cat\n", "go\r\n") &&
	      shows("four\n", "four\r\n") && shows(NULL, "four\r\n") &&
	      shows("\003", "^C") && shows(NULL, "ready> "), 1);
	check("exit", write(master, "exit 7\n", 7), 7);
	check("... is that of the job", waited(pid, 0), 7 << 8);
}

static pid_t shell_with_job(char **argv, int slave)
{
	pid_t pid = shell(argv, slave);

	check("a job", shows("echo go; sleep 1009\n", "go\r\n"), 1);
	return pid;
}

static void test_lost(char **argv, int slave)
{
	pid_t pid = shell_with_job(argv, slave);

	check("the node is lost", system(getenv("LOSE") ? : "false"), 0);
	check("the shell is killed", ended_by(waited(pid, 0)), SIGKILL);
	tcsetpgrp(slave, getpgrp());
	check("the terminal is there", shows("two\n", "two\r\n"), 1);
}

static void test_hangup(char **argv, int slave)
{
	pid_t pid;
	int status;

	signal(SIGHUP, SIG_IGN);
	pid = shell_with_job(argv, slave);
	close(slave);
	close(master);
	status = waited(pid, 0);
	check("the shell ends", WIFEXITED(status) || ended_by(status) == SIGHUP, 1);
}

static void test_of(char **argv, int slave)
{
	pid_t pid = job(argv, slave, true, false);

	check("it asks for a line", shows(NULL, "type!") && shows("typed\n", "typed\r\n"), 1);
	check("... and another one", shows(NULL, "type!") && shows("typed\n", "typed\r\n"), 1);
	check("all is as it should be", waited(pid, 0), 0);
}

/* In a process group of its own. */
static pid_t child(void (*func)(void))
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_DFL);
		func();
		_exit(errno);
	}
	setpgid(pid, pid);
	return pid;
}

static void reads(void)
{
	char c;

	errno = read(0, &c, 1) == 1 ? 0 : errno;
}

static void reads_by_name(void)
{
	char c;
	int fd = open("/dev/tty", O_RDONLY);

	errno = fd >= 0 && read(fd, &c, 1) == 1 ? 0 : errno;
}

static void reads_ignoring(void)
{
	signal(SIGTTIN, SIG_IGN);
	reads();
}

/* Its parent is gone when it reads. */
static void reads_orphaned(void)
{
	pid_t parent;
	int fds[2];

	if (pipe(fds))
		_exit(127);
	if (!fork()) {
		parent = getpid();
		if (fork())
			_exit(0);
		setpgid(0, 0);
		while (getppid() == parent)
			usleep(1000);
		reads();
		_exit(write(fds[1], &errno, sizeof(errno)) < 0);
	}
	wait(NULL);
	close(fds[1]);
	if (read(fds[0], &errno, sizeof(errno)) != sizeof(errno))
		_exit(126);
}

static void writes(void)
{
	errno = write(2, "w\r\n", 3) == 3 ? 0 : errno;
}

static void changes(void)
{
	struct termios tio;

	errno = tcgetattr(0, &tio) || tcsetattr(0, TCSANOW, &tio) ? errno : 0;
}

static void takes(void)
{
	errno = tcsetpgrp(0, getpgrp()) ? errno : 0;
}

static void takes_blocking(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, NULL);
	takes();
}

static void sessions(void)
{
	setpgid(0, getppid());
	if (fork() == 0) {
		setsid();
		if (tcgetpgrp(0) >= 0 || errno != ENOTTY)
			_exit(1);
		_exit(open("/dev/tty", O_RDWR) < 0 ? errno : 0);
	}
	wait(&errno);
	errno = WEXITSTATUS(errno);
}

static void waits(void)
{
	pause();
}

static void set_tostop(bool on)
{
	struct termios tio;

	tcgetattr(0, &tio);
	tio.c_lflag = on ? tio.c_lflag | TOSTOP : tio.c_lflag & ~TOSTOP;
	tcsetattr(0, TCSANOW, &tio);
}

/* It stops by @sig, and does it when it has the terminal. */
static void stops(const char *what, void (*func)(void), int sig)
{
	pid_t pid = child(func);

	check(what, stopped_by(waited(pid, WUNTRACED)), sig);
	if (func == reads || func == reads_by_name)
		fprintf(stderr, "type!\r\n");
	continue_job(0, pid);
	check("... and does it in the foreground", waited(pid, 0), 0);
	check("... where it was", tcgetpgrp(0), pid);
	check("the terminal is taken back", tcsetpgrp(0, getpgrp()), 0);
}

static void does(const char *what, void (*func)(void), int err)
{
	check(what, waited(child(func), 0), err << 8);
}

static int inside(void)
{
	char buf[16];
	pid_t pid;
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTTOU, SIG_IGN);
	check("it is in the foreground", tcgetpgrp(0), getpgrp());
	check("the session is its own", tcgetsid(0), getsid(0));
	check("... and has a number", getsid(0) > 0, 1);
	stops("who reads in the background stops", reads, SIGTTIN);
	check("the rest of the line is there", read(0, buf, sizeof(buf)), 5);
	stops("... of /dev/tty, too", reads_by_name, SIGTTIN);
	check("the rest of the line is there", read(0, buf, sizeof(buf)), 5);
	does("... unless he ignores it", reads_ignoring, EIO);
	does("... or nobody would continue him", reads_orphaned, EIO);
	does("who writes does not stop", writes, 0);
	set_tostop(true);
	stops("... unless the terminal says so", writes, SIGTTOU);
	set_tostop(false);
	stops("who changes the terminal stops", changes, SIGTTOU);
	stops("who takes it stops", takes, SIGTTOU);
	does("... unless he blocks that", takes_blocking, 0);
	check("... who has it then has ended", tcsetpgrp(0, getpgrp()), 0);
	does("it is of one session", sessions, ENXIO);
	check("... and for its groups", tcsetpgrp(0, 1) ? errno : 0, EPERM);
	check("no negative group", tcsetpgrp(0, -1) ? errno : 0, EINVAL);
	pid = child(waits);
	check("a group that does nothing", tcsetpgrp(0, pid), 0);
	kill(pid, SIGKILL);
	check("... ends", ended_by(waited(pid, 0)), SIGKILL);
	check("... and has the terminal no more", tcsetpgrp(0, getpgrp()), 0);
	check("... nor gets it", tcsetpgrp(0, pid) ? errno : 0, ESRCH);
	check("it is where it was", tcgetpgrp(0), getpgrp());
	fd = open("/dev/tty", O_RDWR);
	check("/dev/tty is a terminal", isatty(fd), 1);
	check("... in the same foreground", tcgetpgrp(fd), getpgrp());
	check("... and is written", write(fd, "w\r\n", 3), 3);
	close(fd);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}

static const struct {
	const char *name;
	void (*test)(char **argv, int slave);
} tests[] = {
	{ "job", test_job },
	{ "background", test_background },
	{ "shell", test_shell },
	{ "hangup", test_hangup },
	{ "lost", test_lost },
	{ "of", test_of },
	{}
};

int main(int argc, char **argv)
{
	size_t i;
	int slave;

	if (argc == 2 && !strcmp(argv[1], "inside"))
		return inside();
	for (i = 0; tests[i].name; i++)
		if (argc > 2 && !strcmp(argv[1], tests[i].name))
			break;
	if (!tests[i].name) {
		fprintf(stderr, "usage: terminal job|background|shell|hangup|lost|of COMMAND...\n"
			"       terminal inside\n");
		return 2;
	}
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master) || setsid() < 0)
		return 2;
	slave = open(ptsname(master), O_RDWR);
	if (slave < 0)
		return 2;
	signal(SIGTTOU, SIG_IGN);
	/* as a shell without job control has them for what it does not wait for */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	tests[i].test(argv + 2, slave);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
