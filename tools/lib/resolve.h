/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_RESOLVE_H
#define MPCNET_RESOLVE_H

#include "addr.h"

int mpcnet_host_resolve_as(union mpcnet_endpoint *endpoint, const struct mpcnet_host *host,
			   sa_family_t family, struct mpcnet_err *err);
int mpcnet_host_resolve(union mpcnet_endpoint *endpoint, const struct mpcnet_host *host,
			struct mpcnet_err *err);

#endif /* MPCNET_RESOLVE_H */
