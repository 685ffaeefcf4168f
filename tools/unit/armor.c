// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "armor.h"

/* RFC 4648 section 10, in small letters and without padding. */
static const struct {
	const char *plain, *base32, *base64;
} vectors[] = {
	{ "", "", "" },
	{ "f", "my", "Zg" },
	{ "fo", "mzxq", "Zm8" },
	{ "foo", "mzxw6", "Zm9v" },
	{ "foob", "mzxw6yq", "Zm9vYg" },
	{ "fooba", "mzxw6ytb", "Zm9vYmE" },
	{ "foobar", "mzxw6ytboi", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "7p774", "-__-" },
};

static void both_ways(const struct armor *armor, const char *plain, const char *digits)
{
	char text[64], want[64];
	uint8_t data[16];
	size_t len = strlen(plain);

	snprintf(want, sizeof(want), "%s%s", armor->prefix, digits);
	CHECK(armor_write(text, sizeof(text), armor, (const uint8_t *)plain, len));
	CHECK(!strcmp(text, want));
	CHECK(armor_write(text, strlen(want) + 1, armor, (const uint8_t *)plain, len));
	CHECK(!armor_write(text, strlen(want), armor, (const uint8_t *)plain, len));
	CHECK(armor_read(data, &len, armor, want) == ARMOR_OK);
	CHECK(len == strlen(plain) && !memcmp(data, plain, len));
	if (len > 0) {
		len--;
		CHECK(armor_read(data, &len, armor, want) == ARMOR_DAMAGED);
	}
}

static void known(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		both_ways(&armor_ticket, vectors[i].plain, vectors[i].base32);
		both_ways(&armor_card, vectors[i].plain, vectors[i].base64);
	}
}

static enum armor_result read_as(const struct armor *armor, const char *text)
{
	uint8_t data[16];
	size_t len = sizeof(data);

	return armor_read(data, &len, armor, text);
}

static void refused(void)
{
	CHECK(read_as(&armor_ticket, "M-p\nC 1 m-Y-\n") == ARMOR_OK);
	CHECK(read_as(&armor_ticket, "mpc1mz") == ARMOR_DAMAGED);  /* bits left over */
	CHECK(read_as(&armor_ticket, "mpc1mya") == ARMOR_DAMAGED); /* a digit too many */
	CHECK(read_as(&armor_ticket, "mpc1m1") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_ticket, "mpc1my======") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_ticket, "mpc2my") == ARMOR_OTHER);
	CHECK(read_as(&armor_ticket, "") == ARMOR_OTHER);
	CHECK(read_as(&armor_card, " mpccard1\nZ\tg\r\n") == ARMOR_OK);
	CHECK(read_as(&armor_card, "mpccard1Zh") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_card, "mpccard1Z") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_card, "mpccard1Zg==") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_card, "mpccard1Z+") == ARMOR_DAMAGED);
	CHECK(read_as(&armor_card, "Mpccard1Zg") == ARMOR_OTHER);
	CHECK(read_as(&armor_card, "mpccard") == ARMOR_OTHER);
}

static const struct unit_test tests[] = {
	{ "armor: RFC 4648", known },
	{ "armor: what is refused", refused },
	{ 0 },
};
UNIT_TESTS(tests)
