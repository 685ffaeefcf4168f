// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake's messages and keys, section 5.4 of the WireGuard paper:
 *
 *	initiator                                   responder
 *	noise_initiate()  -- e, es, s, ss, {t} -->  noise_respond()
 *	noise_finish()    <-- e, ee, se, psk, {} -  keypair is next
 *	keypair is current
 *	                  ------- data ---------->  keypair is current
 *
 * All of it runs in process context. A message that does not authenticate
 * changes nothing: what it would change is worked on in a copy.
 */
#include "noise.h"

#include <crypto/algapi.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/ktime.h>
#include <linux/unaligned.h>

#include "crypto.h"
#include "device.h"
#include "keypair.h"
#include "lookup.h"
#include "peer.h"

static const char construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const char identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

/* State before the first message, without the responder's key; fixed at load */
static struct mpcnet_noise_state initial __ro_after_init;

/**
 * mpcnet_noise_init() - compute what is the same for all handshakes
 */
void __init mpcnet_noise_init(void)
{
	mpcnet_hash2(initial.chaining_key, construction, strlen(construction),
		     NULL, 0);
	mpcnet_hash2(initial.hash, initial.chaining_key, MPCNET_HASH_LEN,
		     identifier, strlen(identifier));
}

static void mix_hash(struct mpcnet_noise_state *state, const void *data,
		     size_t len)
{
	mpcnet_hash2(state->hash, state->hash, MPCNET_HASH_LEN, data, len);
}

/* @key, if not NULL, is for the field that follows */
static void mix_key(struct mpcnet_noise_state *state, u8 *key,
		    const u8 data[MPCNET_NOISE_KEY_LEN])
{
	mpcnet_kdf(state->chaining_key, key, NULL, data, MPCNET_NOISE_KEY_LEN,
		   state->chaining_key);
}

static void begin(struct mpcnet_noise_state *state,
		  const u8 responder[MPCNET_NOISE_KEY_LEN])
{
	*state = initial;
	mix_hash(state, responder, MPCNET_NOISE_KEY_LEN);
}

static void mix_ephemeral(struct mpcnet_noise_state *state,
			  const u8 ephemeral[MPCNET_NOISE_KEY_LEN])
{
	mix_hash(state, ephemeral, MPCNET_NOISE_KEY_LEN);
	mix_key(state, NULL, ephemeral);
}

static bool __must_check mix_dh(struct mpcnet_noise_state *state, u8 *key,
				const u8 private_key[MPCNET_NOISE_KEY_LEN],
				const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	u8 shared[MPCNET_NOISE_KEY_LEN];
	bool ok = mpcnet_dh(shared, private_key, public_key);

	if (ok)
		mix_key(state, key, shared);
	memzero_explicit(shared, sizeof(shared));
	return ok;
}

static bool __must_check mix_static(struct mpcnet_noise_state *state, u8 *key,
				    const struct mpcnet_handshake *handshake)
{
	static const u8 refused[MPCNET_NOISE_KEY_LEN];

	if (!crypto_memneq(handshake->static_static, refused, sizeof(refused)))
		return false;
	mix_key(state, key, handshake->static_static);
	return true;
}

static void mix_psk(struct mpcnet_noise_state *state, u8 *key,
		    const u8 psk[MPCNET_NOISE_KEY_LEN])
{
	u8 temp[MPCNET_HASH_LEN];

	mpcnet_kdf(state->chaining_key, temp, key, psk, MPCNET_NOISE_KEY_LEN,
		   state->chaining_key);
	mix_hash(state, temp, sizeof(temp));
	memzero_explicit(temp, sizeof(temp));
}

static void seal(struct mpcnet_noise_state *state, u8 *out, const u8 *in,
		 size_t len, const u8 key[MPCNET_NOISE_KEY_LEN])
{
	mpcnet_aead_seal_ad(out, in, len, state->hash, MPCNET_HASH_LEN, key);
	mix_hash(state, out, len + MPCNET_TAG_LEN);
}

static bool __must_check open(struct mpcnet_noise_state *state, u8 *out,
			      const u8 *in, size_t len,
			      const u8 key[MPCNET_NOISE_KEY_LEN])
{
	if (!mpcnet_aead_open_ad(out, in, len, state->hash, MPCNET_HASH_LEN,
				 key))
		return false;
	mix_hash(state, in, len);
	return true;
}

/*
 * TAI64N, big-endian. The lower bits are cleared so that the wire tells little
 * of our clock: two initiations are 20 ms apart at least.
 */
static void tai64n(u8 out[MPCNET_TIMESTAMP_LEN])
{
	const u32 grain = rounddown_pow_of_two(NSEC_PER_SEC /
					       MPCNET_INITIATIONS_PER_SECOND);
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	put_unaligned_be64(0x400000000000000aULL + now.tv_sec, out);
	put_unaligned_be32(ALIGN_DOWN(now.tv_nsec, grain), out + 8);
}

