// SPDX-License-Identifier: GPL-2.0
#include "model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/*
 * Make room for one more element. What moves is wiped where it was, since it
 * may hold keys, which realloc() would leave behind.
 */
static void *make_room(void *old, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 4;
	void *new;

	if (count < *room)
		return old;
	new = calloc(more, size);
	if (!new)
		return NULL;
	if (old) {
		memcpy(new, old, count * size);
		explicit_bzero(old, count * size);
		free(old);
	}
	*room = more;
	return new;
}

/**
 * mpcnet_device_name_valid() - may an interface be called so?
 * @name: the name
 *
 * The kernel's rule, and no "%", by which the kernel would choose a number.
 *
 * Return: true if so.
 */
bool mpcnet_device_name_valid(const char *name)
{
	if (!*name || strlen(name) >= IF_NAMESIZE || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++) {
		if (strchr("/:%", *name) || isspace((unsigned char)*name))
			return false;
	}
	return true;
}

/**
 * mpcnet_peer_clear() - wipe a peer and free what it holds
 * @peer: the peer, whose own memory stays the caller's
 */
void mpcnet_peer_clear(struct mpcnet_peer *peer)
{
	free(peer->ips);
	explicit_bzero(peer, sizeof(*peer));
}

/**
 * mpcnet_device_clear() - wipe a device and free its peers
 * @device: the device, whose own memory stays the caller's
 */
void mpcnet_device_clear(struct mpcnet_device *device)
{
	for (size_t i = 0; i < device->peer_count; i++)
		mpcnet_peer_clear(&device->peers[i]);
	free(device->peers);
	explicit_bzero(device, sizeof(*device));
}

/**
 * mpcnet_device_add_peer() - make room for a peer behind the others
 * @device: the device
 *
 * Return: the new peer, all zero, the device's own; NULL without memory. Older
 * pointers to peers of the device are no longer good.
 */
struct mpcnet_peer *mpcnet_device_add_peer(struct mpcnet_device *device)
{
	struct mpcnet_peer *peers =
		make_room(device->peers, device->peer_count, &device->peer_room, sizeof(*peers));

	if (!peers)
		return NULL;
	device->peers = peers;
	return &peers[device->peer_count++];
}

/**
 * mpcnet_device_find_peer() - find a peer by its key
 * @device: the device
 * @public_key: the key
 *
 * Return: the peer, the device's own, or NULL.
 */
struct mpcnet_peer *mpcnet_device_find_peer(const struct mpcnet_device *device,
					    const uint8_t public_key[MPCNET_KEY_LEN])
{
	for (size_t i = 0; i < device->peer_count; i++) {
		if (!memcmp(device->peers[i].public_key, public_key, MPCNET_KEY_LEN))
			return &device->peers[i];
	}
	return NULL;
}

/**
 * mpcnet_peer_add_ip() - make room for an allowed IP behind the others
 * @peer: the peer
 *
 * Return: the new one, all zero, the peer's own; NULL without memory.
 */
struct mpcnet_allowedip *mpcnet_peer_add_ip(struct mpcnet_peer *peer)
{
	struct mpcnet_allowedip *ips =
		make_room(peer->ips, peer->ip_count, &peer->ip_room, sizeof(*ips));

	if (!ips)
		return NULL;
	peer->ips = ips;
	return &ips[peer->ip_count++];
}
