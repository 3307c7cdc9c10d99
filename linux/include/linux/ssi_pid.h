/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LinuxSSI: pid numbers that say on which node a process is.  See
 * kernel/ssi/pidns.c.
 */
#ifndef _LINUX_SSI_PID_H
#define _LINUX_SSI_PID_H

#include <linux/jump_label.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/signal_types.h>
#include <linux/sysctl.h>
#include <linux/threads.h>

struct cpumask;
struct dentry;
struct dir_context;
struct file;
struct kernel_siginfo;
struct iov_iter;
struct iovec;
struct rlimit;
struct sched_attr;
struct seq_file;
struct task_struct;
struct timespec64;

/* What a system call does to one task, in the files of these: done for other nodes, too. */
int set_one_prio(struct task_struct *p, int niceval, int error);
int sched_task_getattr(struct task_struct *p, struct sched_attr *attr, unsigned int flags);
int check_prlimit_permission(struct task_struct *task, unsigned int flags);
int do_prlimit(struct task_struct *tsk, unsigned int resource,
	       struct rlimit *new_rlim, struct rlimit *old_rlim);
int get_task_raw_ioprio(struct task_struct *p);
int copy_siginfo_from_user_any(kernel_siginfo_t *kinfo, siginfo_t __user *info);
int sched_rr_get_interval(pid_t pid, struct timespec64 *t);
ssize_t process_vm_rw_core(pid_t pid, struct iov_iter *iter, const struct iovec *rvec,
			   unsigned long riovcnt, unsigned long flags, int vm_write);

#ifdef CONFIG_SSI

/*
 * Numbers end here: make_process_cpuclock() shifts the complement of one left by three
 * in a clockid_t of 32 bits.
 */
#define SSI_PID_END	0x10000000

DECLARE_STATIC_KEY_FALSE(ssi_pidns_key);
DECLARE_STATIC_KEY_FALSE(ssi_pidfd_key);

int ssi_pidns_alloc(struct pid_namespace *ns, int pid_max);
bool __ssi_pid_valid(struct pid_namespace *ns, int nr, int pid_max);
bool __ssi_pid_last_valid(struct pid_namespace *ns, int nr);
bool __ssi_pid_foreign(struct pid_namespace *ns, int nr);
bool __ssi_pid_remote(int nr);
int ssi_kill(pid_t nr, int sig, const struct kernel_siginfo *info);
int ssi_tkill(pid_t tgid, pid_t nr, int sig, const struct kernel_siginfo *info);
int ssi_kill_pgrp(pid_t nr, int sig, const struct kernel_siginfo *info);
int __ssi_kill_all(int sig, const struct kernel_siginfo *info, int ret);
int ssi_getpgid(pid_t nr);
int ssi_getsid(pid_t nr);
int ssi_getpriority(int which, pid_t nr);
int ssi_setpriority(int which, pid_t nr, int niceval);
int ssi_prlimit(pid_t nr, unsigned int resource, const struct rlimit *new, struct rlimit *old);
int ssi_ioprio_set(int which, pid_t nr, int ioprio);
int ssi_ioprio_get(int which, pid_t nr);
int ssi_sched_setscheduler(pid_t nr, int policy, int priority);
int ssi_sched_getscheduler(pid_t nr);
int ssi_sched_getparam(pid_t nr);
int ssi_sched_setattr(pid_t nr, const struct sched_attr *attr);
int ssi_sched_getattr(pid_t nr, struct sched_attr *attr, unsigned int flags);
int ssi_sched_setaffinity(pid_t nr, const struct cpumask *mask);
int ssi_sched_getaffinity(pid_t nr, struct cpumask *mask);
int ssi_sched_rr_get_interval(pid_t nr, struct timespec64 *t);
ssize_t ssi_process_vm_rw(pid_t nr, struct iov_iter *iter, const struct iovec *rvec,
			  unsigned long riovcnt, int vm_write);
struct dentry *ssi_proc_lookup(struct dentry *dentry, int nr);
int ssi_proc_readdir(struct file *file, struct dir_context *ctx, loff_t first, int end);
int ssi_pidfd_open(pid_t nr, unsigned int flags);
int __ssi_waitid_error(int fd, int error);
bool __ssi_pidfd_remote(const struct file *file);
bool __ssi_proc_machine(const struct file *file);
int ssi_proc_machine_open(struct file *file);
int ssi_proc_report(struct seq_file *m, struct pid_namespace *ns, struct pid *pid,
		    struct task_struct *task);
int ssi_pidfd_send_signal(struct file *file, int sig, siginfo_t __user *info,
			  unsigned int flags);
int ssi_pid_slot(int nr);
int ssi_pid_of_slot(int slot);

