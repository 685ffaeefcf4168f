// SPDX-License-Identifier: GPL-2.0
/* Peers of a TURN client: permissions, channels, data. */
#include "unit.h"

#include <string.h>

#include "turn_world.h"

static const struct turn_conf conf = { "alice", "secret", AF_INET, false, 0x4000 };
static struct world w;

static void ready_with(const struct turn_conf *with)
{
	world_begin(&w, with);
	turn_start(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY);
	w.sent_count = 0;
}

static void ready(void)
{
	ready_with(&conf);
}

static void permissions_together(void)
{
	ready();
	for (unsigned int i = 0; i < 30; i++) {
		union mpcnet_endpoint peer = world_peer(1 + i, (uint16_t)(1000 + i));

		turn_permit(w.turn, w.now, &peer);
		turn_permit(w.turn, w.now, &peer);
		peer.in.sin_port++;
		turn_permit(w.turn, w.now, &peer);
	}
	CHECK(!w.sent_count && turn_deadline(w.turn) <= w.now);
	world_run(&w, w.now);
	CHECK(w.permission_count == 30);
	CHECK(w.sent_count == 3);
	world_end(&w);
}

static void one_is_forbidden(void)
{
	union mpcnet_endpoint peer = world_peer(5, 1);

	ready();
	w.forbidden = peer;
	for (unsigned int i = 0; i < 10; i++) {
		union mpcnet_endpoint each = world_peer(i, 1);

		turn_permit(w.turn, w.now, &each);
	}
	world_run(&w, w.now);
	CHECK(w.permission_count == 9 && turn_state(w.turn) == TURN_READY);
	/* It is not asked for over and over. */
	CHECK(w.sent_count == 11);
	world_run(&w, w.now + 100 * SECOND);
	CHECK(w.sent_count == 11);
	CHECK(!turn_send(w.turn, w.now, &peer, "x", 1));
	CHECK(w.sent_count == 11);
	world_end(&w);
}

static void before_ready(void)
{
	union mpcnet_endpoint peer = world_peer(1, 1);

	world_begin(&w, &conf);
	turn_permit(w.turn, w.now, &peer);
	turn_start(w.turn, w.now);
	turn_bind(w.turn, w.now, &peer);
	CHECK(!turn_send(w.turn, w.now, &peer, "x", 1));
	world_run(&w, w.now);
	CHECK(world_permission(&w, &peer) && turn_channel(w.turn, &peer) == 0x4000);
	world_end(&w);
}

/* What the server forgets unless it is renewed, looked at each second. */
static void an_hour_with(bool trouble)
{
	union mpcnet_endpoint peers[] = { world_peer(1, 1), world_peer(2, 2), world_peer(3, 3) };

	ready();
	turn_permit(w.turn, w.now, &peers[0]);
	world_run(&w, w.now + SECOND);
	turn_permit(w.turn, w.now, &peers[1]);
	world_run(&w, w.now + 20 * SECOND);
	turn_bind(w.turn, w.now, &peers[2]);
	for (unsigned int i = 0; i < 3600; i++) {
		if (trouble && i % 100 == 0)
			w.lose = 3;
		if (trouble && i % 500 == 0)
			w.nonce++;
		world_run(&w, w.now + SECOND);
		CHECK(turn_state(w.turn) == TURN_READY && w.expires > w.now);
		/* The first four seconds of trouble are needed to bind. */
		for (unsigned int j = 0; i > 4 && j < 3; j++)
			CHECK(world_permission(&w, &peers[j]));
		CHECK(i <= 4 || turn_channel(w.turn, &peers[2]) == 0x4000);
		CHECK(i <= 4 || world_channel(&w, &peers[2]));
	}
	CHECK(w.bound == 1);
}

static void an_hour(void)
{
	an_hour_with(false);
	/* Three requests at first, then one for all every 4 min; one every 9 min. */
	CHECK(world_sent(&w, STUN_CREATE_PERMISSION) == 3 + 15);
	CHECK(world_sent(&w, STUN_REFRESH) == 6);
	CHECK(world_sent(&w, STUN_CHANNEL_BIND) == 1 + 6);
	world_end(&w);
}

