// SPDX-License-Identifier: GPL-2.0
/*
 * Routers that take as their own what comes before their party has sent, and
 * cards that are known at different times.
 */
#include "sim.h"

#include <stdio.h>

/* Two rounds, and the rests behind them */
#define TWO_ROUNDS (160 * SEC)
/* The first round is over, and the second not there. */
#define ONE_ROUND (30 * SEC)

static enum nat_class punchable(struct sim *sim)
{
	return (enum nat_class)(NAT_CLASS_APDF + sim_random(sim, 3));
}

static void start(struct sim *sim, enum nat_class first, uint64_t skew)
{
	place_party(sim, 0, first);
	place_party(sim, 1, punchable(sim));
	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, skew);
}

static void expect_direct(struct sim *sim, const char *what, uint64_t skew)
{
	uint64_t begin = sim->now + skew;
	char row[64];

	if (!sim_run_until(sim, begin + TWO_ROUNDS, judge_all_direct)) {
		sim_fail(sim, "not direct");
		return;
	}
	snprintf(row, sizeof(row), "%s, cards %.2f s apart", what, (double)skew / SEC);
	table_add(row, sim->now > begin ? sim->now - begin : 0);
	judge_pairs(sim);
}

/**
 * scenario_trap() - such routers, and a relay
 * @sim: the run
 */
void scenario_trap(struct sim *sim)
{
	static const uint64_t skews[] = { 0, 50 * MSEC, 1 * SEC, 3 * SEC, 20 * SEC };
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, 2);
	sim->relay = true;
	sim->accepts = true;
	sim->jitter = sim_random(sim, 2) * 10 * MSEC;
	sim->loss = (unsigned int)sim_random(sim, 2) * 20;
	start(sim, seed / 5 % 4 ? punchable(sim) : NAT_CLASS_SEQUENTIAL, skews[seed % 5]);
	expect_direct(sim, "trap: direct", skews[seed % 5]);
}

/**
 * scenario_eager() - such routers, and checks that arrive at once
 * @sim: the run
 *
 * The trap must work, or the other runs prove nothing.
 */
void scenario_eager(struct sim *sim)
{
	uint64_t seed = sim->seed;

	sim_begin(sim, seed, 2);
	sim->relay = true;
	sim->accepts = true;
	sim->eager = true;
	start(sim, punchable(sim), 50 * MSEC);
	if (sim_run_until(sim, sim->now + ONE_ROUND, judge_all_direct))
		sim_fail(sim, "direct, though the checks were early");
	judge_pairs(sim);
}

/**
 * scenario_skew() - routers that drop what comes early, and cards far apart
 * @sim: the run
 */
void scenario_skew(struct sim *sim)
{
	static const uint64_t skews[] = { 0, 50 * MSEC, 1 * SEC, 20 * SEC, 180 * SEC };
	uint64_t seed = sim->seed, skew = skews[seed % 5];

	sim_begin(sim, seed, 2);
	sim->relay = seed / 5 % 2;
	sim->jitter = sim_random(sim, 2) * 10 * MSEC;
	sim->loss = (unsigned int)sim_random(sim, 3) * 50;
	start(sim, punchable(sim), skew);
	expect_direct(sim, sim->relay ? "skew, with a relay" : "skew", skew);
}
