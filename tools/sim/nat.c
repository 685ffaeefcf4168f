// SPDX-License-Identifier: GPL-2.0
/*
 * NATs and firewalls, RFC 4787 sections 4 and 5, as Linux has them: a table of
 * flows, of which no two may have the same port and remote.
 */
#include "sim.h"

#include <stdlib.h>

#define PORTS_BASE 40000
#define PORTS_NEXT 64
#define PORTS_HASH 20000

static const struct {
	enum mapping_kind mapping;
	enum filter_kind filter;
	bool blocked;
} classes[NAT_CLASSES] = {
	[NAT_CLASS_EIF] = { MAP_PRESERVE, FILTER_NONE, false },
	[NAT_CLASS_ADF] = { MAP_PRESERVE, FILTER_HOST, false },
	[NAT_CLASS_MAPPED] = { MAP_PRESERVE, FILTER_PORT, false },
	[NAT_CLASS_APDF] = { MAP_PRESERVE, FILTER_PORT, false },
	[NAT_CLASS_PORT] = { MAP_RANGE, FILTER_PORT, false },
	[NAT_CLASS_DOUBLE] = { MAP_PRESERVE, FILTER_PORT, false },
	[NAT_CLASS_SEQUENTIAL] = { MAP_NEXT, FILTER_PORT, false },
	[NAT_CLASS_ADM] = { MAP_HOST, FILTER_PORT, false },
	[NAT_CLASS_RANDOM] = { MAP_RANDOM, FILTER_PORT, false },
	[NAT_CLASS_SIX] = { MAP_RANDOM, FILTER_PORT, false },
	[NAT_CLASS_BLOCKED] = { MAP_RANDOM, FILTER_PORT, true },
};

/**
 * nat_set_up() - make a router of a class
 * @router: the router
 * @class: its class
 * @seed: of its chance
 */
void nat_set_up(struct router *router, enum nat_class class, uint64_t seed)
{
	router->mapping = classes[class].mapping;
	router->filter = classes[class].filter;
	router->blocked = classes[class].blocked;
	router->random = seed;
	/* That it begins again is not foreseen, but happens in later rounds only. */
	router->next = (unsigned int)(seed % (PORTS_NEXT / 2));
	router->fresh = 30 * SEC;
	router->alive = 120 * SEC;
}

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint16_t port_of_hash(uint64_t hash)
{
	return (uint16_t)(PORTS_BASE + mix(hash) % PORTS_HASH);
}

/* The newest stay the last. */
static void expire(struct router *router, uint64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < router->count; i++) {
		if (router->table[i].expires > now)
			router->table[count++] = router->table[i];
	}
	router->count = count;
}

static bool taken(const struct router *router, uint16_t port, const struct addr *remote)
{
	for (size_t i = 0; i < router->count; i++) {
		if (router->table[i].port == port && addr_equal(&router->table[i].remote, remote))
			return true;
	}
	return false;
}

/* Linux, with a range of ports: one that has a port gets its newest again. */
static uint16_t port_of_range(const struct router *router, const struct addr *inside, uint64_t hash)
{
	for (size_t i = router->count; i--;) {
		if (addr_equal(&router->table[i].inside, inside))
			return router->table[i].port;
	}
	return port_of_hash(hash);
}

static uint16_t wanted_port(struct router *router, const struct addr *inside,
			    const struct addr *remote)
{
	uint64_t who = (uint64_t)inside->host << 16 | inside->port;

	switch (router->mapping) {
	case MAP_PRESERVE:
		return inside->port;
	case MAP_RANGE:
		return port_of_range(router, inside, who);
	case MAP_HOST:
		return port_of_hash(who ^ (uint64_t)remote->host << 24);
	case MAP_NEXT:
		return (uint16_t)(PORTS_BASE + router->next++ % PORTS_NEXT);
	default:
		return port_of_hash(router->random += UINT64_C(0x9e3779b97f4a7c15));
	}
}

static struct mapping *add(struct router *router, const struct addr *inside,
			   const struct addr *remote, uint16_t port, uint64_t now)
{
	struct mapping *m;

	if (router->count == router->room) {
		router->room = router->room ? 2 * router->room : 16;
		router->table = realloc(router->table, router->room * sizeof(router->table[0]));
		if (!router->table)
			abort();
	}
	m = &router->table[router->count++];
	*m = (struct mapping){ *inside, *remote, port, now + router->fresh, false };
	return m;
}

