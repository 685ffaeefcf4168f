// SPDX-License-Identifier: GPL-2.0
/* DSCP and ECN of the outer header, and of the inner one after it (RFC 6040). */
#include <string.h>

#include "ktap.h"
#include "party.h"

enum {
	NOT_ECT = 0,
	ECT1 = 1,
	ECT0 = 2,
	CE = 3,
};

/* A DSCP of the inner packet that nobody outside may see: EF. */
#define INNER_DSCP	0xb8

static struct party judge;

static const char *begin(const char *address, const char *to)
{
	KTAP_TRY(rig_link_new());
	inner_tap_open();
	if (judge.address)
		party_close(&judge);
	party_open(&judge, address, to, false);
	KTAP_TRY(party_add(&judge, true, 0));
	return party_establish(&judge);
}

static uint8_t tos_of(const uint8_t *packet)
{
	if (packet[0] >> 4 == 4)
		return packet[1];
	return (uint8_t)(packet[0] << 4 | packet[1] >> 4);
}

/* The outer header has the inner one's ECN, and DSCP 0. */
static const char *transmit(int family, uint8_t ecn)
{
	struct inner inner = {
		.src = family == 4 ? RIG_IN_MODULE : RIG_IN_MODULE6,
		.dst = family == 4 ? RIG_IN_JUDGE : RIG_IN_JUDGE6,
		.len = 100, .tos = INNER_DSCP | ecn,
	};
	uint8_t packet[100];

	inner_tap_send(packet, inner_make(packet, &inner));
	KTAP_TRY(party_expect_inner(&judge, packet, sizeof(packet)));
	if (judge.meta.tos >> 2)
		return ktap_why("DSCP and ECN outside are 0x%02x", judge.meta.tos);
	/* RFC 3168 wants ECT(0) for CE, RFC 6040 wants CE: both are well. */
	if (judge.meta.tos != ecn && !(ecn == CE && judge.meta.tos == ECT0))
		return ktap_why("ECN inside is %u, outside 0x%02x", ecn, judge.meta.tos);
	return NULL;
}

static const char *transmit_all(void)
{
	uint8_t ecn;

	for (ecn = NOT_ECT; ecn <= CE; ecn++) {
		KTAP_TRY(transmit(4, ecn));
		KTAP_TRY(transmit(6, ecn));
	}
	return NULL;
}

/* RFC 6040, figure 4; where it says drop, not to mark is well too. */
static const uint8_t decapsulated[4][4] = {
	[NOT_ECT] = { NOT_ECT, NOT_ECT, NOT_ECT, NOT_ECT },
	[ECT0] = { [NOT_ECT] = ECT0, [ECT0] = ECT0, [ECT1] = ECT1, [CE] = CE },
	[ECT1] = { [NOT_ECT] = ECT1, [ECT0] = ECT1, [ECT1] = ECT1, [CE] = CE },
	[CE] = { CE, CE, CE, CE },
};

/* What is delivered of a packet with ECN @in that came with ECN @out. */
static const char *receive(int family, uint8_t in, uint8_t out)
{
	bool may_drop = in == NOT_ECT && out == CE;
	struct inner inner = {
		.src = family == 4 ? RIG_IN_JUDGE : RIG_IN_JUDGE6,
		.dst = family == 4 ? RIG_IN_MODULE : RIG_IN_MODULE6,
		.len = 100, .tos = INNER_DSCP | in,
	};
	uint8_t packet[100], got[INNER_MAX], msg[256];
	size_t len = noise_seal(&judge.session, msg, packet, inner_make(packet, &inner));

	outer_send(judge.sock, judge.to, RIG_PORT, msg, len, 0x20 | out);
	if (inner_tap_receive(got, may_drop ? 300 : PARTY_PATIENCE) < 0)
		return may_drop ? NULL : "packet was not delivered";
	inner.tos = INNER_DSCP | decapsulated[in][out];
	if (tos_of(got) != inner.tos)
		return ktap_why("ECN inside %u, outside %u, delivered 0x%02x", in, out,
				tos_of(got));
	if (family == 4 && !inner_checksum_right(got))
		return "header checksum is wrong after the change of ECN";
	inner_make(packet, &inner);
	return memcmp(packet, got, sizeof(packet)) ? "more than ECN was changed" : NULL;
}

static const char *receive_all(void)
{
	uint8_t in, out;

	for (in = NOT_ECT; in <= CE; in++) {
		for (out = NOT_ECT; out <= CE; out++) {
			KTAP_TRY(receive(4, in, out));
			KTAP_TRY(receive(6, in, out));
		}
	}
	return NULL;
}

static const char *test_transmit(void)
{
	KTAP_TRY(begin(RIG_JUDGE, RIG_MODULE));
	return transmit_all();
}

static const char *test_transmit6(void)
{
	KTAP_TRY(begin(RIG_JUDGE6, RIG_MODULE6));
	return transmit_all();
}

static const char *test_receive(void)
{
	KTAP_TRY(begin(RIG_JUDGE, RIG_MODULE));
	return receive_all();
}

static const char *test_receive6(void)
{
	KTAP_TRY(begin(RIG_JUDGE6, RIG_MODULE6));
	return receive_all();
}

/* party_await_initiation() and party_initiate() judge this each time. */
static const char *test_handshake(void)
{
	uint8_t packet[INNER_MIN6];
	struct noise_initiation msg;
	size_t len = party_outbound(packet, 6, 0, 1);

	KTAP_TRY(begin(RIG_JUDGE6, RIG_MODULE6));
	KTAP_TRY(party_begin(&judge, true, false));
	KTAP_TRY(party_provoke(&judge, packet, len));
	/* What the initiator marked is not copied to the response. */
	outer_sleep(30);
	judge.hs.index = 0;
	noise_initiate(&judge.hs, &msg);
	outer_send(judge.sock, judge.to, RIG_PORT, &msg, sizeof(msg), CE);
	KTAP_TRY(party_await(&judge, NOISE_RESPONSE, PARTY_PATIENCE));
	return judge.meta.tos == PARTY_HANDSHAKE_TOS ? NULL : "response has another DSCP or ECN";
}

static const char *test_keepalive(void)
{
	KTAP_TRY(party_begin_persistent(&judge, 60));
	return judge.meta.tos ? ktap_why("keepalive has 0x%02x", judge.meta.tos) : NULL;
}

static const struct ktap_case cases[] = {
	{ "outer ECN is the inner one, DSCP 0, over IPv4", test_transmit },
	{ "outer ECN is the inner one, DSCP 0, over IPv6", test_transmit6 },
	{ "congestion outside is told inside, over IPv4", test_receive },
	{ "congestion outside is told inside, over IPv6", test_receive6 },
	{ "handshake messages have AF41", test_handshake },
	{ "keepalives have DSCP 0", test_keepalive },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
