// SPDX-License-Identifier: GPL-2.0
/*
 * Events: each by its cause, with what it is about; none by what a stranger
 * sends; a limited rate; each namespace its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events_lib.h"
#include "ktap.h"
#include "socket_pair.h"

#define PATIENCE 8000		/* a first handshake on an emulated CPU */
#define SCALE "60"

static struct pair pair;
static struct nl ear[2], home;

static bool set_scale(const char *scale)
{
	int fd = open("/sys/module/mpcnet/parameters/time_scale",
		      O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, scale, strlen(scale)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool begin(void)
{
	int side;

	if (!pair_open(&pair) || !events_open(&home))
		return false;
	for (side = A; side <= B; side++) {
		ns_enter(pair.ns[side]);
		if (!events_open(&ear[side]))
			return false;
	}
	ns_enter(pair.home);
	return true;
}

static void end(void)
{
	nl_close(&home);
	nl_close(&ear[A]);
	nl_close(&ear[B]);
	pair_close(&pair);
}

static const char *connect_both(void)
{
	const char *why = pair_endpoint(&pair, A, "127.0.0.1", PAIR_PORT_B);

	if (!why && !pair_talk(&pair, A, PATIENCE))
		why = "no handshake";
	return why;
}

/* What every event of a peer must say. Frees @text. */
static const char *judge(char *text, enum pair_side side, const char *endpoint)
{
	const char *value, *why = NULL;
	const char *key = hex(pair.pub[!side]);

	if (!text)
		return "no event";
	value = text_get(text, "dev ifname");
	if (!value || strcmp(value, pair.name[side]))
		why = "wrong interface name";
	value = text_get(text, "dev ifindex");
	if (!value || strtoll(value, NULL, 10) !=
		      pair_dev(&pair, side, "ifindex"))
		why = "wrong interface index";
	if (!text_get(text, "peer %s", key))
		why = "wrong peer";
	value = text_get(text, "peer %s endpoint", key);
	if (!value || strcmp(value, endpoint))
		why = ktap_why("endpoint '%s'", value ? value : "none");
	if (strstr(text, "private-key") || strstr(text, "preshared-key"))
		why = "a key is told";
	free(text);
	return why;
}

static const char *test_handshake(void)
{
	const char *why;

	if (!begin())
		return "no interfaces";
	why = connect_both();
	if (!why)
		why = judge(events_await(&ear[A], MPCNET_EVENT_HANDSHAKE, 2000),
			    A, "127.0.0.1:4002");
	if (!why)
		why = judge(events_await(&ear[B], MPCNET_EVENT_HANDSHAKE, 2000),
			    B, "127.0.0.1:4001");
	end();
	return why;
}

/* B moves to another port; A hears of it. */
static const char *test_endpoint(void)
{
	const char *why;
	struct set *s;

	if (!begin())
		return "no interfaces";
	why = connect_both();
	events_drain(&ear[A]);
	s = pair_set(&pair, B);
	mnl_attr_put_u16(s->nlh, MPCNET_DEVICE_A_LISTEN_PORT, 4003);
	if (!why && set_send(s))
		why = s->nl->why;
	if (!why && !pair_talk(&pair, B, PATIENCE))
		why = "no packet from the new port";
	if (!why)
		why = judge(events_await(&ear[A], MPCNET_EVENT_ENDPOINT, 2000),
			    A, "127.0.0.1:4003");
	end();
	return why;
}

/* What netlink sets is no event: the one who set it knows. */
static const char *test_not_by_set(void)
{
	const char *why;
	char *text;

	if (!begin())
		return "no interfaces";
	why = connect_both();
	usleep(100000);
	events_drain(&ear[A]);
	if (!why)
		why = pair_endpoint(&pair, A, "127.0.0.1", 4999);
	text = events_await(&ear[A], MPCNET_EVENT_ENDPOINT, 300);
	if (!why && text)
		why = "an endpoint set by netlink is told";
	free(text);
	end();
	return why;
}

static const char *test_unreachable(void)
{
	const char *why = NULL;
	int nobody;

	if (!set_scale(SCALE))
		return "SKIP no time_scale in a release build";
	if (!begin())
		return "no interfaces";
	nobody = udp_socket("127.0.0.1", 4777);
	why = pair_endpoint(&pair, A, "127.0.0.1", 4777);
	pair_talk(&pair, A, 1);
	if (!why)
		why = judge(events_await(&ear[A], MPCNET_EVENT_UNREACHABLE,
					 15000), A, "127.0.0.1:4777");
	if (!why && pair_peer(&pair, A, "state") !=
		    MPCNET_PEER_STATE_UNREACHABLE)
		why = "the state is not unreachable";
	close(nobody);
	end();
	set_scale("1");
	return why;
}

static const char *test_expired(void)
{
	const char *why;

	if (!set_scale(SCALE))
		return "SKIP no time_scale in a release build";
	if (!begin())
		return "no interfaces";
	why = connect_both();
	if (!why)
		why = judge(events_await(&ear[A], MPCNET_EVENT_EXPIRED, 25000),
			    A, "127.0.0.1:4002");
	if (!why && pair_peer(&pair, A, "state") != MPCNET_PEER_STATE_IDLE)
		why = "the state is not idle";
	end();
	set_scale("1");
	return why;
}

static const char *test_deadline(void)
{
	const char *why = NULL;
	struct set *s;
	char *text;

	if (!begin())
		return "no interfaces";
	s = pair_set(&pair, A);
	mnl_attr_put_u64(s->nlh, MPCNET_DEVICE_A_EXPIRES,
			 (now_ms() + 300) * 1000000);
	if (set_send(s))
		why = s->nl->why;
	text = why ? NULL : events_await(&ear[A], MPCNET_EVENT_DEADLINE, 3000);
	if (!why && !text)
		why = "no event";
	else if (!why && !text_get(text, "dev ifname"))
		why = "no interface name";
	else if (!why && strstr(text, "peer "))
		why = "it names a peer";
	free(text);
	end();
	return why;
}

/* Whatever a stranger sends, replays of true messages included. */
static const char *test_strangers(void)
{
	static const size_t lens[] = { 148, 92, 64, 32, 96, 1000 };
	static const uint8_t types[] = { 1, 2, 3, 4, 4, 4 };
	int tap = udp_socket("127.0.0.1", 0), fd = udp_socket("127.0.0.1", 0);
	uint8_t data[2048], kept[256];
	const char *why;
	unsigned int i, j;
	int len;

	if (!begin())
		return "no interfaces";
	/* An initiation of B for A, which reaches A by us, and late. */
	why = pair_endpoint(&pair, B, "127.0.0.1", udp_port(tap));
	pair_talk(&pair, B, 1);
	len = udp_receive(tap, kept, sizeof(kept), 3000, NULL);
	if (!why && len != 148)
		why = "no initiation to replay";
	/* It is true as long as it is new: let A have it once. */
	udp_send(fd, "127.0.0.1", PAIR_PORT_A, kept, 148);
	if (!why && !wait_for(events_drain(&ear[A]) > 0, 5000))
		why = "a true initiation is not taken";
	if (!why)
		why = connect_both();
	usleep(200000);
	events_drain(&ear[A]);
	for (i = 0; i < 300; i++) {
		for (j = 0; j < lens[i % 6]; j++)
			data[j] = random();
		memset(data, 0, 4);
		data[0] = types[i % 6];
		udp_send(fd, "127.0.0.1", PAIR_PORT_A, data, lens[i % 6]);
		udp_send(fd, "127.0.0.1", PAIR_PORT_A, kept, 148);
		kept[20 + i % 100] ^= i % 7;
	}
	usleep(300000);
	if (!why && events_drain(&ear[A]))
		why = "strangers caused an event";
	close(tap);
	close(fd);
	end();
	return why;
}

/* Every data message of B comes from another port than the one before. */
static const char *test_rate(void)
{
	int tap = udp_socket("127.0.0.1", 0), mouth[2], heard, i, sent = 0;
	uint64_t start;
	const char *why;

	mouth[0] = udp_socket("127.0.0.1", 0);
	mouth[1] = udp_socket("127.0.0.1", 0);
	if (!begin())
		return "no interfaces";
	why = connect_both();
	if (!why)
		why = pair_endpoint(&pair, B, "127.0.0.1", udp_port(tap));
	events_drain(&ear[A]);
	start = now_ms();
	for (i = 0; i < 4000; i++) {
		uint8_t data[2048];
		int len;

		udp_send(pair.in[B], "10.9.0.1", 9, &i, sizeof(i));
		len = udp_receive(tap, data, sizeof(data), 20, NULL);
		if (len < 32)
			continue;
		udp_send(mouth[i & 1], "127.0.0.1", PAIR_PORT_A, data, len);
		sent++;
		/* Roaming at B's side must not take the tap out of the way. */
	}
	usleep(100000);
	heard = events_drain(&ear[A]);
	ktap_diag("%d moves in %d ms, %d told", sent, (int)(now_ms() - start),
		  heard);
	if (!why && sent < 2000)
		why = "too few packets to judge";
	else if (!why && heard <= 0)
		why = "none told, or more than the listener could take";
	else if (!why && heard > 1000 * (int)((now_ms() - start) / 1000 + 2))
		why = "more than 1000 a second";
	for (i = 0; i < 2; i++)
		close(mouth[i]);
	close(tap);
	end();
	return why;
}

static const char *test_namespaces(void)
{
	const char *why;
	char *text;

	if (!begin())
		return "no interfaces";
	why = connect_both();
	usleep(100000);
	text = events_next(&home, 0);
	if (!why && text)
		why = "told in the namespace of the socket";
	free(text);
	while (!why && (text = events_next(&ear[B], 0))) {
		if (strcmp(text_get(text, "dev ifname"), pair.name[B]))
			why = "told in another's namespace";
		free(text);
	}
	end();
	return why;
}

static const struct ktap_case cases[] = {
	{ "handshake, at both sides", test_handshake },
	{ "endpoint moved", test_endpoint },
	{ "endpoint set by netlink is none", test_not_by_set },
	{ "unreachable", test_unreachable },
	{ "expired", test_expired },
	{ "deadline", test_deadline },
	{ "strangers cause none", test_strangers },
	{ "the rate is limited", test_rate },
	{ "namespaces hear their own", test_namespaces },
};

int main(void)
{
	ns_private();
	if (!kind_is_own())
		ktap_skip_all("only mpcnet has events");
	if (!begin())
		ktap_skip_all("no mpcnet on this machine");
	end();
	return ktap_run(cases, KTAP_COUNT(cases));
}
