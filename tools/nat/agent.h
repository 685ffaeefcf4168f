/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The agent finds a path to every other party of a session, and keeps it. It
 * has neither socket nor clock: its owner carries its datagrams, tells the
 * time, and hands the chosen paths to the kernel.
 *
 *	agent_add()		a party's card came, or a later one
 *	  path_expand()		its candidates become paths to try (path.c)
 *	agent_tick()		checks are sent as the bucket allows
 *	  link_send()		one of them (link.c, check.c)
 *	agent_input()		a check, or the answer to ours
 *	  link_answered()	the path is valid
 *	    link_choose()	the best valid one is nominated
 *	      ops->use()	and used
 */
#ifndef MPCNET_AGENT_H
#define MPCNET_AGENT_H

#include <linux/mpcnet.h>

#include "candidate.h"
#include "stun.h"

#define AGENT_REASON_MAX 256

struct agent;

enum agent_via {
	AGENT_DIRECT, /* our socket */
	AGENT_RELAY,  /* our allocation on a TURN server */
};

/* What kind of way a path is, the better the lower. */
enum path_class {
	PATH_LOCAL, /* between their own addresses: no NAT to keep open */
	PATH_DIRECT,
	PATH_RELAYED, /* one relay */
	PATH_RELAYED_TWICE,
};

enum link_state {
	LINK_WAITING, /* no card yet */
	LINK_CONNECTING,
	LINK_DIRECT,
	LINK_RELAYED,
	LINK_FAILED, /* for now: it is tried again */
};

/**
 * struct agent_path - a way to a party
 * @via: what it leaves by
 * @remote: where to
 */
struct agent_path {
	enum agent_via via;
	union mpcnet_endpoint remote;
};

/**
 * struct agent_ops - what an agent asks of its owner
 * @send: send @len bytes by @path; @ttl hops at most, 0 for the system's
 * @use: from now on @path is the way to @party; NULL: none is known
 * @bind: have the relay make a channel to @peer; the answer is agent_bound()
 * @permit: have the relay let datagrams of @peer's host pass
 * @doubt: a path by the relay has fallen silent: is the relay still there?
 * @seen: @party sees our datagrams come from @mapped
 * @changed: the state, or the reason, of the link to @party is another
 */
struct agent_ops {
	void (*send)(void *arg, const struct agent_path *path, unsigned int ttl, const void *data,
		     size_t len);
	void (*use)(void *arg, unsigned int party, const struct agent_path *path);
	void (*bind)(void *arg, const union mpcnet_endpoint *peer);
	void (*permit)(void *arg, const union mpcnet_endpoint *peer);
	void (*doubt)(void *arg);
	void (*seen)(void *arg, unsigned int party, const union mpcnet_endpoint *mapped);
	void (*changed)(void *arg, unsigned int party);
};

/**
 * struct agent_conf - what is the same as long as an agent lives
 * @self: our place among the parties
 * @parties: how many
 * @roster: hash of the roster; zeros until there is one
 * @seed: of the random numbers, 0 for the system's; a simulation repeats by it
 * @rate: checks a second in all, 0 for the default
 * @relays: the ticket names relays, whether they work or not
 * @wall: what to add to a time to have that of the calendar, in microseconds:
 * both ends of a link try again at the same moments of it
 */
struct agent_conf {
	unsigned int self;
	unsigned int parties;
	uint8_t roster[STUN_ROSTER_LEN];
	uint64_t seed;
	unsigned int rate;
	bool relays;
	uint64_t wall;
};

/**
 * struct agent_peer - what is known of another party
 * @key: of the pair, for the integrity of checks
 * @controlling: of the two, we choose the path; the other must not
 * @candidates: where the party may be reached
 */
struct agent_peer {
	uint8_t key[MPCNET_KEY_LEN];
	bool controlling;
	struct candidates candidates;
};

/**
 * struct agent_verdict - how a link is, and why
 * @state: of enum link_state
 * @path: in use; family 0 if none is
 * @class: of @path
 * @rtt: round trip in microseconds, 0 if not known
 * @reason: one sentence
 */
struct agent_verdict {
	enum link_state state;
	struct agent_path path;
	enum path_class class;
	uint32_t rtt;
	char reason[AGENT_REASON_MAX];
};

/**
 * struct agent_try - a path that was tried, for agent_tried()
 * @path: the path
 * @class: its kind
 * @type: of the candidate that it leads to
 * @sent: checks sent
 * @answered: checks answered
 * @rtt: round trip in microseconds, 0 if never answered
 * @valid: may be used
 * @selected: is used
 */
struct agent_try {
	struct agent_path path;
	enum path_class class;
	enum candidate_type type;
	unsigned int sent;
	unsigned int answered;
	uint32_t rtt;
	bool valid;
	bool selected;
};

/* Times are microseconds of one monotonic clock; UINT64_MAX is never. */
struct agent *agent_new(const struct agent_conf *conf, const struct agent_ops *ops, void *arg);
void agent_free(struct agent *agent);
void agent_set_self(struct agent *agent, uint64_t now, const struct candidates *self);
void agent_set_hops(struct agent *agent, unsigned int hops);
void agent_set_rosters(struct agent *agent, const uint8_t roster[STUN_ROSTER_LEN],
		       const uint8_t other[STUN_ROSTER_LEN]);
bool agent_add(struct agent *agent, uint64_t now, unsigned int party,
	       const struct agent_peer *peer);
void agent_remove(struct agent *agent, unsigned int party);
void agent_resume(struct agent *agent, uint64_t now, unsigned int party,
		  const struct agent_path *path);
bool agent_input(struct agent *agent, uint64_t now, const struct agent_path *from, const void *data,
		 size_t len);
void agent_bound(struct agent *agent, uint64_t now, const union mpcnet_endpoint *peer, bool ok);
void agent_moved(struct agent *agent, uint64_t now, unsigned int party,
		 const struct agent_path *path);
void agent_network_changed(struct agent *agent, uint64_t now);
void agent_relay_lost(struct agent *agent, uint64_t now);
void agent_tick(struct agent *agent, uint64_t now);
uint64_t agent_deadline(const struct agent *agent);
void agent_verdict(const struct agent *agent, unsigned int party, struct agent_verdict *verdict);
unsigned int agent_tried(const struct agent *agent, unsigned int party, struct agent_try *tries,
			 unsigned int room);

#endif /* MPCNET_AGENT_H */
