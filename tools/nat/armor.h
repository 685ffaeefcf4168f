/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes as one word that people copy and paste: a prefix that says what it is,
 * then digits of RFC 4648 without padding. Programs for mail wrap lines, so
 * that reading passes over white space.
 */
#ifndef MPCNET_ARMOR_H
#define MPCNET_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct armor - a kind of such words
 * @prefix: begins the word
 * @digits: the alphabet
 * @bits: of a digit
 * @skip: characters that mean nothing
 * @fold: capitals mean the same as small letters
 */
struct armor {
	const char *prefix;
	const char *digits;
	unsigned int bits;
	const char *skip;
	bool fold;
};

enum armor_result {
	ARMOR_OK,
	ARMOR_OTHER,   /* another prefix: something else altogether */
	ARMOR_DAMAGED, /* not what armor_write() writes */
};

extern const struct armor armor_ticket;
extern const struct armor armor_card;

bool armor_write(char *text, size_t room, const struct armor *armor, const uint8_t *data,
		 size_t len);
enum armor_result armor_read(uint8_t *data, size_t *len, const struct armor *armor,
			     const char *text);

#endif /* MPCNET_ARMOR_H */
