// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, and what showing (netlink_get.c), setting
 * (netlink_set.c) and telling (events.c) have in common.
 */
#include "netlink.h"

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "device.h"
#include "endpoint.h"
#include "mpcnet_nl.h"
#include "peer.h"

static const struct genl_multicast_group groups[] = {
	[MPCNET_NLGRP_EVENTS] = {
		.name = MPCNET_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family mpcnet_nl_family __ro_after_init = {
	.name = MPCNET_FAMILY_NAME,
	.version = MPCNET_FAMILY_VERSION,
	.maxattr = ARRAY_SIZE(mpcnet_device_nl_policy) - 1,
	.policy = mpcnet_device_nl_policy,
	.small_ops = mpcnet_nl_ops,
	.n_small_ops = ARRAY_SIZE(mpcnet_nl_ops),
	.resv_start_op = MPCNET_CMD_SET_DEVICE + 1,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.netnsok = true,
	.module = THIS_MODULE,
};

/**
 * mpcnet_nl_find() - the interface that a message is about
 * @net: namespace of the sender
 * @attrs: attributes of the message
 * @extack: for the reason of a refusal
 *
 * Context: process, RTNL held.
 * Return: the interface, or an error pointer: -EBADR, -ENODEV, -EOPNOTSUPP.
 */
struct mpcnet_device *mpcnet_nl_find(struct net *net, struct nlattr **attrs,
				     struct netlink_ext_ack *extack)
{
	struct nlattr *index = attrs[MPCNET_DEVICE_A_IFINDEX];
	struct nlattr *name = attrs[MPCNET_DEVICE_A_IFNAME];
	struct net_device *dev;

	ASSERT_RTNL();
	if (!index == !name) {
		NL_SET_ERR_MSG(extack, "Name the interface, either by index or by name");
		return ERR_PTR(-EBADR);
	}
	dev = index ? __dev_get_by_index(net, nla_get_u32(index)) :
		      __dev_get_by_name(net, nla_data(name));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, index ?: name, "No such interface");
		return ERR_PTR(-ENODEV);
	}
	if (!mpcnet_device_is(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, index ?: name,
				    "The interface is not of kind mpcnet");
		return ERR_PTR(-EOPNOTSUPP);
	}
	return netdev_priv(dev);
}

/**
 * mpcnet_nl_put_endpoint() - add an endpoint's address to a message
 * @msg: message
 * @attribute: attribute
 * @endpoint: endpoint
 *
 * Return: 0 or -EMSGSIZE.
 */
int mpcnet_nl_put_endpoint(struct sk_buff *msg, int attribute,
			   const struct mpcnet_endpoint *endpoint)
{
	size_t len = endpoint->remote.sa.sa_family == AF_INET ?
			     sizeof(endpoint->remote.in) :
			     sizeof(endpoint->remote.in6);

	return nla_put(msg, attribute, len, &endpoint->remote);
}

/**
 * mpcnet_nl_put_path() - add where a peer is, and by what way, to a message
 * @msg: message, in the nest of a peer
 * @peer: the peer
 *
 * Return: 0 or -EMSGSIZE.
 */
int mpcnet_nl_put_path(struct sk_buff *msg, const struct mpcnet_peer *peer)
{
	const struct mpcnet_endpoint *endpoint;
	int err = 0;

	rcu_read_lock();
	endpoint = rcu_dereference(peer->endpoint);
	if (endpoint)
		err = mpcnet_nl_put_endpoint(msg, MPCNET_PEER_A_ENDPOINT,
					     endpoint);
	if (!err && endpoint && endpoint->channel)
		err = nla_put_flag(msg, MPCNET_PEER_A_RELAYED);
	rcu_read_unlock();
	return err;
}

/**
 * mpcnet_netlink_init() - register the family
 *
 * Return: 0 or an error.
 */
int __init mpcnet_netlink_init(void)
{
	return genl_register_family(&mpcnet_nl_family);
}

/**
 * mpcnet_netlink_exit() - unregister the family
 */
void mpcnet_netlink_exit(void)
{
	genl_unregister_family(&mpcnet_nl_family);
}
