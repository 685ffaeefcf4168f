/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KTAP for test programs in C.
 *
 * A test is a function that returns NULL when it passed, else why not; a
 * reason that begins with "SKIP" counts as skipped. A program is a table:
 *
 *	static const struct ktap_case cases[] = {
 *		{ "thing is right", test_thing },
 *	};
 *
 *	int main(void)
 *	{
 *		if (!possible())
 *			ktap_skip_all("why it cannot run here");
 *		return ktap_run(cases, KTAP_COUNT(cases));
 *	}
 *
 * Programs whose tests are not functions call ktap_plan(), ktap_result() for
 * each test and ktap_finish() instead.
 */
#ifndef MPCNET_SELFTEST_KTAP_H
#define MPCNET_SELFTEST_KTAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KTAP_COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define KTAP_PASS		0
#define KTAP_FAIL		1
#define KTAP_SKIP		4
#define KTAP_HELPER		__attribute__((unused)) static

/* In a test or a helper of one: give up with the reason that @step returns. */
#define KTAP_TRY(step)					\
	do {						\
		const char *ktap_reason = (step);	\
							\
		if (ktap_reason)			\
			return ktap_reason;		\
	} while (0)

/**
 * struct ktap_case - one test of a table
 * @name: what is promised
 * @run: returns NULL if the promise is kept, else why it is not
 */
struct ktap_case {
	const char *name;
	const char *(*run)(void);
};

static struct {
	unsigned int planned;
	unsigned int done;
	unsigned int failed;
	unsigned int skipped;
} ktap;

/* Begin the output: @tests results will follow. */
KTAP_HELPER void ktap_plan(unsigned int tests)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ktap.planned = tests;
	printf("TAP version 13\n1..%u\n", tests);
}

/* Say the result of one test: @why is NULL, a reason, or "SKIP reason". */
KTAP_HELPER void ktap_result(const char *name, const char *why)
{
	ktap.done++;
	if (!why) {
		printf("ok %u %s\n", ktap.done, name);
	} else if (!strncmp(why, "SKIP", 4)) {
		ktap.skipped++;
		printf("ok %u %s # %s\n", ktap.done, name, why);
	} else {
		ktap.failed++;
		printf("not ok %u %s # %s\n", ktap.done, name, why);
	}
}

/* One line for the reader, which is no result. */
__attribute__((format(printf, 1, 2)))
KTAP_HELPER void ktap_diag(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/* A reason with values in it; good until the next call. */
__attribute__((format(printf, 1, 2)))
KTAP_HELPER const char *ktap_why(const char *format, ...)
{
	static char reason[512];
	char fresh[sizeof(reason)];
	va_list args;

	va_start(args, format);
	vsnprintf(fresh, sizeof(fresh), format, args);
	va_end(args);
	memcpy(reason, fresh, sizeof(reason));
	return reason;
}

/* The program's exit status, once all planned tests have been told. */
KTAP_HELPER int ktap_finish(void)
{
	if (ktap.done != ktap.planned) {
		printf("# %u tests planned, %u done\n", ktap.planned, ktap.done);
		return KTAP_FAIL;
	}
	if (ktap.failed)
		return KTAP_FAIL;
	return ktap.skipped == ktap.planned ? KTAP_SKIP : KTAP_PASS;
}

/* End the program: nothing of it can run here. */
__attribute__((noreturn))
KTAP_HELPER void ktap_skip_all(const char *why)
{
	printf("TAP version 13\n1..0 # SKIP %s\n", why);
	exit(KTAP_SKIP);
}

/* End the program: what its tests stand on could not be set up. */
__attribute__((noreturn))
KTAP_HELPER void ktap_bail(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(KTAP_FAIL);
}

KTAP_HELPER int ktap_chosen(const struct ktap_case *test)
{
	const char *only = getenv("KTAP_ONLY");

	return !only || !strncmp(test->name, only, strlen(only));
}

/*
 * Run a table, or those of it whose name begins with what KTAP_ONLY says.
 * Returns the program's exit status.
 */
KTAP_HELPER int ktap_run(const struct ktap_case *cases, unsigned int count)
{
	unsigned int i, chosen = 0;

	for (i = 0; i < count; i++)
		chosen += ktap_chosen(&cases[i]);
	ktap_plan(chosen);
	for (i = 0; i < count; i++)
		if (ktap_chosen(&cases[i]))
			ktap_result(cases[i].name, cases[i].run());
	return ktap_finish();
}

#endif /* MPCNET_SELFTEST_KTAP_H */
