// SPDX-License-Identifier: GPL-2.0
/*
 * A path-compressed binary trie: a node stands for a prefix, and its children
 * for longer prefixes that agree with it, one for each value of the next bit.
 * A node without a peer exists only to part two children. So n prefixes make
 * at most 2n - 1 nodes, and a walk takes at most as many steps as an address
 * has bits.
 *
 * A reader follows pointers under RCU. A writer publishes a node when all its
 * fields are set, and frees it, after a grace period, when no pointer leads to
 * it. A node that was taken out keeps its children, so that a reader who
 * stands on it goes on as if it had come a moment earlier. What such a reader
 * still can meet was taken out later, hence is freed after it has left.
 */
#include "allowedips.h"

#include <linux/bitops.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/string.h>

/* A node is one cache line, and so is what the allocator gives for it. */
static_assert(sizeof(struct mpcnet_allowedips_node) <= 64 ||
	      !IS_ENABLED(CONFIG_64BIT));

static u64 mask(unsigned int bits)
{
	return bits < 64 ? ~(U64_MAX >> bits) : U64_MAX;
}

static u64 join(__be32 upper, __be32 lower)
{
	return (u64)be32_to_cpu(upper) << 32 | be32_to_cpu(lower);
}

/* The leading bits in which an address agrees with that of @node. */
static unsigned int common(const struct mpcnet_allowedips_node *node,
			   u64 hi, u64 lo)
{
	if (hi != node->hi)
		return 64 - fls64(hi ^ node->hi);
	return 128 - fls64(lo ^ node->lo);
}

static bool covers(const struct mpcnet_allowedips_node *node, u64 hi, u64 lo)
{
	return common(node, hi, lo) >= node->cidr;
}

/*
 * Bit @n of an address, from the left. There is no bit 128, nor bit 32 of an
 * IPv4 address: what is returned for it leads to a child that does not exist.
 */
static unsigned int bit_at(u64 hi, u64 lo, unsigned int n)
{
	return (n < 64 ? hi : lo) >> (~n & 63) & 1;
}

static struct mpcnet_allowedips_node *
deref(struct mpcnet_allowedips_node __rcu *node, struct mutex *lock)
{
	return rcu_dereference_protected(node, lockdep_is_held(lock));
}

static struct mpcnet_allowedips_node __rcu **
root_of(struct mpcnet_allowedips *table, u16 family)
{
	return family == AF_INET ? &table->root4 : &table->root6;
}

/**
 * mpcnet_prefix_set() - make a prefix of an address
 * @prefix: what to fill
 * @family: AF_INET or AF_INET6
 * @addr: struct in_addr or struct in6_addr, at any alignment
 * @cidr: length in bits; bits of @addr beyond it are ignored
 *
 * Return: 0, -EAFNOSUPPORT for another family, -EINVAL if @cidr exceeds the
 * address.
 */
int mpcnet_prefix_set(struct mpcnet_prefix *prefix, u16 family,
		      const void *addr, u8 cidr)
{
	__be32 word[4] = {};

	if (family != AF_INET && family != AF_INET6)
		return -EAFNOSUPPORT;
	if (cidr > (family == AF_INET ? 32 : 128))
		return -EINVAL;
	memcpy(word, addr, family == AF_INET ? 4 : 16);
	prefix->family = family;
	prefix->cidr = cidr;
	prefix->hi = join(word[0], word[1]) & mask(cidr);
	prefix->lo = cidr > 64 ? join(word[2], word[3]) & mask(cidr - 64) : 0;
	return 0;
}

/**
 * mpcnet_prefix_addr() - the address of a prefix
 * @prefix: prefix
 * @addr: where to write a struct in_addr or struct in6_addr, 4 or 16 bytes by
 *	the prefix's family, at any alignment
 */
void mpcnet_prefix_addr(const struct mpcnet_prefix *prefix, void *addr)
{
	__be64 word[2] = { cpu_to_be64(prefix->hi), cpu_to_be64(prefix->lo) };

	memcpy(addr, word, prefix->family == AF_INET ? 4 : 16);
}

/**
 * mpcnet_allowedips_init() - make an empty table
 * @table: table
 */
