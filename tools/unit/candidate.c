// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "candidate.h"

static union mpcnet_endpoint endpoint(const char *text, uint16_t port)
{
	union mpcnet_endpoint address = { 0 };

	if (inet_pton(AF_INET, text, &address.in.sin_addr) == 1) {
		address.in.sin_family = AF_INET;
		address.in.sin_port = htons(port);
		return address;
	}
	CHECK(inet_pton(AF_INET6, text, &address.in6.sin6_addr) == 1);
	address.in6.sin6_family = AF_INET6;
	address.in6.sin6_port = htons(port);
	return address;
}

/* Check one question on a list of addresses that ends in NULL. */
static void ask(bool (*question)(const union mpcnet_endpoint *), const char *const *list, bool want)
{
	for (; *list; list++) {
		union mpcnet_endpoint address = endpoint(*list, 51820);
		bool got = question(&address);

		CHECK(got == want);
		if (got != want)
			printf("# %s\n", *list);
	}
}

static void usable(void)
{
	static const char *const yes[] = {
		"1.0.0.0",     "126.255.255.255",  "128.0.0.0", "223.255.255.255",
		"169.254.1.1", "2001:db8::1",	   "fc00::1",	"::2",
		"fec0::1",     "::ffff:192.0.2.1", NULL,
	};
	static const char *const no[] = {
		"0.0.0.0",    "0.1.2.3",	  "127.0.0.1", "127.255.255.255",
		"224.0.0.0",  "239.1.2.3",	  "::",	       "255.255.255.255",
		"::1",	      "ff02::1",	  "fe80::1",   "febf:ffff::1",
		"::ffff:0:0", "::ffff:127.0.0.1", NULL,
	};
	union mpcnet_endpoint none = { 0 }, four = endpoint("192.0.2.1", 0);
	union mpcnet_endpoint six = endpoint("2001:db8::1", 0);

	ask(endpoint_is_usable, yes, true);
	ask(endpoint_is_usable, no, false);
	CHECK(!endpoint_is_usable(&none));
	CHECK(!endpoint_is_usable(&four));
	CHECK(!endpoint_is_usable(&six));
}

static void private(void)
{
	static const char *const yes[] = {
		"10.0.0.0",	   "10.255.255.255",
		"172.16.0.0",	   "172.31.255.255",
		"192.168.0.0",	   "100.64.0.0",
		"192.168.255.255", "169.254.0.0",
		"100.127.255.255", "169.254.255.255",
		"fc00::",	   "fdff:ffff::1",
		"::ffff:10.1.2.3", NULL,
	};
	static const char *const no[] = {
		"9.255.255.255",  "11.0.0.0",	     "172.15.255.255",
		"172.32.0.0",	  "192.167.255.255", "192.169.0.0",
		"100.63.255.255", "100.128.0.0",     "169.253.255.255",
		"169.255.0.0",	  "fbff::1",	     "fe00::1",
		"2001:db8::1",	  "::ffff:8.8.8.8",  NULL,
	};
	union mpcnet_endpoint none = { 0 };

	ask(endpoint_is_private, yes, true);
	ask(endpoint_is_private, no, false);
	CHECK(!endpoint_is_private(&none));
}

static void unmap(void)
{
	union mpcnet_endpoint mapped = endpoint("::ffff:192.0.2.33", 4242);
	union mpcnet_endpoint four = endpoint("192.0.2.33", 4242);
	union mpcnet_endpoint six = endpoint("::fffe:192.0.2.33", 4242), same = six;

	endpoint_unmap(&mapped);
	CHECK(mapped.sa.sa_family == AF_INET);
	CHECK(!memcmp(&mapped, &four, sizeof(four)));
	endpoint_unmap(&four);
	CHECK(!memcmp(&mapped, &four, sizeof(four)));
	endpoint_unmap(&same);
	CHECK(!memcmp(&same, &six, sizeof(six)));
}

static void same_host(void)
{
	union mpcnet_endpoint a = endpoint("192.0.2.1", 1), b = endpoint("192.0.2.1", 2);
	union mpcnet_endpoint c = endpoint("192.0.2.2", 1), m = endpoint("::ffff:192.0.2.1", 3);
	union mpcnet_endpoint x = endpoint("2001:db8::1", 1), y = endpoint("2001:db8::1", 2);
	union mpcnet_endpoint z = endpoint("2001:db8::2", 1), none = { 0 };

	CHECK(endpoint_same_host(&a, &b));
	CHECK(!endpoint_same_host(&a, &c));
	CHECK(endpoint_same_host(&a, &m));
	CHECK(endpoint_same_host(&x, &y));
	CHECK(!endpoint_same_host(&x, &z));
	CHECK(!endpoint_same_host(&a, &x));
	CHECK(!endpoint_same_host(&none, &none));
	CHECK(!endpoint_same_host(&a, &none));
	CHECK(!endpoint_same_host(&none, &a));
}

