// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "post.h"
#include "sample.h"

static struct post sample(void)
{
	struct post post = {
		.card = { .name = "alice", .index = 2, .epoch = 1, .sequence = 7, .expires = 9 },
		.sequence = 11,
		.flags = POST_VERIFIED,
		.revealed = true,
		.trouble_count = 1,
		.troubles = { { 1, "no relay" } },
	};

	memset(post.card.public_key, 5, sizeof(post.card.public_key));
	memset(post.roster, 6, sizeof(post.roster));
	memset(post.commitment, 7, sizeof(post.commitment));
	memset(post.nonce, 8, sizeof(post.nonce));
	post_set_up(&post, 0);
	post_set_up(&post, 9);
	return post;
}

static struct post_key key_of(const struct ticket *ticket)
{
	struct post_key key;

	CHECK(post_make_key(&key, ticket));
	return key;
}

static void test_round_trip(void)
{
	struct ticket ticket = sample_ticket();
	struct post_key key = key_of(&ticket);
	struct post post = sample(), copy;
	uint8_t sealed[POST_ROOM];
	size_t len = post_seal(sealed, &post, &key);

	CHECK(len);
	CHECK(post_open(&copy, sealed, len, &key));
	CHECK(copy.sequence == 11 && copy.flags == POST_VERIFIED && copy.card.index == 2);
	CHECK(!memcmp(copy.nonce, post.nonce, POST_NONCE_LEN));
	CHECK(post_is_up(&copy, 0) && post_is_up(&copy, 9) && !post_is_up(&copy, 1));
	CHECK(copy.trouble_count == 1 && copy.troubles[0].party == 1);
	CHECK(!strcmp(copy.troubles[0].text, "no relay"));
}

/* Nothing but the whole is taken, with the right ticket. */
static void test_damaged(void)
{
	struct ticket ticket = sample_ticket(), other = sample_ticket();
	struct post_key key = key_of(&ticket), other_key;
	struct post post = sample(), copy;
	uint8_t sealed[POST_ROOM];
	size_t len = post_seal(sealed, &post, &key);

	other.secret[0] ^= 1;
	other_key = key_of(&other);
	CHECK(!post_open(&copy, sealed, len, &other_key));
	for (size_t i = 0; i < len; i++) {
		CHECK(!post_open(&copy, sealed, i, &key));
		sealed[i] ^= 1;
		CHECK(!post_open(&copy, sealed, len, &key));
		sealed[i] ^= 1;
	}
	CHECK(post_open(&copy, sealed, len, &key));
}

static void test_cut_bytes(void)
{
	struct post post = sample(), copy;
	uint8_t data[POST_ROOM];
	size_t len = post_encode(data, sizeof(data), &post);

	CHECK(len && post_decode(&copy, data, len));
	for (size_t i = 0; i < len; i++) {
		CHECK(!post_decode(&copy, data, i));
		CHECK(!post_encode(data, i, &post));
	}
	CHECK(post_encode(data, len, &post) == len);
}

/* What one party may not say to a terminal of another. */
static void test_control_characters(void)
{
	struct post post = sample();
	uint8_t data[POST_ROOM];

	strcpy(post.troubles[0].text, "\033[2J");
	CHECK(!post_encode(data, sizeof(data), &post));
}

static void test_beyond(void)
{
	struct post post = sample();
	uint8_t data[POST_ROOM];

	post.flags = POST_ALL + 1;
	CHECK(!post_encode(data, sizeof(data), &post));
	post = sample();
	post.trouble_count = POST_TROUBLES_MAX + 1;
	CHECK(!post_encode(data, sizeof(data), &post));
}

/* The longest fits, also sealed. */
static void test_longest(void)
{
	struct ticket ticket = sample_ticket();
	struct post_key key;
	struct post post = sample();
	uint8_t sealed[POST_ROOM];
	union mpcnet_endpoint e = { .in6 = { .sin6_family = AF_INET6, .sin6_port = 1 } };

	ticket.parties = PARTIES_MAX;
	ticket.network_len = 16;
	memset(post.card.name, 'a', CARD_NAME_MAX);
	e.in6.sin6_addr.s6_addr[0] = 0x20;
	for (unsigned int i = 0; i < CANDIDATES_MAX; i++) {
		e.in6.sin6_addr.s6_addr[15] = (uint8_t)i;
		CHECK(candidates_add(&post.card.candidates, CANDIDATE_HOST, &e));
	}
	memset(post.up, 255, sizeof(post.up));
	post.trouble_count = POST_TROUBLES_MAX;
	for (unsigned int i = 0; i < POST_TROUBLES_MAX; i++) {
		memset(post.troubles[i].text, 'b', POST_TEXT_MAX);
		post.troubles[i].text[POST_TEXT_MAX] = '\0';
	}
	key = key_of(&ticket);
	CHECK(post_seal(sealed, &post, &key));
}

static const struct unit_test tests[] = {
	{ "post: sealed and opened", test_round_trip },
	{ "post: damaged, cut, of another ticket", test_damaged },
	{ "post: bytes that end too soon", test_cut_bytes },
	{ "post: control characters are refused", test_control_characters },
	{ "post: values beyond what there is", test_beyond },
	{ "post: the longest fits", test_longest },
	{ NULL, NULL },
};

UNIT_TESTS(tests)
