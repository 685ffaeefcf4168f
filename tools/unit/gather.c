// SPDX-License-Identifier: GPL-2.0
/* STUN servers in memory, and a clock that stands still between two events. */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "gather.h"

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
#define BEGIN (1000 * SEC)

/**
 * struct server - a STUN server, and what the NAT does on the way to it
 * @address: where it is
 * @sees: where our requests come from, as it sees it
 * @ttl: hops that its answers have left when they come, 0: not told
 * @lose: so many requests are lost yet
 * @silent: it answers nothing
 * @requests: how many came, lost ones too
 * @last: when the last one came
 * @id: transaction of the last one
 * @asked: it is not answered yet
 */
struct server {
	union mpcnet_endpoint address;
	union mpcnet_endpoint sees;
	unsigned int ttl;
	unsigned int lose;
	bool silent;
	unsigned int requests;
	uint64_t last;
	uint8_t id[STUN_ID_LEN];
	bool asked;
};

/**
 * struct world - all there is
 * @gather: what is tested
 * @now: the time
 * @changed: how often it said that its results are others
 * @count: how many servers
 * @servers: the servers
 */
struct world {
	struct gather gather;
	uint64_t now;
	unsigned int changed;
	unsigned int count;
	struct server servers[GATHER_SERVERS_MAX + 1];
};

static union mpcnet_endpoint endpoint(const char *text, uint16_t port)
{
	union mpcnet_endpoint e = { 0 };

	if (inet_pton(AF_INET, text, &e.in.sin_addr) == 1) {
		e.in.sin_family = AF_INET;
		e.in.sin_port = htons(port);
		return e;
	}
	CHECK(inet_pton(AF_INET6, text, &e.in6.sin6_addr) == 1);
	e.in6.sin6_family = AF_INET6;
	e.in6.sin6_port = htons(port);
	return e;
}

static void on_send(void *arg, const union mpcnet_endpoint *to, const void *data, size_t len)
{
	struct world *world = arg;
	struct stun_message m;

	CHECK(stun_is_message(data, len) && stun_decode(&m, data, len));
	CHECK(m.method == STUN_BINDING && m.class == STUN_REQUEST);
	for (unsigned int i = 0; i < world->count; i++) {
		struct server *server = &world->servers[i];

		if (!mpcnet_endpoint_equal(&server->address, to))
			continue;
		server->requests++;
		server->last = world->now;
		memcpy(server->id, m.id, sizeof(server->id));
		server->asked = !server->silent && !server->lose;
		server->lose -= !!server->lose;
		return;
	}
	CHECK(!"sent to nobody");
}

static void on_changed(void *arg)
{
	((struct world *)arg)->changed++;
}

static const struct gather_ops ops = { .send = on_send, .changed = on_changed };

static void begin(struct world *world)
{
	*world = (struct world){ .now = BEGIN };
	gather_init(&world->gather, &ops, world);
}

static struct server *add_at(struct world *world, union mpcnet_endpoint address,
			     union mpcnet_endpoint sees)
{
	struct server *server = &world->servers[world->count++];

	*server = (struct server){ .address = address, .sees = sees };
	CHECK(gather_add_server(&world->gather, world->now, &address));
	return server;
}

/* The next server, 192.0.2.1 and so on, to which the NAT has taken a port. */
static struct server *add(struct world *world, uint16_t port)
{
	union mpcnet_endpoint address = endpoint("192.0.2.1", 3478);

	address.in.sin_addr.s_addr += htonl(world->count);
	return add_at(world, address, endpoint("203.0.113.5", port));
}

static size_t answer(uint8_t data[STUN_ROOM], enum stun_class class, const uint8_t *id,
		     const union mpcnet_endpoint *sees)
{
	struct stun_builder b;

	stun_begin(&b, data, STUN_ROOM, class, STUN_BINDING, id);
	if (sees)
		stun_put_address(&b, STUN_XOR_MAPPED_ADDRESS, sees);
	return stun_end(&b);
}

static bool say(struct world *world, const struct server *server)
{
	uint8_t data[STUN_ROOM];
	size_t len = answer(data, STUN_SUCCESS, server->id, &server->sees);

	return gather_input(&world->gather, world->now, &server->address, server->ttl, data, len);
}

/* Let the time go on, as long as something is due until then. */
static void run(struct world *world, uint64_t until)
{
	while (gather_deadline(&world->gather) <= until) {
		if (world->now < gather_deadline(&world->gather))
			world->now = gather_deadline(&world->gather);
		gather_tick(&world->gather, world->now);
		for (unsigned int i = 0; i < world->count; i++) {
			struct server *server = &world->servers[i];

			if (server->asked)
				CHECK(say(world, server));
			server->asked = false;
		}
	}
	world->now = until;
}

