// SPDX-License-Identifier: GPL-2.0
/*
 * Open files, sockets and their kin stay at home; everything that is done to
 * them from away is done there.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "torture.h"

#define KIB	1024UL

/* Offsets, appending, duplicates, truncation. */
TEST(files, offsets)
{
	int fd = temp_file(), dupfd;
	char buf[16];

	away();
	CHECK_EQ(write(fd, "0123456789", 10), 10);
	dupfd = CHECK_OK(dup(fd));
	home();
	CHECK_EQ(lseek(dupfd, 0, SEEK_CUR), 10);
	CHECK_EQ(lseek(dupfd, 2, SEEK_SET), 2);
	away();
	CHECK_EQ(read(fd, buf, 3), 3);
	CHECK_SAME(buf, "234", 3);
	CHECK_OK(fcntl(fd, F_SETFL, O_APPEND));
	CHECK_EQ(write(dupfd, "x", 1), 1);
	CHECK_EQ(pread(fd, buf, 16, 8), 3);
	CHECK_SAME(buf, "89x", 3);
	CHECK_OK(ftruncate(fd, 4));
	CHECK_EQ(lseek(fd, 0, SEEK_END), 4);
	CHECK_EQ(fcntl(dupfd, F_GETFL) & O_APPEND, O_APPEND);
	close(fd);
	home();
	CHECK_EQ(pread(dupfd, buf, 16, 0), 4);
}

/* Names: directories, links, renames, working directory. */
TEST(files, names)
{
	char dir[] = "/tmp/ssi-dir-XXXXXX", name[32], buf[64];
	int i, fd, seen = 0;
	struct dirent *de;
	struct stat st;
	DIR *d;

	CHECK(mkdtemp(dir));
	away();
	CHECK_OK(chdir(dir));
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		fd = CHECK_OK(open(name, O_CREAT | O_EXCL | O_WRONLY, 0600));
		CHECK_EQ(write(fd, name, 5), 5);
		close(fd);
		if (i == 20)
			home();
	}
	away();
	CHECK_OK(rename("file0", "other"));
	CHECK_OK(symlink("other", "link"));
	CHECK_OK(link("other", "hard"));
	CHECK_OK(mkdir("sub", 0700));
	CHECK_EQ(readlink("link", buf, sizeof(buf)), 5);
	CHECK_OK(stat("link", &st));
	CHECK_EQ(st.st_nlink, 2);
	d = opendir(".");
	CHECK(d);
	while ((de = readdir(d))) {
		seen++;
		if (seen == 10)
			home();
	}
	closedir(d);
	CHECK_EQ(seen, 40 + 2 + 3);
	CHECK_OK(chdir("sub"));
	away();
	CHECK(getcwd(buf, sizeof(buf)));
	CHECK(!strcmp(buf + strlen(dir), "/sub"));
	CHECK_OK(chdir(".."));
	CHECK_OK(rmdir("sub"));
	for (i = 1; i < 40; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		CHECK_OK(unlink(name));
	}
	CHECK_OK(unlink("other"));
	CHECK_OK(unlink("link"));
	CHECK_OK(unlink("hard"));
	CHECK_OK(chdir("/"));
	CHECK_OK(rmdir(dir));
	home();
}

static void pump(void *arg)
{
	int *fds = arg;
	uint64_t rnd = 4711;
	uint32_t *buf = map_anon(64 * KIB);
	uint32_t next = 0;
	size_t len, i, sent;

	close(fds[0]);
	if (fds[2])
		away();
	while (next < 60000) {
		len = 1 + random_next(&rnd) % (16 * KIB - 1);
		for (i = 0; i < len; i++)
			buf[i] = next++;
		for (sent = 0; sent < len * 4; )
			sent += CHECK_OK(write(fds[1], (char *)buf + sent,
					       len * 4 - sent));
		if (fds[2] && random_next(&rnd) % 5 == 0)
			away_or_home(len);
	}
}

