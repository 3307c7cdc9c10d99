// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what programs of other nodes do with files that are open here
 */

/**
 * DOC: calls for files
 *
 * What a program of another node does with an exported file is a call. A worker tries it
 * without waiting; if it would wait, the call is put into the wait queues of the file, as
 * poll(2) would be, and no worker is kept by it: a thousand readers of a thousand idle
 * pipes cost nobody a thread. Who is woken tries again. So one mechanism serves read(), write()
 * and poll(), and a signal there cancels the call here.
 *
 * What cannot be polled, regular files above all, is read and written without asking whether
 * that would wait.
 *
 * Unhappy paths: what does not know how not to wait, such as a terminal whose output was
 * stopped, or a file system that hangs, keeps a worker; these have a work queue of
 * their own, so that pipes and poll() go on. The loss of the peer cancels its calls. A
 * cancelled call is answered, since the peer waits for that: with what it did, if it had
 * begun.
 *
 * Locks: ssi_fileops_lock is outside that of the work queue only. An entry that is
 * woken holds the lock of a wait queue, and takes none.
 */

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/workqueue.h>

#include "caller.h"
#include "debugfs.h"
#include "export.h"
#include "fileop.h"
#include "node.h"
#include "placemsg.h"
#include "proxy.h"
#include "rpc.h"
#include "stub.h"
#include "terminal.h"
#include "ubuf.h"

/* A wait queue of a file that a call waits in. */
struct ssi_fileop_wait {
	struct wait_queue_entry entry;
	wait_queue_head_t *head;
	struct ssi_fileop *f;
};

/* a terminal has two */
#define SSI_FILEOP_QUEUES	4

/**
 * struct ssi_fileop - a call of a peer
 * @link: in ssi_fileops
 * @work: tries it
 * @ref: held by the list and by each queueing of @work
 * @node: the peer; referenced
 * @epoch: of the call
 * @seq: of the call
 * @file: what it is done with; referenced
 * @cred: whose rights count; referenced
 * @wq: where it is tried
 * @pt: collects @wait; its key are the events that are waited for
 * @nr_waits: used entries of @wait
 * @overflow: there were more
 * @tries: how often it should not have waited, and would have
 * @cancelled: it is to be answered now
 * @done: it was answered; only @work looks
 * @wait: wait queues
 * @w: what is asked for, with the data
 */
struct ssi_fileop {
	struct list_head link;
	struct delayed_work work;
	refcount_t ref;
	struct ssi_node *node;
	u32 epoch;
	u64 seq;
	struct file *file;
	const struct cred *cred;
	struct workqueue_struct *wq;
	poll_table pt;
	unsigned int nr_waits;
	bool overflow;
	unsigned int tries;
	bool cancelled;
	bool done;
	struct ssi_fileop_wait wait[SSI_FILEOP_QUEUES];
	struct ssi_wire_file w;
};

/* calls of all peers at a time, and those of them that may occupy a worker */
#define SSI_FILEOPS_MAX		65536
#define SSI_FILEOP_WORKERS	256
#define SSI_FILEOP_SLOW_WORKERS	256

/* who has to wait in a queue that there is no room for looks again */
#define SSI_FILEOP_RETRY	max(HZ / 20, 1)

static LIST_HEAD(ssi_fileops);
static DEFINE_SPINLOCK(ssi_fileops_lock);
static struct workqueue_struct *ssi_fileop_wq __ro_after_init;
static struct workqueue_struct *ssi_fileop_slow_wq __ro_after_init;

static void ssi_fileop_put(struct ssi_fileop *f)
{
	if (!refcount_dec_and_test(&f->ref))
		return;
	fput(f->file);
	put_cred(f->cred);
	ssi_node_put(f->node);
	kvfree(f);
	atomic_dec(&ssi_objects.fileops);
}

/* Have it tried; somebody keeps it alive. Any context. */
static void ssi_fileop_kick(struct ssi_fileop *f, unsigned long delay)
{
	refcount_inc(&f->ref);
	/* never the last one: the list has another until the work has ended it */
	if (delay ? queue_delayed_work(f->wq, &f->work, delay) :
		    !mod_delayed_work(f->wq, &f->work, 0))
		return;
	ssi_fileop_put(f);
}

