// SPDX-License-Identifier: GPL-2.0
/* A TURN server as the agent sees it, RFC 8656: one for all, in the core. */
#include "sim.h"

#include <string.h>

/**
 * relay_allocate() - give a party an allocation
 * @party: the party
 */
void relay_allocate(struct party *party)
{
	party->relay.there = true;
	party->relay.count = 0;
	party->relay.relayed =
		(struct addr){ .host = SIM_RELAY_HOST, .port = (uint16_t)(50000 + party->index) };
}

static bool permitted(const struct allocation *relay, const struct addr *peer)
{
	for (unsigned int i = 0; i < relay->count; i++) {
		if (addr_same_host(&relay->permitted[i], peer))
			return true;
	}
	return false;
}

static void run_to_owner(struct sim *sim, struct event *event)
{
	struct agent_path from = { AGENT_RELAY, addr_endpoint(&event->d.from) };
	struct party *party = &sim->parties[event->party];

	if (party->relay.there)
		party_input(party, &from, &event->d);
}

/**
 * relay_arrived() - a datagram came to an address of the relay
 * @sim: the run
 * @d: the datagram
 */
void relay_arrived(struct sim *sim, const struct datagram *d)
{
	struct event *event;

	for (unsigned int i = 0; i < sim->count; i++) {
		struct party *party = &sim->parties[i];
		struct allocation *relay = &party->relay;

		if (!relay->there || !addr_equal(&relay->relayed, &d->to))
			continue;
		if (!permitted(relay, &d->from) || net_lost(sim))
			return;
		event = queue_add(&sim->queue, sim->now + party->delay + net_jitter(sim),
				  run_to_owner);
		event->party = i;
		memcpy(&event->d, d, offsetof(struct datagram, data) + d->len);
		return;
	}
}

static void run_from_owner(struct sim *sim, struct event *event)
{
	struct allocation *relay = &sim->parties[event->party].relay;

	if (!relay->there || !permitted(relay, &event->d.to))
		return;
	event->d.from = relay->relayed;
	net_from_core(sim, &event->d, 0);
}

/**
 * relay_send() - a party sends a datagram by its relay
 * @sim: the run
 * @party: the party
 * @d: the datagram
 */
void relay_send(struct sim *sim, struct party *party, struct datagram *d)
{
	struct event *event;

	if (!party->relay.there || net_lost(sim))
		return;
	event = queue_add(&sim->queue, sim->now + party->delay + net_jitter(sim), run_from_owner);
	event->party = party->index;
	memcpy(&event->d, d, offsetof(struct datagram, data) + d->len);
	event->d.ttl = 64;
}

static void permit(struct sim *sim, struct allocation *relay, const struct addr *peer)
{
	if (!relay->there || permitted(relay, peer))
		return;
	if (relay->count == SIM_HOSTS)
		sim_fail(sim, "more permissions than there are hosts");
	else
		relay->permitted[relay->count++] = *peer;
}

static void run_permit(struct sim *sim, struct event *event)
{
	permit(sim, &sim->parties[event->party].relay, &event->d.to);
}

/**
 * relay_permit() - let datagrams of a host pass
 * @party: the owner
 * @peer: the host
 */
void relay_permit(struct party *party, const union mpcnet_endpoint *peer)
{
	struct sim *sim = party->sim;
	struct event *event = queue_add(&sim->queue, sim->now + party->delay, run_permit);

	event->party = party->index;
	event->d.to = addr_of(peer);
}

static void run_bound(struct sim *sim, struct event *event)
{
	struct party *party = &sim->parties[event->party];
	union mpcnet_endpoint peer = addr_endpoint(&event->d.to);

	permit(sim, &party->relay, &event->d.to);
	agent_bound(party->agent, sim->now, &peer, party->relay.there);
	party->deadline = agent_deadline(party->agent);
}

/**
 * relay_bind() - make a channel; the agent hears of it after a round trip
 * @party: the owner
 * @peer: whom it leads to
 */
void relay_bind(struct party *party, const union mpcnet_endpoint *peer)
{
	struct sim *sim = party->sim;
	struct event *event = queue_add(&sim->queue, sim->now + 2 * party->delay, run_bound);

	event->party = party->index;
	event->d.to = addr_of(peer);
}
