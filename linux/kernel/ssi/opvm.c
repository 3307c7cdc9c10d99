// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: memory of processes of other nodes
 */

/**
 * DOC: memory of processes of other nodes
 *
 * process_vm_readv() and process_vm_writev() with a number of another node: pieces of
 * some 64 KiB, each with the ranges that it is of, are copied by the home with the
 * function that copies for its own callers.  What has not come home of a process that is
 * away comes then.
 *
 * As there, what was copied before the first byte that cannot be is the result, and
 * an error only if that is nothing.
 */

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/ssi_pid.h>
#include <linux/uio.h>

#include "op.h"
#include "procmsg.h"

#define SSI_VM_PIECE	SSI_OP_MAX_REPLY

/**
 * struct ssi_vm - a copy to or from a process of another node
 * @nr: its number
 * @iter: memory here
 * @rvec: memory there
 * @nr_rvec: how many
 * @i: the one that is next
 * @skip: bytes of it that are done
 * @vec: ranges of a piece, then its bytes
 */
struct ssi_vm {
	pid_t nr;
	struct iov_iter *iter;
	const struct iovec *rvec;
	unsigned long nr_rvec;
	unsigned long i;
	size_t skip;
	struct ssi_wire_vec *vec;
};

/* The ranges of the next piece; returns how many, and their bytes. */
static unsigned int ssi_vm_next(const struct ssi_vm *vm, size_t *bytes)
{
	size_t left = min_t(size_t, iov_iter_count(vm->iter), SSI_VM_PIECE), skip = vm->skip;
	unsigned int n = 0;
	unsigned long i;

	*bytes = 0;
	for (i = vm->i; i < vm->nr_rvec && left; i++, skip = 0) {
		size_t len = min(vm->rvec[i].iov_len - skip, left);

		if (!len)
			continue;
		if ((n + 1) * sizeof(*vm->vec) > SSI_OP_MAX_VECS)
			break;
		vm->vec[n].base = cpu_to_le64((unsigned long)vm->rvec[i].iov_base + skip);
		vm->vec[n].len = cpu_to_le64(len);
		n++;
		*bytes += len;
		left -= len;
	}
	return n;
}

static void ssi_vm_advance(struct ssi_vm *vm, size_t bytes)
{
	while (vm->i < vm->nr_rvec && bytes >= vm->rvec[vm->i].iov_len - vm->skip) {
		bytes -= vm->rvec[vm->i].iov_len - vm->skip;
		vm->i++;
		vm->skip = 0;
	}
	vm->skip += bytes;
}

/* Copy a piece; returns how many bytes of it. */
static ssize_t ssi_vm_read(struct ssi_vm *vm, unsigned int n, size_t bytes)
{
	void *buf = vm->vec + n;
	struct ssi_op_req req = {
		.op		= SSI_OP_VM_READ,
		.nr		= vm->nr,
		.ns		= task_active_pid_ns(current),
		.arg		= { bytes },
		.data		= vm->vec,
		.data_len	= n * sizeof(*vm->vec),
		.reply		= buf,
		.reply_max	= bytes,
	};
	long ret = ssi_op_call(&req);

	if (ret)
		return ret < 0 ? ret : -EIO;
	ret = copy_to_iter(buf, req.reply_len, vm->iter);
	return ret || !req.reply_len ? ret : -EFAULT;
}

/* Shorten the ranges of a piece; returns how many are left. */
static unsigned int ssi_vm_trim(struct ssi_vm *vm, unsigned int n, size_t bytes)
{
	unsigned int i;
	u64 len;

	for (i = 0; i < n && bytes; i++) {
		len = min_t(u64, le64_to_cpu(vm->vec[i].len), bytes);
		vm->vec[i].len = cpu_to_le64(len);
		bytes -= len;
	}
	return i;
}

static ssize_t ssi_vm_write(struct ssi_vm *vm, unsigned int n, size_t bytes)
{
	struct ssi_op_req req = {
		.op		= SSI_OP_VM_WRITE,
		.nr		= vm->nr,
		.ns		= task_active_pid_ns(current),
		.data		= vm->vec,
	};
	void *buf = vm->vec + n;
	size_t copied = copy_from_iter(buf, bytes, vm->iter);
	unsigned int left;
	long ret;

	if (!copied)
		return -EFAULT;
	/* what cannot be read here is not written there, but what is in front of it */
	left = ssi_vm_trim(vm, n, copied);
	if (left < n)
		memmove(vm->vec + left, buf, copied);
	bytes = copied;
	req.arg[0] = left;
	req.data_len = left * sizeof(*vm->vec) + bytes;
	ret = ssi_op_call(&req);
	if (ret < 0 || ret > bytes) {
		iov_iter_revert(vm->iter, bytes);
		return ret < 0 ? ret : -EIO;
	}
	iov_iter_revert(vm->iter, bytes - ret);
	return ret;
}

