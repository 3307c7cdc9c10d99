// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who reads about many processes, one after the other
 */

/**
 * DOC: readers
 *
 * ps and its like list /proc, and open the same few files of each process then. At a round
 * trip for each of them it would take a second for some thousand processes. So
 * who lists processes of other nodes is remembered as a reader for a while: with what
 * a listing said, of which a system call may take a part only, and with the names of
 * the files it opened last time. From the second process on, what it is about to
 * open is read ahead, that of some dozen processes in one round trip.
 *
 * What was read ahead is given to the process it was read for only, under the
 * credentials it was read with, once, and within a second: so no tool sees old news
 * where on one machine it would see new ones, but for that second.
 *
 * Unhappy paths: a reader is a hint. Where there is none, or it knows nothing, each
 * file costs its round trip; if there are too many, the one is forgotten that did not
 * ask for longest. Answers are checked to the last byte before they are looked at.
 *
 * Locks: ssi_readers_lock is innermost; &struct ssi_reader.lock is held while a node
 * is asked.
 */

#include <kunit/visibility.h>
#include <linux/cred.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/workqueue.h>

#include "op.h"
#include "pidns.h"
#include "procmsg.h"
#include "procname.h"
#include "reader.h"

#define SSI_READER_MAX		64		/* readers that are remembered */
#define SSI_READER_FRESH	HZ		/* how long what it was told is news */
#define SSI_READER_FORGET	(3 * HZ)	/* who did not ask for so long is forgotten */
/* lookup and listing hold a lock of /proc: a node that is silent for so long has nobody */
#define SSI_READER_TIMEOUT	(3 * HZ)
#define SSI_READER_PIDS		(SSI_OP_MAX_REPLY / sizeof(struct ssi_wire_procent))

/**
 * struct ssi_reader - a process that looks at processes of other nodes
 * @link: in ssi_readers
 * @refs: references
 * @tgid: the process; referenced
 * @cred: its credentials; referenced
 * @ns: attached pid namespace that it looks at; referenced
 * @used: when it last asked, in jiffies
 * @lock: protects the rest
 * @pids: processes from @first on, up to @end, or NULL
 * @nr_pids: how many
 * @first: first number that @pids tells about
 * @end: first number that it does not tell about
 * @listed: when that was asked, in jiffies; valid if @pids
 * @last: number of the process whose files it opened last
 * @names: files that it opened of @last, a mask
 * @before: files that it opened of the process before
 * @ahead: answer to SSI_OP_PROC_AHEAD, or NULL
 * @ahead_len: bytes of it
 * @ahead_at: when it was asked for
 */
struct ssi_reader {
	struct list_head link;
	refcount_t refs;
	struct pid *tgid;
	const struct cred *cred;
	struct pid_namespace *ns;
	unsigned long used;
	struct mutex lock;		/* outside the network */
	struct ssi_wire_procent *pids;
	unsigned int nr_pids;
	int first;
	int end;
	unsigned long listed;
	int last;
	u64 names;
	u64 before;
	void *ahead;
	size_t ahead_len;
	unsigned long ahead_at;
};

static LIST_HEAD(ssi_readers);			/* who asked last is first */
static unsigned int ssi_nr_readers;
static DEFINE_SPINLOCK(ssi_readers_lock);

static void ssi_readers_forget(struct work_struct *work);
static DECLARE_DELAYED_WORK(ssi_readers_work, ssi_readers_forget);

static void ssi_reader_put(struct ssi_reader *r)
{
	if (!r || !refcount_dec_and_test(&r->refs))
		return;
	put_pid(r->tgid);
	put_cred(r->cred);
	put_pid_ns(r->ns);
	mutex_destroy(&r->lock);
	kvfree(r->pids);
	kvfree(r->ahead);
	kfree(r);
}

DEFINE_FREE(ssi_reader, struct ssi_reader *, ssi_reader_put(_T))

