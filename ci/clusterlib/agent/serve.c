// SPDX-License-Identifier: GPL-2.0
/*
 * The agent at work: runs commands that the host sends over the virtio-serial
 * port, and carries the requests of "on", "net" and "node" to the host.
 *
 * A channel lives from OPEN to EXIT. When its command ends, what it had
 * written is sent before EXIT; what its background children write later is
 * read and thrown away, so that they never block or die of a closed pipe.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent.h"

/* Stop reading commands' output while this much waits for the port. */
#define PORT_HIGH	(1024 * 1024)
#define POLL_MAX	1024

struct chan {
	struct chan *next;
	uint32_t id;
	pid_t pid;
	int in, out[2];		/* -1: closed */
	struct buf inbuf;
	bool ineof;
	uint32_t credit;
	bool exited, dry[2], done;
	uint32_t status;
};

struct client {
	struct client *next;
	uint32_t id;
	int fd;
	struct buf in, out;
	bool opened;
	bool exiting;		/* has or gets EXIT; it closes when it has read that */
};

static struct chan *chans;
static struct client *clients;
static struct buf port_in, port_out;
static int port;
static uint32_t next_client;
static sigset_t empty_set;

static char *environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root", "USER=root", "SHELL=/bin/sh", "TERM=linux", "LANG=C.UTF-8",
	"TMPDIR=/tmp", NULL,
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_port(void)
{
	for (int tries = 0; tries < 200; tries++) {
		DIR *dir = opendir("/dev");
		struct dirent *de;

		while (dir && (de = readdir(dir))) {
			if (!strncmp(de->d_name, "vport", 5)) {
				char path[300];
				int fd;

				snprintf(path, sizeof(path), "/dev/%s", de->d_name);
				fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
				closedir(dir);
				if (fd < 0)
					die("%s: %s", path, strerror(errno));
				return fd;
			}
		}
		if (dir)
			closedir(dir);
		usleep(50000);
	}
	die("no virtio-serial port");
}

static int listen_clients(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = AGENT_SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) || listen(fd, 64))
		die(AGENT_SOCKET ": %s", strerror(errno));
	return fd;
}

static void child(char **argv, bool tty)
{
	int fd;

	if (!tty)
		setsid();
	sigprocmask(SIG_SETMASK, &empty_set, NULL);
	signal(SIGPIPE, SIG_DFL);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "0", 1) < 0)
			perror("oom_score_adj");
		close(fd);
	}
	if (chdir("/root"))
		perror("/root");
	environ = environment;	/* before, since the search is by this PATH */
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int spawn_tty(struct chan *c, struct frame_open *o, char **argv)
{
	struct winsize ws = { .ws_row = o->rows, .ws_col = o->cols };
	int master;

	c->pid = forkpty(&master, NULL, NULL, &ws);
	if (c->pid < 0)
		return -1;
	if (!c->pid)
		child(argv, true);
	fcntl(master, F_SETFD, FD_CLOEXEC);
	nonblock(master);
	c->out[0] = master;
	c->in = fcntl(master, F_DUPFD_CLOEXEC, 0);
	return 0;
}

static int spawn_pipes(struct chan *c, char **argv)
{
	int p[3][2];

	for (int i = 0; i < 3; i++)
		if (pipe2(p[i], O_CLOEXEC))
			return -1;
	c->pid = fork();
	if (c->pid < 0)
		return -1;
	if (!c->pid) {
		dup2(p[0][0], 0);
		dup2(p[1][1], 1);
		dup2(p[2][1], 2);
		child(argv, false);
	}
	close(p[0][0]);
	close(p[1][1]);
	close(p[2][1]);
	c->in = p[0][1];
	c->out[0] = p[1][0];
	c->out[1] = p[2][0];
	nonblock(c->in);
	nonblock(c->out[0]);
	nonblock(c->out[1]);
	return 0;
}

static void send_exit(uint32_t id, uint32_t status)
{
	buf_frame(&port_out, id, FRAME_EXIT, &status, sizeof(status), NULL, 0);
}

