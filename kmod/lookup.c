// SPDX-License-Identifier: GPL-2.0
#include "lookup.h"

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "endpoint.h"
#include "keypair.h"
#include "peer.h"

/**
 * mpcnet_lookup_alloc() - make the tables of an interface
 *
 * Return: the tables, to be freed with kvfree(), or NULL without memory.
 */
struct mpcnet_lookup *mpcnet_lookup_alloc(void)
{
	struct mpcnet_lookup *lookup = kvzalloc(sizeof(*lookup), GFP_KERNEL);

	if (!lookup)
		return NULL;
	get_random_bytes(&lookup->key, sizeof(lookup->key));
	spin_lock_init(&lookup->lock);
	return lookup;
}

/* The index is ours and random, so that any of its bits will do. */
static struct hlist_head *index_bucket(struct mpcnet_lookup *lookup,
				       __le32 index)
{
	return &lookup->by_index[(__force u32)index &
				 (ARRAY_SIZE(lookup->by_index) - 1)];
}

static struct hlist_head *key_bucket(struct mpcnet_lookup *lookup,
				     const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	u64 hash = siphash(public_key, MPCNET_NOISE_KEY_LEN, &lookup->key);

	return &lookup->by_key[hash & (ARRAY_SIZE(lookup->by_key) - 1)];
}

static struct hlist_head *relay_bucket(struct mpcnet_lookup *lookup,
				       const struct mpcnet_relay *relay)
{
	const u64 *half = (const u64 *)&relay->address;
	u64 rest = (u64)(__force u16)relay->port << 16 | relay->channel;
	u64 hash = siphash_3u64(half[0], half[1], rest, &lookup->key);

	return &lookup->by_relay[hash & (ARRAY_SIZE(lookup->by_relay) - 1)];
}

static void add(struct mpcnet_lookup *lookup, struct hlist_node *node,
		struct hlist_head *bucket)
{
	spin_lock_bh(&lookup->lock);
	hlist_add_head_rcu(node, bucket);
	spin_unlock_bh(&lookup->lock);
}

static void remove(struct mpcnet_lookup *lookup, struct hlist_node *node)
{
	spin_lock_bh(&lookup->lock);
	hlist_del_init_rcu(node);
	spin_unlock_bh(&lookup->lock);
}

/**
 * mpcnet_lookup_add_keypair() - give a keypair an index and make it found
 * @lookup: tables
 * @keypair: keypair in no table
 */
void mpcnet_lookup_add_keypair(struct mpcnet_lookup *lookup,
			       struct mpcnet_keypair *keypair)
{
	spin_lock_bh(&lookup->lock);
	do {
		keypair->index = (__force __le32)get_random_u32();
	} while (mpcnet_lookup_keypair(lookup, keypair->index));
	hlist_add_head_rcu(&keypair->node, index_bucket(lookup, keypair->index));
	spin_unlock_bh(&lookup->lock);
}

/**
 * mpcnet_lookup_remove_keypair() - let a keypair be found no more
 * @lookup: tables
 * @keypair: keypair
 */
void mpcnet_lookup_remove_keypair(struct mpcnet_lookup *lookup,
				  struct mpcnet_keypair *keypair)
{
	remove(lookup, &keypair->node);
}

/**
 * mpcnet_lookup_keypair() - find a session by our index
 * @lookup: tables
 * @index: index, as received
 *
 * Context: under rcu_read_lock(), or the tables' lock.
 * Return: the keypair, held under RCU, or NULL.
 */
struct mpcnet_keypair *mpcnet_lookup_keypair(struct mpcnet_lookup *lookup,
					     __le32 index)
{
	struct mpcnet_keypair *keypair;

	hlist_for_each_entry_rcu(keypair, index_bucket(lookup, index), node,
				 lockdep_is_held(&lookup->lock)) {
		if (keypair->index == index)
			return keypair;
	}
	return NULL;
}

/**
 * mpcnet_lookup_add_peer() - make a peer found by its public key
 * @lookup: tables
 * @peer: peer in no table
 */
