// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: pages that come home though nobody touches them there
 */

/**
 * DOC: eviction
 *
 * What a process leaves on a node when it goes home would bind its fate to that
 * node for as long as nobody touches it. So a second after a stay has ended a
 * work item brings what is left home, unless the process is on that node again.
 *
 * The holder can ask for the same (EVICT): when its memory is short, by a
 * shrinker and before its OOM killer kills, when it holds more than it lends
 * (lend.c), and before it leaves the cluster.
 * Copies of file pages it drops; for all else it only asks. Home locks the pages,
 * replaces their entries in all page tables, recalls the bytes as a touch would,
 * and so nothing is lost whoever dies in between: until the page tables have the
 * bytes, the device page is what it was. A page that a guest has mapped is
 * invalidated on the way, by the notifier; if the guest needs it again it faults.
 *
 * Unhappy paths: a page that is locked, pinned or on its way out is left where it
 * is; the work item tries a few times, the holder asks again after some seconds.
 * A home that gets more requests than it can serve forgets the rest, so a holder
 * sends no more than a part of that at a time. When the
 * membership ends, calls fail and the pages stay device pages whose bytes are
 * lost, which recall.c deals with; so who leaves waits for an echo of each home after
 * its last page is gone.
 *
 * Lock order: folio locks, the mirror's lock. The shrinker takes the store's
 * xa_lock only, and sends without sleeping.
 */

#include <linux/delay.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/workqueue.h>

#include "evict.h"
#include "guestmm.h"
#include "hosted.h"
#include "instance.h"
#include "lend.h"
#include "mirror.h"
#include "node.h"
#include "pagemap.h"
#include "procmsg.h"
#include "recall.h"
#include "rpc.h"
#include "store.h"
#include "trace.h"

/* a process may be on its way back to the node it came from */
#define SSI_EVICT_DELAY		HZ
#define SSI_EVICT_TRIES		5
/* requests of holders that are kept, of all nodes together */
#define SSI_EVICT_MAX_JOBS	64
/* a holder asks again for what has not come home */
#define SSI_EVICT_AGAIN		(5 * HZ)
/* how often a holder that has too much looks whether it still has */
#define SSI_EVICT_LOOK		(HZ / 10)
/* a node that leaves gives up when no page went home for so long */
#define SSI_EVICT_PATIENCE	(2 * HZ)
#define SSI_EVICT_SETTLES	10

/* before the OOM killer of a holder kills: how long home may take, for how many */
#define SSI_EVICT_OOM		(5 * HZ)
#define SSI_EVICT_OOM_PAGES	2048UL

/* so many requests of one holder are on their way at a time: home shall keep them */
#define SSI_EVICT_MAX_ASKED	(SSI_EVICT_MAX_JOBS / 4 * SSI_MSG_MAX_STORE)

/**
 * struct ssi_evict_job - a holder wants pages to go home
 * @work: does it
 * @node: the holder; referenced
 * @epoch: of the membership
 * @nr: pages
 * @page: as they came
 */
struct ssi_evict_job {
	struct work_struct work;
	struct ssi_node *node;
	u32 epoch;
	u32 nr;
	struct ssi_wire_page page[];
};

static struct workqueue_struct *ssi_evict_wq;
static atomic_t ssi_evict_jobs = ATOMIC_INIT(0);
static struct shrinker *ssi_evict_shrinker;

/*
 * Have the node forget the pages, a range at a time, before each of them costs a
 * round trip of its own. Addresses are hints, and so is all that is done here.
 */
static void ssi_evict_forget(const unsigned long *pfns, unsigned long n)
{
	unsigned long start = 0, end = 0, addr[SSI_MAX_RECALL], i;
	struct ssi_mirror *m = NULL;
	unsigned int nr = 0;

	for (i = 0; i < n; i++) {
		struct page *page = pfn_to_page(pfns[i]);
		struct ssi_dpage *dp;

		/* what is free has no mirror */
		if (!get_page_unless_zero(page))
			continue;
		dp = ssi_dpage(page);
		if (!m) {
			m = dp->mirror;
			ssi_mirror_get(m);
		}
		if (dp->mirror == m)
			addr[nr++] = dp->addr;
		put_page(page);
	}
	for (i = 0; i < nr; i++) {
		if (end != addr[i]) {
			if (end)
				ssi_mirror_forget(m, start, end);
			start = addr[i];
		}
		end = addr[i] + PAGE_SIZE;
	}
	if (end)
		ssi_mirror_forget(m, start, end);
	if (m)
		ssi_mirror_put(m);
}

