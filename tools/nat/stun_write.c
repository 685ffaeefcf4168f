// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of STUN made (RFC 8489 sections 5 and 14), in the order
 *
 *	stun_begin()		the header
 *	stun_put...()		attributes
 *	stun_seal_sha1()	integrity, if there is a key
 *	stun_seal_sha256()
 *	stun_end()		FINGERPRINT, and the length
 */
#include "stun.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define KEY_LEN 16
/* RFC 8489 section 14.8: fewer than 128 characters; in ASCII these are bytes. */
#define REASON_MAX 127

static void set16(uint8_t *data, uint16_t value)
{
	data[0] = (uint8_t)(value >> 8);
	data[1] = (uint8_t)value;
}

static void set32(uint8_t *data, uint32_t value)
{
	set16(data, (uint16_t)(value >> 16));
	set16(data + 2, (uint16_t)value);
}

/**
 * stun_new_id() - choose a transaction, RFC 8489 section 5
 * @id: gets 96 random bits
 *
 * Return: false if there is no randomness.
 */
bool stun_new_id(uint8_t id[STUN_ID_LEN])
{
	return RAND_bytes(id, STUN_ID_LEN) == 1;
}

/**
 * stun_begin() - begin a message
 * @b: the message; failed if there is no room for a header
 * @data: where to make it
 * @room: bytes there
 * @class: of enum stun_class
 * @method: of enum stun_method
 * @id: transaction, of stun_new_id() or of the request that is answered
 */
void stun_begin(struct stun_builder *b, void *data, size_t room, enum stun_class class,
		enum stun_method method, const uint8_t id[STUN_ID_LEN])
{
	unsigned int m = method, c = class;

	*b = (struct stun_builder){ .data = data, .room = room, .failed = room < STUN_HEADER_LEN };
	if (b->failed)
		return;
	/* The bits of the class stand among those of the method. */
	set16(b->data, (uint16_t)((m & 0xf) | (m & 0x70) << 1 | (m & 0xf80) << 2 | (c & 1) << 4 |
				  (c & 2) << 7));
	set16(b->data + 2, 0);
	set32(b->data + 4, STUN_COOKIE);
	memcpy(b->data + 8, id, STUN_ID_LEN);
	b->len = STUN_HEADER_LEN;
}

/* Adds an attribute of zeros. Return: where its value is, NULL if failed. */
static uint8_t *add(struct stun_builder *b, enum stun_type type, size_t len)
{
	uint8_t *at = b->data + b->len;
	size_t padded;

	if (b->failed)
		return NULL;
	if (len > UINT16_MAX) {
		b->failed = true;
		return NULL;
	}
	padded = 4 + (len + 3) / 4 * 4;
	if (padded > b->room - b->len || b->len + padded - STUN_HEADER_LEN > UINT16_MAX) {
		b->failed = true;
		return NULL;
	}
	memset(at, 0, padded);
	set16(at, (uint16_t)type);
	set16(at + 2, (uint16_t)len);
	b->len += padded;
	set16(b->data + 2, (uint16_t)(b->len - STUN_HEADER_LEN));
	return at + 4;
}

/**
 * stun_put() - add an attribute
 * @b: the message; failed if it does not fit
 * @type: of enum stun_type
 * @value: its value
 * @len: bytes of @value, which are padded with zeros to a multiple of 4
 */
void stun_put(struct stun_builder *b, enum stun_type type, const void *value, size_t len)
{
	uint8_t *at = add(b, type, len);

	if (at && len)
		memcpy(at, value, len);
}

/**
 * stun_put_u32() - add an attribute of 4 bytes
 * @b: the message; failed if it does not fit
 * @type: of enum stun_type
 * @value: its value; a channel stands in the upper half, a protocol in the
 * uppermost byte (RFC 8656 sections 18.1 and 18.7)
 */
void stun_put_u32(struct stun_builder *b, enum stun_type type, uint32_t value)
{
	uint8_t *at = add(b, type, 4);

	if (at)
		set32(at, value);
}

static bool is_plain(enum stun_type type)
{
	return type == STUN_MAPPED_ADDRESS || type == STUN_OTHER_ADDRESS ||
	       type == STUN_RESPONSE_ORIGIN || type == STUN_ALTERNATE_SERVER;
}

/**
 * stun_put_address() - add an address, RFC 8489 sections 14.1 and 14.2
 * @b: the message; failed if it does not fit, or @address is not there
 * @type: one that has an address; masked with cookie and transaction if its
 * name begins with XOR
 * @address: of IPv4 or of IPv6
 */
