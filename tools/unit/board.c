// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "board.h"
#include "sample.h"

#define NOW 1700000000
#define PARTIES 3

static struct ticket ticket;
static struct roster roster;
static struct board board;

static struct card card_of(unsigned int n)
{
	struct card card = { .index = -1, .sequence = 5, .expires = NOW + 60 };

	memset(card.public_key, (int)n + 1, sizeof(card.public_key));
	snprintf(card.name, sizeof(card.name), "p%u", n);
	return card;
}

/* Party @n, as content as can be. */
static struct post post_of(unsigned int n)
{
	struct post post = { .card = card_of(n), .sequence = 1, .flags = POST_VERIFIED };

	memcpy(post.roster, roster.hash, STUN_ROSTER_LEN);
	memset(post.nonce, (int)n + 40, POST_NONCE_LEN);
	CHECK(sas_commit(post.commitment, &ticket, post.card.public_key, post.nonce));
	post.revealed = true;
	for (unsigned int i = 0; i < PARTIES; i++) {
		if (i != n)
			post_set_up(&post, i);
	}
	return post;
}

static void begin(void)
{
	struct mpcnet_err err;

	ticket = sample_ticket();
	memset(&board, 0, sizeof(board));
	roster_init(&roster, &ticket);
	for (unsigned int i = 0; i < PARTIES; i++) {
		struct card card = card_of(i);

		CHECK(roster_add(&roster, &card, NOW, &err) == ROSTER_ADDED);
	}
	CHECK(!roster_settle(&roster, &err));
}

static void all_but(unsigned int missing)
{
	begin();
	for (unsigned int i = 0; i < PARTIES; i++) {
		struct post post = post_of(i);

		if (i != missing)
			CHECK(board_take(&board, &post) == BOARD_NEWS);
	}
}

static enum board_news again(unsigned int n, void (*change)(struct post *post))
{
	struct post post = post_of(n);

	post.sequence = 2;
	change(&post);
	return board_take(&board, &post);
}

static void unverified(struct post *post)
{
	post->flags = 0;
}

static void link_down(struct post *post)
{
	memset(post->up, 0, sizeof(post->up));
	post->trouble_count = 1;
	post->troubles[0] = (struct post_trouble){ 1, "its cable is out" };
}

static void other_roster(struct post *post)
{
	post->roster[0] ^= 1;
}

static void other_nonce(struct post *post)
{
	post->nonce[0] ^= 1;
}

static void hidden(struct post *post)
{
	post->revealed = false;
	memset(post->nonce, 0, sizeof(post->nonce));
}

static void committed_anew(struct post *post)
{
	other_nonce(post);
	CHECK(sas_commit(post->commitment, &ticket, post->card.public_key, post->nonce));
}

static void has_seen(struct post *post)
{
	memset(post->up, 0, sizeof(post->up));
	post->flags = POST_READY | POST_GONE;
}

static void old(struct post *post)
{
	post->sequence = 0;
}

static void nothing(struct post *post)
{
	post->sequence = 1;
}

static void lost(struct post *post)
{
	post->flags = POST_LOST;
	post->sequence = 0;
}

static void test_ready(void)
{
	all_but(1);
	CHECK(!board_is_ready(&board, &roster));
	all_but(PARTIES);
	CHECK(board_is_ready(&board, &roster) && board_all_agree(&board, &roster));
	again(2, unverified);
	CHECK(!board_is_ready(&board, &roster));
	all_but(PARTIES);
	again(2, link_down);
	CHECK(!board_is_ready(&board, &roster));
	/* Who has seen the mesh ready, and left, keeps nobody back. */
	all_but(PARTIES);
	again(2, has_seen);
	CHECK(board_is_ready(&board, &roster));
}

