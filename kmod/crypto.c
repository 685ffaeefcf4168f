// SPDX-License-Identifier: GPL-2.0
/*
 * Every call into the kernel's cryptography. What is done for each packet is
 * made of the library's ChaCha20 and Poly1305, in fewer calls than its AEAD
 * takes; the rest is the library's linear forms. All but the packet's own AEAD
 * run in process context; none sleeps or allocates.
 */
#include "crypto.h"

#include <crypto/algapi.h>
#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <crypto/poly1305.h>
#include <linux/string.h>
#include <linux/unaligned.h>

static_assert(MPCNET_NOISE_KEY_LEN == CHACHA20POLY1305_KEY_SIZE);
static_assert(MPCNET_NOISE_KEY_LEN == CURVE25519_KEY_SIZE);
static_assert(MPCNET_TAG_LEN == CHACHA20POLY1305_AUTHTAG_SIZE);
static_assert(MPCNET_COOKIE_NONCE_LEN == XCHACHA20POLY1305_NONCE_SIZE);
static_assert(MPCNET_HASH_LEN == BLAKE2S_HASH_SIZE);

/*
 * The beginning of a message's key stream, RFC 8439 section 2.8: block 0 makes
 * the key of the tag, the text follows from block 1 on. They come from one
 * call, since SIMD code makes eight blocks at once, and a single one is made
 * without it: so a last block that would be alone is taken along, too.
 */
#define BEGINNING (7 * CHACHA_BLOCK_SIZE)

struct beginning {
	u8 tag_key[CHACHA_BLOCK_SIZE];
	u8 text[BEGINNING + CHACHA_BLOCK_SIZE];
};

/* Put the beginning of @text into @b, encrypted; gives its length. */
static size_t begin(u32 state[CHACHA_STATE_WORDS], struct beginning *b,
		    const u8 *text, size_t len, u64 nonce,
		    const u8 key[MPCNET_NOISE_KEY_LEN])
{
	size_t first = len <= sizeof(b->text) ? len : BEGINNING;

	chacha_init_consts(state);
	memcpy(&state[4], key, MPCNET_NOISE_KEY_LEN);
	le32_to_cpu_array(&state[4], MPCNET_NOISE_KEY_LEN / sizeof(u32));
	state[12] = 0;
	state[13] = 0;
	state[14] = lower_32_bits(nonce);
	state[15] = upper_32_bits(nonce);

	memset(b->tag_key, 0, sizeof(b->tag_key));
	memcpy(b->text, text, first);
	chacha20_crypt(state, b->tag_key, b->tag_key, sizeof(b->tag_key) + first);
	return first;
}

/*
 * The tag of a ciphertext without additional data. With @room for two blocks
 * behind it, the padding and the lengths are put there, which spares a call.
 */
static void make_tag(u8 tag[MPCNET_TAG_LEN], u8 *data, size_t len, bool room,
		     const u8 key[POLY1305_KEY_SIZE])
{
	size_t whole = len - len % POLY1305_BLOCK_SIZE;
	size_t all = ALIGN(len, POLY1305_BLOCK_SIZE) + POLY1305_BLOCK_SIZE;
	u8 end[2 * POLY1305_BLOCK_SIZE];
	u8 *last = room ? data + whole : end;
	struct poly1305_desc_ctx poly;

	if (!room)
		memcpy(end, data + whole, len - whole);
	memset(last + len - whole, 0, all - len - sizeof(u64));
	put_unaligned_le64(len, last + all - whole - sizeof(u64));

	poly1305_init(&poly, key);
	if (likely(room)) {
		poly1305_update(&poly, data, all);
	} else {
		poly1305_update(&poly, data, whole);
		poly1305_update(&poly, end, all - whole);
	}
	poly1305_final(&poly, tag);	/* zeroes the key, too */
}

/**
 * mpcnet_aead_seal() - encrypt a packet in place
 * @data: plaintext; the MPCNET_SEAL_ROOM bytes behind it are written to
 * @len: length of the plaintext, in bytes
 * @nonce: the message's counter
 * @key: sending key
 *
 * Context: any; fastest where SIMD may be used.
 */
void mpcnet_aead_seal(u8 *data, size_t len, u64 nonce,
		      const u8 key[MPCNET_NOISE_KEY_LEN])
{
	u32 state[CHACHA_STATE_WORDS];
	struct beginning b;
	size_t first;

	first = begin(state, &b, data, len, nonce, key);
	memcpy(data, b.text, first);
	if (len > first)
		chacha20_crypt(state, data + first, data + first, len - first);
	make_tag(data + len, data, len, true, b.tag_key);
	memzero_explicit(b.tag_key, POLY1305_KEY_SIZE);
	memzero_explicit(state, sizeof(state));
}

