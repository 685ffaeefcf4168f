/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parties exchange by the rendezvous: tickets (one for the session)
 * and cards (one of each party), as bytes and as one line of text.
 */
#ifndef MPCNET_CARD_H
#define MPCNET_CARD_H

#include <linux/mpcnet.h>

#include "candidate.h"

#define CARD_NAME_MAX 31
#define TICKET_SECRET_LEN 16
#define TICKET_ID_LEN 16
#define TICKET_SERVERS_MAX 4
#define TICKET_URL_MAX 255
#define PARTIES_MAX 255

/* Longest text of either, with its 0. */
#define TICKET_TEXT_MAX 6144
#define CARD_TEXT_MAX 2048
#define CARD_ROOM 1024

/**
 * struct ticket - what admits to a session
 * @secret: of those who hold the ticket
 * @parties: how many, 2 to PARTIES_MAX
 * @expires: seconds since 1970
 * @name: of the session, letters, digits and "-"; may be empty
 * @network: IPv4 prefix of the addresses inside, network order; 0: chosen from the ticket
 * @network_len: its length, 8 to 30
 * @stun: STUN servers, HOST:PORT
 * @stun_count: how many
 * @turn: TURN servers, turn[s]:[USER:PASSWORD@]HOST:PORT
 * @turn_count: how many
 * @broker: rendezvous, mqtt[s]://HOST:PORT
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
 * struct card - what a party says of itself
 * @public_key: its identity
 * @name: its name, may be empty
 * @index: its place among the parties, -1 if it leaves that to the roster
 * @epoch: of the roster that it is for
 * @sequence: a later card of a party has a higher one
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

/* ticket.c */
bool ticket_format(char text[TICKET_TEXT_MAX], const struct ticket *ticket);
int ticket_parse(struct ticket *ticket, const char *text, struct mpcnet_err *err);
bool ticket_id(uint8_t id[TICKET_ID_LEN], const struct ticket *ticket);
bool ticket_key(uint8_t key[MPCNET_KEY_LEN], const struct ticket *ticket, const char *purpose);

/* card.c: plain bytes, and sealed with the ticket's key, as one line of text */
size_t card_encode(uint8_t *data, size_t room, const struct card *card);
bool card_decode(struct card *card, const uint8_t *data, size_t len);
bool card_seal(char text[CARD_TEXT_MAX], const struct card *card, const struct ticket *ticket);
int card_open(struct card *card, const char *text, const struct ticket *ticket,
	      struct mpcnet_err *err);

#endif /* MPCNET_CARD_H */
