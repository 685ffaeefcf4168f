/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The group that all parties of a session mean: their cards, in one order.
 *
 *	roster_add(), roster_remove()	cards come, and go
 *	roster_settle()			all are there, and have their places
 *	roster_drop()			then one leaves: its place is vacant,
 *	roster_reopen()			until cards are there for all that are
 *	roster_renew()			the roster of a later epoch
 */
#ifndef MPCNET_ROSTER_H
#define MPCNET_ROSTER_H

#include "card.h"
#include "stun.h"

/* IPv4 and IPv6 */
#define ROSTER_ADDRESSES 2
/* So often parties may come and go; more is not believed. */
#define ROSTER_EPOCH_MAX 1000000

/**
 * struct roster - the cards that have come, and what follows from all of them
 * @ticket: of the session
 * @count: how many cards
 * @cards: the cards; once @settled, in order of their parties
 * @settled: all parties are there, and have their places
 * @vacant: places of parties that have left since; their cards mean nothing
 * @epoch: how often parties have come or gone since
 * @hash: of epoch, identities, names and places, if @settled
 */
struct roster {
	const struct ticket *ticket;
	unsigned int count;
	struct card cards[PARTIES_MAX];
	bool settled;
	bool vacant[PARTIES_MAX];
	uint32_t epoch;
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
bool roster_clash(const struct card *a, const struct card *b);
bool roster_remove(struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN]);
int roster_settle(struct roster *roster, struct mpcnet_err *err);
bool roster_has(const struct roster *roster, unsigned int party);
bool roster_is_full(const struct roster *roster);
bool roster_same_parties(const struct roster *a, const struct roster *b);
void roster_drop(struct roster *roster, unsigned int party);
void roster_reopen(struct roster *roster);
int roster_restore(struct roster *roster, uint32_t epoch, struct mpcnet_err *err);
bool roster_renew(struct roster *roster, uint32_t epoch);
int roster_find(const struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN]);
bool roster_psk(uint8_t psk[MPCNET_KEY_LEN], const struct roster *roster, unsigned int a,
		unsigned int b);
void roster_addresses(struct mpcnet_allowedip addresses[ROSTER_ADDRESSES],
		      const struct ticket *ticket, unsigned int party);

#endif /* MPCNET_ROSTER_H */
