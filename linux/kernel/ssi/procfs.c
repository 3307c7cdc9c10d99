// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: /proc/PID of processes of other nodes
 */

/**
 * DOC: the cluster's /proc
 *
 * In a mount of proc of an attached pid namespace the processes of all nodes are listed,
 * and /proc/PID of one of another node has the files that procname.c names. They are
 * inodes of that mount with operations of their own, which ask the process's home:
 * an operation for the directory, unless that was asked within the last second, and
 * one for each file that is opened, which brings what is in it along. Who looks at
 * many processes in a row has that read ahead for him (reader.c).
 *
 * Permissions are those of the inodes, as on one machine, and are checked at home once
 * more, under the credentials of who opened the file. So is option hidepid of the
 * mount. A link is read but not followed: what it points to is not here, EREMOTE.
 *
 * A number may be given away anew. The directory remembers which of its processes it
 * belongs to (the inode number of its pidfd), and so does each request: a directory
 * that is still open does not show another process, but ESRCH.
 *
 * Unhappy paths: a node that is lost has no processes; what is open fails with ESRCH. A
 * name that a peer makes up is checked before a directory has it.
 */

#include <kunit/visibility.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/namei.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/stringhash.h>
#include <linux/user_namespace.h>

#include "op.h"
#include "pidns.h"
#include "procfs.h"
#include "procmsg.h"
#include "procname.h"
#include "reader.h"

static const struct dentry_operations ssi_procfs_dops;
static const struct inode_operations ssi_procfs_dir_iops;
static const struct inode_operations ssi_procfs_link_iops;
static const struct inode_operations ssi_procfs_file_iops;
static const struct file_operations ssi_procfs_dir_fops;

/**
 * ssi_procfs_ino - inode number of an entry
 * @nr: number of the process
 * @path: path below /proc/PID
 *
 * Of 32 bits, as old programs want it, and above those of fs/proc.
 *
 * Context: any; pure.
 * Return: the same for the same entry.
 */
u64 ssi_procfs_ino(int nr, const char *path)
{
	if (!*path)
		return 0x80000000u | nr;
	return 0xa0000000u | (full_name_hash(NULL, path, strlen(path)) + nr * 977u) % 0x20000000u;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_procfs_ino);

/* Does the mount hide processes that current may not look into, when asked for @what? */
static u64 ssi_procfs_hides(const struct super_block *sb, enum proc_hidepid what)
{
	const struct proc_fs_info *info = sb->s_fs_info;

	if (info->hide_pid == HIDEPID_NOT_PTRACEABLE)
		return SSI_PROC_PTRACE;
	if (info->hide_pid < what || in_group_p(info->pid_gid))
		return 0;
	return SSI_PROC_PTRACE;
}

/* Was it mounted to show this node only? */
static bool ssi_procfs_is_node_view(struct super_block *sb)
{
	return proc_sb_info(sb)->view == PROC_VIEW_NODE;
}

/**
 * ssi_procfs_req - prepare an operation on an entry
 * @op: which
 * @sb: superblock of the entry
 * @d: entry
 *
 * Context: any.
 * Return: the operation, with nothing but what it is on.
 */
struct ssi_op_req ssi_procfs_req(enum ssi_op op, const struct super_block *sb,
				 const struct ssi_procdent *d)
{
	return (struct ssi_op_req){
		.op		= op,
		.nr		= ssi_procdent_nr(d),
		.ns		= ssi_procfs_ns(sb),
		.id		= le64_to_cpu(d->ent.id),
		.data		= d->path,
		.data_len	= strlen(d->path) + 1,
	};
}

static int ssi_procfs_stat(const struct super_block *sb, const struct ssi_procdent *d,
			   u64 flags, struct ssi_wire_procstat *stat)
{
	struct ssi_op_req req = ssi_procfs_req(SSI_OP_PROC_STAT, sb, d);
	long ret;

	req.arg[1] = flags;
	req.reply = stat;
	req.reply_max = sizeof(*stat);
	ret = ssi_op_call(&req);
	if (ret)
		return ret < 0 ? ret : -EIO;
	return req.reply_len == sizeof(*stat) ? 0 : -EIO;
}

