/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two instances in the initial network namespace that know each other, for tests.
 */
#ifndef _KERNEL_SSI_TESTS_PAIR_H
#define _KERNEL_SSI_TESTS_PAIR_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>

#include "../instance.h"
#include "../node.h"

#define DEADLINE_MS	5000	/* a busy machine stands still for a second or two */
#define SOON_MS		20000	/* emulated machines are slow */

/* One side of the pair, and what it is told about the other. */
struct side {
	struct ssi_instance *si;
	struct ssi_node *peer;
	u32 member_epoch, lost_epoch;
	unsigned int members, losses;
	bool late;	/* told of something out of order */
};

/* The second one, which has the higher id, connects. */
struct pair {
	struct side side[2];
	const u8 *key[2];	/* what they join with, or NULL: without */
};

#define wait_until(cond)						\
({									\
	unsigned long end = jiffies + msecs_to_jiffies(SOON_MS);	\
	bool met;							\
									\
	while (!(met = (cond)) && time_before(jiffies, end))		\
		msleep(20);						\
	met;								\
})

extern const char *const ssi_pair_addr[2];

int ssi_pair_init(struct kunit *test);
void ssi_pair_exit(struct kunit *test);
int ssi_pair_side_join(struct pair *p, unsigned int i, const char *cluster, u32 deadline_ms);
bool ssi_pair_members(struct pair *p);
void ssi_pair_join(struct kunit *test);
int ssi_pair_echo(struct kunit *test, struct ssi_node *node, u16 type, size_t len, unsigned int nr);

#endif /* _KERNEL_SSI_TESTS_PAIR_H */
