/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_UNSPLIT_H
#define _MPCNET_UNSPLIT_H

struct mpcnet_socket;

int mpcnet_unsplit_begin(struct mpcnet_socket *socket);
void mpcnet_unsplit_end(struct mpcnet_socket *socket);
int mpcnet_unsplit_init(void);
void mpcnet_unsplit_exit(void);

#endif /* _MPCNET_UNSPLIT_H */