static void drain(int fd)
{
	char *buf = map_anon(64 * KIB);
	uint32_t next = 0, word;
	size_t have = 0, i;
	unsigned int turn = 0;
	ssize_t got;

	for (;;) {
		got = CHECK_OK(read(fd, buf + have, 40000 - have));
		if (!got)
			break;
		have += got;
		for (i = 0; i + 4 <= have; i += 4) {
			memcpy(&word, buf + i, 4);
			CHECK_EQ(word, next);
			next++;
		}
		memmove(buf, buf + i, have - i);
		have -= i;
		if (next % 20000 < 3000)
			away_or_home(turn++);
	}
	CHECK_EQ(have, 0);
	CHECK(next >= 60000);
}

static void stream(int *fds)
{
	pid_t pid;

	away();
	pid = child(pump, fds);
	close(fds[1]);
	drain(fds[0]);
	CHECK_EXITS(pid, 0);
	close(fds[0]);
	home();
}

/* A stream between two processes that both move arrives whole. */
TEST(files, pipe_stream)
{
	int fds[3] = { 0, 0, 1 };

	CHECK_OK(pipe(fds));
	stream(fds);
}

TEST(files, unix_stream)
{
	int fds[3] = { 0, 0, 1 };

	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	stream(fds);
}

static void tcp_pair(int *fds)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int listener, one = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_OK(bind(listener, (struct sockaddr *)&addr, sizeof(addr)));
	CHECK_OK(listen(listener, 1));
	CHECK_OK(getsockname(listener, (struct sockaddr *)&addr, &len));
	fds[1] = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_OK(connect(fds[1], (struct sockaddr *)&addr, sizeof(addr)));
	CHECK_OK(setsockopt(fds[1], IPPROTO_TCP, TCP_NODELAY, &one,
			    sizeof(one)));
	fds[0] = CHECK_OK(accept(listener, NULL, NULL));
	close(listener);
}

TEST(files, tcp_stream)
{
	int fds[3] = { 0, 0, 1 };

	away();
	tcp_pair(fds);
	stream(fds);
}

TEST(files, udp)
{
	struct sockaddr_in a = { .sin_family = AF_INET }, b = a, from;
	socklen_t len = sizeof(a);
	struct mmsghdr msgs[4] = { };
	struct iovec iov[4];
	char buf[4][16];
	int fa, fb, i;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	b.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	away();
	fa = CHECK_OK(socket(AF_INET, SOCK_DGRAM, 0));
	fb = CHECK_OK(socket(AF_INET, SOCK_DGRAM, 0));
	CHECK_OK(bind(fa, (struct sockaddr *)&a, sizeof(a)));
	CHECK_OK(bind(fb, (struct sockaddr *)&b, sizeof(b)));
	CHECK_OK(getsockname(fa, (struct sockaddr *)&a, &len));
	CHECK_OK(getsockname(fb, (struct sockaddr *)&b, &len));
	for (i = 0; i < 4; i++) {
		snprintf(buf[i], sizeof(buf[i]), "packet %d", i);
		CHECK_EQ(sendto(fa, buf[i], 8, 0, (struct sockaddr *)&b,
				sizeof(b)), 8);
		iov[i].iov_base = buf[i];
		iov[i].iov_len = sizeof(buf[i]);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		if (!i) {
			msgs[i].msg_hdr.msg_name = &from;
			msgs[i].msg_hdr.msg_namelen = sizeof(from);
		}
	}
	home();
	memset(buf, 0, sizeof(buf));
	away();
	/* waits for all of them */
	CHECK_EQ(recvmmsg(fb, msgs, 4, 0, NULL), 4);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(msgs[i].msg_len, 8);
		CHECK_EQ(buf[i][7], '0' + i);
	}
	CHECK_EQ(from.sin_port, a.sin_port);
	home();
}

static void send_fd(int over, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = "f", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	CHECK_EQ(sendmsg(over, &msg, 0), 1);
}

