/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the parties, in /etc/hosts. */
#ifndef MPCNETD_NAMES_H
#define MPCNETD_NAMES_H

#include <stdbool.h>

#include "err.h"
#include "hostsblock.h"

int names_up(const char *session, const char *interface, const struct names_entry *entries,
	     unsigned int count, struct mpcnet_err *err);
void names_down(const char *session, const char *interface);
void names_sweep(bool (*is_alive)(const char *session, const char *interface));

#endif /* MPCNETD_NAMES_H */
