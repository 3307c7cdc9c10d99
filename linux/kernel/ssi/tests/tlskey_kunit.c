// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: keys for the records of a lane
 */

#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/string.h>

#include "../noise.h"
#include "../tlskey.h"

struct tlskey_vector {
	const char *name;
	const char *secret;
	const char *label;
	const char *out;
};

#define CLIENT_HANDSHAKE "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"
#define SERVER_HANDSHAKE "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
#define CLIENT_DATA	 "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
#define SERVER_DATA	 "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"
#define QUIC_DATA	 "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"

/*
 * Section 3 of RFC 8448, whose cipher has keys of 16 bytes, and appendix A.5 of
 * RFC 9001, whose cipher is ours but whose labels are not.
 */
static const struct tlskey_vector tlskey_vectors[] = {
	{ "client handshake key", CLIENT_HANDSHAKE, "tls13 key",
	  "dbfaa693d1762c5b666af5d950258d01" },
	{ "client handshake iv", CLIENT_HANDSHAKE, "tls13 iv", "5bd3c71b836e0b76bb73265f" },
	{ "client finished", CLIENT_HANDSHAKE, "tls13 finished",
	  "b80ad01015fb2f0bd65ff7d4da5d6bf83f84821d1f87fdc7d3c75b5a7b42d9c4" },
	{ "server handshake key", SERVER_HANDSHAKE, "tls13 key",
	  "3fce516009c21727d0f2e4e86ee403bc" },
	{ "server handshake iv", SERVER_HANDSHAKE, "tls13 iv", "5d313eb2671276ee13000b30" },
	{ "server finished", SERVER_HANDSHAKE, "tls13 finished",
	  "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8" },
	{ "client data key", CLIENT_DATA, "tls13 key", "17422dda596ed5d9acd890e3c63f5051" },
	{ "client data iv", CLIENT_DATA, "tls13 iv", "5b78923dee08579033e523d9" },
	{ "server data key", SERVER_DATA, "tls13 key", "9f02283b6c9c07efc26bb9f2ac92e356" },
	{ "server data iv", SERVER_DATA, "tls13 iv", "cf782b88dd83549aadf1e984" },
	{ "quic key", QUIC_DATA, "tls13 quic key",
	  "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8" },
	{ "quic iv", QUIC_DATA, "tls13 quic iv", "e0459b3474bdd0e44a41c144" },
	{ "quic update", QUIC_DATA, "tls13 quic ku",
	  "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9" },
};

static void tlskey_vector_desc(const struct tlskey_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tlskey_vector, tlskey_vectors, tlskey_vector_desc);

/* What is expanded is as published, and not a byte longer. */
static void tlskey_expand_test(struct kunit *test)
{
	const struct tlskey_vector *v = test->param_value;
	u8 secret[SSI_TLSKEY_SECRET_LEN];
	u8 out[64], expect[32];
	size_t len = strlen(v->out) / 2;

	KUNIT_ASSERT_LE(test, len, sizeof(expect));
	KUNIT_ASSERT_EQ(test, hex2bin(secret, v->secret, sizeof(secret)), 0);
	KUNIT_ASSERT_EQ(test, hex2bin(expect, v->out, len), 0);

	memset(out, 0xa5, sizeof(out));
	ssi_tlskey_expand(secret, v->label, out, len);
	KUNIT_EXPECT_MEMEQ(test, out, expect, len);
	KUNIT_EXPECT_NULL(test, memchr_inv(out + len, 0xa5, sizeof(out) - len));
}

struct tlskey_fill {
	const char *name;
	const char *secret;
	const char *key;
	const char *iv;
};

/*
 * The vectors are those of RFC 8448, whatever the cipher. No RFC has keys of 32 bytes
 * under this label: they are what "openssl kdf" of version 3.0.19 says.
 */