static void ssi_readers_forget(struct work_struct *work)
{
	struct ssi_reader *r, *next;
	LIST_HEAD(old);
	bool more;

	spin_lock(&ssi_readers_lock);
	list_for_each_entry_safe(r, next, &ssi_readers, link) {
		if (time_before(jiffies, READ_ONCE(r->used) + SSI_READER_FORGET))
			continue;
		list_move(&r->link, &old);
		ssi_nr_readers--;
	}
	more = !list_empty(&ssi_readers);
	spin_unlock(&ssi_readers_lock);
	list_for_each_entry_safe(r, next, &old, link) {
		list_del_init(&r->link);
		ssi_reader_put(r);
	}
	if (more)
		schedule_delayed_work(&ssi_readers_work, HZ);
}

static struct ssi_reader *ssi_reader_lookup(struct pid_namespace *ns)
{
	struct ssi_reader *r;

	lockdep_assert_held(&ssi_readers_lock);
	list_for_each_entry(r, &ssi_readers, link) {
		if (r->tgid == task_tgid(current) && r->cred == current_cred() && r->ns == ns) {
			refcount_inc(&r->refs);
			WRITE_ONCE(r->used, jiffies);
			list_move(&r->link, &ssi_readers);
			return r;
		}
	}
	return NULL;
}

/* The reader that current is, referenced, or NULL. */
static struct ssi_reader *ssi_reader_get(struct pid_namespace *ns)
{
	if (!READ_ONCE(ssi_nr_readers))
		return NULL;
	guard(spinlock)(&ssi_readers_lock);
	return ssi_reader_lookup(ns);
}

/* The same, but NULL only if it cannot be remembered. */
static struct ssi_reader *ssi_reader_make(struct pid_namespace *ns)
{
	struct ssi_reader *r = ssi_reader_get(ns), *new, *old = NULL;

	if (r)
		return r;
	new = kzalloc_obj(*new, GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	refcount_set(&new->refs, 2);
	mutex_init(&new->lock);
	new->tgid = get_pid(task_tgid(current));
	new->cred = get_current_cred();
	new->ns = get_pid_ns(ns);
	new->used = jiffies;
	scoped_guard(spinlock, &ssi_readers_lock) {
		r = ssi_reader_lookup(ns);
		if (!r && ssi_nr_readers == SSI_READER_MAX) {
			old = list_last_entry(&ssi_readers, struct ssi_reader, link);
			list_del_init(&old->link);
			ssi_nr_readers--;
		}
		if (!r) {
			list_add(&new->link, &ssi_readers);
			ssi_nr_readers++;
			r = new;
		}
	}
	ssi_reader_put(old);
	if (r != new) {
		refcount_set(&new->refs, 1);
		ssi_reader_put(new);
	} else {
		schedule_delayed_work(&ssi_readers_work, HZ);
	}
	return r;
}

/**
 * ssi_reader_check_ahead - is an answer to SSI_OP_PROC_AHEAD well formed?
 * @reply: the answer
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: true if it is.
 */
bool ssi_reader_check_ahead(const void *reply, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const struct ssi_wire_procent *ent = reply + at;
		unsigned int files;

		if (len - at < sizeof(*ent))
			return false;
		at += sizeof(*ent);
		files = le32_to_cpu(ent->nr_files);
		if (files > SSI_PROCNAME_MAX)
			return false;
		while (files--) {
			const struct ssi_wire_procfile *f = reply + at;
			s32 size;

			if (len - at < sizeof(*f))
				return false;
			at += sizeof(*f);
			size = le32_to_cpu(f->len);
			if (size <= -ERESTARTSYS || size >= SSI_PROCFILE_MAX ||
			    le32_to_cpu(f->name) >= ssi_nr_procnames)
				return false;
			if (size <= 0)
				continue;
			if (len - at < round_up(size, 8))
				return false;
			at += round_up(size, 8);
		}
	}
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_reader_check_ahead);

/* What was read ahead of a process, or NULL. */
static struct ssi_wire_procent *ssi_reader_find(struct ssi_reader *r, int nr)
{
	size_t at = 0;

	if (!r->ahead || time_after(jiffies, r->ahead_at + SSI_READER_FRESH))
		return NULL;
	while (at < r->ahead_len) {
		struct ssi_wire_procent *ent = r->ahead + at;
		unsigned int files = le32_to_cpu(ent->nr_files);

		if (le32_to_cpu(ent->nr) == nr)
			return ent;
		at += sizeof(*ent);
		while (files--) {
			struct ssi_wire_procfile *f = r->ahead + at;
			s32 size = le32_to_cpu(f->len);

			at += sizeof(*f) + (size > 0 ? round_up(size, 8) : 0);
		}
	}
	return NULL;
}

