// SPDX-License-Identifier: GPL-2.0
/*
 * The server is as RFC 8656 says, but for relaying: it wants its nonce and a
 * right integrity, and forgets what was not renewed in time.
 */
#include "turn_world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "candidate.h"

#define REALM "example.org"

static void on_send(void *arg, const void *data, size_t len)
{
	struct world *world = arg;
	const uint8_t *bytes = data;

	if (world->sent_count == SENT_MAX || world->inbox_count == PACKETS || len > PACKET_ROOM)
		abort();
	world->sent[world->sent_count] = world->now;
	world->sent_method[world->sent_count++] = bytes[0] < 0x40 ? bytes[1] & 0xf : 0;
	if (world->dead)
		return;
	if (world->lose) {
		world->lose--;
		return;
	}
	world->inbox[world->inbox_count].len = len;
	memcpy(world->inbox[world->inbox_count++].data, data, len);
}

static void on_changed(void *arg)
{
	struct world *world = arg;

	world->changes++;
}

static void on_bound(void *arg, const union mpcnet_endpoint *peer, uint16_t number)
{
	struct world *world = arg;

	world->bound++;
	world->bound_peer = *peer;
	world->bound_number = number;
}

static void on_data(void *arg, const union mpcnet_endpoint *peer, const void *data, size_t len)
{
	struct world *world = arg;

	if (len > sizeof(world->got_data))
		abort();
	world->got++;
	world->got_peer = *peer;
	world->got_len = len;
	memcpy(world->got_data, data, len);
}

const struct turn_ops world_ops = { on_send, on_changed, on_bound, on_data };

/* The first value of a type in a message, found without the code under test. */
const uint8_t *world_attribute(const struct packet *packet, uint16_t type, uint16_t *len)
{
	size_t at = STUN_HEADER_LEN;

	while (at + 4 <= packet->len) {
		const uint8_t *attr = packet->data + at;

		*len = (uint16_t)(attr[2] << 8 | attr[3]);
		if ((attr[0] << 8 | attr[1]) == type)
			return attr + 4;
		at += 4 + (*len + 3U) / 4 * 4;
	}
	return NULL;
}

/* 192.0.2.HOST, or the next network. */
union mpcnet_endpoint world_peer(unsigned int host, uint16_t port)
{
	union mpcnet_endpoint peer = { .in = { .sin_family = AF_INET } };

	peer.in.sin_addr.s_addr = htonl(0xc0000200 + host);
	peer.in.sin_port = htons(port);
	return peer;
}

static struct allowance *find(struct allowance *list, unsigned int count, uint64_t now,
			      const union mpcnet_endpoint *peer, bool host)
{
	for (unsigned int i = 0; i < count; i++) {
		if (list[i].until > now && (host ? endpoint_same_host(&list[i].peer, peer) :
						   mpcnet_endpoint_equal(&list[i].peer, peer)))
			return &list[i];
	}
	return NULL;
}

struct allowance *world_permission(struct world *world, const union mpcnet_endpoint *peer)
{
	return find(world->permissions, world->permission_count, world->now, peer, true);
}

struct allowance *world_channel(struct world *world, const union mpcnet_endpoint *peer)
{
	return find(world->channels, world->channel_count, world->now, peer, false);
}

static void permit(struct world *world, const union mpcnet_endpoint *peer)
{
	struct allowance *one = world_permission(world, peer);

	if (!one)
		one = &world->permissions[world->permission_count++];
	one->peer = *peer;
	one->until = world->now + 300 * SECOND;
}

/* The hosts of a CreatePermission: the decoder keeps the first only. */
static bool permit_all(struct world *world, const struct packet *packet, bool really)
{
	size_t at = STUN_HEADER_LEN;

	while (at + 4 <= packet->len) {
		const uint8_t *attr = packet->data + at;
		union mpcnet_endpoint peer = world_peer(0, 0);

		if (attr[0] == 0 && attr[1] == STUN_XOR_PEER_ADDRESS) {
			peer.in.sin_addr.s_addr =
				*(const uint32_t *)(attr + 8) ^ htonl(STUN_COOKIE);
			if (endpoint_same_host(&peer, &world->forbidden))
				return false;
			if (really)
				permit(world, &peer);
		}
		at += 4 + ((size_t)(attr[2] << 8 | attr[3]) + 3) / 4 * 4;
	}
	return true;
}

static bool bind_channel(struct world *world, const struct stun_message *m)
{
	struct allowance *one = world_channel(world, &m->peer);

	for (unsigned int i = 0; i < world->channel_count; i++) {
		struct allowance *other = &world->channels[i];

		/* Bound to another, or the peer has another number. */
		if (other->until > world->now && other != one && other->number == m->channel)
			return false;
	}
	if (m->channel < 0x4000 || m->channel > 0x4fff || (one && one->number != m->channel))
		return false;
	if (!one)
		one = &world->channels[world->channel_count++];
	*one = (struct allowance){ m->peer, m->channel, world->now + 600 * SECOND };
	permit(world, &m->peer);
	return true;
}

