// SPDX-License-Identifier: GPL-2.0
#include "gather.h"

#include <arpa/inet.h>
#include <string.h>

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
#define NEVER UINT64_MAX

/* RFC 8489 section 6.2.1 has 500 ms for a path that nothing is known of. */
#define RTO (250 * MSEC)
/* Then a server counts as silent. */
#define PATIENCE (3 * SEC)
/* Some NATs forget a mapping after 20 s. */
#define REFRESH (10 * SEC)
/* Ports that a NAT gives one behind the other may be so far apart: others get some, too. */
#define SEQUENCE_STEP 8

/**
 * gather_init() - begin without servers
 * @gather: gets it
 * @ops: what it asks of its owner
 * @arg: handed to @ops
 */
void gather_init(struct gather *gather, const struct gather_ops *ops, void *arg)
{
	memset(gather, 0, sizeof(*gather));
	gather->ops = ops;
	gather->arg = arg;
	gather->done = true;
}

static void ask(struct gather_server *server, uint64_t now)
{
	server->next = now;
	server->first = 0;
	server->pause = RTO;
	server->asked = false;
}

/**
 * gather_add_server() - ask one more server
 * @gather: the state
 * @now: the time
 * @server: its address
 *
 * Return: false if there are too many, or it is there already.
 */
bool gather_add_server(struct gather *gather, uint64_t now, const union mpcnet_endpoint *server)
{
	struct gather_server *s = &gather->servers[gather->count];

	if (gather->count == GATHER_SERVERS_MAX)
		return false;
	for (unsigned int i = 0; i < gather->count; i++) {
		if (mpcnet_endpoint_equal(&gather->servers[i].address, server))
			return false;
	}
	memset(s, 0, sizeof(*s));
	s->address = *server;
	ask(s, now);
	gather->count++;
	gather->done = false;
	return true;
}

/**
 * gather_restart() - ask all servers anew, as the network is another
 * @gather: the state
 * @now: the time
 */
void gather_restart(struct gather *gather, uint64_t now)
{
	gather->hops = 0;
	for (unsigned int i = 0; i < gather->count; i++) {
		memset(&gather->servers[i].mapped, 0, sizeof(gather->servers[i].mapped));
		gather->servers[i].silent = false;
		ask(&gather->servers[i], now);
	}
	gather->done = !gather->count;
}

static void check_done(struct gather *gather)
{
	bool before = gather->done;

	gather->done = true;
	for (unsigned int i = 0; i < gather->count; i++)
		gather->done &= gather->servers[i].mapped.sa.sa_family || gather->servers[i].silent;
	if (gather->done && !before)
		gather->ops->changed(gather->arg);
}

static void send_request(struct gather *gather, struct gather_server *server, uint64_t now)
{
	uint8_t data[STUN_ROOM];
	struct stun_builder b;
	size_t len;

	if (!server->asked && !stun_new_id(server->id))
		return;
	if (!server->first)
		server->first = now;
	server->asked = true;
	stun_begin(&b, data, sizeof(data), STUN_REQUEST, STUN_BINDING, server->id);
	len = stun_end(&b);
	gather->ops->send(gather->arg, &server->address, data, len);
	server->next = now + server->pause;
	if (server->next > server->first + PATIENCE)
		server->next = server->first + PATIENCE;
	server->pause *= 2;
	if (server->pause > SEC)
		server->pause = SEC;
}

/* What a server saw is not true any more if it cannot be asked. */
static void give_up(struct gather *gather, struct gather_server *server, uint64_t now)
{
	bool known = server->mapped.sa.sa_family != AF_UNSPEC;

	memset(&server->mapped, 0, sizeof(server->mapped));
	server->silent = true;
	ask(server, now);
	server->next = now + REFRESH;
	if (known)
		gather->ops->changed(gather->arg);
	check_done(gather);
}

/**
 * gather_tick() - do what its time has come for
 * @gather: the state
 * @now: the time
 */
void gather_tick(struct gather *gather, uint64_t now)
{
	for (unsigned int i = 0; i < gather->count; i++) {
		struct gather_server *server = &gather->servers[i];

		if (server->next > now)
			continue;
		if (server->asked && now >= server->first + PATIENCE)
			give_up(gather, server, now);
		else
			send_request(gather, server, now);
	}
}

/**
 * gather_deadline() - when is gather_tick() to be called?
 * @gather: the state
 *
 * Return: the time, UINT64_MAX for never.
 */
uint64_t gather_deadline(const struct gather *gather)
{
	uint64_t first = NEVER;

	for (unsigned int i = 0; i < gather->count; i++) {
		if (gather->servers[i].next < first)
			first = gather->servers[i].next;
	}
	return first;
}

