// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: is the peer alive?
 */

/**
 * DOC: liveness
 *
 * Each side of a membership sends heartbeats with a number of its own and the
 * newest number that it has seen from the other.  What a side knows for sure is
 * when it sent the newest heartbeat that came back as an echo: at that time the
 * peer was alive and had not given up.  When this is older than the deadline,
 * measured on the side's own CLOCK_BOOTTIME, the peer is lost.  Both sides count
 * alike, so both give up within the deadline after the last exchange, without
 * talking, and need no common clock.
 *
 * Both sides ping, and a ping is answered at once, so that one delayed heartbeat
 * costs either side no more than one interval: a third of the deadline, an
 * eighth while something is lent between the two.  Pings and answers are sent by
 * two threads, so that one may overtake the other.
 *
 * Under load: the timer only queues work for the instance's worker, which has
 * real-time priority, as the control lane's receiver has; messages are allocated
 * for good; the control lane is a connection of its own.
 *
 * Unhappy paths: if this machine stalled, heartbeats may wait in the socket.  So
 * the first look that finds the deadline passed only makes the peer a suspect;
 * the receiver, which is woken by then, has a sixteenth of the deadline to find
 * them.  A heartbeat still in the queue when the next is due is not doubled.
 *
 * Each heartbeat tells its sender's CLOCK_REALTIME. An answer to a ping is half a
 * round trip old, so it tells how far the two clocks are from each other. If that is
 * more than a second it is said once: files and logs of such nodes mislead. So it does for
 * CLOCK_BOOTTIME, in which a process has its start (started.c); that is measured once,
 * since the start of a process, by which programs know it again, must not change.
 *
 * Locks: &struct ssi_heart.lock is taken inside no other and released before
 * anything is sent.
 */

#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/ratelimit.h>
#include <linux/sched/stat.h>
#include <linux/timekeeping.h>

#include "drain.h"
#include "heart.h"
#include "instance.h"
#include "link.h"
#include "node.h"
#include "pairing.h"

/* Clocks that differ by more are told to who reads the log, in nanoseconds. */
#define SSI_HEART_CLOCK		NSEC_PER_SEC
/* So far apart two clocks do not drift: the peer has booted anew. */
#define SSI_HEART_DRIFT		(10LL * NSEC_PER_SEC)

/**
 * ssi_heart_judge - decide what a look at a peer means
 * @age: nanoseconds since the peer was known to be alive
 * @deadline: nanoseconds
 * @suspect: what the last look said
 * @lent: something is lent between the two: look more often
 *
 * Context: any; pure.
 * Return: whether the peer is lost or suspect, and when to look next in
 * nanoseconds.
 */
struct ssi_heart_verdict ssi_heart_judge(u64 age, u64 deadline, bool suspect,
					 bool lent)
{
	u64 grace = deadline >> 4;
	struct ssi_heart_verdict verdict = {
		.suspect = age >= deadline - grace,
		.lost	 = age >= deadline && suspect,
		.next	 = lent ? deadline >> 3 : div_u64(deadline, 3),
	};

	if (age >= deadline)
		verdict.next = grace;
	else if (verdict.suspect)
		verdict.next = max(deadline - age, grace >> 2);
	else
		verdict.next = min(verdict.next, deadline - grace - age);
	return verdict;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_heart_judge);

static void ssi_heart_msg_done(struct ssi_msg *msg, int error)
{
	struct ssi_heart_msg *beat = container_of(msg, typeof(*beat), msg);

	/* Pairs with the acquire in ssi_heart_send(): TCP has read it. */
	smp_store_release(&beat->busy, false);
}

static void ssi_heart_msg_init(struct ssi_heart_msg *beat)
{
	struct ssi_msg *msg = &beat->msg;

	msg->type = SSI_MSG_HEARTBEAT;
	msg->len = sizeof(beat->body);
	msg->body = &beat->body;
	msg->pages = &msg->one;
	msg->fixed = true;
	msg->done = ssi_heart_msg_done;
}

static void ssi_heart_send(struct ssi_heart *heart, struct ssi_heart_msg *beat,
			   u32 flags)
{
	u32 epoch;

	spin_lock_irq(&heart->lock);
	/* Pairs with the release in ssi_heart_msg_done(). */
	if (!heart->running || smp_load_acquire(&beat->busy)) {
		spin_unlock_irq(&heart->lock);
		return;
	}
	beat->busy = true;
	epoch = heart->epoch;
	heart->seq++;
	heart->sent[heart->seq % SSI_HEART_SENT] = ktime_get_boottime();
	beat->body.seq = cpu_to_le64(heart->seq);
	beat->body.echo = cpu_to_le64(heart->seen);
	beat->body.epoch = cpu_to_le32(epoch);
	if (READ_ONCE(heart->pairing->node->inst->draining))
		flags |= SSI_HEARTBEAT_DRAINING;
	beat->body.flags = cpu_to_le32(flags);
	beat->body.running = cpu_to_le32(READ_ONCE(heart->running_tasks));
	beat->body.cpus = cpu_to_le32(num_online_cpus());
	beat->body.realtime = cpu_to_le64(ktime_get_real_ns());
	beat->body.boottime = cpu_to_le64(ktime_get_boottime_ns());
	spin_unlock_irq(&heart->lock);

	ssi_msg_send_direct(heart->pairing->node, epoch, &beat->msg);
}

