// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: processes of other nodes that run here
 */

/**
 * DOC: hosted process
 *
 * When a home offers a process, the thread of spawner.c starts a *leader*: a task that
 * executes a tiny image of our own binary format, which leaves it an address space
 * with nothing but the vdso at home's address, in a time namespace that shows
 * home's clocks. The leader never enters user mode; it clones the guests, as
 * threads of its own, when the process begins and when more threads come than
 * there are guests. When enough of them are parked the home is told to go on.
 *
 * It ends when home says so, with the membership, or when this node kills it; the
 * whole thread group goes. Pages stay in the store.
 *
 * Unhappy paths: one that is killed before home knows of the session tells it in
 * vain, so the first ENTER for it is answered by telling again. A thread for which no
 * guest can be made waits as a job of the leader, and a KICK sends it back.
 *
 * A hosted process is in the store's table from the offer to the end; the leader
 * and each guest keep it alive.
 */

#include <linux/binfmts.h>
#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pid_namespace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/coredump.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/task_work.h>
#include <linux/time_namespace.h>

#include "arch.h"
#include "debugfs.h"
#include "guest.h"
#include "guestmm.h"
#include "hosted.h"
#include "instance.h"
#include "lend.h"
#include "node.h"
#include "process.h"
#include "procmsg.h"
#include "rpc.h"
#include "spawner.h"
#include "store.h"

#define SSI_IMAGE_NAME	"ssi-guest"
#define SSI_IMAGE_MAGIC	"\177SSI"
#define SSI_MAX_SPARES	256	/* guests made before the process comes */

static struct vfsmount *ssi_image_mnt __ro_after_init;

/**
 * ssi_hosted_get - take a reference
 * @h: hosted process, referenced by somebody
 */
void ssi_hosted_get(struct ssi_hosted *h)
{
	refcount_inc(&h->ref);
}

/**
 * ssi_hosted_put - give a reference back
 * @h: hosted process
 *
 * Context: process context; sleeps.
 */
void ssi_hosted_put(struct ssi_hosted *h)
{
	struct ssi_hosted_job *job, *next;

	if (!refcount_dec_and_test(&h->ref))
		return;
	list_for_each_entry_safe(job, next, &h->jobs, link)
		kfree(job);
	xa_destroy(&h->guests);
	if (h->file) {
		ssi_guestmm_close(h->file);
		fput(h->file);
	}
	if (h->leader)
		put_task_struct(h->leader);
	ssi_store_put(h->store);
	kfree_rcu(h, rcu);
	atomic_dec(&ssi_objects.hosted);
}

/**
 * ssi_hosted_find - the process that a message is about
 * @rx: the message
 * @sid: session that it names
 *
 * Return: the hosted process, referenced, or NULL.
 */
struct ssi_hosted *ssi_hosted_find(struct ssi_rx *rx, u64 sid)
{
	struct ssi_store *st = ssi_store_find(rx->node, rx->epoch);
	struct ssi_hosted *h;

	if (!st)
		return NULL;
	xa_lock(&st->hosted);
	h = xa_load(&st->hosted, sid);
	if (h)
		refcount_inc(&h->ref);
	xa_unlock(&st->hosted);
	ssi_store_put(st);
	return h;
}

/**
 * ssi_hosted_send_dead - tell home that a process ended here
 * @node: the home
 * @epoch: of the membership
 * @sid: its session
 * @pid: what it was here, or 0
 *
 * Context: process context; sleeps for memory only.
 */
void ssi_hosted_send_dead(struct ssi_node *node, u32 epoch, u64 sid, pid_t pid)
{
	struct ssi_wire_session *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_GUEST_DEAD, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = cpu_to_le64(sid);
	w->pid = cpu_to_le32(pid);
	ssi_msg_send(node, epoch, msg);
}

