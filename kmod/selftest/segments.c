// SPDX-License-Identifier: GPL-2.0
/*
 * Segments of plain TCP, byte for byte as the stack cuts them; and packets
 * that are left to the stack.
 */
#include "selftest.h"

#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/gso.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "../segments.h"
#include "../tx.h"

#define DATA_OFFSET(words) cpu_to_be32((5 + (words)) << 28)
#define MAX_LEN 32768	/* of a segment */

/**
 * struct sample - a GSO packet of TCP
 * @v6: over IPv6
 * @type: SKB_GSO_ beyond those of the family
 * @flags: of the TCP header
 * @frag_off: of the IPv4 header
 * @ip_words: options of the IPv4 header, in words
 * @tcp_words: options of the TCP header, in words
 * @mss: length of a segment's data, in bytes
 * @len: length of all data, in bytes
 */
struct sample {
	bool v6;
	unsigned int type;
	__be32 flags;
	__be16 frag_off;
	unsigned int ip_words;
	unsigned int tcp_words;
	unsigned int mss;
	unsigned int len;
};

#define DF htons(IP_DF)
#define ACK TCP_FLAG_ACK
#define LAST (TCP_FLAG_ACK | TCP_FLAG_FIN | TCP_FLAG_PSH)
#define ECN (TCP_FLAG_ACK | TCP_FLAG_CWR | TCP_FLAG_ECE)

static const struct sample samples[] __initconst = {
	{ false, 0, ACK, DF, 0, 3, 1368, 3 * 1368 },
	{ false, 0, LAST, DF, 0, 3, 1368, 60000 },
	{ false, 0, LAST, 0, 0, 0, 1379, 20001 },
	{ false, 0, LAST, 0, 10, 10, 999, 5000 },
	{ false, 0, LAST, DF, 0, 3, 1, 200 },
	{ false, 0, LAST, DF, 0, 3, 30000, 60001 },
	{ false, SKB_GSO_TCP_ECN, ECN | LAST, DF, 0, 3, 1368, 20000 },
	{ false, SKB_GSO_TCP_FIXEDID, LAST, DF, 0, 3, 1368, 20000 },
	{ true, 0, ACK, 0, 0, 3, 1348, 3 * 1348 },
	{ true, 0, LAST, 0, 0, 3, 1348, 60000 },
	{ true, 0, LAST, 0, 0, 0, 1357, 20001 },
	{ true, 0, LAST, 0, 0, 10, 1, 200 },
	{ true, SKB_GSO_TCP_ECN, ECN | LAST, 0, 0, 3, 1348, 20000 },
};

static void __init fill4(struct sk_buff *skb, const struct sample *sample,
			 unsigned int tcp_len)
{
	struct iphdr *ip = ip_hdr(skb);

	ip->version = 4;
	ip->ihl = 5 + sample->ip_words;
	ip->id = htons(U16_MAX - 1);	/* so that it wraps */
	ip->protocol = IPPROTO_TCP;
	ip->frag_off = sample->frag_off;
	ip->tot_len = htons(skb->len);
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
	tcp_hdr(skb)->check = ~tcp_v4_check(tcp_len, ip->saddr, ip->daddr, 0);
	skb_shinfo(skb)->gso_type = sample->type | SKB_GSO_TCPV4;
}

static void __init fill6(struct sk_buff *skb, const struct sample *sample,
			 unsigned int tcp_len)
{
	struct ipv6hdr *ip = ipv6_hdr(skb);

	ip->version = 6;
	ip->nexthdr = IPPROTO_TCP;
	ip->payload_len = htons(tcp_len);
	skb->protocol = htons(ETH_P_IPV6);
	tcp_hdr(skb)->check = ~tcp_v6_check(tcp_len, &ip->saddr, &ip->daddr, 0);
	skb_shinfo(skb)->gso_type = sample->type | SKB_GSO_TCPV6;
}

/* A packet of random data in pages, with headers as the stack's; or NULL */
static struct sk_buff *__init make(const struct sample *sample)
{
	unsigned int ip_len = sample->v6 ? sizeof(struct ipv6hdr) :
			      sizeof(struct iphdr) + sample->ip_words * 4;
	unsigned int tcp_len = sizeof(struct tcphdr) + sample->tcp_words * 4;
	struct sk_buff *skb;
	u8 data[64];
	int i;

	skb = alloc_skb_with_frags(ip_len + tcp_len, sample->len, 0, &i,
				   GFP_KERNEL);
	if (!skb)
		return NULL;
	get_random_bytes(skb_put(skb, ip_len + tcp_len), ip_len + tcp_len);
	skb->data_len = sample->len;
	skb->len += sample->len;
	for (i = 0; i < sample->len; i += sizeof(data)) {
		get_random_bytes(data, sizeof(data));
		skb_store_bits(skb, ip_len + tcp_len + i, data,
			       min_t(int, sizeof(data), sample->len - i));
	}
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);
	tcp_flag_word(tcp_hdr(skb)) = sample->flags |
				      DATA_OFFSET(sample->tcp_words);
	(sample->v6 ? fill6 : fill4)(skb, sample, tcp_len + sample->len);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb_shinfo(skb)->gso_size = sample->mss;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(sample->len, sample->mss);
	return skb;
}

