/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer of the module, played by the judge. Functions return NULL if all went
 * as the protocol says, else what did not.
 */
#ifndef MPCNET_SELFTEST_PARTY_H
#define MPCNET_SELFTEST_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inner.h"
#include "noise.h"
#include "outer.h"
#include "rig.h"

/* How long an answer may take, on an emulated processor too. */
#define PARTY_PATIENCE	4000

/* DSCP and ECN of handshake messages: AF41. */
#define PARTY_HANDSHAKE_TOS	0x88

/**
 * struct party - a peer of the module
 * @hs: keys and handshake
 * @session: the newest session
 * @sock: its UDP socket
 * @address: address of @sock
 * @port: port of @sock
 * @to: the module's address that it sends to
 * @allowed: its allowed IPs
 * @initiated: when it sent its last initiation, on the clock of outer_now()
 * @msg: the message that was received last
 * @len: length of @msg
 * @meta: how @msg came
 * @plain: what was in the data message that was received last
 * @plain_len: length of @plain
 */
struct party {
	struct noise_handshake hs;
	struct noise_session session;
	int sock;
	const char *address;
	uint16_t port;
	const char *to;
	const char *allowed;
	uint64_t initiated;
	uint8_t msg[OUTER_MAX];
	size_t len;
	struct outer_meta meta;
	uint8_t plain[OUTER_MAX];
	size_t plain_len;
};

/* A new party with a new key; those of a test before must be closed. */
void party_open(struct party *party, const char *address, const char *to, bool with_psk);
void party_close(struct party *party);

/* Bind another address or port of the judge, and close the one before. */
void party_move(struct party *party, const char *address);

/* Tell the module of the party. */
const char *party_add(const struct party *party, bool with_endpoint, unsigned int keepalive);

/*
 * What most tests begin with: new interface, tap, party on the first IPv4
 * address, and the module told.
 */
const char *party_begin(struct party *party, bool with_endpoint, bool with_psk);

/*
 * The same with a persistent keepalive, which alone makes the module initiate,
 * and comes empty after the response.
 */
const char *party_begin_persistent(struct party *party, unsigned int seconds);

/* Send any message. */
void party_send(struct party *party, const void *msg, size_t len);

/* Receive one message of any type. */
const char *party_next(struct party *party, int timeout_ms);

/* Nothing comes for so long. */
const char *party_quiet(struct party *party, int for_ms);

/* Receive messages until one is of this type. */
const char *party_await(struct party *party, enum noise_type type, int timeout_ms);

/* Send an initiation, not sooner after the one before than the module allows. */
void party_send_initiation(struct party *party);

/* The whole handshake as initiator; the module does not know that it succeeded. */
const char *party_initiate(struct party *party);

/* The same, and tell the module by a keepalive. */
const char *party_establish(struct party *party);

/* Receive an initiation, and judge it. */
const char *party_await_initiation(struct party *party, int timeout_ms);
void party_respond(struct party *party);

/* The module sends @packet, a handshake follows, with the module as initiator. */
const char *party_provoke(struct party *party, const uint8_t *packet, size_t len);

void party_send_inner(struct party *party, const uint8_t *packet, size_t len);
void party_send_keepalive(struct party *party);

/* Receive a data message of the newest session, and open it into plain. */
const char *party_await_data(struct party *party, int timeout_ms);

/* Receive data, not a keepalive, and compare with what was sent inside. */
const char *party_expect_inner(struct party *party, const uint8_t *packet, size_t len);
const char *party_expect_keepalive(struct party *party, int timeout_ms);

/* The next packet out of the module's interface is this one. */
const char *party_expect_delivered(const uint8_t *packet, size_t len);

/* Both ways: the module's host answers an echo request of family 4 or 6. */
const char *party_echo(struct party *party, int family);

/* An inner packet from the judge to the module, of family 4 or 6; the smallest if @len is 0. */
size_t party_inbound(uint8_t *packet, int family, size_t len, uint16_t seq);

/* The same from the module to the judge. */
size_t party_outbound(uint8_t *packet, int family, size_t len, uint16_t seq);

#endif /* MPCNET_SELFTEST_PARTY_H */