/*
 * Those of the same process on the same node as the first come first, for all that
 * is known before the pages are locked. Returns how many they are.
 */
static unsigned long ssi_evict_sort(unsigned long *pfns, unsigned long n)
{
	struct ssi_dpage *first = ssi_dpage_by_pfn(pfns[0]), *dp;
	unsigned long same = 1, i;

	for (i = 1; i < n; i++) {
		dp = ssi_dpage_by_pfn(pfns[i]);
		if (READ_ONCE(dp->mirror) != READ_ONCE(first->mirror) ||
		    READ_ONCE(dp->node) != READ_ONCE(first->node) ||
		    READ_ONCE(dp->epoch) != READ_ONCE(first->epoch))
			continue;
		swap(pfns[same], pfns[i]);
		same++;
	}
	return same;
}

/* Bring pages of one process on one node home; others stay. Returns how many came. */
static unsigned int ssi_evict_some(unsigned long *src, unsigned long n)
{
	unsigned long dst[SSI_MAX_RECALL] = {};
	struct ssi_mirror *m = NULL;
	struct ssi_node *node = NULL;
	unsigned int came = 0;
	unsigned long i;
	u32 epoch = 0;

	ssi_evict_forget(src, n);
	migrate_device_pfns(src, n);
	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);
		struct ssi_dpage *dp;

		if (!page || !(src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		dp = ssi_dpage(page);
		if (!m) {
			/* the migration may drop the last reference of the page */
			m = dp->mirror;
			ssi_mirror_get(m);
			node = ssi_node_get(dp->node);
			epoch = dp->epoch;
		}
		if (dp->mirror != m || dp->node != node || dp->epoch != epoch)
			src[i] &= ~MIGRATE_PFN_MIGRATE;
	}
	if (m) {
		ssi_recall_ask(m, node, epoch, src, n);
		ssi_recall_fill(src, dst, n);
	}
	migrate_device_pages(src, dst, n);
	came = ssi_recall_filled(src, dst, n);
	migrate_device_finalize(src, dst, n);
	if (m) {
		trace_ssi_evict(m, node, n, came);
		ssi_node_put(node);
		ssi_mirror_put(m);
	}
	return came;
}

/* Bring device pages home, @n up to SSI_MAX_RECALL. Returns how many came. */
static unsigned int ssi_evict_pages(unsigned long *pfns, unsigned long n)
{
	unsigned int came = 0;
	unsigned long same;

	for (; n; pfns += same, n -= same) {
		same = ssi_evict_sort(pfns, n);
		came += ssi_evict_some(pfns, same);
	}
	return came;
}

/**
 * ssi_evict_mirror - bring what a process left behind home, by and by
 * @m: mirror, whose stay has ended
 *
 * Context: any.
 */
void ssi_evict_mirror(struct ssi_mirror *m)
{
	if (atomic_long_read(&m->pages_out) <= 0)
		return;
	ssi_mirror_get(m);
	if (!queue_delayed_work(ssi_evict_wq, &m->evict_work, SSI_EVICT_DELAY))
		ssi_mirror_put(m);
}

/**
 * ssi_evict_mirror_work - bring home what no stay uses
 * @work: in the mirror, which is referenced for this
 *
 * Context: work queue.
 */
