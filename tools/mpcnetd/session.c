// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clash.h"
#include "guard.h"
#include "identity.h"
#include "key.h"
#include "log.h"

#define SEC UINT64_C(1000000)
/* Unless the user says otherwise */
#define LOST_AFTER 300

static struct session *sessions;

/**
 * session_first() - all sessions
 *
 * Return: the first, from which @next leads on; NULL if there is none.
 */
struct session *session_first(void)
{
	return sessions;
}

/**
 * session_find() - find a session
 * @name: its name, or NULL if there is but one
 * @err: says why not
 *
 * Return: the session, or NULL.
 */
struct session *session_find(const char *name, struct mpcnet_err *err)
{
	if (!name && sessions && !sessions->next)
		return sessions;
	for (struct session *s = sessions; name && s; s = s->next) {
		if (!strcmp(s->name, name))
			return s;
	}
	if (!sessions)
		mpcnet_err_set(err, "there is no session: mpcnetctl session join TICKET");
	else if (!name)
		mpcnet_err_set(err, "there are several sessions: name one of those that "
				    "mpcnetctl session show prints");
	else
		mpcnet_err_set(err, "there is no session \"%s\"", name);
	return NULL;
}

/* Its own name, or else the beginning of its identifier */
static bool name_session(struct session *session)
{
	uint8_t id[TICKET_ID_LEN];

	if (!ticket_id(id, &session->ticket))
		return false;
	if (*session->ticket.name) {
		snprintf(session->name, sizeof(session->name), "%s", session->ticket.name);
		return true;
	}
	for (unsigned int i = 0; i < 4; i++)
		snprintf(session->name + 2 * i, 3, "%02x", id[i]);
	return true;
}

/* The identity is made when it is first needed. */
static int read_identity(struct session *session, struct mpcnet_err *err)
{
	int ret = mpcnet_identity_read(session->private_key, err);

	if (ret == -ENOENT)
		ret = mpcnet_identity_new(session->private_key, err);
	if (ret)
		return ret;
	if (!mpcnet_key_public(session->own.public_key, session->private_key))
		return mpcnet_err_set(err, "libcrypto cannot compute the public key");
	return 0;
}

static int check_new(struct session *session, struct mpcnet_err *err)
{
	for (struct session *s = sessions; s; s = s->next) {
		if (!strcmp(s->name, session->name))
			return mpcnet_err_set(err,
					      "session \"%s\" is joined already: mpcnetctl "
					      "session leave %s",
					      s->name, s->name);
	}
	return 0;
}

/**
 * session_new() - a session, from its ticket and the identity
 * @ticket: text of the ticket
 * @err: says why not
 *
 * Return: the session, which nobody knows of yet, or NULL.
 */
struct session *session_new(const char *ticket, struct mpcnet_err *err)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session) {
		mpcnet_err_set(err, "there is no memory for a session");
		return NULL;
	}
	session->socket.fd = -1;
	session->hosts.watch.fd = -1;
	session->kernel.watch.fd = -1;
	session->resolver.pipe.fd = -1;
	mapper_init(&session->mapper, NULL, NULL);
	mesh_init(&session->mesh);
	session->dirty = LOOP_NEVER;
	session->network_changed = LOOP_NEVER;
	session->epoch.renew_at = LOOP_NEVER;
	session->epoch.lost_at = LOOP_NEVER;
	session->epoch.lost_after = LOST_AFTER * SEC;
	if (!ticket_parse(&session->ticket, ticket, err) && name_session(session) &&
	    ticket_format(session->ticket_text, &session->ticket) && !read_identity(session, err) &&
	    !check_new(session, err)) {
		roster_init(&session->roster, &session->ticket);
		session->next = sessions;
		sessions = session;
		return session;
	}
	explicit_bzero(session, sizeof(*session));
	free(session);
	return NULL;
}

