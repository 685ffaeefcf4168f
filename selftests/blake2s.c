// SPDX-License-Identifier: GPL-2.0
/* BLAKE2s, RFC 7693. Sections and names are the RFC's. */
#include "blake2s.h"

#include <string.h>

/* Section 2.6, the initialisation vector. */
static const uint32_t iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Section 2.7, the message schedule. */
static const uint8_t sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

/* Which words each of the eight mixings of a round takes. */
static const uint8_t lanes[8][4] = {
	{ 0, 4, 8, 12 }, { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 },
};

static uint32_t rotate_right(uint32_t word, unsigned int bits)
{
	return word >> bits | word << (32 - bits);
}

static uint32_t load32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Section 3.1. */
static void mix(uint32_t *v, const uint8_t lane[4], uint32_t x, uint32_t y)
{
	uint32_t *a = &v[lane[0]], *b = &v[lane[1]], *c = &v[lane[2]], *d = &v[lane[3]];

	*a += *b + x;
	*d = rotate_right(*d ^ *a, 16);
	*c += *d;
	*b = rotate_right(*b ^ *c, 12);
	*a += *b + y;
	*d = rotate_right(*d ^ *a, 8);
	*c += *d;
	*b = rotate_right(*b ^ *c, 7);
}

/* Section 3.2. */
static void compress(struct blake2s *ctx, int last)
{
	uint32_t v[16], m[16];
	int round, i;

	for (i = 0; i < 16; i++)
		m[i] = load32(ctx->block + 4 * i);
	memcpy(v, ctx->h, sizeof(ctx->h));
	memcpy(v + 8, iv, sizeof(iv));
	v[12] ^= (uint32_t)ctx->t;
	v[13] ^= (uint32_t)(ctx->t >> 32);
	if (last)
		v[14] = ~v[14];
	for (round = 0; round < 10; round++)
		for (i = 0; i < 8; i++)
			mix(v, lanes[i], m[sigma[round][2 * i]], m[sigma[round][2 * i + 1]]);
	for (i = 0; i < 8; i++)
		ctx->h[i] ^= v[i] ^ v[i + 8];
}

void blake2s_begin(struct blake2s *ctx, size_t out_len, const void *key, size_t key_len)
{
	memset(ctx, 0, sizeof(*ctx));
	memcpy(ctx->h, iv, sizeof(iv));
	ctx->h[0] ^= 0x01010000 ^ (uint32_t)(key_len << 8) ^ (uint32_t)out_len;
	ctx->out_len = out_len;
	if (key_len) {
		memcpy(ctx->block, key, key_len);
		ctx->fill = BLAKE2S_BLOCK;
	}
}

void blake2s_add(struct blake2s *ctx, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--) {
		/* The last block waits for blake2s_end(), also if it is full. */
		if (ctx->fill == BLAKE2S_BLOCK) {
			ctx->t += BLAKE2S_BLOCK;
			compress(ctx, 0);
			ctx->fill = 0;
		}
		ctx->block[ctx->fill++] = *p++;
	}
}

void blake2s_end(struct blake2s *ctx, uint8_t *out)
{
	size_t i;

	ctx->t += ctx->fill;
	memset(ctx->block + ctx->fill, 0, BLAKE2S_BLOCK - ctx->fill);
	compress(ctx, 1);
	for (i = 0; i < ctx->out_len; i++)
		out[i] = (uint8_t)(ctx->h[i / 4] >> 8 * (i % 4));
}

void blake2s_once(uint8_t *out, size_t out_len, const void *key, size_t key_len,
		  const void *data, size_t len)
{
	struct blake2s ctx;

	blake2s_begin(&ctx, out_len, key, key_len);
	blake2s_add(&ctx, data, len);
	blake2s_end(&ctx, out);
}

void blake2s_hmac(uint8_t out[BLAKE2S_HASH], const void *key, size_t key_len,
		  const void *data, size_t len)
{
	uint8_t pad[BLAKE2S_BLOCK] = { 0 };
	struct blake2s ctx;
	size_t i;

	memcpy(pad, key, key_len);
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	blake2s_begin(&ctx, BLAKE2S_HASH, NULL, 0);
	blake2s_add(&ctx, pad, sizeof(pad));
	blake2s_add(&ctx, data, len);
	blake2s_end(&ctx, out);

	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	blake2s_begin(&ctx, BLAKE2S_HASH, NULL, 0);
	blake2s_add(&ctx, pad, sizeof(pad));
	blake2s_add(&ctx, out, BLAKE2S_HASH);
	blake2s_end(&ctx, out);
}
