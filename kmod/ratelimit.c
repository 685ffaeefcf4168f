// SPDX-License-Identifier: GPL-2.0
/*
 * A fixed table of token buckets. A source is mapped to its bucket by a hash,
 * so there is nothing to allocate, to look for or to collect, whatever an
 * attacker sends.
 *
 * Sources that meet in one bucket share its rate. The hash is keyed by a
 * secret of this load of the module, so nobody can choose a source that meets
 * a given other one: an attacker with k sources meets a given bystander with
 * probability of about k / BUCKETS, and slows down its handshakes, nothing
 * else. The limit counts only while the interface is under load, and after
 * the source has proved by a cookie that it receives at its address.
 *
 * A bucket is one number: the time at which it will be full again. A message
 * takes a token by moving that time on by one INTERVAL, counted from now if
 * it has passed. There are tokens left as long as the time is not further
 * ahead than BURST - 1 intervals. This is the virtual scheduling form of the
 * leaky bucket (ITU-T I.371). The number only grows, and a compare and
 * exchange moves it, so no token is given twice. Zero is a full bucket.
 */
#include "ratelimit.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#define BUCKETS 8192
#define INTERVAL (NSEC_PER_SEC / MPCNET_RATELIMIT_PER_SECOND)
#define AHEAD ((MPCNET_RATELIMIT_BURST - 1) * (u64)INTERVAL)

static atomic64_t *table;
static siphash_key_t secret __read_mostly;

/**
 * mpcnet_ratelimit_init() - make the table, for all interfaces
 *
 * Return: 0 or -ENOMEM.
 */
int mpcnet_ratelimit_init(void)
{
	get_random_bytes(&secret, sizeof(secret));
	table = kvcalloc(BUCKETS, sizeof(*table), GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

/**
 * mpcnet_ratelimit_exit() - free the table
 *
 * No mpcnet_ratelimit_allow() may run or follow.
 */
void mpcnet_ratelimit_exit(void)
{
	kvfree(table);
	table = NULL;
}

/**
 * mpcnet_ratelimit_take() - take a token from a bucket
 * @bucket: bucket
 * @now: time in ns; that of another CPU may lag behind
 *
 * Tries again only when another CPU has taken a token, so at most
 * MPCNET_RATELIMIT_BURST times for one value of @now.
 *
 * Return: true if there was one.
 */
bool mpcnet_ratelimit_take(atomic64_t *bucket, u64 now)
{
	s64 old = atomic64_read(bucket);
	u64 full;

	do {
		full = max_t(u64, old, now);
		if (full - now > AHEAD)
			return false;
	} while (!atomic64_try_cmpxchg(bucket, &old, full + INTERVAL));
	return true;
}

/**
 * mpcnet_ratelimit_allow() - may a handshake message be worked on?
 * @net: namespace in which it was received
 * @skb: the message; its protocol is set and its network header is linear
 *
 * A source is an IPv4 address or an IPv6 /64, within its namespace. All peers
 * behind one relay are one source.
 *
 * Context: any.
 * Return: true if its source has not used up its rate.
 */
bool mpcnet_ratelimit_allow(const struct net *net, const struct sk_buff *skb)
{
	u64 source, hash;

	if (skb->protocol == htons(ETH_P_IP)) {
		source = (__force u32)ip_hdr(skb)->saddr;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		const struct in6_addr *addr = &ipv6_hdr(skb)->saddr;

		source = (__force u64)addr->s6_addr32[0] << 32 |
			 (__force u32)addr->s6_addr32[1];
	} else {
		return false;
	}
	hash = siphash_3u64(source, net->net_cookie,
			    (__force u16)skb->protocol, &secret);
	return mpcnet_ratelimit_take(&table[hash % BUCKETS],
				     ktime_get_coarse_boottime_ns());
}
