/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_DEPUTY_H
#define _KERNEL_SSI_DEPUTY_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/semaphore.h>
#include <linux/signal_types.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "mirror.h"
#include "procmsg.h"
#include "regs.h"
#include "task.h"

struct pt_regs;
struct ssi_msg;
struct ssi_rx;

/* clocks that differ by more are not waited for */
#define SSI_CLOCK_WAIT_NS	(10 * NSEC_PER_MSEC)

/**
 * enum ssi_deputy_state - where the user mode of a deputy is
 * @SSI_DEPUTY_HOME: here
 * @SSI_DEPUTY_AWAY: an ENTER was sent, no TRAP has come
 * @SSI_DEPUTY_TRAPPED: the TRAP's registers are in place
 */
enum ssi_deputy_state {
	SSI_DEPUTY_HOME,
	SSI_DEPUTY_AWAY,
	SSI_DEPUTY_TRAPPED,
};

/**
 * struct ssi_deputy - a thread at home whose user mode may run elsewhere
 * @ssi: what task_struct.ssi points at
 * @ref: held by the task and by lookups
 * @m: mirror of its process
 * @task: the thread; referenced
 * @tid: its pid number in the initial namespace
 * @lock: held to write the registers of the parked thread, and to park and
 *	unpark it.  A semaphore: a mutex would spin on its running owner, which
 *	keeps a thread on its CPU that has to leave it.
 * @parked: it sleeps in its wait and its registers may be written
 * @state: enum ssi_deputy_state, written under @lock
 * @seq: number of the last ENTER
 * @sid: session of the last ENTER
 * @node: of that session, referenced while @state is AWAY
 * @epoch: of that session
 * @wq: the thread waits here
 * @fault_pending: @request waits to be served
 * @request: what the guest asked for; sid and tid are not used
 * @fault: the fault that is served, with the history of those before
 * @touched: pages to send along with the next ENTER
 * @left_ns: when the last ENTER was sent, CLOCK_MONOTONIC
 * @runtime: CPU time that the guest used since the last ENTER
 * @monotonic: CLOCK_MONOTONIC that the guest saw last
 * @kicked: a KICK was sent for @seq
 * @signalled: a signal was pending here since the last ENTER
 * @handler: not 0: a handler runs, see ssi_stay_enter()
 * @handlers: how many handlers ran there since @handlers_since
 * @handlers_since: CLOCK_MONOTONIC in nanoseconds
 * @row: how many handlers ran there in a row, nothing else between
 * @row_since: CLOCK_MONOTONIC in nanoseconds when the first of them had ended
 * @progress: CPU time that all else used there since then
 * @lost: the node is lost, or the guest was killed, while @state was AWAY
 * @trap: enum ssi_trap of the last TRAP
 * @reason: what came with it
 * @info: SSI_TRAP_REPLAY: the signal
 * @stay: stays home until an instruction ran
 * @vdso_stays: how often it stayed to leave the vdso, since it came home
 * @stay_more: how often that may take longer, as memory comes home
 * @recalled: memory came home for it since it stays
 * @unresolved: it came home for an exception that raised no signal yet
 * @timer: ends @stay
 * @known: registers that the guest has as well
 * @known_sid: session of that guest
 * @has_rseq: version of its restartable sequences while they are taken from it
 * @rcu: frees the deputy
 */
struct ssi_deputy {
	struct ssi_task ssi;
	refcount_t ref;
	struct ssi_mirror *m;
	struct task_struct *task;
	u32 tid;
	struct semaphore lock;
	bool parked;
	enum ssi_deputy_state state;
	u32 seq;
	u64 sid;
	struct ssi_node *node;
	u32 epoch;
	wait_queue_head_t wq;
	bool fault_pending;
	struct ssi_fault request;
	struct ssi_fault fault;
	struct ssi_touched touched;
	u64 left_ns;
	u64 runtime;
	u64 monotonic;
	bool kicked;
	bool signalled;
	unsigned int handler;
	unsigned int handlers;
	u64 handlers_since;
	unsigned int row;
	u64 row_since;
	u64 progress;
	bool lost;
	enum ssi_trap trap;
	enum ssi_reason reason;
	struct kernel_siginfo info;
	bool stay;
	unsigned int vdso_stays;
	unsigned int stay_more;
	bool recalled;
	bool unresolved;
	struct timer_list timer;
	struct ssi_regs_known known;
	u64 known_sid;
	u8 has_rseq;
	struct rcu_head rcu;
};

struct ssi_touched *ssi_deputy_touched(struct ssi_mirror *m);
int ssi_deputy_attach(struct ssi_mirror *m, struct task_struct *t);
void ssi_deputy_notify(struct ssi_mirror *m);
void ssi_deputy_user_mode(struct ssi_deputy *d, struct pt_regs *regs);
void ssi_deputy_fork(struct ssi_deputy *d, struct task_struct *p, u64 clone_flags);
void ssi_deputy_exit(struct ssi_deputy *d);
bool ssi_deputy_force_sig(struct ssi_deputy *d);
void ssi_deputy_lost(struct ssi_mirror *m);

void ssi_deputy_handle_trap(struct ssi_rx *rx);
void ssi_deputy_handle_started(struct ssi_rx *rx);
void ssi_deputy_handle_fault(struct ssi_rx *rx);
int ssi_deputy_check_trap(const void *body, size_t len);

#endif /* _KERNEL_SSI_DEPUTY_H */
