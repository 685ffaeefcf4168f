/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MPCNET_PEER_H
#define _MPCNET_PEER_H

#include <linux/kref.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/dst_cache.h>

#include "cookie.h"
#include "counters.h"
#include "endpoint.h"
#include "keypair.h"
#include "noise.h"
#include "timers.h"

struct mpcnet_device;
struct mpcnet_relay;

#define MPCNET_MAX_PEERS 1048576	/* of an interface */
#define MPCNET_MAX_STAGED 128		/* packets that wait for a session */

/**
 * enum mpcnet_peer_task - what a peer's work has to do
 * @MPCNET_TASK_INITIATE: send an initiation, unless one was sent just now
 * @MPCNET_TASK_RETRY: send an initiation, whatever was sent
 * @MPCNET_TASK_CLEAR: forget all keys
 */
enum mpcnet_peer_task {
	MPCNET_TASK_INITIATE,
	MPCNET_TASK_RETRY,
	MPCNET_TASK_CLEAR,
};

/**
 * struct mpcnet_peer - a peer of an interface
 * @mpc: the interface, which outlives its peers
 * @endpoint: where the peer is, NULL if not known; changed under @endpoint_lock
 * @keypairs: its sessions
 * @route: cached route to @endpoint
 * @traffic: bytes, per CPU
 * @roam: authentic packets move the endpoint
 * @dead: not yet or no longer part of the interface: nothing may be armed or
 *	queued for it. Written under the interface's update_lock.
 * @timers: its timers
 * @persistent_interval: seconds between persistent keepalives, 0 for none
 * @staged: packets that wait for a session, at most MPCNET_MAX_STAGED
 * @drops: packets dropped
 * @endpoint_lock: guards changes of @endpoint; BHs disabled
 * @handshake: what a handshake keeps
 * @cookie: what goes into the macs of messages to it
 * @last_initiation: when we sent one last, in ns of CLOCK_BOOTTIME
 * @last_handshake: when one was completed last, in ns of CLOCK_REALTIME, 0 if
 *	never
 * @work: does the tasks in process context
 * @tasks: bits of enum mpcnet_peer_task
 * @by_key: in the lookup table
 * @entry: in the interface's list, under its update_lock; in order of @id
 * @id: number of the peer, never used again within the interface
 * @allowedips: its nodes in the trie, under update_lock
 * @relay: the relay that it may be reached by, or NULL; under update_lock
 * @ref: held by the interface's list, and by whoever got the peer from
 *	mpcnet_peer_get(), mpcnet_noise_respond() and the like. Packets
 *	in the data path hold none: they live under RCU.
 * @rcu: frees the peer
 */
struct mpcnet_peer {
	/* Read for each packet */
	struct mpcnet_device *mpc;
	struct mpcnet_endpoint __rcu *endpoint;
	struct mpcnet_keypairs keypairs;
	struct dst_cache route;
	struct mpcnet_traffic __percpu *traffic;
	bool roam;
	bool dead;
	u16 persistent_interval;

	/* Written now and then */
	struct mpcnet_timers timers ____cacheline_aligned_in_smp;
	struct sk_buff_head staged;
	struct mpcnet_peer_drops drops;
	spinlock_t endpoint_lock; /* guards changes of endpoint */

	/* Control */
	struct mpcnet_handshake handshake;
	struct mpcnet_cookie cookie;
	atomic64_t last_initiation;
	u64 last_handshake;
	struct work_struct work;
	unsigned long tasks;
	struct hlist_node by_key;
	struct list_head entry;
	u64 id;
	struct list_head allowedips;
	struct mpcnet_relay *relay;
	struct kref ref;
	struct rcu_head rcu;
};

struct mpcnet_peer *
mpcnet_peer_alloc(struct mpcnet_device *mpc,
		  const u8 public_key[MPCNET_NOISE_KEY_LEN]);
void mpcnet_peer_add(struct mpcnet_peer *peer);
void mpcnet_peer_remove(struct mpcnet_peer *peer);
void mpcnet_peer_remove_all(struct mpcnet_device *mpc);
struct mpcnet_peer *mpcnet_peer_get_by_index(struct mpcnet_device *mpc,
					     __le32 index);
void mpcnet_peer_put(struct mpcnet_peer *peer);
bool mpcnet_peer_get(struct mpcnet_peer *peer);
void mpcnet_peer_set_relay(struct mpcnet_peer *peer, struct mpcnet_relay *relay);

void mpcnet_peer_do(struct mpcnet_peer *peer, enum mpcnet_peer_task task);
void mpcnet_peer_count_rx(struct mpcnet_peer *peer, unsigned int messages,
			  unsigned int bytes);
void mpcnet_peer_stage(struct mpcnet_peer *peer, struct sk_buff *skb);
void mpcnet_peer_unstage(struct mpcnet_peer *peer);
void mpcnet_peer_refuse_staged(struct mpcnet_peer *peer);
void mpcnet_peer_forget(struct mpcnet_peer *peer);
void mpcnet_peer_quiet(struct mpcnet_peer *peer);
enum mpcnet_peer_state mpcnet_peer_state(struct mpcnet_peer *peer);

#endif /* _MPCNET_PEER_H */
