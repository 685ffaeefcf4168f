// SPDX-License-Identifier: GPL-2.0
/*
 * When to send what nobody asked for: section 6 of the WireGuard paper.
 */
#include "timers.h"

#include <linux/jiffies.h>
#include <linux/random.h>

#include "device.h"
#include "events.h"
#include "handshake.h"
#include "peer.h"
#include "trace.h"
#include "tx.h"

/* A time that is never 0, which says "not set" */
static unsigned long now(void)
{
	return jiffies ?: 1;
}

static unsigned long jitter(void)
{
	return get_random_u32_below(msecs_to_jiffies(MPCNET_REKEY_JITTER_MS) + 1);
}

static unsigned long silence(void)
{
	return mpcnet_jiffies(MPCNET_KEEPALIVE_TIMEOUT + MPCNET_REKEY_TIMEOUT);
}

/*
 * A peer is dead before a grace period, and its timers are stopped after it:
 * so none is armed that is not stopped.
 */
static void arm(struct mpcnet_peer *peer, struct timer_list *timer,
		unsigned long delay)
{
	rcu_read_lock();
	if (netif_running(peer->mpc->dev) && !READ_ONCE(peer->dead))
		mod_timer(timer, jiffies + delay);
	rcu_read_unlock();
}

/* True if @since plus @delay is reached; else @timer is armed for it. */
static bool is_due(struct mpcnet_peer *peer, struct timer_list *timer,
		   unsigned long since, unsigned long delay)
{
	unsigned long due = since + delay;

	if (time_after_eq(jiffies, due))
		return true;
	arm(peer, timer, due - jiffies);
	return false;
}

static void give_up(struct mpcnet_peer *peer)
{
	WRITE_ONCE(peer->timers.gave_up, true);
	trace_mpcnet_handshake(peer, "gave up");
	mpcnet_peer_refuse_staged(peer);
	mpcnet_event_peer(peer, MPCNET_EVENT_UNREACHABLE);
	if (!timer_pending(&peer->timers.zero_keys))
		arm(peer, &peer->timers.zero_keys,
		    mpcnet_jiffies(MPCNET_ZERO_KEY_TIME));
}

static void retransmit(struct timer_list *timer)
{
	struct mpcnet_peer *peer = from_timer(peer, timer, timers.retransmit);

	if (READ_ONCE(peer->timers.tries) >= MPCNET_HANDSHAKE_TRIES) {
		give_up(peer);
		return;
	}
	/* The address that we answered by may be what is wrong. */
	mpcnet_endpoint_forget_source(peer);
	mpcnet_peer_do(peer, MPCNET_TASK_RETRY);
}

static void rehandshake(struct timer_list *timer)
{
	struct mpcnet_peer *peer = from_timer(peer, timer, timers.rehandshake);
	unsigned long since = READ_ONCE(peer->timers.unanswered);

	if (!since || !is_due(peer, timer, since, silence()))
		return;
	WRITE_ONCE(peer->timers.unanswered, 0);
	mpcnet_endpoint_forget_source(peer);
	mpcnet_handshake_begin(peer);
}

static void keepalive(struct timer_list *timer)
{
	struct mpcnet_peer *peer = from_timer(peer, timer, timers.keepalive);
	unsigned long since = READ_ONCE(peer->timers.owed);

	if (since && is_due(peer, timer, since,
			    mpcnet_jiffies(MPCNET_KEEPALIVE_TIMEOUT)))
		mpcnet_tx_keepalive(peer);
}

static void persistent(struct timer_list *timer)
{
	struct mpcnet_peer *peer = from_timer(peer, timer, timers.persistent);
	unsigned long interval = READ_ONCE(peer->persistent_interval) * HZ;

	if (!interval || !is_due(peer, timer, peer->timers.last_traffic,
				 interval))
		return;
	mpcnet_tx_keepalive(peer);
	arm(peer, timer, interval);
}

static void zero_keys(struct timer_list *timer)
{
	struct mpcnet_peer *peer = from_timer(peer, timer, timers.zero_keys);

	mpcnet_peer_do(peer, MPCNET_TASK_CLEAR);
	mpcnet_event_peer(peer, MPCNET_EVENT_EXPIRED);
}

/**
 * mpcnet_timers_init() - make a peer's timers, none armed
 * @peer: the peer
 */
void mpcnet_timers_init(struct mpcnet_peer *peer)
{
	struct mpcnet_timers *timers = &peer->timers;

	timer_setup(&timers->retransmit, retransmit, 0);
	timer_setup(&timers->rehandshake, rehandshake, 0);
	timer_setup(&timers->keepalive, keepalive, 0);
	timer_setup(&timers->persistent, persistent, 0);
	timer_setup(&timers->zero_keys, zero_keys, 0);
}

/**
 * mpcnet_timers_stop() - stop a peer's timers and wait for those that run
 * @peer: the peer, dead or of an interface that is down
 *
 * Context: process.
 */
