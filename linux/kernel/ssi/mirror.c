// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the home side of the memory of a process that is away
 */

/**
 * DOC: mirror
 *
 * A mirror knows which pages of a process another node can use. It is made when
 * the process moves for the first time and lives until its last thread exits or
 * executes another program, and then as long as device pages name it.
 *
 * A fault of a thread that is away is served by its deputy, in the deputy's own
 * context: its limits, its memory cgroup and its memory policy apply. Anonymous
 * pages *move*: they become device pages here and exist once. A page of a
 * private file mapping that nobody wrote is *copied*; POSIX leaves open whether
 * later changes of the file show. Nothing else leaves home: the thread comes
 * back and touches the page here.
 *
 * The grant loop: take a snapshot of the page tables inside @lock, which
 * invalidations and recalls take too; if it is a state that can be granted, send
 * the grant before the lock is released; if not, change the state without the
 * lock (migrate, fault in, break copy-on-write) and look again. As the memory
 * lane is a FIFO, the other node sees grants, invalidations and recalls in the
 * order in which the page tables had these states. mmu_interval_read_retry()
 * alone would not do: migrations of our own do not advance the sequence.
 *
 * A fault that cannot be served brings the thread home with the reason; memory that
 * fails for an invalidation costs the node its membership, for nobody may read what
 * home takes away. What brings pages back is recall.c.
 *
 * Lock order: mmap_lock, folio lock, @lock, the lane's send lock.
 */

#include <kunit/visibility.h>
#include <linux/delay.h>
#include <linux/hmm.h>
#include <linux/io_uring.h>
#include <linux/ksm.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/pkeys.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "arch.h"
#include "debugfs.h"
#include "deputy.h"
#include "evict.h"
#include "instance.h"
#include "mirror.h"
#include "node.h"
#include "pagemap.h"
#include "process.h"
#include "procmsg.h"
#include "recall.h"
#include "rpc.h"
#include "task.h"
#include "trace.h"

#define SSI_SECOND_WINDOW	8	/* when a fault follows another */
#define SSI_MAX_TRIES	50

static void ssi_mirror_free_work(struct work_struct *work)
{
	struct ssi_mirror *m = container_of(work, struct ssi_mirror, free_work);

	xa_destroy(&m->granted);
	xa_destroy(&m->deputies);
	put_pid(m->tgid);
	mmdrop(m->mm);
	ssi_instance_put(m->inst);
	kfree(m);
	atomic_dec(&ssi_objects.mirrors);
}

/**
 * ssi_mirror_get - take a reference
 * @m: mirror, referenced by somebody
 */
void ssi_mirror_get(struct ssi_mirror *m)
{
	refcount_inc(&m->ref);
}

/**
 * ssi_mirror_put - give a reference back
 * @m: mirror
 *
 * Context: any.
 */
void ssi_mirror_put(struct ssi_mirror *m)
{
	if (refcount_dec_and_test(&m->ref))
		queue_work(system_dfl_wq, &m->free_work);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_mirror_put);

/*
 * Tell the holder to forget an address range, and wait until it has. What is
 * not blockable comes from the OOM reaper: the process is being killed, and its
 * user mode may see anything until the kick arrives.
 */
static void __ssi_mirror_forget(struct ssi_mirror *m, unsigned long start, unsigned long end,
				bool wait)
{
	unsigned long first = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;
	unsigned long index = first;
	struct ssi_wire_range *w;
	struct ssi_call call = {};
	struct ssi_msg *msg;
	int tries = 0;

	lockdep_assert_held(&m->lock);
	if (!m->sid || !xa_find(&m->granted, &index, last, XA_PRESENT))
		return;
	xa_for_each_range(&m->granted, index, w, first, last)
		xa_erase(&m->granted, index);
	trace_ssi_invalidate(m, start, end, wait);
	do {
		msg = ssi_msg_alloc(SSI_MSG_INVALIDATE, sizeof(*w),
				    GFP_ATOMIC | __GFP_NOWARN);
		if (!msg && wait)
			fsleep(USEC_PER_MSEC);
	} while (!msg && wait && tries++ < 1000);
	if (!msg) {
		if (wait)
			ssi_node_fence_epoch(m->node, m->epoch, "no memory to invalidate");
		return;
	}
	w = msg->body;
	w->sid = cpu_to_le64(m->sid);
	w->start = cpu_to_le64(start);
	w->end = cpu_to_le64(end);
	if (wait)
		ssi_call(&call, m->node, m->epoch, msg);
	else
		ssi_msg_send(m->node, m->epoch, msg);
}