void mpcnet_allowedips_init(struct mpcnet_allowedips *table)
{
	RCU_INIT_POINTER(table->root4, NULL);
	RCU_INIT_POINTER(table->root6, NULL);
	table->seq = 0;
}

/**
 * mpcnet_allowedips_spare_alloc() - fetch what one insertion may need
 * @spare: what to fill; the caller owns the memory until an insertion takes it
 * @gfp: how to allocate
 *
 * Return: 0, or -ENOMEM with nothing left to free.
 */
int mpcnet_allowedips_spare_alloc(struct mpcnet_allowedips_spare *spare,
				  gfp_t gfp)
{
	spare->node[0] = kzalloc(sizeof(*spare->node[0]), gfp);
	spare->node[1] = kzalloc(sizeof(*spare->node[1]), gfp);
	if (spare->node[0] && spare->node[1])
		return 0;
	mpcnet_allowedips_spare_free(spare);
	return -ENOMEM;
}

/**
 * mpcnet_allowedips_spare_free() - free what no insertion took
 * @spare: filled by mpcnet_allowedips_spare_alloc(), or zeros
 */
void mpcnet_allowedips_spare_free(struct mpcnet_allowedips_spare *spare)
{
	kfree(spare->node[0]);
	kfree(spare->node[1]);
	spare->node[0] = NULL;
	spare->node[1] = NULL;
}

/* Take a node out of @spare for the first @cidr bits of an address. */
static struct mpcnet_allowedips_node *
node_take(struct mpcnet_allowedips_spare *spare, unsigned int which,
	  const struct mpcnet_prefix *prefix, u8 cidr)
{
	struct mpcnet_allowedips_node *node = spare->node[which];

	spare->node[which] = NULL;
	INIT_LIST_HEAD(&node->entry);
	node->family = prefix->family;
	node->cidr = cidr;
	node->hi = prefix->hi & mask(cidr);
	node->lo = cidr > 64 ? prefix->lo & mask(cidr - 64) : 0;
	return node;
}

static void node_own(struct mpcnet_allowedips_node *node,
		     struct mpcnet_peer *peer, struct list_head *peer_nodes)
{
	rcu_assign_pointer(node->peer, peer);
	list_move_tail(&node->entry, peer_nodes);
}

static void adopt(struct mpcnet_allowedips_node *parent,
		  struct mpcnet_allowedips_node *child)
{
	unsigned int which = bit_at(child->hi, child->lo, parent->cidr);

	RCU_INIT_POINTER(parent->child[which], child);
}

/*
 * The place of a prefix: a pointer to the first node, on the way down, that
 * does not cover it with a shorter prefix. Sets @parent to the pointer before
 * it, or to NULL at the root.
 */
static struct mpcnet_allowedips_node __rcu **
descend(struct mpcnet_allowedips *table, const struct mpcnet_prefix *prefix,
	struct mpcnet_allowedips_node __rcu ***parent, struct mutex *lock)
{
	struct mpcnet_allowedips_node __rcu **slot = root_of(table,
							     prefix->family);
	struct mpcnet_allowedips_node *node;

	*parent = NULL;
	while ((node = deref(*slot, lock)) && node->cidr < prefix->cidr &&
	       covers(node, prefix->hi, prefix->lo)) {
		*parent = slot;
		slot = &node->child[bit_at(prefix->hi, prefix->lo, node->cidr)];
	}
	return slot;
}

static bool is_prefix(const struct mpcnet_allowedips_node *node,
		      const struct mpcnet_prefix *prefix)
{
	return node && node->cidr == prefix->cidr && node->hi == prefix->hi &&
	       node->lo == prefix->lo;
}

/**
 * mpcnet_allowedips_insert() - give a prefix to a peer
 * @table: table
 * @prefix: prefix; if another peer has it, that peer loses it
 * @peer: new owner, alive for a grace period after the prefix was removed
 * @peer_nodes: list of the nodes of @peer
 * @spare: filled by mpcnet_allowedips_spare_alloc(); what is not taken stays
 * @lock: mutex that guards @table, held
 */
void mpcnet_allowedips_insert(struct mpcnet_allowedips *table,
			      const struct mpcnet_prefix *prefix,
			      struct mpcnet_peer *peer,
			      struct list_head *peer_nodes,
			      struct mpcnet_allowedips_spare *spare, struct mutex *lock)
{
	struct mpcnet_allowedips_node __rcu **slot, **parent;
	struct mpcnet_allowedips_node *node, *leaf, *fork;
	u8 agree;

