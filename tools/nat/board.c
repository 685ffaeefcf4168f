// SPDX-License-Identifier: GPL-2.0
#include "board.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

static const uint8_t no_roster[STUN_ROSTER_LEN];

/* The first that may be forgotten: it has left. */
static struct board_entry *find_room(struct board *board)
{
	if (board->count < sizeof(board->entries) / sizeof(board->entries[0]))
		return &board->entries[board->count++];
	for (unsigned int i = 0; i < board->count; i++) {
		if (board->entries[i].post.flags & POST_GONE)
			return &board->entries[i];
	}
	return NULL;
}

static struct board_entry *find(struct board *board, const uint8_t *public_key)
{
	for (unsigned int i = 0; i < board->count; i++) {
		if (!memcmp(board->entries[i].post.card.public_key, public_key, MPCNET_KEY_LEN))
			return &board->entries[i];
	}
	return NULL;
}

/**
 * board_find() - what a party has laid out
 * @board: the board
 * @public_key: its identity
 *
 * Return: its entry, NULL if it was not heard of.
 */
const struct board_entry *board_find(const struct board *board,
				     const uint8_t public_key[MPCNET_KEY_LEN])
{
	return find((struct board *)(uintptr_t)board, public_key);
}

/* What was written in advance says nothing new of a party but that it is silent. */
static enum board_news take_lost(struct board_entry *entry)
{
	if (!entry || entry->lost || entry->post.flags & POST_GONE)
		return BOARD_OLD;
	entry->lost = true;
	return BOARD_NEWS;
}

/* Who says the same again is there. */
static enum board_news take_again(struct board_entry *entry, const struct post *post)
{
	if (!entry->lost || post->sequence < entry->post.sequence)
		return BOARD_OLD;
	entry->lost = false;
	return BOARD_NEWS;
}

/**
 * board_take() - a posting came, by whatever way
 * @board: the board
 * @post: the posting
 *
 * A party that commits itself anew behind its roster was settled, when others may
 * have shown their numbers, could choose the string of that epoch: that it did is
 * remembered. In a later epoch all commit themselves anew.
 *
 * Return: what came of it.
 */
enum board_news board_take(struct board *board, const struct post *post)
{
	struct board_entry *entry = find(board, post->card.public_key);

	if (post->flags & POST_LOST)
		return take_lost(entry);
	if (entry && post->sequence <= entry->post.sequence)
		return take_again(entry, post);
	if (!entry) {
		entry = find_room(board);
		if (!entry)
			return BOARD_REFUSED;
		memset(entry, 0, sizeof(*entry));
	} else if (memcmp(entry->post.roster, no_roster, STUN_ROSTER_LEN) &&
		   CRYPTO_memcmp(entry->post.commitment, post->commitment, CRYPTO_HASH_LEN)) {
		entry->void_sas = true;
		if (entry->post.card.epoch > entry->void_epoch)
			entry->void_epoch = entry->post.card.epoch;
	}
	entry->post = *post;
	entry->lost = false;
	entry->stale = false;
	return BOARD_NEWS;
}

/**
 * board_of() - what a party of the roster has laid out
 * @board: the board
 * @roster: a settled roster
 * @party: its place
 *
 * Return: its posting, NULL if none has come.
 */
const struct post *board_of(const struct board *board, const struct roster *roster,
			    unsigned int party)
{
	const struct board_entry *entry = board_find(board, roster->cards[party].public_key);

	return entry ? &entry->post : NULL;
}

static bool agrees(const struct post *post, const struct roster *roster)
{
	return post && post->card.epoch == roster->epoch &&
	       !memcmp(post->roster, roster->hash, STUN_ROSTER_LEN);
}

/**
 * board_all_agree() - do all parties mean the same roster?
 * @board: the board
 * @roster: ours, settled
 *
 * Return: all have said so.
 */
bool board_all_agree(const struct board *board, const struct roster *roster)
{
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster_has(roster, i) && !agrees(board_of(board, roster, i), roster))
			return false;
	}
	return true;
}

/**
 * board_is_agreed() - do all parties mean the same roster, and are satisfied
 * with who is in it?
 * @board: the board
 * @roster: ours, settled
 *
 * Return: all have said so.
 */
bool board_is_agreed(const struct board *board, const struct roster *roster)
{
	for (unsigned int i = 0; i < roster->count; i++) {
		const struct post *post = board_of(board, roster, i);

		if (roster_has(roster, i) &&
		    (!agrees(post, roster) || !(post->flags & POST_VERIFIED)))
			return false;
	}
	return true;
}

/**
 * board_who_differs() - who means another roster?
 * @board: the board
 * @roster: ours, settled
 *
 * Return: the place of the first that does, -1 if nobody has said so.
 */
int board_who_differs(const struct board *board, const struct roster *roster)
{
	for (unsigned int i = 0; i < roster->count; i++) {
		const struct post *post = board_of(board, roster, i);

		if (roster_has(roster, i) && post &&
		    memcmp(post->roster, no_roster, STUN_ROSTER_LEN) && !agrees(post, roster))
			return (int)i;
	}
	return -1;
}

/**
 * board_stranger() - who holds the ticket, and is not in the roster?
 * @board: the board
 * @roster: ours, settled
 *
 * Return: its posting, NULL if there is nobody, or has left.
 */
