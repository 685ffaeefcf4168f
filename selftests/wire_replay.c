// SPDX-License-Identifier: GPL-2.0
/* Counters of data messages, and what may be inside them. */
#include <sodium.h>
#include <string.h>

#include "ktap.h"
#include "party.h"

/* How far behind the newest a counter may be, and where counters end. */
#define WINDOW		8192
#define REJECT_AFTER	(UINT64_MAX - WINDOW)

/* The control's window is shorter by a word of its bitmap. */
#define CONTROL_WINDOW	(WINDOW - 63)

static struct party judge;
static uint16_t seq;

static uint64_t window(void)
{
	return rig_is_control() ? CONTROL_WINDOW : WINDOW;
}

static const char *begin(void)
{
	static bool begun;

	if (!begun)
		KTAP_TRY(party_begin(&judge, false, false));
	begun = true;
	return party_establish(&judge);
}

/* Send a new packet under @counter, and remember it. */
static void send_at(uint64_t counter, uint8_t packet[INNER_MIN4])
{
	uint8_t msg[128], plain[32] = { 0 };

	memcpy(plain, packet, party_inbound(packet, 4, 0, ++seq));
	party_send(&judge, msg, noise_seal_raw(&judge.session, counter, msg, plain, sizeof(plain)));
}

static const char *accepted(uint64_t counter)
{
	uint8_t packet[INNER_MIN4];
	const char *why;

	send_at(counter, packet);
	why = party_expect_delivered(packet, sizeof(packet));
	return why ? ktap_why("counter %llu: %s", (unsigned long long)counter, why) : NULL;
}

/* Refused: the next to be delivered is that of @then, which is known to be good. */
static const char *refused(uint64_t counter, uint64_t then)
{
	uint8_t packet[INNER_MIN4];

	send_at(counter, packet);
	if (accepted(then))
		return ktap_why("counter %llu is accepted, or %llu is not",
				(unsigned long long)counter, (unsigned long long)then);
	return NULL;
}

static const char *test_repeated(void)
{
	uint64_t i;

	KTAP_TRY(begin());
	KTAP_TRY(accepted(1));
	KTAP_TRY(refused(1, 2));
	KTAP_TRY(refused(0, 3));
	for (i = 0; i < 4; i++)
		KTAP_TRY(refused(i, 4 + i));
	return NULL;
}

static const char *test_window(void)
{
	const uint64_t newest = 100000, oldest = newest - window() + 1;

	KTAP_TRY(begin());
	KTAP_TRY(accepted(newest));
	KTAP_TRY(refused(oldest - 1, newest - 1));
	KTAP_TRY(accepted(oldest));
	KTAP_TRY(refused(oldest, oldest + 1));
	KTAP_TRY(refused(newest, newest - 2));
	KTAP_TRY(refused(1, newest - 3));
	/* One step of the window throws out one counter. */
	KTAP_TRY(accepted(newest + 1));
	KTAP_TRY(refused(oldest, oldest + 2));
	return accepted(oldest + 3);
}

static const char *test_far_future(void)
{
	const uint64_t jump = UINT64_C(1) << 40, next = jump + 1 + 3 * WINDOW;
	const uint64_t oldest = next - window() + 1;

	KTAP_TRY(begin());
	KTAP_TRY(accepted(jump));
	KTAP_TRY(refused(jump, jump - 1));
	KTAP_TRY(refused(jump - window(), jump - window() + 1));
	KTAP_TRY(refused(100, jump + 1));
	KTAP_TRY(accepted(next));
	KTAP_TRY(refused(jump + 2, oldest));
	return refused(oldest, next - 1);
}

static const char *test_random_order(void)
{
	enum { SPAN = 3000, SENT = 3000 };
	uint8_t packet[INNER_MIN4], got[INNER_MAX];
	bool taken[SPAN] = { false };
	unsigned int unique = 0, delivered = 0;
	int i;

	KTAP_TRY(begin());
	KTAP_TRY(accepted(20000));
	for (i = 0; i < SENT; i++) {
		uint32_t pick = randombytes_uniform(SPAN);

		unique += !taken[pick];
		taken[pick] = true;
		send_at(20000 - SPAN + pick, packet);
		if (i % 100 == 99)
			while (inner_tap_receive(got, 0) >= 0)
				delivered++;
	}
	while (inner_tap_receive(got, 300) >= 0)
		delivered++;
	return delivered == unique ? NULL : ktap_why("%u delivered of %u", delivered, unique);
}

