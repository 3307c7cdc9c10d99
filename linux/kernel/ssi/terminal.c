// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the controlling terminals of programs that were placed on other nodes
 */

/**
 * DOC: controlling terminals
 *
 * A terminal belongs to a session of the node where it is, and has one process group in the
 * foreground there. A program that is placed on another node is the leader of a group in
 * a session of its own, which its keeper (placed.c) leads. So there is job control at two
 * levels, as with a shell in a shell: at home the stub's process group has the terminal
 * or has not; and which group of the program's session has it, as long as the stub's has,
 * is known by a struct ssi_terminal at the program's node. tcsetpgrp() there
 * changes that, and a signal of the keyboard, which the stub gets, is for that group.
 *
 * Who is in the background is stopped as __tty_check_change() does it. Whether the terminal
 * is for the foreground only, and what is in the foreground at home, is known at home: so
 * a read, a write or a change says with whose terminal it is done, and whether by a group
 * that is not in the foreground at the program's node. If it is not to be done, that
 * is the answer, and the caller's node sends the SIGTTIN or SIGTTOU. A program that a
 * placed program starts on a third node has one level more.
 *
 * /dev/tty is exported with the files of a program. Its node opens /dev/tty for the program and
 * for who shares the session, by a hook in tty_open(), as another proxy of that.
 *
 * Unhappy paths: the stub has ended, and somebody that the program has left behind reads: he
 * is in an orphaned process group in the background, -EIO. The loss of the node is -EIO for all
 * files of it. Whose memory was too short for a struct ssi_terminal is not started; without
 * room for one file more a program is started without /dev/tty.
 *
 * Locks: &struct ssi_terminal.lock is innermost.
 */

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/ssi_tty.h>
#include <linux/termios.h>
#include <linux/tty.h>
#include <linux/uaccess.h>

#include "fileop.h"
#include "placed.h"
#include "placemsg.h"
#include "proxy.h"
#include "terminal.h"

/**
 * struct ssi_terminal - what the terminal of a stub is to the session of its program
 * @ref: held by the keeper of the program and by proxies
 * @stub: id that the other node has given the stub
 * @session: of the program; referenced
 * @lock: protects @foreground and @file
 * @foreground: process group of the session that has the terminal when the stub's has it;
 *	referenced
 * @file: proxy of what /dev/tty means; NULL if there is none, or after the program's end
 */
struct ssi_terminal {
	refcount_t ref;
	u64 stub;
	struct pid *session;
	spinlock_t lock;		/* innermost */
	struct pid *foreground;
	struct file *file;
};

/**
 * ssi_terminal_alloc - the session of current is that of a program with a stub
 * @stub: id of that
 *
 * Context: the program's keeper; sleeps for memory.
 * Return: the terminal, or NULL without memory.
 */
