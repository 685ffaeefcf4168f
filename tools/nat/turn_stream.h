/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Both directions of a stream to a TURN server (RFC 8656 section 12.5): what
 * came is cut into frames, what is sent waits here until the stream takes it.
 */
#ifndef MPCNET_TURN_STREAM_H
#define MPCNET_TURN_STREAM_H

#include "turn.h"

/* Data that may wait: 10 ms of 100 Mbit/s; more would only make it late. */
#define TURN_STREAM_DATA_MAX 131072
/* Beyond that, requests and checks still find room. */
#define TURN_STREAM_ROOM (TURN_STREAM_DATA_MAX + 65536)

/**
 * struct turn_stream - what is on its way in and out
 * @in_len: bytes in @in
 * @out_at: where in @out the first byte is that was not sent
 * @out_len: bytes there
 * @in: the beginning of a frame
 * @out: frames
 */
struct turn_stream {
	size_t in_len;
	size_t out_at;
	size_t out_len;
	uint8_t in[TURN_FRAME_MAX];
	uint8_t out[TURN_STREAM_ROOM];
};

void turn_stream_init(struct turn_stream *stream);
bool turn_stream_put(struct turn_stream *stream, const uint8_t *data, size_t len, bool urgent);
const uint8_t *turn_stream_out(const struct turn_stream *stream, size_t *len);
void turn_stream_sent(struct turn_stream *stream, size_t len);
uint8_t *turn_stream_room(struct turn_stream *stream, size_t *room);
bool turn_stream_came(struct turn_stream *stream, size_t len,
		      void (*frame)(void *arg, const uint8_t *data, size_t len), void *arg);
size_t turn_stream_message(const uint8_t *frame, size_t len);

#endif /* MPCNET_TURN_STREAM_H */
