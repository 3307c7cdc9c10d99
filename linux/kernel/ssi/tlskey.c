// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: keys for the records of a lane
 */

/**
 * DOC: tlskey
 *
 * The kernel's TLS encrypts what goes over a lane.  It is told a key and an initial
 * vector for each direction of a socket, and no handshake: that was noise.c.  Each of
 * the two keys which that made is taken for a traffic secret of TLS 1.3, from which
 * RFC 8446 makes key and vector (7.1 and 7.3)::
 *
 *   key = HKDF-Expand-Label(secret, "key", "", 32)
 *   iv  = HKDF-Expand-Label(secret, "iv", "", 12)
 *
 * Every lane is a connection with a handshake of its own, so that no two lanes and no
 * two directions share a secret, and records count from 0 in each.
 *
 * Locks: none.  Nothing here can fail.
 */

#include <crypto/sha2.h>
#include <kunit/visibility.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/string.h>

#include "noise.h"
#include "tlskey.h"

static_assert(SSI_TLSKEY_SECRET_LEN == SSI_NOISE_KEY_LEN);
/* A secret is a hash of the cipher suite, and one block of HKDF is enough. */
static_assert(SSI_TLSKEY_SECRET_LEN == SHA256_DIGEST_SIZE);
static_assert(TLS_CIPHER_CHACHA20_POLY1305_KEY_SIZE <= SHA256_DIGEST_SIZE);
static_assert(TLS_CIPHER_CHACHA20_POLY1305_IV_SIZE <= SHA256_DIGEST_SIZE);

/**
 * ssi_tlskey_expand - HKDF-Expand-Label() of TLS 1.3, without a context
 * @secret: secret
 * @label: what the result is for, with "tls13 " in front
 * @out: result
 * @len: bytes of it, SHA256_DIGEST_SIZE at most
 *
 * Context: any but hard interrupts.
 */
VISIBLE_IF_KUNIT
void ssi_tlskey_expand(const u8 secret[at_least SSI_TLSKEY_SECRET_LEN], const char *label,
		       u8 *out, u8 len)
{
	/* The length in two bytes, and the label behind its own. */
	const u8 head[] = { 0, len, strlen(label) };
	/* No context; HKDF's number of the block. */
	const u8 tail[] = { 0, 1 };
	u8 block[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;

	hmac_sha256_init_usingrawkey(&ctx, secret, SSI_TLSKEY_SECRET_LEN);
	hmac_sha256_update(&ctx, head, sizeof(head));
	hmac_sha256_update(&ctx, label, strlen(label));
	hmac_sha256_update(&ctx, tail, sizeof(tail));
	hmac_sha256_final(&ctx, block);
	memcpy(out, block, len);
	memzero_explicit(block, sizeof(block));
}
EXPORT_SYMBOL_IF_KUNIT(ssi_tlskey_expand);

/**
 * ssi_tlskey_fill - say what the kernel's TLS wants to know of a direction
 * @info: result, for TLS_TX or TLS_RX; the caller wipes it
 * @secret: &ssi_noise_keys.tx for TLS_TX, &ssi_noise_keys.rx for TLS_RX; used for
 *	this and nothing else
 *
 * Context: any but hard interrupts.
 */
void ssi_tlskey_fill(struct tls12_crypto_info_chacha20_poly1305 *info,
		     const u8 secret[at_least SSI_TLSKEY_SECRET_LEN])
{
	memset(info, 0, sizeof(*info));
	info->info.version = TLS_1_3_VERSION;
	info->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
	ssi_tlskey_expand(secret, "tls13 key", info->key, sizeof(info->key));
	ssi_tlskey_expand(secret, "tls13 iv", info->iv, sizeof(info->iv));
}
EXPORT_SYMBOL_IF_KUNIT(ssi_tlskey_fill);
