// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "hostsblock.h"

#define BEGIN "# mpcnet demo mpc0 /run/mpcnet begin"
#define END "# mpcnet demo mpc0 /run/mpcnet end\n"
#define OTHER_BEGIN "# mpcnet demo mpc1 /tmp/r%20%0a begin"
#define OTHER_END "# mpcnet demo mpc1 /tmp/r%20%0a end\n"
#define ENTRIES                                                                                    \
	"10.1.2.1 p0.demo.mpcnet alice.demo.mpcnet\n"                                              \
	"fd01::1 p0.demo.mpcnet alice.demo.mpcnet\n"                                               \
	"10.1.2.2 p1.demo.mpcnet\n"

static struct hostsblock_key key = { "demo", "mpc0", "/run/mpcnet" };
static struct hostsblock_key other = { "demo", "mpc1", "/tmp/r \n" };
static struct names_entry entries[] = {
	{ 0,
	  "alice",
	  { { .family = AF_INET, .addr = { 10, 1, 2, 1 } },
	    { .family = AF_INET6, .addr = { 0xfd, 1, [15] = 1 } } } },
	{ 1, "", { { .family = AF_INET, .addr = { 10, 1, 2, 2 } } } },
};

static bool holds(const struct hostsblock_edit *edit, const char *text)
{
	return edit->text.len == strlen(text) &&
	       (!edit->text.len || !memcmp(edit->text.data, text, edit->text.len));
}

/* Puts a block of @whose into @edit, or takes it out. */
static void step(struct hostsblock_edit *edit, struct hostsblock_key *whose, bool add, bool no_file)
{
	struct mpcnet_text before = edit->text;

	if (add)
		CHECK(hostsblock_add(edit, before.data, before.len, whose, entries, 2, no_file));
	else
		CHECK(hostsblock_remove(edit, before.data, before.len, hostsblock_is, whose));
	mpcnet_text_free(&before);
}

static void start(struct hostsblock_edit *edit, const char *text)
{
	*edit = (struct hostsblock_edit){ 0 };
	CHECK(mpcnet_text_add(&edit->text, "%s", text));
}

static bool removed(const char *text, const char *expected)
{
	struct hostsblock_edit edit;
	bool same;

	CHECK(hostsblock_remove(&edit, text, strlen(text), hostsblock_is, &key));
	same = holds(&edit, expected) && edit.changed == !!strcmp(text, expected);
	mpcnet_text_free(&edit.text);
	return same;
}

static void shape(void)
{
	struct hostsblock_edit edit;

	start(&edit, "127.0.0.1 localhost\n");
	step(&edit, &key, true, false);
	CHECK(holds(&edit, "127.0.0.1 localhost\n" BEGIN "\n" ENTRIES END) && edit.changed);
	step(&edit, &key, true, false);
	CHECK(holds(&edit, "127.0.0.1 localhost\n" BEGIN "\n" ENTRIES END) && !edit.changed);
	step(&edit, &other, true, false);
	CHECK(holds(&edit, "127.0.0.1 localhost\n" BEGIN "\n" ENTRIES END OTHER_BEGIN
			   "\n" ENTRIES OTHER_END));
	step(&edit, &key, false, false);
	step(&edit, &other, false, false);
	CHECK(holds(&edit, "127.0.0.1 localhost\n") && !edit.gone);
	mpcnet_text_free(&edit.text);
}

static void back_again(void)
{
	static const char *const texts[] = {
		"",
		"\n",
		"a",
		"a\n",
		"a\r\n",
		"a\r\nb",
		"\n\n",
		"127.0.0.1 a\n\n# mpcnet",
		"a\n\r\n",
		"\r",
		"# mpcnet demo mpc0 /run/mpcnet\n",
	};
	struct hostsblock_edit edit;

	/* In both orders, with another block beside it. */
	for (unsigned int i = 0; i < 2 * sizeof(texts) / sizeof(texts[0]); i++) {
		start(&edit, texts[i / 2]);
		step(&edit, &key, true, false);
		step(&edit, &other, true, false);
		step(&edit, i % 2 ? &key : &other, false, false);
		CHECK(strstr(edit.text.data, i % 2 ? "mpc1" : "mpc0") &&
		      !strstr(edit.text.data, i % 2 ? "mpc0 /run/mpcnet b" : "mpc1"));
		step(&edit, i % 2 ? &other : &key, false, false);
		CHECK(holds(&edit, texts[i / 2]) && !edit.gone);
		mpcnet_text_free(&edit.text);
	}
}

static void no_file(void)
{
	struct hostsblock_edit edit;

	start(&edit, "");
	step(&edit, &key, true, true);
	CHECK(holds(&edit, BEGIN " file\n" ENTRIES END));
	step(&edit, &key, true, false);
	step(&edit, &other, true, false);
	step(&edit, &key, false, false);
	CHECK(holds(&edit, OTHER_BEGIN " file\n" ENTRIES OTHER_END) && !edit.gone);
	step(&edit, &other, false, false);
	CHECK(holds(&edit, "") && edit.gone);
	mpcnet_text_free(&edit.text);

	/* Somebody else has use for the file by now. */
	start(&edit, BEGIN " file\n" ENTRIES END "1.2.3.4 a\n");
	step(&edit, &key, false, false);
	CHECK(holds(&edit, "1.2.3.4 a\n") && !edit.gone);
	mpcnet_text_free(&edit.text);
}