static enum hrtimer_restart ssi_heart_timer(struct hrtimer *timer)
{
	struct ssi_heart *heart = container_of(timer, typeof(*heart), timer);

	/* here, before anything that it wakes up counts */
	WRITE_ONCE(heart->running_tasks, nr_running());
	kthread_queue_work(heart->pairing->node->inst->heart, &heart->work);
	return HRTIMER_NORESTART;
}

static void ssi_heart_work(struct kthread_work *work)
{
	struct ssi_heart *heart = container_of(work, typeof(*heart), work);
	struct ssi_node *node = heart->pairing->node;
	struct ssi_heart_verdict verdict;
	bool lent = atomic_read(&node->holds) > 0;
	u64 age;

	spin_lock_irq(&heart->lock);
	if (!heart->running) {
		spin_unlock_irq(&heart->lock);
		return;
	}
	age = ktime_to_ns(ktime_sub(ktime_get_boottime(), heart->fresh));
	verdict = ssi_heart_judge(age, heart->deadline, heart->suspect, lent);
	heart->suspect = verdict.suspect;
	if (!verdict.lost)
		hrtimer_start(&heart->timer, ns_to_ktime(verdict.next),
			      HRTIMER_MODE_REL);
	spin_unlock_irq(&heart->lock);

	if (verdict.lost) {
		ssi_pairing_break(heart->pairing, "no heartbeat");
		return;
	}
	ssi_heart_send(heart, &heart->ping, SSI_HEARTBEAT_PING);
}

/**
 * ssi_heart_judge_clock - is it time to say that clocks differ?
 * @ahead: how far the peer's is ahead of ours, in nanoseconds
 * @rtt: round trip, by half of which that may be wrong
 * @told: it was said and is still so
 *
 * Context: any; pure.
 * Return: 1 if it is to be said, 0 if not, -1 if it is not so any more.
 */
int ssi_heart_judge_clock(s64 ahead, u64 rtt, bool told)
{
	u64 far = abs(ahead);

	if (!told)
		return far >= SSI_HEART_CLOCK + rtt;
	return far + rtt < SSI_HEART_CLOCK / 2 ? -1 : 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_heart_judge_clock);

/**
 * ssi_heart_judge_boot - is this how far the peer's boot clock is ahead?
 * @known: it was measured before
 * @old: what came out then, in nanoseconds
 * @new: what has come out now
 *
 * Context: any; pure.
 * Return: true if @new takes the place of @old.
 */
bool ssi_heart_judge_boot(bool known, s64 old, s64 new)
{
	s64 drift;

	return !known || check_sub_overflow(new, old, &drift) || drift > SSI_HEART_DRIFT ||
	       drift < -SSI_HEART_DRIFT;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_heart_judge_boot);

/* An answer to a ping: how far away is the peer, in space and in time? The lock is held. */
static bool ssi_heart_measure(struct ssi_heart *heart, const struct ssi_wire_heartbeat *wire)
{
	u64 now = ktime_get_boottime_ns();
	s64 boot_ns;
	int verdict;

	heart->rtt_ns = now - ktime_to_ns(heart->fresh);
	boot_ns = le64_to_cpu(wire->boottime) + heart->rtt_ns / 2 - now;
	if (ssi_heart_judge_boot(heart->boot_known, heart->boot_ns, boot_ns))
		heart->boot_ns = boot_ns;
	heart->boot_known = true;
	heart->clock_ns = le64_to_cpu(wire->realtime) + heart->rtt_ns / 2 - ktime_get_real_ns();
	verdict = ssi_heart_judge_clock(heart->clock_ns, heart->rtt_ns, heart->clock_told);
	if (verdict)
		heart->clock_told = verdict > 0;
	return verdict > 0;
}

/**
 * ssi_heart_receive - handle a heartbeat
 * @rx: the message
 *
 * Context: receiver thread of the control lane.
 */