static int ssi_fileop_wake(struct wait_queue_entry *entry, unsigned int mode, int flags,
			   void *key)
{
	struct ssi_fileop_wait *w = container_of(entry, struct ssi_fileop_wait, entry);
	__poll_t events = key_to_poll(key);

	if (events && !(events & w->f->pt._key))
		return 0;
	ssi_fileop_kick(w->f, 0);
	if (events & POLLFREE) {
		/* the queue goes away, as fs/aio.c has it: that is the last use of it */
		list_del_init(&entry->entry);
		/* after that: pairs with ssi_fileop_unwait() */
		smp_store_release(&w->head, NULL);
	}
	return 0;
}

static void ssi_fileop_queue(struct file *file, wait_queue_head_t *head, poll_table *pt)
{
	struct ssi_fileop *f = container_of(pt, struct ssi_fileop, pt);
	struct ssi_fileop_wait *w;

	if (f->nr_waits == ARRAY_SIZE(f->wait)) {
		f->overflow = true;
		return;
	}
	w = &f->wait[f->nr_waits++];
	init_waitqueue_func_entry(&w->entry, ssi_fileop_wake);
	w->head = head;
	w->f = f;
	add_wait_queue(head, &w->entry);
}

static void ssi_fileop_unwait(struct ssi_fileop *f)
{
	while (f->nr_waits) {
		struct ssi_fileop_wait *w = &f->wait[--f->nr_waits];
		wait_queue_head_t *head;

		/* a queue that goes away is freed after a grace period */
		guard(rcu)();
		/* pairs with ssi_fileop_wake() */
		head = smp_load_acquire(&w->head);
		if (head)
			remove_wait_queue(head, &w->entry);
	}
	f->overflow = false;
}

static bool ssi_fileop_polls(const struct ssi_fileop *f)
{
	return file_can_poll(f->file);
}

/* Can it be told not to wait? A FIFO's functions look at that, whatever its mode says. */
static bool ssi_fileop_nowait(const struct file *file)
{
	return (file->f_mode & FMODE_NOWAIT) || S_ISFIFO(file_inode(file)->i_mode);
}

/* Where is it tried? Who may wait must not keep those from their work who do not. */
static struct workqueue_struct *ssi_fileop_queue_of(const struct ssi_fileop *f)
{
	u32 op = le32_to_cpu(f->w.op);

	if (op == SSI_FILE_POLL ||
	    (op != SSI_FILE_OPEN && file_can_poll(f->file) && ssi_fileop_nowait(f->file) &&
	     !ssi_proxy_is(f->file)))
		return ssi_fileop_wq;
	return ssi_fileop_slow_wq;
}

static __poll_t ssi_fileop_events(const struct ssi_fileop *f)
{
	switch (le32_to_cpu(f->w.op)) {
	case SSI_FILE_READ:
		return EPOLLIN | EPOLLRDNORM | EPOLLPRI | EPOLLRDHUP | EPOLLERR | EPOLLHUP;
	case SSI_FILE_WRITE:
		return EPOLLOUT | EPOLLWRNORM | EPOLLERR | EPOLLHUP;
	default:
		return (__force __poll_t)le64_to_cpu(f->w.arg) | EPOLLERR | EPOLLHUP;
	}
}

/* Which of the events that it waits for are there? With @pt it is woken by the next. */
static __poll_t ssi_fileop_poll(struct ssi_fileop *f, poll_table *pt)
{
	if (!ssi_fileop_polls(f))
		return DEFAULT_POLLMASK & ssi_fileop_events(f);
	return vfs_poll(f->file, pt) & ssi_fileop_events(f);
}

static void ssi_fileop_reply(struct ssi_fileop *f, struct ssi_msg *msg, s64 value, size_t len)
{
	struct ssi_wire_file_done *done = msg->body;

	/* what is restarted is the call of the program, and that is its node's decision */
	if (value <= -ERESTARTSYS && value >= -ERESTART_RESTARTBLOCK)
		value = -EINTR;
	else if (value <= -ERESTARTSYS && value >= -MAX_ERRNO)
		value = -EIO;
	done->value = cpu_to_le64(value);
	msg->len = struct_size(done, data, len);
	ssi_reply(f->node, f->epoch, f->seq, msg);
}

