/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_HOSTED_H
#define _KERNEL_SSI_HOSTED_H

#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/uidgid_types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "task.h"

struct file;
struct pid;
struct pid_namespace;
struct pt_regs;
struct ssi_guest;
struct ssi_instance;
struct ssi_process_info;
struct ssi_node;
struct ssi_rx;
struct ssi_store;

/**
 * struct ssi_hosted_job - a thread that waits for a guest
 * @link: in the list of jobs
 * @kick: it is wanted home already
 * @len: bytes of @body
 * @body: the ENTER
 */
struct ssi_hosted_job {
	struct list_head link;
	bool kick;
	size_t len;
	u8 body[] __aligned(8);
};

/**
 * struct ssi_hosted - a process of another node whose user mode runs here
 * @leader_ssi: what the leader's task_struct.ssi points at
 * @ref: held by the store's table, by the leader, by each guest, and by lookups
 * @store: where its pages are; referenced
 * @sid: session
 * @home_pid: of the process at home
 * @uid: real user id
 * @gid: real group id
 * @comm: its name
 * @vdso: address of the vdso
 * @clock: home's CLOCK_MONOTONIC minus ours, in nanoseconds
 * @monotonic: what its CLOCK_MONOTONIC is ahead of ours
 * @boottime: what its CLOCK_BOOTTIME is ahead of ours
 * @nr_cpus: CPUs from this number on are not for it
 * @spares_wanted: guests to make before the home is told that all is ready
 * @call_seq: number of the home's call
 * @file: pseudo file whose page cache is the memory
 * @leader: the task that owns the guests; referenced
 * @spawned: the guest that the leader makes just now
 * @wq: the leader waits here for jobs
 * @lock: protects what follows
 * @guests: threads by the home's pid number
 * @spares: guests without a thread
 * @jobs: threads that wait for a guest
 * @end: it is to die quietly
 * @started: the home was told that a thread runs
 * @invalidations: how many; a mapping made before the last one may be stale
 * @drop_next: where the search for copies of file pages goes on
 * @faults: faults that went home
 * @traps: system calls that went home
 * @work: makes the leader
 * @rcu: frees the hosted process
 */
struct ssi_hosted {
	struct ssi_task leader_ssi;
	refcount_t ref;
	struct ssi_store *store;
	u64 sid;
	u32 home_pid;
	kuid_t uid;
	kgid_t gid;
	char comm[TASK_COMM_LEN];
	unsigned long vdso;
	s64 clock;
	s64 monotonic;
	s64 boottime;
	u32 nr_cpus;
	u32 spares_wanted;
	u64 call_seq;
	struct file *file;
	struct task_struct *leader;
	struct ssi_guest *spawned;
	wait_queue_head_t wq;
	spinlock_t lock;
	struct xarray guests;
	struct list_head spares;
	struct list_head jobs;
	bool end;
	atomic_t started;
	atomic_t invalidations;
	pgoff_t drop_next;
	atomic_long_t faults;
	atomic_long_t traps;
	struct kthread_work work;
	struct rcu_head rcu;
};

struct ssi_hosted *ssi_hosted_find(struct ssi_rx *rx, u64 sid);
void ssi_hosted_get(struct ssi_hosted *h);
void ssi_hosted_put(struct ssi_hosted *h);
void ssi_hosted_kill_all(struct ssi_store *st);
unsigned long ssi_hosted_drop_copies(struct ssi_store *st, unsigned long nr);
void ssi_hosted_send_dead(struct ssi_node *node, u32 epoch, u64 sid, pid_t pid);
void ssi_hosted_leader_user_mode(struct ssi_hosted *h);
void ssi_hosted_leader_exit(struct ssi_hosted *h);

void ssi_hosted_handle_new(struct ssi_rx *rx);
void ssi_hosted_handle_end(struct ssi_rx *rx);

int ssi_hosted_info(struct pid *pid, struct ssi_process_info *info, struct pid_namespace *ns);
pid_t ssi_hosted_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns,
		      pid_t below, struct ssi_process_info *info);
void ssi_hosted_count(struct ssi_instance *si, u64 *guests, u64 *pages);
int ssi_hosted_init(void);

#endif /* _KERNEL_SSI_HOSTED_H */