static void ssi_hosted_reply(struct ssi_hosted *h, enum ssi_reason reason)
{
	struct ssi_wire_session *w;
	struct ssi_msg *msg;
	u64 seq = xchg(&h->call_seq, 0);

	if (!seq)
		return;
	msg = ssi_msg_alloc(SSI_MSG_SESSION_READY, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = cpu_to_le64(h->sid);
	w->reason = cpu_to_le32(reason);
	w->pid = cpu_to_le32(h->leader ? task_tgid_nr(h->leader) : 0);
	ssi_reply(h->store->node, h->store->epoch, seq, msg);
}

/* Nobody can find it any more; its tasks die. */
static void ssi_hosted_end(struct ssi_hosted *h)
{
	struct task_struct *leader;
	struct ssi_hosted *old;

	spin_lock(&h->lock);
	h->end = true;
	leader = h->leader;
	if (leader)
		get_task_struct(leader);
	spin_unlock(&h->lock);
	xa_lock(&h->store->hosted);
	old = xa_load(&h->store->hosted, h->sid);
	if (old == h)
		__xa_erase(&h->store->hosted, h->sid);
	else
		old = NULL;
	xa_unlock(&h->store->hosted);
	wake_up_all(&h->wq);
	if (leader) {
		send_sig(SIGKILL, leader, 1);
		put_task_struct(leader);
	}
	if (old)
		ssi_hosted_put(h);
}

/* The first of a store from session @sid on, referenced, or NULL; sets @sid. */
static struct ssi_hosted *ssi_hosted_from(struct ssi_store *st, unsigned long *sid)
{
	struct ssi_hosted *h;

	xa_lock(&st->hosted);
	h = xa_find(&st->hosted, sid, ULONG_MAX, XA_PRESENT);
	if (h)
		refcount_inc(&h->ref);
	xa_unlock(&st->hosted);
	return h;
}

/**
 * ssi_hosted_kill_all - a membership is over
 * @st: its store
 *
 * Context: process context; sleeps.
 */
void ssi_hosted_kill_all(struct ssi_store *st)
{
	struct ssi_hosted *h;
	unsigned long sid = 0;

	while ((h = ssi_hosted_from(st, &sid))) {
		ssi_hosted_end(h);
		ssi_hosted_put(h);
	}
}

/**
 * ssi_hosted_drop_copies - free memory that home can give again
 * @st: store whose processes lose copies of file pages
 * @nr: how many at most
 *
 * Context: reclaim; process context.
 * Return: how many.
 */
unsigned long ssi_hosted_drop_copies(struct ssi_store *st, unsigned long nr)
{
	unsigned long dropped = 0, sid = 0;
	struct ssi_hosted *h;

	while (dropped < nr && (h = ssi_hosted_from(st, &sid))) {
		dropped += ssi_guestmm_drop_copies(h->file->f_mapping, &h->drop_next,
						   nr - dropped);
		ssi_hosted_put(h);
		sid++;
	}
	return dropped;
}

static int ssi_hosted_load_binary(struct linux_binprm *bprm)
{
	struct ssi_task *s = current->ssi;
	struct ssi_hosted *h;
	int ret;

	if (memcmp(bprm->buf, SSI_IMAGE_MAGIC, strlen(SSI_IMAGE_MAGIC)) || !s ||
	    s->kind != SSI_TASK_LEADER)
		return -ENOEXEC;
	h = container_of(s, struct ssi_hosted, leader_ssi);
	ret = begin_new_exec(bprm);
	if (ret)
		return ret;
	setup_new_exec(bprm);
	ret = vm_munmap(0, TASK_SIZE);
	if (!ret)
		ret = PAGE_ALIGNED(h->vdso) ? ssi_arch_map_vdso(h->vdso) : -EADDRNOTAVAIL;
	if (ret)
		return ret;
	task_exec_state_set_dumpable(TASK_DUMPABLE_OFF);
	set_binfmt(NULL);
	finalize_exec(bprm);
	start_thread(current_pt_regs(), 0, 0);
	return 0;
}

static struct linux_binfmt ssi_hosted_format = {
	.load_binary	= ssi_hosted_load_binary,
};

/* Clocks, before the exec, which is what makes them count. */
static int ssi_hosted_set_clocks(struct ssi_hosted *h)
{
	struct time_namespace *ns;
	int ret;

	ret = ksys_unshare(CLONE_NEWTIME);
	if (ret)
		return ret;
	ns = current->nsproxy->time_ns_for_children;
	ns->offsets.monotonic = ns_to_timespec64(h->monotonic);
	ns->offsets.boottime = ns_to_timespec64(h->boottime);
	return 0;
}

static int ssi_hosted_set_creds(struct ssi_hosted *h)
{
	struct cred *cred = prepare_kernel_cred(&init_task);

	if (!cred)
		return -ENOMEM;
	cred->uid = h->uid;
	cred->euid = h->uid;
	cred->suid = h->uid;
	cred->fsuid = h->uid;
	cred->gid = h->gid;
	cred->egid = h->gid;
	cred->sgid = h->gid;
	cred->fsgid = h->gid;
	cap_clear(cred->cap_inheritable);
	cap_clear(cred->cap_permitted);
	cap_clear(cred->cap_effective);
	cap_clear(cred->cap_ambient);
	return commit_creds(cred);
}

/*
 * What a program keeps for each CPU is as large as home needs it: it must not see
 * a CPU number that home cannot have. The guests inherit this.
 */
static int ssi_hosted_set_cpus(struct ssi_hosted *h)
{
	cpumask_var_t mask;
	unsigned int cpu;
	int ret;

	if (h->nr_cpus >= nr_cpu_ids)
		return 0;
	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		if (cpu < h->nr_cpus)
			cpumask_set_cpu(cpu, mask);
	/* -EINVAL if none of these is online */
	ret = set_cpus_allowed_ptr(current, mask);
	free_cpumask_var(mask);
	return ret;
}

static enum ssi_reason ssi_hosted_reason(int error)
{
	switch (error) {
	case -EADDRNOTAVAIL:
		return SSI_REASON_VDSO;
	case -EINVAL:
		return SSI_REASON_INCOMPATIBLE;
	case -ENOMEM:
		return SSI_REASON_NO_MEMORY;
	default:
		return SSI_REASON_GUEST_FAILED;
	}
}

static int ssi_hosted_leader(void *arg)
{
	static const int quiet[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	static const char *const argv[] = { SSI_IMAGE_NAME, NULL }, *const envp[] = { NULL };
	struct path root = { .mnt = ssi_image_mnt, .dentry = ssi_image_mnt->mnt_root };
	struct sighand_struct *sighand;
	struct ssi_hosted *h = arg;
	unsigned int i;
	int ret;

	/* nobody but its task changes which one it is */
	sighand = rcu_dereference_protected(current->sighand, true);
	spin_lock_irq(&sighand->siglock);
	/* a kernel thread's child ignores all signals, even SIGKILL */
	flush_signal_handlers(current, 1);
	siginitsetinv(&current->blocked, sigmask(SIGKILL));
	recalc_sigpending();
	spin_unlock_irq(&sighand->siglock);

	current->ssi = &h->leader_ssi;
	spin_lock(&h->lock);
	h->leader = get_task_struct(current);
	spin_unlock(&h->lock);
	set_fs_pwd(current->fs, &root);
	ret = ssi_hosted_set_cpus(h);
	if (!ret)
		ret = ssi_hosted_set_clocks(h);
	if (!ret)
		ret = kernel_execve(SSI_IMAGE_NAME, argv, envp);
	if (!ret)
		ret = ssi_hosted_set_creds(h);
	if (ret || READ_ONCE(h->end)) {
		ssi_hosted_reply(h, ssi_hosted_reason(ret));
		if (ret)
			pr_warn_ratelimited("ssi: cannot host a process of node %u: %pe\n",
					    h->store->node->id, ERR_PTR(ret));
		ssi_hosted_end(h);
		do_exit(0);
	}
	__set_task_comm(current, h->comm, true);
	/* a handler that is never called: no "segfault at" in the log */
	sighand = rcu_dereference_protected(current->sighand, true);
	for (i = 0; i < ARRAY_SIZE(quiet); i++)
		sighand->action[quiet[i] - 1].sa.sa_handler = (__force __sighandler_t)8;
	set_notify_resume(current);
	return 0;
}

static void ssi_hosted_work(struct kthread_work *work)
{
	struct ssi_hosted *h = container_of(work, struct ssi_hosted, work);
	int pid = user_mode_thread(ssi_hosted_leader, h, SIGCHLD);

	if (pid < 0) {
		ssi_hosted_reply(h, SSI_REASON_NO_MEMORY);
		ssi_hosted_end(h);
		ssi_hosted_put(h);
	}
}

/* One more guest. In the leader's exit hook. */
static struct ssi_guest *ssi_hosted_spawn(struct ssi_hosted *h)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			 CLONE_SYSVSEM,
	};
	struct ssi_guest *g;

	/* __ssi_fork() leaves the new guest in spawned */
	h->spawned = NULL;
	if (kernel_clone(&args) < 0)
		return NULL;
	g = h->spawned;
	if (!g)
		return NULL;
	wait_event_killable(h->wq, READ_ONCE(g->state) != SSI_GUEST_NEW);
	return g;
}

