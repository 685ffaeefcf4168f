// SPDX-License-Identifier: GPL-2.0
/* Postings, as bytes and, first byte 's', sealed. What is taken has one spelling. */
#include <stdlib.h>
#include <string.h>

#include "post.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ticket ticket = { .parties = PARTIES_MAX, .network_len = 16 };

static const struct post_key *key_of_all(void)
{
	static struct post_key key;

	if (!key.parties && !post_make_key(&key, &ticket))
		abort();
	return &key;
}

static void take_bytes(const uint8_t *data, size_t size)
{
	uint8_t again[POST_ROOM], sealed[POST_ROOM];
	struct post post;
	size_t len;

	if (!post_decode(&post, data, size))
		return;
	if (post_encode(again, sizeof(again), &post) != size || memcmp(data, again, size) != 0)
		abort();
	len = post_seal(sealed, &post, key_of_all());
	if (!len || !post_open(&post, sealed, len, key_of_all()))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct post post;

	if (!size)
		return 0;
	if (data[0] != 's')
		take_bytes(data + 1, size - 1);
	else if (post_open(&post, data + 1, size - 1, key_of_all()))
		abort();
	return 0;
}
