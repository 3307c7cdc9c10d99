// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: execve() that starts the program on another node
 */

/**
 * DOC: placement
 *
 * A process may ask that its next execve() starts the program on another node. That is
 * the place for it: the old address space is gone, and all that the program is
 * begun with fits in one message: who it is, its arguments, its environment, its
 * limits and its open files.
 *
 * A binary format of ours is asked first. For a process without such a wish it
 * has no format to offer. For one with, it sends the message; when the other node says
 * that the program waits to run, the process becomes its stub (stub.c) at the point
 * of no return, where de_thread(), close-on-exec and the completion of vfork() are
 * execve()'s own. The file is opened here to be executed, as ever, and once more there,
 * under the same name.
 *
 * Unhappy paths: until the point of no return every failure is one of execve(), and the
 * program is killed there if it waits already. What cannot be taken along is
 * refused: see ssi_place_check().
 *
 * Locks: execve() holds cred_guard_mutex while the other node is asked.
 */

#include <linux/audit.h>
#include <linux/binfmts.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/filelock.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/resume_user_mode.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/seccomp.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "arch.h"
#include "caller.h"
#include "chooser.h"
#include "container.h"
#include "export.h"
#include "instance.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "node.h"
#include "place.h"
#include "placemsg.h"
#include "proxy.h"
#include "rpc.h"
#include "stub.h"
#include "task.h"
#include "terminal.h"

/**
 * struct ssi_mark - a wish for the next execve(), or for those of children
 * @ssi: what the task's task_struct.ssi points at
 * @si: instance; referenced
 * @how: which programs
 * @node: where the program is to be, or 0 for any node
 * @policy: how to choose that
 * @skip: not the next one
 * @rcu: frees it, as somebody may look at what kind of task it is
 */
struct ssi_mark {
	struct ssi_task ssi;
	struct ssi_instance *si;
	enum ssi_placement how;
	u32 node;
	enum ssi_placement_policy policy;
	bool skip;
	struct rcu_head rcu;
};

/**
 * struct ssi_place - an execve() that is being placed
 * @bprm: the program
 * @node: where it is to be
 * @epoch: membership
 * @flags: SSI_PLACE_*, for its children's programs
 * @stub: what current becomes
 * @nr_files: used entries of @file
 * @cwd: name of the working directory, in @buf
 * @cwd_len: bytes of it, with the NUL
 * @strings_len: bytes of arguments, environment and name
 * @args_len: bytes of the arguments
 * @buf: a page
 * @from: files that are open
 * @file: the same, as the message has them
 */
struct ssi_place {
	struct linux_binprm *bprm;
	struct ssi_node *node;
	u32 epoch;
	u32 flags;
	struct ssi_stub *stub;
	u32 nr_files;
	const char *cwd;
	size_t cwd_len;
	size_t strings_len;
	size_t args_len;
	char *buf;
	const struct file *from[SSI_PLACE_MAX_FILES];
	struct ssi_wire_open_file file[SSI_PLACE_MAX_FILES];
};

static struct ssi_mark *ssi_mark_alloc(struct ssi_instance *si, enum ssi_placement how,
				       u32 node, enum ssi_placement_policy policy)
{
	struct ssi_mark *mark = kzalloc_obj(*mark, GFP_KERNEL_ACCOUNT);

	if (!mark)
		return NULL;
	mark->ssi.kind = SSI_TASK_MARK;
	mark->how = how;
	mark->node = node;
	mark->policy = policy;
	mark->si = si;
	ssi_instance_get(si);
	return mark;
}

static void ssi_mark_free(struct ssi_mark *mark)
{
	ssi_instance_put(mark->si);
	kfree_rcu(mark, rcu);
}

static int ssi_place_check_node(struct ssi_instance *si, u32 id, struct netlink_ext_ack *extack)
{
	struct ssi_node *node = ssi_node_lookup(si, id);
	enum ssi_node_state state;

	if (!node) {
		NL_SET_ERR_MSG_FMT(extack, "There is no node %u: give the id of one", id);
		return -ENOENT;
	}
	state = ssi_node_state(node);
	ssi_node_put(node);
	if (state == SSI_NODE_STATE_MEMBER)
		return 0;
	if (state == SSI_NODE_STATE_DRAINING) {
		NL_SET_ERR_MSG_FMT(extack, "Node %u is being emptied and takes nothing", id);
		return -EHOSTDOWN;
	}
	NL_SET_ERR_MSG_FMT(extack, "Node %u is no member now", id);
	return -EHOSTDOWN;
}

