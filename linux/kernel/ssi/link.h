/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_LINK_H
#define _KERNEL_SSI_LINK_H

#include <linux/bvec.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "rpc.h"

struct ssi_conn;
struct ssi_pairing;
struct ssi_waiter;

/* Bytes read ahead: an ENTER or TRAP of general registers comes in one read. */
#define SSI_LINK_STAGE	512

/**
 * struct ssi_link - one lane to a peer: framing, send queue, receiver
 * @pairing: that it belongs to
 * @lane: which lane
 * @conn: the connection from start to stop, else NULL.  Used by the sender, the
 *	receiver and whoever holds @drain.
 * @lock: protects @queue, @replies, @open, @epoch; innermost, taken with
 *	interrupts off
 * @queue: messages to send
 * @replies: bytes of answers among them, which the peer made us queue
 * @open: messages of @epoch are accepted and dispatched
 * @epoch: of the membership the connection belongs to
 * @drain: held while something is sent; protects @cur, @sent, @blocked, @stuck_at
 *	and the tx counters
 * @unsent: TLS has taken something that TCP has not got
 * @cur: message that is partly sent
 * @sent: bytes of it that are, with header and pages
 * @blocked: the socket had no room
 * @stuck_at: jiffies of the last progress while @blocked
 * @rx: held while a message is received and handled; protects @stage, @stage_off,
 *	@stage_len, @body, @rx_pages, @bv and the rx counters
 * @rx_wait: the receiver sleeps here, and whoever receives in its stead
 * @waiter: the latter, protected by the lock of @rx_wait
 * @rx_late: wakes the receiver when @waiter was woken and gets no CPU
 * @rx_task: the receiver
 * @body: room for the largest body, as long as @conn
 * @rx_pages: pages of the message that is received
 * @bv: the same for the iterator
 * @stage: bytes read ahead
 * @stage_off: first of them not yet used
 * @stage_len: end of them
 * @tx_msgs: messages sent
 * @tx_bytes: bytes sent
 * @tx_pages: pages sent
 * @rx_msgs: messages dispatched
 * @rx_bytes: bytes received
 * @rx_pages_nr: pages received
 * @stale: messages of another epoch
 */
struct ssi_link {
	struct ssi_pairing *pairing;
	enum ssi_lane lane;
	struct ssi_conn *conn;

	spinlock_t lock;		/* innermost */
	struct list_head queue;
	size_t replies;
	bool open;
	u32 epoch;

	struct mutex drain;		/* outside the socket's lock */
	struct ssi_msg *cur;
	size_t sent;
	bool blocked;
	bool unsent;
	unsigned long stuck_at;

	struct mutex rx;		/* outside what handlers take */
	wait_queue_head_t rx_wait;
	struct ssi_waiter *waiter;
	struct timer_list rx_late;
	struct task_struct *rx_task;
	void *body;
	struct page *rx_pages[SSI_MSG_MAX_PAGES];
	struct bio_vec bv[SSI_MSG_MAX_PAGES];
	u8 stage[SSI_LINK_STAGE] __aligned(8);
	unsigned int stage_off;
	unsigned int stage_len;

	u64 tx_msgs;
	u64 tx_bytes;
	u64 tx_pages;
	u64 rx_msgs;
	u64 rx_bytes;
	u64 rx_pages_nr;
	u64 stale;
};

void ssi_link_init(struct ssi_link *link, struct ssi_pairing *pairing,
		   enum ssi_lane lane);

void ssi_link_destroy(struct ssi_link *link);

int ssi_link_attach(struct ssi_link *link, struct ssi_conn *conn);
void ssi_link_open(struct ssi_link *link, u32 epoch);
void ssi_link_close(struct ssi_link *link);
int ssi_link_start(struct ssi_link *link);
void ssi_link_stop(struct ssi_link *link);
void ssi_link_drop(struct ssi_link *link);

int ssi_link_send(struct ssi_link *link, u32 epoch, struct ssi_msg *msg,
		  bool direct);
int ssi_link_parse(struct ssi_link *link, const struct ssi_wire_hdr *hdr,
		   struct ssi_rx *rx, const struct ssi_rpc_op **op);
int ssi_link_dispatch(struct ssi_link *link, const struct ssi_rpc_op *op,
		      struct ssi_rx *rx);
bool ssi_link_rx_empty(struct ssi_link *link);
bool ssi_link_has_work(struct ssi_link *link);
void ssi_link_work(struct ssi_link *link);

#endif /* _KERNEL_SSI_LINK_H */
