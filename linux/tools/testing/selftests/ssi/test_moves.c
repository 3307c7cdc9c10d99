// SPDX-License-Identifier: GPL-2.0
/*
 * Moving itself: who may, what can be moved, what is answered when it cannot,
 * and many moves at once. These need a cluster.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/ssi.h>

#include "ssi_move.h"
#include "torture.h"

#define NOBODY	65534

static long ticks;

static void count(void *arg)
{
	(void)arg;
	ready();
	for (;;)
		ADD(ticks, 1);
}

static void end(pid_t pid)
{
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_KILLED(pid, SIGKILL);
}

static void check_at(pid_t pid, unsigned int where_to)
{
	struct ssi_where where;
	int err = ssi_locate(pid, &where);

	if (err == -ENODATA && !where_to)
		return;
	if (err)
		FAIL("where is %d: %s: %s", pid, strerror(-err),
		     ssi_last_text());
	if (where.node != (where_to ? where_to : where.home))
		FAIL("process %d is on node %u, expected %u; reason %u: %s",
		     pid, where.node, where_to, where.reason, where.text);
}

/* A wait for the answer means that the process is there, and runs. */
TEST(moves, waited)
{
	struct ssi_where where;
	unsigned int i;
	pid_t pid;

	need_nodes(1);
	pid = child_ready(count, NULL);
	for (i = 0; i < 2 * nr_nodes(); i++) {
		int err = ssi_move_pid(pid, node(i), true, &where);

		if (err)
			FAIL("move: %s: %s", strerror(-err), ssi_last_text());
		CHECK_EQ(where.node, node(i));
		CHECK(where.freeze_ns > 0);
		check_at(pid, node(i));
	}
	CHECK_EQ(ssi_move_pid(pid, 0, true, &where), 0);
	check_at(pid, 0);
	/* Home again is no error, nor is where it is already. */
	CHECK_EQ(ssi_move_pid(pid, 0, true, NULL), 0);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	check_at(pid, node(0));
	end(pid);
}

/* Whatever is refused is refused by an error and with a sentence. */
static void refused(pid_t pid, unsigned int to, int want, int want2)
{
	struct ssi_where where;
	int err = ssi_move_pid(pid, to, true, &where);

	if (!err)
		FAIL("process %d was moved to node %u", pid, to);
	if (err != -want && err != -want2)
		FAIL("process %d to node %u: %s, expected %s (%s)", pid, to,
		     strerror(-err), strerror(want), ssi_last_text());
	if (!ssi_last_text()[0])
		FAIL("process %d to node %u: %s without a sentence", pid, to,
		     strerror(-err));
}

TEST(moves, nonsense)
{
	pid_t pid;

	need_nodes(1);
	pid = child_ready(count, NULL);
	refused(pid, 999, ENOENT, EHOSTUNREACH);
	refused(pid, 1001, ERANGE, EINVAL);
	refused(0x3ffffff, node(0), ESRCH, ESRCH);
	refused(0, node(0), ERANGE, EINVAL);
	check_at(pid, 0);
	end(pid);
}

/* The threads of the kernel and the first process's kind. */
TEST(moves, kernel_thread)
{
	char comm[32] = "";

	need_nodes(1);
	if (read_file("/proc/2/comm", comm, sizeof(comm)) <= 0 ||
	    strcmp(comm, "kthreadd\n"))
		skip("process 2 is not kthreadd");
	refused(2, node(0), EINVAL, EPERM);
}

TEST(moves, zombie)
{
	siginfo_t si;
	pid_t pid;

	need_nodes(1);
	pid = CHECK_OK(fork());
	if (!pid)
		_exit(7);
	CHECK_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	refused(pid, node(0), ESRCH, EINVAL);
	CHECK_EXITS(pid, 7);
}

/* The rule of ptrace: not another user's, not a privileged one's. */
static void as_nobody(void *arg)
{
	pid_t victim = (intptr_t)arg, own;

	CHECK_OK(setgroups(0, NULL));
	CHECK_OK(setresgid(NOBODY, NOBODY, NOBODY));
	CHECK_OK(setresuid(NOBODY, NOBODY, NOBODY));
	CHECK_OK(prctl(PR_SET_DUMPABLE, 1));
	refused(victim, node(0), EPERM, EPERM);
	/* Its own child it may move. */
	own = child_ready(count, NULL);
	if (ssi_move_pid(own, node(0), true, NULL))
		FAIL("own process: %s", ssi_last_text());
	check_at(own, node(0));
	end(own);
}

TEST(moves, permission)
{
	pid_t pid;

	need_nodes(1);
	if (getuid())
		skip("needs root");
	pid = child_ready(count, NULL);
	CHECK_EXITS(child(as_nobody, (void *)(intptr_t)pid), 0);
	check_at(pid, 0);
	end(pid);
}

