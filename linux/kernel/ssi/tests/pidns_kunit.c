// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of pid numbers that say where a process is: which node a number
 * names, which ones a namespace draws, when it can be attached.
 */

#include <kunit/test.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/posix-timers.h>
#include <linux/rcupdate.h>
#include <linux/ssi_pid.h>
#include <net/net_namespace.h>

#include "../instance.h"
#include "../pidns.h"

#define NODE	3

struct fixture {
	struct pid_namespace ns;
	struct ssi_instance *si;
};

static const struct ssi_peer_ops no_peers;

static int pidns_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	INIT_RADIX_TREE(&f->ns.idr.idr_rt, IDR_RT_MARKER);
	f->ns.pid_max = PID_MAX_DEFAULT;
	/* two, so that the last one is never given back; and not one of the initial ones */
	refcount_set(&f->ns.ns.__ns_ref, 2);
	f->ns.ns.ns_id = NS_LAST_INIT_ID + 1;
	f->ns.ns.inum = 1;
	f->si = ssi_instance_alloc(&init_net, &no_peers);
	KUNIT_ASSERT_NOT_NULL(test, f->si);
	f->si->node = NODE;
	f->si->pid_stride = SSI_PID_STRIDE;
	test->priv = f;
	return 0;
}

static void pidns_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	if (f->si) {
		ssi_pidns_detach(f->si);
		f->si->node = 0;
		ssi_instance_release(f->si);
	}
	idr_destroy(&f->ns.idr);
}

static struct ssi_pidns *attached(struct fixture *f)
{
	return rcu_dereference_protected(f->si->pidns, true);
}

static void pid_names_its_node(struct kunit *test)
{
	static const int strides[] = { SSI_PID_STRIDE, SSI_PID_STRIDE_SMALL };
	unsigned int i;
	u32 node;

	KUNIT_EXPECT_EQ(test, ssi_pid_first(3, SSI_PID_STRIDE), 3000000);
	KUNIT_EXPECT_EQ(test, ssi_pid_max_node(SSI_PID_STRIDE), 267);
	KUNIT_EXPECT_EQ(test, ssi_pid_max_node(SSI_PID_STRIDE_SMALL), SSI_NODE_ID_MAX);
	for (i = 0; i < ARRAY_SIZE(strides); i++) {
		int stride = strides[i];

		KUNIT_EXPECT_EQ(test, ssi_pid_node(0, stride), 0);
		KUNIT_EXPECT_EQ(test, ssi_pid_node(SSI_PID_LOCAL - 1, stride), 0);
		for (node = 1; node <= ssi_pid_max_node(stride); node++) {
			int first = ssi_pid_first(node, stride);

			KUNIT_EXPECT_EQ(test, ssi_pid_node(first, stride), node);
			KUNIT_EXPECT_EQ(test, ssi_pid_node(first + stride - 1, stride), node);
			KUNIT_EXPECT_EQ(test, ssi_pid_node(first + stride, stride), node + 1);
			KUNIT_EXPECT_LE(test, first + stride, SSI_PID_END);
		}
	}
}

/* The highest number must come back from a CPU clock's, and the next one would not. */
static void pid_fits_a_cpu_clock(struct kunit *test)
{
	clockid_t clock = make_process_cpuclock(SSI_PID_END - 1, CPUCLOCK_SCHED);

	KUNIT_EXPECT_LT(test, clock, 0);
	KUNIT_EXPECT_EQ(test, CPUCLOCK_PID(clock), SSI_PID_END - 1);
	clock = make_thread_cpuclock(SSI_PID_END - 1, CPUCLOCK_SCHED);
	KUNIT_EXPECT_EQ(test, CPUCLOCK_PID(clock), SSI_PID_END - 1);
	clock = make_process_cpuclock(SSI_PID_END, CPUCLOCK_SCHED);
	KUNIT_EXPECT_NE(test, CPUCLOCK_PID(clock), SSI_PID_END);
}

static void numbers_are_the_node_s(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ssi_pidns *p;
	int i;

	/* one that is older */
	KUNIT_ASSERT_EQ(test, idr_alloc_cyclic(&f->ns.idr, f, 500, 501, GFP_KERNEL), 500);
	KUNIT_ASSERT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), 0);
	KUNIT_EXPECT_EQ(test, f->ns.pid_max, PID_MAX_LIMIT);
	p = attached(f);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, false, 32768), 3000000 + i);
		/* kernel threads go on where they were */
		KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, true, 32768), 501 + i);
	}
	KUNIT_EXPECT_EQ(test, idr_get_cursor(&f->ns.idr), 3000003);
}

static void numbers_wrap_and_end(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ssi_pidns *p;
	int i;

	KUNIT_ASSERT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), 0);
	p = attached(f);
	p->stride = 10;
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, false, 32768), 3000000 + i);
	KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, false, 32768), -ENOSPC);
	idr_remove(&f->ns.idr, 3000004);
	KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, false, 32768), 3000004);
	KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, false, 32768), -ENOSPC);

	/* the local ones, below what the sysctl says */
	for (i = RESERVED_PIDS; i < 310; i++)
		KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, true, 310), i);
	KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, true, 310), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ssi_pidns_draw(p, true, 311), 310);
}

