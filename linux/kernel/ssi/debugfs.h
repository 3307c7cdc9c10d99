/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_DEBUGFS_H
#define _KERNEL_SSI_DEBUGFS_H

#include <linux/atomic.h>

/**
 * struct ssi_objects - how many of each there are in this kernel
 * @mirrors: processes of ours that have moved
 * @deputies: threads of theirs
 * @stores: memberships in which pages of a peer are or were held
 * @hosted: processes of others
 * @guests: threads of theirs
 * @watches: pidfds of peers that wait for the end of a process here
 * @stubs: tasks that stand for programs on other nodes
 * @placed: programs of other nodes' execve()
 * @exports: files that are open here for programs of other nodes
 * @fileops: calls of other nodes for these
 * @proxies: files of other nodes that are open here
 * @pages_lent: pages that were ever sent to another node to stay there
 * @pages_kept: pages that ever came to stay here
 */
struct ssi_objects {
	atomic_t mirrors;
	atomic_t deputies;
	atomic_t stores;
	atomic_t hosted;
	atomic_t guests;
	atomic_t watches;
	atomic_t stubs;
	atomic_t placed;
	atomic_t exports;
	atomic_t fileops;
	atomic_t proxies;
	atomic64_t pages_lent;
	atomic64_t pages_kept;
};

extern struct ssi_objects ssi_objects;

void ssi_debugfs_init(void);

#endif /* _KERNEL_SSI_DEBUGFS_H */