/* A message that does not authenticate must not move the window. */
static const char *test_forged(void)
{
	uint8_t packet[INNER_MIN4], msg[128] = { 0 };
	size_t len, bit;

	KTAP_TRY(begin());
	KTAP_TRY(accepted(50));
	len = noise_seal_raw(&judge.session, 60, msg, packet, 16);
	noise_put64(((struct noise_data *)msg)->counter, UINT64_C(1) << 50);
	party_send(&judge, msg, len);
	KTAP_TRY(accepted(51));
	for (bit = 0; bit < 8 * (len - 16); bit += 17) {
		len = noise_seal_raw(&judge.session, 1000, msg, packet, 16);
		msg[16 + bit / 8] ^= 1 << bit % 8;
		party_send(&judge, msg, len);
	}
	KTAP_TRY(accepted(1000));
	return accepted(49);
}

static const char *test_end_of_counters(void)
{
	uint64_t end = rig_is_control() ? REJECT_AFTER + 63 : REJECT_AFTER;

	KTAP_TRY(begin());
	KTAP_TRY(refused(UINT64_MAX, 5));
	KTAP_TRY(refused(UINT64_MAX - 1, 6));
	KTAP_TRY(refused(end + 1, 7));
	KTAP_TRY(refused(end, 8));
	return accepted(end - 1);
}

/* Send what is given as the content of a message, whole. */
static void send_plain(const void *plain, size_t len)
{
	uint8_t msg[2048];

	party_send(&judge, msg, noise_seal_raw(&judge.session, judge.session.next++, msg, plain, len));
}

/* What was sent was not delivered, but a good packet after it is. */
static const char *dropped(const char *what)
{
	uint8_t packet[INNER_MIN4];

	party_inbound(packet, 4, 0, ++seq);
	party_send_inner(&judge, packet, sizeof(packet));
	return party_expect_delivered(packet, sizeof(packet)) ? what : NULL;
}

static const char *test_source(void)
{
	static const char *const wrong[] = {
		"10.77.0.2", "10.77.0.3", "10.77.0.0", "192.0.2.1", "127.0.0.1", "0.0.0.0",
		"255.255.255.255", "fd77::2", "fd77::3", "::1", "::", "2001:db8::1",
		"::ffff:10.77.0.1",
	};
	uint8_t packet[INNER_MIN6];
	size_t i;

	KTAP_TRY(begin());
	for (i = 0; i < KTAP_COUNT(wrong); i++) {
		bool v6 = strchr(wrong[i], ':');
		struct inner inner = {
			.src = wrong[i], .dst = v6 ? RIG_IN_MODULE6 : RIG_IN_MODULE,
			.len = v6 ? INNER_MIN6 : INNER_MIN4,
		};

		send_plain(packet, inner_make(packet, &inner));
		KTAP_TRY(dropped(wrong[i]));
	}
	return NULL;
}

static const char *test_garbage(void)
{
	uint8_t good[INNER_MIN6], packet[INNER_MIN6];
	unsigned int version;
	size_t len;

	KTAP_TRY(begin());
	for (version = 0; version < 16; version++) {
		party_inbound(packet, 4, 0, 1);
		packet[0] = (uint8_t)(version << 4 | 5);
		if (version != 4) {
			send_plain(packet, INNER_MIN4);
			KTAP_TRY(dropped("version that is none is delivered"));
		}
	}
	party_inbound(good, 4, 0, 1);
	for (len = 1; len < INNER_MIN4; len++) {
		send_plain(good, len);
		KTAP_TRY(dropped("cut IPv4 packet is delivered"));
	}
	for (len = 0; len < 20; len++) {
		memcpy(packet, good, INNER_MIN4);
		packet[3] = (uint8_t)len;
		send_plain(packet, INNER_MIN4);
		KTAP_TRY(dropped("IPv4 packet with a length shorter than its header is delivered"));
	}
	memcpy(packet, good, INNER_MIN4);
	packet[2] = 0xff;
	send_plain(packet, INNER_MIN4);
	KTAP_TRY(dropped("IPv4 packet that is longer than the message is delivered"));
	party_inbound(good, 6, 0, 1);
	for (len = 1; len < INNER_MIN6; len += 3) {
		send_plain(good, len);
		KTAP_TRY(dropped("cut IPv6 packet is delivered"));
	}
	good[4] = 0xff;
	send_plain(good, INNER_MIN6);
	return dropped("IPv6 packet that is longer than the message is delivered");
}

/* What is no packet is still authentic: its counter is spent. */
static const char *test_garbage_counts(void)
{
	uint8_t msg[128], plain[32] = { 0xff };

	KTAP_TRY(begin());
	party_send(&judge, msg, noise_seal_raw(&judge.session, 30, msg, plain, sizeof(plain)));
	return refused(30, 31);
}

static const struct ktap_case cases[] = {
	{ "repeated counter", test_repeated },
	{ "edges of the window", test_window },
	{ "counter of the far future", test_far_future },
	{ "any order within the window, each once", test_random_order },
	{ "forged message does not move the window", test_forged },
	{ "end of counters", test_end_of_counters },
	{ "inner source of somebody else", test_source },
	{ "content that is no packet", test_garbage },
	{ "content that is no packet spends its counter", test_garbage_counts },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
