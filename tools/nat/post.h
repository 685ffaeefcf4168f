/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A posting: all that a party has to say to the others at one time. It lays out
 * one, which replaces the one before, by whatever way leads to the others
 * (broker, local network, links of the session); nothing is asked of the way but
 * that now and then a posting arrives.
 */
#ifndef MPCNET_POST_H
#define MPCNET_POST_H

#include "card.h"
#include "crypto.h"
#include "stun.h"

#define POST_NONCE_LEN 16
#define POST_TROUBLES_MAX 3
#define POST_TEXT_MAX 159
/* Longest bytes of a posting, as text in a card's manner as well */
#define POST_ROOM 2048

enum post_flag {
	POST_VERIFIED = 1, /* it is satisfied with who the others are */
	POST_READY = 2,	   /* it has seen that all links of all parties are up */
	POST_GONE = 4,	   /* it has left */
	POST_LOST = 8,	   /* written in advance: a broker says that it has gone silent */
	POST_ALL = 15,
};

/**
 * struct post_trouble - a link that is not up
 * @party: to whom
 * @text: why not, one sentence
 */
struct post_trouble {
	uint8_t party;
	char text[POST_TEXT_MAX + 1];
};

/**
 * struct post - a posting
 * @card: who it is, and where
 * @sequence: a later posting of a party has a higher one
 * @flags: of enum post_flag
 * @roster: hash of the roster as the party sees it; zeros if it is not settled
 * @commitment: to @nonce
 * @revealed: @nonce is told
 * @nonce: the party's part of the short authentication string
 * @up: bit N % 8 of byte N / 8: its link to party N is up
 * @trouble_count: how many of @troubles
 * @troubles: some of the links that are not up
 */
struct post {
	struct card card;
	uint64_t sequence;
	uint8_t flags;
	uint8_t roster[STUN_ROSTER_LEN];
	uint8_t commitment[CRYPTO_HASH_LEN];
	bool revealed;
	uint8_t nonce[POST_NONCE_LEN];
	uint8_t up[(PARTIES_MAX + 7) / 8];
	unsigned int trouble_count;
	struct post_trouble troubles[POST_TROUBLES_MAX];
};

/**
 * struct post_key - what postings of a session are sealed with
 * @key: from the ticket; secret
 * @id: of the session
 * @parties: how many the ticket admits
 */
struct post_key {
	uint8_t key[MPCNET_KEY_LEN];
	uint8_t id[TICKET_ID_LEN];
	unsigned int parties;
};

bool post_is_up(const struct post *post, unsigned int party);
void post_set_up(struct post *post, unsigned int party);
size_t post_encode(uint8_t *data, size_t room, const struct post *post);
bool post_decode(struct post *post, const uint8_t *data, size_t len);
bool post_make_key(struct post_key *key, const struct ticket *ticket);
size_t post_seal(uint8_t sealed[POST_ROOM], const struct post *post, const struct post_key *key);
bool post_open(struct post *post, const uint8_t *sealed, size_t len, const struct post_key *key);

#endif /* MPCNET_POST_H */
