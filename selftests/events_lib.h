/* SPDX-License-Identifier: GPL-2.0 */
/* Listening to the group "events". */
#ifndef EVENTS_LIB_H
#define EVENTS_LIB_H

#include <stdbool.h>

#include "netlink_lib.h"

/* Open a socket in the current namespace that has joined the group. */
bool events_open(struct nl *nl);
/* Text of the next event within @ms, to be freed; NULL if none came. */
char *events_next(struct nl *nl, int ms);
/* Text of the next event of this type within @ms, others are passed over. */
char *events_await(struct nl *nl, enum mpcnet_event_type type, int ms);
/* Pass over what has come; how many there were, or -1 if some were lost. */
int events_drain(struct nl *nl);

#endif