/**
 * mpcnet_aead_open() - verify and decrypt a packet in place
 * @data: ciphertext and tag
 * @len: length of both, in bytes
 * @room: bytes behind them that are written to, too, and then as they were:
 *	15 are enough, with less it takes longer
 * @nonce: the message's counter
 * @key: receiving key
 *
 * The tag is compared in constant time, and nothing decrypted if it is wrong.
 *
 * Context: any; fastest where SIMD may be used.
 * Return: true if authentic.
 */
bool mpcnet_aead_open(u8 *data, size_t len, size_t room, u64 nonce,
		      const u8 key[MPCNET_NOISE_KEY_LEN])
{
	u8 tag[MPCNET_TAG_LEN], behind[MPCNET_SEAL_ROOM];
	u32 state[CHACHA_STATE_WORDS];
	struct beginning b;
	size_t first, pad;
	bool ok;

	if (len < MPCNET_TAG_LEN)
		return false;
	len -= MPCNET_TAG_LEN;
	pad = -len % POLY1305_BLOCK_SIZE;
	room = min(pad, room);
	memcpy(behind, data + len, MPCNET_TAG_LEN);
	if (unlikely(room))
		memcpy(behind + MPCNET_TAG_LEN, data + len + MPCNET_TAG_LEN, room);

	first = begin(state, &b, data, len, nonce, key);
	make_tag(tag, data, len, room == pad, b.tag_key);
	memcpy(data + len, behind, MPCNET_TAG_LEN);
	if (unlikely(room))
		memcpy(data + len + MPCNET_TAG_LEN, behind + MPCNET_TAG_LEN, room);
	ok = !crypto_memneq(tag, behind, sizeof(tag));
	if (likely(ok)) {
		memcpy(data, b.text, first);
		if (len > first)
			chacha20_crypt(state, data + first, data + first,
				       len - first);
	}
	memzero_explicit(b.tag_key, POLY1305_KEY_SIZE);
	memzero_explicit(state, sizeof(state));
	return ok;
}

/**
 * mpcnet_aead_seal_ad() - encrypt a field of the handshake, with nonce 0
 * @dst: ciphertext and tag
 * @src: plaintext
 * @len: length of @src, in bytes
 * @ad: additional data
 * @ad_len: length of @ad, in bytes
 * @key: key that is used once
 */
void mpcnet_aead_seal_ad(u8 *dst, const u8 *src, size_t len, const u8 *ad,
			 size_t ad_len, const u8 key[MPCNET_NOISE_KEY_LEN])
{
	chacha20poly1305_encrypt(dst, src, len, ad, ad_len, 0, key);
}

/**
 * mpcnet_aead_open_ad() - verify and decrypt a field of the handshake
 * @dst: plaintext
 * @src: ciphertext and tag
 * @len: length of @src, in bytes
 * @ad: additional data
 * @ad_len: length of @ad, in bytes
 * @key: key that is used once
 *
 * Return: true if authentic.
 */
bool mpcnet_aead_open_ad(u8 *dst, const u8 *src, size_t len, const u8 *ad,
			 size_t ad_len, const u8 key[MPCNET_NOISE_KEY_LEN])
{
	return chacha20poly1305_decrypt(dst, src, len, ad, ad_len, 0, key);
}

/**
 * mpcnet_xaead_seal() - encrypt a cookie
 * @dst: ciphertext and tag
 * @src: plaintext
 * @len: length of @src, in bytes
 * @ad: additional data
 * @ad_len: length of @ad, in bytes
 * @nonce: random nonce
 * @key: key
 */
