// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who may speak
 */

/**
 * DOC: trust
 *
 * Each connection, of whatever lane, passes ssi_auth_prove() on both ends before
 * the first message.  How it proves the peer is a &struct ssi_auth_ops.  The one
 * here is "none": a peer is trusted for the address it connects from, which the
 * listener compares with the configured one.  So the network between the nodes
 * must be trusted, and the log says so once.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/printk.h>

#include "auth.h"

static int ssi_auth_none_prove(struct ssi_instance *si, struct ssi_conn *conn,
			       bool initiator, ktime_t until)
{
	pr_warn_once("peers are known by their address only: use a network that you trust\n");
	return 0;
}

static const struct ssi_auth_ops ssi_auth_none = {
	.name	= "none",
	.prove	= ssi_auth_none_prove,
};

/**
 * ssi_auth_prove - prove the peer of a new connection, and ourselves to it
 * @si: instance
 * @conn: connection on which nothing was exchanged yet
 * @initiator: this side connected
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: sleeps.
 * Return: 0, or a negative errno after which the connection is to be closed.
 */
int ssi_auth_prove(struct ssi_instance *si, struct ssi_conn *conn,
		   bool initiator, ktime_t until)
{
	return ssi_auth_none.prove(si, conn, initiator, until);
}
