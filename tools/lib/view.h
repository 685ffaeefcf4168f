/* SPDX-License-Identifier: GPL-2.0 */
/* A session as programs want to know it: who is where. */
#ifndef MPCNET_VIEW_H
#define MPCNET_VIEW_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>

#include <json-c/json.h>

#include "card.h"

/* The port of party 0, unless another is said; MPyC's own choice */
#define VIEW_PORT 11365
/* Highest for party 0, so that two for each party are below 65536 */
#define VIEW_PORT_MAX (65535 - 2 * PARTIES_MAX)

/**
 * struct view_party - a party, as programs want to know it
 * @name: its name; may be empty
 * @address: inside, IPv4
 * @address6: inside, IPv6
 */
struct view_party {
	char name[CARD_NAME_MAX + 1];
	char address[INET_ADDRSTRLEN];
	char address6[INET6_ADDRSTRLEN];
};

/**
 * struct session_view - a session, as programs want to know it
 * @session: its name
 * @interface: by which the others are reached
 * @parties: all, in the order that is the same everywhere
 * @count: how many
 * @self: which of them is this one
 * @port: TCP port of party 0; party i has the port i behind it
 */
struct session_view {
	char session[64];
	char interface[IF_NAMESIZE];
	struct view_party parties[PARTIES_MAX];
	unsigned int count;
	unsigned int self;
	uint16_t port;
};

int view_parse(struct session_view *view, struct json_object *session, struct mpcnet_err *err);
unsigned int view_port(const struct session_view *view, unsigned int party);

#endif /* MPCNET_VIEW_H */