static int check_wishes(const struct session *session, const struct request *request,
			struct mpcnet_err *err)
{
	if (ticket_expired(&session->ticket, loop_wall() / SEC))
		return mpcnet_err_set(err, "the ticket has expired, or the clock of this machine "
					   "is wrong: ask for a new ticket");
	if (!card_name_is_valid(request->name))
		return mpcnet_err_set(err,
				      "the name \"%s\" is none for a party: at most %u letters, "
				      "digits and \"-\"",
				      request->name, CARD_NAME_MAX);
	if (request->index >= (int)session->ticket.parties)
		return mpcnet_err_set(err, "there is no index %d: there are %u parties, from 0 on",
				      request->index, session->ticket.parties);
	if (session->port + session->ticket.parties - 1 > UINT16_MAX)
		return mpcnet_err_set(err, "there are no %u ports from %u on",
				      session->ticket.parties, session->port);
	return 0;
}

/**
 * session_join() - join a session
 * @request: its ticket, and how this party wants to take part
 * @err: says why not, and nothing is left of it
 *
 * Return: the session, or NULL.
 */
struct session *session_join(const struct request *request, struct mpcnet_err *err)
{
	struct session *session = session_new(request->ticket, err);

	if (!session)
		return NULL;
	session->own.index = request->index;
	snprintf(session->own.name, sizeof(session->own.name), "%s", request->name);
	session->own.expires = session->ticket.expires;
	session->port = request->port ? request->port : GUARD_PORT_MPYC;
	if (request->lost)
		session->epoch.lost_after = request->lost * SEC;
	if (!check_wishes(session, request, err) && !clash_check(&session->ticket, err) &&
	    !session_verify_parse(&session->verify, *request->verify ? request->verify : "ticket",
				  err) &&
	    !session_net_open(session, -1, err))
		return session;
	session_close(session);
	return NULL;
}

/* What takes its time comes first: a round of checks waits for nobody. */
static int begin_links(struct session *session, struct mpcnet_err *err)
{
	session->self = (unsigned int)roster_find(&session->roster, session->own.public_key);
	session->own.index = (int)session->self;
	session->own.epoch = session->roster.epoch;
	session->state = SESSION_VERIFYING;
	if (session_verify_begin(session, err) || session_paths_open(session, err) ||
	    session_board_links(session, err) || session_host_up(session, err))
		return -1;
	return session_paths_start(session, err);
}

/* All cards are there: the parties get their places, and the links begin. */
static void settle(struct session *session)
{
	struct mpcnet_err err;
	int ret = roster_settle(&session->roster, &err);

	if (!ret)
		ret = begin_links(session, &err);
	if (ret < 0)
		session_fail(session, err.text);
}

static int take(struct session *session, const struct card *card, uint64_t now_s,
		struct mpcnet_err *err)
{
	enum roster_change change = roster_add(&session->roster, card, now_s, err);

	if (change == ROSTER_REFUSED)
		return -1;
	if (change == ROSTER_SAME)
		return 0;
	session_compare_clocks(session, card, now_s);
	session->dirty = loop_now();
	if (session->state == SESSION_GATHERING)
		settle(session);
	else if (session->state != SESSION_FAILED)
		session_paths_connect(
			session, (unsigned int)roster_find(&session->roster, card->public_key));
	return 0;
}

/**
 * session_add_card() - a card came, by whatever way
 * @session: the session
 * @text: the card
 * @err: says why it is refused
 *
 * Return: 0, or -1.
 */
int session_add_card(struct session *session, const char *text, struct mpcnet_err *err)
{
	struct card card;

	if (session->state == SESSION_FAILED)
		return mpcnet_err_set(err, "the session has failed: %s", session->error);
	if (!session->have_card)
		return mpcnet_err_set(err, "this party has no card of its own yet, it waits for %s",
				      session->waits);
	if (card_open(&card, text, &session->ticket, err))
		return -1;
	return take(session, &card, loop_wall() / SEC, err);
}

/**
 * session_take_card() - a card came by a posting
 * @session: the session
 * @card: the card
 */
