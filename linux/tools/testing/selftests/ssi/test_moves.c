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
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

/* How long it stopped is known when the node has said that it runs there. */
static void was_frozen(pid_t pid)
{
	double until = now() + 20;
	struct ssi_where where;

	do {
		CHECK_EQ(ssi_locate(pid, &where), 0);
		if (where.freeze_ns > 0)
			return;
		sleep_ms(5);
	} while (now() < until);
	FAIL("nobody knows for how long process %d was stopped", pid);
}

/* A wait for the answer means that the process is there, and runs. */
TEST(moves, waited)
{
	struct ssi_where where;
	unsigned int i;
	pid_t pid;

	need_own_moves();
	pid = child_ready(count, NULL);
	for (i = 0; i < 2 * nr_nodes(); i++) {
		int err = ssi_move_pid(pid, node(i), true, &where);

		if (err)
			FAIL("move: %s: %s", strerror(-err), ssi_last_text());
		CHECK_EQ(where.node, node(i));
		/* unless it slept in the kernel just then: it is not waited for */
		if (where.reason != SSI_REASON_IN_SYSCALL)
			CHECK(where.freeze_ns > 0);
		CHECK_AT(pid, node(i));
		CHECK_AWAY(pid, 1);
		was_frozen(pid);
	}
	CHECK_EQ(ssi_move_pid(pid, 0, true, &where), 0);
	CHECK_AT(pid, 0);
	CHECK_EQ(where.threads_away, 0);
	/* Home again is no error, nor is where it is already. */
	CHECK_EQ(ssi_move_pid(pid, 0, true, NULL), 0);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	CHECK_AT(pid, node(0));
	end(pid);
}

/* Whatever is refused is refused by an error and with a sentence. */
static void refused(pid_t pid, unsigned int to, int want, int want2,
		    const char *sentence)
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
	if (!strstr(ssi_last_text(), sentence))
		FAIL("process %d to node %u: %s: \"%s\" does not say \"%s\"", pid,
		     to, strerror(-err), ssi_last_text(), sentence);
}

TEST(moves, nonsense)
{
	pid_t pid;

	need_own_moves();
	pid = child_ready(count, NULL);
	refused(pid, 999, ENOENT, EHOSTUNREACH, "no node 999");
	refused(pid, 1001, ERANGE, EINVAL, "");
	refused(0x3ffffff, node(0), ESRCH, ESRCH, "");
	refused(0, node(0), ERANGE, EINVAL, "");
	CHECK_AT(pid, 0);
	end(pid);
}

/* The threads of the kernel and the first process's kind. */
TEST(moves, kernel_thread)
{
	char comm[32] = "";

	need_own_moves();
	if (read_file("/proc/2/comm", comm, sizeof(comm)) <= 0 ||
	    strcmp(comm, "kthreadd\n"))
		skip("process 2 is not kthreadd");
	refused(2, node(0), EINVAL, EINVAL, "thread of the kernel");
}

TEST(moves, zombie)
{
	siginfo_t si;
	pid_t pid;

	need_own_moves();
	pid = CHECK_OK(fork());
	if (!pid)
		_exit(7);
	CHECK_OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	refused(pid, node(0), ESRCH, ESRCH, "exiting");
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
	refused(victim, node(0), EPERM, EPERM, "You may not move it");
	/* Its own child it may move. */
	own = child_ready(count, NULL);
	if (ssi_move_pid(own, node(0), true, NULL))
		FAIL("own process: %s", ssi_last_text());
	CHECK_AT(own, node(0));
	end(own);
}

TEST(moves, permission)
{
	pid_t pid;

	need_own_moves();
	if (getuid())
		skip("needs root");
	pid = child_ready(count, NULL);
	CHECK_EXITS(child(as_nobody, (void *)(intptr_t)pid), 0);
	CHECK_AT(pid, 0);
	end(pid);
}

/* A socket is not a right: it moves nothing for who did not open it, or has changed. */
static void refused_by(int fd, pid_t pid)
{
	int err = ssi_move_by(fd, pid, node(0));

	if (err != -EPERM)
		FAIL("process %d by an old socket: %s, expected %s", pid,
		     strerror(-err), strerror(EPERM));
	if (!strstr(ssi_last_text(), "open a new one"))
		FAIL("the answer says \"%s\"", ssi_last_text());
}