void mpcnet_timers_stop(struct mpcnet_peer *peer)
{
	struct mpcnet_timers *timers = &peer->timers;

	timer_delete_sync(&timers->retransmit);
	timer_delete_sync(&timers->rehandshake);
	timer_delete_sync(&timers->keepalive);
	timer_delete_sync(&timers->persistent);
	timer_delete_sync(&timers->zero_keys);
	timers->unanswered = 0;
	timers->owed = 0;
	timers->tries = 0;
	timers->gave_up = false;
}

static void note_traffic(struct mpcnet_peer *peer)
{
	struct mpcnet_timers *timers = &peer->timers;
	unsigned long stamp = jiffies;

	if (unlikely(READ_ONCE(peer->persistent_interval)) &&
	    READ_ONCE(timers->last_traffic) != stamp)
		WRITE_ONCE(timers->last_traffic, stamp);
}

/**
 * mpcnet_timers_data_sent() - a message with a packet was sent
 * @peer: the peer
 */
void mpcnet_timers_data_sent(struct mpcnet_peer *peer)
{
	struct mpcnet_timers *timers = &peer->timers;

	if (!READ_ONCE(timers->unanswered))
		WRITE_ONCE(timers->unanswered, now());
	if (unlikely(!timer_pending(&timers->rehandshake)))
		arm(peer, &timers->rehandshake, silence() + jitter());
}

/**
 * mpcnet_timers_data_received() - a message with a packet was received
 * @peer: the peer
 */
void mpcnet_timers_data_received(struct mpcnet_peer *peer)
{
	struct mpcnet_timers *timers = &peer->timers;

	if (!READ_ONCE(timers->owed))
		WRITE_ONCE(timers->owed, now());
	if (unlikely(!timer_pending(&timers->keepalive)))
		arm(peer, &timers->keepalive,
		    mpcnet_jiffies(MPCNET_KEEPALIVE_TIMEOUT));
}

/**
 * mpcnet_timers_any_sent() - any message of the protocol was sent
 * @peer: the peer
 */
void mpcnet_timers_any_sent(struct mpcnet_peer *peer)
{
	if (READ_ONCE(peer->timers.owed))
		WRITE_ONCE(peer->timers.owed, 0);
	note_traffic(peer);
}

/**
 * mpcnet_timers_any_received() - any authentic message was received
 * @peer: the peer
 */
void mpcnet_timers_any_received(struct mpcnet_peer *peer)
{
	if (READ_ONCE(peer->timers.unanswered))
		WRITE_ONCE(peer->timers.unanswered, 0);
	note_traffic(peer);
}

/**
 * mpcnet_timers_initiated() - an initiation was sent
 * @peer: the peer
 */
void mpcnet_timers_initiated(struct mpcnet_peer *peer)
{
	WRITE_ONCE(peer->timers.tries, peer->timers.tries + 1);
	arm(peer, &peer->timers.retransmit,
	    mpcnet_jiffies(MPCNET_REKEY_TIMEOUT) + jitter());
}

/**
 * mpcnet_timers_session_made() - there are new keys
 * @peer: the peer
 */
void mpcnet_timers_session_made(struct mpcnet_peer *peer)
{
	arm(peer, &peer->timers.zero_keys, mpcnet_jiffies(MPCNET_ZERO_KEY_TIME));
}

/**
 * mpcnet_timers_handshake_complete() - both sides have the new keys
 * @peer: the peer
 */
void mpcnet_timers_handshake_complete(struct mpcnet_peer *peer)
{
	timer_delete(&peer->timers.retransmit);
	WRITE_ONCE(peer->timers.tries, 0);
	WRITE_ONCE(peer->timers.gave_up, false);
	WRITE_ONCE(peer->last_handshake, ktime_get_real_ns());
	trace_mpcnet_handshake(peer, "complete");
	mpcnet_event_peer(peer, MPCNET_EVENT_HANDSHAKE);
}

/**
 * mpcnet_timers_persistent_changed() - the interval was set, or the interface
 * came up
 * @peer: the peer
 * @at_once: send a first keepalive now, as a sign of life
 */
void mpcnet_timers_persistent_changed(struct mpcnet_peer *peer, bool at_once)
{
	unsigned int interval = READ_ONCE(peer->persistent_interval);

	if (!interval || !netif_running(peer->mpc->dev))
		return;
	WRITE_ONCE(peer->timers.last_traffic, jiffies);
	arm(peer, &peer->timers.persistent, interval * HZ);
	if (at_once)
		mpcnet_tx_keepalive(peer);
}

/**
 * mpcnet_timers_handshaking() - is an initiation of ours under way?
 * @peer: the peer
 *
 * Return: true if it was sent, and neither answered nor given up.
 */
bool mpcnet_timers_handshaking(const struct mpcnet_peer *peer)
{
	return timer_pending(&peer->timers.retransmit);
}
