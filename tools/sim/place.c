// SPDX-License-Identifier: GPL-2.0
/* Where parties are, and what is to be expected of it. */
#include "sim.h"

#define WAN_BASE 0x2d2d0001
#define INNER_BASE 0x64400001
#define PUBLIC_BASE 0x2d2e0001
#define SIX_BASE 0x10001

static const char *const names[NAT_CLASSES] = {
	[NAT_CLASS_NONE] = "none",     [NAT_CLASS_EIF] = "EIM/EIF",
	[NAT_CLASS_ADF] = "EIM/ADF",   [NAT_CLASS_MAPPED] = "mapped",
	[NAT_CLASS_APDF] = "EIM/APDF", [NAT_CLASS_PORT] = "new port",
	[NAT_CLASS_DOUBLE] = "double", [NAT_CLASS_SEQUENTIAL] = "next port",
	[NAT_CLASS_ADM] = "ADM",       [NAT_CLASS_RANDOM] = "APDM",
	[NAT_CLASS_SIX] = "IPv6",      [NAT_CLASS_BLOCKED] = "blocked",
};

/**
 * nat_class_name() - the word for what a party is behind
 * @class: its class
 *
 * Return: the word.
 */
const char *nat_class_name(enum nat_class class)
{
	return names[class];
}

/**
 * place_router() - make a router
 * @sim: the run
 * @class: how it behaves
 * @up: the router that it is behind, NULL if none
 *
 * Return: the router.
 */
struct router *place_router(struct sim *sim, enum nat_class class, struct router *up)
{
	struct router *router = &sim->routers[sim->router_count];

	nat_set_up(router, class, sim_random(sim, UINT64_MAX));
	router->up = up;
	router->wan = (up ? INNER_BASE : WAN_BASE) + sim->router_count++;
	router->accepts = sim->accepts;
	router->hairpin = sim_random(sim, 2);
	if (sim->short_lived)
		router->fresh = router->alive = 20 * SEC;
	return router;
}

/**
 * place_behind() - put a party behind a router
 * @sim: the run
 * @party: the party
 * @gate: the router, NULL for none
 *
 * Each has the same address in its own network, unless it shares it.
 */
void place_behind(struct sim *sim, unsigned int party, struct router *gate)
{
	struct party *p = &sim->parties[party];
	unsigned int others = 0;

	for (unsigned int i = 0; i < party; i++)
		others += gate && sim->parties[i].gate == gate;
	p->sim = sim;
	p->index = party;
	p->gate = gate;
	p->four.host = gate ? 0xc0a80102 + others : PUBLIC_BASE + party;
	p->four.port = (uint16_t)(gate && !others ? 51820 : 51820 + party);
	p->delay = sim->delay;
	p->deadline = NEVER;
	p->roster = 1;
}

/**
 * place_party() - put a party behind routers of its own
 * @sim: the run
 * @party: the party
 * @class: what it is behind
 */
void place_party(struct sim *sim, unsigned int party, enum nat_class class)
{
	struct party *p = &sim->parties[party];
	struct router *gate = NULL;

	/* The carrier's */
	if (class == NAT_CLASS_DOUBLE)
		gate = place_router(sim, NAT_CLASS_PORT, NULL);
	if (class != NAT_CLASS_NONE)
		gate = place_router(sim, class, gate);
	place_behind(sim, party, gate);
	p->class = class;
	if (class == NAT_CLASS_MAPPED)
		gate->forward = p->four;
	if (class == NAT_CLASS_SIX)
		p->six = (struct addr){ SIX_BASE + party, p->four.port, true };
}

/* Whoever sends there is let in, once that was sent to. */
static bool is_open(enum nat_class class)
{
	return class <= NAT_CLASS_MAPPED;
}

/**
 * place_independent() - does its NAT have one port for all?
 * @class: what a party is behind
 *
 * Return: true if so, or if there is no NAT.
 */
bool place_independent(enum nat_class class)
{
	return class <= NAT_CLASS_DOUBLE;
}

/**
 * place_direct() - should there be a direct path?
 * @a: what one party is behind
 * @b: what the other is behind
 *
 * Return: true if so: the table of FACTS.
 */
bool place_direct(enum nat_class a, enum nat_class b)
{
	if (a == NAT_CLASS_BLOCKED || b == NAT_CLASS_BLOCKED)
		return false;
	if (is_open(a) || is_open(b) || (a == NAT_CLASS_SIX && b == NAT_CLASS_SIX))
		return true;
	if (place_independent(a))
		return place_independent(b) || b == NAT_CLASS_SEQUENTIAL;
	return a == NAT_CLASS_SEQUENTIAL && place_independent(b);
}
