// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the self-tests and says how each ended.
 */
#include "selftest.h"

#include <linux/kernel.h>

struct test {
	const char *name;
	bool (*run)(void);
};

static const struct test tests[] __initconst = {
	{ "allowedips", mpcnet_selftest_allowedips },
	{ "replay", mpcnet_selftest_replay },
	{ "ratelimit", mpcnet_selftest_ratelimit },
	{ "crypto", mpcnet_selftest_crypto },
	{ "noise", mpcnet_selftest_noise },
	{ "cookie", mpcnet_selftest_cookie },
	{ "keypair", mpcnet_selftest_keypair },
	{ "segments", mpcnet_selftest_segments },
};

/**
 * mpcnet_selftest_check() - note a condition that a test rests on
 * @ok: the condition
 * @what: its text
 * @line: where it stands
 *
 * Use mpcnet_expect().
 *
 * Return: @ok.
 */
bool __init mpcnet_selftest_check(bool ok, const char *what, int line)
{
	if (!ok)
		pr_err("mpcnet: self-test: line %d: not so: %s\n", line, what);
	return ok;
}

/**
 * mpcnet_selftest() - run all self-tests
 *
 * Return: true if all passed.
 */
bool __init mpcnet_selftest(void)
{
	bool all = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		if (tests[i].run()) {
			pr_info("mpcnet: self-test %s: pass\n", tests[i].name);
			continue;
		}
		pr_err("mpcnet: self-test %s: FAIL\n", tests[i].name);
		all = false;
	}
	return all;
}
