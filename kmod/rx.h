/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_RX_H
#define _MPCNET_RX_H

#include <linux/skbuff.h>

struct mpcnet_peer;
struct mpcnet_socket;

/**
 * struct mpcnet_rx_cb - what a received datagram carries with it, in skb->cb
 * @offset: of the message, from the UDP header on
 * @channel: TURN channel by which it came, 0 if none
 */
struct mpcnet_rx_cb {
	u16 offset;
	u16 channel;
};

#define MPCNET_RX_CB(skb) ((struct mpcnet_rx_cb *)(skb)->cb)

bool mpcnet_rx_path_allowed(struct mpcnet_peer *peer, const struct sk_buff *skb,
			    u16 channel);
int mpcnet_rx_datagram(struct mpcnet_socket *socket, struct sk_buff *skb);

#endif /* _MPCNET_RX_H */
