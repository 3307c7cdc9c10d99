/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROCESS_H
#define _KERNEL_SSI_PROCESS_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <uapi/linux/ssi.h>

struct mm_struct;
struct netlink_ext_ack;
struct pid;
struct pid_namespace;
struct ssi_instance;
struct ssi_mirror;
struct ssi_node;
struct ssi_rx;

/**
 * struct ssi_process_info - what a person may know of a process
 * @pid: of the process, in the pid namespace of the asking task
 * @program: of the program that it stands for; 0 if it is no stub
 * @origin: node that its execve() was called on, if it has a stub there; else 0
 * @home: node it was born on
 * @node: node that runs its user mode
 * @guest: it is known here as a guest of @home
 * @threads: threads it has
 * @threads_away: threads whose user mode is not here
 * @traps: system calls made while away
 * @faults: page faults served for it
 * @recalls: pages that came home
 * @pages_away: pages whose bytes are elsewhere
 * @moves: moves made
 * @freeze_ns: how long the last move stopped it, in nanoseconds
 * @reason: why it is where it is, or why it was refused
 * @comm: its name
 */
struct ssi_process_info {
	pid_t pid;
	pid_t program;
	u32 origin;
	u32 home;
	u32 node;
	bool guest;
	u32 threads;
	u32 threads_away;
	u64 traps;
	u64 faults;
	u64 recalls;
	u64 pages_away;
	u64 moves;
	u64 freeze_ns;
	enum ssi_reason reason;
	char comm[TASK_COMM_LEN];
};

/**
 * struct ssi_process_counters - sums
 * @away: processes of ours that are away
 * @guests: processes of others that run here
 * @placed: programs here that have a stub on another node
 * @stubs: processes of ours that stand for a program on another node
 * @pages_out: pages that were lent, since boot
 * @pages_in: pages of others that came here, since boot
 * @device_pages: pages of ours that other nodes hold now
 */
struct ssi_process_counters {
	u64 away;
	u64 guests;
	u64 placed;
	u64 stubs;
	u64 pages_out;
	u64 pages_in;
	u64 device_pages;
};

int ssi_process_move(struct ssi_instance *si, struct pid *pid, u32 node, bool wait,
		     struct ssi_process_info *info, struct netlink_ext_ack *extack);
int ssi_process_info(struct ssi_instance *si, struct pid *pid,
		     struct ssi_process_info *info);
int ssi_process_next(struct ssi_instance *si, pid_t *from, struct ssi_process_info *info);
bool ssi_process_session(struct ssi_instance *si, struct ssi_node *node);
struct ssi_mirror *ssi_process_find(const struct mm_struct *mm, const struct pid *tgid);
void ssi_process_fill(struct ssi_mirror *m, struct ssi_process_info *info,
		      struct pid_namespace *ns);
struct pid *ssi_process_next_mirror(struct ssi_instance *si, pid_t from, struct pid_namespace *ns);
u64 ssi_process_nr_away(struct ssi_instance *si);
void ssi_process_home_from(struct ssi_node *node);
void ssi_process_count(struct ssi_instance *si, struct ssi_process_counters *c);

void ssi_process_event(struct ssi_mirror *m, enum ssi_process_event what);
void ssi_process_end(struct ssi_mirror *m);
void ssi_process_end_later(struct ssi_mirror *m);
void ssi_process_lost_work(struct work_struct *work);
void ssi_process_peer_lost(struct ssi_node *node, u32 epoch);
void ssi_process_handle_guest_dead(struct ssi_rx *rx);

#endif /* _KERNEL_SSI_PROCESS_H */
