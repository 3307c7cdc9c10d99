// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: device pages, the stand-ins for pages whose bytes are elsewhere
 */

/**
 * DOC: device pages
 *
 * A page that another node holds is a page of MEMORY_DEVICE_PRIVATE here, as a
 * GPU's driver would have it: the page tables of every process that maps it
 * hold an entry for the device page, and a touch by the CPU calls
 * migrate_to_ram(). Device pages cost a struct page and a struct ssi_dpage, no
 * memory; they come in chunks of %SSI_CHUNK_SIZE of otherwise unused physical
 * address space, which are added by a work item before they run out, and are
 * never taken back.
 *
 * A device page is known on the wire by its frame number and a generation that
 * grows each time it is handed out, so that a message about its previous life
 * cannot be taken for one about the present one (rule I5).
 *
 * folio_free() may be called in any context. Freed pages go to a lock-free list;
 * a work item tells the holders, gives the references back and makes the pages
 * free. A page that came home, or never left, is freed without a message.
 *
 * Lock order: the device page's folio lock is taken by core mm; @ssi_free_lock
 * is innermost.
 */

#include <kunit/visibility.h>
#include <linux/ioport.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "mirror.h"
#include "node.h"
#include "pagemap.h"
#include "procmsg.h"
#include "recall.h"
#include "rpc.h"

#define SSI_CHUNK_SIZE	SZ_256M
#define SSI_CHUNK_PAGES	(SSI_CHUNK_SIZE >> PAGE_SHIFT)
/* more are added when fewer than this are free: a quarter of a chunk */
#define SSI_LOW_PAGES	(SSI_CHUNK_PAGES / 4)

/**
 * struct ssi_chunk - some device pages
 * @pagemap: core mm's view
 * @dpages: ours, one per page
 * @link: in ssi_chunks
 */
struct ssi_chunk {
	struct dev_pagemap pagemap;
	struct ssi_dpage *dpages;
	struct list_head link;
};

const char *const ssi_pagemap_owner = "ssi";

static LIST_HEAD(ssi_chunks);			/* written under ssi_grow_lock, RCU */
static DEFINE_MUTEX(ssi_grow_lock);
static LLIST_HEAD(ssi_free_list);		/* taken under ssi_free_lock */
static DEFINE_SPINLOCK(ssi_free_lock);
static atomic_long_t ssi_nr_free = ATOMIC_LONG_INIT(0);
static atomic_long_t ssi_nr_pages = ATOMIC_LONG_INIT(0);
static LLIST_HEAD(ssi_drop_list);
static struct workqueue_struct *ssi_drop_wq;

static void ssi_drop_work(struct work_struct *work);
static DECLARE_WORK(ssi_drop_item, ssi_drop_work);
static void ssi_grow_work(struct work_struct *work);
static DECLARE_WORK(ssi_grow_item, ssi_grow_work);

/**
 * ssi_dpage - what we know of a device page
 * @page: device page of ours
 *
 * Return: never NULL.
 */
struct ssi_dpage *ssi_dpage(struct page *page)
{
	struct ssi_chunk *chunk = container_of(page_pgmap(page), struct ssi_chunk, pagemap);

	return &chunk->dpages[page_to_pfn(page) - PHYS_PFN(chunk->pagemap.range.start)];
}
EXPORT_SYMBOL_IF_KUNIT(ssi_dpage);

/**
 * ssi_dpage_by_pfn - find a device page by a number that a peer sent
 * @pfn: frame number
 *
 * Context: any.
 * Return: the page, free or not, or NULL if the number is not one of ours.
 */
struct ssi_dpage *ssi_dpage_by_pfn(unsigned long pfn)
{
	struct ssi_dpage *dp = NULL;
	struct ssi_chunk *chunk;

	rcu_read_lock();
	list_for_each_entry_rcu(chunk, &ssi_chunks, link) {
		unsigned long first = PHYS_PFN(chunk->pagemap.range.start);

		if (pfn >= first && pfn - first < SSI_CHUNK_PAGES) {
			dp = &chunk->dpages[pfn - first];
			break;
		}
	}
	rcu_read_unlock();
	return dp;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_dpage_by_pfn);

static void ssi_folio_free(struct folio *folio)
{
	struct ssi_dpage *dp = ssi_dpage(&folio->page);

	if (llist_add(&dp->free, &ssi_drop_list))
		queue_work(ssi_drop_wq, &ssi_drop_item);
}

static void ssi_drop_send(struct ssi_node *node, u32 epoch, struct ssi_msg *msg)
{
	struct ssi_wire_pages *w;

	if (!msg)
		return;
	w = msg->body;
	msg->len = struct_size(w, page, le32_to_cpu(w->nr));
	ssi_msg_send(node, epoch, msg);
}