/* What a directory is, a link, or a file, and nothing else. */
static bool ssi_procfs_type(struct inode *inode, umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		inode->i_op = &ssi_procfs_dir_iops;
		inode->i_fop = &ssi_procfs_dir_fops;
		inode->i_flags |= S_IMMUTABLE;
		set_nlink(inode, 2);
		return true;
	case S_IFLNK:
		inode->i_op = &ssi_procfs_link_iops;
		inode->i_size = 64;
		return true;
	case S_IFREG:
		inode->i_op = &ssi_procfs_file_iops;
		inode->i_fop = &ssi_procfs_file_fops;
		return true;
	default:
		return false;
	}
}

static void ssi_procfs_own(struct inode *inode, u32 uid, u32 gid)
{
	inode->i_uid = make_kuid(&init_user_ns, uid);
	inode->i_gid = make_kgid(&init_user_ns, gid);
}

/* Whose an entry is that is there for as long as the process. */
static void ssi_procfs_own_fixed(struct inode *inode, const struct ssi_wire_procent *ent)
{
	bool dir = inode->i_mode == (S_IFDIR | 0555);

	ssi_procfs_own(inode, le32_to_cpu(dir ? ent->uid : ent->file_uid),
		       le32_to_cpu(dir ? ent->gid : ent->file_gid));
}

