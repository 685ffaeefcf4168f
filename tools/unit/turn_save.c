// SPDX-License-Identifier: GPL-2.0
/* A TURN client that is saved, and its successor. */
#include "unit.h"

#include <string.h>

#include "turn_world.h"

static const struct turn_conf conf = { "alice", "secret", AF_INET, false, 0x4000 };
static struct world w;

/* A client with two channels, one of them not bound, and three hosts. */
static size_t save_one(uint8_t *data)
{
	union mpcnet_endpoint a = world_peer(1, 1), b = world_peer(2, 2), c = world_peer(3, 3);
	size_t len;

	world_begin(&w, &conf);
	turn_start(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY);
	turn_permit(w.turn, w.now, &c);
	turn_bind(w.turn, w.now, &a);
	world_run(&w, w.now + 60 * SECOND);
	w.dead = true;
	turn_bind(w.turn, w.now, &b);
	turn_tick(w.turn, w.now);
	len = turn_save(w.turn, w.now, data, TURN_SAVE_MAX);
	CHECK(len > 0 && len < 300);
	CHECK(!turn_save(w.turn, w.now, data, len - 1));
	CHECK(turn_save(w.turn, w.now, data, len) == len);
	w.dead = false;
	return len;
}

/* The helper died, and another takes its place. */
static bool replace(const uint8_t *data, size_t len, uint64_t later)
{
	turn_free(w.turn);
	w.turn = turn_new(&conf, &world_ops, &w);
	w.now += later;
	w.sent_count = w.bound = w.changes = w.inbox_count = 0;
	return w.turn && turn_load(w.turn, w.now, data, len);
}

static void goes_on(void)
{
	union mpcnet_endpoint a = world_peer(1, 1), b = world_peer(2, 2), c = world_peer(3, 3),
			      relayed = world_peer(200, 50000), mapped = world_peer(201, 1234);
	uint8_t data[TURN_SAVE_MAX], again[TURN_SAVE_MAX];
	size_t len = save_one(data);

	CHECK(replace(data, len, 100 * SECOND));
	CHECK(turn_state(w.turn) == TURN_READY && w.changes == 1 && !w.sent_count);
	CHECK(turn_save(w.turn, w.now, again, sizeof(again)) == len && !memcmp(data, again, len));
	CHECK(turn_channel(w.turn, &a) == 0x4000 && !turn_channel(w.turn, &b));
	CHECK(mpcnet_endpoint_equal(turn_relayed(w.turn), &relayed));
	CHECK(mpcnet_endpoint_equal(turn_mapped(w.turn), &mapped));
	CHECK(turn_deadline(w.turn) <= w.now);
	w.nonce++;
	turn_tick(w.turn, w.now);
	CHECK(w.sent_count >= 1 && w.sent_method[0] == STUN_REFRESH);
	for (unsigned int i = 0; i < 700; i++) {
		world_run(&w, w.now + SECOND);
		CHECK(w.expires > w.now && world_channel(&w, &a) && world_permission(&w, &a) &&
		      world_permission(&w, &b) && world_permission(&w, &c));
	}
	CHECK(!w.bound && w.changes == 1);
	/* b's number is still b's. */
	turn_bind(w.turn, w.now, &c);
	world_run(&w, w.now);
	CHECK(w.bound_number == 0x4002);
	turn_bind(w.turn, w.now, &b);
	world_run(&w, w.now);
	CHECK(w.bound_number == 0x4001);
	CHECK(!turn_load(w.turn, w.now, data, len));
	world_end(&w);
}

static void too_late(void)
{
	uint8_t data[TURN_SAVE_MAX];
	size_t len = save_one(data);

	CHECK(replace(data, len, 700 * SECOND));
	world_run(&w, w.now + SECOND);
	CHECK(turn_state(w.turn) == TURN_FAILED);
	CHECK(strstr(turn_reason(w.turn), "does not know our allocation"));
	world_end(&w);

	len = save_one(data);
	CHECK(replace(data, len, 0));
	w.dead = true;
	world_run(&w, w.now + 40 * SECOND);
	CHECK(turn_state(w.turn) == TURN_FAILED);
	CHECK(strstr(turn_reason(w.turn), "does not answer"));
	world_end(&w);
}

static void bad_saves(void)
{
	struct turn_conf six = conf;
	uint8_t data[TURN_SAVE_MAX];
	size_t len = save_one(data);

	for (size_t cut = 0; cut < len; cut++)
		CHECK(!replace(data, cut, 0));
	CHECK(!replace(data, len + 1, 0));
	/* It is idle, and can be loaded or started yet. */
	CHECK(turn_state(w.turn) == TURN_IDLE && !turn_relayed(w.turn)->sa.sa_family);
	CHECK(turn_load(w.turn, w.now, data, len));
	data[0] = 2;
	CHECK(!replace(data, len, 0));
	data[0] = 1;
	turn_free(w.turn);
	six.family = AF_INET6;
	w.turn = turn_new(&six, &world_ops, &w);
	CHECK(!turn_load(w.turn, w.now, data, len));
	/* The last field is the rest of a channel that is not bound: 10 min at most. */
	memcpy(data + len - 4, "\0\x09\x27\xc0", 4);
	CHECK(replace(data, len, 0));
	data[len - 1]++;
	CHECK(!replace(data, len, 0));
	world_end(&w);
	world_begin(&w, &conf);
	CHECK(!turn_save(w.turn, w.now, data, sizeof(data)));
	world_end(&w);
}

/* Change bytes of a save from its end. Return: is it loaded all the same? */
static bool loads_with(const uint8_t *data, size_t len, size_t from_end, const void *bytes,
		       size_t count)
{
	uint8_t copy[TURN_SAVE_MAX];

	memcpy(copy, data, len);
	memcpy(copy + len - from_end, bytes, count);
	return replace(copy, len, 0);
}

/* Its end is two channels of 12 bytes: number, port, address, rest. */
static void bad_channels(void)
{
	uint8_t data[TURN_SAVE_MAX];
	size_t len = save_one(data);

	CHECK(loads_with(data, len, 12, "\x40\x01\0\2\xc0\0\2\2", 8));
	CHECK(loads_with(data, len, 12, "\x4f\xff", 2));
	/* The peer of the first, its number, a lower one, one too high, no port. */
	CHECK(!loads_with(data, len, 10, "\0\1\xc0\0\2\1", 6));
	CHECK(!loads_with(data, len, 12, "\x40\0", 2));
	CHECK(!loads_with(data, len, 24, "\x3f\xff", 2));
	CHECK(!loads_with(data, len, 12, "\x50\0", 2));
	CHECK(!loads_with(data, len, 10, "\0", 2));
	/* A bound one whose host has no permission. */
	CHECK(loads_with(data, len, 8, "\xc0\0\2\2\0\0\0\1", 8));
	CHECK(!loads_with(data, len, 8, "\xc0\0\2\x4d\0\0\0\1", 8));
	world_end(&w);
}

static const struct unit_test tests[] = {
	{ "turn: saved and loaded", goes_on },
	{ "turn: loaded too late", too_late },
	{ "turn: what is not loaded", bad_saves },
	{ "turn: channels that are not loaded", bad_channels },
	{ 0 },
};
UNIT_TESTS(tests)
