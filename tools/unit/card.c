// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "key.h"
#include "sample.h"

/* The public key of the private key 00 01 02 ... 1f. */
#define PUBLIC_KEY "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f"

static const uint8_t known_bytes[] = {
	0x01, 0x8f, 0x40, 0xc5, 0xad, 0xb6, 0x8f, 0x25, 0x62, 0x4a, 0xe5, 0xb2, 0x14, 0xea, 0x76,
	0x7a, 0x6e, 0xc9, 0x4d, 0x82, 0x9d, 0x3d, 0x7b, 0x5e, 0x1a, 0xd1, 0xba, 0x6f, 0x3e, 0x21,
	0x38, 0x28, 0x5f, 0x05, 0x61, 0x6c, 0x69, 0x63, 0x65, 0x02, 0x00, 0x00, 0x00, 0x07, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x6b, 0x49, 0xd2, 0x00,
	0x02, 0x00, 0x03, 0x00, 0x04, 0xc0, 0xa8, 0x01, 0x02, 0xca, 0x6c, 0x00, 0x06, 0x20, 0x01,
	0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xca,
	0x6c, 0x02, 0x04, 0xcb, 0x00, 0x71, 0x05, 0x9c, 0x40
};

/* Sealed with the key of the known ticket and the nonce 00 01 02 ... 0b. */
static const char known_text[] =
	"mpccard1AAECAwQFBgcICQoLO6sVSkEEv2VZneJBfAAiOUC8fhG2CjltN9WcM95Y2LxCO2xulE3PwKZGD8NS"
	"ERAj2PRY2rXNFhFwiCS-rAEpMXuSUhhype006-PPA6mfpYpdTFjuCTNhd8effVtdfvdH5c7dT_jB1V16y-qi"
	"o2X2wIKZjw";
static const char index_3[] =
	"mpccard1AAECAwQFBgcICQoLO6sVSkEEv2VZneJBfAAiOUC8fhG2CjltN9WcM95Y2LxCO2xulE3PwaZGD8NS"
	"ERAj2PRY2rXNFhFwiCS-rAEpMXuSUhhype006-PPA6mfpYpdTFjuCTNhd8effVtdfvdH5c7dQx-vZuRBR1HG"
	"UNDEHz5rOA";
static const char version_2[] =
	"mpccard1AAECAwQFBgcICQoLOKsVSkEEv2VZneJBfAAiOUC8fhG2CjltN9WcM95Y2LxCO2xulE3PwKZGD8NS"
	"ERAj2PRY2rXNFhFwiCS-rAEpMXuSUhhype006-PPA6mfpYpdTFjuCTNhd8effVtdfvdH5c7dgMPn3b4wazNi"
	"6sttP3KfeQ";
static const char no_session[] =
	"mpccard1AAECAwQFBgcICQoLO6sVSkEEv2VZneJBfAAiOUC8fhG2CjltN9WcM95Y2LxCO2xulE3PwKZGD8NS"
	"ERAj2PRY2rXNFhFwiCS-rAEpMXuSUhhype006-PPA6mfpYpdTFjuCTNhd8effVtdfvdH5c7dGaC9B_wDD6pu"
	"xjyBHuBD0A";

static bool add(struct card *card, enum candidate_type type, const char *text, uint16_t port)
{
	union mpcnet_endpoint e = { 0 };

	if (inet_pton(AF_INET, text, &e.in.sin_addr) == 1) {
		e.in.sin_family = AF_INET;
		e.in.sin_port = htons(port);
	} else {
		CHECK(inet_pton(AF_INET6, text, &e.in6.sin6_addr) == 1);
		e.in6.sin6_family = AF_INET6;
		e.in6.sin6_port = htons(port);
	}
	return candidates_add(&card->candidates, type, &e);
}

static struct card sample(void)
{
	struct card card = {
		.name = "alice",
		.index = 2,
		.epoch = 7,
		.sequence = 9,
		.expires = 1800000000,
		.candidates.mapping = NAT_INDEPENDENT,
	};

	CHECK(mpcnet_key_from_hex(card.public_key, PUBLIC_KEY, 64));
	CHECK(add(&card, CANDIDATE_HOST, "192.168.1.2", 51820));
	CHECK(add(&card, CANDIDATE_HOST, "2001:db8::2", 51820));
	CHECK(add(&card, CANDIDATE_REFLEXIVE, "203.0.113.5", 40000));
	return card;
}

static bool equal(const struct card *a, const struct card *b)
{
	for (unsigned int i = 0; i < a->candidates.count; i++) {
		const struct candidate *x = &a->candidates.at[i], *y = &b->candidates.at[i];

		if (x->type != y->type || !mpcnet_endpoint_equal(&x->address, &y->address))
			return false;
	}
	return !memcmp(a->public_key, b->public_key, MPCNET_KEY_LEN) && !strcmp(a->name, b->name) &&
	       a->index == b->index && a->epoch == b->epoch && a->sequence == b->sequence &&
	       a->expires == b->expires && a->candidates.mapping == b->candidates.mapping &&
	       a->candidates.udp_blocked == b->candidates.udp_blocked &&
	       a->candidates.count == b->candidates.count;
}