/* Gives @dentry an inode and @d, or frees @d. */
static struct dentry *ssi_procfs_instantiate(struct dentry *dentry, struct ssi_procdent *d,
					     umode_t mode, const struct ssi_wire_procstat *stat)
{
	struct inode *inode = new_inode(dentry->d_sb);

	if (!inode) {
		kfree(d);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = ssi_procfs_ino(ssi_procdent_nr(d), d->path);
	inode->i_mode = mode;
	simple_inode_init_ts(inode);
	if (!ssi_procfs_type(inode, mode)) {
		iput(inode);
		kfree(d);
		return ERR_PTR(-EIO);
	}
	if (stat)
		ssi_procfs_own(inode, le32_to_cpu(stat->uid), le32_to_cpu(stat->gid));
	else
		ssi_procfs_own_fixed(inode, &d->ent);
	dentry->d_fsdata = d;
	dont_mount(dentry);
	return d_splice_alias_ops(inode, dentry, &ssi_procfs_dops);
}

/**
 * ssi_proc_lookup - look up /proc/PID of another node
 * @dentry: dentry, in a mount of proc
 * @nr: its name as a number, for which ssi_pid_foreign() is true
 *
 * Context: process context, the directory's lock held; sleeps.
 * Return: as an inode's lookup; -ENOENT if there is no such process.
 */
struct dentry *ssi_proc_lookup(struct dentry *dentry, int nr)
{
	struct ssi_wire_procstat stat;
	struct ssi_procdent *d;
	u64 flags;
	int ret;

	if (ssi_procfs_is_node_view(dentry->d_sb))
		return ERR_PTR(-ENOENT);
	d = kzalloc_obj(*d, GFP_KERNEL_ACCOUNT);
	if (!d)
		return ERR_PTR(-ENOMEM);
	d->fresh = jiffies;
	ret = ssi_reader_stat(ssi_procfs_ns(dentry->d_sb), nr, &d->ent);
	/* as fs/proc has it: the other levels hide by permissions */
	flags = ssi_procfs_hides(dentry->d_sb, HIDEPID_NOT_PTRACEABLE);
	if (!ret && flags)
		ret = ssi_procfs_stat(dentry->d_sb, d, flags, &stat);
	if (ret) {
		kfree(d);
		return ERR_PTR(ret == -ESRCH || ret == -EPERM ? -ENOENT : ret);
	}
	return ssi_procfs_instantiate(dentry, d, S_IFDIR | 0555, NULL);
}

/**
 * ssi_proc_readdir - list processes of other nodes
 * @file: /proc
 * @ctx: where they go
 * @first: position of number 0
 * @end: number to end before, which the caller lists
 *
 * To the init process a node's processes are all there are.
 *
 * Context: process context; sleeps.
 * Return: 0; 1 if there is no more room; -ENOMEM; -EINTR for a fatal signal.
 */
int ssi_proc_readdir(struct file *file, struct dir_context *ctx, loff_t first, int end)
{
	struct super_block *sb = file_inode(file)->i_sb;
	u64 flags = ssi_procfs_hides(sb, HIDEPID_INVISIBLE);
	struct ssi_wire_procent ent;
	char name[12];
	int nr, len, ret;

	/* it ends all that it finds when the node is shut down, and must not end the cluster */
	if (ssi_pidns_is_init(ssi_procfs_ns(sb)) || ssi_procfs_is_node_view(sb))
		return 0;
	while (!(ret = ssi_reader_next(ssi_procfs_ns(sb), ctx->pos - first, end, flags, &ent))) {
		nr = le32_to_cpu(ent.nr);
		len = snprintf(name, sizeof(name), "%d", nr);
		ctx->pos = first + nr;
		if (!dir_emit(ctx, name, len, ssi_procfs_ino(nr, ""), DT_DIR))
			return 1;
		ctx->pos++;
	}
	return ret == -ENOENT ? 0 : ret;
}

static struct dentry *ssi_procfs_lookup(struct inode *dir, struct dentry *dentry,
					unsigned int flags)
{
	const struct ssi_procdent *parent = ssi_procdent(dentry->d_parent);
	struct ssi_wire_procstat stat;
	struct ssi_procpath found;
	struct ssi_procdent *d;
	int ret;

	d = kzalloc_obj(*d, GFP_KERNEL_ACCOUNT);
	if (!d)
		return ERR_PTR(-ENOMEM);
	d->ent = parent->ent;
	d->fresh = jiffies;
	ret = snprintf(d->path, sizeof(d->path), "%s%s%s", parent->path, *parent->path ? "/" : "",
		       dentry->d_name.name);
	if (ret >= sizeof(d->path) || !ssi_procname_parse(d->path, &found)) {
		kfree(d);
		return ERR_PTR(-ENOENT);
	}
	d->fixed = found.entry && !found.below;
	if (d->fixed)
		return ssi_procfs_instantiate(dentry, d, found.entry->mode, NULL);
	ret = ssi_procfs_stat(dentry->d_sb, d, 0, &stat);
	if (ret) {
		kfree(d);
		return ERR_PTR(ret);
	}
	return ssi_procfs_instantiate(dentry, d, le32_to_cpu(stat.mode), &stat);
}

/* The directory of a process: is it there, and the same? */
static int ssi_procfs_revalidate_process(struct dentry *dentry, struct ssi_procdent *d)
{
	struct ssi_wire_procent ent;

	/* the view may have been changed by a remount */
	if (ssi_procfs_is_node_view(dentry->d_sb) ||
	    ssi_reader_stat(ssi_procfs_ns(dentry->d_sb), ssi_procdent_nr(d), &ent) ||
	    ent.id != d->ent.id)
		return 0;
	d->ent = ent;
	WRITE_ONCE(d->fresh, jiffies);
	ssi_procfs_own_fixed(d_inode(dentry), &ent);
	return 1;
}

static int ssi_procfs_revalidate_entry(struct dentry *dentry, struct ssi_procdent *d)
{
	struct ssi_wire_procstat stat;

	if (ssi_procfs_stat(dentry->d_sb, d, 0, &stat) ||
	    le32_to_cpu(stat.mode) != d_inode(dentry)->i_mode)
		return 0;
	WRITE_ONCE(d->fresh, jiffies);
	ssi_procfs_own(d_inode(dentry), le32_to_cpu(stat.uid), le32_to_cpu(stat.gid));
	return 1;
}

static int ssi_procfs_revalidate(struct inode *dir, const struct qstr *name,
				 struct dentry *dentry, unsigned int flags)
{
	struct ssi_procdent *d = ssi_procdent(dentry), *parent;
	struct inode *inode = d_inode_rcu(dentry);

	if (!inode)
		return 0;
	if (d->fixed) {
		/* the directory above was asked for just now */
		parent = ssi_procdent(READ_ONCE(dentry->d_parent));
		ssi_procfs_own_fixed(inode, &parent->ent);
		return 1;
	}
	if (time_before(jiffies, READ_ONCE(d->fresh) + SSI_PROCFS_FRESH))
		return 1;
	if (flags & LOOKUP_RCU)
		return -ECHILD;
	return *d->path ? ssi_procfs_revalidate_entry(dentry, d) :
			  ssi_procfs_revalidate_process(dentry, d);
}

/* Directories of processes are kept, for the next file in them. */
static int ssi_procfs_delete(const struct dentry *dentry)
{
	const struct ssi_procdent *d = ssi_procdent(dentry);

	return *d->path || !time_before(jiffies, READ_ONCE(d->fresh) + SSI_PROCFS_FRESH);
}

static void ssi_procfs_release(struct dentry *dentry)
{
	struct ssi_procdent *d = ssi_procdent(dentry);

	kfree_rcu(d, rcu);
}

static const struct dentry_operations ssi_procfs_dops = {
	.d_revalidate	= ssi_procfs_revalidate,
	.d_delete	= ssi_procfs_delete,
	.d_release	= ssi_procfs_release,
};

static int ssi_procfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	if (attr->ia_valid & ATTR_MODE)
		return -EPERM;
	return setattr_prepare(&nop_mnt_idmap, dentry, attr);
}

