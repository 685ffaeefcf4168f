// SPDX-License-Identifier: GPL-2.0
/* Many parties at once. */
#include "sim.h"

#include <stdio.h>

/* As parties are: most behind home routers, some behind worse, some in the open */
static enum nat_class draw(struct sim *sim)
{
	static const enum nat_class classes[] = {
		NAT_CLASS_APDF,	  NAT_CLASS_APDF,   NAT_CLASS_APDF, NAT_CLASS_APDF,
		NAT_CLASS_PORT,	  NAT_CLASS_PORT,   NAT_CLASS_EIF,  NAT_CLASS_ADF,
		NAT_CLASS_MAPPED, NAT_CLASS_DOUBLE, NAT_CLASS_NONE, NAT_CLASS_SEQUENTIAL,
		NAT_CLASS_ADM,	  NAT_CLASS_RANDOM, NAT_CLASS_SIX,  NAT_CLASS_BLOCKED,
	};

	return classes[sim_random(sim, sizeof(classes) / sizeof(classes[0]))];
}

static void start(struct sim *sim, uint64_t spread)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		place_party(sim, i, draw(sim));
		party_start(sim, i);
	}
	for (unsigned int i = 0; i < sim->count; i++) {
		uint64_t at = sim->now + sim_random(sim, spread);

		for (unsigned int j = 0; j < sim->count; j++) {
			if (i != j)
				party_card(sim, i, j, at + sim_random(sim, spread));
		}
	}
}

/* Where a direct path must be, and there is none */
static unsigned int not_direct(struct sim *sim)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			enum nat_class a = sim->parties[i].class, b = sim->parties[j].class;
			bool counts = a == NAT_CLASS_SEQUENTIAL || b == NAT_CLASS_SEQUENTIAL;

			count += i != j && !counts && place_direct(a, b) &&
				 sim->parties[i].pairs[j].state != LINK_DIRECT;
		}
	}
	return count;
}

static bool all_direct(struct sim *sim)
{
	return !not_direct(sim);
}

static void mesh(struct sim *sim, uint64_t limit)
{
	uint64_t begin = sim->now;
	char row[64];

	sim->relay = true;
	sim->jitter = 10 * MSEC;
	sim->loss = (unsigned int)sim_random(sim, 3) * 10;
	start(sim, 100 * MSEC);
	snprintf(row, sizeof(row), "mesh of %u: up", sim->count);
	if (!sim_run_until(sim, begin + limit, judge_all_up))
		sim_fail(sim, "mesh of %u: not up", sim->count);
	else
		table_add(row, sim->now - begin);
	snprintf(row, sizeof(row), "mesh of %u: direct where it can be", sim->count);
	if (sim->count == SIM_PARTIES)
		sim_run_until(sim, begin + limit, all_direct);
	else if (!sim_run_until(sim, begin + 160 * SEC, all_direct))
		sim_fail(sim, "mesh of %u: %u links not direct", sim->count, not_direct(sim));
	if (all_direct(sim))
		table_add(row, sim->now - begin);
	judge_pairs(sim);
}

/**
 * scenario_mesh() - 3, 10 or 30 parties
 * @sim: the run
 */
void scenario_mesh(struct sim *sim)
{
	static const unsigned int sizes[] = { 3, 10, 30 };
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, sizes[seed % 3]);
	mesh(sim, seed % 3 == 2 ? 10 * SEC : 5 * SEC);
}

/**
 * scenario_crowd() - 100 parties
 * @sim: the run
 */
void scenario_crowd(struct sim *sim)
{
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, SIM_PARTIES);
	mesh(sim, 8 * SEC);
}
