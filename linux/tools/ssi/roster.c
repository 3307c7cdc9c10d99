// SPDX-License-Identifier: GPL-2.0
/*
 * Who is to be a member.
 *
 * A node is, if corosync counts it to a partition that has a quorum, and if its daemon is
 * in the group and has said where the node listens. What corosync tells is the same, in
 * the same order, for all nodes of a partition: so of two of them each wants the other, or
 * none does.
 *
 * A daemon that ended without a word is waited for, if its node is still in the partition:
 * somebody starts it again, and nothing has happened to the node. This is each node's own
 * time, so for a moment one may want what another does not; the kernels agree on that by
 * the end of the membership.
 *
 * Nothing here asks anybody or knows the time.
 */

#include <stdio.h>
#include <string.h>

#include "roster.h"

static bool same_place(const struct address *a, const struct address *b)
{
	return a->len == b->len && a->port == b->port && !memcmp(a->bytes, b->bytes, a->len);
}

/**
 * roster_forget - nothing is known
 * @r: roster; @self and @cluster stay
 */
void roster_forget(struct roster *r)
{
	r->told = false;
	r->quorate = false;
	memset(r->nodes, 0, sizeof(r->nodes));
}

/* The entry of a node, or NULL for an id that no node of LinuxSSI can have. */
static struct roster_node *roster_node(struct roster *r, unsigned int id)
{
	return id && id <= SSI_NODE_ID_MAX ? &r->nodes[id] : NULL;
}

/* Forget what a node's daemon said. */
static void roster_unsay(struct roster_node *n)
{
	n->announced = false;
	n->why[0] = '\0';
	memset(&n->said, 0, sizeof(n->said));
}

/**
 * roster_view - which nodes are in this node's partition
 * @r: roster
 * @quorate: it has a quorum
 * @ids: the nodes
 * @nr: how many
 */
void roster_view(struct roster *r, bool quorate, const __u32 *ids, unsigned int nr)
{
	struct roster_node *n;
	unsigned int i;

	r->told = true;
	r->quorate = quorate;
	for (i = 1; i <= SSI_NODE_ID_MAX; i++)
		r->nodes[i].in_view = false;
	for (i = 0; i < nr; i++) {
		n = roster_node(r, ids[i]);
		if (n)
			n->in_view = true;
	}
	/* who comes back later has to say everything anew */
	for (i = 1; i <= SSI_NODE_ID_MAX; i++)
		if (!r->nodes[i].in_view)
			r->nodes[i].keep_until = 0;
}

/**
 * roster_there - a daemon is in the group
 * @r: roster
 * @id: of its node
 * @pid: of the daemon
 */
void roster_there(struct roster *r, unsigned int id, unsigned int pid)
{
	struct roster_node *n = roster_node(r, id);

	if (n && !n->pid)
		n->pid = pid;
}

/* Wait for a word, unless there is nothing to keep: who was refused, or is out. */
static void roster_unheard(struct roster_node *n, unsigned long long keep_until)
{
	if (n->announced)
		n->keep_until = n->said.out ? 0 : keep_until;
	roster_unsay(n);
}

/**
 * roster_came - a daemon came into the group
 * @r: roster
 * @id: of its node
 * @pid: of the daemon
 * @keep_until: until when it is given time to speak, if one before it has spoken
 */
void roster_came(struct roster *r, unsigned int id, unsigned int pid,
		 unsigned long long keep_until)
{
	struct roster_node *n = roster_node(r, id);

	if (!n || n->pid == pid)
		return;
	n->pid = pid;
	roster_unheard(n, keep_until);
}

/**
 * roster_went - a daemon is not in the group any more
 * @r: roster
 * @id: of its node
 * @pid: of the daemon
 * @keep_until: until when another one is waited for, 0 for not at all
 */
void roster_went(struct roster *r, unsigned int id, unsigned int pid,
		 unsigned long long keep_until)
{
	struct roster_node *n = roster_node(r, id);

	/* the one that was started after it may be there first */
	if (!n || n->pid != pid)
		return;
	n->pid = 0;
	if (!keep_until)
		n->keep_until = 0;
	roster_unheard(n, keep_until);
}

