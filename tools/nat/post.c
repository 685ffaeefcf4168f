// SPDX-License-Identifier: GPL-2.0
/*
 * A posting as bytes, sealed as a card is:
 *
 *	 1 version
 *	 8 sequence
 *	 1 flags
 *	   card, behind two bytes that are its length
 *	16 roster
 *	32 commitment
 *	 1 revealed, 0 or 1
 *	16 nonce, if revealed
 *	 1 how many bytes of up, the last of which is not 0
 *	   up
 *	 1 how many troubles, then of each
 *	     1 party
 *	       text, behind one byte that is its length
 *
 * Numbers are big-endian. One posting has one spelling.
 */
#include "post.h"

#include <string.h>

#include "bytes.h"

#define POST_VERSION 1

/**
 * post_is_up() - does a party say that its link to another is up?
 * @post: its posting
 * @party: place of the other
 *
 * Return: it does.
 */
bool post_is_up(const struct post *post, unsigned int party)
{
	return post->up[party / 8] & 1u << party % 8;
}

/**
 * post_set_up() - say that a link is up
 * @post: our posting
 * @party: place of the other
 */
void post_set_up(struct post *post, unsigned int party)
{
	post->up[party / 8] |= (uint8_t)(1u << party % 8);
}

static unsigned int up_len(const struct post *post)
{
	unsigned int len = sizeof(post->up);

	while (len && !post->up[len - 1])
		len--;
	return len;
}

static void put_card(struct bytes_out *out, const struct card *card)
{
	uint8_t data[CARD_ROOM];
	size_t len = card_encode(data, sizeof(data), card);

	bytes_put_number(out, len, 2);
	bytes_put(out, data, len);
	out->failed |= !len;
}

/* Plain text only: it is shown on terminals. */
static bool text_is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

static void put_troubles(struct bytes_out *out, const struct post *post)
{
	bytes_put_number(out, post->trouble_count, 1);
	for (unsigned int i = 0; i < post->trouble_count; i++) {
		bytes_put_number(out, post->troubles[i].party, 1);
		bytes_put_text(out, post->troubles[i].text);
		out->failed |= !text_is_plain(post->troubles[i].text);
	}
}

/**
 * post_encode() - a posting as bytes
 * @data: gets them
 * @room: bytes there; POST_ROOM suffices
 * @post: the posting
 *
 * Return: how many, 0 if there is too little room, card_encode() refuses the
 * card, or something has a value that it may not have.
 */
size_t post_encode(uint8_t *data, size_t room, const struct post *post)
{
	struct bytes_out out = { .data = data, .room = room };
	unsigned int up = up_len(post);

	if (post->flags & ~POST_ALL || post->trouble_count > POST_TROUBLES_MAX)
		return 0;
	bytes_put_number(&out, POST_VERSION, 1);
	bytes_put_number(&out, post->sequence, 8);
	bytes_put_number(&out, post->flags, 1);
	put_card(&out, &post->card);
	bytes_put(&out, post->roster, sizeof(post->roster));
	bytes_put(&out, post->commitment, sizeof(post->commitment));
	bytes_put_number(&out, post->revealed, 1);
	if (post->revealed)
		bytes_put(&out, post->nonce, sizeof(post->nonce));
	bytes_put_number(&out, up, 1);
	bytes_put(&out, post->up, up);
	put_troubles(&out, post);
	return out.failed ? 0 : out.len;
}

static void take_card(struct bytes_in *in, struct card *card)
{
	size_t len = (size_t)bytes_take_number(in, 2);
	uint8_t data[CARD_ROOM];

	if (len > sizeof(data)) {
		in->failed = true;
		return;
	}
	bytes_take(in, data, len);
	if (in->failed || !card_decode(card, data, len))
		in->failed = true;
}

