// SPDX-License-Identifier: GPL-2.0
/*
 * The difference between what an interface is and what it should be. Sorted
 * by key, both walk side by side:
 *
 *   has it   wants it   change
 *     yes       no      remove it
 *     no        yes     add it
 *     yes       yes     what differs, nothing if nothing does
 */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef const struct mpcnet_peer *peer_ref;

static int by_key(const void *a, const void *b)
{
	return memcmp((*(const peer_ref *)a)->public_key, (*(const peer_ref *)b)->public_key,
		      MPCNET_KEY_LEN);
}

static int by_ip(const void *a, const void *b)
{
	const struct mpcnet_allowedip *x = a, *y = b;
	int order = memcmp(x->addr, y->addr, sizeof(x->addr));

	if (!order)
		order = x->family - y->family;
	return order ? order : x->cidr - y->cidr;
}

static peer_ref *sorted_peers(const struct mpcnet_device *device)
{
	peer_ref *refs = calloc(device->peer_count + 1, sizeof(*refs));

	if (!refs)
		return NULL;
	for (size_t i = 0; i < device->peer_count; i++)
		refs[i] = &device->peers[i];
	qsort(refs, device->peer_count, sizeof(*refs), by_key);
	return refs;
}

static struct mpcnet_allowedip *sorted_ips(const struct mpcnet_peer *peer)
{
	struct mpcnet_allowedip *ips = calloc(peer->ip_count + 1, sizeof(*ips));

	if (!ips)
		return NULL;
	if (peer->ip_count)
		memcpy(ips, peer->ips, peer->ip_count * sizeof(*ips));
	qsort(ips, peer->ip_count, sizeof(*ips), by_ip);
	return ips;
}

static int add_ip(struct mpcnet_peer *change, const struct mpcnet_allowedip *ip, uint32_t flags)
{
	struct mpcnet_allowedip *new = mpcnet_peer_add_ip(change);

	if (!new)
		return -ENOMEM;
	*new = *ip;
	new->flags = flags;
	return 0;
}

static int walk_ips(struct mpcnet_peer *change, const struct mpcnet_allowedip *have,
		    size_t have_count, const struct mpcnet_allowedip *want, size_t want_count)
{
	size_t h = 0, w = 0;
	int order, ret = 0;

	while (!ret && (h < have_count || w < want_count)) {
		order = h == have_count ? 1 : w == want_count ? -1 : by_ip(&have[h], &want[w]);
		if (order < 0)
			ret = add_ip(change, &have[h], MPCNET_ALLOWEDIP_F_REMOVE_ME);
		else if (order > 0)
			ret = add_ip(change, &want[w], 0);
		h += order <= 0;
		w += order >= 0;
	}
	return ret;
}

static int diff_ips(struct mpcnet_peer *change, const struct mpcnet_peer *have,
		    const struct mpcnet_peer *want)
{
	struct mpcnet_allowedip *a = sorted_ips(have), *b = sorted_ips(want);
	int ret = -ENOMEM;

	if (a && b)
		ret = walk_ips(change, a, have->ip_count, b, want->ip_count);
	free(a);
	free(b);
	return ret;
}

/* What a file leaves out of a peer is none, but for the endpoint, which moves. */
static void diff_fields(struct mpcnet_peer *change, const struct mpcnet_peer *have,
			const struct mpcnet_peer *want)
{
	if (memcmp(have->psk, want->psk, MPCNET_KEY_LEN)) {
		memcpy(change->psk, want->psk, MPCNET_KEY_LEN);
		change->has |= MPCNET_PEER_HAS_PSK;
	}
	if ((want->has & MPCNET_PEER_HAS_ENDPOINT) &&
	    (have->relayed || !mpcnet_endpoint_equal(&have->endpoint, &want->endpoint))) {
		change->endpoint = want->endpoint;
		change->has |= MPCNET_PEER_HAS_ENDPOINT;
	}
	if (have->keepalive != want->keepalive) {
		change->keepalive = want->keepalive;
		change->has |= MPCNET_PEER_HAS_KEEPALIVE;
	}
}

