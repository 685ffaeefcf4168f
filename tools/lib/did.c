// SPDX-License-Identifier: GPL-2.0
/*
 * A public X25519 key as a did:key (W3C CCG, "The did:key Method"):
 *
 *   did:key:   z          base58btc of
 *   method     multibase  +------+------+----------------+
 *              of base58  | 0xec | 0x01 | key (32 bytes) |
 *                         +------+------+----------------+
 *                          multicodec x25519-pub
 */
#include "did.h"

#include <string.h>

#define DID_PREFIX "did:key:z"
#define DID_BYTES (2 + MPCNET_KEY_LEN)
#define DID_DIGITS (MPCNET_DID_MAX - 9)

static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* Divide the big-endian number by 58 in place. Return: the remainder. */
static unsigned int divide(uint8_t number[DID_BYTES])
{
	unsigned int rest = 0;

	for (unsigned int i = 0; i < DID_BYTES; i++) {
		rest = rest << 8 | number[i];
		number[i] = (uint8_t)(rest / 58);
		rest %= 58;
	}
	return rest;
}

/* Multiply the number by 58 and add a digit. Return: false if it overflows. */
static bool multiply_add(uint8_t number[DID_BYTES], unsigned int carry)
{
	for (unsigned int i = DID_BYTES; i-- > 0;) {
		carry += number[i] * 58u;
		number[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry == 0;
}

/**
 * mpcnet_did_from_key() - name a public key
 * @did: gets the name and a 0
 * @key: the public key
 */
void mpcnet_did_from_key(char did[MPCNET_DID_MAX + 1], const uint8_t key[MPCNET_KEY_LEN])
{
	uint8_t number[DID_BYTES] = { 0xec, 0x01 };
	char text[DID_DIGITS];
	unsigned int at = DID_DIGITS;

	memcpy(number + 2, key, MPCNET_KEY_LEN);
	while (at > 0)
		text[--at] = digits[divide(number)];
	/* The first byte is never 0, so leading zeros are none of the number's. */
	while (text[at] == digits[0])
		at++;
	memcpy(did, DID_PREFIX, 9);
	memcpy(did + 9, text + at, DID_DIGITS - at);
	did[9 + DID_DIGITS - at] = '\0';
}

/**
 * mpcnet_did_to_key() - the public key that a name stands for
 * @key: gets the key; its contents are undefined if the name is refused
 * @did: the name
 *
 * Return: false if that is no did:key of an X25519 key, or not spelt as
 * mpcnet_did_from_key() does.
 */
bool mpcnet_did_to_key(uint8_t key[MPCNET_KEY_LEN], const char *did)
{
	uint8_t number[DID_BYTES] = { 0 };

	if (strncmp(did, DID_PREFIX, 9) || strlen(did) > MPCNET_DID_MAX || did[9] == digits[0])
		return false;
	for (const char *c = did + 9; *c; c++) {
		const char *digit = strchr(digits, *c);

		if (!digit || !multiply_add(number, (unsigned int)(digit - digits)))
			return false;
	}
	memcpy(key, number + 2, MPCNET_KEY_LEN);
	return number[0] == 0xec && number[1] == 0x01;
}
