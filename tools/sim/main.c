// SPDX-License-Identifier: GPL-2.0
/*
 * sim [-q] [RUNS]		runs of all scenarios, each with a seed of its own;
 *				-q: without the table of times
 * sim SCENARIO SEED [-v]	one run, with a trace
 *
 * Ends in a line "sim: N passed, N failed"; the status is 1 if one failed.
 */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scenario scenarios[] = {
	{ "matrix", 40, scenario_matrix },
	{ "same", 5, scenario_same },
	{ "trap", 5, scenario_trap },
	{ "eager", 2, scenario_eager },
	{ "skew", 8, scenario_skew },
	{ "rebind", 8, scenario_rebind },
	{ "wan", 6, scenario_wan },
	{ "relay", 4, scenario_relay },
	{ "cut", 6, scenario_cut },
	{ "cards", 4, scenario_cards },
	{ "mesh", 2, scenario_mesh },
	{ "roster", 4, scenario_roster },
	{ "attack", 4, scenario_attack },
	{ "idle", 1, scenario_idle },
	{ "flap", 1, scenario_flap },
	{ "crowd", 0, scenario_crowd },
	{ 0 },
};

static struct sim sim;
static unsigned int passed, failed;

static void run(const struct scenario *scenario, uint64_t seed)
{
	sim.seed = seed;
	scenario->run(&sim);
	sim_end(&sim);
	if (sim.failed)
		printf("not ok %s %llu: %s\n", scenario->name, (unsigned long long)seed, sim.text);
	failed += sim.failed;
	passed += !sim.failed;
}

static void set_limits(void)
{
	table_limit("matrix: up", SEC);
	table_limit("matrix: direct", SEC);
	table_limit("matrix: up, with a relay", SEC);
	table_limit("matrix: direct, with a relay", SEC);
	table_limit("matrix: relayed", 2 * SEC);
}

static void run_all(unsigned int runs, bool quiet)
{
	set_limits();
	for (const struct scenario *s = scenarios; s->run; s++) {
		unsigned int share = s->share ? (runs * s->share + 99) / 100 : runs / 5000;

		for (unsigned int seed = 0; seed < share; seed++)
			run(s, seed);
	}
	if (table_print(quiet))
		passed++;
	else
		failed++;
}

static int run_one(const char *name, const char *seed, bool trace)
{
	for (const struct scenario *s = scenarios; s->run; s++) {
		if (strcmp(s->name, name))
			continue;
		sim.trace = trace;
		run(s, strtoull(seed, NULL, 0));
		table_print(false);
		return 0;
	}
	fprintf(stderr, "sim: no scenario %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	bool quiet = argc > 1 && !strcmp(argv[1], "-q");
	unsigned int runs = 1000;
	int rc = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 2 && !quiet) {
		rc = run_one(argv[1], argv[2], argc > 3 && !strcmp(argv[3], "-v"));
	} else {
		if (argc > 1 + quiet)
			runs = (unsigned int)strtoul(argv[1 + quiet], NULL, 0);
		run_all(runs, quiet);
	}
	table_free();
	printf("sim: %u passed, %u failed\n", passed, failed);
	return rc ? rc : failed != 0;
}
