/* SPDX-License-Identifier: GPL-2.0 */
/* Split off linux/netdevice.h in 6.5 */
#if __has_include_next(<net/gso.h>)
#include_next <net/gso.h>
#else
#include <linux/netdevice.h>
#endif
