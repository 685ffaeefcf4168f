/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session of this party:
 *
 *	SESSION_GATHERING	where are we reached? (gather, relay, hosts)
 *				then: the cards of all parties come
 *	SESSION_VERIFYING	the roster is settled: interface, agent; but are they
 *				who they should be? (session_verify.c)
 *	SESSION_CONNECTING	links are missing, ours or others' (session_board.c)
 *	SESSION_READY		every link of every party was up, and ours are;
 *				parties may leave and come (session_epoch.c)
 *	SESSION_FAILED		it cannot go on, and nothing is left but why
 */
#ifndef MPCNETD_SESSION_H
#define MPCNETD_SESSION_H

#include <json-c/json.h>

#include "agent.h"
#include "board.h"
#include "gather.h"
#include "hosts.h"
#include "kernel.h"
#include "loop.h"
#include "mapper.h"
#include "mesh.h"
#include "relay.h"
#include "rendezvous.h"
#include "request.h"
#include "resolver.h"
#include "roster.h"

enum session_state {
	SESSION_GATHERING,
	SESSION_VERIFYING,
	SESSION_CONNECTING,
	SESSION_READY,
	SESSION_FAILED,
};

enum session_verify {
	SESSION_VERIFY_TICKET, /* who holds the ticket, may take part */
	SESSION_VERIFY_KEYS,   /* those of the file "known" only */
	SESSION_VERIFY_SAS,    /* the user compares the string, unless all are known */
};

/**
 * struct session_link - what the session knows of a link beside the agent
 * @used: the kernel was given a path
 * @keyed: a handshake was completed
 * @verified: one was completed in this epoch: with the keys of this roster
 * @down_since: when its path was lost, 0 if it has one or never had
 * @heard: when something new was heard of the party
 */
struct session_link {
	bool used;
	bool keyed;
	bool verified;
	uint64_t down_since;
	uint64_t heard;
};

static inline bool session_link_carries(const struct session_link *link)
{
	return link->used && link->keyed;
}

static inline bool session_link_is_up(const struct session_link *link)
{
	return link->used && link->verified;
}

/**
 * struct session_epoch - how parties come and go, session_epoch.c
 * @moving: we mean another roster than the one in force
 * @next: that one
 * @next_verified: we are satisfied with who is in it
 * @since: when we began to mean it
 * @lost_after: who is silent for so long is lost for good
 * @lost_at: when the next of them is
 * @renewed_s: since when the session's roster is in force, in seconds since 1970
 * @renew_at: when to begin handshakes again that are missing in this epoch
 */
struct session_epoch {
	bool moving;
	struct roster next;
	bool next_verified;
	uint64_t since;
	uint64_t lost_after;
	uint64_t lost_at;
	int64_t renewed_s;
	uint64_t renew_at;
};

/**
 * struct session - a session
 * @next: the one behind it
 * @name: of the session, as users say it
 * @state: of enum session_state
 * @ticket: what admitted us
 * @ticket_text: the same, as it came
 * @private_key: of this party; secret
 * @own: our card; without candidates until @have_card
 * @have_card: our card may be shown
 * @waits: what for, until then
 * @error: why it failed
 * @clock: whose clock is ahead of ours; empty if nobody's
 * @roster: the cards
 * @self: our place, once the roster is settled
 * @socket: data, STUN and checks
 * @timer: for all that have a time below
 * @resolver: finds the servers' addresses
 * @gather: what STUN servers tell
 * @relay: our relay
 * @mapper: what our router maps
 * @hosts: this machine's addresses
 * @kernel: the interface, if @have_kernel
 * @agent: finds the paths, NULL until the roster is settled
 * @links: one for each party
 * @publish_by: when our card is shown even if it is not complete; LOOP_NEVER: it is
 * @udp_by: then what is asked by UDP has answered, or a relay over TLS is used
 * @expires: when its time is over
 * @forget_at: when it is not even shown any more, once it has failed and ended
 * @looked_at: our addresses, when the network was last looked at
 * @network_changed: when to look at the network again
 * @dirty: when to save, LOOP_NEVER if nothing is to be
 * @board: what the parties say, we among them
 * @rendezvous: how it comes and goes, if @have_rendezvous
 * @mesh: the same, by the links
 * @verify: how to tell who the others are
 * @verified: we have
 * @port: TCP port of party 0's program, which the guard looks after; party I's is I higher
 * @ready: all links of all parties of this epoch were up
 * @met: they were in some epoch: who leaves, leaves the others to go on
 * @epoch: how parties come and go
 * @silent: nothing is said at the end
 * @nonce: our part of the string
 * @commitment: to it
 * @sas: the string, empty until it is there
 * @notice: what is amiss among the parties; empty if nothing
 * @post_key: of all postings
 * @said: our last posting, without sequence
 * @said_len: its length, 0 for none
 * @said_sequence: its sequence
 * @said_at: when
 * @say_at: when to say the next, LOOP_NEVER if nothing is new
 * @gossip_at: when to say it again by the links
 * @pass_next: whose posting to pass on next
 * @stranger_since: since when there is one party too many, LOOP_NEVER if there is none
 */
