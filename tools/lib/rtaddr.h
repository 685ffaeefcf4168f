/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_RTADDR_H
#define MPCNET_RTADDR_H

#include "addr.h"

int mpcnet_rtlink_up(const char *name, struct mpcnet_err *err);
int mpcnet_rtaddr_add(const char *name, const struct mpcnet_allowedip *addr,
		      struct mpcnet_err *err);

#endif /* MPCNET_RTADDR_H */
