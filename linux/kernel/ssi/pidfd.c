// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: file descriptors that refer to processes of other nodes
 */

/**
 * DOC: pidfds of other nodes
 *
 * pidfd_open() with a number of another node makes a file that is no pidfd to the rest
 * of the kernel: what needs a task says EBADF. It can be polled, signals can be sent by
 * it, and PIDFD_GET_INFO is answered by the home. Like a pidfd it means one process for
 * ever, named by its number and its id, see ssi_pid_id().
 *
 * Who polls it first asks how far the process is, so that one that has ended is seen by a
 * poll() that does not wait; and has the home say when it goes on, see watch.c. That call
 * is open as long as the file, and wakes who waits.
 *
 * Unhappy paths: a node that is lost has no processes, so all have ended then. It
 * keeps that state when the node is back. One that does not answer the first question within
 * a second is asked again by the next poll().  Only if there is no memory to be told, here
 * or there, or the home watches too many, poll() reports an error.
 *
 * Locks: &struct ssi_pidfd.lock is held while the home is asked; the queue's lock is
 * innermost but for those of epoll.
 */

#include <linux/anon_inodes.h>
#include <linux/cleanup.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <linux/wait.h>
#include <uapi/linux/pidfd.h>

#include "node.h"
#include "op.h"
#include "pidfd.h"
#include "pidns.h"
#include "procfs.h"
#include "procmsg.h"
#include "rpc.h"
#include "watch.h"

/**
 * struct ssi_pidfd - a process or thread of another node
 * @nr: its number
 * @id: which of those that have this number one after the other
 * @ns: attached pid namespace that the number is of; referenced
 * @node: its home; referenced
 * @lock: protects the rest but for @wait
 * @state: as far as is known
 * @asked: whether the home was asked for it
 * @watched: whether @call was started, and its result is not in @state yet
 * @over: set before @wait is woken: @call is over, or will be at once
 * @call: ends when the process goes on from @state
 * @answer: of that
 * @wait: who polls
 */
struct ssi_pidfd {
	int nr;
	u64 id;
	struct pid_namespace *ns;
	struct ssi_node *node;
	struct mutex lock;		/* sleeps for the home */
	enum ssi_watch_state state;
	bool asked;
	bool watched;
	bool over;
	struct ssi_call call;
	struct ssi_wire_watched answer;
	wait_queue_head_t wait;
};

static long ssi_pidfd_call(struct ssi_pidfd *p, struct ssi_op_req *req)
{
	req->nr = p->nr;
	req->ns = p->ns;
	req->id = p->id;
	return READ_ONCE(p->state) == SSI_WATCH_GONE ? -ESRCH : ssi_op_call(req);
}

static void ssi_pidfd_wake(struct ssi_call *call)
{
	struct ssi_pidfd *p = container_of(call, struct ssi_pidfd, call);

	/* who is woken polls before ssi_call_done() says so, and not again */
	smp_store_release(&p->over, true);
	wake_up_all(&p->wait);
}

static void ssi_pidfd_set(struct ssi_pidfd *p, enum ssi_watch_state state)
{
	WRITE_ONCE(p->state, max(p->state, state));
}

/* Take the result of a watch that is over. */
static int ssi_pidfd_watched(struct ssi_pidfd *p)
{
	int err = ssi_call_wait(&p->call);

	p->watched = false;
	if (!err)
		ssi_pidfd_set(p, le32_to_cpu(p->answer.state));
	else if (err == -EHOSTDOWN)
		ssi_pidfd_set(p, SSI_WATCH_GONE);
	else
		return err;
	return 0;
}

/* Have the home say when it goes on. */
static int ssi_pidfd_watch(struct ssi_pidfd *p)
{
	struct ssi_wire_watch *wire;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_WATCH, sizeof(*wire), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	wire = msg->body;
	wire->id = cpu_to_le64(p->id);
	wire->nr = cpu_to_le32(p->nr);
	wire->state = cpu_to_le32(p->state);

	memset(&p->call, 0, sizeof(p->call));
	p->call.reply = &p->answer;
	p->call.reply_max = sizeof(p->answer);
	p->call.done = ssi_pidfd_wake;
	p->over = false;
	p->watched = true;
	/* what fails is over at once, and wakes nobody: it is taken right away */
	if (ssi_call_start(&p->call, p->node, ssi_node_epoch(p->node), msg))
		return ssi_pidfd_watched(p);
	return 0;
}

/* How far is it now? */
static int ssi_pidfd_ask(struct ssi_pidfd *p)
{
	struct ssi_op_req req = { .op = SSI_OP_PIDFD_STATE, .timeout = HZ };
	long ret = ssi_pidfd_call(p, &req);

	if (ret == -ESRCH)
		ret = SSI_WATCH_GONE;
	if (ret < 0)
		return ret;
	if (ret >= SSI_NR_WATCH_STATES)
		return -EIO;
	ssi_pidfd_set(p, ret);
	p->asked = true;
	return 0;
}

