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
#include <linux/sysctl.h>
#include <linux/threads.h>

struct kernel_siginfo;

#ifdef CONFIG_SSI

/*
 * Numbers end here: make_process_cpuclock() shifts the complement of one left by three
 * in a clockid_t of 32 bits.
 */
#define SSI_PID_END	0x10000000

DECLARE_STATIC_KEY_FALSE(ssi_pidns_key);

int ssi_pidns_alloc(struct pid_namespace *ns, int pid_max);
bool __ssi_pid_valid(struct pid_namespace *ns, int nr, int pid_max);
bool __ssi_pid_last_valid(struct pid_namespace *ns, int nr);
bool __ssi_pid_remote(int nr);
int ssi_kill(pid_t nr, int sig, const struct kernel_siginfo *info);
int ssi_tkill(pid_t tgid, pid_t nr, int sig, const struct kernel_siginfo *info);
int ssi_getpgid(pid_t nr);
int ssi_getsid(pid_t nr);
int ssi_getpriority(pid_t nr);
int ssi_setpriority(pid_t nr, int niceval);
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

/* never called */
static inline int ssi_kill(pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return -ESRCH;
}

static inline int ssi_tkill(pid_t tgid, pid_t nr, int sig, const struct kernel_siginfo *info)
{
	return -ESRCH;
}

static inline int ssi_getpgid(pid_t nr) { return -ESRCH; }
static inline int ssi_getsid(pid_t nr) { return -ESRCH; }
static inline int ssi_getpriority(pid_t nr) { return -ESRCH; }
static inline int ssi_setpriority(pid_t nr, int niceval) { return -ESRCH; }
static inline int ssi_pid_index(int nr) { return nr; }
static inline int ssi_pid_of_index(int index) { return index; }

#endif /* CONFIG_SSI */

#endif /* _LINUX_SSI_PID_H */
