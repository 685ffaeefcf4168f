// SPDX-License-Identifier: GPL-2.0
/*
 * The module says nothing to whom it does not know. Each test sends messages
 * that must not be answered, then makes a good handshake, and counts on the
 * wire: the good one's response and no other packet, neither UDP nor ICMP.
 */
#include <sodium.h>
#include <string.h>

#include "ktap.h"
#include "party.h"

/* For answers that overtake nothing but come late. */
#define GRACE	100

static struct party judge;

/* Is the interface as begin() made it? */
static bool begun;

static const char *begin(void)
{
	if (!begun)
		KTAP_TRY(party_begin(&judge, false, false));
	begun = true;
	KTAP_TRY(party_establish(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	outer_watch_count();
	return NULL;
}

/* The module sends an initiation that waits for its response. */
static const char *await_initiation(const uint8_t *packet, size_t len)
{
	begun = false;
	KTAP_TRY(party_begin(&judge, true, false));
	inner_tap_send(packet, len);
	return party_await_initiation(&judge, PARTY_PATIENCE);
}

/* What was sent since begin() was not answered, and did no harm. */
static const char *silent(void)
{
	unsigned int packets;

	KTAP_TRY(party_initiate(&judge));
	outer_sleep(GRACE);
	packets = outer_watch_count();
	if (packets != 1)
		return ktap_why("%u packets came where one response was expected", packets);
	KTAP_TRY(party_echo(&judge, 4));
	return NULL;
}

/* A good initiation, in time for a test to spoil it. */
static void initiation(struct noise_initiation *msg)
{
	outer_sleep(25);
	judge.hs.index = 0;
	noise_initiate(&judge.hs, msg);
}

static void send_mac1(struct noise_initiation *msg)
{
	noise_mac(&judge.hs, msg, sizeof(*msg));
	party_send(&judge, msg, sizeof(*msg));
}

static const char *test_wrong_mac1(void)
{
	struct noise_initiation msg;
	int i;

	KTAP_TRY(begin());
	for (i = 0; i < NOISE_MAC; i++) {
		initiation(&msg);
		msg.mac1[i] ^= 1 << i % 8;
		party_send(&judge, &msg, sizeof(msg));
	}
	return silent();
}

static const char *test_wrong_mac1_response(void)
{
	struct noise_response msg;
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 1);

	KTAP_TRY(await_initiation(packet, len));
	noise_respond(&judge.hs, &msg, &judge.session);
	outer_watch_count();
	msg.mac1[0] ^= 1;
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(GRACE);
	if (outer_watch_count())
		return "response with a wrong mac1 was answered";
	msg.mac1[0] ^= 1;
	party_send(&judge, &msg, sizeof(msg));
	return party_expect_inner(&judge, packet, len);
}

/* All lengths of a message but the right one, cut off or filled up. */
static void all_lengths(const void *msg, size_t right, size_t up_to)
{
	uint8_t buf[256] = { 0 };
	size_t len;

	memcpy(buf, msg, right);
	for (len = 0; len <= up_to; len++)
		if (len != right)
			party_send(&judge, buf, len);
}

static const char *test_initiation_lengths(void)
{
	struct noise_initiation msg;

	KTAP_TRY(begin());
	initiation(&msg);
	all_lengths(&msg, sizeof(msg), 200);
	return silent();
}

/* The macs stand at the end: here they are right for the wrong length. */
static const char *test_initiation_lengths_mac1(void)
{
	uint8_t buf[256];
	size_t len;

	KTAP_TRY(begin());
	for (len = 33; len < 200; len++) {
		struct noise_initiation *msg = (struct noise_initiation *)buf;

		if (len == sizeof(*msg))
			continue;
		randombytes_buf(buf, sizeof(buf));
		noise_put32(msg->type, NOISE_INITIATION);
		noise_mac(&judge.hs, buf, len);
		party_send(&judge, buf, len);
	}
	return silent();
}

/* A response to a handshake that is under way, of all lengths. */
static const char *test_response_lengths(void)
{
	struct noise_response msg;
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 1);

	KTAP_TRY(await_initiation(packet, len));
	noise_respond(&judge.hs, &msg, &judge.session);
	outer_watch_count();
	all_lengths(&msg, sizeof(msg), 160);
	outer_sleep(GRACE);
	if (outer_watch_count())
		return "response of a wrong length was answered";
	party_send(&judge, &msg, sizeof(msg));
	return party_expect_inner(&judge, packet, len);
}

static const char *test_cookie_lengths(void)
{
	struct noise_initiation msg;
	struct noise_cookie reply;
	uint8_t cookie[NOISE_MAC] = { 1 };

	KTAP_TRY(begin());
	initiation(&msg);
	noise_cookie_make(&reply, judge.hs.self.public, cookie, &msg, sizeof(msg));
	all_lengths(&reply, sizeof(reply), 100);
	party_send(&judge, &reply, sizeof(reply));
	return silent();
}