/**
 * ssi_place_mark - have current start programs on other nodes
 * @si: instance
 * @how: which programs
 * @node: for SSI_PLACEMENT_ONCE, where; its own: no wish any more; 0: anywhere
 * @policy: how to choose a node
 * @extack: for a sentence
 *
 * Context: process context; sleeps for memory.
 * Return: 0; -EBUSY if the process is away; -ENOENT if there is no such node;
 * -EHOSTDOWN if it is no member; -ENOTCONN if this one is none; -ENOMEM.
 */
int ssi_place_mark(struct ssi_instance *si, enum ssi_placement how, u32 node,
		   enum ssi_placement_policy policy, struct netlink_ext_ack *extack)
{
	struct ssi_task *s = READ_ONCE(current->ssi);
	struct ssi_mark *mark;
	int err;

	if (WARN_ON_ONCE(current->flags & PF_KTHREAD))
		return -EPERM;
	/* io_uring may send this in the middle of it, for a wish that is being fulfilled */
	if (current->in_execve) {
		NL_SET_ERR_MSG(extack, "It is starting a program just now");
		return -EBUSY;
	}
	if (s && s->kind != SSI_TASK_MARK) {
		NL_SET_ERR_MSG(extack, "The process was moved: start it anew");
		return -EBUSY;
	}
	if (!ssi_instance_joined(si)) {
		NL_SET_ERR_MSG(extack, "This node is no member of a cluster: join first");
		return -ENOTCONN;
	}
	if (s)
		ssi_place_exit(s);
	if (how == SSI_PLACEMENT_ONCE && node) {
		if (node == si->node)
			return 0;
		err = ssi_place_check_node(si, node, extack);
		if (err)
			return err;
	}
	mark = ssi_mark_alloc(si, how, node, policy);
	if (!mark)
		return -ENOMEM;
	/* it is the children's programs that are spread */
	mark->skip = how != SSI_PLACEMENT_ONCE;
	/* somebody else may move the process this moment */
	if (cmpxchg(&current->ssi, NULL, &mark->ssi)) {
		ssi_mark_free(mark);
		NL_SET_ERR_MSG(extack, "The process is being moved: try again");
		return -EBUSY;
	}
	return 0;
}

/**
 * ssi_nl_place_doit - have the sender start programs on other nodes
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps for memory.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_place_doit(struct sk_buff *skb, struct genl_info *info)
{
	u32 how = nla_get_u32_default(info->attrs[SSI_A_PROCESS_PLACEMENT], SSI_PLACEMENT_ONCE);
	u32 policy = nla_get_u32_default(info->attrs[SSI_A_PROCESS_POLICY],
					 SSI_PLACEMENT_POLICY_LOAD);
	u32 node = nla_get_u32_default(info->attrs[SSI_A_PROCESS_NODE], 0);

	if (!ssi_nl_own_socket(skb, info->extack))
		return -EPERM;
	return ssi_place_mark(ssi_instance(genl_info_net(info)), how, node, policy, info->extack);
}

/**
 * ssi_place_inherit - current, which was placed here, spreads its children's programs
 * @si: instance
 * @policy: how to choose nodes
 *
 * Context: process context; sleeps for memory. Without any they stay here.
 */
void ssi_place_inherit(struct ssi_instance *si, enum ssi_placement_policy policy)
{
	struct ssi_mark *mark = ssi_mark_alloc(si, SSI_PLACEMENT_SPREAD_ALL, 0, policy);

	if (mark && cmpxchg(&current->ssi, NULL, &mark->ssi))
		ssi_mark_free(mark);
}

/**
 * ssi_place_fork - current, which has a wish, made a task
 * @s: what current's task_struct.ssi points at
 * @p: the new task, not yet running
 *
 * Context: process context; sleeps for memory. Without any the task has none.
 */
