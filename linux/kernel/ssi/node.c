// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the nodes that an instance knows
 */

/**
 * DOC: nodes
 *
 * A &struct ssi_node is a peer: an id, an address, and a state.  It is in its
 * instance's table from ssi_node_add() to ssi_node_remove() or the end of the
 * network namespace, and lives as long as somebody refers to it::
 *
 *   CONFIGURED --join--> CONNECTING --> CHECKING --> PURGING --> MEMBER
 *                          ^   |           |            |          |
 *                          |   +-----<-----+------<-----+          |
 *                          |              REFUSED              LOST, GONE
 *                          +------------------+--------------------+
 *
 * LOST, GONE and REFUSED are kept, with their reason, until the two nodes talk
 * to each other again.  An epoch is one stay in MEMBER; its number only grows,
 * and messages, calls and holds belong to one.
 *
 * What is held here for a peer is counted (ssi_node_hold()); while the count is
 * not zero the node can neither become a member again (I4) nor be removed.
 *
 * Locks: the instance's lock for the table, then the node's lock for the state.
 * Lookups need neither, the table is read under RCU.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <kunit/visibility.h>
#include <linux/netlink.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "addr.h"
#include "drain.h"
#include "instance.h"
#include "node.h"
#include "pairing.h"

/* What a node that is given up has here dies within this, mostly. */
#define SSI_NODE_DYING		HZ

static const char *const ssi_node_state_names[] = {
	[SSI_NODE_STATE_CONFIGURED]	= "configured",
	[SSI_NODE_STATE_CONNECTING]	= "connecting",
	[SSI_NODE_STATE_CHECKING]	= "checking",
	[SSI_NODE_STATE_PURGING]	= "purging",
	[SSI_NODE_STATE_MEMBER]		= "member",
	[SSI_NODE_STATE_GONE]		= "gone",
	[SSI_NODE_STATE_REFUSED]	= "refused",
	[SSI_NODE_STATE_LOST]		= "lost",
	[SSI_NODE_STATE_DRAINING]	= "draining",
};

/**
 * ssi_node_set_state - move a node to another state
 * @node: node whose lock is held
 * @state: new state
 *
 * The only place where a state changes.
 *
 * Context: any.
 */
void ssi_node_set_state(struct ssi_node *node, enum ssi_node_state state)
{
	enum ssi_node_state old = node->state;

	lockdep_assert_held(&node->lock);

	if (old == state)
		return;
	WRITE_ONCE(node->state, state);
	node->since = ktime_get_boottime_ns();

	if (state == SSI_NODE_STATE_DRAINING || old == SSI_NODE_STATE_DRAINING)
		pr_info_ratelimited("node %u: %s\n", node->id, ssi_node_state_names[state]);
	else if (state == SSI_NODE_STATE_MEMBER)
		pr_info_ratelimited("node %u is a member, epoch %u\n", node->id,
				    node->epoch);
	else if (state == SSI_NODE_STATE_LOST || state == SSI_NODE_STATE_GONE)
		pr_warn_ratelimited("node %u is %s: %s\n", node->id,
				    ssi_node_state_names[state], node->reason);
	else if (state == SSI_NODE_STATE_REFUSED)
		pr_warn_ratelimited("node %u does not fit: %s\n", node->id,
				    node->reason);
	else
		pr_debug("node %u: %s\n", node->id, ssi_node_state_names[state]);
}

/**
 * ssi_node_set_reason - keep why a node is lost or refused
 * @node: node whose lock is held
 * @reason: sentence for a person; copied
 *
 * Context: any.
 */
void ssi_node_set_reason(struct ssi_node *node, const char *reason)
{
	lockdep_assert_held(&node->lock);
	strscpy(node->reason, reason, sizeof(node->reason));
}

/**
 * ssi_node_break - end what is going on with a node
 * @node: node whose lock is held
 * @reason: why; copied if an epoch ends with it
 *
 * Context: any, interrupts off.
 */
void ssi_node_break(struct ssi_node *node, const char *reason)
{
	struct ssi_pairing *p = node->pairing;
	unsigned int lane;

	lockdep_assert_held(&node->lock);

	if (p->broken)
		return;
	WRITE_ONCE(p->broken, true);
	if (ssi_node_in_epoch(node)) {
		for (lane = 0; lane < SSI_NR_LANES; lane++)
			ssi_link_close(&p->link[lane]);
		ssi_node_set_reason(node, p->bye ? "left the cluster" : reason);
		ssi_node_set_state(node, p->bye ? SSI_NODE_STATE_GONE :
						  SSI_NODE_STATE_LOST);
	}
	wake_up_all(&node->wait);
}

