// SPDX-License-Identifier: GPL-2.0
#include "armor.h"

#include <string.h>

#define WHITE " \t\r\n\v\f"

/* RFC 4648 section 6, in small letters: a ticket may be read aloud. */
const struct armor armor_ticket = {
	.prefix = "mpc1",
	.digits = "abcdefghijklmnopqrstuvwxyz234567",
	.bits = 5,
	.skip = WHITE "-",
	.fold = true,
};

/* RFC 4648 section 5. */
const struct armor armor_card = {
	.prefix = "mpccard1",
	.digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	.bits = 6,
	.skip = WHITE,
};

static char fold(const struct armor *armor, char c)
{
	return armor->fold && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char *pass_over(const struct armor *armor, const char *text)
{
	return text + strspn(text, armor->skip);
}

/* Return: what stands behind the prefix, NULL if it is not there. */
static const char *behind_prefix(const struct armor *armor, const char *text)
{
	for (const char *c = armor->prefix; *c; c++) {
		text = pass_over(armor, text);
		if (fold(armor, *text) != *c)
			return NULL;
		text++;
	}
	return text;
}

/**
 * armor_write() - bytes as a word
 * @text: gets it and a 0
 * @room: bytes there
 * @armor: the kind
 * @data: the bytes
 * @len: how many
 *
 * Return: false if there is too little room.
 */
bool armor_write(char *text, size_t room, const struct armor *armor, const uint8_t *data,
		 size_t len)
{
	size_t at = strlen(armor->prefix), digits = (8 * len + armor->bits - 1) / armor->bits;
	unsigned int have = 0;
	uint32_t bits = 0;

	if (at + digits >= room)
		return false;
	memcpy(text, armor->prefix, at);
	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | data[i];
		for (have += 8; have >= armor->bits;) {
			have -= armor->bits;
			text[at++] = armor->digits[bits >> have & ((1u << armor->bits) - 1)];
		}
	}
	if (have)
		text[at++] =
			armor->digits[bits << (armor->bits - have) & ((1u << armor->bits) - 1)];
	text[at] = '\0';
	return true;
}

/**
 * armor_read() - the bytes of a word
 * @data: gets them; undefined if the word is refused
 * @len: holds the room there, gets how many they are
 * @armor: the kind
 * @text: the word
 *
 * Return: ARMOR_OK, or why not.
 */
enum armor_result armor_read(uint8_t *data, size_t *len, const struct armor *armor,
			     const char *text)
{
	size_t room = *len;
	unsigned int have = 0;
	uint32_t bits = 0;

	*len = 0;
	text = behind_prefix(armor, text);
	if (!text)
		return ARMOR_OTHER;
	for (text = pass_over(armor, text); *text; text = pass_over(armor, text + 1)) {
		const char *digit = strchr(armor->digits, fold(armor, *text));

		if (!digit || (*len == room && have + armor->bits >= 8))
			return ARMOR_DAMAGED;
		bits = bits << armor->bits | (uint32_t)(digit - armor->digits);
		have += armor->bits;
		if (have >= 8) {
			have -= 8;
			data[(*len)++] = (uint8_t)(bits >> have);
		}
	}
	/* RFC 4648 section 3.5: one spelling, the bits that are left over are zero. */
	return have < armor->bits && !(bits & ((1u << have) - 1)) ? ARMOR_OK : ARMOR_DAMAGED;
}
