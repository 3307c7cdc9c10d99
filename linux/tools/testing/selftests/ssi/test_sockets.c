// SPDX-License-Identifier: GPL-2.0
/* Calls that wait on sockets. What is sent over them is in test_files.c. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>

#include "torture.h"
#include "waits.h"

#define WAITING(name, nr, rule, prep, wt, ev, fin)			\
	CALL(sockets, name, nr, -1, rule, prep, wt, ev, fin)

static void socketpair_prepare(void)
{
	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static long recv_wait(void)
{
	return recv(fds[0], buf, 4, MSG_WAITALL);
}

static void recv_event(void)
{
	CHECK_EQ(send(fds[1], "pi", 2, 0), 2);
	sleep_ms(30);
	CHECK_EQ(send(fds[1], "pe", 2, 0), 2);
}

/* MSG_WAITALL may be cut short by a signal after the first part. */
WAITING(recv, SYS_recvfrom, RESTARTS, socketpair_prepare, recv_wait, recv_event,
	pipe_finish)

static long recvmsg_wait(void)
{
	struct iovec iov[2] = {
		{ .iov_base = buf, .iov_len = 2 },
		{ .iov_base = buf + 2, .iov_len = 20 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	return recvmsg(fds[0], &msg, 0);
}

WAITING(recvmsg, SYS_recvmsg, RESTARTS, socketpair_prepare, recvmsg_wait,
	pipe_event, pipe_finish)

/* With a timeout, a socket's calls are never restarted. */
static void timeout_prepare(void)
{
	struct timeval tv = { .tv_sec = 60 };

	socketpair_prepare();
	CHECK_OK(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
}

static long timeout_wait(void)
{
	return recv(fds[0], buf, sizeof(buf), 0);
}

WAITING(recv_timeout, SYS_recvfrom, EINTR_AFTER_STOP, timeout_prepare,
	timeout_wait, pipe_event, pipe_finish)

/* No room to send into, until somebody reads. */
static char junk[4096];

static void full_prepare(void)
{
	socketpair_prepare();
	while (send(fds[0], junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
}

static long full_wait(void)
{
	return send(fds[0], "more", 4, 0);
}

static void full_event(void)
{
	static char all[1 << 20];

	CHECK(recv(fds[1], all, sizeof(all), 0) > 0);
	while (recv(fds[1], all, sizeof(all), MSG_DONTWAIT) > 0)
		;
}

static void full_finish(long result)
{
	CHECK_EQ(result, 4);
	close_all();
}

WAITING(send, SYS_sendto, RESTARTS, full_prepare, full_wait, full_event,
	full_finish)

static struct sockaddr_in listen_addr;

static void accept_prepare(void)
{
	socklen_t len = sizeof(listen_addr);

	listen_addr.sin_family = AF_INET;
	listen_addr.sin_port = 0;
	listen_addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));
	CHECK_OK(bind(fds[0], (struct sockaddr *)&listen_addr,
		      sizeof(listen_addr)));
	CHECK_OK(listen(fds[0], 5));
	CHECK_OK(getsockname(fds[0], (struct sockaddr *)&listen_addr, &len));
}

static long accept_wait(void)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);

	return accept(fds[0], (struct sockaddr *)&from, &len);
}

static void accept_event(void)
{
	int fd = CHECK_OK(socket(AF_INET, SOCK_STREAM, 0));

	CHECK_OK(connect(fd, (struct sockaddr *)&listen_addr,
			 sizeof(listen_addr)));
	CHECK_EQ(write(fd, "pipe", 4), 4);
}

static void accept_finish(long result)
{
	fds[1] = result;
	pipe_finish(read(fds[1], buf, sizeof(buf)));
}

WAITING(accept, SYS_accept, RESTARTS, accept_prepare, accept_wait, accept_event,
	accept_finish)

/* A local listener whose queue is full lets others wait. */
static struct sockaddr_un local = { .sun_family = AF_UNIX };

static void connect_prepare(void)
{
	/* an abstract name */
	snprintf(local.sun_path + 1, sizeof(local.sun_path) - 1,
		 "ssi-torture-%d", getpid());
	fds[0] = CHECK_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	CHECK_OK(bind(fds[0], (struct sockaddr *)&local, sizeof(local)));
	CHECK_OK(listen(fds[0], 0));
	fds[1] = CHECK_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	CHECK_OK(connect(fds[1], (struct sockaddr *)&local, sizeof(local)));
	fds[2] = CHECK_OK(socket(AF_UNIX, SOCK_STREAM, 0));
}

static long connect_wait(void)
{
	return connect(fds[2], (struct sockaddr *)&local, sizeof(local));
}

static void connect_event(void)
{
	CHECK_OK(accept(fds[0], NULL, NULL));
}

static void connect_finish(long result)
{
	CHECK_EQ(result, 0);
	fds[3] = CHECK_OK(accept(fds[0], NULL, NULL));
	CHECK_EQ(write(fds[2], "pipe", 4), 4);
	pipe_finish(read(fds[3], buf, sizeof(buf)));
}

WAITING(connect, SYS_connect, RESTARTS, connect_prepare, connect_wait,
	connect_event, connect_finish)
