// SPDX-License-Identifier: GPL-2.0
/*
 * File descriptors that refer to processes of another node.
 *
 *	pidfd zombie		makes a child, writes the numbers of both in one line; waits
 *				for the child at SIGUSR1, and ends at SIGTERM
 *	pidfd check PID TID OTHER UNKNOWN CHILD PARENT
 *				checks a server of remote(1) of root with a second thread TID,
 *				one of user 1000, a number of the same node that nobody
 *				has, and a child of "pidfd zombie"
 *	pidfd hold PID		opens it, writes a line, reads one, and says what it is then
 *	pidfd wait PID		opens it, writes a line, and waits for its end
 *	pidfd many PID N	opens it N times, polls all, and closes all
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

#define THREAD		O_EXCL			/* PIDFD_THREAD */
#define SIGNAL_THREAD	1
#define SIGNAL_PROCESS	2
#define SIGNAL_GROUP	4
#define WAIT_PIDFD	3			/* P_PIDFD, which an old C library lacks */
#define SOON		10000			/* ms: as a TCG node may be slow */

/* The C library has none, or one that the kernel's header does not go with. */
struct info_v0 {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t pid;
	uint32_t tgid;
	uint32_t ppid;
	uint32_t ruid;
	uint32_t rgid;
	uint32_t euid;
	uint32_t egid;
	uint32_t suid;
	uint32_t sgid;
	uint32_t fsuid;
	uint32_t fsgid;
	int32_t exit_code;
};

#define GET_INFO	_IOWR(0xFF, 11, struct info_v0)
#define GET_NETNS	_IO(0xFF, 4)
#define GET_VERSION	_IOR('v', 1, long)

static long pidfd_open(pid_t pid, unsigned int flags)
{
	return result(syscall(SYS_pidfd_open, pid, flags));
}

static long pidfd_send(int fd, int sig, unsigned int flags)
{
	return result(syscall(SYS_pidfd_send_signal, fd, sig, NULL, flags));
}

/* What poll() says of it, or -1 in time. */
static int state(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, timeout);

	return n < 0 ? -errno : n ? p.revents : -1;
}

static int zombie(void)
{
	sigset_t set;
	pid_t child;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	child = fork();
	if (!child)
		for (;;)
			pause();
	printf("%d %d\n", child, getpid());
	fflush(stdout);
	while (!sigwait(&set, &sig) && sig != SIGTERM)
		waitpid(child, NULL, 0);
	return 0;
}

static void check_open(pid_t pid, pid_t tid, pid_t unknown)
{
	struct info_v0 info = { };
	char path[64], line[64] = "";
	int fd, local;
	siginfo_t si;
	int version = 7;
	FILE *f;

	check("pidfd_open: nobody has this number", pidfd_open(unknown, 0), -ESRCH);
	check("pidfd_open: no such node", pidfd_open(200000000, 0), -ESRCH);
	check("pidfd_open: a thread", pidfd_open(tid, 0), -ENOENT);
	check("pidfd_open: no such flag", pidfd_open(pid, 0x10), -EINVAL);
	fd = pidfd_open(pid, 0);
	check("pidfd_open", fd >= 0, 1);
	check("pidfd_open: closed on exec", fcntl(fd, F_GETFD), FD_CLOEXEC);
	check("poll: it has not ended", state(fd, 0), -1);
	check("poll: nor a while later", state(fd, 200), -1);

	check("waitid: nobody's child", result(waitid(WAIT_PIDFD, fd, &si, WEXITED)), -ECHILD);
	local = open("/dev/null", O_RDONLY);
	check("waitid: no pidfd", result(waitid(WAIT_PIDFD, local, &si, WEXITED)), -EBADF);
	close(local);
	check("pidfd_getfd", result(syscall(SYS_pidfd_getfd, fd, 0, 0)), -EBADF);
	check("setns", result(setns(fd, CLONE_NEWNET)), -EINVAL);
	check("read", result(read(fd, line, 1)), -EINVAL);

	info.mask = 3;
	check("PIDFD_GET_INFO", result(ioctl(fd, GET_INFO, &info)), 0);
	check("PIDFD_GET_INFO: pid", info.pid, pid);
	check("PIDFD_GET_INFO: tgid", info.tgid, pid);
	check("PIDFD_GET_INFO: uid", info.ruid | info.euid | info.suid | info.fsuid, 0);
	check("PIDFD_GET_INFO: mask", info.mask & 3, 3);
	check("PIDFD_GET_NET_NAMESPACE", result(ioctl(fd, GET_NETNS, 0)), -EREMOTE);
	check("FS_IOC_GETVERSION", result(ioctl(fd, GET_VERSION, &version)), 0);
	check("FS_IOC_GETVERSION: version", version, 0);
	check("another ioctl", result(ioctl(fd, FIONREAD, &version)), -ENOTTY);

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f) && strncmp(line, "Pid:", 4))
		;
	check("fdinfo", atoi(line + 4), pid);
	if (f)
		fclose(f);
	close(fd);
}

