// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: files of another node that programs here have open
 */

/**
 * DOC: proxies
 *
 * A program that was placed here has, where its predecessor had a file open, a proxy for
 * it: a file of a pseudo file system whose inode has the type and whose operations
 * are calls to the node where the file is open (export.c). That node keeps the
 * position: the proxy's own is a constant that says so, so that read() and pread() can be
 * told apart.
 *
 * A call waits interruptibly. A signal cancels it there, and its answer is awaited
 * all the same: a read that was done is not lost.
 *
 * poll() asks each time what there is, without waiting, and leaves a call behind that is
 * answered when there is more, one for each direction.
 *
 * Unhappy paths: with the membership all is over: -EIO, and poll() says EPOLLHUP. What no
 * memory can be found for at either side is -ENOMEM. SIGPIPE is raised here.
 */

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/termios.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/wait.h>

#include "fileop.h"
#include "node.h"
#include "placemsg.h"
#include "proxy.h"
#include "rpc.h"
#include "terminal.h"

#define SSI_PROXY_IN	(EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLPRI | EPOLLRDHUP)
#define SSI_PROXY_OUT	(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

static struct ssi_msg *ssi_proxy_msg(struct ssi_proxy *p, const struct ssi_proxy_req *req)
{
	size_t data_len = req->data ? req->len : 0;
	struct ssi_wire_file *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_FILE, sizeof(*w) + round_up(data_len, 8),
			    GFP_KERNEL_ACCOUNT);
	if (!msg)
		return NULL;
	w = msg->body;
	w->op = cpu_to_le32(req->op);
	w->handle = cpu_to_le32(p->handle);
	w->pos = cpu_to_le64(req->pos);
	w->arg = cpu_to_le64(req->arg);
	w->len = cpu_to_le32(req->len);
	w->flags = cpu_to_le32((req->nowait ? SSI_FILE_NOWAIT : 0) |
			       (req->sync ? SSI_FILE_SYNC_DATA : 0) |
			       (req->background ? SSI_FILE_BACKGROUND : 0));
	w->stub = cpu_to_le64(req->stub);
	if (data_len)
		memcpy(w->data, req->data, data_len);
	return msg;
}

static void ssi_proxy_cancel(struct ssi_proxy *p, struct ssi_call *call)
{
	struct ssi_wire_file_cancel *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_FILE_CANCEL, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->seq = cpu_to_le64(call->seq);
	ssi_msg_send(p->node, p->epoch, msg);
}

/* Wait for the answer, which a signal hastens. */
static int ssi_proxy_wait(struct ssi_proxy *p, struct ssi_call *call, bool killable)
{
	unsigned int state = killable ? TASK_KILLABLE : TASK_INTERRUPTIBLE;

	if (ssi_call_wait_state(call, state, MAX_SCHEDULE_TIMEOUT) > 0)
		return call->error;
	ssi_proxy_cancel(p, call);
	/* who is killed needs no answer, which may take long where a worker is stuck */
	state = TASK_KILLABLE | TASK_FREEZABLE;
	if (ssi_call_wait_state(call, state, MAX_SCHEDULE_TIMEOUT) > 0)
		return call->error;
	return ssi_call_cancel(call) ? -EINTR : ssi_call_wait(call);
}

/**
 * ssi_proxy_send_close - tell a node that a file of it is not used here any more
 * @node: the node
 * @epoch: membership that the handle is good for
 * @handle: what the node calls the file, or 0
 * @seq: number of the call that was to open it, if nobody knows the handle
 *
 * Context: process context; sleeps for memory.
 */
void ssi_proxy_send_close(struct ssi_node *node, u32 epoch, u32 handle, u64 seq)
{
	struct ssi_wire_file_close *w;
	struct ssi_msg *msg;

	msg = ssi_msg_alloc(SSI_MSG_FILE_CLOSE, sizeof(*w), GFP_KERNEL | __GFP_NOFAIL);
	w = msg->body;
	w->handle = cpu_to_le32(handle);
	w->seq = cpu_to_le64(seq);
	ssi_msg_send(node, epoch, msg);
}

