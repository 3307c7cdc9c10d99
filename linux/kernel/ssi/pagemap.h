/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_PAGEMAP_H
#define _KERNEL_SSI_PAGEMAP_H

#include <linux/llist.h>
#include <linux/types.h>

struct page;
struct ssi_mirror;
struct ssi_node;

/**
 * struct ssi_dpage - a device page: a page of ours whose bytes another node holds
 * @page: the device page
 * @free: in the list of free pages, or of those that wait to be dropped
 * @node: who holds the bytes; referenced
 * @mirror: whose grants cover the page; referenced
 * @addr: its address when it was lent; it may have moved since
 * @bytes: the bytes, once they came back but the page tables do not know yet
 * @epoch: membership in which they were lent
 * @gen: how often this device page was lent (rule I5)
 * @lent: the bytes are at @node
 *
 * The fields are constant from lending to free, but for @bytes and @lent,
 * which the lock of the device page protects.
 */
struct ssi_dpage {
	struct page *page;
	struct llist_node free;
	struct ssi_node *node;
	struct ssi_mirror *mirror;
	unsigned long addr;
	struct page *bytes;
	u32 epoch;
	u32 gen;
	bool lent;
};

/* dev_pagemap.owner of our device pages, and owner of our invalidations */
extern const char *const ssi_pagemap_owner;

struct ssi_dpage *ssi_dpage(struct page *page);
struct ssi_dpage *ssi_dpage_by_pfn(unsigned long pfn);
struct page *ssi_dpage_alloc(struct ssi_mirror *m, struct ssi_node *node, u32 epoch);
int ssi_pagemap_reserve(void);
void ssi_pagemap_count(u64 *total, u64 *used);
void ssi_pagemap_flush(void);
bool ssi_pagemap_lent(struct ssi_node *node, u32 epoch);
unsigned int ssi_pagemap_collect(struct ssi_mirror *m, unsigned long *cursor,
				 unsigned long *pfns, unsigned int max);
int ssi_pagemap_init(void);

#endif /* _KERNEL_SSI_PAGEMAP_H */
