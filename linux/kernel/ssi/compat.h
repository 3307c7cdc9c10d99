/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_COMPAT_H
#define _KERNEL_SSI_COMPAT_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "wire.h"

#define SSI_COMPAT_VERSION	1
#define SSI_COMPAT_FEATURES	64	/* more than any architecture has */

/**
 * struct ssi_compat - what must be the same on two nodes, in its wire form
 * @version: SSI_COMPAT_VERSION
 * @byte_order: 0x01020304 in the sender's byte order
 * @page_size: bytes
 * @nr_cpus: nr_cpu_ids; recorded, need not be the same
 * @arch: name of the architecture
 * @release: kernel release, as "uname -r" says
 * @build: build id of the kernel image
 * @nr_features: used entries of @features
 * @features: what user mode can see of the CPU, per architecture
 */
struct ssi_compat {
	__le32 version;
	u32 byte_order;
	__le32 page_size;
	__le32 nr_cpus;
	u8 arch[16];
	u8 release[64];
	u8 build[20];
	__le32 nr_features;
	__le64 features[];
};

static_assert(sizeof(struct ssi_compat) == 120);

/**
 * struct ssi_hello_expect - what a HELLO must say
 * @from: node id of the peer
 * @to: own node id
 * @deadline_ms: own liveness deadline
 * @pid_stride: pid numbers of each node
 * @cluster: own cluster
 */
struct ssi_hello_expect {
	u32 from;
	u32 to;
	u32 deadline_ms;
	u32 pid_stride;
	const char *cluster;
};

/* The linker's: notes of the kernel image, one of which is its build id. */
extern const void __start_notes;
extern const void __stop_notes;

size_t ssi_compat_self(void *buf, size_t size);
int ssi_compat_check(const void *self, size_t self_len, const void *peer,
		     size_t peer_len, u32 *nr_cpus, char *reason);
int ssi_compat_check_hello(const struct ssi_hello_expect *expect,
			   const struct ssi_wire_hello *wire, size_t len,
			   char *reason);

#endif /* _KERNEL_SSI_COMPAT_H */