/* A crash, wherever it comes, leaves what the next helper takes away. */
static void cut(void)
{
	static const char *const texts[] = { "127.0.0.1 a\n", "127.0.0.1 a", "" };
	struct hostsblock_edit edit;
	size_t head;

	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		start(&edit, texts[i]);
		step(&edit, &key, true, false);
		head = strlen(texts[i]) + strlen("\n" BEGIN " newline\n");
		for (size_t len = head; len < edit.text.len; len++) {
			struct hostsblock_edit half;

			CHECK(hostsblock_remove(&half, edit.text.data, len, hostsblock_is, &key));
			CHECK(holds(&half, texts[i]));
			mpcnet_text_free(&half.text);
		}
		mpcnet_text_free(&edit.text);
	}
	CHECK(removed("a\n# mpcnet demo mpc0 /run/mpcnet beg", "a\n"));
	CHECK(removed("a\n# mpcnet demo mpc0 /run/mpcnet ", "a\n"));
	CHECK(removed("a\n# mpcnet demo mpc0 /run/mp", "a\n# mpcnet demo mpc0 /run/mp"));
	CHECK(removed(BEGIN "\n" ENTRIES "1.2.3.4 b\n", "1.2.3.4 b\n"));
	CHECK(removed(BEGIN "\n10.1.2.1 p0.de\n10.1.2", "10.1.2.1 p0.de\n"));
	CHECK(removed(BEGIN "\n" ENTRIES BEGIN "\n" ENTRIES END "b", "b"));
}

static void of_others(void)
{
	static const char *const untouched[] = {
		ENTRIES,
		"# mpcnet\n",
		"# mpcnet demo mpc0 begin\n" ENTRIES "# mpcnet demo mpc0 end\n",
		"# mpcnet demo mpc0 /run/mpcnet begins\n" ENTRIES,
		"# mpcnet demo  mpc0 /run/mpcnet begin\n" ENTRIES,
		"# mpcnet demo mpc0 /run/mpcnet%00 begin\n" ENTRIES,
		"# mpcnet demo mpc0 /run/mpcnet%2 begin\n" ENTRIES,
		"# mpcnet demo interface-is-too-long /run/mpcnet begin\n" ENTRIES,
		" " BEGIN "\n" ENTRIES,
		OTHER_BEGIN "\n" ENTRIES OTHER_END,
		"# mpcnet demo mpc0 /run/other begin newline\n" ENTRIES,
		"# mpcnet demo2 mpc0 /run/mpcnet begin\n" ENTRIES,
	};

	for (unsigned int i = 0; i < sizeof(untouched) / sizeof(untouched[0]); i++)
		CHECK(removed(untouched[i], untouched[i]));
}

/* What users write into a block, and behind it, stays. */
static void of_users(void)
{
	CHECK(removed("a\n" BEGIN "\n" ENTRIES "1.2.3.4 b\n# note\n" END "c\n",
		      "a\n1.2.3.4 b\n# note\nc\n"));
	CHECK(removed(BEGIN "\n10.1.2.1 p0.demo.mpcnet alice.demo.mpcnet mine\n" END,
		      "10.1.2.1 p0.demo.mpcnet alice.demo.mpcnet mine\n"));
	CHECK(removed(BEGIN "\n10.1.2.1 p0.demo.mpcnet # mine\n" END,
		      "10.1.2.1 p0.demo.mpcnet # mine\n"));
	CHECK(removed(BEGIN "\n10.1.2.1 p0.demo2.mpcnet\n" END, "10.1.2.1 p0.demo2.mpcnet\n"));
	CHECK(removed(BEGIN "\n" ENTRIES OTHER_BEGIN "\n" ENTRIES OTHER_END END "10.1.2.3",
		      OTHER_BEGIN "\n" ENTRIES OTHER_END "10.1.2.3"));
	CHECK(removed("a\n" BEGIN " newline\n" ENTRIES END "b\n", "a\nb\n"));
	/* An editor made the file one of DOS. */
	CHECK(removed("a\r\n" BEGIN "\r\n10.1.2.1 p0.demo.mpcnet\r\n# mpcnet demo mpc0 /run/mpcnet "
		      "end\r\nb\r\n",
		      "a\r\nb\r\n"));
}

static void sly_names(void)
{
	struct names_entry sly[] = {
		{ 0, "p1", { { .family = AF_INET, .addr = { 10, 0, 0, 1 } } } },
		{ 1, "bob", { { .family = AF_INET, .addr = { 10, 0, 0, 2 } } } },
		{ 2, "BOB", { { .family = AF_INET, .addr = { 10, 0, 0, 3 } } } },
		{ 3, "P", { { .family = AF_INET, .addr = { 10, 0, 0, 4 } } } },
		{ 4, NULL, { { .family = AF_INET, .addr = { 10, 0, 0, 5 } } } },
	};
	struct hostsblock_edit edit;

	CHECK(hostsblock_add(&edit, NULL, 0, &key, sly, 5, false));
	CHECK(holds(&edit, BEGIN "\n10.0.0.1 p0.demo.mpcnet\n10.0.0.2 p1.demo.mpcnet\n"
				 "10.0.0.3 p2.demo.mpcnet\n10.0.0.4 p3.demo.mpcnet P.demo.mpcnet\n"
				 "10.0.0.5 p4.demo.mpcnet\n" END));
	mpcnet_text_free(&edit.text);
}

static const struct unit_test tests[] = {
	{ "hosts: a block, and another beside it", shape },
	{ "hosts: without the block all is as before", back_again },
	{ "hosts: a file that was not there", no_file },
	{ "hosts: a block cut off", cut },
	{ "hosts: blocks of others, and what only looks like one", of_others },
	{ "hosts: lines of users in the block", of_users },
	{ "hosts: names that would be another's", sly_names },
	{ 0 },
};

UNIT_TESTS(tests)
