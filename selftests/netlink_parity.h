/* SPDX-License-Identifier: GPL-2.0 */
/* What is sent to both sides of the comparison, and the sides. */
#ifndef NETLINK_PARITY_H
#define NETLINK_PARITY_H

#include "netlink_lib.h"

/**
 * struct side - one of the two interfaces compared
 * @kind: its kind and family
 * @ns: the namespace it lives in; the name is "p0" on both sides
 * @nl: a socket of that namespace
 * @own: its public key, as last dumped
 * @err: answer to the last request
 * @text: last dump, without what may differ
 */
struct side {
	const char *kind;
	int ns;
	struct nl nl;
	uint8_t own[KEY_LEN];
	int err;
	char *text;
};

/**
 * struct step - a request to both sides
 * @name: what it does
 * @build: puts it together
 * @shell: a command run before it, or NULL
 * @refused: the dumps may differ afterwards, since one side applies in parts
 */
struct step {
	const char *name;
	void (*build)(struct set *s, struct side *side);
	const char *shell;
	bool refused;
};

extern const struct step steps[];
extern const unsigned int step_count;

/* The public key of key_of(1), known from the second step on. */
extern uint8_t first_own[KEY_LEN];

/* Put listen-port into a request. */
void step_listen(struct set *s, uint16_t port);
/* The step after which first_own is known. */
void step_key(struct set *s, struct side *side);

#endif
