// SPDX-License-Identifier: GPL-2.0
#include "agent.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "link.h"

/**
 * agent_random() - random bytes
 * @agent: the agent
 * @data: gets them
 * @len: how many
 *
 * Those of a simulation repeat by its seed: splitmix64.
 */
void agent_random(struct agent *agent, uint8_t *data, size_t len)
{
	uint64_t z;

	if (!agent->conf.seed && RAND_bytes(data, (int)len) == 1)
		return;
	for (size_t i = 0; i < len; i++) {
		z = agent->random += UINT64_C(0x9e3779b97f4a7c15);
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		data[i] = (uint8_t)(z ^ (z >> 31));
	}
}

/**
 * agent_new() - make an agent
 * @conf: what does not change
 * @ops: what it asks of its owner
 * @arg: handed to @ops
 *
 * Return: the agent, without any card, or NULL if there is no memory.
 */
struct agent *agent_new(const struct agent_conf *conf, const struct agent_ops *ops, void *arg)
{
	struct agent *agent;

	agent = calloc(1, sizeof(*agent) + conf->parties * sizeof(struct link));
	if (!agent)
		return NULL;
	agent->conf = *conf;
	agent->ops = ops;
	agent->arg = arg;
	agent->hops = 2;
	agent->random = conf->seed;
	pace_begin(agent);
	for (unsigned int i = 0; i < conf->parties; i++) {
		agent->links[i].party = i;
		agent->links[i].selected = -1;
	}
	return agent;
}

/**
 * agent_free() - forget an agent and its keys
 * @agent: the agent, or NULL
 */
void agent_free(struct agent *agent)
{
	if (!agent)
		return;
	explicit_bzero(agent->links, agent->conf.parties * sizeof(struct link));
	free(agent);
}

/**
 * agent_set_hops() - say how far datagrams get that must not arrive
 * @agent: the agent
 * @hops: routers that they pass, and one; they should come behind our own NATs,
 * and not to the other's. 2 until it is set.
 */
void agent_set_hops(struct agent *agent, unsigned int hops)
{
	agent->hops = hops;
}

/**
 * agent_set_rosters() - the parties change from one roster to another
 * @agent: the agent
 * @roster: hash of ours: our checks say it
 * @other: of the one before or behind it, which checks of others may say
 */
void agent_set_rosters(struct agent *agent, const uint8_t roster[STUN_ROSTER_LEN],
		       const uint8_t other[STUN_ROSTER_LEN])
{
	memcpy(agent->conf.roster, roster, STUN_ROSTER_LEN);
	memcpy(agent->other, other, STUN_ROSTER_LEN);
}

/**
 * agent_link() - the link to a party
 * @agent: the agent
 * @party: its place
 *
 * Return: the link, NULL if there is no such place, or no card yet.
 */
struct link *agent_link(struct agent *agent, unsigned int party)
{
	if (party >= agent->conf.parties || agent->links[party].phase == LINK_IDLE)
		return NULL;
	return &agent->links[party];
}

/* Cards come again and again: what is not new must not disturb what goes on. */
static void expand(struct agent *agent, struct link *link, bool news, uint64_t now)
{
	bool direct = link->state == LINK_DIRECT;

	if (news && !direct)
		path_forget_untried(link);
	if (path_expand(agent, link) || (news && !direct)) {
		link->vain = 0;
		link_begin_round(agent, link, now);
	}
	link_choose(agent, link, now);
	link_update(agent, link, false);
}

/* Another port of a NAT that gives each destination its own leads nowhere. */
static bool knows(const struct candidates *c, const struct candidate *candidate, bool any_port)
{
	for (unsigned int i = 0; i < c->count; i++) {
		const union mpcnet_endpoint *address = &c->at[i].address;

		if (mpcnet_endpoint_equal(address, &candidate->address) ||
		    (any_port && c->at[i].type == candidate->type &&
		     endpoint_same_host(address, &candidate->address)))
			return true;
	}
	return false;
}

static bool has_news(const struct candidates *before, const struct candidates *c)
{
	bool unforeseen = c->mapping == NAT_DEPENDENT || c->mapping == NAT_SEQUENTIAL;

	for (unsigned int i = 0; i < c->count; i++) {
		if (!knows(before, &c->at[i], unforeseen && c->at[i].type == CANDIDATE_REFLEXIVE))
			return true;
	}
	return before->mapping != c->mapping || before->udp_blocked != c->udp_blocked;
}

/**
 * agent_set_self() - say where we may be reached
 * @agent: the agent
 * @now: the time
 * @self: our candidates; if there is news among them, it is tried with all
 * parties to whom there is no direct path
 */
void agent_set_self(struct agent *agent, uint64_t now, const struct candidates *self)
{
	bool news = has_news(&agent->self, self);

	agent->self = *self;
	for (unsigned int i = 0; news && i < agent->conf.parties; i++) {
		struct link *link = agent_link(agent, i);

		if (link)
			expand(agent, link, true, now);
	}
}

