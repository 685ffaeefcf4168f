/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_ADDR_H
#define MPCNET_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include "err.h"

/* Longest name of a host that DNS allows, RFC 1035 section 2.3.4. */
#define MPCNET_HOST_MAX 255
/* "[", an IPv6 address, "%", a scope, "]:65535" and a 0. */
#define MPCNET_ENDPOINT_TEXT 96
/* An IPv6 address, "/128" and a 0. */
#define MPCNET_ALLOWEDIP_TEXT 52

/**
 * union mpcnet_endpoint - address and port of the outer packets
 * @sa: family, 0 if there is none
 * @in: IPv4
 * @in6: IPv6
 */
union mpcnet_endpoint {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/**
 * struct mpcnet_host - an endpoint as a person spells it
 * @name: name or address of the host, without brackets
 * @port: port, 1 to 65535, decimal
 * @literal: was in brackets, so that it must be an IPv6 address
 */
struct mpcnet_host {
	char name[MPCNET_HOST_MAX + 1];
	char port[6];
	bool literal;
};

/**
 * struct mpcnet_allowedip - one prefix of a peer
 * @addr: 4 or 16 bytes in network order, the rest zero
 * @family: AF_INET or AF_INET6
 * @cidr: length of the prefix
 * @flags: of enum mpcnet_allowedip_flag
 */
struct mpcnet_allowedip {
	uint8_t addr[16];
	uint16_t family;
	uint8_t cidr;
	uint32_t flags;
};

int mpcnet_host_parse(struct mpcnet_host *host, const char *text, struct mpcnet_err *err);
bool mpcnet_endpoint_equal(const union mpcnet_endpoint *a, const union mpcnet_endpoint *b);
size_t mpcnet_endpoint_len(const union mpcnet_endpoint *endpoint);
void mpcnet_endpoint_format(char text[MPCNET_ENDPOINT_TEXT], const union mpcnet_endpoint *endpoint);
bool mpcnet_allowedip_parse(struct mpcnet_allowedip *ip, const char *text, size_t len);
bool mpcnet_allowedip_equal(const struct mpcnet_allowedip *a, const struct mpcnet_allowedip *b);
void mpcnet_allowedip_format(char text[MPCNET_ALLOWEDIP_TEXT], const struct mpcnet_allowedip *ip);

#endif /* MPCNET_ADDR_H */
