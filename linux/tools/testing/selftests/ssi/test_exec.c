// SPDX-License-Identifier: GPL-2.0
/* A new program is started by a process that is away. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "torture.h"

static void exec_away(void *arg)
{
	away();
	execl(self_path, "torture", "--as-child", "exit", arg, NULL);
	FAIL("exec: %s", strerror(errno));
}

TEST(exec, away)
{
	int i;

	for (i = 0; i < 3; i++)
		CHECK_EXITS(child(exec_away, "23"), 23);
	away();
	CHECK_EXITS(child(exec_away, "24"), 24);
	home();
}

/* A failed exec changes nothing. */
TEST(exec, fails)
{
	char *argv[2] = { "x" };
	int fd = temp_file();

	away();
	CHECK_ERR(execv("/nowhere/at/all", argv), ENOENT);
	CHECK_ERR(syscall(SYS_execveat, fd, "", argv, NULL, AT_EMPTY_PATH),
		  EACCES);
	CHECK_ERR(execv((char *)0x1230, argv), EFAULT);
	CHECK_EQ(getpid(), syscall(SYS_getpid));
	home();
}

static void exec_with_files(void *arg)
{
	int *fds = arg;
	char num[8];

	away();
	CHECK_OK(fcntl(fds[0], F_SETFD, FD_CLOEXEC));
	CHECK_OK(dup2(fds[1], STDOUT_FILENO));
	snprintf(num, sizeof(num), "%d", fds[1]);
	execl(self_path, "torture", "--as-child", "echo", "through exec", NULL);
	FAIL("exec: %s", strerror(errno));
}

TEST(exec, files)
{
	char buf[32];
	int fds[2];

	CHECK_OK(pipe(fds));
	away();
	CHECK_EXITS(child(exec_with_files, fds), 0);
	CHECK_EQ(read(fds[0], buf, sizeof(buf)), 12);
	CHECK_SAME(buf, "through exec", 12);
	home();
}

static void *spinner(void *arg)
{
	(void)arg;
	for (;;)
		ADD(*(long *)arg, 1);
	return NULL;
}

static void *execer(void *arg)
{
	sleep_ms(50);
	execl(self_path, "torture", "--as-child", "exit", arg, NULL);
	FAIL("exec: %s", strerror(errno));
	return NULL;
}

static void exec_from_thread(void *arg)
{
	static long counts[3];
	pthread_t thread;
	int i;

	if (!strcmp(arg, "31"))
		away();
	for (i = 0; i < 3; i++)
		CHECK_ZERO(pthread_create(&thread, NULL, spinner, &counts[i]));
	CHECK_ZERO(pthread_create(&thread, NULL, execer, arg));
	if (strcmp(arg, "31"))
		away();
	for (;;)
		pause();
}

/* By a thread that is not the leader, while others run. */
TEST(exec, from_thread)
{
	CHECK_EXITS(child(exec_from_thread, "31"), 31);
	CHECK_EXITS(child(exec_from_thread, "32"), 32);
}

static void never(int sig)
{
	FAIL("signal %d was not expected", sig);
}

/* Ignored signals stay ignored, handled ones do not, the mask is kept. */
static void exec_signals(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
	handle(SIGHUP, SIG_IGN, 0);
	handle(SIGTERM, never, 0);
	away();
	raise(SIGUSR2);
	execl(self_path, "torture", "--as-child", "signals", NULL);
	FAIL("exec: %s %s", strerror(errno), (char *)arg);
}

TEST(exec, signals)
{
	CHECK_EXITS(child(exec_signals, NULL), 0);
}
