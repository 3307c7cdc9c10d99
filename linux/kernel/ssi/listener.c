// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who is at the door
 */

/**
 * DOC: listener
 *
 * A joined instance listens on one address.  A thread accepts; each connection
 * then is a &struct ssi_greeting until its first message, HELLO or ATTACH, says
 * which node and lane it is for, and goes to that node's pairing.
 *
 * Where there is a key, the first message must be its proof (auth.c), and HELLO or
 * ATTACH comes after it, encrypted, and must be of the node and for the lane that
 * was proven.
 *
 * Unhappy paths: connections from addresses that no configured node has are
 * closed at once.  There are at most SSI_GREETINGS_MAX greetings, and
 * SSI_GREETINGS_PER_HOST of one host, and each has two seconds: strangers cost
 * little memory and no log lines.  After SSI_GREETINGS_FAILED failed proofs within a
 * second no more connections are taken in that second from a host with one of these
 * addresses; those who can prove the key are let in a moment later. A HELLO that does
 * not fit ends no membership.
 *
 * Locks: &struct ssi_listener.lock is innermost.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/inet.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "addr.h"
#include "auth.h"
#include "compat.h"
#include "conn.h"
#include "handshake.h"
#include "instance.h"
#include "listener.h"
#include "node.h"
#include "pairing.h"

#define SSI_GREETINGS_MAX	64
#define SSI_GREETINGS_PER_HOST	8
#define SSI_GREETING_MS		2000
#define SSI_GREETINGS_FAILED	8
#define SSI_BACKLOG		64

/* Failed proofs of the hosts whose addresses have one hash. */
struct ssi_greeting_failures {
	unsigned long since;
	unsigned int nr;
};

/**
 * struct ssi_listener - the listening socket of an instance
 * @si: instance; outlives it
 * @sock: listening
 * @task: accepts
 * @wq: runs the greetings
 * @stop: all greetings are to end; see &struct ssi_conn.abort
 * @lock: protects the rest
 * @greetings: all of them
 * @nr: how many
 * @failed: proofs that failed, by the hash of the address
 */
struct ssi_listener {
	struct ssi_instance *si;
	struct socket *sock;
	struct task_struct *task;
	struct workqueue_struct *wq;
	bool stop;
	spinlock_t lock;		/* innermost */
	struct list_head greetings;
	unsigned int nr;
	struct ssi_greeting_failures failed[16];
};

/**
 * struct ssi_greeting - a connection that has not said yet what it is for
 * @l: listener
 * @link: in its list
 * @work: waits for the first message
 * @wait: woken by the connection
 * @conn: the connection; NULL once it was passed on
 * @addr: where it comes from
 * @who: what the peer has proven
 */
struct ssi_greeting {
	struct ssi_listener *l;
	struct list_head link;
	struct work_struct work;
	wait_queue_head_t wait;
	struct ssi_conn *conn;
	struct sockaddr_storage addr;
	struct ssi_auth_peer who;
};

/* The node that a message claims to be from, if it may. */
static struct ssi_node *ssi_greeting_node(struct ssi_greeting *g, u32 from, enum ssi_lane lane)
{
	struct ssi_node *node;

	if (g->who.proven && (g->who.id != from || g->who.lane != lane))
		return NULL;
	node = ssi_node_lookup(g->l->si, from);

	if (node && !ssi_addr_same_host(&node->addr, &g->addr)) {
		ssi_node_put(node);
		node = NULL;
	}
	return node;
}

static void ssi_greeting_hello(struct ssi_greeting *g, struct ssi_offer *offer)
{
	struct ssi_instance *si = g->l->si;
	u32 from = le32_to_cpu(offer->hello.from);
	const struct ssi_hello_expect expect = {
		.from		= from,
		.to		= si->node,
		.deadline_ms	= si->deadline_ms,
		.pid_stride	= si->pid_stride,
		.cluster	= si->cluster,
	};
	char reason[SSI_REASON_MAX];
	struct ssi_node *node;

	node = ssi_greeting_node(g, from, SSI_LANE_CONTROL);
	if (!node) {
		ssi_handshake_refuse(g->conn,
				     "your node id is not configured here with your address");
		return;
	}
	if (from < si->node) {
		ssi_handshake_refuse(g->conn, "the node with the higher id connects");
		goto put_node;
	}
	if (ssi_node_is_member(node) &&
	    ssi_compat_check_hello(&expect, &offer->hello, offer->len, reason)) {
		ssi_handshake_refuse(g->conn, reason);
		goto put_node;
	}

	offer = kmemdup(offer, sizeof(*offer) + SSI_COMPAT_MAX, GFP_KERNEL);
	if (!offer)
		goto put_node;
	offer->conn = g->conn;
	offer->who = g->who;
	g->conn = NULL;
	ssi_pairing_offer(node->pairing, offer);

put_node:
	ssi_node_put(node);
}

