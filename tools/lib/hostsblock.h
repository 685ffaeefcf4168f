/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks of names in the text of a hosts file:
 *
 *	# mpcnet SESSION INTERFACE RUNDIR begin
 *	10.1.2.1 p0.SESSION.mpcnet alice.SESSION.mpcnet
 *	fd00::1 p0.SESSION.mpcnet alice.SESSION.mpcnet
 *	# mpcnet SESSION INTERFACE RUNDIR end
 *
 * A block is put at the end, so that to add one is to append. What was not there
 * before is remembered in the first line: "begin newline" if the text did not
 * end in one, "begin file" if there was no file at all.
 */
#ifndef MPCNET_HOSTSBLOCK_H
#define MPCNET_HOSTSBLOCK_H

#include "addr.h"
#include "text.h"

/* IPv4 and IPv6 */
#define NAMES_ADDRESSES 2

/**
 * struct names_entry - the names of one party
 * @index: its place
 * @name: its own name; empty, or NULL, if it has none
 * @addresses: its addresses; the length of their networks does not count, a
 * family of 0 is none
 */
struct names_entry {
	unsigned int index;
	const char *name;
	struct mpcnet_allowedip addresses[NAMES_ADDRESSES];
};

/**
 * struct hostsblock_key - whose block it is
 * @session: name of the session, of letters, digits and "-"
 * @interface: its interface, without blanks
 * @rundir: run folder of its helper, anything
 */
struct hostsblock_key {
	const char *session;
	const char *interface;
	const char *rundir;
};

/**
 * struct hostsblock_edit - an edit of a hosts file
 * @text: what is to be in it; mpcnet_text_free() frees it
 * @changed: that is another text than before
 * @gone: nothing is left, and there was no file before the first block
 */
struct hostsblock_edit {
	struct mpcnet_text text;
	bool changed;
	bool gone;
};

/* Says which blocks are meant. */
typedef bool (*hostsblock_match)(const struct hostsblock_key *key, void *arg);

bool hostsblock_is(const struct hostsblock_key *key, void *arg);
bool hostsblock_remove(struct hostsblock_edit *edit, const char *text, size_t len,
		       hostsblock_match match, void *arg);
bool hostsblock_add(struct hostsblock_edit *edit, const char *text, size_t len,
		    const struct hostsblock_key *key, const struct names_entry *entries,
		    unsigned int count, bool no_file);

#endif /* MPCNET_HOSTSBLOCK_H */
