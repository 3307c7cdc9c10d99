/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_GUEST_H
#define _KERNEL_SSI_GUEST_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/semaphore.h>
#include <linux/signal_types.h>
#include <linux/wait.h>
#include <uapi/linux/ssi.h>

#include "procmsg.h"
#include "regs.h"
#include "task.h"

struct kernel_siginfo;
struct pt_regs;
struct ssi_hosted;
struct ssi_rx;
struct task_struct;

/**
 * enum ssi_guest_state - what a guest does
 * @SSI_GUEST_NEW: it has not come to its first stop
 * @SSI_GUEST_PARKED: sleeps; its registers may be written
 * @SSI_GUEST_RUN: runs user mode, or is about to
 * @SSI_GUEST_DEAD: exits
 */
enum ssi_guest_state {
	SSI_GUEST_NEW,
	SSI_GUEST_PARKED,
	SSI_GUEST_RUN,
	SSI_GUEST_DEAD,
};

/**
 * struct ssi_guest - a task that runs the user mode of a thread of another node
 * @ssi: what task_struct.ssi points at
 * @ref: held by the task, the table of guests, and by lookups
 * @h: its process; referenced
 * @task: the task; referenced
 * @tid: the thread at home, 0 for a spare
 * @link: in the list of spares
 * @lock: held to write the registers of the parked task
 * @wq: the task waits here
 * @state: enum ssi_guest_state, written under @lock
 * @seq: number of the last ENTER
 * @kick: wanted at home
 * @steps: instructions of the vdso that it has executed since it is wanted
 * @end: it is to die quietly
 * @trap: why it stopped, collected on the way to the exit hook
 * @info: the exception
 * @addr: address that it needs
 * @flags: SSI_FAULT_*
 * @kernel_addr: address that the kernel needs on its behalf, 0 if none
 * @kernel_flags: SSI_FAULT_* of that
 * @fault_seq: number of the last fault
 * @fault_wait: no answer to it yet
 * @fault_reason: the answer: 0, or why to go home
 * @vm_start: the answer's mapping
 * @vm_end: its end
 * @vm_rights: its rights
 * @vm_invalidations: invalidations seen when the answer came
 * @walk_next: page (index) of a walk at which home is asked to go on, 0 if none
 * @walk_ask: that page was touched
 * @runtime: CPU time that was accounted at home
 * @policy: scheduling class at home
 * @nice: nice value at home
 * @membarrier: command of the system call, if it is membarrier(2); else 0
 * @enter_monotonic: home's time of the last ENTER
 * @known: registers that home has as well
 * @first: has not run since it got its thread
 * @rcu: frees the guest
 */
struct ssi_guest {
	struct ssi_task ssi;
	refcount_t ref;
	struct ssi_hosted *h;
	struct task_struct *task;
	u32 tid;
	struct list_head link;
	struct semaphore lock;
	wait_queue_head_t wq;
	enum ssi_guest_state state;
	u32 seq;
	bool kick;
	unsigned int steps;
	bool end;
	enum ssi_trap trap;
	struct kernel_siginfo info;
	unsigned long addr;
	u32 flags;
	unsigned long kernel_addr;
	u32 kernel_flags;
	u32 fault_seq;
	bool fault_wait;
	enum ssi_reason fault_reason;
	unsigned long vm_start;
	unsigned long vm_end;
	u32 vm_rights;
	int vm_invalidations;
	pgoff_t walk_next;
	bool walk_ask;
	u64 runtime;
	u32 policy;
	int nice;
	int membarrier;
	u64 enter_monotonic;
	struct ssi_regs_known known;
	bool first;
	struct rcu_head rcu;
};

struct ssi_guest *ssi_guest_current(void);
struct ssi_guest *ssi_guest_alloc(struct ssi_hosted *h, struct task_struct *t);
struct ssi_guest *ssi_guest_find(struct ssi_hosted *h, u32 tid);
void ssi_guest_put(struct ssi_guest *g);
void ssi_guest_user_mode(struct ssi_guest *g, struct pt_regs *regs);
bool ssi_guest_syscall(struct ssi_guest *g, struct pt_regs *regs);
bool ssi_guest_force_sig(struct ssi_guest *g, struct kernel_siginfo *info);
void ssi_guest_exit(struct ssi_guest *g);
void ssi_guest_kick(struct ssi_guest *g);
int ssi_guest_enter(struct ssi_hosted *h, const void *body, size_t len, bool wait);

void ssi_guest_handle_enter(struct ssi_rx *rx);
void ssi_guest_handle_kick(struct ssi_rx *rx);
void ssi_guest_handle_thread_end(struct ssi_rx *rx);
int ssi_guest_check_enter(const void *body, size_t len);

#endif /* _KERNEL_SSI_GUEST_H */
