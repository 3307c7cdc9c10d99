// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: joining as the kernel's command line says
 */

/**
 * DOC: boot parameters
 *
 * ssi.cluster=NAME ssi.node=ID [ssi.listen=ADDR[:PORT]]
 * [ssi.peers=ID@ADDR[:PORT],…] [ssi.deadline=MS] describe the member that lives in
 * the initial network namespace.  It joins at the end of boot if it can listen by
 * then, which it can on a wildcard address and on one that the kernel itself
 * configured (ip=); else the parameters wait for "ssi join" without arguments.
 * The list of peers may be the same on all nodes: a node skips itself.
 *
 * The cluster's key must not stand on the command line, which everybody can read: it is
 * read from the file that ssi.key= names, which is one of the initramfs, or
 * /etc/ssi/key. ssi.insecure joins without.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "addr.h"
#include "boot.h"
#include "instance.h"
#include "key.h"
#include "node.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "ssi."

static char ssi_boot_cluster[SSI_CLUSTER_NAME_MAX];
module_param_string(cluster, ssi_boot_cluster, sizeof(ssi_boot_cluster), 0444);
MODULE_PARM_DESC(cluster, "name of the cluster");

static unsigned int ssi_boot_node;
module_param_named(node, ssi_boot_node, uint, 0444);
MODULE_PARM_DESC(node, "id of this node, 1 to 1000");

static char *ssi_boot_listen;
module_param_named(listen, ssi_boot_listen, charp, 0444);
MODULE_PARM_DESC(listen, "address to listen on, ADDR or ADDR:PORT or [ADDR]:PORT");

static char *ssi_boot_peers;
module_param_named(peers, ssi_boot_peers, charp, 0444);
MODULE_PARM_DESC(peers, "the other nodes, ID@ADDR[:PORT], separated by commas");

static unsigned int ssi_boot_deadline;
module_param_named(deadline, ssi_boot_deadline, uint, 0444);
MODULE_PARM_DESC(deadline, "liveness deadline in milliseconds, 500 to 60000");

static unsigned int ssi_boot_pid_stride;
module_param_named(pid_stride, ssi_boot_pid_stride, uint, 0444);
MODULE_PARM_DESC(pid_stride, "process ids of each node, 1000000 or 250000");

static bool ssi_boot_local_pids;
module_param_named(local_pids, ssi_boot_local_pids, bool, 0444);
MODULE_PARM_DESC(local_pids, "do not attach the pid namespace");

static char *ssi_boot_key = "/etc/ssi/key";
module_param_named(key, ssi_boot_key, charp, 0444);
MODULE_PARM_DESC(key, "file that holds the key of the cluster");

static bool ssi_boot_insecure;
module_param_named(insecure, ssi_boot_insecure, bool, 0444);
MODULE_PARM_DESC(insecure, "join without a key, and do not encrypt");

static struct ssi_join_params ssi_boot_join;
static bool ssi_boot_cancelled __initdata;
static bool ssi_boot_given __ro_after_init;

/**
 * ssi_boot_params - what the command line says about joining
 *
 * Context: any.
 * Return: parameters for the initial network namespace, or NULL if there are none.
 */
const struct ssi_join_params *ssi_boot_params(void)
{
	return ssi_boot_given ? &ssi_boot_join : NULL;
}

/**
 * ssi_boot_pids - apply what the command line says about process ids
 * @p: parameters for whichever network namespace; @pidns is what would be attached
 *
 * Context: any.
 */
void ssi_boot_pids(struct ssi_join_params *p)
{
	p->pid_stride = ssi_boot_pid_stride;
	if (ssi_boot_local_pids)
		p->pidns = NULL;
}

