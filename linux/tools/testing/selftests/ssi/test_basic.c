// SPDX-License-Identifier: GPL-2.0
/*
 * The first things to try: being away at all, a system call from there, plain
 * arithmetic.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>

#include "ssi_move.h"
#include "torture.h"

/* Away, a few system calls, home; and the kernel counts it. */
TEST(basic, hello)
{
	struct ssi_where before = { }, after = { };
	double end = now() + 120;
	pid_t pid = getpid();
	int i;

	if (can_move())
		ssi_locate(pid, &before);
	/* moved at random, it may be home again before the first call, each time */
	do {
		away();
		for (i = 0; i < 5; i++)
			CHECK_EQ(syscall(SYS_getpid), pid);
		if (!can_move())
			break;
		CHECK_EQ(ssi_locate(pid, &after), 0);
	} while ((after.traps <= before.traps || after.moves <= before.moves) &&
		 now() < end);
	if (can_move()) {
		CHECK(after.traps > before.traps);
		CHECK(after.moves > before.moves);
	}
	home();
	CHECK_EQ(syscall(SYS_getpid), pid);
}

/* From node to node without being at home between. */
TEST(basic, round_trip)
{
	unsigned int i;

	for (i = 0; i < 2 * nr_nodes() + 2; i++) {
		away();
		CHECK_EQ(syscall(SYS_getppid), getppid());
	}
	for (i = 0; i < 10; i++) {
		home();
		CHECK_EQ(syscall(SYS_getsid, 0), getsid(0));
		away();
	}
	home();
}

static uint64_t hash_work(unsigned int rounds)
{
	uint64_t x = 12345, sum = 0;
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		sum += random_next(&x) * (i | 1);
		sum ^= sum >> 17;
		if (i % 65536 == 0)
			syscall(SYS_getppid);
	}
	return sum;
}

/* Integer work gives the same result wherever it is done. */
TEST(basic, compute)
{
	uint64_t want = hash_work(1000000);
	unsigned int i;

	for (i = 0; i < 6; i++) {
		away_or_home(i);
		CHECK_EQ(hash_work(1000000), want);
	}
	home();
}

/* Output written while away arrives whole and in order. */
TEST(basic, output)
{
	char line[32], got[32];
	int pipefd[2], i, len;

	CHECK_OK(pipe(pipefd));
	away();
	for (i = 0; i < 50; i++) {
		len = snprintf(line, sizeof(line), "line %d\n", i);
		CHECK_EQ(write(pipefd[1], line, len), len);
	}
	home();
	for (i = 0; i < 50; i++) {
		len = snprintf(line, sizeof(line), "line %d\n", i);
		CHECK_EQ(read(pipefd[0], got, len), len);
		CHECK_SAME(got, line, len);
	}
}
