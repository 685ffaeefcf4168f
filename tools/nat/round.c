// SPDX-License-Identifier: GPL-2.0
/* Rounds of punching: knock, punch, rest; see link.h. */
#include "link.h"

/* A relayed path would carry word of the other: worth waiting for. */
static bool may_hear(const struct link *link)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if (!path_is_direct(&link->paths[i]))
			return true;
	}
	return false;
}

/*
 * Both sides come to the same moments of the calendar, whoever began first, and
 * however often each was in vain: the longer periods are among the shorter.
 */
static uint64_t next_round(const struct agent *agent, const struct link *link, uint64_t now)
{
	unsigned int doubled = link->selected < 0 || link->vain < 2 ? 0 : link->vain - 1;
	uint64_t period = REST_TIME << (doubled < REST_DOUBLED ? doubled : REST_DOUBLED);
	uint64_t earliest = now + agent->conf.wall + REST_LEAST;

	return (earliest / period + 1) * period - agent->conf.wall;
}

static void begin_rest(struct agent *agent, struct link *link, uint64_t now)
{
	struct path *use = link_selected(link);
	bool done = use && path_is_direct(use);

	link->phase = LINK_REST;
	link->round_end = now;
	link->vain = done ? 0 : link->vain + 1;
	link->phase_end = done ? NEVER : next_round(agent, link, now);
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (!path->valid)
			path->next = use || path_is_direct(path) ? NEVER : now + RESERVE_INTERVAL;
	}
	link_update(agent, link, true);
}

/**
 * link_begin_round() - begin to punch
 * @agent: the agent
 * @link: the link
 * @now: the time
 *
 * By a path in use, the other is told of it at once.
 */
void link_begin_round(struct agent *agent, struct link *link, uint64_t now)
{
	if (!link->count) {
		begin_rest(agent, link, now);
		return;
	}
	link->phase = LINK_KNOCK;
	link->silent = true;
	link->phase_end = now + (may_hear(link) ? KNOCK_HEARD : KNOCK_BLIND);
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		path->open = false;
		if (!path->valid) {
			path->pause = CHECK_RTO;
			path->next = path->class == PATH_RELAYED_TWICE ? now + TWICE_DELAY : now;
		} else if ((int)i == link->selected) {
			path->next = now;
		}
	}
	link_update(agent, link, false);
}

static void begin_punch(struct link *link, uint64_t now)
{
	link->phase = LINK_PUNCH;
	link->phase_end = now + PUNCH_TIME;
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid || !path->behind_nat)
			continue;
		path->pause = CHECK_RTO;
		path->next = now;
	}
}

/*
 * Whom a relay lets us hear says so when it punches. If it does not, it rests
 * yet from a round that we do not know of, and real checks would only spoil
 * the next one.
 */
static void end_knock(struct agent *agent, struct link *link, uint64_t now)
{
	if (link_selected(link))
		begin_rest(agent, link, now);
	else
		begin_punch(link, now);
}

static void end_phase(struct agent *agent, struct link *link, uint64_t now)
{
	switch (link->phase) {
	case LINK_KNOCK:
		end_knock(agent, link, now);
		break;
	case LINK_PUNCH:
		begin_rest(agent, link, now);
		break;
	default:
		/* The ports to be foreseen may be others than those of the last round. */
		if (link->peer.candidates.mapping == NAT_SEQUENTIAL) {
			path_forget_untried(link);
			path_expand(agent, link);
		}
		link_begin_round(agent, link, now);
	}
}

/* Who was silent all the time was not there: its card came later than ours. */
static bool wants_round(struct link *link, uint64_t now)
{
	struct path *use = link_selected(link);

	return link->phase == LINK_REST && (!use || !path_is_direct(use)) &&
	       (link->silent || now > link->round_end + REST_LEAST);
}

/**
 * link_heard() - something authentic of the other came
 * @agent: the agent
 * @link: the link
 * @path: by which path
 * @punching: the other has begun a round: its NAT is ready
 * @now: the time
 */
void link_heard(struct agent *agent, struct link *link, struct path *path, bool punching,
		uint64_t now)
{
	if (punching && wants_round(link, now))
		link_begin_round(agent, link, now);
	path->open = true;
	link->silent = false;
	if (!punching)
		return;
	if (link->phase == LINK_KNOCK)
		begin_punch(link, now);
}

/* A server that was started anew says nothing of what it has forgotten. */
static void lose(struct agent *agent, struct path *path)
{
	path_set_lost(path);
	if (path->at.via == AGENT_RELAY)
		agent->ops->doubt(agent->arg);
}

/* What did not answer while the path in use did is no better than that. */
static void lose_selected(struct agent *agent, struct link *link, struct path *use, uint64_t now)
{
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (path->valid && path != use && path->heard < use->heard)
			lose(agent, path);
	}
	lose(agent, use);
	link->vain = 0;
	link_choose(agent, link, now);
	if (link->phase == LINK_REST)
		link_begin_round(agent, link, now);
}

/**
 * link_advance() - do what its time has come for, but for checks
 * @agent: the agent
 * @link: the link
 * @now: the time
 */
void link_advance(struct agent *agent, struct link *link, uint64_t now)
{
	if (link->phase == LINK_IDLE)
		return;
	for (unsigned int i = 0; i < link->count; i++) {
		struct path *path = &link->paths[i];

		if (!path->valid)
			continue;
		if ((int)i == link->selected && now > path->heard + CONSENT_LOST)
			lose_selected(agent, link, path, now);
		else if ((int)i != link->selected && now > path->heard + RESERVE_LOST)
			lose(agent, path);
	}
	if (link->selected < 0)
		link_choose(agent, link, now);
	if (now >= link->phase_end)
		end_phase(agent, link, now);
}
