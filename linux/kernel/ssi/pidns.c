// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: pid namespaces whose numbers say where a process is
 */

/**
 * DOC: pid namespaces
 *
 * A pid namespace may be attached to a member of the cluster: who joins attaches the
 * initial one to the member of the initial network namespace, and a container's to that of
 * its network namespace.  From then on a
 * new process gets a number of its node, node 3 from 3000000 on, so that the number
 * names the home and nobody has to be asked.  Numbers below 1000000 are each node's
 * own: those of the kernel threads, which get them for ever, and of processes that
 * are older.  A nested namespace has numbers of its own, as ever.
 *
 * With 1000000 numbers each there is room for 267 nodes, with 250000 for 1000: a
 * CPU clock's number has 29 bits for a pid and its sign.
 *
 * The IDR of a namespace has one cursor, which serves the node's numbers, as
 * /proc/loadavg and ns_last_pid show it; the one for the local numbers is swapped
 * in where needed.  What sysctl kernel.pid_max says bounds the local numbers only:
 * it is raised to its own limit, which is more than there are of either.
 *
 * A container has a number of the cluster as seen from inside, and whatever number outside.
 * When its init process ends, all of it does, as ever; the member remains until somebody has it
 * leave or the network namespace ends, and has no processes.
 *
 * Unhappy paths: a namespace with a process whose number is another node's cannot
 * be attached.  Who allocates while a namespace is attached is waited for, so that
 * none is overlooked.  Detached, the numbers in use stay, and new ones are local again;
 * the member may not come back as another node before they are gone.
 *
 * Locks: ssi_pidns_mutex serialises attaching and detaching; it is inside
 * &struct ssi_instance.lock.  Readers use RCU, allocation holds pidmap_lock.
 */

#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/jump_label.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/threads.h>

#include "instance.h"
#include "machine.h"
#include "pidns.h"
#include "task.h"

DEFINE_STATIC_KEY_FALSE(ssi_pidns_key);
/* on since the first attachment: a file that refers to another node's process lives on */
DEFINE_STATIC_KEY_FALSE(ssi_pidfd_key);

/* drawn at the first attachment */
static u64 ssi_pid_salt;

static DEFINE_MUTEX(ssi_pidns_mutex);

/**
 * ssi_pidns_instance - the member of the cluster that a pid namespace belongs to
 * @ns: namespace
 * @stride: filled in with how many numbers each node has
 *
 * Context: any.
 * Return: the instance, referenced, or NULL if @ns is not attached.
 */
struct ssi_instance *ssi_pidns_instance(struct pid_namespace *ns, int *stride)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	if (!p)
		return NULL;
	*stride = p->stride;
	ssi_instance_get(p->si);
	return p->si;
}

/**
 * ssi_pidns_nr - the number by which the cluster knows a process
 * @si: member
 * @pid: process
 *
 * Context: any.
 * Return: its number in the namespace that is attached to @si; in the initial one if none is,
 * or if @pid is not in it.
 */
pid_t ssi_pidns_nr(struct ssi_instance *si, struct pid *pid)
{
	struct ssi_pidns *p;
	pid_t nr;

	guard(rcu)();
	p = rcu_dereference(si->pidns);
	nr = p ? pid_nr_ns(pid, p->ns) : 0;
	return nr ? : pid_nr(pid);
}

/**
 * ssi_pidns_proc - a mount of an attached namespace's proc that nobody sees
 * @ns: namespace
 *
 * Context: any.
 * Return: the mount, referenced, or NULL if @ns is not attached.
 */
struct vfsmount *ssi_pidns_proc(struct pid_namespace *ns)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	/* whoever detaches it waits for readers before the mount goes */
	return p && p->proc ? mntget(p->proc) : NULL;
}

/**
 * ssi_pidns_is_proc - is this a mount that ssi_pidns_proc() returns?
 * @sb: super block of a proc
 *
 * Context: any.
 * Return: true if it is, and its namespace is attached.
 */
bool ssi_pidns_is_proc(const struct super_block *sb)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(proc_sb_info((struct super_block *)sb)->pid_ns->ssi);
	return p && p->proc && p->proc->mnt_sb == sb;
}

