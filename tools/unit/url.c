// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "card.h"

static void turn(void)
{
	static const struct {
		const char *url;
		bool tls;
		const char *user, *password, *name, *port;
	} list[] = {
		{ "turn:relay.example.org:3478", false, "", "", "relay.example.org", "3478" },
		{ "turns:192.0.2.1:443", true, "", "", "192.0.2.1", "443" },
		{ "turn:[2001:db8::1]:3478", false, "", "", "2001:db8::1", "3478" },
		{ "turn:u:p@h:1", false, "u", "p", "h", "1" },
		{ "turn:u:p:q@r@[::1]:1", false, "u", "p:q@r", "::1", "1" },
		{ "turns:1700000000%3Aal:a+/=%25@h:1", true, "1700000000:al", "a+/=%", "h", "1" },
		{ "turn:u:%C3%a4@h:1", false, "u", "\xc3\xa4", "h", "1" },
	};
	struct ticket_turn t;
	struct mpcnet_err err;

	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		CHECK(!ticket_turn_parse(&t, list[i].url, &err));
		CHECK(t.tls == list[i].tls);
		CHECK(!strcmp(t.user, list[i].user));
		CHECK(!strcmp(t.password, list[i].password));
		CHECK(!strcmp(t.host.name, list[i].name));
		CHECK(!strcmp(t.host.port, list[i].port));
	}
}

static void turn_refused(void)
{
	static const char *const bad[] = {
		"",
		"h:1",
		"turn:",
		"turnx:h:1",
		"TURN:h:1",
		"stun:h:1",
		"turn:h",
		"turn:h:0",
		"turn:h:65536",
		"turn:h:1 ",
		"turn:u@h:1",
		"turn::p@h:1",
		"turn:u:@h:1",
		"turn:@h:1",
		"turn:u:p@",
		"turn:u:%@h:1",
		"turn:u:%4@h:1",
		"turn:u:%4g@h:1",
		"turn:u:%00@h:1",
		"turn:u:%1f@h:1",
		"turn:u:\x7f@h:1",
		"turn:u:\n@h:1",
		"turn:h:1?transport=udp",
		"turn:2001:db8::1:3478",
		"turn:h/x:1",
		"turn://h:1",
	};
	static const struct ticket_turn none;
	struct ticket_turn t;
	struct mpcnet_err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool taken = !ticket_turn_parse(&t, bad[i], &err);

		CHECK(!taken);
		if (taken)
			printf("# %s\n", bad[i]);
		CHECK(!memcmp(&t, &none, sizeof(none)));
		CHECK(!strcmp(err.text,
			      "expected turn:[USER:PASSWORD@]HOST:PORT, or turns: for TLS"));
	}
}

static void turn_lengths(void)
{
	char url[2 * TICKET_URL_MAX];
	struct ticket_turn t;
	struct mpcnet_err err;

	snprintf(url, sizeof(url), "turn:%0127u:%0127u@h:1", 1, 2);
	CHECK(!ticket_turn_parse(&t, url, &err));
	CHECK(strlen(t.user) == TURN_CREDENTIAL_MAX && strlen(t.password) == TURN_CREDENTIAL_MAX);
	snprintf(url, sizeof(url), "turn:%0128u:2@h:1", 1);
	CHECK(ticket_turn_parse(&t, url, &err));
	snprintf(url, sizeof(url), "turn:1:%0128u@h:1", 2);
	CHECK(ticket_turn_parse(&t, url, &err));
}

static void broker(void)
{
	static const char *const bad[] = {
		"",
		"h:1",
		"mqtt:h:1",
		"mqtt://",
		"mqtt://h",
		"mqtt://h:0",
		"mqtt://u@h:1",
		"mqtt://h:1/",
		"http://h:1",
		"MQTT://h:1",
		"mqtt://h\x1b[m:1",
		"mqtt://:p@h:1",
		"mqtt://u:@h:1",
		"mqtts://u:p@",
		"mqtt://u:%0@h:1",
		"mqtt://u:p@h",
	};
	static const struct ticket_broker none;
	struct ticket_broker b;
	struct mpcnet_err err;

	CHECK(!ticket_broker_parse(&b, "mqtt://broker.example.org:1883", &err));
	CHECK(!b.tls && !strcmp(b.host.name, "broker.example.org") && !strcmp(b.host.port, "1883"));
	CHECK(!ticket_broker_parse(&b, "mqtts://[2001:db8::1]:8883", &err));
	CHECK(b.tls && !strcmp(b.host.name, "2001:db8::1") && !strcmp(b.host.port, "8883"));
	CHECK(!b.user[0] && !b.password[0]);
	CHECK(!ticket_broker_parse(&b, "mqtts://us%3Aer:p:a@ss%25@h:8883", &err));
	CHECK(b.tls && !strcmp(b.user, "us:er") && !strcmp(b.password, "p:a@ss%"));
	CHECK(!strcmp(b.host.name, "h") && !strcmp(b.host.port, "8883"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool taken = !ticket_broker_parse(&b, bad[i], &err);

		CHECK(!taken);
		CHECK(!memcmp(&b, &none, sizeof(none)));
		if (taken)
			printf("# %s\n", bad[i]);
	}
}

static void stun(void)
{
	struct mpcnet_host host;
	struct mpcnet_err err;

	CHECK(!ticket_stun_parse(&host, "stun_1.example-a.org:3478", &err));
	CHECK(!strcmp(host.name, "stun_1.example-a.org") && !strcmp(host.port, "3478"));
	CHECK(!ticket_stun_parse(&host, "[fe80::1%eth0]:3478", &err));
	CHECK(ticket_stun_parse(&host, "", &err));
	CHECK(ticket_stun_parse(&host, "stun:h:3478", &err));
	CHECK(ticket_stun_parse(&host, "h;id:3478", &err));
	/* What a stranger wrote does not get to the terminal. */
	CHECK(ticket_stun_parse(&host, "\x1b]0;title\a:1", &err));
	CHECK(!strchr(err.text, '\x1b'));
}

static const struct unit_test tests[] = {
	{ "url: TURN", turn },
	{ "url: TURN, what is refused", turn_refused },
	{ "url: TURN, lengths", turn_lengths },
	{ "url: rendezvous", broker },
	{ "url: STUN", stun },
	{ 0 },
};
UNIT_TESTS(tests)
