/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_TX_H
#define _MPCNET_TX_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/udp.h>

#include "crypto.h"

struct mpcnet_peer;

/* In front of an inner packet: the link's and outer headers, the relay's, ours */
#define MPCNET_HEADROOM \
	ALIGN(LL_MAX_HEADER + sizeof(struct ipv6hdr) + \
	      sizeof(struct udphdr) + sizeof(struct mpcnet_channel_header) + \
	      sizeof(struct mpcnet_message_data), 16)
/* Behind it: padding and tag */
#define MPCNET_TAILROOM MPCNET_SEAL_ROOM
/* By how much an outer packet is longer than the inner one, at most */
#define MPCNET_OVERHEAD \
	(sizeof(struct ipv6hdr) + sizeof(struct udphdr) + MPCNET_DATA_MIN_LEN)

unsigned int mpcnet_tx_padding(const struct sk_buff *skb, unsigned int len);
void mpcnet_tx_copy(const struct sk_buff *skb, u8 *to);
void mpcnet_tx_take_owner(struct sk_buff *to, struct sk_buff *from);
netdev_tx_t mpcnet_tx_xmit(struct sk_buff *skb, struct net_device *dev);
void mpcnet_tx_refuse(struct sk_buff *skb);
void mpcnet_tx_keepalive(struct mpcnet_peer *peer);
void mpcnet_tx_staged(struct mpcnet_peer *peer);

#endif /* _MPCNET_TX_H */
