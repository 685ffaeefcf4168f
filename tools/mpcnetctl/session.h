/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_H
#define MPCNETCTL_SESSION_H

#include "ctl.h"

#define SESSION_TROUBLES 6

/**
 * struct session_trouble - what may be amiss in a session that goes on
 * @key: of its sentence, in the session's JSON
 * @word: what stands before the sentence
 */
struct session_trouble {
	const char *key;
	const char *word;
};

extern const struct session_trouble session_troubles[SESSION_TROUBLES];

/* session_card.c, session_show.c, session_wait.c */
int session_card(struct ctl_args *args);
int session_show(struct ctl_args *args);
int session_wait(struct ctl_args *args, const char *session, uint64_t seconds, bool *over);

#endif /* MPCNETCTL_SESSION_H */
