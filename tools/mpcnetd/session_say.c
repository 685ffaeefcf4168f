// SPDX-License-Identifier: GPL-2.0
/*
 * What a session says to the other parties: its posting, which replaces the one
 * before, by the rendezvous and by the links that are up. Any may be lost: by the
 * links they are sent again and again, and those of third parties go along to
 * whom they have no link.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
/* Of one posting to the next */
#define PAUSE (30 * MSEC)
/* Reasons change often, and are for people. */
#define PAUSE_REASONS SEC
/* By the links, until the mesh is ready, and then */
#define GOSSIP (500 * MSEC)
#define GOSSIP_READY (15 * SEC)
/* In addition, for each pair of parties: all of them speak to all. */
#define PAUSE_PAIR (MSEC)
#define GOSSIP_PAIR (2 * MSEC)
/* Of others, at a time */
#define PASS_ON_MAX 100
/* The last word goes by the links so often: nobody asks for it again. */
#define LAST_WORDS 3

static uint64_t pairs(const struct session *session)
{
	return (uint64_t)session->ticket.parties * (session->ticket.parties - 1) / 2;
}

static void compose_links(const struct session *session, struct post *post)
{
	struct agent_verdict verdict;
	struct post_trouble *trouble;

	for (unsigned int i = 0; session->agent && i < session->ticket.parties; i++) {
		const struct session_link *link = &session->links[i];

		if (i == session->self || !roster_has(&session->roster, i))
			continue;
		if (session_link_is_up(link)) {
			post_set_up(post, i);
			continue;
		}
		if (post->trouble_count == POST_TROUBLES_MAX)
			continue;
		agent_verdict(session->agent, i, &verdict);
		trouble = &post->troubles[post->trouble_count++];
		trouble->party = (uint8_t)i;
		snprintf(trouble->text, sizeof(trouble->text), "%.*s", POST_TEXT_MAX,
			 verdict.reason);
	}
}

static void compose(const struct session *session, uint8_t flags, struct post *post)
{
	const struct roster *roster = session_said_roster(session);

	memset(post, 0, sizeof(*post));
	post->card = session->own;
	post->flags = flags;
	if (session->epoch.moving ? session->epoch.next_verified : session->verified)
		post->flags |= POST_VERIFIED;
	if (session->ready && !session->epoch.moving)
		post->flags |= POST_READY;
	memcpy(post->commitment, session->commitment, CRYPTO_HASH_LEN);
	if (session->roster.settled) {
		memcpy(post->roster, roster->hash, STUN_ROSTER_LEN);
		post->revealed = board_all_agree(&session->board, roster);
		/* Of the next roster no link is there yet. */
		if (!session->epoch.moving)
			compose_links(session, post);
	}
	if (post->revealed)
		memcpy(post->nonce, session->nonce, POST_NONCE_LEN);
}

static void send_by_link(struct session *session, unsigned int party, const uint8_t *data,
			 size_t len)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];

	if (party == session->self || !session_link_carries(&session->links[party]))
		return;
	roster_addresses(addresses, &session->ticket, party);
	mesh_send(&session->mesh, addresses[0].addr, data, len);
}

static void send_by_links(struct session *session, const uint8_t *data, size_t len)
{
	for (unsigned int i = 0; session->roster.settled && i < session->ticket.parties; i++)
		send_by_link(session, i, data, len);
}

/**
 * session_say_now() - lay out what we have to say
 * @session: the session
 * @flags: of enum post_flag, in addition
 */
void session_say_now(struct session *session, uint8_t flags)
{
	uint8_t sealed[POST_ROOM];
	struct post post;
	size_t len;

	compose(session, flags, &post);
	session->said_len = post_encode(session->said, sizeof(session->said), &post);
	post.sequence = loop_wall() / 1000;
	if (post.sequence <= session->said_sequence)
		post.sequence = session->said_sequence + 1;
	session->said_sequence = post.sequence;
	session->said_at = loop_now();
	len = post_seal(sealed, &post, &session->post_key);
	if (!len) {
		log_error("session %s: the posting cannot be sealed", session->name);
		return;
	}
	board_take(&session->board, &post);
	rendezvous_post(&session->rendezvous, sealed, len);
	for (unsigned int i = 0; i < (flags & POST_GONE ? LAST_WORDS : 1); i++)
		send_by_links(session, sealed, len);
}

/* Without reasons, of which alone nobody needs to hear at once. */
static bool differs_in_reasons_only(const struct session *session, const struct post *post)
{
	struct post a, b = *post;
	uint8_t said[POST_ROOM], now[POST_ROOM];
	size_t len;

	if (!post_decode(&a, session->said, session->said_len))
		return false;
	a.trouble_count = 0;
	b.trouble_count = 0;
	len = post_encode(said, sizeof(said), &a);
	return post_encode(now, sizeof(now), &b) == len && !memcmp(said, now, len);
}

/**
 * session_say() - something that we say may be new
 * @session: the session
 */
void session_say(struct session *session)
{
	uint8_t now[POST_ROOM];
	struct post post;
	uint64_t soon = session->said_at + PAUSE + pairs(session) * PAUSE_PAIR;
	size_t len;

	/* What is said soon anyway is composed then. */
	if (!session->have_card || session->state == SESSION_FAILED || session->say_at <= soon)
		return;
	compose(session, 0, &post);
	len = post_encode(now, sizeof(now), &post);
	if (len == session->said_len && !memcmp(now, session->said, len)) {
		session->say_at = LOOP_NEVER;
		return;
	}
	if (session->said_len && differs_in_reasons_only(session, &post))
		soon += PAUSE_REASONS;
	session->say_at = session->said_len ? soon : 0;
}

static bool lacks_link(const struct session *session, unsigned int of, unsigned int party)
{
	const struct post *post = board_of(&session->board, &session->roster, of);

	return session_link_carries(&session->links[of]) && of != party &&
	       (!post || !post_is_up(post, party));
}

/* To those that have no link to a third party, by us. Return: to how many. */
static unsigned int pass_on(struct session *session, unsigned int party)
{
	const struct post *post = board_of(&session->board, &session->roster, party);
	uint8_t sealed[POST_ROOM];
	unsigned int times = 0;
	size_t len = 0;

	if (!roster_has(&session->roster, party) || !post || party == session->self)
		return 0;
	for (unsigned int to = 0; to < session->roster.count; to++) {
		if (!lacks_link(session, to, party))
			continue;
		len = len ? len : post_seal(sealed, post, &session->post_key);
		send_by_link(session, to, sealed, len);
		times++;
	}
	return times;
}

static void pass_some_on(struct session *session)
{
	unsigned int parties = session->roster.count, times = 0;

	for (unsigned int i = 0; i < parties && times < PASS_ON_MAX; i++) {
		times += pass_on(session, session->pass_next % parties);
		session->pass_next = (session->pass_next + 1) % parties;
	}
}

/**
 * session_say_again() - say by the links what may have been lost
 * @session: the session; sets @gossip_at
 * @now: time of loop_now()
 */
void session_say_again(struct session *session, uint64_t now)
{
	uint8_t sealed[POST_ROOM];
	bool calm = session->ready && !session->epoch.moving;
	const struct post *own;
	size_t len;

	session->gossip_at = now + (calm ? GOSSIP_READY : GOSSIP + pairs(session) * GOSSIP_PAIR);
	if (!session->roster.settled)
		return;
	own = board_of(&session->board, &session->roster, session->self);
	len = own ? post_seal(sealed, own, &session->post_key) : 0;
	if (len)
		send_by_links(session, sealed, len);
	if (!calm)
		pass_some_on(session);
}
