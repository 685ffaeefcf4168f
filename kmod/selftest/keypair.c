// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a session that is sent with: no counter is given out twice, none
 * at or above the limit, and none to a session that is too old or was ended.
 */
#include "selftest.h"

#include <linux/ktime.h>
#include <linux/slab.h>

#include "../keypair.h"
#include "../peer.h"

static struct mpcnet_keypair *__init reserve(struct mpcnet_peer *peer,
					     u64 count, u64 *first)
{
	struct mpcnet_keypair *keypair;

	rcu_read_lock();
	keypair = mpcnet_keypair_reserve(peer, count, first);
	rcu_read_unlock();
	return keypair;
}

static void __init renew(struct mpcnet_keypair *keypair, u64 sent)
{
	keypair->birth = ktime_get_coarse_boottime_ns();
	keypair->spent = false;
	atomic64_set(&keypair->sent, sent);
}

static bool __init counters(struct mpcnet_peer *peer,
			    struct mpcnet_keypair *keypair)
{
	const u64 limit = MPCNET_REJECT_AFTER_MESSAGES;
	u64 first;
	int i;

	renew(keypair, 0);
	if (!mpcnet_expect(reserve(peer, 1, &first) && first == 0) ||
	    !mpcnet_expect(reserve(peer, 3, &first) && first == 1) ||
	    !mpcnet_expect(reserve(peer, 1, &first) && first == 4))
		return false;
	renew(keypair, limit - 2);
	if (!mpcnet_expect(reserve(peer, 1, &first) && first == limit - 2) ||
	    !mpcnet_expect(reserve(peer, 1, &first) && first == limit - 1))
		return false;
	/* As many as would bring the counter round to 0 */
	for (i = 0; i < 10000; i++) {
		if (!mpcnet_expect(!reserve(peer, 1, &first)))
			return false;
	}
	renew(keypair, limit - 2);
	return mpcnet_expect(!reserve(peer, 3, &first)) &&
	       mpcnet_expect(!reserve(peer, 1, &first));
}

static bool __init ends(struct mpcnet_peer *peer, struct mpcnet_keypair *keypair)
{
	u64 first;

	renew(keypair, 0);
	keypair->birth -= mpcnet_ns(MPCNET_REJECT_AFTER_TIME);
	if (!mpcnet_expect(!reserve(peer, 1, &first)))
		return false;
	renew(keypair, 0);
	mpcnet_keypair_expire_current(peer);
	return mpcnet_expect(!reserve(peer, 1, &first));
}

/**
 * mpcnet_selftest_keypair() - test the end of a session
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_keypair(void)
{
	struct mpcnet_keypair *keypair = kzalloc(sizeof(*keypair), GFP_KERNEL);
	struct mpcnet_peer *peer = kzalloc(sizeof(*peer), GFP_KERNEL);
	bool ok = false;
	u64 first;

	if (keypair && peer) {
		spin_lock_init(&peer->keypairs.lock);
		ok = mpcnet_expect(!reserve(peer, 1, &first));
		rcu_assign_pointer(peer->keypairs.active, keypair);
		ok = ok && counters(peer, keypair) && ends(peer, keypair);
	}
	kfree(peer);
	kfree(keypair);
	return ok;
}
