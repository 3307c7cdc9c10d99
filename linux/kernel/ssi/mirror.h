/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_MIRROR_H
#define _KERNEL_SSI_MIRROR_H

#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/wait.h>
#include <linux/xarray.h>
#include <uapi/linux/ssi.h>

struct ssi_instance;
struct ssi_node;
struct ssi_rx;

#define SSI_NR_RECENT	64	/* recalled pages that are remembered */

/**
 * struct ssi_recent - a page that came home just now
 * @addr: its address
 * @time: when, in nanoseconds of CLOCK_MONOTONIC
 * @tid: the thread that touched it
 */
struct ssi_recent {
	unsigned long addr;
	u64 time;
	pid_t tid;
};

/**
 * struct ssi_mirror - the home side of a process that is, or was, away
 * @ref: held by each deputy, each device page, the table, and lookups
 * @inst: instance the process belongs to
 * @mm: its memory; counted by mmgrab()
 * @tgid: the process
 * @mni: tells of every change of @mm while there are deputies
 * @link: in the table of mirrors
 * @move_lock: one move at a time; outermost
 * @deputies: threads by pid number of the initial namespace
 * @nr_deputies: how many; the last one ends the mirror
 * @slock: protects what follows it up to @wq
 * @away: threads are to leave for @node
 * @dead: the last deputy has gone; nothing can move any more
 * @lost: the node of the session was lost, or killed the guests
 * @sid: session, 0 if there is none
 * @node: where the session is; referenced and held (rule I4) while @sid
 * @epoch: of the membership the session began in
 * @nr_away: threads whose user mode runs at @node at this moment
 * @reason: why it is where it is
 * @home_until: jiffies before which it does not leave again by itself
 * @wq: movers wait here for @nr_away and for the first thread to arrive
 * @lock: serialises grants, invalidations and recalls, so that the memory lane
 *	carries them in the order in which the page tables changed.  Taken in
 *	notifiers: no allocation that reclaims under it.
 * @granted: addresses (in pages) that @node can use without asking
 * @recent: pages that came home just now, a hash by address
 * @recall_next: address that a sequential walk at home touches next
 * @recall_window: pages that are recalled together
 * @pages_out: device pages lent
 * @traps: system calls that came home
 * @faults: faults served
 * @recalls: pages recalled
 * @moves: moves made
 * @stays: times a thread came home to repeat an instruction
 * @visits: how many visits home of late were of a kind that makes it stay
 * @visits_since: jiffies since when @visits are counted
 * @arrived: threads that reported to have started since the last move
 * @left_ns: when the first thread left, CLOCK_MONOTONIC
 * @freeze_ns: time from there to the report of the first to start
 * @evict_work: brings home what the last stay left behind
 * @lost_work: ends session @lost_sid when nobody is there any more
 * @lost_sid: a session that nobody else may end: its node was lost, or whoever
 *	brought the threads home did not wait for all of them
 * @free_work: frees the mirror where sleeping is allowed
 */
struct ssi_mirror {
	refcount_t ref;
	struct ssi_instance *inst;
	struct mm_struct *mm;
	struct pid *tgid;
	struct mmu_interval_notifier mni;
	struct list_head link;
	struct mutex move_lock;
	struct xarray deputies;
	atomic_t nr_deputies;
	spinlock_t slock;
	bool away;
	bool dead;
	bool lost;
	u64 sid;
	struct ssi_node *node;
	u32 epoch;
	u32 nr_away;
	enum ssi_reason reason;
	unsigned long home_until;
	wait_queue_head_t wq;
	struct mutex lock;
	struct xarray granted;
	struct ssi_recent recent[SSI_NR_RECENT];
	unsigned long recall_next;
	unsigned int recall_window;
	atomic_long_t pages_out;
	atomic_long_t traps;
	atomic_long_t faults;
	atomic_long_t recalls;
	atomic_long_t moves;
	atomic_long_t stays;
	unsigned int visits;
	unsigned long visits_since;
	atomic_t arrived;
	u64 left_ns;
	u64 freeze_ns;
	struct delayed_work evict_work;
	struct work_struct lost_work;
	u64 lost_sid;
	struct work_struct free_work;
};

/**
 * struct ssi_fault - a fault of a thread that is away, and its history
 * @sid: session
 * @tid: thread
 * @seq: number of the fault
 * @addr: address
 * @flags: SSI_FAULT_*
 * @next: address at which a sequential walk faults next
 * @window: pages that the last fault was answered with at most
 */
struct ssi_fault {
	u64 sid;
	u32 tid;
	u32 seq;
	unsigned long addr;
	u32 flags;
	unsigned long next;
	unsigned int window;
};

#define SSI_NR_TOUCHED	8	/* ranges that are remembered */

/**
 * struct ssi_touched - pages that a deputy recalled since its user mode stopped
 * @nr: ranges in use
 * @range: address ranges
 */
struct ssi_touched {
	unsigned int nr;
	struct {
		unsigned long start;
		unsigned long end;
	} range[SSI_NR_TOUCHED];
};

struct ssi_mirror *ssi_mirror_alloc(struct ssi_instance *si, struct mm_struct *mm,
				    struct pid *tgid);
void ssi_mirror_get(struct ssi_mirror *m);
void ssi_mirror_put(struct ssi_mirror *m);
void ssi_mirror_stop(struct ssi_mirror *m);
void ssi_mirror_forget(struct ssi_mirror *m, unsigned long start, unsigned long end);
void ssi_mirror_ahead(struct ssi_mirror *m, struct ssi_fault *f);
enum ssi_reason ssi_mirror_fault(struct ssi_mirror *m, struct ssi_fault *f);
void ssi_mirror_push(struct ssi_mirror *m, u64 sid, struct ssi_touched *touched);

#endif /* _KERNEL_SSI_MIRROR_H */
