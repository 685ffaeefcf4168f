// SPDX-License-Identifier: GPL-2.0
/*
 * What proves that a message is whole: FINGERPRINT, that it is STUN and not
 * damaged; an integrity, that who sent it has the key (RFC 8489 section 14).
 */
#include "stun.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define ATTRIBUTE_LEN 4

/**
 * stun_fingerprint() - value of FINGERPRINT, RFC 8489 section 14.7
 * @data: the message, with the length that it has in the end
 * @len: bytes before the attribute
 *
 * Return: CRC-32 of ITU V.42, in disguise.
 */
uint32_t stun_fingerprint(const void *data, size_t len)
{
	/* Remainders of the 16 values of half a byte. */
	static const uint32_t half[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const uint8_t *bytes = data;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ half[crc & 15];
		crc = crc >> 4 ^ half[crc & 15];
	}
	return ~crc ^ 0x5354554e;
}

/* The length in the header is that up to the end of the integrity, as it was
 * when that was computed, RFC 8489 section 14.5.
 */
static bool hmac(uint8_t *sum, size_t sum_len, char *digest, const struct stun_message *message,
		 size_t at, size_t value_len, const void *key, size_t key_len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	size_t length = at + ATTRIBUTE_LEN + value_len - STUN_HEADER_LEN;
	uint8_t header[STUN_HEADER_LEN];
	EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	bool ok;

	memcpy(header, message->whole.data, sizeof(header));
	header[2] = (uint8_t)(length >> 8);
	header[3] = (uint8_t)length;
	ok = ctx && EVP_MAC_init(ctx, key, key_len, params) &&
	     EVP_MAC_update(ctx, header, sizeof(header)) &&
	     EVP_MAC_update(ctx, message->whole.data + sizeof(header), at - sizeof(header)) &&
	     EVP_MAC_final(ctx, sum, &sum_len, sum_len);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ok;
}

/**
 * stun_verify_sha1() - is MESSAGE-INTEGRITY there and right?
 * @message: of stun_decode(); its bytes must still be there
 * @key: the key, RFC 8489 section 9
 * @len: its length in bytes
 *
 * Return: false if not.
 */
bool stun_verify_sha1(const struct stun_message *message, const void *key, size_t len)
{
	uint8_t sum[STUN_SHA1_LEN];

	return message->sha1_at &&
	       hmac(sum, sizeof(sum), "SHA1", message, message->sha1_at, STUN_SHA1_LEN, key, len) &&
	       !CRYPTO_memcmp(sum, message->whole.data + message->sha1_at + ATTRIBUTE_LEN,
			      STUN_SHA1_LEN);
}

/**
 * stun_verify_sha256() - is MESSAGE-INTEGRITY-SHA256 there and right?
 * @message: of stun_decode(); its bytes must still be there
 * @key: the key, RFC 8489 section 9
 * @len: its length in bytes
 *
 * As many bytes are compared as came, 16 to 32 (RFC 8489 section 14.6).
 *
 * Return: false if not.
 */
bool stun_verify_sha256(const struct stun_message *message, const void *key, size_t len)
{
	uint8_t sum[STUN_SHA256_LEN];

	return message->sha256_at &&
	       hmac(sum, sizeof(sum), "SHA256", message, message->sha256_at, message->sha256_len,
		    key, len) &&
	       !CRYPTO_memcmp(sum, message->whole.data + message->sha256_at + ATTRIBUTE_LEN,
			      message->sha256_len);
}
