// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the memory of a process of another node that runs here
 */

/**
 * DOC: guestmm
 *
 * The memory of a hosted process is the page cache of a pseudo file as large as
 * the address space; the page at address A has index A >> PAGE_SHIFT. The file is
 * mapped shared, piece by piece, with home's rights, when a thread first faults
 * in a mapping of home's. Entries start read-only, so that the first write asks
 * whether the page is exclusive (the folio's checked flag).
 *
 * Nothing here waits for the network in a page fault: the fault is noted in the
 * guest, the handler returns VM_FAULT_NOPAGE, and the exit hook asks home, waits
 * and lets the instruction run again. A fault from kernel mode (restartable
 * sequences, signal-free as guests are, nothing else) never reaches the hook with
 * the instruction unfinished: it gets VM_FAULT_SIGBUS and the address is fetched
 * before user mode runs.
 *
 * Grants and invalidations are handled in the receiver thread of the memory lane,
 * in order. Invalidating is unmapping and forgetting; it takes no mmap_lock.
 *
 * The inode's i_mmap_rwsem has a lockdep class of its own: home's invalidation may
 * run under an ordinary one and wait for ours, in a kernel that is both.
 */

#include <linux/file.h>
#include <linux/folio_batch.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/pseudo_fs.h>
#include <linux/resume_user_mode.h>
#include <linux/rseq.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "guest.h"
#include "guestmm.h"
#include "hosted.h"
#include "procmsg.h"
#include "rpc.h"
#include "store.h"

#define SSI_FS_MAGIC	0x53534931

static struct vfsmount *ssi_guestmm_mnt __ro_after_init;
static struct lock_class_key ssi_guestmm_immap_key;
static atomic_long_t ssi_guestmm_nr_copies = ATOMIC_LONG_INIT(0);

/* Note what the guest needs; the exit hook will ask for it. */
static vm_fault_t ssi_guestmm_request(struct vm_fault *vmf, u32 flags)
{
	struct ssi_guest *g = ssi_guest_current();

	if (!g)
		return VM_FAULT_SIGBUS;
	/*
	 * do_page_mkwrite() hides FAULT_FLAG_USER: there a request while something
	 * waits for a pass of the hook already tells that the kernel is at work.
	 */
	if (!(vmf->flags & (FAULT_FLAG_USER | FAULT_FLAG_MKWRITE)) ||
	    ((vmf->flags & FAULT_FLAG_MKWRITE) && g->trap != SSI_TRAP_NONE)) {
		g->kernel_addr = vmf->real_address;
		g->kernel_flags = flags;
		return VM_FAULT_SIGBUS;
	}
	g->trap = SSI_TRAP_FAULT;
	g->addr = vmf->real_address;
	g->flags = flags;
	set_notify_resume(current);
	return VM_FAULT_NOPAGE;
}

/* A walk has used half of what home sent ahead: the exit hook asks for more. */
static void ssi_guestmm_walk(struct vm_fault *vmf)
{
	struct ssi_guest *g = ssi_guest_current();
	pgoff_t next;

	if (!g || !(vmf->flags & FAULT_FLAG_USER))
		return;
	next = READ_ONCE(g->walk_next);
	if (!next || vmf->pgoff < next || vmf->pgoff - next >= SSI_WALK_AHEAD * SSI_WALK_WINDOW)
		return;
	WRITE_ONCE(g->walk_next, next + SSI_WALK_AHEAD * SSI_WALK_WINDOW);
	g->walk_ask = true;
	set_notify_resume(current);
}

static vm_fault_t ssi_guestmm_map_pages(struct vm_fault *vmf, pgoff_t start, pgoff_t end)
{
	vm_fault_t ret = filemap_map_pages(vmf, start, end);

	if (ret & VM_FAULT_NOPAGE)
		ssi_guestmm_walk(vmf);
	return ret;
}

