// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a peer:
 *
 *	mpcnet_peer_alloc()   dead, one reference, in no table
 *	mpcnet_peer_add()     alive, the interface's list owns the reference
 *	mpcnet_peer_remove()  dead and in no table; a grace period later no packet
 *			      sees it, its timers and work are stopped and its
 *			      keys retired; the list's reference is dropped
 *	last reference        freed after another grace period, since a packet
 *			      may come to it from a keypair until then
 */
#include "peer.h"

#include <linux/slab.h>

#include "allowedips.h"
#include "device.h"
#include "handshake.h"
#include "lookup.h"
#include "tx.h"

static void work(struct work_struct *work)
{
	struct mpcnet_peer *peer = container_of(work, struct mpcnet_peer, work);

	if (test_and_clear_bit(MPCNET_TASK_CLEAR, &peer->tasks))
		mpcnet_peer_forget(peer);
	if (test_and_clear_bit(MPCNET_TASK_RETRY, &peer->tasks))
		mpcnet_handshake_send_initiation(peer, true);
	if (test_and_clear_bit(MPCNET_TASK_INITIATE, &peer->tasks))
		mpcnet_handshake_send_initiation(peer, false);
}

/**
 * mpcnet_peer_alloc() - make a peer that is not yet part of its interface
 * @mpc: interface
 * @public_key: the peer's name
 *
 * Context: process.
 * Return: a peer with one reference, or NULL without memory.
 */
struct mpcnet_peer *
mpcnet_peer_alloc(struct mpcnet_device *mpc,
		  const u8 public_key[MPCNET_NOISE_KEY_LEN])
{
	struct mpcnet_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL);

	if (!peer)
		return NULL;
	if (dst_cache_init(&peer->route, GFP_KERNEL))
		goto err_peer;
	peer->traffic = netdev_alloc_pcpu_stats(struct mpcnet_traffic);
	if (!peer->traffic)
		goto err_route;

	peer->mpc = mpc;
	peer->dead = true;
	peer->roam = true;
	kref_init(&peer->ref);
	spin_lock_init(&peer->keypairs.lock);
	spin_lock_init(&peer->endpoint_lock);
	skb_queue_head_init(&peer->staged);
	INIT_LIST_HEAD(&peer->entry);
	INIT_LIST_HEAD(&peer->allowedips);
	INIT_WORK(&peer->work, work);
	mpcnet_timers_init(peer);
	mpcnet_noise_handshake_init(&peer->handshake, public_key);
	mpcnet_cookie_init(&peer->cookie, public_key);
	return peer;

err_route:
	dst_cache_destroy(&peer->route);
err_peer:
	kfree(peer);
	return NULL;
}

/**
 * mpcnet_peer_add() - make a peer part of its interface
 * @peer: from mpcnet_peer_alloc(); the interface takes over the reference
 *
 * Context: process, update_lock held.
 */
void mpcnet_peer_add(struct mpcnet_peer *peer)
{
	struct mpcnet_device *mpc = peer->mpc;

	lockdep_assert_held(&mpc->update_lock);
	down_read(&mpc->identity.lock);
	mpcnet_noise_precompute(&mpc->identity, &peer->handshake);
	up_read(&mpc->identity.lock);
	peer->id = ++mpc->next_id;
	WRITE_ONCE(peer->dead, false);
	list_add_tail(&peer->entry, &mpc->peers);
	mpc->peer_count++;
	mpcnet_lookup_add_peer(mpc->lookup, peer);
}

/**
 * mpcnet_peer_set_relay() - set or remove the relay a peer may be reached by
 * @peer: the peer
 * @relay: allocated by kmalloc() and in the table, which the peer takes over;
 *	or NULL
 *
 * Context: process, update_lock held.
 */
void mpcnet_peer_set_relay(struct mpcnet_peer *peer, struct mpcnet_relay *relay)
{
	struct mpcnet_relay *old = peer->relay;

	lockdep_assert_held(&peer->mpc->update_lock);
	if (relay)
		WRITE_ONCE(relay->peer, peer);
	peer->relay = relay;
	if (old) {
		mpcnet_lookup_remove_relay(peer->mpc->lookup, old);
		kfree_rcu(old, rcu);
	}
}

