// SPDX-License-Identifier: GPL-2.0
/*
 * A packet on its way out. All of it happens in the sender's own call:
 *
 *	mpcnet_tx_xmit()          from the stack, BHs disabled, under RCU
 *	  allowed IPs             which peer has the destination?
 *	  send_gso()              a GSO packet becomes segments (segments.c),
 *	    send_bundles()        and these one GSO packet of messages (bundle.c)
 *	  send_packet()
 *	    keypair_reserve()     keys and counter, or else: peer_stage() and
 *	                          handshake_begin(), which wakes the peer's work
 *	    seal()                pad, copy (with the checksum), encrypt
 *	    socket_send()         relay header, route, UDP, out
 *
 * Staged packets go the same way as soon as there is a session, from
 * mpcnet_tx_staged().
 */
#include "tx.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/dst_metadata.h>
#include <net/gso.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>

#include "bundle.h"
#include "crypto.h"
#include "device.h"
#include "handshake.h"
#include "peer.h"
#include "segments.h"
#include "socket.h"

/**
 * mpcnet_tx_refuse() - tell a packet's sender: host unreachable
 * @skb: inner packet; stays the caller's
 *
 * Context: BHs disabled. The stack limits the rate.
 */
void mpcnet_tx_refuse(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH,
				ICMPV6_ADDR_UNREACH, 0);
}

/**
 * mpcnet_tx_padding() - zeros that bring a packet to a multiple of 16
 * @skb: packet, or the GSO packet that it is a part of
 * @len: its length, in bytes
 *
 * They do not bring it above the MTU. A packet that is above is the last of
 * the fragments that it will be cut into.
 *
 * Return: their number.
 */
unsigned int mpcnet_tx_padding(const struct sk_buff *skb, unsigned int len)
{
	unsigned int mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) :
						READ_ONCE(skb->dev->mtu);

	if (unlikely(!mtu))
		return ALIGN(len, MPCNET_PAD_LEN) - len;
	if (unlikely(len > mtu))
		len %= mtu;
	return min(mtu, ALIGN(len, MPCNET_PAD_LEN)) - len;
}

/* May the packet be encrypted where it is? */
static bool in_place(const struct sk_buff *skb)
{
	return !skb_is_nonlinear(skb) && !skb_cloned(skb) &&
	       !skb_shared(skb) && skb_headroom(skb) >= MPCNET_HEADROOM &&
	       skb_tailroom(skb) >= MPCNET_TAILROOM;
}

/**
 * mpcnet_tx_take_owner() - let a packet belong to another's sender
 * @to: packet that goes out
 * @from: packet that it was made of
 *
 * The sender's socket keeps paying for what it sent until that has left, so
 * that it is held back if the path below is slow. Of many packets in one it
 * pays for one.
 */
void mpcnet_tx_take_owner(struct sk_buff *to, struct sk_buff *from)
{
	if (to->sk || !from->sk || !from->destructor)
		return;
	swap(to->sk, from->sk);
	swap(to->destructor, from->destructor);
	swap(to->truesize, from->truesize);
}

/**
 * mpcnet_tx_copy() - copy a packet into a buffer, with its checksum
 * @skb: packet
 * @to: buffer
 */
void mpcnet_tx_copy(const struct sk_buff *skb, u8 *to)
{
	__sum16 *check;

	skb_copy_and_csum_dev(skb, to);
	if (skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb->csum_offset != offsetof(struct udphdr, check))
		return;
	/* For UDP 0 says that there is none (RFC 768). */
	check = (void *)to + skb_checksum_start_offset(skb) + skb->csum_offset;
	if (unlikely(!*check))
		*check = CSUM_MANGLED_0;
}

/* A linear copy with room on both sides; frees @skb, also if it gives NULL. */
static struct sk_buff *copy(struct sk_buff *skb)
{
	struct sk_buff *out = alloc_skb(MPCNET_HEADROOM + skb->len + MPCNET_TAILROOM,
					GFP_ATOMIC | __GFP_NOWARN);

	if (unlikely(!out)) {
		kfree_skb(skb);
		return NULL;
	}
	skb_reserve(out, MPCNET_HEADROOM);
	mpcnet_tx_copy(skb, skb_put(out, skb->len));
	out->dev = skb->dev;
	out->priority = skb->priority;
	skb_copy_hash(out, skb);
	mpcnet_tx_take_owner(out, skb);
	consume_skb(skb);
	return out;
}

