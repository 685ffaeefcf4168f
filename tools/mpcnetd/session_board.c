// SPDX-License-Identifier: GPL-2.0
/*
 * What a session says to the other parties, and hears of them: postings.
 *
 *	card, roster, links ──► compose() ──► rendezvous	brokers, or the local network
 *	                                 └──► mesh		the links that are up
 *	either ──► session_board_hear() ──► roster	cards
 *	                              └──► board	who agrees, who has which link
 *
 * A posting replaces the one before, and any may be lost: those of the mesh are
 * sent again and again, and there those of third parties go along to whom they
 * have no link.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "did.h"
#include "log.h"

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
/* Of one posting to the next, and in addition for each party */
#define PAUSE (30 * MSEC)
#define PAUSE_PARTY (8 * MSEC)
/* Reasons change often, and are for people. */
#define PAUSE_REASONS SEC
/* By the mesh, until it is ready, and then */
#define GOSSIP (500 * MSEC)
#define GOSSIP_READY (15 * SEC)
/* The last word goes by the mesh so often: nobody asks for it again. */
#define LAST_WORDS 3
/* How long who holds the ticket and is in no roster, may take to go */
#define STRANGER_TIME (3 * SEC)

static void hear(void *arg, const uint8_t *data, size_t len)
{
	session_board_hear(arg, data, len);
}

static void trouble_changed(void *arg)
{
	struct session *session = arg;
	const char *trouble = rendezvous_trouble(&session->rendezvous);

	if (trouble)
		log_info("session %s: %s", session->name, trouble);
}

static const struct rendezvous_ops rendezvous_ops = { .received = hear,
						      .changed = trouble_changed };

static void compose_links(const struct session *session, struct post *post)
{
	struct agent_verdict verdict;
	struct post_trouble *trouble;

	for (unsigned int i = 0; session->agent && i < session->ticket.parties; i++) {
		const struct session_link *link = &session->links[i];

		if (i == session->self)
			continue;
		if (link->used && link->verified) {
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
	memset(post, 0, sizeof(*post));
	post->card = session->own;
	post->flags = flags;
	if (session->verified)
		post->flags |= POST_VERIFIED;
	if (session->ready)
		post->flags |= POST_READY;
	sas_commit(post->commitment, &session->ticket, session->own.public_key, session->nonce);
	if (session->roster.settled) {
		memcpy(post->roster, session->roster.hash, STUN_ROSTER_LEN);
		compose_links(session, post);
		post->revealed = board_all_agree(&session->board, &session->roster);
	}
	if (post->revealed)
		memcpy(post->nonce, session->nonce, POST_NONCE_LEN);
}

static void send_by_link(const struct session *session, unsigned int party, const uint8_t *data,
			 size_t len)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];

	if (party == session->self || !session->links[party].used ||
	    !session->links[party].verified)
		return;
	roster_addresses(addresses, &session->ticket, party);
	mesh_send(&session->mesh, addresses[0].addr, data, len);
}

static void send_by_links(const struct session *session, const uint8_t *data, size_t len)
{
	for (unsigned int i = 0; session->roster.settled && i < session->ticket.parties; i++)
		send_by_link(session, i, data, len);
}

/* Lay out what we have to say now. */
static void lay_out(struct session *session, uint8_t flags)
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
	len = post_seal(sealed, &post, &session->ticket);
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
 * session_board_say() - something that we say may be new
 * @session: the session
 */
void session_board_say(struct session *session)
{
	uint8_t now[POST_ROOM];
	struct post post;
	uint64_t pause = PAUSE + session->ticket.parties * PAUSE_PARTY;
	size_t len;

	if (!session->have_card || session->state == SESSION_FAILED)
		return;
	compose(session, 0, &post);
	len = post_encode(now, sizeof(now), &post);
	if (len == session->said_len && !memcmp(now, session->said, len)) {
		session->say_at = LOOP_NEVER;
		return;
	}
	if (session->said_len && differs_in_reasons_only(session, &post))
		pause = PAUSE_REASONS;
	session->say_at = session->said_len ? session->said_at + pause : 0;
}

