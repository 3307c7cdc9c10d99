// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: the handshake that proves a shared key
 */

/**
 * DOC: noise
 *
 * Noise_NNpsk0_25519_ChaChaPoly_SHA256, as revision 34 of the specification of the
 * Noise protocol framework has it.  Two ends that hold the same secret key (psk)
 * prove that to each other with one message each way, and get two new keys that
 * nobody learns who steals the psk later::
 *
 *   initiator                        responder
 *             psk, e, {payload}  -->
 *             <--  e, ee, {payload}
 *   split                            split
 *
 * Here e is an ephemeral public key, ee the secret that both ephemeral keys make,
 * and {payload} is encrypted and authenticated, together with all that was said
 * before.  That includes the prologue, which is not sent: two ends that differ in it
 * do not understand each other, as if their keys differed.
 *
 * All functions are pure but for the ephemeral key that ssi_noise_write() draws:
 * they send nothing and allocate nothing, and lengths are fixed by the caller, never
 * by the peer.  What a stranger sends is refused by its tag, before any arithmetic
 * on curves.  One who knows the psk is still refused an ephemeral key of low order,
 * with which it could say in advance what ee is.
 *
 * Life: ssi_noise_init(); the initiator calls ssi_noise_write(), ssi_noise_read()
 * and ssi_noise_split(), the responder reads first and then writes.  In another
 * order they return -EINVAL and do nothing.  The caller ends with ssi_noise_wipe(),
 * however far it came.
 *
 * Unhappy paths: any other error ends the handshake and wipes it.  Nothing tells
 * which of psk, prologue and message was wrong, neither us nor who tries.
 *
 * A first message can be replayed by anyone who heard it, and is then answered: the
 * peer is proven when something arrives under its new key, and not before.
 *
 * Locks: none.  Context: process context, where curve and cipher may use vector
 * registers; never a hard interrupt.
 */

#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <crypto/sha2.h>
#include <kunit/visibility.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/random.h>
#include <linux/string.h>

#include "noise.h"

static_assert(SSI_NOISE_KEY_LEN == CURVE25519_KEY_SIZE);
static_assert(SSI_NOISE_KEY_LEN == CHACHA20POLY1305_KEY_SIZE);
static_assert(SSI_NOISE_TAG_LEN == CHACHA20POLY1305_AUTHTAG_SIZE);
static_assert(SSI_NOISE_HASH_LEN == SHA256_DIGEST_SIZE);
/* What HKDF puts out is a hash, and serves as a key. */
static_assert(SSI_NOISE_HASH_LEN == SSI_NOISE_KEY_LEN);

static const u8 ssi_noise_name[] = "Noise_NNpsk0_25519_ChaChaPoly_SHA256";

/* HKDF() of the specification: @nr values from the chaining key and @len bytes. */
static void ssi_noise_hkdf(const u8 *chain, const u8 *data, size_t len,
			   u8 (*out)[SSI_NOISE_HASH_LEN], u8 nr)
{
	u8 extracted[SSI_NOISE_HASH_LEN];
	struct hmac_sha256_key key;
	struct hmac_sha256_ctx ctx;
	u8 i, count;

	hmac_sha256_usingrawkey(chain, SSI_NOISE_HASH_LEN, data, len, extracted);
	hmac_sha256_preparekey(&key, extracted, sizeof(extracted));
	for (i = 0; i < nr; i++) {
		count = i + 1;
		hmac_sha256_init(&ctx, &key);
		if (i)
			hmac_sha256_update(&ctx, out[i - 1], SSI_NOISE_HASH_LEN);
		hmac_sha256_update(&ctx, &count, sizeof(count));
		hmac_sha256_final(&ctx, out[i]);
	}
	memzero_explicit(extracted, sizeof(extracted));
	memzero_explicit(&key, sizeof(key));
}

static void ssi_noise_mix_hash(struct ssi_noise *noise, const void *data, size_t len)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, noise->hash, sizeof(noise->hash));
	sha256_update(&ctx, data, len);
	sha256_final(&ctx, noise->hash);
}

static void ssi_noise_mix_key(struct ssi_noise *noise, const u8 *data)
{
	u8 out[2][SSI_NOISE_HASH_LEN];

	ssi_noise_hkdf(noise->chain, data, SSI_NOISE_KEY_LEN, out, 2);
	memcpy(noise->chain, out[0], sizeof(noise->chain));
	memcpy(noise->key, out[1], sizeof(noise->key));
	memzero_explicit(out, sizeof(out));
}