static void opened_before(void *arg)
{
	pid_t victim = (intptr_t)arg, own;
	int fd = ssi_open();

	CHECK(fd >= 0);
	/* as long as it is who it was */
	if (ssi_move_by(fd, victim, 0))
		FAIL("%s", ssi_last_text());
	CHECK_OK(setgroups(0, NULL));
	CHECK_OK(setresgid(NOBODY, NOBODY, NOBODY));
	CHECK_OK(setresuid(NOBODY, NOBODY, NOBODY));
	CHECK_OK(prctl(PR_SET_DUMPABLE, 1));
	own = child_ready(count, NULL);
	refused_by(fd, victim);
	refused_by(fd, own);
	refused_by(fd, getpid());
	CHECK_AT(own, 0);
	CHECK_AT(getpid(), 0);
	close(fd);
	fd = ssi_open();
	CHECK(fd >= 0);
	CHECK_EQ(ssi_move_by(fd, own, node(0)), 0);
	CHECK_AWAY(own, 1);
	CHECK_EQ(ssi_move_by(fd, victim, node(0)), -EPERM);
	end(own);
}

/* And the other way round: what nobody opened does not get root's rights. */
static void opened_as_nobody(void *arg)
{
	int fd;

	CHECK_OK(setresuid(NOBODY, NOBODY, 0));
	fd = ssi_open();
	CHECK(fd >= 0);
	CHECK_OK(setresuid(0, 0, 0));
	refused_by(fd, (intptr_t)arg);
}

TEST(moves, old_socket)
{
	pid_t pid;

	need_own_moves();
	if (getuid())
		skip("needs root");
	pid = child_ready(count, NULL);
	CHECK_EXITS(child(opened_before, (void *)(intptr_t)pid), 0);
	CHECK_EXITS(child(opened_as_nobody, (void *)(intptr_t)pid), 0);
	CHECK_AT(pid, 0);
	end(pid);
}

/* It can be moved, and does move when it runs again: then, not before. */
static void moves_when_woken(pid_t pid, unsigned int index)
{
	struct ssi_where where;

	CHECK_EQ(ssi_move_pid(pid, node(index), true, &where), 0);
	CHECK_EQ(where.reason, SSI_REASON_IN_SYSCALL);
	CHECK_EQ(where.threads_away, 0);
	if (!strstr(ssi_last_text(), "in a system call"))
		FAIL("the answer says \"%s\"", ssi_last_text());
}

TEST(moves, stopped)
{
	pid_t pid;

	need_own_moves();
	pid = child_ready(count, NULL);
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_STOPS(pid, SIGSTOP);
	moves_when_woken(pid, 0);
	CHECK_OK(kill(pid, SIGCONT));
	CHECK_AT(pid, node(0));
	CHECK_AWAY(pid, 1);
	/* And one that is stopped while it is away has come home for it. */
	CHECK_OK(kill(pid, SIGSTOP));
	CHECK_STOPS(pid, SIGSTOP);
	CHECK_AWAY(pid, 0);
	BRING_HOME(pid);
	CHECK_OK(kill(pid, SIGCONT));
	sleep_ms(50);
	CHECK_AT(pid, 0);
	CHECK_AWAY(pid, 0);
	SEND_AWAY(pid, 1);
	CHECK_AWAY(pid, 1);
	end(pid);
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
	pid_t pid;

	need_own_moves();
	CHECK_OK(pipe(gate));
	pid = child_ready(wait_at_gate, NULL);
	wait_state(pid, 'S');
	moves_when_woken(pid, 0);
	sleep_ms(50);
	CHECK_AWAY(pid, 0);
	CHECK_EQ(write(gate[1], "g", 1), 1);
	CHECK_AT(pid, node(0));
	CHECK_AWAY(pid, 1);
	end(pid);
}

/* The parent of a vfork child sleeps so that nothing but death can wake it. */
static int vfork_gate[2];

static void vforks(void *arg)
{
	long *spins = arg;
	pid_t pid;
	char c;

	pid = vfork();
	if (!pid) {
		pid = getpid();
		if (write(vfork_gate[1], &pid, sizeof(pid)) != sizeof(pid) ||
		    read(gate[0], &c, 1) != 1)
			_exit(1);
		_exit(5);
	}
	CHECK(pid > 0);
	CHECK_EXITS(pid, 5);
	for (;;)
		ADD(*spins, 1);
}

