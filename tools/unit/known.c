// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <string.h>

#include "did.h"
#include "known.h"

static void test_lines(void)
{
	char text[3 * MPCNET_DID_MAX + 64] = "# friends\n", did[MPCNET_DID_MAX + 1];
	uint8_t alice[MPCNET_KEY_LEN] = { 1 }, bob[MPCNET_KEY_LEN] = { 2 };
	struct mpcnet_known known = { 0 };
	struct mpcnet_err err;

	mpcnet_did_from_key(did, alice);
	strcat(strcat(text, did), " alice\n\n");
	mpcnet_did_from_key(did, bob);
	strcat(strcat(text, did), "\n");
	CHECK(!mpcnet_known_parse(&known, text, &err) && known.count == 2);
	CHECK(!strcmp(mpcnet_known_find(&known, alice)->name, "alice"));
	CHECK(!strcmp(mpcnet_known_find(&known, bob)->name, ""));
	CHECK(!mpcnet_known_add(&known, bob, "bob", &err) && known.count == 2);
	CHECK(!strcmp(mpcnet_known_find(&known, bob)->name, "bob"));
	CHECK(mpcnet_known_remove(&known, alice) && !mpcnet_known_remove(&known, alice));
	CHECK(known.count == 1 && !mpcnet_known_find(&known, alice));
	mpcnet_known_free(&known);
}

static void test_refused(void)
{
	char no_did[] = "\ndid:key:z123 eve\n", long_name[2 * MPCNET_DID_MAX];
	struct mpcnet_known known = { 0 };
	uint8_t key[MPCNET_KEY_LEN] = { 3 };
	struct mpcnet_err err;

	CHECK(mpcnet_known_parse(&known, no_did, &err) && strstr(err.text, "line 2"));
	mpcnet_did_from_key(long_name, key);
	strcat(long_name, " abcdefghijklmnopqrstuvwxyzabcdefgh");
	CHECK(mpcnet_known_parse(&known, long_name, &err) && strstr(err.text, "longer than"));
	CHECK(!known.count);
	mpcnet_known_free(&known);
}

static const struct unit_test tests[] = {
	{ "known: lines of the file", test_lines },
	{ "known: lines that are none", test_refused },
	{ NULL, NULL },
};

UNIT_TESTS(tests)
