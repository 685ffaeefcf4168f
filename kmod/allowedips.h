/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which peer has which addresses: a longest-prefix-match trie for each of IPv4
 * and IPv6, read under RCU, written under a mutex of the caller.
 */
#ifndef _MPCNET_ALLOWEDIPS_H
#define _MPCNET_ALLOWEDIPS_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct mpcnet_peer;
struct mutex;
struct sk_buff;

/**
 * struct mpcnet_prefix - an IPv4 or IPv6 prefix
 * @family: AF_INET or AF_INET6
 * @cidr: length in bits, at most 32 or 128
 * @hi: upper 64 bits of the address in host order; IPv4 in the upper 32 of them
 * @lo: lower 64 bits of the address in host order; 0 for IPv4
 */
struct mpcnet_prefix {
	u16 family;
	u8 cidr;
	u64 hi;
	u64 lo;
};

/**
 * struct mpcnet_allowedips_node - a prefix in the trie
 * @child: longer prefixes below this one, by the bit that follows it
 * @peer: owner of this prefix; NULL where the node only parts its children
 * @hi: as in struct mpcnet_prefix, host bits zero
 * @lo: as in struct mpcnet_prefix, host bits zero
 * @family: AF_INET or AF_INET6
 * @cidr: length of the prefix in bits
 * @entry: in the list of the peer's nodes; in no list if @peer is NULL
 * @rcu: frees the node; it has left all lists by then
 */
struct mpcnet_allowedips_node {
	struct mpcnet_allowedips_node __rcu *child[2];
	struct mpcnet_peer __rcu *peer;
	u64 hi;
	u64 lo;
	u16 family;
	u8 cidr;
	union {
		struct list_head entry;
		struct rcu_head rcu;
	};
};

/**
 * struct mpcnet_allowedips - the allowed IPs of all peers of an interface
 * @root4: trie of IPv4
 * @root6: trie of IPv6
 * @seq: goes up with each change, under the caller's mutex. A node remembered
 *	over an unlock may be used again only if this is still the same.
 */
struct mpcnet_allowedips {
	struct mpcnet_allowedips_node __rcu *root4;
	struct mpcnet_allowedips_node __rcu *root6;
	u64 seq;
};

/**
 * struct mpcnet_allowedips_spare - the memory that one insertion may need
 * @node: the prefix's own node, and one to part it from its neighbour; an
 *	insertion leaves NULL for those that it took
 */
struct mpcnet_allowedips_spare {
	struct mpcnet_allowedips_node *node[2];
};

int mpcnet_prefix_set(struct mpcnet_prefix *prefix, u16 family,
		      const void *addr, u8 cidr);
void mpcnet_prefix_addr(const struct mpcnet_prefix *prefix, void *addr);

void mpcnet_allowedips_init(struct mpcnet_allowedips *table);
int mpcnet_allowedips_spare_alloc(struct mpcnet_allowedips_spare *spare,
				  gfp_t gfp);
void mpcnet_allowedips_spare_free(struct mpcnet_allowedips_spare *spare);
void mpcnet_allowedips_insert(struct mpcnet_allowedips *table,
			      const struct mpcnet_prefix *prefix,
			      struct mpcnet_peer *peer,
			      struct list_head *peer_nodes,
			      struct mpcnet_allowedips_spare *spare, struct mutex *lock);
void mpcnet_allowedips_remove(struct mpcnet_allowedips *table,
			      const struct mpcnet_prefix *prefix,
			      const struct mpcnet_peer *peer, struct mutex *lock);
void mpcnet_allowedips_remove_by_peer(struct mpcnet_allowedips *table,
				      struct list_head *peer_nodes, struct mutex *lock);
void mpcnet_allowedips_free(struct mpcnet_allowedips *table, struct mutex *lock);
struct mpcnet_peer *
mpcnet_allowedips_lookup(const struct mpcnet_allowedips *table, u16 family,
			 const void *addr);
struct mpcnet_peer *
mpcnet_allowedips_lookup_dst(const struct mpcnet_allowedips *table,
			     const struct sk_buff *skb);
struct mpcnet_peer *
mpcnet_allowedips_lookup_src(const struct mpcnet_allowedips *table,
			     const struct sk_buff *skb);

/**
 * mpcnet_allowedips_node_prefix() - the prefix of a node
 * @node: node, under the mutex that guards the trie
 *
 * Return: the prefix.
 */
static inline struct mpcnet_prefix
mpcnet_allowedips_node_prefix(const struct mpcnet_allowedips_node *node)
{
	return (struct mpcnet_prefix){
		.family = node->family,
		.cidr = node->cidr,
		.hi = node->hi,
		.lo = node->lo,
	};
}

/**
 * mpcnet_allowedips_for_each() - walk the prefixes of a peer
 * @pos: struct mpcnet_allowedips_node *, the cursor
 * @peer_nodes: list of the peer's nodes
 *
 * Under the mutex that guards the trie.
 */
#define mpcnet_allowedips_for_each(pos, peer_nodes) \
	list_for_each_entry(pos, peer_nodes, entry)

/**
 * mpcnet_allowedips_for_each_from() - go on with a walk, @pos included
 * @pos: struct mpcnet_allowedips_node *, the cursor, see
 *	&mpcnet_allowedips.seq
 * @peer_nodes: list of the peer's nodes
 *
 * Under the mutex that guards the trie.
 */
#define mpcnet_allowedips_for_each_from(pos, peer_nodes) \
	list_for_each_entry_from(pos, peer_nodes, entry)

#endif /* _MPCNET_ALLOWEDIPS_H */
