// SPDX-License-Identifier: GPL-2.0
/* A peer of the module, played by the judge, see party.h. */
#include "party.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

/* The module takes one initiation of a peer in 20 ms. */
#define INITIATION_GAP	30

void party_open(struct party *party, const char *address, const char *to, bool with_psk)
{
	struct noise_identity psk;

	memset(party, 0, sizeof(*party));
	noise_identity_new(&party->hs.self);
	memcpy(party->hs.remote, rig_public(), NOISE_KEY);
	if (with_psk) {
		noise_identity_new(&psk);
		memcpy(party->hs.psk, psk.secret, NOISE_KEY);
	}
	party->sock = -1;
	party->to = to;
	party->allowed = RIG_ALLOWED;
	party_move(party, address);
}

void party_close(struct party *party)
{
	close(party->sock);
	party->sock = -1;
}

void party_move(struct party *party, const char *address)
{
	static uint16_t last_port = 40000;

	if (party->sock >= 0)
		close(party->sock);
	party->address = address;
	party->port = last_port++;
	party->sock = outer_socket(address, party->port);
}

const char *party_add(const struct party *party, bool with_endpoint, unsigned int keepalive)
{
	static const uint8_t none[NOISE_KEY];
	char endpoint[64];
	struct rig_peer peer = {
		.public = party->hs.self.public,
		.psk = memcmp(party->hs.psk, none, NOISE_KEY) ? party->hs.psk : NULL,
		.endpoint = with_endpoint ? endpoint : NULL,
		.allowed = party->allowed,
		.keepalive = keepalive,
	};

	snprintf(endpoint, sizeof(endpoint), strchr(party->address, ':') ? "[%s]:%u" : "%s:%u",
		 party->address, party->port);
	return rig_peer_add(&peer);
}

static const char *begin(struct party *party, bool with_endpoint, bool with_psk,
			 unsigned int keepalive)
{
	static bool open;

	KTAP_TRY(rig_link_new());
	inner_tap_open();
	if (open)
		party_close(party);
	open = true;
	party_open(party, RIG_JUDGE, RIG_MODULE, with_psk);
	return party_add(party, with_endpoint, keepalive);
}

const char *party_begin(struct party *party, bool with_endpoint, bool with_psk)
{
	return begin(party, with_endpoint, with_psk, 0);
}

const char *party_begin_persistent(struct party *party, unsigned int seconds)
{
	KTAP_TRY(begin(party, true, false, seconds));
	KTAP_TRY(party_await_initiation(party, PARTY_PATIENCE));
	party_respond(party);
	return party_expect_keepalive(party, PARTY_PATIENCE);
}

void party_send(struct party *party, const void *msg, size_t len)
{
	outer_send(party->sock, party->to, RIG_PORT, msg, len, 0);
}

const char *party_next(struct party *party, int timeout_ms)
{
	ssize_t len = outer_receive(party->sock, party->msg, timeout_ms, &party->meta);

	if (len < 0)
		return ktap_why("nothing came within %d ms", timeout_ms);
	if (len < 4)
		return "message is shorter than its type";
	party->len = (size_t)len;
	return NULL;
}

const char *party_quiet(struct party *party, int for_ms)
{
	if (party_next(party, for_ms))
		return NULL;
	return ktap_why("message of type %u and %zu bytes came", party->msg[0], party->len);
}

const char *party_await(struct party *party, enum noise_type type, int timeout_ms)
{
	uint64_t until = outer_now() + (uint64_t)timeout_ms;

	do {
		uint64_t now = outer_now();

		if (party_next(party, now < until ? (int)(until - now) : 0))
			return ktap_why("no message of type %d within %d ms", type, timeout_ms);
	} while (party->msg[0] != type);
	return NULL;
}

void party_send_initiation(struct party *party)
{
	struct noise_initiation msg;
	uint64_t now = outer_now();

	if (now < party->initiated + INITIATION_GAP)
		outer_sleep((unsigned int)(party->initiated + INITIATION_GAP - now));
	party->hs.index = 0;
	noise_initiate(&party->hs, &msg);
	party->initiated = outer_now();
	party_send(party, &msg, sizeof(msg));
}

static const char *judge_tos(const struct party *party)
{
	if (party->meta.tos != PARTY_HANDSHAKE_TOS)
		return ktap_why("handshake message has DSCP and ECN 0x%02x", party->meta.tos);
	return NULL;
}

const char *party_initiate(struct party *party)
{
	party_send_initiation(party);
	KTAP_TRY(party_await(party, NOISE_RESPONSE, PARTY_PATIENCE));
	/* The module counts from when it took the initiation, which was before. */
	party->initiated = outer_now();
	KTAP_TRY(judge_tos(party));
	return noise_conclude(&party->hs, party->msg, party->len, &party->session);
}