void ssi_evict_mirror_work(struct work_struct *work)
{
	struct ssi_mirror *m = container_of(to_delayed_work(work), struct ssi_mirror,
					    evict_work);
	unsigned long pfns[SSI_MAX_RECALL];
	unsigned int tries, left = 1, n;

	for (tries = 0; tries < SSI_EVICT_TRIES && left; tries++) {
		unsigned long cursor = 0;

		if (tries)
			msleep(100);
		left = 0;
		while ((n = ssi_pagemap_collect(m, &cursor, pfns, SSI_MAX_RECALL))) {
			left += n;
			left -= ssi_evict_pages(pfns, n);
			cond_resched();
		}
	}
	ssi_mirror_put(m);
}

/**
 * ssi_evict_instance - bring home what nodes hold of processes that are not there
 * @si: instance
 * @node: on which no process is, or NULL: none is away
 *
 * Context: process context, no locks; sleeps.
 */
void ssi_evict_instance(struct ssi_instance *si, struct ssi_node *node)
{
	unsigned long pfns[SSI_MAX_RECALL], cursor = 0;
	unsigned int n, i, nr;

	while ((n = ssi_pagemap_collect(NULL, &cursor, pfns, SSI_MAX_RECALL)) &&
	       !fatal_signal_pending(current)) {
		for (i = 0, nr = 0; i < n; i++)
			if (!node || READ_ONCE(ssi_dpage_by_pfn(pfns[i])->node) == node)
				pfns[nr++] = pfns[i];
		ssi_evict_pages(pfns, nr);
		cond_resched();
	}
}

static void ssi_evict_work(struct work_struct *work)
{
	struct ssi_evict_job *job = container_of(work, struct ssi_evict_job, work);
	unsigned long pfns[SSI_MAX_RECALL];
	unsigned int i, n = 0;

	for (i = 0; i < job->nr; i++) {
		unsigned long pfn = le64_to_cpu(job->page[i].pfn);
		struct ssi_dpage *dp = ssi_dpage_by_pfn(pfn);

		/* what is free by now is not touched; what is not is looked at again */
		if (dp && READ_ONCE(dp->lent) && READ_ONCE(dp->node) == job->node &&
		    READ_ONCE(dp->epoch) == job->epoch &&
		    READ_ONCE(dp->gen) == le32_to_cpu(job->page[i].gen))
			pfns[n++] = pfn;
		if (n && (n == SSI_MAX_RECALL || i == job->nr - 1)) {
			ssi_evict_pages(pfns, n);
			n = 0;
		}
	}
	if (n)
		ssi_evict_pages(pfns, n);
	ssi_node_put(job->node);
	kfree(job);
	atomic_dec(&ssi_evict_jobs);
}

/**
 * ssi_evict_handle - a holder wants pages to go home
 * @rx: SSI_MSG_EVICT
 *
 * Context: receiver thread of the memory lane; does not reclaim.
 */
void ssi_evict_handle(struct ssi_rx *rx)
{
	const struct ssi_wire_pages *w = rx->body;
	u32 nr = le32_to_cpu(w->nr);
	struct ssi_evict_job *job;

	if (atomic_inc_return(&ssi_evict_jobs) > SSI_EVICT_MAX_JOBS)
		goto forget;
	job = kmalloc_flex(*job, page, nr, GFP_NOWAIT | __GFP_NOMEMALLOC | __GFP_NOWARN);
	if (!job)
		goto forget;
	INIT_WORK(&job->work, ssi_evict_work);
	job->node = ssi_node_get(rx->node);
	job->epoch = rx->epoch;
	job->nr = nr;
	memcpy(job->page, w->page, nr * sizeof(*w->page));
	queue_work(ssi_evict_wq, &job->work);
	return;
forget:
	atomic_dec(&ssi_evict_jobs);
}

/* Put pages that were not asked for into a message, and remember to have asked. */
static u32 ssi_evict_select(struct ssi_store *st, struct ssi_wire_pages *w, u32 max)
{
	struct folio *folio;
	u32 nr = 0;

	XA_STATE(xas, &st->pages, READ_ONCE(st->evict_next));

	xas_lock(&xas);
	xas_for_each(&xas, folio, ULONG_MAX) {
		if (nr == max || st->nr_asked >= SSI_EVICT_MAX_ASKED)
			break;
		if (xas_get_mark(&xas, SSI_STORE_ASKED))
			continue;
		w->page[nr].pfn = cpu_to_le64(xas.xa_index);
		w->page[nr].gen = cpu_to_le32((unsigned long)folio->private);
		nr++;
		xas_set_mark(&xas, SSI_STORE_ASKED);
		st->nr_asked++;
		WRITE_ONCE(st->evict_next, xas.xa_index + 1);
	}
	xas_unlock(&xas);
	return nr;
}

