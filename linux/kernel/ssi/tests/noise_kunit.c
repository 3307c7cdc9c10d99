// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of LinuxSSI: the handshake that proves a shared key
 */

#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/random.h>
#include <linux/string.h>

#include "../noise.h"

#define NOISE_LEN	32	/* more than any payload here has */
#define NOISE_MSG_LEN	(NOISE_LEN + SSI_NOISE_OVERHEAD)
#define NOISE_PROLOGUE	"cluster 1 2"

/* Both ends of a handshake; 0 is the initiator, who sends the even messages. */
struct noise_test {
	struct ssi_noise end[2];
	struct ssi_noise before;
	struct ssi_noise_keys keys[2];
	u8 psk[SSI_NOISE_KEY_LEN];
	u8 msg[2][NOISE_MSG_LEN];
	u8 payload[2][NOISE_LEN];
	u8 got[NOISE_LEN];
};

struct noise_sent {
	const char *payload;
	const char *sealed;
};

struct noise_vector {
	const char *name;
	const char *psk;
	const char *prologue;
	const char *secret[2];
	const char *hash;
	struct {
		const char *payload;
		const char *public;
		const char *sealed;
	} msg[2];
	const struct noise_sent *sent;
	unsigned int nr_sent;
};

#define FLYNN \
	.psk = "2176657279736563726574766572797365637265747665727973656372657421", \
	.secret = { \
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", \
		"4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60", \
	}, \
	.sent = flynn_sent, \
	.nr_sent = ARRAY_SIZE(flynn_sent)

/* Neither prologue nor payloads of the handshake have a part in these. */
static const struct noise_sent flynn_sent[] = {
	{ "79656c6c6f777375626d6172696e65",
	  "b349a522c145762c7c737ac1d1425ce1fb25c7cca626177ee4ceed3cd6fb3d" },
	{ "7375626d6172696e6579656c6c6f77",
	  "b41e24399dc3f1ad2faf82868700e4bf31bb89f6616e1d6a92802bb8ad80d6" },
};

static const struct noise_sent cacophony_sent[] = {
	{ "462e20412e20486179656b",
	  "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f" },
	{ "4361726c204d656e676572",
	  "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e" },
	{ "4a65616e2d426170746973746520536179",
	  "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8" },
	{ "457567656e2042f6686d20766f6e2042617765726b",
	  "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111" },
};

/*
 * All published vectors of Noise_NNpsk0_25519_ChaChaPoly_SHA256 of two projects that
 * share no code: vectors/cacophony.txt of github.com/haskell-cryptography/cacophony,
 * which snow tests against as well, and vectors.txt of github.com/flynn/noise.
 */
static const struct noise_vector noise_vectors[] = {
	{
		.name = "cacophony",
		.psk = "54686973206973206d7920417573747269616e20706572737065637469766521",
		.prologue = "4a6f686e2047616c74",
		.secret = {
			"893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
			"bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
		},
		.hash = "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf",
		.msg = {
			{ "4c756477696720766f6e204d69736573",
			  "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944",
			  "79b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54" },
			{ "4d757272617920526f746862617264",
			  "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843",
			  "d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3" },
		},
		.sent = cacophony_sent,
		.nr_sent = ARRAY_SIZE(cacophony_sent),
	},
	{
		.name = "flynn",
		FLYNN,
		.prologue = "",
		.msg = {
			{ "",
			  "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			  "e7136508cb8178281204abd62e9f2a3e" },
			{ "",
			  "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466",
			  "922f3b7824001193c077abd8b7a73030" },
		},
	},
	{
		.name = "flynn with payloads",
		FLYNN,
		.prologue = "",
		.msg = {
			{ "746573745f6d73675f30",
			  "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			  "7c78f22f8cea986f934a675201c7f431a539e50c9be46986fa89" },
			{ "746573745f6d73675f31",
			  "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466",
			  "6913ea64c74c2f63ee5e814fda25301b9508e4685ee02e9852fd" },
		},
	},
	{
		.name = "flynn with prologue",
		FLYNN,
		.prologue = "6e6f74736563726574",
		.msg = {
			{ "",
			  "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			  "6e96a20116b68fd776478e81d11779ca" },
			{ "",
			  "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466",
			  "66f51bc44f88917daa53fb4529499b55" },
		},
	},
	{
		.name = "flynn with prologue and payloads",
		FLYNN,
		.prologue = "6e6f74736563726574",
		.msg = {
			{ "746573745f6d73675f30",
			  "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
			  "7c78f22f8cea986f934ab17c2484a24a990a6473d588a4f20e99" },
			{ "746573745f6d73675f31",
			  "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466",
			  "6913ea64c74c2f63ee5e32a5358320d459322d624c9ccc975fa0" },
		},
	},
};

static void noise_vector_desc(const struct noise_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(noise_vector, noise_vectors, noise_vector_desc);

/* Bytes of a text of hexadecimal digits. */
static size_t noise_hex(struct kunit *test, const char *text, u8 *bytes, size_t size)
{
	size_t len = strlen(text) / 2;

	KUNIT_ASSERT_LE(test, len, size);
	KUNIT_ASSERT_EQ(test, hex2bin(bytes, text, len), 0);
	return len;
}

static void noise_init_ends(struct noise_test *t)
{
	ssi_noise_init(&t->end[0], true, t->psk, NOISE_PROLOGUE, strlen(NOISE_PROLOGUE));
	ssi_noise_init(&t->end[1], false, t->psk, NOISE_PROLOGUE, strlen(NOISE_PROLOGUE));
}

static int noise_init(struct kunit *test)
{
	struct noise_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	test->priv = t;
	get_random_bytes(t->psk, sizeof(t->psk));
	get_random_bytes(t->payload, sizeof(t->payload));
	noise_init_ends(t);
	return 0;
}

/* Message 0 or 1, from where it is written to where it is read. */
static int noise_write(struct noise_test *t, int i)
{
	return ssi_noise_write(&t->end[i], t->msg[i], NOISE_MSG_LEN, t->payload[i], NOISE_LEN);
}

static int noise_read(struct noise_test *t, int i)
{
	memset(t->got, 0xa5, sizeof(t->got));
	return ssi_noise_read(&t->end[!i], t->msg[i], NOISE_MSG_LEN, t->got, NOISE_LEN);
}

static void noise_pass(struct kunit *test, int i)
{
	struct noise_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, noise_write(t, i), 0);
	KUNIT_ASSERT_EQ(test, noise_read(t, i), 0);
	KUNIT_ASSERT_MEMEQ(test, t->got, t->payload[i], NOISE_LEN);
}

/* Both ends at once: the same seen from the two sides. */
static void noise_split(struct kunit *test)
{
	struct noise_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, ssi_noise_split(&t->end[0], &t->keys[0]), 0);
	KUNIT_ASSERT_EQ(test, ssi_noise_split(&t->end[1], &t->keys[1]), 0);
	KUNIT_EXPECT_MEMEQ(test, t->keys[0].tx, t->keys[1].rx, SSI_NOISE_KEY_LEN);
	KUNIT_EXPECT_MEMEQ(test, t->keys[0].rx, t->keys[1].tx, SSI_NOISE_KEY_LEN);
	KUNIT_EXPECT_MEMEQ(test, t->keys[0].hash, t->keys[1].hash, SSI_NOISE_HASH_LEN);
	KUNIT_EXPECT_MEMNEQ(test, t->keys[0].tx, t->keys[0].rx, SSI_NOISE_KEY_LEN);
}

static bool noise_wiped(const struct ssi_noise *noise)
{
	return !memchr_inv(noise, 0, sizeof(*noise));
}

static bool noise_holds(const struct ssi_noise *noise, const u8 *key)
{
	const u8 *bytes = (const u8 *)noise;
	size_t i;

	for (i = 0; i + SSI_NOISE_KEY_LEN <= sizeof(*noise); i++)
		if (!memcmp(bytes + i, key, SSI_NOISE_KEY_LEN))
			return true;
	return false;
}

/* An end refused a message: it said so, forgot all, and gave nothing out. */
static void noise_expect_refused(struct kunit *test, int i, int err, int expect)
{
	struct noise_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, err, expect);
	KUNIT_EXPECT_TRUE(test, noise_wiped(&t->end[!i]));
	KUNIT_EXPECT_NULL(test, memchr_inv(t->got, 0xa5, sizeof(t->got)));
}

/* A message of the handshake is as published, and is understood. */
static void noise_vector_handshake(struct kunit *test, int i)
{
	const struct noise_vector *v = test->param_value;
	u8 secret[SSI_NOISE_KEY_LEN], public[SSI_NOISE_KEY_LEN];
	u8 payload[NOISE_LEN], expect[NOISE_MSG_LEN];
	struct noise_test *t = test->priv;
	size_t len, msg_len;

	len = noise_hex(test, v->msg[i].payload, payload, sizeof(payload));
	msg_len = noise_hex(test, v->msg[i].public, expect, sizeof(expect));
	msg_len += noise_hex(test, v->msg[i].sealed, expect + msg_len, sizeof(expect) - msg_len);
	noise_hex(test, v->secret[i], secret, sizeof(secret));
	KUNIT_ASSERT_TRUE(test, curve25519_generate_public(public, secret));

	KUNIT_ASSERT_EQ(test, ssi_noise_write_as(&t->end[i], secret, public, t->msg[i],
						 msg_len, payload, len), 0);
	KUNIT_EXPECT_MEMEQ(test, t->msg[i], expect, msg_len);
	KUNIT_ASSERT_EQ(test, ssi_noise_read(&t->end[!i], expect, msg_len, t->got, len), 0);
	KUNIT_EXPECT_MEMEQ(test, t->got, payload, len);
}

/* What follows, by the keys that the handshake made. */
static void noise_vector_transport(struct kunit *test, int i)
{
	const struct noise_vector *v = test->param_value;
	u8 payload[NOISE_LEN], expect[NOISE_MSG_LEN];
	struct noise_test *t = test->priv;
	size_t len, msg_len;

	len = noise_hex(test, v->sent[i].payload, payload, sizeof(payload));
	msg_len = noise_hex(test, v->sent[i].sealed, expect, sizeof(expect));
	KUNIT_ASSERT_EQ(test, msg_len, len + SSI_NOISE_TAG_LEN);

	chacha20poly1305_encrypt(t->msg[0], payload, len, NULL, 0, i / 2, t->keys[i & 1].tx);
	KUNIT_EXPECT_MEMEQ(test, t->msg[0], expect, msg_len);
	KUNIT_EXPECT_TRUE(test, chacha20poly1305_decrypt(t->got, expect, msg_len, NULL, 0,
							 i / 2, t->keys[!(i & 1)].rx));
	KUNIT_EXPECT_MEMEQ(test, t->got, payload, len);
}

static void noise_vector_test(struct kunit *test)
{
	const struct noise_vector *v = test->param_value;
	u8 prologue[NOISE_LEN], hash[SSI_NOISE_HASH_LEN];
	struct noise_test *t = test->priv;
	size_t len;
	int i;

	noise_hex(test, v->psk, t->psk, sizeof(t->psk));
	len = noise_hex(test, v->prologue, prologue, sizeof(prologue));
	ssi_noise_init(&t->end[0], true, t->psk, prologue, len);
	ssi_noise_init(&t->end[1], false, t->psk, prologue, len);
	noise_vector_handshake(test, 0);
	noise_vector_handshake(test, 1);
	noise_split(test);
	if (v->hash) {
		noise_hex(test, v->hash, hash, sizeof(hash));
		KUNIT_EXPECT_MEMEQ(test, t->keys[0].hash, hash, sizeof(hash));
	}
	for (i = 0; i < v->nr_sent; i++)
		noise_vector_transport(test, i);
}

/* With keys that are drawn, two handshakes have nothing in common. */
static void noise_random_test(struct kunit *test)
{
	struct noise_test *t = test->priv;
	struct ssi_noise_keys first;
	u8 msg[NOISE_MSG_LEN];
	int i;

	for (i = 0; i < 4; i++) {
		noise_init_ends(t);
		noise_pass(test, 0);
		noise_pass(test, 1);
		noise_split(test);
		if (!i) {
			first = t->keys[0];
			memcpy(msg, t->msg[0], sizeof(msg));
			continue;
		}
		KUNIT_EXPECT_MEMNEQ(test, t->keys[0].tx, first.tx, SSI_NOISE_KEY_LEN);
		KUNIT_EXPECT_MEMNEQ(test, t->keys[0].rx, first.rx, SSI_NOISE_KEY_LEN);
		KUNIT_EXPECT_MEMNEQ(test, t->keys[0].hash, first.hash, SSI_NOISE_HASH_LEN);
		KUNIT_EXPECT_MEMNEQ(test, t->msg[0], msg, SSI_NOISE_KEY_LEN);
		KUNIT_EXPECT_MEMNEQ(test, t->msg[0] + SSI_NOISE_KEY_LEN, msg + SSI_NOISE_KEY_LEN,
				    NOISE_LEN);
	}
}

/* Each end must believe the same; here the responder does not. */
struct noise_belief {
	const char *name;
	const char *prologue;
	int bit;	/* of the psk that it has otherwise, or -1 */
	int err;
};

static const struct noise_belief noise_beliefs[] = {
	{ "the same", NOISE_PROLOGUE, -1, 0 },
	{ "first bit of the key", NOISE_PROLOGUE, 0, -EKEYREJECTED },
	{ "last bit of the key", NOISE_PROLOGUE, 255, -EKEYREJECTED },
	{ "no prologue", "", -1, -EKEYREJECTED },
	{ "other prologue", "cluster 2 1", -1, -EKEYREJECTED },
	{ "shorter prologue", "cluster 1 ", -1, -EKEYREJECTED },
	{ "longer prologue", "cluster 1 22", -1, -EKEYREJECTED },
};

static void noise_belief_desc(const struct noise_belief *b, char *desc)
{
	strscpy(desc, b->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(noise_belief, noise_beliefs, noise_belief_desc);

static void noise_belief_test(struct kunit *test)
{
	const struct noise_belief *b = test->param_value;
	struct noise_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, noise_write(t, 0), 0);
	if (b->bit >= 0)
		t->psk[b->bit / 8] ^= 1 << b->bit % 8;
	ssi_noise_init(&t->end[1], false, t->psk, b->prologue, strlen(b->prologue));
	if (b->err)
		noise_expect_refused(test, 0, noise_read(t, 0), b->err);
	else
		KUNIT_EXPECT_EQ(test, noise_read(t, 0), 0);
}

/* Not a single bit of a message can be changed. */
static void noise_flip(struct kunit *test, int i)
{
	struct noise_test *t = test->priv;
	unsigned int bit;

	KUNIT_ASSERT_EQ(test, noise_write(t, i), 0);
	t->before = t->end[!i];
	for (bit = 0; bit < NOISE_MSG_LEN * 8; bit++) {
		t->end[!i] = t->before;
		t->msg[i][bit / 8] ^= 1 << bit % 8;
		noise_expect_refused(test, i, noise_read(t, i), -EKEYREJECTED);
		t->msg[i][bit / 8] ^= 1 << bit % 8;
	}
	t->end[!i] = t->before;
	KUNIT_EXPECT_EQ(test, noise_read(t, i), 0);
}

static void noise_flip_test(struct kunit *test)
{
	noise_flip(test, 0);
	noise_flip(test, 1);
}

/* A message is as long as it must be, to the byte. */
static void noise_lengths(struct kunit *test, int i)
{
	struct noise_test *t = test->priv;
	size_t len;
	int err;

	KUNIT_ASSERT_EQ(test, noise_write(t, i), 0);
	t->before = t->end[!i];
	memset(t->got, 0xa5, sizeof(t->got));
	for (len = 0; len < 2 * NOISE_MSG_LEN; len++) {
		if (len == NOISE_MSG_LEN)
			continue;
		t->end[!i] = t->before;
		err = ssi_noise_read(&t->end[!i], t->msg[i], len, t->got, NOISE_LEN);
		noise_expect_refused(test, i, err, -EBADMSG);
	}
	/* Where it may be of any length, none but the right one has the tag. */
	for (len = 0; len < NOISE_LEN; len++) {
		t->end[!i] = t->before;
		err = ssi_noise_read(&t->end[!i], t->msg[i], len + SSI_NOISE_OVERHEAD,
				     t->got, len);
		noise_expect_refused(test, i, err, -EKEYREJECTED);
	}
	/* These would read past what there is, if they were believed. */
	t->end[!i] = t->before;
	err = ssi_noise_read(&t->end[!i], t->msg[i], SSI_NOISE_MAX_MSG + 1, t->got,
			     SSI_NOISE_MAX_MSG + 1 - SSI_NOISE_OVERHEAD);
	noise_expect_refused(test, i, err, -EBADMSG);
	t->end[!i] = t->before;
	err = ssi_noise_read(&t->end[!i], t->msg[i], 0, t->got, -SSI_NOISE_OVERHEAD);
	noise_expect_refused(test, i, err, -EBADMSG);

	t->end[!i] = t->before;
	KUNIT_EXPECT_EQ(test, noise_read(t, i), 0);
}

static void noise_lengths_test(struct kunit *test)
{
	struct noise_test *t = test->priv;

	noise_lengths(test, 0);
	noise_lengths(test, 1);

	noise_init_ends(t);
	KUNIT_EXPECT_EQ(test, -EBADMSG, ssi_noise_write(&t->end[0], t->msg[0], NOISE_MSG_LEN - 1,
							t->payload[0], NOISE_LEN));
	KUNIT_EXPECT_TRUE(test, noise_wiped(&t->end[0]));
}

/* What an end may do now; anything else it refuses, and is none the worse for it. */
static void noise_expect_may(struct kunit *test, int end, bool write, bool read)
{
	struct noise_test *t = test->priv;
	struct ssi_noise *noise = &t->end[end];
	u8 msg[NOISE_MSG_LEN] = {};

	t->before = *noise;
	if (!write)
		KUNIT_EXPECT_EQ(test, -EINVAL, ssi_noise_write(noise, msg, NOISE_MSG_LEN,
							       t->payload[0], NOISE_LEN));
	if (!read)
		KUNIT_EXPECT_EQ(test, -EINVAL, ssi_noise_read(noise, msg, NOISE_MSG_LEN,
							      t->got, NOISE_LEN));
	if (noise->state != SSI_NOISE_DONE) {
		memset(&t->keys[end], 0xa5, sizeof(t->keys[end]));
		KUNIT_EXPECT_EQ(test, -EINVAL, ssi_noise_split(noise, &t->keys[end]));
		KUNIT_EXPECT_NULL(test, memchr_inv(&t->keys[end], 0, sizeof(t->keys[end])));
	}
	KUNIT_EXPECT_MEMEQ(test, noise, &t->before, sizeof(*noise));
	KUNIT_EXPECT_NULL(test, memchr_inv(msg, 0, sizeof(msg)));
}

static void noise_order_test(struct kunit *test)
{
	struct noise_test *t = test->priv;

	noise_expect_may(test, 0, true, false);
	noise_expect_may(test, 1, false, true);
	noise_pass(test, 0);
	noise_expect_may(test, 0, false, true);
	noise_expect_may(test, 1, true, false);
	noise_pass(test, 1);
	noise_expect_may(test, 0, false, false);
	noise_expect_may(test, 1, false, false);
	noise_split(test);
	noise_expect_may(test, 0, false, false);
	noise_expect_may(test, 1, false, false);

	/* Nor does a handshake that failed, or that nobody began, go on. */
	noise_init_ends(t);
	t->msg[0][0] ^= 1;
	noise_expect_refused(test, 0, noise_read(t, 0), -EKEYREJECTED);
	noise_expect_may(test, 1, false, false);
	memset(&t->end[0], 0, sizeof(t->end[0]));
	noise_expect_may(test, 0, false, false);
}

/* All points of the curve and of its twist whose order divides 8. */
static const char *const noise_low_orders[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/* Message 0 or 1 as one sends it who holds the psk and wants to know ee in advance. */
static int noise_lie(struct noise_test *t, int i, const u8 *public)
{
	u8 secret[SSI_NOISE_KEY_LEN];

	curve25519_generate_secret(secret);
	return ssi_noise_write_as(&t->end[i], secret, public, t->msg[i], NOISE_MSG_LEN,
				  t->payload[i], NOISE_LEN);
}

static void noise_low_order_test(struct kunit *test)
{
	struct noise_test *t = test->priv;
	u8 public[SSI_NOISE_KEY_LEN];
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(noise_low_orders); i++) {
		noise_hex(test, noise_low_orders[i / 2], public, sizeof(public));
		/* X25519 does not look at the last bit. */
		if (i & 1)
			public[SSI_NOISE_KEY_LEN - 1] |= 0x80;

		noise_init_ends(t);
		KUNIT_EXPECT_EQ(test, noise_lie(t, 0, public), 0);
		KUNIT_EXPECT_EQ(test, noise_read(t, 0), 0);
		KUNIT_EXPECT_EQ(test, noise_write(t, 1), -EBADMSG);
		KUNIT_EXPECT_TRUE(test, noise_wiped(&t->end[1]));

		noise_init_ends(t);
		noise_pass(test, 0);
		KUNIT_EXPECT_EQ(test, noise_lie(t, 1, public), 0);
		noise_expect_refused(test, 1, noise_read(t, 1), -EBADMSG);
	}
}

/* Messages of other handshakes, with the right psk, from who only overheard them. */
static void noise_replay_test(struct kunit *test)
{
	struct noise_test *t = test->priv;
	u8 old[2][NOISE_MSG_LEN];

	noise_pass(test, 0);
	noise_pass(test, 1);
	noise_split(test);
	memcpy(old, t->msg, sizeof(old));

	/* An answer to another question. */
	noise_init_ends(t);
	noise_pass(test, 0);
	memcpy(t->msg[1], old[1], sizeof(old[1]));
	noise_expect_refused(test, 1, noise_read(t, 1), -EKEYREJECTED);

	/* The question as its answer. */
	noise_init_ends(t);
	KUNIT_ASSERT_EQ(test, noise_write(t, 0), 0);
	memcpy(t->msg[1], t->msg[0], sizeof(t->msg[1]));
	noise_expect_refused(test, 1, noise_read(t, 1), -EKEYREJECTED);

	/* An old question is answered, with keys that it does not tell. */
	noise_init_ends(t);
	memcpy(t->msg[0], old[0], sizeof(old[0]));
	KUNIT_ASSERT_EQ(test, noise_read(t, 0), 0);
	KUNIT_ASSERT_EQ(test, noise_write(t, 1), 0);
	KUNIT_ASSERT_EQ(test, ssi_noise_split(&t->end[1], &t->keys[1]), 0);
	KUNIT_EXPECT_MEMNEQ(test, t->keys[1].rx, t->keys[0].tx, SSI_NOISE_KEY_LEN);
	KUNIT_EXPECT_MEMNEQ(test, t->keys[1].tx, t->keys[0].rx, SSI_NOISE_KEY_LEN);
}

/* A secret is gone as soon as it has served. */
static void noise_wipe_test(struct kunit *test)
{
	u8 secret[2][SSI_NOISE_KEY_LEN], public[SSI_NOISE_KEY_LEN];
	struct noise_test *t = test->priv;
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_FALSE(test, noise_holds(&t->end[i], t->psk));
		curve25519_generate_secret(secret[i]);
		KUNIT_ASSERT_TRUE(test, curve25519_generate_public(public, secret[i]));
		KUNIT_ASSERT_EQ(test, ssi_noise_write_as(&t->end[i], secret[i], public,
							 t->msg[i], NOISE_MSG_LEN,
							 t->payload[i], NOISE_LEN), 0);
		/* The initiator's has yet to serve. */
		KUNIT_EXPECT_EQ(test, noise_holds(&t->end[i], secret[i]), i == 0);
		KUNIT_ASSERT_EQ(test, noise_read(t, i), 0);
	}
	KUNIT_EXPECT_FALSE(test, noise_holds(&t->end[0], secret[0]));

	noise_split(test);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_FALSE(test, noise_holds(&t->end[i], t->keys[i].tx));
		KUNIT_EXPECT_FALSE(test, noise_holds(&t->end[i], t->keys[i].rx));
		KUNIT_EXPECT_TRUE(test, noise_wiped(&t->end[i]));
	}
	noise_init_ends(t);
	KUNIT_EXPECT_FALSE(test, noise_wiped(&t->end[0]));
	ssi_noise_wipe(&t->end[0]);
	KUNIT_EXPECT_TRUE(test, noise_wiped(&t->end[0]));
}

static struct kunit_case noise_cases[] = {
	KUNIT_CASE_PARAM(noise_vector_test, noise_vector_gen_params),
	KUNIT_CASE(noise_random_test),
	KUNIT_CASE_PARAM(noise_belief_test, noise_belief_gen_params),
	KUNIT_CASE(noise_flip_test),
	KUNIT_CASE(noise_lengths_test),
	KUNIT_CASE(noise_order_test),
	KUNIT_CASE(noise_low_order_test),
	KUNIT_CASE(noise_replay_test),
	KUNIT_CASE(noise_wipe_test),
	{}
};

static struct kunit_suite noise_suite = {
	.name = "ssi_noise",
	.init = noise_init,
	.test_cases = noise_cases,
};

kunit_test_suite(noise_suite);

MODULE_DESCRIPTION("KUnit tests of LinuxSSI: the handshake that proves a shared key");
MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
MODULE_LICENSE("GPL");
