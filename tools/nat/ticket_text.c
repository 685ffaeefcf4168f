// SPDX-License-Identifier: GPL-2.0
/*
 * A ticket as one line of text: "mpc1", then in base32
 *
 *	 1 version
 *	16 secret
 *	 1 parties
 *	 8 expires
 *	   name
 *	 4 network
 *	 1 network_len
 *	   stun, turn, broker: each one byte that counts them, then their URLs
 *	 4 checksum
 *
 * Numbers are big-endian; a text stands behind one byte that is its length.
 */
#include "card.h"

#include <string.h>

#include <openssl/crypto.h>

#include "armor.h"
#include "bytes.h"
#include "crypto.h"

#define TICKET_VERSION 1
#define TICKET_SUM_LEN 4

static void put_urls(struct bytes_out *out, const char (*urls)[TICKET_URL_MAX + 1],
		     unsigned int count)
{
	bytes_put_number(out, count, 1);
	for (unsigned int i = 0; i < count; i++)
		bytes_put_text(out, urls[i]);
}

static unsigned int take_urls(struct bytes_in *in, char (*urls)[TICKET_URL_MAX + 1])
{
	unsigned int count = (unsigned int)bytes_take_number(in, 1);

	if (count > TICKET_SERVERS_MAX) {
		in->failed = true;
		return 0;
	}
	for (unsigned int i = 0; i < count; i++)
		bytes_take_text(in, urls[i], sizeof(urls[i]));
	return count;
}

/**
 * ticket_encode() - a ticket as bytes, one spelling of each
 * @data: gets them
 * @room: bytes there; TICKET_ROOM suffices
 * @ticket: the ticket
 *
 * Return: how many, 0 if ticket_check() refuses it or there is too little room.
 */
size_t ticket_encode(uint8_t *data, size_t room, const struct ticket *ticket)
{
	struct bytes_out out = { .data = data, .room = room };
	struct mpcnet_err err;

	if (ticket_check(ticket, &err))
		return 0;
	bytes_put_number(&out, TICKET_VERSION, 1);
	bytes_put(&out, ticket->secret, sizeof(ticket->secret));
	bytes_put_number(&out, ticket->parties, 1);
	bytes_put_number(&out, ticket->expires, 8);
	bytes_put_text(&out, ticket->name);
	bytes_put(&out, &ticket->network, sizeof(ticket->network));
	bytes_put_number(&out, ticket->network_len, 1);
	put_urls(&out, ticket->stun, ticket->stun_count);
	put_urls(&out, ticket->turn, ticket->turn_count);
	put_urls(&out, ticket->broker, ticket->broker_count);
	return out.failed ? 0 : out.len;
}

static void take_ticket(struct bytes_in *in, struct ticket *ticket)
{
	bytes_take(in, ticket->secret, sizeof(ticket->secret));
	ticket->parties = (unsigned int)bytes_take_number(in, 1);
	ticket->expires = bytes_take_number(in, 8);
	bytes_take_text(in, ticket->name, sizeof(ticket->name));
	bytes_take(in, &ticket->network, sizeof(ticket->network));
	ticket->network_len = (uint8_t)bytes_take_number(in, 1);
	ticket->stun_count = take_urls(in, ticket->stun);
	ticket->turn_count = take_urls(in, ticket->turn);
	ticket->broker_count = take_urls(in, ticket->broker);
}

/**
 * ticket_decode() - read what ticket_encode() wrote
 * @ticket: gets the ticket; empty if it is refused
 * @data: the bytes
 * @len: how many
 * @err: says why it was refused
 *
 * Return: 0, or -1.
 */
int ticket_decode(struct ticket *ticket, const uint8_t *data, size_t len, struct mpcnet_err *err)
{
	struct bytes_in in = { .data = data, .len = len };
	int rc;

	memset(ticket, 0, sizeof(*ticket));
	if (bytes_take_number(&in, 1) != TICKET_VERSION)
		return mpcnet_err_set(err, "the ticket is for another version of mpcnet");
	take_ticket(&in, ticket);
	if (bytes_end(&in))
		rc = ticket_check(ticket, err);
	else
		rc = mpcnet_err_set(err, "its parts do not fit together");
	if (!rc)
		return 0;
	explicit_bzero(ticket, sizeof(*ticket));
	return mpcnet_err_prefix(err, "the ticket was made badly, ask for another: ");
}

