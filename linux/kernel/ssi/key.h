/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_KEY_H
#define _KERNEL_SSI_KEY_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/linux/ssi.h>

struct nlattr;
struct sk_buff;

#define SSI_KEYS_MAX	2	/* the one in use, and the one that comes after it */

/**
 * struct ssi_key - what the members of a cluster, and nobody else, know
 * @id: names it without telling anything about it; never 0
 * @secret: the key
 */
struct ssi_key {
	u64 id;
	u8 secret[SSI_KEY_LEN];
};

/**
 * struct ssi_keys - the keys that an instance takes
 * @lock: protects what follows
 * @nr: used entries of @key, the newest first
 * @key: keys
 */
struct ssi_keys {
	spinlock_t lock;		/* innermost */
	unsigned int nr;
	struct ssi_key key[SSI_KEYS_MAX];
};

void ssi_keys_init(struct ssi_keys *keys);
int ssi_keys_add(struct ssi_keys *keys, const u8 secret[at_least SSI_KEY_LEN]);
int ssi_keys_del(struct ssi_keys *keys, u64 id);
void ssi_keys_wipe(struct ssi_keys *keys);
bool ssi_keys_find(struct ssi_keys *keys, u64 id, struct ssi_key *key);
bool ssi_keys_nth(struct ssi_keys *keys, unsigned int n, struct ssi_key *key);

int ssi_keys_put_nla(struct ssi_keys *keys, struct sk_buff *msg);

void ssi_key_get_nla(struct nlattr *attr, u8 secret[at_least SSI_KEY_LEN]);
int ssi_key_parse(const char *text, size_t len, u8 secret[at_least SSI_KEY_LEN]);
int ssi_key_read(const char *path, u8 secret[at_least SSI_KEY_LEN]);

#endif /* _KERNEL_SSI_KEY_H */