/* Tells the holders what nobody here needs any more, and frees the pages. */
static void ssi_drop_work(struct work_struct *work)
{
	struct llist_node *list = llist_reverse_order(llist_del_all(&ssi_drop_list));
	struct ssi_dpage *dp, *next;
	struct ssi_node *node = NULL;
	struct ssi_msg *msg = NULL;
	u32 epoch = 0;

	llist_for_each_entry_safe(dp, next, list, free) {
		if (dp->lent) {
			struct ssi_wire_pages *w;
			u32 nr;

			if (msg && (node != dp->node || epoch != dp->epoch)) {
				ssi_drop_send(node, epoch, msg);
				msg = NULL;
			}
			if (!msg) {
				if (node)
					ssi_node_put(node);
				node = ssi_node_get(dp->node);
				epoch = dp->epoch;
				msg = ssi_msg_alloc(SSI_MSG_DROP,
						    struct_size(w, page, SSI_MSG_MAX_STORE),
						    GFP_NOIO | __GFP_NOFAIL);
			}
			w = msg->body;
			nr = le32_to_cpu(w->nr);
			w->page[nr].pfn = cpu_to_le64(page_to_pfn(dp->page));
			w->page[nr].gen = cpu_to_le32(dp->gen);
			w->nr = cpu_to_le32(++nr);
			if (nr == SSI_MSG_MAX_STORE) {
				ssi_drop_send(node, epoch, msg);
				msg = NULL;
			}
			atomic_long_dec(&dp->mirror->pages_out);
			dp->lent = false;
		}
		if (dp->bytes) {
			put_page(dp->bytes);
			dp->bytes = NULL;
		}
		ssi_node_put(dp->node);
		dp->node = NULL;
		ssi_mirror_put(dp->mirror);
		dp->mirror = NULL;
		llist_add(&dp->free, &ssi_free_list);
		atomic_long_inc(&ssi_nr_free);
		cond_resched();
	}
	ssi_drop_send(node, epoch, msg);
	if (node)
		ssi_node_put(node);
}

static const struct dev_pagemap_ops ssi_pagemap_ops = {
	.folio_free	= ssi_folio_free,
	.migrate_to_ram	= ssi_recall_to_ram,
};

static int ssi_grow(void)
{
	struct ssi_chunk *chunk;
	struct resource *res;
	unsigned long i;
	void *addr;

	chunk = kzalloc_obj(*chunk);
	if (!chunk)
		return -ENOMEM;
	chunk->dpages = kvcalloc(SSI_CHUNK_PAGES, sizeof(*chunk->dpages), GFP_KERNEL);
	if (!chunk->dpages) {
		kfree(chunk);
		return -ENOMEM;
	}
	res = request_free_mem_region(&iomem_resource, SSI_CHUNK_SIZE, "ssi");
	if (IS_ERR(res)) {
		kvfree(chunk->dpages);
		kfree(chunk);
		return PTR_ERR(res);
	}
	chunk->pagemap.type = MEMORY_DEVICE_PRIVATE;
	chunk->pagemap.range.start = res->start;
	chunk->pagemap.range.end = res->end;
	chunk->pagemap.nr_range = 1;
	chunk->pagemap.ops = &ssi_pagemap_ops;
	chunk->pagemap.owner = (void *)ssi_pagemap_owner;
	addr = memremap_pages(&chunk->pagemap, numa_node_id());
	if (IS_ERR(addr)) {
		release_mem_region(res->start, resource_size(res));
		kvfree(chunk->dpages);
		kfree(chunk);
		return PTR_ERR(addr);
	}
	for (i = 0; i < SSI_CHUNK_PAGES; i++)
		chunk->dpages[i].page = pfn_to_page(PHYS_PFN(res->start) + i);
	list_add_tail_rcu(&chunk->link, &ssi_chunks);
	for (i = SSI_CHUNK_PAGES; i-- > 0;)
		llist_add(&chunk->dpages[i].free, &ssi_free_list);
	atomic_long_add(SSI_CHUNK_PAGES, &ssi_nr_free);
	atomic_long_add(SSI_CHUNK_PAGES, &ssi_nr_pages);
	return 0;
}

/**
 * ssi_pagemap_reserve - see to it that there are device pages
 *
 * Context: process context, no locks of core mm; sleeps, may take milliseconds.
 * Return: 0, or a negative errno if there are none and none can be had.
 */
int ssi_pagemap_reserve(void)
{
	int ret = 0;

	if (atomic_long_read(&ssi_nr_free) >= SSI_LOW_PAGES)
		return 0;
	mutex_lock(&ssi_grow_lock);
	if (atomic_long_read(&ssi_nr_free) < SSI_LOW_PAGES)
		ret = ssi_grow();
	mutex_unlock(&ssi_grow_lock);
	if (ret && atomic_long_read(&ssi_nr_free) > 0)
		ret = 0;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pagemap_reserve);

static void ssi_grow_work(struct work_struct *work)
{
	int ret = ssi_pagemap_reserve();

	if (ret)
		pr_warn_ratelimited("ssi: no more device pages: %pe\n", ERR_PTR(ret));
}