static vm_fault_t ssi_guestmm_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	struct folio *folio = filemap_lock_folio(mapping, vmf->pgoff);
	bool write = vmf->flags & FAULT_FLAG_WRITE;

	if (!IS_ERR(folio)) {
		if (!write || folio_test_checked(folio)) {
			vmf->page = folio_page(folio, 0);
			ssi_guestmm_walk(vmf);
			return VM_FAULT_LOCKED;
		}
		folio_unlock(folio);
		folio_put(folio);
	}
	return ssi_guestmm_request(vmf, (write ? SSI_FAULT_WRITE : 0) |
				   (vmf->flags & FAULT_FLAG_INSTRUCTION ? SSI_FAULT_EXEC : 0));
}

static vm_fault_t ssi_guestmm_mkwrite(struct vm_fault *vmf)
{
	struct folio *folio = page_folio(vmf->page);

	folio_lock(folio);
	if (folio->mapping == vmf->vma->vm_file->f_mapping && folio_test_checked(folio))
		return VM_FAULT_LOCKED;
	folio_unlock(folio);
	return ssi_guestmm_request(vmf, SSI_FAULT_WRITE);
}

static const struct vm_operations_struct ssi_guestmm_vm_ops = {
	.fault		= ssi_guestmm_fault,
	.map_pages	= ssi_guestmm_map_pages,
	.page_mkwrite	= ssi_guestmm_mkwrite,
};

static int ssi_guestmm_mmap_prepare(struct vm_area_desc *desc)
{
	desc->vm_ops = &ssi_guestmm_vm_ops;
	return 0;
}

static const struct file_operations ssi_guestmm_fops = {
	.mmap_prepare	= ssi_guestmm_mmap_prepare,
};

static const struct address_space_operations ssi_guestmm_aops = {
	.dirty_folio	= noop_dirty_folio,
};

static int ssi_guestmm_init_fs_context(struct fs_context *fc)
{
	if (!init_pseudo(fc, SSI_FS_MAGIC))
		return -ENOMEM;
	/* code is mapped from here */
	fc->s_iflags &= ~SB_I_NOEXEC;
	return 0;
}

static struct file_system_type ssi_guestmm_fs_type = {
	.name			= "ssi",
	.init_fs_context	= ssi_guestmm_init_fs_context,
	.kill_sb		= kill_anon_super,
};

/**
 * ssi_guestmm_open - make the memory of a hosted process
 *
 * Context: process context; sleeps.
 * Return: the pseudo file, or an ERR_PTR().
 */
struct file *ssi_guestmm_open(void)
{
	struct inode *inode = new_inode_pseudo(ssi_guestmm_mnt->mnt_sb);
	struct file *file;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->i_mode = S_IFREG | 0700;
	inode->i_mapping->a_ops = &ssi_guestmm_aops;
	lockdep_set_class(&inode->i_mapping->i_mmap_rwsem, &ssi_guestmm_immap_key);
	i_size_write(inode, TASK_SIZE);
	mapping_set_gfp_mask(inode->i_mapping, GFP_HIGHUSER);
	mapping_set_unevictable(inode->i_mapping);
	inode->i_fop = &ssi_guestmm_fops;
	set_nlink(inode, 1);
	file = alloc_file_pseudo(inode, ssi_guestmm_mnt, "ssi", O_RDWR, &ssi_guestmm_fops);
	if (IS_ERR(file))
		iput(inode);
	return file;
}

/* A locked folio of the page cache is not to be mapped any more. */
static void ssi_guestmm_forget(struct address_space *mapping, struct folio *folio)
{
	unmap_mapping_pages(mapping, folio->index, 1, false);
	folio_clear_checked(folio);
	folio_clear_dirty(folio);
	filemap_remove_folio(folio);
	if (!folio->private)
		atomic_long_dec(&ssi_guestmm_nr_copies);
}

/**
 * ssi_guestmm_copies - how many copies of file pages are here, for all processes
 *
 * They are in no store: home has the page, and gives it again when asked.
 *
 * Return: a number that may have changed already.
 */
