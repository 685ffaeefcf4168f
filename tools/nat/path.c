// SPDX-License-Identifier: GPL-2.0
/* Which ways there are to a party, and which of them is best. */
#include "link.h"

#include <arpa/inet.h>
#include <string.h>

static bool same_path(const struct agent_path *a, const struct agent_path *b)
{
	return a->via == b->via && mpcnet_endpoint_equal(&a->remote, &b->remote);
}

/**
 * path_find() - find a path of a link
 * @link: the link
 * @at: what it leaves by, and where to
 *
 * Return: the path, or NULL.
 */
struct path *path_find(struct link *link, const struct agent_path *at)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if (same_path(&link->paths[i].at, at))
			return &link->paths[i];
	}
	return NULL;
}

static enum path_class classify(const struct agent_path *at, enum candidate_type type)
{
	bool relayed = type == CANDIDATE_RELAYED;

	if (at->via == AGENT_RELAY)
		return relayed ? PATH_RELAYED_TWICE : PATH_RELAYED;
	if (relayed)
		return PATH_RELAYED;
	if (type == CANDIDATE_HOST && endpoint_is_private(&at->remote))
		return PATH_LOCAL;
	return PATH_DIRECT;
}

/* Which family does our relay speak to others? 0: there is no relay. */
static sa_family_t relay_family(const struct agent *agent)
{
	for (unsigned int i = 0; i < agent->self.count; i++) {
		if (agent->self.at[i].type == CANDIDATE_RELAYED)
			return agent->self.at[i].address.sa.sa_family;
	}
	return AF_UNSPEC;
}

static bool have_family(const struct agent *agent, sa_family_t family)
{
	for (unsigned int i = 0; i < agent->self.count; i++) {
		if (agent->self.at[i].type == CANDIDATE_HOST &&
		    agent->self.at[i].address.sa.sa_family == family)
			return true;
	}
	return false;
}

/* Is the other behind the NAT that we are behind? Then ours hears us first. */
static bool same_nat(const struct agent *agent, const union mpcnet_endpoint *remote)
{
	for (unsigned int i = 0; i < agent->self.count; i++) {
		if (agent->self.at[i].type == CANDIDATE_REFLEXIVE &&
		    endpoint_same_host(&agent->self.at[i].address, remote))
			return true;
	}
	return false;
}

static bool is_behind_nat(const struct agent *agent, const struct agent_path *at,
			  enum candidate_type type)
{
	return type == CANDIDATE_REFLEXIVE && at->remote.sa.sa_family == AF_INET &&
	       (at->via == AGENT_RELAY || !same_nat(agent, &at->remote));
}

/* Whoever sends copies of checks from elsewhere must not crowd out what cards say. */
static struct path *weakest(struct link *link)
{
	for (unsigned int i = 0; i < link->count; i++) {
		if ((int)i != link->selected && !link->paths[i].valid && link->paths[i].learned)
			return &link->paths[i];
	}
	return NULL;
}

/* A full list forgets a path that came of no card and never worked. */
static struct path *add(struct agent *agent, struct link *link, const struct agent_path *at,
			enum candidate_type type)
{
	struct path *path = link->count < PATHS_MAX ? &link->paths[link->count] : weakest(link);

	if (!path)
		return NULL;
	if (link->count < PATHS_MAX)
		link->count++;
	*path = (struct path){
		.at = *at,
		.class = classify(at, type),
		.type = type,
		.next = NEVER,
		.pause = CHECK_RTO,
		.behind_nat = is_behind_nat(agent, at, type),
	};
	return path;
}

/* A path of a card: what was heard of it before the card came is kept. */
static bool add_known(struct agent *agent, struct link *link, const struct agent_path *at,
		      enum candidate_type type)
{
	struct path *path = path_find(link, at);

	if (!path)
		return add(agent, link, at, type);
	if (path->learned) {
		path->learned = false;
		path->type = type;
		path->class = classify(at, type);
	}
	return false;
}

/* Of a NAT with a port for each, one is as good as another: it opens our own. */
static bool is_redundant(const struct link *link, const struct candidate *c)
{
	if (c->type != CANDIDATE_REFLEXIVE || link->peer.candidates.mapping != NAT_DEPENDENT)
		return false;
	for (unsigned int i = 0; i < link->count; i++) {
		const struct path *path = &link->paths[i];

		if (!path->learned && path->at.via == AGENT_DIRECT &&
		    endpoint_same_host(&path->at.remote, &c->address) &&
		    !mpcnet_endpoint_equal(&path->at.remote, &c->address))
			return true;
	}
	return false;
}

