// SPDX-License-Identifier: GPL-2.0
/*
 * What a program finds that was started on another node, and what it can do with the files
 * that it was given.
 *
 *	placed show [ARGUMENT...]
 *			writes all that a program inherits
 *	placed files	checks reads, writes, positions, poll() and signals on files
 *			that its parent has opened: see open_files()
 *	placed with COMMAND...
 *			opens these, and executes the command
 *	placed as UID COMMAND...
 *			executes the command as that user, with some of all that is inherited
 *	placed unless epoll|netlink|seccomp|landlock COMMAND...
 *			executes the command with something that cannot be taken along
 *	placed lease FILE
 *			has a lease on the file, and does not give it back
 *	placed signals	writes a line for each signal that it gets; ends at SIGTERM
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

extern char **environ;

/* Descriptors that open_files() makes. */
enum {
	FD_FILE = 10,	/* a file with the letters, read and written; at 5 */
	FD_SAME,	/* the same open file */
	FD_AGAIN,	/* the same file, opened again for reading */
	FD_APPEND,	/* a file opened for appending */
	FD_PIPE,	/* a pipe that is read; what is written to FD_FEED comes out */
	FD_FEED,
	FD_BROKEN,	/* a pipe that nobody reads */
	FD_ENDED,	/* a pipe that nobody writes, with three letters in it */
	FD_FULL,	/* a pipe that is full, not read here */
	FD_DRAIN,	/* its other end */
	FD_NULL,	/* /dev/null */
	FD_SOCK,	/* a socket, connected to FD_PEER */
	FD_PEER,
	FD_LONE,	/* a socket whose peer is closed */
	FD_LETTER,	/* a socket for messages, connected to FD_BOX */
	FD_BOX,
	FD_END,
};

#define LETTERS	"abcdefghijklmnopqrstuvwxyz"

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void show_limits(void)
{
	struct rlimit r;
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		getrlimit(i, &r);
		printf("limit %d: %llx %llx\n", i, (unsigned long long)r.rlim_cur,
		       (unsigned long long)r.rlim_max);
	}
}

static void show_signals(void)
{
	struct sigaction sa;
	sigset_t set;
	int sig;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (sig = 1; sig < NSIG; sig++) {
		/* what is neither is what most are */
		if (sigismember(&set, sig) == 1)
			printf("blocked: %d\n", sig);
		if (!sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN)
			printf("ignored: %d\n", sig);
	}
}

static void show_files(void)
{
	struct stat st;
	int fd;

	for (fd = 0; fd < 256; fd++) {
		if (fstat(fd, &st))
			continue;
		printf("file %d: mode %o flags %x fdflags %x size %lld at %lld\n", fd, st.st_mode,
		       fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), fcntl(fd, F_GETFD),
		       S_ISREG(st.st_mode) ? (long long)st.st_size : 0,
		       S_ISREG(st.st_mode) ? (long long)lseek(fd, 0, SEEK_CUR) : -1);
	}
}

static void show_status(void)
{
	static const char * const keys[] = {
		"Name:", "Umask:", "Uid:", "Gid:", "Groups:", "SigIgn:", "SigBlk:", "CapInh:",
		"CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", "Threads:",
	};
	FILE *f = fopen("/proc/self/status", "r");
	char line[4096];
	unsigned int i;

	while (f && fgets(line, sizeof(line), f))
		for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (!strncmp(line, keys[i], strlen(keys[i])))
				fputs(line, stdout);
	if (f)
		fclose(f);
}