static bool ssi_hosted_spare(struct ssi_hosted *h)
{
	struct ssi_guest *g = ssi_hosted_spawn(h);

	if (!g)
		return false;
	spin_lock(&h->lock);
	if (g->state == SSI_GUEST_PARKED)
		list_add_tail(&g->link, &h->spares);
	spin_unlock(&h->lock);
	ssi_guest_put(g);
	return true;
}

/* The job after one, or the first. Only the leader, current, takes jobs away. */
static struct ssi_hosted_job *ssi_hosted_job(struct ssi_hosted *h, struct ssi_hosted_job *job)
{
	guard(spinlock)(&h->lock);
	job = job ? list_next_entry(job, link) :
		    list_first_entry(&h->jobs, struct ssi_hosted_job, link);
	return list_entry_is_head(job, &h->jobs, link) ? NULL : job;
}

/* A thread that is wanted at home did not get a guest: it never left, so to speak. */
static void ssi_hosted_send_back(struct ssi_hosted *h, struct ssi_hosted_job *job)
{
	struct ssi_wire_enter *from = (void *)job->body;
	size_t len = job->len - sizeof(*from);
	struct ssi_wire_trap *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_TRAP, sizeof(*w) + len, GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->sid = from->sid;
	w->tid = from->tid;
	w->seq = from->seq;
	w->trap = cpu_to_le32(SSI_TRAP_KICK);
	w->reason = cpu_to_le32(SSI_REASON_NO_MEMORY);
	w->monotonic = cpu_to_le64(ktime_get_ns() + h->clock);
	w->rseq = from->rseq;
	memcpy(w->regs, from->regs, len);
	ssi_msg_send_direct(h->store->node, h->store->epoch, msg);
}

