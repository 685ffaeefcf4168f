// SPDX-License-Identifier: GPL-2.0
/*
 * Change an interface, whole or not at all: the message is read (change.c),
 * where it may be refused; what follows, apply_*(), cannot fail.
 */
#include <crypto/algapi.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>

#include "change.h"
#include "crypto.h"
#include "device.h"
#include "handshake.h"
#include "lookup.h"
#include "mpcnet_nl.h"
#include "netlink.h"
#include "peer.h"
#include "socket.h"
#include "tx.h"

static void apply_allowedips(struct mpcnet_peer_change *change, struct mpcnet_peer *peer)
{
	struct mpcnet_device *mpc = peer->mpc;
	struct mpcnet_ip_change *ip;

	if (change->flags & MPCNET_PEER_F_REPLACE_ALLOWEDIPS)
		mpcnet_allowedips_remove_by_peer(&mpc->allowedips,
						 &peer->allowedips,
						 &mpc->update_lock);
	list_for_each_entry(ip, &change->ips, entry) {
		if (ip->remove)
			mpcnet_allowedips_remove(&mpc->allowedips, &ip->prefix,
						 peer, &mpc->update_lock);
		else
			mpcnet_allowedips_insert(&mpc->allowedips, &ip->prefix,
						 peer, &peer->allowedips,
						 &ip->spare, &mpc->update_lock);
	}
}

static void apply_paths(struct mpcnet_peer_change *change, struct mpcnet_peer *peer)
{
	const struct mpcnet_endpoint *now =
		rcu_dereference_protected(peer->endpoint, true);

	if (change->relay || change->drop_relay)
		mpcnet_peer_set_relay(peer, change->relay);
	change->relay = NULL;
	/* What went by a relay that is no more goes nowhere. */
	if (change->endpoint || (change->drop_relay && now && now->channel))
		mpcnet_endpoint_replace(peer, change->endpoint);
	change->endpoint = NULL;
}

static void apply_to_peer(struct mpcnet_peer_change *change, struct mpcnet_peer *peer)
{
	struct nlattr *psk = change->attrs[MPCNET_PEER_A_PRESHARED_KEY];
	struct nlattr *keepalive =
		change->attrs[MPCNET_PEER_A_PERSISTENT_KEEPALIVE_INTERVAL];
	struct nlattr *roam = change->attrs[MPCNET_PEER_A_ROAM];
	bool had_interval = peer->persistent_interval;

	if (psk) {
		mutex_lock(&peer->handshake.lock);
		nla_memcpy(peer->handshake.preshared_key, psk, MPCNET_KEY_LEN);
		mutex_unlock(&peer->handshake.lock);
	}
	apply_paths(change, peer);
	apply_allowedips(change, peer);
	if (roam)
		WRITE_ONCE(peer->roam, nla_get_u8(roam));
	if (keepalive) {
		WRITE_ONCE(peer->persistent_interval, nla_get_u16(keepalive));
		mpcnet_timers_persistent_changed(peer, !had_interval);
	}
	if (netif_running(peer->mpc->dev))
		mpcnet_tx_staged(peer);
	if (change->attrs[MPCNET_PEER_A_HANDSHAKE])
		mpcnet_handshake_begin(peer);
}

static void apply_peer(struct mpcnet_device *mpc, struct mpcnet_peer_change *change)
{
	const u8 *key = nla_data(change->attrs[MPCNET_PEER_A_PUBLIC_KEY]);
	struct mpcnet_peer *peer = mpcnet_change_find_peer(mpc, key);

	/* A controller may send all parties the same list. */
	if (mpc->identity.set &&
	    !memcmp(key, mpc->identity.public_key, MPCNET_KEY_LEN))
		return;
	if (!peer && change->fresh) {
		peer = change->fresh;
		change->fresh = NULL;
		mpcnet_peer_add(peer);
	}
	if (!peer)
		return;
	if (change->flags & MPCNET_PEER_F_REMOVE_ME)
		mpcnet_peer_remove(peer);
	else
		apply_to_peer(change, peer);
}

