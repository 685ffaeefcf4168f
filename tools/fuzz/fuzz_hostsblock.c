// SPDX-License-Identifier: GPL-2.0
/*
 * Hosts files: without a block that was put in, a file is what it was before,
 * byte for byte, also with another's block beside it that goes first or last.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hostsblock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hostsblock_key keys[] = {
	{ "demo", "mpc0", "/run/mpcnet" },
	{ "demo", "mpc1", "/run" },
};
static const struct names_entry entry = { 0,
					  "alice",
					  { { .family = AF_INET, .addr = { 10, 1, 2, 1 } } } };

static void add(struct mpcnet_text *text, const struct hostsblock_key *key)
{
	struct hostsblock_edit edit;

	if (!hostsblock_add(&edit, text->data, text->len, key, &entry, 1, false))
		abort();
	mpcnet_text_free(text);
	*text = edit.text;
}

static bool take_out(struct mpcnet_text *text, struct hostsblock_key *key)
{
	struct hostsblock_edit edit;

	if (!hostsblock_remove(&edit, text->data, text->len, hostsblock_is, key) ||
	    edit.text.len > text->len || (!edit.changed && edit.text.len != text->len))
		abort();
	mpcnet_text_free(text);
	*text = edit.text;
	return edit.changed;
}

static bool same(const struct mpcnet_text *a, const struct mpcnet_text *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

/* Both blocks into what has none of them, and out in one order or the other. */
static void check(const struct mpcnet_text *clean, unsigned int first)
{
	struct mpcnet_text text = { 0 };

	if (!mpcnet_text_reserve(&text, clean->len))
		abort();
	if (clean->len)
		memcpy(text.data, clean->data, clean->len);
	text.len = clean->len;
	add(&text, &keys[0]);
	add(&text, &keys[1]);
	take_out(&text, &keys[first]);
	take_out(&text, &keys[!first]);
	if (!same(&text, clean))
		abort();
	mpcnet_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mpcnet_text text = { 0 }, before = { 0 };

	if (!mpcnet_text_reserve(&text, size) || !mpcnet_text_reserve(&before, size))
		return 0;
	if (size) {
		memcpy(text.data, data, size);
		memcpy(before.data, data, size);
	}
	text.len = size;
	before.len = size;
	/* Where a block goes with its newline, the end of another may come to be the text's. */
	while (take_out(&text, &keys[0]) || take_out(&text, &keys[1]))
		;
	if (!memmem(data, size, "# mpcnet demo", 13) && !same(&text, &before))
		abort();
	check(&text, 0);
	check(&text, 1);
	mpcnet_text_free(&text);
	mpcnet_text_free(&before);
	return 0;
}