static void ssi_fileop_value(struct ssi_fileop *f, s64 value)
{
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_FILE_DONE, sizeof(struct ssi_wire_file_done),
					    GFP_KERNEL);

	if (msg)
		ssi_fileop_reply(f, msg, value, 0);
	else
		ssi_reply_error(f->node, f->epoch, f->seq, SSI_LANE_USER, -ENOMEM);
}

/* The limit of the program for the size of a file: its worker here has none. */
static ssize_t ssi_fileop_limit(struct ssi_fileop *f, const struct kiocb *iocb, size_t len)
{
	u64 limit = le64_to_cpu(f->w.arg);
	struct inode *inode = file_inode(f->file);
	loff_t pos = iocb->ki_flags & IOCB_APPEND ? i_size_read(inode) : iocb->ki_pos;

	/* the size of what is open elsewhere is known there */
	if (!S_ISREG(inode->i_mode) || !len || limit >= LLONG_MAX || ssi_proxy_is(f->file))
		return len;
	if (pos >= (loff_t)limit)
		return -EFBIG;
	return min_t(u64, len, limit - pos);
}

/* Read or write, at the file's own position or another. */
static ssize_t ssi_fileop_rw(struct ssi_fileop *f, void *data, size_t len, bool write)
{
	loff_t pos = le64_to_cpu(f->w.pos);
	bool current_pos = pos == SSI_FILE_POS_CURRENT;
	bool lock = current_pos && (f->file->f_mode & FMODE_ATOMIC_POS);
	struct kvec kv = { .iov_base = data, .iov_len = len };
	struct iov_iter iter;
	struct kiocb iocb;
	ssize_t ret;

	init_sync_kiocb(&iocb, f->file);
	if (lock)
		mutex_lock(&f->file->f_pos_lock);
	if (!current_pos)
		iocb.ki_pos = pos;
	else if (!(f->file->f_mode & FMODE_STREAM))
		iocb.ki_pos = f->file->f_pos;
	if (ssi_fileop_polls(f) && ssi_fileop_nowait(f->file))
		iocb.ki_flags |= IOCB_NOWAIT;
	/* the program gets its SIGPIPE from its own node */
	iocb.ki_flags |= IOCB_NOSIGNAL;
	if (le32_to_cpu(f->w.flags) & SSI_FILE_SYNC_DATA)
		iocb.ki_flags |= IOCB_DSYNC | IOCB_SYNC;
	/* what is in a message is not aligned as devices want it */
	if (!S_ISFIFO(file_inode(f->file)->i_mode))
		iocb.ki_flags &= ~IOCB_DIRECT;
	if (write) {
		ret = ssi_fileop_limit(f, &iocb, len);
		if (ret < 0)
			goto unlock;
		len = ret;
	}
	iov_iter_kvec(&iter, write ? ITER_SOURCE : ITER_DEST, &kv, 1, len);
	scoped_with_creds(f->cred)
		ret = write ? vfs_iocb_iter_write(f->file, &iocb, &iter) :
			      vfs_iocb_iter_read(f->file, &iocb, &iter);
	if (ret > 0 && current_pos && !(f->file->f_mode & FMODE_STREAM))
		f->file->f_pos = iocb.ki_pos;
unlock:
	if (lock)
		mutex_unlock(&f->file->f_pos_lock);
	return ret;
}

/* An answer with so much data; without memory for it that is the answer. */
static struct ssi_msg *ssi_fileop_answer(struct ssi_fileop *f, size_t len)
{
	struct ssi_msg *msg = ssi_msg_alloc(SSI_MSG_FILE_DONE,
					    struct_size_t(struct ssi_wire_file_done, data, len),
					    GFP_KERNEL);

	if (!msg)
		ssi_fileop_value(f, -ENOMEM);
	return msg;
}

/* These return -EAGAIN if it would have to wait, and else have answered. */