const char *party_establish(struct party *party)
{
	KTAP_TRY(party_initiate(party));
	party_send_keepalive(party);
	return NULL;
}

const char *party_await_initiation(struct party *party, int timeout_ms)
{
	KTAP_TRY(party_await(party, NOISE_INITIATION, timeout_ms));
	KTAP_TRY(judge_tos(party));
	return noise_judge_initiation(&party->hs, party->msg, party->len);
}

void party_respond(struct party *party)
{
	struct noise_response msg;

	party->hs.index = 0;
	noise_respond(&party->hs, &msg, &party->session);
	party_send(party, &msg, sizeof(msg));
}

const char *party_provoke(struct party *party, const uint8_t *packet, size_t len)
{
	inner_tap_send(packet, len);
	KTAP_TRY(party_await_initiation(party, PARTY_PATIENCE));
	party_respond(party);
	return party_expect_inner(party, packet, len);
}

void party_send_inner(struct party *party, const uint8_t *packet, size_t len)
{
	uint8_t msg[NOISE_DATA_LEN(2048)];

	party_send(party, msg, noise_seal(&party->session, msg, packet, len));
}

void party_send_keepalive(struct party *party)
{
	party_send_inner(party, NULL, 0);
}

const char *party_await_data(struct party *party, int timeout_ms)
{
	KTAP_TRY(party_await(party, NOISE_DATA, timeout_ms));
	return noise_open(&party->session, party->msg, party->len, party->plain,
			  &party->plain_len);
}

const char *party_expect_inner(struct party *party, const uint8_t *packet, size_t len)
{
	size_t inner_len;

	do {
		KTAP_TRY(party_await_data(party, PARTY_PATIENCE));
	} while (!party->plain_len);
	KTAP_TRY(noise_judge_padding(party->plain, party->plain_len, RIG_MTU, &inner_len));
	if (inner_len != len || memcmp(party->plain, packet, len))
		return "inner packet is not the one that was sent";
	return NULL;
}

const char *party_expect_keepalive(struct party *party, int timeout_ms)
{
	KTAP_TRY(party_await_data(party, timeout_ms));
	if (party->plain_len)
		return "data came where an empty keepalive was expected";
	return NULL;
}

const char *party_expect_delivered(const uint8_t *packet, size_t len)
{
	static uint8_t got[INNER_MAX];
	ssize_t got_len = inner_tap_receive(got, PARTY_PATIENCE);

	if (got_len < 0)
		return "packet was not delivered";
	if ((size_t)got_len != len)
		return ktap_why("packet of %zd bytes was delivered, not of %zu", got_len, len);
	return memcmp(got, packet, len) ? "another packet was delivered" : NULL;
}

const char *party_echo(struct party *party, int family)
{
	static uint16_t seq;
	struct inner inner = {
		.src = family == 4 ? RIG_IN_JUDGE : RIG_IN_JUDGE6,
		.dst = family == 4 ? RIG_IN_MODULE : RIG_IN_MODULE6,
		.len = 100, .request = 1, .seq = ++seq,
	};
	uint8_t packet[100];
	size_t inner_len;

	party_send_inner(party, packet, inner_make(packet, &inner));
	KTAP_TRY(party_expect_delivered(packet, sizeof(packet)));
	do {
		KTAP_TRY(party_await_data(party, PARTY_PATIENCE));
	} while (!party->plain_len);
	KTAP_TRY(noise_judge_padding(party->plain, party->plain_len, RIG_MTU, &inner_len));
	KTAP_TRY(inner_judge_answer(party->plain, inner_len, packet, sizeof(packet)));
	/* So that the module does not wait for an answer to its own. */
	party_send_keepalive(party);
	return NULL;
}

static size_t echo_reply(uint8_t *packet, int family, bool inbound, size_t len, uint16_t seq)
{
	const char *judge = family == 4 ? RIG_IN_JUDGE : RIG_IN_JUDGE6;
	const char *module = family == 4 ? RIG_IN_MODULE : RIG_IN_MODULE6;
	struct inner inner = {
		.src = inbound ? judge : module,
		.dst = inbound ? module : judge,
		.len = len ? len : family == 4 ? INNER_MIN4 : INNER_MIN6,
		.seq = seq,
	};

	return inner_make(packet, &inner);
}

size_t party_inbound(uint8_t *packet, int family, size_t len, uint16_t seq)
{
	return echo_reply(packet, family, true, len, seq);
}

size_t party_outbound(uint8_t *packet, int family, size_t len, uint16_t seq)
{
	return echo_reply(packet, family, false, len, seq);
}
