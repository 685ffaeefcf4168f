/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the agent: the link to one party, and the paths that it may take.
 *
 * A round of punching, on both sides at about the same time:
 *
 *	LINK_KNOCK	to where the other's NAT could be: datagrams with too few
 *			hops to arrive, which open our own NAT only; nothing from
 *			our relay, whose would arrive; real checks to where none
 *			is in between, the other's relay among them
 *	LINK_PUNCH	real checks everywhere: the other is known to have begun
 *			(something of it came), or has had the time to
 *	LINK_REST	what was not answered stays silent, until its traces in
 *			both NATs are gone
 *
 * An early real check would reach the other's router before the router's own
 * party has sent. A Linux router that accepts it as its own then has to give
 * that party another port, for this destination and, where it takes ports from
 * a range, for all that are new; and the punching fails for good.
 */
#ifndef MPCNET_LINK_H
#define MPCNET_LINK_H

#include "agent.h"

#define MSEC UINT64_C(1000)
#define SEC (1000 * MSEC)
#define NEVER UINT64_MAX

/* First pause before a check is sent again. RFC 8445 section 14.3 has 500 ms
 * at least, for want of a bucket that bounds all of them. */
#define CHECK_RTO (100 * MSEC)
#define CHECK_RTO_MAX (800 * MSEC)
/* Who is slow to answer, or we to hear it, is not asked the more for it. */
#define PATIENCE_MAX (3 * SEC)
/* How long the other may take to begin: by a relay it will be heard as soon as it does. */
#define KNOCK_BLIND (250 * MSEC)
#define KNOCK_HEARD (4 * SEC)
#define KNOCK_AGAIN (80 * MSEC)
#define PUNCH_TIME (4 * SEC)
/* Longer than the 30 s for which a NAT remembers what was never answered. */
#define REST_TIME (40 * SEC)
/* While a relay helps, rounds in vain are less and less often, up to
 * REST_TIME << REST_DOUBLED. */
#define REST_DOUBLED 3
/* The traces of a round are gone so long before the next can be. */
#define REST_LEAST (32 * SEC)
/* Keeps the path in use alive (RFC 7675 section 5.1 has 5 s) and mappings that
 * live for 20 s, and makes a new mapping known within 2 s. */
#define CONSENT_INTERVAL (1500 * MSEC)
#define CONSENT_LOST (6 * SEC)
/* As long as a check of the path in use is not answered */
#define CONSENT_AGAIN (300 * MSEC)
/* Two relays are of use only where one is not. */
#define TWICE_DELAY (600 * MSEC)
/* The side that does not choose waits so long for the other to do it. */
#define NOMINATION_WAIT (2 * SEC)
/* For other paths that work, held in reserve; sooner when the one in use fails */
#define RESERVE_INTERVAL (10 * SEC)
#define RESERVE_SOONER (2 * SEC)
#define RESERVE_LOST (35 * SEC)
/* Of one class, another path has to be this much faster: a quarter and 5 ms. */
#define SWITCH_MARGIN (5 * MSEC)

/* The next ports of a NAT that counts */
#define PREDICTED_PORTS 8

/* Digits that name a pair in a check */
#define CHECK_TAG_LEN 16

/* Of our relay, for one link: who asks by many ports must not have all of them. */
#define CHANNELS_MAX 8

#define PATHS_MAX 48
#define PATH_CHECKS 4

/**
 * struct path - a way to the party, and what came of it
 * @at: what it leaves by, and where to
 * @class: of enum path_class
 * @type: of the candidate that it leads to
 * @learned: no card has it
 * @behind_nat: a real check could reach a router that is not ready for it
 * @open: something came by it in this round: that router is ready
 * @valid: answered, and not lost since
 * @since: when it became valid
 * @nominated: the controlling side wants it
 * @told: we are the controlling side, and the other knows that we want it
 * @bound: by our relay: it has a channel
 * @bind_asked: by our relay: a channel was asked for
 * @next: when the next check is due
 * @pause: until the one behind it, as long as nothing answers
 * @sent: checks sent
 * @answered: checks answered
 * @heard: time of the last answer
 * @missed: the last check of it, while in use, was not answered in time
 * @rtt: smoothed round trip in microseconds, 0 if not known
 * @checks: the last ones that were sent: their transactions, times, whether they
 * nominated the path, and whether they were answered
 * @check_at: the oldest of them
 */
struct path {
	struct agent_path at;
	enum path_class class;
	enum candidate_type type;
	bool learned;
	bool behind_nat;
	bool open;
	bool valid;
	uint64_t since;
	bool nominated;
	bool told;
	bool bound;
	bool bind_asked;
	uint64_t next;
	uint64_t pause;
	unsigned int sent;
	unsigned int answered;
	uint64_t heard;
	bool missed;
	uint32_t rtt;
	struct {
		uint8_t id[STUN_ID_LEN];
		uint64_t at;
		bool use;
		bool done;
	} checks[PATH_CHECKS];
	unsigned int check_at;
};

