// SPDX-License-Identifier: GPL-2.0
#include "addr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <linux/mpcnet.h>

#include "number.h"

/* Find the host's length in "host:port" or "[host]:port". */
static int host_span(const char *text, size_t *start, size_t *len, struct mpcnet_err *err)
{
	const char *end;

	if (text[0] == '[') {
		end = strchr(text, ']');
		if (!end || end[1] != ':')
			return mpcnet_err_set(err, "expected [IPV6]:PORT, got \"%s\"", text);
		*start = 1;
		*len = (size_t)(end - text) - 1;
		return 0;
	}
	end = strrchr(text, ':');
	if (!end)
		return mpcnet_err_set(err, "expected HOST:PORT, got \"%s\" without a port", text);
	if (memchr(text, ':', (size_t)(end - text)))
		return mpcnet_err_set(err, "expected [IPV6]:PORT with brackets, got \"%s\"", text);
	*start = 0;
	*len = (size_t)(end - text);
	return 0;
}

/**
 * mpcnet_host_parse() - take "HOST:PORT" or "[IPV6]:PORT" apart
 * @host: gets the parts
 * @text: the text
 * @err: says what was expected
 *
 * Return: 0, or -1.
 */
int mpcnet_host_parse(struct mpcnet_host *host, const char *text, struct mpcnet_err *err)
{
	size_t start = 0, len = 0;
	uint64_t port;

	if (host_span(text, &start, &len, err))
		return -1;
	if (len == 0 || len > MPCNET_HOST_MAX)
		return mpcnet_err_set(err, "the host has to have 1 to 255 characters in \"%.64s\"",
				      text);
	host->literal = start == 1;
	memcpy(host->name, text + start, len);
	host->name[len] = '\0';
	if (strpbrk(host->name, " \t\r\n[]"))
		return mpcnet_err_set(err, "expected HOST:PORT, got \"%s\"", text);
	text += start + len + (host->literal ? 2 : 1);
	if (!mpcnet_number_parse(&port, text, 1, 65535))
		return mpcnet_err_set(err, "expected a port from 1 to 65535, got \"%s\"", text);
	snprintf(host->port, sizeof(host->port), "%u", (unsigned int)(port & 0xffff));
	return 0;
}

/**
 * mpcnet_endpoint_equal() - do both mean the same address and port?
 * @a: one
 * @b: the other
 *
 * Return: true if so.
 */
bool mpcnet_endpoint_equal(const union mpcnet_endpoint *a, const union mpcnet_endpoint *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_port == b->in.sin_port &&
		       a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	if (a->sa.sa_family == AF_INET6)
		return a->in6.sin6_port == b->in6.sin6_port &&
		       a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
		       !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
	return true;
}

/**
 * mpcnet_endpoint_len() - bytes of the socket address
 * @endpoint: the endpoint
 *
 * Return: its length, 0 if there is none.
 */
size_t mpcnet_endpoint_len(const union mpcnet_endpoint *endpoint)
{
	if (endpoint->sa.sa_family == AF_INET)
		return sizeof(endpoint->in);
	if (endpoint->sa.sa_family == AF_INET6)
		return sizeof(endpoint->in6);
	return 0;
}

/**
 * mpcnet_endpoint_format() - spell an endpoint so that it can be read again
 * @text: gets it; empty if there is none
 * @endpoint: the endpoint
 */
void mpcnet_endpoint_format(char text[MPCNET_ENDPOINT_TEXT], const union mpcnet_endpoint *endpoint)
{
	char addr[INET6_ADDRSTRLEN], ifname[IF_NAMESIZE], scope[IF_NAMESIZE + 1] = "";

	text[0] = '\0';
	if (endpoint->sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &endpoint->in.sin_addr, addr, sizeof(addr));
		snprintf(text, MPCNET_ENDPOINT_TEXT, "%s:%u", addr, ntohs(endpoint->in.sin_port));
	} else if (endpoint->sa.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &endpoint->in6.sin6_addr, addr, sizeof(addr));
		if (endpoint->in6.sin6_scope_id &&
		    if_indextoname(endpoint->in6.sin6_scope_id, ifname))
			snprintf(scope, sizeof(scope), "%%%s", ifname);
		else if (endpoint->in6.sin6_scope_id)
			snprintf(scope, sizeof(scope), "%%%u", endpoint->in6.sin6_scope_id);
		snprintf(text, MPCNET_ENDPOINT_TEXT, "[%s%s]:%u", addr, scope,
			 ntohs(endpoint->in6.sin6_port));
	}
}

/* The bits behind the prefix say nothing about it. */
static void mask_host_bits(struct mpcnet_allowedip *ip)
{
	for (unsigned int i = 0; i < sizeof(ip->addr); i++) {
		unsigned int keep = ip->cidr > 8 * i ? ip->cidr - 8 * i : 0;

		if (keep < 8)
			ip->addr[i] &= (uint8_t)(0xff00 >> keep);
	}
}

/**
 * mpcnet_allowedip_parse() - read "ADDRESS[/LENGTH]", behind "+" or "-" if wanted
 * @ip: gets it, with the bits behind the prefix set to 0
 * @text: the text, which needs no 0 at its end
 * @len: its length
 *
 * Return: false if that is no prefix. The flags say whether "-" was there.
 */
bool mpcnet_allowedip_parse(struct mpcnet_allowedip *ip, const char *text, size_t len)
{
	char addr[MPCNET_ALLOWEDIP_TEXT];
	uint64_t cidr;
	char *slash;

	memset(ip, 0, sizeof(*ip));
	if (len && (text[0] == '+' || text[0] == '-')) {
		ip->flags = text[0] == '-' ? MPCNET_ALLOWEDIP_F_REMOVE_ME : 0;
		text++;
		len--;
	}
	if (len >= sizeof(addr) || memchr(text, '\0', len))
		return false;
	memcpy(addr, text, len);
	addr[len] = '\0';
	slash = strchr(addr, '/');
	if (slash)
		*slash++ = '\0';
	ip->family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	cidr = ip->family == AF_INET6 ? 128 : 32;
	if (inet_pton(ip->family, addr, ip->addr) != 1 ||
	    (slash && !mpcnet_number_parse(&cidr, slash, 0, cidr)))
		return false;
	ip->cidr = (uint8_t)cidr;
	mask_host_bits(ip);
	return true;
}

/**
 * mpcnet_allowedip_equal() - do both mean the same prefix?
 * @a: one
 * @b: the other
 *
 * Return: true if so, whatever their flags.
 */
bool mpcnet_allowedip_equal(const struct mpcnet_allowedip *a, const struct mpcnet_allowedip *b)
{
	return a->family == b->family && a->cidr == b->cidr && !memcmp(a->addr, b->addr, 16);
}

/**
 * mpcnet_allowedip_format() - spell a prefix so that it can be read again
 * @text: gets it
 * @ip: the prefix
 */
void mpcnet_allowedip_format(char text[MPCNET_ALLOWEDIP_TEXT], const struct mpcnet_allowedip *ip)
{
	char addr[INET6_ADDRSTRLEN] = "?";

	inet_ntop(ip->family, ip->addr, addr, sizeof(addr));
	snprintf(text, MPCNET_ALLOWEDIP_TEXT, "%s/%u", addr, ip->cidr);
}
