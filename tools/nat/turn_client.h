/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the TURN client share.
 *
 *	turn.c		states, the allocation and its refresh
 *	turn_request.c	requests under way: built, sent again, given up
 *	turn_answer.c	responses: who may believe them, what they mean
 *	turn_peers.c	permissions and channels
 *	turn_data.c	data to and from peers, frames of a stream
 *	turn_save.c	the client as bytes
 */
#ifndef MPCNET_TURN_CLIENT_H
#define MPCNET_TURN_CLIENT_H

#include <string.h>

#include "turn.h"

#define TURN_MS UINT64_C(1000)
#define TURN_SECOND UINT64_C(1000000)
#define TURN_NEVER UINT64_MAX

/* First wait for an answer, and all of it with 7 transmissions, RFC 8489 section 6.2.1. */
#define TURN_RTO (500 * TURN_MS)
#define TURN_PATIENCE_FULL (39500 * TURN_MS)
/* A person waits for what does not exist yet. */
#define TURN_PATIENCE (8 * TURN_SECOND)
/* Two transmissions, and the wait for the second's answer. */
#define TURN_PATIENCE_STOP (1500 * TURN_MS)

/* Seconds asked for, and at most believed, RFC 8656 sections 3.2 and 7.2. */
#define TURN_LIFETIME 600
#define TURN_LIFETIME_MAX 3600
/* RFC 8656 sections 9 and 12. */
#define TURN_PERMISSION_LIFETIME (300 * TURN_SECOND)
#define TURN_CHANNEL_LIFETIME (600 * TURN_SECOND)
/* All of them are renewed so long before their end; longer than TURN_PATIENCE_FULL. */
#define TURN_MARGIN (60 * TURN_SECOND)
/* Permissions that are due within this time go with the first. */
#define TURN_TOGETHER (30 * TURN_SECOND)

#define TURN_CHANNEL_FIRST 0x4000
#define TURN_CHANNEL_LAST 0x4fff
#define TURN_CHANNEL_HEADER 4

#define TURN_REQUESTS 8
/* With the longest nonce, realm and user still within STUN_ROOM. */
#define TURN_BATCH 12
#define TURN_REASON_MAX 384

/* RFC 8656 section 19; enum stun_code has what others need too. */
#define TURN_FAMILY_NOT_SUPPORTED 440

/**
 * struct turn_task - what a request is for
 * @method: of enum stun_method, 0 for nothing
 * @lifetime: seconds, for Refresh
 * @at: indexes of hosts for CreatePermission, of the channel for ChannelBind
 * @count: how many
 */
struct turn_task {
	uint16_t method;
	uint32_t lifetime;
	uint16_t at[TURN_BATCH];
	unsigned int count;
};

/**
 * struct turn_request - a request under way (a client transaction)
 * @task: what for; free if it has no method
 * @sealed: it has credentials
 * @again: it was repeated with another nonce
 * @id: its transaction
 * @next: when to send it again, or to give up
 * @until: when to give up
 * @rto: wait behind the next transmission, microseconds
 * @len: bytes of @data
 * @data: the message; holds the nonce
 */
struct turn_request {
	struct turn_task task;
	bool sealed;
	bool again;
	uint8_t id[STUN_ID_LEN];
	uint64_t next;
	uint64_t until;
	uint64_t rto;
	size_t len;
	uint8_t data[STUN_ROOM];
};

/**
 * struct turn_host - a host whose datagrams the server lets pass (a permission)
 * @address: its address, port 0
 * @until: end of the permission, 0 for none
 * @due: when to ask for it
 * @asked: a request is under way
 * @alone: ask for no other in the same request: one of them was refused
 * @refused: not to be had
 */
struct turn_host {
	union mpcnet_endpoint address;
	uint64_t until;
	uint64_t due;
	bool asked;
	bool alone;
	bool refused;
};

/**
 * struct turn_channel - a channel; its number is for this peer for ever
 * @peer: the peer
 * @number: the number
 * @until: end of the binding, 0 if it is not bound
 * @due: when to ask for it
 * @asked: a request is under way
 */
struct turn_channel {
	union mpcnet_endpoint peer;
	uint16_t number;
	uint64_t until;
	uint64_t due;
	bool asked;
};

