/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_LINGER_H
#define MPCNETCTL_SESSION_LINGER_H

#include "view.h"

void session_linger(const struct session_view *view);

#endif /* MPCNETCTL_SESSION_LINGER_H */
