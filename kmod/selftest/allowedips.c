// SPDX-License-Identifier: GPL-2.0
/*
 * The allowed IPs against an oracle: a list of prefixes that is searched from
 * end to end, address bytes and all.
 */
#include "selftest.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/string.h>

#include "../allowedips.h"

#define PEERS 12
#define PREFIXES 96
#define STEPS 1500
#define LOOKUPS 1500

static DEFINE_MUTEX(lock); /* for the table's lockdep assertions */
static struct mpcnet_allowedips table __initdata;
static struct list_head nodes[PEERS] __initdata;
static struct rnd_state rnd __initdata;

/* The oracle. A free entry has no peer. */
static struct {
	struct mpcnet_peer *peer;
	u16 family;
	u8 cidr;
	u8 addr[16];
} oracle[PREFIXES] __initdata;

static u32 __init below(u32 n)
{
	return prandom_u32_state(&rnd) % n;
}

/* The table never looks into a peer: any address serves for one. */
static struct mpcnet_peer *__init peer_of(int i)
{
	return (struct mpcnet_peer *)&nodes[i];
}

static u16 __init family_random(void)
{
	return below(2) ? AF_INET : AF_INET6;
}

static u8 __init bits_of(u16 family)
{
	return family == AF_INET ? 32 : 128;
}

/* Few different bytes, so that prefixes nest. */
static void __init addr_random(u8 addr[16])
{
	static const u8 bytes[] __initconst = { 0, 0xff, 10, 11, 0x80 };
	int i;

	for (i = 0; i < 16; i++)
		addr[i] = below(8) ? bytes[below(i < 3 ? 2 : 5)] : below(256);
}

static bool __init agree(const u8 *a, const u8 *b, u8 bits)
{
	u8 rest = bits % 8;

	if (memcmp(a, b, bits / 8))
		return false;
	return !rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest));
}

/* The entry of a prefix; if there is none, a free one, or -1. */
static int __init oracle_find(u16 family, const u8 *addr, u8 cidr)
{
	int i, unused = -1;

	for (i = 0; i < PREFIXES; i++) {
		if (!oracle[i].peer)
			unused = i;
		else if (oracle[i].family == family && oracle[i].cidr == cidr &&
			 agree(oracle[i].addr, addr, cidr))
			return i;
	}
	return unused;
}

static struct mpcnet_peer *__init oracle_lookup(u16 family, const u8 *addr)
{
	int i, best = -1;

	for (i = 0; i < PREFIXES; i++)
		if (oracle[i].peer && oracle[i].family == family &&
		    agree(oracle[i].addr, addr, oracle[i].cidr) &&
		    (best < 0 || oracle[i].cidr > oracle[best].cidr))
			best = i;
	return best < 0 ? NULL : oracle[best].peer;
}

static bool __init insert(u16 family, const u8 *addr, u8 cidr, int owner)
{
	struct mpcnet_allowedips_spare spare = {};
	struct mpcnet_prefix prefix;

	if (!mpcnet_expect(!mpcnet_prefix_set(&prefix, family, addr, cidr)) ||
	    !mpcnet_expect(!mpcnet_allowedips_spare_alloc(&spare, GFP_KERNEL)))
		return false;
	mpcnet_allowedips_insert(&table, &prefix, peer_of(owner), &nodes[owner],
				 &spare, &lock);
	mpcnet_allowedips_spare_free(&spare);
	return true;
}

static bool __init step_insert(u16 family, const u8 *addr, u8 cidr, int owner)
{
	int i = oracle_find(family, addr, cidr);

	if (i < 0)
		return true;
	oracle[i].peer = peer_of(owner);
	oracle[i].family = family;
	oracle[i].cidr = cidr;
	memcpy(oracle[i].addr, addr, sizeof(oracle[i].addr));
	return insert(family, addr, cidr, owner);
}