/* A stopped process: refused by name, or it departs when it continues. */
TEST(moves, stopped)
{
	struct ssi_where where;
	pid_t pid;
	int err;

	need_nodes(1);
	pid = child_ready(count, NULL);
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_STOPS(pid, SIGSTOP);
	err = ssi_move_pid(pid, node(0), false, &where);
	if (err && !ssi_last_text()[0])
		FAIL("refused (%s) without a sentence", strerror(-err));
	CHECK_OK(kill(pid, SIGCONT));
	sleep_ms(50);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	check_at(pid, node(0));
	/* And one that is stopped while it is away comes home or stays. */
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_STOPS(pid, SIGSTOP);
	ssi_move_pid(pid, 0, false, NULL);
	CHECK_OK(kill(pid, SIGCONT));
	sleep_ms(50);
	CHECK_EQ(ssi_move_pid(pid, 0, true, NULL), 0);
	check_at(pid, 0);
	end(pid);
}

/* Frozen by its control group. */
static const char group[] = "/sys/fs/cgroup/ssi-torture";

static bool set_frozen(int on)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/cgroup.freeze", group);
	return !write_file(path, on ? "1" : "0");
}

TEST(moves, frozen)
{
	char path[64], text[16];
	pid_t pid;

	need_nodes(1);
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	if (mkdir(group, 0700) && errno != EEXIST)
		skip("no control groups here");
	pid = child_ready(count, NULL);
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	snprintf(text, sizeof(text), "%d", pid);
	if (write_file(path, text) || !set_frozen(1)) {
		kill(pid, SIGKILL);
		skip("no freezer here");
	}
	sleep_ms(50);
	/* It may be answered now or moved later; it must not hang us. */
	ssi_move_pid(pid, node(0), false, NULL);
	CHECK(set_frozen(0));
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	check_at(pid, node(0));
	/* Frozen while away, it stands still; thawed, it goes on. */
	CHECK(set_frozen(1));
	sleep_ms(50);
	CHECK(set_frozen(0));
	CHECK_EQ(ssi_move_pid(pid, 0, true, NULL), 0);
	end(pid);
	rmdir(group);
}

/* Moved in a system call that it does not leave: departs when it returns. */
static int gate[2];

static void wait_at_gate(void *arg)
{
	char c;

	(void)arg;
	ready();
	CHECK_EQ(read(gate[0], &c, 1), 1);
	for (;;)
		ADD(ticks, 1);
}

TEST(moves, in_system_call)
{
	struct ssi_where where;
	double give_up = now() + 30;
	pid_t pid;
	int err;

	need_nodes(1);
	CHECK_OK(pipe(gate));
	pid = child_ready(wait_at_gate, NULL);
	wait_state(pid, 'S');
	err = ssi_move_pid(pid, node(0), false, NULL);
	if (err)
		FAIL("move: %s: %s", strerror(-err), ssi_last_text());
	CHECK_EQ(write(gate[1], "g", 1), 1);
	for (;;) {
		err = ssi_locate(pid, &where);
		if (!err && where.node == node(0))
			break;
		if (now() > give_up)
			FAIL("did not depart: node %u, reason %u: %s",
			     where.node, where.reason, where.text);
		sleep_ms(10);
	}
	end(pid);
}

/* The parent of a vfork child sleeps so that nothing can wake it. */
static void vforks(void *arg)
{
	pid_t pid;

	(void)arg;
	pid = vfork();
	if (!pid) {
		ready();
		sleep_ms(400);
		_exit(5);
	}
	CHECK(pid > 0);
	CHECK_EXITS(pid, 5);
}

TEST(moves, uninterruptible)
{
	pid_t pid;

	need_nodes(1);
	pid = child_ready(vforks, NULL);
	ssi_move_pid(pid, node(0), false, NULL);
	ssi_move_pid(pid, 0, false, NULL);
	ssi_move_pid(pid, node(0), false, NULL);
	CHECK_EXITS(pid, 0);
}

/* Two that move the same process, and one that asks during a move. */
struct mover {
	pid_t pid;
	unsigned int seed;
};

static void move_often(void *arg)
{
	struct mover *m = arg;
	uint64_t rnd = m->seed;
	int i, done = 0;

	for (i = 0; i < 60; i++) {
		random_next(&rnd);
		if (!ssi_move_pid(m->pid, rnd & 0x300 ? node(rnd >> 12) : 0,
				  rnd & 0x80, NULL))
			done++;
	}
	CHECK(done > 0);
}

static uint64_t *work_area;