static const struct tlskey_fill tlskey_fills[] = {
	{ "client handshake", CLIENT_HANDSHAKE, NULL, "5bd3c71b836e0b76bb73265f" },
	{ "server handshake", SERVER_HANDSHAKE, NULL, "5d313eb2671276ee13000b30" },
	{ "client data", CLIENT_DATA, NULL, "5b78923dee08579033e523d9" },
	{ "server data", SERVER_DATA, NULL, "cf782b88dd83549aadf1e984" },
	{ "quic", QUIC_DATA, "49f74b7368fdf913287ed4589278f89cdc6303714e811c6a2b861aefc22f9ec1",
	  "2e73df6411e71c2f2b67b45d" },
};

static void tlskey_fill_desc(const struct tlskey_fill *f, char *desc)
{
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(tlskey_fill, tlskey_fills, tlskey_fill_desc);

static void tlskey_fill_test(struct kunit *test)
{
	const struct tlskey_fill *f = test->param_value;
	struct tls12_crypto_info_chacha20_poly1305 info;
	u8 secret[SSI_TLSKEY_SECRET_LEN];
	u8 key[sizeof(info.key)], iv[sizeof(info.iv)];

	KUNIT_ASSERT_EQ(test, hex2bin(secret, f->secret, sizeof(secret)), 0);
	KUNIT_ASSERT_EQ(test, hex2bin(iv, f->iv, sizeof(iv)), 0);

	memset(&info, 0xa5, sizeof(info));
	ssi_tlskey_fill(&info, secret);
	KUNIT_EXPECT_EQ(test, info.info.version, TLS_1_3_VERSION);
	KUNIT_EXPECT_EQ(test, info.info.cipher_type, TLS_CIPHER_CHACHA20_POLY1305);
	KUNIT_EXPECT_MEMEQ(test, info.iv, iv, sizeof(iv));
	KUNIT_EXPECT_NULL(test, memchr_inv(info.rec_seq, 0, sizeof(info.rec_seq)));
	if (f->key) {
		KUNIT_ASSERT_EQ(test, hex2bin(key, f->key, sizeof(key)), 0);
		KUNIT_EXPECT_MEMEQ(test, info.key, key, sizeof(key));
	}
}

/* What one end sends with, the other receives with, and no other direction does. */
static void tlskey_ends_test(struct kunit *test)
{
	static const u8 psk[SSI_NOISE_KEY_LEN] = { 1 };
	struct tls12_crypto_info_chacha20_poly1305 tx[2], rx[2];
	u8 msg[SSI_NOISE_OVERHEAD];
	struct ssi_noise_keys keys;
	struct ssi_noise end[2];
	int i;

	ssi_noise_init(&end[0], true, psk, NULL, 0);
	ssi_noise_init(&end[1], false, psk, NULL, 0);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, ssi_noise_write(&end[i], msg, sizeof(msg), NULL, 0), 0);
		KUNIT_ASSERT_EQ(test, ssi_noise_read(&end[!i], msg, sizeof(msg), NULL, 0), 0);
	}
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, ssi_noise_split(&end[i], &keys), 0);
		ssi_tlskey_fill(&tx[i], keys.tx);
		ssi_tlskey_fill(&rx[i], keys.rx);
	}
	KUNIT_EXPECT_MEMEQ(test, &tx[0], &rx[1], sizeof(tx[0]));
	KUNIT_EXPECT_MEMEQ(test, &tx[1], &rx[0], sizeof(tx[0]));
	KUNIT_EXPECT_MEMNEQ(test, tx[0].key, tx[1].key, sizeof(tx[0].key));
	KUNIT_EXPECT_MEMNEQ(test, tx[0].iv, tx[1].iv, sizeof(tx[0].iv));
}

static struct kunit_case tlskey_cases[] = {
	KUNIT_CASE_PARAM(tlskey_expand_test, tlskey_vector_gen_params),
	KUNIT_CASE_PARAM(tlskey_fill_test, tlskey_fill_gen_params),
	KUNIT_CASE(tlskey_ends_test),
	{}
};

static struct kunit_suite tlskey_suite = {
	.name = "ssi_tlskey",
	.test_cases = tlskey_cases,
};

kunit_test_suite(tlskey_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: keys for the records of a lane");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