void mpcnet_xaead_seal(u8 *dst, const u8 *src, size_t len, const u8 *ad,
		       size_t ad_len, const u8 nonce[MPCNET_COOKIE_NONCE_LEN],
		       const u8 key[MPCNET_NOISE_KEY_LEN])
{
	xchacha20poly1305_encrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * mpcnet_xaead_open() - verify and decrypt a cookie
 * @dst: plaintext
 * @src: ciphertext and tag
 * @len: length of @src, in bytes
 * @ad: additional data
 * @ad_len: length of @ad, in bytes
 * @nonce: nonce
 * @key: key
 *
 * Return: true if authentic.
 */
bool mpcnet_xaead_open(u8 *dst, const u8 *src, size_t len, const u8 *ad,
		       size_t ad_len, const u8 nonce[MPCNET_COOKIE_NONCE_LEN],
		       const u8 key[MPCNET_NOISE_KEY_LEN])
{
	return xchacha20poly1305_decrypt(dst, src, len, ad, ad_len, nonce, key);
}

/**
 * mpcnet_hash2() - BLAKE2s of two strings, one behind the other
 * @out: hash; may be @a
 * @a: first string
 * @a_len: its length, in bytes
 * @b: second string
 * @b_len: its length, in bytes
 */
void mpcnet_hash2(u8 out[MPCNET_HASH_LEN], const void *a, size_t a_len,
		  const void *b, size_t b_len)
{
	struct blake2s_state state;

	blake2s_init(&state, MPCNET_HASH_LEN);
	blake2s_update(&state, a, a_len);
	blake2s_update(&state, b, b_len);
	blake2s_final(&state, out);
}

/**
 * mpcnet_mac2() - keyed BLAKE2s of two strings, one behind the other
 * @out: MAC
 * @a: first string
 * @a_len: its length, in bytes
 * @b: second string
 * @b_len: its length, in bytes
 * @key: key
 * @key_len: length of @key, in bytes, at most 32
 */
void mpcnet_mac2(u8 out[MPCNET_MAC_LEN], const void *a, size_t a_len,
		 const void *b, size_t b_len, const u8 *key, size_t key_len)
{
	struct blake2s_state state;

	blake2s_init_key(&state, MPCNET_MAC_LEN, key, key_len);
	blake2s_update(&state, a, a_len);
	blake2s_update(&state, b, b_len);
	blake2s_final(&state, out);
}

/**
 * mpcnet_mac() - keyed BLAKE2s
 * @out: MAC
 * @data: what is authenticated
 * @len: its length, in bytes
 * @key: key
 * @key_len: length of @key, in bytes, at most 32
 */
void mpcnet_mac(u8 out[MPCNET_MAC_LEN], const void *data, size_t len,
		const u8 *key, size_t key_len)
{
	mpcnet_mac2(out, data, len, NULL, 0, key, key_len);
}

/* HMAC-BLAKE2s (RFC 2104) with a key of one hash, over two strings */
static void hmac(u8 out[MPCNET_HASH_LEN], const u8 key[MPCNET_HASH_LEN],
		 const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	u8 pad[BLAKE2S_BLOCK_SIZE] __aligned(__alignof__(u32)) = { 0 };
	u8 inner[MPCNET_HASH_LEN];
	struct blake2s_state state;
	int i;

	memcpy(pad, key, MPCNET_HASH_LEN);
	for (i = 0; i < BLAKE2S_BLOCK_SIZE; i++)
		pad[i] ^= 0x36;
	blake2s_init(&state, MPCNET_HASH_LEN);
	blake2s_update(&state, pad, BLAKE2S_BLOCK_SIZE);
	blake2s_update(&state, a, a_len);
	blake2s_update(&state, b, b_len);
	blake2s_final(&state, inner);

	for (i = 0; i < BLAKE2S_BLOCK_SIZE; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	mpcnet_hash2(out, pad, BLAKE2S_BLOCK_SIZE, inner, MPCNET_HASH_LEN);

	memzero_explicit(pad, sizeof(pad));
	memzero_explicit(inner, sizeof(inner));
}

/**
 * mpcnet_kdf() - HKDF of Noise (section 4.3 of its specification)
 * @first: first key; may be @chaining_key
 * @second: second key, or NULL
 * @third: third key, or NULL
 * @data: input key material
 * @len: its length, in bytes
 * @chaining_key: chaining key
 */
void mpcnet_kdf(u8 *first, u8 *second, u8 *third, const u8 *data, size_t len,
		const u8 chaining_key[MPCNET_HASH_LEN])
{
	u8 *out[] = { first, second, third };
	u8 secret[MPCNET_HASH_LEN], last[MPCNET_HASH_LEN];
	u8 i, last_len = 0;

	hmac(secret, chaining_key, data, len, NULL, 0);
	for (i = 0; i < ARRAY_SIZE(out) && out[i]; i++) {
		u8 number = i + 1;

		hmac(last, secret, last, last_len, &number, 1);
		memcpy(out[i], last, MPCNET_HASH_LEN);
		last_len = MPCNET_HASH_LEN;
	}
	memzero_explicit(secret, sizeof(secret));
	memzero_explicit(last, sizeof(last));
}

/**
 * mpcnet_dh() - Curve25519
 * @out: shared secret, zeros if it is refused
 * @private_key: own private key
 * @public_key: the other's public key
 *
 * Return: false if the result is zero, as it is for a point of low order.
 */
bool mpcnet_dh(u8 out[MPCNET_NOISE_KEY_LEN],
	       const u8 private_key[MPCNET_NOISE_KEY_LEN],
	       const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	return curve25519(out, private_key, public_key);
}

/**
 * mpcnet_dh_public() - public key of a private one
 * @public_key: result
 * @private_key: private key
 *
 * Return: false if the private key is all zeros.
 */
bool mpcnet_dh_public(u8 public_key[MPCNET_NOISE_KEY_LEN],
		      const u8 private_key[MPCNET_NOISE_KEY_LEN])
{
	return curve25519_generate_public(public_key, private_key);
}

/**
 * mpcnet_dh_generate() - make a private key
 * @private_key: result
 *
 * Context: process, waits for the random number generator's seed.
 */
void mpcnet_dh_generate(u8 private_key[MPCNET_NOISE_KEY_LEN])
{
	curve25519_generate_secret(private_key);
}

/**
 * mpcnet_dh_clamp() - bring a private key into its canonical form (RFC 7748)
 * @private_key: key
 */
void mpcnet_dh_clamp(u8 private_key[MPCNET_NOISE_KEY_LEN])
{
	curve25519_clamp_secret(private_key);
}
