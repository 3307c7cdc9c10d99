// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: pages of other nodes that are held here
 */

/**
 * DOC: store
 *
 * A page that its home lent to us is a folio in the store of that home, under
 * the number of the home's device page. It is mapped by at most one hosted
 * process at a time, in whose page cache it then is as well. It leaves by a
 * recall, by a drop, or with the membership. The process that it came for may be
 * gone long before: after a fork its child at home still names it.
 *
 * The handlers run in the receiver thread of the memory lane, one per peer, so
 * that nothing here needs a lock of its own against them; the end of a membership
 * comes after the last of them returned.
 *
 * A store is made with the first process that a membership brings. It is held
 * (rule I4) until the membership is over and the last process is gone.
 *
 * Lock order: folio lock, the mapping's i_mmap_rwsem and i_pages; no other.
 */

#include <linux/highmem.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "debugfs.h"
#include "evict.h"
#include "guestmm.h"
#include "hosted.h"
#include "node.h"
#include "procmsg.h"
#include "rpc.h"
#include "store.h"
#include "trace.h"

/* With it a generation of 0 is something, too. */
#define SSI_STORE_KEPT		BIT(32)

static LIST_HEAD(ssi_stores);
static DEFINE_SPINLOCK(ssi_store_lock);

/**
 * ssi_store_find - the store of a membership
 * @node: the home
 * @epoch: of the membership
 *
 * Return: the store, referenced, or NULL.
 */
struct ssi_store *ssi_store_find(struct ssi_node *node, u32 epoch)
{
	struct ssi_store *st;

	spin_lock(&ssi_store_lock);
	list_for_each_entry(st, &ssi_stores, link)
		if (st->node == node && st->epoch == epoch && !st->dead) {
			refcount_inc(&st->ref);
			goto out;
		}
	st = NULL;
out:
	spin_unlock(&ssi_store_lock);
	return st;
}

/**
 * ssi_store_next - walk all stores
 * @st: the one before, whose reference is given back; NULL to begin
 *
 * Return: the next one, referenced, or NULL at the end.
 */
struct ssi_store *ssi_store_next(struct ssi_store *st)
{
	struct ssi_store *next = NULL;

	spin_lock(&ssi_store_lock);
	if (!st)
		next = list_first_entry_or_null(&ssi_stores, struct ssi_store, link);
	else if (!list_empty(&st->link) && !list_is_last(&st->link, &ssi_stores))
		next = list_next_entry(st, link);
	if (next)
		refcount_inc(&next->ref);
	spin_unlock(&ssi_store_lock);
	if (st)
		ssi_store_put(st);
	return next;
}

/**
 * ssi_store_make - the store of a membership, made if there is none
 * @node: the home
 * @epoch: of the membership
 *
 * Context: receiver thread of the user lane; sleeps.
 * Return: the store, referenced, or NULL if there is no memory or the
 * membership is over.
 */
struct ssi_store *ssi_store_make(struct ssi_node *node, u32 epoch)
{
	struct ssi_store *st = ssi_store_find(node, epoch);

	if (st)
		return st;
	st = kzalloc_obj(*st);
	if (!st)
		return NULL;
	if (!ssi_node_tryhold(node, epoch)) {
		kfree(st);
		return NULL;
	}
	refcount_set(&st->ref, 2);
	st->node = ssi_node_get(node);
	st->epoch = epoch;
	st->settled = -1;
	xa_init(&st->pages);
	xa_init(&st->hosted);
	atomic_inc(&ssi_objects.stores);
	spin_lock(&ssi_store_lock);
	list_add_tail(&st->link, &ssi_stores);
	spin_unlock(&ssi_store_lock);
	return st;
}

/**
 * ssi_store_put - give a reference back
 * @st: store
 *
 * Context: process context.
 */
void ssi_store_put(struct ssi_store *st)
{
	if (!refcount_dec_and_test(&st->ref))
		return;
	xa_destroy(&st->hosted);
	xa_destroy(&st->pages);
	ssi_node_release(st->node);
	ssi_node_put(st->node);
	kfree(st);
	atomic_dec(&ssi_objects.stores);
}

