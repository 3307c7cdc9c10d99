// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the keys of a cluster
 */

/**
 * DOC: keys
 *
 * Who knows the key of a cluster may be a member of it. A key is 32 random bytes; it is
 * given to the kernel when the node joins, is never told to anybody, and is
 * forgotten when the node leaves; but one that was read at boot serves the next join.
 *
 * A node takes two keys, so that a key can be changed while the cluster runs: add
 * the new one on every node, then remove the old one on every node. Who connects proves
 * the newest that it has, and at the next attempt the other one. A key is used
 * only when two nodes meet: connections that are there stay.
 *
 * A key is named by a number, the beginning of its hash, which may be shown.
 *
 * Locks: &struct ssi_keys.lock is innermost.
 */

#include <crypto/sha2.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/hex.h>
#include <linux/kernel_read_file.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>
#include <net/genetlink.h>

#include "instance.h"
#include "key.h"
#include "netlink.h"
#include "netlink_gen.h"

#define SSI_KEY_FILE_MAX	4096

/* Of 2^64 keys one has the number 0, and is not taken. */
static u64 ssi_key_id(const u8 *secret)
{
	static const char label[] = "LinuxSSI key id";
	u8 hash[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, label, sizeof(label));
	sha256_update(&ctx, secret, SSI_KEY_LEN);
	sha256_final(&ctx, hash);
	return get_unaligned_be64(hash);
}

/**
 * ssi_keys_init - there are no keys
 * @keys: keys
 *
 * Context: any.
 */
void ssi_keys_init(struct ssi_keys *keys)
{
	spin_lock_init(&keys->lock);
	keys->nr = 0;
}

/**
 * ssi_keys_add - take a key from now on, and prove it first
 * @keys: keys
 * @secret: the key
 *
 * Context: process context.
 * Return: 0; -EEXIST if it is there; -ENOSPC if there are two; -EKEYREJECTED if it has
 * no id.
 */
int ssi_keys_add(struct ssi_keys *keys, const u8 secret[at_least SSI_KEY_LEN])
{
	u64 id = ssi_key_id(secret);
	unsigned int i;

	if (!id)
		return -EKEYREJECTED;
	guard(spinlock)(&keys->lock);
	for (i = 0; i < keys->nr; i++)
		if (keys->key[i].id == id)
			return -EEXIST;
	if (keys->nr == SSI_KEYS_MAX)
		return -ENOSPC;
	memmove(&keys->key[1], &keys->key[0], keys->nr * sizeof(keys->key[0]));
	keys->key[0].id = id;
	memcpy(keys->key[0].secret, secret, SSI_KEY_LEN);
	keys->nr++;
	return 0;
}

/**
 * ssi_keys_del - do not take a key any more
 * @keys: keys
 * @id: which
 *
 * Context: process context.
 * Return: 0; -ENOENT if there is none; -EBUSY if it is the only one.
 */
int ssi_keys_del(struct ssi_keys *keys, u64 id)
{
	unsigned int i;

	guard(spinlock)(&keys->lock);
	for (i = 0; i < keys->nr; i++)
		if (keys->key[i].id == id)
			break;
	if (i == keys->nr)
		return -ENOENT;
	if (keys->nr == 1)
		return -EBUSY;
	keys->nr--;
	memmove(&keys->key[i], &keys->key[i + 1], (keys->nr - i) * sizeof(keys->key[0]));
	memzero_explicit(&keys->key[keys->nr], sizeof(keys->key[0]));
	return 0;
}

/**
 * ssi_keys_wipe - forget all keys
 * @keys: keys
 *
 * Context: process context.
 */
void ssi_keys_wipe(struct ssi_keys *keys)
{
	guard(spinlock)(&keys->lock);
	keys->nr = 0;
	memzero_explicit(keys->key, sizeof(keys->key));
}

/**
 * ssi_keys_find - a key by its id
 * @keys: keys
 * @id: which
 * @key: filled in; the caller wipes it
 *
 * Context: process context.
 * Return: false if there is none.
 */
bool ssi_keys_find(struct ssi_keys *keys, u64 id, struct ssi_key *key)
{
	unsigned int i;

	guard(spinlock)(&keys->lock);
	for (i = 0; i < keys->nr; i++) {
		if (keys->key[i].id != id)
			continue;
		*key = keys->key[i];
		return true;
	}
	return false;
}

/**
 * ssi_keys_nth - one of the keys, the newest first
 * @keys: keys
 * @n: which, counted round and round
 * @key: filled in; the caller wipes it
 *
 * Context: process context.
 * Return: false if there is none at all.
 */
bool ssi_keys_nth(struct ssi_keys *keys, unsigned int n, struct ssi_key *key)
{
	guard(spinlock)(&keys->lock);
	if (!keys->nr)
		return false;
	*key = keys->key[n % keys->nr];
	return true;
}