static void ssi_reader_read_ahead(struct ssi_reader *r, int nr)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_PROC_AHEAD,
		.nr		= nr,
		.ns		= r->ns,
		.arg		= { 0, r->before },
		.reply_max	= SSI_OP_MAX_REPLY,
	};

	if (!r->ahead)
		r->ahead = kvmalloc(SSI_OP_MAX_REPLY, GFP_KERNEL_ACCOUNT);
	if (!r->ahead)
		return;
	req.reply = r->ahead;
	r->ahead_len = 0;
	r->ahead_at = jiffies;
	if (!ssi_op_call(&req) && ssi_reader_check_ahead(r->ahead, req.reply_len))
		r->ahead_len = req.reply_len;
}

/* It turns to a process: what it opened of the one before is what it wants of this. */
static void ssi_reader_turn(struct ssi_reader *r, int nr)
{
	bool onwards = nr > r->last;

	if (nr == r->last)
		return;
	if (r->names)
		r->before = r->names;
	r->names = 0;
	r->last = nr;
	if (onwards && r->before && !ssi_reader_find(r, nr))
		ssi_reader_read_ahead(r, nr);
}

static int ssi_reader_ask_stat(struct pid_namespace *ns, int nr, struct ssi_wire_procent *ent)
{
	struct ssi_wire_procstat stat;
	struct ssi_op_req req = {
		.op		= SSI_OP_PROC_STAT,
		.nr		= nr,
		.ns		= ns,
		.timeout	= SSI_READER_TIMEOUT,
		.data		= "",
		.data_len	= 1,
		.reply		= &stat,
		.reply_max	= sizeof(stat),
	};
	long ret = ssi_op_call(&req);

	if (ret)
		return ret < 0 ? ret : -EIO;
	if (req.reply_len != sizeof(stat) || le32_to_cpu(stat.ent.nr) != nr)
		return -EIO;
	*ent = stat.ent;
	return 0;
}

/**
 * ssi_reader_stat - who is a process of another node?
 * @ns: attached pid namespace
 * @nr: its number, or that of a thread
 * @ent: filled in
 *
 * Context: process context; sleeps.
 * Return: 0, or as ssi_op_call().
 */
int ssi_reader_stat(struct pid_namespace *ns, int nr, struct ssi_wire_procent *ent)
{
	struct ssi_reader *r __free(ssi_reader) = ssi_reader_get(ns);
	struct ssi_wire_procent *found;

	if (r) {
		guard(mutex)(&r->lock);
		ssi_reader_turn(r, nr);
		found = ssi_reader_find(r, nr);
		if (found) {
			*ent = *found;
			return 0;
		}
	}
	return ssi_reader_ask_stat(ns, nr, ent);
}

/**
 * ssi_reader_file - was a file of a process read ahead?
 * @ns: attached pid namespace
 * @nr: number of the process
 * @id: which process of that number
 * @name: name of the file
 * @buf: filled in with it; room for SSI_PROCFILE_MAX bytes
 *
 * Context: process context; sleeps.
 * Return: bytes of the file, -ENODATA if it was not, or why it cannot be read.
 */
ssize_t ssi_reader_file(struct pid_namespace *ns, int nr, u64 id,
			const struct ssi_procname *name, void *buf)
{
	struct ssi_reader *r __free(ssi_reader) = ssi_reader_get(ns);
	unsigned int index = name - ssi_procnames, files;
	struct ssi_wire_procent *ent;
	struct ssi_wire_procfile *f;

	if (!r || !name->small)
		return -ENODATA;
	guard(mutex)(&r->lock);
	ssi_reader_turn(r, nr);
	r->names |= BIT_ULL(index);
	ent = ssi_reader_find(r, nr);
	if (!ent || le64_to_cpu(ent->id) != id)
		return -ENODATA;
	f = (void *)(ent + 1);
	for (files = le32_to_cpu(ent->nr_files); files; files--) {
		s32 size = le32_to_cpu(f->len);

		if (le32_to_cpu(f->name) == index) {
			/* once: who reads it again wants to know anew */
			f->name = cpu_to_le32(SSI_PROCNAME_MAX);
			if (size > 0)
				memcpy(buf, f + 1, size);
			return size;
		}
		f = (void *)(f + 1) + (size > 0 ? round_up(size, 8) : 0);
	}
	return -ENODATA;
}