static void known(void)
{
	struct card card = sample(), again;
	uint8_t data[CARD_ROOM];

	CHECK(card_encode(data, sizeof(data), &card) == sizeof(known_bytes));
	CHECK(!memcmp(data, known_bytes, sizeof(known_bytes)));
	CHECK(card_encode(data, sizeof(known_bytes), &card) == sizeof(known_bytes));
	CHECK(!card_encode(data, sizeof(known_bytes) - 1, &card));
	CHECK(card_decode(&again, known_bytes, sizeof(known_bytes)));
	CHECK(equal(&card, &again));
}

/* The largest and the smallest fit, and come back as they were. */
static void ends(void)
{
	struct card card = sample(), again;
	struct ticket ticket = sample_ticket();
	char text[CARD_TEXT_MAX];
	struct mpcnet_err err;

	memset(card.name, 'n', CARD_NAME_MAX);
	card.index = -1;
	card.epoch = UINT32_MAX;
	card.sequence = card.expires = UINT64_MAX;
	card.candidates.udp_blocked = true;
	card.candidates.mapping = NAT_SEQUENTIAL;
	card.candidates.count = 0;
	for (uint16_t i = 0; i < CANDIDATES_MAX; i++)
		CHECK(add(&card, CANDIDATE_RELAYED, "2001:db8::3", 65535 - i));
	CHECK(card_seal(text, &card, &ticket));
	CHECK(!card_open(&again, text, &ticket, &err));
	CHECK(equal(&card, &again));
	memset(&card, 0, sizeof(card));
	card.public_key[31] = 1;
	CHECK(card_seal(text, &card, &ticket));
	CHECK(!card_open(&again, text, &ticket, &err));
	CHECK(equal(&card, &again));
}

/* Is a card refused of which one byte is another? */
static bool refused(size_t at, uint8_t value)
{
	uint8_t data[sizeof(known_bytes)];
	struct card card;

	memcpy(data, known_bytes, sizeof(data));
	CHECK(data[at] != value);
	data[at] = value;
	return !card_decode(&card, data, sizeof(data));
}

static void strict(void)
{
	uint8_t data[sizeof(known_bytes) + 1] = { 0 };
	struct card card;

	memcpy(data, known_bytes, sizeof(known_bytes));
	for (size_t cut = 0; cut < sizeof(known_bytes); cut++)
		CHECK(!card_decode(&card, data, cut));
	CHECK(!card_decode(&card, data, sizeof(data)));
	memset(data + 1, 0, MPCNET_KEY_LEN);
	CHECK(!card_decode(&card, data, sizeof(known_bytes)));
	CHECK(refused(0, 2)); /* version */
	CHECK(refused(33, CARD_NAME_MAX + 1));
	CHECK(refused(34, 0)); /* inside the name */
	CHECK(refused(34, '-'));
	CHECK(refused(60, NAT_SEQUENTIAL + 1));
	CHECK(refused(61, 2)); /* udp_blocked */
	CHECK(refused(62, 2)); /* count */
	CHECK(refused(62, 4));
	CHECK(refused(63, CANDIDATE_RELAYED + 1));
	CHECK(refused(63, CANDIDATE_MAPPED)); /* not in order */
	CHECK(refused(64, 5));		      /* family */
	CHECK(refused(65, 127));
	CHECK(refused(65, 224));
	/* Without candidates, udp_blocked is 0 or 1 too. */
	data[62] = 0;
	memcpy(data + 1, known_bytes + 1, MPCNET_KEY_LEN);
	CHECK(card_decode(&card, data, 63) && !card.candidates.udp_blocked);
	data[61] = 1;
	CHECK(card_decode(&card, data, 63) && card.candidates.udp_blocked);
	data[61] = 2;
	CHECK(!card_decode(&card, data, 63));
}