/* To those that have no link to a third party, by us. */
static void pass_on(const struct session *session, unsigned int party, unsigned int to)
{
	const struct post *post = board_of(&session->board, &session->roster, party);
	const struct post *of_to = board_of(&session->board, &session->roster, to);
	uint8_t sealed[POST_ROOM];
	size_t len;

	if (!post || party == to || party == session->self || (of_to && post_is_up(of_to, party)))
		return;
	len = post_seal(sealed, post, &session->ticket);
	send_by_link(session, to, sealed, len);
}

static void gossip(struct session *session, uint64_t now)
{
	uint8_t sealed[POST_ROOM];
	const struct post *own;
	size_t len;

	session->gossip_at = now + (session->ready ? GOSSIP_READY : GOSSIP);
	if (!session->roster.settled)
		return;
	own = board_of(&session->board, &session->roster, session->self);
	len = own ? post_seal(sealed, own, &session->ticket) : 0;
	if (len)
		send_by_links(session, sealed, len);
	for (unsigned int to = 0; !session->ready && to < session->ticket.parties; to++) {
		if (!session->links[to].used || !session->links[to].verified)
			continue;
		for (unsigned int i = 0; i < session->ticket.parties; i++)
			pass_on(session, i, to);
	}
}

static void name_party(char *text, size_t room, const struct card *card)
{
	char did[MPCNET_DID_MAX + 1];

	mpcnet_did_from_key(did, card->public_key);
	snprintf(text, room, "%s%s%s", card->name, *card->name ? ", " : "", did);
}

/* More than the ticket admits: if all mean the same roster, one has come too late. */
static void look_for_stranger(struct session *session)
{
	const struct post *stranger = board_stranger(&session->board, &session->roster);
	char name[128], text[sizeof(session->error)];

	if (!stranger) {
		session->stranger_since = LOOP_NEVER;
		return;
	}
	name_party(name, sizeof(name), &stranger->card);
	snprintf(session->notice, sizeof(session->notice),
		 "somebody else holds the ticket, and was not let in: %s", name);
	if (board_all_agree(&session->board, &session->roster))
		return;
	if (session->stranger_since == LOOP_NEVER)
		session->stranger_since = loop_now();
	if (loop_now() < session->stranger_since + STRANGER_TIME)
		return;
	snprintf(text, sizeof(text),
		 "more than the %u parties of the ticket have joined, one is %s: leave, and join "
		 "anew, without one",
		 session->ticket.parties, name);
	session_fail(session, text);
}

static void look_for_differences(struct session *session)
{
	int other = board_who_differs(&session->board, &session->roster);
	char name[128];

	*session->notice = '\0';
	if (other >= 0) {
		name_party(name, sizeof(name), &session->roster.cards[other]);
		snprintf(session->notice, sizeof(session->notice),
			 "roster differs: party %d (%s) means another group", other, name);
	}
	look_for_stranger(session);
}

/**
 * session_board_look() - see what follows from the postings
 * @session: the session
 */
void session_board_look(struct session *session)
{
	if (!session->roster.settled || session->state == SESSION_FAILED)
		return;
	look_for_differences(session);
	session_verify_look(session);
	session_look(session);
	session_board_say(session);
}

/* Who has a later posting of our own identity, is not us. */
static void hear_own(struct session *session, const struct post *post)
{
	uint8_t own[CRYPTO_HASH_LEN];

	sas_commit(own, &session->ticket, session->own.public_key, session->nonce);
	if (memcmp(own, post->commitment, CRYPTO_HASH_LEN) &&
	    post->sequence > session->said_sequence && session->said_sequence) {
		session->silent = true;
		session_fail(session, "another machine has joined as this party, with the same "
				      "identity: mpcnetctl id new makes another");
	}
}

/**
 * session_board_hear() - a posting came, by whatever way
 * @session: the session
 * @data: the posting; nothing of it is trusted
 * @len: its length in bytes
 */