static enum nat_mapping mapping(const struct world *world)
{
	struct candidates hosts = { 0 };
	union mpcnet_endpoint own = endpoint("192.168.1.2", 40000);

	CHECK(candidates_add(&hosts, CANDIDATE_HOST, &own));
	return gather_mapping(&world->gather, &hosts);
}

/* Of a NAT that takes these ports; @third is 0 for two servers. */
static enum nat_mapping mapping_of(uint16_t first, uint16_t second, uint16_t third)
{
	struct world world;

	begin(&world);
	add(&world, first);
	add(&world, second);
	if (third)
		add(&world, third);
	run(&world, BEGIN);
	CHECK(world.gather.done && world.changed == 1);
	return mapping(&world);
}

static void mappings(void)
{
	CHECK(mapping_of(40000, 40000, 0) == NAT_INDEPENDENT);
	CHECK(mapping_of(40000, 40000, 40000) == NAT_INDEPENDENT);
	CHECK(mapping_of(40000, 40001, 0) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40000, 40008, 0) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40008, 40000, 0) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40000, 40001, 40002) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40000, 40000, 40001) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40000, 40001, 40000) == NAT_SEQUENTIAL);
	CHECK(mapping_of(40000, 40009, 0) == NAT_DEPENDENT);
	CHECK(mapping_of(40000, 50000, 40001) == NAT_DEPENDENT);
	CHECK(mapping_of(40000, 40001, 50000) == NAT_DEPENDENT);
	CHECK(mapping_of(40000, 50000, 40000) == NAT_DEPENDENT);
}

/* Another address, be its port as near as it may. */
static void other_address(void)
{
	struct world world;

	begin(&world);
	add(&world, 40000);
	add(&world, 40000)->sees = endpoint("203.0.113.6", 40000);
	run(&world, BEGIN);
	CHECK(mapping(&world) == NAT_DEPENDENT);
}

static void no_nat(void)
{
	struct world world;

	begin(&world);
	add(&world, 40000)->sees = endpoint("192.168.1.2", 40000);
	run(&world, BEGIN);
	CHECK(mapping(&world) == NAT_NONE);
}

static void too_few_answers(void)
{
	struct world world;

	begin(&world);
	CHECK(mapping(&world) == NAT_UNKNOWN && !gather_silent(&world.gather));
	CHECK(world.gather.done && gather_deadline(&world.gather) == UINT64_MAX);
	add(&world, 40000);
	CHECK(!world.gather.done);
	add(&world, 40000)->silent = true;
	run(&world, BEGIN + 4 * SEC);
	CHECK(world.gather.done && mapping(&world) == NAT_UNKNOWN);
	CHECK(!gather_silent(&world.gather));
}

/* Two ports of one server: a NAT that looks at addresses has one port for both. */
static void one_host(void)
{
	struct world world;
	struct server *second;

	begin(&world);
	add(&world, 40000);
	second = add_at(&world, endpoint("192.0.2.1", 3479), endpoint("203.0.113.5", 40000));
	run(&world, BEGIN);
	CHECK(mapping(&world) == NAT_UNKNOWN);
	second->sees.in.sin_port = htons(50000);
	run(&world, BEGIN + 10 * SEC);
	CHECK(mapping(&world) == NAT_DEPENDENT);
}

static void ipv6(void)
{
	struct world world;
	struct candidates c = { 0 };
	union mpcnet_endpoint mapped = endpoint("::ffff:203.0.113.5", 40000);

	begin(&world);
	add_at(&world, endpoint("2001:db8::1", 3478), endpoint("2001:db8:1::5", 40000));
	add_at(&world, endpoint("2001:db8::2", 3478), endpoint("2001:db8:1::5", 40001));
	run(&world, BEGIN);
	CHECK(world.gather.done && mapping(&world) == NAT_UNKNOWN);
	/* An IPv4 address in IPv6's clothes counts as one of IPv4. */
	add(&world, 40000)->sees = mapped;
	add(&world, 40000);
	run(&world, BEGIN);
	CHECK(mapping(&world) == NAT_INDEPENDENT);
	gather_candidates(&world.gather, &c);
	CHECK(c.count == 3 && c.at[0].type == CANDIDATE_REFLEXIVE);
}