/* After a grace period, and where sleeping is allowed. */
static void ssi_node_free_work(struct work_struct *work)
{
	struct ssi_node *node = container_of(to_rcu_work(work), typeof(*node),
					     free);

	ssi_pairing_free(node->pairing);
	ssi_instance_put(node->inst);
	kfree(node);
}

static struct ssi_node *ssi_node_alloc(struct ssi_instance *si, u32 id,
				       const struct sockaddr_storage *addr)
{
	struct ssi_node *node = kzalloc_obj(*node);

	if (!node)
		return NULL;
	node->pairing = ssi_pairing_alloc(node);
	if (!node->pairing) {
		kfree(node);
		return NULL;
	}
	ssi_instance_get(si);
	node->inst = si;
	node->id = id;
	node->addr = *addr;
	node->since = ktime_get_boottime_ns();
	refcount_set(&node->ref, 1);
	spin_lock_init(&node->lock);
	ssi_load_init(&node->load);
	init_waitqueue_head(&node->wait);
	INIT_WORK(&node->drain_work, ssi_drain_work);
	INIT_RCU_WORK(&node->free, ssi_node_free_work);
	return node;
}

/**
 * ssi_node_get - refer to a node once more
 * @node: node that the caller has a reference to
 *
 * Context: any.
 * Return: @node.
 */
struct ssi_node *ssi_node_get(struct ssi_node *node)
{
	refcount_inc(&node->ref);
	return node;
}

/**
 * ssi_node_put - give a reference back
 * @node: node, or NULL
 *
 * Context: any.
 */
void ssi_node_put(struct ssi_node *node)
{
	if (node && refcount_dec_and_test(&node->ref))
		queue_rcu_work(system_dfl_wq, &node->free);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_put);

/**
 * ssi_node_lookup - find a node by its id
 * @si: instance
 * @id: node id
 *
 * Context: any.
 * Return: the node with a reference, or NULL.
 */
struct ssi_node *ssi_node_lookup(struct ssi_instance *si, u32 id)
{
	struct ssi_node *node;

	rcu_read_lock();
	node = xa_load(&si->nodes, id);
	if (node && !refcount_inc_not_zero(&node->ref))
		node = NULL;
	rcu_read_unlock();
	return node;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_lookup);

/**
 * ssi_node_next - find the node with the next higher id
 * @si: instance
 * @id: id to start after; 0 for the first node
 *
 * Context: any.
 * Return: the node with a reference, or NULL after the last.
 */
struct ssi_node *ssi_node_next(struct ssi_instance *si, u32 id)
{
	unsigned long index = id;
	struct ssi_node *node;

	rcu_read_lock();
	do {
		node = xa_find_after(&si->nodes, &index, ULONG_MAX, XA_PRESENT);
	} while (node && !refcount_inc_not_zero(&node->ref));
	rcu_read_unlock();
	return node;
}

/**
 * ssi_node_start - begin of ssi_node_for_each()
 * @pos: cursor
 *
 * Context: any.
 * Return: @pos.
 */
struct ssi_node **ssi_node_start(struct ssi_node **pos)
{
	*pos = NULL;
	return pos;
}

/**
 * ssi_node_step - step of ssi_node_for_each()
 * @si: instance
 * @pos: cursor; its reference is given back, and one taken to the next node
 *
 * Context: any.
 * Return: false after the last node.
 */
bool ssi_node_step(struct ssi_instance *si, struct ssi_node **pos)
{
	struct ssi_node *next = ssi_node_next(si, *pos ? (*pos)->id : 0);

	ssi_node_put(*pos);
	*pos = next;
	return next;
}

/**
 * ssi_node_add - make a node known
 * @si: instance, joined or not
 * @id: id of the node
 * @addr: where it listens; port 0 means SSI_DEFAULT_PORT
 * @extack: for a sentence, may be NULL
 *
 * If the instance is joined, the two begin to look for each other.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -EEXIST or -ENOMEM.
 */
int ssi_node_add(struct ssi_instance *si, u32 id,
		 const struct sockaddr_storage *addr,
		 struct netlink_ext_ack *extack)
{
	struct ssi_node *node;
	int err;

	if (!id || id > SSI_NODE_ID_MAX) {
		NL_SET_ERR_MSG(extack, "A node id is a number from 1 to 1000");
		return -EINVAL;
	}
	if (!ssi_addr_valid(addr)) {
		NL_SET_ERR_MSG(extack, "The address must be the IPv4 or IPv6 address of one host");
		return -EINVAL;
	}

	mutex_lock(&si->lock);
	if (id == si->node) {
		NL_SET_ERR_MSG(extack, "This is the id of this node itself");
		err = -EINVAL;
		goto unlock;
	}
	node = ssi_node_alloc(si, id, addr);
	if (!node) {
		err = -ENOMEM;
		goto unlock;
	}
	ssi_addr_default_port(&node->addr, SSI_DEFAULT_PORT);

