// SPDX-License-Identifier: GPL-2.0
/*
 * Data messages on their way in, in the softirq that received them:
 *
 *	mpcnet_rx_message()       one by itself
 *	  find_session()          the session that has the index
 *	  authenticate()          decrypt in place, then the replay window
 *	  note()                  endpoint, session and timers follow
 *	  strip()                 padding, ECN; is the source allowed?
 *	  mpcnet_intake_one()     up the stack
 *
 *	mpcnet_rx_batch()         many that came as one packet (GSO, GRO)
 *	  receive_one()           each, as above, in a packet of its own
 *	  note()                  once for all
 *	  mpcnet_intake_many()    up the stack, through GRO
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>

#include "crypto.h"
#include "device.h"
#include "handshake.h"
#include "lookup.h"
#include "pages.h"
#include "peer.h"
#include "rx.h"
#include "tx.h"

static DEFINE_PER_CPU(struct mpcnet_pages, pages);

/**
 * struct tally - authentic messages of one session that came together
 * @keypair: the session, NULL if there was none yet
 * @outer: what they came in, outer headers in place
 * @channel: TURN channel by which they came, 0 if none
 * @outer_ds: DS field of the outer header
 * @messages: their number
 * @bytes: their length, in bytes
 * @data: one of them was more than a keepalive
 */
struct tally {
	struct mpcnet_keypair *keypair;
	const struct sk_buff *outer;
	u16 channel;
	u8 outer_ds;
	unsigned int messages;
	unsigned int bytes;
	bool data;
};

/* The session that a message is of, if it has keys; else counts why not. */
static struct mpcnet_keypair *
find_session(struct mpcnet_device *mpc, const struct mpcnet_message_data *message)
{
	struct mpcnet_keypair *keypair =
		mpcnet_lookup_keypair(mpc->lookup, message->receiver);

	if (unlikely(!keypair)) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_UNKNOWN_INDEX);
		return NULL;
	}
	/* Pairs with the release in mpcnet_keypair_install(). */
	if (unlikely(!smp_load_acquire(&keypair->ready))) {
		mpcnet_count_drop(&keypair->peer->drops, MPCNET_PEER_C_NO_KEY);
		return NULL;
	}
	return keypair;
}

/* Decrypt @len bytes of ciphertext and tag in place; there are @room behind. */
static bool authenticate(struct mpcnet_keypair *keypair, u8 *data,
			 unsigned int len, unsigned int room, u64 counter)
{
	struct mpcnet_peer_drops *drops = &keypair->peer->drops;

	if (unlikely(mpcnet_keypair_older(keypair, MPCNET_REJECT_AFTER_TIME) ||
		     counter >= MPCNET_REJECT_AFTER_MESSAGES)) {
		mpcnet_count_drop(drops, MPCNET_PEER_C_KEY_EXPIRED);
		return false;
	}
	if (unlikely(!mpcnet_aead_open(data, len, room, counter,
				       keypair->receiving))) {
		mpcnet_count_drop(drops, MPCNET_PEER_C_BAD_PACKET);
		return false;
	}
	/* Only now: a forged counter must not move the window. */
	if (unlikely(!mpcnet_replay_accept(&keypair->replay, counter))) {
		mpcnet_count_drop(drops, MPCNET_PEER_C_REPLAY);
		return false;
	}
	return true;
}

/* Authentic messages came: what follows for the session and the timers */
static void note(const struct tally *tally)
{
	struct mpcnet_keypair *keypair = tally->keypair;
	struct mpcnet_peer *peer = keypair->peer;

	mpcnet_peer_count_rx(peer, tally->messages, tally->bytes);
	mpcnet_endpoint_roam(peer, tally->outer, tally->channel);
	mpcnet_timers_any_received(peer);
	if (tally->data)
		mpcnet_timers_data_received(peer);
	if (unlikely(mpcnet_keypair_confirm(keypair))) {
		mpcnet_timers_handshake_complete(peer);
		mpcnet_tx_staged(peer);
	}
	/* As initiator, see that the session does not end while it is used. */
	if (unlikely(keypair->initiator &&
		     mpcnet_keypair_older(keypair, MPCNET_REJECT_AFTER_TIME -
					  MPCNET_KEEPALIVE_TIMEOUT -
					  MPCNET_REKEY_TIMEOUT)))
		mpcnet_handshake_begin(peer);
}