static int receive_fd(int over)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char c;
	struct iovec iov = { .iov_base = &c, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	CHECK_EQ(recvmsg(over, &msg, 0), 1);
	cmsg = CMSG_FIRSTHDR(&msg);
	CHECK(cmsg && cmsg->cmsg_type == SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
	return fd;
}

static void take_and_write(void *arg)
{
	int fd;

	away();
	fd = receive_fd(*(int *)arg);
	CHECK_EQ(write(fd, "by the child", 12), 12);
}

TEST(files, scm_rights)
{
	int pair[2], pipefd[2];
	char buf[16];
	pid_t pid;

	CHECK_OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	pid = child(take_and_write, &pair[1]);
	away();
	CHECK_OK(pipe(pipefd));
	send_fd(pair[0], pipefd[1]);
	CHECK_EXITS(pid, 0);
	CHECK_EQ(read(pipefd[0], buf, sizeof(buf)), 12);
	home();
}

/* Edge-triggered, one-shot, nested, with data of our own. */
TEST(files, epoll)
{
	struct epoll_event ev, got[8];
	int ep, outer, pipes[4][2], i;
	char c;

	ep = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	away();
	outer = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	for (i = 0; i < 4; i++) {
		CHECK_OK(pipe(pipes[i]));
		ev.events = EPOLLIN | (i & 1 ? EPOLLET : 0) |
			    (i == 2 ? EPOLLONESHOT : 0);
		ev.data.u64 = 0xabcd0000 + i;
		CHECK_OK(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[i][0], &ev));
	}
	ev.events = EPOLLIN;
	CHECK_OK(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &ev));
	CHECK_EQ(epoll_wait(ep, got, 8, 0), 0);
	CHECK_EQ(epoll_wait(outer, got, 8, 0), 0);
	for (i = 0; i < 4; i++)
		CHECK_EQ(write(pipes[i][1], "ab", 2), 2);
	home();
	CHECK_EQ(epoll_wait(outer, got, 8, 0), 1);
	away();
	CHECK_EQ(epoll_wait(ep, got, 8, 0), 4);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(got[i].data.u64, 0xabcd0000 + i);
		CHECK_EQ(read(pipes[i][0], &c, 1), 1);
	}
	/* Only the level-triggered one still has something to say. */
	CHECK_EQ(epoll_wait(ep, got, 8, 0), 1);
	CHECK_EQ(got[0].data.u64, 0xabcd0000);
	CHECK_EQ(write(pipes[3][1], "c", 1), 1);
	CHECK_EQ(epoll_wait(ep, got, 8, 0), 2);
	home();
}

static int sigio_fd;

static void on_io(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	WRITE(sigio_fd, si->si_fd);
}

