/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_COMPARE_H
#define MPCNETCTL_SESSION_COMPARE_H

#include <stdbool.h>

bool session_compare_at_terminal(void);
void session_compare_wait(const char *session, bool asks, int ms);

#endif /* MPCNETCTL_SESSION_COMPARE_H */
