// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: pages that come home because a CPU touches them here
 */

/**
 * DOC: recall
 *
 * A page that another node holds is a device page, which no CPU can use: a touch
 * at home faults, and the kernel calls migrate_to_ram(). The holder is asked for
 * the bytes, and the page becomes an ordinary one.
 *
 * A recall runs in the touching task's page fault with mmap_lock held for
 * reading and the device folio locked; it waits for the holder's answer, at most
 * until the holder is declared lost. Bytes that arrive are kept in the device
 * page until the page tables have them: a migration that fails loses nothing.
 * Bytes that no holder has any more kill the process whose memory they were;
 * somebody else who only looks gets SIGBUS or an error.
 *
 * Pages come in windows that grow while a walk goes on. What came home is
 * remembered twice: by the page, so that the other node does not get it back the
 * instant before the kernel touches it again, and by the deputy whose system call
 * touched it, which sends it back along with the result.
 *
 * Lock order: mmap_lock, folio lock, the mirror's lock.
 */

#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "deputy.h"
#include "mirror.h"
#include "node.h"
#include "pagemap.h"
#include "procmsg.h"
#include "recall.h"
#include "rpc.h"
#include "trace.h"

/* a page that was touched at home stays for this long */
#define SSI_STAY_NS	(1 * NSEC_PER_MSEC)

static struct ssi_recent *ssi_recall_recent(struct ssi_mirror *m, unsigned long addr)
{
	return &m->recent[hash_long(addr >> PAGE_SHIFT, ilog2(SSI_NR_RECENT))];
}

/**
 * ssi_recall_let_stay - wait before a page that just came home is lent again
 * @m: mirror
 * @addr: the page
 *
 * A page that another thread just touched at home is about to be touched again
 * there: the kernel faults in what it then copies. What this thread touched it is
 * done with.
 *
 * Context: the deputy's own, no locks; sleeps for SSI_STAY_NS at most.
 */
void ssi_recall_let_stay(struct ssi_mirror *m, unsigned long addr)
{
	struct ssi_recent *r = ssi_recall_recent(m, addr);
	u64 age = ktime_get_ns() - READ_ONCE(r->time);

	if (READ_ONCE(r->addr) == addr && READ_ONCE(r->tid) != current->pid &&
	    age < SSI_STAY_NS)
		usleep_range((SSI_STAY_NS - age) / NSEC_PER_USEC,
			     (SSI_STAY_NS - age) / NSEC_PER_USEC + 50);
}

static void ssi_recall_note_touched(struct ssi_mirror *m, unsigned long start,
				    unsigned long end)
{
	struct ssi_touched *t = READ_ONCE(m->away) ? ssi_deputy_touched(m) : NULL;

	if (!t)
		return;
	if (t->nr && t->range[t->nr - 1].end == start) {
		t->range[t->nr - 1].end = end;
	} else if (t->nr < SSI_NR_TOUCHED) {
		t->range[t->nr].start = start;
		t->range[t->nr++].end = end;
	}
}

/* Nobody will ever give these bytes back. */
static vm_fault_t ssi_recall_lost_page(struct ssi_dpage *dp, struct vm_fault *vmf)
{
	/* somebody who only looks at the memory gets an error, and lives */
	if (current->mm != vmf->vma->vm_mm)
		return VM_FAULT_SIGBUS;
	/* who exits touches its memory again, and its threads do */
	if (!(READ_ONCE(current->signal->flags) & SIGNAL_GROUP_EXIT))
		pr_warn_ratelimited("ssi: %s[%d] killed: its memory was on node %u, which is lost\n",
				    current->comm, task_tgid_nr(current), dp->node->id);
	send_sig(SIGKILL, current, 1);
	return VM_FAULT_SIGBUS;
}

/**
 * ssi_recall_ask - ask the holder for the bytes of pages that have none here
 * @m: mirror of the pages
 * @node: the holder
 * @epoch: of the membership
 * @src: pages on their way, as core mm's migration has them: locked, in no page
 *	table; all of @m, @node and @epoch, or without MIGRATE_PFN_MIGRATE
 * @n: how many, up to SSI_MAX_RECALL
 *
 * Context: process context; sleeps, at most until the holder is lost.
 * Return: 0 or a negative errno, in which case some may have come all the same.
 */
