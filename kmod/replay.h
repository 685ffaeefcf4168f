/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sliding window against replayed data messages.
 */
#ifndef _MPCNET_REPLAY_H
#define _MPCNET_REPLAY_H

#include <linux/bitmap.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* How far a message may lag behind the newest one. A power of two. */
#define MPCNET_REPLAY_WINDOW 8192

/**
 * struct mpcnet_replay - which counters of a session were received
 * @lock: guards the other fields; taken with BHs disabled
 * @next: one more than the greatest counter received, 0 before the first
 * @seen: bit (counter mod window) is set if that counter was received, for
 *	the counters from @next - window up to @next - 1
 */
struct mpcnet_replay {
	spinlock_t lock; /* guards what follows */
	u64 next;
	DECLARE_BITMAP(seen, MPCNET_REPLAY_WINDOW);
};

void mpcnet_replay_init(struct mpcnet_replay *replay);
bool mpcnet_replay_accept(struct mpcnet_replay *replay, u64 counter);

#endif /* _MPCNET_REPLAY_H */
