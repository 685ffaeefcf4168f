// SPDX-License-Identifier: GPL-2.0
/* What changes while a link is up. */
#include "sim.h"

#include <stdio.h>

#define CONNECT_TIME (12 * SEC)
#define MEND_TIME (10 * SEC)
/* The rest after a round, and the round behind it */
#define DIRECT_AGAIN (80 * SEC)

/**
 * scenario_connect() - two parties with a link
 * @sim: the run, which was begun
 * @a: what one is behind
 * @b: what the other is behind
 */
void scenario_connect(struct sim *sim, enum nat_class a, enum nat_class b)
{
	sim_say(sim, "%s and %s", nat_class_name(a), nat_class_name(b));
	place_party(sim, 0, a);
	place_party(sim, 1, b);
	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, 0);
	if (!sim_run_until(sim, sim->now + CONNECT_TIME,
			   place_direct(a, b) ? judge_all_direct : judge_all_relayed))
		sim_fail(sim, "%s and %s: no link to begin with", nat_class_name(a),
			 nat_class_name(b));
	sim_run(sim, sim->now + 5 * SEC + sim_random(sim, 60 * SEC));
}

static enum nat_class any_class(struct sim *sim)
{
	return (enum nat_class)sim_random(sim, NAT_CLASS_BLOCKED);
}

static void set_chances(struct sim *sim)
{
	sim->relay = true;
	sim->jitter = sim_random(sim, 2) * 10 * MSEC;
	sim->roams = sim_random(sim, 2);
}

/* A busy link sends all the time; of one that is idle, only the end is looked at. */
static void expect_mended(struct sim *sim, const char *what, uint64_t within)
{
	uint64_t begin = sim->now;
	bool busy = sim_random(sim, 2);

	if (!busy)
		sim_run(sim, begin + within);
	while (!judge_lead(sim)) {
		if (sim->now > begin + within) {
			sim_fail(sim, "%s: not mended", what);
			return;
		}
	}
	if (busy)
		table_add(what, sim->now - begin);
}

static void forget(struct party *party)
{
	for (struct router *gate = party->gate; gate; gate = gate->up)
		nat_forget(gate);
}

/**
 * scenario_rebind() - the NAT of one party forgets its mappings
 * @sim: the run
 */
void scenario_rebind(struct sim *sim)
{
	uint64_t seed = sim->seed;
	enum nat_class a, b;
	bool easy;

	sim_begin(sim, seed, 2);
	set_chances(sim);
	a = any_class(sim);
	b = any_class(sim);
	easy = place_independent(a) && place_independent(b);
	scenario_connect(sim, a, b);
	if (sim->failed)
		return;
	sim_say(sim, "the NAT of 0 forgets");
	forget(&sim->parties[0]);
	expect_mended(sim, easy ? "rebound, ports as before" : "rebound",
		      easy ? 2 * SEC : MEND_TIME);
	judge_pairs(sim);
}

/**
 * scenario_wan() - the NAT of one party gets another address
 * @sim: the run
 *
 * After some time the party knows, and has a new card.
 */
void scenario_wan(struct sim *sim)
{
	struct party *party;
	uint64_t seed = sim->seed;
	struct router *outer;

	sim_begin(sim, seed, 2);
	set_chances(sim);
	scenario_connect(sim, (enum nat_class)(NAT_CLASS_EIF + sim_random(sim, 6)),
			 (enum nat_class)sim_random(sim, 7));
	if (sim->failed)
		return;
	party = &sim->parties[0];
	for (outer = party->gate; outer->up; outer = outer->up)
		;
	sim_say(sim, "0 has another address");
	outer->wan += 0x8000;
	forget(party);
	if (seed % 2)
		sim_run(sim, sim->now + sim_random(sim, 4 * SEC));
	if (seed % 4) {
		party_gather(party);
		agent_network_changed(party->agent, sim->now);
		party_new_card(party);
	}
	expect_mended(sim, seed % 4 ? "another address" : "another address, not known", MEND_TIME);
	if (!sim_run_until(sim, sim->now + DIRECT_AGAIN, judge_all_direct) && seed % 4)
		sim_fail(sim, "not direct by the new address");
	judge_pairs(sim);
}

static void lose_relay(struct sim *sim, unsigned int party, bool known)
{
	struct party *p = &sim->parties[party];

	sim_say(sim, "%u loses its relay", party);
	p->relay.there = false;
	p->relay.count = 0;
	if (known)
		agent_relay_lost(p->agent, sim->now);
	p->deadline = agent_deadline(p->agent);
}