int ssi_recall_ask(struct ssi_mirror *m, struct ssi_node *node, u32 epoch,
		   unsigned long *src, unsigned long n)
{
	struct ssi_dpage *asked[SSI_MAX_RECALL];
	struct ssi_call *call __free(kfree) = NULL;
	struct ssi_wire_pages *w, *reply __free(kfree) = NULL;
	unsigned int nr = 0, got = 0;
	struct ssi_msg *msg;
	unsigned long i;
	int ret;

	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);

		if (page && (src[i] & MIGRATE_PFN_MIGRATE) && ssi_dpage(page)->lent)
			asked[nr++] = ssi_dpage(page);
	}
	if (!nr)
		return 0;
	call = kzalloc_obj(*call, GFP_NOIO | __GFP_NOFAIL);
	reply = kzalloc(struct_size(reply, page, SSI_MAX_RECALL), GFP_NOIO | __GFP_NOFAIL);
	msg = ssi_msg_alloc(SSI_MSG_RECALL, struct_size(w, page, nr), GFP_NOIO | __GFP_NOFAIL);
	w = msg->body;
	w->nr = cpu_to_le32(nr);
	for (i = 0; i < nr; i++) {
		w->page[i].pfn = cpu_to_le64(page_to_pfn(asked[i]->page));
		w->page[i].gen = cpu_to_le32(asked[i]->gen);
	}
	call->reply = reply;
	call->reply_max = struct_size(reply, page, SSI_MAX_RECALL);
	/* a grant of these pages that was decided on before is ahead of this */
	mutex_lock(&m->lock);
	ret = ssi_call_start(call, node, epoch, msg);
	mutex_unlock(&m->lock);
	if (!ret)
		ret = ssi_call_wait(call);
	if (!ret && (call->reply_len < sizeof(*reply) || le32_to_cpu(reply->nr) != nr ||
		     call->reply_len != struct_size(reply, page, nr)))
		ret = -EBADMSG;
	for (i = 0; !ret && i < nr; i++) {
		if (le32_to_cpu(reply->page[i].flags) & SSI_PAGE_GONE)
			continue;
		if (got == call->nr_pages) {
			ret = -EBADMSG;
			break;
		}
		asked[i]->bytes = call->pages[got];
		call->pages[got++] = NULL;
		asked[i]->lent = false;
		atomic_long_dec(&asked[i]->mirror->pages_out);
		atomic_long_inc(&asked[i]->mirror->recalls);
	}
	for (i = 0; i < call->nr_pages; i++)
		if (call->pages[i])
			put_page(call->pages[i]);
	if (ret == -EBADMSG)
		ssi_node_fence_epoch(node, epoch, "protocol: bad answer to a recall");
	return ret;
}

/**
 * ssi_recall_fill - give the migration the pages that came
 * @src: pages on their way
 * @dst: filled in; zero where nothing came
 * @n: how many
 *
 * Context: process context; the pages in @src are locked.
 */
void ssi_recall_fill(unsigned long *src, unsigned long *dst, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);
		struct ssi_dpage *dp;

		if (!page || !(src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		dp = ssi_dpage(page);
		if (!dp->bytes)
			continue;
		get_page(dp->bytes);
		lock_page(dp->bytes);
		dst[i] = migrate_pfn(page_to_pfn(dp->bytes)) | (src[i] & MIGRATE_PFN_WRITE);
	}
}

/**
 * ssi_recall_filled - forget the bytes that the page tables will have
 * @src: pages after their migration, before it is finalized
 * @dst: what they migrated to
 * @n: how many
 *
 * Context: process context; the pages in @src are locked.
 * Return: how many migrated.
 */
unsigned int ssi_recall_filled(unsigned long *src, unsigned long *dst, unsigned long n)
{
	unsigned int filled = 0;
	unsigned long i;

	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);
		struct ssi_dpage *dp;

		if (!page || !dst[i] || !(src[i] & MIGRATE_PFN_MIGRATE))
			continue;
		dp = ssi_dpage(page);
		/* MADV_FREE: a clean page would be thrown away, and it may have been written */
		folio_set_dirty(page_folio(dp->bytes));
		put_page(dp->bytes);
		dp->bytes = NULL;
		filled++;
	}
	return filled;
}

