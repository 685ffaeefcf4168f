// SPDX-License-Identifier: GPL-2.0
/* Discovery against NATs and servers made of memory, on a clock of our own. */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "behaviour.h"

#define MS 1000ull
#define WAN "45.45.0.1"
#define MAPPINGS 64
#define WAITING 64

enum ports { PRESERVED, SHIFTED, COUNTED, COUNTED_DOWN, SCATTERED };

/* A NAT, by RFC 4787, and the servers behind it. */
struct world {
	/* What it is: 0 is a NAT that drops all. */
	enum behaviour_depends mapping;
	enum behaviour_depends filtering;
	enum ports ports;
	bool hairpin;
	/* Servers: 45.45.0.2 and .3, one of RFC 5780 or two without. */
	bool plain;
	bool stays;	    /* answers a CHANGE-REQUEST from where it was asked */
	bool refuses;	    /* answers it with error 420 */
	bool far_is_dead;   /* OTHER-ADDRESS answers nothing */
	bool forged;	    /* all answers from a third address */
	unsigned int loses; /* so many datagrams out are lost */
	/* How it stands. */
	uint64_t now;
	uint16_t last_port;
	unsigned int sent;
	struct {
		union mpcnet_endpoint local, to;
		uint16_t port;
	} mappings[MAPPINGS];
	unsigned int mapping_count;
	struct {
		uint64_t when;
		enum behaviour_socket socket;
		union mpcnet_endpoint from;
		uint8_t data[256];
		size_t len;
	} wire[WAITING];
	unsigned int wire_count;
	struct behaviour behaviour;
	struct behaviour_result result;
};

static union mpcnet_endpoint at(const char *address, uint16_t port)
{
	union mpcnet_endpoint e = { .in = { .sin_family = AF_INET, .sin_port = htons(port) } };

	inet_pton(AF_INET, address, &e.in.sin_addr);
	return e;
}

static union mpcnet_endpoint local(enum behaviour_socket socket)
{
	return at("192.168.1.2", socket == BEHAVIOUR_FIRST ? 40000 : 51000);
}

static bool same(enum behaviour_depends depends, const union mpcnet_endpoint *a,
		 const union mpcnet_endpoint *b)
{
	return depends == BEHAVIOUR_ENDPOINT || depends == BEHAVIOUR_NONE ||
	       (depends == BEHAVIOUR_ADDRESS && endpoint_same_host(a, b)) ||
	       mpcnet_endpoint_equal(a, b);
}

static uint16_t choose_port(struct world *w, const union mpcnet_endpoint *from)
{
	switch (w->ports) {
	case PRESERVED:
		return ntohs(from->in.sin_port);
	case SHIFTED:
		return (uint16_t)(ntohs(from->in.sin_port) + 7);
	case COUNTED:
		/* Now and then another user of the NAT takes one. */
		return w->last_port = (uint16_t)(w->last_port + 1 + (w->mapping_count == 2));
	case COUNTED_DOWN:
		return --w->last_port;
	default:
		return w->last_port = (uint16_t)(w->last_port * 25173u + 13849u);
	}
}

static union mpcnet_endpoint nat_out(struct world *w, const union mpcnet_endpoint *from,
				     const union mpcnet_endpoint *to)
{
	uint16_t port = 0;

	for (unsigned int i = 0; i < w->mapping_count; i++) {
		if (mpcnet_endpoint_equal(&w->mappings[i].local, from) &&
		    same(w->mapping, &w->mappings[i].to, to))
			port = w->mappings[i].port;
	}
	if (!port)
		port = choose_port(w, from);
	if (w->mapping_count < MAPPINGS) {
		w->mappings[w->mapping_count].local = *from;
		w->mappings[w->mapping_count].to = *to;
		w->mappings[w->mapping_count++].port = port;
	}
	return w->mapping == BEHAVIOUR_NONE ? *from : at(WAN, port);
}

static void deliver(struct world *w, const union mpcnet_endpoint *from,
		    const union mpcnet_endpoint *to, const void *data, size_t len)
{
	for (unsigned int i = 0; i < w->mapping_count && w->wire_count < WAITING; i++) {
		if (w->mappings[i].port != ntohs(to->in.sin_port) ||
		    !same(w->filtering, &w->mappings[i].to, from))
			continue;
		w->wire[w->wire_count].when = w->now + 30 * MS;
		w->wire[w->wire_count].socket =
			w->mappings[i].local.in.sin_port == local(BEHAVIOUR_SECOND).in.sin_port;
		w->wire[w->wire_count].from = *from;
		memcpy(w->wire[w->wire_count].data, data, len);
		w->wire[w->wire_count++].len = len;
		return;
	}
}

