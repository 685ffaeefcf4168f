/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNETD_CONTROL_H
#define MPCNETD_CONTROL_H

#include <stdbool.h>

#include "err.h"

int control_open(bool transient, struct mpcnet_err *err);
void control_close(void);

#endif /* MPCNETD_CONTROL_H */