static void take_up(struct bytes_in *in, struct post *post)
{
	size_t len = (size_t)bytes_take_number(in, 1);

	if (len > sizeof(post->up)) {
		in->failed = true;
		return;
	}
	bytes_take(in, post->up, len);
	if (len && !post->up[len - 1])
		in->failed = true;
}

static void take_troubles(struct bytes_in *in, struct post *post)
{
	post->trouble_count = (unsigned int)bytes_take_number(in, 1);
	if (post->trouble_count > POST_TROUBLES_MAX) {
		in->failed = true;
		return;
	}
	for (unsigned int i = 0; i < post->trouble_count && !in->failed; i++) {
		struct post_trouble *trouble = &post->troubles[i];

		trouble->party = (uint8_t)bytes_take_number(in, 1);
		bytes_take_text(in, trouble->text, sizeof(trouble->text));
		in->failed |= !text_is_plain(trouble->text);
	}
}

/**
 * post_decode() - read what post_encode() wrote
 * @post: gets the posting; undefined if it is refused
 * @data: the bytes; nothing of them is trusted
 * @len: how many
 *
 * Return: is it one?
 */
bool post_decode(struct post *post, const uint8_t *data, size_t len)
{
	struct bytes_in in = { .data = data, .len = len };
	uint64_t revealed;

	memset(post, 0, sizeof(*post));
	if (bytes_take_number(&in, 1) != POST_VERSION)
		return false;
	post->sequence = bytes_take_number(&in, 8);
	post->flags = (uint8_t)bytes_take_number(&in, 1);
	take_card(&in, &post->card);
	bytes_take(&in, post->roster, sizeof(post->roster));
	bytes_take(&in, post->commitment, sizeof(post->commitment));
	revealed = bytes_take_number(&in, 1);
	post->revealed = revealed;
	if (revealed)
		bytes_take(&in, post->nonce, sizeof(post->nonce));
	take_up(&in, post);
	take_troubles(&in, post);
	return bytes_end(&in) && revealed <= 1 && !(post->flags & ~POST_ALL);
}

/**
 * post_make_key() - what postings of a session are sealed with
 * @key: gets it; secret
 * @ticket: the ticket of the session
 *
 * Return: false if ticket_check() refuses the ticket, or libcrypto fails.
 */
bool post_make_key(struct post_key *key, const struct ticket *ticket)
{
	key->parties = ticket->parties;
	return ticket_id(key->id, ticket) && ticket_key(key->key, ticket, "posting");
}

/**
 * post_seal() - a posting that only those who hold the ticket can read
 * @sealed: gets it
 * @post: the posting
 * @key: of its session
 *
 * Return: its length in bytes; 0 if post_encode() refuses it, or libcrypto fails.
 */
size_t post_seal(uint8_t sealed[POST_ROOM], const struct post *post, const struct post_key *key)
{
	uint8_t data[POST_ROOM - CRYPTO_SEAL_LEN];
	size_t len = post_encode(data, sizeof(data), post);

	if (!len || !crypto_seal(sealed, key->key, (struct crypto_span){ data, len },
				 (struct crypto_span){ key->id, sizeof(key->id) }))
		return 0;
	return len + CRYPTO_SEAL_LEN;
}

/**
 * post_open() - read what post_seal() wrote
 * @post: gets the posting; undefined if it is refused
 * @sealed: the bytes; nothing of them is trusted
 * @len: how many
 * @key: of our session
 *
 * Return: is it one, made with the same ticket?
 */
bool post_open(struct post *post, const uint8_t *sealed, size_t len, const struct post_key *key)
{
	uint8_t data[POST_ROOM];

	if (len <= CRYPTO_SEAL_LEN || len > POST_ROOM)
		return false;
	return crypto_open(data, key->key, (struct crypto_span){ sealed, len },
			   (struct crypto_span){ key->id, sizeof(key->id) }) &&
	       post_decode(post, data, len - CRYPTO_SEAL_LEN) &&
	       post->card.index < (int)key->parties;
}
