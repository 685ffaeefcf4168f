/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limit of the handshake messages that one source may have worked on.
 */
#ifndef _MPCNET_RATELIMIT_H
#define _MPCNET_RATELIMIT_H

#include <linux/atomic.h>
#include <linux/types.h>

struct net;
struct sk_buff;

/* Messages a second and at once, for an IPv4 address or an IPv6 /64. */
#define MPCNET_RATELIMIT_PER_SECOND 20
#define MPCNET_RATELIMIT_BURST 5

int mpcnet_ratelimit_init(void);
void mpcnet_ratelimit_exit(void);
bool mpcnet_ratelimit_allow(const struct net *net, const struct sk_buff *skb);
bool mpcnet_ratelimit_take(atomic64_t *bucket, u64 now);

#endif /* _MPCNET_RATELIMIT_H */