static void test_pairs(void)
{
	char reason[POST_TEXT_MAX + 1];

	all_but(PARTIES);
	CHECK(board_pair_is_up(&board, &roster, 0, 1, reason));
	again(0, link_down);
	CHECK(!board_pair_is_up(&board, &roster, 0, 1, reason));
	CHECK(!strcmp(reason, "its cable is out"));
	CHECK(!board_pair_is_up(&board, &roster, 1, 0, reason));
	CHECK(!board_pair_is_up(&board, &roster, 0, 2, reason));
	CHECK(strstr(reason, "party 0 has not said that it is up"));
	CHECK(board_pair_is_up(&board, &roster, 1, 2, reason));
	all_but(2);
	CHECK(!board_pair_is_up(&board, &roster, 1, 2, reason) && strstr(reason, "party 2"));
}

static void test_differs(void)
{
	all_but(PARTIES);
	CHECK(board_who_differs(&board, &roster) == -1);
	again(1, other_roster);
	CHECK(board_who_differs(&board, &roster) == 1 && !board_all_agree(&board, &roster));
	CHECK(!board_is_ready(&board, &roster));
}

static void test_stranger(void)
{
	struct post post;

	all_but(PARTIES);
	CHECK(!board_stranger(&board, &roster));
	post = post_of(7);
	CHECK(board_take(&board, &post) == BOARD_NEWS);
	CHECK(board_stranger(&board, &roster) && board_is_ready(&board, &roster));
	post.sequence++;
	post.flags = POST_GONE;
	CHECK(board_take(&board, &post) == BOARD_NEWS && !board_stranger(&board, &roster));
}

static void test_sequence(void)
{
	all_but(PARTIES);
	CHECK(again(0, old) == BOARD_OLD);
	CHECK(again(0, hidden) == BOARD_NEWS);
	CHECK(again(0, unverified) == BOARD_OLD);
}

static void test_lost(void)
{
	all_but(PARTIES);
	CHECK(again(0, lost) == BOARD_NEWS);
	CHECK(board_find(&board, roster.cards[0].public_key)->lost);
	CHECK(board_is_ready(&board, &roster));
	CHECK(again(0, lost) == BOARD_OLD);
	CHECK(again(0, old) == BOARD_OLD && again(0, nothing) == BOARD_NEWS);
	CHECK(!board_find(&board, roster.cards[0].public_key)->lost);
	CHECK(again(0, lost) == BOARD_NEWS);
	CHECK(again(0, hidden) == BOARD_NEWS);
	CHECK(!board_find(&board, roster.cards[0].public_key)->lost);
}

static void test_full(void)
{
	begin();
	for (unsigned int i = 0; i < PARTIES_MAX + BOARD_STRANGERS; i++) {
		struct post post = post_of(0);

		post.card.public_key[1] = (uint8_t)i;
		post.card.public_key[2] = (uint8_t)(i >> 8);
		CHECK(board_take(&board, &post) == BOARD_NEWS);
	}
	CHECK(again(5, hidden) == BOARD_REFUSED);
}

static bool sas(char text[BOARD_SAS_TEXT])
{
	struct mpcnet_err err;

	return board_sas(text, &board, &roster, &err);
}

static void test_sas(void)
{
	char text[BOARD_SAS_TEXT], other[BOARD_SAS_TEXT];
	struct mpcnet_err err;

	all_but(1);
	CHECK(!sas(text));
	all_but(PARTIES);
	CHECK(sas(text) && strlen(text) == 7 && text[3] == ' ');
	again(0, hidden);
	CHECK(!board_sas(other, &board, &roster, &err) && !*err.text);
	all_but(PARTIES);
	again(0, other_nonce);
	CHECK(!board_sas(other, &board, &roster, &err) && strstr(err.text, "it cheats"));
	all_but(PARTIES);
	again(0, committed_anew);
	CHECK(!board_sas(other, &board, &roster, &err) && strstr(err.text, "joined twice"));
	all_but(PARTIES);
	again(1, other_roster);
	CHECK(!sas(other));
}

static void next_epoch(struct post *post)
{
	post->card.epoch = 1;
	memset(post->nonce, 99, POST_NONCE_LEN);
	sas_commit(post->commitment, &ticket, post->card.public_key, post->nonce);
}

