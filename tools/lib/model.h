/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_MODEL_H
#define MPCNET_MODEL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mpcnet.h>

#include "addr.h"

/* Fields of struct mpcnet_peer that are there. */
enum mpcnet_peer_has {
	MPCNET_PEER_HAS_PSK = 1,
	MPCNET_PEER_HAS_ENDPOINT = 2,
	MPCNET_PEER_HAS_KEEPALIVE = 4,
	MPCNET_PEER_HAS_RELAY = 8,
	MPCNET_PEER_HAS_CHANNEL = 16,
	MPCNET_PEER_HAS_ROAM = 32,
	MPCNET_PEER_HAS_STATE = 64,
	MPCNET_PEER_HAS_HANDSHAKE = 128, /* one is to begin: set only */
};

/**
 * struct mpcnet_peer - a peer, as set or as shown
 * @has: which of the fields are there, of enum mpcnet_peer_has
 * @flags: what to do with it, of enum mpcnet_peer_flag
 * @public_key: its name
 * @psk: pre-shared key, zero for none; secret
 * @endpoint: where it is
 * @relay: TURN server by which it is reached
 * @channel: TURN channel of @relay
 * @keepalive: seconds, 0 for none
 * @roam: may the endpoint move?
 * @relayed: the endpoint in use is the relay
 * @state: of enum mpcnet_peer_state
 * @handshake_s: time of the last handshake in seconds since 1970, 0 for none
 * @rx_bytes: bytes received
 * @tx_bytes: bytes sent
 * @drops: packets dropped, by enum mpcnet_peer_counter
 * @ips: allowed IPs
 * @ip_count: how many
 * @ip_room: how many fit
 */
struct mpcnet_peer {
	uint32_t has;
	uint32_t flags;
	uint8_t public_key[MPCNET_KEY_LEN];
	uint8_t psk[MPCNET_KEY_LEN];
	union mpcnet_endpoint endpoint;
	union mpcnet_endpoint relay;
	uint16_t channel;
	uint16_t keepalive;
	uint8_t roam;
	bool relayed;
	uint32_t state;
	int64_t handshake_s;
	uint64_t rx_bytes;
	uint64_t tx_bytes;
	uint64_t drops[MPCNET_PEER_C_LAST + 1];
	struct mpcnet_allowedip *ips;
	size_t ip_count;
	size_t ip_room;
};

/* Fields of struct mpcnet_device that are there. */
enum mpcnet_device_has {
	MPCNET_DEVICE_HAS_PRIVATE_KEY = 1,
	MPCNET_DEVICE_HAS_PUBLIC_KEY = 2,
	MPCNET_DEVICE_HAS_LISTEN_PORT = 4,
	MPCNET_DEVICE_HAS_FWMARK = 8,
	MPCNET_DEVICE_HAS_BIND_ADDRESS = 16,
	MPCNET_DEVICE_HAS_BIND_IFINDEX = 32,
	MPCNET_DEVICE_HAS_EXPIRES = 64,
	MPCNET_DEVICE_HAS_COUNTERS = 128,
	MPCNET_DEVICE_HAS_BATCH = 256,
	MPCNET_DEVICE_HAS_SOCKET = 512,
};

/**
 * struct mpcnet_device - an interface and its peers, as set or as shown
 * @has: which of the fields are there, of enum mpcnet_device_has
 * @flags: what to do with it, of enum mpcnet_device_flag
 * @name: name of the interface
 * @ifindex: its index, 0 if not known
 * @private_key: zero for none; secret
 * @public_key: belongs to @private_key
 * @new_private_key: the kernel makes, or made, the private key
 * @listen_port: UDP port, 0 for any
 * @fwmark: mark of the outer packets, 0 for none
 * @bind_address: source address of the outer packets, in network order
 * @bind_len: bytes of @bind_address, 4 or 16
 * @bind_ifindex: interface by which the outer packets leave, 0 for any
 * @expires: nanoseconds of CLOCK_BOOTTIME, 0 for never
 * @batch: may many messages pass the stack below as one packet?
 * @socket_fd: descriptor of a bound UDP socket for the interface to take; not owned
 * @adopted: the socket was given by a helper
 * @counters: by enum mpcnet_device_counter
 * @peers: the peers
 * @peer_count: how many
 * @peer_room: how many fit
 */
struct mpcnet_device {
	uint32_t has;
	uint32_t flags;
	char name[IF_NAMESIZE];
	uint32_t ifindex;
	uint8_t private_key[MPCNET_KEY_LEN];
	uint8_t public_key[MPCNET_KEY_LEN];
	bool new_private_key;
	uint16_t listen_port;
	uint32_t fwmark;
	uint8_t bind_address[16];
	uint8_t bind_len;
	uint32_t bind_ifindex;
	uint64_t expires;
	uint8_t batch;
	int socket_fd;
	bool adopted;
	uint64_t counters[MPCNET_DEVICE_C_LAST + 1];
	struct mpcnet_peer *peers;
	size_t peer_count;
	size_t peer_room;
};

bool mpcnet_device_name_valid(const char *name);
void mpcnet_device_clear(struct mpcnet_device *device);
struct mpcnet_peer *mpcnet_device_add_peer(struct mpcnet_device *device);
struct mpcnet_peer *mpcnet_device_find_peer(const struct mpcnet_device *device,
					    const uint8_t public_key[MPCNET_KEY_LEN]);
struct mpcnet_allowedip *mpcnet_peer_add_ip(struct mpcnet_peer *peer);
void mpcnet_peer_clear(struct mpcnet_peer *peer);

#endif /* MPCNET_MODEL_H */
