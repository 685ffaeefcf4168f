// SPDX-License-Identifier: GPL-2.0
#include "candidate.h"

#include <string.h>

#include <arpa/inet.h>

/* Is the address, in host order, inside the prefix? */
static bool inside(uint32_t address, uint32_t prefix, unsigned int len)
{
	return !((address ^ prefix) >> (32 - len));
}

static bool in4_is_usable(uint32_t address)
{
	return !inside(address, 0x00000000, 8) && !inside(address, 0x7f000000, 8) &&
	       !inside(address, 0xe0000000, 4) && address != INADDR_BROADCAST;
}

static bool in4_is_private(uint32_t address)
{
	return inside(address, 0x0a000000, 8) || inside(address, 0xac100000, 12) ||
	       inside(address, 0xc0a80000, 16) || inside(address, 0x64400000, 10) ||
	       inside(address, 0xa9fe0000, 16);
}

static bool in6_is_usable(const struct in6_addr *address)
{
	return !IN6_IS_ADDR_UNSPECIFIED(address) && !IN6_IS_ADDR_LOOPBACK(address) &&
	       !IN6_IS_ADDR_MULTICAST(address) && !IN6_IS_ADDR_LINKLOCAL(address);
}

/**
 * endpoint_unmap() - an IPv4 address in IPv6's clothes becomes one of IPv4
 * @address: the endpoint; others than ::ffff:a.b.c.d (RFC 4291 section
 * 2.5.5.2) stay as they are
 */
void endpoint_unmap(union mpcnet_endpoint *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (address->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr))
		return;
	in.sin_port = address->in6.sin6_port;
	memcpy(&in.sin_addr, address->in6.sin6_addr.s6_addr + 12, 4);
	memset(address, 0, sizeof(*address));
	address->in = in;
}

/**
 * endpoint_is_usable() - may another party send there?
 * @address: the endpoint
 *
 * Return: false if there is no address or no port, and for the unspecified,
 * loopback, multicast, broadcast, and IPv6 link-local addresses, which mean
 * nothing to others or more than one.
 */
bool endpoint_is_usable(const union mpcnet_endpoint *address)
{
	union mpcnet_endpoint plain = *address;

	endpoint_unmap(&plain);
	if (plain.sa.sa_family == AF_INET)
		return plain.in.sin_port && in4_is_usable(ntohl(plain.in.sin_addr.s_addr));
	if (plain.sa.sa_family == AF_INET6)
		return plain.in6.sin6_port && in6_is_usable(&plain.in6.sin6_addr);
	return false;
}

/**
 * endpoint_is_private() - is this an address that only its own network knows?
 * @address: the endpoint, of which the port is not looked at
 *
 * Return: true for those of RFC 1918, of carriers' NATs (RFC 6598), IPv4
 * link-local (RFC 3927) and IPv6 unique local (RFC 4193) addresses.
 */
bool endpoint_is_private(const union mpcnet_endpoint *address)
{
	union mpcnet_endpoint plain = *address;

	endpoint_unmap(&plain);
	if (plain.sa.sa_family == AF_INET)
		return in4_is_private(ntohl(plain.in.sin_addr.s_addr));
	if (plain.sa.sa_family == AF_INET6)
		return (plain.in6.sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
	return false;
}

/**
 * endpoint_same_host() - do both have the same address, whatever their ports?
 * @a: one
 * @b: the other
 *
 * Return: true if so; false if one of them has no address.
 */
bool endpoint_same_host(const union mpcnet_endpoint *a, const union mpcnet_endpoint *b)
{
	union mpcnet_endpoint x = *a, y = *b;

	endpoint_unmap(&x);
	endpoint_unmap(&y);
	if (x.sa.sa_family == AF_INET)
		x.in.sin_port = y.in.sin_port;
	else if (x.sa.sa_family == AF_INET6)
		x.in6.sin6_port = y.in6.sin6_port;
	else
		return false;
	return mpcnet_endpoint_equal(&x, &y);
}

/* The family, address and port, and nothing of what else a socket address holds. */
static union mpcnet_endpoint bare(const union mpcnet_endpoint *address)
{
	union mpcnet_endpoint plain = *address, result = { 0 };

	endpoint_unmap(&plain);
	result.sa.sa_family = plain.sa.sa_family;
	if (plain.sa.sa_family == AF_INET) {
		result.in.sin_port = plain.in.sin_port;
		result.in.sin_addr = plain.in.sin_addr;
	} else {
		result.in6.sin6_port = plain.in6.sin6_port;
		result.in6.sin6_addr = plain.in6.sin6_addr;
	}
	return result;
}

/**
 * candidates_add() - one more address, unless it is there or of no use
 * @c: gets it, behind those of its type
 * @type: how it was found
 * @address: where; ::ffff:a.b.c.d becomes a.b.c.d
 *
 * An address that is there as one of another type is redundant too, RFC 8445
 * section 5.1.3.
 *
 * Return: true if it was added.
 */
bool candidates_add(struct candidates *c, enum candidate_type type,
		    const union mpcnet_endpoint *address)
{
	union mpcnet_endpoint plain;
	unsigned int at = 0;

	if (c->count >= CANDIDATES_MAX || type > CANDIDATE_RELAYED || !endpoint_is_usable(address))
		return false;
	plain = bare(address);
	for (unsigned int i = 0; i < c->count; i++) {
		if (mpcnet_endpoint_equal(&c->at[i].address, &plain))
			return false;
		if (c->at[i].type <= type)
			at = i + 1;
	}
	memmove(&c->at[at + 1], &c->at[at], (c->count - at) * sizeof(c->at[0]));
	c->at[at] = (struct candidate){ .type = type, .address = plain };
	c->count++;
	return true;
}

/**
 * candidates_have_relay() - is there a relayed one among them?
 * @c: the candidates
 *
 * Return: true if so.
 */
bool candidates_have_relay(const struct candidates *c)
{
	for (unsigned int i = 0; i < c->count; i++) {
		if (c->at[i].type == CANDIDATE_RELAYED)
			return true;
	}
	return false;
}

/**
 * candidates_are_hidden() - does nobody outside of its network know the party?
 * @c: the candidates
 *
 * Return: true if all addresses but a relay's are private ones.
 */
bool candidates_are_hidden(const struct candidates *c)
{
	for (unsigned int i = 0; i < c->count; i++) {
		if (c->at[i].type != CANDIDATE_RELAYED && !endpoint_is_private(&c->at[i].address))
			return false;
	}
	return true;
}

/**
 * candidate_type_name() - the word for how an address was found
 * @type: of enum candidate_type
 *
 * Return: the word.
 */
const char *candidate_type_name(enum candidate_type type)
{
	static const char *const names[] = {
		[CANDIDATE_HOST] = "host",
		[CANDIDATE_MAPPED] = "mapped",
		[CANDIDATE_REFLEXIVE] = "reflexive",
		[CANDIDATE_RELAYED] = "relayed",
	};

	return type <= CANDIDATE_RELAYED ? names[type] : "unknown";
}