unsigned long ssi_guestmm_copies(void)
{
	return max(atomic_long_read(&ssi_guestmm_nr_copies), 0L);
}

/**
 * ssi_guestmm_drop_copies - drop copies of file pages
 * @mapping: of a hosted process
 * @next: where to go on; brought up to date
 * @nr: how many at most
 *
 * Context: reclaim; takes folio locks only if they are free.
 * Return: how many were dropped.
 */
unsigned long ssi_guestmm_drop_copies(struct address_space *mapping, pgoff_t *next,
				      unsigned long nr)
{
	pgoff_t first = READ_ONCE(*next);
	unsigned long dropped = 0;
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	while (dropped < nr && filemap_get_folios(mapping, &first, ULONG_MAX, &fbatch)) {
		for (i = 0; i < fbatch.nr; i++) {
			struct folio *folio = fbatch.folios[i];

			if (READ_ONCE(folio->private) || !folio_trylock(folio))
				continue;
			if (folio->mapping == mapping && !folio->private) {
				ssi_guestmm_forget(mapping, folio);
				dropped++;
			}
			folio_unlock(folio);
		}
		folio_batch_release(&fbatch);
		cond_resched();
	}
	/* at the end it begins anew */
	WRITE_ONCE(*next, dropped < nr ? 0 : first);
	return dropped;
}

/**
 * ssi_guestmm_remove - a page is not to be mapped by the process that has it
 * @folio: a folio of a store or of a page cache of ours, referenced
 *
 * Context: receiver thread of the memory lane, or after the last handler;
 * sleeps for the folio's lock.
 */
void ssi_guestmm_remove(struct folio *folio)
{
	struct address_space *mapping;

	if (!READ_ONCE(folio->mapping))
		return;
	folio_lock(folio);
	mapping = folio->mapping;
	if (mapping)
		ssi_guestmm_forget(mapping, folio);
	folio_unlock(folio);
}

static void ssi_guestmm_remove_range(struct address_space *mapping, pgoff_t first, pgoff_t last)
{
	struct folio_batch fbatch;
	unsigned int i;

	folio_batch_init(&fbatch);
	while (filemap_get_folios(mapping, &first, last, &fbatch)) {
		for (i = 0; i < fbatch.nr; i++)
			ssi_guestmm_remove(fbatch.folios[i]);
		folio_batch_release(&fbatch);
		cond_resched();
	}
}

/**
 * ssi_guestmm_close - empty the memory of a hosted process
 * @file: its pseudo file
 *
 * Context: process context; sleeps.
 */
void ssi_guestmm_close(struct file *file)
{
	ssi_guestmm_remove_range(file->f_mapping, 0, ULONG_MAX);
}

/* Put a folio at an address, whatever was there and wherever it was. */
static int ssi_guestmm_add(struct address_space *mapping, struct folio *folio, pgoff_t index,
			   bool write)
{
	struct folio *old = filemap_get_folio(mapping, index);
	int ret = 0;

	if (!IS_ERR(old)) {
		if (old != folio)
			ssi_guestmm_remove(old);
		folio_put(old);
	}
	if (folio->mapping && (folio->mapping != mapping || folio->index != index))
		ssi_guestmm_remove(folio);
	folio_lock(folio);
	if (!write && folio_test_checked(folio)) {
		unmap_mapping_pages(mapping, index, 1, false);
		folio_clear_checked(folio);
	}
	if (!folio->mapping) {
		ret = __filemap_add_folio(mapping, folio, index, GFP_KERNEL, NULL);
		if (!ret && !folio->private)
			atomic_long_inc(&ssi_guestmm_nr_copies);
	}
	if (!ret && write)
		folio_set_checked(folio);
	folio_unlock(folio);
	return ret;
}

