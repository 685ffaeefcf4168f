/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as section 5.4 of the WireGuard paper
 * has it: the messages and keys of a handshake, and nothing of when to send.
 */
#ifndef _MPCNET_NOISE_H
#define _MPCNET_NOISE_H

#include <linux/mutex.h>
#include <linux/rwsem.h>

#include "proto.h"

struct mpcnet_device;
struct mpcnet_keypair;
struct mpcnet_peer;

/**
 * struct mpcnet_identity - static key of an interface
 * @private_key: private key
 * @public_key: public key
 * @set: there is a key
 * @hidden: the kernel made the key and never gives it out
 * @lock: guards all of it; process context. Taken before the lock of a
 *	handshake.
 */
struct mpcnet_identity {
	u8 private_key[MPCNET_NOISE_KEY_LEN];
	u8 public_key[MPCNET_NOISE_KEY_LEN];
	bool set;
	bool hidden;
	struct rw_semaphore lock; /* guards all of it */
};

/**
 * struct mpcnet_noise_state - the symmetric state of a handshake
 * @chaining_key: chaining key
 * @hash: hash of all that was said
 */
struct mpcnet_noise_state {
	u8 chaining_key[MPCNET_HASH_LEN];
	u8 hash[MPCNET_HASH_LEN];
};

/**
 * struct mpcnet_handshake - what is kept of a peer between two messages
 * @remote_static: the peer's public key; fixed
 * @static_static: DH of both static keys, zeros if that is refused
 * @preshared_key: zeros for none
 * @state: state after our initiation, as long as @pending
 * @ephemeral: our ephemeral private key, as long as @pending
 * @pending: lends its index to our initiation, NULL if none is under way
 * @latest_timestamp: greatest TAI64N taken from the peer
 * @last_taken: when an initiation was taken last, in ns of CLOCK_BOOTTIME
 * @lock: guards what is not fixed; process context
 *
 * As responder nothing is kept: initiation, response and keys are one step.
 */
struct mpcnet_handshake {
	u8 remote_static[MPCNET_NOISE_KEY_LEN];
	u8 static_static[MPCNET_NOISE_KEY_LEN];
	u8 preshared_key[MPCNET_NOISE_KEY_LEN];
	struct mpcnet_noise_state state;
	u8 ephemeral[MPCNET_NOISE_KEY_LEN];
	struct mpcnet_keypair *pending;
	u8 latest_timestamp[MPCNET_TIMESTAMP_LEN];
	u64 last_taken;
	struct mutex lock; /* guards what is not fixed */
};

void mpcnet_noise_init(void);
void mpcnet_noise_identity_init(struct mpcnet_identity *identity);
void mpcnet_noise_identity_set(struct mpcnet_identity *identity,
			       const u8 private_key[MPCNET_NOISE_KEY_LEN],
			       bool hidden);
void mpcnet_noise_handshake_init(struct mpcnet_handshake *handshake,
				 const u8 remote_static[MPCNET_NOISE_KEY_LEN]);
void mpcnet_noise_precompute(struct mpcnet_identity *identity,
			     struct mpcnet_handshake *handshake);
void mpcnet_noise_clear(struct mpcnet_handshake *handshake);

bool mpcnet_noise_initiate(struct mpcnet_identity *identity,
			   struct mpcnet_peer *peer,
			   struct mpcnet_message_initiation *message);
struct mpcnet_peer *
mpcnet_noise_respond(struct mpcnet_device *mpc,
		     const struct mpcnet_message_initiation *initiation,
		     struct mpcnet_message_response *response);
struct mpcnet_peer *
mpcnet_noise_finish(struct mpcnet_device *mpc,
		    const struct mpcnet_message_response *response);

#endif /* _MPCNET_NOISE_H */