/* Home may have forgotten what it was asked for. */
static void ssi_evict_ask_again(struct ssi_store *st)
{
	struct folio *folio;

	XA_STATE(xas, &st->pages, 0);

	WRITE_ONCE(st->asked_at, jiffies);
	WRITE_ONCE(st->evict_next, 0);
	xas_lock(&xas);
	xas_for_each_marked(&xas, folio, ULONG_MAX, SSI_STORE_ASKED)
		xas_clear_mark(&xas, SSI_STORE_ASKED);
	st->nr_asked = 0;
	xas_unlock(&xas);
}

static bool ssi_evict_may_ask(struct ssi_store *st)
{
	unsigned long asked = READ_ONCE(st->nr_asked);

	return asked < SSI_EVICT_MAX_ASKED && asked < atomic_long_read(&st->nr_pages);
}

/*
 * Ask the home of a store to take @want pages, those first that are here for
 * longest, more or less. Returns for how many it was asked.
 */
static unsigned long ssi_evict_ask(struct ssi_store *st, unsigned long want, gfp_t gfp)
{
	unsigned long asked = 0;

	if (time_after(jiffies, READ_ONCE(st->asked_at) + SSI_EVICT_AGAIN))
		ssi_evict_ask_again(st);
	/* the reclaimer comes again and again: to find nothing to ask takes no memory */
	while (asked < want && ssi_evict_may_ask(st)) {
		u32 nr, max = min(want - asked, SSI_MSG_MAX_STORE);
		struct ssi_wire_pages *w;
		struct ssi_msg *msg;

		msg = ssi_msg_alloc(SSI_MSG_EVICT, struct_size(w, page, max), gfp);
		if (!msg)
			break;
		w = msg->body;
		nr = ssi_evict_select(st, w, max);
		if (!nr) {
			ssi_msg_free(msg);
			break;
		}
		w->nr = cpu_to_le32(nr);
		msg->len = struct_size(w, page, nr);
		if (ssi_msg_send(st->node, st->epoch, msg))
			break;
		asked += nr;
	}
	return asked;
}

static unsigned long ssi_evict_held(void)
{
	struct ssi_store *st = NULL;
	unsigned long nr = 0;

	while ((st = ssi_store_next(st)))
		nr += atomic_long_read(&st->nr_pages);
	return nr;
}

/* Copies of file pages can be had from home again at any time. */
static unsigned long ssi_evict_drop_copies(unsigned long nr)
{
	struct ssi_store *st = NULL;
	unsigned long dropped = 0;

	if (!ssi_guestmm_copies())
		return 0;
	while ((st = ssi_store_next(st)))
		if (dropped < nr)
			dropped += ssi_hosted_drop_copies(st, nr - dropped);
	return dropped;
}

static unsigned long ssi_evict_all(void)
{
	return ssi_evict_held() + ssi_guestmm_copies();
}

/**
 * ssi_evict_full - is nearly as much of other nodes here as there may be?
 *
 * Nearly, since what is too much goes home, until it is just not too much.
 *
 * Context: any.
 * Return: true if there is.
 */
bool ssi_evict_full(void)
{
	unsigned long limit = ssi_lend_pages();

	return limit != ULONG_MAX && ssi_evict_all() >= limit - limit / 8;
}

