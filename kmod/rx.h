/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_RX_H
#define _MPCNET_RX_H

#include <linux/skbuff.h>

struct mpcnet_device;
struct mpcnet_peer;
struct mpcnet_socket;

/**
 * struct mpcnet_rx_cb - what is noted of a datagram, in its control block
 * @offset: from skb->data to the message, in bytes
 * @channel: TURN channel by which it came, 0 if none
 */
struct mpcnet_rx_cb {
	u16 offset;
	u16 channel;
};

#define MPCNET_RX_CB(skb) ((struct mpcnet_rx_cb *)(skb)->cb)

/* rx.c */
u32 mpcnet_rx_recognise(struct mpcnet_device *mpc, const struct sk_buff *skb,
			unsigned int offset, unsigned int *len,
			struct mpcnet_rx_cb *cb);
bool mpcnet_rx_path_allowed(struct mpcnet_peer *peer, const struct sk_buff *skb,
			    u16 channel);
int mpcnet_rx_datagram(struct mpcnet_socket *socket, struct sk_buff *skb);

/* rx_data.c */
void mpcnet_rx_message(struct mpcnet_device *mpc, struct sk_buff *skb,
		       const struct mpcnet_rx_cb *cb, unsigned int len);
void mpcnet_rx_batch(struct mpcnet_device *mpc, struct sk_buff *skb);
void mpcnet_rx_exit(void);

#endif /* _MPCNET_RX_H */