static const char *test_data_lengths(void)
{
	struct noise_session other;
	uint8_t packet[INNER_MIN4], msg[128];
	size_t len = party_inbound(packet, 4, 0, 3);

	KTAP_TRY(begin());
	other = judge.session;
	len = noise_seal(&judge.session, msg, packet, len);
	all_lengths(msg, len, 120);
	randombytes_buf(&other.remote_index, sizeof(other.remote_index));
	party_send(&judge, msg, noise_seal(&other, msg, packet, sizeof(packet)));
	return silent();
}

static const char *test_unknown_key(void)
{
	struct noise_identity known, stranger;
	struct noise_initiation msg;

	KTAP_TRY(begin());
	known = judge.hs.self;
	noise_identity_new(&stranger);
	judge.hs.self = stranger;
	initiation(&msg);
	party_send(&judge, &msg, sizeof(msg));
	judge.hs.self = known;
	return silent();
}

static const char *test_bad_seals(void)
{
	struct noise_initiation msg;

	KTAP_TRY(begin());
	initiation(&msg);
	msg.fixed[5] ^= 1;
	send_mac1(&msg);
	initiation(&msg);
	msg.fixed[NOISE_KEY] ^= 1;
	send_mac1(&msg);
	initiation(&msg);
	msg.timestamp[11] ^= 1;
	send_mac1(&msg);
	initiation(&msg);
	msg.timestamp[NOISE_STAMP] ^= 1;
	send_mac1(&msg);
	initiation(&msg);
	msg.ephemeral[1] ^= 1;
	send_mac1(&msg);
	return silent();
}

/* Sealed for another module's key, but with mac1 of this one. */
static const char *test_other_responder(void)
{
	struct noise_identity other;
	struct noise_initiation msg;
	uint8_t right[NOISE_KEY];

	KTAP_TRY(begin());
	memcpy(right, judge.hs.remote, NOISE_KEY);
	noise_identity_new(&other);
	memcpy(judge.hs.remote, other.public, NOISE_KEY);
	initiation(&msg);
	party_send(&judge, &msg, sizeof(msg));
	memcpy(judge.hs.remote, right, NOISE_KEY);
	send_mac1(&msg);
	return silent();
}

static const char *test_types(void)
{
	static const uint32_t types[] = { 0, 5, 6, 0x40, 128, 255, 256, 0x10000, 0xffffffff };
	struct noise_initiation msg;
	size_t i;

	KTAP_TRY(begin());
	for (i = 0; i < KTAP_COUNT(types); i++) {
		initiation(&msg);
		noise_put32(msg.type, types[i]);
		send_mac1(&msg);
	}
	return silent();
}

static const char *test_reserved(void)
{
	uint8_t packet[INNER_MIN4], data[128];
	struct noise_initiation msg;
	size_t i, len = party_inbound(packet, 4, 0, 4);

	KTAP_TRY(begin());
	for (i = 1; i < 4; i++) {
		initiation(&msg);
		msg.type[i] = 1;
		send_mac1(&msg);
		len = noise_seal(&judge.session, data, packet, sizeof(packet));
		data[i] = 0x80;
		party_send(&judge, data, len);
	}
	return silent();
}

/* A response that nobody waits for, to a known index and to others. */
static const char *test_uninvited_response(void)
{
	struct noise_response msg;
	struct noise_session none;
	int i;

	KTAP_TRY(begin());
	for (i = 0; i < 5; i++) {
		struct noise_handshake hs = judge.hs;

		hs.remote_index = i ? randombytes_random() : judge.session.remote_index;
		noise_respond(&hs, &msg, &none);
		party_send(&judge, &msg, sizeof(msg));
	}
	return silent();
}

static const char *test_empty(void)
{
	int i;

	KTAP_TRY(begin());
	for (i = 0; i < 10; i++)
		party_send(&judge, "", 0);
	return silent();
}