static bool checksum(uint8_t sum[CRYPTO_HASH_LEN], const uint8_t *data, size_t len)
{
	return crypto_hash(sum, "mpcnet ticket checksum", (struct crypto_span){ data, len });
}

/**
 * ticket_format() - a ticket as text
 * @text: gets it
 * @ticket: the ticket
 *
 * Return: false if ticket_check() refuses it, or libcrypto fails.
 */
bool ticket_format(char text[TICKET_TEXT_MAX], const struct ticket *ticket)
{
	uint8_t data[TICKET_ROOM + TICKET_SUM_LEN], sum[CRYPTO_HASH_LEN];
	size_t len = ticket_encode(data, TICKET_ROOM, ticket);
	bool done = false;

	if (len && checksum(sum, data, len)) {
		memcpy(data + len, sum, TICKET_SUM_LEN);
		done = armor_write(text, TICKET_TEXT_MAX, &armor_ticket, data,
				   len + TICKET_SUM_LEN);
	}
	explicit_bzero(data, sizeof(data));
	return done;
}

/* The bytes of a text, without the checksum, which is right. */
static int read_text(uint8_t *data, size_t *len, const char *text, struct mpcnet_err *err)
{
	enum armor_result result = armor_read(data, len, &armor_ticket, text);
	uint8_t sum[CRYPTO_HASH_LEN];

	if (result == ARMOR_OTHER)
		return mpcnet_err_set(err, "this is no ticket: it does not begin with mpc1");
	if (result == ARMOR_OK && *len > TICKET_SUM_LEN) {
		*len -= TICKET_SUM_LEN;
		if (checksum(sum, data, *len) && !CRYPTO_memcmp(sum, data + *len, TICKET_SUM_LEN))
			return 0;
	}
	return mpcnet_err_set(err, "the ticket is mistyped or cut: copy it whole");
}

/**
 * ticket_parse() - read a ticket
 * @ticket: gets the ticket; empty if it is refused
 * @text: the text, in small letters or capitals; white space and "-" do not matter
 * @err: says why it was refused
 *
 * Whether it is too late for it is not asked, see ticket_expired().
 *
 * Return: 0, or -1.
 */
int ticket_parse(struct ticket *ticket, const char *text, struct mpcnet_err *err)
{
	uint8_t data[TICKET_ROOM + TICKET_SUM_LEN];
	size_t len = sizeof(data);
	int rc;

	memset(ticket, 0, sizeof(*ticket));
	rc = read_text(data, &len, text, err);
	if (!rc)
		rc = ticket_decode(ticket, data, len, err);
	explicit_bzero(data, sizeof(data));
	return rc;
}

/**
 * ticket_id() - what names a session to those outside, and gives nothing away
 * @id: gets it
 * @ticket: its ticket
 *
 * Return: false if ticket_check() refuses it, or libcrypto fails.
 */
bool ticket_id(uint8_t id[TICKET_ID_LEN], const struct ticket *ticket)
{
	uint8_t data[TICKET_ROOM], hash[CRYPTO_HASH_LEN];
	size_t len = ticket_encode(data, sizeof(data), ticket);
	bool done = len && crypto_hash(hash, "mpcnet ticket id", (struct crypto_span){ data, len });

	explicit_bzero(data, sizeof(data));
	if (done)
		memcpy(id, hash, TICKET_ID_LEN);
	return done;
}

/**
 * ticket_key() - a key that all who hold the ticket have
 * @key: gets it
 * @ticket: the ticket
 * @purpose: what it is for; another purpose has another key
 *
 * Return: false if ticket_check() refuses it, or libcrypto fails.
 */
bool ticket_key(uint8_t key[MPCNET_KEY_LEN], const struct ticket *ticket, const char *purpose)
{
	uint8_t id[TICKET_ID_LEN];

	return ticket_id(id, ticket) &&
	       crypto_hkdf(key, (struct crypto_span){ ticket->secret, sizeof(ticket->secret) },
			   (struct crypto_span){ id, sizeof(id) },
			   (struct crypto_span){ purpose, strlen(purpose) });
}