/* Is what we cut of a packet what the stack has cut? */
static bool __init same(struct mpcnet_segments *ours,
			const struct sk_buff *theirs, u8 *buffer)
{
	unsigned int len;

	for (; theirs; theirs = theirs->next) {
		len = theirs->len;
		if (!mpcnet_expect(ours->skb) ||
		    !mpcnet_expect(len <= MAX_LEN) ||
		    !mpcnet_expect(mpcnet_segments_len(ours) == len))
			return false;
		mpcnet_segments_copy(ours, buffer);
		mpcnet_tx_copy(theirs, buffer + MAX_LEN);
		if (!mpcnet_expect(!memcmp(buffer, buffer + MAX_LEN, len)))
			return false;
		/* None of them has an owner. */
		mpcnet_segments_next(ours, ours->skb);
	}
	return mpcnet_expect(!ours->skb);
}

static bool __init sample_ok(const struct sample *sample, u8 *buffer)
{
	struct sk_buff *skb = make(sample), *theirs;
	struct mpcnet_segments ours;
	bool ok;

	if (!mpcnet_expect(skb))
		return false;
	theirs = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	ok = mpcnet_expect(!IS_ERR_OR_NULL(theirs)) &&
	     mpcnet_expect(mpcnet_segments_whole(&ours, skb)) &&
	     mpcnet_expect(mpcnet_segments_left(&ours) ==
			   skb_shinfo(skb)->gso_segs);
	if (!ok) {
		kfree_skb(skb);
	} else {
		ok = same(&ours, theirs, buffer);
		kfree_skb(ours.skb);
	}
	if (!IS_ERR(theirs))
		kfree_skb_list(theirs);
	return ok;
}

/* Would the stack have to cut it, if @change is done to a plain packet? */
static bool __init left_to_stack(bool v6, void (*change)(struct sk_buff *skb))
{
	const struct sample plain = { v6, 0, ACK, 0, 0, 3, 1348, 20000 };
	struct sk_buff *skb = make(&plain);
	struct mpcnet_segments segments;
	bool left;

	if (!mpcnet_expect(skb))
		return false;
	left = mpcnet_segments_whole(&segments, skb);
	change(skb);
	left = left && !mpcnet_segments_whole(&segments, skb);
	kfree_skb(skb);
	return left;
}

static void __init dodgy(struct sk_buff *skb)
{
	skb_shinfo(skb)->gso_type |= SKB_GSO_DODGY;
}

static void __init tunnelled(struct sk_buff *skb)
{
	skb->encapsulation = 1;
}

static void __init summed(struct sk_buff *skb)
{
	skb->ip_summed = CHECKSUM_NONE;
}

static void __init extended(struct sk_buff *skb)
{
	ipv6_hdr(skb)->nexthdr = IPPROTO_HOPOPTS;
}

static void __init fragment(struct sk_buff *skb)
{
	ip_hdr(skb)->frag_off = htons(IP_MF);
}

/* A fixed identification, but not "don't fragment" */
static void __init fixed(struct sk_buff *skb)
{
	skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
}

static void __init long_header(struct sk_buff *skb)
{
	tcp_hdr(skb)->doff = 15;
}

static void __init short_header(struct sk_buff *skb)
{
	tcp_hdr(skb)->doff = 4;
}

static void __init empty(struct sk_buff *skb)
{
	__pskb_trim(skb, skb_headlen(skb));
}

static bool __init refusals_ok(void)
{
	return mpcnet_expect(left_to_stack(false, dodgy)) &&
	       mpcnet_expect(left_to_stack(false, tunnelled)) &&
	       mpcnet_expect(left_to_stack(false, summed)) &&
	       mpcnet_expect(left_to_stack(true, extended)) &&
	       mpcnet_expect(left_to_stack(false, fragment)) &&
	       mpcnet_expect(left_to_stack(false, fixed)) &&
	       /* It is not all in the linear part. */
	       mpcnet_expect(left_to_stack(true, long_header)) &&
	       mpcnet_expect(left_to_stack(false, short_header)) &&
	       mpcnet_expect(left_to_stack(false, empty));
}

/**
 * mpcnet_selftest_segments() - test the cutting of TCP's GSO packets
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_segments(void)
{
	u8 *buffer = kmalloc(2 * MAX_LEN, GFP_KERNEL);
	bool ok = mpcnet_expect(buffer);
	size_t i;

	for (i = 0; ok && i < ARRAY_SIZE(samples); i++) {
		ok = sample_ok(&samples[i], buffer);
		if (!ok)
			pr_err("mpcnet: self-test: sample %zu\n", i);
	}
	kfree(buffer);
	return ok && refusals_ok();
}