static int show(int argc, char **argv)
{
	char cwd[4096] = "";
	int i;

	for (i = 0; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	for (i = 0; environ[i]; i++)
		printf("environment: %s\n", environ[i]);
	printf("cwd: %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : strerror(errno));
	printf("nice: %d\n", getpriority(PRIO_PROCESS, 0));
	show_limits();
	show_signals();
	show_files();
	show_status();
	return 0;
}

/* Move a descriptor to its number. */
static void put_at(int number, int fd)
{
	if (fd < 0 || dup2(fd, number) != number) {
		perror("placed: open_files");
		exit(2);
	}
	close(fd);
}

static void open_sockets(void)
{
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		exit(2);
	put_at(FD_SOCK, s[0]);
	put_at(FD_PEER, s[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		exit(2);
	put_at(FD_LONE, s[0]);
	close(s[1]);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
		exit(2);
	put_at(FD_LETTER, s[0]);
	put_at(FD_BOX, s[1]);
}

static void open_files(void)
{
	char full[4096];
	int p[2];

	memset(full, 'x', sizeof(full));
	put_at(FD_FILE, open("/tmp/placed.file", O_RDWR | O_CREAT | O_TRUNC, 0600));
	if (write(FD_FILE, LETTERS, 26) != 26 || lseek(FD_FILE, 5, SEEK_SET) != 5)
		exit(2);
	dup2(FD_FILE, FD_SAME);
	put_at(FD_AGAIN, open("/tmp/placed.file", O_RDONLY));
	put_at(FD_APPEND, open("/tmp/placed.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600));
	if (pipe(p))
		exit(2);
	put_at(FD_PIPE, p[0]);
	put_at(FD_FEED, p[1]);
	if (pipe(p))
		exit(2);
	close(p[0]);
	put_at(FD_BROKEN, p[1]);
	if (pipe(p) || write(p[1], "end", 3) != 3)
		exit(2);
	close(p[1]);
	put_at(FD_ENDED, p[0]);
	if (pipe2(p, O_NONBLOCK))
		exit(2);
	while (write(p[1], full, sizeof(full)) > 0)
		;
	fcntl(p[0], F_SETFL, 0);
	fcntl(p[1], F_SETFL, 0);
	put_at(FD_FULL, p[1]);
	put_at(FD_DRAIN, p[0]);
	put_at(FD_NULL, open("/dev/null", O_RDWR));
	open_sockets();
}

static sig_atomic_t hits;	/* the compiler does not see through system calls */

static void hit(int sig)
{
	(void)sig;
	hits++;
}

static void after(unsigned int ms)
{
	struct itimerval it = { .it_value = { ms / 1000, ms % 1000 * 1000 } };

	setitimer(ITIMER_REAL, &it, NULL);
}

static void handle(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = hit, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
	hits = 0;
}

/* The compiler need not know. */
static __attribute__((noinline)) char *no_memory(void)
{
	return strtoul("8", NULL, 10) + (char *)NULL;
}

static void check_positions(void)
{
	static char much[200000], all[200000];
	char *nowhere = no_memory();
	struct iovec iov[2];
	char b[64] = "";
	struct stat st;

	check("read at the position", read(FD_FILE, b, 3), 3);
	check("... what is there", memcmp(b, "fgh", 3), 0);
	check("a duplicate has the same position", lseek(FD_SAME, 0, SEEK_CUR), 8);
	check("the file opened again does not", lseek(FD_AGAIN, 0, SEEK_CUR), 0);
	check("pread", pread(FD_FILE, b, 2, 0), 2);
	check("... what is there", memcmp(b, "ab", 2), 0);
	check("... and the position stays", lseek(FD_FILE, 0, SEEK_CUR), 8);
	check("pwrite", pwrite(FD_SAME, "YZ", 2, 24), 2);
	check("... is seen", pread(FD_AGAIN, b, 4, 22), 4);
	check("... as it is", memcmp(b, "wxYZ", 4), 0);
	check("seek to the end", lseek(FD_FILE, -1, SEEK_END), 25);
	check("write", write(FD_FILE, "!?", 2), 2);
	check("... moves on", lseek(FD_SAME, 0, SEEK_CUR), 27);
	check("fstat", fstat(FD_FILE, &st), 0);
	check("... its size", st.st_size, 27);
	check("read at the end", read(FD_FILE, b, 8), 0);
	check("seek before the start", result(lseek(FD_FILE, -1, SEEK_SET)), -EINVAL);
	check("seek of a pipe", result(lseek(FD_PIPE, 0, SEEK_CUR)), -ESPIPE);
	check("pread of a pipe", result(pread(FD_PIPE, b, 1, 0)), -ESPIPE);
	check("write to what is read", result(write(FD_AGAIN, b, 1)), -EBADF);
	check("read of what is written", result(read(FD_APPEND, b, 1)), -EBADF);
	iov[0] = (struct iovec){ "one ", 4 };
	iov[1] = (struct iovec){ "line\n", 5 };
	check("writev", writev(FD_APPEND, iov, 2), 9);
	check("fsync", fsync(FD_APPEND), 0);
	check("read of nothing", read(FD_AGAIN, b, 0), 0);
	check("a lock", result(flock(FD_FILE, LOCK_EX | LOCK_NB)), -ENOLCK);
	memset(much, 'm', sizeof(much));
	much[sizeof(much) - 1] = 'M';
	check("a large write", pwrite(FD_FILE, much, sizeof(much), 100), sizeof(much));
	check("a large read", pread(FD_FILE, all, sizeof(all), 100), sizeof(all));
	check("... of what was written", memcmp(all, much, sizeof(all)), 0);
	check("ftruncate", result(ftruncate(FD_FILE, 0)), -EOPNOTSUPP);
	check("read to no memory", result(read(FD_AGAIN, nowhere, 1)), -EFAULT);
	check("... lost nothing", lseek(FD_AGAIN, 0, SEEK_CUR), 0);
	check("mmap", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, FD_AGAIN, 0) == MAP_FAILED ?
	      errno : 0, ENODEV);
	check("a terminal it is not", result(isatty(FD_FILE)) == 0 ? errno : 0, ENOTTY);
}

static int polled(int fd, short events, int timeout)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, timeout) > 0 ? p.revents : 0;
}

/* Something else writes in a while. */
static pid_t later(unsigned int ms, int fd, const char *text)
{
	pid_t pid = fork();

	if (!pid) {
		usleep(ms * 1000);
		_exit(write(fd, text, strlen(text)) != (ssize_t)strlen(text));
	}
	return pid;
}

static void check_pipes(void)
{
	char b[64] = "", name[64];
	double start;
	pid_t pid;
	int size;

	check("an empty pipe has nothing", polled(FD_PIPE, POLLIN, 0), 0);
	check("... and room", polled(FD_FEED, POLLOUT, 0), POLLOUT);
	start = now();
	check("poll that times out", polled(FD_PIPE, POLLIN, 200), 0);
	check("... not before", now() - start > 0.19, 1);
	check("write to a pipe", write(FD_FEED, "12345", 5), 5);
	check("... is there", polled(FD_PIPE, POLLIN, 0), POLLIN);
	check("... how much", ioctl(FD_PIPE, FIONREAD, &size) ? -errno : size, 5);
	check("... is read", read(FD_PIPE, b, sizeof(b)), 5);
	pid = later(300, FD_FEED, "late");
	check("poll that waits", polled(FD_PIPE, POLLIN, 30000), POLLIN);
	check("... and the read", read(FD_PIPE, b, sizeof(b)), 4);
	waitpid(pid, NULL, 0);
	pid = later(300, FD_FEED, "later");
	check("read that waits", read(FD_PIPE, b, sizeof(b)), 5);
	check("... for what was written", memcmp(b, "later", 5), 0);
	waitpid(pid, NULL, 0);
	fcntl(FD_PIPE, F_SETFL, O_NONBLOCK);
	check("read that does not wait", result(read(FD_PIPE, b, 1)), -EAGAIN);
	fcntl(FD_PIPE, F_SETFL, 0);
	check("the last of a pipe", read(FD_ENDED, b, sizeof(b)), 3);
	check("its end", read(FD_ENDED, b, sizeof(b)), 0);
	check("... and poll", polled(FD_ENDED, POLLIN, 0) & POLLHUP, POLLHUP);
	check("what nobody reads", polled(FD_BROKEN, POLLOUT, 0) & POLLERR, POLLERR);
	handle(SIGPIPE, 0);
	check("... is no use to write to", result(write(FD_BROKEN, "x", 1)), -EPIPE);
	check("... SIGPIPE says", hits, 1);
	check("a full pipe", polled(FD_FULL, POLLOUT, 0), 0);
	fcntl(FD_FULL, F_SETFL, O_NONBLOCK);
	check("... is full", result(write(FD_FULL, "x", 1)), -EAGAIN);
	fcntl(FD_FULL, F_SETFL, 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", FD_NULL);
	size = readlink(name, b, sizeof(b));
	check("/dev/null is this node's", size == 9 && !memcmp(b, "/dev/null", 9), 1);
	check("/dev/null takes", write(FD_NULL, "x", 1), 1);
	check("... and gives nothing", read(FD_NULL, b, 1), 0);
}

/* What waits ends with a signal, and nothing is lost. */
static void check_signals(void)
{
	static char much[100000];
	char b[4096] = "";
	int status = -1;
	double start;
	pid_t pid;

	handle(SIGALRM, 0);
	after(200);
	check("read that is interrupted", result(read(FD_PIPE, b, 1)), -EINTR);
	check("... once", hits, 1);
	after(200);
	check("poll that is interrupted", polled(FD_PIPE, POLLIN, 30000) ? -1 : errno, EINTR);
	after(200);
	check("write that is interrupted", result(write(FD_FULL, "x", 1)), -EINTR);
	handle(SIGALRM, SA_RESTART);
	after(200);
	pid = later(600, FD_FEED, "again");
	start = now();
	check("read that goes on", read(FD_PIPE, b, sizeof(b)), 5);
	check("... after the signal", hits == 1 && now() - start > 0.3, 1);
	waitpid(pid, NULL, 0);
	/* more than the pipe holds: it waits for who reads */
	pid = fork();
	if (!pid) {
		size_t sum = 0;
		ssize_t n;

		close(FD_FULL);
		usleep(300000);
		while ((n = read(FD_DRAIN, b, sizeof(b))) > 0)
			sum += n;
		_exit(sum >= 65536 + 100000 ? 0 : 1);
	}
	close(FD_DRAIN);
	check("write that waits for room", write(FD_FULL, much, sizeof(much)), sizeof(much));
	close(FD_FULL);
	waitpid(pid, &status, 0);
	check("... and all of it comes", status, 0);
}

/* What is ready at all times is told once. */
static void check_edges(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET }, got;
	int ep = epoll_create1(0), turns = 0;
	double end = now() + 0.5;

	check("epoll takes what is written", epoll_ctl(ep, EPOLL_CTL_ADD, FD_FEED, &e), 0);
	while (now() < end)
		turns += epoll_wait(ep, &got, 1, 100);
	check("room is told, and not again and again", turns >= 1 && turns <= 3, 1);
	check("epoll takes no file", result(epoll_ctl(ep, EPOLL_CTL_ADD, FD_FILE, &e)), -EPERM);
	close(ep);
	/* one that asks for nothing must not keep others from being told */
	check("poll for nothing", polled(FD_PIPE, 0, 0), 0);
}

static void check_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.fd = FD_PIPE }, got;
	int ep = epoll_create1(0), i;
	char b[8];
	pid_t pid;

	check("epoll takes it", epoll_ctl(ep, EPOLL_CTL_ADD, FD_PIPE, &e), 0);
	check("nothing yet", epoll_wait(ep, &got, 1, 100), 0);
	for (i = 0; i < 3; i++) {
		pid = later(100, FD_FEED, "e");
		/* an edge may be told twice */
		while (epoll_wait(ep, &got, 1, 30000) == 1) {
			fcntl(FD_PIPE, F_SETFL, O_NONBLOCK);
			if (read(FD_PIPE, b, sizeof(b)) == 1)
				break;
		}
		check("an edge", b[0], 'e');
		waitpid(pid, NULL, 0);
	}
	fcntl(FD_PIPE, F_SETFL, 0);
	close(ep);
}

static void check_sockets(void)
{
	static char much[70000];
	struct stat st;
	char b[64];
	pid_t pid;
	int size;

	check("a socket is one", fstat(FD_SOCK, &st) ? -errno : S_ISSOCK(st.st_mode), 1);
	check("... that has nothing", polled(FD_PEER, POLLIN, 0), 0);
	check("write to it", write(FD_SOCK, "12345", 5), 5);
	check("... is there", polled(FD_PEER, POLLIN, 0), POLLIN);
	check("... how much", ioctl(FD_PEER, FIONREAD, &size) ? -errno : size, 5);
	check("... is read", read(FD_PEER, b, sizeof(b)), 5);
	pid = later(300, FD_PEER, "late");
	check("read that waits for the peer", read(FD_SOCK, b, sizeof(b)), 4);
	waitpid(pid, NULL, 0);
	check("send() is for sockets of this node", result(send(FD_SOCK, "x", 1, 0)), -ENOTSOCK);
	check("the end of a socket", read(FD_LONE, b, sizeof(b)), 0);
	handle(SIGPIPE, 0);
	check("nobody reads it", result(write(FD_LONE, "x", 1)), -EPIPE);
	check("... SIGPIPE says", hits, 1);
	check("a message", write(FD_LETTER, "1", 1), 1);
	check("another one", write(FD_LETTER, "22", 2), 2);
	check("they are kept apart", read(FD_BOX, b, sizeof(b)), 1);
	check("... and in order", read(FD_BOX, b, sizeof(b)), 2);
	check("one that is too large", result(write(FD_LETTER, much, sizeof(much))), -EMSGSIZE);
}

static int open_anew(int fd, int flags)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return open(name, flags);
}

