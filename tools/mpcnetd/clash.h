/* SPDX-License-Identifier: GPL-2.0 */
/* Is a session's network free on this machine? */
#ifndef MPCNETD_CLASH_H
#define MPCNETD_CLASH_H

#include "card.h"

int clash_check(const struct ticket *ticket, struct mpcnet_err *err);

#endif /* MPCNETD_CLASH_H */
