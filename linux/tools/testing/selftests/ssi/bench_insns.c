// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions the kernel executes for a system call, a fork and an
 * exec. Only meaningful under QEMU's -icount shift=0, where virtual time is the
 * number of instructions executed: then ticks() counts them, and two kernels
 * can be compared exactly. Runs as the first process of a machine.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define CALLS		1000

static void reap(pid_t pid)
{
	int status;

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (waitpid(pid, &status, 0) != pid || status)
		die("child %d: status 0x%x", pid, status);
}

static void run_getppid(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
}

static void run_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	reap(pid);
}

static void run_exec(void)
{
	char *const argv[] = { "bench", "nothing", NULL };
	pid_t pid = fork();

	if (!pid) {
		execve("/proc/self/exe", argv, environ);
		execve("/init", argv, environ);
		_exit(1);
	}
	reap(pid);
}

static void count(const char *name, void (*fn)(void), int calls, int rounds)
{
	double unit = ticks_per_second() ? 1e9 / ticks_per_second() : 1;
	uint64_t start;
	int i;

	fn();
	for (i = 0; i < rounds; i++) {
		start = ticks();
		fn();
		printf("%s %d %.3f\n", name, i,
		       (ticks() - start) * unit / calls);
	}
}

int insns(int rounds)
{
	count("insns_getppid", run_getppid, CALLS, rounds);
	count("insns_fork", run_fork, 1, rounds);
	count("insns_exec", run_exec, 1, rounds);
	printf("# done\n");
	fflush(stdout);
	if (getpid() == 1) {
		/* Let the serial line take what was written. */
		sleep(1);
		reboot(RB_AUTOBOOT);
	}
	return 0;
}
