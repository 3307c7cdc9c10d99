// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the control interface
 */

/**
 * DOC: control
 *
 * The generic netlink family "ssi" tells a cluster member what to do and what
 * it does.  Documentation/netlink/specs/ssi.yaml describes it; netlink_gen.c
 * is generated from there and has checked types and ranges of all attributes
 * before a handler here runs.  A handler finds the member (the instance of the
 * socket's network namespace), calls the object's verb, and packs the answer:
 * nothing is decided here but who may ask.
 *
 * Who may ask: join, leave and the node list need CAP_NET_ADMIN and CAP_SYS_ADMIN in the
 * initial user namespace, because peers trust each other as kernels; the root of a
 * container has neither.  For the same reason only network namespaces of the initial
 * user namespace may hold a member.  Looking is free, as ps is.  Moving a process needs
 * what ptrace needs and is checked where the process is known, in ssi_process_move();
 * that looks at who sends, so the socket must have been opened with the same
 * credentials, lest a program with more rights be made to send what somebody else wrote
 * for it.
 *
 * Process ids are those of the caller's pid namespace: handlers run in the context of
 * the sender.  A notification has many readers, so the ids in it are those of the
 * initial pid namespace.
 *
 * Unhappy paths: every refusal is an errno and a sentence (extack) that says what to do.
 * A notification that finds no memory is dropped; a reader that cannot keep up sees
 * -ENOBUFS, as with every netlink socket, and asks anew.
 *
 * Locks: the family has parallel operations, so there is none here; a dump resumes by id
 * and may miss what changes under it.  The core holds cb_lock for reading while a
 * handler runs, so a handler must not wait without bound: it would block every
 * registration of a generic netlink family.  What is called from here takes the
 * instance's lock or less.
 */

#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "addr.h"
#include "boot.h"
#include "instance.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "node.h"
#include "pidns.h"
#include "process.h"
#include "reason.h"

static_assert(SSI_CLUSTER_NAME_LEN < SSI_CLUSTER_NAME_MAX);

/* Where a dump goes on; lives in netlink_callback.ctx. */
struct ssi_nl_dump {
	u32 node;
	pid_t pid;
};

/**
 * ssi_nl_permit - may the sender change what this node is?
 * @skb: request
 * @info: of it
 *
 * Context: process context of the sender.
 * Return: 0, or -EPERM with an extack sentence.
 */
int ssi_nl_permit(struct sk_buff *skb, struct genl_info *info)
{
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack,
			       "This needs CAP_SYS_ADMIN: run it as root");
		return -EPERM;
	}
	if (genl_info_net(info)->user_ns != &init_user_ns) {
		NL_SET_ERR_MSG(info->extack,
			       "A network namespace of another user namespace cannot be a node");
		return -EPERM;
	}
	return 0;
}

/**
 * ssi_nl_joined - has this node joined a cluster?
 * @si: instance
 * @extack: for a sentence
 *
 * Context: any.
 * Return: 0, or -ENOTCONN with an extack sentence.
 */
int ssi_nl_joined(struct ssi_instance *si, struct netlink_ext_ack *extack)
{
	if (ssi_instance_joined(si))
		return 0;
	NL_SET_ERR_MSG(extack,
		       "This node has not joined a cluster: use 'ssi join'");
	return -ENOTCONN;
}

