// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: files below /proc/PID of processes of other nodes
 */

/**
 * DOC: files of processes of other nodes
 *
 * Opening one asks home, which opens its own and reads it from the beginning: what fits is
 * there when it is read. Each read from the beginning is news, as in /proc, but for that
 * one, if it comes within a second. A write is carried out at home at once. All of it is under the
 * credentials of who opened the file.
 */

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "op.h"
#include "procfs.h"
#include "procname.h"
#include "reader.h"
#include "started.h"

/**
 * struct ssi_procfile - an open file
 * @lock: protects the rest
 * @valid: the rest says something
 * @last: the file ends with @buf
 * @start: position of @buf
 * @next: where the next read goes on, if it is one in a row
 * @len: bytes in @buf
 * @size: bytes that @buf has room for
 * @asked: when home was asked, in jiffies
 * @buf: what home said
 */
struct ssi_procfile {
	struct mutex lock;		/* outside the network */
	bool valid;
	bool last;
	loff_t start;
	loff_t next;
	size_t len;
	size_t size;
	unsigned long asked;
	void *buf;
};

static int ssi_procfile_room(struct ssi_procfile *f, size_t size)
{
	void *buf;

	if (f->size >= size)
		return 0;
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	kvfree(f->buf);
	f->buf = buf;
	f->size = size;
	return 0;
}

/* What a file says from a position on, under the credentials of who opened it. */
static int ssi_procfile_fetch(struct ssi_procfile *f, struct file *file, loff_t pos)
{
	struct ssi_procdent *d = ssi_procdent(file->f_path.dentry);
	struct ssi_op_req req = ssi_procfs_req(SSI_OP_PROC_READ, file_inode(file)->i_sb, d);
	struct ssi_procpath found;
	loff_t next = pos;
	bool stat;
	ssize_t ret;

	f->valid = false;
	f->asked = jiffies;
	ssi_procname_parse(d->path, &found);
	/* a number in it gets longer or shorter: it is small, and taken whole */
	stat = found.entry && !strcmp(found.entry->name, "stat");
	if (stat)
		pos = 0;
	ret = ssi_procfile_room(f, pos || !found.entry || !found.entry->small ?
				   SSI_OP_MAX_REPLY : SSI_PROCFS_FIRST);
	if (ret)
		return ret;
	if (!pos && found.entry && !strcmp(d->path, found.entry->name)) {
		ret = ssi_reader_file(req.ns, req.nr, req.id, found.entry, f->buf);
		if (ret >= 0) {
			f->len = ret;
			f->last = true;
			goto out;
		}
		if (ret != -ENODATA)
			return ret;
	}
	req.arg[0] = pos;
	req.reply = f->buf;
	req.reply_max = f->size;
	ret = ssi_op_call(&req);
	if (ret)
		return ret < 0 ? ret : -EIO;
	f->len = req.reply_len;
	f->last = f->len < f->size;
out:
	if (stat && f->last)
		f->len = ssi_started_here(req.ns, req.nr, f->buf, f->len, f->size);
	f->start = pos;
	f->next = next;
	f->valid = true;
	return 0;
}

static void ssi_procfile_free(struct ssi_procfile *f)
{
	mutex_destroy(&f->lock);
	kvfree(f->buf);
	kfree(f);
}

static int ssi_procfs_open(struct inode *inode, struct file *file)
{
	struct ssi_procfile *f;
	int ret = 0;

	f = kzalloc_obj(*f, GFP_KERNEL_ACCOUNT);
	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	if (file->f_mode & FMODE_READ) {
		scoped_with_creds(file->f_cred)
			ret = ssi_procfile_fetch(f, file, 0);
	}
	if (!ret) {
		file->private_data = f;
		return 0;
	}
	ssi_procfile_free(f);
	/* it was there a moment ago: on one machine the lookup would have told */
	return ret == -ESRCH ? -ENOENT : ret;
}

static int ssi_procfs_close(struct inode *inode, struct file *file)
{
	ssi_procfile_free(file->private_data);
	return 0;
}

static ssize_t ssi_procfs_read_iter(struct kiocb *kiocb, struct iov_iter *to)
{
	struct file *file = kiocb->ki_filp;
	struct ssi_procfile *f = file->private_data;
	loff_t pos = kiocb->ki_pos;
	size_t copied;
	int ret = 0;

	guard(mutex)(&f->lock);
	if (!f->valid || pos != f->next || (pos == f->start + f->len && !f->last) ||
	    (!pos && time_after(jiffies, f->asked + SSI_PROCFS_FRESH))) {
		scoped_with_creds(file->f_cred)
			ret = ssi_procfile_fetch(f, file, pos);
	}
	if (ret || pos > f->start + f->len)
		return ret;
	copied = copy_to_iter(f->buf + (pos - f->start), f->start + f->len - pos, to);
	/* whoever reads past the end again wants to know anew */
	if (pos == f->start + f->len)
		f->valid = false;
	else if (!copied && iov_iter_count(to))
		return -EFAULT;
	f->next = pos + copied;
	kiocb->ki_pos = f->next;
	return copied;
}

static ssize_t ssi_procfs_write_iter(struct kiocb *kiocb, struct iov_iter *from)
{
	struct file *file = kiocb->ki_filp;
	struct ssi_procdent *d = ssi_procdent(file->f_path.dentry);
	struct ssi_op_req req = ssi_procfs_req(SSI_OP_PROC_WRITE, file_inode(file)->i_sb, d);
	size_t len = min(iov_iter_count(from), SSI_PROCFILE_MAX);
	long ret = -EFAULT;
	void *data;

	data = kmalloc(req.data_len + len, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	memcpy(data, d->path, req.data_len);
	if (copy_from_iter_full(data + req.data_len, len, from)) {
		req.data = data;
		req.data_len += len;
		req.arg[0] = kiocb->ki_pos;
		/* who opened it, as he is judged at home by an open of its own */
		scoped_with_creds(file->f_cred)
			ret = ssi_op_call(&req);
	}
	kfree(data);
	if (ret > (long)len)
		return -EIO;
	if (ret > 0)
		kiocb->ki_pos += ret;
	return ret;
}

static loff_t ssi_procfs_llseek(struct file *file, loff_t pos, int whence)
{
	return generic_file_llseek_size(file, pos, whence, MAX_LFS_FILESIZE, 0);
}

const struct file_operations ssi_procfs_file_fops = {
	.llseek		= ssi_procfs_llseek,
	.read_iter	= ssi_procfs_read_iter,
	.write_iter	= ssi_procfs_write_iter,
	.splice_read	= copy_splice_read,
	.open		= ssi_procfs_open,
	.release	= ssi_procfs_close,
};
