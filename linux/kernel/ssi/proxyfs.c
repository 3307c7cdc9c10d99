// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the pseudo file system of the proxies
 */

/**
 * DOC: the file system of proxies
 *
 * A proxy is a file (proxy.c), and a file has an inode. The inode asks the node where the
 * file is open what there is to know of it. /proc/PID/fd/N, and so /dev/stdin, opens
 * it anew: that is done there, with the credentials of who opens it, and gives another
 * open file, with a position and a proxy of its own.
 *
 * Unhappy paths: a fatal signal ends the wait for a file that is opened; whoever
 * opened it there closes it, by the number of the call. A peer that is lost is -EIO.
 */

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/pid_namespace.h>
#include <linux/pseudo_fs.h>
#include <linux/slab.h>
#include <linux/stat.h>

#include "caller.h"
#include "debugfs.h"
#include "node.h"
#include "placemsg.h"
#include "proxy.h"
#include "terminal.h"

#define SSI_PROXY_MAGIC	0x53534946	/* "SSIF" */

static struct vfsmount *ssi_proxy_mnt __ro_after_init;

/*
 * The type of the inode. Who finds a socket's looks for the socket beside it, and there is
 * none.
 */
static umode_t ssi_proxy_type(u32 mode)
{
	return S_ISSOCK(mode) ? S_IFIFO : mode & S_IFMT;
}

static int ssi_proxy_getattr(struct mnt_idmap *idmap, const struct path *path,
			     struct kstat *stat, u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	struct ssi_wire_file_stat w = {};
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_STAT,
		.killable	= true,
		.reply		= &w,
		.reply_max	= sizeof(w),
	};
	long ret = ssi_proxy_call(inode->i_private, &req);

	if (ret < 0)
		return ret;
	if (req.reply_len != sizeof(w) ||
	    ssi_proxy_type(le32_to_cpu(w.mode)) != (inode->i_mode & S_IFMT))
		return -EIO;
	generic_fillattr(idmap, mask, inode, stat);
	stat->result_mask = STATX_BASIC_STATS;
	stat->mode = le32_to_cpu(w.mode);
	stat->uid = make_kuid(&init_user_ns, le32_to_cpu(w.uid));
	stat->gid = make_kgid(&init_user_ns, le32_to_cpu(w.gid));
	stat->size = le64_to_cpu(w.size);
	stat->blocks = le64_to_cpu(w.blocks);
	stat->ino = le64_to_cpu(w.ino);
	stat->atime = (struct timespec64){ le64_to_cpu(w.sec[0]), le32_to_cpu(w.nsec[0]) };
	stat->mtime = (struct timespec64){ le64_to_cpu(w.sec[1]), le32_to_cpu(w.nsec[1]) };
	stat->ctime = (struct timespec64){ le64_to_cpu(w.sec[2]), le32_to_cpu(w.nsec[2]) };
	stat->nlink = le32_to_cpu(w.nlink);
	stat->blksize = le32_to_cpu(w.blksize);
	stat->rdev = le32_to_cpu(w.rdev);
	return 0;
}

/* Owner, mode, times and size are changed where the file is. */
static int ssi_proxy_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	/* open() with O_TRUNC: SSI_FILE_OPEN has done it */
	return attr->ia_valid & ATTR_OPEN ? 0 : -EOPNOTSUPP;
}

static const struct inode_operations ssi_proxy_iops = {
	.getattr	= ssi_proxy_getattr,
	.setattr	= ssi_proxy_setattr,
};

/**
 * ssi_proxy_free - a file of another node is used no more
 * @p: proxy of the file
 *
 * Context: process context; sleeps for memory.
 */
void ssi_proxy_free(struct ssi_proxy *p)
{
	if (p->handle)
		ssi_proxy_send_close(p->node, p->epoch, p->handle, 0);
	ssi_node_put(p->node);
	ssi_terminal_put(p->terminal);
	kfree(p);
	atomic_dec(&ssi_objects.proxies);
}

static void ssi_proxy_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (inode->i_private)
		ssi_proxy_free(inode->i_private);
}

static const struct super_operations ssi_proxy_sops = {
	.statfs		= simple_statfs,
	.drop_inode	= inode_just_drop,
	.evict_inode	= ssi_proxy_evict_inode,
};