/**
 * ssi_dpage_alloc - take a device page
 * @m: mirror whose page it will stand for
 * @node: node that will hold the bytes
 * @epoch: of the membership
 *
 * Context: process context; does not sleep.
 * Return: the page, referenced and locked as core mm wants it, not yet lent; or
 * NULL if there is none at the moment.
 */
struct page *ssi_dpage_alloc(struct ssi_mirror *m, struct ssi_node *node, u32 epoch)
{
	struct llist_node *first;
	struct ssi_dpage *dp;
	struct ssi_chunk *chunk;

	spin_lock(&ssi_free_lock);
	first = llist_del_first(&ssi_free_list);
	spin_unlock(&ssi_free_lock);
	if (!first)
		return NULL;
	if (atomic_long_dec_return(&ssi_nr_free) < SSI_LOW_PAGES)
		queue_work(system_dfl_wq, &ssi_grow_item);
	dp = llist_entry(first, struct ssi_dpage, free);
	dp->node = ssi_node_get(node);
	ssi_mirror_get(m);
	dp->mirror = m;
	dp->epoch = epoch;
	dp->gen++;
	dp->lent = false;
	dp->bytes = NULL;
	chunk = container_of(page_pgmap(dp->page), struct ssi_chunk, pagemap);
	zone_device_folio_init(page_folio(dp->page), &chunk->pagemap, 0);
	return dp->page;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_dpage_alloc);

/**
 * ssi_pagemap_count - how many device pages there are
 * @total: filled in with all
 * @used: filled in with those that stand for a page
 */
void ssi_pagemap_count(u64 *total, u64 *used)
{
	long all = atomic_long_read(&ssi_nr_pages);

	*total = all;
	*used = max(all - atomic_long_read(&ssi_nr_free), 0L);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pagemap_count);

/**
 * ssi_pagemap_lent - does a node hold pages of processes of this kernel?
 * @node: node
 * @epoch: of the membership
 *
 * Context: process context.
 * Return: true if so.
 */
bool ssi_pagemap_lent(struct ssi_node *node, u32 epoch)
{
	struct ssi_chunk *chunk;
	unsigned long i;
	bool lent = false;

	rcu_read_lock();
	list_for_each_entry_rcu(chunk, &ssi_chunks, link) {
		for (i = 0; i < SSI_CHUNK_PAGES && !lent; i++) {
			struct ssi_dpage *dp = &chunk->dpages[i];

			lent = READ_ONCE(dp->lent) && READ_ONCE(dp->node) == node &&
			       READ_ONCE(dp->epoch) == epoch;
		}
	}
	rcu_read_unlock();
	return lent;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pagemap_lent);

/**
 * ssi_pagemap_collect - pages of a process that no stay of it uses
 * @m: mirror, or NULL for all that are lent, of all processes
 * @cursor: where to go on; 0 at first
 * @pfns: filled in with frames of device pages
 * @max: how many at most
 *
 * A hint: the pages may be anything by the time that they are looked at.
 *
 * Context: process context.
 * Return: how many; 0 at the end.
 */
unsigned int ssi_pagemap_collect(struct ssi_mirror *m, unsigned long *cursor,
				 unsigned long *pfns, unsigned int max)
{
	unsigned long base = 0, i;
	struct ssi_chunk *chunk;
	unsigned int n = 0;

	rcu_read_lock();
	/* chunks are only ever added, at the end */
	list_for_each_entry_rcu(chunk, &ssi_chunks, link) {
		for (i = max(*cursor, base) - base; i < SSI_CHUNK_PAGES && n < max; i++) {
			struct ssi_dpage *dp = &chunk->dpages[i];

			if (!READ_ONCE(dp->lent) || (m && READ_ONCE(dp->mirror) != m))
				continue;
			if (m && READ_ONCE(m->sid) && READ_ONCE(dp->node) == READ_ONCE(m->node) &&
			    READ_ONCE(dp->epoch) == READ_ONCE(m->epoch))
				continue;
			pfns[n++] = page_to_pfn(dp->page);
		}
		base += SSI_CHUNK_PAGES;
		*cursor = max(*cursor, base - SSI_CHUNK_PAGES + i);
		if (n == max)
			break;
	}
	rcu_read_unlock();
	return n;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pagemap_collect);

/**
 * ssi_pagemap_flush - wait until every page that was freed is free
 *
 * Context: process context; sleeps.
 */
void ssi_pagemap_flush(void)
{
	flush_work(&ssi_drop_item);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pagemap_flush);

/**
 * ssi_pagemap_init - make the work queue; no device page is made before a move
 *
 * Return: 0 or -ENOMEM.
 */
int __init ssi_pagemap_init(void)
{
	ssi_drop_wq = alloc_workqueue("ssi-drop", WQ_MEM_RECLAIM | WQ_UNBOUND, 1);
	return ssi_drop_wq ? 0 : -ENOMEM;
}
