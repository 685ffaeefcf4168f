// SPDX-License-Identifier: GPL-2.0
/* What does not work as the ticket has it, in a sentence each, for people. */
#include "session.h"

#include <stdio.h>

/* Clocks that nobody sets by hand are better than this, in seconds. */
#define CLOCK_MARGIN 300
#define HOUR 3600
/* By then who has a link to us has sent by it, even among many parties: microseconds */
#define DEAF_TIME UINT64_C(10000000)

/* Our card waits some seconds for names and servers: until then nothing is amiss. */
static bool has_waited(const struct session *session)
{
	return session->have_card && session->publish_by == LOOP_NEVER;
}

/* Names are numbered as the resolver was told: STUN, then TURN. */
static bool name_trouble(const struct session *session, unsigned int first, unsigned int count,
			 char *text, size_t room)
{
	for (unsigned int i = first; has_waited(session) && i < first + count; i++) {
		const char *name = resolver_lacks(&session->resolver, i);

		if (!name)
			continue;
		snprintf(text, room,
			 "the name \"%s\" has no address: correct it in the ticket, or the name "
			 "servers of this machine",
			 name);
		return true;
	}
	return false;
}

/**
 * session_stun_trouble() - which STUN server is of no use, and why?
 * @session: the session
 * @text: gets a sentence
 * @room: bytes there
 *
 * Return: false if all that have an address answer.
 */
bool session_stun_trouble(const struct session *session, char *text, size_t room)
{
	const struct gather *gather = &session->gather;
	char address[MPCNET_ENDPOINT_TEXT];

	if (name_trouble(session, 0, session->ticket.stun_count, text, room))
		return true;
	for (unsigned int i = 0; i < gather->count; i++) {
		if (!gather->servers[i].silent)
			continue;
		mpcnet_endpoint_format(address, &gather->servers[i].address);
		snprintf(text, room, "%s does not answer: it is down%s", address,
			 gather_silent(gather) ? ", or UDP is blocked here" : "");
		return true;
	}
	return false;
}

/**
 * session_relay_trouble() - why is there no relay?
 * @session: the session
 * @text: gets a sentence
 * @room: bytes there
 *
 * Return: false if there is one, or none was asked for, or it is asked yet.
 */
bool session_relay_trouble(const struct session *session, char *text, size_t room)
{
	const struct ticket *ticket = &session->ticket;

	if (relay_ready(&session->relay))
		return false;
	if (!*session->relay.reason)
		return name_trouble(session, ticket->stun_count, ticket->turn_count, text, room);
	snprintf(text, room, "%s", session->relay.reason);
	return true;
}

/**
 * session_firewall_trouble() - does this machine take in what the interface brings?
 * @session: the session
 * @text: gets a sentence
 * @room: bytes there
 *
 * Return: false if it does, or no link is up yet.
 */
bool session_firewall_trouble(const struct session *session, char *text, size_t room)
{
	if (!mesh_is_deaf(&session->mesh, DEAF_TIME))
		return false;
	snprintf(text, room,
		 "what the other parties send comes to %s, and is dropped there: let the firewall "
		 "of this machine accept what comes by that interface",
		 session->kernel.name);
	return true;
}

/**
 * session_compare_clocks() - is the clock of another party ahead of ours?
 * @session: the session
 * @card: a card that has just come
 * @now_s: seconds since 1970, 0 if the card is our own
 *
 * The session works all the same, but each clock has its own end of it.
 */
void session_compare_clocks(struct session *session, const struct card *card, uint64_t now_s)
{
	uint64_t ahead = now_s ? card_ahead(card, now_s) : 0;

	if (ahead < CLOCK_MARGIN)
		return;
	snprintf(session->clock, sizeof(session->clock),
		 "the clock of party %.31s is %llu.%llu h ahead of the one here: set the one that "
		 "is wrong",
		 *card->name ? card->name : "without a name", (unsigned long long)(ahead / HOUR),
		 (unsigned long long)(ahead % HOUR / (HOUR / 10)));
}
