/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_NAT_H
#define MPCNETCTL_NAT_H

#include "behaviour.h"
#include "portmap_line.h"

/* A check ends after 10 s: so much for names, 8 s for the servers. */
#define NAT_RESOLVE_MS 2000
#define NAT_TOTAL_MS 10000

enum nat_family {
	NAT_IPV4,
	NAT_IPV6,
	NAT_FAMILIES, /* their count */
};

/**
 * struct nat_server - a STUN server
 * @text: as a person spelt it
 * @host: its parts
 * @at: its addresses by enum nat_family, family 0 if it has none
 * @probe: request of the discovery that asks it, NULL if it is not asked
 * @err: why no address is known
 */
struct nat_server {
	const char *text;
	struct mpcnet_host host;
	union mpcnet_endpoint at[NAT_FAMILIES];
	const struct behaviour_probe *probe[NAT_FAMILIES];
	struct mpcnet_err err;
};

/**
 * struct nat_side - all that is of one family
 * @fds: two sockets, by enum behaviour_socket
 * @used: a server was asked
 * @behaviour: the discovery
 * @result: what it found
 */
struct nat_side {
	int fds[2];
	bool used;
	struct behaviour behaviour;
	struct behaviour_result result;
};

/**
 * struct nat_map - whether the router maps a port
 * @told: it is known
 * @line: what is; only PORTMAP_MAPPED means yes
 */
struct nat_map {
	bool told;
	struct portmap_line line;
};

/**
 * struct nat_check - a check
 * @json: JSON is wanted
 * @servers: the servers
 * @count: how many
 * @sides: by enum nat_family
 * @maps: by enum portmap_how
 * @ipv6: a global address of ours, family 0 if there is none
 */
struct nat_check {
	bool json;
	struct nat_server servers[BEHAVIOUR_SERVERS_MAX];
	unsigned int count;
	struct nat_side sides[NAT_FAMILIES];
	struct nat_map maps[PORTMAP_HOWS];
	union mpcnet_endpoint ipv6;
};

/* nat_resolve.c */
int nat_resolve(struct nat_check *check, struct mpcnet_err *err);

/* nat_run.c */
uint64_t nat_now(void);
int nat_run(struct nat_check *check, uint64_t end, struct mpcnet_err *err);

/* nat_portmap.c */
void nat_portmap_start(void);
void nat_portmap_finish(struct nat_check *check, uint64_t end);

typedef void nat_show_server(const struct nat_server *server, enum nat_family family, void *arg);

/* nat_show.c */
extern const char *const nat_hows[PORTMAP_HOWS];
const struct behaviour_result *nat_result(const struct nat_check *check);
const char *nat_depends_word(enum behaviour_depends depends);
const char *nat_allocation_word(enum behaviour_allocation allocation);
const char *nat_behind(const struct behaviour_result *result);
const char *nat_ipv6_word(const struct nat_check *check);
const char *nat_trouble(const struct nat_server *server, enum nat_family family);
void nat_each_server(const struct nat_check *check, nat_show_server *show, void *arg);
int nat_show(const struct nat_check *check);

/* nat_json.c */
int nat_show_json(const struct nat_check *check, const struct verdict *verdict);

#endif /* MPCNETCTL_NAT_H */
