// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: one TCP connection to a peer
 */

/**
 * DOC: connections
 *
 * A &struct ssi_conn is a kernel socket and the three callbacks that this file
 * puts in its place.  The callbacks run in softirq context and only set a bit
 * and wake a thread; everything else happens in threads of our own, without
 * ever blocking inside TCP: all I/O is MSG_DONTWAIT, and a thread that has
 * nothing to do sleeps on a wait queue that the callbacks know.  So there is one
 * way to stop a thread, a flag and a wake-up, and no signal is needed.
 *
 * Life: ssi_conn_connect() or ssi_conn_adopt() makes one; the handshake uses
 * ssi_conn_recv_msg() and ssi_conn_send_msg(), which wait with a deadline; then
 * link.c takes the connection over (ssi_conn_set_waits()) and reads and writes
 * the socket itself; ssi_conn_shutdown() ends it from any thread, and
 * ssi_conn_free() when no thread uses it any more.
 *
 * The socket holds no reference to its network namespace, or the namespace would
 * live for ever.  The exit of the namespace stops the instance first.
 *
 * Unhappy paths: a connection that the peer ends becomes SSI_CONN_CLOSED and
 * readable, the read then says 0 or an error.  Closing always resets: nothing
 * that is queued when an epoch ends may arrive any more.
 *
 * Locks: sk_callback_lock is taken inside no lock of ours; wait-queue locks are
 * taken inside it.
 */

#define pr_fmt(fmt) "ssi: " fmt

#include <linux/inet.h>
#include <linux/net.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/tls.h>
#include <trace/events/sock.h>

#include "conn.h"

static struct lock_class_key ssi_conn_slock_keys[SSI_NR_LANES][2];
static struct lock_class_key ssi_conn_lock_keys[SSI_NR_LANES][2];

static const char *const ssi_conn_slock_names[SSI_NR_LANES] = {
	[SSI_LANE_CONTROL]	= "slock-SSI-control",
	[SSI_LANE_USER]		= "slock-SSI-user",
	[SSI_LANE_MEMORY]	= "slock-SSI-memory",
};

static const char *const ssi_conn_lock_names[SSI_NR_LANES] = {
	[SSI_LANE_CONTROL]	= "sk_lock-SSI-control",
	[SSI_LANE_USER]		= "sk_lock-SSI-user",
	[SSI_LANE_MEMORY]	= "sk_lock-SSI-memory",
};

static struct lock_class_key ssi_conn_tls_keys[SSI_NR_LANES];

static const char *const ssi_conn_tls_names[SSI_NR_LANES] = {
	[SSI_LANE_CONTROL]	= "tls_tx_lock-SSI-control",
	[SSI_LANE_USER]		= "tls_tx_lock-SSI-user",
	[SSI_LANE_MEMORY]	= "tls_tx_lock-SSI-memory",
};

