// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: this machine as a member of a cluster
 */

/**
 * DOC: instances
 *
 * A member of a cluster is a &struct ssi_instance, and there is one in each
 * network namespace: so several members can run in one kernel, which is how they
 * are tested, and nothing in the subsystem asks for "this node".
 *
 * Life: the instance is there with its namespace and does nothing, opens no port
 * and starts no thread.  ssi_instance_join() makes it a member: it draws an
 * incarnation, listens, and starts a pairing for every node it knows.
 * ssi_instance_leave() ends that in good order, and ssi_instance_stop() whatever
 * is going on; both keep the nodes.  The namespace's exit stops the instance and
 * forgets the nodes.  Whoever has a node has the instance too, so the memory
 * stays until the last of them is gone.
 *
 * Unhappy paths: a join that fails half-way undoes all of it.  Who leaves takes nothing new,
 * waits until all that was taken is known (drain.c), and is refused if something is.
 * Namespaces that do
 * not belong to the initial user namespace cannot join, since members trust each
 * other as kernels.
 *
 * Locks: &struct ssi_instance.lock is outermost.  The namespace's exit holds
 * pernet_ops_rwsem, so nothing here takes that or the RTNL.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/ipv6.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "addr.h"
#include "instance.h"
#include "listener.h"
#include "netlink.h"
#include "node.h"
#include "pairing.h"
#include "peer.h"
#include "pidns.h"

static unsigned int ssi_net_id __read_mostly;

/* What a network namespace has of us. */
struct ssi_net {
	struct ssi_instance *si;
};

static const struct ssi_peer_ops ssi_instance_peer_ops = {
	.member		= ssi_peer_member,
	.lost		= ssi_peer_lost,
	.changed	= ssi_netlink_node_event,
	.flush		= ssi_peer_flush,
	.busy		= ssi_peer_busy,
};

/**
 * ssi_instance - the instance of a network namespace
 * @net: namespace
 *
 * Context: any.
 * Return: the instance; it is there as long as the namespace is.
 */
struct ssi_instance *ssi_instance(struct net *net)
{
	struct ssi_net *sn = net_generic(net, ssi_net_id);

	return sn->si;
}

/**
 * ssi_instance_get - refer to an instance once more
 * @si: instance
 *
 * Context: any.
 */
void ssi_instance_get(struct ssi_instance *si)
{
	refcount_inc(&si->ref);
}

/**
 * ssi_instance_put - give a reference back
 * @si: instance
 *
 * Context: any.
 */
void ssi_instance_put(struct ssi_instance *si)
{
	if (!refcount_dec_and_test(&si->ref))
		return;
	xa_destroy(&si->nodes);
	kfree(si);
}

/**
 * ssi_instance_alloc - make an instance
 * @net: namespace it lives in
 * @peer_ops: who is told about members and losses
 *
 * Tests make more than one in a namespace.
 *
 * Context: may sleep.
 * Return: the instance, not joined, or NULL.
 */
struct ssi_instance *ssi_instance_alloc(struct net *net,
					const struct ssi_peer_ops *peer_ops)
{
	struct ssi_instance *si = kzalloc_obj(*si);

	if (!si)
		return NULL;
	si->net = net;
	si->peer_ops = peer_ops;
	refcount_set(&si->ref, 1);
	mutex_init(&si->lock);
	xa_init(&si->nodes);
	ssi_keys_init(&si->keys);
	ssi_machine_init(si->machine);
	return si;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_instance_alloc);

/**
 * ssi_instance_release - end an instance
 * @si: instance; the namespace's reference is given back
 *
 * Context: sleeps, for a short time.
 */
void ssi_instance_release(struct ssi_instance *si)
{
	struct ssi_node *node;
	unsigned long id;

	ssi_instance_stop(si);

	mutex_lock(&si->lock);
	xa_for_each(&si->nodes, id, node) {
		xa_erase(&si->nodes, id);
		ssi_node_put(node);
	}
	mutex_unlock(&si->lock);
	ssi_instance_put(si);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_instance_release);

/**
 * ssi_instance_flush - make it likely that a membership can end without a loss
 * @si: instance
 * @node: whose membership, or NULL for all
 *
 * Context: no locks; may sleep for seconds.
 * Return: 0, or a negative errno if something may be on its way here.
 */
int ssi_instance_flush(struct ssi_instance *si, struct ssi_node *node)
{
	if (ssi_instance_joined(si) && si->peer_ops->flush)
		return si->peer_ops->flush(si, node);
	return 0;
}