static void ssi_greeting_attach(struct ssi_greeting *g,
				const struct ssi_wire_attach *wire)
{
	u32 lane = le32_to_cpu(wire->lane);
	struct ssi_node *node;

	if (le32_to_cpu(wire->magic) != SSI_WIRE_MAGIC ||
	    le32_to_cpu(wire->version) != SSI_WIRE_VERSION ||
	    le32_to_cpu(wire->to) != g->l->si->node ||
	    lane == SSI_LANE_CONTROL || lane >= SSI_NR_LANES)
		return;
	node = ssi_greeting_node(g, le32_to_cpu(wire->from), lane);
	if (!node)
		return;
	/* Taken or not, its callbacks know the node from here on. */
	if (!ssi_pairing_attach(node->pairing, lane, le64_to_cpu(wire->cookie),
				g->conn))
		ssi_conn_free(g->conn);
	g->conn = NULL;
	ssi_node_put(node);
}

static struct ssi_greeting_failures *ssi_greeting_failures(struct ssi_listener *l,
							   const struct sockaddr_storage *addr)
{
	return &l->failed[ssi_addr_hash(addr) % ARRAY_SIZE(l->failed)];
}

/* One more proof of this host has failed. */
static void ssi_greeting_failed(struct ssi_greeting *g, const char *reason)
{
	struct ssi_greeting_failures *f = ssi_greeting_failures(g->l, &g->addr);

	spin_lock(&g->l->lock);
	if (time_after(jiffies, f->since + HZ)) {
		f->since = jiffies;
		f->nr = 0;
	}
	f->nr++;
	spin_unlock(&g->l->lock);
	if (!*reason)
		return;
	pr_warn_ratelimited("%pISpc was not let in: %s\n", &g->addr, reason);
	ssi_handshake_refuse(g->conn, reason);
}

/* The first message, in @body, is to be a proof, or must not be one. */
static int ssi_greeting_prove(struct ssi_greeting *g, const struct ssi_wire_hdr *hdr,
			      const void *body, size_t len, ktime_t until)
{
	bool proof = le16_to_cpu(hdr->type) == SSI_MSG_AUTH;
	struct ssi_instance *si = g->l->si;
	char reason[SSI_REASON_MAX];
	int err;

	if (proof && !si->insecure) {
		err = ssi_auth_answer(si, g->conn, body, len, until, &g->who, reason);
	} else {
		err = -EPROTO;
		strscpy(reason, proof ? "that node has joined without a key (--insecure)" :
					"this cluster has a key: join with it", sizeof(reason));
	}
	if (err && !READ_ONCE(g->l->stop))
		ssi_greeting_failed(g, reason);
	return err;
}

static void ssi_greeting_work(struct work_struct *work)
{
	struct ssi_greeting *g = container_of(work, typeof(*g), work);
	ktime_t until = ktime_add_ms(ktime_get_boottime(), SSI_GREETING_MS);
	struct ssi_listener *l = g->l;
	struct ssi_offer *offer;
	struct ssi_wire_hdr hdr;
	size_t max = sizeof(offer->hello) + SSI_COMPAT_MAX;
	int len;

	offer = kzalloc(sizeof(*offer) + SSI_COMPAT_MAX, GFP_KERNEL);
	if (!offer)
		goto free_greeting;
	/* before the proof nothing longer is read, and nothing in it but its type */
	len = ssi_conn_recv_msg(g->conn, &hdr, &offer->hello,
				l->si->insecure ? max : sizeof(struct ssi_wire_auth), until);
	if (len == -EPROTO)
		len = 0;
	if (len >= 0 && (!l->si->insecure || le16_to_cpu(hdr.type) == SSI_MSG_AUTH)) {
		if (ssi_greeting_prove(g, &hdr, &offer->hello, len, until))
			goto free_offer;
		len = ssi_conn_recv_msg(g->conn, &hdr, &offer->hello, max, until);
	}
	if (len < 0)
		goto free_offer;
	offer->len = len;
	if (le16_to_cpu(hdr.type) == SSI_MSG_HELLO &&
	    len >= sizeof(struct ssi_wire_hello))
		ssi_greeting_hello(g, offer);
	else if (le16_to_cpu(hdr.type) == SSI_MSG_ATTACH &&
		 len == sizeof(struct ssi_wire_attach))
		ssi_greeting_attach(g, (struct ssi_wire_attach *)&offer->hello);

free_offer:
	kfree(offer);
free_greeting:
	ssi_conn_free(g->conn);
	spin_lock(&l->lock);
	list_del(&g->link);
	l->nr--;
	spin_unlock(&l->lock);
	kfree(g);
}

/* Does any node have this address? */
static bool ssi_listener_knows(struct ssi_listener *l,
			       const struct sockaddr_storage *addr)
{
	struct ssi_node *node;

	ssi_node_for_each(l->si, node) {
		if (ssi_addr_same_host(&node->addr, addr)) {
			ssi_node_put(node);
			return true;
		}
	}
	return false;
}

