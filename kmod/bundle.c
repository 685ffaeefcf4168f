// SPDX-License-Identifier: GPL-2.0
/*
 * Many messages in one packet of the stack below: a UDP GSO packet, which the
 * network card or the stack's last step cuts into datagrams of one message
 * each. All are of one length, but the last, which may be shorter.
 *
 * The messages stand one behind the other in pages of the CPU (pages.c).
 */
#include "bundle.h"

#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "crypto.h"
#include "keypair.h"
#include "pages.h"
#include "segments.h"
#include "tx.h"

#define MAX_MESSAGES 64		/* of a UDP GSO packet, as for UDP_SEGMENT */
#define MAX_BYTES (U16_MAX - sizeof(struct ipv6hdr) - sizeof(struct udphdr))

static DEFINE_PER_CPU(struct mpcnet_pages, pages);

/**
 * struct bundle - a bundle that is being made
 * @out: the packet
 * @keypair: what it is sealed with
 * @channel: TURN channel of the relay that it goes to, 0 if none
 * @counter: of the next message
 * @len: length of a packet, in bytes; none but the last is shorter
 * @pad: zeros behind it
 * @size: length of the message, with all that goes in front of it
 * @count: messages that are in it
 */
struct bundle {
	struct sk_buff *out;
	const struct mpcnet_keypair *keypair;
	u16 channel;
	u64 counter;
	unsigned int len;
	unsigned int pad;
	unsigned int size;
	unsigned int count;
};

/* A packet of another length comes next. */
static void measure(struct bundle *bundle,
		    const struct mpcnet_segments *packets)
{
	bundle->len = mpcnet_segments_len(packets);
	bundle->pad = mpcnet_tx_padding(packets->skb, bundle->len);
	bundle->size = bundle->len + bundle->pad + MPCNET_DATA_MIN_LEN;
	if (bundle->channel)
		bundle->size += sizeof(struct mpcnet_channel_header);
}

static u8 *put_header(u8 *at, const void *header, size_t len)
{
	memcpy(at, header, len);
	return at + len;
}

/* Add the next packet as a message; false if there is no room. */
static bool add(struct bundle *bundle, const struct mpcnet_segments *packets)
{
	struct mpcnet_message_data data = {
		.header.type = cpu_to_le32(MPCNET_MESSAGE_DATA),
		.receiver = bundle->keypair->remote_index,
		.counter = cpu_to_le64(bundle->counter),
	};
	struct mpcnet_channel_header relay = {
		.channel = htons(bundle->channel),
		.length = htons(bundle->size - sizeof(relay)),
	};
	u8 *at = mpcnet_pages_take(this_cpu_ptr(&pages), bundle->out,
				   bundle->size);

	if (unlikely(!at))
		return false;
	if (bundle->channel)
		at = put_header(at, &relay, sizeof(relay));
	at = put_header(at, &data, sizeof(data));
	mpcnet_segments_copy(packets, at);
	memset(at + bundle->len, 0, bundle->pad);
	mpcnet_aead_seal(at, bundle->len + bundle->pad, bundle->counter,
			 bundle->keypair->sending);
	bundle->counter++;
	bundle->count++;
	return true;
}

/* May a packet of this length be the next? One that is shorter is the last. */
static bool fits(const struct bundle *bundle, unsigned int len,
		 unsigned int gso_size)
{
	return bundle->count < MAX_MESSAGES && bundle->size == gso_size &&
	       len <= bundle->len &&
	       bundle->out->len + gso_size <= MAX_BYTES;
}

/* What UDP below needs, to cut the packet and to sum the pieces */
static void finish(const struct bundle *bundle, unsigned int gso_size)
{
	struct sk_buff *out = bundle->out;

	if (!out->sk)	/* else its size is what the owner was charged for */
		out->truesize += out->data_len;
	if (bundle->count < 2)
		return;
	skb_shinfo(out)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(out)->gso_size = gso_size;
	skb_shinfo(out)->gso_segs = bundle->count;
	out->ip_summed = CHECKSUM_PARTIAL;
	out->csum_start = skb_headroom(out) - sizeof(struct udphdr);
	out->csum_offset = offsetof(struct udphdr, check);
}

/* An empty packet, in place of @packet and others like it */
static struct sk_buff *begin(const struct sk_buff *packet)
{
	struct sk_buff *out = alloc_skb(MPCNET_HEADROOM,
					GFP_ATOMIC | __GFP_NOWARN);

	if (unlikely(!out))
		return NULL;
	skb_reserve(out, MPCNET_HEADROOM);
	out->dev = packet->dev;
	out->priority = packet->priority;
	skb_copy_hash(out, packet);
	return out;
}

/**
 * mpcnet_bundle_seal() - make one packet of as many packets as may be
 * @keypair: what they are sealed with
 * @packets: packets of one length, but for the last one; those that are left
 *	stay there
 * @counter: of the first, reserved; set to that of the first which is left
 * @channel: TURN channel of the relay that it goes to, 0 if none
 *
 * Context: BHs disabled.
 * Return: a packet, without UDP header and with room for it; NULL without
 * memory.
 */
struct sk_buff *mpcnet_bundle_seal(const struct mpcnet_keypair *keypair,
				   struct mpcnet_segments *packets,
				   u64 *counter, u16 channel)
{
	struct sk_buff *out = begin(packets->skb);
	struct bundle bundle = {
		.out = out,
		.keypair = keypair,
		.channel = channel,
		.counter = *counter,
	};
	unsigned int gso_size, len;

	if (unlikely(!out))
		return NULL;
	measure(&bundle, packets);
	gso_size = bundle.size;
	while (packets->skb) {
		len = mpcnet_segments_len(packets);
		if (!fits(&bundle, len, gso_size))
			break;
		if (len != bundle.len)
			measure(&bundle, packets);
		/* A change of the MTU may have come in between. */
		if (bundle.size > gso_size || !add(&bundle, packets))
			break;
		mpcnet_segments_next(packets, out);
	}
	if (unlikely(!bundle.count)) {
		kfree_skb(out);
		return NULL;
	}
	finish(&bundle, gso_size);
	*counter = bundle.counter;
	return out;
}

/**
 * mpcnet_bundle_exit() - give the pages back
 */
void mpcnet_bundle_exit(void)
{
	mpcnet_pages_free(&pages);
}