static int ssi_instance_check(struct ssi_instance *si,
			      const struct ssi_join_params *p,
			      struct netlink_ext_ack *extack)
{
	if (si->node) {
		NL_SET_ERR_MSG(extack, "This node is a member of a cluster: leave it first");
		return -EALREADY;
	}
	if (si->net->user_ns != &init_user_ns) {
		NL_SET_ERR_MSG(extack, "A network namespace of an unprivileged user cannot join");
		return -EPERM;
	}
	if (!p->node || p->node > SSI_NODE_ID_MAX) {
		NL_SET_ERR_MSG(extack, "A node id is a number from 1 to 1000");
		return -EINVAL;
	}
	if (xa_load(&si->nodes, p->node)) {
		NL_SET_ERR_MSG(extack, "Another node is configured with this id: remove it first");
		return -EEXIST;
	}
	if (!p->cluster[0] ||
	    strnlen(p->cluster, sizeof(p->cluster)) == sizeof(p->cluster)) {
		NL_SET_ERR_MSG(extack, "The name of a cluster has 1 to 63 characters");
		return -EINVAL;
	}
	if (p->deadline_ms && (p->deadline_ms < SSI_DEADLINE_MIN_MS ||
			       p->deadline_ms > SSI_DEADLINE_MAX_MS)) {
		NL_SET_ERR_MSG(extack, "The deadline is 500 to 60000 milliseconds");
		return -ERANGE;
	}
	if (p->pid_stride && p->pid_stride != SSI_PID_STRIDE &&
	    p->pid_stride != SSI_PID_STRIDE_SMALL) {
		NL_SET_ERR_MSG(extack, "A node has 1000000 or 250000 process ids");
		return -ERANGE;
	}
	if (p->has_key && p->insecure) {
		NL_SET_ERR_MSG(extack, "Either a key or no encryption, not both");
		return -EINVAL;
	}
	if (!p->has_key && !p->insecure) {
		NL_SET_ERR_MSG(extack, "A cluster key is needed: make one with 'ssi keygen'");
		return -ENOKEY;
	}
	if (p->listen.ss_family != AF_UNSPEC &&
	    p->listen.ss_family != AF_INET &&
	    !(IS_ENABLED(CONFIG_IPV6) && p->listen.ss_family == AF_INET6)) {
		NL_SET_ERR_MSG(extack, "The address to listen on must be an IPv4 or IPv6 address");
		return -EAFNOSUPPORT;
	}
	return 0;
}

static int ssi_instance_set(struct ssi_instance *si, const struct ssi_join_params *p,
			    struct netlink_ext_ack *extack)
{
	if (p->has_key && ssi_keys_add(&si->keys, p->key)) {
		NL_SET_ERR_MSG(extack, "This key cannot be used: make another one");
		return -EKEYREJECTED;
	}
	si->insecure = p->insecure;
	WRITE_ONCE(si->draining, false);
	strscpy(si->cluster, p->cluster, sizeof(si->cluster));
	si->deadline_ms = p->deadline_ms ? : SSI_DEADLINE_DEFAULT_MS;
	si->pid_stride = p->pid_stride ? : SSI_PID_STRIDE;
	si->incarnation = get_random_u64();
	si->listen = p->listen;
	if (si->listen.ss_family == AF_UNSPEC)
		si->listen.ss_family = ipv6_mod_enabled() ? AF_INET6 : AF_INET;
	ssi_addr_default_port(&si->listen, SSI_DEFAULT_PORT);
	WRITE_ONCE(si->node, p->node);
	return 0;
}

static void __ssi_instance_stop(struct ssi_instance *si)
{
	struct ssi_node *node;
	unsigned long id;

	lockdep_assert_held(&si->lock);

	if (!si->node)
		return;

	if (si->listener)
		ssi_listener_stop(si->listener);
	si->listener = NULL;

	/* All at once, so that the good-byes do not add up. */
	xa_for_each(&si->nodes, id, node)
		ssi_pairing_stop_async(node->pairing);
	xa_for_each(&si->nodes, id, node)
		ssi_pairing_stop(node->pairing);

	if (si->heart)
		kthread_destroy_worker(si->heart);
	si->heart = NULL;
	ssi_pidns_detach(si);
	ssi_keys_wipe(&si->keys);
	WRITE_ONCE(si->node, 0);
}

/**
 * ssi_instance_join - become a member of a cluster
 * @si: instance that is not joined
 * @p: how
 * @extack: for a sentence, may be NULL
 *
 * Returns when this node listens; the others become members one by one later.
 *
 * Context: may sleep.
 * Return: 0, -EALREADY, -EPERM, -EINVAL, -EEXIST, -ERANGE, -EAFNOSUPPORT, -ENOKEY,
 * -EKEYREJECTED, -ENOMEM, why it cannot listen, or why the pid namespace cannot be attached.
 */
int ssi_instance_join(struct ssi_instance *si, const struct ssi_join_params *p,
		      struct netlink_ext_ack *extack)
{
	struct ssi_listener *listener;
	struct kthread_worker *heart;
	struct ssi_node *node;
	unsigned long id;
	int err;

