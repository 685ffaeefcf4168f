// SPDX-License-Identifier: GPL-2.0
/*
 * The cryptography, as this module calls it, against published vectors.
 */
#include "selftest.h"

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../crypto.h"
#include "crypto_vectors.h"

#define AEAD_NONCE 0x0807060504030201ULL /* of RFC 8439 appendix A.5 */
#define LONGEST 2048

static u8 bytes[200] __initdata; /* 0, 1, 2, ... */

static bool __init aead_ok(u8 *buf)
{
	const size_t len = sizeof(aead_sealed);
	size_t i;

	memcpy(buf, aead_plain, sizeof(aead_plain));
	mpcnet_aead_seal(buf, sizeof(aead_plain), AEAD_NONCE, aead_key);
	if (!mpcnet_expect(!memcmp(buf, aead_sealed, len)) ||
	    !mpcnet_expect(mpcnet_aead_open(buf, len, 0, AEAD_NONCE, aead_key)) ||
	    !mpcnet_expect(!memcmp(buf, aead_plain, sizeof(aead_plain))))
		return false;
	for (i = 0; i < len; i++) {
		memcpy(buf, aead_sealed, len);
		buf[i] ^= 1 << i % 8;
		if (!mpcnet_expect(!mpcnet_aead_open(buf, len, 0, AEAD_NONCE, aead_key)))
			return false;
	}
	memcpy(buf, aead_sealed, len);
	return mpcnet_expect(!mpcnet_aead_open(buf, len, 0, AEAD_NONCE + 1, aead_key)) &&
	       mpcnet_expect(!mpcnet_aead_open(buf, len - 1, 0, AEAD_NONCE, aead_key)) &&
	       mpcnet_expect(!mpcnet_aead_open(buf, MPCNET_TAG_LEN - 1, 0, AEAD_NONCE, aead_key)) &&
	       mpcnet_expect(!mpcnet_aead_open(buf, 0, 0, AEAD_NONCE, aead_key));
}

/* Lengths at which implementations change their ways. */
static bool __init chain_ok(u8 *buf)
{
	static const u16 lengths[] __initconst = {
		0, 1, 15, 16, 17, 31, 32, 48, 63, 64, 65, 80, 112, 127, 128,
		129, 191, 192, 193, 255, 256, 257, 319, 320, 384, 448, 511, 512,
		513, 576, 1023, 1024, 1025, 1420, 1440, 2047, LONGEST
	};
	u8 hash[MPCNET_HASH_LEN] = {};
	size_t i, j, len;
	u64 nonce;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		len = lengths[i];
		nonce = (u64)i << 32 | (i + 1);
		for (j = 0; j < len; j++)
			buf[j] = j * 7 + i;
		mpcnet_aead_seal(buf, len, nonce, aead_key);
		len += MPCNET_TAG_LEN;
		mpcnet_hash2(hash, hash, sizeof(hash), buf, len);
		buf[len] = 0xa5;	/* what is behind is as it was */
		if (!mpcnet_expect(mpcnet_aead_open(buf, len, i % 3 * 8, nonce, aead_key)) ||
		    !mpcnet_expect(buf[len] == 0xa5))
			return false;
		for (j = 0; j < lengths[i]; j++)
			if (buf[j] != (u8)(j * 7 + i))
				return mpcnet_expect(!"opened what was sealed");
	}
	return mpcnet_expect(!memcmp(hash, aead_chain, sizeof(hash)));
}

static bool __init aead_ad_ok(u8 *buf)
{
	const size_t len = sizeof(aead_sealed_ad);
	u8 plain[32];

	mpcnet_aead_seal_ad(buf, aead_plain, sizeof(plain), aead_ad,
			    sizeof(aead_ad), aead_key);
	return mpcnet_expect(!memcmp(buf, aead_sealed_ad, len)) &&
	       mpcnet_expect(mpcnet_aead_open_ad(plain, aead_sealed_ad, len, aead_ad,
						 sizeof(aead_ad), aead_key)) &&
	       mpcnet_expect(!memcmp(plain, aead_plain, sizeof(plain))) &&
	       mpcnet_expect(!mpcnet_aead_open_ad(plain, aead_sealed_ad, len, aead_ad,
						  sizeof(aead_ad) - 1, aead_key));
}

static bool __init xaead_ok(u8 *buf)
{
	const size_t len = sizeof(xaead_sealed);
	const u8 *key = bytes + 0x80, *nonce = bytes + 0x40;

	mpcnet_xaead_seal(buf, xaead_plain, sizeof(xaead_plain), xaead_ad,
			  sizeof(xaead_ad), nonce, key);
	if (!mpcnet_expect(!memcmp(buf, xaead_sealed, len)))
		return false;
	memset(buf, 0, len);
	if (!mpcnet_expect(mpcnet_xaead_open(buf, xaead_sealed, len, xaead_ad,
					     sizeof(xaead_ad), nonce, key)) ||
	    !mpcnet_expect(!memcmp(buf, xaead_plain, sizeof(xaead_plain))))
		return false;
	return mpcnet_expect(!mpcnet_xaead_open(buf, xaead_sealed, len, xaead_ad,
						sizeof(xaead_ad), nonce + 1, key)) &&
	       mpcnet_expect(!mpcnet_xaead_open(buf, xaead_sealed, len, xaead_ad + 1,
						sizeof(xaead_ad) - 1, nonce, key));
}

