/* SPDX-License-Identifier: GPL-2.0 */
/* One line of a hosts file, as hostsblock.c reads it. */
#ifndef MPCNET_HOSTSLINE_H
#define MPCNET_HOSTSLINE_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "hostsblock.h"

#define HOSTSLINE_SIGN "# mpcnet "
#define HOSTSLINE_DOMAIN ".mpcnet"
#define HOSTSLINE_SESSION_MAX 63

/**
 * struct hostsline - a line
 * @at: its bytes
 * @len: how many, without what ends it
 * @whole: how many with that
 * @ended: a newline ends it; only the last line of a text may have none
 */
struct hostsline {
	const char *at;
	size_t len;
	size_t whole;
	bool ended;
};

enum hostsline_kind {
	HOSTSLINE_OTHER,
	HOSTSLINE_BEGIN,
	HOSTSLINE_END,
	HOSTSLINE_CUT, /* the text ends within a first or last line */
};

enum hostsline_flag {
	HOSTSLINE_NEWLINE = 1, /* the newline before the block came with it */
	HOSTSLINE_FILE = 2,    /* the file came with it */
};

/**
 * struct hostsline_marker - the first or last line of a block
 * @kind: which; of HOSTSLINE_OTHER nothing below is set
 * @flags: of enum hostsline_flag
 * @head: bytes before the word "begin" or "end"
 * @session: of whose block it is, as struct hostsblock_key has it
 * @interface: the same
 * @rundir: the same
 */
struct hostsline_marker {
	enum hostsline_kind kind;
	unsigned int flags;
	size_t head;
	char session[HOSTSLINE_SESSION_MAX + 1];
	char interface[IF_NAMESIZE];
	char rundir[PATH_MAX];
};

struct hostsline hostsline_next(const char *text, size_t len);
bool hostsline_read(struct hostsline_marker *marker, const struct hostsline *line);
bool hostsline_put(struct mpcnet_text *text, const struct hostsblock_key *key, const char *what);
const char *hostsline_begin(unsigned int flags);
bool hostsline_is_entry(const struct hostsline *line, const char *session);

#endif /* MPCNET_HOSTSLINE_H */
