// SPDX-License-Identifier: GPL-2.0
/*
 * A datagram on its way in. All of it happens in the softirq that received it,
 * but for handshakes:
 *
 *	mpcnet_rx_datagram()      from the UDP socket, under RCU
 *	  mpcnet_rx_batch()       many at once (GSO, GRO): each message by itself
 *	  mpcnet_rx_recognise()   ours? a relay's header is looked through
 *	    foreign()             no: to the socket's owner, at a limited rate
 *	    queue_add()           handshakes: to the workers (handshake.c)
 *	    mpcnet_rx_message()   data: decrypt, and up the stack (rx_data.c)
 */
#include "rx.h"

#include <linux/udp.h>

#include "device.h"
#include "handshake.h"
#include "lookup.h"
#include "peer.h"
#include "queue.h"
#include "socket.h"

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
	if (!header || *len < sizeof(*header) ||
	    ntohs(header->length) > *len - sizeof(*header) ||
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

/**
 * mpcnet_rx_recognise() - what kind of message is it?
 * @mpc: interface
 * @skb: datagram, or batch of them, which is left as it is
 * @offset: where the payload begins, counted from skb->data, in bytes
 * @len: length of the payload, in bytes; set to that of the message
 * @cb: set to where the message is, and by which channel it came
 *
 * Return: its type, or 0 if it is none of ours.
 */
u32 mpcnet_rx_recognise(struct mpcnet_device *mpc, const struct sk_buff *skb,
			unsigned int offset, unsigned int *len,
			struct mpcnet_rx_cb *cb)
{
	const __le32 *type;
	__le32 word;

	cb->offset = offset;
	cb->channel = 0;
	type = skb_header_pointer(skb, cb->offset, sizeof(word), &word);
	if (type && is_channel(*type)) {
		if (!unwrap(mpc, skb, cb, len))
			return 0;
		type = skb_header_pointer(skb, cb->offset, sizeof(word), &word);
	}
	return type && plausible(*type, *len) ? le32_to_cpu(*type) : 0;
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
	unsigned int len = skb->len - sizeof(struct udphdr);
	struct mpcnet_device *mpc = socket->mpc;
	struct mpcnet_rx_cb cb;
	u32 type;

	if (skb_is_gso(skb)) {
		mpcnet_rx_batch(mpc, skb);
		return 0;
	}
	type = mpcnet_rx_recognise(mpc, skb, sizeof(struct udphdr), &len, &cb);
	if (unlikely(!type))
		return foreign(socket, skb);
	if (unlikely(!netif_running(mpc->dev)))
		kfree_skb(skb);
	else if (likely(type == MPCNET_MESSAGE_DATA))
		mpcnet_rx_message(mpc, skb, &cb, len);
	else
		receive_handshake(mpc, skb, &cb);
	return 0;
}