/**
 * scenario_relay() - relays are lost, one by one, and come back
 * @sim: the run
 */
void scenario_relay(struct sim *sim)
{
	uint64_t seed = sim->seed;
	struct party *party;

	sim_begin(sim, seed, 2);
	set_chances(sim);
	scenario_connect(sim, NAT_CLASS_RANDOM,
			 (enum nat_class)(NAT_CLASS_ADM + sim_random(sim, 4)));
	for (unsigned int i = 0; i < 4 && !sim->failed; i++) {
		party = &sim->parties[i % 2];
		/* Nobody but the other is left to lead to who is blocked. */
		if (party->class == NAT_CLASS_BLOCKED)
			continue;
		lose_relay(sim, i % 2, seed % 2);
		if (sim->parties[1].class != NAT_CLASS_BLOCKED || !(i % 2))
			expect_mended(sim, seed % 2 ? "relay lost" : "relay lost, not known",
				      MEND_TIME);
		relay_allocate(party);
		party->relay.relayed.port = (uint16_t)(60000 + i);
		if (!(seed % 2))
			agent_relay_lost(party->agent, sim->now);
		party_gather(party);
		party_new_card(party);
		sim_run(sim, sim->now + MEND_TIME);
	}
	if (!judge_all_relayed(sim))
		sim_fail(sim, "not relayed");
	judge_pairs(sim);
}

/**
 * scenario_cut() - nothing passes but by relays, for a while
 * @sim: the run
 */
void scenario_cut(struct sim *sim)
{
	enum nat_class a, b;
	uint64_t seed = sim->seed, begin;

	sim_begin(sim, seed, 2);
	set_chances(sim);
	do {
		a = any_class(sim);
		b = any_class(sim);
	} while (!place_direct(a, b) || a == NAT_CLASS_SEQUENTIAL || b == NAT_CLASS_SEQUENTIAL);
	scenario_connect(sim, a, b);
	if (sim->failed)
		return;
	sim_say(sim, "cut");
	sim->cut = true;
	expect_mended(sim, "cut: relayed", MEND_TIME);
	sim_run_until(sim, sim->now + SEC, judge_all_relayed);
	if (!judge_all_relayed(sim))
		sim_fail(sim, "cut, but not relayed");
	sim_run(sim, sim->now + 20 * SEC);
	sim_say(sim, "whole again");
	sim->cut = false;
	begin = sim->now;
	if (!sim_run_until(sim, begin + DIRECT_AGAIN, judge_all_direct))
		sim_fail(sim, "not direct again");
	table_add("cut: direct again", sim->now - begin);
	judge_pairs(sim);
}

/* The same addresses, in another order where that means the same */
static void shuffle(struct sim *sim, struct candidates *c)
{
	unsigned int i = (unsigned int)sim_random(sim, c->count);
	struct candidate first = c->at[i];

	if (i + 1 == c->count || c->at[i + 1].type != first.type)
		return;
	c->at[i] = c->at[i + 1];
	c->at[i + 1] = first;
}

/**
 * scenario_cards() - cards come again and again, and say nothing new
 * @sim: the run
 */
void scenario_cards(struct sim *sim)
{
	uint64_t seed = sim->seed;
	unsigned int before, after;
	enum nat_class a, b;

	sim_begin(sim, seed, 2);
	set_chances(sim);
	sim->reports = seed % 2;
	a = any_class(sim);
	b = any_class(sim);
	/* What is not direct has most to lose. */
	if (seed / 2 % 2)
		a = b = (enum nat_class)(NAT_CLASS_SEQUENTIAL + seed / 4 % 3);
	scenario_connect(sim, a, b);
	if (sim->failed)
		return;
	before = sim->parties[0].pairs[1].changes;
	sim->parties[0].requests = 0;
	for (unsigned int i = 0; i < 60; i++) {
		struct party *party = &sim->parties[sim_random(sim, 2)];

		shuffle(sim, &party->self);
		party_new_card(party);
		sim_run(sim, sim->now + SEC);
	}
	after = sim->parties[0].pairs[1].changes;
	if (after > before + 1)
		sim_fail(sim, "%s and %s: the way changed %u times", nat_class_name(a),
			 nat_class_name(b), after - before);
	/* Consent, reserves, and two rounds if it is relayed */
	if (sim->parties[0].requests > 80 + (place_direct(a, b) ? 0 : 300))
		sim_fail(sim, "%s and %s: %u checks in a minute", nat_class_name(a),
			 nat_class_name(b), sim->parties[0].requests);
	judge_pairs(sim);
}
