// SPDX-License-Identifier: GPL-2.0
#include "roster.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "crypto.h"
#include "did.h"

#define NETWORK6_LEN 64
/* Unless the ticket names a network it is 10.x.y.0 */
#define NETWORK4 0x0a000000

/* Room for a place, a key and a name of each party, and what is before them */
#define HASH_ROOM (64 + PARTIES_MAX * (1 + MPCNET_KEY_LEN + CARD_NAME_MAX + 2))

/**
 * roster_init() - begin without cards
 * @roster: gets it
 * @ticket: of the session; it must live as long
 */
void roster_init(struct roster *roster, const struct ticket *ticket)
{
	memset(roster, 0, sizeof(*roster));
	roster->ticket = ticket;
}

/**
 * roster_has() - is there a party in this place?
 * @roster: the roster
 * @party: the place
 *
 * Return: there is.
 */
bool roster_has(const struct roster *roster, unsigned int party)
{
	return party < roster->count && !roster->vacant[party];
}

/**
 * roster_is_full() - are all parties there that the ticket admits?
 * @roster: the roster
 *
 * Return: they are.
 */
bool roster_is_full(const struct roster *roster)
{
	return roster->count == roster->ticket->parties &&
	       !memchr(roster->vacant, true, sizeof(roster->vacant));
}

/**
 * roster_same_parties() - are the same parties in the same places?
 * @a: a settled roster
 * @b: another of the same ticket
 *
 * Return: they are; the epoch may be another.
 */
bool roster_same_parties(const struct roster *a, const struct roster *b)
{
	for (unsigned int i = 0; i < a->count; i++) {
		if (roster_has(a, i) != roster_has(b, i) ||
		    (roster_has(a, i) &&
		     memcmp(a->cards[i].public_key, b->cards[i].public_key, MPCNET_KEY_LEN)))
			return false;
	}
	return true;
}

/**
 * roster_find() - the place of a party among the cards
 * @roster: the roster
 * @public_key: its identity
 *
 * Return: its place, -1 if its card has not come.
 */
int roster_find(const struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN])
{
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster_has(roster, i) &&
		    !memcmp(roster->cards[i].public_key, public_key, MPCNET_KEY_LEN))
			return (int)i;
	}
	return -1;
}

static bool same_index(const struct card *a, const struct card *b)
{
	return a->index >= 0 && a->index == b->index;
}

static bool same_name(const struct card *a, const struct card *b)
{
	return *a->name && !strcmp(a->name, b->name);
}

/**
 * roster_clash() - do two parties want one index, or one name?
 * @a: the card of one
 * @b: the card of another
 */
bool roster_clash(const struct card *a, const struct card *b)
{
	return same_index(a, b) || same_name(a, b);
}

static int refuse_clash(const struct card *card, const struct card *other, struct mpcnet_err *err)
{
	char did[MPCNET_DID_MAX + 1], other_did[MPCNET_DID_MAX + 1];

	mpcnet_did_from_key(did, card->public_key);
	mpcnet_did_from_key(other_did, other->public_key);
	if (same_index(card, other))
		return mpcnet_err_set(err,
				      "two parties want index %d, %s and %s: one must choose "
				      "another",
				      card->index, did, other_did);
	return mpcnet_err_set(err,
			      "two parties want the name \"%s\", %s and %s: one must choose "
			      "another",
			      card->name, did, other_did);
}

static int judge(const struct roster *roster, const struct card *card, uint64_t now_s,
		 struct mpcnet_err *err)
{
	int known = roster_find(roster, card->public_key);

	if (card->expires < now_s)
		return mpcnet_err_set(err, "the card has expired, or a clock is wrong: ask for a "
					   "new one");
	if (card->epoch > ROSTER_EPOCH_MAX)
		return mpcnet_err_set(err, "the card is of epoch %u, which cannot be", card->epoch);
	if (card->index >= (int)roster->ticket->parties)
		return mpcnet_err_set(err, "the card is for index %d, and there are %u parties",
				      card->index, roster->ticket->parties);
	if (known < 0 && roster->count == roster->ticket->parties)
		return mpcnet_err_set(err, "all %u parties are there: the ticket admits no more",
				      roster->count);
	for (unsigned int i = 0; i < roster->count; i++) {
		if ((int)i != known && roster_clash(card, &roster->cards[i]))
			return refuse_clash(card, &roster->cards[i], err);
	}
	return 0;
}

