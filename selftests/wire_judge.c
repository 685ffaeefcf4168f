// SPDX-License-Identifier: GPL-2.0
/*
 * The judge of what is on the wire, judged itself: published vectors of its
 * hash, and its initiator against its responder. Needs no module and no root.
 */
#include <stdio.h>
#include <string.h>

#include "blake2s.h"
#include "ktap.h"
#include "noise.h"

static struct noise_handshake left, right;
static struct noise_session left_session, right_session;

/* Two handshakes that know each other. */
static void introduce(int with_psk)
{
	struct noise_identity a, b;

	noise_identity_new(&a);
	noise_identity_new(&b);
	memset(&left, 0, sizeof(left));
	memset(&right, 0, sizeof(right));
	left.self = a;
	right.self = b;
	memcpy(left.remote, b.public, NOISE_KEY);
	memcpy(right.remote, a.public, NOISE_KEY);
	if (with_psk) {
		noise_identity_new(&a);
		memcpy(left.psk, a.secret, NOISE_KEY);
		memcpy(right.psk, a.secret, NOISE_KEY);
	}
}

static const char *shake_hands(void)
{
	struct noise_initiation initiation;
	struct noise_response response;
	const char *why;

	noise_initiate(&left, &initiation);
	why = noise_judge_initiation(&right, &initiation, sizeof(initiation));
	if (why)
		return why;
	noise_respond(&right, &response, &right_session);
	return noise_conclude(&left, &response, sizeof(response), &left_session);
}

static const char *carry(struct noise_session *from, struct noise_session *to, size_t len)
{
	uint8_t inner[256], msg[512], plain[512];
	size_t sealed, plain_len, inner_len;
	const char *why;

	memset(inner, 0xa5, sizeof(inner));
	inner[0] = 0x45;
	inner[2] = (uint8_t)(len >> 8);
	inner[3] = (uint8_t)len;
	sealed = noise_seal(from, msg, inner, len);
	why = noise_open(to, msg, sealed, plain, &plain_len);
	if (why)
		return why;
	why = noise_judge_padding(plain, plain_len, 1420, &inner_len);
	if (why)
		return why;
	return inner_len == len && !memcmp(inner, plain, len) ? NULL : "inner packet differs";
}

/* RFC 7693, appendix B. */
static const char *test_blake2s_abc(void)
{
	static const uint8_t right_hash[BLAKE2S_HASH] = {
		0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b,
		0xa3, 0x4e, 0xeb, 0x45, 0x2f, 0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6,
		0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82,
	};
	uint8_t hash[BLAKE2S_HASH];

	blake2s_once(hash, sizeof(hash), NULL, 0, "abc", 3);
	return memcmp(hash, right_hash, sizeof(hash)) ? "hash differs" : NULL;
}

/* The sequence of bytes that RFC 7693, appendix E, takes as test input. */
static void fill_sequence(uint8_t *out, size_t len, uint32_t seed)
{
	uint32_t a = 0xdead4bad * seed, b = 1, t;
	size_t i;

	for (i = 0; i < len; i++) {
		t = a + b;
		a = b;
		b = t;
		out[i] = (uint8_t)(t >> 24);
	}
}

/* RFC 7693, appendix E: all lengths of digest, with and without a key. */
static const char *test_blake2s_all(void)
{
	static const uint8_t right_hash[BLAKE2S_HASH] = {
		0x6a, 0x41, 0x1f, 0x08, 0xce, 0x25, 0xad, 0xcd, 0xfb, 0x02, 0xab,
		0xa6, 0x41, 0x45, 0x1c, 0xec, 0x53, 0xc5, 0x98, 0xb2, 0x4f, 0x4f,
		0xc7, 0x87, 0xfb, 0xdc, 0x88, 0x79, 0x7f, 0x4c, 0x1d, 0xfe,
	};
	static const size_t digests[] = { 16, 20, 28, 32 };
	static const size_t inputs[] = { 0, 3, 64, 65, 255, 1024 };
	uint8_t input[1024], key[32], hash[BLAKE2S_HASH];
	struct blake2s all;
	size_t i, j;

	blake2s_begin(&all, BLAKE2S_HASH, NULL, 0);
	for (i = 0; i < KTAP_COUNT(digests); i++) {
		for (j = 0; j < KTAP_COUNT(inputs); j++) {
			fill_sequence(input, inputs[j], (uint32_t)inputs[j]);
			blake2s_once(hash, digests[i], NULL, 0, input, inputs[j]);
			blake2s_add(&all, hash, digests[i]);
			fill_sequence(key, digests[i], (uint32_t)digests[i]);
			blake2s_once(hash, digests[i], key, digests[i], input, inputs[j]);
			blake2s_add(&all, hash, digests[i]);
		}
	}
	blake2s_end(&all, hash);
	return memcmp(hash, right_hash, sizeof(hash)) ? "hash differs" : NULL;
}

