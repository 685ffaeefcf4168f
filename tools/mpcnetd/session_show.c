// SPDX-License-Identifier: GPL-2.0
/* A session as JSON, for mpcnetctl and for programs. */
#include "session.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "did.h"

#define TRIES_MAX 64
/* Links that are shown as missing */
#define PAIRS_MAX 64

static const char *state_name(enum session_state state)
{
	static const char *const names[] = { "gathering", "verifying", "connecting", "ready",
					     "failed" };

	return names[state];
}

static const char *link_state_name(const struct session *session, unsigned int party,
				   enum link_state state)
{
	if (state == LINK_FAILED)
		return "failed";
	if (state != LINK_DIRECT && state != LINK_RELAYED)
		return "connecting";
	if (!session->links[party].verified)
		return "connecting";
	return state == LINK_DIRECT ? "direct" : "relayed";
}

static const char *class_name(enum path_class class)
{
	static const char *const names[] = { "local", "direct", "relayed", "relayed twice" };

	return names[class];
}

static void put(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

static void put_endpoint(struct json_object *object, const char *key,
			 const union mpcnet_endpoint *endpoint)
{
	char text[MPCNET_ENDPOINT_TEXT];

	if (!endpoint->sa.sa_family) {
		put(object, key, NULL);
		return;
	}
	mpcnet_endpoint_format(text, endpoint);
	put(object, key, text);
}

static void put_rtt(struct json_object *object, uint32_t rtt)
{
	char text[24];

	snprintf(text, sizeof(text), "%u.%u", rtt / 1000, rtt % 1000 / 100);
	json_object_object_add(object, "rtt_ms",
			       rtt ? json_object_new_double_s(rtt / 1000.0, text) : NULL);
}

static void put_identity(struct json_object *object, const struct session *session,
			 const struct card *card, unsigned int party)
{
	struct mpcnet_allowedip addresses[ROSTER_ADDRESSES];
	char did[MPCNET_DID_MAX + 1], text[INET6_ADDRSTRLEN];

	mpcnet_did_from_key(did, card->public_key);
	put(object, "id", did);
	if (!session->roster.settled)
		return;
	roster_addresses(addresses, &session->ticket, party);
	put(object, "address", inet_ntop(AF_INET, addresses[0].addr, text, sizeof(text)));
	put(object, "address6", inet_ntop(AF_INET6, addresses[1].addr, text, sizeof(text)));
}

static struct json_object *show_try(const struct agent_try *try)
{
	struct json_object *object = json_object_new_object();

	put_endpoint(object, "remote", &try->path.remote);
	put(object, "via", try->path.via == AGENT_RELAY ? "relay" : "socket");
	put(object, "candidate", candidate_type_name(try->type));
	put(object, "class", class_name(try->class));
	json_object_object_add(object, "sent", json_object_new_int((int)try->sent));
	json_object_object_add(object, "answered", json_object_new_int((int)try->answered));
	put_rtt(object, try->rtt);
	put(object, "result",
	    try->selected ? "in use" :
	    try->valid	  ? "works" :
	    try->sent	  ? "no answer" :
			    "not tried");
	return object;
}

/* To a party, which may be ourselves */
static void put_link(struct json_object *object, const struct session *session, unsigned int party,
		     bool self, bool brief)
{
	struct agent_verdict verdict = { .reason = "waits for the cards of all parties" };

	if (session->agent && !self)
		agent_verdict(session->agent, party, &verdict);
	put(object, "state", self ? "self" : link_state_name(session, party, verdict.state));
	put_rtt(object, verdict.rtt);
	put(object, "reason", self ? "this party" : verdict.reason);
	if (!brief)
		put_endpoint(object, "endpoint", &verdict.path.remote);
}

static void put_paths(struct json_object *object, const struct session *session, unsigned int party)
{
	struct agent_try tries[TRIES_MAX];
	struct json_object *list = json_object_new_array();
	unsigned int count;

	count = agent_tried(session->agent, party, tries, TRIES_MAX);
	for (unsigned int i = 0; i < count; i++)
		json_object_array_add(list, show_try(&tries[i]));
	json_object_object_add(object, "paths", list);
}

/* What it says of itself: that it is satisfied with who the others are, or has left */
static void put_said(struct json_object *object, const struct session *session, unsigned int at)
{
	const struct board_entry *entry =
		board_find(&session->board, session->roster.cards[at].public_key);
	uint8_t flags = entry ? entry->post.flags : 0;

	json_object_object_add(object, "verified", json_object_new_boolean(flags & POST_VERIFIED));
	json_object_object_add(object, "left", json_object_new_boolean(flags & POST_GONE));
}

/* Nobody is in this place: who was, has left or was lost. */
static struct json_object *show_vacant(const struct session *session, unsigned int at)
{
	const struct board_entry *entry =
		board_find(&session->board, session->roster.cards[at].public_key);
	bool left = entry && entry->post.flags & POST_GONE;
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "index", json_object_new_int((int)at));
	put(object, "name", session->roster.cards[at].name);
	put_identity(object, session, &session->roster.cards[at], at);
	put(object, "state", "left");
	put(object, "reason", left ? "it has left" : "it was silent for too long");
	return object;
}

