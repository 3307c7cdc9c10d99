// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: mirrors and device pages, without a peer
 */

#include <kunit/test.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

#include "../addr.h"
#include "../debugfs.h"
#include "../instance.h"
#include "../mirror.h"
#include "../node.h"
#include "../pagemap.h"

static void test_lost(struct ssi_node *node, u32 epoch)
{
}

static void test_changed(struct ssi_node *node)
{
}

static const struct ssi_peer_ops test_peer_ops = {
	.member		= test_lost,
	.lost		= test_lost,
	.changed	= test_changed,
};

struct fixture {
	struct ssi_instance *si;
	struct ssi_node *node;
	struct ssi_mirror *m;
	int mirrors;
};

static int mirror_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct sockaddr_storage addr;
	int err;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	err = kunit_attach_mm();
	if (err)
		return err;
	f->mirrors = atomic_read(&ssi_objects.mirrors);
	f->si = ssi_instance_alloc(&init_net, &test_peer_ops);
	if (!f->si)
		return -ENOMEM;
	err = ssi_addr_parse("127.0.0.9:7475", &addr) ? : ssi_node_add(f->si, 9, &addr, NULL);
	if (err)
		return err;
	f->node = ssi_node_lookup(f->si, 9);
	f->m = ssi_mirror_alloc(f->si, current->mm, task_tgid(current));
	if (IS_ERR(f->m))
		return PTR_ERR(f->m);
	return ssi_pagemap_reserve();
}

static void mirror_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int tries;

	if (!f || !f->si)
		return;
	if (!IS_ERR_OR_NULL(f->m)) {
		ssi_mirror_stop(f->m);
		ssi_mirror_put(f->m);
	}
	ssi_node_put(f->node);
	ssi_instance_release(f->si);
	/* a mirror is freed by a work item */
	for (tries = 0; tries < 100 && atomic_read(&ssi_objects.mirrors) != f->mirrors; tries++)
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, atomic_read(&ssi_objects.mirrors), f->mirrors);
}

static u64 pages_used(void)
{
	u64 total, used;

	ssi_pagemap_flush();
	ssi_pagemap_count(&total, &used);
	return used;
}

/* What core mm does when the last entry of a device page goes. */
static void page_drop(struct page *page)
{
	unlock_page(page);
	put_page(page);
	ssi_pagemap_flush();
}

/* A frame that is handed out again is told from its earlier life (rule I5). */
static void dpage_generation_test(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct ssi_dpage *dp;
	struct page *page;
	u64 used = pages_used();
	unsigned long pfn;
	u32 gen;

	page = ssi_dpage_alloc(f->m, f->node, 1);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dp = ssi_dpage(page);
	pfn = page_to_pfn(page);
	gen = dp->gen;
	KUNIT_EXPECT_TRUE(test, is_device_private_page(page));
	KUNIT_EXPECT_PTR_EQ(test, dp->mirror, f->m);
	KUNIT_EXPECT_PTR_EQ(test, dp->node, f->node);
	KUNIT_EXPECT_FALSE(test, dp->lent);
	KUNIT_EXPECT_PTR_EQ(test, ssi_dpage_by_pfn(pfn), dp);
	KUNIT_EXPECT_EQ(test, pages_used(), used + 1);
	page_drop(page);
	KUNIT_EXPECT_EQ(test, pages_used(), used);
	KUNIT_EXPECT_NULL(test, dp->mirror);

	/* the list of free pages is a stack */
	page = ssi_dpage_alloc(f->m, f->node, 2);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, page_to_pfn(page), pfn);
	KUNIT_EXPECT_EQ(test, dp->gen, gen + 1);
	KUNIT_EXPECT_EQ(test, dp->epoch, 2);
	page_drop(page);
}

/* Numbers that a peer makes up are not device pages of ours. */
static void dpage_by_pfn_test(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_NULL(test, ssi_dpage_by_pfn(0));
	KUNIT_EXPECT_NULL(test, ssi_dpage_by_pfn(ULONG_MAX));
	KUNIT_EXPECT_NULL(test, ssi_dpage_by_pfn(page_to_pfn(page)));
	put_page(page);
}

/* Only what is lent is brought home, and only that of the one who asks. */
static void pagemap_collect_test(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long cursor = 0, pfn;
	struct ssi_dpage *dp;
	struct page *page;

	page = ssi_dpage_alloc(f->m, f->node, 1);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dp = ssi_dpage(page);
	KUNIT_EXPECT_EQ(test, ssi_pagemap_collect(f->m, &cursor, &pfn, 1), 0);
	KUNIT_EXPECT_FALSE(test, ssi_pagemap_lent(f->node, 1));

	dp->lent = true;
	cursor = 0;
	KUNIT_EXPECT_EQ(test, ssi_pagemap_collect(f->m, &cursor, &pfn, 1), 1);
	KUNIT_EXPECT_EQ(test, pfn, page_to_pfn(page));
	KUNIT_EXPECT_EQ(test, ssi_pagemap_collect(f->m, &cursor, &pfn, 1), 0);
	KUNIT_EXPECT_TRUE(test, ssi_pagemap_lent(f->node, 1));
	KUNIT_EXPECT_FALSE(test, ssi_pagemap_lent(f->node, 2));
	dp->lent = false;
	page_drop(page);
}

/* With no session the notifier has nobody to ask, whatever happens to the mm. */
static void mirror_notifier_test(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned long addr;

	addr = kunit_vm_mmap(test, NULL, 0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	KUNIT_EXPECT_EQ(test, clear_user((void __user *)addr, 4 * PAGE_SIZE), 0);
	xa_store(&f->m->granted, addr >> PAGE_SHIFT, xa_mk_value(1), GFP_KERNEL);
	KUNIT_EXPECT_EQ(test, vm_munmap(addr, PAGE_SIZE), 0);
	ssi_mirror_forget(f->m, addr, addr + 4 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, f->m->sid, 0);
	xa_destroy(&f->m->granted);
}

static struct kunit_case mirror_test_cases[] = {
	KUNIT_CASE(dpage_generation_test),
	KUNIT_CASE(dpage_by_pfn_test),
	KUNIT_CASE(pagemap_collect_test),
	KUNIT_CASE(mirror_notifier_test),
	{}
};

static struct kunit_suite mirror_test_suite = {
	.name = "ssi_mirror",
	.init = mirror_test_init,
	.exit = mirror_test_exit,
	.test_cases = mirror_test_cases,
};

kunit_test_suite(mirror_test_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: mirrors and device pages");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
