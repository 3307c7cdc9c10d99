/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_TERMINAL_H
#define _KERNEL_SSI_TERMINAL_H

#include <linux/types.h>

struct file;
struct pid;
struct ssi_proxy;
struct ssi_proxy_req;
struct ssi_terminal;
struct task_struct;

struct ssi_terminal *ssi_terminal_alloc(u64 stub);
struct ssi_terminal *ssi_terminal_get(struct ssi_terminal *t);
void ssi_terminal_put(struct ssi_terminal *t);
void ssi_terminal_begin(struct ssi_terminal *t);
void ssi_terminal_set_file(struct ssi_terminal *t, struct file *file);
void ssi_terminal_end(struct ssi_terminal *t);
bool ssi_terminal_is_of(struct ssi_terminal *t, struct task_struct *task);
bool ssi_terminal_signal(struct ssi_terminal *t, const struct pid *but, int sig);
int ssi_terminal_ask(struct ssi_terminal *t, struct ssi_proxy_req *req);
long ssi_terminal_stop(int sig);
long ssi_terminal_ioctl(struct ssi_proxy *p, unsigned int cmd, pid_t __user *arg);

bool ssi_terminal_is_controlling(struct file *file);
long ssi_terminal_foreground(struct file *file, struct task_struct *stub, u64 op, u64 cmd,
			     bool background);

#endif /* _KERNEL_SSI_TERMINAL_H */