static char *ssi_proxy_dname(struct dentry *dentry, char *buffer, int buflen)
{
	struct ssi_proxy *p = d_inode(dentry)->i_private;

	return dynamic_dname(buffer, buflen, "ssi:node%u:[%u]", p->node->id, p->handle);
}

static const struct dentry_operations ssi_proxy_dops = {
	.d_dname	= ssi_proxy_dname,
};

static int ssi_proxy_init_fs_context(struct fs_context *fc)
{
	struct pseudo_fs_context *ctx = init_pseudo(fc, SSI_PROXY_MAGIC);

	if (!ctx)
		return -ENOMEM;
	/* they are no devices of this node, whatever their type */
	fc->s_iflags &= ~SB_I_NODEV;
	ctx->ops = &ssi_proxy_sops;
	ctx->dops = &ssi_proxy_dops;
	return 0;
}

static struct file_system_type ssi_proxy_fs = {
	.name			= "ssi-file",
	.init_fs_context	= ssi_proxy_init_fs_context,
	.kill_sb		= kill_anon_super,
};

static struct ssi_proxy *ssi_proxy_alloc(struct ssi_node *node, u32 epoch,
					 struct ssi_terminal *terminal,
					 const struct ssi_wire_open_file *w)
{
	struct ssi_proxy *p = kzalloc_obj(*p, GFP_KERNEL_ACCOUNT);

	if (!p)
		return NULL;
	atomic_inc(&ssi_objects.proxies);
	p->node = ssi_node_get(node);
	p->epoch = epoch;
	p->handle = le32_to_cpu(w->handle);
	p->append = le32_to_cpu(w->flags) & O_APPEND;
	p->messages = le32_to_cpu(w->modes) & SSI_FILE_IS_MESSAGES;
	p->terminal = ssi_terminal_get(terminal);
	mutex_init(&p->lock);
	init_waitqueue_head(&p->wait);
	p->in.p = p;
	p->out.p = p;
	return p;
}

static struct inode *ssi_proxy_inode(struct ssi_proxy *p, const struct ssi_wire_open_file *w)
{
	struct inode *inode = new_inode(ssi_proxy_mnt->mnt_sb);

	if (!inode)
		return NULL;
	inode->i_private = p;
	inode->i_ino = get_next_ino();
	/* who may open it anew is judged where it is */
	inode->i_mode = ssi_proxy_type(le32_to_cpu(w->mode)) | 0666;
	/* or a copy of it would be found to have ended; it is not known here */
	if (S_ISREG(inode->i_mode))
		i_size_write(inode, MAX_LFS_FILESIZE);
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	inode->i_op = &ssi_proxy_iops;
	inode->i_fop = ssi_proxy_fops(le32_to_cpu(w->modes) & SSI_FILE_CAN_POLL);
	simple_inode_init_ts(inode);
	return inode;
}

static fmode_t ssi_proxy_modes(u32 modes)
{
	fmode_t mode = 0;

	if (modes & SSI_FILE_CAN_SEEK)
		mode |= FMODE_LSEEK;
	if (modes & SSI_FILE_CAN_PREAD)
		mode |= FMODE_PREAD;
	if (modes & SSI_FILE_CAN_PWRITE)
		mode |= FMODE_PWRITE;
	return mode;
}

/* Have a new file be used through a proxy. */
static void ssi_proxy_attach(struct file *file, struct ssi_proxy *p,
			     const struct ssi_wire_open_file *w)
{
	file->private_data = p;
	file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE | FMODE_ATOMIC_POS);
	/* told not to wait it does not: who exports it anew keeps no worker */
	file->f_mode |= ssi_proxy_modes(le32_to_cpu(w->modes)) | FMODE_NOWAIT;
	file->f_pos = SSI_FILE_POS_CURRENT;
}

/**
 * ssi_proxy_open - have a file that is open on another node
 * @node: that node
 * @epoch: membership that it is good for
 * @terminal: what it is to the session if it is its controlling terminal
 * @w: what it is, checked
 *
 * Context: process context; sleeps for memory.
 * Return: the file or an error pointer; the handle is the caller's then.
 */