/* The value of CHANGE-REQUEST, the only attribute before FINGERPRINT. */
static unsigned int change_of(const uint8_t *data, size_t len)
{
	return len >= STUN_HEADER_LEN + 8 && data[21] == STUN_CHANGE_REQUEST ? data[27] : 0;
}

static void serve(struct world *w, const union mpcnet_endpoint *from,
		  const union mpcnet_endpoint *to, const uint8_t *data, size_t len)
{
	bool alt_host = to->in.sin_addr.s_addr == at("45.45.0.3", 0).in.sin_addr.s_addr;
	bool alt_port = to->in.sin_port == htons(3479);
	union mpcnet_endpoint source,
		other = at(alt_host ? "45.45.0.2" : "45.45.0.3", alt_port ? 3478 : 3479);
	unsigned int change = w->plain || w->stays ? 0 : change_of(data, len);
	bool refused = w->refuses && change_of(data, len);
	struct stun_builder builder;
	uint8_t answer[256];

	if ((w->far_is_dead && (alt_host || alt_port)) || (w->plain && alt_port))
		return;
	source = at(alt_host ^ !!(change & 4) ? "45.45.0.3" : "45.45.0.2",
		    alt_port ^ !!(change & 2) ? 3479 : 3478);
	if (refused)
		source = *to;
	if (w->forged)
		source = at("45.45.0.9", 3478);
	stun_begin(&builder, answer, sizeof(answer), refused ? STUN_ERROR : STUN_SUCCESS,
		   STUN_BINDING, data + 8);
	if (refused)
		stun_put_error(&builder, STUN_UNKNOWN_ATTRIBUTE, "no");
	else
		stun_put_address(&builder, STUN_XOR_MAPPED_ADDRESS, from);
	if (!w->plain && !refused)
		stun_put_address(&builder, STUN_OTHER_ADDRESS, &other);
	deliver(w, &source, from, answer, stun_end(&builder));
}

static void carry(struct world *w, const struct behaviour_datagram *d)
{
	union mpcnet_endpoint from = local(d->socket), wan = at(WAN, 0);

	w->sent++;
	if (w->loses) {
		w->loses--;
		return;
	}
	if (!w->mapping)
		return;
	from = nat_out(w, &from, &d->to);
	if (!endpoint_same_host(&d->to, &wan))
		serve(w, &from, &d->to, d->data, d->len);
	else if (w->hairpin)
		deliver(w, &from, &d->to, d->data, d->len);
}

/* What came by now; the rest waits. */
static void receive(struct world *w)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < w->wire_count; i++) {
		if (w->wire[i].when > w->now)
			w->wire[kept++] = w->wire[i];
		else
			CHECK(behaviour_input(&w->behaviour, w->now, w->wire[i].socket,
					      &w->wire[i].from, w->wire[i].data, w->wire[i].len));
	}
	w->wire_count = kept;
}

static uint64_t next_event(const struct world *w)
{
	uint64_t when = behaviour_deadline(&w->behaviour);

	for (unsigned int i = 0; i < w->wire_count; i++)
		when = w->wire[i].when < when ? w->wire[i].when : when;
	return when > w->now ? when : w->now;
}

static void run(struct world *w, unsigned int servers)
{
	const union mpcnet_endpoint locals[2] = { local(BEHAVIOUR_FIRST), local(BEHAVIOUR_SECOND) };
	const union mpcnet_endpoint named[] = { at("45.45.0.2", 3478), at("45.45.0.3", 3478) };
	struct behaviour_datagram d;
	uint64_t start = 77 * MS;

	w->now = start;
	w->last_port = 20000;
	behaviour_start(&w->behaviour, locals);
	for (unsigned int i = 0; i < servers; i++)
		CHECK(behaviour_ask(&w->behaviour, w->now, &named[i]));
	for (unsigned int i = 0; w->behaviour.round != BEHAVIOUR_DONE && i < 1000; i++) {
		receive(w);
		while (behaviour_next(&w->behaviour, w->now, &d))
			carry(w, &d);
		if (w->behaviour.round != BEHAVIOUR_DONE)
			w->now = next_event(w);
	}
	CHECK(w->behaviour.round == BEHAVIOUR_DONE);
	CHECK(w->now - start <= 8000 * MS);
	behaviour_conclude(&w->behaviour, &w->result);
}

