/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETCTL_COMMAND_H
#define MPCNETCTL_COMMAND_H

#include <signal.h>

#include "err.h"
#include "text.h"

/* How a shell tells what became of a command */
#define COMMAND_NOT_EXECUTABLE 126
#define COMMAND_NOT_FOUND 127
#define COMMAND_SIGNAL 128

int command_check(const char *name, struct mpcnet_err *err);
void command_hold_signals(sigset_t *before);
int command_signal(void);
int command_run(char **argv, struct mpcnet_text *environment, const sigset_t *before,
		struct mpcnet_err *err);

#endif /* MPCNETCTL_COMMAND_H */
