// SPDX-License-Identifier: GPL-2.0
/* A party: what mpcnetd and the kernel do around the agent. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

#define STUN_HOST 0x2d2f0101
#define PROBE 'D'

static struct party *of(void *arg)
{
	return arg;
}

static void transmit(struct party *party, const struct agent_path *path, struct datagram *d)
{
	d->to = addr_of(&path->remote);
	if (path->via == AGENT_RELAY)
		relay_send(party->sim, party, d);
	else
		net_send(party->sim, party, d);
}

static void op_send(void *arg, const struct agent_path *path, unsigned int ttl, const void *data,
		    size_t len)
{
	struct party *party = of(arg);
	char text[MPCNET_ENDPOINT_TEXT + 8];
	struct datagram d;

	d.ttl = ttl && !party->sim->eager ? ttl : 64;
	d.len = len;
	if (len > sizeof(d.data)) {
		sim_fail(party->sim, "a datagram of %zu bytes", len);
		return;
	}
	d.to = addr_of(&path->remote);
	memcpy(d.data, data, len);
	judge_sent(party, path, data, len);
	if (party->sim->trace)
		sim_say(party->sim, "%u %s %s ttl %u", party->index,
			((const uint8_t *)data)[0] ? "answers" : "checks", path_text(text, path),
			d.ttl);
	if (party->sim->observer)
		party->sim->observer(party->sim, party, &d);
	transmit(party, path, &d);
}

static void set_use(struct party *party, unsigned int other, const struct agent_path *path)
{
	struct pair *pair = &party->pairs[other];
	char text[MPCNET_ENDPOINT_TEXT + 8];
	uint64_t now = party->sim->now;

	pair->use = path ? *path : (struct agent_path){ 0 };
	pair->changes++;
	if (!path && !pair->lost)
		pair->lost = now;
	else if (path)
		pair->lost = 0;
	if (path && !pair->up)
		pair->up = now;
	sim_say(party->sim, "%u uses %s to %u", party->index, path_text(text, &pair->use), other);
}

static void op_use(void *arg, unsigned int party, const struct agent_path *path)
{
	set_use(of(arg), party, path);
}

static void op_bind(void *arg, const union mpcnet_endpoint *peer)
{
	relay_bind(of(arg), peer);
}

static void op_permit(void *arg, const union mpcnet_endpoint *peer)
{
	relay_permit(of(arg), peer);
}

/* A run itself says when a relay is gone. */
static void op_doubt(void *arg)
{
	(void)arg;
}

static void run_new_card(struct sim *sim, struct event *event)
{
	party_new_card(&sim->parties[event->party]);
}

static void op_seen(void *arg, unsigned int party, const union mpcnet_endpoint *mapped)
{
	struct party *p = of(arg);

	(void)party;
	if (p->sim->reports && candidates_add(&p->self, CANDIDATE_REFLEXIVE, mapped))
		queue_add(&p->sim->queue, p->sim->now + 200 * MSEC, run_new_card)->party = p->index;
}

static void op_changed(void *arg, unsigned int party)
{
	static const char *const states[] = { "waiting", "connecting", "direct", "relayed",
					      "failed" };
	struct party *p = of(arg);
	struct agent_verdict verdict;

	agent_verdict(p->agent, party, &verdict);
	p->pairs[party].state = verdict.state;
	sim_say(p->sim, "%u to %u: %s (%s)", p->index, party, states[verdict.state],
		verdict.reason);
}

static const struct agent_ops ops = { op_send,	op_use,	 op_bind,   op_permit,
				      op_doubt, op_seen, op_changed };

/* What a STUN server says; its answer comes by the mapping that its request made. */
static bool reflexive(struct party *party, unsigned int server, struct addr *mapped)
{
	struct datagram d = { .to = { .host = STUN_HOST + server, .port = 3478 }, .ttl = 64 };

	d.from = party->four;
	for (struct router *gate = party->gate; gate; gate = gate->up) {
		if (!nat_out(gate, &d, party->sim->now))
			return false;
	}
	*mapped = d.from;
	return true;
}

static enum nat_mapping mapping_of(const struct party *party, const struct addr seen[2])
{
	if (addr_equal(&seen[0], &party->four))
		return NAT_NONE;
	if (addr_equal(&seen[0], &seen[1]))
		return NAT_INDEPENDENT;
	return party->class == NAT_CLASS_SEQUENTIAL ? NAT_SEQUENTIAL : NAT_DEPENDENT;
}

static void add(struct party *party, enum candidate_type type, const struct addr *addr)
{
	union mpcnet_endpoint endpoint = addr_endpoint(addr);

	candidates_add(&party->self, type, &endpoint);
}

/**
 * party_gather() - find out where a party may be reached
 * @party: the party; its candidates are new
 */
void party_gather(struct party *party)
{
	struct addr seen[2], mapped = party->four;

	party->self = (struct candidates){ 0 };
	add(party, CANDIDATE_HOST, &party->four);
	if (party->six.host)
		add(party, CANDIDATE_HOST, &party->six);
	if (party->gate && party->gate->forward.host) {
		mapped.host = party->gate->wan;
		add(party, CANDIDATE_MAPPED, &mapped);
	}
	if (reflexive(party, 0, &seen[0]) && reflexive(party, 1, &seen[1])) {
		add(party, CANDIDATE_REFLEXIVE, &seen[0]);
		add(party, CANDIDATE_REFLEXIVE, &seen[1]);
		party->self.mapping = mapping_of(party, seen);
	} else {
		party->self.udp_blocked = true;
	}
	if (party->relay.there)
		add(party, CANDIDATE_RELAYED, &party->relay.relayed);
}

