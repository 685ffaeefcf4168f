// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes in both roles and the data after them, each byte judged by a
 * WireGuard of the tests' own: see noise.h.
 */
#include <string.h>

#include "ktap.h"
#include "party.h"

static struct party judge;

static uint64_t counter_of(const struct party *party)
{
	return noise_get64(((const struct noise_data *)party->msg)->counter);
}

static const char *module_initiates(int family, bool with_psk)
{
	uint8_t packet[INNER_MIN6];
	size_t len = party_outbound(packet, family, 0, 1);

	KTAP_TRY(party_begin(&judge, true, with_psk));
	KTAP_TRY(party_provoke(&judge, packet, len));
	if (counter_of(&judge))
		return "first data message has not counter 0";
	if (strcmp(judge.meta.from, RIG_MODULE " 51820"))
		return ktap_why("messages come from %s", judge.meta.from);
	KTAP_TRY(party_echo(&judge, 4));
	KTAP_TRY(party_echo(&judge, 6));
	return counter_of(&judge) == 2 ? NULL : "counters do not follow each other";
}

static const char *test_module_initiates(void)
{
	return module_initiates(4, false);
}

static const char *test_module_initiates_psk(void)
{
	return module_initiates(6, true);
}

static const char *judge_initiates(bool with_psk)
{
	KTAP_TRY(party_begin(&judge, false, with_psk));
	KTAP_TRY(party_initiate(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	if (counter_of(&judge))
		return "first data message has not counter 0";
	KTAP_TRY(party_echo(&judge, 6));
	return counter_of(&judge) == 1 ? NULL : "counters do not follow each other";
}

static const char *test_judge_initiates(void)
{
	return judge_initiates(false);
}

static const char *test_judge_initiates_psk(void)
{
	return judge_initiates(true);
}

static const char *test_outer_ipv6(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 1);

	KTAP_TRY(rig_link_new());
	inner_tap_open();
	party_close(&judge);
	party_open(&judge, RIG_JUDGE6, RIG_MODULE6, true);
	KTAP_TRY(party_add(&judge, true, 0));
	KTAP_TRY(party_provoke(&judge, packet, len));
	KTAP_TRY(party_echo(&judge, 6));
	KTAP_TRY(party_establish(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	return strcmp(judge.meta.from, RIG_MODULE6 " 51820") ? judge.meta.from : NULL;
}

/* A wrong pre-shared key shows itself in the response only. */
static const char *test_wrong_psk(void)
{
	uint8_t packet[INNER_MIN4];

	KTAP_TRY(party_begin(&judge, true, true));
	judge.hs.psk[7] ^= 1;
	inner_tap_send(packet, party_outbound(packet, 4, 0, 1));
	KTAP_TRY(party_await_initiation(&judge, PARTY_PATIENCE));
	party_respond(&judge);
	KTAP_TRY(party_quiet(&judge, 300));
	party_send_initiation(&judge);
	KTAP_TRY(party_await(&judge, NOISE_RESPONSE, PARTY_PATIENCE));
	if (!noise_conclude(&judge.hs, judge.msg, judge.len, &judge.session))
		return "response is right in spite of another psk";
	return NULL;
}

static const char *test_keepalive_concludes(void)
{
	KTAP_TRY(party_begin_persistent(&judge, 60));
	if (judge.len != NOISE_DATA_LEN(0))
		return ktap_why("keepalive has %zu bytes, not 32", judge.len);
	return counter_of(&judge) ? "keepalive has not counter 0" : NULL;
}

/* The responder must not send before it knows that the initiator has the keys. */
static const char *test_responder_waits(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 9);

	KTAP_TRY(party_begin(&judge, true, false));
	KTAP_TRY(party_initiate(&judge));
	inner_tap_send(packet, len);
	while (!party_next(&judge, 300))
		if (judge.msg[0] == NOISE_DATA)
			return "data came before the first data message of the initiator";
	party_send_keepalive(&judge);
	return party_expect_inner(&judge, packet, len);
}

/* Until the new session is confirmed, the module sends under the old one. */
static const char *test_old_session_until_confirmed(void)
{
	struct noise_session old, new;
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 10);

	KTAP_TRY(party_begin(&judge, false, false));
	KTAP_TRY(party_establish(&judge));
	KTAP_TRY(party_echo(&judge, 4));
	old = judge.session;
	KTAP_TRY(party_initiate(&judge));
	new = judge.session;

	judge.session = old;
	inner_tap_send(packet, len);
	KTAP_TRY(party_expect_inner(&judge, packet, len));
	judge.session = new;
	party_send_keepalive(&judge);
	outer_sleep(50);
	inner_tap_send(packet, len);
	return party_expect_inner(&judge, packet, len);
}

static const char *test_old_session_received(void)
{
	struct noise_session first, second;
	uint8_t packet[INNER_MIN4], late[INNER_MIN4];
	size_t len = party_inbound(packet, 4, 0, 11);

	party_inbound(late, 4, 0, 12);
	KTAP_TRY(party_begin(&judge, false, false));
	KTAP_TRY(party_establish(&judge));
	first = judge.session;
	KTAP_TRY(party_establish(&judge));
	second = judge.session;
	judge.session = first;
	party_send_inner(&judge, packet, len);
	KTAP_TRY(party_expect_delivered(packet, len));
	first = judge.session;

	judge.session = second;
	KTAP_TRY(party_establish(&judge));
	second = judge.session;
	judge.session = first;
	party_send_inner(&judge, late, len);
	judge.session = second;
	party_send_inner(&judge, packet, len);
	if (party_expect_delivered(packet, len))
		return "session before the previous one is still accepted";
	return NULL;
}

/* Sessions that we began take the place of one that the module began. */
static const char *test_roles_change(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, 1);
	uint32_t index[6];
	int i, j;

	KTAP_TRY(party_begin(&judge, true, true));
	for (i = 0; i < 6; i++) {
		KTAP_TRY(i ? party_establish(&judge) : party_provoke(&judge, packet, len));
		KTAP_TRY(party_echo(&judge, 4));
		index[i] = judge.session.remote_index;
		for (j = 0; j < i; j++)
			if (index[i] == index[j])
				return "index was used twice";
	}
	return NULL;
}

