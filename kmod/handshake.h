/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_HANDSHAKE_H
#define _MPCNET_HANDSHAKE_H

#include <linux/types.h>

struct mpcnet_device;
struct mpcnet_peer;
struct sk_buff;

void mpcnet_handshake_begin(struct mpcnet_peer *peer);
void mpcnet_handshake_send_initiation(struct mpcnet_peer *peer, bool retry);
void mpcnet_handshake_receive(struct mpcnet_device *mpc, struct sk_buff *skb);

#endif /* _MPCNET_HANDSHAKE_H */
