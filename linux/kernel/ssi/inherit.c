// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what a program takes over from the task that called execve() on another node
 */

/**
 * DOC: inheritance
 *
 * All that execve() keeps, and that another node can give, is in the message that brings a
 * program. The new task takes it on piece by piece, limits before credentials, as
 * they may be higher than the keeper's, and files after them, whose proxies are the
 * user's; then it executes the program.
 *
 * Unhappy paths: a failure is what the execve() there says.
 */

#include <linux/audit.h>
#include <linux/binfmts.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/namei.h>
#include <linux/oom.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/user_namespace.h>

#include "caller.h"
#include "container.h"
#include "device.h"
#include "inherit.h"
#include "node.h"
#include "placemsg.h"
#include "proxy.h"
#include "terminal.h"

/* Where the parts of a message are. */
struct ssi_place_parts {
	const struct ssi_wire_open_file *file;
	const char *cwd;
	const char *strings;
};

static size_t ssi_place_parts(const struct ssi_wire_place *w, struct ssi_place_parts *parts)
{
	size_t groups = round_up((size_t)le32_to_cpu(w->caller.nr_groups) * 4, 8);

	parts->file = (const void *)w->group + groups;
	parts->cwd = (const void *)(parts->file + le32_to_cpu(w->nr_files));
	parts->strings = parts->cwd + le32_to_cpu(w->cwd_len);
	return parts->strings - (const char *)w + le32_to_cpu(w->strings_len);
}

/* Is it what /dev/tty means? */
static bool ssi_place_is_terminal(const struct ssi_wire_open_file *file)
{
	return le32_to_cpu(file->fd) == SSI_PLACE_NO_FD &&
	       le32_to_cpu(file->modes) & SSI_FILE_IS_TERMINAL &&
	       S_ISCHR(le32_to_cpu(file->mode)) && !file->memory;
}

static bool ssi_place_check_files(const struct ssi_wire_open_file *file, u32 nr)
{
	u32 i, last = 0, fd;

	for (i = 0; i < nr; i++) {
		fd = le32_to_cpu(file[i].fd);
		if (fd > INT_MAX && (i != nr - 1 || !ssi_place_is_terminal(&file[i])))
			return false;
		if ((i && fd <= last) || !file[i].handle ||
		    le32_to_cpu(file[i].modes) & ~SSI_FILE_MODES)
			return false;
		switch (le32_to_cpu(file[i].mode) & S_IFMT) {
		case S_IFREG:
		case S_IFIFO:
		case S_IFCHR:
		case S_IFSOCK:
			break;
		default:
			return false;
		}
		last = fd;
	}
	return true;
}