/* Take a folio out of the store; its reference, and its share of nr_pages, are the caller's. */
static struct folio *ssi_store_take(struct ssi_store *st, u64 pfn, u32 gen)
{
	struct folio *folio = xa_load(&st->pages, pfn);

	if (!folio || (u32)(unsigned long)folio->private != gen)
		return NULL;
	xa_lock(&st->pages);
	if (st->nr_asked && xa_get_mark(&st->pages, pfn, SSI_STORE_ASKED))
		st->nr_asked--;
	__xa_erase(&st->pages, pfn);
	xa_unlock(&st->pages);
	ssi_guestmm_remove(folio);
	folio->private = NULL;
	return folio;
}

/**
 * ssi_store_load - find a page
 * @st: store
 * @pfn: device page frame at home
 * @gen: generation
 *
 * Context: receiver thread of the memory lane.
 * Return: the folio, whose reference stays the store's, or NULL.
 */
struct folio *ssi_store_load(struct ssi_store *st, u64 pfn, u32 gen)
{
	struct folio *folio = xa_load(&st->pages, pfn);

	return folio && (u32)(unsigned long)folio->private == gen ? folio : NULL;
}

/**
 * ssi_store_peer_lost - a membership is over: forget what its home lent
 * @node: the home
 * @epoch: of the membership
 *
 * Context: process context, after the last handler of the membership; sleeps.
 */
void ssi_store_peer_lost(struct ssi_node *node, u32 epoch)
{
	struct ssi_store *st = ssi_store_find(node, epoch);
	struct folio *folio;
	unsigned long index;

	if (!st)
		return;
	spin_lock(&ssi_store_lock);
	st->dead = true;
	list_del_init(&st->link);
	spin_unlock(&ssi_store_lock);
	ssi_hosted_kill_all(st);
	xa_for_each(&st->pages, index, folio) {
		xa_erase(&st->pages, index);
		ssi_guestmm_remove(folio);
		folio->private = NULL;
		folio_put(folio);
		cond_resched();
	}
	atomic_long_set(&st->nr_pages, 0);
	/* the table's and ours; the hosted processes hold theirs until they die */
	ssi_store_put(st);
	ssi_store_put(st);
}

/**
 * ssi_store_check_pages - is this body a list of pages?
 * @body: of the message
 * @len: bytes of it, at least the fixed part
 *
 * Return: 0 or -EBADMSG.
 */
int ssi_store_check_pages(const void *body, size_t len)
{
	const struct ssi_wire_pages *w = body;
	u32 nr = le32_to_cpu(w->nr);

	return nr > SSI_MSG_MAX_STORE || len != struct_size(w, page, nr) ? -EBADMSG : 0;
}

/*
 * A page of zeros costs home nothing, so there may be many. As pages that come by
 * the lane, they are taken from the reserves when kswapd could not keep up, and when
 * these are empty too, whatever empties them will end.
 */
static struct folio *ssi_store_zero(void)
{
	const gfp_t gfp = (GFP_HIGHUSER & ~__GFP_DIRECT_RECLAIM) | __GFP_ZERO | __GFP_NOWARN;
	struct folio *folio;

	for (;;) {
		folio = folio_alloc(gfp | __GFP_NOMEMALLOC, 0);
		if (!folio)
			folio = folio_alloc(gfp, 0);
		if (folio || kthread_should_stop())
			return folio;
		schedule_timeout_idle(1);
	}
}

/* Into the table, as above. Returns what was there, or an error. */
static void *ssi_store_insert(struct ssi_store *st, u64 pfn, struct folio *folio)
{
	void *old;

	for (;;) {
		old = xa_store(&st->pages, pfn, folio, GFP_NOWAIT | __GFP_NOWARN);
		if (xa_err(old) != -ENOMEM || kthread_should_stop())
			return old;
		schedule_timeout_idle(1);
	}
}

/**
 * ssi_store_handle_store - a home lends pages
 * @rx: SSI_MSG_STORE
 *
 * Context: receiver thread of the memory lane; does not reclaim.
 */
