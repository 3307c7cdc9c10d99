/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_STUB_H
#define _KERNEL_SSI_STUB_H

#include <linux/types.h>

struct pid;
struct pid_namespace;
struct ssi_instance;
struct ssi_node;
struct ssi_rx;
struct ssi_stub;
struct ssi_task;
struct task_struct;

struct ssi_stub *ssi_stub_alloc(struct ssi_node *node, u32 epoch);
void ssi_stub_put(struct ssi_stub *st);
u64 ssi_stub_id(const struct ssi_stub *st);
void ssi_stub_set_pid(struct ssi_stub *st, u32 pid);
void ssi_stub_become(struct ssi_stub *st);
void ssi_stub_abort(struct ssi_stub *st);

void ssi_stub_user_mode(struct ssi_task *s);
void ssi_stub_exit(struct ssi_task *s);
void ssi_stub_handle_state(struct ssi_rx *rx);
struct task_struct *ssi_stub_task(struct ssi_node *node, u32 epoch, u64 id);
bool ssi_stub_any(struct ssi_node *node);
u64 ssi_stub_count(struct ssi_instance *si);
struct pid *ssi_stub_next(struct ssi_instance *si, pid_t from, struct pid_namespace *ns);
u32 ssi_stub_program(struct task_struct *t, pid_t *pid);
void ssi_stub_peer_lost(struct ssi_node *node, u32 epoch);

#endif /* _KERNEL_SSI_STUB_H */
