// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the namespaces and the root directory that programs of other nodes get
 */

/**
 * DOC: containers
 *
 * A member of the cluster is a whole system or a container: a pid namespace, which is attached
 * to it (pidns.c), and a network namespace. A program that execve() on another node starts here
 * is to find itself in what its caller had there, as far as that has a counterpart: the
 * namespaces of the init process of the attached pid namespace, and its root directory. For the
 * initial pid namespace these are what the kernel began with, whatever init has made of its own.
 *
 * So only who is in just these may start programs on other nodes: anything else that a process
 * has unshared has no counterpart there.
 *
 * A container's bounding set of capabilities bounds them, too. Its control groups and its security
 * label do not: see spawner.c. One that seccomp confines takes none.
 *
 * Unhappy paths: an init process that exits has no namespaces any more, and nothing begins.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs_struct.h>
#include <linux/init_task.h>
#include <linux/nsproxy.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seccomp.h>
#include <linux/user_namespace.h>

#include "container.h"
#include "instance.h"
#include "pidns.h"

/* The init process of a container, referenced; NULL: it is no container; -ESRCH: it has ended. */
static struct task_struct *ssi_container_init(struct ssi_instance *si)
{
	struct task_struct *init;
	struct ssi_pidns *p;

	guard(rcu)();
	p = rcu_dereference(si->pidns);
	if (!p || p->ns == &init_pid_ns)
		return NULL;
	/* not child_reaper, which is never cleared */
	init = pid_task(find_pid_ns(1, p->ns), PIDTYPE_TGID);
	return init ? get_task_struct(init) : ERR_PTR(-ESRCH);
}

/* Its namespaces, referenced. */
static struct nsproxy *ssi_container_namespaces(struct task_struct *init)
{
	struct nsproxy *ns;

	task_lock(init);
	ns = init->nsproxy;
	/* what it makes itself shall be in the namespace that is attached */
	if (ns && ns->pid_ns_for_children == task_active_pid_ns(init))
		get_nsproxy(ns);
	else
		ns = NULL;
	task_unlock(init);
	return ns;
}

static int ssi_container_root(struct task_struct *init, struct path *root)
{
	int err = -ESRCH;

	task_lock(init);
	if (init->fs) {
		get_fs_root(init->fs, root);
		err = 0;
	}
	task_unlock(init);
	return err;
}

static bool ssi_container_same(const struct nsproxy *a, const struct nsproxy *b)
{
	return a->pid_ns_for_children == b->pid_ns_for_children && a->mnt_ns == b->mnt_ns &&
	       a->uts_ns == b->uts_ns && a->ipc_ns == b->ipc_ns && a->net_ns == b->net_ns &&
	       a->cgroup_ns == b->cgroup_ns &&
	       a->time_ns_for_children == b->time_ns_for_children;
}

/**
 * ssi_container_has_current - is current in the namespaces that other nodes have as well?
 * @si: member
 *
 * Context: process context; sleeps.
 * Return: true if a program that it starts on another node is in their like there.
 */
bool ssi_container_has_current(struct ssi_instance *si)
{
	struct task_struct *init = ssi_container_init(si);
	struct nsproxy *ns;
	struct path root;
	bool has = false;

	if (!init)
		return current_user_ns() == &init_user_ns &&
		       task_active_pid_ns(current) == &init_pid_ns &&
		       ssi_container_same(current->nsproxy, init_task.nsproxy) &&
		       path_equal(&current->fs->root, &userspace_init_fs->root);
	if (IS_ERR(init))
		return false;
	ns = ssi_container_namespaces(init);
	if (ns && !ssi_container_root(init, &root)) {
		has = current_user_ns() == &init_user_ns &&
		      task_active_pid_ns(current) == ns->pid_ns_for_children &&
		      ssi_container_same(current->nsproxy, ns) &&
		      path_equal(&current->fs->root, &root);
		path_put(&root);
	}
	if (ns)
		put_nsproxy(ns);
	put_task_struct(init);
	return has;
}

/* Have children of current, a kernel thread, be in the container. */
static int ssi_container_enter(struct task_struct *init)
{
	struct nsproxy *ns;
	struct path root;
	int err;

	err = unshare_fs_struct();
	if (err)
		return err;
	/* what confines all that it makes does not confine what current makes */
	if (READ_ONCE(init->seccomp.mode) != SECCOMP_MODE_DISABLED)
		return -EPERM;
	ns = ssi_container_namespaces(init);
	if (!ns)
		return -ESRCH;
	switch_task_namespaces(current, ns);
	err = ssi_container_root(init, &root);
	if (err)
		return err;
	set_fs_root(current->fs, &root);
	set_fs_pwd(current->fs, &root);
	path_put(&root);
	return 0;
}

/**
 * ssi_container_bound - take capabilities that nobody in a container has
 * @si: member
 * @cred: new credentials of a program
 *
 * Context: process context.
 */
void ssi_container_bound(struct ssi_instance *si, struct cred *cred)
{
	struct task_struct *init = ssi_container_init(si);
	kernel_cap_t bset;

	if (IS_ERR_OR_NULL(init))
		return;
	scoped_guard(rcu)
		bset = __task_cred(init)->cap_bset;
	put_task_struct(init);
	cred->cap_bset = cap_intersect(cred->cap_bset, bset);
	cred->cap_permitted = cap_intersect(cred->cap_permitted, bset);
	cred->cap_effective = cap_intersect(cred->cap_effective, bset);
	cred->cap_inheritable = cap_intersect(cred->cap_inheritable, bset);
	cred->cap_ambient = cap_intersect(cred->cap_ambient, bset);
}

/**
 * ssi_container_spawn - make a task that is to be a program, as a child of current
 * @si: member, whose namespaces and root directory it gets
 * @fn: what it does, until it has executed the program
 * @arg: for @fn
 *
 * Context: process context, of a kernel thread that does nothing else any more; sleeps.
 * Return: the number of the task in the initial pid namespace, or a negative errno: -ESRCH if the
 * container ends; -EPERM if seccomp confines it.
 */
pid_t ssi_container_spawn(struct ssi_instance *si, int (*fn)(void *), void *arg)
{
	struct kernel_clone_args args = {
		.flags		= CLONE_VM | CLONE_UNTRACED,
		.exit_signal	= SIGCHLD,
		.fn		= fn,
		.fn_arg		= arg,
	};
	struct task_struct *init = ssi_container_init(si);
	int err;

	if (!init)
		return user_mode_thread(fn, arg, SIGCHLD);
	if (IS_ERR(init))
		return PTR_ERR(init);
	err = ssi_container_enter(init);
	put_task_struct(init);
	return err ? : kernel_clone(&args);
}
