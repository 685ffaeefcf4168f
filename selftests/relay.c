// SPDX-License-Identifier: GPL-2.0
/*
 * Peers behind a TURN channel: the framing, byte by byte, what of it is the
 * module's and what its owner's, and moves between relay and direct path.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ktap.h"
#include "relay_fake.h"
#include "socket_pair.h"

#define PATIENCE 8000		/* a first handshake on an emulated CPU */
#define CHANNEL 0x4abc

static struct pair pair;

static const char *set_relay(enum pair_side side, const char *ip,
			     uint16_t port, uint16_t channel)
{
	struct set *s = pair_set_peer(&pair, side);

	set_addr(s, MPCNET_PEER_A_RELAY, ip, port);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, channel);
	return set_send(s) ? ktap_why("relay refused: %s", s->nl->why) : NULL;
}

static const char *talk_both(void)
{
	if (!pair_talk(&pair, A, PATIENCE))
		return "nothing gets from A to B";
	return pair_talk(&pair, B, PATIENCE) ? NULL :
		"nothing gets from B to A";
}

static const char *judge(struct relay *relay)
{
	if (relay->bad)
		return ktap_why("%u bad headers, %s", relay->bad, relay->why);
	if (!relay->up || !relay->down)
		return "the relay was passed by";
	return NULL;
}

static const char *shown(enum pair_side side, struct relay *relay)
{
	char text[128], want[128];

	if (pair_peer(&pair, side, "relayed") != 1)
		return "not shown as relayed";
	if (pair_peer(&pair, side, "relay-channel") != relay->channel)
		return "relay-channel is not shown";
	pair_peer_text(&pair, side, "relay", text, sizeof(text));
	snprintf(want, sizeof(want), strchr(relay->ip, ':') ? "[%s]:%u" :
		 "%s:%u", relay->ip, udp_port(relay->client));
	return strcmp(text, want) ? ktap_why("relay is shown as '%s'", text) :
	       NULL;
}

/* A speaks through the relay, B sees the relay's relayed address. */
static const char *one_sided(const char *ip, uint16_t channel)
{
	struct relay relay;
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	if (!relay_open(&relay, ip, channel, PAIR_PORT_A, PAIR_PORT_B))
		return "no relay";
	why = set_relay(A, ip, udp_port(relay.client), channel);
	if (!why)
		why = talk_both();
	if (!why)
		why = judge(&relay);
	if (!why)
		why = shown(A, &relay);
	if (!why && pair_peer(&pair, B, "relayed") == 1)
		why = "B is shown as relayed";
	relay_close(&relay);
	pair_close(&pair);
	return why;
}

static const char *test_one_sided(void)
{
	return one_sided("127.0.0.1", CHANNEL);
}

static const char *test_ipv6(void)
{
	return one_sided("::1", CHANNEL);
}

static const char *test_edges(void)
{
	const char *why = one_sided("127.0.0.1", MPCNET_CHANNEL_MIN);

	return why ? why : one_sided("127.0.0.1", MPCNET_CHANNEL_MAX);
}

/* Each side has an allocation of its own, and its peer is the other's. */
static const char *test_both_sides(void)
{
	struct relay a, b;
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&a, "127.0.0.1", 0x4001, PAIR_PORT_A, 0);
	relay_open(&b, "127.0.0.1", 0x4002, PAIR_PORT_B, 0);
	a.peer_port = udp_port(b.relayed);
	b.peer_port = udp_port(a.relayed);
	why = set_relay(A, "127.0.0.1", udp_port(a.client), 0x4001);
	if (!why)
		why = set_relay(B, "127.0.0.1", udp_port(b.client), 0x4002);
	if (!why)
		why = talk_both();
	if (!why)
		why = judge(&a);
	if (!why)
		why = judge(&b);
	if (!why)
		why = shown(A, &a);
	if (!why)
		why = shown(B, &b);
	relay_close(&a);
	relay_close(&b);
	pair_close(&pair);
	return why;
}

/* All sizes, and TCP-like bursts, arrive and are framed right. */
static const char *test_sizes(void)
{
	static char data[1400], got[1500];
	struct relay relay;
	const char *why;
	int len;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&relay, "127.0.0.1", CHANNEL, PAIR_PORT_A, PAIR_PORT_B);
	why = set_relay(A, "127.0.0.1", udp_port(relay.client), CHANNEL);
	if (!why)
		why = talk_both();
	for (len = 0; !why && len <= 1392; len += 29) {
		udp_send(pair.in[A], "10.9.0.2", 9, data, len);
		if (udp_receive(pair.in[B], got, sizeof(got), 2000, NULL) != len)
			why = ktap_why("%d bytes up did not arrive", len);
		udp_send(pair.in[B], "10.9.0.1", 9, data, len);
		if (udp_receive(pair.in[A], got, sizeof(got), 2000, NULL) != len)
			why = ktap_why("%d bytes down did not arrive", len);
	}
	if (!why)
		why = judge(&relay);
	relay_close(&relay);
	pair_close(&pair);
	return why;
}