static void what_may_be_asked_for(struct kunit *test)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_TRUE(test, __ssi_pid_valid(&f->ns, 32767, 32768));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_valid(&f->ns, 3000000, 32768));
	KUNIT_ASSERT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), 0);
	KUNIT_EXPECT_TRUE(test, __ssi_pid_valid(&f->ns, 32767, 32768));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_valid(&f->ns, 32768, 32768));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_valid(&f->ns, SSI_PID_LOCAL, PID_MAX_LIMIT));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_valid(&f->ns, 2999999, PID_MAX_LIMIT));
	KUNIT_EXPECT_TRUE(test, __ssi_pid_valid(&f->ns, 3000000, 32768));
	KUNIT_EXPECT_TRUE(test, __ssi_pid_valid(&f->ns, 3999999, 32768));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_valid(&f->ns, 4000000, PID_MAX_LIMIT));

	KUNIT_EXPECT_FALSE(test, __ssi_pid_last_valid(&f->ns, 2999998));
	KUNIT_EXPECT_TRUE(test, __ssi_pid_last_valid(&f->ns, 2999999));
	KUNIT_EXPECT_TRUE(test, __ssi_pid_last_valid(&f->ns, 3999999));
	KUNIT_EXPECT_FALSE(test, __ssi_pid_last_valid(&f->ns, 4000000));
}

static void foreign_numbers_refuse(struct kunit *test)
{
	struct fixture *f = test->priv;

	/* its own are no obstacle: it was a member before */
	KUNIT_ASSERT_EQ(test, idr_alloc(&f->ns.idr, f, 3000007, 3000008, GFP_KERNEL), 3000007);
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), 0);
	ssi_pidns_detach(f->si);
	KUNIT_EXPECT_NULL(test, attached(f));
	KUNIT_EXPECT_EQ(test, f->ns.pid_max, PID_MAX_DEFAULT);
	KUNIT_EXPECT_LT(test, idr_get_cursor(&f->ns.idr), SSI_PID_LOCAL);
	KUNIT_ASSERT_EQ(test, idr_alloc(&f->ns.idr, f, 2999999, 3000000, GFP_KERNEL), 2999999);
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), -EBUSY);
	KUNIT_EXPECT_NULL(test, attached(f));
	idr_remove(&f->ns.idr, 2999999);
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), 0);
}

static void attaching_is_refused(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ssi_instance *other = ssi_instance_alloc(&init_net, &no_peers);

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->node = 4;
	other->pid_stride = SSI_PID_STRIDE;
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(other, &f->ns, NULL), 0);
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(f->si, &f->ns, NULL), -EBUSY);
	ssi_pidns_detach(other);

	/* no numbers for such a node */
	other->node = 268;
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(other, &f->ns, NULL), -ERANGE);
	other->pid_stride = SSI_PID_STRIDE_SMALL;
	KUNIT_EXPECT_EQ(test, ssi_pidns_attach(other, &f->ns, NULL), 0);
	ssi_pidns_detach(other);

	other->node = 0;
	ssi_instance_release(other);
}

/* Tables of PID_MAX_LIMIT entries have a place for each number of a node. */
static void slots_are_unique(struct kunit *test)
{
	static const u32 nodes[] = { 4, 5, 100, 267 };
	unsigned int i, k, l;

	for (i = 0; i < ARRAY_SIZE(nodes); i++) {
		int first = ssi_pid_first(nodes[i], SSI_PID_STRIDE);
		int numbers[] = { first, first + 194303, first + 194304, first + 999999 };

		for (k = 0; k < ARRAY_SIZE(numbers); k++) {
			int slot = ssi_pid_index(numbers[k]);

			KUNIT_EXPECT_GE(test, slot, SSI_PID_LOCAL);
			KUNIT_EXPECT_LT(test, slot, PID_MAX_LIMIT);
			for (l = 0; l < k; l++)
				KUNIT_EXPECT_NE(test, slot, ssi_pid_index(numbers[l]));
		}
	}
	KUNIT_EXPECT_EQ(test, ssi_pid_index(4242), 4242);
	KUNIT_EXPECT_EQ(test, ssi_pid_of_slot(4242), 4242);
}

static struct kunit_case pidns_cases[] = {
	KUNIT_CASE(pid_names_its_node),
	KUNIT_CASE(pid_fits_a_cpu_clock),
	KUNIT_CASE(numbers_are_the_node_s),
	KUNIT_CASE(numbers_wrap_and_end),
	KUNIT_CASE(what_may_be_asked_for),
	KUNIT_CASE(foreign_numbers_refuse),
	KUNIT_CASE(attaching_is_refused),
	KUNIT_CASE(slots_are_unique),
	{}
};

static struct kunit_suite pidns_suite = {
	.name = "ssi_pidns",
	.init = pidns_init,
	.exit = pidns_exit,
	.test_cases = pidns_cases,
};

kunit_test_suite(pidns_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI's pid numbers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