/* The same key again disturbs nothing, in whatever form it is given. */
static bool is_present(const struct mpcnet_identity *identity,
		       const u8 private_key[MPCNET_KEY_LEN])
{
	u8 key[MPCNET_KEY_LEN];
	bool present;

	memcpy(key, private_key, sizeof(key));
	mpcnet_dh_clamp(key);
	present = identity->set && !identity->hidden &&
		  !crypto_memneq(key, identity->private_key, sizeof(key)) &&
		  memchr_inv(private_key, 0, sizeof(key));
	memzero_explicit(key, sizeof(key));
	return present;
}

static void apply_key(struct mpcnet_change *change)
{
	struct nlattr *given = change->attrs[MPCNET_DEVICE_A_PRIVATE_KEY];
	struct mpcnet_identity *identity = &change->mpc->identity;
	u8 key[MPCNET_KEY_LEN];

	if (given) {
		nla_memcpy(key, given, sizeof(key));
		if (!is_present(identity, key))
			mpcnet_device_set_key(change->mpc, key, false);
	} else if (change->attrs[MPCNET_DEVICE_A_NEW_PRIVATE_KEY]) {
		mpcnet_dh_generate(key);
		mpcnet_device_set_key(change->mpc, key, true);
	}
	memzero_explicit(key, sizeof(key));
}

static void apply_socket(struct mpcnet_change *change)
{
	struct nlattr *port = change->attrs[MPCNET_DEVICE_A_LISTEN_PORT];
	struct mpcnet_device *mpc = change->mpc;

	if (port)
		mpc->port = nla_get_u16(port);
	if (!change->new_socket)
		return;
	if (change->socket)
		mpc->port = change->socket->port;
	mpcnet_socket_use(mpc, change->socket);
	change->socket = NULL;
}

static void apply(struct mpcnet_change *change)
{
	struct mpcnet_device *mpc = change->mpc;
	struct nlattr **attrs = change->attrs;
	struct mpcnet_peer_change *peer;

	if (!++mpc->generation)
		mpc->generation = 1;
	if (attrs[MPCNET_DEVICE_A_FWMARK])
		WRITE_ONCE(mpc->fwmark,
			   nla_get_u32(attrs[MPCNET_DEVICE_A_FWMARK]));
	mpc->bind = change->bind;
	if (attrs[MPCNET_DEVICE_A_BATCH])
		mpcnet_device_set_batch(mpc,
					nla_get_u8(attrs[MPCNET_DEVICE_A_BATCH]));
	apply_socket(change);
	if (attrs[MPCNET_DEVICE_A_FWMARK] ||
	    attrs[MPCNET_DEVICE_A_BIND_ADDRESS] ||
	    attrs[MPCNET_DEVICE_A_BIND_IFINDEX])
		mpcnet_socket_forget_routes(mpc);
	if (change->flags & MPCNET_DEVICE_F_REPLACE_PEERS)
		mpcnet_peer_remove_all(mpc);
	apply_key(change);
	list_for_each_entry(peer, &change->peers, entry)
		apply_peer(mpc, peer);
	if (attrs[MPCNET_DEVICE_A_EXPIRES])
		mpcnet_device_set_expiry(mpc,
					 nla_get_u64(attrs[MPCNET_DEVICE_A_EXPIRES]));
}

/**
 * mpcnet_nl_set_device_doit() - change an interface
 * @msg: message
 * @info: what it says
 *
 * Return: 0, or an error after which nothing has changed.
 */
int mpcnet_nl_set_device_doit(struct sk_buff *msg, struct genl_info *info)
{
	struct mpcnet_change change = {
		.attrs = info->attrs,
		.extack = info->extack,
		.peers = LIST_HEAD_INIT(change.peers),
	};
	int err;

	rtnl_lock();
	change.mpc = mpcnet_nl_find(genl_info_net(info), info->attrs,
				    info->extack);
	if (IS_ERR(change.mpc)) {
		rtnl_unlock();
		return PTR_ERR(change.mpc);
	}
	mutex_lock(&change.mpc->update_lock);
	err = mpcnet_change_read(&change);
	if (!err)
		apply(&change);
	mpcnet_change_free(&change);
	mutex_unlock(&change.mpc->update_lock);
	rtnl_unlock();
	return err;
}