/* Learn what there is to know; and be told from now on. */
static int ssi_pidfd_update(struct ssi_pidfd *p)
{
	int err = 0;

	guard(mutex)(&p->lock);
	/* with what the call has written */
	if (p->watched && smp_load_acquire(&p->over))
		err = ssi_pidfd_watched(p);
	if (!err && !p->watched && p->state != SSI_WATCH_GONE)
		err = ssi_pidfd_watch(p);
	/* if it does not answer now, it says all the same when the process goes on */
	if (!err && !p->asked)
		ssi_pidfd_ask(p);
	return err;
}

static __poll_t ssi_pidfd_poll(struct file *file, struct poll_table_struct *pts)
{
	struct ssi_pidfd *p = file->private_data;

	poll_wait(file, &p->wait, pts);
	if (ssi_pidfd_update(p))
		return EPOLLERR;
	switch (READ_ONCE(p->state)) {
	case SSI_WATCH_GONE:
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	case SSI_WATCH_ZOMBIE:
		return EPOLLIN | EPOLLRDNORM;
	default:
		return 0;
	}
}

static int ssi_pidfd_release(struct inode *inode, struct file *file)
{
	struct ssi_pidfd *p = file->private_data;
	struct ssi_wire_unwatch *wire;
	struct ssi_msg *msg;

	if (p->watched && ssi_call_cancel(&p->call)) {
		/* without memory the home answers what nobody waits for */
		msg = ssi_msg_alloc(SSI_MSG_UNWATCH, sizeof(*wire), GFP_KERNEL);
		if (msg) {
			wire = msg->body;
			wire->seq = cpu_to_le64(p->call.seq);
			ssi_msg_send(p->node, p->call.epoch, msg);
		}
	}
	if (p->watched)
		ssi_call_wait(&p->call);
	ssi_node_put(p->node);
	put_pid_ns(p->ns);
	kfree(p);
	return 0;
}

/* The home says ids of the initial user namespace; show those of the caller's. */
static void ssi_pidfd_munge(struct pidfd_info *info)
{
	struct user_namespace *ns = current_user_ns();
	__u32 *uid[] = { &info->ruid, &info->euid, &info->suid, &info->fsuid };
	__u32 *gid[] = { &info->rgid, &info->egid, &info->sgid, &info->fsgid };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(uid); i++) {
		*uid[i] = from_kuid_munged(ns, make_kuid(&init_user_ns, *uid[i]));
		*gid[i] = from_kgid_munged(ns, make_kgid(&init_user_ns, *gid[i]));
	}
}

static long ssi_pidfd_info(struct ssi_pidfd *p, size_t usize, struct pidfd_info __user *uinfo)
{
	struct pidfd_info info = {};
	u64 mask;
	struct ssi_op_req req = {
		.op		= SSI_OP_PIDFD_INFO,
		.data		= &mask,
		.data_len	= sizeof(mask),
		.reply		= &info,
		.reply_max	= sizeof(info),
	};
	long ret;

	if (!uinfo)
		return -EINVAL;
	if (get_user(mask, &uinfo->mask))
		return -EFAULT;
	/* as for a process outside one's own namespaces */
	if (task_active_pid_ns(current) != p->ns)
		return -EREMOTE;
	ret = ssi_pidfd_call(p, &req);
	if (ret)
		return ret < 0 ? ret : -EIO;
	if (req.reply_len != sizeof(info))
		return -EIO;
	if (info.mask & PIDFD_INFO_CREDS)
		ssi_pidfd_munge(&info);
	return copy_struct_to_user(uinfo, usize, &info, sizeof(info), NULL);
}

/* As pidfs_ioctl_valid() of fs/pidfs.c has it. */
static long ssi_pidfd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case FS_IOC_GETVERSION:
		return arg ? put_user(0, (u32 __user *)arg) : -EINVAL;
	case PIDFD_GET_CGROUP_NAMESPACE:
	case PIDFD_GET_IPC_NAMESPACE:
	case PIDFD_GET_MNT_NAMESPACE:
	case PIDFD_GET_NET_NAMESPACE:
	case PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE:
	case PIDFD_GET_TIME_NAMESPACE:
	case PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE:
	case PIDFD_GET_UTS_NAMESPACE:
	case PIDFD_GET_USER_NAMESPACE:
	case PIDFD_GET_PID_NAMESPACE:
		/* namespaces are not the cluster's */
		return -EREMOTE;
	default:
		break;
	}
	if (extensible_ioctl_valid(cmd, PIDFD_GET_INFO, PIDFD_INFO_SIZE_VER0))
		return ssi_pidfd_info(file->private_data, _IOC_SIZE(cmd), (void __user *)arg);
	return -ENOIOCTLCMD;
}

#ifdef CONFIG_COMPAT
static long ssi_pidfd_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd == FS_IOC32_GETVERSION)
		cmd = FS_IOC_GETVERSION;
	return ssi_pidfd_ioctl(file, cmd, (unsigned long)compat_ptr(arg));
}
#endif

