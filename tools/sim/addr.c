// SPDX-License-Identifier: GPL-2.0
/* Addresses of the simulated network, and what the agent calls them. */
#include "sim.h"

#include <stdio.h>

#include <arpa/inet.h>

/**
 * addr_same_host() - is it one host?
 * @a: an address
 * @b: another
 *
 * Return: true if they differ in the port at most.
 */
bool addr_same_host(const struct addr *a, const struct addr *b)
{
	return a->host == b->host && a->six == b->six;
}

/**
 * addr_equal() - is it one address?
 * @a: an address
 * @b: another
 *
 * Return: true if so.
 */
bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_same_host(a, b) && a->port == b->port;
}

/**
 * addr_of() - the simulated address that an agent means
 * @endpoint: what it says
 *
 * Return: the address.
 */
struct addr addr_of(const union mpcnet_endpoint *endpoint)
{
	struct addr addr = { .six = endpoint->sa.sa_family == AF_INET6 };

	addr.port = ntohs(addr.six ? endpoint->in6.sin6_port : endpoint->in.sin_port);
	addr.host = ntohl(addr.six ? endpoint->in6.sin6_addr.s6_addr32[3] :
				     endpoint->in.sin_addr.s_addr);
	return addr;
}

/**
 * addr_endpoint() - what an agent calls a simulated address
 * @addr: the address
 *
 * Return: the endpoint.
 */
union mpcnet_endpoint addr_endpoint(const struct addr *addr)
{
	union mpcnet_endpoint endpoint = { 0 };

	if (addr->six) {
		endpoint.in6.sin6_family = AF_INET6;
		endpoint.in6.sin6_port = htons(addr->port);
		endpoint.in6.sin6_addr.s6_addr32[0] = htonl(0x20010db8);
		endpoint.in6.sin6_addr.s6_addr32[3] = htonl(addr->host);
	} else {
		endpoint.in.sin_family = AF_INET;
		endpoint.in.sin_port = htons(addr->port);
		endpoint.in.sin_addr.s_addr = htonl(addr->host);
	}
	return endpoint;
}

/**
 * path_same() - is it one path?
 * @a: a path
 * @b: another
 *
 * Return: true if so; false if there is none.
 */
bool path_same(const struct agent_path *a, const struct agent_path *b)
{
	return a->remote.sa.sa_family && a->via == b->via &&
	       mpcnet_endpoint_equal(&a->remote, &b->remote);
}

/**
 * path_text() - a path in words
 * @text: gets them
 * @path: the path
 *
 * Return: @text.
 */
const char *path_text(char text[MPCNET_ENDPOINT_TEXT + 8], const struct agent_path *path)
{
	char remote[MPCNET_ENDPOINT_TEXT] = "none";

	if (path->remote.sa.sa_family)
		mpcnet_endpoint_format(remote, &path->remote);
	snprintf(text, MPCNET_ENDPOINT_TEXT + 8, "%s%s", path->via == AGENT_RELAY ? "relay:" : "",
		 remote);
	return text;
}
