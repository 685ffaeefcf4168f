/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network to try the agent in: one clock, which jumps from event to event,
 * and all chance from one seed, so that each run can be repeated.
 *
 *	agent --send()--> party.c --> net.c, up through the party's routers (nat.c)
 *	   --> the core, after delay, jitter and loss
 *	   --> net.c, down through the other's routers --> party.c --> agent
 *
 * What leaves by a relay goes through relay.c in place of the party's routers:
 * its way to its relay is held open by others (TURN's refreshes, or TCP).
 */
#ifndef MPCNET_SIM_H
#define MPCNET_SIM_H

#include "link.h"

#define SIM_PARTIES 100
#define SIM_ROUTERS (2 * SIM_PARTIES)
#define SIM_DATAGRAM 320
#define SIM_HOSTS 1024
#define SIM_TEXT 256
#define SIM_RELAY_HOST 0x2d2f0001

struct sim;

/**
 * struct addr - an address of the simulated network
 * @host: IPv4 address in host order; of IPv6, what follows 2001:db8::
 * @port: port
 * @six: IPv6
 */
struct addr {
	uint32_t host;
	uint16_t port;
	bool six;
};

/**
 * struct datagram - a datagram under way
 * @from: its source, as it is where it now is
 * @to: its destination, likewise
 * @ttl: routers that it may pass yet, and one
 * @len: bytes of @data
 * @data: its contents
 */
struct datagram {
	struct addr from;
	struct addr to;
	unsigned int ttl;
	size_t len;
	uint8_t data[SIM_DATAGRAM];
};

/**
 * struct event - what happens at a time
 * @at: the time, in microseconds
 * @order: the earlier made is the earlier run
 * @run: what to do
 * @party: whom it is about
 * @other: and whom else
 * @d: a datagram
 */
struct event {
	uint64_t at;
	uint64_t order;
	void (*run)(struct sim *sim, struct event *event);
	unsigned int party;
	unsigned int other;
	struct datagram d;
};

/**
 * struct queue - events to come: a heap
 * @at: the events
 * @count: how many
 * @room: for how many there is room
 * @made: how many there ever were
 */
struct queue {
	struct event **at;
	size_t count;
	size_t room;
	uint64_t made;
};

/* What a party is behind, as in FACTS of the design. */
enum nat_class {
	NAT_CLASS_NONE,	      /* a public address */
	NAT_CLASS_EIF,	      /* one port for all, open to all */
	NAT_CLASS_ADF,	      /* open to hosts that were sent to */
	NAT_CLASS_MAPPED,     /* a port forwarded by the router */
	NAT_CLASS_APDF,	      /* open to addresses that were sent to: Linux */
	NAT_CLASS_PORT,	      /* the same, but not the port that the host has */
	NAT_CLASS_DOUBLE,     /* two of them */
	NAT_CLASS_SEQUENTIAL, /* the next port for each destination */
	NAT_CLASS_ADM,	      /* another for each host */
	NAT_CLASS_RANDOM,     /* another for each destination */
	NAT_CLASS_SIX,	      /* the same, but IPv6 behind a firewall beside it */
	NAT_CLASS_BLOCKED,    /* UDP is blocked */
	NAT_CLASSES,
};

enum mapping_kind { MAP_PRESERVE, MAP_RANGE, MAP_HOST, MAP_RANDOM, MAP_NEXT };
enum filter_kind { FILTER_NONE, FILTER_HOST, FILTER_PORT };

/**
 * struct mapping - an entry of a router's table
 * @inside: whose it is; host 0 if the router's own
 * @remote: to whom
 * @port: of the router's address
 * @expires: when it is forgotten
 * @answered: something came back
 */
struct mapping {
	struct addr inside;
	struct addr remote;
	uint16_t port;
	uint64_t expires;
	bool answered;
};

/**
 * struct router - a NAT, and the network behind it
 * @up: the next router towards the core, NULL if there is none
 * @wan: its address there
 * @mapping: how it chooses ports
 * @filter: whom it lets in
 * @blocked: lets no UDP out
 * @accepts: takes what comes to its own address, as Linux without a rule for INPUT
 * @hairpin: lets in from inside what is sent to its address
 * @isolates: those behind it cannot reach each other
 * @forward: the host that has a forwarded port, which is the host's own
 * @fresh: how long an unanswered mapping lives
 * @alive: how long an answered one lives
 * @next: the next port of MAP_NEXT
 * @random: state of its random numbers
 * @table: the mappings
 * @count: how many
 * @room: for how many there is room
 */
struct router {
	struct router *up;
	uint32_t wan;
	enum mapping_kind mapping;
	enum filter_kind filter;
	bool blocked;
	bool accepts;
	bool hairpin;
	bool isolates;
	struct addr forward;
	uint64_t fresh;
	uint64_t alive;
	unsigned int next;
	uint64_t random;
	struct mapping *table;
	size_t count;
	size_t room;
};

/**
 * struct allocation - a party's on its relay
 * @there: it exists
 * @relayed: its address
 * @permitted: hosts that it lets through
 * @count: how many
 */
struct allocation {
	bool there;
	struct addr relayed;
	struct addr permitted[SIM_HOSTS];
	unsigned int count;
};

/**
 * struct pair - how a party fares with another
 * @has_card: it has the other's card
 * @use: the way in the kernel, family 0 if none
 * @up: when there was a way first, 0 for never
 * @lost: when there was none any more, 0 if there is one
 * @changes: how often the way changed
 * @heard: where the other's last probe came from, family 0 if none
 * @probes: how many came
 * @state: as last told
 */
struct pair {
	bool has_card;
	struct agent_path use;
	uint64_t up;
	uint64_t lost;
	unsigned int changes;
	struct agent_path heard;
	unsigned int probes;
	enum link_state state;
};

/**
 * struct sent_path - when checks went to a path, for the rule of their rate
 * @at: the path
 * @times: of the last ones
 * @next: the oldest
 */
struct sent_path {
	struct agent_path at;
	uint64_t times[12];
	unsigned int next;
};

/**
 * struct party - one of them
 * @sim: where it lives
 * @index: its place
 * @class: what it is behind
 * @agent: its agent
 * @gate: the router that it is behind, NULL if none
 * @four: its IPv4 address
 * @six: its IPv6 address, host 0 if none
 * @delay: one way to the core
 * @wall: how its calendar goes
 * @roster: first byte of its roster hash
 * @self: its candidates
 * @relay: its allocation
 * @pairs: how it fares with the others
 * @deadline: of its agent
 * @requests: checks sent
 * @second: checks sent in the second @second_at
 * @second_at: see above
 * @paths: when checks were sent where
 * @path_count: how many of them
 * @path_room: for how many there is room
 */
struct party {
	struct sim *sim;
	unsigned int index;
	enum nat_class class;
	struct agent *agent;
	struct router *gate;
	struct addr four;
	struct addr six;
	uint64_t delay;
	uint64_t wall;
	uint8_t roster;
	struct candidates self;
	struct allocation relay;
	struct pair pairs[SIM_PARTIES];
	uint64_t deadline;
	unsigned int requests;
	unsigned int second;
	uint64_t second_at;
	struct sent_path *paths;
	size_t path_count;
	size_t path_room;
};

/**
 * struct sim - a run
 * @seed: of all chance in it
 * @random: state of the random numbers
 * @now: the time
 * @queue: what is to come
 * @count: how many parties
 * @parties: the parties
 * @routers: their routers
 * @router_count: how many
 * @relay: there is a relay for all
 * @roams: the kernel moves to where authentic data came from
 * @eager: datagrams that must not arrive do
 * @accepts: all routers take what comes to their own address
 * @short_lived: mappings live for 20 s, answered or not
 * @cut: nothing passes but by relays
 * @reports: new addresses that others see make a new card
 * @delay: one way to the core, of all parties but for chance
 * @jitter: what may be added to it
 * @loss: datagrams of 1000 that are lost
 * @observer: sees each datagram of an agent before it leaves, if there is one
 * @trace: say what happens
 * @failed: something does not hold
 * @text: the first thing that does not
 * @events: how many were run
 */
struct sim {
	uint64_t seed;
	uint64_t random;
	uint64_t now;
	struct queue queue;
	unsigned int count;
	struct party *parties;
	struct router routers[SIM_ROUTERS];
	unsigned int router_count;
	bool relay;
	bool roams;
	bool eager;
	bool accepts;
	bool short_lived;
	bool cut;
	bool reports;
	uint64_t delay;
	uint64_t jitter;
	unsigned int loss;
	void (*observer)(struct sim *sim, struct party *party, const struct datagram *d);
	bool trace;
	bool failed;
	char text[SIM_TEXT];
	uint64_t events;
};

/* queue.c */
struct event *queue_add(struct queue *queue, uint64_t at,
			void (*run)(struct sim *sim, struct event *event));
struct event *queue_take(struct queue *queue);
uint64_t queue_next(const struct queue *queue);
void queue_free(struct queue *queue);

/* clock.c */
void sim_begin(struct sim *sim, uint64_t seed, unsigned int parties);
void sim_end(struct sim *sim);
uint64_t sim_random(struct sim *sim, uint64_t below);
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_say(const struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_run(struct sim *sim, uint64_t until);
bool sim_run_until(struct sim *sim, uint64_t limit, bool (*holds)(struct sim *sim));

/* addr.c */
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_same_host(const struct addr *a, const struct addr *b);
struct addr addr_of(const union mpcnet_endpoint *endpoint);
union mpcnet_endpoint addr_endpoint(const struct addr *addr);
bool path_same(const struct agent_path *a, const struct agent_path *b);
const char *path_text(char text[MPCNET_ENDPOINT_TEXT + 8], const struct agent_path *path);

/* nat.c */
void nat_set_up(struct router *router, enum nat_class class, uint64_t seed);
bool nat_out(struct router *router, struct datagram *d, uint64_t now);
bool nat_in(struct router *router, struct datagram *d, uint64_t now);
void nat_forget(struct router *router);

/* net.c */
void net_send(struct sim *sim, struct party *party, struct datagram *d);
void net_from_core(struct sim *sim, const struct datagram *d, uint64_t delay);
void net_deliver(struct sim *sim, struct party *party, const struct agent_path *from,
		 const struct datagram *d);
bool net_lost(struct sim *sim);
uint64_t net_jitter(struct sim *sim);

/* relay.c */
void relay_allocate(struct party *party);
void relay_send(struct sim *sim, struct party *party, struct datagram *d);
void relay_arrived(struct sim *sim, const struct datagram *d);
void relay_permit(struct party *party, const union mpcnet_endpoint *peer);
void relay_bind(struct party *party, const union mpcnet_endpoint *peer);

/* place.c */
const char *nat_class_name(enum nat_class class);
struct router *place_router(struct sim *sim, enum nat_class class, struct router *up);
void place_party(struct sim *sim, unsigned int party, enum nat_class class);
void place_behind(struct sim *sim, unsigned int party, struct router *gate);
bool place_direct(enum nat_class a, enum nat_class b);
bool place_independent(enum nat_class class);

/* party.c */
void party_start(struct sim *sim, unsigned int party);
void party_gather(struct party *party);
void party_restart(struct party *party);
void party_card(struct sim *sim, unsigned int party, unsigned int other, uint64_t at);
void party_cards(struct sim *sim, uint64_t at, uint64_t skew);
void party_new_card(struct party *party);
void party_input(struct party *party, const struct agent_path *from, const struct datagram *d);
void party_probe(struct party *party, unsigned int other);
struct agent_verdict party_verdict(struct sim *sim, unsigned int party, unsigned int other);

/* judge.c */
void judge_sent(struct party *party, const struct agent_path *path, const void *data, size_t len);
void judge_pairs(struct sim *sim);
bool judge_lead(struct sim *sim);
bool judge_all_up(struct sim *sim);
bool judge_all_direct(struct sim *sim);
bool judge_all_relayed(struct sim *sim);
bool judge_all_failed(struct sim *sim);
uint64_t judge_up_time(struct sim *sim, unsigned int a, unsigned int b);

/* table.c */
void table_add(const char *name, uint64_t time);
bool table_print(bool quiet);
void table_limit(const char *name, uint64_t median);
void table_free(void);

/**
 * struct scenario - a kind of run
 * @name: its name
 * @share: how many of 100 runs are its, 0 for one of 5000
 * @run: sets up a run, lets it go and judges it
 */
struct scenario {
	const char *name;
	unsigned int share;
	void (*run)(struct sim *sim);
};

/* matrix.c, trap.c, change.c, mesh.c, attack.c, idle.c */
void scenario_connect(struct sim *sim, enum nat_class a, enum nat_class b);
void scenario_matrix(struct sim *sim);
void scenario_same(struct sim *sim);
void scenario_trap(struct sim *sim);
void scenario_eager(struct sim *sim);
void scenario_skew(struct sim *sim);
void scenario_rebind(struct sim *sim);
void scenario_wan(struct sim *sim);
void scenario_relay(struct sim *sim);
void scenario_cut(struct sim *sim);
void scenario_cards(struct sim *sim);
void scenario_mesh(struct sim *sim);
void scenario_crowd(struct sim *sim);
void scenario_roster(struct sim *sim);
void scenario_attack(struct sim *sim);
void scenario_idle(struct sim *sim);
void scenario_flap(struct sim *sim);

#endif /* MPCNET_SIM_H */
