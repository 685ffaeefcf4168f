// SPDX-License-Identifier: GPL-2.0
/* Why a link is what it is, in one sentence. */
#include "link.h"

#include <stdio.h>
#include <string.h>

static bool unforeseen(enum nat_mapping mapping)
{
	return mapping == NAT_DEPENDENT || mapping == NAT_SEQUENTIAL;
}

static const char *why_direct(const struct path *path)
{
	if (path->class == PATH_LOCAL)
		return "direct, in one network";
	switch (path->type) {
	case CANDIDATE_HOST:
		return "direct, to an address of its own";
	case CANDIDATE_MAPPED:
		return "direct, by a port that its router maps";
	default:
		return "direct, through the NATs in between";
	}
}

/* What stands in the way of a direct path? */
static const char *obstacle(const struct agent *agent, const struct link *link)
{
	const struct candidates *self = &agent->self, *other = &link->peer.candidates;

	if (self->udp_blocked)
		return "UDP is blocked here, or the STUN servers are down";
	if (other->udp_blocked)
		return "UDP is blocked at the other party, or the STUN servers are down";
	if (candidates_are_hidden(self))
		return "no STUN server has told the public address here (stun HOST:PORT in the "
		       "ticket)";
	if (candidates_are_hidden(other))
		return "no STUN server has told the other party's public address (stun HOST:PORT "
		       "in the ticket)";
	if (unforeseen(self->mapping) && unforeseen(other->mapping))
		return "both NATs give each destination a port of its own";
	if (unforeseen(self->mapping))
		return "the NAT here gives each destination a port of its own, and the other's "
		       "lets in only what was sent to";
	if (unforeseen(other->mapping))
		return "the other's NAT gives each destination a port of its own, and the one "
		       "here lets in only what was sent to";
	return "no direct check was answered";
}

/* What became of the relays? */
static const char *relays(const struct agent *agent, const struct link *link)
{
	if (candidates_have_relay(&agent->self) || candidates_have_relay(&link->peer.candidates))
		return "neither was one by the relay";
	if (agent->conf.relays)
		return "no relay of the ticket works, here or there";
	return "there is no relay: name one (turn URL) in the ticket";
}

static void why_failed(const struct agent *agent, const struct link *link, char *text, size_t room)
{
	bool reachable =
		link->count || agent->self.udp_blocked || link->peer.candidates.udp_blocked;

	snprintf(text, room, "%s, and %s",
		 reachable ? obstacle(agent, link) :
			     "the other party has no address that can be reached from here",
		 relays(agent, link));
}

/**
 * link_reason() - why a link is what it is
 * @agent: the agent
 * @link: the link
 * @text: gets the sentence
 * @room: bytes there
 */
void link_reason(const struct agent *agent, const struct link *link, char *text, size_t room)
{
	if (link->phase == LINK_IDLE)
		snprintf(text, room, "waits for its card");
	else if (link->roster_differs)
		snprintf(text, room, "roster differs: the other party means another group");
	else if (link->state == LINK_DIRECT)
		snprintf(text, room, "%s", why_direct(&link->paths[link->selected]));
	else if (link->state == LINK_RELAYED)
		snprintf(text, room, "relayed%s: %s",
			 link->paths[link->selected].class == PATH_RELAYED_TWICE ? " twice" : "",
			 link->phase == LINK_REST ? obstacle(agent, link) :
						    "a direct path is still looked for");
	else if (link->state == LINK_FAILED)
		why_failed(agent, link, text, room);
	else
		snprintf(text, room, "%u paths are tried", link->count);
}

/**
 * agent_verdict() - how is a link, and why?
 * @agent: the agent
 * @party: to whom
 * @verdict: gets it
 */
void agent_verdict(const struct agent *agent, unsigned int party, struct agent_verdict *verdict)
{
	const struct link *link = &agent->links[party];

	*verdict = (struct agent_verdict){ .state = link->state };
	if (link->selected >= 0) {
		const struct path *path = &link->paths[link->selected];

		verdict->path = path->at;
		verdict->class = path->class;
		verdict->rtt = path->rtt;
	}
	link_reason(agent, link, verdict->reason, sizeof(verdict->reason));
}

/**
 * agent_tried() - what was tried with a party
 * @agent: the agent
 * @party: the party
 * @tries: gets the paths
 * @room: how many fit
 *
 * Return: how many there are in @tries.
 */
unsigned int agent_tried(const struct agent *agent, unsigned int party, struct agent_try *tries,
			 unsigned int room)
{
	const struct link *link = &agent->links[party];
	unsigned int count = link->count < room ? link->count : room;

	for (unsigned int i = 0; i < count; i++) {
		const struct path *path = &link->paths[i];

		tries[i] = (struct agent_try){
			.path = path->at,
			.class = path->class,
			.type = path->type,
			.sent = path->sent,
			.answered = path->answered,
			.rtt = path->rtt,
			.valid = path->valid,
			.selected = (int)i == link->selected,
		};
	}
	return count;
}