static int ssi_fileop_read(struct ssi_fileop *f)
{
	size_t len = le32_to_cpu(f->w.len);
	struct ssi_wire_file_done *done;
	struct ssi_msg *msg;
	ssize_t ret;

	msg = ssi_fileop_answer(f, len);
	if (!msg)
		return 0;
	done = msg->body;
	ret = ssi_fileop_rw(f, done->data, len, false);
	if (ret == -EAGAIN) {
		ssi_msg_free(msg);
		return ret;
	}
	ssi_fileop_reply(f, msg, ret, max(ret, 0));
	return 0;
}

static int ssi_fileop_write(struct ssi_fileop *f)
{
	ssize_t ret = ssi_fileop_rw(f, f->w.data, le32_to_cpu(f->w.len), true);

	if (ret == -EAGAIN)
		return ret;
	ssi_fileop_value(f, ret);
	return 0;
}

static int ssi_fileop_seek(struct ssi_fileop *f)
{
	loff_t pos = le64_to_cpu(f->w.pos);
	int whence = le64_to_cpu(f->w.arg);

	if (f->file->f_mode & FMODE_ATOMIC_POS)
		mutex_lock(&f->file->f_pos_lock);
	scoped_with_creds(f->cred)
		pos = vfs_llseek(f->file, pos, whence);
	if (f->file->f_mode & FMODE_ATOMIC_POS)
		mutex_unlock(&f->file->f_pos_lock);
	ssi_fileop_value(f, pos);
	return 0;
}

static int ssi_fileop_stat(struct ssi_fileop *f)
{
	struct ssi_wire_file_done *done;
	struct ssi_wire_file_stat *w;
	struct ssi_msg *msg;
	struct kstat st;
	int err;

	msg = ssi_fileop_answer(f, sizeof(*w));
	if (!msg)
		return 0;
	done = msg->body;
	w = (void *)done->data;
	scoped_with_creds(f->cred)
		err = vfs_getattr(&f->file->f_path, &st, STATX_BASIC_STATS, 0);
	if (!err) {
		w->size = cpu_to_le64(st.size);
		w->blocks = cpu_to_le64(st.blocks);
		w->ino = cpu_to_le64(st.ino);
		w->sec[0] = cpu_to_le64(st.atime.tv_sec);
		w->sec[1] = cpu_to_le64(st.mtime.tv_sec);
		w->sec[2] = cpu_to_le64(st.ctime.tv_sec);
		w->nsec[0] = cpu_to_le32(st.atime.tv_nsec);
		w->nsec[1] = cpu_to_le32(st.mtime.tv_nsec);
		w->nsec[2] = cpu_to_le32(st.ctime.tv_nsec);
		w->mode = cpu_to_le32(st.mode);
		w->uid = cpu_to_le32(from_kuid(&init_user_ns, st.uid));
		w->gid = cpu_to_le32(from_kgid(&init_user_ns, st.gid));
		w->nlink = cpu_to_le32(st.nlink);
		w->blksize = cpu_to_le32(st.blksize);
		w->dev = cpu_to_le32(st.dev);
		w->rdev = cpu_to_le32(st.rdev);
	}
	ssi_fileop_reply(f, msg, err, err ? 0 : sizeof(*w));
	return 0;
}

