// SPDX-License-Identifier: GPL-2.0
/*
 * A TURN client, driven by a script of steps: a letter, a length, and as many
 * bytes. Whatever comes, its deadlines move on, it sends within bounds, and
 * what it saves is loaded and saved the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "turn.h"

#define PASSWORD "secret"
#define STEPS_MAX 200
/* Requests under way, each once, and one indication. */
#define BURST_MAX 9

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct run - a client and what it did
 * @turn: the client
 * @now: the time
 * @sent: bursts since the last step
 * @request: its last request
 * @request_len: bytes of @request
 * @key: of that request
 * @has_key: @key is there
 * @input_len: bytes that were put in last
 */
struct run {
	struct turn *turn;
	uint64_t now;
	unsigned int sent;
	uint8_t request[STUN_ROOM];
	size_t request_len;
	uint8_t key[16];
	bool has_key;
	size_t input_len;
};

static void expect(bool holds)
{
	if (!holds)
		abort();
}

/* Keep a request, so that it can be answered with its transaction and key. */
static void on_send(void *arg, const void *data, size_t len)
{
	struct run *run = arg;
	struct stun_message m;
	char realm[TURN_WORD_MAX + 1];

	run->sent++;
	if (!stun_is_message(data, len))
		return;
	expect(stun_decode(&m, data, len));
	if (m.class != STUN_REQUEST)
		return;
	expect(len <= sizeof(run->request));
	memcpy(run->request, data, len);
	run->request_len = len;
	run->has_key = m.sha1_at;
	if (!run->has_key)
		return;
	memcpy(realm, m.realm.data, m.realm.len);
	realm[m.realm.len] = '\0';
	expect(stun_long_term_key(run->key, "alice", realm, PASSWORD));
	expect(stun_verify_sha1(&m, run->key, sizeof(run->key)));
}

static void on_changed(void *arg)
{
	struct run *run = arg;

	/* The client may be asked, but for the one that turn_new() has not returned. */
	expect(!run->turn || turn_state(run->turn) != TURN_IDLE);
}

static void on_bound(void *arg, const union mpcnet_endpoint *peer, uint16_t channel)
{
	struct run *run = arg;

	expect(turn_channel(run->turn, peer) == channel);
}

static void on_data(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len)
{
	struct run *run = arg;
	const uint8_t *bytes = data;
	unsigned int sum = 0;

	expect(turn_state(run->turn) == TURN_READY && len < run->input_len);
	for (size_t i = 0; i < len; i++)
		sum += bytes[i];
	expect(sum <= 255 * len);
	turn_send(run->turn, run->now, peer, data, len);
}

static const struct turn_ops ops = { on_send, on_changed, on_bound, on_data };

static struct turn *make(struct run *run, uint8_t kind)
{
	const struct turn_conf conf = { "alice", PASSWORD, kind & 1 ? AF_INET6 : AF_INET, kind & 2,
					0x4000 + (kind & 0xfc) * 16 };

	return turn_new(&conf, &ops, run);
}

static union mpcnet_endpoint peer_of(uint8_t kind, const uint8_t *data, size_t len)
{
	union mpcnet_endpoint peer = { .sa.sa_family = kind & 1 ? AF_INET6 : AF_INET };

	peer.in.sin_port = len > 1 ? data[1] : 1;
	if (kind & 1)
		peer.in6.sin6_addr.s6_addr[15] = len ? data[0] : 0;
	else
		peer.in.sin_addr.s_addr = len ? data[0] : 0;
	return peer;
}

static void input(struct run *run, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	size_t frame;

	if (!copy)
		return;
	if (len)
		memcpy(copy, data, len);
	frame = turn_frame_len(copy, len);
	expect(frame == SIZE_MAX || (frame <= len && frame % 4 == 0));
	expect(frame == SIZE_MAX || frame <= TURN_FRAME_MAX);
	run->input_len = len;
	turn_input(run->turn, run->now, copy, len);
	free(copy);
}