/* As /dev/stdin does it. */
static void check_opening(void)
{
	int fd = open_anew(FD_FILE, O_RDONLY), copy;
	char b[64] = "";
	struct stat st;

	check("a file is opened anew", fd >= 0 ? 0 : -errno, 0);
	lseek(FD_FILE, 9, SEEK_SET);
	check("... at its start", read(fd, b, 3), 3);
	check("... it is the same", memcmp(b, "abc", 3), 0);
	check("... with a position of its own", lseek(FD_FILE, 0, SEEK_CUR), 9);
	check("... not to be written", result(write(fd, "x", 1)), -EBADF);
	copy = open_anew(fd, O_WRONLY | O_APPEND);
	check("once more, to append", copy >= 0 ? 0 : -errno, 0);
	fstat(FD_FILE, &st);
	check("... is done", write(copy, "more", 4), 4);
	check("... at the end", pread(FD_AGAIN, b, 8, st.st_size), 4);
	close(fd);
	check("what it was opened by is closed", fstat(copy, &st) ? -errno : 0, 0);
	close(copy);
	fd = open_anew(FD_FEED, O_WRONLY);
	check("a pipe", fd >= 0 ? 0 : -errno, 0);
	check("... is written to", write(fd, "pipe", 4), 4);
	check("... and read", read(FD_PIPE, b, sizeof(b)), 4);
	close(fd);
	fd = open_anew(FD_PIPE, O_RDONLY | O_NONBLOCK);
	check("... without waiting", result(read(fd, b, 1)), -EAGAIN);
	close(fd);
	fd = open_anew(FD_NULL, O_WRONLY);
	check("/dev/null", write(fd, "x", 1), 1);
	close(fd);
	check("no socket", result(open_anew(FD_SOCK, O_RDWR)), -ENXIO);
	check("not around the cache", result(open_anew(FD_FILE, O_RDONLY | O_DIRECT)), -EINVAL);
	check("... lost nothing", fstat(FD_AGAIN, &st) ? -errno : st.st_size > 100, 1);
	fd = open_anew(FD_APPEND, O_WRONLY | O_TRUNC);
	check("a file is emptied", fd >= 0 ? 0 : -errno, 0);
	check("... really", fstat(FD_APPEND, &st) ? -errno : st.st_size, 0);
	check("... and written", write(FD_APPEND, "one line\n", 9), 9);
	close(fd);
}

