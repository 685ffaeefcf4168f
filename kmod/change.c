// SPDX-License-Identifier: GPL-2.0
/*
 * Read a message that sets an interface. Here it may be refused: nothing takes
 * effect before it has been read to its end (netlink_set.c).
 */
#include "change.h"

#include <linux/capability.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/netlink.h>

#include "lookup.h"
#include "mpcnet_nl.h"
#include "peer.h"
#include "socket.h"

static int refuse(const struct mpcnet_change *change, const struct nlattr *attr,
		  const char *why, int err)
{
	struct netlink_ext_ack *extack = change->extack;

	if (extack) {
		extack->_msg = why;
		extack->bad_attr = attr;
	}
	return err;
}

/**
 * mpcnet_change_find_peer() - the peer that a change is about
 * @mpc: interface
 * @public_key: the peer's name
 *
 * Context: process, update_lock held.
 * Return: the peer, or NULL if there is none.
 */
struct mpcnet_peer *
mpcnet_change_find_peer(struct mpcnet_device *mpc,
			const u8 public_key[MPCNET_KEY_LEN])
{
	struct mpcnet_peer *peer;

	/* Peers come and go under the update_lock alone. */
	lockdep_assert_held(&mpc->update_lock);
	rcu_read_lock();
	peer = mpcnet_lookup_peer(mpc->lookup, public_key);
	rcu_read_unlock();
	return peer;
}