/**
 * struct stranger - a datagram in the shape of ChannelData, or nearly
 * @name: what is wrong with it
 * @channel: in its header
 * @skew: added to the length in its header
 * @type: first byte of what it holds
 * @len: how much it holds
 * @elsewhere: not sent by the relay
 */
static const struct stranger {
	const char *name;
	uint16_t channel;
	int skew;
	uint8_t type;
	size_t len;
	bool elsewhere;
} strangers[] = {
	{ "wrong source", CHANNEL, 0, 4, 32, true },
	{ "wrong channel", CHANNEL + 1, 0, 4, 32, false },
	{ "channel below the range", 0x3fff, 0, 4, 32, false },
	{ "channel above the range", 0x5000, 0, 4, 32, false },
	{ "length too long", CHANNEL, 1, 4, 32, false },
	{ "length too short", CHANNEL, -1, 4, 32, false },
	{ "length of zero", CHANNEL, -32, 4, 32, false },
	{ "no message of the protocol", CHANNEL, 0, 9, 32, false },
	{ "empty", CHANNEL, 0, 0, 0, false },
	{ "initiation of a wrong length", CHANNEL, 0, 1, 147, false },
	{ "data too short", CHANNEL, 0, 4, 31, false },
};

static const char *left_to_owner(struct relay *relay, int owner,
				 const struct stranger *s)
{
	int other = udp_socket("127.0.0.1", 0);
	uint8_t data[256] = { 0 }, got[256];
	uint16_t from = 0, want;
	unsigned int length = s->len + s->skew;
	int n;

	data[0] = s->channel >> 8;
	data[1] = s->channel;
	data[2] = length >> 8;
	data[3] = length;
	data[4] = s->type;
	want = udp_port(s->elsewhere ? other : relay->client);
	if (s->elsewhere)
		udp_send(other, "127.0.0.1", udp_port(owner), data, s->len + 4);
	else
		relay_say(relay, data, s->len + 4);
	n = udp_receive(owner, got, sizeof(got), 1000, &from);
	close(other);
	if (n != (int)s->len + 4 || memcmp(got, data, n))
		return ktap_why("%s: not left to the owner", s->name);
	return from == want ? NULL : ktap_why("%s: wrong source", s->name);
}

static const char *test_strangers(void)
{
	int owner = udp_socket("127.0.0.1", 0);
	uint8_t claimed[36] = { CHANNEL >> 8, CHANNEL & 0xff, 0, 32, 4 };
	struct relay relay;
	const char *why;
	struct set *s;
	unsigned int i;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&relay, "127.0.0.1", CHANNEL, udp_port(owner), PAIR_PORT_B);
	s = pair_set(&pair, A);
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, owner);
	if (set_send(s))
		return s->nl->why;
	why = set_relay(A, "127.0.0.1", udp_port(relay.client), CHANNEL);
	if (!why)
		why = talk_both();
	for (i = 0; !why && i < KTAP_COUNT(strangers); i++)
		why = left_to_owner(&relay, owner, &strangers[i]);
	relay_say(&relay, claimed, sizeof(claimed));
	if (!why && udp_receive(owner, claimed, sizeof(claimed), 200, NULL) >= 0)
		why = "a data message of the channel reached the owner";
	if (!why && pair_peer(&pair, A, "relayed") != 1)
		why = "a stranger moved the endpoint";
	if (!why)
		why = talk_both();
	if (!why)
		why = judge(&relay);
	relay_close(&relay);
	pair_close(&pair);
	close(owner);
	return why;
}

/* Once the relay is removed its datagrams are strangers' too. */
static const char *test_removed(void)
{
	uint8_t data[36] = { CHANNEL >> 8, CHANNEL & 0xff, 0, 32, 4 };
	int owner = udp_socket("127.0.0.1", 0);
	struct relay relay;
	const char *why;
	struct set *s;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&relay, "127.0.0.1", CHANNEL, udp_port(owner), PAIR_PORT_B);
	s = pair_set(&pair, A);
	mnl_attr_put_u32(s->nlh, MPCNET_DEVICE_A_SOCKET_FD, owner);
	if (set_send(s))
		return s->nl->why;
	why = set_relay(A, "127.0.0.1", udp_port(relay.client), CHANNEL);
	if (!why)
		why = talk_both();
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u16(s->nlh, MPCNET_PEER_A_RELAY_CHANNEL, 0);
	if (!why && set_send(s))
		why = ktap_why("cannot be removed: %s", s->nl->why);
	if (!why && (pair_peer(&pair, A, "relay-channel") > 0 ||
		     pair_peer(&pair, A, "relayed") == 1))
		why = "a removed relay is shown";
	relay_say(&relay, data, sizeof(data));
	if (!why && udp_receive(owner, data, sizeof(data), 1000, NULL) != 36)
		why = "the removed channel is still claimed";
	if (!why)
		why = pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B);
	if (!why)
		why = pair_endpoint(&pair, B, "127.0.0.1", udp_port(owner));
	if (!why)
		why = talk_both();
	relay_close(&relay);
	pair_close(&pair);
	close(owner);
	return why;
}

