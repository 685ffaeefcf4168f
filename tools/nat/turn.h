/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of one TURN server (RFC 8656) with long-term credentials. It has
 * neither socket nor clock: its owner carries its messages to the server and
 * back (over UDP, or TLS), and tells the time.
 */
#ifndef MPCNET_TURN_H
#define MPCNET_TURN_H

#include "stun.h"

/* Longest nonce and realm, RFC 8489 sections 14.9 and 14.10, in bytes. */
#define TURN_WORD_MAX 763
#define TURN_CREDENTIAL_MAX 127
/* Hosts with a permission, and peers with a channel, at most. */
#define TURN_PEERS_MAX 256
/* Longest data to a peer, so that with its header it fits a UDP datagram, in bytes. */
#define TURN_DATA_MAX 65400
/* Longest frame of a stream: a STUN message, or ChannelData with its padding. */
#define TURN_FRAME_MAX 65556
/* Room for all that turn_save() writes. */
#define TURN_SAVE_MAX 16384

struct turn;

enum turn_state {
	TURN_IDLE,
	TURN_ALLOCATING,
	TURN_READY,
	TURN_FAILED,
	TURN_CLOSED,
};

/**
 * struct turn_ops - what a client asks of its owner
 *
 * Inside of them turn_send(), turn_permit(), turn_bind(), turn_doubt() and what only reads
 * may be called, but no other.
 *
 * @send: send @len bytes to the server
 * @changed: the state is another, see turn_state()
 * @bound: @peer has the channel number @channel now; 0: refused, or lost; not
 * called for those that are lost with the allocation
 * @data: @len bytes came from @peer by way of the relay; they live until return
 */
struct turn_ops {
	void (*send)(void *arg, const void *data, size_t len);
	void (*changed)(void *arg);
	void (*bound)(void *arg, const union mpcnet_endpoint *peer, uint16_t channel);
	void (*data)(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len);
};

/**
 * struct turn_conf - how to use a server
 * @username: user, NULL or empty for none; TURN_CREDENTIAL_MAX bytes at most
 * @password: secret; the client has a copy
 * @family: AF_INET or AF_INET6, of the relayed address
 * @reliable: the way there is TCP or TLS: nothing is sent twice
 * @first_channel: number of the first channel, so that two clients of one
 * interface and one server do not share numbers; 0x4000 to 0x4fff
 */
struct turn_conf {
	const char *username;
	const char *password;
	sa_family_t family;
	bool reliable;
	uint16_t first_channel;
};

/* Times are microseconds of one monotonic clock. */
struct turn *turn_new(const struct turn_conf *conf, const struct turn_ops *ops, void *arg);
void turn_free(struct turn *turn);
void turn_start(struct turn *turn, uint64_t now);
void turn_stop(struct turn *turn, uint64_t now);
void turn_tick(struct turn *turn, uint64_t now);
uint64_t turn_deadline(const struct turn *turn);
bool turn_input(struct turn *turn, uint64_t now, const void *data, size_t len);

enum turn_state turn_state(const struct turn *turn);
const char *turn_reason(const struct turn *turn);
const union mpcnet_endpoint *turn_relayed(const struct turn *turn);
const union mpcnet_endpoint *turn_mapped(const struct turn *turn);
uint16_t turn_channel(const struct turn *turn, const union mpcnet_endpoint *peer);

void turn_permit(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer);
void turn_doubt(struct turn *turn, uint64_t now);
void turn_bind(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer);
bool turn_send(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer, const void *data,
	       size_t len);

/* For a stream: where the first frame ends. */
size_t turn_frame_len(const uint8_t *data, size_t len);

/* So that a helper that died goes on where it was. */
size_t turn_save(const struct turn *turn, uint64_t now, uint8_t *data, size_t room);
bool turn_load(struct turn *turn, uint64_t now, const uint8_t *data, size_t len);

#endif /* MPCNET_TURN_H */