/*
 * ECN of the outer header goes into the inner one, RFC 6040 section 4.2; but a
 * packet is not dropped because its sender does not know ECN.
 */
static void copy_ecn(struct sk_buff *skb, u8 outer_ds)
{
	u8 inner_ds = skb->protocol == htons(ETH_P_IP) ?
			      ip_hdr(skb)->tos :
			      ipv6_get_dsfield(ipv6_hdr(skb));

	INET_ECN_decapsulate(skb, outer_ds, inner_ds);
}

/* The length that the inner header gives, 0 if there is no whole packet */
static unsigned int inner_len(const struct sk_buff *skb)
{
	unsigned int len = 0;

	if (skb->protocol == htons(ETH_P_IP)) {
		len = ntohs(ip_hdr(skb)->tot_len);
		if (len < sizeof(struct iphdr))
			return 0;
	} else if (skb->protocol == htons(ETH_P_IPV6)) {
		len = sizeof(struct ipv6hdr) +
		      ntohs(ipv6_hdr(skb)->payload_len);
	}
	return len <= skb->len ? len : 0;
}

/* Make an inner packet of the plaintext; false, and counted, if it is none. */
static bool strip(struct mpcnet_peer *peer, struct sk_buff *skb, u8 outer_ds)
{
	unsigned int len;

	skb_reset_network_header(skb);
	skb->protocol = ip_tunnel_parse_protocol(skb);
	len = inner_len(skb);
	if (unlikely(!len || pskb_trim(skb, len))) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_BAD_PACKET);
		DEV_STATS_INC(peer->mpc->dev, rx_errors);
		DEV_STATS_INC(peer->mpc->dev, rx_length_errors);
		return false;
	}
	if (unlikely(mpcnet_allowedips_lookup_src(&peer->mpc->allowedips, skb) !=
		     peer)) {
		mpcnet_count_drop(&peer->drops,
				  MPCNET_PEER_C_SOURCE_NOT_ALLOWED);
		DEV_STATS_INC(peer->mpc->dev, rx_errors);
		DEV_STATS_INC(peer->mpc->dev, rx_frame_errors);
		return false;
	}
	copy_ecn(skb, outer_ds);
	skb->dev = peer->mpc->dev;
	/* It is authentic: what was summed there need not be summed again. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = SKB_MAX_CSUM_LEVEL;
	skb_reset_mac_header(skb);
	skb_reset_transport_header(skb);
	return true;
}

/* What the datagram left in it must not show in the inner packet. */
static void scrub(struct sk_buff *skb)
{
	skb->encapsulation = 0;
	skb_clear_hash(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, true);
}

/**
 * mpcnet_rx_message() - a data message came
 * @mpc: interface
 * @skb: datagram, taken over
 * @cb: where the message is in it
 * @len: length of the message, in bytes
 *
 * Context: softirq, under rcu_read_lock().
 */
void mpcnet_rx_message(struct mpcnet_device *mpc, struct sk_buff *skb,
		       const struct mpcnet_rx_cb *cb, unsigned int len)
{
	struct tally tally = {
		.outer = skb,
		.channel = cb->channel,
		.outer_ds = ip_tunnel_get_dsfield(ip_hdr(skb), skb),
		.messages = 1,
		.bytes = len,
	};
	const struct mpcnet_message_data *message;

	if (skb_ensure_writable(skb, cb->offset + len))
		goto drop;
	message = (void *)skb->data + cb->offset;
	tally.keypair = find_session(mpc, message);
	if (unlikely(!tally.keypair))
		goto drop;
	skb_pull(skb, cb->offset + sizeof(*message));
	len -= sizeof(*message);
	if (!authenticate(tally.keypair, skb->data, len,
			  skb->len - len + skb_tailroom(skb),
			  le64_to_cpu(message->counter)))
		goto drop;
	if (!mpcnet_rx_path_allowed(tally.keypair->peer, skb, cb->channel)) {
		mpcnet_count_drop(&tally.keypair->peer->drops,
				  MPCNET_PEER_C_BAD_PACKET);
		goto drop;
	}
	len -= MPCNET_TAG_LEN;
	tally.data = len;
	note(&tally);

	if (!len) { /* a keepalive */
		consume_skb(skb);
		return;
	}
	if (pskb_trim(skb, len) ||
	    !strip(tally.keypair->peer, skb, tally.outer_ds))
		goto drop;
	scrub(skb);
	mpcnet_intake_one(skb);
	return;
drop:
	kfree_skb(skb);
}

