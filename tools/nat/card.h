/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parties exchange by the rendezvous: tickets (one for the session)
 * and cards (one of each party), as bytes and as one line of text.
 */
#ifndef MPCNET_CARD_H
#define MPCNET_CARD_H

#include <linux/mpcnet.h>

#include "candidate.h"
#include "turn.h"

#define CARD_NAME_MAX 31
#define TICKET_SECRET_LEN 16
#define TICKET_ID_LEN 16
#define TICKET_SERVERS_MAX 4
#define TICKET_URL_MAX 255
#define PARTIES_MAX 255

/* Longest text of either, with its 0. */
#define TICKET_TEXT_MAX 6144
#define CARD_TEXT_MAX 2048
/* Longest bytes of either. */
#define TICKET_ROOM 3200
#define CARD_ROOM 1024

/**
 * struct ticket - what admits to a session
 * @secret: of those who hold the ticket
 * @parties: how many, 2 to PARTIES_MAX
 * @expires: seconds since 1970
 * @name: of the session, as of a host: letters, digits, and "-" inside; may be empty
 * @network: IPv4 prefix of the addresses inside, network order, private; 0: chosen from the ticket
 * @network_len: its length, 8 to 30, also if it is to be chosen; with room for all parties
 * @stun: STUN servers, HOST:PORT
 * @stun_count: how many
 * @turn: TURN servers, turn[s]:[USER:PASSWORD@]HOST:PORT
 * @turn_count: how many
 * @broker: rendezvous, mqtt[s]://[USER:PASSWORD@]HOST:PORT
 * @broker_count: how many
 */
struct ticket {
	uint8_t secret[TICKET_SECRET_LEN];
	unsigned int parties;
	uint64_t expires;
	char name[CARD_NAME_MAX + 1];
	uint32_t network;
	uint8_t network_len;
	char stun[TICKET_SERVERS_MAX][TICKET_URL_MAX + 1];
	unsigned int stun_count;
	char turn[TICKET_SERVERS_MAX][TICKET_URL_MAX + 1];
	unsigned int turn_count;
	char broker[TICKET_SERVERS_MAX][TICKET_URL_MAX + 1];
	unsigned int broker_count;
};

/**
 * struct ticket_turn - a TURN server, its URL taken apart
 * @tls: over TLS
 * @user: user; empty if the URL names none
 * @password: the user's secret
 * @host: where it is
 */
struct ticket_turn {
	bool tls;
	char user[TURN_CREDENTIAL_MAX + 1];
	char password[TURN_CREDENTIAL_MAX + 1];
	struct mpcnet_host host;
};

/**
 * struct ticket_broker - a rendezvous, its URL taken apart
 * @tls: over TLS
 * @user: user; empty if the URL names none
 * @password: the user's secret
 * @host: where it is
 */
struct ticket_broker {
	bool tls;
	char user[TURN_CREDENTIAL_MAX + 1];
	char password[TURN_CREDENTIAL_MAX + 1];
	struct mpcnet_host host;
};

/**
 * struct card - what a party says of itself
 * @public_key: its identity
 * @name: its name, spelt as a ticket's, may be empty
 * @index: its place among the parties, from 0, -1 if it leaves that to the roster
 * @epoch: of the roster that it is for
 * @sequence: milliseconds since 1970 when it was made, by its party's clock, or
 * more: a later card of a party has a higher one
 * @expires: seconds since 1970
 * @candidates: where it may be reached
 */
struct card {
	uint8_t public_key[MPCNET_KEY_LEN];
	char name[CARD_NAME_MAX + 1];
	int index;
	uint32_t epoch;
	uint64_t sequence;
	uint64_t expires;
	struct candidates candidates;
};

/* url.c */
int ticket_stun_parse(struct mpcnet_host *host, const char *url, struct mpcnet_err *err);
int ticket_turn_parse(struct ticket_turn *turn, const char *url, struct mpcnet_err *err);
int ticket_broker_parse(struct ticket_broker *broker, const char *url, struct mpcnet_err *err);

/* ticket.c */
bool card_name_is_valid(const char *name);
int ticket_check(const struct ticket *ticket, struct mpcnet_err *err);
bool ticket_expired(const struct ticket *ticket, uint64_t now_s);

/* ticket_text.c: plain bytes, with a checksum as one line of text, and what follows from them */
size_t ticket_encode(uint8_t *data, size_t room, const struct ticket *ticket);
int ticket_decode(struct ticket *ticket, const uint8_t *data, size_t len, struct mpcnet_err *err);
bool ticket_format(char text[TICKET_TEXT_MAX], const struct ticket *ticket);
int ticket_parse(struct ticket *ticket, const char *text, struct mpcnet_err *err);
bool ticket_id(uint8_t id[TICKET_ID_LEN], const struct ticket *ticket);
bool ticket_key(uint8_t key[MPCNET_KEY_LEN], const struct ticket *ticket, const char *purpose);

/* card.c: plain bytes */
size_t card_encode(uint8_t *data, size_t room, const struct card *card);
bool card_decode(struct card *card, const uint8_t *data, size_t len);
uint64_t card_ahead(const struct card *card, uint64_t now_s);

/* card_text.c: sealed with the ticket's key, as one line of text */
bool card_seal(char text[CARD_TEXT_MAX], const struct card *card, const struct ticket *ticket);
int card_open(struct card *card, const char *text, const struct ticket *ticket,
	      struct mpcnet_err *err);

/* pair.c: what only the two of a pair know */
bool pair_key(uint8_t key[MPCNET_KEY_LEN], const struct ticket *ticket,
	      const uint8_t private_key[MPCNET_KEY_LEN],
	      const uint8_t peer_public_key[MPCNET_KEY_LEN]);

#endif /* MPCNET_CARD_H */
