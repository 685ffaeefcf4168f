// SPDX-License-Identifier: GPL-2.0
/* Parties that mean different groups, and somebody who means no good. */
#include "sim.h"

#include <string.h>

#include <arpa/inet.h>

#define FAIL_TIME (10 * SEC)
/* Of four rounds: what is known not to work is not tried again and again. */
#define ROSTER_CHECKS 440
#define ATTACKER_PORT 666

static void start(struct sim *sim)
{
	enum nat_class a = (enum nat_class)sim_random(sim, NAT_CLASSES);
	enum nat_class b = (enum nat_class)sim_random(sim, NAT_CLASSES);

	if (!place_direct(a, b))
		sim->relay = true;
	sim_say(sim, "%s and %s", nat_class_name(a), nat_class_name(b));
	place_party(sim, 0, a);
	place_party(sim, 1, b);
}

/**
 * scenario_roster() - two parties that mean different groups
 * @sim: the run
 */
void scenario_roster(struct sim *sim)
{
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, 2);
	sim->relay = sim_random(sim, 2);
	sim->loss = (unsigned int)sim_random(sim, 2) * 50;
	start(sim);
	sim->parties[1].roster = 2;
	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, 0);
	if (!sim_run_until(sim, sim->now + FAIL_TIME, judge_all_failed))
		sim_fail(sim, "not failed");
	sim_run(sim, sim->now + 100 * SEC);
	for (unsigned int i = 0; i < 2; i++) {
		struct agent_verdict verdict = party_verdict(sim, i, 1 - i);

		if (verdict.state != LINK_FAILED || !strstr(verdict.reason, "roster differs"))
			sim_fail(sim, "%u says: %s", i, verdict.reason);
		if (sim->parties[i].pairs[1 - i].changes)
			sim_fail(sim, "%u had a way", i);
		if (sim->parties[i].requests > ROSTER_CHECKS)
			sim_fail(sim, "%u has sent %u checks", i, sim->parties[i].requests);
	}
}

enum attack { COPY, FLIP, REFLECT, FORGE, ATTACKS };

static void run_attack(struct sim *sim, struct event *event)
{
	struct agent_path from = { AGENT_DIRECT, addr_endpoint(&event->d.from) };

	party_input(&sim->parties[event->party], &from, &event->d);
}

static void inject(struct sim *sim, unsigned int party, const struct addr *from,
		   const struct datagram *d, uint64_t delay)
{
	struct event *event = queue_add(&sim->queue, sim->now + delay, run_attack);

	event->party = party;
	event->d.len = d->len;
	memcpy(event->d.data, d->data, d->len);
	event->d.from = *from;
}

/* An address of the attacker's */
static struct addr elsewhere(struct sim *sim)
{
	return (struct addr){ .host = 0x2d310000 + (uint32_t)sim_random(sim, 200),
			      .port = ATTACKER_PORT };
}

static struct addr own(const struct party *party)
{
	return addr_of(&party->self.at[sim_random(party->sim, party->self.count)].address);
}

/* An answer to a check, by somebody who has seen it but has no key */
static void forge(struct sim *sim, struct party *party, const struct datagram *d)
{
	static const uint8_t key[MPCNET_KEY_LEN] = { 66 };
	union mpcnet_endpoint mapped = addr_endpoint(&d->to);
	bool differs = sim_random(sim, 2);
	uint8_t roster[STUN_ROSTER_LEN] = { differs ? 66 : party->roster };
	struct datagram answer = { 0 };
	struct stun_message m;
	struct stun_builder b;

	if (!stun_decode(&m, d->data, d->len) || m.class != STUN_REQUEST)
		return;
	stun_begin(&b, answer.data, sizeof(answer.data), differs ? STUN_ERROR : STUN_SUCCESS,
		   STUN_BINDING, m.id);
	if (differs)
		stun_put_error(&b, STUN_ROSTER_DIFFERS, "roster differs");
	stun_put_address(&b, STUN_XOR_MAPPED_ADDRESS, &mapped);
	stun_put(&b, STUN_ROSTER, roster, sizeof(roster));
	stun_seal_sha256(&b, key, sizeof(key));
	answer.len = stun_end(&b);
	inject(sim, party->index, &d->to, &answer, 1 + sim_random(sim, 10 * MSEC));
}

static void attack(struct sim *sim, struct party *party, const struct datagram *d)
{
	struct party *other = &sim->parties[1 - party->index];
	uint64_t delay =
		sim_random(sim, 4) ? sim_random(sim, 50 * MSEC) : sim_random(sim, 10 * SEC);
	struct addr from = own(party), back = own(other);
	struct datagram copy = *d;

	/* What is sent to it goes no further, or it would be a way between them. */
	if (d->to.port == ATTACKER_PORT)
		return;
	switch (sim_random(sim, ATTACKS)) {
	case COPY:
		from = elsewhere(sim);
		break;
	case FLIP:
		copy.data[sim_random(sim, copy.len)] ^= (uint8_t)(1 << sim_random(sim, 8));
		break;
	case REFLECT:
		inject(sim, party->index, &back, &copy, delay);
		return;
	default:
		forge(sim, party, d);
		return;
	}
	inject(sim, other->index, &from, &copy, delay);
}

static void expect_no_way(struct sim *sim)
{
	sim_run(sim, sim->now + 100 * SEC);
	for (unsigned int i = 0; i < 2; i++) {
		if (sim->parties[i].pairs[1 - i].changes)
			sim_fail(sim, "%u was led astray", i);
	}
	if (!judge_all_failed(sim))
		sim_fail(sim, "not failed");
}

/**
 * scenario_attack() - copies from elsewhere, changed bits, our own checks sent
 * back, answers under another key
 * @sim: the run
 *
 * In every fourth run nothing but that arrives.
 */
void scenario_attack(struct sim *sim)
{
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, 2);
	sim->relay = seed % 4;
	start(sim);
	if (!(seed % 4)) {
		sim->relay = false;
		sim->cut = true;
	}
	sim->observer = attack;
	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, 0);
	if (sim->cut) {
		expect_no_way(sim);
		return;
	}
	if (!sim_run_until(sim, sim->now + FAIL_TIME, judge_all_up))
		sim_fail(sim, "not up");
	sim_run(sim, sim->now + 60 * SEC);
	for (unsigned int i = 0; i < 2; i++) {
		struct pair *pair = &sim->parties[i].pairs[1 - i];

		if (strstr(party_verdict(sim, i, 1 - i).reason, "roster"))
			sim_fail(sim, "%u takes the attacker's word", i);
		if (pair->changes > 4)
			sim_fail(sim, "%u changed its way %u times", i, pair->changes);
		if (pair->use.remote.in.sin_port == htons(ATTACKER_PORT))
			sim_fail(sim, "%u uses the attacker's address", i);
	}
	judge_pairs(sim);
}
