// SPDX-License-Identifier: GPL-2.0
/*
 * Keys as text, and the three operations on them. The codec looks at every
 * digit of its alphabet for every digit of the text, so that neither a branch
 * nor an address depends on a secret.
 */
#include "key.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdefABCDEF";

/* All ones if the bytes are equal, else 0. */
static uint32_t equal_mask(uint8_t a, uint8_t b)
{
	return -((((uint32_t)a ^ b) - 1) >> 31);
}

static char digit_at(const char *digits, uint32_t count, uint32_t value)
{
	uint32_t c = 0;

	for (uint32_t i = 0; i < count; i++)
		c |= (uint8_t)digits[i] & equal_mask(i, value);
	return (char)c;
}

/* The value of a digit; *bad gets a bit if it is none. */
static uint32_t digit_value(const char *digits, uint32_t count, char c, uint32_t *bad)
{
	uint32_t value = 0, found = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t mask = equal_mask(digits[i], c);

		value |= i & mask;
		found |= mask;
	}
	*bad |= ~found;
	return value;
}

static uint32_t hex_value(char c, uint32_t *bad)
{
	uint32_t value = digit_value(hex_digits, 22, c, bad);

	/* The capitals stand behind the small ones. */
	return value - (6 & (15 - value) >> 28);
}

/**
 * mpcnet_key_to_text() - a key as base64
 * @text: gets 44 characters and a 0
 * @key: the key
 */
void mpcnet_key_to_text(char text[MPCNET_KEY_TEXT_LEN + 1], const uint8_t key[MPCNET_KEY_LEN])
{
	uint32_t bits = 0;
	unsigned int have = 0, at = 0;

	for (unsigned int i = 0; i < MPCNET_KEY_LEN; i++) {
		bits = bits << 8 | key[i];
		for (have += 8; have >= 6; have -= 6)
			text[at++] = digit_at(base64_digits, 64, bits >> (have - 6) & 63);
	}
	/* 256 bits are 42 digits and 4 bits. */
	text[at++] = digit_at(base64_digits, 64, bits << 2 & 63);
	text[at++] = '=';
	text[at] = '\0';
}

/**
 * mpcnet_key_from_text() - read a key in base64
 * @key: gets the key; its contents are undefined if the text is refused
 * @text: the text, which needs no 0 at its end
 * @len: its length
 *
 * One key has one spelling: RFC 4648 section 3.5, the two bits that are left
 * over must be zero.
 *
 * Return: false if that is no key.
 */
bool mpcnet_key_from_text(uint8_t key[MPCNET_KEY_LEN], const char *text, size_t len)
{
	uint32_t bits = 0, bad = 0;
	unsigned int have = 0, at = 0;

	if (len != MPCNET_KEY_TEXT_LEN || text[len - 1] != '=')
		return false;
	for (unsigned int i = 0; i < MPCNET_KEY_TEXT_LEN - 1; i++) {
		bits = bits << 6 | digit_value(base64_digits, 64, text[i], &bad);
		have += 6;
		if (have >= 8) {
			have -= 8;
			key[at++] = (uint8_t)(bits >> have);
		}
	}
	return !(bad | (bits & 3));
}

/**
 * mpcnet_key_from_hex() - read a key in hexadecimal
 * @key: gets the key; its contents are undefined if the text is refused
 * @text: the text, which needs no 0 at its end
 * @len: its length
 *
 * Return: false if that is no key.
 */
bool mpcnet_key_from_hex(uint8_t key[MPCNET_KEY_LEN], const char *text, size_t len)
{
	uint32_t bad = 0;

	if (len != MPCNET_KEY_HEX_LEN)
		return false;
	for (unsigned int i = 0; i < MPCNET_KEY_LEN; i++)
		key[i] = (uint8_t)(hex_value(text[2 * i], &bad) << 4 |
				   hex_value(text[2 * i + 1], &bad));
	return !bad;
}

/**
 * mpcnet_key_looks_like() - is this word a key, where the name of a file was due?
 * @text: word of a command line
 *
 * Return: true for base64 and for hexadecimal, with or without the '='.
 */
bool mpcnet_key_looks_like(const char *text)
{
	char padded[MPCNET_KEY_TEXT_LEN + 1];
	size_t len = strlen(text);
	uint8_t key[MPCNET_KEY_LEN];
	bool is = false;

	if (len == MPCNET_KEY_TEXT_LEN - 1) {
		memcpy(padded, text, len);
		memcpy(padded + len, "=", 2);
		is = mpcnet_key_from_text(key, padded, sizeof(padded) - 1);
		explicit_bzero(padded, sizeof(padded));
	}
	is = is || mpcnet_key_from_text(key, text, len) || mpcnet_key_from_hex(key, text, len);
	explicit_bzero(key, sizeof(key));
	return is;
}

/**
 * mpcnet_key_is_zero() - does this key stand for "none"?
 * @key: the key
 *
 * Return: true if all bytes are zero; the time does not tell which are not.
 */
bool mpcnet_key_is_zero(const uint8_t key[MPCNET_KEY_LEN])
{
	uint8_t all = 0;

	for (unsigned int i = 0; i < MPCNET_KEY_LEN; i++)
		all |= key[i];
	return !all;
}

/**
 * mpcnet_key_random() - 32 bytes that nobody can guess
 * @key: gets them
 *
 * Return: false if there is no randomness.
 */
bool mpcnet_key_random(uint8_t key[MPCNET_KEY_LEN])
{
	return RAND_bytes(key, MPCNET_KEY_LEN) == 1;
}

/**
 * mpcnet_key_clamp() - make random bytes a private key, RFC 7748 section 5
 * @key: the bytes
 */
void mpcnet_key_clamp(uint8_t key[MPCNET_KEY_LEN])
{
	key[0] &= 248;
	key[31] &= 127;
	key[31] |= 64;
}

/**
 * mpcnet_key_public() - the public key that belongs to a private one
 * @public_key: gets it
 * @private_key: the private key, clamped or not
 *
 * Return: false if libcrypto fails.
 */
bool mpcnet_key_public(uint8_t public_key[MPCNET_KEY_LEN],
		       const uint8_t private_key[MPCNET_KEY_LEN])
{
	size_t len = MPCNET_KEY_LEN;
	EVP_PKEY *pkey;
	bool done;

	pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, MPCNET_KEY_LEN);
	if (!pkey)
		return false;
	done = EVP_PKEY_get_raw_public_key(pkey, public_key, &len) == 1 && len == MPCNET_KEY_LEN;
	EVP_PKEY_free(pkey);
	return done;
}
