// SPDX-License-Identifier: GPL-2.0
/*
 * Where the user mode of a process really is.
 *
 * The kernel says where a process is meant to be, and that is not enough: one
 * that came home for a reason, or never left, would pass any subtest. Two things
 * show that user mode is elsewhere. A system call made there is a trap, which the
 * home counts; so one can see it of oneself. And the home counts the threads that
 * are in user mode elsewhere at this moment; so one can see it of others.
 */
#define _GNU_SOURCE
#include <linux/ssi.h>

#include "arch.h"
#include "ssi_move.h"
#include "torture.h"

static void locate(const char *file, int line, pid_t pid,
		   struct ssi_where *where)
{
	int err = ssi_locate(pid, where);

	if (err)
		fail(file, line, "where is process %d: %s: %s", pid,
		     strerror(-err), ssi_last_text());
}

/* Wait until a system call of ours was a trap, and so came from that node. */
void expect_calls_from(unsigned int from, uint64_t traps, unsigned int seconds)
{
	double end = now() + seconds;
	struct ssi_where where;

	do {
		locate(__FILE__, __LINE__, getpid(), &where);
		if (where.node != from)
			FAIL("asked for node %u, am on node %u, reason %u: %s",
			     from, where.node, where.reason, where.text);
		if (where.traps > traps)
			return;
	} while (now() < end);
	FAIL("no system call came from node %u in %u s, reason %u: %s", from,
	     seconds, where.reason, where.text);
}

/*
 * Just before coming home: has all that was done since it left been done there?
 * A process may stay at home for a while for a reason that is documented; then
 * the reader is told.
 */
void still_away(unsigned int from)
{
	double end = now() + 2;
	struct ssi_where first, where;
	int tries = 0;

	locate(__FILE__, __LINE__, getpid(), &first);
	do {
		locate(__FILE__, __LINE__, getpid(), &where);
		if (where.node == from && where.traps > first.traps)
			return;
		/* the time may have been a pause of the machine */
	} while (now() < end || ++tries < 50);
	if (where.node != from || where.reason == SSI_REASON_NONE ||
	    where.reason == SSI_REASON_REQUESTED)
		FAIL("should have been on node %u until now, am on node %u, reason %u: %s",
		     from, where.node, where.reason, where.text);
	note("stayed at home meanwhile, reason %u: %s", where.reason,
	     where.text);
}

/*
 * Wait until so many threads of a process are in user mode elsewhere. Without a
 * cluster, give them some time to be in user mode at all.
 */
void check_away(const char *file, int line, pid_t pid, unsigned int threads)
{
	double end = now() + 60;
	struct ssi_where where;

	if (!moves_are_ours()) {
		sleep_ms(100);
		return;
	}
	for (;;) {
		locate(file, line, pid, &where);
		if (where.threads_away == threads &&
		    (!threads || where.node != where.home))
			return;
		if (now() > end)
			break;
		sleep_ms(5);
	}
	fail(file, line,
	     "%u of %u threads of process %d are away, expected %u; node %u, reason %u: %s",
	     where.threads_away, where.threads, pid, threads, where.node,
	     where.reason, where.text);
}

/* Where it is meant to be; 0 is its home. */
void check_at(const char *file, int line, pid_t pid, unsigned int where_to)
{
	struct ssi_where where;
	int err;

	if (!moves_are_ours())
		return;
	err = ssi_locate(pid, &where);
	if (err)
		fail(file, line, "where is %d: %s: %s", pid, strerror(-err),
		     ssi_last_text());
	if (where.node != (where_to ? where_to : where.home))
		fail(file, line,
		     "process %d is on node %u, expected %u; reason %u: %s",
		     pid, where.node, where_to, where.reason, where.text);
}

/* Wait until the kernel gives this reason. */
void check_reason(const char *file, int line, pid_t pid, unsigned int reason)
{
	double end = now() + 20;
	struct ssi_where where;

	if (!moves_are_ours())
		return;
	do {
		locate(file, line, pid, &where);
		if (where.reason == reason)
			return;
		sleep_ms(10);
	} while (now() < end);
	fail(file, line, "process %d has reason %u, expected %u: %s", pid,
	     where.reason, reason, where.text);
}

/* Move another process to the node of that index, and wait until it is there. */
void send_away(const char *file, int line, pid_t pid, unsigned int index)
{
	struct ssi_where where;
	int err;

	if (!moves_are_ours())
		return;
	err = ssi_move_pid(pid, node(index), true, &where);
	if (err)
		fail(file, line, "move process %d to node %u: %s: %s", pid,
		     node(index), strerror(-err), ssi_last_text());
	if (where.node != node(index))
		fail(file, line, "process %d is on node %u, expected %u: %s",
		     pid, where.node, node(index), where.text);
}

void bring_home(const char *file, int line, pid_t pid)
{
	int err;

	if (!moves_are_ours())
		return;
	err = ssi_move_pid(pid, 0, true, NULL);
	if (err)
		fail(file, line, "bring process %d home: %s: %s", pid,
		     strerror(-err), ssi_last_text());
	check_at(file, line, pid, 0);
}

/*
 * A visit ends within milliseconds: soon we make our calls from there again. After many
 * visits in a second the process stays for SSI_LONG_STAY, 10 s; but not after each.
 */
void leaves_again(void)
{
	static bool stayed;
	struct ssi_where where;
	double start = now();

	if (!moves_are_ours())
		return;
	CHECK_EQ(ssi_locate(getpid(), &where), 0);
	expect_calls_from(where.node, where.traps, 15);
	if (now() - start < 5) {
		stayed = false;
		return;
	}
	if (stayed)
		FAIL("stayed at home for %.1f s, twice in a row; reason %u",
		     now() - start, where.reason);
	stayed = true;
}

/* Memory that is used while away: it works, the reason is named, it is a visit. */
void visits(char *mem, unsigned int reason)
{
	int i;

	for (i = 0; i < 4; i++) {
		away();
		poke_byte(mem + i, i + 1);
		CHECK_EQ(peek_byte(mem + i), i + 1);
		CHECK_REASON(getpid(), reason);
		leaves_again();
		CHECK_EQ(peek_byte(mem + i), i + 1);
		home();
		CHECK_EQ(peek_byte(mem + i), i + 1);
	}
}

/* The move is accepted, nothing leaves, and it is said why. */
void stays(unsigned int reason)
{
	struct ssi_where first, where;
	int i;

	if (!moves_are_ours())
		return;
	CHECK_EQ(ssi_away(node(0)), 0);
	CHECK_EQ(ssi_locate(getpid(), &first), 0);
	CHECK_EQ(first.node, node(0));
	for (i = 0; i < 5; i++) {
		sleep_ms(20);
		CHECK_EQ(ssi_locate(getpid(), &where), 0);
		CHECK_EQ(where.traps, first.traps);
		CHECK_EQ(where.threads_away, 0);
		if (where.reason != reason)
			FAIL("reason %u, expected %u: %s", where.reason, reason,
			     where.text);
	}
}