static struct sk_buff *ssi_nl_reply_new(struct genl_info *info, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_iput(msg, info);
	if (!*hdr) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/*
 * The boot parameters describe the member of the initial network namespace;
 * in any other everything has to be said.
 */
static const struct ssi_join_params *ssi_nl_boot_params(struct ssi_instance *si)
{
	return net_eq(si->net, &init_net) ? ssi_boot_params() : NULL;
}

/*
 * The pid namespace that joins with the member: that of who has it join, a container's with a
 * container's network namespace, and the initial one with the initial one.
 */
static struct pid_namespace *ssi_nl_pidns(struct ssi_instance *si)
{
	struct pid_namespace *ns = task_active_pid_ns(current);

	return net_eq(si->net, &init_net) == (ns == &init_pid_ns) ? ns : NULL;
}

static int ssi_nl_join(struct genl_info *info, struct ssi_join_params *p)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	const struct ssi_join_params *boot;
	struct nlattr **a = info->attrs;
	int err;

	p->pidns = ssi_nl_pidns(si);
	ssi_boot_pids(p);
	boot = ssi_nl_boot_params(si);
	if (boot)
		*p = *boot;
	if (a[SSI_A_STATUS_CLUSTER])
		nla_strscpy(p->cluster, a[SSI_A_STATUS_CLUSTER], sizeof(p->cluster));
	if (a[SSI_A_STATUS_NODE])
		p->node = nla_get_u32(a[SSI_A_STATUS_NODE]);
	if (a[SSI_A_STATUS_DEADLINE_MS])
		p->deadline_ms = nla_get_u32(a[SSI_A_STATUS_DEADLINE_MS]);
	if (a[SSI_A_STATUS_PID_STRIDE])
		p->pid_stride = nla_get_u32(a[SSI_A_STATUS_PID_STRIDE]);
	if (a[SSI_A_STATUS_LOCAL_PIDS])
		p->pidns = NULL;
	/* whichever is given replaces the other */
	if (a[SSI_A_STATUS_INSECURE] || a[SSI_A_STATUS_KEY]) {
		p->insecure = a[SSI_A_STATUS_INSECURE];
		p->has_key = a[SSI_A_STATUS_KEY];
	}
	if (a[SSI_A_STATUS_KEY])
		ssi_key_get_nla(a[SSI_A_STATUS_KEY], p->key);
	if (a[SSI_A_STATUS_ADDRESS]) {
		err = ssi_addr_get_nla(a[SSI_A_STATUS_ADDRESS], a[SSI_A_STATUS_SCOPE_ID],
				       a[SSI_A_STATUS_PORT], &p->listen, info->extack);
		if (err)
			return err;
	} else if (a[SSI_A_STATUS_PORT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[SSI_A_STATUS_PORT],
				    "A port needs the address to listen on");
		return -EINVAL;
	}

	if (!p->node) {
		NL_SET_ERR_MSG(info->extack,
			       "Which node is this? Give its id, or boot with ssi.node=");
		return -EINVAL;
	}
	if (!p->cluster[0]) {
		NL_SET_ERR_MSG(info->extack,
			       "Which cluster? Give its name, or boot with ssi.cluster=");
		return -EINVAL;
	}

	if (boot && !a[SSI_A_STATUS_NODE]) {
		err = ssi_boot_add_peers(si);
		if (err) {
			NL_SET_ERR_MSG(info->extack,
				       "A peer of ssi.peers= could not be added: see the kernel log");
			return err;
		}
	}
	return ssi_instance_join(si, p, info->extack);
}