/* The token psk: MixKeyAndHash(). */
static void ssi_noise_mix_psk(struct ssi_noise *noise, const u8 *psk)
{
	u8 out[3][SSI_NOISE_HASH_LEN];

	ssi_noise_hkdf(noise->chain, psk, SSI_NOISE_KEY_LEN, out, 3);
	memcpy(noise->chain, out[0], sizeof(noise->chain));
	ssi_noise_mix_hash(noise, out[1], sizeof(out[1]));
	memcpy(noise->key, out[2], sizeof(noise->key));
	memzero_explicit(out, sizeof(out));
}

/*
 * The token e, of either end.  Where there is a psk it makes a key as well, or two
 * handshakes would encrypt their first payloads under the same one.
 */
static void ssi_noise_mix_e(struct ssi_noise *noise, const u8 *public)
{
	ssi_noise_mix_hash(noise, public, SSI_NOISE_KEY_LEN);
	ssi_noise_mix_key(noise, public);
}

/* The token ee, after which our ephemeral secret has served. */
static int ssi_noise_mix_ee(struct ssi_noise *noise)
{
	u8 shared[SSI_NOISE_KEY_LEN];
	bool good;

	good = curve25519(shared, noise->secret, noise->peer);
	if (good)
		ssi_noise_mix_key(noise, shared);
	memzero_explicit(shared, sizeof(shared));
	memzero_explicit(noise->secret, sizeof(noise->secret));
	return good ? 0 : -EBADMSG;
}

static bool ssi_noise_may_write(const struct ssi_noise *noise)
{
	return noise->state == (noise->initiator ? SSI_NOISE_MSG1 : SSI_NOISE_MSG2);
}

static bool ssi_noise_may_read(const struct ssi_noise *noise)
{
	return noise->state == (noise->initiator ? SSI_NOISE_MSG2 : SSI_NOISE_MSG1);
}

static bool ssi_noise_fits(size_t msg_len, size_t len)
{
	return msg_len <= SSI_NOISE_MAX_MSG && msg_len >= SSI_NOISE_OVERHEAD &&
	       msg_len - SSI_NOISE_OVERHEAD == len;
}

static int ssi_noise_fail(struct ssi_noise *noise, int err)
{
	ssi_noise_wipe(noise);
	return err;
}

/**
 * ssi_noise_wipe - forget a handshake
 * @noise: handshake, in whatever state
 *
 * Context: any.
 */
void ssi_noise_wipe(struct ssi_noise *noise)
{
	memzero_explicit(noise, sizeof(*noise));
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_wipe);

/**
 * ssi_noise_init - begin a handshake
 * @noise: handshake; what was in it is lost
 * @initiator: this end writes the first message
 * @psk: the key that both ends hold; not needed afterwards
 * @prologue: what both ends must believe, such as who they are, in the same order
 * @len: bytes of it
 *
 * Context: process.
 */
void ssi_noise_init(struct ssi_noise *noise, bool initiator,
		    const u8 psk[at_least SSI_NOISE_KEY_LEN],
		    const void *prologue, size_t len)
{
	ssi_noise_wipe(noise);
	noise->initiator = initiator;
	noise->state = SSI_NOISE_MSG1;

	/* A name that is longer than a hash stands for its hash. */
	sha256(ssi_noise_name, sizeof(ssi_noise_name) - 1, noise->hash);
	memcpy(noise->chain, noise->hash, sizeof(noise->chain));
	ssi_noise_mix_hash(noise, prologue, len);
	ssi_noise_mix_psk(noise, psk);
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_init);

/**
 * ssi_noise_write_as - ssi_noise_write() with an ephemeral key that is given
 * @noise: handshake
 * @secret: ephemeral secret; the caller wipes it
 * @public: the public key that belongs to it, or that a liar says does
 * @msg: result
 * @msg_len: bytes of it
 * @payload: what to say to the other end
 * @len: bytes of it
 *
 * Tests call this from outside, and nothing else: an ephemeral key that is used
 * twice gives both handshakes away.
 *
 * Context: process.
 * Return: as ssi_noise_write().
 */
VISIBLE_IF_KUNIT
int ssi_noise_write_as(struct ssi_noise *noise, const u8 secret[at_least SSI_NOISE_KEY_LEN],
		       const u8 public[at_least SSI_NOISE_KEY_LEN], void *msg, size_t msg_len,
		       const void *payload, size_t len)
{
	u8 *sealed = msg + SSI_NOISE_KEY_LEN;
	int err;

	if (!ssi_noise_may_write(noise))
		return -EINVAL;
	if (!ssi_noise_fits(msg_len, len))
		return ssi_noise_fail(noise, -EBADMSG);

	memcpy(noise->secret, secret, sizeof(noise->secret));
	memcpy(msg, public, SSI_NOISE_KEY_LEN);
	ssi_noise_mix_e(noise, public);
	if (noise->state == SSI_NOISE_MSG2) {
		err = ssi_noise_mix_ee(noise);
		if (err)
			return ssi_noise_fail(noise, err);
	}

	chacha20poly1305_encrypt(sealed, payload, len, noise->hash, sizeof(noise->hash),
				 0, noise->key);
	ssi_noise_mix_hash(noise, sealed, len + SSI_NOISE_TAG_LEN);
	noise->state++;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_write_as);