/* The next messages are of another session, or there are no more. */
static void settle(struct tally *tally, struct mpcnet_keypair *next)
{
	if (tally->messages)
		note(tally);
	tally->keypair = next;
	tally->messages = 0;
	tally->bytes = 0;
	tally->data = false;
}

/* Is a message authentic? Then it is decrypted in place, and told to @tally. */
static bool open_message(struct mpcnet_device *mpc, struct tally *tally,
			 struct mpcnet_message_data *message, unsigned int len)
{
	struct mpcnet_keypair *keypair = tally->keypair;
	u8 *body = (u8 *)(message + 1);

	if (!keypair || keypair->index != message->receiver) {
		keypair = find_session(mpc, message);
		if (unlikely(!keypair))
			return false;
		settle(tally, keypair);
	}
	if (!authenticate(keypair, body, len - sizeof(*message),
			  MPCNET_SEAL_ROOM,
			  le64_to_cpu(message->counter)))
		return false;
	if (!mpcnet_rx_path_allowed(keypair->peer, tally->outer, tally->channel)) {
		mpcnet_count_drop(&keypair->peer->drops, MPCNET_PEER_C_BAD_PACKET);
		return false;
	}
	tally->messages++;
	tally->bytes += len;
	if (len == MPCNET_DATA_MIN_LEN)
		return false;	/* a keepalive */
	tally->data = true;
	return true;
}

/* How much of a packet is headers, which GRO wants apart from the payload? */
static unsigned int headers_len(const u8 *packet, unsigned int len)
{
	unsigned int ip_len = sizeof(struct ipv6hdr), protocol, all;
	const struct iphdr *ip = (const void *)packet;

	if (len < sizeof(struct ipv6hdr))
		return len;
	if (ip->version == 4) {
		ip_len = ip->ihl * 4;
		protocol = ip->protocol;
	} else {
		protocol = ((const struct ipv6hdr *)packet)->nexthdr;
	}
	all = ip_len + sizeof(struct udphdr);
	if (protocol == IPPROTO_TCP && ip_len + sizeof(struct tcphdr) <= len)
		all = ip_len + ((const struct tcphdr *)(packet + ip_len))->doff * 4;
	return min(all, len);
}

#define HEADERS_MAX 128	/* 60 of IP and 60 of TCP */

/* Let @skb, which is a message of @len in a page, be the packet in it. */
static void make_packet(struct sk_buff *skb, unsigned int len)
{
	skb_frag_t *frag = &skb_shinfo(skb)->frags[0];
	unsigned int headers, rest;

	skb_frag_off_add(frag, sizeof(struct mpcnet_message_data));
	len -= MPCNET_DATA_MIN_LEN;
	headers = headers_len(skb_frag_address(frag), len);
	rest = len - headers;

	skb->len = 0;
	skb->data_len = 0;
	skb_put_data(skb, skb_frag_address(frag), headers);
	if (!rest) {
		put_page(skb_frag_page(frag));
		skb_shinfo(skb)->nr_frags = 0;
		return;
	}
	skb_frag_off_add(frag, headers);
	skb_frag_size_set(frag, rest);
	skb->len += rest;
	skb->data_len += rest;
	skb->truesize += rest;
}

/*
 * The packet of a message of a batch, or NULL: it is copied and then decrypted,
 * since others may have the pages that it came in.
 */
