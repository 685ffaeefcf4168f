// SPDX-License-Identifier: GPL-2.0
#include "hostsline.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define ALNUM DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
/* What stands for itself in the word of a marker; all else is %XX. */
#define PLAIN ALNUM "/._-+@,:=~"

/* What is left to read of a line. */
struct cursor {
	const char *at;
	size_t left;
};

static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

/**
 * hostsline_next() - the first line of a text
 * @text: the text
 * @len: its bytes, one at least
 *
 * Return: the line; carriage returns of an editor do not count.
 */
struct hostsline hostsline_next(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);
	struct hostsline line = { .at = text, .ended = end };

	line.whole = end ? (size_t)(end - text) + 1 : len;
	line.len = end ? line.whole - 1 : len;
	if (line.len && text[line.len - 1] == '\r')
		line.len--;
	return line;
}

static int hex_digit(char c)
{
	const char *at = is_in(c, HEX) ? strchr(HEX, c) : NULL;

	if (!at)
		return -1;
	return at - HEX < 16 ? (int)(at - HEX) : (int)(at - HEX) - 6;
}

static int read_escaped(struct cursor *c)
{
	int high, low;

	if (c->left < 3)
		return -1;
	high = hex_digit(c->at[1]);
	low = hex_digit(c->at[2]);
	if (high < 0 || low < 0 || (!high && !low))
		return -1;
	c->at += 2;
	c->left -= 2;
	return high << 4 | low;
}

/* One word of a marker and the blank behind it. */
static bool read_word(struct cursor *c, char *word, size_t room)
{
	size_t len = 0;

	for (; c->left && *c->at != ' '; c->at++, c->left--) {
		int byte = *c->at == '%' ? read_escaped(c) : is_in(*c->at, PLAIN) ? *c->at : -1;

		if (byte < 0 || len + 1 >= room)
			return false;
		word[len++] = (char)byte;
	}
	word[len] = '\0';
	if (!len || !c->left)
		return false;
	c->at++;
	c->left--;
	return true;
}

/**
 * hostsline_begin() - how the first line of a block ends
 * @flags: of enum hostsline_flag, one at most
 *
 * Return: its last words.
 */
const char *hostsline_begin(unsigned int flags)
{
	return flags & HOSTSLINE_FILE	 ? "begin file" :
	       flags & HOSTSLINE_NEWLINE ? "begin newline" :
					   "begin";
}

static bool is_text(const struct cursor *c, const char *text)
{
	return c->left == strlen(text) && !memcmp(c->at, text, c->left);
}

static bool is_start(const struct cursor *c, const char *text)
{
	return c->left < strlen(text) && !memcmp(c->at, text, c->left);
}

static enum hostsline_kind read_kind(const struct cursor *c, bool ended, unsigned int *flags)
{
	static const unsigned int all[] = { 0, HOSTSLINE_NEWLINE, HOSTSLINE_FILE };
	bool cut = is_start(c, "end");

	*flags = 0;
	if (is_text(c, "end"))
		return HOSTSLINE_END;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (is_text(c, hostsline_begin(all[i]))) {
			*flags = all[i];
			return HOSTSLINE_BEGIN;
		}
		cut = cut || is_start(c, hostsline_begin(all[i]));
	}
	return cut && !ended ? HOSTSLINE_CUT : HOSTSLINE_OTHER;
}

/**
 * hostsline_read() - is a line the first or last of a block?
 * @marker: gets what it says
 * @line: the line
 *
 * Return: false if it is neither.
 */
bool hostsline_read(struct hostsline_marker *marker, const struct hostsline *line)
{
	struct cursor c = { line->at, line->len };
	size_t sign = strlen(HOSTSLINE_SIGN);

	marker->kind = HOSTSLINE_OTHER;
	if (c.left < sign || memcmp(c.at, HOSTSLINE_SIGN, sign))
		return false;
	c.at += sign;
	c.left -= sign;
	if (read_word(&c, marker->session, sizeof(marker->session)) &&
	    read_word(&c, marker->interface, sizeof(marker->interface)) &&
	    read_word(&c, marker->rundir, sizeof(marker->rundir))) {
		marker->head = (size_t)(c.at - line->at);
		marker->kind = read_kind(&c, line->ended, &marker->flags);
	}
	return marker->kind != HOSTSLINE_OTHER;
}

static bool put_word(struct mpcnet_text *text, const char *word)
{
	for (; *word; word++) {
		if (!mpcnet_text_add(text, is_in(*word, PLAIN) ? "%c" : "%%%02x",
				     (unsigned char)*word))
			return false;
	}
	return mpcnet_text_add(text, " ");
}

/**
 * hostsline_put() - write the first or last line of a block
 * @text: where to
 * @key: whose block it is
 * @what: the last words of the line
 *
 * Return: false without memory.
 */
bool hostsline_put(struct mpcnet_text *text, const struct hostsblock_key *key, const char *what)
{
	return mpcnet_text_add(text, HOSTSLINE_SIGN) && put_word(text, key->session) &&
	       put_word(text, key->interface) && put_word(text, key->rundir) &&
	       mpcnet_text_add(text, "%s\n", what);
}

/* What the line ends within, counts as read. */
static bool eat(struct cursor *c, const char *text)
{
	size_t len = strlen(text) < c->left ? strlen(text) : c->left;

	if (memcmp(c->at, text, len))
		return false;
	c->at += len;
	c->left -= len;
	return true;
}

static bool eat_some(struct cursor *c, const char *set)
{
	size_t before = c->left;

	while (c->left && is_in(*c->at, set)) {
		c->at++;
		c->left--;
	}
	return c->left < before || !before;
}

/* ".SESSION.mpcnet"; @whole: all of it was there */
static bool eat_domain(struct cursor *c, const char *session, bool *whole)
{
	size_t len = strlen(session) + strlen("." HOSTSLINE_DOMAIN);

	*whole = c->left >= len;
	return eat(c, ".") && eat(c, session) && eat(c, HOSTSLINE_DOMAIN);
}

/**
 * hostsline_is_entry() - is a line one of the entries of a block?
 * @line: the line
 * @session: name of the block's session
 *
 * Return: true if so; also of a line at the end of the text that one could begin with.
 */
bool hostsline_is_entry(const struct hostsline *line, const char *session)
{
	struct cursor c = { line->at, line->len };
	bool whole, second = true;

	if (!line->len || !eat_some(&c, HEX ".:") || !eat(&c, " p") || !eat_some(&c, DIGITS) ||
	    !eat_domain(&c, session, &whole))
		return false;
	if (c.left &&
	    (!eat(&c, " ") || !eat_some(&c, ALNUM "-") || !eat_domain(&c, session, &second)))
		return false;
	return !c.left && ((whole && second) || !line->ended);
}
