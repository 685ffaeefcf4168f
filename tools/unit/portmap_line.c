// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "portmap_line.h"

static void mapped(void)
{
	char text[PORTMAP_LINE_MAX];
	struct portmap_line line;

	CHECK(portmap_line_parse(&line, "mapped pcp 45.45.0.1:12345 600"));
	CHECK(line.what == PORTMAP_MAPPED && line.how == PORTMAP_PCP && line.lifetime == 600);
	mpcnet_endpoint_format(text, &line.external);
	CHECK(!strcmp(text, "45.45.0.1:12345"));
	CHECK(line.reason[0] == '\0');

	CHECK(portmap_line_parse(&line, "mapped upnp [2001:db8::1]:1 0"));
	CHECK(line.how == PORTMAP_UPNP && line.external.sa.sa_family == AF_INET6);
	CHECK(line.lifetime == 0);
}

static void reasons(void)
{
	struct portmap_line line;

	CHECK(portmap_line_parse(&line, "failed natpmp the gateway 192.168.1.1 does not answer"));
	CHECK(line.what == PORTMAP_FAILED && line.how == PORTMAP_NATPMP);
	CHECK(!strcmp(line.reason, "the gateway 192.168.1.1 does not answer"));
	CHECK(portmap_line_parse(&line, "lost pcp the gateway restarted"));
	CHECK(line.what == PORTMAP_LOST && line.how == PORTMAP_PCP);
	CHECK(!strcmp(line.reason, "the gateway restarted"));
}

static void one_line(void)
{
	struct portmap_line line = { .what = PORTMAP_LOST, .how = PORTMAP_UPNP };
	char text[PORTMAP_LINE_MAX];

	memcpy(line.reason, "two\nlines\t\xc3\x7f", 13);
	portmap_line_format(text, &line);
	CHECK(!strcmp(text, "lost upnp two?lines???"));

	memset(line.reason, 'x', sizeof(line.reason) - 1);
	portmap_line_format(text, &line);
	CHECK(strlen(text) == strlen("lost upnp ") + sizeof(line.reason) - 1);
	CHECK(portmap_line_parse(&line, text));
}

static void refused(void)
{
	static const char *const bad[] = {
		"",
		"mapped",
		"mapped pcp",
		"mapped pcp ",
		"mapped pcp 45.45.0.1:12345",
		"mapped pcp 45.45.0.1:12345 ",
		"mapped pcp 45.45.0.1:12345 600 ",
		"mapped pcp 45.45.0.1:12345 0600",
		"mapped pcp 45.45.0.1:12345 -1",
		"mapped pcp 45.45.0.1:12345 4294967296",
		"mapped pcp 45.45.0.1:0 600",
		"mapped pcp 45.45.0.1:012345 600",
		"mapped pcp 45.45.0.1 600",
		"mapped pcp router.example:12345 600",
		"mapped pcp [45.45.0.1]:12345 600",
		"mapped pcp 2001:db8::1:1 600",
		"mapped pcp [2001:DB8::1]:1 600",
		"mapped  pcp 45.45.0.1:12345 600",
		"mapped stun 45.45.0.1:12345 600",
		" mapped pcp 45.45.0.1:12345 600",
		"gone pcp the gateway restarted",
		"lost pcp ",
		"lost pcp",
		"lost the gateway restarted",
		"lost pcp the gateway\nrestarted",
		"lost pcp the gateway restarted\n",
	};
	struct portmap_line line;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		bool taken = portmap_line_parse(&line, bad[i]);

		CHECK(!taken);
		if (taken)
			printf("# %s\n", bad[i]);
	}
}

static const struct unit_test tests[] = {
	{ "portmap_line: a mapping", mapped },
	{ "portmap_line: reasons", reasons },
	{ "portmap_line: always one line", one_line },
	{ "portmap_line: what is refused", refused },
	{ 0 },
};
UNIT_TESTS(tests)