/**
 * ssi_nl_join_doit - join the cluster
 * @skb: request
 * @info: its attributes
 *
 * A request without a node id means "as the boot parameters say", and then
 * the peers named there are added too; each attribute that is given replaces
 * the boot parameter.
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_join_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_join_params p = {};
	int err;

	err = ssi_nl_permit(skb, info);
	if (!err)
		err = ssi_nl_join(info, &p);
	memzero_explicit(&p, sizeof(p));
	return err;
}

/**
 * ssi_nl_leave_doit - leave the cluster
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_leave_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	int err;

	err = ssi_nl_permit(skb, info);
	if (err)
		return err;
	err = ssi_nl_joined(si, info->extack);
	if (err)
		return err;
	return ssi_instance_leave(si, info->extack);
}

static int ssi_nl_put_status(struct sk_buff *msg, struct ssi_instance *si)
{
	struct ssi_process_counters c = {};
	u32 nodes = 0, members = 0;
	struct ssi_node *node;

	ssi_node_for_each(si, node) {
		nodes++;
		if (ssi_node_is_member(node))
			members++;
	}
	ssi_process_count(si, &c);

	scoped_guard(mutex, &si->lock) {
		if (si->node &&
		    (nla_put_flag(msg, SSI_A_STATUS_JOINED) ||
		     nla_put_u32(msg, SSI_A_STATUS_NODE, si->node) ||
		     nla_put_string(msg, SSI_A_STATUS_CLUSTER, si->cluster) ||
		     nla_put_uint(msg, SSI_A_STATUS_INCARNATION, si->incarnation) ||
		     nla_put_u32(msg, SSI_A_STATUS_DEADLINE_MS, si->deadline_ms) ||
		     nla_put_u32(msg, SSI_A_STATUS_PID_STRIDE, si->pid_stride) ||
		     (si->insecure && nla_put_flag(msg, SSI_A_STATUS_INSECURE)) ||
		     (si->draining && nla_put_flag(msg, SSI_A_STATUS_DRAINING)) ||
		     ssi_keys_put_nla(&si->keys, msg) ||
		     (rcu_access_pointer(si->pidns) &&
		      nla_put_u32(msg, SSI_A_STATUS_PID_FIRST,
				  ssi_pid_first(si->node, si->pid_stride))) ||
		     ssi_addr_put_nla(msg, &si->listen, SSI_A_STATUS_ADDRESS,
				      SSI_A_STATUS_SCOPE_ID, SSI_A_STATUS_PORT)))
			return -EMSGSIZE;
	}

	if (nla_put_u32(msg, SSI_A_STATUS_NODES, nodes) ||
	    nla_put_u32(msg, SSI_A_STATUS_MEMBERS, members) ||
	    nla_put_uint(msg, SSI_A_STATUS_AWAY, c.away) ||
	    nla_put_uint(msg, SSI_A_STATUS_GUESTS, c.guests) ||
	    nla_put_uint(msg, SSI_A_STATUS_PLACED, c.placed) ||
	    nla_put_uint(msg, SSI_A_STATUS_STUBS, c.stubs) ||
	    nla_put_uint(msg, SSI_A_STATUS_PAGES_OUT, c.pages_out) ||
	    nla_put_uint(msg, SSI_A_STATUS_PAGES_IN, c.pages_in) ||
	    nla_put_uint(msg, SSI_A_STATUS_DEVICE_PAGES, c.device_pages))
		return -EMSGSIZE;
	return 0;
}

/**
 * ssi_nl_status_get_doit - tell what this node is and does
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error.
 */
int ssi_nl_status_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = ssi_nl_reply_new(info, &hdr);
	if (!msg)
		return -ENOMEM;
	err = ssi_nl_put_status(msg, ssi_instance(genl_info_net(info)));
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * ssi_nl_node_add_doit - make a node known
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_node_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct sockaddr_storage addr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_NODE_ID) ||
	    GENL_REQ_ATTR_CHECK(info, SSI_A_NODE_ADDRESS)) {
		NL_SET_ERR_MSG(info->extack, "A node needs an id and an address");
		return -EINVAL;
	}
	err = ssi_nl_permit(skb, info);
	if (err)
		return err;
	err = ssi_addr_get_nla(a[SSI_A_NODE_ADDRESS], a[SSI_A_NODE_SCOPE_ID],
			       a[SSI_A_NODE_PORT], &addr, info->extack);
	if (err)
		return err;
	return ssi_node_add(si, nla_get_u32(a[SSI_A_NODE_ID]), &addr, info->extack);
}