void ssi_place_fork(struct ssi_task *s, struct task_struct *p)
{
	struct ssi_mark *mark = container_of(s, struct ssi_mark, ssi);

	if (mark->how == SSI_PLACEMENT_ONCE)
		return;
	mark = ssi_mark_alloc(mark->si, mark->how, 0, mark->policy);
	if (mark && cmpxchg(&p->ssi, NULL, &mark->ssi))
		ssi_mark_free(mark);
}

/**
 * ssi_place_exit - forget a wish
 * @s: what current's task_struct.ssi points at
 *
 * Context: process context.
 */
void ssi_place_exit(struct ssi_task *s)
{
	struct ssi_mark *mark = container_of(s, struct ssi_mark, ssi);

	WRITE_ONCE(current->ssi, NULL);
	ssi_mark_free(mark);
}

/*
 * What would be lost, or is not for other nodes: threads and children, which are this
 * node's; who traces it; the filters that confine it; namespaces, which are no
 * cluster's; and a position in a directory that others share.
 */
static int ssi_place_check(struct ssi_instance *si)
{
	bool children;

	read_lock(&tasklist_lock);
	children = !list_empty(&current->children) || !list_empty(&current->ptraced);
	read_unlock(&tasklist_lock);
	if (children)
		return -ECHILD;
	if (!thread_group_empty(current) || current->ptrace || current->fs->users > 1 ||
	    is_child_reaper(task_tgid(current)))
		return -EBUSY;
	if (current->seccomp.mode != SECCOMP_MODE_DISABLED || !ssi_caller_trusted())
		return -EPERM;
	if (mm_flags_test(MMF_HAS_MDWE, current->mm) ||
	    ssi_arch_cpu_control())
		return -EPERM;
#ifdef CONFIG_IO_URING
	if (current->io_uring_restrict)
		return -EPERM;
#endif
	if (!ssi_container_has_current(si))
		return -EXDEV;
	return 0;
}

/* The handle that a file got for a lower descriptor, or 0. */
static u32 ssi_place_handle(const struct ssi_place *pl, const struct file *file)
{
	u32 i;

	for (i = 0; i < pl->nr_files; i++)
		if (pl->from[i] == file)
			return le32_to_cpu(pl->file[i].handle);
	return 0;
}

/* They would be lost when the stub closes the file. */
static bool ssi_place_has_locks(const struct file *file)
{
	struct file_lock_context *ctx = locks_inode_context(file_inode(file));
	struct file_lock *fl;

	if (!ctx)
		return false;
	guard(spinlock)(&ctx->flc_lock);
	list_for_each_entry(fl, &ctx->flc_posix, c.flc_list)
		if (fl->c.flc_owner == current->files)
			return true;
	return false;
}

/* What other sockets do with what is written depends on who current is, and may be anything. */
static bool ssi_place_takes_socket(struct file *file)
{
	struct socket *sock = sock_from_file(file);

	switch (sock->sk->sk_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
	case AF_INET6:
		return sock->type == SOCK_STREAM || sock->type == SOCK_DGRAM;
	default:
		return false;
	}
}

static int ssi_place_add_file(struct ssi_place *pl, u32 fd, struct file *file)
{
	struct ssi_wire_open_file *w = &pl->file[pl->nr_files];
	umode_t mode = file_inode(file)->i_mode;
	u32 handle;
	int err;

	if (!S_ISREG(mode) && !S_ISFIFO(mode) && !S_ISCHR(mode) && !S_ISSOCK(mode))
		return -EOPNOTSUPP;
	if (S_ISSOCK(mode) && (!sock_from_file(file) || !ssi_place_takes_socket(file)))
		return -EOPNOTSUPP;
	/* a memfd and its like have more to them than reads and writes */
	if (S_ISREG(mode) && (file_inode(file)->i_sb->s_flags & SB_KERNMOUNT) &&
	    !ssi_proxy_is(file))
		return -EOPNOTSUPP;
	/* what is neither read nor written, or by old functions of its file system only */
	if (file->f_mode & FMODE_PATH ||
	    ((file->f_mode & FMODE_CAN_READ) && !file->f_op->read_iter) ||
	    ((file->f_mode & FMODE_CAN_WRITE) && !file->f_op->write_iter))
		return -EOPNOTSUPP;
	if (ssi_place_has_locks(file))
		return -ENOLCK;
	if (pl->nr_files == SSI_PLACE_MAX_FILES)
		return -EMFILE;
	handle = ssi_place_handle(pl, file);
	if (!handle) {
		err = ssi_export_add(file, pl->node, pl->epoch, 0, &handle);
		if (err)
			return err;
	}
	/* exported, and so not freed */
	pl->from[pl->nr_files] = file;
	w->fd = cpu_to_le32(fd);
	ssi_export_describe(file, handle, w);
	if (ssi_terminal_is_controlling(file))
		w->modes |= cpu_to_le32(SSI_FILE_IS_TERMINAL);
	pl->nr_files++;
	return 0;
}