/* No argument: a login shell. One: a shell command line. More: a command. */
static void chan_open(uint32_t id, char *p, size_t len)
{
	static char *shell[] = { "/bin/sh", "-l", NULL };
	struct frame_open o;
	char *argv[1024], *line[4] = { "/bin/sh", "-c", NULL, NULL };
	char **run = argv;
	struct chan *c;
	size_t argc = 0;
	int err;

	memcpy(&o, p, sizeof(o));
	for (size_t i = sizeof(o); i < len && argc < 1023; i += strlen(p + i) + 1)
		argv[argc++] = p + i;
	argv[argc] = NULL;
	if (argc == 1) {
		line[2] = argv[0];
		run = line;
	} else if (!argc) {
		run = shell;
	}

	c = calloc(1, sizeof(*c));
	if (!c)
		die("out of memory");
	c->id = id;
	c->in = c->out[0] = c->out[1] = -1;
	c->credit = WINDOW;
	err = o.tty ? spawn_tty(c, &o, run) : spawn_pipes(c, run);
	if (err) {
		static const char text[] = "\2agent: cannot start a process\n";

		buf_frame(&port_out, id, FRAME_DATA, text, sizeof(text) - 1, NULL, 0);
		send_exit(id, 255);
		free(c);
		return;
	}
	c->next = chans;
	chans = c;
}

static struct chan *chan_find(uint32_t id)
{
	for (struct chan *c = chans; c; c = c->next)
		if (c->id == id && !c->done)
			return c;
	return NULL;
}

static struct client *client_find(uint32_t id)
{
	for (struct client *cl = clients; cl; cl = cl->next)
		if (cl->id == id)
			return cl;
	return NULL;
}

static void port_frame(struct frame *f, char *p)
{
	struct client *cl;
	struct chan *c;
	uint32_t n = 0;

	if (f->chan & CHAN_AGENT) {
		cl = client_find(f->chan);
		if (cl) {
			buf_frame(&cl->out, 0, f->type, p, f->len, NULL, 0);
			cl->exiting |= f->type == FRAME_EXIT;
		}
		return;
	}
	if (f->type == FRAME_OPEN) {
		chan_open(f->chan, p, f->len);
		return;
	}
	c = chan_find(f->chan);
	if (!c)
		return;
	memcpy(&n, p, f->len < sizeof(n) ? f->len : sizeof(n));
	switch (f->type) {
	case FRAME_DATA:
		if (f->len <= 1)
			c->ineof = true;
		else if (c->in >= 0)
			buf_add(&c->inbuf, p + 1, f->len - 1);
		break;
	case FRAME_CREDIT:
		c->credit += n;
		break;
	case FRAME_SIGNAL:
		kill(-c->pid, n);
		break;
	case FRAME_RESIZE: {
		struct winsize ws = { .ws_row = n & 0xffff, .ws_col = n >> 16 };

		if (c->out[0] >= 0)
			ioctl(c->out[0], TIOCSWINSZ, &ws);
		break;
	}
	case FRAME_CLOSE:
		kill(-c->pid, SIGHUP);
		kill(-c->pid, SIGCONT);
		c->done = true;
		break;
	}
}

/* Send what the command wrote, or throw it away once it is done. */
static void chan_pump(struct chan *c)
{
	for (int i = 0; i < 2; i++) {
		c->dry[i] = c->out[i] < 0;
		while (c->out[i] >= 0 && (c->done || (c->credit && port_out.len < PORT_HIGH))) {
			char data[16384], fd = i + 1;
			size_t max = sizeof(data);
			ssize_t n;

			if (!c->done && c->credit < max)
				max = c->credit;
			n = read(c->out[i], data, max);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0 && errno == EAGAIN) {
				c->dry[i] = true;
				break;
			}
			if (n <= 0) {
				close_fd(&c->out[i]);
				c->dry[i] = true;
				break;
			}
			if (c->done)
				continue;
			c->credit -= n;
			buf_frame(&port_out, c->id, FRAME_DATA, &fd, 1, data, n);
		}
	}
	if (c->exited && !c->done && c->dry[0] && c->dry[1]) {
		send_exit(c->id, c->status);
		c->done = true;
	}
	if (c->done)
		close_fd(&c->in);
}

static void chan_feed(struct chan *c)
{
	uint32_t written = 0;
	size_t n = 0;

	if (c->in < 0)
		return;
	if (buf_flush(&c->inbuf, c->in, &n)) {
		n += c->inbuf.len;	/* nobody reads it: let the sender go on */
		c->inbuf.len = 0;
	}
	written = n;
	if (written)
		buf_frame(&port_out, c->id, FRAME_CREDIT, &written, sizeof(written),
			  NULL, 0);
	if (c->ineof && !c->inbuf.len) {
		if (c->out[1] < 0 && c->out[0] >= 0)	/* a terminal */
			buf_add(&c->inbuf, "\4", 1), c->ineof = false;
		else
			close_fd(&c->in);
	}
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct chan *c = chans; c; c = c->next) {
			if (c->pid != pid || c->exited)
				continue;
			c->exited = true;
			c->status = WIFEXITED(status) ? WEXITSTATUS(status) :
							128 + WTERMSIG(status);
		}
	}
}

