// SPDX-License-Identifier: GPL-2.0
/* The clock: it jumps to whatever happens next. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/**
 * sim_random() - a random number
 * @sim: the run
 * @below: what it is below of
 *
 * Return: the number: splitmix64.
 */
uint64_t sim_random(struct sim *sim, uint64_t below)
{
	uint64_t z = sim->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/**
 * sim_begin() - begin a run
 * @sim: the run; what it traces is kept
 * @seed: of its chance
 * @parties: how many
 */
void sim_begin(struct sim *sim, uint64_t seed, unsigned int parties)
{
	bool trace = sim->trace;

	memset(sim, 0, sizeof(*sim));
	sim->trace = trace;
	sim->seed = seed;
	sim->random = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
	sim->now = 1000 * SEC;
	sim->delay = 10 * MSEC;
	sim->count = parties;
	sim->parties = calloc(parties, sizeof(sim->parties[0]));
	if (!sim->parties)
		abort();
}

/**
 * sim_end() - free what a run has
 * @sim: the run; whether it failed stays known
 */
void sim_end(struct sim *sim)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		agent_free(sim->parties[i].agent);
		free(sim->parties[i].paths);
	}
	for (unsigned int i = 0; i < sim->router_count; i++)
		free(sim->routers[i].table);
	free(sim->parties);
	sim->parties = NULL;
	sim->count = 0;
	queue_free(&sim->queue);
}

/**
 * sim_fail() - something does not hold
 * @sim: the run
 * @format: what, as of printf()
 */
void sim_fail(struct sim *sim, const char *format, ...)
{
	char text[SIM_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sim_say(sim, "FAILED: %s", text);
	if (!sim->failed)
		memcpy(sim->text, text, sizeof(text));
	sim->failed = true;
}

/**
 * sim_say() - say what happens, if that is wanted
 * @sim: the run
 * @format: what, as of printf()
 */
void sim_say(const struct sim *sim, const char *format, ...)
{
	va_list args;

	if (!sim->trace)
		return;
	printf("%9.3f ", (double)(sim->now - 1000 * SEC) / SEC);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static struct party *first_party(struct sim *sim)
{
	struct party *first = &sim->parties[0];

	for (unsigned int i = 1; i < sim->count; i++) {
		if (sim->parties[i].deadline < first->deadline)
			first = &sim->parties[i];
	}
	return first;
}

/* A deadline that a tick does not move would have its owner spin. */
static void tick(struct sim *sim, struct party *party)
{
	agent_tick(party->agent, sim->now);
	party->deadline = agent_deadline(party->agent);
	if (party->deadline > sim->now)
		return;
	sim_fail(sim, "party %u: the deadline does not move", party->index);
	party->deadline = sim->now + 1;
}

static void step(struct sim *sim, struct party *party)
{
	struct event *event;

	sim->events++;
	if (queue_next(&sim->queue) > party->deadline) {
		if (party->deadline > sim->now)
			sim->now = party->deadline;
		tick(sim, party);
		return;
	}
	event = queue_take(&sim->queue);
	sim->now = event->at;
	event->run(sim, event);
	free(event);
}

static bool never(struct sim *sim)
{
	(void)sim;
	return false;
}

/**
 * sim_run() - let time pass
 * @sim: the run
 * @until: till when
 */
void sim_run(struct sim *sim, uint64_t until)
{
	sim_run_until(sim, until, never);
}

/**
 * sim_run_until() - let time pass until something holds
 * @sim: the run
 * @limit: till when at most
 * @holds: asked after each event
 *
 * Return: whether it holds; the time is @limit if not.
 */
bool sim_run_until(struct sim *sim, uint64_t limit, bool (*holds)(struct sim *sim))
{
	for (;;) {
		struct party *party = first_party(sim);
		uint64_t next = queue_next(&sim->queue);

		if (holds(sim))
			return true;
		if (party->deadline < next)
			next = party->deadline;
		if (next > limit)
			break;
		step(sim, party);
	}
	if (limit > sim->now)
		sim->now = limit;
	return holds(sim);
}
