/* SPDX-License-Identifier: GPL-2.0 */
/* Split off linux/netdevice.h in 6.5 */
#ifdef HAVE_NET_GSO_H
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#endif
