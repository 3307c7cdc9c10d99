// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: on which node is a program started?
 */

/**
 * DOC: choosing a node
 *
 * A program that may run on any node runs on the next of all members, this node among them,
 * or on the least busy one. That is a matter of each execve() alone: nobody is asked, and what
 * is known of the others came with their heartbeats (load.c).
 *
 * Unhappy paths: a node that is lost meanwhile fails the execve() there, and the program
 * runs here.
 */

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>

#include "chooser.h"
#include "node.h"

/* The next of all members. */
static struct ssi_node *ssi_choose_turn(struct ssi_instance *si)
{
	static atomic_t last = ATOMIC_INIT(0);
	struct ssi_node *node;
	u32 members = 1, turn;

	ssi_node_for_each(si, node)
		members += ssi_node_state(node) == SSI_NODE_STATE_MEMBER;
	turn = (u32)atomic_inc_return(&last) % members;
	if (!turn)
		return NULL;
	ssi_node_for_each(si, node)
		if (ssi_node_state(node) == SSI_NODE_STATE_MEMBER && !--turn)
			return node;
	return NULL;
}

/* Tasks that run here, besides current and whoever has started it and is about to wait for it. */
static u32 ssi_choose_running(void)
{
	u32 running = nr_running(), own = 1;

	scoped_guard(rcu)
		own += task_is_running(rcu_dereference(current->real_parent));
	return running > own ? running - own : 0;
}

/* The least busy one: this one if it is, else any of those that are. */
static struct ssi_node *ssi_choose_load(struct ssi_instance *si)
{
	u64 least = ssi_load_with_one_more(ssi_choose_running(), num_online_cpus()), load;
	struct ssi_node *node, *best = NULL;
	u32 alike = 0;

	ssi_node_for_each(si, node) {
		/* neither one that is being emptied */
		if (ssi_node_state(node) != SSI_NODE_STATE_MEMBER)
			continue;
		load = ssi_load_of(&node->load);
		if (load > least || (load == least && !best))
			continue;
		alike = load == least ? alike + 1 : 1;
		least = load;
		if (get_random_u32_below(alike))
			continue;
		if (best)
			ssi_node_put(best);
		best = ssi_node_get(node);
	}
	return best;
}

/**
 * ssi_choose - where is a program started that may run on any node?
 * @si: instance
 * @policy: how to choose
 *
 * Context: process context.
 * Return: the node, referenced, or NULL: this one.
 */
struct ssi_node *ssi_choose(struct ssi_instance *si, enum ssi_placement_policy policy)
{
	switch (policy) {
	case SSI_PLACEMENT_POLICY_TURN:
		return ssi_choose_turn(si);
	default:
		return ssi_choose_load(si);
	}
}