/**
 * ssi_proxy_call - do something with a file of another node
 * @p: proxy of the file
 * @req: what to do; its answer is filled in
 *
 * Context: process context; sleeps, see &struct ssi_proxy_req.killable.
 * Return: what the file's node says, or -EIO if that is lost.
 */
long ssi_proxy_call(struct ssi_proxy *p, struct ssi_proxy_req *req)
{
	struct ssi_wire_file_done *done;
	struct ssi_call call = {};
	struct ssi_msg *msg;
	long ret = -ENOMEM;
	s64 value;
	int sig;

	sig = ssi_terminal_ask(p->terminal, req);
	done = kvzalloc(struct_size(done, data, req->reply_max), GFP_KERNEL_ACCOUNT);
	msg = done ? ssi_proxy_msg(p, req) : NULL;
	if (!msg)
		goto out;
	call.reply = done;
	call.reply_max = struct_size(done, data, req->reply_max);
	ret = ssi_call_start(&call, p->node, p->epoch, msg);
	if (!ret)
		ret = ssi_proxy_wait(p, &call, req->killable);
	if (ret) {
		/* a file that was opened for nobody */
		if (req->op == SSI_FILE_OPEN && call.seq)
			ssi_proxy_send_close(p->node, p->epoch, 0, call.seq);
		/* no peer may have a system call restarted, or worse */
		if (ret == -EHOSTDOWN || ret == -EMSGSIZE || ret == -EBADF || ret <= -ERESTARTSYS)
			ret = -EIO;
		goto interrupted;
	}
	value = le64_to_cpu(done->value);
	req->reply_len = call.reply_len - sizeof(*done);
	if (value < -MAX_ERRNO || (value < 0 && value <= -ERESTARTSYS))
		ret = -EIO;
	else
		ret = value;
	if (req->reply_len)
		memcpy(req->reply, done->data, req->reply_len);
	if (ret == -SSI_FILE_STOPPED)
		ret = ssi_terminal_stop(sig);
interrupted:
	if (ret == -EINTR && signal_pending(current))
		ret = -ERESTARTSYS;
out:
	kvfree(done);
	return ret;
}

static bool ssi_proxy_nowait(const struct kiocb *iocb)
{
	return (iocb->ki_filp->f_flags & O_NONBLOCK) || (iocb->ki_flags & IOCB_NOWAIT);
}

static void ssi_proxy_wake(struct ssi_call *call)
{
	struct ssi_proxy_watch *w = container_of(call, struct ssi_proxy_watch, call);

	/* who is woken polls before ssi_call_done() says so, and not again */
	smp_store_release(&w->over, true);
	wake_up_all(&w->p->wait);
}

static void ssi_proxy_unwatch(struct ssi_proxy *p, struct ssi_proxy_watch *w)
{
	if (!w->started)
		return;
	if (ssi_call_cancel(&w->call))
		ssi_proxy_cancel(p, &w->call);
	ssi_call_wait(&w->call);
	w->started = false;
}

/* Be told of events from now on, besides those that it waits for. */
static int ssi_proxy_watch(struct ssi_proxy *p, struct ssi_proxy_watch *w, __poll_t events)
{
	struct ssi_proxy_req req = { .op = SSI_FILE_POLL };
	struct ssi_msg *msg;
	int err = 0;

	/* with what the call has written */
	if (w->started && smp_load_acquire(&w->over)) {
		err = ssi_call_wait(&w->call);
		w->started = false;
	}
	if (err && err != -EHOSTDOWN)
		goto failed;
	if (w->started && !(events & ~w->events))
		return 0;
	if (w->started)
		events |= w->events;
	ssi_proxy_unwatch(p, w);
	req.arg = (__force u32)events;
	err = -ENOMEM;
	msg = ssi_proxy_msg(p, &req);
	if (!msg)
		goto failed;
	memset(&w->call, 0, sizeof(w->call));
	w->call.reply = &w->answer;
	w->call.reply_max = sizeof(w->answer);
	w->call.done = ssi_proxy_wake;
	w->events = events;
	w->over = false;
	w->started = true;
	if (!ssi_call_start(&w->call, p->node, p->epoch, msg))
		return 0;
	/* the loss of the node, which who polls anew finds out by itself */
	w->started = false;
	err = 0;
failed:
	/* whoever waits for the watch looks again */
	wake_up_all(&p->wait);
	return err;
}