/* A file that signals when it is ready. */
TEST(files, sigio)
{
	struct sigaction sa = { .sa_sigaction = on_io, .sa_flags = SA_SIGINFO };
	int fds[2];

	CHECK_OK(sigaction(SIGRTMIN + 1, &sa, NULL));
	away();
	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	CHECK_OK(fcntl(fds[0], F_SETOWN, getpid()));
	CHECK_OK(fcntl(fds[0], F_SETSIG, SIGRTMIN + 1));
	CHECK_OK(fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	CHECK_EQ(write(fds[1], "x", 1), 1);
	while (!READ(sigio_fd))
		;
	CHECK_EQ(sigio_fd, fds[0]);
	home();
}

static void write_to_nobody(void *arg)
{
	int fds[2];

	(void)arg;
	away();
	CHECK_OK(pipe(fds));
	close(fds[0]);
	if (write(fds[1], "x", 1) < 0)
		FAIL("write: %s", strerror(errno));
}

TEST(files, sigpipe)
{
	int fds[2];

	CHECK_KILLED(child(write_to_nobody, NULL), SIGPIPE);
	handle(SIGPIPE, SIG_IGN, 0);
	away();
	CHECK_OK(pipe(fds));
	close(fds[0]);
	CHECK_ERR(write(fds[1], "x", 1), EPIPE);
	home();
}

/* Bytes that go by the kernel's own ways. */
TEST(files, splice_and_sendfile)
{
	char *want = map_anon(64 * KIB), *got = map_anon(64 * KIB);
	int file = temp_file(), out = temp_file(), fds[2];
	struct iovec iov = { .iov_base = want, .iov_len = 8 * KIB };
	loff_t off = 0;

	fill(want, 64 * KIB, 5);
	away();
	CHECK_EQ(write(file, want, 64 * KIB), 64 * KIB);
	CHECK_OK(pipe(fds));
	/* The pipe holds references to pages of ours. */
	CHECK_EQ(vmsplice(fds[1], &iov, 1, 0), 8 * KIB);
	CHECK_EQ(read(fds[0], got, 8 * KIB), 8 * KIB);
	CHECK_SAME(got, want, 8 * KIB);
	CHECK_EQ(splice(file, &off, fds[1], NULL, 16 * KIB, 0), 16 * KIB);
	CHECK_EQ(splice(fds[0], NULL, out, NULL, 16 * KIB, 0), 16 * KIB);
	home();
	lseek(file, 16 * KIB, SEEK_SET);
	CHECK_EQ(sendfile(out, file, NULL, 16 * KIB), 16 * KIB);
	away();
	CHECK_EQ(pread(out, got, 64 * KIB, 0), 32 * KIB);
	CHECK_SAME(got, want, 32 * KIB);
	home();
}

/* Direct I/O pins the pages it reads into. */
TEST(files, direct_io)
{
	char path[] = "/tmp/ssi-direct-XXXXXX";
	char *buf = map_anon(64 * KIB), *want = map_anon(64 * KIB);
	int fd = CHECK_OK(mkstemp(path));

	fill(want, 64 * KIB, 6);
	CHECK_EQ(write(fd, want, 64 * KIB), 64 * KIB);
	CHECK_OK(fsync(fd));
	close(fd);
	fd = open(path, O_RDWR | O_DIRECT);
	unlink(path);
	if (fd < 0)
		skip("no direct I/O on this /tmp");
	away();
	memset(buf, 1, 64 * KIB);
	CHECK_EQ(read(fd, buf, 64 * KIB), 64 * KIB);
	CHECK_SAME(buf, want, 64 * KIB);
	fill(want, 64 * KIB, 7);
	CHECK_EQ(pwrite(fd, want, 64 * KIB, 0), 64 * KIB);
	home();
	CHECK_EQ(pread(fd, buf, 64 * KIB, 0), 64 * KIB);
	CHECK_SAME(buf, want, 64 * KIB);
}

/* Calls with odd structures, read and written by the kernel. */
TEST(files, ioctl)
{
	int fds[2], n = 0, i;

	for (i = 0; i < 4; i++) {
		away_or_home(i);
		CHECK_OK(pipe(fds));
		CHECK_EQ(write(fds[1], "12345", 5), 5);
		CHECK_OK(ioctl(fds[0], FIONREAD, &n));
		CHECK_EQ(n, 5);
		n = 1;
		CHECK_OK(ioctl(fds[0], FIONBIO, &n));
		CHECK_EQ(fcntl(fds[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
		close(fds[0]);
		close(fds[1]);
	}
	home();
}

/* A sealed, unnamed file; its private mapping is ordinary memory. */
TEST(files, memfd)
{
	char *map, buf[8];
	int fd;

	away();
	fd = CHECK_OK(memfd_create("torture", MFD_ALLOW_SEALING));
	CHECK_EQ(write(fd, "content", 7), 7);
	CHECK_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	CHECK_ERR(pwrite(fd, "x", 1, 0), EPERM);
	map = CHECK_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			    fd, 0));
	CHECK_SAME(map, "content", 7);
	map[0] = 'C';
	home();
	CHECK_SAME(map, "Content", 7);
	CHECK_EQ(pread(fd, buf, 8, 0), 7);
	CHECK_SAME(buf, "content", 7);
}

/* Descriptors that end at exec or are shared by threads are the home's. */
TEST(files, many_descriptors)
{
	int fds[200], i;

	away();
	for (i = 0; i < 200; i++) {
		fds[i] = CHECK_OK(eventfd(i, EFD_NONBLOCK | EFD_CLOEXEC));
		if (i == 100)
			home();
	}
	away();
	for (i = 0; i < 200; i++) {
		eventfd_t value = 0;

		if (i) {
			CHECK_OK(eventfd_read(fds[i], &value));
			CHECK_EQ(value, i);
		}
	}
	CHECK_OK(syscall(SYS_close_range, fds[0], fds[199], 0));
	CHECK_ERR(fcntl(fds[50], F_GETFD), EBADF);
	home();
}
