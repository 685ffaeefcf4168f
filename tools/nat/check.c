// SPDX-License-Identifier: GPL-2.0
/*
 * Connectivity checks: STUN Binding requests under the key of a pair.
 *
 *	USERNAME	tag of the pair, and which of the two speaks
 *	PRIORITY	1 while the sender punches, else 0
 *	USE-CANDIDATE	the sender nominates the path
 *	ROSTER		hash of the group that the sender means
 *	MESSAGE-INTEGRITY-SHA256, FINGERPRINT
 *
 * Who means another group is answered with error 590 and our own hash.
 */
#include "link.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* The tag, ":" and the side */
#define NAME_LEN (CHECK_TAG_LEN + 2)

/**
 * check_tag() - the name of a pair, which only its key tells
 * @tag: gets it
 * @key: the pair's key
 *
 * Return: false if it cannot be computed.
 */
bool check_tag(char tag[CHECK_TAG_LEN + 1], const uint8_t key[MPCNET_KEY_LEN])
{
	static const uint8_t what[] = "mpcnet pair";
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!HMAC(EVP_sha256(), key, MPCNET_KEY_LEN, what, sizeof(what) - 1, digest, &len))
		return false;
	for (unsigned int i = 0; i < CHECK_TAG_LEN / 2; i++)
		snprintf(tag + 2 * i, 3, "%02x", digest[i]);
	return true;
}

/* The side keeps our own checks from passing for the other's. */
static void name(char text[NAME_LEN + 1], const struct link *link, bool controlling)
{
	memcpy(text, link->tag, CHECK_TAG_LEN);
	memcpy(text + CHECK_TAG_LEN, controlling ? ":a" : ":b", 3);
}

static size_t seal(struct stun_builder *b, const struct link *link)
{
	stun_seal_sha256(b, link->peer.key, MPCNET_KEY_LEN);
	return stun_end(b);
}

/**
 * check_request() - write a check
 * @data: where to
 * @room: bytes there
 * @agent: the agent
 * @link: the link
 * @id: the transaction
 * @use: nominate the path
 *
 * Return: its length, 0 if it cannot be made.
 */
size_t check_request(uint8_t *data, size_t room, const struct agent *agent, const struct link *link,
		     const uint8_t id[STUN_ID_LEN], bool use)
{
	char who[NAME_LEN + 1];
	struct stun_builder b;

	name(who, link, link->peer.controlling);
	stun_begin(&b, data, room, STUN_REQUEST, STUN_BINDING, id);
	stun_put(&b, STUN_USERNAME, who, NAME_LEN);
	stun_put_u32(&b, STUN_PRIORITY, link->phase == LINK_KNOCK || link->phase == LINK_PUNCH);
	if (use)
		stun_put(&b, STUN_USE_CANDIDATE, NULL, 0);
	stun_put(&b, STUN_ROSTER, agent->conf.roster, STUN_ROSTER_LEN);
	return seal(&b, link);
}

/**
 * check_answer() - write the answer to a check
 * @data: where to
 * @room: bytes there
 * @agent: the agent
 * @link: the link
 * @check: the check
 * @from: where it came from
 * @same_roster: it means our group
 *
 * Return: its length, 0 if it cannot be made.
 */
size_t check_answer(uint8_t *data, size_t room, const struct agent *agent, const struct link *link,
		    const struct check *check, const union mpcnet_endpoint *from, bool same_roster)
{
	struct stun_builder b;

	stun_begin(&b, data, room, same_roster ? STUN_SUCCESS : STUN_ERROR, STUN_BINDING,
		   check->message.id);
	if (!same_roster)
		stun_put_error(&b, STUN_ROSTER_DIFFERS, "roster differs");
	stun_put_address(&b, STUN_XOR_MAPPED_ADDRESS, from);
	stun_put(&b, STUN_ROSTER, agent->conf.roster, STUN_ROSTER_LEN);
	return seal(&b, link);
}

/**
 * check_sender() - whose check is it?
 * @agent: the agent
 * @check: a request
 *
 * Return: the link of its sender, if it is authentic, else NULL.
 */
struct link *check_sender(struct agent *agent, const struct check *check)
{
	const struct stun_message *m = &check->message;
	char who[NAME_LEN + 1];

	if (m->username.len != NAME_LEN)
		return NULL;
	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		struct link *link = &agent->links[i];

		if (link->phase == LINK_IDLE)
			continue;
		name(who, link, !link->peer.controlling);
		if (!CRYPTO_memcmp(who, m->username.data, NAME_LEN) &&
		    stun_verify_sha256(m, link->peer.key, MPCNET_KEY_LEN))
			return link;
	}
	return NULL;
}

/**
 * check_decode() - is this a check, or the answer to one?
 * @check: gets it; it points into @data
 * @data: a datagram
 * @len: its length
 *
 * Nothing of it is authentic yet.
 *
 * Return: false if it is something else.
 */
bool check_decode(struct check *check, const void *data, size_t len)
{
	struct stun_message *m = &check->message;

	if (!stun_is_message(data, len) || !stun_decode(m, data, len))
		return false;
	if (m->method != STUN_BINDING || m->class == STUN_INDICATION || m->unknown ||
	    !m->sha256_at || m->sha256_len != 32 || !m->has_fingerprint)
		return false;
	check->use = m->use_candidate;
	check->punching = m->has_priority && m->priority;
	return true;
}

/**
 * check_same_roster() - does the sender mean our group?
 * @agent: the agent
 * @check: the check
 *
 * Return: true if it says our hash, or that of the roster that ours becomes, or was.
 */
bool check_same_roster(const struct agent *agent, const struct check *check)
{
	static const uint8_t none[STUN_ROSTER_LEN];
	const uint8_t *roster = check->message.roster;

	if (!roster)
		return false;
	return !CRYPTO_memcmp(roster, agent->conf.roster, STUN_ROSTER_LEN) ||
	       (memcmp(agent->other, none, STUN_ROSTER_LEN) &&
		!CRYPTO_memcmp(roster, agent->other, STUN_ROSTER_LEN));
}
