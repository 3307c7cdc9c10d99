// SPDX-License-Identifier: GPL-2.0
/*
 * ssi-corosync: let corosync say which nodes are members.
 *
 * Only nodes of a partition that has a quorum are members. The daemon keeps nothing:
 * what it knows is corosync's (engine.c, roster.c), and what it does is in the kernel's list
 * of nodes (owner.c). So it can end and start again at any time.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine.h"
#include "lend.h"
#include "owner.h"
#include "ssi-user.h"

#define RECONNECT_MS	1000	/* corosync is not there */
#define BUSY_MS		100	/* corosync was busy */
#define KNOWN_MS	10000	/* corosync answers, but says nothing */
#define ALONE_MS	5000	/* an earlier daemon has not ended yet */
#define LOCK_FILE	"/run/ssi-corosync.lock"
#define GRACE_MS	10000

/**
 * struct daemon - all there is
 * @t: the tool
 * @roster: who is there
 * @engine: tells
 * @owner: does
 * @conf_path: the file of the cluster
 * @signals: readable when there is one
 * @known_by: time from which on silence of corosync means that there is no quorum
 */
struct daemon {
	struct tool t;
	struct roster roster;
	struct engine engine;
	struct owner owner;
	const char *conf_path;
	int signals;
	unsigned long long known_by;
};

/**
 * usage - say what is wrong with the arguments
 * @t: the tool
 * @fmt: sentence without a full stop
 *
 * Return: EXIT_USAGE
 */
int usage(struct tool *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail(t, EXIT_USAGE, "%s; see 'ssi-corosync --help'", text);
}

/**
 * usage_option - say what is wrong with an option
 * @t: the tool
 * @argv: as getopt_long() has it
 * @c: what getopt_long() returned: ':' if the value is missing
 *
 * Return: EXIT_USAGE
 */
int usage_option(struct tool *t, char **argv, int c)
{
	if (c == ':')
		return usage(t, "The value of %s is missing", argv[optind - 1]);
	return usage(t, "There is no option \"%s\"", argv[optind - 1]);
}

static int help(void)
{
	printf("ssi-corosync [--config FILE] [--grace SECONDS]\n\n"
	       "Make the nodes of corosync's quorate partition, and no others, members of this\n"
	       "node's LinuxSSI cluster. Runs in the foreground.\n\n"
	       "--config FILE    file of the cluster; " SSI_CONF_FILE " unless told otherwise\n"
	       "--grace SECONDS  how long an ssi-corosync that ended on another node is waited\n"
	       "                 for, 10 unless told otherwise\n\n"
	       "More in ssi-corosync(8).\n");
	return fflush(stdout) ? EXIT_TROUBLE : EXIT_OK;
}

/* Tell systemd, if it started us. */
static void notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	if (!path || !*path || strlen(path) >= sizeof(un.sun_path))
		return;
	memcpy(un.sun_path, path, strlen(path));
	/* a name that belongs to no file */
	if (*path == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* who does not listen need not know */
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&un,
		   offsetof(struct sockaddr_un, sun_path) + strlen(path)) < 0)
		errno = 0;
	close(fd);
}

static int daemon_read_conf(struct daemon *d)
{
	struct conf conf = {};
	int code;

	code = conf_read(&d->t, d->conf_path, &conf);
	if (!code && !conf.corosync)
		code = fail(&d->t, EXIT_REFUSED,
			    "%s does not say \"membership corosync\", and without that its list of nodes counts",
			    d->conf_path);
	if (!code && d->owner.self && !conf_find(&conf, d->owner.self->peer.id))
		code = fail(&d->t, EXIT_REFUSED, "%s has no node %u any more", d->conf_path,
			    d->owner.self->peer.id);
	if (code) {
		conf_free(&conf);
		return code;
	}
	conf_free(&d->owner.conf);
	d->owner.conf = conf;
	d->owner.self = NULL;
	d->roster.cluster = d->owner.conf.cluster;
	return EXIT_OK;
}

/* corosync has told which node this is: find its line, and have it announced. */
static int daemon_self(struct daemon *d)
{
	struct announce *mine = &d->engine.mine;
	struct owner *o = &d->owner;
	unsigned int id = d->roster.self;

	if (!o->self || o->self->peer.id != id) {
		o->self = conf_find(&o->conf, id);
		if (!o->self)
			return fail(&d->t, EXIT_REFUSED,
				    "This is node %u of corosync, and %s has no such node: add \"node %u ADDRESS\", with the address that the other nodes reach this one by",
				    id, d->conf_path, id);
		if (o->self->peer.addr.scope)
			return fail(&d->t, EXIT_REFUSED,
				    "The address of node %u in %s is link-local, which other nodes cannot be told: give it another one",
				    id, d->conf_path);
		memset(mine, 0, sizeof(*mine));
		mine->node = id;
		mine->addr = o->self->peer.addr;
		memcpy(mine->cluster, o->conf.cluster, sizeof(mine->cluster));
		d->engine.say = true;
	}
	if (mine->out != o->out) {
		mine->out = o->out;
		d->engine.say = true;
	}
	return EXIT_OK;
}

/* A node that the file has is where the file says. */
static void daemon_look(struct daemon *d)
{
	const struct conf *conf = &d->owner.conf;
	unsigned int i;

	for (i = 0; i < conf->nr_nodes; i++) {
		const struct peer *p = &conf->nodes[i].peer;

		if (p->id != d->roster.self && roster_expect(&d->roster, p->id, &p->addr))
			fail(&d->t, EXIT_REFUSED, "Node %u is not taken: %s says another address",
			     p->id, d->conf_path);
	}
}