/**
 * struct turn - a client
 * @ops: its owner's functions
 * @arg: their first argument
 * @username: user, empty for none
 * @password: secret
 * @family: of the relayed address
 * @reliable: over TCP or TLS
 * @next_channel: number of the next new channel
 * @state: of enum turn_state
 * @reason: why it failed
 * @unsigned_error: code of an error that had no integrity where it had to, 0 for none
 * @realm: realm of the server and a 0; empty as long as it is not known
 * @nonce: nonce of the server
 * @nonce_len: its bytes
 * @key: of user, realm and password; secret
 * @has_key: @key is there
 * @relayed: address at the server, family 0 for none
 * @mapped: our address as the server sees it, family 0 for none
 * @expires: end of the allocation, 0 if there was none
 * @refresh_at: when to refresh it; TURN_NEVER while that is under way
 * @requests: requests under way
 * @hosts: permissions
 * @host_count: how many
 * @channels: channels, their numbers ascending
 * @channel_count: how many
 * @out: where data gets its header
 */
struct turn {
	struct turn_ops ops;
	void *arg;
	char username[TURN_CREDENTIAL_MAX + 1];
	char password[TURN_CREDENTIAL_MAX + 1];
	sa_family_t family;
	bool reliable;
	uint16_t next_channel;
	enum turn_state state;
	char reason[TURN_REASON_MAX];
	uint16_t unsigned_error;
	char realm[TURN_WORD_MAX + 1];
	uint8_t nonce[TURN_WORD_MAX];
	size_t nonce_len;
	uint8_t key[16];
	bool has_key;
	union mpcnet_endpoint relayed;
	union mpcnet_endpoint mapped;
	uint64_t expires;
	uint64_t refresh_at;
	struct turn_request requests[TURN_REQUESTS];
	struct turn_host hosts[TURN_PEERS_MAX];
	unsigned int host_count;
	struct turn_channel channels[TURN_PEERS_MAX];
	unsigned int channel_count;
	uint8_t out[TURN_DATA_MAX + 128];
};

static inline uint64_t turn_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* turn.c */
void turn_fail(struct turn *turn, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool turn_set_realm(struct turn *turn, const uint8_t *data, size_t len);
void turn_allocated(struct turn *turn, uint64_t now, const struct stun_message *message);
void turn_refreshed(struct turn *turn, uint64_t now, const struct stun_message *message);

/* turn_request.c */
bool turn_request_room(const struct turn *turn);
void turn_request_start(struct turn *turn, uint64_t now, const struct turn_task *task,
			uint64_t patience);
void turn_request_repeat(struct turn *turn, uint64_t now, struct turn_request *request);
struct turn_request *turn_request_find(struct turn *turn, const struct stun_message *message);
struct turn_task turn_request_end(struct turn_request *request);
void turn_request_end_all(struct turn *turn);
void turn_request_tick(struct turn *turn, uint64_t now);
uint64_t turn_request_deadline(const struct turn *turn);

/* turn_answer.c */
bool turn_answer(struct turn *turn, uint64_t now, const struct stun_message *message);
void turn_unanswered(struct turn *turn, uint64_t now, const struct turn_task *task);

/* turn_peers.c */
struct turn_host *turn_host_find(struct turn *turn, const union mpcnet_endpoint *peer);
struct turn_host *turn_host_add(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer);
struct turn_channel *turn_channel_find(const struct turn *turn, const union mpcnet_endpoint *peer);
void turn_permitted(struct turn *turn, uint64_t now, const struct turn_task *task, bool ok);
void turn_bound(struct turn *turn, uint64_t now, const struct turn_task *task, bool ok);
void turn_peers_lost(struct turn *turn, uint64_t now, const struct turn_task *task);
void turn_peers_forget(struct turn *turn);
void turn_peers_tick(struct turn *turn, uint64_t now);
uint64_t turn_peers_deadline(const struct turn *turn);

/* turn_data.c */
bool turn_data_indication(struct turn *turn, const struct stun_message *message);
bool turn_data_channel(struct turn *turn, uint64_t now, const uint8_t *data, size_t len);

#endif /* MPCNET_TURN_CLIENT_H */