/* Of @owner, or of the peer that has it, or of one that does not. */
static bool __init step_remove(int owner)
{
	struct mpcnet_prefix prefix;
	int i = below(PREFIXES);

	if (!oracle[i].peer)
		return true;
	if (!mpcnet_expect(!mpcnet_prefix_set(&prefix, oracle[i].family,
					      oracle[i].addr, oracle[i].cidr)))
		return false;
	mpcnet_allowedips_remove(&table, &prefix, peer_of(owner), &lock);
	if (oracle[i].peer == peer_of(owner) || below(2)) {
		mpcnet_allowedips_remove(&table, &prefix, oracle[i].peer, &lock);
		oracle[i].peer = NULL;
	}
	return true;
}

static bool __init step_remove_by_peer(int owner)
{
	int i;

	mpcnet_allowedips_remove_by_peer(&table, &nodes[owner], &lock);
	for (i = 0; i < PREFIXES; i++)
		if (oracle[i].peer == peer_of(owner))
			oracle[i].peer = NULL;
	return mpcnet_expect(list_empty(&nodes[owner]));
}

/* One change of the table; mostly insertions, often of what is there. */
static bool __init step(void)
{
	int owner = below(PEERS), i = below(PREFIXES), kind = below(64);
	u16 family = family_random();
	u8 addr[16], cidr = below(bits_of(family) + 1);

	if (kind == 0)
		return step_remove_by_peer(owner);
	if (kind < 22)
		return step_remove(owner);
	if (kind < 30 && oracle[i].peer)
		return step_insert(oracle[i].family, oracle[i].addr,
				   oracle[i].cidr, owner);
	addr_random(addr);
	return step_insert(family, addr, cidr, owner);
}

/* An address, half the time one that lies at the edge of a prefix. */
static u16 __init target_random(u8 addr[16])
{
	int i = below(PREFIXES), bit;
	u16 family = family_random();

	addr_random(addr);
	if (below(2) || !oracle[i].peer)
		return family;
	memcpy(addr, oracle[i].addr, 16);
	family = oracle[i].family;
	bit = min(oracle[i].cidr - 1 + below(2), bits_of(family) - 1U);
	if (oracle[i].cidr && below(2))
		addr[bit / 8] ^= 0x80 >> bit % 8;
	return family;
}

static void __init header_set(struct sk_buff *skb, u16 family, const u8 *src,
			      const u8 *dst)
{
	if (family == AF_INET) {
		skb->protocol = htons(ETH_P_IP);
		memcpy(&ip_hdr(skb)->saddr, src, 4);
		memcpy(&ip_hdr(skb)->daddr, dst, 4);
	} else {
		skb->protocol = htons(ETH_P_IPV6);
		memcpy(&ipv6_hdr(skb)->saddr, src, 16);
		memcpy(&ipv6_hdr(skb)->daddr, dst, 16);
	}
}

static bool __init lookup_ok(struct sk_buff *skb)
{
	struct mpcnet_peer *plain, *src, *dst, *want, *want_other;
	u8 addr[16] __aligned(8), other[16];
	u16 family = target_random(addr);

	addr_random(other);
	want = oracle_lookup(family, addr);
	want_other = oracle_lookup(family, other);
	rcu_read_lock();
	plain = mpcnet_allowedips_lookup(&table, family, addr);
	header_set(skb, family, addr, other);
	src = mpcnet_allowedips_lookup_src(&table, skb);
	dst = mpcnet_allowedips_lookup_dst(&table, skb);
	rcu_read_unlock();
	if (mpcnet_expect(plain == want) && mpcnet_expect(src == want) &&
	    mpcnet_expect(dst == want_other))
		return true;
	pr_err("mpcnet: self-test allowedips: family %u address %16phN other %16phN\n",
	       family, addr, other);
	return false;
}