const struct post *board_stranger(const struct board *board, const struct roster *roster)
{
	for (unsigned int i = 0; i < board->count; i++) {
		const struct post *post = &board->entries[i].post;

		if (!(post->flags & POST_GONE) && !board->entries[i].stale &&
		    roster_find(roster, post->card.public_key) < 0)
			return post;
	}
	return NULL;
}

/**
 * board_is_newcomer() - does somebody want a place that is vacant?
 * @entry: what it has laid out
 * @roster: ours, settled, with vacant places
 *
 * Return: it does, it is there, and means no other group.
 */
bool board_is_newcomer(const struct board_entry *entry, const struct roster *roster)
{
	const struct post *post = &entry->post;

	return !(post->flags & POST_GONE) && !entry->lost && !entry->stale &&
	       roster_find(roster, post->card.public_key) < 0;
}

/**
 * board_set_stale() - a party was dropped, and comes back by a new posting only
 * @board: the board
 * @public_key: its identity
 */
void board_set_stale(struct board *board, const uint8_t public_key[MPCNET_KEY_LEN])
{
	struct board_entry *entry = find(board, public_key);

	if (entry)
		entry->stale = true;
}

/* The party's number, if it keeps what it was committed to. */
static bool take_nonce(uint8_t nonce[POST_NONCE_LEN], const struct board_entry *entry,
		       const struct ticket *ticket)
{
	uint8_t commitment[CRYPTO_HASH_LEN];
	const struct post *post = &entry->post;

	if (!post->revealed || !sas_commit(commitment, ticket, post->card.public_key, post->nonce))
		return false;
	memcpy(nonce, post->nonce, POST_NONCE_LEN);
	return !CRYPTO_memcmp(commitment, post->commitment, CRYPTO_HASH_LEN);
}

/**
 * board_sas() - the short authentication string
 * @text: gets it: six digits
 * @board: the board
 * @roster: ours, settled
 * @err: says why there is none, and will be none; its text is empty if it may come
 *
 * Return: is it there?
 */
bool board_sas(char text[BOARD_SAS_TEXT], const struct board *board, const struct roster *roster,
	       struct mpcnet_err *err)
{
	uint8_t nonces[PARTIES_MAX][POST_NONCE_LEN];

	*err->text = '\0';
	if (!board_all_agree(board, roster))
		return false;
	for (unsigned int i = 0; i < roster->count; i++) {
		const struct board_entry *entry = board_find(board, roster->cards[i].public_key);

		if (!roster_has(roster, i))
			continue;
		if (entry->void_sas && entry->void_epoch >= roster->epoch)
			mpcnet_err_set(err,
				       "party %u has joined twice, so that the string would "
				       "prove nothing: let all join anew",
				       i);
		else if (entry->post.revealed && !take_nonce(nonces[i], entry, roster->ticket))
			mpcnet_err_set(err,
				       "party %u has shown another number than it was "
				       "committed to: it cheats",
				       i);
		if (*err->text || !entry->post.revealed)
			return false;
	}
	return sas_text(text, roster, (const uint8_t(*)[POST_NONCE_LEN])nonces);
}

static const char *trouble_of(const struct post *post, unsigned int party)
{
	for (unsigned int i = 0; post && i < post->trouble_count; i++) {
		if (post->troubles[i].party == party)
			return post->troubles[i].text;
	}
	return NULL;
}

static bool says_up(const struct post *post, const struct roster *roster, unsigned int party)
{
	return agrees(post, roster) && (post->flags & POST_READY || post_is_up(post, party));
}

/**
 * board_pair_is_up() - do both parties of a pair say that their link is up?
 * @board: the board
 * @roster: ours, settled
 * @a: place of the one
 * @b: place of the other
 * @reason: gets why not
 *
 * Return: they do.
 */
bool board_pair_is_up(const struct board *board, const struct roster *roster, unsigned int a,
		      unsigned int b, char reason[POST_TEXT_MAX + 1])
{
	const struct post *of_a = board_of(board, roster, a), *of_b = board_of(board, roster, b);
	const char *text;

	if (says_up(of_a, roster, b) && says_up(of_b, roster, a))
		return true;
	text = trouble_of(of_a, b);
	if (!text)
		text = trouble_of(of_b, a);
	if (text)
		snprintf(reason, POST_TEXT_MAX + 1, "%s", text);
	else if (!agrees(of_a, roster) || !agrees(of_b, roster))
		snprintf(reason, POST_TEXT_MAX + 1,
			 "party %u has not said that it means this roster",
			 agrees(of_a, roster) ? b : a);
	else
		snprintf(reason, POST_TEXT_MAX + 1, "party %u has not said that it is up",
			 says_up(of_a, roster, b) ? b : a);
	return false;
}

/* All that one party has to say for the mesh to be ready */
static bool is_content(const struct post *post, const struct roster *roster, unsigned int self)
{
	if (!agrees(post, roster))
		return false;
	if (post->flags & POST_READY)
		return true;
	for (unsigned int i = 0; i < roster->count; i++) {
		if (i != self && roster_has(roster, i) && !post_is_up(post, i))
			return false;
	}
	return post->flags & POST_VERIFIED;
}

/**
 * board_is_ready() - is the mesh ready: all parties mean the same roster, are
 * satisfied with who the others are, and have all their links?
 * @board: the board
 * @roster: ours, settled
 *
 * Return: it is.
 */
bool board_is_ready(const struct board *board, const struct roster *roster)
{
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster_has(roster, i) && !is_content(board_of(board, roster, i), roster, i))
			return false;
	}
	return true;
}
