// SPDX-License-Identifier: GPL-2.0
/* What must hold in every run. */
#include "sim.h"

#include <stdlib.h>

/* A path gets no more checks in a second than its pauses allow: a knock and
 * its repetition, those of the punch, and three that an event has asked for. */
#define CHECKS_OF_PATH 10
/* Of an agent, in a second: its rate and a burst */
#define CHECKS_OF_AGENT 560

static struct sent_path *sent_path(struct party *party, const struct agent_path *path)
{
	for (size_t i = 0; i < party->path_count; i++) {
		if (path_same(&party->paths[i].at, path))
			return &party->paths[i];
	}
	if (party->path_count == party->path_room) {
		party->path_room = party->path_room ? 2 * party->path_room : 16;
		party->paths = realloc(party->paths, party->path_room * sizeof(party->paths[0]));
		if (!party->paths)
			abort();
	}
	party->paths[party->path_count] = (struct sent_path){ .at = *path };
	return &party->paths[party->path_count++];
}

/**
 * judge_sent() - is a datagram of an agent one too many?
 * @party: whose
 * @path: where to
 * @data: the datagram
 * @len: its length
 */
void judge_sent(struct party *party, const struct agent_path *path, const void *data, size_t len)
{
	char text[MPCNET_ENDPOINT_TEXT + 8];
	struct sim *sim = party->sim;
	struct sent_path *sent;
	uint64_t *oldest;

	/* Answers are as many as what they answer. */
	if (!len || *(const uint8_t *)data)
		return;
	party->requests++;
	if (sim->now / SEC != party->second_at) {
		party->second_at = sim->now / SEC;
		party->second = 0;
	}
	if (++party->second > CHECKS_OF_AGENT)
		sim_fail(sim, "party %u: %u checks in a second", party->index, party->second);
	/* Of a mesh, several links may lead to one address. */
	if (sim->count > 2)
		return;
	sent = sent_path(party, path);
	oldest = &sent->times[sent->next % CHECKS_OF_PATH];
	if (*oldest && *oldest + SEC > sim->now)
		sim_fail(sim, "party %u: more than %u checks a second to %s", party->index,
			 CHECKS_OF_PATH, path_text(text, path));
	*oldest = sim->now;
	sent->next++;
}

static bool all(struct sim *sim, bool (*holds)(const struct pair *pair))
{
	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			if (i != j && !holds(&sim->parties[i].pairs[j]))
				return false;
		}
	}
	return true;
}

static bool is_up(const struct pair *pair)
{
	return pair->use.remote.sa.sa_family;
}

static bool is_direct(const struct pair *pair)
{
	return pair->state == LINK_DIRECT;
}

static bool is_relayed(const struct pair *pair)
{
	return pair->state == LINK_RELAYED;
}

static bool is_failed(const struct pair *pair)
{
	return pair->state == LINK_FAILED;
}

/**
 * judge_all_up() - has everyone a way to everyone?
 * @sim: the run
 *
 * Return: true if so.
 */
bool judge_all_up(struct sim *sim)
{
	return all(sim, is_up);
}

/**
 * judge_all_direct() - is every link direct?
 * @sim: the run
 *
 * Return: true if so.
 */
bool judge_all_direct(struct sim *sim)
{
	return all(sim, is_direct);
}

/**
 * judge_all_relayed() - is every link relayed?
 * @sim: the run
 *
 * Return: true if so.
 */
bool judge_all_relayed(struct sim *sim)
{
	return all(sim, is_relayed);
}

/**
 * judge_all_failed() - has every link failed?
 * @sim: the run
 *
 * Return: true if so.
 */
bool judge_all_failed(struct sim *sim)
{
	return all(sim, is_failed);
}

/**
 * judge_up_time() - when did both ends of a link have a way first?
 * @sim: the run
 * @a: one end
 * @b: the other
 *
 * Return: the time, 0 if they never both had one.
 */
uint64_t judge_up_time(struct sim *sim, unsigned int a, unsigned int b)
{
	uint64_t x = sim->parties[a].pairs[b].up, y = sim->parties[b].pairs[a].up;

	if (!x || !y)
		return 0;
	return x > y ? x : y;
}

/* What was sent to it last came by the way that it uses. */
static bool is_met(const struct pair *pair)
{
	return pair->probes && path_same(&pair->heard, &pair->use);
}

static void judge_pair(struct sim *sim, unsigned int a, unsigned int b)
{
	struct pair *from = &sim->parties[a].pairs[b], *to = &sim->parties[b].pairs[a];
	char use[MPCNET_ENDPOINT_TEXT + 8], heard[MPCNET_ENDPOINT_TEXT + 8];

	if (!is_up(from))
		return;
	if (!to->probes)
		sim_fail(sim, "the way of %u by %s does not lead to %u", a,
			 path_text(use, &from->use), b);
	else if (!is_met(to))
		sim_fail(sim, "%u is heard from %s, but %u uses %s", a,
			 path_text(heard, &to->heard), b, path_text(use, &to->use));
}

static void probe_all(struct sim *sim)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			sim->parties[i].pairs[j].probes = 0;
			if (i != j)
				party_probe(&sim->parties[i], j);
		}
	}
	sim_run(sim, sim->now + SEC);
}

static bool all_met(struct sim *sim)
{
	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			if (i != j && is_up(&sim->parties[i].pairs[j]) &&
			    !is_met(&sim->parties[j].pairs[i]))
				return false;
		}
	}
	return true;
}

/**
 * judge_lead() - do the ways of two parties lead to each other now?
 * @sim: the run, of two parties; time passes
 *
 * Return: true if data of each comes by the way that the other uses.
 */
bool judge_lead(struct sim *sim)
{
	struct pair *a = &sim->parties[0].pairs[1], *b = &sim->parties[1].pairs[0];

	a->probes = b->probes = 0;
	party_probe(&sim->parties[0], 1);
	party_probe(&sim->parties[1], 0);
	sim_run(sim, sim->now + 100 * MSEC);
	return is_met(a) && is_met(b);
}

/**
 * judge_pairs() - do the ways of all lead to each other?
 * @sim: the run; losses end, and time passes
 *
 * Data of each comes by the way that the other uses.
 */
void judge_pairs(struct sim *sim)
{
	bool roams = sim->roams;

	sim->loss = 0;
	sim->roams = false;
	sim_run(sim, sim->now + 2 * SEC);
	probe_all(sim);
	/* A way may have been left for a faster one just then. */
	if (!all_met(sim))
		probe_all(sim);
	for (unsigned int i = 0; i < sim->count; i++) {
		for (unsigned int j = 0; j < sim->count; j++) {
			if (i != j)
				judge_pair(sim, i, j);
		}
	}
	sim->roams = roams;
}