/* A child has them as well. */
static void check_children(void)
{
	int status = -1;
	pid_t pid;

	lseek(FD_FILE, 3, SEEK_SET);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		char b[2];

		_exit(read(FD_FILE, b, 2) == 2 && !memcmp(b, "de", 2) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	check("a child reads", status, 0);
	check("... and moves the position", lseek(FD_SAME, 0, SEEK_CUR), 5);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		execl("/proc/self/exe", "placed", "child", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	check("a program that it executes has them", status, 0);
	check("... with their position", lseek(FD_SAME, 0, SEEK_CUR), 7);
}

static int child(void)
{
	char b[2];

	return read(FD_FILE, b, 2) == 2 && !memcmp(b, "fg", 2) ? 0 : 1;
}

static int files(void)
{
	check_positions();
	check_edges();
	check_pipes();
	check_epoll();
	check_sockets();
	check_opening();
	check_children();
	check_signals();
	printf("1..%d\n", checks);
	return failures ? 1 : 0;
}

static int with(char **argv)
{
	open_files();
	execvp(*argv, argv);
	perror(*argv);
	return 127;
}

static int run_as(int uid, char **argv)
{
	static const gid_t groups[] = { 1, 5, 4711 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGRTMAX, SIG_IGN);
	if (nice(5) != 5 || setgroups(3, groups) || setresgid(uid, uid, uid) ||
	    (uid && setresuid(uid, uid, uid)) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		perror("placed as");
		return 2;
	}
	execvp(*argv, argv);
	perror(*argv);
	return 127;
}

static bool hinder(const char *what)
{
	static struct sock_filter all[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 1, .filter = all };
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SOCK };
	int fd;

	if (!strcmp(what, "epoll"))
		return epoll_create1(0) >= 0;
	if (!strcmp(what, "netlink"))
		return socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC) >= 0;
	if (!strcmp(what, "seccomp"))
		return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
		       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	if (strcmp(what, "landlock"))
		return false;
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return fd >= 0 && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_landlock_restrict_self, fd, 0) && !close(fd);
}

