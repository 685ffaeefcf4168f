/* SPDX-License-Identifier: GPL-2.0 */
/* BLAKE2s, RFC 7693, for the judge of what is on the wire. */
#ifndef MPCNET_SELFTEST_BLAKE2S_H
#define MPCNET_SELFTEST_BLAKE2S_H

#include <stddef.h>
#include <stdint.h>

#define BLAKE2S_BLOCK	64
#define BLAKE2S_HASH	32

/**
 * struct blake2s - a hash under way
 * @h: chain value
 * @t: bytes compressed so far
 * @block: bytes that wait for compression
 * @fill: how many of them
 * @out_len: length of the digest in bytes
 */
struct blake2s {
	uint32_t h[8];
	uint64_t t;
	uint8_t block[BLAKE2S_BLOCK];
	size_t fill;
	size_t out_len;
};

/* @out_len is 1 to 32, @key_len 0 to 32. */
void blake2s_begin(struct blake2s *ctx, size_t out_len, const void *key, size_t key_len);
void blake2s_add(struct blake2s *ctx, const void *data, size_t len);
void blake2s_end(struct blake2s *ctx, uint8_t *out);

/* All of the above at once; @key may be NULL if @key_len is 0. */
void blake2s_once(uint8_t *out, size_t out_len, const void *key, size_t key_len,
		  const void *data, size_t len);

/* HMAC of RFC 2104 with BLAKE2s-256, keys of at most one block. */
void blake2s_hmac(uint8_t out[BLAKE2S_HASH], const void *key, size_t key_len,
		  const void *data, size_t len);

#endif /* MPCNET_SELFTEST_BLAKE2S_H */
