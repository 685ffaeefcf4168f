// SPDX-License-Identifier: GPL-2.0
/*
 * What a session hears of the other parties, and what follows from it.
 *
 *	session_say() ──► rendezvous	brokers, or the local network
 *	            └───► mesh		the links that are up
 *	either ──► session_board_hear() ──► roster	cards
 *	                              └──► board	who agrees, who has which link
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include <openssl/rand.h>

#include "did.h"
#include "log.h"

#define SEC UINT64_C(1000000)
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

static void name_party(char *text, size_t room, const struct card *card)
{
	char did[MPCNET_DID_MAX + 1];

	mpcnet_did_from_key(did, card->public_key);
	snprintf(text, room, "%s%s%s", card->name, *card->name ? ", " : "", did);
}

/* More than the ticket admits: if all mean the same roster, one has come too late. */
static void look_for_stranger(struct session *session)
{
	const struct roster *roster = session_said_roster(session);
	const struct post *stranger = board_stranger(&session->board, roster);
	char name[128], text[sizeof(session->error)];

	if (!stranger || !roster_is_full(roster)) {
		session->stranger_since = LOOP_NEVER;
		return;
	}
	name_party(name, sizeof(name), &stranger->card);
	snprintf(session->notice, sizeof(session->notice),
		 "somebody else holds the ticket, and was not let in: %s", name);
	if (session->met || board_all_agree(&session->board, roster))
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
	if (other >= 0 && !session->epoch.moving) {
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
	session_epoch_look(session);
	session_verify_look(session);
	session_look(session);
	session_say(session);
}

/* Who has a later posting of our own identity, is not us. */
static void hear_own(struct session *session, const struct post *post)
{
	if (memcmp(session->commitment, post->commitment, CRYPTO_HASH_LEN) &&
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
	int party;

	if (session->state == SESSION_FAILED || !post_open(&post, data, len, &session->post_key))
		return;
	if (!memcmp(post.card.public_key, session->own.public_key, MPCNET_KEY_LEN)) {
		hear_own(session, &post);
		return;
	}
	if (board_take(&session->board, &post) != BOARD_NEWS)
		return;
	party = roster_find(&session->roster, post.card.public_key);
	if (party >= 0 && session->roster.settled)
		session->links[party].heard = loop_now();
	/* Who is silent only comes back with its next posting. */
	if (post.flags & (POST_GONE | POST_LOST))
		roster_remove(&session->roster, post.card.public_key);
	else
		session_take_card(session, &post.card);
	session_board_look(session);
}

/* What brokers tell if our connection ends without a word */
static void leave_will(struct session *session)
{
	struct post post = { .card = session->own, .flags = POST_LOST };
	uint8_t sealed[POST_ROOM];
	size_t len = post_seal(sealed, &post, &session->post_key);

	if (len)
		rendezvous_will(&session->rendezvous, sealed, len);
}

static int commit(struct session *session, struct mpcnet_err *err)
{
	if (!sas_commit(session->commitment, &session->ticket, session->own.public_key,
			session->nonce))
		return mpcnet_err_set(err, "libcrypto cannot compute a hash");
	return 0;
}

/**
 * session_board_commit() - a new number of ours for the string
 * @session: the session
 * @err: says why there is none
 *
 * Return: 0, or -1.
 */
int session_board_commit(struct session *session, struct mpcnet_err *err)
{
	*session->sas = '\0';
	if (RAND_bytes(session->nonce, POST_NONCE_LEN) != 1)
		return mpcnet_err_set(err, "there is no randomness");
	return commit(session, err);
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
	if (!post_make_key(&session->post_key, &session->ticket))
		return mpcnet_err_set(err, "libcrypto cannot compute a key");
	if (memcmp(session->nonce, none, POST_NONCE_LEN) ? commit(session, err) :
							   session_board_commit(session, err))
		return -1;
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
	/* After a helper that has died, the others have little to say. */
	session->mesh.heard = session->met;
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
	other = session_epoch_deadline(session);
	first = other < first ? other : first;
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
		session_say_now(session, 0);
		session_board_look(session);
	}
	if (session->stranger_since != LOOP_NEVER && now >= session->stranger_since + STRANGER_TIME)
		look_for_stranger(session);
	session_epoch_tick(session, now);
	if (now >= session->gossip_at)
		session_say_again(session, now);
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
	if (session->have_card && !session->silent)
		session_say_now(session, POST_GONE);
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
