// SPDX-License-Identifier: GPL-2.0
/*
 * The child that maps ports, for a test:
 *	test-portmap PORT [SECONDS pcp|natpmp|upnp...]
 * with its pipes at standard input and output.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "portmap.h"
#include "portmap_line.h"

static const char *const hows[] = {
	[PORTMAP_PCP] = "pcp",
	[PORTMAP_NATPMP] = "natpmp",
	[PORTMAP_UPNP] = "upnp",
};

int main(int argc, char **argv)
{
	struct portmap_conf conf = { .hows = 0 };
	uint64_t port = 0, lifetime = 1;

	if (argc < 2 || !mpcnet_number_parse(&port, argv[1], 1, 65535) ||
	    (argc > 2 && !mpcnet_number_parse(&lifetime, argv[2], 1, 86400))) {
		fprintf(stderr, "usage: test-portmap PORT [SECONDS pcp|natpmp|upnp...]\n");
		return 2;
	}
	if (argc == 2)
		portmap_child(STDIN_FILENO, STDOUT_FILENO, (uint16_t)port);
	conf.port = (uint16_t)port;
	conf.lifetime = (uint32_t)lifetime;
	for (int i = 3; i < argc; i++) {
		for (int how = 0; how < PORTMAP_HOWS; how++)
			conf.hows |= strcmp(argv[i], hows[how]) ? 0 : 1u << how;
	}
	portmap_run(STDIN_FILENO, STDOUT_FILENO, &conf);
}