static long ssi_fileop_do_ioctl(struct ssi_fileop *f, struct ssi_ubuf *u, void *data)
{
	unsigned int cmd = le64_to_cpu(f->w.arg);
	unsigned long arg = le64_to_cpu(f->w.pos);
	size_t in, out;
	long ret;

	if (!ssi_file_ioctl(cmd, &in, &out) || in != le32_to_cpu(f->w.len))
		return -ENOTTY;
	if (!f->file->f_op->unlocked_ioctl)
		return -ENOTTY;
	if (in || out) {
		ret = ssi_ubuf_get(u);
		if (ret)
			return ret;
		arg = (unsigned long)u->addr;
		if (copy_to_user(u->addr, f->w.data, in))
			return -EFAULT;
	}
	scoped_with_creds(f->cred) {
		ret = security_file_ioctl(f->file, cmd, arg);
		if (!ret)
			ret = f->file->f_op->unlocked_ioctl(f->file, cmd, arg);
	}
	if (ret >= 0 && copy_from_user(data, u->addr, out))
		return -EFAULT;
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

static int ssi_fileop_ioctl(struct ssi_fileop *f)
{
	struct ssi_wire_file_done *done;
	struct ssi_ubuf u = {};
	size_t in, out = 0;
	struct ssi_msg *msg;
	long ret;

	ssi_file_ioctl(le64_to_cpu(f->w.arg), &in, &out);
	msg = ssi_fileop_answer(f, out);
	if (!msg)
		return 0;
	done = msg->body;
	ret = ssi_fileop_do_ioctl(f, &u, done->data);
	ssi_ubuf_free(&u);
	ssi_fileop_reply(f, msg, ret, ret < 0 ? 0 : out);
	return 0;
}

/* Under the rights of who opens it, as through /proc/PID/fd; -EAGAIN if it would wait. */
static struct file *ssi_fileop_do_open(struct ssi_fileop *f)
{
	const struct ssi_wire_file_open *w = (const void *)f->w.data;
	int flags = le64_to_cpu(f->w.arg) & SSI_FILE_OPEN_FLAGS;
	struct cred *cred;
	struct file *file;

	/* to whom it means what it does may open it, and it means something to nobody here */
	if (file_inode(f->file)->i_rdev == MKDEV(TTYAUX_MAJOR, 0))
		return get_file(f->file);
	cred = ssi_caller_cred(&w->caller, w->group);
	if (IS_ERR(cred))
		return ERR_CAST(cred);
	/* who waits for a lease, or the other end of a pipe, would keep a worker */
	scoped_with_creds(cred)
		file = file_open_root(&f->file->f_path, "", flags | O_NOCTTY | O_NONBLOCK, 0);
	put_cred(cred);
	if (!IS_ERR(file) && !(flags & O_NONBLOCK)) {
		spin_lock(&file->f_lock);
		file->f_flags &= ~O_NONBLOCK;
		spin_unlock(&file->f_lock);
	}
	return file;
}

/* Export what was opened, unless nobody waits for it any more. */
static int ssi_fileop_export(struct ssi_fileop *f, struct file *file, u32 *handle)
{
	bool cancelled;
	int err;

	err = ssi_export_add(file, f->node, f->epoch, f->seq, handle);
	if (err)
		return err;
	/* whoever cancels it later finds it: see ssi_file_handle_close() */
	spin_lock(&ssi_fileops_lock);
	cancelled = f->cancelled;
	spin_unlock(&ssi_fileops_lock);
	if (!cancelled && ssi_node_epoch(f->node) == f->epoch)
		return 0;
	ssi_export_drop(f->node, *handle);
	return -EINTR;
}

static int ssi_fileop_open(struct ssi_fileop *f)
{
	struct ssi_wire_file_done *done;
	struct ssi_wire_open_file *w;
	struct ssi_msg *msg;
	struct file *file;
	u32 handle;
	int err;

	msg = ssi_fileop_answer(f, sizeof(*w));
	if (!msg)
		return 0;
	done = msg->body;
	w = (void *)done->data;
	file = ssi_fileop_do_open(f);
	if (IS_ERR(file)) {
		/* a lease is being given back */
		if (PTR_ERR(file) == -EAGAIN && !(le64_to_cpu(f->w.arg) & O_NONBLOCK)) {
			ssi_msg_free(msg);
			return -EAGAIN;
		}
		ssi_fileop_reply(f, msg, PTR_ERR(file), 0);
		return 0;
	}
	err = ssi_fileop_export(f, file, &handle);
	if (!err)
		ssi_export_describe(file, handle, w);
	fput(file);
	ssi_fileop_reply(f, msg, err, err ? 0 : sizeof(*w));
	return 0;
}

/* Is it for who is in the foreground of the terminal? See ssi_terminal_foreground(). */
static long ssi_fileop_foreground(struct ssi_fileop *f, u64 op, u64 cmd)
{
	bool background = le32_to_cpu(f->w.flags) & SSI_FILE_BACKGROUND;
	struct task_struct *stub;
	long ret;

	stub = ssi_stub_task(f->node, f->epoch, le64_to_cpu(f->w.stub));
	/* what the program has left behind is in the background for ever */
	if (!stub)
		return op == SSI_FILE_WRITE ? 0 : -EIO;
	ret = ssi_terminal_foreground(f->file, stub, op, cmd, background);
	put_task_struct(stub);
	return ret;
}

/* Has it been answered since it is done from the background? */
static bool ssi_fileop_stopped(struct ssi_fileop *f)
{
	u32 op = le32_to_cpu(f->w.op);
	long ret;

	if (!f->w.stub || op == SSI_FILE_FOREGROUND)
		return false;
	ret = ssi_fileop_foreground(f, op, le64_to_cpu(f->w.arg));
	if (ret)
		ssi_fileop_value(f, ret < 0 ? ret : -SSI_FILE_STOPPED);
	return ret;
}

/* Try it. Returns -EAGAIN if it would have to wait, and has answered else. */
static int ssi_fileop_try(struct ssi_fileop *f)
{
	__poll_t events;

	switch (le32_to_cpu(f->w.op)) {
	case SSI_FILE_READ:
		return ssi_fileop_poll(f, NULL) ? ssi_fileop_read(f) : -EAGAIN;
	case SSI_FILE_WRITE:
		return ssi_fileop_poll(f, NULL) ? ssi_fileop_write(f) : -EAGAIN;
	case SSI_FILE_POLL:
		events = ssi_fileop_poll(f, NULL);
		if (!events)
			return -EAGAIN;
		ssi_fileop_value(f, (__force u32)events);
		return 0;
	case SSI_FILE_SEEK:
		return ssi_fileop_seek(f);
	case SSI_FILE_STAT:
		return ssi_fileop_stat(f);
	case SSI_FILE_IOCTL:
		return ssi_fileop_ioctl(f);
	case SSI_FILE_OPEN:
		return ssi_fileop_open(f);
	case SSI_FILE_FOREGROUND:
		ssi_fileop_value(f, ssi_fileop_foreground(f, le64_to_cpu(f->w.arg),
							  le64_to_cpu(f->w.pos)));
		return 0;
	default:
		ssi_fileop_value(f, vfs_fsync(f->file, le64_to_cpu(f->w.arg)));
		return 0;
	}
}

/* Try it until it is answered, or nothing can be done. Returns whether it was answered. */
static bool ssi_fileop_run(struct ssi_fileop *f)
{
	bool nowait = le32_to_cpu(f->w.flags) & SSI_FILE_NOWAIT;

	if (!f->tries && ssi_fileop_stopped(f))
		return true;
	for (;;) {
		if (!ssi_fileop_try(f))
			return true;
		if (nowait || READ_ONCE(f->cancelled)) {
			ssi_fileop_value(f, nowait ? -EAGAIN : -EINTR);
			return true;
		}
		/* what says that it does not wait, and does; and what has no queue */
		if (f->tries++ > 16 || le32_to_cpu(f->w.op) == SSI_FILE_OPEN) {
			ssi_fileop_kick(f, SSI_FILEOP_RETRY);
			return false;
		}
		init_poll_funcptr(&f->pt, ssi_fileop_queue);
		f->pt._key = ssi_fileop_events(f);
		if (!ssi_fileop_poll(f, &f->pt)) {
			if (f->overflow)
				ssi_fileop_kick(f, SSI_FILEOP_RETRY);
			f->tries = 0;
			return false;
		}
		ssi_fileop_unwait(f);
	}
}

static void ssi_fileop_work(struct work_struct *work)
{
	struct ssi_fileop *f = container_of(to_delayed_work(work), struct ssi_fileop, work);

	if (!f->done) {
		ssi_fileop_unwait(f);
		if (ssi_fileop_run(f)) {
			f->done = true;
			spin_lock(&ssi_fileops_lock);
			list_del(&f->link);
			spin_unlock(&ssi_fileops_lock);
			ssi_fileop_put(f);
		}
	}
	ssi_fileop_put(f);
}

static void ssi_fileop_begin(struct ssi_rx *rx, struct file *file, const struct cred *cred)
{
	struct ssi_fileop *f;

	f = kvzalloc(sizeof(*f) + rx->len - sizeof(f->w), GFP_KERNEL);
	if (!f) {
		fput(file);
		put_cred(cred);
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOMEM);
		return;
	}
	atomic_inc(&ssi_objects.fileops);
	INIT_DELAYED_WORK(&f->work, ssi_fileop_work);
	refcount_set(&f->ref, 1);
	f->node = ssi_node_get(rx->node);
	f->epoch = rx->epoch;
	f->seq = rx->seq;
	f->file = file;
	f->cred = cred;
	/* before its first use */
	f->w.op = ((const struct ssi_wire_file *)rx->body)->op;
	f->wq = ssi_fileop_queue_of(f);
	unsafe_memcpy(&f->w, rx->body, rx->len, /* with the data: allocated above */);
	spin_lock(&ssi_fileops_lock);
	list_add(&f->link, &ssi_fileops);
	spin_unlock(&ssi_fileops_lock);
	ssi_fileop_kick(f, 0);
}

