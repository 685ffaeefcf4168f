// SPDX-License-Identifier: GPL-2.0
/*
 * Show an interface: in as many messages as it takes, the interface in the
 * first, a peer's long list of allowed IPs over several.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "device.h"
#include "lookup.h"
#include "mpcnet_nl.h"
#include "netlink.h"
#include "peer.h"
#include "socket.h"

/**
 * struct cursor - how far a dump has come
 * @id: of the peer that is next, or of a smaller one that is gone
 * @ips: how many of its allowed IPs were shown
 * @started: the interface was shown
 * @done: all was shown
 *
 * It names no peer by pointer, so that nothing is held between two messages.
 */
struct cursor {
	u64 id;
	u32 ips;
	bool started;
	bool done;
};

static_assert(sizeof(struct cursor) <= sizeof_field(struct netlink_callback, ctx));

static int put_device_counters(struct sk_buff *msg, struct mpcnet_device *mpc)
{
	struct nlattr *nest = nla_nest_start(msg, MPCNET_DEVICE_A_COUNTERS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = MPCNET_DEVICE_C_NO_PEER; i <= MPCNET_DEVICE_C_LAST; i++) {
		if (nla_put_u64_64bit(msg, i, mpcnet_counts_sum(mpc->counts, i),
				      MPCNET_DEVICE_C_PAD))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_key(struct sk_buff *msg, struct mpcnet_identity *identity)
{
	int err = 0;

	down_read(&identity->lock);
	if (identity->set && identity->hidden)
		err = nla_put_flag(msg, MPCNET_DEVICE_A_NEW_PRIVATE_KEY);
	else if (identity->set)
		err = nla_put(msg, MPCNET_DEVICE_A_PRIVATE_KEY, MPCNET_KEY_LEN,
			      identity->private_key);
	if (identity->set && !err)
		err = nla_put(msg, MPCNET_DEVICE_A_PUBLIC_KEY, MPCNET_KEY_LEN,
			      identity->public_key);
	up_read(&identity->lock);
	return err;
}

static int put_bind(struct sk_buff *msg, const struct mpcnet_bind *bind)
{
	size_t len = bind->family == AF_INET ? sizeof(bind->address.in) :
					       sizeof(bind->address.in6);

	if (bind->family != AF_UNSPEC &&
	    nla_put(msg, MPCNET_DEVICE_A_BIND_ADDRESS, len, &bind->address))
		return -EMSGSIZE;
	if (bind->ifindex &&
	    nla_put_u32(msg, MPCNET_DEVICE_A_BIND_IFINDEX, bind->ifindex))
		return -EMSGSIZE;
	return 0;
}

static int put_interface(struct sk_buff *msg, struct mpcnet_device *mpc)
{
	const struct mpcnet_socket *socket =
		rcu_dereference_protected(mpc->socket,
					  lockdep_is_held(&mpc->update_lock));

	if (nla_put_u16(msg, MPCNET_DEVICE_A_LISTEN_PORT,
			socket ? socket->port : mpc->port) ||
	    nla_put_u32(msg, MPCNET_DEVICE_A_FWMARK, mpc->fwmark) ||
	    nla_put_u8(msg, MPCNET_DEVICE_A_BATCH, mpc->batch) ||
	    put_key(msg, &mpc->identity) || put_bind(msg, &mpc->bind) ||
	    put_device_counters(msg, mpc))
		return -EMSGSIZE;
	if (socket && socket->file &&
	    nla_put_flag(msg, MPCNET_DEVICE_A_SOCKET_ADOPTED))
		return -EMSGSIZE;
	if (mpc->expires &&
	    nla_put_u64_64bit(msg, MPCNET_DEVICE_A_EXPIRES, mpc->expires,
			      MPCNET_DEVICE_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_peer_counters(struct sk_buff *msg,
			     const struct mpcnet_peer_drops *drops)
{
	struct nlattr *nest = nla_nest_start(msg, MPCNET_PEER_A_COUNTERS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = MPCNET_PEER_C_NO_KEY; i <= MPCNET_PEER_C_LAST; i++) {
		if (nla_put_u64_64bit(msg, i, atomic_long_read(&drops->count[i]),
				      MPCNET_PEER_C_PAD))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_relay(struct sk_buff *msg, const struct mpcnet_relay *relay)
{
	struct mpcnet_endpoint address;

	if (!relay)
		return 0;
	mpcnet_relay_endpoint(relay, &address);
	if (mpcnet_nl_put_endpoint(msg, MPCNET_PEER_A_RELAY, &address))
		return -EMSGSIZE;
	return nla_put_u16(msg, MPCNET_PEER_A_RELAY_CHANNEL, relay->channel);
}

static int put_handshake(struct sk_buff *msg, struct mpcnet_peer *peer)
{
	struct timespec64 last = ns_to_timespec64(READ_ONCE(peer->last_handshake));
	struct __kernel_timespec time = {
		.tv_sec = last.tv_sec,
		.tv_nsec = last.tv_nsec,
	};
	int err;

	mutex_lock(&peer->handshake.lock);
	err = nla_put(msg, MPCNET_PEER_A_PRESHARED_KEY, MPCNET_KEY_LEN,
		      peer->handshake.preshared_key);
	mutex_unlock(&peer->handshake.lock);
	return err ?: nla_put(msg, MPCNET_PEER_A_LAST_HANDSHAKE_TIME,
			      sizeof(time), &time);
}

/* All of a peer but its name and its allowed IPs */
static int put_peer(struct sk_buff *msg, struct mpcnet_peer *peer)
{
	u64 rx, tx;

	mpcnet_traffic_sum(peer->traffic, &rx, &tx);
	if (put_handshake(msg, peer) || mpcnet_nl_put_path(msg, peer) ||
	    put_relay(msg, peer->relay) ||
	    nla_put_u16(msg, MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
			peer->persistent_interval) ||
	    nla_put_u64_64bit(msg, MPCNET_PEER_A_RX_BYTES, rx,
			      MPCNET_PEER_A_PAD) ||
	    nla_put_u64_64bit(msg, MPCNET_PEER_A_TX_BYTES, tx,
			      MPCNET_PEER_A_PAD) ||
	    nla_put_u32(msg, MPCNET_PEER_A_PROTOCOL_VERSION, 1) ||
	    nla_put_u8(msg, MPCNET_PEER_A_ROAM, peer->roam) ||
	    nla_put_u32(msg, MPCNET_PEER_A_STATE, mpcnet_peer_state(peer)) ||
	    put_peer_counters(msg, &peer->drops))
		return -EMSGSIZE;
	return 0;
}

static int put_allowedip(struct sk_buff *msg,
			 const struct mpcnet_allowedips_node *node)
{
	struct mpcnet_prefix prefix = mpcnet_allowedips_node_prefix(node);
	struct nlattr *nest = nla_nest_start(msg, 0);
	u8 address[16];

	if (!nest)
		return -EMSGSIZE;
	mpcnet_prefix_addr(&prefix, address);
	if (nla_put_u16(msg, MPCNET_ALLOWEDIP_A_FAMILY, prefix.family) ||
	    nla_put_u8(msg, MPCNET_ALLOWEDIP_A_CIDR_MASK, prefix.cidr) ||
	    nla_put(msg, MPCNET_ALLOWEDIP_A_IPADDR,
		    prefix.family == AF_INET ? 4 : 16, address)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* The allowed IPs from the cursor on, as many as there is room for */
static int put_allowedips(struct sk_buff *msg, const struct mpcnet_peer *peer,
			  struct cursor *cursor)
{
	struct nlattr *nest = nla_nest_start(msg, MPCNET_PEER_A_ALLOWEDIPS);
	const struct mpcnet_allowedips_node *node;
	u32 n = 0;

	if (!nest)
		return -EMSGSIZE;
	mpcnet_allowedips_for_each(node, &peer->allowedips) {
		if (n++ < cursor->ips)
			continue;
		if (put_allowedip(msg, node)) {
			nla_nest_end(msg, nest);
			return -EMSGSIZE;
		}
		cursor->ips++;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* One peer, or as much of it as there is room for; 0 if it is whole */
static int put_one(struct sk_buff *msg, struct mpcnet_peer *peer,
		   struct cursor *cursor)
{
	struct nlattr *nest = nla_nest_start(msg, 0);
	u32 shown = cursor->ips;

	if (!nest)
		return -EMSGSIZE;
	if (nla_put(msg, MPCNET_PEER_A_PUBLIC_KEY, MPCNET_KEY_LEN,
		    peer->handshake.remote_static) ||
	    (!shown && put_peer(msg, peer)))
		goto cancel;
	if (list_empty(&peer->allowedips) ||
	    !put_allowedips(msg, peer, cursor)) {
		nla_nest_end(msg, nest);
		return 0;
	}
	if (cursor->ips == shown)	/* no room for even one */
		goto cancel;
	nla_nest_end(msg, nest);
	return -EMSGSIZE;
cancel:
	nla_nest_cancel(msg, nest);
	return -EMSGSIZE;
}

static int put_peers(struct sk_buff *msg, struct mpcnet_device *mpc,
		     struct cursor *cursor)
{
	struct nlattr *nest = nla_nest_start(msg, MPCNET_DEVICE_A_PEERS);
	struct mpcnet_peer *peer;

	if (!nest)
		return -EMSGSIZE;
	list_for_each_entry(peer, &mpc->peers, entry) {
		if (peer->id < cursor->id)
			continue;
		if (peer->id != cursor->id) {
			cursor->id = peer->id;
			cursor->ips = 0;
		}
		if (put_one(msg, peer, cursor)) {
			nla_nest_end(msg, nest);
			return 0;
		}
		cursor->id++;
		cursor->ips = 0;
	}
	nla_nest_end(msg, nest);
	cursor->done = true;
	return 0;
}

static int put_part(struct sk_buff *msg, struct mpcnet_device *mpc,
		    struct netlink_callback *cb, struct cursor *cursor)
{
	void *header = genlmsg_put(msg, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &mpcnet_nl_family,
				   NLM_F_MULTI, MPCNET_CMD_GET_DEVICE);

	if (!header)
		return -EMSGSIZE;
	cb->seq = mpc->generation;
	genl_dump_check_consistent(cb, header);
	if (nla_put_u32(msg, MPCNET_DEVICE_A_IFINDEX, mpc->dev->ifindex) ||
	    nla_put_string(msg, MPCNET_DEVICE_A_IFNAME, mpc->dev->name) ||
	    (!cursor->started && put_interface(msg, mpc)) ||
	    put_peers(msg, mpc, cursor)) {
		genlmsg_cancel(msg, header);
		return -EMSGSIZE;
	}
	cursor->started = true;
	genlmsg_end(msg, header);
	return 0;
}

/**
 * mpcnet_nl_get_device_dumpit() - show an interface: one message of the answer
 * @msg: message
 * @cb: state of the dump
 *
 * Return: length of the message, 0 at the end, or an error.
 */
int mpcnet_nl_get_device_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct cursor *cursor = (struct cursor *)cb->ctx;
	struct mpcnet_device *mpc;
	int err;

	if (cursor->done)
		return 0;
	rtnl_lock();
	mpc = mpcnet_nl_find(sock_net(cb->skb->sk), genl_dump_attrs(cb),
			     cb->extack);
	if (IS_ERR(mpc)) {
		err = PTR_ERR(mpc);
	} else {
		mutex_lock(&mpc->update_lock);
		err = put_part(msg, mpc, cb, cursor);
		mutex_unlock(&mpc->update_lock);
	}
	rtnl_unlock();
	return err ?: msg->len;
}