/* Numbers sent from A to B; returns how many B has not got. */
static unsigned int lost_of(unsigned int sent, const bool *seen)
{
	unsigned int lost = 0, i;

	for (i = 0; i < sent; i++)
		lost += !seen[i];
	return lost;
}

static void drain(int fd, bool *seen, unsigned int max, int ms)
{
	unsigned int n;

	while (udp_receive(fd, &n, sizeof(n), ms, NULL) == sizeof(n))
		if (n < max)
			seen[n] = true;
}

/* Change @step of the path, of both sides. */
static const char *move(struct relay *relay, unsigned int step)
{
	const char *why;

	if (step % 2) {
		why = pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B);
		return why ? why : pair_endpoint(&pair, B, "127.0.0.1",
						 PAIR_PORT_A);
	}
	why = set_relay(A, "127.0.0.1", udp_port(relay->client), CHANNEL);
	return why ? why : pair_endpoint(&pair, B, "127.0.0.1",
					 udp_port(relay->relayed));
}

#define STREAM 2000

static const char *test_moves(void)
{
	static bool up[STREAM], down[STREAM];
	struct relay relay;
	unsigned int i;
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&relay, "127.0.0.1", CHANNEL, PAIR_PORT_A, PAIR_PORT_B);
	why = move(&relay, 0);
	if (!why)
		why = talk_both();
	for (i = 0; !why && i < STREAM; i++) {
		udp_send(pair.in[A], "10.9.0.2", 9, &i, sizeof(i));
		udp_send(pair.in[B], "10.9.0.1", 9, &i, sizeof(i));
		drain(pair.in[B], up, STREAM, 0);
		drain(pair.in[A], down, STREAM, 0);
		if (i % (STREAM / 10) == STREAM / 10 - 1)
			why = move(&relay, i / (STREAM / 10) + 1);
		usleep(500);
	}
	drain(pair.in[B], up, STREAM, 500);
	drain(pair.in[A], down, STREAM, 500);
	if (!why && (lost_of(STREAM, up) || lost_of(STREAM, down)))
		why = ktap_why("lost %u up, %u down of %u",
			       lost_of(STREAM, up), lost_of(STREAM, down),
			       STREAM);
	if (!why)
		why = judge(&relay);
	relay_close(&relay);
	pair_close(&pair);
	return why;
}

/* A direct packet moves the endpoint off the relay if it may roam. */
static const char *roam(bool on)
{
	struct relay relay;
	struct set *s;
	const char *why;

	if (!pair_open(&pair))
		return "no interfaces";
	relay_open(&relay, "127.0.0.1", CHANNEL, PAIR_PORT_A, PAIR_PORT_B);
	why = set_relay(A, "127.0.0.1", udp_port(relay.client), CHANNEL);
	s = pair_set_peer(&pair, A);
	mnl_attr_put_u8(s->nlh, MPCNET_PEER_A_ROAM, on);
	if (!why && set_send(s))
		why = s->nl->why;
	if (!why)
		why = talk_both();
	if (!why)
		why = pair_endpoint(&pair, B, "127.0.0.1", PAIR_PORT_A);
	if (!why && !pair_talk(&pair, B, PATIENCE))
		why = "a direct packet is not taken";
	if (!why && (pair_peer(&pair, A, "relayed") == 1) == on)
		why = on ? "the endpoint stayed" : "the endpoint moved";
	if (!why && pair_peer(&pair, A, "relay-channel") != CHANNEL)
		why = "the relay was forgotten";
	relay_close(&relay);
	pair_close(&pair);
	return why;
}

static const char *test_roam(void)
{
	return roam(true);
}

static const char *test_pinned(void)
{
	return roam(false);
}

static const struct ktap_case cases[] = {
	{ "one side behind a relay", test_one_sided },
	{ "relay at an IPv6 address", test_ipv6 },
	{ "lowest and highest channel", test_edges },
	{ "both sides behind relays", test_both_sides },
	{ "packets of all sizes", test_sizes },
	{ "strange ChannelData is left to the owner", test_strangers },
	{ "relay removed", test_removed },
	{ "no packet lost in ten moves", test_moves },
	{ "a direct packet moves the endpoint", test_roam },
	{ "unless roaming is off", test_pinned },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet speaks to relays");
	if (!pair_open(&pair))
		ktap_skip_all("no mpcnet on this machine");
	pair_close(&pair);
	return ktap_run(cases, KTAP_COUNT(cases));
}
