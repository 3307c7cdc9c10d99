/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_RPC_H
#define _KERNEL_SSI_RPC_H

#include <linux/bvec.h>
#include <linux/completion.h>
#include <linux/gfp_types.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>

#include "wire.h"

struct ssi_node;
struct workqueue_struct;

/**
 * enum ssi_lane - the streams between two nodes, each a connection of its own
 * @SSI_LANE_CONTROL: membership and liveness; handlers must return at once
 * @SSI_LANE_USER: enter, trap, kick, general calls
 * @SSI_LANE_MEMORY: grants, invalidations, recalls: one FIFO, never reclaims
 * @SSI_NR_LANES: number of lanes; in a struct ssi_rpc_op: any lane
 */
enum ssi_lane {
	SSI_LANE_CONTROL,
	SSI_LANE_USER,
	SSI_LANE_MEMORY,
	SSI_NR_LANES,
};

/**
 * struct ssi_msg - a message on its way out
 * @link: in a lane's queue
 * @done: optional; called once when the message was handed to TCP (@error 0) or
 *	dropped (-EHOSTDOWN).  Called from whatever context drains or drops it:
 *	must not sleep.  The message is freed after it returns.
 * @priv: for @done
 * @body: @len bytes, zeroed by ssi_msg_alloc(), 8-byte aligned
 * @len: bytes of body
 * @type: enum ssi_msg_type or a type of procmsg.h
 * @nr_pages: pages added so far
 * @flags: SSI_WIRE_*; set by the sending functions
 * @gfp: how to allocate more room for pages
 * @fixed: not from ssi_msg_alloc(); never freed, its owner reuses it after @done
 * @lane: lane of a message whose type does not tell
 * @more: the sender sends another one by the same lane at once: wait for that,
 *	or for ssi_msg_flush()
 * @epoch: set by the sending functions
 * @seq: set by the sending functions
 * @pages: one bio_vec per page
 * @one: room for the first page
 * @hdr: wire form; the body follows immediately
 */
struct ssi_msg {
	struct list_head link;
	void (*done)(struct ssi_msg *msg, int error);
	void *priv;
	void *body;
	unsigned int len;
	u16 type;
	u16 nr_pages;
	u8 flags;
	bool fixed;
	u8 lane;
	bool more;
	gfp_t gfp;
	u32 epoch;
	u64 seq;
	struct bio_vec *pages;
	struct bio_vec one;
	struct ssi_wire_hdr hdr;
};

static_assert(sizeof(struct ssi_msg) % 8 == 0);

struct ssi_msg *ssi_msg_alloc(u16 type, size_t len, gfp_t gfp);
struct ssi_msg *ssi_msg_alloc_noreclaim(u16 type, size_t len);
int ssi_msg_add_page(struct ssi_msg *msg, struct page *page);
void ssi_msg_free(struct ssi_msg *msg);

int ssi_msg_send(struct ssi_node *node, u32 epoch, struct ssi_msg *msg);
int ssi_msg_send_direct(struct ssi_node *node, u32 epoch, struct ssi_msg *msg);
void ssi_msg_flush(struct ssi_node *node);

/**
 * struct ssi_rx - a message that a handler is given
 * @node: sender.  The handler takes a reference to keep it.
 * @epoch: epoch of the message, which is the current one
 * @type: enum ssi_msg_type or a type of procmsg.h
 * @call: the sender waits for ssi_reply() to @seq
 * @late: ssi_rpc_later() was called for it
 * @seq: number of the call
 * @body: @len bytes, 8-byte aligned; gone when the handler returns
 * @len: bytes of body, within the bounds of the op
 * @pages: fresh order-0 pages; the handler keeps one by setting its slot to NULL
 * @nr_pages: slots in @pages, within the bounds of the op
 * @lane: lane the message came by
 */
struct ssi_rx {
	struct ssi_node *node;
	u32 epoch;
	u16 type;
	bool call;
	bool late;
	u8 lane;
	u64 seq;
	const void *body;
	size_t len;
	struct page **pages;
	unsigned int nr_pages;
};