static void check_signals(pid_t pid, pid_t tid)
{
	int fd = pidfd_open(pid, 0), thread = pidfd_open(tid, THREAD);

	check("pidfd_open: PIDFD_THREAD", thread >= 0, 1);
	check("pidfd_open: PIDFD_THREAD of a process", close(pidfd_open(pid, THREAD)), 0);
	check("pidfd_send_signal: is there", pidfd_send(fd, 0, 0), 0);
	check("pidfd_send_signal: no such signal", pidfd_send(fd, 65, 0), -EINVAL);
	check("pidfd_send_signal: two scopes", pidfd_send(fd, 0, 3), -EINVAL);
	check("pidfd_send_signal", pidfd_send(fd, SIGUSR1, 0), 0);
	check("pidfd_send_signal: thread", pidfd_send(thread, SIGUSR2, 0), 0);
	/* a second SIGUSR1 would be lost if the server has not seen the first */
	check("pidfd_send_signal: its process",
	      pidfd_send(thread, SIGRTMIN + 1, SIGNAL_PROCESS), 0);
	check("pidfd_send_signal: not a group", pidfd_send(thread, 0, SIGNAL_GROUP), -ESRCH);
	check("poll: the thread has not ended", state(thread, 0), -1);
	close(fd);
	close(thread);
}

static void check_user(pid_t pid, pid_t other)
{
	int fd = pidfd_open(pid, 0), own = pidfd_open(other, 0);
	struct info_v0 info = { };

	check("user: pidfd_open: anybody's", fd >= 0, 1);
	check("user: pidfd_send_signal: another's", pidfd_send(fd, 0, 0), -EPERM);
	check("user: pidfd_send_signal: the own", pidfd_send(own, 0, 0), 0);
	check("user: PIDFD_GET_INFO: another's", result(ioctl(fd, GET_INFO, &info)), 0);
	check("user: PIDFD_GET_INFO: uid", info.ruid, 0);
	check("user: PIDFD_GET_INFO: the own", result(ioctl(own, GET_INFO, &info)), 0);
	check("user: PIDFD_GET_INFO: uid", info.ruid, USER);
	if (unshare(CLONE_NEWUSER)) {
		printf("ok %d nested # SKIP no user namespaces: %s\n", ++checks, strerror(errno));
		return;
	}
	check("nested: PIDFD_GET_INFO", result(ioctl(own, GET_INFO, &info)), 0);
	check("nested: PIDFD_GET_INFO: an uid that is not there", info.ruid, 65534);
}

/* In a pid namespace of its own the number means nothing. */
static void check_namespace(pid_t pid)
{
	int fd = pidfd_open(pid, 0), status;
	struct info_v0 info = { };
	pid_t child;

	if (unshare(CLONE_NEWPID)) {
		check("pid namespace", -errno, 0);
		return;
	}
	child = fork();
	if (!child)
		_exit(pidfd_send(fd, 0, 0) != -EINVAL || state(fd, 0) != -1 ||
		      result(ioctl(fd, GET_INFO, &info)) != -EREMOTE);
	waitpid(child, &status, 0);
	check("pid namespace: no signals, but poll", status, 0);
	close(fd);
}

static void *poller(void *arg)
{
	return (void *)(long)state(*(int *)arg, SOON);
}

/* Wait until a condition holds that another node brings about. */
static int state_is(int fd, int expected)
{
	int i, now = 0;

	for (i = 0; i < SOON / 10; i++) {
		now = state(fd, 0);
		if (now == expected)
			break;
		usleep(10000);
	}
	return now;
}