/* Make a linear packet of our own; frees @skb if it gives NULL. */
static struct sk_buff *make_own(struct sk_buff *skb)
{
	if (!in_place(skb))
		return copy(skb);
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->ip_summed = CHECKSUM_NONE;
	skb_clear_tstamp(skb);
	return skb;
}

/* Turn a packet into a message; frees @skb if it gives NULL. */
static struct sk_buff *seal(const struct mpcnet_keypair *keypair, u64 counter,
			    struct sk_buff *skb)
{
	unsigned int pad = mpcnet_tx_padding(skb, skb->len);
	struct mpcnet_message_data *header;
	unsigned int len;

	skb = make_own(skb);
	if (unlikely(!skb))
		return NULL;
	skb_put_zero(skb, pad);
	len = skb->len;
	skb_put(skb, MPCNET_TAG_LEN);
	mpcnet_aead_seal(skb->data, len, counter, keypair->sending);

	header = skb_push(skb, sizeof(*header));
	header->header.type = cpu_to_le32(MPCNET_MESSAGE_DATA);
	header->receiver = keypair->remote_index;
	header->counter = cpu_to_le64(counter);
	return skb;
}

/* Begin a new session while the old one is still good, section 6.2. */
static void keep_fresh(const struct mpcnet_keypair *keypair, u64 counter)
{
	if (unlikely(counter > MPCNET_REKEY_AFTER_MESSAGES ||
		     (keypair->initiator &&
		      mpcnet_keypair_older(keypair, MPCNET_REKEY_AFTER_TIME))))
		mpcnet_handshake_begin(keypair->peer);
}

/* A message, or a bundle of them, is ready to go; takes over @skb. */
static void launch(const struct mpcnet_keypair *keypair, u64 counter,
		   const struct mpcnet_endpoint *endpoint, struct sk_buff *skb,
		   u8 ds, bool data)
{
	struct mpcnet_peer *peer = keypair->peer;
	unsigned int more = max_t(int, skb_shinfo(skb)->gso_segs, 1) - 1;
	unsigned int len = skb->len;

	if (unlikely(mpcnet_socket_send(peer->mpc, peer, endpoint, skb, ds)))
		return;
	mpcnet_count_tx(peer->traffic, len);
	if (more)	/* than the one that UDP counted */
		dev_sw_netstats_tx_add(peer->mpc->dev, more, 0);
	mpcnet_timers_any_sent(peer);
	if (data)
		mpcnet_timers_data_sent(peer);
	keep_fresh(keypair, counter);
}

/* ECN, but not DSCP, shows outside (RFC 6040). */
static u8 outer_ds(const struct sk_buff *skb)
{
	return ip_tunnel_ecn_encap(0, ip_hdr(skb), skb);
}

/* Send @skb, empty for a keepalive, with a counter that was reserved. */
static void transmit(struct mpcnet_keypair *keypair, u64 counter,
		     struct sk_buff *skb)
{
	struct mpcnet_peer *peer = keypair->peer;
	const struct mpcnet_endpoint *endpoint;
	bool data = skb->len;
	u8 ds = data ? outer_ds(skb) : 0;

	skb = seal(keypair, counter, skb);
	if (unlikely(!skb)) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_MEMORY);
		return;
	}
	endpoint = rcu_dereference(peer->endpoint);
	if (unlikely(!endpoint)) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_ENDPOINT);
		kfree_skb(skb);
		return;
	}
	mpcnet_socket_frame(endpoint, skb);
	launch(keypair, counter, endpoint, skb, ds, data);
}

/* Takes over @skb. */
static void send_packet(struct mpcnet_peer *peer, struct sk_buff *skb)
{
	struct mpcnet_keypair *keypair;
	u64 counter;

	/* Staged packets go first. */
	if (likely(skb_queue_empty_lockless(&peer->staged))) {
		keypair = mpcnet_keypair_reserve(peer, 1, &counter);
		if (likely(keypair)) {
			transmit(keypair, counter, skb);
			return;
		}
	}
	mpcnet_peer_stage(peer, skb);
	mpcnet_tx_staged(peer);
}

/* Send packets of one length in bundles; some may be left. */
static void send_bundles(struct mpcnet_peer *peer,
			 struct mpcnet_segments *packets)
{
	const struct mpcnet_endpoint *endpoint = rcu_dereference(peer->endpoint);
	u8 ds = outer_ds(packets->skb);
	struct mpcnet_keypair *keypair;
	struct sk_buff *out;
	u64 counter;