	mutex_lock(&si->lock);
	err = ssi_instance_check(si, p, extack);
	if (err)
		goto unlock;
	err = ssi_instance_set(si, p, extack);
	if (err)
		goto unlock;

	heart = kthread_run_worker(0, "ssi_heart/%u", si->node);
	if (IS_ERR(heart)) {
		err = PTR_ERR(heart);
		goto stop;
	}
	sched_set_fifo(heart->task);
	si->heart = heart;

	listener = ssi_listener_start(si, extack);
	if (IS_ERR(listener)) {
		err = PTR_ERR(listener);
		goto stop;
	}
	si->listener = listener;

	/* nothing else can fail, but for want of memory: the numbers do not come back */
	if (p->pidns) {
		err = ssi_pidns_attach(si, p->pidns, extack);
		if (err)
			goto stop;
	}

	xa_for_each(&si->nodes, id, node) {
		err = ssi_pairing_start(node->pairing);
		if (err)
			goto stop;
	}
	pr_info("this is node %u of cluster %s, listening on %pISpc\n", si->node,
		si->cluster, &si->listen);
	if (si->insecure)
		pr_warn("there is no cluster key: whoever can send packets from a node's address can read and change all memory\n");
	mutex_unlock(&si->lock);
	return 0;

stop:
	__ssi_instance_stop(si);
unlock:
	mutex_unlock(&si->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_instance_join);

/**
 * ssi_instance_leave - leave the cluster in good order
 * @si: instance
 * @extack: for a sentence, may be NULL
 *
 * Context: sleeps.
 * Return: 0; -ENOTCONN if it is not joined; -EBUSY while processes are away or are
 * guests here, if their pages cannot be brought home, or if a node did not answer in time;
 * -ENOMEM; -EINTR if current was killed.
 */
int ssi_instance_leave(struct ssi_instance *si, struct netlink_ext_ack *extack)
{
	struct ssi_node *node;
	unsigned long id;
	int err;

	/* what comes from here on would be lost; two who leave at once see each other's word */
	atomic_inc(&si->leaving);
	smp_mb__after_atomic(); /* before looking at who is there: see ssi_process_away() */
	err = ssi_instance_flush(si, NULL);
	mutex_lock(&si->lock);
	if (!si->node) {
		NL_SET_ERR_MSG(extack, "This node has not joined a cluster");
		err = -ENOTCONN;
		goto unlock;
	}
	if (err) {
		if (err == -ENOMEM) {
			NL_SET_ERR_MSG(extack, "There was no memory to ask the other nodes");
		} else if (err != -EINTR) {
			NL_SET_ERR_MSG(extack, "Another node did not answer in time: try again");
			err = -EBUSY;
		}
		goto unlock;
	}
	xa_for_each(&si->nodes, id, node) {
		if (!ssi_node_busy(node))
			continue;
		NL_SET_ERR_MSG(extack,
			       "Processes are away, or are guests here: bring them home first");
		err = -EBUSY;
		goto unlock;
	}
	pr_info("node %u leaves cluster %s\n", si->node, si->cluster);
	__ssi_instance_stop(si);
unlock:
	atomic_dec(&si->leaving);
	mutex_unlock(&si->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_instance_leave);

/**
 * ssi_instance_stop - leave the cluster, whatever that costs
 * @si: instance, joined or not
 *
 * What is away is lost.
 *
 * Context: sleeps, for a short time; never for the liveness deadline.
 */
void ssi_instance_stop(struct ssi_instance *si)
{
	mutex_lock(&si->lock);
	__ssi_instance_stop(si);
	mutex_unlock(&si->lock);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_instance_stop);

static int __net_init ssi_net_init(struct net *net)
{
	struct ssi_net *sn = net_generic(net, ssi_net_id);

	sn->si = ssi_instance_alloc(net, &ssi_instance_peer_ops);
	return sn->si ? 0 : -ENOMEM;
}

/*
 * Before the addresses of the namespace go: the good-byes shall arrive.
 */
static void __net_exit ssi_net_pre_exit(struct net *net)
{
	ssi_instance_stop(ssi_instance(net));
}

static void __net_exit ssi_net_exit(struct net *net)
{
	ssi_instance_release(ssi_instance(net));
}

static struct pernet_operations ssi_net_ops = {
	.init		= ssi_net_init,
	.pre_exit	= ssi_net_pre_exit,
	.exit		= ssi_net_exit,
	.id		= &ssi_net_id,
	.size		= sizeof(struct ssi_net),
};

/**
 * ssi_instance_init - give each network namespace an instance
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int ssi_instance_init(void)
{
	/* A device's: it exits before the devices it needs. */
	return register_pernet_device(&ssi_net_ops);
}

/**
 * ssi_instance_exit - undo ssi_instance_init()
 *
 * Context: may sleep.
 */
void ssi_instance_exit(void)
{
	unregister_pernet_device(&ssi_net_ops);
}
