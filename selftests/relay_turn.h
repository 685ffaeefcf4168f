/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TURN client, RFC 8656 on RFC 8489, as small as it can be: long-term
 * credentials, UDP, one allocation, and only requests on a socket of the
 * caller, who may have handed it to an interface meanwhile.
 */
#ifndef RELAY_TURN_H
#define RELAY_TURN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * struct turn - an allocation
 * @fd: bound UDP socket, whose 5-tuple with the server it belongs to
 * @server: the server
 * @user: user name
 * @password: its password
 * @realm: as the server named it
 * @nonce: as the server gave it last
 * @key: MD5 of user, realm and password
 * @relayed: the relayed transport address
 * @error: code of the last error response, 0 if there was none
 */
struct turn {
	int fd;
	struct sockaddr_in server;
	const char *user, *password;
	char realm[128], nonce[128];
	uint8_t key[16];
	struct sockaddr_in relayed;
	int error;
};

/* RFC 8656 section 7: get a relayed address. False with @error set if not. */
bool turn_allocate(struct turn *turn);
/* Section 9: let @peer's address send to the relayed one. */
bool turn_permit(struct turn *turn, const struct sockaddr_in *peer);
/* Section 12: bind @channel to @peer. */
bool turn_bind(struct turn *turn, const struct sockaddr_in *peer,
	       uint16_t channel);
/* Section 8: refresh the allocation, or end it with @lifetime 0. */
bool turn_refresh(struct turn *turn, uint32_t lifetime);

#endif