/* Until what is here is within the limit. */
static void ssi_evict_limit_work(struct work_struct *work)
{
	unsigned long held = ssi_evict_all(), limit = ssi_lend_pages(), coming = 0, over;
	struct ssi_store *st = NULL;

	if (held <= limit)
		return;
	/* no more than that, though this is asked again before all of it has gone */
	while ((st = ssi_store_next(st)))
		coming += READ_ONCE(st->nr_asked);
	over = held - limit;
	over -= min(over, coming);
	over -= min(over, ssi_evict_drop_copies(over));
	/* asking for none asks again for what was forgotten */
	while ((st = ssi_store_next(st)))
		over -= min(over, ssi_evict_ask(st, over, GFP_KERNEL));
	queue_delayed_work(ssi_evict_wq, to_delayed_work(work), SSI_EVICT_LOOK);
}

static DECLARE_DELAYED_WORK(ssi_evict_limit_item, ssi_evict_limit_work);

/**
 * ssi_evict_limit - pages have come, or there may be fewer from now on
 *
 * Context: any; does not wait.
 */
void ssi_evict_limit(void)
{
	unsigned long limit = ssi_lend_pages();

	/* at boot a limit is set before there is a queue */
	if (limit != ULONG_MAX && ssi_evict_wq && ssi_evict_all() > limit)
		queue_delayed_work(ssi_evict_wq, &ssi_evict_limit_item, 0);
}

static unsigned long ssi_evict_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return ssi_evict_held() + ssi_guestmm_copies() ? : SHRINK_EMPTY;
}

/*
 * No page here is on a list of the reclaimer's, so it has to be told what became free. Where
 * kswapd once found nothing it takes the node for hopeless, and sleeps until reclaim by others
 * has balanced it, which they do not as long as a guest takes what they free. Drivers that
 * need memory at once to receive into would wait for kswapd, and the guest for what they do
 * not receive.
 */
static unsigned long ssi_evict_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long asked = ssi_evict_drop_copies(sc->nr_to_scan);
	struct ssi_store *st = NULL;

	mm_account_reclaimed_pages(asked);
	while ((st = ssi_store_next(st))) {
		long given = atomic_long_read(&st->given);

		/* what went home since the last time */
		mm_account_reclaimed_pages(given - atomic_long_xchg(&st->accounted, given));
		if (asked < sc->nr_to_scan)
			asked += ssi_evict_ask(st, sc->nr_to_scan - asked,
					       GFP_ATOMIC | __GFP_NOMEMALLOC | __GFP_NOWARN);
	}
	if (!asked)
		return SHRINK_STOP;
	kswapd_clear_hopeless(NODE_DATA(sc->nid), KSWAPD_CLEAR_HOPELESS_OTHER);
	return asked;
}

static void ssi_evict_ask_all(void)
{
	unsigned int noreclaim = memalloc_noreclaim_save();
	struct ssi_store *st = NULL;

	while ((st = ssi_store_next(st))) {
		ssi_evict_ask_again(st);
		ssi_evict_ask(st, SSI_EVICT_OOM_PAGES, GFP_ATOMIC | __GFP_NOWARN);
	}
	memalloc_noreclaim_restore(noreclaim);
}

/* Pages go home at the pace of the network: wait for it rather than kill. */
static int ssi_evict_oom(struct notifier_block *nb, unsigned long unused, void *freed)
{
	unsigned long before = ssi_evict_held(), now = before;
	unsigned long copies = ssi_evict_drop_copies(SSI_EVICT_OOM_PAGES);
	unsigned long end = jiffies + SSI_EVICT_OOM, ask_at = jiffies;

	*(unsigned long *)freed += copies;
	if (!before || copies)
		return NOTIFY_OK;
	while (now + SSI_EVICT_OOM_PAGES / 4 > before && time_before(jiffies, end) &&
	       !fatal_signal_pending(current)) {
		if (time_after_eq(jiffies, ask_at)) {
			ssi_evict_ask_all();
			ask_at = jiffies + HZ;
		}
		schedule_timeout_killable(max(HZ / 100, 1));
		now = ssi_evict_held();
	}
	if (now < before)
		*(unsigned long *)freed += before - now;
	return NOTIFY_OK;
}

static struct notifier_block ssi_evict_oom_nb = {
	.notifier_call = ssi_evict_oom,
};