/* What /dev/tty means, if that is anything and there is room for it. */
static int ssi_place_terminal(struct ssi_place *pl)
{
	struct file *file;
	int err = 0;

	if (pl->nr_files == SSI_PLACE_MAX_FILES)
		return 0;
	file = filp_open("/dev/tty", O_RDWR | O_NOCTTY, 0);
	if (IS_ERR(file))
		return 0;
	if (ssi_terminal_is_controlling(file))
		err = ssi_place_add_file(pl, SSI_PLACE_NO_FD, file);
	fput(file);
	return err;
}

/* Export what is not closed by execve(). */
static int ssi_place_files(struct ssi_place *pl)
{
	unsigned int fd = 0;
	struct file *file;
	int err;

	for (;; fd++) {
		file = fget_task_next(current, &fd);
		if (!file)
			return ssi_place_terminal(pl);
		err = get_close_on_exec(fd) ? 0 : ssi_place_add_file(pl, fd, file);
		fput(file);
		if (err)
			return err;
	}
}

/* They are exported, and closed when the program closes them. */
static void ssi_place_close_files(void)
{
	unsigned int fd = 0;
	struct file *file;

	for (;; fd++) {
		file = fget_task_next(current, &fd);
		if (!file)
			return;
		fput(file);
		close_fd(fd);
	}
}

static void ssi_place_drop_files(struct ssi_place *pl)
{
	u32 i;

	for (i = 0; i < pl->nr_files; i++)
		ssi_export_drop(pl->node, le32_to_cpu(pl->file[i].handle));
}

static int ssi_place_cwd(struct ssi_place *pl)
{
	struct path pwd;
	char *name;

	get_fs_pwd(current->fs, &pwd);
	name = d_path(&pwd, pl->buf, PATH_MAX);
	path_put(&pwd);
	if (IS_ERR(name))
		return PTR_ERR(name);
	/* deleted, or not reachable from the root */
	if (name[0] != '/' || d_unlinked(current->fs->pwd.dentry))
		return -ENOENT;
	pl->cwd = name;
	pl->cwd_len = strlen(name) + 1;
	return 0;
}

/* The strings that execve() has copied lie side by side, below the name of the program. */
static size_t ssi_place_strings(const struct linux_binprm *bprm)
{
	return bprm->exec + strlen(bprm->filename) + 1 - bprm->p;
}

/* Bytes of the first strings. */
static size_t ssi_place_args(const char *strings, int nr)
{
	const char *s = strings;

	while (nr--)
		s += strlen(s) + 1;
	return s - strings;
}

static u64 ssi_place_ignored(void)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	u64 mask = 0;
	int sig;

	guard(spinlock_irq)(&sighand->siglock);
	for (sig = 1; sig <= _NSIG; sig++)
		if (sighand->action[sig - 1].sa.sa_handler == SIG_IGN)
			mask |= 1ULL << (sig - 1);
	return mask;
}