static unsigned int hops_of(const struct party *party)
{
	unsigned int hops = 1;

	for (const struct router *gate = party->gate; gate; gate = gate->up)
		hops++;
	return hops;
}

/**
 * party_restart() - give a party a new agent, in place of one if it has one
 * @party: the party
 */
void party_restart(struct party *party)
{
	struct sim *sim = party->sim;
	struct agent_conf conf = { .self = party->index, .parties = sim->count };

	conf.seed = sim_random(sim, UINT64_MAX - 1) + 1;
	conf.wall = party->wall;
	conf.roster[0] = party->roster;
	agent_free(party->agent);
	party->agent = agent_new(&conf, &ops, party);
	agent_set_hops(party->agent, hops_of(party));
	agent_set_self(party->agent, sim->now, &party->self);
	party->deadline = agent_deadline(party->agent);
}

/**
 * party_start() - a party that has its place gathers and gets its agent
 * @sim: the run
 * @party: the party
 */
void party_start(struct sim *sim, unsigned int party)
{
	struct party *p = &sim->parties[party];

	if (sim->relay)
		relay_allocate(p);
	/* Calendars of one time, but for 50 ms */
	p->wall = UINT64_C(1700000000) * SEC + sim->seed * 7919 * MSEC + sim_random(sim, 50 * MSEC);
	party_gather(p);
	party_restart(p);
}

static void run_card(struct sim *sim, struct event *event)
{
	struct party *to = &sim->parties[event->party];
	unsigned int other = event->other;
	unsigned int low = other < to->index ? other : to->index;
	unsigned int high = other < to->index ? to->index : other;
	struct agent_peer peer = { .controlling = (to->index < other) != (low + high) % 2,
				   .candidates = sim->parties[other].self };

	memcpy(peer.key, &low, sizeof(low));
	memcpy(peer.key + sizeof(low), &high, sizeof(high));
	to->pairs[other].has_card = true;
	sim_say(sim, "%u has the card of %u", to->index, other);
	if (!agent_add(to->agent, sim->now, other, &peer))
		sim_fail(sim, "party %u does not take the card of %u", to->index, other);
	to->deadline = agent_deadline(to->agent);
}

/**
 * party_card() - a party's card gets to another
 * @sim: the run
 * @party: who gets it
 * @other: whose it is
 * @at: when; what it says is as it is then
 */
void party_card(struct sim *sim, unsigned int party, unsigned int other, uint64_t at)
{
	struct event *event = queue_add(&sim->queue, at, run_card);

	event->party = party;
	event->other = other;
}

/**
 * party_cards() - all parties' cards get to all others
 * @sim: the run
 * @at: when
 * @skew: how much later to those of the higher place
 */
void party_cards(struct sim *sim, uint64_t at, uint64_t skew)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			if (i != j)
				party_card(sim, i, j, at + (i > j ? skew : 0));
		}
	}
}

/**
 * party_new_card() - what is new of a party gets to its agent and to all others
 * @party: the party
 */
void party_new_card(struct party *party)
{
	struct sim *sim = party->sim;

	agent_set_self(party->agent, sim->now, &party->self);
	party->deadline = agent_deadline(party->agent);
	for (unsigned int i = 0; i < sim->count; i++) {
		if (i != party->index && sim->parties[i].pairs[party->index].has_card)
			party_card(sim, i, party->index, sim->now + 50 * MSEC + net_jitter(sim));
	}
}

/* WireGuard's part: authentic data came; the answer goes where it came from. */
static void input_probe(struct party *party, const struct agent_path *from,
			const struct datagram *d)
{
	unsigned int other = d->data[1];
	struct pair *pair = &party->pairs[other];

	pair->heard = *from;
	pair->probes++;
	if (!party->sim->roams || path_same(from, &pair->use))
		return;
	set_use(party, other, from);
	agent_moved(party->agent, party->sim->now, other, from);
}

/**
 * party_input() - a datagram came to a party
 * @party: the party
 * @from: what it came by
 * @d: the datagram
 */
void party_input(struct party *party, const struct agent_path *from, const struct datagram *d)
{
	char text[MPCNET_ENDPOINT_TEXT + 8];

	if (party->sim->trace)
		sim_say(party->sim, "%u hears %02x from %s", party->index, d->data[0],
			path_text(text, from));
	if (d->len && d->data[0] == PROBE)
		input_probe(party, from, d);
	else
		agent_input(party->agent, party->sim->now, from, d->data, d->len);
	party->deadline = agent_deadline(party->agent);
}

/**
 * party_probe() - send data by the way that the kernel has, if it has one
 * @party: the party
 * @other: to whom
 */
void party_probe(struct party *party, unsigned int other)
{
	struct datagram d = { .ttl = 64, .len = 2, .data = { PROBE, (uint8_t)party->index } };
	const struct agent_path *use = &party->pairs[other].use;

	if (use->remote.sa.sa_family)
		transmit(party, use, &d);
}

/**
 * party_verdict() - how is a link?
 * @sim: the run
 * @party: whose
 * @other: to whom
 *
 * Return: what the agent says.
 */
struct agent_verdict party_verdict(struct sim *sim, unsigned int party, unsigned int other)
{
	struct agent_verdict verdict;

	agent_verdict(sim->parties[party].agent, other, &verdict);
	return verdict;
}
