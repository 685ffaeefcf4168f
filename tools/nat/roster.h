/* SPDX-License-Identifier: GPL-2.0 */
/* The group that all parties of a session mean: their cards, in one order. */
#ifndef MPCNET_ROSTER_H
#define MPCNET_ROSTER_H

#include "card.h"
#include "stun.h"

/* IPv4 and IPv6 */
#define ROSTER_ADDRESSES 2

/**
 * struct roster - the cards that have come, and what follows from all of them
 * @ticket: of the session
 * @count: how many cards
 * @cards: the cards; once @settled, in order of their parties
 * @settled: all parties are there, and have their places
 * @hash: of their identities, names and places, if @settled
 */
struct roster {
	const struct ticket *ticket;
	unsigned int count;
	struct card cards[PARTIES_MAX];
	bool settled;
	uint8_t hash[STUN_ROSTER_LEN];
};

enum roster_change {
	ROSTER_SAME, /* an old card, or one that is there */
	ROSTER_ADDED,
	ROSTER_UPDATED, /* a later card of a party that is there */
	ROSTER_REFUSED,
};

void roster_init(struct roster *roster, const struct ticket *ticket);
enum roster_change roster_add(struct roster *roster, const struct card *card, uint64_t now_s,
			      struct mpcnet_err *err);
bool roster_remove(struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN]);
int roster_settle(struct roster *roster, struct mpcnet_err *err);
int roster_find(const struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN]);
bool roster_psk(uint8_t psk[MPCNET_KEY_LEN], const struct roster *roster, unsigned int a,
		unsigned int b);
void roster_addresses(struct mpcnet_allowedip addresses[ROSTER_ADDRESSES],
		      const struct ticket *ticket, unsigned int party);

#endif /* MPCNET_ROSTER_H */