static void an_hour_of_trouble(void)
{
	an_hour_with(true);
	CHECK(w.sent_count > 40 && w.sent_count < 180);
	world_end(&w);
}

static void channels(void)
{
	union mpcnet_endpoint a = world_peer(1, 1), b = world_peer(1, 2);
	struct turn_conf with = conf;

	with.first_channel = 0x4ffe;
	ready_with(&with);
	turn_bind(w.turn, w.now, &a);
	CHECK(!turn_channel(w.turn, &a));
	world_run(&w, w.now);
	CHECK(w.bound == 1 && w.bound_number == 0x4ffe);
	CHECK(mpcnet_endpoint_equal(&w.bound_peer, &a));
	turn_bind(w.turn, w.now, &b);
	world_run(&w, w.now);
	CHECK(w.bound == 2 && turn_channel(w.turn, &a) == 0x4ffe);
	CHECK(turn_channel(w.turn, &b) == 0x4fff);
	/* Known already. */
	turn_bind(w.turn, w.now, &a);
	CHECK(w.bound == 3 && w.bound_number == 0x4ffe);
	/* No number is left. */
	a = world_peer(2, 1);
	turn_bind(w.turn, w.now, &a);
	CHECK(w.bound == 4 && !w.bound_number && !turn_channel(w.turn, &a));
	world_end(&w);
}

static void channel_is_lost(void)
{
	union mpcnet_endpoint a = world_peer(1, 1), b = world_peer(2, 2);

	ready();
	w.refuse = STUN_FORBIDDEN;
	w.refuse_method = STUN_CHANNEL_BIND;
	turn_bind(w.turn, w.now, &a);
	world_run(&w, w.now);
	CHECK(w.bound == 1 && !w.bound_number && turn_state(w.turn) == TURN_READY);
	w.refuse = 0;
	/* The number was a's; nobody else gets it. */
	turn_bind(w.turn, w.now, &b);
	world_run(&w, w.now);
	CHECK(w.bound == 2 && w.bound_number == 0x4001);
	turn_bind(w.turn, w.now, &a);
	world_run(&w, w.now);
	CHECK(w.bound == 3 && w.bound_number == 0x4000);
	w.refuse = STUN_BAD_REQUEST;
	world_run(&w, w.now + 541 * SECOND);
	CHECK(w.bound == 5 && !w.bound_number && !turn_channel(w.turn, &a));
	world_end(&w);
}

/* The server is silent to ChannelBind, and then altogether. */
static void channel_is_not_answered(void)
{
	union mpcnet_endpoint a = world_peer(1, 1);

	ready();
	turn_permit(w.turn, w.now, &a);
	world_run(&w, w.now);
	w.sent_count = 0;
	w.lose = 5;
	turn_bind(w.turn, w.now, &a);
	world_run(&w, w.now + 8 * SECOND - 1);
	CHECK(!w.bound && world_sent(&w, STUN_CHANNEL_BIND) == 5);
	world_run(&w, w.now + 1);
	CHECK(w.bound == 1 && !w.bound_number);
	/* Is it still there? It is. */
	CHECK(world_sent(&w, STUN_REFRESH) == 1 && turn_state(w.turn) == TURN_READY);
	w.dead = true;
	turn_bind(w.turn, w.now, &a);
	world_run(&w, w.now + 50 * SECOND);
	CHECK(turn_state(w.turn) == TURN_FAILED);
	world_end(&w);
}

/* It has lost the allocation, and calls that a bad request. */
static void bad_request(void)
{
	union mpcnet_endpoint a = world_peer(1, 1);

	ready();
	w.refuse = STUN_BAD_REQUEST;
	w.refuse_method = STUN_CREATE_PERMISSION;
	w.expires = 0;
	turn_permit(w.turn, w.now, &a);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_FAILED);
	CHECK(strstr(turn_reason(w.turn), "does not know our allocation"));
	world_end(&w);
}