static void zero(struct nlattr *attr)
{
	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

static void free_ip(struct mpcnet_ip_change *ip)
{
	list_del(&ip->entry);
	mpcnet_allowedips_spare_free(&ip->spare);
	kfree(ip);
}

static void free_peer(struct mpcnet_device *mpc, struct mpcnet_peer_change *peer)
{
	struct mpcnet_ip_change *ip, *next;

	list_for_each_entry_safe(ip, next, &peer->ips, entry)
		free_ip(ip);
	if (peer->fresh)
		mpcnet_peer_put(peer->fresh);
	if (peer->relay) {
		mpcnet_lookup_remove_relay(mpc->lookup, peer->relay);
		kfree_rcu(peer->relay, rcu);
	}
	kfree(peer->endpoint);
	zero(peer->attrs[MPCNET_PEER_A_PRESHARED_KEY]);
	list_del(&peer->entry);
	kfree(peer);
}

/**
 * mpcnet_change_free() - free what was not taken of a change, zero its keys
 * @change: change, read in whole or in part
 *
 * Context: process, RTNL and update_lock held.
 */
void mpcnet_change_free(struct mpcnet_change *change)
{
	struct mpcnet_peer_change *peer, *next;

	list_for_each_entry_safe(peer, next, &change->peers, entry)
		free_peer(change->mpc, peer);
	mpcnet_socket_release(change->socket);
	zero(change->attrs[MPCNET_DEVICE_A_PRIVATE_KEY]);
}

static int read_prefix(struct mpcnet_change *change, struct nlattr **attrs,
		       struct nlattr *attr, struct mpcnet_prefix *prefix)
{
	struct nlattr *address = attrs[MPCNET_ALLOWEDIP_A_IPADDR];
	size_t len;
	u16 family;
	u8 cidr;

	if (!address || !attrs[MPCNET_ALLOWEDIP_A_FAMILY] ||
	    !attrs[MPCNET_ALLOWEDIP_A_CIDR_MASK])
		return refuse(change, attr, "An allowed IP needs family, address and mask",
			      -EINVAL);
	family = nla_get_u16(attrs[MPCNET_ALLOWEDIP_A_FAMILY]);
	cidr = nla_get_u8(attrs[MPCNET_ALLOWEDIP_A_CIDR_MASK]);
	if (family != AF_INET && family != AF_INET6)
		return refuse(change, attrs[MPCNET_ALLOWEDIP_A_FAMILY],
			      "The family is neither IPv4 nor IPv6", -EINVAL);
	len = family == AF_INET ? 4 : 16;
	if (nla_len(address) != len)
		return refuse(change, address,
			      "The address is 4 bytes for IPv4, 16 for IPv6",
			      -EINVAL);
	if (mpcnet_prefix_set(prefix, family, nla_data(address), cidr))
		return refuse(change, attrs[MPCNET_ALLOWEDIP_A_CIDR_MASK],
			      "The mask is at most 32 for IPv4, 128 for IPv6",
			      -EINVAL);
	return 0;
}

static int read_allowedip(struct mpcnet_change *change, struct mpcnet_peer_change *peer,
			  struct nlattr *attr)
{
	struct nlattr *attrs[MPCNET_ALLOWEDIP_A_LAST + 1];
	struct nlattr *flags;
	struct mpcnet_ip_change *ip;
	int err;

	err = nla_parse_nested(attrs, MPCNET_ALLOWEDIP_A_LAST, attr,
			       mpcnet_allowedip_nl_policy, change->extack);
	if (err)
		return err;
	ip = kzalloc(sizeof(*ip), GFP_KERNEL);
	if (!ip)
		return -ENOMEM;
	list_add_tail(&ip->entry, &peer->ips);
	flags = attrs[MPCNET_ALLOWEDIP_A_FLAGS];
	ip->remove = flags &&
		     nla_get_u32(flags) & MPCNET_ALLOWEDIP_F_REMOVE_ME;
	err = read_prefix(change, attrs, attr, &ip->prefix);
	if (err || ip->remove)
		return err;
	return mpcnet_allowedips_spare_alloc(&ip->spare, GFP_KERNEL);
}

/* An element that is longer than what is around it ends a walk early. */
static int check_whole(const struct mpcnet_change *change, const struct nlattr *attr,
		       int rest)
{
	if (!rest)
		return 0;
	return refuse(change, attr, "The last element is cut short", -EINVAL);
}

static int read_allowedips(struct mpcnet_change *change, struct mpcnet_peer_change *peer,
			   struct nlattr *ips)
{
	struct nlattr *ip;
	int err, rest;

	if (!ips)
		return 0;
	nla_for_each_nested(ip, ips, rest) {
		err = read_allowedip(change, peer, ip);
		if (err)
			return err;
	}
	return check_whole(change, ips, rest);
}

/* A relay that is known already must be this peer's, or all peers must go. */
static int claim_relay(struct mpcnet_change *change, struct mpcnet_peer_change *peer,
		       const struct mpcnet_endpoint *address)
{
	struct nlattr *attr = peer->attrs[MPCNET_PEER_A_RELAY];
	struct nlattr *key = peer->attrs[MPCNET_PEER_A_PUBLIC_KEY];
	struct mpcnet_lookup *lookup = change->mpc->lookup;
	struct mpcnet_relay *relay, *known;
	struct mpcnet_peer *owner;
	bool ours;

	/* Relays, too, come and go under the update_lock alone. */
	rcu_read_lock();
	known = mpcnet_lookup_relay(lookup, address);
	rcu_read_unlock();
	owner = known ? known->peer : NULL;
	ours = owner &&
	       owner == mpcnet_change_find_peer(change->mpc, nla_data(key));
	if (known && !ours &&
	    !(owner && change->flags & MPCNET_DEVICE_F_REPLACE_PEERS))
		return refuse(change, attr,
			      "Another peer is reached by this channel already",
			      -EEXIST);
	relay = kmalloc(sizeof(*relay), GFP_KERNEL);
	if (!relay)
		return -ENOMEM;
	mpcnet_relay_init(relay, address);
	if (ours)	/* no packet is lost while the old one is replaced */
		relay->peer = owner;
	mpcnet_lookup_add_relay(lookup, relay);
	peer->relay = relay;
	return 0;
}

static int read_relay(struct mpcnet_change *change, struct mpcnet_peer_change *peer,
		      struct mpcnet_endpoint *address)
{
	struct nlattr *channel = peer->attrs[MPCNET_PEER_A_RELAY_CHANNEL];
	struct nlattr *relay = peer->attrs[MPCNET_PEER_A_RELAY];
	u16 number = channel ? nla_get_u16(channel) : 0;

	if (!relay) {
		if (number)
			return refuse(change, channel, "A channel needs its relay",
				      -EINVAL);
		peer->drop_relay = channel;
		return 0;
	}
	if (number < MPCNET_CHANNEL_MIN || number > MPCNET_CHANNEL_MAX)
		return refuse(change, channel ?: relay,
			      "A relay needs a channel from 0x4000 to 0x4fff",
			      -EINVAL);
	if (mpcnet_endpoint_from_sockaddr(address, nla_data(relay),
					  nla_len(relay)))
		return refuse(change, relay,
			      "The relay is no IPv4 or IPv6 address with a port",
			      -EINVAL);
	address->channel = number;
	return claim_relay(change, peer, address);
}

/* The relay is the endpoint too, unless another one comes with it. */
static int read_paths(struct mpcnet_change *change, struct mpcnet_peer_change *peer)
{
	struct nlattr *attr = peer->attrs[MPCNET_PEER_A_ENDPOINT];
	struct mpcnet_endpoint address = { };
	int err = read_relay(change, peer, &address);

	if (err)
		return err;
	if (attr && mpcnet_endpoint_from_sockaddr(&address, nla_data(attr),
						  nla_len(attr)))
		return refuse(change, attr,
			      "The endpoint is no IPv4 or IPv6 address with a port",
			      -EINVAL);
	if (address.remote.sa.sa_family == AF_UNSPEC)
		return 0;
	peer->endpoint = kmemdup(&address, sizeof(address), GFP_KERNEL);
	return peer->endpoint ? 0 : -ENOMEM;
}

/* Does the peer have to be made? */
static bool is_new(const struct mpcnet_change *change, const struct mpcnet_peer_change *peer)
{
	const u8 *key = nla_data(peer->attrs[MPCNET_PEER_A_PUBLIC_KEY]);

	if (peer->flags & (MPCNET_PEER_F_REMOVE_ME | MPCNET_PEER_F_UPDATE_ONLY))
		return false;
	return change->removes || !mpcnet_change_find_peer(change->mpc, key);
}

static int check_shown_only(struct mpcnet_change *change, struct mpcnet_peer_change *peer)
{
	static const u8 shown_only[] = {
		MPCNET_PEER_A_LAST_HANDSHAKE_TIME, MPCNET_PEER_A_RX_BYTES,
		MPCNET_PEER_A_TX_BYTES, MPCNET_PEER_A_RELAYED,
		MPCNET_PEER_A_STATE, MPCNET_PEER_A_COUNTERS,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(shown_only); i++) {
		struct nlattr *attr = peer->attrs[shown_only[i]];

		if (attr)
			return refuse(change, attr, "This attribute is only shown",
				      -EINVAL);
	}
	return 0;
}

static int read_peer(struct mpcnet_change *change, struct nlattr *attr)
{
	struct mpcnet_peer_change *peer = kzalloc(sizeof(*peer), GFP_KERNEL);
	struct nlattr **attrs;
	u8 *key;
	int err;

	if (!peer)
		return -ENOMEM;
	INIT_LIST_HEAD(&peer->ips);
	list_add_tail(&peer->entry, &change->peers);
	attrs = peer->attrs;
	err = nla_parse_nested(attrs, MPCNET_PEER_A_LAST, attr,
			       mpcnet_peer_nl_policy, change->extack);
	if (err)
		return err;
	if (!attrs[MPCNET_PEER_A_PUBLIC_KEY])
		return refuse(change, attr, "A peer needs its public key", -EINVAL);
	if (attrs[MPCNET_PEER_A_PROTOCOL_VERSION] &&
	    nla_get_u32(attrs[MPCNET_PEER_A_PROTOCOL_VERSION]) > 1)
		return refuse(change, attrs[MPCNET_PEER_A_PROTOCOL_VERSION],
			      "The only version of the protocol is 1",
			      -EPFNOSUPPORT);
	err = check_shown_only(change, peer);
	if (err)
		return err;
	if (attrs[MPCNET_PEER_A_FLAGS])
		peer->flags = nla_get_u32(attrs[MPCNET_PEER_A_FLAGS]);
	err = read_paths(change, peer);
	if (err)
		return err;
	err = read_allowedips(change, peer, attrs[MPCNET_PEER_A_ALLOWEDIPS]);
	if (err)
		return err;
	if (is_new(change, peer)) {
		key = nla_data(attrs[MPCNET_PEER_A_PUBLIC_KEY]);
		peer->fresh = mpcnet_peer_alloc(change->mpc, key);
		if (!peer->fresh)
			return -ENOMEM;
	}
	if (peer->flags & MPCNET_PEER_F_REMOVE_ME)
		change->removes = true;
	return 0;
}

static int read_peers(struct mpcnet_change *change)
{
	struct nlattr *peers = change->attrs[MPCNET_DEVICE_A_PEERS];
	unsigned int count = 0;
	struct nlattr *attr;
	int err, rest;

	change->removes = change->flags & MPCNET_DEVICE_F_REPLACE_PEERS;
	if (!peers)
		return 0;
	if (!change->removes)
		count = change->mpc->peer_count;
	nla_for_each_nested(attr, peers, rest) {
		err = read_peer(change, attr);
		if (err)
			return err;
		if (list_last_entry(&change->peers, struct mpcnet_peer_change,
				    entry)->fresh && ++count > MPCNET_MAX_PEERS)
			return refuse(change, attr,
				      "An interface has at most 1048576 peers",
				      -E2BIG);
	}
	return check_whole(change, peers, rest);
}

static bool is_for_many(const struct mpcnet_bind *bind)
{
	if (bind->family == AF_INET)
		return ipv4_is_multicast(bind->address.in.s_addr) ||
		       ipv4_is_lbcast(bind->address.in.s_addr);
	return bind->family == AF_INET6 &&
	       ipv6_addr_is_multicast(&bind->address.in6);
}

static int read_bind(struct mpcnet_change *change)
{
	struct nlattr *address = change->attrs[MPCNET_DEVICE_A_BIND_ADDRESS];
	struct nlattr *index = change->attrs[MPCNET_DEVICE_A_BIND_IFINDEX];
	struct mpcnet_bind *bind = &change->bind;

	*bind = change->mpc->bind;
	if (!address && !index)
		return 0;
	if (index)
		bind->ifindex = nla_get_u32(index);
	if (index && bind->ifindex &&
	    !__dev_get_by_index(rtnl_dereference(change->mpc->birth_net),
				bind->ifindex))
		return refuse(change, index, "No such interface", -ENODEV);
	if (!address)
		return 0;
	if (nla_len(address) != 4 && nla_len(address) != 16)
		return refuse(change, address,
			      "The address is 4 bytes for IPv4, 16 for IPv6",
			      -EINVAL);
	memset(&bind->address, 0, sizeof(bind->address));
	nla_memcpy(&bind->address, address, sizeof(bind->address));
	bind->family = AF_UNSPEC;
	if (memchr_inv(&bind->address, 0, sizeof(bind->address)))
		bind->family = nla_len(address) == 4 ? AF_INET : AF_INET6;
	if (is_for_many(bind))
		return refuse(change, address,
			      "A source address is not for many: give one of this machine's",
			      -EINVAL);
	return 0;
}

static int open_port(struct mpcnet_change *change, struct nlattr *attr)
{
	struct mpcnet_device *mpc = change->mpc;
	struct mpcnet_socket *now = rtnl_dereference(mpc->socket);
	u16 port = nla_get_u16(attr);

	if (now && !now->file && now->port == port)
		return 0;
	change->new_socket = true;
	if (!netif_running(mpc->dev))
		return 0;
	change->socket = mpcnet_socket_open(mpc, port);
	if (!IS_ERR(change->socket))
		return 0;
	return refuse(change, attr, "The port cannot be opened",
		      PTR_ERR(change->socket));
}

static int read_socket(struct mpcnet_change *change)
{
	struct nlattr *port = change->attrs[MPCNET_DEVICE_A_LISTEN_PORT];
	struct nlattr *fd = change->attrs[MPCNET_DEVICE_A_SOCKET_FD];
	const char *why = NULL;

	if (port && fd)
		return refuse(change, fd, "The socket has its port: give one of both",
			      -EINVAL);
	if (port)
		return open_port(change, port);
	if (!fd)
		return 0;
	change->new_socket = true;
	change->socket = mpcnet_socket_adopt(change->mpc, nla_get_u32(fd), &why);
	if (!IS_ERR(change->socket))
		return 0;
	return refuse(change, fd, why, PTR_ERR(change->socket));
}

/* What shows outside may be set only by who may where the socket is. */
static int check_outside(const struct mpcnet_change *change)
{
	static const u8 outside[] = {
		MPCNET_DEVICE_A_LISTEN_PORT, MPCNET_DEVICE_A_FWMARK,
		MPCNET_DEVICE_A_SOCKET_FD, MPCNET_DEVICE_A_BIND_ADDRESS,
		MPCNET_DEVICE_A_BIND_IFINDEX,
	};
	struct net *net = rtnl_dereference(change->mpc->birth_net);
	int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		struct nlattr *attr = change->attrs[outside[i]];

		if (attr && (!net || !ns_capable(net->user_ns, CAP_NET_ADMIN)))
			return refuse(change, attr,
				      "This needs CAP_NET_ADMIN where the interface was made",
				      -EPERM);
	}
	return 0;
}

/**
 * mpcnet_change_read() - read a message, and refuse it if anything is wrong
 * @change: change, of which interface, attributes and extack are set
 *
 * Context: process, RTNL and update_lock held.
 * Return: 0, or an error with its reason in extack. The caller frees the change
 * in either case.
 */
int mpcnet_change_read(struct mpcnet_change *change)
{
	struct nlattr **attrs = change->attrs;
	int err;

	if (attrs[MPCNET_DEVICE_A_FLAGS])
		change->flags = nla_get_u32(attrs[MPCNET_DEVICE_A_FLAGS]);
	if (attrs[MPCNET_DEVICE_A_PRIVATE_KEY] &&
	    attrs[MPCNET_DEVICE_A_NEW_PRIVATE_KEY])
		return refuse(change, attrs[MPCNET_DEVICE_A_NEW_PRIVATE_KEY],
			      "Give a private key or have one made, not both",
			      -EINVAL);
	err = check_outside(change) ?: read_bind(change) ?: read_peers(change);
	/* Last, since it shows outside. */
	return err ?: read_socket(change);
}