/* How many pages around a touched one come home with it. */
static void ssi_recall_range(struct ssi_mirror *m, struct vm_fault *vmf,
			     unsigned long *start, unsigned long *end)
{
	unsigned long addr = vmf->address & PAGE_MASK;
	unsigned int window = 1;

	if (READ_ONCE(m->recall_next) == addr)
		window = min(READ_ONCE(m->recall_window) * 2, SSI_MAX_RECALL);
	else if (!READ_ONCE(m->away))
		window = SSI_MAX_RECALL / 4;
	*start = addr;
	*end = min(vmf->vma->vm_end, addr + window * PAGE_SIZE);
	WRITE_ONCE(m->recall_window, window);
	WRITE_ONCE(m->recall_next, *end);
}

/* What was taken from the node has to be granted anew, when it is lent again. */
static void ssi_recall_taken(struct ssi_mirror *m, unsigned long start,
			     const unsigned long *src, unsigned long n)
{
	unsigned long i;

	mutex_lock(&m->lock);
	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);

		if (page && (src[i] & MIGRATE_PFN_MIGRATE) && !ssi_dpage(page)->lent)
			xa_erase(&m->granted, (start >> PAGE_SHIFT) + i);
	}
	mutex_unlock(&m->lock);
}

/**
 * ssi_recall_to_ram - a CPU touched a page that another node holds
 * @vmf: the fault
 *
 * dev_pagemap_ops.migrate_to_ram().
 *
 * Context: page fault; mmap_lock or the VMA's lock held for reading, the device
 * folio locked and referenced; sleeps, at most until the holder is lost.
 * Return: 0, VM_FAULT_OOM, or VM_FAULT_SIGBUS if the bytes are lost.
 */
vm_fault_t ssi_recall_to_ram(struct vm_fault *vmf)
{
	struct ssi_dpage *dp = ssi_dpage(vmf->page);
	unsigned long src[SSI_MAX_RECALL] = {}, dst[SSI_MAX_RECALL] = {};
	struct migrate_vma mig = {
		.vma = vmf->vma,
		.src = src,
		.dst = dst,
		.pgmap_owner = (void *)ssi_pagemap_owner,
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
		.fault_page = vmf->page,
	};
	struct ssi_mirror *m = dp->mirror;
	struct ssi_node *node = dp->node;
	unsigned long n, i;
	vm_fault_t fault = 0;
	u32 epoch = dp->epoch;

	/* the migration drops the last reference of the device page */
	ssi_mirror_get(m);
	ssi_node_get(node);
	ssi_recall_range(m, vmf, &mig.start, &mig.end);
	n = (mig.end - mig.start) >> PAGE_SHIFT;
	if (migrate_vma_setup(&mig)) {
		fault = VM_FAULT_SIGBUS;
		goto out;
	}
	for (i = 0; i < n; i++) {
		struct page *page = migrate_pfn_to_page(src[i]);

		if (page && (ssi_dpage(page)->mirror != m || ssi_dpage(page)->node != node ||
			     ssi_dpage(page)->epoch != epoch))
			src[i] &= ~MIGRATE_PFN_MIGRATE;
	}
	ssi_recall_ask(m, node, epoch, src, n);
	if (vmf->vma->vm_mm == m->mm)
		ssi_recall_taken(m, mig.start, src, n);
	ssi_recall_fill(src, dst, n);
	/* windows begin with the page that is touched */
	if (migrate_pfn_to_page(src[0]) == vmf->page && (src[0] & MIGRATE_PFN_MIGRATE) && !dst[0])
		fault = ssi_recall_lost_page(dp, vmf);
	migrate_vma_pages(&mig);
	if (ssi_recall_filled(src, dst, n) && dst[0] && (src[0] & MIGRATE_PFN_MIGRATE)) {
		struct ssi_recent *r = ssi_recall_recent(m, mig.start);

		WRITE_ONCE(r->addr, mig.start);
		WRITE_ONCE(r->tid, current->pid);
		WRITE_ONCE(r->time, ktime_get_ns());
	}
	migrate_vma_finalize(&mig);
	if (!fault && vmf->vma->vm_mm == m->mm)
		ssi_recall_note_touched(m, mig.start, mig.end);
	trace_ssi_recall(m, mig.start, mig.end, (__force long)fault);
out:
	ssi_node_put(node);
	ssi_mirror_put(m);
	return fault;
}
