// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram on its way in. All of it happens in the softirq that received it,
 * but for handshakes:
 *
 *	mpcnet_rx_datagram()      from the UDP socket, under RCU
 *	  recognise()             ours? a relay's header is looked through
 *	    foreign()             no: to the socket's owner, at a limited rate
 *	    queue_add()           handshakes: to the workers (handshake.c)
 *	  receive_data()
 *	    lookup                the session that has the index
 *	    authenticate()        decrypt in place, then the replay window
 *	    note_authentic()      endpoint, session and timers follow
 *	    strip()               padding, ECN; is the source allowed?
 *	    gro_cells_receive()   up the stack, through GRO
 */
#include "rx.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>

#include "crypto.h"
#include "device.h"
#include "handshake.h"
#include "lookup.h"
#include "peer.h"
#include "queue.h"
#include "socket.h"
#include "tx.h"

/* Is @len what a message of this type has? */
static bool plausible(__le32 type, unsigned int len)
{
	switch (le32_to_cpu(type)) {
	case MPCNET_MESSAGE_INITIATION:
		return len == sizeof(struct mpcnet_message_initiation);
	case MPCNET_MESSAGE_RESPONSE:
		return len == sizeof(struct mpcnet_message_response);
	case MPCNET_MESSAGE_COOKIE:
		return len == sizeof(struct mpcnet_message_cookie);
	case MPCNET_MESSAGE_DATA:
		return len >= MPCNET_DATA_MIN_LEN;
	}
	return false;
}

/*
 * Is the message at @cb->offset inside ChannelData of a relay of ours? Then
 * look through its header. Fewer bytes may be framed than there are: padding,
 * RFC 8656 section 12.5.
 */
static bool unwrap(struct mpcnet_device *mpc, const struct sk_buff *skb,
		   struct mpcnet_rx_cb *cb, unsigned int *len)
{
	const struct mpcnet_channel_header *header;
	struct mpcnet_channel_header copy;
	struct mpcnet_endpoint from;

	header = skb_header_pointer(skb, cb->offset, sizeof(copy), &copy);
	if (!header || ntohs(header->length) > *len - sizeof(*header) ||
	    mpcnet_endpoint_from_skb(&from, skb, ntohs(header->channel)) ||
	    !mpcnet_lookup_relay(mpc->lookup, &from))
		return false;
	cb->channel = ntohs(header->channel);
	cb->offset += sizeof(*header);
	*len = ntohs(header->length);
	return true;
}

static bool is_channel(__le32 word)
{
	u8 first = le32_to_cpu(word) & 0xff;

	return first >= MPCNET_CHANNEL_MIN >> 8 &&
	       first <= MPCNET_CHANNEL_MAX >> 8;
}

/*
 * The type of message that a datagram holds, and where; 0 if it holds none.
 * The datagram is left as it is.
 */
static u32 recognise(struct mpcnet_device *mpc, const struct sk_buff *skb,
		     struct mpcnet_rx_cb *cb, unsigned int *message_len)
{
	unsigned int len = skb->len - sizeof(struct udphdr);
	const __le32 *type;
	__le32 word;

	cb->offset = sizeof(struct udphdr);
	cb->channel = 0;
	type = skb_header_pointer(skb, cb->offset, sizeof(word), &word);
	if (type && is_channel(*type)) {
		if (!unwrap(mpc, skb, cb, &len))
			return 0;
		type = skb_header_pointer(skb, cb->offset, sizeof(word), &word);
	}
	*message_len = len;
	return type && plausible(*type, len) ? le32_to_cpu(*type) : 0;
}

