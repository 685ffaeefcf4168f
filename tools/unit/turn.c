// SPDX-License-Identifier: GPL-2.0
/* The allocation of a TURN client: how it comes, stays and goes. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "turn_world.h"

static const struct turn_conf conf = { "alice", "secret", AF_INET, false, 0x4000 };
static struct world w;

static void begin(void)
{
	world_begin(&w, &conf);
}

static void ready(void)
{
	begin();
	turn_start(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY);
}

static void fails(uint64_t within, const char *word)
{
	world_run(&w, w.now + within);
	CHECK(turn_state(w.turn) == TURN_FAILED);
	CHECK(strstr(turn_reason(w.turn), word));
	if (!strstr(turn_reason(w.turn), word))
		printf("# \"%s\", expected \"%s\"\n", turn_reason(w.turn), word);
	CHECK(!strstr(turn_reason(w.turn), "secret"));
	CHECK(!strstr(turn_reason(w.turn), "nonce0"));
	CHECK(!turn_relayed(w.turn)->sa.sa_family);
}

static void happy(void)
{
	union mpcnet_endpoint relayed = world_peer(200, 50000), mapped = world_peer(201, 1234);
	uint16_t len = 0;
	const uint8_t *value;

	begin();
	CHECK(turn_state(w.turn) == TURN_IDLE && turn_deadline(w.turn) == NEVER);
	turn_start(w.turn, w.now);
	CHECK(turn_state(w.turn) == TURN_ALLOCATING && w.changes == 1 && w.inbox_count == 1);
	value = world_attribute(&w.inbox[0], STUN_REQUESTED_TRANSPORT, &len);
	CHECK(value && len == 4 && !memcmp(value, "\x11\0\0\0", 4));
	value = world_attribute(&w.inbox[0], STUN_LIFETIME, &len);
	CHECK(value && !memcmp(value, "\0\0\x02\x58", 4));
	CHECK(!world_attribute(&w.inbox[0], STUN_REQUESTED_ADDRESS_FAMILY, &len));
	CHECK(!world_attribute(&w.inbox[0], STUN_USERNAME, &len));
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY && w.changes == 2 && w.sent_count == 2);
	CHECK(mpcnet_endpoint_equal(turn_relayed(w.turn), &relayed));
	CHECK(mpcnet_endpoint_equal(turn_mapped(w.turn), &mapped));
	CHECK(!turn_reason(w.turn)[0]);
	world_end(&w);
}

static void ipv6(void)
{
	struct turn_conf six = conf;
	uint16_t len = 0;
	const uint8_t *value;

	six.family = AF_INET6;
	world_begin(&w, &six);
	turn_start(w.turn, w.now);
	value = world_attribute(&w.inbox[0], STUN_REQUESTED_ADDRESS_FAMILY, &len);
	CHECK(value && len == 4 && !memcmp(value, "\x02\0\0\0", 4));
	/* This server gives an IPv4 address all the same. */
	fails(0, "IPv6");
	world_end(&w);
}

static void makes_no_sense(void)
{
	char text[TURN_CREDENTIAL_MAX + 2];
	struct turn_conf bad = conf;

	bad.family = AF_UNIX;
	CHECK(!turn_new(&bad, &world_ops, &w));
	bad = conf;
	bad.first_channel = 0x3fff;
	CHECK(!turn_new(&bad, &world_ops, &w));
	bad.first_channel = 0x5000;
	CHECK(!turn_new(&bad, &world_ops, &w));
	bad = conf;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	bad.password = text;
	CHECK(!turn_new(&bad, &world_ops, &w));
}

static void stale_nonce(void)
{
	begin();
	w.stale = 1;
	turn_start(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY && w.sent_count == 3);
	/* The server has another one in the middle of it. */
	w.nonce++;
	world_run(&w, w.now + 700 * SECOND);
	CHECK(turn_state(w.turn) == TURN_READY && w.expires > w.now);
	CHECK(world_sent(&w, STUN_REFRESH) == 2);
	w.stale = 2;
	fails(600 * SECOND, "nonce");
	world_end(&w);
}