/**
 * ssi_guestmm_check_grant - is this body a grant?
 * @body: of the message
 * @len: bytes of it, at least the fixed part
 *
 * Return: 0 or -EBADMSG.
 */
int ssi_guestmm_check_grant(const void *body, size_t len)
{
	const struct ssi_wire_grant *w = body;
	u32 nr = le32_to_cpu(w->nr);
	u64 addr = le64_to_cpu(w->addr), start = le64_to_cpu(w->vm_start);
	u64 end = le64_to_cpu(w->vm_end);

	if (nr > SSI_MSG_MAX_STORE || len < struct_size(w, page, nr))
		return -EBADMSG;
	if (!nr)
		return le32_to_cpu(w->reason) ? 0 : -EBADMSG;
	if ((addr | start | end) & ~PAGE_MASK || start > addr || addr >= end ||
	    end > TASK_SIZE || nr > (end - addr) >> PAGE_SHIFT)
		return -EBADMSG;
	return 0;
}

/**
 * ssi_guestmm_handle_grant - home answers a fault
 * @rx: SSI_MSG_GRANT
 *
 * Context: receiver thread of the memory lane; does not reclaim.
 */
void ssi_guestmm_handle_grant(struct ssi_rx *rx)
{
	const struct ssi_wire_grant *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));
	pgoff_t index = le64_to_cpu(w->addr) >> PAGE_SHIFT;
	unsigned int got = 0, i;
	struct ssi_guest *g;

	if (!h)
		return;
	for (i = 0; i < le32_to_cpu(w->nr); i++, index++) {
		u32 flags = le32_to_cpu(w->page[i].flags);
		struct folio *folio;

		if (flags & SSI_GRANT_NONE)
			continue;
		if (flags & SSI_GRANT_COPY) {
			if (got == rx->nr_pages)
				break;
			folio = page_folio(rx->pages[got++]);
			__folio_mark_uptodate(folio);
			/* the page cache takes a reference; ours goes with @rx */
			ssi_guestmm_add(h->file->f_mapping, folio, index, false);
			continue;
		}
		folio = ssi_store_load(h->store, le64_to_cpu(w->page[i].pfn),
				       le32_to_cpu(w->page[i].gen));
		if (folio)
			ssi_guestmm_add(h->file->f_mapping, folio, index,
					flags & SSI_GRANT_WRITE);
	}
	g = w->tid ? ssi_guest_find(h, le32_to_cpu(w->tid)) : NULL;
	if (g) {
		if (READ_ONCE(g->fault_wait) && g->fault_seq == le32_to_cpu(w->seq)) {
			g->fault_reason = le32_to_cpu(w->reason);
			g->vm_start = le64_to_cpu(w->vm_start);
			g->vm_end = le64_to_cpu(w->vm_end);
			g->vm_rights = le32_to_cpu(w->vm_flags);
			g->vm_invalidations = atomic_read(&h->invalidations);
			/* the windows that follow are not asked for, half of them are spare */
			if (le32_to_cpu(w->nr) == SSI_WALK_WINDOW)
				WRITE_ONCE(g->walk_next,
					   index + SSI_WALK_AHEAD * SSI_WALK_WINDOW / 2);
			/* the waiter reads what is set above */
			smp_store_release(&g->fault_wait, false);
			wake_up(&g->wq);
		}
		ssi_guest_put(g);
	}
	ssi_hosted_put(h);
}

/**
 * ssi_guestmm_handle_invalidate - home changed a part of the address space
 * @rx: SSI_MSG_INVALIDATE
 *
 * Context: receiver thread of the memory lane; does not reclaim.
 */
void ssi_guestmm_handle_invalidate(struct ssi_rx *rx)
{
	const struct ssi_wire_range *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));
	u64 start = le64_to_cpu(w->start), end = le64_to_cpu(w->end);

	if (h && start < end) {
		atomic_inc(&h->invalidations);
		ssi_guestmm_remove_range(h->file->f_mapping, start >> PAGE_SHIFT,
					 (end - 1) >> PAGE_SHIFT);
	}
	if (h)
		ssi_hosted_put(h);
	if (rx->call)
		ssi_reply(rx->node, rx->epoch, rx->seq,
			  ssi_msg_alloc_noreclaim(SSI_MSG_INVALIDATED, 0));
}