static bool ssi_mirror_invalidate(struct mmu_interval_notifier *mni,
				  const struct mmu_notifier_range *range,
				  unsigned long seq)
{
	struct ssi_mirror *m = container_of(mni, struct ssi_mirror, mni);
	bool wait = mmu_notifier_range_blockable(range);

	/* our own moves change where a page is, not who may use it */
	if (range->event == MMU_NOTIFY_MIGRATE && range->owner == ssi_pagemap_owner)
		return true;
	if (wait)
		mutex_lock(&m->lock);
	else if (!mutex_trylock(&m->lock))
		return false;
	mmu_interval_set_seq(mni, seq);
	__ssi_mirror_forget(m, range->start, range->end, wait);
	mutex_unlock(&m->lock);
	return true;
}

/**
 * ssi_mirror_forget - have the node forget a range that is about to be recalled
 * @m: mirror
 * @start: first byte
 * @end: one more than the last byte
 *
 * One round trip for all, where each page would cost one later.
 *
 * Context: process context, no lock of core mm; sleeps.
 */
void ssi_mirror_forget(struct ssi_mirror *m, unsigned long start, unsigned long end)
{
	mutex_lock(&m->lock);
	__ssi_mirror_forget(m, start, end, true);
	mutex_unlock(&m->lock);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_mirror_forget);

static const struct mmu_interval_notifier_ops ssi_mirror_mni_ops = {
	.invalidate = ssi_mirror_invalidate,
};

/**
 * ssi_mirror_alloc - make the mirror of a process
 * @si: instance
 * @mm: its memory, counted by mmget() for the call
 * @tgid: the process
 *
 * Context: process context, no locks; sleeps.
 * Return: the mirror with one reference, or an ERR_PTR().
 */
struct ssi_mirror *ssi_mirror_alloc(struct ssi_instance *si, struct mm_struct *mm,
				    struct pid *tgid)
{
	struct ssi_mirror *m;
	int ret;

	m = kzalloc_obj(*m);
	if (!m)
		return ERR_PTR(-ENOMEM);
	refcount_set(&m->ref, 1);
	m->mm = mm;
	mutex_init(&m->move_lock);
	mutex_init(&m->lock);
	spin_lock_init(&m->slock);
	init_waitqueue_head(&m->wq);
	xa_init(&m->deputies);
	xa_init(&m->granted);
	INIT_LIST_HEAD(&m->link);
	INIT_WORK(&m->free_work, ssi_mirror_free_work);
	INIT_DELAYED_WORK(&m->evict_work, ssi_evict_mirror_work);
	INIT_WORK(&m->lost_work, ssi_process_lost_work);
	ret = mmu_interval_notifier_insert(&m->mni, mm, 0, ULONG_MAX & PAGE_MASK,
					   &ssi_mirror_mni_ops);
	if (ret) {
		kfree(m);
		return ERR_PTR(ret);
	}
	/* khugepaged would collapse device pages, one recall after the other */
	mm_flags_set(MMF_DISABLE_THP_COMPLETELY, mm);
	mmgrab(mm);
	m->tgid = get_pid(tgid);
	m->inst = si;
	ssi_instance_get(si);
	atomic_inc(&ssi_objects.mirrors);
	return m;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_mirror_alloc);

