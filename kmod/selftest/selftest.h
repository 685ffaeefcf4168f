/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-tests that a debug build runs when it is loaded.
 */
#ifndef _MPCNET_SELFTEST_H
#define _MPCNET_SELFTEST_H

#include <linux/init.h>
#include <linux/types.h>

#ifdef DEBUG
bool mpcnet_selftest(void) __init;
bool mpcnet_selftest_check(bool ok, const char *what, int line) __init;

/* Is @cond true? If not, say so. */
#define mpcnet_expect(cond) mpcnet_selftest_check(cond, #cond, __LINE__)

bool mpcnet_selftest_allowedips(void) __init;
bool mpcnet_selftest_replay(void) __init;
bool mpcnet_selftest_ratelimit(void) __init;
bool mpcnet_selftest_crypto(void) __init;
bool mpcnet_selftest_noise(void) __init;
bool mpcnet_selftest_cookie(void) __init;
bool mpcnet_selftest_keypair(void) __init;
bool mpcnet_selftest_segments(void) __init;
#else
static inline bool mpcnet_selftest(void)
{
	return true;
}
#endif

#endif /* _MPCNET_SELFTEST_H */