static void refresh(const struct router *router, struct mapping *m, uint64_t now)
{
	m->expires = now + (m->answered ? router->alive : router->fresh);
}

/**
 * nat_out() - a datagram leaves by a router
 * @router: the router
 * @d: the datagram; its source becomes the router's
 * @now: the time
 *
 * IPv6 keeps its source; the router takes note of the flow only.
 *
 * Return: whether it gets out.
 */
bool nat_out(struct router *router, struct datagram *d, uint64_t now)
{
	struct mapping *m = NULL;
	uint16_t port;

	if (router->blocked)
		return false;
	expire(router, now);
	for (size_t i = 0; i < router->count && !m; i++) {
		if (addr_equal(&router->table[i].inside, &d->from) &&
		    addr_equal(&router->table[i].remote, &d->to))
			m = &router->table[i];
	}
	if (!m) {
		port = d->from.six ? d->from.port : wanted_port(router, &d->from, &d->to);
		while (!d->from.six && taken(router, port, &d->to))
			port = port_of_hash(router->random += UINT64_C(0x9e3779b97f4a7c15));
		m = add(router, &d->from, &d->to, port, now);
	}
	refresh(router, m, now);
	if (!d->from.six)
		d->from = (struct addr){ .host = router->wan, .port = m->port };
	return true;
}

static bool lets_in(const struct router *router, const struct mapping *m, const struct datagram *d)
{
	if (!m->inside.host || m->port != d->to.port || m->inside.six != d->to.six)
		return false;
	if (d->to.six)
		return addr_equal(&m->inside, &d->to) && addr_equal(&m->remote, &d->from);
	if (router->filter == FILTER_HOST)
		return addr_same_host(&m->remote, &d->from);
	return router->filter == FILTER_NONE || addr_equal(&m->remote, &d->from);
}

/* Whom does it go to? The flow that it belongs to, if there is one already, is @flow. */
static struct addr goes_to(struct router *router, const struct datagram *d, struct mapping **flow)
{
	struct addr inside = { 0 };

	*flow = NULL;
	for (size_t i = 0; i < router->count; i++) {
		struct mapping *m = &router->table[i];

		if (!lets_in(router, m, d))
			continue;
		inside = m->inside;
		if (addr_equal(&m->remote, &d->from)) {
			*flow = m;
			return inside;
		}
	}
	if (!inside.host && !d->to.six && router->forward.port == d->to.port)
		inside = router->forward;
	return inside;
}

/* As Linux does with what nothing forbids: the flow is the router's own now. */
static void keep(struct router *router, const struct datagram *d, uint64_t now)
{
	static const struct addr own = { 0 };

	for (size_t i = 0; i < router->count; i++) {
		struct mapping *m = &router->table[i];

		if (!m->inside.host && m->port == d->to.port && addr_equal(&m->remote, &d->from)) {
			refresh(router, m, now);
			return;
		}
	}
	add(router, &own, &d->from, d->to.port, now);
}

/**
 * nat_in() - a datagram comes to a router's address
 * @router: the router
 * @d: the datagram; its destination becomes the host's behind it
 * @now: the time
 *
 * What must not live longer makes no mapping, but for the router's own.
 *
 * Return: whether it gets in.
 */
bool nat_in(struct router *router, struct datagram *d, uint64_t now)
{
	struct mapping *m;
	struct addr inside;

	if (router->blocked)
		return false;
	expire(router, now);
	inside = goes_to(router, d, &m);
	if (!inside.host && router->accepts && !d->to.six)
		keep(router, d, now);
	if (!inside.host || d->ttl <= 1)
		return false;
	d->ttl--;
	if (!m)
		m = add(router, &inside, &d->from, d->to.port, now);
	m->answered = true;
	refresh(router, m, now);
	d->to = inside;
	return true;
}

/**
 * nat_forget() - a router forgets all its mappings
 * @router: the router
 */
void nat_forget(struct router *router)
{
	router->count = 0;
}
