/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PIDNS_H
#define _KERNEL_SSI_PIDNS_H

#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/ssi_pid.h>
#include <linux/types.h>
#include <uapi/linux/ssi.h>

#define SSI_PID_LOCAL		1000000		/* numbers below are each node's own */
#define SSI_PID_STRIDE		1000000		/* numbers of a node */
#define SSI_PID_STRIDE_SMALL	250000		/* the same, for the largest clusters */

struct netlink_ext_ack;
struct pid;
struct pid_namespace;
struct ssi_instance;
struct super_block;
struct vfsmount;

/**
 * struct ssi_pidns - a pid namespace whose numbers say where a process is
 * @ns: the namespace; referenced
 * @si: the member of the cluster that it belongs to; referenced
 * @first: first number of this node
 * @stride: how many each node has
 * @local_cursor: where the next number below SSI_PID_LOCAL is looked for; under
 *	pidmap_lock, as the namespace's cursor, which serves the other numbers
 * @pid_max: what the namespace's sysctl said before
 * @proc: a mount of its proc, by which other nodes read of its processes, or NULL
 */
struct ssi_pidns {
	struct pid_namespace *ns;
	struct ssi_instance *si;
	int first;
	int stride;
	int local_cursor;
	int pid_max;
	struct vfsmount *proc;
};

/**
 * ssi_pid_first - first number of a node
 * @node: id, 1…SSI_NODE_ID_MAX
 * @stride: numbers of each node
 *
 * Return: the number.
 */
static inline int ssi_pid_first(u32 node, int stride)
{
	return SSI_PID_LOCAL + (node - 1) * stride;
}

/**
 * ssi_pid_node - the node that a number names
 * @nr: pid number
 * @stride: numbers of each node
 *
 * Return: its id, or 0 for a number that every node has.
 */
static inline u32 ssi_pid_node(int nr, int stride)
{
	return nr < SSI_PID_LOCAL ? 0 : (nr - SSI_PID_LOCAL) / stride + 1;
}

/**
 * ssi_pidns_own - is this a number of this node?
 * @p: attachment
 * @nr: pid number
 *
 * Return: true if it is, in use or not.
 */
static inline bool ssi_pidns_own(const struct ssi_pidns *p, int nr)
{
	return nr >= p->first && nr - p->first < p->stride;
}

/**
 * ssi_pidns_is_init - is current the init process of a pid namespace?
 * @ns: namespace
 *
 * When a node or a container is shut down its init process ends all that it finds, and
 * must not end the cluster.
 *
 * Context: process context.
 * Return: true if it is.
 */
static inline bool ssi_pidns_is_init(struct pid_namespace *ns)
{
	return task_active_pid_ns(current) == ns && is_child_reaper(task_tgid(current));
}

struct vfsmount *ssi_pidns_proc(struct pid_namespace *ns);
bool ssi_pidns_is_proc(const struct super_block *sb);
pid_t ssi_pidns_nr(struct ssi_instance *si, struct pid *pid);
u64 ssi_pid_id(const struct pid *pid);
struct ssi_instance *ssi_pidns_instance(struct pid_namespace *ns, int *stride);
struct pid *ssi_pidns_find(struct ssi_pidns *p, int nr, u64 id);
u32 ssi_pid_max_node(int stride);
int ssi_pidns_draw(struct ssi_pidns *p, bool local, int pid_max);
int ssi_pidns_attach(struct ssi_instance *si, struct pid_namespace *ns,
		     struct netlink_ext_ack *extack);
void ssi_pidns_detach(struct ssi_instance *si);

#endif /* _KERNEL_SSI_PIDNS_H */
