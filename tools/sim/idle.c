// SPDX-License-Identifier: GPL-2.0
/* An hour of nothing. */
#include "sim.h"

#define HOUR (3600 * SEC)
#define CHANGES_MAX 4

static void expect_few_changes(struct sim *sim)
{
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int changes = sim->parties[i].pairs[1 - i].changes;

		if (changes > CHANGES_MAX)
			sim_fail(sim, "%u changed its way %u times", i, changes);
	}
	judge_pairs(sim);
}

/**
 * scenario_idle() - an hour of a link that is up
 * @sim: the run
 *
 * The path in use is checked as often as CONSENT_INTERVAL says, the others that
 * work as often as RESERVE_INTERVAL.
 */
void scenario_idle(struct sim *sim)
{
	uint64_t seed = sim->seed;
	unsigned int least = HOUR / CONSENT_INTERVAL * 95 / 100, most;

	sim_begin(sim, seed, 2);
	sim->relay = seed % 2;
	sim->short_lived = seed / 2 % 2;
	sim->jitter = 10 * MSEC;
	scenario_connect(sim, (enum nat_class)sim_random(sim, NAT_CLASS_SEQUENTIAL),
			 (enum nat_class)sim_random(sim, NAT_CLASS_SEQUENTIAL));
	for (unsigned int i = 0; i < 2; i++)
		sim->parties[i].requests = 0;
	sim_run(sim, sim->now + HOUR);
	for (unsigned int i = 0; i < 2; i++) {
		struct agent_try tries[PATHS_MAX];
		unsigned int count = agent_tried(sim->parties[i].agent, 1 - i, tries, PATHS_MAX);
		unsigned int requests = sim->parties[i].requests;

		most = HOUR / CONSENT_INTERVAL + 20;
		for (unsigned int j = 0; j < count; j++)
			most += tries[j].valid ? HOUR / RESERVE_INTERVAL : 0;
		if (requests < least || requests > most)
			sim_fail(sim, "%u has sent %u checks in an hour, not %u to %u", i, requests,
				 least, most);
	}
	expect_few_changes(sim);
}

/**
 * scenario_flap() - an hour with two paths of one kind, and losses
 * @sim: the run
 */
void scenario_flap(struct sim *sim)
{
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, 2);
	sim->relay = seed % 2;
	sim->roams = seed / 2 % 2;
	sim->loss = (unsigned int)(seed / 4 % 3) * 20;
	sim->jitter = (1 + seed % 5) * 5 * MSEC;
	for (unsigned int i = 0; i < 2; i++) {
		place_party(sim, i, NAT_CLASS_NONE);
		sim->parties[i].six = (struct addr){ 0x20001 + i, sim->parties[i].four.port, true };
	}
	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, 0);
	for (uint64_t end = sim->now + HOUR; sim->now < end;) {
		party_probe(&sim->parties[0], 1);
		party_probe(&sim->parties[1], 0);
		sim_run(sim, sim->now + SEC);
	}
	expect_few_changes(sim);
}
