// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: files that are open here and used by programs of other nodes
 */

/**
 * DOC: exported files
 *
 * A program that is placed on another node keeps the files that the task before it had
 * open: they stay open here, with their position, and are exported to that node under a
 * handle, which is good for that peer and that membership only. What the
 * program does with one is a call (fileop.c), which refers to the file itself.
 *
 * Whose rights count is who has opened the file, as for one that is handed over; of a socket it
 * is who has started the program, since receivers may be told who has sent a message.
 *
 * Unhappy paths: the loss of the peer closes its files. A file that was opened anew for a
 * program that is killed before it knows the handle is closed by the number of its call.
 */

#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "debugfs.h"
#include "device.h"
#include "export.h"
#include "fileop.h"
#include "node.h"
#include "placemsg.h"
#include "proxy.h"
#include "rpc.h"

/**
 * struct ssi_export - a file that a peer may use
 * @file: the file; referenced
 * @cred: whose rights count; referenced
 * @node: the peer; referenced
 * @epoch: of the membership
 * @seq: number of the call that has opened it, or 0
 */
struct ssi_export {
	struct file *file;
	const struct cred *cred;
	struct ssi_node *node;
	u32 epoch;
	u64 seq;
};

static DEFINE_XARRAY_ALLOC1(ssi_exports);
static u32 ssi_exports_next;

/* It is in the table no more, or not yet. */
static void ssi_export_free(struct ssi_export *e)
{
	fput(e->file);
	put_cred(e->cred);
	ssi_node_put(e->node);
	kfree(e);
	atomic_dec(&ssi_objects.exports);
}

/**
 * ssi_export_add - let a peer use a file
 * @file: the file
 * @node: the peer
 * @epoch: membership that it is for
 * @seq: number of the peer's call that has opened it, or 0
 * @handle: filled in with what the peer calls it
 *
 * Context: process context; sleeps for memory.
 * Return: 0, -ENOMEM, or -EBUSY if there are too many.
 */