static bool ssi_listener_admit(struct ssi_listener *l, struct ssi_greeting *new)
{
	struct ssi_greeting_failures *failed;
	unsigned int same = 0;
	struct ssi_greeting *g;
	bool admitted;

	spin_lock(&l->lock);
	list_for_each_entry(g, &l->greetings, link)
		if (ssi_addr_same_host(&g->addr, &new->addr))
			same++;
	failed = ssi_greeting_failures(l, &new->addr);
	admitted = l->nr < SSI_GREETINGS_MAX && same < SSI_GREETINGS_PER_HOST &&
		   (failed->nr < SSI_GREETINGS_FAILED || time_after(jiffies, failed->since + HZ));
	if (admitted) {
		list_add(&new->link, &l->greetings);
		l->nr++;
	}
	spin_unlock(&l->lock);
	return admitted;
}

static void ssi_listener_greet(struct ssi_listener *l, struct socket *sock)
{
	struct ssi_greeting *g = kzalloc_obj(*g);
	struct ssi_conn *conn;

	if (!g)
		goto release_sock;
	g->l = l;
	INIT_WORK(&g->work, ssi_greeting_work);
	init_waitqueue_head(&g->wait);
	if (kernel_getpeername(sock, (struct sockaddr *)&g->addr) < 0 ||
	    !ssi_listener_knows(l, &g->addr))
		goto free_greeting;
	conn = ssi_conn_adopt(sock, &g->wait, &l->stop);
	if (IS_ERR(conn)) {
		kfree(g);
		return;
	}
	g->conn = conn;
	if (!ssi_listener_admit(l, g)) {
		ssi_conn_free(conn);
		kfree(g);
		return;
	}
	queue_work(l->wq, &g->work);
	return;

free_greeting:
	kfree(g);
release_sock:
	sock_no_linger(sock->sk);
	sock_release(sock);
}

static int ssi_listener_thread(void *data)
{
	struct ssi_listener *l = data;
	struct socket *sock;
	int err;

	while (!READ_ONCE(l->stop)) {
		err = kernel_accept(l->sock, &sock, 0);
		if (!err)
			ssi_listener_greet(l, sock);
		else if (!READ_ONCE(l->stop))
			schedule_timeout_idle(HZ / 10);
	}

	/* kthread_stop() wants to find us. */
	set_current_state(TASK_IDLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_IDLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int ssi_listener_bind(struct ssi_listener *l)
{
	struct ssi_instance *si = l->si;
	int err;

	err = sock_create_kern(si->net, si->listen.ss_family, SOCK_STREAM,
			       IPPROTO_TCP, &l->sock);
	if (err)
		return err;
	sock_set_reuseaddr(l->sock->sk);
	/* All addresses are those of IPv4 too, whatever net.ipv6.bindv6only says. */
	l->sock->sk->sk_ipv6only = false;
	err = kernel_bind(l->sock, (struct sockaddr_unsized *)&si->listen,
			  sizeof(si->listen));
	if (!err)
		err = kernel_listen(l->sock, SSI_BACKLOG);
	if (err)
		sock_release(l->sock);
	return err;
}

/**
 * ssi_listener_start - listen on the instance's address
 * @si: instance with node, net and listen filled in
 * @extack: for a sentence, may be NULL
 *
 * Context: may sleep; the instance's lock is held.
 * Return: the listener, or an ERR_PTR().
 */
struct ssi_listener *ssi_listener_start(struct ssi_instance *si,
					struct netlink_ext_ack *extack)
{
	struct ssi_listener *l = kzalloc_obj(*l);
	int err;

	if (!l)
		return ERR_PTR(-ENOMEM);
	l->si = si;
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->greetings);

	l->wq = alloc_workqueue("ssi_greet/%u", WQ_UNBOUND, SSI_GREETINGS_MAX,
				si->node);
	if (!l->wq) {
		err = -ENOMEM;
		goto free_listener;
	}
	err = ssi_listener_bind(l);
	if (err) {
		if (err == -EADDRNOTAVAIL)
			NL_SET_ERR_MSG(extack,
				       "No interface of this machine has the address to listen on");
		else if (err == -EADDRINUSE)
			NL_SET_ERR_MSG(extack, "Somebody else listens on this address and port");
		else
			NL_SET_ERR_MSG(extack, "Cannot listen on this address");
		goto destroy_wq;
	}
	l->task = kthread_run(ssi_listener_thread, l, "ssi_listen/%u", si->node);
	if (IS_ERR(l->task)) {
		err = PTR_ERR(l->task);
		goto release_sock;
	}
	return l;

release_sock:
	sock_release(l->sock);
destroy_wq:
	destroy_workqueue(l->wq);
free_listener:
	kfree(l);
	return ERR_PTR(err);
}

/**
 * ssi_listener_stop - stop to listen, and end all greetings
 * @l: listener
 *
 * Context: sleeps, for a short time.
 */
void ssi_listener_stop(struct ssi_listener *l)
{
	struct ssi_greeting *g;

	WRITE_ONCE(l->stop, true);
	kernel_sock_shutdown(l->sock, SHUT_RDWR);
	kthread_stop(l->task);

	spin_lock(&l->lock);
	list_for_each_entry(g, &l->greetings, link)
		wake_up_all(&g->wait);
	spin_unlock(&l->lock);
	destroy_workqueue(l->wq);
	sock_release(l->sock);
	kfree(l);
}