/* Returns false if there is no guest for it and none can be made. */
static bool ssi_hosted_do_job(struct ssi_hosted *h, struct ssi_hosted_job *job)
{
	struct ssi_wire_enter *w = (void *)job->body;
	struct ssi_guest *g;
	bool kick;

	/* it stays listed, so that a kick finds either it or the guest */
	if (ssi_guest_enter(h, job->body, job->len, true)) {
		if (ssi_hosted_spare(h))
			return true;
		if (!READ_ONCE(job->kick))
			return false;
		ssi_hosted_send_back(h, job);
		spin_lock(&h->lock);
		list_del_init(&job->link);
		spin_unlock(&h->lock);
		kfree(job);
		return true;
	}
	spin_lock(&h->lock);
	list_del_init(&job->link);
	kick = job->kick;
	spin_unlock(&h->lock);
	g = kick ? ssi_guest_find(h, le32_to_cpu(w->tid)) : NULL;
	if (g) {
		ssi_guest_kick(g);
		ssi_guest_put(g);
	}
	kfree(job);
	return true;
}

/* One that cannot be done keeps none behind it waiting. Returns false if there is one. */
static bool ssi_hosted_do_jobs(struct ssi_hosted *h)
{
	struct ssi_hosted_job *job = ssi_hosted_job(h, NULL), *next;
	bool done = true;

	for (; job && !fatal_signal_pending(current); job = next) {
		next = ssi_hosted_job(h, job);
		done &= ssi_hosted_do_job(h, job);
	}
	return done;
}

/**
 * ssi_hosted_leader_user_mode - the leader is about to enter user mode: never
 * @h: hosted process of current
 *
 * Context: exit to user mode loop; interrupts on, no locks; sleeps.
 */
void ssi_hosted_leader_user_mode(struct ssi_hosted *h)
{
	while (!fatal_signal_pending(current) && h->spares_wanted) {
		h->spares_wanted--;
		if (!ssi_hosted_spare(h)) {
			ssi_hosted_reply(h, SSI_REASON_NO_MEMORY);
			ssi_hosted_end(h);
			break;
		}
	}
	ssi_hosted_reply(h, SSI_REASON_NONE);
	while (!fatal_signal_pending(current) && !READ_ONCE(h->end)) {
		wait_event_state(h->wq, !list_empty_careful(&h->jobs) || READ_ONCE(h->end) ||
				 fatal_signal_pending(current),
				 (TASK_INTERRUPTIBLE | TASK_WAKEKILL));
		if (!ssi_hosted_do_jobs(h)) {
			schedule_timeout_killable(HZ / 50);
			break;
		}
		if (signal_pending(current) && !fatal_signal_pending(current))
			break;
	}
	if (READ_ONCE(h->end))
		send_sig(SIGKILL, current, 1);
	set_notify_resume(current);
}

