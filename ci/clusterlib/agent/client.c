// SPDX-License-Identifier: GPL-2.0
/*
 * The commands inside a node: "on NODE COMMAND…" runs a command on another
 * node, "net …" and "node …" ask the host for a fault. All three go to the
 * agent and from there over the host, so they work when the network between
 * the nodes is cut.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>
#include "agent.h"

static struct termios cooked;
static volatile sig_atomic_t resized;

static void restore(void)
{
	tcsetattr(0, TCSANOW, &cooked);
}

static void on_winch(int sig)
{
	(void)sig;
	resized = 1;
}

static void make_raw(void)
{
	struct termios raw;
	struct sigaction sa = { .sa_handler = on_winch };

	if (tcgetattr(0, &cooked))
		return;
	raw = cooked;
	cfmakeraw(&raw);
	atexit(restore);
	tcsetattr(0, TCSANOW, &raw);
	sigaction(SIGWINCH, &sa, NULL);
}

static void usage_on(void)
{
	fputs("usage: on [-n] [-t] NODE COMMAND…\n"
	      "Runs COMMAND on NODE with this standard input and output and exits with\n"
	      "its status (255: no such node). One argument is a shell command line,\n"
	      "more are a command and its arguments. Without COMMAND: a shell.\n"
	      "-n: no standard input; -t: with a terminal.\n", stderr);
	exit(255);
}

static int connect_agent(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = AGENT_SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&un, sizeof(un)))
		die("no agent here: %s", strerror(errno));
	return fd;
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, -1);
			continue;
		}
		if (w < 0)
			exit(255);
		p += w;
		n -= w;
	}
}

/* Returns the exit status. Ends the process where the agent goes away. */
static int relay(int fd, bool input)
{
	struct buf in = { 0 }, out = { 0 };
	uint32_t credit = WINDOW;

	for (;;) {
		struct pollfd pfd[2] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = input && credit ? 0 : -1, .events = POLLIN },
		};
		struct frame *f;
		char *p;

		if (resized) {
			struct winsize ws;
			uint16_t size[2];

			resized = 0;
			if (!ioctl(0, TIOCGWINSZ, &ws)) {
				size[0] = ws.ws_row;
				size[1] = ws.ws_col;
				buf_frame(&out, 0, FRAME_RESIZE, size, sizeof(size),
					  NULL, 0);
			}
		}
		if (buf_flush(&out, fd, NULL))
			die("the agent is gone");
		if (poll(pfd, 2, -1) < 0)
			continue;

		if (pfd[1].revents) {
			char data[16384], zero = 0;
			size_t max = credit < sizeof(data) ? credit : sizeof(data);
			ssize_t n = read(0, data, max);

			if (n < 0 && (errno == EINTR || errno == EAGAIN))
				continue;
			if (n <= 0) {
				input = false;
				n = 0;
			}
			credit -= n;
			buf_frame(&out, 0, FRAME_DATA, &zero, 1, data, n);
		}
		if (!pfd[0].revents)
			continue;
		if (buf_fill(&in, fd) < 0)
			die("the agent is gone");
		while ((f = buf_next(&in, &p))) {
			uint32_t n;

			if (f->type == FRAME_EXIT) {
				memcpy(&n, p, sizeof(n));
				return n;
			} else if (f->type == FRAME_CREDIT) {
				memcpy(&n, p, sizeof(n));
				credit += n;
			} else if (f->type == FRAME_DATA && f->len > 1) {
				n = f->len - 1;
				write_all(p[0] == 2 ? 2 : 1, p + 1, n);
				buf_frame(&out, 0, FRAME_CREDIT, &n, sizeof(n),
					  NULL, 0);
			}
		}
	}
}

int client_main(const char *name, int argc, char **argv)
{
	struct frame_open open = { 0 };
	struct buf args = { 0 }, out = { 0 };
	bool on = !strcmp(name, "on"), input = on;
	struct winsize ws;
	int i = 1, fd;

	if (!on && strcmp(name, "net") && strcmp(name, "node"))
		die("call me on, net or node");
	if (on) {
		char *end;

		for (; i < argc && argv[i][0] == '-'; i++) {
			if (!strcmp(argv[i], "-n"))
				input = false;
			else if (!strcmp(argv[i], "-t"))
				open.tty = 1;
			else
				usage_on();
		}
		if (i == argc)
			usage_on();
		open.node = strtoul(argv[i], &end, 10);
		if (*end || !open.node)
			usage_on();
		if (++i == argc)
			open.tty = isatty(0);
	} else {
		buf_add(&args, name, strlen(name) + 1);
	}
	for (; i < argc; i++)
		buf_add(&args, argv[i], strlen(argv[i]) + 1);
	if (args.len > FRAME_MAX / 2)
		die("command line too long");
	if (open.tty) {
		if (!ioctl(0, TIOCGWINSZ, &ws)) {
			open.rows = ws.ws_row;
			open.cols = ws.ws_col;
		}
		make_raw();
	}

	signal(SIGPIPE, SIG_IGN);
	fd = connect_agent();
	buf_frame(&out, 0, FRAME_OPEN, &open, sizeof(open), args.p, args.len);
	write_all(fd, out.p, out.len);
	if (!input) {
		char zero = 0;

		out.len = 0;
		buf_frame(&out, 0, FRAME_DATA, &zero, 1, NULL, 0);
		write_all(fd, out.p, out.len);
	}
	return relay(fd, input);
}
