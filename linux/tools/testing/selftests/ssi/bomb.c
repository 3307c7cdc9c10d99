// SPDX-License-Identifier: GPL-2.0
/*
 * A fork bomb under a limit, for a soak: bomb LIMIT
 *
 * The first process forks until a signal ends it. Each other one forks a few times, and lives
 * for a second; so does what it makes. As many live as the limit for the user allows, and
 * none for long.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static void fork_few(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		/* a child begins anew; who may not fork has waited all the same */
		if (!fork())
			i = -1;
		usleep(200000);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	struct rlimit limit = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: bomb LIMIT\n");
		return 2;
	}
	limit.rlim_cur = strtoul(argv[1], NULL, 10);
	limit.rlim_max = limit.rlim_cur;
	/* nobody is waited for */
	if (!getuid() || setrlimit(RLIMIT_NPROC, &limit) ||
	    signal(SIGCHLD, SIG_IGN) == SIG_ERR) {
		fprintf(stderr, "bomb: it is for users, under a limit\n");
		return 2;
	}
	if (fork())
		return 0;
	for (;;) {
		if (!fork())
			fork_few();
		usleep(100000);
	}
}
