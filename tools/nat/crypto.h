/* SPDX-License-Identifier: GPL-2.0 */
/* What tickets and cards need of libcrypto. */
#ifndef MPCNET_CRYPTO_H
#define MPCNET_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mpcnet.h>

#define CRYPTO_HASH_LEN 32
/* A nonce before the text, a tag behind it. */
#define CRYPTO_NONCE_LEN 12
#define CRYPTO_TAG_LEN 16
#define CRYPTO_SEAL_LEN (CRYPTO_NONCE_LEN + CRYPTO_TAG_LEN)

/**
 * struct crypto_span - bytes that go into a computation
 * @data: the first
 * @len: how many
 */
struct crypto_span {
	const void *data;
	size_t len;
};

bool crypto_hash(uint8_t hash[CRYPTO_HASH_LEN], const char *domain, struct crypto_span data);
bool crypto_hkdf(uint8_t key[MPCNET_KEY_LEN], struct crypto_span secret, struct crypto_span salt,
		 struct crypto_span info);
bool crypto_seal(uint8_t *sealed, const uint8_t key[MPCNET_KEY_LEN], struct crypto_span plain,
		 struct crypto_span ad);
bool crypto_open(uint8_t *plain, const uint8_t key[MPCNET_KEY_LEN], struct crypto_span sealed,
		 struct crypto_span ad);

#endif /* MPCNET_CRYPTO_H */
