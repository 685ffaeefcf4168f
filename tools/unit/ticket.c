// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "sample.h"

/* The same with a version of 2, and its checksum. */
static const char version_2[] =
	"mpc1aiaacaqdaqcqmbyibefawdanbyhqgaaaaaagwsosaadgizlnn4wtccsnaaabqaqvon2hk3romv4gc3lq"
	"nrss433sm45dgnbxhajfwmrqgaytuzdcha5dumk5hiztinzyaeuhi5lsnzztuylmnfrwkotqeu2da43tibzg"
	"k3dbpexgk6dbnvygyzjon5zgoorugqzqch3nof2hi4z2f4xwe4tpnnsxeltfpbqw24dmmuxg64thhi4dqobt"
	"htgkaiy";

static bool equal(const struct ticket *a, const struct ticket *b)
{
	uint8_t x[TICKET_ROOM], y[TICKET_ROOM];
	size_t len = ticket_encode(x, sizeof(x), a);

	return len && len == ticket_encode(y, sizeof(y), b) && !memcmp(x, y, len);
}

static void known(void)
{
	struct ticket want = sample_ticket(), ticket;
	char text[TICKET_TEXT_MAX];
	struct mpcnet_err err;

	CHECK(ticket_format(text, &want));
	CHECK(!strcmp(text, SAMPLE_TICKET));
	memset(&ticket, 0xff, sizeof(ticket));
	CHECK(!ticket_parse(&ticket, SAMPLE_TICKET, &err));
	CHECK(!memcmp(ticket.secret, want.secret, sizeof(want.secret)));
	CHECK(ticket.parties == 3 && ticket.expires == 1800000000);
	CHECK(!strcmp(ticket.name, "demo-1"));
	CHECK(ticket.network == htonl(0x0a4d0000) && ticket.network_len == 24);
	CHECK(ticket.stun_count == 2 && !strcmp(ticket.stun[0], want.stun[0]));
	CHECK(!strcmp(ticket.stun[1], want.stun[1]));
	CHECK(ticket.turn_count == 1 && !strcmp(ticket.turn[0], want.turn[0]));
	CHECK(ticket.broker_count == 1 && !strcmp(ticket.broker[0], want.broker[0]));
}

static void keys(void)
{
	static const uint8_t id_want[TICKET_ID_LEN] = { 0x3b, 0x0f, 0x04, 0x5d, 0x72, 0xee,
							0xb5, 0x8d, 0xe2, 0x20, 0x21, 0x6b,
							0x19, 0xea, 0xe2, 0xb3 };
	uint8_t id[TICKET_ID_LEN], key[MPCNET_KEY_LEN], want[MPCNET_KEY_LEN];
	struct ticket ticket = sample_ticket();

	CHECK(ticket_id(id, &ticket));
	CHECK(!memcmp(id, id_want, sizeof(id)));
	CHECK(mpcnet_key_from_hex(
		want, "5fe8dddfaa553ae28048e06b8e801c992422d325946a188b00bcd30b6bb101f0", 64));
	CHECK(ticket_key(key, &ticket, "card"));
	CHECK(!memcmp(key, want, sizeof(key)));
	CHECK(ticket_key(key, &ticket, "cards"));
	CHECK(memcmp(key, want, sizeof(key)));
	ticket.parties++;
	CHECK(ticket_id(id, &ticket));
	CHECK(memcmp(id, id_want, sizeof(id)));
	ticket.parties = 1;
	CHECK(!ticket_id(id, &ticket));
	CHECK(!ticket_key(key, &ticket, "card"));
}

/* Copy the known ticket, with something between every two characters. */
static void spread(char *text, const char *between)
{
	*text = '\0';
	for (const char *c = SAMPLE_TICKET; *c; c++)
		text += sprintf(text, "%c%s", *c, between);
}

static void tolerance(void)
{
	static const char *const between[] = { " ", "\n", "\r\n", "\t", "-", " - \n" };
	struct ticket want = sample_ticket(), ticket;
	char text[8 * sizeof(SAMPLE_TICKET)];
	struct mpcnet_err err;

	for (size_t i = 0; i < sizeof(between) / sizeof(*between); i++) {
		spread(text, between[i]);
		CHECK(!ticket_parse(&ticket, text, &err) && equal(&ticket, &want));
	}
	snprintf(text, sizeof(text), "\n  %s\r\n", SAMPLE_TICKET);
	for (char *c = text; *c; c++)
		*c = (char)toupper(*c);
	CHECK(!ticket_parse(&ticket, text, &err) && equal(&ticket, &want));
}

static bool refused(const char *text, const char *why)
{
	static const struct ticket none;
	struct ticket ticket;
	struct mpcnet_err err;

	memset(&ticket, 0xff, sizeof(ticket));
	if (!ticket_parse(&ticket, text, &err) || memcmp(&ticket, &none, sizeof(none)))
		return false;
	if (strstr(err.text, why))
		return true;
	printf("# %s\n", err.text);
	return false;
}

