// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: devices that are the same on all nodes
 */

/**
 * DOC: devices
 *
 * /dev/null and its like have no state: what a program does with one that is open on
 * another node it can do with that of its own node, and no message is needed.
 *
 * Unhappy paths: where the name is something else, or may not be opened, the file is used
 * where it is open, as others are.
 */

#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/major.h>

#include "device.h"

/* by minor number: see drivers/char/mem.c */
static const char *const ssi_devices[] = {
	[3] = "/dev/null",
	[5] = "/dev/zero",
	[7] = "/dev/full",
	[8] = "/dev/random",
	[9] = "/dev/urandom",
};

/**
 * ssi_device_minor - is a device the same on all nodes?
 * @dev: number of the device
 *
 * Context: any; pure.
 * Return: its minor number, or 0 if it is not.
 */
u32 ssi_device_minor(dev_t dev)
{
	unsigned int minor = MINOR(dev);

	if (MAJOR(dev) != MEM_MAJOR || minor >= ARRAY_SIZE(ssi_devices) || !ssi_devices[minor])
		return 0;
	return minor;
}

/**
 * ssi_device_open - open the device of this node
 * @minor: number that is not 0, as a peer has it
 * @flags: O_*
 *
 * Context: process context; sleeps. Under the credentials of current.
 * Return: the file, or NULL.
 */
struct file *ssi_device_open(u32 minor, int flags)
{
	struct file *file;
	dev_t dev;

	if (minor > MINORMASK)
		return NULL;
	dev = MKDEV(MEM_MAJOR, minor);
	if (!ssi_device_minor(dev))
		return NULL;
	file = filp_open(ssi_devices[minor], flags, 0);
	if (IS_ERR(file))
		return NULL;
	if (S_ISCHR(file_inode(file)->i_mode) && file_inode(file)->i_rdev == dev)
		return file;
	fput(file);
	return NULL;
}