/**
 * ssi_hosted_leader_exit - the leader exits
 * @h: hosted process of current
 *
 * Context: process context; sleeps.
 */
void ssi_hosted_leader_exit(struct ssi_hosted *h)
{
	bool quiet = READ_ONCE(h->end) || READ_ONCE(h->store->dead);

	current->ssi = NULL;
	ssi_hosted_reply(h, SSI_REASON_GUEST_FAILED);
	/* killed here, perhaps before it had a guest: nobody else would tell home */
	if (!quiet)
		ssi_hosted_send_dead(h->store->node, h->store->epoch, h->sid,
				     task_tgid_nr(current));
	ssi_hosted_end(h);
	ssi_hosted_put(h);
}

/**
 * ssi_hosted_handle_new - a home offers a process
 * @rx: SSI_MSG_SESSION_NEW
 *
 * Context: receiver thread of the user lane.
 */
void ssi_hosted_handle_new(struct ssi_rx *rx)
{
	const struct ssi_wire_session_new *w = rx->body;
	struct ssi_hosted *h = NULL;
	struct ssi_store *st;
	struct file *file;

	if (ssi_lend_refuse(rx))
		return;
	st = ssi_store_make(rx->node, rx->epoch);
	if (st)
		h = kzalloc_obj(*h);
	if (!h)
		goto fail;
	file = ssi_guestmm_open();
	if (IS_ERR(file)) {
		kfree(h);
		goto fail;
	}
	h->leader_ssi.kind = SSI_TASK_LEADER;
	refcount_set(&h->ref, 2);	/* the table's and the leader's */
	h->store = st;
	h->sid = le64_to_cpu(w->sid);
	h->home_pid = le32_to_cpu(w->pid);
	h->uid = make_kuid(&init_user_ns, le32_to_cpu(w->uid));
	h->gid = make_kgid(&init_user_ns, le32_to_cpu(w->gid));
	strscpy(h->comm, (const char *)w->comm, sizeof(h->comm));
	h->vdso = le64_to_cpu(w->vdso);
	h->clock = le64_to_cpu(w->clock);
	h->monotonic = le64_to_cpu(w->monotonic);
	h->boottime = le64_to_cpu(w->boottime);
	h->spares_wanted = clamp(le32_to_cpu(w->threads), 1, SSI_MAX_SPARES);
	h->nr_cpus = le32_to_cpu(w->nr_cpus);
	h->call_seq = rx->seq;
	h->file = file;
	init_waitqueue_head(&h->wq);
	spin_lock_init(&h->lock);
	xa_init(&h->guests);
	INIT_LIST_HEAD(&h->spares);
	INIT_LIST_HEAD(&h->jobs);
	kthread_init_work(&h->work, ssi_hosted_work);
	WRITE_ONCE(st->settled, -1);
	if (xa_insert(&st->hosted, h->sid, h, GFP_KERNEL)) {
		fput(file);
		kfree(h);
		goto fail;
	}
	atomic_inc(&ssi_objects.hosted);
	ssi_spawner_queue(&h->work);
	return;
fail:
	if (st)
		ssi_store_put(st);
	ssi_reply_error(rx->node, rx->epoch, rx->seq, SSI_LANE_USER, -ENOMEM);
}

/**
 * ssi_hosted_handle_end - a process went home, or is gone
 * @rx: SSI_MSG_SESSION_END
 *
 * Context: receiver thread of the user lane.
 */
void ssi_hosted_handle_end(struct ssi_rx *rx)
{
	const struct ssi_wire_session *w = rx->body;
	struct ssi_hosted *h = ssi_hosted_find(rx, le64_to_cpu(w->sid));

	if (!h)
		return;
	ssi_hosted_end(h);
	ssi_hosted_put(h);
}

static void ssi_hosted_fill(struct ssi_hosted *h, struct ssi_process_info *info,
			    struct pid_namespace *ns)
{
	struct ssi_guest *g;
	unsigned long tid;

	memset(info, 0, sizeof(*info));
	info->pid = task_tgid_nr_ns(h->leader, ns);
	info->home = h->store->node->id;
	info->node = h->store->node->inst->node;
	info->guest = true;
	info->faults = atomic_long_read(&h->faults);
	info->traps = atomic_long_read(&h->traps);
	info->reason = SSI_REASON_REQUESTED;
	strscpy(info->comm, h->comm, sizeof(info->comm));
	spin_lock(&h->lock);
	xa_for_each(&h->guests, tid, g) {
		info->threads++;
		info->threads_away += READ_ONCE(g->state) == SSI_GUEST_RUN;
	}
	spin_unlock(&h->lock);
}

