/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_SSI_NOISE_H
#define _KERNEL_SSI_NOISE_H

#include <linux/kconfig.h>
#include <linux/types.h>

#define SSI_NOISE_KEY_LEN	32	/* of all keys: shared, ephemeral and made here */
#define SSI_NOISE_HASH_LEN	32
#define SSI_NOISE_TAG_LEN	16

/* What a message is longer than its payload: an ephemeral public key and a tag. */
#define SSI_NOISE_OVERHEAD	(SSI_NOISE_KEY_LEN + SSI_NOISE_TAG_LEN)
#define SSI_NOISE_MAX_MSG	65535	/* the specification's limit */

/**
 * enum ssi_noise_state - what comes next in a handshake
 * @SSI_NOISE_DEAD: nothing: it failed, was split or wiped, or never began
 * @SSI_NOISE_MSG1: the initiator's message
 * @SSI_NOISE_MSG2: the responder's message
 * @SSI_NOISE_DONE: ssi_noise_split()
 */
enum ssi_noise_state {
	SSI_NOISE_DEAD,
	SSI_NOISE_MSG1,
	SSI_NOISE_MSG2,
	SSI_NOISE_DONE,
};

/**
 * struct ssi_noise - one end of a handshake that is going on
 * @state: what comes next
 * @initiator: this end writes the first message
 * @hash: of all that both ends said and knew before (h)
 * @chain: secret from which all keys are made (ck)
 * @key: for the next payload; used once, so that its nonce is always 0 (k)
 * @secret: this end's ephemeral secret, from its message until it is used (e)
 * @peer: the other end's ephemeral public key (re)
 *
 * Lives in memory of the caller, who lets one thread use it at a time and calls
 * ssi_noise_wipe() in the end.  All zeroes is a valid, dead handshake.
 */
struct ssi_noise {
	enum ssi_noise_state state;
	bool initiator;
	u8 hash[SSI_NOISE_HASH_LEN];
	u8 chain[SSI_NOISE_HASH_LEN];
	u8 key[SSI_NOISE_KEY_LEN];
	u8 secret[SSI_NOISE_KEY_LEN];
	u8 peer[SSI_NOISE_KEY_LEN];
};

/**
 * struct ssi_noise_keys - what a handshake comes to
 * @tx: secret for what this end sends, the other end's @rx
 * @rx: secret for what this end receives, the other end's @tx
 * @hash: the same on both ends and in no other handshake; not a secret
 *
 * The caller wipes it with memzero_explicit().
 */
struct ssi_noise_keys {
	u8 tx[SSI_NOISE_KEY_LEN];
	u8 rx[SSI_NOISE_KEY_LEN];
	u8 hash[SSI_NOISE_HASH_LEN];
};

void ssi_noise_init(struct ssi_noise *noise, bool initiator,
		    const u8 psk[at_least SSI_NOISE_KEY_LEN],
		    const void *prologue, size_t len);
int __must_check ssi_noise_write(struct ssi_noise *noise, void *msg, size_t msg_len,
				 const void *payload, size_t len);
int __must_check ssi_noise_read(struct ssi_noise *noise, const void *msg, size_t msg_len,
				void *payload, size_t len);
int __must_check ssi_noise_split(struct ssi_noise *noise, struct ssi_noise_keys *keys);
void ssi_noise_wipe(struct ssi_noise *noise);

#if IS_ENABLED(CONFIG_KUNIT)
int ssi_noise_write_as(struct ssi_noise *noise, const u8 secret[at_least SSI_NOISE_KEY_LEN],
		       const u8 public[at_least SSI_NOISE_KEY_LEN], void *msg, size_t msg_len,
		       const void *payload, size_t len);
#endif

#endif /* _KERNEL_SSI_NOISE_H */