static void mistyped(void)
{
	char text[sizeof(SAMPLE_TICKET) + 1] = SAMPLE_TICKET;
	size_t len = strlen(text);

	for (size_t i = 4; i < len; i++) {
		char old = text[i];

		text[i] = old == 'a' ? 'b' : 'a';
		CHECK(refused(text, "the ticket is mistyped or cut: copy it whole"));
		text[i] = '0';
		CHECK(refused(text, "mistyped"));
		text[i] = '\0';
		CHECK(refused(text, "mistyped"));
		text[i] = old;
	}
	text[len] = 'a';
	CHECK(refused(text, "mistyped"));
}

static void of_others(void)
{
	char text[2 * TICKET_TEXT_MAX];

	CHECK(refused("", "does not begin with mpc1"));
	CHECK(refused("hello", "does not begin with mpc1"));
	CHECK(refused("mpc", "does not begin with mpc1"));
	CHECK(refused("mpccard1AAAA", "does not begin with mpc1"));
	CHECK(refused("mpc1", "mistyped"));
	CHECK(refused("mpc1 aaaa", "mistyped"));
	CHECK(refused(version_2, "the ticket is for another version of mpcnet"));
	memset(text, 'a', sizeof(text));
	memcpy(text, "mpc1", 4);
	text[sizeof(text) - 1] = '\0';
	CHECK(refused(text, "mistyped"));
}

/* The largest ticket fits the room that there is for its bytes and its text. */
static void largest(void)
{
	struct ticket ticket = sample_ticket(), again;
	char text[TICKET_TEXT_MAX];
	struct mpcnet_err err;

	memset(ticket.name, 'n', CARD_NAME_MAX);
	ticket.parties = PARTIES_MAX;
	ticket.network_len = 23;
	ticket.expires = UINT64_MAX;
	ticket.stun_count = ticket.turn_count = ticket.broker_count = TICKET_SERVERS_MAX;
	for (unsigned int i = 0; i < TICKET_SERVERS_MAX; i++) {
		snprintf(ticket.stun[i], TICKET_URL_MAX + 1, "%0253u:1", i);
		snprintf(ticket.turn[i], TICKET_URL_MAX + 1, "turn:%0248u:1", i);
		snprintf(ticket.broker[i], TICKET_URL_MAX + 1, "mqtt://%0246u:1", i);
	}
	CHECK(strlen(ticket.stun[0]) == 255 && strlen(ticket.turn[3]) == 255 &&
	      strlen(ticket.broker[3]) == 255);
	CHECK(ticket_format(text, &ticket));
	CHECK(!ticket_parse(&again, text, &err) && equal(&ticket, &again));
	CHECK(!strcmp(again.broker[3], ticket.broker[3]));
}

/* Is a ticket refused, by each who looks at it, for this reason? */
static bool unfit(const struct ticket *ticket, const char *why)
{
	char text[TICKET_TEXT_MAX];
	struct mpcnet_err err = { "" };

	if (!ticket_check(ticket, &err) || ticket_format(text, ticket))
		return false;
	if (strstr(err.text, why))
		return true;
	printf("# %s\n", err.text);
	return false;
}

static void networks(void)
{
	static const struct {
		uint32_t network;
		uint8_t len;
		unsigned int parties;
		const char *why;
	} list[] = {
		{ 0x0a000000, 8, 255, NULL },
		{ 0, 24, 254, NULL },
		{ 0, 30, 2, NULL },
		{ 0xac100000, 12, 2, NULL },
		{ 0xc0a80000, 16, 2, NULL },
		{ 0x64400000, 10, 2, NULL },
		{ 0, 24, 255, "too small for 255 parties" },
		{ 0, 30, 3, "too small for 3 parties" },
		{ 0, 0, 2, "length of 8 to 30" },
		{ 0, 7, 2, "length of 8 to 30" },
		{ 0, 31, 2, "length of 8 to 30" },
		{ 0x0a4d0001, 24, 2, "bits set behind" },
		{ 0x08000000, 8, 2, "private" },
		{ 0x64000000, 8, 2, "private" },
		/* It begins private, and ends not. */
		{ 0xa9fe0000, 15, 2, "private" },
		{ 0x7f000000, 8, 2, "private" },
		{ 0, 24, 1, "2 to 255 parties" },
		{ 0x0a000000, 8, 256, "2 to 255 parties" },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct ticket ticket = sample_ticket();
		struct mpcnet_err err;
		bool ok;

		ticket.network = htonl(list[i].network);
		ticket.network_len = list[i].len;
		ticket.parties = list[i].parties;
		ok = list[i].why ? unfit(&ticket, list[i].why) : !ticket_check(&ticket, &err);
		CHECK(ok);
		if (!ok)
			printf("# %x/%u\n", list[i].network, list[i].len);
	}
}