static void classes(void)
{
	for (enum behaviour_depends mapping = BEHAVIOUR_NONE; mapping <= BEHAVIOUR_PORT;
	     mapping++) {
		for (enum behaviour_depends filter = BEHAVIOUR_ENDPOINT; filter <= BEHAVIOUR_PORT;
		     filter++) {
			bool none = mapping == BEHAVIOUR_NONE;
			struct world w = { .mapping = mapping,
					   .filtering = filter,
					   .ports = mapping > BEHAVIOUR_ENDPOINT ? SCATTERED :
										   PRESERVED };

			run(&w, 1);
			CHECK(w.result.passes && w.result.answered);
			CHECK(w.result.mapping == mapping);
			CHECK(w.result.filtering == filter);
			CHECK(w.result.hairpin == (none ? BEHAVIOUR_NOT_KNOWN : BEHAVIOUR_NO));
			CHECK(w.result.port_preserved ==
			      (mapping > BEHAVIOUR_ENDPOINT ? BEHAVIOUR_NO : BEHAVIOUR_YES));
			CHECK(w.result.allocation == (mapping > BEHAVIOUR_ENDPOINT ?
							      BEHAVIOUR_RANDOM :
							      BEHAVIOUR_ALLOCATION_UNKNOWN));
		}
	}
}

static void public_address(void)
{
	struct world w = { .mapping = BEHAVIOUR_ENDPOINT,
			   .filtering = BEHAVIOUR_PORT,
			   .ports = SHIFTED };
	union mpcnet_endpoint want = at(WAN, 40007), own = local(BEHAVIOUR_FIRST);

	run(&w, 1);
	CHECK(mpcnet_endpoint_equal(&w.result.public, &want));
	CHECK(mpcnet_endpoint_equal(&w.result.local, &own));
	CHECK(w.result.mapping == BEHAVIOUR_ENDPOINT);
	CHECK(w.result.port_preserved == BEHAVIOUR_NO);
}

static void sequential(void)
{
	struct world up = { .mapping = BEHAVIOUR_PORT,
			    .filtering = BEHAVIOUR_PORT,
			    .ports = COUNTED };
	struct world down = { .mapping = BEHAVIOUR_PORT,
			      .filtering = BEHAVIOUR_PORT,
			      .ports = COUNTED_DOWN };
	struct world plain = { .mapping = BEHAVIOUR_PORT,
			       .filtering = BEHAVIOUR_PORT,
			       .ports = COUNTED,
			       .plain = true };
	struct world address = { .mapping = BEHAVIOUR_ADDRESS,
				 .filtering = BEHAVIOUR_PORT,
				 .ports = COUNTED };

	run(&up, 1);
	CHECK(up.result.mapping == BEHAVIOUR_PORT);
	CHECK(up.result.allocation == BEHAVIOUR_SEQUENTIAL && up.result.step == 1);
	run(&down, 1);
	CHECK(down.result.allocation == BEHAVIOUR_SEQUENTIAL && down.result.step == -1);
	run(&plain, 2);
	CHECK(plain.result.mapping == BEHAVIOUR_EITHER);
	CHECK(plain.result.allocation == BEHAVIOUR_SEQUENTIAL && plain.result.step == 1);
	run(&address, 1);
	CHECK(address.result.mapping == BEHAVIOUR_ADDRESS);
	CHECK(address.result.allocation == BEHAVIOUR_SEQUENTIAL);
}

static void hairpin(void)
{
	struct world w = { .mapping = BEHAVIOUR_ENDPOINT,
			   .filtering = BEHAVIOUR_ENDPOINT,
			   .hairpin = true };
	struct world strict = { .mapping = BEHAVIOUR_ENDPOINT,
				.filtering = BEHAVIOUR_PORT,
				.hairpin = true };

	run(&w, 1);
	CHECK(w.result.hairpin == BEHAVIOUR_YES);
	CHECK(w.result.filtering == BEHAVIOUR_ENDPOINT);
	/* It passes the filter too, since both sides send. */
	run(&strict, 1);
	CHECK(strict.result.hairpin == BEHAVIOUR_YES);
	CHECK(strict.result.filtering == BEHAVIOUR_PORT);
}

