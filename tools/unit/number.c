// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include "number.h"

static void decimal(void)
{
	uint64_t n = 7;

	CHECK(mpcnet_number_parse(&n, "0", 0, 65535) && n == 0);
	CHECK(mpcnet_number_parse(&n, "65535", 0, 65535) && n == 65535);
	CHECK(mpcnet_number_parse(&n, "18446744073709551615", 0, UINT64_MAX) && n == UINT64_MAX);
	n = 7;
	CHECK(!mpcnet_number_parse(&n, "18446744073709551616", 0, UINT64_MAX));
	CHECK(!mpcnet_number_parse(&n, "99999999999999999999999", 0, UINT64_MAX));
	CHECK(!mpcnet_number_parse(&n, "65536", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "0", 1, 65535));
	CHECK(!mpcnet_number_parse(&n, "", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "-1", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "+1", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, " 1", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "1 ", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "0x1", 0, 65535));
	CHECK(!mpcnet_number_parse(&n, "1a", 0, 65535));
	CHECK(n == 7);
}

static void hexadecimal(void)
{
	uint64_t n;

	CHECK(mpcnet_number_parse_hex(&n, "0x4000", 0, UINT32_MAX) && n == 0x4000);
	CHECK(mpcnet_number_parse_hex(&n, "0XaBcDeF09", 0, UINT32_MAX) && n == 0xabcdef09);
	CHECK(mpcnet_number_parse_hex(&n, "4000", 0, UINT32_MAX) && n == 4000);
	CHECK(mpcnet_number_parse_hex(&n, "0xffffffff", 0, UINT32_MAX) && n == UINT32_MAX);
	CHECK(!mpcnet_number_parse_hex(&n, "0x100000000", 0, UINT32_MAX));
	CHECK(!mpcnet_number_parse_hex(&n, "0x", 0, UINT32_MAX));
	CHECK(!mpcnet_number_parse_hex(&n, "0xg", 0, UINT32_MAX));
	CHECK(!mpcnet_number_parse_hex(&n, "ff", 0, UINT32_MAX));
	CHECK(!mpcnet_number_parse_hex(&n, "0x10000000000000000", 0, UINT64_MAX));
}

static const struct unit_test tests[] = {
	{ "number: decimal", decimal },
	{ "number: hexadecimal", hexadecimal },
	{ 0 },
};
UNIT_TESTS(tests)
