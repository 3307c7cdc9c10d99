/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire format of LinuxSSI: what two nodes say to each other.
 *
 * Every message is a header, @len bytes of body and @nr_pages whole pages.
 * All integers are little-endian, every structure has an explicit size that is
 * asserted here, and nothing is ever read before the table of rpc.c has checked
 * its length.  Message types below SSI_MSG_PROC_FIRST belong to the transport
 * (this file); those of processes and memory are in procmsg.h.
 */
#ifndef _KERNEL_SSI_WIRE_H
#define _KERNEL_SSI_WIRE_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "noise.h"

#define SSI_WIRE_MAGIC		0x31495353	/* "SSI1" as bytes */
#define SSI_WIRE_VERSION	1

#define SSI_MSG_MAX_BODY	131072		/* bytes of body in one message: SME registers */
#define SSI_MSG_MAX_PAGES	64		/* whole pages after the body */

#define SSI_CLUSTER_NAME_MAX	64		/* with the terminating NUL */
#define SSI_REASON_MAX		96		/* with the terminating NUL */
#define SSI_COMPAT_MAX		4096		/* bytes of a compatibility blob */

/**
 * enum ssi_msg_type - what a message is
 * @SSI_MSG_HELLO: first message of a control lane, both ways
 * @SSI_MSG_REFUSE: last message of a control lane: why there is no membership
 * @SSI_MSG_ATTACH: first message of the other lanes, both ways
 * @SSI_MSG_READY: nothing of an older epoch is held here any more
 * @SSI_MSG_HEARTBEAT: liveness
 * @SSI_MSG_BYE: the sender leaves the cluster in good order
 * @SSI_MSG_AUTH: first message of every lane of a node that has a key, both ways: its proof
 * @SSI_MSG_ERROR: answer to a call on any lane: it failed
 * @SSI_MSG_ECHO: user lane call that is answered with what it carried
 * @SSI_MSG_ECHO_REPLY: answer to @SSI_MSG_ECHO
 * @SSI_MSG_ECHO_MEM: the same on the memory lane
 * @SSI_MSG_ECHO_MEM_REPLY: answer to @SSI_MSG_ECHO_MEM
 * @SSI_MSG_DRAIN: user lane call: drain, or do not any more
 * @SSI_MSG_DRAIN_REPLY: answer to @SSI_MSG_DRAIN
 * @SSI_MSG_NR: number of transport message types
 * @SSI_MSG_PROC_FIRST: first type of procmsg.h
 *
 * The answer to a call is of the type after that of the call, or SSI_MSG_ERROR.
 */
enum ssi_msg_type {
	SSI_MSG_HELLO		= 0x01,
	SSI_MSG_REFUSE		= 0x02,
	SSI_MSG_ATTACH		= 0x03,
	SSI_MSG_READY		= 0x04,
	SSI_MSG_HEARTBEAT	= 0x05,
	SSI_MSG_BYE		= 0x06,
	SSI_MSG_AUTH		= 0x07,

	SSI_MSG_ERROR		= 0x10,
	SSI_MSG_ECHO		= 0x11,
	SSI_MSG_ECHO_REPLY	= 0x12,
	SSI_MSG_ECHO_MEM	= 0x13,
	SSI_MSG_ECHO_MEM_REPLY	= 0x14,
	SSI_MSG_DRAIN		= 0x15,
	SSI_MSG_DRAIN_REPLY	= 0x16,
	SSI_MSG_NR,

	SSI_MSG_PROC_FIRST	= 0x20,
};

/* Flags of struct ssi_wire_hdr. */
#define SSI_WIRE_CALL		0x01	/* the sender waits for an answer to @seq */
#define SSI_WIRE_REPLY		0x02	/* the answer to the receiver's call @seq */
#define SSI_WIRE_FLAGS		(SSI_WIRE_CALL | SSI_WIRE_REPLY)

/**
 * struct ssi_wire_hdr - in front of every message
 * @len: bytes of body that follow the header
 * @type: enum ssi_msg_type, or a type of procmsg.h
 * @nr_pages: pages of PAGE_SIZE bytes that follow the body
 * @epoch: epoch of the membership the message belongs to, 0 before there is one
 * @flags: SSI_WIRE_*
 * @seq: number of the call, 0 if the message is neither a call nor a reply
 */
struct ssi_wire_hdr {
	__le32 len;
	__le16 type;
	__le16 nr_pages;
	__le32 epoch;
	__le32 flags;
	__le64 seq;
};

static_assert(sizeof(struct ssi_wire_hdr) == 24);

/**
 * struct ssi_wire_hello - SSI_MSG_HELLO
 * @magic: SSI_WIRE_MAGIC
 * @version: SSI_WIRE_VERSION
 * @from: node id of the sender
 * @to: node id that the sender believes to talk to
 * @incarnation: number that the sender drew when it joined
 * @cookie: drawn by the side that accepted, 0 from the side that connected
 * @epoch: the newest epoch the sender has seen with this peer
 * @deadline_ms: liveness deadline of the sender in milliseconds
 * @cluster: name of the cluster, padded with NULs
 * @compat_len: bytes of @compat
 * @pid_stride: pid numbers of each node
 * @compat: what compat.c says about the sender's machine and kernel
 */
