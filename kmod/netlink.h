/* SPDX-License-Identifier: GPL-2.0 */
/* The family is described in spec/mpcnet.yaml, from which gen/ is made. */
#ifndef _MPCNET_NETLINK_H
#define _MPCNET_NETLINK_H

#include <net/genetlink.h>

struct mpcnet_device;
struct mpcnet_endpoint;
struct mpcnet_peer;

extern struct genl_family mpcnet_nl_family;

struct mpcnet_device *mpcnet_nl_find(struct net *net, struct nlattr **attrs,
				     struct netlink_ext_ack *extack);
int mpcnet_nl_put_endpoint(struct sk_buff *msg, int attribute,
			   const struct mpcnet_endpoint *endpoint);
int mpcnet_nl_put_path(struct sk_buff *msg, const struct mpcnet_peer *peer);
int mpcnet_netlink_init(void);
void mpcnet_netlink_exit(void);

#endif /* _MPCNET_NETLINK_H */