/**
 * ssi_keys_put_nla - tell the ids of the keys
 * @keys: keys
 * @msg: answer to a request
 *
 * Context: process context.
 * Return: 0, or -EMSGSIZE.
 */
int ssi_keys_put_nla(struct ssi_keys *keys, struct sk_buff *msg)
{
	unsigned int i;

	guard(spinlock)(&keys->lock);
	for (i = 0; i < keys->nr; i++)
		if (nla_put_uint(msg, SSI_A_STATUS_KEY_ID, keys->key[i].id))
			return -EMSGSIZE;
	return 0;
}

/**
 * ssi_key_get_nla - take a key out of a request
 * @attr: it; wiped
 * @secret: the key
 *
 * Context: any.
 */
void ssi_key_get_nla(struct nlattr *attr, u8 secret[at_least SSI_KEY_LEN])
{
	memcpy(secret, nla_data(attr), SSI_KEY_LEN);
	memzero_explicit(nla_data(attr), SSI_KEY_LEN);
}

/* Who may change keys, and is there anything to change? */
static int ssi_nl_key_check(struct sk_buff *skb, struct genl_info *info,
			    struct ssi_instance *si)
{
	int err = ssi_nl_permit(skb, info);

	if (!err)
		err = ssi_nl_joined(si, info->extack);
	if (err || !si->insecure)
		return err;
	NL_SET_ERR_MSG(info->extack, "This node has joined without a key: leave, join with one");
	return -EOPNOTSUPP;
}

/**
 * ssi_nl_key_add_doit - take one more key
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_key_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	struct nlattr *attr = info->attrs[SSI_A_STATUS_KEY];
	u8 secret[SSI_KEY_LEN];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_STATUS_KEY))
		return -EINVAL;
	ssi_key_get_nla(attr, secret);
	/* a leave wipes them under the lock */
	mutex_lock(&si->lock);
	err = ssi_nl_key_check(skb, info, si);
	if (!err) {
		err = ssi_keys_add(&si->keys, secret);
		if (err == -EEXIST)
			NL_SET_ERR_MSG(info->extack, "This key is used already");
		else if (err == -ENOSPC)
			NL_SET_ERR_MSG(info->extack, "There are two keys: delete one first");
		else if (err)
			NL_SET_ERR_MSG(info->extack, "This key cannot be used: make another");
	}
	mutex_unlock(&si->lock);
	memzero_explicit(secret, sizeof(secret));
	return err;
}

/**
 * ssi_nl_key_del_doit - do not take a key any more
 * @skb: request
 * @info: its attributes
 *
 * Context: process context of the sender; sleeps.
 * Return: 0 or a negative error with an extack sentence.
 */
int ssi_nl_key_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct ssi_instance *si = ssi_instance(genl_info_net(info));
	int err;

	if (GENL_REQ_ATTR_CHECK(info, SSI_A_STATUS_KEY_ID))
		return -EINVAL;
	guard(mutex)(&si->lock);
	err = ssi_nl_key_check(skb, info, si);
	if (err)
		return err;
	err = ssi_keys_del(&si->keys, nla_get_uint(info->attrs[SSI_A_STATUS_KEY_ID]));
	if (err == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "There is no such key");
	else if (err)
		NL_SET_ERR_MSG(info->extack, "It is the only key: add its successor first");
	return err;
}

/**
 * ssi_key_parse - read a key as people keep it
 * @text: 64 hexadecimal digits, perhaps with white space behind them
 * @len: bytes of it
 * @secret: the key, if 0 is returned
 *
 * Context: any; pure.
 * Return: 0 or -EINVAL.
 */
int ssi_key_parse(const char *text, size_t len, u8 secret[at_least SSI_KEY_LEN])
{
	while (len && isspace(text[len - 1]))
		len--;
	if (len != 2 * SSI_KEY_LEN)
		return -EINVAL;
	return hex2bin(secret, text, SSI_KEY_LEN) ? -EINVAL : 0;
}

/**
 * ssi_key_read - read a key from a file
 * @path: absolute name
 * @secret: the key, if 0 is returned
 *
 * For a node that joins at boot, from its initramfs; later the ssi tool reads files.
 *
 * Context: process context; sleeps.
 * Return: 0; -EINVAL if it is no key; or why it cannot be read.
 */
int ssi_key_read(const char *path, u8 secret[at_least SSI_KEY_LEN])
{
	void *text = NULL;
	ssize_t len;
	int err;

	len = kernel_read_file_from_path(path, 0, &text, SSI_KEY_FILE_MAX, NULL,
					 READING_UNKNOWN);
	if (len < 0)
		return len;
	err = ssi_key_parse(text, len, secret);
	memzero_explicit(text, len);
	vfree(text);
	return err;
}
