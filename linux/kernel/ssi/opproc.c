// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what /proc says of processes here, for callers of other nodes
 */

/**
 * DOC: the home side of the cluster's /proc
 *
 * A mount of proc that nobody sees, one for each attached pid namespace, is where the files of
 * processes are opened and read, under the caller's credentials from the first to the last: so
 * every check of fs/proc is made, when a file is opened and when it is read, and every file
 * reads as it does on one machine.
 *
 * Most files are sequential ones, which fill any buffer. The others insist on one
 * in user space, see ubuf.c.
 *
 * Unhappy paths: paths come from a peer, and are names of procname.c, none of which
 * leads through a symbolic link. A process whose number was given away anew while the
 * file was opened is another one: ESRCH.
 */

#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_context.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched/exec_state.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/user_namespace.h>

#include "machine.h"
#include "merge.h"
#include "op.h"
#include "pidns.h"
#include "procmsg.h"
#include "procname.h"
#include "ubuf.h"

/* Files are opened below a mount that nobody sees, of the namespace that the process is of. */
static struct file *ssi_proc_open_below(struct pid_namespace *ns, const char *name, int flags)
{
	struct vfsmount *mnt = ssi_pidns_proc(ns);
	struct file *file;

	if (!mnt)
		return ERR_PTR(-ESRCH);
	file = file_open_root_mnt(mnt, name, flags | O_NOFOLLOW | O_LARGEFILE, 0);
	mntput(mnt);
	return file;
}

static struct file *ssi_proc_open(struct pid_namespace *ns, int nr, const char *path, int flags)
{
	char name[12 + SSI_PROCNAME_MAX_PATH];

	snprintf(name, sizeof(name), "%d%s%s", nr, *path ? "/" : "", path);
	return ssi_proc_open_below(ns, name, flags | O_NONBLOCK);
}

/* Open a file of the process, and of no other one that has its number by now. */
static struct file *ssi_proc_open_op(struct ssi_op_rx *op, const char *path, int flags)
{
	int nr = le32_to_cpu(op->w->nr);
	struct file *file = ssi_proc_open(op->ns, nr, path, flags);

	if (IS_ERR(file))
		return file;
	guard(rcu)();
	if (find_pid_ns(nr, op->ns) != op->pid) {
		fput(file);
		return ERR_PTR(-ESRCH);
	}
	return file;
}

static ssize_t ssi_proc_read_seq(struct file *file, void *buf, size_t len, loff_t *pos)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct iov_iter iter;
	struct kiocb kiocb;
	ssize_t ret;

	ret = security_file_permission(file, MAY_READ);
	if (ret)
		return ret;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, len);
	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = *pos;
	ret = file->f_op->read == seq_read ? seq_read_iter(&kiocb, &iter) :
					     file->f_op->read_iter(&kiocb, &iter);
	*pos = kiocb.ki_pos;
	return ret;
}

static ssize_t ssi_proc_read_some(struct ssi_ubuf *u, struct file *file, void *buf,
				  size_t len, loff_t *pos)
{
	ssize_t ret;

	if (file->f_op->read == seq_read || (file->f_op->read_iter && !file->f_op->read))
		return ssi_proc_read_seq(file, buf, len, pos);
	ret = ssi_ubuf_get(u);
	if (!ret)
		ret = vfs_read(file, u->addr, len, pos);
	if (ret > 0 && copy_from_user(buf, u->addr, ret))
		return -EFAULT;
	return ret;
}

/* Read until the end of the file or of the buffer. */
static ssize_t ssi_proc_read_all(struct ssi_ubuf *u, struct file *file, void *buf,
				 size_t len, loff_t pos)
{
	size_t done = 0;
	ssize_t ret = 0;

	while (done < len) {
		ret = ssi_proc_read_some(u, file, buf + done, len - done, &pos);
		if (ret <= 0)
			break;
		done += ret;
	}
	return done ? : ret;
}

