/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The relay of a session: a client of a TURN server, and the way to the server.
 *
 *	kernel ── ChannelData ──► server			over UDP
 *	relay ── all else, from the session's socket ──► server
 *
 *	kernel ── ChannelData, by 127.0.0.1 ──► relay_tls ──► server	over TLS
 *	relay ── all else ──► relay_tls
 */
#ifndef MPCNETD_RELAY_H
#define MPCNETD_RELAY_H

#include "card.h"
#include "loop.h"
#include "relay_tls.h"
#include "turn.h"

/* Of each URL of a ticket, an address of each family */
#define RELAY_SERVERS_MAX (2 * TICKET_SERVERS_MAX)

/**
 * struct relay_ops - what a relay asks of its owner, and tells
 * @send: send @len bytes to the server, from the socket of the session
 * @changed: there is an allocation now, or none any more
 * @bound: @peer has a channel now, or not
 * @data: @len bytes came from @peer
 */
struct relay_ops {
	void (*send)(void *arg, const union mpcnet_endpoint *server, const void *data, size_t len);
	void (*changed)(void *arg);
	void (*bound)(void *arg, const union mpcnet_endpoint *peer, bool ok);
	void (*data)(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len);
};

/**
 * struct relay_server - a TURN server
 * @url: its place in the ticket
 * @turn: the URL; holds a secret
 * @address: where it is
 */
struct relay_server {
	unsigned int url;
	struct ticket_turn turn;
	union mpcnet_endpoint address;
};

/**
 * struct relay - a relay
 * @ops: what it asks of its owner
 * @arg: handed to @ops
 * @port: of the socket of the session
 * @servers: those over UDP, then those over TLS, each as the ticket has them
 * @count: how many
 * @at: which is in use, or tried
 * @started: one of them is
 * @prefer_tls: UDP gets nowhere: those over UDP count only if there are no others
 * @turn: the client, NULL if there is none
 * @tls: the way to the server, NULL over UDP
 * @worked: it had an allocation
 * @failures: how many failed, one behind the other
 * @block: which of the blocks of channel numbers the next client has
 * @retry: when to try again, after a failure
 * @pause: how long to wait before that
 * @reason: why there is none
 */
struct relay {
	const struct relay_ops *ops;
	void *arg;
	uint16_t port;
	struct relay_server servers[RELAY_SERVERS_MAX];
	unsigned int count;
	unsigned int at;
	bool started;
	bool prefer_tls;
	struct turn *turn;
	struct relay_tls *tls;
	bool worked;
	unsigned int failures;
	unsigned int block;
	uint64_t retry;
	uint64_t pause;
	char reason[512];
};

void relay_init(struct relay *relay, const struct relay_ops *ops, void *arg);
void relay_add(struct relay *relay, uint64_t now, const struct relay_server *server);
void relay_resume(struct relay *relay, uint64_t now, const struct relay_server *server,
		  const uint8_t *data, size_t len);
void relay_restart(struct relay *relay, uint64_t now);
void relay_prefer_tls(struct relay *relay, uint64_t now);
void relay_stop(struct relay *relay, uint64_t now);
void relay_close(struct relay *relay);
void relay_tick(struct relay *relay, uint64_t now);
uint64_t relay_deadline(const struct relay *relay);
bool relay_input(struct relay *relay, uint64_t now, const union mpcnet_endpoint *from,
		 const void *data, size_t len);
bool relay_ready(const struct relay *relay);
bool relay_ready_by_udp(const struct relay *relay);
bool relay_decided(const struct relay *relay);
const struct relay_server *relay_server(const struct relay *relay);
uint16_t relay_channel(const struct relay *relay, const union mpcnet_endpoint *peer);
const union mpcnet_endpoint *relay_kernel_address(const struct relay *relay);

#endif /* MPCNETD_RELAY_H */