	lockdep_assert_held(lock);
	table->seq++;
	slot = descend(table, prefix, &parent, lock);
	node = deref(*slot, lock);
	if (is_prefix(node, prefix)) {
		node_own(node, peer, peer_nodes);
		return;
	}
	leaf = node_take(spare, 0, prefix, prefix->cidr);
	node_own(leaf, peer, peer_nodes);
	if (!node) {
		rcu_assign_pointer(*slot, leaf);
		return;
	}
	agree = min3(common(node, prefix->hi, prefix->lo),
		     (unsigned int)node->cidr, (unsigned int)prefix->cidr);
	if (agree == prefix->cidr) {
		adopt(leaf, node);
		rcu_assign_pointer(*slot, leaf);
		return;
	}
	fork = node_take(spare, 1, prefix, agree);
	adopt(fork, node);
	adopt(fork, leaf);
	rcu_assign_pointer(*slot, fork);
}

/*
 * Take the node at @slot out, unless it parts two children, and its parent
 * too if that has no peer and now only one child.
 */
static void prune(struct mpcnet_allowedips_node __rcu **slot,
		  struct mpcnet_allowedips_node __rcu **parent,
		  struct mutex *lock)
{
	struct mpcnet_allowedips_node *node = deref(*slot, lock);
	struct mpcnet_allowedips_node *zero = deref(node->child[0], lock);
	struct mpcnet_allowedips_node *one = deref(node->child[1], lock);

	if (rcu_access_pointer(node->peer) || (zero && one))
		return;
	rcu_assign_pointer(*slot, zero ?: one);
	/* Readers may be on the node: see the top of this file. */
	kfree_rcu(node, rcu);
	if (!zero && !one && parent)
		prune(parent, NULL, lock);
}

static void disown(struct mpcnet_allowedips *table,
		   struct mpcnet_allowedips_node *node,
		   struct mpcnet_allowedips_node __rcu **slot,
		   struct mpcnet_allowedips_node __rcu **parent,
		   struct mutex *lock)
{
	table->seq++;
	RCU_INIT_POINTER(node->peer, NULL);
	list_del_init(&node->entry);
	prune(slot, parent, lock);
}

/**
 * mpcnet_allowedips_remove() - take a prefix from a peer
 * @table: table
 * @prefix: prefix; nothing happens unless @peer has exactly this one
 * @peer: owner
 * @lock: mutex that guards @table, held
 */
void mpcnet_allowedips_remove(struct mpcnet_allowedips *table,
			      const struct mpcnet_prefix *prefix,
			      const struct mpcnet_peer *peer, struct mutex *lock)
{
	struct mpcnet_allowedips_node __rcu **slot, **parent;
	struct mpcnet_allowedips_node *node;

	lockdep_assert_held(lock);
	slot = descend(table, prefix, &parent, lock);
	node = deref(*slot, lock);
	if (is_prefix(node, prefix) && rcu_access_pointer(node->peer) == peer)
		disown(table, node, slot, parent, lock);
}

/**
 * mpcnet_allowedips_remove_by_peer() - take all prefixes from a peer
 * @table: table
 * @peer_nodes: list of the peer's nodes, empty afterwards
 * @lock: mutex that guards @table, held
 *
 * Costs one walk down the trie for each prefix of the peer.
 */
void mpcnet_allowedips_remove_by_peer(struct mpcnet_allowedips *table,
				      struct list_head *peer_nodes, struct mutex *lock)
{
	struct mpcnet_allowedips_node __rcu **slot, **parent;
	struct mpcnet_allowedips_node *node, *next;
	struct mpcnet_prefix prefix;

	lockdep_assert_held(lock);
	list_for_each_entry_safe(node, next, peer_nodes, entry) {
		prefix = mpcnet_allowedips_node_prefix(node);
		slot = descend(table, &prefix, &parent, lock);
		disown(table, node, slot, parent, lock);
	}
}

/* Unlink what hangs from *@slot, its nodes through the list of nobody. */
static void free_trie(struct mpcnet_allowedips_node __rcu **slot,
		      struct mutex *lock)
{
	struct mpcnet_allowedips_node *node = deref(*slot, lock), *child;
	LIST_HEAD(todo);
	int i;

