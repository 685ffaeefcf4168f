// SPDX-License-Identifier: GPL-2.0
/* One bucket for the checks of all links. */
#include "link.h"

/* Checks a second of all links: 10 parties begin in 0.2 s, 100 in 3 s. */
#define DEFAULT_RATE 500
#define BURST 50
#define TOKEN UINT64_C(1000000)

/**
 * pace_begin() - fill the bucket
 * @agent: the agent, which is new
 */
void pace_begin(struct agent *agent)
{
	agent->tokens = BURST * TOKEN;
	if (!agent->conf.rate)
		agent->conf.rate = DEFAULT_RATE;
}

static void fill(struct agent *agent, uint64_t now)
{
	uint64_t more = (now - agent->filled) * agent->conf.rate;

	agent->filled = now;
	agent->tokens += more;
	if (agent->tokens > BURST * TOKEN)
		agent->tokens = BURST * TOKEN;
}

static struct path *first_due(struct link *link)
{
	struct path *first = NULL;

	for (unsigned int i = 0; i < link->count; i++) {
		if (!first || link->paths[i].next < first->next)
			first = &link->paths[i];
	}
	return first;
}

/* One check of each link in turn, so that none waits for all of another's. */
static bool send_due(struct agent *agent, uint64_t now)
{
	bool sent = false;

	for (unsigned int i = 0; i < agent->conf.parties && agent->tokens >= TOKEN; i++) {
		unsigned int party = (agent->turn + i) % agent->conf.parties;
		struct link *link = agent_link(agent, party);
		struct path *path = link ? first_due(link) : NULL;

		if (!path || path->next > now)
			continue;
		agent->tokens -= TOKEN;
		link_send(agent, link, path, now);
		sent = true;
		if (agent->tokens < TOKEN)
			agent->turn = party + 1;
	}
	return sent;
}

/**
 * agent_tick() - do what its time has come for
 * @agent: the agent
 * @now: the time
 */
void agent_tick(struct agent *agent, uint64_t now)
{
	fill(agent, now);
	for (unsigned int i = 0; i < agent->conf.parties; i++)
		link_advance(agent, &agent->links[i], now);
	while (agent->tokens >= TOKEN && send_due(agent, now))
		;
}

/**
 * agent_deadline() - when is agent_tick() to be called?
 * @agent: the agent
 *
 * Return: the time, UINT64_MAX for never.
 */
uint64_t agent_deadline(const struct agent *agent)
{
	uint64_t first = NEVER, token = 0;

	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		uint64_t next = link_deadline(&agent->links[i]);

		if (next < first)
			first = next;
	}
	if (agent->tokens < TOKEN)
		token = agent->filled + (TOKEN - agent->tokens) / agent->conf.rate + 1;
	return first < token ? token : first;
}
