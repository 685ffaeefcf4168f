// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake: both roles against a vector made elsewhere, then against each
 * other. A vector cannot tell the ephemeral key that the module makes up, so
 * each role reads the vector's message of the other one; what a role writes is
 * right if the other one, which has proved that it reads right, can read it.
 */
#include "selftest.h"

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../device.h"
#include "../keypair.h"
#include "../lookup.h"
#include "../peer.h"
#include "noise_vectors.h"

#define KEY MPCNET_NOISE_KEY_LEN

/*
 * One end: as much of an interface and its peer as a handshake touches. The
 * peer's reference is never given up, for it was not made as peers are.
 */
struct side {
	struct mpcnet_device mpc;
	struct mpcnet_peer peer;
};

static struct side *__init side_create(const u8 private_key[KEY],
				       const u8 remote_static[KEY])
{
	struct side *side = kzalloc(sizeof(*side), GFP_KERNEL);
	struct mpcnet_identity *identity;

	if (!side)
		return NULL;
	side->mpc.lookup = mpcnet_lookup_alloc();
	if (!side->mpc.lookup) {
		kfree(side);
		return NULL;
	}
	side->peer.mpc = &side->mpc;
	kref_init(&side->peer.ref);
	spin_lock_init(&side->peer.keypairs.lock);
	mpcnet_noise_handshake_init(&side->peer.handshake, remote_static);
	memcpy(side->peer.handshake.preshared_key, preshared_key, KEY);
	mpcnet_lookup_add_peer(side->mpc.lookup, &side->peer);

	identity = &side->mpc.identity;
	mpcnet_noise_identity_init(identity);
	down_write(&identity->lock);
	mpcnet_noise_identity_set(identity, private_key, false);
	mpcnet_noise_precompute(identity, &side->peer.handshake);
	up_write(&identity->lock);
	return side;
}

static void __init side_destroy(struct side *side)
{
	if (!side)
		return;
	mpcnet_noise_clear(&side->peer.handshake);
	mpcnet_keypair_clear_all(&side->peer);
	rcu_barrier(); /* the keypairs' callbacks */
	kvfree(side->mpc.lookup);
	kfree(side);
}

static bool __init respond(struct side *side,
			   const struct mpcnet_message_initiation *initiation,
			   struct mpcnet_message_response *response)
{
	struct mpcnet_peer *peer;

	peer = mpcnet_noise_respond(&side->mpc, initiation, response);
	if (peer)
		mpcnet_peer_put(peer);
	return peer;
}

static bool __init finish(struct side *side,
			  const struct mpcnet_message_response *response)
{
	struct mpcnet_peer *peer = mpcnet_noise_finish(&side->mpc, response);

	if (peer)
		mpcnet_peer_put(peer);
	return peer;
}

/* Nobody else knows the sides: their keypairs stay without a lock. */
static struct mpcnet_keypair *__init keypair_of(struct mpcnet_keypair __rcu *place)
{
	return rcu_dereference_protected(place, true);
}

/* Put the initiator where it stands after having sent the vector's initiation. */
static bool __init pretend_initiated(struct side *side)
{
	struct mpcnet_handshake *handshake = &side->peer.handshake;

	handshake->pending = mpcnet_keypair_create(&side->peer, true);
	memcpy(handshake->ephemeral, initiator_ephemeral, KEY);
	memcpy(handshake->state.chaining_key, state_chaining_key,
	       MPCNET_HASH_LEN);
	memcpy(handshake->state.hash, state_hash, MPCNET_HASH_LEN);
	return mpcnet_expect(handshake->pending);
}

static bool __init initiator_ok(struct side *side)
{
	struct mpcnet_message_response message, bad;
	struct mpcnet_keypair *keypair;
	size_t i;

	if (!pretend_initiated(side))
		return false;
	memcpy(&message, response, sizeof(message));
	message.receiver = side->peer.handshake.pending->index;
	for (i = offsetof(typeof(bad), ephemeral);
	     i < offsetof(typeof(bad), macs); i += 5) {
		bad = message;
		((u8 *)&bad)[i] ^= 1;
		if (!mpcnet_expect(!finish(side, &bad)))
			return false;
	}
	bad = message;
	bad.receiver ^= cpu_to_le32(1);
	if (!mpcnet_expect(!finish(side, &bad)) ||
	    !mpcnet_expect(finish(side, &message)) ||
	    !mpcnet_expect(!finish(side, &message)))
		return false;
	keypair = keypair_of(side->peer.keypairs.active);
	return mpcnet_expect(keypair && keypair->ready) &&
	       mpcnet_expect(keypair->remote_index == cpu_to_le32(0x55667788)) &&
	       mpcnet_expect(!memcmp(keypair->sending, key_to_responder, KEY)) &&
	       mpcnet_expect(!memcmp(keypair->receiving, key_to_initiator, KEY)) &&
	       mpcnet_expect(!side->peer.handshake.pending) &&
	       mpcnet_expect(!memchr_inv(side->peer.handshake.ephemeral, 0, KEY));
}

/* What must not be answered, and must not make the responder forget. */
static bool __init refused_ok(struct side *side)
{
	struct mpcnet_message_initiation bad;
	struct mpcnet_message_response answer;
	size_t i;

	for (i = offsetof(typeof(bad), ephemeral);
	     i < offsetof(typeof(bad), macs); i += 5) {
		memcpy(&bad, initiation, sizeof(bad));
		((u8 *)&bad)[i] ^= 1;
		if (!mpcnet_expect(!respond(side, &bad, &answer)))
			return false;
	}
	memcpy(&bad, initiation_zero, sizeof(bad));
	return mpcnet_expect(!respond(side, &bad, &answer)) &&
	       mpcnet_expect(!keypair_of(side->peer.keypairs.next));
}