static void work(void *arg)
{
	uint64_t want, rnd;
	int round;
	size_t i;

	(void)arg;
	work_area = map_anon(1 << 20);
	ready();
	for (round = 0; ; round++) {
		fill(work_area, 1 << 20, round);
		want = 0;
		rnd = round | 1;
		for (i = 0; i < (1 << 20) / 8; i++)
			want += random_next(&rnd) ^ work_area[i];
		CHECK_EQ(want, 0);
		syscall(SYS_getppid);
	}
}

TEST_SECONDS(moves, two_movers, 300)
{
	struct mover a = { .seed = 11 }, b = { .seed = 29 }, c = { .seed = 53 };
	pid_t movers[3];
	int status;

	need_nodes(1);
	a.pid = child_ready(work, NULL);
	b.pid = a.pid;
	c.pid = a.pid;
	movers[0] = child(move_often, &a);
	movers[1] = child(move_often, &b);
	movers[2] = child(move_often, &c);
	CHECK_EXITS(movers[0], 0);
	CHECK_EXITS(movers[1], 0);
	CHECK_EXITS(movers[2], 0);
	CHECK_EQ(waitpid(a.pid, &status, WNOHANG), 0);
	CHECK_EQ(ssi_move_pid(a.pid, 0, true, NULL), 0);
	check_at(a.pid, 0);
	end(a.pid);
}

/* Killed in the middle of moves, again and again. */
TEST_SECONDS(moves, kill_while_moving, 300)
{
	int i, k;

	need_nodes(1);
	for (i = 0; i < 20; i++) {
		pid_t pid = child_ready(work, NULL);

		for (k = 0; k < i % 5 + 1; k++)
			ssi_move_pid(pid, k & 1 ? 0 : node(k), false, NULL);
		usleep(i * 500);
		end(pid);
	}
}

/* Exits by itself while it is asked to move. */
static void exits_soon(void *arg)
{
	ready();
	usleep((intptr_t)arg);
	_exit(11);
}

TEST(moves, exiting)
{
	long i;

	need_nodes(1);
	for (i = 0; i < 20; i++) {
		pid_t pid = child_ready(exits_soon, (void *)(i * 300));

		ssi_move_pid(pid, node(i), i & 1, NULL);
		ssi_move_pid(pid, 0, false, NULL);
		CHECK_EXITS(pid, 11);
	}
}

/* Many processes away at once, and all of them home again. */
TEST_SECONDS(moves, many, 300)
{
	pid_t pids[20];
	unsigned int i;

	need_nodes(1);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = child_ready(i & 1 ? work : count, NULL);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		if (ssi_move_pid(pids[i], node(i), true, NULL))
			FAIL("process %u: %s", i, ssi_last_text());
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		check_at(pids[i], node(i));
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		if (i % 3 && ssi_move_pid(pids[i], 0, true, NULL))
			FAIL("process %u home: %s", i, ssi_last_text());
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		end(pids[i]);
}

/* A thread's id is not a process's; the process is meant, or nobody. */
static pid_t thread_id;

static void *spin_thread(void *arg)
{
	WRITE(thread_id, gettid());
	for (;;)
		asm volatile("" : : : "memory");
	return arg;
}

static void with_thread(void *arg)
{
	pthread_t thread;
	int *fd = arg;
	pid_t tid;

	CHECK_ZERO(pthread_create(&thread, NULL, spin_thread, NULL));
	while (!READ(thread_id))
		sched_yield();
	tid = thread_id;
	CHECK_EQ(write(*fd, &tid, sizeof(tid)), sizeof(tid));
	ready();
	spin_thread(NULL);
}

TEST(moves, by_thread_id)
{
	pid_t pid, tid;
	int fds[2], err;

	need_nodes(1);
	CHECK_OK(pipe(fds));
	pid = child_ready(with_thread, &fds[1]);
	CHECK_EQ(read(fds[0], &tid, sizeof(tid)), sizeof(tid));
	CHECK(tid != pid);
	err = ssi_move_pid(tid, node(0), true, NULL);
	if (err && err != -ESRCH && err != -EINVAL)
		FAIL("by thread id: %s", strerror(-err));
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	check_at(pid, node(0));
	end(pid);
}

/* What moved is counted, and what is home again holds nothing elsewhere. */
TEST(moves, nothing_left_away)
{
	struct ssi_where where;
	char *mem;

	need_nodes(1);
	mem = map_anon(1 << 20);
	away();
	memset(mem, 1, 1 << 20);
	CHECK_EQ(ssi_locate(getpid(), &where), 0);
	CHECK(where.pages_away >= 256);
	CHECK_OK(munmap(mem, 1 << 20));
	mem = map_anon(1 << 20);
	CHECK_EQ(ssi_locate(getpid(), &where), 0);
	CHECK(where.moves >= 1);
	home();
}