/**
 * ssi_nl_node_del_doit - forget a node
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_NODE_ID)) {
		NL_SET_ERR_MSG(info->extack, "Which node? Give its id");
		return -EINVAL;
	}
	err = ssi_nl_permit(skb, info);
	if (err)
		return err;
	return ssi_node_remove(si, nla_get_u32(info->attrs[SSI_A_NODE_ID]),
			       nla_get_flag(info->attrs[SSI_A_NODE_FORCE]), info->extack);
}

static int ssi_nl_fill_node(struct sk_buff *msg, struct ssi_node *node,
			    const struct genl_info *info)
{
	struct ssi_node_stats stats = {};
	char reason[SSI_REASON_MAX];
	enum ssi_node_state state;
	bool member;
	u64 age_ms;
	void *hdr;

	hdr = genlmsg_iput(msg, info);
	if (!hdr)
		return -EMSGSIZE;

	state = ssi_node_state_age(node, &age_ms);
	member = ssi_node_in_epoch(node);
	ssi_node_stats(node, &stats);
	ssi_node_reason(node, reason, sizeof(reason));

	if (nla_put_u32(msg, SSI_A_NODE_ID, node->id) ||
	    ssi_addr_put_nla(msg, &node->addr, SSI_A_NODE_ADDRESS,
			     SSI_A_NODE_SCOPE_ID, SSI_A_NODE_PORT) ||
	    nla_put_u32(msg, SSI_A_NODE_STATE, state) ||
	    (reason[0] && nla_put_string(msg, SSI_A_NODE_REASON, reason)) ||
	    nla_put_uint(msg, SSI_A_NODE_INCARNATION, ssi_node_incarnation(node)) ||
	    nla_put_u32(msg, SSI_A_NODE_EPOCH, ssi_node_epoch(node)) ||
	    (member && nla_put_uint(msg, SSI_A_NODE_MEMBER_MS, age_ms)) ||
	    (member && nla_put_uint(msg, SSI_A_NODE_HEARTBEAT_MS,
				    stats.heartbeat_age_ms)) ||
	    (member && nla_put_u32(msg, SSI_A_NODE_RUNNING, stats.running)) ||
	    (stats.rtt_ns && nla_put_uint(msg, SSI_A_NODE_RTT_NS, stats.rtt_ns)) ||
	    (stats.rtt_ns && nla_put_sint(msg, SSI_A_NODE_CLOCK_NS, stats.clock_ns)) ||
	    nla_put_u32(msg, SSI_A_NODE_NR_CPUS, ssi_node_nr_cpus(node)) ||
	    nla_put_uint(msg, SSI_A_NODE_TX_MESSAGES, stats.tx_msgs) ||
	    nla_put_uint(msg, SSI_A_NODE_RX_MESSAGES, stats.rx_msgs) ||
	    nla_put_uint(msg, SSI_A_NODE_TX_BYTES, stats.tx_bytes) ||
	    nla_put_uint(msg, SSI_A_NODE_RX_BYTES, stats.rx_bytes) ||
	    nla_put_u32(msg, SSI_A_NODE_MEMBERSHIPS, stats.epochs) ||
	    nla_put_u32(msg, SSI_A_NODE_LOSSES, stats.losses) ||
	    nla_put_uint(msg, SSI_A_NODE_STATE_MS, age_ms)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * ssi_nl_node_get_doit - tell about one node
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	struct ssi_node *node;
	struct sk_buff *msg;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_NODE_ID)) {
		NL_SET_ERR_MSG(info->extack, "Which node? Give its id");
		return -EINVAL;
	}
	node = ssi_node_lookup(si, nla_get_u32(info->attrs[SSI_A_NODE_ID]));
	if (!node) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SSI_A_NODE_ID],
				    "No such node: 'ssi nodes' lists them");
		return -ENOENT;
	}

	err = -ENOMEM;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		goto out_put;
	err = ssi_nl_fill_node(msg, node, info);
	if (err)
		nlmsg_free(msg);
	else
		err = genlmsg_reply(msg, info);
out_put:
	ssi_node_put(node);
	return err;
}

/**
 * ssi_nl_node_get_dumpit - tell about all nodes, in the order of their ids
 * @skb: answer to fill
 * @cb: state of the dump
 *
 * Context: process context of the reader; sleeps.
 * Return: 0 at the end, -EMSGSIZE when @skb is full.
 */
int ssi_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ssi_instance *si = ssi_instance(sock_net(skb->sk));
	struct ssi_nl_dump *dump = (void *)cb->ctx;
	struct ssi_node *node;
	int err;

	NL_ASSERT_CTX_FITS(struct ssi_nl_dump);
	while ((node = ssi_node_next(si, dump->node))) {
		err = ssi_nl_fill_node(skb, node, genl_info_dump(cb));
		if (!err)
			dump->node = node->id;
		ssi_node_put(node);
		if (err)
			return err;
	}
	return 0;
}

