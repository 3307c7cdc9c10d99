// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: counters for developers and tests
 */

/**
 * DOC: debugfs
 *
 * ``ssi/objects`` has a line for each kind of object that a move makes, with how
 * many exist. When nothing is away and nothing is hosted, all are zero but the
 * device pages that were made, and the stores of live memberships: a test that
 * finds another number has found a leak.
 */

#include <kunit/visibility.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "pagemap.h"

struct ssi_objects ssi_objects;
EXPORT_SYMBOL_IF_KUNIT(ssi_objects);

static int ssi_objects_show(struct seq_file *s, void *unused)
{
	u64 total, used;

	/* what was freed a moment ago shall not count */
	ssi_pagemap_flush();
	ssi_pagemap_count(&total, &used);
	seq_printf(s, "mirrors %d\n", atomic_read(&ssi_objects.mirrors));
	seq_printf(s, "deputies %d\n", atomic_read(&ssi_objects.deputies));
	seq_printf(s, "stores %d\n", atomic_read(&ssi_objects.stores));
	seq_printf(s, "hosted %d\n", atomic_read(&ssi_objects.hosted));
	seq_printf(s, "guests %d\n", atomic_read(&ssi_objects.guests));
	seq_printf(s, "watches %d\n", atomic_read(&ssi_objects.watches));
	seq_printf(s, "stubs %d\n", atomic_read(&ssi_objects.stubs));
	seq_printf(s, "placed %d\n", atomic_read(&ssi_objects.placed));
	seq_printf(s, "exports %d\n", atomic_read(&ssi_objects.exports));
	seq_printf(s, "fileops %d\n", atomic_read(&ssi_objects.fileops));
	seq_printf(s, "proxies %d\n", atomic_read(&ssi_objects.proxies));
	seq_printf(s, "device-pages %llu\n", total);
	seq_printf(s, "device-pages-used %llu\n", used);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ssi_objects);

/**
 * ssi_debugfs_init - make the directory; nothing depends on its success
 */
void __init ssi_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("ssi", NULL);

	debugfs_create_file("objects", 0400, dir, NULL, &ssi_objects_fops);
}
