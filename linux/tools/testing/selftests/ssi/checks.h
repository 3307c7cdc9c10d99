/* SPDX-License-Identifier: GPL-2.0 */
/* Checks in TAP of programs that look at another node. */
#ifndef SSI_CHECKS_H
#define SSI_CHECKS_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER	1000

static int checks, failures;

static void check(const char *name, long got, long expected)
{
	bool ok = got == expected;

	checks++;
	printf("%sok %d %s\n", ok ? "" : "not ", checks, name);
	if (!ok) {
		failures++;
		printf("# %ld, expected %ld\n", got, expected);
	}
}

/* What it returned, or the negative errno. */
__attribute__((unused))
static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

/* The counters are the parent's: what the child counted comes back as its status. */
__attribute__((unused))
static void as_user(void (*fn)(pid_t pid, pid_t other), pid_t pid, pid_t other)
{
	int before = checks, status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(255);
		failures = 0;
		fn(pid, other);
		fflush(stdout);
		_exit((checks - before) << 4 | (failures > 15 ? 15 : failures));
	}
	waitpid(child, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255) {
		check("a user's process", status, 0);
		return;
	}
	checks += WEXITSTATUS(status) >> 4;
	failures += WEXITSTATUS(status) & 15;
}

#endif /* SSI_CHECKS_H */