/* It moves when the child ends; the child, whose memory it is, cannot. */
TEST(moves, uninterruptible)
{
	pid_t pid, kid;

	need_own_moves();
	CHECK_OK(pipe(gate));
	CHECK_OK(pipe(vfork_gate));
	pid = child(vforks, &ticks);
	CHECK_EQ(read(vfork_gate[0], &kid, sizeof(kid)), sizeof(kid));
	wait_state(pid, 'D');
	moves_when_woken(pid, 0);
	BRING_HOME(pid);
	moves_when_woken(pid, 1);
	wait_state(pid, 'D');
	refused(kid, node(0), EBUSY, EBUSY, "vfork");
	CHECK_EQ(write(gate[1], "g", 1), 1);
	CHECK_AT(pid, node(1));
	CHECK_AWAY(pid, 1);
	end(pid);
}

/* A process that has the memory of another one that is away, but not by vfork. */
static int sits_there(void *arg)
{
	(void)arg;
	for (;;)
		ADD(ticks, 1);
	return 0;
}

TEST(moves, shared_memory_space)
{
	char *stack = map_anon(64 << 10);
	pid_t pid;

	need_own_moves();
	away();
	pid = CHECK_OK(clone(sits_there, stack + (64 << 10), CLONE_VM | SIGCHLD,
			     NULL));
	refused(pid, node(0), EBUSY, EBUSY, "whole memory with another");
	end(pid);
	home();
}

/* From node to node: threads and memory follow, and nothing is left behind. */
static uint64_t *area;
static int turns;

#define AREA	(1UL << 20)

static void *keeps_area(void *arg)
{
	uint64_t sum, want;
	size_t i;

	for (;;) {
		want = READ(area[0]) * (AREA / 8);
		sum = 0;
		for (i = 0; i < AREA / 8; i++)
			sum += area[i];
		CHECK_EQ(sum, want);
		for (i = 0; i < AREA / 8; i++)
			area[i]++;
		ADD(turns, 1);
	}
	return arg;
}

static void *counts_up(void *arg)
{
	for (;;)
		ADD(*(long *)arg, 1);
	return arg;
}

static void two_threads(void *arg)
{
	pthread_t thread;

	area = map_anon(AREA);
	CHECK_ZERO(pthread_create(&thread, NULL, counts_up, arg));
	ready();
	keeps_area(NULL);
}

static long far_value(pid_t pid, const void *addr, size_t len)
{
	struct iovec here, there = { (void *)addr, len };
	long value = 0;

	here.iov_base = &value;
	here.iov_len = len;
	CHECK_EQ(process_vm_readv(pid, &here, 1, &there, 1, 0), (long)len);
	return value;
}

TEST_SECONDS(moves, node_to_node, 300)
{
	unsigned int i, before;
	double end_of_turn;
	long other;
	pid_t pid;

	need_nodes(2);
	need_own_moves();
	pid = child_ready(two_threads, &ticks);
	for (i = 0; i < 6; i++) {
		SEND_AWAY(pid, i);
		CHECK_AWAY(pid, 2);
		before = far_value(pid, &turns, sizeof(turns));
		other = far_value(pid, &ticks, sizeof(ticks));
		end_of_turn = now() + 60;
		while (far_value(pid, &turns, sizeof(turns)) < before + 2 ||
		       far_value(pid, &ticks, sizeof(ticks)) == other) {
			if (now() > end_of_turn)
				FAIL("on node %u it makes no progress",
				     node(i));
			sleep_ms(20);
		}
	}
	end(pid);
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

	need_own_moves();
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
	CHECK_AT(a.pid, 0);
	end(a.pid);
}

/* Killed in the middle of moves, again and again. */
TEST_SECONDS(moves, kill_while_moving, 300)
{
	int i, k;

	need_own_moves();
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

	need_own_moves();
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

	need_own_moves();
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = child_ready(i & 1 ? work : count, NULL);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		if (ssi_move_pid(pids[i], node(i), true, NULL))
			FAIL("process %u: %s", i, ssi_last_text());
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		CHECK_AT(pids[i], node(i));
		CHECK_AWAY(pids[i], 1);
	}
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

	need_own_moves();
	CHECK_OK(pipe(fds));
	pid = child_ready(with_thread, &fds[1]);
	CHECK_EQ(read(fds[0], &tid, sizeof(tid)), sizeof(tid));
	CHECK(tid != pid);
	err = ssi_move_pid(tid, node(0), true, NULL);
	if (err && err != -ESRCH && err != -EINVAL)
		FAIL("by thread id: %s", strerror(-err));
	CHECK_EQ(ssi_move_pid(pid, node(0), true, NULL), 0);
	CHECK_AT(pid, node(0));
	CHECK_AWAY(pid, 2);
	end(pid);
}

/* What moved is counted, and what is home again holds nothing elsewhere. */
TEST(moves, nothing_left_away)
{
	struct ssi_where where;
	char *mem;

	need_own_moves();
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
