// SPDX-License-Identifier: GPL-2.0
/*
 * WireGuard version 1 for the tests. Names in the comments are those of the
 * paper (WireGuard: Next Generation Kernel Network Tunnel, section 5.4):
 * C is the chain key, H the transcript, E an ephemeral and S a static key.
 */
#include "noise.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "blake2s.h"

#define CONSTRUCTION	"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
#define IDENTIFIER	"WireGuard v1 zx2c4 Jason@zx2c4.com"

/* TAI64 of 1970-01-01, with the ten leap seconds of then. */
#define TAI64_EPOCH	(UINT64_C(0x4000000000000000) + 10)

static const uint8_t zeros[64];

uint32_t noise_get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t noise_get64(const uint8_t *p)
{
	return noise_get32(p) | (uint64_t)noise_get32(p + 4) << 32;
}

void noise_put32(uint8_t *p, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

void noise_put64(uint8_t *p, uint64_t value)
{
	noise_put32(p, (uint32_t)value);
	noise_put32(p + 4, (uint32_t)(value >> 32));
}

bool noise_start(void)
{
	return sodium_init() >= 0;
}

void noise_identity_new(struct noise_identity *id)
{
	randombytes_buf(id->secret, NOISE_KEY);
	id->secret[0] &= 248;
	id->secret[31] = (id->secret[31] & 127) | 64;
	crypto_scalarmult_base(id->public, id->secret);
}

void noise_stamp_now(uint8_t stamp[NOISE_STAMP])
{
	static uint64_t last;
	struct timespec now;
	uint64_t ns, second;
	int i;

	clock_gettime(CLOCK_REALTIME, &now);
	ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (ns <= last)
		ns = last + 1;
	last = ns;
	second = TAI64_EPOCH + ns / 1000000000;
	for (i = 0; i < 8; i++)
		stamp[i] = (uint8_t)(second >> 8 * (7 - i));
	for (i = 0; i < 4; i++)
		stamp[8 + i] = (uint8_t)(ns % 1000000000 >> 8 * (3 - i));
}

/* H = HASH(H || data) */
static void mix_hash(struct noise_handshake *hs, const void *data, size_t len)
{
	struct blake2s ctx;

	blake2s_begin(&ctx, NOISE_HASH, NULL, 0);
	blake2s_add(&ctx, hs->hash, NOISE_HASH);
	blake2s_add(&ctx, data, len);
	blake2s_end(&ctx, hs->hash);
}

/* KDFn: @count outputs, one after the other. */
static void derive(uint8_t (*out)[NOISE_HASH], int count, const uint8_t chain[NOISE_HASH],
		   const void *input, size_t len)
{
	uint8_t extracted[NOISE_HASH], block[NOISE_HASH + 1];
	int i;

	blake2s_hmac(extracted, chain, NOISE_HASH, input, len);
	for (i = 0; i < count; i++) {
		size_t before = i ? NOISE_HASH : 0;

		if (i)
			memcpy(block, out[i - 1], NOISE_HASH);
		block[before] = (uint8_t)(i + 1);
		blake2s_hmac(out[i], extracted, NOISE_HASH, block, before + 1);
	}
}

/* C = KDF1(C, input) */
static void mix_chain(struct noise_handshake *hs, const void *input, size_t len)
{
	uint8_t out[1][NOISE_HASH];

	derive(out, 1, hs->chain, input, len);
	memcpy(hs->chain, out[0], NOISE_HASH);
}

/* (C, key) = KDF2(C, DH(secret, public)). Returns false for a zero result. */
static bool mix_dh(struct noise_handshake *hs, enum noise_dh which, uint8_t key[NOISE_KEY],
		   const uint8_t secret[NOISE_KEY], const uint8_t public[NOISE_KEY])
{
	uint8_t shared[NOISE_KEY] = { 0 }, out[2][NOISE_HASH];

	if (!(hs->zero_dh & which) && crypto_scalarmult(shared, secret, public))
		return false;
	derive(out, 2, hs->chain, shared, sizeof(shared));
	memcpy(hs->chain, out[0], NOISE_HASH);
	memcpy(key, out[1], NOISE_KEY);
	return true;
}

/* Seal one part of a handshake message, and mix it into the transcript. */
static void seal_part(struct noise_handshake *hs, uint8_t *out, const uint8_t key[NOISE_KEY],
		      const void *plain, size_t len)
{
	noise_aead_seal(out, key, 0, plain, len, hs->hash, NOISE_HASH);
	mix_hash(hs, out, len + NOISE_TAG);
}

static bool open_part(struct noise_handshake *hs, uint8_t *out, const uint8_t key[NOISE_KEY],
		      const void *sealed, size_t len)
{
	if (!noise_aead_open(out, key, 0, sealed, len, hs->hash, NOISE_HASH))
		return false;
	mix_hash(hs, sealed, len);
	return true;
}

/* C and H before the first message, to a responder with the key @responder. */
static void begin(struct noise_handshake *hs, const uint8_t responder[NOISE_KEY])
{
	blake2s_once(hs->chain, NOISE_HASH, NULL, 0, CONSTRUCTION, strlen(CONSTRUCTION));
	memcpy(hs->hash, hs->chain, NOISE_HASH);
	mix_hash(hs, IDENTIFIER, strlen(IDENTIFIER));
	mix_hash(hs, responder, NOISE_KEY);
}

static void choose_ephemeral(struct noise_handshake *hs)
{
	if (!hs->fixed_ephemeral)
		noise_identity_new(&hs->ephemeral);
}

static void mix_ephemeral(struct noise_handshake *hs, const uint8_t public[NOISE_KEY])
{
	mix_hash(hs, public, NOISE_KEY);
	mix_chain(hs, public, NOISE_KEY);
}

void noise_initiate_stamped(struct noise_handshake *hs, struct noise_initiation *msg)
{
	uint8_t key[NOISE_KEY];

	memset(msg, 0, sizeof(*msg));
	noise_put32(msg->type, NOISE_INITIATION);
	if (!hs->index)
		hs->index = randombytes_random();
	noise_put32(msg->sender, hs->index);
	begin(hs, hs->remote);
	choose_ephemeral(hs);
	memcpy(msg->ephemeral, hs->ephemeral.public, NOISE_KEY);
	mix_ephemeral(hs, msg->ephemeral);
	mix_dh(hs, NOISE_ES, key, hs->ephemeral.secret, hs->remote);
	seal_part(hs, msg->fixed, key, hs->self.public, NOISE_KEY);
	mix_dh(hs, NOISE_SS, key, hs->self.secret, hs->remote);
	seal_part(hs, msg->timestamp, key, hs->stamp, NOISE_STAMP);
	noise_mac(hs, msg, sizeof(*msg));
}

void noise_initiate(struct noise_handshake *hs, struct noise_initiation *msg)
{
	noise_stamp_now(hs->stamp);
	noise_initiate_stamped(hs, msg);
}

const char *noise_judge_initiation(struct noise_handshake *hs, const void *data, size_t len)
{
	const struct noise_initiation *msg = data;
	uint8_t key[NOISE_KEY], fixed[NOISE_KEY], stamp[NOISE_STAMP];
	const char *why;

	if (len != sizeof(*msg))
		return "initiation has a wrong length";
	if (noise_get32(msg->type) != NOISE_INITIATION)
		return "initiation has a wrong type or reserved bytes that are not zero";
	why = noise_judge_macs(hs->self.public, hs->has_given ? hs->given : NULL, msg, len);
	if (why)
		return why;
	if (!memcmp(msg->ephemeral, hs->remote_ephemeral, NOISE_KEY))
		return "initiation has the ephemeral key of the one before";
	begin(hs, hs->self.public);
	memcpy(hs->remote_ephemeral, msg->ephemeral, NOISE_KEY);
	mix_ephemeral(hs, msg->ephemeral);
	if (!mix_dh(hs, NOISE_ES, key, hs->self.secret, msg->ephemeral))
		return "initiation has an ephemeral key of low order";
	if (!open_part(hs, fixed, key, msg->fixed, sizeof(msg->fixed)))
		return "initiation's static key does not authenticate";
	if (memcmp(fixed, hs->remote, NOISE_KEY))
		return "initiation is from another static key";
	if (!mix_dh(hs, NOISE_SS, key, hs->self.secret, hs->remote))
		return "initiation's static key is of low order";
	if (!open_part(hs, stamp, key, msg->timestamp, sizeof(msg->timestamp)))
		return "initiation's timestamp does not authenticate";
	if (memcmp(stamp, hs->remote_stamp, NOISE_STAMP) <= 0)
		return "initiation's timestamp is not later than the one before";
	memcpy(hs->remote_stamp, stamp, NOISE_STAMP);
	hs->remote_index = noise_get32(msg->sender);
	return NULL;
}

/* The transport keys; the first is that of the initiator's messages. */
static void split(struct noise_handshake *hs, struct noise_session *session, bool initiator)
{
	uint8_t out[2][NOISE_HASH];

	derive(out, 2, hs->chain, zeros, 0);
	memset(session, 0, sizeof(*session));
	memcpy(session->send, out[!initiator], NOISE_KEY);
	memcpy(session->receive, out[initiator], NOISE_KEY);
	session->index = hs->index;
	session->remote_index = hs->remote_index;
	memset(hs->chain, 0, NOISE_HASH);
}

/* (C, t, key) = KDF3(C, psk), H = HASH(H || t) */
static void mix_psk(struct noise_handshake *hs, uint8_t key[NOISE_KEY])
{
	uint8_t out[3][NOISE_HASH];

	derive(out, 3, hs->chain, hs->psk, NOISE_KEY);
	memcpy(hs->chain, out[0], NOISE_HASH);
	mix_hash(hs, out[1], NOISE_HASH);
	memcpy(key, out[2], NOISE_KEY);
}

void noise_respond(struct noise_handshake *hs, struct noise_response *msg,
		   struct noise_session *session)
{
	uint8_t key[NOISE_KEY];

	memset(msg, 0, sizeof(*msg));
	noise_put32(msg->type, NOISE_RESPONSE);
	if (!hs->index)
		hs->index = randombytes_random();
	noise_put32(msg->sender, hs->index);
	noise_put32(msg->receiver, hs->remote_index);
	choose_ephemeral(hs);
	memcpy(msg->ephemeral, hs->ephemeral.public, NOISE_KEY);
	mix_ephemeral(hs, msg->ephemeral);
	mix_dh(hs, NOISE_EE, key, hs->ephemeral.secret, hs->remote_ephemeral);
	mix_dh(hs, NOISE_SE, key, hs->ephemeral.secret, hs->remote);
	mix_psk(hs, key);
	seal_part(hs, msg->nothing, key, zeros, 0);
	noise_mac(hs, msg, sizeof(*msg));
	split(hs, session, false);
}

const char *noise_conclude(struct noise_handshake *hs, const void *data, size_t len,
			   struct noise_session *session)
{
	const struct noise_response *msg = data;
	struct noise_handshake after = *hs;
	uint8_t key[NOISE_KEY], nothing[1];
	const char *why;

	if (len != sizeof(*msg))
		return "response has a wrong length";
	if (noise_get32(msg->type) != NOISE_RESPONSE)
		return "response has a wrong type or reserved bytes that are not zero";
	if (noise_get32(msg->receiver) != hs->index)
		return "response is to another index";
	why = noise_judge_macs(hs->self.public, hs->has_given ? hs->given : NULL, msg, len);
	if (why)
		return why;
	if (!memcmp(msg->ephemeral, hs->remote_ephemeral, NOISE_KEY))
		return "response has the ephemeral key of the one before";
	mix_ephemeral(&after, msg->ephemeral);
	if (!mix_dh(&after, NOISE_EE, key, hs->ephemeral.secret, msg->ephemeral) ||
	    !mix_dh(&after, NOISE_SE, key, hs->self.secret, msg->ephemeral))
		return "response has an ephemeral key of low order";
	mix_psk(&after, key);
	if (!open_part(&after, nothing, key, msg->nothing, sizeof(msg->nothing)))
		return "response does not authenticate";
	after.remote_index = noise_get32(msg->sender);
	memcpy(after.remote_ephemeral, msg->ephemeral, NOISE_KEY);
	split(&after, session, true);
	*hs = after;
	return NULL;
}