static struct sk_buff *open_one(struct mpcnet_device *mpc, struct tally *tally,
				unsigned int offset, unsigned int len)
{
	struct sk_buff *skb = __netdev_alloc_skb(mpc->dev, HEADERS_MAX,
						 GFP_ATOMIC | __GFP_NOWARN);
	u8 *data;

	if (unlikely(!skb))
		goto no_memory;
	data = mpcnet_pages_take(this_cpu_ptr(&pages), skb, len);
	if (unlikely(!data))
		goto no_memory;
	if (skb_copy_bits(tally->outer, offset, data, len) ||
	    !open_message(mpc, tally, (void *)data, len)) {
		kfree_skb(skb);
		return NULL;
	}
	make_packet(skb, len);
	return skb;

no_memory:
	DEV_STATS_INC(mpc->dev, rx_dropped);
	kfree_skb(skb);
	return NULL;
}

/* Add the packet of a message to those that go up the stack. */
static void receive_one(struct mpcnet_device *mpc, struct tally *tally,
			unsigned int offset, unsigned int len,
			struct sk_buff_head *packets)
{
	struct sk_buff *skb = open_one(mpc, tally, offset, len);

	if (unlikely(!skb))
		return;
	if (likely(strip(tally->keypair->peer, skb, tally->outer_ds)))
		__skb_queue_tail(packets, skb);
	else
		kfree_skb(skb);
}

/* Let a datagram's headers be true of it, not of the batch that it was in. */
static void set_lengths(struct sk_buff *skb)
{
	unsigned int udp_len = skb->len - skb_transport_offset(skb);

	udp_hdr(skb)->len = htons(udp_len);
	if (skb->protocol == htons(ETH_P_IP)) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
	} else {
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	}
}

/*
 * What is no data in a batch, as a handshake or a STUN message behind it, comes
 * in once more, as a datagram by itself.
 */
static void single_out(const struct sk_buff *batch, unsigned int offset,
		       unsigned int len)
{
	unsigned int headers = sizeof(struct udphdr) - skb_network_offset(batch);
	struct sk_buff *skb = netdev_alloc_skb(batch->dev, headers + len);

	if (!skb)
		return;
	skb_put_data(skb, skb_network_header(batch), headers);
	if (skb_copy_bits(batch, offset, skb_put(skb, len), len)) {
		kfree_skb(skb);
		return;
	}
	skb->protocol = batch->protocol;
	skb->mark = batch->mark;
	skb->ip_summed = CHECKSUM_UNNECESSARY;	/* the batch's was verified */
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, headers - sizeof(struct udphdr));
	set_lengths(skb);
	netif_rx(skb);
}

/**
 * mpcnet_rx_batch() - datagrams of one sender came as one packet
 * @mpc: interface
 * @skb: UDP GSO packet, from the UDP header on, taken over
 *
 * Context: softirq, under rcu_read_lock().
 */
void mpcnet_rx_batch(struct mpcnet_device *mpc, struct sk_buff *skb)
{
	unsigned int size = skb_shinfo(skb)->gso_size, offset, whole, len;
	struct tally tally = {
		.outer = skb,
		.outer_ds = ip_tunnel_get_dsfield(ip_hdr(skb), skb),
	};
	struct sk_buff_head packets;
	struct mpcnet_rx_cb cb;

	if (unlikely(!netif_running(mpc->dev))) {
		kfree_skb(skb);
		return;
	}
	__skb_queue_head_init(&packets);
	for (offset = sizeof(struct udphdr); offset < skb->len; offset += size) {
		whole = min(size, skb->len - offset);
		len = whole;
		if (mpcnet_rx_recognise(mpc, skb, offset, &len, &cb) !=
		    MPCNET_MESSAGE_DATA) {
			single_out(skb, offset, whole);
			continue;
		}
		if (unlikely(cb.channel != tally.channel)) {
			settle(&tally, NULL);
			tally.channel = cb.channel;
		}
		receive_one(mpc, &tally, cb.offset, len, &packets);
	}
	settle(&tally, NULL);
	consume_skb(skb);
	mpcnet_intake_many(&mpc->intake, &packets);
}

/**
 * mpcnet_rx_exit() - give the pages back
 */
void mpcnet_rx_exit(void)
{
	mpcnet_pages_free(&pages);
}
