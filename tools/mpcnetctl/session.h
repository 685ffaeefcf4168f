/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_H
#define MPCNETCTL_SESSION_H

#include "ctl.h"

/* session_card.c, session_show.c, session_wait.c */
int session_card(struct ctl_args *args);
int session_show(struct ctl_args *args);
int session_wait(struct ctl_args *args, const char *session, uint64_t seconds);

#endif /* MPCNETCTL_SESSION_H */
