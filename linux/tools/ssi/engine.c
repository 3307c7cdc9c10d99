// SPDX-License-Identifier: GPL-2.0
/*
 * The connection to corosync: whether there is a quorum, and which daemons are there.
 *
 * libquorum tells which nodes are in this node's partition and whether that has a quorum.
 * libcpg has a group of the daemons, tells who comes and goes, and carries what they say.
 *
 * Unhappy paths: whatever fails ends the connection, and without one there is no quorum.
 * corosync may be busy (CS_ERR_TRY_AGAIN) while nodes come and go: what could not be done
 * is done later.
 *
 * Nothing here waits, but the libraries do, for a corosync that stands still.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <corosync/corotypes.h>

#include "engine.h"

#define GROUP	"linuxssi"

/* No connection: say why, if it is not what was said last. Returns false. */
static bool __printf(2, 3) engine_fail(struct engine *e, const char *fmt, ...)
{
	char why[sizeof(e->why)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	engine_close(e);
	if (strcmp(why, e->why)) {
		memcpy(e->why, why, sizeof(why));
		fail(e->t, EXIT_TROUBLE, "%s", why);
	}
	return false;
}

static bool busy(cs_error_t err)
{
	return err == CS_ERR_TRY_AGAIN || err == CS_ERR_INTERRUPT || err == CS_ERR_BUSY;
}

static void strange_node(struct engine *e, unsigned int id)
{
	static unsigned int last;

	if (id <= SSI_NODE_ID_MAX || id == last)
		return;
	last = id;
	fail(e->t, EXIT_REFUSED,
	     "Node %u of corosync is none of LinuxSSI, whose ids are 1 to %u: give it a nodeid in corosync.conf",
	     id, SSI_NODE_ID_MAX);
}

static void quorum_changed(quorum_handle_t handle, __u32 quorate, struct quorum_ring_id ring,
			   __u32 nr, const __u32 *ids)
{
	const void *context = NULL;
	struct engine *e;
	__u32 i;

	(void)ring;
	if (quorum_context_get(handle, &context) != CS_OK || !context)
		return;
	e = (struct engine *)context;
	for (i = 0; i < nr; i++)
		strange_node(e, ids[i]);
	roster_view(e->roster, quorate, ids, nr);
}

/* The nodes of a ring come with the quorum as well. */
static void nodes_changed(quorum_handle_t handle, struct quorum_ring_id ring,
			  __u32 nr, const __u32 *ids,
			  __u32 nr_joined, const __u32 *joined,
			  __u32 nr_left, const __u32 *left)
{
	(void)handle, (void)ring, (void)nr, (void)ids;
	(void)nr_joined, (void)joined, (void)nr_left, (void)left;
}

static struct engine *cpg_engine(cpg_handle_t handle)
{
	void *context = NULL;

	return cpg_context_get(handle, &context) == CS_OK ? context : NULL;
}

static void group_changed(cpg_handle_t handle, const struct cpg_name *name,
			  const struct cpg_address *members, size_t nr_members,
			  const struct cpg_address *left, size_t nr_left,
			  const struct cpg_address *joined, size_t nr_joined)
{
	struct engine *e = cpg_engine(handle);
	unsigned long long keep;
	size_t i;

	(void)name;
	if (!e)
		return;
	for (i = 0; i < nr_left; i++) {
		keep = left[i].reason == CPG_REASON_PROCDOWN ? clock_ms() + e->grace : 0;
		roster_went(e->roster, left[i].nodeid, left[i].pid, keep);
	}
	for (i = 0; i < nr_joined; i++)
		roster_came(e->roster, joined[i].nodeid, joined[i].pid, clock_ms() + e->grace);
	for (i = 0; i < nr_members; i++)
		roster_there(e->roster, members[i].nodeid, members[i].pid);
	/* who comes has not heard it */
	if (nr_joined)
		e->say = true;
}

static void heard(cpg_handle_t handle, const struct cpg_name *name, __u32 id, __u32 pid,
		  void *bytes, size_t len)
{
	struct engine *e = cpg_engine(handle);
	unsigned int twin;

	(void)name;
	if (!e || id > SSI_NODE_ID_MAX)
		return;
	if (roster_hear(e->roster, id, pid, bytes, len))
		fail(e->t, EXIT_REFUSED, "Node %u is not taken: %s", id,
		     e->roster->nodes[id].why);
	twin = roster_twin(e->roster, id);
	if (twin && twin != e->roster->nodes[id].twin)
		fail(e->t, EXIT_REFUSED, "Node %u is not taken: it says the address of node %u",
		     id, twin);
	e->roster->nodes[id].twin = twin;
}

static bool quorum_open(struct engine *e)
{
	quorum_model_v1_data_t model = {
		.model = QUORUM_MODEL_V1,
		.quorum_notify_fn = quorum_changed,
		.nodelist_notify_fn = nodes_changed,
	};
	__u32 type = QUORUM_FREE;
	cs_error_t err;

	err = quorum_model_initialize(&e->quorum, QUORUM_MODEL_V1, (quorum_model_data_t *)&model,
				      &type, e);
	if (err != CS_OK) {
		e->quorum = 0;
		return engine_fail(e,
				   "corosync does not answer (error %d): start it; it is tried every second",
				   err);
	}
	if (type != QUORUM_SET)
		return engine_fail(e,
				   "corosync has no quorum: corosync.conf needs 'provider: corosync_votequorum' in its section quorum");
	err = quorum_fd_get(e->quorum, &e->quorum_fd);
	if (err == CS_OK)
		err = quorum_trackstart(e->quorum, CS_TRACK_CURRENT | CS_TRACK_CHANGES);
	if (err != CS_OK)
		return engine_fail(e, "corosync does not tell of its quorum (error %d)", err);
	return true;
}

static bool cpg_open(struct engine *e)
{
	cpg_model_v1_data_t model = {
		.model = CPG_MODEL_V1,
		.cpg_deliver_fn = heard,
		.cpg_confchg_fn = group_changed,
	};
	unsigned int self = 0;
	cs_error_t err;

	err = cpg_model_initialize(&e->cpg, CPG_MODEL_V1, (cpg_model_data_t *)&model, e);
	if (err != CS_OK) {
		e->cpg = 0;
		return engine_fail(e, "corosync has no process groups now (error %d)", err);
	}
	err = cpg_fd_get(e->cpg, &e->cpg_fd);
	if (err == CS_OK)
		err = cpg_local_get(e->cpg, &self);
	if (err != CS_OK)
		return engine_fail(e, "corosync does not tell the id of this node (error %d)",
				   err);
	if (!self || self > SSI_NODE_ID_MAX)
		return engine_fail(e,
				   "This is node %u of corosync, and a node of LinuxSSI has an id of 1 to %u: give it a nodeid in corosync.conf",
				   self, SSI_NODE_ID_MAX);
	e->roster->self = self;
	return true;
}

/**
 * engine_open - connect to corosync
 * @e: engine that is not connected
 *
 * Return: true if it is connected now; if not, why has been said.
 */
bool engine_open(struct engine *e)
{
	roster_forget(e->roster);
	e->in_group = false;
	if (!quorum_open(e) || !cpg_open(e))
		return false;
	e->connected = true;
	e->why[0] = '\0';
	return true;
}

/**
 * engine_close - end the connection; there is no quorum from here on
 * @e: engine, connected or not
 */
void engine_close(struct engine *e)
{
	if (e->cpg)
		cpg_finalize(e->cpg);
	if (e->quorum)
		quorum_finalize(e->quorum);
	e->cpg = 0;
	e->quorum = 0;
	e->connected = false;
	roster_forget(e->roster);
}

/**
 * engine_dispatch - hear what corosync has to tell
 * @e: connected engine
 *
 * Return: false if the connection is gone.
 */
bool engine_dispatch(struct engine *e)
{
	cs_error_t err;

	err = quorum_dispatch(e->quorum, CS_DISPATCH_ALL);
	if (err == CS_OK || busy(err))
		err = cpg_dispatch(e->cpg, CS_DISPATCH_ALL);
	if (err == CS_OK || busy(err))
		return true;
	return engine_fail(e, "corosync is gone (error %d): there is no quorum", err);
}

/**
 * engine_work - do what could not be done before
 * @e: connected engine
 *
 * Return: true if there is more to do, later. It may not be connected any more.
 */
bool engine_work(struct engine *e)
{
	struct cpg_name group = { .length = strlen(GROUP), .value = GROUP };
	struct announce_wire w;
	struct iovec iov = { &w, sizeof(w) };
	cs_error_t err;

	if (!e->in_group) {
		err = cpg_join(e->cpg, &group);
		if (busy(err))
			return true;
		if (err != CS_OK)
			return engine_fail(e, "The group of corosync was not joined (error %d)",
					   err);
		e->in_group = true;
	}
	if (!e->say || !e->mine.node)
		return false;
	announce_pack(&e->mine, &w);
	err = cpg_mcast_joined(e->cpg, CPG_TYPE_AGREED, &iov, 1);
	if (busy(err))
		return true;
	if (err != CS_OK)
		return engine_fail(e, "The group of corosync takes no message (error %d)", err);
	e->say = false;
	return false;
}

/**
 * engine_leave - go in good order: the others need not wait for another daemon
 * @e: engine, connected or not
 */
void engine_leave(struct engine *e)
{
	struct cpg_name group = { .length = strlen(GROUP), .value = GROUP };

	if (e->connected && e->in_group)
		cpg_leave(e->cpg, &group);
}