/*
 * Wait until a home has what it was given last: bytes that are on their way are no
 * longer in the store, and the farewell goes by another lane and would overtake them.
 * What comes by the memory lane is handled in order, so an echo comes after them; and what
 * home had lent before it answered is in the store by then. Whatever was given back
 * meanwhile may come after the echo, and takes another one.
 */
static int ssi_evict_settle(struct ssi_store *st)
{
	struct ssi_call *call __free(kfree) = kzalloc_obj(*call);
	long given = atomic_long_read_acquire(&st->given);
	struct ssi_msg *msg;
	int err;

	if (!call)
		return -ENOMEM;
	msg = ssi_msg_alloc(SSI_MSG_ECHO_MEM, 0, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = ssi_call_killable(call, st->node, st->epoch, msg, SSI_CALL_TIMEOUT);
	if (!err)
		WRITE_ONCE(st->settled, given);
	return err;
}

/**
 * ssi_evict_settled - does the home have all that this node held for it?
 * @st: store
 *
 * Context: any.
 * Return: true if nothing is here or on its way.
 */
bool ssi_evict_settled(struct ssi_store *st)
{
	/* a page is given before it is no longer here */
	return !atomic_long_read_acquire(&st->nr_pages) &&
	       READ_ONCE(st->settled) == atomic_long_read(&st->given);
}

/* No process is here; one that has just gone home may be on its way out. */
static bool ssi_evict_unused(struct ssi_store *st)
{
	unsigned long last = jiffies;

	while (!xa_empty(&st->hosted)) {
		if (time_after(jiffies, last + HZ) || msleep_interruptible(20))
			return false;
	}
	return true;
}

/* Until nothing more goes home. */
static void ssi_evict_store(struct ssi_store *st)
{
	unsigned long last = jiffies;
	long nr, least = LONG_MAX;

	while ((nr = atomic_long_read(&st->nr_pages)) > 0 && !READ_ONCE(st->dead) &&
	       time_before(jiffies, last + SSI_EVICT_PATIENCE)) {
		if (nr < least) {
			least = nr;
			last = jiffies;
		}
		if (time_after(jiffies, last + HZ / 2) &&
		    time_after(jiffies, st->asked_at + HZ / 2))
			ssi_evict_ask_again(st);
		ssi_evict_ask(st, SSI_EVICT_MAX_ASKED, GFP_KERNEL);
		if (msleep_interruptible(20))
			break;
	}
}

/**
 * ssi_evict_stores - give everything back that is held for peers
 * @si: instance
 * @node: whose home it is and that is about to leave, or NULL: the instance leaves
 *
 * Gives up when nothing more goes home; what then is left makes the leave fail.
 * A process that still runs here keeps its pages.
 *
 * Context: process context, no locks; sleeps.
 */
void ssi_evict_stores(struct ssi_instance *si, struct ssi_node *node)
{
	struct ssi_store *st = NULL;
	unsigned int tries;

	while ((st = ssi_store_next(st))) {
		if (st->node->inst != si || (node && st->node != node) || !ssi_evict_unused(st))
			continue;
		tries = SSI_EVICT_SETTLES;
		do {
			ssi_evict_store(st);
		} while (!ssi_evict_settle(st) && !ssi_evict_settled(st) && --tries);
	}
}

/**
 * ssi_evict_init - make the work queue and the shrinker
 *
 * Return: 0 or -ENOMEM.
 */
int __init ssi_evict_init(void)
{
	ssi_evict_wq = alloc_workqueue("ssi-evict", WQ_UNBOUND, 4);
	if (!ssi_evict_wq)
		return -ENOMEM;
	ssi_evict_shrinker = shrinker_alloc(0, "ssi-store");
	if (!ssi_evict_shrinker) {
		destroy_workqueue(ssi_evict_wq);
		return -ENOMEM;
	}
	ssi_evict_shrinker->count_objects = ssi_evict_count;
	ssi_evict_shrinker->scan_objects = ssi_evict_scan;
	shrinker_register(ssi_evict_shrinker);
	register_oom_notifier(&ssi_evict_oom_nb);
	return 0;
}
