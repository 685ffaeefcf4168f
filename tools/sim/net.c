// SPDX-License-Identifier: GPL-2.0
/*
 * The ways between parties:
 *
 *	party --- gate --- (another router) --- core --- router --- party
 *
 * Each router on the way takes one of the ttl, and so does the core. What
 * leaves is translated when it leaves, what arrives when it arrives.
 */
#include "sim.h"

#include <string.h>

/**
 * net_lost() - is the next datagram lost?
 * @sim: the run
 *
 * Return: true if so.
 */
bool net_lost(struct sim *sim)
{
	return sim->loss && sim_random(sim, 1000) < sim->loss;
}

/**
 * net_jitter() - by how much is the next datagram late?
 * @sim: the run
 *
 * Return: microseconds; datagrams overtake each other by it.
 */
uint64_t net_jitter(struct sim *sim)
{
	return sim->jitter ? sim_random(sim, sim->jitter) : 0;
}

static bool is_private(const struct addr *addr)
{
	union mpcnet_endpoint endpoint = addr_endpoint(addr);

	return endpoint_is_private(&endpoint);
}

static void copy(struct datagram *to, const struct datagram *from)
{
	memcpy(to, from, offsetof(struct datagram, data) + from->len);
}

static void run_deliver(struct sim *sim, struct event *event)
{
	struct agent_path from = { AGENT_DIRECT, addr_endpoint(&event->d.from) };

	party_input(&sim->parties[event->party], &from, &event->d);
}

static void deliver_locally(struct sim *sim, struct party *party, const struct datagram *d)
{
	struct event *event = queue_add(&sim->queue, sim->now + MSEC / 5, run_deliver);

	event->party = party->index;
	copy(&event->d, d);
}

/* The party that has the address in the network behind @gate, the core's if NULL */
static struct party *party_at(struct sim *sim, const struct router *gate, const struct addr *addr)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		struct party *party = &sim->parties[i];

		if (addr->six ? party->six.host && addr_equal(&party->six, addr) :
				party->gate == gate && addr_equal(&party->four, addr))
			return party;
	}
	return NULL;
}

static struct router *router_at(struct sim *sim, const struct router *up, const struct addr *addr)
{
	for (unsigned int i = 0; i < sim->router_count; i++) {
		struct router *router = &sim->routers[i];

		if (!addr->six && router->up == up && router->wan == addr->host)
			return router;
	}
	return NULL;
}

static void go_down(struct sim *sim, struct router *gate, struct datagram *d)
{
	struct router *router;
	struct party *party;

	while ((router = router_at(sim, gate, &d->to))) {
		if (!nat_in(router, d, sim->now))
			return;
		gate = router;
	}
	party = party_at(sim, gate, &d->to);
	if (party)
		deliver_locally(sim, party, d);
}

/* Firewalls let IPv6 in from the outermost on. */
static bool pass_firewalls(struct router *router, struct datagram *d, uint64_t now)
{
	if (!router)
		return true;
	return pass_firewalls(router->up, d, now) && nat_in(router, d, now);
}

static void run_arrive(struct sim *sim, struct event *event)
{
	struct datagram *d = &event->d;
	struct party *party;

	if (sim->cut && d->from.host != SIM_RELAY_HOST)
		return;
	if (!d->to.six) {
		go_down(sim, NULL, d);
		return;
	}
	party = party_at(sim, NULL, &d->to);
	if (party && pass_firewalls(party->gate, d, sim->now))
		deliver_locally(sim, party, d);
}

static void run_relay(struct sim *sim, struct event *event)
{
	relay_arrived(sim, &event->d);
}

/**
 * net_from_core() - send a datagram that is in the core already
 * @sim: the run
 * @d: the datagram
 * @delay: what it took to come there
 */
void net_from_core(struct sim *sim, const struct datagram *d, uint64_t delay)
{
	bool relay = !d->to.six && d->to.host == SIM_RELAY_HOST;
	struct event *event;

	if (is_private(&d->to) || d->ttl <= 1 || net_lost(sim))
		return;
	delay += (relay ? 0 : sim->delay) + net_jitter(sim);
	event = queue_add(&sim->queue, sim->now + delay, relay ? run_relay : run_arrive);
	copy(&event->d, d);
	event->d.ttl--;
}

/* Is it for the network behind @gate itself, or for the address of @gate? */
static bool turns_round(struct sim *sim, struct router *gate, struct datagram *d)
{
	if (d->to.six)
		return false;
	if (d->to.host == gate->wan) {
		if (gate->hairpin && d->ttl > 1 && nat_out(gate, d, sim->now) &&
		    nat_in(gate, d, sim->now))
			go_down(sim, gate, d);
		return true;
	}
	if (!party_at(sim, gate, &d->to) && !router_at(sim, gate, &d->to))
		return false;
	if (!gate->isolates)
		go_down(sim, gate, d);
	return true;
}

/**
 * net_send() - a party sends a datagram from its own address
 * @sim: the run
 * @party: the party
 * @d: the datagram; its source is filled in
 */
void net_send(struct sim *sim, struct party *party, struct datagram *d)
{
	struct router *gate = party->gate;

	if (d->to.six && !party->six.host)
		return;
	d->from = d->to.six ? party->six : party->four;
	for (; gate; gate = gate->up) {
		if (turns_round(sim, gate, d))
			return;
		if (d->ttl <= 1 || !nat_out(gate, d, sim->now))
			return;
		d->ttl--;
	}
	net_from_core(sim, d, party->delay);
}