static bool __init hash_ok(u8 *buf)
{
	size_t i;

	mpcnet_hash2(buf, "abc", 3, NULL, 0);
	if (!mpcnet_expect(!memcmp(buf, hash_abc, MPCNET_HASH_LEN)))
		return false;
	for (i = 0; i <= sizeof(bytes); i++) {
		mpcnet_hash2(buf, bytes, i, bytes + i, sizeof(bytes) - i);
		if (!mpcnet_expect(!memcmp(buf, hash_200, MPCNET_HASH_LEN)))
			return false;
		mpcnet_mac2(buf, bytes, i, bytes + i, sizeof(bytes) - i, bytes, 32);
		if (!mpcnet_expect(!memcmp(buf, mac_200, MPCNET_MAC_LEN)))
			return false;
	}
	mpcnet_mac(buf, "abc", 3, bytes, 16);
	return mpcnet_expect(!memcmp(buf, mac_short, MPCNET_MAC_LEN));
}

static bool __init kdf_ok(u8 *buf)
{
	const size_t n = MPCNET_HASH_LEN;

	mpcnet_kdf(buf, buf + n, buf + 2 * n, bytes, 32, bytes);
	if (!mpcnet_expect(!memcmp(buf, kdf_keys, 3 * n)))
		return false;
	memset(buf, 0, 3 * n);
	mpcnet_kdf(buf, buf + n, NULL, bytes, 32, bytes);
	if (!mpcnet_expect(!memcmp(buf, kdf_keys, 2 * n)))
		return false;
	/* In place, as a chaining key is. */
	memcpy(buf, bytes, n);
	mpcnet_kdf(buf, NULL, NULL, NULL, 0, buf);
	return mpcnet_expect(!memcmp(buf, kdf_empty, n));
}

static bool __init dh_ok(u8 *buf)
{
	static const u8 zero[MPCNET_NOISE_KEY_LEN] __initconst;
	const size_t n = MPCNET_NOISE_KEY_LEN;
	size_t i;

	if (!mpcnet_expect(mpcnet_dh(buf, dh_scalar, dh_point)) ||
	    !mpcnet_expect(!memcmp(buf, dh_shared, n)) ||
	    !mpcnet_expect(mpcnet_dh_public(buf, dh_a)) ||
	    !mpcnet_expect(!memcmp(buf, dh_a_public, n)) ||
	    !mpcnet_expect(mpcnet_dh_public(buf, dh_b)) ||
	    !mpcnet_expect(!memcmp(buf, dh_b_public, n)) ||
	    !mpcnet_expect(mpcnet_dh(buf, dh_a, dh_b_public)) ||
	    !mpcnet_expect(!memcmp(buf, dh_ab, n)) ||
	    !mpcnet_expect(mpcnet_dh(buf, dh_b, dh_a_public)) ||
	    !mpcnet_expect(!memcmp(buf, dh_ab, n)))
		return false;
	for (i = 0; i < sizeof(dh_low_order); i += n)
		if (!mpcnet_expect(!mpcnet_dh(buf, dh_a, dh_low_order + i)) ||
		    !mpcnet_expect(!memcmp(buf, zero, n)))
			return false;
	return true;
}

static bool __init generate_ok(u8 *buf)
{
	static const u8 zero[MPCNET_NOISE_KEY_LEN] __initconst;

	mpcnet_dh_generate(buf);
	mpcnet_dh_generate(buf + 32);
	if (!mpcnet_expect(memcmp(buf, buf + 32, 32)) ||
	    !mpcnet_expect(!(buf[0] & 7) && buf[31] >> 6 == 1) ||
	    !mpcnet_expect(!mpcnet_dh_public(buf, zero)))
		return false;
	memset(buf, 0xff, 32);
	mpcnet_dh_clamp(buf);
	return mpcnet_expect(buf[0] == 0xf8 && buf[1] == 0xff && buf[31] == 0x7f);
}

/**
 * mpcnet_selftest_crypto() - test the cryptography
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_crypto(void)
{
	u8 *buf = kmalloc(LONGEST + 2 * MPCNET_SEAL_ROOM, GFP_KERNEL);
	bool ok;
	int i;

	for (i = 0; i < ARRAY_SIZE(bytes); i++)
		bytes[i] = i;
	ok = mpcnet_expect(buf) && aead_ok(buf) && chain_ok(buf) &&
	     aead_ad_ok(buf) && xaead_ok(buf) && hash_ok(buf) && kdf_ok(buf) &&
	     dh_ok(buf) && generate_ok(buf);
	kfree(buf);
	return ok;
}