void session_take_card(struct session *session, const struct card *card)
{
	struct mpcnet_err err;

	/* Who is not in the roster has to wait for a place: session_epoch_look() */
	if (session->roster.settled && roster_find(&session->roster, card->public_key) < 0)
		return;
	if (!take(session, card, loop_wall() / SEC, &err))
		return;
	snprintf(session->notice, sizeof(session->notice), "%.300s", err.text);
	/* Of two who want the same, the later has to choose another. */
	if (!session->roster.settled && roster_clash(card, &session->own) &&
	    session->own.sequence > card->sequence)
		session_fail(session, err.text);
}

/**
 * session_publish() - our own card is another
 * @session: the session; @own has the candidates
 */
void session_publish(struct session *session)
{
	struct mpcnet_err err;
	uint64_t sequence = loop_wall() / 1000;

	if (sequence <= session->own.sequence)
		sequence = session->own.sequence + 1;
	session->own.sequence = sequence;
	session->have_card = true;
	session->dirty = loop_now();
	/* Our own does not expire when the clock is set. */
	if (take(session, &session->own, 0, &err))
		session_fail(session, err.text);
	session_say(session);
}

/* For good: what comes down later comes down for us. */
static void be_ready(struct session *session)
{
	session->ready = session->verified && !session->epoch.moving &&
			 (session->met || roster_is_full(&session->roster)) &&
			 board_is_ready(&session->board, &session->roster);
	if (!session->ready)
		return;
	session->met = true;
	session->dirty = loop_now();
}

/* Of all that stay */
static bool links_are_up(const struct session *session)
{
	for (unsigned int i = 0; i < session->roster.count; i++) {
		if (i != session->self && roster_has(&session->roster, i) &&
		    roster_has(session_said_roster(session), i) &&
		    !session_link_is_up(&session->links[i]))
			return false;
	}
	return true;
}

/**
 * session_look() - see what the links make of the session
 * @session: the session
 */
void session_look(struct session *session)
{
	enum session_state state = SESSION_READY;

	if (!session->agent || session->state == SESSION_FAILED)
		return;
	if (!links_are_up(session))
		state = SESSION_CONNECTING;
	if (state == SESSION_READY && !session->ready)
		be_ready(session);
	if (!session->ready)
		state = session->verified ? SESSION_CONNECTING : SESSION_VERIFYING;
	if (state != session->state)
		log_info("session %s: %s", session->name,
			 state == SESSION_READY ? "ready: all links are up" : "connecting");
	session->state = state;
	session_say(session);
}

/**
 * session_fail() - a session cannot go on
 * @session: the session; it is let go of at its next time, as what calls this
 * may be in the midst of it
 * @why: one sentence
 */
void session_fail(struct session *session, const char *why)
{
	log_error("session %s: %s", session->name, why);
	snprintf(session->error, sizeof(session->error), "%s", why);
	session->state = SESSION_FAILED;
}

/**
 * session_close() - forget a session, and leave its interface as it is
 * @session: the session
 */
void session_close(struct session *session)
{
	session_board_close(session);
	session_net_close(session);
	for (struct session **at = &sessions; *at; at = &(*at)->next) {
		if (*at == session) {
			*at = session->next;
			break;
		}
	}
	explicit_bzero(session, sizeof(*session));
	free(session);
}

/**
 * session_end() - take back all that a session has made; it can still be shown
 * @session: the session
 */
void session_end(struct session *session)
{
	struct mpcnet_err err;

	session_board_end(session);
	session_net_end(session);
	if (session->have_kernel) {
		session_host_down(session);
		if (kernel_remove(&session->kernel, &err))
			log_error("session %s: %s", session->name, err.text);
	}
	session->have_kernel = false;
	session_forget(session);
}

/**
 * session_leave() - end a session: nothing of it stays
 * @session: the session
 */
void session_leave(struct session *session)
{
	session_end(session);
	session_close(session);
}
