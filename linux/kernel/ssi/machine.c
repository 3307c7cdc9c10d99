// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what /proc says of the machine that the cluster is
 */

/**
 * DOC: the cluster as one machine
 *
 * In a /proc of an attached pid namespace, stat, meminfo, loadavg, uptime and cpuinfo are
 * the cluster's: merged from what they read on each node, see merge.c. Who opens one
 * gets a file of ours instead, see ssi_proc_machine(). The nodes are asked when it is
 * read from its beginning, as programs do that keep it open, all at once, and not again
 * within a tenth of a second.
 *
 * Who wants to see the node alone mounts proc with view=node.  The init process of a node
 * sees the node alone, too, as in its listing of processes.
 *
 * Unhappy paths: a node that does not answer within a second is shown as it was last, and
 * asked again a second later; one that has never answered, or is no member any more, is not
 * there. What a counter of it had is missing then.
 *
 * Locks: &struct ssi_machine.lock is held while the nodes are asked.
 */

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/ssi_pid.h>
#include <linux/uio.h>

#include "instance.h"
#include "machine.h"
#include "merge.h"
#include "node.h"
#include "op.h"
#include "pidns.h"
#include "procmsg.h"

#define SSI_MACHINE_FRESH	(HZ / 10)	/* how long an answer is news */
#define SSI_MACHINE_TIMEOUT	HZ		/* how long one is waited for */
#define SSI_MACHINE_MAX		(8 * 1024 * 1024)	/* bytes of one node */

/**
 * struct ssi_machine_part - what a file reads on another node
 * @link: in &struct ssi_machine.parts, by node id
 * @node: id of the node
 * @epoch: of the membership when it was asked
 * @next: when it is asked again, in jiffies; 0: it never was
 * @text: what it read, NULL if it never answered
 * @len: bytes of it
 * @pending: an operation that is waited for, or NULL
 * @req: the same
 */
struct ssi_machine_part {
	struct list_head link;
	u32 node;
	u32 epoch;
	unsigned long next;
	char *text;
	size_t len;
	struct ssi_op_pending *pending;
	struct ssi_op_req req;
};

/**
 * struct ssi_machine_view - an open file
 * @which: which
 * @lock: protects the rest
 * @text: what it read last from its beginning
 * @len: bytes of it
 */
struct ssi_machine_view {
	enum ssi_machine_file which;
	struct mutex lock;		/* sleeps for other nodes */
	char *text;
	size_t len;
};

static void ssi_machine_part_free(struct ssi_machine_part *part)
{
	list_del(&part->link);
	kvfree(part->text);
	kfree(part);
}

/* The part of a node, which the file has from then on. NULL: no memory. */
static struct ssi_machine_part *ssi_machine_part(struct ssi_machine *m, u32 node)
{
	struct ssi_machine_part *part;
	struct list_head *next = &m->parts;

	list_for_each_entry(part, &m->parts, link) {
		if (part->node == node)
			return part;
		if (part->node > node) {
			next = &part->link;
			break;
		}
	}
	part = kzalloc_obj(*part);
	if (!part)
		return NULL;
	part->node = node;
	list_add_tail(&part->link, next);
	return part;
}

static void ssi_machine_ask(struct ssi_machine_part *part, enum ssi_machine_file which,
			    struct pid_namespace *ns, int nr)
{
	part->req = (struct ssi_op_req) {
		.op		= SSI_OP_PROC_MACHINE,
		.nr		= nr,
		.ns		= ns,
		.arg		= { 0, which },
		.reply		= kvmalloc(SSI_OP_MAX_REPLY, GFP_KERNEL),
		.reply_max	= SSI_OP_MAX_REPLY,
	};
	part->pending = part->req.reply ? ssi_op_start(&part->req) : ERR_PTR(-ENOMEM);
	if (IS_ERR(part->pending)) {
		kvfree(part->req.reply);
		part->pending = NULL;
	}
}

static bool ssi_machine_is_fresh(const struct ssi_machine_part *part)
{
	return part->next && time_before(jiffies, part->next);
}

/* Ask all members; forget who is none any more. */
static void ssi_machine_ask_all(struct ssi_machine *m, enum ssi_machine_file which,
				struct ssi_instance *si, struct pid_namespace *ns, int stride)
{
	struct ssi_machine_part *part, *next;
	struct ssi_node *node;
	u32 epoch;

	list_for_each_entry_safe(part, next, &m->parts, link) {
		node = ssi_node_lookup(si, part->node);
		if (!node || !ssi_node_is_member(node) || ssi_node_epoch(node) != part->epoch)
			ssi_machine_part_free(part);
		if (node)
			ssi_node_put(node);
	}
	ssi_node_for_each(si, node) {
		epoch = ssi_node_epoch(node);
		if (!ssi_node_is_member(node) || node->id > ssi_pid_max_node(stride))
			continue;
		part = ssi_machine_part(m, node->id);
		if (!part || ssi_machine_is_fresh(part))
			continue;
		part->epoch = epoch;
		ssi_machine_ask(part, which, ns, ssi_pid_first(node->id, stride));
	}
}

