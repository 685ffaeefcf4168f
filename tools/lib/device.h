/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_DEVICE_H
#define MPCNET_DEVICE_H

#include "model.h"
#include "nl.h"

/* decode.c */
int mpcnet_device_decode(struct mpcnet_device *device, const void *attrs, size_t len,
			 uint32_t *event);

/* device.c */
int mpcnet_device_get(struct mpcnet_device *device, const char *name, struct mpcnet_err *err);

/* apply.c */
int mpcnet_device_set(const struct mpcnet_device *device, struct mpcnet_err *err);

#endif /* MPCNET_DEVICE_H */