struct ssi_wire_hello {
	__le32 magic;
	__le32 version;
	__le32 from;
	__le32 to;
	__le64 incarnation;
	__le64 cookie;
	__le32 epoch;
	__le32 deadline_ms;
	__u8 cluster[SSI_CLUSTER_NAME_MAX];
	__le32 compat_len;
	__le32 pid_stride;
	__u8 compat[];
};

static_assert(sizeof(struct ssi_wire_hello) == 112);

/**
 * struct ssi_wire_auth_self - what a node says of itself when it proves a key; encrypted
 * @version: SSI_WIRE_VERSION
 * @from: node id of the sender
 * @to: node id that the sender believes to talk to
 * @lane: enum ssi_lane
 * @incarnation: number that the sender drew when it joined
 */
struct ssi_wire_auth_self {
	__le32 version;
	__le32 from;
	__le32 to;
	__le32 lane;
	__le64 incarnation;
};

static_assert(sizeof(struct ssi_wire_auth_self) == 24);

/**
 * struct ssi_wire_auth - SSI_MSG_AUTH of the node that connects
 * @key_id: of the key that it proves
 * @noise: first message of the handshake, around a struct ssi_wire_auth_self
 */
struct ssi_wire_auth {
	__le64 key_id;
	__u8 noise[SSI_NOISE_OVERHEAD + sizeof(struct ssi_wire_auth_self)];
};

static_assert(sizeof(struct ssi_wire_auth) == 80);

/**
 * struct ssi_wire_auth_reply - SSI_MSG_AUTH of the node that listens
 * @noise: second message of the handshake, around a struct ssi_wire_auth_self
 */
struct ssi_wire_auth_reply {
	__u8 noise[SSI_NOISE_OVERHEAD + sizeof(struct ssi_wire_auth_self)];
};

static_assert(sizeof(struct ssi_wire_auth_reply) == 72);

/**
 * struct ssi_wire_refuse - SSI_MSG_REFUSE
 * @reason: a sentence for a person, NUL-terminated and padded with NULs
 */
struct ssi_wire_refuse {
	__u8 reason[SSI_REASON_MAX];
};

static_assert(sizeof(struct ssi_wire_refuse) == 96);

/**
 * struct ssi_wire_attach - SSI_MSG_ATTACH
 * @magic: SSI_WIRE_MAGIC
 * @version: SSI_WIRE_VERSION
 * @from: node id of the sender
 * @to: node id that the sender believes to talk to
 * @cookie: of the control lane this connection belongs to
 * @lane: enum ssi_lane
 * @pad: zero
 */
struct ssi_wire_attach {
	__le32 magic;
	__le32 version;
	__le32 from;
	__le32 to;
	__le64 cookie;
	__le32 lane;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_attach) == 32);

/**
 * struct ssi_wire_ready - SSI_MSG_READY
 * @cookie: of the control lane
 * @epoch: the epoch that begins
 * @pad: zero
 */
struct ssi_wire_ready {
	__le64 cookie;
	__le32 epoch;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_ready) == 16);

/* Flags of struct ssi_wire_heartbeat. */
#define SSI_HEARTBEAT_PING	0x01	/* answer at once */
#define SSI_HEARTBEAT_DRAINING	0x02	/* the sender takes nothing new */
#define SSI_HEARTBEAT_FLAGS	(SSI_HEARTBEAT_PING | SSI_HEARTBEAT_DRAINING)

/**
 * struct ssi_wire_heartbeat - SSI_MSG_HEARTBEAT
 * @seq: number of this heartbeat, counted by the sender
 * @echo: newest @seq that the sender has received from the receiver, 0 if none
 * @epoch: epoch of the membership that it keeps alive
 * @flags: SSI_HEARTBEAT_*
 * @running: tasks that run, or would, on all CPUs of the sender
 * @cpus: CPUs of the sender that are online
 * @realtime: CLOCK_REALTIME of the sender, in nanoseconds
 * @boottime: CLOCK_BOOTTIME of the sender, in nanoseconds
 */
struct ssi_wire_heartbeat {
	__le64 seq;
	__le64 echo;
	__le32 epoch;
	__le32 flags;
	__le32 running;
	__le32 cpus;
	__le64 realtime;
	__le64 boottime;
};

static_assert(sizeof(struct ssi_wire_heartbeat) == 48);

/**
 * struct ssi_wire_error - SSI_MSG_ERROR
 * @error: errno value, positive
 * @pad: zero
 */
struct ssi_wire_error {
	__le32 error;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_error) == 8);

/**
 * struct ssi_wire_drain - SSI_MSG_DRAIN and its answer
 * @on: 1: the receiver is to drain; 0: it is not to any more
 * @pad: zero
 */
struct ssi_wire_drain {
	__le32 on;
	__le32 pad;
};

static_assert(sizeof(struct ssi_wire_drain) == 8);

#endif /* _KERNEL_SSI_WIRE_H */