void mpcnet_lookup_add_peer(struct mpcnet_lookup *lookup,
			    struct mpcnet_peer *peer)
{
	add(lookup, &peer->by_key,
	    key_bucket(lookup, peer->handshake.remote_static));
}

/**
 * mpcnet_lookup_remove_peer() - let a peer be found no more
 * @lookup: tables
 * @peer: peer
 */
void mpcnet_lookup_remove_peer(struct mpcnet_lookup *lookup,
			       struct mpcnet_peer *peer)
{
	remove(lookup, &peer->by_key);
}

/**
 * mpcnet_lookup_peer() - find a peer by its public key
 * @lookup: tables
 * @public_key: key
 *
 * Context: under rcu_read_lock().
 * Return: the peer, held under RCU, or NULL.
 */
struct mpcnet_peer *
mpcnet_lookup_peer(struct mpcnet_lookup *lookup,
		   const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	struct mpcnet_peer *peer;

	hlist_for_each_entry_rcu(peer, key_bucket(lookup, public_key), by_key) {
		if (!memcmp(peer->handshake.remote_static, public_key,
			    MPCNET_NOISE_KEY_LEN))
			return peer;
	}
	return NULL;
}

/**
 * mpcnet_relay_init() - name a relay
 * @relay: relay to be filled in
 * @endpoint: address and channel
 */
void mpcnet_relay_init(struct mpcnet_relay *relay,
		       const struct mpcnet_endpoint *endpoint)
{
	memset(relay, 0, sizeof(*relay));
	relay->channel = endpoint->channel;
	if (endpoint->remote.sa.sa_family == AF_INET) {
		ipv6_addr_set_v4mapped(endpoint->remote.in.sin_addr.s_addr,
				       &relay->address);
		relay->port = endpoint->remote.in.sin_port;
	} else {
		relay->address = endpoint->remote.in6.sin6_addr;
		relay->port = endpoint->remote.in6.sin6_port;
	}
}

/**
 * mpcnet_relay_endpoint() - a relay as an endpoint
 * @relay: relay
 * @endpoint: result
 */
void mpcnet_relay_endpoint(const struct mpcnet_relay *relay,
			   struct mpcnet_endpoint *endpoint)
{
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->channel = relay->channel;
	if (ipv6_addr_v4mapped(&relay->address)) {
		endpoint->remote.in.sin_family = AF_INET;
		endpoint->remote.in.sin_port = relay->port;
		endpoint->remote.in.sin_addr.s_addr =
			relay->address.s6_addr32[3];
	} else {
		endpoint->remote.in6.sin6_family = AF_INET6;
		endpoint->remote.in6.sin6_port = relay->port;
		endpoint->remote.in6.sin6_addr = relay->address;
	}
}

/**
 * mpcnet_lookup_add_relay() - make a relay found by its address and channel
 * @lookup: tables
 * @relay: relay in no table
 */
void mpcnet_lookup_add_relay(struct mpcnet_lookup *lookup,
			     struct mpcnet_relay *relay)
{
	add(lookup, &relay->node, relay_bucket(lookup, relay));
}

/**
 * mpcnet_lookup_remove_relay() - let a relay be found no more
 * @lookup: tables
 * @relay: relay
 */
void mpcnet_lookup_remove_relay(struct mpcnet_lookup *lookup,
				struct mpcnet_relay *relay)
{
	remove(lookup, &relay->node);
}

/**
 * mpcnet_lookup_relay() - find a relay
 * @lookup: tables
 * @endpoint: its address and channel
 *
 * Context: under rcu_read_lock().
 * Return: the relay, held under RCU, or NULL.
 */
struct mpcnet_relay *
mpcnet_lookup_relay(struct mpcnet_lookup *lookup,
		    const struct mpcnet_endpoint *endpoint)
{
	struct mpcnet_relay wanted, *relay;

	mpcnet_relay_init(&wanted, endpoint);
	hlist_for_each_entry_rcu(relay, relay_bucket(lookup, &wanted), node) {
		if (relay->channel == wanted.channel &&
		    relay->port == wanted.port &&
		    ipv6_addr_equal(&relay->address, &wanted.address))
			return relay;
	}
	return NULL;
}