/**
 * roster_add() - take up a card
 * @roster: the roster
 * @card: the card
 * @now_s: seconds since 1970
 * @err: says why it is refused
 *
 * A later card of a party tells where it is reached now; once the roster is
 * settled, its identity, name and place stay what they were.
 *
 * Return: what came of it.
 */
enum roster_change roster_add(struct roster *roster, const struct card *card, uint64_t now_s,
			      struct mpcnet_err *err)
{
	int at = roster_find(roster, card->public_key);
	struct card *known = at < 0 ? &roster->cards[roster->count] : &roster->cards[at];

	if (at >= 0 && card->sequence <= known->sequence)
		return ROSTER_SAME;
	if (judge(roster, card, now_s, err))
		return ROSTER_REFUSED;
	if (roster->settled) {
		known->sequence = card->sequence;
		known->expires = card->expires;
		known->candidates = card->candidates;
		return ROSTER_UPDATED;
	}
	*known = *card;
	if (at < 0)
		roster->count++;
	return at < 0 ? ROSTER_ADDED : ROSTER_UPDATED;
}

/**
 * roster_remove() - a party has left before the roster was settled
 * @roster: the roster
 * @public_key: its identity
 *
 * Return: false if it is settled, or the party is not in it.
 */
bool roster_remove(struct roster *roster, const uint8_t public_key[MPCNET_KEY_LEN])
{
	int at = roster_find(roster, public_key);

	if (roster->settled || at < 0)
		return false;
	roster->cards[at] = roster->cards[--roster->count];
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct card *x = a, *y = b;

	return memcmp(x->public_key, y->public_key, MPCNET_KEY_LEN);
}

static int by_index(const void *a, const void *b)
{
	const struct card *x = a, *y = b;

	return x->index - y->index;
}

/* Who leaves it open gets what is left, in order of the keys. */
static void give_places(struct roster *roster)
{
	bool taken[PARTIES_MAX] = { false };
	unsigned int next = 0;

	qsort(roster->cards, roster->count, sizeof(roster->cards[0]), by_key);
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster->cards[i].index >= 0)
			taken[roster->cards[i].index] = true;
	}
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster->cards[i].index >= 0)
			continue;
		while (taken[next])
			next++;
		roster->cards[i].index = (int)next++;
	}
	qsort(roster->cards, roster->count, sizeof(roster->cards[0]), by_index);
}

static bool hash(struct roster *roster)
{
	uint8_t data[HASH_ROOM], id[TICKET_ID_LEN];
	struct bytes_out out = { .data = data, .room = sizeof(data) };

	if (!ticket_id(id, roster->ticket))
		return false;
	bytes_put(&out, id, sizeof(id));
	bytes_put_number(&out, roster->epoch, 4);
	for (unsigned int i = 0; i < roster->count; i++) {
		if (!roster_has(roster, i))
			continue;
		bytes_put_number(&out, i, 1);
		bytes_put(&out, roster->cards[i].public_key, MPCNET_KEY_LEN);
		bytes_put_text(&out, roster->cards[i].name);
	}
	return !out.failed &&
	       crypto_hash(roster->hash, "mpcnet roster", (struct crypto_span){ data, out.len });
}

/**
 * roster_settle() - give all parties their places
 * @roster: the roster
 * @err: says why not
 *
 * All who have the same cards come to the same order and hash. Who comes later
 * finds parties of a later epoch, and follows them.
 *
 * Return: 0; 1 if parties are missing yet; -1 if it cannot be computed.
 */
int roster_settle(struct roster *roster, struct mpcnet_err *err)
{
	if (roster->settled)
		return 0;
	if (roster->count < roster->ticket->parties)
		return 1;
	give_places(roster);
	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster->cards[i].epoch > roster->epoch)
			roster->epoch = roster->cards[i].epoch;
	}
	if (!hash(roster))
		return mpcnet_err_set(err, "libcrypto cannot compute the roster's hash");
	roster->settled = true;
	return 0;
}

/**
 * roster_drop() - a party has left; roster_renew() is to follow
 * @roster: a settled roster
 * @party: its place, which is vacant then
 */
void roster_drop(struct roster *roster, unsigned int party)
{
	roster->vacant[party] = true;
}

/**
 * roster_reopen() - let cards come for the places that are vacant
 * @roster: a settled roster; who is there keeps its place
 */