static void lost_datagrams(void)
{
	struct world world;
	struct server *server;
	uint8_t id[STUN_ID_LEN];

	begin(&world);
	server = add(&world, 40000);
	server->lose = 3;
	run(&world, BEGIN);
	memcpy(id, server->id, sizeof(id));
	CHECK(server->requests == 1);
	run(&world, BEGIN + 250 * MSEC);
	CHECK(server->requests == 2 && server->last == BEGIN + 250 * MSEC);
	run(&world, BEGIN + 750 * MSEC);
	CHECK(server->requests == 3 && server->last == BEGIN + 750 * MSEC);
	CHECK(!world.gather.done && !world.changed);
	run(&world, BEGIN + 1750 * MSEC);
	CHECK(server->requests == 4 && server->last == BEGIN + 1750 * MSEC);
	CHECK(world.gather.done && world.changed == 1 && !gather_silent(&world.gather));
	/* It was one transaction all the time, so that a late answer counts. */
	CHECK(!memcmp(id, server->id, sizeof(id)));
}

static void silent_server(void)
{
	struct world world;
	struct server *server;
	uint8_t id[STUN_ID_LEN];

	begin(&world);
	server = add(&world, 40000);
	server->silent = true;
	run(&world, BEGIN + 3 * SEC - 1);
	CHECK(!world.gather.done && !gather_silent(&world.gather));
	run(&world, BEGIN + 3 * SEC);
	CHECK(server->requests == 5);
	CHECK(world.gather.done && world.changed == 1 && gather_silent(&world.gather));
	/* It is asked again, by another transaction: it may have come back. */
	memcpy(id, server->id, sizeof(id));
	server->silent = false;
	run(&world, BEGIN + 13 * SEC);
	CHECK(memcmp(id, server->id, sizeof(id)) != 0);
	CHECK(world.changed == 2 && !gather_silent(&world.gather));
}

static void falls_silent(void)
{
	struct world world;
	struct server *server;
	struct candidates c = { 0 };

	begin(&world);
	server = add(&world, 40000);
	run(&world, BEGIN);
	CHECK(world.changed == 1);
	server->silent = true;
	run(&world, BEGIN + 13 * SEC - 1);
	gather_candidates(&world.gather, &c);
	CHECK(world.changed == 1 && c.count == 1);
	run(&world, BEGIN + 13 * SEC);
	c.count = 0;
	gather_candidates(&world.gather, &c);
	CHECK(world.changed == 2 && !c.count && gather_silent(&world.gather));
}

/* Whether an answer that came from @from to transaction @id is taken. */
static bool taken(struct world *world, const union mpcnet_endpoint *from, const uint8_t *id)
{
	union mpcnet_endpoint lie = endpoint("198.51.100.66", 666);
	uint8_t data[STUN_ROOM];
	size_t len = answer(data, STUN_SUCCESS, id, &lie);

	return gather_input(&world->gather, world->now, from, 64, data, len);
}

static void forged_answers(void)
{
	struct world world;
	union mpcnet_endpoint port = endpoint("192.0.2.1", 3479);
	union mpcnet_endpoint host = endpoint("192.0.2.9", 3478);
	struct server *server, *other;
	uint8_t id[STUN_ID_LEN];

	begin(&world);
	server = add(&world, 40000);
	other = add(&world, 40000);
	server->lose = 1;
	other->lose = 1;
	run(&world, BEGIN);
	memcpy(id, server->id, sizeof(id));
	CHECK(!taken(&world, &port, id) && !taken(&world, &host, id));
	CHECK(!taken(&world, &server->address, other->id));
	id[11] ^= 1;
	CHECK(!taken(&world, &server->address, id));
	CHECK(!world.changed && !server->asked && !world.gather.hops);
	run(&world, BEGIN + SEC);
	CHECK(mapping(&world) == NAT_INDEPENDENT && world.changed == 1);
	/* What was answered is not answered twice. */
	CHECK(!taken(&world, &server->address, server->id) && world.changed == 1);
}

static void no_answers(void)
{
	struct world world;
	struct server *server;
	uint8_t data[STUN_ROOM];
	size_t len;

	begin(&world);
	server = add(&world, 40000);
	server->silent = true;
	run(&world, BEGIN);
	len = answer(data, STUN_SUCCESS, server->id, NULL);
	CHECK(!gather_input(&world.gather, BEGIN, &server->address, 0, data, len));
	len = answer(data, STUN_REQUEST, server->id, &server->sees);
	CHECK(!gather_input(&world.gather, BEGIN, &server->address, 0, data, len));
	len = answer(data, STUN_ERROR, server->id, &server->sees);
	CHECK(!gather_input(&world.gather, BEGIN, &server->address, 0, data, len));
	len = answer(data, STUN_SUCCESS, server->id, &server->sees);
	CHECK(!gather_input(&world.gather, BEGIN, &server->address, 0, data, len - 1));
	CHECK(!gather_input(&world.gather, BEGIN, &server->address, 0, data, 0));
	CHECK(gather_input(&world.gather, BEGIN, &server->address, 0, data, len));
}

