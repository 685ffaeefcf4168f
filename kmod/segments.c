// SPDX-License-Identifier: GPL-2.0
/*
 * The packets of a GSO packet. Those of plain TCP are never made: as each is
 * copied to where it is encrypted, the headers in the copy are made true of it.
 * Others are cut by the stack, and come as a list.
 */
#include "segments.h"

#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "tx.h"

#define PLAIN_TCP \
	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID)

/* Length of the IP header, 0 if it is not followed by TCP's */
static unsigned int ip_len(const struct sk_buff *skb)
{
	const struct iphdr *ip = (const void *)skb->data;

	if (skb->protocol == htons(ETH_P_IPV6))
		return ipv6_hdr(skb)->nexthdr == IPPROTO_TCP ?
		       sizeof(struct ipv6hdr) : 0;
	/* A fixed identification is for what is not fragmented (RFC 6864). */
	if (ip->protocol != IPPROTO_TCP || ip_is_fragment(ip) ||
	    (skb_shinfo(skb)->gso_type & SKB_GSO_TCP_FIXEDID &&
	     !(ip->frag_off & htons(IP_DF))))
		return 0;
	return ip->ihl * 4;
}

/* Length of the headers, 0 if they are not those of plain TCP */
static unsigned int headers_len(const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	unsigned int ip, headers;

	if (info->gso_type & ~PLAIN_TCP || skb->encapsulation ||
	    skb->ip_summed != CHECKSUM_PARTIAL || skb_network_offset(skb) ||
	    skb_headlen(skb) < sizeof(struct iphdr) + sizeof(struct tcphdr))
		return 0;
	ip = ip_len(skb);
	if (skb_checksum_start_offset(skb) != ip ||
	    skb->csum_offset != offsetof(struct tcphdr, check) ||
	    skb_headlen(skb) < ip + sizeof(struct tcphdr))
		return 0;
	headers = ip + ((struct tcphdr *)(skb->data + ip))->doff * 4;
	return headers >= ip + sizeof(struct tcphdr) &&
	       headers <= skb_headlen(skb) ? headers : 0;
}

/**
 * mpcnet_segments_whole() - take a GSO packet as it is
 * @segments: set to what it is to be cut into
 * @skb: GSO packet, taken over by mpcnet_segments_next()
 *
 * Return: false if only the stack can cut it.
 */
bool mpcnet_segments_whole(struct mpcnet_segments *segments,
			   struct sk_buff *skb)
{
	segments->skb = skb;
	segments->headers = headers_len(skb);
	segments->offset = segments->headers;
	return segments->headers && skb->len > segments->headers &&
	       skb_shinfo(skb)->gso_size;
}

/**
 * mpcnet_segments_left() - count packets
 * @segments: packets
 *
 * Return: how many are left.
 */
unsigned int mpcnet_segments_left(const struct mpcnet_segments *segments)
{
	const struct sk_buff *skb = segments->skb;
	unsigned int count = 0;

	if (skb && segments->headers)
		return DIV_ROUND_UP(skb->len - segments->offset,
				    skb_shinfo(skb)->gso_size);
	for (; skb; skb = skb->next)
		count++;
	return count;
}

/* Bytes of data in the next segment */
static unsigned int data_len(const struct mpcnet_segments *segments)
{
	return min_t(unsigned int, skb_shinfo(segments->skb)->gso_size,
		     segments->skb->len - segments->offset);
}

/**
 * mpcnet_segments_len() - length of the next packet
 * @segments: packets, of which one is left
 *
 * Return: length in bytes.
 */
unsigned int mpcnet_segments_len(const struct mpcnet_segments *segments)
{
	if (!segments->headers)
		return segments->skb->len;
	return segments->headers + data_len(segments);
}

/* Make an IP header true of a packet; gives the sum of TCP's pseudo header. */
static __wsum set_ip(const struct sk_buff *skb, void *at, unsigned int len,
		     unsigned int number)
{
	struct ipv6hdr *ip6 = at;
	struct iphdr *ip = at;

	if (skb->protocol == htons(ETH_P_IPV6)) {
		len -= sizeof(*ip6);
		ip6->payload_len = htons(len);
		return ~csum_unfold(csum_ipv6_magic(&ip6->saddr, &ip6->daddr,
						    len, IPPROTO_TCP, 0));
	}
	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_TCP_FIXEDID))
		ip->id = htons(ntohs(ip->id) + number);
	ip->tot_len = htons(len);
	ip_send_check(ip);
	return csum_tcpudp_nofold(ip->saddr, ip->daddr, len - ip->ihl * 4,
				  IPPROTO_TCP, 0);
}

/* Copy the next segment of a packet of TCP. */
static void copy_tcp(const struct mpcnet_segments *segments, u8 *to)
{
	const struct sk_buff *skb = segments->skb;
	unsigned int headers = segments->headers, len = data_len(segments);
	unsigned int from = segments->offset - headers;
	unsigned int tcp_at = skb_checksum_start_offset(skb);
	struct tcphdr *tcp = (void *)to + tcp_at;
	__wsum sum;

	memcpy(to, skb->data, headers);
	sum = set_ip(skb, to, headers + len, from / skb_shinfo(skb)->gso_size);
	tcp->seq = htonl(ntohl(tcp->seq) + from);
	if (from)
		tcp->cwr = 0;
	if (segments->offset + len < skb->len) {
		tcp->fin = 0;
		tcp->psh = 0;
	}
	tcp->check = 0;
	sum = csum_partial(tcp, headers - tcp_at, sum);
	sum = csum_add(sum, skb_copy_and_csum_bits(skb, segments->offset,
						   to + headers, len));
	tcp->check = csum_fold(sum);
}

/**
 * mpcnet_segments_copy() - copy the next packet into a buffer, with its checksum
 * @segments: packets, of which one is left
 * @to: buffer
 */
void mpcnet_segments_copy(const struct mpcnet_segments *segments, u8 *to)
{
	if (segments->headers)
		copy_tcp(segments, to);
	else
		mpcnet_tx_copy(segments->skb, to);
}

/**
 * mpcnet_segments_next() - the next packet was copied, go on to the one behind
 * @segments: packets, of which one is left
 * @out: what it was copied to, which shall belong to its sender
 */
void mpcnet_segments_next(struct mpcnet_segments *segments,
			  struct sk_buff *out)
{
	struct sk_buff *skb = segments->skb;

	mpcnet_tx_take_owner(out, skb);
	if (segments->headers) {
		segments->offset += data_len(segments);
		if (segments->offset < skb->len)
			return;
		segments->skb = NULL;
	} else {
		segments->skb = skb->next;
		skb_mark_not_on_list(skb);
	}
	consume_skb(skb);
}