struct session {
	struct session *next;
	char name[2 * TICKET_ID_LEN + 1];
	enum session_state state;
	struct ticket ticket;
	char ticket_text[TICKET_TEXT_MAX];
	uint8_t private_key[MPCNET_KEY_LEN];
	struct card own;
	bool have_card;
	char waits[128];
	char error[512];
	char clock[160];
	struct roster roster;
	unsigned int self;
	struct loop_fd socket;
	struct loop_timer timer;
	struct resolver resolver;
	struct gather gather;
	struct relay relay;
	struct mapper mapper;
	struct hosts hosts;
	struct kernel kernel;
	bool have_kernel;
	struct agent *agent;
	struct session_link links[PARTIES_MAX];
	uint64_t publish_by;
	uint64_t udp_by;
	uint64_t expires;
	uint64_t forget_at;
	struct candidates looked_at;
	uint64_t network_changed;
	uint64_t dirty;
	struct board board;
	struct rendezvous rendezvous;
	bool have_rendezvous;
	struct mesh mesh;
	enum session_verify verify;
	bool verified;
	uint16_t port;
	bool ready;
	bool met;
	struct session_epoch epoch;
	bool silent;
	uint8_t nonce[POST_NONCE_LEN];
	uint8_t commitment[CRYPTO_HASH_LEN];
	char sas[BOARD_SAS_TEXT];
	char notice[320];
	struct post_key post_key;
	uint8_t said[POST_ROOM];
	size_t said_len;
	uint64_t said_sequence;
	uint64_t said_at;
	uint64_t say_at;
	uint64_t gossip_at;
	unsigned int pass_next;
	uint64_t stranger_since;
};

/* session.c */
struct session *session_first(void);
struct session *session_find(const char *name, struct mpcnet_err *err);
struct session *session_new(const char *ticket, struct mpcnet_err *err);
struct session *session_join(const struct request *request, struct mpcnet_err *err);
int session_add_card(struct session *session, const char *text, struct mpcnet_err *err);
void session_take_card(struct session *session, const struct card *card);
void session_publish(struct session *session);
void session_look(struct session *session);
void session_fail(struct session *session, const char *why);
void session_end(struct session *session);
void session_leave(struct session *session);
void session_close(struct session *session);

/* session_net.c */
int session_net_open(struct session *session, int socket, struct mpcnet_err *err);
void session_net_update(struct session *session);
const char *session_net_card_waits(const struct session *session);
void session_net_close(struct session *session);
void session_net_end(struct session *session);

/* session_relay.c */
void session_relay_open(struct session *session);
void session_relay_restart(struct session *session, uint64_t now);
void session_relay_found(struct session *session, unsigned int url,
			 const union mpcnet_endpoint *address);
void session_relay_tick(struct session *session, uint64_t now);
uint64_t session_relay_deadline(const struct session *session);

/* session_paths.c */
int session_paths_open(struct session *session, struct mpcnet_err *err);
int session_paths_start(struct session *session, struct mpcnet_err *err);
int session_paths_resume(struct session *session, struct mpcnet_err *err);
void session_paths_connect(struct session *session, unsigned int party);
int session_paths_add(struct session *session, unsigned int party, struct mpcnet_err *err);
int session_paths_renew(struct session *session, unsigned int party, struct mpcnet_err *err);
int session_paths_drop(struct session *session, unsigned int party,
		       const uint8_t public_key[MPCNET_KEY_LEN], struct mpcnet_err *err);
void session_paths_set_hops(struct session *session);

/* session_say.c */
void session_say(struct session *session);
void session_say_now(struct session *session, uint8_t flags);
void session_say_again(struct session *session, uint64_t now);

/* session_board.c */
int session_board_open(struct session *session, struct mpcnet_err *err);
int session_board_commit(struct session *session, struct mpcnet_err *err);
int session_board_links(struct session *session, struct mpcnet_err *err);
void session_board_look(struct session *session);
void session_board_hear(struct session *session, const uint8_t *data, size_t len);
uint64_t session_board_deadline(const struct session *session);
void session_board_tick(struct session *session, uint64_t now);
void session_board_end(struct session *session);
void session_board_close(struct session *session);

/* session_epoch.c */
const struct roster *session_said_roster(const struct session *session);
bool session_epoch_has_newcomers(const struct session *session);
void session_epoch_plan(struct session *session);
void session_epoch_look(struct session *session);
uint64_t session_epoch_deadline(const struct session *session);
void session_epoch_tick(struct session *session, uint64_t now);

/* session_verify.c */
int session_verify_parse(enum session_verify *verify, const char *text, struct mpcnet_err *err);
const char *session_verify_name(enum session_verify verify);
bool session_verify_admits(const struct session *session, const uint8_t public_key[MPCNET_KEY_LEN]);
int session_verify_begin(struct session *session, struct mpcnet_err *err);
void session_verify_look(struct session *session);
int session_verify_string(struct session *session, const char *text, struct mpcnet_err *err);

/* session_host.c */
int session_host_up(struct session *session, struct mpcnet_err *err);
void session_host_down(const struct session *session);
void session_host_sweep(void);

/* session_show.c */
struct json_object *session_show(const struct session *session, bool brief);

/* session_trouble.c */
bool session_stun_trouble(const struct session *session, char *text, size_t room);
bool session_relay_trouble(const struct session *session, char *text, size_t room);
bool session_firewall_trouble(const struct session *session, char *text, size_t room);
void session_compare_clocks(struct session *session, const struct card *card, uint64_t now_s);

/* session_save.c */
void session_save(struct session *session);
void session_load_all(void);
void session_forget(const struct session *session);

#endif /* MPCNETD_SESSION_H */