static void ssi_conn_data_ready(struct sock *sk)
{
	struct ssi_conn *conn;

	trace_sk_data_ready(sk);

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (likely(conn)) {
		set_bit(SSI_CONN_READABLE, &conn->flags);
		wake_up(conn->rx_wait);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void ssi_conn_write_space(struct sock *sk)
{
	struct ssi_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (likely(conn) && sk_stream_is_writeable(sk)) {
		clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		set_bit(SSI_CONN_WRITABLE, &conn->flags);
		wake_up(conn->tx_wait);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void ssi_conn_state_change(struct sock *sk)
{
	struct ssi_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = sk->sk_user_data;
	if (likely(conn)) {
		if (sk->sk_state != TCP_ESTABLISHED &&
		    sk->sk_state != TCP_SYN_SENT)
			set_bit(SSI_CONN_CLOSED, &conn->flags);
		set_bit(SSI_CONN_READABLE, &conn->flags);
		set_bit(SSI_CONN_WRITABLE, &conn->flags);
		wake_up(conn->rx_wait);
		wake_up(conn->tx_wait);
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

/* the least that TCP_RTO_MAX_MS takes */
#define SSI_CONN_RTO_MAX	HZ

static void ssi_conn_tune(struct sock *sk)
{
	sock_no_linger(sk);
	tcp_sock_set_nodelay(sk);

	/*
	 * Reclaim may wait for what is sent here, and an accepted socket cannot
	 * have a lock class of its own: so no lane ever reclaims under its lock.
	 * Page frags belong to a task.
	 */
	lock_sock(sk);
	sk->sk_allocation = GFP_ATOMIC;
	sk->sk_use_task_frag = false;
	/*
	 * A peer that is short of memory, or a link that was cut, loses what is sent again as well.
	 * Nobody waits two minutes for the next attempt when that is over.
	 */
	WRITE_ONCE(inet_csk(sk)->icsk_rto_max, SSI_CONN_RTO_MAX);
	release_sock(sk);
}

static void ssi_conn_install(struct ssi_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->data_ready = sk->sk_data_ready;
	conn->state_change = sk->sk_state_change;
	conn->write_space = sk->sk_write_space;
	sk->sk_user_data = conn;
	sk->sk_data_ready = ssi_conn_data_ready;
	sk->sk_state_change = ssi_conn_state_change;
	sk->sk_write_space = ssi_conn_write_space;
	write_unlock_bh(&sk->sk_callback_lock);

	/* What happened before the callbacks were there. */
	set_bit(SSI_CONN_READABLE, &conn->flags);
	set_bit(SSI_CONN_WRITABLE, &conn->flags);
}

static void ssi_conn_restore(struct ssi_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_user_data = NULL;
	sk->sk_data_ready = conn->data_ready;
	sk->sk_state_change = conn->state_change;
	sk->sk_write_space = conn->write_space;
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * ssi_conn_adopt - make a connection of a socket
 * @sock: connected or connecting TCP socket; belongs to the connection then
 * @wait: woken by whatever happens to the socket
 * @abort: see &struct ssi_conn
 *
 * Context: may sleep.
 * Return: the connection, or ERR_PTR(-ENOMEM) after releasing @sock.
 */
struct ssi_conn *ssi_conn_adopt(struct socket *sock, wait_queue_head_t *wait,
				const bool *abort)
{
	struct ssi_conn *conn = kzalloc_obj(*conn);

	if (!conn) {
		sock_release(sock);
		return ERR_PTR(-ENOMEM);
	}

	conn->sock = sock;
	conn->rx_wait = wait;
	conn->tx_wait = wait;
	conn->abort = abort;
	ssi_conn_tune(sock->sk);
	ssi_conn_install(conn);
	return conn;
}

static int ssi_conn_set_tls(struct ssi_conn *conn, int option, const void *value, size_t len)
{
	struct socket *sock = conn->sock;
	int level = option == TCP_ULP ? SOL_TCP : SOL_TLS;

	return READ_ONCE(sock->ops)->setsockopt(sock, level, option,
						KERNEL_SOCKPTR((void *)value), len);
}

/**
 * ssi_conn_secure - encrypt and authenticate from here on
 * @conn: connection that no other thread uses yet
 * @lane: what it is for
 * @tx: for what this side sends, struct tls12_crypto_info_*
 * @rx: for what the peer sends
 * @len: bytes of each
 *
 * The kernel's TLS record layer goes between TCP and us; it calls our callbacks for
 * whole records.
 *
 * Context: sleeps.
 * Return: 0, or a negative errno after which the connection is of no use.
 */
int ssi_conn_secure(struct ssi_conn *conn, enum ssi_lane lane, const void *tx, const void *rx,
		    size_t len)
{
	static const char ulp[] = "tls";
	const unsigned int no_pad = 1;
	unsigned int flags;
	int err;

	/*
	 * Memory is allocated under the socket's lock, which reclaim takes later; that nobody
	 * has the connection yet lockdep cannot know. It is little, and of proven peers only.
	 */
	flags = memalloc_noreclaim_save();
	err = ssi_conn_set_tls(conn, TCP_ULP, ulp, sizeof(ulp) - 1);
	if (!err) {
		/* as those of the lanes' sockets: reclaim waits for no TLS of others */
		lockdep_set_class_and_name(&tls_get_ctx(conn->sock->sk)->tx_lock,
					   &ssi_conn_tls_keys[lane], ssi_conn_tls_names[lane]);
		err = ssi_conn_set_tls(conn, TLS_TX, tx, len);
	}
	if (!err)
		err = ssi_conn_set_tls(conn, TLS_RX, rx, len);
	/* only faster */
	if (!err)
		ssi_conn_set_tls(conn, TLS_RX_EXPECT_NO_PAD, &no_pad, sizeof(no_pad));
	memalloc_noreclaim_restore(flags);
	conn->secure = !err;
	return err;
}

/**
 * ssi_conn_unsent - was something taken for sending that TCP has not got?
 * @conn: connection
 *
 * A record that was begun is sent by the TLS layer when there is room. It has no
 * reserve, and is not told when there is memory again, or room while it was sending: who
 * finds something unsent looks again soon, and has it tried by that.
 *
 * Context: process context; sleeps.
 * Return: true if there is.
 */
bool ssi_conn_unsent(struct ssi_conn *conn)
{
	struct sock *sk = conn->sock->sk;
	struct tls_context *ctx;
	bool unsent;

	if (!conn->secure)
		return false;
	ctx = tls_get_ctx(sk);
	/* the list is changed under the socket's lock; what is not seen now is seen later */
	if (!READ_ONCE(ctx->partially_sent_record) &&
	    list_empty_careful(&((struct tls_sw_context_tx *)ctx->priv_ctx_tx)->tx_list))
		return false;
	lock_sock(sk);
	unsent = ctx->partially_sent_record ||
		 !list_empty(&((struct tls_sw_context_tx *)ctx->priv_ctx_tx)->tx_list);
	if (unsent)
		sk->sk_write_space(sk);
	release_sock(sk);
	return unsent;
}

/**
 * ssi_conn_empty - is there nothing to read?
 * @conn: connection
 *
 * Context: any.
 * Return: true if neither data, or a whole record of them, nor the end of the connection
 * was there.
 */
bool ssi_conn_empty(struct ssi_conn *conn)
{
	struct sock *sk = conn->sock->sk;

	if (test_bit(SSI_CONN_CLOSED, &conn->flags))
		return false;
	return conn->secure ? !sk_is_readable(sk) :
			      skb_queue_empty_lockless(&sk->sk_receive_queue);
}

/**
 * ssi_conn_set_waits - hand a connection to other threads
 * @conn: connection
 * @rx: woken from now on when data arrives
 * @tx: woken from now on when there is room
 * @abort: what makes waiting functions give up
 *
 * Both are as good as woken on return: the new owners must look once.
 *
 * Context: may be called while the callbacks run.
 */
void ssi_conn_set_waits(struct ssi_conn *conn, wait_queue_head_t *rx,
			wait_queue_head_t *tx, const bool *abort)
{
	struct sock *sk = conn->sock->sk;

	write_lock_bh(&sk->sk_callback_lock);
	conn->rx_wait = rx;
	conn->tx_wait = tx;
	conn->abort = abort;
	set_bit(SSI_CONN_READABLE, &conn->flags);
	set_bit(SSI_CONN_WRITABLE, &conn->flags);
	write_unlock_bh(&sk->sk_callback_lock);
}

static void ssi_conn_reclassify(struct sock *sk, enum ssi_lane lane)
{
	unsigned int v6 = sk->sk_family == AF_INET6;

	if (WARN_ON_ONCE(!sock_allow_reclassification(sk)))
		return;
	/*
	 * Lanes nest: a fault that is served on the user lane sends on the
	 * memory lane.  And a lane may be used where a socket of user space may
	 * not, inside reclaim.
	 */
	sock_lock_init_class_and_name(sk, ssi_conn_slock_names[lane],
				      &ssi_conn_slock_keys[lane][v6],
				      ssi_conn_lock_names[lane],
				      &ssi_conn_lock_keys[lane][v6]);
}

/**
 * ssi_conn_set_lane - give a connected socket the privileges of its lane
 * @conn: established connection that no other thread uses yet
 * @lane: lane
 *
 * Context: may sleep.
 */
void ssi_conn_set_lane(struct ssi_conn *conn, enum ssi_lane lane)
{
	struct sock *sk = conn->sock->sk;

	if (lane == SSI_LANE_CONTROL)
		sock_set_priority(sk, TC_PRIO_CONTROL);
	/*
	 * A packet that was received into the reserves is dropped for any other
	 * socket: heartbeats must not be, or memory pressure looks like death.
	 */
	if (lane == SSI_LANE_USER)
		return;

	lock_sock(sk);
	if (!conn->memalloc && sk->sk_state == TCP_ESTABLISHED) {
		sk_set_memalloc(sk);
		conn->memalloc = true;
	}
	release_sock(sk);
}

/**
 * ssi_conn_shutdown - end a connection, from any thread
 * @conn: connection; stays valid
 *
 * Blocked functions of the connection return.
 *
 * Context: may sleep.
 */
void ssi_conn_shutdown(struct ssi_conn *conn)
{
	kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	set_bit(SSI_CONN_CLOSED, &conn->flags);
}

static void ssi_conn_clear_memalloc(struct ssi_conn *conn)
{
	struct sock *sk = conn->sock->sk;
	bool clean;

	lock_sock(sk);
	/*
	 * A packet from the reserves in the backlog of a socket that may not have
	 * it is a BUG(): the flag goes when none is there, then none gets there.
	 */
	do {
		sk_flush_backlog(sk);
		spin_lock_bh(&sk->sk_lock.slock);
		clean = !sk->sk_backlog.tail;
		if (clean)
			sock_reset_flag(sk, SOCK_MEMALLOC);
		spin_unlock_bh(&sk->sk_lock.slock);
	} while (!clean);
	sk_clear_memalloc(sk);
	release_sock(sk);
}

/**
 * ssi_conn_free - release a connection that no thread uses any more
 * @conn: connection, or NULL
 *
 * Context: may sleep.
 */
void ssi_conn_free(struct ssi_conn *conn)
{
	if (!conn)
		return;

	ssi_conn_restore(conn);
	kernel_sock_shutdown(conn->sock, SHUT_RDWR);
	if (conn->memalloc)
		ssi_conn_clear_memalloc(conn);
	sock_release(conn->sock);
	kfree(conn);
}

/* Wait for a bit that a callback sets. */
static int ssi_conn_wait(struct ssi_conn *conn, int bit, ktime_t until)
{
	s64 left = ktime_ms_delta(until, ktime_get_boottime());
	long ret;

	if (left <= 0)
		return -ETIMEDOUT;
	ret = wait_event_idle_timeout(*conn->rx_wait,
				      test_bit(bit, &conn->flags) ||
				      READ_ONCE(*conn->abort),
				      msecs_to_jiffies(left) + 1);
	if (READ_ONCE(*conn->abort))
		return -EINTR;
	return ret ? 0 : -ETIMEDOUT;
}

static int ssi_conn_error(struct sock *sk)
{
	int err = sock_error(sk);

	return err ? err : -ECONNRESET;
}

/**
 * ssi_conn_connect - connect to a peer
 * @net: namespace to connect from
 * @from: own address, whose port is ignored; AF_UNSPEC or a wildcard for any
 * @to: address and port of the peer
 * @lane: what the connection is for
 * @wait: woken by whatever happens to the socket
 * @abort: see &struct ssi_conn
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: kernel thread of the caller (a socket made by a task would be charged
 * to its cgroup); sleeps.
 * Return: an established connection, or an ERR_PTR(): -ETIMEDOUT, -EINTR if
 * @abort became true, -ENOMEM, or what TCP says.
 */
struct ssi_conn *ssi_conn_connect(struct net *net,
				  const struct sockaddr_storage *from,
				  const struct sockaddr_storage *to,
				  enum ssi_lane lane, wait_queue_head_t *wait,
				  const bool *abort, ktime_t until)
{
	struct sockaddr_storage src = *from, dst = *to;
	struct ssi_conn *conn;
	struct socket *sock;
	struct sock *sk;
	int err;

	err = sock_create_kern(net, dst.ss_family, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (err)
		return ERR_PTR(err);
	sk = sock->sk;
	ssi_conn_reclassify(sk, lane);

	/* The peer looks at where a connection comes from. */
	if (src.ss_family == dst.ss_family && !inet_addr_is_any(&src)) {
		if (src.ss_family == AF_INET)
			((struct sockaddr_in *)&src)->sin_port = 0;
		else
			((struct sockaddr_in6 *)&src)->sin6_port = 0;
		err = kernel_bind(sock, (struct sockaddr_unsized *)&src,
				  sizeof(src));
		if (err) {
			sock_release(sock);
			return ERR_PTR(err);
		}
	}

	conn = ssi_conn_adopt(sock, wait, abort);
	if (IS_ERR(conn))
		return conn;

	err = kernel_connect(sock, (struct sockaddr_unsized *)&dst, sizeof(dst),
			     O_NONBLOCK);
	if (err && err != -EINPROGRESS)
		goto free_conn;

	while (READ_ONCE(sk->sk_state) != TCP_ESTABLISHED) {
		clear_bit(SSI_CONN_READABLE, &conn->flags);
		smp_mb__after_atomic(); /* before looking at the state again */
		if (READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
			break;
		if (READ_ONCE(sk->sk_state) != TCP_SYN_SENT &&
		    READ_ONCE(sk->sk_state) != TCP_SYN_RECV) {
			err = ssi_conn_error(sk);
			goto free_conn;
		}
		err = ssi_conn_wait(conn, SSI_CONN_READABLE, until);
		if (err)
			goto free_conn;
	}
	set_bit(SSI_CONN_READABLE, &conn->flags);
	return conn;

free_conn:
	ssi_conn_free(conn);
	return ERR_PTR(err);
}

/**
 * ssi_conn_try_recv - read what is there
 * @conn: connection
 * @buf: where to
 * @len: most bytes
 *
 * Context: process context, does not wait for data.
 * Return: bytes read, more than 0; -EAGAIN if there are none, -ECONNRESET if the
 * peer closed, or what TCP says.
 */
int ssi_conn_try_recv(struct ssi_conn *conn, void *buf, size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	int ret;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, len);
	ret = sock_recvmsg(conn->sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	return ret ? ret : -ECONNRESET;
}

/**
 * ssi_conn_recv - read exactly so many bytes
 * @conn: connection that no other thread reads
 * @buf: where to
 * @len: bytes
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: sleeps.
 * Return: 0; -ETIMEDOUT, -EINTR (aborted), -ECONNRESET, or what TCP says.
 */
int ssi_conn_recv(struct ssi_conn *conn, void *buf, size_t len, ktime_t until)
{
	int ret;

	while (len) {
		clear_bit(SSI_CONN_READABLE, &conn->flags);
		smp_mb__after_atomic(); /* before looking into the socket */
		ret = ssi_conn_try_recv(conn, buf, len);
		if (ret == -EAGAIN)
			ret = ssi_conn_wait(conn, SSI_CONN_READABLE, until);
		if (ret < 0)
			return ret;
		buf += ret;
		len -= ret;
	}
	return 0;
}

/**
 * ssi_conn_send - write exactly so many bytes
 * @conn: connection that no other thread writes
 * @buf: bytes; copied
 * @len: how many
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: sleeps.
 * Return: 0; -ETIMEDOUT, -EINTR (aborted), or what TCP says.
 */
int ssi_conn_send(struct ssi_conn *conn, const void *buf, size_t len,
		  ktime_t until)
{
	int ret;

	while (len) {
		struct kvec vec = { .iov_base = (void *)buf, .iov_len = len };
		struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };

		clear_bit(SSI_CONN_WRITABLE, &conn->flags);
		smp_mb__after_atomic(); /* before looking into the socket */
		ret = kernel_sendmsg(conn->sock, &msg, &vec, 1, len);
		if (ret == -EAGAIN)
			ret = ssi_conn_wait(conn, SSI_CONN_WRITABLE, until);
		if (ret < 0)
			return ret;
		buf += ret;
		len -= ret;
	}
	return 0;
}

/**
 * ssi_conn_send_msg - send a message of the handshake
 * @conn: connection that no other thread writes
 * @type: enum ssi_msg_type
 * @epoch: for the header
 * @body: body in its wire form
 * @len: bytes of body
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: sleeps.
 * Return: as ssi_conn_send(), or -ENOMEM.
 */
int ssi_conn_send_msg(struct ssi_conn *conn, u16 type, u32 epoch,
		      const void *body, size_t len, ktime_t until)
{
	struct ssi_wire_hdr *hdr = kzalloc(sizeof(*hdr) + len, GFP_KERNEL);
	int err;

	if (!hdr)
		return -ENOMEM;
	hdr->len = cpu_to_le32(len);
	hdr->type = cpu_to_le16(type);
	hdr->epoch = cpu_to_le32(epoch);
	memcpy(hdr + 1, body, len);
	err = ssi_conn_send(conn, hdr, sizeof(*hdr) + len, until);
	kfree(hdr);
	return err;
}

/**
 * ssi_conn_recv_msg - receive a message of the handshake
 * @conn: connection that no other thread reads
 * @hdr: its header
 * @body: room for its body
 * @max: bytes of @body
 * @until: give up at this CLOCK_BOOTTIME
 *
 * Context: sleeps.
 * Return: bytes of body; -EPROTO if the message has pages, flags or more than
 * @max bytes, or as ssi_conn_recv().
 */
int ssi_conn_recv_msg(struct ssi_conn *conn, struct ssi_wire_hdr *hdr,
		      void *body, size_t max, ktime_t until)
{
	size_t len;
	int err;

	err = ssi_conn_recv(conn, hdr, sizeof(*hdr), until);
	if (err)
		return err;
	len = le32_to_cpu(hdr->len);
	if (len > max || hdr->nr_pages || hdr->flags)
		return -EPROTO;
	err = ssi_conn_recv(conn, body, len, until);
	return err ? err : len;
}