/**
 * ssi_pidns_attached - do the numbers of a pid namespace say where a process is?
 * @ns: namespace
 *
 * Context: any.
 * Return: true if ssi_pidns_alloc() is to draw the next one.
 */
static inline bool ssi_pidns_attached(struct pid_namespace *ns)
{
	return static_branch_unlikely(&ssi_pidns_key) && rcu_access_pointer(ns->ssi);
}

/**
 * ssi_pid_valid - may a process here have this number?
 * @ns: namespace
 * @nr: number
 * @pid_max: what the namespace's sysctl says
 *
 * Context: any.
 * Return: true for one below @pid_max, or what __ssi_pid_valid() says.
 */
static inline bool ssi_pid_valid(struct pid_namespace *ns, int nr, int pid_max)
{
	return ssi_pidns_attached(ns) ? __ssi_pid_valid(ns, nr, pid_max) : nr < pid_max;
}

/**
 * ssi_pid_limit - highest number that sysctl kernel.ns_last_pid can be told
 * @ns: namespace
 *
 * Context: any.
 * Return: where the number is; ssi_pid_last_valid() says whether one fits.
 */
static inline int *ssi_pid_limit(struct pid_namespace *ns)
{
	return ssi_pidns_attached(ns) ? SYSCTL_INT_MAX : &ns->pid_max;
}

/**
 * ssi_pid_last_valid - may sysctl kernel.ns_last_pid be told this number?
 * @ns: namespace
 * @nr: number, no more than ssi_pid_limit()
 *
 * Context: any.
 * Return: true unless the next number would be none of the node's.
 */
static inline bool ssi_pid_last_valid(struct pid_namespace *ns, int nr)
{
	return !ssi_pidns_attached(ns) || __ssi_pid_last_valid(ns, nr);
}

/**
 * ssi_pid_remote - does this number name a process of another node?
 * @nr: number in the active pid namespace of current
 *
 * Context: any.
 * Return: true if it does, whether or not there is such a process.
 */
static inline bool ssi_pid_remote(int nr)
{
	return static_branch_unlikely(&ssi_pidns_key) && __ssi_pid_remote(nr);
}

/**
 * ssi_pid_foreign - does this number name a process of another node?
 * @ns: namespace that it is of
 * @nr: number
 *
 * Context: any.
 * Return: true if it does, whether or not there is such a process.
 */
static inline bool ssi_pid_foreign(struct pid_namespace *ns, int nr)
{
	return static_branch_unlikely(&ssi_pidns_key) && __ssi_pid_foreign(ns, nr);
}

/**
 * ssi_pidfd_remote - is this file a process of another node?
 * @file: file
 *
 * Context: any.
 * Return: true for a pidfd of another node, or /proc/PID, opened.
 */
static inline bool ssi_pidfd_remote(const struct file *file)
{
	return static_branch_unlikely(&ssi_pidfd_key) && __ssi_pidfd_remote(file);
}

/**
 * ssi_waitid_error - what waitid(P_PIDFD) says of a file that is no pidfd
 * @fd: the file descriptor
 * @error: why it is none
 *
 * Context: process context.
 * Return: -ECHILD for a process of another node, which is nobody's child here; else @error.
 */
static inline int ssi_waitid_error(int fd, int error)
{
	return static_branch_unlikely(&ssi_pidfd_key) ? __ssi_waitid_error(fd, error) : error;
}

/**
 * ssi_kill_all - send a signal to the processes of all other nodes
 * @sig: signal, 0 to ask whether it may be sent
 * @info: as kill() made it
 * @ret: what kill() returns for this node's
 *
 * Only if the caller's pid namespace is attached, and he may not signal any process.
 *
 * Context: process context; sleeps.
 * Return: what kill() returns.
 */
static inline int ssi_kill_all(int sig, const struct kernel_siginfo *info, int ret)
{
	return static_branch_unlikely(&ssi_pidns_key) ? __ssi_kill_all(sig, info, ret) : ret;
}

/**
 * ssi_proc_list - list the processes of other nodes up to a number
 * @ns: namespace that is listed
 * @file: /proc
 * @ctx: where they go
 * @first: position of number 0
 * @end: number to end before
 *
 * Context: process context; sleeps.
 * Return: 0; 1 if there is no more room; or a negative errno.
 */
static inline int ssi_proc_list(struct pid_namespace *ns, struct file *file,
				struct dir_context *ctx, loff_t first, int end)
{
	return ssi_pidns_attached(ns) ? ssi_proc_readdir(file, ctx, first, end) : 0;
}

/**
 * ssi_proc_machine - is this file what the cluster says as one machine?
 * @file: file of a proc that is being opened
 *
 * Context: any.
 * Return: true if ssi_proc_machine_open() is to open it.
 */
static inline bool ssi_proc_machine(const struct file *file)
{
	return static_branch_unlikely(&ssi_pidns_key) && __ssi_proc_machine(file);
}