/* The initiator's sending key comes first, section 5.4.5. */
static void derive(struct mpcnet_keypair *keypair,
		   const struct mpcnet_noise_state *state)
{
	u8 *first = keypair->initiator ? keypair->sending : keypair->receiving;
	u8 *second = keypair->initiator ? keypair->receiving : keypair->sending;

	mpcnet_kdf(first, second, NULL, NULL, 0, state->chaining_key);
}

/**
 * mpcnet_noise_identity_init() - begin without a key
 * @identity: identity
 */
void mpcnet_noise_identity_init(struct mpcnet_identity *identity)
{
	init_rwsem(&identity->lock);
}

/**
 * mpcnet_noise_identity_set() - set or remove the static key
 * @identity: identity, its lock held for writing
 * @private_key: private key; all zeros removes it
 * @hidden: never to be given out
 */
void mpcnet_noise_identity_set(struct mpcnet_identity *identity,
			       const u8 private_key[MPCNET_NOISE_KEY_LEN],
			       bool hidden)
{
	lockdep_assert_held_write(&identity->lock);
	memcpy(identity->private_key, private_key, MPCNET_NOISE_KEY_LEN);
	mpcnet_dh_clamp(identity->private_key);
	identity->set = memchr_inv(private_key, 0, MPCNET_NOISE_KEY_LEN) &&
			mpcnet_dh_public(identity->public_key,
					 identity->private_key);
	identity->hidden = identity->set && hidden;
	if (!identity->set) {
		memzero_explicit(identity->private_key, MPCNET_NOISE_KEY_LEN);
		memzero_explicit(identity->public_key, MPCNET_NOISE_KEY_LEN);
	}
}

/**
 * mpcnet_noise_handshake_init() - begin with a new peer
 * @handshake: zeroed
 * @remote_static: the peer's public key
 */
void mpcnet_noise_handshake_init(struct mpcnet_handshake *handshake,
				 const u8 remote_static[MPCNET_NOISE_KEY_LEN])
{
	memcpy(handshake->remote_static, remote_static, MPCNET_NOISE_KEY_LEN);
	mutex_init(&handshake->lock);
}

/**
 * mpcnet_noise_precompute() - compute the DH of both static keys
 * @identity: ours, its lock held
 * @handshake: the peer's
 */
void mpcnet_noise_precompute(struct mpcnet_identity *identity,
			     struct mpcnet_handshake *handshake)
{
	lockdep_assert_held(&identity->lock);
	mutex_lock(&handshake->lock);
	if (!identity->set ||
	    !mpcnet_dh(handshake->static_static, identity->private_key,
		       handshake->remote_static))
		memzero_explicit(handshake->static_static, MPCNET_NOISE_KEY_LEN);
	mutex_unlock(&handshake->lock);
}

static void forget_pending(struct mpcnet_handshake *handshake)
{
	lockdep_assert_held(&handshake->lock);
	mpcnet_keypair_retire(handshake->pending);
	handshake->pending = NULL;
	memzero_explicit(&handshake->state, sizeof(handshake->state));
	memzero_explicit(handshake->ephemeral, sizeof(handshake->ephemeral));
}

/**
 * mpcnet_noise_clear() - forget a handshake under way
 * @handshake: the peer's
 */
void mpcnet_noise_clear(struct mpcnet_handshake *handshake)
{
	mutex_lock(&handshake->lock);
	forget_pending(handshake);
	mutex_unlock(&handshake->lock);
}

/* Fill in @message and @handshake's state; false if a DH is refused */
static bool make_initiation(const struct mpcnet_identity *identity,
			    struct mpcnet_handshake *handshake,
			    struct mpcnet_message_initiation *message)
{
	struct mpcnet_noise_state *state = &handshake->state;
	u8 timestamp[MPCNET_TIMESTAMP_LEN];
	u8 key[MPCNET_NOISE_KEY_LEN];
	bool ok = false;

	begin(state, handshake->remote_static);
	mpcnet_dh_generate(handshake->ephemeral);
	if (!mpcnet_dh_public(message->ephemeral, handshake->ephemeral))
		goto out;
	mix_ephemeral(state, message->ephemeral);
	if (!mix_dh(state, key, handshake->ephemeral, handshake->remote_static))
		goto out;
	seal(state, message->encrypted_static, identity->public_key,
	     MPCNET_NOISE_KEY_LEN, key);
	if (!mix_static(state, key, handshake))
		goto out;
	tai64n(timestamp);
	seal(state, message->encrypted_timestamp, timestamp,
	     MPCNET_TIMESTAMP_LEN, key);
	ok = true;
out:
	memzero_explicit(key, sizeof(key));
	return ok;
}