struct file *ssi_proxy_open(struct ssi_node *node, u32 epoch, struct ssi_terminal *terminal,
			    const struct ssi_wire_open_file *w)
{
	bool controls = le32_to_cpu(w->modes) & SSI_FILE_IS_TERMINAL;
	int flags = le32_to_cpu(w->flags) & (O_ACCMODE | O_NONBLOCK | O_APPEND | O_LARGEFILE);
	struct ssi_proxy *p = ssi_proxy_alloc(node, epoch, controls ? terminal : NULL, w);
	struct inode *inode = NULL;
	struct file *file;

	if (p)
		inode = ssi_proxy_inode(p, w);
	file = inode ? alloc_file_pseudo(inode, ssi_proxy_mnt, "", flags, inode->i_fop) :
		       ERR_PTR(-ENOMEM);
	if (!IS_ERR(file)) {
		ssi_proxy_attach(file, p, w);
		return file;
	}
	if (inode) {
		inode->i_private = NULL;
		iput(inode);
	}
	if (p) {
		p->handle = 0;
		ssi_proxy_free(p);
	}
	return file;
}

/* Have the file opened anew for current. */
static long ssi_proxy_call_open(struct ssi_proxy *p, u32 flags, struct ssi_wire_open_file *w)
{
	unsigned int nr = ssi_caller_groups(current_cred());
	struct ssi_wire_caller *caller;
	struct ssi_proxy_req req = {
		.op		= SSI_FILE_OPEN,
		.arg		= flags,
		.killable	= true,
		.len		= struct_size_t(struct ssi_wire_file_open, group, nr),
		.reply		= w,
		.reply_max	= sizeof(*w),
	};
	struct ssi_wire_file_open *open;
	long ret;

	/* what confines it does not know the file */
	if (!ssi_caller_trusted())
		return -EACCES;
	if (req.len > SSI_FILE_MAX_DATA)
		return -E2BIG;
	open = kvzalloc(req.len, GFP_KERNEL_ACCOUNT);
	if (!open)
		return -ENOMEM;
	caller = &open->caller;
	ssi_caller_fill(caller, open->group, nr, task_active_pid_ns(current));
	req.data = open;
	ret = ssi_proxy_call(p, &req);
	kvfree(open);
	if (ret >= 0 && (req.reply_len != sizeof(*w) || !w->handle))
		ret = -EIO;
	return ret;
}

static int ssi_proxy_open_anew(struct ssi_proxy *first, umode_t mode, struct file *file)
{
	struct ssi_proxy *p;
	struct ssi_wire_open_file w = {};
	long ret;

	/* before it is truncated there */
	if (file->f_flags & O_DIRECT)
		return -EINVAL;
	ret = ssi_proxy_call_open(first, file->f_flags & SSI_FILE_OPEN_FLAGS, &w);
	if (ret < 0)
		return ret;
	ret = -EIO;
	if (ssi_proxy_type(le32_to_cpu(w.mode)) != (mode & S_IFMT) ||
	    le32_to_cpu(w.modes) & ~SSI_FILE_MODES)
		goto close;
	ret = -ENOMEM;
	p = ssi_proxy_alloc(first->node, first->epoch, first->terminal, &w);
	if (!p)
		goto close;
	ssi_proxy_attach(file, p, &w);
	return 0;
close:
	ssi_proxy_send_close(first->node, first->epoch, le32_to_cpu(w.handle), 0);
	return ret;
}

/**
 * ssi_proxy_reopen - open the file of a proxy anew, through /proc/PID/fd
 * @inode: of the proxy
 * @file: to be another one
 *
 * Context: open(); sleeps; a fatal signal ends it.
 * Return: 0; -EACCES for one whom a security module confines; what open() says there.
 */
int ssi_proxy_reopen(struct inode *inode, struct file *file)
{
	return ssi_proxy_open_anew(inode->i_private, inode->i_mode, file);
}

/**
 * ssi_proxy_open_as - have a file that is being opened be one of another node
 * @first: a proxy of what it is to be
 * @file: the file; of the same type
 *
 * Context: the open() of its driver; sleeps; a fatal signal ends it.
 * Return: as ssi_proxy_reopen().
 */
int ssi_proxy_open_as(struct file *first, struct file *file)
{
	int err = ssi_proxy_open_anew(first->private_data, file_inode(file)->i_mode, file);

	if (!err)
		replace_fops(file, first->f_op);
	return err;
}

/**
 * ssi_proxy_init - make the pseudo file system
 *
 * Return: 0 or a negative errno.
 */
int __init ssi_proxy_init(void)
{
	struct vfsmount *mnt = kern_mount(&ssi_proxy_fs);

	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	ssi_proxy_mnt = mnt;
	return 0;
}