/**
 * ssi_inherit_check - is a program well described?
 * @body: SSI_MSG_PLACE, no shorter than its fixed part
 * @len: bytes of it
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_inherit_check(const void *body, size_t len)
{
	const struct ssi_wire_place *w = body;
	u32 strings = le32_to_cpu(w->strings_len), cwd = le32_to_cpu(w->cwd_len);
	s32 nice = le32_to_cpu(w->nice), adj = le32_to_cpu(w->oom_score_adj);
	struct ssi_place_parts parts;
	u64 nuls = 0;
	u32 i;

	if (le32_to_cpu(w->caller.nr_groups) > NGROUPS_MAX || strings > len || cwd > PATH_MAX ||
	    le32_to_cpu(w->nr_files) > SSI_PLACE_MAX_FILES)
		return -EPROTO;
	if (ssi_place_parts(w, &parts) != len || !strings || !cwd)
		return -EPROTO;
	if (nice < MIN_NICE || nice > MAX_NICE || adj < OOM_SCORE_ADJ_MIN ||
	    adj > OOM_SCORE_ADJ_MAX || le32_to_cpu(w->umask) & ~0777 ||
	    le32_to_cpu(w->flags) & ~SSI_PLACE_FLAGS)
		return -EPROTO;
	if (!ssi_place_check_files(parts.file, le32_to_cpu(w->nr_files)))
		return -EPROTO;
	if (parts.cwd[0] != '/' || strnlen(parts.cwd, cwd) != cwd - 1)
		return -EPROTO;
	for (i = 0; i < strings; i++)
		nuls += !parts.strings[i];
	if (parts.strings[strings - 1] || !w->argc ||
	    nuls != (u64)le32_to_cpu(w->argc) + le32_to_cpu(w->envc) + 1)
		return -EPROTO;
	return 0;
}

static void ssi_inherit_set_signals(const struct ssi_wire_place *w)
{
	struct sighand_struct *sighand = rcu_dereference_protected(current->sighand, true);
	u64 ignored = le64_to_cpu(w->ignored);
	sigset_t blocked = {};
	int sig;

	blocked.sig[0] = le64_to_cpu(w->blocked);
	sigdelsetmask(&blocked, sigmask(SIGKILL) | sigmask(SIGSTOP));
	spin_lock_irq(&sighand->siglock);
	flush_signal_handlers(current, 1);
	for (sig = 1; sig <= _NSIG; sig++)
		if ((ignored >> (sig - 1) & 1) && !sig_kernel_only(sig))
			sighand->action[sig - 1].sa.sa_handler = SIG_IGN;
	current->blocked = blocked;
	recalc_sigpending();
	spin_unlock_irq(&sighand->siglock);
}

static void ssi_inherit_set_group(void)
{
	struct pid *pids[PIDTYPE_MAX] = { 0 };

	write_lock_irq(&tasklist_lock);
	change_pid(pids, current, PIDTYPE_PGID, task_pid(current));
	write_unlock_irq(&tasklist_lock);
	free_pids(pids);
}

static void ssi_inherit_limit_files(u64 cur, u64 max)
{
	struct rlimit *r = &current->signal->rlim[RLIMIT_NOFILE];

	task_lock(current->group_leader);
	r->rlim_cur = cur;
	r->rlim_max = max;
	task_unlock(current->group_leader);
}

/* Those of RLIMIT_NOFILE come last: a descriptor may be higher than they are by now. */
static int ssi_inherit_set_limits(const struct ssi_wire_place *w)
{
	unsigned int i;
	int err;

	static_assert(RLIM_NLIMITS == SSI_PLACE_LIMITS);
	current->signal->oom_score_adj = (s32)le32_to_cpu(w->oom_score_adj);
	current->signal->oom_score_adj_min = current->signal->oom_score_adj;
	for (i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit r = {
			.rlim_cur = le64_to_cpu(w->limit[i][0]),
			.rlim_max = le64_to_cpu(w->limit[i][1]),
		};

		if (i == RLIMIT_NOFILE)
			continue;
		err = do_prlimit(current, i, &r, NULL);
		if (err)
			return err;
	}
	ssi_inherit_limit_files(INT_MAX, INT_MAX);
	return 0;
}

/* As copy_process() has it, which has counted a process of root's. */
static int ssi_inherit_check_nproc(void)
{
	if (!is_rlimit_overlimit(current_ucounts(), UCOUNT_RLIMIT_NPROC, rlimit(RLIMIT_NPROC)))
		return 0;
	return current_user() == INIT_USER || capable(CAP_SYS_RESOURCE) ||
	       capable(CAP_SYS_ADMIN) ? 0 : -EAGAIN;
}

static int ssi_inherit_set_loginuid(const struct ssi_wire_place *w)
{
#ifdef CONFIG_AUDIT
	kuid_t loginuid = make_kuid(&init_user_ns, le32_to_cpu(w->loginuid));

	/* one that is not set may be set by anybody */
	if (uid_valid(loginuid))
		return audit_set_loginuid(loginuid);
#endif
	return 0;
}

static int ssi_inherit_set_creds(const struct ssi_wire_place *w, struct ssi_instance *si)
{
	struct cred *cred = ssi_caller_cred(&w->caller, w->group);
	struct user_struct *user;
	int err;

	if (IS_ERR(cred))
		return PTR_ERR(cred);
	err = -EINVAL;
	if (!uid_valid(cred->uid) || !uid_valid(cred->euid) || !gid_valid(cred->gid) ||
	    !gid_valid(cred->egid))
		goto abort;
	err = -EAGAIN;
	user = alloc_uid(cred->uid);
	if (!user)
		goto abort;
	free_uid(cred->user);
	cred->user = user;
	cred->cap_bset.val = le64_to_cpu(w->bset) & CAP_VALID_MASK;
	cred->cap_inheritable.val = le64_to_cpu(w->inheritable) & CAP_VALID_MASK;
	cred->cap_ambient.val = le64_to_cpu(w->ambient) & cred->cap_inheritable.val &
				cred->cap_permitted.val;
	ssi_container_bound(si, cred);
	err = set_cred_ucounts(cred);
	if (err)
		goto abort;
	if (le32_to_cpu(w->flags) & SSI_PLACE_NO_NEW_PRIVS)
		task_set_no_new_privs(current);
	commit_creds(cred);
	return ssi_inherit_check_nproc();
abort:
	abort_creds(cred);
	return err;
}