static int ssi_procfs_permission(struct mnt_idmap *idmap, struct inode *inode, int mask)
{
	const struct proc_fs_info *info = inode->i_sb->s_fs_info;
	struct ssi_wire_procstat stat;
	struct ssi_procdent *d;
	struct dentry *dentry;
	u64 flags;
	int ret;

	flags = ssi_procfs_hides(inode->i_sb, HIDEPID_NO_ACCESS);
	if (!flags)
		return generic_permission(&nop_mnt_idmap, inode, mask);
	if (mask & MAY_NOT_BLOCK)
		return -ECHILD;
	dentry = d_find_any_alias(inode);
	if (!dentry)
		return -ESRCH;
	d = ssi_procdent(dentry);
	/* those below one that may not be entered are not reached */
	ret = *d->path ? 0 : ssi_procfs_stat(inode->i_sb, d, flags, &stat);
	dput(dentry);
	if (ret == -EPERM && info->hide_pid == HIDEPID_INVISIBLE)
		return -ENOENT;
	return ret ? : generic_permission(&nop_mnt_idmap, inode, mask);
}

/* As fs/proc has it: what is not listed has no attributes. */
static int ssi_procfs_getattr(struct mnt_idmap *idmap, const struct path *path,
			      struct kstat *stat, u32 request_mask, unsigned int query_flags)
{
	struct ssi_procdent *d = ssi_procdent(path->dentry);
	u64 flags = ssi_procfs_hides(path->dentry->d_sb, HIDEPID_INVISIBLE);
	struct ssi_wire_procstat home;

	if (flags && !*d->path && ssi_procfs_stat(path->dentry->d_sb, d, flags, &home))
		return -ENOENT;
	generic_fillattr(&nop_mnt_idmap, request_mask, d_inode(path->dentry), stat);
	return 0;
}

static const char *ssi_procfs_get_link(struct dentry *dentry, struct inode *inode,
				       struct delayed_call *done)
{
	return ERR_PTR(dentry ? -EREMOTE : -ECHILD);
}

static int ssi_procfs_readlink(struct dentry *dentry, char __user *buf, int len)
{
	char *link __free(kfree) = kmalloc(PATH_MAX, GFP_KERNEL);
	struct ssi_op_req req = ssi_procfs_req(SSI_OP_PROC_LINK, dentry->d_sb,
					       ssi_procdent(dentry));
	long ret;

	if (!link)
		return -ENOMEM;
	req.reply = link;
	req.reply_max = PATH_MAX;
	ret = ssi_op_call(&req);
	if (ret)
		return ret < 0 ? ret : -EIO;
	len = min_t(size_t, len, req.reply_len);
	return copy_to_user(buf, link, len) ? -EFAULT : len;
}

static const struct inode_operations ssi_procfs_link_iops = {
	.readlink	= ssi_procfs_readlink,
	.get_link	= ssi_procfs_get_link,
	.setattr	= ssi_procfs_setattr,
};

static const struct inode_operations ssi_procfs_file_iops = {
	.setattr	= ssi_procfs_setattr,
};

static const struct inode_operations ssi_procfs_dir_iops = {
	.lookup		= ssi_procfs_lookup,
	.permission	= ssi_procfs_permission,
	.getattr	= ssi_procfs_getattr,
	.setattr	= ssi_procfs_setattr,
};

