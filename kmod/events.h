/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_EVENTS_H
#define _MPCNET_EVENTS_H

#include <linux/mpcnet.h>

struct mpcnet_device;
struct mpcnet_peer;

void mpcnet_event_peer(struct mpcnet_peer *peer, enum mpcnet_event_type type);
void mpcnet_event_deadline(struct mpcnet_device *mpc);

#endif /* _MPCNET_EVENTS_H */