/* A read or write found nothing, or not enough: who waits for an edge waits from now on. */
static void ssi_proxy_drained(struct ssi_proxy *p, struct ssi_proxy_watch *w)
{
	if (!READ_ONCE(w->edge))
		return;
	guard(mutex)(&p->lock);
	if (w->edge)
		ssi_proxy_watch(p, w, w->edge);
	w->edge = 0;
}

/* Some of what is wanted, as much as a message carries. */
static ssize_t ssi_proxy_read_some(struct kiocb *iocb, struct iov_iter *to)
{
	size_t len = min(iov_iter_count(to), SSI_FILE_MAX_DATA);
	struct ssi_proxy_req req = {
		.op	= SSI_FILE_READ,
		.pos	= iocb->ki_pos,
		.nowait	= ssi_proxy_nowait(iocb),
	};
	long ret;

	/* what was read there must not be lost here */
	len -= fault_in_iov_iter_writeable(to, len);
	if (!len)
		return -EFAULT;
	req.len = len;
	req.reply_max = len;
	req.reply = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!req.reply)
		return -ENOMEM;
	ret = ssi_proxy_call(iocb->ki_filp->private_data, &req);
	if (ret > 0 && ret != req.reply_len)
		ret = -EIO;
	if (ret > 0)
		ret = copy_to_iter(req.reply, ret, to) ? : -EFAULT;
	if (ret > 0 && iocb->ki_pos != SSI_FILE_POS_CURRENT)
		iocb->ki_pos += ret;
	kvfree(req.reply);
	return ret;
}

static ssize_t ssi_proxy_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	bool regular = S_ISREG(file_inode(iocb->ki_filp)->i_mode);
	struct ssi_proxy *p = iocb->ki_filp->private_data;
	ssize_t ret = 0, done = 0;
	size_t want;

	/* of a regular file all that there is; of others what came */
	do {
		want = min(iov_iter_count(to), SSI_FILE_MAX_DATA);
		if (!want)
			break;
		ret = ssi_proxy_read_some(iocb, to);
		if (ret > 0)
			done += ret;
	} while (regular && ret == want);
	/* what is short says that there is no more, whoever cut it short */
	if (iov_iter_count(to))
		ssi_proxy_drained(p, &p->in);
	return done ? : ret;
}

/* Some of the data, as much as a message carries. */
static ssize_t ssi_proxy_write_some(struct kiocb *iocb, struct iov_iter *from, void *buf)
{
	size_t len = min(iov_iter_count(from), SSI_FILE_MAX_DATA);
	struct ssi_proxy_req req = {
		.op	= SSI_FILE_WRITE,
		.pos	= iocb->ki_pos,
		.arg	= rlimit(RLIMIT_FSIZE),
		.nowait	= ssi_proxy_nowait(iocb),
		.sync	= iocb->ki_flags & (IOCB_DSYNC | IOCB_SYNC),
		.len	= len,
		.data	= buf,
	};
	size_t copied = copy_from_iter(buf, len, from);
	struct ssi_proxy *p = iocb->ki_filp->private_data;
	long ret;

	/* half a message is none */
	if (copied < len && (!copied || p->messages)) {
		iov_iter_revert(from, copied);
		return -EFAULT;
	}
	req.len = copied;
	ret = ssi_proxy_call(p, &req);
	if (ret > (long)copied)
		ret = -EIO;
	iov_iter_revert(from, copied - max(ret, 0));
	if (ret > 0 && iocb->ki_pos != SSI_FILE_POS_CURRENT)
		iocb->ki_pos += ret;
	return ret;
}