static void refresh(void)
{
	struct world world;
	struct server *server;
	struct candidates c = { 0 };

	begin(&world);
	server = add(&world, 40000);
	run(&world, BEGIN + 9999 * MSEC);
	CHECK(server->requests == 1 && world.changed == 1);
	run(&world, BEGIN + 10 * SEC);
	CHECK(server->requests == 2 && server->last == BEGIN + 10 * SEC);
	run(&world, BEGIN + 60 * SEC);
	CHECK(server->requests == 7 && world.changed == 1);
	/* The NAT has forgotten us, and taken another port. */
	server->sees = endpoint("203.0.113.5", 41000);
	run(&world, BEGIN + 70 * SEC);
	CHECK(world.changed == 2);
	gather_candidates(&world.gather, &c);
	CHECK(c.count == 1 && mpcnet_endpoint_equal(&c.at[0].address, &server->sees));
}

static void hops(void)
{
	struct world world;
	struct server *far, *near;

	begin(&world);
	far = add(&world, 40000);
	near = add(&world, 40000);
	run(&world, BEGIN);
	CHECK(!world.gather.hops);
	far->ttl = 50;
	near->ttl = 61;
	run(&world, BEGIN + 10 * SEC);
	CHECK(world.gather.hops == 3);
	near->ttl = 128 - 7;
	far->ttl = 255 - 9;
	gather_restart(&world.gather, world.now);
	run(&world, BEGIN + 20 * SEC);
	CHECK(world.gather.hops == 7);
}

static void restart(void)
{
	struct world world;
	struct server *server, *silent;
	struct candidates c = { 0 };
	uint8_t id[STUN_ID_LEN];

	begin(&world);
	server = add(&world, 40000);
	silent = add(&world, 40000);
	silent->silent = true;
	run(&world, BEGIN + 5 * SEC);
	server->silent = true;
	run(&world, BEGIN + 10 * SEC);
	memcpy(id, server->id, sizeof(id));
	gather_restart(&world.gather, world.now);
	CHECK(!world.gather.done && gather_deadline(&world.gather) == world.now);
	gather_candidates(&world.gather, &c);
	CHECK(!c.count);
	/* What was asked in the network before tells nothing of this one. */
	CHECK(!taken(&world, &server->address, id));
	server->silent = false;
	run(&world, BEGIN + 10 * SEC);
	CHECK(!world.gather.done);
	silent->silent = false;
	run(&world, BEGIN + 11 * SEC);
	CHECK(world.gather.done && mapping(&world) == NAT_INDEPENDENT);
}

static void which_servers(void)
{
	struct world world;
	union mpcnet_endpoint more = endpoint("192.0.2.99", 3478);

	begin(&world);
	add(&world, 40000);
	CHECK(!gather_add_server(&world.gather, BEGIN, &world.servers[0].address));
	while (world.count < GATHER_SERVERS_MAX)
		add(&world, 40000);
	CHECK(!gather_add_server(&world.gather, BEGIN, &more));
	run(&world, BEGIN);
	CHECK(world.gather.done && mapping(&world) == NAT_INDEPENDENT);
}

static const struct unit_test tests[] = {
	{ "gather: how the NAT chooses ports", mappings },
	{ "gather: a NAT with several addresses", other_address },
	{ "gather: no NAT", no_nat },
	{ "gather: nothing is known of one answer", too_few_answers },
	{ "gather: two ports of one server", one_host },
	{ "gather: IPv6, and IPv4 in its clothes", ipv6 },
	{ "gather: lost datagrams", lost_datagrams },
	{ "gather: a server that does not answer", silent_server },
	{ "gather: a server that answers no more", falls_silent },
	{ "gather: forged answers", forged_answers },
	{ "gather: what is no answer", no_answers },
	{ "gather: asked again, and another mapping", refresh },
	{ "gather: hops", hops },
	{ "gather: another network", restart },
	{ "gather: which servers", which_servers },
	{ 0 },
};
UNIT_TESTS(tests)