/* In another network of the same numbers, it would be us who are reached. */
static bool is_our_own(const struct agent *agent, const union mpcnet_endpoint *remote)
{
	for (unsigned int i = 0; i < agent->self.count; i++) {
		if (mpcnet_endpoint_equal(&agent->self.at[i].address, remote))
			return true;
	}
	return false;
}

/* What is on the same wire may be reached yet; without any relay all is tried. */
static bool is_blocked(const struct agent *agent, const struct link *link,
		       const struct candidate *c)
{
	const struct candidates *self = &agent->self, *other = &link->peer.candidates;

	if (endpoint_is_private(&c->address))
		return false;
	if (!candidates_have_relay(self) && !candidates_have_relay(other))
		return false;
	return self->udp_blocked || (other->udp_blocked && c->type != CANDIDATE_RELAYED);
}

static bool add_direct(struct agent *agent, struct link *link, const struct candidate *c)
{
	struct agent_path at = { AGENT_DIRECT, c->address };

	if (is_blocked(agent, link, c) || !have_family(agent, c->address.sa.sa_family) ||
	    is_our_own(agent, &c->address) || is_redundant(link, c))
		return false;
	return add_known(agent, link, &at, c->type);
}

/* What our relay cannot reach, it must let through: the other may reach it. */
static bool add_relayed(struct agent *agent, struct link *link, const struct candidate *c)
{
	enum nat_mapping mapping = link->peer.candidates.mapping;
	struct agent_path at = { AGENT_RELAY, c->address };

	if (relay_family(agent) != c->address.sa.sa_family || endpoint_is_private(&c->address))
		return false;
	agent->ops->permit(agent->arg, &c->address);
	if (c->type == CANDIDATE_REFLEXIVE &&
	    (mapping == NAT_DEPENDENT || mapping == NAT_SEQUENTIAL))
		return false;
	return add_known(agent, link, &at, c->type);
}

static uint16_t port_of(const union mpcnet_endpoint *address)
{
	return ntohs(address->sa.sa_family == AF_INET6 ? address->in6.sin6_port :
							 address->in.sin_port);
}

/* The last port that a NAT gave, among several for one address */
static const struct candidate *last_port(const struct candidates *c)
{
	const struct candidate *last = NULL;

	for (unsigned int i = 0; i < c->count; i++) {
		if (c->at[i].type == CANDIDATE_REFLEXIVE &&
		    c->at[i].address.sa.sa_family == AF_INET &&
		    (!last || port_of(&c->at[i].address) > port_of(&last->address)))
			last = &c->at[i];
	}
	return last;
}

static bool add_predicted(struct agent *agent, struct link *link)
{
	const struct candidate *last = last_port(&link->peer.candidates);
	struct candidate c;
	bool added = false;

	if (link->peer.candidates.mapping != NAT_SEQUENTIAL || !last)
		return false;
	c = *last;
	for (unsigned int i = 1; i <= PREDICTED_PORTS; i++) {
		if (port_of(&last->address) + i > UINT16_MAX)
			break;
		c.address.in.sin_port = htons((uint16_t)(port_of(&last->address) + i));
		added |= add_direct(agent, link, &c);
	}
	return added;
}

/**
 * path_expand() - make paths of a party's candidates and of our own
 * @agent: the agent
 * @link: the link; paths that it has are kept
 *
 * Return: true if there is one that was not there.
 */
bool path_expand(struct agent *agent, struct link *link)
{
	const struct candidates *c = &link->peer.candidates;
	bool added = false;

	for (unsigned int i = 0; i < c->count; i++) {
		added |= add_direct(agent, link, &c->at[i]);
		added |= add_relayed(agent, link, &c->at[i]);
	}
	return add_predicted(agent, link) || added;
}

static enum candidate_type type_of(const struct link *link, const union mpcnet_endpoint *remote)
{
	const struct candidates *c = &link->peer.candidates;

	for (unsigned int i = 0; i < c->count; i++) {
		if (mpcnet_endpoint_equal(&c->at[i].address, remote))
			return c->at[i].type;
	}
	/* An address of its own that a card had no room for, or one of its NAT */
	return endpoint_is_private(remote) ? CANDIDATE_HOST : CANDIDATE_REFLEXIVE;
}