static ssize_t ssi_proxy_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = min(iov_iter_count(from), SSI_FILE_MAX_DATA);
	umode_t mode = file_inode(iocb->ki_filp)->i_mode;
	struct ssi_proxy *p = iocb->ki_filp->private_data;
	ssize_t ret = 0, written = 0;
	void *buf;

	/* the file appends if it was opened so: that cannot be changed from here */
	if (!(iocb->ki_flags & IOCB_APPEND) != !p->append)
		return -EOPNOTSUPP;
	/* as sockets have it for what is larger than they like */
	if (p->messages && iov_iter_count(from) > SSI_FILE_MAX_DATA)
		return -EMSGSIZE;
	buf = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	while (iov_iter_count(from)) {
		ret = ssi_proxy_write_some(iocb, from, buf);
		if (ret <= 0)
			break;
		written += ret;
		if (fatal_signal_pending(current))
			break;
	}
	kvfree(buf);
	if (ret == -EAGAIN)
		ssi_proxy_drained(p, &p->out);
	if (ret == -EPIPE && S_ISFIFO(mode) && !p->messages && !(iocb->ki_flags & IOCB_NOSIGNAL))
		send_sig(SIGPIPE, current, 0);
	if (ret == -EFBIG && !written)
		send_sig(SIGXFSZ, current, 0);
	return written ? : ret;
}

static __poll_t ssi_proxy_events(struct ssi_proxy *p, __poll_t events)
{
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_POLL,
		.arg		= (__force u32)events,
		.nowait		= true,
		.killable	= true,
	};
	long ret = ssi_proxy_call(p, &req);

	if (ret == -EAGAIN)
		return 0;
	if (ret < 0)
		return ret == -EIO ? EPOLLERR | EPOLLHUP : EPOLLERR;
	return (__force __poll_t)ret & (events | EPOLLERR | EPOLLHUP);
}

/* Look later for what is not there now, as of this direction. */
static int ssi_proxy_later(struct ssi_proxy *p, struct ssi_proxy_watch *w, __poll_t wanted,
			   __poll_t events)
{
	if (!wanted)
		return 0;
	if (events & (EPOLLERR | EPOLLHUP)) {
		/* nothing follows that */
		w->edge &= ~wanted;
		return 0;
	}
	if (events & wanted) {
		w->edge |= wanted;
		return 0;
	}
	w->edge &= ~wanted;
	return ssi_proxy_watch(p, w, wanted);
}

static __poll_t ssi_proxy_poll(struct file *file, struct poll_table_struct *pt)
{
	__poll_t wanted = poll_requested_events(pt) & (SSI_PROXY_IN | SSI_PROXY_OUT), events;
	struct ssi_proxy *p = file->private_data;
	int err;

	poll_wait(file, &p->wait, pt);
	events = ssi_proxy_events(p, wanted);
	/*
	 * Also for who does not wait now: epoll asks so, and waits for what comes later. What
	 * comes in between is there when the watch arrives.
	 */
	guard(mutex)(&p->lock);
	err = ssi_proxy_later(p, &p->out, wanted & SSI_PROXY_OUT, events);
	if (!err)
		err = ssi_proxy_later(p, &p->in, (wanted & SSI_PROXY_IN) ? : EPOLLRDHUP, events);
	return err ? EPOLLERR : events;
}

static loff_t ssi_proxy_llseek(struct file *file, loff_t offset, int whence)
{
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_SEEK,
		.pos		= offset,
		.arg		= whence,
		.killable	= true,
	};

	return ssi_proxy_call(file->private_data, &req);
}

static int ssi_proxy_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_SYNC,
		.arg		= !!datasync,
		.killable	= true,
	};

	return ssi_proxy_call(file->private_data, &req);
}

static long ssi_proxy_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u8 data[sizeof(struct termios2)] __aligned(8) = {};
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_IOCTL,
		.arg		= cmd,
		.data		= data,
		.reply		= data,
	};
	long ret;

	if (cmd == TIOCGPGRP || cmd == TIOCSPGRP || cmd == TIOCGSID)
		return ssi_terminal_ioctl(file->private_data, cmd, (pid_t __user *)arg);
	if (!ssi_file_ioctl(cmd, &req.len, &req.reply_max))
		return -ENOTTY;
	if (req.len > sizeof(data) || req.reply_max > sizeof(data))
		return -ENOTTY;
	if (!req.len && !req.reply_max)
		req.pos = arg;
	if (copy_from_user(data, (void __user *)arg, req.len))
		return -EFAULT;
	ret = ssi_proxy_call(file->private_data, &req);
	if (ret < 0)
		return ret;
	if (req.reply_len != req.reply_max)
		return -EIO;
	return copy_to_user((void __user *)arg, data, req.reply_len) ? -EFAULT : ret;
}