static void wrong_password(void)
{
	struct turn_conf nobody = conf;

	begin();
	w.password = "other";
	turn_start(w.turn, w.now);
	fails(0, "\"alice\"");
	CHECK(w.sent_count == 2);
	/* Mended at the server, it can be tried again. */
	w.password = "secret";
	turn_start(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY && !turn_reason(w.turn)[0]);
	world_end(&w);

	nobody.username = NULL;
	world_begin(&w, &nobody);
	turn_start(w.turn, w.now);
	fails(0, "turn:USER:PASSWORD@");
	world_end(&w);
}

static void no_password_wanted(void)
{
	union mpcnet_endpoint peer = world_peer(1, 9);

	begin();
	w.open = true;
	turn_start(w.turn, w.now);
	turn_bind(w.turn, w.now, &peer);
	world_run(&w, w.now);
	CHECK(turn_state(w.turn) == TURN_READY && world_channel(&w, &peer));
	world_end(&w);
}

static void lost(void)
{
	/* RFC 8489 section 6.2.1, in ms; cut off at 8 s. */
	static const unsigned int at[] = { 0, 500, 1500, 3500, 7500 };

	for (unsigned int k = 0; k < 5; k++) {
		begin();
		w.lose = k;
		turn_start(w.turn, w.now);
		world_run(&w, w.now + 8 * SECOND - 1);
		CHECK(turn_state(w.turn) == TURN_READY);
		CHECK(w.sent_count == 2 + k);
		world_end(&w);
	}
	begin();
	w.dead = true;
	turn_start(w.turn, w.now);
	world_run(&w, w.now + 8 * SECOND - 1);
	CHECK(turn_state(w.turn) == TURN_ALLOCATING && w.sent_count == 5);
	for (unsigned int i = 0; i < 5; i++)
		CHECK(w.sent[i] - w.sent[0] == at[i] * UINT64_C(1000));
	fails(1, "does not answer");
	CHECK(turn_deadline(w.turn) == NEVER);
	world_end(&w);
}

static void reliable(void)
{
	struct turn_conf stream = conf;

	stream.reliable = true;
	world_begin(&w, &stream);
	w.dead = true;
	turn_start(w.turn, w.now);
	world_run(&w, w.now + 8 * SECOND - 1);
	CHECK(turn_state(w.turn) == TURN_ALLOCATING && w.sent_count == 1);
	fails(1, "does not answer");
	CHECK(w.sent_count == 1);
	world_end(&w);
}

/* The answer to the second request is lost: 8 s are for both together. */
static void limit_is_for_all(void)
{
	uint64_t start;

	begin();
	start = w.now;
	w.lose = 3;
	turn_start(w.turn, w.now);
	world_run(&w, start + 3500000 - 1);
	w.hold = true;
	world_run(&w, start + 3500000);
	CHECK(w.sent_count == 4);
	turn_input(w.turn, w.now, w.last.data, w.last.len);
	w.dead = true;
	world_run(&w, start + 8 * SECOND - 1);
	CHECK(turn_state(w.turn) == TURN_ALLOCATING);
	fails(1, "does not answer");
	world_end(&w);
}

static void server_dies(void)
{
	uint64_t first;

	ready();
	world_run(&w, w.now + 539 * SECOND);
	CHECK(!world_sent(&w, STUN_REFRESH));
	w.dead = true;
	world_run(&w, w.now + SECOND);
	CHECK(world_sent(&w, STUN_REFRESH) == 1);
	first = w.sent[w.sent_count - 1];
	/* Seven times, and 39.5 s in all. */
	world_run(&w, first + 39499999);
	CHECK(turn_state(w.turn) == TURN_READY && world_sent(&w, STUN_REFRESH) == 7);
	fails(1, "does not answer");
	world_end(&w);
}

static void asleep(void)
{
	ready();
	w.now += 601 * SECOND;
	turn_tick(w.turn, w.now);
	fails(0, "asleep");
	world_end(&w);
}

static void short_lifetime(void)
{
	begin();
	w.lifetime = 20;
	turn_start(w.turn, w.now);
	for (unsigned int i = 0; i < 100; i++) {
		world_run(&w, w.now + SECOND);
		CHECK(turn_state(w.turn) == TURN_READY && w.expires > w.now);
	}
	world_end(&w);
}