static void ssi_place_fill(struct ssi_place *pl, struct ssi_wire_place *w, unsigned int nr_groups)
{
	const struct cred *cred = current_cred();
	unsigned int i;

	w->id = cpu_to_le64(ssi_stub_id(pl->stub));
	w->ignored = cpu_to_le64(ssi_place_ignored());
	w->blocked = cpu_to_le64(current->blocked.sig[0]);
	w->bset = cpu_to_le64(cred->cap_bset.val);
	w->inheritable = cpu_to_le64(cred->cap_inheritable.val);
	w->ambient = cpu_to_le64(cred->cap_ambient.val);
	task_lock(current->group_leader);
	for (i = 0; i < RLIM_NLIMITS; i++) {
		w->limit[i][0] = cpu_to_le64(current->signal->rlim[i].rlim_cur);
		w->limit[i][1] = cpu_to_le64(current->signal->rlim[i].rlim_max);
	}
	task_unlock(current->group_leader);
	ssi_caller_fill(&w->caller, w->group, nr_groups, task_active_pid_ns(current));
	w->argc = cpu_to_le32(pl->bprm->argc);
	w->envc = cpu_to_le32(pl->bprm->envc);
	w->umask = cpu_to_le32(current_umask());
	w->nice = cpu_to_le32(task_nice(current));
	w->oom_score_adj = cpu_to_le32(current->signal->oom_score_adj);
	w->flags = cpu_to_le32((task_no_new_privs(current) ? SSI_PLACE_NO_NEW_PRIVS : 0) |
			       pl->flags);
	w->nr_files = cpu_to_le32(pl->nr_files);
	w->cwd_len = cpu_to_le32(pl->cwd_len);
	w->strings_len = cpu_to_le32(pl->strings_len);
	w->loginuid = cpu_to_le32(from_kuid(&init_user_ns, audit_get_loginuid(current)));
}

static struct ssi_msg *ssi_place_msg(struct ssi_place *pl)
{
	unsigned int nr_groups = ssi_caller_groups(current_cred());
	size_t groups = round_up(nr_groups * sizeof(__le32), 8);
	size_t files = pl->nr_files * sizeof(pl->file[0]), len;
	struct ssi_wire_place *w;
	struct ssi_msg *msg;
	void *p;

	pl->strings_len = ssi_place_strings(pl->bprm);
	len = sizeof(*w) + groups + files + pl->cwd_len + pl->strings_len;
	if (len > SSI_MSG_MAX_BODY)
		return ERR_PTR(-E2BIG);
	msg = ssi_msg_alloc(SSI_MSG_PLACE, len, GFP_KERNEL_ACCOUNT);
	if (!msg)
		return ERR_PTR(-ENOMEM);
	w = msg->body;
	ssi_place_fill(pl, w, nr_groups);
	p = (void *)w->group + groups;
	memcpy(p, pl->file, files);
	p += files;
	memcpy(p, pl->cwd, pl->cwd_len);
	p += pl->cwd_len;
	if (access_remote_vm(pl->bprm->mm, pl->bprm->p, p, pl->strings_len, FOLL_FORCE) !=
	    pl->strings_len) {
		ssi_msg_free(msg);
		return ERR_PTR(-EFAULT);
	}
	pl->args_len = ssi_place_args(p, pl->bprm->argc);
	return msg;
}

/* Have the program made. */
static int ssi_place_call(struct ssi_place *pl)
{
	struct ssi_wire_placed placed = {};
	struct ssi_call *call;
	struct ssi_msg *msg;
	int err;

	msg = ssi_place_msg(pl);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	call = kzalloc_obj(*call, GFP_KERNEL_ACCOUNT);
	if (!call) {
		ssi_msg_free(msg);
		return -ENOMEM;
	}
	call->reply = &placed;
	call->reply_max = sizeof(placed);
	err = ssi_call_killable(call, pl->node, pl->epoch, msg, MAX_SCHEDULE_TIMEOUT);
	kfree(call);
	/* the next format must not be tried for what the other node could not execute */
	if (err == -ENOEXEC)
		return -EACCES;
	if (err)
		return err <= -ERESTARTSYS ? -EINTR : err;
	ssi_stub_set_pid(pl->stub, le32_to_cpu(placed.pid));
	return 0;
}

/* All that can fail harmlessly. */
static int ssi_place_begin(struct ssi_place *pl)
{
	int err;

	err = ssi_place_check(pl->node->inst);
	if (!err)
		err = ssi_place_cwd(pl);
	if (!err)
		err = ssi_place_files(pl);
	if (err)
		return err;
	pl->stub = ssi_stub_alloc(pl->node, pl->epoch);
	if (IS_ERR(pl->stub)) {
		err = PTR_ERR(pl->stub);
		pl->stub = NULL;
		return err;
	}
	smp_mb(); /* who leaves says so, then looks for stubs: one of us sees it */
	if (atomic_read(&pl->node->inst->leaving))
		return -EHOSTDOWN;
	return ssi_place_call(pl);
}

