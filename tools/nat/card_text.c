// SPDX-License-Identifier: GPL-2.0
/*
 * A card as one line of text: "mpccard1", then in base64url the nonce, the
 * card's bytes by ChaCha20-Poly1305, and the tag. The ticket's id is bound in.
 */
#include "card.h"

#include <string.h>

#include "armor.h"
#include "crypto.h"

/**
 * card_seal() - a card as text that only those who hold the ticket can read
 * @text: gets it
 * @card: the card
 * @ticket: the ticket of its session
 *
 * Return: false if card_encode() or ticket_check() refuse theirs, if the index
 * is not one of the ticket's parties, or if libcrypto fails.
 */
bool card_seal(char text[CARD_TEXT_MAX], const struct card *card, const struct ticket *ticket)
{
	uint8_t data[CARD_ROOM], sealed[CARD_ROOM + CRYPTO_SEAL_LEN];
	uint8_t key[MPCNET_KEY_LEN], id[TICKET_ID_LEN];
	size_t len = card_encode(data, sizeof(data), card);
	bool done;

	if (!len || card->index >= (int)ticket->parties || !ticket_id(id, ticket))
		return false;
	done = ticket_key(key, ticket, "card") &&
	       crypto_seal(sealed, key, (struct crypto_span){ data, len },
			   (struct crypto_span){ id, sizeof(id) }) &&
	       armor_write(text, CARD_TEXT_MAX, &armor_card, sealed, len + CRYPTO_SEAL_LEN);
	explicit_bzero(key, sizeof(key));
	return done;
}

/* The card's bytes of the sealed ones. Return: how many, 0 if they were not opened. */
static size_t unseal(uint8_t data[CARD_ROOM], const uint8_t *sealed, size_t len,
		     const struct ticket *ticket)
{
	uint8_t key[MPCNET_KEY_LEN], id[TICKET_ID_LEN];
	bool done;

	done = ticket_id(id, ticket) && ticket_key(key, ticket, "card") &&
	       crypto_open(data, key, (struct crypto_span){ sealed, len },
			   (struct crypto_span){ id, sizeof(id) });
	explicit_bzero(key, sizeof(key));
	return done ? len - CRYPTO_SEAL_LEN : 0;
}

/**
 * card_open() - read what card_seal() wrote
 * @card: gets the card; undefined if it is refused
 * @text: the text; white space does not matter
 * @ticket: the ticket of our session
 * @err: says why it was refused
 *
 * Whether it is too late for it is not asked.
 *
 * Return: 0, or -1.
 */
int card_open(struct card *card, const char *text, const struct ticket *ticket,
	      struct mpcnet_err *err)
{
	uint8_t data[CARD_ROOM], sealed[CARD_ROOM + CRYPTO_SEAL_LEN];
	size_t len = sizeof(sealed);
	enum armor_result result = armor_read(sealed, &len, &armor_card, text);

	if (result == ARMOR_OTHER)
		return mpcnet_err_set(err, "this is no card: it does not begin with mpccard1");
	len = result == ARMOR_OK ? unseal(data, sealed, len, ticket) : 0;
	if (!len)
		return mpcnet_err_set(err, "the card was not made with this ticket, or is damaged");
	if (!card_decode(card, data, len))
		return mpcnet_err_set(err, "the card is of another version of mpcnet");
	if (card->index >= (int)ticket->parties)
		return mpcnet_err_set(err, "the card has index %d, but the session %u parties",
				      card->index, ticket->parties);
	return 0;
}