/* Points of low order on Curve25519: all shared secrets with them are zero. */
static const uint8_t low_order[][NOISE_KEY] = {
	{ 0 },
	{ 1 },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
	  0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
	  0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
	  0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
	  0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

static const char *test_low_order_ephemeral(void)
{
	struct noise_initiation msg;
	size_t i;

	KTAP_TRY(begin());
	for (i = 0; i < KTAP_COUNT(low_order); i++) {
		judge.hs.fixed_ephemeral = true;
		memcpy(judge.hs.ephemeral.public, low_order[i], NOISE_KEY);
		judge.hs.zero_dh = NOISE_ES;
		initiation(&msg);
		judge.hs.zero_dh = 0;
		judge.hs.fixed_ephemeral = false;
		party_send(&judge, &msg, sizeof(msg));
	}
	return silent();
}

/* The message is right but for the point: a peer that has it must be no peer. */
static const char *test_low_order_static(void)
{
	struct noise_identity known;
	struct noise_initiation msg;
	size_t i;

	KTAP_TRY(begin());
	known = judge.hs.self;
	for (i = 0; i < KTAP_COUNT(low_order); i++) {
		struct rig_peer peer = { .public = low_order[i] };

		if (i && rig_peer_add(&peer))
			ktap_diag("key of low order %zu is refused for a peer", i);
		memcpy(judge.hs.self.public, low_order[i], NOISE_KEY);
		judge.hs.zero_dh = NOISE_SS;
		initiation(&msg);
		judge.hs.zero_dh = 0;
		party_send(&judge, &msg, sizeof(msg));
	}
	judge.hs.self = known;
	return silent();
}

static const char *test_low_order_response(void)
{
	struct noise_session unwanted;
	struct noise_response msg;
	struct noise_handshake hs;
	uint8_t packet[INNER_MIN4];
	size_t i, len = party_outbound(packet, 4, 0, 1);

	KTAP_TRY(await_initiation(packet, len));
	outer_watch_count();
	for (i = 0; i < KTAP_COUNT(low_order); i++) {
		hs = judge.hs;
		hs.fixed_ephemeral = true;
		memcpy(hs.ephemeral.public, low_order[i], NOISE_KEY);
		hs.zero_dh = NOISE_EE | NOISE_SE;
		noise_respond(&hs, &msg, &unwanted);
		party_send(&judge, &msg, sizeof(msg));
	}
	outer_sleep(GRACE);
	if (outer_watch_count())
		return "response with a point of low order was answered";
	party_respond(&judge);
	return party_expect_inner(&judge, packet, len);
}

static const char *test_initiation_replayed(void)
{
	struct noise_initiation msg;
	uint8_t stamp[NOISE_STAMP];

	KTAP_TRY(begin());
	outer_sleep(25);
	noise_stamp_now(stamp);
	outer_sleep(25);
	initiation(&msg);
	party_send(&judge, &msg, sizeof(msg));
	KTAP_TRY(party_await(&judge, NOISE_RESPONSE, PARTY_PATIENCE));
	outer_watch_count();

	outer_sleep(25);
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(25);
	noise_initiate_stamped(&judge.hs, &msg);
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(25);
	memcpy(judge.hs.stamp, stamp, sizeof(stamp));
	noise_initiate_stamped(&judge.hs, &msg);
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(25);
	memset(judge.hs.stamp, 0, sizeof(stamp));
	noise_initiate_stamped(&judge.hs, &msg);
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(25);
	return silent();
}

/* One more within 20 ms of the one before is not worked on. */
static const char *test_initiation_flood(void)
{
	struct noise_initiation msgs[10];
	unsigned int packets;
	uint64_t from, took;
	size_t i;

	KTAP_TRY(begin());
	outer_sleep(25);
	for (i = 0; i < KTAP_COUNT(msgs); i++)
		noise_initiate(&judge.hs, &msgs[i]);
	from = outer_now();
	for (i = 0; i < KTAP_COUNT(msgs); i++)
		party_send(&judge, &msgs[i], sizeof(msgs[i]));
	outer_sleep(GRACE);
	took = outer_now() - from - GRACE;
	packets = outer_watch_count();
	if (packets < 1 || packets > 3 + took / 20)
		return ktap_why("%u of 10 initiations within %llu ms were answered", packets,
				(unsigned long long)took);
	while (!party_next(&judge, 0))
		;
	return silent();
}

/* Nothing listens without a private key. */
static const char *test_no_private_key(void)
{
	static const uint8_t zero[NOISE_KEY];
	const char *tool = getenv("MPCNET_TOOL");
	struct noise_initiation msg;
	bool wg = tool ? !strstr(tool, "mpcnetctl") : rig_is_control();

	KTAP_TRY(begin());
	begun = false;
	if (!rig_run("%s %s " RIG_LINK " private-key %s", tool ? tool : wg ? "wg" : "mpcnetctl",
		     wg ? "set" : "link set", rig_key_file(zero)))
		return "SKIP the tool does not remove a key";
	initiation(&msg);
	party_send(&judge, &msg, sizeof(msg));
	outer_sleep(GRACE);
	return outer_watch_count() ? "answered without a private key" : NULL;
}

static const struct ktap_case cases[] = {
	{ "wrong mac1 of an initiation", test_wrong_mac1 },
	{ "wrong mac1 of a response", test_wrong_mac1_response },
	{ "initiation of all wrong lengths", test_initiation_lengths },
	{ "initiation of all wrong lengths with a right mac1", test_initiation_lengths_mac1 },
	{ "response of all wrong lengths", test_response_lengths },
	{ "cookie reply of all lengths, uninvited", test_cookie_lengths },
	{ "data of all wrong lengths, and to an unknown index", test_data_lengths },
	{ "unknown static key", test_unknown_key },
	{ "parts that do not authenticate", test_bad_seals },
	{ "initiation for another key", test_other_responder },
	{ "unknown types", test_types },
	{ "reserved bytes that are not zero", test_reserved },
	{ "response without an initiation", test_uninvited_response },
	{ "empty datagram", test_empty },
	{ "ephemeral key of low order", test_low_order_ephemeral },
	{ "static key of low order", test_low_order_static },
	{ "response with an ephemeral key of low order", test_low_order_response },
	{ "initiation with a timestamp of before", test_initiation_replayed },
	{ "initiations less than 20 ms apart", test_initiation_flood },
	{ "initiation to an interface without a private key", test_no_private_key },
};

int main(void)
{
	rig_open();
	outer_watch_start();
	return ktap_run(cases, KTAP_COUNT(cases));
}