static int ssi_nl_put_process(struct sk_buff *msg,
			      const struct ssi_process_info *p)
{
	u32 role = p->guest ? SSI_PROCESS_ROLE_GUEST : SSI_PROCESS_ROLE_HOME;

	if (nla_put_u32(msg, SSI_A_PROCESS_PID, p->pid) ||
	    nla_put_u32(msg, SSI_A_PROCESS_NODE, p->node) ||
	    nla_put_u32(msg, SSI_A_PROCESS_HOME, p->home) ||
	    nla_put_u32(msg, SSI_A_PROCESS_ROLE, role) ||
	    nla_put_string(msg, SSI_A_PROCESS_COMM, p->comm) ||
	    nla_put_u32(msg, SSI_A_PROCESS_THREADS, p->threads) ||
	    nla_put_u32(msg, SSI_A_PROCESS_THREADS_AWAY, p->threads_away) ||
	    nla_put_uint(msg, SSI_A_PROCESS_TRAPS, p->traps) ||
	    nla_put_uint(msg, SSI_A_PROCESS_FAULTS, p->faults) ||
	    nla_put_uint(msg, SSI_A_PROCESS_RECALLS, p->recalls) ||
	    nla_put_uint(msg, SSI_A_PROCESS_PAGES_AWAY, p->pages_away) ||
	    nla_put_uint(msg, SSI_A_PROCESS_MOVES, p->moves) ||
	    nla_put_uint(msg, SSI_A_PROCESS_FREEZE_NS, p->freeze_ns) ||
	    nla_put_u32(msg, SSI_A_PROCESS_REASON, p->reason) ||
	    nla_put_string(msg, SSI_A_PROCESS_REASON_TEXT,
			   ssi_reason_text(p->reason)) ||
	    (p->program && nla_put_u32(msg, SSI_A_PROCESS_PROGRAM, p->program)) ||
	    (p->origin && nla_put_u32(msg, SSI_A_PROCESS_ORIGIN, p->origin)))
		return -EMSGSIZE;
	return 0;
}

static int ssi_nl_fill_process(struct sk_buff *msg,
			       const struct ssi_process_info *p,
			       const struct genl_info *info)
{
	void *hdr;

	hdr = genlmsg_iput(msg, info);
	if (!hdr)
		return -EMSGSIZE;
	if (ssi_nl_put_process(msg, p)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

static int ssi_nl_reply_process(struct genl_info *info,
				const struct ssi_process_info *p)
{
	struct sk_buff *msg;
	int err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	err = ssi_nl_fill_process(msg, p, info);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

static int ssi_nl_no_process(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SSI_A_PROCESS_PID],
			    "No such process on this node; give the PID that it has at home");
	return -ESRCH;
}

/* The process that the request names, in the sender's pid namespace. */
static struct pid *ssi_nl_get_pid(struct genl_info *info)
{
	struct pid *pid;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_PROCESS_PID)) {
		NL_SET_ERR_MSG(info->extack, "Which process? Give its pid");
		return ERR_PTR(-EINVAL);
	}
	pid = find_get_pid(nla_get_u32(info->attrs[SSI_A_PROCESS_PID]));
	return pid ?: ERR_PTR(ssi_nl_no_process(info));
}

/**
 * ssi_nl_own_socket - did current open the socket that it sends on, as who it is now?
 * @skb: request
 * @extack: for a sentence
 *
 * The right to move is current's, and a setuid program can be made to write to a socket
 * that it inherited. A socket of the kernel has no file.
 *
 * Context: process context of the sender.
 * Return: true if it did.
 */
bool ssi_nl_own_socket(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	const struct sock *sk = NETLINK_CB(skb).sk;

	if (!(current->flags & PF_KTHREAD) && sk && sk->sk_socket && sk->sk_socket->file &&
	    sk->sk_socket->file->f_cred == current_cred())
		return true;
	NL_SET_ERR_MSG(extack, "Who opened this socket had other rights: open a new one");
	return false;
}

/**
 * ssi_nl_move_doit - move a process
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps, with the wait attribute
 * until the process executes where it should, or it is plain why it does not.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	struct nlattr **a = info->attrs;
	struct ssi_process_info p = {};
	struct pid *pid;
	int err;

	if (!ssi_nl_own_socket(skb, info->extack))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, SSI_A_PROCESS_NODE)) {
		NL_SET_ERR_MSG(info->extack, "Where to? Give a node id, or 0 for home");
		return -EINVAL;
	}
	pid = ssi_nl_get_pid(info);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = ssi_process_move(si, pid, nla_get_u32(a[SSI_A_PROCESS_NODE]),
			       nla_get_flag(a[SSI_A_PROCESS_WAIT]), &p,
			       info->extack);
	put_pid(pid);
	return err ?: ssi_nl_reply_process(info, &p);
}

/**
 * ssi_nl_process_get_doit - tell where a process executes and why
 * @skb: request
 * @info: its attributes
 *
 * A process that was never asked to move has an answer too.
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_process_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	struct ssi_process_info p = {};
	struct pid *pid;
	int err;

	pid = ssi_nl_get_pid(info);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	err = ssi_process_info(si, pid, &p);
	put_pid(pid);
	if (!err || err == -ENODATA)
		return ssi_nl_reply_process(info, &p);
	return err == -ESRCH ? ssi_nl_no_process(info) : err;
}

/**
 * ssi_nl_process_get_dumpit - tell about all processes that are not only local
 * @skb: answer to fill
 * @cb: state of the dump
 *
 * Context: process context of the reader; sleeps.
 * Return: 0 at the end, -EMSGSIZE when @skb is full.
 */