struct ssi_terminal *ssi_terminal_alloc(u64 stub)
{
	struct ssi_terminal *t = kzalloc_obj(*t, GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	refcount_set(&t->ref, 1);
	spin_lock_init(&t->lock);
	t->stub = stub;
	t->session = get_pid(task_session(current));
	return t;
}

/**
 * ssi_terminal_get - one more reference
 * @t: terminal, or NULL
 *
 * Return: @t.
 */
struct ssi_terminal *ssi_terminal_get(struct ssi_terminal *t)
{
	if (t)
		refcount_inc(&t->ref);
	return t;
}

/**
 * ssi_terminal_put - give a reference back
 * @t: terminal, or NULL
 *
 * Context: any.
 */
void ssi_terminal_put(struct ssi_terminal *t)
{
	if (!t || !refcount_dec_and_test(&t->ref))
		return;
	put_pid(t->session);
	put_pid(t->foreground);
	kfree(t);
}

static void ssi_terminal_set_foreground(struct ssi_terminal *t, struct pid *pgrp)
{
	struct pid *old;

	get_pid(pgrp);
	spin_lock(&t->lock);
	old = t->foreground;
	t->foreground = pgrp;
	spin_unlock(&t->lock);
	put_pid(old);
}

static struct pid *ssi_terminal_get_foreground(struct ssi_terminal *t)
{
	guard(spinlock)(&t->lock);
	return get_pid(t->foreground);
}

/**
 * ssi_terminal_begin - the process group of current is in the foreground
 * @t: terminal
 *
 * Context: the program's task, in its group.
 */
void ssi_terminal_begin(struct ssi_terminal *t)
{
	ssi_terminal_set_foreground(t, task_pgrp(current));
}

/**
 * ssi_terminal_set_file - this is what /dev/tty means
 * @t: terminal
 * @file: proxy, whose reference is given away
 *
 * Context: the program's task, which has not run yet.
 */
void ssi_terminal_set_file(struct ssi_terminal *t, struct file *file)
{
	guard(spinlock)(&t->lock);
	t->file = file;
}

/**
 * ssi_terminal_end - the program has ended: /dev/tty means nothing any more
 * @t: terminal, or NULL
 *
 * The proxy has a reference of the terminal, so this has to be called.
 *
 * Context: the program's keeper.
 */
void ssi_terminal_end(struct ssi_terminal *t)
{
	struct file *file;

	if (!t)
		return;
	scoped_guard(spinlock, &t->lock) {
		file = t->file;
		t->file = NULL;
	}
	if (file)
		fput(file);
}

/**
 * ssi_open_tty - open /dev/tty
 * @file: that is to be it
 *
 * Context: open(); sleeps; a fatal signal ends it.
 * Return: 0; -ENXIO if it is not the terminal of another node; else what that says.
 */
int ssi_open_tty(struct file *file)
{
	struct file *first = NULL;
	struct ssi_terminal *t;
	int err;

	/* one of this node */
	if (READ_ONCE(current->signal->tty))
		return -ENXIO;
	t = ssi_placed_terminal();
	if (!t)
		return -ENXIO;
	scoped_guard(spinlock, &t->lock)
		if (t->file)
			first = get_file(t->file);
	ssi_terminal_put(t);
	if (!first)
		return -ENXIO;
	err = ssi_proxy_open_as(first, file);
	fput(first);
	return err;
}

/**
 * ssi_terminal_signal - the stub got a signal of the keyboard
 * @t: terminal of the program
 * @but: a process group that gets it anyway, or NULL
 * @sig: the signal
 *
 * Context: any; does not sleep.
 * Return: false if nobody else is in the foreground.
 */
bool ssi_terminal_signal(struct ssi_terminal *t, const struct pid *but, int sig)
{
	struct pid *pgrp = ssi_terminal_get_foreground(t);
	int err = pgrp && pgrp != but ? kill_pgrp(pgrp, sig, 1) : -ESRCH;

	put_pid(pgrp);
	return !err;
}

/**
 * ssi_terminal_is_of - is a task of the session of a terminal?
 * @t: terminal, or NULL
 * @task: task
 *
 * Context: any.
 * Return: true if it is.
 */
bool ssi_terminal_is_of(struct ssi_terminal *t, struct task_struct *task)
{
	guard(rcu)();
	return t && task_session(task) == t->session;
}

static bool ssi_terminal_in_background(struct ssi_terminal *t, struct task_struct *task)
{
	guard(rcu)();
	guard(spinlock)(&t->lock);
	return task_pgrp(task) != t->foreground;
}

static bool ssi_terminal_ignored(int sig)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);

	return sigismember(&current->blocked, sig) ||
	       sighand->action[sig - 1].sa.sa_handler == SIG_IGN;
}

static int ssi_terminal_sig(const struct ssi_proxy_req *req)
{
	switch (req->op) {
	case SSI_FILE_READ:
		return SIGTTIN;
	case SSI_FILE_WRITE:
		return SIGTTOU;
	case SSI_FILE_IOCTL:
		return ssi_file_ioctl_changes(req->arg) ? SIGTTOU : 0;
	default:
		return 0;
	}
}

/**
 * ssi_terminal_ask - have an operation done only in the foreground
 * @t: what the file is to the caller's session, or NULL
 * @req: the operation, by current; filled in
 *
 * Context: process context.
 * Return: for ssi_terminal_stop() if it is not done; 0 if it will be.
 */
int ssi_terminal_ask(struct ssi_terminal *t, struct ssi_proxy_req *req)
{
	int sig = ssi_terminal_sig(req);

	/* who ignores SIGTTOU may do it */
	if (!sig || !ssi_terminal_is_of(t, current) ||
	    (sig == SIGTTOU && ssi_terminal_ignored(sig)))
		return 0;
	req->stub = t->stub;
	req->background = ssi_terminal_in_background(t, current);
	return sig;
}

/**
 * ssi_terminal_stop - current is in the background, and may not be
 * @sig: from ssi_terminal_ask(); 0 if nothing was asked
 *
 * As __tty_check_change() does.
 *
 * Context: process context.
 * Return: what the system call says.
 */
