// SPDX-License-Identifier: GPL-2.0
/*
 * Data to and from peers: in Send and Data indications (RFC 8656 section 11),
 * or behind four bytes where there is a channel (section 12.4):
 *
 *	| number 0x4000..0x4fff | bytes of data |
 *	| data, on a stream padded to a multiple of 4 ...
 */
#include "turn_client.h"

static size_t get16(const uint8_t *data)
{
	return (size_t)data[0] << 8 | data[1];
}

static size_t padded(size_t len)
{
	return (len + 3) / 4 * 4;
}

static bool send_channel(struct turn *turn, uint16_t number, const void *data, size_t len)
{
	uint8_t *out = turn->out;
	size_t whole = turn->reliable ? padded(len) : len;

	out[0] = (uint8_t)(number >> 8);
	out[1] = (uint8_t)number;
	out[2] = (uint8_t)(len >> 8);
	out[3] = (uint8_t)len;
	if (len)
		memcpy(out + TURN_CHANNEL_HEADER, data, len);
	memset(out + TURN_CHANNEL_HEADER + len, 0, whole - len);
	turn->ops.send(turn->arg, out, TURN_CHANNEL_HEADER + whole);
	return true;
}

static bool send_indication(struct turn *turn, const union mpcnet_endpoint *peer, const void *data,
			    size_t len)
{
	uint8_t id[STUN_ID_LEN];
	struct stun_builder b;
	size_t whole;

	if (!stun_new_id(id))
		return false;
	stun_begin(&b, turn->out, sizeof(turn->out), STUN_INDICATION, STUN_SEND, id);
	stun_put_address(&b, STUN_XOR_PEER_ADDRESS, peer);
	stun_put(&b, STUN_DATA_VALUE, data, len);
	whole = stun_end(&b);
	if (!whole)
		return false;
	turn->ops.send(turn->arg, turn->out, whole);
	return true;
}

/**
 * turn_send() - send data to a peer by way of the server
 * @turn: the client
 * @now: the time
 * @peer: the peer
 * @data: the data
 * @len: its bytes, TURN_DATA_MAX at most
 *
 * A permission that is not there yet is asked for right before. Nothing is
 * kept: whether the data arrives is as uncertain as with any datagram.
 *
 * Return: false if it was not sent, and could not be: there is no allocation,
 * the server refuses the peer, or too many requests are under way.
 */
bool turn_send(struct turn *turn, uint64_t now, const union mpcnet_endpoint *peer, const void *data,
	       size_t len)
{
	uint16_t number = turn_channel(turn, peer);
	struct turn_host *host;

	if (turn->state != TURN_READY || peer->sa.sa_family != turn->family || len > TURN_DATA_MAX)
		return false;
	if (number)
		return send_channel(turn, number, data, len);
	host = turn_host_add(turn, now, peer);
	if (!host)
		return false;
	if (host->until <= now && !host->asked)
		turn_peers_tick(turn, now);
	if (turn->state != TURN_READY || (host->until <= now && !host->asked))
		return false;
	return send_indication(turn, peer, data, len);
}

/**
 * turn_data_indication() - take an indication, RFC 8656 section 11.4
 * @turn: the client
 * @message: the indication
 *
 * Return: false if it is no Data of a host that we let pass.
 */
bool turn_data_indication(struct turn *turn, const struct stun_message *message)
{
	const struct stun_span *data = &message->data;

	if (turn->state != TURN_READY || message->method != STUN_DATA || message->unknown ||
	    message->peer.sa.sa_family != turn->family || !turn_host_find(turn, &message->peer))
		return false;
	/* Without data it tells of an ICMP error, which checks find out as well. */
	if (data->data)
		turn->ops.data(turn->arg, &message->peer, data->data, data->len);
	return true;
}

/**
 * turn_data_channel() - take ChannelData, RFC 8656 section 12.6
 * @turn: the client
 * @now: the time
 * @data: the datagram or frame
 * @len: its length; padding may be there and may be left out
 *
 * Return: false if that is none of a channel that is bound.
 */
bool turn_data_channel(struct turn *turn, uint64_t now, const uint8_t *data, size_t len)
{
	size_t bytes;

	if (turn->state != TURN_READY || len < TURN_CHANNEL_HEADER)
		return false;
	bytes = get16(data + 2);
	len -= TURN_CHANNEL_HEADER;
	if (len < bytes || len > padded(bytes))
		return false;
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		struct turn_channel *channel = &turn->channels[i];

		if (channel->number != get16(data) || channel->until <= now)
			continue;
		turn->ops.data(turn->arg, &channel->peer, data + TURN_CHANNEL_HEADER, bytes);
		return true;
	}
	return false;
}

/**
 * turn_frame_len() - where the first frame of a stream ends, RFC 8656 section 12.5
 * @data: what came and was not taken yet
 * @len: its bytes
 *
 * Return: bytes of the frame with its padding, TURN_FRAME_MAX at most, if all
 * of it is there; 0 if more is needed; SIZE_MAX if this is no stream of a TURN
 * server.
 */
size_t turn_frame_len(const uint8_t *data, size_t len)
{
	static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };
	bool channel;
	size_t whole;

	if (!len)
		return 0;
	if (data[0] >= 0x50)
		return SIZE_MAX;
	channel = data[0] >= 0x40;
	if (len < TURN_CHANNEL_HEADER)
		return 0;
	whole = channel ? TURN_CHANNEL_HEADER + padded(get16(data + 2)) :
			  STUN_HEADER_LEN + get16(data + 2);
	if (!channel && (whole % 4 || (len >= 8 && memcmp(data + 4, cookie, 4))))
		return SIZE_MAX;
	return len < whole ? 0 : whole;
}