/* Has each peer the prefixes that the oracle says, and no other? */
static bool __init lists_ok(void)
{
	struct mpcnet_allowedips_node *node;
	struct mpcnet_prefix prefix;
	int i, p, listed = 0, known = 0;
	u8 addr[16];

	for (p = 0; p < PEERS; p++) {
		mpcnet_allowedips_for_each(node, &nodes[p]) {
			prefix = mpcnet_allowedips_node_prefix(node);
			mpcnet_prefix_addr(&prefix, addr);
			i = oracle_find(prefix.family, addr, prefix.cidr);
			if (!mpcnet_expect(i >= 0) ||
			    !mpcnet_expect(oracle[i].peer == peer_of(p)))
				return false;
			listed++;
		}
	}
	for (i = 0; i < PREFIXES; i++)
		known += !!oracle[i].peer;
	return mpcnet_expect(listed == known);
}

static bool __init is_empty(void)
{
	int p;

	for (p = 0; p < PEERS; p++)
		if (!mpcnet_expect(list_empty(&nodes[p])))
			return false;
	return mpcnet_expect(!rcu_access_pointer(table.root4)) &&
	       mpcnet_expect(!rcu_access_pointer(table.root6));
}

static bool __init random_ok(struct sk_buff *skb)
{
	int i;

	memset(oracle, 0, sizeof(oracle));
	for (i = 0; i < STEPS; i++)
		if (!step() || !lookup_ok(skb))
			return false;
	for (i = 0; i < LOOKUPS; i++)
		if (!lookup_ok(skb))
			return false;
	return lists_ok();
}

/* After removing all, peer by peer, or at once, nothing may be left. */
static bool __init emptied_ok(struct sk_buff *skb)
{
	int p;

	if (!random_ok(skb))
		return false;
	for (p = 0; p < PEERS; p++)
		mpcnet_allowedips_remove_by_peer(&table, &nodes[p], &lock);
	if (!is_empty() || !random_ok(skb))
		return false;
	mpcnet_allowedips_free(&table, &lock);
	return is_empty();
}

static bool __init prefix_ok(void)
{
	static const u8 addr[16] __initconst = { 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};
	struct mpcnet_prefix prefix;
	u8 out[16] = {};

	if (!mpcnet_expect(mpcnet_prefix_set(&prefix, AF_INET, addr, 33) == -EINVAL) ||
	    !mpcnet_expect(mpcnet_prefix_set(&prefix, AF_INET6, addr, 129) == -EINVAL) ||
	    !mpcnet_expect(mpcnet_prefix_set(&prefix, AF_UNIX, addr, 1) == -EAFNOSUPPORT))
		return false;
	if (!mpcnet_expect(!mpcnet_prefix_set(&prefix, AF_INET, addr, 9)))
		return false;
	mpcnet_prefix_addr(&prefix, out);
	if (!mpcnet_expect(!memcmp(out, "\xff\x80\0\0\0", 5)))
		return false;
	if (!mpcnet_expect(!mpcnet_prefix_set(&prefix, AF_INET6, addr, 65)))
		return false;
	mpcnet_prefix_addr(&prefix, out);
	return mpcnet_expect(!memcmp(out, "\xff\xff\xff\xff\xff\xff\xff\xff\x80\0\0\0\0\0\0", 16));
}

/**
 * mpcnet_selftest_allowedips() - test the allowed IPs
 *
 * Return: true if they passed.
 */
bool __init mpcnet_selftest_allowedips(void)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct ipv6hdr), GFP_KERNEL);
	u32 seed = get_random_u32();
	bool ok;
	int p;

	if (!mpcnet_expect(skb))
		return false;
	skb_reset_network_header(skb);
	skb_put_zero(skb, sizeof(struct ipv6hdr));
	prandom_seed_state(&rnd, seed);
	mpcnet_allowedips_init(&table);
	for (p = 0; p < PEERS; p++)
		INIT_LIST_HEAD(&nodes[p]);

	mutex_lock(&lock);
	ok = prefix_ok() && emptied_ok(skb);
	if (!ok)
		pr_err("mpcnet: self-test allowedips: seed %u\n", seed);
	mpcnet_allowedips_free(&table, &lock);
	mutex_unlock(&lock);
	kfree_skb(skb);
	return ok;
}