static void addresses(void)
{
	uint8_t data[sizeof(known_bytes)];
	struct card card;

	/* An IPv4 address in IPv6's clothes has another spelling. */
	memcpy(data, known_bytes, sizeof(data));
	memcpy(data + 73, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x01", 16);
	CHECK(!card_decode(&card, data, sizeof(data)));
	/* Port 0. */
	memcpy(data, known_bytes, sizeof(data));
	data[69] = data[70] = 0;
	CHECK(!card_decode(&card, data, sizeof(data)));
	/* The last is the first again. */
	memcpy(data, known_bytes, sizeof(data));
	memcpy(data + sizeof(data) - 6, data + 65, 6);
	CHECK(!card_decode(&card, data, sizeof(data)));
}

static void not_encoded(void)
{
	struct card card = sample(), bad = card;
	uint8_t data[CARD_ROOM];

	CHECK(card_encode(data, sizeof(data), &bad));
	bad.index = PARTIES_MAX;
	CHECK(!card_encode(data, sizeof(data), &bad));
	bad.index = -2;
	CHECK(!card_encode(data, sizeof(data), &bad));
	bad = card;
	memset(bad.name, 'a', sizeof(bad.name));
	CHECK(!card_encode(data, sizeof(data), &bad));
	bad = card;
	for (uint16_t port = 1; bad.candidates.count < CANDIDATES_MAX; port++)
		CHECK(add(&bad, CANDIDATE_RELAYED, "203.0.113.5", port));
	CHECK(card_encode(data, sizeof(data), &bad));
	bad.candidates.count++;
	CHECK(!card_encode(data, sizeof(data), &bad));
	bad = card;
	bad.candidates.at[0].type = CANDIDATE_RELAYED;
	CHECK(!card_encode(data, sizeof(data), &bad));
	bad = card;
	bad.candidates.at[1].address.in6.sin6_scope_id = 1;
	CHECK(!card_encode(data, sizeof(data), &bad));
}

static bool not_opened(const char *text, const struct ticket *ticket, const char *why)
{
	struct card card;
	struct mpcnet_err err;

	if (!card_open(&card, text, ticket, &err))
		return false;
	if (strstr(err.text, why))
		return true;
	printf("# %s\n", err.text);
	return false;
}

/* A clock can be seen to be ahead of ours, not behind it: cards grow old. */
static void clocks(void)
{
	struct card card = { .sequence = UINT64_C(1700000000) * 1000 + 999 };

	CHECK(!card_ahead(&card, 1700000000));
	CHECK(!card_ahead(&card, 1700086400));
	CHECK(card_ahead(&card, 1699913600) == 86400);
}

static void sealed(void)
{
	struct card card = sample(), again;
	struct ticket ticket = sample_ticket();
	char text[CARD_TEXT_MAX], other[CARD_TEXT_MAX];
	struct mpcnet_err err;

	CHECK(!card_open(&again, known_text, &ticket, &err));
	CHECK(equal(&card, &again));
	CHECK(card_seal(text, &card, &ticket));
	CHECK(card_seal(other, &card, &ticket));
	CHECK(!strncmp(text, "mpccard1", 8) && strlen(text) == strlen(known_text));
	/* The nonce is another, and with it everything. */
	CHECK(strncmp(text, other, 24));
	CHECK(!card_open(&again, text, &ticket, &err));
	CHECK(equal(&card, &again));
	card.index = 3;
	CHECK(!card_seal(text, &card, &ticket));
}

static void wrapped(void)
{
	char text[4 * sizeof(known_text)] = " \r\n", *at = text + strlen(text);
	struct ticket ticket = sample_ticket();
	struct card card = sample(), again;
	struct mpcnet_err err;

	for (size_t i = 0; i < strlen(known_text); i++)
		at += sprintf(at, "%c%s", known_text[i], i % 20 == 19 ? "\r\n" : i % 3 ? "" : " ");
	CHECK(!card_open(&again, text, &ticket, &err));
	CHECK(equal(&card, &again));
}

static void damaged(void)
{
	static const char why[] = "the card was not made with this ticket, or is damaged";
	char text[sizeof(known_text) + 1];
	struct ticket ticket = sample_ticket();
	size_t len = strlen(known_text);

	strcpy(text, known_text);
	for (size_t i = 8; i < len; i++) {
		text[i] = known_text[i] == 'A' ? 'B' : 'A';
		CHECK(not_opened(text, &ticket, why));
		text[i] = '\0';
		CHECK(not_opened(text, &ticket, why));
		text[i] = known_text[i];
	}
	text[len] = 'A';
	text[len + 1] = '\0';
	CHECK(not_opened(text, &ticket, why));
	text[len] = '!';
	CHECK(not_opened(text, &ticket, why));
	CHECK(not_opened("mpccard1+", &ticket, why));
	CHECK(not_opened(no_session, &ticket, why));
	ticket.secret[0] ^= 1;
	CHECK(not_opened(known_text, &ticket, why));
}

static void not_for_us(void)
{
	struct ticket ticket = sample_ticket();
	char text[2 * CARD_TEXT_MAX];

	CHECK(not_opened("", &ticket, "this is no card: it does not begin with mpccard1"));
	CHECK(not_opened("mpccard", &ticket, "does not begin with mpccard1"));
	CHECK(not_opened("MPCCARD1AAAA", &ticket, "does not begin with mpccard1"));
	CHECK(not_opened(SAMPLE_TICKET, &ticket, "does not begin with mpccard1"));
	CHECK(not_opened(index_3, &ticket, "the card has index 3, but the session 3 parties"));
	CHECK(not_opened(version_2, &ticket, "the card is of another version of mpcnet"));
	memset(text, 'A', sizeof(text));
	memcpy(text, "mpccard1", 8);
	text[sizeof(text) - 1] = '\0';
	CHECK(not_opened(text, &ticket, "or is damaged"));
}

static const struct unit_test tests[] = {
	{ "card: known bytes", known },
	{ "card: the largest and the smallest", ends },
	{ "card: strict", strict },
	{ "card: addresses that do not belong", addresses },
	{ "card: what is not encoded", not_encoded },
	{ "card: a clock that is ahead", clocks },
	{ "card: sealed and opened", sealed },
	{ "card: wrapped", wrapped },
	{ "card: damaged anywhere, or of another session", damaged },
	{ "card: what is none for us", not_for_us },
	{ 0 },
};
UNIT_TESTS(tests)