	err = xa_insert(&si->nodes, id, node, GFP_KERNEL);
	if (err) {
		if (err == -EBUSY) {
			NL_SET_ERR_MSG(extack, "There is a node with this id: remove it first");
			err = -EEXIST;
		}
		goto put_node;
	}
	if (ssi_instance_joined(si)) {
		err = ssi_pairing_start(node->pairing);
		if (err)
			goto erase_node;
	}
	mutex_unlock(&si->lock);
	return 0;

erase_node:
	xa_erase(&si->nodes, id);
put_node:
	ssi_node_put(node);
unlock:
	mutex_unlock(&si->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_add);

/**
 * ssi_node_busy - would the end of a membership lose anything?
 * @node: node
 *
 * Context: may sleep; the instance's lock is held.
 * Return: true if it would; false also if there is no membership.
 */
bool ssi_node_busy(struct ssi_node *node)
{
	const struct ssi_peer_ops *ops = node->inst->peer_ops;
	u32 epoch = ssi_node_epoch(node);

	lockdep_assert_held(&node->inst->lock);

	if (!epoch)
		return false;
	return ops->busy ? ops->busy(node, epoch) : atomic_read(&node->holds);
}

/*
 * Have all die that is lent. Only who asks again waits for it: others are to be lost at once,
 * too.
 */
static void ssi_node_give_up(struct ssi_node *node)
{
	if (ssi_node_in_epoch(node))
		ssi_node_fence(node, "removed by force");
	else
		wait_event_killable_timeout(node->wait, !atomic_read(&node->holds),
					    SSI_NODE_DYING);
}

/**
 * ssi_node_remove - forget a node
 * @si: instance
 * @id: id of the node
 * @force: declare it lost first, with all that the two have with each other
 * @extack: for a sentence, may be NULL
 *
 * Context: sleeps until the node's epoch, if there is one, is over.
 * Return: 0, -ENOENT, or -EBUSY while something of the node is held here.
 */
int ssi_node_remove(struct ssi_instance *si, u32 id, bool force,
		    struct netlink_ext_ack *extack)
{
	struct ssi_node *node = ssi_node_lookup(si, id);
	int err = 0;

