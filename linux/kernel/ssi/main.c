// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: single system image
 */

/**
 * DOC: overview
 *
 * LinuxSSI lets a process use the CPUs and the memory of another node while it
 * stays a process of its home: there every thread keeps its task, files, signals
 * and memory map (the *deputy*), and only its user mode runs elsewhere (the
 * *guest*). A system call, an exception or a signal brings the registers home,
 * where the ordinary kernel code handles them. Memory follows page by page, as it
 * would follow a program onto a GPU: what the other node holds is a device page
 * here.
 *
 * ============== ==========================================================
 * file           noun
 * ============== ==========================================================
 * instance.c     this node in a network namespace
 * node.c         peers
 * link.c, rpc.c  connections, messages, calls
 * process.c      moves
 * session.c      the stay of a process on a node
 * deputy.c       threads at home whose user mode may run elsewhere
 * mirror.c       the home side of memory: what another node may use
 * recall.c       ... and how it comes back when it is touched
 * evict.c        ... or when it is not
 * pagemap.c      device pages
 * spawner.c      who makes the tasks that run here for other nodes
 * lend.c         how much of this node they get, and which users
 * hosted.c       processes of other nodes that run here
 * guest.c        their threads
 * guestmm.c      their memory
 * store.c        pages of other nodes held here
 * pidns.c        pid numbers that say where a process is
 * op.c           system calls that name a process of another node
 * caller.c       ... and who makes them
 * procfs.c       /proc/PID of processes of other nodes, by names of procname.c
 * reader.c       ... for who looks at many of them
 * opproc.c       ... and how their home serves it
 * place.c        execve() that starts the program on another node
 * stub.c         ... and the task that stays for it
 * placed.c       programs of other nodes' execve()
 * container.c    ... in which namespaces
 * inherit.c      ... and what they begin with
 * export.c       files that are open here for them
 * fileop.c       ... and what they do with these
 * proxy.c        ... and what they have instead
 * regs.c         registers as bytes
 * task.c         hooks
 * netlink.c      control
 * ============== ==========================================================
 */

#include <linux/init.h>
#include <linux/printk.h>

#include "boot.h"
#include "cpulist.h"
#include "debugfs.h"
#include "evict.h"
#include "fileop.h"
#include "guestmm.h"
#include "hosted.h"
#include "instance.h"
#include "netlink.h"
#include "op.h"
#include "pagemap.h"
#include "place.h"
#include "proxy.h"
#include "spawner.h"

static int __init ssi_init(void)
{
	int ret;

	ret = ssi_pagemap_init();
	if (!ret)
		ret = ssi_evict_init();
	if (!ret)
		ret = ssi_guestmm_init();
	if (!ret)
		ret = ssi_op_init();
	if (!ret)
		ret = ssi_fileop_init();
	if (!ret)
		ret = ssi_proxy_init();
	if (!ret)
		ret = ssi_spawner_init();
	if (!ret)
		ret = ssi_hosted_init();
	if (!ret)
		ret = ssi_place_init();
	if (!ret)
		ret = ssi_cpulist_init();
	if (!ret)
		ret = ssi_instance_init();
	if (!ret)
		ret = ssi_netlink_init();
	if (ret) {
		pr_err("ssi: not available: %pe\n", ERR_PTR(ret));
		ssi_boot_cancel();
	} else {
		ssi_debugfs_init();
	}
	return ret;
}

/* after the file systems, ramfs among them, and the network */
device_initcall(ssi_init);
