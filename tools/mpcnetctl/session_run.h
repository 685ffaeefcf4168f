/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_SESSION_RUN_H
#define MPCNETCTL_SESSION_RUN_H

#include "ctl.h"

extern const struct ctl_word session_run_words[];

int session_run(struct ctl_args *args);

#endif /* MPCNETCTL_SESSION_RUN_H */
