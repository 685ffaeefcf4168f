// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window: its edges, and random counters against an oracle that
 * remembers every counter that was ever accepted.
 */
#include "selftest.h"

#include <linux/bottom_half.h>
#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../proto.h"
#include "../replay.h"

#define WINDOW MPCNET_REPLAY_WINDOW
#define COUNTERS (32 * WINDOW)
#define ROUNDS 8

static struct mpcnet_replay window __initdata;

static bool __init accept(u64 counter)
{
	bool ok;

	local_bh_disable();
	ok = mpcnet_replay_accept(&window, counter);
	local_bh_enable();
	return ok;
}

static bool __init edges_ok(void)
{
	u64 last = MPCNET_REJECT_AFTER_MESSAGES - 1;

	mpcnet_replay_init(&window);
	return mpcnet_expect(accept(0)) && mpcnet_expect(!accept(0)) &&
	       mpcnet_expect(accept(1)) && mpcnet_expect(!accept(0)) &&
	       mpcnet_expect(accept(9)) && mpcnet_expect(accept(8)) &&
	       mpcnet_expect(accept(7)) && mpcnet_expect(!accept(7)) &&
	       /* The oldest of the window, and the one behind it. */
	       mpcnet_expect(accept(WINDOW + 1)) &&
	       mpcnet_expect(!accept(1)) && mpcnet_expect(accept(2)) &&
	       mpcnet_expect(accept(WINDOW + 3)) &&
	       mpcnet_expect(!accept(3)) && mpcnet_expect(accept(4)) &&
	       /* A jump that clears all but what was not jumped over. */
	       mpcnet_expect(accept(2 * WINDOW)) &&
	       mpcnet_expect(!accept(WINDOW)) &&
	       mpcnet_expect(!accept(WINDOW + 1)) &&
	       mpcnet_expect(accept(WINDOW + 2)) &&
	       mpcnet_expect(!accept(WINDOW + 3)) &&
	       /* Jumps by the window and by more. */
	       mpcnet_expect(accept(3 * WINDOW)) &&
	       mpcnet_expect(!accept(2 * WINDOW)) &&
	       mpcnet_expect(accept(2 * WINDOW + 1)) &&
	       mpcnet_expect(accept(1ULL << 40)) &&
	       mpcnet_expect(accept((1ULL << 40) - WINDOW + 1)) &&
	       mpcnet_expect(!accept((1ULL << 40) - WINDOW)) &&
	       /* The last counters of a session. */
	       mpcnet_expect(last == 0xffffffffffffdffeULL) &&
	       mpcnet_expect(!accept(last + 1)) &&
	       mpcnet_expect(!accept(U64_MAX)) &&
	       mpcnet_expect(accept(last)) && mpcnet_expect(!accept(last)) &&
	       mpcnet_expect(accept(last - 1)) &&
	       mpcnet_expect(!accept(last + 1)) &&
	       mpcnet_expect(!accept(0));
}

/* A counter near the newest: mostly in order, many late, some far ahead. */
static u64 __init counter_random(struct rnd_state *rnd, u64 next)
{
	u32 kind = prandom_u32_state(rnd) % 512;
	u32 step = prandom_u32_state(rnd);

	if (kind == 0)
		return next + step % (3 * WINDOW);
	if (kind <= 20)
		return next + step % 200;
	step %= kind <= 150 ? WINDOW + 9 : 200;
	if (kind <= 300)
		return next > step ? next - step : 0;
	return next;
}

static bool __init random_ok(u8 *seen, u32 seed)
{
	struct rnd_state rnd;
	u64 next = 0, counter;
	bool fresh;
	int i;

	prandom_seed_state(&rnd, seed);
	mpcnet_replay_init(&window);
	for (i = 0; (counter = counter_random(&rnd, next)) < COUNTERS; i++) {
		fresh = !seen[counter] && counter + WINDOW >= next;
		if (!mpcnet_expect(accept(counter) == fresh)) {
			pr_err("mpcnet: self-test replay: counter %llu, next %llu, step %d, seed %u\n",
			       counter, next, i, seed);
			return false;
		}
		seen[counter] |= fresh;
		next = max(next, counter + 1);
	}
	return mpcnet_expect(i > 1000);
}

/**
 * mpcnet_selftest_replay() - test the replay window
 *
 * Return: true if it passed.
 */
bool __init mpcnet_selftest_replay(void)
{
	u8 *seen = kvmalloc(COUNTERS, GFP_KERNEL);
	bool ok = mpcnet_expect(seen) && edges_ok();
	int i;

	for (i = 0; ok && i < ROUNDS; i++) {
		memset(seen, 0, COUNTERS);
		ok = random_ok(seen, get_random_u32());
	}
	kvfree(seen);
	return ok;
}
