// SPDX-License-Identifier: GPL-2.0
/*
 * A ready client as bytes, so that its successor goes on with the allocation:
 *
 *	version (1) | 4 or 6, of the relayed address and all peers (1)
 *	relayed port (2), address (4 or 16)
 *	0, or 4 or 6 of the mapped address (1), its port (2), address
 *	rest of the allocation's lifetime in ms (4)
 *	realm (2 + n) | nonce (2 + n)
 *	count (2), of each host: address, rest of the permission in ms (4)
 *	count (2), of each channel: number (2), port (2), address, rest in ms (4)
 *
 * A rest of 0 says that there is none. What has a rest is renewed at once,
 * since nobody knows how long it lay there.
 */
#include "turn_client.h"

#include "bytes.h"

#include <assert.h>

#define SAVE_VERSION 1

static_assert(TURN_SAVE_MAX >= 64 + 2 * TURN_WORD_MAX + TURN_PEERS_MAX * (16 + 4 + 16 + 8),
	      "all fits");

static void put_ip(struct bytes_out *out, const union mpcnet_endpoint *address)
{
	if (address->sa.sa_family == AF_INET6)
		bytes_put(out, &address->in6.sin6_addr, 16);
	else
		bytes_put(out, &address->in.sin_addr, 4);
}

/* The port is at the same place for both families. */
static void put_address(struct bytes_out *out, const union mpcnet_endpoint *address)
{
	bytes_put(out, &address->in.sin_port, 2);
	put_ip(out, address);
}

static void put_family(struct bytes_out *out, sa_family_t family)
{
	bytes_put_number(out, family == AF_INET6 ? 6 : family == AF_INET ? 4 : 0, 1);
}

static void put_rest(struct bytes_out *out, uint64_t until, uint64_t now)
{
	bytes_put_number(out, until > now ? (until - now) / TURN_MS : 0, 4);
}

static void put_word(struct bytes_out *out, const void *data, size_t len)
{
	bytes_put_number(out, len, 2);
	bytes_put(out, data, len);
}

/**
 * turn_save() - write a client down
 * @turn: the client
 * @now: the time
 * @data: gets it; the nonce is in it, the password is not
 * @room: bytes there, TURN_SAVE_MAX is enough
 *
 * Return: bytes written, 0 if the client is not ready or there is no room.
 */
size_t turn_save(const struct turn *turn, uint64_t now, uint8_t *data, size_t room)
{
	struct bytes_out out = { .data = data, .room = room };

	if (turn->state != TURN_READY || turn->expires < now + TURN_MS)
		return 0;
	bytes_put_number(&out, SAVE_VERSION, 1);
	put_family(&out, turn->family);
	put_address(&out, &turn->relayed);
	put_family(&out, turn->mapped.sa.sa_family);
	if (turn->mapped.sa.sa_family)
		put_address(&out, &turn->mapped);
	put_rest(&out, turn->expires, now);
	put_word(&out, turn->realm, turn->has_key ? strlen(turn->realm) : 0);
	put_word(&out, turn->nonce, turn->has_key ? turn->nonce_len : 0);
	bytes_put_number(&out, turn->host_count, 2);
	for (unsigned int i = 0; i < turn->host_count; i++) {
		put_ip(&out, &turn->hosts[i].address);
		put_rest(&out, turn->hosts[i].until, now);
	}
	bytes_put_number(&out, turn->channel_count, 2);
	for (unsigned int i = 0; i < turn->channel_count; i++) {
		bytes_put_number(&out, turn->channels[i].number, 2);
		put_address(&out, &turn->channels[i].peer);
		put_rest(&out, turn->channels[i].until, now);
	}
	return out.failed ? 0 : out.len;
}

static void take_ip(struct bytes_in *in, union mpcnet_endpoint *address, sa_family_t family)
{
	address->sa.sa_family = family;
	if (family == AF_INET6)
		bytes_take(in, &address->in6.sin6_addr, 16);
	else
		bytes_take(in, &address->in.sin_addr, 4);
}

static void take_address(struct bytes_in *in, union mpcnet_endpoint *address, sa_family_t family)
{
	memset(address, 0, sizeof(*address));
	bytes_take(in, &address->in.sin_port, 2);
	take_ip(in, address, family);
}

static sa_family_t take_family(struct bytes_in *in)
{
	uint64_t family = bytes_take_number(in, 1);

	if (family != 0 && family != 4 && family != 6)
		in->failed = true;
	return family == 6 ? AF_INET6 : family == 4 ? AF_INET : 0;
}

/* Return: when it ends, 0 for a rest of 0. */
static uint64_t take_rest(struct bytes_in *in, uint64_t now, uint64_t max)
{
	uint64_t rest = bytes_take_number(in, 4) * TURN_MS;

	if (rest > max)
		in->failed = true;
	return rest ? now + rest : 0;
}

