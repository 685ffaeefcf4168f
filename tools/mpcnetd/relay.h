/* SPDX-License-Identifier: GPL-2.0 */
/* The relay of a session: a client of a TURN server, and the way to the server. */
#ifndef MPCNETD_RELAY_H
#define MPCNETD_RELAY_H

#include "card.h"
#include "loop.h"
#include "turn.h"

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
 * struct relay - a relay
 * @ops: what it asks of its owner
 * @arg: handed to @ops
 * @turn: the client, NULL if there is none
 * @server: its server
 * @username: user there
 * @password: secret
 * @retry: when to try again, after a failure
 * @pause: how long to wait before that
 * @reason: why there is none
 */
struct relay {
	const struct relay_ops *ops;
	void *arg;
	struct turn *turn;
	union mpcnet_endpoint server;
	char username[TURN_CREDENTIAL_MAX + 1];
	char password[TURN_CREDENTIAL_MAX + 1];
	uint64_t retry;
	uint64_t pause;
	char reason[256];
};

void relay_init(struct relay *relay, const struct relay_ops *ops, void *arg);
bool relay_start(struct relay *relay, uint64_t now, const union mpcnet_endpoint *server,
		 const char *username, const char *password);
bool relay_resume(struct relay *relay, uint64_t now, const uint8_t *data, size_t len);
void relay_restart(struct relay *relay, uint64_t now);
void relay_stop(struct relay *relay, uint64_t now);
void relay_tick(struct relay *relay, uint64_t now);
uint64_t relay_deadline(const struct relay *relay);
bool relay_input(struct relay *relay, uint64_t now, const union mpcnet_endpoint *from,
		 const void *data, size_t len);
bool relay_ready(const struct relay *relay);

#endif /* MPCNETD_RELAY_H */
