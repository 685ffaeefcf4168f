/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The postings of a session's parties, the latest of each, and what follows from
 * all of them: is it the same roster for everybody, is the short authentication
 * string there, is the mesh ready, and if not, which pair is it.
 */
#ifndef MPCNET_BOARD_H
#define MPCNET_BOARD_H

#include "post.h"
#include "roster.h"

/* "123 456" and a 0: six digits. One forgery in 1,000,000 is not seen. */
#define BOARD_SAS_TEXT 8
/* Strangers beyond the roster that are remembered, so that they can be named */
#define BOARD_STRANGERS 4

/**
 * struct board_entry - what is known of a party by its postings
 * @post: the latest
 * @void_sas: it has committed itself twice in epoch @void_epoch or before: the
 * string of none of these proves anything
 * @void_epoch: see there
 * @lost: a broker says that it has gone silent since
 * @stale: it has said nothing since it was dropped from the roster
 */
struct board_entry {
	struct post post;
	bool void_sas;
	uint32_t void_epoch;
	bool lost;
	bool stale;
};

/**
 * struct board - the postings
 * @count: how many of @entries
 * @entries: one for each party that was heard of, our own as well
 */
struct board {
	unsigned int count;
	struct board_entry entries[PARTIES_MAX + BOARD_STRANGERS];
};

enum board_news {
	BOARD_OLD,     /* we know that, or better */
	BOARD_NEWS,    /* the board is another now */
	BOARD_REFUSED, /* no room: too many claim to be parties */
};

enum board_news board_take(struct board *board, const struct post *post);
const struct board_entry *board_find(const struct board *board,
				     const uint8_t public_key[MPCNET_KEY_LEN]);
const struct post *board_of(const struct board *board, const struct roster *roster,
			    unsigned int party);
bool board_all_agree(const struct board *board, const struct roster *roster);
int board_who_differs(const struct board *board, const struct roster *roster);
const struct post *board_stranger(const struct board *board, const struct roster *roster);
bool board_is_newcomer(const struct board_entry *entry, const struct roster *roster);
void board_set_stale(struct board *board, const uint8_t public_key[MPCNET_KEY_LEN]);
bool board_sas(char text[BOARD_SAS_TEXT], const struct board *board, const struct roster *roster,
	       struct mpcnet_err *err);
bool board_pair_is_up(const struct board *board, const struct roster *roster, unsigned int a,
		      unsigned int b, char reason[POST_TEXT_MAX + 1]);
bool board_is_agreed(const struct board *board, const struct roster *roster);
bool board_is_ready(const struct board *board, const struct roster *roster);

/* sas.c */
bool sas_commit(uint8_t commitment[CRYPTO_HASH_LEN], const struct ticket *ticket,
		const uint8_t public_key[MPCNET_KEY_LEN], const uint8_t nonce[POST_NONCE_LEN]);
bool sas_text(char text[BOARD_SAS_TEXT], const struct roster *roster,
	      const uint8_t (*nonces)[POST_NONCE_LEN]);

#endif /* MPCNET_BOARD_H */