/**
 * struct ssi_call - a request that waits for its answer
 * @reply: buffer of the caller for the answer's body, may be NULL
 * @reply_max: bytes of @reply; a longer answer is -EMSGSIZE
 * @reply_type: type of the answer, once there is one
 * @reply_len: bytes that were written to @reply
 * @replied_ns: when the answer was here, CLOCK_MONOTONIC
 * @done: optional: called when the call is over, before ssi_call_done() is true and
 *	ssi_call_wait() returns; not by ssi_call_cancel(), nor if ssi_call_start() failed.
 *	Under locks: must not sleep.
 * @error: result: 0, -EHOSTDOWN, -EMSGSIZE, or what ssi_reply_error() said
 * @nr_pages: pages in @pages; they belong to the caller, who puts them
 * @pages: pages of the answer
 * @node: peer that is called; the caller keeps a reference
 * @epoch: epoch that bounds the wait
 * @early: fails before the receivers of @node end, see call.c
 * @type: of the request
 * @seq: number of the call
 * @hash: in the node's table of calls
 * @completion: the wait
 *
 * The caller fills in @reply, @reply_max and @done and zeroes the rest.
 */
struct ssi_call {
	void *reply;
	size_t reply_max;
	u16 reply_type;
	size_t reply_len;
	u64 replied_ns;
	void (*done)(struct ssi_call *call);
	int error;
	unsigned int nr_pages;
	struct page *pages[SSI_MSG_MAX_PAGES];
	struct ssi_node *node;
	u32 epoch;
	bool early;
	u16 type;
	u64 seq;
	struct hlist_node hash;
	struct completion completion;
};

/* somebody waits for it, and with him all of generic netlink */
#define SSI_CALL_TIMEOUT	(10 * HZ)

int ssi_call_start(struct ssi_call *call, struct ssi_node *node, u32 epoch,
		   struct ssi_msg *msg);
long ssi_call_wait_state(struct ssi_call *call, unsigned int state, long timeout);
int ssi_call_wait(struct ssi_call *call);
bool ssi_call_done(struct ssi_call *call);
bool ssi_call_cancel(struct ssi_call *call);
int ssi_call(struct ssi_call *call, struct ssi_node *node, u32 epoch,
	     struct ssi_msg *msg);
int ssi_call_wait_killable(struct ssi_call *call, unsigned long timeout);
int ssi_call_killable(struct ssi_call *call, struct ssi_node *node, u32 epoch,
		      struct ssi_msg *msg, unsigned long timeout);

int ssi_reply(struct ssi_node *node, u32 epoch, u64 seq, struct ssi_msg *msg);
int ssi_reply_queued(struct ssi_node *node, u32 epoch, u64 seq,
		     struct ssi_msg *msg);
int ssi_reply_error(struct ssi_node *node, u32 epoch, u64 seq,
		    enum ssi_lane lane, int error);

/**
 * struct ssi_rpc_op - what is known about a message type before it is handled
 * @name: for people
 * @lane: the only lane it may come by; SSI_NR_LANES for any
 * @min_len: fewest bytes of body
 * @max_len: most bytes of body
 * @max_pages: most pages
 * @reply: it answers a call.  It is then delivered to the call, unless there is
 *	a @handle, and needs none.
 * @check: optional: is the body sane?  Pure; returns 0 or a negative errno.
 * @handle: called in the receiver thread of the lane, in order, may sleep.  Must
 *	not wait for a message of the same lane and node, nor for a lock that is
 *	held across such a wait.
 *
 * A message that breaks these bounds fences its sender ("protocol").
 */
struct ssi_rpc_op {
	const char *name;
	enum ssi_lane lane;
	u32 min_len;
	u32 max_len;
	u16 max_pages;
	bool reply;
	int (*check)(const void *body, size_t len);
	void (*handle)(struct ssi_rx *rx);
};

/* procmsg.c: the ops of types SSI_MSG_PROC_FIRST … + ssi_nr_proc_ops - 1 */
extern const struct ssi_rpc_op ssi_proc_ops[];
extern const unsigned int ssi_nr_proc_ops;

const struct ssi_rpc_op *ssi_rpc_op(u16 type);
int ssi_rpc_check(const struct ssi_rpc_op *op, enum ssi_lane lane, u32 flags,
		  size_t len, unsigned int nr_pages);
void ssi_rpc_later(const struct ssi_rx *rx, void (*handle)(struct ssi_rx *rx),
		   struct workqueue_struct *wq);
int ssi_rpc_dispatch(const struct ssi_rpc_op *op, struct ssi_rx *rx);

#endif /* _KERNEL_SSI_RPC_H */
