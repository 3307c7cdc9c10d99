// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who asks for an operation on a process of another node
 */

/**
 * DOC: callers
 *
 * What a caller may do is judged where the process is that he does it to, by the
 * checks that the kernel has for it, under credentials like his.  Ids are those of the
 * initial user namespace; the nodes of a cluster have the same users, as with NFS.
 * Capabilities count if he has them there: a member of a nested user namespace is
 * its real user id on other nodes, and nothing else.
 *
 * Keys, security labels and the like stay at home: a security module sees the
 * label of a kernel thread.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/security.h>
#include <linux/sort.h>
#include <linux/user_namespace.h>

#include "caller.h"
#include "lend.h"
#include "procmsg.h"

/**
 * ssi_caller_groups - how many supplementary groups are there?
 * @cred: credentials
 *
 * Context: any.
 * Return: the number of groups.
 */
unsigned int ssi_caller_groups(const struct cred *cred)
{
	return cred->group_info->ngroups;
}

static __le32 ssi_caller_uid(kuid_t uid)
{
	return cpu_to_le32(from_kuid(&init_user_ns, uid));
}

static __le32 ssi_caller_gid(kgid_t gid)
{
	return cpu_to_le32(from_kgid(&init_user_ns, gid));
}

static u64 ssi_caller_caps(kernel_cap_t caps)
{
	return caps.val;
}

/**
 * ssi_caller_fill - say who current is
 * @w: to be filled in, zeroed
 * @group: room for the supplementary groups
 * @nr: how many, from ssi_caller_groups()
 * @ns: attached pid namespace
 *
 * Context: process context.
 */
void ssi_caller_fill(struct ssi_wire_caller *w, __le32 *group, unsigned int nr,
		     struct pid_namespace *ns)
{
	const struct cred *cred = current_cred();
	unsigned int i;

	if (cred->user_ns == &init_user_ns) {
		w->effective = cpu_to_le64(ssi_caller_caps(cred->cap_effective));
		w->permitted = cpu_to_le64(ssi_caller_caps(cred->cap_permitted));
	}
	w->uid = ssi_caller_uid(cred->uid);
	/* whoever owns a user namespace has all capabilities there, if he is outside it */
	w->euid = ssi_caller_uid(cred->user_ns == &init_user_ns ? cred->euid : INVALID_UID);
	w->suid = ssi_caller_uid(cred->suid);
	w->fsuid = ssi_caller_uid(cred->fsuid);
	w->gid = ssi_caller_gid(cred->gid);
	w->egid = ssi_caller_gid(cred->egid);
	w->sgid = ssi_caller_gid(cred->sgid);
	w->fsgid = ssi_caller_gid(cred->fsgid);
	w->securebits = cpu_to_le32(cred->securebits);
	w->tgid = cpu_to_le32(task_tgid_nr_ns(current, ns));
	w->session = cpu_to_le32(task_session_nr_ns(current, ns));
	w->nr_groups = cpu_to_le32(nr);
	for (i = 0; i < nr; i++)
		group[i] = ssi_caller_gid(cred->group_info->gid[i]);
}

/*
 * May current look into a process that is in no domain of a security module? The kernel's
 * first one is such a process, and has all capabilities, which must not matter.
 */
static bool ssi_caller_may_look(unsigned int mode)
{
	struct cred *cred = prepare_creds();
	int err;

	if (!cred)
		return false;
	put_user_ns(cred->user_ns);
	cred->user_ns = get_user_ns(&init_user_ns);
	cred->cap_effective = CAP_FULL_SET;
	scoped_with_creds(cred)
		err = security_ptrace_access_check(&init_task, mode);
	put_cred(cred);
	return !err;
}

/**
 * ssi_caller_trusted - is current confined by no security module?
 *
 * Context: process context; sleeps.
 * Return: false for one who is in a Landlock domain, say, which does not go with him.
 */
bool ssi_caller_trusted(void)
{
	return ssi_caller_may_look(PTRACE_MODE_ATTACH_REALCREDS);
}

/**
 * ssi_caller_confine - take the rights from a caller that its security module takes
 * @w: who current is, filled in
 * @attach: whether he wants more than to look
 *
 * One who is in a Landlock domain, say, must not look into processes outside it, nor one
 * in a user namespace of his own; on another node all are. There he is nobody, who sees
 * what all may see.
 *
 * Context: process context; sleeps.
 */
void ssi_caller_confine(struct ssi_wire_caller *w, bool attach)
{
	unsigned int mode = attach ? PTRACE_MODE_ATTACH_REALCREDS : PTRACE_MODE_READ_FSCREDS;

	if (current_user_ns() == &init_user_ns && ssi_caller_may_look(mode))
		return;
	w->effective = 0;
	w->permitted = 0;
	w->uid = ssi_caller_uid(INVALID_UID);
	w->euid = w->uid;
	w->suid = w->uid;
	w->fsuid = w->uid;
}

static struct group_info *ssi_caller_group_info(const __le32 *group, unsigned int nr)
{
	struct group_info *info = groups_alloc(nr);
	unsigned int i;

	if (!info)
		return NULL;
	for (i = 0; i < nr; i++)
		info->gid[i] = make_kgid(&init_user_ns, le32_to_cpu(group[i]));
	groups_sort(info);
	return info;
}

static kuid_t ssi_caller_kuid(__le32 uid)
{
	return make_kuid(&init_user_ns, le32_to_cpu(uid));
}

static kgid_t ssi_caller_kgid(__le32 gid)
{
	return make_kgid(&init_user_ns, le32_to_cpu(gid));
}

/**
 * ssi_caller_cred - credentials to act with for a caller of another node
 * @w: who he is
 * @group: his supplementary groups
 *
 * As nfsd_setuser() does it.
 *
 * Context: may sleep.
 * Return: credentials, to be put, or an error pointer: -ENOMEM, -EPERM if this node does
 * not let this user in.
 */
struct cred *ssi_caller_cred(const struct ssi_wire_caller *w, const __le32 *group)
{
	struct cred *cred = prepare_kernel_cred(&init_task);
	struct group_info *info;

	if (!cred)
		return ERR_PTR(-ENOMEM);
	if (!ssi_lend_to(le32_to_cpu(w->uid)) || !ssi_lend_to(le32_to_cpu(w->euid)) ||
	    !ssi_lend_to(le32_to_cpu(w->suid)) || !ssi_lend_to(le32_to_cpu(w->fsuid))) {
		abort_creds(cred);
		return ERR_PTR(-EPERM);
	}
	info = ssi_caller_group_info(group, le32_to_cpu(w->nr_groups));
	if (!info) {
		abort_creds(cred);
		return ERR_PTR(-ENOMEM);
	}
	set_groups(cred, info);
	put_group_info(info);

	cred->uid = ssi_caller_kuid(w->uid);
	cred->euid = ssi_caller_kuid(w->euid);
	cred->suid = ssi_caller_kuid(w->suid);
	cred->fsuid = ssi_caller_kuid(w->fsuid);
	cred->gid = ssi_caller_kgid(w->gid);
	cred->egid = ssi_caller_kgid(w->egid);
	cred->sgid = ssi_caller_kgid(w->sgid);
	cred->fsgid = ssi_caller_kgid(w->fsgid);
	cred->securebits = le32_to_cpu(w->securebits);
	cred->cap_effective.val = le64_to_cpu(w->effective) & CAP_VALID_MASK;
	cred->cap_permitted.val = le64_to_cpu(w->permitted) & CAP_VALID_MASK;
	cap_clear(cred->cap_inheritable);
	cap_clear(cred->cap_ambient);
	return cred;
}
