/* SPDX-License-Identifier: GPL-2.0 */
/*
 * WireGuard version 1 on the wire, for the tests: the handshake
 * Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as initiator and as responder, the
 * macs and the cookie, and data messages. Written from the published paper,
 * it shares nothing with the module that it judges.
 *
 * Functions that judge a message return NULL if it is right, else what is
 * wrong with it.
 */
#ifndef MPCNET_SELFTEST_NOISE_H
#define MPCNET_SELFTEST_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOISE_KEY	32
#define NOISE_HASH	32
#define NOISE_TAG	16
#define NOISE_MAC	16
#define NOISE_STAMP	12
#define NOISE_NONCE	24
#define NOISE_PAD	16
#define NOISE_INNER_MAX	65536

enum noise_type {
	NOISE_INITIATION = 1,
	NOISE_RESPONSE = 2,
	NOISE_COOKIE = 3,
	NOISE_DATA = 4,
};

/*
 * The messages. All integers are little-endian bytes, so that a struct is its
 * message whatever the machine.
 */
struct noise_initiation {
	uint8_t type[4];
	uint8_t sender[4];
	uint8_t ephemeral[NOISE_KEY];
	uint8_t fixed[NOISE_KEY + NOISE_TAG];
	uint8_t timestamp[NOISE_STAMP + NOISE_TAG];
	uint8_t mac1[NOISE_MAC];
	uint8_t mac2[NOISE_MAC];
};

struct noise_response {
	uint8_t type[4];
	uint8_t sender[4];
	uint8_t receiver[4];
	uint8_t ephemeral[NOISE_KEY];
	uint8_t nothing[NOISE_TAG];
	uint8_t mac1[NOISE_MAC];
	uint8_t mac2[NOISE_MAC];
};

struct noise_cookie {
	uint8_t type[4];
	uint8_t receiver[4];
	uint8_t nonce[NOISE_NONCE];
	uint8_t cookie[NOISE_MAC + NOISE_TAG];
};

struct noise_data {
	uint8_t type[4];
	uint8_t receiver[4];
	uint8_t counter[8];
	uint8_t sealed[];
};

#define NOISE_DATA_HEAD	(sizeof(struct noise_data))
#define NOISE_DATA_LEN(padded)	(NOISE_DATA_HEAD + (padded) + NOISE_TAG)

/* Diffie-Hellman results, as bits of noise_handshake.zero_dh. */
enum noise_dh {
	NOISE_ES = 1,
	NOISE_SS = 2,
	NOISE_EE = 4,
	NOISE_SE = 8,
};

/**
 * struct noise_identity - a static key pair
 * @secret: the private key
 * @public: the public key
 */
struct noise_identity {
	uint8_t secret[NOISE_KEY];
	uint8_t public[NOISE_KEY];
};

/**
 * struct noise_handshake - one handshake, and what lasts from one to the next
 * @self: own static key
 * @remote: the other side's static key
 * @psk: pre-shared key, zeros for none
 * @stamp: timestamp that was sent last
 * @remote_stamp: timestamp that was received last
 * @cookie: cookie for mac2 of what we send
 * @has_cookie: @cookie is to be used
 * @given: cookie that the other side's mac2 must be made with
 * @has_given: @given is to be used
 * @mac1_sent: mac1 of the message that was sent last
 * @index: own index, chosen by the caller or at random if 0
 * @remote_index: the other side's index
 * @hash: transcript so far
 * @chain: chain key
 * @ephemeral: own ephemeral key
 * @remote_ephemeral: the other side's ephemeral key
 * @fixed_ephemeral: do not make a new @ephemeral, to craft messages
 * @zero_dh: which shared secrets to take as zero, to craft messages
 */
struct noise_handshake {
	struct noise_identity self;
	uint8_t remote[NOISE_KEY];
	uint8_t psk[NOISE_KEY];
	uint8_t stamp[NOISE_STAMP];
	uint8_t remote_stamp[NOISE_STAMP];
	uint8_t cookie[NOISE_MAC];
	bool has_cookie;
	uint8_t given[NOISE_MAC];
	bool has_given;
	uint8_t mac1_sent[NOISE_MAC];
	uint32_t index;
	uint32_t remote_index;
	uint8_t hash[NOISE_HASH];
	uint8_t chain[NOISE_HASH];
	struct noise_identity ephemeral;
	uint8_t remote_ephemeral[NOISE_KEY];
	bool fixed_ephemeral;
	unsigned int zero_dh;
};

