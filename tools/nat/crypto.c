// SPDX-License-Identifier: GPL-2.0
#include "crypto.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/**
 * crypto_hash() - SHA-256 of bytes, for one purpose
 * @hash: gets it
 * @domain: the purpose; it is hashed first, with its 0, so that a hash for one
 * purpose is none for another
 * @data: the bytes
 *
 * Return: false if libcrypto fails.
 */
bool crypto_hash(uint8_t hash[CRYPTO_HASH_LEN], const char *domain, struct crypto_span data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done;

	done = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
	       EVP_DigestUpdate(ctx, domain, strlen(domain) + 1) == 1 &&
	       EVP_DigestUpdate(ctx, data.data, data.len) == 1 &&
	       EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return done;
}

/* libcrypto does not write where an OSSL_PARAM of its input points. */
static OSSL_PARAM octets(const char *name, struct crypto_span span)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)span.data, span.len);
}

/**
 * crypto_hkdf() - a key by HKDF-SHA256, RFC 5869
 * @key: gets it
 * @secret: input keying material
 * @salt: salt
 * @info: what the key is for
 *
 * Return: false if libcrypto fails.
 */
bool crypto_hkdf(uint8_t key[MPCNET_KEY_LEN], struct crypto_span secret, struct crypto_span salt,
		 struct crypto_span info)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
		octets(OSSL_KDF_PARAM_KEY, secret),
		octets(OSSL_KDF_PARAM_SALT, salt),
		octets(OSSL_KDF_PARAM_INFO, info),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool done = ctx && EVP_KDF_derive(ctx, key, MPCNET_KEY_LEN, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return done;
}

static bool encrypt(EVP_CIPHER_CTX *ctx, uint8_t *sealed, const uint8_t *key,
		    struct crypto_span plain, struct crypto_span ad)
{
	uint8_t *text = sealed + CRYPTO_NONCE_LEN;
	int len;

	return RAND_bytes(sealed, CRYPTO_NONCE_LEN) == 1 &&
	       EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, sealed) == 1 &&
	       EVP_EncryptUpdate(ctx, NULL, &len, ad.data, (int)ad.len) == 1 &&
	       EVP_EncryptUpdate(ctx, text, &len, plain.data, (int)plain.len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, text + len, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_LEN, text + plain.len) ==
		       1;
}

/**
 * crypto_seal() - encrypt by ChaCha20-Poly1305, RFC 8439, with a random nonce
 * @sealed: gets the nonce, the text and the tag: CRYPTO_SEAL_LEN more bytes
 * than @plain has
 * @key: the key
 * @plain: what is to be kept secret
 * @ad: what is to be the same for the one who opens it
 *
 * Return: false if libcrypto fails.
 */
bool crypto_seal(uint8_t *sealed, const uint8_t key[MPCNET_KEY_LEN], struct crypto_span plain,
		 struct crypto_span ad)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool done = ctx && plain.len <= INT_MAX && ad.len <= INT_MAX &&
		    encrypt(ctx, sealed, key, plain, ad);

	EVP_CIPHER_CTX_free(ctx);
	return done;
}

static bool decrypt(EVP_CIPHER_CTX *ctx, uint8_t *plain, const uint8_t *key,
		    struct crypto_span sealed, struct crypto_span ad)
{
	const uint8_t *nonce = sealed.data, *text = nonce + CRYPTO_NONCE_LEN;
	size_t text_len = sealed.len - CRYPTO_SEAL_LEN;
	uint8_t tag[CRYPTO_TAG_LEN];
	int len;

	memcpy(tag, text + text_len, sizeof(tag));
	return EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG_LEN, tag) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &len, ad.data, (int)ad.len) == 1 &&
	       EVP_DecryptUpdate(ctx, plain, &len, text, (int)text_len) == 1 &&
	       EVP_DecryptFinal_ex(ctx, plain + len, &len) == 1;
}

/**
 * crypto_open() - decrypt what crypto_seal() made
 * @plain: gets the text: CRYPTO_SEAL_LEN bytes less than @sealed has; to be
 * thrown away if it is refused
 * @key: the key
 * @sealed: nonce, text and tag
 * @ad: as it was then
 *
 * Return: false if it was not made with this key, or was changed.
 */
bool crypto_open(uint8_t *plain, const uint8_t key[MPCNET_KEY_LEN], struct crypto_span sealed,
		 struct crypto_span ad)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool done = ctx && sealed.len >= CRYPTO_SEAL_LEN && sealed.len <= INT_MAX &&
		    ad.len <= INT_MAX && decrypt(ctx, plain, key, sealed, ad);

	EVP_CIPHER_CTX_free(ctx);
	return done;
}