/**
 * mpcnet_noise_initiate() - make an initiation
 * @identity: ours
 * @peer: the peer
 * @message: the message, macs left out
 *
 * It takes the place of one that is under way.
 *
 * Context: process.
 * Return: false if there is no key, no memory or no such peer any more.
 */
bool mpcnet_noise_initiate(struct mpcnet_identity *identity,
			   struct mpcnet_peer *peer,
			   struct mpcnet_message_initiation *message)
{
	struct mpcnet_handshake *handshake = &peer->handshake;
	bool ok = false;

	down_read(&identity->lock);
	mutex_lock(&handshake->lock);
	forget_pending(handshake);
	if (!identity->set || READ_ONCE(peer->dead))
		goto out;
	if (!make_initiation(identity, handshake, message))
		goto out;
	handshake->pending = mpcnet_keypair_create(peer, true);
	if (!handshake->pending)
		goto out;
	message->header.type = cpu_to_le32(MPCNET_MESSAGE_INITIATION);
	message->sender = handshake->pending->index;
	ok = true;
out:
	if (!ok)
		forget_pending(handshake);
	mutex_unlock(&handshake->lock);
	up_read(&identity->lock);
	return ok;
}

/**
 * struct initiation - what an initiation says
 * @state: state after it
 * @remote_static: who sent it
 * @timestamp: when
 */
struct initiation {
	struct mpcnet_noise_state state;
	u8 remote_static[MPCNET_NOISE_KEY_LEN];
	u8 timestamp[MPCNET_TIMESTAMP_LEN];
};

/* Gives the peer with a reference, or NULL if the message is not authentic. */
static struct mpcnet_peer *
read_initiation(struct mpcnet_device *mpc, struct initiation *said,
		const struct mpcnet_message_initiation *message)
{
	struct mpcnet_identity *identity = &mpc->identity;
	struct mpcnet_peer *peer = NULL;
	u8 key[MPCNET_NOISE_KEY_LEN];

	begin(&said->state, identity->public_key);
	mix_ephemeral(&said->state, message->ephemeral);
	if (!mix_dh(&said->state, key, identity->private_key,
		    message->ephemeral) ||
	    !open(&said->state, said->remote_static, message->encrypted_static,
		  sizeof(message->encrypted_static), key))
		goto out;

	rcu_read_lock();
	peer = mpcnet_lookup_peer(mpc->lookup, said->remote_static);
	if (peer && !mpcnet_peer_get(peer))
		peer = NULL;
	rcu_read_unlock();
	if (!peer)
		goto out;

	if (!mix_static(&said->state, key, &peer->handshake) ||
	    !open(&said->state, said->timestamp, message->encrypted_timestamp,
		  sizeof(message->encrypted_timestamp), key)) {
		mpcnet_peer_put(peer);
		peer = NULL;
	}
out:
	memzero_explicit(key, sizeof(key));
	return peer;
}

/* Refuses replays, and more than 50 initiations a second of one peer. */
static bool is_fresh(const struct mpcnet_handshake *handshake,
		     const struct initiation *said)
{
	u64 gap = NSEC_PER_SEC / MPCNET_INITIATIONS_PER_SECOND;

	lockdep_assert_held(&handshake->lock);
	return memcmp(said->timestamp, handshake->latest_timestamp,
		      MPCNET_TIMESTAMP_LEN) > 0 &&
	       (!handshake->last_taken ||
		ktime_get_boottime_ns() >= handshake->last_taken + gap);
}

/* Fill in @message and the keys of @keypair; false if a DH is refused */
static bool make_response(struct mpcnet_handshake *handshake,
			  struct initiation *said,
			  const u8 remote_ephemeral[MPCNET_NOISE_KEY_LEN],
			  struct mpcnet_keypair *keypair,
			  struct mpcnet_message_response *message)
{
	struct mpcnet_noise_state *state = &said->state;
	u8 ephemeral[MPCNET_NOISE_KEY_LEN];
	u8 key[MPCNET_NOISE_KEY_LEN];
	bool ok = false;

	mpcnet_dh_generate(ephemeral);
	if (!mpcnet_dh_public(message->ephemeral, ephemeral))
		goto out;
	mix_ephemeral(state, message->ephemeral);
	if (!mix_dh(state, NULL, ephemeral, remote_ephemeral) ||
	    !mix_dh(state, NULL, ephemeral, handshake->remote_static))
		goto out;
	mix_psk(state, key, handshake->preshared_key);
	seal(state, message->encrypted_nothing, NULL, 0, key);
	derive(keypair, state);
	ok = true;
out:
	memzero_explicit(ephemeral, sizeof(ephemeral));
	memzero_explicit(key, sizeof(key));
	return ok;
}