/**
 * ssi_noise_write - make this end's message
 * @noise: handshake
 * @msg: result, which does not overlap @payload
 * @msg_len: bytes of it: @len and SSI_NOISE_OVERHEAD
 * @payload: what to say to the other end
 * @len: bytes of it
 *
 * The initiator's payload can be replayed, and be read by who learns the psk later;
 * that of the responder cannot.
 *
 * Context: process; sleeps until the kernel has randomness, soon after it booted.
 * Return: 0; -EINVAL if it is not this end's turn; -EBADMSG if the lengths do not
 * fit, or if the peer's key, read before, is of low order; -ERESTARTSYS if a signal
 * came while there was no randomness.
 */
int ssi_noise_write(struct ssi_noise *noise, void *msg, size_t msg_len,
		    const void *payload, size_t len)
{
	u8 secret[SSI_NOISE_KEY_LEN], public[SSI_NOISE_KEY_LEN];
	int err;

	if (!ssi_noise_may_write(noise))
		return -EINVAL;
	/* The function that makes the secret would go on without. */
	err = wait_for_random_bytes();
	if (err)
		return ssi_noise_fail(noise, err);

	curve25519_generate_secret(secret);
	if (curve25519_generate_public(public, secret))
		err = ssi_noise_write_as(noise, secret, public, msg, msg_len, payload, len);
	else
		err = ssi_noise_fail(noise, -EBADMSG);
	memzero_explicit(secret, sizeof(secret));
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_write);

/**
 * ssi_noise_read - understand the other end's message
 * @noise: handshake
 * @msg: what came
 * @msg_len: bytes of it
 * @payload: what the other end says, left alone if that cannot be believed; does not
 *	overlap @msg
 * @len: bytes that it must have
 *
 * Context: process.
 * Return: 0; -EINVAL if it is not the other end's turn; -EBADMSG if the lengths do
 * not fit, or if a responder's key is of low order; -EKEYREJECTED if the message is
 * not from one who holds the same psk, believes the same prologue and heard the same
 * first message, or did not arrive as it was sent.
 */
int ssi_noise_read(struct ssi_noise *noise, const void *msg, size_t msg_len,
		   void *payload, size_t len)
{
	const u8 *sealed = msg + SSI_NOISE_KEY_LEN;
	size_t sealed_len = len + SSI_NOISE_TAG_LEN;
	int err;

	if (!ssi_noise_may_read(noise))
		return -EINVAL;
	if (!ssi_noise_fits(msg_len, len))
		return ssi_noise_fail(noise, -EBADMSG);

	memcpy(noise->peer, msg, sizeof(noise->peer));
	ssi_noise_mix_e(noise, noise->peer);
	if (noise->state == SSI_NOISE_MSG2) {
		err = ssi_noise_mix_ee(noise);
		if (err)
			return ssi_noise_fail(noise, err);
	}

	if (!chacha20poly1305_decrypt(payload, sealed, sealed_len, noise->hash,
				      sizeof(noise->hash), 0, noise->key))
		return ssi_noise_fail(noise, -EKEYREJECTED);
	ssi_noise_mix_hash(noise, sealed, sealed_len);
	noise->state++;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_read);

/**
 * ssi_noise_split - take the keys of a handshake, and forget all else of it
 * @noise: handshake in which both messages went
 * @keys: result; all zeroes on error
 *
 * Context: process.
 * Return: 0, or -EINVAL if a message is missing.
 */
int ssi_noise_split(struct ssi_noise *noise, struct ssi_noise_keys *keys)
{
	u8 out[2][SSI_NOISE_HASH_LEN];

	memset(keys, 0, sizeof(*keys));
	if (noise->state != SSI_NOISE_DONE)
		return -EINVAL;

	/* The first is for what the initiator sends. */
	ssi_noise_hkdf(noise->chain, NULL, 0, out, 2);
	memcpy(keys->tx, out[!noise->initiator], sizeof(keys->tx));
	memcpy(keys->rx, out[noise->initiator], sizeof(keys->rx));
	memcpy(keys->hash, noise->hash, sizeof(keys->hash));
	memzero_explicit(out, sizeof(out));
	ssi_noise_wipe(noise);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(ssi_noise_split);