/**
 * ssi_file_handle - do something with a file for a program of a peer
 * @rx: SSI_MSG_FILE
 *
 * Context: receiver thread of the user lane; sleeps for memory.
 */
void ssi_file_handle(struct ssi_rx *rx)
{
	const struct ssi_wire_file *w = rx->body;
	const struct cred *cred;
	struct file *file;

	if (!rx->call)
		return;
	if (atomic_read(&ssi_objects.fileops) >= SSI_FILEOPS_MAX) {
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -ENOBUFS);
		return;
	}
	file = ssi_export_file(rx->node, rx->epoch, le32_to_cpu(w->handle), &cred);
	if (file)
		ssi_fileop_begin(rx, file, cred);
	else
		ssi_reply_error(rx->node, rx->epoch, rx->seq, rx->lane, -EBADF);
}

/* Answer calls of a peer now: that number @seq, or all. */
static void ssi_fileop_cancel(struct ssi_node *node, u32 epoch, u64 seq)
{
	struct ssi_fileop *f;

	spin_lock(&ssi_fileops_lock);
	list_for_each_entry(f, &ssi_fileops, link) {
		if (f->node != node || f->epoch != epoch || (seq && f->seq != seq))
			continue;
		WRITE_ONCE(f->cancelled, true);
		ssi_fileop_kick(f, 0);
	}
	spin_unlock(&ssi_fileops_lock);
}