static void plain_servers(void)
{
	struct world one = { .mapping = BEHAVIOUR_ENDPOINT,
			     .filtering = BEHAVIOUR_PORT,
			     .plain = true };
	struct world two = one, random = one;

	run(&one, 1);
	CHECK(one.result.answered);
	CHECK(one.result.mapping == BEHAVIOUR_UNKNOWN);
	CHECK(one.result.filtering == BEHAVIOUR_UNKNOWN);
	run(&two, 2);
	CHECK(two.result.mapping == BEHAVIOUR_ENDPOINT);
	CHECK(two.result.filtering == BEHAVIOUR_UNKNOWN);
	random.mapping = BEHAVIOUR_PORT;
	random.ports = SCATTERED;
	run(&random, 2);
	CHECK(random.result.mapping == BEHAVIOUR_EITHER);
	CHECK(random.result.allocation == BEHAVIOUR_RANDOM);
}

/* A server that promises more than it does must not pass for a strict filter. */
static void servers_that_cannot(void)
{
	struct world base = { .mapping = BEHAVIOUR_ENDPOINT, .filtering = BEHAVIOUR_ENDPOINT };
	struct world stays = base, refuses = base, dead = base, forged = base;

	stays.stays = true;
	run(&stays, 1);
	CHECK(stays.result.mapping == BEHAVIOUR_ENDPOINT);
	CHECK(stays.result.filtering == BEHAVIOUR_UNKNOWN);
	refuses.refuses = true;
	run(&refuses, 1);
	CHECK(refuses.result.mapping == BEHAVIOUR_ENDPOINT);
	CHECK(refuses.result.filtering == BEHAVIOUR_UNKNOWN);
	dead.far_is_dead = true;
	run(&dead, 1);
	CHECK(dead.result.answered);
	CHECK(dead.result.mapping == BEHAVIOUR_UNKNOWN);
	CHECK(dead.result.filtering == BEHAVIOUR_UNKNOWN);
	forged.forged = true;
	run(&forged, 1);
	CHECK(!forged.result.answered);
}

static void blocked(void)
{
	struct world w = { .filtering = BEHAVIOUR_PORT };

	run(&w, 2);
	CHECK(!w.result.passes && !w.result.answered);
	CHECK(w.result.mapping == BEHAVIOUR_UNKNOWN);
	CHECK(w.result.public.sa.sa_family == 0);
	CHECK(w.sent == 6);
	CHECK(w.now - 77 * MS >= 3000 * MS && w.now - 77 * MS <= 3100 * MS);
	CHECK(w.behaviour.probes[0].state == BEHAVIOUR_SILENT);
}

static void loss(void)
{
	struct world w = { .mapping = BEHAVIOUR_PORT,
			   .filtering = BEHAVIOUR_PORT,
			   .ports = SCATTERED,
			   .loses = 2 };

	run(&w, 1);
	CHECK(w.result.answered);
	CHECK(w.result.mapping == BEHAVIOUR_PORT);
	CHECK(w.behaviour.probes[0].sent == 3);
	CHECK(w.behaviour.probes[0].rtt == 30 * MS);
}

static void foreign_datagrams(void)
{
	const union mpcnet_endpoint locals[2] = { local(BEHAVIOUR_FIRST), local(BEHAVIOUR_SECOND) };
	union mpcnet_endpoint server = at("45.45.0.2", 3478), mapped = at(WAN, 1);
	struct behaviour_datagram d;
	struct stun_builder builder;
	uint8_t answer[64];
	struct behaviour b;
	size_t len;

	behaviour_start(&b, locals);
	CHECK(behaviour_ask(&b, 0, &server) && behaviour_next(&b, 0, &d));
	stun_begin(&builder, answer, sizeof(answer), STUN_SUCCESS, STUN_BINDING, d.data + 8);
	stun_put_address(&builder, STUN_XOR_MAPPED_ADDRESS, &mapped);
	len = stun_end(&builder);
	CHECK(!behaviour_input(&b, 1, BEHAVIOUR_SECOND, &server, answer, len));
	CHECK(!behaviour_input(&b, 1, BEHAVIOUR_FIRST, &server, answer, len - 1));
	CHECK(!behaviour_input(&b, 1, BEHAVIOUR_FIRST, &server, d.data, d.len));
	CHECK(!behaviour_input(&b, 1, BEHAVIOUR_SECOND, &server, d.data, d.len));
	CHECK(b.probes[0].state == BEHAVIOUR_WAITING);
	CHECK(behaviour_input(&b, 1, BEHAVIOUR_FIRST, &server, answer, len));
	CHECK(b.probes[0].state == BEHAVIOUR_ANSWERED);
	/* A second answer changes nothing. */
	b.probes[0].mapped = server;
	CHECK(behaviour_input(&b, 2, BEHAVIOUR_FIRST, &server, answer, len));
	CHECK(mpcnet_endpoint_equal(&b.probes[0].mapped, &server));
}