void stun_put_address(struct stun_builder *b, enum stun_type type,
		      const union mpcnet_endpoint *address)
{
	bool six = address->sa.sa_family == AF_INET6;
	size_t len = six ? 16 : 4;
	uint8_t *at;

	if (!six && address->sa.sa_family != AF_INET)
		b->failed = true;
	at = add(b, type, 4 + len);
	if (!at)
		return;
	at[1] = six ? 2 : 1;
	/* Port and address are in network order. */
	memcpy(at + 2, six ? &address->in6.sin6_port : &address->in.sin_port, 2);
	memcpy(at + 4, six ? (const void *)&address->in6.sin6_addr : &address->in.sin_addr, len);
	if (is_plain(type))
		return;
	at[2] ^= b->data[4];
	at[3] ^= b->data[5];
	for (size_t i = 0; i < len; i++)
		at[4 + i] ^= b->data[4 + i];
}

/**
 * stun_put_error() - add ERROR-CODE, RFC 8489 section 14.8
 * @b: the message; failed if it does not fit, or the code is none
 * @code: 300 to 699
 * @reason: words in UTF-8; what is beyond 127 bytes is cut off
 */
void stun_put_error(struct stun_builder *b, enum stun_code code, const char *reason)
{
	size_t len = strnlen(reason, REASON_MAX + 1);
	uint8_t *at;

	if (len > REASON_MAX) {
		/* Not in the middle of a character. */
		for (len = REASON_MAX; len && (reason[len] & 0xc0) == 0x80;)
			len--;
	}
	if (code < 300 || code > 699)
		b->failed = true;
	at = add(b, STUN_ERROR_CODE, 4 + len);
	if (!at)
		return;
	at[2] = (uint8_t)(code / 100);
	at[3] = (uint8_t)(code % 100);
	memcpy(at + 4, reason, len);
}

/* The length in the header counts the integrity, whose value is what comes
 * before it, RFC 8489 section 14.5.
 */
static void seal(struct stun_builder *b, enum stun_type type, const EVP_MD *md, size_t size,
		 const void *key, size_t len)
{
	size_t covered = b->len;
	uint8_t *at = add(b, type, size);

	if (at && (len > INT_MAX || !HMAC(md, key, (int)len, b->data, covered, at, NULL)))
		b->failed = true;
}

/**
 * stun_seal_sha1() - add MESSAGE-INTEGRITY, RFC 8489 section 14.5
 * @b: the message; failed if it does not fit
 * @key: the key
 * @len: its length in bytes
 */
void stun_seal_sha1(struct stun_builder *b, const void *key, size_t len)
{
	seal(b, STUN_MESSAGE_INTEGRITY, EVP_sha1(), STUN_SHA1_LEN, key, len);
}

/**
 * stun_seal_sha256() - add MESSAGE-INTEGRITY-SHA256, RFC 8489 section 14.6
 * @b: the message; failed if it does not fit
 * @key: the key
 * @len: its length in bytes
 *
 * All of its 32 bytes.
 */
void stun_seal_sha256(struct stun_builder *b, const void *key, size_t len)
{
	seal(b, STUN_MESSAGE_INTEGRITY_SHA256, EVP_sha256(), STUN_SHA256_LEN, key, len);
}

/**
 * stun_end() - add FINGERPRINT, RFC 8489 section 14.7, and end the message
 * @b: the message
 *
 * Return: its length in bytes, 0 if it failed.
 */
size_t stun_end(struct stun_builder *b)
{
	size_t covered = b->len;
	uint8_t *at = add(b, STUN_FINGERPRINT, 4);

	if (!at)
		return 0;
	set32(at, stun_fingerprint(b->data, covered));
	return b->failed ? 0 : b->len;
}

/**
 * stun_long_term_key() - key of a user, RFC 8489 section 9.2.2
 * @key: gets MD5 of "username:realm:password"; secret
 * @username: name of the user
 * @realm: REALM of the server
 * @password: secret
 *
 * The words are taken as they are. ASCII needs no preparation (RFC 8265); of
 * other characters the form that the server stored must be given.
 *
 * Return: false if there is no MD5.
 */
bool stun_long_term_key(uint8_t key[KEY_LEN], const char *username, const char *realm,
			const char *password)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) &&
		  EVP_DigestUpdate(ctx, username, strlen(username)) &&
		  EVP_DigestUpdate(ctx, ":", 1) && EVP_DigestUpdate(ctx, realm, strlen(realm)) &&
		  EVP_DigestUpdate(ctx, ":", 1) &&
		  EVP_DigestUpdate(ctx, password, strlen(password)) &&
		  EVP_DigestFinal_ex(ctx, key, NULL);

	EVP_MD_CTX_free(ctx);
	return ok;
}
