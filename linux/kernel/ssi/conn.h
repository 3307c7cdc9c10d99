/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CONN_H
#define _KERNEL_SSI_CONN_H

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "rpc.h"

struct net;
struct sock;
struct socket;

/* Bits of ssi_conn.flags. */
enum {
	SSI_CONN_READABLE,	/* data arrived since the bit was cleared */
	SSI_CONN_WRITABLE,	/* room appeared since the bit was cleared */
	SSI_CONN_CLOSED,	/* the peer or TCP ended the connection */
};

/**
 * struct ssi_conn - one TCP connection
 * @sock: the kernel socket
 * @flags: SSI_CONN_* bits, set by the socket's callbacks
 * @rx_wait: woken when data arrives or the connection ends.  Changed only by
 *	ssi_conn_set_waits().
 * @tx_wait: woken when there is room to send or the connection ends
 * @abort: what a blocked ssi_conn_recv() and its like look at: they return
 *	-EINTR once it is true.  Whoever sets it wakes @rx_wait.
 * @memalloc: sk_set_memalloc() is in force
 * @secure: ssi_conn_secure() was called
 * @data_ready: the socket's own callback
 * @state_change: the socket's own callback
 * @write_space: the socket's own callback
 */
struct ssi_conn {
	struct socket *sock;
	unsigned long flags;
	wait_queue_head_t *rx_wait;
	wait_queue_head_t *tx_wait;
	const bool *abort;
	bool memalloc;
	bool secure;
	void (*data_ready)(struct sock *sk);
	void (*state_change)(struct sock *sk);
	void (*write_space)(struct sock *sk);
};

struct ssi_conn *ssi_conn_connect(struct net *net,
				  const struct sockaddr_storage *from,
				  const struct sockaddr_storage *to,
				  enum ssi_lane lane, wait_queue_head_t *wait,
				  const bool *abort, ktime_t until);
struct ssi_conn *ssi_conn_adopt(struct socket *sock, wait_queue_head_t *wait,
				const bool *abort);
int ssi_conn_secure(struct ssi_conn *conn, enum ssi_lane lane, const void *tx, const void *rx,
		    size_t len);
bool ssi_conn_unsent(struct ssi_conn *conn);
bool ssi_conn_empty(struct ssi_conn *conn);
void ssi_conn_set_waits(struct ssi_conn *conn, wait_queue_head_t *rx,
			wait_queue_head_t *tx, const bool *abort);
void ssi_conn_set_lane(struct ssi_conn *conn, enum ssi_lane lane);
void ssi_conn_shutdown(struct ssi_conn *conn);
void ssi_conn_free(struct ssi_conn *conn);

int ssi_conn_try_recv(struct ssi_conn *conn, void *buf, size_t len);
int ssi_conn_recv(struct ssi_conn *conn, void *buf, size_t len, ktime_t until);
int ssi_conn_send(struct ssi_conn *conn, const void *buf, size_t len,
		  ktime_t until);

int ssi_conn_recv_msg(struct ssi_conn *conn, struct ssi_wire_hdr *hdr,
		      void *body, size_t max, ktime_t until);
int ssi_conn_send_msg(struct ssi_conn *conn, u16 type, u32 epoch,
		      const void *body, size_t len, ktime_t until);

#endif /* _KERNEL_SSI_CONN_H */