void roster_reopen(struct roster *roster)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < roster->count; i++) {
		if (roster_has(roster, i))
			roster->cards[count++] = roster->cards[i];
	}
	roster->count = count;
	roster->settled = false;
	memset(roster->vacant, 0, sizeof(roster->vacant));
}

/**
 * roster_restore() - settle a roster as it was before, with vacant places
 * @roster: a roster to which cards were added, all with their places
 * @epoch: its epoch
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int roster_restore(struct roster *roster, uint32_t epoch, struct mpcnet_err *err)
{
	unsigned int have = roster->count;

	for (unsigned int i = 0; i < have; i++) {
		if (roster->cards[i].index < 0)
			return mpcnet_err_set(err, "a card has no place");
	}
	qsort(roster->cards, have, sizeof(roster->cards[0]), by_index);
	roster->count = roster->ticket->parties;
	for (unsigned int i = roster->count; i-- > 0;) {
		roster->vacant[i] = !have || roster->cards[have - 1].index != (int)i;
		if (!roster->vacant[i])
			roster->cards[i] = roster->cards[--have];
		else
			memset(&roster->cards[i], 0, sizeof(roster->cards[i]));
	}
	roster->settled = true;
	if (!roster_renew(roster, epoch))
		return mpcnet_err_set(err, "libcrypto cannot compute the roster's hash");
	return 0;
}

/**
 * roster_renew() - the same parties, in another epoch
 * @roster: a settled roster
 * @epoch: the epoch
 *
 * Return: false if the hash cannot be computed.
 */
bool roster_renew(struct roster *roster, uint32_t epoch)
{
	roster->epoch = epoch;
	return hash(roster);
}

/**
 * roster_psk() - the pre-shared key of two parties
 * @psk: gets it; secret
 * @roster: a settled roster
 * @a: place of the one
 * @b: place of the other
 *
 * Parties of other rosters have other keys: they cannot connect.
 *
 * Return: false if it cannot be computed.
 */
bool roster_psk(uint8_t psk[MPCNET_KEY_LEN], const struct roster *roster, unsigned int a,
		unsigned int b)
{
	static const char what[] = "mpcnet psk";
	uint8_t info[sizeof(what) + 2 * MPCNET_KEY_LEN];
	const struct ticket *ticket = roster->ticket;
	unsigned int low = a < b ? a : b, high = a < b ? b : a;

	memcpy(info, what, sizeof(what));
	memcpy(info + sizeof(what), roster->cards[low].public_key, MPCNET_KEY_LEN);
	memcpy(info + sizeof(what) + MPCNET_KEY_LEN, roster->cards[high].public_key,
	       MPCNET_KEY_LEN);
	return crypto_hkdf(psk, (struct crypto_span){ ticket->secret, TICKET_SECRET_LEN },
			   (struct crypto_span){ roster->hash, STUN_ROSTER_LEN },
			   (struct crypto_span){ info, sizeof(info) });
}

/**
 * roster_addresses() - where a party is found inside
 * @addresses: gets an IPv4 and an IPv6 address, each by itself (/32 and /128)
 * @ticket: of the session
 * @party: its place
 *
 * The first address of the network is party 0's plus one. IPv6 addresses are
 * unique local ones, RFC 4193, of a network that follows from the ticket.
 */
void roster_addresses(struct mpcnet_allowedip addresses[ROSTER_ADDRESSES],
		      const struct ticket *ticket, unsigned int party)
{
	uint8_t id[TICKET_ID_LEN] = { 0 };
	uint32_t net, in;

	ticket_id(id, ticket);
	net = NETWORK4 | (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8;
	if (ticket->network)
		net = ntohl(ticket->network);
	net &= UINT32_MAX << (32 - ticket->network_len);
	in = htonl(net + party + 1);
	memset(addresses, 0, ROSTER_ADDRESSES * sizeof(addresses[0]));
	addresses[0].family = AF_INET;
	addresses[0].cidr = 32;
	memcpy(addresses[0].addr, &in, 4);
	addresses[1].family = AF_INET6;
	addresses[1].cidr = 128;
	addresses[1].addr[0] = 0xfd;
	memcpy(addresses[1].addr + 1, id, NETWORK6_LEN / 8 - 1);
	addresses[1].addr[14] = (uint8_t)((party + 1) >> 8);
	addresses[1].addr[15] = (uint8_t)(party + 1);
}
