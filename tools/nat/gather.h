/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What STUN servers (RFC 8489) tell of our NAT: reflexive addresses, and how
 * it chooses ports. As all of this folder it has neither socket nor clock.
 */
#ifndef MPCNET_GATHER_H
#define MPCNET_GATHER_H

#include "candidate.h"
#include "stun.h"

#define GATHER_SERVERS_MAX 8

/**
 * struct gather_ops - what it asks of its owner
 * @send: send @len bytes to a server, from the socket of the session
 * @changed: the results are others, or complete
 */
struct gather_ops {
	void (*send)(void *arg, const union mpcnet_endpoint *server, const void *data, size_t len);
	void (*changed)(void *arg);
};

/**
 * struct gather_server - a STUN server
 * @address: where it is
 * @id: transaction that is not answered yet
 * @mapped: what it saw; family 0 if it never answered
 * @next: when the next request is due
 * @first: when the first request of this exchange was sent, 0 for none
 * @pause: until a request is sent again
 * @asked: an answer to @id is waited for
 * @silent: it did not answer in time
 */
struct gather_server {
	union mpcnet_endpoint address;
	uint8_t id[STUN_ID_LEN];
	union mpcnet_endpoint mapped;
	uint64_t next;
	uint64_t first;
	uint64_t pause;
	bool asked;
	bool silent;
};

/**
 * struct gather - what is known
 * @ops: what it asks of its owner
 * @arg: the owner's
 * @done: every server has answered, or had its time
 * @hops: routers that the nearest answer passed, 0 if not known
 * @count: how many servers
 * @servers: the servers
 */
struct gather {
	const struct gather_ops *ops;
	void *arg;
	bool done;
	unsigned int hops;
	unsigned int count;
	struct gather_server servers[GATHER_SERVERS_MAX];
};

/* Times are microseconds of one monotonic clock; UINT64_MAX is never. */
void gather_init(struct gather *gather, const struct gather_ops *ops, void *arg);
bool gather_add_server(struct gather *gather, uint64_t now, const union mpcnet_endpoint *server);
void gather_restart(struct gather *gather, uint64_t now);
void gather_tick(struct gather *gather, uint64_t now);
uint64_t gather_deadline(const struct gather *gather);
bool gather_input(struct gather *gather, uint64_t now, const union mpcnet_endpoint *from,
		  unsigned int ttl, const void *data, size_t len);
bool gather_silent(const struct gather *gather);
enum nat_mapping gather_mapping(const struct gather *gather, const struct candidates *hosts);
void gather_candidates(const struct gather *gather, struct candidates *c);

#endif /* MPCNET_GATHER_H */
