// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: for how long a thread is home that could be away
 */

/**
 * DOC: stays
 *
 * A thread that came home since the node could not execute an instruction stays
 * until it was executed here, that is until a short timer ends, in which no memory
 * had to come home for it, or the instruction raises a signal. A process that keeps
 * coming home, to touch shared mappings, for exceptions that raise no signal or for
 * signals that come faster than they can travel, stays for a while.
 *
 * Unhappy paths: memory that comes home over a slow link may take longer than the
 * timer; it is given some more then, and what is not done after that counts as a
 * visit, so that nothing goes back and forth for ever. A process that is moved begins
 * anew.
 *
 * Locks: the mirror's slock for what is counted for all threads of a process.
 */

#include <linux/jiffies.h>
#include <linux/resume_user_mode.h>

#include "deputy.h"
#include "mirror.h"
#include "stay.h"

/* how long a thread stays home to repeat an instruction, at most */
#define SSI_STAY_JIFFIES	max(HZ / 500, 2)
/* how often it stays that long once more, since memory had to come home meanwhile */
#define SSI_STAY_RECALLS	8
/* so many costly visits in a second, and the process stays */
#define SSI_MAX_VISITS		16
#define SSI_LONG_STAY		(10 * HZ)
/* for so long a thread may get nowhere for so many signals */
#define SSI_STARVED_NS		(NSEC_PER_SEC / 4)
#define SSI_STARVED_HANDLERS	8
/* so often a handler comes home for a system call; who does more is no handler, or no mere one */
#define SSI_HANDLER_TRIPS	7

static void ssi_stay_timer(struct timer_list *t)
{
	struct ssi_deputy *d = timer_container_of(d, t, timer);

	WRITE_ONCE(d->stay, false);
	set_notify_resume(d->task);
}

/**
 * ssi_stay_init - a new deputy may leave
 * @d: deputy, zeroed
 */
void ssi_stay_init(struct ssi_deputy *d)
{
	timer_setup(&d->timer, ssi_stay_timer, 0);
}

/**
 * ssi_stay_begin - stay until an instruction was executed
 * @d: deputy of current
 */
void ssi_stay_begin(struct ssi_deputy *d)
{
	d->recalled = false;
	WRITE_ONCE(d->stay, true);
	mod_timer(&d->timer, jiffies + SSI_STAY_JIFFIES);
}

/* A visit that costs more than it should: too many, and the process stays. */
static void ssi_stay_visit(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;

	spin_lock(&m->slock);
	if (time_after(jiffies, m->visits_since + HZ)) {
		m->visits_since = jiffies;
		m->visits = 0;
	}
	if (++m->visits >= SSI_MAX_VISITS) {
		m->reason = d->reason;
		m->home_until = jiffies + SSI_LONG_STAY;
		m->visits = 0;
	}
	spin_unlock(&m->slock);
}

/**
 * ssi_stay_count - it came home to touch what does not leave home, or to be judged
 * @d: deputy of current, its @reason set
 */
void ssi_stay_count(struct ssi_deputy *d)
{
	atomic_long_inc(&d->m->stays);
	d->stay_more = SSI_STAY_RECALLS;
	/* counted when it leaves without a signal */
	d->unresolved = d->reason == SSI_REASON_EXCEPTION;
	if (d->unresolved)
		return;
	if (d->reason != SSI_REASON_EXITING)
		WRITE_ONCE(d->m->reason, d->reason);
	ssi_stay_visit(d);
}

/**
 * ssi_stay_goes_on - does the thread stay, as far as it is concerned?
 * @d: deputy of current, which passes the exit hook
 *
 * Return: true if it is not to leave now.
 */
bool ssi_stay_goes_on(struct ssi_deputy *d)
{
	/* the time was for the instruction, not for the network */
	if (!READ_ONCE(d->stay) && d->recalled && d->stay_more) {
		d->stay_more--;
		ssi_stay_begin(d);
	}
	return READ_ONCE(d->stay);
}

/**
 * ssi_stay_resolved - the instruction raised a signal
 * @d: deputy of the task that it is raised for
 *
 * Context: any.
 */
void ssi_stay_resolved(struct ssi_deputy *d)
{
	WRITE_ONCE(d->unresolved, false);
	WRITE_ONCE(d->stay_more, 0);
	if (READ_ONCE(d->stay)) {
		WRITE_ONCE(d->stay, false);
		set_notify_resume(d->task);
	}
}

/**
 * ssi_stay_over - the thread is home for another reason than its instruction
 * @d: deputy of current
 */
void ssi_stay_over(struct ssi_deputy *d)
{
	d->stay_more = 0;
	d->recalled = false;
	d->unresolved = false;
}

/**
 * ssi_stay_end - the thread leaves
 * @d: deputy of current
 */
void ssi_stay_end(struct ssi_deputy *d)
{
	if (d->unresolved)
		ssi_stay_visit(d);
	ssi_stay_over(d);
}

static void ssi_stay_starved(struct ssi_deputy *d)
{
	struct ssi_mirror *m = d->m;

	spin_lock(&m->slock);
	m->reason = SSI_REASON_SIGNALS;
	m->home_until = jiffies + SSI_LONG_STAY;
	spin_unlock(&m->slock);
	d->row = 0;
}

/**
 * ssi_stay_enter - a thread leaves, perhaps for no more than a signal handler
 * @d: deputy of current
 *
 * It runs until it calls rt_sigreturn(), but it may also never return, so its other
 * system calls are counted.
 */
void ssi_stay_enter(struct ssi_deputy *d)
{
	if (d->signalled)
		d->handler = SSI_HANDLER_TRIPS;
	else if (d->handler)
		d->handler--;
	d->signalled = false;
}

/**
 * ssi_stay_signal - it was away, perhaps for no more than a signal handler
 * @d: deputy of current
 * @ran: nanoseconds of CPU time that it had there
 *
 * Where signals come faster than they can travel, their handlers are all that ever
 * runs: the process stays.
 */
void ssi_stay_signal(struct ssi_deputy *d, u64 ran)
{
	u64 now = ktime_get_ns();

	if (!d->handler) {
		d->progress += ran;
		d->row = 0;
		return;
	}
	if (!d->row++)
		d->row_since = now;
	if (!d->handlers) {
		d->handlers_since = now;
		d->progress = 0;
	}
	d->handlers += d->handler == SSI_HANDLER_TRIPS;
	/* on a slow link or machine a few take that long: but then nothing else ran */
	if (d->row >= SSI_STARVED_HANDLERS && now - d->row_since >= SSI_STARVED_NS)
		ssi_stay_starved(d);
	if (now - d->handlers_since < SSI_STARVED_NS)
		return;
	if (d->handlers >= SSI_STARVED_HANDLERS &&
	    d->progress < (now - d->handlers_since) / 8)
		ssi_stay_starved(d);
	d->handlers = 0;
}
