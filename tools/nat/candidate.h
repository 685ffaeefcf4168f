/* SPDX-License-Identifier: GPL-2.0 */
/* Where a party may be reached, RFC 8445 section 5.1.1. */
#ifndef MPCNET_CANDIDATE_H
#define MPCNET_CANDIDATE_H

#include "addr.h"

#define CANDIDATES_MAX 24

enum candidate_type {
	CANDIDATE_HOST,	     /* an address of its own */
	CANDIDATE_MAPPED,    /* of its router, asked for by UPnP, NAT-PMP or PCP */
	CANDIDATE_REFLEXIVE, /* of its NAT, as a STUN server or a party saw it */
	CANDIDATE_RELAYED,   /* of a TURN server */
};

/* How its NAT chooses the port of a mapping, RFC 4787 section 4.1. */
enum nat_mapping {
	NAT_UNKNOWN,
	NAT_NONE,	 /* the address is its own */
	NAT_INDEPENDENT, /* one port for all endpoints */
	NAT_DEPENDENT,	 /* another for each, not to be foreseen */
	NAT_SEQUENTIAL,	 /* another for each, the next one */
};

/**
 * struct candidate - one of them
 * @type: of enum candidate_type
 * @address: where
 */
struct candidate {
	enum candidate_type type;
	union mpcnet_endpoint address;
};

/**
 * struct candidates - all of a party
 * @mapping: of its NAT for IPv4, of enum nat_mapping
 * @udp_blocked: no STUN server answered: only the relay can be used
 * @count: how many
 * @at: the candidates, in order of their type
 */
struct candidates {
	enum nat_mapping mapping;
	bool udp_blocked;
	unsigned int count;
	struct candidate at[CANDIDATES_MAX];
};

/* candidate.c */
bool candidates_add(struct candidates *c, enum candidate_type type,
		    const union mpcnet_endpoint *address);
bool candidates_have_relay(const struct candidates *c);
bool candidates_are_hidden(const struct candidates *c);
const char *candidate_type_name(enum candidate_type type);
bool endpoint_is_private(const union mpcnet_endpoint *address);
bool endpoint_is_usable(const union mpcnet_endpoint *address);
bool endpoint_same_host(const union mpcnet_endpoint *a, const union mpcnet_endpoint *b);
void endpoint_unmap(union mpcnet_endpoint *address);

#endif /* MPCNET_CANDIDATE_H */