static int ssi_proxy_release(struct inode *inode, struct file *file)
{
	struct ssi_proxy *p = file->private_data;

	mutex_lock(&p->lock);
	ssi_proxy_unwatch(p, &p->in);
	ssi_proxy_unwatch(p, &p->out);
	mutex_unlock(&p->lock);
	/* that of the inode, which asks for the state of the file, ends with it */
	if (p != inode->i_private)
		ssi_proxy_free(p);
	return 0;
}

/*
 * What is spliced moves the position by what the other side took, which is not known here;
 * who is refused reads.
 */
static ssize_t ssi_proxy_splice_read(struct file *in, loff_t *ppos, struct pipe_inode_info *pipe,
				     size_t len, unsigned int flags)
{
	if (*ppos == SSI_FILE_POS_CURRENT && (in->f_mode & FMODE_LSEEK))
		return -EINVAL;
	return copy_splice_read(in, ppos, pipe, len, flags);
}

static ssize_t ssi_proxy_splice_write(struct pipe_inode_info *pipe, struct file *out,
				      loff_t *ppos, size_t len, unsigned int flags)
{
	if (*ppos == SSI_FILE_POS_CURRENT && (out->f_mode & FMODE_LSEEK))
		return -EINVAL;
	return iter_file_splice_write(pipe, out, ppos, len, flags);
}

/* The size is known elsewhere: who is refused copies by reads and writes. */
static ssize_t ssi_proxy_copy_range(struct file *in, loff_t pos_in, struct file *out,
				    loff_t pos_out, size_t len, unsigned int flags)
{
	return -EXDEV;
}

/* One that holds on this node alone would be worse than none. */
static int ssi_proxy_lock(struct file *file, int cmd, struct file_lock *fl)
{
	return -ENOLCK;
}

#define SSI_PROXY_FOPS						\
	.open			= ssi_proxy_reopen,		\
	.release		= ssi_proxy_release,		\
	.read_iter		= ssi_proxy_read_iter,		\
	.write_iter		= ssi_proxy_write_iter,		\
	.splice_read		= ssi_proxy_splice_read,	\
	.splice_write		= ssi_proxy_splice_write,	\
	.copy_file_range	= ssi_proxy_copy_range,		\
	.llseek			= ssi_proxy_llseek,		\
	.fsync			= ssi_proxy_fsync,		\
	.lock			= ssi_proxy_lock,		\
	.flock			= ssi_proxy_lock,		\
	.unlocked_ioctl		= ssi_proxy_ioctl,		\
	.compat_ioctl		= compat_ptr_ioctl

static const struct file_operations ssi_proxy_plain_fops = { SSI_PROXY_FOPS };
static const struct file_operations ssi_proxy_poll_fops = {
	SSI_PROXY_FOPS, .poll = ssi_proxy_poll,
};

/**
 * ssi_proxy_fops - the operations of proxies
 * @polls: of those for files that can be polled
 *
 * Return: what &struct inode.i_fop is to be.
 */
const struct file_operations *ssi_proxy_fops(bool polls)
{
	return polls ? &ssi_proxy_poll_fops : &ssi_proxy_plain_fops;
}

/**
 * ssi_proxy_is - is it a proxy?
 * @file: file
 *
 * Context: any.
 * Return: true if it is.
 */
bool ssi_proxy_is(const struct file *file)
{
	return file->f_op == &ssi_proxy_plain_fops || file->f_op == &ssi_proxy_poll_fops;
}

/**
 * ssi_proxy_keeps_messages - is it the proxy of a socket that keeps writes apart?
 * @file: file
 *
 * Context: any.
 * Return: true if it is.
 */
bool ssi_proxy_keeps_messages(const struct file *file)
{
	const struct ssi_proxy *p = file->private_data;

	return ssi_proxy_is(file) && p->messages;
}