long ssi_terminal_stop(int sig)
{
	if (!sig || ssi_terminal_ignored(sig) || is_current_pgrp_orphaned())
		return -EIO;
	scoped_guard(rcu)
		kill_pgrp(task_pgrp(current), sig, 1);
	set_thread_flag(TIF_SIGPENDING);
	return -ERESTARTSYS;
}

/* Ask the node of a terminal, see ssi_terminal_foreground(). */
static long ssi_terminal_call(struct ssi_proxy *p, u64 op, u64 cmd, bool background)
{
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_FOREGROUND,
		.arg		= op,
		.pos		= cmd,
		.stub		= p->terminal->stub,
		.background	= background,
		/* no tcgetpgrp() is interrupted */
		.killable	= true,
	};

	return ssi_proxy_call(p, &req);
}

static long ssi_terminal_get_pgrp(struct ssi_proxy *p, pid_t __user *arg)
{
	struct pid *pgrp;
	long nr;

	nr = ssi_terminal_call(p, SSI_FILE_FOREGROUND, 0, false);
	if (nr < 0)
		return nr;
	if (!nr) {
		pgrp = ssi_terminal_get_foreground(p->terminal);
		nr = pid_vnr(pgrp);
		put_pid(pgrp);
	}
	return put_user((pid_t)nr, arg);
}

static struct pid *ssi_terminal_find_pgrp(pid_t nr)
{
	struct task_struct *task;
	struct pid *pgrp;

	guard(rcu)();
	pgrp = find_vpid(nr);
	if (!pgrp)
		return ERR_PTR(-ESRCH);
	task = pid_task(pgrp, PIDTYPE_PGID) ? : pid_task(pgrp, PIDTYPE_PID);
	if (!task || task_session(task) != task_session(current))
		return ERR_PTR(-EPERM);
	return get_pid(pgrp);
}

static long ssi_terminal_set_pgrp(struct ssi_proxy *p, pid_t __user *arg)
{
	struct pid *pgrp;
	pid_t nr;
	long ret;

	if (!ssi_terminal_ignored(SIGTTOU)) {
		ret = ssi_terminal_call(p, SSI_FILE_IOCTL, TIOCSPGRP,
					ssi_terminal_in_background(p->terminal, current));
		if (ret > 0)
			ret = ssi_terminal_stop(SIGTTOU);
		if (ret)
			return ret == -EIO ? -ENOTTY : ret;
	}
	if (get_user(nr, arg))
		return -EFAULT;
	if (nr < 0)
		return -EINVAL;
	pgrp = ssi_terminal_find_pgrp(nr);
	if (IS_ERR(pgrp))
		return PTR_ERR(pgrp);
	ssi_terminal_set_foreground(p->terminal, pgrp);
	put_pid(pgrp);
	return 0;
}

/**
 * ssi_terminal_ioctl - ask for, or change, what has a terminal of another node
 * @p: proxy of the terminal
 * @cmd: TIOCGPGRP, TIOCSPGRP or TIOCGSID
 * @arg: the process group or session
 *
 * Context: ioctl(); sleeps.
 * Return: what ioctl() says; -ENOTTY if it is not the controlling terminal of current.
 */
long ssi_terminal_ioctl(struct ssi_proxy *p, unsigned int cmd, pid_t __user *arg)
{
	if (!ssi_terminal_is_of(p->terminal, current))
		return -ENOTTY;
	switch (cmd) {
	case TIOCGPGRP:
		return ssi_terminal_get_pgrp(p, arg);
	case TIOCSPGRP:
		return ssi_terminal_set_pgrp(p, arg);
	default:
		return put_user(pid_vnr(p->terminal->session), arg);
	}
}

/* The controlling terminal of a task of this node. */
static struct tty_struct *ssi_terminal_tty(struct task_struct *task)
{
	struct sighand_struct *sighand;
	struct tty_struct *tty;
	unsigned long flags;

	sighand = lock_task_sighand(task, &flags);
	if (!sighand)
		return NULL;
	tty = tty_kref_get(task->signal->tty);
	spin_unlock_irqrestore(&sighand->siglock, flags);
	return tty;
}

static bool ssi_terminal_has_file(struct tty_struct *tty, struct file *file)
{
	struct tty_file_private *priv;

	guard(spinlock)(&tty->files_lock);
	list_for_each_entry(priv, &tty->tty_files, list)
		if (priv->file == file)
			return true;
	return false;
}

