/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROCFS_H
#define _KERNEL_SSI_PROCFS_H

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "op.h"
#include "procmsg.h"
#include "procname.h"

struct pid_namespace;

/* how long what home said of an entry is believed */
#define SSI_PROCFS_FRESH	HZ
/* most files fit into this; what does not comes in larger pieces */
#define SSI_PROCFS_FIRST	8192

/**
 * struct ssi_procdent - an entry of the tree of a process
 * @ent: the process, as home described it
 * @fresh: when it did
 * @fixed: one of procname.c, which is there for as long as the process
 * @rcu: entries are looked at without locks
 * @path: path below /proc/PID
 */
struct ssi_procdent {
	struct ssi_wire_procent ent;
	unsigned long fresh;
	bool fixed;
	struct rcu_head rcu;
	char path[SSI_PROCNAME_MAX_PATH];
};

static inline struct ssi_procdent *ssi_procdent(const struct dentry *dentry)
{
	return dentry->d_fsdata;
}

static inline int ssi_procdent_nr(const struct ssi_procdent *d)
{
	return le32_to_cpu(d->ent.nr);
}

static inline struct pid_namespace *ssi_procfs_ns(const struct super_block *sb)
{
	return ((struct proc_fs_info *)sb->s_fs_info)->pid_ns;
}

bool ssi_procfs_is_process(const struct file *file);
int ssi_procfs_process(const struct file *file, u64 *id);
u64 ssi_procfs_ino(int nr, const char *path);
struct ssi_op_req ssi_procfs_req(enum ssi_op op, const struct super_block *sb,
				 const struct ssi_procdent *d);

/* procfile.c */
extern const struct file_operations ssi_procfs_file_fops;

#endif /* _KERNEL_SSI_PROCFS_H */
