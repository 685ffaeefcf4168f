// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "tcptable.h"

/* A line as the kernel writes it on a machine of this byte order */
static bool is_closing(int family, const char *local, unsigned int state)
{
	struct in6_addr address6;
	struct in_addr address;
	uint32_t words[4];
	char line[256];
	size_t at;

	inet_pton(AF_INET, "10.1.0.2", &address);
	inet_pton(AF_INET6, "fd00::2", &address6);
	inet_pton(family, local, words);
	at = (size_t)snprintf(line, sizeof(line), "   0: ");
	for (unsigned int i = 0; i < (family == AF_INET ? 1 : 4); i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, "%08X", words[i]);
	snprintf(line + at, sizeof(line) - at,
		 ":2C65 0300010A:A1B2 %02X 00000010:00000000 01:00000014 00000000     0        0 0",
		 state);
	return mpcnet_tcp_is_closing(line, &address, &address6);
}

static void states(void)
{
	for (unsigned int state = 0; state < 16; state++) {
		bool closing = state == 4 || state == 5 || state == 9 || state == 11;

		CHECK(is_closing(AF_INET, "10.1.0.2", state) == closing);
		CHECK(is_closing(AF_INET6, "::ffff:10.1.0.2", state) == closing);
		CHECK(is_closing(AF_INET6, "fd00::2", state) == closing);
	}
}

static void others(void)
{
	CHECK(!is_closing(AF_INET, "10.1.0.3", 4) && !is_closing(AF_INET, "0.0.0.0", 4));
	CHECK(!is_closing(AF_INET6, "::ffff:10.1.0.3", 4));
	CHECK(!is_closing(AF_INET6, "::10.1.0.2", 4) && !is_closing(AF_INET6, "fd00::3", 4));
}

static void no_line(void)
{
	static const char *const lines[] = {
		"",
		"  sl  local_address rem_address   st tx_queue rx_queue",
		"   0: 0200010A:2C65 0300010A:A1B2",
		"   0: 0200010A:2C65",
		"   0:",
		"   0: 0200010A0200010A0200010A0200010A0200010A:2C65 0300010A:A1B2 04",
	};
	struct in6_addr address6 = { 0 };
	struct in_addr address;

	inet_pton(AF_INET, "10.1.0.2", &address);
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		CHECK(!mpcnet_tcp_is_closing(lines[i], &address, &address6));
}

static const struct unit_test tests[] = {
	{ "tcp: which states are closing", states },
	{ "tcp: other addresses", others },
	{ "tcp: what is no connection", no_line },
	{ 0 },
};
UNIT_TESTS(tests)
