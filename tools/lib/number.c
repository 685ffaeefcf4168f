// SPDX-License-Identifier: GPL-2.0
#include "number.h"

#include <string.h>

static bool parse(uint64_t *value, const char *text, unsigned int base, uint64_t min, uint64_t max)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	uint64_t sum = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		const char *found = strchr(digits, *text);
		uint64_t digit = found ? (uint64_t)(found - digits) : base;

		if (digit >= 16 && base == 16 && found)
			digit -= 6;
		if (digit >= base || sum > (UINT64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	if (sum < min || sum > max)
		return false;
	*value = sum;
	return true;
}

/**
 * mpcnet_number_parse() - read a decimal number
 * @value: gets it
 * @text: digits and nothing else: no sign, no space
 * @min: lowest value allowed
 * @max: highest value allowed
 *
 * Return: false if that is no such number.
 */
bool mpcnet_number_parse(uint64_t *value, const char *text, uint64_t min, uint64_t max)
{
	return parse(value, text, 10, min, max);
}

/**
 * mpcnet_number_parse_hex() - read a number, decimal or behind 0x hexadecimal
 * @value: gets it
 * @text: the number
 * @min: lowest value allowed
 * @max: highest value allowed
 *
 * Return: false if that is no such number.
 */
bool mpcnet_number_parse_hex(uint64_t *value, const char *text, uint64_t min, uint64_t max)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return parse(value, text + 2, 16, min, max);
	return parse(value, text, 10, min, max);
}