/* Return: an error, 0 for success. */
static unsigned int act(struct world *world, const struct packet *packet,
			const struct stun_message *m)
{
	bool have = world->expires > world->now;

	if (world->refuse && world->refuse_method == m->method)
		return world->refuse;
	if ((m->method == STUN_ALLOCATE) == have)
		return STUN_ALLOCATION_MISMATCH;
	switch (m->method) {
	case STUN_ALLOCATE:
		world->expires = world->now + world->lifetime * SECOND;
		return 0;
	case STUN_REFRESH:
		world->expires = m->lifetime ? world->now + world->lifetime * SECOND : 0;
		return 0;
	case STUN_CREATE_PERMISSION:
		if (!permit_all(world, packet, false))
			return STUN_FORBIDDEN;
		permit_all(world, packet, true);
		return 0;
	case STUN_CHANNEL_BIND:
		return bind_channel(world, m) ? 0 : STUN_BAD_REQUEST;
	default:
		return STUN_BAD_REQUEST;
	}
}

static bool span_is(const struct stun_span *span, const char *text)
{
	return span->len == strlen(text) && !memcmp(span->data, text, span->len);
}

/* Return: an error, 0 if the request is authentic. */
static unsigned int authenticate(struct world *world, const struct stun_message *m,
				 const uint8_t key[16])
{
	char nonce[32];

	if (world->open)
		return 0;
	if (!m->sha1_at)
		return STUN_UNAUTHENTICATED;
	snprintf(nonce, sizeof(nonce), "nonce%u", world->nonce);
	if (world->stale) {
		world->stale--;
		world->nonce++;
		return STUN_STALE_NONCE;
	}
	if (!span_is(&m->nonce, nonce))
		return STUN_STALE_NONCE;
	if (!span_is(&m->realm, REALM) || !span_is(&m->username, "alice") ||
	    !stun_verify_sha1(m, key, 16))
		return STUN_UNAUTHENTICATED;
	return 0;
}

static void put_success(struct world *world, struct stun_builder *b, const struct stun_message *m)
{
	union mpcnet_endpoint relayed = world_peer(200, 50000), mapped = world_peer(201, 1234);

	if (m->method == STUN_ALLOCATE) {
		stun_put_address(b, STUN_XOR_RELAYED_ADDRESS, &relayed);
		stun_put_address(b, STUN_XOR_MAPPED_ADDRESS, &mapped);
	}
	if (m->method == STUN_ALLOCATE || (m->method == STUN_REFRESH && m->lifetime))
		stun_put_u32(b, STUN_LIFETIME, world->lifetime);
}

static void put_refusal(struct world *world, struct stun_builder *b, unsigned int error)
{
	union mpcnet_endpoint other = world_peer(99, 3478);
	char nonce[32];

	stun_put_error(b, (enum stun_code)error, "no");
	if (error == STUN_TRY_ALTERNATE)
		stun_put_address(b, STUN_ALTERNATE_SERVER, &other);
	if (error != STUN_UNAUTHENTICATED && error != STUN_STALE_NONCE)
		return;
	snprintf(nonce, sizeof(nonce), "nonce%u", world->nonce);
	stun_put(b, STUN_REALM, REALM, strlen(REALM));
	stun_put(b, STUN_NONCE, nonce, strlen(nonce));
}

static void answer(struct world *world, const struct packet *packet, const struct stun_message *m)
{
	struct packet *last = &world->last;
	unsigned int error, doubt;
	struct stun_builder b;
	uint8_t key[16];

	if (!stun_long_term_key(key, "alice", REALM, world->password))
		abort();
	doubt = authenticate(world, m, key);
	error = doubt ? doubt : act(world, packet, m);
	stun_begin(&b, last->data, sizeof(last->data), error ? STUN_ERROR : STUN_SUCCESS,
		   (enum stun_method)m->method, m->id);
	if (error)
		put_refusal(world, &b, error);
	else
		put_success(world, &b, m);
	if (!doubt && !world->open && !(error && world->refuse_unsigned))
		stun_seal_sha1(&b, key, sizeof(key));
	last->len = stun_end(&b);
	if (world->hold)
		return;
	if (!turn_input(world->turn, world->now, last->data, last->len) &&
	    !world->refuse_unsigned && turn_state(world->turn) != TURN_FAILED)
		printf("# an answer was refused\n");
}

/* Let the server see what came; it answers within the same moment. */
static void deliver(struct world *world)
{
	for (unsigned int i = 0; i < world->inbox_count; i++) {
		struct packet packet = world->inbox[i];
		struct stun_message m;

		if (stun_decode(&m, packet.data, packet.len) && m.class == STUN_REQUEST)
			answer(world, &packet, &m);
	}
	world->inbox_count = 0;
}

/* Let time pass. */
void world_run(struct world *world, uint64_t until)
{
	for (;;) {
		uint64_t next;

		deliver(world);
		next = turn_deadline(world->turn);
		if (next > until)
			break;
		if (next > world->now)
			world->now = next;
		turn_tick(world->turn, world->now);
		if (!world->inbox_count && turn_deadline(world->turn) <= world->now) {
			printf("# the deadline does not move\n");
			break;
		}
	}
	world->now = until;
}

unsigned int world_sent(const struct world *world, uint16_t method)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < world->sent_count; i++)
		count += world->sent_method[i] == method;
	return count;
}

void world_begin(struct world *world, const struct turn_conf *conf)
{
	memset(world, 0, sizeof(*world));
	world->now = 1000 * SECOND;
	world->password = "secret";
	world->lifetime = 600;
	world->turn = turn_new(conf, &world_ops, world);
	if (!world->turn)
		abort();
}

void world_end(struct world *world)
{
	turn_free(world->turn);
}
