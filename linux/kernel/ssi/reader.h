/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_READER_H
#define _KERNEL_SSI_READER_H

#include <linux/types.h>

struct pid_namespace;
struct ssi_procname;
struct ssi_wire_procent;

int ssi_reader_next(struct pid_namespace *ns, int nr, int last, u64 flags,
		    struct ssi_wire_procent *ent);
int ssi_reader_stat(struct pid_namespace *ns, int nr, struct ssi_wire_procent *ent);
ssize_t ssi_reader_file(struct pid_namespace *ns, int nr, u64 id,
			const struct ssi_procname *name, void *buf);
bool ssi_reader_check_ahead(const void *reply, size_t len);

#endif /* _KERNEL_SSI_READER_H */
