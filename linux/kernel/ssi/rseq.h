/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_RSEQ_H
#define _KERNEL_SSI_RSEQ_H

#include <linux/rseq.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "procmsg.h"

#ifdef CONFIG_RSEQ

/* size and alignment of the first struct rseq, which none goes below */
#define SSI_RSEQ_MIN	32

/*
 * Whoever is about to run user mode has to see that the thread was preempted and
 * changed CPUs, so that a critical section is aborted and the ids are rewritten.
 */
static inline void ssi_rseq_moved(struct task_struct *t)
{
	if (!t->rseq.event.has_rseq)
		return;
	t->rseq.event.user_irq = true;
	t->rseq.event.ids_changed = true;
	t->rseq.event.sched_switch = true;
	set_tsk_thread_flag(t, TIF_RSEQ);
}

static inline void ssi_rseq_get(struct ssi_wire_rseq *w, u8 version)
{
	struct rseq_data *r = &current->rseq;

	w->ptr = cpu_to_le64((unsigned long)r->usrptr);
	w->len = cpu_to_le32(r->len);
	w->sig = cpu_to_le32(r->sig);
	w->cpu_id = cpu_to_le32(r->ids.cpu_id);
	w->mm_cid = cpu_to_le32(r->ids.mm_cid);
	w->node_id = cpu_to_le32(r->ids.node_id);
	w->version = cpu_to_le32(version);
}

static inline void ssi_rseq_set_ids(struct task_struct *t, const struct ssi_wire_rseq *w)
{
	t->rseq.ids.cpu_id = le32_to_cpu(w->cpu_id);
	t->rseq.ids.mm_cid = le32_to_cpu(w->mm_cid);
	t->rseq.ids.node_id = le32_to_cpu(w->node_id);
}

/*
 * The thread is home: user memory has the ids of the other node, which a later
 * switch would not rewrite if the CPU is the one that it left.
 */
static inline void ssi_rseq_back(struct task_struct *t, const struct ssi_wire_rseq *w)
{
	ssi_rseq_set_ids(t, w);
	if (!t->rseq.event.has_rseq)
		return;
	t->rseq.event.ids_changed = true;
	t->rseq.event.sched_switch = true;
	set_tsk_thread_flag(t, TIF_RSEQ);
}

/* What a peer says: rseq(2) would not have taken anything else. */
static inline bool ssi_rseq_valid(const struct ssi_wire_rseq *w)
{
	const void __user *ptr = (const void __user *)le64_to_cpu(w->ptr);
	u32 version = le32_to_cpu(w->version), len = le32_to_cpu(w->len);

	return !version || (version <= 2 && len >= SSI_RSEQ_MIN && len <= PAGE_SIZE &&
			    IS_ALIGNED(le64_to_cpu(w->ptr), SSI_RSEQ_MIN) && access_ok(ptr, len));
}

static inline void ssi_rseq_set(struct task_struct *t, const struct ssi_wire_rseq *w)
{
	/* without any, what the last thread here has left is not looked after */
	t->rseq.event.all = 0;
	t->rseq.usrptr = (struct rseq __user *)le64_to_cpu(w->ptr);
	t->rseq.len = le32_to_cpu(w->len);
	t->rseq.sig = le32_to_cpu(w->sig);
	ssi_rseq_set_ids(t, w);
	t->rseq.event.has_rseq = le32_to_cpu(w->version);
	ssi_rseq_moved(t);
}

/*
 * arm64 handles restartable sequences at every pass of the exit loop, and so
 * would touch the thread's TLS page at home after every sleep: while its user
 * mode is elsewhere the thread has none.
 */
static inline u8 ssi_rseq_take(u8 saved)
{
	struct rseq_data *r = &current->rseq;
	u8 version = r->event.has_rseq;

	if (!version && r->usrptr)
		version = saved;
	if (TIF_RSEQ == TIF_NOTIFY_RESUME)
		r->event.has_rseq = 0;
	return version;
}

static inline void ssi_rseq_give(struct task_struct *t, u8 version)
{
	if (!version || t->rseq.event.has_rseq || !t->rseq.usrptr)
		return;
	t->rseq.event.has_rseq = version;
	ssi_rseq_moved(t);
}

#else /* !CONFIG_RSEQ */

static inline void ssi_rseq_get(struct ssi_wire_rseq *w, u8 version) { }
static inline void ssi_rseq_back(struct task_struct *t, const struct ssi_wire_rseq *w) { }
static inline void ssi_rseq_set(struct task_struct *t, const struct ssi_wire_rseq *w) { }
static inline u8 ssi_rseq_take(u8 saved) { return 0; }
static inline void ssi_rseq_give(struct task_struct *t, u8 version) { }
static inline void ssi_rseq_moved(struct task_struct *t) { }
static inline bool ssi_rseq_valid(const struct ssi_wire_rseq *w) { return !w->version; }

#endif /* CONFIG_RSEQ */

#endif /* _KERNEL_SSI_RSEQ_H */
