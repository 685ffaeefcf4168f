/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_DEVICE_H
#define MPCNET_DEVICE_H

#include "model.h"
#include "nl.h"

/**
 * struct mpcnet_position - how far a set has come
 * @peer: first peer that is not put in whole
 * @ip: first of its allowed IPs that is not put
 */
struct mpcnet_position {
	size_t peer;
	size_t ip;
};

/* decode.c */
int mpcnet_device_decode(struct mpcnet_device *device, const void *attrs, size_t len,
			 uint32_t *event);

/* device.c */
int mpcnet_device_get(struct mpcnet_device *device, const char *name, struct mpcnet_err *err);
int mpcnet_device_socket(const char *name, struct mpcnet_err *err);

/* apply.c */
void mpcnet_device_put(struct nlmsghdr *nlh, const struct mpcnet_device *device,
		       struct mpcnet_position *pos);
int mpcnet_device_set(const struct mpcnet_device *device, struct mpcnet_err *err);

#endif /* MPCNET_DEVICE_H */