void session_board_hear(struct session *session, const uint8_t *data, size_t len)
{
	struct post post;

	if (session->state == SESSION_FAILED || !post_open(&post, data, len, &session->ticket))
		return;
	if (!memcmp(post.card.public_key, session->own.public_key, MPCNET_KEY_LEN)) {
		hear_own(session, &post);
		return;
	}
	if (board_take(&session->board, &post) != BOARD_NEWS)
		return;
	if (post.flags & POST_GONE)
		roster_remove(&session->roster, post.card.public_key);
	else if (!(post.flags & POST_LOST))
		session_take_card(session, &post.card);
	session_board_look(session);
}

/* What brokers tell if our connection ends without a word */
static void leave_will(struct session *session)
{
	struct post post = { .card = session->own, .flags = POST_LOST };
	uint8_t sealed[POST_ROOM];
	size_t len = post_seal(sealed, &post, &session->ticket);

	if (len)
		rendezvous_will(&session->rendezvous, sealed, len);
}

/**
 * session_board_open() - begin to say and to hear
 * @session: the session
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int session_board_open(struct session *session, struct mpcnet_err *err)
{
	static const uint8_t none[POST_NONCE_LEN];

	session->say_at = LOOP_NEVER;
	session->stranger_since = LOOP_NEVER;
	session->mesh.received = hear;
	session->mesh.arg = session;
	if (!memcmp(session->nonce, none, POST_NONCE_LEN) &&
	    RAND_bytes(session->nonce, POST_NONCE_LEN) != 1)
		return mpcnet_err_set(err, "there is no randomness");
	if (rendezvous_open(&session->rendezvous, &session->ticket, session->own.public_key,
			    &rendezvous_ops, session, err))
		return -1;
	session->have_rendezvous = true;
	leave_will(session);
	return 0;
}

/**
 * session_board_links() - the session has its interface: links can carry postings
 * @session: the session
 * @err: says why not
 *
 * Return: 0, or -1.
 */
int session_board_links(struct session *session, struct mpcnet_err *err)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];

	roster_addresses(addresses, &session->ticket, session->self);
	return mesh_open(&session->mesh, session->kernel.name, addresses[0].addr, err);
}

/**
 * session_board_deadline() - when is session_board_tick() to be called?
 * @session: the session
 *
 * Return: a time of loop_now(), LOOP_NEVER for none.
 */
uint64_t session_board_deadline(const struct session *session)
{
	uint64_t first = session->gossip_at, other;

	if (!session->have_rendezvous)
		return LOOP_NEVER;
	other = rendezvous_deadline(&session->rendezvous);
	first = other < first ? other : first;
	first = session->say_at < first ? session->say_at : first;
	other = session->stranger_since;
	if (other != LOOP_NEVER && other + STRANGER_TIME < first)
		first = other + STRANGER_TIME;
	return first;
}

/**
 * session_board_tick() - say what is to be said by now
 * @session: the session
 * @now: time of loop_now()
 */
void session_board_tick(struct session *session, uint64_t now)
{
	if (!session->have_rendezvous)
		return;
	rendezvous_tick(&session->rendezvous, now);
	if (now >= session->say_at) {
		session->say_at = LOOP_NEVER;
		lay_out(session, 0);
		session_board_look(session);
	}
	if (session->stranger_since != LOOP_NEVER && now >= session->stranger_since + STRANGER_TIME)
		look_for_stranger(session);
	if (now >= session->gossip_at)
		gossip(session, now);
}

/**
 * session_board_end() - say that we leave, and take back what we laid out
 * @session: the session
 */
void session_board_end(struct session *session)
{
	if (!session->have_rendezvous)
		return;
	session->have_rendezvous = false;
	if (session->said_len && !session->silent)
		lay_out(session, POST_GONE);
	rendezvous_end(&session->rendezvous);
	mesh_close(&session->mesh);
}

/**
 * session_board_close() - let go of it: what was laid out stays
 * @session: the session
 */
void session_board_close(struct session *session)
{
	if (session->have_rendezvous)
		rendezvous_close(&session->rendezvous);
	session->have_rendezvous = false;
	mesh_close(&session->mesh);
}