/* With another key, it is another party. */
static bool same_pair(const struct agent_peer *a, const struct agent_peer *b)
{
	return !CRYPTO_memcmp(a->key, b->key, sizeof(a->key)) && a->controlling == b->controlling;
}

static bool set_peer(struct link *link, const struct agent_peer *peer)
{
	struct link fresh = { .party = link->party, .selected = -1 };

	fresh.peer = *peer;
	if (!check_tag(fresh.tag, peer->key))
		return false;
	fresh.phase = LINK_KNOCK;
	*link = fresh;
	explicit_bzero(&fresh, sizeof(fresh));
	return true;
}

/**
 * agent_add() - take up a party, or what a later card says of it
 * @agent: the agent
 * @now: the time
 * @party: its place
 * @peer: what is known of it
 *
 * Return: false if there is no such place, or it is our own.
 */
bool agent_add(struct agent *agent, uint64_t now, unsigned int party, const struct agent_peer *peer)
{
	struct link *link;
	bool news = true;

	if (party >= agent->conf.parties || party == agent->conf.self)
		return false;
	link = &agent->links[party];
	if (link->phase != LINK_IDLE && same_pair(&link->peer, peer)) {
		news = has_news(&link->peer.candidates, &peer->candidates);
		link->peer.candidates = peer->candidates;
	} else {
		if (link->selected >= 0)
			agent->ops->use(agent->arg, party, NULL);
		if (!set_peer(link, peer))
			return false;
	}
	if (news)
		expand(agent, link, true, now);
	return true;
}

/**
 * agent_remove() - forget a party
 * @agent: the agent
 * @party: its place
 */
void agent_remove(struct agent *agent, unsigned int party)
{
	struct link *link = agent_link(agent, party);

	if (!link)
		return;
	explicit_bzero(link, sizeof(*link));
	link->party = party;
	link->selected = -1;
}

/**
 * agent_resume() - take up a path that the kernel has from before we lived
 * @agent: the agent
 * @now: the time
 * @party: its place, of a party that was added
 * @path: the path
 *
 * It counts as working until checks say otherwise.
 */
void agent_resume(struct agent *agent, uint64_t now, unsigned int party,
		  const struct agent_path *path)
{
	agent_moved(agent, now, party, path);
}

/**
 * agent_moved() - the kernel has moved to a path by itself
 * @agent: the agent
 * @now: the time
 * @party: whose
 * @path: where an authentic message came from
 */
void agent_moved(struct agent *agent, uint64_t now, unsigned int party,
		 const struct agent_path *path)
{
	struct link *link = agent_link(agent, party);
	struct path *known = link ? path_learn(agent, link, path) : NULL;

	if (known)
		link_follow(agent, link, known, now);
}

/**
 * agent_network_changed() - our addresses, or the way to others, are not the same
 * @agent: the agent
 * @now: the time
 *
 * Paths in use are checked at once, and all others are tried.
 */
void agent_network_changed(struct agent *agent, uint64_t now)
{
	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		struct link *link = agent_link(agent, i);

		if (!link)
			continue;
		for (unsigned int j = 0; j < link->count; j++)
			link->paths[j].next = now;
		link->vain = 0;
		link_begin_round(agent, link, now);
	}
}

/**
 * agent_relay_lost() - our relay, its channels and permissions are gone
 * @agent: the agent
 * @now: the time
 */
void agent_relay_lost(struct agent *agent, uint64_t now)
{
	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		struct link *link = agent_link(agent, i);

		if (!link)
			continue;
		for (unsigned int j = 0; j < link->count; j++) {
			struct path *path = &link->paths[j];

			if (path->at.via != AGENT_RELAY)
				continue;
			path->bound = false;
			path->bind_asked = false;
			path_set_lost(path);
		}
		if (link->selected >= 0 && !link->paths[link->selected].valid)
			link->vain = 0;
		link_choose(agent, link, now);
		if (link->selected < 0 && link->phase == LINK_REST)
			link_begin_round(agent, link, now);
	}
}

/**
 * agent_bound() - our relay has a channel now, or lost it
 * @agent: the agent
 * @now: the time
 * @peer: whom it leads to
 * @ok: there is one
 */
void agent_bound(struct agent *agent, uint64_t now, const union mpcnet_endpoint *peer, bool ok)
{
	struct agent_path at = { AGENT_RELAY, *peer };

	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		struct link *link = agent_link(agent, i);
		struct path *path = link ? path_find(link, &at) : NULL;
		bool lost;

		if (!path)
			continue;
		/* What was refused is not asked for again, and so no circle is run. */
		lost = path->bound && !ok;
		path->bound = ok;
		path->bind_asked = !lost;
		if (ok && !path->valid)
			path->next = now;
		link_choose(agent, link, now);
	}
}