static int unless(const char *what, char **argv)
{
	if (!hinder(what)) {
		printf("no %s here: %s\n", what, strerror(errno));
		return 4;
	}
	execvp(*argv, argv);
	perror(*argv);
	return 127;
}

static int lease(const char *file)
{
	int fd = open(file, O_RDONLY);

	signal(SIGIO, SIG_IGN);
	if (fd < 0 || fcntl(fd, F_SETLEASE, F_RDLCK)) {
		perror(file);
		return 2;
	}
	puts("leased");
	fflush(stdout);
	pause();
	return 0;
}

static void tell(int sig)
{
	char line[32];

	snprintf(line, sizeof(line), "got %d\n", sig);
	if (write(1, line, strlen(line)) < 0)
		_exit(3);
}

static int signals(void)
{
	struct sigaction sa = { .sa_handler = tell };
	static const int all[] = { SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGCONT, SIGALRM, SIGWINCH };
	sigset_t set;
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		sigaction(all[i], &sa, NULL);
	printf("%d\n", getpid());
	fflush(stdout);
	sigemptyset(&set);
	while (sigsuspend(&set))
		;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && !strcmp(argv[1], "show"))
		return show(argc - 2, argv + 2);
	if (argc == 2 && !strcmp(argv[1], "files"))
		return files();
	if (argc == 2 && !strcmp(argv[1], "child"))
		return child();
	if (argc >= 3 && !strcmp(argv[1], "with"))
		return with(argv + 2);
	if (argc >= 4 && !strcmp(argv[1], "as"))
		return run_as(atoi(argv[2]), argv + 3);
	if (argc >= 4 && !strcmp(argv[1], "unless"))
		return unless(argv[2], argv + 3);
	if (argc == 3 && !strcmp(argv[1], "lease"))
		return lease(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "signals"))
		return signals();
	fprintf(stderr, "usage: placed show [ARGUMENT...] | placed files | placed signals |\n"
		"       placed lease FILE |\n"
		"       placed with COMMAND... | placed as UID COMMAND... |\n"
		"       placed unless epoll|netlink|seccomp|landlock COMMAND...\n");
	return 2;
}