/**
 * ssi_terminal_is_controlling - is a file the controlling terminal of current?
 * @file: file
 *
 * Context: process context.
 * Return: true if it is.
 */
bool ssi_terminal_is_controlling(struct file *file)
{
	struct tty_struct *tty;
	struct ssi_proxy *p;
	bool is;

	if (ssi_proxy_is(file)) {
		p = file->private_data;
		return ssi_terminal_is_of(p->terminal, current);
	}
	tty = ssi_terminal_tty(current);
	is = tty && ssi_terminal_has_file(tty, file);
	tty_kref_put(tty);
	return is;
}

/* Is it for the foreground only? As n_tty and tty_ioctl() have it. */
static bool ssi_terminal_guards(struct tty_struct *tty, u64 op, u64 cmd)
{
	switch (op) {
	case SSI_FILE_WRITE:
		return L_TOSTOP(tty);
	case SSI_FILE_IOCTL:
		return ssi_file_ioctl_changes(cmd);
	default:
		return true;
	}
}

/* The number that @pgrp has for @task, if that is not in it, or @background. */
static long ssi_terminal_other(struct pid *pgrp, struct task_struct *task, bool background)
{
	guard(rcu)();
	if (!pgrp || (!background && pgrp == task_pgrp(task)))
		return 0;
	return pid_nr_ns(pgrp, task_active_pid_ns(task));
}

/* As will_become_orphaned_pgrp() has it: nobody would continue the group of a task. */
static bool ssi_terminal_orphaned(struct task_struct *task)
{
	struct task_struct *parent, *t;
	struct pid *pgrp;

	guard(read_lock)(&tasklist_lock);
	pgrp = task_pgrp(task);
	do_each_pid_task(pgrp, PIDTYPE_PGID, t) {
		parent = rcu_dereference_protected(t->real_parent,
						   lockdep_tasklist_lock_is_held());
		if ((t->exit_state && thread_group_empty(t)) || is_global_init(parent))
			continue;
		if (task_pgrp(parent) != pgrp && task_session(parent) == task_session(t))
			return false;
	} while_each_pid_task(pgrp, PIDTYPE_PGID, t);
	return true;
}

static long ssi_terminal_foreground_here(struct file *file, struct task_struct *stub, u64 op,
					 u64 cmd, bool background)
{
	struct tty_struct *tty = ssi_terminal_tty(stub);
	struct pid *pgrp = NULL;
	long ret;

	if (tty && ssi_terminal_has_file(tty, file) && ssi_terminal_guards(tty, op, cmd)) {
		guard(spinlock_irqsave)(&tty->ctrl.lock);
		pgrp = get_pid(tty->ctrl.pgrp);
	}
	ret = ssi_terminal_other(pgrp, stub, background);
	put_pid(pgrp);
	tty_kref_put(tty);
	return ret;
}

static long ssi_terminal_foreground_there(struct ssi_proxy *p, struct task_struct *stub, u64 op,
					  u64 cmd, bool background)
{
	struct pid *pgrp;
	long ret = 0;

	if (!ssi_terminal_is_of(p->terminal, stub))
		return 0;
	if (op == SSI_FILE_FOREGROUND) {
		pgrp = ssi_terminal_get_foreground(p->terminal);
		ret = ssi_terminal_other(pgrp, stub, false);
		put_pid(pgrp);
	}
	return ret ? : ssi_terminal_call(p, op, cmd, background ||
					 ssi_terminal_in_background(p->terminal, stub));
}

/**
 * ssi_terminal_foreground - may a program do it with the controlling terminal of its stub?
 * @file: the terminal, or a proxy of it
 * @stub: the stub
 * @op: what is to be done, enum ssi_file_op; SSI_FILE_FOREGROUND: only ask for the group
 * @cmd: command of an ioctl()
 * @background: who does it is not in the foreground of the program's node
 *
 * Context: process context; sleeps.
 * Return: 0 if it may; else the number of the process group that may, or a negative errno.
 */
long ssi_terminal_foreground(struct file *file, struct task_struct *stub, u64 op, u64 cmd,
			     bool background)
{
	long ret;

	if (ssi_proxy_is(file))
		ret = ssi_terminal_foreground_there(file->private_data, stub, op, cmd, background);
	else
		ret = ssi_terminal_foreground_here(file, stub, op, cmd, background);
	/* what would be stopped would be continued at once, and try again */
	if (ret > 0 && op != SSI_FILE_FOREGROUND && ssi_terminal_orphaned(stub))
		ret = -EIO;
	return ret;
}