/**
 * ssi_mirror_stop - the last deputy goes
 * @m: mirror
 *
 * Context: process context, mmap_lock not held; sleeps.
 */
void ssi_mirror_stop(struct ssi_mirror *m)
{
	mmu_interval_notifier_remove(&m->mni);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_mirror_stop);

/* What is to be done with a page before it can be granted. */
enum ssi_page_step {
	SSI_STEP_GRANT,		/* nothing: it is lent already, or to be copied */
	SSI_STEP_MOVE,		/* an anonymous page or a hole: lend it */
	SSI_STEP_FAULT,		/* the kernel must fault it in, or break sharing */
	SSI_STEP_SKIP,
};

static enum ssi_page_step ssi_mirror_step(struct ssi_mirror *m, struct vm_area_struct *vma,
					  unsigned long pfn, u32 flags)
{
	bool write = flags & SSI_FAULT_WRITE;
	struct ssi_dpage *dp;
	struct folio *folio;
	struct page *page;

	if (!(pfn & HMM_PFN_VALID) || (pfn & HMM_PFN_ERROR))
		return vma_is_anonymous(vma) ? SSI_STEP_MOVE : SSI_STEP_FAULT;
	page = hmm_pfn_to_page(pfn);
	if (is_device_private_page(page)) {
		dp = ssi_dpage(page);
		if (dp->mirror != m || dp->node != m->node || dp->epoch != m->epoch ||
		    !dp->lent || (write && !(pfn & HMM_PFN_WRITE)))
			return SSI_STEP_FAULT;
		return SSI_STEP_GRANT;
	}
	if (is_zero_pfn(page_to_pfn(page)))
		return vma_is_anonymous(vma) ? SSI_STEP_MOVE : SSI_STEP_FAULT;
	folio = page_folio(page);
	if (!folio_test_anon(folio))
		return write ? SSI_STEP_FAULT : SSI_STEP_GRANT;
	/*
	 * Moving a page that a child or KSM shares would take it from them too;
	 * and one that is write-protected would be recalled by the first write.
	 */
	if (folio_test_ksm(folio))
		return SSI_STEP_FAULT;
	/* a huge page that is mapped whole has the flag in its first page only */
	if (!PageAnonExclusive(hmm_pfn_to_map_order(pfn) ? &folio->page : page))
		return SSI_STEP_FAULT;
	if ((vma->vm_flags & VM_WRITE) && !(pfn & HMM_PFN_WRITE))
		return SSI_STEP_FAULT;
	return SSI_STEP_MOVE;
}

static enum ssi_reason ssi_mirror_vma_reason(struct vm_area_struct *vma, u32 flags)
{
	vm_flags_t vf = vma->vm_flags;

	if ((flags & SSI_FAULT_WRITE) && !(vf & VM_WRITE))
		return SSI_REASON_EXCEPTION;
	if ((flags & SSI_FAULT_EXEC) && !(vf & VM_EXEC))
		return SSI_REASON_EXCEPTION;
	if (!(vf & VM_READ))	/* HMM knows no page that cannot be read */
		return SSI_REASON_EXCEPTION;
	if (is_vm_hugetlb_page(vma))
		return SSI_REASON_HUGETLB;
	if (vma->vm_file && io_is_uring_fops(vma->vm_file))
		return SSI_REASON_IO_URING;
	if (vf & (VM_IO | VM_PFNMAP | VM_MIXEDMAP))
		return SSI_REASON_PFN_MAPPING;
	if (vf & (VM_SHARED | VM_MAYSHARE))
		return SSI_REASON_SHARED_MAPPING;
	if (userfaultfd_armed(vma))
		return SSI_REASON_USERFAULTFD;
	if (vf & SSI_ARCH_VM_TAGGED)
		return SSI_REASON_MEMORY_TAG;
#ifdef CONFIG_ARCH_HAS_PKEYS
	if (vma_pkey(vma))
		return SSI_REASON_PROTECTION_KEY;
#endif
	return SSI_REASON_NONE;
}