	if (unlikely(!endpoint || !skb_queue_empty_lockless(&peer->staged)))
		return;
	keypair = mpcnet_keypair_reserve(peer, mpcnet_segments_left(packets),
					 &counter);
	while (keypair && packets->skb) {
		out = mpcnet_bundle_seal(keypair, packets, &counter,
					 endpoint->channel);
		if (unlikely(!out))
			break;
		launch(keypair, counter, endpoint, out, ds, true);
	}
}

/* Send a GSO packet, uncut; gives false if none of it was sent. */
static bool send_whole(struct mpcnet_peer *peer, struct sk_buff *skb)
{
	struct mpcnet_segments packets;

	if (!mpcnet_segments_whole(&packets, skb))
		return false;
	send_bundles(peer, &packets);
	if (likely(!packets.skb))
		return true;
	if (packets.offset == packets.headers)
		return false;
	mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_MEMORY);
	kfree_skb(skb);
	return true;
}

/* Takes over @skb. */
static void send_gso(struct mpcnet_peer *peer, struct sk_buff *skb)
{
	netdev_features_t features = netif_skb_features(skb) & ~NETIF_F_GSO_MASK;
	bool batch = READ_ONCE(peer->mpc->batch);
	struct mpcnet_segments packets = { };
	struct sk_buff *packet, *next;

	if (batch && send_whole(peer, skb))
		return;
	packets.skb = skb_gso_segment(skb, features);
	if (IS_ERR_OR_NULL(packets.skb)) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_MEMORY);
		kfree_skb(skb);
		return;
	}
	consume_skb(skb);
	if (batch)
		send_bundles(peer, &packets);
	skb_list_walk_safe(packets.skb, packet, next) {
		skb_mark_not_on_list(packet);
		send_packet(peer, packet);
	}
}

/* The peer that has the destination and an endpoint; else counts why not. */
static struct mpcnet_peer *find_peer(struct mpcnet_device *mpc,
				     struct sk_buff *skb)
{
	struct mpcnet_peer *peer;

	peer = mpcnet_allowedips_lookup_dst(&mpc->allowedips, skb);
	if (unlikely(!peer)) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_NO_PEER);
		return NULL;
	}
	if (unlikely(!rcu_access_pointer(peer->endpoint))) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_ENDPOINT);
		return NULL;
	}
	return peer;
}

/**
 * mpcnet_tx_xmit() - a packet comes from the stack
 * @skb: inner packet, taken over
 * @dev: interface
 *
 * Context: BHs disabled.
 * Return: NETDEV_TX_OK, always.
 */
netdev_tx_t mpcnet_tx_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct mpcnet_device *mpc = netdev_priv(dev);
	struct mpcnet_peer *peer;

	if (unlikely(skb->protocol != ip_tunnel_parse_protocol(skb)))
		goto drop;

	rcu_read_lock();
	peer = find_peer(mpc, skb);
	if (likely(peer && !skb_is_gso(skb)))
		send_packet(peer, skb);
	else if (peer)
		send_gso(peer, skb);
	rcu_read_unlock();
	if (likely(peer))
		return NETDEV_TX_OK;
	mpcnet_tx_refuse(skb);
drop:
	DEV_STATS_INC(dev, tx_errors);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/**
 * mpcnet_tx_staged() - send what waits, or see to it that there is a session
 * @peer: the peer
 *
 * Context: any but hard interrupts.
 */
void mpcnet_tx_staged(struct mpcnet_peer *peer)
{
	struct mpcnet_keypair *keypair;
	struct sk_buff *skb;
	u64 counter;

	rcu_read_lock_bh();
	while (!skb_queue_empty_lockless(&peer->staged)) {
		keypair = mpcnet_keypair_reserve(peer, 1, &counter);
		if (!keypair) {
			mpcnet_handshake_begin(peer);
			break;
		}
		skb = skb_dequeue(&peer->staged);
		if (skb)
			transmit(keypair, counter, skb);
	}
	rcu_read_unlock_bh();
}

/**
 * mpcnet_tx_keepalive() - send an empty message, or what waits
 * @peer: the peer
 *
 * Context: any but hard interrupts.
 */
void mpcnet_tx_keepalive(struct mpcnet_peer *peer)
{
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(&peer->staged)) {
		skb = alloc_skb(MPCNET_HEADROOM + MPCNET_TAILROOM,
				GFP_ATOMIC | __GFP_NOWARN);
		if (unlikely(!skb))
			return;
		skb_reserve(skb, MPCNET_HEADROOM);
		skb->dev = peer->mpc->dev;
		rcu_read_lock_bh();
		mpcnet_peer_stage(peer, skb);
		rcu_read_unlock_bh();
	}
	mpcnet_tx_staged(peer);
}
