// SPDX-License-Identifier: GPL-2.0
/*
 * What happened, told to the netlink group "events". Only authenticated and
 * local causes come here; beyond a rate events are not told.
 */
#include "events.h"

#include <net/genetlink.h>
#include <net/sock.h>

#include "device.h"
#include "mpcnet_nl.h"
#include "netlink.h"
#include "peer.h"

#define EVENTS_PER_SECOND 1000

static bool within_rate(struct mpcnet_device *mpc)
{
	unsigned long second = READ_ONCE(mpc->event_second);

	if (time_after_eq(jiffies, second + HZ) &&
	    cmpxchg(&mpc->event_second, second, jiffies) == second)
		atomic_set(&mpc->event_tokens, EVENTS_PER_SECOND);
	return atomic_dec_if_positive(&mpc->event_tokens) >= 0;
}

static int put_peer(struct sk_buff *msg, struct mpcnet_peer *peer)
{
	struct nlattr *peers = nla_nest_start(msg, MPCNET_DEVICE_A_PEERS);
	struct nlattr *nest = peers ? nla_nest_start(msg, 0) : NULL;

	if (!nest || nla_put(msg, MPCNET_PEER_A_PUBLIC_KEY, MPCNET_KEY_LEN,
			     peer->handshake.remote_static) ||
	    mpcnet_nl_put_path(msg, peer) ||
	    nla_put_u32(msg, MPCNET_PEER_A_STATE, mpcnet_peer_state(peer)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	nla_nest_end(msg, peers);
	return 0;
}

static void tell(struct mpcnet_device *mpc, struct mpcnet_peer *peer,
		 enum mpcnet_event_type type)
{
	struct net *net = dev_net(mpc->dev);
	struct sk_buff *msg;
	void *header;

	if (!genl_has_listeners(&mpcnet_nl_family, net, MPCNET_NLGRP_EVENTS) ||
	    !within_rate(mpc))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	if (!msg)
		return;
	header = genlmsg_put(msg, 0, 0, &mpcnet_nl_family, 0,
			     MPCNET_CMD_EVENT_NOTIFY);
	if (!header ||
	    nla_put_u32(msg, MPCNET_DEVICE_A_IFINDEX, mpc->dev->ifindex) ||
	    nla_put_string(msg, MPCNET_DEVICE_A_IFNAME, mpc->dev->name) ||
	    nla_put_u32(msg, MPCNET_DEVICE_A_EVENT, type) ||
	    (peer && put_peer(msg, peer))) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, header);
	genlmsg_multicast_netns(&mpcnet_nl_family, net, msg, 0,
				MPCNET_NLGRP_EVENTS, GFP_ATOMIC);
}

/**
 * mpcnet_event_peer() - tell what happened to a peer
 * @peer: the peer
 * @type: what
 *
 * Context: any but hard interrupts.
 */
void mpcnet_event_peer(struct mpcnet_peer *peer, enum mpcnet_event_type type)
{
	tell(peer->mpc, peer, type);
}

/**
 * mpcnet_event_deadline() - tell that an interface's deadline was reached
 * @mpc: interface
 */
void mpcnet_event_deadline(struct mpcnet_device *mpc)
{
	tell(mpc, NULL, MPCNET_EVENT_DEADLINE);
}
