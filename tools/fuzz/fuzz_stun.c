// SPDX-License-Identifier: GPL-2.0
/* Messages of STUN: what is taken can be written in no more room, and read the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "stun.h"

/* Two integrities and a fingerprint. */
#define PROOF_LEN (24 + 36 + 8)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
	if (!holds)
		abort();
}

static void put_span(struct stun_builder *b, enum stun_type type, const struct stun_span *span)
{
	if (span->data)
		stun_put(b, type, span->data, span->len);
}

static void put_address(struct stun_builder *b, enum stun_type type,
			const union mpcnet_endpoint *address)
{
	if (address->sa.sa_family)
		stun_put_address(b, type, address);
}

static void put_error(struct stun_builder *b, const struct stun_message *message)
{
	char reason[1024] = "";

	memcpy(reason, message->reason.data, message->reason.len);
	stun_put_error(b, (enum stun_code)message->error, reason);
}

static size_t write_again(const struct stun_message *message, uint8_t *data, size_t room)
{
	struct stun_builder b;

	stun_begin(&b, data, room, message->class, (enum stun_method)message->method, message->id);
	put_address(&b, STUN_XOR_MAPPED_ADDRESS, &message->mapped);
	put_address(&b, STUN_XOR_PEER_ADDRESS, &message->peer);
	put_address(&b, STUN_XOR_RELAYED_ADDRESS, &message->relayed);
	put_address(&b, STUN_RESPONSE_ORIGIN, &message->origin);
	put_address(&b, STUN_OTHER_ADDRESS, &message->other);
	put_address(&b, STUN_ALTERNATE_SERVER, &message->alternate);
	put_span(&b, STUN_USERNAME, &message->username);
	put_span(&b, STUN_REALM, &message->realm);
	put_span(&b, STUN_NONCE, &message->nonce);
	put_span(&b, STUN_DATA_VALUE, &message->data);
	if (message->error)
		put_error(&b, message);
	if (message->roster)
		stun_put(&b, STUN_ROSTER, message->roster, STUN_ROSTER_LEN);
	if (message->has_lifetime)
		stun_put_u32(&b, STUN_LIFETIME, message->lifetime);
	if (message->has_priority)
		stun_put_u32(&b, STUN_PRIORITY, message->priority);
	if (message->channel)
		stun_put_u32(&b, STUN_CHANNEL_NUMBER, (uint32_t)message->channel << 16);
	if (message->use_candidate)
		stun_put(&b, STUN_USE_CANDIDATE, NULL, 0);
	if (message->unknown)
		stun_put(&b, (enum stun_type)message->unknown, NULL, 0);
	stun_seal_sha1(&b, "key", 3);
	stun_seal_sha256(&b, "key", 3);
	return stun_end(&b);
}

static bool same_span(const struct stun_span *a, const struct stun_span *b)
{
	return !a->data == !b->data && a->len == b->len &&
	       (!a->len || !memcmp(a->data, b->data, a->len));
}

static void compare(const struct stun_message *a, const struct stun_message *b)
{
	expect(a->class == b->class && a->method == b->method);
	expect(!memcmp(a->id, b->id, STUN_ID_LEN));
	expect(mpcnet_endpoint_equal(&a->mapped, &b->mapped));
	expect(mpcnet_endpoint_equal(&a->peer, &b->peer));
	expect(mpcnet_endpoint_equal(&a->relayed, &b->relayed));
	expect(mpcnet_endpoint_equal(&a->origin, &b->origin));
	expect(mpcnet_endpoint_equal(&a->other, &b->other));
	expect(mpcnet_endpoint_equal(&a->alternate, &b->alternate));
	expect(same_span(&a->username, &b->username) && same_span(&a->realm, &b->realm));
	expect(same_span(&a->nonce, &b->nonce) && same_span(&a->data, &b->data));
	/* The words end at a 0, and at 127 bytes. */
	expect(a->error == b->error && !a->reason.data == !b->reason.data);
	expect(b->reason.len <= a->reason.len && b->reason.len <= 127);
	expect(!b->reason.len || !memcmp(a->reason.data, b->reason.data, b->reason.len));
	expect(!a->roster == !b->roster);
	expect(!a->roster || !memcmp(a->roster, b->roster, STUN_ROSTER_LEN));
	expect(a->has_lifetime == b->has_lifetime && a->lifetime == b->lifetime);
	expect(a->has_priority == b->has_priority && a->priority == b->priority);
	expect(a->channel == b->channel && a->use_candidate == b->use_candidate);
	expect(a->unknown == b->unknown);
}

static void both_ways(const struct stun_message *message)
{
	size_t room = message->whole.len + PROOF_LEN, len;
	struct stun_message again;
	uint8_t *data = malloc(room), *small;

	expect(data);
	len = write_again(message, data, room);
	/* What is longer than its length can say fails. */
	if (len) {
		expect(stun_decode(&again, data, len) && again.has_fingerprint);
		expect(stun_verify_sha1(&again, "key", 3) && stun_verify_sha256(&again, "key", 3));
		compare(message, &again);
		small = malloc(len - 1);
		expect(small && !write_again(message, small, len - 1));
		free(small);
	}
	expect(len || room > UINT16_MAX);
	free(data);
}

static void try(const uint8_t *data, size_t size)
{
	struct stun_message message;

	if (!stun_decode(&message, data, size)) {
		expect(!message.whole.data);
		return;
	}
	expect(stun_is_message(data, size));
	stun_verify_sha1(&message, "key", 3);
	stun_verify_sha256(&message, "key", 3);
	both_ways(&message);
}

/* Puts right what chance does not: the header, and a fingerprint. */
static void mend(uint8_t *data, size_t size)
{
	uint32_t cookie = htonl(STUN_COOKIE), sum;

	data[0] &= 0x3f;
	data[2] = (uint8_t)((size - STUN_HEADER_LEN) >> 8);
	data[3] = (uint8_t)(size - STUN_HEADER_LEN);
	memcpy(data + 4, &cookie, sizeof(cookie));
	if (size < STUN_HEADER_LEN + 8 || memcmp(data + size - 8, "\x80\x28\x00\x04", 4))
		return;
	sum = htonl(stun_fingerprint(data, size - 8));
	memcpy(data + size - 4, &sum, sizeof(sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	try(data, size);
	size &= ~(size_t)3;
	if (size < STUN_HEADER_LEN || size > STUN_HEADER_LEN + UINT16_MAX)
		return 0;
	copy = malloc(size);
	expect(copy);
	memcpy(copy, data, size);
	mend(copy, size);
	try(copy, size);
	free(copy);
	return 0;
}
