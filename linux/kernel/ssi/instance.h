/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_INSTANCE_H
#define _KERNEL_SSI_INSTANCE_H

#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <linux/xarray.h>
#include <uapi/linux/ssi.h>

#include "key.h"
#include "machine.h"
#include "wire.h"

#define SSI_DEADLINE_DEFAULT_MS	5000
#define SSI_DEADLINE_MIN_MS	500
#define SSI_DEADLINE_MAX_MS	60000

struct net;
struct netlink_ext_ack;
struct pid_namespace;
struct ssi_instance;
struct ssi_listener;
struct ssi_node;
struct ssi_pidns;

/**
 * struct ssi_join_params - what a node must be told to join a cluster
 * @cluster: name of the cluster, NUL-terminated
 * @node: own id, 1…SSI_NODE_ID_MAX
 * @listen: own address; port 0 means SSI_DEFAULT_PORT.  AF_UNSPEC means all
 *	addresses, IPv6 if there is IPv6, else IPv4.
 * @deadline_ms: liveness deadline in milliseconds, 0 for the default
 * @pid_stride: pid numbers of each node, 0 for the default
 * @pidns: namespace whose processes the cluster shall see, or NULL
 * @has_key: @key is given
 * @insecure: there is no key: trust peers for their addresses, and do not encrypt
 * @key: of the cluster
 */
struct ssi_join_params {
	char cluster[SSI_CLUSTER_NAME_MAX];
	u32 node;
	struct sockaddr_storage listen;
	u32 deadline_ms;
	u32 pid_stride;
	struct pid_namespace *pidns;
	bool has_key;
	bool insecure;
	u8 key[SSI_KEY_LEN];
};

/**
 * struct ssi_peer_ops - what the owner of processes and memory is told
 * @member: an epoch begins; called before any handler of that epoch runs
 * @lost: an epoch is over; called once per epoch for which @member was called,
 *	after the last handler of that epoch returned and before the outstanding
 *	calls of that epoch complete with -EHOSTDOWN, but for those that a
 *	handler may wait for (call.c)
 * @changed: the state of the node changed, for whoever watches; states that
 *	follow each other quickly may be seen as one
 * @flush: optional: the instance (@node is NULL), or a node of it, may be about to
 *	leave: give back and take back what nobody uses.  May take seconds.
 *	An error says that something may be on its way here.
 * @busy: optional: would the end of this membership lose anything?  Without it the
 *	answer is whether something is held.  Must not sleep for long: the
 *	instance's lock is held.
 *
 * The first three are called from the pairing's thread of the node, @changed also
 * from that of whoever adds it or joins; they may sleep, but must not wait for a
 * message of the same node.  The others are called for whoever leaves.
 */
struct ssi_peer_ops {
	void (*member)(struct ssi_node *node, u32 epoch);
	void (*lost)(struct ssi_node *node, u32 epoch);
	void (*changed)(struct ssi_node *node);
	int (*flush)(struct ssi_instance *si, struct ssi_node *node);
	bool (*busy)(struct ssi_node *node, u32 epoch);
};

/**
 * struct ssi_instance - one cluster member, which is one network namespace
 * @net: the namespace.  Not refcounted: the namespace's exit stops the instance.
 * @ref: held by the namespace and by every node
 * @lock: serialises join, leave, and changes of the node table
 * @node: own id, 0 while not joined.  Written under @lock; read without.
 * @incarnation: drawn at each join, so that a peer never mistakes a node that
 *	was restarted for the one it knew
 * @deadline_ms: liveness deadline in milliseconds
 * @pid_stride: pid numbers of each node
 * @cluster: name of the cluster
 * @keys: that prove who may speak; none while not joined
 * @insecure: it has joined without
 * @draining: it takes nothing new: drain.c
 * @leaving: how many have it leave at this moment; it takes nothing, either
 * @listen: own address, with port
 * @nodes: peers by id; written under @lock, read under RCU
 * @listener: the listening socket while joined, under @lock
 * @heart: worker of the heartbeats of all nodes, real-time priority
 * @peer_ops: who is told about members and losses; constant while joined
 * @pidns: the pid namespace that is attached, or NULL: pidns.c
 * @machine: what other nodes have said of files of its /proc
 */
struct ssi_instance {
	struct net *net;
	refcount_t ref;
	struct mutex lock;		/* outermost */
	u32 node;
	u64 incarnation;
	u32 deadline_ms;
	u32 pid_stride;
	char cluster[SSI_CLUSTER_NAME_MAX];
	struct ssi_keys keys;
	bool insecure;
	bool draining;
	atomic_t leaving;
	struct sockaddr_storage listen;
	struct xarray nodes;
	struct ssi_listener *listener;
	struct kthread_worker *heart;
	const struct ssi_peer_ops *peer_ops;
	struct ssi_pidns __rcu *pidns;
	struct ssi_machine machine[SSI_NR_MACHINE_FILES];
};

struct ssi_instance *ssi_instance(struct net *net);
struct ssi_instance *ssi_instance_alloc(struct net *net,
					const struct ssi_peer_ops *peer_ops);
void ssi_instance_release(struct ssi_instance *si);
void ssi_instance_get(struct ssi_instance *si);
void ssi_instance_put(struct ssi_instance *si);

int ssi_instance_join(struct ssi_instance *si, const struct ssi_join_params *p,
		      struct netlink_ext_ack *extack);
int ssi_instance_leave(struct ssi_instance *si, struct netlink_ext_ack *extack);
void ssi_instance_stop(struct ssi_instance *si);

/**
 * ssi_instance_joined - is this instance a member of a cluster?
 * @si: instance
 *
 * Context: any.
 * Return: true from the end of a successful join until a leave begins.
 */
static inline bool ssi_instance_joined(const struct ssi_instance *si)
{
	return READ_ONCE(si->node) != 0;
}

/**
 * ssi_instance_refuses - does this instance take nothing of other nodes?
 * @si: instance
 *
 * Context: any.
 * Return: true if it drains or leaves.
 */
static inline bool ssi_instance_refuses(const struct ssi_instance *si)
{
	return READ_ONCE(si->draining) || atomic_read(&si->leaving);
}

int ssi_instance_flush(struct ssi_instance *si, struct ssi_node *node);

int ssi_instance_init(void);
void ssi_instance_exit(void);

#endif /* _KERNEL_SSI_INSTANCE_H */