static void errors(void)
{
	static const struct {
		unsigned int code;
		const char *word;
	} known[] = {
		{ 300, "192.0.2.99:3478" },    { 403, "does not let" },
		{ 437, "earlier allocation" }, { 440, "IPv4" },
		{ 441, "check user" },	       { 486, "too many" },
		{ 508, "address or port" },    { 500, "error 500" },
	};

	for (size_t i = 0; i < 2 * sizeof(known) / sizeof(*known); i++) {
		bool unsign = i % 2;

		/* An alternate server is named only by who is known. */
		if (unsign && known[i / 2].code == 300)
			continue;
		begin();
		w.refuse = known[i / 2].code;
		w.refuse_method = STUN_ALLOCATE;
		w.refuse_unsigned = unsign;
		turn_start(w.turn, w.now);
		world_run(&w, w.now);
		/* One that is not signed counts when nothing better came. */
		CHECK((turn_state(w.turn) == TURN_ALLOCATING) == unsign);
		fails(unsign ? 8 * SECOND : 0, known[i / 2].word);
		world_end(&w);
	}
}

static void server_forgets(void)
{
	ready();
	w.expires = 0;
	fails(541 * SECOND, "does not know our allocation");
	/* Nothing is held: nothing has to be said. */
	w.sent_count = 0;
	turn_stop(w.turn, w.now);
	CHECK(turn_state(w.turn) == TURN_CLOSED && !w.sent_count);
	world_end(&w);
}

static void forged(void)
{
	struct packet real, bad;

	begin();
	turn_start(w.turn, w.now);
	w.hold = true;
	world_run(&w, w.now);
	turn_input(w.turn, w.now, w.last.data, w.last.len);
	world_run(&w, w.now);
	real = w.last;
	CHECK(w.sent_count == 2 && w.expires);

	bad = real;
	bad.data[8] ^= 1;
	bad.len -= 8;
	bad.data[3] -= 8;
	CHECK(!turn_input(w.turn, w.now, bad.data, bad.len));
	/* Another relayed port; FINGERPRINT, which is not secret, is left out. */
	bad = real;
	bad.len -= 8;
	bad.data[3] -= 8;
	bad.data[STUN_HEADER_LEN + 6] ^= 1;
	CHECK(!turn_input(w.turn, w.now, bad.data, bad.len));
	/* No integrity at all. */
	bad = real;
	bad.len -= 32;
	bad.data[3] -= 32;
	CHECK(!turn_input(w.turn, w.now, bad.data, bad.len));
	/* Another method, and a request. */
	bad = real;
	bad.len -= 8;
	bad.data[3] -= 8;
	bad.data[1] ^= 7;
	CHECK(!turn_input(w.turn, w.now, bad.data, bad.len));
	bad.data[0] = 0;
	bad.data[1] = 3;
	CHECK(!turn_input(w.turn, w.now, bad.data, bad.len));
	CHECK(turn_state(w.turn) == TURN_ALLOCATING);

	CHECK(turn_input(w.turn, w.now, real.data, real.len));
	CHECK(turn_state(w.turn) == TURN_READY);
	/* A second time it belongs to no request. */
	CHECK(!turn_input(w.turn, w.now, real.data, real.len));
	world_end(&w);
}

/* The last response for another request: the first byte of its id, and its
 * method, are others. The key, if one is given, is right.
 */
static bool replayed(uint8_t id, enum stun_method method, const uint8_t *key)
{
	union mpcnet_endpoint relayed = world_peer(7, 7);
	struct packet bad = w.last;
	struct stun_message m;
	struct stun_builder b;

	if (!stun_decode(&m, w.last.data, w.last.len))
		return true;
	bad.data[8] ^= id;
	stun_begin(&b, bad.data, sizeof(bad.data), m.class, method, bad.data + 8);
	if (m.error) {
		stun_put_error(&b, (enum stun_code)m.error, "no");
		stun_put(&b, STUN_REALM, m.realm.data, m.realm.len);
		stun_put(&b, STUN_NONCE, m.nonce.data, m.nonce.len);
	} else {
		stun_put_address(&b, STUN_XOR_RELAYED_ADDRESS, &relayed);
		stun_put_u32(&b, STUN_LIFETIME, 600);
	}
	if (key)
		stun_seal_sha1(&b, key, 16);
	return turn_input(w.turn, w.now, bad.data, stun_end(&b));
}