static const char *test_handshake(void)
{
	size_t len;
	int i;

	for (i = 0; i < 2; i++) {
		const char *why;

		introduce(i);
		why = shake_hands();
		for (len = 20; len < 100 && !why; len++) {
			why = carry(&left_session, &right_session, len);
			if (!why)
				why = carry(&right_session, &left_session, len);
		}
		if (why)
			return why;
	}
	return NULL;
}

static const char *test_wrong_psk(void)
{
	introduce(1);
	left.psk[5] ^= 1;
	return shake_hands() ? NULL : "handshake with two different keys succeeds";
}

static const char *test_wrong_static(void)
{
	introduce(0);
	noise_identity_new(&left.self);
	return shake_hands() ? NULL : "handshake from a stranger succeeds";
}

/* Every bit of an initiation counts. */
static const char *test_initiation_bits(void)
{
	struct noise_initiation msg;
	size_t bit;

	introduce(1);
	noise_initiate(&left, &msg);
	for (bit = 0; bit < 8 * sizeof(msg); bit++) {
		struct noise_handshake fresh = right;

		((uint8_t *)&msg)[bit / 8] ^= 1 << bit % 8;
		if (!noise_judge_initiation(&fresh, &msg, sizeof(msg)))
			return ktap_why("bit %zu may be changed", bit);
		/* The same past mac1: the rest must fail by itself. */
		noise_mac(&left, &msg, sizeof(msg));
		fresh = right;
		if (bit >= 64 && bit < 8 * (sizeof(msg) - 32) &&
		    !noise_judge_initiation(&fresh, &msg, sizeof(msg)))
			return ktap_why("bit %zu may be changed, given a right mac1", bit);
		((uint8_t *)&msg)[bit / 8] ^= 1 << bit % 8;
		noise_mac(&left, &msg, sizeof(msg));
	}
	return noise_judge_initiation(&right, &msg, sizeof(msg));
}

static const char *test_response_bits(void)
{
	struct noise_initiation initiation;
	struct noise_response msg;
	size_t bit;

	introduce(1);
	noise_initiate(&left, &initiation);
	if (noise_judge_initiation(&right, &initiation, sizeof(initiation)))
		return "no handshake";
	noise_respond(&right, &msg, &right_session);
	for (bit = 0; bit < 8 * sizeof(msg); bit++) {
		((uint8_t *)&msg)[bit / 8] ^= 1 << bit % 8;
		if (!noise_conclude(&left, &msg, sizeof(msg), &left_session))
			return ktap_why("bit %zu may be changed", bit);
		((uint8_t *)&msg)[bit / 8] ^= 1 << bit % 8;
	}
	return noise_conclude(&left, &msg, sizeof(msg), &left_session);
}

static const char *test_replay(void)
{
	struct noise_initiation msg;
	const char *why;

	introduce(0);
	noise_initiate(&left, &msg);
	why = noise_judge_initiation(&right, &msg, sizeof(msg));
	if (why)
		return why;
	if (!noise_judge_initiation(&right, &msg, sizeof(msg)))
		return "initiation may be repeated";
	left.fixed_ephemeral = true;
	noise_initiate(&left, &msg);
	if (!noise_judge_initiation(&right, &msg, sizeof(msg)))
		return "ephemeral key may be repeated";
	return NULL;
}

