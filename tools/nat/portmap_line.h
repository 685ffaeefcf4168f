/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the child that maps ports says to the daemon, one line each:
 *
 *	mapped HOW ADDRESS:PORT SECONDS	there is a mapping; 0 seconds: no end
 *	failed HOW REASON		there is none, it is tried again
 *	lost HOW REASON			there was one
 *
 * The last line of each protocol holds.
 */
#ifndef MPCNET_PORTMAP_LINE_H
#define MPCNET_PORTMAP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

#define PORTMAP_REASON_MAX 200
#define PORTMAP_LINE_MAX (PORTMAP_REASON_MAX + 32)

enum portmap_what {
	PORTMAP_MAPPED,
	PORTMAP_FAILED,
	PORTMAP_LOST,
};

enum portmap_how {
	PORTMAP_PCP,
	PORTMAP_NATPMP,
	PORTMAP_UPNP,
	PORTMAP_HOWS, /* their count */
};

/**
 * struct portmap_line - one of them
 * @what: of enum portmap_what
 * @how: of enum portmap_how
 * @external: where others reach us, if it is PORTMAP_MAPPED
 * @lifetime: seconds that the gateway promises, 0 if it does not end by itself
 * @reason: one sentence, if it is not PORTMAP_MAPPED
 */
struct portmap_line {
	enum portmap_what what;
	enum portmap_how how;
	union mpcnet_endpoint external;
	uint32_t lifetime;
	char reason[PORTMAP_REASON_MAX];
};

void portmap_line_format(char text[PORTMAP_LINE_MAX], const struct portmap_line *line);
bool portmap_line_parse(struct portmap_line *line, const char *text);

#endif /* MPCNET_PORTMAP_LINE_H */
