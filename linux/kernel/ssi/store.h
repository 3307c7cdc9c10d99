/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_STORE_H
#define _KERNEL_SSI_STORE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct folio;
struct ssi_instance;
struct ssi_node;
struct ssi_rx;

/**
 * struct ssi_store - what is held here for a peer, in one membership
 * @ref: held by the table, by each hosted process, and by lookups
 * @node: the home node; referenced and held (rule I4)
 * @epoch: of the membership
 * @link: in the table of stores
 * @pages: folios by the home's device page frame; folio->private is the
 *	generation.  They outlive the process that brought them.
 * @nr_pages: how many
 * @nr_asked: how many of them home was asked to take and has not taken, under the
 *	lock of @pages
 * @evict_next: the next page that home is asked to take back
 * @asked_at: jiffies when home was asked anew to take pages back
 * @given: pages that were sent home, counted when they are in the lane
 * @accounted: how many of these the reclaimer was told of
 * @settled: how many of these home has for sure; -1 before anybody asked
 * @hosted: processes by session
 * @dead: the membership is over
 */
struct ssi_store {
	refcount_t ref;
	struct ssi_node *node;
	u32 epoch;
	struct list_head link;
	struct xarray pages;
	atomic_long_t nr_pages;
	unsigned long nr_asked;
	unsigned long evict_next;
	unsigned long asked_at;
	atomic_long_t given;
	atomic_long_t accounted;
	long settled;
	struct xarray hosted;
	bool dead;
};

/* mark in the table of a store's pages: home was asked to take it */
#define SSI_STORE_ASKED		XA_MARK_0

struct ssi_store *ssi_store_find(struct ssi_node *node, u32 epoch);
struct ssi_store *ssi_store_make(struct ssi_node *node, u32 epoch);
void ssi_store_put(struct ssi_store *st);
struct folio *ssi_store_load(struct ssi_store *st, u64 pfn, u32 gen);
void ssi_store_peer_lost(struct ssi_node *node, u32 epoch);
struct ssi_store *ssi_store_next(struct ssi_store *st);

void ssi_store_handle_store(struct ssi_rx *rx);
void ssi_store_handle_recall(struct ssi_rx *rx);
void ssi_store_handle_drop(struct ssi_rx *rx);
int ssi_store_check_pages(const void *body, size_t len);

#endif /* _KERNEL_SSI_STORE_H */