/*
 * A NAT with one port for all may have had to take another than the card says;
 * our relay shows which.
 */
static void learn_direct(struct agent *agent, struct link *link, const struct agent_path *at)
{
	struct agent_path direct = { AGENT_DIRECT, at->remote };
	struct path *path;

	if (at->via != AGENT_RELAY || type_of(link, &at->remote) != CANDIDATE_REFLEXIVE ||
	    link->peer.candidates.mapping != NAT_INDEPENDENT ||
	    !have_family(agent, at->remote.sa.sa_family) || path_find(link, &direct))
		return;
	path = add(agent, link, &direct, CANDIDATE_REFLEXIVE);
	if (!path)
		return;
	path->learned = true;
	if (link->phase != LINK_REST)
		path->next = 0;
}

/**
 * path_learn() - take up a path by which the party was heard
 * @agent: the agent
 * @link: the link
 * @at: the path; by an address that was not known it is peer-reflexive, RFC
 * 8445 section 7.3.1.3
 *
 * Return: the path, or NULL if there is no room for it.
 */
struct path *path_learn(struct agent *agent, struct link *link, const struct agent_path *at)
{
	struct path *path = path_find(link, at);

	if (path)
		return path;
	learn_direct(agent, link, at);
	path = add(agent, link, at, type_of(link, &at->remote));
	if (path)
		path->learned = true;
	return path;
}

/**
 * path_forget_untried() - make room for the paths of another card
 * @link: the link; what works or is wanted by the other stays
 */
void path_forget_untried(struct link *link)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < link->count; i++) {
		bool selected = link->selected == (int)i;

		if (!selected && !link->paths[i].valid && !link->paths[i].nominated)
			continue;
		if (selected)
			link->selected = (int)kept;
		link->paths[kept++] = link->paths[i];
	}
	link->count = kept;
}

/**
 * path_set_valid() - the path works
 * @path: the path
 * @now: the time
 */
void path_set_valid(struct path *path, uint64_t now)
{
	if (!path->valid)
		path->since = now;
	path->valid = true;
	path->missed = false;
	path->heard = now;
}

/**
 * path_set_lost() - the path works no more
 * @path: the path, which is not tried before the next round
 */
void path_set_lost(struct path *path)
{
	path->valid = false;
	path->nominated = false;
	path->told = false;
	path->next = NEVER;
}

/**
 * path_ask_channel() - have our relay make a channel, if the path needs one
 * @agent: the agent
 * @link: the link, which has no more than its share of them
 * @path: the path
 */
void path_ask_channel(struct agent *agent, const struct link *link, struct path *path)
{
	unsigned int asked = 0;

	for (unsigned int i = 0; i < link->count; i++)
		asked += link->paths[i].bind_asked;
	if (path->at.via != AGENT_RELAY || path->bound || path->bind_asked || asked >= CHANNELS_MAX)
		return;
	path->bind_asked = true;
	agent->ops->bind(agent->arg, &path->at.remote);
}

/**
 * path_is_direct() - does it lead there without a relay?
 * @path: the path
 *
 * Return: true if so.
 */
bool path_is_direct(const struct path *path)
{
	return path->class <= PATH_DIRECT;
}

/**
 * path_usable() - may the kernel send by this path?
 * @path: the path
 *
 * Return: true if it was answered, and has its channel if it leaves by a relay.
 */
bool path_usable(const struct path *path)
{
	return path->valid && (path->at.via == AGENT_DIRECT || path->bound);
}

/* Is @a worth leaving @b? Of one class, it must be faster by a margin. */
static bool better(const struct path *a, const struct path *b)
{
	if (a->class != b->class)
		return a->class < b->class;
	return a->rtt + a->rtt / 4 + SWITCH_MARGIN < b->rtt;
}

/**
 * path_best() - the path that should be used
 * @link: the link
 *
 * A better kind of way is better at once; of one kind, the one in use stays
 * unless another is faster by a quarter and 5 ms.
 *
 * Return: its place, or -1 if none is usable.
 */
int path_best(const struct link *link)
{
	int best = link->selected;

	if (best >= 0 && !path_usable(&link->paths[best]))
		best = -1;
	for (unsigned int i = 0; i < link->count; i++) {
		if (path_usable(&link->paths[i]) &&
		    (best < 0 || better(&link->paths[i], &link->paths[best])))
			best = (int)i;
	}
	return best;
}
