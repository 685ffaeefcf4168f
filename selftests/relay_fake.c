// SPDX-License-Identifier: GPL-2.0
/* A relay of one TURN channel. */
#include "relay_fake.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "socket_pair.h"

/* What is wrong with the header, NULL if nothing is. */
static const char *judge(struct relay *relay, const uint8_t *data, int len)
{
	unsigned int channel, length;

	if (len < 4)
		return "shorter than a header";
	channel = data[0] << 8 | data[1];
	length = data[2] << 8 | data[3];
	if (channel != relay->channel)
		return "wrong channel";
	if (length != (unsigned int)len - 4)
		return "wrong length";
	return NULL;
}

static void take_from_client(struct relay *relay)
{
	uint8_t data[65536];
	uint16_t from;
	int len = udp_receive(relay->client, data, sizeof(data), 0, &from);
	const char *why;

	if (len < 0 || from != relay->client_port)
		return;
	why = judge(relay, data, len);
	if (why) {
		snprintf(relay->why, sizeof(relay->why),
			 "%s: %d bytes, header %02x%02x %02x%02x", why, len,
			 data[0], data[1], data[2], data[3]);
		relay->bad++;
		return;
	}
	relay->up++;
	udp_send(relay->relayed, relay->ip, relay->peer_port, data + 4,
		 len - 4);
}

static void take_from_peer(struct relay *relay)
{
	uint8_t data[65536 + 4];
	uint16_t from;
	int len = udp_receive(relay->relayed, data + 4, sizeof(data) - 4, 0,
			      &from);

	if (len < 0 || from != relay->peer_port)
		return;
	data[0] = relay->channel >> 8;
	data[1] = relay->channel;
	data[2] = len >> 8;
	data[3] = len;
	relay->down++;
	relay_say(relay, data, len + 4);
}

static void *run(void *arg)
{
	struct relay *relay = arg;
	struct pollfd pfd[2] = {
		{ .fd = relay->client, .events = POLLIN },
		{ .fd = relay->relayed, .events = POLLIN },
	};

	while (!relay->stop) {
		if (poll(pfd, 2, 50) <= 0)
			continue;
		if (pfd[0].revents)
			take_from_client(relay);
		if (pfd[1].revents)
			take_from_peer(relay);
	}
	return NULL;
}

bool relay_open(struct relay *relay, const char *ip, uint16_t channel,
		uint16_t client_port, uint16_t peer_port)
{
	memset(relay, 0, sizeof(*relay));
	relay->ip = ip;
	relay->channel = channel;
	relay->client_port = client_port;
	relay->peer_port = peer_port;
	relay->client = udp_socket(ip, 0);
	relay->relayed = udp_socket(ip, 0);
	return relay->client >= 0 && relay->relayed >= 0 &&
	       !pthread_create(&relay->thread, NULL, run, relay);
}

void relay_close(struct relay *relay)
{
	relay->stop = true;
	pthread_join(relay->thread, NULL);
	close(relay->client);
	close(relay->relayed);
}

void relay_say(struct relay *relay, const void *data, size_t len)
{
	udp_send(relay->client, relay->ip, relay->client_port, data, len);
}