/* Systems send with 64, 128 or 255 hops. */
static unsigned int routers(unsigned int ttl)
{
	unsigned int sent = ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;

	return sent - ttl;
}

static void take(struct gather *gather, struct gather_server *server, uint64_t now,
		 const union mpcnet_endpoint *mapped, unsigned int ttl)
{
	union mpcnet_endpoint seen = *mapped;
	bool changed;

	endpoint_unmap(&seen);
	changed = !mpcnet_endpoint_equal(&server->mapped, &seen);
	server->mapped = seen;
	server->silent = false;
	ask(server, now);
	server->next = now + REFRESH;
	if (ttl && (!gather->hops || routers(ttl) < gather->hops))
		gather->hops = routers(ttl);
	if (changed && gather->done)
		gather->ops->changed(gather->arg);
	check_done(gather);
}

/**
 * gather_input() - a datagram came
 * @gather: the state
 * @now: the time
 * @from: where from
 * @ttl: hops that it had left, 0 if not known
 * @data: the datagram
 * @len: its length
 *
 * Return: true if it was an answer of a server.
 */
bool gather_input(struct gather *gather, uint64_t now, const union mpcnet_endpoint *from,
		  unsigned int ttl, const void *data, size_t len)
{
	struct stun_message m;

	if (!stun_is_message(data, len) || !stun_decode(&m, data, len) ||
	    m.method != STUN_BINDING || m.class != STUN_SUCCESS || !m.mapped.sa.sa_family)
		return false;
	for (unsigned int i = 0; i < gather->count; i++) {
		struct gather_server *server = &gather->servers[i];

		if (!server->asked || memcmp(server->id, m.id, STUN_ID_LEN) ||
		    !mpcnet_endpoint_equal(&server->address, from))
			continue;
		take(gather, server, now, &m.mapped, ttl);
		return true;
	}
	return false;
}

/**
 * gather_silent() - did no server answer?
 * @gather: the state
 *
 * Return: true if there are some, and none did: UDP is blocked, or they are down.
 */
bool gather_silent(const struct gather *gather)
{
	for (unsigned int i = 0; i < gather->count; i++) {
		if (gather->servers[i].mapped.sa.sa_family)
			return false;
	}
	return gather->done && gather->count;
}

static bool own_address(const struct candidates *hosts, const union mpcnet_endpoint *address)
{
	for (unsigned int i = 0; i < hosts->count; i++) {
		if (mpcnet_endpoint_equal(&hosts->at[i].address, address))
			return true;
	}
	return false;
}

/* How far apart two ports are, if one NAT address has them; else very far. */
static unsigned int distance(const union mpcnet_endpoint *a, const union mpcnet_endpoint *b)
{
	int d = ntohs(a->in.sin_port) - ntohs(b->in.sin_port);

	if (a->in.sin_addr.s_addr != b->in.sin_addr.s_addr)
		return UINT16_MAX;
	return (unsigned int)(d < 0 ? -d : d);
}

/**
 * gather_mapping() - how does our NAT choose ports? (RFC 4787 section 4.1)
 * @gather: the state
 * @hosts: our own addresses
 *
 * Return: the answer for IPv4; NAT_UNKNOWN unless two servers of different
 * addresses answered, as only then it can be seen.
 */
enum nat_mapping gather_mapping(const struct gather *gather, const struct candidates *hosts)
{
	const struct gather_server *first = NULL;
	enum nat_mapping mapping = NAT_UNKNOWN;

	for (unsigned int i = 0; i < gather->count; i++) {
		const struct gather_server *s = &gather->servers[i];
		unsigned int d;

		if (s->mapped.sa.sa_family != AF_INET)
			continue;
		if (own_address(hosts, &s->mapped))
			return NAT_NONE;
		if (!first)
			first = s;
		if (first == s)
			continue;
		d = distance(&first->mapped, &s->mapped);
		/* Two ports of one host do not tell what another host gets. */
		if (!d && endpoint_same_host(&first->address, &s->address))
			continue;
		if (!d && mapping == NAT_UNKNOWN)
			mapping = NAT_INDEPENDENT;
		else if (d && d <= SEQUENCE_STEP && mapping != NAT_DEPENDENT)
			mapping = NAT_SEQUENTIAL;
		else if (d)
			mapping = NAT_DEPENDENT;
	}
	return mapping;
}

/**
 * gather_candidates() - add the reflexive candidates
 * @gather: the state
 * @c: gets them
 */
void gather_candidates(const struct gather *gather, struct candidates *c)
{
	for (unsigned int i = 0; i < gather->count; i++) {
		if (gather->servers[i].mapped.sa.sa_family)
			candidates_add(c, CANDIDATE_REFLEXIVE, &gather->servers[i].mapped);
	}
}
