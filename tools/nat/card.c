// SPDX-License-Identifier: GPL-2.0
/*
 * A card as bytes:
 *
 *	 1 version
 *	32 public_key
 *	   name, behind one byte that is its length
 *	 1 index, 255 for none
 *	 4 epoch
 *	 8 sequence
 *	 8 expires
 *	 1 mapping
 *	 1 udp_blocked, 0 or 1
 *	 1 count, then of each candidate
 *	     1 type
 *	     1 family, 4 or 6
 *	     4 or 16 address
 *	     2 port
 *
 * Numbers are big-endian. One card has one spelling.
 */
#include "card.h"

#include <string.h>

#include <arpa/inet.h>

#include "bytes.h"
#include "key.h"

#define CARD_VERSION 1
#define NO_INDEX 255

/* Are these what candidates_add() makes of them? */
static bool candidates_are_valid(const struct candidates *candidates)
{
	struct candidates again = { 0 };

	if (candidates->count > CANDIDATES_MAX || candidates->mapping > NAT_SEQUENTIAL)
		return false;
	for (unsigned int i = 0; i < candidates->count; i++) {
		const struct candidate *c = &candidates->at[i];

		/* Two are never equal, so that the address tells the place. */
		if (!candidates_add(&again, c->type, &c->address) ||
		    !mpcnet_endpoint_equal(&again.at[i].address, &c->address))
			return false;
	}
	return true;
}

static bool card_is_valid(const struct card *card)
{
	return !mpcnet_key_is_zero(card->public_key) && card_name_is_valid(card->name) &&
	       card->index >= -1 && card->index < PARTIES_MAX &&
	       candidates_are_valid(&card->candidates);
}

static void put_candidate(struct bytes_out *out, const struct candidate *c)
{
	bool four = c->address.sa.sa_family == AF_INET;

	bytes_put_number(out, c->type, 1);
	bytes_put_number(out, four ? 4 : 6, 1);
	if (four)
		bytes_put(out, &c->address.in.sin_addr, 4);
	else
		bytes_put(out, &c->address.in6.sin6_addr, 16);
	bytes_put_number(out, ntohs(four ? c->address.in.sin_port : c->address.in6.sin6_port), 2);
}

/**
 * card_encode() - a card as bytes
 * @data: gets them
 * @room: bytes there; CARD_ROOM suffices
 * @card: the card
 *
 * Return: how many, 0 if there is too little room, or if the card has no key,
 * a name that may not be, an index beyond PARTIES_MAX, or candidates that did
 * not come from candidates_add().
 */
size_t card_encode(uint8_t *data, size_t room, const struct card *card)
{
	struct bytes_out out = { .data = data, .room = room };

	if (!card_is_valid(card))
		return 0;
	bytes_put_number(&out, CARD_VERSION, 1);
	bytes_put(&out, card->public_key, sizeof(card->public_key));
	bytes_put_text(&out, card->name);
	bytes_put_number(&out, card->index < 0 ? NO_INDEX : (unsigned int)card->index, 1);
	bytes_put_number(&out, card->epoch, 4);
	bytes_put_number(&out, card->sequence, 8);
	bytes_put_number(&out, card->expires, 8);
	bytes_put_number(&out, card->candidates.mapping, 1);
	bytes_put_number(&out, card->candidates.udp_blocked, 1);
	bytes_put_number(&out, card->candidates.count, 1);
	for (unsigned int i = 0; i < card->candidates.count; i++)
		put_candidate(&out, &card->candidates.at[i]);
	return out.failed ? 0 : out.len;
}

static void take_address(struct bytes_in *in, union mpcnet_endpoint *address)
{
	switch (bytes_take_number(in, 1)) {
	case 4:
		address->in.sin_family = AF_INET;
		bytes_take(in, &address->in.sin_addr, 4);
		address->in.sin_port = htons((uint16_t)bytes_take_number(in, 2));
		break;
	case 6:
		address->in6.sin6_family = AF_INET6;
		bytes_take(in, &address->in6.sin6_addr, 16);
		address->in6.sin6_port = htons((uint16_t)bytes_take_number(in, 2));
		break;
	default:
		in->failed = true;
	}
}

static void take_candidates(struct bytes_in *in, struct candidates *candidates)
{
	uint64_t blocked;

	candidates->mapping = (enum nat_mapping)bytes_take_number(in, 1);
	blocked = bytes_take_number(in, 1);
	candidates->udp_blocked = blocked == 1;
	candidates->count = (unsigned int)bytes_take_number(in, 1);
	if (blocked > 1 || candidates->count > CANDIDATES_MAX) {
		in->failed = true;
		return;
	}
	for (unsigned int i = 0; i < candidates->count; i++) {
		candidates->at[i].type = (enum candidate_type)bytes_take_number(in, 1);
		take_address(in, &candidates->at[i].address);
	}
}

/**
 * card_decode() - read what card_encode() wrote
 * @card: gets the card; undefined if it is refused
 * @data: the bytes
 * @len: how many
 *
 * Return: false if that is no card of this version.
 */
bool card_decode(struct card *card, const uint8_t *data, size_t len)
{
	struct bytes_in in = { .data = data, .len = len };

	memset(card, 0, sizeof(*card));
	if (bytes_take_number(&in, 1) != CARD_VERSION)
		return false;
	bytes_take(&in, card->public_key, sizeof(card->public_key));
	bytes_take_text(&in, card->name, sizeof(card->name));
	card->index = (int)bytes_take_number(&in, 1);
	if (card->index == NO_INDEX)
		card->index = -1;
	card->epoch = (uint32_t)bytes_take_number(&in, 4);
	card->sequence = bytes_take_number(&in, 8);
	card->expires = bytes_take_number(&in, 8);
	take_candidates(&in, &card->candidates);
	return bytes_end(&in) && card_is_valid(card);
}

/**
 * card_ahead() - how far the clock of a card's party is ahead of ours
 * @card: a card that has just come
 * @now_s: seconds since 1970, by our clock
 *
 * Return: seconds, at least; 0 if it is not ahead, or if that cannot be seen as
 * the card may be an old one.
 */
uint64_t card_ahead(const struct card *card, uint64_t now_s)
{
	uint64_t made = card->sequence / 1000;

	return made > now_s ? made - now_s : 0;
}
