// SPDX-License-Identifier: GPL-2.0
/*
 * Epochs: parties leave, or are silent for so long that they are lost for good,
 * and others take their places.
 *
 *	session_epoch_look()	whom do we want? If it is not whom we have, we
 *		move_to()	mean the next roster from then on, and say so.
 *				Others come to the same by themselves.
 *		take_force()	All of the next roster mean it, and are satisfied
 *				with who is in it: its keys, peers and addresses
 *				are ours, and each link gets a new handshake.
 *
 * Until then, and as long as two want different parties, what is in force stays.
 * Links carry data in all of that time.
 */
#include "session.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

#define SEC UINT64_C(1000000)
/* So long others may take to mean the same newcomers, then we go on without. */
#define AGREE_TIME (30 * SEC)
/* The kernel sends no initiation sooner than 5 s behind the last. */
#define RENEW_AGAIN (5200 * UINT64_C(1000))

/**
 * session_said_roster() - the roster that we mean
 * @session: the session, of which the roster is settled
 *
 * Return: the next one while there is one, else that in force.
 */
const struct roster *session_said_roster(const struct session *session)
{
	return session->epoch.moving ? &session->epoch.next : &session->roster;
}

static uint64_t lost_at(const struct session *session, unsigned int party)
{
	const struct session_link *link = &session->links[party];
	uint64_t since = link->heard > link->down_since ? link->heard : link->down_since;

	if (!session->met || !link->down_since || party == session->self)
		return LOOP_NEVER;
	return since + session->epoch.lost_after;
}

static bool is_gone(const struct session *session, unsigned int party)
{
	const struct post *post = board_of(&session->board, &session->roster, party);

	return (post && post->flags & POST_GONE) || loop_now() >= lost_at(session, party);
}

/**
 * session_epoch_plan() - a link went down: find out when its party is lost for good
 * @session: the session; sets its @lost_at
 */
void session_epoch_plan(struct session *session)
{
	uint64_t now = loop_now();

	session->epoch.lost_at = LOOP_NEVER;
	for (unsigned int i = 0; i < session->roster.count; i++) {
		uint64_t at = lost_at(session, i);

		if (roster_has(&session->roster, i) && at > now && at < session->epoch.lost_at)
			session->epoch.lost_at = at;
	}
}

static bool anyone_is_gone(const struct session *session)
{
	for (unsigned int i = 0; i < session->roster.count; i++) {
		if (i != session->self && roster_has(&session->roster, i) && is_gone(session, i))
			return true;
	}
	return false;
}

static bool others_are_ahead(const struct session *session)
{
	for (unsigned int i = 0; i < session->board.count; i++) {
		const struct card *card = &session->board.entries[i].post.card;

		if (card->epoch > session->roster.epoch &&
		    roster_find(&session->roster, card->public_key) >= 0)
			return true;
	}
	return false;
}

/* All newcomers that may come, if they fill the places: then all choose the same. */
static void admit(struct session *session, struct roster *want)
{
	static struct roster full;
	struct mpcnet_err err;

	full = *want;
	roster_reopen(&full);
	for (unsigned int i = 0; i < session->board.count; i++) {
		const struct board_entry *entry = &session->board.entries[i];

		if (!board_is_newcomer(entry, want) ||
		    !session_verify_admits(session, entry->post.card.public_key))
			continue;
		if (roster_add(&full, &entry->post.card, 0, &err) == ROSTER_REFUSED)
			snprintf(session->notice, sizeof(session->notice), "%.300s", err.text);
	}
	if (!roster_settle(&full, &err))
		*want = full;
}

/* The epoch in which others mean the same already, else ours, or the one behind it */
static void choose_epoch(const struct session *session, struct roster *want)
{
	const struct roster *said = session_said_roster(session);
	uint32_t epoch = said->epoch + !roster_same_parties(want, said);

	for (unsigned int i = 0; i < session->board.count; i++) {
		const struct post *post = &session->board.entries[i].post;

		if (post->card.epoch > epoch && post->card.epoch <= ROSTER_EPOCH_MAX &&
		    roster_find(want, post->card.public_key) >= 0 &&
		    roster_renew(want, post->card.epoch) &&
		    !memcmp(want->hash, post->roster, STUN_ROSTER_LEN))
			epoch = post->card.epoch;
	}
	roster_renew(want, epoch);
}

/* Of the places that differ, who is new there? */
static bool is_newcomer(const struct session *session, unsigned int party)
{
	return roster_has(&session->epoch.next, party) &&
	       roster_find(&session->roster, session->epoch.next.cards[party].public_key) < 0;
}

/**
 * session_epoch_has_newcomers() - is somebody in the next roster who is not in ours?
 * @session: the session, while it moves
 *
 * Return: there is.
 */
bool session_epoch_has_newcomers(const struct session *session)
{
	for (unsigned int i = 0; i < session->epoch.next.count; i++) {
		if (is_newcomer(session, i))
			return true;
	}
	return false;
}

static void move_to(struct session *session, const struct roster *want)
{
	struct mpcnet_err err;

	session->epoch.next = *want;
	session->epoch.moving = true;
	session->epoch.since = loop_now();
	session->own.epoch = want->epoch;
	if (session->agent)
		agent_set_rosters(session->agent, session->roster.hash, want->hash);
	log_info("session %s: other parties, epoch %u", session->name, want->epoch);
	if (session_board_commit(session, &err) || session_verify_begin(session, &err))
		session_fail(session, err.text);
	session_say(session);
}

