/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_EVENTS_H
#define MPCNET_EVENTS_H

#include "device.h"

/* Says what happened (of enum mpcnet_event_type) to an interface, or to its one peer. */
typedef void mpcnet_event_cb(void *arg, const struct mpcnet_device *device, uint32_t event);

int mpcnet_events_join(struct mpcnet_nl *nl, struct mpcnet_err *err);
int mpcnet_events_take(struct mpcnet_nl *nl, mpcnet_event_cb *take, void *arg);

#endif /* MPCNET_EVENTS_H */
