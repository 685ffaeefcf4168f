// SPDX-License-Identifier: GPL-2.0
/*
 * A stream from a TURN server, its first byte the length of the pieces it comes
 * in. Whatever the pieces, the frames are those of the whole, and each of them
 * can be sent on and comes back the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "turn_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct turn_stream in, out;
/* What was not seen in a frame yet */
static const uint8_t *rest;
static size_t rest_len;

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void on_frame(void *arg, const uint8_t *data, size_t len)
{
	size_t message = turn_stream_message(data, len), out_len;
	const uint8_t *sent;

	expect(arg == &in && len && len == turn_frame_len(rest, rest_len));
	expect(!memcmp(data, rest, len));
	rest += len;
	rest_len -= len;
	expect(message <= len && (!message || message + 3 >= len));
	if (!message)
		return;
	turn_stream_init(&out);
	expect(turn_stream_put(&out, data, message, false));
	sent = turn_stream_out(&out, &out_len);
	expect(out_len == len && !memcmp(sent, data, message));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece, room, len, at = 1;
	bool ok = true;

	if (!size)
		return 0;
	piece = data[0] + 1u;
	rest = data + 1;
	rest_len = size - 1;
	turn_stream_init(&in);
	while (ok && at < size) {
		uint8_t *to = turn_stream_room(&in, &room);

		len = size - at < piece ? size - at : piece;
		expect(room > 0);
		len = len < room ? len : room;
		memcpy(to, data + at, len);
		at += len;
		ok = turn_stream_came(&in, len, on_frame, &in);
	}
	len = turn_frame_len(rest, rest_len);
	expect(ok ? !len && in.in_len == rest_len : len == SIZE_MAX);
	return 0;
}
