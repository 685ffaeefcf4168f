// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "key.h"
#include "sample.h"

/* 00 01 02 ... and 64 65 66 ... are the private keys. */
static void known(void)
{
	uint8_t a[MPCNET_KEY_LEN], b[MPCNET_KEY_LEN], public_a[MPCNET_KEY_LEN];
	uint8_t public_b[MPCNET_KEY_LEN], key[MPCNET_KEY_LEN], want[MPCNET_KEY_LEN];
	struct ticket ticket = sample_ticket();

	for (uint8_t i = 0; i < MPCNET_KEY_LEN; i++) {
		a[i] = i;
		b[i] = 100 + i;
	}
	CHECK(mpcnet_key_from_hex(
		public_a, "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f", 64));
	CHECK(mpcnet_key_from_hex(
		public_b, "7d9c24316539825c1896e57f28197746793ce60cbee3ad47da9d07b85fa55e2a", 64));
	CHECK(mpcnet_key_from_hex(
		want, "e0494ed053ab6d8b0b07a9577f661514bf26942ce7be817d1ac9853ff4d2f303", 64));
	CHECK(pair_key(key, &ticket, a, public_b) && !memcmp(key, want, sizeof(key)));
	CHECK(pair_key(key, &ticket, b, public_a) && !memcmp(key, want, sizeof(key)));
	ticket.expires++;
	CHECK(pair_key(key, &ticket, a, public_b) && memcmp(key, want, sizeof(key)));
	ticket.parties = 1;
	CHECK(!pair_key(key, &ticket, a, public_b));
}

static void both_sides(void)
{
	uint8_t a[MPCNET_KEY_LEN], b[MPCNET_KEY_LEN], public_a[MPCNET_KEY_LEN];
	uint8_t public_b[MPCNET_KEY_LEN], x[MPCNET_KEY_LEN], y[MPCNET_KEY_LEN];
	struct ticket ticket = sample_ticket();

	for (unsigned int round = 0; round < 50; round++) {
		CHECK(mpcnet_key_random(a) && mpcnet_key_random(b));
		CHECK(mpcnet_key_public(public_a, a) && mpcnet_key_public(public_b, b));
		CHECK(pair_key(x, &ticket, a, public_b));
		CHECK(pair_key(y, &ticket, b, public_a));
		CHECK(!memcmp(x, y, sizeof(x)));
	}
}

/* Points of low order, RFC 7748 section 7: the secret would be zeros. */
static void low_order(void)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t key[MPCNET_KEY_LEN], own[MPCNET_KEY_LEN], peer[MPCNET_KEY_LEN];
	struct ticket ticket = sample_ticket();

	CHECK(mpcnet_key_random(own));
	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		CHECK(mpcnet_key_from_hex(peer, points[i], 64));
		CHECK(!pair_key(key, &ticket, own, peer));
	}
}

static const struct unit_test tests[] = {
	{ "pair: a known key", known },
	{ "pair: both sides have the same key", both_sides },
	{ "pair: keys that give everyone the same secret", low_order },
	{ 0 },
};
UNIT_TESTS(tests)
