// SPDX-License-Identifier: GPL-2.0
/*
 * Tickets, as text and, because no fuzzer finds a checksum, as bytes. The
 * first byte says which. What is taken has one spelling.
 */
#include <stdlib.h>
#include <string.h>

#include "card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A ticket that was taken can be written, and read again as the same. */
static void check_text(const struct ticket *ticket)
{
	char text[TICKET_TEXT_MAX], again[TICKET_TEXT_MAX];
	struct ticket copy;
	struct mpcnet_err err;

	if (!ticket_format(text, ticket) || ticket_parse(&copy, text, &err) ||
	    !ticket_format(again, &copy) || strcmp(text, again) != 0)
		abort();
}

static void take_bytes(const uint8_t *data, size_t size)
{
	uint8_t again[TICKET_ROOM];
	struct ticket ticket;
	struct mpcnet_err err;

	if (ticket_decode(&ticket, data, size, &err))
		return;
	if (ticket_encode(again, sizeof(again), &ticket) != size || memcmp(data, again, size) != 0)
		abort();
	check_text(&ticket);
}

static void take_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct ticket ticket;
	struct mpcnet_err err;

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!ticket_parse(&ticket, text, &err))
		check_text(&ticket);
	else if (!err.text[0])
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