	if (node) {
		if (force)
			ssi_node_give_up(node);
		else
			ssi_instance_flush(si, node);
		ssi_node_put(node);
	}
	mutex_lock(&si->lock);
	node = xa_load(&si->nodes, id);
	if (!node) {
		NL_SET_ERR_MSG(extack, "There is no node with this id");
		err = -ENOENT;
	} else if (ssi_node_busy(node)) {
		NL_SET_ERR_MSG(extack,
			       "Processes or their pages are away with this node: bring them home");
		err = -EBUSY;
	} else if (!ssi_node_epoch(node) && atomic_read(&node->holds)) {
		/* added again, it would know nothing of what has to go first (I4) */
		NL_SET_ERR_MSG(extack, "What the node left here is not gone yet: try again");
		err = -EBUSY;
	} else {
		xa_erase(&si->nodes, id);
		ssi_pairing_stop(node->pairing);
	}
	mutex_unlock(&si->lock);
	if (!err)
		ssi_node_put(node);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_remove);

/**
 * ssi_node_state - what is going on with a node?
 * @node: node
 *
 * Context: any.
 * Return: its state, which may change at any time.
 */
enum ssi_node_state ssi_node_state(struct ssi_node *node)
{
	return READ_ONCE(node->state);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_state);

/**
 * ssi_node_state_age - what is going on with a node, and for how long?
 * @node: node
 * @ms: set to the milliseconds since it came into this state, suspend included
 *
 * Context: any.
 * Return: its state, which may change at any time.
 */
enum ssi_node_state ssi_node_state_age(struct ssi_node *node, u64 *ms)
{
	enum ssi_node_state state;
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	state = node->state;
	*ms = (ktime_get_boottime_ns() - node->since) / NSEC_PER_MSEC;
	spin_unlock_irqrestore(&node->lock, flags);
	return state;
}

/**
 * ssi_node_is_member - is a node a member?
 * @node: node
 *
 * Context: any.
 * Return: true if so; it may change at any time.
 */
bool ssi_node_is_member(struct ssi_node *node)
{
	return ssi_node_in_epoch(node);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_is_member);

/**
 * ssi_node_epoch - which epoch is it?
 * @node: node
 *
 * Context: any.
 * Return: number of the current membership, 0 if there is none.
 */
u32 ssi_node_epoch(struct ssi_node *node)
{
	unsigned long flags;
	u32 epoch;

	spin_lock_irqsave(&node->lock, flags);
	epoch = ssi_node_in_epoch(node) ? node->epoch : 0;
	spin_unlock_irqrestore(&node->lock, flags);
	return epoch;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_epoch);

/**
 * ssi_node_incarnation - which start of the node is it?
 * @node: node
 *
 * Context: any.
 * Return: the incarnation of the newest epoch, 0 before the first.
 */
u64 ssi_node_incarnation(struct ssi_node *node)
{
	return READ_ONCE(node->incarnation);
}

/**
 * ssi_node_nr_cpus - how many CPUs can the node have?
 * @node: node
 *
 * Context: any.
 * Return: nr_cpu_ids of the node as of the newest epoch, 0 before the first.
 */
u32 ssi_node_nr_cpus(struct ssi_node *node)
{
	return READ_ONCE(node->nr_cpus);
}

/**
 * ssi_node_reason - why was the node lost or refused?
 * @node: node
 * @buf: where to
 * @size: bytes of @buf, SSI_REASON_MAX is enough
 *
 * Context: any.
 */
void ssi_node_reason(struct ssi_node *node, char *buf, size_t size)
{
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	strscpy(buf, node->reason, size);
	spin_unlock_irqrestore(&node->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_reason);

/**
 * ssi_node_stats - read the counters of a node
 * @node: node
 * @stats: filled in
 *
 * Context: process context; does not sleep.
 */
void ssi_node_stats(struct ssi_node *node, struct ssi_node_stats *stats)
{
	struct ssi_pairing *p = node->pairing;
	unsigned int lane;

	memset(stats, 0, sizeof(*stats));
	for (lane = 0; lane < SSI_NR_LANES; lane++) {
		const struct ssi_link *link = &p->link[lane];

		stats->tx_msgs += READ_ONCE(link->tx_msgs);
		stats->rx_msgs += READ_ONCE(link->rx_msgs);
		stats->tx_bytes += READ_ONCE(link->tx_bytes);
		stats->rx_bytes += READ_ONCE(link->rx_bytes);
		stats->tx_pages += READ_ONCE(link->tx_pages);
		stats->rx_pages += READ_ONCE(link->rx_pages_nr);
		stats->stale += READ_ONCE(link->stale);
	}
	stats->calls = READ_ONCE(p->calls.seq);
	stats->epochs = READ_ONCE(p->epochs);
	stats->losses = READ_ONCE(p->losses);
	stats->refusals = READ_ONCE(p->refusals);
	stats->rtt_ns = ssi_heart_rtt_ns(&p->heart, &stats->clock_ns);
	stats->heartbeat_age_ms = ssi_heart_age_ms(&p->heart);
	stats->running = ssi_load_running(&node->load);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_stats);

/**
 * ssi_node_hold - something of the node's epoch is held here
 * @node: node of which the caller already holds something
 *
 * Context: any.
 */
void ssi_node_hold(struct ssi_node *node)
{
	atomic_inc(&node->holds);
}

/**
 * ssi_node_tryhold - begin to hold something of an epoch
 * @node: node
 * @epoch: number of the epoch
 *
 * Context: any.
 * Return: false if the epoch is over.
 */
bool ssi_node_tryhold(struct ssi_node *node, u32 epoch)
{
	unsigned long flags;
	bool held;

	spin_lock_irqsave(&node->lock, flags);
	held = ssi_node_in_epoch(node) && node->epoch == epoch;
	if (held)
		atomic_inc(&node->holds);
	spin_unlock_irqrestore(&node->lock, flags);
	return held;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_tryhold);

/**
 * ssi_node_release - something that was held is given back
 * @node: node
 *
 * Context: any.
 */
void ssi_node_release(struct ssi_node *node)
{
	int left = atomic_dec_return(&node->holds);

	WARN_ON_ONCE(left < 0);
	if (!left)
		wake_up_all(&node->wait);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_release);

/**
 * ssi_node_fence_epoch - declare a node lost
 * @node: node
 * @epoch: number of the epoch that is to end; nothing happens if it is over
 * @reason: why, for a person; copied
 *
 * From the return on nothing of this epoch is sent or dispatched.
 *
 * Context: any.
 */
void ssi_node_fence_epoch(struct ssi_node *node, u32 epoch, const char *reason)
{
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	if (ssi_node_in_epoch(node) && node->epoch == epoch)
		ssi_node_break(node, reason);
	spin_unlock_irqrestore(&node->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_fence_epoch);

/**
 * ssi_node_fence - declare a node lost, whatever its epoch
 * @node: node; nothing happens if it is no member
 * @reason: why, for a person; copied
 *
 * Context: any.
 */
void ssi_node_fence(struct ssi_node *node, const char *reason)
{
	unsigned long flags;

	spin_lock_irqsave(&node->lock, flags);
	if (ssi_node_in_epoch(node))
		ssi_node_break(node, reason);
	spin_unlock_irqrestore(&node->lock, flags);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_node_fence);
