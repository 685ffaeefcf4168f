// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "key.h"

/* Alice's keys of RFC 7748 section 6.1, as an independent program spells them. */
#define PRIVATE_HEX "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define PRIVATE_TEXT "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
#define PUBLIC_TEXT "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="
#define ZERO_TEXT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void vectors(void)
{
	uint8_t hex[MPCNET_KEY_LEN], text[MPCNET_KEY_LEN], public_key[MPCNET_KEY_LEN];
	char spelt[MPCNET_KEY_TEXT_LEN + 1];

	CHECK(mpcnet_key_from_hex(hex, PRIVATE_HEX, 64));
	CHECK(mpcnet_key_from_text(text, PRIVATE_TEXT, 44));
	CHECK(!memcmp(hex, text, sizeof(hex)));
	mpcnet_key_to_text(spelt, hex);
	CHECK(!strcmp(spelt, PRIVATE_TEXT));
	CHECK(mpcnet_key_public(public_key, hex));
	mpcnet_key_to_text(spelt, public_key);
	CHECK(!strcmp(spelt, PUBLIC_TEXT));
	mpcnet_key_clamp(hex);
	CHECK(mpcnet_key_public(text, hex));
	CHECK(!memcmp(text, public_key, sizeof(text)));
}

static void both_ways(void)
{
	uint8_t key[MPCNET_KEY_LEN], back[MPCNET_KEY_LEN];
	char text[MPCNET_KEY_TEXT_LEN + 1];

	for (unsigned int round = 0; round < 1000; round++) {
		CHECK(mpcnet_key_random(key));
		mpcnet_key_to_text(text, key);
		CHECK(strlen(text) == MPCNET_KEY_TEXT_LEN);
		CHECK(mpcnet_key_from_text(back, text, MPCNET_KEY_TEXT_LEN));
		CHECK(!memcmp(key, back, sizeof(key)));
	}
}

/* Each place of a good key, with each byte: right only if spelt back the same. */
static void refuse_bad_digits(void)
{
	char text[MPCNET_KEY_TEXT_LEN + 1] = PRIVATE_TEXT, back[MPCNET_KEY_TEXT_LEN + 1];
	uint8_t key[MPCNET_KEY_LEN];

	for (unsigned int at = 0; at < MPCNET_KEY_TEXT_LEN; at++) {
		char right = text[at];

		for (int c = -128; c < 128; c++) {
			text[at] = (char)c;
			if (!mpcnet_key_from_text(key, text, MPCNET_KEY_TEXT_LEN))
				continue;
			mpcnet_key_to_text(back, key);
			CHECK(!memcmp(text, back, MPCNET_KEY_TEXT_LEN));
		}
		text[at] = right;
	}
}

static void refuse_spellings(void)
{
	uint8_t key[MPCNET_KEY_LEN];

	/* The two bits left over are 1 and 2. */
	CHECK(!mpcnet_key_from_text(key, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCp=", 44));
	CHECK(!mpcnet_key_from_text(key, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCq=", 44));
	CHECK(!mpcnet_key_from_text(key, PRIVATE_TEXT, 43));
	CHECK(!mpcnet_key_from_text(key, PRIVATE_TEXT "=", 45));
	CHECK(!mpcnet_key_from_text(key, "", 0));
	CHECK(!mpcnet_key_from_text(key, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC==", 44));
	CHECK(!mpcnet_key_from_text(key, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCoA", 44));
	CHECK(!mpcnet_key_from_hex(key, PRIVATE_HEX, 63));
	CHECK(!mpcnet_key_from_hex(key, "g" PRIVATE_HEX, 64));
	CHECK(!mpcnet_key_from_hex(key, "\x17" PRIVATE_HEX, 64));
}

static void hex_case(void)
{
	uint8_t small[MPCNET_KEY_LEN], capital[MPCNET_KEY_LEN];

	CHECK(mpcnet_key_from_hex(
		small, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 64));
	CHECK(mpcnet_key_from_hex(
		capital, "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", 64));
	CHECK(!memcmp(small, capital, sizeof(small)));
	CHECK(small[0] == 0x01 && small[7] == 0xef && small[5] == 0xab);
}

static void looks_like(void)
{
	CHECK(mpcnet_key_looks_like(PRIVATE_TEXT));
	CHECK(mpcnet_key_looks_like(PRIVATE_HEX));
	CHECK(mpcnet_key_looks_like("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo"));
	CHECK(!mpcnet_key_looks_like("/etc/mpcnet/key"));
	CHECK(!mpcnet_key_looks_like("-"));
	CHECK(!mpcnet_key_looks_like(""));
}

static void zero_and_clamp(void)
{
	uint8_t key[MPCNET_KEY_LEN];

	CHECK(mpcnet_key_from_text(key, ZERO_TEXT, 44));
	CHECK(mpcnet_key_is_zero(key));
	key[31] = 1;
	CHECK(!mpcnet_key_is_zero(key));
	memset(key, 0xff, sizeof(key));
	mpcnet_key_clamp(key);
	CHECK(key[0] == 0xf8 && key[31] == 0x7f && key[1] == 0xff);
	memset(key, 0, sizeof(key));
	mpcnet_key_clamp(key);
	CHECK(key[31] == 0x40);
}

static const struct unit_test tests[] = {
	{ "key: vectors of RFC 7748", vectors },
	{ "key: base64 both ways", both_ways },
	{ "key: one key has one spelling", refuse_bad_digits },
	{ "key: wrong lengths, digits and left-over bits", refuse_spellings },
	{ "key: hexadecimal in either case", hex_case },
	{ "key: a key where a file was due", looks_like },
	{ "key: zero and clamped", zero_and_clamp },
	{ 0 },
};
UNIT_TESTS(tests)