static void next_epoch_anew(struct post *post)
{
	next_epoch(post);
	post->sequence = 3;
	post->nonce[0]++;
	sas_commit(post->commitment, &ticket, post->card.public_key, post->nonce);
}

static void gone(struct post *post)
{
	post->sequence = 3;
	post->flags = POST_GONE;
}

/* With an epoch all commit themselves anew; behind it nobody may. */
static void test_epoch(void)
{
	char text[BOARD_SAS_TEXT];
	struct mpcnet_err err;

	all_but(PARTIES);
	CHECK(board_is_agreed(&board, &roster));
	CHECK(roster_renew(&roster, 1));
	CHECK(!board_is_agreed(&board, &roster) && !board_all_agree(&board, &roster));
	for (unsigned int i = 0; i < PARTIES; i++) {
		CHECK(!board_is_agreed(&board, &roster));
		CHECK(again(i, next_epoch) == BOARD_NEWS);
	}
	CHECK(board_is_agreed(&board, &roster) && sas(text));
	CHECK(again(1, next_epoch_anew) == BOARD_NEWS);
	CHECK(!board_sas(text, &board, &roster, &err) && strstr(err.text, "joined twice"));
}

/* A party that was dropped is no newcomer before it says something new. */
static void test_newcomer(void)
{
	const struct board_entry *entry;

	all_but(PARTIES);
	entry = board_find(&board, roster.cards[1].public_key);
	CHECK(!board_is_newcomer(entry, &roster));
	roster_drop(&roster, 1);
	CHECK(board_is_newcomer(entry, &roster) && board_stranger(&board, &roster));
	board_set_stale(&board, roster.cards[1].public_key);
	CHECK(!board_is_newcomer(entry, &roster) && !board_stranger(&board, &roster));
	CHECK(board_is_ready(&board, &roster));
	CHECK(again(1, nothing) == BOARD_OLD && !board_is_newcomer(entry, &roster));
	CHECK(again(1, hidden) == BOARD_NEWS && board_is_newcomer(entry, &roster));
	CHECK(again(1, gone) == BOARD_NEWS && !board_is_newcomer(entry, &roster));
}

/* Each number, and each key, makes another string. */
static void test_sas_depends(void)
{
	uint8_t nonces[PARTIES][POST_NONCE_LEN] = { { 1 }, { 2 }, { 3 } };
	char text[BOARD_SAS_TEXT], other[BOARD_SAS_TEXT];

	begin();
	CHECK(sas_text(text, &roster, (const uint8_t(*)[POST_NONCE_LEN])nonces));
	for (unsigned int i = 0; i < PARTIES; i++) {
		nonces[i][15] ^= 1;
		CHECK(sas_text(other, &roster, (const uint8_t(*)[POST_NONCE_LEN])nonces));
		CHECK(strcmp(text, other));
		nonces[i][15] ^= 1;
		roster.cards[i].public_key[0] ^= 1;
		CHECK(sas_text(other, &roster, (const uint8_t(*)[POST_NONCE_LEN])nonces));
		CHECK(strcmp(text, other));
		roster.cards[i].public_key[0] ^= 1;
	}
	CHECK(sas_text(other, &roster, (const uint8_t(*)[POST_NONCE_LEN])nonces));
	CHECK(!strcmp(text, other));
}

static const struct unit_test tests[] = {
	{ "board: the mesh is ready when all say so", test_ready },
	{ "board: a pair that is not up, and why", test_pairs },
	{ "board: who means another roster", test_differs },
	{ "board: who is in no roster", test_stranger },
	{ "board: later postings count", test_sequence },
	{ "board: silent parties", test_lost },
	{ "board: its room ends", test_full },
	{ "board: the short authentication string", test_sas },
	{ "board: what the string depends on", test_sas_depends },
	{ "board: epochs", test_epoch },
	{ "board: who wants a vacant place", test_newcomer },
	{ NULL, NULL },
};

UNIT_TESTS(tests)
