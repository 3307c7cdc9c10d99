// SPDX-License-Identifier: GPL-2.0
/*
 * New processes made while away: they start at home with the right memory and
 * may be moved themselves.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "torture.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)

static bool all_are(const char *mem, size_t len, int value)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (mem[i] != value)
			return false;
	return true;
}

/* Parent and child each see their own writes, wherever each of them is. */
TEST(fork, memory)
{
	char *mem = map_anon(MIB);
	int round;
	pid_t pid;

	memset(mem, 7, MIB);
	away();
	memset(mem, 9, MIB);
	for (round = 0; round < 4; round++) {
		mem[PAGE * round] = 20 + round;
		pid = CHECK_OK(fork());
		if (!pid) {
			CHECK_EQ(mem[PAGE * round], 20 + round);
			CHECK(all_are(mem + MIB / 2, MIB / 2, 9));
			memset(mem, 1, MIB);
			if (round & 1) {
				away();
				CHECK(all_are(mem, MIB, 1));
				memset(mem, 2, MIB);
				if (round & 2)
					home();
				CHECK(all_are(mem, MIB, 2));
			}
			_exit(42);
		}
		mem[PAGE * round] = 9;
		mem[5 * PAGE] = 9;
		CHECK_EXITS(pid, 42);
		CHECK(all_are(mem, MIB, 9));
	}
	home();
	CHECK(all_are(mem, MIB, 9));
}

/* The child keeps pages of a parent that is away and then gone. */
TEST(fork, orphan)
{
	int pipefd[2], i;
	char *mem, ok = 0;
	pid_t pid;

	CHECK_OK(pipe(pipefd));
	pid = CHECK_OK(fork());
	if (!pid) {
		mem = map_anon(MIB);
		away();
		for (i = 0; i < (int)MIB; i++)
			mem[i] = i * 7;
		if (CHECK_OK(fork()))
			_exit(0);
		sleep_ms(300);
		for (i = 0; i < (int)MIB; i++)
			CHECK_EQ(mem[i], (char)(i * 7));
		away();
		for (i = 0; i < (int)MIB; i += 1000)
			CHECK_EQ(mem[i], (char)(i * 7));
		CHECK_EQ(write(pipefd[1], "y", 1), 1);
		_exit(0);
	}
	CHECK_EXITS(pid, 0);
	close(pipefd[1]);
	CHECK_EQ(read(pipefd[0], &ok, 1), 1);
	CHECK_EQ(ok, 'y');
}

/* Children of children, each away when it forks. */
TEST(fork, chain)
{
	int *level = map_anon(PAGE);
	int status, depth;
	pid_t pid;

	for (depth = 0; depth < 6; depth++) {
		away();
		*level = depth;
		pid = CHECK_OK(fork());
		if (pid) {
			CHECK_EQ(waitpid(pid, &status, 0), pid);
			CHECK_EQ(*level, depth);
			if (!WIFEXITED(status))
				FAIL("level %d: status 0x%x", depth, status);
			if (WEXITSTATUS(status) != 6 - depth - 1)
				FAIL("level %d: child says %d", depth,
				     WEXITSTATUS(status));
			if (depth)
				_exit(6 - depth);
			home();
			return;
		}
		CHECK_EQ(*level, depth);
	}
	_exit(0);
}

/* Many short children while the parent keeps writing. */
TEST(fork, many)
{
	size_t len = MIB / 4, i;
	uint32_t *mem = map_anon(len);
	pid_t pids[8];
	int n, round;

	away();
	for (round = 0; round < 3; round++) {
		for (i = 0; i < len / 4; i++)
			mem[i] = i * 31 + round;
		for (n = 0; n < 8; n++) {
			pids[n] = CHECK_OK(fork());
			if (pids[n])
				continue;
			if (n & 1)
				away();
			for (i = 0; i < len / 4; i++)
				CHECK_EQ(mem[i], (uint32_t)(i * 31 + round));
			_exit(0);
		}
		for (i = 0; i < len / 4; i += 64)
			mem[i] = 0xffffffff;
		for (n = 0; n < 8; n++)
			CHECK_EXITS(pids[n], 0);
	}
	home();
}