/* What is right but for the transaction or the method belongs to no request. */
static void other_transaction(void)
{
	uint8_t key[16];

	CHECK(stun_long_term_key(key, "alice", "example.org", "secret"));
	begin();
	turn_start(w.turn, w.now);
	w.hold = true;
	world_run(&w, w.now);
	CHECK(!replayed(1, STUN_ALLOCATE, NULL) && !replayed(0, STUN_REFRESH, NULL));
	CHECK(w.sent_count == 1 && turn_state(w.turn) == TURN_ALLOCATING);
	CHECK(replayed(0, STUN_ALLOCATE, NULL) && w.sent_count == 2);
	world_run(&w, w.now);
	CHECK(!replayed(1, STUN_ALLOCATE, key) && !replayed(0, STUN_REFRESH, key));
	CHECK(turn_state(w.turn) == TURN_ALLOCATING);
	CHECK(replayed(0, STUN_ALLOCATE, key) && turn_state(w.turn) == TURN_READY);
	world_end(&w);
}

static void stop(void)
{
	ready();
	w.sent_count = 0;
	turn_stop(w.turn, w.now);
	CHECK(turn_state(w.turn) == TURN_CLOSED && !turn_relayed(w.turn)->sa.sa_family);
	w.nonce++;
	world_run(&w, w.now);
	CHECK(!w.expires && world_sent(&w, STUN_REFRESH) == 2);
	CHECK(turn_deadline(w.turn) == NEVER && turn_state(w.turn) == TURN_CLOSED);
	world_end(&w);

	ready();
	w.sent_count = 0;
	w.dead = true;
	turn_stop(w.turn, w.now);
	world_run(&w, w.now + 10 * SECOND);
	CHECK(w.sent_count == 2 && w.sent[1] - w.sent[0] == SECOND / 2);
	CHECK(turn_deadline(w.turn) == NEVER && turn_state(w.turn) == TURN_CLOSED);
	world_end(&w);
}

/* Allocate is on its way, sealed: the server may have done it. */
static void stop_early(void)
{
	begin();
	turn_start(w.turn, w.now);
	w.hold = true;
	world_run(&w, w.now);
	turn_input(w.turn, w.now, w.last.data, w.last.len);
	world_run(&w, w.now);
	w.hold = false;
	CHECK(w.expires);
	turn_stop(w.turn, w.now);
	world_run(&w, w.now);
	CHECK(!w.expires && turn_state(w.turn) == TURN_CLOSED);
	world_end(&w);

	begin();
	turn_start(w.turn, w.now);
	turn_stop(w.turn, w.now);
	CHECK(w.sent_count == 1 && turn_deadline(w.turn) == NEVER);
	world_end(&w);
}

static const struct unit_test tests[] = {
	{ "turn: an allocation", happy },
	{ "turn: an address of IPv6", ipv6 },
	{ "turn: configurations that make no sense", makes_no_sense },
	{ "turn: a stale nonce", stale_nonce },
	{ "turn: a wrong password", wrong_password },
	{ "turn: a server without passwords", no_password_wanted },
	{ "turn: lost datagrams", lost },
	{ "turn: a stream", reliable },
	{ "turn: eight seconds for all", limit_is_for_all },
	{ "turn: the server dies", server_dies },
	{ "turn: the computer was asleep", asleep },
	{ "turn: a short lifetime", short_lifetime },
	{ "turn: errors", errors },
	{ "turn: the server forgets", server_forgets },
	{ "turn: forged responses", forged },
	{ "turn: another transaction", other_transaction },
	{ "turn: stop", stop },
	{ "turn: stop on the way", stop_early },
	{ 0 },
};
UNIT_TESTS(tests)