/**
 * ssi_pid_id - which of the processes that have the number one after the other is it?
 * @pid: process or thread of this node
 *
 * The number of the pidfd's inode, which begins anew when a node is booted, as its numbers
 * of processes do; so that an older one is not meant, it is mixed with a number that
 * is drawn when the node first joins.
 *
 * Context: any.
 * Return: the id, never 0.
 */
u64 ssi_pid_id(const struct pid *pid)
{
	return pid->ino ^ READ_ONCE(ssi_pid_salt);
}

/**
 * ssi_pidns_find - find a process of this node
 * @p: attachment
 * @nr: its number
 * @id: which of the processes that have the number one after the other, 0: whichever
 *
 * Context: any; RCU.
 * Return: the process or thread, referenced, or NULL.
 */
struct pid *ssi_pidns_find(struct ssi_pidns *p, int nr, u64 id)
{
	struct pid *pid = ssi_pidns_own(p, nr) ? find_pid_ns(nr, p->ns) : NULL;

	return !id || (pid && ssi_pid_id(pid) == id) ? get_pid(pid) : NULL;
}

/**
 * ssi_pid_max_node - how many nodes there are numbers for
 * @stride: numbers of each node
 *
 * Return: the highest id of a node.
 */
u32 ssi_pid_max_node(int stride)
{
	return min_t(u32, (SSI_PID_END - SSI_PID_LOCAL) / stride, SSI_NODE_ID_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pid_max_node);

/**
 * ssi_pidns_draw - draw a number
 * @p: attachment
 * @local: a number that says nothing, below SSI_PID_LOCAL and @pid_max
 * @pid_max: what the namespace's sysctl says
 *
 * Context: pidmap_lock held.
 * Return: the number, -ENOSPC if all are taken, or -ENOMEM.
 */
int ssi_pidns_draw(struct ssi_pidns *p, bool local, int pid_max)
{
	struct idr *idr = &p->ns->idr;
	int cursor = idr_get_cursor(idr);
	int nr;

	if (local) {
		idr_set_cursor(idr, p->local_cursor);
		nr = idr_alloc_cyclic(idr, NULL, RESERVED_PIDS,
				      min(pid_max, SSI_PID_LOCAL), GFP_ATOMIC);
		p->local_cursor = idr_get_cursor(idr);
		idr_set_cursor(idr, cursor);
		return nr;
	}
	if (!ssi_pidns_own(p, cursor))
		idr_set_cursor(idr, p->first);
	return idr_alloc_cyclic(idr, NULL, p->first, p->first + p->stride, GFP_ATOMIC);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pidns_draw);

/* A kernel thread that makes processes for other nodes is none in this respect. */
static bool ssi_pidns_local(void)
{
	struct ssi_task *s = current->ssi;

	return (current->flags & PF_KTHREAD) && !(s && s->kind == SSI_TASK_KEEPER);
}

/**
 * ssi_pidns_alloc - draw a number in an attached namespace
 * @ns: namespace
 * @pid_max: what its sysctl says
 *
 * A kernel thread's children are kernel threads, or helpers that the kernel starts.
 *
 * Context: pidmap_lock held.
 * Return: as ssi_pidns_draw().
 */
int ssi_pidns_alloc(struct pid_namespace *ns, int pid_max)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	if (!p)		/* detached this moment */
		return idr_alloc_cyclic(&ns->idr, NULL, RESERVED_PIDS, pid_max, GFP_ATOMIC);
	return ssi_pidns_draw(p, ssi_pidns_local(), pid_max);
}

/**
 * __ssi_pid_valid - may a process here have this number?
 * @ns: namespace
 * @nr: number
 * @pid_max: what the namespace's sysctl says
 *
 * Context: any.
 * Return: true for a number of this node or a local one.
 */
bool __ssi_pid_valid(struct pid_namespace *ns, int nr, int pid_max)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	if (!p)
		return nr < pid_max;
	return ssi_pidns_own(p, nr) || nr < min(pid_max, SSI_PID_LOCAL);
}
EXPORT_SYMBOL_IF_KUNIT(__ssi_pid_valid);

