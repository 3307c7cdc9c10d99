// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a buffer in user space, for a kernel thread
 */

/**
 * DOC: user buffers
 *
 * Some functions that serve system calls take a buffer in user space only. A worker that
 * calls them for a process of another node is given a page table of its own, as KUnit
 * does it.
 */

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "procmsg.h"
#include "ubuf.h"

/**
 * ssi_ubuf_free - give a buffer back
 * @u: buffer, there or not
 *
 * Context: kernel thread; sleeps.
 */
void ssi_ubuf_free(struct ssi_ubuf *u)
{
	if (!u->mm)
		return;
	kthread_unuse_mm(u->mm);
	mmput(u->mm);
	u->mm = NULL;
}

/**
 * ssi_ubuf_get - have a buffer
 * @u: zeroed, or a buffer that is there already
 *
 * Context: kernel thread, which uses the buffer's user space until ssi_ubuf_free(); sleeps.
 * Return: 0 or -ENOMEM.
 */
int ssi_ubuf_get(struct ssi_ubuf *u)
{
	unsigned long addr;

	if (u->mm)
		return 0;
	u->mm = mm_alloc();
	if (!u->mm)
		return -ENOMEM;
	u->mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(u->mm, &current->signal->rlim[RLIMIT_STACK]);
	kthread_use_mm(u->mm);
	addr = vm_mmap(NULL, 0, SSI_OP_MAX_REPLY, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr)) {
		ssi_ubuf_free(u);
		return addr;
	}
	u->addr = (void __user *)addr;
	return 0;
}