/*
 * Into force
 */

static int take_newcomer(struct session *session, unsigned int party, struct mpcnet_err *err)
{
	const struct post *post = board_of(&session->board, &session->roster, party);

	/* Meanwhile it may have moved. */
	if (post)
		session->roster.cards[party].candidates = post->card.candidates;
	return session_paths_add(session, party, err);
}

static int change_peer(struct session *session, unsigned int party, const struct roster *old,
		       struct mpcnet_err *err)
{
	const uint8_t *left = old->cards[party].public_key;
	struct card *card = &session->roster.cards[party];

	if (roster_has(old, party) && roster_has(&session->roster, party) &&
	    !memcmp(left, card->public_key, MPCNET_KEY_LEN)) {
		*card = old->cards[party];
		return session_paths_renew(session, party, err);
	}
	if (roster_has(old, party) && session_paths_drop(session, party, left, err))
		return -1;
	session->links[party] = (struct session_link){ 0 };
	return roster_has(&session->roster, party) ? take_newcomer(session, party, err) : 0;
}

static int take_force(struct session *session, struct mpcnet_err *err)
{
	static struct roster old;
	int ret = 0;

	old = session->roster;
	session->roster = session->epoch.next;
	session->epoch.moving = false;
	session->ready = false;
	session->verified = session->epoch.next_verified;
	session->epoch.renewed_s = (int64_t)(loop_wall() / SEC);
	session->epoch.renew_at = loop_now() + RENEW_AGAIN;
	session->dirty = loop_now();
	agent_set_rosters(session->agent, session->roster.hash, old.hash);
	for (unsigned int i = 0; !ret && i < session->roster.count; i++) {
		if (i == session->self)
			continue;
		ret = change_peer(session, i, &old, err);
	}
	return ret ? ret : session_host_up(session, err);
}

static bool is_agreed(const struct session *session)
{
	return session->epoch.moving && session->agent &&
	       board_is_agreed(&session->board, &session->epoch.next);
}

/* Who does not answer, or is not wanted by all, keeps nobody waiting. */
static void give_newcomers_up(struct session *session)
{
	if (!session->epoch.moving || loop_now() < session->epoch.since + AGREE_TIME)
		return;
	session->epoch.since = loop_now();
	if (board_all_agree(&session->board, &session->epoch.next))
		return;
	for (unsigned int i = 0; i < session->epoch.next.count; i++) {
		if (is_newcomer(session, i))
			board_set_stale(&session->board, session->epoch.next.cards[i].public_key);
	}
}

/* If all others are silent, it is rather us. */
static bool is_alone(const struct roster *roster)
{
	unsigned int parties = 0;

	for (unsigned int i = 0; i < roster->count; i++)
		parties += roster_has(roster, i);
	return parties < 2;
}

/**
 * session_epoch_look() - see whether the parties are to be others
 * @session: the session, of which the roster is settled
 */
void session_epoch_look(struct session *session)
{
	static struct roster want;
	struct mpcnet_err err;

	give_newcomers_up(session);
	session_epoch_plan(session);
	if (!session->epoch.moving && !anyone_is_gone(session) && !others_are_ahead(session) &&
	    roster_is_full(&session->roster))
		return;
	want = session->roster;
	for (unsigned int i = 0; i < want.count; i++) {
		if (i == session->self || !roster_has(&want, i) || !is_gone(session, i))
			continue;
		board_set_stale(&session->board, want.cards[i].public_key);
		roster_drop(&want, i);
	}
	if (!roster_is_full(&want))
		admit(session, &want);
	if (is_alone(&want))
		return;
	choose_epoch(session, &want);
	if (memcmp(want.hash, session_said_roster(session)->hash, STUN_ROSTER_LEN))
		move_to(session, &want);
	if (is_agreed(session) && take_force(session, &err))
		session_fail(session, err.text);
}

/**
 * session_epoch_deadline() - when is session_epoch_tick() to be called?
 * @session: the session
 *
 * Return: a time of loop_now(), LOOP_NEVER for none.
 */
uint64_t session_epoch_deadline(const struct session *session)
{
	uint64_t first = session->epoch.renew_at < session->epoch.lost_at ?
				 session->epoch.renew_at :
				 session->epoch.lost_at;

	if (session->epoch.moving && session->epoch.since + AGREE_TIME < first)
		first = session->epoch.since + AGREE_TIME;
	return first;
}

/* Handshakes of this epoch that did not come about */
static void renew_again(struct session *session, uint64_t now)
{
	struct mpcnet_err err;

	session->epoch.renew_at = LOOP_NEVER;
	for (unsigned int i = 0; i < session->roster.count; i++) {
		if (!roster_has(&session->roster, i) || !session->links[i].keyed ||
		    session->links[i].verified)
			continue;
		session->epoch.renew_at = now + RENEW_AGAIN;
		if (session_paths_renew(session, i, &err))
			log_error("session %s: %s", session->name, err.text);
	}
}

/**
 * session_epoch_tick() - do what is to be done by now
 * @session: the session
 * @now: time of loop_now()
 */
void session_epoch_tick(struct session *session, uint64_t now)
{
	if (!session->roster.settled || session->state == SESSION_FAILED)
		return;
	if (now >= session->epoch.renew_at)
		renew_again(session, now);
	if (now >= session_epoch_deadline(session))
		session_board_look(session);
}
