/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_DEVICE_H
#define _MPCNET_DEVICE_H

#include <linux/hrtimer.h>
#include <linux/in6.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "allowedips.h"
#include "cookie.h"
#include "counters.h"
#include "intake.h"
#include "noise.h"
#include "queue.h"

struct mpcnet_lookup;
struct mpcnet_socket;

/**
 * struct mpcnet_bind - from where outer packets leave
 * @family: family of @address, AF_UNSPEC for none
 * @address: source address
 * @address.in: if IPv4
 * @address.in6: if IPv6
 * @ifindex: interface, 0 for none
 */
struct mpcnet_bind {
	u16 family;
	union {
		struct in_addr in;
		struct in6_addr in6;
	} address;
	int ifindex;
};

/**
 * struct mpcnet_device - an interface
 * @dev: its network device, in whose private part this stands
 * @birth_net: namespace in which it was made and where its socket stays; NULL
 *	once that is gone. No reference: the namespace's exit clears it.
 * @socket: its sockets, NULL while down or if there is none; changed under
 *	@update_lock
 * @intake: where decrypted packets enter the stack
 * @allowedips: which peer has which addresses; changed under @update_lock
 * @lookup: peers, sessions and relays
 * @counts: counters of packets without a peer
 * @fwmark: mark of outer packets
 * @batch: many messages go out as one packet of the stack below, and come in so
 * @bind: from where they leave; changed under @update_lock, a torn read sends
 *	one packet from the wrong place
 * @identity: its static key
 * @checker: what handshakes are checked with
 * @queue: handshake messages received
 * @update_lock: serialises configuration. Taken inside the RTNL where both are.
 * @peers: list of its peers
 * @peer_count: their number
 * @next_id: number of the next peer
 * @generation: goes up with each change of the configuration, never 0
 * @port: port asked for, 0 for any
 * @expires: deadline in ns of CLOCK_BOOTTIME, 0 for none; under @update_lock
 * @deadline: fires at @expires
 * @expiry: does what is due then; holds a reference of @dev while queued
 * @event_tokens: events that may still be sent in this second
 * @event_second: in which they may, in jiffies
 * @sent_redirects: its namespace did, before this one came up; under the RTNL
 * @entry: in the list of all interfaces, under the RTNL
 */
struct mpcnet_device {
	/* Read for each packet */
	struct net_device *dev;
	struct net __rcu *birth_net;
	struct mpcnet_socket __rcu *socket;
	struct mpcnet_intake intake;
	struct mpcnet_allowedips allowedips;
	struct mpcnet_lookup *lookup;
	struct mpcnet_device_counts __percpu *counts;
	u32 fwmark;
	bool batch;
	struct mpcnet_bind bind;

	/* Control */
	struct mpcnet_identity identity;
	struct mpcnet_cookie_checker checker;
	struct mpcnet_queue queue;
	struct mutex update_lock; /* serialises configuration */
	struct list_head peers;
	unsigned int peer_count;
	u64 next_id;
	u32 generation;
	u16 port;
	u64 expires;
	struct hrtimer deadline;
	struct work_struct expiry;
	atomic_t event_tokens;
	unsigned long event_second;
	bool sent_redirects;
	struct list_head entry;
};

extern struct workqueue_struct *mpcnet_wq;
extern bool mpcnet_batch;

int mpcnet_device_init(void);
void mpcnet_device_exit(void);
bool mpcnet_device_is(const struct net_device *dev);
void mpcnet_device_set_key(struct mpcnet_device *mpc,
			   const u8 private_key[MPCNET_NOISE_KEY_LEN],
			   bool hidden);
void mpcnet_device_set_batch(struct mpcnet_device *mpc, bool on);
void mpcnet_device_set_expiry(struct mpcnet_device *mpc, u64 expires);

#endif /* _MPCNET_DEVICE_H */