static void names(void)
{
	static const char *const bad[] = { "-a",       "a-",  "-",
					   "a b",      "a_b", "a.b",
					   "\xc3\xa4", "a\n", "abcdefghijklmnopqrstuvwxyzabcdef" };
	static const char *const good[] = { "", "a", "A-1", "0",
					    "abcdefghijklmnopqrstuvwxyzabcde" };
	struct ticket ticket = sample_ticket();

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(card_name_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!card_name_is_valid(bad[i]));
	memset(ticket.name, 'a', sizeof(ticket.name));
	CHECK(unfit(&ticket, "a name has up to 31"));
	strcpy(ticket.name, "a_b");
	CHECK(unfit(&ticket, "a name has up to 31"));
}

static void servers(void)
{
	struct ticket ticket = sample_ticket();

	ticket.stun_count = TICKET_SERVERS_MAX + 1;
	CHECK(unfit(&ticket, "4 STUN servers"));
	ticket.stun_count = 3;
	CHECK(unfit(&ticket, "STUN server 3: "));
	ticket.stun_count = 0;
	ticket.turn_count = TICKET_SERVERS_MAX + 1;
	CHECK(unfit(&ticket, "4 TURN servers"));
	ticket.turn_count = 2;
	CHECK(unfit(&ticket, "TURN server 2: "));
	ticket.turn_count = 0;
	strcpy(ticket.broker[0], "http://broker.example.org:80");
	CHECK(unfit(&ticket, "rendezvous server 1: "));
	memset(ticket.broker[0], 'a', sizeof(ticket.broker[0]));
	CHECK(unfit(&ticket, "255 characters"));
	ticket.broker_count = TICKET_SERVERS_MAX + 1;
	CHECK(unfit(&ticket, "4 rendezvous servers"));
	ticket.broker_count = 0;
	CHECK(!unfit(&ticket, ""));
}

static void bytes(void)
{
	struct ticket ticket = sample_ticket(), again;
	uint8_t data[TICKET_ROOM], copy[TICKET_ROOM];
	size_t len = ticket_encode(data, sizeof(data), &ticket);
	struct mpcnet_err err;

	CHECK(len > 0);
	CHECK(ticket_encode(copy, len, &ticket) == len);
	CHECK(!ticket_encode(copy, len - 1, &ticket));
	CHECK(!ticket_decode(&again, data, len, &err));
	for (size_t cut = 0; cut < len; cut++)
		CHECK(ticket_decode(&again, data, cut, &err));
	data[len] = 0;
	CHECK(ticket_decode(&again, data, len + 1, &err));
	CHECK(!strcmp(err.text, "the ticket was made badly, ask for another: "
				"its parts do not fit together"));
	/* A 0 inside the name, which is 27 bytes in. */
	data[28] = 0;
	CHECK(ticket_decode(&again, data, len, &err));
	CHECK(strstr(err.text, "do not fit together"));
}

/* Bytes that are well-formed, and yet no ticket. */
static void bad_bytes(void)
{
	static const struct ticket none;
	struct ticket ticket = sample_ticket(), again;
	uint8_t data[TICKET_ROOM] = { 0 };
	size_t len = ticket_encode(data, sizeof(data), &ticket);
	struct mpcnet_err err;

	CHECK(data[17] == 3);
	data[17] = 1;
	CHECK(ticket_decode(&again, data, len, &err));
	CHECK(strstr(err.text, "ask for another: a session has 2 to 255 parties"));
	CHECK(!memcmp(&again, &none, sizeof(none)));
	/* More servers than there is room for; the name, the last URLs are empty. */
	ticket.name[0] = '\0';
	ticket.stun_count = ticket.turn_count = ticket.broker_count = 0;
	len = ticket_encode(data, sizeof(data), &ticket);
	CHECK(len == 35 && !ticket_decode(&again, data, len, &err));
	data[len - 1] = TICKET_SERVERS_MAX + 1;
	memset(data + len, 0, TICKET_SERVERS_MAX + 1);
	CHECK(ticket_decode(&again, data, len + TICKET_SERVERS_MAX + 1, &err));
	CHECK(strstr(err.text, "do not fit together"));
}

static void expiry(void)
{
	struct ticket ticket = sample_ticket();

	CHECK(!ticket_expired(&ticket, 1799999999));
	CHECK(ticket_expired(&ticket, 1800000000));
}

static const struct unit_test tests[] = {
	{ "ticket: a known one", known },
	{ "ticket: its id and keys", keys },
	{ "ticket: wrapped, spaced, in capitals", tolerance },
	{ "ticket: mistyped anywhere", mistyped },
	{ "ticket: what is none", of_others },
	{ "ticket: the largest", largest },
	{ "ticket: networks", networks },
	{ "ticket: names", names },
	{ "ticket: servers", servers },
	{ "ticket: bytes, cut and extended", bytes },
	{ "ticket: bytes that are none", bad_bytes },
	{ "ticket: expiry", expiry },
	{ 0 },
};
UNIT_TESTS(tests)