static bool says(const struct verdict *verdict, const char *start, const char *words)
{
	for (unsigned int i = 0; i < verdict->count; i++) {
		if (!strncmp(verdict->lines[i], start, strlen(start)) &&
		    strstr(verdict->lines[i], words))
			return true;
	}
	return false;
}

static struct verdict judge(enum behaviour_depends mapping, enum behaviour_depends filtering,
			    enum behaviour_allocation allocation)
{
	struct verdict_facts facts = { .ipv4 = { .passes = true,
						 .answered = true,
						 .mapping = mapping,
						 .filtering = filtering,
						 .allocation = allocation } };
	struct verdict verdict;

	verdict_make(&verdict, &facts);
	return verdict;
}

static void verdicts(void)
{
	struct verdict v = judge(BEHAVIOUR_ENDPOINT, BEHAVIOUR_ADDRESS, 0);

	CHECK(says(&v, "Direct:", "random port") && says(&v, "By a relay:", "UDP is blocked"));
	CHECK(!says(&v, "By a relay:", "random port"));
	v = judge(BEHAVIOUR_ENDPOINT, BEHAVIOUR_PORT, 0);
	CHECK(says(&v, "Direct:", "counts on") && says(&v, "By a relay:", "random port"));
	CHECK(!says(&v, "Whom the NAT lets in is not known", ""));
	v = judge(BEHAVIOUR_ENDPOINT, BEHAVIOUR_UNKNOWN, 0);
	CHECK(says(&v, "Whom the NAT lets in is not known", "strictest"));
	v = judge(BEHAVIOUR_PORT, BEHAVIOUR_PORT, BEHAVIOUR_SEQUENTIAL);
	CHECK(says(&v, "Direct:", "one port for all") && says(&v, "By a relay:", "counts on"));
	v = judge(BEHAVIOUR_EITHER, BEHAVIOUR_PORT, BEHAVIOUR_RANDOM);
	CHECK(says(&v, "Direct:", "open") && says(&v, "By a relay:", "one port for all"));
	v = judge(BEHAVIOUR_UNKNOWN, BEHAVIOUR_UNKNOWN, 0);
	CHECK(says(&v, "Which kind", "second STUN server"));
	CHECK(says(&v, "Direct:", "open") && !says(&v, "By a relay:", ""));
}

static void verdicts_beside(void)
{
	struct verdict_facts facts = { .ipv4 = { .passes = true,
						 .answered = true,
						 .mapping = BEHAVIOUR_PORT,
						 .allocation = BEHAVIOUR_RANDOM },
				       .ipv6 = { .passes = true,
						 .answered = true,
						 .mapping = BEHAVIOUR_NONE,
						 .filtering = BEHAVIOUR_PORT },
				       .port_mapped = true };
	struct verdict v;

	verdict_make(&v, &facts);
	CHECK(says(&v, "Direct:", "random port") && says(&v, "The router maps a port", ""));
	CHECK(says(&v, "Direct over IPv6:", ""));
	facts.ipv4 = (struct behaviour_result){ 0 };
	facts.port_mapped = false;
	verdict_make(&v, &facts);
	CHECK(says(&v, "No server answered over IPv4", "") && says(&v, "Direct over IPv6:", ""));
	CHECK(says(&v, "By a relay:", "without IPv6") && !says(&v, "UDP is blocked", ""));
	facts.ipv6 = (struct behaviour_result){ 0 };
	verdict_make(&v, &facts);
	CHECK(says(&v, "UDP is blocked or the servers are down", ""));
	CHECK(says(&v, "By a relay:", "443") && !says(&v, "Direct", ""));
	facts.ipv4.passes = facts.ipv4.answered = true;
	facts.ipv4.hairpin = BEHAVIOUR_YES;
	verdict_make(&v, &facts);
	CHECK(says(&v, "Direct: parties behind this same NAT", ""));
}

static const struct unit_test tests[] = {
	{ "behaviour: each class of NAT", classes },
	{ "behaviour: the public address", public_address },
	{ "behaviour: sequential ports", sequential },
	{ "behaviour: hairpin", hairpin },
	{ "behaviour: plain servers", plain_servers },
	{ "behaviour: servers that cannot", servers_that_cannot },
	{ "behaviour: UDP blocked", blocked },
	{ "behaviour: loss", loss },
	{ "behaviour: foreign datagrams", foreign_datagrams },
	{ "behaviour: verdicts", verdicts },
	{ "behaviour: verdicts with more", verdicts_beside },
	{ 0 },
};
UNIT_TESTS(tests)
