// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/ssi.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/ssi.h>

/* Integer value ranges */
static const struct netlink_range_validation ssi_a_status_deadline_ms_range = {
	.min	= 500ULL,
	.max	= 60000ULL,
};

static const struct netlink_range_validation ssi_a_process_pid_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

/* SSI_CMD_JOIN - do */
static const struct nla_policy ssi_join_nl_policy[SSI_A_STATUS_INSECURE + 1] = {
	[SSI_A_STATUS_CLUSTER] = { .type = NLA_NUL_STRING, .len = SSI_CLUSTER_NAME_LEN, },
	[SSI_A_STATUS_NODE] = NLA_POLICY_RANGE(NLA_U32, 1, SSI_NODE_ID_MAX),
	[SSI_A_STATUS_ADDRESS] = NLA_POLICY_MIN_LEN(4),
	[SSI_A_STATUS_SCOPE_ID] = { .type = NLA_U32, },
	[SSI_A_STATUS_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[SSI_A_STATUS_DEADLINE_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &ssi_a_status_deadline_ms_range),
	[SSI_A_STATUS_PID_STRIDE] = { .type = NLA_U32, },
	[SSI_A_STATUS_LOCAL_PIDS] = { .type = NLA_FLAG, },
	[SSI_A_STATUS_KEY] = NLA_POLICY_EXACT_LEN(SSI_KEY_LEN),
	[SSI_A_STATUS_INSECURE] = { .type = NLA_FLAG, },
};

/* SSI_CMD_NODE_ADD - do */
static const struct nla_policy ssi_node_add_nl_policy[SSI_A_NODE_PORT + 1] = {
	[SSI_A_NODE_ID] = NLA_POLICY_RANGE(NLA_U32, 1, SSI_NODE_ID_MAX),
	[SSI_A_NODE_ADDRESS] = NLA_POLICY_MIN_LEN(4),
	[SSI_A_NODE_SCOPE_ID] = { .type = NLA_U32, },
	[SSI_A_NODE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

/* SSI_CMD_NODE_DEL - do */
static const struct nla_policy ssi_node_del_nl_policy[SSI_A_NODE_FORCE + 1] = {
	[SSI_A_NODE_ID] = NLA_POLICY_RANGE(NLA_U32, 1, SSI_NODE_ID_MAX),
	[SSI_A_NODE_FORCE] = { .type = NLA_FLAG, },
};

/* SSI_CMD_NODE_GET - do */
static const struct nla_policy ssi_node_get_nl_policy[SSI_A_NODE_ID + 1] = {
	[SSI_A_NODE_ID] = NLA_POLICY_RANGE(NLA_U32, 1, SSI_NODE_ID_MAX),
};

/* SSI_CMD_MOVE - do */
static const struct nla_policy ssi_move_nl_policy[SSI_A_PROCESS_WAIT + 1] = {
	[SSI_A_PROCESS_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &ssi_a_process_pid_range),
	[SSI_A_PROCESS_NODE] = NLA_POLICY_MAX(NLA_U32, SSI_NODE_ID_MAX),
	[SSI_A_PROCESS_WAIT] = { .type = NLA_FLAG, },
};

/* SSI_CMD_PROCESS_GET - do */
static const struct nla_policy ssi_process_get_nl_policy[SSI_A_PROCESS_PID + 1] = {
	[SSI_A_PROCESS_PID] = NLA_POLICY_FULL_RANGE(NLA_U32, &ssi_a_process_pid_range),
};

/* SSI_CMD_PLACE - do */
static const struct nla_policy ssi_place_nl_policy[SSI_A_PROCESS_POLICY + 1] = {
	[SSI_A_PROCESS_NODE] = NLA_POLICY_MAX(NLA_U32, SSI_NODE_ID_MAX),
	[SSI_A_PROCESS_PLACEMENT] = NLA_POLICY_MAX(NLA_U32, 2),
	[SSI_A_PROCESS_POLICY] = NLA_POLICY_MAX(NLA_U32, 1),
};

/* SSI_CMD_KEY_ADD - do */
static const struct nla_policy ssi_key_add_nl_policy[SSI_A_STATUS_KEY + 1] = {
	[SSI_A_STATUS_KEY] = NLA_POLICY_EXACT_LEN(SSI_KEY_LEN),
};

/* SSI_CMD_KEY_DEL - do */
static const struct nla_policy ssi_key_del_nl_policy[SSI_A_STATUS_KEY_ID + 1] = {
	[SSI_A_STATUS_KEY_ID] = { .type = NLA_UINT, },
};

/* SSI_CMD_DRAIN - do */
static const struct nla_policy ssi_drain_nl_policy[SSI_A_STATUS_UNDO + 1] = {
	[SSI_A_STATUS_NODE] = NLA_POLICY_RANGE(NLA_U32, 1, SSI_NODE_ID_MAX),
	[SSI_A_STATUS_UNDO] = { .type = NLA_FLAG, },
};

/* Ops table for ssi */
static const struct genl_split_ops ssi_nl_ops[] = {
	{
		.cmd		= SSI_CMD_JOIN,
		.doit		= ssi_nl_join_doit,
		.policy		= ssi_join_nl_policy,
		.maxattr	= SSI_A_STATUS_INSECURE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSI_CMD_LEAVE,
		.doit	= ssi_nl_leave_doit,
		.flags	= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSI_CMD_STATUS_GET,
		.doit	= ssi_nl_status_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_NODE_ADD,
		.doit		= ssi_nl_node_add_doit,
		.policy		= ssi_node_add_nl_policy,
		.maxattr	= SSI_A_NODE_PORT,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_NODE_DEL,
		.doit		= ssi_nl_node_del_doit,
		.policy		= ssi_node_del_nl_policy,
		.maxattr	= SSI_A_NODE_FORCE,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_NODE_GET,
		.doit		= ssi_nl_node_get_doit,
		.policy		= ssi_node_get_nl_policy,
		.maxattr	= SSI_A_NODE_ID,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSI_CMD_NODE_GET,
		.dumpit	= ssi_nl_node_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SSI_CMD_MOVE,
		.doit		= ssi_nl_move_doit,
		.policy		= ssi_move_nl_policy,
		.maxattr	= SSI_A_PROCESS_WAIT,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_PROCESS_GET,
		.doit		= ssi_nl_process_get_doit,
		.policy		= ssi_process_get_nl_policy,
		.maxattr	= SSI_A_PROCESS_PID,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd	= SSI_CMD_PROCESS_GET,
		.dumpit	= ssi_nl_process_get_dumpit,
		.flags	= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= SSI_CMD_PLACE,
		.doit		= ssi_nl_place_doit,
		.policy		= ssi_place_nl_policy,
		.maxattr	= SSI_A_PROCESS_POLICY,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_KEY_ADD,
		.doit		= ssi_nl_key_add_doit,
		.policy		= ssi_key_add_nl_policy,
		.maxattr	= SSI_A_STATUS_KEY,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_KEY_DEL,
		.doit		= ssi_nl_key_del_doit,
		.policy		= ssi_key_del_nl_policy,
		.maxattr	= SSI_A_STATUS_KEY_ID,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
	{
		.cmd		= SSI_CMD_DRAIN,
		.doit		= ssi_nl_drain_doit,
		.policy		= ssi_drain_nl_policy,
		.maxattr	= SSI_A_STATUS_UNDO,
		.flags		= GENL_ADMIN_PERM | GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group ssi_nl_mcgrps[] = {
	[SSI_NLGRP_EVENTS] = { "events", },
};

struct genl_family ssi_nl_family __ro_after_init = {
	.name		= SSI_FAMILY_NAME,
	.version	= SSI_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= ssi_nl_ops,
	.n_split_ops	= ARRAY_SIZE(ssi_nl_ops),
	.mcgrps		= ssi_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(ssi_nl_mcgrps),
};
