// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what a membership's begin and end mean for processes and memory
 */

/**
 * DOC: loss
 *
 * Two nodes that lost each other agree without talking: each drops what the other
 * held. Home kills the threads whose user mode was there and the processes whose
 * pages are there; the other node kills the guests and forgets the pages. Both
 * hold the node (rule I4) until that is done, and no new membership begins before.
 */

#include <linux/sched/mm.h>

#include "drain.h"
#include "evict.h"
#include "export.h"
#include "instance.h"
#include "node.h"
#include "pagemap.h"
#include "peer.h"
#include "placed.h"
#include "process.h"
#include "store.h"
#include "stub.h"
#include "watch.h"

/**
 * ssi_peer_member - a membership begins
 * @node: peer
 * @epoch: of the membership
 *
 * Nothing is held for a peer before the first process moves.
 *
 * Context: the session thread of the node.
 */
void ssi_peer_member(struct ssi_node *node, u32 epoch)
{
}

/**
 * ssi_peer_lost - a membership is over
 * @node: peer
 * @epoch: of the membership
 *
 * Context: the session thread of the node, after the last handler of the
 * membership; sleeps.
 */
void ssi_peer_lost(struct ssi_node *node, u32 epoch)
{
	/* a reclaim could wait for a call that fails only after this */
	unsigned int flags = memalloc_noreclaim_save();

	ssi_store_peer_lost(node, epoch);
	ssi_process_peer_lost(node, epoch);
	ssi_watch_peer_lost(node, epoch);
	ssi_stub_peer_lost(node, epoch);
	ssi_placed_peer_lost(node, epoch);
	ssi_export_peer_lost(node, epoch);
	memalloc_noreclaim_restore(flags);
}

/**
 * ssi_peer_flush - somebody is about to leave: bring pages home that nobody uses
 * @si: instance
 * @node: who leaves, or NULL: we do
 *
 * Context: process context, no locks; sleeps, for seconds.
 * Return: 0, or a negative errno if what was not refused may be unknown yet.
 */
int ssi_peer_flush(struct ssi_instance *si, struct ssi_node *node)
{
	int err = ssi_drain_sync(si, node);

	/* with processes away the leave will be refused whatever is done here */
	if (ssi_process_session(si, node))
		return err;
	ssi_evict_instance(si, node);
	ssi_evict_stores(si, node);
	return err;
}

/**
 * ssi_peer_busy - would the end of a membership lose anything?
 * @node: peer
 * @epoch: of the membership
 *
 * Context: process context, the instance's lock is held.
 * Return: true if a process is away there or is a guest of it, if one of the two
 * holds pages of the other, or if a program is placed on one by the other.
 */
bool ssi_peer_busy(struct ssi_node *node, u32 epoch)
{
	struct ssi_store *st = ssi_store_find(node, epoch);
	bool busy = ssi_process_session(node->inst, node) || ssi_pagemap_lent(node, epoch) ||
		    ssi_stub_any(node) || ssi_placed_any(node) || ssi_export_any(node);

	if (st) {
		busy |= !xa_empty(&st->hosted) || !ssi_evict_settled(st);
		ssi_store_put(st);
	}
	return busy;
}
