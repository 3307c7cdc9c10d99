/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PROXY_H
#define _KERNEL_SSI_PROXY_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "placemsg.h"
#include "rpc.h"

struct file;
struct inode;
struct ssi_node;
struct ssi_terminal;

/**
 * struct ssi_proxy_watch - a call that is answered when there are events
 * @p: the proxy
 * @call: the call
 * @answer: its answer
 * @events: which
 * @started: there is one, or its result was not taken yet
 * @over: set before who polls is woken
 * @edge: what there was when poll() looked last: a read or write that finds it gone
 *	starts it
 */
struct ssi_proxy_watch {
	struct ssi_proxy *p;
	struct ssi_call call;
	struct ssi_wire_file_done answer;
	__poll_t events;
	bool started;
	bool over;
	__poll_t edge;
};

/**
 * struct ssi_proxy - a file that is open on another node
 * @node: that node; referenced
 * @epoch: membership that it is good for
 * @handle: what the node calls it
 * @append: the file was opened for appending
 * @messages: a socket that keeps writes apart
 * @terminal: it is the controlling terminal of this session; referenced, or NULL
 * @lock: protects @in and @out
 * @in: waits for something to read
 * @out: waits for room to write
 * @wait: who polls
 */
struct ssi_proxy {
	struct ssi_node *node;
	u32 epoch;
	u32 handle;
	bool append;
	bool messages;
	struct ssi_terminal *terminal;
	struct mutex lock;		/* innermost but for those of calls */
	struct ssi_proxy_watch in;
	struct ssi_proxy_watch out;
	wait_queue_head_t wait;
};

/**
 * struct ssi_proxy_req - a call that is to be made
 * @op: what to do
 * @pos: depends on @op
 * @arg: depends on @op
 * @nowait: answer at once
 * @sync: answer when it is on the disk
 * @killable: only a fatal signal cancels it; else any
 * @background: current is not in the foreground here; see @stub
 * @stub: it is not to be done in the background of this stub's terminal; or 0
 * @len: bytes of @data, or of what is wanted of a read
 * @data: data, may be NULL
 * @reply: room for the data of the answer, or NULL
 * @reply_max: bytes of it
 * @reply_len: filled in with how many there are
 */
struct ssi_proxy_req {
	enum ssi_file_op op;
	u64 pos;
	u64 arg;
	bool nowait;
	bool sync;
	bool killable;
	bool background;
	u64 stub;
	size_t len;
	const void *data;
	void *reply;
	size_t reply_max;
	size_t reply_len;
};

long ssi_proxy_call(struct ssi_proxy *p, struct ssi_proxy_req *req);
void ssi_proxy_send_close(struct ssi_node *node, u32 epoch, u32 handle, u64 seq);

/* proxyfs.c: what the files of the proxies are files of */
int ssi_proxy_reopen(struct inode *inode, struct file *file);
int ssi_proxy_open_as(struct file *first, struct file *file);
void ssi_proxy_free(struct ssi_proxy *p);
struct file *ssi_proxy_open(struct ssi_node *node, u32 epoch, struct ssi_terminal *terminal,
			    const struct ssi_wire_open_file *w);
int ssi_proxy_init(void);

bool ssi_proxy_is(const struct file *file);
bool ssi_proxy_keeps_messages(const struct file *file);
const struct file_operations *ssi_proxy_fops(bool polls);

#endif /* _KERNEL_SSI_PROXY_H */