/* After the point of no return: what fails kills the process, and so the program. */
static int ssi_place_become(struct ssi_place *pl)
{
	struct ssi_mark *mark = container_of(current->ssi, struct ssi_mark, ssi);
	struct linux_binprm *bprm = pl->bprm;
	struct mm_struct *mm;
	int err;

	setup_new_exec(bprm);
	/* the program runs meanwhile */
	ssi_stub_become(pl->stub);
	ssi_mark_free(mark);
	err = setup_arg_pages(bprm, STACK_TOP, EXSTACK_DISABLE_X);
	if (err)
		return err;
	/* nobody reads them but those who look at processes */
	mm = current->mm;
	mm->arg_end = mm->arg_start + pl->args_len;
	mm->env_start = mm->arg_end;
	mm->env_end = mm->arg_start + pl->strings_len;
	set_binfmt(NULL);
	finalize_exec(bprm);
	start_thread(current_pt_regs(), 0, 0);
	ssi_place_close_files();
	return 0;
}

static int ssi_place_exec(struct ssi_place *pl)
{
	int err = ssi_place_begin(pl);

	if (err) {
		ssi_place_drop_files(pl);
		if (pl->stub)
			ssi_stub_abort(pl->stub);
		return err;
	}
	err = begin_new_exec(pl->bprm);
	if (!err)
		err = ssi_place_become(pl);
	else	/* with its files: what the program has open it closes */
		ssi_stub_abort(pl->stub);
	return err == -ENOEXEC ? -EACCES : err;
}

static int ssi_place_load(struct linux_binprm *bprm, struct ssi_mark *mark,
			  struct ssi_node *node)
{
	struct ssi_place *pl;
	int err;

	pl = kvzalloc_obj(*pl, GFP_KERNEL_ACCOUNT);
	if (!pl)
		return -ENOMEM;
	pl->bprm = bprm;
	pl->buf = (char *)__get_free_page(GFP_KERNEL_ACCOUNT);
	pl->node = node;
	pl->epoch = ssi_node_epoch(node);
	if (mark->how == SSI_PLACEMENT_SPREAD_ALL)
		pl->flags = SSI_PLACE_SPREAD |
			    (mark->policy == SSI_PLACEMENT_POLICY_TURN ? SSI_PLACE_TURN : 0);
	err = -ENOMEM;
	if (pl->buf)
		err = pl->epoch ? ssi_place_exec(pl) : -EHOSTDOWN;
	free_page((unsigned long)pl->buf);
	kvfree(pl);
	return err;
}

/* What nobody has named a node for runs here just as well: by another format. */
static int ssi_place_here(struct ssi_mark *mark)
{
	/* what it starts stays with it, as it would on another node */
	if (mark->how != SSI_PLACEMENT_SPREAD_ALL)
		ssi_place_exit(&mark->ssi);
	return -ENOEXEC;
}

static int ssi_place_load_binary(struct linux_binprm *bprm)
{
	struct ssi_task *s = READ_ONCE(current->ssi);
	struct ssi_mark *mark;
	struct ssi_node *node;
	bool named;
	int err;

	if (!s || s->kind != SSI_TASK_MARK)
		return -ENOEXEC;
	mark = container_of(s, struct ssi_mark, ssi);
	named = mark->node;
	/* of a script that runs here the interpreter does, too; others change the arguments */
	if (mark->skip || bprm->interp != bprm->filename || bprm->loader) {
		mark->skip = false;
		return named ? -EACCES : -ENOEXEC;
	}
	node = named ? ssi_node_lookup(mark->si, mark->node) : ssi_choose(mark->si, mark->policy);
	if (!node)
		return named ? -EHOSTDOWN : ssi_place_here(mark);
	err = ssi_place_load(bprm, mark, node);
	ssi_node_put(node);
	return err && !named && !bprm->point_of_no_return ? ssi_place_here(mark) : err;
}

static struct linux_binfmt ssi_place_format = {
	.load_binary	= ssi_place_load_binary,
};

/**
 * ssi_place_init - register the binary format
 *
 * Return: 0.
 */
int __init ssi_place_init(void)
{
	/* first: it is asked for programs of all formats */
	insert_binfmt(&ssi_place_format);
	return 0;
}