/**
 * ssi_op_check_path - does an operation name an entry of /proc/PID?
 * @w: the operation
 * @data: a path that ends, and what may follow
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_path(const struct ssi_wire_op *w, const void *data)
{
	size_t len = le32_to_cpu(w->data_len), path = strnlen(data, len);
	struct ssi_procpath found;

	if (path >= min_t(size_t, len, SSI_PROCNAME_MAX_PATH))
		return -EPROTO;
	if (le32_to_cpu(w->op) != SSI_OP_PROC_WRITE && path + 1 != len)
		return -EPROTO;
	if ((s64)le64_to_cpu(w->arg[0]) < 0)
		return -EPROTO;
	return ssi_procname_parse(data, &found) ? 0 : -EPROTO;
}

/**
 * ssi_op_check_ahead - is there room in the answer for what is to be read ahead?
 * @w: the operation
 * @data: none
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_ahead(const struct ssi_wire_op *w, const void *data)
{
	u64 names = le64_to_cpu(w->arg[1]);
	unsigned int i;

	for (i = 0; i < SSI_PROCNAME_MAX; i++)
		if ((names & BIT_ULL(i)) && (i >= ssi_nr_procnames || !ssi_procnames[i].small))
			return -EPROTO;
	return 0;
}

/**
 * ssi_op_proc_read - carry out SSI_OP_PROC_READ
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_proc_read(struct ssi_op_rx *op)
{
	struct ssi_ubuf u = {};
	struct file *file;
	ssize_t ret;

	scoped_with_init_fs() {
		file = ssi_proc_open_op(op, op->data, O_RDONLY);
		if (IS_ERR(file))
			return PTR_ERR(file);
		ret = ssi_proc_read_all(&u, file, op->reply, op->reply_max,
					le64_to_cpu(op->w->arg[0]));
		fput(file);
	}
	ssi_ubuf_free(&u);
	if (ret < 0)
		return ret;
	op->reply_len = ret;
	return 0;
}

/**
 * ssi_op_check_machine - is it about a file of the machine?
 * @w: the operation
 * @data: none
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_machine(const struct ssi_wire_op *w, const void *data)
{
	if ((s64)le64_to_cpu(w->arg[0]) < 0)
		return -EPROTO;
	return le64_to_cpu(w->arg[1]) < SSI_NR_MACHINE_FILES ? 0 : -EPROTO;
}

/**
 * ssi_machine_read - what a file of the machine reads on this node
 * @ns: attached pid namespace, whose proc it is
 * @which: which
 * @buf: where to
 * @len: room there
 * @pos: where to begin
 *
 * Context: process context, for a caller who may open it; sleeps.
 * Return: how many bytes were read, fewer than @len at the end, or a negative errno: -ESRCH if
 * @ns is not attached any more.
 */
ssize_t ssi_machine_read(struct pid_namespace *ns, enum ssi_machine_file which, void *buf,
			 size_t len, loff_t pos)
{
	struct file *file = ssi_proc_open_below(ns, ssi_machine_names[which], O_RDONLY);
	struct ssi_ubuf u = {};
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	/* all of them are sequential files, which take any buffer */
	ret = ssi_proc_read_all(&u, file, buf, len, pos);
	fput(file);
	return ret;
}

/**
 * ssi_op_proc_machine - carry out SSI_OP_PROC_MACHINE
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_proc_machine(struct ssi_op_rx *op)
{
	ssize_t ret;

	scoped_with_init_fs()
		ret = ssi_machine_read(op->ns, le64_to_cpu(op->w->arg[1]), op->reply,
				       op->reply_max, le64_to_cpu(op->w->arg[0]));
	if (ret < 0)
		return ret;
	op->reply_len = ret;
	return 0;
}

/**
 * ssi_op_proc_write - carry out SSI_OP_PROC_WRITE
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: how many bytes were written, or a negative errno.
 */
long ssi_op_proc_write(struct ssi_op_rx *op)
{
	size_t path = strlen(op->data) + 1, len = le32_to_cpu(op->w->data_len) - path;
	loff_t pos = le64_to_cpu(op->w->arg[0]);
	struct ssi_ubuf u = {};
	struct file *file;
	ssize_t ret;

	scoped_with_init_fs() {
		file = ssi_proc_open_op(op, op->data, O_WRONLY);
		if (IS_ERR(file))
			return PTR_ERR(file);
		ret = ssi_ubuf_get(&u);
		if (!ret && copy_to_user(u.addr, op->data + path, len))
			ret = -EFAULT;
		if (!ret)
			ret = vfs_write(file, u.addr, len, &pos);
		fput(file);
	}
	ssi_ubuf_free(&u);
	return ret;
}