void ssi_heart_receive(struct ssi_rx *rx)
{
	const struct ssi_wire_heartbeat *wire = rx->body;
	struct ssi_heart *heart = &rx->node->pairing->heart;
	u64 seq = le64_to_cpu(wire->seq), echo = le64_to_cpu(wire->echo);
	bool ping = le32_to_cpu(wire->flags) & SSI_HEARTBEAT_PING;
	bool bad = false, tell = false;
	s64 ahead;

	spin_lock_irq(&heart->lock);
	if (echo > heart->seq || !seq) {
		bad = true;
	} else {
		heart->seen = max(heart->seen, seq);
		if (echo > heart->echoed &&
		    heart->seq - echo < SSI_HEART_SENT) {
			heart->echoed = echo;
			heart->fresh = heart->sent[echo % SSI_HEART_SENT];
			heart->suspect = false;
			if (!ping)
				tell = ssi_heart_measure(heart, wire);
		}
	}
	ahead = heart->clock_ns;
	spin_unlock_irq(&heart->lock);

	if (bad) {
		ssi_pairing_break(heart->pairing, "protocol");
		return;
	}
	if (tell)
		pr_warn_ratelimited("ssi: the clock of node %u is %llu s %s this one's: have all nodes use a time service\n",
				    rx->node->id, div_u64(abs(ahead), NSEC_PER_SEC),
				    ahead > 0 ? "ahead of" : "behind");
	ssi_drain_heard(rx->node, le32_to_cpu(wire->epoch),
			le32_to_cpu(wire->flags) & SSI_HEARTBEAT_DRAINING);
	if (!ping)
		return;
	/* what an answer says is as old as the last ping */
	ssi_load_report(&rx->node->load, le32_to_cpu(wire->running), le32_to_cpu(wire->cpus));
	ssi_heart_send(heart, &heart->echo, 0);
}

/**
 * ssi_heart_init - make a heart that does not beat
 * @heart: zeroed
 * @pairing: that it belongs to
 *
 * Context: may sleep.
 */
void ssi_heart_init(struct ssi_heart *heart, struct ssi_pairing *pairing)
{
	heart->pairing = pairing;
	spin_lock_init(&heart->lock);
	hrtimer_setup(&heart->timer, ssi_heart_timer, CLOCK_BOOTTIME,
		      HRTIMER_MODE_REL);
	ssi_heart_msg_init(&heart->ping);
	ssi_heart_msg_init(&heart->echo);
}

/**
 * ssi_heart_start - begin to watch the peer
 * @heart: heart that does not beat
 * @epoch: membership that it keeps alive
 * @deadline_ms: liveness deadline in milliseconds
 *
 * The peer is known to be alive at this moment: it has just said so.
 *
 * Context: the pairing's thread.
 */
void ssi_heart_start(struct ssi_heart *heart, u32 epoch, u32 deadline_ms)
{
	spin_lock_irq(&heart->lock);
	heart->running = true;
	heart->suspect = false;
	heart->epoch = epoch;
	heart->deadline = (u64)deadline_ms * NSEC_PER_MSEC;
	heart->seq = 0;
	heart->seen = 0;
	heart->echoed = 0;
	heart->rtt_ns = 0;
	heart->clock_ns = 0;
	heart->clock_told = false;
	/* without current */
	heart->running_tasks = max(nr_running(), 1) - 1;
	heart->fresh = ktime_get_boottime();
	spin_unlock_irq(&heart->lock);

	/* The worker may be another than that of the last epoch. */
	kthread_init_work(&heart->work, ssi_heart_work);
	kthread_queue_work(heart->pairing->node->inst->heart, &heart->work);
}

/**
 * ssi_heart_stop - stop to watch the peer
 * @heart: heart, beating or not
 *
 * Context: the pairing's thread.
 */
void ssi_heart_stop(struct ssi_heart *heart)
{
	spin_lock_irq(&heart->lock);
	heart->running = false;
	spin_unlock_irq(&heart->lock);

	hrtimer_cancel(&heart->timer);
	kthread_cancel_work_sync(&heart->work);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_heart_stop);

/**
 * ssi_heart_kick - send a heartbeat now
 * @heart: heart, beating or not
 *
 * Context: process context.
 */
void ssi_heart_kick(struct ssi_heart *heart)
{
	guard(spinlock_irq)(&heart->lock);

	if (heart->running)
		kthread_queue_work(heart->pairing->node->inst->heart, &heart->work);
}

/**
 * ssi_heart_rtt_ns - how far away is the peer?
 * @heart: heart
 * @clock_ns: set to how far its CLOCK_REALTIME is ahead of ours, in nanoseconds
 *
 * Context: process context.
 * Return: round trip of the newest ping in nanoseconds, 0 if there is none.
 */
u64 ssi_heart_rtt_ns(struct ssi_heart *heart, s64 *clock_ns)
{
	guard(spinlock_irq)(&heart->lock);

	*clock_ns = heart->clock_ns;
	return heart->rtt_ns;
}

/**
 * ssi_heart_boot_ns - how far is the peer's CLOCK_BOOTTIME ahead of ours?
 * @heart: heart
 *
 * Context: process context.
 * Return: that in nanoseconds, the same for as long as the peer does not boot anew; 0 before
 * the first answer of it.
 */
s64 ssi_heart_boot_ns(struct ssi_heart *heart)
{
	guard(spinlock_irq)(&heart->lock);

	return heart->boot_ns;
}

/**
 * ssi_heart_age_ms - how old is the newest proof that the peer lives?
 * @heart: heart
 *
 * Context: process context.
 * Return: age in milliseconds, 0 if the heart does not beat.
 */
u32 ssi_heart_age_ms(struct ssi_heart *heart)
{
	guard(spinlock_irq)(&heart->lock);

	if (!heart->running)
		return 0;
	return ktime_ms_delta(ktime_get_boottime(), heart->fresh);
}
