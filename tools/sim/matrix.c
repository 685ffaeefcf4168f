// SPDX-License-Identifier: GPL-2.0
/* Each kind of NAT with each other. */
#include "sim.h"

#include <stdio.h>
#include <string.h>

/* A failed link says so within this time. */
#define FAIL_TIME (10 * SEC)
/* What is direct at all is so at latest after this. */
#define DIRECT_TIME (12 * SEC)

static void set_chances(struct sim *sim)
{
	sim->jitter = sim_random(sim, 3) * 5 * MSEC;
	sim->loss = (unsigned int)(sim_random(sim, 2) ? sim_random(sim, 200) : 0);
	sim->roams = sim_random(sim, 2);
	sim->short_lived = !sim_random(sim, 4);
}

static void start_both(struct sim *sim)
{
	uint64_t skew = sim_random(sim, 2) ? 50 * MSEC : 0;

	party_start(sim, 0);
	party_start(sim, 1);
	party_cards(sim, sim->now, skew);
}

static void expect_direct(struct sim *sim, const char *what)
{
	uint64_t begin = sim->now;
	char row[64];

	if (!sim_run_until(sim, begin + DIRECT_TIME, judge_all_direct)) {
		sim_fail(sim, "%s: not direct", what);
		return;
	}
	snprintf(row, sizeof(row), "matrix: direct%s", sim->relay ? ", with a relay" : "");
	table_add(row, sim->now - begin);
	snprintf(row, sizeof(row), "matrix: up%s", sim->relay ? ", with a relay" : "");
	table_add(row, judge_up_time(sim, 0, 1) - begin);
}

static void expect_relayed(struct sim *sim, const char *what)
{
	uint64_t begin = sim->now;

	if (!sim_run_until(sim, begin + DIRECT_TIME, judge_all_relayed)) {
		sim_fail(sim, "%s: not relayed", what);
		return;
	}
	table_add("matrix: relayed", sim->now - begin);
	sim_run(sim, begin + DIRECT_TIME);
	if (!judge_all_relayed(sim))
		sim_fail(sim, "%s: relayed no more", what);
}

static bool fits(struct sim *sim, const char *reason)
{
	if (sim->parties[0].self.udp_blocked || sim->parties[1].self.udp_blocked)
		return strstr(reason, "UDP is blocked");
	return strstr(reason, "port of its own") && strstr(reason, "there is no relay");
}

static void expect_failed(struct sim *sim, const char *what)
{
	uint64_t begin = sim->now;

	if (!sim_run_until(sim, begin + FAIL_TIME, judge_all_failed)) {
		sim_fail(sim, "%s: has not failed", what);
		return;
	}
	table_add("matrix: failed", sim->now - begin);
	for (unsigned int i = 0; i < 2; i++) {
		struct agent_verdict verdict = party_verdict(sim, i, 1 - i);

		if (!fits(sim, verdict.reason))
			sim_fail(sim, "%s: reason is %s", what, verdict.reason);
	}
}

/**
 * scenario_matrix() - one pair of classes, with or without a relay
 * @sim: the run
 */
void scenario_matrix(struct sim *sim)
{
	uint64_t seed = sim->seed;
	enum nat_class a = seed % NAT_CLASSES, b = seed / NAT_CLASSES % NAT_CLASSES;
	char what[64];

	sim_begin(sim, seed, 2);
	set_chances(sim);
	sim->relay = seed / NAT_CLASSES / NAT_CLASSES % 2 == 0;
	snprintf(what, sizeof(what), "%s and %s%s", nat_class_name(a), nat_class_name(b),
		 sim->relay ? "" : ", no relay");
	sim_say(sim, "%s", what);
	place_party(sim, 0, a);
	place_party(sim, 1, b);
	start_both(sim);
	if (place_direct(a, b))
		expect_direct(sim, what);
	else if (sim->relay)
		expect_relayed(sim, what);
	else
		expect_failed(sim, what);
	judge_pairs(sim);
}

enum together { SAME_LAN, ISOLATED, SAME_CARRIER, TOGETHERS };

/**
 * scenario_same() - two parties behind one NAT
 * @sim: the run
 *
 * In one network; in one whose router keeps them apart; behind routers of their
 * own below one NAT of a carrier.
 */
void scenario_same(struct sim *sim)
{
	static const char *const names[] = { "same network", "isolated", "same carrier" };
	uint64_t seed = sim->seed;
	enum together how = seed % TOGETHERS;
	struct router *gate, *other;
	char what[64];

	sim_begin(sim, seed, 2);
	set_chances(sim);
	sim->relay = true;
	gate = other = place_router(sim, NAT_CLASS_PORT, NULL);
	gate->isolates = how == ISOLATED;
	snprintf(what, sizeof(what), "%s, %s", names[how],
		 gate->hairpin ? "hairpin" : "no hairpin");
	if (how == SAME_CARRIER) {
		other = place_router(sim, NAT_CLASS_APDF, gate);
		gate = place_router(sim, NAT_CLASS_APDF, gate);
	}
	place_behind(sim, 0, gate);
	place_behind(sim, 1, other);
	start_both(sim);
	if (how == SAME_LAN || sim->routers[0].hairpin)
		expect_direct(sim, what);
	else
		expect_relayed(sim, what);
	judge_pairs(sim);
}