static bool authenticate(struct mpcnet_keypair *keypair, struct sk_buff *skb,
			 u64 counter)
{
	struct mpcnet_peer_drops *drops = &keypair->peer->drops;

	if (unlikely(mpcnet_keypair_older(keypair, MPCNET_REJECT_AFTER_TIME) ||
		     counter >= MPCNET_REJECT_AFTER_MESSAGES)) {
		mpcnet_count_drop(drops, MPCNET_PEER_C_KEY_EXPIRED);
		return false;
	}
	if (unlikely(!mpcnet_aead_open(skb->data, skb->len, counter,
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

/**
 * mpcnet_rx_path_allowed() - may a peer's messages come this way?
 * @peer: the peer that an authentic message is from
 * @skb: the datagram, outer headers in place
 * @channel: TURN channel by which it came, 0 if none
 *
 * Return: false if it came by the relay of another peer.
 */
bool mpcnet_rx_path_allowed(struct mpcnet_peer *peer, const struct sk_buff *skb,
			    u16 channel)
{
	struct mpcnet_endpoint from;
	struct mpcnet_relay *relay;
	bool allowed;

	if (likely(!channel))
		return true;
	if (mpcnet_endpoint_from_skb(&from, skb, channel))
		return false;
	rcu_read_lock();
	relay = mpcnet_lookup_relay(peer->mpc->lookup, &from);
	allowed = relay && READ_ONCE(relay->peer) == peer;
	rcu_read_unlock();
	return allowed;
}

/* An authentic message came: what follows for the session and the timers */
static void note_authentic(struct mpcnet_keypair *keypair,
			   const struct sk_buff *skb, u16 channel,
			   unsigned int message_len)
{
	struct mpcnet_peer *peer = keypair->peer;

	mpcnet_peer_count_rx(peer, message_len);
	mpcnet_endpoint_roam(peer, skb, channel);
	mpcnet_timers_any_received(peer);
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
	return true;
}

/* Hand an inner packet to the stack, which takes it over. */
static void deliver(struct mpcnet_device *mpc, struct sk_buff *skb)
{
	skb->dev = mpc->dev;
	/* It is authentic: what was summed there need not be summed again. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = SKB_MAX_CSUM_LEVEL;
	skb->encapsulation = 0;
	skb_clear_hash(skb);
	skb_set_queue_mapping(skb, 0);
	skb_scrub_packet(skb, true);
	skb_reset_mac_header(skb);
	skb_reset_transport_header(skb);
	gro_cells_receive(&mpc->cells, skb);
}

/* Takes over @skb. */
static void receive_data(struct mpcnet_device *mpc, struct sk_buff *skb,
			 const struct mpcnet_rx_cb *cb, unsigned int message_len)
{
	u8 outer_ds = ip_tunnel_get_dsfield(ip_hdr(skb), skb);
	const struct mpcnet_message_data *message;
	struct mpcnet_keypair *keypair;
	struct mpcnet_peer *peer;

	if (skb_ensure_writable(skb, cb->offset + message_len))
		goto drop;
	message = (void *)skb->data + cb->offset;
	keypair = mpcnet_lookup_keypair(mpc->lookup, message->receiver);
	if (unlikely(!keypair)) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_UNKNOWN_INDEX);
		goto drop;
	}
	peer = keypair->peer;
	/* Pairs with the release in mpcnet_keypair_install(). */
	if (unlikely(!smp_load_acquire(&keypair->ready))) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_NO_KEY);
		goto drop;
	}

	skb_pull(skb, cb->offset + sizeof(*message));
	if (pskb_trim(skb, message_len - sizeof(*message)) ||
	    !authenticate(keypair, skb, le64_to_cpu(message->counter)))
		goto drop;
	if (!mpcnet_rx_path_allowed(peer, skb, cb->channel)) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_BAD_PACKET);
		goto drop;
	}
	note_authentic(keypair, skb, cb->channel, message_len);

	pskb_trim(skb, skb->len - MPCNET_TAG_LEN);
	if (!skb->len) { /* a keepalive */
		consume_skb(skb);
		return;
	}
	mpcnet_timers_data_received(peer);
	if (!strip(peer, skb, outer_ds))
		goto drop;
	deliver(mpc, skb);
	return;
drop:
	kfree_skb(skb);
}

/* Takes over @skb. */
static void receive_handshake(struct mpcnet_device *mpc, struct sk_buff *skb,
			      const struct mpcnet_rx_cb *cb)
{
	*MPCNET_RX_CB(skb) = *cb;
	/* Nothing that the packet points to may go away while it waits. */
	skb_dst_drop(skb);
	skb_orphan(skb);
	skb->dev = mpc->dev;
	if (mpcnet_queue_add(&mpc->queue, skb))
		return;
	mpcnet_count(mpc->counts, MPCNET_DEVICE_C_HANDSHAKE_QUEUE_FULL);
	kfree_skb(skb);
}

/* Returns 1 if the datagram goes to the owner of the socket. */
static int foreign(struct mpcnet_socket *socket, struct sk_buff *skb)
{
	struct mpcnet_device *mpc = socket->mpc;

	if (socket->file && mpcnet_socket_pass_foreign(socket)) {
		mpcnet_count(mpc->counts, MPCNET_DEVICE_C_FOREIGN);
		return 1;
	}
	mpcnet_count(mpc->counts, socket->file ?
		     MPCNET_DEVICE_C_FOREIGN_LIMITED :
		     MPCNET_DEVICE_C_MALFORMED);
	kfree_skb(skb);
	return 0;
}

/**
 * mpcnet_rx_datagram() - a datagram came to one of our sockets
 * @socket: the sockets, under RCU
 * @skb: datagram, from the UDP header on, checksum verified
 *
 * Context: softirq, under rcu_read_lock().
 * Return: 0 if the datagram was taken over, 1 if UDP goes on with it.
 */
int mpcnet_rx_datagram(struct mpcnet_socket *socket, struct sk_buff *skb)
{
	struct mpcnet_device *mpc = socket->mpc;
	struct mpcnet_rx_cb cb;
	unsigned int len;
	u32 type;

	type = recognise(mpc, skb, &cb, &len);
	if (unlikely(!type))
		return foreign(socket, skb);
	if (unlikely(!netif_running(mpc->dev)))
		kfree_skb(skb);
	else if (likely(type == MPCNET_MESSAGE_DATA))
		receive_data(mpc, skb, &cb, len);
	else
		receive_handshake(mpc, skb, &cb);
	return 0;
}