TEST(fork, vfork)
{
	char *mem = map_anon(PAGE);
	pid_t pid;
	int round;

	for (round = 0; round < 4; round++) {
		away_or_home(round);
		mem[0] = 1;
		pid = vfork();
		if (!pid) {
			mem[0] = 2;
			_exit(33);
		}
		CHECK(pid > 0);
		CHECK_EQ(mem[0], 2);
		CHECK_EXITS(pid, 33);
	}
	pid = vfork();
	if (!pid) {
		execl(self_path, "torture", "--as-child", "exit", "21", NULL);
		_exit(1);
	}
	CHECK(pid > 0);
	CHECK_EXITS(pid, 21);
	home();
}

TEST(fork, posix_spawn)
{
	char *argv[5] = { "torture", "--as-child", "echo", "spawned" };
	posix_spawn_file_actions_t actions;
	int pipefd[2], round;
	char buf[16];
	pid_t pid;

	CHECK_OK(pipe(pipefd));
	for (round = 0; round < 4; round++) {
		away_or_home(round);
		CHECK_ZERO(posix_spawn_file_actions_init(&actions));
		CHECK_ZERO(posix_spawn_file_actions_adddup2(&actions,
							    pipefd[1], 1));
		CHECK_ZERO(posix_spawn(&pid, self_path, &actions, NULL, argv,
				       environ));
		CHECK_ZERO(posix_spawn_file_actions_destroy(&actions));
		CHECK_EXITS(pid, 0);
		CHECK_EQ(read(pipefd[0], buf, sizeof(buf)), 7);
		CHECK_SAME(buf, "spawned", 7);
	}
	home();
}

static long counter;
static int counter_done;

static int add_a_thousand(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 1000; i++)
		ADD(counter, 1);
	WRITE(counter_done, 1);
	return 5;
}

/*
 * A process that shares the memory but is none of our threads. Either the move
 * is refused or both see the same counter; nothing is lost.
 */
TEST(fork, clone_vm)
{
	char *stack = map_anon(64 << 10);
	long mine = 0;
	pid_t pid;

	away();
	pid = CHECK_OK(clone(add_a_thousand, stack + (64 << 10),
			     CLONE_VM | SIGCHLD, NULL));
	while (!READ(counter_done)) {
		ADD(counter, 1);
		mine++;
	}
	CHECK_EXITS(pid, 5);
	CHECK_EQ(counter, mine + 1000);
	home();
	CHECK_EQ(counter, mine + 1000);
}

static int touch_tid(void *arg)
{
	pid_t *mine = arg;

	return *mine == syscall(SYS_gettid) ? 6 : 7;
}

/* The kernel writes and clears thread ids in memory that may be away. */
TEST(fork, clone_tids)
{
	char *stack = map_anon(64 << 10);
	pid_t *tids = map_anon(PAGE), pid;

	away();
	tids[0] = 1;
	pid = CHECK_OK(clone(touch_tid, stack + (64 << 10),
			     CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
			     SIGCHLD, &tids[1], &tids[0], NULL, &tids[1]));
	CHECK_EQ(tids[0], pid);
	CHECK_EQ(tids[1], 0);
	CHECK_EXITS(pid, 6);
	home();
	CHECK_EQ(tids[0], pid);
}

/* clone3() with a pidfd, waited for through it. */
TEST(fork, pidfd)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
		uint64_t stack, stack_size, tls;
	} args = { .flags = CLONE_PIDFD, .exit_signal = SIGCHLD };
	int pidfd = -1;
	siginfo_t si;
	pid_t pid;

	args.pidfd = (uintptr_t)&pidfd;
	away();
	pid = CHECK_OK(syscall(SYS_clone3, &args, sizeof(args)));
	if (!pid) {
		away();
		_exit(9);
	}
	CHECK(pidfd >= 0);
	CHECK_OK(waitid(P_PIDFD, pidfd, &si, WEXITED));
	CHECK_EQ(si.si_pid, pid);
	CHECK_EQ(si.si_status, 9);
	close(pidfd);
	home();
}

static void exit_away(void *arg)
{
	away();
	_exit((intptr_t)arg);
}

TEST(fork, exit_status)
{
	intptr_t code;

	for (code = 0; code < 256; code += 51)
		CHECK_EXITS(child(exit_away, (void *)code), code);
}