static struct json_object *show_party(const struct session *session, unsigned int at, bool brief)
{
	const struct card *card = &session->roster.cards[at];
	bool self = !memcmp(card->public_key, session->own.public_key, MPCNET_KEY_LEN);
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "index",
			       card->index < 0 ? NULL : json_object_new_int(card->index));
	put(object, "name", card->name);
	put_said(object, session, at);
	put_link(object, session, at, self, brief);
	if (brief)
		return object;
	put_identity(object, session, card, at);
	if (session->agent && !self)
		put_paths(object, session, at);
	return object;
}

static void put_hash(struct json_object *object, const struct roster *roster)
{
	char text[2 * STUN_ROSTER_LEN + 1] = "";

	for (unsigned int i = 0; roster->settled && i < STUN_ROSTER_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", roster->hash[i]);
	put(object, "roster", roster->settled ? text : NULL);
}

/* What does not work, though the session may go on without it */
static void put_troubles(struct json_object *object, const struct session *session)
{
	char text[640];

	put(object, "stun", session_stun_trouble(session, text, sizeof(text)) ? text : NULL);
	put(object, "relay", session_relay_trouble(session, text, sizeof(text)) ? text : NULL);
	put(object, "firewall",
	    session_firewall_trouble(session, text, sizeof(text)) ? text : NULL);
	put(object, "clock", *session->clock ? session->clock : NULL);
	put(object, "notice", *session->notice ? session->notice : NULL);
	put(object, "rendezvous", rendezvous_trouble(&session->rendezvous));
}

static void put_waits(struct json_object *object, const struct session *session)
{
	char text[64];

	if (session->state == SESSION_FAILED) {
		put(object, "error", session->error);
	} else if (!session->have_card) {
		put(object, "waits", session->waits);
	} else if (!session->roster.settled) {
		snprintf(text, sizeof(text), "the cards of %u of %u parties",
			 session->ticket.parties - session->roster.count, session->ticket.parties);
		put(object, "waits", text);
	} else if (session->epoch.moving) {
		snprintf(text, sizeof(text), "%s the parties of epoch %u",
			 *session->sas && !session->epoch.next_verified ?
				 "the string to be compared with" :
				 "all to agree on",
			 session->epoch.next.epoch);
		put(object, "waits", text);
	} else if (!session->met && !roster_is_full(&session->roster)) {
		put(object, "waits", "others to take the places of those that have left");
	}
}

/* The links between any two parties that are not up, for all to see. */
static struct json_object *show_pairs(const struct session *session, size_t most)
{
	struct json_object *list = json_object_new_array(), *pair;
	unsigned int parties = session->roster.settled ? session->roster.count : 0;
	char reason[POST_TEXT_MAX + 1];

	for (unsigned int i = 0; i < parties * parties && !session->ready; i++) {
		unsigned int a = i / parties, b = i % parties;

		if (json_object_array_length(list) == most)
			break;
		if (a >= b || !roster_has(&session->roster, a) ||
		    !roster_has(&session->roster, b) ||
		    board_pair_is_up(&session->board, &session->roster, a, b, reason))
			continue;
		pair = json_object_new_object();
		json_object_object_add(pair, "a", json_object_new_int((int)a));
		json_object_object_add(pair, "b", json_object_new_int((int)b));
		put(pair, "reason", reason);
		json_object_array_add(list, pair);
	}
	return list;
}

/**
 * session_show() - a session as JSON
 * @session: the session
 * @brief: of each party how it is, no more, and of missing links one
 *
 * Return: the object, as mpcnetctl(8) describes it.
 */
struct json_object *session_show(const struct session *session, bool brief)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	bool settled = session->roster.settled;

	put(object, "session", session->name);
	put(object, "state", state_name(session->state));
	put_waits(object, session);
	put_hash(object, &session->roster);
	json_object_object_add(object, "epoch", json_object_new_int((int)session->roster.epoch));
	put(object, "sas", *session->sas ? session->sas : NULL);
	put(object, "verify", session_verify_name(session->verify));
	json_object_object_add(object, "verified", json_object_new_boolean(session->verified));
	put(object, "interface", session->have_kernel ? session->kernel.name : NULL);
	put_troubles(object, session);
	json_object_object_add(object, "self",
			       settled ? json_object_new_int((int)session->self) : NULL);
	for (unsigned int i = 0; i < session->roster.count; i++)
		json_object_array_add(list, roster_has(&session->roster, i) ?
						    show_party(session, i, brief) :
						    show_vacant(session, i));
	json_object_object_add(object, "parties", list);
	json_object_object_add(object, "missing", show_pairs(session, brief ? 1 : PAIRS_MAX));
	return object;
}
