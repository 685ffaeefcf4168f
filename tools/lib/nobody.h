/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_NOBODY_H
#define MPCNET_NOBODY_H

void mpcnet_become_nobody(void);

#endif /* MPCNET_NOBODY_H */
