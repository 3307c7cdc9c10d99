/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_CALLER_H
#define _KERNEL_SSI_CALLER_H

#include <linux/types.h>

struct cred;
struct pid_namespace;
struct ssi_wire_caller;

unsigned int ssi_caller_groups(const struct cred *cred);
void ssi_caller_fill(struct ssi_wire_caller *w, __le32 *group, unsigned int nr,
		     struct pid_namespace *ns);
bool ssi_caller_trusted(void);
void ssi_caller_confine(struct ssi_wire_caller *w, bool attach);
struct cred *ssi_caller_cred(const struct ssi_wire_caller *w, const __le32 *group);

#endif /* _KERNEL_SSI_CALLER_H */