/**
 * ssi_file_handle_cancel - answer a call now
 * @rx: SSI_MSG_FILE_CANCEL
 *
 * Context: receiver thread of the user lane.
 */
void ssi_file_handle_cancel(struct ssi_rx *rx)
{
	const struct ssi_wire_file_cancel *w = rx->body;
	u64 seq = le64_to_cpu(w->seq);

	if (seq)
		ssi_fileop_cancel(rx->node, rx->epoch, seq);
}

/**
 * ssi_fileop_peer_lost - a membership is over: end its calls
 * @node: the peer
 * @epoch: of the membership; its receivers have ended
 *
 * Context: process context.
 */
void ssi_fileop_peer_lost(struct ssi_node *node, u32 epoch)
{
	ssi_fileop_cancel(node, epoch, 0);
}

/**
 * ssi_fileop_init - make the work queues
 *
 * Return: 0 or -ENOMEM.
 */
int __init ssi_fileop_init(void)
{
	/* nothing is written while the machine goes to sleep */
	const unsigned int flags = WQ_UNBOUND | WQ_FREEZABLE;

	ssi_fileop_wq = alloc_workqueue("ssi-file", flags, SSI_FILEOP_WORKERS);
	if (!ssi_fileop_wq)
		return -ENOMEM;
	ssi_fileop_slow_wq = alloc_workqueue("ssi-file-slow", flags, SSI_FILEOP_SLOW_WORKERS);
	if (ssi_fileop_slow_wq)
		return 0;
	destroy_workqueue(ssi_fileop_wq);
	return -ENOMEM;
}
