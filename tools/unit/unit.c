// SPDX-License-Identifier: GPL-2.0
/* Runs the unit tests; ends in a line "unit: N passed, N failed". */
#include "unit.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define LISTS_MAX 64

static const struct unit_test *lists[LISTS_MAX];
static size_t list_count;
static unsigned int failures;

void unit_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	failures++;
	printf("%s:%d: does not hold: %s\n", file, line, what);
}

void unit_add(const struct unit_test *tests)
{
	if (list_count == LISTS_MAX)
		abort();
	lists[list_count++] = tests;
}

int main(void)
{
	unsigned int passed = 0, failed = 0;

	for (size_t i = 0; i < list_count; i++) {
		for (const struct unit_test *test = lists[i]; test->run; test++) {
			failures = 0;
			test->run();
			if (failures)
				printf("not ok %s\n", test->name);
			passed += !failures;
			failed += !!failures;
		}
	}
	printf("unit: %u passed, %u failed\n", passed, failed);
	return failed != 0;
}