static void ssi_pidns_free(struct ssi_pidns *p)
{
	/* who reads of it has a reference of his own */
	if (p->proc)
		kern_unmount(p->proc);
	put_pid_ns(p->ns);
	ssi_instance_put(p->si);
	kfree(p);
}

/* Who joins does so from within: a mount of proc is one of the namespace of who makes it. */
static int ssi_pidns_mount(struct ssi_pidns *p)
{
	struct file_system_type *type;
	struct vfsmount *mnt;

	if (task_active_pid_ns(current) != p->ns)
		return 0;
	type = get_fs_type("proc");
	if (!type)
		return 0;
	mnt = kern_mount(type);
	put_filesystem(type);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	p->proc = mnt;
	return 0;
}

static struct ssi_pidns *ssi_pidns_make(struct ssi_instance *si, struct pid_namespace *ns)
{
	struct ssi_pidns *p = kzalloc_obj(*p);
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->stride = si->pid_stride;
	p->first = ssi_pid_first(si->node, p->stride);
	p->local_cursor = idr_get_cursor(&ns->idr);
	if (p->local_cursor >= SSI_PID_LOCAL)
		p->local_cursor = RESERVED_PIDS;
	get_pid_ns(ns);
	p->ns = ns;
	ssi_instance_get(si);
	p->si = si;
	err = ssi_pidns_mount(p);
	if (err) {
		ssi_pidns_free(p);
		return ERR_PTR(err);
	}
	return p;
}

static void __ssi_pidns_detach(struct ssi_pidns *p)
{
	lockdep_assert_held(&ssi_pidns_mutex);

	rcu_assign_pointer(p->ns->ssi, NULL);
	rcu_assign_pointer(p->si->pidns, NULL);
	static_branch_dec(&ssi_pidns_key);
	/*
	 * Whoever draws a number from now on goes on where the local ones were, and
	 * nobody uses @p any more.
	 */
	synchronize_rcu();
	idr_set_cursor(&p->ns->idr, p->local_cursor);
	if (p->pid_max && READ_ONCE(p->ns->pid_max) == PID_MAX_LIMIT)
		WRITE_ONCE(p->ns->pid_max, p->pid_max);
	ssi_pidns_free(p);
}

/* A number that is another node's and in use, or 0. */
static int ssi_pidns_foreign(struct ssi_pidns *p)
{
	int nr = SSI_PID_LOCAL;
	struct pid *pid;

	guard(rcu)();
	idr_for_each_entry_continue(&p->ns->idr, pid, nr)
		if (!ssi_pidns_own(p, nr))
			return nr;
	return 0;
}

static int ssi_pidns_refuse(int nr, struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG_FMT(extack,
			   "Process %d has another node's number: join at boot, or with local ones",
			   nr);
	return -EBUSY;
}

/**
 * ssi_pidns_attach - let the numbers of a namespace say where a process is
 * @si: member that it is to belong to; node and stride are set, its lock is held
 * @ns: namespace; the initial one, or that of current. If it ends, the member stays one, and
 *	has no processes.
 * @extack: for a sentence, may be NULL
 *
 * Context: sleeps.
 * Return: 0; -EBUSY if it is another member's, or a process has a number of
 * another node; -ERANGE for a node that there are no numbers for; -ENOMEM.
 */
int ssi_pidns_attach(struct ssi_instance *si, struct pid_namespace *ns,
		     struct netlink_ext_ack *extack)
{
	struct ssi_pidns *p;
	int nr;

	if (si->node > ssi_pid_max_node(si->pid_stride)) {
		NL_SET_ERR_MSG_FMT(extack,
				   "Only nodes 1 to %u have process ids: choose 250000 each",
				   ssi_pid_max_node(si->pid_stride));
		return -ERANGE;
	}
	p = ssi_pidns_make(si, ns);
	if (IS_ERR(p))
		return PTR_ERR(p);