static const char *test_data(void)
{
	uint8_t msg[256], plain[256], inner[20] = { 0x45, 0, 0, 20 };
	size_t len, plain_len, bit;

	introduce(0);
	if (shake_hands())
		return "no handshake";
	len = noise_seal(&left_session, msg, inner, sizeof(inner));
	if (len != 64)
		return "20 bytes do not make 64";
	for (bit = 0; bit < 8 * len; bit++) {
		struct noise_session fresh = right_session;

		msg[bit / 8] ^= 1 << bit % 8;
		if (!noise_open(&fresh, msg, len, plain, &plain_len))
			return ktap_why("bit %zu may be changed", bit);
		msg[bit / 8] ^= 1 << bit % 8;
	}
	if (noise_open(&right_session, msg, len, plain, &plain_len))
		return "data message does not open";
	if (!noise_open(&right_session, msg, len, plain, &plain_len))
		return "data message may be repeated";
	return NULL;
}

static const char *test_padding(void)
{
	uint8_t plain[1500] = { 0x45, 0, 0, 20 };
	size_t inner;

	if (noise_judge_padding(plain, 32, 1420, &inner) || inner != 20)
		return "right padding is refused";
	if (!noise_judge_padding(plain, 48, 1420, &inner) ||
	    !noise_judge_padding(plain, 20, 1420, &inner) ||
	    !noise_judge_padding(plain, 16, 1420, &inner))
		return "wrong length is accepted";
	plain[31] = 1;
	if (!noise_judge_padding(plain, 32, 1420, &inner))
		return "padding that is not zero is accepted";
	plain[2] = 1420 >> 8;
	plain[3] = 1420 & 255;
	if (noise_judge_padding(plain, 1420, 1420, &inner))
		return "padding past the MTU is asked for";
	return NULL;
}

static const char *test_cookie(void)
{
	struct noise_initiation msg;
	struct noise_cookie reply, other;
	uint8_t cookie[NOISE_MAC] = "fifteen bytes..";
	const char *why;

	introduce(0);
	noise_initiate(&left, &msg);
	noise_cookie_make(&reply, right.self.public, cookie, &msg, sizeof(msg));
	other = reply;
	other.cookie[3] ^= 1;
	if (!noise_cookie_take(&left, &other, sizeof(other)))
		return "forged cookie is taken";
	why = noise_cookie_take(&left, &reply, sizeof(reply));
	if (why)
		return why;
	noise_initiate(&left, &msg);
	if (!noise_judge_macs(right.self.public, NULL, &msg, sizeof(msg)))
		return "mac2 without a cookie is accepted";
	if (!noise_judge_macs(right.self.public, msg.mac1, &msg, sizeof(msg)))
		return "mac2 of another cookie is accepted";
	return noise_judge_macs(right.self.public, cookie, &msg, sizeof(msg));
}

static const char *test_zero_dh(void)
{
	struct noise_initiation msg;

	introduce(0);
	left.fixed_ephemeral = true;
	left.zero_dh = NOISE_ES;
	noise_initiate(&left, &msg);
	return noise_judge_initiation(&right, &msg, sizeof(msg)) ? NULL
								 : "zero ephemeral is accepted";
}

static const struct ktap_case cases[] = {
	{ "BLAKE2s of RFC 7693, appendix B", test_blake2s_abc },
	{ "BLAKE2s of RFC 7693, appendix E", test_blake2s_all },
	{ "initiator and responder agree, with and without a psk", test_handshake },
	{ "different psk is noticed", test_wrong_psk },
	{ "different static key is noticed", test_wrong_static },
	{ "each bit of an initiation counts", test_initiation_bits },
	{ "each bit of a response counts", test_response_bits },
	{ "repeated initiation and ephemeral are noticed", test_replay },
	{ "each bit of a data message counts, and its counter", test_data },
	{ "padding is judged", test_padding },
	{ "cookie is taken, and mac2 judged", test_cookie },
	{ "shared secret of zero is noticed", test_zero_dh },
};

int main(void)
{
	if (!noise_start())
		ktap_bail("libsodium does not start");
	return ktap_run(cases, KTAP_COUNT(cases));
}
