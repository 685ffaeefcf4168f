// SPDX-License-Identifier: GPL-2.0
/*
 * The sessions of a peer: where each begins, which one is sent with, and how
 * its keys end.
 *
 *	initiator:  pending --response--> current --> previous --> retired
 *	responder:           next --first data--> current --> previous --> retired
 */
#include "keypair.h"

#include <linux/slab.h>
#include <linux/ktime.h>

#include "device.h"
#include "lookup.h"
#include "peer.h"

/**
 * mpcnet_keypair_create() - make a keypair that only has an index so far
 * @peer: its peer
 * @initiator: our side sends the initiation
 *
 * Context: process.
 * Return: a keypair of the caller's, or NULL without memory.
 */
struct mpcnet_keypair *mpcnet_keypair_create(struct mpcnet_peer *peer,
					     bool initiator)
{
	struct mpcnet_keypair *keypair = kzalloc(sizeof(*keypair), GFP_KERNEL);

	if (!keypair)
		return NULL;
	keypair->peer = peer;
	keypair->initiator = initiator;
	mpcnet_replay_init(&keypair->replay);
	mpcnet_lookup_add_keypair(peer->mpc->lookup, keypair);
	return keypair;
}

static void zero_and_free(struct rcu_head *rcu)
{
	kfree_sensitive(container_of(rcu, struct mpcnet_keypair, rcu));
}

/**
 * mpcnet_keypair_retire() - end a keypair
 * @keypair: keypair that the caller has taken out of its place, or NULL
 *
 * Its index is free at once; the keys are zeroed when the packets that are
 * being worked on are through.
 */
void mpcnet_keypair_retire(struct mpcnet_keypair *keypair)
{
	if (!keypair)
		return;
	mpcnet_lookup_remove_keypair(keypair->peer->mpc->lookup, keypair);
	call_rcu(&keypair->rcu, zero_and_free);
}

/* Put @keypair, or NULL, into @place; gives what was there. */
static struct mpcnet_keypair *
swap_in(struct mpcnet_keypairs *keypairs, struct mpcnet_keypair __rcu **place,
	struct mpcnet_keypair *keypair)
{
	return rcu_replace_pointer(*place, keypair,
				   lockdep_is_held(&keypairs->lock));
}

/**
 * mpcnet_keypair_install() - begin to use a keypair whose keys are complete
 * @keypair: keypair of the caller's, which the peer takes over
 *
 * As initiator we send with it at once. A session that the peer began at the
 * same time, and may be sending with, stays as the previous one.
 *
 * Return: false if the peer was removed meanwhile; the keypair is retired.
 */
bool mpcnet_keypair_install(struct mpcnet_keypair *keypair)
{
	struct mpcnet_keypairs *all = &keypair->peer->keypairs;
	struct mpcnet_keypair *old[3] = { };
	bool dead;
	int i;

	keypair->birth = ktime_get_coarse_boottime_ns();
	spin_lock_bh(&all->lock);
	dead = READ_ONCE(keypair->peer->dead);
	if (dead) {
		old[0] = keypair;
	} else {
		/* Pairs with the acquire of whoever received for this index. */
		smp_store_release(&keypair->ready, true);
		if (!keypair->initiator) {
			old[0] = swap_in(all, &all->next, keypair);
			old[1] = swap_in(all, &all->previous, NULL);
		} else {
			old[0] = swap_in(all, &all->next, NULL);
			old[1] = swap_in(all, &all->active, keypair);
			if (!old[0])
				swap(old[0], old[1]);
			old[2] = swap_in(all, &all->previous, old[0]);
			old[0] = NULL;
		}
	}
	spin_unlock_bh(&all->lock);

	for (i = 0; i < ARRAY_SIZE(old); i++)
		mpcnet_keypair_retire(old[i]);
	return !dead;
}