static struct mpcnet_peer *new_peer(struct mpcnet_device *change, const struct mpcnet_peer *like)
{
	struct mpcnet_peer *peer = mpcnet_device_add_peer(change);

	if (peer)
		memcpy(peer->public_key, like->public_key, MPCNET_KEY_LEN);
	return peer;
}

static int diff_peer(struct mpcnet_device *change, const struct mpcnet_peer *have,
		     const struct mpcnet_peer *want)
{
	struct mpcnet_peer *peer = new_peer(change, have);
	int ret;

	if (!peer)
		return -ENOMEM;
	peer->flags = MPCNET_PEER_F_UPDATE_ONLY;
	diff_fields(peer, have, want);
	ret = diff_ips(peer, have, want);
	if (!ret && !peer->has && !peer->ip_count) {
		mpcnet_peer_clear(peer);
		change->peer_count--;
	}
	return ret;
}

static int remove_peer(struct mpcnet_device *change, const struct mpcnet_peer *have)
{
	struct mpcnet_peer *peer = new_peer(change, have);

	if (!peer)
		return -ENOMEM;
	peer->flags = MPCNET_PEER_F_REMOVE_ME;
	return 0;
}

static int add_peer(struct mpcnet_device *change, const struct mpcnet_peer *want)
{
	static const struct mpcnet_peer none;
	struct mpcnet_peer *peer = new_peer(change, want);

	if (!peer)
		return -ENOMEM;
	diff_fields(peer, &none, want);
	return diff_ips(peer, &none, want);
}

static int walk_peers(struct mpcnet_device *change, const peer_ref *have, size_t have_count,
		      const peer_ref *want, size_t want_count)
{
	size_t h = 0, w = 0;
	int order, ret = 0;

	while (!ret && (h < have_count || w < want_count)) {
		order = h == have_count ? 1 : w == want_count ? -1 : by_key(&have[h], &want[w]);
		if (order < 0)
			ret = remove_peer(change, have[h]);
		else if (order > 0)
			ret = add_peer(change, want[w]);
		else
			ret = diff_peer(change, have[h], want[w]);
		h += order <= 0;
		w += order >= 0;
	}
	return ret;
}

/* What a file leaves out of the interface stays, but for the mark. */
static void diff_device(struct mpcnet_device *change, const struct mpcnet_device *have,
			const struct mpcnet_device *want)
{
	memcpy(change->name, want->name, sizeof(change->name));
	if ((want->has & MPCNET_DEVICE_HAS_PRIVATE_KEY) &&
	    (have->new_private_key ||
	     memcmp(have->private_key, want->private_key, MPCNET_KEY_LEN))) {
		memcpy(change->private_key, want->private_key, MPCNET_KEY_LEN);
		change->has |= MPCNET_DEVICE_HAS_PRIVATE_KEY;
	}
	if ((want->has & MPCNET_DEVICE_HAS_LISTEN_PORT) && have->listen_port != want->listen_port) {
		change->listen_port = want->listen_port;
		change->has |= MPCNET_DEVICE_HAS_LISTEN_PORT;
	}
	if (have->fwmark != want->fwmark) {
		change->fwmark = want->fwmark;
		change->has |= MPCNET_DEVICE_HAS_FWMARK;
	}
}

/**
 * mpcnet_sync() - what to change so that an interface becomes what a file says
 * @change: gets the changes, which mpcnet_device_clear() frees
 * @have: the interface
 * @want: the file; no key and no allowed IP stands twice in it
 *
 * Return: 0, or -ENOMEM and @change is empty.
 */
int mpcnet_sync(struct mpcnet_device *change, const struct mpcnet_device *have,
		const struct mpcnet_device *want)
{
	peer_ref *a = sorted_peers(have), *b = sorted_peers(want);
	int ret = -ENOMEM;

	*change = (struct mpcnet_device){ 0 };
	diff_device(change, have, want);
	if (a && b)
		ret = walk_peers(change, a, have->peer_count, b, want->peer_count);
	free(a);
	free(b);
	if (ret)
		mpcnet_device_clear(change);
	return ret;
}