/**
 * ssi_op_proc_link - carry out SSI_OP_PROC_LINK
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_proc_link(struct ssi_op_rx *op)
{
	struct ssi_ubuf u = {};
	struct file *file;
	ssize_t ret;

	scoped_with_init_fs() {
		file = ssi_proc_open_op(op, op->data, O_PATH);
		if (IS_ERR(file))
			return PTR_ERR(file);
		ret = security_inode_readlink(file->f_path.dentry);
		if (!ret)
			ret = ssi_ubuf_get(&u);
		if (!ret)
			ret = vfs_readlink(file->f_path.dentry, u.addr, op->reply_max);
		if (ret > 0 && copy_from_user(op->reply, u.addr, ret))
			ret = -EFAULT;
		fput(file);
	}
	ssi_ubuf_free(&u);
	if (ret < 0)
		return ret;
	op->reply_len = ret;
	return 0;
}

/* As task_dump_owner() in fs/proc has it: who may not look into it does not own files. */
static void ssi_proc_fill_ent(struct ssi_wire_procent *ent, struct task_struct *task, int nr,
			      u64 id)
{
	struct task_exec_state *exec;
	const struct cred *cred;
	kuid_t uid;
	kgid_t gid;

	guard(rcu)();
	cred = __task_cred(task);
	uid = cred->euid;
	gid = cred->egid;
	if (task->flags & PF_KTHREAD) {
		uid = GLOBAL_ROOT_UID;
		gid = GLOBAL_ROOT_GID;
	}
	ent->uid = cpu_to_le32(from_kuid(&init_user_ns, uid));
	ent->gid = cpu_to_le32(from_kgid(&init_user_ns, gid));
	exec = task_exec_state_rcu(task);
	if (READ_ONCE(exec->dumpable) != TASK_DUMPABLE_OWNER) {
		uid = make_kuid(exec->user_ns, 0);
		gid = make_kgid(exec->user_ns, 0);
	}
	ent->file_uid = cpu_to_le32(from_kuid(&init_user_ns,
					      uid_valid(uid) ? uid : GLOBAL_ROOT_UID));
	ent->file_gid = cpu_to_le32(from_kgid(&init_user_ns,
					      gid_valid(gid) ? gid : GLOBAL_ROOT_GID));
	ent->nr = cpu_to_le32(nr);
	ent->id = cpu_to_le64(id);
}

/**
 * ssi_op_proc_stat - carry out SSI_OP_PROC_STAT
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0 or a negative errno.
 */
long ssi_op_proc_stat(struct ssi_op_rx *op)
{
	struct ssi_wire_procstat *w = op->reply;
	const char *path = op->data;
	struct task_struct *task;
	struct inode *inode;
	struct file *file;

	if (op->reply_max < sizeof(*w))
		return -EINVAL;
	task = get_pid_task(op->pid, PIDTYPE_PID);
	if (!task)
		return -ESRCH;
	if ((le64_to_cpu(op->w->arg[1]) & SSI_PROC_PTRACE) &&
	    !ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS)) {
		put_task_struct(task);
		return -EPERM;
	}
	ssi_proc_fill_ent(&w->ent, task, le32_to_cpu(op->w->nr), ssi_pid_id(op->pid));
	put_task_struct(task);
	op->reply_len = sizeof(*w);
	if (!*path) {
		w->mode = cpu_to_le32(S_IFDIR | 0555);
		w->uid = w->ent.uid;
		w->gid = w->ent.gid;
		return 0;
	}
	file = ssi_proc_open_op(op, path, O_PATH);
	if (IS_ERR(file)) {
		op->reply_len = 0;
		return PTR_ERR(file);
	}
	inode = file_inode(file);
	w->mode = cpu_to_le32(inode->i_mode);
	w->uid = cpu_to_le32(from_kuid(&init_user_ns, inode->i_uid));
	w->gid = cpu_to_le32(from_kgid(&init_user_ns, inode->i_gid));
	w->nlink = cpu_to_le32(inode->i_nlink);
	fput(file);
	return 0;
}

/**
 * struct ssi_proc_fill - where the entries of a directory go
 * @ctx: what iterate_dir() is given
 * @buf: buffer
 * @len: bytes in it
 * @max: bytes that there is room for
 */
struct ssi_proc_fill {
	struct dir_context ctx;
	void *buf;
	size_t len;
	size_t max;
};

static bool ssi_proc_fill_name(struct dir_context *ctx, const char *name, int len, loff_t pos,
			       u64 ino, unsigned int type)
{
	struct ssi_proc_fill *fill = container_of(ctx, struct ssi_proc_fill, ctx);
	struct ssi_wire_procname *w = fill->buf + fill->len;
	size_t size = round_up(sizeof(*w) + len, 8);

	if (len > U8_MAX || fill->max - fill->len < size)
		return false;
	memset(fill->buf + fill->len, 0, size);
	w->pos = cpu_to_le64(pos);
	w->type = type & 0xf;
	w->len = len;
	memcpy(w->name, name, len);
	fill->len += size;
	return true;
}

/**
 * ssi_op_proc_dir - carry out SSI_OP_PROC_DIR
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: the position after the last entry of the answer, or a negative errno.
 */
long ssi_op_proc_dir(struct ssi_op_rx *op)
{
	struct ssi_proc_fill fill = {
		.ctx.actor	= ssi_proc_fill_name,
		.buf		= op->reply,
		.max		= op->reply_max,
	};
	struct file *file;
	long ret;

	file = ssi_proc_open_op(op, op->data, O_RDONLY | O_DIRECTORY);
	if (IS_ERR(file))
		return PTR_ERR(file);
	file->f_pos = le64_to_cpu(op->w->arg[0]);
	ret = iterate_dir(file, &fill.ctx);
	fput(file);
	if (ret)
		return ret;
	op->reply_len = fill.len;
	return fill.ctx.pos;
}

