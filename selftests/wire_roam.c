// SPDX-License-Identifier: GPL-2.0
/*
 * The peer's endpoint moves to where an authentic message came from, and only
 * then; messages leave from the address that the peer writes to.
 */
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "party.h"

static struct party judge;
static uint16_t seq;

static const char *begin(bool with_endpoint)
{
	KTAP_TRY(party_begin(&judge, with_endpoint, false));
	KTAP_TRY(party_establish(&judge));
	return party_echo(&judge, 4);
}

/* The module sends to where the judge's socket is now. */
static const char *reached(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, ++seq);

	inner_tap_send(packet, len);
	return party_expect_inner(&judge, packet, len);
}

static const char *test_data_moves(void)
{
	static const char *const addresses[] = { RIG_JUDGE2, RIG_JUDGE, RIG_JUDGE, RIG_JUDGE6 };
	size_t i;

	KTAP_TRY(begin(true));
	for (i = 0; i < KTAP_COUNT(addresses); i++) {
		party_move(&judge, addresses[i]);
		judge.to = strchr(addresses[i], ':') ? RIG_MODULE6 : RIG_MODULE;
		party_send_keepalive(&judge);
		outer_sleep(50);
		KTAP_TRY(reached());
	}
	return NULL;
}

static const char *test_initiation_moves(void)
{
	KTAP_TRY(begin(true));
	party_move(&judge, RIG_JUDGE2);
	KTAP_TRY(party_initiate(&judge));
	party_send_keepalive(&judge);
	outer_sleep(50);
	return reached();
}

static const char *test_response_moves(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_outbound(packet, 4, 0, ++seq);

	KTAP_TRY(party_begin(&judge, true, false));
	inner_tap_send(packet, len);
	KTAP_TRY(party_await_initiation(&judge, PARTY_PATIENCE));
	party_move(&judge, RIG_JUDGE2);
	party_respond(&judge);
	return party_expect_inner(&judge, packet, len);
}

/* From another socket: all that is not authentic, and a replay of what is. */
static const char *test_forged(void)
{
	uint8_t packet[INNER_MIN4], msg[128], forged[128];
	struct noise_initiation initiation;
	int thief = outer_socket(RIG_JUDGE2, 41000);
	size_t len = party_inbound(packet, 4, 0, ++seq);

	KTAP_TRY(begin(true));
	len = noise_seal(&judge.session, msg, packet, len);
	party_send(&judge, msg, len);
	KTAP_TRY(party_expect_delivered(packet, sizeof(packet)));
	outer_send(thief, RIG_MODULE, RIG_PORT, msg, len, 0);

	len = noise_seal(&judge.session, forged, packet, sizeof(packet));
	forged[20] ^= 1;
	outer_send(thief, RIG_MODULE, RIG_PORT, forged, len, 0);

	outer_sleep(30);
	judge.hs.index = 0;
	noise_initiate(&judge.hs, &initiation);
	initiation.timestamp[3] ^= 1;
	noise_mac(&judge.hs, &initiation, sizeof(initiation));
	outer_send(thief, RIG_MODULE, RIG_PORT, &initiation, sizeof(initiation), 0);
	outer_sleep(100);
	KTAP_TRY(reached());
	outer_sleep(30);
	return outer_receive(thief, msg, 50, NULL) < 0 ? NULL : "something was sent to the thief";
}

static const char *test_pinned(void)
{
	uint8_t packet[INNER_MIN4];
	size_t len = party_inbound(packet, 4, 0, ++seq);
	int home, away = outer_socket(RIG_JUDGE2, 41001);

	if (rig_is_control())
		return "SKIP only mpcnet can pin an endpoint";
	KTAP_TRY(begin(true));
	if (!rig_run("mpcnetctl peer set " RIG_LINK " %s roam off",
		     rig_key_text(judge.hs.self.public)))
		return "roaming cannot be turned off";
	home = judge.sock;
	judge.sock = away;
	party_send_inner(&judge, packet, len);
	KTAP_TRY(party_expect_delivered(packet, len));
	judge.sock = home;
	KTAP_TRY(reached());
	judge.sock = away;
	party_send_initiation(&judge);
	judge.sock = home;
	outer_sleep(50);
	KTAP_TRY(reached());
	close(away);
	return NULL;
}

static const char *from_is(const char *address)
{
	size_t len = strlen(address);

	if (strncmp(judge.meta.from, address, len) || judge.meta.from[len] != ' ')
		return ktap_why("message came from %s, not %s", judge.meta.from, address);
	return NULL;
}

static const char *test_sticky_source(void)
{
	static const char *const addresses[] = { RIG_MODULE2, RIG_MODULE, RIG_MODULE2 };
	size_t i;

	KTAP_TRY(begin(false));
	for (i = 0; i < KTAP_COUNT(addresses); i++) {
		judge.to = addresses[i];
		KTAP_TRY(party_initiate(&judge));
		KTAP_TRY(from_is(addresses[i]));
		KTAP_TRY(party_echo(&judge, 4));
		KTAP_TRY(from_is(addresses[i]));
		KTAP_TRY(reached());
		KTAP_TRY(from_is(addresses[i]));
	}
	/* Data moves it too, without a handshake. */
	judge.to = RIG_MODULE;
	KTAP_TRY(party_echo(&judge, 4));
	return from_is(RIG_MODULE);
}

/* Of two addresses of one network, the kernel alone would always take the same. */
static const char *test_sticky_source6(void)
{
	static const char *const addresses[] = { "2001:db8::22", RIG_MODULE6 };
	size_t i;

	if (!rig_run("ip addr add %s/64 dev mv nodad", addresses[0]))
		return "second IPv6 address cannot be added";
	KTAP_TRY(begin(false));
	party_move(&judge, RIG_JUDGE6);
	for (i = 0; i < KTAP_COUNT(addresses); i++) {
		judge.to = addresses[i];
		KTAP_TRY(party_initiate(&judge));
		KTAP_TRY(from_is(addresses[i]));
		KTAP_TRY(party_echo(&judge, 6));
		KTAP_TRY(from_is(addresses[i]));
		KTAP_TRY(reached());
		KTAP_TRY(from_is(addresses[i]));
	}
	return NULL;
}

/* When the address goes away the module finds another. */
static const char *test_source_lost(void)
{
	if (!rig_run("ip addr add 192.0.2.44/24 dev mv"))
		return "address cannot be added";
	KTAP_TRY(begin(false));
	judge.to = "192.0.2.44";
	KTAP_TRY(party_echo(&judge, 4));
	KTAP_TRY(from_is("192.0.2.44"));
	if (!rig_run("ip addr del 192.0.2.44/24 dev mv"))
		return "address cannot be removed";
	KTAP_TRY(reached());
	return from_is(RIG_MODULE);
}

static const struct ktap_case cases[] = {
	{ "endpoint moves with data, to another address, port and family", test_data_moves },
	{ "endpoint moves with an initiation", test_initiation_moves },
	{ "endpoint moves with a response", test_response_moves },
	{ "endpoint does not move with replays and forgeries", test_forged },
	{ "endpoint that is pinned does not move", test_pinned },
	{ "source is the address that was written to", test_sticky_source },
	{ "source is the address that was written to, IPv6", test_sticky_source6 },
	{ "source that is gone is replaced", test_source_lost },
};

int main(void)
{
	rig_open();
	return ktap_run(cases, KTAP_COUNT(cases));
}