#ifdef CONFIG_PROC_FS
static void ssi_pidfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct ssi_pidfd *p = file->private_data;
	pid_t nr = 0;

	if (proc_pid_ns(file_inode(m->file)->i_sb) == p->ns)
		nr = READ_ONCE(p->state) == SSI_WATCH_GONE ? -1 : p->nr;
	seq_put_decimal_ll(m, "Pid:\t", nr);
	seq_put_decimal_ll(m, "\nNSpid:\t", nr);
	seq_putc(m, '\n');
}
#endif

static const struct file_operations ssi_pidfd_fops = {
	.release	= ssi_pidfd_release,
	.poll		= ssi_pidfd_poll,
	.unlocked_ioctl	= ssi_pidfd_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl	= ssi_pidfd_compat_ioctl,
#endif
#ifdef CONFIG_PROC_FS
	.show_fdinfo	= ssi_pidfd_show_fdinfo,
#endif
	.llseek		= noop_llseek,
};

/* The process, if it is there. */
static int ssi_pidfd_find(struct ssi_pidfd *p, unsigned int flags)
{
	__le64 id = 0;
	struct ssi_op_req req = {
		.op		= SSI_OP_PIDFD_OPEN,
		.nr		= p->nr,
		.ns		= p->ns,
		.arg		= { flags & PIDFD_THREAD },
		.reply		= &id,
		.reply_max	= sizeof(id),
	};
	long ret = ssi_op_call(&req);

	if (ret)
		return ret < 0 ? ret : -EIO;
	if (req.reply_len != sizeof(id) || !id)
		return -EIO;
	p->id = le64_to_cpu(id);
	return 0;
}

static struct ssi_pidfd *ssi_pidfd_alloc(pid_t nr)
{
	struct ssi_pidfd *p = kzalloc_obj(*p, GFP_KERNEL_ACCOUNT);

	if (!p)
		return NULL;
	p->nr = nr;
	p->ns = get_pid_ns(task_active_pid_ns(current));
	mutex_init(&p->lock);
	init_waitqueue_head(&p->wait);
	return p;
}

static void ssi_pidfd_free(struct ssi_pidfd *p)
{
	if (p->node)
		ssi_node_put(p->node);
	put_pid_ns(p->ns);
	kfree(p);
}

static int ssi_pidfd_install(struct ssi_pidfd *p, unsigned int flags)
{
	CLASS(get_unused_fd, fd)(O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_getfile("[pidfd]", &ssi_pidfd_fops, p,
				  O_RDWR | (flags & PIDFD_NONBLOCK));
	if (IS_ERR(file))
		return PTR_ERR(file);
	file->f_flags |= flags & PIDFD_THREAD;
	fd_install(fd, file);
	return take_fd(fd);
}

/**
 * ssi_pidfd_open - pidfd_open() of a process of another node
 * @nr: its number, for which ssi_pid_remote() is true
 * @flags: of the system call, which has checked them
 *
 * Context: process context; sleeps.
 * Return: a file descriptor; -ESRCH, -ENOENT for a thread that is no process without
 * PIDFD_THREAD, -EMFILE, or as ssi_op_call().
 */
int ssi_pidfd_open(pid_t nr, unsigned int flags)
{
	struct ssi_pidfd *p = ssi_pidfd_alloc(nr);
	int ret;

	if (!p)
		return -ENOMEM;
	p->node = ssi_op_home(p->ns, nr);
	ret = p->node ? ssi_pidfd_find(p, flags) : -ESRCH;
	if (!ret)
		ret = ssi_pidfd_install(p, flags);
	if (ret < 0)
		ssi_pidfd_free(p);
	return ret;
}

/**
 * __ssi_pidfd_remote - is this file a process of another node?
 * @file: file
 *
 * As fs/proc has it, /proc/PID is a pidfd for pidfd_send_signal().
 *
 * Context: any.
 * Return: true for a pidfd, or /proc/PID opened to be read.
 */
bool __ssi_pidfd_remote(const struct file *file)
{
	return file->f_op == &ssi_pidfd_fops || ssi_procfs_is_process(file);
}

/**
 * ssi_pidfd_process - the process that a file is
 * @file: file for which ssi_pidfd_remote() is true
 * @id: filled in with which of those that have its number
 *
 * Context: any.
 * Return: its number, or -ESRCH if it is known to be gone.
 */
int ssi_pidfd_process(const struct file *file, u64 *id)
{
	const struct ssi_pidfd *p = file->private_data;

	if (file->f_op != &ssi_pidfd_fops)
		return ssi_procfs_process(file, id);
	*id = p->id;
	return READ_ONCE(p->state) == SSI_WATCH_GONE ? -ESRCH : p->nr;
}

/**
 * __ssi_waitid_error - what waitid(P_PIDFD) says of a file that is no pidfd
 * @fd: the file descriptor
 * @error: why it is none
 *
 * Context: process context.
 * Return: -ECHILD for a process of another node, which is nobody's child here; else @error.
 */
int __ssi_waitid_error(int fd, int error)
{
	CLASS(fd, f)(fd);

	return !fd_empty(f) && fd_file(f)->f_op == &ssi_pidfd_fops ? -ECHILD : error;
}