static int ssi_boot_add_peer(struct ssi_instance *si, const char *text)
{
	struct sockaddr_storage addr;
	u32 id;
	int err;

	err = ssi_addr_parse_peer(text, &id, &addr);
	if (err) {
		pr_err("ssi.peers: \"%s\" is not ID@ADDR[:PORT]\n", text);
		return err;
	}
	if (id == ssi_boot_node)
		return 0;
	err = ssi_node_add(si, id, &addr, NULL);
	if (err == -EEXIST)
		return 0;
	if (err)
		pr_err("ssi.peers: cannot add \"%s\": %pe\n", text, ERR_PTR(err));
	return err;
}

/**
 * ssi_boot_add_peers - make known the nodes that the command line names
 * @si: instance of the initial network namespace
 *
 * Those already known stay as they are; one that cannot be added does not keep
 * the others out.
 *
 * Context: may sleep.
 * Return: 0, or the first error.
 */
int ssi_boot_add_peers(struct ssi_instance *si)
{
	char *list, *next, *text;
	int ret = 0;

	if (!ssi_boot_peers)
		return 0;
	list = kstrdup(ssi_boot_peers, GFP_KERNEL);
	if (!list)
		return -ENOMEM;

	next = list;
	while ((text = strsep(&next, ","))) {
		int err = *text ? ssi_boot_add_peer(si, text) : 0;

		if (err && !ret)
			ret = err;
	}
	kfree(list);
	return ret;
}

/**
 * ssi_boot_cancel - there is nothing to join with: do not try at the end of boot
 */
void __init ssi_boot_cancel(void)
{
	ssi_boot_cancelled = true;
}

static void __init ssi_boot_read_key(struct ssi_join_params *p)
{
	int err;

	p->insecure = ssi_boot_insecure;
	if (p->insecure)
		return;
	wait_for_initramfs();
	err = ssi_key_read(ssi_boot_key, p->key);
	p->has_key = !err;
	if (err && err != -ENOENT)
		pr_err("cannot read the key of the cluster, %s: %pe\n", ssi_boot_key,
		       ERR_PTR(err));
}

/* After the kernel's own configuration of addresses, which is late too. */
static int __init ssi_boot_join_init(void)
{
	struct netlink_ext_ack extack = {};
	struct ssi_instance *si;
	int err;

	if (ssi_boot_cancelled)
		return 0;
	si = ssi_instance(&init_net);
	if (!ssi_boot_node && !ssi_boot_cluster[0])
		return 0;
	if (!ssi_boot_node || !ssi_boot_cluster[0]) {
		pr_err("ssi.node= and ssi.cluster= are needed both\n");
		return 0;
	}
	if (ssi_boot_listen &&
	    ssi_addr_parse(ssi_boot_listen, &ssi_boot_join.listen)) {
		pr_err("ssi.listen: \"%s\" is not an address\n", ssi_boot_listen);
		return 0;
	}
	/* joining would fill it in as well, but not for the message below */
	ssi_addr_default_port(&ssi_boot_join.listen, SSI_DEFAULT_PORT);
	ssi_boot_join.node = ssi_boot_node;
	ssi_boot_join.deadline_ms = ssi_boot_deadline;
	ssi_boot_join.pidns = &init_pid_ns;
	ssi_boot_pids(&ssi_boot_join);
	strscpy(ssi_boot_join.cluster, ssi_boot_cluster,
		sizeof(ssi_boot_join.cluster));
	ssi_boot_read_key(&ssi_boot_join);
	ssi_boot_given = true;

	ssi_boot_add_peers(si);
	err = ssi_instance_join(si, &ssi_boot_join, &extack);
	if (err == -EADDRNOTAVAIL)
		pr_info("%pISpc is not configured yet: join when it is\n",
			&ssi_boot_join.listen);
	else if (err == -ENOKEY)
		pr_info("there is no key in %s yet: join when there is\n", ssi_boot_key);
	else if (err)
		pr_err("cannot join cluster %s: %s (%pe)\n", ssi_boot_cluster,
		       extack._msg ?: "the kernel gave no reason", ERR_PTR(err));
	return 0;
}
late_initcall_sync(ssi_boot_join_init);
