// SPDX-License-Identifier: GPL-2.0
/* Lines of the child that maps ports: what is taken is written just so. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "portmap_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_any_reason(const char *reason)
{
	struct portmap_line line = { .what = PORTMAP_LOST, .how = PORTMAP_UPNP }, again;
	char text[PORTMAP_LINE_MAX];

	strncpy(line.reason, reason, sizeof(line.reason) - 1);
	portmap_line_format(text, &line);
	if (*reason && !portmap_line_parse(&again, text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[PORTMAP_LINE_MAX], *word = malloc(size + 1);
	struct portmap_line line;

	if (!word)
		return 0;
	if (size)
		memcpy(word, data, size);
	word[size] = '\0';
	if (portmap_line_parse(&line, word)) {
		portmap_line_format(text, &line);
		if (strcmp(text, word) || strchr(text, '\n'))
			abort();
	}
	write_any_reason(word);
	free(word);
	return 0;
}