static const char *test_sizes(void)
{
	static const size_t from[] = { INNER_MIN6, 1200, RIG_MTU - 20 };
	uint8_t packet[RIG_MTU];
	size_t i, len;

	KTAP_TRY(party_begin(&judge, false, false));
	KTAP_TRY(party_establish(&judge));
	for (i = 0; i < KTAP_COUNT(from); i++) {
		for (len = from[i]; len <= from[i] + 20; len++) {
			int family = len % 2 ? 4 : 6;

			party_outbound(packet, family, len, (uint16_t)len);
			inner_tap_send(packet, len);
			KTAP_TRY(party_expect_inner(&judge, packet, len));
			party_inbound(packet, family, len, (uint16_t)len);
			party_send_inner(&judge, packet, len);
			KTAP_TRY(party_expect_delivered(packet, len));
		}
	}
	return NULL;
}

/* The length of the inner packet counts, not that of its padding. */
static const char *test_any_padding(void)
{
	uint8_t packet[INNER_MIN4], plain[512] = { 0 }, msg[NOISE_DATA_LEN(512)];
	size_t len = party_inbound(packet, 4, 0, 13);
	static const size_t padded[] = { INNER_MIN4, INNER_MIN4 + 1, 32, 47, 512 };
	size_t i;

	KTAP_TRY(party_begin(&judge, false, false));
	KTAP_TRY(party_establish(&judge));
	memcpy(plain, packet, len);
	for (i = 0; i < KTAP_COUNT(padded); i++) {
		party_send(&judge, msg, noise_seal_raw(&judge.session, judge.session.next++, msg,
						       plain, padded[i]));
		KTAP_TRY(party_expect_delivered(packet, len));
	}
	return NULL;
}

static const struct ktap_case cases[] = {
	{ "module initiates", test_module_initiates },
	{ "module initiates, with psk", test_module_initiates_psk },
	{ "module responds", test_judge_initiates },
	{ "module responds, with psk", test_judge_initiates_psk },
	{ "both roles over IPv6", test_outer_ipv6 },
	{ "wrong psk makes no session", test_wrong_psk },
	{ "keepalive concludes a handshake with nothing to send", test_keepalive_concludes },
	{ "responder waits for the first data message", test_responder_waits },
	{ "old session is used until the new one is confirmed", test_old_session_until_confirmed },
	{ "previous session is received, the one before is not", test_old_session_received },
	{ "roles change, indices are fresh", test_roles_change },
	{ "padding and content of all sizes", test_sizes },
	{ "any padding is received", test_any_padding },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