/**
 * ssi_pid_index - where a table of PID_MAX_LIMIT entries has this number
 * @nr: number in the initial pid namespace
 *
 * Context: any.
 * Return: the index.
 */
static inline int ssi_pid_index(int nr)
{
	return unlikely(nr >= PID_MAX_LIMIT) ? ssi_pid_slot(nr) : nr;
}

/**
 * ssi_pid_of_index - the number that a table of PID_MAX_LIMIT entries has there
 * @index: what ssi_pid_index() said
 *
 * Context: any.
 * Return: the number.
 */
static inline int ssi_pid_of_index(int index)
{
	return static_branch_unlikely(&ssi_pidns_key) ? ssi_pid_of_slot(index) : index;
}

#else /* !CONFIG_SSI */

#define SSI_PID_END	PID_MAX_LIMIT

static inline bool ssi_pidns_attached(struct pid_namespace *ns) { return false; }
static inline int ssi_pidns_alloc(struct pid_namespace *ns, int pid_max) { return -ENOSYS; }
static inline bool ssi_pid_valid(struct pid_namespace *ns, int nr, int pid_max)
{
	return nr < pid_max;
}

static inline int *ssi_pid_limit(struct pid_namespace *ns) { return &ns->pid_max; }
static inline bool ssi_pid_last_valid(struct pid_namespace *ns, int nr) { return true; }
static inline bool ssi_pid_remote(int nr) { return false; }
static inline bool ssi_pid_foreign(struct pid_namespace *ns, int nr) { return false; }
static inline bool ssi_pidfd_remote(const struct file *file) { return false; }
static inline bool ssi_proc_machine(const struct file *file) { return false; }
static inline int ssi_waitid_error(int fd, int error) { return error; }
static inline int ssi_kill_all(int sig, const struct kernel_siginfo *info, int ret)
{
	return ret;
}

static inline int ssi_proc_list(struct pid_namespace *ns, struct file *file,
				struct dir_context *ctx, loff_t first, int end)
{
	return 0;
}

/* never called */
static inline int ssi_kill(pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return -ESRCH;
}

static inline int ssi_tkill(pid_t tgid, pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return -ESRCH;
}

static inline struct dentry *ssi_proc_lookup(struct dentry *dentry, int nr) { return NULL; }
static inline int ssi_proc_machine_open(struct file *file) { return -ENOENT; }
static inline int ssi_pidfd_send_signal(struct file *file, int sig, siginfo_t __user *info,
					unsigned int flags)
{
	return -ESRCH;
}

static inline int ssi_kill_pgrp(pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return -ESRCH;
}

static inline int ssi_pidfd_open(pid_t nr, unsigned int flags) { return -ESRCH; }
static inline int ssi_getpgid(pid_t nr) { return -ESRCH; }
static inline int ssi_getsid(pid_t nr) { return -ESRCH; }
static inline int ssi_getpriority(int which, pid_t nr) { return -ESRCH; }
static inline int ssi_setpriority(int which, pid_t nr, int niceval) { return -ESRCH; }
static inline int ssi_prlimit(pid_t nr, unsigned int resource, const struct rlimit *new,
			      struct rlimit *old)
{
	return -ESRCH;
}

static inline int ssi_ioprio_set(int which, pid_t nr, int ioprio) { return -ESRCH; }
static inline int ssi_ioprio_get(int which, pid_t nr) { return -ESRCH; }
static inline int ssi_sched_setscheduler(pid_t nr, int policy, int priority) { return -ESRCH; }
static inline int ssi_sched_getscheduler(pid_t nr) { return -ESRCH; }
static inline int ssi_sched_getparam(pid_t nr) { return -ESRCH; }
static inline int ssi_sched_setattr(pid_t nr, const struct sched_attr *attr) { return -ESRCH; }
static inline int ssi_sched_getattr(pid_t nr, struct sched_attr *attr, unsigned int flags)
{
	return -ESRCH;
}

static inline int ssi_sched_setaffinity(pid_t nr, const struct cpumask *mask) { return -ESRCH; }
static inline int ssi_sched_getaffinity(pid_t nr, struct cpumask *mask) { return -ESRCH; }
static inline int ssi_sched_rr_get_interval(pid_t nr, struct timespec64 *t) { return -ESRCH; }
static inline ssize_t ssi_process_vm_rw(pid_t nr, struct iov_iter *iter, const struct iovec *rvec,
					unsigned long riovcnt, int vm_write)
{
	return -ESRCH;
}

static inline int ssi_pid_index(int nr) { return nr; }
static inline int ssi_pid_of_index(int index) { return index; }

#endif /* CONFIG_SSI */

#endif /* _LINUX_SSI_PID_H */