void ssi_store_handle_store(struct ssi_rx *rx)
{
	const struct ssi_wire_pages *w = rx->body;
	struct ssi_store *st = ssi_store_find(rx->node, rx->epoch);
	unsigned int got = 0, i;

	if (!st)
		return;
	for (i = 0; i < le32_to_cpu(w->nr); i++) {
		u64 pfn = le64_to_cpu(w->page[i].pfn);
		u32 gen = le32_to_cpu(w->page[i].gen);
		struct folio *folio = NULL, *old;

		if (le32_to_cpu(w->page[i].flags) & SSI_PAGE_ZERO) {
			folio = ssi_store_zero();
		} else if (got < rx->nr_pages) {
			folio = page_folio(rx->pages[got]);
			rx->pages[got++] = NULL;
		}
		if (!folio)
			goto lost;
		atomic64_inc(&ssi_objects.pages_kept);
		__folio_mark_uptodate(folio);
		folio->private = (void *)(SSI_STORE_KEPT | gen);
		old = ssi_store_insert(st, pfn, folio);
		if (xa_is_err(old)) {
			folio->private = NULL;
			folio_put(folio);
			goto lost;
		}
		if (old) {	/* its drop is on the way */
			ssi_guestmm_remove(old);
			old->private = NULL;
			folio_put(old);
		} else {
			atomic_long_inc(&st->nr_pages);
		}
	}
	ssi_store_put(st);
	ssi_evict_limit();
	return;
lost:
	/* bytes that exist nowhere else cannot be kept: nor can the membership */
	ssi_node_fence_epoch(rx->node, rx->epoch, "no memory for a lent page");
	ssi_store_put(st);
}

/**
 * ssi_store_handle_recall - a home wants pages back
 * @rx: SSI_MSG_RECALL
 *
 * Context: receiver thread of the memory lane; does not reclaim.
 */
void ssi_store_handle_recall(struct ssi_rx *rx)
{
	const struct ssi_wire_pages *w = rx->body;
	struct ssi_store *st = ssi_store_find(rx->node, rx->epoch);
	u32 nr = le32_to_cpu(w->nr), i;
	struct ssi_wire_pages *reply;
	struct ssi_msg *msg;
	long given;

	msg = ssi_msg_alloc_noreclaim(SSI_MSG_PAGES, struct_size(reply, page, nr));
	reply = msg->body;
	reply->nr = cpu_to_le32(nr);
	for (i = 0; i < nr; i++) {
		struct folio *folio = NULL;

		reply->page[i] = w->page[i];
		reply->page[i].flags = 0;
		if (st && msg->nr_pages < SSI_MSG_MAX_PAGES)
			folio = ssi_store_take(st, le64_to_cpu(w->page[i].pfn),
					       le32_to_cpu(w->page[i].gen));
		if (!folio) {
			reply->page[i].flags = cpu_to_le32(SSI_PAGE_GONE);
			continue;
		}
		/* there is no other copy: wait for the memory */
		while (ssi_msg_add_page(msg, folio_page(folio, 0)))
			schedule_timeout_uninterruptible(1);
		folio_put(folio);
	}
	trace_ssi_give_back(rx->node, nr, msg->nr_pages);
	given = msg->nr_pages;
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
	if (st) {
		/* not before they are in the lane: see ssi_evict_settle() */
		atomic_long_add_return_release(given, &st->given);
		atomic_long_sub_return_release(given, &st->nr_pages);
		ssi_store_put(st);
	}
}

/**
 * ssi_store_handle_drop - a home does not need pages any more
 * @rx: SSI_MSG_DROP
 *
 * Context: receiver thread of the memory lane.
 */
void ssi_store_handle_drop(struct ssi_rx *rx)
{
	const struct ssi_wire_pages *w = rx->body;
	struct ssi_store *st = ssi_store_find(rx->node, rx->epoch);
	unsigned int i;

	if (!st)
		return;
	for (i = 0; i < le32_to_cpu(w->nr); i++) {
		struct folio *folio = ssi_store_take(st, le64_to_cpu(w->page[i].pfn),
						     le32_to_cpu(w->page[i].gen));

		if (!folio)
			continue;
		atomic_long_dec(&st->nr_pages);
		folio_put(folio);
	}
	ssi_store_put(st);
}
