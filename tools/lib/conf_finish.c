// SPDX-License-Identifier: GPL-2.0
/* What a file cannot say line by line: names, secrets left out, things said twice. */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "resolve.h"

/* A peer, or one of its IPs, and where in the file it stands. */
struct place {
	const struct mpcnet_peer *peer;
	struct mpcnet_allowedip *ip;
	size_t at;
};

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = memcmp(x->peer->public_key, y->peer->public_key, MPCNET_KEY_LEN);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int by_ip(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = memcmp(x->ip->addr, y->ip->addr, sizeof(x->ip->addr));

	if (!order)
		order = x->ip->family - y->ip->family;
	if (!order)
		order = x->ip->cidr - y->ip->cidr;
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static int refuse_twice(const struct mpcnet_conf *conf, const struct place *places,
			struct mpcnet_err *err)
{
	for (size_t i = 1; i < conf->device.peer_count; i++) {
		const struct place *a = &places[i - 1], *b = &places[i];

		if (!memcmp(a->peer->public_key, b->peer->public_key, MPCNET_KEY_LEN))
			return mpcnet_err_set(
				err,
				"line %u: the peer of this [Peer] was given on line %u already",
				conf->extra[b->at].line, conf->extra[a->at].line);
	}
	return 0;
}

static int check_peers(const struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	size_t count = conf->device.peer_count;
	struct place *places = calloc(count + 1, sizeof(*places));
	int ret;

	if (!places)
		return mpcnet_err_set(err, "out of memory");
	for (size_t i = 0; i < count; i++)
		places[i] = (struct place){ &conf->device.peers[i], NULL, i };
	qsort(places, count, sizeof(*places), by_key);
	ret = refuse_twice(conf, places, err);
	free(places);
	return ret;
}

/* Take out the IPs that lost their family. */
static void close_gaps(struct mpcnet_peer *peer)
{
	size_t kept = 0;

	for (size_t i = 0; i < peer->ip_count; i++) {
		if (peer->ips[i].family)
			peer->ips[kept++] = peer->ips[i];
	}
	peer->ip_count = kept;
}

/* An IP belongs to one peer: as in the kernel, the last that claims it. */
static int keep_last_claims(struct mpcnet_device *device, struct mpcnet_err *err)
{
	struct place *places;
	size_t count = 0, at = 0;

	for (size_t i = 0; i < device->peer_count; i++)
		count += device->peers[i].ip_count;
	places = calloc(count + 1, sizeof(*places));
	if (!places)
		return mpcnet_err_set(err, "out of memory");
	for (size_t i = 0; i < device->peer_count; i++) {
		for (size_t j = 0; j < device->peers[i].ip_count; j++, at++)
			places[at] = (struct place){ NULL, &device->peers[i].ips[j], at };
	}
	qsort(places, count, sizeof(*places), by_ip);
	for (size_t i = 1; i < count; i++) {
		if (mpcnet_allowedip_equal(places[i - 1].ip, places[i].ip))
			places[i - 1].ip->family = AF_UNSPEC;
	}
	free(places);
	for (size_t i = 0; i < device->peer_count; i++)
		close_gaps(&device->peers[i]);
	return 0;
}

static int check_signs(const struct mpcnet_conf_peer *extra, struct mpcnet_err *err)
{
	if (!extra->signed_line || !extra->unsigned_line)
		return 0;
	return mpcnet_err_set(err,
			      "line %u: AllowedIPs: either all of a peer's have + or - or none",
			      extra->unsigned_line > extra->signed_line ? extra->unsigned_line :
									  extra->signed_line);
}

/**
 * mpcnet_conf_finish() - check what a file says as a whole
 * @conf: what it says
 * @err: says which line is refused
 *
 * A peer that is given twice is refused; an allowed IP of two peers is the
 * last one's.
 *
 * Return: 0, or -1.
 */
int mpcnet_conf_finish(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		if (check_signs(&conf->extra[i], err))
			return -1;
	}
	if (check_peers(conf, err))
		return -1;
	return keep_last_claims(&conf->device, err);
}

/**
 * mpcnet_conf_resolve() - find the addresses of all endpoints
 * @conf: what the file says
 * @err: says which line has none
 *
 * May take its time, see mpcnet_host_resolve().
 *
 * Return: 0, or -1.
 */
int mpcnet_conf_resolve(struct mpcnet_conf *conf, struct mpcnet_err *err)
{
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		struct mpcnet_peer *peer = &conf->device.peers[i];
		const struct mpcnet_conf_peer *extra = &conf->extra[i];

		if (!extra->endpoint_line)
			continue;
		if (mpcnet_host_resolve(&peer->endpoint, &extra->endpoint, err))
			return mpcnet_err_prefix(err, "line %u: Endpoint: ", extra->endpoint_line);
		peer->has |= MPCNET_PEER_HAS_ENDPOINT;
	}
	return 0;
}

/**
 * mpcnet_conf_has_hidden() - does the file stand on keys it does not show?
 * @conf: what the file says
 *
 * Return: true if mpcnet_conf_unhide() has something to do.
 */
bool mpcnet_conf_has_hidden(const struct mpcnet_conf *conf)
{
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		if (conf->extra[i].psk_line)
			return true;
	}
	return false;
}

/**
 * mpcnet_conf_unhide() - put the keys that a file hides where they belong
 * @conf: what the file says
 * @have: the interface, which has them
 * @err: says which line hides a key that the interface does not have
 *
 * Return: 0, or -1.
 */
int mpcnet_conf_unhide(struct mpcnet_conf *conf, const struct mpcnet_device *have,
		       struct mpcnet_err *err)
{
	for (size_t i = 0; i < conf->device.peer_count; i++) {
		struct mpcnet_peer *peer = &conf->device.peers[i];
		const struct mpcnet_peer *old;

		if (!conf->extra[i].psk_line)
			continue;
		old = mpcnet_device_find_peer(have, peer->public_key);
		if (!old || mpcnet_key_is_zero(old->psk))
			return mpcnet_err_set(
				err,
				"line %u: PresharedKey is hidden and %s has none for this peer: write the file with: mpcnetctl conf show DEV private-key",
				conf->extra[i].psk_line, have->name);
		memcpy(peer->psk, old->psk, MPCNET_KEY_LEN);
	}
	return 0;
}
