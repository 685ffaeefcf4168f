// SPDX-License-Identifier: GPL-2.0
/*
 * JSON: every field is always there; null where there is nothing. Memory that
 * is missing shows as null too, as the library has it.
 */
#include "show.h"

#include <stdio.h>

#include "ctl.h"
#include "key.h"

static void add(struct json_object *to, const char *name, struct json_object *value)
{
	json_object_object_add(to, name, value);
}

static struct json_object *text_or_null(const char *text)
{
	return *text ? json_object_new_string(text) : NULL;
}

/**
 * show_key_json() - a public key
 * @key: the key
 *
 * Return: a string, or null if there is none; the caller's.
 */
struct json_object *show_key_json(const uint8_t key[MPCNET_KEY_LEN])
{
	char text[MPCNET_KEY_TEXT_LEN + 1];

	if (mpcnet_key_is_zero(key))
		return NULL;
	mpcnet_key_to_text(text, key);
	return json_object_new_string(text);
}

/**
 * show_endpoint_json() - an endpoint
 * @endpoint: the endpoint
 *
 * Return: a string, or null if there is none; the caller's.
 */
struct json_object *show_endpoint_json(const union mpcnet_endpoint *endpoint)
{
	char text[MPCNET_ENDPOINT_TEXT];

	mpcnet_endpoint_format(text, endpoint);
	return text_or_null(text);
}

static struct json_object *counters_json(const char *const *names, const uint64_t *counters,
					 size_t last)
{
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; i <= last; i++) {
		if (names[i])
			add(object, names[i], json_object_new_uint64(counters[i]));
	}
	return object;
}

static struct json_object *allowedips_json(const struct mpcnet_peer *peer)
{
	struct json_object *array = json_object_new_array_ext((int)peer->ip_count);
	char text[MPCNET_ALLOWEDIP_TEXT];

	for (size_t i = 0; i < peer->ip_count; i++) {
		mpcnet_allowedip_format(text, &peer->ips[i]);
		json_object_array_add(array, json_object_new_string(text));
	}
	return array;
}

static struct json_object *channel_json(const struct mpcnet_peer *peer)
{
	return peer->has & MPCNET_PEER_HAS_RELAY ? json_object_new_int(peer->channel) : NULL;
}

static void add_handshake(struct json_object *to, const struct mpcnet_peer *peer)
{
	bool had = peer->handshake_s != 0;

	add(to, "latest_handshake", had ? json_object_new_int64(peer->handshake_s) : NULL);
	add(to, "handshake_age", had ? json_object_new_int64(show_handshake_age(peer)) : NULL);
}

/**
 * show_peer_json() - a peer
 * @peer: the peer
 *
 * Return: an object, the caller's.
 */
struct json_object *show_peer_json(const struct mpcnet_peer *peer)
{
	struct json_object *object = json_object_new_object();

	add(object, "public_key", show_key_json(peer->public_key));
	add(object, "state", json_object_new_string(show_state(peer->state)));
	add(object, "endpoint", show_endpoint_json(&peer->endpoint));
	add(object, "relay", show_endpoint_json(&peer->relay));
	add(object, "channel", channel_json(peer));
	add(object, "relayed", json_object_new_boolean(peer->relayed));
	add(object, "allowed_ips", allowedips_json(peer));
	add_handshake(object, peer);
	add(object, "rx_bytes", json_object_new_uint64(peer->rx_bytes));
	add(object, "tx_bytes", json_object_new_uint64(peer->tx_bytes));
	add(object, "keepalive", peer->keepalive ? json_object_new_int(peer->keepalive) : NULL);
	add(object, "roam",
	    json_object_new_boolean(!(peer->has & MPCNET_PEER_HAS_ROAM) || peer->roam));
	add(object, "psk", json_object_new_boolean(!mpcnet_key_is_zero(peer->psk)));
	add(object, "drops", counters_json(show_peer_drops, peer->drops, MPCNET_PEER_C_LAST));
	return object;
}

static struct json_object *bind_json(const struct mpcnet_device *device)
{
	struct json_object *object = json_object_new_object();
	char text[MPCNET_ENDPOINT_TEXT], name[IF_NAMESIZE + 8];

	show_bind_address(text, device);
	show_bind_device(name, device);
	add(object, "address", text_or_null(text));
	add(object, "dev", text_or_null(name));
	return object;
}

/**
 * show_device_json() - an interface and its peers
 * @device: the interface
 *
 * Return: an object, the caller's.
 */
struct json_object *show_device_json(const struct mpcnet_device *device)
{
	struct json_object *object = json_object_new_object();
	struct json_object *peers = json_object_new_array_ext((int)device->peer_count);

	add(object, "name", json_object_new_string(device->name));
	add(object, "ifindex", json_object_new_int64(device->ifindex));
	add(object, "public_key", show_key_json(device->public_key));
	add(object, "private_key", json_object_new_string(show_private_key(device)));
	add(object, "listen_port", json_object_new_int(device->listen_port));
	add(object, "socket", json_object_new_string(device->adopted ? "adopted" : "own"));
	add(object, "fwmark", json_object_new_int64(device->fwmark));
	add(object, "bind", bind_json(device));
	add(object, "expires_in",
	    device->expires ? json_object_new_uint64(show_expires_in(device)) : NULL);
	add(object, "batch",
	    device->has & MPCNET_DEVICE_HAS_BATCH ? json_object_new_boolean(device->batch) : NULL);
	add(object, "counters",
	    counters_json(show_device_counters, device->counters, MPCNET_DEVICE_C_LAST));
	for (size_t i = 0; i < device->peer_count; i++)
		json_object_array_add(peers, show_peer_json(&device->peers[i]));
	add(object, "peers", peers);
	return object;
}

/**
 * show_print_json() - print a value on a line of its own, and free it
 * @object: the value
 * @flags: of the library: JSON_C_TO_STRING_PRETTY or JSON_C_TO_STRING_PLAIN
 *
 * Return: CTL_DONE or CTL_FAILED.
 */
int show_print_json(struct json_object *object, int flags)
{
	const char *text =
		json_object_to_json_string_ext(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text)
		puts(text);
	else
		fputs("mpcnetctl: out of memory\n", stderr);
	json_object_put(object);
	return text ? CTL_DONE : CTL_FAILED;
}