/* The hosted process with the lowest pid in [from, below), or any that is pid. */
static struct ssi_hosted *ssi_hosted_search(struct ssi_instance *si, struct pid *pid,
					    pid_t from, pid_t below, struct pid_namespace *ns)
{
	struct ssi_hosted *h, *best = NULL, *old;
	struct ssi_store *st = NULL;
	unsigned long sid;
	pid_t least = 0;

	while ((st = ssi_store_next(st))) {
		old = best;
		if (si && st->node->inst != si)
			continue;
		xa_lock(&st->hosted);
		xa_for_each(&st->hosted, sid, h) {
			pid_t nr = h->leader ? task_tgid_nr_ns(h->leader, ns) : 0;

			if (pid ? !h->leader || task_tgid(h->leader) != pid :
				  !nr || nr < from || (below && nr >= below) ||
				  (best && nr >= least))
				continue;
			/* under the lock the table has a reference of each in it */
			if (best && best != old)
				refcount_dec(&best->ref);
			refcount_inc(&h->ref);
			best = h;
			least = nr;
		}
		xa_unlock(&st->hosted);
		if (old && old != best)
			ssi_hosted_put(old);
	}
	return best;
}

/**
 * ssi_hosted_info - is this pid a hosted process?
 * @pid: the process
 * @info: filled in
 * @ns: pid namespace of who asks
 *
 * Context: process context.
 * Return: 0 or -ENOENT.
 */
int ssi_hosted_info(struct pid *pid, struct ssi_process_info *info, struct pid_namespace *ns)
{
	struct ssi_hosted *h = ssi_hosted_search(NULL, pid, 0, 0, ns);

	if (!h)
		return -ENOENT;
	ssi_hosted_fill(h, info, ns);
	ssi_hosted_put(h);
	return 0;
}

/**
 * ssi_hosted_next - list hosted processes in the order of their pids
 * @si: instance
 * @from: lowest pid wanted
 * @ns: pid namespace of who asks
 * @below: pids from here on are not wanted, 0 for all
 * @info: filled in
 *
 * Context: process context.
 * Return: the pid, or 0 if there is none.
 */
pid_t ssi_hosted_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns,
		      pid_t below, struct ssi_process_info *info)
{
	struct ssi_hosted *h = ssi_hosted_search(si, NULL, from, below, ns);
	pid_t pid;

	if (!h)
		return 0;
	ssi_hosted_fill(h, info, ns);
	pid = info->pid;
	ssi_hosted_put(h);
	return pid;
}

/**
 * ssi_hosted_count - sums
 * @si: instance
 * @guests: filled in with how many processes are hosted
 * @pages: filled in with how many pages of others are held
 */
void ssi_hosted_count(struct ssi_instance *si, u64 *guests, u64 *pages)
{
	struct ssi_store *st = NULL;
	struct ssi_hosted *h;
	unsigned long sid;

	*guests = 0;
	*pages = 0;
	while ((st = ssi_store_next(st))) {
		if (st->node->inst != si)
			continue;
		*pages += atomic_long_read(&st->nr_pages);
		xa_for_each(&st->hosted, sid, h)
			(*guests)++;
	}
}

/**
 * ssi_hosted_init - write the image that leaders execute
 *
 * Return: 0 or a negative errno.
 */
int __init ssi_hosted_init(void)
{
	struct file_system_type *type = get_fs_type("ramfs");
	struct file *file;
	loff_t pos = 0;
	ssize_t n;

	if (!type)
		return -ENODEV;
	ssi_image_mnt = kern_mount(type);
	if (IS_ERR(ssi_image_mnt))
		return PTR_ERR(ssi_image_mnt);
	file = file_open_root_mnt(ssi_image_mnt, SSI_IMAGE_NAME, O_CREAT | O_WRONLY, 0700);
	if (IS_ERR(file))
		return PTR_ERR(file);
	n = kernel_write(file, SSI_IMAGE_MAGIC, strlen(SSI_IMAGE_MAGIC), &pos);
	fput(file);
	/* a file that is open for writing cannot be executed */
	flush_delayed_fput();
	if (n != strlen(SSI_IMAGE_MAGIC))
		return n < 0 ? n : -EIO;
	register_binfmt(&ssi_hosted_format);
	return 0;
}