/*
 * The next process of this node's numbers that the caller may see, referenced. It may have
 * died by now, and then has no number any more.
 */
static struct task_struct *ssi_proc_next(struct ssi_op_rx *op, int *nr, u64 *id)
{
	bool ptrace = le64_to_cpu(op->w->arg[0]) & SSI_PROC_PTRACE;
	struct task_struct *task;
	struct ssi_pidns *p;
	struct pid *pid;

	for (;; (*nr)++) {
		cond_resched();
		scoped_guard(rcu) {
			p = rcu_dereference(op->ns->ssi);
			pid = find_ge_pid(*nr, op->ns);
			if (!p || !pid || !ssi_pidns_own(p, pid_nr_ns(pid, op->ns)))
				return NULL;
			*nr = pid_nr_ns(pid, op->ns);
			*id = ssi_pid_id(pid);
			task = pid_task(pid, PIDTYPE_TGID);
			if (task)
				get_task_struct(task);
		}
		if (!task)
			continue;
		if (!ptrace || ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
			return task;
		put_task_struct(task);
	}
}

/**
 * ssi_op_proc_pids - carry out SSI_OP_PROC_PIDS
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0.
 */
long ssi_op_proc_pids(struct ssi_op_rx *op)
{
	struct ssi_wire_procent *ent = op->reply;
	int nr = le32_to_cpu(op->w->nr);
	struct task_struct *task;
	u64 id;

	while (op->reply_max - op->reply_len >= sizeof(*ent) &&
	       (task = ssi_proc_next(op, &nr, &id))) {
		ssi_proc_fill_ent(ent++, task, nr++, id);
		put_task_struct(task);
		op->reply_len += sizeof(*ent);
	}
	return 0;
}

/* Has the number been given to another process meanwhile? */
static bool ssi_proc_is(struct ssi_op_rx *op, int nr, u64 id)
{
	struct pid *pid;

	guard(rcu)();
	pid = find_pid_ns(nr, op->ns);
	return pid && ssi_pid_id(pid) == id;
}

/* One file of a process into the answer.  Too large a one is left out. */
static bool ssi_proc_add_file(struct ssi_op_rx *op, struct ssi_ubuf *u, int nr, u64 id,
			      unsigned int name)
{
	struct ssi_wire_procfile *w = op->reply + op->reply_len;
	void *data = w + 1;
	struct file *file;
	ssize_t len;

	file = ssi_proc_open(op->ns, nr, ssi_procnames[name].name, O_RDONLY);
	if (IS_ERR(file)) {
		len = PTR_ERR(file);
	} else {
		len = ssi_proc_is(op, nr, id) ?
		      ssi_proc_read_all(u, file, data, SSI_PROCFILE_MAX, 0) : -ESRCH;
		fput(file);
	}
	if (len == SSI_PROCFILE_MAX)
		return false;
	w->name = cpu_to_le32(name);
	w->len = cpu_to_le32(len);
	op->reply_len += sizeof(*w);
	if (len > 0) {
		memset(data + len, 0, round_up(len, 8) - len);
		op->reply_len += round_up(len, 8);
	}
	return true;
}

/**
 * ssi_op_proc_ahead - carry out SSI_OP_PROC_AHEAD
 * @op: the operation
 *
 * Context: process context, with the caller's credentials.
 * Return: 0.
 */
long ssi_op_proc_ahead(struct ssi_op_rx *op)
{
	u64 names = le64_to_cpu(op->w->arg[1]);
	size_t most = sizeof(struct ssi_wire_procent) + hweight64(names) *
		      (sizeof(struct ssi_wire_procfile) + SSI_PROCFILE_MAX);
	int nr = le32_to_cpu(op->w->nr);
	struct task_struct *task;
	struct ssi_ubuf u = {};
	u64 id;

	scoped_with_init_fs() {
		while (op->reply_max - op->reply_len >= most &&
		       (task = ssi_proc_next(op, &nr, &id))) {
			struct ssi_wire_procent *ent = op->reply + op->reply_len;
			unsigned int i, files = 0;

			ssi_proc_fill_ent(ent, task, nr, id);
			put_task_struct(task);
			op->reply_len += sizeof(*ent);
			for (i = 0; i < ssi_nr_procnames; i++)
				if (names & BIT_ULL(i))
					files += ssi_proc_add_file(op, &u, nr, id, i);
			ent->nr_files = cpu_to_le32(files);
			nr++;
		}
	}
	ssi_ubuf_free(&u);
	return 0;
}
