/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_EARLY_H
#define _MPCNET_EARLY_H

#include <linux/types.h>

struct mpcnet_socket;

int mpcnet_early_begin(struct mpcnet_socket *socket);
void mpcnet_early_batch(struct mpcnet_socket *socket, bool whole);
void mpcnet_early_end(struct mpcnet_socket *socket);
int mpcnet_early_init(void);
void mpcnet_early_exit(void);

#endif /* _MPCNET_EARLY_H */
