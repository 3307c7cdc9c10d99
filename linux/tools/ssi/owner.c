// SPDX-License-Identifier: GPL-2.0
/*
 * Make the kernel's list of nodes what the roster says.
 *
 * With a quorum this node has joined, and the nodes that the roster wants are in the
 * list. Without one, what this node has with others ends at once, and it leaves. Nodes are
 * removed by force: the kernel declares them lost, and forgets them when what they had here
 * is dead.
 *
 * The kernel is asked anew each time: it may have lost a node itself, which stays in the
 * list and comes back if it can; somebody may have changed the list, which is
 * put right; or have had the node leave, by 'ssi leave' or 'ssi drain', which is left so.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lend.h"
#include "owner.h"
#include "ssi-user.h"

#define TICK_MS		1000	/* how often the kernel is looked at anyway */
#define RETRY_MS	50	/* what a node left here is not gone yet */
#define JOIN_MS		5000	/* an attempt to join failed */
#define SLOW_MS		10000	/* it is said that a node is still not gone */

#define note(t, ...)	((void)fail(t, EXIT_OK, __VA_ARGS__))

static bool same_place(const struct address *a, const struct ssi_node_get_rsp *n)
{
	return n->_len.address == a->len && n->port == a->port &&
	       !memcmp(n->address, a->bytes, a->len);
}

/* Is what the kernel has joined what the file says? */
static int owner_check(struct owner *o, const struct ssi_status_get_rsp *s)
{
	char here[ADDRESS_TEXT], there[ADDRESS_TEXT];
	const struct address *addr;

	if (strcmp(s->cluster ? : "", o->conf.cluster))
		return fail(o->t, EXIT_REFUSED,
			    "This node has joined cluster %s, and is to be of cluster %s: 'ssi leave' first",
			    s->cluster ? : "", o->conf.cluster);
	/* without corosync nobody knows more */
	if (!o->self)
		return EXIT_OK;
	if (s->node != o->self->peer.id)
		return fail(o->t, EXIT_REFUSED,
			    "This node has joined as node %u, and is node %u of corosync: 'ssi leave' first",
			    s->node, o->self->peer.id);
	addr = &o->self->peer.addr;
	if (s->_len.address != addr->len || s->port != addr->port ||
	    memcmp(s->address, addr->bytes, addr->len))
		return fail(o->t, EXIT_REFUSED,
			    "This node listens on %s, and is to listen on %s: 'ssi leave' first",
			    address_text(here, s->address, s->_len.address, s->scope_id, s->port),
			    address_text(there, addr->bytes, addr->len, addr->scope, addr->port));
	return EXIT_OK;
}

/* Who is in the list already is given time to speak. */
static void owner_keep(struct owner *o, unsigned long long now)
{
	unsigned int id;

	for (id = 1; id <= SSI_NODE_ID_MAX; id++)
		roster_keep(o->roster, id, now + o->grace);
}

static void owner_join(struct owner *o, unsigned long long now)
{
	const struct address *addr = &o->self->peer.addr;
	unsigned char key[SSI_KEY_LEN];
	struct ssi_join_req *req;
	int err;

	o->try_join = now + JOIN_MS;
	if (!o->conf.insecure && key_read(o->t, o->conf.key_file ? : SSI_KEY_FILE, key))
		return;
	if (lend_set(o->t, &o->conf)) {
		explicit_bzero(key, sizeof(key));
		return;
	}
	req = need(o->t, ssi_join_req_alloc());
	ssi_join_req_set_cluster(req, o->conf.cluster);
	ssi_join_req_set_node(req, o->self->peer.id);
	ssi_join_req_set_address(req, addr->bytes, addr->len);
	ssi_join_req_set_port(req, addr->port);
	if (o->conf.deadline)
		ssi_join_req_set_deadline_ms(req, o->conf.deadline);
	if (o->conf.pid_stride)
		ssi_join_req_set_pid_stride(req, o->conf.pid_stride);
	if (o->conf.local_pids)
		ssi_join_req_set_local_pids(req);
	if (o->conf.insecure)
		ssi_join_req_set_insecure(req);
	else
		ssi_join_req_set_key(req, key, sizeof(key));
	explicit_bzero(key, sizeof(key));
	err = ssi_join(o->t->ys, req);
	ssi_join_req_free(req);
	if (err < 0) {
		kernel_fail(o->t, "This node did not join");
		return;
	}
	o->joined = true;
	cpus_of_cluster(o->t);
	owner_keep(o, now);
	note(o->t, "There is a quorum: this is node %u of cluster %s now", o->self->peer.id,
	     o->conf.cluster);
}

