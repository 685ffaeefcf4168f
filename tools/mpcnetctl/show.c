// SPDX-License-Identifier: GPL-2.0
/* What text and JSON have in common. */
#include "show.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "key.h"

const char *const show_peer_drops[MPCNET_PEER_C_LAST + 1] = {
	[MPCNET_PEER_C_NO_KEY] = "no_key",
	[MPCNET_PEER_C_KEY_EXPIRED] = "key_expired",
	[MPCNET_PEER_C_REPLAY] = "replay",
	[MPCNET_PEER_C_BAD_PACKET] = "bad_packet",
	[MPCNET_PEER_C_SOURCE_NOT_ALLOWED] = "source_not_allowed",
	[MPCNET_PEER_C_NO_ENDPOINT] = "no_endpoint",
	[MPCNET_PEER_C_QUEUE_FULL] = "queue_full",
	[MPCNET_PEER_C_UNREACHABLE] = "unreachable",
	[MPCNET_PEER_C_NO_MEMORY] = "no_memory",
	[MPCNET_PEER_C_SEND_FAILED] = "send_failed",
};

const char *const show_device_counters[MPCNET_DEVICE_C_LAST + 1] = {
	[MPCNET_DEVICE_C_NO_PEER] = "no_peer",
	[MPCNET_DEVICE_C_UNKNOWN_INDEX] = "unknown_index",
	[MPCNET_DEVICE_C_MALFORMED] = "malformed",
	[MPCNET_DEVICE_C_BAD_MAC] = "bad_mac",
	[MPCNET_DEVICE_C_BAD_HANDSHAKE] = "bad_handshake",
	[MPCNET_DEVICE_C_HANDSHAKE_QUEUE_FULL] = "handshake_queue_full",
	[MPCNET_DEVICE_C_RATE_LIMITED] = "rate_limited",
	[MPCNET_DEVICE_C_COOKIE_SENT] = "cookie_sent",
	[MPCNET_DEVICE_C_FOREIGN] = "foreign",
	[MPCNET_DEVICE_C_FOREIGN_LIMITED] = "foreign_limited",
};

/**
 * show_state() - name the state of a peer
 * @state: of enum mpcnet_peer_state
 *
 * Return: its name.
 */
const char *show_state(uint32_t state)
{
	static const char *const names[] = {
		[MPCNET_PEER_STATE_IDLE] = "idle",
		[MPCNET_PEER_STATE_HANDSHAKE] = "handshake",
		[MPCNET_PEER_STATE_SESSION] = "session",
		[MPCNET_PEER_STATE_UNREACHABLE] = "unreachable",
	};

	return state < sizeof(names) / sizeof(*names) ? names[state] : "unknown";
}

/**
 * show_private_key() - say of a private key what may be said
 * @device: the interface that has it
 *
 * Return: "kernel" if the kernel made it, "hidden" if it was set, "none".
 */
const char *show_private_key(const struct mpcnet_device *device)
{
	if (device->new_private_key)
		return "kernel";
	return mpcnet_key_is_zero(device->private_key) ? "none" : "hidden";
}

/**
 * show_expires_in() - how long until the deadline
 * @device: an interface that has one
 *
 * Return: seconds, rounded up; 0 if it is over.
 */
uint64_t show_expires_in(const struct mpcnet_device *device)
{
	struct timespec now;
	uint64_t ns;

	clock_gettime(CLOCK_BOOTTIME, &now);
	ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	return device->expires > ns ? (device->expires - ns - 1) / 1000000000 + 1 : 0;
}

/**
 * show_handshake_age() - how long ago the last handshake was
 * @peer: a peer that had one
 *
 * Return: seconds.
 */
int64_t show_handshake_age(const struct mpcnet_peer *peer)
{
	int64_t now = time(NULL);

	/* The clock may have been set back since. */
	return now > peer->handshake_s ? now - peer->handshake_s : 0;
}

/**
 * show_bind_address() - the local address of the outer packets
 * @text: gets it; empty if any will do
 * @device: the interface
 */
void show_bind_address(char text[MPCNET_ENDPOINT_TEXT], const struct mpcnet_device *device)
{
	static const uint8_t any[16];

	text[0] = '\0';
	if (!device->bind_len || !memcmp(device->bind_address, any, device->bind_len))
		return;
	inet_ntop(device->bind_len == 4 ? AF_INET : AF_INET6, device->bind_address, text,
		  MPCNET_ENDPOINT_TEXT);
}

/**
 * show_bind_device() - the interface by which the outer packets leave
 * @name: gets it; empty if any will do
 * @device: the interface that is shown
 */
void show_bind_device(char name[IF_NAMESIZE + 8], const struct mpcnet_device *device)
{
	name[0] = '\0';
	/* It may be one of the namespace where the socket is, without a name here. */
	if (device->bind_ifindex && !if_indextoname(device->bind_ifindex, name))
		snprintf(name, IF_NAMESIZE + 8, "if%u", device->bind_ifindex);
}
