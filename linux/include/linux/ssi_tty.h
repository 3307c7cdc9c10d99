/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LinuxSSI: terminals of other nodes.  See kernel/ssi/terminal.c.
 */
#ifndef _LINUX_SSI_TTY_H
#define _LINUX_SSI_TTY_H

#include <linux/errno.h>

struct file;

#ifdef CONFIG_SSI
int ssi_open_tty(struct file *file);
#else
static inline int ssi_open_tty(struct file *file)
{
	return -ENXIO;
}
#endif

#endif /* _LINUX_SSI_TTY_H */