static void bounded(void)
{
	unsigned int before = 0;
	union mpcnet_endpoint more = world_peer(TURN_PEERS_MAX, 1);

	ready();
	for (unsigned int i = 0; i < TURN_PEERS_MAX; i++) {
		union mpcnet_endpoint peer = world_peer(i, 1);

		turn_bind(w.turn, w.now, &peer);
	}
	/* Not all at once. */
	w.dead = true;
	turn_tick(w.turn, w.now);
	CHECK(w.sent_count == 8);
	before = w.sent_count;
	turn_tick(w.turn, w.now);
	CHECK(w.sent_count == before && turn_deadline(w.turn) > w.now);
	CHECK(!turn_send(w.turn, w.now, &more, "x", 1));
	w.dead = false;
	world_run(&w, w.now + 2 * SECOND);
	CHECK(w.channel_count == TURN_PEERS_MAX && w.bound == TURN_PEERS_MAX);
	turn_bind(w.turn, w.now, &more);
	CHECK(w.bound == TURN_PEERS_MAX + 1 && !w.bound_number);
	turn_permit(w.turn, w.now, &more);
	world_run(&w, w.now);
	CHECK(!world_permission(&w, &more));
	world_end(&w);
}

static void other_family(void)
{
	union mpcnet_endpoint six = { .in6 = { .sin6_family = AF_INET6, .sin6_port = 1 } };

	ready();
	turn_permit(w.turn, w.now, &six);
	turn_bind(w.turn, w.now, &six);
	CHECK(w.bound == 1 && !w.bound_number);
	CHECK(!turn_send(w.turn, w.now, &six, "x", 1));
	world_run(&w, w.now);
	CHECK(!w.sent_count);
	world_end(&w);
}

static void send_indication(void)
{
	union mpcnet_endpoint peer = world_peer(1, 7);
	uint16_t len = 0;
	const uint8_t *value;

	ready();
	CHECK(turn_send(w.turn, w.now, &peer, "hello", 5));
	CHECK(w.sent_count == 2 && w.inbox_count == 2);
	CHECK(w.sent_method[0] == STUN_CREATE_PERMISSION && w.sent_method[1] == STUN_SEND);
	value = world_attribute(&w.inbox[1], STUN_DATA_VALUE, &len);
	CHECK(value && len == 5 && !memcmp(value, "hello", 5));
	CHECK(!world_attribute(&w.inbox[1], STUN_USERNAME, &len));
	world_run(&w, w.now);
	CHECK(turn_send(w.turn, w.now, &peer, "", 0));
	CHECK(w.sent_count == 3);
	CHECK(!turn_send(w.turn, w.now, &peer, w.got_data, TURN_DATA_MAX + 1));
	turn_stop(w.turn, w.now);
	CHECK(!turn_send(w.turn, w.now, &peer, "x", 1));
	world_end(&w);
}

static void send_channel(void)
{
	union mpcnet_endpoint peer = world_peer(1, 7);
	struct turn_conf with = conf;

	for (unsigned int stream = 0; stream < 2; stream++) {
		with.reliable = stream;
		ready_with(&with);
		turn_bind(w.turn, w.now, &peer);
		world_run(&w, w.now);
		CHECK(turn_send(w.turn, w.now, &peer, "hello", 5));
		CHECK(w.inbox_count == 1 && w.inbox[0].len == (stream ? 12 : 9));
		CHECK(!memcmp(w.inbox[0].data, "\x40\0\0\5hello\0\0\0", w.inbox[0].len));
		world_end(&w);
	}
}

static bool indicate(const union mpcnet_endpoint *from, enum stun_method method, bool with_data)
{
	static const uint8_t id[STUN_ID_LEN];
	struct stun_builder b;
	uint8_t data[128];

	stun_begin(&b, data, sizeof(data), STUN_INDICATION, method, id);
	stun_put_address(&b, STUN_XOR_PEER_ADDRESS, from);
	if (with_data)
		stun_put(&b, STUN_DATA_VALUE, "hello", 5);
	return turn_input(w.turn, w.now, data, stun_end(&b));
}