/* Read on where the first answer ended; returns the whole length, or a negative errno. */
static long ssi_machine_read_on(struct ssi_machine_part *part, unsigned long until)
{
	struct ssi_op_req *req = &part->req;
	size_t len = req->reply_len;
	char *all;
	long ret;

	while (req->reply_len == SSI_OP_MAX_REPLY && len + SSI_OP_MAX_REPLY <= SSI_MACHINE_MAX) {
		all = kvrealloc(req->reply, len + SSI_OP_MAX_REPLY, GFP_KERNEL);
		if (!all)
			return -ENOMEM;
		/* the piece is written behind what is there, which stays where it is */
		req->arg[0] = len;
		if (time_after_eq(jiffies, until))
			return -ETIMEDOUT;
		req->timeout = until - jiffies ? : 1;
		req->reply = all + len;
		ret = ssi_op_call(req);
		req->reply = all;
		if (ret)
			return ret < 0 ? ret : -EIO;
		len += req->reply_len;
	}
	return len;
}

static void ssi_machine_take(struct ssi_machine_part *part, unsigned long until)
{
	long left = until - jiffies, ret;

	ret = ssi_op_finish(&part->req, part->pending, max(left, 1));
	part->pending = NULL;
	/* how much was read is what has come, whatever the peer says */
	ret = ret ? -EIO : ssi_machine_read_on(part, until);
	if (ret <= 0) {
		kvfree(part->req.reply);
		part->next = jiffies + SSI_MACHINE_TIMEOUT;
		return;
	}
	kvfree(part->text);
	part->text = part->req.reply;
	part->len = ret;
	part->next = jiffies + SSI_MACHINE_FRESH;
}

static void ssi_machine_take_all(struct ssi_machine *m)
{
	unsigned long until = jiffies + SSI_MACHINE_TIMEOUT;
	struct ssi_machine_part *part;

	list_for_each_entry(part, &m->parts, link)
		if (part->pending)
			ssi_machine_take(part, until);
}

/* Merge what is there; @m: NULL for this node alone. */
static int ssi_machine_merge(struct ssi_machine *m, struct ssi_machine_view *v, char *own,
			     size_t own_len)
{
	LIST_HEAD(none);
	struct list_head *parts = m ? &m->parts : &none;
	size_t nr = 1 + list_count_nodes(parts), len = own_len, size;
	struct ssi_text *t __free(kvfree) = kvzalloc_objs(*t, 2 * nr);
	struct ssi_machine_part *part;
	unsigned int n = 1;
	char *text;

	if (!t)
		return -ENOMEM;
	t[0] = (struct ssi_text) { own, own_len };
	list_for_each_entry(part, parts, link) {
		if (!part->text)
			continue;
		t[n++] = (struct ssi_text) { part->text, part->len };
		len += part->len;
	}
	/* numbers get longer */
	size = 2 * len + 64;
	text = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!text)
		return -ENOMEM;
	kvfree(v->text);
	v->text = text;
	v->len = ssi_merge(v->which, t, t + nr, n, text, size);
	return 0;
}

static int ssi_machine_gather(struct ssi_machine_view *v, struct pid_namespace *ns, char *own,
			      size_t own_len)
{
	struct ssi_instance *si;
	struct ssi_machine *m;
	int stride = 0, ret;

	si = ssi_pidns_instance(ns, &stride);
	if (!si)
		return ssi_machine_merge(NULL, v, own, own_len);
	m = &si->machine[v->which];
	ret = mutex_lock_killable(&m->lock);
	if (!ret) {
		/* not after ssi_machine_forget(): nobody would free it */
		if (rcu_access_pointer(si->pidns)) {
			ssi_machine_ask_all(m, v->which, si, ns, stride);
			ssi_machine_take_all(m);
		}
		ret = ssi_machine_merge(m, v, own, own_len);
		mutex_unlock(&m->lock);
	}
	ssi_instance_put(si);
	return ret;
}

/* What this node's reads, whole; to be freed. */
static char *ssi_machine_own(struct pid_namespace *ns, enum ssi_machine_file which, size_t *len)
{
	size_t size = 16384;
	ssize_t ret;
	char *own;

	for (;; size *= 2) {
		own = kvmalloc(size, GFP_KERNEL_ACCOUNT);
		if (!own)
			return ERR_PTR(-ENOMEM);
		/* who has opened ours may read that; no other file need be his */
		scoped_with_kernel_creds()
			ret = ssi_machine_read(ns, which, own, size, 0);
		if (ret >= 0 && (ret < size || size >= SSI_MACHINE_MAX))
			break;
		kvfree(own);
		if (ret < 0)
			return ERR_PTR(ret);
	}
	*len = ret;
	return own;
}