/**
 * ssi_guestmm_map - see to it that a granted page can be mapped
 * @g: guest of current, whose fault was answered
 *
 * Makes the mapping that holds the address, with home's rights, unless it is
 * there. What home has changed meanwhile is asked for again by the next fault.
 *
 * Context: the guest's exit hook, no locks; sleeps.
 * Return: 0 or a negative errno.
 */
int ssi_guestmm_map(struct ssi_guest *g)
{
	struct ssi_hosted *h = g->h;
	unsigned long prot = 0, ret, want;
	struct vm_area_struct *vma;
	bool there;

	want = g->vm_rights & SSI_VM_RWX;
	if (g->vm_rights & SSI_VM_BTI)
		want |= SSI_ARCH_VM_BTI;
	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, g->addr);
	there = vma && vma->vm_file == h->file &&
		(vma->vm_flags & (SSI_VM_RWX | SSI_ARCH_VM_BTI)) == want;
	mmap_read_unlock(current->mm);
	if (there || atomic_read(&h->invalidations) != g->vm_invalidations)
		return 0;
	if (g->vm_rights & VM_READ)
		prot |= PROT_READ;
	if (g->vm_rights & VM_WRITE)
		prot |= PROT_WRITE;
	if (g->vm_rights & VM_EXEC)
		prot |= PROT_EXEC;
#ifdef CONFIG_ARM64
	if (g->vm_rights & SSI_VM_BTI)
		prot |= PROT_BTI;
#endif
	ret = vm_mmap(h->file, g->vm_start, g->vm_end - g->vm_start, prot,
		      MAP_SHARED | MAP_FIXED, g->vm_start);
	return IS_ERR_VALUE(ret) ? (int)ret : 0;
}

/**
 * ssi_guestmm_rseq_hole - restartable sequences met a page that is not here
 * @g: guest of current, with SIGSEGV forced by the kernel
 *
 * The kernel says only that something failed. It reads and clears rseq_cs,
 * reads the descriptor, and the signature before the abort handler.
 *
 * Context: the guest's exit hook.
 * Return: true if kernel_addr and kernel_flags are set.
 */
bool ssi_guestmm_rseq_hole(struct ssi_guest *g)
{
#ifdef CONFIG_RSEQ
	struct rseq __user *rseq = current->rseq.usrptr;
	struct rseq_cs __user *ucs;
	u64 cs = 0, abort = 0;
	char byte;

	if (!current->rseq.event.has_rseq)
		return false;
	if (copy_from_user_nofault(&cs, &rseq->rseq_cs, sizeof(cs)) || !cs ||
	    copy_to_user_nofault(&rseq->rseq_cs, &cs, sizeof(cs))) {
		g->kernel_addr = (unsigned long)rseq;
		g->kernel_flags = SSI_FAULT_WRITE;
		return true;
	}
	ucs = (struct rseq_cs __user *)(unsigned long)cs;
	g->kernel_addr = cs;
	g->kernel_flags = 0;
	if (copy_from_user_nofault(&byte, (void __user *)ucs, 1) ||
	    copy_from_user_nofault(&abort, &ucs->abort_ip, sizeof(abort)))
		return true;
	g->kernel_addr = abort - sizeof(u32);
	return true;
#else
	return false;
#endif
}

/**
 * ssi_guestmm_init - mount the pseudo file system
 *
 * Return: 0 or a negative errno.
 */
int __init ssi_guestmm_init(void)
{
	ssi_guestmm_mnt = kern_mount(&ssi_guestmm_fs_type);
	return PTR_ERR_OR_ZERO(ssi_guestmm_mnt);
}