static int ssi_inherit_set_cwd(const char *cwd)
{
	struct path path;
	int err;

	err = kern_path(cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
	if (err)
		return err;
	err = path_permission(&path, MAY_EXEC | MAY_CHDIR);
	if (!err)
		set_fs_pwd(current->fs, &path);
	path_put(&path);
	return err;
}

/* One proxy for all descriptors of a file. */
static struct file *ssi_inherit_file(struct ssi_node *node, u32 epoch,
				     struct ssi_terminal *terminal,
				     const struct ssi_wire_open_file *file, u32 i)
{
	u32 j, flags = le32_to_cpu(file[i].flags) & (O_ACCMODE | O_NONBLOCK | O_APPEND);
	struct file *f;

	for (j = 0; j < i; j++)
		if (file[j].handle == file[i].handle)
			return fget(le32_to_cpu(file[j].fd)) ? : ERR_PTR(-EBADF);
	if (!file[i].memory)
		return ssi_proxy_open(node, epoch, terminal, &file[i]);
	f = ssi_device_open(le32_to_cpu(file[i].memory), flags | O_LARGEFILE);
	if (!f)
		return ssi_proxy_open(node, epoch, terminal, &file[i]);
	ssi_proxy_send_close(node, epoch, le32_to_cpu(file[i].handle), 0);
	return f;
}

static int ssi_inherit_set_files(const struct ssi_wire_place *w, struct ssi_node *node, u32 epoch,
				 struct ssi_terminal *terminal,
				 const struct ssi_wire_open_file *file)
{
	u32 i, nr = le32_to_cpu(w->nr_files);
	struct file *f;
	int err;

	for (i = 0; i < nr; i++) {
		f = ssi_inherit_file(node, epoch, terminal, file, i);
		if (IS_ERR(f))
			return PTR_ERR(f);
		if (ssi_place_is_terminal(&file[i])) {
			ssi_terminal_set_file(terminal, f);
			break;
		}
		err = replace_fd(le32_to_cpu(file[i].fd), f, 0);
		fput(f);
		if (err < 0)
			return err;
	}
	return 0;
}

static int ssi_inherit_execve(const struct ssi_wire_place *w, const char *strings)
{
	u32 i, argc = le32_to_cpu(w->argc), envc = le32_to_cpu(w->envc);
	const char **argv;
	int err;

	argv = kvcalloc((size_t)argc + envc + 2, sizeof(*argv), GFP_KERNEL_ACCOUNT);
	if (!argv)
		return -ENOMEM;
	for (i = 0; i < argc + envc; i++) {
		argv[i + (i >= argc)] = strings;
		strings += strlen(strings) + 1;
	}
	err = kernel_execve(strings, argv, argv + argc + 1);
	kvfree(argv);
	return err;
}

/**
 * ssi_inherit - become the program that a message describes
 * @w: SSI_MSG_PLACE, checked
 * @node: where it comes from
 * @epoch: of the membership
 * @terminal: of its session, in case that it has one
 *
 * Context: a new task of a keeper, before it enters user mode; sleeps.
 * Return: 0: it will run; or what execve() is to say.
 */
int ssi_inherit(const struct ssi_wire_place *w, struct ssi_node *node, u32 epoch,
		struct ssi_terminal *terminal)
{
	struct ssi_place_parts parts;
	int err;

	ssi_place_parts(w, &parts);
	ssi_inherit_set_signals(w);
	ssi_inherit_set_group();
	ssi_terminal_begin(terminal);
	set_user_nice(current, (s32)le32_to_cpu(w->nice));
	current->fs->umask = le32_to_cpu(w->umask);
	err = ssi_inherit_set_limits(w);
	if (!err)
		err = ssi_inherit_set_loginuid(w);
	if (!err)
		err = ssi_inherit_set_creds(w, node->inst);
	/* under these credentials */
	if (!err)
		err = ssi_inherit_set_files(w, node, epoch, terminal, parts.file);
	ssi_inherit_limit_files(le64_to_cpu(w->limit[RLIMIT_NOFILE][0]),
				le64_to_cpu(w->limit[RLIMIT_NOFILE][1]));
	if (!err)
		err = ssi_inherit_set_cwd(parts.cwd);
	return err ? : ssi_inherit_execve(w, parts.strings);
}