/* What is with a node ends. Returns true if it is out of the list. */
static bool owner_remove(struct owner *o, unsigned int id)
{
	char sentence[1024];

	if (node_del(o->t, id, true) >= 0 || (int)o->t->ys->err.code == ENOENT) {
		note(o->t, "Node %u is out of the list", id);
		return true;
	}
	/* mostly because what is held for it goes in a moment */
	if (o->slow) {
		kernel_error(o->t, sentence, sizeof(sentence));
		note(o->t, "Node %u is still in the list: %s", id, sentence);
	}
	return false;
}

static void owner_add(struct owner *o, unsigned int id)
{
	struct peer p = { .id = id, .addr = o->roster->nodes[id].said.addr };
	char what[64], text[ADDRESS_TEXT];

	if (node_add(o->t, &p) >= 0) {
		note(o->t, "Node %u at %s is in the list", id,
		     address_text(text, p.addr.bytes, p.addr.len, p.addr.scope, p.addr.port));
		return;
	}
	snprintf(what, sizeof(what), "Node %u was not added", id);
	kernel_fail(o->t, what);
}

/**
 * struct pass - what a look at the kernel's list has found
 * @list: the list
 * @there: by id: the node is in the list, and belongs there
 * @nr: how many are in the list
 * @left: how many of these are to be removed, and are still there
 */
struct pass {
	struct ssi_node_get_list *list;
	bool there[SSI_NODE_ID_MAX + 1];
	unsigned int nr;
	unsigned int left;
};

static bool owner_wants(struct owner *o, const struct ssi_node_get_rsp *n, unsigned long long now)
{
	enum roster_want want = roster_want(o->roster, n->id, now);

	if (want == ROSTER_YES)
		return same_place(&o->roster->nodes[n->id].said.addr, n);
	return want == ROSTER_KEEP;
}

/*
 * Remove who does not belong into the list. One that has something dying here is left for
 * the next time, so that all have been declared lost before any is waited for again.
 */
static int owner_prune(struct owner *o, unsigned long long now, struct pass *pass)
{
	pass->list = ssi_node_get_dump(o->t->ys);
	if (!pass->list)
		return kernel_fail(o->t, NULL);
	ynl_dump_foreach(pass->list, n) {
		pass->nr++;
		if (n->id > SSI_NODE_ID_MAX)
			continue;
		pass->there[n->id] = owner_wants(o, n, now);
		if (!pass->there[n->id])
			pass->left += !owner_remove(o, n->id);
	}
	ssi_node_get_list_free(pass->list);
	return EXIT_OK;
}

/* How soon to look again, and whether it is worth a word. */
static unsigned int owner_pace(struct owner *o, unsigned long long now, unsigned int left)
{
	if (!left) {
		o->held = 0;
		o->slow = false;
		return TICK_MS;
	}
	if (!o->held)
		o->held = now;
	o->slow = now - o->held >= SLOW_MS;
	if (o->slow)
		o->held = now;
	return RETRY_MS;
}

