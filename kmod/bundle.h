/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_BUNDLE_H
#define _MPCNET_BUNDLE_H

#include <linux/types.h>

struct mpcnet_keypair;
struct mpcnet_segments;
struct sk_buff;

struct sk_buff *mpcnet_bundle_seal(const struct mpcnet_keypair *keypair,
				   struct mpcnet_segments *packets,
				   u64 *counter, u16 channel);
void mpcnet_bundle_exit(void);

#endif /* _MPCNET_BUNDLE_H */