/* Returns how long to sleep, in milliseconds, or -1 with @code set. */
static int daemon_step(struct daemon *d, int *code)
{
	struct engine *e = &d->engine;
	unsigned int wait = RECONNECT_MS;
	unsigned long long now;
	bool more = false;

	if (!e->connected && engine_open(e))
		d->known_by = clock_ms() + KNOWN_MS;
	if (d->roster.self) {
		*code = daemon_self(d);
		if (*code)
			return -1;
	}
	if (e->connected && engine_dispatch(e))
		more = engine_work(e);
	now = clock_ms();
	/* who has only begun to listen does not know that there is no quorum */
	if (roster_known(&d->roster) || !e->connected || now >= d->known_by) {
		daemon_look(d);
		*code = owner_work(&d->owner, now, &wait);
		if (*code)
			return -1;
		/* so that the others know at once */
		if (e->mine.node && e->mine.out != d->owner.out)
			return 0;
	}
	if (!e->connected && wait > RECONNECT_MS)
		wait = RECONNECT_MS;
	return more && wait > BUSY_MS ? BUSY_MS : wait;
}

/* Returns false if it is to end. */
static bool daemon_signal(struct daemon *d)
{
	struct signalfd_siginfo info;

	if (read(d->signals, &info, sizeof(info)) != sizeof(info))
		return true;
	if (info.ssi_signo != SIGHUP)
		return false;
	notify("RELOADING=1");
	/* a file with a mistake changes nothing */
	if (!daemon_read_conf(d) && d->owner.joined)
		lend_set(&d->t, &d->owner.conf);
	d->owner.out = false;
	d->owner.try_join = 0;
	notify("READY=1");
	return true;
}

static int daemon_stop(struct daemon *d)
{
	bool left;
	int code;

	notify("STOPPING=1");
	code = owner_stop(&d->owner, &left);
	/* else the others wait for another daemon, for a while */
	if (left)
		engine_leave(&d->engine);
	return code;
}

static int daemon_run(struct daemon *d)
{
	struct pollfd fds[3] = { { .events = POLLIN }, { .events = POLLIN }, { .events = POLLIN } };
	int code = EXIT_OK, wait;

	notify("READY=1");
	for (;;) {
		wait = daemon_step(d, &code);
		if (wait < 0)
			return code;
		fds[0].fd = d->signals;
		fds[1].fd = d->engine.connected ? d->engine.quorum_fd : -1;
		fds[2].fd = d->engine.connected ? d->engine.cpg_fd : -1;
		if (poll(fds, ARRAY_SIZE(fds), wait) < 0 && errno != EINTR)
			return fail(&d->t, EXIT_TROUBLE, "Nothing can be waited for: %s",
				    strerror(errno));
		if (fds[0].revents && !daemon_signal(d))
			return daemon_stop(d);
	}
}

/* Two daemons would speak for one node. Who dies gives the lock back. */
static int daemon_alone(struct daemon *d)
{
	unsigned long long end = clock_ms() + ALONE_MS;
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail(&d->t, errno == EACCES ? EXIT_PERMISSION : EXIT_TROUBLE,
			    "%s cannot be made: %s", LOCK_FILE, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (clock_ms() >= end)
			return fail(&d->t, EXIT_REFUSED, "Another ssi-corosync runs on this node");
		sleep_ms(BUSY_MS);
	}
	return EXIT_OK;
}

static int daemon_start(struct daemon *d)
{
	sigset_t set;
	int code;

	code = daemon_read_conf(d);
	if (!code)
		code = daemon_alone(d);
	if (!code)
		code = tool_connect(&d->t);
	if (code)
		return code;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals < 0)
		return fail(&d->t, EXIT_TROUBLE, "Signals cannot be taken: %s", strerror(errno));
	/* memory that is short must not keep guests alive */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fail(&d->t, EXIT_OK, "Memory cannot be locked (%s), and is not", strerror(errno));
	return daemon_run(d);
}

static int parse(struct daemon *d, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "grace", required_argument, NULL, 'g' },
		{ }
	};
	unsigned int grace = GRACE_MS;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:g:", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			d->conf_path = optarg;
			break;
		case 'g':
			if (!parse_ms(optarg, 0, 3600000, &grace))
				return usage(&d->t,
					     "\"%s\" is not a time to wait: that is 0 to 3600 seconds",
					     optarg);
			break;
		default:
			return usage_option(&d->t, argv, c);
		}
	}
	if (optind < argc)
		return usage(&d->t, "There are no arguments but options, not \"%s\"",
			     argv[optind]);
	d->engine.grace = grace;
	d->owner.grace = grace;
	return EXIT_OK;
}

static bool is_option(int argc, char **argv, const char *name, const char *letter)
{
	return argc == 2 && (!strcmp(argv[1], name) || !strcmp(argv[1], letter));
}

/**
 * main - run until a signal or an error
 * @argc: how many
 * @argv: arguments
 *
 * Return: an enum exit_code.
 */
int main(int argc, char **argv)
{
	static struct daemon d = {
		.t.name = "ssi-corosync",
		.conf_path = SSI_CONF_FILE,
	};
	int code;

	if (is_option(argc, argv, "--help", "-h"))
		return help();
	if (is_option(argc, argv, "--version", "-V"))
		return printf("ssi-corosync of Linux %s\n", SRC_VERSION) < 0 || fflush(stdout) ?
		       EXIT_TROUBLE : EXIT_OK;
	d.engine.t = &d.t;
	d.engine.roster = &d.roster;
	d.owner.t = &d.t;
	d.owner.roster = &d.roster;
	code = parse(&d, argc, argv);
	if (!code)
		code = daemon_start(&d);
	/* the connection to corosync ends with the process: who did not leave is waited for */
	if (d.t.ys)
		ynl_sock_destroy(d.t.ys);
	conf_free(&d.owner.conf);
	return code;
}