/* Return: bytes of a realm or nonce that is copied to @word, 0 if there is none. */
static size_t take_word(struct bytes_in *in, uint8_t word[TURN_WORD_MAX])
{
	size_t len = bytes_take_number(in, 2);

	if (len > TURN_WORD_MAX) {
		in->failed = true;
		return 0;
	}
	bytes_take(in, word, len);
	return len;
}

static void take_allocation(struct bytes_in *in, struct turn *turn, uint64_t now)
{
	sa_family_t mapped;

	if (bytes_take_number(in, 1) != SAVE_VERSION || take_family(in) != turn->family)
		in->failed = true;
	take_address(in, &turn->relayed, turn->family);
	mapped = take_family(in);
	if (mapped)
		take_address(in, &turn->mapped, mapped);
	turn->expires = take_rest(in, now, TURN_LIFETIME_MAX * TURN_SECOND);
	if (!turn->relayed.in.sin_port || !turn->expires)
		in->failed = true;
}

static void take_credentials(struct bytes_in *in, struct turn *turn)
{
	uint8_t realm[TURN_WORD_MAX];
	size_t len = take_word(in, realm);

	turn->nonce_len = take_word(in, turn->nonce);
	/* Either both, or none if the server asked for none. */
	if (!len != !turn->nonce_len || (len && !turn_set_realm(turn, realm, len)))
		in->failed = true;
}

static void take_hosts(struct bytes_in *in, struct turn *turn, uint64_t now)
{
	size_t count = bytes_take_number(in, 2);

	for (size_t i = 0; i < count && !in->failed; i++) {
		union mpcnet_endpoint address = { 0 };
		struct turn_host *host;

		take_ip(in, &address, turn->family);
		host = turn_host_add(turn, now, &address);
		/* Full, or the same a second time. */
		if (turn->host_count != i + 1) {
			in->failed = true;
			return;
		}
		host->until = take_rest(in, now, TURN_PERMISSION_LIFETIME);
	}
}

static void take_channel(struct bytes_in *in, struct turn *turn, uint64_t now)
{
	struct turn_channel *channel = &turn->channels[turn->channel_count];
	unsigned int before = turn->channel_count ? channel[-1].number : TURN_CHANNEL_FIRST - 1;
	uint16_t number = (uint16_t)bytes_take_number(in, 2);
	union mpcnet_endpoint peer;

	take_address(in, &peer, turn->family);
	if (number <= before || number > TURN_CHANNEL_LAST || !peer.in.sin_port ||
	    turn_channel_find(turn, &peer)) {
		in->failed = true;
		return;
	}
	channel->peer = peer;
	channel->number = number;
	channel->until = take_rest(in, now, TURN_CHANNEL_LIFETIME);
	channel->due = channel->until ? now : TURN_NEVER;
	/* A channel is of no use without the permission. */
	if (channel->until && !turn_host_find(turn, &peer))
		in->failed = true;
	turn->channel_count++;
}

static void take_channels(struct bytes_in *in, struct turn *turn, uint64_t now)
{
	size_t count = bytes_take_number(in, 2);

	if (count > TURN_PEERS_MAX)
		in->failed = true;
	for (size_t i = 0; i < count && !in->failed; i++)
		take_channel(in, turn, now);
	if (turn->channel_count &&
	    turn->next_channel <= turn->channels[turn->channel_count - 1].number)
		turn->next_channel = turn->channels[turn->channel_count - 1].number + 1;
}

static void forget(struct turn *turn, uint16_t next_channel)
{
	turn->relayed.sa.sa_family = 0;
	turn->mapped.sa.sa_family = 0;
	turn->expires = 0;
	turn->has_key = false;
	turn->host_count = 0;
	turn->channel_count = 0;
	memset(turn->channels, 0, sizeof(turn->channels));
	turn->next_channel = next_channel;
}

/**
 * turn_load() - go on with an allocation
 * @turn: the client, idle; on success it is ready, ops->changed() was called,
 * turn_channel() knows the channels, and the next turn_tick(), which is due
 * now, refreshes everything
 * @now: the time
 * @data: of turn_save()
 * @len: its length
 *
 * The socket and the credentials have to be those of the client that was saved.
 *
 * Return: false if that is nothing that turn_save() writes; the client is idle
 * then, without permissions or channels.
 */
bool turn_load(struct turn *turn, uint64_t now, const uint8_t *data, size_t len)
{
	struct bytes_in in = { .data = data, .len = len };
	uint16_t next_channel = turn->next_channel;

	if (turn->state != TURN_IDLE)
		return false;
	forget(turn, next_channel);
	take_allocation(&in, turn, now);
	take_credentials(&in, turn);
	take_hosts(&in, turn, now);
	take_channels(&in, turn, now);
	if (!bytes_end(&in)) {
		forget(turn, next_channel);
		return false;
	}
	turn->refresh_at = now;
	turn->state = TURN_READY;
	turn->ops.changed(turn->arg);
	return true;
}
