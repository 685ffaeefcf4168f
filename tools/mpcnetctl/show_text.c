// SPDX-License-Identifier: GPL-2.0
#include "show.h"

#include <inttypes.h>
#include <stdio.h>

#include "key.h"

/* Spell seconds: "1d2h3m4s", without the parts that are 0. */
static void print_duration(uint64_t s)
{
	static const struct {
		unsigned int seconds;
		char unit;
	} parts[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	if (!s)
		printf("0s");
	for (size_t i = 0; i < 4; i++) {
		if (s / parts[i].seconds)
			printf("%" PRIu64 "%c", s / parts[i].seconds, parts[i].unit);
		s %= parts[i].seconds;
	}
}

static void print_bytes(uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double value = (double)bytes;
	int unit = -1;

	while (value >= 1024 && unit < 5) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		printf("%" PRIu64 " B", bytes);
	else
		printf("%.2f %ciB", value, units[unit]);
}

/* A line of the counters that are not 0, or nothing. */
static void print_counters(const char *indent, const char *title, const char *const *names,
			   const uint64_t *counters, size_t last)
{
	bool any = false;

	for (size_t i = 0; i <= last; i++) {
		if (!names[i] || !counters[i])
			continue;
		if (!any)
			printf("%s%s", indent, title);
		printf(" %s %" PRIu64, names[i], counters[i]);
		any = true;
	}
	if (any)
		putchar('\n');
}

static void print_allowedips(const struct mpcnet_peer *peer, const char *indent)
{
	char text[MPCNET_ALLOWEDIP_TEXT];

	printf("%s    allowed-ips ", indent);
	for (size_t i = 0; i < peer->ip_count; i++) {
		mpcnet_allowedip_format(text, &peer->ips[i]);
		printf("%s%s", i ? "," : "", text);
	}
	puts(peer->ip_count ? "" : "none");
}

static void print_endpoint(const struct mpcnet_peer *peer, const char *indent)
{
	char text[MPCNET_ENDPOINT_TEXT];

	printf("%s    endpoint ", indent);
	mpcnet_endpoint_format(text, &peer->endpoint);
	printf("%s", *text ? text : "none");
	if (peer->has & MPCNET_PEER_HAS_RELAY) {
		mpcnet_endpoint_format(text, &peer->relay);
		printf(" relay %s channel 0x%x%s", text, peer->channel,
		       peer->relayed ? " in use" : "");
	}
	if ((peer->has & MPCNET_PEER_HAS_ROAM) && !peer->roam)
		printf(" roam off");
	putchar('\n');
}

static void print_traffic(const struct mpcnet_peer *peer, const char *indent)
{
	printf("%s    handshake ", indent);
	if (peer->handshake_s) {
		print_duration((uint64_t)show_handshake_age(peer));
		printf(" ago");
	} else {
		printf("never");
	}
	printf(", received ");
	print_bytes(peer->rx_bytes);
	printf(", sent ");
	print_bytes(peer->tx_bytes);
	putchar('\n');
}

/**
 * show_peer_text() - print a peer for a person
 * @peer: the peer
 * @indent: blanks before each line
 */
void show_peer_text(const struct mpcnet_peer *peer, const char *indent)
{
	char key[MPCNET_KEY_TEXT_LEN + 1];

	mpcnet_key_to_text(key, peer->public_key);
	printf("%speer %s", indent, key);
	if (peer->has & MPCNET_PEER_HAS_STATE)
		printf(" state %s", show_state(peer->state));
	putchar('\n');
	print_endpoint(peer, indent);
	print_allowedips(peer, indent);
	print_traffic(peer, indent);
	if (peer->keepalive || !mpcnet_key_is_zero(peer->psk)) {
		printf("%s   ", indent);
		if (peer->keepalive)
			printf(" keepalive %us", peer->keepalive);
		if (!mpcnet_key_is_zero(peer->psk))
			printf(" psk hidden");
		putchar('\n');
	}
	print_counters(indent, "    dropped", show_peer_drops, peer->drops, MPCNET_PEER_C_LAST);
}

static void print_bind(const struct mpcnet_device *device)
{
	char text[MPCNET_ENDPOINT_TEXT], name[IF_NAMESIZE + 8];

	show_bind_address(text, device);
	show_bind_device(name, device);
	if (*text)
		printf(" bind %s", text);
	if (*name)
		printf(" bind dev %s", name);
}

/**
 * show_device_text() - print an interface and its peers for a person
 * @device: the interface
 */
void show_device_text(const struct mpcnet_device *device)
{
	char key[MPCNET_KEY_TEXT_LEN + 1] = "none";

	if (!mpcnet_key_is_zero(device->public_key))
		mpcnet_key_to_text(key, device->public_key);
	printf("%s: listen-port %u socket %s", device->name, device->listen_port,
	       device->adopted ? "adopted" : "own");
	if (device->fwmark)
		printf(" fwmark 0x%x", device->fwmark);
	print_bind(device);
	if ((device->has & MPCNET_DEVICE_HAS_BATCH) && !device->batch)
		printf(" batch off");
	printf(" peers %zu\n", device->peer_count);
	printf("    public-key %s private-key %s\n", key, show_private_key(device));
	if (device->expires) {
		printf("    expires in ");
		print_duration(show_expires_in(device));
		putchar('\n');
	}
	print_counters("    ", "counted", show_device_counters, device->counters,
		       MPCNET_DEVICE_C_LAST);
	for (size_t i = 0; i < device->peer_count; i++)
		show_peer_text(&device->peers[i], "    ");
}
