/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_KEYPAIR_H
#define _MPCNET_KEYPAIR_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "proto.h"
#include "replay.h"

struct mpcnet_peer;

/**
 * struct mpcnet_keypair - one session with a peer, from its handshake on
 * @node: in the lookup table by @index, from creation to the end
 * @index: how the other side names this session, random, ours
 * @remote_index: how we name it to the other side
 * @peer: the peer, which outlives its keypairs
 * @initiator: we sent the initiation
 * @ready: the keys are there; set once with release, never cleared. Before, the
 *	keypair only lends its index to a handshake under way.
 * @spent: nothing more is sent with it: its counters are used up, or our static
 *	key was changed
 * @birth: when @ready was set, in ns of CLOCK_BOOTTIME
 * @sending: key of what we send
 * @sent: counter of the next message to send
 * @receiving: key of what we receive
 * @replay: counters of what was received
 * @rcu: frees the keypair, keys zeroed
 *
 * The data path holds keypairs under RCU alone. Whoever takes one out of its
 * place in &struct mpcnet_keypairs or &struct mpcnet_handshake gives it to
 * mpcnet_keypair_retire().
 */
struct mpcnet_keypair {
	struct hlist_node node;
	__le32 index;
	__le32 remote_index;
	struct mpcnet_peer *peer;
	bool initiator;
	bool ready;
	bool spent;
	u64 birth;
	u8 sending[MPCNET_NOISE_KEY_LEN];
	atomic64_t sent ____cacheline_aligned_in_smp;
	u8 receiving[MPCNET_NOISE_KEY_LEN] ____cacheline_aligned_in_smp;
	struct mpcnet_replay replay;
	struct rcu_head rcu;
};

/**
 * struct mpcnet_keypairs - the sessions of a peer
 * @active: what we send with
 * @previous: still received
 * @next: made as responder, to be sent with as soon as the initiator has shown
 *	by a data message that it has the keys
 * @lock: guards changes of all three; BHs disabled
 */
struct mpcnet_keypairs {
	struct mpcnet_keypair __rcu *active;
	struct mpcnet_keypair __rcu *previous;
	struct mpcnet_keypair __rcu *next;
	spinlock_t lock; /* guards changes of the three pointers */
};

struct mpcnet_keypair *mpcnet_keypair_create(struct mpcnet_peer *peer,
					     bool initiator);
void mpcnet_keypair_retire(struct mpcnet_keypair *keypair);
bool mpcnet_keypair_install(struct mpcnet_keypair *keypair);
bool mpcnet_keypair_confirm(struct mpcnet_keypair *keypair);
void mpcnet_keypair_clear_all(struct mpcnet_peer *peer);
void mpcnet_keypair_expire_current(struct mpcnet_peer *peer);
bool mpcnet_keypair_older(const struct mpcnet_keypair *keypair, u64 seconds);
struct mpcnet_keypair *mpcnet_keypair_reserve(struct mpcnet_peer *peer,
					      u64 count, u64 *first);

#endif /* _MPCNET_KEYPAIR_H */
