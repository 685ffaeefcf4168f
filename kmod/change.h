/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message that sets an interface, read as a whole, with all the memory and
 * sockets that it takes.
 */
#ifndef _MPCNET_CHANGE_H
#define _MPCNET_CHANGE_H

#include <linux/list.h>
#include <linux/mpcnet.h>

#include "allowedips.h"
#include "device.h"

struct mpcnet_endpoint;
struct mpcnet_peer;
struct mpcnet_relay;
struct mpcnet_socket;
struct netlink_ext_ack;
struct nlattr;

/**
 * struct mpcnet_ip_change - an allowed IP to add or to remove
 * @entry: in the list of the peer's change
 * @prefix: it
 * @remove: remove it
 * @spare: memory to add it
 */
struct mpcnet_ip_change {
	struct list_head entry;
	struct mpcnet_prefix prefix;
	bool remove;
	struct mpcnet_allowedips_spare spare;
};

/**
 * struct mpcnet_peer_change - what becomes of a peer
 * @entry: in the list of the whole change
 * @attrs: its attributes; they point into the message
 * @flags: enum mpcnet_peer_flag
 * @fresh: the peer to add if there is none, or NULL
 * @endpoint: its endpoint, or NULL
 * @relay: its relay, in the table already, or NULL
 * @drop_relay: remove its relay
 * @ips: its allowed IPs
 */
struct mpcnet_peer_change {
	struct list_head entry;
	struct nlattr *attrs[MPCNET_PEER_A_LAST + 1];
	u32 flags;
	struct mpcnet_peer *fresh;
	struct mpcnet_endpoint *endpoint;
	struct mpcnet_relay *relay;
	bool drop_relay;
	struct list_head ips;
};

/**
 * struct mpcnet_change - what becomes of an interface
 * @mpc: the interface
 * @attrs: its attributes; they point into the message
 * @extack: for the reason of a refusal
 * @flags: enum mpcnet_device_flag
 * @new_socket: use @socket from now on
 * @socket: sockets, or NULL for none until the interface is up
 * @bind: the new binding
 * @removes: a peer before this one is removed by the message
 * @peers: what becomes of its peers, in the message's order
 */
struct mpcnet_change {
	struct mpcnet_device *mpc;
	struct nlattr **attrs;
	struct netlink_ext_ack *extack;
	u32 flags;
	bool new_socket;
	struct mpcnet_socket *socket;
	struct mpcnet_bind bind;
	bool removes;
	struct list_head peers;
};

int mpcnet_change_read(struct mpcnet_change *change);
void mpcnet_change_free(struct mpcnet_change *change);
struct mpcnet_peer *
mpcnet_change_find_peer(struct mpcnet_device *mpc,
			const u8 public_key[MPCNET_KEY_LEN]);

#endif /* _MPCNET_CHANGE_H */
