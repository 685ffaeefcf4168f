// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "key.h"
#include "text.h"

#define KEY "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="

static char folder[] = "/tmp/mpcnet-unit-XXXXXX";
static char path[sizeof(folder) + 8];

static void begin(void)
{
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
}

static void end(void)
{
	unlink(path);
	CHECK(!rmdir(folder));
}

static bool holds(const char *contents)
{
	struct mpcnet_text text;
	struct mpcnet_err err;
	bool same;

	if (mpcnet_file_read(&text, path, NULL, &err))
		return false;
	same = text.len == strlen(contents) && !memcmp(text.data, contents, text.len + 1);
	mpcnet_text_free(&text);
	return same;
}

static void create(void)
{
	struct mpcnet_err err;
	struct stat st;

	begin();
	umask(0);
	CHECK(!mpcnet_file_create(path, "one", 3, &err));
	CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0600 && st.st_nlink == 1);
	CHECK(mpcnet_file_create(path, "two", 3, &err) &&
	      strstr(err.text, "remove the file first"));
	CHECK(holds("one"));
	CHECK(!mpcnet_file_replace(path, "three", 5, &err));
	CHECK(holds("three"));
	CHECK(!stat(path, &st) && (st.st_mode & 07777) == 0600);
	end();
	CHECK(mpcnet_file_create(path, "one", 3, &err));
	CHECK(mpcnet_file_replace(path, "one", 3, &err));
}

static bool reads_key(const char *contents)
{
	uint8_t key[MPCNET_KEY_LEN];
	struct mpcnet_err err;
	bool done;

	CHECK(!mpcnet_file_replace(path, contents, strlen(contents), &err));
	done = !mpcnet_file_read_key(key, path, &err);
	CHECK(done || mpcnet_key_is_zero(key));
	/* What is no key may be one with a slip: it must not be told. */
	CHECK(done || !strstr(err.text, "dwdt"));
	return done;
}

static void keys(void)
{
	struct mpcnet_err err;
	uint8_t key[MPCNET_KEY_LEN];

	begin();
	CHECK(reads_key(KEY));
	CHECK(reads_key(KEY "\n"));
	CHECK(reads_key(" \t" KEY "\r\n\n"));
	CHECK(!reads_key(""));
	CHECK(!reads_key("\n"));
	CHECK(!reads_key(KEY KEY));
	CHECK(!reads_key(KEY "\n" KEY));
	CHECK(!reads_key("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCq="));
	end();
	CHECK(mpcnet_file_read_key(key, path, &err));
	CHECK(mpcnet_file_read_key(key, "/tmp", &err));
}

static void texts(void)
{
	struct mpcnet_text text = { 0 };

	for (unsigned int i = 0; i < 10000; i++)
		CHECK(mpcnet_text_add(&text, "%u\n", i % 10));
	CHECK(text.len == 20000 && text.data[20000] == '\0' && text.data[19998] == '9');
	mpcnet_text_free(&text);
	CHECK(!text.data && !text.len);
}

static const struct unit_test tests[] = {
	{ "file: created whole, never in the place of another", create },
	{ "file: a key and nothing else", keys },
	{ "file: growing text", texts },
	{ 0 },
};
UNIT_TESTS(tests)
