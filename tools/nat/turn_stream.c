// SPDX-License-Identifier: GPL-2.0
#include "turn_stream.h"

#include <string.h>

#define HEADER 4

static bool is_channel(const uint8_t *data)
{
	return data[0] >> 4 == 4;
}

static size_t payload_len(const uint8_t *data)
{
	return (size_t)data[2] << 8 | data[3];
}

/**
 * turn_stream_init() - begin a stream
 * @stream: gets it
 */
void turn_stream_init(struct turn_stream *stream)
{
	stream->in_len = 0;
	stream->out_at = 0;
	stream->out_len = 0;
}

/* One frame, or its end, that is not whole would spoil all that follows. */
static bool is_frame(const uint8_t *data, size_t len)
{
	if (len < HEADER || len > TURN_FRAME_MAX - 3)
		return false;
	if (is_channel(data))
		return payload_len(data) == len - HEADER;
	return turn_frame_len(data, len) == len;
}

static uint8_t *make_room(struct turn_stream *stream, size_t len)
{
	if (stream->out_at + stream->out_len + len > sizeof(stream->out)) {
		memmove(stream->out, stream->out + stream->out_at, stream->out_len);
		stream->out_at = 0;
	}
	return stream->out + stream->out_at + stream->out_len;
}

/**
 * turn_stream_put() - have a message sent
 * @stream: the stream
 * @data: a STUN message, or ChannelData, which is padded here
 * @len: its length
 * @urgent: it is lost only if there is no room at all
 *
 * Return: false if it is lost: too much waits, or it is no whole message.
 */
bool turn_stream_put(struct turn_stream *stream, const uint8_t *data, size_t len, bool urgent)
{
	size_t whole = (len + 3) / 4 * 4;
	size_t most = urgent ? TURN_STREAM_ROOM : TURN_STREAM_DATA_MAX;
	uint8_t *to;

	if (!is_frame(data, len) || stream->out_len + whole > most)
		return false;
	to = make_room(stream, whole);
	memcpy(to, data, len);
	memset(to + len, 0, whole - len);
	stream->out_len += whole;
	return true;
}

/**
 * turn_stream_out() - what is to be sent
 * @stream: the stream
 * @len: gets its length, 0 if there is nothing
 *
 * Return: the bytes; more may be behind them the next time, but never fewer.
 */
const uint8_t *turn_stream_out(const struct turn_stream *stream, size_t *len)
{
	*len = stream->out_len;
	return stream->out + stream->out_at;
}

/**
 * turn_stream_sent() - so much of it was sent
 * @stream: the stream
 * @len: bytes
 */
void turn_stream_sent(struct turn_stream *stream, size_t len)
{
	stream->out_at += len;
	stream->out_len -= len;
	if (!stream->out_len)
		stream->out_at = 0;
}

/**
 * turn_stream_room() - where to put what comes, before turn_stream_came()
 * @stream: the stream
 * @room: gets how many bytes fit, at least 1
 *
 * Return: the place.
 */
uint8_t *turn_stream_room(struct turn_stream *stream, size_t *room)
{
	*room = sizeof(stream->in) - stream->in_len;
	return stream->in + stream->in_len;
}

/**
 * turn_stream_came() - so much came
 * @stream: the stream
 * @len: bytes
 * @frame: called for each frame that is whole; padding may be at its end
 * @arg: handed to @frame
 *
 * Return: false if this is no stream of a TURN server.
 */
bool turn_stream_came(struct turn_stream *stream, size_t len,
		      void (*frame)(void *arg, const uint8_t *data, size_t len), void *arg)
{
	size_t at = 0, whole;

	stream->in_len += len;
	while ((whole = turn_frame_len(stream->in + at, stream->in_len - at)) != 0) {
		if (whole == SIZE_MAX)
			return false;
		frame(arg, stream->in + at, whole);
		at += whole;
	}
	stream->in_len -= at;
	memmove(stream->in, stream->in + at, stream->in_len);
	return true;
}

/**
 * turn_stream_message() - is a message of WireGuard in it?
 * @frame: a frame that came
 * @len: its length
 *
 * Such is for the kernel: type 1 to 4, and three zero bytes.
 *
 * Return: bytes of the ChannelData without padding, 0 if it is none.
 */
size_t turn_stream_message(const uint8_t *frame, size_t len)
{
	const uint8_t *payload = frame + HEADER;

	if (len < HEADER || !is_channel(frame) || payload_len(frame) < 4 ||
	    payload_len(frame) > len - HEADER)
		return 0;
	if (payload[0] < 1 || payload[0] > 4 || payload[1] || payload[2] || payload[3])
		return 0;
	return HEADER + payload_len(frame);
}