/* Returns true if the response and its session, the peer's next, are made. */
static bool answer(struct mpcnet_peer *peer, struct initiation *said,
		   const struct mpcnet_message_initiation *initiation,
		   struct mpcnet_message_response *response)
{
	struct mpcnet_handshake *handshake = &peer->handshake;
	struct mpcnet_keypair *keypair = NULL;
	bool ok = false;

	mutex_lock(&handshake->lock);
	if (!is_fresh(handshake, said))
		goto out;
	keypair = mpcnet_keypair_create(peer, false);
	if (!keypair || !make_response(handshake, said, initiation->ephemeral,
				       keypair, response))
		goto out;
	memcpy(handshake->latest_timestamp, said->timestamp,
	       MPCNET_TIMESTAMP_LEN);
	handshake->last_taken = ktime_get_boottime_ns();
	response->header.type = cpu_to_le32(MPCNET_MESSAGE_RESPONSE);
	response->sender = keypair->index;
	response->receiver = initiation->sender;
	keypair->remote_index = initiation->sender;
	ok = mpcnet_keypair_install(keypair);
	keypair = NULL;
out:
	mpcnet_keypair_retire(keypair);
	mutex_unlock(&handshake->lock);
	return ok;
}

/**
 * mpcnet_noise_respond() - take an initiation and make the response
 * @mpc: interface
 * @initiation: the message received
 * @response: the answer, macs left out
 *
 * The session is there when this returns, as the peer's next one.
 *
 * Context: process.
 * Return: the peer with a reference, or NULL if the message is not authentic,
 * a replay or came too soon after another.
 */
struct mpcnet_peer *
mpcnet_noise_respond(struct mpcnet_device *mpc,
		     const struct mpcnet_message_initiation *initiation,
		     struct mpcnet_message_response *response)
{
	struct mpcnet_peer *peer = NULL;
	struct initiation said;

	down_read(&mpc->identity.lock);
	if (mpc->identity.set)
		peer = read_initiation(mpc, &said, initiation);
	if (peer && !answer(peer, &said, initiation, response)) {
		mpcnet_peer_put(peer);
		peer = NULL;
	}
	up_read(&mpc->identity.lock);
	memzero_explicit(&said, sizeof(said));
	return peer;
}

/* Fill in the keys of the pending keypair; false if not authentic */
static bool read_response(const struct mpcnet_identity *identity,
			  struct mpcnet_handshake *handshake,
			  const struct mpcnet_message_response *message)
{
	struct mpcnet_noise_state state = handshake->state;
	u8 key[MPCNET_NOISE_KEY_LEN];
	bool ok = false;

	mix_ephemeral(&state, message->ephemeral);
	if (!mix_dh(&state, NULL, handshake->ephemeral, message->ephemeral) ||
	    !mix_dh(&state, NULL, identity->private_key, message->ephemeral))
		goto out;
	mix_psk(&state, key, handshake->preshared_key);
	ok = open(&state, NULL, message->encrypted_nothing,
		  sizeof(message->encrypted_nothing), key);
	if (ok)
		derive(handshake->pending, &state);
out:
	memzero_explicit(&state, sizeof(state));
	memzero_explicit(key, sizeof(key));
	return ok;
}

/* Is @index that of the initiation under way? */
static bool is_pending(const struct mpcnet_handshake *handshake, __le32 index)
{
	lockdep_assert_held(&handshake->lock);
	return handshake->pending && handshake->pending->index == index;
}

/**
 * mpcnet_noise_finish() - take the response to our initiation
 * @mpc: interface
 * @response: the message received
 *
 * The session is there when this returns, as the peer's current one.
 *
 * Context: process.
 * Return: the peer with a reference, or NULL if the message is not authentic
 * or answers nothing.
 */
struct mpcnet_peer *
mpcnet_noise_finish(struct mpcnet_device *mpc,
		    const struct mpcnet_message_response *response)
{
	struct mpcnet_peer *peer = mpcnet_peer_get_by_index(mpc, response->receiver);
	struct mpcnet_handshake *handshake;
	struct mpcnet_keypair *keypair;
	bool ok = false;

	if (!peer)
		return NULL;
	handshake = &peer->handshake;
	down_read(&mpc->identity.lock);
	mutex_lock(&handshake->lock);
	if (mpc->identity.set && is_pending(handshake, response->receiver) &&
	    read_response(&mpc->identity, handshake, response)) {
		keypair = handshake->pending;
		handshake->pending = NULL;
		forget_pending(handshake);
		keypair->remote_index = response->sender;
		ok = mpcnet_keypair_install(keypair);
	}
	mutex_unlock(&handshake->lock);
	up_read(&mpc->identity.lock);
	if (ok)
		return peer;
	mpcnet_peer_put(peer);
	return NULL;
}
