// SPDX-License-Identifier: GPL-2.0
/* Runs the unit tests; ends in a line "unit: N passed, N failed". */
#include "unit.h"

#include <stddef.h>
#include <stdio.h>

static const struct unit_test *const all[] = {
	unit_addr, unit_conf, unit_did, unit_file, unit_key, unit_netlink, unit_number, unit_sync,
};
static unsigned int failures;

void unit_check(bool holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	failures++;
	printf("%s:%d: does not hold: %s\n", file, line, what);
}

int main(void)
{
	unsigned int passed = 0, failed = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		for (const struct unit_test *test = all[i]; test->run; test++) {
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