/* Let no one find @peer any more. */
static void detach(struct mpcnet_peer *peer)
{
	struct mpcnet_device *mpc = peer->mpc;

	lockdep_assert_held(&mpc->update_lock);
	WRITE_ONCE(peer->dead, true);
	mpcnet_lookup_remove_peer(mpc->lookup, peer);
	mpcnet_allowedips_remove_by_peer(&mpc->allowedips, &peer->allowedips,
					 &mpc->update_lock);
	mpcnet_peer_set_relay(peer, NULL);
	list_del_init(&peer->entry);
	mpc->peer_count--;
}

/**
 * mpcnet_peer_forget() - end a peer's sessions and its handshake
 * @peer: the peer
 *
 * The next packet may begin anew at once.
 *
 * Context: process.
 */
void mpcnet_peer_forget(struct mpcnet_peer *peer)
{
	mpcnet_keypair_clear_all(peer);
	mpcnet_noise_clear(&peer->handshake);
	atomic64_set(&peer->last_initiation, 0);
}

/**
 * mpcnet_peer_quiet() - stop all that a peer does by itself, forget its keys
 * @peer: the peer, dead or of an interface that is down, for a grace period
 *
 * Context: process.
 */
void mpcnet_peer_quiet(struct mpcnet_peer *peer)
{
	mpcnet_timers_stop(peer);
	cancel_work_sync(&peer->work);
	mpcnet_peer_forget(peer);
	mpcnet_peer_unstage(peer);
}

/* Second half of a removal, a grace period after detach() */
static void dispose(struct mpcnet_peer *peer)
{
	mpcnet_peer_quiet(peer);
	mpcnet_endpoint_replace(peer, NULL);
	mpcnet_peer_put(peer);
}

/**
 * mpcnet_peer_remove() - remove a peer from its interface
 * @peer: the peer; the caller may not use it afterwards
 *
 * Context: process, update_lock held; waits for a grace period.
 */
void mpcnet_peer_remove(struct mpcnet_peer *peer)
{
	detach(peer);
	synchronize_net();
	dispose(peer);
}

/**
 * mpcnet_peer_remove_all() - remove all peers, in one grace period
 * @mpc: interface
 *
 * Context: process, update_lock held.
 */
void mpcnet_peer_remove_all(struct mpcnet_device *mpc)
{
	struct mpcnet_peer *peer, *next;
	LIST_HEAD(dead);

	lockdep_assert_held(&mpc->update_lock);
	list_for_each_entry_safe(peer, next, &mpc->peers, entry) {
		detach(peer);
		list_add_tail(&peer->entry, &dead);
	}
	if (list_empty(&dead))
		return;
	synchronize_net();
	list_for_each_entry_safe(peer, next, &dead, entry) {
		list_del_init(&peer->entry);
		dispose(peer);
	}
}

/**
 * mpcnet_peer_get() - take a reference
 * @peer: peer found under RCU
 *
 * Return: false if it is being freed.
 */
bool mpcnet_peer_get(struct mpcnet_peer *peer)
{
	return kref_get_unless_zero(&peer->ref);
}

/**
 * mpcnet_peer_get_by_index() - the peer that has a session
 * @mpc: interface
 * @index: the session's index
 *
 * Return: the peer with a reference, or NULL.
 */
struct mpcnet_peer *mpcnet_peer_get_by_index(struct mpcnet_device *mpc,
					     __le32 index)
{
	struct mpcnet_keypair *keypair;
	struct mpcnet_peer *peer = NULL;

	rcu_read_lock();
	keypair = mpcnet_lookup_keypair(mpc->lookup, index);
	if (keypair && mpcnet_peer_get(keypair->peer))
		peer = keypair->peer;
	rcu_read_unlock();
	return peer;
}

static void free_rcu_cb(struct rcu_head *rcu)
{
	struct mpcnet_peer *peer = container_of(rcu, struct mpcnet_peer, rcu);

	dst_cache_destroy(&peer->route);
	free_percpu(peer->traffic);
	/* The pre-shared key and the DH of the static keys are in here. */
	kfree_sensitive(peer);
}

static void release(struct kref *ref)
{
	struct mpcnet_peer *peer = container_of(ref, struct mpcnet_peer, ref);

	call_rcu(&peer->rcu, free_rcu_cb);
}

