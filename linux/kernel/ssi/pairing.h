/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PAIRING_H
#define _KERNEL_SSI_PAIRING_H

#include <linux/sched.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "auth.h"
#include "call.h"
#include "heart.h"
#include "link.h"
#include "rpc.h"

struct ssi_conn;
struct ssi_node;

/**
 * struct ssi_offer - a peer that has connected and said HELLO
 * @conn: control lane
 * @who: what the peer has proven
 * @len: bytes of @hello with what follows it
 * @hello: as received, not checked but for its size
 */
struct ssi_offer {
	struct ssi_conn *conn;
	struct ssi_auth_peer who;
	size_t len;
	struct ssi_wire_hello hello;
};

/**
 * struct ssi_pairing - what connects this instance with a node
 * @node: the node, which it lives with
 * @task: the thread that brings the two together and tears them apart; NULL
 *	while the instance is not joined.  Protected by the instance's lock.
 * @link: the lanes
 * @tx_wait: the sender sleeps here
 * @tx_task: the sender, during an epoch
 * @calls: outstanding calls
 * @heart: liveness
 * @stop: the thread is to end.  Written under the node's lock, as what follows.
 * @broken: this attempt, or this epoch, is over
 * @bye: because the peer said so
 * @cookie: other lanes may attach with this; 0 for none
 * @offer: newest control lane from the peer, not looked at yet
 * @attach: other lanes from the peer, not looked at yet
 * @attempts: handshakes that failed, if this side connects; the thread's own
 * @refusals: handshakes refused by either side
 * @epochs: epochs begun
 * @losses: epochs that did not end in good order
 */
struct ssi_pairing {
	struct ssi_node *node;
	struct task_struct *task;
	struct ssi_link link[SSI_NR_LANES];
	wait_queue_head_t tx_wait;
	struct task_struct *tx_task;
	struct ssi_calls calls;
	struct ssi_heart heart;

	bool stop;
	bool broken;
	bool bye;
	u64 cookie;
	struct ssi_offer *offer;
	struct ssi_conn *attach[SSI_NR_LANES];

	unsigned int attempts;
	u64 refusals;
	u64 epochs;
	u64 losses;
};

struct ssi_pairing *ssi_pairing_alloc(struct ssi_node *node);
void ssi_pairing_free(struct ssi_pairing *p);
int ssi_pairing_start(struct ssi_pairing *p);
void ssi_pairing_stop_async(struct ssi_pairing *p);
void ssi_pairing_stop(struct ssi_pairing *p);

void ssi_pairing_break(struct ssi_pairing *p, const char *reason);
void ssi_pairing_offer(struct ssi_pairing *p, struct ssi_offer *offer);
bool ssi_pairing_attach(struct ssi_pairing *p, enum ssi_lane lane, u64 cookie,
			struct ssi_conn *conn);
void ssi_pairing_bye(struct ssi_rx *rx);

/**
 * ssi_pairing_is_receiver - does this task receive from the node?
 * @p: pairing
 * @task: task
 *
 * Context: any, if @task is current.
 * Return: true if it does.
 */
static inline bool ssi_pairing_is_receiver(struct ssi_pairing *p,
					   struct task_struct *task)
{
	unsigned int lane;

	for (lane = 0; lane < SSI_NR_LANES; lane++)
		if (READ_ONCE(p->link[lane].rx_task) == task)
			return true;
	return false;
}

#endif /* _KERNEL_SSI_PAIRING_H */
