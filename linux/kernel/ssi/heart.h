/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_HEART_H
#define _KERNEL_SSI_HEART_H

#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "rpc.h"

struct ssi_pairing;

/* Heartbeats whose sending time is remembered; a power of two. */
#define SSI_HEART_SENT	64

/**
 * struct ssi_heart_msg - a heartbeat that is allocated for good
 * @msg: header and all
 * @body: right behind it
 * @busy: in the send queue
 */
struct ssi_heart_msg {
	struct ssi_msg msg;
	struct ssi_wire_heartbeat body;
	bool busy;
};

static_assert(offsetof(struct ssi_heart_msg, body) == sizeof(struct ssi_msg));

/**
 * struct ssi_heart - liveness of one peer
 * @pairing: that it belongs to
 * @timer: when to look next, CLOCK_BOOTTIME
 * @work: looks, on the instance's real-time worker
 * @lock: protects the rest
 * @running: between start and stop
 * @suspect: the deadline has passed or is about to; next time it is final
 * @epoch: that it keeps alive
 * @deadline: nanoseconds
 * @seq: newest heartbeat sent
 * @seen: newest heartbeat received
 * @echoed: newest heartbeat of ours that the peer has seen
 * @fresh: when that was sent
 * @rtt_ns: round trip of the newest ping
 * @clock_ns: how far the peer's CLOCK_REALTIME was ahead of ours then
 * @clock_told: the log has it that this is far
 * @boot_ns: how far the peer's CLOCK_BOOTTIME was ahead of ours when that was measured first
 * @boot_known: it has been
 * @running_tasks: tasks that were running when @timer went off last
 * @sent: when the newest heartbeats were sent, by seq
 * @ping: heartbeat that wants an answer
 * @echo: the answer to the peer's
 */
struct ssi_heart {
	struct ssi_pairing *pairing;
	struct hrtimer timer;
	struct kthread_work work;
	spinlock_t lock;		/* taken inside no other */
	bool running;
	bool suspect;
	u32 epoch;
	u64 deadline;
	u64 seq;
	u64 seen;
	u64 echoed;
	ktime_t fresh;
	u64 rtt_ns;
	s64 clock_ns;
	bool clock_told;
	bool boot_known;
	s64 boot_ns;
	u32 running_tasks;
	ktime_t sent[SSI_HEART_SENT];
	struct ssi_heart_msg ping;
	struct ssi_heart_msg echo;
};

void ssi_heart_init(struct ssi_heart *heart, struct ssi_pairing *pairing);
void ssi_heart_start(struct ssi_heart *heart, u32 epoch, u32 deadline_ms);
void ssi_heart_stop(struct ssi_heart *heart);
void ssi_heart_receive(struct ssi_rx *rx);
void ssi_heart_kick(struct ssi_heart *heart);
u64 ssi_heart_rtt_ns(struct ssi_heart *heart, s64 *clock_ns);
u32 ssi_heart_age_ms(struct ssi_heart *heart);
s64 ssi_heart_boot_ns(struct ssi_heart *heart);

/* What the timer does next; pure. */
struct ssi_heart_verdict {
	bool lost;
	bool suspect;
	u64 next;
};

int ssi_heart_judge_clock(s64 ahead, u64 rtt, bool told);
bool ssi_heart_judge_boot(bool known, s64 old, s64 new);
struct ssi_heart_verdict ssi_heart_judge(u64 age, u64 deadline, bool suspect,
					 bool lent);

#endif /* _KERNEL_SSI_HEART_H */