/**
 * mpcnet_peer_put() - drop a reference
 * @peer: the peer
 */
void mpcnet_peer_put(struct mpcnet_peer *peer)
{
	kref_put(&peer->ref, release);
}

/**
 * mpcnet_peer_do() - have a task done in process context
 * @peer: the peer
 * @task: the task
 */
void mpcnet_peer_do(struct mpcnet_peer *peer, enum mpcnet_peer_task task)
{
	rcu_read_lock();
	if (!READ_ONCE(peer->dead)) {
		set_bit(task, &peer->tasks);
		queue_work(mpcnet_wq, &peer->work);
	}
	rcu_read_unlock();
}

/**
 * mpcnet_peer_count_rx() - count authentic messages, by peer and by interface
 * @peer: the peer
 * @messages: their number
 * @bytes: their length, in bytes
 *
 * What is sent is counted by interface in udp_tunnel_xmit_skb().
 *
 * Context: BHs disabled.
 */
void mpcnet_peer_count_rx(struct mpcnet_peer *peer, unsigned int messages,
			  unsigned int bytes)
{
	struct pcpu_sw_netstats *stats = this_cpu_ptr(peer->mpc->dev->tstats);

	mpcnet_count_rx(peer->traffic, bytes);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->rx_packets, messages);
	u64_stats_add(&stats->rx_bytes, bytes);
	u64_stats_update_end(&stats->syncp);
}

/**
 * mpcnet_peer_stage() - keep a packet until there is a session
 * @peer: the peer
 * @skb: packet, which the queue takes over; empty for a keepalive
 *
 * Where there are too many the oldest is dropped.
 *
 * Context: under rcu_read_lock(), BHs disabled.
 */
void mpcnet_peer_stage(struct mpcnet_peer *peer, struct sk_buff *skb)
{
	struct sk_buff *oldest = NULL;

	/* The wait may be long, and must not block the sender's socket. */
	skb_orphan(skb);
	skb_dst_force(skb);

	spin_lock(&peer->staged.lock);
	if (skb_queue_len(&peer->staged) >= MPCNET_MAX_STAGED)
		oldest = __skb_dequeue(&peer->staged);
	__skb_queue_tail(&peer->staged, skb);
	spin_unlock(&peer->staged.lock);

	if (oldest) {
		mpcnet_count_drop(&peer->drops, MPCNET_PEER_C_QUEUE_FULL);
		DEV_STATS_INC(peer->mpc->dev, tx_dropped);
		kfree_skb(oldest);
	}
}

/**
 * mpcnet_peer_unstage() - drop all packets that wait
 * @peer: the peer
 */
void mpcnet_peer_unstage(struct mpcnet_peer *peer)
{
	skb_queue_purge(&peer->staged);
}

/**
 * mpcnet_peer_refuse_staged() - tell the senders of all packets that wait that
 * the peer cannot be reached
 * @peer: the peer
 *
 * Context: softirq.
 */
void mpcnet_peer_refuse_staged(struct mpcnet_peer *peer)
{
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&peer->staged))) {
		if (skb->len) {
			mpcnet_tx_refuse(skb);
			mpcnet_count_drop(&peer->drops,
					  MPCNET_PEER_C_UNREACHABLE);
		}
		kfree_skb(skb);
	}
}

/**
 * mpcnet_peer_state() - how it stands with a peer
 * @peer: the peer
 *
 * Return: its state.
 */
enum mpcnet_peer_state mpcnet_peer_state(struct mpcnet_peer *peer)
{
	struct mpcnet_keypair *keypair;
	bool session;

	rcu_read_lock();
	keypair = rcu_dereference(peer->keypairs.active);
	session = keypair && !READ_ONCE(keypair->spent) &&
		  !mpcnet_keypair_older(keypair, MPCNET_REJECT_AFTER_TIME);
	rcu_read_unlock();
	if (session)
		return MPCNET_PEER_STATE_SESSION;
	if (mpcnet_timers_handshaking(peer))
		return MPCNET_PEER_STATE_HANDSHAKE;
	if (READ_ONCE(peer->timers.gave_up))
		return MPCNET_PEER_STATE_UNREACHABLE;
	return MPCNET_PEER_STATE_IDLE;
}
