/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_NODE_H
#define _KERNEL_SSI_NODE_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/ssi.h>

#include "load.h"
#include "wire.h"

struct netlink_ext_ack;
struct ssi_instance;
struct ssi_pairing;

/**
 * struct ssi_node_stats - what a person may want to know about a peer
 * @tx_msgs: messages handed to TCP
 * @rx_msgs: messages dispatched
 * @tx_bytes: bytes of them, headers included
 * @rx_bytes: bytes received, headers included
 * @tx_pages: pages sent
 * @rx_pages: pages received
 * @calls: calls started
 * @stale: messages of another epoch that were dropped
 * @epochs: memberships begun
 * @losses: memberships lost
 * @refusals: handshakes refused by either side
 * @rtt_ns: round trip of the newest heartbeat in nanoseconds, 0 if none
 * @clock_ns: how far its CLOCK_REALTIME is ahead of ours; meaningful with @rtt_ns
 * @heartbeat_age_ms: age of the newest proof that the peer lives, in
 *	milliseconds; meaningful for a member only
 * @running: tasks that run there, or would; the same
 */
struct ssi_node_stats {
	u64 tx_msgs;
	u64 rx_msgs;
	u64 tx_bytes;
	u64 rx_bytes;
	u64 tx_pages;
	u64 rx_pages;
	u64 calls;
	u64 stale;
	u64 epochs;
	u64 losses;
	u64 refusals;
	u64 rtt_ns;
	s64 clock_ns;
	u32 heartbeat_age_ms;
	u32 running;
};

/**
 * struct ssi_node - a peer
 * @inst: instance that knows this peer; refcounted
 * @id: node id of the peer
 * @addr: address the peer listens on and connects from
 * @ref: held by the table and by whoever looks it up
 * @lock: protects @state, @since, @epoch, @incarnation, @reason.  Innermost but
 *	for the lanes' queue locks; taken with interrupts off.
 * @state: see node.c
 * @since: when it came into @state, CLOCK_BOOTTIME in nanoseconds
 * @epoch: of the current membership, or of the last one.  Only grows.
 * @incarnation: of the peer, as of its newest handshake
 * @nr_cpus: nr_cpu_ids of the peer, as of its newest handshake
 * @reason: why the node was last lost or refused, empty if it never was
 * @holds: things of the current or last epoch that are held here (I4)
 * @load: how busy it is, as of its newest heartbeat
 * @drain_work: brings home what is there; holds a reference
 * @wait: the pairing's thread waits here
 * @pairing: the thread, the lanes and the calls; constant
 * @free: frees the node when nobody can look it up any more
 */
struct ssi_node {
	struct ssi_instance *inst;
	u32 id;
	struct sockaddr_storage addr;
	refcount_t ref;
	spinlock_t lock;		/* outside the lanes' */
	enum ssi_node_state state;
	u64 since;
	u32 epoch;
	u64 incarnation;
	u32 nr_cpus;
	char reason[SSI_REASON_MAX];
	atomic_t holds;
	struct ssi_load load;
	struct work_struct drain_work;
	wait_queue_head_t wait;
	struct ssi_pairing *pairing;
	struct rcu_work free;
};

int ssi_node_add(struct ssi_instance *si, u32 id,
		 const struct sockaddr_storage *addr,
		 struct netlink_ext_ack *extack);
bool ssi_node_busy(struct ssi_node *node);
int ssi_node_remove(struct ssi_instance *si, u32 id, bool force,
		    struct netlink_ext_ack *extack);

struct ssi_node *ssi_node_lookup(struct ssi_instance *si, u32 id);
struct ssi_node *ssi_node_next(struct ssi_instance *si, u32 id);
struct ssi_node *ssi_node_get(struct ssi_node *node);
void ssi_node_put(struct ssi_node *node);

/**
 * ssi_node_for_each - walk the peers of an instance in the order of their ids
 * @si: instance
 * @pos: struct ssi_node cursor; referenced inside the body.  Leaving the loop
 *	early leaves the reference with the caller.
 *
 * A dump that must stop resumes with ssi_node_next() and the last id it wrote.
 */
#define ssi_node_for_each(si, pos)					\
	for (struct ssi_node **ssi_cursor = ssi_node_start(&(pos));	\
	     ssi_node_step(si, ssi_cursor);)

struct ssi_node **ssi_node_start(struct ssi_node **pos);
bool ssi_node_step(struct ssi_instance *si, struct ssi_node **pos);

bool ssi_node_is_member(struct ssi_node *node);
u32 ssi_node_epoch(struct ssi_node *node);
enum ssi_node_state ssi_node_state(struct ssi_node *node);
enum ssi_node_state ssi_node_state_age(struct ssi_node *node, u64 *ms);
u64 ssi_node_incarnation(struct ssi_node *node);
u32 ssi_node_nr_cpus(struct ssi_node *node);
/**
 * ssi_node_in_epoch - are the two members now?
 * @node: node
 *
 * Context: any; with the node's lock held the answer stays true.
 * Return: true if they are.
 */
static inline bool ssi_node_in_epoch(struct ssi_node *node)
{
	enum ssi_node_state state = READ_ONCE(node->state);

	return state == SSI_NODE_STATE_MEMBER || state == SSI_NODE_STATE_DRAINING;
}

void ssi_node_reason(struct ssi_node *node, char *buf, size_t size);
void ssi_node_stats(struct ssi_node *node, struct ssi_node_stats *stats);

void ssi_node_hold(struct ssi_node *node);
bool ssi_node_tryhold(struct ssi_node *node, u32 epoch);
void ssi_node_release(struct ssi_node *node);

void ssi_node_fence(struct ssi_node *node, const char *reason);
void ssi_node_fence_epoch(struct ssi_node *node, u32 epoch, const char *reason);

/* For the pairing only; the node's lock is held. */
void ssi_node_set_state(struct ssi_node *node, enum ssi_node_state state);
void ssi_node_set_reason(struct ssi_node *node, const char *reason);
void ssi_node_break(struct ssi_node *node, const char *reason);

#endif /* _KERNEL_SSI_NODE_H */
