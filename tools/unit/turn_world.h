/* SPDX-License-Identifier: GPL-2.0 */
/* A TURN client, a small server, what lies between them, and their time. */
#ifndef MPCNET_TURN_WORLD_H
#define MPCNET_TURN_WORLD_H

#include "turn.h"

#define SECOND UINT64_C(1000000)
#define PACKETS 64
#define PACKET_ROOM 2048
#define SENT_MAX 4096
#define NEVER UINT64_MAX

/**
 * struct packet - bytes on their way to the server
 * @len: how many
 * @data: the bytes
 */
struct packet {
	size_t len;
	uint8_t data[PACKET_ROOM];
};

/**
 * struct allowance - a permission or a channel of the server
 * @peer: of permissions, the port is 0
 * @number: of channels
 * @until: when it ends
 */
struct allowance {
	union mpcnet_endpoint peer;
	uint16_t number;
	uint64_t until;
};

/**
 * struct world - all of it
 * @turn: the client
 * @now: the time
 * @inbox: what the client sent and the server has not seen
 * @inbox_count: how many
 * @sent: when each was sent
 * @sent_method: the method of each, 0 for ChannelData
 * @sent_count: how many
 * @lose: so many of the next datagrams to the server get lost
 * @dead: all of them do
 * @open: the server wants no credentials
 * @password: that the server knows
 * @nonce: number of its nonce
 * @stale: so many of the next sealed requests have a stale nonce
 * @refuse: error for the next requests of @refuse_method, 0 for none
 * @refuse_method: see @refuse
 * @refuse_unsigned: that error has no integrity
 * @forbidden: a host that may not be relayed to; family 0 for none
 * @expires: end of the allocation, 0 if there is none
 * @lifetime: that the server gives, seconds
 * @permissions: by host
 * @permission_count: how many
 * @channels: by peer
 * @channel_count: how many
 * @last: the last response
 * @hold: responses are not delivered, but for @last to look at
 * @changes: calls of ops->changed()
 * @bound: calls of ops->bound()
 * @bound_peer: of the last one
 * @bound_number: of the last one
 * @got: calls of ops->data()
 * @got_peer: of the last one
 * @got_len: of the last one
 * @got_data: of the last one
 */
struct world {
	struct turn *turn;
	uint64_t now;
	struct packet inbox[PACKETS];
	unsigned int inbox_count;
	uint64_t sent[SENT_MAX];
	uint16_t sent_method[SENT_MAX];
	unsigned int sent_count;
	unsigned int lose;
	bool dead;
	bool open;
	const char *password;
	unsigned int nonce;
	unsigned int stale;
	unsigned int refuse;
	uint16_t refuse_method;
	bool refuse_unsigned;
	union mpcnet_endpoint forbidden;
	uint64_t expires;
	uint32_t lifetime;
	struct allowance permissions[512];
	unsigned int permission_count;
	struct allowance channels[512];
	unsigned int channel_count;
	struct packet last;
	bool hold;
	unsigned int changes;
	unsigned int bound;
	union mpcnet_endpoint bound_peer;
	uint16_t bound_number;
	unsigned int got;
	union mpcnet_endpoint got_peer;
	size_t got_len;
	uint8_t got_data[PACKET_ROOM];
};

extern const struct turn_ops world_ops;

void world_begin(struct world *world, const struct turn_conf *conf);
void world_end(struct world *world);
void world_run(struct world *world, uint64_t until);
unsigned int world_sent(const struct world *world, uint16_t method);
struct allowance *world_permission(struct world *world, const union mpcnet_endpoint *peer);
struct allowance *world_channel(struct world *world, const union mpcnet_endpoint *peer);
const uint8_t *world_attribute(const struct packet *packet, uint16_t type, uint16_t *len);
union mpcnet_endpoint world_peer(unsigned int host, uint16_t port);

#endif /* MPCNET_TURN_WORLD_H */