/**
 * mpcnet_keypair_confirm() - a message was received with this keypair
 * @keypair: keypair, under RCU
 *
 * The first one of a session that we were responder of shows that the
 * initiator has the keys: from now on we send with them.
 *
 * Context: BHs disabled.
 * Return: true if this message was that first one.
 */
bool mpcnet_keypair_confirm(struct mpcnet_keypair *keypair)
{
	struct mpcnet_keypairs *all = &keypair->peer->keypairs;
	struct mpcnet_keypair *old;

	if (likely(keypair != rcu_access_pointer(all->next)))
		return false;

	spin_lock_bh(&all->lock);
	if (keypair != rcu_access_pointer(all->next)) {
		spin_unlock_bh(&all->lock);
		return false;
	}
	old = swap_in(all, &all->active, keypair);
	old = swap_in(all, &all->previous, old);
	RCU_INIT_POINTER(all->next, NULL);
	spin_unlock_bh(&all->lock);

	mpcnet_keypair_retire(old);
	return true;
}

/**
 * mpcnet_keypair_clear_all() - end all sessions of a peer
 * @peer: the peer
 */
void mpcnet_keypair_clear_all(struct mpcnet_peer *peer)
{
	struct mpcnet_keypairs *all = &peer->keypairs;
	struct mpcnet_keypair *old[3];
	int i;

	spin_lock_bh(&all->lock);
	old[0] = swap_in(all, &all->active, NULL);
	old[1] = swap_in(all, &all->previous, NULL);
	old[2] = swap_in(all, &all->next, NULL);
	spin_unlock_bh(&all->lock);

	for (i = 0; i < ARRAY_SIZE(old); i++)
		mpcnet_keypair_retire(old[i]);
}

/**
 * mpcnet_keypair_expire_current() - send nothing more with present sessions
 * @peer: the peer
 *
 * What is on its way to us is still received.
 */
void mpcnet_keypair_expire_current(struct mpcnet_peer *peer)
{
	struct mpcnet_keypairs *all = &peer->keypairs;
	struct mpcnet_keypair *keypair;

	spin_lock_bh(&all->lock);
	keypair = rcu_dereference_protected(all->active,
					    lockdep_is_held(&all->lock));
	if (keypair)
		WRITE_ONCE(keypair->spent, true);
	keypair = rcu_dereference_protected(all->next,
					    lockdep_is_held(&all->lock));
	if (keypair)
		WRITE_ONCE(keypair->spent, true);
	spin_unlock_bh(&all->lock);
}

/**
 * mpcnet_keypair_older() - is a session of an age?
 * @keypair: keypair that is ready
 * @seconds: age
 *
 * Return: true if it is that old or older.
 */
bool mpcnet_keypair_older(const struct mpcnet_keypair *keypair, u64 seconds)
{
	return ktime_get_coarse_boottime_ns() >=
	       keypair->birth + mpcnet_ns(seconds);
}

/**
 * mpcnet_keypair_reserve() - take counters to send messages with
 * @peer: the peer
 * @count: how many, in a row
 * @first: the first of them
 *
 * Once a keypair is spent nobody adds to its counter again, so that it cannot
 * come round to a nonce that was used.
 *
 * Context: under rcu_read_lock().
 * Return: the keypair, held under RCU, or NULL if there is none to send with.
 */
struct mpcnet_keypair *mpcnet_keypair_reserve(struct mpcnet_peer *peer,
					      u64 count, u64 *first)
{
	struct mpcnet_keypair *keypair =
		rcu_dereference(peer->keypairs.active);

	if (!keypair || READ_ONCE(keypair->spent) ||
	    mpcnet_keypair_older(keypair, MPCNET_REJECT_AFTER_TIME))
		return NULL;
	*first = atomic64_fetch_add(count, &keypair->sent);
	if (unlikely(*first > MPCNET_REJECT_AFTER_MESSAGES - count)) {
		WRITE_ONCE(keypair->spent, true);
		return NULL;
	}
	return keypair;
}