static bool add(struct candidates *c, enum candidate_type type, const char *text, uint16_t port)
{
	union mpcnet_endpoint address = endpoint(text, port);

	return candidates_add(c, type, &address);
}

static bool is(const struct candidate *c, enum candidate_type type, const char *text, uint16_t port)
{
	union mpcnet_endpoint address = endpoint(text, port);

	return c->type == type && mpcnet_endpoint_equal(&c->address, &address);
}

static void order(void)
{
	struct candidates c = { 0 };

	CHECK(add(&c, CANDIDATE_RELAYED, "198.51.100.1", 1));
	CHECK(add(&c, CANDIDATE_HOST, "10.0.0.1", 2));
	CHECK(add(&c, CANDIDATE_REFLEXIVE, "203.0.113.1", 3));
	CHECK(add(&c, CANDIDATE_HOST, "2001:db8::1", 2));
	CHECK(add(&c, CANDIDATE_MAPPED, "203.0.113.1", 4));
	CHECK(add(&c, CANDIDATE_RELAYED, "198.51.100.1", 5));
	CHECK(c.count == 6);
	CHECK(is(&c.at[0], CANDIDATE_HOST, "10.0.0.1", 2));
	CHECK(is(&c.at[1], CANDIDATE_HOST, "2001:db8::1", 2));
	CHECK(is(&c.at[2], CANDIDATE_MAPPED, "203.0.113.1", 4));
	CHECK(is(&c.at[3], CANDIDATE_REFLEXIVE, "203.0.113.1", 3));
	CHECK(is(&c.at[4], CANDIDATE_RELAYED, "198.51.100.1", 1));
	CHECK(is(&c.at[5], CANDIDATE_RELAYED, "198.51.100.1", 5));
}

static void not_added(void)
{
	struct candidates c = { 0 };

	CHECK(add(&c, CANDIDATE_HOST, "192.0.2.1", 7));
	CHECK(!add(&c, CANDIDATE_HOST, "192.0.2.1", 7));
	CHECK(!add(&c, CANDIDATE_REFLEXIVE, "192.0.2.1", 7));
	CHECK(!add(&c, CANDIDATE_HOST, "::ffff:192.0.2.1", 7));
	CHECK(!add(&c, CANDIDATE_HOST, "127.0.0.1", 7));
	CHECK(!add(&c, CANDIDATE_HOST, "192.0.2.2", 0));
	CHECK(!add(&c, (enum candidate_type)(CANDIDATE_RELAYED + 1), "192.0.2.2", 7));
	CHECK(c.count == 1);
	for (uint16_t port = 8; c.count < CANDIDATES_MAX; port++)
		CHECK(add(&c, CANDIDATE_HOST, "192.0.2.1", port));
	CHECK(!add(&c, CANDIDATE_HOST, "192.0.2.2", 7));
	CHECK(c.count == CANDIDATES_MAX);
}

/* What a socket address holds beside address and port does not leave the machine. */
static void bare(void)
{
	union mpcnet_endpoint six = endpoint("2001:db8::1", 7), plain = six;
	struct candidates c = { 0 };

	six.in6.sin6_scope_id = 3;
	six.in6.sin6_flowinfo = 4;
	CHECK(candidates_add(&c, CANDIDATE_HOST, &six));
	CHECK(!memcmp(&c.at[0].address, &plain, sizeof(plain)));
	CHECK(!candidates_add(&c, CANDIDATE_HOST, &plain));
}

static void names(void)
{
	CHECK(!strcmp(candidate_type_name(CANDIDATE_HOST), "host"));
	CHECK(!strcmp(candidate_type_name(CANDIDATE_MAPPED), "mapped"));
	CHECK(!strcmp(candidate_type_name(CANDIDATE_REFLEXIVE), "reflexive"));
	CHECK(!strcmp(candidate_type_name(CANDIDATE_RELAYED), "relayed"));
}

static const struct unit_test tests[] = {
	{ "candidate: addresses of use", usable },
	{ "candidate: private addresses", private },
	{ "candidate: IPv4 in IPv6", unmap },
	{ "candidate: the same host", same_host },
	{ "candidate: order of types", order },
	{ "candidate: what is not added", not_added },
	{ "candidate: nothing but address and port", bare },
	{ "candidate: names of the types", names },
	{ 0 },
};
UNIT_TESTS(tests)
