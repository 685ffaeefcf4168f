/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_RTLINK_H
#define MPCNET_RTLINK_H

#include <net/if.h>
#include <stddef.h>

#include "err.h"

/**
 * struct mpcnet_rtlink_list - names of the interfaces of kind mpcnet
 * @names: the names
 * @count: how many
 * @room: how many fit
 */
struct mpcnet_rtlink_list {
	char (*names)[IF_NAMESIZE];
	size_t count;
	size_t room;
};

int mpcnet_rtlink_add(const char *name, struct mpcnet_err *err);
int mpcnet_rtlink_del(const char *name, struct mpcnet_err *err);
int mpcnet_rtlink_list(struct mpcnet_rtlink_list *list, struct mpcnet_err *err);
void mpcnet_rtlink_list_free(struct mpcnet_rtlink_list *list);

#endif /* MPCNET_RTLINK_H */
