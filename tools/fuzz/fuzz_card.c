// SPDX-License-Identifier: GPL-2.0
/*
 * Cards, as text and, because no fuzzer finds a seal, as bytes. The first byte
 * says which. What is taken has one spelling.
 */
#include <stdlib.h>
#include <string.h>

#include "card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ticket ticket = { .parties = PARTIES_MAX, .network_len = 16 };

/* Sealed and opened, it is the same. */
static void check_text(const struct card *card, const uint8_t *data, size_t size)
{
	uint8_t again[CARD_ROOM];
	char text[CARD_TEXT_MAX];
	struct card copy;
	struct mpcnet_err err;

	if (!card_seal(text, card, &ticket) || card_open(&copy, text, &ticket, &err) ||
	    card_encode(again, sizeof(again), &copy) != size || memcmp(data, again, size) != 0)
		abort();
}

static void take_bytes(const uint8_t *data, size_t size)
{
	uint8_t again[CARD_ROOM];
	struct card card;

	if (!card_decode(&card, data, size))
		return;
	if (card_encode(again, sizeof(again), &card) != size || memcmp(data, again, size) != 0)
		abort();
	for (unsigned int i = 0; i < card.candidates.count; i++) {
		if (!endpoint_is_usable(&card.candidates.at[i].address))
			abort();
	}
	check_text(&card, data, size);
}

static void take_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct card card;
	struct mpcnet_err err;

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (card_open(&card, text, &ticket, &err) && !err.text[0])
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] == 't')
		take_text(data + 1, size - 1);
	else
		take_bytes(data + 1, size - 1);
	return 0;
}