/* Have both ends the same session, each key the other's opposite? */
static bool __init is_session(const struct mpcnet_keypair *initiator,
			      const struct mpcnet_keypair *responder)
{
	return mpcnet_expect(initiator && initiator->ready) &&
	       mpcnet_expect(responder && responder->ready) &&
	       mpcnet_expect(initiator->remote_index == responder->index) &&
	       mpcnet_expect(responder->remote_index == initiator->index) &&
	       mpcnet_expect(!memcmp(initiator->sending, responder->receiving, KEY)) &&
	       mpcnet_expect(!memcmp(initiator->receiving, responder->sending, KEY)) &&
	       mpcnet_expect(memcmp(initiator->sending, initiator->receiving, KEY));
}

/* The vector's initiation; the answer is read by the initiator. */
static bool __init responder_ok(struct side *initiator, struct side *responder)
{
	struct mpcnet_message_initiation message;
	struct mpcnet_message_response answer;

	if (!refused_ok(responder) || !pretend_initiated(initiator))
		return false;
	memcpy(&message, initiation, sizeof(message));
	message.sender = initiator->peer.handshake.pending->index;
	if (!mpcnet_expect(respond(responder, &message, &answer)) ||
	    !mpcnet_expect(finish(initiator, &answer)))
		return false;
	responder->peer.handshake.last_taken = 0; /* not the reason to refuse */
	return is_session(keypair_of(initiator->peer.keypairs.active),
			  keypair_of(responder->peer.keypairs.next)) &&
	       mpcnet_expect(!respond(responder, &message, &answer));
}

/* TAI64N, as the initiator wrote it: now, give or take a few seconds? */
static bool __init is_now(const u8 timestamp[MPCNET_TIMESTAMP_LEN])
{
	__be64 seconds;
	__be32 ns;
	u64 age;

	memcpy(&seconds, timestamp, sizeof(seconds));
	memcpy(&ns, timestamp + sizeof(seconds), sizeof(ns));
	age = ktime_get_real_seconds() + 0x400000000000000aULL -
	      be64_to_cpu(seconds);
	return mpcnet_expect(age <= 5) &&
	       mpcnet_expect(be32_to_cpu(ns) < NSEC_PER_SEC);
}

/* The module's own initiation, with the wrong pre-shared key first. */
static bool __init both_ok(struct side *initiator, struct side *responder)
{
	struct mpcnet_message_initiation message;
	struct mpcnet_message_response answer;
	struct mpcnet_handshake *handshake = &responder->peer.handshake;

	memset(handshake->latest_timestamp, 0, MPCNET_TIMESTAMP_LEN);
	handshake->last_taken = 0;
	handshake->preshared_key[0] ^= 1;
	if (!mpcnet_expect(mpcnet_noise_initiate(&initiator->mpc.identity,
						 &initiator->peer, &message)) ||
	    !mpcnet_expect(respond(responder, &message, &answer)) ||
	    !mpcnet_expect(!finish(initiator, &answer)))
		return false;
	memset(handshake->latest_timestamp, 0, MPCNET_TIMESTAMP_LEN);
	handshake->last_taken = 0;
	handshake->preshared_key[0] ^= 1;
	return mpcnet_expect(respond(responder, &message, &answer)) &&
	       is_now(handshake->latest_timestamp) &&
	       mpcnet_expect(finish(initiator, &answer)) &&
	       is_session(keypair_of(initiator->peer.keypairs.active),
			  keypair_of(responder->peer.keypairs.next));
}

/* The second of two initiations that come within 20 ms is refused. */
static bool __init pace_ok(struct side *initiator, struct side *responder)
{
	struct mpcnet_message_initiation message;
	struct mpcnet_message_response answer;
	struct mpcnet_handshake *handshake = &responder->peer.handshake;

	memset(handshake->latest_timestamp, 0, MPCNET_TIMESTAMP_LEN);
	handshake->last_taken = ktime_get_boottime_ns() + NSEC_PER_SEC;
	if (!mpcnet_expect(mpcnet_noise_initiate(&initiator->mpc.identity,
						 &initiator->peer, &message)) ||
	    !mpcnet_expect(!respond(responder, &message, &answer)))
		return false;
	handshake->last_taken = 0;
	return mpcnet_expect(respond(responder, &message, &answer));
}

/**
 * mpcnet_selftest_noise() - test the handshake
 *
 * After mpcnet_noise_init().
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_noise(void)
{
	struct side *initiator = side_create(initiator_private, responder_public);
	struct side *responder = side_create(responder_private, initiator_public);
	bool ok;

	ok = mpcnet_expect(initiator && responder) &&
	     mpcnet_expect(!memcmp(initiator->mpc.identity.public_key,
				   initiator_public, KEY)) &&
	     mpcnet_expect(!memcmp(responder->mpc.identity.public_key,
				   responder_public, KEY)) &&
	     initiator_ok(initiator) && responder_ok(initiator, responder) &&
	     both_ok(initiator, responder) && pace_ok(initiator, responder);
	side_destroy(initiator);
	side_destroy(responder);
	return ok;
}