static int ssi_machine_update(struct ssi_machine_view *v, struct pid_namespace *ns)
{
	size_t len;
	char *own = ssi_machine_own(ns, v->which, &len);
	int ret;

	if (IS_ERR(own))
		return PTR_ERR(own);
	ret = ssi_machine_gather(v, ns, own, len);
	kvfree(own);
	return ret;
}

static ssize_t ssi_machine_read_iter(struct kiocb *kiocb, struct iov_iter *to)
{
	struct ssi_machine_view *v = kiocb->ki_filp->private_data;
	size_t done;
	ssize_t ret;

	ret = mutex_lock_killable(&v->lock);
	if (ret)
		return ret;
	if (!kiocb->ki_pos || !v->text)
		ret = ssi_machine_update(v, proc_pid_ns(file_inode(kiocb->ki_filp)->i_sb));
	if (!ret && kiocb->ki_pos < v->len) {
		done = copy_to_iter(v->text + kiocb->ki_pos, v->len - kiocb->ki_pos, to);
		kiocb->ki_pos += done;
		ret = done ? done : iov_iter_count(to) ? -EFAULT : 0;
	}
	mutex_unlock(&v->lock);
	return ret;
}

static int ssi_machine_release(struct inode *inode, struct file *file)
{
	struct ssi_machine_view *v = file->private_data;

	kvfree(v->text);
	kfree(v);
	return 0;
}

static const struct file_operations ssi_machine_fops = {
	.llseek		= generic_file_llseek,
	.read_iter	= ssi_machine_read_iter,
	.splice_read	= copy_splice_read,
	.release	= ssi_machine_release,
};

/* Which of the files it is; or none: SSI_NR_MACHINE_FILES. */
static enum ssi_machine_file ssi_machine_which(const struct dentry *dentry)
{
	enum ssi_machine_file which;

	if (dentry->d_parent != dentry->d_sb->s_root)
		return SSI_NR_MACHINE_FILES;
	for (which = 0; which < SSI_NR_MACHINE_FILES; which++)
		if (!strcmp(dentry->d_name.name, ssi_machine_names[which]))
			break;
	return which;
}

/**
 * __ssi_proc_machine - is this file what the cluster says as one machine?
 * @file: file of a proc that is being opened
 *
 * Context: any.
 * Return: true if ssi_proc_machine_open() is to open it.
 */
bool __ssi_proc_machine(const struct file *file)
{
	struct super_block *sb = file_inode(file)->i_sb;

	if (!ssi_pidns_attached(proc_pid_ns(sb)) || proc_sb_info(sb)->view == PROC_VIEW_NODE)
		return false;
	if (ssi_pidns_is_init(proc_pid_ns(sb)) || ssi_pidns_is_proc(sb))
		return false;
	return ssi_machine_which(file->f_path.dentry) != SSI_NR_MACHINE_FILES;
}

/**
 * ssi_proc_machine_open - open what the cluster says as one machine
 * @file: file for which ssi_proc_machine() is true
 *
 * Context: process context; sleeps for memory.
 * Return: 0 or -ENOMEM.
 */
int ssi_proc_machine_open(struct file *file)
{
	struct ssi_machine_view *v = kzalloc_obj(*v, GFP_KERNEL_ACCOUNT);

	if (!v)
		return -ENOMEM;
	v->which = ssi_machine_which(file->f_path.dentry);
	mutex_init(&v->lock);
	file->private_data = v;
	replace_fops(file, &ssi_machine_fops);
	return 0;
}

/**
 * ssi_machine_init - a new instance knows nothing of other nodes
 * @m: its files
 *
 * Context: any.
 */
void ssi_machine_init(struct ssi_machine m[SSI_NR_MACHINE_FILES])
{
	unsigned int i;

	for (i = 0; i < SSI_NR_MACHINE_FILES; i++) {
		mutex_init(&m[i].lock);
		INIT_LIST_HEAD(&m[i].parts);
	}
}

/**
 * ssi_machine_forget - free what other nodes have said
 * @m: files of an instance
 *
 * Context: process context; sleeps.
 */
void ssi_machine_forget(struct ssi_machine m[SSI_NR_MACHINE_FILES])
{
	struct ssi_machine_part *part, *next;
	unsigned int i;

	for (i = 0; i < SSI_NR_MACHINE_FILES; i++) {
		guard(mutex)(&m[i].lock);
		list_for_each_entry_safe(part, next, &m[i].parts, link)
			ssi_machine_part_free(part);
	}
}