int ssi_export_add(struct file *file, struct ssi_node *node, u32 epoch, u64 seq, u32 *handle)
{
	struct ssi_export *e = kzalloc_obj(*e, GFP_KERNEL_ACCOUNT);
	int err;

	if (!e)
		return -ENOMEM;
	e->file = get_file(file);
	/* who receives a message may be told who has sent it */
	e->cred = get_cred(sock_from_file(file) ? current_cred() : file->f_cred);
	e->node = ssi_node_get(node);
	e->epoch = epoch;
	e->seq = seq;
	atomic_inc(&ssi_objects.exports);
	err = xa_alloc_cyclic(&ssi_exports, handle, e, xa_limit_32b, &ssi_exports_next,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		ssi_export_free(e);
	return min(err, 0);
}

/**
 * ssi_export_describe - say what a file is
 * @file: the file
 * @handle: what the peer calls it
 * @w: filled in, but for the descriptor
 *
 * Context: process context.
 */
void ssi_export_describe(struct file *file, u32 handle, struct ssi_wire_open_file *w)
{
	umode_t mode = file_inode(file)->i_mode;
	struct socket *sock = sock_from_file(file);
	u32 modes = 0;

	if (file->f_mode & FMODE_LSEEK)
		modes |= SSI_FILE_CAN_SEEK;
	if (file->f_mode & FMODE_PREAD)
		modes |= SSI_FILE_CAN_PREAD;
	if (file->f_mode & FMODE_PWRITE)
		modes |= SSI_FILE_CAN_PWRITE;
	if (file_can_poll(file))
		modes |= SSI_FILE_CAN_POLL;
	if (sock ? sock->type != SOCK_STREAM : ssi_proxy_keeps_messages(file))
		modes |= SSI_FILE_IS_MESSAGES;
	w->handle = cpu_to_le32(handle);
	w->flags = cpu_to_le32(file->f_flags);
	w->modes = cpu_to_le32(modes);
	w->mode = cpu_to_le32(mode);
	if (S_ISCHR(mode) && !ssi_proxy_is(file))
		w->memory = cpu_to_le32(ssi_device_minor(file_inode(file)->i_rdev));
}

/**
 * ssi_export_drop - a peer does not use a file any more
 * @node: the peer
 * @handle: what it calls the file
 *
 * Context: process context.
 */
void ssi_export_drop(struct ssi_node *node, u32 handle)
{
	struct ssi_export *e;

	xa_lock(&ssi_exports);
	e = xa_load(&ssi_exports, handle);
	if (e && e->node == node)
		__xa_erase(&ssi_exports, handle);
	else
		e = NULL;
	xa_unlock(&ssi_exports);
	if (e)
		ssi_export_free(e);
}

/**
 * ssi_export_file - the file that a peer means
 * @node: the peer
 * @epoch: membership
 * @handle: what it calls the file
 * @cred: filled in with whose rights count, referenced
 *
 * Context: process context.
 * Return: the file, referenced, or NULL.
 */
struct file *ssi_export_file(struct ssi_node *node, u32 epoch, u32 handle,
			     const struct cred **cred)
{
	struct ssi_export *e;
	struct file *file = NULL;

	xa_lock(&ssi_exports);
	e = xa_load(&ssi_exports, handle);
	if (e && e->node == node && e->epoch == epoch) {
		file = get_file(e->file);
		*cred = get_cred(e->cred);
	}
	xa_unlock(&ssi_exports);
	return file;
}

/* The peer has not waited for the handle. */
static void ssi_export_drop_opened(struct ssi_node *node, u32 epoch, u64 seq)
{
	struct ssi_export *e;
	unsigned long handle;

	xa_lock(&ssi_exports);
	xa_for_each(&ssi_exports, handle, e)
		if (e->node == node && e->epoch == epoch && e->seq == seq)
			break;
	if (e)
		__xa_erase(&ssi_exports, handle);
	xa_unlock(&ssi_exports);
	if (e)
		ssi_export_free(e);
}

/**
 * ssi_file_handle_close - a file is not used any more
 * @rx: SSI_MSG_FILE_CLOSE
 *
 * Context: receiver thread of the user lane. The last reference to a file is given
 * back by a work item, since the thread is the kernel's.
 */
void ssi_file_handle_close(struct ssi_rx *rx)
{
	const struct ssi_wire_file_close *w = rx->body;

	if (w->handle)
		ssi_export_drop(rx->node, le32_to_cpu(w->handle));
	else if (w->seq)
		ssi_export_drop_opened(rx->node, rx->epoch, le64_to_cpu(w->seq));
}

/**
 * ssi_export_any - does a node use files of this one?
 * @node: node
 *
 * Context: process context.
 * Return: true if it does.
 */
bool ssi_export_any(struct ssi_node *node)
{
	struct ssi_export *e;
	unsigned long handle;
	bool any = false;

	xa_lock(&ssi_exports);
	xa_for_each(&ssi_exports, handle, e)
		any |= e->node == node;
	xa_unlock(&ssi_exports);
	return any;
}

/**
 * ssi_export_peer_lost - a membership is over
 * @node: the peer
 * @epoch: of the membership; its receivers have ended
 *
 * Context: process context.
 */
void ssi_export_peer_lost(struct ssi_node *node, u32 epoch)
{
	unsigned long handle = 0;
	struct ssi_export *e;

	ssi_fileop_peer_lost(node, epoch);
	for (;;) {
		xa_lock(&ssi_exports);
		e = xa_find(&ssi_exports, &handle, ULONG_MAX, XA_PRESENT);
		if (!e) {
			xa_unlock(&ssi_exports);
			return;
		}
		if (e->node == node && e->epoch == epoch)
			__xa_erase(&ssi_exports, handle);
		else
			e = NULL;
		xa_unlock(&ssi_exports);
		if (e)
			ssi_export_free(e);
		handle++;
	}
}
