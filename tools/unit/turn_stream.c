// SPDX-License-Identifier: GPL-2.0
/* A stream to a TURN server: whole frames in and out, whatever TCP makes of them. */
#include "unit.h"

#include <string.h>

#include "turn_stream.h"

static struct turn_stream s;
/* Frames that came, each behind the other, and how many */
static uint8_t got[4096];
static size_t got_len;
static unsigned int got_count;

static const uint8_t stun[] = {
	0x01, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
};
/* 5 bytes of data, of which a stream makes 8 */
static const uint8_t channel[] = { 0x40, 0x01, 0, 5, 4, 0, 0, 0, 'x' };

static void on_frame(void *arg, const uint8_t *data, size_t len)
{
	CHECK(arg == &s && got_len + len <= sizeof(got));
	memcpy(got + got_len, data, len);
	got_len += len;
	got_count++;
}

static void begin(void)
{
	turn_stream_init(&s);
	got_len = 0;
	got_count = 0;
}

/* Whatever is to be sent comes back, in pieces of @piece bytes. */
static void loop_back(size_t piece)
{
	const uint8_t *data;
	size_t len, room;

	while (data = turn_stream_out(&s, &len), len) {
		uint8_t *to = turn_stream_room(&s, &room);

		CHECK(room > 0);
		len = len < piece ? len : piece;
		len = len < room ? len : room;
		memcpy(to, data, len);
		turn_stream_sent(&s, len);
		CHECK(turn_stream_came(&s, len, on_frame, &s));
	}
}

static void whole(void)
{
	static const uint8_t zeros[3];

	for (size_t piece = 1; piece < 40; piece++) {
		begin();
		CHECK(turn_stream_put(&s, stun, sizeof(stun), true));
		CHECK(turn_stream_put(&s, channel, sizeof(channel), false));
		CHECK(turn_stream_put(&s, stun, sizeof(stun), false));
		loop_back(piece);
		CHECK(got_count == 3 && got_len == 2 * sizeof(stun) + sizeof(channel) + 3);
		CHECK(!memcmp(got, stun, sizeof(stun)));
		CHECK(!memcmp(got + sizeof(stun), channel, sizeof(channel)));
		CHECK(!memcmp(got + sizeof(stun) + sizeof(channel), zeros, 3));
		CHECK(!memcmp(got + got_len - sizeof(stun), stun, sizeof(stun)));
		CHECK(!s.in_len && !s.out_len);
	}
}

static void not_whole(void)
{
	uint8_t copy[sizeof(stun)];

	begin();
	CHECK(!turn_stream_put(&s, channel, sizeof(channel) - 1, true));
	CHECK(!turn_stream_put(&s, channel, 3, true));
	CHECK(!turn_stream_put(&s, channel, 0, true));
	CHECK(!turn_stream_put(&s, stun, sizeof(stun) - 4, true));
	memcpy(copy, stun, sizeof(copy));
	copy[0] = 0x50;
	CHECK(!turn_stream_put(&s, copy, sizeof(copy), true));
	copy[0] = 1;
	copy[4] = 0;
	CHECK(!turn_stream_put(&s, copy, sizeof(copy), true));
	CHECK(!s.out_len);
}

static void longest(void)
{
	static uint8_t data[4 + UINT16_MAX] = { 0x40, 0x00, 0xff, 0xff };
	size_t room;

	begin();
	CHECK(turn_stream_put(&s, data, sizeof(data), false) && s.out_len == sizeof(data) + 1);
	memcpy(turn_stream_room(&s, &room), s.out, s.out_len - 1);
	CHECK(room >= s.out_len);
	CHECK(turn_stream_came(&s, s.out_len - 1, on_frame, &s) && !got_count);
	turn_stream_room(&s, &room);
	CHECK(room > 0);
}

/* Data is lost when much waits; requests find room, and what went out makes room. */
static void full(void)
{
	uint8_t data[4 + 1000] = { 0x40, 0x00, 1000 >> 8, 1000 & 0xff };
	unsigned int count = 0, more = 0;

	begin();
	while (turn_stream_put(&s, data, sizeof(data), false))
		count++;
	CHECK(count == TURN_STREAM_DATA_MAX / sizeof(data));
	CHECK(turn_stream_put(&s, stun, sizeof(stun), true));
	while (turn_stream_put(&s, data, sizeof(data), true))
		more++;
	CHECK(more >= 60 && s.out_len <= sizeof(s.out));
	turn_stream_sent(&s, sizeof(data));
	CHECK(!turn_stream_put(&s, data, sizeof(data), false));
	CHECK(turn_stream_put(&s, data, sizeof(data), true));
	CHECK(s.out_at + s.out_len <= sizeof(s.out) && !memcmp(s.out + s.out_at, data, 4));
}

static void no_server(void)
{
	static const char http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	static const uint8_t high[] = { 0x80, 0, 0, 0 };
	size_t room;

	begin();
	memcpy(turn_stream_room(&s, &room), high, sizeof(high));
	CHECK(!turn_stream_came(&s, sizeof(high), on_frame, &s));
	begin();
	memcpy(turn_stream_room(&s, &room), stun, sizeof(stun));
	s.in[5] ^= 1;
	CHECK(!turn_stream_came(&s, 8, on_frame, &s));
	begin();
	memcpy(turn_stream_room(&s, &room), http + 4, sizeof(http) - 4);
	s.in[0] = 'P';
	CHECK(!turn_stream_came(&s, sizeof(http) - 4, on_frame, &s) && !got_count);
}

/* Only what begins as a message of WireGuard is for the kernel. */
static void messages(void)
{
	uint8_t data[] = { 0x40, 0x01, 0, 5, 4, 0, 0, 0, 'x', 0, 0, 0 };

	CHECK(turn_stream_message(data, sizeof(data)) == 9);
	CHECK(turn_stream_message(data, 9) == 9);
	CHECK(!turn_stream_message(data, 8) && !turn_stream_message(data, 3));
	for (unsigned int type = 0; type < 256; type++) {
		data[4] = (uint8_t)type;
		CHECK(!turn_stream_message(data, sizeof(data)) == (type < 1 || type > 4));
	}
	data[4] = 1;
	for (unsigned int i = 5; i < 8; i++) {
		data[i] = 1;
		CHECK(!turn_stream_message(data, sizeof(data)));
		data[i] = 0;
	}
	data[3] = 3;
	CHECK(!turn_stream_message(data, 8));
	data[3] = 5;
	data[0] = 0x01;
	CHECK(!turn_stream_message(data, sizeof(data)));
	data[0] = 0x50;
	CHECK(!turn_stream_message(data, sizeof(data)));
	CHECK(!turn_stream_message(stun, sizeof(stun)));
}

static const struct unit_test tests[] = {
	{ "turn stream: frames come out as they went in", whole },
	{ "turn stream: what is no whole message is not sent", not_whole },
	{ "turn stream: the longest frame fits", longest },
	{ "turn stream: data is lost first", full },
	{ "turn stream: what is no TURN server's", no_server },
	{ "turn stream: messages for the kernel", messages },
	{ 0 },
};

UNIT_TESTS(tests)
