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

#include "instance.h"
#include "node.h"
#include "peer.h"
#include "process.h"
#include "store.h"

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
	memalloc_noreclaim_restore(flags);
}
