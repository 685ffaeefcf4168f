/* SPDX-License-Identifier: GPL-2.0 */
#include_next <linux/netdevice.h>

#ifndef _MPCNET_COMPAT_NETDEVICE_H
#define _MPCNET_COMPAT_NETDEVICE_H

/**
 * netdev_set_lltx() - have a device's transmit function called without a lock
 * @dev: device that is being set up
 *
 * A flag of its own since 6.12, a feature before.
 */
static inline void netdev_set_lltx(struct net_device *dev)
{
#ifdef HAVE_DEV_LLTX
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

#endif /* _MPCNET_COMPAT_NETDEVICE_H */
