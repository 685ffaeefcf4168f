/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hash tables of fixed size, so that an insertion cannot fail: peers by public
 * key, sessions by index, relays by address and channel. Read under RCU.
 */
#ifndef _MPCNET_LOOKUP_H
#define _MPCNET_LOOKUP_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>

#include "proto.h"

struct mpcnet_endpoint;
struct mpcnet_keypair;
struct mpcnet_peer;

#define MPCNET_LOOKUP_INDEX_BITS 13
#define MPCNET_LOOKUP_KEY_BITS 11
#define MPCNET_LOOKUP_RELAY_BITS 9

/**
 * struct mpcnet_relay - a TURN channel by which a peer may be reached
 * @node: in the lookup table
 * @address: of the relay; IPv4 is mapped into IPv6
 * @port: of the relay
 * @channel: number of the channel
 * @peer: the peer, which owns the relay; NULL while it is being set
 * @rcu: frees the relay
 */
struct mpcnet_relay {
	struct hlist_node node;
	struct in6_addr address;
	__be16 port;
	u16 channel;
	struct mpcnet_peer *peer;
	struct rcu_head rcu;
};

/**
 * struct mpcnet_lookup - the tables of an interface
 * @key: of the hash functions, random
 * @lock: guards all changes; BHs disabled
 * @by_index: keypairs by their index, which is random and so its own hash
 * @by_key: peers by public key
 * @by_relay: relays by address, port and channel
 */
struct mpcnet_lookup {
	siphash_key_t key;
	spinlock_t lock; /* guards all changes */
	struct hlist_head by_index[1 << MPCNET_LOOKUP_INDEX_BITS];
	struct hlist_head by_key[1 << MPCNET_LOOKUP_KEY_BITS];
	struct hlist_head by_relay[1 << MPCNET_LOOKUP_RELAY_BITS];
};

struct mpcnet_lookup *mpcnet_lookup_alloc(void);

void mpcnet_lookup_add_keypair(struct mpcnet_lookup *lookup,
			       struct mpcnet_keypair *keypair);
void mpcnet_lookup_remove_keypair(struct mpcnet_lookup *lookup,
				  struct mpcnet_keypair *keypair);
struct mpcnet_keypair *mpcnet_lookup_keypair(struct mpcnet_lookup *lookup,
					     __le32 index);

void mpcnet_lookup_add_peer(struct mpcnet_lookup *lookup,
			    struct mpcnet_peer *peer);
void mpcnet_lookup_remove_peer(struct mpcnet_lookup *lookup,
			       struct mpcnet_peer *peer);
struct mpcnet_peer *
mpcnet_lookup_peer(struct mpcnet_lookup *lookup,
		   const u8 public_key[MPCNET_NOISE_KEY_LEN]);

void mpcnet_relay_init(struct mpcnet_relay *relay,
		       const struct mpcnet_endpoint *endpoint);
void mpcnet_relay_endpoint(const struct mpcnet_relay *relay,
			   struct mpcnet_endpoint *endpoint);
void mpcnet_lookup_add_relay(struct mpcnet_lookup *lookup,
			     struct mpcnet_relay *relay);
void mpcnet_lookup_remove_relay(struct mpcnet_lookup *lookup,
				struct mpcnet_relay *relay);
struct mpcnet_relay *
mpcnet_lookup_relay(struct mpcnet_lookup *lookup,
		    const struct mpcnet_endpoint *endpoint);

#endif /* _MPCNET_LOOKUP_H */
