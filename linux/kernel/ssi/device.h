/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_DEVICE_H
#define _KERNEL_SSI_DEVICE_H

#include <linux/types.h>

struct file;

u32 ssi_device_minor(dev_t dev);
struct file *ssi_device_open(u32 minor, int flags);

#endif /* _KERNEL_SSI_DEVICE_H */
