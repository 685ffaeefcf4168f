// SPDX-License-Identifier: GPL-2.0
/*
 * The rate limiter: a bucket under a clock of the test, and the table with
 * messages of sources that must and must not share a bucket.
 */
#include "selftest.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/skbuff.h>
#include <net/net_namespace.h>

#include "../ratelimit.h"

#define INTERVAL (NSEC_PER_SEC / MPCNET_RATELIMIT_PER_SECOND)

/* How many of @tries messages at the time @now have a token? */
static int __init taken(atomic64_t *bucket, u64 now, int tries)
{
	int n = 0;

	while (tries--)
		n += mpcnet_ratelimit_take(bucket, now);
	return n;
}

static bool __init bucket_ok(void)
{
	atomic64_t bucket = ATOMIC64_INIT(0);
	u64 t = 1000 * (u64)NSEC_PER_SEC;
	int i, n = 0;

	if (!mpcnet_expect(taken(&bucket, t, 100) == MPCNET_RATELIMIT_BURST) ||
	    !mpcnet_expect(taken(&bucket, t + INTERVAL - 1, 9) == 0) ||
	    !mpcnet_expect(taken(&bucket, t + INTERVAL, 9) == 1) ||
	    !mpcnet_expect(taken(&bucket, t + 4 * INTERVAL, 9) == 3) ||
	    /* A clock that lags gives nothing, and takes nothing away. */
	    !mpcnet_expect(taken(&bucket, t + 2 * INTERVAL, 9) == 0) ||
	    !mpcnet_expect(taken(&bucket, t + 5 * INTERVAL, 9) == 1))
		return false;
	/* A long rest fills it up to the burst and no further. */
	t += 3600 * (u64)NSEC_PER_SEC;
	if (!mpcnet_expect(taken(&bucket, t, 100) == MPCNET_RATELIMIT_BURST))
		return false;
	/* A flood for ten seconds gets the rate. */
	for (i = 1; i <= 10000; i++)
		n += mpcnet_ratelimit_take(&bucket, t + i * (u64)NSEC_PER_MSEC);
	return mpcnet_expect(n == 10 * MPCNET_RATELIMIT_PER_SECOND);
}

static void __init from4(struct sk_buff *skb, u32 source)
{
	skb->protocol = htons(ETH_P_IP);
	ip_hdr(skb)->saddr = htonl(source);
}

static void __init from6(struct sk_buff *skb, u32 a, u32 b, u32 c, u32 d)
{
	struct in6_addr addr = { .s6_addr32 = {
		htonl(a), htonl(b), htonl(c), htonl(d)
	} };

	skb->protocol = htons(ETH_P_IPV6);
	ipv6_hdr(skb)->saddr = addr;
}

/*
 * How many of 100 messages are allowed? A few more than the burst if the clock
 * moves meanwhile.
 */
static int __init burst(const struct net *net, const struct sk_buff *skb)
{
	int i, n = 0;

	for (i = 0; i < 100; i++)
		n += mpcnet_ratelimit_allow(net, skb);
	return n;
}

static bool __init is_burst(int n)
{
	return n >= MPCNET_RATELIMIT_BURST && n < 50;
}

/*
 * Of several sources each must have a burst of its own. Two of them share a
 * bucket with a probability of less than 1 in 200, three almost never: so ask
 * for all but two.
 */
static bool __init sources_ok(struct net *net, struct sk_buff *skb)
{
	int i, n4 = 0, n6 = 0;

	for (i = 0; i < 8; i++) {
		from4(skb, 0x0a000001 + i);
		n4 += is_burst(burst(net, skb));
		from6(skb, 0xfd000000, i, 0, 1);
		n6 += is_burst(burst(net, skb));
	}
	if (!mpcnet_expect(n4 >= 6) || !mpcnet_expect(n6 >= 6))
		return false;
	/* Other addresses of a /64 that is spent already. */
	for (i = 0, n6 = 0; i < 8; i++) {
		from6(skb, 0xfd000000, 7, i, 99);
		n6 += burst(net, skb);
	}
	if (!mpcnet_expect(n6 < 50))
		return false;
	skb->protocol = htons(ETH_P_ARP);
	return mpcnet_expect(burst(net, skb) == 0);
}

/**
 * mpcnet_selftest_ratelimit() - test the rate limiter
 *
 * After mpcnet_ratelimit_init().
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_ratelimit(void)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct ipv6hdr), GFP_KERNEL);
	bool ok;

	if (!mpcnet_expect(skb))
		return false;
	skb_reset_network_header(skb);
	skb_put_zero(skb, sizeof(struct ipv6hdr));
	ok = bucket_ok() && sources_ok(&init_net, skb);
	kfree_skb(skb);
	return ok;
}
