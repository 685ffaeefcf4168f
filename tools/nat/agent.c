// SPDX-License-Identifier: GPL-2.0
#include "agent.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "link.h"

/* Checks a second of all links: 10 parties begin in 0.2 s, 100 in 3 s. */
#define DEFAULT_RATE 500
#define BURST 50
#define TOKEN UINT64_C(1000000)

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
	agent->tokens = BURST * TOKEN;
	if (!agent->conf.rate)
		agent->conf.rate = DEFAULT_RATE;
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

static struct link *link_of(struct agent *agent, unsigned int party)
{
	if (party >= agent->conf.parties || agent->links[party].phase == LINK_IDLE)
		return NULL;
	return &agent->links[party];
}

static void restart(struct agent *agent, struct link *link, uint64_t now)
{
	path_forget_untried(link);
	path_expand(agent, link);
	link_begin_round(agent, link, now);
}

/**
 * agent_set_self() - say where we may be reached
 * @agent: the agent
 * @now: the time
 * @self: our candidates; what is new among them is tried with all parties
 */
void agent_set_self(struct agent *agent, uint64_t now, const struct candidates *self)
{
	agent->self = *self;
	for (unsigned int i = 0; i < agent->conf.parties; i++) {
		struct link *link = link_of(agent, i);

		if (link && link->state != LINK_DIRECT)
			restart(agent, link, now);
		else if (link)
			path_expand(agent, link);
	}
}

static bool same_peer(const struct agent_peer *a, const struct agent_peer *b)
{
	return !memcmp(a->key, b->key, sizeof(a->key)) && a->controlling == b->controlling &&
	       a->candidates.mapping == b->candidates.mapping &&
	       a->candidates.udp_blocked == b->candidates.udp_blocked &&
	       a->candidates.count == b->candidates.count &&
	       !memcmp(a->candidates.at, b->candidates.at,
		       a->candidates.count * sizeof(a->candidates.at[0]));
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

	if (party >= agent->conf.parties || party == agent->conf.self)
		return false;
	link = &agent->links[party];
	if (link->phase != LINK_IDLE && same_peer(&link->peer, peer))
		return true;
	link->peer = *peer;
	if (!check_tag(link->tag, peer->key))
		return false;
	restart(agent, link, now);
	return true;
}

/**
 * agent_remove() - forget a party
 * @agent: the agent
 * @party: its place
 */
void agent_remove(struct agent *agent, unsigned int party)
{
	struct link *link = link_of(agent, party);

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
	struct link *link = link_of(agent, party);
	struct path *known = link ? path_learn(link, path) : NULL;

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
		struct link *link = link_of(agent, i);

		if (!link)
			continue;
		for (unsigned int j = 0; j < link->count; j++)
			link->paths[j].next = now;
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
		struct link *link = link_of(agent, i);

		if (!link)
			continue;
		for (unsigned int j = 0; j < link->count; j++) {
			struct path *path = &link->paths[j];

			if (path->at.via != AGENT_RELAY)
				continue;
			path->bound = false;
			path->bind_asked = false;
			path->valid = false;
			path->next = NEVER;
		}
		link_choose(agent, link, now);
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
		struct link *link = link_of(agent, i);
		struct path *path = link ? path_find(link, &at) : NULL;

		if (!path)
			continue;
		path->bound = ok;
		path->bind_asked = ok;
		if (ok && !path->valid)
			path->next = now;
		link_choose(agent, link, now);
	}
}

static void take_request(struct agent *agent, uint64_t now, const struct agent_path *from,
			 const struct check *check)
{
	struct link *link = check_sender(agent, check);
	bool same = check_same_roster(agent, check), answer = true;
	uint8_t data[STUN_ROOM];
	struct path *path;
	size_t len;

	if (!link)
		return;
	link_set_roster_differs(agent, link, !same, now);
	path = same ? path_learn(link, from) : NULL;
	if (path)
		answer = link_requested(agent, link, path, check, now);
	if (!answer)
		return;
	len = check_answer(data, sizeof(data), agent, link, check, &from->remote, same);
	if (len)
		agent->ops->send(agent->arg, from, 0, data, len);
}

/* The path that the answered check went by; an answer comes by no other. */
static struct path *find_check(struct link *link, const struct agent_path *from, const uint8_t *id,
			       uint64_t *sent)
{
	struct path *path = path_find(link, from);

	for (unsigned int i = 0; path && i < PATH_CHECKS; i++) {
		if (path->checks[i].at && !memcmp(path->checks[i].id, id, STUN_ID_LEN)) {
			*sent = path->checks[i].at;
			path->checks[i].at = 0;
			return path;
		}
	}
	return NULL;
}

static void take_answer(struct agent *agent, uint64_t now, const struct agent_path *from,
			const struct check *check)
{
	const struct stun_message *m = &check->message;
	struct link *link = link_of(agent, m->id[0]);
	struct path *path;
	uint64_t sent;

	path = link ? find_check(link, from, m->id, &sent) : NULL;
	if (!path || !stun_verify_sha256(m, link->peer.key, MPCNET_KEY_LEN))
		return;
	if (m->class == STUN_ERROR) {
		link_set_roster_differs(agent, link, m->error == STUN_ROSTER_DIFFERS, now);
		return;
	}
	link_set_roster_differs(agent, link, false, now);
	if (m->mapped.sa.sa_family && from->via == AGENT_DIRECT)
		agent->ops->seen(agent->arg, link->party, &m->mapped);
	link_answered(agent, link, path, sent, now);
}

/**
 * agent_input() - a datagram came
 * @agent: the agent
 * @now: the time
 * @from: what it came by, and where from
 * @data: the datagram
 * @len: its length
 *
 * Return: true if it was a check, or the answer to one; authentic or not.
 */
bool agent_input(struct agent *agent, uint64_t now, const struct agent_path *from, const void *data,
		 size_t len)
{
	struct check check;

	if (!check_decode(&check, data, len))
		return false;
	if (check.message.class == STUN_REQUEST)
		take_request(agent, now, from, &check);
	else
		take_answer(agent, now, from, &check);
	return true;
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
		struct link *link = link_of(agent, party);
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

/**
 * agent_verdict() - how is a link, and why?
 * @agent: the agent
 * @party: to whom
 * @verdict: gets it
 */
void agent_verdict(const struct agent *agent, unsigned int party, struct agent_verdict *verdict)
{
	const struct link *link = &agent->links[party];

	*verdict = (struct agent_verdict){ .state = link->state };
	if (link->selected >= 0) {
		const struct path *path = &link->paths[link->selected];

		verdict->path = path->at;
		verdict->class = path->class;
		verdict->rtt = path->rtt;
	}
	link_reason(agent, link, verdict->reason, sizeof(verdict->reason));
}

/**
 * agent_tried() - what was tried with a party
 * @agent: the agent
 * @party: the party
 * @tries: gets the paths
 * @room: how many fit
 *
 * Return: how many there are in @tries.
 */
unsigned int agent_tried(const struct agent *agent, unsigned int party, struct agent_try *tries,
			 unsigned int room)
{
	const struct link *link = &agent->links[party];
	unsigned int count = link->count < room ? link->count : room;

	for (unsigned int i = 0; i < count; i++) {
		const struct path *path = &link->paths[i];

		tries[i] = (struct agent_try){
			.path = path->at,
			.class = path->class,
			.type = path->type,
			.sent = path->sent,
			.answered = path->answered,
			.rtt = path->rtt,
			.valid = path->valid,
			.selected = (int)i == link->selected,
		};
	}
	return count;
}