/*
 * What was to be lent could not be sent: the bytes stay with the device pages, as if
 * they had come back. Returns for how many, which is all but holes without memory.
 */
static unsigned int ssi_mirror_unlend(struct ssi_mirror *m, const struct migrate_vma *mig)
{
	unsigned int nr = 0;
	unsigned long i;

	for (i = 0; i < mig->npages; i++) {
		struct page *from = migrate_pfn_to_page(mig->src[i]);
		struct page *to = migrate_pfn_to_page(mig->dst[i]);
		struct ssi_dpage *dp;

		if (!(mig->src[i] & MIGRATE_PFN_MIGRATE) || !to)
			continue;
		dp = ssi_dpage(to);
		if (!dp->lent)
			continue;
		if (from)
			get_page(from);
		else
			from = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_ZERO);
		if (!from)
			continue;
		dp->bytes = from;
		dp->lent = false;
		nr++;
	}
	atomic_long_sub(nr, &m->pages_out);
	return nr;
}

/*
 * Lend the pages of [start, end): they become device pages, and their bytes go
 * to the node of the session. Under mmap_lock for reading. Returns how many did.
 */
static int ssi_mirror_lend(struct ssi_mirror *m, struct vm_area_struct *vma,
			   unsigned long start, unsigned long end)
{
	unsigned long n = (end - start) >> PAGE_SHIFT, i;
	struct ssi_wire_pages *w;
	struct migrate_vma mig = {
		.vma = vma,
		.start = start,
		.end = end,
		.pgmap_owner = (void *)ssi_pagemap_owner,
		.flags = MIGRATE_VMA_SELECT_SYSTEM,
	};
	struct ssi_msg *msg;
	int lent = 0;
	u32 nr = 0;

	msg = ssi_msg_alloc(SSI_MSG_STORE, struct_size(w, page, n), GFP_KERNEL);
	mig.src = kcalloc(2 * n, sizeof(*mig.src), GFP_KERNEL);
	if (!msg || !mig.src)
		goto out;
	mig.dst = mig.src + n;
	if (migrate_vma_setup(&mig))
		goto out;
	for (i = 0; i < n; i++) {
		struct page *page;

		if (!(mig.src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		page = ssi_dpage_alloc(m, m->node, m->epoch);
		if (!page)
			continue;
		mig.dst[i] = migrate_pfn(page_to_pfn(page)) | (mig.src[i] & MIGRATE_PFN_WRITE);
	}
	migrate_vma_pages(&mig);
	/* only now: a reference of the message's would have stopped the move */
	w = msg->body;
	for (i = 0; i < n; i++) {
		struct page *from = migrate_pfn_to_page(mig.src[i]);
		struct page *to = migrate_pfn_to_page(mig.dst[i]);
		struct ssi_dpage *dp;

		if (!(mig.src[i] & MIGRATE_PFN_MIGRATE) || !to)
			continue;
		dp = ssi_dpage(to);
		if (from && ssi_msg_add_page(msg, from)) {
			/* no memory for the message: the bytes stay with the page */
			get_page(from);
			dp->bytes = from;
			continue;
		}
		dp->addr = start + i * PAGE_SIZE;
		dp->lent = true;
		w->page[nr].pfn = cpu_to_le64(page_to_pfn(to));
		w->page[nr].gen = cpu_to_le32(dp->gen);
		w->page[nr].flags = cpu_to_le32(from ? 0 : SSI_PAGE_ZERO);
		nr++;
	}
	w->nr = cpu_to_le32(nr);
	lent = nr;
	if (nr) {
		atomic_long_add(nr, &m->pages_out);
		atomic64_add(nr, &ssi_objects.pages_lent);
		msg->len = struct_size(w, page, nr);
		msg->more = true;	/* the grant follows */
		if (ssi_msg_send(m->node, m->epoch, msg))
			lent -= ssi_mirror_unlend(m, &mig);
		msg = NULL;
	}
	migrate_vma_finalize(&mig);
	trace_ssi_lend(m, start, end, nr);
out:
	kfree(mig.src);
	if (msg)
		ssi_msg_free(msg);
	return lent;
}

static struct ssi_wire_grant *ssi_mirror_grant_head(struct ssi_msg *msg, struct ssi_fault *f)
{
	struct ssi_wire_grant *g = msg->body;

	g->sid = cpu_to_le64(f->sid);
	g->tid = cpu_to_le32(f->tid);
	g->seq = cpu_to_le32(f->seq);
	g->addr = cpu_to_le64(f->addr & PAGE_MASK);
	return g;
}

/* Under @lock, with a snapshot that is true: say it to the node. */
static int ssi_mirror_grant(struct ssi_mirror *m, struct vm_area_struct *vma,
			    struct ssi_fault *f, unsigned long *pfns, unsigned long n,
			    struct ssi_msg *msg)
{
	struct ssi_wire_grant *g = ssi_mirror_grant_head(msg, f);
	unsigned long addr = f->addr & PAGE_MASK, i;
	u32 rights = vma->vm_flags & SSI_VM_RWX;
	bool dropped = false;	/* its copies of file pages, as it had no memory */

	if (vma->vm_flags & SSI_ARCH_VM_BTI)
		rights |= SSI_VM_BTI;
	g->vm_flags = cpu_to_le32(rights);
	g->vm_start = cpu_to_le64(vma->vm_start);
	g->vm_end = cpu_to_le64(vma->vm_end);
	for (i = 0; i < n; i++, addr += PAGE_SIZE) {
		enum ssi_page_step step = ssi_mirror_step(m, vma, pfns[i], i ? 0 : f->flags);
		struct ssi_wire_grant_page *p = &g->page[i];
		struct page *page;

		p->flags = cpu_to_le32(SSI_GRANT_NONE);
		if (step != SSI_STEP_GRANT)
			continue;
		page = hmm_pfn_to_page(pfns[i]);
		/* what it has already is not sent again, unless it asks */
		if (xa_load(&m->granted, addr >> PAGE_SHIFT)) {
			if (!i)
				dropped = !(f->flags & (SSI_FAULT_WRITE | SSI_FAULT_AHEAD));
			else if (!dropped)
				continue;
		}
		if (xa_err(xa_store(&m->granted, addr >> PAGE_SHIFT, xa_mk_value(1),
				    GFP_NOWAIT | __GFP_NOWARN))) {
			if (!i)
				return -ENOMEM;
			continue;
		}
		if (is_device_private_page(page)) {
			struct ssi_dpage *dp = ssi_dpage(page);

			p->pfn = cpu_to_le64(page_to_pfn(page));
			p->gen = cpu_to_le32(dp->gen);
			p->flags = cpu_to_le32(pfns[i] & HMM_PFN_WRITE ? SSI_GRANT_WRITE : 0);
		} else {
			if (ssi_msg_add_page(msg, page)) {
				xa_erase(&m->granted, addr >> PAGE_SHIFT);
				if (!i)
					return -ENOMEM;
				continue;
			}
			p->flags = cpu_to_le32(SSI_GRANT_COPY);
		}
	}
	g->nr = cpu_to_le32(n);
	return 0;
}

static void ssi_mirror_refuse(struct ssi_mirror *m, struct ssi_fault *f,
			      enum ssi_reason reason)
{
	struct ssi_wire_grant *g;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_GRANT, sizeof(*g), GFP_KERNEL | __GFP_NOFAIL);
	g = ssi_mirror_grant_head(msg, f);
	g->reason = cpu_to_le32(reason);
	ssi_msg_send_direct(m->node, m->epoch, msg);
}

/* Was it sent ahead while the question was on its way? */
static bool ssi_mirror_is_late(const struct ssi_fault *f, unsigned long addr)
{
	return f->window == SSI_WALK_WINDOW && addr < f->next &&
	       f->next - addr <= SSI_WALK_AHEAD * SSI_WALK_WINDOW * PAGE_SIZE;
}

static unsigned long ssi_mirror_window(struct ssi_fault *f, unsigned long addr)
{
	if (addr == f->next)
		f->window = clamp(f->window * 2, SSI_SECOND_WINDOW, SSI_WALK_WINDOW);
	else
		f->window = 1;
	return f->window;
}

/* One look at the page tables, and the step they call for. */
static enum ssi_reason ssi_mirror_fault_once(struct ssi_mirror *m, struct ssi_fault *f,
					     unsigned long window, bool *done)
{
	unsigned long start = f->addr & PAGE_MASK, end, n, i, seq;
	bool write = f->flags & SSI_FAULT_WRITE, unlocked = false;
	enum ssi_reason reason;
	enum ssi_page_step step;
	struct vm_area_struct *vma;
	struct ssi_wire_grant *g;
	struct hmm_range range;
	struct ssi_msg *msg;
	int ret;

	unsigned long *pfns __free(kfree) = kcalloc(window, sizeof(*pfns), GFP_KERNEL);

	msg = ssi_msg_alloc(SSI_MSG_GRANT, struct_size(g, page, window), GFP_KERNEL);
	if (!pfns || !msg) {
		if (msg)
			ssi_msg_free(msg);
		return SSI_REASON_NO_MEMORY;
	}
	/* what it needs more is allocated under @lock, where nothing may reclaim */
	msg->gfp = GFP_NOWAIT | __GFP_NOWARN;
	seq = mmu_interval_read_begin(&m->mni);
	vma = lock_mm_and_find_vma(m->mm, start, NULL);
	if (!vma) {
		ssi_msg_free(msg);
		return SSI_REASON_EXCEPTION;
	}
	reason = ssi_mirror_vma_reason(vma, f->flags);
	if (reason)
		goto unlock;
	end = min(vma->vm_end, start + window * PAGE_SIZE);
	n = (end - start) >> PAGE_SHIFT;

	range = (struct hmm_range) {
		.notifier = &m->mni,
		.notifier_seq = seq,
		.start = start,
		.end = end,
		.hmm_pfns = pfns,
		.dev_private_owner = (void *)ssi_pagemap_owner,
	};
	mutex_lock(&m->lock);
	ret = hmm_range_fault(&range);
	if (ret || mmu_interval_read_retry(&m->mni, seq)) {
		mutex_unlock(&m->lock);
		if (ret && ret != -EBUSY)
			reason = SSI_REASON_EXCEPTION;
		goto unlock;
	}
	step = ssi_mirror_step(m, vma, pfns[0], f->flags);
	if (step == SSI_STEP_GRANT) {
		if (!ssi_mirror_grant(m, vma, f, pfns, n, msg)) {
			f->next = end;
			ssi_msg_send_direct(m->node, m->epoch, msg);
			msg = NULL;
			*done = true;
		}
		mutex_unlock(&m->lock);
		goto unlock;
	}
	mutex_unlock(&m->lock);
	if (step == SSI_STEP_MOVE) {
		bool hole = !(pfns[0] & HMM_PFN_VALID);

		/* the longest run of pages that can be lent; holes for holes only */
		for (i = 1; i < n; i++)
			if (ssi_mirror_step(m, vma, pfns[i], 0) != SSI_STEP_MOVE ||
			    !(pfns[i] & HMM_PFN_VALID) != hole)
				break;
		ret = ssi_mirror_lend(m, vma, start, start + i * PAGE_SIZE);
		if (!ret && i > 1)
			ret = ssi_mirror_lend(m, vma, start, start + PAGE_SIZE);
		if (ret)
			goto unlock;
		/* swapped out, or in somebody's hands: fault it in and try again */
	}
	ret = fixup_user_fault(m->mm, start, write || (vma->vm_flags & VM_WRITE &&
						       pfns[0] & HMM_PFN_VALID) ?
			       FAULT_FLAG_WRITE : FAULT_FLAG_UNSHARE, &unlocked);
	if (ret)
		reason = SSI_REASON_EXCEPTION;
unlock:
	mmap_read_unlock(m->mm);
	if (msg)
		ssi_msg_free(msg);
	return reason;
}

/**
 * ssi_mirror_ahead - a thread walks through memory: send what comes next
 * @m: mirror
 * @f: its last fault, with the history of those before
 *
 * While the thread is busy with what it got, so that the link never waits for a
 * question.
 *
 * Context: the deputy's own, no locks; sleeps.
 */
void ssi_mirror_ahead(struct ssi_mirror *m, struct ssi_fault *f)
{
	unsigned int i;

	for (i = 0; i < SSI_WALK_AHEAD && !signal_pending(current) && READ_ONCE(m->away); i++) {
		struct ssi_fault next = { .sid = f->sid, .addr = f->next };
		enum ssi_reason reason = SSI_REASON_NONE;
		bool done = false;
		int tries;

		for (tries = 0; tries < 3 && !done && !reason; tries++)
			reason = ssi_mirror_fault_once(m, &next, SSI_WALK_WINDOW, &done);
		if (!done) {
			ssi_msg_flush(m->node);
			break;
		}
		f->next = next.next;
	}
}

/**
 * ssi_mirror_fault - answer a fault of a thread that is away
 * @m: mirror
 * @f: the fault
 *
 * The node gets a grant, or the reason why the thread has to come home.
 *
 * Context: the deputy's own, no locks; sleeps.
 * Return: SSI_REASON_NONE or the reason.
 */
enum ssi_reason ssi_mirror_fault(struct ssi_mirror *m, struct ssi_fault *f)
{
	bool late = ssi_mirror_is_late(f, f->addr & PAGE_MASK);
	unsigned long window = late ? 1 : ssi_mirror_window(f, f->addr & PAGE_MASK);
	enum ssi_reason reason = SSI_REASON_NONE;
	unsigned long next = f->next;
	bool done = false;
	int tries = 0;

	ssi_pagemap_reserve();
	ssi_recall_let_stay(m, f->addr & PAGE_MASK);
	while (!done && !reason) {
		if (fatal_signal_pending(current))
			reason = SSI_REASON_EXITING;
		else if (tries++ == SSI_MAX_TRIES)
			reason = SSI_REASON_RETRIES;
		else
			reason = ssi_mirror_fault_once(m, f, window, &done);
		if (tries > 8)
			usleep_range(50 * tries, 100 * tries);
	}
	if (!done)
		ssi_mirror_refuse(m, f, reason);
	if (late)
		f->next = next;
	atomic_long_inc(&m->faults);
	trace_ssi_fault(m, f, reason, tries);
	if (done && window == SSI_WALK_WINDOW)
		ssi_mirror_ahead(m, f);
	return reason;
}

/**
 * ssi_mirror_push - send pages back before they are asked for
 * @m: mirror, whose session cannot end
 * @sid: session
 * @touched: pages; emptied
 *
 * A system call reads and writes the caller's memory at home, and the caller goes
 * on with that memory: it saves a round trip for each page. Where it fails the
 * thread faults as ever.
 *
 * Context: the deputy's own, no locks; sleeps.
 */
void ssi_mirror_push(struct ssi_mirror *m, u64 sid, struct ssi_touched *touched)
{
	unsigned int i;

	for (i = 0; i < touched->nr; i++) {
		struct ssi_fault f = { .sid = sid, .addr = touched->range[i].start };
		unsigned long n = (touched->range[i].end - f.addr) >> PAGE_SHIFT;
		enum ssi_reason reason = SSI_REASON_NONE;
		bool done = false;
		int tries;

		for (tries = 0; tries < 3 && !done && !reason; tries++)
			reason = ssi_mirror_fault_once(m, &f, min(n, SSI_WALK_WINDOW), &done);
		if (!done)
			ssi_msg_flush(m->node);
	}
	touched->nr = 0;
}