/**
 * struct noise_session - transport keys after a handshake
 * @send: key of messages that we send
 * @receive: key of messages that we receive
 * @index: own index, in messages that we receive
 * @remote_index: the other side's, in messages that we send
 * @next: counter of the next message that we send
 * @expected: the least counter that the other side has not used yet
 */
struct noise_session {
	uint8_t send[NOISE_KEY];
	uint8_t receive[NOISE_KEY];
	uint32_t index;
	uint32_t remote_index;
	uint64_t next;
	uint64_t expected;
};

uint32_t noise_get32(const uint8_t *p);
uint64_t noise_get64(const uint8_t *p);
void noise_put32(uint8_t *p, uint32_t value);
void noise_put64(uint8_t *p, uint64_t value);

/* Must be called once before anything else. Returns false if impossible. */
bool noise_start(void);

void noise_identity_new(struct noise_identity *id);

/* The time of now as TAI64N, always later than the one before. */
void noise_stamp_now(uint8_t stamp[NOISE_STAMP]);

/* Initiator: @hs has self, remote and psk. The time is that of now. */
void noise_initiate(struct noise_handshake *hs, struct noise_initiation *msg);

/* The same with the time of @hs->stamp. */
void noise_initiate_stamped(struct noise_handshake *hs, struct noise_initiation *msg);
const char *noise_conclude(struct noise_handshake *hs, const void *msg, size_t len,
			   struct noise_session *session);

/* Responder: @hs has self, and remote and psk of the one that is expected. */
const char *noise_judge_initiation(struct noise_handshake *hs, const void *msg, size_t len);
void noise_respond(struct noise_handshake *hs, struct noise_response *msg,
		   struct noise_session *session);

/* Write mac1 and mac2, the last 32 bytes of a message, over what is there. */
void noise_mac(struct noise_handshake *hs, void *msg, size_t len);

/* Judge mac1 and mac2; @cookie is the one that was given out, or NULL. */
const char *noise_judge_macs(const uint8_t own_public[NOISE_KEY], const uint8_t *cookie,
			     const void *msg, size_t len);

/* A cookie reply to the handshake message @msg of @len bytes, made by its receiver. */
void noise_cookie_make(struct noise_cookie *reply, const uint8_t own_public[NOISE_KEY],
		       const uint8_t cookie[NOISE_MAC], const void *msg, size_t len);

/* Take the cookie of a reply to the message that @hs sent last. */
const char *noise_cookie_take(struct noise_handshake *hs, const void *msg, size_t len);

/* A data message with the next counter. @inner is padded. Returns its length. */
size_t noise_seal(struct noise_session *session, void *msg, const void *inner, size_t len);

/* The same with any counter, and as many bytes of plaintext as are given. */
size_t noise_seal_raw(const struct noise_session *session, uint64_t counter, void *msg,
		      const void *plain, size_t len);

/* Open a data message; its counter must not have been used before. */
const char *noise_open(struct noise_session *session, const void *msg, size_t len,
		       void *plain, size_t *plain_len);

/* ChaCha20-Poly1305 with the nonce of the protocol; @len for open includes the tag. */
void noise_aead_seal(uint8_t *out, const uint8_t key[NOISE_KEY], uint64_t counter,
		     const void *plain, size_t len, const void *ad, size_t ad_len);
bool noise_aead_open(uint8_t *out, const uint8_t key[NOISE_KEY], uint64_t counter,
		     const void *sealed, size_t len, const void *ad, size_t ad_len);

/* Judge the padding: @plain holds one IP packet and zeros. */
const char *noise_judge_padding(const uint8_t *plain, size_t len, size_t mtu, size_t *inner_len);

#endif /* MPCNET_SELFTEST_NOISE_H */