/**
 * roster_keep - wait for a daemon
 * @r: roster
 * @id: of its node
 * @keep_until: until when
 */
void roster_keep(struct roster *r, unsigned int id, unsigned long long keep_until)
{
	struct roster_node *n = roster_node(r, id);

	if (n && !n->announced && !n->why[0])
		n->keep_until = keep_until;
}

/**
 * roster_hear - a node says what it is
 * @r: roster
 * @id: of the node, as corosync knows it
 * @pid: of its daemon
 * @bytes: what it says
 * @len: how many bytes
 *
 * Return: true if it is refused for another reason than before: see @why of the node.
 */
bool roster_hear(struct roster *r, unsigned int id, unsigned int pid, const void *bytes,
		 size_t len)
{
	struct roster_node *n = roster_node(r, id);
	char why[ROSTER_WHY] = "";
	const char *wrong;
	struct announce a;
	bool news;

	/* a daemon is in the group before it says something */
	if (!n || !pid || n->pid != pid)
		return false;
	wrong = announce_unpack(bytes, len, &a);
	if (wrong)
		snprintf(why, sizeof(why), "%s", wrong);
	else if (a.node != id)
		snprintf(why, sizeof(why), "it says that it is node %u", a.node);
	else if (strcmp(a.cluster, r->cluster))
		snprintf(why, sizeof(why), "its cluster is %s and this one %s", a.cluster,
			 r->cluster);
	news = why[0] && strcmp(why, n->why);
	roster_unsay(n);
	n->keep_until = 0;
	if (why[0]) {
		memcpy(n->why, why, sizeof(n->why));
		return news;
	}
	n->announced = true;
	n->said = a;
	return false;
}

/**
 * roster_expect - a node has to be at an address
 * @r: roster
 * @id: of the node
 * @addr: where it has to be
 *
 * Return: true if it says another one, and was not refused for that yet.
 */
bool roster_expect(struct roster *r, unsigned int id, const struct address *addr)
{
	struct roster_node *n = roster_node(r, id);

	if (!n || !n->announced || same_place(&n->said.addr, addr))
		return false;
	roster_unsay(n);
	snprintf(n->why, sizeof(n->why), "it says another address than is expected");
	return true;
}

/**
 * roster_twin - does another node say that it is where this one is?
 * @r: roster
 * @id: of the node
 *
 * The lower id counts, so that all say the same of the two.
 *
 * Return: the other node, whose id is lower, or 0.
 */
unsigned int roster_twin(const struct roster *r, unsigned int id)
{
	const struct roster_node *n = &r->nodes[id], *other;
	unsigned int i;

	for (i = 1; n->announced && i < id; i++) {
		other = &r->nodes[i];
		if (other->announced && same_place(&n->said.addr, &other->said.addr))
			return i;
	}
	return 0;
}

/**
 * roster_known - has corosync told whether there is a quorum, and that we are in the group?
 * @r: roster
 *
 * Return: false if nobody knows yet.
 */
bool roster_known(const struct roster *r)
{
	return r->told && r->nodes[r->self].pid;
}

/**
 * roster_quorate - may this node be a member of anything?
 * @r: roster
 *
 * Return: true if it may.
 */
bool roster_quorate(const struct roster *r)
{
	const struct roster_node *n = &r->nodes[r->self];

	return r->quorate && n->in_view && n->pid;
}

/**
 * roster_want - what is to become of another node?
 * @r: roster
 * @id: of the node
 * @now: time, as of @keep_until
 *
 * Return: see there.
 */
enum roster_want roster_want(const struct roster *r, unsigned int id, unsigned long long now)
{
	const struct roster_node *n = &r->nodes[id];

	if (id == r->self || !roster_quorate(r) || !n->in_view)
		return ROSTER_NO;
	if (roster_twin(r, id) || roster_twin(r, r->self))
		return ROSTER_NO;
	if (n->announced)
		return n->said.out ? ROSTER_NO : ROSTER_YES;
	return now < n->keep_until ? ROSTER_KEEP : ROSTER_NO;
}