static void receive(void)
{
	union mpcnet_endpoint peer = world_peer(1, 7), same_host = world_peer(1, 8),
			      stranger = world_peer(2, 7);

	ready();
	turn_bind(w.turn, w.now, &peer);
	CHECK(!turn_input(w.turn, w.now, "\x40\0\0\5hello", 9));
	world_run(&w, w.now);
	CHECK(indicate(&same_host, STUN_DATA, true));
	CHECK(w.got == 1 && w.got_len == 5 && !memcmp(w.got_data, "hello", 5));
	CHECK(mpcnet_endpoint_equal(&w.got_peer, &same_host));
	CHECK(indicate(&peer, STUN_DATA, false));
	CHECK(!indicate(&stranger, STUN_DATA, true));
	CHECK(!indicate(&peer, STUN_SEND, true));
	CHECK(w.got == 1);

	CHECK(turn_input(w.turn, w.now, "\x40\0\0\5world", 9));
	CHECK(w.got == 2 && !memcmp(w.got_data, "world", 5));
	CHECK(mpcnet_endpoint_equal(&w.got_peer, &peer));
	CHECK(turn_input(w.turn, w.now, "\x40\0\0\5world\0\0\0", 12));
	CHECK(turn_input(w.turn, w.now, "\x40\0\0\0", 4));
	CHECK(w.got == 4 && w.got_len == 0);
	/* Cut off, too long, of another channel, empty. */
	CHECK(!turn_input(w.turn, w.now, "\x40\0\0\5worl", 8));
	CHECK(!turn_input(w.turn, w.now, "\x40\0\0\5world\0\0\0\0", 13));
	CHECK(!turn_input(w.turn, w.now, "\x40\1\0\5world", 9));
	CHECK(!turn_input(w.turn, w.now, "\x40\0\0", 3));
	CHECK(!turn_input(w.turn, w.now, "", 0));
	CHECK(w.got == 4);
	world_end(&w);
}

static void frames(void)
{
	static const uint8_t stun[28] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42 };
	static const uint8_t odd[4] = { 0, 1, 0, 7 };
	static const uint8_t no_cookie[8] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x43 };
	static const uint8_t channel[12] = { 0x4f, 0xff, 0, 5 };
	static const uint8_t other[1] = { 0x50 }, tls[5] = { 0x80 };

	for (size_t len = 0; len < sizeof(stun); len++)
		CHECK(turn_frame_len(stun, len) == 0);
	CHECK(turn_frame_len(stun, 28) == 28);
	for (size_t len = 0; len < sizeof(channel); len++)
		CHECK(turn_frame_len(channel, len) == 0);
	CHECK(turn_frame_len(channel, 12) == 12);
	CHECK(turn_frame_len(channel, 300) == 12);
	CHECK(turn_frame_len(odd, 4) == SIZE_MAX);
	CHECK(turn_frame_len(no_cookie, 8) == SIZE_MAX);
	CHECK(turn_frame_len(other, 1) == SIZE_MAX);
	CHECK(turn_frame_len(tls, 5) == SIZE_MAX);
}

static const struct unit_test tests[] = {
	{ "turn: permissions go together", permissions_together },
	{ "turn: one host is forbidden", one_is_forbidden },
	{ "turn: asked before it is ready", before_ready },
	{ "turn: an hour", an_hour },
	{ "turn: an hour with losses", an_hour_of_trouble },
	{ "turn: numbers of channels", channels },
	{ "turn: a channel is lost", channel_is_lost },
	{ "turn: a channel is not answered", channel_is_not_answered },
	{ "turn: a bad request", bad_request },
	{ "turn: all is bounded", bounded },
	{ "turn: a peer of the other family", other_family },
	{ "turn: Send indications", send_indication },
	{ "turn: ChannelData", send_channel },
	{ "turn: data from peers", receive },
	{ "turn: frames of a stream", frames },
	{ 0 },
};
UNIT_TESTS(tests)