static ssize_t ssi_vm_copy(struct ssi_vm *vm, bool write)
{
	size_t done = 0, bytes;
	unsigned int n;
	ssize_t ret;

	while ((n = ssi_vm_next(vm, &bytes))) {
		ret = write ? ssi_vm_write(vm, n, bytes) : ssi_vm_read(vm, n, bytes);
		if (ret < 0)
			return done ? done : ret;
		done += ret;
		if (ret < bytes)
			break;
		ssi_vm_advance(vm, ret);
		if (fatal_signal_pending(current))
			break;
	}
	return done;
}

/**
 * ssi_process_vm_rw - process_vm_readv() or process_vm_writev() of another node
 * @nr: number of the process, for which ssi_pid_remote() is true
 * @iter: memory here
 * @rvec: memory there
 * @riovcnt: how many
 * @vm_write: whether to write
 *
 * Context: process context; sleeps.
 * Return: bytes that were copied, or -EFAULT, -EPERM, or as ssi_op_call().
 */
ssize_t ssi_process_vm_rw(pid_t nr, struct iov_iter *iter, const struct iovec *rvec,
			  unsigned long riovcnt, int vm_write)
{
	struct ssi_vm vm = { .nr = nr, .iter = iter, .rvec = rvec, .nr_rvec = riovcnt };
	ssize_t ret;

	vm.vec = kvmalloc(SSI_OP_MAX_VECS + SSI_VM_PIECE, GFP_KERNEL_ACCOUNT);
	if (!vm.vec)
		return -ENOMEM;
	ret = ssi_vm_copy(&vm, vm_write);
	kvfree(vm.vec);
	return ret;
}

static size_t ssi_op_vm_sum(const struct ssi_wire_vec *vec, u64 n)
{
	size_t sum = 0;
	u64 i, len;

	for (i = 0; i < n; i++) {
		len = le64_to_cpu(vec[i].len);
		if (len > SSI_VM_PIECE)
			return SIZE_MAX;
		sum += len;
	}
	return sum;
}

/**
 * ssi_op_check_vm - do ranges and bytes go together?
 * @w: SSI_OP_VM_READ or SSI_OP_VM_WRITE
 * @data: ranges, and the bytes to be written
 *
 * Context: any; pure.
 * Return: 0 or -EPROTO.
 */
int ssi_op_check_vm(const struct ssi_wire_op *w, const void *data)
{
	size_t len = le32_to_cpu(w->data_len);
	u64 n = le64_to_cpu(w->arg[0]);

	if (le32_to_cpu(w->op) == SSI_OP_VM_READ) {
		if (!IS_ALIGNED(len, sizeof(struct ssi_wire_vec)))
			return -EPROTO;
		return ssi_op_vm_sum(data, len / sizeof(struct ssi_wire_vec)) ==
		       le32_to_cpu(w->reply_max) ? 0 : -EPROTO;
	}
	if (!n || n > SSI_OP_MAX_VECS / sizeof(struct ssi_wire_vec) ||
	    n * sizeof(struct ssi_wire_vec) > len)
		return -EPROTO;
	return ssi_op_vm_sum(data, n) == len - n * sizeof(struct ssi_wire_vec) ? 0 : -EPROTO;
}

/* Copy between the ranges and a buffer, as for a caller here. */
static ssize_t ssi_op_vm_copy(struct ssi_op_rx *op, unsigned int n, void *buf, size_t bytes,
			      bool write)
{
	const struct ssi_wire_vec *wire = op->data;
	struct kvec local = { .iov_base = buf, .iov_len = bytes };
	struct iovec *rvec;
	struct iov_iter iter;
	unsigned int i;
	ssize_t ret;

	rvec = kvmalloc_objs(*rvec, n);
	if (!rvec)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		rvec[i].iov_base = u64_to_user_ptr(le64_to_cpu(wire[i].base));
		rvec[i].iov_len = le64_to_cpu(wire[i].len);
	}
	iov_iter_kvec(&iter, write ? ITER_SOURCE : ITER_DEST, &local, 1, bytes);
	ret = process_vm_rw_core(pid_vnr(op->pid), &iter, rvec, n, 0, write);
	kvfree(rvec);
	return ret;
}

/**
 * ssi_op_vm_read - carry out SSI_OP_VM_READ
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: 0 or a negative errno.
 */
long ssi_op_vm_read(struct ssi_op_rx *op)
{
	unsigned int n = le32_to_cpu(op->w->data_len) / sizeof(struct ssi_wire_vec);
	ssize_t ret = ssi_op_vm_copy(op, n, op->reply, op->reply_max, false);

	if (ret < 0)
		return ret;
	op->reply_len = ret;
	return 0;
}

/**
 * ssi_op_vm_write - carry out SSI_OP_VM_WRITE
 * @op: the operation
 *
 * Context: process context, with the caller's credentials; a worker's pid namespace is
 * the initial one, as the attached one.
 * Return: bytes that were written, or a negative errno.
 */
long ssi_op_vm_write(struct ssi_op_rx *op)
{
	unsigned int n = le64_to_cpu(op->w->arg[0]);
	size_t ranges = n * sizeof(struct ssi_wire_vec);

	return ssi_op_vm_copy(op, n, (void *)op->data + ranges,
			      le32_to_cpu(op->w->data_len) - ranges, true);
}