	mutex_lock(&ssi_pidns_mutex);
	if (rcu_access_pointer(ns->ssi)) {
		mutex_unlock(&ssi_pidns_mutex);
		ssi_pidns_free(p);
		NL_SET_ERR_MSG(extack, "The pid namespace is that of another member");
		return -EBUSY;
	}
	/* before anybody gets a number of a node that this one may not become */
	nr = ssi_pidns_foreign(p);
	if (nr) {
		mutex_unlock(&ssi_pidns_mutex);
		ssi_pidns_free(p);
		return ssi_pidns_refuse(nr, extack);
	}
	if (!ssi_pid_salt)
		WRITE_ONCE(ssi_pid_salt, get_random_u64() | BIT_ULL(63));
	static_branch_enable(&ssi_pidfd_key);
	rcu_assign_pointer(ns->ssi, p);
	rcu_assign_pointer(si->pidns, p);
	static_branch_inc(&ssi_pidns_key);
	/* whoever draws a number that it has not yet seen sees @p from now on */
	synchronize_rcu();

	nr = ssi_pidns_foreign(p);
	if (nr) {
		__ssi_pidns_detach(p);
		mutex_unlock(&ssi_pidns_mutex);
		return ssi_pidns_refuse(nr, extack);
	}
	p->pid_max = READ_ONCE(ns->pid_max);
	WRITE_ONCE(ns->pid_max, PID_MAX_LIMIT);
	mutex_unlock(&ssi_pidns_mutex);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pidns_attach);

/**
 * ssi_pidns_detach - undo ssi_pidns_attach()
 * @si: member, attached or not
 *
 * Context: sleeps.
 */
void ssi_pidns_detach(struct ssi_instance *si)
{
	struct ssi_pidns *p;

	mutex_lock(&ssi_pidns_mutex);
	p = rcu_dereference_protected(si->pidns, lockdep_is_held(&ssi_pidns_mutex));
	if (p)
		__ssi_pidns_detach(p);
	mutex_unlock(&ssi_pidns_mutex);
	if (p)
		ssi_machine_forget(si->machine);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pidns_detach);

/**
 * __ssi_pid_last_valid - may this be the last number that was drawn?
 * @ns: namespace
 * @nr: number
 *
 * Context: any.
 * Return: true if the next one would be the node's, or the range begins anew.
 */
bool __ssi_pid_last_valid(struct pid_namespace *ns, int nr)
{
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	return !p || (nr >= p->first - 1 && nr < p->first + p->stride);
}
EXPORT_SYMBOL_IF_KUNIT(__ssi_pid_last_valid);

/**
 * __ssi_pid_foreign - does this number name a process of another node?
 * @ns: namespace that it is of
 * @nr: number
 *
 * Context: any.
 * Return: true if it does, whether or not there is such a process.
 */
bool __ssi_pid_foreign(struct pid_namespace *ns, int nr)
{
	struct ssi_pidns *p;

	if (nr < SSI_PID_LOCAL || nr >= SSI_PID_END)
		return false;
	guard(rcu)();
	p = rcu_dereference(ns->ssi);
	return p && !ssi_pidns_own(p, nr);
}

/**
 * __ssi_pid_remote - does this number name a process of another node?
 * @nr: number in the active pid namespace of current
 *
 * Context: any.
 * Return: true if it does, whether or not there is such a process.
 */
bool __ssi_pid_remote(int nr)
{
	return nr >= SSI_PID_LOCAL && __ssi_pid_foreign(task_active_pid_ns(current), nr);
}

/**
 * ssi_pid_slot - where a table of PID_MAX_LIMIT entries has this number
 * @nr: number in the initial pid namespace, PID_MAX_LIMIT or more
 *
 * Such a number is this node's, whose numbers lie beside each other within a block
 * of a million; a node that has them has no others but local ones.
 *
 * Context: any.
 * Return: an index that no other number of this node has.
 */
int ssi_pid_slot(int nr)
{
	return SSI_PID_LOCAL + nr % SSI_PID_STRIDE;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_pid_slot);

/**
 * ssi_pid_of_slot - undo ssi_pid_slot()
 * @slot: index
 *
 * Context: any.
 * Return: the number; @slot itself if the initial pid namespace is not attached.
 */
int ssi_pid_of_slot(int slot)
{
	struct ssi_pidns *p;

	if (slot < SSI_PID_LOCAL)
		return slot;
	guard(rcu)();
	p = rcu_dereference(init_pid_ns.ssi);
	if (!p)
		return slot;
	return p->first - p->first % SSI_PID_STRIDE + slot % SSI_PID_STRIDE;
}
