/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STUN messages (RFC 8489), with the attributes of TURN (RFC 8656), of ICE
 * (RFC 8445) and of behaviour discovery (RFC 5780). Bytes in, bytes out: no
 * socket, no clock, no memory of its own.
 */
#ifndef MPCNET_STUN_H
#define MPCNET_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

#define STUN_HEADER_LEN 20
#define STUN_ID_LEN 12
#define STUN_COOKIE 0x2112a442U
#define STUN_SHA1_LEN 20
#define STUN_SHA256_LEN 32
/* Room for what we send but DATA: nonce and realm have at most 763 bytes each. */
#define STUN_ROOM 2048
#define STUN_ROSTER_LEN 32

enum stun_class {
	STUN_REQUEST = 0,
	STUN_INDICATION = 1,
	STUN_SUCCESS = 2,
	STUN_ERROR = 3,
};

enum stun_method {
	STUN_BINDING = 1,
	STUN_ALLOCATE = 3,
	STUN_REFRESH = 4,
	STUN_SEND = 6,
	STUN_DATA = 7,
	STUN_CREATE_PERMISSION = 8,
	STUN_CHANNEL_BIND = 9,
};

enum stun_type {
	STUN_MAPPED_ADDRESS = 0x0001,
	STUN_CHANGE_REQUEST = 0x0003,
	STUN_USERNAME = 0x0006,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_CHANNEL_NUMBER = 0x000c,
	STUN_LIFETIME = 0x000d,
	STUN_XOR_PEER_ADDRESS = 0x0012,
	STUN_DATA_VALUE = 0x0013,
	STUN_REALM = 0x0014,
	STUN_NONCE = 0x0015,
	STUN_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_REQUESTED_ADDRESS_FAMILY = 0x0017,
	STUN_REQUESTED_TRANSPORT = 0x0019,
	STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_PRIORITY = 0x0024,
	STUN_USE_CANDIDATE = 0x0025,
	STUN_RESPONSE_PORT = 0x0027,
	STUN_SOFTWARE = 0x8022,
	STUN_ALTERNATE_SERVER = 0x8023,
	STUN_FINGERPRINT = 0x8028,
	STUN_RESPONSE_ORIGIN = 0x802b,
	STUN_OTHER_ADDRESS = 0x802c,
	/* Ours, of the range for private use (RFC 8489 section 18.3.1 leaves
	 * 0xC000 on to designated experts): SHA-256 of the roster. */
	STUN_ROSTER = 0xc0de,
};

/* Codes of errors, RFC 8489 section 14.8, RFC 8656 section 19. */
enum stun_code {
	STUN_TRY_ALTERNATE = 300,
	STUN_BAD_REQUEST = 400,
	STUN_UNAUTHENTICATED = 401,
	STUN_FORBIDDEN = 403,
	STUN_UNKNOWN_ATTRIBUTE = 420,
	STUN_ALLOCATION_MISMATCH = 437,
	STUN_STALE_NONCE = 438,
	STUN_WRONG_CREDENTIALS = 441,
	STUN_ALLOCATION_QUOTA_REACHED = 486,
	STUN_INSUFFICIENT_CAPACITY = 508,
	/* Ours: the parties do not mean the same group. */
	STUN_ROSTER_DIFFERS = 590,
};

/**
 * struct stun_span - bytes inside a message
 * @data: the first, NULL if the attribute is not there
 * @len: how many, which may be 0
 */
struct stun_span {
	const uint8_t *data;
	size_t len;
};

/**
 * struct stun_message - a message that was decoded; it points into its bytes
 * @class: of enum stun_class
 * @method: of enum stun_method, or one that we do not know
 * @id: transaction, 12 bytes
 * @whole: all of its bytes, for the integrity
 * @mapped: XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS for want of it
 * @peer: XOR-PEER-ADDRESS
 * @relayed: XOR-RELAYED-ADDRESS
 * @origin: RESPONSE-ORIGIN
 * @other: OTHER-ADDRESS
 * @alternate: ALTERNATE-SERVER; of each address the family is 0 if it is not there
 * @error: code of ERROR-CODE, 0 for none
 * @reason: its words
 * @username: USERNAME
 * @realm: REALM
 * @nonce: NONCE
 * @data: DATA
 * @roster: ROSTER, 32 bytes if it is there
 * @lifetime: LIFETIME in seconds
 * @priority: PRIORITY
 * @channel: CHANNEL-NUMBER, 0 for none
 * @has_lifetime: LIFETIME is there
 * @has_priority: PRIORITY is there
 * @use_candidate: USE-CANDIDATE is there
 * @sha1_at: where MESSAGE-INTEGRITY begins, 0 for none
 * @sha256_at: where MESSAGE-INTEGRITY-SHA256 begins, 0 for none
 * @sha256_len: bytes of its value, 16 to 32
 * @has_fingerprint: FINGERPRINT is there; stun_decode() has checked it
 * @unknown: a type that has to be understood and is not, 0 for none
 */
struct stun_message {
	enum stun_class class;
	uint16_t method;
	const uint8_t *id;
	struct stun_span whole;
	union mpcnet_endpoint mapped;
	union mpcnet_endpoint peer;
	union mpcnet_endpoint relayed;
	union mpcnet_endpoint origin;
	union mpcnet_endpoint other;
	union mpcnet_endpoint alternate;
	uint16_t error;
	struct stun_span reason;
	struct stun_span username;
	struct stun_span realm;
	struct stun_span nonce;
	struct stun_span data;
	const uint8_t *roster;
	uint32_t lifetime;
	uint32_t priority;
	uint16_t channel;
	bool has_lifetime;
	bool has_priority;
	bool use_candidate;
	size_t sha1_at;
	size_t sha256_at;
	size_t sha256_len;
	bool has_fingerprint;
	uint16_t unknown;
};

/**
 * struct stun_builder - a message under construction
 * @data: where it is made
 * @room: bytes there
 * @len: bytes so far
 * @failed: something did not fit, or could not be computed
 */
struct stun_builder {
	uint8_t *data;
	size_t room;
	size_t len;
	bool failed;
};

/* stun_read.c */
bool stun_is_message(const void *data, size_t len);
bool stun_decode(struct stun_message *message, const void *data, size_t len);

/* stun_proof.c */
uint32_t stun_fingerprint(const void *data, size_t len);
bool stun_verify_sha1(const struct stun_message *message, const void *key, size_t len);
bool stun_verify_sha256(const struct stun_message *message, const void *key, size_t len);

/* stun_write.c */
bool stun_new_id(uint8_t id[STUN_ID_LEN]);
void stun_begin(struct stun_builder *b, void *data, size_t room, enum stun_class class,
		enum stun_method method, const uint8_t id[STUN_ID_LEN]);
void stun_put(struct stun_builder *b, enum stun_type type, const void *value, size_t len);
void stun_put_u32(struct stun_builder *b, enum stun_type type, uint32_t value);
void stun_put_address(struct stun_builder *b, enum stun_type type,
		      const union mpcnet_endpoint *address);
void stun_put_error(struct stun_builder *b, enum stun_code code, const char *reason);
void stun_seal_sha1(struct stun_builder *b, const void *key, size_t len);
void stun_seal_sha256(struct stun_builder *b, const void *key, size_t len);
size_t stun_end(struct stun_builder *b);
bool stun_long_term_key(uint8_t key[16], const char *username, const char *realm,
			const char *password);

#endif /* MPCNET_STUN_H */