int ssi_nl_process_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ssi_instance *si = ssi_instance(sock_net(skb->sk));
	struct ssi_nl_dump *dump = (void *)cb->ctx;
	struct ssi_process_info p;
	pid_t pid = dump->pid;
	int err;

	NL_ASSERT_CTX_FITS(struct ssi_nl_dump);
	for (;;) {
		memset(&p, 0, sizeof(p));
		if (ssi_process_next(si, &pid, &p))
			return 0;
		err = ssi_nl_fill_process(skb, &p, genl_info_dump(cb));
		if (err)
			return err;
		pid = p.pid + 1;
		dump->pid = pid;
	}
}

static struct sk_buff *ssi_nl_ntf_new(struct ssi_instance *si,
				      struct genl_info *info, u8 cmd)
{
	/* Nobody listens most of the time: do not even allocate. */
	if (!genl_has_listeners(&ssi_nl_family, si->net, SSI_NLGRP_EVENTS))
		return NULL;
	genl_info_init_ntf(info, &ssi_nl_family, cmd);
	return genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC);
}

/**
 * ssi_netlink_node_event - tell listeners that a node changed its state
 * @node: the node; its lock is not held by the caller
 *
 * The notification may be dropped for want of memory.
 *
 * Context: process context or softirq; does not sleep.  The instance's network
 * namespace is alive.
 */
void ssi_netlink_node_event(struct ssi_node *node)
{
	struct ssi_instance *si = node->inst;
	struct genl_info info;
	struct sk_buff *msg;

	msg = ssi_nl_ntf_new(si, &info, SSI_CMD_NODE_NTF);
	if (!msg)
		return;
	if (ssi_nl_fill_node(msg, node, &info)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_multicast_netns(&ssi_nl_family, si->net, msg, 0,
				SSI_NLGRP_EVENTS, GFP_ATOMIC);
}

/**
 * ssi_netlink_process_event - tell listeners what happened to a process
 * @si: instance it happened on
 * @info: the process, with its pid as the initial pid namespace knows it
 * @event: what happened
 *
 * The notification may be dropped for want of memory.
 *
 * Context: process context or softirq; does not sleep.  The instance's network
 * namespace is alive if it is joined.
 */
void ssi_netlink_process_event(struct ssi_instance *si,
			       const struct ssi_process_info *info,
			       enum ssi_process_event event)
{
	struct genl_info ntf;
	struct sk_buff *msg;
	void *hdr;

	/* A process may outlive the namespace it first moved in. */
	if (!ssi_instance_joined(si))
		return;
	msg = ssi_nl_ntf_new(si, &ntf, SSI_CMD_PROCESS_NTF);
	if (!msg)
		return;
	hdr = genlmsg_iput(msg, &ntf);
	if (!hdr || nla_put_u32(msg, SSI_A_PROCESS_EVENT, event) ||
	    ssi_nl_put_process(msg, info)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&ssi_nl_family, si->net, msg, 0,
				SSI_NLGRP_EVENTS, GFP_ATOMIC);
}

/**
 * ssi_netlink_init - register the family
 *
 * Context: process context at boot; sleeps.  Instances must exist before.
 * Return: 0 or a negative error.
 */
int __init ssi_netlink_init(void)
{
	return genl_register_family(&ssi_nl_family);
}

/**
 * ssi_netlink_exit - unregister the family; no handler runs after it
 *
 * Context: process context; sleeps.
 */
void ssi_netlink_exit(void)
{
	genl_unregister_family(&ssi_nl_family);
}
