// SPDX-License-Identifier: GPL-2.0
/*
 * The short authentication string: everybody commits to a random number, and
 * shows it only when the commitments of all are there. Who stands in between
 * with keys of its own has to choose its numbers before it knows those of the
 * others: each attempt comes to the same string with a chance of one in a million.
 */
#include "board.h"

#include <stdio.h>
#include <string.h>

#include "bytes.h"

#define SAS_MODULUS 1000000
#define SAS_ROOM                                                                                   \
	(TICKET_ID_LEN + STUN_ROSTER_LEN +                                                         \
	 PARTIES_MAX * (MPCNET_KEY_LEN + CARD_NAME_MAX + 1 + POST_NONCE_LEN))

/**
 * sas_commit() - what commits a party to its number, and does not tell it
 * @commitment: gets it
 * @ticket: of the session
 * @public_key: of the party
 * @nonce: its number
 *
 * Return: false if ticket_check() refuses the ticket, or libcrypto fails.
 */
bool sas_commit(uint8_t commitment[CRYPTO_HASH_LEN], const struct ticket *ticket,
		const uint8_t public_key[MPCNET_KEY_LEN], const uint8_t nonce[POST_NONCE_LEN])
{
	uint8_t data[TICKET_ID_LEN + MPCNET_KEY_LEN + POST_NONCE_LEN];

	if (!ticket_id(data, ticket))
		return false;
	memcpy(data + TICKET_ID_LEN, public_key, MPCNET_KEY_LEN);
	memcpy(data + TICKET_ID_LEN + MPCNET_KEY_LEN, nonce, POST_NONCE_LEN);
	return crypto_hash(commitment, "mpcnet commitment",
			   (struct crypto_span){ data, sizeof(data) });
}

/**
 * sas_text() - the string, of identities, names, places and numbers of all
 * @text: gets it: six digits
 * @roster: a settled roster
 * @nonces: the number of each party, in order of their places
 *
 * Return: false if libcrypto fails.
 */
bool sas_text(char text[BOARD_SAS_TEXT], const struct roster *roster,
	      const uint8_t (*nonces)[POST_NONCE_LEN])
{
	uint8_t data[SAS_ROOM], hash[CRYPTO_HASH_LEN];
	struct bytes_out out = { .data = data, .room = sizeof(data) };
	uint64_t number = 0;

	if (!ticket_id(data, roster->ticket))
		return false;
	out.len = TICKET_ID_LEN;
	bytes_put(&out, roster->hash, STUN_ROSTER_LEN);
	for (unsigned int i = 0; i < roster->count; i++) {
		if (!roster_has(roster, i))
			continue;
		bytes_put(&out, roster->cards[i].public_key, MPCNET_KEY_LEN);
		bytes_put_text(&out, roster->cards[i].name);
		bytes_put(&out, nonces[i], POST_NONCE_LEN);
	}
	if (out.failed || !crypto_hash(hash, "mpcnet sas", (struct crypto_span){ data, out.len }))
		return false;
	for (unsigned int i = 0; i < sizeof(number); i++)
		number = number << 8 | hash[i];
	number %= SAS_MODULUS;
	snprintf(text, BOARD_SAS_TEXT, "%03u %03u", (unsigned int)(number / 1000),
		 (unsigned int)(number % 1000));
	return true;
}
