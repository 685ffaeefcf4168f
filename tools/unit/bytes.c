// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "bytes.h"

static void written(void)
{
	static const uint8_t want[] = { 1, 2, 3, 0, 0, 0, 4, 2, 'h', 'i', 9 };
	uint8_t data[sizeof(want)];
	struct bytes_out out = { .data = data, .room = sizeof(data) };

	bytes_put_number(&out, 0x0102, 2);
	bytes_put_number(&out, 3, 1);
	bytes_put_number(&out, 4, 4);
	bytes_put_text(&out, "hi");
	bytes_put(&out, "\x09", 1);
	CHECK(!out.failed && out.len == sizeof(want) && !memcmp(data, want, sizeof(want)));
	bytes_put(&out, "", 0);
	CHECK(!out.failed);
	bytes_put_number(&out, 0, 1);
	CHECK(out.failed && out.len == sizeof(want));
}

static void not_written(void)
{
	uint8_t data[300];
	char text[257];
	struct bytes_out out = { .data = data, .room = sizeof(data) };

	bytes_put_number(&out, UINT64_MAX, 8);
	bytes_put_number(&out, 255, 1);
	CHECK(!out.failed && out.len == 9);
	bytes_put_number(&out, 256, 1);
	CHECK(out.failed);
	out = (struct bytes_out){ .data = data, .room = sizeof(data) };
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	bytes_put_text(&out, text);
	CHECK(!out.failed && out.len == 256);
	out.len = 0;
	text[255] = 'a';
	text[256] = '\0';
	bytes_put_text(&out, text);
	CHECK(out.failed);
	/* Nothing comes behind a field that is not there. */
	out = (struct bytes_out){ .data = data, .room = 1 };
	bytes_put_number(&out, 1, 2);
	bytes_put_number(&out, 1, 1);
	CHECK(out.failed && out.len == 0);
}

static void read_back(void)
{
	static const uint8_t data[] = { 1, 2, 2, 'h', 'i', 0, 7, 8 };
	struct bytes_in in = { .data = data, .len = sizeof(data) };
	uint8_t two[2];
	char text[3];

	CHECK(bytes_take_number(&in, 2) == 0x0102);
	bytes_take_text(&in, text, sizeof(text));
	CHECK(!strcmp(text, "hi"));
	bytes_take_text(&in, text, sizeof(text));
	CHECK(!strcmp(text, "") && !bytes_end(&in) && !in.failed);
	bytes_take(&in, two, sizeof(two));
	CHECK(two[0] == 7 && two[1] == 8 && bytes_end(&in));
	CHECK(bytes_take_number(&in, 1) == 0 && in.failed && !bytes_end(&in));
}

/* A failure is kept, and nothing is left as it was. */
static void not_read(void)
{
	static const uint8_t data[] = { 3, 'a', 'b', 'c', 2, 'a', 0 };
	struct bytes_in in = { .data = data, .len = sizeof(data) };
	uint8_t eight[8] = { 1 };
	char text[8] = "xxxxxxx";

	/* Three letters do not fit where there is room for three with the 0. */
	bytes_take_text(&in, text, 3);
	CHECK(in.failed && !strcmp(text, "") && !strcmp(text + 3, "xxxx"));
	in = (struct bytes_in){ .data = data, .len = 3 };
	bytes_take_text(&in, text, sizeof(text));
	CHECK(in.failed);
	in = (struct bytes_in){ .data = data + 4, .len = 3 };
	bytes_take_text(&in, text, sizeof(text));
	CHECK(in.failed);
	in = (struct bytes_in){ .data = data, .len = sizeof(data) };
	bytes_take(&in, eight, sizeof(eight));
	CHECK(in.failed && eight[0] == 0);
	CHECK(bytes_take_number(&in, 1) == 0);
}

static const struct unit_test tests[] = {
	{ "bytes: written", written },
	{ "bytes: what does not fit", not_written },
	{ "bytes: read", read_back },
	{ "bytes: what is not there", not_read },
	{ 0 },
};
UNIT_TESTS(tests)
