/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_INTAKE_H
#define _MPCNET_INTAKE_H

#include <linux/netdevice.h>

/**
 * struct mpcnet_intake - where decrypted packets enter the stack
 * @napis: for each CPU, what merges a batch (GRO); never scheduled, but held
 *	while a batch goes up. Used by its own CPU alone, BHs disabled.
 */
struct mpcnet_intake {
	struct napi_struct __percpu *napis;
};

int mpcnet_intake_init(struct mpcnet_intake *intake, struct net_device *dev);
void mpcnet_intake_destroy(struct mpcnet_intake *intake);
void mpcnet_intake_one(struct sk_buff *skb);
void mpcnet_intake_many(struct mpcnet_intake *intake, struct sk_buff_head *skbs);

#endif /* _MPCNET_INTAKE_H */
