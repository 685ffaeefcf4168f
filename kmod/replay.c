// SPDX-License-Identifier: GPL-2.0
/*
 * The window of RFC 6479: a ring of bits that is not shifted. When a newer
 * counter arrives, only the bits of the counters that were skipped are
 * cleared; the bit of the newest one is set whatever it was.
 */
#include "replay.h"

#include "proto.h"

#define SLOT(counter) ((counter) & (MPCNET_REPLAY_WINDOW - 1))

static_assert(SLOT(MPCNET_REPLAY_WINDOW) == 0); /* a power of two */

/**
 * mpcnet_replay_init() - nothing was received yet
 * @replay: window
 */
void mpcnet_replay_init(struct mpcnet_replay *replay)
{
	spin_lock_init(&replay->lock);
	replay->next = 0;
	bitmap_zero(replay->seen, MPCNET_REPLAY_WINDOW);
}

/* Forget the counters that fall out of the window as @counter comes in. */
static void advance(struct mpcnet_replay *replay, u64 counter)
{
	u64 skipped = counter - replay->next;
	unsigned int start = SLOT(replay->next), upper;

	replay->next = counter + 1;
	if (likely(!skipped))
		return;
	if (skipped >= MPCNET_REPLAY_WINDOW) {
		bitmap_zero(replay->seen, MPCNET_REPLAY_WINDOW);
		return;
	}
	upper = min_t(unsigned int, skipped, MPCNET_REPLAY_WINDOW - start);
	bitmap_clear(replay->seen, start, upper);
	bitmap_clear(replay->seen, 0, skipped - upper);
}

/**
 * mpcnet_replay_accept() - test and mark a counter
 * @replay: window
 * @counter: counter of an authenticated message
 *
 * Context: BHs disabled; takes the window's lock.
 * Return: true if @counter is new; false if it was received before, lies
 * behind the window, or is beyond what a session may use.
 */
bool mpcnet_replay_accept(struct mpcnet_replay *replay, u64 counter)
{
	bool fresh = false;

	if (unlikely(counter >= MPCNET_REJECT_AFTER_MESSAGES))
		return false;
	spin_lock(&replay->lock);
	if (likely(counter >= replay->next)) {
		advance(replay, counter);
		__set_bit(SLOT(counter), replay->seen);
		fresh = true;
	} else if (replay->next - counter <= MPCNET_REPLAY_WINDOW) {
		fresh = !__test_and_set_bit(SLOT(counter), replay->seen);
	}
	spin_unlock(&replay->lock);
	return fresh;
}