/* A directory that procname.c describes. */
static void ssi_procfs_list_fixed(struct ssi_procdent *d, struct dir_context *ctx)
{
	bool thread = *d->path;
	char path[SSI_PROCNAME_MAX_PATH];
	unsigned int i;

	for (i = ctx->pos - 2; i < ssi_nr_procnames; i++) {
		const struct ssi_procname *e = &ssi_procnames[i];

		ctx->pos = i + 2;
		if (thread && e->process)
			continue;
		if (snprintf(path, sizeof(path), "%s%s%s", d->path, thread ? "/" : "",
			     e->name) >= sizeof(path))
			continue;
		if (!dir_emit(ctx, e->name, strlen(e->name),
			      ssi_procfs_ino(ssi_procdent_nr(d), path), S_DT(e->mode)))
			return;
	}
	ctx->pos = ssi_nr_procnames + 2;
}

/* Adds a name that a peer says is there.  Returns false if there is no more room. */
static bool ssi_procfs_emit(struct ssi_procdent *d, struct dir_context *ctx,
			    const struct ssi_wire_procname *w)
{
	char path[SSI_PROCNAME_MAX_PATH];
	struct ssi_procpath found;
	int len;

	len = snprintf(path, sizeof(path), "%s/%.*s", d->path, w->len, w->name);
	/* "." and ".." are ours, and no name goes on after its end */
	if (len >= sizeof(path) || strnlen(w->name, w->len) != w->len ||
	    !ssi_procname_parse(path, &found))
		return true;
	return dir_emit(ctx, w->name, w->len, ssi_procfs_ino(ssi_procdent_nr(d), path), w->type);
}

static int ssi_procfs_list_by(struct file *file, struct ssi_procdent *d,
			      struct dir_context *ctx, void *buf)
{
	struct ssi_op_req req = ssi_procfs_req(SSI_OP_PROC_DIR, file_inode(file)->i_sb, d);
	size_t at;
	long end;

	req.arg[0] = ctx->pos;
	req.reply = buf;
	req.reply_max = SSI_PROCFS_FIRST;
	end = ssi_op_call(&req);
	if (end < 0)
		return end;
	for (at = 0; at < req.reply_len;) {
		const struct ssi_wire_procname *w = buf + at;

		if (req.reply_len - at < sizeof(*w) ||
		    req.reply_len - at < round_up(sizeof(*w) + w->len, 8) ||
		    (s64)le64_to_cpu(w->pos) < ctx->pos)
			return -EIO;
		ctx->pos = le64_to_cpu(w->pos);
		if (!ssi_procfs_emit(d, ctx, w))
			return 0;
		at += round_up(sizeof(*w) + w->len, 8);
	}
	if (end < ctx->pos)
		return -EIO;
	ctx->pos = end;
	return 0;
}

/* A directory whose entries home knows. */
static int ssi_procfs_list(struct file *file, struct ssi_procdent *d, struct dir_context *ctx)
{
	void *buf = kvmalloc(SSI_PROCFS_FIRST, GFP_KERNEL_ACCOUNT);
	int ret;

	if (!buf)
		return -ENOMEM;
	ret = ssi_procfs_list_by(file, d, ctx, buf);
	kvfree(buf);
	return ret;
}

static int ssi_procfs_readdir(struct file *file, struct dir_context *ctx)
{
	struct ssi_procdent *d = ssi_procdent(file->f_path.dentry);
	struct ssi_procpath found;

	if (!dir_emit_dots(file, ctx))
		return 0;
	ssi_procname_parse(d->path, &found);
	if (!found.entry) {
		ssi_procfs_list_fixed(d, ctx);
		return 0;
	}
	return ssi_procfs_list(file, d, ctx);
}

static const struct file_operations ssi_procfs_dir_fops = {
	.llseek		= generic_file_llseek,
	.read		= generic_read_dir,
	.iterate_shared	= ssi_procfs_readdir,
};

/**
 * ssi_procfs_is_process - is this file a process of another node?
 * @file: file
 *
 * Context: any.
 * Return: true for /proc/PID of another node, opened to be read.
 */
bool ssi_procfs_is_process(const struct file *file)
{
	return file->f_op == &ssi_procfs_dir_fops && !*ssi_procdent(file->f_path.dentry)->path;
}

/**
 * ssi_procfs_process - the process that an open /proc/PID is
 * @file: file for which ssi_procfs_is_process() is true
 * @id: filled in with which of those that have its number
 *
 * Context: any.
 * Return: its number.
 */
int ssi_procfs_process(const struct file *file, u64 *id)
{
	const struct ssi_procdent *d = ssi_procdent(file->f_path.dentry);

	*id = le64_to_cpu(d->ent.id);
	return ssi_procdent_nr(d);
}