static void sweep(void)
{
	for (struct chan **cp = &chans, *c; (c = *cp);) {
		if (c->done && c->exited && c->out[0] < 0 && c->out[1] < 0) {
			*cp = c->next;
			close_fd(&c->in);
			free(c->inbuf.p);
			free(c);
		} else {
			cp = &c->next;
		}
	}
	for (struct client **cp = &clients, *cl; (cl = *cp);) {
		if (cl->fd < 0) {
			if (cl->opened && !cl->exiting)
				buf_frame(&port_out, cl->id, FRAME_CLOSE, NULL, 0, NULL, 0);
			*cp = cl->next;
			free(cl->in.p);
			free(cl->out.p);
			free(cl);
		} else {
			cp = &cl->next;
		}
	}
}

static void client_accept(int listener)
{
	struct client *cl;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	cl = calloc(1, sizeof(*cl));
	if (!cl)
		die("out of memory");
	cl->fd = fd;
	cl->id = CHAN_AGENT | (++next_client & ~CHAN_AGENT);
	cl->next = clients;
	clients = cl;
}

static void client_read(struct client *cl)
{
	struct frame *f;
	char *p;

	if (buf_fill(&cl->in, cl->fd) < 0) {
		close_fd(&cl->fd);
		return;
	}
	while ((f = buf_next(&cl->in, &p))) {
		cl->opened |= f->type == FRAME_OPEN;
		buf_frame(&port_out, cl->id, f->type, p, f->len, NULL, 0);
	}
}

static struct pollfd pfds[POLL_MAX];

static int watch(int n, int fd, short events)
{
	if (fd < 0 || !events || n >= POLL_MAX)
		return n;
	pfds[n].fd = fd;
	pfds[n].events = events;
	pfds[n].revents = 0;
	return n + 1;
}

static short ready(int n, int fd)
{
	for (int i = 0; i < n; i++)
		if (pfds[i].fd == fd)
			return pfds[i].revents;
	return 0;
}

static int watch_all(int listener, int sigfd)
{
	int n = 0;

	n = watch(n, port, POLLIN | (port_out.len ? POLLOUT : 0));
	n = watch(n, listener, POLLIN);
	n = watch(n, sigfd, POLLIN);
	for (struct chan *c = chans; c; c = c->next) {
		bool room = c->done || (c->credit && port_out.len < PORT_HIGH);

		n = watch(n, c->inbuf.len ? c->in : -1, POLLOUT);
		n = watch(n, room ? c->out[0] : -1, POLLIN);
		n = watch(n, room ? c->out[1] : -1, POLLIN);
	}
	for (struct client *cl = clients; cl; cl = cl->next)
		n = watch(n, cl->fd, POLLIN | (cl->out.len ? POLLOUT : 0));
	return n;
}

void serve(void)
{
	struct signalfd_siginfo si;
	int listener, sigfd, fd, n;
	sigset_t set;

	sigemptyset(&empty_set);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "-1000", 5) < 0)
			perror("oom_score_adj");
		close(fd);
	}
	mkdir("/root", 0700);
	sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	listener = listen_clients();
	port = open_port();
	buf_frame(&port_out, 0, FRAME_HELLO, AGENT_VERSION, strlen(AGENT_VERSION),
		  NULL, 0);

	for (;;) {
		struct frame *f;
		char *p;

		n = watch_all(listener, sigfd);
		poll(pfds, n, -1);
		if (ready(n, port) & POLLHUP)
			usleep(10000);	/* the host has not opened it yet */
		while (buf_fill(&port_in, port) > 0)
			while ((f = buf_next(&port_in, &p)))
				port_frame(f, p);
		if (ready(n, sigfd))
			while (read(sigfd, &si, sizeof(si)) > 0)
				;
		reap();
		if (ready(n, listener))
			client_accept(listener);
		for (struct client *cl = clients; cl; cl = cl->next) {
			if (ready(n, cl->fd) & (POLLIN | POLLHUP | POLLERR))
				client_read(cl);
			if (cl->fd >= 0 && buf_flush(&cl->out, cl->fd, NULL))
				close_fd(&cl->fd);
		}
		for (struct chan *c = chans; c; c = c->next) {
			chan_feed(c);
			chan_pump(c);
		}
		sweep();
		buf_flush(&port_out, port, NULL);
	}
}
