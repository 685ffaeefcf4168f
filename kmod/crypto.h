/* SPDX-License-Identifier: GPL-2.0 */
/* Every call into the kernel's cryptography stands in crypto.c. */
#ifndef _MPCNET_CRYPTO_H
#define _MPCNET_CRYPTO_H

#include "proto.h"

/* Behind a plaintext: padding to a block, and the tag */
#define MPCNET_SEAL_ROOM (MPCNET_PAD_LEN - 1 + MPCNET_TAG_LEN)

void mpcnet_aead_seal(u8 *data, size_t len, u64 nonce,
		      const u8 key[MPCNET_NOISE_KEY_LEN]);
bool mpcnet_aead_open(u8 *data, size_t len, size_t room, u64 nonce,
		      const u8 key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_aead_seal_ad(u8 *dst, const u8 *src, size_t len, const u8 *ad,
			 size_t ad_len, const u8 key[MPCNET_NOISE_KEY_LEN]);
bool mpcnet_aead_open_ad(u8 *dst, const u8 *src, size_t len, const u8 *ad,
			 size_t ad_len, const u8 key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_xaead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad,
		       size_t ad_len, const u8 nonce[MPCNET_COOKIE_NONCE_LEN],
		       const u8 key[MPCNET_NOISE_KEY_LEN]);
bool mpcnet_xaead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad,
		       size_t ad_len, const u8 nonce[MPCNET_COOKIE_NONCE_LEN],
		       const u8 key[MPCNET_NOISE_KEY_LEN]);

void mpcnet_hash2(u8 out[MPCNET_HASH_LEN], const void *a, size_t a_len,
		  const void *b, size_t b_len);
void mpcnet_mac(u8 out[MPCNET_MAC_LEN], const void *data, size_t len,
		const u8 *key, size_t key_len);
void mpcnet_mac2(u8 out[MPCNET_MAC_LEN], const void *a, size_t a_len,
		 const void *b, size_t b_len, const u8 *key, size_t key_len);
void mpcnet_kdf(u8 *first, u8 *second, u8 *third, const u8 *data, size_t len,
		const u8 chaining_key[MPCNET_HASH_LEN]);

bool mpcnet_dh(u8 out[MPCNET_NOISE_KEY_LEN],
	       const u8 private_key[MPCNET_NOISE_KEY_LEN],
	       const u8 public_key[MPCNET_NOISE_KEY_LEN]);
bool mpcnet_dh_public(u8 public_key[MPCNET_NOISE_KEY_LEN],
		      const u8 private_key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_dh_generate(u8 private_key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_dh_clamp(u8 private_key[MPCNET_NOISE_KEY_LEN]);

#endif /* _MPCNET_CRYPTO_H */