static int owner_leave(struct owner *o, unsigned long long now, unsigned int *wait)
{
	struct pass pass = {};
	int code;

	code = owner_prune(o, now, &pass);
	if (code)
		return code;
	*wait = owner_pace(o, now, pass.left);
	if (pass.left)
		return EXIT_OK;
	if (ssi_leave(o->t->ys) < 0) {
		if ((int)o->t->ys->err.code != EBUSY)
			return kernel_fail(o->t, "This node did not leave");
		*wait = owner_pace(o, now, 1);
		return EXIT_OK;
	}
	o->joined = false;
	o->try_join = 0;
	cpus_of_node();
	note(o->t, "There is no quorum: this node has left its cluster");
	return EXIT_OK;
}

static int owner_list(struct owner *o, unsigned long long now, unsigned int *wait)
{
	struct pass pass = {};
	unsigned int id;
	int code;

	code = owner_prune(o, now, &pass);
	if (code)
		return code;
	*wait = owner_pace(o, now, pass.left);
	/* whoever is in the list with another address is added when that is out of it */
	for (id = 1; id <= SSI_NODE_ID_MAX && !pass.left; id++)
		if (!pass.there[id] && roster_want(o->roster, id, now) == ROSTER_YES)
			owner_add(o, id);
	return EXIT_OK;
}

/* What has the kernel joined? */
static int owner_look(struct owner *o, bool *joined)
{
	struct ssi_status_get_rsp *s = ssi_status_get(o->t->ys);
	int code = EXIT_OK;

	if (!s)
		return kernel_fail(o->t, NULL);
	*joined = s->_present.joined;
	if (*joined)
		code = owner_check(o, s);
	ssi_status_get_rsp_free(s);
	return code;
}

/**
 * owner_work - look at the roster and at the kernel, and do what is to be done
 * @o: owner
 * @now: time
 * @wait: set to how soon to come back, in milliseconds
 *
 * Return: EXIT_OK, or another exit code with the sentence said: the daemon cannot go on.
 */
int owner_work(struct owner *o, unsigned long long now, unsigned int *wait)
{
	bool joined, quorate = o->self && roster_quorate(o->roster);
	int code;

	*wait = TICK_MS;
	code = owner_look(o, &joined);
	if (code)
		return code;
	/* an earlier daemon has left it so */
	if (joined && !o->looked) {
		note(o->t, "This node has joined cluster %s already", o->conf.cluster);
		lend_set(o->t, &o->conf);
		owner_keep(o, now);
	}
	if (!joined && o->joined) {
		o->out = true;
		note(o->t,
		     "Somebody has had this node leave: 'systemctl reload ssi-corosync' lets it join again");
	}
	o->looked = true;
	o->joined = joined;
	if (joined && !quorate)
		return owner_leave(o, now, wait);
	if (!quorate || (!joined && o->out))
		return EXIT_OK;
	o->out = false;
	if (!joined && now >= o->try_join)
		owner_join(o, now);
	return o->joined ? owner_list(o, now, wait) : EXIT_OK;
}

/**
 * owner_stop - the daemon ends
 * @o: owner
 * @left: set if this node has left, or had not joined
 *
 * A node that is empty leaves. From one that is not nothing is taken: another daemon may
 * come, and if none does the other nodes end the memberships.
 *
 * Return: EXIT_OK, or another exit code with the sentence said.
 */
int owner_stop(struct owner *o, bool *left)
{
	bool joined;
	int code;

	*left = false;
	code = owner_look(o, &joined);
	if (code)
		return code;
	*left = !joined || ssi_leave(o->t->ys) >= 0;
	if (joined && *left) {
		cpus_of_node();
		note(o->t, "This node has left its cluster");
	}
	if (*left)
		return EXIT_OK;
	if ((int)o->t->ys->err.code != EBUSY)
		return kernel_fail(o->t, "This node did not leave");
	note(o->t,
	     "Processes are away, or are guests here: this node stays a member, and unless ssi-corosync is started again the other nodes end that. 'ssi drain' empties a node first");
	return EXIT_OK;
}