static void check_end(pid_t child, pid_t parent)
{
	int fd = pidfd_open(child, 0), ep = epoll_create1(0), unpolled[5], now = 0, i;
	struct epoll_event event = { .events = EPOLLIN };
	struct info_v0 info = { };
	pthread_t t;
	void *ret;

	for (i = 0; i < 5; i++)
		unpolled[i] = pidfd_open(child, 0);
	check("epoll_ctl", result(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event)), 0);
	check("epoll_wait: it has not ended", result(epoll_wait(ep, &event, 1, 0)), 0);
	pthread_create(&t, NULL, poller, &fd);
	usleep(100000);
	check("pidfd_send_signal: SIGKILL", pidfd_send(fd, SIGKILL, 0), 0);
	check("epoll_wait: it has ended", result(epoll_wait(ep, &event, 1, SOON)), 1);
	check("epoll_wait: and nobody has waited", event.events, EPOLLIN);
	pthread_join(t, &ret);
	check("poll: a thread was woken", (long)ret, POLLIN);
	check("poll: again", state(fd, 0), POLLIN);
	/* the first poll of each waits for an answer, but not for more than a second */
	for (i = 0; i < 5 && now != POLLIN; i++)
		now = state(unpolled[i], 0);
	check("poll: a zombie", now, POLLIN);
	check("pidfd_send_signal: to a zombie", pidfd_send(fd, SIGTERM, 0), 0);
	check("PIDFD_GET_INFO: of a zombie", result(ioctl(fd, GET_INFO, &info)), 0);
	check("PIDFD_GET_INFO: its parent", info.ppid, parent);

	check("kill the parent: now it waits", result(kill(parent, SIGUSR1)), 0);
	check("poll: its number is free", state_is(fd, POLLIN | POLLHUP), POLLIN | POLLHUP);
	check("poll: known to all", state_is(unpolled[0], POLLIN | POLLHUP), POLLIN | POLLHUP);
	check("pidfd_send_signal: nobody", pidfd_send(fd, 0, 0), -ESRCH);
	check("PIDFD_GET_INFO: nobody", result(ioctl(fd, GET_INFO, &info)), -ESRCH);
	check("pidfd_open: nobody", pidfd_open(child, 0), -ESRCH);
	close(fd);
	for (i = 0; i < 5; i++)
		close(unpolled[i]);
	close(ep);
	check("kill the parent", result(kill(parent, SIGTERM)), 0);
}

static int say_open(pid_t pid)
{
	int fd = pidfd_open(pid, 0);

	printf("open %s\n", fd < 0 ? strerror(-fd) : "");
	fflush(stdout);
	return fd;
}

static int hold(pid_t pid)
{
	int fd = say_open(pid);
	char c;

	if (read(0, &c, 1) < 0)
		perror("stdin");
	printf("signal %ld\n", pidfd_send(fd, 0, 0));
	/* the answer may take longer than the second that poll() waits for it */
	printf("poll %d\n", state(fd, 5000));
	return 0;
}

static int wait_end(pid_t pid)
{
	int fd = say_open(pid);

	/* poll() of none never ends */
	if (fd < 0)
		return 1;
	printf("poll %d\n", state(fd, -1));
	return 0;
}

static int many(pid_t pid, int n)
{
	struct pollfd *p = calloc(n, sizeof(*p));
	struct rlimit l = { n + 16, n + 16 };
	int i;

	setrlimit(RLIMIT_NOFILE, &l);
	for (i = 0; i < n; i++) {
		p[i].fd = pidfd_open(pid, 0);
		p[i].events = POLLIN;
		if (p[i].fd < 0)
			return 1;
	}
	i = poll(p, n, 10);
	printf("poll %d\n", i);
	return 0;
}

int main(int argc, char **argv)
{
	pid_t pid, tid, other, unknown;

	if (argc == 2 && !strcmp(argv[1], "zombie"))
		return zombie();
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "wait"))
		return wait_end(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "many"))
		return many(atoi(argv[2]), atoi(argv[3]));
	if (argc != 8 || strcmp(argv[1], "check")) {
		fprintf(stderr, "usage: pidfd zombie | pidfd hold PID | pidfd wait PID |\n"
			"       pidfd many PID N | pidfd check PID TID OTHER UNKNOWN CHILD PARENT\n");
		return 2;
	}
	pid = atoi(argv[2]);
	tid = atoi(argv[3]);
	other = atoi(argv[4]);
	unknown = atoi(argv[5]);
	check_open(pid, tid, unknown);
	check_signals(pid, tid);
	check_end(atoi(argv[6]), atoi(argv[7]));
	as_user(check_user, pid, other);
	check_namespace(pid);
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}
