// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "request.h"

static int parse(struct request *request, const char *line)
{
	struct mpcnet_err err = { "" };
	int ret = request_parse(request, line, strlen(line), &err);

	CHECK(!ret == !err.text[0]);
	return ret;
}

static void whole(void)
{
	struct request r;

	CHECK(!parse(&r, "{\"do\":\"join\",\"session\":\"s\",\"ticket\":\"mpc1a\",\"name\":\"bob\","
			 "\"index\":254,\"card\":\"mpccard1\"}"));
	CHECK(r.verb == REQUEST_JOIN && r.index == 254);
	CHECK(!strcmp(r.session, "s") && !strcmp(r.ticket, "mpc1a"));
	CHECK(!strcmp(r.name, "bob") && !strcmp(r.card, "mpccard1"));
}

static void defaults(void)
{
	struct request r;

	memset(&r, 'x', sizeof(r));
	CHECK(!parse(&r, " { \"do\" : \"show\" , \"index\" : null, \"name\": null } "));
	CHECK(r.verb == REQUEST_SHOW && r.index == -1);
	CHECK(!*r.session && !*r.ticket && !*r.name && !*r.card);
	/* Of a later version */
	CHECK(!parse(&r, "{\"do\":\"leave\",\"more\":{\"of\":[1]}}"));
	CHECK(r.verb == REQUEST_LEAVE);
}

static void verbs(void)
{
	static const char *const words[] = {
		[REQUEST_VERSION] = "version", [REQUEST_JOIN] = "join", [REQUEST_SHOW] = "show",
		[REQUEST_LEAVE] = "leave",     [REQUEST_CARD] = "card", [REQUEST_ADD] = "add",
	};
	char line[64];
	struct request r;

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(line, sizeof(line), "{\"do\":\"%s\"}", words[i]);
		CHECK(!parse(&r, line) && r.verb == (enum request_verb)i);
	}
}

/* Each of @lines is refused by a sentence that has @words. */
static void check_refused(const char *const *lines, const char *words)
{
	for (; *lines; lines++) {
		struct mpcnet_err err = { "" };
		struct request r;
		bool refused = request_parse(&r, *lines, strlen(*lines), &err) == -1 &&
			       strstr(err.text, words);

		CHECK(refused);
		if (!refused)
			printf("# %s: %s\n", *lines, err.text);
	}
}

static void no_json(void)
{
	static const char *const lines[] = {
		"",
		" ",
		"show",
		"null",
		"{",
		"{\"do\":\"show\"",
		"{\"do\":\"show\",}",
		"{\"do\":\"show\"}x",
		"{\"do\":\"show\"}{}",
		"{'do':'show'}",
		"{do:\"show\"}",
		"{\"do\":\"show\" /* of all */}",
		"{\"do\":\"show\",\"index\":007}",
		"{\"do\":\"show\",\"name\":\"\xff\"}",
		"{\"do\":\"show\",\"a\":[[[1]]]}",
		"{\"a\":{\"a\":{\"a\":{\"a\":1}}}}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		NULL,
	};
	static const char *const others[] = { "[]", "[\"show\"]", "\"show\"", "1 ", "true ", NULL };

	check_refused(lines, "the request is no JSON");
	check_refused(others, "the request is no JSON object");
}

static void wrong_values(void)
{
	static const char *const verb[] = {
		"{}",
		"{\"do\":\"\"}",
		"{\"do\":null}",
		"{\"do\":\"Show\"}",
		"{\"do\":\"run\"}",
		"{\"DO\":\"show\"}",
		NULL,
	};
	static const char *const type[] = {
		"{\"do\":1}",
		"{\"do\":[\"show\"]}",
		"{\"do\":\"show\",\"session\":1}",
		"{\"do\":\"join\",\"ticket\":true}",
		"{\"do\":\"join\",\"name\":{}}",
		"{\"do\":\"add\",\"card\":[]}",
		NULL,
	};
	static const char *const lost[] = {
		"{\"do\":\"join\",\"lost\":0}",
		"{\"do\":\"join\",\"lost\":31536001}",
		"{\"do\":\"join\",\"lost\":\"1\"}",
		NULL,
	};
	static const char *const index[] = {
		"{\"do\":\"join\",\"index\":255}",
		"{\"do\":\"join\",\"index\":-2}",
		"{\"do\":\"join\",\"index\":4294967296}",
		"{\"do\":\"join\",\"index\":99999999999999999999}",
		"{\"do\":\"join\",\"index\":1.0}",
		"{\"do\":\"join\",\"index\":\"1\"}",
		"{\"do\":\"join\",\"index\":[1]}",
		"{\"do\":\"join\",\"index\":false}",
		NULL,
	};

	check_refused(verb, "does not know this request");
	check_refused(type, "of the request is no text");
	check_refused(index, "the index must be from 0 to 254");
	check_refused(lost, "lost must be from 1 to 31536000");
}

static void zeros(void)
{
	static const char behind[] = "{\"do\":\"leave\"}\0 of what?";
	static const char inside[] = "{\"do\":\"leave\",\"session\":\"a\0b\"}";
	static const char *const escaped[] = { "{\"do\":\"leave\",\"session\":\"a\\u0000b\"}",
					       NULL };
	struct mpcnet_err err;
	struct request r;

	CHECK(request_parse(&r, behind, sizeof(behind) - 1, &err) == -1);
	CHECK(request_parse(&r, inside, sizeof(inside) - 1, &err) == -1);
	CHECK(request_parse(&r, "", 1, &err) == -1);
	check_refused(escaped, "\"session\" of the request is too long, or no text");
}

static bool fits(const char *key, size_t len)
{
	char text[REQUEST_MAX], line[REQUEST_MAX + 64];
	struct mpcnet_err err;
	struct request r;

	memset(text, 'a', len);
	text[len] = '\0';
	snprintf(line, sizeof(line), "{\"do\":\"add\",\"%s\":\"%s\"}", key, text);
	return !request_parse(&r, line, strlen(line), &err);
}

static void lengths(void)
{
	char line[REQUEST_MAX + 1];
	struct mpcnet_err err;
	struct request r;

	CHECK(fits("ticket", TICKET_TEXT_MAX - 1) && !fits("ticket", TICKET_TEXT_MAX));
	CHECK(fits("card", CARD_TEXT_MAX - 1) && !fits("card", CARD_TEXT_MAX));
	CHECK(fits("name", CARD_NAME_MAX) && !fits("name", CARD_NAME_MAX + 1));
	CHECK(fits("session", sizeof(r.session) - 1) && !fits("session", sizeof(r.session)));
	CHECK(fits("of no use", REQUEST_MAX - 64));

	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"do\":\"show\"}", 13);
	CHECK(!request_parse(&r, line, REQUEST_MAX, &err));
	CHECK(request_parse(&r, line, REQUEST_MAX + 1, &err) == -1);
	CHECK(!strcmp(err.text, "the request is too long"));
}

static const struct unit_test tests[] = {
	{ "request: all that there is", whole },   { "request: what is left out", defaults },
	{ "request: each verb", verbs },	   { "request: what is no JSON", no_json },
	{ "request: wrong values", wrong_values }, { "request: zeros", zeros },
	{ "request: too long", lengths },	   { 0 },
};
UNIT_TESTS(tests)