/* A listing is in order, of the node that was asked, and no longer than it may be. */
static bool ssi_reader_check_pids(const struct ssi_wire_procent *pids, size_t len, int nr, int end)
{
	unsigned int i;

	if (len % sizeof(*pids))
		return false;
	for (i = 0; i < len / sizeof(*pids); i++) {
		int next = le32_to_cpu(pids[i].nr);

		if (next < nr || next >= end)
			return false;
		nr = next + 1;
	}
	return true;
}

/* Ask the node that @nr names, whose numbers end before @end. */
static int ssi_reader_ask_pids(struct ssi_reader *r, int nr, int end, u64 flags)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_PROC_PIDS,
		.nr		= nr,
		.ns		= r->ns,
		.arg		= { flags },
		.timeout	= SSI_READER_TIMEOUT,
		.reply_max	= SSI_READER_PIDS * sizeof(*r->pids),
	};
	long ret;

	if (!r->pids)
		r->pids = kvmalloc(req.reply_max, GFP_KERNEL_ACCOUNT);
	if (!r->pids)
		return -ENOMEM;
	req.reply = r->pids;
	r->nr_pids = 0;
	r->first = nr;
	r->end = nr;
	r->listed = jiffies;
	ret = ssi_op_call(&req);
	/* a node that does not answer has no processes, as one that is lost */
	if (ret < 0 && ret != -ESRCH && ret != -ETIMEDOUT)
		return ret;
	if (!ret && ssi_reader_check_pids(r->pids, req.reply_len, nr, end))
		r->nr_pids = req.reply_len / sizeof(*r->pids);
	r->end = r->nr_pids < SSI_READER_PIDS ? end :
		 le32_to_cpu(r->pids[r->nr_pids - 1].nr) + 1;
	return 0;
}

/* The first process from @nr on that was listed, or NULL. */
static struct ssi_wire_procent *ssi_reader_listed(struct ssi_reader *r, int nr)
{
	unsigned int low = 0, high = r->nr_pids;

	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (le32_to_cpu(r->pids[mid].nr) < nr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nr_pids ? &r->pids[low] : NULL;
}

/* First number after those of the node that @nr names, or 0 if it names this one. */
static int ssi_reader_end(struct pid_namespace *ns, int nr, bool *own)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	if (!p)
		return SSI_PID_END;
	*own = ssi_pidns_own(p, nr);
	return min(ssi_pid_first(ssi_pid_node(nr, p->stride) + 1, p->stride), SSI_PID_END);
}

/**
 * ssi_reader_next - the next process of other nodes in a listing
 * @ns: attached pid namespace
 * @nr: number to begin with
 * @last: number to end before: no node beyond is asked
 * @flags: SSI_PROC_*
 * @ent: filled in
 *
 * Context: process context; sleeps.
 * Return: 0; -ENOENT if there are no more; -ENOMEM; -EINTR for a fatal signal.
 */
int ssi_reader_next(struct pid_namespace *ns, int nr, int last, u64 flags,
		    struct ssi_wire_procent *ent)
{
	struct ssi_reader *r __free(ssi_reader) = NULL;
	struct ssi_wire_procent *found;
	bool own = false;
	int end, ret;

	nr = max(nr, SSI_PID_LOCAL);
	last = min(last, SSI_PID_END);
	if (nr >= last)
		return -ENOENT;
	r = ssi_reader_make(ns);
	if (!r)
		return -ENOMEM;
	guard(mutex)(&r->lock);
	while (nr < last) {
		if (!r->pids || time_after(jiffies, r->listed + SSI_READER_FRESH) ||
		    nr < r->first || nr >= r->end) {
			end = ssi_reader_end(ns, nr, &own);
			if (own) {
				nr = end;
				continue;
			}
			ret = ssi_reader_ask_pids(r, nr, end, flags);
			if (ret)
				return ret;
		}
		found = ssi_reader_listed(r, nr);
		if (found && le32_to_cpu(found->nr) < last) {
			*ent = *found;
			return 0;
		}
		nr = r->end;
	}
	return -ENOENT;
}