/* Answer the last request: a class, and attributes as they come. */
static void answer(struct run *run, const uint8_t *data, size_t len, bool sealed)
{
	uint8_t message[STUN_ROOM];
	struct stun_builder b;

	if (!run->request_len || !len || len > 1500)
		return;
	stun_begin(&b, message, sizeof(message), data[0] & 1 ? STUN_ERROR : STUN_SUCCESS,
		   (enum stun_method)(run->request[1] & 0xf), run->request + 8);
	len = (len - 1) / 4 * 4;
	memcpy(message + b.len, data + 1, len);
	b.len += len;
	message[2] = (uint8_t)((b.len - STUN_HEADER_LEN) >> 8);
	message[3] = (uint8_t)(b.len - STUN_HEADER_LEN);
	if (sealed && run->has_key)
		stun_seal_sha1(&b, run->key, sizeof(run->key));
	input(run, message, stun_end(&b));
}

/* What is loaded is saved as it was. */
static void load(struct run *run, uint8_t kind, const uint8_t *data, size_t len)
{
	struct turn *before = run->turn;
	uint8_t saved[TURN_SAVE_MAX];
	size_t saved_len;

	run->turn = make(run, kind);
	expect(run->turn);
	if (turn_load(run->turn, run->now, data, len)) {
		saved_len = turn_save(run->turn, run->now, saved, sizeof(saved));
		expect(saved_len == len && !memcmp(saved, data, len));
		expect(turn_deadline(run->turn) <= run->now);
		turn_free(before);
		return;
	}
	expect(turn_state(run->turn) == TURN_IDLE && turn_deadline(run->turn) == UINT64_MAX);
	turn_free(run->turn);
	run->turn = before;
}

/* A successor takes over. */
static void replace(struct run *run, uint8_t kind)
{
	uint8_t saved[TURN_SAVE_MAX];
	size_t len = turn_save(run->turn, run->now, saved, sizeof(saved));

	if (!len)
		return;
	turn_free(run->turn);
	run->turn = make(run, kind);
	expect(run->turn && turn_load(run->turn, run->now, saved, len));
}

static void tick(struct run *run)
{
	run->sent = 0;
	turn_tick(run->turn, run->now);
	expect(run->sent <= 2 * BURST_MAX);
	expect(turn_deadline(run->turn) > run->now);
}

static void step(struct run *run, uint8_t kind, uint8_t what, const uint8_t *data, size_t len)
{
	union mpcnet_endpoint peer = peer_of(kind, data, len);

	if (what == 's')
		turn_start(run->turn, run->now);
	else if (what == 'q')
		turn_stop(run->turn, run->now);
	else if (what == 'p')
		turn_permit(run->turn, run->now, &peer);
	else if (what == 'b')
		turn_bind(run->turn, run->now, &peer);
	else if (what == 'd')
		turn_send(run->turn, run->now, &peer, data, len);
	else if (what == 'i')
		input(run, data, len);
	else if (what == 'a' || what == 'A')
		answer(run, data, len, what == 'A');
	else if (what == 'l')
		load(run, kind, data, len);
	else if (what == 'r')
		replace(run, kind);
	else if (what == 't')
		run->now += (len ? data[0] : 1) * UINT64_C(1000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = { .now = 1000000 };
	const uint8_t *end = data + size;
	uint8_t kind = size ? *data++ : 0;

	run.turn = make(&run, kind);
	expect(run.turn);
	for (unsigned int i = 0; i < STEPS_MAX && end - data >= 3; i++) {
		uint8_t what = data[0];
		size_t len = (size_t)data[1] << 8 | data[2];

		data += 3;
		if (len > (size_t)(end - data))
			len = (size_t)(end - data);
		step(&run, kind, what, data, len);
		tick(&run);
		data += len;
	}
	turn_free(run.turn);
	return 0;
}
