// SPDX-License-Identifier: GPL-2.0
/*
 * Control groups hold the real task, at home: what they do to a process that is
 * away, they do by bringing it home.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "ssi_move.h"
#include "torture.h"

static const char root[] = "/sys/fs/cgroup";
static char group[64];
static long ticks, other_ticks;

static void group_write(const char *name, const char *text)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	err = write_file(path, text);
	if (err)
		FAIL("write %s to %s: %s", text, path, strerror(-err));
}

/* The number that stands behind a word in a file of the group. */
static long group_number(const char *name, const char *word)
{
	char path[128], text[2048], *p;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	if (read_file(path, text, sizeof(text)) < 0)
		return -1;
	p = strstr(text, word);
	return p ? atol(p + strlen(word)) : -1;
}

/* Make a group of our own, of the second version of control groups. */
static void need_group(void)
{
	char path[128];

	if (getuid())
		skip("needs root");
	mount("cgroup2", root, "cgroup2", 0, NULL);
	snprintf(path, sizeof(path), "%s/cgroup.procs", root);
	if (access(path, W_OK))
		skip("no control groups of version 2 on /sys/fs/cgroup");
	snprintf(group, sizeof(group), "%s/ssi-torture-%d", root, getpid());
	if (mkdir(group, 0700))
		skip("cannot make a control group here");
	snprintf(path, sizeof(path), "%s/cgroup.freeze", group);
	if (access(path, W_OK)) {
		rmdir(group);
		skip("this kernel's control groups have no freezer");
	}
}

static void add(pid_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	group_write("cgroup.procs", text);
}

static void remove_group(void)
{
	double end = now() + 10;

	while (rmdir(group)) {
		if (errno != EBUSY || now() > end)
			FAIL("rmdir %s: %s", group, strerror(errno));
		sleep_ms(10);
	}
}

static void end_it(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
	remove_group();
}

static void *count_other(void *arg)
{
	for (;;)
		ADD(other_ticks, 1);
	return arg;
}

static void two_count(void *arg)
{
	pthread_t thread;

	CHECK_ZERO(pthread_create(&thread, NULL, count_other, arg));
	ready();
	for (;;)
		ADD(ticks, 1);
}

static long seen(pid_t pid)
{
	long values[2] = { };
	struct iovec here[2] = { { &values[0], 8 }, { &values[1], 8 } };
	struct iovec there[2] = { { &ticks, 8 }, { &other_ticks, 8 } };

	CHECK_EQ(process_vm_readv(pid, here, 2, there, 2, 0), 16);
	return values[0] + values[1];
}

/* A pause of the machine makes any of them longer: so the shortest is judged. */
static double fastest = 1e9;

/* Soon it stands still, and the group says so. */
static void stand_still(pid_t pid)
{
	double start = now(), took;
	long before;

	group_write("cgroup.freeze", "1");
	while (group_number("cgroup.events", "frozen ") != 1) {
		if (now() - start > 20)
			FAIL("not frozen after 20 s");
		sleep_ms(2);
	}
	took = now() - start;
	if (took < fastest)
		fastest = took;
	before = seen(pid);
	sleep_ms(300);
	CHECK_EQ(seen(pid), before);
}

static void go_on(pid_t pid)
{
	double end = now() + 20;
	long before = seen(pid);

	group_write("cgroup.freeze", "0");
	while (seen(pid) < before + 1000) {
		if (now() > end)
			FAIL("it does not go on after the thaw");
		sleep_ms(10);
	}
	CHECK_EQ(group_number("cgroup.events", "frozen "), 0);
}

/* Frozen while away it makes no progress; thawed it goes on, and is away again. */
TEST(cgroup, freeze)
{
	pid_t pid;
	int i;

	need_group();
	pid = child_ready(two_count, NULL);
	add(pid);
	for (i = 0; i < 4; i++) {
		SEND_AWAY(pid, i);
		CHECK_AWAY(pid, 2);
		stand_still(pid);
		CHECK_AWAY(pid, 0);
		go_on(pid);
		CHECK_AWAY(pid, 2);
	}
	if (fastest > 1)
		FAIL("it took %.2f s to freeze it", fastest);
	end_it(pid);
}

/* Frozen first: it is moved when it is thawed. */
TEST(cgroup, move_frozen)
{
	struct ssi_where where;
	pid_t pid;

	need_own_moves();
	need_group();
	pid = child_ready(two_count, NULL);
	add(pid);
	stand_still(pid);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, &where), 0);
	CHECK_EQ(where.reason, SSI_REASON_IN_SYSCALL);
	CHECK_EQ(where.threads_away, 0);
	go_on(pid);
	CHECK_AT(pid, node(0));
	CHECK_AWAY(pid, 2);
	/* and the other way: brought home while it stands still */
	stand_still(pid);
	BRING_HOME(pid);
	go_on(pid);
	CHECK_AT(pid, 0);
	CHECK_AWAY(pid, 0);
	end_it(pid);
}

/* A frozen process can be killed, and a whole group at once. */
TEST(cgroup, kill)
{
	char path[128];
	pid_t pids[3];
	int i;

	need_group();
	for (i = 0; i < 3; i++) {
		pids[i] = child_ready(two_count, NULL);
		add(pids[i]);
		SEND_AWAY(pids[i], i);
		CHECK_AWAY(pids[i], 2);
	}
	group_write("cgroup.freeze", "1");
	CHECK_OK(kill(pids[0], SIGKILL));
	CHECK_KILLED(pids[0], SIGKILL);
	group_write("cgroup.freeze", "0");
	CHECK_AWAY(pids[1], 2);
	snprintf(path, sizeof(path), "%s/cgroup.kill", group);
	if (!access(path, W_OK)) {
		group_write("cgroup.kill", "1");
	} else {
		kill(pids[1], SIGKILL);
		kill(pids[2], SIGKILL);
	}
	CHECK_KILLED(pids[1], SIGKILL);
	CHECK_KILLED(pids[2], SIGKILL);
	remove_group();
}

/* What it used elsewhere is the group's, and it can change groups there. */
TEST(cgroup, cpu_time)
{
	long before, after;
	pid_t pid;

	need_group();
	pid = child_ready(two_count, NULL);
	SEND_AWAY(pid, 0);
	add(pid);
	before = group_number("cpu.stat", "usage_usec ");
	if (before < 0) {
		kill(pid, SIGKILL);
		CHECK_KILLED(pid, SIGKILL);
		remove_group();
		skip("no cpu.stat in control groups here");
	}
	CHECK_AWAY(pid, 2);
	sleep_ms(4000);
	BRING_HOME(pid);
	after = group_number("cpu.stat", "usage_usec ");
	note("%ld us of CPU time in 4 s", after - before);
	/* on a machine that others use */
	CHECK(after - before > 500000);
	end_it(pid);
}
