// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "crypto.h"
#include "key.h"

#define SPAN(text) ((struct crypto_span){ text, sizeof(text) - 1 })

static bool is(const uint8_t *key, const char *hex)
{
	uint8_t want[MPCNET_KEY_LEN];

	return mpcnet_key_from_hex(want, hex, 64) && !memcmp(key, want, sizeof(want));
}

/* As sha256sum has it. */
static void hash(void)
{
	uint8_t sum[CRYPTO_HASH_LEN];

	CHECK(crypto_hash(sum, "ab", SPAN("")));
	CHECK(is(sum, "969caaeb3626c0d5695eefa6aea53305b312b33d505272adc6cb24450650c243"));
}

/* RFC 5869 appendix A.1 and A.2, the first 32 bytes of their keys. */
static void hkdf(void)
{
	uint8_t key[MPCNET_KEY_LEN], bytes[256];

	CHECK(crypto_hkdf(key,
			  SPAN("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
			       "\x0b\x0b\x0b\x0b\x0b\x0b"),
			  SPAN("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"),
			  SPAN("\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9")));
	CHECK(is(key, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	CHECK(crypto_hkdf(key, (struct crypto_span){ bytes, 0x50 },
			  (struct crypto_span){ bytes + 0x60, 0x50 },
			  (struct crypto_span){ bytes + 0xb0, 0x50 }));
	CHECK(is(key, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"));
}

static const char sunscreen[] =
	"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
	"future, sunscreen would be it.";

/* RFC 8439 section 2.8.2. */
static void aead(void)
{
	static const char sealed[] =
		"\x07\x00\x00\x00\x40\x41\x42\x43\x44\x45\x46\x47"
		"\xd3\x1a\x8d\x34\x64\x8e\x60\xdb\x7b\x86\xaf\xbc\x53\xef\x7e\xc2"
		"\xa4\xad\xed\x51\x29\x6e\x08\xfe\xa9\xe2\xb5\xa7\x36\xee\x62\xd6"
		"\x3d\xbe\xa4\x5e\x8c\xa9\x67\x12\x82\xfa\xfb\x69\xda\x92\x72\x8b"
		"\x1a\x71\xde\x0a\x9e\x06\x0b\x29\x05\xd6\xa5\xb6\x7e\xcd\x3b\x36"
		"\x92\xdd\xbd\x7f\x2d\x77\x8b\x8c\x98\x03\xae\xe3\x28\x09\x1b\x58"
		"\xfa\xb3\x24\xe4\xfa\xd6\x75\x94\x55\x85\x80\x8b\x48\x31\xd7\xbc"
		"\x3f\xf4\xde\xf0\x8e\x4b\x7a\x9d\xe5\x76\xd2\x65\x86\xce\xc6\x4b"
		"\x61\x16"
		"\x1a\xe1\x0b\x59\x4f\x09\xe2\x6a\x7e\x90\x2e\xcb\xd0\x60\x06\x91";
	static const char ad[] = "\x50\x51\x52\x53\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7";
	uint8_t key[MPCNET_KEY_LEN], plain[sizeof(sealed)];

	for (uint8_t i = 0; i < sizeof(key); i++)
		key[i] = 0x80 + i;
	CHECK(sizeof(sealed) - 1 == sizeof(sunscreen) - 1 + CRYPTO_SEAL_LEN);
	CHECK(crypto_open(plain, key, SPAN(sealed), SPAN(ad)));
	CHECK(!memcmp(plain, sunscreen, sizeof(sunscreen) - 1));
	CHECK(!crypto_open(plain, key, SPAN(sealed), SPAN("")));
	CHECK(!crypto_open(plain, key, (struct crypto_span){ sealed, sizeof(sealed) - 2 },
			   SPAN(ad)));
	CHECK(!crypto_open(plain, key, (struct crypto_span){ sealed, CRYPTO_SEAL_LEN - 1 },
			   SPAN(ad)));
	key[0] ^= 1;
	CHECK(!crypto_open(plain, key, SPAN(sealed), SPAN(ad)));
}

static void seal(void)
{
	uint8_t key[MPCNET_KEY_LEN], sealed[256], plain[256];

	CHECK(mpcnet_key_random(key));
	for (size_t len = 0; len < sizeof(sunscreen); len++) {
		struct crypto_span text = { sunscreen, len };
		struct crypto_span whole = { sealed, len + CRYPTO_SEAL_LEN };

		CHECK(crypto_seal(sealed, key, text, SPAN("ad")));
		CHECK(crypto_open(plain, key, whole, SPAN("ad")));
		CHECK(!memcmp(plain, sunscreen, len));
		sealed[len + CRYPTO_SEAL_LEN - 1] ^= 1;
		CHECK(!crypto_open(plain, key, whole, SPAN("ad")));
	}
}

static const struct unit_test tests[] = {
	{ "crypto: hash", hash },
	{ "crypto: HKDF, RFC 5869", hkdf },
	{ "crypto: AEAD, RFC 8439", aead },
	{ "crypto: sealed and opened", seal },
	{ 0 },
};
UNIT_TESTS(tests)
