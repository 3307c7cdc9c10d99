// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: what this node lends to others
 */

/**
 * DOC: lending
 *
 * Peers are trusted as kernels, but who owns a node says whom and how much of it
 * they may use. How many tasks and how much processor time is a matter of a control
 * group (spawner.c). Two things are ours, as parameters that may be changed at any
 * time:
 *
 * ssi.lend=MIB: how much memory may hold pages of processes of other nodes. Such
 * pages come by a lane, whose receiver neither reclaims nor waits, so they belong to no
 * control group. What comes beyond the limit is kept, as there is no other
 * copy of it, and then homes are asked to take as much back (evict.c), those pages first
 * that are here for longest; a guest that still needs them gets them again. While
 * the limit is reached no process more is taken.
 *
 * ssi.uids=0,1000-59999: which users of other nodes may act here, as guests, with
 * programs, and by system calls that name a process of this node. A
 * user who is not among them is refused by name; nobody (the overflow uid), as whom one acts
 * who may do nothing, always is.
 *
 * Ranges are replaced as a whole, under a seqlock: they may be read in any context, and
 * are first set when nothing can be allocated yet. A list that cannot be read changes
 * nothing.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <kunit/visibility.h>
#include <linux/cred.h>
#include <linux/highuid.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/seqlock.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include "evict.h"
#include "instance.h"
#include "lend.h"
#include "node.h"
#include "procmsg.h"
#include "reason.h"
#include "rpc.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "ssi."

static DEFINE_SEQLOCK(ssi_lend_lock);
static struct ssi_uids ssi_lend_uids;
static unsigned int ssi_lend_mib;

/**
 * ssi_uids_parse - read ranges of user ids
 * @text: such as "0,1000-59999"; may end with a newline. Empty: all
 * @uids: filled in
 *
 * Context: any; pure.
 * Return: 0; -EINVAL if it is not that; -E2BIG if there are more than SSI_MAX_UIDS.
 */
int ssi_uids_parse(const char *text, struct ssi_uids *uids)
{
	char part[32];
	size_t len;

	uids->nr = 0;
	while (*text && *text != '\n') {
		u32 *range = uids->range[uids->nr];
		char *to;

		len = strcspn(text, ",\n");
		if (len >= sizeof(part))
			return -EINVAL;
		if (uids->nr == SSI_MAX_UIDS)
			return -E2BIG;
		memcpy(part, text, len);
		part[len] = '\0';
		to = strchr(part, '-');
		if (to)
			*to++ = '\0';
		if (kstrtou32(part, 10, &range[0]) || kstrtou32(to ? : part, 10, &range[1]) ||
		    range[0] > range[1])
			return -EINVAL;
		uids->nr++;
		text += len;
		/* a comma has to be followed by something */
		if (*text == ',' && (!*++text || *text == '\n'))
			return -EINVAL;
	}
	return *text && text[1] ? -EINVAL : 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_uids_parse);

/**
 * ssi_uids_have - is a user among them?
 * @uids: ranges
 * @uid: as the initial user namespace has it
 *
 * Context: any; pure.
 * Return: true if it is, or there are no ranges.
 */
bool ssi_uids_have(const struct ssi_uids *uids, u32 uid)
{
	unsigned int i;

	for (i = 0; i < uids->nr; i++)
		if (uid >= uids->range[i][0] && uid <= uids->range[i][1])
			return true;
	return !uids->nr;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_uids_have);

static int ssi_lend_set_uids(const char *text, const struct kernel_param *kp)
{
	struct ssi_uids uids;
	int err = ssi_uids_parse(text, &uids);

	/* at boot there is no allocator yet */
	if (err)
		return err;
	write_seqlock(&ssi_lend_lock);
	ssi_lend_uids = uids;
	write_sequnlock(&ssi_lend_lock);
	return 0;
}

static int ssi_lend_get_uids(char *text, const struct kernel_param *kp)
{
	unsigned int i;
	int len = 0;

	read_seqlock_excl(&ssi_lend_lock);
	for (i = 0; i < ssi_lend_uids.nr; i++) {
		const u32 *range = ssi_lend_uids.range[i];

		len += sysfs_emit_at(text, len, range[0] == range[1] ? "%s%u" : "%s%u-%u",
				     i ? "," : "", range[0], range[1]);
	}
	read_sequnlock_excl(&ssi_lend_lock);
	return len + sysfs_emit_at(text, len, "\n");
}

static const struct kernel_param_ops ssi_lend_uids_ops = {
	.set = ssi_lend_set_uids,
	.get = ssi_lend_get_uids,
};

module_param_cb(uids, &ssi_lend_uids_ops, NULL, 0644);
MODULE_PARM_DESC(uids, "user ids of other nodes that may act here, such as 0,1000-59999; empty: all");

static int ssi_lend_set_mib(const char *text, const struct kernel_param *kp)
{
	int err = param_set_uint(text, kp);

	if (!err)
		ssi_evict_limit();
	return err;
}

static const struct kernel_param_ops ssi_lend_mib_ops = {
	.set = ssi_lend_set_mib,
	.get = param_get_uint,
};

module_param_cb(lend, &ssi_lend_mib_ops, &ssi_lend_mib, 0644);
MODULE_PARM_DESC(lend, "MiB of memory for pages of processes of other nodes; 0: no limit");

/**
 * ssi_lend_pages - for how many pages of others is there room?
 *
 * Context: any.
 * Return: the limit; ULONG_MAX if there is none.
 */
unsigned long ssi_lend_pages(void)
{
	unsigned long mib = READ_ONCE(ssi_lend_mib);

	return mib ? mib << (20 - PAGE_SHIFT) : ULONG_MAX;
}

/**
 * ssi_lend_to - may a user of another node act here?
 * @uid: as the initial user namespace of that node has it
 *
 * Context: any.
 * Return: true if he may.
 */
bool ssi_lend_to(u32 uid)
{
	unsigned int seq;
	bool ret;

	if (uid == overflowuid)
		return true;
	do {
		seq = read_seqbegin(&ssi_lend_lock);
		ret = ssi_uids_have(&ssi_lend_uids, uid);
	} while (read_seqretry(&ssi_lend_lock, seq));
	return ret;
}

/**
 * ssi_lend_refuse - refuse a process that is offered, if there is a reason
 * @rx: SSI_MSG_SESSION_NEW
 *
 * Context: receiver thread of the user lane.
 * Return: true if it was refused, and its home told why.
 */
bool ssi_lend_refuse(struct ssi_rx *rx)
{
	const struct ssi_wire_session_new *w = rx->body;
	enum ssi_reason reason = SSI_REASON_NONE;
	struct ssi_wire_session *answer;
	struct ssi_msg *msg;

	if (ssi_instance_refuses(rx->node->inst))
		reason = SSI_REASON_DRAINING;
	else if (!ssi_lend_to(le32_to_cpu(w->uid)))
		reason = SSI_REASON_USER;
	else if (ssi_evict_full())
		reason = SSI_REASON_NO_MEMORY;
	if (!reason)
		return false;
	msg = ssi_msg_alloc(SSI_MSG_SESSION_READY, sizeof(*answer), GFP_KERNEL | __GFP_NOFAIL);
	answer = msg->body;
	answer->sid = w->sid;
	answer->reason = cpu_to_le32(reason);
	ssi_reply(rx->node, rx->epoch, rx->seq, msg);
	return true;
}