enum link_phase {
	LINK_IDLE,  /* no card */
	LINK_KNOCK, /* see above */
	LINK_PUNCH,
	LINK_REST,
};

/**
 * struct link - the link to one party
 * @party: its place
 * @phase: of enum link_phase
 * @peer: what is known of it
 * @tag: names the pair in checks
 * @state: of enum link_state
 * @phase_end: when the phase ends
 * @round_end: when the last round ended, 0 if there was none
 * @silent: nothing of the other came since the last round began
 * @vain: rounds in a row that ended without a direct path
 * @roster_differs: the other means another group
 * @selected: path in use, -1 for none
 * @count: how many paths
 * @paths: the paths
 */
struct link {
	unsigned int party;
	enum link_phase phase;
	struct agent_peer peer;
	char tag[CHECK_TAG_LEN + 1];
	enum link_state state;
	uint64_t phase_end;
	uint64_t round_end;
	bool silent;
	unsigned int vain;
	bool roster_differs;
	int selected;
	unsigned int count;
	struct path paths[PATHS_MAX];
};

/**
 * struct agent - all links of a party
 * @conf: what does not change
 * @ops: what it asks of its owner
 * @arg: the owner's
 * @other: a roster that is as good as that of @conf, as the parties change from
 * the one to the other; zeros if there is none
 * @self: our own candidates
 * @hops: of datagrams that must not arrive
 * @random: state of the random numbers, if @conf has a seed
 * @tokens: checks that may be sent now, in millionths
 * @filled: when they were counted
 * @turn: link whose check is sent first, as there were too few
 * @rtt: of all links, smoothed, in microseconds; 0 if not known
 * @links: one for each party
 */
struct agent {
	struct agent_conf conf;
	const struct agent_ops *ops;
	void *arg;
	uint8_t other[STUN_ROSTER_LEN];
	struct candidates self;
	unsigned int hops;
	uint64_t random;
	uint64_t tokens;
	uint64_t filled;
	unsigned int turn;
	uint64_t rtt;
	struct link links[];
};

/**
 * struct check - what a datagram of the other says
 * @message: the datagram
 * @use: the sender nominates this path
 * @punching: the sender has begun a round
 */
struct check {
	struct stun_message message;
	bool use;
	bool punching;
};

/* agent.c */
void agent_random(struct agent *agent, uint8_t *data, size_t len);
struct link *agent_link(struct agent *agent, unsigned int party);

/* pace.c */
void pace_begin(struct agent *agent);

/* path.c */
bool path_expand(struct agent *agent, struct link *link);
struct path *path_find(struct link *link, const struct agent_path *at);
struct path *path_learn(struct agent *agent, struct link *link, const struct agent_path *at);
void path_forget_untried(struct link *link);
void path_set_valid(struct path *path, uint64_t now);
void path_set_lost(struct path *path);
void path_ask_channel(struct agent *agent, const struct link *link, struct path *path);
bool path_is_direct(const struct path *path);
bool path_usable(const struct path *path);
int path_best(const struct link *link);

/* check.c */
bool check_tag(char tag[CHECK_TAG_LEN + 1], const uint8_t key[MPCNET_KEY_LEN]);
size_t check_request(uint8_t *data, size_t room, const struct agent *agent, const struct link *link,
		     const uint8_t id[STUN_ID_LEN], bool use);
size_t check_answer(uint8_t *data, size_t room, const struct agent *agent, const struct link *link,
		    const struct check *check, const union mpcnet_endpoint *from, bool same_roster);
struct link *check_sender(struct agent *agent, const struct check *check);
bool check_decode(struct check *check, const void *data, size_t len);
bool check_same_roster(const struct agent *agent, const struct check *check);

/* round.c */
void link_begin_round(struct agent *agent, struct link *link, uint64_t now);
void link_advance(struct agent *agent, struct link *link, uint64_t now);
void link_heard(struct agent *agent, struct link *link, struct path *path, bool punching,
		uint64_t now);

/* choose.c */
struct path *link_selected(struct link *link);
void link_choose(struct agent *agent, struct link *link, uint64_t now);
void link_follow(struct agent *agent, struct link *link, struct path *path, uint64_t now);
void link_set_roster_differs(struct agent *agent, struct link *link, bool differs, uint64_t now);
void link_update(struct agent *agent, struct link *link, bool tell);
uint64_t link_patience(const struct link *link);

/* link.c */
void link_send(struct agent *agent, struct link *link, struct path *path, uint64_t now);
bool link_requested(struct agent *agent, struct link *link, struct path *path,
		    const struct check *check, uint64_t now);
void link_challenged(struct agent *agent, struct link *link, struct path *path,
		     const struct check *check, uint64_t now);
void link_answered(struct agent *agent, struct link *link, struct path *path, unsigned int check,
		   uint64_t now);
uint64_t link_deadline(const struct link *link);

/* reason.c */
void link_reason(const struct agent *agent, const struct link *link, char *text, size_t room);

#endif /* MPCNET_LINK_H */
