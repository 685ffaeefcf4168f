/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MPCNET_UNIT_H
#define MPCNET_UNIT_H

#include <stdbool.h>
#include <stdint.h>

/* What is expected to hold; says where if it does not. */
#define CHECK(what) unit_check(what, #what, __FILE__, __LINE__)

/**
 * struct unit_test - one test
 * @name: its name
 * @run: the test, which calls CHECK()
 */
struct unit_test {
	const char *name;
	void (*run)(void);
};

void unit_check(bool holds, const char *what, const char *file, int line);

void unit_add(const struct unit_test *tests);

/* Each file has a list of its tests, ended by one without a name. */
#define UNIT_TESTS(list)                                                                           \
	static void __attribute__((constructor)) add_tests(void)                                   \
	{                                                                                          \
		unit_add(list);                                                                    \
	}

#endif /* MPCNET_UNIT_H */
