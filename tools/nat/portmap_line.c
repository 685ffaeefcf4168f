// SPDX-License-Identifier: GPL-2.0
#include "portmap_line.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

static const char *const whats[] = {
	[PORTMAP_MAPPED] = "mapped ",
	[PORTMAP_FAILED] = "failed ",
	[PORTMAP_LOST] = "lost ",
};

static const char *const hows[] = {
	[PORTMAP_PCP] = "pcp ",
	[PORTMAP_NATPMP] = "natpmp ",
	[PORTMAP_UPNP] = "upnp ",
};

/* A reason that came from elsewhere must stay on its line. */
static void clean(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

/**
 * portmap_line_format() - write a line
 * @text: gets it, without an end of line
 * @line: what to say; of the reason, what is not ASCII becomes "?"
 */
void portmap_line_format(char text[PORTMAP_LINE_MAX], const struct portmap_line *line)
{
	char external[MPCNET_ENDPOINT_TEXT];

	if (line->what == PORTMAP_MAPPED) {
		mpcnet_endpoint_format(external, &line->external);
		snprintf(text, PORTMAP_LINE_MAX, "%s%s%s %u", whats[line->what], hows[line->how],
			 external, line->lifetime);
	} else {
		snprintf(text, PORTMAP_LINE_MAX, "%s%s%.*s", whats[line->what], hows[line->how],
			 PORTMAP_REASON_MAX - 1, line->reason);
	}
	clean(text);
}

/* Pass over the word that the text begins with; which it was, or -1. */
static int take_word(const char **text, const char *const *words, int count)
{
	for (int i = 0; i < count; i++) {
		size_t len = strlen(words[i]);

		if (!strncmp(*text, words[i], len)) {
			*text += len;
			return i;
		}
	}
	return -1;
}

/* The address has to be one, not a name: nothing is looked up. */
static bool parse_external(union mpcnet_endpoint *external, const char *text)
{
	struct mpcnet_host host;
	struct mpcnet_err err;
	uint64_t port;

	if (mpcnet_host_parse(&host, text, &err) ||
	    !mpcnet_number_parse(&port, host.port, 1, 65535))
		return false;
	external->in.sin_port = htons((uint16_t)port);
	external->sa.sa_family = host.literal ? AF_INET6 : AF_INET;
	if (host.literal)
		return inet_pton(AF_INET6, host.name, &external->in6.sin6_addr) == 1;
	return inet_pton(AF_INET, host.name, &external->in.sin_addr) == 1;
}

static bool parse_mapping(struct portmap_line *line, const char *text)
{
	char external[MPCNET_ENDPOINT_TEXT];
	const char *end = strchr(text, ' ');
	uint64_t lifetime;

	if (!end || (size_t)(end - text) >= sizeof(external))
		return false;
	memcpy(external, text, (size_t)(end - text));
	external[end - text] = '\0';
	if (!parse_external(&line->external, external) ||
	    !mpcnet_number_parse(&lifetime, end + 1, 0, UINT32_MAX))
		return false;
	line->lifetime = (uint32_t)lifetime;
	return true;
}

/**
 * portmap_line_parse() - read a line
 * @line: gets what it says
 * @text: the line, without its end
 *
 * Return: false if portmap_line_format() would not have written it just so.
 */
bool portmap_line_parse(struct portmap_line *line, const char *text)
{
	char again[PORTMAP_LINE_MAX];
	const char *rest = text;
	int what, how;

	memset(line, 0, sizeof(*line));
	what = take_word(&rest, whats, 3);
	how = take_word(&rest, hows, PORTMAP_HOWS);
	if (what < 0 || how < 0 || !*rest)
		return false;
	line->what = (enum portmap_what)what;
	line->how = (enum portmap_how)how;
	if (what != PORTMAP_MAPPED)
		snprintf(line->reason, sizeof(line->reason), "%s", rest);
	else if (!parse_mapping(line, rest))
		return false;
	portmap_line_format(again, line);
	return !strcmp(again, text);
}