	RCU_INIT_POINTER(*slot, NULL);
	if (node)
		list_move_tail(&node->entry, &todo);
	while ((node = list_first_entry_or_null(&todo, typeof(*node), entry))) {
		for (i = 0; i < 2; i++) {
			child = deref(node->child[i], lock);
			if (child)
				list_move_tail(&child->entry, &todo);
		}
		RCU_INIT_POINTER(node->peer, NULL);
		list_del(&node->entry);
		/* Readers may be on the node: it keeps its children. */
		kfree_rcu(node, rcu);
	}
}

/**
 * mpcnet_allowedips_free() - empty the table
 * @table: table
 * @lock: mutex that guards @table, held
 *
 * The lists of all peers' nodes are empty afterwards.
 */
void mpcnet_allowedips_free(struct mpcnet_allowedips *table, struct mutex *lock)
{
	lockdep_assert_held(lock);
	table->seq++;
	free_trie(&table->root4, lock);
	free_trie(&table->root6, lock);
}

static struct mpcnet_peer *
lookup(struct mpcnet_allowedips_node __rcu *const *root, u64 hi, u64 lo)
{
	const struct mpcnet_allowedips_node *node;
	struct mpcnet_peer *best = NULL, *peer;

	node = rcu_dereference_bh_check(*root, rcu_read_lock_held());
	while (node && covers(node, hi, lo)) {
		peer = rcu_dereference_bh_check(node->peer,
						rcu_read_lock_held());
		if (peer)
			best = peer;
		node = rcu_dereference_bh_check(node->child[bit_at(hi, lo, node->cidr)],
						rcu_read_lock_held());
	}
	return best;
}

static struct mpcnet_peer *lookup4(const struct mpcnet_allowedips *table,
				   __be32 addr)
{
	return lookup(&table->root4, join(addr, 0), 0);
}

static struct mpcnet_peer *lookup6(const struct mpcnet_allowedips *table,
				   const struct in6_addr *addr)
{
	return lookup(&table->root6,
		      join(addr->s6_addr32[0], addr->s6_addr32[1]),
		      join(addr->s6_addr32[2], addr->s6_addr32[3]));
}

/**
 * mpcnet_allowedips_lookup() - find the peer of an address
 * @table: table
 * @family: AF_INET or AF_INET6
 * @addr: struct in_addr or struct in6_addr, aligned
 *
 * Context: under rcu_read_lock() or rcu_read_lock_bh().
 * Return: the owner of the longest prefix that covers @addr, valid until the
 * RCU lock is released; NULL if there is none.
 */
struct mpcnet_peer *
mpcnet_allowedips_lookup(const struct mpcnet_allowedips *table, u16 family,
			 const void *addr)
{
	if (family == AF_INET)
		return lookup4(table, *(const __be32 *)addr);
	if (family == AF_INET6)
		return lookup6(table, addr);
	return NULL;
}

/**
 * mpcnet_allowedips_lookup_dst() - find the peer to which a packet goes
 * @table: table
 * @skb: packet whose protocol is set and whose network header is linear
 *
 * Context: under rcu_read_lock() or rcu_read_lock_bh().
 * Return: as mpcnet_allowedips_lookup().
 */
struct mpcnet_peer *
mpcnet_allowedips_lookup_dst(const struct mpcnet_allowedips *table,
			     const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return lookup4(table, ip_hdr(skb)->daddr);
	if (skb->protocol == htons(ETH_P_IPV6))
		return lookup6(table, &ipv6_hdr(skb)->daddr);
	return NULL;
}

/**
 * mpcnet_allowedips_lookup_src() - find the peer that may send a packet
 * @table: table
 * @skb: packet whose protocol is set and whose network header is linear
 *
 * Context: under rcu_read_lock() or rcu_read_lock_bh().
 * Return: as mpcnet_allowedips_lookup().
 */
struct mpcnet_peer *
mpcnet_allowedips_lookup_src(const struct mpcnet_allowedips *table,
			     const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		return lookup4(table, ip_hdr(skb)->saddr);
	if (skb->protocol == htons(ETH_P_IPV6))
		return lookup6(table, &ipv6_hdr(skb)->saddr);
	return NULL;
}
